//! `messages`, one row at a time, and `drafts`.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{Direction, Key, Message, MessageKind, Record, RecordState};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::stamp::Epoch;
use forensics_core::store::sqlite::{Col, Row, TextLookup};

use super::beside::Beside;
use super::people::{Conversations, OTHER, People};
use super::reports::Reports;
use super::rules::absences;
use super::rules::shape::{SENDER, URI};
use super::rules::state::{CLOUD_CORRELATION, CLOUD_ID, OLD_RCS_ID, PROTOCOL, RCS_ID, STATUS};
use super::{codes, notes};
use crate::telephony::cells::{self, columns};
use crate::telephony::provider::{Answer, Provider};
use crate::telephony::scope::{Numbering, Scope};

columns! {
    /// `messages`.
    Columns {
        conversation = "conversation_id", sender = "sender_id", own = "self_id", sent = "sent_timestamp",
        received = "received_timestamp", protocol = "message_protocol", status = "message_status",
        uri = "sms_message_uri", subject = "mms_subject", raw_status = "raw_status", rcs_id = "rcs_message_id_with_text_type",
        old_rcs_id = "rcs_message_id", original_rcs_id = "original_rcs_message_id", cloud_id = "cms_id",
        cloud_sequence = "cms_last_mod_seq", cloud_correlation = "cms_correlation_id", cloud_cycle = "cms_life_cycle",
        cloud_sync = "cloud_sync_id", web_id = "web_id", encrypted = "etouffee_status", encryption = "encryption_protocol",
        hidden = "is_hidden", error = "sms_error_code", result = "result_code", retries = "auto_retry_counter",
        fallback = "fallback_reason", instance = "rcs_remote_instance", reverse_sync = "awaiting_reverse_sync",
        satellite = "satellite_datagram_id",
    }
}

/// What a message composed in a web client goes by.
const WEB: &str = "tmp_";

/// Everything that messages are read with.
pub(super) struct Messages<'a> {
    store: &'a OpenStore,
    scope: &'a Scope,
    cols: Columns,
    people: &'a People,
    conversations: &'a Conversations<'a>,
    reports: Reports<'a>,
    beside: Beside<'a>,
    by_uri: TextLookup<'a>,
    by_rcs_id: TextLookup<'a>,
    provider: Option<&'a Provider<'a>>,
    incoming_rcs: u64,
}

impl<'a> Messages<'a> {
    pub(super) fn open(
        store: &'a OpenStore,
        scope: &'a Scope,
        people: &'a People,
        conversations: &'a Conversations<'a>,
        provider: Option<&'a Provider<'a>>,
    ) -> Option<Self> {
        let table = store.table("messages")?;
        let cols = Columns::of(table);
        let rcs_id = if cols.rcs_id.is_present() { cols.rcs_id } else { cols.old_rcs_id };
        Some(Messages {
            store,
            scope,
            cols,
            people,
            conversations,
            reports: Reports::open(store),
            beside: Beside::open(store, people),
            by_uri: TextLookup::build(store, table, cols.uri),
            by_rcs_id: TextLookup::build(store, table, rcs_id),
            provider,
            incoming_rcs: 0,
        })
    }

    /// Emits every message and every draft.
    pub(super) fn read(&mut self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let rules = (absences::ROWS.id, Some(absences::COUNTER.id));
        let (store, scope) = (self.store, self.scope);
        let mut numbering = Numbering::of(store, "messages", rules.0, rules.1);
        store.each(sink, "messages", |row, sink| {
            numbering.pass(row, scope, sink)?;
            let Some(rowid) = row.rowid() else { return Ok(Fate::Quarantined("no row number".to_owned())) };
            let message = self.message(rowid, row);
            let protocol = row.int_lossy(self.cols.protocol);
            if message.direction == Direction::In && protocol == Some(codes::RCS) {
                self.incoming_rcs = self.incoming_rcs.saturating_add(1);
            }
            sink.emit(Record::Message(Box::new(message)))?;
            Ok(Fate::Emitted)
        })?;
        numbering.end(store, scope, sink)?;
        self.drafts(sink)
    }

    /// RCS messages that came in.
    pub(super) fn incoming_rcs(&self) -> u64 {
        self.incoming_rcs
    }

    /// Whether a message goes by this RCS id.
    pub(super) fn has_rcs_id(&self, id: &str) -> bool {
        self.by_rcs_id.rowids(id).next().is_some()
    }

    /// Whether a message names this row of the telephony store.
    pub(super) fn has_uri(&self, uri: &str) -> bool {
        self.by_uri.rowids(uri).next().is_some()
    }

