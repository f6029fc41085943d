//! Values that no phone writes: nothing is lost, nothing stops, nothing is confirmed by them.

use crate::encode::{List, bplist};
use crate::phone::{Phone, guid};

#[test]
fn values_of_the_wrong_kind_confirm_nothing() {
    let phone = Phone::ios_26();
    let rows: Vec<i64> = (0..4).map(|n| phone.receive(&format!("m{n}"))).collect();
    phone
        .set(rows[0], "is_from_me='yes', is_sent=x'01', date='soon', service=x'ff', ck_sync_state='1', ck_record_id=7");
    phone.set(rows[1], "is_from_me=9, is_sent=-1, error=9223372036854775807, date=9223372036854775807");
    phone.set(
        rows[2],
        "is_from_me=1, is_sent=1.5, date=-9223372036854775808, date_read=-1, date_delivered=1e300, is_delivered=1.5",
    );
    phone.set(
        rows[3],
        "handle_id=-1, other_handle=99, item_type=-7, associated_message_type=2999, associated_message_guid='p:x/'",
    );
    let reading = phone.read();
    assert_eq!(reading.messages.len(), 4);
    assert!(rows.iter().all(|row| !reading.verdict(*row).starts_with("confirmed")));
    assert!(reading.has_note(rows[3], "unknown-associated-type"));
    // An unknown item type is no reason to doubt that the row came in.
    assert_eq!(reading.verdict(rows[3]), "implied-by-arrival");
}

#[test]
fn row_numbers_at_the_ends_of_their_range_are_counted_without_overflow() {
    let phone = Phone::ios_12();
    phone.sql(&format!(
        "INSERT INTO message (ROWID, guid, service) VALUES (-9,'{}','SMS'), (9223372036854775807,'{}','SMS');
         INSERT INTO chat_message_join VALUES (1,-5,0), (9223372036854775807,-9223372036854775808,0), (NULL,1,0);",
        guid(1),
        guid(2)
    ));
    let last = bplist(&List::Dict(vec![("CKChatWatermarkMessageID", List::Int(i64::MAX))]));
    phone.properties(1, &last);
    let reading = phone.read();
    assert_eq!(reading.messages.len(), 2);
    assert!(reading.summary().iter().any(|l| l.starts_with("gap-in-sequence")), "{:?}", reading.summary());
    let joins = reading.tallies.iter().find(|t| t.table == "chat_message_join").expect("a tally");
    assert_eq!((joins.seen, joins.quarantined), (3, 1));
}

#[test]
fn blobs_of_garbage_are_issues_with_their_cells() {
    let phone = Phone::ios_26();
    let row = phone.receive("");
    for column in ["attributedBody", "message_summary_info"] {
        phone.blob(row, column, b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x84\x84\x84");
    }
    phone.properties(1, b"bplist00\xd1\x01\x02");
    phone.sql(&format!("INSERT INTO attachment (guid, original_guid, user_info) VALUES ('A','A',x'00'); INSERT INTO message_attachment_join VALUES ({row},1);"));
    let reading = phone.read();
    let mut columns: Vec<_> = reading
        .issues
        .iter()
        .filter(|i| i.code == "value-undecoded")
        .filter_map(|i| i.origin.as_ref()?.column.as_deref().map(str::to_owned))
        .collect();
    columns.sort();
    assert_eq!(columns, ["attributedBody", "message_summary_info", "properties", "user_info"]);
    assert!(reading.message(row).text.get("hex").is_some(), "{:?}", reading.message(row).text);
}

#[test]
fn a_store_without_its_side_tables_is_read() {
    let phone = Phone::bare();
    phone.sql("CREATE TABLE message (ROWID INTEGER PRIMARY KEY, guid TEXT, date INTEGER); INSERT INTO message VALUES (3,NULL,5), (4,'',NULL);");
    let reading = phone.read();
    assert_eq!(reading.messages.len(), 2);
    assert!(reading.has_note(3, "no-guid"));
    assert_eq!(reading.message(3).id, "row:3");
    assert!(reading.messages.iter().all(|m| m.verdict == "unknown"));
}

#[test]
fn two_readings_of_one_phone_are_the_same() {
    let phone = Phone::ios_26();
    for n in 0..40 {
        let row = phone.receive(&format!("m{n}"));
        phone.set(row, &format!("reply_to_guid='{}'", guid(row + 500)));
    }
    let lines = |reading: &crate::phone::Reading| format!("{:?} {:?}", reading.messages, reading.absences);
    let (first, second) = (phone.read(), phone.read());
    assert_eq!(lines(&first), lines(&second));
}
