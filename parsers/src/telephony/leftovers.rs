//! Marks that name messages which may be gone: parts, addresses, pending tries, the full-text index, fragments of long
//! SMS, lists of changes.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{AbsenceKind, Mention, Name, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::stamp::Epoch;
use forensics_core::store::sqlite::{Col, Lookup, Row, Table};
use forensics_core::value::Value;

use super::cells::{self, columns};
use super::rules::absences;
use super::scope::{Scope, count_side_rows, emit, is_there, row_name};

/// Reads every table that may name a message which is not there.
pub(super) fn read(store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    parts(store, scope, sink)?;
    addresses(store, scope, sink)?;
    pending(store, scope, sink)?;
    index(store, scope, sink)?;
    fragments(store, scope, sink)?;
    changes(store, scope, sink)?;
    for table in ["part", "threads", "canonical_addresses"] {
        count_side_rows(store, table, absences::SIDE_ROWS.id, scope, sink)?;
    }
    Ok(())
}

/// AOSP writes parts under the clock's milliseconds until their MMS has a row (PduPersister): no row of that number ever was.
const CLOCK: i64 = 100_000_000_000;

fn parts(store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table("part") else { return Ok(()) };
    let (mid, text) = (table.column("mid"), table.column("text"));
    store.each(sink, "part", |row, sink| belongs(store, scope, row, mid, "mid", row.value(text), sink))
}

fn addresses(store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(mid) = store.table("addr").map(|t| t.column("msg_id")) else { return Ok(()) };
    store.each(sink, "addr", |row, sink| belongs(store, scope, row, mid, "msg_id", Value::Null, sink))
}

/// A row that belongs to an MMS.
fn belongs(
    store: &OpenStore,
    scope: &Scope,
    row: &Row<'_>,
    col: Col,
    name: &'static str,
    text: Value,
    sink: &mut dyn Sink,
) -> Result<Fate, Stopped> {
    let Some(wanted) = cells::positive(row, col).filter(|mid| *mid < CLOCK) else { return Ok(Fate::PassedOver) };
    let Some(marker) = cells::mark(row, col, MarkerKind::Reference, name) else { return Ok(Fate::PassedOver) };
    if !is_there(store, "pdu", wanted) {
        let names = vec![row_name("pdu", wanted)];
        let mention = scope.mention(names, AbsenceKind::Dangling, absences::MMS_PART.id, marker);
        emit(sink, Mention { text, ..mention })?;
    }
    Ok(Fate::Folded)
}

fn pending(store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table("pending_msgs") else { return Ok(()) };
    let (protocol, message) = (table.column("proto_type"), table.column("msg_id"));
    store.each(sink, "pending_msgs", |row, sink| {
        let table = match row.int_lossy(protocol) {
            Some(0) => "sms",
            Some(1) => "pdu",
            _ => return Ok(Fate::PassedOver),
        };
        let Some(wanted) = cells::positive(row, message) else { return Ok(Fate::PassedOver) };
        let Some(marker) = cells::mark(row, message, MarkerKind::Queued, "msg_id") else { return Ok(Fate::PassedOver) };
        if !is_there(store, table, wanted) {
            let names = vec![row_name(table, wanted)];
            emit(sink, scope.mention(names, AbsenceKind::Dangling, absences::PENDING.id, marker))?;
        }
        Ok(Fate::Folded)
    })
}

/// `words_content`, the rows of the full-text index, whose columns SQLite names `c<n><column>`.
fn index(store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table("words_content") else { return Ok(()) };
    let column = |name: &str| {
        let found = table.columns.iter().find(|c| {
            let number = c.name.strip_suffix(name).and_then(|n| n.strip_prefix('c'));
            number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
        });
        found.map_or(Col::ABSENT, |c| table.column(&c.name))
    };
    let (text, source, kind) = (column("index_text"), column("source_id"), column("table_to_use"));
    let bodies = store.table("sms").map(|t| (t, t.column("body")));
    store.each(sink, "words_content", |row, sink| {
        let Some(wanted) = cells::positive(row, source) else { return Ok(Fate::PassedOver) };
        let Some(marker) = cells::mark(row, source, MarkerKind::Remnant, "source_id") else {
            return Ok(Fate::PassedOver);
        };
        match row.int_lossy(kind) {
            Some(1) if !is_there(store, "sms", wanted) => {
                let names = vec![row_name("sms", wanted)];
                let mention = scope.mention(names, AbsenceKind::RemnantOnly, absences::INDEX.id, marker);
                emit(sink, Mention { text: row.value(text), ..mention })?;
            }
            Some(1) if differs(store, bodies, wanted, row, text) => {
                let mention = scope.count(AbsenceKind::RemnantOnly, absences::INDEX_DIFFERS.id, marker);
                emit(sink, Mention { text: row.value(text), at_most: Some(1), ..mention })?;
            }
            // The index names the part, not its MMS: the part is gone, which MMS it was of is not said.
            Some(2) if store.table("part").is_some() && !is_there(store, "part", wanted) => {
                let mention = scope.count(AbsenceKind::RemnantOnly, absences::INDEX.id, marker);
                emit(sink, Mention { text: row.value(text), at_most: Some(1), ..mention })?;
            }
            Some(1 | 2) => {}
            _ => return Ok(Fate::PassedOver),
        }
        Ok(Fate::Folded)
    })
}

