//! Stores of a real phone of 2013, and what is known of them.

use parsers::telephony::Telephony;

use crate::harness::{Found, read, real};

const STORE: &str = "/data/data/com.android.providers.telephony/databases/mmssms.db";
const CONTACTS: &str = "/data/data/com.android.providers.contacts/databases/contacts2.db";

fn found() -> Option<Found> {
    let messages = real("telephony-android/mmssms.db")?;
    let calls = real("telephony-android/contacts2.db")?;
    Some(read(&Telephony, &[(STORE, messages), (CONTACTS, calls)]))
}

#[test]
fn the_four_incoming_sms_of_a_real_phone_carry_the_message_centres_clock() {
    let Some(found) = found() else { return };
    found.nothing_is_lost();
    let sms: Vec<_> = found.messages.iter().filter(|m| m.origin.table.as_deref() == Some("sms")).collect();
    assert_eq!(sms.len(), 9);
    let incoming: Vec<_> = sms.iter().filter(|m| m.direction == "in").collect();
    assert_eq!(incoming.len(), 4);
    for m in &incoming {
        assert_eq!((&*m.verdict, m.reach.as_deref()), ("confirmed", Some("accepted")), "{:?}", m.origin.rowid);
        assert_eq!(m.sender.as_deref(), Some("15555215554"));
        assert!(m.markers.iter().any(|k| k.name == "date_sent" && k.origin.column.as_deref() == Some("date_sent")));
    }
    assert_eq!(found.message("sms", 3).text, "What message?");
    assert_eq!(
        found.message("sms", 3).sent.as_ref().map(ToString::to_string).as_deref(),
        Some("2013-10-29T17:05:40.000Z")
    );
}

#[test]
fn the_five_sent_sms_of_a_real_phone_are_known_by_the_radios_word_only() {
    let Some(found) = found() else { return };
    let sent: Vec<_> = found.messages.iter().filter(|m| m.direction == "out" && m.kind == "text").collect();
    assert_eq!(sent.len(), 5);
    for m in sent {
        assert_eq!(m.verdict, "unknown");
        assert!(m.notes.iter().any(|n| n == "inferred-confirmed"), "{:?}", m.notes);
    }
}

#[test]
fn a_real_store_from_which_nothing_was_deleted_shows_no_absence_of_a_message() {
    let Some(found) = found() else { return };
    let of_messages: Vec<_> = found.absences.iter().filter(|a| !a.rules.to_string().contains("call-rows")).collect();
    assert!(of_messages.is_empty(), "{of_messages:#?}");
    assert_eq!(found.tally("sms").emitted, 9);
    assert_eq!(found.tally("words_content").folded, 9);
    let thread = found.threads.iter().find(|t| t.id == "1").unwrap();
    assert_eq!(thread.participants, serde_json::json!(["1 555-521-5554"]));
}

#[test]
fn the_three_calls_of_a_real_phone_are_read_with_the_one_missing_row() {
    let Some(found) = found() else { return };
    let calls: Vec<_> = found.messages.iter().filter(|m| m.kind == "call").collect();
    assert_eq!(calls.len(), 3);
    assert_eq!(found.verdict("calls", 714), ("implied-by-arrival", None));
    assert_eq!(found.verdict("calls", 715), ("unknown", None));
    assert!(found.noted("calls", 715, "inferred-confirmed"));
    assert_eq!(found.verdict("calls", 717), ("implied-by-arrival", None));
    let gaps = found.absent("telephony.android.call-rows-skip");
    assert_eq!(gaps.len(), 1, "{gaps:#?}");
    assert_eq!((gaps[0].after, gaps[0].before, gaps[0].at_most), (Some(715), Some(717), Some(1)));
    assert!(found.absent("telephony.android.call-counter-beyond-records").is_empty());
}
