//! The history (`t7`).

use std::collections::HashSet;

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::origin::Origin;
use forensics_core::record::{AbsenceKind, Direction, Message, MessageKind, Receipt, ReceiptKind, Record, ThreadKind};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Col, Row};
use forensics_core::value::Value;

use super::history::{Intermediate, Placed};
use super::id::MessageId;
use super::peer::{self, PeerKind};
use super::{Reading, content, marks, undecoded};
use crate::telegram::mentions::Mark;
use crate::telegram::notes;
use crate::telegram::rules::ios as rules;

/// Names of the namespaces of messages.
const NAMESPACES: [&str; 7] = [
    "cloud",
    "local",
    "secret, incoming",
    "scheduled, cloud",
    "scheduled, local",
    "quick reply, cloud",
    "quick reply, local",
];

/// Reads every message.
pub(super) fn read(reading: &Reading<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = reading.store.table("t7") else { return Ok(()) };
    let (key, value) = (table.column("key"), table.column("value"));
    let mut announced = HashSet::new();
    reading.store.each(sink, "t7", |row, sink| {
        let Some((id, time)) = row.bytes(key).and_then(|key| MessageId::of_history(&key)) else {
            return Ok(Fate::Quarantined("a message under a key of another shape".to_owned()));
        };
        let bytes = row.bytes(value).unwrap_or_default();
        let message = Intermediate::read(&bytes);
        // To 2019, holes stood among the messages.
        if message.kind != 0 {
            return Ok(Fate::PassedOver);
        }
        if !reading.marks.read_states.contains_key(&id.peer) && announced.insert(id.peer) {
            sink.emit(marks::thread(&reading.scope, &reading.peers, reading.me, id.peer, row.origin()))?;
        }
        let one = One { reading, row, key, cell: row.cell(value), id, time, bytes: &bytes, value: message };
        one.read(sink)
    })
}

/// One row on its way to a record.
struct One<'r, 'a, 'b> {
    reading: &'r Reading<'a>,
    row: &'r Row<'a>,
    key: Col,
    /// The cell of the value.
    cell: Origin,
    id: MessageId,
    time: i32,
    bytes: &'b [u8],
    value: Intermediate<'b>,
}

