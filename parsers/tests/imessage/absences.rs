//! Marks whose record is not in the store.

use crate::encode::{List, body, bplist};
use crate::phone::{CHAT, Phone, SECOND, START, guid, record};

#[test]
fn a_deleted_message_is_known_by_both_logs_and_explained() {
    let phone = Phone::ios_12();
    let rows: Vec<i64> = (0..3).map(|n| phone.receive(&format!("m{n}"))).collect();
    phone.delete(rows[1]);
    let reading = phone.read();
    assert_eq!(
        reading.summary(),
        [
            "gap-in-sequence rowids-missing-deleted - 1 3 1".to_owned(),
            format!("tombstoned deleted+deleted-no-icloud-copy {} - - 1", guid(2)),
        ]
    );
    assert!(reading.issue("imessage-rows-vanished").is_none());
    let gap = reading.absences.iter().find(|a| a.kind == "gap-in-sequence").expect("the gap");
    assert_eq!(gap.strength, "weak");
    let dates: Vec<_> = gap.markers.iter().filter(|m| m.name == "ROWID").map(|m| m.raw.as_i64()).collect();
    assert_eq!(dates, [Some(3), Some(1)]);
}

#[test]
fn a_deletion_with_a_cloud_record_says_that_icloud_had_a_copy() {
    let phone = Phone::ios_12();
    let row = phone.receive("synced");
    phone.receive("stays");
    phone.set(row, &format!("ck_sync_state=1, ck_record_id='{}', ck_record_change_tag='5k'", record(row)));
    phone.delete(row);
    let reading = phone.read();
    let line = format!("tombstoned deleted+deleted-had-icloud-copy {} - - 1", guid(row));
    assert!(reading.summary().contains(&line), "{:?}", reading.summary());
}

#[test]
fn a_message_that_came_back_is_not_missing() {
    let phone = Phone::ios_12();
    let row = phone.receive("deleted, then downloaded again");
    phone.delete(row);
    let again = phone.receive("again");
    phone.set(again, &format!("guid='{}'", guid(row)));
    assert_eq!(phone.read().summary(), ["gap-in-sequence rowids-missing-deleted - - 2 1"]);
}

#[test]
fn rows_that_vanished_without_the_apps_own_deletion_are_unexplained() {
    let phone = Phone::ios_12();
    let rows: Vec<i64> = (0..5).map(|n| phone.receive(&format!("m{n}"))).collect();
    phone.delete(rows[1]);
    phone.sql("DROP TRIGGER add_to_deleted_messages; DROP TRIGGER add_to_sync_deleted_messages;");
    phone.delete(rows[3]);
    phone.delete(rows[4]);
    let reading = phone.read();
    assert_eq!(
        reading.summary(),
        [
            "beyond-records rowids-missing-unexplained - 3 - 2".to_owned(),
            "gap-in-sequence rowids-missing-unexplained - 1 3 1".to_owned(),
            format!("tombstoned deleted+deleted-no-icloud-copy {} - - 1", guid(2)),
        ]
    );
    let issue = reading.issue("imessage-rows-vanished").expect("an issue");
    assert!(issue.detail.contains("2 are unexplained"), "{}", issue.detail);
}

#[test]
fn more_deletions_than_missing_rows_and_a_row_above_the_counter_are_flagged() {
    let phone = Phone::ios_12();
    phone.receive("one");
    phone.sql("INSERT INTO deleted_messages (ROWID, guid) VALUES (9,'X'); DELETE FROM deleted_messages;");
    assert!(phone.read().issue("imessage-rows-renumbered").is_some());
    let phone = Phone::ios_12();
    phone.receive("one");
    phone.receive("two");
    phone.sql("UPDATE sqlite_sequence SET seq=1 WHERE name='message'");
    assert!(phone.read().issue("imessage-rows-renumbered").is_some());
}

#[test]
fn a_link_to_a_missing_message_is_one_absence_and_no_gap_beside() {
    let phone = Phone::ios_12();
    let rows: Vec<i64> = (0..3).map(|n| phone.receive(&format!("m{n}"))).collect();
    phone.sql(&format!(
        "DELETE FROM message WHERE ROWID={}; DELETE FROM deleted_messages; DELETE FROM sync_deleted_messages;",
        rows[1]
    ));
    let reading = phone.read();
    assert_eq!(reading.summary(), ["dangling conversation-names-missing-message 2 - - 1"]);
    assert_eq!(reading.absences[0].thread.as_deref(), Some(CHAT));
}

