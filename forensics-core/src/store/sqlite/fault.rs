//! What can be wrong with a store, a page or a row, and where.

use std::fmt;
use std::sync::Arc;

use crate::origin::{Origin, StoreId};
use crate::value::Value;

/// Why a store cannot be opened at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteError {
    /// The file has no byte, and no write-ahead log brings any.
    #[error("the file is empty")]
    Empty,
    /// The file ends within the database header.
    #[error("the file has {length} bytes; a database header needs {needed}")]
    Short {
        /// Bytes there are.
        length: u64,
        /// Bytes needed.
        needed: u64,
    },
    /// The first 16 bytes are not SQLite's: another format, or an encrypted database.
    #[error(
        "the file does not begin with \"SQLite format 3\" but with {}: another format, or encrypted",
        crate::value::hex(found)
    )]
    NotADatabase {
        /// The first bytes.
        found: Box<[u8]>,
    },
    /// The page size at offset 16 is none.
    #[error("the page size {found} at offset 16 is no power of two from 512 to 65536")]
    PageSize {
        /// What the header says.
        found: u32,
    },
    /// More bytes are reserved per page than a page can spare.
    #[error("{reserved} reserved bytes leave less than 480 of a page of {page_size} bytes")]
    Reserved {
        /// Reserved bytes per page, offset 20.
        reserved: u8,
        /// Page size.
        page_size: u32,
    },
    /// The key does not open the first page.
    #[error("the key does not open the database as {profile}: {found}")]
    WrongKey {
        /// The cipher profile.
        profile: &'static str,
        /// What does not fit.
        found: &'static str,
    },
    /// Reading the file failed.
    #[error("the file cannot be read at byte {offset}: {cause}")]
    Io {
        /// Where.
        offset: u64,
        /// What the system says.
        cause: String,
    },
}

/// A located problem of the image that did not keep the store from being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// A stable word, e.g. `wal-frame-checksum`.
    pub code: &'static str,
    /// Whether content was, or may have been, lost by it.
    pub lost: bool,
    /// What was found, in a sentence.
    pub detail: String,
    /// The 1-based page, where one is meant.
    pub page: Option<u32>,
    /// The 1-based frame of the write-ahead log, where one is meant.
    pub frame: Option<u32>,
}

impl Flaw {
    /// A flaw of the file as a whole.
    pub(super) fn new(code: &'static str, lost: bool, detail: impl Into<String>) -> Flaw {
        Flaw { code, lost, detail: detail.into(), page: None, frame: None }
    }

    /// The same, located at a page.
    pub(super) fn at_page(self, page: u32) -> Flaw {
        Flaw { page: Some(page), ..self }
    }

    /// The same, located at a frame of the write-ahead log.
    pub(super) fn at_frame(self, frame: u32) -> Flaw {
        Flaw { frame: Some(frame), ..self }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)?;
        if let Some(page) = self.page {
            write!(f, ", page {page}")?;
        }
        if let Some(frame) = self.frame {
            write!(f, ", WAL frame {frame}")?;
        }
        Ok(())
    }
}

/// What is wrong with a page or a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultKind {
    /// A page number beyond the image, or 0.
    #[error("the page lies outside the {limit} pages of the image")]
    PageOutside {
        /// Pages of the image.
        limit: u32,
    },
    /// The page cannot be read: its HMAC does not fit, or reading failed.
    #[error("the page cannot be read: its HMAC does not fit, or the file cannot be read there")]
    PageUnreadable,
    /// The b-tree leads to the same page twice.
    #[error("the page was already visited: the b-tree loops")]
    PageRepeated,
    /// The b-tree is deeper than any can be.
    #[error("the b-tree is deeper than {limit} pages")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// The page is of another kind.
    #[error("the page has type {found:#04x} and is no {expected} page")]
    PageType {
        /// The type byte.
        found: u8,
        /// `table` or `index`.
        expected: &'static str,
    },
    /// More cells than fit on a page.
    #[error("the page claims {found} cells; {limit} fit")]
    CellCount {
        /// Cells claimed.
        found: u16,
        /// Cells that fit.
        limit: usize,
    },
    /// The file ends within the page, before the cells.
    #[error("the file ends within the page, after {have} of its bytes")]
    PageShort {
        /// Bytes there are.
        have: usize,
    },
    /// A cell that does not lie on its page.
    #[error("cell {index} does not lie on its page")]
    CellOutside {
        /// The cell's number on the page, from 0.
        index: u32,
    },
    /// A payload longer than the image.
    #[error("a payload of {length} bytes is longer than the image holds")]
    PayloadLength {
        /// The length claimed.
        length: u64,
    },
    /// The chain of overflow pages breaks.
    #[error("the overflow chain breaks at page {page} with {missing} bytes to come")]
    Overflow {
        /// The page that cannot follow.
        page: u32,
        /// Bytes missing.
        missing: u64,
    },
    /// The record's header and its payload do not fit together.
    #[error("the record is malformed: {found}")]
    Record {
        /// What does not fit.
        found: &'static str,
    },
}

impl FaultKind {
    /// A stable word for each kind.
    pub fn code(&self) -> &'static str {
        match self {
            FaultKind::PageOutside { .. } => "page-outside",
            FaultKind::PageUnreadable => "page-unreadable",
            FaultKind::PageRepeated => "page-repeated",
            FaultKind::TooDeep { .. } => "btree-too-deep",
            FaultKind::PageType { .. } => "page-type",
            FaultKind::CellCount { .. } => "cell-count",
            FaultKind::PageShort { .. } => "page-short",
            FaultKind::CellOutside { .. } => "cell-outside",
            FaultKind::PayloadLength { .. } => "payload-length",
            FaultKind::Overflow { .. } => "overflow-broken",
            FaultKind::Record { .. } => "record-malformed",
        }
    }

    /// Whether a whole page (any number of rows) is lost, not one row.
    pub fn whole_page(&self) -> bool {
        matches!(
            self,
            FaultKind::PageOutside { .. }
                | FaultKind::PageUnreadable
                | FaultKind::PageRepeated
                | FaultKind::TooDeep { .. }
                | FaultKind::PageType { .. }
                | FaultKind::CellCount { .. }
                | FaultKind::PageShort { .. }
        )
    }
}

/// A row, or a page of rows, that cannot be read. The scan goes on behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct RowFault {
    /// The store.
    pub store: StoreId,
    /// The table.
    pub table: Arc<str>,
    /// The rowid, where it was still readable.
    pub rowid: Option<i64>,
    /// The 1-based page.
    pub page: u32,
    /// The 1-based frame of the write-ahead log that holds the page.
    pub wal_frame: Option<u32>,
    /// Byte offset of the cell (or of the page) in the database file, or in the `-wal` file where `wal_frame` is set.
    pub offset: Option<u64>,
    /// What is wrong.
    pub kind: FaultKind,
    /// The values that could still be read, in the order of the record; for the quarantine.
    pub values: Vec<Value>,
}

impl RowFault {
    /// The place of the fault.
    pub fn origin(&self) -> Origin {
        Origin {
            rowid: self.rowid,
            wal_frame: self.wal_frame,
            page: Some(self.page),
            offset: self.offset,
            ..Origin::table(self.store, self.table.clone())
        }
    }

    /// The stable word for its kind.
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table {}, page {}", self.table, self.page)?;
        if let Some(frame) = self.wal_frame {
            write!(f, " (WAL frame {frame})")?;
        }
        if let Some(rowid) = self.rowid {
            write!(f, ", row {rowid}")?;
        }
        write!(f, ": {}", self.kind)
    }
}

impl std::error::Error for RowFault {}
