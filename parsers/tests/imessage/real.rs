//! The store of a real Mac (log2timeline/plaso:test_data/sqlite/imessage_chat.db), where it is present beside the project.

use std::path::PathBuf;

use crate::phone::Reading;

const REAL: &str = "shared/real/imessage-macos/chat.db";

/// Beside the project, or beside the worktrees of the project.
fn path() -> Option<PathBuf> {
    let project = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let found = [project.join(REAL), project.join("..").join(REAL)].into_iter().find(|p| p.exists());
    if found.is_none() {
        skipped();
    }
    found
}

fn read() -> Option<Reading> {
    let folder = tempfile::tempdir().expect("a folder");
    path().map(|path| Reading::of(&path, &folder))
}

#[expect(clippy::print_stderr, reason = "a test that did not run says so")]
fn skipped() {
    eprintln!("SKIPPED: the real chat.db is not there ({REAL})");
}

#[test]
fn ten_messages_of_a_real_mac_are_judged_by_their_own_marks() {
    let Some(reading) = read() else { return };
    assert_eq!(reading.messages.len(), 10);
    let verdicts: Vec<_> = (1..=10).map(|row| reading.verdict(row)).collect();
    let arrived = "implied-by-arrival";
    assert_eq!(
        verdicts,
        [
            arrived,
            "confirmed (accepted)",
            arrived,
            arrived,
            "confirmed (delivered)",
            "confirmed (delivered)",
            arrived,
            arrived,
            "confirmed (read)",
            "confirmed (accepted)",
        ]
    );
    assert_eq!(reading.message(1).sent.map(|s| s.to_string()).as_deref(), Some("2015-11-22T18:09:46Z"));
    assert_eq!(reading.shard.stores()[0].generation.as_deref(), Some("columns of iOS 6 to 9, client 9005"));
}

/// Two rows of this store were changed after they were written: the archive still says "Microsoft Office" (and its run is as
/// long as that), the column beside it says "Open Office".
const CHANGED: [i64; 2] = [6, 10];

#[test]
fn every_archived_text_of_a_real_mac_is_decoded_and_two_differ_from_the_column() {
    let Some(reading) = read() else { return };
    assert!(reading.issue("value-undecoded").is_none());
    for row in 1..=10 {
        assert_eq!(reading.has_note(row, "text-and-body-differ"), CHANGED.contains(&row), "row {row}");
    }
    // What is shown is the column, as it stands; the other text is in the cell beside it.
    assert!(reading.message(6).text.as_str().is_some_and(|t| t.contains("install Open Office")));
}

#[test]
fn the_runs_of_a_real_macs_archives_cover_their_texts() {
    use forensics_core::decode::typedstream::{Archive, AttributedText};
    let Some(path) = path() else { return };
    let bytes = std::fs::read(path).expect("the file");
    let db = forensics_core::store::sqlite::Database::from_bytes(bytes).expect("a database");
    let table = db.table("message").expect("messages");
    let (text, body) = (table.column("text"), table.column("attributedBody"));
    let mut changed = Vec::new();
    for row in db.scan(table) {
        let row = row.expect("a row");
        let (text, body) = (row.text(text).expect("text"), row.bytes(body).expect("an archive"));
        let archive = Archive::read(&body).expect("a typed stream");
        let read = AttributedText::of(&archive).expect("an attributed string");
        let archived = std::str::from_utf8(read.text).expect("UTF-8");
        assert_eq!(read.covered(), archived.encode_utf16().count() as u64);
        if archived != text {
            assert_eq!(archived.replace("Microsoft Office", "Open Office"), text);
            changed.extend(row.rowid());
        }
    }
    assert_eq!(changed, CHANGED);
}

#[test]
fn every_missing_row_of_a_real_mac_is_explained_by_its_deletion_log() {
    let Some(reading) = read() else { return };
    let of = |rule: &str| {
        let rule = format!("imessage.ios.{rule}");
        let has = |a: &&forensics_core::case::AbsenceRow| {
            a.rules.as_array().is_some_and(|r| r.iter().any(|r| r.as_str() == Some(&rule)))
        };
        reading.absences.iter().filter(has).collect::<Vec<_>>()
    };
    // 226 links name 225 rows: row 21 stands in two conversations.
    let joins = of("conversation-names-missing-message");
    assert_eq!(joins.len(), 225);
    let mut rows: Vec<i64> = joins.iter().map(|a| a.id.as_deref().unwrap_or("").parse().expect("a row")).collect();
    rows.sort_unstable();
    assert_eq!(rows, (11..=235).collect::<Vec<_>>());
    let twice = joins.iter().find(|a| a.id.as_deref() == Some("21")).expect("row 21");
    let named = twice.markers.iter().filter(|m| m.origin.table.as_deref() == Some("chat_message_join")).count();
    assert_eq!(named, 2);
    assert_eq!(of("attachment-names-missing-message").len(), 1);
    // The log names 226 identifiers.
    let deleted = of("deleted");
    assert_eq!(deleted.len(), 226);
    assert!(deleted.iter().all(|a| a.kind == "tombstoned" && a.strength == "strong"));
    // Row 236 is known from the counter alone.
    let counted = of("rowids-missing-deleted");
    let bounds: Vec<_> = counted.iter().map(|a| (a.kind.as_str(), a.after, a.before, a.at_most)).collect();
    assert_eq!(bounds, [("beyond-records", Some(10), None, Some(1))]);
    assert!(of("rowids-missing-unexplained").is_empty());
    assert!(reading.issue("imessage-rows-vanished").is_none());
    assert!(reading.issue("imessage-rows-renumbered").is_none());
    let joins = reading.tallies.iter().find(|t| t.table == "chat_message_join").expect("a tally");
    assert_eq!((joins.seen, joins.folded), (236, 236));
}