    fn message(&self, rowid: i64, row: &Row<'_>) -> Message {
        let cols = &self.cols;
        let conversation = row.int_lossy(cols.conversation);
        let thread: Key = conversation.map_or_else(|| "none".into(), |id| id.to_string().into());
        let mut m = Message::new(row.origin(), self.scope.account.clone(), thread, rowid.to_string().into());
        m.space = self.scope.space;
        let status = row.int_lossy(cols.status);
        m.native_type = status;
        self.set_direction(row, status, &mut m);
        let names = [cols.rcs_id, cols.old_rcs_id, cols.original_rcs_id, cols.uri];
        for name in names.into_iter().filter_map(|col| cells::text(row, col)).map(Key::from) {
            if !m.aliases.contains(&name) {
                m.aliases.push(name);
            }
        }
        m.server_id = cells::text(row, cols.cloud_id);
        m.sent = cells::stamp(row, cols.sent, Epoch::UnixMillis);
        if m.direction == Direction::In {
            m.received = cells::stamp(row, cols.received, Epoch::UnixMillis);
        }
        self.add_marks(row, rowid, &mut m);
        self.reports.add(rowid, self.people, &mut m);
        self.beside.add(rowid, &mut m);
        if let Some(subject) = cells::text(row, cols.subject) {
            m.text = match m.text.as_text() {
                Some(body) => format!("{subject}\n{body}").into(),
                None if m.text.is_null() => subject.into_string().into(),
                None => std::mem::take(&mut m.text),
            };
        }
        self.ask_telephony(row, &mut m);
        self.add_notes(row, conversation, &mut m);
        m
    }

    fn set_direction(&self, row: &Row<'_>, status: Option<i64>, m: &mut Message) {
        let sender = row.int_lossy(self.cols.sender);
        let person = self.people.get(sender);
        let by_sender = || {
            let own = person.and_then(|p| p.sub_id).map(|sub| sub != OTHER);
            own.or_else(|| sender.zip(row.int_lossy(self.cols.own)).map(|(sender, own)| sender == own))
        };
        m.direction = match status {
            Some(1..=22) => Direction::Out,
            Some(100..=199) => Direction::In,
            Some(s) if codes::is_system(s) => Direction::System,
            _ => match by_sender() {
                Some(own) => {
                    m.notes.push(notes::DIRECTION_BY_SENDER);
                    if own { Direction::Out } else { Direction::In }
                }
                None => Direction::Unknown,
            },
        };
        m.kind = if m.direction == Direction::System { MessageKind::System } else { MessageKind::Text };
        m.sender = person.map(|p| p.key.clone());
        if m.direction == Direction::Out {
            let foreign = person.is_some_and(|p| p.sub_id == Some(OTHER));
            if foreign {
                m.markers.extend(sender.and_then(|sender| self.sender_mark(sender)));
            } else if m.sender.is_none() {
                m.sender = Some(self.scope.account.clone());
            }
        }
    }

    /// The cell that says that a sender is another person.
    fn sender_mark(&self, sender: i64) -> Option<Marker> {
        let table = self.store.table("participants")?;
        let row = self.store.get(table, sender).ok().flatten()?;
        let mark = cells::mark(&row, table.column("sub_id"), MarkerKind::Reference, SENDER)?;
        Some(mark.meaning("the sender is another person"))
    }

