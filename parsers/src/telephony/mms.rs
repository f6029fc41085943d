//! `pdu` with its parts, addresses, reports and pending tries.

use forensics_core::marker::MarkerKind;
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{
    AbsenceKind, Attachment, Direction, Key, Message, MessageKind, Name, Receipt, ReceiptKind, Record,
};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::stamp::Epoch;
use forensics_core::store::sqlite::{Col, Lookup, Row, Table, TextLookup};
use forensics_core::value::Value;

use super::cells::{self, columns};
use super::codes;
use super::notes;
use super::rules::absences;
use super::scope::{Numbering, Scope, emit};
use super::sms::{direction, local_time};
use super::threads::{Threads, thread_key};

columns! {
    /// `pdu`.
    Columns {
        thread = "thread_id", date = "date", date_sent = "date_sent", msg_box = "msg_box", id = "m_id", subject = "sub",
        charset = "sub_cs", location = "ct_l", expiry = "exp", kind = "m_type", answer = "resp_st", report = "st",
        transaction = "tr_id", retrieval = "retr_st", read_status = "read_status", creator = "creator",
        object_id = "object_id",
    }
}

columns! {
    /// `part`.
    PartColumns {
        mime = "ct", name = "name", file_name = "fn", location = "cl", path = "_data", text = "text",
    }
}

/// UTF-8 in the numbers of the character set registry (MIBenum), which `sub_cs` holds.
const UTF_8: i64 = 106;

