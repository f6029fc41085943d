//! The pages of a store as of its last commit: the database file, overlaid by the write-ahead log or by the pages a hot
//! journal kept.

use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::Arc;

use super::cipher::Cipher;
use super::fault::FaultKind;
use super::pager::Pager;

/// A page's bytes: borrowed from an image in memory, or shared with a page cache.
#[derive(Clone)]
pub(crate) enum PageBytes<'a> {
    /// Part of an image in memory.
    Slice(&'a [u8]),
    /// A page read from a file.
    Shared(Arc<[u8]>),
}

impl Deref for PageBytes<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            PageBytes::Slice(b) => b,
            PageBytes::Shared(b) => b,
        }
    }
}

/// Which file a page came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The database file.
    Main,
    /// The write-ahead log: the 1-based frame.
    Wal {
        /// The frame.
        frame: u32,
    },
    /// The rollback journal.
    Journal,
}

/// A page of the image.
#[derive(Clone)]
pub(crate) struct Page<'a> {
    /// Its 1-based number.
    pub no: u32,
    /// Where it came from.
    pub place: Place,
    /// Where it begins in that file.
    pub start: u64,
    /// Its bytes; fewer than a page where the file ends within it.
    pub bytes: PageBytes<'a>,
}

/// A page that replaces the one in the database file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patch {
    /// The file it is in.
    pub place: Place,
    /// Where it begins there.
    pub start: u64,
}

/// The database file.
pub(crate) enum Main {
    /// In memory, decrypted where need be.
    Memory(Vec<u8>),
    /// Read page by page.
    File(Box<Pager>),
}

impl Main {
    /// Bytes of the file.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Main::Memory(bytes) => bytes.len() as u64,
            Main::File(pager) => pager.len(),
        }
    }
}

/// All pages.
pub(crate) struct Image {
    /// Bytes per page.
    pub page_size: u32,
    /// Bytes per page that SQLite uses.
    pub usable: u32,
    /// Pages: the highest number a page may have.
    pub limit: u32,
    /// The database file.
    pub main: Main,
    /// The write-ahead log; overlaid frames decrypted.
    pub wal: Vec<u8>,
    /// The rollback journal; overlaid pages decrypted.
    pub journal: Vec<u8>,
    /// Pages that come from elsewhere than the database file.
    pub patches: HashMap<u32, Patch>,
    /// Pages whose HMAC does not fit.
    pub unreadable: HashSet<u32>,
    /// Decrypts the frames and journal pages that are not part of the image (those that are were decrypted in place).
    pub cipher: Option<Cipher>,
}

impl Image {
    /// The page `no`.
    pub(crate) fn page(&self, no: u32) -> Result<Page<'_>, FaultKind> {
        let outside = FaultKind::PageOutside { limit: self.limit };
        if no == 0 || no > self.limit {
            return Err(outside);
        }
        if self.unreadable.contains(&no) {
            return Err(FaultKind::PageUnreadable);
        }
        let (place, start) = match self.patches.get(&no) {
            Some(patch) => (patch.place, patch.start),
            None => (Place::Main, self.main_offset(no)),
        };
        let bytes = match (place, &self.main) {
            (Place::Main, Main::Memory(bytes)) => self.part(bytes, start),
            (Place::Main, Main::File(pager)) => {
                if start >= pager.len() {
                    return Err(outside);
                }
                let page = pager.page(no, start).ok_or(FaultKind::PageUnreadable)?;
                return Ok(Page { no, place, start, bytes: PageBytes::Shared(page) });
            }
            (Place::Wal { .. }, _) => self.part(&self.wal, start),
            (Place::Journal, _) => self.part(&self.journal, start),
        };
        Ok(Page { no, place, start, bytes: PageBytes::Slice(bytes.ok_or(outside)?) })
    }

    /// The page `no` as the database file has it, whatever the log says.
    pub(super) fn page_in_file(&self, no: u32) -> Option<Page<'_>> {
        let start = self.main_offset(no.max(1));
        let bytes = match &self.main {
            Main::Memory(bytes) => PageBytes::Slice(self.part(bytes, start)?),
            Main::File(pager) if start < pager.len() => PageBytes::Shared(pager.page(no, start)?),
            Main::File(_) => return None,
        };
        Some(Page { no, place: Place::Main, start, bytes })
    }

    /// The page at `start` of a file, shorter where the file ends within it.
    fn part<'b>(&self, file: &'b [u8], start: u64) -> Option<&'b [u8]> {
        let rest = file.get(usize::try_from(start).ok()?..).filter(|rest| !rest.is_empty())?;
        Some(rest.get(..self.page_size as usize).unwrap_or(rest))
    }

    /// Whether all pages are in memory, so that a page read once can be read again.
    pub(crate) fn resident(&self) -> bool {
        matches!(self.main, Main::Memory(_))
    }

    /// Where the page `no` begins in the database file.
    pub(crate) fn main_offset(&self, no: u32) -> u64 {
        u64::from(no.saturating_sub(1)).saturating_mul(u64::from(self.page_size))
    }

    /// Bytes of payload an overflow page holds.
    pub(crate) fn overflow_room(&self) -> usize {
        (self.usable as usize).saturating_sub(4)
    }
}

/// Page numbers up to this are kept as bits (at most 16 MiB of them), others one by one: a forged page number must not
/// cost memory.
const BITS: u32 = 1 << 27;

/// Page numbers already met. Bits are allocated only when a second page is met: most tables of a store have one page.
#[derive(Default)]
pub(crate) struct Seen {
    first: Option<u32>,
    bits: Vec<u64>,
    far: HashSet<u32>,
}

impl Seen {
    /// Notes a page that exists; `false` when it was already met.
    pub(crate) fn insert(&mut self, no: u32) -> bool {
        match self.first {
            None => {
                self.first = Some(no);
                true
            }
            Some(first) if first == no => false,
            Some(_) => self.mark(no),
        }
    }

    fn mark(&mut self, no: u32) -> bool {
        if no >= BITS {
            return self.far.insert(no);
        }
        let index = no as usize / 64;
        if index >= self.bits.len() {
            // Doubling, so that a long scan does not grow it page by page.
            self.bits.resize(index.saturating_add(1).next_power_of_two(), 0);
        }
        let bit = 1u64.wrapping_shl(no); // modulo 64
        match self.bits.get_mut(index) {
            Some(word) if *word & bit == 0 => {
                *word |= bit;
                true
            }
            _ => false,
        }
    }
}
