//! A real iPhone's store of 2023.

use std::io::Read as _;

use forensics_core::keys::KeyRing;
use forensics_core::vfs::Realm;

use crate::phone::{Found, Phone, read, real};

/// The container is known by its UUID only.
const GROUP: &str = "694FBBC5-2E69-480A-A25B-FF8CC038BEF8";
const PEER: &str = "19198887386@s.whatsapp.net";

fn found() -> Option<Found> {
    let zip = real("whatsapp-ios/whatsapp_messages_ios15_ffs.zip")?;
    let mut phone = Phone::default();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).expect("a zip");
    for place in 0..archive.len() {
        let mut file = archive.by_index(place).expect("a member");
        let name = file.name().expect("a name").rsplit('/').next().unwrap_or_default().to_owned();
        if name.starts_with("ChatStorage.sqlite") {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("readable");
            phone = phone.with(Realm::IosGroup { group: GROUP.into() }, &name, bytes);
        }
    }
    Some(read(&phone, &KeyRing::default()))
}

#[test]
fn all_rows_of_a_real_iphone_are_accounted_for() {
    let Some(found) = found() else { return };
    assert_eq!(found.messages.len(), 32);
    let tallies = found.shard.tallies(found.messages[0].origin.store).expect("tallies");
    let messages = tallies.iter().find(|t| t.table == "ZWAMESSAGE").expect("read");
    assert_eq!((messages.seen, messages.emitted), (32, 32));
    let count = |direction: &str, verdict: &str, reach: Option<&str>| {
        found
            .messages
            .iter()
            .filter(|m| m.direction == direction && m.verdict == verdict && m.reach.as_deref() == reach)
            .count()
    };
    assert_eq!(count("out", "confirmed", Some("read")), 11);
    assert_eq!(count("in", "implied-by-arrival", None), 10);
    assert_eq!(count("system", "local-only", None), 11);
    assert!(found.messages.iter().all(|m| !m.notes.iter().any(|n| n == "beyond-cursor" || n == "fractional-date")));
    assert!(found.messages.iter().all(|m| m.account == "19195794674@s.whatsapp.net"));
}

#[test]
fn the_one_deleted_message_of_a_real_iphone_is_missed_and_no_other() {
    let Some(found) = found() else { return };
    let gaps: Vec<_> = found.absences.iter().filter(|a| a.kind == "gap-in-sequence").collect();
    assert_eq!(gaps.len(), 1, "{:#?}", found.absences);
    let gap = gaps[0];
    assert_eq!((gap.thread.as_deref(), gap.after, gap.before, gap.at_most), (Some(PEER), Some(17), Some(19), Some(1)));
    assert_eq!(gap.strength, "strong");
    let rest: Vec<_> =
        found.absences.iter().filter(|a| a.kind != "gap-in-sequence").map(|a| (&*a.kind, a.id.as_deref())).collect();
    assert_eq!(rest, [("tombstoned", Some("3A47DA9E4A5A226F6D42"))]);
}

#[test]
fn receipts_quotes_and_reactions_of_a_real_iphone_are_read() {
    let Some(found) = found() else { return };
    let first = found.message("ZWAMESSAGE", 12);
    assert_eq!(first.receipts[0]["recipient"], PEER);
    assert_eq!(first.receipts[1]["kind"], "read");
    assert_eq!(found.message("ZWAMESSAGE", 16).reply_to.as_deref(), Some("3A26649A0A496377CB01"));
    let liked = found.message("ZWAMESSAGE", 15);
    assert_eq!(liked.reactions[0]["text"], "👍");
    let photo = found.message("ZWAMESSAGE", 21);
    let hash = "89fa55657cdcb4885777c42017754a4a3742fc5884057ff7bc126e861c641909";
    assert_eq!(photo.attachments[0]["sha256"], hash);
    assert_eq!(photo.attachments[0]["size"], 42073);
}
