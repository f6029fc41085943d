//! Every rule of Hangouts and Google Chat.
//!
//! The server gives each event an id and a time. What the phone sends goes by an id of its own until the server answers.

use forensics_core::record::{Direction, Message};
use forensics_core::rule::{Ground, Judge, Opinion, Rule, Says as _};
use forensics_core::verdict::{Reach, Verdict};

use super::notes;
use crate::telephony::provider;

#[cfg(test)]
mod tests;

/// All of them, in the order of reports.
pub(super) static RULES: &[Rule] = &[
    ON_SERVER,
    ARRIVED,
    CLIENT_ID,
    FAILED,
    FAILED_YET_NUMBERED,
    INCOMING_WITHOUT_ID,
    ID_TWICE,
    BEYOND_CURSOR,
    TEMPORARY,
    EXPIRED,
    TELEPHONY_ROW,
    CHAT_SERVER_ORIGIN,
    CHAT_DRAFT,
    SNIPPET,
    LATEST,
    OLDER_ON_SERVER,
    ROWS,
    ATTACHMENT,
    SUGGESTION,
];

const STATUS: &str = "status";
const ID: &str = "message_id";
const TIME: &str = "timestamp";
const ERROR: &str = "sending_error";
/// The mark of another transport than Hangouts' own network.
pub(super) const TRANSPORT: &str = "transport_type";
/// Placed on a message that is later than its conversation's newest.
pub(super) const LATEST_MARK: &str = "latest_message_timestamp";
/// Placed on messages of temporary conversations.
pub(super) const TEMPORARY_MARK: &str = "is_temporary";
/// Holds [`PAST`] where the server has forgotten the message by the time of the newest one.
pub(super) const EXPIRY: &str = "expiration_timestamp";
/// See [`EXPIRY`].
pub(super) const PAST: &str = "before the newest message";
/// The table of Hangouts' messages.
const TABLE: &str = "messages";

const REAL: &str = "14 of 14 rows of a real store of 2017 (plaso's test data)";

/// A rule on single records.
const fn record(
    id: &'static str,
    says: &'static str,
    ground: Ground,
    cites: &'static str,
    judge: fn(&Message) -> Option<Opinion>,
) -> Rule {
    Rule { id, says, ground, cites, judge: Judge::Record(judge) }
}

const fn absence(id: &'static str, says: &'static str, ground: Ground, cites: &'static str) -> Rule {
    Rule { id, says, ground, cites, judge: Judge::Absence }
}

const ON_SERVER: Rule = record(
    "hangouts.android.on-server",
    "The message carries the id that the server gave it, and its state is 4, as on every synchronised message.",
    Ground::RealStore,
    REAL,
    |m| {
        let on_server = own_network(m) && m.server_id.is_some() && m.int(STATUS) == Some(4);
        on_server.then(|| claim(Verdict::Confirmed(Reach::Accepted), &[ID, STATUS, TIME])).flatten()
    },
);

const ARRIVED: Rule = record(
    "hangouts.android.incoming-with-id",
    "The incoming message carries the id that the server gave it.",
    Ground::RealStore,
    "8 of 8 incoming rows of a real store of 2017 (plaso's test data)",
    |m| {
        let arrived = own_network(m) && m.direction == Direction::In && m.server_id.is_some();
        arrived.then(|| claim(Verdict::Confirmed(Reach::Accepted), &[ID, TIME])).flatten()
    },
);

const CLIENT_ID: Rule = record(
    "hangouts.android.client-id",
    "The outgoing message still goes by the id that the app made itself, which the server's answer replaces.",
    Ground::Inferred,
    "local_id keeps client_generated:… on 6 of 6 outgoing rows of a real store of 2017, message_id does not",
    |m| {
        let own = own_network(m) && m.direction == Direction::Out && m.server_id.is_none() && !failed(m);
        own.then(|| Opinion::note(notes::PENDING_OR_LOCAL).on(&[ID, STATUS])).flatten()
    },
);

const FAILED: Rule = record(
    "hangouts.android.failed",
    "The store says that sending failed: the state is 3, or an error of sending is kept.",
    Ground::AppSource,
    "MESSAGE_ERROR_TRIGGER of the store itself: alerts when status becomes 3",
    |m| (outgoing(m) && failed(m)).then(|| claim(Verdict::Failed, &[STATUS, ERROR])).flatten(),
);

const FAILED_YET_NUMBERED: Rule = record(
    "hangouts.android.failed-yet-numbered",
    "The state of the outgoing message says that sending failed, while it carries an id that only the server gives.",
    Ground::AppSource,
    "MESSAGE_ERROR_TRIGGER of the store itself; server ids in a real store of 2017",
    |m| {
        let denied = outgoing(m) && failed(m) && m.server_id.is_some();
        denied.then(|| claim(Verdict::Contradictory, &[ID, STATUS, ERROR])).flatten()
    },
);

const INCOMING_WITHOUT_ID: Rule = record(
    "hangouts.android.incoming-without-id",
    "The incoming message has no id of the server, which every received message has.",
    Ground::RealStore,
    "8 of 8 incoming rows of a real store of 2017 (plaso's test data)",
    |m| {
        let bare = own_network(m) && m.direction == Direction::In && m.server_id.is_none();
        bare.then(|| claim(Verdict::Unmarked, &[ID, STATUS])).flatten()
    },
);

const ID_TWICE: Rule = Rule {
    id: "hangouts.android.id-twice",
    says: "Two messages carry the same id of the server, which gives each id once.",
    ground: Ground::RealStore,
    cites: REAL,
    judge: Judge::SharedServerId(|_| claim(Verdict::Contradictory, &[ID])),
};

