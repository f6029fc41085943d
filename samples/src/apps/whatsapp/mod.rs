//! WhatsApp on both systems (`apps/whatsapp.md`).
//!
//! | function | what |
//! |---|---|
//! | [`android_modern`] | generation C: `message`, the form of 2025/26; every case of §6 |
//! | [`ios`] | `ChatStorage.sqlite` and its companions; every case of §6 |

mod android;
mod cast;
mod ios;

pub use android::android_modern;
pub use ios::ios;

/// The app's name in the export.
pub const APP: &str = "whatsapp";

/// Where the story starts: 2024-03-01T08:00:00Z, Unix seconds.
pub(crate) const START: i64 = 1_709_280_000;

/// Modification time of all files: a week later, when the phone was taken.
pub(crate) const SEIZED: i64 = START + 7 * 86_400;
