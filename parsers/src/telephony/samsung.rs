//! Samsung's additions: `messages`, a list of all messages filled by triggers, and the RCS tables `im` and `ft`.

use forensics_core::marker::MarkerKind;
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{AbsenceKind, Attachment, Direction, Key, Mention, Message, MessageKind, Record};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::stamp::Epoch;
use forensics_core::store::sqlite::Row;
use forensics_core::value::Value;

use super::cells::{self, columns};
use super::mms::attachment_kind;
use super::notes;
use super::rules::absences;
use super::scope::{Scope, emit, is_there, row_name};
use super::sms::direction;
use super::threads::{Threads, thread_key};

columns! {
    /// `im` and `ft`.
    Columns {
        thread = "thread_id", address = "address", date = "date", date_sent = "date_sent", kind = "type", body = "body",
        status = "status", imdn = "imdn_message_id", delivered = "delivered_timestamp", displayed = "displayed_counter",
        delivered_count = "delivered_count", object_id = "object_id", creator = "creator", file_name = "file_name",
        file_path = "file_path", file_size = "file_size", mime = "content_type",
    }
}

/// Emits the messages of both RCS tables.
pub(super) fn read(
    store: &OpenStore,
    scope: &Scope,
    threads: &mut Threads,
    copy: Option<&'static str>,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    for table in ["im", "ft"] {
        let Some(cols) = store.table(table).map(Columns::of) else { continue };
        store.each(sink, table, |row, sink| {
            let Some(rowid) = row.rowid() else { return Ok(Fate::Quarantined("no row number".to_owned())) };
            let mut m = message(row, rowid, table, cols, scope);
            threads.meet_other(row.int_lossy(cols.thread));
            m.notes.extend(copy);
            sink.emit(Record::Message(Box::new(m)))?;
            Ok(Fate::Emitted)
        })?;
    }
    shadow(store, scope, sink)
}

fn message(row: &Row<'_>, rowid: i64, table: &str, cols: Columns, scope: &Scope) -> Message {
    let id: Key = format!("{table}/{rowid}").into();
    let mut m = Message::new(row.origin(), scope.account.clone(), thread_key(row.int_lossy(cols.thread)), id);
    m.space = scope.space;
    m.native_type = row.int_lossy(cols.kind);
    m.direction = direction(m.native_type);
    if m.direction != Direction::Unknown {
        m.notes.push(notes::DIRECTION_INFERRED);
    }
    let date = cells::stamp(row, cols.date, Epoch::UnixMillis);
    if m.direction == Direction::In {
        m.sender = cells::text(row, cols.address).map(Key::from);
        m.received = date;
        m.sent = cells::stamp(row, cols.date_sent, Epoch::UnixMillis);
    } else {
        m.sender = (m.direction == Direction::Out).then(|| scope.account.clone());
        m.sent = date;
    }
    m.text = row.value(cols.body);
    m.kind = MessageKind::Text;
    let path = cells::text(row, cols.file_path);
    if path.is_some() || cols.file_path.is_present() {
        let mime = cells::text(row, cols.mime);
        m.kind = attachment_kind(mime.as_deref());
        let (name, size) = (cells::text(row, cols.file_name), cells::positive(row, cols.file_size));
        m.attachments.push(Attachment { name, mime, size, path, sha256: None, origin: row.origin() });
    }
    m.markers.extend(cells::mark(row, cols.kind, MarkerKind::State, "type"));
    m.markers.extend(cells::mark(row, cols.status, MarkerKind::State, "status"));
    m.markers.extend(cells::filled(row, cols.imdn, MarkerKind::Reference, "imdn_message_id"));
    let delivered = cells::time(row, cols.delivered, Epoch::UnixMillis, MarkerKind::Receipt, "delivered_timestamp");
    m.markers.extend(delivered);
    m.markers.extend(cells::set(row, cols.delivered_count, MarkerKind::Receipt, "delivered_count", &[0]));
    m.markers.extend(cells::set(row, cols.displayed, MarkerKind::Receipt, "displayed_counter", &[0]));
    m.markers.extend(cells::filled(row, cols.object_id, MarkerKind::CloudRecord, "object_id"));
    m.markers.extend(cells::filled(row, cols.creator, MarkerKind::Reference, "creator"));
    m
}

/// `messages`: each row names a row of `sms`, `pdu`, `im` or `ft`.
fn shadow(store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table("messages").filter(|t| t.has("transport_type") && t.has("remote_id")) else {
        return Ok(());
    };
    let (transport, remote) = (table.column("transport_type"), table.column("remote_id"));
    let (thread, content) = (table.column("thread_id"), table.column("content"));
    store.each(sink, "messages", |row, sink| {
        let table = match row.text(transport).as_deref() {
            Some("sms") => "sms",
            Some("mms") => "pdu",
            Some("im") => "im",
            Some("ft") => "ft",
            _ => return Ok(Fate::PassedOver),
        };
        let Some(wanted) = cells::positive(row, remote) else { return Ok(Fate::PassedOver) };
        let Some(marker) = cells::mark(row, remote, MarkerKind::Remnant, "remote_id") else {
            return Ok(Fate::PassedOver);
        };
        if store.table(table).is_some() && !is_there(store, table, wanted) {
            let names = vec![row_name(table, wanted)];
            let mention = scope.mention(names, AbsenceKind::RemnantOnly, absences::SHADOW.id, marker);
            let thread = row.int_lossy(thread).map(|id| thread_key(Some(id)));
            let text = if row.is_null(content) { Value::Null } else { row.value(content) };
            emit(sink, Mention { thread, text, ..mention })?;
        }
        Ok(Fate::Folded)
    })
}
