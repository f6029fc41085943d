//! The pages of a store as of its last commit: the database file, overlaid by the write-ahead log or by the pages a hot
//! journal kept.

use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::Arc;

use super::fault::FaultKind;

/// A page's bytes: borrowed from an image in memory, or shared with a page cache.
#[derive(Clone)]
pub(super) enum PageBytes<'a> {
    /// Part of an image in memory.
    Slice(&'a [u8]),
    /// A page read from a file.
    #[allow(dead_code, reason = "the file-backed pager follows")]
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
pub(super) enum Place {
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
pub(super) struct Page<'a> {
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
pub(super) struct Patch {
    /// The file it is in.
    pub place: Place,
    /// Where it begins there.
    pub start: u64,
}

/// All pages.
pub(super) struct Image {
    /// Bytes per page.
    pub page_size: u32,
    /// Bytes per page that SQLite uses.
    pub usable: u32,
    /// Pages: the highest number a page may have.
    pub limit: u32,
    /// The database file, decrypted where need be.
    pub main: Vec<u8>,
    /// The write-ahead log; overlaid frames decrypted.
    pub wal: Vec<u8>,
    /// The rollback journal; overlaid pages decrypted.
    pub journal: Vec<u8>,
    /// Pages that come from elsewhere than the database file.
    pub patches: HashMap<u32, Patch>,
    /// Pages whose HMAC does not fit.
    pub unreadable: HashSet<u32>,
}

impl Image {
    /// The page `no`.
    pub(super) fn page(&self, no: u32) -> Result<Page<'_>, FaultKind> {
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
        let file = match place {
            Place::Main => &self.main,
            Place::Wal { .. } => &self.wal,
            Place::Journal => &self.journal,
        };
        let from = usize::try_from(start).ok().and_then(|s| file.get(s..)).filter(|rest| !rest.is_empty());
        let rest = from.ok_or(outside)?;
        let bytes = rest.get(..self.page_size as usize).unwrap_or(rest);
        Ok(Page { no, place, start, bytes: PageBytes::Slice(bytes) })
    }

    /// Whether all pages are in memory, so that a page read once can be read again.
    #[expect(clippy::unused_self, reason = "the file-backed pager follows")]
    pub(super) fn resident(&self) -> bool {
        true
    }

    /// Where the page `no` begins in the database file.
    pub(super) fn main_offset(&self, no: u32) -> u64 {
        u64::from(no.saturating_sub(1)).saturating_mul(u64::from(self.page_size))
    }

    /// Bytes of payload an overflow page holds.
    pub(super) fn overflow_room(&self) -> usize {
        (self.usable as usize).saturating_sub(4)
    }
}

/// Page numbers already met. Bits are allocated only when a second page is met: most tables of a store have one page.
pub(super) struct Seen {
    first: Option<u32>,
    bits: Vec<u64>,
    limit: u32,
}

impl Seen {
    /// None met so far; `limit` is the highest page number.
    pub(super) fn new(limit: u32) -> Seen {
        Seen { first: None, bits: Vec::new(), limit }
    }

    /// Notes the page; `false` when it was already met or cannot exist.
    pub(super) fn insert(&mut self, no: u32) -> bool {
        if no > self.limit {
            return false;
        }
        match self.first {
            None => {
                self.first = Some(no);
                return true;
            }
            Some(first) if self.bits.is_empty() => {
                self.bits = vec![0; (self.limit as usize / 64).saturating_add(1)];
                self.mark(first);
            }
            Some(_) => {}
        }
        self.mark(no)
    }

    fn mark(&mut self, no: u32) -> bool {
        let bit = 1u64.wrapping_shl(no); // modulo 64
        match self.bits.get_mut(no as usize / 64) {
            Some(word) if *word & bit == 0 => {
                *word |= bit;
                true
            }
            _ => false,
        }
    }
}
