//! Each rule on a record made for it, weighed together with all others.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::record::{CallFacts, Direction, Message};
use forensics_core::rule::{Ground, Judge, judge};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::value::Value;
use forensics_core::verdict::{Reach, Verdict, weigh};

use super::ios::{BLOB_DELIVERED, BLOB_READ, PUSH_NAME};
use super::{RULES, notes};

const ACCEPTED: Verdict = Verdict::Confirmed(Reach::Accepted);
const DELIVERED: Verdict = Verdict::Confirmed(Reach::Delivered);
const READ: Verdict = Verdict::Confirmed(Reach::Read);
const NOON_MS: i64 = 1_709_294_400_000;

struct Case(Message);

fn record(table: &str, direction: Direction, kind: i64) -> Case {
    let origin = Origin { rowid: Some(2), ..Origin::table(StoreId(1), table) };
    let mut m = Message::new(origin, "me".into(), "peer@s.whatsapp.net".into(), "3A00".into());
    m.direction = direction;
    m.native_type = Some(kind);
    m.sent = Some(Stamp::int(NOON_MS, Epoch::UnixMillis));
    Case(m)
}

fn android(direction: Direction, kind: i64, status: i64) -> Case {
    record("message", direction, kind).with("status", status)
}

fn ios(direction: Direction, kind: i64, status: i64) -> Case {
    record("ZWAMESSAGE", direction, kind).with("ZMESSAGESTATUS", status)
}

impl Case {
    fn with(mut self, name: &'static str, raw: i64) -> Self {
        let origin = self.0.origin.cell(name);
        self.0.markers.push(Marker::new(MarkerKind::State, name, raw, origin));
        self
    }

    fn noted(mut self, note: &'static str) -> Self {
        self.0.notes.push(note);
        self
    }

    fn without_id(mut self) -> Self {
        self.0.id = "".into();
        self
    }

    fn sent(mut self, stamp: Option<Stamp>) -> Self {
        self.0.sent = stamp;
        self
    }

    fn received_after(mut self, ms: i64) -> Self {
        self.0.received = Some(Stamp::int(NOON_MS + ms, Epoch::UnixMillis));
        self
    }

    fn call(mut self, duration_ms: i64) -> Self {
        self.0.call =
            Some(CallFacts { started: None, duration_ms: Some(duration_ms), outcome: Value::Null, video: None });
        self
    }

    #[track_caller]
    fn is(self, verdict: Verdict) -> Vec<String> {
        let findings = judge(RULES, &self.0);
        assert_eq!(weigh(&findings), verdict, "{findings:#?}");
        findings.iter().flat_map(|f| f.notes.iter().map(|n| n.to_string())).collect()
    }
}

use Direction::{In, Out, System};

#[test]
fn a_system_row_of_android_is_local_whatever_else_it_carries() {
    for (kind, status) in [(7, 6), (7, 0), (36, 0), (112, 0), (57, 6), (0, 6)] {
        android(System, kind, status).is(Verdict::LocalOnly);
    }
    android(System, 7, 6).with("receipt_timestamp", 1).is(Verdict::LocalOnly);
    android(System, 7, 6).without_id().is(Verdict::LocalOnly);
}

#[test]
fn an_acknowledgement_of_android_confirms_as_far_as_it_says() {
    for (status, verdict) in [(4, ACCEPTED), (5, DELIVERED), (8, READ), (13, READ)] {
        android(Out, 0, status).is(verdict);
    }
    android(Out, 0, 4).with("receipt_server_timestamp", 1).is(ACCEPTED);
    android(Out, 0, 12).with("receipt_server_timestamp", 1).is(ACCEPTED);
    android(Out, 0, 5).with("receipt_timestamp", 1).is(DELIVERED);
    android(Out, 0, 4).with("receipt_device_timestamp", 1).is(DELIVERED);
    for time in ["read_timestamp", "played_timestamp", "read_device_timestamp", "played_device_timestamp"] {
        android(Out, 0, 5).with(time, 1).is(READ);
    }
}

#[test]
fn an_unknown_state_of_android_claims_nothing() {
    for status in [2, 3, 7, 9, 12, 16, 17, 99] {
        android(Out, 0, status).is(Verdict::Unknown);
    }
}

#[test]
fn a_waiting_state_beside_a_time_is_contradictory() {
    for status in [0, 1] {
        for time in ["receipt_server_timestamp", "receipt_timestamp", "read_timestamp", "receipt_device_timestamp"] {
            android(Out, 0, status).with(time, 1).is(Verdict::Contradictory);
        }
    }
}

