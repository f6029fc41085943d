//! Marks of the old tables that name a message by chat and key: receipts, quotes, previews, cards.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::record::{AbsenceKind, Key, Mention, Name};
use forensics_core::rule::Rule;
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::TextLookup;

use super::msgstore::{MESSAGES, Msgstore};
use crate::whatsapp::cells;
use crate::whatsapp::rules::absences;

/// A table that names messages by `key_remote_jid` and `key_id`.
struct Keyed {
    name: &'static str,
    marker: MarkerKind,
    kind: AbsenceKind,
    rule: &'static Rule,
    /// A column with what is left of the message's text, if there is one.
    text: &'static str,
}

const TABLES: &[Keyed] = &[
    Keyed {
        name: "receipts",
        marker: MarkerKind::Receipt,
        kind: AbsenceKind::Dangling,
        rule: &absences::ANDROID_RECEIPT,
        text: "",
    },
    Keyed {
        name: "messages_quotes",
        marker: MarkerKind::Reference,
        kind: AbsenceKind::Dangling,
        rule: &absences::ANDROID_QUOTE,
        text: "data",
    },
    Keyed {
        name: "message_thumbnails",
        marker: MarkerKind::Remnant,
        kind: AbsenceKind::RemnantOnly,
        rule: &absences::ANDROID_THUMBNAIL,
        text: "",
    },
];

/// Reads them all.
pub(super) fn read(m: &Msgstore<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    if let Some(messages) = m.store.table(MESSAGES) {
        let key = messages.column("key_id");
        let chat = messages.column("key_remote_jid");
        let known = TextLookup::build(m.store, messages, key);
        let is_known =
            |wanted: &str, thread: &str| known.rows(wanted).any(|row| row.text(chat).as_deref() == Some(thread));
        for table in TABLES {
            keyed_rows(m, table, &is_known, sink)?;
        }
    }
    for table in ["messages_vcards", "messages_links"] {
        numbered_rows(m, table, sink)?;
    }
    Ok(())
}

fn keyed_rows(
    m: &Msgstore<'_>,
    keyed: &Keyed,
    is_known: &dyn Fn(&str, &str) -> bool,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let Some(table) = m.store.table(keyed.name) else { return Ok(()) };
    let [chat, key, text] = ["key_remote_jid", "key_id", keyed.text].map(|c| table.column(c));
    m.store.each(sink, keyed.name, |row, sink| {
        let Some(id) = cells::text(row, key) else { return Ok(Fate::PassedOver) };
        let thread: Option<Key> = cells::text(row, chat).map(Key::from);
        if thread.as_deref().is_some_and(|t| is_known(&id, t)) {
            return Ok(Fate::Folded);
        }
        let mark = Marker::new(keyed.marker, "key_id", row.value(key), row.cell(key));
        let mention = m.scope.mention(thread.as_ref(), vec![Name::Id(id)], keyed.kind, keyed.rule.id, mark);
        m.emit(Mention { text: row.value(text), ..mention }, sink)?;
        Ok(Fate::Folded)
    })
}

/// Rows that name a message by its number.
fn numbered_rows(m: &Msgstore<'_>, name: &str, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(message) = m.store.table(name).map(|t| t.column("message_row_id")) else { return Ok(()) };
    m.store.each(sink, name, |row, sink| {
        let Some(wanted) = row.int_lossy(message).filter(|n| *n > 0) else { return Ok(Fate::PassedOver) };
        if !m.is_there(wanted) {
            let mark = Marker::new(MarkerKind::Reference, "message_row_id", row.value(message), row.cell(message));
            let rule = absences::ANDROID_SIDE_ROW.id;
            m.mention(None, vec![m.row_name(wanted)], AbsenceKind::Dangling, rule, mark, sink)?;
        }
        Ok(Fate::Folded)
    })
}
