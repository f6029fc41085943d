//! User names by hash, names of contacts, members of rooms: as many as there are contacts, not messages.

use std::collections::HashMap;
use std::sync::Arc;

use forensics_core::record::Key;

use crate::wechat::digest::md5_hex;

/// What is known of persons and rooms.
#[derive(Default)]
pub(super) struct People {
    by_hash: HashMap<String, Key>,
    names: HashMap<Key, String>,
    members: HashMap<Key, Vec<Box<str>>>,
}

impl People {
    /// Takes a user name.
    pub(super) fn add(&mut self, username: &str) -> Key {
        let hash = md5_hex(username);
        Arc::clone(self.by_hash.entry(hash).or_insert_with(|| username.into()))
    }

    /// Takes a user name with its display name; the first one given stays.
    pub(super) fn add_named(&mut self, username: &str, name: Option<String>) -> Key {
        let key = self.add(username);
        if let Some(name) = name {
            self.names.entry(Arc::clone(&key)).or_insert(name);
        }
        key
    }

    /// Takes the members of a room.
    pub(super) fn add_members(&mut self, room: &str, members: Vec<Box<str>>) {
        let key = self.add(room);
        for member in &members {
            self.add(member);
        }
        self.members.entry(key).or_insert(members);
    }

    /// The user name whose hash this is.
    pub(super) fn by_hash(&self, hash: &str) -> Option<Key> {
        self.by_hash.get(hash).cloned()
    }

    /// The display name.
    pub(super) fn name(&self, username: &str) -> Option<&str> {
        self.names.get(username).map(String::as_str)
    }

    /// The members of a room.
    pub(super) fn members(&self, room: &str) -> Vec<Box<str>> {
        self.members.get(room).cloned().unwrap_or_default()
    }
}