#[test]
fn an_edit_explains_a_waiting_state() {
    let notes = android(Out, 0, 0).with("receipt_timestamp", 1).noted(notes::EDITED).is(DELIVERED);
    assert_eq!(notes, [super::notes::EDIT_PENDING]);
    let notes = android(Out, 0, 0).noted(super::notes::EDITED).is(Verdict::Unknown);
    assert_eq!(notes, [super::notes::IMPLIED_BY_EDIT]);
    android(Out, 0, 5).noted(super::notes::EDITED).is(DELIVERED);
}

#[test]
fn an_outgoing_message_without_any_mark_is_pending() {
    android(Out, 0, 0).is(Verdict::Pending);
    android(Out, 0, 1).is(Verdict::Pending);
    android(Out, 15, 0).noted(notes::REVOKED).is(Verdict::Pending);
    android(Out, 15, 5).noted(notes::REVOKED).is(DELIVERED);
}

#[test]
fn a_mark_of_inferred_meaning_never_carries_a_verdict() {
    let notes = android(Out, 0, 0).with("server_sts", 1).is(Verdict::Pending);
    assert_eq!(notes, ["inferred-confirmed"]);
    assert!(android(Out, 0, 4).with("server_sts", 1).is(ACCEPTED).is_empty());
    android(Out, 0, 12).with("send_timestamp", 1).is(Verdict::Unknown);
    let notes = ios(Out, 0, 5).with(PUSH_NAME, 1).is(Verdict::Unknown);
    assert_eq!(notes, ["inferred-confirmed"]);
    assert!(ios(Out, 0, 6).with(PUSH_NAME, 1).is(DELIVERED).is_empty());
}

#[test]
fn an_incoming_message_is_implied_by_arrival_and_never_confirmed() {
    for status in [0, 4, 5, 8, 13, 16, 17, 99] {
        android(In, 0, status).is(Verdict::ImpliedByArrival);
    }
    android(In, 0, 0).with("receipt_timestamp", 1).with("read_timestamp", 1).is(Verdict::ImpliedByArrival);
    assert_eq!(android(In, 11, 0).is(Verdict::ImpliedByArrival), [notes::NEVER_DECRYPTED]);
    android(In, 0, 0).sent(None).is(Verdict::Unknown);
}

#[test]
fn what_arrived_a_day_before_it_was_sent_is_contradictory() {
    android(In, 0, 0).received_after(-86_400_001).is(Verdict::Contradictory);
    android(In, 0, 0).received_after(-86_400_000).is(Verdict::ImpliedByArrival);
    android(In, 0, 0).received_after(90 * 86_400_000).is(Verdict::ImpliedByArrival);
}

#[test]
fn a_message_without_a_key_is_no_message_of_the_app() {
    android(Out, 0, 4).without_id().is(Verdict::Contradictory);
    android(Out, 0, 0).without_id().is(Verdict::Contradictory);
    android(In, 0, 0).without_id().is(Verdict::Unmarked);
}

#[test]
fn a_channels_number_confirms_what_came_in() {
    android(In, 0, 0).with("server_message_id", 101).is(ACCEPTED);
    android(In, 0, 0).with("server_message_id", 0).is(Verdict::ImpliedByArrival);
    android(Out, 0, 0).with("server_message_id", 101).is(Verdict::Contradictory);
}

#[test]
fn an_answered_call_is_confirmed_and_a_missed_one_is_implied() {
    record("call_log", In, 0).with("call_result", 5).is(ACCEPTED);
    record("call_log", Out, 0).with("call_result", 5).is(ACCEPTED);
    record("call_log", In, 0).with("call_result", 2).is(Verdict::ImpliedByArrival);
    record("call_log", Out, 0).with("call_result", 2).is(Verdict::Unknown);
    record("ZWACDCALLEVENT", Out, 0).with("ZOUTCOME", 0).call(12_250).is(ACCEPTED);
    record("ZWACDCALLEVENT", Out, 0).with("ZOUTCOME", 0).call(0).is(Verdict::Unknown);
    record("ZWACDCALLEVENT", In, 0).with("ZOUTCOME", 1).call(0).is(Verdict::ImpliedByArrival);
}

#[test]
fn a_system_row_of_ios_is_local() {
    for kind in [6, 10, 28, 55] {
        ios(System, kind, 0).is(Verdict::LocalOnly);
    }
}

