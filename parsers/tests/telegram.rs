//! Telegram: stores made by hand, TL and Postbox written by an encoder of the tests' own.

#[path = "telegram/android.rs"]
mod android;
#[path = "telegram/android_absences.rs"]
mod android_absences;
#[path = "telegram/android_stores.rs"]
mod android_stores;
#[path = "telegram/damage.rs"]
mod damage;
#[path = "telegram/fixtures.rs"]
mod fixtures;
#[path = "telegram/ios.rs"]
mod ios;
#[path = "telegram/phone.rs"]
mod phone;
#[path = "telegram/postbox.rs"]
mod postbox;
#[path = "telegram/wire.rs"]
mod wire;
