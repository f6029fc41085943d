//! One test for each rule, named after its case.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::record::Message;
use forensics_core::rule::judge;
use forensics_core::verdict::{Reach, Verdict, weigh};

use super::super::RULES;
use super::*;

const ACCEPTED: Verdict = Verdict::Confirmed(Reach::Accepted);

/// A row: its talker, `isSend`, `status`, `type`, and a server id or 0.
fn row(talker: &str, is_send: i64, status: i64, kind: i64, id: i64) -> Message {
    let origin = Origin::table(StoreId(1), "message");
    let mut m = Message::new(origin.clone(), "wxid_a".into(), talker.into(), "1".into());
    m.native_type = Some(kind);
    let state = |name: &'static str, raw: i64| Marker::new(MarkerKind::State, name, raw, origin.cell(name));
    if id != 0 {
        m.markers.push(Marker::new(MarkerKind::ServerId, "msgSvrId", id, origin.cell("msgSvrId")));
    }
    m.markers.extend([state("isSend", is_send), state("status", status)]);
    m
}

fn with(mut m: Message, kind: MarkerKind, name: &'static str, raw: i64) -> Message {
    let origin = m.origin.cell(name);
    m.markers.push(Marker::new(kind, name, raw, origin));
    m
}

#[track_caller]
fn check(m: &Message, verdict: Verdict, notes: &[&str]) {
    let findings = judge(RULES, m);
    assert_eq!(weigh(&findings), verdict, "{findings:#?}");
    let said: Vec<&str> = findings.iter().flat_map(|f| &f.notes).map(|n| &**n).collect();
    assert_eq!(said, notes, "{findings:#?}");
    for finding in findings.iter().filter(|f| f.claim.is_some()) {
        assert!(!finding.used.is_empty(), "{} rests on nothing", finding.rule);
    }
}

const BOB: &str = "wxid_b";

#[test]
fn a2_a_server_id_beside_sending_or_failed_is_contradictory() {
    check(&row(BOB, 1, 1, 1, 77), Verdict::Contradictory, &[codes::STATE_STALE]);
    check(&row(BOB, 1, 5, 1, 77), Verdict::Contradictory, &[codes::STATE_STALE]);
    check(&row(BOB, 1, 5, 10_000, 77), Verdict::Contradictory, &[codes::STATE_STALE]);
}

#[test]
fn a3_sent_without_a_server_id_is_contradictory() {
    check(&row(BOB, 1, 2, 1, 0), Verdict::Contradictory, &[codes::SEEN_AFTER_IMPORTS]);
    check(&row(BOB, 1, 2, 1, -5), Verdict::Contradictory, &[codes::SEEN_AFTER_IMPORTS]);
}

#[test]
fn a4_a_row_on_the_deleted_list_is_contradictory() {
    let m = with(row(BOB, 0, 4, 1, 77), MarkerKind::Tombstone, codes::CHECKMSGID, 77);
    check(&m, Verdict::Contradictory, &[]);
}

#[test]
fn a_row_of_a_deleted_room_is_contradictory() {
    let m = with(row("1@chatroom", 0, 4, 1, 77), MarkerKind::Tombstone, codes::DELETED_ROOM, 700);
    check(&m, Verdict::Contradictory, &[]);
}

#[test]
fn a5_a_notice_with_a_server_id_is_confirmed() {
    check(&row(BOB, 0, 4, 10_000, 77), ACCEPTED, &[]);
    check(&row(BOB, 1, 4, 10_002, 77), ACCEPTED, &[]);
}

#[test]
fn a6_sent_with_a_server_id_is_confirmed() {
    check(&row(BOB, 1, 2, 1, 77), ACCEPTED, &[]);
    check(&row("filehelper", 1, 2, 1, 77), ACCEPTED, &[]);
}

#[test]
fn a7_sent_from_another_device_is_confirmed() {
    check(&row(BOB, 1, 3, 1, 77), ACCEPTED, &[codes::OTHER_DEVICE]);
    check(&row(BOB, 1, 4, 49, 77), ACCEPTED, &[codes::OTHER_DEVICE]);
}

#[test]
fn a8_received_with_a_server_id_is_confirmed_whatever_its_status() {
    check(&row(BOB, 0, 3, 1, 77), ACCEPTED, &[]);
    check(&row(BOB, 0, 77, 1, 77), ACCEPTED, &[codes::UNKNOWN_STATUS]);
}

#[test]
fn a9_sending_is_pending() {
    check(&row(BOB, 1, 1, 1, 0), Verdict::Pending, &[]);
    check(&row("medianote", 1, 1, 1, 0), Verdict::Pending, &[]);
}

#[test]
fn a10_failed_is_failed_also_where_the_file_was_uploaded() {
    check(&row(BOB, 1, 5, 1, 0), Verdict::Failed, &[]);
    let m = with(row(BOB, 1, 5, 49, 0), MarkerKind::CloudRecord, "attachid", 1);
    check(&m, Verdict::Failed, &[codes::MEDIA_ON_THE_SERVER]);
}

#[test]
fn a11_what_the_phone_made_is_local() {
    for m in [
        row(BOB, 2, 6, 64, 0),
        row(BOB, 0, 4, 10_000, 0),
        row(BOB, 0, 4, 10_002, 0),
        row(BOB, 1, 6, 50, 0),
        row(BOB, 0, 4, 1_000_053, 0),
        row(BOB, 1, 2, 10_000, 0),
        row("medianote", 1, 2, 1, 0),
        row("weixin", 0, 4, 1, 0),
    ] {
        check(&m, Verdict::LocalOnly, &[]);
    }
}

#[test]
fn a12_received_without_a_server_id_is_unmarked() {
    check(&row(BOB, 0, 3, 1, 0), Verdict::Unmarked, &[]);
    check(&row(BOB, 0, 4, 3, 0), Verdict::Unmarked, &[]);
}

#[test]
fn a12_a_sequence_number_without_its_server_id_is_contradictory() {
    let m = with(row("1@chatroom", 0, 4, 1, 0), MarkerKind::Sequence, "msgSeq", 700);
    check(&m, Verdict::Contradictory, &[]);
}

#[test]
fn a13_anything_else_is_unknown() {
    check(&row(BOB, 1, 77, 1, 0), Verdict::Unknown, &[codes::UNKNOWN_STATUS]);
    check(&row(BOB, 1, 77, 1, 77), Verdict::Unknown, &[codes::UNKNOWN_STATUS]);
    check(&row(BOB, 3, 4, 1, 77), Verdict::Unknown, &[]);
}

#[test]
fn a_record_of_another_store_is_none_of_these_rules_business() {
    let m = Message::new(Origin::store(StoreId(1)), "a".into(), BOB.into(), "1".into());
    check(&m, Verdict::Unknown, &[]);
}
