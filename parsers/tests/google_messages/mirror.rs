//! The phone's telephony store beside Google Messages' own.

use parsers::google_messages::GoogleMessages;

use crate::harness::{Found, database, read};
use crate::stores::{BUGLE, STORE};

const TELEPHONY: &str = "/data/data/com.android.providers.telephony/databases/mmssms.db";

const PROVIDER: &str = "
CREATE TABLE sms (_id INTEGER PRIMARY KEY,thread_id INTEGER,address TEXT,date INTEGER,date_sent INTEGER DEFAULT 0,status INTEGER DEFAULT -1,type INTEGER,
  body TEXT,service_center TEXT,error_code INTEGER DEFAULT -1,creator TEXT);
CREATE TABLE pdu (_id INTEGER PRIMARY KEY AUTOINCREMENT,thread_id INTEGER,date INTEGER,date_sent INTEGER,msg_box INTEGER,m_id TEXT,m_type INTEGER,
  resp_st INTEGER,creator TEXT);
CREATE TABLE part (_id INTEGER PRIMARY KEY,mid INTEGER,ct TEXT,text TEXT);
";

fn both(bugle: &str, provider: &str) -> Found {
    let found = read(
        &GoogleMessages,
        &[(STORE, database(&format!("{BUGLE}{bugle}"))), (TELEPHONY, database(&format!("{PROVIDER}{provider}")))],
    );
    found.nothing_is_lost();
    found
}

#[test]
fn the_carriers_marks_in_the_telephony_store_confirm_sms_and_mms() {
    let found = both(
        "INSERT INTO messages (_id,conversation_id,sender_id,sent_timestamp,received_timestamp,message_protocol,message_status,sms_message_uri) VALUES
           (1,1,3,1700000001000,1700000001500,0,100,'content://sms/1'), (2,1,2,1700000002000,1700000002000,1,1,'content://mms/1'),
           (3,1,2,1700000003000,1700000003000,0,1,'content://sms/9'), (4,1,2,1600000000000,1600000000000,0,1,'content://sms/2'),
           (5,1,2,1700000005000,1700000005000,0,1,'content://sms/5');",
        "INSERT INTO sms VALUES (1,1,'+15550001',1700000001500,1700000001000,-1,1,'in','+15',-1,NULL),(2,1,'+15550001',1700000007000,0,0,2,'x',NULL,0,NULL),(5,1,'+15550001',1700000005000,0,-1,2,'out',NULL,0,NULL);
         INSERT INTO pdu VALUES (1,1,1700000002,0,2,'mmsc-1',128,128,NULL);",
    );
    assert_eq!(found.verdict("messages", 1), ("confirmed", Some("accepted")));
    assert_eq!(found.verdict("messages", 2), ("confirmed", Some("accepted")));
    let mark = found.message("messages", 2).markers.iter().find(|m| m.name == "telephony").unwrap();
    assert_eq!((mark.origin.table.as_deref(), mark.origin.rowid), (Some("pdu"), Some(1)));
    assert!(found.noted("messages", 3, "telephony-row-missing"));
    assert!(found.noted("messages", 4, "telephony-row-differs"));
    // What the telephony store itself only infers is not taken for more here.
    assert_eq!(found.verdict("messages", 5).0, "unknown");
}

#[test]
fn the_copy_of_an_rcs_message_proves_nothing_and_outlives_it() {
    let found = both(
        "INSERT INTO messages (_id,conversation_id,sender_id,sent_timestamp,received_timestamp,message_protocol,message_status,sms_message_uri,
           rcs_message_id_with_text_type) VALUES (1,1,2,1700000001000,1700000001000,3,4,'content://mms/1','Mx1');",
        "INSERT INTO pdu VALUES (1,1,1700000001,0,2,'made-up',128,128,'com.google.android.apps.messaging'),
           (2,1,1700000002,0,2,NULL,128,NULL,'com.google.android.apps.messaging'), (3,1,1700000003,0,2,NULL,128,NULL,'com.example.other'),
           (4,1,1700000004,0,3,NULL,128,NULL,'com.google.android.apps.messaging');
         INSERT INTO part VALUES (1,2,'text/plain','deleted in the app');",
    );
    assert_eq!(found.verdict("messages", 1).0, "pending");
    let copies = found.absent("google-messages.android.copy-in-telephony");
    assert_eq!(copies.len(), 1, "{copies:#?}");
    assert_eq!(
        (copies[0].id.as_deref(), copies[0].text.as_str(), &*copies[0].kind),
        (Some("content://mms/2"), Some("deleted in the app"), "remnant-only")
    );
    let pdu = found.tally("pdu");
    assert_eq!((pdu.folded, pdu.passed_over), (2, 2));
}

#[test]
fn without_google_messages_the_telephony_store_alone_is_no_installation_of_it() {
    let found = read(&GoogleMessages, &[(TELEPHONY, database(PROVIDER))]);
    assert!(found.stores.is_empty() && found.messages.is_empty());
}
