//! Phones that never existed, with a known truth.
//!
//! Every device here is written from published descriptions of the formats, never with the
//! code that reads evidence: a parser and its test data cannot share one mistake. Everything
//! follows from a seed; two runs give the same bytes.
//!
//! | module | what |
//! |---|---|
//! | [`story`] | a device, its files, and what a reader must say about each record |
//! | [`apps`] | WhatsApp and WeChat on both systems, in several generations |
//! | [`containers`] | folders, zips, tars, adb and iTunes backups of a device |
//! | [`sqlite`] | write-ahead logs, journals and page ciphers, written by hand |
//! | [`damage`] | evidence that is broken, or made to break readers |
//! | [`demo`], [`write_demo`] | three phones for the README; `samples/data` holds them |
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
pub mod damage;
mod demo;
mod keyed_archive;
mod seed;
pub mod sqlite;
pub mod story;
mod wire;

pub use demo::{demo, write_demo};
pub use seed::Seed;
pub use story::{Device, DeviceFile, DevicePlace, Platform, TrueAbsence, TrueMessage, Truth, absence, note, word};

/// Every phone of this crate, in a fixed order.
#[must_use]
pub fn all(seed: u64) -> Vec<Device> {
    use apps::{wechat, whatsapp};
    let mut phones = vec![
        whatsapp::android_modern(seed),
        whatsapp::android_legacy(seed),
        whatsapp::android_transitional(seed),
        whatsapp::android_newest_in_wal(seed),
        whatsapp::android_hot_journal(seed),
        whatsapp::ios(seed),
        whatsapp::ios_newest_in_wal(seed),
        whatsapp::ios_all_in_wal(seed),
        wechat::ios(seed),
    ];
    phones.extend(whatsapp::Crypt::ALL.map(|crypt| whatsapp::android_crypt(crypt, seed)));
    phones.extend(wechat::Variant::ALL.map(|variant| wechat::android(variant, seed)));
    phones
}
