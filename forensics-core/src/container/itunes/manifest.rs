//! `Manifest.db`, since iOS 10.

use super::cbc::{self, FileKey, padding};
use super::folder::Place;
use super::rows::{MbFile, Row};
use crate::container::{FlawList, code};
use crate::store::sqlite::{Database, Files, Row as SqliteRow, Table};
use crate::vfs::VfsError;

/// Decrypts the database. Some tools write it back without padding: then the header tells that nothing is to be cut.
pub(super) fn decrypt(key: &FileKey, stored: &[u8]) -> Vec<u8> {
    let mut plain = stored.to_vec();
    plain.truncate(stored.len().saturating_sub(stored.len() % 16));
    cbc::decrypt(key, &[0; 16], &mut plain);
    let len = plain.len();
    if stated_length(&plain) != Some(len) {
        let pad = padding(plain.get(len.saturating_sub(16)..).unwrap_or_default()).unwrap_or(0);
        plain.truncate(len.saturating_sub(pad.into()));
    }
    plain
}

/// Page size times page count, from the database header.
fn stated_length(database: &[u8]) -> Option<usize> {
    let size = match database.get(16..18)? {
        [0, 1] => 65_536,
        [a, b] => usize::from(u16::from_be_bytes([*a, *b])),
        _ => return None,
    };
    let count = u32::from_be_bytes(database.get(28..32)?.try_into().ok()?);
    usize::try_from(count).ok()?.checked_mul(size)
}

/// Every usable row. Columns are looked up by name: test backups lack key and indexes, and that is no matter.
pub(super) fn rows(what: &str, database: Vec<u8>, place: &Place, flaws: &mut FlawList) -> Result<Vec<Row>, VfsError> {
    let what = format!("{what}: Manifest.db");
    let side = |name: &str| place.file(name).ok().flatten().filter(|bytes| !bytes.is_empty());
    // A log beside a manifest that had to be decrypted is encrypted as well; a plain one overlays.
    let plain_log = |name: &str| side(name).filter(|b| b.starts_with(&[0x37, 0x7f, 0x06]) || name.ends_with("journal"));
    let files = Files { main: database, wal: plain_log("Manifest.db-wal"), journal: plain_log("Manifest.db-journal") };
    let db = Database::open(files, None).map_err(|e| VfsError::damaged(&*what, 0, e.to_string()))?;
    let table = db.table("Files").ok_or_else(|| VfsError::damaged(&*what, 0, "a database without the table Files"))?;
    let mut rows = Vec::new();
    for row in db.scan(table) {
        match row {
            Ok(row) => rows.extend(read(table, &row, flaws)),
            Err(fault) => flaws.lost(code::ITUNES_MANIFEST, || format!("{what}: {fault}")),
        }
    }
    Ok(rows)
}

fn read(table: &Table, row: &SqliteRow<'_>, flaws: &mut FlawList) -> Option<Row> {
    let text = |column: &str| row.text(table.column(column)).map(|t| t.into_owned());
    let file = row.bytes(table.column("file")).unwrap_or_default();
    let flags = row.int_lossy(table.column("flags")).unwrap_or(0);
    let (domain, path) = (text("domain"), text("relativePath"));
    let (Some(domain), Some(path)) = (domain, path) else {
        let code = if flags == 16 { code::ITUNES_FLAGS } else { code::ITUNES_ROW };
        flaws.note(code, || format!("Manifest.db, Files, row {:?}: no domain or path, flags {flags}", row.rowid()));
        return None;
    };
    let mbfile = MbFile::parse(&file);
    if mbfile.is_none() && flags != 2 {
        flaws.note(code::ITUNES_ROW, || format!("{domain}-{path}: no readable MBFile in column file"));
    }
    let MbFile { key, target } = mbfile.unwrap_or_default();
    let file_id = text("fileID").unwrap_or_default();
    Some(Row { file_id, domain, path, flags, target, key })
}
