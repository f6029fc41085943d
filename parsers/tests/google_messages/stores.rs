//! Stores made by hand: every state of a message, every table beside it.

use parsers::google_messages::GoogleMessages;

use crate::harness::{Found, database, read};

pub(crate) const STORE: &str = "/data/data/com.google.android.apps.messaging/databases/bugle_db";

/// Version 61791, the columns that are read.
pub(crate) const BUGLE: &str = "
CREATE TABLE conversations (_id INTEGER PRIMARY KEY AUTOINCREMENT, sms_thread_id INT DEFAULT(0), name TEXT, latest_message_id INT, snippet_text TEXT,
  archive_status INT DEFAULT(0), sort_timestamp INT DEFAULT(0), last_read_timestamp INT DEFAULT(0), participant_normalized_destination TEXT,
  participant_count INT DEFAULT(0), conv_type INT DEFAULT(0), delete_timestamp INT DEFAULT(0), cms_id TEXT,
  cms_most_recent_read_message_timestamp_ms INT DEFAULT(0), rcs_group_last_sync_timestamp INTEGER DEFAULT(-1));
CREATE TABLE messages (_id INTEGER PRIMARY KEY AUTOINCREMENT, conversation_id INT, sender_id INT, sent_timestamp INT DEFAULT(0), received_timestamp INT
  DEFAULT(0), message_protocol INT DEFAULT(0), message_status INT DEFAULT(0), seen INT DEFAULT(0), sms_message_uri TEXT, mms_subject TEXT, raw_status
  INT DEFAULT(0), self_id INT, cloud_sync_id TEXT, rcs_message_id STRING, rcs_message_id_with_text_type TEXT, etouffee_status INT DEFAULT(0), is_hidden
  INT DEFAULT(0), sms_error_code INT DEFAULT(-1), cms_id TEXT, cms_last_mod_seq INTEGER, web_id TEXT DEFAULT(''), original_rcs_message_id TEXT,
  cms_correlation_id TEXT, awaiting_reverse_sync INT DEFAULT(0), result_code INT DEFAULT(-2), cms_life_cycle INT DEFAULT(0), message_persistence_id TEXT);
CREATE TABLE parts (_id INTEGER PRIMARY KEY AUTOINCREMENT, message_id INT, text TEXT, uri TEXT, content_type TEXT, file_name TEXT, file_size_bytes INT,
  blob_id TEXT, missing_entry_in_telephony INT, conversation_id INT);
CREATE TABLE participants (_id INTEGER PRIMARY KEY AUTOINCREMENT, sub_id INT DEFAULT(-2), normalized_destination TEXT, send_destination TEXT, full_name TEXT);
CREATE TABLE conversation_participants (_id INTEGER PRIMARY KEY AUTOINCREMENT, conversation_id INT, participant_id INT);
CREATE TABLE message_status (_id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT, timestamp INT DEFAULT(0), status INT DEFAULT(0), custom_status INT, data TEXT);
CREATE TABLE read_reports (_id INTEGER PRIMARY KEY AUTOINCREMENT, message_id INT NOT NULL, participant_id INT NOT NULL, receive_time INT DEFAULT(0),
  read_time INT DEFAULT(0), ftd_time INTEGER DEFAULT(-1));
CREATE TABLE cms_incremental_events (_id INTEGER PRIMARY KEY AUTOINCREMENT, table_type INTEGER NOT NULL, operation INTEGER NOT NULL, bugle_id TEXT NOT NULL);
CREATE TABLE cms_dead_letter_queue (_id INTEGER PRIMARY KEY AUTOINCREMENT, cms_id TEXT, bugle_table_type INTEGER DEFAULT(-1), bugle_id INTEGER DEFAULT('-1'));
INSERT INTO participants (_id,sub_id,normalized_destination,full_name) VALUES (1,-1,NULL,NULL),(2,1,'+15550000',NULL),(3,-2,'+15550001','Ann');
INSERT INTO conversations (_id,participant_count) VALUES (1,1);
INSERT INTO conversation_participants (conversation_id,participant_id) VALUES (1,3);
";

pub(crate) fn bugle(statements: &str) -> Found {
    read(&GoogleMessages, &[(STORE, database(&format!("{BUGLE}{statements}")))])
}

