//! The live rows: what they look like (statistics for each shape) and which they are (a number of eight bytes for each).

use rayon::prelude::*;

use super::cell::Cell;
use super::judge::class;
use super::landscape::{Landscape, live_cells};
use super::shape::{Seen, Shape};
use super::strata::Strata;
use crate::store::sqlite::{Encoding, Field, Raw, Tree, slice};

/// What the live rows are, by number.
#[derive(Debug, Default)]
pub(super) struct Live {
    /// A number for each row's content, with its shape; sorted.
    contents: Vec<u64>,
    /// A number for each key of a table without rowid, with its shape; sorted.
    keys: Vec<u64>,
    /// Live rows and index entries that were read.
    pub rows: u64,
}

impl Live {
    /// Whether a live record of this shape has this content.
    pub(super) fn has(&self, content: u64) -> bool {
        self.contents.binary_search(&content).is_ok()
    }

    /// Whether a live row of a table without rowid has this key.
    pub(super) fn has_key(&self, key: u64) -> bool {
        self.keys.binary_search(&key).is_ok()
    }
}

/// A running number over bytes: multiply and rotate, eight bytes at a time. Not for adversaries: two records that meet by
/// design would only hide one another.
#[derive(Clone, Copy)]
struct Mix(u64);

impl Mix {
    fn word(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn bytes(&mut self, b: &[u8]) {
        let (words, rest) = b.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        let last = rest.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
        self.word(last ^ (b.len() as u64).rotate_left(32));
    }

    fn done(mut self) -> u64 {
        self.word(self.0 >> 29);
        self.0
    }
}

/// The number of a record's content: what is left of it when its first four bytes are overwritten, so that a headless
/// copy has the same number as a whole one. Of a record that spills: its part on the page and its first overflow page.
pub(super) fn content(shape: usize, tree: Tree, cell: &Cell, page: &[u8]) -> u64 {
    let skipped = if tree == Tree::Table { 1 } else { 2 };
    let mut mix = Mix(shape as u64);
    mix.word(cell.serials.len() as u64);
    for serial in cell.serials.iter().skip(skipped) {
        mix.word(serial.map_or(u64::MAX, u64::from));
    }
    mix.bytes(slice(page, cell.body as usize, cell.local as usize).unwrap_or_default());
    mix.word(u64::from(cell.overflow) << 32 | u64::from(cell.length));
    mix.done()
}

/// The number of the key of a row without rowid; `None` where its types or bytes are not all known.
pub(super) fn key(index: usize, shape: &Shape, cell: &Cell, page: &[u8]) -> Option<u64> {
    let width = shape.table.key.len();
    let mut mix = Mix(index as u64);
    let mut length = 0u32;
    for serial in cell.serials.get(..width)? {
        let serial = (*serial)?;
        mix.word(u64::from(serial));
        length = length.checked_add(Field::length(serial))?;
    }
    if length > cell.local {
        return None;
    }
    mix.bytes(slice(page, cell.body as usize, length as usize)?);
    Some(mix.done())
}

/// What one batch of pages showed.
#[derive(Default)]
struct Part {
    contents: Vec<u64>,
    keys: Vec<u64>,
    chains: Vec<(u32, u32)>,
    shapes: Vec<(usize, Tally)>,
}

#[derive(Default)]
struct Tally {
    seen: Vec<Seen>,
    rows: u64,
    rowids: Option<(i64, i64)>,
    fewest: Option<usize>,
    odd: bool,
}

/// Reads all live rows once: numbers them, measures them, marks their overflow pages.
pub(super) fn read(strata: &Strata<'_>, land: &mut Landscape, shapes: &mut [Shape], encoding: Encoding) -> Live {
    let records = std::mem::take(&mut land.records);
    let parts: Vec<Part> = records.par_chunks(256).map(|pages| part(strata, pages, shapes, encoding)).collect();
    land.records = records;
    let mut live = Live::default();
    for part in parts {
        live.contents.extend(part.contents);
        live.keys.extend(part.keys);
        for (first, missing) in part.chains {
            land.chain(strata, first, missing);
        }
        for (index, tally) in part.shapes {
            live.rows = live.rows.saturating_add(tally.rows);
            if let Some(shape) = shapes.get_mut(index) {
                settle(shape, tally);
            }
        }
    }
    live.contents.par_sort_unstable();
    live.keys.sort_unstable();
    live
}

fn settle(shape: &mut Shape, tally: Tally) {
    for (rule, seen) in shape.rules.iter_mut().zip(&tally.seen) {
        rule.seen.add(seen);
    }
    shape.rows = shape.rows.saturating_add(tally.rows);
    shape.rowids = match (shape.rowids, tally.rowids) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    };
    if let Some(fewest) = tally.fewest {
        shape.fewest_seen = shape.fewest_seen.min(fewest);
        shape.fewest = shape.fewest.min(fewest);
    }
    shape.canonical &= !tally.odd;
}

