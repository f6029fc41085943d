//! `Manifest.mbdb`, iOS 5 to 9. Source: dinosec/iphone-dataprotection:python_scripts/backups/backup4.py.

use super::rows::Row;
use crate::container::{FlawList, code};
use crate::vfs::VfsError;

const MAGIC: &[u8] = b"mbdb\x05\x00";
/// A string of this length is absent.
const ABSENT: u16 = 0xffff;

/// Every record. The format has no marks between records: after the first one that does not fit, nothing can be found.
pub(super) fn rows(what: &str, bytes: &[u8], flaws: &mut FlawList) -> Result<Vec<Row>, VfsError> {
    let Some(mut rest) = bytes.strip_prefix(MAGIC) else {
        return Err(VfsError::damaged(format!("{what}: Manifest.mbdb"), 0, "other bytes than mbdb 05 00"));
    };
    let mut rows = Vec::new();
    while !rest.is_empty() {
        match record(rest) {
            Some((row, after)) => {
                rows.push(row);
                rest = after;
            }
            None => {
                let at = bytes.len().saturating_sub(rest.len());
                flaws.lost(code::ITUNES_MANIFEST, || {
                    format!("{what}: Manifest.mbdb breaks off in the record at byte {at}")
                });
                break;
            }
        }
    }
    Ok(rows)
}

fn record(bytes: &[u8]) -> Option<(Row, &[u8])> {
    let (domain, rest) = string(bytes)?;
    let (path, rest) = string(rest)?;
    let (target, rest) = string(rest)?;
    let (_digest, rest) = string(rest)?;
    let (key, rest) = string(rest)?;
    let (mode, rest) = rest.split_first_chunk::<2>()?;
    // inode 8, uid 4, gid 4, three times 4, size 8, protection class 1
    let rest = rest.get(37..)?;
    let (count, mut rest) = rest.split_first()?;
    for _ in 0..*count {
        let (_name, after) = string(rest)?;
        let (_value, after) = string(after)?;
        rest = after;
    }
    let flags = match u16::from_be_bytes(*mode) & 0xf000 {
        0x4000 => 2,
        0xa000 => 4,
        0x8000 => 1,
        other => i64::from(other),
    };
    let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    let row = Row {
        file_id: String::new(),
        domain: text(domain),
        path: text(path),
        flags,
        target: target.map(Into::into),
        key: key.map(Into::into),
    };
    Some((row, rest))
}

/// Two bytes of length, then the bytes.
fn string(bytes: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<2>()?;
    match u16::from_be_bytes(*len) {
        ABSENT => Some((None, rest)),
        len => rest.split_at_checked(len.into()).map(|(value, rest)| (Some(value), rest)),
    }
}