/// The table of MMS with the tables beside it.
pub(crate) struct Mms<'a> {
    store: &'a OpenStore,
    table: &'a Table,
    cols: Columns,
    parts: Option<(&'a Table, PartColumns, Lookup)>,
    addresses: Option<(&'a Table, Col, Col, Lookup)>,
    pending: Option<(&'a Table, Col, Col, Lookup)>,
    by_id: TextLookup<'a>,
}

impl<'a> Mms<'a> {
    pub(crate) fn open(store: &'a OpenStore) -> Option<Self> {
        let table = store.table("pdu")?;
        let cols = Columns::of(table);
        let index = |table, column: &str| Lookup::build(store, table, Table::column(table, column));
        let parts = store.table("part").map(|t| (t, PartColumns::of(t), index(t, "mid")));
        let addresses = store.table("addr").map(|t| (t, t.column("address"), t.column("type"), index(t, "msg_id")));
        let pending =
            store.table("pending_msgs").map(|t| (t, t.column("proto_type"), t.column("err_type"), index(t, "msg_id")));
        let by_id = TextLookup::build(store, table, cols.id);
        Some(Mms { store, table, cols, parts, addresses, pending, by_id })
    }

    /// Emits every MMS; reports become receipts, or mentions of the MMS that they name.
    pub(super) fn read(
        &self,
        scope: &Scope,
        threads: &mut Threads,
        copy: Option<&'static str>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        let rules = (absences::MMS_ROWS.id, Some(absences::MMS_COUNTER.id));
        let mut numbering = Numbering::of(self.store, "pdu", rules.0, rules.1);
        self.store.each(sink, "pdu", |row, sink| {
            numbering.pass(row, scope, sink)?;
            let kind = row.int_lossy(self.cols.kind);
            if matches!(kind, Some(codes::DELIVERY_IND | codes::READ_ORIG_IND)) {
                return self.report(row, scope, sink);
            }
            if kind == Some(codes::READ_REC_IND) {
                return Ok(Fate::Folded); // a report that this phone sends: no message of its own
            }
            let Some(mut message) = self.message(row, scope) else {
                return Ok(Fate::Quarantined("no row number".to_owned()));
            };
            let thread = row.int_lossy(self.cols.thread);
            let counts = matches!(kind, Some(codes::SEND_REQ | codes::NOTIFICATION | codes::RETRIEVE_CONF))
                && row.int_lossy(self.cols.msg_box) != Some(3);
            threads.meet(
                thread,
                row.text(self.cols.subject).as_deref(),
                counts.then(|| local_time(&message)).flatten(),
            );
            threads.meet_other(thread);
            message.notes.extend(copy);
            if !threads.knows(thread) {
                message.notes.push(notes::NO_THREAD);
            }
            sink.emit(Record::Message(Box::new(message)))?;
            Ok(Fate::Emitted)
        })?;
        numbering.end(self.store, scope, sink)
    }

    /// A report of the server or a recipient names a sent MMS by the server's id.
    fn report(&self, row: &Row<'_>, scope: &Scope, sink: &mut dyn Sink) -> Result<Fate, Stopped> {
        let Some(id) = cells::text(row, self.cols.id) else { return Ok(Fate::PassedOver) };
        let Some(marker) = cells::mark(row, self.cols.id, MarkerKind::Receipt, "m_id") else {
            return Ok(Fate::PassedOver);
        };
        let rule = absences::MMS_REPORT.id;
        let mut mention = scope.mention(vec![Name::Server(id)], AbsenceKind::Dangling, rule, marker);
        mention.markers.extend(cells::state(row, self.cols.report, "st", codes::report));
        mention.markers.extend(cells::state(row, self.cols.read_status, "read_status", codes::read_status));
        emit(sink, mention)?;
        Ok(Fate::Folded)
    }

    /// What a row says, with its parts.
    pub(crate) fn message(&self, row: &Row<'_>, scope: &Scope) -> Option<Message> {
        let cols = &self.cols;
        let rowid = row.rowid()?;
        let kind = row.int_lossy(cols.kind);
        let thread = thread_key(row.int_lossy(cols.thread));
        let id: Key = format!("content://mms/{rowid}").into();
        let mut m = Message::new(row.origin(), scope.account.clone(), thread, id);
        m.space = scope.space;
        m.native_type = kind;
        m.direction = match kind {
            Some(codes::SEND_REQ) => Direction::Out,
            Some(codes::NOTIFICATION | codes::RETRIEVE_CONF) => Direction::In,
            _ => direction(row.int_lossy(cols.msg_box)),
        };
        m.server_id = cells::text(row, cols.id);
        let date = cells::stamp(row, cols.date, Epoch::UnixSeconds);
        if m.direction == Direction::In {
            m.received = date;
            m.sent = cells::stamp(row, cols.date_sent, Epoch::UnixSeconds);
            m.sender = self.sender(rowid, scope);
        } else {
            m.sent = date;
            m.sender = (m.direction == Direction::Out).then(|| scope.account.clone());
        }
        self.add_marks(row, &mut m);
        self.add_pending(rowid, &mut m);
        if kind == Some(codes::SEND_REQ) {
            self.add_reports(rowid, &mut m);
        }
        self.add_parts(rowid, &mut m);
        let subject = row.text(cols.subject).map(|raw| subject(&raw, row.int_lossy(cols.charset)));
        if let Some(subject) = subject.filter(|s| !s.is_empty()) {
            m.text = match m.text.as_text() {
                Some(body) => format!("{subject}\n{body}").into(),
                None => subject.into(),
            };
        }
        Some(m)
    }

    fn add_marks(&self, row: &Row<'_>, m: &mut Message) {
        let cols = &self.cols;
        let incoming = m.direction == Direction::In;
        m.markers.extend(cells::state(row, cols.kind, "m_type", codes::m_type));
        m.markers.extend(cells::state(row, cols.msg_box, "msg_box", codes::msg_box));
        m.markers.extend(cells::filled(row, cols.id, MarkerKind::ServerId, "m_id"));
        m.markers.extend(cells::state(row, cols.answer, "resp_st", codes::answer));
        m.markers.extend(cells::state(row, cols.retrieval, "retr_st", codes::answer));
        // The MMSC names the transaction of what it announces, the phone that of what it sends.
        let kind = if incoming { MarkerKind::ServerId } else { MarkerKind::Reference };
        m.markers.extend(cells::filled(row, cols.transaction, kind, "tr_id"));
        m.markers.extend(cells::filled(row, cols.location, MarkerKind::ServerId, "ct_l"));
        m.markers.extend(cells::time(row, cols.expiry, Epoch::UnixSeconds, MarkerKind::ServerTime, "exp"));
        m.markers.extend(cells::filled(row, cols.creator, MarkerKind::Reference, "creator"));
        m.markers.extend(cells::filled(row, cols.object_id, MarkerKind::CloudRecord, "object_id"));
    }

    fn add_pending(&self, rowid: i64, m: &mut Message) {
        let Some((table, protocol, error, by_message)) = &self.pending else { return };
        for pending in by_message.rowids(rowid) {
            let Ok(Some(row)) = self.store.get(table, pending) else { continue };
            if row.int_lossy(*protocol) == Some(1) {
                let given_up = row.int_lossy(*error).is_some_and(|e| e >= codes::PERMANENT);
                let kind = if given_up { MarkerKind::Failure } else { MarkerKind::Queued };
                m.markers.extend(cells::mark(&row, *error, kind, "err_type"));
            }
        }
    }

    /// Reports that name this MMS.
    fn add_reports(&self, rowid: i64, m: &mut Message) {
        let Some(id) = m.server_id.clone() else { return };
        for report in self.by_id.rows(&id).filter(|r| r.rowid() != Some(rowid)) {
            let (name, col, kind, words): (_, _, _, fn(i64) -> Option<&'static str>) =
                match report.int_lossy(self.cols.kind) {
                    Some(codes::DELIVERY_IND) => ("st", self.cols.report, ReceiptKind::Delivered, codes::report),
                    Some(codes::READ_ORIG_IND) => {
                        ("read_status", self.cols.read_status, ReceiptKind::Read, codes::read_status)
                    }
                    _ => continue,
                };
            let code = report.int_lossy(col);
            let Some(marker) = cells::mark(&report, col, MarkerKind::Receipt, name) else { continue };
            let origin = marker.origin.clone();
            m.markers.push(marker.meaning(code.and_then(words)));
            let positive = match kind {
                ReceiptKind::Delivered => code == Some(codes::RETRIEVED),
                _ => code == Some(codes::OK),
            };
            if positive {
                let at = cells::stamp(&report, self.cols.date, Epoch::UnixSeconds);
                let recipient = report.rowid().and_then(|rowid| self.address(rowid, |_| true));
                m.receipts.push(Receipt { recipient, kind, at, origin });
            }
        }
    }

    fn sender(&self, rowid: i64, scope: &Scope) -> Option<Key> {
        let address = self.address(rowid, |kind| kind == Some(codes::FROM))?;
        match &*address {
            codes::OWN_ADDRESS => Some(scope.account.clone()),
            codes::UNKNOWN_SENDER => None,
            _ => Some(Key::from(address)),
        }
    }

    fn address(&self, rowid: i64, wanted: impl Fn(Option<i64>) -> bool) -> Option<Box<str>> {
        let (table, address, kind, by_message) = self.addresses.as_ref()?;
        by_message.rowids(rowid).find_map(|addr| {
            let row = self.store.get(table, addr).ok().flatten()?;
            if wanted(row.int_lossy(*kind)) { cells::text(&row, *address) } else { None }
        })
    }

    fn add_parts(&self, rowid: i64, m: &mut Message) {
        m.kind = MessageKind::Text;
        let Some((table, cols, by_message)) = &self.parts else { return };
        for part in by_message.rowids(rowid) {
            let Ok(Some(row)) = self.store.get(table, part) else { continue };
            let mime = cells::text(&row, cols.mime);
            match mime.as_deref() {
                Some("application/smil") => continue,
                Some("text/plain") if !row.is_null(cols.text) => {
                    m.text = joined(std::mem::take(&mut m.text), row.value(cols.text));
                    continue;
                }
                _ => {}
            }
            if m.attachments.is_empty() {
                m.kind = attachment_kind(mime.as_deref());
            }
            let name = [cols.name, cols.file_name, cols.location].into_iter().find_map(|col| cells::text(&row, col));
            let path = cells::text(&row, cols.path);
            m.attachments.push(Attachment { name, mime, size: None, path, sha256: None, origin: row.origin() });
        }
    }

    /// The row of an MMS.
    pub(crate) fn get(&self, rowid: i64) -> Option<Row<'a>> {
        self.store.get(self.table, rowid).ok().flatten()
    }
}

/// One text of two; a text that is no valid UTF-8 stays as it is.
fn joined(first: Value, second: Value) -> Value {
    match (first, second) {
        (Value::Null, second) => second,
        (Value::Text(a), Value::Text(b)) => format!("{a}\n{b}").into(),
        (first, _) => first,
    }
}

/// What a file is by its MIME type.
pub(crate) fn attachment_kind(mime: Option<&str>) -> MessageKind {
    let mime = mime.unwrap_or_default();
    match mime.split('/').next() {
        Some("image") => MessageKind::Image,
        Some("video") => MessageKind::Video,
        Some("audio") => MessageKind::Voice,
        _ if mime.eq_ignore_ascii_case("text/x-vcard") || mime.eq_ignore_ascii_case("text/vcard") => {
            MessageKind::Contact
        }
        _ => MessageKind::File,
    }
}

/// Subjects are kept as bytes written as Latin-1 letters (AOSP: PduPersister.toIsoString), UTF-8 nearly always.
fn subject(raw: &str, charset: Option<i64>) -> String {
    if charset != Some(UTF_8) {
        return raw.to_owned();
    }
    let bytes: Option<Vec<u8>> = raw.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes.and_then(|b| String::from_utf8(b).ok()).unwrap_or_else(|| raw.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_of_utf_8_bytes_written_as_latin_1_is_read() {
        assert_eq!(subject("GrÃ¼Ã\u{9f}e", Some(UTF_8)), "Grüße");
        assert_eq!(subject("Grüße", Some(UTF_8)), "Grüße");
        assert_eq!(subject("plain", None), "plain");
    }
}
