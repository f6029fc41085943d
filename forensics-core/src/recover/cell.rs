//! Cells, whole or with their first four bytes overwritten (`btree.c`, `freeSpace` writes a freeblock's header there).

use super::found::Method;
use crate::store::sqlite::{Field, Tree, be32, byte, local_length, varint};

/// A value's type; `None` where it takes no byte and cannot be told (NULL, 0, 1, empty).
pub(super) type Serial = Option<u32>;

/// A record found on a page.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// Where the cell begins on its page.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// The rowid, where the cell has one and it stands.
    pub rowid: Option<i64>,
    /// Where the bodies of the values begin on the page.
    pub body: u32,
    /// Bytes of all values together.
    pub length: u32,
    /// Bytes of them that stand on the page.
    pub local: u32,
    /// The first overflow page, 0 for none.
    pub overflow: u32,
    /// The types in stored order.
    pub serials: Vec<Serial>,
    /// How it was found.
    pub method: Method,
}

/// Bytes of SQLite's variable-length form of a number.
pub(super) fn varint_length(value: u64) -> usize {
    match value {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        0x4000..0x20_0000 => 3,
        0x20_0000..0x1000_0000 => 4,
        0x1000_0000..0x8_0000_0000 => 5,
        0x8_0000_0000..0x400_0000_0000 => 6,
        0x400_0000_0000..0x2_0000_0000_0000 => 7,
        0x2_0000_0000_0000..0x100_0000_0000_0000 => 8,
        _ => 9,
    }
}

/// A number in its shortest form: SQLite writes no other (`sqlite3PutVarint`).
pub(super) fn shortest(b: &[u8], at: usize) -> Option<(u64, usize)> {
    let (value, end) = varint(b, at)?;
    (end.checked_sub(at)? == varint_length(value)).then_some((value, end))
}

/// Reads the serial types from `at` to `end`; also the bytes of their values. `None` where they do not end there.
fn types(b: &[u8], at: usize, end: usize, into: &mut Vec<Serial>) -> Option<u64> {
    let mut at = at;
    let mut sum = 0u64;
    while at < end {
        let (serial, after) = varint(b, at)?;
        let serial = u32::try_from(serial).ok().filter(|s| !matches!(s, 10 | 11))?;
        into.push(Some(serial));
        sum = sum.checked_add(u64::from(Field::length(serial)))?;
        at = after;
    }
    (at == end).then_some(sum)
}

/// A whole cell at `at` that ends at `limit` or before: its lengths must agree. `strict` demands shortest numbers, as
/// every SQLite writes them.
pub(super) fn whole(b: &[u8], at: usize, limit: usize, tree: Tree, usable: u32, strict: bool) -> Option<Cell> {
    let number = if strict { shortest } else { varint };
    // Free bytes are mostly zero: no cell begins with a payload of length 0 or 1 (a header takes two bytes).
    if byte(b, at)? < 2 {
        return None;
    }
    let (total, after) = number(b, at)?;
    let total = u32::try_from(total).ok().filter(|t| *t <= i32::MAX.unsigned_abs())?;
    let (rowid, payload) = match tree {
        Tree::Table => number(b, after).map(|(v, end)| (Some(v.cast_signed()), end))?,
        Tree::Index => (None, after),
    };
    let (header, first) = number(b, payload)?;
    let header = u32::try_from(header).ok().filter(|h| *h >= 2 && *h <= total)?;
    let local_total = local_length(usable, total, tree);
    let body = payload.checked_add(header as usize)?;
    // A header that spills itself: thousands of columns; left to the live reader.
    if header > local_total || body > limit {
        return None;
    }
    // Tests before it allocates: nearly every offset ends here.
    let mut quick = first;
    let mut sum = 0u64;
    while quick < body {
        let (serial, after) = varint(b, quick)?;
        sum = sum.checked_add(u64::from(length_of(serial)?))?;
        quick = after;
    }
    if quick != body || sum.checked_add(u64::from(header))? != u64::from(total) {
        return None;
    }
    let spills = local_total < total;
    let local_end = payload.checked_add(local_total as usize)?;
    let end = if spills { local_end.checked_add(4)? } else { local_end };
    if end > limit || end > b.len() {
        return None;
    }
    let mut serials = Vec::with_capacity(header as usize);
    types(b, first, body, &mut serials)?;
    let overflow = if spills { be32(b, local_end)? } else { 0 };
    Some(Cell {
        start: u32::try_from(at).ok()?,
        end: u32::try_from(end.max(at.saturating_add(4)).min(limit)).ok()?,
        rowid,
        body: u32::try_from(body).ok()?,
        length: total.saturating_sub(header),
        local: local_total.saturating_sub(header),
        overflow,
        serials,
        method: Method::Whole,
    })
}

