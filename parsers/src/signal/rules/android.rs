//! Android: what `type`, `server_guid`, `date_server` and the receipts say.

use forensics_core::record::Message;
use forensics_core::rule::{Ground, Opinion, Rule, Says as _};
use forensics_core::verdict::{Reach, Verdict};

use super::{claim, is, made_here, record, set};
use crate::signal::android::MESSAGES;
use crate::signal::android::codes::{
    DRAFT, FAILED as SEND_FAILED, GROUP_V2, IDENTITY, INBOX, PUSH, SENT, SPECIAL, base, is_call, is_message, is_waiting,
};
use crate::signal::notes;

/// A day and thirty of them, in milliseconds.
const DAY: i64 = 86_400_000;
pub(in crate::signal) const MONTH: i64 = 30 * DAY;

const SOURCE: &str = "Signal-Android, MessageTable.kt and MessageTypes; bepaald/signalbackup-tools on real databases";

const GUID: &str = "server_guid";
const TIME: &str = "date_server";
const TYPE: &[&str] = &["type", "msg_box"];
const DELIVERED: &[&str] = &["receipt_timestamp", "has_delivery_receipt", "delivery_receipt_count"];
const READ: &[&str] = &["has_read_receipt", "read_receipt_count", "viewed", "viewed_receipt_count"];
const MEMBERS: &str = "group_receipts.status";

pub(super) const SERVER_GUID: Rule = record(
    "signal.android.server-guid",
    "The message came in with an id that the server makes for every message it hands over.",
    Ground::AppSource,
    SOURCE,
    |m| if m.server_id.is_some() && arrived(m)? { claim(CONFIRMED, &[GUID, TIME]) } else { None },
);

pub(super) const SERVER_TIME: Rule = record(
    "signal.android.server-time",
    "The message came in with the time at which the server received it.",
    Ground::AppSource,
    SOURCE,
    |m| {
        // The carrier's centre sets the same column of an SMS, and the app that of a change of a group.
        let ours = flag(m, PUSH)? && !flag(m, GROUP_V2)?;
        if ours && m.server_id.is_none() && arrived(m)? && set(m, &[TIME]) { claim(CONFIRMED, &[TIME]) } else { None }
    },
);

pub(super) const PEER_READ: Rule = record(
    "signal.android.peer-read",
    "A peer's receipt says that the message was read or viewed.",
    Ground::AppSource,
    SOURCE,
    |m| if was_sent(m)? && read(m) { claim(Verdict::Confirmed(Reach::Read), RECEIPTS) } else { None },
);

pub(super) const PEER_DELIVERED: Rule = record(
    "signal.android.peer-delivered",
    "A peer's device sent a receipt for the message.",
    Ground::AppSource,
    SOURCE,
    |m| {
        let reached = was_sent(m)? && delivered(m) && !read(m);
        if reached { claim(Verdict::Confirmed(Reach::Delivered), RECEIPTS) } else { None }
    },
);

pub(super) const SENT_STATE: Rule = record(
    "signal.android.sent-state",
    "The state of the message is \"sent\", which the app sets when the service reports success; the app keeps no id of the \
     server's for what it sends.",
    Ground::AppSource,
    SOURCE,
    |m| {
        // Changes of a group are marked as sent as soon as they are written, whoever made them.
        let plain = was_sent(m)? && !read(m) && !delivered(m) && !flag(m, GROUP_V2)?;
        if plain { claim(CONFIRMED, &["type", "msg_box", "unidentified"]) } else { None }
    },
);

pub(super) const WAITING: Rule = record(
    "signal.android.waiting",
    "The message is in the outbox, being sent, or waits for leave to go as SMS.",
    Ground::AppSource,
    SOURCE,
    |m| {
        let waits = is_waiting(kind(m)?) && !flag(m, IDENTITY)? && !is(m, notes::SCHEDULED);
        if waits { claim(Verdict::Pending, TYPE) } else { None }
    },
);

pub(super) const FAILED: Rule =
    record("signal.android.failed", "The app noted that sending failed.", Ground::AppSource, SOURCE, |m| {
        let failed = kind(m)? == SEND_FAILED && !flag(m, IDENTITY)?;
        if failed {
            claim(Verdict::Failed, &["type", "msg_box", "network_failures", "mismatched_identities"])
        } else {
            None
        }
    });

pub(super) const SCHEDULED: Rule = record(
    "signal.android.scheduled",
    "The message waits on this phone for the time at which it is to be sent.",
    Ground::AppSource,
    "Signal-Android, MessageTable.kt: scheduled_date",
    |m| {
        let waits = is_waiting(kind(m)?) && is(m, notes::SCHEDULED);
        if waits { claim(Verdict::LocalOnly, &["scheduled_date"]) } else { None }
    },
);

pub(super) const DRAFT_ROW: Rule =
    record("signal.android.draft", "A draft, which was never sent.", Ground::AppSource, SOURCE, |m| {
        if kind(m)? == DRAFT { claim(Verdict::LocalOnly, TYPE) } else { None }
    });

pub(super) const CLIENT_EVENT: Rule = record(
    "signal.android.client-event",
    "The app made this row itself, to note an event in the chat; no envelope of the server's belongs to it.",
    Ground::AppSource,
    SOURCE,
    |m| {
        let base = kind(m)?;
        // A call that has a row of its own went through the service's signalling, which leaves no mark.
        let call = is_call(base) && m.marker("call.call_id").is_some();
        let event = ((1..=16).contains(&base) && !call) || (base == INBOX && flag(m, IDENTITY)?);
        if event { claim(Verdict::LocalOnly, TYPE) } else { None }
    },
);

