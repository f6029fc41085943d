//! iOS: what `recordType`, the server's three values, and the states of the recipients say.

use forensics_core::record::Message;
use forensics_core::rule::{Ground, Rule, Says as _};
use forensics_core::verdict::{Reach, Verdict};

use super::{claim, is, made_here, record, set};
use crate::signal::ios::codes::{INCOMING, OUTGOING, RECIPIENTS, STATE, TABLE, is_client_event, is_error};
use crate::signal::notes;

const SOURCE: &str = "Signal-iOS, schema.sql, SDSRecordType, TSOutgoingMessage, TSOutgoingMessageRecipientState";

const GUID: &str = "serverGuid";
const TIME: &str = "serverTimestamp";
const DELIVERY: &str = "serverDeliveryTimestamp";
const CONFIRMED: Verdict = Verdict::Confirmed(Reach::Accepted);

pub(super) const SERVER_GUID: Rule = record(
    "signal.ios.server-guid",
    "The message came in with an id that the server makes for every message it hands over.",
    Ground::AppSource,
    SOURCE,
    |m| if arrived(m)? && m.server_id.is_some() { claim(CONFIRMED, &[GUID, TIME, DELIVERY]) } else { None },
);

pub(super) const SERVER_TIME: Rule = record(
    "signal.ios.server-time",
    "The message came in with the time at which the server received it.",
    Ground::AppSource,
    SOURCE,
    |m| {
        if arrived(m)? && m.server_id.is_none() && set(m, &[TIME]) { claim(CONFIRMED, &[TIME, DELIVERY]) } else { None }
    },
);

pub(super) const PEER_READ: Rule = record(
    "signal.ios.peer-read",
    "A recipient's receipt says that the message was read or viewed.",
    Ground::AppSource,
    SOURCE,
    |m| if is_own(m)? && best(m) >= 6 { claim(Verdict::Confirmed(Reach::Read), &[RECIPIENTS]) } else { None },
);

pub(super) const PEER_DELIVERED: Rule = record(
    "signal.ios.peer-delivered",
    "A recipient's device sent a receipt for the message.",
    Ground::AppSource,
    SOURCE,
    |m| if is_own(m)? && best(m) == 5 { claim(Verdict::Confirmed(Reach::Delivered), &[RECIPIENTS]) } else { None },
);

pub(super) const ACCEPTED: Rule = record(
    "signal.ios.accepted",
    "The state of the message or of a recipient is \"sent\", which the app sets when the service took the message.",
    Ground::AppSource,
    SOURCE,
    |m| {
        let accepted = is_own(m)? && best(m) < 5 && (best(m) == 3 || state(m) == Some(4));
        if accepted { claim(CONFIRMED, &[STATE, RECIPIENTS]) } else { None }
    },
);

pub(super) const OBSOLETE_STATE: Rule = record(
    "signal.ios.obsolete-state",
    "The state of the message is one of old versions that by our reading means \"sent\" or \"delivered\".",
    Ground::Inferred,
    "own reading of storedMessageState 2 and 3",
    |m| if is_own(m)? && matches!(state(m), Some(2 | 3)) { claim(CONFIRMED, &[STATE]) } else { None },
);

pub(super) const WAITING: Rule =
    record("signal.ios.waiting", "The message is being sent, or waits.", Ground::AppSource, SOURCE, |m| {
        let waits = outgoing(m)? && matches!(state(m), Some(0 | 5)) && !denied_by_some(m);
        let opinion = if waits { claim(Verdict::Pending, &[STATE]) } else { None };
        // 5: the server asks for a proof first, which is itself an answer of the server's.
        if state(m) == Some(5) { opinion.with(notes::CHALLENGED) } else { opinion }
    });

pub(super) const FAILED: Rule =
    record("signal.ios.failed", "The app noted that sending failed.", Ground::AppSource, SOURCE, |m| {
        let failed = outgoing(m)? && state(m) == Some(1) && !denied_by_some(m);
        if failed { claim(Verdict::Failed, &[STATE, "mostRecentFailureText"]) } else { None }
    });