fn part(strata: &Strata<'_>, pages: &[(u32, u16)], shapes: &[Shape], encoding: Encoding) -> Part {
    let mut part = Part::default();
    for (no, tree) in pages {
        let index = usize::from(*tree);
        let Some(shape) = shapes.get(index) else { continue };
        let Some(b) = strata.now(*no) else { continue };
        if part.shapes.last().is_none_or(|(i, _)| *i != index) {
            let tally = Tally { seen: vec![Seen::default(); shape.rules.len()], ..Tally::default() };
            part.shapes.push((index, tally));
        }
        let Some((_, tally)) = part.shapes.last_mut() else { continue };
        for cell in live_cells(&b, *no, shape, strata.image.usable) {
            part.contents.push(content(index, shape.tree, &cell, &b));
            if shape.index.is_none() && shape.tree == Tree::Index {
                part.keys.extend(key(index, shape, &cell, &b));
            }
            if cell.overflow != 0 {
                part.chains.push((cell.overflow, cell.length.saturating_sub(cell.local)));
            }
            measure(tally, &cell, &b, encoding);
        }
    }
    part
}

fn measure(tally: &mut Tally, cell: &Cell, page: &[u8], encoding: Encoding) {
    tally.rows = tally.rows.saturating_add(1);
    tally.fewest = Some(tally.fewest.map_or(cell.serials.len(), |f| f.min(cell.serials.len())));
    if let Some(rowid) = cell.rowid {
        tally.rowids = Some(tally.rowids.map_or((rowid, rowid), |(a, b)| (a.min(rowid), b.max(rowid))));
    }
    let mut at = cell.body as usize;
    let end = at.saturating_add(cell.local as usize);
    for (seen, serial) in tally.seen.iter_mut().zip(cell.serials.iter().flatten()) {
        let class = class(*serial);
        seen.count(*serial);
        if let Some(count) = seen.classes.get_mut(class) {
            *count = count.saturating_add(1);
        }
        let length = Field::length(*serial);
        let field = Field { serial: *serial, start: 0 };
        let body = slice(page, at, length as usize).filter(|_| at.saturating_add(length as usize) <= end);
        match body.and_then(|b| field.decode(b)) {
            Some(Raw::Int(i)) => {
                seen.range = Some(seen.range.map_or((i, i), |(a, b)| (a.min(i), b.max(i))));
                tally.odd |= length > 1 && i8::try_from(i).is_ok();
            }
            Some(Raw::Text(t)) => {
                seen.longest = seen.longest.max(length);
                if !seen.controls {
                    seen.controls = has_controls(t, encoding);
                }
            }
            Some(Raw::Blob(_)) => seen.longest = seen.longest.max(length),
            _ => {}
        }
        at = at.saturating_add(length as usize);
    }
}

/// ASCII control characters other than white space; in UTF-16 those whose other byte is zero.
fn has_controls(text: &[u8], encoding: Encoding) -> bool {
    let control = |b: u8| b < 0x20 && !matches!(b, b'\n' | b'\r' | b'\t') || b == 0x7f;
    match encoding {
        Encoding::Utf8 => text.iter().any(|b| control(*b)),
        Encoding::Utf16Le => text.as_chunks::<2>().0.iter().any(|[low, high]| *high == 0 && control(*low)),
        Encoding::Utf16Be => text.as_chunks::<2>().0.iter().any(|[high, low]| *high == 0 && control(*low)),
    }
}
