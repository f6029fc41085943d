//! Tables that belong to a message: parts, replies, edits, reactions, schedules, previews of links.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::OpenStore;
use forensics_core::record::{Attachment, Edit, Message, MessageKind, Reaction, RecordState};
use forensics_core::stamp::Epoch;
use forensics_core::store::sqlite::{Col, Lookup, Row, Table};
use forensics_core::value::Value;

use super::notes;
use super::people::People;
use crate::telephony::cells::{self, columns};

columns! {
    /// `parts`.
    PartColumns {
        text = "text", uri = "uri", mime = "content_type", original = "original_uri", storage = "storage_uri",
        local = "local_cache_path", name = "file_name", size = "file_size_bytes", latitude = "latitude",
        longitude = "longitude", blob = "blob_id", full_blob = "cms_full_size_blob_id", small_blob = "compressed_blob_id",
        small_cloud_blob = "cms_compressed_blob_id", missing = "missing_entry_in_telephony",
    }
}

/// A side table, found by a column that names a message.
struct Side<'a> {
    table: &'a Table,
    by: Lookup,
}

impl<'a> Side<'a> {
    fn open(store: &'a OpenStore, table: &str, column: &str) -> Option<Self> {
        store.table(table).map(|table| Side { table, by: Lookup::build(store, table, table.column(column)) })
    }

    fn rows(&self, store: &'a OpenStore, message: i64) -> impl Iterator<Item = Row<'a>> {
        let table = self.table;
        self.by.rowids(message).filter_map(move |row| store.get(table, row).ok().flatten())
    }

    fn col(&self, name: &str) -> Col {
        self.table.column(name)
    }
}

/// The side tables of one store.
pub(super) struct Beside<'a> {
    store: &'a OpenStore,
    people: &'a People,
    parts: Option<(Side<'a>, PartColumns)>,
    replies: Option<Side<'a>>,
    edits: Option<Side<'a>>,
    old_versions: Option<Side<'a>>,
    reactions: Option<Side<'a>>,
    schedules: Option<Side<'a>>,
    previews: Option<Side<'a>>,
}

impl<'a> Beside<'a> {
    pub(super) fn open(store: &'a OpenStore, people: &'a People) -> Self {
        let parts = Side::open(store, "parts", "message_id").map(|side| {
            let cols = PartColumns::of(side.table);
            (side, cols)
        });
        Beside {
            store,
            people,
            parts,
            replies: Side::open(store, "message_replies", "message_id"),
            edits: Side::open(store, "message_edits", "latest_message_id"),
            old_versions: Side::open(store, "message_edits", "message_id"),
            reactions: Side::open(store, "message_reactions", "reacted_message_id"),
            schedules: Side::open(store, "scheduled_send", "message_id"),
            previews: Side::open(store, "link_preview", "message_id"),
        }
    }

    /// Puts on a message what its side tables hold.
    pub(super) fn add(&self, rowid: i64, m: &mut Message) {
        self.add_parts(rowid, m);
        self.add_preview(rowid, m);
        self.add_reply(rowid, m);
        self.add_edits(rowid, m);
        self.add_reactions(rowid, m);
        if let Some(schedules) = &self.schedules {
            let at = schedules.col("scheduled_time");
            if let Some(row) = schedules.rows(self.store, rowid).next() {
                m.markers.extend(cells::time(&row, at, Epoch::UnixMillis, MarkerKind::Queued, "scheduled_time"));
                m.notes.push(notes::SCHEDULED);
            }
        }
    }

    fn add_parts(&self, rowid: i64, m: &mut Message) {
        let Some((parts, cols)) = &self.parts else { return };
        for row in parts.rows(self.store, rowid) {
            for (col, name) in [
                (cols.blob, "blob_id"),
                (cols.full_blob, "cms_full_size_blob_id"),
                (cols.small_blob, "compressed_blob_id"),
                (cols.small_cloud_blob, "cms_compressed_blob_id"),
            ] {
                m.markers.extend(cells::filled(&row, col, MarkerKind::CloudRecord, name));
            }
            if cells::positive(&row, cols.missing).is_some() && !m.notes.contains(&notes::PART_MISSING) {
                m.notes.push(notes::PART_MISSING);
            }
            let mime = cells::text(&row, cols.mime);
            let is_text = mime.as_deref().is_none_or(|mime| mime.starts_with("text/plain"));
            if is_text && !row.is_null(cols.text) {
                m.text = joined(std::mem::take(&mut m.text), row.value(cols.text));
                continue;
            }
            let path =
                [cols.local, cols.storage, cols.uri, cols.original].into_iter().find_map(|c| cells::text(&row, c));
            if mime.is_none() && path.is_none() {
                continue;
            }
            if m.attachments.is_empty() && m.kind == MessageKind::Text {
                let placed = [cols.latitude, cols.longitude].iter().any(|c| row.real(*c).is_some_and(|v| v != 0.0));
                m.kind = if placed { MessageKind::Location } else { kind(mime.as_deref()) };
            }
            // A caption may stand with the file.
            if !row.is_null(cols.text) {
                m.text = joined(std::mem::take(&mut m.text), row.value(cols.text));
            }
            let (name, size) = (cells::text(&row, cols.name), cells::positive(&row, cols.size));
            m.attachments.push(Attachment { name, mime, size, path, sha256: None, origin: row.origin() });
        }
    }

