//! Messages of every table that holds some: `messages_v2` (`messages`), `messages_topics`, `scheduled_messages_v2`,
//! `quick_replies_messages`.

use std::borrow::Cow;
use std::collections::HashSet;

use forensics_core::decode::tl::Object;
use forensics_core::issue::{Issue, Severity};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::record::{
    AbsenceKind, Attachment, Direction, Key, Message, MessageKind, Name, Receipt, ReceiptKind, Record, Thread,
    ThreadKind,
};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Col, Row, Table};
use forensics_core::value::Value;

use super::body::{Body, text_of};
use super::content;
use super::dialog::{Dialog, SERVICE_USER, real_mid};
use super::dialogs::thread_key;
use super::{Reading, repair_note, undecoded};
use crate::telegram::mentions::Mark;
use crate::telegram::notes;
use crate::telegram::rules::android as rules;

/// Which table a message stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Messages,
    Topics,
    Scheduled,
    QuickReplies,
}

struct Columns {
    mid: Col,
    uid: Col,
    topic_id: Col,
    read_state: Col,
    send_state: Col,
    date: Col,
    data: Col,
    out: Col,
    replydata: Col,
    is_channel: Col,
    reply_to: Col,
}

impl Columns {
    fn of(table: &Table) -> Columns {
        let named = |name| table.column(name);
        Columns {
            mid: named("mid"),
            uid: named("uid"),
            topic_id: named("topic_id"),
            read_state: named("read_state"),
            send_state: named("send_state"),
            date: named("date"),
            data: named("data"),
            out: named("out"),
            replydata: named("replydata"),
            is_channel: named("is_channel"),
            reply_to: named("reply_to_message_id"),
        }
    }
}

/// The names by which a mark knows a message: the server's id, or the local one with its dialog.
pub(super) fn server_names(uid: i64, mid: i64, channel: bool) -> Vec<Name> {
    if mid > 0 { vec![Name::Server(server_id(uid, mid, channel))] } else { vec![Name::Id(local_key(uid, mid).into())] }
}

/// Users and basic groups share one sequence, every channel counts for itself: only with the channel is an id unique.
fn server_id(uid: i64, mid: i64, channel: bool) -> Box<str> {
    if channel { format!("{uid}/{mid}").into() } else { mid.to_string().into() }
}

fn local_key(uid: i64, mid: i64) -> String {
    format!("{uid}/{mid}")
}

/// Reads all tables of messages.
pub(super) fn read(reading: &Reading<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let mut announced = HashSet::new();
    let tables = [
        ("messages_v2", Source::Messages),
        ("messages", Source::Messages),
        ("messages_topics", Source::Topics),
        ("scheduled_messages_v2", Source::Scheduled),
        ("scheduled_messages", Source::Scheduled),
        ("quick_replies_messages", Source::QuickReplies),
    ];
    let newer = reading.store.table("messages_v2").is_some();
    for (name, source) in tables {
        // Beside `messages_v2` the app keeps the old table only until it is copied: its rows would stand twice.
        if name == "messages" && newer {
            continue;
        }
        let store = reading.store;
        let Some(table) = store.table(name) else { continue };
        let columns = Columns::of(table);
        store.each(sink, name, |row, sink| {
            let one = match One::of(reading, row, &columns, source) {
                Ok(one) => one,
                Err(fate) => return Ok(fate),
            };
            one.announce(sink, &mut announced)?;
            one.read(sink)
        })?;
    }
    Ok(())
}

/// One row on its way to a record.
struct One<'r, 'a> {
    reading: &'r Reading<'a>,
    row: &'r Row<'a>,
    columns: &'r Columns,
    source: Source,
    raw_mid: i64,
    mid: i64,
    uid: i64,
    /// Whether the dialog counts its own ids.
    channel: bool,
    secret: bool,
    out: Option<i64>,
}