pub(super) const CLIENT_EVENT_INFERRED: Rule = record(
    "signal.android.client-event-inferred",
    "By our reading the app made this row itself: a note of a safety number marked by the owner, or of an event of newer versions.",
    Ground::Inferred,
    "own reading; bepaald/signalbackup-tools writes verified safety numbers as rows of state sending",
    |m| {
        let base = kind(m)?;
        let own = is_message(base) && base != INBOX && flag(m, IDENTITY)?;
        if own || matches!(base, 17 | 18) { claim(Verdict::LocalOnly, TYPE) } else { None }
    },
);

pub(super) const WITHOUT_GUID: Rule = record(
    "signal.android.without-guid",
    "The message came in without id and time of the server's, after others of this store carried them: it was restored, \
     imported, synchronised or written by hand.",
    Ground::AppSource,
    SOURCE,
    |m| {
        let due = flag(m, PUSH)? && !flag(m, GROUP_V2)? && arrived(m)?;
        let old = is(m, notes::BEFORE_GUIDS) || is(m, notes::NO_GUID_COLUMN);
        let special = m.native_type? & SPECIAL != 0;
        let bare = m.server_id.is_none() && !set(m, &[TIME]);
        if due && bare && !old && !special { claim(Verdict::Unmarked, TYPE) } else { None }
    },
);

pub(super) const RECEIPT_DENIES_STATE: Rule = record(
    "signal.android.receipt-denies-state",
    "A peer's receipt came for a message to one person that the store says was not sent.",
    Ground::AppSource,
    SOURCE,
    |m| {
        let unsent = is_waiting(kind(m)?) || kind(m)? == SEND_FAILED;
        let denied = unsent && m.marker(MEMBERS).is_none() && (read(m) || delivered(m)) && !made_here(m);
        if denied { claim(Verdict::Contradictory, RECEIPTS).on(TYPE) } else { None }
    },
);

pub(super) const PARTLY_DELIVERED: Rule = record(
    "signal.android.partly-delivered",
    "Sending to the group failed for somebody, while other members sent receipts.",
    Ground::AppSource,
    SOURCE,
    |m| {
        let unsent = is_waiting(kind(m)?) || kind(m)? == SEND_FAILED;
        let partly = unsent && m.marker(MEMBERS).is_some() && (read(m) || delivered(m));
        if partly { Opinion::note(notes::PARTLY_DELIVERED).on(&[MEMBERS]) } else { None }
    },
);

pub(super) const OWN_WITH_SERVER_MARK: Rule = record(
    "signal.android.own-with-server-mark",
    "An outgoing message carries an id or time of the server's, which the app stores with incoming ones only.",
    Ground::AppSource,
    SOURCE,
    |m| {
        let own = (21..DRAFT).contains(&kind(m)?);
        let marked = m.server_id.is_some() || (flag(m, PUSH)? && set(m, &[TIME]));
        if own && marked { claim(Verdict::Contradictory, &[GUID, TIME]) } else { None }
    },
);

pub(super) const INCOMING_WITH_RECEIPT: Rule = record(
    "signal.android.incoming-with-receipt",
    "An incoming message carries the time of a peer's receipt, which the app stores with outgoing ones only.",
    Ground::AppSource,
    SOURCE,
    |m| {
        let odd = kind(m)? == INBOX && set(m, &["receipt_timestamp"]);
        if odd { claim(Verdict::Contradictory, &["receipt_timestamp"]) } else { None }
    },
);

pub(super) const CLOCK_ANOMALY: Rule = record(
    "signal.android.clock-anomaly",
    "The server's time and the sender's time of the message lie far apart; the sender's clock is not to be trusted.",
    Ground::AppSource,
    SOURCE,
    |m| {
        let server = m.int(TIME).filter(|t| *t > 0 && arrived(m) == Some(true))?;
        let late = server.saturating_sub(m.sent?.unix_millis()?);
        if !(-DAY..=MONTH).contains(&late) { Opinion::note(notes::CLOCK_ANOMALY).on(&[TIME]) } else { None }
    },
);

const CONFIRMED: Verdict = Verdict::Confirmed(Reach::Accepted);
const RECEIPTS: &[&str] = &[
    MEMBERS,
    "receipt_timestamp",
    "has_delivery_receipt",
    "delivery_receipt_count",
    "has_read_receipt",
    "read_receipt_count",
    "viewed",
    "viewed_receipt_count",
];

/// The base type of a row of a message table; `None` elsewhere.
fn kind(m: &Message) -> Option<i64> {
    let of_messages = m.origin.table.as_deref().is_some_and(|t| MESSAGES.contains(&t));
    m.native_type.filter(|_| of_messages).map(base)
}

fn flag(m: &Message, bits: i64) -> Option<bool> {
    kind(m)?;
    Some(m.native_type? & bits != 0)
}

/// Whether the row is a message that came in an envelope of the server's.
fn arrived(m: &Message) -> Option<bool> {
    Some(kind(m)? == INBOX && !flag(m, IDENTITY)? && !made_here(m))
}

/// Whether the row is a message that was sent through Signal.
fn was_sent(m: &Message) -> Option<bool> {
    Some(kind(m)? == SENT && flag(m, PUSH)? && !flag(m, IDENTITY)? && !made_here(m))
}

fn read(m: &Message) -> bool {
    set(m, READ) || m.int(MEMBERS).is_some_and(|s| matches!(s, 2 | 3))
}

fn delivered(m: &Message) -> bool {
    set(m, DELIVERED) || m.int(MEMBERS) == Some(1)
}