const BEYOND_CURSOR: Rule = record(
    "hangouts.android.beyond-cursor",
    "The message is later than the newest one that its conversation knows of from the server.",
    Ground::Inferred,
    "conversations.latest_message_timestamp equals the newest message of a real store of 2017",
    |m| has(m, LATEST_MARK).then(|| Opinion::note(notes::BEYOND_CURSOR).on(&[LATEST_MARK, TIME])).flatten(),
);

const TEMPORARY: Rule = record(
    "hangouts.android.temporary-conversation",
    "The conversation is marked as temporary, which is taken to mean that the server has not made it yet.",
    Ground::Inferred,
    "conversations.is_temporary; meaning by its name",
    |m| has(m, TEMPORARY_MARK).then(|| Opinion::note(notes::CONVERSATION_LOCAL).on(&[TEMPORARY_MARK])).flatten(),
);

const EXPIRED: Rule = record(
    "hangouts.android.server-copy-expired",
    "The message was sent off the record, and the time until which the server keeps it lies before the newest message.",
    Ground::Inferred,
    "off_the_record, expiration_timestamp; meaning by their names",
    |m| {
        let past = m.marker(EXPIRY).is_some_and(|mark| mark.value.as_text() == Some(PAST));
        let expired = m.int("off_the_record") == Some(1) && past;
        expired.then(|| Opinion::note(notes::SERVER_COPY_EXPIRED).on(&["off_the_record", EXPIRY])).flatten()
    },
);

const TELEPHONY_ROW: Rule = record(
    "hangouts.android.telephony-row",
    "The message went as SMS or MMS; the phone's telephony store has its row, and the verdict is that of the row.",
    Ground::RealStore,
    "external_ids names content://sms/… or content://mms/…; the rules of the telephony provider",
    |m| {
        let verdict = m.marker(provider::MARKER).filter(|_| !own_network(m)).and_then(provider::verdict_of)?;
        (verdict != Verdict::Unknown).then(|| claim(verdict, &[provider::MARKER])).flatten()
    },
);

const CHAT_SERVER_ORIGIN: Rule = record(
    "hangouts.android.chat-server-origin",
    "Google Chat keeps a cache of what its server has; that this message is here speaks for the server, no column does.",
    Ground::Inferred,
    "ALEAPP, googleChat: topic_messages; the whole schema is not known",
    |m| stands_in(m, "topic_messages").then(|| Opinion::note(notes::SERVER_ORIGIN)).flatten(),
);

const CHAT_DRAFT: Rule = record(
    "hangouts.android.chat-draft",
    "The text is a draft: it was not given to the server as a message.",
    Ground::Parsers(1),
    "ALEAPP, googleChat: drafts",
    |m| stands_in(m, "drafts").then(|| claim(Verdict::LocalOnly, &[])).flatten(),
);

pub(super) const SNIPPET: Rule = absence(
    "hangouts.android.snippet-without-message",
    "The conversation shows the text of its newest message, whose row is not in the store: deleted here, or never fetched.",
    Ground::Inferred,
    "conversations.snippet_message_row_id names the newest row of a real store of 2017",
);
pub(super) const LATEST: Rule = absence(
    "hangouts.android.latest-without-message",
    "The conversation knows from the server the time of a newest message that no row has.",
    Ground::Inferred,
    "conversations.latest_message_timestamp equals the newest message of a real store of 2017",
);
pub(super) const OLDER_ON_SERVER: Rule = absence(
    "hangouts.android.older-on-server",
    "The app knows that the conversation has older messages on the server which it did not fetch; that is no deletion.",
    Ground::RealStore,
    "has_oldest_message 1 and no continuation_token where the whole history is there (real store of 2017)",
);
pub(super) const ROWS: Rule = absence(
    "hangouts.android.rows-skip",
    "Row numbers of messages skip: rows were deleted, or replaced by the server's copy. Numbers at the end are given again.",
    Ground::Inferred,
    "messages._id is a plain rowid; UNIQUE (conversation_id, message_id) ON CONFLICT REPLACE",
);
pub(super) const ATTACHMENT: Rule = absence(
    "hangouts.android.attachment-without-message",
    "An attachment belongs to a message that is not in the store.",
    Ground::RealStore,
    "foreign key of multipart_attachments in a real store of 2017",
);
pub(super) const SUGGESTION: Rule = absence(
    "hangouts.android.suggestion-without-message",
    "A suggestion of the server names an event that is not in the store.",
    Ground::Inferred,
    "event_suggestions.event_id; meaning by its name",
);

/// Claims a word on the strength of the named marks.
fn claim(verdict: Verdict, on: &[&'static str]) -> Option<Opinion> {
    Opinion::claim(verdict).on(on)
}

fn has(m: &Message, name: &str) -> bool {
    m.marker(name).is_some()
}

fn stands_in(m: &Message, table: &str) -> bool {
    m.origin.table.as_deref() == Some(table)
}

/// A message of Hangouts that went over its own network; the mark of another transport is kept only where there is one.
fn own_network(m: &Message) -> bool {
    stands_in(m, TABLE) && !has(m, TRANSPORT)
}

fn outgoing(m: &Message) -> bool {
    own_network(m) && m.direction == Direction::Out
}

/// An error is kept as a mark only where it is one.
fn failed(m: &Message) -> bool {
    m.int(STATUS) == Some(3) || has(m, ERROR)
}