    fn add_marks(&self, row: &Row<'_>, rowid: i64, m: &mut Message) {
        let cols = &self.cols;
        let incoming = m.direction == Direction::In;
        m.markers.extend(cells::state(row, cols.status, STATUS, codes::status));
        m.markers.extend(cells::state(row, cols.protocol, PROTOCOL, codes::protocol));
        // The sender's app makes the id: on what came in it proves that it came, on what went out nothing.
        let kind = if incoming { MarkerKind::ServerId } else { MarkerKind::Reference };
        for (col, name) in [(cols.rcs_id, RCS_ID), (cols.old_rcs_id, OLD_RCS_ID)] {
            let other = row.text(col).and_then(|id| self.by_rcs_id.rowids(&id).find(|other| *other != rowid));
            let mark = cells::filled(row, col, kind, name);
            m.markers.extend(mark.map(|mark| mark.meaning(other.map(|o| format!("also on row {o}")))));
        }
        let other = row.text(cols.uri).and_then(|uri| self.by_uri.rowids(&uri).find(|other| *other != rowid));
        let mark = cells::filled(row, cols.uri, MarkerKind::Reference, URI);
        m.markers.extend(mark.map(|mark| mark.meaning(other.map(|o| format!("also on row {o}")))));
        for (col, name) in
            [(cols.cloud_id, CLOUD_ID), (cols.cloud_correlation, CLOUD_CORRELATION), (cols.cloud_sync, "cloud_sync_id")]
        {
            m.markers.extend(cells::filled(row, col, MarkerKind::CloudRecord, name));
        }
        for (col, name, kind, unset) in [
            (cols.cloud_sequence, "cms_last_mod_seq", MarkerKind::CloudRecord, 0),
            (cols.cloud_cycle, "cms_life_cycle", MarkerKind::CloudRecord, 0),
            (cols.raw_status, "raw_status", MarkerKind::State, 0),
            (cols.error, "sms_error_code", MarkerKind::Failure, -1),
            (cols.result, "result_code", MarkerKind::State, -2),
            (cols.retries, "auto_retry_counter", MarkerKind::State, 0),
            (cols.fallback, "fallback_reason", MarkerKind::State, 0),
            (cols.encrypted, "etouffee_status", MarkerKind::State, 0),
            (cols.encryption, "encryption_protocol", MarkerKind::State, 0),
            (cols.reverse_sync, "awaiting_reverse_sync", MarkerKind::State, 0),
        ] {
            m.markers.extend(cells::set(row, col, kind, name, &[unset]));
        }
        for (col, name) in
            [(cols.web_id, "web_id"), (cols.instance, "rcs_remote_instance"), (cols.satellite, "satellite_datagram_id")]
        {
            m.markers.extend(cells::filled(row, col, MarkerKind::Reference, name));
        }
    }

    fn add_notes(&self, row: &Row<'_>, conversation: Option<i64>, m: &mut Message) {
        let cols = &self.cols;
        let is = |col: Col, value: i64| row.int_lossy(col) == Some(value);
        if !self.conversations.knows(conversation) {
            m.notes.push(notes::NO_CONVERSATION);
        }
        if self.conversations.is_trashed(conversation) {
            m.notes.push(notes::TRASHED);
            m.state = RecordState::Hidden;
        }
        if is(cols.hidden, 1) {
            m.state = RecordState::Hidden;
        }
        if is(cols.encrypted, 2) {
            m.notes.push(notes::ENCRYPTED);
        }
        if row.text(cols.web_id).is_some_and(|id| id.starts_with(WEB)) {
            m.notes.push(notes::WEB);
        }
        if cells::positive(row, cols.reverse_sync).is_some() {
            m.notes.push(notes::RESTORED);
        }
        if !cols.rcs_id.is_present() && !cols.old_rcs_id.is_present() {
            m.notes.push(notes::NO_RCS_COLUMN);
        }
    }

    /// What the phone's telephony store has at the row that the message names.
    fn ask_telephony(&self, row: &Row<'_>, m: &mut Message) {
        let cols = &self.cols;
        let (Some(provider), Some(uri)) = (self.provider, cells::text(row, cols.uri)) else { return };
        let at = [row.int_lossy(cols.received), row.int_lossy(cols.sent)];
        match provider.ask(&uri, &at) {
            Some(Answer::Missing) => m.notes.push(notes::TELEPHONY_MISSING),
            Some(Answer::Other) => m.notes.push(notes::TELEPHONY_DIFFERS),
            // The copy of an RCS message is this app's own work: it proves nothing.
            Some(Answer::Same(found)) if row.int_lossy(cols.protocol) != Some(codes::RCS) => {
                m.markers.push(provider.marker(&found).0);
            }
            Some(Answer::Same(_)) | None => {}
        }
    }

    /// `drafts`: one for each conversation, in newer versions.
    fn drafts(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(table) = self.store.table("drafts") else { return Ok(()) };
        let (conversation, text) = (table.column("conversation_id"), table.column("text"));
        let (subject, reply) = (table.column("subject"), table.column("replied_to_message_id"));
        self.store.each(sink, "drafts", |row, sink| {
            let Some(id) = row.int_lossy(conversation) else { return Ok(Fate::PassedOver) };
            let (account, key) = (self.scope.account.clone(), format!("draft of conversation {id}"));
            let mut m = Message::new(row.origin(), account.clone(), id.to_string().into(), key.into());
            m.space = self.scope.space;
            m.direction = Direction::Out;
            m.sender = Some(account);
            m.kind = MessageKind::Text;
            m.text = if row.is_null(text) { row.value(subject) } else { row.value(text) };
            m.reply_to = cells::text(row, reply);
            sink.emit(Record::Message(Box::new(m)))?;
            Ok(Fate::Emitted)
        })
    }
}
