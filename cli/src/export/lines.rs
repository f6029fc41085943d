//! The lines of the JSONL export. Fields stand in the documented order; what was added since stands after them.

use forensics_core::case::{
    AbsenceRow, CursorRow, EntityRow, EvidenceInfo, IssueRow, MessageRow, QuarantineRow, Shard, StoreRow, StoredMarker,
    TallyRow,
};
use forensics_core::origin::Origin;
use forensics_core::stamp::{Number, Stamp, rfc3339};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

/// Version of the export. A field that is renamed or dropped makes a new one.
pub(crate) const SCHEMA: u32 = 1;

/// The first line.
#[derive(Serialize)]
#[serde(tag = "type", rename = "header")]
pub(super) struct HeaderLine {
    pub(super) schema: u32,
    pub(super) tool: &'static str,
    pub(super) version: &'static str,
}

/// An evidence item.
#[derive(Serialize)]
#[serde(tag = "type", rename = "evidence")]
pub(super) struct EvidenceLine<'a> {
    id: String,
    path: &'a str,
    container: &'a str,
    sha256: Option<&'a str>,
    tree_sha256: Option<&'a str>,
    size: Option<u64>,
    device: DeviceLine<'a>,
    /// Whether its shard is complete; without one there is nothing of it in the export.
    sealed: bool,
}

#[derive(Serialize)]
struct DeviceLine<'a> {
    platform: Option<&'a str>,
    model: Option<&'a str>,
    os: Option<&'a str>,
    ids: Map<String, Json>,
    acquired: Option<String>,
}

impl<'a> EvidenceLine<'a> {
    pub(super) fn new(e: &'a EvidenceInfo) -> Self {
        EvidenceLine {
            id: e.key(),
            path: &e.path,
            container: &e.container,
            sha256: e.sha256.as_deref(),
            tree_sha256: e.tree_sha256.as_deref(),
            size: e.size,
            device: DeviceLine {
                platform: e.platform.as_deref(),
                model: e.model.as_deref(),
                os: e.os.as_deref(),
                ids: ids(&e.ids),
                acquired: e.acquired.map(|ms| rfc3339(i128::from(ms) * 1_000_000, 3)),
            },
            sealed: e.sealed,
        }
    }
}

/// Device ids by name; a name that stands twice keeps both values.
fn ids(list: &[(String, String)]) -> Map<String, Json> {
    let mut map = Map::new();
    for (name, value) in list {
        let mut key = name.clone();
        for number in 2.. {
            if !map.contains_key(&key) {
                break;
            }
            key = format!("{name}-{number}");
        }
        map.insert(key, Json::String(value.clone()));
    }
    map
}

/// A store.
#[derive(Serialize)]
#[serde(tag = "type", rename = "store")]
pub(super) struct StoreLine<'a> {
    id: &'a str,
    evidence: &'a str,
    app: &'a str,
    platform: &'a str,
    role: &'a str,
    path: &'a str,
    file: &'a str,
    sha256: Option<&'a str>,
    size: Option<u64>,
    generation: Option<&'a str>,
    encrypted: Option<&'a str>,
    status: &'a str,
    wal_frames: u32,
    install: &'a str,
    wal_sha256: Option<&'a str>,
}

impl<'a> StoreLine<'a> {
    pub(super) fn new(s: &'a StoreRow) -> Self {
        StoreLine {
            id: &s.key,
            evidence: &s.evidence,
            app: &s.app,
            platform: &s.platform,
            role: &s.role,
            path: &s.path,
            file: s.file(),
            sha256: s.sha256.as_deref(),
            size: s.size,
            generation: s.generation.as_deref(),
            encrypted: s.encrypted.as_deref(),
            status: &s.status,
            wal_frames: s.wal_frames,
            install: &s.install,
            wal_sha256: s.wal_sha256.as_deref(),
        }
    }
}

/// A place, with its store by key.
#[derive(Serialize)]
pub(super) struct Place<'a> {
    store: Option<&'a str>,
    table: Option<&'a str>,
    rowid: Option<i64>,
    column: Option<&'a str>,
    wal_frame: Option<u32>,
    page: Option<u32>,
    offset: Option<u64>,
    length: Option<u64>,
    key: Option<&'a str>,
}

impl<'a> Place<'a> {
    pub(super) fn new(shard: &'a Shard, o: &'a Origin) -> Self {
        Place {
            store: shard.store(o.store).map(|s| s.key.as_str()),
            table: o.table.as_deref(),
            rowid: o.rowid,
            column: o.column.as_deref(),
            wal_frame: o.wal_frame,
            page: o.page,
            offset: o.offset,
            length: o.length,
            key: o.key.as_deref(),
        }
    }
}

/// An account, contact or thread.
#[derive(Serialize)]
pub(super) struct EntityLine<'a> {
    r#type: &'static str,
    store: &'a str,
    app: &'a str,
    platform: &'a str,
    account: &'a str,
    id: &'a str,
    name: Option<&'a str>,
    /// Threads alone have a kind and participants.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    participants: Option<&'a Json>,
    extra: &'a Json,
    origin: Place<'a>,
}

