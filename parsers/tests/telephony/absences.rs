//! Marks whose message is gone.

use crate::stores::aosp;

#[test]
fn a_report_of_an_mms_that_is_gone_is_an_absence() {
    let found = aosp(
        "INSERT INTO pdu (_id,date,msg_box,m_id,m_type,st) VALUES (1,1700000025,1,'gone',134,129);
         INSERT INTO pdu (_id,date,msg_box,m_id,m_type,read_status) VALUES (2,1700000026,1,'gone',136,128);",
    );
    let reports = found.absent("telephony.android.mms-report-without-message");
    assert_eq!(reports.len(), 1, "{reports:#?}");
    assert_eq!(
        (&*reports[0].kind, reports[0].id.as_deref(), &*reports[0].strength),
        ("dangling", Some("gone"), "strong")
    );
    assert_eq!(reports[0].markers.len(), 4);
}

#[test]
fn parts_and_addresses_of_one_mms_that_is_gone_are_one_absence() {
    let found = aosp(
        "INSERT INTO part (mid,ct,text) VALUES (7,'text/plain','what it said');
         INSERT INTO addr (msg_id,address,type) VALUES (7,'+15550001',137);
         INSERT INTO part (mid,ct,text) VALUES (1700000000000,'text/plain','never had a row');",
    );
    let parts = found.absent("telephony.android.mms-part-without-message");
    assert_eq!(parts.len(), 1, "{parts:#?}");
    assert_eq!((parts[0].id.as_deref(), parts[0].text.as_str()), (Some("7"), Some("what it said")));
    assert_eq!(found.tally("part").passed_over, 1);
}

#[test]
fn a_try_for_a_message_that_is_gone_is_an_absence() {
    let found = aosp("INSERT INTO pending_msgs (proto_type,msg_id,err_type) VALUES (1,9,0),(0,4,0),(5,1,0);");
    assert_eq!(found.absent("telephony.android.pending-without-message").len(), 2);
}

#[test]
fn a_conversation_that_remembers_more_than_it_has_shows_it() {
    let found = aosp(
        "INSERT INTO sms (_id,thread_id,date,type,body) VALUES (1,1,1700000000123,2,'still here'),(2,2,1700000000123,2,'b'),(3,2,1700000000124,3,'draft');
         UPDATE threads SET message_count = 3, snippet = 'gone', date = 1700000005000 WHERE _id = 1;
         UPDATE threads SET message_count = 0, snippet = 'b', date = 1700000000123 WHERE _id = 2;",
    );
    let counts = found.absent("telephony.android.thread-counts-more");
    assert_eq!(counts.len(), 1);
    assert_eq!((counts[0].thread.as_deref(), counts[0].at_most, &*counts[0].strength), (Some("1"), Some(2), "weak"));
    let snippets = found.absent("telephony.android.snippet-without-message");
    assert_eq!((snippets.len(), snippets[0].text.as_str()), (1, Some("gone")));
    assert!(found.issues.iter().any(|i| i.code == "telephony-count-differs" && i.detail.contains("conversation 2")));
    let hint = |id: &str| found.threads.iter().find(|t| t.id == id).unwrap().extra["date_hint"].to_string();
    assert!(hint("1").contains("insertion") && hint("2").contains("deletion of an SMS"));
}

#[test]
fn row_numbers_that_skip_are_ranges_with_their_neighbours() {
    let found = aosp(
        "INSERT INTO sms (_id,thread_id,date,type,body) VALUES (4,1,1,2,'a'),(5,1,2,2,'b'),(9,1,3,2,'c');
         INSERT INTO pdu (_id,thread_id,msg_box,m_type) VALUES (3,1,3,128);
         UPDATE sqlite_sequence SET seq = 10 WHERE name = 'pdu';
         UPDATE sqlite_sequence SET seq = 6 WHERE name = 'threads';",
    );
    let range = |rule: &str| {
        found.absent(rule).iter().map(|a| (a.after, a.before, a.at_most, a.kind.clone())).collect::<Vec<_>>()
    };
    let gap = || "gap-in-sequence".to_owned();
    // Numbers below the first SMS say nothing where they are given again.
    assert_eq!(range("telephony.android.sms-rows-skip"), [(Some(5), Some(9), Some(3), gap())]);
    assert!(range("telephony.android.sms-counter-beyond-records").is_empty());
    assert_eq!(range("telephony.android.mms-rows-skip"), [(None, Some(3), Some(2), gap())]);
    let tail = range("telephony.android.mms-counter-beyond-records");
    assert_eq!(tail, [(Some(3), None, Some(7), "beyond-records".to_owned())]);
    let side = found.absent("telephony.android.side-rows-missing");
    assert_eq!((side.len(), &*side[0].strength), (1, "weak"));
}

