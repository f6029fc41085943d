//! A case is a folder: a catalogue and one shard for each evidence item. It is written by a run and then only read.
//!
//! ```text
//! case.db        catalogue: evidence, hashes, status, totals, tool version
//! shards/e1.db   everything found in evidence item 1
//! ```

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

use crate::container::Device;
use crate::value::hex;

mod codec;
mod files;
mod shard;
mod writer;

pub use codec::StoredMarker;
pub(crate) use codec::{findings as encode_findings, parse_markers, parse_place_text, place as encode_place};
pub use shard::*;
pub use writer::{ShardSink, ShardWriter};

/// Version of the case's layout; a case of another version is not read.
pub const CASE_VERSION: i64 = 1;

/// What went wrong with the case folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// The folder cannot be written or read.
    #[error("{} cannot be used", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A database of the case failed.
    #[error("a database of the case failed")]
    Sqlite(#[from] rusqlite::Error),
    /// The writer stopped.
    #[error("writing the case failed: {0}")]
    Writer(String),
    /// The folder is not empty and no case.
    #[error("{} is not empty and holds no case", .0.display())]
    NotACase(PathBuf),
    /// There is a case already.
    #[error("{} holds a case already", .0.display())]
    Exists(PathBuf),
    /// A case of another version.
    #[error("{} is a case of version {found}; this program reads version {CASE_VERSION}", path.display())]
    Version {
        /// The case.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
}

/// An evidence item as the catalogue knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvidenceInfo {
    /// Its number, from 1, in the order given.
    pub id: u32,
    /// The path as the examiner gave it.
    pub path: String,
    /// The container, or `unrecognised`.
    pub container: String,
    /// SHA-256 of a file.
    pub sha256: Option<String>,
    /// SHA-256 over the listing of a folder.
    pub tree_sha256: Option<String>,
    /// Length in bytes of the file, or of all files of the folder.
    pub size: Option<u64>,
    /// `android` or `ios`, where known.
    pub platform: Option<String>,
    /// Model as stated.
    pub model: Option<String>,
    /// Version of the operating system.
    pub os: Option<String>,
    /// Serial number, UDID, IMEI, phone number: `(name, value)`.
    pub ids: Vec<(String, String)>,
    /// When the evidence was acquired, milliseconds since 1970 UTC, where the container states it.
    pub acquired: Option<i64>,
    /// Whether the shard is complete.
    pub sealed: bool,
}

impl EvidenceInfo {
    /// An item of which nothing but its path is known yet.
    pub fn new(id: u32, path: String) -> Self {
        EvidenceInfo { id, path, container: "unrecognised".to_owned(), ..EvidenceInfo::default() }
    }

    /// Takes over what the container says of the phone.
    pub fn describe(&mut self, device: &Device) {
        self.platform = device.platform.map(str::to_owned);
        self.model.clone_from(&device.model);
        self.os.clone_from(&device.os);
        self.ids = device.ids.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        self.acquired = device.acquired;
    }

    /// The id as exported: `e1`.
    pub fn key(&self) -> String {
        format!("e{}", self.id)
    }
}

/// A store's key: made of the app and the place on the phone, so that it does not change with the container.
fn store_key(app: &str, path: &str, version: u32) -> String {
    let hash = hex(&Sha256::digest(format!("{app}\0{path}\0{version}")));
    format!("{app}-{}", hash.get(..12).unwrap_or(&hash))
}

/// A case folder.
pub struct Case {
    root: PathBuf,
    catalogue: Connection,
}

