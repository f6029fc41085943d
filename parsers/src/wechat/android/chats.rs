//! The chat list with the rooms' members and cursors: `rconversation`, `chatroom`, `ChatroomMsgSeq`.
//!
//! Cursors: Android 7.0.4, `aq/c`, `storage/{w,x,al}`; the columns stand in three dumps of 8.0 stores.

use std::sync::Arc;

use forensics_core::decode::protobuf::Message as Wire;
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{CursorSays, Extra, Record, Thread};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Row, Table, TextLookup};
use forensics_core::value::Value;

use super::contacts::Names;
use super::frame::{Frame, mark, positive, words};
use crate::wechat::columns::columns;
use crate::wechat::talker;

/// The name of the rooms' sequence, as in the manifest.
pub(in crate::wechat) const SEQUENCE: &str = "msgSeq";
/// Ranges that one room may list as missing; the app keeps a few.
const MOST_RANGES: usize = 10_000;

columns! {
    /// `rconversation`.
    Conversation {
        username = "username", last_seq = "lastSeq", undelivered = "UnDeliverCount", first_undelivered = "firstUnDeliverSeq",
        msg_count = "msgCount", unread = "unReadCount", time = "conversationTime", draft = "editingMsg", digest = "digest",
        attrflag = "attrflag", parent = "parentRef",
    }
}

/// Reads the chat list; rooms without an entry follow.
pub(super) fn read(
    store: &OpenStore,
    frame: &mut Frame,
    names: &Names<'_>,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    conversations(store, frame, names, sink)?;
    rooms(store, frame, names, sink)?;
    room_cursors(store, frame, sink)
}

fn conversations(store: &OpenStore, frame: &mut Frame, names: &Names<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table("rconversation") else { return Ok(()) };
    let c = Conversation::of(table);
    let rooms = store.table("chatroom").map(|t| (t, TextLookup::build(store, t, t.column("chatroomname"))));
    store.each(sink, "rconversation", |row, sink| {
        let Some(username) = words(row, c.username) else { return Ok(Fate::PassedOver) };
        let (participants, mut extra) = match &rooms {
            Some((table, lookup)) => {
                lookup.rows(&username).next().map(|room| members(&room, table)).unwrap_or_default()
            }
            None => Default::default(),
        };
        for (name, col) in [
            ("msgCount", c.msg_count),
            ("unReadCount", c.unread),
            ("conversationTime", c.time),
            ("editingMsg", c.draft),
            ("digest", c.digest),
            ("attrflag", c.attrflag),
            ("parentRef", c.parent),
        ] {
            extra.push((name, row.value(col)));
        }
        extra.retain(|(_, value)| !value.is_null() && value.as_text() != Some(""));
        emit(row, frame, names, &username, (participants, extra), sink)?;
        if talker::is_room(&username) {
            conversation_cursors(row, &c, &username, frame, sink)?;
        }
        Ok(Fate::Emitted)
    })
}

fn emit(
    row: &Row<'_>,
    frame: &mut Frame,
    names: &Names<'_>,
    username: &str,
    (participants, extra): (Vec<Box<str>>, Extra),
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    sink.emit(Record::Thread(Thread {
        origin: row.origin(),
        account: Arc::clone(&frame.account),
        id: frame.usernames.key(username),
        name: names.of(username).map(Into::into),
        kind: talker::thread_kind(username),
        participants,
        extra,
    }))
}

fn conversation_cursors(
    row: &Row<'_>,
    c: &Conversation,
    room: &str,
    frame: &mut Frame,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    if let (Some(last), Some(marker)) =
        (positive(row, c.last_seq), mark(row, MarkerKind::Cursor, "lastSeq", c.last_seq))
    {
        frame.cursor(sink, Some(room), SEQUENCE, CursorSays::Reached(last), marker)?;
    }
    let Some(count) = positive(row, c.undelivered) else { return Ok(()) };
    let first = positive(row, c.first_undelivered);
    let Some(marker) = mark(row, MarkerKind::Cursor, "UnDeliverCount", c.undelivered) else { return Ok(()) };
    let told = first.map_or_else(|| "first number not known".to_owned(), |first| format!("from msgSeq {first}"));
    frame.cursor(sink, Some(room), SEQUENCE, CursorSays::Undelivered { count, first }, marker.meaning(told))
}

