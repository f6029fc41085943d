//! Rows and what becomes of them.

use crate::encode::{List, body, bplist};
use crate::phone::{CHAT, Phone, Reading, SECOND, START, guid, record};

#[test]
fn a_conversation_is_read_with_its_people_and_its_account() {
    let phone = Phone::ios_12();
    let (received, sent) = (phone.receive("hello"), phone.send("hi"));
    phone.set(sent, "destination_caller_id='+15550999'");
    let reading = phone.read();
    let store = reading.shard.stores()[0].id;
    let threads = reading.shard.threads(store).expect("threads");
    assert_eq!((threads[0].id.as_str(), threads[0].kind.as_deref()), (CHAT, Some("direct")));
    assert_eq!(threads[0].participants, serde_json::json!(["+15550100"]));
    assert_eq!(reading.shard.accounts(store).expect("accounts")[0].id, "e:me@example.org");
    let m = reading.message(received);
    assert_eq!((m.thread.as_str(), m.sender.as_deref(), m.direction.as_str()), (CHAT, Some("+15550100"), "in"));
    assert_eq!((m.id.as_str(), m.text.as_str()), (guid(received).as_str(), Some("hello")));
    let m = reading.message(sent);
    assert_eq!((m.sender.as_deref(), m.direction.as_str()), (Some("+15550999"), "out"));
    assert_eq!(reading.verdict(received), "implied-by-arrival");
    assert_eq!(reading.verdict(sent), "confirmed (delivered)");
    assert_eq!(reading.absences.len(), 0, "{:?}", reading.summary());
}

#[test]
fn seconds_and_nanoseconds_stand_in_one_row() {
    let phone = Phone::ios_12();
    let row = phone.send("hi");
    phone.set(row, "date_read=600000900");
    let reading = phone.read();
    let m = reading.message(row);
    assert_eq!(m.sent.map(|s| s.to_string()).as_deref(), Some("2020-01-06T10:41:00.000000000Z"));
    let receipts = m.receipts.as_array().expect("receipts").clone();
    assert_eq!(receipts.len(), 2);
    let read = m.markers.iter().find(|mark| mark.name == "date_read").expect("a mark");
    assert_eq!(read.value, serde_json::json!("2020-01-06T10:55:00Z"));
    assert_eq!(reading.verdict(row), "confirmed (read)");
}

#[test]
fn a_text_is_taken_from_the_archive_where_the_column_is_empty() {
    let phone = Phone::ios_26();
    let (archived, both, differs) = (phone.receive(""), phone.receive("same"), phone.receive("changed"));
    phone.set(archived, "text=NULL");
    phone.blob(archived, "attributedBody", &body("only here 👋"));
    phone.blob(both, "attributedBody", &body("same"));
    phone.blob(differs, "attributedBody", &body("before"));
    let reading = phone.read();
    assert_eq!(reading.message(archived).text, "only here 👋");
    assert!(!reading.has_note(both, "text-and-body-differ"));
    assert_eq!(reading.message(differs).text, "changed");
    assert!(reading.has_note(differs, "text-and-body-differ"));
}

#[test]
fn a_text_salvaged_from_a_damaged_archive_says_so() {
    let phone = Phone::ios_26();
    let row = phone.receive("");
    let mut cut = body("half a message");
    cut.truncate(cut.len() - 20);
    phone.blob(row, "attributedBody", &cut);
    let reading = phone.read();
    assert_eq!(reading.message(row).text, "half a message");
    assert!(reading.has_note(row, "text-salvaged"));
    let issue = reading.issue("value-undecoded").expect("an issue");
    assert_eq!(issue.origin.as_ref().and_then(|o| o.column.as_deref()), Some("attributedBody"));
}

#[test]
fn text_that_is_not_utf_8_stays_bytes() {
    let phone = Phone::ios_12();
    let row = phone.receive("x");
    phone.sql(&format!("UPDATE message SET text=CAST(x'ff41' AS TEXT) WHERE ROWID={row}"));
    assert_eq!(phone.read().message(row).text, serde_json::json!({"hex": "ff41"}));
}

