//! The second pass, with an app that does not exist: what parsers hand over, and what becomes of it.

use forensics_core::app::{InstallSpec, Manifest, Platform, RealmSpec, SequenceSpec};
use forensics_core::case::{AbsenceRow, Case, CaseError, EvidenceInfo, Filter, MessageRow, Order, ShardWriter};
use forensics_core::issue::{Code, Tally};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::reconcile::reconcile;
use forensics_core::record::{
    AbsenceKind, Cursor, CursorSays, Direction, Mention, Message, Name, Record, Space, Strength,
};
use forensics_core::rule::{Ground, Judge, Opinion, Rule};
use forensics_core::run::Silent;
use forensics_core::sink::{Sink, StoreInfo, StoreStatus};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::value::Value;
use forensics_core::verdict::{Reach, Verdict};

const fn rule(id: &'static str, ground: Ground, judge: Judge) -> Rule {
    Rule { id, says: "A rule of a test.", ground, cites: "nowhere", judge }
}

static APP: Manifest = Manifest {
    id: "pigeon",
    name: "Pigeon",
    installs: &[InstallSpec {
        platform: Platform::Android,
        name: "Pigeon",
        realms: &[RealmSpec::AndroidApp("org.example.pigeon")],
    }],
    stores: &[],
    rules: &[
        rule("pigeon.android.server-id", Ground::AppSource, Judge::Record(server_id)),
        rule("pigeon.android.waiting-state", Ground::AppSource, Judge::Record(waiting)),
        rule("pigeon.android.guessed-failed", Ground::Inferred, Judge::Record(guessed)),
        rule(
            "pigeon.android.server-id-twice",
            Ground::AppSource,
            Judge::SharedServerId(|_| Opinion::claim(Verdict::Contradictory)),
        ),
        rule("pigeon.android.beyond-cursor", Ground::AppSource, Judge::BeyondCursor("beyond-cursor")),
        rule("pigeon.android.inside-hole", Ground::AppSource, Judge::InsideHole("inside-hole")),
        rule("pigeon.android.waits-long", Ground::AppSource, Judge::Waiting { hours: 24, note: "waits-long" }),
        rule("pigeon.android.gap", Ground::AppSource, Judge::Absence),
        rule("pigeon.android.tail", Ground::AppSource, Judge::Absence),
        rule("pigeon.android.held", Ground::AppSource, Judge::Absence),
        rule("pigeon.android.quoted-missing", Ground::AppSource, Judge::Absence),
        rule("pigeon.android.deleted-id", Ground::AppSource, Judge::Absence),
    ],
    notes: &[Code { code: "beyond-cursor", says: "Numbered beyond the cursor." }],
    codes: &[],
    sequences: &[SequenceSpec {
        name: "seq",
        platform: Platform::Android,
        contiguous: true,
        first: Some(1),
        own_unnumbered: true,
        strength: Strength::Strong,
        gap_rule: "pigeon.android.gap",
        tail_rule: "pigeon.android.tail",
        undelivered_rule: "pigeon.android.held",
    }],
    sources: &[],
};

fn server_id(m: &Message) -> Option<Opinion> {
    m.server_id.as_ref()?;
    Opinion::claim(Verdict::Confirmed(Reach::Accepted))
}

fn waiting(m: &Message) -> Option<Opinion> {
    if m.int("state")? == 1 { Opinion::claim(Verdict::Pending) } else { None }
}

fn guessed(m: &Message) -> Option<Opinion> {
    if m.int("state")? == 5 { Opinion::claim(Verdict::Failed) } else { None }
}

const HOUR: i64 = 3_600_000;

fn row(rowid: i64) -> Origin {
    Origin { rowid: Some(rowid), ..Origin::table(StoreId(1), "message") }
}

fn message(rowid: i64) -> Message {
    let mut m = Message::new(row(rowid), "me".into(), "room".into(), format!("m{rowid}").into());
    m.direction = Direction::In;
    m.sent = Some(Stamp::int(1_700_000_000_000 + rowid * 1000, Epoch::UnixMillis));
    m
}

