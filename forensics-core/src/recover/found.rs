//! What was found: a record, how sure it is, and every place where it stands.

use std::sync::Arc;

use serde::Serialize;

use crate::store::sqlite::Table;
use crate::value::Value;

/// A value of a recovered record.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The value as it was stored.
    Known(Value),
    /// The beginning of a text or blob whose end is overwritten or lies on a page that is gone.
    Cut(Value),
    /// Nothing is left of it, or what is left fits several values.
    Unknown,
}

impl Found {
    /// The value, if all of it is known.
    pub fn known(&self) -> Option<&Value> {
        match self {
            Found::Known(value) => Some(value),
            Found::Cut(_) | Found::Unknown => None,
        }
    }
}

/// `null` where nothing is known; `{"cut": …}` for a value whose end is gone.
impl Serialize for Found {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        match self {
            Found::Known(value) => value.serialize(s),
            Found::Unknown => {
                let mut map = s.serialize_map(Some(1))?;
                map.serialize_entry("unknown", &true)?;
                map.end()
            }
            Found::Cut(value) => {
                let mut map = s.serialize_map(Some(1))?;
                map.serialize_entry("cut", value)?;
                map.end()
            }
        }
    }
}

/// What a record is to the store as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// No row of this rowid (or key) is in the table any more, or the table itself is gone.
    Deleted,
    /// The table has a row of this rowid (or key) with other values: edited, or the number was used again.
    Superseded,
    /// The record once stood in the table; whether it was deleted or edited cannot be told, for its rowid is lost.
    Former,
    /// Written by a transaction that was never committed.
    Uncommitted,
    /// It stands on a page that no tree and no list of free pages reaches: the store is damaged or was tampered with.
    Unreachable,
}

/// What kind of remnant it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A row of a table.
    Row,
    /// An entry of an index whose row is gone: the indexed columns of the row.
    IndexEntry,
}

/// How a record was found, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// A cell that its page's own cell pointers name.
    Listed,
    /// A whole cell in free bytes.
    Whole,
    /// A cell whose first four bytes are overwritten; all of its types stand.
    Headless,
    /// The same, and a type is lost: worked out from the length.
    Solved,
}

/// Which version of a page it was found on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case", tag = "era", content = "number")]
pub enum Era {
    /// The page as it stands.
    Now,
    /// The database file's own page, which the write-ahead log or a hot journal replaces.
    Base,
    /// As of this commit of the write-ahead log, from 1.
    Commit(u32),
    /// A frame of an earlier generation of the log (0 the oldest that left frames).
    Generation(u32),
    /// A frame behind the last commit.
    Uncommitted,
    /// A page kept in the rollback journal by a transaction that ended.
    Journal,
}

/// A place where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Where {
    /// The 1-based page.
    pub page: u32,
    /// Byte offset of the cell in the database file; in the `-wal` file where `frame` is set, in the `-journal` file where
    /// `journal` is.
    pub offset: u64,
    /// Bytes of the cell on its page.
    pub length: u32,
    /// The 1-based frame of the write-ahead log.
    pub frame: Option<u32>,
    /// Whether the page stands in the rollback journal.
    pub journal: bool,
    /// The version of the page.
    pub era: Era,
    /// How it was found there.
    pub method: Method,
}

/// A record that the store no longer shows.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// What kind of remnant it is.
    pub kind: Kind,
    /// The table, where only one fits.
    pub table: Option<Arc<str>>,
    /// Where several tables of one shape fit: all of them.
    pub candidates: Vec<Arc<str>>,
    /// The definition that the values were read by: of a table there is, of a dropped one, or one made up of the columns
    /// `c0`, `c1`, … where no definition is left.
    pub definition: Arc<Table>,
    /// The values, in the order of the definition's columns.
    pub values: Vec<Found>,
    /// The rowid, where it still stands.
    pub rowid: Option<i64>,
    /// What it is to the store as it stands.
    pub state: State,
    /// The share of such records that are right: measured on databases of known history, 0 to 1.
    pub confidence: f32,
    /// Every place where the same content was found, the surest first; at most 64.
    pub places: Vec<Where>,
    /// Images of pages that hold it, also those not listed in `places`.
    pub images: u32,
}

impl Recovered {
    /// The names of the columns, in the order of the values.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.definition.columns.iter().map(|c| &*c.name)
    }

    /// Whether every value is known; the rowid may be lost.
    pub fn is_complete(&self) -> bool {
        let known = |(value, column): (&Found, &crate::store::sqlite::Column)| {
            column.is_rowid() || !column.is_stored() || matches!(value, Found::Known(_))
        };
        self.values.iter().zip(&self.definition.columns).all(known)
    }

    /// How it was found, the surest way.
    pub fn method(&self) -> Option<Method> {
        self.places.first().map(|p| p.method)
    }
}
