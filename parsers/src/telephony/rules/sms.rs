//! Rules on SMS.

use forensics_core::record::Message;
use forensics_core::rule::{Ground, Opinion, Rule, Says as _};
use forensics_core::verdict::{Reach, Verdict};

use super::{claim, has, number, record};
use crate::telephony::notes;

const TYPE: &str = "type";
const STATUS: &str = "status";
const ERROR: &str = "error_code";
const CENTRE: &str = "service_center";
const SENT: &str = "date_sent";

const AOSP: &str = "AOSP: android.provider.Telephony.TextBasedSmsColumns";

pub(super) const THROUGH_SMSC: Rule = record(
    "telephony.android.sms-through-smsc",
    "The incoming SMS carries the number or the clock of the carrier's message centre, which forwarded it.",
    Ground::RealStore,
    "service_center on 18 of 18 incoming rows of a Samsung store, date_sent on 4 of 4 of an AOSP store",
    |m| {
        if !incoming(m) || !(has(m, CENTRE) || has(m, SENT)) {
            return None;
        }
        let opinion = claim(Verdict::Confirmed(Reach::Accepted), &[CENTRE, SENT]);
        if has(m, CENTRE) { opinion } else { opinion.with(notes::SMSC_NOT_NAMED) }
    },
);

pub(super) const WITHOUT_NETWORK_TRACE: Rule = record(
    "telephony.android.sms-without-network-trace",
    "The row in the inbox has neither the number nor the clock of a message centre, one of which every received SMS has: \
     restored, or written by an app.",
    Ground::RealStore,
    "22 of 22 incoming rows of two real stores have one of the two; creator names the app that wrote the row",
    |m| {
        // A backup entry never has the centre's number, and older schemas lack the centre's clock.
        let could = m.origin.table.is_some() && !m.notes.contains(&notes::NO_CLOCK);
        let bare = incoming(m) && could && !has(m, CENTRE) && !has(m, SENT);
        bare.then(|| claim(Verdict::Unmarked, &[TYPE, "creator"])).flatten()
    },
);

pub(super) const DELIVERED: Rule = record(
    "telephony.android.sms-delivered",
    "The message centre reported that the sent SMS was delivered (status 0).",
    Ground::AppSource,
    AOSP,
    |m| match sent_status(m)? {
        0 => claim(Verdict::Confirmed(Reach::Delivered), &[TYPE, STATUS]),
        _ => None,
    },
);

pub(super) const REPORT_PENDING: Rule = record(
    "telephony.android.sms-report-pending",
    "The network took the SMS, and a delivery report was asked for that is not final (status 1 to 63).",
    Ground::AppSource,
    AOSP,
    |m| match sent_status(m)? {
        1..=31 => claim(Verdict::Confirmed(Reach::Accepted), &[TYPE, STATUS]),
        32..=63 => claim(Verdict::Confirmed(Reach::Accepted), &[TYPE, STATUS]).with(notes::DELIVERY_PENDING),
        _ => None,
    },
);

pub(super) const DELIVERY_FAILED: Rule = record(
    "telephony.android.sms-delivery-failed",
    "The network took the SMS, and the message centre reported that it could not be delivered (status 64 or above).",
    Ground::AppSource,
    AOSP,
    |m| match sent_status(m)? {
        64..=127 => claim(Verdict::Confirmed(Reach::Accepted), &[TYPE, STATUS]).with(notes::DELIVERY_FAILED),
        _ => None,
    },
);

pub(super) const SENT_WITHOUT_REPORT: Rule = record(
    "telephony.android.sms-sent-without-report",
    "The SMS stands as sent, which the phone's radio said; no delivery report was asked for.",
    Ground::Inferred,
    "sms.type 2 with status -1; the radio's result is not kept",
    |m| {
        let bare = sent_status(m)? == -1 && !failed(m);
        bare.then(|| claim(Verdict::Confirmed(Reach::Accepted), &[TYPE, STATUS])).flatten()
    },
);

pub(super) const FAILED: Rule = record(
    "telephony.android.sms-failed",
    "The store says that sending failed: the SMS stands among the failed ones, or it holds an error of the radio.",
    Ground::AppSource,
    AOSP,
    |m| {
        // A failed delivery explains an error of its own.
        let delivery = sent_status(m).is_some_and(|s| s >= 64);
        (failed(m) && !delivery).then(|| claim(Verdict::Failed, &[TYPE, ERROR])).flatten()
    },
);

pub(super) const WAITING: Rule = record(
    "telephony.android.sms-waiting",
    "The SMS stands in the outbox or in the queue and was not sent yet.",
    Ground::AppSource,
    AOSP,
    |m| (matches!(kind(m), Some(4 | 6)) && !failed(m)).then(|| claim(Verdict::Pending, &[TYPE])).flatten(),
);

pub(super) const DRAFT: Rule = record(
    "telephony.android.sms-draft",
    "The SMS is a draft: it never left the phone.",
    Ground::AppSource,
    AOSP,
    |m| (kind(m) == Some(3)).then(|| claim(Verdict::LocalOnly, &[TYPE])).flatten(),
);

pub(super) const CARRIER_STORE: Rule = record(
    "telephony.android.carrier-store-copy",
    "The row carries an object id, which by its name is that of a copy in the carrier's message store.",
    Ground::Inferred,
    "column object_id of Samsung stores; meaning by its name",
    |m| has(m, "object_id").then(|| Opinion::note(notes::OBJECT_ID).on(&["object_id"])).flatten(),
);

/// The type of an SMS.
fn kind(m: &Message) -> Option<i64> {
    if m.origin.table.as_deref().is_some_and(|t| t != "sms") { None } else { number(m, TYPE) }
}

fn incoming(m: &Message) -> bool {
    kind(m) == Some(1)
}

/// The report status of a sent SMS.
fn sent_status(m: &Message) -> Option<i64> {
    if kind(m) == Some(2) { number(m, STATUS) } else { None }
}

/// An error is kept as a mark only where it is one.
fn failed(m: &Message) -> bool {
    kind(m) == Some(5) || (matches!(kind(m), Some(2 | 4 | 6)) && has(m, ERROR))
}
