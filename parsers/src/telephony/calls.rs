//! `calls` of the call log, and the names in the address book beside it.

use forensics_core::app::Install;
use forensics_core::marker::MarkerKind;
use forensics_core::open_store::{Fate, OpenStore, Unlock};
use forensics_core::record::{CallFacts, Contact, Direction, Key, Message, MessageKind, Record, Thread, ThreadKind};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::stamp::Epoch;
use forensics_core::store::sqlite::{Col, Row, Table};
use forensics_core::value::Value;

use std::collections::BTreeSet;

use super::cells::{self, columns};
use super::rules::absences;
use super::scope::{Numbering, Scope};
use super::{Spaces, codes, files};

columns! {
    /// `calls`.
    Columns {
        number = "number", date = "date", duration = "duration", kind = "type", features = "features", name = "name",
    }
}

/// Bit of `calls.features`: the call had video (android.provider.CallLog.Calls.FEATURES_VIDEO).
const VIDEO: i64 = 1;

/// Emits every call of every call log.
pub(super) fn read(install: &Install<'_>, spaces: &mut Spaces, sink: &mut dyn Sink) -> Result<(), Stopped> {
    for entry in files(install, "calls") {
        let Some(store) = install.open(sink, "calls", entry, &Unlock::Plain)? else { continue };
        // In newer versions contacts2.db has no calls, and calllog.db nothing else.
        let generation = match (store.table("calls").is_some(), store.table("raw_contacts").is_some()) {
            (true, _) => "call log",
            (false, true) => "contacts",
            (false, false) => {
                store.refuse(sink, "tables calls and raw_contacts are missing")?;
                continue;
            }
        };
        sink.describe(store.id(), StoreStatus::Read, Some(generation))?;
        let scope = spaces.next();
        calls(&store, &scope, sink)?;
        contacts(&store, &scope, sink)?;
        store.finish(sink)?;
    }
    Ok(())
}

fn calls(store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(cols) = store.table("calls").map(Columns::of) else { return Ok(()) };
    let mut threads = BTreeSet::new();
    let rules = (absences::CALL_ROWS.id, Some(absences::CALL_COUNTER.id));
    // The provider keeps the newest 500 calls (AOSP: CallLogProvider).
    let mut numbering = Numbering::of(store, "calls", rules.0, rules.1).oldest_dropped();
    store.each(sink, "calls", |row, sink| {
        numbering.pass(row, scope, sink)?;
        let Some(rowid) = row.rowid() else { return Ok(Fate::Quarantined("no row number".to_owned())) };
        let number = cells::text(row, cols.number);
        let thread: Key =
            number.as_deref().map_or_else(|| "call from unknown number".into(), |n| format!("call {n}").into());
        if threads.insert(thread.clone()) {
            let participants: Vec<Box<str>> = number.iter().cloned().collect();
            let name = cells::text(row, cols.name).or_else(|| number.clone());
            let (origin, account) = (row.origin(), scope.account.clone());
            let (id, kind, extra) = (thread.clone(), ThreadKind::Direct, Vec::new());
            sink.emit(Record::Thread(Thread { origin, account, id, name, kind, participants, extra }))?;
        }
        sink.emit(Record::Message(Box::new(call(row, rowid, thread, number, cols, scope))))?;
        Ok(Fate::Emitted)
    })?;
    numbering.end(store, scope, sink)
}

fn call(row: &Row<'_>, rowid: i64, thread: Key, number: Option<Box<str>>, cols: Columns, scope: &Scope) -> Message {
    let id: Key = format!("content://call_log/calls/{rowid}").into();
    let mut m = Message::new(row.origin(), scope.account.clone(), thread, id);
    m.space = scope.space;
    m.kind = MessageKind::Call;
    m.native_type = row.int_lossy(cols.kind);
    m.direction = match m.native_type {
        Some(2) => Direction::Out,
        Some(1 | 3..=7) => Direction::In,
        _ => Direction::Unknown,
    };
    m.sender = match m.direction {
        Direction::Out => Some(scope.account.clone()),
        Direction::In => number.map(Key::from),
        Direction::System | Direction::Unknown => None,
    };
    let started = cells::stamp(row, cols.date, Epoch::UnixMillis);
    m.sent = started;
    let seconds = row.int_lossy(cols.duration).filter(|s| *s >= 0);
    let outcome = match (m.native_type, seconds) {
        (Some(1 | 2), Some(1..)) => Value::from("answered"),
        (Some(2), Some(0)) => Value::from("not answered"),
        (Some(code), _) => codes::call_type(code).map_or(Value::Int(code), Value::from),
        (None, _) => row.value(cols.kind),
    };
    let video = row.int_lossy(cols.features).map(|f| f & VIDEO != 0);
    let duration_ms = seconds.and_then(|s| s.checked_mul(1000));
    m.call = Some(CallFacts { started, duration_ms, outcome, video });
    m.markers.extend(cells::state(row, cols.kind, "type", codes::call_type));
    m.markers.extend(cells::mark(row, cols.duration, MarkerKind::State, "duration"));
    m
}

/// `raw_contacts` with the numbers in `data`: a name for a number.
fn contacts(store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    const PHONE: &str = "vnd.android.cursor.item/phone_v2";
    let (Some(data), Some(people), Some(types)) =
        (store.table("data"), store.table("raw_contacts"), store.table("mimetypes"))
    else {
        return Ok(());
    };
    let mime = types.column("mimetype");
    let phone = store.scan(types).filter_map(Result::ok).find(|row| row.text(mime).as_deref() == Some(PHONE));
    let Some(phone) = phone.and_then(|row| row.rowid()) else { return Ok(()) };
    let (kind, person, number) = (data.column("mimetype_id"), data.column("raw_contact_id"), data.column("data1"));
    let names = Names { store, people, name: people.column("display_name"), deleted: people.column("deleted") };
    store.each(sink, "data", |row, sink| {
        if row.int_lossy(kind) != Some(phone) {
            return Ok(Fate::PassedOver);
        }
        let Some(number) = cells::text(row, number) else { return Ok(Fate::PassedOver) };
        let (name, deleted) = row.int_lossy(person).map_or((None, Value::Null), |id| names.of(id));
        let (origin, account) = (row.origin(), scope.account.clone());
        let contact = Contact { origin, account, id: Key::from(number), name, extra: vec![("deleted", deleted)] };
        sink.emit(Record::Contact(contact))?;
        Ok(Fate::Emitted)
    })?;
    // Read with the number that they belong to.
    store.each(sink, "raw_contacts", |_, _| Ok(Fate::Folded))
}

struct Names<'a> {
    store: &'a OpenStore,
    people: &'a Table,
    name: Col,
    deleted: Col,
}

impl Names<'_> {
    fn of(&self, id: i64) -> (Option<Box<str>>, Value) {
        match self.store.get(self.people, id) {
            Ok(Some(row)) => (cells::text(&row, self.name), row.value(self.deleted)),
            _ => (None, Value::Null),
        }
    }
}
