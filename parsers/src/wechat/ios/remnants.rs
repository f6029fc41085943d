//! What is left of messages elsewhere: the full-text index, media files.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use forensics_core::app::Install;
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::Origin;
use forensics_core::record::{AbsenceKind, Key, Mention, Name, Record, Space, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Col, Row, Table};
use forensics_core::value::Value;
use forensics_core::vfs::Entry;

use super::people::People;
use super::places::{self, media_of};
use super::present::Present;
use crate::wechat::digest::md5_hex;
use crate::wechat::rules::absences;
use crate::wechat::talker::Usernames;

/// A media file that is hashed as a store: the largest that the app sends.
const LARGEST_MEDIA: u64 = 4 << 30;

/// What the account's chats hold.
pub(super) struct Held<'a> {
    pub(super) account: &'a Key,
    pub(super) space: Space,
    pub(super) present: &'a Present,
}

impl Held<'_> {
    fn mention(&self, thread: Key, table: String, row: i64, origin: Origin) -> Mention {
        Mention {
            space: self.space,
            account: Arc::clone(self.account),
            thread: Some(thread),
            names: vec![Name::Row { table: table.into(), rowid: row }],
            kind: AbsenceKind::RemnantOnly,
            strength: Strength::Strong,
            rule: absences::IOS_MEDIA_LEFT.id,
            text: Value::Null,
            after: None,
            before: None,
            at_most: None,
            markers: Vec::new(),
            origin,
        }
    }
}

/// `fts_username_id`: the numbers that the index gives to user names.
pub(super) fn index_usernames(store: &OpenStore, people: &mut People) -> HashMap<i64, Key> {
    let Some(table) = store.table("fts_username_id") else { return HashMap::new() };
    let (id, name) = (table.column("usernameid"), table.column("UsrName"));
    let pair = |row: Row<'_>| {
        let name = row.text(name).filter(|n| !n.is_empty())?;
        Some((row.int_lossy(id)?, people.add(&name)))
    };
    store.scan(table).filter_map(Result::ok).filter_map(pair).collect()
}

/// The columns of an index's shadow table end in the names of the indexed ones.
fn ending(table: &Table, end: &str) -> Col {
    let name = table.columns.iter().map(|c| &*c.name).find(|name| name.to_ascii_lowercase().ends_with(end));
    name.map_or(Col::ABSENT, |name| table.column(name))
}

/// Hands over the entries whose message is gone. The virtual tables are not touched: their texts stand in
/// `fts_message_table_<n>_content`.
pub(super) fn read_index(
    store: &OpenStore,
    names: &HashMap<i64, Key>,
    held: &Held<'_>,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    if let Some(table) = store.table("fts_username_id") {
        store.each(sink, &table.name, |_, _| Ok(Fate::Folded))?;
    }
    let is_content = |name: &str| name.starts_with("fts_message") && name.ends_with("_content");
    for table in store.tables().filter(|t| is_content(&t.name)) {
        let user = ending(table, "usernameid");
        let local = ending(table, "meslocalid");
        let (time, text) = (ending(table, "createtime"), ending(table, "message"));
        store.each(sink, &table.name, |row, sink| {
            let Some(thread) = row.int_lossy(user).and_then(|id| names.get(&id)) else { return Ok(Fate::PassedOver) };
            let Some(id) = row.int_lossy(local).filter(|id| *id > 0) else { return Ok(Fate::PassedOver) };
            let chat = format!("Chat_{}", md5_hex(thread));
            if held.present.has(&chat, id) {
                return Ok(Fate::PassedOver);
            }
            let marks = [
                (MarkerKind::Reference, "MesLocalID", local),
                (MarkerKind::Remnant, "CreateTime", time),
                (MarkerKind::Remnant, "Message", text),
            ];
            let marks =
                marks.into_iter().map(|(kind, name, col)| Marker::new(kind, name, row.value(col), row.cell(col)));
            let mention = held.mention(Arc::clone(thread), chat, id, row.origin());
            sink.emit(Record::Mention(Box::new(Mention {
                rule: absences::IOS_LEFT_IN_THE_INDEX.id,
                text: row.value(text),
                markers: marks.filter(|m| !m.raw.is_null()).collect(),
                ..mention
            })))?;
            Ok(Fate::Folded)
        })?;
    }
    store.finish(sink)
}

/// Hands over the media files whose message is gone. Each message's first file is opened and hashed, so that it can be
/// named; its others are marks.
pub(super) fn read_media(
    install: &Install<'_>,
    media: &[&Entry],
    people: &People,
    held: &Held<'_>,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let mut left: BTreeMap<(&str, i64), Vec<&Entry>> = BTreeMap::new();
    for entry in media {
        let Some((chat, id)) = media_of(&entry.device.path) else { continue };
        if !held.present.has(&format!("Chat_{chat}"), id) {
            left.entry((chat, id)).or_default().push(entry);
        }
    }
    let mut usernames = Usernames::default();
    for ((chat, id), files) in left {
        let Some(first) = files.first() else { continue };
        let Some((store, _)) = install.open_file(sink, places::MEDIA_ROLE, first, LARGEST_MEDIA)? else { continue };
        let origin = Origin::store(store);
        let thread = people.by_hash(chat).unwrap_or_else(|| usernames.key(chat));
        let mark = |file: &&Entry| {
            let path = file.device.path.to_string();
            Marker::new(MarkerKind::Remnant, "file", path.clone(), Origin::key(store, path))
        };
        let mention = held.mention(thread, format!("Chat_{chat}"), id, origin);
        let markers = files.iter().map(mark).collect();
        sink.emit(Record::Mention(Box::new(Mention { markers, ..mention })))?;
    }
    Ok(())
}
