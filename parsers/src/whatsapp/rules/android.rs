//! Rules on rows of `message` (since 2021), `messages` (before) and `call_log`.

use forensics_core::record::{Direction, Message};
use forensics_core::rule::{Ground, Judge, Opinion, Rule, Says as _, Shared};
use forensics_core::verdict::{Reach, Verdict};

use super::{carries, claim, record, stands_in};
use crate::whatsapp::codes::android as codes;
use crate::whatsapp::notes;

/// Marks that a peer opened the message.
const READ: &[&str] = &["read_timestamp", "played_timestamp", "read_device_timestamp", "played_device_timestamp"];
/// Marks that a peer's device has it.
const DELIVERED: &[&str] = &["receipt_timestamp", "receipt_device_timestamp"];
/// Marks that the server took it.
const ACCEPTED: &[&str] = &["receipt_server_timestamp"];

const STATUS: &str = "status";
const RESULT: &str = "call_result";
/// What is called early or late: clocks of phones may be wrong by some hours, not by more than a day.
const DAY_MS: i64 = 24 * 3_600_000;

pub(super) const SYSTEM_ROW: Rule = record(
    "whatsapp.android.system-row",
    "The row is the app's own (a group event, a notice, a timer): it keeps no mark of a server.",
    Ground::Parsers(2),
    "IPED, Whapa, WAInsight: status 6, types 7, 36, 112; status 6 of system rows in a store of 2023",
    |m| system(m).then(|| claim(Verdict::LocalOnly, &[STATUS])).flatten(),
);

pub(super) const PEER_READ: Rule = record(
    "whatsapp.android.peer-read",
    "A receipt says when a recipient read or played the message; receipts reach the phone through the server.",
    Ground::Parsers(2),
    "IPED, ALEAPP, WAInsight: receipt_user.read_timestamp, played_timestamp; receipts of legacy stores",
    |m| (sent(m) && carries(m, READ)).then(|| claim(Verdict::Confirmed(Reach::Read), READ)).flatten(),
);

pub(super) const PEER_DELIVERED: Rule = record(
    "whatsapp.android.peer-delivered",
    "A receipt says when a recipient's device got the message; receipts reach the phone through the server.",
    Ground::Parsers(2),
    "IPED, ALEAPP, WAInsight: receipt_user.receipt_timestamp, receipt_device; receipts of legacy stores",
    |m| (sent(m) && carries(m, DELIVERED)).then(|| claim(Verdict::Confirmed(Reach::Delivered), DELIVERED)).flatten(),
);

pub(super) const STATUS_READ: Rule = record(
    "whatsapp.android.status-read",
    "The state of the outgoing message is 13 (read) or 8 (played).",
    Ground::Parsers(2),
    "IPED, Whapa, WAInsight: message.status with from_me = 1",
    |m| {
        (sent(m) && matches!(status(m), Some(8 | 13)))
            .then(|| claim(Verdict::Confirmed(Reach::Read), &[STATUS]))
            .flatten()
    },
);

pub(super) const STATUS_DELIVERED: Rule = record(
    "whatsapp.android.status-delivered",
    "The state of the outgoing message is 5: delivered to a recipient's device.",
    Ground::Parsers(2),
    "IPED, Whapa, WAInsight: message.status with from_me = 1; seen in a store of 2023",
    |m| (sent(m) && status(m) == Some(5)).then(|| claim(Verdict::Confirmed(Reach::Delivered), &[STATUS])).flatten(),
);

pub(super) const SERVER_TIME: Rule = record(
    "whatsapp.android.server-time",
    "The row holds the time at which the server acknowledged the message.",
    Ground::Parsers(2),
    "IPED, ALEAPP, Andriller: receipt_server_timestamp; often not set in newer rows, so that its absence says nothing",
    |m| (sent(m) && carries(m, ACCEPTED)).then(|| claim(Verdict::Confirmed(Reach::Accepted), ACCEPTED)).flatten(),
);

pub(super) const STATUS_ACCEPTED: Rule = record(
    "whatsapp.android.status-accepted",
    "The state of the outgoing message is 4: the server has it.",
    Ground::Parsers(2),
    "IPED, Whapa, WAInsight: message.status with from_me = 1",
    |m| (sent(m) && status(m) == Some(4)).then(|| claim(Verdict::Confirmed(Reach::Accepted), &[STATUS])).flatten(),
);

