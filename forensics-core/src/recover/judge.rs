//! How well a record fits a shape: what the definition forbids is refused, the rest is weighed in bits of evidence.

use super::cell::{Cell, Serial};
use super::found::Method;
use super::shape::{ENOUGH_ROWS, Rule, Shape};
use crate::store::sqlite::{Affinity, Encoding, Field, Tree, be16, be32, byte, slice};

/// The class of a type: null, integer, real, text, blob.
pub(super) fn class(serial: u32) -> usize {
    match serial {
        0 => 0,
        1..=6 | 8 | 9 => 1,
        7 => 2,
        n if n % 2 == 1 => 3,
        _ => 4,
    }
}

/// Bits of evidence that a record is of a shape; `None` when it cannot be.
pub(super) fn fits(shape: &Shape, cell: &Cell, page: &[u8], encoding: Encoding) -> Option<f32> {
    if cell.serials.len() > shape.rules.len() || cell.serials.len() < shape.fewest {
        return None;
    }
    let mut bits = 0f32;
    if cell.serials.len() < shape.fewest_seen {
        // Older than a column, and no live row is.
        bits -= 3.0;
    }
    let mut at = cell.body as usize;
    let local_end = at.saturating_add(cell.local as usize);
    let lost = if cell.method != Method::Solved {
        0
    } else if shape.tree == Tree::Table {
        1
    } else {
        2
    };
    for (i, (rule, serial)) in shape.rules.iter().zip(&cell.serials).enumerate() {
        let length = serial.map_or(0, |s| Field::length(s) as usize);
        let end = at.saturating_add(length);
        let body = if end <= local_end { slice(page, at, length) } else { None };
        bits += value(shape, rule, *serial, body, encoding)?;
        if i < lost && rule.seen.share(0).1 >= ENOUGH_ROWS {
            bits += serial.map_or(-1.0, |s| rule.seen.usual(s));
        }
        at = end;
    }
    Some(bits + rowid(shape, cell))
}

/// A rowid far from all live ones speaks against a record found in free bytes.
fn rowid(shape: &Shape, cell: &Cell) -> f32 {
    let (Some(rowid), Some((low, high))) = (cell.rowid, shape.rowids) else { return 0.0 };
    if cell.method == Method::Listed || (low..=high).contains(&rowid) {
        return 1.0;
    }
    let span = high.abs_diff(low).saturating_add(1000).saturating_mul(4);
    if rowid < 0 && low >= 0 {
        return -8.0;
    }
    if rowid.abs_diff(high).min(rowid.abs_diff(low)) <= span { 0.0 } else { -4.0 }
}

fn value(shape: &Shape, rule: &Rule, serial: Serial, body: Option<&[u8]>, encoding: Encoding) -> Option<f32> {
    let Some(serial) = serial else {
        // NULL, 0, 1 or empty: one of them has to be allowed.
        return (!rule.rowid).then_some(if rule.alias { 0.5 } else { 0.0 });
    };
    let class = class(serial);
    if rule.alias {
        return (class == 0).then_some(1.0);
    }
    if rule.rowid && class != 1 || rule.not_null && class == 0 {
        return None;
    }
    let bits = match (class, rule.affinity) {
        // Numbers become text in a column of text (`applyAffinity`).
        (1 | 2, Affinity::Text) => return None,
        // Whole numbers in a column of reals are stored as integers; text and blobs stay what they are.
        (3, Affinity::Integer | Affinity::Real) => -4.0,
        (4, Affinity::Integer | Affinity::Real | Affinity::Text) => -5.0,
        _ => 0.5,
    };
    let bits = bits + familiar(rule, class);
    let content = match (class, body) {
        (1, Some(body)) => integer(shape, rule, serial, body)?,
        (2, Some(body)) => real(body)?,
        (3, Some(body)) => text(rule, body, encoding)?,
        (4, Some(body)) => blob(rule, body),
        _ => 0.0,
    };
    Some(bits + content)
}

/// Whether live rows have such values in this column.
fn familiar(rule: &Rule, class: usize) -> f32 {
    let (mine, all) = rule.seen.share(class);
    match (mine, all) {
        (0, all) if all >= ENOUGH_ROWS.saturating_mul(10) => -7.0,
        (0, all) if all >= ENOUGH_ROWS => -4.0,
        (0, _) => 0.0,
        (mine, all) if mine >= all / 4 => 1.5,
        _ => 0.5,
    }
}

