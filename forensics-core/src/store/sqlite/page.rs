//! A b-tree page: its header, its cell pointers, its cells.

use super::fault::FaultKind;
use super::image::{Image, Page};
use super::record::varint;
use crate::store::bytes::{be16, be32, byte};

/// Which of the two kinds of b-tree: rows by rowid, or entries by key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    /// Rowid tables.
    Table,
    /// Indexes and tables without rowid.
    Index,
}

impl Tree {
    fn name(self) -> &'static str {
        match self {
            Tree::Table => "table",
            Tree::Index => "index",
        }
    }
}

/// A b-tree page's header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    /// Whether it has no children.
    pub leaf: bool,
    /// Its kind.
    pub tree: Tree,
    /// Cells on it.
    pub cells: u32,
    /// The right-most child.
    right: u32,
    /// Where the cell pointers begin.
    pointers: usize,
}

/// A cell's payload: where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    /// The rowid (rowid tables).
    pub rowid: Option<i64>,
    /// Where the cell begins on its page.
    pub start: u32,
    /// Bytes of the cell on its page.
    pub length: u32,
    /// Where the payload begins on the page.
    pub payload: u32,
    /// Bytes of payload on the page.
    pub local: u32,
    /// Bytes of payload altogether.
    pub total: u32,
    /// The first overflow page, 0 for none.
    pub overflow: u32,
}

impl Node {
    /// Reads the page header; refuses a page of another tree.
    pub(crate) fn read(page: &Page<'_>, page_size: u32, expected: Tree) -> Result<Node, FaultKind> {
        let at: usize = if page.no == 1 { 100 } else { 0 };
        let b: &[u8] = &page.bytes;
        let short = FaultKind::PageShort { have: b.len() };
        let kind = byte(b, at).ok_or_else(|| short.clone())?;
        let (leaf, tree) = match kind {
            0x0d => (true, Tree::Table),
            0x05 => (false, Tree::Table),
            0x0a => (true, Tree::Index),
            0x02 => (false, Tree::Index),
            found => return Err(FaultKind::PageType { found, expected: expected.name() }),
        };
        if tree != expected {
            return Err(FaultKind::PageType { found: kind, expected: expected.name() });
        }
        let cells = be16(b, at.saturating_add(3)).ok_or_else(|| short.clone())?;
        // A cell takes 4 bytes and its pointer 2 (MX_CELL in btreeInt.h).
        let limit = (page_size as usize).saturating_sub(8) / 6;
        if usize::from(cells) > limit {
            return Err(FaultKind::CellCount { found: cells, limit });
        }
        let right = if leaf { 0 } else { be32(b, at.saturating_add(8)).ok_or(short)? };
        let pointers = at.saturating_add(if leaf { 8 } else { 12 });
        Ok(Node { leaf, tree, cells: u32::from(cells), right, pointers })
    }

    /// Where cell `index` begins.
    fn at(&self, page: &Page<'_>, index: u32) -> Option<usize> {
        let pointer = self.pointers.saturating_add((index as usize).saturating_mul(2));
        let at = usize::from(be16(&page.bytes, pointer)?);
        (at >= self.pointers).then_some(at)
    }

    /// The child to the left of cell `index`; the right-most child for the index behind the last cell.
    pub(crate) fn child(&self, page: &Page<'_>, index: u32) -> Result<u32, FaultKind> {
        if index >= self.cells {
            return Ok(self.right);
        }
        let at = self.at(page, index);
        at.and_then(|at| be32(&page.bytes, at)).ok_or(FaultKind::CellOutside { index })
    }

    /// The key of a table's interior or leaf cell `index`.
    pub(crate) fn rowid(&self, page: &Page<'_>, index: u32) -> Result<i64, FaultKind> {
        let read = || {
            let at = self.at(page, index)?;
            let at = if self.leaf { varint(&page.bytes, at)?.1 } else { at.saturating_add(4) };
            varint(&page.bytes, at).map(|(v, _)| v.cast_signed())
        };
        read().ok_or(FaultKind::CellOutside { index })
    }

    /// The cell `index`: a table's leaf cell, or any cell of an index tree.
    pub(crate) fn cell(&self, image: &Image, page: &Page<'_>, index: u32) -> Result<Cell, FaultKind> {
        let outside = || FaultKind::CellOutside { index };
        let b: &[u8] = &page.bytes;
        let start = self.at(page, index).ok_or_else(outside)?;
        let body = if self.leaf { start } else { start.saturating_add(4) };
        let (total, after) = varint(b, body).ok_or_else(outside)?;
        let (rowid, payload) = match self.tree {
            Tree::Table => varint(b, after).map(|(v, end)| (Some(v.cast_signed()), end)).ok_or_else(outside)?,
            Tree::Index => (None, after),
        };
        // SQLite's own limit of a row's length is 2^31 - 1.
        let long = FaultKind::PayloadLength { length: total };
        let total = u32::try_from(total).ok().filter(|t| *t <= i32::MAX.unsigned_abs()).ok_or(long)?;
        let local = local_length(image.usable, total, self.tree);
        let end = payload.saturating_add(local as usize);
        let overflow = if local < total { be32(b, end).ok_or_else(outside)? } else { 0 };
        let end = if local < total { end.saturating_add(4) } else { end };
        if end > b.len() {
            return Err(outside());
        }
        let narrow = |n: usize| u32::try_from(n).map_err(|_| outside());
        let length = narrow(end.saturating_sub(start))?;
        Ok(Cell { rowid, start: narrow(start)?, length, payload: narrow(payload)?, local, total, overflow })
    }
}

/// Bytes of a payload that stay on the b-tree page (file format, section 1.6).
pub(crate) fn local_length(usable: u32, total: u32, tree: Tree) -> u32 {
    let fraction = |n: u32| (usable.saturating_sub(12).saturating_mul(n) / 255).saturating_sub(23);
    let most = match tree {
        Tree::Table => usable.saturating_sub(35),
        Tree::Index => fraction(64),
    };
    if total <= most {
        return total;
    }
    let least = fraction(32);
    let room = usable.saturating_sub(4).max(1);
    let kept = least.saturating_add(total.saturating_sub(least).checked_rem(room).unwrap_or(0));
    if kept <= most { kept } else { least }
}
