//! Stores made by hand: every state of a message, every mark without one.

use parsers::hangouts::Hangouts;

use crate::harness::{Found, database, read};

const STORE: &str = "/data/data/com.google.android.talk/databases/babel1.db";
const ACCOUNTS: &str = "/data/data/com.google.android.talk/shared_prefs/accounts.xml";
const TELEPHONY: &str = "/data/user_de/0/com.android.providers.telephony/databases/mmssms.db";

/// Version 1370, the columns that are read.
const BABEL: &str = "
CREATE TABLE messages (_id INTEGER PRIMARY KEY, message_id TEXT, message_type INT, conversation_id TEXT, author_chat_id TEXT, author_gaia_id TEXT,
  text TEXT, timestamp INT, status INT, type INT, local_url TEXT, remote_url TEXT, attachment_content_type TEXT, image_id TEXT, latitude DOUBLE,
  longitude DOUBLE, expiration_timestamp INT, off_the_record INT DEFAULT(0), transport_type INT NOT NULL DEFAULT(1), external_ids TEXT,
  new_conversation_name TEXT, participant_keys TEXT, sending_error INT DEFAULT(0), voicemail_length INT DEFAULT (0), receive_type INT DEFAULT(0),
  local_id TEXT, request_task_row_id INT DEFAULT(-1), UNIQUE (conversation_id,message_id) ON CONFLICT REPLACE);
CREATE TABLE conversations (_id INTEGER PRIMARY KEY, conversation_id TEXT, conversation_type INT, latest_message_timestamp INT DEFAULT(0), name TEXT,
  generated_name TEXT, snippet_text TEXT, snippet_message_row_id INT, self_watermark INT DEFAULT(0), continuation_token BLOB,
  continuation_event_timestamp INT, has_oldest_message INT DEFAULT(0), transport_type INT DEFAULT(1), is_temporary INT DEFAULT (0));
CREATE TABLE participants (_id INTEGER PRIMARY KEY, gaia_id TEXT, chat_id TEXT, full_name TEXT, blocked INT DEFAULT(0));
CREATE TABLE conversation_participants (_id INTEGER PRIMARY KEY, participant_row_id INT, conversation_id TEXT);
CREATE TABLE multipart_attachments (_id INTEGER PRIMARY KEY, message_id TEXT, conversation_id TEXT, url TEXT, content_type TEXT);
CREATE TABLE event_suggestions (_id INTEGER PRIMARY KEY, conversation_id TEXT, event_id TEXT, matched_message_substring TEXT);
INSERT INTO participants VALUES (1,'100','100','Me',0),(2,'200','200','Ann',0);
INSERT INTO conversation_participants VALUES (1,1,'c'),(2,2,'c');
";

fn babel(statements: &str) -> Vec<u8> {
    database(&format!("{BABEL}{statements}"))
}

fn with(statements: &str) -> Found {
    read(&Hangouts, &[(STORE, babel(statements))])
}

#[test]
fn every_state_of_a_message_has_its_verdict() {
    let found = with(
        "INSERT INTO conversations (conversation_id,latest_message_timestamp,has_oldest_message,snippet_message_row_id) VALUES ('c',9000000,1,9);
         INSERT INTO messages (_id,message_id,conversation_id,author_gaia_id,timestamp,status,type,sending_error,local_id) VALUES
           (1,'8Va','c','100',1000000,4,1,0,'client_generated:1'), (2,'8Vb','c','200',2000000,4,2,0,'8Vb'),
           (3,'8Vc','c','200',3000000,1,2,0,'8Vc'), (4,'client_generated:4','c','100',4000000,1,1,0,'client_generated:4'),
           (5,'client_generated:5','c','100',5000000,3,1,0,'client_generated:5'), (6,'client_generated:6','c','100',6000000,2,1,7,'client_generated:6'),
           (7,'8Vg','c','100',7000000,3,1,0,'client_generated:7'), (8,NULL,'c','200',8000000,4,2,0,NULL),
           (9,'8Vi','c','100',9000000,2,1,0,'client_generated:9'), (10,'8Vj','c','100',9500000,4,1,0,'client_generated:10'),
           (11,'8Vk','c','100',9000000,4,3,0,'8Vk2');",
    );
    found.nothing_is_lost();
    let said: Vec<_> = (1..=11).map(|row| found.verdict("messages", row).0).collect();
    let expected = [
        "confirmed",
        "confirmed",
        "confirmed",
        "unknown",
        "failed",
        "failed",
        "contradictory",
        "unmarked",
        "unknown",
        "confirmed",
        "confirmed",
    ];
    assert_eq!(said, expected);
    assert!(found.noted("messages", 4, "pending-or-local-only"));
    assert!(found.noted("messages", 10, "beyond-cursor") && !found.noted("messages", 9, "beyond-cursor"));
    assert_eq!(found.message("messages", 11).direction, "system");
    assert!(found.absences.is_empty(), "{:#?}", found.absences);
}