#[test]
fn a_table_that_is_all_gaps_is_told_in_a_thousand_ranges_and_one_count() {
    let found = aosp(
        "WITH RECURSIVE n(i) AS (VALUES(2) UNION ALL SELECT i + 2 FROM n WHERE i < 3000)
         INSERT INTO sms (_id,thread_id,date,type,body) SELECT i, 1, i, 2, 'x' FROM n;",
    );
    let ranges = found.absent("telephony.android.sms-rows-skip");
    assert_eq!(ranges.len(), 1001);
    let rest: Vec<_> = ranges.iter().filter(|a| a.before.is_none()).map(|a| a.at_most).collect();
    assert_eq!(rest, [Some(499)]);
}

#[test]
fn the_full_text_index_keeps_what_was_deleted() {
    let found = aosp(
        "INSERT INTO sms (_id,thread_id,date,type,body) VALUES (1,1,1,2,'same'),(2,1,2,2,'the new one');
         INSERT INTO words_content VALUES (1,1,'same',1,1,-1),(2,2,'the old one',2,1,-1),(3,3,'deleted',3,1,-1),(4,4,'part gone',5,2,-1);",
    );
    let gone = found.absent("telephony.android.index-remnant");
    assert_eq!(
        gone.iter().map(|a| (a.id.as_deref(), a.text.as_str())).collect::<Vec<_>>(),
        [(Some("3"), Some("deleted")), (None, Some("part gone"))]
    );
    let other = found.absent("telephony.android.index-differs");
    assert_eq!((other.len(), other[0].text.as_str(), &*other[0].strength), (1, Some("the old one"), "weak"));
}

#[test]
fn parts_of_a_long_sms_are_one_absence_and_those_of_a_whole_one_none() {
    let found = aosp(
        "INSERT INTO sms (_id,thread_id,date,date_sent,type,body) VALUES (1,1,1700000001500,1700000001000,1,'part one part two');
         INSERT INTO raw (date,reference_number,count,sequence,address,pdu,deleted,message_body) VALUES
           (1700000001000,7,2,1,'+15550001','00',1,'part one '),
           (1700000002000,8,3,1,'+15550001','01',0,'first '), (1700000002000,8,3,3,'+15550001','02',0,'third'),
           (1700000003000,9,2,1,'+15550001','03',1,'of a deleted one');",
    );
    let waiting = found.absent("telephony.android.fragment-incomplete");
    assert_eq!(waiting.len(), 1, "{waiting:#?}");
    assert_eq!((&*waiting[0].kind, waiting[0].text.as_str()), ("undelivered", Some("first ")));
    let left = found.absent("telephony.android.fragment-left");
    assert_eq!((left.len(), left[0].text.as_str()), (1, Some("of a deleted one")));
}

#[test]
fn a_car_lists_the_sms_that_were_deleted() {
    let found = aosp(
        "INSERT INTO sms (_id,thread_id,date,type,body) VALUES (1,1,1,2,'a');
         INSERT INTO sms_changes VALUES (1,1,-1,1,0),(2,5,-1,1,0),(3,6,-1,0,1);",
    );
    let deleted = found.absent("telephony.android.sms-change-deleted");
    assert_eq!((deleted.len(), &*deleted[0].kind, deleted[0].id.as_deref()), (1, "tombstoned", Some("5")));
}

#[test]
fn a_store_cut_in_the_middle_shows_no_gap_for_what_could_not_be_read() {
    use crate::harness::{database, read};
    use crate::stores::{AOSP, STORE};
    let mut rows = String::new();
    for id in 1..=400 {
        rows.push_str(&format!("INSERT INTO sms (_id,thread_id,date,type,body) VALUES ({id},1,{id},2,'{id:0>200}');"));
    }
    let mut bytes = database(&format!("{AOSP}{rows}"));
    bytes.truncate(bytes.len() - 30_000);
    let found = read(&parsers::telephony::Telephony, &[(STORE, bytes)]);
    assert!(found.messages.len() > 100 && found.messages.len() < 400, "{}", found.messages.len());
    assert!(found.absent("telephony.android.sms-rows-skip").is_empty());
    assert!(found.issues.iter().any(|i| i.severity == "lost"));
}
