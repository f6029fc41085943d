//! Writing a device the way phone extractions come in.
//!
//! | function | what |
//! |---|---|
//! | [`write_folder`] | an unpacked full file system |
//! | [`full_file_system::zip_of`] | zips of GrayKey, Cellebrite, Magnet and plain ones |
//! | [`tar::full`], [`tar::gz`], [`tar::zst`] | tar of a full file system |
//! | [`android_backup::backup`] | `.ab`, versions 1 to 5; [`android_backup::miui`] |
//! | [`itunes::backup`] | iTunes/Finder backups, plain and encrypted, and their odd forms |
//!
//! A container of several files is a list of [`layout::PlacedFile`] with relative paths:
//! [`folder::write_tree`] puts it on disk, [`zip::of_tree`] into a zip.

pub mod android_backup;
pub mod folder;
pub mod full_file_system;
pub mod itunes;
pub mod keybag;
pub mod layout;
pub mod tar;
pub mod zip;

pub use folder::{write_folder, write_tree};
