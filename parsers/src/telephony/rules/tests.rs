//! Every rule on records, by itself.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::record::{CallFacts, Direction, Message, Receipt, ReceiptKind};
use forensics_core::rule::{Judge, judge};
use forensics_core::value::Value;
use forensics_core::verdict::{Verdict, weigh};

use super::RULES;

fn record(table: &str, marks: &[(&'static str, Value)]) -> Message {
    let origin = Origin { rowid: Some(1), ..Origin::table(StoreId(1), table) };
    let mut m = Message::new(origin, "phone".into(), "1".into(), "x".into());
    m.direction = Direction::Out;
    for (name, value) in marks {
        m.markers.push(Marker::new(MarkerKind::State, *name, value.clone(), m.origin.cell(*name)));
    }
    m
}

/// The rules that speak, and the verdict.
fn said(m: &Message) -> (Vec<&'static str>, Verdict) {
    let findings = judge(RULES, m);
    let rules = findings.iter().map(|f| f.rule.trim_start_matches("telephony.android.")).collect();
    (rules, weigh(&findings))
}

fn sms(marks: &[(&'static str, Value)]) -> (Vec<&'static str>, &'static str) {
    let (rules, verdict) = said(&record("sms", marks));
    (rules, verdict.word())
}

fn mms(marks: &[(&'static str, Value)]) -> (Vec<&'static str>, &'static str) {
    let (rules, verdict) = said(&record("pdu", marks));
    (rules, verdict.word())
}

fn int(n: i64) -> Value {
    Value::Int(n)
}

#[test]
fn rules_on_sms_speak_by_type_and_status() {
    let of = |kind: i64, status: i64| sms(&[("type", int(kind)), ("status", int(status))]);
    assert_eq!(of(2, 0), (vec!["sms-delivered"], "confirmed"));
    assert_eq!(of(2, 1), (vec!["sms-report-pending"], "confirmed"));
    assert_eq!(of(2, 40), (vec!["sms-report-pending"], "confirmed"));
    assert_eq!(of(2, 70), (vec!["sms-delivery-failed"], "confirmed"));
    assert_eq!(of(2, -1), (vec!["sms-sent-without-report"], "unknown"));
    assert_eq!(of(2, 4711), (vec![], "unknown"));
    assert_eq!(of(5, -1), (vec!["sms-failed"], "failed"));
    assert_eq!(of(4, -1), (vec!["sms-waiting"], "pending"));
    assert_eq!(of(6, -1), (vec!["sms-waiting"], "pending"));
    assert_eq!(of(3, -1), (vec!["sms-draft"], "local-only"));
    assert_eq!(of(8, 0), (vec![], "unknown"));
}

#[test]
fn an_error_of_the_radio_fails_what_was_not_delivered() {
    let of = |kind: i64, status: i64| sms(&[("type", int(kind)), ("status", int(status)), ("error_code", int(3))]);
    assert_eq!(of(2, -1), (vec!["sms-failed"], "failed"));
    assert_eq!(of(4, -1), (vec!["sms-failed"], "failed"));
    assert_eq!(of(2, 0).1, "contradictory");
    assert_eq!(of(2, 64), (vec!["sms-delivery-failed"], "confirmed"));
    assert_eq!(of(1, -1), (vec!["sms-without-network-trace"], "unmarked"));
}

#[test]
fn an_incoming_sms_is_confirmed_by_the_centres_number_or_clock() {
    let with = |name: &'static str, value: Value| sms(&[("type", int(1)), (name, value)]);
    assert_eq!(with("service_center", "+1".into()), (vec!["sms-through-smsc"], "confirmed"));
    assert_eq!(with("date_sent", int(1)), (vec!["sms-through-smsc"], "confirmed"));
    assert_eq!(with("creator", "x".into()), (vec!["sms-without-network-trace"], "unmarked"));
    assert_eq!(with("object_id", "x".into()).0, ["sms-without-network-trace", "carrier-store-copy"]);
}

#[test]
fn a_backup_entry_without_a_clock_is_not_called_unmarked() {
    let mut m = record("sms", &[("type", "1".into())]);
    m.origin.table = None;
    assert_eq!(said(&m), (vec![], Verdict::Unknown));
    m.markers.push(Marker::new(MarkerKind::ServerTime, "date_sent", "1700000001000", m.origin.clone()));
    assert_eq!(said(&m).0, ["sms-through-smsc"]);
}

#[test]
fn rules_on_mms_speak_by_box_id_and_answer() {
    let out = |name: i64, more: &[(&'static str, Value)]| {
        let base = [("m_type", int(128)), ("msg_box", int(name))];
        mms(&[&base[..], more].concat())
    };
    assert_eq!(out(2, &[("m_id", "x".into())]), (vec!["mms-sent-with-id"], "confirmed"));
    assert_eq!(out(2, &[("m_id", "x".into()), ("resp_st", int(128))]), (vec!["mms-sent-with-id"], "confirmed"));
    assert_eq!(out(2, &[("m_id", "x".into()), ("resp_st", int(130))]), (vec!["mms-refused-yet-sent"], "contradictory"));
    assert_eq!(out(2, &[]), (vec!["mms-sent-without-id"], "unknown"));
    assert_eq!(
        out(2, &[("creator", "com.google.android.apps.messaging".into())]).0,
        ["mms-sent-without-id", "mms-rcs-mirror"]
    );
    assert_eq!(out(4, &[]), (vec!["mms-waiting"], "pending"));
    assert_eq!(out(4, &[("err_type", int(1))]), (vec!["mms-waiting"], "pending"));
    assert_eq!(out(4, &[("err_type", int(10))]), (vec!["mms-failed"], "failed"));
    assert_eq!(out(4, &[("resp_st", int(192)), ("err_type", int(2))]), (vec!["mms-waiting"], "pending"));
    assert_eq!(out(4, &[("resp_st", int(224))]), (vec!["mms-refused"], "failed"));
    assert_eq!(out(5, &[]), (vec!["mms-failed"], "failed"));
    assert_eq!(out(3, &[]), (vec!["mms-draft"], "local-only"));
    assert_eq!(out(9, &[]), (vec![], "unknown"));
}

#[test]
fn received_mms_are_told_from_announced_ones() {
    assert_eq!(mms(&[("m_type", int(132)), ("m_id", "x".into())]), (vec!["mms-retrieved"], "confirmed"));
    assert_eq!(mms(&[("m_type", int(132)), ("retr_st", int(128))]), (vec!["mms-retrieved"], "confirmed"));
    assert_eq!(mms(&[("m_type", int(132)), ("retr_st", int(224))]), (vec![], "unknown"));
    assert_eq!(mms(&[("m_type", int(130)), ("msg_box", int(1))]), (vec!["mms-not-downloaded"], "implied-by-arrival"));
}

#[test]
fn reports_of_recipients_reach_farther() {
    let mut m = record("pdu", &[("m_type", int(128)), ("msg_box", int(2)), ("m_id", "x".into())]);
    let origin = m.origin.clone();
    m.receipts.push(Receipt { recipient: None, kind: ReceiptKind::Delivered, at: None, origin: origin.clone() });
    assert_eq!(said(&m).0, ["mms-sent-with-id", "mms-delivered"]);
    m.receipts.push(Receipt { recipient: None, kind: ReceiptKind::Read, at: None, origin });
    assert_eq!(said(&m).0, ["mms-sent-with-id", "mms-delivered", "mms-read"]);
    assert_eq!(said(&m).1.reach().map(|r| r.word()), Some("read"));
}

#[test]
fn samsungs_rcs_columns_decide_nothing() {
    let m = record("im", &[("type", int(2)), ("delivered_timestamp", int(1)), ("displayed_counter", int(1))]);
    assert_eq!(said(&m), (vec!["samsung-rcs-delivered", "samsung-rcs-displayed"], Verdict::Unknown));
}

#[test]
fn calls_that_came_in_are_implied_and_others_unknown() {
    let call = |kind: i64, seconds: i64| {
        let mut m = record("calls", &[("type", int(kind)), ("duration", int(seconds))]);
        m.call = Some(CallFacts { started: None, duration_ms: None, outcome: Value::Null, video: None });
        said(&m)
    };
    assert_eq!(call(1, 0), (vec!["call-arrived"], Verdict::ImpliedByArrival));
    assert_eq!(call(3, 0), (vec!["call-arrived"], Verdict::ImpliedByArrival));
    assert_eq!(call(2, 9), (vec!["call-connected"], Verdict::Unknown));
    assert_eq!(call(2, 0), (vec![], Verdict::Unknown));
    assert_eq!(call(99, 9), (vec![], Verdict::Unknown));
}

#[test]
fn every_rule_has_an_id_of_its_own_and_a_sentence() {
    for (place, rule) in RULES.iter().enumerate() {
        assert!(rule.id.starts_with("telephony.android."), "{}", rule.id);
        assert!(rule.says.ends_with('.') && !rule.cites.is_empty(), "{}", rule.id);
        assert!(RULES.iter().skip(place + 1).all(|other| other.id != rule.id), "{}", rule.id);
    }
    assert!(RULES.iter().any(|r| matches!(r.judge, Judge::SharedServerId(_))));
}
