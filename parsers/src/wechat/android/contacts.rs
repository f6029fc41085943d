//! Persons and rooms: `rcontact`.

use std::sync::Arc;

use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{Contact, Extra, Record};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Row, TextLookup};
use forensics_core::value::Value;

use super::frame::{Frame, words};
use super::lvbuffer::ContactExtras;
use crate::wechat::columns::columns;

columns! {
    /// `rcontact`.
    Columns {
        username = "username", alias = "alias", remark = "conRemark", nickname = "nickname", kind = "type",
        verify_flag = "verifyFlag", delete_flag = "deleteFlag", encrypt_username = "encryptUsername", lvbuff = "lvbuff",
        source = "sourceExtInfo",
    }
}

/// Display names by user name.
pub(super) struct Names<'a> {
    lookup: Option<(Columns, TextLookup<'a>)>,
}

impl<'a> Names<'a> {
    pub(super) fn of_store(store: &'a OpenStore) -> Names<'a> {
        let lookup =
            store.table("rcontact").map(|t| (Columns::of(t), TextLookup::build(store, t, t.column("username"))));
        Names { lookup }
    }

    /// The owner's own name for a contact, else the name it gave itself.
    pub(super) fn of(&self, username: &str) -> Option<String> {
        let (c, lookup) = self.lookup.as_ref()?;
        display(&lookup.rows(username).next()?, c)
    }
}

fn display(row: &Row<'_>, c: &Columns) -> Option<String> {
    words(row, c.remark).or_else(|| words(row, c.nickname))
}

/// Hands over every contact.
pub(super) fn read(store: &OpenStore, frame: &mut Frame, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table("rcontact") else { return Ok(()) };
    let c = Columns::of(table);
    store.each(sink, "rcontact", |row, sink| {
        let Some(username) = words(row, c.username) else { return Ok(Fate::PassedOver) };
        let mut extra: Extra = [
            ("alias", c.alias),
            ("nickname", c.nickname),
            ("conRemark", c.remark),
            ("type", c.kind),
            ("verifyFlag", c.verify_flag),
            ("deleteFlag", c.delete_flag),
            ("encryptUsername", c.encrypt_username),
            ("sourceExtInfo", c.source),
        ]
        .into_iter()
        .map(|(name, col)| (name, row.value(col)))
        .collect();
        packed(row, &c, &mut extra);
        extra.retain(|(_, value)| !value.is_null() && value.as_text() != Some(""));
        sink.emit(Record::Contact(Contact {
            origin: row.origin(),
            account: Arc::clone(&frame.account),
            id: frame.usernames.key(&username),
            name: display(row, &c).map(Into::into),
            extra,
        }))?;
        Ok(Fate::Emitted)
    })
}

/// What `lvbuff` holds.
fn packed(row: &Row<'_>, c: &Columns, extra: &mut Extra) {
    let Some(bytes) = row.bytes(c.lvbuff) else { return };
    let Some(packed) = ContactExtras::read(&bytes) else { return };
    let number = |n: Option<i32>| n.map_or(Value::Null, |n| Value::Int(i64::from(n)));
    extra.extend([
        ("sex", number(packed.sex)),
        ("uin", number(packed.uin)),
        ("signature", packed.signature.into()),
        ("province", packed.province.into()),
        ("city", packed.city.into()),
        ("fromType", number(packed.from_type)),
    ]);
}
