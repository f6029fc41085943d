//! `CallHistory.sqlite`.

use forensics_core::app::Install;
use forensics_core::marker::MarkerKind;
use forensics_core::open_store::{Fate, OpenStore, Unlock};
use forensics_core::record::{CallFacts, Direction, Key, Message, MessageKind, Record};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::store::sqlite::{Col, Lookup, Row, Table};
use forensics_core::value::Value;

use crate::whatsapp::codes::ios as codes;
use crate::whatsapp::{cells, files, jid};

const EVENTS: &str = "ZWACDCALLEVENT";
const AGGREGATES: &str = "ZWAAGGREGATECALLEVENT";
const PARTICIPANTS: &str = "ZWACDCALLEVENTPARTICIPANT";

/// Emits every call.
pub(super) fn read(install: &Install<'_>, account: &Key, sink: &mut dyn Sink) -> Result<(), Stopped> {
    for entry in files(install, "calls") {
        let Some(store) = install.open(sink, "calls", entry, &Unlock::Plain)? else { continue };
        if let Some(table) = store.lacks(&[EVENTS]) {
            store.refuse(sink, &format!("table {table} is missing"))?;
            continue;
        }
        sink.describe(store.id(), StoreStatus::Read, Some("ios-call-history"))?;
        read_store(&store, account, sink)?;
        store.finish(sink)?;
    }
    Ok(())
}

fn read_store(store: &OpenStore, account: &Key, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(calls) = Calls::open(store, account) else { return Ok(()) };
    for table in [AGGREGATES, PARTICIPANTS] {
        // Read with the event that they belong to.
        store.each(sink, table, |_, _| Ok(Fate::Folded))?;
    }
    store.each(sink, EVENTS, |row, sink| {
        sink.emit(Record::Message(Box::new(calls.call(row))))?;
        Ok(Fate::Emitted)
    })
}

struct Calls<'a> {
    store: &'a OpenStore,
    account: &'a Key,
    aggregates: Option<Aggregates<'a>>,
    participants: Option<Participants<'a>>,
    aggregate: Col,
    outcome: Col,
    date: Col,
    duration: Col,
    group: Col,
    call_id: Col,
}

struct Aggregates<'a> {
    table: &'a Table,
    incoming: Col,
    missed: Col,
    video: Col,
}

struct Participants<'a> {
    table: &'a Table,
    by_event: Lookup,
    jid: Col,
}

impl<'a> Calls<'a> {
    fn open(store: &'a OpenStore, account: &'a Key) -> Option<Self> {
        let table = store.table(EVENTS)?;
        let aggregates = store.table(AGGREGATES).map(|table| Aggregates {
            table,
            incoming: table.column("ZINCOMING"),
            missed: table.column("ZMISSED"),
            video: table.column("ZVIDEO"),
        });
        let participants = store.table(PARTICIPANTS).map(|table| Participants {
            by_event: Lookup::build(store, table, table.column("Z1PARTICIPANTS")),
            jid: table.column("ZJIDSTRING"),
            table,
        });
        Some(Calls {
            store,
            account,
            aggregates,
            participants,
            aggregate: table.column("Z1CALLEVENTS"),
            outcome: table.column("ZOUTCOME"),
            date: table.column("ZDATE"),
            duration: table.column("ZDURATION"),
            group: table.column("ZGROUPJIDSTRING"),
            call_id: table.column("ZCALLIDSTRING"),
        })
    }

    fn call(&self, row: &Row<'_>) -> Message {
        let aggregate = self.aggregates.as_ref().and_then(|a| {
            let row = self.store.get(a.table, row.int_lossy(self.aggregate)?).ok().flatten()?;
            Some((
                row.int_lossy(a.incoming),
                row.int_lossy(a.missed),
                row.int_lossy(a.video),
                row.cell(a.incoming),
                row.value(a.incoming),
            ))
        });
        let peer = self.participant(row);
        let thread: Key = cells::text(row, self.group).or(peer.clone()).map_or_else(|| jid::UNKNOWN.into(), Key::from);
        let id: Key = cells::text(row, self.call_id).map_or_else(|| "".into(), Key::from);
        let mut m = Message::new(row.origin(), self.account.clone(), thread, id);
        m.kind = MessageKind::Call;
        m.direction = match aggregate.as_ref().and_then(|a| a.0) {
            Some(1) => Direction::In,
            Some(0) => Direction::Out,
            _ => Direction::Unknown,
        };
        m.sender = match m.direction {
            Direction::Out => Some(self.account.clone()),
            _ => peer.map(Key::from),
        };
        m.sent = cells::apple(row, self.date);
        let outcome = row.int_lossy(self.outcome);
        m.markers.extend(
            cells::mark(row, self.outcome, MarkerKind::State, "ZOUTCOME")
                .map(|mark| mark.meaning(outcome.and_then(codes::call_outcome))),
        );
        if let Some((Some(_), _, _, cell, raw)) = &aggregate {
            m.markers.push(forensics_core::marker::Marker::new(
                MarkerKind::State,
                "ZINCOMING",
                raw.clone(),
                cell.clone(),
            ));
        }
        let missed = aggregate.as_ref().is_some_and(|a| a.1 == Some(1));
        let word = if missed { Some("missed") } else { outcome.and_then(codes::call_outcome) };
        m.call = Some(CallFacts {
            started: m.sent,
            duration_ms: row.real(self.duration).and_then(cells::to_millis),
            outcome: word.map_or_else(|| row.value(self.outcome), Value::from),
            video: aggregate.and_then(|a| a.2).map(|v| v == 1),
        });
        m
    }

    /// iLEAPP joins participants with the aggregate; by its name the column may as well point to the event. In the one real
    /// store both numbers are the same.
    fn participant(&self, row: &Row<'_>) -> Option<Box<str>> {
        let participants = self.participants.as_ref()?;
        let of = |event: Option<i64>| participants.by_event.first(event?);
        let found = of(row.rowid()).or_else(|| of(row.int_lossy(self.aggregate)))?;
        let row = self.store.get(participants.table, found).ok().flatten()?;
        cells::text(&row, participants.jid)
    }
}
