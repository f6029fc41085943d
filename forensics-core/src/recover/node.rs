//! A b-tree page as bytes: its header, its pointers, its free stretches (`btree.c`, `decodeFlags`, `freeSpace`).

use std::ops::Range;

use super::cell::{self, Cell};
use crate::store::sqlite::{Tree, be16, be32, byte, varint};

/// A b-tree page's header, read without trust.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub tree: Tree,
    pub leaf: bool,
    /// First freeblock, 0 for none.
    first_free: usize,
    /// Cells that the page names.
    pub cells: usize,
    /// Right-most child of an interior page.
    pub right: u32,
    /// Where the cell pointers begin.
    pointers: usize,
}

impl Head {
    /// Reads the header of page `no`; `None` when it is no b-tree page.
    pub(super) fn read(b: &[u8], no: u32) -> Option<Head> {
        let at: usize = if no == 1 { 100 } else { 0 };
        let (tree, leaf) = match byte(b, at)? {
            0x0d => (Tree::Table, true),
            0x05 => (Tree::Table, false),
            0x0a => (Tree::Index, true),
            0x02 => (Tree::Index, false),
            _ => return None,
        };
        let first_free = usize::from(be16(b, at.checked_add(1)?)?);
        let cells = usize::from(be16(b, at.checked_add(3)?)?);
        let fragments = byte(b, at.checked_add(7)?)?;
        let right = if leaf { 0 } else { be32(b, at.checked_add(8)?)? };
        let pointers = at.saturating_add(if leaf { 8 } else { 12 });
        // A cell takes 4 bytes and its pointer 2; more than 60 fragmented bytes make SQLite defragment.
        let plausible = cells <= b.len() / 6 && fragments <= 60 && first_free < b.len();
        plausible.then_some(Head { tree, leaf, first_free, cells, right, pointers })
    }

    /// Where the cell pointers end.
    pub(super) fn pointers_end(&self) -> usize {
        self.pointers.saturating_add(self.cells.saturating_mul(2))
    }

    /// Where each cell begins, in key order.
    pub(super) fn starts<'b>(&self, b: &'b [u8]) -> impl Iterator<Item = usize> + use<'b> {
        let (pointers, end) = (self.pointers, self.pointers_end());
        (0..self.cells).filter_map(move |i| {
            let at = be16(b, pointers.saturating_add(i.saturating_mul(2))).map(usize::from)?;
            (at >= end && at < b.len()).then_some(at)
        })
    }

    /// The children of an interior page.
    pub(super) fn children<'b>(&self, b: &'b [u8]) -> impl Iterator<Item = u32> + use<'b> {
        let right = (!self.leaf).then_some(self.right);
        let starts = (!self.leaf).then(|| self.starts(b)).into_iter().flatten();
        starts.filter_map(|at| be32(b, at)).chain(right)
    }

    /// The cell at `at`, as its page names it; strict where the page is not live.
    pub(super) fn cell(&self, b: &[u8], at: usize, usable: u32, strict: bool) -> Option<Cell> {
        if self.tree == Tree::Table && !self.leaf {
            return None;
        }
        let body = if self.leaf { at } else { at.checked_add(4)? };
        let mut found = cell::whole(b, body, usable as usize, self.tree, usable, strict)?;
        found.start = u32::try_from(at).ok()?;
        Some(found)
    }

    /// The freeblocks in order: where each begins and how long it is. Stops where the list is not ascending.
    pub(super) fn freeblocks(&self, b: &[u8], usable: usize) -> Vec<(usize, usize)> {
        let mut out = Vec::new();
        let mut at = self.first_free;
        while at != 0 {
            let (Some(next), Some(size)) = (be16(b, at), be16(b, at.saturating_add(2)).map(usize::from)) else { break };
            let end = at.saturating_add(size);
            if size < 4 || end > usable || at < self.pointers_end() {
                break;
            }
            out.push((at, size));
            let next = usize::from(next);
            if next != 0 && next < end {
                break;
            }
            at = next;
        }
        out
    }

    /// The stretches between header and end that no cell of `cells` takes; `cells` are the page's own, in any order.
    pub(super) fn free(&self, b: &[u8], usable: usize, cells: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
        let mut taken: Vec<Range<usize>> = cells.collect();
        taken.sort_unstable_by_key(|r| r.start);
        let mut free = Vec::new();
        let mut at = self.pointers_end();
        for cell in taken {
            if cell.start > at {
                free.push(at..cell.start);
            }
            at = at.max(cell.end);
        }
        let end = usable.min(b.len());
        if at < end {
            free.push(at..end);
        }
        free
    }

    /// The bytes that each cell the page names takes on it, also of cells that cannot be read.
    pub(super) fn extents<'b>(&self, b: &'b [u8], usable: u32) -> impl Iterator<Item = Range<usize>> + use<'b> {
        let head = *self;
        head.starts(b).map(move |at| {
            let least = at.saturating_add(4);
            if head.tree == Tree::Table && !head.leaf {
                let end = varint(b, least).map_or(least, |(_, end)| end);
                return at..end;
            }
            let end = head.cell(b, at, usable, false).map_or(least, |c| c.end as usize);
            at..end.max(least)
        })
    }
}
