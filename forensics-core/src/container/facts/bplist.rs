//! Single values out of binary property lists, without building a tree: a backup holds up to a million small ones.
//! The general reader is `store::plist`; this one decodes only what is asked for, never recurses, and allocates nothing.

use std::borrow::Cow;

/// A binary property list. Layout: opensource.apple.com, CF/CFBinaryPList.c.
#[derive(Clone, Copy)]
pub(crate) struct Binary<'a> {
    bytes: &'a [u8],
    /// Byte width of an entry of the offset table.
    offset_width: usize,
    /// Byte width of a reference to an object.
    ref_width: usize,
    count: usize,
    top: usize,
    table: usize,
}

/// One object.
#[derive(Clone, Debug)]
pub(crate) enum Item<'a> {
    Bool(bool),
    Int(i128),
    /// Seconds since 2001-01-01 UTC.
    Date(f64),
    Data(&'a [u8]),
    Text(Cow<'a, str>),
    /// A reference of a keyed archive into its `$objects`.
    Uid(usize),
    Array(Refs<'a>),
    /// Keys and values, as references.
    Dict(Refs<'a>, Refs<'a>),
    /// Null, fill, sets and whatever else.
    Other,
}

/// Object numbers, packed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refs<'a> {
    bytes: &'a [u8],
    width: usize,
}

impl Refs<'_> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.bytes.chunks_exact(self.width.max(1)).filter_map(uint)
    }

    pub(crate) fn at(&self, i: usize) -> Option<usize> {
        let start = i.checked_mul(self.width)?;
        self.bytes.get(start..start.checked_add(self.width)?).and_then(uint)
    }
}

/// A big-endian number of up to eight bytes.
fn uint(bytes: &[u8]) -> Option<usize> {
    (bytes.len() <= 8).then_some(())?;
    usize::try_from(bytes.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b))).ok()
}

impl<'a> Binary<'a> {
    /// Checks magic, trailer and offset table.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        bytes.starts_with(b"bplist0").then_some(())?;
        let trailer = bytes.get(bytes.len().checked_sub(32)?..)?;
        let offset_width = usize::from(*trailer.get(6)?);
        let ref_width = usize::from(*trailer.get(7)?);
        let field = |at: usize| trailer.get(at..at.checked_add(8)?).and_then(uint);
        let (count, top, table) = (field(8)?, field(16)?, field(24)?);
        let widths_fit = (1..=8).contains(&offset_width) && (1..=8).contains(&ref_width);
        let end = table.checked_add(count.checked_mul(offset_width)?)?;
        (widths_fit && top < count && end <= bytes.len().checked_sub(32)?).then_some(())?;
        Some(Binary { bytes, offset_width, ref_width, count, top, table })
    }

    pub(crate) fn top(&self) -> Option<Item<'a>> {
        self.item(self.top)
    }

    /// The object of a number.
    pub(crate) fn item(&self, number: usize) -> Option<Item<'a>> {
        (number < self.count).then_some(())?;
        let entry = self.table.checked_add(number.checked_mul(self.offset_width)?)?;
        let at = self.bytes.get(entry..entry.checked_add(self.offset_width)?).and_then(uint)?;
        let rest = self.bytes.get(at..self.table)?;
        let (marker, body) = rest.split_first()?;
        let size = usize::from(marker & 0x0f);
        match marker >> 4 {
            0x0 => Some(match marker {
                0x08 => Item::Bool(false),
                0x09 => Item::Bool(true),
                _ => Item::Other,
            }),
            0x1 => integer(body.get(..1_usize.checked_shl(u32::from(marker & 0x0f))?)?).map(Item::Int),
            0x3 => real(body, 3).map(Item::Date),
            0x8 => body.get(..size.checked_add(1)?).and_then(uint).map(Item::Uid),
            kind => self.sized(kind, size, body),
        }
    }

    /// Objects with a count: data, text, arrays, dictionaries.
    fn sized(&self, kind: u8, nibble: usize, body: &'a [u8]) -> Option<Item<'a>> {
        let (count, body) = match nibble {
            0x0f => {
                let (marker, rest) = body.split_first()?;
                (marker >> 4 == 1).then_some(())?;
                let width = 1_usize.checked_shl(u32::from(marker & 0x0f))?;
                (rest.get(..width).and_then(uint)?, rest.get(width..)?)
            }
            n => (n, body),
        };
        let refs = |from: usize| {
            let len = count.checked_mul(self.ref_width)?;
            let start = from.checked_mul(len)?;
            Some(Refs { bytes: body.get(start..start.checked_add(len)?)?, width: self.ref_width })
        };
        match kind {
            0x4 => body.get(..count).map(Item::Data),
            0x5 => body.get(..count).map(|b| Item::Text(String::from_utf8_lossy(b))),
            0x6 => {
                let units = body.get(..count.checked_mul(2)?)?.chunks_exact(2);
                let units = units.map(|u| u.iter().fold(0_u16, |n, b| n << 8 | u16::from(*b)));
                Some(Item::Text(char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()))
            }
            0x7 => body.get(..count).map(|b| Item::Text(String::from_utf8_lossy(b))),
            0xa => refs(0).map(Item::Array),
            0xd => Some(Item::Dict(refs(0)?, refs(1)?)),
            _ => Some(Item::Other),
        }
    }

    /// A dictionary's value; `None` where there is no such key or `dict` is no dictionary.
    pub(crate) fn get(&self, dict: &Item<'a>, key: &str) -> Option<Item<'a>> {
        let Item::Dict(keys, values) = dict else { return None };
        let place = keys.iter().position(|k| matches!(self.item(k), Some(Item::Text(t)) if t == key))?;
        self.item(values.at(place)?)
    }
}

fn integer(bytes: &[u8]) -> Option<i128> {
    // One, two and four bytes are unsigned, eight are signed, sixteen hold numbers beyond 63 bits.
    match *bytes {
        [] => None,
        [a, b, c, d, e, f, g, h] => Some(i64::from_be_bytes([a, b, c, d, e, f, g, h]).into()),
        _ if bytes.len() == 16 => Some(i128::from_be_bytes(bytes.try_into().ok()?)),
        _ => uint(bytes).and_then(|n| i128::try_from(n).ok()),
    }
}

fn real(body: &[u8], size: usize) -> Option<f64> {
    match size {
        2 => Some(f32::from_be_bytes(body.get(..4)?.try_into().ok()?).into()),
        3 => Some(f64::from_be_bytes(body.get(..8)?.try_into().ok()?)),
        _ => None,
    }
}
