//! `messages`, one row at a time.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{AbsenceKind, Attachment, Direction, Key, Message, MessageKind, Name, Record, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::stamp::Epoch;
use forensics_core::store::sqlite::{Row, TextLookup};

use super::conversations::{Conversations, by_text};
use super::notes;
use super::rules::{self, EXPIRY, PAST, TRANSPORT};
use crate::telephony::cells::{self, columns};
use crate::telephony::provider::{Answer, Provider};
use crate::telephony::scope::{Numbering, Scope, emit};

columns! {
    /// `messages`.
    Columns {
        id = "message_id", conversation = "conversation_id", gaia = "author_gaia_id", chat = "author_chat_id",
        text = "text", time = "timestamp", status = "status", kind = "type", local_url = "local_url",
        remote_url = "remote_url", stream_url = "stream_url", mime = "attachment_content_type", image_id = "image_id",
        file_name = "attachment_name", latitude = "latitude", longitude = "longitude",
        expires = "expiration_timestamp", off_record = "off_the_record", transport = "transport_type",
        external = "external_ids", members = "participant_keys", renamed = "new_conversation_name",
        error = "sending_error", voicemail = "voicemail_length", local_id = "local_id", task = "request_task_row_id",
        received = "receive_type",
    }
}

/// What the app's own ids begin with.
const CLIENT: &str = "client_generated";

/// The table of messages with what stands beside it.
pub(super) struct Messages<'a> {
    store: &'a OpenStore,
    cols: Columns,
    scope: &'a Scope,
    parts: Option<TextLookup<'a>>,
    provider: Option<&'a Provider<'a>>,
    newest: Option<i64>,
}

impl<'a> Messages<'a> {
    pub(super) fn open(store: &'a OpenStore, scope: &'a Scope, provider: Option<&'a Provider<'a>>) -> Option<Self> {
        let table = store.table("messages")?;
        let cols = Columns::of(table);
        let newest = store.scan(table).filter_map(Result::ok).filter_map(|row| row.int_lossy(cols.time)).max();
        let parts = by_text(store, "multipart_attachments", "message_id");
        Some(Messages { store, cols, scope, parts, provider, newest })
    }

    /// Emits every message.
    pub(super) fn read(&self, conversations: &mut Conversations<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let mut numbering = Numbering::of(self.store, "messages", rules::ROWS.id, None);
        self.store.each(sink, "messages", |row, sink| {
            numbering.pass(row, self.scope, sink)?;
            let Some(mut message) = self.message(row) else {
                return Ok(Fate::Quarantined("no row number".to_owned()));
            };
            let conversation = message.thread.clone();
            message.markers.extend(conversations.meet(&conversation, row.int_lossy(self.cols.time)));
            if !conversations.knows(&conversation) {
                message.notes.push(notes::NO_CONVERSATION);
            }
            sink.emit(Record::Message(Box::new(message)))?;
            Ok(Fate::Emitted)
        })?;
        numbering.end(self.store, self.scope, sink)?;
        self.side_rows(sink)
    }

    fn message(&self, row: &Row<'_>) -> Option<Message> {
        let cols = &self.cols;
        let rowid = row.rowid()?;
        let thread: Key = cells::text(row, cols.conversation).map_or_else(|| "none".into(), Key::from);
        let named = cells::text(row, cols.id);
        let local = cells::text(row, cols.local_id);
        let id: Key = named.clone().map_or_else(|| format!("row {rowid}").into(), Key::from);
        let mut m = Message::new(row.origin(), self.scope.account.clone(), thread, id);
        m.space = self.scope.space;
        m.native_type = row.int_lossy(cols.kind);
        let by_content = !row.is_null(cols.members) || !row.is_null(cols.renamed);
        (m.direction, m.kind) = match m.native_type {
            Some(1) => (Direction::Out, MessageKind::Text),
            Some(2) => (Direction::In, MessageKind::Text),
            Some(3 | 4) => (Direction::System, MessageKind::System),
            _ if by_content => (Direction::System, MessageKind::System),
            _ => (Direction::Unknown, MessageKind::Other),
        };
        if m.direction == Direction::System {
            m.notes.push(notes::TYPE_INFERRED);
        }
        m.sender = [cols.gaia, cols.chat].into_iter().find_map(|col| cells::text(row, col)).map(Key::from);
        m.sent = cells::stamp(row, cols.time, Epoch::UnixMicros);
        m.text = row.value(cols.text);
        // The server's answer replaces the id that the app made; an incoming message never had another.
        let servers =
            named.filter(|id| !id.starts_with(CLIENT) && (m.direction == Direction::In || local.as_ref() != Some(id)));
        m.aliases.extend(local.filter(|l| **l != *m.id).map(Key::from));
        let over_own_network = row.int_lossy(cols.transport).is_none_or(|t| t == 1);
        m.server_id = servers.filter(|_| over_own_network);
        self.add_marks(row, &mut m);
        self.add_files(row, &mut m);
        if !over_own_network {
            self.ask_telephony(row, &mut m);
        }
        Some(m)
    }

