//! Stores made by hand: every table that holds messages.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use parsers::telephony::Telephony;
use serde_json::json;

use crate::harness::{Found, database, read};

pub(crate) const STORE: &str = "/data/data/com.android.providers.telephony/databases/mmssms.db";
const DEVICE_STORE: &str = "/data/user_de/0/com.android.providers.telephony/databases/mmssms.db";

/// AOSP, version 69 (LineageOS, MmsSmsDatabaseHelper), without triggers.
pub(crate) const AOSP: &str = "
CREATE TABLE sms (_id INTEGER PRIMARY KEY,thread_id INTEGER,address TEXT,person INTEGER,date INTEGER,date_sent INTEGER DEFAULT 0,protocol INTEGER,
  read INTEGER DEFAULT 0,status INTEGER DEFAULT -1,type INTEGER,reply_path_present INTEGER,subject TEXT,body TEXT,service_center TEXT,locked INTEGER
  DEFAULT 0,sub_id INTEGER DEFAULT -1,error_code INTEGER DEFAULT -1,creator TEXT,seen INTEGER DEFAULT 0);
CREATE TABLE raw (_id INTEGER PRIMARY KEY,date INTEGER,reference_number INTEGER,count INTEGER,sequence INTEGER,destination_port INTEGER,address TEXT,
  sub_id INTEGER DEFAULT -1,pdu TEXT,deleted INTEGER DEFAULT 0,message_body TEXT,display_originating_addr TEXT);
CREATE TABLE pdu (_id INTEGER PRIMARY KEY AUTOINCREMENT,thread_id INTEGER,date INTEGER,date_sent INTEGER DEFAULT 0,msg_box INTEGER,read INTEGER
  DEFAULT 0,m_id TEXT,sub TEXT,sub_cs INTEGER,ct_t TEXT,ct_l TEXT,exp INTEGER,m_cls TEXT,m_type INTEGER,v INTEGER,m_size INTEGER,pri INTEGER,rr
  INTEGER,rpt_a INTEGER,resp_st INTEGER,st INTEGER,tr_id TEXT,retr_st INTEGER,retr_txt TEXT,retr_txt_cs INTEGER,read_status INTEGER,ct_cls
  INTEGER,resp_txt TEXT,d_tm INTEGER,d_rpt INTEGER,locked INTEGER DEFAULT 0,sub_id INTEGER DEFAULT -1,seen INTEGER DEFAULT 0,creator TEXT,text_only
  INTEGER DEFAULT 0);
CREATE TABLE part (_id INTEGER PRIMARY KEY AUTOINCREMENT,mid INTEGER,seq INTEGER DEFAULT 0,ct TEXT,name TEXT,chset INTEGER,cd TEXT,fn TEXT,cid TEXT,
  cl TEXT,ctt_s INTEGER,ctt_t TEXT,_data TEXT,text TEXT,sub_id INTEGER DEFAULT -1);
CREATE TABLE addr (_id INTEGER PRIMARY KEY,msg_id INTEGER,contact_id INTEGER,address TEXT,type INTEGER,charset INTEGER,sub_id INTEGER DEFAULT -1);
CREATE TABLE canonical_addresses (_id INTEGER PRIMARY KEY AUTOINCREMENT,address TEXT,sub_id INTEGER DEFAULT -1);
CREATE TABLE threads (_id INTEGER PRIMARY KEY AUTOINCREMENT,date INTEGER DEFAULT 0,message_count INTEGER DEFAULT 0,recipient_ids TEXT,snippet TEXT,
  snippet_cs INTEGER DEFAULT 0,read INTEGER DEFAULT 1,archived INTEGER DEFAULT 0,type INTEGER DEFAULT 0,error INTEGER DEFAULT 0,has_attachment INTEGER
  DEFAULT 0,sub_id INTEGER DEFAULT -1);
CREATE TABLE pending_msgs (_id INTEGER PRIMARY KEY,proto_type INTEGER,msg_id INTEGER,msg_type INTEGER,err_type INTEGER,err_code INTEGER,retry_index
  INTEGER NOT NULL DEFAULT 0,due_time INTEGER,pending_sub_id INTEGER DEFAULT -1,last_try INTEGER);