#[test]
fn one_server_id_in_two_conversations_contradicts_both() {
    let found = with(
        "INSERT INTO messages (_id,message_id,conversation_id,timestamp,status,type) VALUES (1,'8Va','c',1,4,2),(2,'8Va','d',1,4,2);",
    );
    assert_eq!((found.verdict("messages", 1).0, found.verdict("messages", 2).0), ("contradictory", "contradictory"));
    assert!(found.noted("messages", 2, "conversation-row-missing"));
}

#[test]
fn a_newest_message_that_is_gone_is_one_absence_with_both_marks() {
    let found = with(
        "INSERT INTO conversations (conversation_id,latest_message_timestamp,has_oldest_message,snippet_message_row_id,snippet_text) VALUES
           ('c',9000000,1,7,'see you'), ('d',8000000,1,2,'kept');
         INSERT INTO messages (_id,message_id,conversation_id,timestamp,status,type) VALUES (1,'8Va','c',1000000,4,2),(2,'8Vb','d',2000000,4,2);",
    );
    let snippet = found.absent("hangouts.android.snippet-without-message");
    assert_eq!(snippet.len(), 1);
    assert_eq!(
        (&*snippet[0].kind, snippet[0].id.as_deref(), snippet[0].text.as_str()),
        ("remnant-only", Some("7"), Some("see you"))
    );
    assert_eq!(snippet[0].markers.len(), 2);
    let latest = found.absent("hangouts.android.latest-without-message");
    assert_eq!((latest.len(), latest[0].thread.as_deref(), &*latest[0].kind), (1, Some("d"), "beyond-records"));
    assert_eq!(found.absences.len(), 2);
}

#[test]
fn older_history_on_the_server_is_undelivered_and_no_deletion() {
    let found = with(
        "INSERT INTO conversations (conversation_id,latest_message_timestamp,has_oldest_message,continuation_token,is_temporary) VALUES
           ('c',2000000,0,x'01',0), ('t',0,0,NULL,1);
         INSERT INTO messages (_id,message_id,conversation_id,timestamp,status,type) VALUES (1,'8Va','c',1000000,4,2),(2,'8Vb','c',2000000,4,2),
           (3,'client_generated:3','t',1500000,1,1);",
    );
    assert_eq!(found.absences.len(), 1, "{:#?}", found.absences);
    let older = &found.absences[0];
    assert_eq!((&*older.kind, older.before, older.markers.len()), ("undelivered", Some(1_000_000), 2));
    assert!(found.noted("messages", 3, "conversation-local-only"));
}

