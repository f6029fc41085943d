//! One page image: the records that it names and the records in its free bytes.

use std::collections::HashMap;
use std::ops::Range;

use super::cell::{self, Cell, Search};
use super::cover::{self, Span};
use super::found::Method;
use super::judge::{self, fits};
use super::node::Head;
use super::options::MOST_CANDIDATES;
use super::shape::{Rule, Shape};
use crate::store::sqlite::{Encoding, Tree};

/// A record, its shape and the evidence for it.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub cell: Cell,
    pub shape: usize,
    /// Bits of evidence.
    pub bits: f32,
}

/// Bits that a record in free bytes needs to be considered at all, and with its neighbours counted.
const LEAST: f32 = 5.0;
const ENOUGH: f32 = 15.0;
/// Bits for lengths of a whole cell that agree: the payload's, the header's and each value's.
const AGREES: f32 = 10.0;
/// Bits against a shape that is not the page's own: a page taken from the freelist keeps what it held.
const FOREIGN: f32 = 7.0;

/// What carving needs to know.
pub(super) struct Tools<'a> {
    pub shapes: &'a [Shape],
    pub usable: u32,
    pub encoding: Encoding,
}

/// What page is carved.
pub(super) struct Subject<'p> {
    pub bytes: &'p [u8],
    pub no: u32,
    /// The shapes of the tree that it is or was part of; several where they look alike.
    pub owners: &'p [usize],
    /// Where free bytes begin on a page that is no page of a b-tree.
    pub raw_from: usize,
}

