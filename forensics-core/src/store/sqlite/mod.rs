//! SQLite stores, read by a bounded b-tree reader of our own over a page image.
//!
//! Evidence is never handed to the SQLite library. Its b-trees are simple, and reading them ourselves gives what a
//! library cannot: page, byte offset and WAL frame of every row; one bad page costs one page, not the table; no C code
//! sees hostile bytes; nothing is written. Layouts: <https://sqlite.org/fileformat2.html>.
//!
//! [`Database::open`] overlays the committed frames of the write-ahead log, or rolls a hot journal back, in memory.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use forensics_core::store::sqlite::{Database, SqliteError};
//! # let bytes: Vec<u8> = Vec::new();
//! match Database::from_bytes(bytes) {
//!     Ok(db) => {
//!         if let Some(table) = db.table("message") {
//!             let (id, text) = (table.column("_id"), table.column("text_data"));
//!             for row in db.scan(table) {
//!                 let row = row?;
//!                 println!("{:?} {:?} {:?}", row.int(id), row.text(text), row.cell(text));
//!             }
//!         }
//!     }
//!     Err(SqliteError::Empty) => {}
//!     Err(e) => return Err(e.into()),
//! }
//! # Ok(())
//! # }
//! ```

mod btree;
mod cipher;
mod create_table;
mod database;
mod fault;
mod header;
mod image;
mod journal;
mod lookup;
mod open;
mod page;
mod pager;
mod record;
mod row;
mod schema;
mod sql;
mod wal;

pub(crate) use super::bytes::{be16, be32, byte, slice};
pub(crate) use create_table::{Definition, is_constraint, items, parse as parse_create_table};
pub(crate) use image::{Image, Main, PageBytes, Place};
pub(crate) use journal::{MAGIC as JOURNAL_MAGIC, checksum as journal_checksum};
pub(crate) use page::{Tree, local_length};
pub(crate) use record::{Field, Raw, varint};
pub(crate) use row::owned;
pub(crate) use schema::{Storage, schema_table};
pub(crate) use sql::{Token, tokens};
pub(crate) use wal::{Sum, is_magic, page_offset};

pub use btree::Scan;
pub use cipher::{Cipher, Hash, Profile};
pub use database::{Database, Files, Sequence};
pub use fault::{FaultKind, Flaw, RowFault, SqliteError};
pub use header::{Encoding, Header};
pub use lookup::{Lookup, TextLookup};
pub use row::Row;
pub use schema::{Affinity, Col, Column, Index, Table, VirtualTable};
