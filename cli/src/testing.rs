//! A small case for tests: an app that does not exist, with texts that a hostile phone could hold.

use std::path::Path;
use std::sync::Arc;

use forensics_core::app::{InstallSpec, Manifest, Place, Platform, RealmSpec, StoreSpec};
use forensics_core::case::{Case, EvidenceInfo, ShardWriter};
use forensics_core::container::Device;
use forensics_core::issue::{Code, Issue, Severity, Tally};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::reconcile::reconcile;
use forensics_core::record::*;
use forensics_core::rule::{Ground, Judge, Opinion, Rule, Says as _};
use forensics_core::run::Silent;
use forensics_core::sink::{Sink, StoreInfo, StoreStatus};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::value::Value;
use forensics_core::verdict::{Reach, Verdict};

use crate::catalogue::Catalogue;
use crate::open_case::OpenCase;

/// The app.
pub(crate) static FAKE: Manifest = Manifest {
    id: "fake",
    name: "Fake Messenger",
    installs: &[InstallSpec {
        platform: Platform::Android,
        name: "Fake Messenger",
        realms: &[RealmSpec::AndroidApp("org.example.fake")],
    }],
    stores: &[StoreSpec {
        role: "messages",
        platform: Platform::Android,
        place: Place { realm: 0, glob: "databases/fake.db" },
        loose: true,
        says: "Messages and calls.",
    }],
    rules: &[
        Rule {
            id: "fake.android.sent-with-server-id",
            says: "An outgoing message whose column `server_id` is set was accepted by the server, which alone assigns it.",
            ground: Ground::RealStore,
            cites: "Pigeon source, Loft.java [S]",
            judge: Judge::Record(|m| match (m.direction, &m.server_id) {
                (Direction::Out, Some(_)) => {
                    Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(&["server_id", "status"])
                }
                _ => None,
            }),
        },
        Rule {
            id: "fake.android.queued",
            says: "An outgoing message with status 1 waits.",
            ground: Ground::Parsers(2),
            cites: "Pigeon source, part 3",
            judge: Judge::Record(|m| match m.int("status") {
                Some(1) => Opinion::claim(Verdict::Pending).on(&["status"]).with("state-stale"),
                _ => None,
            }),
        },
        Rule {
            id: "fake.android.incoming",
            says: "An incoming message came through the server.",
            ground: Ground::Inferred,
            cites: "reading of ours",
            judge: Judge::Record(|m| {
                (m.direction == Direction::In).then(|| Opinion::claim(Verdict::ImpliedByArrival)).flatten()
            }),
        },
        Rule {
            id: "fake.android.dangling-reply",
            says: "A reply names a message that is not in the store.",
            ground: Ground::AppSource,
            cites: "Pigeon source, part 4",
            judge: Judge::Absence,
        },
    ],
    notes: &[Code { code: "state-stale", says: "The state was not updated for long." }],
    codes: &[Code { code: "fake-odd", says: "Something odd." }],
    sequences: &[],
    sources: &["https://example.org/fake"],
};

/// Text that would repaint a terminal, reorder a line, run in a browser and in a spreadsheet.
pub(crate) const HOSTILE: &str = "=1+1 <script>alert(\"x\")</script> & \u{202e}gpj.exe \u{1b}[2J";

pub(crate) fn catalogue() -> Catalogue {
    Catalogue::of([&FAKE])
}

/// Writes the case into `root` and opens it.
pub(crate) fn case(root: &Path) -> OpenCase {
    write(root);
    OpenCase::open(root).unwrap()
}