impl<'r, 'a> One<'r, 'a> {
    fn of(reading: &'r Reading<'a>, row: &'r Row<'a>, columns: &'r Columns, source: Source) -> Result<Self, Fate> {
        let missing = |what: &str| Fate::Quarantined(format!("a message without {what}"));
        let raw_mid = row.int(columns.mid).ok_or_else(|| missing("mid"))?;
        let uid = match source {
            Source::QuickReplies => row.int(columns.topic_id).ok_or_else(|| missing("topic_id"))?,
            _ => row.int(columns.uid).ok_or_else(|| missing("uid"))?,
        };
        let quick = source == Source::QuickReplies;
        let marked = row.int(columns.is_channel).is_some_and(|c| c > 0);
        let channel = !quick && (marked || reading.survey.is_channel(uid) || reading.peers.is_channel(uid));
        let secret = !quick && matches!(Dialog::of(uid), Dialog::Secret(_));
        let mid = real_mid(raw_mid);
        // What stands in a topic stands in the table of messages too.
        if source == Source::Topics && reading.survey.has(reading.store, raw_mid, uid) {
            return Err(Fate::Folded);
        }
        let planned = matches!(source, Source::Scheduled | Source::QuickReplies);
        let out = if planned { Some(1) } else { row.int(columns.out) };
        Ok(One { reading, row, columns, source, raw_mid, mid, uid, channel, secret, out })
    }

    /// A dialog that has no row of its own becomes a thread by its first message.
    fn announce(&self, sink: &mut dyn Sink, announced: &mut HashSet<(bool, i64)>) -> Result<(), Stopped> {
        let quick = self.source == Source::QuickReplies;
        let known = !quick
            && (self.reading.dialogs.get(self.uid).is_some() || self.reading.survey.lowest.contains_key(&self.uid));
        if known || !announced.insert((quick, self.uid)) {
            return Ok(());
        }
        let kind = if quick { ThreadKind::Service } else { self.reading.peers.kind(self.uid, self.reading.me) };
        sink.emit(Record::Thread(Thread {
            origin: self.row.origin(),
            account: self.reading.scope.account.clone(),
            id: self.thread(),
            name: if quick { Some("quick replies".into()) } else { self.reading.peers.name(self.uid) },
            kind,
            participants: Vec::new(),
            extra: Vec::new(),
        }))
    }

    fn thread(&self) -> Key {
        if self.source == Source::QuickReplies {
            return format!("quick-replies/{}", self.uid).into();
        }
        thread_key(self.uid)
    }

    fn key(&self) -> String {
        match self.source {
            Source::Messages | Source::Topics => local_key(self.uid, self.mid),
            Source::Scheduled => format!("scheduled/{}/{}", self.uid, self.mid),
            Source::QuickReplies => format!("quick-reply/{}/{}", self.uid, self.mid),
        }
    }

    fn read(&self, sink: &mut dyn Sink) -> Result<Fate, Stopped> {
        let reading = self.reading;
        let origin = self.row.origin();
        let key: Key = self.key().into();
        let mut m = Message::new(origin, reading.scope.account.clone(), self.thread(), key.clone());
        m.space = reading.scope.space;
        m.sent = self.row.int(self.columns.date).map(content::seconds);
        m.direction = match self.out {
            Some(1) => Direction::Out,
            Some(0) => Direction::In,
            _ => Direction::Unknown,
        };
        if self.mid > 0 && !self.secret {
            let plain = matches!(self.source, Source::Messages | Source::Topics);
            m.server_id = Some(if plain { server_id(self.uid, self.mid, self.channel) } else { (*key).into() });
        }
        self.note(&mut m);
        self.mark(&mut m);
        let bytes = self.row.bytes(self.columns.data);
        self.fill(&mut m, bytes.as_deref(), sink)?;
        if matches!(self.source, Source::Messages | Source::Topics) {
            self.mark_by_dialog(&mut m);
        }
        sink.emit(Record::Message(Box::new(m)))?;
        Ok(Fate::Emitted)
    }

    fn note(&self, m: &mut Message) {
        m.notes.extend(repair_note(self.reading));
        let mut note = |yes: bool, code| m.notes.extend(yes.then_some(code));
        note(self.source == Source::Scheduled, notes::SCHEDULED);
        note(self.source == Source::QuickReplies, notes::QUICK_REPLY);
        note(self.source == Source::Topics, notes::TOPIC_COPY);
        note(self.secret, notes::SECRET);
        if matches!(self.source, Source::Messages | Source::Topics) {
            note(self.uid == SERVICE_USER, notes::SERVICE);
            note(Some(self.uid) == self.reading.me, notes::SELF);
            let kind = self.reading.peers.kind(self.uid, self.reading.me);
            note(kind == ThreadKind::Channel, notes::BROADCAST);
            note(self.reading.dialogs.get(self.uid).is_none(), notes::NO_DIALOG);
            let disordered = self.source == Source::Messages && self.reading.survey.is_out_of_order(self.row.rowid());
            note(disordered, notes::OUT_OF_ORDER);
        }
    }