/// A row of `messages`: number, protocol, state; outgoing ones are from the second participant.
fn row(id: i64, protocol: i64, status: i64, more: &str) -> String {
    let sender = if status < 100 { 2 } else { 3 };
    let at = 1_700_000_000_000 + id * 1000;
    let (columns, values) =
        more.split_once('=').map_or((String::new(), String::new()), |(c, v)| (format!(",{c}"), format!(",{v}")));
    format!(
        "INSERT INTO messages (_id,conversation_id,sender_id,self_id,sent_timestamp,received_timestamp,message_protocol,message_status{columns})
         VALUES ({id},1,{sender},2,{at},{at},{protocol},{status}{values});"
    )
}

const ID: &str = "rcs_message_id_with_text_type";

#[test]
fn states_of_rcs_messages_have_their_verdicts() {
    let mut made = String::new();
    for (id, status) in [
        (1, 1),
        (2, 2),
        (3, 11),
        (4, 100),
        (5, 108),
        (6, 4),
        (7, 8),
        (8, 3),
        (9, 213),
        (10, 101),
        (11, 113),
        (12, 300),
        (13, 77),
    ] {
        made += &row(id, 3, status, &format!("{ID}='Mx{id}'"));
    }
    made += "INSERT INTO read_reports (message_id,participant_id,receive_time,read_time) VALUES (3,3,1700000003500,1700000003900);";
    let found = bugle(&made);
    found.nothing_is_lost();
    let said: Vec<_> = (1..=13).map(|id| found.verdict("messages", id)).collect();
    let accepted = ("confirmed", Some("accepted"));
    assert_eq!(
        said,
        [
            accepted,
            ("confirmed", Some("delivered")),
            ("confirmed", Some("read")),
            accepted,
            accepted,
            ("pending", None),
            ("failed", None),
            ("local-only", None),
            ("local-only", None),
            ("implied-by-arrival", None),
            ("implied-by-arrival", None),
            ("unknown", None),
            ("unknown", None),
        ]
    );
    assert!(found.noted("messages", 10, "download-waits") && found.noted("messages", 11, "download-failed"));
    let read = found.message("messages", 3);
    assert_eq!((&read.receipts[1]["kind"], &read.receipts[1]["recipient"]), (&"read".into(), &"+15550001".into()));
    assert_eq!((&*read.direction, read.sender.as_deref(), &*read.account), ("out", Some("+15550000"), "+15550000"));
    assert_eq!(found.message("messages", 9).direction, "system");
}

#[test]
fn states_of_carrier_messages_have_their_verdicts() {
    let made = row(1, 0, 1, "")
        + &row(2, 0, 2, "")
        + &row(3, 1, 100, "")
        + &row(4, 2, 105, "")
        + &row(5, 0, 5, "")
        + &row(6, 1, 18, "");
    let found = bugle(&made);
    let said: Vec<_> = (1..=6).map(|id| found.verdict("messages", id).0).collect();
    assert_eq!(said, ["unknown", "confirmed", "unknown", "implied-by-arrival", "pending", "failed"]);
    assert!(found.noted("messages", 1, "inferred-confirmed"));
    assert!(found.noted("messages", 3, "inferred-implied-by-arrival"));
}

#[test]
fn the_history_of_states_confirms_by_itself() {
    let made = row(1, 3, 6, &format!("{ID}='Mx1'"))
        + &row(2, 3, 11, &format!("{ID}='Mx2'"))
        + &row(3, 3, 15, &format!("{ID}='Mx3'"))
        + "INSERT INTO message_status (message_id,timestamp,status,data) VALUES ('1',1000,4,NULL),('1',1500,5,NULL),('1',2000,1,NULL),('1',2400,2,NULL),
             ('Mx2',1000,5,NULL),('Mx2',1400,0,'SUCCEEDED, error: -1'),('Mx2',1600,1,NULL),('Mx2',9000,11,NULL),('3',1000,1,NULL);";
    let found = bugle(&made);
    // A report beside a state that waits: the two deny each other.
    assert_eq!(found.verdict("messages", 1).0, "contradictory");
    assert_eq!(found.verdict("messages", 2), ("confirmed", Some("read")));
    assert!(found.noted("messages", 3, "revocation-pending"));
    let entries: Vec<_> =
        found.message("messages", 2).markers.iter().filter(|m| m.name == "message_status.status").collect();
    assert_eq!(entries.len(), 4);
    assert_eq!(entries[1].value, "SUCCEEDED, error: -1 1970-01-01T00:00:01.400Z");
    assert_eq!(entries[3].origin.table.as_deref(), Some("message_status"));
    assert!(found.absences.is_empty(), "{:#?}", found.absences);
}

