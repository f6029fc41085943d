//! What the state of a message says, with its reports and its history.

use forensics_core::record::Message;
use forensics_core::rule::{Ground, Opinion, Rule, Says as _};
use forensics_core::verdict::{Reach, Verdict};

use super::{claim, has, record};
use crate::google_messages::{codes, notes};
use crate::telephony::provider;

pub(in crate::google_messages) const STATUS: &str = "message_status";
pub(in crate::google_messages) const PROTOCOL: &str = "message_protocol";
/// Entries of the table of that name.
pub(in crate::google_messages) const HISTORY: &str = "message_status.status";
pub(in crate::google_messages) const DELIVERED_AT: &str = "receive_time";
pub(in crate::google_messages) const READ_AT: &str = "read_time";
pub(in crate::google_messages) const RCS_ID: &str = "rcs_message_id_with_text_type";
pub(in crate::google_messages) const OLD_RCS_ID: &str = "rcs_message_id";
pub(in crate::google_messages) const CLOUD_ID: &str = "cms_id";
pub(in crate::google_messages) const CLOUD_CORRELATION: &str = "cms_correlation_id";
pub(in crate::google_messages) const CLOUD_EVENT: &str = "cms_incremental_events.bugle_id";
pub(in crate::google_messages) const CLOUD_DEAD: &str = "cms_dead_letter_queue.bugle_id";

const REAL: &str = "137 RCS messages of a real phone, schema 61791: states, message_status, read_reports";
const AOSP: &str = "AOSP Messaging: MessageData, BUGLE_STATUS_…";
const WEB: &str = "mautrix/gmessages: conversations.proto (states of the web client's protocol)";

pub(super) const CLOUD_COPY: Rule = record(
    "google-messages.android.cloud-copy",
    "The message carries the id of its copy in Google's cloud store of messages.",
    Ground::Parsers(1),
    "schema history of the app: cms_id since 31010, unique; a store with the cloud in use was not seen",
    |m| has(m, CLOUD_ID).then(|| claim(Verdict::Confirmed(Reach::Accepted), &[CLOUD_ID, "cms_last_mod_seq"])).flatten(),
);

pub(super) const RCS_READ: Rule = record(
    "google-messages.android.rcs-read",
    "A display report says that a recipient opened the RCS message; reports reach the phone through the RCS server.",
    Ground::RealStore,
    REAL,
    |m| {
        let read = outgoing_rcs(m) && (status(m) == Some(11) || passed(m, 11) || has(m, READ_AT));
        read.then(|| claim(Verdict::Confirmed(Reach::Read), &[STATUS, HISTORY, READ_AT])).flatten()
    },
);

pub(super) const RCS_DELIVERED: Rule = record(
    "google-messages.android.rcs-delivered",
    "A delivery report says that a recipient's device has the RCS message; reports reach the phone through the RCS server.",
    Ground::RealStore,
    REAL,
    |m| {
        let delivered = outgoing_rcs(m) && delivered(m);
        delivered.then(|| claim(Verdict::Confirmed(Reach::Delivered), &[STATUS, HISTORY, DELIVERED_AT])).flatten()
    },
);

pub(super) const RCS_ACCEPTED: Rule = record(
    "google-messages.android.rcs-accepted",
    "The state of the outgoing RCS message is 1: the RCS server took it.",
    Ground::RealStore,
    REAL,
    |m| {
        let accepted = outgoing_rcs(m) && status(m) == Some(1);
        accepted.then(|| claim(Verdict::Confirmed(Reach::Accepted), &[STATUS, PROTOCOL])).flatten()
    },
);

pub(super) const RCS_RECEIVED: Rule = record(
    "google-messages.android.rcs-received",
    "The RCS message was received and carries the id that came with it through the RCS server.",
    Ground::Parsers(1),
    WEB,
    |m| {
        let received = rcs(m) && matches!(status(m), Some(100 | 108 | 109)) && has_rcs_id(m);
        received.then(|| claim(Verdict::Confirmed(Reach::Accepted), &[STATUS, RCS_ID, OLD_RCS_ID])).flatten()
    },
);

