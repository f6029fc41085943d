//! What can be left in a store at all: settings and traces that say why nothing was found.

use super::frames::{self, Fate};
use super::landscape::{Landscape, Use};
use super::live::Live;
use super::node::Head;
use super::strata::Strata;
use crate::store::sqlite::Database;
use serde::Serialize;

/// What the bytes show of `PRAGMA secure_delete`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecureDelete {
    /// Freed cells keep their bytes.
    Off,
    /// Freed cells are overwritten with zeros, freed pages are not.
    Fast,
    /// Freed cells and freed pages are overwritten with zeros.
    On,
    /// Nothing was freed, so nothing shows.
    Unknown,
}

/// What a store can still hold, and why.
#[derive(Clone, Debug, Serialize)]
pub struct Survey {
    /// What freed bytes show of `secure_delete`.
    pub secure_delete: SecureDelete,
    /// Whether freed pages are cut off at each commit.
    pub auto_vacuum: bool,
    /// Whether they are cut off on request only.
    pub incremental_vacuum: bool,
    /// Whether the file looks like one fresh from `VACUUM`: no free page, no freeblock.
    pub vacuumed: bool,
    /// Pages of the store.
    pub pages: u32,
    /// Pages on the freelist.
    pub free_pages: u32,
    /// Pages that nothing reaches.
    pub unreached_pages: u32,
    /// Live rows and index entries that were read.
    pub live_records: u64,
    /// Frames in the write-ahead log: of this generation and committed, not committed, and of earlier generations.
    pub frames: [u32; 3],
    /// Earlier generations of the log that left frames.
    pub generations: u32,
    /// Frames of earlier generations whose checksum was verified from the frame before.
    pub verified_stale_frames: u32,
    /// Images of pages that could not be read or decrypted.
    pub unreadable_images: u32,
    /// The first of them: page, and frame of the write-ahead log where it stands there.
    pub unreadable: Vec<(u32, Option<u32>)>,
}

/// Most unreadable images that are named; all are counted.
const MOST_NAMED: usize = 100;

/// What carving met in free bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Blank {
    /// Freeblocks of more than a header: zeroed behind it, and not.
    zeroed_blocks: u32,
    other_blocks: u32,
    /// Free pages: zeroed, and not.
    zeroed_pages: u32,
    other_pages: u32,
    /// Images that could not be read: page and frame.
    pub unreadable: Vec<(u32, Option<u32>)>,
    uncounted: u32,
}

impl Blank {
    pub(super) fn add(&mut self, other: &Blank) {
        let sum = |a: &mut u32, b: u32| *a = a.saturating_add(b);
        sum(&mut self.zeroed_blocks, other.zeroed_blocks);
        sum(&mut self.other_blocks, other.other_blocks);
        sum(&mut self.zeroed_pages, other.zeroed_pages);
        sum(&mut self.other_pages, other.other_pages);
        for image in &other.unreadable {
            if self.unreadable.len() < MOST_NAMED {
                self.unreadable.push(*image);
            } else {
                sum(&mut self.uncounted, 1);
            }
        }
    }

    /// Notes the freeblocks of a page.
    pub(super) fn page(&mut self, b: &[u8], no: u32, usable: u32) {
        let Some(head) = Head::read(b, no) else { return };
        for (at, size) in head.freeblocks(b, (usable as usize).min(b.len())) {
            let Some(rest) = b.get(at.saturating_add(4)..at.saturating_add(size)).filter(|r| !r.is_empty()) else {
                continue;
            };
            let count = if super::judge::is_blank(rest) { &mut self.zeroed_blocks } else { &mut self.other_blocks };
            *count = count.saturating_add(1);
        }
    }

    /// Notes a free page.
    pub(super) fn freed(&mut self, b: &[u8], of: Use) {
        if of != Use::Free {
            return;
        }
        let count = if super::judge::is_blank(b) { &mut self.zeroed_pages } else { &mut self.other_pages };
        *count = count.saturating_add(1);
    }

    fn secure_delete(&self) -> SecureDelete {
        match (self.zeroed_blocks, self.other_blocks, self.zeroed_pages, self.other_pages) {
            // One freeblock of zeros may have held a blob of zeros; several do not.
            (_, 1.., _, _) if self.other_blocks >= self.zeroed_blocks => SecureDelete::Off,
            (0, _, 0, 0) => SecureDelete::Unknown,
            (0, _, 0, 1..) => SecureDelete::Unknown,
            (1.., _, 0, 1..) => SecureDelete::Fast,
            _ => SecureDelete::On,
        }
    }
}

impl Survey {
    pub(super) fn of(db: &Database, strata: &Strata<'_>, land: &Landscape, live: &Live, blank: &Blank) -> Survey {
        let header = db.header();
        let count = |wanted: fn(&Fate) -> bool| {
            u32::try_from(strata.frames.iter().filter(|f| wanted(&f.fate)).count()).unwrap_or(u32::MAX)
        };
        let free = (1..=header.page_count.min(strata.highest()))
            .filter(|no| matches!(land.of(*no), Use::Free | Use::Trunk(_)))
            .count();
        Survey {
            secure_delete: blank.secure_delete(),
            auto_vacuum: header.auto_vacuum && !header.incremental_vacuum,
            incremental_vacuum: header.incremental_vacuum,
            vacuumed: free == 0 && blank.zeroed_blocks == 0 && blank.other_blocks == 0,
            pages: header.page_count,
            free_pages: u32::try_from(free).unwrap_or(u32::MAX),
            unreached_pages: u32::try_from(land.unreached().count()).unwrap_or(u32::MAX),
            live_records: live.rows,
            frames: [
                count(|f| matches!(f, Fate::Committed(_))),
                count(|f| matches!(f, Fate::Uncommitted | Fate::Tail)),
                count(|f| matches!(f, Fate::Stale { .. })),
            ],
            generations: frames::generations(&strata.frames),
            verified_stale_frames: count(|f| matches!(f, Fate::Stale { verified: true, .. })),
            unreadable_images: u32::try_from(blank.unreadable.len())
                .unwrap_or(u32::MAX)
                .saturating_add(blank.uncounted),
            unreadable: blank.unreadable.clone(),
        }
    }

    /// Why deleted records may have left nothing, one sentence for each reason; empty where residue can be expected.
    pub fn reasons(&self) -> Vec<&'static str> {
        let mut out = Vec::new();
        match self.secure_delete {
            SecureDelete::On => out.push(
                "nothing can be left in the database file, because freed bytes were overwritten with zeros (secure_delete)",
            ),
            SecureDelete::Fast => out.push(
                "nothing can be left inside pages, because freed bytes were overwritten with zeros (secure_delete = fast)",
            ),
            SecureDelete::Off | SecureDelete::Unknown => {}
        }
        if self.auto_vacuum {
            out.push("freed pages are not kept, because auto_vacuum cuts them off at each commit");
        }
        if self.vacuumed {
            out.push("the file has no free page and no freed cell, as after VACUUM or before anything was deleted");
        }
        if self.frames == [0, 0, 0] {
            out.push("there is no write-ahead log with earlier versions of pages");
        }
        out
    }
}
