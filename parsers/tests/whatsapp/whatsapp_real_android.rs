//! Anonymised rows of a real Android phone of 2023.
#![expect(clippy::disallowed_methods, reason = "the rows come as SQL and become files in a folder of the test's own")]

use forensics_core::keys::KeyRing;
use forensics_core::vfs::Realm;

use crate::phone::{Found, Phone, read, real};

const GROUP: &str = "100000000000000001@g.us";

/// The SQL as a database file.
fn database(sql: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let connection = rusqlite::Connection::open(&path).expect("a database");
    connection.execute_batch(std::str::from_utf8(sql).expect("text")).expect("valid SQL");
    connection.close().expect("closed");
    std::fs::read(&path).expect("readable")
}

fn found() -> Option<Found> {
    let (msgstore, wa) = (real("whatsapp-android-2023/msgstore.sql")?, real("whatsapp-android-2023/wa.sql")?);
    let realm = || Realm::AndroidApp { user: 0, package: "com.whatsapp".into() };
    let phone = Phone::default().with(realm(), "databases/msgstore.db", database(&msgstore)).with(
        realm(),
        "databases/wa.db",
        database(&wa),
    );
    Some(read(&phone, &KeyRing::default()))
}

#[test]
fn the_rows_of_a_real_android_are_judged() {
    let Some(found) = found() else { return };
    assert_eq!(found.messages.len(), 4);
    assert_eq!(found.verdict("message", 169), ("local-only", None));
    // Edited, state 0, no other mark: only inference says that the server had it.
    assert_eq!(found.verdict("message", 750), ("unknown", None));
    assert_eq!(found.verdict("message", 4863), ("implied-by-arrival", None));
    assert_eq!(found.verdict("message", 7454), ("confirmed", Some("delivered")));
    let notes = |row| found.message("message", row).notes.clone();
    assert_eq!(notes(750), ["edited", "forwarded", "implied-by-edit"]);
    assert_eq!(notes(7454), ["revoked"]);
}

#[test]
fn an_edited_message_keeps_its_first_key_and_a_quote_finds_the_row_that_it_names() {
    let Some(found) = found() else { return };
    let edited = found.message("message", 750);
    assert_eq!(edited.id, "GROUPMSG99999");
    assert_eq!(edited.thread, GROUP);
    assert_eq!(edited.reply_to.as_deref(), Some("GROUPMSG00100"));
    let first = edited.markers.iter().find(|m| m.name == "original_key_id").expect("kept");
    assert_eq!(first.raw, "GROUPMSG99999OLD");
    assert!(found.absences.iter().all(|a| a.id.as_deref() != Some("GROUPMSG00100")));
    let revoked =
        found.message("message", 7454).markers.iter().find(|m| m.name == "revoked_key_id").expect("kept").raw.clone();
    assert_eq!(revoked, "PERSONALMSGDELETED");
}

#[test]
fn pointers_of_a_real_chat_name_rows_that_were_left_out() {
    let Some(found) = found() else { return };
    let shapes: Vec<_> = found.absences.iter().map(|a| (&*a.kind, a.id.as_deref(), a.after, a.at_most)).collect();
    // The rows were picked by hand from a larger store: its chat pointers and cursors still name the others.
    assert_eq!(
        shapes,
        [
            ("beyond-records", None, Some(7454), Some(302)),
            ("dangling", Some("7747"), None, Some(1)),
            ("dangling", Some("7756"), None, Some(1)),
        ]
    );
}
