//! Reading a sealed shard: what exports, reports and the terminal see.

use std::collections::HashMap;

use rusqlite::{Connection, Row, Statement, params};
use serde_json::Value as Json;

use super::CaseError;
use super::codec::{self, StoredMarker};
use crate::origin::{Origin, StoreId};
use crate::stamp::Stamp;

/// A sealed shard.
pub struct Shard {
    connection: Connection,
    terms: Vec<String>,
    stores: Vec<StoreRow>,
    by_id: HashMap<u32, usize>,
    evidence: String,
}

/// A store of the shard.
#[derive(Clone, Debug)]
pub struct StoreRow {
    /// Its number inside the shard.
    pub id: StoreId,
    /// Its key as exported, unique within a case.
    pub key: String,
    /// The evidence item's key.
    pub evidence: String,
    /// The app.
    pub app: String,
    /// The platform.
    pub platform: String,
    /// The installation's label.
    pub install: String,
    /// What it is to the app.
    pub role: String,
    /// The canonical device path.
    pub path: String,
    /// SHA-256.
    pub sha256: Option<String>,
    /// Length in bytes.
    pub size: Option<u64>,
    /// Schema generation.
    pub generation: Option<String>,
    /// Cipher.
    pub encrypted: Option<String>,
    /// `read`, `needs-key`, `unreadable`, `unknown-schema`.
    pub status: String,
    /// Frames of the write-ahead log laid over it.
    pub wal_frames: u32,
    /// SHA-256 of the `-wal` file.
    pub wal_sha256: Option<String>,
}

impl StoreRow {
    /// The last component of the path.
    pub fn file(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// An account, contact or thread as read back.
#[derive(Clone, Debug)]
pub struct EntityRow {
    /// Its store.
    pub store: StoreId,
    /// The account's key.
    pub account: String,
    /// The app's own key.
    pub id: String,
    /// Name.
    pub name: Option<String>,
    /// For threads: the sort of conversation.
    pub kind: Option<String>,
    /// For threads: the persons in it.
    pub participants: Json,
    /// Further facts.
    pub extra: Json,
    /// The row.
    pub origin: Origin,
}

/// A message or call as read back.
#[derive(Clone, Debug)]
pub struct MessageRow {
    /// Its number inside the shard; not stable between runs.
    pub number: i64,
    /// The row.
    pub origin: Origin,
    /// The account's key.
    pub account: String,
    /// The conversation's key.
    pub thread: String,
    /// The app's own key.
    pub id: String,
    /// The sender's key.
    pub sender: Option<String>,
    /// `in`, `out`, `system`, `unknown`.
    pub direction: String,
    /// When sent.
    pub sent: Option<Stamp>,
    /// When received.
    pub received: Option<Stamp>,
    /// What it carries.
    pub kind: String,
    /// The store's own type code.
    pub native_type: Option<i64>,
    /// Text, `{"hex": …}` or null.
    pub text: Json,
    /// The server's id.
    pub server_id: Option<String>,
    /// What it answers.
    pub reply_to: Option<String>,
    /// `live`, `hidden`, `superseded`, `recovered`.
    pub state: String,
    /// Attachments: objects as exported, `origin` still in shard form (see [`Shard::nested`]).
    pub attachments: Json,
    /// Reactions, likewise.
    pub reactions: Json,
    /// Edits, likewise.
    pub edits: Json,
    /// Receipts, likewise.
    pub receipts: Json,
    /// The marks.
    pub markers: Vec<StoredMarker>,
    /// For a call: `started`, `duration_ms`, `outcome`, `video`.
    pub call: Option<Json>,
    /// The verdict's word.
    pub verdict: String,
    /// How far it is confirmed.
    pub reach: Option<String>,
    /// The findings: `{rule, claim, reach, notes, markers}`.
    pub findings: Vec<Json>,
    /// All notes, of the parser and of the rules, sorted.
    pub notes: Vec<String>,
}

impl MessageRow {
    /// Ids of the rules that spoke, in the order of the app's manifest.
    pub fn rules(&self) -> Vec<&str> {
        self.findings.iter().filter_map(|f| f.get("rule").and_then(Json::as_str)).collect()
    }
}

/// A cursor as read back.
#[derive(Clone, Debug)]
pub struct CursorRow {
    /// Its store.
    pub store: StoreId,
    /// The account.
    pub account: String,
    /// The thread; `None` for the account.
    pub thread: Option<String>,
    /// `next`, `reached`, `stored`, `hole`, `undelivered`, `cleared`, `position`.
    pub says: String,
    /// First number.
    pub a: Option<i64>,
    /// Second number.
    pub b: Option<i64>,
    /// The mark.
    pub markers: Vec<StoredMarker>,
    /// The cell.
    pub origin: Origin,
}

/// An absence as read back.
#[derive(Clone, Debug)]
pub struct AbsenceRow {
    /// Its store.
    pub store: StoreId,
    /// The account.
    pub account: String,
    /// The thread.
    pub thread: Option<String>,
    /// The sort.
    pub kind: String,
    /// `strong` or `weak`.
    pub strength: String,
    /// The id that the marks name.
    pub id: Option<String>,
    /// Last number present before.
    pub after: Option<i64>,
    /// First number present after.
    pub before: Option<i64>,
    /// How many at the most.
    pub at_most: Option<i64>,
    /// What is left of the text.
    pub text: Json,
    /// Where the record was recovered, if it was.
    pub recovered_as: Option<Origin>,
    /// The rules.
    pub rules: Json,
    /// The marks.
    pub markers: Vec<StoredMarker>,
    /// The first mark's row.
    pub origin: Origin,
}

/// An issue as read back.
#[derive(Clone, Debug)]
pub struct IssueRow {
    /// Its store, if any.
    pub store: Option<StoreId>,
    /// The code.
    pub code: String,
    /// `info`, `degraded`, `lost`.
    pub severity: String,
    /// What was found.
    pub detail: String,
    /// Where.
    pub origin: Option<Origin>,
}

/// A quarantined row as read back.
#[derive(Clone, Debug)]
pub struct QuarantineRow {
    /// Its store.
    pub store: StoreId,
    /// The code.
    pub code: String,
    /// What is wrong.
    pub detail: String,
    /// The row's values.
    pub values: Json,
    /// The row.
    pub origin: Origin,
}

/// A tally as read back: table, seen, emitted, folded, passed over, quarantined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyRow {
    /// Its store.
    pub store: StoreId,
    /// The table.
    pub table: String,
    /// Rows seen.
    pub seen: u64,
    /// Rows emitted.
    pub emitted: u64,
    /// Rows folded.
    pub folded: u64,
    /// Rows passed over.
    pub passed_over: u64,
    /// Rows quarantined.
    pub quarantined: u64,
}

/// Which messages to read.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this store.
    pub store: Option<StoreId>,
    /// Only of this app.
    pub app: Option<String>,
    /// Only of threads whose key or name contains this.
    pub thread: Option<String>,
    /// Only with this verdict.
    pub verdict: Option<String>,
}