CREATE TABLE words_content (docid INTEGER PRIMARY KEY, c0_id, c1index_text, c2source_id, c3table_to_use, c4sub_id);
CREATE TABLE sms_changes (_id INTEGER PRIMARY KEY, orig_rowid INTEGER NOT NULL, sub_id INTEGER NOT NULL, type INTEGER NOT NULL, new_read_status INTEGER);
PRAGMA user_version = 69;
INSERT INTO canonical_addresses VALUES (1,'+15550001',-1), (2,'+15550002',-1);
INSERT INTO threads (_id, message_count, recipient_ids) VALUES (1,0,'1'), (2,0,'1 2');
";

pub(crate) fn aosp(statements: &str) -> Found {
    read(&Telephony, &[(STORE, database(&format!("{AOSP}{statements}")))])
}

#[test]
fn every_box_of_sms_has_its_verdict() {
    let found = aosp(
        "INSERT INTO sms (_id,thread_id,address,date,date_sent,status,type,body,service_center,error_code) VALUES
         (1,1,'+15550001',1700000001500,1700000001000,-1,1,'in','+1555',-1), (2,1,'+15550001',1700000002500,0,-1,1,'bare',NULL,-1),
         (3,1,'+15550001',1700000003500,0,0,2,'delivered',NULL,0), (4,1,'+15550001',1700000004500,0,32,2,'pending',NULL,0),
         (5,1,'+15550001',1700000005500,0,64,2,'undelivered',NULL,0), (6,1,'+15550001',1700000006500,0,-1,2,'sent',NULL,0),
         (7,1,'+15550001',1700000007500,0,-1,5,'failed',NULL,1), (8,1,'+15550001',1700000008500,0,-1,4,'outbox',NULL,0),
         (9,1,'+15550001',1700000009500,0,-1,6,'queued',NULL,0), (10,1,'+15550001',1700000010500,0,-1,3,'draft',NULL,0),
         (11,1,'+15550001',1700000011500,0,-1,2,'error',NULL,21), (12,1,'+15550001',1700000012500,0,0,2,'both',NULL,21),
         (13,1,'+15550001',1700000013500,0,0,19,'vendor',NULL,0);",
    );
    found.nothing_is_lost();
    let said: Vec<_> = (1..=13).map(|row| found.verdict("sms", row)).collect();
    let accepted = ("confirmed", Some("accepted"));
    assert_eq!(
        said,
        [
            accepted,
            ("unmarked", None),
            ("confirmed", Some("delivered")),
            accepted,
            accepted,
            ("unknown", None),
            ("failed", None),
            ("pending", None),
            ("pending", None),
            ("local-only", None),
            ("failed", None),
            ("contradictory", None),
            ("unknown", None),
        ]
    );
    assert!(found.noted("sms", 4, "delivery-pending") && found.noted("sms", 5, "delivery-failed"));
    let first = found.message("sms", 1);
    assert_eq!((&*first.id, &*first.thread, first.sender.as_deref()), ("content://sms/1", "1", Some("+15550001")));
}

#[test]
fn an_mms_is_put_together_from_its_rows() {
    let found = aosp(
        "INSERT INTO pdu (_id,thread_id,date,date_sent,msg_box,m_id,sub,sub_cs,m_type,retr_st,tr_id,ct_l) VALUES
           (1,2,1700000010,1700000005,1,'id-1','GrÃ¼ÃŸe',106,132,128,'t1','http://mmsc/1');
         INSERT INTO addr (msg_id,address,type) VALUES (1,'+15550002',137),(1,'+15550000',151);
         INSERT INTO part (mid,ct,text) VALUES (1,'application/smil','<smil/>'),(1,'text/plain','look');
         INSERT INTO part (mid,ct,name,_data) VALUES (1,'image/jpeg','a.jpg','/data/PART_1');
         INSERT INTO pdu (_id,thread_id,date,msg_box,m_id,m_type,resp_st) VALUES (2,2,1700000020,2,'id-2',128,128);
         INSERT INTO pdu (_id,date,msg_box,m_id,m_type,st) VALUES (3,1700000025,1,'id-2',134,129);
         INSERT INTO pdu (_id,date,msg_box,m_id,m_type,read_status) VALUES (4,1700000026,1,'id-2',136,128);
         INSERT INTO addr (msg_id,address,type) VALUES (3,'+15550001',151);",
    );
    found.nothing_is_lost();
    let got = found.message("pdu", 1);
    assert_eq!(
        (&*got.verdict, got.reach.as_deref(), got.sender.as_deref()),
        ("confirmed", Some("accepted"), Some("+15550002"))
    );
    assert_eq!((&*got.kind, got.server_id.as_deref()), ("image", Some("id-1")));
    assert!(got.text.as_str().unwrap().ends_with("look"));
    assert_eq!(got.attachments[0]["name"], "a.jpg");
    assert_eq!(got.received.as_ref().map(ToString::to_string).as_deref(), Some("2023-11-14T22:13:30Z"));
    assert_eq!(found.verdict("pdu", 2), ("confirmed", Some("read")));
    assert_eq!(found.message("pdu", 2).receipts[0]["recipient"], "+15550001");
    assert_eq!(found.messages.len(), 2);
    assert_eq!((found.tally("pdu").emitted, found.tally("pdu").folded), (2, 2));
    assert_eq!(found.tally("part").folded, 3);
    let group = found.threads.iter().find(|t| t.id == "2").unwrap();
    assert_eq!((group.kind.as_deref(), group.name.as_deref()), (Some("group"), Some("+15550001, +15550002")));
}

