//! The first hundred bytes of a database.

use super::fault::SqliteError;
use crate::store::bytes::{be16, be32, byte};

/// The magic at offset 0.
pub(super) const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Length of the database header.
pub(super) const LENGTH: usize = 100;

/// How text is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-16, least significant byte first.
    Utf16Le,
    /// UTF-16, most significant byte first.
    Utf16Be,
}

/// The database header as it stands in the image (after the write-ahead log and a hot journal).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Bytes per page: a power of two, 512 to 65536.
    pub page_size: u32,
    /// Bytes at the end of every page that SQLite leaves alone.
    pub reserved: u8,
    /// 1 rollback journal, 2 write-ahead log.
    pub write_version: u8,
    /// 1 rollback journal, 2 write-ahead log.
    pub read_version: u8,
    /// `PRAGMA user_version`: the app's own schema version.
    pub user_version: i32,
    /// `PRAGMA application_id`.
    pub application_id: u32,
    /// Text encoding.
    pub encoding: Encoding,
    /// Pages of the image.
    pub page_count: u32,
    /// The page count the header itself states, whether or not it is valid.
    pub stated_page_count: u32,
    /// Whether auto-vacuum is on (then pointer-map pages exist).
    pub auto_vacuum: bool,
    /// Whether it is incremental.
    pub incremental_vacuum: bool,
    /// The file change counter.
    pub change_counter: u32,
    /// The change counter for which the stated page count is valid.
    pub version_valid_for: u32,
    /// The schema cookie: counts changes of the schema.
    pub schema_cookie: u32,
    /// Schema format, 1 to 4.
    pub schema_format: u32,
    /// First trunk page of the freelist, 0 for none.
    pub freelist_trunk: u32,
    /// Pages on the freelist, as stated.
    pub freelist_pages: u32,
    /// `SQLITE_VERSION_NUMBER` of the library that wrote last.
    pub library_version: u32,
}

/// The page size stated at offset 16; `None` when it is no power of two from 512 to 65536.
pub(super) fn page_size(page: &[u8]) -> Option<u32> {
    let size = match be16(page, 16)? {
        1 => 65536,
        n => u32::from(n),
    };
    (size.is_power_of_two() && (512..=65536).contains(&size)).then_some(size)
}

impl Header {
    /// Reads the header from page 1. `page_count` is filled in by the image.
    pub(super) fn read(page: &[u8], page_size: u32) -> Result<(Header, Option<u32>), SqliteError> {
        if !page.starts_with(MAGIC) {
            return Err(SqliteError::NotADatabase { found: page.get(..16).unwrap_or(page).into() });
        }
        let word = |at| be32(page, at);
        let fields = || {
            let code = word(56)?;
            let (encoding, odd) = match code {
                // 0 stands in a database without any table yet.
                0 | 1 => (Encoding::Utf8, None),
                2 => (Encoding::Utf16Le, None),
                3 => (Encoding::Utf16Be, None),
                n => (Encoding::Utf8, Some(n)),
            };
            let header = Header {
                page_size,
                reserved: byte(page, 20)?,
                write_version: byte(page, 18)?,
                read_version: byte(page, 19)?,
                user_version: word(60)?.cast_signed(),
                application_id: word(68)?,
                encoding,
                page_count: 0,
                stated_page_count: word(28)?,
                auto_vacuum: word(52)? != 0,
                incremental_vacuum: word(64)? != 0,
                change_counter: word(24)?,
                version_valid_for: word(92)?,
                schema_cookie: word(40)?,
                schema_format: word(44)?,
                freelist_trunk: word(32)?,
                freelist_pages: word(36)?,
                library_version: word(96)?,
            };
            Some((header, odd))
        };
        fields().ok_or(SqliteError::Short { length: page.len() as u64, needed: LENGTH as u64 })
    }

    /// The page count the header states, if the header says it is valid.
    pub(super) fn valid_page_count(&self) -> Option<u32> {
        (self.stated_page_count != 0 && self.change_counter == self.version_valid_for).then_some(self.stated_page_count)
    }
}