/// The members of a room, and what else is said of it.
fn members(row: &Row<'_>, table: &Table) -> (Vec<Box<str>>, Extra) {
    let list = words(row, table.column("memberlist")).unwrap_or_default();
    let mut participants: Vec<Box<str>> = list.split(';').filter(|m| !m.is_empty()).map(Into::into).collect();
    if participants.is_empty()
        && let Some(data) = row.bytes(table.column("roomdata"))
    {
        // `{ repeated 1 { 1 userName; 2 displayName } }`
        participants = Wire::new(&data).messages(1).filter_map(|m| m.text(1).map(Into::into)).collect();
    }
    let mut extra: Extra = Vec::new();
    for name in ["roomowner", "selfDisplayName", "chatroomnotice"] {
        extra.push((name, row.value(table.column(name))));
    }
    (participants, extra)
}

/// Rooms that the chat list does not name.
fn rooms(store: &OpenStore, frame: &mut Frame, names: &Names<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table("chatroom") else { return Ok(()) };
    let name = table.column("chatroomname");
    let listed = store.table("rconversation").map(|t| TextLookup::build(store, t, t.column("username")));
    store.each(sink, "chatroom", |row, sink| {
        let Some(username) = words(row, name) else { return Ok(Fate::PassedOver) };
        if listed.as_ref().is_some_and(|l| l.rows(&username).next().is_some()) {
            return Ok(Fate::Folded);
        }
        emit(row, frame, names, &username, members(row, table), sink)?;
        Ok(Fate::Emitted)
    })
}

columns! {
    /// `ChatroomMsgSeq`.
    RoomCursor {
        username = "username", pushed = "lastPushSeq", stored = "lastLocalSeq", blocks = "seqBlockInfo",
    }
}

fn room_cursors(store: &OpenStore, frame: &mut Frame, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table("ChatroomMsgSeq") else { return Ok(()) };
    let c = RoomCursor::of(table);
    store.each(sink, "ChatroomMsgSeq", |row, sink| {
        let Some(room) = words(row, c.username) else { return Ok(Fate::PassedOver) };
        for (name, col, says) in [
            ("lastPushSeq", c.pushed, CursorSays::Reached as fn(i64) -> CursorSays),
            ("lastLocalSeq", c.stored, CursorSays::Stored as fn(i64) -> CursorSays),
        ] {
            if let (Some(number), Some(marker)) = (positive(row, col), mark(row, MarkerKind::Cursor, name, col)) {
                frame.cursor(sink, Some(&room), SEQUENCE, says(number), marker)?;
            }
        }
        let Some(blocks) = row.bytes(c.blocks) else { return Ok(Fate::Folded) };
        for (after, before, bytes) in missing_ranges(&blocks) {
            let place = row.cell(c.blocks).within(format!("beginSeq={after}"));
            let marker = Marker::new(MarkerKind::Cursor, "seqBlockInfo", Value::from(bytes), place)
                .meaning(format!("beginSeq {after}, endSeq {before}"));
            frame.cursor(sink, Some(&room), SEQUENCE, CursorSays::Hole { after, before }, marker)?;
        }
        Ok(Fate::Folded)
    })
}

/// `seqBlockInfo`: `{ repeated 1 { 1 beginSeq; 2 endSeq; 3 beginTime; 4 endTime } }`.
fn missing_ranges(blocks: &[u8]) -> Vec<(i64, i64, &[u8])> {
    fn range(m: Wire<'_>) -> Option<(i64, i64, &[u8])> {
        Some((m.int(1)?, m.int(2)?, m.bytes())).filter(|(begin, end, _)| 0 < *begin && begin < end)
    }
    Wire::new(blocks).messages(1).take(MOST_RANGES).filter_map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_ranges_are_read_and_odd_ones_are_not() {
        // { 1: { 1: 10, 2: 20 } }, { 1: { 1: 9, 2: 3 } }, { 1: {} }
        let bytes = [0x0a, 4, 8, 10, 16, 20, 0x0a, 4, 8, 9, 16, 3, 0x0a, 0];
        assert_eq!(missing_ranges(&bytes), [(10, 20, &[8, 10, 16, 20][..])]);
    }
}
