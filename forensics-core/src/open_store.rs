//! An opened database with its place in the case: every table is read through it, so that every row is accounted for.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::app::{Install, unreadable};
use crate::issue::{Issue, Severity, Tally};
use crate::load::{Bytes, Loaded, load};
use crate::origin::{Origin, StoreId};
use crate::sink::{Sink, Stopped, StoreInfo, StoreStatus};
use crate::store::sqlite::{Cipher, Database, Files, Row, SqliteError, Table};
use crate::value::hex;
use crate::vfs::{Entry, ReadAt, VfsError};

/// The largest write-ahead log or journal that is read: both are held in memory.
const MAX_SIDECAR: u64 = 2 << 30;
/// Bytes of a database that a key is tried on.
const HEAD: usize = 64 << 10;
/// Bytes of pages kept of a database that is too large for memory.
const PAGE_CACHE: usize = 64 << 20;
/// What every unencrypted SQLite database begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// How an encrypted database is opened.
pub enum Unlock<'a> {
    /// The app never encrypts this store.
    Plain,
    /// Finds the cipher from the first bytes of the file (up to 64 KiB), or says which kind of key is missing and how
    /// many were tried.
    With(&'a dyn Fn(&[u8]) -> Result<Cipher, NoKey>),
}

/// No key opens a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoKey {
    /// The kind of key that is missing, as in `keys.toml`.
    pub kind: &'static str,
    /// How many were tried.
    pub tried: usize,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It became a record.
    Emitted,
    /// It became part of another record, a mark, a cursor or a mention.
    Folded,
    /// It is known to hold no record.
    PassedOver,
    /// It made no sense: what is wrong with it.
    Quarantined(String),
}

/// An opened database that is registered in the case.
pub struct OpenStore {
    db: Database,
    path: String,
    done: RefCell<BTreeSet<Arc<str>>>,
}

impl Deref for OpenStore {
    type Target = Database;
    fn deref(&self) -> &Database {
        &self.db
    }
}

impl OpenStore {
    /// See [`Install::open`].
    pub(crate) fn open(
        install: &Install<'_>,
        sink: &mut dyn Sink,
        role: &'static str,
        entry: &Entry,
        unlock: &Unlock<'_>,
    ) -> Result<Option<OpenStore>, Stopped> {
        let mut info = StoreInfo {
            role,
            path: entry.device.to_string(),
            sha256: None,
            size: entry.size,
            generation: None,
            encrypted: None,
            status: StoreStatus::Unreadable,
            wal_frames: 0,
            wal_sha256: None,
        };
        // A database that is cut short still has its first pages: it is read as far as it goes.
        let loaded = match load(install, entry) {
            Ok(Loaded { size: 0, cut: Some(error), .. }) | Err(error) => {
                let id = sink.store(info)?;
                sink.issue(unreadable(id, &entry.device.to_string(), &error))?;
                return Ok(None);
            }
            Ok(loaded) => loaded,
        };
        let mut troubles: Vec<_> = loaded.cut.into_iter().map(|error| (entry.device.to_string(), error)).collect();
        let mut sidecar = |suffix: &str| -> Option<Vec<u8>> {
            let found = install.sibling(entry, suffix)?;
            let (bytes, cut) = install.read_as_far(found, MAX_SIDECAR);
            troubles.extend(cut.map(|error| (found.device.to_string(), error)));
            Some(bytes)
        };
        let (wal, journal) = (sidecar("-wal"), sidecar("-journal"));
        let has_wal = wal.is_some();
        info.sha256 = Some(loaded.sha256);
        info.size = Some(loaded.size);
        let opened = match loaded.bytes {
            Bytes::Memory(main) => Self::open_files(Files { main, wal, journal }, &mut info, unlock),
            Bytes::File(main) => Self::open_large(main, wal, journal, &mut info, unlock),
        };
        let id = sink.store(info.clone())?;
        for (path, error) in &troubles {
            let detail = format!("{path}: read as far as it goes: {}", explain(error));
            let origin = Some(Origin::store(id));
            sink.issue(Issue { code: "store-cut", severity: Severity::Lost, detail, origin })?;
        }
        match opened {
            Ok(mut db) => {
                db.set_store(id);
                for flaw in db.flaws() {
                    let severity = if flaw.lost { Severity::Lost } else { Severity::Info };
                    let detail = format!("{}: {}: {}", info.path, flaw.code, flaw.detail);
                    sink.issue(Issue { code: "store-flaw", severity, detail, origin: Some(Origin::store(id)) })?;
                }
                if !has_wal && db.header().write_version == 2 {
                    let detail = format!(
                        "{}: its header says that it has a write-ahead log, and none lies beside it: what stood only there is not read",
                        info.path
                    );
                    let origin = Some(Origin::store(id));
                    sink.issue(Issue { code: "store-wal-missing", severity: Severity::Info, detail, origin })?;
                }
                Ok(Some(OpenStore { db, path: info.path, done: RefCell::default() }))
            }
            Err((code, detail)) => {
                let detail = format!("{}: {detail}", info.path);
                sink.issue(Issue { code, severity: Severity::Lost, detail, origin: Some(Origin::store(id)) })?;
                Ok(None)
            }
        }
    }

