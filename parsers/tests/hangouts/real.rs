//! A real store of 2017, and what is known of it.

use parsers::hangouts::Hangouts;

use crate::harness::{Found, read, real};

fn found() -> Option<Found> {
    let bytes = real("hangouts-android/babel.db")?;
    Some(read(&Hangouts, &[("/data/data/com.google.android.talk/databases/babel.db", bytes)]))
}

#[test]
fn the_fourteen_messages_of_a_real_store_are_on_the_server() {
    let Some(found) = found() else { return };
    found.nothing_is_lost();
    assert_eq!(found.messages.len(), 14);
    assert!(found.messages.iter().all(|m| (&*m.verdict, m.reach.as_deref()) == ("confirmed", Some("accepted"))));
    assert_eq!(found.messages.iter().filter(|m| m.direction == "out").count(), 6);
    assert!(found.messages.iter().all(|m| m.notes.is_empty()), "{:?}", found.messages[0].notes);
    assert_eq!(found.accounts, ["112549252980293459976"]);
}

#[test]
fn a_real_message_keeps_its_microseconds_and_its_sender() {
    let Some(found) = found() else { return };
    let quoted = found.message("messages", 2);
    assert_eq!(quoted.sent.as_ref().map(ToString::to_string).as_deref(), Some("2017-07-17T04:41:54.326967Z"));
    assert_eq!(
        (quoted.text.as_str(), quoted.server_id.as_deref()),
        (Some("How are you?"), Some("8V673ca04908V67OUALXuX"))
    );
    let sender = found.contacts.iter().find(|c| Some(&c.id) == quoted.sender.as_ref()).unwrap();
    assert_eq!(sender.name.as_deref(), Some("John Macron"));
    assert_eq!(quoted.native_type, Some(2));
}

#[test]
fn a_whole_real_history_shows_no_absence() {
    let Some(found) = found() else { return };
    assert!(found.absences.is_empty(), "{:#?}", found.absences);
    assert_eq!((found.threads.len(), found.threads[0].name.as_deref()), (1, Some("John Macron")));
    assert_eq!(found.threads[0].participants.as_array().map(Vec::len), Some(2));
}
