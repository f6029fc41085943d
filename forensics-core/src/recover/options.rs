//! What is looked for, and how much of it.

/// How a store is searched.
#[derive(Clone, Debug)]
pub struct Options {
    /// Also rows of SQLite's own tables (`sqlite_schema`, `sqlite_sequence`, `sqlite_stat1`, …). Default: no.
    pub internal: bool,
    /// Also entries of indexes whose row was found nowhere: they prove that a row existed and give a part of it.
    pub index_entries: bool,
    /// Also what is left of rows that are partly overwritten: their values end early.
    pub partial: bool,
    /// Records below this confidence are left out.
    pub least_confidence: f32,
    /// Bytes of recovered rows kept at once, to fold equal ones; when reached, they are handed over and forgotten but for
    /// a number of eight bytes each.
    pub memory: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options { internal: false, index_entries: true, partial: true, least_confidence: 0.0, memory: 64 << 20 }
    }
}

/// Longest payload put together from overflow pages: SQLite's own default limit (`SQLITE_MAX_LENGTH`) is a billion bytes;
/// a stale length must not cost so much memory, and no messenger keeps a row of more than this in a cell.
pub(super) const MOST_PAYLOAD: u32 = 64 << 20;
/// Candidates kept per stretch of free bytes: a page of 64 KiB holds at most 16,384 cells of four bytes.
pub(super) const MOST_CANDIDATES: usize = 16_384;
/// Pages carved between two rounds of folding: bounds what is in flight.
pub(super) const BATCH: usize = 2048;
/// Images of pages outside the database file (frames and journal records) that are looked at.
pub(super) const MOST_IMAGES: usize = 4 << 20;
/// Places kept for one record; further ones are only counted.
pub(super) const MOST_PLACES: usize = 64;