    /// Opens the bytes of a database that was decrypted or unpacked from another store (a backup file of the app).
    pub fn derived(
        sink: &mut dyn Sink,
        role: &'static str,
        path: String,
        bytes: Vec<u8>,
        encrypted: Option<&str>,
    ) -> Result<Option<OpenStore>, Stopped> {
        let mut info = StoreInfo {
            role,
            path,
            sha256: None,
            size: None,
            generation: None,
            encrypted: None,
            status: StoreStatus::Unreadable,
            wal_frames: 0,
            wal_sha256: None,
        };
        info.sha256 = Some(hex(&Sha256::digest(&bytes)));
        info.size = Some(bytes.len() as u64);
        let opened = Self::open_files(Files { main: bytes, wal: None, journal: None }, &mut info, &Unlock::Plain);
        info.encrypted = encrypted.map(str::to_owned);
        let id = sink.store(info.clone())?;
        match opened {
            Ok(mut db) => {
                db.set_store(id);
                Ok(Some(OpenStore { db, path: info.path, done: RefCell::default() }))
            }
            Err((code, detail)) => {
                let detail = format!("{}: {detail}", info.path);
                sink.issue(Issue { code, severity: Severity::Lost, detail, origin: Some(Origin::store(id)) })?;
                Ok(None)
            }
        }
    }

    /// Opens a database in memory.
    fn open_files(files: Files, info: &mut StoreInfo, unlock: &Unlock<'_>) -> Result<Database, Refusal> {
        let first = files.first_page().unwrap_or_default();
        let cipher = cipher_of(first, info, unlock)?;
        info.wal_sha256 = files.wal.as_ref().map(|wal| hex(&Sha256::digest(wal)));
        settle(Database::open(files, cipher.as_ref()), info)
    }

    /// Opens a database that is too large for memory.
    fn open_large(
        main: Arc<dyn ReadAt>,
        wal: Option<Vec<u8>>,
        journal: Option<Vec<u8>>,
        info: &mut StoreInfo,
        unlock: &Unlock<'_>,
    ) -> Result<Database, Refusal> {
        let mut first = vec![0; HEAD];
        let read = main.read_at(0, &mut first).map_err(|e| ("store-unreadable", e.to_string()))?;
        first.truncate(read);
        let cipher = cipher_of(&first, info, unlock)?;
        info.wal_sha256 = wal.as_ref().map(|wal| hex(&Sha256::digest(wal)));
        settle(Database::open_at(main, wal, journal, cipher.as_ref(), PAGE_CACHE), info)
    }

    /// The store's number.
    pub fn id(&self) -> StoreId {
        self.db.store()
    }

