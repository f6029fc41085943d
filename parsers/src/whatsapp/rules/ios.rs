//! Rules on rows of `ZWAMESSAGE` and `ZWACDCALLEVENT`.

use forensics_core::record::{Direction, Message};
use forensics_core::rule::{Ground, Judge, Opinion, Rule, Says as _};
use forensics_core::stamp::Number;
use forensics_core::verdict::{Reach, Verdict};

use super::{carries, claim, record, stands_in};
use crate::whatsapp::codes::ios as codes;
use crate::whatsapp::notes;

const STATUS: &str = "ZMESSAGESTATUS";
const ERROR: &str = "ZMESSAGEERRORSTATUS";
const OUTCOME: &str = "ZOUTCOME";
/// A peer's times in the receipt blob: field 4, and field 5, of an entry of field 2.
pub(in crate::whatsapp) const BLOB_DELIVERED: &str = "ZRECEIPTINFO/2/4";
pub(in crate::whatsapp) const BLOB_READ: &str = "ZRECEIPTINFO/2/5";
/// A second that no local clock gave.
pub(in crate::whatsapp) const PUSH_NAME: &str = "ZPUSHNAME/1";

pub(super) const SYSTEM_ROW: Rule = record(
    "whatsapp.ios.system-row",
    "The row is the app's own (a group event, a notice, a timer): it keeps no mark of a server.",
    Ground::RealStore,
    "types 6 and 10 in an iOS store of 2023; 28 and 55 by IPED and iLEAPP",
    |m| (message(m) && system(m)).then(|| claim(Verdict::LocalOnly, &[STATUS])).flatten(),
);

pub(super) const PEER_READ: Rule = record(
    "whatsapp.ios.peer-read",
    "The receipt blob says when a recipient read the message; receipts reach the phone through the server.",
    Ground::RealStore,
    "ZWAMESSAGEINFO.ZRECEIPTINFO, field 2 with field 5, on 11 of 11 outgoing rows of an iOS store of 2023",
    |m| {
        (sent(m) && !failed(m) && carries(m, &[BLOB_READ]))
            .then(|| claim(Verdict::Confirmed(Reach::Read), &[BLOB_READ]))
            .flatten()
    },
);

pub(super) const PEER_DELIVERED: Rule = record(
    "whatsapp.ios.peer-delivered",
    "The receipt blob says when a recipient's device got the message; receipts reach the phone through the server.",
    Ground::RealStore,
    "ZWAMESSAGEINFO.ZRECEIPTINFO, field 2 with field 4, on 11 of 11 outgoing rows of an iOS store of 2023",
    |m| {
        let delivered = sent(m) && !failed(m) && carries(m, &[BLOB_DELIVERED]);
        delivered.then(|| claim(Verdict::Confirmed(Reach::Delivered), &[BLOB_DELIVERED])).flatten()
    },
);

pub(super) const STATUS_READ: Rule = record(
    "whatsapp.ios.status-read",
    "The state of the outgoing message is 8: read.",
    Ground::Parsers(3),
    "IPED and two other readers; on 11 of 11 outgoing rows of an iOS store of 2023",
    |m| confirmed_by_status(m, 8, Reach::Read),
);

pub(super) const STATUS_DELIVERED: Rule = record(
    "whatsapp.ios.status-delivered",
    "The state of the outgoing message is 6: delivered.",
    Ground::Parsers(3),
    "IPED and two other readers",
    |m| confirmed_by_status(m, 6, Reach::Delivered),
);

pub(super) const STATUS_ACCEPTED: Rule = record(
    "whatsapp.ios.status-accepted",
    "The state of the outgoing message is 1: the server has it.",
    Ground::Parsers(3),
    "IPED and two other readers",
    |m| confirmed_by_status(m, 1, Reach::Accepted),
);

pub(super) const FAILED: Rule = record(
    "whatsapp.ios.failed",
    "The row holds an error of sending.",
    Ground::Parsers(2),
    "IPED and another reader: ZMESSAGEERRORSTATUS",
    |m| (sent(m) && failed(m)).then(|| claim(Verdict::Failed, &[ERROR])).flatten(),
);

pub(super) const FAILED_YET_MARKED: Rule = record(
    "whatsapp.ios.failed-yet-marked",
    "The row holds an error of sending, while its state or a receipt says that a recipient has the message.",
    Ground::Parsers(2),
    "IPED and another reader: ZMESSAGEERRORSTATUS, ZMESSAGESTATUS",
    |m| {
        let denied = sent(m) && failed(m) && (received(m) || matches!(status(m), Some(6 | 8)));
        denied.then(|| claim(Verdict::Contradictory, &[ERROR, STATUS, BLOB_DELIVERED, BLOB_READ])).flatten()
    },
);

pub(super) const UNSENT: Rule = record(
    "whatsapp.ios.unsent",
    "The state of the outgoing message is 9: not sent.",
    Ground::Parsers(1),
    "IPED: ZMESSAGESTATUS 9",
    |m| {
        let waits = sent(m) && !failed(m) && !received(m) && status(m) == Some(9);
        waits.then(|| claim(Verdict::Pending, &[STATUS]).with(notes::UNSENT)).flatten()
    },
);

pub(super) const UNSENT_BY_ANALOGY: Rule = record(
    "whatsapp.ios.unsent-by-analogy",
    "The state of the outgoing message is 0 or 3, which is taken to mean that it waits.",
    Ground::Inferred,
    "0 on rows without acknowledgement, 3 in an old converter only",
    |m| {
        let waits = sent(m) && !failed(m) && !received(m) && matches!(status(m), Some(0 | 3));
        waits.then(|| claim(Verdict::Pending, &[STATUS])).flatten()
    },
);

