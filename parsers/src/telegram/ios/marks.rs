//! What stands beside the history: queues, failures, cursors, holes, the index.

use std::collections::HashMap;

use forensics_core::issue::{Issue, Severity};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::Origin;
use forensics_core::record::{AbsenceKind, Cursor, CursorSays, Record, Thread};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::Value;

use super::Reading;
use super::coder::{self, Object};
use super::id::{KeyReader, MessageId};
use super::peer::{self, PeerKind, Peers};
use crate::telegram::IOS_CHANNEL;
use crate::telegram::mentions::{Hole, Holes, Mark, Scope, Skip, Union};
use crate::telegram::rules::ios::{self as rules, CLOUD_NS};

/// The read state of a chat in the cloud's namespace.
#[derive(Clone, Debug)]
pub(super) struct ReadState {
    pub max_outgoing: i64,
    pub max_known: i64,
    pub origin: Origin,
}

/// The index of texts, the operations log and the like name messages by id; sets of few.
pub(super) type Named = HashMap<MessageId, Origin>;

/// Everything beside the history. Beside 8 bytes a message for the index and for the history, it grows with
/// conversations and with what waits.
#[derive(Default)]
pub(super) struct Marks {
    pub unsent: Named,
    pub failed: Named,
    pub removals: Named,
    pub read_states: HashMap<i64, ReadState>,
    pub holes: Holes,
    /// Hashes of the ids in `t4`, sorted; `None` where the table is not there.
    index: Option<Vec<u64>>,
    /// Hashes of the ids in `t7`, sorted.
    history: Vec<u64>,
    /// Ids of the sequence that users and basic groups share, sorted.
    shared: Vec<i32>,
    covered: Union,
}

impl Marks {
    pub(super) fn read(
        store: &OpenStore,
        sink: &mut dyn Sink,
        scope: &Scope,
        peers: &Peers,
        me: Option<i64>,
    ) -> Result<Marks, Stopped> {
        let mut marks = Marks::default();
        marks.survey(store);
        marks.unsent = read_ids(store, sink, "t11", MessageId::of_unsent)?;
        // Tables 47 and 48 hold other things in the versions whose source was read (tag summaries, notification settings).
        marks.failed = read_ids(store, sink, "t49", MessageId::of_index)?;
        marks.read_removals(store, sink)?;
        marks.read_holes(store, sink)?;
        marks.read_read_states(store, sink, scope, peers, me)?;
        read_channel_states(store, sink, scope)?;
        marks.covered = marks.holes.union(|peer| peer::kind(peer) != PeerKind::Channel);
        Ok(marks)
    }

    /// The ids of the history, and of the shared sequence.
    fn survey(&mut self, store: &OpenStore) {
        let Some(table) = store.table("t7") else { return };
        let key = table.column("key");
        for row in store.scan(table).filter_map(Result::ok) {
            let Some((id, _)) = row.bytes(key).and_then(|key| MessageId::of_history(&key)) else { continue };
            self.history.push(id.hash());
            if id.is_cloud() && matches!(peer::kind(id.peer), PeerKind::User | PeerKind::Group) {
                self.shared.push(id.id);
            }
        }
        self.history.sort_unstable();
        self.shared.sort_unstable();
        if let Some(table) = store.table("t4") {
            let key = table.column("key");
            let ids = store.scan(table).filter_map(Result::ok);
            let mut index: Vec<u64> = ids
                .filter_map(|row| row.bytes(key).and_then(|key| MessageId::of_index(&key)).map(|id| id.hash()))
                .collect();
            index.sort_unstable();
            self.index = Some(index);
        }
    }

    /// Whether the history holds the message.
    pub(super) fn has(&self, id: &MessageId) -> bool {
        self.history.binary_search(&id.hash()).is_ok()
    }

    /// Whether the index of the history lacks a message that the history holds.
    pub(super) fn lacks_index(&self, id: &MessageId) -> bool {
        self.index.as_ref().is_some_and(|index| index.binary_search(&id.hash()).is_err())
    }

    /// What the shared sequence lacks just before a message.
    pub(super) fn skip_before(&self, id: &MessageId) -> Option<Skip> {
        if !self.holes.known || !id.is_cloud() || !matches!(peer::kind(id.peer), PeerKind::User | PeerKind::Group) {
            return None;
        }
        let place = self.shared.partition_point(|other| *other < id.id).checked_sub(1)?;
        self.covered.skip(i64::from(*self.shared.get(place)?), i64::from(id.id))
    }

