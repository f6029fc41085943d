//! Hostile stores: nothing panics, nothing is lost silently.

use crate::android::{ANNA, Row, Store, blob};
use crate::fixtures::fixtures;
use crate::postbox;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % limit
    }
}

#[test]
fn blobs_cut_at_every_byte_and_flipped_are_all_judged_by_their_row() {
    let store = Store::new();
    store.hole(ANNA, 1, 1);
    let mut random = Random(0x1234_5678_9abc_def1);
    let whole = blob(&Row { reply_to: Some(3), ..Row::new(1, ANNA, "a text of some length").out() });
    let mut blobs: Vec<Vec<u8>> = (0..whole.len()).map(|end| whole[..end].to_vec()).collect();
    let others: Vec<Vec<u8>> = fixtures().into_iter().map(|(bytes, _)| bytes).chain([whole]).collect();
    for _ in 0..1500 {
        let mut bytes = others[random.below(others.len())].clone();
        for _ in 0..=random.below(6) {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
        blobs.push(bytes);
    }
    store.db.execute_batch("BEGIN").unwrap();
    for (mid, bytes) in (1i64..).zip(&blobs) {
        store.add_blob(&Row::new(mid, ANNA, ""), bytes);
    }
    store.db.execute_batch("COMMIT").unwrap();
    let found = store.read();
    assert_eq!(found.messages.len(), blobs.len());
    // A flip may change the id inside, which contradicts the row; it never makes a message more confirmed.
    assert!(found.messages.iter().all(|m| matches!(m.verdict.as_str(), "confirmed" | "contradictory")));
    assert!(found.messages.iter().all(|m| m.reach.as_deref() != Some("read")));
}

#[test]
fn absurd_numbers_in_every_column_do_no_harm() {
    let store = Store::new();
    let extremes =
        ["9223372036854775807", "-9223372036854775808", "0", "NULL", "'text'", "1.5", "x'00'", "4611686018427387904"];
    store.sql("BEGIN");
    for a in extremes {
        for b in extremes {
            store.sql(&format!(
                "INSERT OR IGNORE INTO messages_v2 (mid, uid, read_state, send_state, date, data, out, is_channel, reply_to_message_id, replydata) VALUES ({a}, {b}, {a}, {b}, {a}, {b}, {a}, {b}, {a}, {b});
                 INSERT OR IGNORE INTO messages_holes VALUES ({a}, {b}, {a});
                 INSERT OR IGNORE INTO randoms_v2 VALUES ({a}, {b}, {a});
                 INSERT OR IGNORE INTO chat_pinned_v2 VALUES ({a}, {b}, {a});
                 INSERT OR IGNORE INTO media_v4 VALUES ({a}, {b}, {a}, {b}, {a});"
            ));
        }
    }
    store.sql("COMMIT; INSERT INTO dialogs (did, last_mid, inbox_max, outbox_max, pts) VALUES (9223372036854775807, 9223372036854775807, -9223372036854775808, 9223372036854775807, 1), (-9223372036854775808, -9223372036854775808, 9223372036854775807, 0, 'x')");
    let found = store.read();
    assert!(!found.messages.is_empty());
}

#[test]
fn postbox_values_cut_at_every_byte_and_flipped_are_all_judged_by_their_key() {
    let store = postbox::Store::new();
    let mut random = Random(0x0fed_cba9_8765_4321);
    let whole = postbox::Words { text: "a text of some length", author: Some(1001), ..postbox::Words::default() }
        .attribute("ReplyMessageAttribute", |o| o.long("i", 5 << 32).long("p", 1001))
        .medium("TelegramMediaAction", |o| o.int("_rawValue", 14).int("d", 3).int("dr", 2))
        .value();
    let mut values: Vec<Vec<u8>> = (0..whole.len()).map(|end| whole[..end].to_vec()).collect();
    for _ in 0..1000 {
        let mut bytes = whole.clone();
        for _ in 0..=random.below(6) {
            // The first byte says whether the value is a message at all.
            let at = 1 + random.below(bytes.len() - 1);
            bytes[at] ^= 1 << random.below(8);
        }
        values.push(bytes);
    }
    store.db.execute_batch("BEGIN").unwrap();
    for (id, value) in (1i32..).zip(&values) {
        store.put("t7", &postbox::history_key(1001, 0, 1_700_000_000, id), value);
    }
    store.db.execute_batch("COMMIT").unwrap();
    let found = store.phone.read();
    assert_eq!(found.messages.len(), values.len());
    assert!(found.messages.iter().all(|m| m.reach.as_deref() != Some("read")));
}