pub(super) const CARRIER_DELIVERED: Rule = record(
    "google-messages.android.carrier-delivered",
    "The state of the SMS or MMS is 2: the carrier reported that it was delivered.",
    Ground::AppSource,
    AOSP,
    |m| {
        let delivered = matches!(protocol(m), Some(0 | 1)) && status(m) == Some(2);
        delivered.then(|| claim(Verdict::Confirmed(Reach::Delivered), &[STATUS, PROTOCOL])).flatten()
    },
);

pub(super) const CARRIER_ACCEPTED: Rule = record(
    "google-messages.android.carrier-accepted",
    "The state of the SMS or MMS is 1: the phone's radio, and so the network, took it.",
    Ground::Inferred,
    "the radio's result; the carrier's own marks stand in the telephony store",
    |m| {
        let accepted = matches!(protocol(m), Some(0 | 1)) && status(m) == Some(1);
        accepted.then(|| claim(Verdict::Confirmed(Reach::Accepted), &[STATUS, PROTOCOL])).flatten()
    },
);

pub(super) const CARRIER_RECEIVED: Rule = record(
    "google-messages.android.carrier-received",
    "The SMS or MMS was received, which happens only through the carrier, or with a restored backup.",
    Ground::Inferred,
    "state 100 of SMS and MMS; the carrier's own marks stand in the telephony store",
    |m| {
        let received = carrier(m) && status(m) == Some(100);
        received.then(|| claim(Verdict::ImpliedByArrival, &[STATUS, PROTOCOL])).flatten()
    },
);

pub(super) const TELEPHONY_ROW: Rule = record(
    "google-messages.android.telephony-row",
    "The phone's telephony store has the row of the SMS or MMS, and the row carries marks of the carrier's server.",
    Ground::RealStore,
    "sms_message_uri names the row; the rules of the telephony provider",
    |m| {
        let verdict = m.marker(provider::MARKER).filter(|_| carrier(m)).and_then(provider::verdict_of)?;
        matches!(verdict, Verdict::Confirmed(_)).then(|| claim(verdict, &[provider::MARKER])).flatten()
    },
);

pub(super) const DOWNLOAD_WAITS: Rule = record(
    "google-messages.android.download-waits",
    "The incoming message was announced by the server and not fetched yet, or the download was cancelled.",
    Ground::AppSource,
    "AOSP Messaging: MessageData, states 101 to 105; 110 by the protocol of the web client",
    |m| {
        let waits = matches!(status(m), Some(101..=105 | 110));
        waits.then(|| claim(Verdict::ImpliedByArrival, &[STATUS]).with(notes::DOWNLOAD_WAITS)).flatten()
    },
);

pub(super) const DOWNLOAD_FAILED: Rule = record(
    "google-messages.android.download-failed",
    "The incoming message was on the server, and fetching or decrypting it failed.",
    Ground::AppSource,
    "AOSP Messaging: MessageData, states 106 and 107; 111 to 114 by the protocol of the web client",
    |m| {
        let failed = matches!(status(m), Some(106 | 107 | 111..=114));
        failed.then(|| claim(Verdict::ImpliedByArrival, &[STATUS]).with(notes::DOWNLOAD_FAILED)).flatten()
    },
);

pub(super) const DRAFT: Rule = record(
    "google-messages.android.draft",
    "The message is a draft: it never left the phone.",
    Ground::AppSource,
    AOSP,
    |m| {
        let draft = status(m) == Some(3) || m.origin.table.as_deref() == Some("drafts");
        (draft && !has(m, CLOUD_ID)).then(|| claim(Verdict::LocalOnly, &[STATUS])).flatten()
    },
);

