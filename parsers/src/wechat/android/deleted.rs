//! What was deleted: `checkmsgid.ini`, `DeletedConversationInfo`, `GetSysCmdMsgInfo`.

use std::collections::HashMap;

use forensics_core::decode::protobuf::Message as Wire;
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::record::{AbsenceKind, CursorSays, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::Table;
use forensics_core::value::Value;

use super::frame::{Frame, Naming, Sayings, mark, positive, words};
use super::records::Records;
use crate::wechat::codes;
use crate::wechat::columns::columns;
use crate::wechat::rules::absences;

/// `checkmsgid.ini`: `{ 1 dayIndex; 2, 3, 4 ids of 32 bits of today and the two days before; 5, 6, 7 ids of 64 bits }`
/// (Android 7.0.4). Days are those of the messages.
const DAYS: &[(u32, &str)] = &[
    (2, "today, old form"),
    (3, "one day before, old form"),
    (4, "two days before, old form"),
    (5, "today"),
    (6, "one day before"),
    (7, "two days before"),
];

/// Ids on the list, each with its mark; also whether the bytes are one well-formed message.
pub(super) fn list(bytes: &[u8], store: StoreId) -> (HashMap<i64, Marker>, bool) {
    let message = Wire::new(bytes);
    let mut ids = HashMap::new();
    for (field, day) in DAYS {
        for found in message.each(*field) {
            for id in found.packed().map(u64::cast_signed).filter(|id| *id > 0) {
                let length = found.end.saturating_sub(found.start) as u64;
                let origin = Origin {
                    key: Some(format!("field {field}").into()),
                    ..Origin::bytes(store, found.start as u64, length)
                };
                let marker = Marker::new(MarkerKind::Tombstone, codes::CHECKMSGID, id, origin);
                let told = message
                    .int(1)
                    .map_or_else(|| (*day).to_owned(), |index| format!("{day}, counted from day {index}"));
                ids.entry(id).or_insert_with(|| marker.meaning(told));
            }
        }
    }
    (ids, message.all().is_ok())
}

/// Hands over the ids on the list that no record carries.
pub(super) fn name_missing(
    sayings: &Sayings,
    records: &Records<'_>,
    frame: &mut Frame,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let mut ids: Vec<_> = sayings.deleted.iter().collect();
    ids.sort_by_key(|(id, _)| **id);
    for (id, marker) in ids {
        let names = records.missing(*id, 0);
        if names.is_empty() {
            continue;
        }
        frame.name(
            sink,
            Naming {
                rule: absences::ON_THE_DELETED_LIST.id,
                kind: AbsenceKind::Tombstoned,
                strength: Strength::Strong,
                names,
                thread: None,
                text: Value::Null,
                markers: vec![marker.clone()],
                origin: marker.origin.clone(),
            },
        )?;
    }
    Ok(())
}

/// The rooms of `DeletedConversationInfo`, before the messages are read.
pub(super) fn rooms(store: &OpenStore) -> HashMap<String, (i64, Marker)> {
    let Some(table) = store.table("DeletedConversationInfo") else { return HashMap::new() };
    let (name, last) = (table.column("userName"), table.column("lastSeq"));
    let room = |row: forensics_core::store::sqlite::Row<'_>| {
        let last_seq = positive(&row, last)?;
        let marker = Marker::new(MarkerKind::Tombstone, codes::DELETED_ROOM, last_seq, row.cell(last));
        Some((words(&row, name)?, (last_seq, marker)))
    };
    store.scan(table).filter_map(Result::ok).filter_map(room).collect()
}

/// Hands over the deleted rooms: a cursor that explains what is missing, and the deletion itself.
pub(super) fn read_rooms(store: &OpenStore, frame: &mut Frame, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table("DeletedConversationInfo") else { return Ok(()) };
    let (name, last, at) = (table.column("userName"), table.column("lastSeq"), table.column("reserved2"));
    let remaining = Remaining::of(store);
    store.each(sink, &table.name, |row, sink| {
        let Some(room) = words(row, name) else { return Ok(Fate::PassedOver) };
        let last_seq = positive(row, last);
        if let (Some(last_seq), Some(marker)) = (last_seq, mark(row, MarkerKind::Cursor, "lastSeq", last)) {
            frame.cursor(sink, Some(&room), "msgSeq", CursorSays::Cleared(last_seq), marker)?;
        }
        // Rows that are still there contradict the deletion: they say so themselves.
        if remaining.any(&room, last_seq) {
            return Ok(Fate::Folded);
        }
        let marks = [
            mark(row, MarkerKind::Tombstone, "userName", name),
            mark(row, MarkerKind::Tombstone, "lastSeq", last),
            mark(row, MarkerKind::Tombstone, "reserved2", at).map(|m| m.meaning("time of the deletion, milliseconds")),
        ];
        frame.name(
            sink,
            Naming {
                rule: absences::ROOM_DELETED.id,
                kind: AbsenceKind::Tombstoned,
                strength: Strength::Strong,
                names: Vec::new(),
                thread: Some(&room),
                text: Value::Null,
                markers: marks.into_iter().flatten().collect(),
                origin: row.origin(),
            },
        )?;
        Ok(Fate::Folded)
    })
}

