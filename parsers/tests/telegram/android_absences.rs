//! Android: what the store shows to be missing.

use rusqlite::params;

use crate::android::{ANNA, CHANNEL, GROUP, ME, NOW, Row, SECRET, SUPERGROUP, Store, blob};
use crate::wire;

#[test]
fn ids_that_a_complete_channel_lacks_are_a_gap() {
    let store = Store::new();
    store.hole(SUPERGROUP, 1, 1);
    store.dialog(SUPERGROUP, 6, 0, 0);
    for mid in [2, 3, 6] {
        store.add(&Row::new(mid, SUPERGROUP, "x"));
    }
    let found = store.read();
    assert_eq!(found.summary(), ["gap-in-sequence -3001 - -..2 1", "gap-in-sequence -3001 - 3..6 2"]);
    let gap = found.absences.iter().find(|a| a.after == Some(3)).unwrap();
    assert_eq!((gap.strength.as_str(), gap.markers.len()), ("strong", 2));
    assert_eq!(gap.rules, serde_json::json!(["telegram.android.channel-ids-skip"]));
}

#[test]
fn a_hole_explains_a_gap_and_is_none_itself() {
    let store = Store::new();
    store.hole(SUPERGROUP, 0, 10);
    store.hole(SUPERGROUP, 20, 30);
    store.dialog(SUPERGROUP, 31, 0, 0);
    for mid in [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 30, 31] {
        store.add(&Row::new(mid, SUPERGROUP, "x"));
    }
    assert!(store.read().absences.is_empty());
}

#[test]
fn a_channel_whose_beginning_was_never_asked_for_has_no_gap_before_its_oldest_post() {
    let store = Store::new();
    store.dialog(SUPERGROUP, 102, 0, 0);
    for mid in [100, 102] {
        store.add(&Row::new(mid, SUPERGROUP, "x"));
    }
    assert_eq!(store.read().summary(), ["gap-in-sequence -3001 - 100..102 1"]);
}

#[test]
fn a_newest_post_that_is_missing_is_an_absence_beyond_the_records() {
    let store = Store::new();
    store.hole(SUPERGROUP, 1, 1);
    store.dialog(SUPERGROUP, 4, 0, 0);
    for mid in [1, 2] {
        store.add(&Row::new(mid, SUPERGROUP, "x"));
    }
    // Of this one nothing is loaded but the number of its newest post.
    store.dialog(CHANNEL, 500, 0, 0);
    let found = store.read();
    assert_eq!(found.summary(), ["beyond-records -3001 - 2..- 2", "beyond-records -3002 - -..- 1"]);
}

#[test]
fn a_newest_message_that_is_missing_is_one_absence_with_all_marks() {
    let store = Store::new();
    store.hole(ANNA, 1, 1);
    store.dialog(ANNA, 15, 0, 0);
    store.add(&Row::new(11, ANNA, "a"));
    store.add(&Row { reply_to: Some(15), ..Row::new(12, ANNA, "answer") });
    let copy = blob(&Row::new(15, ANNA, "pinned words"));
    store.db.execute("INSERT INTO chat_pinned_v2 VALUES (?1, 15, ?2)", params![ANNA, copy]).unwrap();
    let found = store.read();
    assert_eq!(found.summary(), ["dangling 1001 15 -..- 1"]);
    let absence = found.absence("telegram.android.last-mid-without-row");
    assert_eq!(absence.text, "pinned words");
    assert_eq!(absence.rules.as_array().unwrap().len(), 3);
    let mut marks: Vec<_> = absence.markers.iter().map(|m| m.name.as_str()).collect();
    marks.sort_unstable();
    assert_eq!(marks, ["chat_pinned_v2.mid", "last_mid", "reply_to_message_id"]);
}

#[test]
fn a_newest_message_at_the_end_of_a_hole_was_cleared_and_is_no_absence() {
    let store = Store::new();
    store.hole(ANNA, 0, 15);
    store.dialog(ANNA, 15, 0, 0);
    store.hole(CHANNEL, 0, 15);
    store.dialog(CHANNEL, 15, 0, 0);
    assert!(store.read().absences.is_empty());
}

#[test]
fn an_answer_to_a_message_that_is_missing_keeps_the_copy_of_its_text() {
    let store = Store::new();
    store.hole(ANNA, 1, 1);
    store.add(&Row { reply_to: Some(10), ..Row::new(11, ANNA, "answer") });
    store.add(&Row { reply_to: Some(11), ..Row::new(12, ANNA, "answer to what is there") });
    let copy = blob(&Row::new(10, ANNA, "what was said"));
    store.db.execute("UPDATE messages_v2 SET replydata = ?1 WHERE mid = 11", [copy]).unwrap();
    let found = store.read();
    assert_eq!(found.summary(), ["dangling 1001 10 -..- 1"]);
    assert_eq!(found.absence("telegram.android.reply-target-missing").text, "what was said");
    assert_eq!(found.message("1001/12").reply_to.as_deref(), Some("11"));
}

#[test]
fn an_answer_to_a_message_in_a_hole_says_that_it_was_not_loaded() {
    let store = Store::new();
    store.hole(SUPERGROUP, 0, 10);
    store.add(&Row { reply_to: Some(5), ..Row::new(10, SUPERGROUP, "answer") });
    let found = store.read();
    assert_eq!(found.summary(), ["dangling -3001 -3001/5 -..- 1"]);
    let absence = found.absence("telegram.android.reply-target-not-loaded");
    assert!(absence.markers.iter().any(|m| m.name == "messages_holes"));
}