    /// The marks of the row itself.
    fn mark(&self, m: &mut Message) {
        let cell = |column| self.row.cell(column);
        let columns = self.columns;
        let kind = if self.mid > 0 && !self.secret { MarkerKind::ServerId } else { MarkerKind::State };
        let mut mid = Marker::new(kind, "mid", self.raw_mid, cell(columns.mid));
        if self.mid != self.raw_mid {
            mid = mid.meaning(self.mid);
        }
        if self.channel
            && self.mid > 0
            && self.reading.holes.known
            && matches!(self.source, Source::Messages | Source::Topics)
        {
            m.sequence = Some(self.mid);
            m.markers.push(mid.clone());
            mid = Marker { kind: MarkerKind::Sequence, ..mid };
        }
        m.markers.push(mid);
        let state = self.row.value(columns.send_state);
        let meaning = match state.as_int() {
            Some(0) => "sent or received".into(),
            Some(1) => "sending".into(),
            Some(2) => "error".into(),
            Some(3) => "editing".into(),
            _ => Value::Null,
        };
        m.markers.push(Marker::new(MarkerKind::State, "send_state", state, cell(columns.send_state)).meaning(meaning));
        if let Some(out) = self.row.int(columns.out).filter(|out| self.secret || *out == 1) {
            m.markers.push(Marker::new(MarkerKind::State, "out", out, cell(columns.out)));
        }
        if let Some(read) = self.row.int(columns.read_state).filter(|bits| self.out == Some(1) && bits & 1 == 1) {
            m.markers.push(Marker::new(MarkerKind::Receipt, "read_state", read, cell(columns.read_state)));
        }
        if m.notes.contains(&notes::OUT_OF_ORDER) {
            m.markers.push(Marker::new(
                MarkerKind::ServerTime,
                "date",
                self.row.value(columns.date),
                cell(columns.date),
            ));
        }
        self.mark_by_sides(m);
    }

    /// The marks of the tables beside.
    fn mark_by_sides(&self, m: &mut Message) {
        if !matches!(self.source, Source::Messages | Source::Topics) {
            return;
        }
        let sides = &self.reading.sides;
        let random_id = sides.randoms.column("random_id");
        for row in sides.randoms.rows(self.raw_mid, self.uid) {
            let Some(random) = row.int(random_id) else { continue };
            m.markers.push(Marker::new(MarkerKind::State, "random_id", random, row.cell(random_id)));
            m.aliases.push(random_key(self.uid, random).into());
        }
        for row in sides.pushes.rows(self.raw_mid, self.uid) {
            let cell = row.cell(sides.pushes.column("mid"));
            m.markers.push(Marker::new(MarkerKind::Reference, "unread_push_messages", self.raw_mid, cell));
        }
        if !self.secret {
            return;
        }
        for row in sides.seq.rows(self.raw_mid, self.uid) {
            for name in ["seq_in", "seq_out"] {
                let column = sides.seq.column(name);
                if let Some(number) = row.int(column) {
                    m.markers.push(Marker::new(MarkerKind::State, name, number, row.cell(column)));
                }
            }
        }
    }

    /// The marks of the dialog, where they say something of this message.
    fn mark_by_dialog(&self, m: &mut Message) {
        if self.secret || self.mid <= 0 {
            return;
        }
        if let Some(hole) = self.reading.holes.around(self.uid, self.mid).filter(|_| !self.channel) {
            m.markers.push(hole.marker.clone());
        }
        let Some(dialog) = self.reading.dialogs.get(self.uid) else { return };
        if let Some(newest) = dialog.newest().filter(|newest| self.mid > newest.mid && !self.channel) {
            m.markers.push(dialog.marker(newest));
        }
        let unread = self.row.int(self.columns.read_state).is_some_and(|bits| bits & 1 == 0);
        if let Some(inbox) = dialog.inbox().filter(|inbox| self.out == Some(0) && unread && self.mid <= inbox.mid) {
            m.markers.push(dialog.marker(inbox));
        }
        if let Some(outbox) = dialog.outbox().filter(|outbox| self.out == Some(1) && self.mid <= outbox.mid) {
            let marker = dialog.marker(outbox);
            if self.uid > 0 && Some(self.uid) != self.reading.me {
                m.receipts.push(Receipt {
                    recipient: Some(self.uid.to_string().into()),
                    kind: ReceiptKind::Read,
                    at: None,
                    origin: marker.origin.clone(),
                });
            }
            m.markers.push(marker);
        }
    }

