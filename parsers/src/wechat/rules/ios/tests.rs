//! One test for each rule, named after its case.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::record::Message;
use forensics_core::rule::judge;
use forensics_core::verdict::{Reach, Verdict, weigh};

use super::super::RULES;
use super::*;

const ACCEPTED: Verdict = Verdict::Confirmed(Reach::Accepted);

/// A row: `Des`, `Status`, `Type`, and a server id or 0.
fn row(des: i64, status: i64, kind: i64, id: i64) -> Message {
    let origin = Origin::table(StoreId(1), "Chat_00");
    let mut m = Message::new(origin.clone(), "wxid_a".into(), "wxid_b".into(), "1".into());
    m.native_type = Some(kind);
    let state = |name: &'static str, raw: i64| Marker::new(MarkerKind::State, name, raw, origin.cell(name));
    if id != 0 {
        m.markers.push(Marker::new(MarkerKind::ServerId, "MesSvrID", id, origin.cell("MesSvrID")));
    }
    m.markers.extend([state("Des", des), state("Status", status)]);
    m
}

#[track_caller]
fn check(m: &Message, verdict: Verdict, notes: &[&str]) {
    let findings = judge(RULES, m);
    assert_eq!(weigh(&findings), verdict, "{findings:#?}");
    let said: Vec<&str> = findings.iter().flat_map(|f| &f.notes).map(|n| &**n).collect();
    assert_eq!(said, notes, "{findings:#?}");
}

#[test]
fn i2_a_server_id_beside_sending_is_contradictory() {
    check(&row(0, 1, 1, 77), Verdict::Contradictory, &[codes::STATE_STALE]);
}

#[test]
fn i2_a_server_id_beside_a_state_known_by_analogy_decides_nothing() {
    check(&row(0, 5, 1, 77), Verdict::Unknown, &[codes::STATE_STALE, "inferred-contradictory"]);
}

#[test]
fn i3_a_notice_with_a_server_id_is_confirmed() {
    check(&row(1, 4, 10_000, 77), ACCEPTED, &[]);
    check(&row(0, 4, 10_002, 77), ACCEPTED, &[]);
}

#[test]
fn i4_sent_with_a_server_id_is_confirmed() {
    check(&row(0, 2, 1, 77), ACCEPTED, &[]);
    check(&row(0, 3, 1, 77), ACCEPTED, &[codes::OTHER_DEVICE]);
    check(&row(0, 77, 1, 77), ACCEPTED, &[codes::UNKNOWN_STATUS]);
}

#[test]
fn i5_received_with_a_server_id_is_confirmed_whatever_its_status() {
    check(&row(1, 4, 1, 77), ACCEPTED, &[]);
    check(&row(1, 5, 3, 77), ACCEPTED, &[]);
    check(&row(1, 77, 1, 77), ACCEPTED, &[codes::UNKNOWN_STATUS]);
}

#[test]
fn i6_sending_is_pending() {
    check(&row(0, 1, 1, 0), Verdict::Pending, &[]);
}

#[test]
fn i7_failed_by_analogy_is_unknown_with_a_note() {
    check(&row(0, 5, 1, 0), Verdict::Unknown, &["inferred-failed"]);
    check(&row(0, 5, 10_000, 0), Verdict::Unknown, &["inferred-failed"]);
}

#[test]
fn i8_sent_without_a_server_id_is_contradictory() {
    check(&row(0, 2, 1, 0), Verdict::Contradictory, &[codes::SEEN_AFTER_IMPORTS]);
}

#[test]
fn i9_what_the_phone_made_is_local() {
    for m in [row(1, 4, 10_000, 0), row(1, 3, 10_002, 0), row(0, 4, 64, 0), row(1, 4, 50, 0), row(0, 4, 1, 0)] {
        check(&m, Verdict::LocalOnly, &[]);
    }
}

#[test]
fn i10_received_without_a_server_id_is_unmarked() {
    check(&row(1, 4, 1, 0), Verdict::Unmarked, &[]);
    check(&row(1, 3, 3, 0), Verdict::Unmarked, &[]);
}

#[test]
fn i14_beyond_the_room_cursor_is_a_note() {
    assert!(matches!(BEYOND_THE_ROOM_CURSOR.judge, Judge::BeyondCursor(note) if note == codes::BEYOND_CURSOR));
}

#[test]
fn a_direction_that_nobody_explains_is_unknown() {
    check(&row(7, 4, 1, 77), Verdict::Unknown, &[]);
}
