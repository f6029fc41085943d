//! Marks whose message is gone.

use crate::stores::bugle;

const MESSAGE: &str = "INSERT INTO messages (_id,conversation_id,sender_id,message_protocol,message_status,rcs_message_id_with_text_type) VALUES
    (1,1,3,3,100,'Mx1');";

fn with(statements: &str) -> crate::harness::Found {
    let found = bugle(&format!("{MESSAGE}{statements}"));
    found.nothing_is_lost();
    found
}

#[test]
fn the_history_of_a_deleted_message_is_one_absence_that_tells_its_fate() {
    let found = with(
        "INSERT INTO message_status (message_id,timestamp,status) VALUES ('7',1700000000000,5),('7',1700000001000,1),('7',1700000002000,2),
           ('7',1700000090000,11),('1',1700000000000,100);
         INSERT INTO read_reports (message_id,participant_id,receive_time,read_time) VALUES (7,3,1700000002000,1700000090000);",
    );
    assert_eq!(found.absences.len(), 1, "{:#?}", found.absences);
    let gone = &found.absences[0];
    assert_eq!(
        (&*gone.kind, gone.id.as_deref(), &*gone.strength, gone.at_most),
        ("dangling", Some("7"), "strong", Some(1))
    );
    assert_eq!(
        gone.rules,
        serde_json::json!([
            "google-messages.android.history-without-message",
            "google-messages.android.report-without-message"
        ])
    );
    assert!(gone.markers.iter().any(|m| m.value == "displayed by the recipient 2023-11-14T22:14:50.000Z"));
}

#[test]
fn deletions_that_the_cloud_is_to_learn_of_are_tombstones() {
    let found = with(
        "CREATE TABLE cms_deleted_messages_buffer (_id INTEGER PRIMARY KEY, message_id INTEGER, conversation_id INTEGER, message_deletion_reason INT,
           deletion_timestamp INTEGER);
         CREATE TABLE generic_worker_queue (_id INTEGER PRIMARY KEY, item_table_type INTEGER, item_id INTEGER, trigger_name TEXT);
         INSERT INTO cms_deleted_messages_buffer VALUES (1,5,1,2,1700000000000),(2,1,1,2,1700000000000);
         INSERT INTO generic_worker_queue VALUES (1,1,5,'on_messages_delete'),(2,1,1,'on_messages_insert'),(3,2,9,'on_conversations_delete'),
           (4,1,6,'on_messages_insert');",
    );
    let buffered = found.absent("google-messages.android.deletion-buffered");
    assert_eq!(
        (buffered.len(), &*buffered[0].kind, buffered[0].id.as_deref(), buffered[0].thread.as_deref()),
        (1, "tombstoned", Some("5"), Some("1"))
    );
    let queued = found.absent("google-messages.android.deletion-queued");
    assert_eq!(
        queued.iter().map(|a| (a.id.as_deref(), &*a.kind)).collect::<Vec<_>>(),
        [(Some("5"), "tombstoned"), (Some("6"), "dangling")]
    );
    assert_eq!(found.tally("generic_worker_queue").passed_over, 1);
}

#[test]
fn what_came_in_and_was_not_processed_is_undelivered() {
    let found = with(
        "CREATE TABLE pending_incoming_message_rcs_table (rcs_message_id TEXT PRIMARY KEY, remote_user_id TEXT, raw_text TEXT, sent_timestamp INTEGER,
           received_timestamp INTEGER, conversation_id TEXT);
         CREATE TABLE cms_notifications (cms_id TEXT PRIMARY KEY, cms_last_mod_seq INTEGER, message_received_timestamp INTEGER);
         INSERT INTO pending_incoming_message_rcs_table VALUES ('Mx9','+15550001','are you there',1,2,NULL),('Mx1','+15550001','processed',1,2,NULL);
         INSERT INTO cms_notifications VALUES ('cloud-1',4,1700000000000);",
    );
    let waiting = found.absent("google-messages.android.received-unprocessed");
    assert_eq!((waiting.len(), &*waiting[0].kind, waiting[0].text.as_str()), (1, "undelivered", Some("are you there")));
    let notice = found.absent("google-messages.android.cloud-notice");
    assert_eq!((notice.len(), &*notice[0].strength, notice[0].id.as_deref()), (1, "weak", Some("cloud-1")));
}

