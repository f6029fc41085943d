//! Rows of `call`: most belong to a message; one without is a call of its own, or a deleted one.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::record::{AbsenceKind, CallFacts, Direction, Message, MessageKind, Name, Record};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::Value;

use super::{Work, codes};
use crate::signal::rules::absences;
use crate::signal::tables::{Cells, Column};
use crate::signal::{cells, emit, notes};

/// Columns of `call`.
pub(super) struct Columns {
    id: Column,
    message: Column,
    peer: Column,
    kind: Column,
    direction: Column,
    event: Column,
    at: Column,
    deleted: Column,
}

impl Columns {
    pub(super) fn of(work: &Work<'_>) -> Columns {
        let c = |name: &'static str| work.store.column("call", &[name]);
        Columns {
            id: c("call_id"),
            message: c("message_id"),
            peer: c("peer"),
            kind: c("type"),
            direction: c("direction"),
            event: c("event"),
            at: c("timestamp"),
            deleted: c("deletion_timestamp"),
        }
    }

    /// The marks of a call.
    fn marks(&self, row: &dyn Cells) -> Vec<Marker> {
        let event = row.int(self.event).and_then(codes::call_event).map_or(Value::Null, Value::from);
        let mut marks = vec![
            Marker::new(MarkerKind::Reference, "call.call_id", row.value(self.id), row.cell(self.id)),
            Marker::new(MarkerKind::State, "call.event", row.value(self.event), row.cell(self.event)).meaning(event),
        ];
        marks.extend(cells::time_mark(row, self.deleted, MarkerKind::Tombstone));
        marks
    }

    fn facts(&self, row: &dyn Cells) -> CallFacts {
        let word = row.int(self.event).and_then(codes::call_event);
        CallFacts {
            started: cells::millis(row, self.at),
            duration_ms: None,
            outcome: word.map_or_else(|| row.value(self.event), Value::from),
            video: match row.int(self.kind) {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
        }
    }
}

/// Adds to a message what its call says.
pub(super) fn attach(columns: &Columns, row: &dyn Cells, m: &mut Message) {
    m.markers.extend(columns.marks(row));
    m.call = Some(columns.facts(row));
}

/// Accounts for the calls, and emits those that no message notes.
pub(super) fn read(work: &Work<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let columns = Columns::of(work);
    work.store.each(sink, "call", &mut |row, sink| {
        let table = work.media_table();
        let noted = row.positive(columns.message);
        if let Some(id) = noted {
            if !work.store.holds(table, id) {
                let names = vec![Name::Row { table: table.into(), rowid: id }];
                let rule = absences::ANDROID_CALL.id;
                let reference = cells::mark(row, columns.message, MarkerKind::Reference);
                let markers = reference.into_iter().chain(columns.marks(row)).collect();
                emit(work.scope.mention(None, names, AbsenceKind::Dangling, rule, markers), sink)?;
            }
            return Ok(Fate::Folded);
        }
        let peer = work.people.key(&row.value(columns.peer)).unwrap_or_else(|| "unknown".into());
        let key = format!("call:{}", row.int(columns.id).unwrap_or(0));
        if row.int(columns.event) == Some(codes::CALL_DELETED) {
            let names = vec![Name::Id(key.into())];
            let rule = absences::ANDROID_DELETED_CALL.id;
            let mention = work.scope.mention(Some(&peer), names, AbsenceKind::Tombstoned, rule, columns.marks(row));
            emit(mention, sink)?;
            return Ok(Fate::Folded);
        }
        let mut m = Message::new(row.origin(), work.scope.account.clone(), peer.clone(), key.into());
        m.space = work.scope.space;
        m.kind = MessageKind::Call;
        m.sent = cells::millis(row, columns.at);
        (m.direction, m.sender) = match row.int(columns.direction) {
            Some(0) => (Direction::In, Some(peer)),
            Some(1) => (Direction::Out, Some(work.scope.account.clone())),
            _ => (Direction::Unknown, None),
        };
        if work.is_backup {
            m.notes.push(notes::BACKUP_COPY);
        }
        attach(&columns, row, &mut m);
        sink.emit(Record::Message(Box::new(m)))?;
        Ok(Fate::Emitted)
    })
}
