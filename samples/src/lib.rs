//! Phones that never existed, with a known truth.
//!
//! Every device here is written from the documents (`apps/*.md`, `formats/*.md`), never with the
//! code that reads evidence: a parser and its test data cannot share one mistake. Everything
//! follows from a seed; two runs give the same bytes.
//!
//! ```
//! let phone = samples::apps::whatsapp::android_modern(7);
//! let store = phone.file("msgstore.db").expect("the store is there");
//! assert!(store.bytes.starts_with(b"SQLite format 3\0"));
//! assert!(phone.truth.messages.iter().any(|m| m.verdict == samples::word::PENDING));
//! ```

pub mod apps;
pub mod containers;
mod crypto;
mod keyed_archive;
mod seed;
pub mod sqlite;
pub mod story;
mod wire;

pub use seed::Seed;
pub use story::{Device, DeviceFile, DevicePlace, Platform, TrueAbsence, TrueMessage, Truth, absence, note, word};
