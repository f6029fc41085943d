//! Rows of `message`, `mms` and `sms`.

use std::ops::ControlFlow;

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::record::{AbsenceKind, Direction, Edit, Key, Message, MessageKind, Name, Record, RecordState};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::Value;

use super::columns::Columns;
use super::sides::Sides;
use super::{Work, codes};
use crate::signal::rules::{absences, android::MONTH};
use crate::signal::tables::{Cells, Column};
use crate::signal::{cells, emit, notes};

/// Reads a message table.
pub(super) fn read(work: &Work<'_>, table: &'static str, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let reader = Reader { work, table, columns: Columns::of(work.store, table), sides: Sides::of(work, table) };
    work.store.each(sink, table, &mut |row, sink| {
        let Some(id) = row.rowid() else { return Ok(Fate::Quarantined("a message without number".into())) };
        let Some(kind) = row.int(reader.columns.kind) else {
            return Ok(Fate::Quarantined("a message whose type is no number".into()));
        };
        reader.emit(row, id, kind, sink)?;
        Ok(Fate::Emitted)
    })
}

struct Reader<'r> {
    work: &'r Work<'r>,
    table: &'static str,
    columns: Columns,
    sides: Sides<'r>,
}

/// A thread, and what is special about it.
struct Where {
    key: Key,
    own: bool,
    known: bool,
}

