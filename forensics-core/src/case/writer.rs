//! Writing a shard: parsers judge and encode on their own threads, one thread writes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::{Connection, params};

use super::CaseError;
use super::codec;
use crate::app::Manifest;
use crate::issue::{Issue, Severity, Tally};
use crate::origin::{Origin, StoreId};
use crate::record::{Account, Contact, Cursor, CursorSays, Extra, Key, Mention, Message, Name, Record, Thread};
use crate::rule::{Finding, judge};
use crate::run::{Event, Progress};
use crate::sink::{Sink, Stopped, StoreInfo, StoreStatus};
use crate::value::Value;
use crate::verdict::{Verdict, weigh};

/// Records handed over at a time: enough that the channel costs nothing, few enough to stay in a cache.
const BATCH: usize = 256;
/// Batches under way between parsers and writer: what bounds the memory of a run.
const QUEUE: usize = 16;
/// Records written in one transaction.
const PER_TRANSACTION: usize = 20_000;

/// What parsers send to the writer.
enum Item {
    Store { id: StoreId, app: &'static str, platform: &'static str, install: String, info: Box<StoreInfo> },
    Describe { store: StoreId, status: StoreStatus, generation: Option<String> },
    Account(Account),
    Contact(Contact),
    Thread(Thread),
    Message { space: i64, message: Box<Message>, verdict: Verdict, findings: Vec<Finding> },
    Cursor { space: i64, cursor: Cursor },
    Mention { space: i64, mention: Box<Mention> },
    Issue(Issue),
    Quarantine { origin: Origin, row: Vec<Value>, why: Issue },
    Tally { store: StoreId, table: String, tally: Tally },
}

/// A shard being written.
pub struct ShardWriter {
    sender: SyncSender<Vec<Item>>,
    thread: JoinHandle<Result<Connection, CaseError>>,
    failure: Arc<Mutex<Option<String>>>,
    part: PathBuf,
}

impl ShardWriter {
    /// Begins a shard in `part`, which must not exist.
    pub fn create(part: &Path) -> Result<Self, CaseError> {
        let connection = super::files::create_database(part)?;
        connection.execute_batch(include_str!("schema.sql"))?;
        let (sender, receiver) = sync_channel(QUEUE);
        let failure = Arc::new(Mutex::new(None));
        let seen = Arc::clone(&failure);
        let thread = std::thread::Builder::new()
            .name("shard-writer".to_owned())
            .spawn(move || {
                let written = write_all(connection, &receiver);
                if let Err(error) = &written {
                    *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
                }
                written
            })
            .map_err(|source| CaseError::Io { path: part.to_owned(), source })?;
        Ok(ShardWriter { sender, thread, failure, part: part.to_owned() })
    }

    /// A sink for one installation of an app. `ordinal` is its place in the run's fixed order; origins are numbered by it.
    pub fn sink<'p>(
        &self,
        app: &'static Manifest,
        platform: &'static str,
        install: String,
        ordinal: u32,
        progress: &'p dyn Progress,
    ) -> ShardSink<'p> {
        ShardSink {
            progress,
            space: i64::from(ordinal) << 16,
            app,
            platform,
            install,
            next: ordinal.saturating_mul(STORES_PER_INSTALL),
            batch: Vec::with_capacity(BATCH),
            sender: self.sender.clone(),
        }
    }

    /// Records a problem of the evidence itself.
    pub fn issue(&self, issue: Issue) -> Result<(), Stopped> {
        self.sender.send(vec![Item::Issue(issue)]).map_err(|_| Stopped)
    }

    /// Waits for everything to be written and gives the connection for the second pass. Every sink must be gone.
    pub fn finish(self) -> Result<(Connection, PathBuf), CaseError> {
        drop(self.sender);
        match self.thread.join() {
            Ok(written) => Ok((written?, self.part)),
            Err(_) => {
                let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
                Err(CaseError::Writer(failure.unwrap_or_else(|| "the writer stopped".to_owned())))
            }
        }
    }
}

/// Store numbers that one installation may use: WeChat for iOS has one store for each chat list and database.
const STORES_PER_INSTALL: u32 = 1 << 20;

/// What a parser of one installation writes to.
pub struct ShardSink<'p> {
    progress: &'p dyn Progress,
    /// Id spaces of one installation are apart from those of another.
    space: i64,
    app: &'static Manifest,
    platform: &'static str,
    install: String,
    next: u32,
    batch: Vec<Item>,
    sender: SyncSender<Vec<Item>>,
}

