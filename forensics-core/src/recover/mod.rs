//! Deleted and superseded records of any SQLite store, plain or encrypted.
//!
//! SQLite frees without erasing: a deleted row stays in its page until the bytes are used again, a freed page keeps what
//! it held, and the write-ahead log and rollback journals keep earlier versions of pages. All of these are images of
//! pages; every image goes through one carver, which reads the records that a page names, the whole records in its free
//! bytes, and those whose first four bytes a freeblock's header overwrote (`freeSpace` in `btree.c`). What fits no
//! table's definition, or is a live row, is dropped; equal records are folded into one with all its places.
//!
//! Layouts: <https://sqlite.org/fileformat2.html>.
//!
//! ```
//! # use std::ops::ControlFlow;
//! # use forensics_core::store::sqlite::Database;
//! # use forensics_core::recover::{Options, recover};
//! # fn show(db: &Database) {
//! let survey = recover(db, &Options::default(), &mut |row| {
//!     println!("{:?} {:?} {:?} at {:?}", row.table, row.state, row.values, row.places);
//!     ControlFlow::Continue(())
//! });
//! for reason in survey.reasons() {
//!     println!("{reason}");
//! }
//! # }
//! ```

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::arithmetic_side_effects
    )
)]

mod carve;
mod cell;
mod constraints;
mod cover;
mod covered;
mod decode;
mod engine;
mod fold;
mod found;
mod frames;
mod history;
mod journal;
mod judge;
mod landscape;
mod live;
mod node;
mod options;
mod shape;
mod strata;
mod survey;
mod timeline;
mod view;

pub use engine::recover;
pub use found::{Era, Found, Kind, Method, Recovered, State, Where};
pub use options::Options;
pub use survey::{SecureDelete, Survey};
pub use timeline::{Commit, Version, as_of, commits, timeline};
pub use view::RecoveredRow;