impl Reader<'_> {
    fn emit(&self, row: &dyn Cells, id: i64, kind: i64, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let c = &self.columns;
        let base = codes::base(kind);
        let place = self.place(row);
        let direction = codes::direction(base);
        let author = self.author(row, direction);
        let key = key(&author, row.int(c.sent));
        let mut m = Message::new(row.origin(), self.work.scope.account.clone(), place.key.clone(), key);
        m.space = self.work.scope.space;
        m.direction = direction;
        m.sender = Some(author);
        m.sent = cells::millis(row, c.sent);
        m.received = cells::millis(row, c.received);
        m.native_type = Some(kind);
        m.text = row.value(c.body);
        m.server_id = row.text(c.guid);
        self.mark(row, &mut m, kind);
        self.note(row, &mut m, kind, &place);
        self.sides.attach(id, &mut m, &place.key);
        self.revise(row, id, &mut m);
        m.kind = self.what(row, kind, &m);
        self.note_silence(&mut m, kind);
        let mention = self.quote(row, &mut m);
        sink.emit(Record::Message(Box::new(m)))?;
        emit(mention, sink)
    }

    fn place(&self, row: &dyn Cells) -> Where {
        let id = row.int(self.columns.thread).unwrap_or(0);
        match self.work.people.thread(id) {
            Some(t) => Where { key: t.key.clone(), own: t.own, known: true },
            None => Where { key: format!("thread:{id}").into(), own: false, known: false },
        }
    }

    fn author(&self, row: &dyn Cells, direction: Direction) -> Key {
        let named = || self.work.people.key(&row.value(self.columns.from));
        match direction {
            Direction::Out => self.work.scope.account.clone(),
            _ => named().unwrap_or_else(|| "unknown".into()),
        }
    }

    /// The marks of a row.
    fn mark(&self, row: &dyn Cells, m: &mut Message, kind: i64) {
        use MarkerKind::{Failure, Queued, Receipt, Reference, ServerId, ServerTime, State, Tombstone};
        let c = &self.columns;
        let word = codes::state(codes::base(kind)).map_or(Value::Null, Value::from);
        m.markers.push(Marker::new(State, c.kind.name, kind, row.cell(c.kind)).meaning(word));
        let plain = |column: Column, of: MarkerKind| cells::mark(row, column, of);
        let time = |column: Column, of: MarkerKind| cells::time_mark(row, column, of);
        m.markers.extend(plain(c.guid, ServerId));
        m.markers.extend(time(c.server, ServerTime));
        m.markers.extend(time(c.receipt_time, Receipt));
        if m.direction == Direction::Out {
            // On incoming rows the same columns hold what the owner's other devices did.
            m.markers.extend([c.delivered, c.read, c.viewed].into_iter().filter_map(|column| plain(column, Receipt)));
        }
        m.markers.extend(plain(c.unidentified, State));
        m.markers.extend(plain(c.failures, Failure));
        m.markers.extend(plain(c.mismatched, Failure));
        m.markers.extend(time(c.scheduled, Queued));
        m.markers.extend(plain(c.revoked, Tombstone));
        m.markers.extend(plain(c.revoked_by, Tombstone));
        m.markers.extend(plain(c.latest_revision, Reference));
        m.markers.extend(time(c.quote, Reference));
    }

    /// What is known of a row besides its marks.
    fn note(&self, row: &dyn Cells, m: &mut Message, kind: i64, place: &Where) {
        let c = &self.columns;
        let base = codes::base(kind);
        let set = |column: Column| row.positive(column).is_some();
        let from = row.int(c.from).filter(|_| m.direction == Direction::In);
        let release = from.is_some() && from == self.work.owner.release_channel;
        let unaddressed = from.and_then(|id| self.work.people.person(id)).is_some_and(|p| !p.addressed);
        let carrier = (codes::INBOX..codes::DRAFT).contains(&base) && kind & codes::PUSH == 0;
        let identity = kind & codes::IDENTITY != 0;
        let notes = [
            (self.work.is_backup, notes::BACKUP_COPY),
            (!place.known, notes::NO_THREAD),
            (place.own, notes::NOTE_TO_SELF),
            (release, notes::RELEASE_CHANNEL),
            (unaddressed && !release, notes::NO_SENDER_ADDRESS),
            (carrier && !identity, notes::CARRIER_SMS),
            (identity && codes::is_message(base), notes::IDENTITY_EVENT),
            (set(c.revoked) || set(c.revoked_by), notes::REVOKED),
            (set(c.expires), notes::EPHEMERAL),
            (set(c.view_once), notes::VIEW_ONCE),
            (set(c.scheduled), notes::SCHEDULED),
            (set(c.quote_missing), notes::QUOTED_MISSING),
            (set(c.story) || row.int(c.parent_story).is_some_and(|s| s != 0), notes::STORY),
        ];
        m.notes.extend(notes.into_iter().filter(|(is, _)| *is).map(|(_, note)| note));
        if base == codes::INBOX && m.server_id.is_none() {
            m.notes.extend(self.before_guids(row));
        }
    }

    /// Why an incoming row may lack an id of the server's without anything being wrong.
    fn before_guids(&self, row: &dyn Cells) -> Option<&'static str> {
        if !self.columns.guid.is_present() {
            return Some(notes::NO_GUID_COLUMN);
        }
        let epoch = row.positive(self.columns.received).zip(self.work.survey.first_guid);
        epoch.is_none_or(|(received, first)| received < first).then_some(notes::BEFORE_GUIDS)
    }

    /// A group message that nobody acknowledged since long.
    fn note_silence(&self, m: &mut Message, kind: i64) {
        let members = m.marker("group_receipts.status").and_then(|mark| mark.raw.as_int());
        let old =
            m.sent.and_then(|s| s.unix_millis()).is_some_and(|at| at < self.work.survey.newest.saturating_sub(MONTH));
        let silent = m.receipts.is_empty() && members.is_some_and(|status| status < 1);
        if codes::base(kind) == codes::SENT && old && silent {
            m.notes.push(notes::NO_MEMBER_RECEIPT);
        }
    }

    /// Older versions of a message are rows of their own.
    fn revise(&self, row: &dyn Cells, id: i64, m: &mut Message) {
        if row.int(self.columns.latest_revision).is_some() {
            m.state = RecordState::Superseded;
        }
        for older in self.work.survey.revisions.rowids(id).filter(|older| *older != id) {
            let Some(older) = self.work.store.get(self.table, older) else { continue };
            let c = &self.columns;
            let author = self.author(&*older, m.direction);
            m.aliases.push(key(&author, older.int(c.sent)));
            let (text, at) = (older.value(c.body), cells::millis(&*older, c.sent));
            m.edits.push(Edit { text, at, origin: older.cell(c.body) });
        }
        if !m.edits.is_empty() {
            m.notes.push(notes::EDITED);
        }
    }

    fn what(&self, row: &dyn Cells, kind: i64, m: &Message) -> MessageKind {
        if let Some(kind) = codes::kind(kind) {
            return kind;
        }
        if let Some(file) = m.attachments.first() {
            return self.sides.kind(file);
        }
        match &m.text {
            Value::Text(t) if !t.is_empty() => MessageKind::Text,
            _ if row.text(self.columns.contacts).is_some() => MessageKind::Contact,
            _ => MessageKind::Other,
        }
    }

    /// Links an answer to what it quotes; a message that is nowhere in the store is mentioned.
    fn quote(&self, row: &dyn Cells, m: &mut Message) -> Option<forensics_core::record::Mention> {
        let c = &self.columns;
        let date = row.positive(c.quote)?;
        let whom = row.value(c.quote_author);
        let author = self.work.people.key(&whom)?;
        let name = key(&author, Some(date));
        m.reply_to = Some(Box::from(&*name));
        if self.is_there(date, &author) || m.notes.contains(&notes::STORY) {
            return None;
        }
        let mut markers = vec![cells::time_mark(row, c.quote, MarkerKind::Reference)?];
        markers.extend(cells::mark(row, c.quote_author, MarkerKind::Reference));
        markers.extend(cells::mark(row, c.quote_missing, MarkerKind::Reference));
        let names = vec![Name::Id(Box::from(&*name))];
        let rule = absences::ANDROID_QUOTE.id;
        let mut mention = self.work.scope.mention(Some(&m.thread), names, AbsenceKind::Dangling, rule, markers)?;
        mention.text = row.value(c.quote_body);
        Some(mention)
    }

    /// Whether a message of that author and time is in the store.
    fn is_there(&self, date: i64, author: &Key) -> bool {
        let found = self.work.survey.by_date.iter().try_for_each(|(table, index)| {
            let columns = Columns::of(self.work.store, table);
            index.rowids(date).try_for_each(|id| match self.work.store.get(table, id) {
                Some(row) => {
                    let base = codes::base(row.int(columns.kind).unwrap_or(0));
                    let theirs = match codes::direction(base) {
                        Direction::Out => *author == self.work.scope.account || self.is_own(author),
                        _ => self.work.people.key(&row.value(columns.from)).is_some_and(|k| k == *author),
                    };
                    if theirs { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                }
                // A row that is there and cannot be read is not missing.
                None => ControlFlow::Break(()),
            })
        });
        found.is_break()
    }

    /// Whether a key is the owner's own. Where nobody is known to be the owner, anybody may be.
    fn is_own(&self, author: &Key) -> bool {
        self.work.people.own.is_none_or(|own| self.work.people.of(own) == *author)
    }
}

/// A message goes by its author and the time on the author's clock.
pub(super) fn key(author: &Key, sent: Option<i64>) -> Key {
    format!("{author}/{}", sent.unwrap_or(0)).into()
}
