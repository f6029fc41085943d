//! The only place of the core that writes: below the case folder, never anywhere else.
#![expect(clippy::disallowed_methods, reason = "the case folder is ours to write; evidence never comes here")]

use std::fs;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::CaseError;

/// Makes a folder and its parents.
pub(super) fn create_folder(path: &Path) -> Result<(), CaseError> {
    fs::create_dir_all(path).map_err(|source| CaseError::Io { path: path.to_owned(), source })
}

/// Removes a folder of the case with all that is in it.
pub(super) fn remove_folder(path: &Path) -> Result<(), CaseError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(CaseError::Io { path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

/// Removes a file of the case, if it is there.
pub(super) fn remove_file(path: &Path) -> Result<(), CaseError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(CaseError::Io { path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

/// Gives a finished file its name.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), CaseError> {
    fs::rename(from, to).map_err(|source| CaseError::Io { path: to.to_owned(), source })
}

/// A new database. A shard that is not sealed does not count, so it needs no journal and no waiting for the disk.
pub(super) fn create_database(path: &Path) -> Result<Connection, CaseError> {
    remove_file(path)?;
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; \
         PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Opens a database of the case for reading.
pub(super) fn open_database(path: &Path) -> Result<Connection, CaseError> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.execute_batch("PRAGMA temp_store = FILE; PRAGMA cache_size = -32768;")?;
    Ok(connection)
}
