//! Opening app stores: evidence is hostile and stays untouched.
//!
//! Every reader here works on bytes that came through the [`Vfs`](crate::vfs::Vfs); none opens a path, none writes.

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

mod bytes;
pub mod java_object;
pub mod keyed_archive;
pub mod mmkv;
pub mod plist;
pub mod prefs;
pub mod sqlite;
