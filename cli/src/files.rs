//! The only place of this crate that writes files: exports, reports and demonstration evidence, where the examiner said.
#![expect(clippy::disallowed_methods, reason = "results are ours to write; evidence is never opened here")]

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::error::CliError;

/// A new file. One that is there is replaced only when `replace`.
pub(crate) fn create(path: &Path, replace: bool) -> Result<File, CliError> {
    let opened = if replace { File::create(path) } else { File::create_new(path) };
    opened.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => CliError::failed(format!("{} is there already", path.display()))
            .hint("--force replaces it; without it nothing is overwritten"),
        _ => unwritable(path, error),
    })
}

/// Makes a folder with its parents.
pub(crate) fn create_folder(path: &Path) -> Result<(), CliError> {
    fs::create_dir_all(path).map_err(|error| unwritable(path, error))
}

/// Empties a folder of results and makes it anew, so that no page of an earlier report is left.
pub(crate) fn renew_folder(path: &Path) -> Result<(), CliError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(path, error)),
        _ => create_folder(path),
    }
}

fn unwritable(path: &Path, error: io::Error) -> CliError {
    CliError::failed(format!("{} cannot be written", path.display())).because(error)
}
