//! One case for every rule that speaks, one for each way in which it must not.

use std::collections::BTreeSet;

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::record::{Direction, Message};
use forensics_core::rule::{Judge, judge};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::verdict::{Reach, Verdict, weigh};

use super::{RULES, notes};

const IN: i64 = 10_485_780;
const SENT: i64 = 10_485_783;
const SENDING: i64 = 10_485_782;
const FAILED: i64 = 10_485_784;
const T: i64 = 1_710_000_000_000;

fn message(table: &str, kind: i64, marks: &[(&'static str, i64)]) -> Message {
    let origin = Origin { rowid: Some(1), ..Origin::table(StoreId(1), table) };
    let mut m = Message::new(origin.clone(), "me".into(), "you".into(), "m".into());
    m.native_type = Some(kind);
    m.direction = Direction::Unknown;
    m.sent = Some(Stamp::int(T, Epoch::UnixMillis));
    let mark = |(name, raw): &(&'static str, i64)| Marker::new(MarkerKind::State, *name, *raw, origin.cell(*name));
    m.markers = marks.iter().map(mark).collect();
    m
}

fn android(kind: i64, marks: &[(&'static str, i64)]) -> Message {
    message("message", kind, marks)
}

fn ios(kind: i64, marks: &[(&'static str, i64)]) -> Message {
    message("model_TSInteraction", kind, marks)
}

fn with_guid(mut m: Message) -> Message {
    m.server_id = Some("guid".into());
    m
}

fn noted(mut m: Message, note: &'static str) -> Message {
    m.notes.push(note);
    m
}

/// The rules that speak of a message, and the verdict they come to.
fn spoken(m: &Message) -> (Vec<&'static str>, Verdict) {
    let findings = judge(RULES, m);
    (findings.iter().map(|f| f.rule).collect(), weigh(&findings))
}

/// A rule that must speak, of what, and what then is said of the record.
fn cases() -> Vec<(&'static str, Message, Verdict)> {
    use Verdict::{Confirmed, Contradictory, Failed, LocalOnly, Pending, Unknown, Unmarked};
    let (accepted, delivered, read) = (Confirmed(Reach::Accepted), Confirmed(Reach::Delivered), Confirmed(Reach::Read));
    vec![
        ("signal.android.server-guid", with_guid(android(IN, &[])), accepted),
        ("signal.android.server-time", android(IN, &[("date_server", T)]), accepted),
        ("signal.android.peer-read", android(SENT, &[("viewed", 1)]), read),
        ("signal.android.peer-read", android(SENT, &[("group_receipts.status", 3)]), read),
        ("signal.android.peer-delivered", android(SENT, &[("receipt_timestamp", T)]), delivered),
        ("signal.android.peer-delivered", android(SENT, &[("group_receipts.status", 1)]), delivered),
        ("signal.android.sent-state", android(SENT, &[("group_receipts.status", 0)]), accepted),
        ("signal.android.sent-state", android(10_551_319, &[]), accepted),
        ("signal.android.waiting", android(SENDING, &[]), Pending),
        ("signal.android.waiting", android(0xa0_0000 | 25, &[]), Pending),
        ("signal.android.failed", android(FAILED, &[]), Failed),
        ("signal.android.scheduled", noted(android(SENDING, &[]), notes::SCHEDULED), LocalOnly),
        ("signal.android.draft", android(27, &[]), LocalOnly),
        ("signal.android.client-event", android(7, &[]), LocalOnly),
        ("signal.android.client-event", android(2_097_684, &[]), LocalOnly),
        ("signal.android.client-event-inferred", android(17, &[]), Unknown),
        ("signal.android.client-event-inferred", android(SENDING | 0x4000, &[]), Unknown),
        ("signal.android.without-guid", android(IN, &[]), Unmarked),
        ("signal.android.receipt-denies-state", android(FAILED, &[("has_read_receipt", 1)]), Contradictory),
        ("signal.android.partly-delivered", android(FAILED, &[("group_receipts.status", 1)]), Failed),
        ("signal.android.own-with-server-mark", android(SENT, &[("date_server", T)]), Contradictory),
        ("signal.android.own-with-server-mark", with_guid(android(FAILED, &[])), Contradictory),
        ("signal.android.incoming-with-receipt", with_guid(android(IN, &[("receipt_timestamp", T)])), Contradictory),
        ("signal.android.clock-anomaly", android(IN, &[("date_server", T + 31 * 86_400_000)]), accepted),
        ("signal.android.clock-anomaly", android(IN, &[("date_server", T - 2 * 86_400_000)]), accepted),
        ("signal.ios.server-guid", with_guid(ios(19, &[])), accepted),
        ("signal.ios.server-time", ios(19, &[("serverTimestamp", T)]), accepted),
        ("signal.ios.peer-read", ios(21, &[("recipientAddressStates", 6)]), read),
        ("signal.ios.peer-delivered", ios(21, &[("recipientAddressStates", 5)]), delivered),
        ("signal.ios.accepted", ios(21, &[("storedMessageState", 4)]), accepted),
        ("signal.ios.accepted", ios(21, &[("recipientAddressStates", 3)]), accepted),
        ("signal.ios.obsolete-state", ios(21, &[("storedMessageState", 3)]), Unknown),
        ("signal.ios.waiting", ios(21, &[("storedMessageState", 0)]), Pending),
        ("signal.ios.failed", ios(21, &[("storedMessageState", 1)]), Failed),
        ("signal.ios.client-event", ios(20, &[]), LocalOnly),
        ("signal.ios.client-event-inferred", ios(54, &[]), Unknown),
        ("signal.ios.without-guid", ios(19, &[]), Unmarked),
        (
            "signal.ios.server-clocks",
            with_guid(ios(19, &[("serverTimestamp", T), ("serverDeliveryTimestamp", T - 1)])),
            Contradictory,
        ),
        ("signal.ios.server-time-ahead", noted(with_guid(ios(19, &[])), notes::SERVER_TIME_AHEAD), Contradictory),
        ("signal.ios.own-with-server-mark", ios(21, &[("serverTimestamp", T)]), Unknown),
    ]
}

#[test]
fn every_rule_on_records_speaks_where_it_must() {
    let mut seen = BTreeSet::new();
    for (rule, m, verdict) in cases() {
        let (rules, found) = spoken(&m);
        assert!(rules.contains(&rule), "{rule} is silent on {m:?}: {rules:?}");
        assert_eq!(found, verdict, "{rule} with {rules:?}");
        seen.insert(rule);
    }
    let all: BTreeSet<_> = RULES.iter().filter(|r| matches!(r.judge, Judge::Record(_))).map(|r| r.id).collect();
    assert_eq!(seen, all);
}

#[test]
fn what_the_app_itself_made_is_never_confirmed() {
    for note in [notes::NOTE_TO_SELF, notes::RELEASE_CHANNEL, notes::NO_SENDER_ADDRESS] {
        for m in [
            with_guid(android(IN, &[("date_server", T)])),
            android(SENT, &[("has_read_receipt", 1), ("group_receipts.status", 2)]),
            with_guid(ios(19, &[("serverTimestamp", T)])),
            ios(21, &[("storedMessageState", 4), ("recipientAddressStates", 7)]),
        ] {
            assert_eq!(spoken(&noted(m, note)).1, Verdict::Unknown, "{note}");
        }
    }
}

#[test]
fn unknown_codes_get_no_claim() {
    for m in [
        android(31, &[]),
        android(0, &[]),
        ios(999, &[]),
        ios(21, &[("storedMessageState", 9)]),
        message("call", IN, &[]),
    ] {
        assert_eq!(spoken(&m), (Vec::new(), Verdict::Unknown), "{m:?}");
    }
}

#[test]
fn an_sms_of_the_carrier_and_a_change_of_a_group_are_no_marks_of_the_server() {
    assert_eq!(spoken(&android(20, &[("date_server", T)])).0, Vec::<&str>::new());
    assert_eq!(spoken(&android(23, &[("has_delivery_receipt", 1)])).0, Vec::<&str>::new());
    assert_eq!(spoken(&android(IN | 0x9_0000, &[("date_server", T)])).1, Verdict::Unknown);
    assert_eq!(spoken(&android(SENT | 0x9_0000, &[])).1, Verdict::Unknown);
    assert_eq!(spoken(&with_guid(android(IN | 0x9_0000, &[]))).1, Verdict::Confirmed(Reach::Accepted));
}

#[test]
fn a_message_older_than_the_first_id_is_not_suspicious() {
    for note in [notes::BEFORE_GUIDS, notes::NO_GUID_COLUMN] {
        assert_eq!(spoken(&noted(android(IN, &[]), note)).1, Verdict::Unknown);
        assert_eq!(spoken(&noted(ios(19, &[]), note)).1, Verdict::Unknown);
    }
}

#[test]
fn a_call_with_a_row_of_its_own_is_unknown() {
    assert_eq!(spoken(&android(1, &[])).1, Verdict::LocalOnly);
    assert_eq!(spoken(&android(1, &[("call.call_id", 7)])).1, Verdict::Unknown);
}

#[test]
fn a_message_that_failed_for_some_was_taken_for_others() {
    let m = ios(21, &[("storedMessageState", 1), ("recipientAddressStates", 5)]);
    assert_eq!(spoken(&m).1, Verdict::Contradictory);
    assert_eq!(spoken(&noted(m, notes::FAILED_FOR_SOME)).1, Verdict::Confirmed(Reach::Delivered));
}

#[test]
fn ids_and_notes_are_as_the_manifest_says() {
    let ids: BTreeSet<_> = RULES.iter().map(|r| r.id).collect();
    assert_eq!(ids.len(), RULES.len());
    assert!(ids.iter().all(|id| id.starts_with("signal.") && id.split('.').count() == 3));
    let codes: BTreeSet<_> = notes::NOTES.iter().map(|n| n.code).collect();
    assert_eq!(codes.len(), notes::NOTES.len());
    for (_, m, _) in cases() {
        assert!(judge(RULES, &m).iter().flat_map(|f| f.notes.clone()).all(|n| codes.contains(&*n)));
    }
}
