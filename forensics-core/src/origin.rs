//! Where a value was read: down to the cell, so that another expert can read it again.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

/// One store (a database, a property list, a preferences file) within one evidence item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct StoreId(pub u32);

/// The place of a row or a value inside a store.
///
/// For tables: `table`, `rowid`, `column`; `page` is the 1-based database page, `offset` and `length` the cell's bytes
/// in the database file, or in the `-wal` file where `wal_frame` (1-based) is set. For property lists, preferences and
/// other files `key` names the entry, and `offset`, `length` its bytes in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The store.
    pub store: StoreId,
    /// The table.
    pub table: Option<Arc<str>>,
    /// The rowid; `None` in tables without rowid.
    pub rowid: Option<i64>,
    /// The column; `None` when the whole row is meant.
    pub column: Option<Cow<'static, str>>,
    /// The 1-based frame of the write-ahead log that holds the page.
    pub wal_frame: Option<u32>,
    /// The 1-based database page.
    pub page: Option<u32>,
    /// Byte offset in the file (see the type's description).
    pub offset: Option<u64>,
    /// Length in bytes.
    pub length: Option<u64>,
    /// The key path in a file, or the primary key of a row without rowid.
    pub key: Option<Box<str>>,
}

impl Origin {
    /// The store as a whole.
    pub fn store(store: StoreId) -> Self {
        Origin {
            store,
            table: None,
            rowid: None,
            column: None,
            wal_frame: None,
            page: None,
            offset: None,
            length: None,
            key: None,
        }
    }

    /// An entry of a property list, of preferences, or a part of another file.
    pub fn key(store: StoreId, key: impl Into<Box<str>>) -> Self {
        Origin { key: Some(key.into()), ..Origin::store(store) }
    }

    /// A byte range of a file.
    pub fn bytes(store: StoreId, offset: u64, length: u64) -> Self {
        Origin { offset: Some(offset), length: Some(length), ..Origin::store(store) }
    }

    /// A table as a whole.
    pub fn table(store: StoreId, table: impl Into<Arc<str>>) -> Self {
        Origin { table: Some(table.into()), ..Origin::store(store) }
    }

    /// The same row, one column of it.
    pub fn cell(&self, column: impl Into<Cow<'static, str>>) -> Self {
        Origin { column: Some(column.into()), ..self.clone() }
    }

    /// The same place, with a key path inside the value (a field of a protobuf, an element of an XML body).
    pub fn within(&self, key: impl Into<Box<str>>) -> Self {
        Origin { key: Some(key.into()), ..self.clone() }
    }
}