#[test]
fn signs_of_what_the_app_would_not_write_are_contradictory() {
    let made = row(1, 3, 11, &format!("{ID}='Mx1'"))
        + &row(2, 3, 1, &format!("{ID}='Mx2'"))
        + &row(3, 3, 1, "")
        + &row(4, 3, 100, "")
        + &row(5, 3, 1, &format!("{ID},seen='Mx5',0"))
        + &row(6, 3, 1, &format!("{ID},seen='Mx5',1"))
        + &row(7, 0, 2, "sms_message_uri='content://sms/7'")
        + &row(8, 0, 2, "sms_message_uri='content://sms/7'")
        + &row(9, 0, 2, "")
        + "UPDATE messages SET sender_id = 3 WHERE _id = 9;
           INSERT INTO message_status (message_id,timestamp,status) VALUES ('2',90000,4),('2',5000,1);";
    let found = bugle(&made);
    let said: Vec<_> = (1..=9).map(|id| found.verdict("messages", id).0).collect();
    let contradictory = "contradictory";
    assert_eq!(
        said,
        [
            contradictory,
            contradictory,
            contradictory,
            "unmarked",
            contradictory,
            contradictory,
            contradictory,
            contradictory,
            contradictory
        ]
    );
    let sender = found.message("messages", 9).markers.iter().find(|m| m.name == "participants.sub_id").unwrap();
    assert_eq!(
        (sender.origin.table.as_deref(), sender.origin.rowid, sender.origin.column.as_deref()),
        (Some("participants"), Some(3), Some("sub_id"))
    );
}

#[test]
fn copies_in_the_cloud_store_confirm_and_queues_are_notes() {
    let made = row(1, 0, 100, "cms_id,cms_last_mod_seq='c1',5")
        + &row(2, 0, 8, "cms_id='c2'")
        + &row(3, 0, 100, "cms_correlation_id='k3'")
        + &row(4, 0, 100, "")
        + &row(5, 0, 100, "")
        + &row(6, 0, 100, "cms_id='c6'")
        + &row(7, 0, 100, "cms_id='c6'")
        + "INSERT INTO cms_incremental_events (table_type,operation,bugle_id) VALUES (1,1,'4'),(2,1,'5');
           INSERT INTO cms_dead_letter_queue (bugle_table_type,bugle_id) VALUES (1,5);";
    let found = bugle(&made);
    assert_eq!(found.verdict("messages", 1), ("confirmed", Some("accepted")));
    assert_eq!(found.message("messages", 1).server_id.as_deref(), Some("c1"));
    assert_eq!(found.verdict("messages", 2).0, "confirmed");
    assert!(found.noted("messages", 2, "not-sent"));
    assert!(found.noted("messages", 3, "cloud-upload-pending") && found.noted("messages", 4, "cloud-upload-pending"));
    assert!(found.noted("messages", 5, "cloud-upload-given-up") && !found.noted("messages", 5, "cloud-upload-pending"));
    assert_eq!((found.verdict("messages", 6).0, found.verdict("messages", 7).0), ("contradictory", "contradictory"));
}