#[test]
fn an_attachment_joins_the_row_and_the_identifier_of_a_missing_message() {
    let phone = Phone::ios_12();
    let rows: Vec<i64> = (0..3).map(|n| phone.receive(&format!("m{n}"))).collect();
    let of = guid(rows[1]);
    phone.sql(&format!(
        "INSERT INTO attachment (guid, original_guid) VALUES ('at_0_{of}','at_0_{of}');
         INSERT INTO message_attachment_join VALUES ({0},1); DELETE FROM message WHERE ROWID={0};",
        rows[1]
    ));
    let reading = phone.read();
    // The deletion log, the conversation's link and the attachment's link: one missing message.
    let line = format!(
        "tombstoned deleted+deleted-no-icloud-copy+conversation-names-missing-message+attachment-names-missing-message {of} - - 1"
    );
    let mut rules: Vec<&str> = line.split(' ').nth(1).expect("rules").split('+').collect();
    rules.sort_unstable();
    assert_eq!(reading.absences.len(), 1, "{:?}", reading.summary());
    let found = reading.summary()[0].clone();
    let mut found: Vec<&str> = found.split(' ').nth(1).expect("rules").split('+').collect();
    found.sort_unstable();
    assert_eq!(found, rules);
    assert_eq!(
        (reading.absences[0].kind.as_str(), reading.absences[0].id.as_deref()),
        ("tombstoned", Some(of.as_str()))
    );
}

#[test]
fn an_orphaned_or_deleted_attachment_names_its_message() {
    let phone = Phone::ios_12();
    let present = guid(phone.receive("here"));
    let (gone, deleted) = (guid(77), guid(78));
    phone.sql(&format!(
        "INSERT INTO attachment (guid, original_guid) VALUES ('at_0_{gone}','a'), ('at_0_{present}','b'), ('PLAIN','c');
         INSERT INTO sync_deleted_attachments (guid) VALUES ('at_1_{deleted}'), ('at_1_{present}'), ('PLAIN2');"
    ));
    assert_eq!(
        phone.read().summary(),
        [
            format!("dangling attachment-names-missing-message {gone} - - 1"),
            format!("tombstoned attachment-deleted {deleted} - - 1"),
        ]
    );
}

#[test]
fn a_file_without_an_attachment_is_what_is_left() {
    let mut phone = Phone::ios_12();
    let row = phone.receive("\u{fffc}");
    phone.sql(&format!(
        "INSERT INTO attachment (guid, filename, transfer_state, original_guid) VALUES ('A1','~/Library/SMS/Attachments/9e/14/A1/a.heic',5,'A1');
         INSERT INTO message_attachment_join VALUES ({row},1);"
    ));
    phone.file("Library/SMS/Attachments/9e/14/A1/a.heic", b"x");
    phone.file("Library/SMS/Attachments/9e/14/A1/a.mov", b"x");
    phone.file(&format!("Library/SMS/Attachments/2d/13/at_0_{}/b.jpg", guid(55)), b"x");
    phone.file("Library/SMS/Attachments/60/00/0B6E/c.jpg", b"x");
    let reading = phone.read();
    assert_eq!(
        reading.summary(),
        [
            "remnant-only attachment-file-left - - - 1".to_owned(),
            format!("remnant-only attachment-file-left {} - - 1", guid(55)),
        ]
    );
}

#[test]
fn replies_tapbacks_and_the_chain_name_missing_messages() {
    let phone = Phone::ios_26();
    let (first, reply, tapback) = (phone.receive("first"), phone.send("reply"), phone.receive("Liked"));
    phone.set(reply, &format!("thread_originator_guid='{}', reply_to_guid='{}'", guid(50), guid(first)));
    phone.set(tapback, &format!("associated_message_type=2001, associated_message_guid='p:0/{}'", guid(51)));
    phone.set(first, &format!("reply_to_guid='{}'", guid(52)));
    let reading = phone.read();
    assert_eq!(
        reading.summary(),
        [
            format!("dangling chain-names-missing-message {} - - 1", guid(52)),
            format!("dangling reply-names-missing-message {} - - 1", guid(50)),
            format!("dangling tapback-names-missing-message {} - - 1", guid(51)),
        ]
    );
    assert!(reading.absences.iter().all(|a| a.thread.as_deref() == Some(CHAT)));
}

fn watermark(phone: &Phone, row: i64, guid: Option<&str>) {
    let mut keys = vec![
        ("CKChatWatermarkMessageID", List::Int(row)),
        ("CKChatWatermarkTime", List::Real((START / SECOND) as f64 + 978_307_200.5)),
    ];
    keys.extend(guid.map(|g| ("lastSeenMessageGuid", List::Text(g))));
    phone.properties(1, &bplist(&List::Dict(keys)));
}

#[test]
fn a_watermark_past_the_newest_message_is_an_absence_of_its_conversation() {
    let phone = Phone::ios_12();
    let rows: Vec<i64> = (0..3).map(|n| phone.receive(&format!("m{n}"))).collect();
    watermark(&phone, rows[2], None);
    assert!(phone.read().absences.is_empty());
    phone.delete(rows[2]);
    let reading = phone.read();
    let lines = reading.summary();
    assert!(lines.contains(&"beyond-records watermark-names-missing-message 3 2 - 1".to_owned()), "{lines:?}");
    let absence = reading.absences.iter().find(|a| a.thread.as_deref() == Some(CHAT)).expect("the absence");
    let time = absence.markers.iter().find(|m| m.name == "CKChatWatermarkTime").expect("its time");
    assert_eq!(time.value, "2020-01-06T10:40:00.500000Z");
    assert_eq!(time.origin.key.as_deref(), Some("CKChatWatermarkTime"));
    // The counter's tail is the same message: told once.
    assert!(!lines.iter().any(|l| l.contains("rowids")), "{lines:?}");
}

