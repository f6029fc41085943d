//! The chat list: `session.db`, `UniversalSession/*/session.db`, `session/data`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use forensics_core::app::Install;
use forensics_core::decode::protobuf::Message as Wire;
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::Origin;
use forensics_core::record::{AbsenceKind, Cursor, CursorSays, Key, Mention, Record, Space, Strength, Thread};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::Table;
use forensics_core::value::Value;

use super::contacts::text;
use super::folder::Folder;
use super::people::People;
use super::places;
use crate::wechat::digest::md5_hex;
use crate::wechat::rules::absences;
use crate::wechat::talker::thread_kind;

/// The name of the rooms' sequence, as in the manifest.
pub(in crate::wechat) const SEQUENCE: &str = "sequence_id";
/// A chat's entry has some kilobytes.
const LARGEST_ENTRY: u64 = 16 << 20;

/// The user names that the lists hold, before they are read.
pub(super) fn add_usernames(store: &OpenStore, people: &mut People) {
    for (name, column) in [("SessionAbstract", "UsrName"), ("SessionTable", "sessionId")] {
        let Some(table) = store.table(name) else { continue };
        for row in store.scan(table).filter_map(Result::ok) {
            if let Some(username) = text(&row, table, column) {
                people.add(&username);
            }
        }
    }
}

/// Reads the main list; which chats it holds.
pub(super) fn read(
    store: &OpenStore,
    account: &Key,
    space: Space,
    people: &mut People,
    sink: &mut dyn Sink,
) -> Result<HashSet<Key>, Stopped> {
    let mut listed = HashSet::new();
    if let Some(table) = store.table("SessionAbstract") {
        store.each(sink, "SessionAbstract", |row, sink| {
            let Some(username) = text(row, table, "UsrName") else { return Ok(Fate::PassedOver) };
            let key = people.add(&username);
            let extra = ["CreateTime", "unreadcount"].map(|n| (n, row.value(table.column(n))));
            let extra = extra.into_iter().filter(|(_, v)| !v.is_null()).collect();
            sink.emit(Record::Thread(Thread { extra, ..thread(row.origin(), account, &key, people) }))?;
            listed.insert(key);
            Ok(Fate::Emitted)
        })?;
    }
    for table in store.tables().filter(|t| t.has("m_userName") && t.has("m_lastMsgSequence")) {
        deletions(store, table, account, space, people, sink)?;
    }
    store.finish(sink)?;
    Ok(listed)
}

/// A chat that no list holds.
pub(super) fn thread(origin: Origin, account: &Key, chat: &Key, people: &People) -> Thread {
    Thread {
        origin,
        account: Arc::clone(account),
        id: Arc::clone(chat),
        name: people.name(chat).map(Into::into),
        kind: thread_kind(chat),
        participants: people.members(chat),
        extra: Vec::new(),
    }
}

/// The table of class SessionDeleteInfo: its columns are believed to be named like the class's properties.
fn deletions(
    store: &OpenStore,
    table: &Table,
    account: &Key,
    space: Space,
    people: &mut People,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let (name, last) = (table.column("m_userName"), table.column("m_lastMsgSequence"));
    store.each(sink, &table.name, |row, sink| {
        let Some(username) = row.text(name).filter(|n| !n.is_empty()) else { return Ok(Fate::PassedOver) };
        let room = people.add(&username);
        let mut markers = vec![Marker::new(MarkerKind::Tombstone, "m_userName", &*username, row.cell(name))];
        if let Some(number) = row.int_lossy(last).filter(|n| *n > 0) {
            let marker = Marker::new(MarkerKind::Cursor, "m_lastMsgSequence", number, row.cell(last));
            markers.push(marker.clone());
            sink.emit(Record::Cursor(Cursor {
                space,
                account: Arc::clone(account),
                thread: Some(Arc::clone(&room)),
                sequence: SEQUENCE,
                says: CursorSays::Cleared(number),
                marker,
            }))?;
        }
        sink.emit(Record::Mention(Box::new(Mention {
            space,
            account: Arc::clone(account),
            thread: Some(room),
            names: Vec::new(),
            kind: AbsenceKind::Tombstoned,
            strength: Strength::Strong,
            rule: absences::IOS_ROOM_DELETED.id,
            text: Value::Null,
            after: None,
            before: None,
            at_most: None,
            markers,
            origin: row.origin(),
        })))?;
        Ok(Fate::Folded)
    })
}

/// The user name of a chat that nothing else names, from its entry in `session/data`: `1 { 1 { 1 userName } }`.
pub(super) fn username_of(
    install: &Install<'_>,
    folder: &Folder<'_>,
    hash: &str,
    sink: &mut dyn Sink,
) -> Result<Option<String>, Stopped> {
    let Some(entry) = folder.session_files.get(hash) else { return Ok(None) };
    let role = places::SESSION_FILES.role;
    let Some((_, bytes)) = install.open_file(sink, role, entry, LARGEST_ENTRY)? else { return Ok(None) };
    let username = Wire::new(&bytes).at(&[1, 1, 1]).and_then(|f| f.text()).map(str::to_owned);
    Ok(username.filter(|u| md5_hex(u) == hash))
}

/// Greetings name whom they are with in a column of their own.
pub(super) fn add_greeted(store: &OpenStore, people: &mut People) {
    for (table, hash) in super::chats::tables(store).filter(|(table, _)| table.name.starts_with("Hello_")) {
        if people.by_hash(hash).is_some() {
            continue;
        }
        let named = |row| text(&row, table, "UsrName").filter(|u| md5_hex(u) == hash);
        if let Some(username) = store.scan(table).filter_map(Result::ok).find_map(named) {
            people.add(&username);
        }
    }
}

/// The chats of a store by hash; those that nothing names go by the hash.
pub(super) fn names(
    install: &Install<'_>,
    folder: &Folder<'_>,
    hashes: impl Iterator<Item = String>,
    people: &mut People,
    sink: &mut dyn Sink,
) -> Result<HashMap<String, Key>, Stopped> {
    let mut names = HashMap::new();
    for hash in hashes {
        if let Some(known) = people.by_hash(&hash) {
            names.insert(hash, known);
        } else if let Some(username) = username_of(install, folder, &hash, sink)? {
            names.insert(hash, people.add(&username));
        }
    }
    Ok(names)
}
