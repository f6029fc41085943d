//! Recalls: `RevokeMsgTable` (class RevokeMessage `{ m_n64SvrId, m_nsContent, m_uiCreateTime }` of iOS 6.6.1).

use std::collections::HashMap;
use std::sync::Arc;

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{AbsenceKind, Key, Mention, Name, Record, Space, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::Row;
use forensics_core::value::Value;

use crate::wechat::columns::columns;
use crate::wechat::rules::absences;

const TABLE: &str = "RevokeMsgTable";

columns! {
    /// `RevokeMsgTable`.
    Columns { id = "MSG_REVOKE_COL_SVRID", content = "MSG_REVOKE_COL_CONTENT", time = "MSG_REVOKE_COL_INTRES1" }
}

/// Recalled messages by server id.
#[derive(Default)]
pub(super) struct Revokes {
    by_id: HashMap<i64, Marker>,
}

impl Revokes {
    /// Takes the recalls of a store.
    pub(super) fn add(&mut self, store: &OpenStore) {
        let Some(table) = store.table(TABLE) else { return };
        let c = Columns::of(table);
        for row in store.scan(table).filter_map(Result::ok) {
            if let Some(marker) = marker(&row, &c) {
                self.by_id.extend(marker.raw.as_int().map(|id| (id, marker.clone())));
            }
        }
    }

    /// The mark of a recall of this message.
    pub(super) fn get(&self, server_id: i64) -> Option<&Marker> {
        self.by_id.get(&server_id)
    }
}

fn marker(row: &Row<'_>, c: &Columns) -> Option<Marker> {
    let id = row.int_lossy(c.id).filter(|id| *id > 0)?;
    Some(Marker::new(MarkerKind::Tombstone, "MSG_REVOKE_COL_SVRID", id, row.cell(c.id)))
}

/// Hands over the recalls; those whose message is there come to nothing.
pub(super) fn read(store: &OpenStore, account: &Key, space: Space, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table(TABLE) else { return Ok(()) };
    let c = Columns::of(table);
    store.each(sink, TABLE, |row, sink| {
        let Some(marker) = marker(row, &c) else { return Ok(Fate::PassedOver) };
        let names = vec![Name::Server(marker.raw.as_int().unwrap_or(0).to_string().into())];
        let mut markers = vec![marker];
        if let Some(time) = row.int_lossy(c.time).filter(|t| *t > 0) {
            markers.push(Marker::new(MarkerKind::Tombstone, "MSG_REVOKE_COL_INTRES1", time, row.cell(c.time)));
        }
        sink.emit(Record::Mention(Box::new(Mention {
            space,
            account: Arc::clone(account),
            thread: None,
            names,
            kind: AbsenceKind::Tombstoned,
            strength: Strength::Strong,
            rule: absences::IOS_RECALLED.id,
            text: match row.value(c.content) {
                Value::Text(text) if text.is_empty() => Value::Null,
                value => value,
            },
            after: None,
            before: None,
            at_most: None,
            markers,
            origin: row.origin(),
        })))?;
        Ok(Fate::Folded)
    })
}