#[test]
fn a_watermark_inside_the_conversation_names_a_missing_message() {
    let phone = Phone::ios_12();
    let rows: Vec<i64> = (0..3).map(|n| phone.receive(&format!("m{n}"))).collect();
    watermark(&phone, rows[1], Some(&guid(40)));
    phone.delete(rows[1]);
    let lines = phone.read().summary();
    assert!(lines.contains(&"dangling watermark-names-missing-message 2 - - 1".to_owned()), "{lines:?}");
    assert!(lines.contains(&format!("dangling watermark-names-missing-message {} - - 1", guid(40))), "{lines:?}");
}

#[test]
fn a_watermark_above_every_row_ever_given_is_an_issue_and_no_absence() {
    let phone = Phone::ios_12();
    phone.receive("one");
    watermark(&phone, 99, None);
    let reading = phone.read();
    assert!(reading.issue("imessage-watermark-beyond-counter").is_some());
    assert!(reading.absences.is_empty(), "{:?}", reading.summary());
}

#[test]
fn a_conversation_read_past_its_newest_message_is_a_weak_mark() {
    let phone = Phone::ios_12();
    let row = phone.receive("one");
    let date = phone.number(&format!("SELECT date FROM message WHERE ROWID={row}"));
    phone.sql(&format!("UPDATE chat SET last_read_message_timestamp={date}"));
    assert!(phone.read().absences.is_empty());
    phone.sql(&format!("UPDATE chat SET last_read_message_timestamp={}", date + SECOND));
    let reading = phone.read();
    assert_eq!(reading.summary(), ["beyond-records read-past-newest-message - 1 - -"]);
    assert_eq!(reading.absences[0].strength, "weak");
}

#[test]
fn recently_deleted_and_its_removals_name_what_is_gone() {
    let phone = Phone::ios_26();
    phone.receive("here");
    phone.sql(&format!(
        "INSERT INTO chat_recoverable_message_join VALUES (1,70,{START},0);
         INSERT INTO unsynced_removed_recoverable_messages (chat_guid, message_guid) VALUES ('{CHAT}','{}');
         INSERT INTO scheduled_messages_pending_cloudkit_delete (guid, recordID) VALUES ('{}','{}');",
        guid(71),
        guid(72),
        record(72)
    ));
    let sql = "INSERT INTO recoverable_message_part VALUES (1,73,0,?1,?2,0)";
    phone.db.execute(sql, rusqlite::params![START, body("what it said")]).expect("a part");
    let reading = phone.read();
    assert_eq!(
        reading.summary(),
        [
            format!("tombstoned purged-from-recently-deleted {} - - 1", guid(71)),
            "tombstoned recently-deleted-gone 70 - - 1".to_owned(),
            "tombstoned recently-deleted-gone 73 - - 1".to_owned(),
            format!("tombstoned scheduled-copy-in-icloud {} - - 1", guid(72)),
        ]
        .map(|l| l.to_owned())
    );
    let part = reading.absences.iter().find(|a| a.id.as_deref() == Some("73")).expect("the part");
    assert_eq!(part.text, "what it said");
}

#[test]
fn a_deleted_conversation_is_an_absence_without_a_count() {
    let phone = Phone::ios_12();
    phone.sql(&format!("INSERT INTO sync_deleted_chats (guid, recordID, timestamp) VALUES ('SMS;-;22000','',{START})"));
    let reading = phone.read();
    assert_eq!(reading.summary(), ["tombstoned chat-deleted - - - -"]);
    assert_eq!(reading.absences[0].thread.as_deref(), Some("SMS;-;22000"));
}

#[test]
fn tasks_and_the_last_failure_name_missing_messages() {
    let phone = Phone::ios_26();
    let present = guid(phone.receive("here"));
    phone.sql(&format!(
        "INSERT INTO message_processing_task (guid, task_flags) VALUES ('{}',1), ('{present}',1);
         INSERT INTO persistent_tasks (guid, flag_group, flag) VALUES ('{}',1,1), ('{CHAT}',1,1);
         INSERT INTO kvtable (key, value) VALUES ('lastFailedMessageRowID', 60), ('other', 'x');",
        guid(60),
        guid(61)
    ));
    let reading = phone.read();
    assert_eq!(
        reading.summary(),
        [
            "dangling last-failed-missing 60 - - 1".to_owned(),
            format!("dangling task-names-missing-message {} - - 1", guid(60)),
            format!("dangling task-names-missing-message {} - - 1", guid(61)),
        ]
    );
    let cursors = reading.shard.cursors(reading.shard.stores()[0].id).expect("cursors");
    assert_eq!(cursors.len(), 2);
}

#[test]
fn an_empty_store_whose_counter_is_not_empty_lost_everything() {
    let phone = Phone::ios_12();
    for n in 0..3 {
        let row = phone.receive(&format!("m{n}"));
        phone.delete(row);
    }
    phone.sql("DELETE FROM deleted_messages; DELETE FROM sync_deleted_messages;");
    assert_eq!(phone.read().summary(), ["beyond-records rowids-missing-deleted - - - 3"]);
}
