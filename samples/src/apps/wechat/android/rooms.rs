//! Chat rooms: their sequence, their cursors, their known gaps.

use super::super::START;
use super::super::cast::{BOB, CHEN, LAYLA, OWNER, ROOM, ROOM_DELETED, ROOM_GAP, ROOM_HELD, ROOM_HOLE, ROOM_TOP};
use super::micromsg::{Line, MicroMsg};
use crate::sqlite::row;
use crate::story::{Bounds, absence, fate, note};
use crate::wire::Message;

/// The first sequence number of every room.
const FIRST: i64 = 700_000_000;

pub(super) fn tell(store: &mut MicroMsg) {
    whole(store);
    known_gap(store);
    held_back(store);
    hole(store);
    top_deleted(store);
    row!(store.book, "DeletedConversationInfo", userName: ROOM_DELETED, lastSeq: FIRST + 44, reserved1: 0,
        reserved2: (START + 86_400) * 1000);
    store.witness.misses(absence::TOMBSTONED, Some(ROOM_DELETED), None, None, Bounds::default());
}

/// What the app knows about a room.
struct Cursors<'a> {
    room: &'a str,
    pushed: i64,
    stored: i64,
    blocks: &'a [(i64, i64)],
    held: i64,
}

fn room(store: &mut MicroMsg, cursors: &Cursors<'_>) {
    let &Cursors { room, pushed, stored, blocks, held } = cursors;
    let mut info = Message::new();
    for &(begin, end) in blocks {
        let block = Message::new()
            .number(1, begin.unsigned_abs())
            .number(2, end.unsigned_abs())
            .number(3, START.unsigned_abs() * 1000)
            .number(4, START.unsigned_abs() * 1000 + 9000);
        info = info.child(1, block);
    }
    row!(store.book, "ChatroomMsgSeq", username: room, lastPushSeq: pushed, lastLocalSeq: stored,
        lastPushCreateTime: store.clock, lastLocalCreateTime: store.clock, seqBlockInfo: info.finish());
    row!(store.book, "rconversation", username: room, chatmode: 1, conversationTime: store.clock,
        lastSeq: pushed, UnDeliverCount: held,
        firstUnDeliverSeq: if held > 0 { stored + 1 } else { 0 });
    let members = [OWNER, BOB, CHEN, LAYLA];
    let mut data = Message::new();
    for (member, name) in members.iter().zip(["Ada", "Bob", "陈伟", "ليلى"]) {
        data = data.child(1, Message::new().text(1, member).text(2, name).number(3, 1));
    }
    row!(store.book, "chatroom", chatroomname: room, addtime: START * 1000, memberlist: members.join(";"),
        displayname: "Ada、Bob、陈伟、ليلى", roomowner: OWNER, selfDisplayName: "Ada",
        roomdata: data.number(2, 0).finish(), modifytime: START * 1000, memberCount: 4);
}

fn heard(store: &mut MicroMsg, room: &str, offset: i64, text: &str) {
    let line = Line::from(room, text).by(CHEN).sequence(FIRST + offset);
    store.say(&line, fate::ACCEPTED, &[]);
}

fn whole(store: &mut MicroMsg) {
    heard(store, ROOM, 0, "谁来？🚢");
    store.say(&Line::to(ROOM, "I do").sequence(FIRST + 1), fate::ACCEPTED, &[]);
    let recalled = Line::from(ROOM, "oops").by(BOB).sequence(FIRST + 2);
    let said = store.say(&recalled, fate::ACCEPTED, &[note::REVOKED]);
    store.book.run_with(
        &format!("UPDATE message SET type=10000, content=? WHERE msgId={}", said.id),
        "\"Bob\" recalled a message",
    );
    store.say(&Line::from(ROOM, "Bob invited Layla").kind(10_000).no_id(), fate::LOCAL, &[]);
    // Fetched from the room's history, upward.
    store.say(&Line::from(ROOM, "older, fetched later").by(LAYLA).sequence(FIRST + 3).flag(6), fate::ACCEPTED, &[]);
    room(store, &Cursors { room: ROOM, pushed: FIRST + 3, stored: FIRST + 3, blocks: &[], held: 0 });
}

/// A range that the app lists as missing; and one that it lists although the row has come.
fn known_gap(store: &mut MicroMsg) {
    heard(store, ROOM_GAP, 9, "before");
    heard(store, ROOM_GAP, 10, "the last before the gap");
    heard(store, ROOM_GAP, 20, "the first after the gap");
    let inside = Line::from(ROOM_GAP, "inside a listed range").by(BOB).sequence(FIRST + 21);
    store.say(&inside, fate::ACCEPTED, &[note::INSIDE_KNOWN_GAP]);
    heard(store, ROOM_GAP, 22, "after the listed range");
    let blocks = [(FIRST + 10, FIRST + 20), (FIRST + 20, FIRST + 22)];
    room(store, &Cursors { room: ROOM_GAP, pushed: FIRST + 22, stored: FIRST + 22, blocks: &blocks, held: 0 });
    let bounds = Bounds { after: Some(FIRST + 10), before: Some(FIRST + 20), at_most: Some(9) };
    store.witness.misses(absence::GAP, Some(ROOM_GAP), None, None, bounds);
}

/// The server announced three more than it delivered.
fn held_back(store: &mut MicroMsg) {
    heard(store, ROOM_HELD, 0, "first");
    heard(store, ROOM_HELD, 1, "second");
    room(store, &Cursors { room: ROOM_HELD, pushed: FIRST + 4, stored: FIRST + 1, blocks: &[], held: 3 });
    let bounds = Bounds { after: Some(FIRST + 1), before: None, at_most: Some(3) };
    store.witness.misses(absence::UNDELIVERED, Some(ROOM_HELD), None, None, bounds);
}

/// A hole that no list explains, and a row beyond every cursor.
fn hole(store: &mut MicroMsg) {
    heard(store, ROOM_HOLE, 0, "before the hole");
    heard(store, ROOM_HOLE, 3, "after the hole");
    let beyond = Line::from(ROOM_HOLE, "beyond the cursor").by(BOB).sequence(FIRST + 4);
    store.say(&beyond, fate::ACCEPTED, &[note::BEYOND_CURSOR]);
    room(store, &Cursors { room: ROOM_HOLE, pushed: FIRST + 3, stored: FIRST + 3, blocks: &[], held: 0 });
    let bounds = Bounds { after: Some(FIRST), before: Some(FIRST + 3), at_most: Some(2) };
    store.witness.misses(absence::GAP, Some(ROOM_HOLE), None, None, bounds);
}

/// The newest stored row is gone again.
fn top_deleted(store: &mut MicroMsg) {
    heard(store, ROOM_TOP, 0, "the last that is left");
    store.lost_row();
    room(store, &Cursors { room: ROOM_TOP, pushed: FIRST + 1, stored: FIRST + 1, blocks: &[], held: 0 });
    let bounds = Bounds { after: Some(FIRST), before: None, at_most: Some(1) };
    store.witness.misses(absence::BEYOND, Some(ROOM_TOP), None, None, bounds);
}