/// Whether the index holds another text than the row.
fn differs(store: &OpenStore, bodies: Option<(&Table, Col)>, rowid: i64, index: &Row<'_>, text: Col) -> bool {
    let Some((table, body)) = bodies else { return false };
    let Ok(Some(sms)) = store.get(table, rowid) else { return false };
    let (Some(indexed), Some(stands)) = (index.text(text), sms.text(body)) else { return false };
    !indexed.is_empty() && indexed != stands
}

columns! {
    /// `raw`.
    RawColumns {
        date = "date", reference = "reference_number", sequence = "sequence", count = "count", address = "address",
        deleted = "deleted", body = "message_body", pdu = "pdu",
    }
}

/// Parts of long SMS: those that wait for the others, and those that are left of complete ones.
fn fragments(store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(cols) = store.table("raw").map(RawColumns::of) else { return Ok(()) };
    let sms = store.table("sms").map(|t| (t, t.column("body"), Lookup::build(store, t, t.column("date_sent"))));
    store.each(sink, "raw", |row, sink| {
        let waits = row.int_lossy(cols.deleted).unwrap_or(0) == 0;
        let kept = sms.as_ref().is_some_and(|(table, body, by_date)| {
            let date = cells::positive(row, cols.date);
            let mut same = date.into_iter().flat_map(|date| by_date.rowids(date));
            same.any(|rowid| holds(store, table, *body, rowid, row, cols))
        });
        if !waits && kept {
            return Ok(Fate::Folded);
        }
        let name = if cols.pdu.is_present() { "pdu" } else { "message_body" };
        let marker = Marker::new(MarkerKind::Queued, name, row.value(cols.pdu), row.cell(cols.pdu));
        let (kind, rule) = if waits {
            (AbsenceKind::Undelivered, absences::FRAGMENT.id)
        } else {
            (AbsenceKind::RemnantOnly, absences::FRAGMENT_LEFT.id)
        };
        let mut mention = scope.mention(fragment_name(row, cols), kind, rule, marker);
        mention.markers.extend(cells::mark(row, cols.sequence, MarkerKind::Sequence, "sequence"));
        mention.markers.extend(cells::mark(row, cols.count, MarkerKind::Sequence, "count"));
        mention.markers.extend(cells::time(row, cols.date, Epoch::UnixMillis, MarkerKind::ServerTime, "date"));
        let strength = if waits { Strength::Strong } else { Strength::Weak };
        emit(sink, Mention { text: row.value(cols.body), strength, ..mention })?;
        Ok(Fate::Folded)
    })
}

/// Parts of one SMS share the sender's reference number.
fn fragment_name(row: &Row<'_>, cols: RawColumns) -> Vec<Name> {
    let parts = (row.text(cols.address), row.int_lossy(cols.reference));
    let (Some(address), Some(reference)) = parts else { return Vec::new() };
    vec![Name::Id(format!("parts of {address} with reference {reference}").into())]
}

fn holds(store: &OpenStore, table: &Table, body: Col, rowid: i64, raw: &Row<'_>, cols: RawColumns) -> bool {
    let Ok(Some(sms)) = store.get(table, rowid) else { return false };
    match (sms.text(body), raw.text(cols.body)) {
        (Some(body), Some(part)) => body.contains(&*part),
        // Before version 65 a part is kept in the network's form only: the time alone speaks.
        (_, None) => true,
        (None, _) => false,
    }
}

/// `sms_changes` of cars: type 1 is a deleted row.
fn changes(store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table("sms_changes") else { return Ok(()) };
    let (row_id, kind) = (table.column("orig_rowid"), table.column("type"));
    store.each(sink, "sms_changes", |row, sink| {
        let Some(wanted) = cells::positive(row, row_id).filter(|_| row.int_lossy(kind) == Some(1)) else {
            return Ok(Fate::PassedOver);
        };
        let Some(marker) = cells::mark(row, row_id, MarkerKind::Tombstone, "orig_rowid") else {
            return Ok(Fate::PassedOver);
        };
        let names = vec![row_name("sms", wanted)];
        emit(sink, scope.mention(names, AbsenceKind::Tombstoned, absences::CHANGE.id, marker))?;
        Ok(Fate::Folded)
    })
}
