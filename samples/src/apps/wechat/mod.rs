//! WeChat on both systems.

mod account;
mod android;
mod cast;
mod content;
mod ios;

pub use account::{Account, mmkv};
pub use android::{Variant, android};
pub use ios::{DICTIONARY, ios};

/// The app's name in the export.
pub const APP: &str = "wechat";

/// Where the story starts: 2024-03-01T08:00:00Z, Unix seconds.
pub(crate) const START: i64 = 1_709_280_000;

/// Modification time of all files: a week later, when the phone was taken.
pub(crate) const SEIZED: i64 = START + 7 * 86_400;