pub(super) const STATUS_DENIES_MARK: Rule = record(
    "whatsapp.android.status-denies-mark",
    "The state says that the server has not acknowledged the message, while a time of the server or of a recipient says that it has.",
    Ground::Parsers(2),
    "IPED, Whapa: status 0 and 1; the times as above",
    |m| {
        let denied = sent(m) && waits(m) && marked(m) && !edited(m);
        denied.then(|| claim(Verdict::Contradictory, &[STATUS]).on(READ).on(DELIVERED).on(ACCEPTED)).flatten()
    },
);

pub(super) const EDIT_UNDER_WAY: Rule = record(
    "whatsapp.android.edit-under-way",
    "The state speaks of an edit that waits, not of the message, which carries a mark of its own.",
    Ground::Inferred,
    "a row of 2023 with status 0 and message_edit_info (frozenspider)",
    |m| {
        (sent(m) && waits(m) && marked(m) && edited(m))
            .then(|| Opinion::note(notes::EDIT_PENDING).on(&[STATUS]))
            .flatten()
    },
);

pub(super) const EDIT_IMPLIES_SERVER: Rule = record(
    "whatsapp.android.edit-implies-server",
    "The message was edited; only a message that the server already had can be edited. No other mark says so.",
    Ground::Inferred,
    "a row of 2023 with status 0 and message_edit_info (frozenspider)",
    |m| {
        let alone = sent(m) && edited(m) && !marked(m) && !matches!(status(m), Some(4 | 5 | 8 | 13));
        alone.then(|| Opinion::note(notes::IMPLIED_BY_EDIT).on(&["original_key_id"])).flatten()
    },
);

pub(super) const PENDING: Rule = record(
    "whatsapp.android.pending",
    "The outgoing message waits: its state is 0 or 1 and nothing says that the server has it.",
    Ground::Parsers(2),
    "IPED, Whapa, WAInsight: message.status with from_me = 1",
    |m| (sent(m) && waits(m) && !marked(m) && !edited(m)).then(|| claim(Verdict::Pending, &[STATUS])).flatten(),
);

pub(super) const SERVER_STS: Rule = record(
    "whatsapp.android.server-sts",
    "The row holds a time whose name says that the server set it.",
    Ground::Inferred,
    "column server_sts in a schema of 2025/26; known by its name only",
    |m| supports(m, &["server_sts"]),
);

pub(super) const REPORTING_INFO: Rule = record(
    "whatsapp.android.reporting-info",
    "The store keeps what is needed to report the message, with the time it was sent or received.",
    Ground::Inferred,
    "table reporting_info in a schema of 2025/26; meaning inferred",
    |m| supports(m, &["send_timestamp", "receive_timestamp"]),
);

pub(super) const ARRIVED: Rule = record(
    "whatsapp.android.arrived",
    "The message came in, which happens only through the server, by history sync, or with a restored backup.",
    Ground::Parsers(2),
    "every reader of the store; rows of 2023 and 2025",
    |m| {
        let arrived = message(m) && m.direction == Direction::In && !m.id.is_empty() && m.sent.is_some();
        let opinion = || {
            let opinion = claim(Verdict::ImpliedByArrival, &[STATUS]);
            if m.native_type == Some(codes::WAITING) { opinion.with(notes::NEVER_DECRYPTED) } else { opinion }
        };
        arrived.then(opinion).flatten()
    },
);

pub(super) const RECEIVED_BEFORE_SENT: Rule = record(
    "whatsapp.android.received-before-sent",
    "The message was received more than 24 hours before it was sent.",
    Ground::Parsers(2),
    "every reader of the store: timestamp, received_timestamp",
    |m| {
        let incoming = message(m) && m.direction == Direction::In && !m.id.is_empty();
        let (sent, received) = (m.sent?.unix_millis()?, m.received?.unix_millis()?);
        (incoming && received < sent.saturating_sub(DAY_MS)).then(|| Opinion::claim(Verdict::Contradictory)).flatten()
    },
);

pub(super) const OUTGOING_WITHOUT_KEY: Rule = record(
    "whatsapp.android.outgoing-without-key",
    "The outgoing message has no id; the app gives one before it sends.",
    Ground::RealStore,
    "column key_id TEXT NOT NULL; every row of the stores of 2022 and 2023 has one",
    |m| {
        (message(m) && m.direction == Direction::Out && m.id.is_empty())
            .then(|| claim(Verdict::Contradictory, &[STATUS]))
            .flatten()
    },
);

