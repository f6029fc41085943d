//! Message ids: peer, namespace, number; and the keys that are made of them.

use forensics_core::record::Name;

use super::peer::{self, PeerKind};
use crate::telegram::rules::ios::CLOUD_NS;

/// What a message goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct MessageId {
    pub peer: i64,
    pub namespace: i32,
    pub id: i32,
}

/// Big-endian numbers of a key, one after the other.
pub(super) struct KeyReader<'b>(&'b [u8]);

impl<'b> KeyReader<'b> {
    /// A key of exactly this length.
    pub(super) fn new(key: &'b [u8], length: usize) -> Option<Self> {
        (key.len() == length).then_some(KeyReader(key))
    }

    fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (chunk, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*chunk)
    }

    pub(super) fn i64(&mut self) -> Option<i64> {
        self.chunk().map(i64::from_be_bytes)
    }

    pub(super) fn i32(&mut self) -> Option<i32> {
        self.chunk().map(i32::from_be_bytes)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.chunk::<1>().map(|[b]| b)
    }
}

impl MessageId {
    /// The key of the history (`t7`): peer, namespace, time, number.
    pub(super) fn of_history(key: &[u8]) -> Option<(MessageId, i32)> {
        let mut key = KeyReader::new(key, 20)?;
        let (peer, namespace, time, id) = (key.i64()?, key.i32()?, key.i32()?, key.i32()?);
        Some((MessageId { peer, namespace, id }, time))
    }

    /// Peer, namespace, number: the keys of `t4` and `t49`.
    pub(super) fn of_index(key: &[u8]) -> Option<MessageId> {
        let mut key = KeyReader::new(key, 16)?;
        Some(MessageId { peer: key.i64()?, namespace: key.i32()?, id: key.i32()? })
    }

    /// Namespace, number, peer: the key of `t11`.
    pub(super) fn of_unsent(key: &[u8]) -> Option<MessageId> {
        let mut key = KeyReader::new(key, 16)?;
        let (namespace, id) = (key.i32()?, key.i32()?);
        Some(MessageId { peer: key.i64()?, namespace, id })
    }

    /// The `itemId` of the text index: `p<peer>a<namespace>b<number>`, each as an unsigned number.
    pub(super) fn of_text_index(item: &str) -> Option<MessageId> {
        let (peer, rest) = item.strip_prefix('p')?.split_once('a')?;
        let (namespace, id) = rest.split_once('b')?;
        Some(MessageId {
            peer: peer.parse::<u64>().ok()?.cast_signed(),
            namespace: namespace.parse::<u32>().ok()?.cast_signed(),
            id: id.parse::<u32>().ok()?.cast_signed(),
        })
    }

    /// Whether the server gave the number in an ordinary chat.
    pub(super) fn is_cloud(&self) -> bool {
        i64::from(self.namespace) == CLOUD_NS
    }

    /// Whether the peer counts its own numbers.
    pub(super) fn in_channel(&self) -> bool {
        peer::kind(self.peer) == PeerKind::Channel
    }

    pub(super) fn key(&self) -> String {
        format!("{}/{}/{}", self.peer, self.namespace, self.id)
    }

    /// Users and basic groups share one sequence, every channel counts for itself; what waits on the server has numbers
    /// of its own.
    pub(super) fn server_id(&self) -> Option<String> {
        match self.namespace {
            0 if self.in_channel() => Some(format!("{}/{}", self.peer, self.id)),
            0 => Some(self.id.to_string()),
            3 => Some(format!("scheduled/{}/{}", self.peer, self.id)),
            5 => Some(format!("quick-reply/{}/{}", self.peer, self.id)),
            _ => None,
        }
    }

    /// The names by which a mark knows the message.
    pub(super) fn names(&self) -> Vec<Name> {
        let server = self.server_id().map(|id| Name::Server(id.into()));
        vec![server.unwrap_or_else(|| Name::Id(self.key().into()))]
    }

    /// A number for sorted lists of many ids: 8 bytes each.
    pub(super) fn hash(&self) -> u64 {
        use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
        BuildHasherDefault::<DefaultHasher>::default().hash_one(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_index_names_a_message() {
        let id = MessageId::of_text_index("p8589937593a0b42");
        assert_eq!(id, Some(MessageId { peer: 2 << 32 | 3001, namespace: 0, id: 42 }));
        assert_eq!(MessageId::of_text_index("p1a4294967295b1").map(|id| id.namespace), Some(-1));
        assert_eq!(MessageId::of_text_index("p1a0bx"), None);
    }

    #[test]
    fn a_key_of_another_length_is_no_key() {
        assert_eq!(MessageId::of_index(&[0; 15]), None);
        assert_eq!(MessageId::of_history(&[0; 21]), None);
    }
}