fn length_of(serial: u64) -> Option<u32> {
    let serial = u32::try_from(serial).ok().filter(|s| !matches!(s, 10 | 11))?;
    Some(Field::length(serial))
}

/// A hypothesis about the bytes in front of the types: how many the payload's length, the rowid and the header's length
/// take.
#[derive(Clone, Copy, Debug)]
struct Front {
    length: usize,
    rowid: usize,
    header: usize,
}

/// Where a headless cell may be looked for, and what it may look like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search<'b> {
    pub page: &'b [u8],
    pub tree: Tree,
    pub usable: u32,
    /// Where the cell begins: its first four bytes are overwritten.
    pub start: usize,
    /// Where it must have ended.
    pub limit: usize,
    /// How many values it has.
    pub count: usize,
    /// Longest rowid to expect, in bytes.
    pub rowid: usize,
    /// The type of the first value where it is fixed (0 for the rowid's alias).
    pub first: Option<u32>,
    /// The classes (null, integer, real, text, blob) that the first two values can have.
    pub classes: [[bool; 5]; 2],
}

/// A headless cell of one to four bytes in front of its types: `ends` are the ends to solve a lost type by.
pub(super) fn headless(search: &Search<'_>, ends: &[usize], found: &mut Vec<Cell>) {
    let visible = search.start.saturating_add(4);
    let rowids = if search.tree == Tree::Table { 1..=search.rowid.clamp(1, 9) } else { 0..=0 };
    let headers = if search.count > 40 { 1..=2 } else { 1..=1 };
    let mut met: Vec<usize> = Vec::new();
    for header in headers {
        for rowid in rowids.clone() {
            for length in 1..=3usize {
                let front = Front { length, rowid, header };
                let types = search.start.saturating_add(length).saturating_add(rowid).saturating_add(header);
                if !well_formed(search, front) {
                    continue;
                }
                if types >= visible {
                    // What stands in front changes nothing but the rowid that is lost anyway.
                    if !met.contains(&types)
                        && let Some(cell) = visible_types(search, front, types)
                    {
                        met.push(types);
                        found.push(cell);
                    }
                } else {
                    lost_types(search, front, types, ends, found);
                }
            }
        }
    }
}

/// Whether what stands of the front can be what the hypothesis says.
fn well_formed(search: &Search<'_>, front: Front) -> bool {
    let visible = search.start.saturating_add(4);
    let rowid = search.start.saturating_add(front.length);
    let header = rowid.saturating_add(front.rowid);
    for i in rowid..header {
        let last = i.saturating_add(1) == header;
        let Some(b) = byte(search.page, i) else { return false };
        // The ninth byte of a number has all its bits.
        let more = b >= 0x80;
        if i >= visible && more == last && !(last && front.rowid == 9) {
            return false;
        }
    }
    // The header's length, where it stands, is checked against the types later.
    header.saturating_add(front.header) <= search.limit
}

/// All types stand.
fn visible_types(search: &Search<'_>, front: Front, at: usize) -> Option<Cell> {
    let (serials, body) = forward(search, at, search.count)?;
    let cell = finish(search, front, serials, body)?;
    Some(Cell { method: Method::Headless, ..cell })
}

/// Reads `count` types from `at`.
fn forward(search: &Search<'_>, at: usize, count: usize) -> Option<(Vec<Serial>, usize)> {
    let mut serials = Vec::with_capacity(count.saturating_add(2));
    let mut at = at;
    for _ in 0..count {
        let (serial, after) = shortest(search.page, at)?;
        if after > search.limit {
            return None;
        }
        length_of(serial)?;
        serials.push(Some(u32::try_from(serial).ok()?));
        at = after;
    }
    Some((serials, at))
}

/// Works out where the cell ends, and whether the front fits its lengths.
fn finish(search: &Search<'_>, front: Front, serials: Vec<Serial>, body: usize) -> Option<Cell> {
    let payload = search.start.checked_add(front.length)?.checked_add(front.rowid)?;
    let header = body.checked_sub(payload)?;
    let first = payload.checked_add(front.header)?;
    if payload >= search.start.saturating_add(4) {
        let (stated, end) = shortest(search.page, payload)?;
        if stated != header as u64 || end != first {
            return None;
        }
    }
    if varint_length(header as u64) != front.header {
        return None;
    }
    let length = serials.iter().flatten().try_fold(0u32, |n, s| n.checked_add(Field::length(*s)))?;
    let total = u32::try_from(header).ok()?.checked_add(length)?;
    if varint_length(u64::from(total)) != front.length {
        return None;
    }
    let local_total = local_length(search.usable, total, search.tree);
    let local = local_total.checked_sub(u32::try_from(header).ok()?)?;
    let local_end = payload.checked_add(local_total as usize)?;
    let spills = local_total < total;
    let end = if spills { local_end.checked_add(4)? } else { local_end };
    if end > search.limit {
        return None;
    }
    Some(Cell {
        start: u32::try_from(search.start).ok()?,
        end: u32::try_from(end.max(search.start.saturating_add(4)).min(search.limit)).ok()?,
        rowid: None,
        body: u32::try_from(body).ok()?,
        length,
        local,
        overflow: if spills { be32(search.page, local_end)? } else { 0 },
        serials,
        method: Method::Solved,
    })
}

