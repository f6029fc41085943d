//! What a parser hands over, and to whom.

use crate::issue::{Issue, Tally};
use crate::origin::{Origin, StoreId};
use crate::record::Record;
use crate::value::Value;

/// The receiver has seen enough: it was interrupted, or it cannot take more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stopped")]
pub struct Stopped;

/// Whether a store could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreStatus {
    /// Read.
    Read,
    /// Encrypted, and no given key opens it.
    NeedsKey,
    /// Damaged beyond reading, or the file could not be had.
    Unreadable,
    /// Opened, and not what its name promises.
    UnknownSchema,
}

impl StoreStatus {
    /// The word used in exports.
    pub fn word(self) -> &'static str {
        match self {
            StoreStatus::Read => "read",
            StoreStatus::NeedsKey => "needs-key",
            StoreStatus::Unreadable => "unreadable",
            StoreStatus::UnknownSchema => "unknown-schema",
        }
    }
}

/// A store as the case knows it.
#[derive(Clone, Debug)]
pub struct StoreInfo {
    /// What it is to the app, as in its manifest.
    pub role: &'static str,
    /// The canonical device path.
    pub path: String,
    /// SHA-256 of its bytes as they leave the container, lower-case hexadecimal; `None` where they could not be read.
    pub sha256: Option<String>,
    /// Length in bytes.
    pub size: Option<u64>,
    /// Schema generation, once known.
    pub generation: Option<String>,
    /// The cipher, if encrypted.
    pub encrypted: Option<String>,
    /// Whether it was read.
    pub status: StoreStatus,
    /// Frames of the write-ahead log that were laid over it.
    pub wal_frames: u32,
    /// SHA-256 of the `-wal` file.
    pub wal_sha256: Option<String>,
}

/// Takes what parsers find.
pub trait Sink {
    /// Registers a store; its number stands in every origin.
    fn store(&mut self, info: StoreInfo) -> Result<StoreId, Stopped>;
    /// Says what a store turned out to be.
    fn describe(&mut self, store: StoreId, status: StoreStatus, generation: Option<&str>) -> Result<(), Stopped>;
    /// Takes a record.
    fn emit(&mut self, record: Record) -> Result<(), Stopped>;
    /// Takes a problem.
    fn issue(&mut self, issue: Issue) -> Result<(), Stopped>;
    /// Keeps a row that made no sense.
    fn quarantine(&mut self, origin: Origin, row: Vec<Value>, why: Issue) -> Result<(), Stopped>;
    /// Says where the rows of a table went. Called once for each table of each store.
    fn tally(&mut self, store: StoreId, table: &str, tally: Tally) -> Result<(), Stopped>;
}