impl ShardSink<'_> {
    fn push(&mut self, item: Item) -> Result<(), Stopped> {
        self.batch.push(item);
        if self.batch.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    /// How many stores were registered.
    pub fn stores(&self) -> u32 {
        self.next % STORES_PER_INSTALL
    }

    /// Hands over what is still held back.
    pub fn flush(&mut self) -> Result<(), Stopped> {
        if self.batch.is_empty() {
            return Ok(());
        }
        if self.progress.stopped() {
            return Err(Stopped);
        }
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        self.progress.event(Event::Records(batch.len() as u64));
        self.sender.send(batch).map_err(|_| Stopped)
    }
}

impl Sink for ShardSink<'_> {
    fn store(&mut self, info: StoreInfo) -> Result<StoreId, Stopped> {
        self.next += 1;
        let id = StoreId(self.next);
        let install = self.install.clone();
        self.push(Item::Store { id, app: self.app.id, platform: self.platform, install, info: Box::new(info) })?;
        Ok(id)
    }

    fn describe(&mut self, store: StoreId, status: StoreStatus, generation: Option<&str>) -> Result<(), Stopped> {
        self.push(Item::Describe { store, status, generation: generation.map(str::to_owned) })
    }

    fn emit(&mut self, record: Record) -> Result<(), Stopped> {
        let item = match record {
            Record::Account(a) => Item::Account(a),
            Record::Contact(c) => Item::Contact(c),
            Record::Thread(t) => Item::Thread(t),
            Record::Cursor(cursor) => Item::Cursor { space: self.space | i64::from(cursor.space.0), cursor },
            Record::Mention(mention) => Item::Mention { space: self.space | i64::from(mention.space.0), mention },
            Record::Message(message) => {
                let findings = judge(self.app.rules, &message);
                let verdict = weigh(&findings);
                Item::Message { space: self.space | i64::from(message.space.0), message, verdict, findings }
            }
        };
        self.push(item)
    }

    fn issue(&mut self, issue: Issue) -> Result<(), Stopped> {
        self.push(Item::Issue(issue))
    }

    fn quarantine(&mut self, origin: Origin, row: Vec<Value>, why: Issue) -> Result<(), Stopped> {
        self.push(Item::Quarantine { origin, row, why })
    }

    fn tally(&mut self, store: StoreId, table: &str, tally: Tally) -> Result<(), Stopped> {
        if !tally.balances() {
            let detail = format!("table {table}: {tally:?}");
            let origin = Some(Origin::table(store, table));
            self.push(Item::Issue(Issue { code: "tally-broken", severity: Severity::Lost, detail, origin }))?;
        }
        self.push(Item::Tally { store, table: table.to_owned(), tally })
    }
}

fn write_all(connection: Connection, receiver: &Receiver<Vec<Item>>) -> Result<Connection, CaseError> {
    let mut writer = Writer { connection: &connection, terms: HashMap::new(), paths: HashMap::new() };
    let mut held = 0;
    connection.execute_batch("BEGIN")?;
    while let Ok(batch) = receiver.recv() {
        held += batch.len();
        for item in batch {
            writer.write(item)?;
        }
        if held >= PER_TRANSACTION {
            connection.execute_batch("COMMIT; BEGIN")?;
            held = 0;
        }
    }
    connection.execute_batch("COMMIT")?;
    Ok(connection)
}

/// The one thread's view of the shard.
struct Writer<'c> {
    connection: &'c Connection,
    /// Numbers of accounts, threads, senders and tables. As many as there are conversations and persons, not messages.
    terms: HashMap<Key, i64>,
    /// How many stores were seen of each app and path: several files of one path are several versions.
    paths: HashMap<(&'static str, String), u32>,
}

