//! Rows of `model_TSInteraction`.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::record::{
    AbsenceKind, Direction, Edit, Key, Mention, Message, MessageKind, Name, Receipt, Record, RecordState,
};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::Value;

use super::archives::{self, Quote};
use super::codes::{self, INCOMING, OUTGOING, RECIPIENTS, TABLE};
use super::sides::Sides;
use super::{Work, undecoded};
use crate::signal::rules::absences;
use crate::signal::tables::{Cells, Column, Tables};
use crate::signal::{cells, emit, notes};

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// Columns of the table.
pub(super) struct Columns {
    kind: Column,
    id: Column,
    received: Column,
    sent: Column,
    thread: Column,
    author: Column,
    phone: Column,
    body: Column,
    guid: Column,
    server: Column,
    delivery: Column,
    state: Column,
    failure: Column,
    recipients: Column,
    quoted: Column,
    revoked: Column,
    linked: Column,
    synced: Column,
    restored_sms: Column,
    expires: Column,
    view_once: Column,
    story: Column,
    call: Column,
    contact: Column,
    sticker: Column,
}

impl Columns {
    pub(super) fn of(store: &dyn Tables) -> Columns {
        let c = |names: &[&'static str]| store.column(TABLE, names);
        Columns {
            kind: c(&["recordType"]),
            id: c(&["uniqueId"]),
            received: c(&["receivedAtTimestamp"]),
            sent: c(&["timestamp"]),
            thread: c(&["uniqueThreadId"]),
            author: c(&["authorUUID"]),
            phone: c(&["authorPhoneNumber", "authorId"]),
            body: c(&["body"]),
            guid: c(&["serverGuid"]),
            server: c(&["serverTimestamp"]),
            delivery: c(&["serverDeliveryTimestamp"]),
            state: c(&["storedMessageState"]),
            failure: c(&["mostRecentFailureText"]),
            recipients: c(&["recipientAddressStates"]),
            quoted: c(&["quotedMessage"]),
            revoked: c(&["wasRemotelyDeleted"]),
            linked: c(&["wasNotCreatedLocally", "isFromLinkedDevice"]),
            synced: c(&["hasSyncedTranscript"]),
            restored_sms: c(&["isSmsMessageRestoredFromBackup"]),
            expires: c(&["expiresInSeconds"]),
            view_once: c(&["isViewOnceMessage"]),
            story: c(&["storyTimestamp"]),
            call: c(&["callType"]),
            contact: c(&["contactShare"]),
            sticker: c(&["messageSticker"]),
        }
    }
}

/// Reads the chat.
pub(super) fn read(work: &Work<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let reader = Reader { work, c: Columns::of(work.store), sides: Sides::of(work) };
    work.store.each(sink, TABLE, &mut |row, sink| {
        let (Some(rowid), Some(id)) = (row.rowid(), row.text(reader.c.id)) else {
            return Ok(Fate::Quarantined("a record without uniqueId".into()));
        };
        let Some(kind) = row.int(reader.c.kind) else {
            return Ok(Fate::Quarantined("a record whose type is no number".into()));
        };
        reader.emit(row, (rowid, id.into()), kind, sink)?;
        Ok(Fate::Emitted)
    })
}

struct Reader<'r> {
    work: &'r Work<'r>,
    c: Columns,
    sides: Sides<'r>,
}