    /// What the stored object says.
    fn fill(&self, m: &mut Message, bytes: Option<&[u8]>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(bytes) = bytes.filter(|b| !b.is_empty()) else { return self.reply(m, None, sink) };
        let cell = self.row.cell(self.columns.data);
        let body = Body::read(bytes);
        if let Some(trouble) = &body.trouble {
            m.notes.push(notes::UNDECODED);
            let rest = bytes.get(trouble.at..).unwrap_or_default();
            let place = cell.within(format!("byte {}", trouble.at));
            m.markers.push(Marker::new(MarkerKind::Remnant, "data", rest, place));
            sink.issue(undecoded(self.reading.store, cell.clone(), &trouble.to_string()))?;
        } else if body.left > 0 {
            let detail = format!("{}: {} bytes follow the stored message", self.reading.store.path(), body.left);
            let origin = Some(cell.clone());
            sink.issue(Issue { code: "telegram-bytes-left", severity: Severity::Info, detail, origin })?;
        }
        let Some(object) = &body.object else {
            m.text = bytes.into();
            return self.reply(m, None, sink);
        };
        self.describe(m, object, &cell);
        if let Some((path, at)) = &body.attach_path {
            let origin = cell.within(format!("byte {at}"));
            match m.attachments.first_mut() {
                Some(attachment) => attachment.path = Some(path.as_str().into()),
                None if m.kind != MessageKind::Text => m.attachments.push(Attachment {
                    name: None,
                    mime: None,
                    size: None,
                    path: Some(path.as_str().into()),
                    sha256: None,
                    origin,
                }),
                None => {}
            }
        }
        self.reply(m, Some(object), sink)
    }

    fn describe(&self, m: &mut Message, object: &Object<'_, '_>, cell: &forensics_core::origin::Origin) {
        let within = |field: &str| {
            let at = object.node(field).map_or_else(String::new, |n| format!("{field}, bytes {} to {}", n.at, n.end));
            cell.within(at)
        };
        m.text = content::text(object.bytes("message").filter(|t| !t.is_empty()));
        m.kind = content::kind(object);
        m.native_type = Some(content::native_type(object));
        m.attachments = content::attachments(object, &within("media"));
        m.reactions = content::reactions(object, &within("reactions"));
        m.edits.extend(content::edit(object, &within("edit_date")));
        m.call = content::call(object);
        m.sender = self.sender(object).map(|id| id.to_string().into());
        let mut note = |yes: bool, code| m.notes.extend(yes.then_some(code));
        note(!m.edits.is_empty(), notes::EDITED);
        note(object.get("fwd_from").is_some() || object.get("fwd_from_id").is_some(), notes::FORWARDED);
        if let Some(action) = object.object("action") {
            m.markers.push(Marker::new(MarkerKind::State, rules::ACTION, action.name(), within("action")));
            if m.kind == MessageKind::System {
                m.direction = Direction::System;
            }
        }
        if let Some(id) = object.int("id").filter(|id| *id != self.mid) {
            let kind = if id > 0 { MarkerKind::ServerId } else { MarkerKind::State };
            m.markers.push(Marker::new(kind, "data.id", id, within("id")));
        }
    }

    /// Without a sender the message is from the peer of a private chat, from the channel, or from oneself.
    fn sender(&self, object: &Object<'_, '_>) -> Option<i64> {
        if let Some(sender) = content::peer(object.get("from_id")) {
            return Some(sender);
        }
        match (self.out, Dialog::of(self.uid)) {
            (Some(1), _) if !self.channel => self.reading.me,
            (Some(0), Dialog::User(id)) => Some(id),
            (Some(0), Dialog::Secret(chat)) => self.reading.peers.secret_user(chat),
            (_, Dialog::Chat(_)) if self.channel => Some(self.uid),
            _ => None,
        }
    }

