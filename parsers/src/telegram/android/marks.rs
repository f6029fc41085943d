//! Tables beside the messages that name one: what they name and the table of messages lacks, is an absence.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::record::{AbsenceKind, Cursor, CursorSays, Record};
use forensics_core::rule::Rule;
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::Value;

use super::Reading;
use super::body::text_of;
use super::dialog::{channel_in_mid, real_mid};
use super::dialogs::thread_key;
use super::messages::server_names;
use super::side::Side;
use crate::telegram::mentions::Mark;
use crate::telegram::rules::android as rules;

/// A table that names messages.
struct Naming {
    /// The table's names, from the newest generation to the oldest.
    tables: &'static [&'static str],
    /// The column with a copy of the message, and one with bare text.
    copy: &'static str,
    text: &'static str,
    kind: AbsenceKind,
    marker: MarkerKind,
    rule: &'static Rule,
}

const NAMING: &[Naming] = &[
    Naming {
        tables: &["media_v4", "media_v3", "media_v2"],
        copy: "data",
        text: "",
        kind: AbsenceKind::Dangling,
        marker: MarkerKind::Remnant,
        rule: &rules::MEDIA_ROW_ALONE,
    },
    Naming {
        tables: &["chat_pinned_v2"],
        copy: "data",
        text: "",
        kind: AbsenceKind::Dangling,
        marker: MarkerKind::Reference,
        rule: &rules::PINNED_MISSING,
    },
    Naming {
        tables: &["bot_keyboard"],
        copy: "info",
        text: "",
        kind: AbsenceKind::Dangling,
        marker: MarkerKind::Reference,
        rule: &rules::KEYBOARD_MISSING,
    },
    Naming {
        tables: &[PUSHES],
        copy: "data",
        text: "fm",
        kind: AbsenceKind::Undelivered,
        marker: MarkerKind::Reference,
        rule: &rules::PUSHED_NOT_STORED,
    },
];

/// The table of pushes; its rows mark messages that are there, too.
const PUSHES: &str = "unread_push_messages";

/// Reads every table that names messages, and the cursors of topics and secret chats.
pub(super) fn read(reading: &mut Reading<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    for naming in NAMING {
        for name in naming.tables {
            let there = read_naming(reading, sink, naming, name)?;
            if let Some(table) = reading.store.table(name).filter(|_| *name == PUSHES) {
                reading.sides.pushes = Side::of(reading.store, table, table.column("uid"), there);
            }
        }
    }
    read_topics(reading, sink)?;
    read_requested(reading, sink)
}

/// Hands over what names a missing message; gives (`mid`, rowid) of pushes that name one that is there.
fn read_naming(
    reading: &Reading<'_>,
    sink: &mut dyn Sink,
    naming: &Naming,
    name: &str,
) -> Result<Vec<(i64, i64)>, Stopped> {
    let store = reading.store;
    let mut there = Vec::new();
    let Some(table) = store.table(name) else { return Ok(there) };
    let [mid, uid, copy, text, reaction] =
        ["mid", "uid", naming.copy, naming.text, "is_reaction"].map(|n| table.column(n));
    store.each(sink, name, |row, sink| {
        let (Some(raw), Some(dialog)) = (row.int(mid), row.int(uid)) else {
            return Ok(Fate::Quarantined("names a message without mid or uid".to_owned()));
        };
        // A push may tell of a reaction to a message, or of a story: those have no row of their own.
        let of_message = row.int(reaction).unwrap_or(0) == 0;
        if raw == 0 || !of_message {
            return Ok(Fate::Folded);
        }
        if reading.survey.has(store, raw, dialog) {
            there.extend(row.rowid().filter(|_| name == PUSHES).map(|rowid| (raw, rowid)));
            return Ok(Fate::Folded);
        }
        let channel =
            channel_in_mid(raw).is_some() || reading.survey.is_channel(dialog) || reading.peers.is_channel(dialog);
        let left = match text_of(row.bytes(copy).as_deref()) {
            Value::Null => row.value(text),
            kept => kept,
        };
        let origin = row.cell(mid);
        let marker = format!("{name}.mid");
        sink.emit(reading.scope.mention(Mark {
            thread: Some(thread_key(dialog)),
            names: server_names(dialog, real_mid(raw), channel),
            kind: naming.kind,
            rule: naming.rule,
            text: left,
            markers: vec![Marker::new(naming.marker, marker, raw, origin.clone())],
            origin,
        }))?;
        Ok(Fate::Folded)
    })?;
    Ok(there)
}

/// Cursors of forum topics.
fn read_topics(reading: &Reading<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let store = reading.store;
    let Some(table) = store.table("topics") else { return Ok(()) };
    let did = table.column("did");
    let cursors = ["top_message", "max_read_id", "read_outbox"].map(|n| (n, table.column(n)));
    store.each(sink, "topics", |row, sink| {
        let Some(dialog) = row.int(did) else { return Ok(Fate::Quarantined("a topic without did".to_owned())) };
        for (name, column) in cursors {
            let Some(value) = row.int(column).filter(|v| *v > 0) else { continue };
            position(reading, sink, dialog, value, Marker::new(MarkerKind::Cursor, name, value, row.cell(column)))?;
        }
        Ok(Fate::Folded)
    })
}

/// Parts of secret chats that the peer was asked to send again.
fn read_requested(reading: &Reading<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let store = reading.store;
    let Some(table) = store.table("requested_holes") else { return Ok(()) };
    let [uid, start, end] = ["uid", "seq_out_start", "seq_out_end"].map(|n| table.column(n));
    store.each(sink, "requested_holes", |row, sink| {
        let (Some(dialog), Some(low)) = (row.int(uid), row.int(start)) else {
            return Ok(Fate::Quarantined("a request without chat or start".to_owned()));
        };
        let high = row.int(end).map_or_else(|| "?".to_owned(), |high| high.to_string());
        let marker = Marker::new(MarkerKind::Cursor, "requested_holes", low, row.cell(start))
            .meaning(format!("the peer was asked to send {low} to {high} again"));
        position(reading, sink, dialog, low, marker)?;
        Ok(Fate::Folded)
    })
}

fn position(
    reading: &Reading<'_>,
    sink: &mut dyn Sink,
    dialog: i64,
    value: i64,
    marker: Marker,
) -> Result<(), Stopped> {
    sink.emit(Record::Cursor(Cursor {
        space: reading.scope.space,
        account: reading.scope.account.clone(),
        thread: Some(thread_key(dialog)),
        sequence: "",
        says: CursorSays::Position(value),
        marker,
    }))
}