fn numbered(rowid: i64, number: i64) -> Message {
    let mut m = message(rowid);
    m.sequence = Some(number);
    m.markers.push(Marker::new(MarkerKind::Sequence, "seq", number, row(rowid).cell("seq")));
    m
}

fn with_server_id(mut m: Message, id: &str) -> Message {
    m.server_id = Some(id.into());
    m
}

fn with_state(mut m: Message, state: i64) -> Message {
    m.direction = Direction::Out;
    let cell = m.origin.cell("state");
    m.markers.push(Marker::new(MarkerKind::State, "state", state, cell));
    m
}

fn cursor(says: CursorSays) -> Record {
    let origin = Origin { rowid: Some(1), ..Origin::table(StoreId(1), "room") }.cell("cursor");
    Record::Cursor(Cursor {
        space: Space(0),
        account: "me".into(),
        thread: Some("room".into()),
        sequence: "seq",
        says,
        marker: Marker::new(MarkerKind::Cursor, "cursor", 1, origin),
    })
}

fn mention(rowid: i64, table: &str, kind: AbsenceKind, rule: &'static str, names: Vec<Name>) -> Mention {
    let origin = Origin { rowid: Some(rowid), ..Origin::table(StoreId(1), table) };
    Mention {
        space: Space(0),
        account: "me".into(),
        thread: Some("room".into()),
        names,
        kind,
        strength: Strength::Strong,
        rule,
        text: Value::Null,
        after: None,
        before: None,
        at_most: None,
        markers: vec![Marker::new(MarkerKind::Reference, "names", rowid, origin.cell("names"))],
        origin,
    }
}

fn of(m: Message) -> Record {
    Record::Message(Box::new(m))
}

/// Writes the records as a parser would and gives back what the case then says.
fn judge(records: Vec<Record>) -> (Vec<MessageRow>, Vec<AbsenceRow>) {
    let folder = tempfile::tempdir().expect("a folder");
    let case = Case::create(&folder.path().join("case"), "test", false).expect("a case");
    let writer = ShardWriter::create(&case.shard_part(1)).expect("a shard");
    let mut sink = writer.sink(&APP, "android", "Pigeon".to_owned(), 0, &Silent);
    let info = StoreInfo {
        role: "messages",
        path: "/data/data/org.example.pigeon/databases/pigeon.db".to_owned(),
        sha256: None,
        size: None,
        generation: None,
        encrypted: None,
        status: StoreStatus::Read,
        wal_frames: 0,
        wal_sha256: None,
    };
    assert_eq!(sink.store(info), Ok(StoreId(1)));
    let count = records.len() as u64;
    for record in records {
        sink.emit(record).expect("an open sink");
    }
    sink.tally(StoreId(1), "message", Tally { seen: count, emitted: count, ..Tally::default() }).expect("an open sink");
    sink.flush().expect("an open sink");
    drop(sink);
    let (connection, _) = writer.finish().expect("all written");
    reconcile(&connection, &[&APP]).expect("reconciled");
    case.seal(1, connection).expect("sealed");
    let shard = case.shard(&EvidenceInfo::new(1, String::new())).expect("a sealed shard");
    let mut messages = Vec::new();
    shard
        .messages::<CaseError>(&Filter::default(), Order::Origin, |m| {
            messages.push(m);
            Ok(())
        })
        .expect("messages");
    (messages, shard.absences(StoreId(1)).expect("absences"))
}

fn verdict_of(messages: &[MessageRow], rowid: i64) -> &str {
    let found = messages.iter().find(|m| m.origin.rowid == Some(rowid)).expect("the message");
    &found.verdict
}

fn notes_of(messages: &[MessageRow], rowid: i64) -> Vec<String> {
    messages.iter().find(|m| m.origin.rowid == Some(rowid)).expect("the message").notes.clone()
}

fn summary(absence: &AbsenceRow) -> (&str, Option<i64>, Option<i64>, Option<i64>) {
    (&absence.kind, absence.after, absence.before, absence.at_most)
}