#[test]
fn a_message_is_put_together_from_the_tables_beside_it() {
    let made = row(1, 3, 100, &format!("{ID}='Mx1'"))
        + &row(2, 3, 2, &format!("{ID},web_id,etouffee_status='Mx2','tmp_123456789012',2"))
        + &row(3, 3, 100, &format!("{ID},is_hidden='Mx3',1"))
        + &row(4, 3, 1, &format!("{ID}='Mx4'"))
        + &row(5, 0, 16, "")
        + "CREATE TABLE message_replies (message_id INTEGER NOT NULL, replied_to_message_id INTEGER, replied_to_rcs_message_id TEXT);
           CREATE TABLE message_edits (message_id INTEGER NOT NULL, latest_message_id INTEGER, edited_at_timestamp_ms INTEGER);
           CREATE TABLE message_reactions (_id INTEGER PRIMARY KEY, message_id INTEGER NOT NULL, reacted_message_id INTEGER, reaction INTEGER);
           CREATE TABLE scheduled_send (_id INTEGER PRIMARY KEY, message_id INTEGER, scheduled_time INTEGER);
           CREATE TABLE link_preview (_id INTEGER PRIMARY KEY, message_id INTEGER, trigger_url TEXT, link_title TEXT);
           CREATE TABLE drafts (conversation_id INTEGER PRIMARY KEY NOT NULL, text TEXT, subject TEXT, replied_to_message_id TEXT);
           INSERT INTO parts (message_id,text,content_type) VALUES (1,'hello','text/plain'),(4,'first words','text/plain'),(2,'newest words','text/plain');
           INSERT INTO parts (message_id,content_type,uri,file_name,file_size_bytes,blob_id,missing_entry_in_telephony) VALUES
             (1,'image/jpeg','content://mms/part/1','a.jpg',12,'blob',1);
           INSERT INTO message_replies VALUES (2,1,NULL);
           INSERT INTO message_edits VALUES (4,2,1700000009000);
           INSERT INTO message_reactions VALUES (1,3,2,7);
           INSERT INTO scheduled_send VALUES (1,5,1800000000000);
           INSERT INTO link_preview VALUES (1,1,'http://x','X');
           INSERT INTO drafts VALUES (1,'not yet',NULL,'1');
           UPDATE conversations SET latest_message_id = 5, name = 'Ann', last_read_timestamp = 5;";
    let found = bugle(&made);
    found.nothing_is_lost();
    let first = found.message("messages", 1);
    assert_eq!(
        (first.text.as_str(), &*first.kind, first.attachments.as_array().map(Vec::len)),
        (Some("hello"), "image", Some(2))
    );
    assert!(found.noted("messages", 1, "part-missing-in-telephony"));
    let second = found.message("messages", 2);
    assert_eq!((second.reply_to.as_deref(), &second.edits[0]["text"]), (Some("1"), &"first words".into()));
    assert_eq!((&second.reactions[0]["sender"], &second.reactions[0]["text"]), (&"+15550001".into(), &7.into()));
    for note in ["edited", "composed-on-web", "end-to-end-encrypted"] {
        assert!(found.noted("messages", 2, note), "{note}");
    }
    assert_eq!((&*found.message("messages", 3).state, &*found.message("messages", 4).state), ("hidden", "hidden"));
    assert!(found.noted("messages", 5, "scheduled"));
    assert_eq!(found.verdict("messages", 5).0, "pending");
    let draft = found.messages.iter().find(|m| m.text == "not yet").unwrap();
    assert_eq!((&*draft.verdict, &*draft.id), ("local-only", "draft of conversation 1"));
    assert_eq!(
        (found.threads[0].name.as_deref(), &found.threads[0].participants),
        (Some("Ann"), &serde_json::json!(["+15550001"]))
    );
    assert!(found.absences.is_empty(), "{:#?}", found.absences);
}

#[test]
fn the_open_source_ancestor_is_read() {
    let old = database(
        "CREATE TABLE conversations (_id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, latest_message_id INT, snippet_text TEXT, participant_count INT);
         CREATE TABLE messages (_id INTEGER PRIMARY KEY AUTOINCREMENT, conversation_id INT, sender_id INT, sent_timestamp INT, received_timestamp INT,
           message_protocol INT, message_status INT, sms_message_uri TEXT, self_id INT, raw_status INT);
         CREATE TABLE parts (_id INTEGER PRIMARY KEY AUTOINCREMENT, message_id INT, text TEXT, uri TEXT, content_type TEXT);
         CREATE TABLE participants (_id INTEGER PRIMARY KEY AUTOINCREMENT, sub_id INT DEFAULT(-2), normalized_destination TEXT);
         INSERT INTO conversations VALUES (1,'x',1,'hi',1);
         INSERT INTO participants VALUES (1,-1,NULL),(2,-2,'+15550001');
         INSERT INTO messages VALUES (1,1,1,1,1,0,2,NULL,1,0),(2,1,2,1,1,0,106,NULL,1,0),(3,1,1,1,1,3,11,NULL,1,0),(4,1,2,1,1,0,0,NULL,1,0);",
    );
    let found = read(&GoogleMessages, &[("/data/data/com.android.messaging/databases/bugle_db", old)]);
    found.nothing_is_lost();
    assert_eq!(found.verdict("messages", 1), ("confirmed", Some("delivered")));
    assert_eq!(found.verdict("messages", 2).0, "implied-by-arrival");
    // The tables that would contradict it are not there.
    assert_eq!(found.verdict("messages", 3), ("confirmed", Some("read")));
    assert_eq!((found.verdict("messages", 4).0, &*found.message("messages", 4).direction), ("unknown", "in"));
    assert!(found.noted("messages", 4, "direction-by-sender"));
    assert_eq!(found.stores[0].generation.as_deref(), Some("before 10000"));
}
