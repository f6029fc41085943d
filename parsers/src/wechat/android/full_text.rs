//! The full-text index: texts of messages, removed later than their rows (Android 7.0.4, `plugin/fts`).
//!
//! The virtual table's tokenizer is the app's own; its text stands in the shadow table `FTS5IndexMessage_content`.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{AbsenceKind, Edit, Message, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Lookup, Row};
use forensics_core::value::Value;

use super::frame::{Frame, Naming, mark, positive, words};
use super::records::Records;
use crate::wechat::columns::columns;
use crate::wechat::rules::absences;
use crate::wechat::{codes, kind};

/// `FTS5MetaMessage.type` of messages.
const MESSAGES: i64 = 65_536;
/// `FTS5IndexVersion.type` of the time up to which messages are indexed.
const INDEXED_UNTIL: i64 = -200;
const META: &str = "FTS5MetaMessage";
const CONTENT: &str = "FTS5IndexMessage_content";

columns! {
    /// `FTS5MetaMessage`.
    Meta { kind = "type", entity_id = "entity_id", aux_index = "aux_index", timestamp = "timestamp", talker = "talker" }
}

/// An opened index.
pub(super) struct FullText {
    store: OpenStore,
    by_message: Lookup,
    /// `createTime` (milliseconds) up to which messages are indexed.
    until: Option<i64>,
}

impl FullText {
    pub(super) fn of(store: OpenStore) -> FullText {
        let by_message = store.table(META).map(|t| Lookup::build(&store, t, t.column("entity_id"))).unwrap_or_default();
        let until = store.table("FTS5IndexVersion").and_then(|t| {
            let row = store.get(t, INDEXED_UNTIL).ok()??;
            positive(&row, t.column("version"))
        });
        FullText { store, by_message, until }
    }

    /// Whether the index should hold a text row and does not.
    pub(super) fn should_hold(&self, rowid: Option<i64>, create_time: Option<i64>) -> bool {
        let within = self.until.zip(create_time).is_some_and(|(until, at)| at <= until);
        within && rowid.is_some_and(|rowid| self.by_message.first(rowid).is_none())
    }

    fn text(&self, docid: i64) -> Option<(Value, Marker)> {
        let table = self.store.table(CONTENT)?;
        let row = self.store.get(table, docid).ok()??;
        let column = table.column("c0");
        let marker = mark(&row, MarkerKind::Remnant, "FTS5IndexMessage_content.c0", column)?;
        Some((row.value(column), marker))
    }

    /// A recalled message keeps its old text here until the index is made again: it is added to the record's edits.
    pub(super) fn add_old_text(&self, rowid: Option<i64>, m: &mut Message) {
        if m.server_id.is_none() || !m.native_type.is_some_and(kind::is_notice) {
            return;
        }
        let docids: Vec<i64> = rowid.map(|id| self.by_message.rowids(id).collect()).unwrap_or_default();
        for (text, marker) in docids.into_iter().filter_map(|docid| self.text(docid)) {
            if text == m.text || text.is_null() {
                continue;
            }
            m.edits.push(Edit { text, at: None, origin: marker.origin.clone() });
            m.markers.push(marker.meaning("earlier text"));
            m.notes.push(codes::OLD_TEXT_LEFT);
        }
        m.notes.dedup();
    }

    /// Hands over the entries whose message is gone.
    pub(super) fn read(&self, records: &Records<'_>, frame: &mut Frame, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(table) = self.store.table(META) else { return self.store.finish(sink) };
        let c = Meta::of(table);
        self.store.each(sink, META, |row, sink| {
            let (kind, message) = (row.int_lossy(c.kind), positive(row, c.entity_id));
            let Some(message) = message.filter(|_| kind == Some(MESSAGES)) else { return Ok(Fate::PassedOver) };
            let names = records.missing(0, message);
            if names.is_empty() {
                return Ok(Fate::PassedOver);
            }
            self.left(row, &c, names, frame, sink)?;
            Ok(Fate::Folded)
        })?;
        self.store.each(sink, CONTENT, |row, sink| {
            let meta = row.rowid().and_then(|docid| self.store.get(table, docid).ok().flatten());
            match meta {
                Some(_) => Ok(Fate::Folded),
                None => self.nameless(row, frame, sink),
            }
        })?;
        self.store.finish(sink)
    }

    /// An entry whose message is gone.
    fn left(
        &self,
        row: &Row<'_>,
        c: &Meta,
        names: Vec<forensics_core::record::Name>,
        frame: &mut Frame,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        let (text, words_left) = row.rowid().and_then(|docid| self.text(docid)).unzip();
        let marks = [
            mark(row, MarkerKind::Reference, "entity_id", c.entity_id),
            mark(row, MarkerKind::Remnant, "timestamp", c.timestamp),
            mark(row, MarkerKind::Remnant, "talker", c.talker),
            words_left,
        ];
        let thread = words(row, c.aux_index);
        frame.name(
            sink,
            Naming {
                rule: absences::LEFT_IN_THE_INDEX.id,
                kind: AbsenceKind::RemnantOnly,
                strength: Strength::Strong,
                names,
                thread: thread.as_deref(),
                text: text.unwrap_or(Value::Null),
                markers: marks.into_iter().flatten().collect(),
                origin: row.origin(),
            },
        )
    }

    /// A text that no entry places: a message it must have been, which one cannot be told.
    fn nameless(&self, row: &Row<'_>, frame: &mut Frame, sink: &mut dyn Sink) -> Result<Fate, Stopped> {
        let column = row.table().column("c0");
        let Some(marker) = mark(row, MarkerKind::Remnant, "c0", column) else { return Ok(Fate::PassedOver) };
        frame.name(
            sink,
            Naming {
                rule: absences::LEFT_IN_THE_INDEX.id,
                kind: AbsenceKind::RemnantOnly,
                strength: Strength::Weak,
                names: Vec::new(),
                thread: None,
                text: row.value(column),
                markers: vec![marker],
                origin: row.origin(),
            },
        )?;
        Ok(Fate::Folded)
    }
}