#[test]
fn a_server_id_on_two_records_contradicts_both() {
    let (messages, _) = judge(vec![
        of(with_server_id(message(1), "77")),
        of(with_server_id(message(2), "77")),
        of(with_server_id(message(3), "78")),
    ]);
    assert_eq!(verdict_of(&messages, 1), "contradictory");
    assert_eq!(verdict_of(&messages, 2), "contradictory");
    assert_eq!(verdict_of(&messages, 3), "confirmed");
}

#[test]
fn the_same_server_id_in_an_older_copy_of_the_store_contradicts_nothing() {
    let mut older = with_server_id(message(2), "77");
    older.space = Space(1);
    let (messages, _) = judge(vec![of(with_server_id(message(1), "77")), of(older)]);
    assert_eq!(verdict_of(&messages, 1), "confirmed");
    assert_eq!(verdict_of(&messages, 2), "confirmed");
}

#[test]
fn an_inferred_rule_leaves_a_note_and_no_verdict() {
    let (messages, _) = judge(vec![of(with_state(message(1), 5))]);
    assert_eq!(verdict_of(&messages, 1), "unknown");
    assert_eq!(notes_of(&messages, 1), ["inferred-failed"]);
}

#[test]
fn a_skip_between_numbers_is_a_gap_with_both_neighbours() {
    let (_, absences) = judge(vec![of(numbered(1, 1)), of(numbered(2, 2)), of(numbered(3, 5))]);
    assert_eq!(absences.iter().map(summary).collect::<Vec<_>>(), [("gap-in-sequence", Some(2), Some(5), Some(2))]);
    let marks: Vec<_> = absences[0].markers.iter().map(|m| (m.name.as_str(), m.origin.rowid)).collect();
    assert_eq!(marks, [("seq", Some(3)), ("seq", Some(2))]);
    assert_eq!(absences[0].origin.rowid, Some(3));
}

#[test]
fn numbers_before_the_first_record_are_missing_too() {
    let (_, absences) = judge(vec![of(numbered(1, 3))]);
    assert_eq!(absences.iter().map(summary).collect::<Vec<_>>(), [("gap-in-sequence", None, Some(3), Some(2))]);
}

#[test]
fn a_cleared_history_explains_what_lies_before_it() {
    let (_, absences) = judge(vec![of(numbered(1, 8)), of(numbered(2, 9)), cursor(CursorSays::Cleared(7))]);
    assert!(absences.is_empty(), "{absences:?}");
}

#[test]
fn a_next_number_past_the_newest_record_is_a_missing_tail() {
    let (_, absences) = judge(vec![of(numbered(1, 1)), of(numbered(2, 2)), cursor(CursorSays::Next(6))]);
    assert_eq!(absences.iter().map(summary).collect::<Vec<_>>(), [("beyond-records", Some(2), None, Some(3))]);
    assert_eq!(absences[0].markers[0].name, "cursor");
}

#[test]
fn a_counter_that_agrees_shows_nothing() {
    let (messages, absences) = judge(vec![of(numbered(1, 1)), of(numbered(2, 2)), cursor(CursorSays::Next(3))]);
    assert!(absences.is_empty(), "{absences:?}");
    assert!(notes_of(&messages, 2).is_empty());
}

#[test]
fn a_record_beyond_the_cursor_is_noted_and_makes_no_gap() {
    let (messages, absences) = judge(vec![of(numbered(1, 1)), of(numbered(2, 9)), cursor(CursorSays::Reached(1))]);
    assert_eq!(notes_of(&messages, 2), ["beyond-cursor"]);
    assert!(absences.is_empty(), "{absences:?}");
}

#[test]
fn a_hole_that_the_app_knows_of_is_one_absence_with_the_gap() {
    let (messages, absences) = judge(vec![
        of(numbered(1, 1)),
        of(numbered(2, 2)),
        of(numbered(3, 6)),
        cursor(CursorSays::Hole { after: 2, before: 6 }),
    ]);
    assert_eq!(absences.iter().map(summary).collect::<Vec<_>>(), [("gap-in-sequence", Some(2), Some(6), Some(3))]);
    assert!(notes_of(&messages, 3).is_empty());
}

