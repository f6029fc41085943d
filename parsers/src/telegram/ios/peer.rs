//! Peers (`t2`): persons, groups, channels, secret chats.

use std::collections::HashMap;

use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{Contact, Record, ThreadKind};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::Value;

use super::coder::Object;
use super::undecoded;
use crate::telegram::mentions::Scope;

/// What a packed peer id stands for: bits 32 to 34.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PeerKind {
    User,
    Group,
    Channel,
    Secret,
    Other,
}

/// The namespace of a packed peer id.
pub(super) fn kind(peer: i64) -> PeerKind {
    match (peer >> 32) & 7 {
        0 => PeerKind::User,
        1 => PeerKind::Group,
        2 => PeerKind::Channel,
        3 => PeerKind::Secret,
        _ => PeerKind::Other,
    }
}

/// The peer's own number, without the namespace: bits 0 to 31, and bits 35 and above as its high part.
pub(super) fn number(peer: i64) -> i64 {
    let low = peer & 0xffff_ffff;
    let high = (peer >> 35) << 32;
    high | low
}

struct Peer {
    name: Option<Box<str>>,
    broadcast: bool,
    /// Of a secret chat: the person.
    regular: Option<i64>,
}

/// Every peer. Grows with persons and conversations.
#[derive(Default)]
pub(super) struct Peers {
    peers: HashMap<i64, Peer>,
}

impl Peers {
    pub(super) fn read(store: &OpenStore, sink: &mut dyn Sink, scope: &Scope) -> Result<Peers, Stopped> {
        let mut peers = Peers::default();
        let Some(table) = store.table("t2") else { return Ok(peers) };
        let (key, value) = (table.column("key"), table.column("value"));
        store.each(sink, "t2", |row, sink| {
            let Some(id) = row.int(key) else {
                return Ok(Fate::Quarantined("a peer whose key is no number".to_owned()));
            };
            let bytes = row.bytes(value).unwrap_or_default();
            let Some(object) = Object::root(&bytes) else {
                sink.issue(undecoded(store, row.cell(value), "no Postbox object"))?;
                return Ok(Fate::Quarantined("a peer that is no Postbox object".to_owned()));
            };
            if !object.is_sound() {
                sink.issue(undecoded(store, row.cell(value), "a field of the object cannot be read"))?;
            }
            let peer = Peer::of(&object);
            let user = kind(id) == PeerKind::User;
            if user {
                sink.emit(Record::Contact(Contact {
                    origin: row.origin(),
                    account: scope.account.clone(),
                    id: id.to_string().into(),
                    name: peer.name.clone(),
                    extra: vec![
                        ("phone", Value::from(object.text("p"))),
                        ("username", Value::from(object.text("un"))),
                        ("user", number(id).into()),
                    ],
                }))?;
            }
            peers.peers.insert(id, peer);
            Ok(if user { Fate::Emitted } else { Fate::Folded })
        })?;
        Ok(peers)
    }

    /// The name of a peer; that of the person for a secret chat.
    pub(super) fn name(&self, id: i64) -> Option<Box<str>> {
        let peer = self.peers.get(&id)?;
        let person = peer.regular.and_then(|id| self.peers.get(&id));
        peer.name.clone().or_else(|| person?.name.clone())
    }

    pub(super) fn regular(&self, id: i64) -> Option<i64> {
        self.peers.get(&id)?.regular
    }

    /// Whether posts of the peer have no single reader.
    pub(super) fn is_broadcast(&self, id: i64) -> bool {
        self.peers.get(&id).is_some_and(|p| p.broadcast)
    }

    pub(super) fn thread_kind(&self, id: i64, me: Option<i64>) -> ThreadKind {
        match kind(id) {
            PeerKind::User if Some(id) == me || number(id) == 777_000 => ThreadKind::Service,
            PeerKind::User | PeerKind::Secret => ThreadKind::Direct,
            PeerKind::Group => ThreadKind::Group,
            PeerKind::Channel if self.is_broadcast(id) => ThreadKind::Channel,
            PeerKind::Channel => ThreadKind::Group,
            PeerKind::Other => ThreadKind::Unknown,
        }
    }
}

impl Peer {
    fn of(object: &Object<'_>) -> Peer {
        let person: Vec<String> = ["fn", "ln"].iter().filter_map(|key| object.text(key)).collect();
        let name = if person.is_empty() { object.text("t") } else { Some(person.join(" ")) };
        // `i.t`: 0 a broadcast channel, 1 a supergroup.
        let broadcast = object.int("i.t") == Some(0);
        Peer { name: name.map(Into::into), broadcast, regular: object.int("r") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_id_gives_namespace_and_number() {
        // A number beyond 32 bits: 7138871087 = 1 * 2^32 + 2843903791.
        assert_eq!((kind(37_203_642_159), number(37_203_642_159)), (PeerKind::User, 7_138_871_087));
        assert_eq!((kind(2 << 32 | 3001), number(2 << 32 | 3001)), (PeerKind::Channel, 3001));
        assert_eq!(kind(3 << 32 | 5), PeerKind::Secret);
    }
}