fn write(root: &Path) {
    let case = Case::create(root, "matchmark test", false).unwrap();
    let device = Device {
        platform: Some("android"),
        model: Some("Phone <b>9</b>".into()),
        os: Some("14".into()),
        ids: vec![("serial", "ABC".into()), ("imei", "1".into()), ("imei", "2".into())],
        acquired: Some(1_709_290_000_000),
    };
    let mut evidence = EvidenceInfo::new(1, "phone.zip".into());
    evidence.container = "zip".into();
    evidence.sha256 = Some("ab".repeat(32));
    evidence.size = Some(123_456);
    evidence.describe(&device);
    case.record(&evidence).unwrap();
    let writer = ShardWriter::create(&case.shard_part(1)).unwrap();
    writer
        .issue(Issue {
            code: "container-flaw",
            severity: Severity::Degraded,
            detail: "a member stands twice".into(),
            origin: None,
        })
        .unwrap();
    let mut sink = writer.sink(&FAKE, "android", "Fake Messenger".into(), 0, &Silent);
    fill(&mut sink);
    sink.flush().unwrap();
    drop(sink);
    let (connection, _) = writer.finish().unwrap();
    reconcile(&connection, &[&FAKE]).unwrap();
    case.seal(1, connection).unwrap();
    evidence.sealed = true;
    case.record(&evidence).unwrap();
}

fn fill(sink: &mut dyn Sink) {
    let store = sink.store(info("databases/fake.db", StoreStatus::Read)).unwrap();
    let locked = sink.store(info("databases/locked.db", StoreStatus::NeedsKey)).unwrap();
    let row = |table: &str, rowid: i64| Origin {
        rowid: Some(rowid),
        page: Some(4),
        offset: Some(8192),
        length: Some(80),
        ..Origin::table(store, table)
    };
    let me: Key = "me@fake".into();
    sink.emit(Record::Account(Account {
        origin: row("account", 1),
        id: me.clone(),
        name: Some("Me".into()),
        extra: vec![("phone", "+1".into())],
    }))
    .unwrap();
    sink.emit(Record::Contact(Contact {
        origin: row("contact", 1),
        account: me.clone(),
        id: "ann@fake".into(),
        name: Some("Ann \u{202e}nnA".into()),
        extra: vec![],
    }))
    .unwrap();
    let thread = |rowid: i64, id: &str, name: Option<&str>| {
        Record::Thread(Thread {
            origin: row("thread", rowid),
            account: me.clone(),
            id: id.into(),
            name: name.map(Into::into),
            kind: ThreadKind::Direct,
            participants: vec!["ann@fake".into()],
            extra: vec![],
        })
    };
    sink.emit(thread(1, "ann@fake", Some("Ann"))).unwrap();
    for message in messages(&row, &me) {
        sink.emit(Record::Message(Box::new(message))).unwrap();
    }
    let reply = row("message", 2);
    let mention = Mention {
        space: Space::default(),
        account: me.clone(),
        thread: Some("ann@fake".into()),
        names: vec![Name::Server("S404".into())],
        kind: AbsenceKind::Dangling,
        strength: Strength::Strong,
        rule: "fake.android.dangling-reply",
        text: Value::from("what it said <i>"),
        after: None,
        before: None,
        at_most: Some(1),
        markers: vec![Marker::new(MarkerKind::Reference, "quoted_id", "S404", reply.cell("quoted_id"))],
        origin: reply,
    };
    sink.emit(Record::Mention(Box::new(mention))).unwrap();
    let cursor = Marker::new(MarkerKind::Cursor, "last_read", 2, row("thread", 1).cell("last_read"));
    sink.emit(Record::Cursor(Cursor {
        space: Space::default(),
        account: me,
        thread: Some("ann@fake".into()),
        sequence: "",
        says: CursorSays::Position(2),
        marker: cursor,
    }))
    .unwrap();
    rest(sink, store, locked, &row);
}

