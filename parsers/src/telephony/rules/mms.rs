//! Rules on MMS.

use forensics_core::record::{Message, ReceiptKind};
use forensics_core::rule::{Ground, Judge, Opinion, Rule, Says as _};
use forensics_core::verdict::{Reach, Verdict};

use super::{claim, has, number, record};
use crate::telephony::{codes, notes};

const KIND: &str = "m_type";
const BOX: &str = "msg_box";
const ID: &str = "m_id";
const ANSWER: &str = "resp_st";
const RETRIEVAL: &str = "retr_st";
const PENDING: &str = "err_type";
const CREATOR: &str = "creator";
const REPORT: &str = "st";
const READ_STATUS: &str = "read_status";

/// The app that writes copies of RCS messages into this store.
const GOOGLE_MESSAGES: &str = "com.google.android.apps.messaging";

const AOSP: &str = "AOSP: com.google.android.mms.pdu.PduHeaders, android.provider.Telephony.BaseMmsColumns";

pub(super) const SENT_WITH_ID: Rule = record(
    "telephony.android.mms-sent-with-id",
    "The sent MMS carries the id that the carrier's server gave it.",
    Ground::AppSource,
    AOSP,
    |m| {
        let taken = number(m, ANSWER).is_none_or(|answer| answer == codes::OK);
        let sent = outgoing(m) && number(m, BOX) == Some(2) && has(m, ID) && taken;
        sent.then(|| claim(Verdict::Confirmed(Reach::Accepted), &[BOX, ID, ANSWER])).flatten()
    },
);

pub(super) const SENT_WITHOUT_ID: Rule = record(
    "telephony.android.mms-sent-without-id",
    "The MMS stands as sent and has no id of the carrier's server.",
    Ground::Inferred,
    "a sent MMS gets its m_id from the server's answer; copies of RCS messages have none",
    |m| {
        let bare = outgoing(m) && number(m, BOX) == Some(2) && !has(m, ID) && !refused(m);
        bare.then(|| Opinion::note(notes::NO_MMS_ID).on(&[BOX])).flatten()
    },
);

pub(super) const DELIVERED: Rule = record(
    "telephony.android.mms-delivered",
    "A delivery report of the carrier's server says that a recipient fetched the MMS.",
    Ground::AppSource,
    AOSP,
    |m| reported(m, ReceiptKind::Delivered, &[REPORT], Reach::Delivered),
);

pub(super) const READ: Rule = record(
    "telephony.android.mms-read",
    "A read report of a recipient says that the MMS was read.",
    Ground::AppSource,
    AOSP,
    |m| reported(m, ReceiptKind::Read, &[READ_STATUS], Reach::Read),
);

pub(super) const REFUSED: Rule = record(
    "telephony.android.mms-refused",
    "The carrier's server answered that it does not take the MMS.",
    Ground::AppSource,
    AOSP,
    |m| {
        let is = outgoing(m) && refused(m) && !matches!(number(m, BOX), Some(2 | 3)) && !retried(m);
        is.then(|| claim(Verdict::Failed, &[ANSWER])).flatten()
    },
);

pub(super) const REFUSED_YET_SENT: Rule = record(
    "telephony.android.mms-refused-yet-sent",
    "The MMS stands as sent, while the carrier's server answered that it does not take it.",
    Ground::AppSource,
    AOSP,
    |m| {
        let is = outgoing(m) && refused(m) && number(m, BOX) == Some(2);
        is.then(|| claim(Verdict::Contradictory, &[BOX, ANSWER])).flatten()
    },
);

pub(super) const WAITING: Rule = record(
    "telephony.android.mms-waiting",
    "The MMS stands in the outbox, or the provider keeps it for another try.",
    Ground::AppSource,
    "AOSP: msg_box 4, MmsSms.PendingMessages.ERROR_TYPE below 10",
    |m| {
        let waits = unsent(m) && !given_up(m) && number(m, BOX) != Some(5) && (number(m, BOX) == Some(4) || retried(m));
        (waits && (!refused(m) || retried(m))).then(|| claim(Verdict::Pending, &[BOX, PENDING])).flatten()
    },
);