#[test]
fn an_answer_in_a_secret_chat_names_its_target_by_random_number() {
    let store = Store::new();
    let add = |mid: i64, reply: Option<i64>| {
        let row = Row::new(mid, SECRET, "");
        store.add_blob(&row, &wire::secret(i32::try_from(mid).unwrap(), 1001, 9000, 1_700_000_000, "x", reply));
    };
    add(-210_000, None);
    add(-210_001, Some(555));
    add(-210_002, Some(666));
    store.db.execute("INSERT INTO randoms_v2 VALUES (555, -210000, ?1)", [SECRET]).unwrap();
    let found = store.read();
    assert_eq!(found.summary(), [format!("dangling {SECRET} {SECRET}/random/666 -..- 1")]);
}

#[test]
fn rows_beside_that_name_missing_messages_are_absences() {
    let store = Store::new();
    store.add(&Row::new(11, ANNA, "there"));
    let copy = |mid, text| blob(&Row::new(mid, ANNA, text));
    let sql = "INSERT INTO media_v4 VALUES (?1, 1001, 0, 0, ?2)";
    store.db.execute(sql, params![11, copy(11, "there")]).unwrap();
    store.db.execute(sql, params![20, copy(20, "picture")]).unwrap();
    store.db.execute("INSERT INTO bot_keyboard VALUES (1001, 21, ?1)", [copy(21, "choose")]).unwrap();
    store.sql(
        "INSERT INTO unread_push_messages (uid, mid, date, fm, is_reaction) VALUES (1001, 22, 0, 'pushed words', 0), (1001, 23, 0, 'a reaction', 1), (1001, 11, 0, 'there', 0);",
    );
    let found = store.read();
    assert_eq!(found.summary(), ["dangling 1001 20 -..- 1", "dangling 1001 21 -..- 1", "undelivered 1001 22 -..- 1"]);
    assert!(found.has_note("1001/11", "known-from-push"));
    assert_eq!(found.absence("telegram.android.media-row-alone").text, "picture");
    assert_eq!(found.absence("telegram.android.keyboard-message-missing").text, "choose");
    assert_eq!(found.absence("telegram.android.pushed-not-stored").text, "pushed words");
}

#[test]
fn ids_that_the_shared_sequence_lacks_outside_every_hole_are_counted() {
    let store = Store::new();
    store.hole(ANNA, 1, 1);
    store.hole(GROUP, 0, 20);
    for row in [Row::new(10, ANNA, "a"), Row::new(20, GROUP, "b"), Row::new(21, ANNA, "c"), Row::new(25, GROUP, "d")] {
        store.add(&row);
    }
    let found = store.read();
    assert_eq!(found.summary(), ["gap-in-sequence - - 21..25 3"]);
    assert_eq!(found.absence("telegram.android.shared-ids-skip").strength, "weak");
}

#[test]
fn below_the_oldest_message_of_a_dialog_without_a_beginning_the_shared_sequence_says_nothing() {
    let store = Store::new();
    store.hole(ANNA, 1, 1);
    for row in [Row::new(10, ANNA, "a"), Row::new(15, ANNA, "b"), Row::new(30, ME, "note"), Row::new(32, ANNA, "c")] {
        store.add(&row);
    }
    assert_eq!(store.read().summary(), ["gap-in-sequence - - 30..32 1"]);
}

#[test]
fn without_the_table_of_holes_no_gap_is_looked_for() {
    let store = Store::new();
    store.sql("DROP TABLE messages_holes");
    store.dialog(SUPERGROUP, 9, 0, 0);
    store.dialog(ANNA, 30, 0, 0);
    for row in
        [Row::new(1, SUPERGROUP, "x"), Row::new(5, SUPERGROUP, "x"), Row::new(10, ANNA, "x"), Row::new(20, ANNA, "x")]
    {
        store.add(&row);
    }
    let found = store.read();
    assert!(found.absences.is_empty(), "{:?}", found.summary());
    assert!(found.codes().contains(&"telegram-unsafe-gaps"));
}

#[test]
fn cursors_of_account_channel_and_topic_are_kept() {
    let store = Store::new();
    store.db.execute("INSERT INTO params VALUES (1, 5, 600, ?1, 7, 0, 0, NULL)", [NOW]).unwrap();
    store.dialog(SUPERGROUP, 0, 0, 0);
    store.sql("UPDATE dialogs SET pts = 88; INSERT INTO topics VALUES (-3001, 5, 44, 43, 42); INSERT INTO requested_holes VALUES (77, 2, 4); INSERT INTO pending_tasks VALUES (1, x'00')");
    let found = store.read();
    let named = |name: &str| found.cursors.iter().find(|c| c.markers[0].name == name).map(|c| (c.says.as_str(), c.a));
    assert_eq!(named("pts").map(|c| c.0), Some("position"));
    assert_eq!(named("qts"), Some(("position", Some(7))));
    assert_eq!(named("top_message"), Some(("position", Some(44))));
    assert_eq!(named("requested_holes"), Some(("position", Some(2))));
    assert_eq!(named("lastSendMessageId"), Some(("position", Some(-210_007))));
    assert_eq!(found.codes(), ["telegram-pending-tasks"]);
}
