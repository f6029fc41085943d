//! `signal.db` of three generations.

use forensics_core::keys::{KeyKind, KeyRing};
use forensics_core::vfs::Realm;

use crate::phone::{Found, Phone, database, key, read, real};

fn package() -> Realm {
    Realm::AndroidApp { user: 0, package: "org.thoughtcrime.securesms".into() }
}

fn of(sql: &str) -> Found {
    read(&Phone::default().with(package(), "databases/signal.db", database(sql)), &KeyRing::default())
}

/// People and threads of the newest generation: 1 is the owner, 2 Bea, 3 a group, 4 the release channel.
const PEOPLE: &str = "PRAGMA user_version = 223;
CREATE TABLE recipient(_id INTEGER PRIMARY KEY AUTOINCREMENT, type INTEGER DEFAULT 0, e164 TEXT, aci TEXT, pni TEXT, group_id TEXT, profile_joined_name TEXT);
INSERT INTO recipient VALUES (1,0,'+15550000001','AAAAAAAA-0000-4000-8000-000000000001',NULL,NULL,'Ada'),
 (2,0,'+15550000002','bbbbbbbb-0000-4000-8000-000000000002',NULL,NULL,'Bea'),
 (3,2,NULL,NULL,NULL,'__signal_group__v2__!00ff',NULL), (4,0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE thread(_id INTEGER PRIMARY KEY AUTOINCREMENT, date INTEGER, recipient_id INTEGER);
INSERT INTO thread VALUES (1,0,2),(2,0,3),(3,0,1),(4,0,4);
CREATE TABLE groups(_id INTEGER PRIMARY KEY, group_id TEXT, recipient_id INTEGER, title TEXT);
INSERT INTO groups VALUES (1,'__signal_group__v2__!00ff',3,'Hikers');
CREATE TABLE group_membership(_id INTEGER PRIMARY KEY, group_id TEXT, recipient_id INTEGER);
INSERT INTO group_membership VALUES (1,'__signal_group__v2__!00ff',1),(2,'__signal_group__v2__!00ff',2);
CREATE TABLE message(_id INTEGER PRIMARY KEY AUTOINCREMENT, date_sent INTEGER, date_received INTEGER, date_server INTEGER DEFAULT -1, thread_id INTEGER, from_recipient_id INTEGER, to_recipient_id INTEGER, type INTEGER, body TEXT, receipt_timestamp INTEGER DEFAULT -1, has_delivery_receipt INTEGER DEFAULT 0, has_read_receipt INTEGER DEFAULT 0, viewed INTEGER DEFAULT 0, quote_id INTEGER DEFAULT 0, quote_author INTEGER DEFAULT 0, quote_body TEXT, quote_missing INTEGER DEFAULT 0, remote_deleted INTEGER DEFAULT 0, server_guid TEXT, scheduled_date INTEGER DEFAULT -1, latest_revision_id INTEGER, original_message_id INTEGER);
CREATE TABLE attachment(_id INTEGER PRIMARY KEY AUTOINCREMENT, message_id INTEGER, content_type TEXT, data_file TEXT, data_size INTEGER, data_hash_end TEXT);
CREATE TABLE reaction(_id INTEGER PRIMARY KEY, message_id INTEGER, author_id INTEGER, emoji TEXT, date_sent INTEGER, date_received INTEGER);
CREATE TABLE group_receipts(_id INTEGER PRIMARY KEY, mms_id INTEGER, address TEXT, status INTEGER, timestamp INTEGER);
CREATE TABLE mention(_id INTEGER PRIMARY KEY AUTOINCREMENT, thread_id INTEGER, message_id INTEGER, recipient_id INTEGER);
CREATE TABLE call(_id INTEGER PRIMARY KEY, call_id INTEGER, message_id INTEGER, peer INTEGER, type INTEGER, direction INTEGER, event INTEGER, timestamp INTEGER, deletion_timestamp INTEGER DEFAULT 0);
";

const IN: i64 = 10_485_780;
const SENT: i64 = 10_485_783;

/// A moment of 2024 in milliseconds.
const T: i64 = 1_710_000_000_000;

fn newest(rows: &str) -> Found {
    of(&format!("{PEOPLE}{rows}"))
}

/// A message of Bea's with an id of the server's.
fn marked(id: i64, guid: &str) -> String {
    let (sent, received, server) = (T + id * 1000, T + id * 1000 + 900, T + id * 1000 + 500);
    format!(
        "INSERT INTO message(_id,date_sent,date_received,date_server,thread_id,from_recipient_id,to_recipient_id,type,body,server_guid) \
         VALUES ({id},{sent},{received},{server},1,2,1,{IN},'in {id}','{guid}');"
    )
}

/// An outgoing message to Bea.
fn own(id: i64, kind: i64, more: &str) -> String {
    own_in(1, id, kind, more)
}

fn own_in(thread: i64, id: i64, kind: i64, more: &str) -> String {
    let (at, set) = (T + id * 1000, if more.is_empty() { "_id=_id" } else { more });
    format!(
        "INSERT INTO message(_id,date_sent,date_received,thread_id,from_recipient_id,to_recipient_id,type,body) \
         VALUES ({id},{at},{at},{thread},1,2,{kind},'out {id}'); UPDATE message SET {set} WHERE _id={id};"
    )
}

#[test]
fn the_real_cipher_opens_with_the_digits_however_they_are_given() {
    let Some(bytes) = real("signal-synthetic/signal-android.db") else { return };
    let digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let raw: Vec<u8> = (0..32).collect();
    let given =
        [digits.as_bytes().to_vec(), digits.to_uppercase().into_bytes(), format!("x'{digits}'").into_bytes(), raw];
    for secret in given {
        let phone = Phone::default().with(package(), "databases/signal.db", bytes.clone());
        let found = read(&phone, &key(KeyKind::SQLCIPHER, &secret));
        let store = &found.shard.stores()[0];
        assert_eq!(store.status, "read", "{:?}", found.issues);
        assert!(store.encrypted.as_deref().is_some_and(|c| c.starts_with("sqlcipher-3")));
        assert_eq!(found.messages.len(), 3);
    }
}

#[test]
fn a_wrong_key_leaves_a_store_that_needs_one() {
    let Some(bytes) = real("signal-synthetic/signal-android.db") else { return };
    for ring in [KeyRing::default(), key(KeyKind::SQLCIPHER, b"not it")] {
        let found = read(&Phone::default().with(package(), "databases/signal.db", bytes.clone()), &ring);
        assert_eq!(found.shard.stores()[0].status, "needs-key");
        assert!(found.messages.is_empty());
        assert_eq!(found.issues[0].code, "store-needs-key");
    }
}

#[test]
fn an_incoming_message_with_an_id_of_the_servers_is_confirmed() {
    let found = newest(&marked(1, "g1"));
    assert_eq!(found.verdict("message", 1), ("confirmed", Some("accepted")));
    let m = found.message("message", 1);
    assert_eq!(m.server_id.as_deref(), Some("g1"));
    assert_eq!(m.sender.as_deref(), Some("bbbbbbbb-0000-4000-8000-000000000002"));
    let store = found.store_of(&m.origin);
    assert_eq!(store.generation.as_deref(), Some("223 (message)"));
}

#[test]
fn one_without_is_unmarked_once_others_have_one_and_unknown_before() {
    let bare = |id: i64| {
        marked(id, "x").replace("'x'", "NULL") + &format!("UPDATE message SET date_server=-1 WHERE _id={id};")
    };
    let found = newest(&(bare(1) + &marked(2, "g2") + &bare(3)));
    assert_eq!(found.verdict("message", 1).0, "unknown");
    assert!(found.message("message", 1).notes.iter().any(|n| n == "before-server-guids"));
    assert_eq!(found.verdict("message", 3).0, "unmarked");
}

#[test]
fn the_states_of_outgoing_messages_are_told_apart() {
    let rows = [
        own(1, SENT, ""),
        own(2, SENT, "has_delivery_receipt=1, receipt_timestamp=date_sent+5"),
        own(3, SENT, "has_read_receipt=1"),
        own(4, SENT - 1, ""),
        own(5, SENT + 1, ""),
        own(6, SENT - 1, "scheduled_date=date_sent+9"),
        own(7, SENT, "server_guid='odd'"),
        own(8, SENT + 1, "has_delivery_receipt=1"),
        own(9, 0xa0_0000 + 27, ""),
        own(10, 0xa0_0000 + 31, ""),
    ];
    let found = newest(&rows.concat());
    let verdicts: Vec<_> = (1..=10).map(|id| found.verdict("message", id)).collect();
    let expected = [
        ("confirmed", Some("accepted")),
        ("confirmed", Some("delivered")),
        ("confirmed", Some("read")),
        ("pending", None),
        ("failed", None),
        ("local-only", None),
        ("contradictory", None),
        ("contradictory", None),
        ("local-only", None),
        ("unknown", None),
    ];
    assert_eq!(verdicts, expected);
}

#[test]
fn what_the_app_itself_makes_proves_no_server() {
    let release = "INSERT INTO message(_id,date_sent,date_received,date_server,thread_id,from_recipient_id,to_recipient_id,type,body,server_guid) \
                   VALUES (2,1,2,3,4,4,1,10485780,'news','made-here');";
    let found = newest(&(own_in(3, 1, SENT, "has_read_receipt=1") + release));
    assert_eq!(found.verdict("message", 1).0, "unknown");
    assert!(found.message("message", 1).notes.iter().any(|n| n == "note-to-self"));
    assert_eq!(found.verdict("message", 2).0, "unknown");
}

#[test]
fn an_sms_of_the_carrier_is_none_of_signals() {
    let sms = marked(2, "x").replace("'x'", "NULL").replace("10485780", "20");
    let found = newest(&(marked(1, "g1") + &sms));
    assert_eq!(found.verdict("message", 2).0, "unknown");
    assert!(found.message("message", 2).notes.iter().any(|n| n == "carrier-sms"));
}

#[test]
fn a_server_id_on_two_rows_contradicts_both() {
    let found = newest(&(marked(1, "same") + &marked(2, "same")));
    assert_eq!((found.verdict("message", 1).0, found.verdict("message", 2).0), ("contradictory", "contradictory"));
}

#[test]
fn a_group_message_lists_the_receipts_of_its_members() {
    let receipts = "INSERT INTO group_receipts VALUES (1,1,'2',2,1710000009000),(2,1,'3',0,-1),(3,77,'2',1,1);";
    let found = newest(&(own_in(2, 1, SENT, "") + receipts));
    assert_eq!(found.verdict("message", 1), ("confirmed", Some("read")));
    assert_eq!(found.absences.len(), 1, "{:?}", found.absences);
    assert_eq!(found.absences[0].rules, serde_json::json!(["signal.android.receipt-without-message"]));
}

#[test]
fn marks_of_one_missing_message_are_one_absence() {
    let rows = marked(1, "g1")
        + "INSERT INTO reaction VALUES (1,9,2,'👍',5,6); INSERT INTO attachment VALUES (1,9,'image/png','/p',5,NULL),(2,0,'image/png','/w',5,NULL);
           INSERT INTO mention VALUES (1,1,9,2); UPDATE sqlite_sequence SET seq=12 WHERE name='message';";
    let found = newest(&rows);
    let summary: Vec<_> =
        found.absences.iter().map(|a| (&*a.kind, a.id.as_deref(), a.at_most, a.markers.len())).collect();
    assert_eq!(summary, [("dangling", Some("9"), Some(1), 4), ("beyond-records", None, Some(11), 1)]);
}

#[test]
fn a_quote_of_a_message_that_is_gone_keeps_its_text() {
    let answer = |id, date: i64, author| {
        format!("UPDATE message SET quote_id={date}, quote_author={author}, quote_body='left' WHERE _id={id};")
    };
    let rows = marked(1, "g1")
        + &own(2, SENT, "")
        + &own(3, SENT, "")
        + &marked(4, "g4")
        + &answer(2, T + 1000, 2)
        + &answer(3, T, 2)
        + &answer(4, T + 2000, 1);
    let found = newest(&rows);
    assert_eq!(found.absences.len(), 1, "{:?}", found.absences);
    assert_eq!((&*found.absences[0].kind, &found.absences[0].text), ("dangling", &serde_json::json!("left")));
    assert_eq!(found.absences[0].origin.rowid, Some(3));
    assert_eq!(found.message("message", 4).reply_to.as_deref(), Some(&*found.message("message", 2).id));
}

#[test]
fn older_versions_of_an_edited_message_stand_by_themselves() {
    let rows =
        marked(1, "g1") + &marked(2, "g2") + "UPDATE message SET latest_revision_id=2, body='before' WHERE _id=1;";
    let found = newest(&rows);
    assert_eq!((&*found.message("message", 1).state, &*found.message("message", 2).state), ("superseded", "live"));
    assert!(found.message("message", 2).notes.iter().any(|n| n == "edited"));
    assert!(found.absences.is_empty(), "{:?}", found.absences);
}

#[test]
fn calls_are_local_notes_or_unknown_or_deleted() {
    let rows = own(1, 11, "")
        + &own(2, 3, "")
        + "INSERT INTO call VALUES (1,70,1,2,1,1,1,1710000001000,0),(2,71,NULL,2,0,0,4,1710000002000,1710000003000),(3,72,NULL,2,0,0,3,1710000004000,0);";
    let found = newest(&rows);
    assert_eq!(found.verdict("message", 1).0, "unknown");
    assert_eq!(found.verdict("message", 2).0, "local-only");
    assert_eq!(found.verdict("call", 3).0, "unknown");
    assert_eq!(found.absences.iter().map(|a| &*a.kind).collect::<Vec<_>>(), ["tombstoned"]);
}

#[test]
fn deleted_rows_are_counted_and_never_listed() {
    let found = newest(&(marked(1, "a") + &marked(2, "b") + &marked(6, "c") + "DELETE FROM message WHERE _id=2;"));
    let summary: Vec<_> = found.absences.iter().map(|a| (&*a.kind, &*a.strength, a.before, a.at_most)).collect();
    assert_eq!(summary, [("gap-in-sequence", "weak", Some(6), Some(4))]);
}

#[test]
fn the_old_tables_are_read_by_their_old_names() {
    let found = of("PRAGMA user_version = 120;
        CREATE TABLE recipient(_id INTEGER PRIMARY KEY, uuid TEXT, phone TEXT, group_id TEXT, system_display_name TEXT);
        INSERT INTO recipient VALUES (2,'bbbbbbbb-0000-4000-8000-000000000002','+15550000002',NULL,'Bea');
        CREATE TABLE thread(_id INTEGER PRIMARY KEY, date INTEGER, thread_recipient_id INTEGER);
        INSERT INTO thread VALUES (1,0,2);
        CREATE TABLE sms(_id INTEGER PRIMARY KEY AUTOINCREMENT, thread_id INTEGER, address INTEGER, date INTEGER, date_sent INTEGER, date_server INTEGER DEFAULT -1, type INTEGER, body TEXT, delivery_receipt_count INTEGER DEFAULT 0, read_receipt_count INTEGER DEFAULT 0, server_guid TEXT);
        INSERT INTO sms VALUES (1,1,2,1700000000900,1700000000000,1700000000500,10485780,'hello',0,0,'g1'), (2,1,2,1700000001000,1700000001000,-1,10485783,'hi',1,0,NULL);
        CREATE TABLE mms(_id INTEGER PRIMARY KEY AUTOINCREMENT, thread_id INTEGER, date INTEGER, date_received INTEGER, date_server INTEGER DEFAULT -1, msg_box INTEGER, body TEXT, address INTEGER, delivery_receipt_count INTEGER DEFAULT 0, read_receipt_count INTEGER DEFAULT 0, quote_id INTEGER DEFAULT 0, quote_author TEXT, server_guid TEXT);
        INSERT INTO mms VALUES (1,1,1700000002000,1700000002900,1700000002500,10485780,'photo',2,0,0,1700000000000,'2','g2');
        CREATE TABLE part(_id INTEGER PRIMARY KEY, mid INTEGER, ct TEXT, _data TEXT, data_size INTEGER);
        INSERT INTO part VALUES (1,1,'image/jpeg','/part1.mms',7);
        CREATE TABLE reaction(_id INTEGER PRIMARY KEY, message_id INTEGER, is_mms INTEGER, author_id INTEGER, emoji TEXT, date_sent INTEGER);
        INSERT INTO reaction VALUES (1,1,0,2,'a',5),(2,2,1,2,'b',5);");
    assert_eq!(found.verdict("sms", 1), ("confirmed", Some("accepted")));
    assert_eq!(found.verdict("sms", 2), ("confirmed", Some("delivered")));
    let photo = found.message("mms", 1);
    assert_eq!((&*photo.kind, photo.sent.and_then(|s| s.unix_millis())), ("image", Some(1_700_000_002_000)));
    // The quoted text message stands in the other table; the reaction to mms 2 has no message.
    assert_eq!(found.absences.len(), 1, "{:?}", found.absences);
    assert_eq!(found.absences[0].origin.table.as_deref(), Some("reaction"));
}

#[test]
fn a_store_without_messages_is_refused() {
    let found = of("CREATE TABLE other(_id INTEGER PRIMARY KEY); INSERT INTO other VALUES (1);");
    assert_eq!(found.shard.stores()[0].status, "unknown-schema");
}

#[test]
fn the_preferences_of_an_old_store_name_the_owner() {
    let prefs = b"<?xml version='1.0' encoding='utf-8' standalone='yes' ?><map><string name=\"pref_local_number\">+15550000001</string></map>";
    let store = database(&format!("{PEOPLE}{}", own_in(3, 1, SENT, "from_recipient_id=2")));
    let phone = Phone::default().with(package(), "databases/signal.db", store).with(
        package(),
        "shared_prefs/org.thoughtcrime.securesms_preferences.xml",
        prefs.to_vec(),
    );
    let found = read(&phone, &KeyRing::default());
    // The number leads to the owner's own row, whatever outgoing rows say.
    let m = found.message("message", 1);
    assert_eq!(m.account, "aaaaaaaa-0000-4000-8000-000000000001");
    assert!(m.notes.iter().any(|n| n == "note-to-self"));
}

#[test]
#[ignore = "a measurement: run it with --ignored --nocapture"]
fn two_hundred_thousand_messages_are_read_in_seconds() {
    let rows = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<200000) \
         INSERT INTO message(_id,date_sent,date_received,date_server,thread_id,from_recipient_id,to_recipient_id,type,body,server_guid) \
         SELECT i,{T}+i*1000,{T}+i*1000+900,{T}+i*1000+500,1,2,1,{IN},'in '||i,'guid-'||i FROM n; \
         INSERT INTO reaction SELECT _id,_id,2,'x',5,6 FROM message WHERE _id%4=0;"
    );
    let bytes = database(&format!("{PEOPLE}{rows}"));
    let phone = Phone::default().with(package(), "databases/signal.db", bytes);
    let began = std::time::Instant::now();
    let found = read(&phone, &KeyRing::default());
    #[expect(clippy::print_stderr, reason = "a measurement")]
    {
        eprintln!("{} messages in {:?}", found.messages.len(), began.elapsed());
    }
    assert_eq!(found.messages.len(), 200_000);
}
