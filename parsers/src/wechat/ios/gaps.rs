//! Row numbers of the chats: given one after the other and never twice (`AUTOINCREMENT`), so a skip is deleted rows.

use std::collections::HashMap;
use std::sync::Arc;

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::Origin;
use forensics_core::record::{AbsenceKind, Key, Mention, Record, Space, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Row, Table};
use forensics_core::value::Value;

use super::places::is_hash;
use crate::wechat::rules::absences;

/// `sqlite_sequence`: the highest number that each chat ever gave.
pub(super) struct LocalIds {
    highest: HashMap<String, (i64, Origin)>,
}

impl LocalIds {
    /// Reads the counters of a store.
    pub(super) fn of(store: &OpenStore, sink: &mut dyn Sink) -> Result<LocalIds, Stopped> {
        let mut highest = HashMap::new();
        let Some(table) = store.table("sqlite_sequence") else { return Ok(LocalIds { highest }) };
        let (name, seq) = (table.column("name"), table.column("seq"));
        store.each(sink, &table.name, |row, _| {
            let chat = row.text(name).filter(|n| n.split_once('_').is_some_and(|(_, hash)| is_hash(hash)));
            Ok(match chat.zip(row.int_lossy(seq)) {
                Some((chat, number)) => {
                    highest.insert(chat.into_owned(), (number, row.cell(seq)));
                    Fate::Folded
                }
                None => Fate::PassedOver,
            })
        })?;
        Ok(LocalIds { highest })
    }

    /// Begins a chat.
    pub(super) fn of_chat<'c>(&'c self, table: &Table, thread: &Key, account: &Key, space: Space) -> ChatIds<'c> {
        ChatIds {
            counts: table.autoincrement,
            last: None,
            highest: self.highest.get(&*table.name),
            account: Arc::clone(account),
            thread: Arc::clone(thread),
            space,
        }
    }
}

/// The row numbers of one chat, in ascending order.
pub(super) struct ChatIds<'c> {
    counts: bool,
    last: Option<i64>,
    highest: Option<&'c (i64, Origin)>,
    account: Key,
    thread: Key,
    space: Space,
}

impl ChatIds<'_> {
    /// Takes a row; hands over the skip before it.
    pub(super) fn row(&mut self, row: &Row<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(id) = row.rowid().filter(|_| self.counts) else { return Ok(()) };
        let last = self.last.replace(id);
        let missing = id.saturating_sub(last.unwrap_or(0)).saturating_sub(1);
        if missing <= 0 {
            return Ok(());
        }
        let origin = row.origin().cell("MesLocalID");
        let marker = Marker::new(MarkerKind::Sequence, "MesLocalID", id, origin.clone());
        let rule = absences::IOS_LOCAL_IDS_SKIP.id;
        self.emit(AbsenceKind::GapInSequence, rule, (last, Some(id), missing), marker, origin, sink)
    }

    /// Ends the chat; hands over what the counter says beyond its last row.
    pub(super) fn end(self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some((highest, origin)) = self.highest.filter(|_| self.counts) else { return Ok(()) };
        let missing = highest.saturating_sub(self.last.unwrap_or(0));
        if missing <= 0 {
            return Ok(());
        }
        let marker = Marker::new(MarkerKind::Sequence, "seq", *highest, origin.clone());
        let rule = absences::IOS_LOCAL_IDS_BEYOND.id;
        self.emit(AbsenceKind::BeyondRecords, rule, (self.last, None, missing), marker, origin.clone(), sink)
    }

    fn emit(
        &self,
        kind: AbsenceKind,
        rule: &'static str,
        (after, before, missing): (Option<i64>, Option<i64>, i64),
        marker: Marker,
        origin: Origin,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        sink.emit(Record::Mention(Box::new(Mention {
            space: self.space,
            account: Arc::clone(&self.account),
            thread: Some(Arc::clone(&self.thread)),
            names: Vec::new(),
            kind,
            strength: Strength::Weak,
            rule,
            text: Value::Null,
            after,
            before,
            at_most: u64::try_from(missing).ok(),
            markers: vec![marker],
            origin,
        })))
    }
}