    /// Table 31, tag 3: deletions that wait to be told to the server.
    fn read_removals(&mut self, store: &OpenStore, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(table) = store.table("t31") else { return Ok(()) };
        let (key, value) = (table.column("key"), table.column("value"));
        store.each(sink, "t31", |row, _| {
            let key = row.bytes(key).unwrap_or_default();
            let tag = KeyReader::new(&key, 13).and_then(|mut k| {
                k.i64()?;
                k.u8()
            });
            if tag != Some(3) {
                return Ok(Fate::PassedOver);
            }
            let bytes = row.bytes(value).unwrap_or_default();
            let ids = removed(&bytes);
            if ids.is_empty() {
                return Ok(Fate::PassedOver);
            }
            self.removals.extend(ids.into_iter().map(|id| (id, row.cell(value))));
            Ok(Fate::Folded)
        })
    }

    /// Ranges not loaded: key peer, namespace, tag, upper end; value the other end; both are not loaded themselves.
    fn read_holes(&mut self, store: &OpenStore, sink: &mut dyn Sink) -> Result<(), Stopped> {
        for name in ["t54", "t55", "t56"] {
            let Some(table) = store.table(name) else { continue };
            self.holes.known = true;
            let (key, value) = (table.column("key"), table.column("value"));
            store.each(sink, name, |row, _| {
                let (key, bytes) = (row.bytes(key).unwrap_or_default(), row.bytes(value).unwrap_or_default());
                let parts = KeyReader::new(&key, 20).and_then(|mut k| Some((k.i64()?, k.i32()?, k.i32()?, k.i32()?)));
                let other = bytes.first_chunk::<4>().filter(|_| bytes.len() == 4).map(|b| i32::from_le_bytes(*b));
                let (Some((peer, namespace, tag, upper)), Some(other)) = (parts, other) else {
                    return Ok(Fate::PassedOver);
                };
                if i64::from(namespace) == CLOUD_NS && tag == 0 {
                    let (low, high) = (i64::from(upper.min(other)), i64::from(upper.max(other)));
                    let marker = Marker::new(MarkerKind::Cursor, "hole", low, row.cell(value))
                        .meaning(format!("not loaded: {low} to {high}"));
                    let hole = Hole { after: low.saturating_sub(1), before: high.saturating_add(1), marker };
                    self.holes.add(peer, hole);
                }
                Ok(Fate::Folded)
            })?;
        }
        if !self.holes.known {
            let detail = format!("{}: no table of holes: gaps are not looked for", store.path());
            let origin = Some(Origin::store(store.id()));
            sink.issue(Issue { code: "telegram-unsafe-gaps", severity: Severity::Degraded, detail, origin })?;
        }
        Ok(())
    }

    fn read_read_states(
        &mut self,
        store: &OpenStore,
        sink: &mut dyn Sink,
        scope: &Scope,
        peers: &Peers,
        me: Option<i64>,
    ) -> Result<(), Stopped> {
        let Some(table) = store.table("t14") else { return Ok(()) };
        let (key, value) = (table.column("key"), table.column("value"));
        store.each(sink, "t14", |row, sink| {
            let Some(peer) = row.int(key) else {
                return Ok(Fate::Quarantined("a read state whose key is no number".to_owned()));
            };
            let bytes = row.bytes(value).unwrap_or_default();
            sink.emit(thread(scope, peers, me, peer, row.origin()))?;
            let Some([incoming, outgoing, known]) = cloud_read_state(&bytes) else { return Ok(Fate::Emitted) };
            let origin = row.cell(value);
            let marks = [("maxIncomingReadId", incoming), ("maxOutgoingReadId", outgoing)];
            for (name, id) in marks.into_iter().filter(|(_, id)| *id > 0) {
                let marker = Marker::new(MarkerKind::Cursor, name, id, origin.clone());
                sink.emit(cursor(scope, peer, "", CursorSays::Position(id), marker))?;
            }
            self.read_states.insert(peer, ReadState { max_outgoing: outgoing, max_known: known, origin });
            Ok(Fate::Emitted)
        })
    }

    /// The highest known id of each chat, and what explains ids that a channel lacks.
    pub(super) fn say_horizons(&self, reading: &Reading<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let scope = &reading.scope;
        let mut peers: Vec<_> = self.read_states.iter().filter(|(_, state)| state.max_known > 0).collect();
        peers.sort_unstable_by_key(|(peer, _)| **peer);
        for (&peer, state) in peers {
            let known = state.max_known;
            let marker = Marker::new(MarkerKind::Cursor, "maxKnownId", known, state.origin.clone());
            let explained = !self.holes.known || self.holes.around(peer, known).is_some();
            if peer::kind(peer) == PeerKind::Channel {
                let says = if explained { CursorSays::Position(known) } else { CursorSays::Reached(known) };
                sink.emit(cursor(scope, peer, IOS_CHANNEL, says, marker))?;
                continue;
            }
            sink.emit(cursor(scope, peer, "", CursorSays::Position(known), marker.clone()))?;
            let id = i32::try_from(known).map(|id| MessageId { peer, namespace: 0, id });
            let Ok(id) = id.map_err(|_| ()) else { continue };
            if explained || peer::kind(peer) == PeerKind::Secret || self.has(&id) {
                continue;
            }
            sink.emit(scope.mention(Mark {
                thread: Some(peer.to_string().into()),
                names: id.names(),
                kind: AbsenceKind::BeyondRecords,
                rule: &rules::MAX_KNOWN_MISSING,
                text: Value::Null,
                origin: marker.origin.clone(),
                markers: vec![marker],
            }))?;
        }
        for (peer, hole) in self.holes.all().filter(|(peer, _)| peer::kind(*peer) == PeerKind::Channel) {
            let says = CursorSays::Hole { after: hole.after, before: hole.before };
            sink.emit(cursor(scope, peer, IOS_CHANNEL, says, hole.marker.clone()))?;
        }
        Ok(())
    }
}

