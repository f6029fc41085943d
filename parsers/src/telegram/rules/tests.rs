//! Every rule on records made for it.

use std::collections::BTreeSet;

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::record::{Direction, Message};
use forensics_core::rule::{Ground, Judge, Opinion, Rule, Shared, judge};
use forensics_core::value::Value;
use forensics_core::verdict::{Reach, Verdict, weigh};

use super::{RULES, android, ios};
use crate::telegram::notes;

const ACCEPTED: Verdict = Verdict::Confirmed(Reach::Accepted);
const READ: Verdict = Verdict::Confirmed(Reach::Read);

/// A record with these notes and these markers.
fn record(notes: &[&'static str], markers: &[(&'static str, i64)]) -> Message {
    let mut m = Message::new(Origin::store(StoreId(1)), "me".into(), "t".into(), "m".into());
    m.notes = notes.to_vec();
    m.direction = Direction::Out;
    m.markers = markers
        .iter()
        .map(|(name, raw)| Marker::new(MarkerKind::State, *name, *raw, Origin::store(StoreId(1))))
        .collect();
    m
}

fn opinion(rule: &Rule, m: &Message) -> Option<Opinion> {
    match rule.judge {
        Judge::Record(judge) => judge(m),
        _ => panic!("{} judges no single record", rule.id),
    }
}

/// The rule claims `claim` of the first record, and nothing of the second.
#[track_caller]
fn claims(rule: &Rule, claim: Verdict, yes: &Message, no: &Message) {
    assert_eq!(opinion(rule, yes).and_then(|o| o.claim), Some(claim), "{}", rule.id);
    assert_eq!(opinion(rule, no), None, "{}", rule.id);
}

/// The rule notes `note` on the first record and claims nothing; it says nothing of the second.
#[track_caller]
fn notes(rule: &Rule, note: &'static str, yes: &Message, no: &Message) {
    let found = opinion(rule, yes);
    assert_eq!(found.as_ref().and_then(|o| o.claim), None, "{}", rule.id);
    assert!(found.is_some_and(|o| o.notes.contains(&note)), "{}", rule.id);
    assert_eq!(opinion(rule, no), None, "{}", rule.id);
}

/// A message of an Android cloud chat.
fn cloud(mid: i64, state: i64) -> Message {
    record(&[], &[("mid", mid), ("send_state", state)])
}

fn secret(out: i64, state: i64) -> Message {
    record(&[notes::SECRET], &[("mid", -210_000), ("send_state", state), ("out", out)])
}

fn planned(mid: i64, state: i64) -> Message {
    record(&[notes::SCHEDULED], &[("mid", mid), ("send_state", state)])
}