#[test]
fn every_state_of_an_mms_has_its_verdict() {
    let found = aosp(
        "INSERT INTO pdu (_id,thread_id,date,msg_box,m_id,m_type,resp_st,ct_l,creator) VALUES
           (1,1,1700000001,2,'a',128,NULL,NULL,NULL), (2,1,1700000002,2,NULL,128,NULL,NULL,'com.google.android.apps.messaging'),
           (3,1,1700000003,4,NULL,128,NULL,NULL,NULL), (4,1,1700000004,4,NULL,128,NULL,NULL,NULL),
           (5,1,1700000005,5,NULL,128,224,NULL,NULL), (6,1,1700000006,3,NULL,128,NULL,NULL,NULL),
           (7,1,1700000007,1,NULL,130,NULL,'http://mmsc/7',NULL), (8,1,1700000008,1,NULL,132,NULL,NULL,NULL),
           (9,1,1700000009,2,'b',128,224,NULL,NULL), (10,1,1700000010,1,'c',132,NULL,NULL,NULL),
           (11,1,1700000011,1,'c',132,NULL,NULL,NULL);
         INSERT INTO pending_msgs (proto_type,msg_id,msg_type,err_type) VALUES (1,3,128,1),(1,4,128,10);",
    );
    let said: Vec<_> = (1..=11).map(|row| found.verdict("pdu", row).0).collect();
    assert_eq!(
        said,
        [
            "confirmed",
            "unknown",
            "pending",
            "failed",
            "failed",
            "local-only",
            "implied-by-arrival",
            "unknown",
            "contradictory",
            "contradictory",
            "contradictory"
        ]
    );
    assert!(found.noted("pdu", 2, "rcs-mirror-possible") && found.noted("pdu", 2, "no-server-id"));
    assert!(found.noted("pdu", 7, "not-downloaded"));
}

#[test]
fn a_version_55_store_without_later_columns_is_read() {
    let old = database(
        "CREATE TABLE sms (_id INTEGER PRIMARY KEY,thread_id INTEGER,address TEXT,date INTEGER,status INTEGER DEFAULT -1,type INTEGER,body TEXT);
         INSERT INTO sms VALUES (1,1,'+15550001',1300000000000,-1,1,'hello',  'x');"
            .replace(",  'x'", "")
            .as_str(),
    );
    let found = read(&Telephony, &[(STORE, old)]);
    found.nothing_is_lost();
    // Neither mark could be kept: nothing is said of its absence.
    assert_eq!(found.verdict("sms", 1), ("unknown", None));
    assert!(found.noted("sms", 1, "store-keeps-no-sent-date"));
}

