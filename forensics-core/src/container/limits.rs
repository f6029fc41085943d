//! Limits against hostile input, each with its reason. Reaching one is a [`Flaw`](super::Flaw) or an error, never silence.

/// Entries of one source: the index has to fit in memory; the fullest phones have a few million files.
pub const ENTRIES: usize = 20_000_000;
/// Length of one name, bytes: zips cannot hold longer ones, and no phone has them.
pub const NAME: usize = 65_535;
/// All names of a tar together, bytes: compressed, a gigabyte of names is a kilobyte.
pub const NAMES: usize = 4 << 30;
/// Containers in containers: zips that contain themselves are endless. Chains seen in the field need three.
pub const NESTING: usize = 4;
/// A zip's central directory, bytes: 20,000,000 entries with names fit.
pub const CENTRAL_DIRECTORY: u64 = 8 << 30;
/// Output above this size with a ratio above [`BOMB_RATIO`] is a bomb. Real databases reach 20:1, sparse ones more.
pub const BOMB_FLOOR: u64 = 64 << 20;
/// See [`BOMB_FLOOR`].
pub const BOMB_RATIO: u64 = 1_000;
/// Entries declared larger than this must stay below [`LARGE_RATIO`].
pub const LARGE: u64 = 4 << 30;
/// See [`LARGE`].
pub const LARGE_RATIO: u64 = 200;
/// A small file that is read whole to learn about the container (`Info.plist`, `_manifest`, container names), bytes.
pub const SMALL_FILE: u64 = 64 << 20;
/// Header of an adb backup, bytes: nine short lines; Xiaomi puts up to five more in front.
pub const AB_HEADER: usize = 16 << 10;
/// Key derivation rounds of an adb backup; Android writes 10,000.
pub const AB_ROUNDS: u32 = 10_000_000;
/// A pax header, bytes: holds names and attributes. Longer ones are skipped by their size.
pub const PAX: u64 = 1 << 20;
/// An iTunes keybag, bytes; real ones have about 1.5 KiB.
pub const KEYBAG: usize = 64 << 10;
/// Class keys of an iTunes keybag; real ones have 11.
pub const KEYBAG_CLASSES: usize = 64;
/// Rounds of the SHA-256 derivation; iOS writes 10,000,000 (two seconds). Ten times that is twenty seconds.
pub const DPIC: u32 = 100_000_000;
/// Rounds of the SHA-1 derivation; iOS writes 10,000.
pub const ITER: u32 = 10_000_000;
/// `Manifest.db` in memory, bytes: a million files need about 600 MiB.
pub const MANIFEST: u64 = 4 << 30;
/// Files kept in memory by [`Vfs::preload`](crate::vfs::Vfs::preload), bytes; the rest goes to an unnamed temporary file.
pub const PRELOAD_MEMORY: u64 = 64 << 20;
/// Bytes unpacked to unnamed temporary files for one source, so that a bomb cannot fill the disk.
pub const SPOOL: u64 = 200 << 30;
/// Bytes that are read to learn whether files seen through several mounts are the same; beyond it both are kept.
pub const COMPARE: u64 = 2 << 30;
/// Flaws of one kind that are told one by one; the rest is counted.
pub const FLAWS_EACH: usize = 100;