    fn add_marks(&self, row: &Row<'_>, m: &mut Message) {
        let cols = &self.cols;
        let numbered = m.server_id.is_some();
        let kind = if numbered { MarkerKind::ServerId } else { MarkerKind::Reference };
        m.markers.extend(cells::filled(row, cols.id, kind, "message_id"));
        m.markers.extend(cells::state(row, cols.status, "status", status));
        if numbered {
            m.markers.extend(cells::time(row, cols.time, Epoch::UnixMicros, MarkerKind::ServerTime, "timestamp"));
        }
        m.markers.extend(cells::set(row, cols.error, MarkerKind::Failure, "sending_error", &[0]));
        m.markers.extend(cells::filled(row, cols.local_id, MarkerKind::Reference, "local_id"));
        m.markers.extend(cells::set(row, cols.task, MarkerKind::Reference, "request_task_row_id", &[-1, 0]));
        m.markers.extend(cells::set(row, cols.transport, MarkerKind::State, TRANSPORT, &[1]));
        m.markers.extend(cells::filled(row, cols.external, MarkerKind::Reference, "external_ids"));
        m.markers.extend(cells::set(row, cols.off_record, MarkerKind::State, "off_the_record", &[0]));
        m.markers.extend(cells::set(row, cols.received, MarkerKind::State, "receive_type", &[0]));
        m.markers.extend(cells::filled(row, cols.image_id, MarkerKind::ServerId, "image_id"));
        if let Some(at) = cells::positive(row, cols.expires) {
            // The newest message stands for the time of the acquisition, which the store does not know.
            let past = self.newest.is_some_and(|newest| at < newest);
            let mark = cells::mark(row, cols.expires, MarkerKind::State, EXPIRY);
            m.markers.extend(mark.map(|mark| mark.meaning(past.then_some(PAST))));
        }
    }

    fn add_files(&self, row: &Row<'_>, m: &mut Message) {
        let cols = &self.cols;
        let path = [cols.local_url, cols.remote_url, cols.stream_url].into_iter().find_map(|c| cells::text(row, c));
        let mime = cells::text(row, cols.mime);
        if path.is_some() || mime.is_some() {
            let (name, origin) = (cells::text(row, cols.file_name), row.origin());
            m.attachments.push(Attachment { name, mime, size: None, path, sha256: None, origin });
        }
        let parts = self.parts.iter().flat_map(|parts| parts.rows(&m.id));
        for part in parts {
            let table = part.table();
            let (path, mime) =
                (cells::text(&part, table.column("url")), cells::text(&part, table.column("content_type")));
            let origin = part.origin();
            m.attachments.push(Attachment { name: None, mime, size: None, path, sha256: None, origin });
        }
        if m.direction == Direction::System {
            return;
        }
        if let Some(first) = m.attachments.first() {
            m.kind = match first.mime.as_deref().and_then(|mime| mime.split('/').next()) {
                Some("image") | None => MessageKind::Image,
                Some("video") => MessageKind::Video,
                Some("audio") => MessageKind::Voice,
                Some(_) => MessageKind::File,
            };
        } else if cells::positive(row, cols.voicemail).is_some() {
            m.kind = MessageKind::Voice;
        } else if [cols.latitude, cols.longitude].iter().any(|c| row.real(*c).is_some_and(|v| v != 0.0)) {
            m.kind = MessageKind::Location;
        }
    }

    /// What went as SMS or MMS has its row in the phone's telephony store.
    fn ask_telephony(&self, row: &Row<'_>, m: &mut Message) {
        let Some(provider) = self.provider else {
            m.notes.push(notes::TELEPHONY_NOT_HERE);
            return;
        };
        let at = row.int_lossy(self.cols.time).and_then(|t| t.checked_div(1000));
        let external = row.text(self.cols.external).unwrap_or_default();
        // Several ids are separated by what no URI holds.
        let mut answers = external.split([',', ' ', '|']).filter_map(|uri| provider.ask(uri, &[at]));
        match answers.next() {
            Some(Answer::Same(found)) => m.markers.push(provider.marker(&found).0),
            Some(Answer::Other) => m.notes.push(notes::TELEPHONY_DIFFERS),
            Some(Answer::Missing) | None => m.notes.push(notes::TELEPHONY_MISSING),
        }
    }

    /// Rows of side tables that name a message.
    fn side_rows(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        for (table, column, rule, strength) in [
            ("multipart_attachments", "message_id", rules::ATTACHMENT.id, Strength::Strong),
            ("event_suggestions", "event_id", rules::SUGGESTION.id, Strength::Weak),
        ] {
            let Some(found) = self.store.table(table) else { continue };
            let (id, conversation) = (found.column(column), found.column("conversation_id"));
            let text = found.column("matched_message_substring");
            self.store.each(sink, table, |row, sink| {
                let Some(wanted) = cells::text(row, id) else { return Ok(Fate::PassedOver) };
                let marker = Marker::new(MarkerKind::Reference, column, row.value(id), row.cell(id));
                let names = vec![Name::Id(wanted.clone()), Name::Server(wanted)];
                let mut mention = self.scope.mention(names, AbsenceKind::Dangling, rule, marker);
                mention.strength = strength;
                mention.thread = cells::text(row, conversation).map(Key::from);
                mention.text = row.value(text);
                emit(sink, mention)?;
                Ok(Fate::Folded)
            })?;
        }
        Ok(())
    }
}

/// `messages.status`, as far as it is known.
fn status(code: i64) -> Option<&'static str> {
    Some(match code {
        3 => "failed",
        4 => "on server",
        _ => return None,
    })
}