#[test]
fn own_records_without_a_number_may_fill_a_gap() {
    let mut own = with_server_id(message(2), "9");
    own.direction = Direction::Out;
    let (_, absences) = judge(vec![of(numbered(1, 1)), of(own), of(numbered(3, 3))]);
    assert!(absences.is_empty(), "{absences:?}");
}

#[test]
fn records_that_the_server_still_holds_are_undelivered_and_no_gap_beside() {
    let (_, absences) = judge(vec![
        of(numbered(1, 1)),
        of(numbered(2, 5)),
        cursor(CursorSays::Undelivered { count: 3, first: Some(2) }),
    ]);
    assert_eq!(absences.iter().map(summary).collect::<Vec<_>>(), [("undelivered", Some(1), None, Some(3))]);
}

#[test]
fn a_mention_of_a_record_that_is_there_comes_to_nothing() {
    let names = vec![Name::Server("77".into())];
    let (_, absences) = judge(vec![
        of(with_server_id(message(1), "77")),
        Record::Mention(Box::new(mention(4, "quote", AbsenceKind::Dangling, "pigeon.android.quoted-missing", names))),
    ]);
    assert!(absences.is_empty(), "{absences:?}");
}

#[test]
fn a_record_goes_by_its_former_key_too() {
    let mut edited = message(1);
    edited.aliases.push("m1-before".into());
    let names = vec![Name::Id("m1-before".into())];
    let (_, absences) = judge(vec![
        of(edited),
        Record::Mention(Box::new(mention(4, "quote", AbsenceKind::Dangling, "pigeon.android.quoted-missing", names))),
    ]);
    assert!(absences.is_empty(), "{absences:?}");
}

#[test]
fn marks_that_name_one_missing_record_are_one_absence() {
    let by_row = Name::Row { table: "message".into(), rowid: 40 };
    let mut quote =
        mention(4, "quote", AbsenceKind::Dangling, "pigeon.android.quoted-missing", vec![Name::Server("77".into())]);
    quote.text = "what it said".into();
    let (_, absences) = judge(vec![
        of(message(1)),
        Record::Mention(Box::new(quote)),
        // The third mark joins the first two: it knows both names.
        Record::Mention(Box::new(mention(
            5,
            "deleted",
            AbsenceKind::Tombstoned,
            "pigeon.android.deleted-id",
            vec![by_row.clone()],
        ))),
        Record::Mention(Box::new(mention(
            6,
            "media",
            AbsenceKind::Dangling,
            "pigeon.android.quoted-missing",
            vec![by_row, Name::Server("77".into())],
        ))),
    ]);
    assert_eq!(absences.len(), 1, "{absences:?}");
    let absence = &absences[0];
    assert_eq!(summary(absence), ("tombstoned", None, None, Some(1)));
    assert_eq!(absence.id.as_deref(), Some("77"));
    assert_eq!(absence.text, serde_json::json!("what it said"));
    assert_eq!(absence.rules, serde_json::json!(["pigeon.android.deleted-id", "pigeon.android.quoted-missing"]));
    assert_eq!(absence.markers.len(), 3);
    assert_eq!(absence.origin.table.as_deref(), Some("deleted"));
}

#[test]
fn a_record_that_waits_since_yesterday_is_noted() {
    let mut newest = message(9);
    newest.sent = Some(Stamp::int(1_700_000_000_000 + 30 * HOUR, Epoch::UnixMillis));
    let (messages, _) = judge(vec![of(with_state(message(1), 1)), of(newest)]);
    assert_eq!(verdict_of(&messages, 1), "pending");
    assert_eq!(notes_of(&messages, 1), ["waits-long"]);
}

#[test]
fn every_marker_comes_back_with_its_cell() {
    let (messages, _) = judge(vec![of(with_state(numbered(7, 7), 1))]);
    let cells: Vec<_> =
        messages[0].markers.iter().map(|m| (m.name.as_str(), m.origin.rowid, m.origin.column.as_deref())).collect();
    assert_eq!(cells, [("seq", Some(7), Some("seq")), ("state", Some(7), Some("state"))]);
}