#[test]
fn side_rows_name_messages_that_are_gone() {
    let found = with(
        "INSERT INTO messages (_id,message_id,conversation_id,timestamp,status,type) VALUES (2,'8Va','c',1,4,2),(5,'8Vb','c',2,4,2);
         INSERT INTO multipart_attachments VALUES (1,'8Va','c','http://x/1','image/png'),(2,'8Vgone','c','http://x/2','image/png');
         INSERT INTO event_suggestions VALUES (1,'c','8Va','a'),(2,'c','8Vgone2','where are you');",
    );
    let attachment = found.absent("hangouts.android.attachment-without-message");
    assert_eq!((attachment.len(), attachment[0].id.as_deref()), (1, Some("8Vgone")));
    let suggestion = found.absent("hangouts.android.suggestion-without-message");
    assert_eq!(
        (suggestion.len(), suggestion[0].text.as_str(), &*suggestion[0].strength),
        (1, Some("where are you"), "weak")
    );
    assert_eq!(
        (found.message("messages", 2).kind.as_str(), &found.message("messages", 2).attachments[0]["path"]),
        ("image", &"http://x/1".into())
    );
    let gaps = found.absent("hangouts.android.rows-skip");
    assert_eq!((gaps.len(), gaps[0].after, gaps[0].before), (1, Some(2), Some(5)));
}

#[test]
fn what_expired_before_the_newest_message_is_noted() {
    let found = with(
        "INSERT INTO messages (_id,message_id,conversation_id,timestamp,status,type,off_the_record,expiration_timestamp) VALUES
           (1,'8Va','c',1000000,4,2,1,1500000),(2,'8Vb','c',2000000,4,2,1,9000000),(3,'8Vc','c',3000000,4,2,0,1500000);",
    );
    let noted: Vec<_> = (1..=3).map(|row| found.noted("messages", row, "server-copy-expired")).collect();
    assert_eq!(noted, [true, false, false]);
}

#[test]
fn a_text_message_takes_the_verdict_of_its_telephony_row() {
    let store = babel(
        "INSERT INTO messages (_id,message_id,conversation_id,timestamp,status,type,transport_type,external_ids) VALUES
           (1,'client_generated:1','c',1700000001500000,4,2,3,'content://sms/1'), (2,'client_generated:2','c',1700000002500000,4,1,3,'content://sms/2'),
           (3,'client_generated:3','c',1700000003500000,4,1,3,'content://sms/9'), (4,'client_generated:4','c',1600000000000000,4,2,3,'content://sms/1');",
    );
    let provider = database(
        "CREATE TABLE sms (_id INTEGER PRIMARY KEY,thread_id INTEGER,address TEXT,date INTEGER,date_sent INTEGER DEFAULT 0,status INTEGER DEFAULT -1,
           type INTEGER,body TEXT,service_center TEXT,error_code INTEGER);
         INSERT INTO sms VALUES (1,1,'+1',1700000001500,1700000001000,-1,1,'in','+15',0),(2,1,'+1',1700000002500,0,-1,5,'out',NULL,0);",
    );
    let prefs = b"<?xml version='1.0' encoding='utf-8' standalone='yes' ?><map><string name=\"1.account_name\">me@example.org</string></map>";
    let found = read(&Hangouts, &[(STORE, store.clone()), (TELEPHONY, provider), (ACCOUNTS, prefs.to_vec())]);
    found.nothing_is_lost();
    assert_eq!(found.verdict("messages", 1), ("confirmed", Some("accepted")));
    let mark = found.message("messages", 1).markers.iter().find(|m| m.name == "telephony").unwrap();
    assert_eq!((mark.origin.table.as_deref(), mark.origin.rowid), (Some("sms"), Some(1)));
    assert_eq!(found.verdict("messages", 2).0, "failed");
    assert!(found.noted("messages", 3, "telephony-row-missing") && found.noted("messages", 4, "telephony-row-differs"));
    assert_eq!(found.verdict("messages", 4).0, "unknown");
    assert_eq!(found.accounts, ["me@example.org"]);
    let alone = read(&Hangouts, &[(STORE, store)]);
    assert!(alone.noted("messages", 1, "telephony-store-missing"));
}

#[test]
fn a_store_without_conversations_is_refused_and_counted() {
    let found = read(
        &Hangouts,
        &[(STORE, database("CREATE TABLE messages (_id INTEGER PRIMARY KEY); INSERT INTO messages VALUES (1);"))],
    );
    assert_eq!((found.messages.len(), &*found.stores[0].status), (0, "unknown-schema"));
    assert_eq!(found.tally("messages").passed_over, 1);
}
