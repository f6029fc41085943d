//! A store of many messages goes through without being held.

use crate::phone::{Phone, START};

#[test]
fn fifty_thousand_messages_are_read_in_a_row() {
    const MANY: i64 = 50_000;
    let phone = Phone::ios_26();
    phone.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{MANY})
         INSERT INTO message (guid, text, service, account, handle_id, date, is_from_me, is_sent, is_delivered, is_finished, date_delivered, reply_to_guid)
         SELECT printf('00000000-0000-4000-8000-%012X',i), 'message '||i, 'iMessage', 'e:me@example.org', 1, {START}+i*1000000000,
           i%2, i%2, 1, 1, (i%2)*({START}+i*1000000000+1), printf('00000000-0000-4000-8000-%012X',i-1) FROM n;
         INSERT INTO chat_message_join SELECT 1, ROWID, date FROM message;
         DELETE FROM chat_message_join WHERE message_id%1000=0; DELETE FROM message WHERE ROWID%1000=0;"
    ));
    let reading = phone.read();
    let missing = MANY / 1000;
    assert_eq!(reading.messages.len() as i64, MANY - missing);
    assert!(reading.messages.iter().all(|m| match m.direction.as_str() {
        "out" => m.verdict == "confirmed" && m.reach.as_deref() == Some("delivered"),
        _ => m.verdict == "implied-by-arrival",
    }));
    let of = |kind: &str| reading.absences.iter().filter(|a| a.kind == kind).count() as i64;
    // Each deleted message is named by both logs and by the chain: one absence; and its row number is a gap. The last one
    // deleted was named by no chain; the first message's predecessor never was in this store.
    assert_eq!(of("tombstoned"), missing);
    assert_eq!(of("gap-in-sequence"), missing - 1);
    assert_eq!(of("beyond-records"), 1);
    assert_eq!(of("dangling"), 1);
    assert!(reading.issue("imessage-rows-vanished").is_none());
}