    /// The message that this one answers, and the absence of it.
    fn reply(&self, m: &mut Message, object: Option<&Object<'_, '_>>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        if !matches!(self.source, Source::Messages | Source::Topics) {
            return Ok(());
        }
        let random = object.and_then(|o| o.int("reply_to_random_id")).filter(|id| *id != 0);
        if let Some(random) = random.filter(|_| self.secret) {
            let name = random_key(self.uid, random);
            m.reply_to = Some(name.as_str().into());
            let place = self.row.cell(self.columns.data).within("reply_to_random_id");
            return self.missing_reply(
                sink,
                (self.uid, vec![Name::Id(name.into())]),
                (random, Cow::Borrowed("data.reply_to_random_id")),
                place,
                false,
            );
        }
        let header = object.and_then(|o| o.object("reply_to"));
        let column = self.row.int(self.columns.reply_to).filter(|id| *id != 0);
        let inner =
            header.and_then(|h| h.int("reply_to_msg_id")).or_else(|| object.and_then(|o| o.int("reply_to_msg_id")));
        let Some(target) = column.or(inner).filter(|id| *id != 0).map(real_mid) else { return Ok(()) };
        let elsewhere = header.and_then(|h| content::peer(h.get("reply_to_peer_id"))).filter(|uid| *uid != self.uid);
        let uid = elsewhere.unwrap_or(self.uid);
        let channel = if elsewhere.is_some() {
            self.reading.survey.is_channel(uid) || self.reading.peers.is_channel(uid)
        } else {
            self.channel
        };
        let names = server_names(uid, target, channel);
        m.reply_to = names.first().map(|name| match name {
            Name::Server(id) | Name::Id(id) => id.clone(),
            Name::Row { rowid, .. } => rowid.to_string().into(),
        });
        let scheduled = header.is_some_and(|h| h.flag("reply_to_scheduled"));
        // A chat that was never opened here cannot lack a message.
        let foreign = elsewhere.is_some() && self.reading.dialogs.get(uid).is_none();
        if scheduled || foreign || self.reading.survey.has(self.reading.store, target, uid) {
            return Ok(());
        }
        let (name, place) = match column {
            Some(_) => ("reply_to_message_id", self.row.cell(self.columns.reply_to)),
            None => ("data.reply_to_msg_id", self.row.cell(self.columns.data).within("reply_to_msg_id")),
        };
        let not_loaded = self.reading.holes.around(uid, target).is_some();
        self.missing_reply(sink, (uid, names), (target, Cow::Borrowed(name)), place, not_loaded)
    }

    fn missing_reply(
        &self,
        sink: &mut dyn Sink,
        (uid, names): (i64, Vec<Name>),
        (target, name): (i64, Cow<'static, str>),
        place: forensics_core::origin::Origin,
        not_loaded: bool,
    ) -> Result<(), Stopped> {
        let copy = self.row.bytes(self.columns.replydata).filter(|b| !b.is_empty());
        let mut markers = vec![Marker::new(MarkerKind::Reference, name, target, place.clone())];
        if let Some(copy) = &copy {
            let cell = self.row.cell(self.columns.replydata);
            let length = i64::try_from(copy.len()).unwrap_or(i64::MAX);
            markers.push(Marker::new(MarkerKind::Remnant, "replydata", length, cell).meaning("bytes of a copy"));
        }
        if let Some(hole) = self.reading.holes.around(uid, target) {
            markers.push(hole.marker.clone());
        }
        sink.emit(self.reading.scope.mention(Mark {
            thread: Some(thread_key(uid)),
            names,
            kind: AbsenceKind::Dangling,
            rule: if not_loaded { &rules::REPLY_TARGET_NOT_LOADED } else { &rules::REPLY_TARGET_MISSING },
            text: text_of(copy.as_deref()),
            markers,
            origin: place,
        }))
    }
}

/// The key of a message of a secret chat by the random number that both sides know it by.
fn random_key(uid: i64, random: i64) -> String {
    format!("{uid}/random/{random}")
}
