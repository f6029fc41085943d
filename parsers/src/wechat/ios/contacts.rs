//! Contacts: `WCDB_Contact.sqlite` with its protobuf columns, `Friend` and `Friend_Ext` of old versions.
//!
//! Field numbers that two or more parsers use (stomakun/WechatExport-iOS, BlueMatthew/WechatExporter) are read; the
//! others follow the property order of the iOS 6.6.1 class dump.

use std::sync::Arc;

use forensics_core::decode::protobuf::Message as Wire;
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{Contact, Extra, Key, Record};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Row, Table, TextLookup};
use forensics_core::value::Value;

use super::people::People;
use crate::wechat::columns::columns;

/// Tables of contacts in `WCDB_Contact.sqlite`.
const PACKED_TABLES: &[&str] = &["Friend", "OpenIMContact"];

columns! {
    /// `Friend`, `OpenIMContact`.
    Packed {
        kind = "type", certification = "certificationFlag", remark = "dbContactRemark",
        profile = "dbContactProfile", room = "dbContactChatRoom", head = "dbContactHeadImage", other = "dbContactOther",
    }
}

/// Reads `WCDB_Contact.sqlite`.
pub(super) fn read_packed(
    store: &OpenStore,
    account: &Key,
    people: &mut People,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    for name in PACKED_TABLES {
        let Some(table) = store.table(name) else { continue };
        let c = Packed::of(table);
        store.each(sink, name, |row, sink| {
            let Some(username) = text(row, table, "userName") else { return Ok(Fate::PassedOver) };
            let (name, extra) = packed(row, &c);
            if let Some(members) = row.bytes(c.room).map(|b| members(&b)).filter(|m| !m.is_empty()) {
                people.add_members(&username, members);
            }
            emit(row, account, people, &username, name, extra, sink)?;
            Ok(Fate::Emitted)
        })?;
    }
    if let Some(table) = store.table("QQContact") {
        store.each(sink, "QQContact", |row, sink| {
            let Some(username) = text(row, table, "UsrName") else { return Ok(Fate::PassedOver) };
            let name = text(row, table, "ConRemark").or_else(|| text(row, table, "NickName"));
            emit(row, account, people, &username, name, Vec::new(), sink)?;
            Ok(Fate::Emitted)
        })?;
    }
    Ok(())
}

/// Reads `Friend` and `Friend_Ext` of `MM.sqlite`.
pub(super) fn read_old(
    store: &OpenStore,
    account: &Key,
    people: &mut People,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let Some(table) = store.table("Friend").filter(|t| t.has("UsrName") && t.has("NickName")) else { return Ok(()) };
    let additions = store.table("Friend_Ext").map(|t| (t, TextLookup::build(store, t, t.column("UsrName"))));
    store.each(sink, "Friend", |row, sink| {
        let Some(username) = text(row, table, "UsrName") else { return Ok(Fate::PassedOver) };
        let added = additions.as_ref().and_then(|(t, lookup)| Some((*t, lookup.rows(&username).next()?)));
        let of_addition = |column: &str| added.as_ref().and_then(|(t, row)| text(row, t, column));
        if let Some(list) = of_addition("ConChatRoomMem") {
            people.add_members(&username, split_members(&list));
        }
        let name = of_addition("ConRemark").or_else(|| text(row, table, "NickName"));
        let extra = ["NickName", "Email", "Mobile", "Sex", "Type"]
            .into_iter()
            .map(|n| (n, row.value(table.column(n))))
            .filter(|(_, v)| !v.is_null() && v.as_text() != Some(""))
            .collect();
        emit(row, account, people, &username, name, extra, sink)?;
        Ok(Fate::Emitted)
    })?;
    let Some(table) = store.table("Friend_Ext") else { return Ok(()) };
    let username = table.column("UsrName");
    store.each(sink, "Friend_Ext", |row, _| Ok(if row.is_null(username) { Fate::PassedOver } else { Fate::Folded }))
}

fn emit(
    row: &Row<'_>,
    account: &Key,
    people: &mut People,
    username: &str,
    name: Option<String>,
    extra: Extra,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let id = people.add_named(username, name.clone());
    let account = Arc::clone(account);
    sink.emit(Record::Contact(Contact { origin: row.origin(), account, id, name: name.map(Into::into), extra }))
}

/// `dbContactRemark { 1 nickname; 2 alias; 3 remark }`, `dbContactProfile { 1 sex; 2 country; 3 province; 4 city;
/// 5 signature }`.
fn packed(row: &Row<'_>, c: &Packed) -> (Option<String>, Extra) {
    let mut extra: Extra = vec![("type", row.value(c.kind)), ("certificationFlag", row.value(c.certification))];
    let mut name = None;
    if let Some(bytes) = row.bytes(c.remark) {
        let m = Wire::new(&bytes);
        let said = |field: u32| m.text(field).filter(|t| !t.is_empty());
        name = said(3).or_else(|| said(1)).map(str::to_owned);
        for (key, field) in [("nickname", 1), ("alias", 2), ("remark", 3), ("description", 7), ("labels", 8)] {
            extra.push((key, said(field).into()));
        }
    }
    if let Some(bytes) = row.bytes(c.profile) {
        let m = Wire::new(&bytes);
        extra.push(("sex", m.int(1).into()));
        for (key, field) in [("country", 2), ("province", 3), ("city", 4), ("signature", 5)] {
            extra.push((key, m.text(field).filter(|t| !t.is_empty()).into()));
        }
    }
    if let Some(bytes) = row.bytes(c.head) {
        extra.push(("headImage", Wire::new(&bytes).text(2).filter(|t| !t.is_empty()).into()));
    }
    if let Some(bytes) = row.bytes(c.other) {
        extra.push(("deleteFlag", Wire::new(&bytes).int(1).into()));
    }
    extra.retain(|(_, value)| *value != Value::Null);
    (name, extra)
}

/// `dbContactChatRoom { 1 members joined by ";" }`.
fn members(bytes: &[u8]) -> Vec<Box<str>> {
    Wire::new(bytes).text(1).map(split_members).unwrap_or_default()
}

fn split_members(list: &str) -> Vec<Box<str>> {
    list.split(';').filter(|m| !m.is_empty()).map(Into::into).collect()
}

/// A text that is not empty.
pub(super) fn text(row: &Row<'_>, table: &Table, column: &str) -> Option<String> {
    row.text(table.column(column)).filter(|t| !t.is_empty()).map(std::borrow::Cow::into_owned)
}