impl One<'_, '_, '_> {
    fn read(&self, sink: &mut dyn Sink) -> Result<Fate, Stopped> {
        let scope = &self.reading.scope;
        let thread = self.id.peer.to_string().into();
        let mut m = Message::new(self.row.origin(), scope.account.clone(), thread, self.id.key().into());
        m.space = scope.space;
        m.sent = Some(content::seconds(i64::from(self.time)));
        m.server_id = self.id.server_id().map(Into::into);
        m.sender = self.value.author.map(|id| id.to_string().into());
        if let Some(Placed { value: flags, .. }) = self.value.flags {
            let incoming = i64::from(flags) & rules::INCOMING != 0;
            m.direction = if incoming { Direction::In } else { Direction::Out };
        }
        self.note(&mut m);
        self.mark(&mut m);
        self.mark_by_tables(&mut m);
        content::describe(&mut m, &self.value, &self.reading.media, &self.cell);
        self.finish(&mut m, sink)?;
        self.reply(&mut m, sink)?;
        self.skip(sink)?;
        sink.emit(Record::Message(Box::new(m)))?;
        Ok(Fate::Emitted)
    }

    fn note(&self, m: &mut Message) {
        let Reading { me, peers, .. } = self.reading;
        let mut note = |yes: bool, code| m.notes.extend(yes.then_some(code));
        note(matches!(self.id.namespace, 3 | 4), notes::SCHEDULED);
        note(matches!(self.id.namespace, 5 | 6), notes::QUICK_REPLY);
        note(peer::kind(self.id.peer) == PeerKind::Secret, notes::SECRET);
        note(Some(self.id.peer) == *me, notes::SELF);
        note(peers.thread_kind(self.id.peer, *me) == ThreadKind::Channel, notes::BROADCAST);
        note(self.value.forward.is_some(), notes::FORWARDED);
        note(self.value.broken_at.is_some(), notes::UNDECODED);
    }

    fn within(&self, at: usize) -> Origin {
        self.cell.within(format!("byte {at}"))
    }

    /// The marks of the record itself.
    fn mark(&self, m: &mut Message) {
        let key = self.row.cell(self.key);
        let namespace = i64::from(self.id.namespace);
        let name = usize::try_from(namespace).ok().and_then(|n| NAMESPACES.get(n)).copied();
        m.markers.push(
            Marker::new(MarkerKind::State, "namespace", namespace, key.within("bytes 8 to 12"))
                .meaning(Value::from(name)),
        );
        let number = i64::from(self.id.id);
        let given = matches!(self.id.namespace, 0 | 3 | 5);
        let kind = if given { MarkerKind::ServerId } else { MarkerKind::State };
        m.markers.push(Marker::new(kind, "id", number, key.within("bytes 16 to 20")));
        if self.id.is_cloud() && self.id.in_channel() && self.reading.marks.holes.known {
            m.sequence = Some(number);
            m.markers.push(Marker::new(MarkerKind::Sequence, "id", number, key.within("bytes 16 to 20")));
        }
        if let Some(Placed { at, value }) = self.value.flags {
            m.markers.push(Marker::new(MarkerKind::State, "flags", i64::from(value), self.within(at)));
        }
        if let Some(Placed { at, value }) = self.value.globally_unique_id {
            m.markers.push(Marker::new(MarkerKind::State, "globallyUniqueId", value, self.within(at)));
        }
        let mut attribute = |class: &str, field: &str, name: &'static str| {
            let Some((at, object)) = self.value.attribute(class) else { return };
            if let Some(number) = object.int(field) {
                m.markers.push(Marker::new(MarkerKind::State, name, number, self.within(*at)));
            }
        };
        attribute("OutgoingMessageInfoAttribute", "u", "OutgoingMessageInfoAttribute.u");
        attribute("OutgoingMessageInfoAttribute", "ack", "OutgoingMessageInfoAttribute.ack");
        attribute("ChannelMessageStateVersionAttribute", "p", "ChannelMessageStateVersionAttribute.p");
        if let Some((at, raw)) = content::action(&self.value) {
            m.markers.push(Marker::new(MarkerKind::State, "action", raw, self.within(at)));
        }
    }

    /// The marks of the tables beside.
    fn mark_by_tables(&self, m: &mut Message) {
        let marks = &self.reading.marks;
        let number = i64::from(self.id.id);
        let mut named = |origin: Option<&Origin>, kind, name| {
            m.markers.extend(origin.map(|origin| Marker::new(kind, name, number, origin.clone())));
        };
        named(marks.unsent.get(&self.id), MarkerKind::Queued, "t11");
        named(marks.failed.get(&self.id), MarkerKind::Failure, "t49");
        named(marks.removals.get(&self.id), MarkerKind::Tombstone, "t31");
        if marks.lacks_index(&self.id) {
            let marker = Marker::new(MarkerKind::Reference, "t4", number, self.row.cell(self.key));
            m.markers.push(marker.meaning("no row in t4"));
        }
        if !self.id.is_cloud() {
            return;
        }
        if !self.id.in_channel() {
            m.markers.extend(marks.holes.around(self.id.peer, number).map(|hole| hole.marker.clone()));
        }
        let Some(state) = marks.read_states.get(&self.id.peer) else { return };
        let cursor = |name, raw| Marker::new(MarkerKind::Cursor, name, raw, state.origin.clone());
        if m.direction == Direction::Out && number <= state.max_outgoing {
            m.markers.push(cursor("maxOutgoingReadId", state.max_outgoing));
            if peer::kind(self.id.peer) == PeerKind::User && Some(self.id.peer) != self.reading.me {
                let recipient = Some(self.id.peer.to_string().into());
                m.receipts.push(Receipt { recipient, kind: ReceiptKind::Read, at: None, origin: state.origin.clone() });
            }
        }
        if state.max_known > 0 && number > state.max_known && !self.id.in_channel() {
            m.markers.push(cursor("maxKnownId", state.max_known));
        }
    }

    /// What cannot be said before the content is known.
    fn finish(&self, m: &mut Message, sink: &mut dyn Sink) -> Result<(), Stopped> {
        if !m.edits.is_empty() {
            m.notes.push(notes::EDITED);
        }
        if m.kind == MessageKind::System {
            m.direction = Direction::System;
        }
        let Some(at) = self.value.broken_at else { return Ok(()) };
        let rest = self.bytes.get(at..).unwrap_or_default();
        m.markers.push(Marker::new(MarkerKind::Remnant, "value", rest, self.within(at)));
        if self.value.text.is_none() {
            m.text = self.bytes.into();
        }
        let why = format!("the value cannot be read from byte {at} on");
        sink.issue(undecoded(self.reading.store, self.cell.clone(), &why))
    }

    /// The message that this one answers, and the absence of it.
    fn reply(&self, m: &mut Message, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some((at, attribute)) = self.value.attribute("ReplyMessageAttribute") else { return Ok(()) };
        // The namespace in the lower half, the number in the upper one.
        let Some(packed) = attribute.int("i") else { return Ok(()) };
        let [a, b, c, d, e, f, g, h] = packed.to_le_bytes();
        let namespace = i32::from_le_bytes([a, b, c, d]);
        let target = MessageId {
            peer: attribute.int("p").filter(|peer| *peer != 0).unwrap_or(self.id.peer),
            namespace,
            id: i32::from_le_bytes([e, f, g, h]),
        };
        m.reply_to = Some(target.server_id().unwrap_or_else(|| target.key()).into());
        let marks = &self.reading.marks;
        // A chat that was never opened here cannot lack a message.
        let foreign = target.peer != self.id.peer && !marks.read_states.contains_key(&target.peer);
        if foreign || marks.has(&target) {
            return Ok(());
        }
        let place = self.within(*at);
        let hole = marks.holes.around(target.peer, i64::from(target.id)).filter(|_| target.is_cloud());
        let mut markers = vec![Marker::new(MarkerKind::Reference, "ReplyMessageAttribute.i", packed, place.clone())];
        markers.extend(hole.map(|hole| hole.marker.clone()));
        sink.emit(self.reading.scope.mention(Mark {
            thread: Some(target.peer.to_string().into()),
            names: target.names(),
            kind: AbsenceKind::Dangling,
            rule: if hole.is_some() { &rules::REPLY_TARGET_NOT_LOADED } else { &rules::REPLY_TARGET_MISSING },
            text: Value::Null,
            markers,
            origin: place,
        }))
    }

    /// What the shared sequence lacks just before this message.
    fn skip(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(skip) = self.reading.marks.skip_before(&self.id) else { return Ok(()) };
        let origin = self.row.cell(self.key);
        let marker = Marker::new(MarkerKind::Sequence, "id", i64::from(self.id.id), origin.clone());
        sink.emit(self.reading.scope.skip(&skip, &rules::SHARED_IDS_SKIP, marker, origin))
    }
}
