//! Opening app stores: evidence is hostile and stays untouched.
//!
//! Every reader here works on bytes that came through the [`Vfs`](crate::vfs::Vfs); none opens a path.

pub mod java_object;
pub mod keyed_archive;
pub mod mmkv;
pub mod plist;
pub mod prefs;
pub mod sqlite;