pub(super) const UNSENT_YET_RECEIVED: Rule = record(
    "whatsapp.ios.unsent-yet-received",
    "The state says that the message is not acknowledged, while a receipt says that a recipient has it.",
    Ground::RealStore,
    "ZRECEIPTINFO as in an iOS store of 2023, whose received rows never have state 0, 3 or 9",
    |m| {
        let denied = sent(m) && !failed(m) && received(m) && matches!(status(m), Some(0 | 3 | 9));
        denied.then(|| claim(Verdict::Contradictory, &[STATUS, BLOB_DELIVERED, BLOB_READ])).flatten()
    },
);

pub(super) const PUSH_NAME_TIME: Rule = record(
    "whatsapp.ios.push-name-time",
    "The row holds a second that the phone's own clock did not give, most likely that of the server's acknowledgement.",
    Ground::Inferred,
    "ZPUSHNAME, field 1, on 11 of 11 outgoing rows of an iOS store of 2023; meaning inferred",
    |m| {
        if !sent(m) || failed(m) || !carries(m, &[PUSH_NAME]) || matches!(status(m), Some(0 | 3 | 9)) {
            return None;
        }
        let documented = received(m) || matches!(status(m), Some(1 | 6 | 8));
        if documented {
            Some(Opinion::default()).on(&[PUSH_NAME])
        } else {
            claim(Verdict::Confirmed(Reach::Accepted), &[PUSH_NAME])
        }
    },
);

pub(super) const ARRIVED: Rule = record(
    "whatsapp.ios.arrived",
    "The message came in, which happens only through the server, by history sync, or with a restored backup.",
    Ground::RealStore,
    "ten ordinary incoming rows of an iOS store of 2023",
    |m| {
        let arrived = incoming(m) && !m.id.is_empty();
        let opinion = || {
            let opinion = claim(Verdict::ImpliedByArrival, &[STATUS]);
            if m.native_type == Some(codes::WAITING) { opinion.with(notes::NEVER_DECRYPTED) } else { opinion }
        };
        arrived.then(opinion).flatten()
    },
);

pub(super) const FRACTIONAL_DATE: Rule = record(
    "whatsapp.ios.fractional-date",
    "The date of the incoming message has a fraction of a second, as only the phone's own clock gives.",
    Ground::RealStore,
    "ZMESSAGEDATE: whole seconds on ten of ten ordinary incoming rows of an iOS store of 2023",
    |m| match m.sent?.raw {
        Number::Real(date) if incoming(m) && date.fract() != 0.0 => Opinion::note(notes::FRACTIONAL_DATE),
        _ => None,
    },
);

pub(super) const INCOMING_WITHOUT_ID: Rule = record(
    "whatsapp.ios.incoming-without-id",
    "The incoming message has no id, which every message that came through the server has.",
    Ground::RealStore,
    "ZSTANZAID on 32 of 32 rows of an iOS store of 2023",
    |m| {
        let bare = incoming(m) && m.id.is_empty() && !m.notes.contains(&notes::NO_ID_COLUMN);
        bare.then(|| claim(Verdict::Unmarked, &[STATUS])).flatten()
    },
);

pub(super) const CALL_COMPLETED: Rule = record(
    "whatsapp.ios.call-completed",
    "The call was completed and has a length: it passed the server.",
    Ground::RealStore,
    "four calls of an iOS store of 2023; iLEAPP: ZOUTCOME 0",
    |m| {
        let talked = m.call.as_ref().and_then(|c| c.duration_ms).is_some_and(|ms| ms > 0);
        (call(m) && m.int(OUTCOME) == Some(0) && talked)
            .then(|| claim(Verdict::Confirmed(Reach::Accepted), &[OUTCOME]))
            .flatten()
    },
);

pub(super) const CALL_ARRIVED: Rule = record(
    "whatsapp.ios.call-arrived",
    "The call came in, which happens only through the server.",
    Ground::Parsers(1),
    "iLEAPP: ZWAAGGREGATECALLEVENT.ZINCOMING",
    |m| (call(m) && m.direction == Direction::In).then(|| claim(Verdict::ImpliedByArrival, &[OUTCOME])).flatten(),
);

pub(super) const BEYOND_COUNTER: Rule = Rule {
    id: "whatsapp.ios.beyond-counter",
    says: "The row's number is not below the next one that its chat would give: written and not entered, merged, or put in by hand.",
    ground: Ground::RealStore,
    cites: "ZWACHATSESSION.ZMESSAGECOUNTER is the highest ZSORT + 1 in five of five chats of an iOS store of 2023",
    judge: Judge::BeyondCursor(notes::BEYOND_CURSOR),
};

fn message(m: &Message) -> bool {
    stands_in(m, &["ZWAMESSAGE"])
}

fn call(m: &Message) -> bool {
    stands_in(m, &["ZWACDCALLEVENT"])
}

fn status(m: &Message) -> Option<i64> {
    m.int(STATUS)
}

fn system(m: &Message) -> bool {
    codes::is_system(m.native_type)
}

fn sent(m: &Message) -> bool {
    message(m) && m.direction == Direction::Out && !system(m)
}

fn incoming(m: &Message) -> bool {
    message(m) && m.direction == Direction::In && !system(m)
}

/// An error other than 0, also one that is no integer.
fn failed(m: &Message) -> bool {
    m.marker(ERROR).is_some_and(|mark| mark.raw.as_int() != Some(0))
}

/// Whether a recipient's time stands in the receipt blob.
fn received(m: &Message) -> bool {
    carries(m, &[BLOB_DELIVERED, BLOB_READ])
}

fn confirmed_by_status(m: &Message, code: i64, reach: Reach) -> Option<Opinion> {
    (sent(m) && !failed(m) && status(m) == Some(code)).then(|| claim(Verdict::Confirmed(reach), &[STATUS])).flatten()
}