#[test]
fn of_two_copies_the_newer_one_is_the_phones_own() {
    let row =
        |id: i64, at: i64| format!("INSERT INTO sms (_id,thread_id,date,type,body) VALUES ({id},1,{at},2,'b{id}');");
    let old = database(&format!("{AOSP}{}", row(1, 1_700_000_000_000)));
    let new = database(&format!("{AOSP}{}{}", row(1, 1_700_000_000_000), row(2, 1_800_000_000_000)));
    let found = read(&Telephony, &[(STORE, old), (DEVICE_STORE, new)]);
    let of = |path: &str| {
        let store = found.stores.iter().find(|s| s.path == path).unwrap().id;
        found.messages.iter().filter(move |m| m.origin.store == store)
    };
    assert_eq!(of(STORE).filter(|m| m.notes.iter().any(|n| n == "older-copy")).count(), 1);
    assert_eq!(of(DEVICE_STORE).filter(|m| !m.notes.iter().any(|n| n == "older-copy")).count(), 2);
}

#[test]
fn samsungs_own_tables_are_read() {
    let found = read(
        &Telephony,
        &[(
            STORE,
            database(
                "CREATE TABLE sms (_id INTEGER PRIMARY KEY AUTOINCREMENT,thread_id INTEGER,address TEXT,date INTEGER,date_sent INTEGER DEFAULT 0,
                   status INTEGER DEFAULT -1,type INTEGER,body TEXT,service_center TEXT,error_code INTEGER DEFAULT -1,creator TEXT,sim_slot INTEGER,
                   correlation_tag TEXT,object_id TEXT);
                 CREATE TABLE messages (_id INTEGER PRIMARY KEY AUTOINCREMENT, transport_type TEXT, thread_id INTEGER, content TEXT, remote_id INTEGER);
                 CREATE TABLE im (_id INTEGER PRIMARY KEY AUTOINCREMENT,thread_id INTEGER,address TEXT,date INTEGER,date_sent INTEGER,type INTEGER,
                   status INTEGER,body TEXT,imdn_message_id TEXT,delivered_timestamp INTEGER DEFAULT 0,displayed_counter INTEGER DEFAULT 0);
                 CREATE TABLE ft (_id INTEGER PRIMARY KEY AUTOINCREMENT,thread_id INTEGER,address TEXT,date INTEGER,type INTEGER,status INTEGER,
                   file_name TEXT,file_path TEXT,file_size INTEGER,content_type TEXT,imdn_message_id TEXT);
                 INSERT INTO sms VALUES (1,1,'+1',1700000001500,1700000001000,-1,1,'one','+15',-1,'com.samsung.android.messaging',0,'tag',NULL);
                 INSERT INTO sms VALUES (3,1,'+1',1700000003500,0,-1,2,'three',NULL,0,'it.feio.android.omninotes',0,NULL,'obj');
                 UPDATE sqlite_sequence SET seq = 5 WHERE name = 'sms';
                 INSERT INTO im VALUES (1,1,'+1',1700000004000,1700000004000,2,2,'rcs','imdn-1',1700000005000,1);
                 INSERT INTO ft VALUES (1,1,'+1',1700000006000,1,2,'p.jpg','/data/p.jpg',12,'image/jpeg','imdn-2');
                 INSERT INTO messages (transport_type,thread_id,content,remote_id) VALUES ('sms',1,'one',1),('sms',1,'two is gone',2),('sms',1,'three',3),
                   ('im',1,'rcs',1);",
            ),
        )],
    );
    found.nothing_is_lost();
    assert!(found.noted("sms", 3, "carrier-store-copy"));
    assert!(found.message("sms", 3).markers.iter().any(|m| m.name == "creator"));
    assert_eq!(found.verdict("im", 1), ("unknown", None));
    assert!(found.noted("im", 1, "inferred-confirmed") && found.noted("im", 1, "direction-inferred"));
    assert_eq!(found.message("ft", 1).attachments[0]["path"], "/data/p.jpg");
    let shadow = found.absent("telephony.android.shadow-without-message");
    assert_eq!((shadow.len(), shadow[0].text.as_str()), (1, Some("two is gone")));
    assert_eq!(found.absent("telephony.android.sms-rows-skip").len(), 1);
    let tail = found.absent("telephony.android.sms-counter-beyond-records");
    assert_eq!((tail[0].after, tail[0].at_most), (Some(3), Some(2)));
    assert_eq!(found.stores[0].generation.as_deref(), Some("Samsung"));
}