/// One or two types are overwritten: each end that the cell may have had gives the length of what is lost.
fn lost_types(search: &Search<'_>, front: Front, types: usize, ends: &[usize], found: &mut Vec<Cell>) {
    let visible = search.start.saturating_add(4);
    let lost = visible.saturating_sub(types);
    // One byte for each lost type, or the last lost byte begins a type of two bytes whose second byte stands.
    if let Some(rest) = search.count.checked_sub(lost)
        && let Some((tail, body)) = forward(search, visible, rest)
    {
        one_byte_types(search, front, lost, &tail, body, ends, found);
    }
    let straddling = byte(search.page, visible).filter(|b| *b < 0x80);
    if let (Some(low), Some(rest)) = (straddling, search.count.checked_sub(lost))
        && let Some((tail, body)) = forward(search, visible.saturating_add(1), rest)
    {
        // The cell is shorter than 128 bytes, so the type is below 12 + 2 × 127: its first byte is 0x81 or 0x82.
        for high in 1..=2u32 {
            let serial = high << 7 | u32::from(low);
            if lost == 1 && search.first.is_none() {
                let serials = std::iter::once(Some(serial)).chain(tail.iter().copied()).collect();
                push_solved(search, front, serials, body, ends, found);
            }
        }
    }
}

/// Types of one byte each, worked out from the length that is left for them.
fn one_byte_types(
    search: &Search<'_>,
    front: Front,
    lost: usize,
    tail: &[Serial],
    body: usize,
    ends: &[usize],
    found: &mut Vec<Cell>,
) {
    if lost == 1 && search.first.is_some() {
        let serials = std::iter::once(search.first).chain(tail.iter().copied()).collect();
        if let Some(cell) = finish(search, front, serials, body) {
            found.push(Cell { method: Method::Headless, ..cell });
        }
        return;
    }
    let known = tail.iter().flatten().fold(0usize, |n, s| n.saturating_add(Field::length(*s) as usize));
    let [a, b] = &search.classes;
    for end in ends {
        let Some(room) = end.checked_sub(body).and_then(|r| r.checked_sub(known)) else { continue };
        match lost {
            1 => serials_of(room, a).for_each(|s| {
                let serials = std::iter::once(s).chain(tail.iter().copied()).collect();
                push_solved(search, front, serials, body, &[*end], found);
            }),
            2 => {
                for first in 0..=room.min(57) {
                    let second = room.saturating_sub(first);
                    for (a, b) in serials_of(first, a).flat_map(|a| serials_of(second, b).map(move |b| (a, b))) {
                        let serials = [a, b].into_iter().chain(tail.iter().copied()).collect();
                        push_solved(search, front, serials, body, &[*end], found);
                    }
                }
            }
            _ => {}
        }
    }
}

fn push_solved(
    search: &Search<'_>,
    front: Front,
    serials: Vec<Serial>,
    body: usize,
    ends: &[usize],
    found: &mut Vec<Cell>,
) {
    if let Some(cell) = finish(search, front, serials, body)
        && ends.contains(&(cell.end as usize))
    {
        found.push(cell);
    }
}

/// The types of one byte whose value takes `length` bytes and is of one of the classes.
fn serials_of(length: usize, classes: &[bool; 5]) -> impl Iterator<Item = Serial> {
    let [_, integer, real, text, blob] = *classes;
    let number = match length {
        1..=4 => u32::try_from(length).ok(),
        6 => Some(5),
        8 => Some(6),
        _ => None,
    };
    let double = (length == 8).then_some(7);
    // Text and blobs of up to 57 bytes have a type of one byte.
    let long = u32::try_from(length).ok().filter(|l| (1..=57).contains(l)).map(|l| l.saturating_mul(2));
    let bytes = long.map(|l| l.saturating_add(12));
    let words = long.map(|l| l.saturating_add(13));
    let nothing = (length == 0).then_some(None);
    let all = [(number, integer), (double, real), (bytes, blob), (words, text)];
    let some = all.into_iter().filter(|(_, may)| *may).filter_map(|(serial, _)| serial).map(Some);
    nothing.into_iter().chain(some)
}