pub(super) const INCOMING_WITHOUT_KEY: Rule = record(
    "whatsapp.android.incoming-without-key",
    "The incoming message has no id, which every message that came through the server has.",
    Ground::RealStore,
    "column key_id TEXT NOT NULL; every row of the stores of 2022 and 2023 has one",
    |m| {
        (message(m) && m.direction == Direction::In && m.id.is_empty())
            .then(|| claim(Verdict::Unmarked, &[STATUS]))
            .flatten()
    },
);

pub(super) const CHANNEL_NUMBER: Rule = record(
    "whatsapp.android.channel-number",
    "The post of a channel carries the number that the server gave it.",
    Ground::Parsers(2),
    "newsletter_message.server_message_id (WAInsight, schema of 2025/26)",
    |m| {
        let numbered = message(m) && !system(m) && m.int("server_message_id").is_some_and(|n| n > 0);
        numbered.then(|| claim(Verdict::Confirmed(Reach::Accepted), &["server_message_id"])).flatten()
    },
);

pub(super) const CHANNEL_NUMBER_TWICE: Rule = Rule {
    id: "whatsapp.android.channel-number-twice",
    says: "Two posts of one channel carry the same number of the server.",
    ground: Ground::Parsers(2),
    cites: "newsletter_message.server_message_id (WAInsight, schema of 2025/26)",
    judge: Judge::SharedServerIdInThread(channel_number_twice),
};

fn channel_number_twice(_: &Shared) -> Option<Opinion> {
    claim(Verdict::Contradictory, &["server_message_id"])
}

pub(super) const CALL_ANSWERED: Rule = record(
    "whatsapp.android.call-answered",
    "The call was answered or joined: it passed the server.",
    Ground::Parsers(2),
    "IPED, ALEAPP: call_log.call_result 5; call ids are the same on both ends",
    |m| (call(m) && m.int(RESULT) == Some(5)).then(|| claim(Verdict::Confirmed(Reach::Accepted), &[RESULT])).flatten(),
);

pub(super) const CALL_ARRIVED: Rule = record(
    "whatsapp.android.call-arrived",
    "The call came in, which happens only through the server.",
    Ground::Parsers(2),
    "IPED, ALEAPP: call_log.from_me = 0",
    |m| (call(m) && m.direction == Direction::In).then(|| claim(Verdict::ImpliedByArrival, &[RESULT])).flatten(),
);

pub(super) const BEYOND_CURSOR: Rule = Rule {
    id: "whatsapp.android.beyond-cursor",
    says: "The row stands beyond the newest one that its chat knows of: written and not entered, merged, or put in by hand.",
    ground: Ground::RealStore,
    cites: "chat.last_message_sort_id, last_message_row_id; a store of 2023",
    judge: Judge::BeyondCursor(notes::BEYOND_CURSOR),
};

fn message(m: &Message) -> bool {
    stands_in(m, &["message", "messages"])
}

fn call(m: &Message) -> bool {
    stands_in(m, &["call_log"])
}

fn status(m: &Message) -> Option<i64> {
    m.int(STATUS)
}

fn system(m: &Message) -> bool {
    message(m) && codes::is_system(m.native_type, status(m))
}

/// An outgoing message with an id.
fn sent(m: &Message) -> bool {
    message(m) && m.direction == Direction::Out && !m.id.is_empty() && !system(m)
}

fn waits(m: &Message) -> bool {
    matches!(status(m), Some(0 | 1))
}

/// Whether a time of the server or of a peer stands with the message.
fn marked(m: &Message) -> bool {
    [READ, DELIVERED, ACCEPTED].iter().any(|names| carries(m, names))
}

fn edited(m: &Message) -> bool {
    m.notes.contains(&notes::EDITED)
}

/// A mark of inferred meaning: beside a documented one it only stands in the list, alone it becomes a note.
fn supports(m: &Message, names: &[&'static str]) -> Option<Opinion> {
    if !sent(m) || !carries(m, names) {
        return None;
    }
    let documented = marked(m) || matches!(status(m), Some(4 | 5 | 8 | 13));
    if documented { Some(Opinion::default()).on(names) } else { claim(Verdict::Confirmed(Reach::Accepted), names) }
}