#[test]
fn an_edited_message_keeps_all_its_versions() {
    let phone = Phone::ios_26();
    let row = phone.send("");
    let version = |text: &str, at: f64| List::Dict(vec![("t", List::Data(body(text))), ("d", List::Real(at))]);
    let history = vec![version("First", 690513474.25), version("Second", 690513480.0)];
    let parts = || List::Dict(vec![("0", List::Dict(vec![("lo", List::Int(0)), ("le", List::Int(5))]))]);
    let info = List::Dict(vec![
        ("amc", List::Int(0)),
        ("ec", List::Dict(vec![("0", List::Array(history))])),
        ("ep", List::Array(vec![List::Int(0)])),
        ("otr", parts()),
        ("ust", List::Bool(true)),
    ]);
    phone.blob(row, "message_summary_info", &bplist(&info));
    phone.set(row, "text=NULL, date_edited=690513480000000000");
    let unsent = phone.send("");
    let info = List::Dict(vec![("otr", parts()), ("rp", List::Array(vec![List::Int(0)]))]);
    phone.blob(unsent, "message_summary_info", &bplist(&info));
    phone.set(unsent, "text=NULL, date_edited=690513480000000000");
    let reading = phone.read();
    let m = reading.message(row);
    let edits = reading.shard.nested(&m.edits, &m.origin);
    let texts: Vec<_> = edits.iter().map(|(map, _)| map["text"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(texts, ["First", "Second"]);
    assert_eq!(edits[1].1.key.as_deref(), Some("ec/0/1"));
    assert_eq!(m.text, "Second");
    assert!(reading.has_note(row, "edited") && !reading.has_note(row, "revoked"));
    assert!(reading.has_note(unsent, "revoked") && !reading.has_note(unsent, "edited"));
    assert_eq!(reading.verdict(unsent), "confirmed (delivered)");
}

#[test]
fn tapbacks_stand_on_their_target_and_as_records_of_their_own() {
    let phone = Phone::ios_26();
    let (target, loved, removed) = (phone.send("news"), phone.receive("Loved “news”"), phone.receive("Removed"));
    let emoji = phone.receive("Reacted");
    let on = |row: i64, kind: i64, prefix: &str| {
        phone.set(row, &format!("associated_message_type={kind}, associated_message_guid='{prefix}{}'", guid(target)));
    };
    on(loved, 2000, "p:0/");
    on(removed, 3000, "bp:");
    on(emoji, 2006, "");
    phone.set(emoji, "associated_message_emoji='🦊'");
    let reading = phone.read();
    let reactions = reading.message(target).reactions.as_array().expect("reactions").clone();
    let texts: Vec<_> = reactions.iter().map(|r| r["text"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(texts, ["loved", "", "🦊"]);
    assert_eq!(reactions[0]["sender"], "+15550100");
    assert_eq!(reading.message(loved).reply_to.as_deref(), Some(guid(target).as_str()));
    assert_eq!(reading.message(loved).native_type, Some(2000));
    assert_eq!(reading.verdict(loved), "implied-by-arrival");
    assert!(reading.absences.is_empty(), "{:?}", reading.summary());
}

#[test]
fn attachments_come_with_their_names_and_what_apples_servers_gave_them() {
    let mut phone = Phone::ios_12();
    let row = phone.send("\u{fffc}");
    let folder = "Library/SMS/Attachments/9e/14";
    phone.sql(&format!(
        "INSERT INTO attachment (guid, filename, mime_type, transfer_state, transfer_name, total_bytes, original_guid)
           VALUES ('A1','~/{folder}/A1/a.jpg','image/jpeg',5,'a.jpg',3,'A1'), ('A2','~/{folder}/A2/b.jpg','image/jpeg',5,'b.jpg',3,'A2'),
                  ('A3','~/{folder}/A3/c.jpg','image/jpeg',0,'c.jpg',3,'A3');
         UPDATE attachment SET ck_sync_state=1, ck_record_id='r' WHERE guid='A3';
         INSERT INTO message_attachment_join SELECT {row}, ROWID FROM attachment;"
    ));
    let info =
        List::Dict(vec![("mmcs-url", List::Text("https://example.icloud.com/x")), ("file-size", List::Text("3"))]);
    phone.db.execute("UPDATE attachment SET user_info=?1 WHERE guid='A1'", [bplist(&info)]).expect("a blob");
    phone.file(&format!("{folder}/A1/a.jpg"), b"jpgs");
    let reading = phone.read();
    let m = reading.message(row);
    let names: Vec<_> = m.attachments.as_array().expect("files").iter().map(|a| a["name"].clone()).collect();
    assert_eq!(names, ["a.jpg", "b.jpg", "c.jpg"]);
    assert_eq!(m.kind, "image");
    for note in
        ["attachment-on-apple-servers", "attachment-size-differs", "attachment-file-missing", "attachment-purged"]
    {
        assert!(reading.has_note(row, note), "{note}: {:?}", m.notes);
    }
    assert_eq!(reading.verdict(row), "confirmed (delivered)");
}

#[test]
fn without_the_attachments_folder_no_file_is_called_missing() {
    let phone = Phone::ios_12();
    let row = phone.send("\u{fffc}");
    phone.sql(&format!(
        "INSERT INTO attachment (guid, filename, transfer_state, original_guid) VALUES ('A1','~/Library/SMS/Attachments/9e/14/A1/a.jpg',5,'A1');
         INSERT INTO message_attachment_join VALUES ({row},1);"
    ));
    assert!(!phone.read().has_note(row, "attachment-file-missing"));
}

#[test]
fn what_lies_in_recently_deleted_is_hidden_and_keeps_its_verdict() {
    let phone = Phone::ios_26();
    let row = phone.send("gone?");
    phone.sql(&format!(
        "DELETE FROM chat_message_join; INSERT INTO chat_recoverable_message_join VALUES (1,{row},{START},0);"
    ));
    let kept = phone.receive("kept, but for a part");
    let sql = "INSERT INTO recoverable_message_part VALUES (1,?1,1,?2,?3,0)";
    phone.db.execute(sql, rusqlite::params![kept, START, body("the part")]).expect("a part");
    let reading = phone.read();
    let m = reading.message(row);
    assert_eq!((m.state.as_str(), m.thread.as_str()), ("hidden", CHAT));
    assert!(reading.has_note(row, "recently-deleted"));
    assert_eq!(reading.verdict(row), "confirmed (delivered)");
    assert!(m.markers.iter().any(|mark| mark.kind.word() == "tombstone" && mark.name == "delete_date"));
    assert!(reading.has_note(kept, "part-deleted"));
    assert_eq!(reading.message(kept).edits[0]["text"], "the part");
    assert!(reading.absences.is_empty(), "{:?}", reading.summary());
}

fn in_cloud(phone: &Phone, row: i64, state: i64, tag: &str) {
    phone.set(row, &format!("ck_sync_state={state}, ck_record_id='{}', ck_record_change_tag='{tag}'", record(row)));
}

#[test]
fn icloud_marks_confirm_and_one_record_id_twice_contradicts() {
    let phone = Phone::ios_12();
    let rows: Vec<i64> = (0..4).map(|n| phone.receive(&format!("m{n}"))).collect();
    for row in &rows {
        in_cloud(&phone, *row, 1, &format!("t{row}"));
    }
    phone.set(rows[3], &format!("ck_record_id='{}'", record(rows[2])));
    let reading = phone.read();
    assert_eq!(reading.verdict(rows[0]), "confirmed (accepted)");
    assert_eq!(reading.message(rows[0]).server_id.as_deref(), Some(record(rows[0]).as_str()));
    assert_eq!(reading.verdict(rows[2]), "contradictory");
    assert_eq!(reading.verdict(rows[3]), "contradictory");
    assert!(reading.issue("imessage-icloud-off").is_none());
}

#[test]
fn a_record_id_missing_where_most_have_one_contradicts() {
    let phone = Phone::ios_12();
    let rows: Vec<i64> = (0..4).map(|n| phone.receive(&format!("m{n}"))).collect();
    for row in &rows[..3] {
        in_cloud(&phone, *row, 1, &format!("t{row}"));
    }
    phone.set(rows[3], "ck_sync_state=1, ck_record_id=''");
    let reading = phone.read();
    assert_eq!(reading.verdict(rows[3]), "contradictory");
    let mark =
        reading.message(rows[3]).markers.iter().find(|m| m.name.starts_with("ck_record_id of")).expect("the count");
    assert_eq!(mark.value, "3 of 4 rows");
}

#[test]
fn one_change_tag_on_all_records_is_a_sign_of_forgery() {
    let phone = Phone::ios_12();
    let rows: Vec<i64> = (0..3).map(|n| phone.receive(&format!("m{n}"))).collect();
    rows.iter().for_each(|row| in_cloud(&phone, *row, 1, "1"));
    assert!(rows.iter().all(|row| phone.read().verdict(*row) == "contradictory"));
}

#[test]
fn a_record_while_icloud_is_switched_off_is_a_sign_of_forgery_unless_a_token_is_kept() {
    let mut phone = Phone::ios_12();
    let row = phone.receive("synced?");
    in_cloud(&phone, row, 1, "5k");
    assert_eq!(phone.read().verdict(row), "confirmed (accepted)");
    let off = List::Dict(vec![("CloudKitSyncingEnabled", List::Bool(false))]);
    phone.file("Library/Preferences/com.apple.madrid.plist", &bplist(&off));
    let reading = phone.read();
    assert_eq!(reading.verdict(row), "contradictory");
    let mark = reading.message(row).markers.iter().find(|m| m.name == "CloudKitSyncingEnabled").expect("the switch");
    assert_eq!(mark.origin.key.as_deref(), Some("CloudKitSyncingEnabled"));
    phone.sql("INSERT INTO kvtable (key, value) VALUES ('messagesChangeToken', x'01')");
    assert_eq!(phone.read().verdict(row), "confirmed (accepted)");
}

#[test]
fn an_injected_message_is_contradictory_whatever_it_carries() {
    let phone = Phone::ios_12();
    let row = phone.receive("never was");
    in_cloud(&phone, row, 1, "5k");
    phone.set(row, "guid='green2blue:0001'");
    assert_eq!(phone.read().verdict(row), "contradictory");
}

#[test]
fn a_store_without_any_icloud_mark_says_so_once() {
    let phone = Phone::ios_12();
    let row = phone.receive("hi");
    let reading = phone.read();
    assert_eq!(reading.issues.iter().filter(|i| i.code == "imessage-icloud-off").count(), 1);
    assert!(reading.has_note(row, "icloud-off"));
}

#[test]
fn group_events_are_notices() {
    let phone = Phone::ios_12();
    let row = phone.receive("");
    phone.set(row, "text=NULL, item_type=1, group_action_type=1, other_handle=1");
    let odd = phone.receive("");
    phone.set(odd, "item_type=42");
    let reading = phone.read();
    assert_eq!(reading.message(row).kind, "system");
    let action = reading.message(row).markers.iter().find(|m| m.name == "group_action_type").expect("the action");
    assert_eq!(action.value, "removed");
    assert!(reading.has_note(odd, "unknown-item-type"));
}

#[test]
fn a_message_in_no_conversation_and_one_in_two_are_noted() {
    let phone = Phone::ios_12();
    let (none, two) = (phone.receive("orphan"), phone.receive("twice"));
    phone.sql(&format!(
        "DELETE FROM chat_message_join WHERE message_id={none};
         INSERT INTO chat (guid, style) VALUES ('SMS;-;22000',45); INSERT INTO chat_message_join VALUES (2,{two},0);"
    ));
    let reading = phone.read();
    assert!(reading.has_note(none, "in-no-conversation"));
    assert_eq!(reading.message(none).thread, "");
    assert!(reading.has_note(two, "in-several-conversations"));
    assert_eq!(reading.message(two).thread, CHAT);
}

#[test]
fn every_mark_has_its_cell() {
    let phone = Phone::ios_12();
    let row = phone.send("hi");
    let reading = phone.read();
    for mark in &reading.message(row).markers {
        assert_eq!((mark.origin.table.as_deref(), mark.origin.rowid), (Some("message"), Some(row)));
        let column = mark.origin.column.as_deref().expect("a column");
        let sql = format!("SELECT coalesce(CAST({column} AS TEXT),'') FROM message WHERE ROWID={row}");
        let stored: String = phone.db.query_row(&sql, [], |r| r.get(0)).expect("the cell");
        let shown = mark.raw.as_str().map_or_else(|| mark.raw.to_string(), str::to_owned);
        assert_eq!(shown, stored, "{column}");
    }
}

#[test]
fn a_message_that_waits_since_days_is_noted() {
    let phone = Phone::ios_12();
    let row = phone.send("stuck");
    phone.set(row, "is_sent=0, is_delivered=0, is_finished=0, date_delivered=0");
    let newest = phone.receive("later");
    phone.set(newest, &format!("date={}", START + 3 * 86_400 * SECOND));
    let reading = phone.read();
    assert_eq!(reading.verdict(row), "pending");
    assert!(reading.has_note(row, "never-acknowledged"));
}

#[test]
fn a_store_of_ios_5_is_read_and_judged_only_where_its_flags_are_known() {
    let phone = Phone::bare();
    phone.sql(
        "CREATE TABLE message (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT, date INTEGER, text TEXT, flags INTEGER, group_id INTEGER,
           madrid_attributedBody BLOB, madrid_handle TEXT, madrid_guid TEXT, madrid_roomname TEXT, madrid_account TEXT, madrid_flags INTEGER,
           madrid_error INTEGER, is_madrid INTEGER, madrid_date_read INTEGER, madrid_date_delivered INTEGER);
         CREATE TABLE msg_group (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, type INTEGER);
         CREATE TABLE group_member (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, group_id INTEGER, address TEXT);
         INSERT INTO msg_group VALUES (1,0); INSERT INTO group_member VALUES (1,1,'+15550100');
         INSERT INTO message (address,date,text,flags,group_id) VALUES ('+15550100',1320000000,'in',2,1), ('+15550100',1320000060,'out',3,1), ('+15550100',1320000120,'?',33,1);
         INSERT INTO message (date,text,is_madrid,madrid_handle,madrid_guid,madrid_flags,madrid_date_delivered) VALUES (341700000,'i',1,'+15550100','G',36869,341700001);",
    );
    let reading = phone.read();
    let verdicts: Vec<_> = (1..=4).map(|row| reading.verdict(row)).collect();
    assert_eq!(verdicts, ["implied-by-arrival", "unknown", "unknown", "unknown"]);
    let directions: Vec<_> = (1..=4).map(|row| reading.message(row).direction.as_str()).collect();
    assert_eq!(directions, ["in", "out", "unknown", "out"]);
    assert_eq!(reading.message(1).sent.map(|s| s.to_string()).as_deref(), Some("2011-10-30T18:40:00Z"));
    assert_eq!(reading.message(4).sent.map(|s| s.to_string()).as_deref(), Some("2011-10-30T20:40:00Z"));
    assert_eq!(reading.message(1).thread, "group:1");
}

#[test]
fn a_database_of_another_app_is_refused() {
    let phone = Phone::bare();
    phone.sql("CREATE TABLE message (id INTEGER PRIMARY KEY, body TEXT); INSERT INTO message VALUES (1,'x');");
    let reading = phone.read();
    assert!(reading.messages.is_empty());
    assert_eq!(reading.shard.stores()[0].status, "unknown-schema");
    assert!(reading.issue("store-unknown-schema").is_some());
}

#[test]
fn a_loose_store_of_a_mac_is_read_by_its_name() {
    let phone = Phone::ios_26();
    phone.receive("hello");
    let folder = tempfile::tempdir().expect("a folder");
    phone.save(&folder.path().join("evidence/chat.db"));
    let reading = Reading::of(&folder.path().join("evidence"), &folder);
    assert_eq!(reading.messages.len(), 1);
    assert_eq!(reading.shard.stores()[0].role, "messages-mac");
}
