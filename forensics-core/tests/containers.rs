//! Sources become one tree of device paths, whatever they come in.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests write their own samples and say when they skip"
)]
#![allow(missing_docs, reason = "a test says what it shows by its name")]

#[path = "containers/support.rs"]
mod support;

#[path = "containers/backup_writer.rs"]
mod backup_writer;
#[path = "containers/devices.rs"]
mod devices;
#[path = "containers/folders.rs"]
mod folders;
#[path = "containers/hashes.rs"]
mod hashes;
#[path = "containers/itunes.rs"]
mod itunes;
#[path = "containers/places.rs"]
mod places;
#[path = "containers/tars.rs"]
mod tars;
#[path = "containers/zips.rs"]
mod zips;
