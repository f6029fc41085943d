//! Every rule on records, by itself.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::record::{Direction, Message};
use forensics_core::rule::judge;
use forensics_core::value::Value;
use forensics_core::verdict::weigh;

use super::shape::{BACKWARDS, SENDER, URI};
use super::state::{CLOUD_CORRELATION, CLOUD_DEAD, CLOUD_EVENT, CLOUD_ID, DELIVERED_AT, HISTORY, RCS_ID, READ_AT};
use super::*;
use crate::google_messages::notes;
use crate::telephony::provider;

type Said = (Vec<&'static str>, &'static str);

fn record(protocol: i64, status: i64, marks: &[(&'static str, Value)]) -> Message {
    let origin = Origin { rowid: Some(1), ..Origin::table(StoreId(1), "messages") };
    let mut m = Message::new(origin, "me".into(), "1".into(), "1".into());
    m.direction = if status < 100 { Direction::Out } else { Direction::In };
    let base = [(state::PROTOCOL, Value::Int(protocol)), (state::STATUS, Value::Int(status))];
    for (name, value) in base.iter().chain(marks) {
        m.markers.push(Marker::new(MarkerKind::State, *name, value.clone(), m.origin.cell(*name)));
    }
    m
}

fn said_of(m: &Message) -> Said {
    let findings = judge(RULES, m);
    let rules = findings.iter().map(|f| f.rule.trim_start_matches("google-messages.android.")).collect();
    (rules, weigh(&findings).word())
}

fn said(protocol: i64, status: i64, marks: &[(&'static str, Value)]) -> Said {
    said_of(&record(protocol, status, marks))
}

fn id() -> (&'static str, Value) {
    (RCS_ID, "Mx".into())
}

fn int(n: i64) -> Value {
    Value::Int(n)
}

#[test]
fn rcs_is_confirmed_by_state_history_and_reports() {
    assert_eq!(said(3, 1, &[id()]), (vec!["rcs-accepted"], "confirmed"));
    assert_eq!(said(3, 2, &[id()]), (vec!["rcs-delivered"], "confirmed"));
    assert_eq!(said(3, 11, &[id(), (READ_AT, int(1))]), (vec!["rcs-read"], "confirmed"));
    assert_eq!(said(3, 11, &[id(), (HISTORY, int(11))]), (vec!["rcs-read"], "confirmed"));
    assert_eq!(said(3, 1, &[id(), (DELIVERED_AT, int(1))]), (vec!["rcs-delivered", "rcs-accepted"], "confirmed"));
    assert_eq!(said(3, 1, &[id(), (HISTORY, int(2))]), (vec!["rcs-delivered", "rcs-accepted"], "confirmed"));
    assert_eq!(said(3, 100, &[id()]), (vec!["rcs-received"], "confirmed"));
    assert_eq!(said(3, 109, &[("rcs_message_id", "x".into())]), (vec!["rcs-received"], "confirmed"));
}

#[test]
fn the_carrier_confirms_by_reports_and_the_telephony_store() {
    assert_eq!(said(0, 2, &[]), (vec!["carrier-delivered"], "confirmed"));
    assert_eq!(said(1, 1, &[]), (vec!["carrier-accepted"], "unknown"));
    assert_eq!(said(2, 100, &[]), (vec!["carrier-received"], "unknown"));
    let with = |protocol: i64, verdict: &str| {
        let mut m = record(protocol, 1, &[id()]);
        let mark = Marker::new(MarkerKind::State, provider::MARKER, "content://sms/1", m.origin.clone());
        m.markers.push(mark.meaning(verdict));
        said_of(&m)
    };
    assert_eq!(with(0, "confirmed (accepted) by x"), (vec!["carrier-accepted", "telephony-row"], "confirmed"));
    assert_eq!(with(0, "failed by x").0, ["carrier-accepted"]);
    assert_eq!(with(3, "confirmed (read) by x").0, ["rcs-accepted"]);
}

#[test]
fn what_waits_what_failed_and_what_is_local() {
    for status in [4, 5, 6, 7, 10, 14, 15, 16, 20] {
        assert_eq!(said(3, status, &[id()]), (vec!["pending"], "pending"), "{status}");
    }
    for status in [8, 9, 12, 13, 17, 18, 19, 21, 22] {
        assert_eq!(said(0, status, &[]), (vec!["failed"], "failed"), "{status}");
    }
    for status in [101, 102, 103, 104, 105, 110] {
        assert_eq!(said(2, status, &[]), (vec!["download-waits"], "implied-by-arrival"), "{status}");
    }
    for status in [106, 107, 111, 112, 113, 114] {
        assert_eq!(said(3, status, &[id()]), (vec!["download-failed"], "implied-by-arrival"), "{status}");
    }
    assert_eq!(said(0, 3, &[]), (vec!["draft"], "local-only"));
    assert_eq!(said(0, 213, &[]), (vec!["system-line"], "local-only"));
    for status in [0, 23, 99, 115, 199, 276, 300] {
        assert_eq!(said(3, status, &[id()]), (vec![], "unknown"), "{status}");
    }
}

#[test]
fn one_mark_may_explain_another() {
    assert_eq!(said(3, 15, &[id(), (HISTORY, int(2))]), (vec!["rcs-delivered", "pending"], "confirmed"));
    assert_eq!(said(3, 19, &[id(), (DELIVERED_AT, int(1))]), (vec!["rcs-delivered", "failed"], "confirmed"));
    assert_eq!(said(3, 8, &[id(), (DELIVERED_AT, int(1))]).1, "contradictory");
    assert_eq!(said(3, 5, &[id(), (HISTORY, int(2))]).1, "contradictory");
}

#[test]
fn the_cloud_store_confirms_by_its_id_only() {
    assert_eq!(said(0, 8, &[(CLOUD_ID, "c".into())]), (vec!["cloud-copy", "failed"], "confirmed"));
    assert_eq!(said(0, 5, &[(CLOUD_ID, "c".into())]), (vec!["cloud-copy", "pending"], "confirmed"));
    assert_eq!(said(0, 3, &[(CLOUD_ID, "c".into())]), (vec!["cloud-copy"], "confirmed"));
    assert_eq!(said(0, 213, &[(CLOUD_ID, "c".into())]), (vec!["cloud-copy"], "confirmed"));
    assert_eq!(said(0, 0, &[(CLOUD_CORRELATION, "k".into())]), (vec!["cloud-upload-pending"], "unknown"));
    assert_eq!(said(0, 0, &[(CLOUD_EVENT, "1".into())]), (vec!["cloud-upload-pending"], "unknown"));
    assert_eq!(said(0, 0, &[(CLOUD_DEAD, int(1))]), (vec!["cloud-upload-given-up"], "unknown"));
}

#[test]
fn signs_of_forgery_contradict() {
    assert_eq!(said(3, 11, &[id()]).0, ["rcs-read", "read-without-report"]);
    assert_eq!(said(3, 11, &[id()]).1, "contradictory");
    let mut old = record(3, 11, &[id()]);
    old.notes.push(notes::NO_HISTORY);
    assert_eq!(said_of(&old), (vec!["rcs-read"], "confirmed"));
    assert_eq!(said(3, 1, &[id(), (BACKWARDS, int(1))]).1, "contradictory");
    assert_eq!(said(0, 2, &[(SENDER, int(-2))]), (vec!["carrier-delivered", "foreign-sender"], "contradictory"));
    assert_eq!(said(3, 2, &[]), (vec!["rcs-delivered", "rcs-without-id"], "contradictory"));
    assert_eq!(said(3, 100, &[]), (vec!["rcs-incoming-without-id"], "unmarked"));
    let mut keyless = record(3, 100, &[]);
    keyless.notes.push(notes::NO_RCS_COLUMN);
    assert_eq!(said_of(&keyless), (vec![], "unknown"));
    for name in [RCS_ID, URI] {
        let mut m = record(3, 1, &[]);
        m.markers.push(Marker::new(MarkerKind::Reference, name, "x", m.origin.clone()).meaning("also on row 2"));
        assert_eq!(said_of(&m).1, "contradictory", "{name}");
    }
}

#[test]
fn every_rule_has_an_id_of_its_own_and_a_sentence() {
    for (place, rule) in RULES.iter().enumerate() {
        assert!(rule.id.starts_with("google-messages.android.") && rule.says.ends_with('.'), "{}", rule.id);
        assert!(!rule.cites.is_empty(), "{}", rule.id);
        assert!(RULES.iter().skip(place + 1).all(|other| other.id != rule.id), "{}", rule.id);
    }
}