fn rest(sink: &mut dyn Sink, store: StoreId, locked: StoreId, row: &dyn Fn(&str, i64) -> Origin) {
    let odd = Issue {
        code: "row-quarantined",
        severity: Severity::Degraded,
        detail: "message 9: no thread".into(),
        origin: Some(row("message", 9)),
    };
    sink.quarantine(row("message", 9), vec![Value::Int(9), Value::Blob([0xff, 0].as_slice().into())], odd).unwrap();
    let lost = Issue {
        code: "store-needs-key",
        severity: Severity::Lost,
        detail: "databases/locked.db needs a key of kind sqlcipher".into(),
        origin: Some(Origin::store(locked)),
    };
    sink.issue(lost).unwrap();
    sink.tally(store, "message", Tally { seen: 5, emitted: 4, quarantined: 1, ..Tally::default() }).unwrap();
    sink.tally(store, "thread", Tally { seen: 1, emitted: 1, ..Tally::default() }).unwrap();
}

fn info(path: &str, status: StoreStatus) -> StoreInfo {
    StoreInfo {
        role: "messages",
        path: format!("/data/data/org.example.fake/{path}"),
        sha256: Some("cd".repeat(32)),
        size: Some(40_960),
        generation: Some("7".into()),
        encrypted: (status == StoreStatus::NeedsKey).then(|| "sqlcipher-4".into()),
        status,
        wal_frames: 3,
        wal_sha256: Some("ef".repeat(32)),
    }
}

fn messages(row: &dyn Fn(&str, i64) -> Origin, me: &Key) -> Vec<Message> {
    let thread: Key = "ann@fake".into();
    let base = |rowid: i64| {
        let origin = row("message", rowid);
        let status = Marker::new(MarkerKind::State, "status", if rowid == 2 { 1 } else { 5 }, origin.cell("status"))
            .meaning("sent");
        Message {
            sent: Some(Stamp::int(1_709_280_000_123 + rowid * 60_000, Epoch::UnixMillis)),
            kind: MessageKind::Text,
            native_type: Some(1),
            markers: vec![status],
            ..Message::new(origin, me.clone(), thread.clone(), Arc::from(format!("m{rowid}")))
        }
    };
    let mut sent = Message {
        direction: Direction::Out,
        text: HOSTILE.into(),
        server_id: Some("S1".into()),
        sender: Some(me.clone()),
        ..base(1)
    };
    sent.markers.insert(0, Marker::new(MarkerKind::ServerId, "server_id", "S1", sent.origin.cell("server_id")));
    sent.reactions.push(Reaction {
        sender: Some("ann@fake".into()),
        text: "❤".into(),
        sent: None,
        origin: row("reaction", 3),
    });
    sent.receipts.push(Receipt {
        recipient: Some("ann@fake".into()),
        kind: ReceiptKind::Read,
        at: Some(Stamp::int(1_709_280_100, Epoch::UnixSeconds)),
        origin: sent.origin.cell("read_at"),
    });
    sent.edits.push(Edit { text: "before".into(), at: None, origin: row("edit", 4) });
    let mut waiting = Message {
        direction: Direction::Out,
        text: "are you there?\nhello".into(),
        reply_to: Some("S404".into()),
        sender: Some(me.clone()),
        ..base(2)
    };
    waiting.origin.wal_frame = Some(2);
    waiting.attachments.push(Attachment {
        name: Some("a\"b.jpg".into()),
        mime: Some("image/jpeg".into()),
        size: Some(7),
        path: Some("Media/a.jpg".into()),
        sha256: Some("01".repeat(32).into()),
        origin: waiting.origin.clone(),
    });
    let incoming = Message {
        direction: Direction::In,
        text: Value::Blob([0xff, 0xfe].as_slice().into()),
        sender: Some("ann@fake".into()),
        received: Some(Stamp::real(700_000_000.5, Epoch::AppleSeconds)),
        ..base(3)
    };
    let facts = CallFacts {
        started: Some(Stamp::int(1_709_280_300, Epoch::UnixSeconds)),
        duration_ms: Some(61_000),
        outcome: "answered".into(),
        video: Some(false),
    };
    let call = Message { direction: Direction::In, kind: MessageKind::Call, call: Some(facts), ..base(0) };
    vec![sent, waiting, incoming, call]
}
