//! Messages in iCloud. These marks speak of the copy in iCloud only, never of the relay.

use forensics_core::rule::{Ground, Judge, Opinion, Rule, Says as _};
use forensics_core::verdict::{Reach, Verdict};

use super::record;
use crate::imessage::axes::{self, Cloud};

const PERSISTENCE: &str = "Apple's IMDPersistence and IMDaemonCore, published decompilations: processMessageUsingCKRecord…, markMessageAsCleanWithROWID, markAllMessagesAsNeedingCloudKitSync";
const MARKS: &[&str] = &["ck_sync_state", "ck_record_id", "ck_record_change_tag"];

pub(in crate::imessage) const RECORD: Rule = record(
    "imessage.ios.icloud-record",
    "This message has an iCloud record with a change tag, which only the server gives, and is marked as having nothing left to upload: iCloud accepted a copy of it.",
    Ground::AppSource,
    PERSISTENCE,
    |m| match axes::cloud(m) {
        Cloud::Confirmed { update_waits } => {
            let opinion = Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(MARKS);
            if update_waits { opinion.with("icloud-update-pending") } else { opinion }
        }
        _ => None,
    },
);

pub(in crate::imessage) const UNACKNOWLEDGED: Rule = record(
    "imessage.ios.icloud-record-unacknowledged",
    "This message has an iCloud record id, which the device makes itself, and no change tag of the server: nothing shows that iCloud accepted it.",
    Ground::Inferred,
    PERSISTENCE,
    |m| match (axes::cloud(m), m.int("ck_sync_state")) {
        (Cloud::Unacknowledged, Some(0)) => Opinion::note("icloud-upload-unconfirmed").on(MARKS),
        (Cloud::Unacknowledged, _) => {
            Opinion::claim(Verdict::Contradictory).with("icloud-upload-unconfirmed").on(MARKS)
        }
        _ => None,
    },
);

pub(in crate::imessage) const CLEAN_WITHOUT_RECORD: Rule = record(
    "imessage.ios.icloud-clean-without-record",
    "This message is marked as having nothing to upload to iCloud, and has no record there: some kinds of record never get one.",
    Ground::Inferred,
    PERSISTENCE,
    |m| match axes::cloud(m) {
        Cloud::CleanWithoutRecord => Opinion::note("icloud-clean-without-record").on(MARKS),
        _ => None,
    },
);

/// The marker that the parser adds where most rows of that state have a record.
pub(in crate::imessage) const MOST_HAVE_RECORDS: &str = "ck_record_id of rows with ck_sync_state 1";

pub(in crate::imessage) const RECORD_ID_LOST: Rule = record(
    "imessage.ios.icloud-record-id-missing",
    "This message is marked as uploaded to iCloud and has no record id, while most messages of this store with that mark have one.",
    Ground::AppSource,
    PERSISTENCE,
    |m| {
        m.marker(MOST_HAVE_RECORDS)?;
        match axes::cloud(m) {
            Cloud::CleanWithoutRecord => Opinion::claim(Verdict::Contradictory).on(MARKS).on(&[MOST_HAVE_RECORDS]),
            _ => None,
        }
    },
);

pub(in crate::imessage) const UPLOAD_FAILED: Rule = record(
    "imessage.ios.icloud-upload-failed",
    "The last attempt to upload this message to iCloud failed.",
    Ground::Inferred,
    PERSISTENCE,
    |m| match axes::cloud(m) {
        Cloud::Failed => Opinion::note("icloud-upload-failed").on(MARKS),
        _ => None,
    },
);

pub(in crate::imessage) const UPLOAD_AGAIN: Rule = record(
    "imessage.ios.icloud-upload-again",
    "This message has an iCloud record with a change tag and is to be uploaded again: it was changed, or synchronisation was reset.",
    Ground::Inferred,
    PERSISTENCE,
    |m| match axes::cloud(m) {
        Cloud::Again => Opinion::claim(Verdict::Confirmed(Reach::Accepted)).with("icloud-upload-again").on(MARKS),
        _ => None,
    },
);

pub(in crate::imessage) const RECORD_TWICE: Rule = Rule {
    id: "imessage.ios.icloud-record-twice",
    says: "Two messages of this store carry the same iCloud record id, which belongs to one message only.",
    ground: Ground::RealStore,
    cites: "record names are salted SHA-256 of one message: a device with iOS 26.2 (discordwell/green2blue:ARCHITECTURE.md); OpenBubbles/rustpush:src/imessage/cloud_messages.rs",
    judge: Judge::SharedServerId(|_| Opinion::claim(Verdict::Contradictory).on(&["ck_record_id"])),
};