#[test]
fn an_acknowledgement_of_ios_confirms_as_far_as_it_says() {
    for (status, verdict) in [(1, ACCEPTED), (6, DELIVERED), (8, READ)] {
        ios(Out, 0, status).is(verdict);
    }
    ios(Out, 0, 1).with(BLOB_DELIVERED, 0).is(DELIVERED);
    ios(Out, 0, 1).with(BLOB_DELIVERED, 0).with(BLOB_READ, 25).is(READ);
    ios(Out, 0, 5).with(BLOB_DELIVERED, 0).is(DELIVERED);
}

#[test]
fn an_error_of_ios_is_failed_unless_somebody_has_the_message() {
    ios(Out, 0, 0).with("ZMESSAGEERRORSTATUS", 4).is(Verdict::Failed);
    ios(Out, 0, 1).with("ZMESSAGEERRORSTATUS", 4).is(Verdict::Failed);
    ios(Out, 0, 6).with("ZMESSAGEERRORSTATUS", 4).is(Verdict::Contradictory);
    ios(Out, 0, 8).with("ZMESSAGEERRORSTATUS", 4).is(Verdict::Contradictory);
    ios(Out, 0, 0).with("ZMESSAGEERRORSTATUS", 4).with(BLOB_DELIVERED, 1).is(Verdict::Contradictory);
}

#[test]
fn only_the_documented_unsent_state_of_ios_is_pending() {
    assert_eq!(ios(Out, 0, 9).is(Verdict::Pending), [notes::UNSENT]);
    for status in [0, 3] {
        assert_eq!(ios(Out, 0, status).is(Verdict::Unknown), ["inferred-pending"]);
    }
    for status in [2, 5, 7, 99] {
        assert!(ios(Out, 0, status).is(Verdict::Unknown).is_empty());
    }
    for status in [0, 3, 9] {
        ios(Out, 0, status).with(BLOB_DELIVERED, 1).is(Verdict::Contradictory);
    }
}

#[test]
fn an_incoming_message_of_ios_is_implied_by_arrival_if_it_has_an_id() {
    ios(In, 0, 8).is(Verdict::ImpliedByArrival);
    assert_eq!(ios(In, 12, 8).is(Verdict::ImpliedByArrival), [notes::NEVER_DECRYPTED]);
    ios(In, 0, 8).without_id().is(Verdict::Unmarked);
    ios(In, 0, 8).without_id().noted(notes::NO_ID_COLUMN).is(Verdict::Unknown);
    let whole = Stamp::real(704_735_850.0, Epoch::AppleSeconds);
    assert!(ios(In, 0, 8).sent(Some(whole)).is(Verdict::ImpliedByArrival).is_empty());
    let fraction = Stamp::real(704_735_850.375, Epoch::AppleSeconds);
    assert_eq!(ios(In, 0, 8).sent(Some(fraction)).is(Verdict::ImpliedByArrival), [notes::FRACTIONAL_DATE]);
}

#[test]
fn a_rule_of_one_platform_is_silent_on_the_other() {
    for rule in RULES {
        let Judge::Record(judge) = rule.judge else { continue };
        let platform = rule.id.split('.').nth(1).unwrap_or_default();
        for status in 0..20 {
            for direction in [In, Out, System] {
                let other = match platform {
                    "android" => ios(direction, 7, status).with("status", status),
                    _ => android(direction, 6, status).with("ZMESSAGESTATUS", status),
                };
                assert!(judge(&other.0).is_none(), "{}", rule.id);
            }
        }
    }
}

#[test]
fn every_rule_and_note_is_listed_once_and_an_inferred_rule_confirms_nothing() {
    let mut ids: Vec<_> = RULES.iter().map(|r| r.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len());
    for rule in RULES {
        assert!(rule.says.ends_with('.') && !rule.cites.is_empty(), "{}", rule.id);
        assert!(!matches!(rule.ground, Ground::Parsers(0)));
    }
    for code in notes::NOTES.iter().chain(notes::CODES) {
        assert!(code.says.ends_with('.'), "{}", code.code);
    }
    for spec in super::super::SEQUENCES {
        for rule in [spec.gap_rule, spec.tail_rule, spec.undelivered_rule] {
            assert!(RULES.iter().any(|r| r.id == rule && matches!(r.judge, Judge::Absence)), "{rule}");
        }
    }
}