impl Reader<'_> {
    fn emit(&self, row: &dyn Cells, (rowid, id): (i64, Key), kind: i64, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let c = &self.c;
        let thread: Key = row.text(c.thread).unwrap_or_else(|| "unknown".into()).into();
        let mut m = Message::new(row.origin(), self.work.scope.account.clone(), thread, id);
        m.space = self.work.scope.space;
        m.direction = codes::direction(kind);
        m.sender = match m.direction {
            Direction::Out => Some(self.work.scope.account.clone()),
            _ => author(row, c),
        };
        m.sent = cells::millis(row, c.sent);
        m.received = cells::millis(row, c.received);
        m.native_type = Some(kind);
        m.text = row.value(c.body);
        m.server_id = row.text(c.guid);
        self.mark(row, &mut m, kind);
        self.note(row, &mut m, kind);
        if kind == OUTGOING {
            self.add_recipients(row, &mut m, sink)?;
        }
        self.sides.attach(rowid, &mut m);
        self.revise(rowid, &mut m);
        m.kind = self.what(row, kind, &m);
        let mention = self.quote(row, &mut m, sink)?;
        sink.emit(Record::Message(Box::new(m)))?;
        emit(mention, sink)
    }

    fn mark(&self, row: &dyn Cells, m: &mut Message, kind: i64) {
        use MarkerKind::{Failure, ServerId, ServerTime, State, Tombstone};
        let c = &self.c;
        let word = codes::record_type(kind).map_or(Value::Null, Value::from);
        m.markers.push(Marker::new(State, "recordType", kind, row.cell(c.kind)).meaning(word));
        let plain = |column: Column, of: MarkerKind| cells::mark(row, column, of);
        let time = |column: Column, of: MarkerKind| cells::time_mark(row, column, of);
        m.markers.extend(plain(c.guid, ServerId));
        m.markers.extend(time(c.server, ServerTime));
        m.markers.extend(time(c.delivery, ServerTime));
        if let (OUTGOING, Some(state)) = (kind, row.int(c.state)) {
            let word = codes::state(state).map_or(Value::Null, Value::from);
            m.markers.push(Marker::new(State, c.state.name, state, row.cell(c.state)).meaning(word));
        }
        m.markers.extend(plain(c.failure, Failure));
        m.markers.extend(plain(c.synced, State));
        m.markers.extend(plain(c.linked, State));
        m.markers.extend(plain(c.revoked, Tombstone));
        m.markers.extend(plain(c.call, State));
    }

    fn note(&self, row: &dyn Cells, m: &mut Message, kind: i64) {
        let c = &self.c;
        let set = |column: Column| row.positive(column).is_some();
        let about = self.work.threads.about(&m.thread);
        let limit = self.work.survey.newest.saturating_add(DAY);
        let ahead = [c.server, c.delivery].into_iter().any(|column| row.int(column).is_some_and(|t| t > limit));
        let notes = [
            (about.is_none(), notes::NO_THREAD),
            (about.is_some_and(|a| a.own), notes::NOTE_TO_SELF),
            (about.is_some_and(|a| a.release_notes), notes::RELEASE_CHANNEL),
            (set(c.linked), notes::LINKED_DEVICE),
            (set(c.restored_sms), notes::SMS_RESTORED),
            (set(c.revoked), notes::REVOKED),
            (set(c.expires), notes::EPHEMERAL),
            (set(c.view_once), notes::VIEW_ONCE),
            (set(c.story), notes::STORY),
            (ahead, notes::SERVER_TIME_AHEAD),
        ];
        m.notes.extend(notes.into_iter().filter(|(is, _)| *is).map(|(_, note)| note));
        if kind == INCOMING && m.server_id.is_none() && !set(c.server) {
            let epoch = row.positive(c.received).zip(self.work.survey.first_marked);
            if epoch.is_none_or(|(received, first)| received < first) {
                m.notes.push(notes::BEFORE_GUIDS);
            }
        }
    }

    /// The states of the recipients: the farthest is the mark, each receipt stands by itself.
    fn add_recipients(&self, row: &dyn Cells, m: &mut Message, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(blob) = row.blob(self.c.recipients) else { return Ok(()) };
        let cell = row.cell(self.c.recipients);
        let recipients = match archives::recipients(&blob) {
            Ok(recipients) => recipients,
            Err(error) => return sink.issue(undecoded(self.work.store, cell, &error.to_string())),
        };
        let at = |offset: Option<usize>| match offset {
            Some(offset) => cell.within(format!("byte {offset} of the archive")),
            None => cell.clone(),
        };
        // 3, 5, 6 and 7 say how far it came; the others do not.
        let best = recipients.iter().max_by_key(|r| if matches!(r.state, 3 | 5..=7) { r.state } else { -1 });
        if let Some(best) = best {
            let word = codes::recipient_state(best.state).unwrap_or("unknown state");
            let received = recipients.iter().filter(|r| r.receipt().is_some()).count();
            let says = format!("{word}; {} recipients, {received} sent receipts", recipients.len());
            m.markers.push(Marker::new(MarkerKind::Receipt, RECIPIENTS, best.state, at(best.offset)).meaning(says));
            let whole = row.int(self.c.state);
            if recipients.len() > 1 && matches!(best.state, 3 | 5..=7) && matches!(whole, Some(0 | 1 | 5)) {
                m.notes.push(notes::FAILED_FOR_SOME);
            }
        }
        for recipient in recipients {
            let Some(kind) = recipient.receipt() else { continue };
            let origin = at(recipient.offset);
            m.receipts.push(Receipt { recipient: recipient.who, kind, at: recipient.at, origin });
        }
        Ok(())
    }

    /// Older versions of a message are rows of their own; `EditRecord` ties them.
    fn revise(&self, rowid: i64, m: &mut Message) {
        if self.work.survey.newest_of.rowids(rowid).any(|newest| newest != rowid) {
            m.state = RecordState::Superseded;
        }
        for older in self.work.survey.revisions.rowids(rowid).filter(|older| *older != rowid) {
            let Some(row) = self.work.store.get(TABLE, older) else { continue };
            m.aliases.extend(row.text(self.c.id).map(Key::from));
            let (text, at) = (row.value(self.c.body), cells::millis(&*row, self.c.sent));
            m.edits.push(Edit { text, at, origin: row.cell(self.c.body) });
        }
        if !m.edits.is_empty() {
            m.notes.push(notes::EDITED);
        }
    }

    fn what(&self, row: &dyn Cells, kind: i64, m: &Message) -> MessageKind {
        if let Some(kind) = codes::kind(kind) {
            return kind;
        }
        if row.blob(self.c.sticker).is_some() {
            return MessageKind::Sticker;
        }
        if let Some(file) = m.attachments.first() {
            return file.mime.as_deref().map_or(MessageKind::File, cells::kind_of);
        }
        match &m.text {
            Value::Text(t) if !t.is_empty() => MessageKind::Text,
            _ if row.blob(self.c.contact).is_some() => MessageKind::Contact,
            _ => MessageKind::Other,
        }
    }

    /// Links an answer to what it quotes; a message that is nowhere in the store is mentioned.
    fn quote(&self, row: &dyn Cells, m: &mut Message, sink: &mut dyn Sink) -> Result<Option<Mention>, Stopped> {
        let Some(blob) = row.blob(self.c.quoted) else { return Ok(None) };
        let cell = row.cell(self.c.quoted);
        let quote = match archives::quote(&blob) {
            Ok(Some(quote)) => quote,
            Ok(None) => return Ok(None),
            Err(error) => {
                sink.issue(undecoded(self.work.store, cell, &error.to_string()))?;
                return Ok(None);
            }
        };
        if let Some(id) = self.quoted(&quote) {
            m.reply_to = Some(id);
            return Ok(None);
        }
        let name = format!("{}/{}", quote.author.as_deref().unwrap_or("unknown"), quote.timestamp);
        m.reply_to = Some(name.as_str().into());
        let at = cells::stamp(quote.timestamp).to_string();
        let marker = Marker::new(MarkerKind::Reference, "quotedMessage.timestamp", quote.timestamp, cell).meaning(at);
        let names = vec![Name::Id(name.into())];
        let rule = absences::IOS_QUOTE.id;
        let mention =
            self.work.scope.mention(Some(&m.thread), names, AbsenceKind::Dangling, rule, vec![marker.clone()]);
        m.markers.push(marker);
        Ok(mention.map(|mention| Mention { text: quote.text.as_deref().into(), ..mention }))
    }

    /// The id of the message of that time and author. A row that is there and cannot be read goes by its number.
    fn quoted(&self, quote: &Quote) -> Option<Box<str>> {
        let c = &self.c;
        self.work.survey.by_date.rowids(quote.timestamp).find_map(|rowid| {
            let Some(row) = self.work.store.get(TABLE, rowid) else { return Some(rowid.to_string().into()) };
            let theirs = match (row.int(c.kind), &quote.author) {
                (_, None) => true,
                (Some(OUTGOING), Some(author)) => {
                    // Where nobody is known to be the owner, anybody may be.
                    let own = &*self.work.scope.account;
                    own == &**author || own == "self" || own.starts_with('+') != author.starts_with('+')
                }
                (_, Some(author)) => {
                    let uuid = row.text(c.author).map(|t| cells::lower(&t));
                    let known = [uuid, row.text(c.phone)];
                    // One names a service id and the other a number: they may be one person.
                    let comparable = known.iter().flatten().any(|k| k.starts_with('+') == author.starts_with('+'));
                    !comparable || known.iter().flatten().any(|k| k == author)
                }
            };
            theirs.then(|| row.text(c.id)).flatten()
        })
    }
}

/// Who wrote it: own messages name nobody.
fn author(row: &dyn Cells, c: &Columns) -> Option<Key> {
    let uuid = row.text(c.author).map(|t| cells::lower(&t));
    uuid.or_else(|| row.text(c.phone)).map(Key::from)
}