#[test]
fn tables_of_rcs_ids_and_the_ledger_name_what_is_gone() {
    let found = with(
        "CREATE TABLE received_message_phone_numbers (rcs_message_id TEXT PRIMARY KEY, self_msisdn TEXT);
         CREATE TABLE mls_messages (rcs_message_id TEXT PRIMARY KEY NOT NULL);
         CREATE TABLE scytale_ab_received_message_state (message_id TEXT PRIMARY KEY, message_state INTEGER);
         CREATE TABLE scytale_ab_sent_message_digests (message_id TEXT, device_id TEXT);
         INSERT INTO received_message_phone_numbers VALUES ('Mx1','+1'),('Mx8','+1');
         INSERT INTO mls_messages VALUES ('Mx8');
         INSERT INTO scytale_ab_received_message_state VALUES ('a',1),('b',1),('c',1),('d',1);
         INSERT INTO scytale_ab_sent_message_digests VALUES ('Mx7','x');
         INSERT INTO messages (_id,conversation_id,sender_id,message_protocol,message_status,rcs_message_id_with_text_type) VALUES (2,1,2,3,2,'Mx2');
         INSERT INTO read_reports (message_id,participant_id,receive_time) VALUES (2,3,1700000002000);",
    );
    let ids = found.absent("google-messages.android.rcs-id-without-message");
    assert_eq!(
        ids.iter().map(|a| (a.id.as_deref(), &*a.strength)).collect::<Vec<_>>(),
        [(Some("Mx8"), "weak"), (Some("Mx7"), "weak")]
    );
    let ledger = found.absent("google-messages.android.ledger-surplus");
    assert_eq!((ledger.len(), ledger[0].at_most), (1, Some(2)));
}

#[test]
fn a_conversation_keeps_the_text_of_its_newest_message() {
    let found = with(
        "CREATE TABLE trashed_conversations (_id INTEGER PRIMARY KEY, conversation_id INTEGER, last_message_id INTEGER, message_count INTEGER);
         CREATE TABLE conversation_to_participants_audit_log (_id INTEGER PRIMARY KEY, operation_datetime INT, operation_type INTEGER,
           conversation_id INT, participant_id INT);
         UPDATE conversations SET latest_message_id = 9, snippet_text = 'see you', delete_timestamp = 1700000000000;
         INSERT INTO trashed_conversations VALUES (1,1,9,3);
         INSERT INTO conversation_to_participants_audit_log VALUES (1,1700000000000,1,1,3),(2,1700000000000,1,4,3),(3,1700000005000,3,4,3);",
    );
    let latest = found.absent("google-messages.android.latest-without-message");
    assert_eq!(
        (latest.len(), latest[0].text.as_str(), latest[0].id.as_deref(), &*latest[0].kind),
        (1, Some("see you"), Some("9"), "tombstoned")
    );
    let deleted = found.absent("google-messages.android.conversation-deleted");
    assert_eq!((deleted.len(), deleted[0].thread.as_deref()), (1, Some("4")));
    assert_eq!(found.issues.iter().filter(|i| i.code == "google-messages-deleted-conversation").count(), 1);
    assert!(found.noted("messages", 1, "conversation-in-trash"));
}

#[test]
fn replies_and_side_rows_name_what_is_gone() {
    let found = with(
        "CREATE TABLE message_replies (message_id INTEGER NOT NULL, replied_to_message_id INTEGER, replied_to_rcs_message_id TEXT);
         INSERT INTO message_replies VALUES (1,NULL,'Mx6'),(1,1,'Mx1');
         INSERT INTO parts (_id,message_id,text,content_type) VALUES (1,8,'left over','text/plain'),(2,1,'here','text/plain');",
    );
    let reply = found.absent("google-messages.android.reply-without-message");
    assert_eq!((reply.len(), reply[0].id.as_deref()), (1, Some("Mx6")));
    let side = found.absent("google-messages.android.side-row-without-message");
    assert_eq!((side.len(), side[0].id.as_deref(), side[0].text.as_str()), (1, Some("8"), Some("left over")));
}

#[test]
fn row_numbers_that_skip_are_ranges_and_a_tail() {
    let found = with(
        "INSERT INTO messages (_id,conversation_id,sender_id,message_protocol,message_status) VALUES (4,1,3,0,100);
         UPDATE sqlite_sequence SET seq = 9 WHERE name = 'messages';
         UPDATE sqlite_sequence SET seq = 3 WHERE name = 'conversations';",
    );
    let gap = found.absent("google-messages.android.rows-skip");
    assert_eq!((gap.len(), gap[0].after, gap[0].before, gap[0].at_most), (1, Some(1), Some(4), Some(2)));
    let tail = found.absent("google-messages.android.counter-beyond-records");
    assert_eq!((tail[0].after, tail[0].at_most, &*tail[0].strength), (Some(4), Some(5), "weak"));
    assert_eq!(found.absent("google-messages.android.side-rows-missing").len(), 1);
}
