//! Marks that name messages: rows of side tables, quotes, what the app put aside, the full-text index.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::record::{AbsenceKind, Key, Mention, Name, Record};
use forensics_core::rule::Rule;
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Col, Row, TextLookup};
use forensics_core::value::Value;

use super::chats::Chats;
use super::msgstore::Msgstore;
use crate::whatsapp::cells;
use crate::whatsapp::rules::absences::{self, ANDROID_SIDE_ROW as SIDE_ROW};

/// A table whose rows belong to a message.
struct SideTable {
    name: &'static str,
    /// The column that names the message's row.
    message: &'static str,
    /// A column with a key of the message, if there is one.
    key: &'static str,
    /// A column with what is left of its text, if there is one.
    text: &'static str,
    marker: MarkerKind,
    kind: AbsenceKind,
    rule: &'static Rule,
}

const fn side(name: &'static str) -> SideTable {
    SideTable {
        name,
        message: "message_row_id",
        key: "",
        text: "",
        marker: MarkerKind::Reference,
        kind: AbsenceKind::Dangling,
        rule: &SIDE_ROW,
    }
}

const fn receipt(name: &'static str) -> SideTable {
    SideTable { marker: MarkerKind::Receipt, rule: &absences::ANDROID_RECEIPT, ..side(name) }
}

const fn index(name: &'static str) -> SideTable {
    SideTable {
        message: "docid",
        text: "c0content",
        marker: MarkerKind::Remnant,
        kind: AbsenceKind::RemnantOnly,
        rule: &absences::ANDROID_INDEX,
        ..side(name)
    }
}

/// Every table that is read with the messages, and every one that only shows that a message was there.
const SIDE_TABLES: &[SideTable] = &[
    receipt("receipt_user"),
    receipt("receipt_device"),
    side("message_media"),
    side("message_location"),
    side("message_text"),
    side("message_vcard"),
    side("message_mentions"),
    side("message_forwarded"),
    side("message_ephemeral"),
    side("message_view_once_media"),
    side("message_poll"),
    side("message_poll_option"),
    side("message_system"),
    side("message_secret"),
    side("message_call_log"),
    side("message_future"),
    side("message_details"),
    side("missed_call_logs"),
    SideTable { key: "original_key_id", rule: &absences::ANDROID_EDIT, ..side("message_edit_info") },
    SideTable {
        key: "revoked_key_id",
        marker: MarkerKind::Tombstone,
        kind: AbsenceKind::Tombstoned,
        rule: &absences::ANDROID_REVOKED,
        ..side("message_revoked")
    },
    SideTable {
        marker: MarkerKind::Remnant,
        kind: AbsenceKind::RemnantOnly,
        rule: &absences::ANDROID_THUMBNAIL,
        ..side("message_thumbnail")
    },
    index("message_ftsv2_content"),
    index("messages_fts_content"),
    // Received, and set aside by the app: no row may ever have been.
    SideTable {
        marker: MarkerKind::Queued,
        kind: AbsenceKind::Undelivered,
        rule: &absences::ANDROID_QUARANTINED,
        ..side("message_quarantine")
    },
];

/// Reads them all.
pub(super) fn read(m: &Msgstore<'_>, chats: &Chats, sink: &mut dyn Sink) -> Result<(), Stopped> {
    m.store.each(sink, "jid", |_, _| Ok(Fate::Folded))?;
    for table in SIDE_TABLES {
        side_rows(m, chats, table, sink)?;
    }
    reporting(m, sink)?;
    quotes(m, chats, sink)?;
    orphaned_receipts(m, chats, sink)?;
    orphaned_edits(m, chats, sink)?;
    deleted_chats(m, sink)
}

fn side_rows(m: &Msgstore<'_>, chats: &Chats, side: &SideTable, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = m.store.table(side.name) else { return Ok(()) };
    let [message, chat, key, text] = [side.message, "chat_row_id", side.key, side.text].map(|c| table.column(c));
    m.store.each(sink, side.name, |row, sink| {
        let Some(wanted) = row.int_lossy(message).filter(|n| *n > 0) else { return Ok(Fate::PassedOver) };
        if m.is_there(wanted) {
            return Ok(Fate::Folded);
        }
        let mut names: Vec<Name> = cells::text(row, key).map(Name::Id).into_iter().collect();
        names.push(m.row_name(wanted));
        let col = if names.len() > 1 { key } else { message };
        let mark = marker(row, col, if names.len() > 1 { side.key } else { side.message }, side.marker);
        let thread = chats.jid(row.int_lossy(chat));
        let mention = m.scope.mention(thread.as_ref(), names, side.kind, side.rule.id, mark);
        m.emit(Mention { text: row.value(text), ..mention }, sink)?;
        Ok(Fate::Folded)
    })
}

fn marker(row: &Row<'_>, col: Col, name: &'static str, kind: MarkerKind) -> Marker {
    Marker::new(kind, name, row.value(col), row.cell(col))
}

/// `reporting_info` names an add-on in place of a message where it says so.
fn reporting(m: &Msgstore<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    const TABLE: &str = "reporting_info";
    let Some(table) = m.store.table(TABLE) else { return Ok(()) };
    let [message, add_on, text_id, id] =
        ["message_row_id", "is_message_add_on", "stanza_id_text", "stanza_id"].map(|c| table.column(c));
    m.store.each(sink, TABLE, |row, sink| {
        let wanted = row.int_lossy(message).filter(|n| *n > 0 && row.int_lossy(add_on).unwrap_or(0) == 0);
        let Some(wanted) = wanted else { return Ok(Fate::PassedOver) };
        if !m.is_there(wanted) {
            let key = cells::text(row, text_id).or_else(|| cells::text(row, id));
            let mut names: Vec<Name> = key.map(Name::Id).into_iter().collect();
            names.push(m.row_name(wanted));
            let mark = marker(row, message, "message_row_id", MarkerKind::Reference);
            m.mention(None, names, AbsenceKind::Dangling, SIDE_ROW.id, mark, sink)?;
        }
        Ok(Fate::Folded)
    })
}