fn zlib(json: &serde_json::Value) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(json.to_string().as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn the_providers_own_backup_is_read() {
    let folder = "/data/user_de/0/com.android.providers.telephony/files";
    let sms = json!([
        {"self_phone": "+1", "address": "+15550001", "body": "hi", "date": "1700000001500", "date_sent": "1700000001000",
         "status": "-1", "type": "1", "recipients": ["+15550001"]},
        {"address": "+15550001", "body": "queued", "date": "1700000002500", "date_sent": "0", "status": "-1", "type": "6",
         "recipients": ["+15550001"], "archived": true},
        {"address": "\u{2bc}UNKNOWN_SENDER!\u{2bc}", "body": "who", "date": "1700000003500", "type": "1"},
        17
    ]);
    let mms = json!([{"sub": "s", "date": "1700000005", "date_sent": "1700000004", "m_type": "132", "v": "18", "msg_box": "1",
        "ct_l": "http://mmsc/1", "tr_id": "t", "recipients": ["+15550001", "+15550002"], "mms_body": "body",
        "mms_addresses": [{"type": 137, "address": "+15550002", "charset": 106}],
        "attachments": [{"mime_type": "image/png", "filename": "x.png"}]}]);
    let found = read(
        &Telephony,
        &[
            (&format!("{folder}/000000_sms_backup"), zlib(&sms)),
            (&format!("{folder}/000001_mms_backup"), zlib(&mms)),
            (&format!("{folder}/000002_sms_backup"), b"not compressed".to_vec()),
        ],
    );
    assert_eq!(found.messages.len(), 4);
    let of = |text: &str| found.messages.iter().find(|m| m.text == text).unwrap();
    assert_eq!((&*of("hi").verdict, of("hi").sender.as_deref()), ("confirmed", Some("+15550001")));
    assert_eq!(of("queued").verdict, "pending");
    assert_eq!((&*of("who").verdict, &of("who").sender), ("unknown", &None));
    assert_eq!((&*of("body").verdict, of("body").sender.as_deref()), ("unknown", Some("+15550002")));
    assert_eq!(of("body").attachments[0]["mime"], "image/png");
    assert!(of("hi").notes.iter().any(|n| n == "backup-copy"));
    assert_eq!(of("hi").origin.key.as_deref(), Some("[0]"));
    let lists: Vec<_> = found.tallies.iter().map(|t| (t.seen, t.emitted, t.quarantined)).collect();
    assert_eq!(lists, [(4, 3, 1), (1, 1, 0)]);
    assert_eq!(found.issues.iter().filter(|i| i.code == "telephony-backup-unreadable").count(), 1);
}

#[test]
fn names_of_the_address_book_stand_beside_their_numbers() {
    let book = database(
        "CREATE TABLE calls (_id INTEGER PRIMARY KEY AUTOINCREMENT,number TEXT,date INTEGER,duration INTEGER,type INTEGER,features INTEGER,name TEXT);
         CREATE TABLE raw_contacts (_id INTEGER PRIMARY KEY, display_name TEXT, deleted INTEGER);
         CREATE TABLE mimetypes (_id INTEGER PRIMARY KEY, mimetype TEXT);
         CREATE TABLE data (_id INTEGER PRIMARY KEY, mimetype_id INTEGER, raw_contact_id INTEGER, data1 TEXT);
         INSERT INTO calls VALUES (1,'+15550001',1700000000000,60,2,1,'Ann'),(2,'+15550001',1700000100000,0,77,0,'Ann'),(3,NULL,1700000200000,0,4,0,NULL);
         INSERT INTO mimetypes VALUES (1,'vnd.android.cursor.item/name'),(2,'vnd.android.cursor.item/phone_v2');
         INSERT INTO raw_contacts VALUES (1,'Ann',0);
         INSERT INTO data VALUES (1,1,1,'Ann'),(2,2,1,'+15550001');",
    );
    let found = read(&Telephony, &[("/data/data/com.android.providers.contacts/databases/calllog.db", book)]);
    found.nothing_is_lost();
    assert_eq!((&*found.contacts[0].id, found.contacts[0].name.as_deref()), ("+15550001", Some("Ann")));
    let call = found.message("calls", 1).call.clone().unwrap();
    assert_eq!(
        (&call["duration_ms"], &call["video"], &call["outcome"]),
        (&json!(60000), &json!(true), &json!("answered"))
    );
    assert_eq!((found.verdict("calls", 2).0, &*found.message("calls", 2).direction), ("unknown", "unknown"));
    assert_eq!(found.verdict("calls", 3).0, "implied-by-arrival");
}