/// An iOS message.
fn postbox(namespace: i64, flags: i64, more: &[(&'static str, i64)]) -> Message {
    record(&[], &[&[("namespace", namespace), ("id", 11), ("flags", flags)], more].concat())
}

fn with_action(mut m: Message, name: &str) -> Message {
    m.markers.push(Marker::new(MarkerKind::State, android::ACTION, name, Origin::store(StoreId(1))));
    m
}

fn with_note(mut m: Message, note: &'static str) -> Message {
    m.notes.push(note);
    m
}

#[test]
fn ids_are_unique_and_name_app_and_platform() {
    let ids: BTreeSet<&str> = RULES.iter().map(|r| r.id).collect();
    assert_eq!(ids.len(), RULES.len());
    assert!(ids.iter().all(|id| id.starts_with("telegram.android.") || id.starts_with("telegram.ios.")));
}

#[test]
fn every_rule_says_one_sentence_and_where_it_was_read() {
    for rule in RULES {
        assert!(rule.says.ends_with('.') && !rule.says.trim_end_matches('.').contains(". "), "{}", rule.id);
        assert!(!rule.cites.is_empty(), "{}", rule.id);
    }
}

#[test]
fn rules_that_are_inferred_never_decide() {
    let notice = with_note(cloud(-1, 0), notes::SERVICE);
    assert_eq!(weigh(&judge(RULES, &notice)), Verdict::Unknown);
    assert!(RULES.iter().filter(|r| r.ground == Ground::Inferred).count() == 2);
}

#[test]
fn the_absence_rules_of_the_sequences_exist() {
    for sequence in crate::telegram::MANIFEST.sequences {
        for id in [sequence.gap_rule, sequence.tail_rule, sequence.undelivered_rule] {
            assert!(RULES.iter().any(|r| r.id == id && matches!(r.judge, Judge::Absence)), "{id}");
        }
    }
}

#[test]
fn android_cloud_messages() {
    claims(&android::SERVER_ID, ACCEPTED, &cloud(11, 0), &cloud(-11, 0));
    claims(&android::SERVER_ID, ACCEPTED, &cloud(11, 0), &cloud(11, 9));
    claims(&android::EDIT_PENDING, ACCEPTED, &cloud(11, 3), &cloud(-11, 3));
    claims(&android::SERVER_ID_BUT_UNSENT, Verdict::Contradictory, &cloud(11, 1), &cloud(11, 0));
    claims(&android::SERVER_ID_BUT_UNSENT, Verdict::Contradictory, &cloud(11, 2), &cloud(-11, 2));
    claims(&android::SENDING, Verdict::Pending, &cloud(-1, 1), &cloud(1, 1));
    claims(&android::SEND_FAILED, Verdict::Failed, &cloud(-1, 2), &cloud(-1, 1));
    let local = with_action(cloud(-1, 0), "messageActionUserJoined");
    claims(&android::LOCAL_ID_MARKED_SENT, Verdict::Contradictory, &cloud(-1, 0), &local);
    claims(&android::LOCAL_ACTION, Verdict::LocalOnly, &local, &with_action(cloud(-1, 0), "messageActionPinMessage"));
    let notice = with_note(cloud(-1, 0), notes::SERVICE);
    claims(&android::SERVICE_NOTICE, Verdict::LocalOnly, &notice, &cloud(-1, 0));
    claims(&android::LOCAL_ID_MARKED_SENT, Verdict::Contradictory, &cloud(-1, 0), &notice);
}

#[test]
fn android_read_marks() {
    let own = |mid, state, name| record(&[], &[("mid", mid), ("send_state", state), ("out", 1), (name, 1)]);
    claims(&android::READ_BY_PEER, READ, &own(11, 0, "outbox_max"), &own(-11, 1, "outbox_max"));
    claims(&android::READ_BY_PEER, READ, &own(11, 3, "read_state"), &own(11, 1, "read_state"));
    let listened = record(&[], &[("mid", 11), ("send_state", 0), ("out", 1), ("read_state", 2)]);
    claims(&android::READ_BY_PEER, READ, &own(11, 0, "read_state"), &listened);
    let post = with_note(own(11, 0, "read_state"), notes::BROADCAST);
    claims(&android::READ_BY_PEER, READ, &own(11, 0, "read_state"), &post);
    let note = with_note(own(11, 0, "outbox_max"), notes::SELF);
    claims(&android::READ_BY_PEER, READ, &own(11, 0, "read_state"), &note);
}

#[test]
fn android_secret_chats() {
    claims(&android::SECRET_ACKNOWLEDGED, ACCEPTED, &secret(1, 0), &secret(0, 0));
    claims(&android::SECRET_SENDING, Verdict::Pending, &secret(1, 1), &secret(1, 0));
    claims(&android::SECRET_FAILED, Verdict::Failed, &secret(1, 2), &secret(1, 1));
    let mut marked = secret(0, 0);
    marked.markers.push(Marker::new(MarkerKind::State, "seq_in", 3, Origin::store(StoreId(1))));
    claims(&android::SECRET_RECEIVED, Verdict::ImpliedByArrival, &marked, &secret(0, 0));
    // The rules of cloud chats are silent here.
    assert_eq!(opinion(&android::LOCAL_ID_MARKED_SENT, &secret(1, 0)), None);
}

#[test]
fn android_scheduled_messages() {
    claims(&android::SCHEDULED_ON_SERVER, ACCEPTED, &planned(11, 0), &cloud(11, 0));
    claims(&android::SCHEDULED_WAITING, Verdict::Pending, &planned(-1, 0), &planned(-1, 2));
    claims(&android::SCHEDULED_FAILED, Verdict::Failed, &planned(-1, 2), &planned(1, 2));
    assert_eq!(weigh(&judge(RULES, &planned(11, 1))), Verdict::Contradictory);
    assert_eq!(weigh(&judge(RULES, &planned(11, 3))), ACCEPTED);
}

#[test]
fn android_ids_inside_the_object() {
    let both = |mid, inner| record(&[], &[("mid", mid), ("send_state", 0), ("data.id", inner)]);
    claims(&android::OBJECT_ID_DIFFERS, Verdict::Contradictory, &both(11, 12), &both(11, -12));
    notes(&android::OBJECT_KEEPS_LOCAL_ID, notes::KEEPS_LOCAL_ID, &both(11, -12), &both(11, 12));
    // To schema 83 the column carries the channel in its upper half.
    let mut old = both(42 | (3001 << 32), 42);
    old.markers[0].value = Value::Int(42);
    assert_eq!(opinion(&android::OBJECT_ID_DIFFERS, &old), None);
}

#[test]
fn android_notes() {
    let own = record(&[], &[("mid", 11), ("out", 1), ("random_id", 5)]);
    notes(&android::RANDOM_ID, notes::SENT_HERE, &own, &cloud(11, 0));
    let marked = |name| record(&[], &[("mid", 11), ("send_state", 0), (name, 1)]);
    notes(&android::BEYOND_LAST_MID, notes::BEYOND_CURSOR, &marked("last_mid"), &cloud(11, 0));
    notes(&android::BEYOND_LAST_MID, notes::BEYOND_CURSOR, &marked("last_mid_i"), &cloud(11, 0));
    notes(&android::INSIDE_HOLE, notes::INSIDE_KNOWN_GAP, &marked("messages_holes"), &cloud(11, 0));
    notes(&android::READ_MARK_OVER_UNREAD, notes::READ_BUT_UNREAD, &marked("inbox_max"), &cloud(11, 0));
    notes(&android::PUSHED, notes::PUSHED, &marked("unread_push_messages"), &cloud(11, 0));
    let disordered = with_note(cloud(11, 0), notes::OUT_OF_ORDER);
    notes(&android::DATE_AGAINST_ID, notes::OUT_OF_ORDER, &disordered, &cloud(11, 0));
    notes(&android::UNKNOWN_STATE, notes::UNKNOWN_STATE, &cloud(11, 4), &cloud(11, 3));
}

#[test]
fn ios_cloud_and_local_messages() {
    claims(&ios::CLOUD, ACCEPTED, &postbox(0, 0, &[]), &postbox(1, 0, &[]));
    let read = postbox(0, 0, &[("maxOutgoingReadId", 11)]);
    claims(&ios::READ_BY_PEER, READ, &read, &postbox(0, ios::INCOMING, &[("maxOutgoingReadId", 11)]));
    claims(&ios::READ_BY_PEER, READ, &read, &with_note(read.clone(), notes::SELF));
    claims(&ios::SENDING, Verdict::Pending, &postbox(1, ios::SENDING_BIT, &[]), &postbox(0, ios::UNSENT, &[]));
    claims(&ios::SENDING, Verdict::Pending, &postbox(1, 0, &[("t11", 11)]), &postbox(1, 0, &[]));
    claims(&ios::SEND_FAILED, Verdict::Failed, &postbox(1, ios::FAILED, &[]), &postbox(1, ios::UNSENT, &[]));
    claims(&ios::SEND_FAILED, Verdict::Failed, &postbox(1, 0, &[("t49", 11)]), &postbox(1, 0, &[]));
    claims(&ios::LOCAL_ONLY, Verdict::LocalOnly, &postbox(1, 0, &[]), &postbox(1, ios::UNSENT, &[]));
    claims(
        &ios::CLOUD_BUT_UNSENT,
        Verdict::Contradictory,
        &postbox(0, ios::FAILED, &[]),
        &postbox(1, ios::FAILED, &[]),
    );
    claims(&ios::NOT_IN_INDEX, Verdict::Contradictory, &postbox(0, 0, &[("t4", 11)]), &postbox(0, 0, &[]));
    // A failed message may still stand in the queue.
    assert_eq!(weigh(&judge(RULES, &postbox(1, ios::FAILED | ios::UNSENT, &[]))), Verdict::Failed);
}

#[test]
fn ios_secret_and_scheduled_messages() {
    let secret = |flags, more: &[_]| with_note(postbox(1, flags, more), notes::SECRET);
    let guid = [("globallyUniqueId", 5)];
    claims(&ios::SECRET_ACKNOWLEDGED, ACCEPTED, &secret(0, &guid), &secret(ios::SENDING_BIT, &guid));
    claims(&ios::SECRET_ACKNOWLEDGED, ACCEPTED, &secret(0, &guid), &secret(0, &[]));
    claims(&ios::SECRET_ACKNOWLEDGED, ACCEPTED, &secret(0, &guid), &postbox(1, 0, &guid));
    assert_eq!(opinion(&ios::LOCAL_ONLY, &secret(0, &guid)), None);
    claims(&ios::SECRET_RECEIVED, Verdict::ImpliedByArrival, &postbox(2, ios::INCOMING, &[]), &postbox(1, 0, &[]));
    claims(&ios::SCHEDULED_ON_SERVER, ACCEPTED, &postbox(3, 0, &[]), &postbox(4, 0, &[]));
    claims(&ios::SCHEDULED_ON_SERVER, ACCEPTED, &postbox(5, 0, &[]), &postbox(6, 0, &[]));
    claims(&ios::SCHEDULED_WAITING, Verdict::Pending, &postbox(4, 0, &[]), &postbox(3, 0, &[]));
    claims(&ios::SCHEDULED_WAITING, Verdict::Failed, &postbox(6, ios::FAILED, &[]), &postbox(1, 0, &[]));
}

#[test]
fn ios_notes() {
    let plain = postbox(0, 0, &[]);
    let marked = |name| postbox(0, 0, &[(name, 1)]);
    notes(&ios::DELETION_PENDING, notes::DELETION_PENDING, &marked("t31"), &plain);
    notes(&ios::ACKNOWLEDGED_HERE, notes::SENT_HERE, &marked("OutgoingMessageInfoAttribute.u"), &plain);
    notes(&ios::BEYOND_MAX_KNOWN, notes::BEYOND_CURSOR, &marked("maxKnownId"), &plain);
    notes(&ios::INSIDE_HOLE, notes::INSIDE_KNOWN_GAP, &marked("hole"), &plain);
    notes(&ios::UNKNOWN_NAMESPACE, notes::UNKNOWN_NAMESPACE, &postbox(7, 0, &[]), &plain);
}

#[test]
fn a_server_id_that_stands_twice_contradicts() {
    for rule in [&android::SERVER_ID_TWICE, &ios::SERVER_ID_TWICE] {
        let Judge::SharedServerId(judge) = rule.judge else { panic!("{}", rule.id) };
        let shared = Shared { one_thread: false, records: 2 };
        assert_eq!(judge(&shared).and_then(|o| o.claim), Some(Verdict::Contradictory));
    }
}
