//! The side tables: which messages stand in which conversation, which lie in Recently Deleted, which files belong to them.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::record::{AbsenceKind, CursorSays, Edit, Key, Message, Name, Record};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Col, Row};
use forensics_core::value::Value;

use super::body;
use super::reading::Reading;
use super::rules::absence;
use super::stamps::stamp;
use super::survey::message_of_attachment;

impl Reading<'_> {
    pub(super) fn read_links(&mut self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        self.read_chat_joins(sink)?;
        self.read_recoverable(sink)?;
        self.read_removed_parts(sink)?;
        self.read_attachment_joins(sink)?;
        self.links.chats.sort();
        self.links.recoverable.sort();
        self.links.parts.sort();
        self.links.attachments.sort();
        self.read_attachment_rows(sink)?;
        self.links.named.sort_unstable();
        self.links.named.dedup();
        Ok(())
    }

    pub(super) fn column(&self, table: &str, column: &str) -> Col {
        self.store.table(table).map(|t| t.column(column)).unwrap_or_default()
    }

    fn read_chat_joins(&mut self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        const TABLE: &str = "chat_message_join";
        let (of, what) = (self.column(TABLE, "chat_id"), self.column(TABLE, "message_id"));
        let store = self.store;
        store.each(sink, TABLE, |row, sink| {
            let (Some(chat), Some(message)) = (row.int(of), row.int(what)) else {
                return Ok(Fate::Quarantined("a link without conversation or message".to_owned()));
            };
            if self.survey.has_row(message) {
                self.links.chats.add(message, chat);
                if let Some(chat) = self.chats.by_row.get_mut(&chat) {
                    chat.newest_row = chat.newest_row.max(Some(message));
                }
                return Ok(Fate::Folded);
            }
            self.links.named.push(message);
            let mut mention = self.mention(&absence::JOIN, AbsenceKind::Dangling, row.origin());
            let (thread, account) = self.thread(chat);
            (mention.thread, mention.account) = (Some(thread), account);
            mention.names = vec![self.by_row(message)];
            mention.markers = vec![Marker::new(MarkerKind::Reference, "message_id", message, row.cell(what))];
            self.emit(mention, sink)?;
            Ok(Fate::Folded)
        })
    }

    fn read_recoverable(&mut self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        const TABLE: &str = "chat_recoverable_message_join";
        let (of, what) = (self.column(TABLE, "chat_id"), self.column(TABLE, "message_id"));
        let store = self.store;
        store.each(sink, TABLE, |row, sink| {
            let (Some(chat), Some(message), Some(join)) = (row.int(of), row.int(what), row.rowid()) else {
                return Ok(Fate::Quarantined("a link without conversation or message".to_owned()));
            };
            if self.survey.has_row(message) {
                self.links.recoverable.add(message, join);
            } else {
                let marks = vec![self.deleted_at(row, TABLE)];
                self.gone_from_recoverable(chat, message, marks, Value::Null, row, sink)?;
            }
            Ok(Fate::Folded)
        })
    }

    /// The mark of a deletion's time.
    fn deleted_at(&self, row: &Row<'_>, table: &str) -> Marker {
        let col = self.column(table, "delete_date");
        let raw = row.value(col);
        let at = stamp(&raw).map(|s| s.to_string());
        Marker::new(MarkerKind::Tombstone, "delete_date", raw, row.cell(col)).meaning(at)
    }

    /// Conversation and deletion mark of a row of `chat_recoverable_message_join`.
    pub(super) fn recoverable(&self, join: i64) -> Option<(i64, Marker)> {
        const TABLE: &str = "chat_recoverable_message_join";
        let row = self.store.get(self.store.table(TABLE)?, join).ok()??;
        Some((row.int(self.column(TABLE, "chat_id"))?, self.deleted_at(&row, TABLE)))
    }

    fn gone_from_recoverable(
        &mut self,
        chat: i64,
        message: i64,
        markers: Vec<Marker>,
        text: Value,
        row: &Row<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        self.links.named.push(message);
        let mut mention = self.mention(&absence::RECOVERABLE_GONE, AbsenceKind::Tombstoned, row.origin());
        let (thread, account) = self.thread(chat);
        (mention.thread, mention.account) = (Some(thread), account);
        mention.names = vec![self.by_row(message)];
        (mention.markers, mention.text) = (markers, text);
        self.emit(mention, sink)
    }

    fn read_removed_parts(&mut self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        const TABLE: &str = "recoverable_message_part";
        let (of, what) = (self.column(TABLE, "chat_id"), self.column(TABLE, "message_id"));
        let text = self.column(TABLE, "part_text");
        let store = self.store;
        store.each(sink, TABLE, |row, sink| {
            let (Some(chat), Some(message), Some(part)) = (row.int(of), row.int(what), row.rowid()) else {
                return Ok(Fate::Quarantined("a part without conversation or message".to_owned()));
            };
            if self.survey.has_row(message) {
                self.links.parts.add(message, part);
            } else {
                let text = row.bytes(text).map(|b| body::unarchive(&b).text).unwrap_or_default();
                let marks = vec![self.deleted_at(row, TABLE)];
                self.gone_from_recoverable(chat, message, marks, text, row, sink)?;
            }
            Ok(Fate::Folded)
        })
    }

    /// Parts of the message that were deleted one by one.
    pub(super) fn read_parts(&self, rowid: i64, m: &mut Message, sink: &mut dyn Sink) -> Result<(), Stopped> {
        const TABLE: &str = "recoverable_message_part";
        let Some(table) = self.store.table(TABLE) else { return Ok(()) };
        let col = self.column(TABLE, "part_text");
        for part in self.links.parts.of(rowid) {
            let Ok(Some(row)) = self.store.get(table, part) else { continue };
            let mark = self.deleted_at(&row, TABLE);
            let body = row.bytes(col).map(|b| body::unarchive(&b)).unwrap_or_default();
            if let Some(fault) = body.fault {
                let severity = forensics_core::issue::Severity::Degraded;
                self.issue("value-undecoded", severity, format!("part_text: {fault}"), row.cell(col), sink)?;
            }
            m.edits.push(Edit { text: body.text, at: stamp(&mark.raw), origin: row.cell(col) });
            m.markers.push(mark);
            if !m.notes.contains(&"part-deleted") {
                m.notes.push("part-deleted");
            }
        }
        Ok(())
    }

    fn read_attachment_joins(&mut self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        const TABLE: &str = "message_attachment_join";
        let (of, what) = (self.column(TABLE, "message_id"), self.column(TABLE, "attachment_id"));
        let store = self.store;
        store.each(sink, TABLE, |row, sink| {
            let (Some(message), Some(attachment)) = (row.int(of), row.int(what)) else {
                return Ok(Fate::Quarantined("a link without message or attachment".to_owned()));
            };
            // Kept for missing messages too: an attachment that some message has is no orphan.
            self.links.attachments.add(message, attachment);
            if self.survey.has_row(message) {
                return Ok(Fate::Folded);
            }
            self.links.named.push(message);
            let mut mention = self.mention(&absence::ATTACHMENT, AbsenceKind::Dangling, row.origin());
            mention.names = vec![self.by_row(message)];
            // The attachment's own identifier may hold the message's: then row and identifier are known to be one.
            let guid = self.attachment_guid(attachment);
            mention.names.extend(guid.as_deref().and_then(message_of_attachment).map(|g| Name::Id(g.into())));
            mention.markers = vec![Marker::new(MarkerKind::Reference, "message_id", message, row.cell(of))];
            self.emit(mention, sink)?;
            Ok(Fate::Folded)
        })
    }

    fn attachment_guid(&self, attachment: i64) -> Option<String> {
        let row = self.store.get(self.store.table("attachment")?, attachment).ok()??;
        row.text(self.attachments.guid).map(|g| (*g).to_owned())
    }

    /// `kvtable`: every key is shown; tokens say that the device fetched from iCloud at least once.
    pub(super) fn read_keys(&mut self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        /// A token is some hundred bytes.
        const LONGEST: usize = 4096;
        const TABLE: &str = "kvtable";
        let (key, value) = (self.column(TABLE, "key"), self.column(TABLE, "value"));
        let store = self.store;
        store.each(sink, TABLE, |row, sink| {
            let Some(name) = row.text(key) else {
                return Ok(Fate::Quarantined("an entry without key".to_owned()));
            };
            self.has_token |= name.to_ascii_lowercase().contains("token");
            let raw = match row.bytes(value) {
                Some(long) if long.len() > LONGEST => Value::from(format!("{} bytes", long.len())),
                _ => row.value(value),
            };
            let number = row.int_lossy(value);
            let marker = Marker::new(MarkerKind::Cursor, name.into_owned(), raw, row.cell(value));
            if marker.name == "lastFailedMessageRowID"
                && let Some(rowid) = number.filter(|n| *n > 0 && !self.survey.has_row(*n))
            {
                self.links.named.push(rowid);
                self.links.named.sort_unstable();
                self.links.named.dedup();
                let mut mention = self.mention(&absence::LAST_FAILED, AbsenceKind::Dangling, row.origin());
                mention.names = vec![self.by_row(rowid)];
                mention.markers = vec![marker.clone()];
                self.emit(mention, sink)?;
            }
            sink.emit(Record::Cursor(self.cursor(None, number.unwrap_or(0), marker)))?;
            Ok(Fate::Folded)
        })
    }

    /// A position that is shown and counts nothing.
    pub(super) fn cursor(
        &self,
        thread: Option<(Key, Key)>,
        position: i64,
        marker: Marker,
    ) -> forensics_core::record::Cursor {
        let (thread, account) = match thread {
            Some((thread, account)) => (Some(thread), account),
            None => (None, Key::clone(&self.chats.account)),
        };
        let says = CursorSays::Position(position);
        forensics_core::record::Cursor { space: self.space, account, thread, sequence: "", says, marker }
    }
}