/// The lowest number of each room that still has rows: as many as there are rooms.
struct Remaining {
    lowest: HashMap<String, i64>,
}

impl Remaining {
    fn of(store: &OpenStore) -> Remaining {
        let mut lowest = HashMap::new();
        let deleted = rooms(store);
        let Some(table) = store.table("message").filter(|_| !deleted.is_empty()) else { return Remaining { lowest } };
        let (talker, sequence) = (table.column("talker"), table.column("msgSeq"));
        for row in store.scan(table).filter_map(Result::ok) {
            let Some(room) = row.text(talker).filter(|t| deleted.contains_key(&**t)) else { continue };
            let Some(number) = positive(&row, sequence) else { continue };
            let slot = lowest.entry(room.into_owned()).or_insert(number);
            *slot = number.min(*slot);
        }
        Remaining { lowest }
    }

    fn any(&self, room: &str, last: Option<i64>) -> bool {
        self.lowest.get(room).zip(last).is_some_and(|(lowest, last)| *lowest <= last)
    }
}

columns! {
    /// `GetSysCmdMsgInfo`.
    Command {
        origin = "originSvrId", from = "fromUserName", to = "toUserName", content = "content", sequence = "msgSeq",
        create_time = "createTime",
    }
}

/// Hands over the server's commands for messages that are not there.
pub(super) fn read_commands(
    store: &OpenStore,
    records: &Records<'_>,
    frame: &mut Frame,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let Some(table): Option<&Table> = store.table("GetSysCmdMsgInfo") else { return Ok(()) };
    let c = Command::of(table);
    store.each(sink, &table.name, |row, sink| {
        let Some(id) = positive(row, c.origin) else { return Ok(Fate::PassedOver) };
        let names = records.missing(id, 0);
        if names.is_empty() {
            return Ok(Fate::Folded);
        }
        let from = words(row, c.from).filter(|from| !frame.is_own(from));
        let thread = from.or_else(|| words(row, c.to).filter(|to| !frame.is_own(to)));
        let marks = [
            mark(row, MarkerKind::Tombstone, "originSvrId", c.origin),
            mark(row, MarkerKind::Tombstone, "content", c.content),
            mark(row, MarkerKind::ServerTime, "createTime", c.create_time),
            mark(row, MarkerKind::Sequence, "msgSeq", c.sequence).filter(|_| positive(row, c.sequence).is_some()),
        ];
        frame.name(
            sink,
            Naming {
                rule: absences::RECALLED_BEFORE_SHOWN.id,
                kind: AbsenceKind::Tombstoned,
                strength: Strength::Strong,
                names,
                thread: thread.as_deref(),
                text: Value::Null,
                markers: marks.into_iter().flatten().collect(),
                origin: row.origin(),
            },
        )?;
        Ok(Fate::Folded)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_deleted_ids_is_read_packed_and_unpacked() {
        // { 1: 19784, 6: 500, 6: 501, 5: [1, 2] packed }
        let bytes = [0x08, 0xc8, 0x9a, 0x01, 0x30, 0xf4, 0x03, 0x30, 0xf5, 0x03, 0x2a, 0x02, 0x01, 0x02];
        let (ids, whole) = list(&bytes, StoreId(1));
        let mut found: Vec<i64> = ids.keys().copied().collect();
        found.sort_unstable();
        assert_eq!((found, whole), (vec![1, 2, 500, 501], true));
        assert_eq!(ids[&500].value, Value::from("one day before, counted from day 19784"));
        assert_eq!(ids[&500].origin.offset, Some(4));
    }

    #[test]
    fn a_damaged_list_gives_what_stands_before() {
        let (ids, whole) = list(&[0x30, 0xf4, 0x03, 0xff], StoreId(1));
        assert_eq!((ids.len(), whole), (1, false));
    }
}