    /// The canonical device path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The first table that the store lacks, of those that it must have.
    pub fn lacks<'t>(&self, tables: &[&'t str]) -> Option<&'t str> {
        tables.iter().copied().find(|t| self.db.table(t).is_none())
    }

    /// Says that the store is not what its name promises.
    pub fn refuse(&self, sink: &mut dyn Sink, why: &str) -> Result<(), Stopped> {
        sink.describe(self.id(), StoreStatus::UnknownSchema, None)?;
        let detail = format!("{}: {why}", self.path);
        let origin = Some(Origin::store(self.id()));
        sink.issue(Issue { code: "store-unknown-schema", severity: Severity::Lost, detail, origin })?;
        self.finish(sink)
    }

    /// Hands every row of a table to `read`, in rowid order, and accounts for it. A table that is not there has no rows.
    /// A row or page that cannot be decoded becomes an issue, and the rest is read.
    pub fn each<'a>(
        &'a self,
        sink: &mut dyn Sink,
        table: &str,
        mut read: impl FnMut(&Row<'a>, &mut dyn Sink) -> Result<Fate, Stopped>,
    ) -> Result<(), Stopped> {
        let Some(table) = self.db.table(table) else { return Ok(()) };
        let mut tally = Tally::default();
        for row in self.db.scan(table) {
            let row = match row {
                Ok(row) => row,
                Err(fault) => {
                    let detail = format!("{}: table {}: {fault}", self.path, table.name);
                    let origin = Origin {
                        rowid: fault.rowid,
                        page: Some(fault.page),
                        wal_frame: fault.wal_frame,
                        offset: fault.offset,
                        ..Origin::table(self.id(), table.name.clone())
                    };
                    let issue = Issue {
                        code: "row-unreadable",
                        severity: Severity::Lost,
                        detail,
                        origin: Some(origin.clone()),
                    };
                    // A damaged cell is a row that was seen and is kept as far as it goes; a damaged page has no count.
                    if fault.rowid.is_some() || !fault.values.is_empty() {
                        tally.seen += 1;
                        tally.quarantined += 1;
                        sink.quarantine(origin, fault.values, issue)?;
                    } else {
                        sink.issue(issue)?;
                    }
                    continue;
                }
            };
            tally.seen += 1;
            match read(&row, sink)? {
                Fate::Emitted => tally.emitted += 1,
                Fate::Folded => tally.folded += 1,
                Fate::PassedOver => tally.passed_over += 1,
                Fate::Quarantined(why) => {
                    tally.quarantined += 1;
                    let origin = row.origin();
                    let detail = format!("{}: table {}: {why}", self.path, table.name);
                    let issue = Issue {
                        code: "row-quarantined",
                        severity: Severity::Lost,
                        detail,
                        origin: Some(origin.clone()),
                    };
                    sink.quarantine(origin, row.values(), issue)?;
                }
            }
        }
        self.account(sink, table, tally)
    }

    fn account(&self, sink: &mut dyn Sink, table: &Table, tally: Tally) -> Result<(), Stopped> {
        if self.done.borrow_mut().insert(table.name.clone()) {
            sink.tally(self.id(), &table.name, tally)?;
        }
        Ok(())
    }

    /// Accounts for the tables that nobody read: their rows were passed over. Call it once, last.
    pub fn finish(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        for table in self.db.tables() {
            if !self.done.borrow().contains(&table.name) {
                let rows = self.db.count(table);
                self.account(sink, table, Tally { seen: rows, passed_over: rows, ..Tally::default() })?;
            }
        }
        Ok(())
    }
}

/// Why a store was not opened: an issue code and what is wrong.
type Refusal = (&'static str, String);

/// The cipher of an encrypted database, by its first bytes.
fn cipher_of(first: &[u8], info: &mut StoreInfo, unlock: &Unlock<'_>) -> Result<Option<Cipher>, Refusal> {
    let head = first.get(..first.len().min(HEAD)).unwrap_or_default();
    let Unlock::With(find) = unlock else { return Ok(None) };
    if head.is_empty() || is_plain(head) {
        return Ok(None);
    }
    find(head).map(Some).map_err(|NoKey { kind, tried }| {
        info.status = StoreStatus::NeedsKey;
        info.encrypted = Some("unknown".to_owned());
        let tried = if tried == 0 { "none was given".to_owned() } else { format!("{tried} tried, none opens it") };
        ("store-needs-key", format!("encrypted; needs a key of kind {kind} ({tried})"))
    })
}

/// Whether the first bytes are those of an unencrypted database. SQLCipher may leave a header of 32 bytes in clear (iOS
/// apps do, so that the system sees a database in a shared container): then the twenty bytes that SQLite keeps for later
/// use, zero in every plain database, are ciphertext.
fn is_plain(head: &[u8]) -> bool {
    head.starts_with(MAGIC) && head.get(72..92).is_none_or(|kept| kept.iter().all(|b| *b == 0))
}

fn settle(opened: Result<Database, SqliteError>, info: &mut StoreInfo) -> Result<Database, Refusal> {
    let db = opened.map_err(|error| ("store-unreadable", error.to_string()))?;
    info.status = StoreStatus::Read;
    info.encrypted = db.cipher().map(str::to_owned);
    info.wal_frames = db.wal_frames();
    Ok(db)
}

/// What a [`VfsError`] says with its cause.
pub fn explain(error: &VfsError) -> String {
    let cause = std::error::Error::source(error).map(|s| format!(": {s}")).unwrap_or_default();
    format!("{error}{cause}")
}
