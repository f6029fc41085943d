//! `call_log`.

use forensics_core::marker::MarkerKind;
use forensics_core::open_store::Fate;
use forensics_core::record::{CallFacts, Direction, Key, Message, MessageKind, Record};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Col, Row, Table};
use forensics_core::value::Value;

use super::msgstore::Msgstore;
use crate::whatsapp::codes::android as codes;
use crate::whatsapp::{cells, jid};

const TABLE: &str = "call_log";

/// Emits every call.
pub(super) fn read(m: &Msgstore<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = m.store.table(TABLE) else { return Ok(()) };
    let cols = Columns::of(table);
    m.store.each(sink, TABLE, |row, sink| {
        sink.emit(Record::Message(Box::new(cols.call(m, row))))?;
        Ok(Fate::Emitted)
    })
}

struct Columns {
    peer: Col,
    group: Col,
    mine: Col,
    id: Col,
    transaction: Col,
    timestamp: Col,
    video: Col,
    duration: Col,
    result: Col,
}

impl Columns {
    fn of(table: &Table) -> Self {
        let column = |name| table.column(name);
        Columns {
            peer: column("jid_row_id"),
            group: column("group_jid_row_id"),
            mine: column("from_me"),
            id: column("call_id"),
            transaction: column("transaction_id"),
            timestamp: column("timestamp"),
            video: column("video_call"),
            duration: column("duration"),
            result: column("call_result"),
        }
    }

    /// One call may stand in several rows, told apart by their transaction (unique index of the table).
    fn key(&self, row: &Row<'_>) -> Key {
        let id = row.text(self.id).unwrap_or_default();
        match row.int_lossy(self.transaction) {
            None | Some(-1) => id.as_ref().into(),
            Some(transaction) => format!("{id}/{transaction}").into(),
        }
    }

    fn call(&self, m: &Msgstore<'_>, row: &Row<'_>) -> Message {
        let peer = m.people.jid(row.int_lossy(self.peer));
        let thread = m.people.jid(row.int_lossy(self.group)).or_else(|| peer.clone());
        let id: Key = self.key(row);
        let account = m.scope.account.clone();
        let mut call = Message::new(row.origin(), account.clone(), thread.unwrap_or_else(|| jid::UNKNOWN.into()), id);
        call.space = m.scope.space;
        call.kind = MessageKind::Call;
        (call.direction, call.sender) = match row.int_lossy(self.mine) {
            Some(1) => (Direction::Out, Some(account)),
            Some(0) => (Direction::In, peer),
            _ => (Direction::Unknown, None),
        };
        call.sent = cells::millis(row, self.timestamp);
        let outcome = row.int_lossy(self.result).and_then(codes::call_result);
        let mark = cells::mark(row, self.result, MarkerKind::State, "call_result");
        call.markers.extend(mark.map(|mark| mark.meaning(outcome)));
        call.call = Some(CallFacts {
            started: call.sent,
            duration_ms: row.int_lossy(self.duration).and_then(|s| s.checked_mul(1000)),
            outcome: outcome.map_or_else(|| row.value(self.result), Value::from),
            video: row.int_lossy(self.video).map(|v| v == 1),
        });
        call.notes.extend(m.note);
        call
    }
}