impl Case {
    /// Makes a new case in `root`, which must be absent or empty; with `replace`, an earlier case there is removed first.
    pub fn create(root: &Path, tool: &str, replace: bool) -> Result<Self, CaseError> {
        let occupied = std::fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some());
        if occupied {
            if !root.join("case.db").is_file() {
                return Err(CaseError::NotACase(root.to_owned()));
            }
            if !replace {
                return Err(CaseError::Exists(root.to_owned()));
            }
            for folder in ["shards", "report", "export", "work"] {
                files::remove_folder(&root.join(folder))?;
            }
            files::remove_file(&root.join("case.db"))?;
        }
        files::create_folder(&root.join("shards"))?;
        let catalogue = files::create_database(&root.join("case.db"))?;
        catalogue.execute_batch(
            "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID; \
             CREATE TABLE evidence (id INTEGER PRIMARY KEY, path TEXT NOT NULL, container TEXT NOT NULL, sha256 TEXT, tree_sha256 TEXT, size INTEGER, \
             platform TEXT, model TEXT, os TEXT, ids TEXT NOT NULL, acquired INTEGER, sealed INTEGER NOT NULL);",
        )?;
        catalogue.execute("INSERT INTO meta VALUES ('version', ?1), ('tool', ?2)", params![CASE_VERSION, tool])?;
        Ok(Case { root: root.to_owned(), catalogue })
    }

    /// Opens a case for reading.
    pub fn open(root: &Path) -> Result<Self, CaseError> {
        let path = root.join("case.db");
        if !path.is_file() {
            return Err(CaseError::NotACase(root.to_owned()));
        }
        let catalogue = files::open_database(&path)?;
        let found: i64 = catalogue.query_row("SELECT value FROM meta WHERE key = 'version'", [], |r| r.get(0))?;
        if found != CASE_VERSION {
            return Err(CaseError::Version { path: root.to_owned(), found });
        }
        Ok(Case { root: root.to_owned(), catalogue })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The program and version that made it.
    pub fn tool(&self) -> Result<String, CaseError> {
        Ok(self.catalogue.query_row("SELECT value FROM meta WHERE key = 'tool'", [], |r| r.get(0))?)
    }

    /// Adds an evidence item to the catalogue, or replaces what it said of it.
    pub fn record(&self, e: &EvidenceInfo) -> Result<(), CaseError> {
        self.catalogue.execute(
            "INSERT OR REPLACE INTO evidence VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)",
            params![
                e.id,
                e.path,
                e.container,
                e.sha256,
                e.tree_sha256,
                e.size.and_then(|s| i64::try_from(s).ok()),
                e.platform,
                e.model,
                e.os,
                serde_json::json!(e.ids).to_string(),
                e.acquired,
                e.sealed,
            ],
        )?;
        Ok(())
    }

    /// The evidence items, in the order given.
    pub fn evidence(&self) -> Result<Vec<EvidenceInfo>, CaseError> {
        let mut statement = self.catalogue.prepare("SELECT * FROM evidence ORDER BY id")?;
        let rows = statement.query_map([], |r| {
            let ids: String = r.get(9)?;
            Ok(EvidenceInfo {
                id: r.get(0)?,
                path: r.get(1)?,
                container: r.get(2)?,
                sha256: r.get(3)?,
                tree_sha256: r.get(4)?,
                size: r.get::<_, Option<i64>>(5)?.and_then(|s| u64::try_from(s).ok()),
                platform: r.get(6)?,
                model: r.get(7)?,
                os: r.get(8)?,
                ids: serde_json::from_str(&ids).unwrap_or_default(),
                acquired: r.get(10)?,
                sealed: r.get(11)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Where a shard is written before it is sealed.
    pub fn shard_part(&self, id: u32) -> PathBuf {
        self.root.join("shards").join(format!("e{id}.part"))
    }

    /// Closes a finished shard and gives it its name: from now on it counts.
    pub fn seal(&self, id: u32, connection: Connection) -> Result<(), CaseError> {
        connection.close().map_err(|(_, error)| error)?;
        files::rename(&self.shard_part(id), &self.root.join("shards").join(format!("e{id}.db")))
    }

    /// Opens a sealed shard for reading.
    pub fn shard(&self, evidence: &EvidenceInfo) -> Result<Shard, CaseError> {
        let path = self.root.join("shards").join(format!("e{}.db", evidence.id));
        Shard::new(files::open_database(&path)?, evidence.key())
    }
}