impl<'a> EntityLine<'a> {
    pub(super) fn new(r#type: &'static str, shard: &'a Shard, store: &'a StoreRow, e: &'a EntityRow) -> Self {
        let thread = r#type == "thread";
        EntityLine {
            r#type,
            store: &store.key,
            app: &store.app,
            platform: &store.platform,
            account: &e.account,
            id: &e.id,
            name: e.name.as_deref(),
            kind: thread.then_some(e.kind.as_deref()),
            participants: thread.then_some(&e.participants),
            extra: &e.extra,
            origin: Place::new(shard, &e.origin),
        }
    }
}

/// A mark.
#[derive(Serialize)]
pub(super) struct MarkerPart<'a> {
    kind: &'a str,
    name: &'a str,
    raw: &'a Json,
    value: &'a Json,
    origin: Place<'a>,
}

fn markers<'a>(shard: &'a Shard, list: &'a [StoredMarker]) -> Vec<MarkerPart<'a>> {
    let part = |m: &'a StoredMarker| MarkerPart {
        kind: m.kind.word(),
        name: &m.name,
        raw: &m.raw,
        value: &m.value,
        origin: Place::new(shard, &m.origin),
    };
    list.iter().map(part).collect()
}

/// An attachment, reaction, edit or receipt, with its place.
pub(super) type Nested = (Map<String, Json>, Origin);

fn nested(shard: &Shard, items: &[Nested]) -> Vec<Json> {
    let placed = |(map, origin): &Nested| {
        let mut map = map.clone();
        map.insert("origin".to_owned(), serde_json::to_value(Place::new(shard, origin)).unwrap_or(Json::Null));
        Json::Object(map)
    };
    items.iter().map(placed).collect()
}

/// A message or a call.
#[derive(Serialize)]
pub(super) struct MessageLine<'a> {
    r#type: &'static str,
    store: &'a str,
    app: &'a str,
    platform: &'a str,
    account: &'a str,
    thread: &'a str,
    id: &'a str,
    sender: Option<&'a str>,
    direction: &'a str,
    sent: Option<String>,
    sent_raw: Option<Raw>,
    received: Option<String>,
    kind: &'a str,
    text: &'a Json,
    server_id: Option<&'a str>,
    reply_to: Option<&'a str>,
    state: &'a str,
    attachments: Vec<Json>,
    reactions: Vec<Json>,
    edits: Vec<Json>,
    receipts: Vec<Json>,
    verdict: &'a str,
    reach: Option<&'a str>,
    rules: Vec<&'a str>,
    notes: &'a [String],
    markers: Vec<MarkerPart<'a>>,
    origin: Place<'a>,
    #[serde(flatten)]
    call: Option<CallPart<'a>>,
    native_type: Option<i64>,
    received_raw: Option<Raw>,
    /// Each rule's own claim; `markers` are places in the list above.
    findings: &'a [Json],
}

#[derive(Serialize)]
struct CallPart<'a> {
    started: &'a Json,
    duration_ms: &'a Json,
    outcome: &'a Json,
    video: &'a Json,
}

impl<'a> MessageLine<'a> {
    pub(super) fn new(shard: &'a Shard, store: &'a StoreRow, m: &'a MessageRow) -> Self {
        let list = |items: &Json| nested(shard, &shard.nested(items, &m.origin));
        MessageLine {
            r#type: if m.call.is_some() { "call" } else { "message" },
            store: &store.key,
            app: &store.app,
            platform: &store.platform,
            account: &m.account,
            thread: &m.thread,
            id: &m.id,
            sender: m.sender.as_deref(),
            direction: &m.direction,
            sent: time(m.sent),
            sent_raw: m.sent.map(Raw::of),
            received: time(m.received),
            kind: &m.kind,
            text: &m.text,
            server_id: m.server_id.as_deref(),
            reply_to: m.reply_to.as_deref(),
            state: &m.state,
            attachments: list(&m.attachments),
            reactions: list(&m.reactions),
            edits: list(&m.edits),
            receipts: list(&m.receipts),
            verdict: &m.verdict,
            reach: m.reach.as_deref(),
            rules: m.rules(),
            notes: &m.notes,
            markers: markers(shard, &m.markers),
            origin: Place::new(shard, &m.origin),
            call: m.call.as_ref().map(|call| {
                let part = |name: &str| call.get(name).unwrap_or(&Json::Null);
                CallPart {
                    started: part("started"),
                    duration_ms: part("duration_ms"),
                    outcome: part("outcome"),
                    video: part("video"),
                }
            }),
            native_type: m.native_type,
            received_raw: m.received.map(Raw::of),
            findings: &m.findings,
        }
    }
}

/// RFC 3339, or nothing where the number is no time; the raw number stands beside it.
pub(super) fn time(stamp: Option<Stamp>) -> Option<String> {
    stamp.filter(|s| s.unix_nanos().is_some()).map(|s| s.to_string())
}