/// Integers are stored in the fewest bytes that hold them (`sqlite3VdbeSerialType`).
fn integer(shape: &Shape, rule: &Rule, serial: u32, body: &[u8]) -> Option<f32> {
    let value = Field { serial, start: 0 }.decode(body)?;
    let crate::store::sqlite::Raw::Int(value) = value else { return None };
    let magnitude = if value < 0 { !value } else { value };
    let shortest = match (magnitude, value) {
        (_, 0) => 8,
        (_, 1) => 9,
        (0..=0x7f, _) => 1,
        (0..=0x7fff, _) => 2,
        (0..=0x7f_ffff, _) => 3,
        (0..=0x7fff_ffff, _) => 4,
        (0..=0x7fff_ffff_ffff, _) => 5,
        _ => 6,
    };
    if shape.canonical && shortest != serial {
        return None;
    }
    if rule.allowed.as_ref().is_some_and(|a| !a.contains(&value)) {
        return None;
    }
    let known = match rule.seen.range {
        Some((low, high)) if (low..=high).contains(&value) => 1.5,
        Some((low, high)) => {
            let span = high.abs_diff(low).saturating_add(16).saturating_mul(4);
            let (_, all) = rule.seen.share(1);
            let far = value.abs_diff(high).min(value.abs_diff(low)) > span;
            if far && all >= ENOUGH_ROWS { -3.0 } else { 0.0 }
        }
        None => 0.0,
    };
    let bytes = match serial {
        1 => 0.5,
        2 => 1.0,
        3..=6 => 1.5,
        _ => 0.0,
    };
    Some(known + bytes)
}

fn real(body: &[u8]) -> Option<f32> {
    let bits = u64::from(be32(body, 0)?) << 32 | u64::from(be32(body, 4)?);
    let value = f64::from_bits(bits);
    // SQLite stores NaN as NULL.
    if value.is_nan() {
        return None;
    }
    let usual = value == 0.0 || (1e-9..1e15).contains(&value.abs());
    Some(if usual { 2.0 } else { -4.0 })
}

fn text(rule: &Rule, body: &[u8], encoding: Encoding) -> Option<f32> {
    let (mut characters, mut controls) = (0u32, 0u32);
    let mut count = |c: char| {
        characters = characters.saturating_add(1);
        let odd = c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        controls = controls.saturating_add(u32::from(odd));
    };
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(body).ok()?.chars().for_each(&mut count),
        Encoding::Utf16Le | Encoding::Utf16Be => {
            if !body.len().is_multiple_of(2) {
                return None;
            }
            let unit = |at: usize| {
                let unit = be16(body, at).unwrap_or(0);
                if encoding == Encoding::Utf16Be { unit } else { unit.swap_bytes() }
            };
            let units = (0..body.len() / 2).map(|i| unit(i.saturating_mul(2)));
            for c in char::decode_utf16(units) {
                count(c.ok()?);
            }
        }
    }
    if controls > 0 && !rule.seen.controls {
        return if characters > 40 && controls.saturating_mul(20) < characters { Some(-2.0) } else { None };
    }
    let long = u32::try_from(body.len()).unwrap_or(u32::MAX) > rule.seen.longest.saturating_mul(8).max(200);
    let (_, all) = rule.seen.share(3);
    #[expect(clippy::cast_precision_loss, reason = "at most 16")]
    let bits = characters.min(16) as f32 * 0.6;
    Some(if long && all >= ENOUGH_ROWS { bits - 2.0 } else { bits })
}

fn blob(rule: &Rule, body: &[u8]) -> f32 {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let (_, all) = rule.seen.share(4);
    if all >= ENOUGH_ROWS && length > rule.seen.longest.saturating_mul(8).max(200) { -3.0 } else { 0.3 }
}

/// Whether all bytes of a stretch are zero.
pub(super) fn is_blank(b: &[u8]) -> bool {
    b.iter().all(|b| *b == 0)
}

/// The first byte of a stretch that is not zero, from `at` on.
pub(super) fn next_content(b: &[u8], at: usize, end: usize) -> usize {
    let rest = b.get(at..end).unwrap_or_default();
    rest.iter().position(|b| *b != 0).map_or(end, |n| at.saturating_add(n))
}

/// Whether four bytes can be a freeblock's header: the next one lies behind it, and it fits its page.
pub(super) fn freeblock(b: &[u8], at: usize, usable: usize) -> Option<usize> {
    let next = usize::from(be16(b, at)?);
    let size = usize::from(be16(b, at.saturating_add(2))?);
    let end = at.checked_add(size)?;
    let fits = size >= 4 && end <= usable && (next == 0 || next >= end && next.saturating_add(4) <= usable);
    (fits && byte(b, at.saturating_add(3)).is_some()).then_some(size)
}
