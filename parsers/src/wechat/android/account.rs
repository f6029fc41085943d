//! The account: `userinfo`, its position in the server's stream, its pending operations.
//!
//! `userinfo(id, type, value)` keeps every value as text; ids from Android 7.0.4 `storage/z` and `storage/ac`.

use std::collections::BTreeMap;
use std::sync::Arc;

use forensics_core::issue::{Issue, Severity};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::Origin;
use forensics_core::record::{Account, CursorSays, Extra, Record};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::Value;

use super::frame::{Frame, mark};
use crate::wechat::codes;
use crate::wechat::sync_key::{self, SyncKey};

/// Own user name.
const USERNAME: i64 = 2;
/// Own nickname.
const NICKNAME: i64 = 4;
/// The position in the server's stream.
const SYNC_KEY: i64 = 8195;
/// The continue flag of the last answer.
const CONTINUE: i64 = 8196;

/// Further facts worth showing.
const FACTS: &[(i64, &str)] = &[
    (5, "email"),
    (6, "mobile"),
    (9, "qq"),
    (42, "alias"),
    (12_290, "sex"),
    (12_291, "signature"),
    (12_293, "region"),
];

/// A value of `userinfo` as text.
pub(super) fn value(store: &OpenStore, id: i64) -> Option<String> {
    let table = store.table("userinfo")?;
    let row = store.get(table, id).ok()??;
    match row.value(table.column("value")) {
        Value::Text(text) if !text.is_empty() => Some(text.into()),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The owner's user name.
pub(super) fn username(store: &OpenStore) -> Option<String> {
    value(store, USERNAME)
}

/// Hands over the account and its cursors. The position, for the checks.
pub(super) fn read(store: &OpenStore, frame: &mut Frame, sink: &mut dyn Sink) -> Result<Option<SyncKey>, Stopped> {
    let account = Account {
        origin: Origin::store(store.id()),
        id: Arc::clone(&frame.account),
        name: value(store, NICKNAME).map(Into::into),
        extra: facts(store),
    };
    let Some(table) = store.table("userinfo") else {
        sink.emit(Record::Account(account))?;
        return Ok(None);
    };
    let (id, column) = (table.column("id"), table.column("value"));
    let mut account = Some(account);
    let mut position = None;
    store.each(sink, "userinfo", |row, sink| {
        let Some(number) = row.int_lossy(id) else { return Ok(Fate::PassedOver) };
        match number {
            USERNAME => {
                let Some(account) = account.take() else { return Ok(Fate::Folded) };
                sink.emit(Record::Account(Account { origin: row.origin(), ..account }))?;
                return Ok(Fate::Emitted);
            }
            SYNC_KEY => {
                position = row.text(column).and_then(|text| SyncKey::read_hex(&text));
                let Some(list) = &position else { return Ok(Fate::PassedOver) };
                cursors(list, &row.cell(column), frame, sink)?;
            }
            CONTINUE => {
                if let (Some(flag), Some(marker)) =
                    (row.int_lossy(column), mark(row, MarkerKind::Cursor, "userinfo 8196", column))
                {
                    let marker = marker.meaning(if flag == 0 { "sync was finished" } else { "more was to come" });
                    frame.cursor(sink, None, "ContinueFlag", CursorSays::Position(flag), marker)?;
                }
            }
            NICKNAME => {}
            number if FACTS.iter().any(|(fact, _)| *fact == number) => {}
            _ => return Ok(Fate::PassedOver),
        }
        Ok(Fate::Folded)
    })?;
    // A store without the owner's name still is an account's.
    if let Some(account) = account {
        sink.emit(Record::Account(account))?;
    }
    Ok(position)
}

/// The counters of a position, as cursors of the account.
pub(super) fn cursors(list: &SyncKey, cell: &Origin, frame: &mut Frame, sink: &mut dyn Sink) -> Result<(), Stopped> {
    for (key, counter) in &list.counters {
        let Ok(counter) = i64::try_from(*counter) else { continue };
        let marker = Marker::new(MarkerKind::Cursor, "SyncKey", counter, cell.within(format!("key {key}")));
        let marker = marker.meaning(sync_key::meaning(*key));
        frame.cursor(sink, None, "SyncKey", CursorSays::Position(counter), marker)?;
    }
    Ok(())
}

fn facts(store: &OpenStore) -> Extra {
    FACTS.iter().filter_map(|(id, name)| Some((*name, Value::from(value(store, *id)?)))).collect()
}

/// `oplog2`: local changes that the server has not accepted yet, by `cmdId`.
pub(super) fn operations(store: &OpenStore, frame: &mut Frame, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table("oplog2") else { return Ok(()) };
    let command = table.column("cmdId");
    let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
    store.each(sink, "oplog2", |row, sink| {
        let Some(id) = row.int_lossy(command) else { return Ok(Fate::PassedOver) };
        let slot = counts.entry(id).or_default();
        *slot = slot.saturating_add(1);
        let Some(marker) = mark(row, MarkerKind::Queued, "cmdId", command) else { return Ok(Fate::PassedOver) };
        frame.cursor(sink, None, "oplog2", CursorSays::Position(id), marker.meaning(operation(id)))?;
        Ok(Fate::Folded)
    })?;
    if counts.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = counts.iter().map(|(id, n)| format!("{n} × {} (cmdId {id})", operation(*id))).collect();
    sink.issue(Issue {
        code: codes::PENDING_OPERATIONS,
        severity: Severity::Info,
        detail: format!("{}: the server has not accepted: {}", store.path(), list.join(", ")),
        origin: Some(Origin::table(store.id(), "oplog2")),
    })
}

fn operation(id: i64) -> &'static str {
    match id {
        1 => "change of the own profile",
        2 => "change of a contact",
        4 => "deletion of a contact",
        8 => "deletion of a chat",
        9 => "deletion of a message",
        _ => "other operation",
    }
}