/// The quoted message by its key; and the reply, whose row may be gone as well.
fn quotes(m: &Msgstore<'_>, chats: &Chats, sink: &mut dyn Sink) -> Result<(), Stopped> {
    const TABLE: &str = "message_quoted";
    let Some(table) = m.store.table(TABLE) else { return Ok(()) };
    let [reply, chat, parent_chat, key, text] =
        ["message_row_id", "chat_row_id", "parent_message_chat_row_id", "key_id", "text_data"].map(|c| table.column(c));
    m.store.each(sink, TABLE, |row, sink| {
        if let Some(reply_row) = row.int_lossy(reply).filter(|n| *n > 0 && !m.is_there(*n)) {
            let mark = marker(row, reply, "message_row_id", MarkerKind::Reference);
            m.mention(None, vec![m.row_name(reply_row)], AbsenceKind::Dangling, SIDE_ROW.id, mark, sink)?;
        }
        if let Some(id) = cells::text(row, key) {
            let thread = chats.jid(row.int_lossy(chat)).or_else(|| chats.jid(row.int_lossy(parent_chat)));
            let mark = marker(row, key, "key_id", MarkerKind::Reference);
            let names = vec![Name::Id(id)];
            let mention =
                m.scope.mention(thread.as_ref(), names, AbsenceKind::Dangling, absences::ANDROID_QUOTE.id, mark);
            m.emit(Mention { text: left_of(row, text), ..mention }, sink)?;
        }
        Ok(Fate::Folded)
    })
}

/// A text, or nothing where it is empty.
fn left_of(row: &Row<'_>, col: Col) -> Value {
    match row.value(col) {
        Value::Text(t) if t.is_empty() => Value::Null,
        value => value,
    }
}

fn orphaned_receipts(m: &Msgstore<'_>, chats: &Chats, sink: &mut dyn Sink) -> Result<(), Stopped> {
    const TABLE: &str = "receipt_orphaned";
    let Some(table) = m.store.table(TABLE) else { return Ok(()) };
    let [chat, key] = ["chat_row_id", "key_id"].map(|c| table.column(c));
    // Receipts come for reactions and other additions as well, whose keys stand in a table of their own.
    let add_ons = m.store.table("message_add_on").map(|t| TextLookup::build(m.store, t, t.column("key_id")));
    m.store.each(sink, TABLE, |row, sink| {
        let Some(id) = cells::text(row, key) else { return Ok(Fate::PassedOver) };
        if add_ons.as_ref().is_some_and(|known| known.rowids(&id).next().is_some()) {
            return Ok(Fate::Folded);
        }
        let thread = chats.jid(row.int_lossy(chat));
        let mark = marker(row, key, "key_id", MarkerKind::Receipt);
        let rule = absences::ANDROID_ORPHANED_RECEIPT.id;
        m.mention(thread.as_ref(), vec![Name::Id(id)], AbsenceKind::Dangling, rule, mark, sink)?;
        Ok(Fate::Folded)
    })
}

fn orphaned_edits(m: &Msgstore<'_>, chats: &Chats, sink: &mut dyn Sink) -> Result<(), Stopped> {
    const TABLE: &str = "message_orphaned_edit";
    let Some(table) = m.store.table(TABLE) else { return Ok(()) };
    let [chat, key, revoked] = ["chat_row_id", "key_id", "revoked_key_id"].map(|c| table.column(c));
    m.store.each(sink, TABLE, |row, sink| {
        let thread = chats.jid(row.int_lossy(chat));
        if let Some(id) = cells::text(row, revoked) {
            let mark = marker(row, revoked, "revoked_key_id", MarkerKind::Tombstone);
            let rule = absences::ANDROID_ORPHANED_REVOKE.id;
            m.mention(thread.as_ref(), vec![Name::Id(id)], AbsenceKind::Tombstoned, rule, mark, sink)?;
        } else if let Some(id) = cells::text(row, key) {
            let mark = marker(row, key, "key_id", MarkerKind::Reference);
            let rule = absences::ANDROID_ORPHAN.id;
            m.mention(thread.as_ref(), vec![Name::Id(id)], AbsenceKind::Dangling, rule, mark, sink)?;
        } else {
            return Ok(Fate::PassedOver);
        }
        Ok(Fate::Folded)
    })
}

/// What the app counted, by day of receipt, of chats that were deleted.
fn deleted_chats(m: &Msgstore<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    const TABLE: &str = "integrity_deleted_chat_message_count";
    let Some(table) = m.store.table(TABLE) else { return Ok(()) };
    let [lid, date, count] = ["lid", "messages_receive_date", "messages_count"].map(|c| table.column(c));
    m.store.each(sink, TABLE, |row, sink| {
        let Some(number) = row.int_lossy(count).and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0) else {
            return Ok(Fate::PassedOver);
        };
        let thread = cells::text(row, lid).map(Key::from);
        let day = row.text(date).map(|d| format!("received {d}"));
        let mark = marker(row, count, "messages_count", MarkerKind::Tombstone).meaning(day);
        let rule = absences::ANDROID_DELETED_CHAT.id;
        let mention = m.scope.count(thread.as_ref(), AbsenceKind::Tombstoned, rule, mark);
        sink.emit(Record::Mention(Box::new(Mention { at_most: Some(number), ..mention })))?;
        Ok(Fate::Folded)
    })
}
