//! WhatsApp on both systems.
//!
//! | function | what |
//! |---|---|
//! | [`android_modern`] | generation C: `message`, the form of 2025/26; every case that the rules tell apart |
//! | [`android_legacy`] | generation A: `messages` |
//! | [`android_transitional`] | generation B: both tables |
//! | [`android_newest_in_wal`], [`android_hot_journal`] | the modern store with a log, or a journal |
//! | [`android_crypt`] | backups: crypt12, crypt14, crypt15, and their keys |
//! | [`ios`] | `ChatStorage.sqlite` and its companions; every case that the rules tell apart |
//! | [`ios_newest_in_wal`], [`ios_all_in_wal`] | the same with rows, or everything, in the log |

mod android;
mod cast;
mod ios;

pub use android::{
    Crypt, android_crypt, android_hot_journal, android_legacy, android_modern, android_newest_in_wal,
    android_transitional, crypt15_root_key,
};
pub use ios::{ios, ios_all_in_wal, ios_newest_in_wal};

/// The app's name in the export.
pub const APP: &str = "whatsapp";

/// Where the story starts: 2024-03-01T08:00:00Z, Unix seconds.
pub(crate) const START: i64 = 1_709_280_000;

/// Modification time of all files: a week later, when the phone was taken.
pub(crate) const SEIZED: i64 = START + 7 * 86_400;
