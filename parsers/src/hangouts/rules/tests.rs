//! Every rule on records, by itself.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::record::{Direction, Message};
use forensics_core::rule::judge;
use forensics_core::value::Value;
use forensics_core::verdict::weigh;

use super::*;

fn said(
    table: &str,
    direction: Direction,
    server_id: bool,
    marks: &[(&'static str, Value)],
) -> (Vec<&'static str>, &'static str) {
    let origin = Origin { rowid: Some(1), ..Origin::table(StoreId(1), table) };
    let mut m = Message::new(origin, "me".into(), "c".into(), "x".into());
    m.direction = direction;
    m.server_id = server_id.then(|| "x".into());
    for (name, value) in marks {
        let mark = Marker::new(MarkerKind::State, *name, value.clone(), m.origin.cell(*name));
        m.markers.push(if value.as_text().is_some() { mark.meaning(value.clone()) } else { mark });
    }
    let findings = judge(RULES, &m);
    let rules = findings.iter().map(|f| f.rule.trim_start_matches("hangouts.android.")).collect();
    (rules, weigh(&findings).word())
}

#[test]
fn rules_on_messages_speak_by_id_and_state() {
    use Direction::{In, Out, System};
    let status = |n: i64| [("status", Value::Int(n))];
    assert_eq!(said("messages", Out, true, &status(4)), (vec!["on-server"], "confirmed"));
    assert_eq!(said("messages", System, true, &status(4)), (vec!["on-server"], "confirmed"));
    assert_eq!(said("messages", Out, true, &status(2)), (vec![], "unknown"));
    assert_eq!(said("messages", In, true, &status(0)), (vec!["incoming-with-id"], "confirmed"));
    assert_eq!(said("messages", In, false, &status(4)), (vec!["incoming-without-id"], "unmarked"));
    assert_eq!(said("messages", Out, false, &status(1)), (vec!["client-id"], "unknown"));
    assert_eq!(said("messages", Out, false, &status(3)), (vec!["failed"], "failed"));
    assert_eq!(said("messages", Out, true, &status(3)), (vec!["failed", "failed-yet-numbered"], "contradictory"));
    assert_eq!(said("messages", Out, false, &[("sending_error", Value::Int(5))]), (vec!["failed"], "failed"));
}

#[test]
fn notes_come_from_the_marks_of_the_conversation() {
    let note = |marks: &[(&'static str, Value)]| said("messages", Direction::System, false, marks).0;
    assert_eq!(note(&[(LATEST_MARK, Value::Int(1))]), ["beyond-cursor"]);
    assert_eq!(note(&[(TEMPORARY_MARK, Value::Int(1))]), ["temporary-conversation"]);
    assert_eq!(note(&[("off_the_record", Value::Int(1)), (EXPIRY, PAST.into())]), ["server-copy-expired"]);
    assert!(note(&[("off_the_record", Value::Int(1)), (EXPIRY, Value::Int(9))]).is_empty());
}

#[test]
fn a_text_message_speaks_by_its_telephony_row_only() {
    let of = |verdict: &str| {
        let marks = [(TRANSPORT, Value::Int(3)), ("status", Value::Int(4)), (provider::MARKER, verdict.into())];
        said("messages", Direction::Out, true, &marks)
    };
    assert_eq!(of("confirmed (delivered) by telephony.android.sms-delivered"), (vec!["telephony-row"], "confirmed"));
    assert_eq!(of("failed by telephony.android.sms-failed"), (vec!["telephony-row"], "failed"));
    assert_eq!(of("unknown"), (vec![], "unknown"));
}

#[test]
fn google_chat_gives_notes_and_drafts() {
    assert_eq!(said("topic_messages", Direction::In, false, &[]), (vec!["chat-server-origin"], "unknown"));
    assert_eq!(said("drafts", Direction::Out, false, &[]), (vec!["chat-draft"], "local-only"));
}

#[test]
fn every_rule_has_an_id_of_its_own_and_a_sentence() {
    for (place, rule) in RULES.iter().enumerate() {
        assert!(rule.id.starts_with("hangouts.android.") && rule.says.ends_with('.'), "{}", rule.id);
        assert!(RULES.iter().skip(place + 1).all(|other| other.id != rule.id), "{}", rule.id);
    }
    assert!(matches!(ID_TWICE.judge, Judge::SharedServerId(_)));
}
