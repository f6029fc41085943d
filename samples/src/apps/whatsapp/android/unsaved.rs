//! The modern store with rows that stand only in the write-ahead log, or were never committed.

use super::super::cast::BOB;
use super::modern;
use crate::Seed;
use crate::sqlite::log::{journal, plain, wal};
use crate::sqlite::{Book, row, wal_mode};
use crate::story::{Truth, fate, note};

/// Database, log, truth: two commits, a row each, and an update of an older row in the second.
pub(super) fn in_wal(seed: u64) -> (Vec<u8>, Vec<u8>, Truth) {
    let (first, mut truth) = modern::store(seed);
    let mut chance = Seed::new(seed, "whatsapp wal");
    let mut states = vec![wal_mode(first)];
    for (text, from_me, status, fate) in
        [("only in the log", false, 0, fate::IMPLIED), ("mine, only in the log", true, 4, fate::ACCEPTED)]
    {
        let mut book = Book::reopen(states.last().expect("never empty"));
        let (rowid, thread) = append(&book, &mut chance, text, from_me, status);
        // The counter that pointed past the newest row now names it; the absence stays one of three.
        states.push(wal_mode(book.snapshot()));
        let mut copy = truth.messages[0].clone();
        (copy.rowid, copy.thread, copy.verdict, copy.reach) = (rowid, thread, fate.0, fate.1);
        copy.notes = vec![note::ONLY_IN_WAL];
        truth.messages.push(copy);
    }
    // The rows took the numbers after the counter, so nothing lies beyond the newest any more.
    truth.absences.retain(|absence| absence.thread.is_some() || absence.after.is_none());
    let salt = (chance.draw() as u32, chance.draw() as u32);
    let frames = wal(&states, salt, &plain);
    (states.swap_remove(0), frames, truth)
}

/// Database with an unfinished write, the journal that takes it back, the truth without it.
pub(super) fn with_hot_journal(seed: u64) -> (Vec<u8>, Vec<u8>, Truth) {
    let (before, truth) = modern::store(seed);
    let mut chance = Seed::new(seed, "whatsapp journal");
    let book = Book::reopen(&before);
    append(&book, &mut chance, "never committed", true, 0);
    let after = book.bytes();
    let leading_back = journal(&before, &after, chance.draw() as u32, &plain);
    (after, leading_back, truth)
}

/// One more row in the chat with Bob, its cursors moved along.
fn append(book: &Book, chance: &mut Seed, text: &str, from_me: bool, status: i64) -> (i64, String) {
    let chat =
        book.number(&format!("SELECT c._id FROM chat c JOIN jid j ON j._id=c.jid_row_id WHERE j.raw_string='{BOB}'"));
    let at = book.number("SELECT max(timestamp) FROM message") + 60_000;
    let id = row!(book, "message", chat_row_id: chat, from_me: from_me, key_id: chance.hex(32),
        sender_jid_row_id: 0, status: status, timestamp: at, received_timestamp: at + 500,
        receipt_server_timestamp: -1, message_type: 0, text_data: text, starred: 0);
    book.run(&format!(
        "UPDATE message SET sort_id=_id WHERE _id={id};
         UPDATE chat SET last_message_row_id={id}, last_message_sort_id={id}, display_message_row_id={id}, \
         display_message_sort_id={id}, sort_timestamp={at} WHERE _id={chat}"
    ));
    (id, BOB.to_owned())
}