pub(super) const PENDING: Rule = record(
    "google-messages.android.pending",
    "The outgoing message waits or is being sent, and no acknowledgement says otherwise.",
    Ground::Parsers(1),
    "AOSP Messaging: states 4 to 7; 10, 14, 15, 16, 20 by the protocol of the web client",
    |m| {
        if !matches!(status(m), Some(4..=7 | 10 | 14..=16 | 20)) {
            return None;
        }
        // A copy in the cloud store says nothing of sending; what is being taken back had been sent.
        if has(m, CLOUD_ID) {
            return Opinion::note(notes::NOT_SENT).on(&[STATUS]);
        }
        if status(m) == Some(15) && (delivered(m) || passed(m, 1) || passed(m, 11)) {
            return Opinion::note(notes::REVOCATION).on(&[STATUS, HISTORY]);
        }
        claim(Verdict::Pending, &[STATUS])
    },
);

pub(super) const FAILED: Rule = record(
    "google-messages.android.failed",
    "The store says that sending failed or was cancelled.",
    Ground::Parsers(1),
    "AOSP Messaging: states 8 and 9; 12, 13, 17 to 19, 21, 22 by the protocol of the web client",
    |m| {
        let failed = status(m).filter(|s| matches!(s, 8 | 9 | 12 | 13 | 17 | 18 | 19 | 21 | 22))?;
        if has(m, CLOUD_ID) {
            return Opinion::note(notes::NOT_SENT).on(&[STATUS]);
        }
        // Only what reached a device can fail to be decrypted there.
        if matches!(failed, 19 | 22) && rcs(m) && delivered(m) {
            return Opinion::note(notes::NOT_DECRYPTED).on(&[STATUS, HISTORY, DELIVERED_AT]);
        }
        claim(Verdict::Failed, &[STATUS, "result_code", "sms_error_code"])
    },
);

pub(super) const SYSTEM_LINE: Rule = record(
    "google-messages.android.system-line",
    "The row is a line of the app's own (a member joined, the kind of conversation changed); no server handles it.",
    Ground::Parsers(1),
    WEB,
    |m| {
        let line = status(m).is_some_and(codes::is_system) && !has(m, CLOUD_ID);
        line.then(|| claim(Verdict::LocalOnly, &[STATUS])).flatten()
    },
);

pub(super) const CLOUD_PENDING: Rule = record(
    "google-messages.android.cloud-upload-pending",
    "The message waits to be copied to Google's cloud store: it has the app's id for the upload and not yet the store's, \
     or stands in the queue.",
    Ground::Inferred,
    "cms_correlation_id without cms_id, cms_incremental_events; meaning by their names",
    |m| {
        let waits = (has(m, CLOUD_CORRELATION) && !has(m, CLOUD_ID)) || has(m, CLOUD_EVENT);
        waits.then(|| Opinion::note(notes::CLOUD_PENDING).on(&[CLOUD_CORRELATION, CLOUD_EVENT])).flatten()
    },
);

pub(super) const CLOUD_GIVEN_UP: Rule = record(
    "google-messages.android.cloud-upload-given-up",
    "The message stands in the list of copies to Google's cloud store that were given up.",
    Ground::Inferred,
    "cms_dead_letter_queue; meaning by its name",
    |m| has(m, CLOUD_DEAD).then(|| Opinion::note(notes::CLOUD_GIVEN_UP).on(&[CLOUD_DEAD])).flatten(),
);

pub(super) fn status(m: &Message) -> Option<i64> {
    m.int(STATUS)
}

pub(super) fn protocol(m: &Message) -> Option<i64> {
    m.int(PROTOCOL)
}

pub(super) fn rcs(m: &Message) -> bool {
    protocol(m) == Some(codes::RCS)
}

fn carrier(m: &Message) -> bool {
    protocol(m).is_some_and(|p| codes::CARRIER.contains(&p))
}

fn outgoing_rcs(m: &Message) -> bool {
    rcs(m) && status(m).is_some_and(|s| (1..=22).contains(&s))
}

/// Whether the history has an entry of that state.
pub(super) fn passed(m: &Message, state: i64) -> bool {
    m.markers.iter().any(|mark| mark.name == HISTORY && mark.raw.as_int() == Some(state))
}

fn delivered(m: &Message) -> bool {
    status(m) == Some(2) || passed(m, 2) || has(m, DELIVERED_AT)
}

pub(super) fn has_rcs_id(m: &Message) -> bool {
    has(m, RCS_ID) || has(m, OLD_RCS_ID)
}