pub(super) const FAILED: Rule = record(
    "telephony.android.mms-failed",
    "The MMS stands among the failed ones, or the provider gave up sending it.",
    Ground::AppSource,
    "AOSP: msg_box 5, MmsSms.PendingMessages.ERROR_TYPE 10 and above",
    |m| {
        let failed = unsent(m) && (given_up(m) || number(m, BOX) == Some(5));
        failed.then(|| claim(Verdict::Failed, &[BOX, PENDING])).flatten()
    },
);

pub(super) const RETRIEVED: Rule = record(
    "telephony.android.mms-retrieved",
    "The MMS was fetched from the carrier's server: it carries the server's id or its answer.",
    Ground::AppSource,
    AOSP,
    |m| {
        let fetched = number(m, KIND) == Some(codes::RETRIEVE_CONF);
        let marked = has(m, ID) || number(m, RETRIEVAL) == Some(codes::OK);
        (fetched && marked).then(|| claim(Verdict::Confirmed(Reach::Accepted), &[KIND, ID, RETRIEVAL])).flatten()
    },
);

pub(super) const NOT_DOWNLOADED: Rule = record(
    "telephony.android.mms-not-downloaded",
    "The carrier's server announced the MMS and keeps it until it expires; it was not fetched.",
    Ground::AppSource,
    AOSP,
    |m| {
        let waits = number(m, KIND) == Some(codes::NOTIFICATION);
        let opinion = || claim(Verdict::ImpliedByArrival, &[KIND, "ct_l", "exp"]).with(notes::NOT_DOWNLOADED);
        waits.then(opinion).flatten()
    },
);

pub(super) const DRAFT: Rule = record(
    "telephony.android.mms-draft",
    "The MMS is a draft: it never left the phone.",
    Ground::AppSource,
    AOSP,
    |m| (has(m, KIND) && number(m, BOX) == Some(3)).then(|| claim(Verdict::LocalOnly, &[BOX])).flatten(),
);

pub(super) const MIRROR: Rule = record(
    "telephony.android.mms-rcs-mirror",
    "Google Messages wrote the row, and it carries no id of the carrier's server: possibly the copy of an RCS message, \
     whose own record is in Google Messages.",
    Ground::Inferred,
    "Google Messages names an MMS row for 137 of 137 RCS messages of a real phone; the copies' columns were not seen",
    |m| {
        let kind = matches!(number(m, KIND), Some(codes::SEND_REQ | codes::RETRIEVE_CONF));
        let settled = matches!(number(m, BOX), Some(1 | 2));
        let by_google = m.marker(CREATOR).is_some_and(|c| c.raw.as_text() == Some(GOOGLE_MESSAGES));
        let copy = kind && settled && by_google && !has(m, ID);
        copy.then(|| Opinion::note(notes::RCS_MIRROR).on(&[CREATOR])).flatten()
    },
);

pub(super) const ID_TWICE: Rule = Rule {
    id: "telephony.android.mms-id-twice",
    says: "Two MMS carry the same id of the carrier's server, which gives each id once.",
    ground: Ground::AppSource,
    cites: AOSP,
    judge: Judge::SharedServerId(|_| Opinion::claim(Verdict::Contradictory).on(&[ID])),
};

fn outgoing(m: &Message) -> bool {
    number(m, KIND) == Some(codes::SEND_REQ)
}

/// Outgoing, and neither sent nor a draft.
fn unsent(m: &Message) -> bool {
    outgoing(m) && !matches!(number(m, BOX), Some(2 | 3))
}

/// The server's answer is an error.
fn refused(m: &Message) -> bool {
    number(m, ANSWER).is_some_and(|answer| (129..=255).contains(&answer))
}

fn retried(m: &Message) -> bool {
    number(m, PENDING).is_some_and(|e| e < codes::PERMANENT)
}

fn given_up(m: &Message) -> bool {
    number(m, PENDING).is_some_and(|e| e >= codes::PERMANENT)
}

fn reported(m: &Message, kind: ReceiptKind, on: &[&'static str], reach: Reach) -> Option<Opinion> {
    let is = outgoing(m) && m.receipts.iter().any(|r| r.kind == kind);
    is.then(|| claim(Verdict::Confirmed(reach), on)).flatten()
}