impl Tools<'_> {
    /// The records that the page itself names, of the first owner that fits them.
    pub(super) fn listed(&self, page: &Subject<'_>) -> Vec<Hit> {
        let Some(head) = Head::read(page.bytes, page.no) else { return Vec::new() };
        let mut out = Vec::new();
        for at in head.starts(page.bytes) {
            let Some(mut cell) = head.cell(page.bytes, at, self.usable, true) else { continue };
            cell.method = Method::Listed;
            let fit = |shape: &usize| Some((*shape, self.fit(*shape, &cell, page.bytes)?));
            let best = page.owners.iter().filter_map(fit).max_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((shape, bits)) = best {
                out.push(Hit { cell, shape, bits: bits + 20.0 });
            }
        }
        out
    }

    fn fit(&self, shape: usize, cell: &Cell, page: &[u8]) -> Option<f32> {
        fits(self.shapes.get(shape)?, cell, page, self.encoding)
    }

    /// The records in the page's free bytes; also the count of free bytes that are not zero.
    pub(super) fn free(&self, page: &Subject<'_>) -> (Vec<Hit>, u64) {
        let usable = (self.usable as usize).min(page.bytes.len());
        let head = Head::read(page.bytes, page.no);
        let (stretches, blocks) = match &head {
            Some(head) => {
                let cells = head.extents(page.bytes, self.usable);
                (head.free(page.bytes, usable, cells), head.freeblocks(page.bytes, usable))
            }
            None => (std::iter::once(page.raw_from..usable).collect(), Vec::new()),
        };
        let mut out = Vec::new();
        let mut content = 0u64;
        for stretch in stretches {
            let bytes = page.bytes.get(stretch.clone()).unwrap_or_default();
            if bytes.len() < 4 || judge::is_blank(bytes) {
                continue;
            }
            content = content.saturating_add(bytes.len() as u64);
            self.stretch(page, &stretch, &blocks, &mut out);
        }
        (out, content)
    }

    fn stretch(&self, page: &Subject<'_>, stretch: &Range<usize>, blocks: &[(usize, usize)], out: &mut Vec<Hit>) {
        let blocks: Vec<(usize, usize)> = blocks.iter().copied().filter(|(at, _)| stretch.contains(at)).collect();
        let mut anchors = vec![stretch.end];
        for (at, size) in &blocks {
            anchors.extend([*at, at.saturating_add(*size)]);
        }
        if blocks.is_empty() {
            anchors.push(stretch.start);
        }
        let mut hits = self.whole(page, stretch);
        self.headless(page, stretch, &blocks, &mut hits);
        let spans: Vec<Span> =
            hits.iter().map(|h| Span { start: h.cell.start, end: h.cell.end, bits: h.bits }).collect();
        let chosen = cover::choose(stretch, &spans, &anchors);
        out.extend(chosen.into_iter().filter_map(|(index, touch)| {
            let hit = hits.get(index)?;
            let bits = hit.bits + touch;
            (bits >= ENOUGH).then(|| Hit { bits, ..hit.clone() })
        }));
    }

    /// Whole cells at any offset.
    fn whole(&self, page: &Subject<'_>, stretch: &Range<usize>) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut at = stretch.start;
        while at < stretch.end && hits.len() < MOST_CANDIDATES {
            at = judge::next_content(page.bytes, at, stretch.end);
            for tree in [Tree::Table, Tree::Index] {
                let Some(cell) = cell::whole(page.bytes, at, stretch.end, tree, self.usable, true) else { continue };
                if let Some((shape, bits)) = self.best(page, tree, &cell) {
                    let bits = bits + AGREES;
                    if bits >= LEAST {
                        hits.push(Hit { cell, shape, bits });
                    }
                }
            }
            at = at.saturating_add(1);
        }
        hits
    }

    /// The shape that fits best: the page's own, else another of the same kind, with bits taken off.
    fn best(&self, page: &Subject<'_>, tree: Tree, cell: &Cell) -> Option<(usize, f32)> {
        let fit = |index: usize| {
            let shape = self.shapes.get(index).filter(|s| s.tree == tree && s.rules.len() >= cell.serials.len())?;
            Some((index, fits(shape, cell, page.bytes, self.encoding)?))
        };
        let own = page.owners.iter().filter_map(|i| fit(*i)).max_by(|a, b| a.1.total_cmp(&b.1));
        if own.is_some() {
            return own;
        }
        let others = (0..self.shapes.len()).filter(|i| !page.owners.contains(i)).filter_map(fit);
        let best = others.max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some((best.0, best.1 - FOREIGN))
    }

    /// Cells whose first four bytes are overwritten: at the page's freeblocks, and where a former freeblock's header lies
    /// within free bytes.
    fn headless(&self, page: &Subject<'_>, stretch: &Range<usize>, blocks: &[(usize, usize)], hits: &mut Vec<Hit>) {
        let usable = (self.usable as usize).min(page.bytes.len());
        let blocks: HashMap<usize, usize> = blocks.iter().copied().collect();
        let block = |at: usize| {
            let listed = blocks.get(&at).copied();
            let size = listed.or_else(|| judge::freeblock(page.bytes, at, usable))?;
            Some((at, size, listed.is_some()))
        };
        let last = stretch.end.saturating_sub(4);
        let heads: Vec<(usize, usize, bool)> = (stretch.start..last).filter_map(block).take(MOST_CANDIDATES).collect();
        // Cells lie back to back: one ends where another, whole or headless, begins.
        let mut starts: Vec<usize> = hits.iter().map(|h| h.cell.start as usize).collect();
        starts.extend(heads.iter().map(|(at, _, _)| *at));
        starts.sort_unstable();
        starts.dedup();
        let mut found = Vec::new();
        for (at, size, listed) in heads {
            if hits.len() >= MOST_CANDIDATES {
                break;
            }
            let stated = at.saturating_add(size);
            let limit = if listed { stated } else { stretch.end };
            // A freed cell takes up to three bytes of fragments with it.
            let mut ends: Vec<usize> = (0..4usize).map(|n| stated.saturating_sub(n)).collect();
            ends.push(limit);
            let next = starts.partition_point(|s| *s <= at.saturating_add(5));
            ends.extend(starts.get(next..).unwrap_or_default().iter().take(8));
            ends.retain(|e| *e <= limit);
            ends.sort_unstable();
            ends.dedup();
            for shape in page.owners {
                self.of_shape(page, *shape, at, limit, &ends, &mut found);
                for cell in found.drain(..) {
                    let Some(fit) = self.fit(*shape, &cell, page.bytes) else { continue };
                    let bits = fit + at_end(cell.end as usize, stated, &ends, listed);
                    let solved = if cell.method == Method::Solved { -1.0 } else { 0.0 };
                    hits.push(Hit { cell, shape: *shape, bits: bits + solved });
                }
            }
        }
    }

    fn of_shape(
        &self,
        page: &Subject<'_>,
        index: usize,
        start: usize,
        limit: usize,
        ends: &[usize],
        found: &mut Vec<Cell>,
    ) {
        let Some(shape) = self.shapes.get(index) else { return };
        let longest = shape.rowids.map_or(5, |(low, high)| {
            let most = cell::varint_length(high.unsigned_abs()).saturating_add(1);
            if low < 0 { 9 } else { most }
        });
        let may = |i: usize| shape.rules.get(i).map_or([true; 5], Rule::classes);
        let classes = [may(0), may(1)];
        let first = shape.rules.first().filter(|r| r.alias).map(|_| 0);
        for count in shape.fewest_seen.max(1)..=shape.rules.len() {
            let search = Search {
                page: page.bytes,
                tree: shape.tree,
                usable: self.usable,
                start,
                limit,
                count,
                rowid: longest,
                first,
                classes,
            };
            cell::headless(&search, ends, found);
        }
    }
}

/// Bits for a headless cell by where it ends: at the end of its freeblock, at most three bytes before it, at something
/// that begins there, or anywhere.
fn at_end(end: usize, stated: usize, ends: &[usize], listed: bool) -> f32 {
    let list = if listed { 3.0 } else { 0.0 };
    match stated.checked_sub(end) {
        Some(0) => 10.0 + list,
        Some(1..=3) => 5.0 + list,
        _ if ends.contains(&end) => 5.0 + list,
        _ => list,
    }
}