impl Writer<'_> {
    fn term(&mut self, text: &Key) -> Result<i64, CaseError> {
        if let Some(id) = self.terms.get(text) {
            return Ok(*id);
        }
        let mut insert = self.connection.prepare_cached("INSERT INTO term (text) VALUES (?1)")?;
        insert.execute([&**text])?;
        let id = self.connection.last_insert_rowid();
        self.terms.insert(Arc::clone(text), id);
        Ok(id)
    }

    fn maybe_term(&mut self, text: Option<&Key>) -> Result<Option<i64>, CaseError> {
        text.map(|t| self.term(t)).transpose()
    }

    fn write(&mut self, item: Item) -> Result<(), CaseError> {
        match item {
            Item::Store { id, app, platform, install, info } => self.store(id, app, platform, &install, &info),
            Item::Describe { store, status, generation } => {
                let sql = "UPDATE store SET status = ?2, generation = ?3 WHERE id = ?1";
                self.connection.prepare_cached(sql)?.execute(params![store.0, status.word(), generation])?;
                Ok(())
            }
            Item::Account(a) => self.account(&a),
            Item::Contact(c) => self.contact(&c),
            Item::Thread(t) => self.thread(&t),
            Item::Message { space, message, verdict, findings } => self.message(space, &message, verdict, &findings),
            Item::Cursor { space, cursor } => self.cursor(space, &cursor),
            Item::Mention { space, mention } => self.mention(space, &mention),
            Item::Issue(issue) => self.issue(&issue),
            Item::Quarantine { origin, row, why } => self.quarantine(&origin, &row, &why),
            Item::Tally { store, table, tally } => self.tally(store, &table, tally),
        }
    }

    fn store(
        &mut self,
        id: StoreId,
        app: &'static str,
        platform: &str,
        install: &str,
        info: &StoreInfo,
    ) -> Result<(), CaseError> {
        // The key is made of what the phone says, so that it is the same whatever the phone was acquired with.
        let version = self.paths.entry((app, info.path.clone())).or_default();
        *version += 1;
        let key = super::store_key(app, &info.path, *version);
        let sql = "INSERT INTO store VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)";
        self.connection.prepare_cached(sql)?.execute(params![
            id.0,
            key,
            app,
            platform,
            install,
            info.role,
            info.path,
            info.sha256,
            info.size.and_then(|s| i64::try_from(s).ok()),
            info.generation,
            info.encrypted,
            info.status.word(),
            info.wal_frames,
            info.wal_sha256,
        ])?;
        Ok(())
    }

    fn account(&mut self, a: &Account) -> Result<(), CaseError> {
        let account = self.term(&a.id)?;
        let sql = "INSERT INTO account (store, account, name, extra, origin) VALUES (?1,?2,?3,?4,?5)";
        let origin = codec::place(&a.origin).to_string();
        self.connection.prepare_cached(sql)?.execute(params![
            a.origin.store.0,
            account,
            a.name,
            extra(&a.extra),
            origin
        ])?;
        Ok(())
    }

    fn contact(&mut self, c: &Contact) -> Result<(), CaseError> {
        let (account, contact) = (self.term(&c.account)?, self.term(&c.id)?);
        let sql = "INSERT INTO contact (store, account, contact, name, extra, origin) VALUES (?1,?2,?3,?4,?5,?6)";
        let origin = codec::place(&c.origin).to_string();
        let row = params![c.origin.store.0, account, contact, c.name, extra(&c.extra), origin];
        self.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    fn thread(&mut self, t: &Thread) -> Result<(), CaseError> {
        let (account, thread) = (self.term(&t.account)?, self.term(&t.id)?);
        let participants = (!t.participants.is_empty()).then(|| serde_json::json!(t.participants).to_string());
        let sql = "INSERT INTO thread (store, account, thread, name, kind, participants, extra, origin) VALUES (?1,?2,?3,?4,?5,?6,?7,?8)";
        let origin = codec::place(&t.origin).to_string();
        let row =
            params![t.origin.store.0, account, thread, t.name, t.kind.word(), participants, extra(&t.extra), origin];
        self.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    fn message(&mut self, space: i64, m: &Message, verdict: Verdict, findings: &[Finding]) -> Result<(), CaseError> {
        let (account, thread) = (self.term(&m.account)?, self.term(&m.thread)?);
        let sender = self.maybe_term(m.sender.as_ref())?;
        let table = self.maybe_term(m.origin.table.as_ref())?;
        let base = &m.origin;
        let sql = "INSERT INTO message (store, space, account, thread, key, sender, direction, sent_raw, sent_epoch, sent_ms, \
                   received_raw, received_epoch, kind, native_type, text, server_id, reply_to, state, sequence, table_name, row, \
                   page, offset, length, wal_frame, row_key, attachments, reactions, edits, receipts, markers, notes, call) VALUES \
                   (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,?26,?27,?28,?29,?30,?31,?32,?33)";
        self.connection.prepare_cached(sql)?.execute(params![
            base.store.0,
            space,
            account,
            thread,
            &*m.id,
            sender,
            m.direction.word(),
            codec::raw_time(m.sent),
            m.sent.map(|s| codec::epoch(s.epoch)),
            m.sent.and_then(|s| s.unix_millis()),
            codec::raw_time(m.received),
            m.received.map(|s| codec::epoch(s.epoch)),
            m.kind.word(),
            m.native_type,
            codec::column(&m.text),
            m.server_id,
            m.reply_to,
            m.state.word(),
            m.sequence,
            table,
            base.rowid,
            base.page,
            base.offset.map(u64::cast_signed),
            base.length.map(u64::cast_signed),
            base.wal_frame,
            base.key,
            codec::attachments(&m.attachments, base),
            codec::reactions(&m.reactions, base),
            codec::edits(&m.edits, base),
            codec::receipts(&m.receipts, base),
            (!m.markers.is_empty()).then(|| codec::markers(&m.markers, base)),
            codec::notes(m),
            m.call.as_ref().map(codec::call),
        ])?;
        let id = self.connection.last_insert_rowid();
        let sql = "INSERT INTO verdict VALUES (?1,?2,?3,?4)";
        let reach = verdict.reach().map(|r| r.word());
        self.connection.prepare_cached(sql)?.execute(params![id, verdict.word(), reach, codec::findings(findings)])?;
        for alias in &m.aliases {
            let sql = "INSERT INTO alias VALUES (?1,?2,?3)";
            self.connection.prepare_cached(sql)?.execute(params![space, &**alias, id])?;
        }
        Ok(())
    }

    fn cursor(&mut self, space: i64, c: &Cursor) -> Result<(), CaseError> {
        let (account, thread) = (self.term(&c.account)?, self.maybe_term(c.thread.as_ref())?);
        let (says, a, b) = match c.says {
            CursorSays::Next(n) => ("next", Some(n), None),
            CursorSays::Reached(n) => ("reached", Some(n), None),
            CursorSays::Stored(n) => ("stored", Some(n), None),
            CursorSays::Hole { after, before } => ("hole", Some(after), Some(before)),
            CursorSays::Undelivered { count, first } => ("undelivered", Some(count), first),
            CursorSays::Cleared(n) => ("cleared", Some(n), None),
            CursorSays::Position(n) => ("position", Some(n), None),
        };
        let origin = &c.marker.origin;
        let sql = "INSERT INTO cursor (store, space, account, thread, sequence, says, a, b, marker, origin) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)";
        self.connection.prepare_cached(sql)?.execute(params![
            origin.store.0,
            space,
            account,
            thread,
            c.sequence,
            says,
            a,
            b,
            codec::markers(std::slice::from_ref(&c.marker), origin),
            codec::place(origin).to_string(),
        ])?;
        Ok(())
    }

    fn mention(&mut self, space: i64, m: &Mention) -> Result<(), CaseError> {
        let (account, thread) = (self.term(&m.account)?, self.maybe_term(m.thread.as_ref())?);
        let names: Vec<_> = m
            .names
            .iter()
            .map(|name| match name {
                Name::Server(id) => serde_json::json!(["server", id]),
                Name::Id(id) => serde_json::json!(["id", id]),
                Name::Row { table, rowid } => serde_json::json!(["row", &**table, rowid]),
            })
            .collect();
        let sql = "INSERT INTO mention (store, space, account, thread, names, kind, strength, rule, text, after, before, at_most, markers, origin) \
                   VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)";
        self.connection.prepare_cached(sql)?.execute(params![
            m.origin.store.0,
            space,
            account,
            thread,
            serde_json::Value::Array(names).to_string(),
            m.kind.word(),
            m.strength.word(),
            m.rule,
            codec::column(&m.text),
            m.after,
            m.before,
            m.at_most.and_then(|n| i64::try_from(n).ok()),
            codec::markers(&m.markers, &m.origin),
            codec::place(&m.origin).to_string(),
        ])?;
        Ok(())
    }

    fn issue(&mut self, issue: &Issue) -> Result<(), CaseError> {
        let sql = "INSERT INTO issue (store, code, severity, detail, origin) VALUES (?1,?2,?3,?4,?5)";
        let origin = issue.origin.as_ref();
        let store = origin.map(|o| o.store.0);
        let place = origin.map(|o| codec::place(o).to_string());
        let row = params![store, issue.code, issue.severity.word(), issue.detail, place];
        self.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    fn quarantine(&mut self, origin: &Origin, row: &[Value], why: &Issue) -> Result<(), CaseError> {
        let sql = "INSERT INTO quarantine (store, code, detail, row_values, origin) VALUES (?1,?2,?3,?4,?5)";
        let values = serde_json::Value::Array(row.iter().map(codec::value).collect()).to_string();
        let place = codec::place(origin).to_string();
        self.connection.prepare_cached(sql)?.execute(params![origin.store.0, why.code, why.detail, values, place])?;
        self.issue(why)
    }

    fn tally(&mut self, store: StoreId, table: &str, t: Tally) -> Result<(), CaseError> {
        let sql = "INSERT INTO tally VALUES (?1,?2,?3,?4,?5,?6,?7)";
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        self.connection.prepare_cached(sql)?.execute(params![
            store.0,
            table,
            count(t.seen),
            count(t.emitted),
            count(t.folded),
            count(t.passed_over),
            count(t.quarantined),
        ])?;
        Ok(())
    }
}

fn extra(extra: &Extra) -> Option<String> {
    let map: serde_json::Map<String, serde_json::Value> =
        extra.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| ((*k).to_owned(), codec::value(v))).collect();
    (!map.is_empty()).then(|| serde_json::Value::Object(map).to_string())
}