    fn add_preview(&self, rowid: i64, m: &mut Message) {
        let Some(previews) = &self.previews else { return };
        let (title, url) = (previews.col("link_title"), previews.col("trigger_url"));
        for row in previews.rows(self.store, rowid) {
            let (name, path, origin) = (cells::text(&row, title), cells::text(&row, url), row.origin());
            m.attachments.push(Attachment { name, mime: None, size: None, path, sha256: None, origin });
        }
    }

    fn add_reply(&self, rowid: i64, m: &mut Message) {
        let Some(replies) = &self.replies else { return };
        let (id, rcs_id) = (replies.col("replied_to_message_id"), replies.col("replied_to_rcs_message_id"));
        let Some(row) = replies.rows(self.store, rowid).next() else { return };
        let by_row = cells::positive(&row, id).map(|id| id.to_string().into());
        m.reply_to = by_row.or_else(|| cells::text(&row, rcs_id));
    }

    fn add_edits(&self, rowid: i64, m: &mut Message) {
        if let Some(edits) = &self.edits {
            let (old, at) = (edits.col("message_id"), edits.col("edited_at_timestamp_ms"));
            for row in edits.rows(self.store, rowid) {
                let Some(old) = cells::positive(&row, old).filter(|old| *old != rowid) else { continue };
                let at = cells::stamp(&row, at, Epoch::UnixMillis);
                m.edits.push(Edit { text: self.text_of(old), at, origin: row.origin() });
            }
            if !m.edits.is_empty() {
                m.notes.push(notes::EDITED);
            }
        }
        let Some(versions) = &self.old_versions else { return };
        let latest = versions.col("latest_message_id");
        let replaced = |row: Row<'_>| cells::positive(&row, latest).is_some_and(|latest| latest != rowid);
        if versions.rows(self.store, rowid).any(replaced) {
            m.notes.push(notes::OLD_VERSION);
            // Marks may still name this version: it is hidden, not gone.
            m.state = RecordState::Hidden;
        }
    }

    /// The text of another message, from its parts.
    fn text_of(&self, rowid: i64) -> Value {
        let Some((parts, cols)) = &self.parts else { return Value::Null };
        parts.rows(self.store, rowid).map(|row| row.value(cols.text)).fold(Value::Null, joined)
    }

    /// What the numbers of reactions mean is not known; they stand as they are.
    fn add_reactions(&self, rowid: i64, m: &mut Message) {
        let Some(reactions) = &self.reactions else { return };
        let (message, code) = (reactions.col("message_id"), reactions.col("reaction"));
        for row in reactions.rows(self.store, rowid) {
            let by = self.sender_of(row.int_lossy(message));
            let sent = by.as_ref().and_then(|(_, sent)| *sent);
            let sender = by.map(|(sender, _)| sender);
            m.markers.extend(cells::mark(&row, message, MarkerKind::Reference, "message_reactions.message_id"));
            m.reactions.push(Reaction { sender, text: row.value(code), sent, origin: row.origin() });
        }
    }

    fn sender_of(&self, message: Option<i64>) -> Option<(Box<str>, Option<forensics_core::stamp::Stamp>)> {
        let table = self.store.table("messages")?;
        let row = self.store.get(table, message?).ok().flatten()?;
        let person = self.people.get(row.int_lossy(table.column("sender_id")))?;
        let sent = cells::stamp(&row, table.column("sent_timestamp"), Epoch::UnixMillis);
        Some((Box::from(&*person.key), sent))
    }
}

/// One text of two; a text that is no valid UTF-8 stays as it is.
fn joined(first: Value, second: Value) -> Value {
    match (first, second) {
        (Value::Null, second) => second,
        (first, Value::Null) => first,
        (Value::Text(a), Value::Text(b)) => format!("{a}\n{b}").into(),
        (first, _) => first,
    }
}

fn kind(mime: Option<&str>) -> MessageKind {
    let mime = mime.unwrap_or_default();
    match mime.split('/').next() {
        Some("image") => MessageKind::Image,
        Some("video") => MessageKind::Video,
        Some("audio") => MessageKind::Voice,
        _ if mime.to_ascii_lowercase().contains("vcard") => MessageKind::Contact,
        _ => MessageKind::File,
    }
}

/// The mark of a cell under a name of its own, for readers beside this one.
pub(super) fn named(row: &Row<'_>, col: Col, kind: MarkerKind, name: &'static str) -> Marker {
    Marker::new(kind, name, row.value(col), row.cell(col))
}