/// In which order to read messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By table and row: the order of exports.
    Origin,
    /// By thread and time: the order of people.
    Thread,
}

impl Shard {
    pub(super) fn new(connection: Connection, evidence: String) -> Result<Self, CaseError> {
        let mut terms = vec![String::new()];
        {
            let mut statement = connection.prepare("SELECT text FROM term ORDER BY id")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                terms.push(row.get(0)?);
            }
        }
        let mut stores = {
            let mut statement = connection.prepare("SELECT * FROM store")?;
            let rows = statement.query_map([], |r| {
                Ok(StoreRow {
                    id: StoreId(r.get(0)?),
                    key: format!("{evidence}-{}", r.get::<_, String>(1)?),
                    evidence: evidence.clone(),
                    app: r.get(2)?,
                    platform: r.get(3)?,
                    install: r.get(4)?,
                    role: r.get(5)?,
                    path: r.get(6)?,
                    sha256: r.get(7)?,
                    size: r.get::<_, Option<i64>>(8)?.and_then(|s| u64::try_from(s).ok()),
                    generation: r.get(9)?,
                    encrypted: r.get(10)?,
                    status: r.get(11)?,
                    wal_frames: r.get(12)?,
                    wal_sha256: r.get(13)?,
                })
            })?;
            rows.collect::<Result<Vec<_>, _>>()?
        };
        stores.sort_by(|a, b| (&a.app, &a.path, &a.key).cmp(&(&b.app, &b.path, &b.key)));
        let by_id = stores.iter().enumerate().map(|(place, s)| (s.id.0, place)).collect();
        Ok(Shard { connection, terms, stores, by_id, evidence })
    }

    /// The evidence item's key.
    pub fn evidence(&self) -> &str {
        &self.evidence
    }

    /// The stores, by app and path: the order of exports.
    pub fn stores(&self) -> &[StoreRow] {
        &self.stores
    }

    /// A store by its number.
    pub fn store(&self, id: StoreId) -> Option<&StoreRow> {
        self.by_id.get(&id.0).and_then(|place| self.stores.get(*place))
    }

    fn term(&self, id: Option<i64>) -> Option<String> {
        let id = usize::try_from(id?).ok()?;
        self.terms.get(id).cloned()
    }

    fn need(&self, id: i64) -> String {
        self.term(Some(id)).unwrap_or_default()
    }

    /// Accounts of a store.
    pub fn accounts(&self, store: StoreId) -> Result<Vec<EntityRow>, CaseError> {
        self.entities(
            "SELECT store, account, account, name, NULL, NULL, extra, origin FROM account WHERE store = ?1",
            store,
        )
    }

    /// Contacts of a store.
    pub fn contacts(&self, store: StoreId) -> Result<Vec<EntityRow>, CaseError> {
        self.entities(
            "SELECT store, account, contact, name, NULL, NULL, extra, origin FROM contact WHERE store = ?1",
            store,
        )
    }

    /// Threads of a store.
    pub fn threads(&self, store: StoreId) -> Result<Vec<EntityRow>, CaseError> {
        self.entities(
            "SELECT store, account, thread, name, kind, participants, extra, origin FROM thread WHERE store = ?1",
            store,
        )
    }

    fn entities(&self, sql: &str, store: StoreId) -> Result<Vec<EntityRow>, CaseError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([store.0], |r| {
            Ok(EntityRow {
                store,
                account: self.need(r.get(1)?),
                id: self.need(r.get(2)?),
                name: r.get(3)?,
                kind: r.get(4)?,
                participants: json_column(r, 5)?,
                extra: json_column(r, 6)?,
                origin: codec::parse_place_text(&r.get::<_, String>(7)?),
            })
        })?;
        let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
        rows.sort_by_cached_key(|e| order_key(&e.origin));
        Ok(rows)
    }

    /// Hands every message that passes the filter to `each`, one at a time.
    pub fn messages<E: From<CaseError>>(
        &self,
        filter: &Filter,
        order: Order,
        mut each: impl FnMut(MessageRow) -> Result<(), E>,
    ) -> Result<(), E> {
        // Numbers are sorted, eight bytes each, and the rows fetched by them: whole rows would be sorted on disk.
        let mut sql = String::from(
            "SELECT m.id FROM message m JOIN verdict v ON v.message = m.id JOIN store s ON s.id = m.store \
             LEFT JOIN term t ON t.id = m.table_name LEFT JOIN term h ON h.id = m.thread LEFT JOIN term a ON a.id = m.account WHERE 1",
        );
        let mut arguments: Vec<rusqlite::types::Value> = Vec::new();
        let mut also = |clause: &str, value: rusqlite::types::Value| {
            arguments.push(value);
            sql.push_str(&clause.replace('?', &format!("?{}", arguments.len())));
        };
        if let Some(store) = filter.store {
            also(" AND m.store = ?", i64::from(store.0).into());
        }
        if let Some(app) = &filter.app {
            also(" AND s.app = ?", app.clone().into());
        }
        if let Some(verdict) = &filter.verdict {
            also(" AND v.verdict = ?", verdict.clone().into());
        }
        if let Some(thread) = &filter.thread {
            also(
                " AND (instr(lower(h.text), lower(?)) OR m.thread IN (SELECT thread FROM thread WHERE instr(lower(name), lower(?))))",
                thread.clone().into(),
            );
        }
        sql.push_str(match order {
            Order::Origin => " ORDER BY s.app, s.path, s.key, t.text, m.row, m.row_key, m.id",
            Order::Thread => {
                " ORDER BY s.app, s.platform, s.install, a.text, h.text, m.sent_ms, m.sequence, t.text, m.row, m.row_key"
            }
        });
        let numbers = self.numbers(&sql, arguments)?;
        let sql = "SELECT m.*, v.verdict, v.reach, v.findings FROM message m JOIN verdict v ON v.message = m.id WHERE m.id = ?1";
        let mut statement = self.connection.prepare_cached(sql).map_err(CaseError::from)?;
        for number in numbers {
            each(statement.query_row([number], |row| self.message(row)).map_err(CaseError::from)?)?;
        }
        Ok(())
    }

    fn numbers(&self, sql: &str, arguments: Vec<rusqlite::types::Value>) -> Result<Vec<i64>, CaseError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(arguments), |r| r.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn message(&self, r: &Row<'_>) -> Result<MessageRow, rusqlite::Error> {
        let origin = Origin {
            table: self.term(r.get("table_name")?).map(Into::into),
            rowid: r.get("row")?,
            wal_frame: r.get("wal_frame")?,
            page: r.get("page")?,
            offset: r.get::<_, Option<i64>>("offset")?.map(i64::cast_unsigned),
            length: r.get::<_, Option<i64>>("length")?.map(i64::cast_unsigned),
            key: r.get::<_, Option<String>>("row_key")?.map(Into::into),
            ..Origin::store(StoreId(r.get("store")?))
        };
        let text = match r.get_ref("text")? {
            rusqlite::types::ValueRef::Text(t) => Json::String(String::from_utf8_lossy(t).into_owned()),
            rusqlite::types::ValueRef::Blob(b) => serde_json::json!({"hex": crate::value::hex(b)}),
            rusqlite::types::ValueRef::Integer(i) => i.into(),
            rusqlite::types::ValueRef::Real(f) => f.into(),
            rusqlite::types::ValueRef::Null => Json::Null,
        };
        let findings: Json = json_named(r, "findings")?;
        let findings = findings.as_array().cloned().unwrap_or_default();
        let mut notes: Vec<String> =
            json_named(r, "notes")?.as_array().into_iter().flatten().filter_map(as_text).collect();
        for finding in &findings {
            notes.extend(finding.get("notes").and_then(Json::as_array).into_iter().flatten().filter_map(as_text));
        }
        notes.sort_unstable();
        notes.dedup();
        let stamp = |raw: &str, epoch: &str| -> Result<Option<Stamp>, rusqlite::Error> {
            let raw: rusqlite::types::Value = r.get(raw)?;
            let epoch: Option<String> = r.get(epoch)?;
            Ok(codec::parse_stamp(&raw, epoch.as_deref()))
        };
        Ok(MessageRow {
            number: r.get("id")?,
            account: self.need(r.get("account")?),
            thread: self.need(r.get("thread")?),
            id: r.get("key")?,
            sender: self.term(r.get("sender")?),
            direction: r.get("direction")?,
            sent: stamp("sent_raw", "sent_epoch")?,
            received: stamp("received_raw", "received_epoch")?,
            kind: r.get("kind")?,
            native_type: r.get("native_type")?,
            text,
            server_id: r.get("server_id")?,
            reply_to: r.get("reply_to")?,
            state: r.get("state")?,
            attachments: json_named(r, "attachments")?,
            reactions: json_named(r, "reactions")?,
            edits: json_named(r, "edits")?,
            receipts: json_named(r, "receipts")?,
            markers: r
                .get::<_, Option<String>>("markers")?
                .map(|m| codec::parse_markers(&m, &origin))
                .unwrap_or_default(),
            call: Some(json_named(r, "call")?).filter(|c| !c.is_null()),
            verdict: r.get("verdict")?,
            reach: r.get("reach")?,
            findings,
            notes,
            origin,
        })
    }

    /// Cursors of a store.
    pub fn cursors(&self, store: StoreId) -> Result<Vec<CursorRow>, CaseError> {
        let sql = "SELECT account, thread, says, a, b, marker, origin FROM cursor WHERE store = ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([store.0], |r| {
            let origin = codec::parse_place_text(&r.get::<_, String>(6)?);
            Ok(CursorRow {
                store,
                account: self.need(r.get(0)?),
                thread: self.term(r.get(1)?),
                says: r.get(2)?,
                a: r.get(3)?,
                b: r.get(4)?,
                markers: codec::parse_markers(&r.get::<_, String>(5)?, &origin),
                origin,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Absences of a store, by origin.
    pub fn absences(&self, store: StoreId) -> Result<Vec<AbsenceRow>, CaseError> {
        let sql = "SELECT account, thread, kind, strength, name, after, before, at_most, text, rules, markers, origin, recovered_as FROM absence WHERE store = ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([store.0], |r| {
            let origin = codec::parse_place_text(&r.get::<_, String>(11)?);
            let text = match r.get_ref(8)? {
                rusqlite::types::ValueRef::Text(t) => Json::String(String::from_utf8_lossy(t).into_owned()),
                rusqlite::types::ValueRef::Blob(b) => serde_json::json!({"hex": crate::value::hex(b)}),
                _ => Json::Null,
            };
            Ok(AbsenceRow {
                store,
                account: self.need(r.get(0)?),
                thread: self.term(r.get(1)?),
                kind: r.get(2)?,
                strength: r.get(3)?,
                id: r.get(4)?,
                after: r.get(5)?,
                before: r.get(6)?,
                at_most: r.get(7)?,
                text,
                recovered_as: r.get::<_, Option<String>>(12)?.map(|o| codec::parse_place_text(&o)),
                rules: json_column(r, 9)?,
                markers: codec::parse_markers(&r.get::<_, String>(10)?, &origin),
                origin,
            })
        })?;
        let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
        rows.sort_by_cached_key(|a| (order_key(&a.origin), a.kind.clone(), a.id.clone(), a.after));
        Ok(rows)
    }

    /// Issues of a store, or those of no store.
    pub fn issues(&self, store: Option<StoreId>) -> Result<Vec<IssueRow>, CaseError> {
        let sql = "SELECT code, severity, detail, origin FROM issue WHERE store IS ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![store.map(|s| s.0)], |r| {
            Ok(IssueRow {
                store,
                code: r.get(0)?,
                severity: r.get(1)?,
                detail: r.get(2)?,
                origin: r.get::<_, Option<String>>(3)?.map(|o| codec::parse_place_text(&o)),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Quarantined rows of a store, by origin.
    pub fn quarantine(&self, store: StoreId) -> Result<Vec<QuarantineRow>, CaseError> {
        let sql = "SELECT code, detail, row_values, origin FROM quarantine WHERE store = ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([store.0], |r| {
            Ok(QuarantineRow {
                store,
                code: r.get(0)?,
                detail: r.get(1)?,
                values: json_column(r, 2)?,
                origin: codec::parse_place_text(&r.get::<_, String>(3)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Tallies of a store, by table.
    pub fn tallies(&self, store: StoreId) -> Result<Vec<TallyRow>, CaseError> {
        let sql =
            "SELECT name, seen, emitted, folded, passed_over, quarantined FROM tally WHERE store = ?1 ORDER BY name";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([store.0], |r| {
            let count = |i: usize| r.get::<_, i64>(i).map(|n| u64::try_from(n).unwrap_or(0));
            Ok(TallyRow {
                store,
                table: r.get(0)?,
                seen: count(1)?,
                emitted: count(2)?,
                folded: count(3)?,
                passed_over: count(4)?,
                quarantined: count(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Messages counted by app, platform and verdict.
    pub fn verdict_counts(&self) -> Result<Vec<(String, String, String, u64)>, CaseError> {
        let sql = "SELECT s.app, s.platform, v.verdict, count(*) FROM message m JOIN verdict v ON v.message = m.id \
                   JOIN store s ON s.id = m.store GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
        self.counts(sql)
    }

    /// Absences counted by app, platform and kind.
    pub fn absence_counts(&self) -> Result<Vec<(String, String, String, u64)>, CaseError> {
        let sql = "SELECT s.app, s.platform, a.kind, count(*) FROM absence a JOIN store s ON s.id = a.store GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
        self.counts(sql)
    }

    /// Issues counted by severity and code: `(severity, code, "", count)`.
    pub fn issue_counts(&self) -> Result<Vec<(String, String, String, u64)>, CaseError> {
        self.counts("SELECT severity, code, '', count(*) FROM issue GROUP BY 1, 2 ORDER BY 1, 2")
    }

    fn counts(&self, sql: &str) -> Result<Vec<(String, String, String, u64)>, CaseError> {
        let mut statement: Statement<'_> = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?, u64::try_from(r.get::<_, i64>(3)?).unwrap_or(0)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The nested objects of a message (attachments, reactions, edits, receipts) with complete places.
    pub fn nested(&self, items: &Json, base: &Origin) -> Vec<(serde_json::Map<String, Json>, Origin)> {
        let list = items.as_array().into_iter().flatten();
        list.filter_map(|item| {
            let mut map = item.as_object()?.clone();
            let place = map.shift_remove("origin");
            Some((map, codec::parse_place(place.as_ref(), base)))
        })
        .collect()
    }
}

/// Sorts by table, row, key and place.
fn order_key(o: &Origin) -> (Option<String>, Option<i64>, Option<String>, Option<u64>) {
    (o.table.as_deref().map(str::to_owned), o.rowid, o.key.as_deref().map(str::to_owned), o.offset)
}

fn as_text(json: &Json) -> Option<String> {
    json.as_str().map(str::to_owned)
}

fn json_column(r: &Row<'_>, column: usize) -> Result<Json, rusqlite::Error> {
    let text: Option<String> = r.get(column)?;
    Ok(text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or(Json::Null))
}

fn json_named(r: &Row<'_>, column: &str) -> Result<Json, rusqlite::Error> {
    let text: Option<String> = r.get(column)?;
    Ok(text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or(Json::Null))
}