pub(super) const CLIENT_EVENT: Rule = record(
    "signal.ios.client-event",
    "The app made this row itself, to note a call or an event in the chat.",
    Ground::AppSource,
    SOURCE,
    |m| if is_client_event(kind(m)?) { claim(Verdict::LocalOnly, &["recordType"]) } else { None },
);

pub(super) const CLIENT_EVENT_INFERRED: Rule = record(
    "signal.ios.client-event-inferred",
    "By our reading the app made this row itself, to note an error.",
    Ground::Inferred,
    "own reading of the error records of SDSRecordType",
    |m| if is_error(kind(m)?) { claim(Verdict::LocalOnly, &["recordType"]) } else { None },
);

pub(super) const WITHOUT_GUID: Rule = record(
    "signal.ios.without-guid",
    "The message came in without id and time of the server's, after others of this store carried them: it was restored, \
     imported, synchronised or written by hand.",
    Ground::AppSource,
    SOURCE,
    |m| {
        let old = is(m, notes::BEFORE_GUIDS) || is(m, notes::NO_GUID_COLUMN) || is(m, notes::SMS_RESTORED);
        let bare = arrived(m)? && m.server_id.is_none() && !set(m, &[TIME]);
        if bare && !old { claim(Verdict::Unmarked, &["recordType"]) } else { None }
    },
);

pub(super) const SERVER_CLOCKS: Rule = record(
    "signal.ios.server-clocks",
    "The server handed the message over before it received it.",
    Ground::AppSource,
    SOURCE,
    |m| {
        kind(m)?;
        let (received, handed) = (m.int(TIME).filter(|t| *t > 0)?, m.int(DELIVERY).filter(|t| *t > 0)?);
        if handed < received { claim(Verdict::Contradictory, &[TIME, DELIVERY]) } else { None }
    },
);

pub(super) const SERVER_TIME_AHEAD: Rule = record(
    "signal.ios.server-time-ahead",
    "A time of the server's lies more than a day after the newest record of the store.",
    Ground::AppSource,
    SOURCE,
    |m| {
        kind(m)?;
        if is(m, notes::SERVER_TIME_AHEAD) { claim(Verdict::Contradictory, &[TIME, DELIVERY]) } else { None }
    },
);

pub(super) const OWN_WITH_SERVER_MARK: Rule = record(
    "signal.ios.own-with-server-mark",
    "An outgoing message carries an id or time of the server's, which by our reading only incoming ones have.",
    Ground::Inferred,
    "own reading: the app fills these columns from incoming envelopes",
    |m| {
        let marked = m.server_id.is_some() || set(m, &[TIME, DELIVERY]);
        if outgoing(m)? && marked { claim(Verdict::Contradictory, &[GUID, TIME, DELIVERY]) } else { None }
    },
);

/// The record type of a row of the chat; `None` elsewhere.
fn kind(m: &Message) -> Option<i64> {
    m.native_type.filter(|_| m.origin.table.as_deref() == Some(TABLE))
}

fn arrived(m: &Message) -> Option<bool> {
    Some(kind(m)? == INCOMING && !made_here(m))
}

fn outgoing(m: &Message) -> Option<bool> {
    Some(kind(m)? == OUTGOING)
}

fn is_own(m: &Message) -> Option<bool> {
    Some(outgoing(m)? && !made_here(m))
}

fn state(m: &Message) -> Option<i64> {
    m.int(STATE)
}

/// The farthest state of a recipient: 3 sent, 5 delivered, 6 read, 7 viewed; 0 where there is none of these.
fn best(m: &Message) -> i64 {
    m.int(RECIPIENTS).filter(|s| matches!(s, 3 | 5..=7)).unwrap_or(0)
}

/// Whether the service took the message for some of several recipients: the state of the whole is then that of the worst.
fn denied_by_some(m: &Message) -> bool {
    is(m, notes::FAILED_FOR_SOME)
}
