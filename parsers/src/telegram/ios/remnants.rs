//! Indexes that name a message: what the history lacks of it, is an absence. `t4`, `t3`, `ft41`.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::origin::Origin;
use forensics_core::record::AbsenceKind;
use forensics_core::rule::Rule;
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::Value;

use super::Reading;
use super::coder::Cursor;
use super::id::MessageId;
use crate::telegram::mentions::Mark;
use crate::telegram::rules::ios as rules;

/// Reads the indexes.
pub(super) fn read(reading: &Reading<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    read_index(reading, sink)?;
    read_global(reading, sink)?;
    read_texts(reading, sink)
}

/// A row of an index, where the history has no such message.
fn alone(
    reading: &Reading<'_>,
    sink: &mut dyn Sink,
    id: &MessageId,
    (name, rule): (&'static str, &'static Rule),
    text: Value,
    origin: Origin,
) -> Result<Fate, Stopped> {
    if reading.marks.has(id) {
        return Ok(Fate::Folded);
    }
    let marker = Marker::new(MarkerKind::Remnant, name, i64::from(id.id), origin.clone());
    sink.emit(reading.scope.mention(Mark {
        thread: Some(id.peer.to_string().into()),
        names: id.names(),
        kind: AbsenceKind::RemnantOnly,
        rule,
        text,
        markers: vec![marker],
        origin,
    }))?;
    Ok(Fate::Folded)
}

/// The index of the history.
fn read_index(reading: &Reading<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = reading.store.table("t4") else { return Ok(()) };
    let key = table.column("key");
    reading.store.each(sink, "t4", |row, sink| {
        let Some(id) = row.bytes(key).and_then(|key| MessageId::of_index(&key)) else {
            return Ok(Fate::Quarantined("an index row under a key of another shape".to_owned()));
        };
        alone(reading, sink, &id, ("t4", &rules::INDEX_ROW_ALONE), Value::Null, row.cell(key))
    })
}

/// The index of the ids that users and basic groups share: number; value peer and namespace.
fn read_global(reading: &Reading<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = reading.store.table("t3") else { return Ok(()) };
    let (key, value) = (table.column("key"), table.column("value"));
    reading.store.each(sink, "t3", |row, sink| {
        let bytes = row.bytes(value).unwrap_or_default();
        let mut cursor = Cursor::new(&bytes);
        let place = cursor.i64().zip(cursor.i32());
        let id = row.int(key).and_then(|id| i32::try_from(id).ok());
        let (Some((peer, namespace)), Some(id)) = (place, id) else {
            return Ok(Fate::Quarantined("a global id without peer or namespace".to_owned()));
        };
        let id = MessageId { peer, namespace, id };
        alone(reading, sink, &id, ("t3", &rules::INDEX_ROW_ALONE), Value::Null, row.cell(value))
    })
}

/// The index of texts keeps its columns in a table of its own: collection, item, contents, tags.
fn read_texts(reading: &Reading<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = reading.store.table("ft41_content") else { return Ok(()) };
    let (item, contents) = (table.column("c1"), table.column("c2"));
    reading.store.each(sink, "ft41_content", |row, sink| {
        let Some(id) = row.text(item).and_then(|item| MessageId::of_text_index(&item)) else {
            return Ok(Fate::PassedOver);
        };
        alone(reading, sink, &id, ("ft41", &rules::TEXT_INDEX_ALONE), row.value(contents), row.cell(contents))
    })
}
