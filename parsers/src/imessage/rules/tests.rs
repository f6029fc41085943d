//! Each rule on one hand-made record.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::record::{Direction, Message};
use forensics_core::rule::{Finding, Ground, Judge, judge};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::value::Value;
use forensics_core::verdict::{Reach, Verdict, weigh};

use super::{RULES, cloud, forgery};
use crate::imessage::axes;

const GUID: &str = "C78A4031-C135-4746-A974-C455B0C4F5E4";
const RECORD: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const SECOND: i64 = 1_000_000_000;
const SENT: i64 = 600_000_000 * SECOND;

fn message(direction: Direction, service: &str, marks: &[(&'static str, Value)]) -> Message {
    let origin = Origin { rowid: Some(1), ..Origin::table(StoreId(1), "message") };
    let mut m = Message::new(origin.clone(), "e:me".into(), "chat".into(), GUID.into());
    m.direction = direction;
    m.sent = Some(Stamp::int(SENT, Epoch::AppleNanos));
    m.markers.push(Marker::new(MarkerKind::State, "service", service, origin.cell("service")));
    for (name, raw) in marks {
        m.markers.push(Marker::new(MarkerKind::State, *name, raw.clone(), origin.cell(*name)));
    }
    m
}

/// A sent message with the flags `is_sent`, `is_delivered`, `is_finished`.
fn sent(service: &str, flags: [i64; 3], more: &[(&'static str, Value)]) -> Message {
    let names = ["is_sent", "is_delivered", "is_finished"];
    let flags: Vec<_> = names.into_iter().zip(flags.map(Value::Int)).collect();
    message(Direction::Out, service, &[&flags, more].concat())
}

fn received(service: &str, more: &[(&'static str, Value)]) -> Message {
    let flags = [("is_sent", Value::Int(0)), ("is_delivered", Value::Int(1)), ("is_finished", Value::Int(1))];
    message(Direction::In, service, &[&flags, more].concat())
}

fn in_cloud(state: i64, record: &str, tag: &str) -> Vec<(&'static str, Value)> {
    let mut marks = vec![("ck_sync_state", Value::Int(state))];
    if !record.is_empty() {
        marks.push(("ck_record_id", record.into()));
    }
    if !tag.is_empty() {
        marks.push(("ck_record_change_tag", tag.into()));
    }
    marks
}

fn at(seconds: i64) -> Value {
    Value::Int(SENT + seconds * SECOND)
}

fn findings(m: &Message) -> Vec<Finding> {
    judge(RULES, m)
}

fn verdict(m: &Message) -> Verdict {
    weigh(&findings(m))
}

fn rules(m: &Message) -> Vec<&'static str> {
    findings(m).iter().map(|f| f.rule.trim_start_matches("imessage.ios.")).collect()
}

fn notes(m: &Message) -> Vec<String> {
    findings(m).iter().flat_map(|f| f.notes.iter().map(|n| n.to_string())).collect()
}

#[test]
fn a_read_receipt_confirms_that_a_recipient_opened_it() {
    let m = sent("iMessage", [1, 1, 1], &[("date_delivered", at(1)), ("date_read", at(9))]);
    assert_eq!(verdict(&m), Verdict::Confirmed(Reach::Read));
    assert_eq!(rules(&m), ["peer-read", "peer-delivered"]);
}

#[test]
fn a_delivery_receipt_confirms_that_a_device_has_it() {
    for service in ["iMessage", "RCS", "iMessageLite"] {
        let m = sent(service, [1, 1, 1], &[("date_delivered", at(1))]);
        assert_eq!((verdict(&m), rules(&m)), (Verdict::Confirmed(Reach::Delivered), vec!["peer-delivered"]));
    }
}

#[test]
fn a_delivery_flag_without_its_time_is_no_receipt() {
    let m = sent("iMessage", [1, 1, 1], &[]);
    assert_eq!((verdict(&m), rules(&m)), (Verdict::Confirmed(Reach::Accepted), vec!["relay-accepted"]));
}

#[test]
fn an_sms_has_no_receipts_whatever_its_flags() {
    let m = sent("SMS", [1, 1, 1], &[("date_delivered", at(1)), ("date_read", at(2))]);
    assert_eq!(verdict(&m), Verdict::Unknown);
}

#[test]
fn a_sent_imessage_was_accepted_by_apple() {
    assert_eq!(verdict(&sent("iMessage", [1, 0, 1], &[])), Verdict::Confirmed(Reach::Accepted));
}

#[test]
fn that_a_carrier_accepted_an_sms_is_inferred_and_decides_nothing() {
    for service in ["SMS", "RCS"] {
        let m = sent(service, [1, 0, 1], &[]);
        assert_eq!((verdict(&m), rules(&m)), (Verdict::Unknown, vec!["carrier-accepted"]));
        assert_eq!(notes(&m), ["inferred-confirmed"]);
    }
}

#[test]
fn a_service_that_is_not_known_is_judged_by_nothing() {
    assert_eq!(verdict(&sent("jabber", [1, 0, 1], &[])), Verdict::Unknown);
    assert_eq!(verdict(&received("jabber", &[])), Verdict::Unknown);
}

#[test]
fn an_error_code_is_a_failure() {
    let m = sent("iMessage", [0, 0, 1], &[("error", Value::Int(22))]);
    assert_eq!((verdict(&m), rules(&m)), (Verdict::Failed, vec!["failed"]));
    assert_eq!(verdict(&sent("SMS", [1, 0, 1], &[("error", Value::Int(4))])), Verdict::Failed);
}

#[test]
fn a_failure_with_a_delivery_receipt_is_contradictory() {
    let m = sent("iMessage", [1, 1, 1], &[("error", Value::Int(22)), ("date_delivered", at(1))]);
    assert_eq!(verdict(&m), Verdict::Contradictory);
}

#[test]
fn a_copy_in_icloud_does_not_deny_that_sending_failed_or_waits() {
    let failed = sent("iMessage", [0, 0, 1], &[&[("error", Value::Int(22))], &*in_cloud(1, RECORD, "5k")].concat());
    assert_eq!(verdict(&failed), Verdict::Confirmed(Reach::Accepted));
    assert!(notes(&failed).contains(&"relay-failed".to_owned()));
    let waits = sent("iMessage", [0, 0, 0], &in_cloud(1, RECORD, "5k"));
    assert_eq!(verdict(&waits), Verdict::Confirmed(Reach::Accepted));
    assert!(notes(&waits).contains(&"relay-pending".to_owned()));
}

#[test]
fn an_unfinished_outgoing_message_waits() {
    let m = sent("iMessage", [0, 0, 0], &[]);
    assert_eq!((verdict(&m), rules(&m)), (Verdict::Pending, vec!["waiting"]));
}

#[test]
fn a_scheduled_message_waits_and_so_does_one_for_a_satellite() {
    for mark in [("schedule_type", Value::Int(2)), ("is_pending_satellite_send", Value::Int(1))] {
        assert_eq!(verdict(&sent("iMessage", [0, 0, 1], &[mark])), Verdict::Pending);
    }
}

#[test]
fn a_schedule_that_is_not_known_is_no_reason_to_wait() {
    assert_eq!(verdict(&sent("iMessage", [0, 0, 1], &[("schedule_type", Value::Int(7))])), Verdict::Unknown);
}

#[test]
fn a_received_imessage_is_implied_by_its_arrival() {
    let m = received("iMessage", &[("date_read", at(5))]);
    assert_eq!((verdict(&m), rules(&m)), (Verdict::ImpliedByArrival, vec!["arrived"]));
}

#[test]
fn a_received_sms_is_implied_by_its_arrival() {
    for service in ["SMS", "RCS", "SatelliteSMS"] {
        let m = received(service, &[]);
        assert_eq!((verdict(&m), rules(&m)), (Verdict::ImpliedByArrival, vec!["arrived-by-carrier"]));
    }
}

#[test]
fn an_incoming_message_with_an_error_did_arrive() {
    let m = received("iMessage", &[("error", Value::Int(3))]);
    assert_eq!((verdict(&m), notes(&m)), (Verdict::ImpliedByArrival, vec!["incoming-with-error".to_owned()]));
    let unfinished = message(Direction::In, "iMessage", &[("is_finished", Value::Int(0))]);
    assert_eq!(verdict(&unfinished), Verdict::ImpliedByArrival);
    assert_eq!(notes(&unfinished), ["incoming-unfinished"]);
}

#[test]
fn a_message_finished_and_never_sent_is_local_by_inference_only() {
    let m = sent("iMessage", [0, 0, 1], &[]);
    assert_eq!((verdict(&m), rules(&m)), (Verdict::Unknown, vec!["never-sent"]));
    assert_eq!(notes(&m), ["inferred-local-only"]);
}

#[test]
fn a_read_receipt_without_delivery_is_contradictory() {
    let m = sent("iMessage", [1, 0, 1], &[("date_read", at(9))]);
    assert_eq!(verdict(&m), Verdict::Contradictory);
    assert!(rules(&m).contains(&"read-without-delivery"));
}

#[test]
fn a_message_delivered_before_it_was_sent_is_contradictory() {
    let m = sent("iMessage", [1, 1, 1], &[("date_delivered", at(-60))]);
    assert_eq!(verdict(&m), Verdict::Contradictory);
    assert!(rules(&m).contains(&"delivered-before-sent"));
    // Another device's clock dates a received message: a note.
    let m = received("iMessage", &[("date_delivered", at(-60))]);
    assert_eq!((verdict(&m), notes(&m)), (Verdict::ImpliedByArrival, vec!["delivered-before-sent".to_owned()]));
}

#[test]
fn a_received_message_with_marks_of_a_sent_one_is_contradictory() {
    let marks = [("is_sent", Value::Int(1)), ("date_delivered", at(1))];
    let m = message(Direction::In, "iMessage", &marks);
    assert_eq!(verdict(&m), Verdict::Contradictory);
    assert!(rules(&m).contains(&"incoming-as-sent"));
}

#[test]
fn an_icloud_record_with_a_change_tag_confirms() {
    for state in [1, 8, 9] {
        let m = received("SMS", &in_cloud(state, RECORD, "5k"));
        assert_eq!(verdict(&m), Verdict::Confirmed(Reach::Accepted));
        assert_eq!(notes(&m).contains(&"icloud-update-pending".to_owned()), state != 1);
    }
}

#[test]
fn a_record_id_without_a_change_tag_confirms_nothing() {
    let m = received("SMS", &in_cloud(0, RECORD, ""));
    assert_eq!((verdict(&m), notes(&m)), (Verdict::ImpliedByArrival, vec!["icloud-upload-unconfirmed".to_owned()]));
    let m = received("SMS", &in_cloud(1, RECORD, ""));
    assert_eq!(verdict(&m), Verdict::ImpliedByArrival);
    assert!(notes(&m).contains(&"inferred-contradictory".to_owned()));
}

#[test]
fn a_weak_mark_of_icloud_never_hides_the_relay() {
    for marks in [in_cloud(0, RECORD, ""), in_cloud(1, "", ""), in_cloud(2, "", ""), in_cloud(0, RECORD, "5k")] {
        let m = sent("iMessage", [1, 1, 1], &[&[("date_delivered", at(1))], &*marks].concat());
        assert_eq!(verdict(&m), Verdict::Confirmed(Reach::Delivered));
    }
}

#[test]
fn marked_as_uploaded_without_a_record_is_a_note() {
    let m = received("SMS", &in_cloud(1, "", ""));
    assert_eq!((verdict(&m), notes(&m)), (Verdict::ImpliedByArrival, vec!["icloud-clean-without-record".to_owned()]));
}

#[test]
fn marked_as_uploaded_without_a_record_where_most_have_one_is_contradictory() {
    let mut marks = in_cloud(1, "", "");
    marks.push((cloud::MOST_HAVE_RECORDS, Value::Int(9)));
    let m = received("SMS", &marks);
    assert_eq!(verdict(&m), Verdict::Contradictory);
    assert!(rules(&m).contains(&"icloud-record-id-missing"));
}

#[test]
fn a_failed_upload_is_a_note() {
    let m = received("SMS", &in_cloud(2, RECORD, "5k"));
    assert_eq!((verdict(&m), notes(&m)), (Verdict::ImpliedByArrival, vec!["icloud-upload-failed".to_owned()]));
}

#[test]
fn an_upload_to_be_repeated_was_confirmed_by_inference_only() {
    let m = message(Direction::Unknown, "SMS", &in_cloud(0, RECORD, "5k"));
    assert_eq!(verdict(&m), Verdict::Unknown);
    assert_eq!(notes(&m), ["icloud-upload-again", "inferred-confirmed"]);
}

#[test]
fn a_sync_state_that_is_not_known_claims_nothing() {
    for state in [3, 4, 77] {
        let m = message(Direction::Unknown, "SMS", &in_cloud(state, RECORD, "5k"));
        assert_eq!((verdict(&m), rules(&m)), (Verdict::Unknown, vec![]));
        assert_eq!(axes::notes(&m, false), ["icloud-unknown-state"]);
    }
}

#[test]
fn the_identifier_of_an_injecting_tool_is_contradictory() {
    let mut m = received("SMS", &in_cloud(1, RECORD, "1"));
    m.id = format!("green2blue:{GUID}").into();
    assert_eq!(verdict(&m), Verdict::Contradictory);
    assert!(rules(&m).contains(&"injected-guid"));
}

#[test]
fn an_identifier_not_of_apples_making_denies_an_icloud_record() {
    let mut m = received("SMS", &in_cloud(1, RECORD, "5k"));
    m.id = GUID.to_lowercase().into();
    assert_eq!(verdict(&m), Verdict::Contradictory);
    let mut m = received("iMessage", &[]);
    m.id = GUID.to_lowercase().into();
    assert_eq!((verdict(&m), notes(&m)), (Verdict::ImpliedByArrival, vec!["guid-not-apples".to_owned()]));
}

#[test]
fn one_change_tag_everywhere_is_contradictory() {
    let mut marks = in_cloud(1, RECORD, "1");
    marks.push((forgery::SAME_TAG, Value::Int(40)));
    assert_eq!(verdict(&received("SMS", &marks)), Verdict::Contradictory);
}

#[test]
fn an_icloud_record_while_icloud_is_off_is_contradictory() {
    let mut marks = in_cloud(1, RECORD, "5k");
    marks.push((forgery::SWITCH, Value::Int(0)));
    assert_eq!(verdict(&received("SMS", &marks)), Verdict::Contradictory);
}

#[test]
fn an_old_text_message_flagged_as_received_arrived() {
    let mut m = message(Direction::In, "", &[("flags", Value::Int(2))]);
    assert_eq!(verdict(&m), Verdict::ImpliedByArrival);
    m.markers.push(Marker::new(MarkerKind::State, "is_madrid", 1, m.origin.clone()));
    assert_eq!(verdict(&m), Verdict::Unknown);
    assert_eq!(verdict(&message(Direction::Out, "", &[("flags", Value::Int(3))])), Verdict::Unknown);
}

#[test]
fn a_record_without_marks_is_unknown() {
    let m = message(Direction::Out, "iMessage", &[]);
    assert_eq!((verdict(&m), rules(&m)), (Verdict::Unknown, vec![]));
}

#[test]
fn the_two_answers_stand_as_notes() {
    let m = sent("iMessage", [1, 1, 1], &[&[("date_delivered", at(1))], &*in_cloud(1, RECORD, "5k")].concat());
    assert_eq!(axes::notes(&m, false), ["relay-delivered", "icloud-confirmed"]);
    let m = received("SMS", &in_cloud(0, "", ""));
    assert_eq!(axes::notes(&m, true), ["relay-received", "icloud-off"]);
}

#[test]
fn every_rule_says_one_sentence_and_where_it_was_learnt() {
    let mut seen = std::collections::BTreeSet::new();
    for rule in RULES {
        assert!(seen.insert(rule.id), "{} stands twice", rule.id);
        assert!(rule.id.starts_with("imessage.ios."), "{}", rule.id);
        assert!(rule.says.ends_with('.') && rule.says.len() > 40 && !rule.cites.is_empty(), "{}", rule.id);
    }
}

#[test]
fn what_waits_long_is_known_by_inference() {
    let waits = RULES.iter().find(|r| matches!(r.judge, Judge::Waiting { .. })).expect("the rule");
    assert_eq!(waits.ground, Ground::Inferred);
}