/// A cursor of a chat.
fn cursor(scope: &Scope, peer: i64, sequence: &'static str, says: CursorSays, marker: Marker) -> Record {
    let thread = Some(peer.to_string().into());
    Record::Cursor(Cursor { space: scope.space, account: scope.account.clone(), thread, sequence, says, marker })
}

/// A chat.
pub(super) fn thread(scope: &Scope, peers: &Peers, me: Option<i64>, peer: i64, origin: Origin) -> Record {
    let person = match peer::kind(peer) {
        PeerKind::User => Some(peer),
        PeerKind::Secret => peers.regular(peer),
        _ => None,
    };
    Record::Thread(Thread {
        origin,
        account: scope.account.clone(),
        id: peer.to_string().into(),
        name: peers.name(peer),
        kind: peers.thread_kind(peer, me),
        participants: person.map(|id| id.to_string().into()).into_iter().collect(),
        extra: Vec::new(),
    })
}

/// The ids that are a table's keys.
fn read_ids(
    store: &OpenStore,
    sink: &mut dyn Sink,
    name: &str,
    id_of: fn(&[u8]) -> Option<MessageId>,
) -> Result<Named, Stopped> {
    let mut ids = Named::new();
    let Some(table) = store.table(name) else { return Ok(ids) };
    let key = table.column("key");
    store.each(sink, name, |row, _| {
        let Some(id) = row.bytes(key).and_then(|key| id_of(&key)) else { return Ok(Fate::PassedOver) };
        ids.insert(id, row.cell(key));
        Ok(Fate::Folded)
    })?;
    Ok(ids)
}

/// Table 13: positions in the channels' streams of updates.
fn read_channel_states(store: &OpenStore, sink: &mut dyn Sink, scope: &Scope) -> Result<(), Stopped> {
    let Some(table) = store.table("t13") else { return Ok(()) };
    let (key, value) = (table.column("key"), table.column("value"));
    store.each(sink, "t13", |row, sink| {
        let bytes = row.bytes(value).unwrap_or_default();
        let (Some(peer), Some(object)) = (row.int(key), Object::root(&bytes)) else {
            return Ok(Fate::Quarantined("a chat state that is no Postbox object".to_owned()));
        };
        if let Some(pts) = object.int("pts") {
            let marker = Marker::new(MarkerKind::Cursor, "pts", pts, row.cell(value).within("pts"));
            sink.emit(cursor(scope, peer, "", CursorSays::Position(pts), marker))?;
        }
        Ok(Fate::Folded)
    })
}

/// Highest incoming read, outgoing read and known id of the cloud's namespace.
fn cloud_read_state(bytes: &[u8]) -> Option<[i64; 3]> {
    let mut cursor = coder::Cursor::new(bytes);
    let count = cursor.i32()?;
    for _ in 0..count {
        let namespace = cursor.i32()?;
        // The other kind counts by message, and its length is not documented.
        if cursor.u8()? != 0 {
            return None;
        }
        let ids = [cursor.i32()?, cursor.i32()?, cursor.i32()?].map(i64::from);
        if i64::from(namespace) == CLOUD_NS {
            return Some(ids);
        }
        cursor.i32()?; // unread count
        cursor.i32()?; // flags
    }
    None
}

/// The messages of a `CloudChatRemoveMessagesOperation`; none for another operation.
fn removed(value: &[u8]) -> Vec<MessageId> {
    let read = || {
        let mut cursor = coder::Cursor::new(value);
        if cursor.u8()? != 0 {
            cursor.i32()?; // place in the log of all peers
        }
        let object = Object::root(cursor.counted()?).filter(|o| o.is("CloudChatRemoveMessagesOperation"))?;
        let mut list = coder::Cursor::new(object.bytes("i")?);
        let count = list.i32()?;
        let mut ids = Vec::new();
        for _ in 0..count {
            let (Some(peer), Some(namespace), Some(id)) = (list.i64(), list.i32(), list.i32()) else { break };
            ids.push(MessageId { peer, namespace, id });
        }
        Some(ids)
    };
    read().unwrap_or_default()
}
