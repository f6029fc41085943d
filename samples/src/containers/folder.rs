//! A device as a folder: the tree that an examiner has unpacked.
#![allow(clippy::disallowed_methods, reason = "samples write to the folder they are given, never to evidence")]

use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Context;

use super::layout::{self, PlacedFile};
use crate::story::Device;

/// Writes a device's full file system under `out`, without the leading slash.
///
/// # Errors
/// When a folder or file cannot be written.
pub fn write_folder(device: &Device, out: &Path) -> anyhow::Result<()> {
    write_tree(&layout::absolute(device), out)
}

/// Writes files below `out`, absolute paths of a phone without their leading slash.
///
/// # Errors
/// When a folder or file cannot be written.
pub fn write_tree(files: &[PlacedFile], out: &Path) -> anyhow::Result<()> {
    for file in files {
        write_file(&out.join(file.path.trim_start_matches('/')), &file.bytes, file.mtime)?;
    }
    Ok(())
}

/// Writes one file with its folders and its modification time.
pub(crate) fn write_file(path: &Path, bytes: &[u8], mtime: i64) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))?;
    let time = UNIX_EPOCH + Duration::from_secs(u64::try_from(mtime).unwrap_or(0));
    fs::File::options().write(true).open(path)?.set_modified(time)?;
    Ok(())
}