/// A stored number. JSON has no word for a number that is not finite: it is written as text, so that it is not lost.
pub(super) struct Raw(Number);

impl Raw {
    pub(super) fn of(stamp: Stamp) -> Self {
        Raw(stamp.raw)
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Number::Int(i) => s.serialize_i64(i),
            Number::Real(f) if f.is_finite() => s.serialize_f64(f),
            Number::Real(f) => s.serialize_str(&f.to_string()),
        }
    }
}

/// How far a thread or an account was synchronised.
#[derive(Serialize)]
#[serde(tag = "type", rename = "cursor")]
pub(super) struct CursorLine<'a> {
    store: &'a str,
    app: &'a str,
    platform: &'a str,
    account: &'a str,
    thread: Option<&'a str>,
    says: &'a str,
    a: Option<i64>,
    b: Option<i64>,
    markers: Vec<MarkerPart<'a>>,
    origin: Place<'a>,
}

impl<'a> CursorLine<'a> {
    pub(super) fn new(shard: &'a Shard, store: &'a StoreRow, c: &'a CursorRow) -> Self {
        CursorLine {
            store: &store.key,
            app: &store.app,
            platform: &store.platform,
            account: &c.account,
            thread: c.thread.as_deref(),
            says: &c.says,
            a: c.a,
            b: c.b,
            markers: markers(shard, &c.markers),
            origin: Place::new(shard, &c.origin),
        }
    }
}

/// A mark whose record is not in the store.
#[derive(Serialize)]
#[serde(tag = "type", rename = "absence")]
pub(super) struct AbsenceLine<'a> {
    store: &'a str,
    app: &'a str,
    platform: &'a str,
    account: &'a str,
    thread: Option<&'a str>,
    kind: &'a str,
    strength: &'a str,
    id: Option<&'a str>,
    after: Option<i64>,
    before: Option<i64>,
    at_most: Option<i64>,
    text: &'a Json,
    recovered_as: Option<Place<'a>>,
    rules: &'a Json,
    markers: Vec<MarkerPart<'a>>,
    origin: Place<'a>,
}

impl<'a> AbsenceLine<'a> {
    pub(super) fn new(shard: &'a Shard, store: &'a StoreRow, a: &'a AbsenceRow) -> Self {
        AbsenceLine {
            store: &store.key,
            app: &store.app,
            platform: &store.platform,
            account: &a.account,
            thread: a.thread.as_deref(),
            kind: &a.kind,
            strength: &a.strength,
            id: a.id.as_deref(),
            after: a.after,
            before: a.before,
            at_most: a.at_most,
            text: &a.text,
            recovered_as: a.recovered_as.as_ref().map(|o| Place::new(shard, o)),
            rules: &a.rules,
            markers: markers(shard, &a.markers),
            origin: Place::new(shard, &a.origin),
        }
    }
}

/// A problem. One that belongs to no store names its evidence item.
#[derive(Serialize)]
#[serde(tag = "type", rename = "issue")]
pub(super) struct IssueLine<'a> {
    store: Option<&'a str>,
    code: &'a str,
    severity: &'a str,
    detail: &'a str,
    origin: Option<Place<'a>>,
    evidence: &'a str,
}

impl<'a> IssueLine<'a> {
    pub(super) fn new(shard: &'a Shard, i: &'a IssueRow) -> Self {
        IssueLine {
            store: i.store.and_then(|id| shard.store(id)).map(|s| s.key.as_str()),
            code: &i.code,
            severity: &i.severity,
            detail: &i.detail,
            origin: i.origin.as_ref().map(|o| Place::new(shard, o)),
            evidence: shard.evidence(),
        }
    }
}

/// A row that made no sense, kept whole.
#[derive(Serialize)]
#[serde(tag = "type", rename = "quarantine")]
pub(super) struct QuarantineLine<'a> {
    store: &'a str,
    code: &'a str,
    detail: &'a str,
    values: &'a Json,
    origin: Place<'a>,
}

impl<'a> QuarantineLine<'a> {
    pub(super) fn new(shard: &'a Shard, store: &'a StoreRow, q: &'a QuarantineRow) -> Self {
        QuarantineLine {
            store: &store.key,
            code: &q.code,
            detail: &q.detail,
            values: &q.values,
            origin: Place::new(shard, &q.origin),
        }
    }
}

/// Where the rows of a table went.
#[derive(Serialize)]
#[serde(tag = "type", rename = "tally")]
pub(super) struct TallyLine<'a> {
    store: &'a str,
    table: &'a str,
    seen: u64,
    emitted: u64,
    folded: u64,
    passed_over: u64,
    quarantined: u64,
}

impl<'a> TallyLine<'a> {
    pub(super) fn new(store: &'a StoreRow, t: &'a TallyRow) -> Self {
        TallyLine {
            store: &store.key,
            table: &t.table,
            seen: t.seen,
            emitted: t.emitted,
            folded: t.folded,
            passed_over: t.passed_over,
            quarantined: t.quarantined,
        }
    }
}
