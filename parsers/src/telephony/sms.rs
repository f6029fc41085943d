//! `sms`, one row at a time.

use forensics_core::marker::MarkerKind;
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{Direction, Key, Message, MessageKind, Record};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::store::sqlite::Row;

use super::cells::{self, columns};
use super::rules::absences;
use super::scope::{Numbering, Scope};
use super::threads::{Threads, thread_key};
use super::{codes, notes};

columns! {
    /// `sms`.
    Columns {
        thread = "thread_id", address = "address", date = "date", date_sent = "date_sent",
        status = "status", kind = "type", body = "body", centre = "service_center", error = "error_code",
        creator = "creator", object_id = "object_id", correlation = "correlation_tag",
    }
}

/// The table of SMS.
pub(crate) struct Sms<'a> {
    store: &'a OpenStore,
    cols: Columns,
}

impl<'a> Sms<'a> {
    pub(crate) fn open(store: &'a OpenStore) -> Option<Self> {
        store.table("sms").map(|table| Sms { store, cols: Columns::of(table) })
    }

    /// Emits every SMS.
    pub(super) fn read(
        &self,
        scope: &Scope,
        threads: &mut Threads,
        copy: Option<&'static str>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        let rules = (absences::SMS_ROWS.id, Some(absences::SMS_COUNTER.id));
        let mut numbering = Numbering::of(self.store, "sms", rules.0, rules.1);
        self.store.each(sink, "sms", |row, sink| {
            numbering.pass(row, scope, sink)?;
            let Some(mut message) = self.message(row, scope) else {
                return Ok(Fate::Quarantined("no row number".to_owned()));
            };
            let drafted = message.native_type == Some(3);
            let thread = row.int_lossy(self.cols.thread);
            threads.meet(thread, message.text.as_text(), (!drafted).then(|| local_time(&message)).flatten());
            message.notes.extend(copy);
            if !threads.knows(thread) {
                message.notes.push(notes::NO_THREAD);
            }
            sink.emit(Record::Message(Box::new(message)))?;
            Ok(Fate::Emitted)
        })?;
        numbering.end(self.store, scope, sink)
    }

    /// What a row says.
    pub(crate) fn message(&self, row: &Row<'_>, scope: &Scope) -> Option<Message> {
        let cols = &self.cols;
        let rowid = row.rowid()?;
        let kind = row.int_lossy(cols.kind);
        let thread = thread_key(row.int_lossy(cols.thread));
        let id: Key = format!("content://sms/{rowid}").into();
        let mut m = Message::new(row.origin(), scope.account.clone(), thread, id);
        m.space = scope.space;
        m.native_type = kind;
        m.kind = MessageKind::Text;
        m.direction = direction(kind);
        m.text = row.value(cols.body);
        let date = cells::stamp(row, cols.date, Epoch::UnixMillis);
        if m.direction == Direction::In {
            m.sender = cells::text(row, cols.address).map(Key::from);
            m.received = date;
            m.sent = cells::stamp(row, cols.date_sent, Epoch::UnixMillis);
        } else {
            m.sender = (m.direction == Direction::Out).then(|| scope.account.clone());
            m.sent = date;
        }
        self.add_marks(row, &mut m);
        Some(m)
    }

    fn add_marks(&self, row: &Row<'_>, m: &mut Message) {
        let cols = &self.cols;
        m.markers.extend(cells::state(row, cols.kind, "type", codes::sms_type));
        let incoming = m.direction == Direction::In;
        let status = cells::state(row, cols.status, "status", codes::sms_status);
        // -1 stands on every received SMS and says nothing there.
        m.markers.extend(status.filter(|s| !incoming || cells::number(&s.raw) != Some(-1)));
        m.markers.extend(cells::filled(row, cols.centre, MarkerKind::ServerId, "service_center"));
        // On sent rows some builds put the phone's own time of the report here.
        let kind = if incoming { MarkerKind::ServerTime } else { MarkerKind::State };
        m.markers.extend(cells::time(row, cols.date_sent, Epoch::UnixMillis, kind, "date_sent"));
        m.markers.extend(cells::set(row, cols.error, MarkerKind::Failure, "error_code", &[0, -1]));
        m.markers.extend(cells::filled(row, cols.creator, MarkerKind::Reference, "creator"));
        m.markers.extend(cells::filled(row, cols.object_id, MarkerKind::CloudRecord, "object_id"));
        m.markers.extend(cells::filled(row, cols.correlation, MarkerKind::Reference, "correlation_tag"));
        if !cols.date_sent.is_present() {
            m.notes.push(notes::NO_CLOCK);
        }
    }
}

/// The direction that `sms.type` and `pdu.msg_box` tell: drafts, queued and failed messages are this phone's own.
pub(super) fn direction(code: Option<i64>) -> Direction {
    match code {
        Some(1) => Direction::In,
        Some(2..=6) => Direction::Out,
        _ => Direction::Unknown,
    }
}

/// The time at which the row was written.
pub(super) fn local_time(m: &Message) -> Option<i64> {
    m.received.or(m.sent).as_ref().and_then(Stamp::unix_millis)
}
