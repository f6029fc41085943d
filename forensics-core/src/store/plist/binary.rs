//! Binary property lists, object by object (`CFBinaryPList.c`).

use std::borrow::Cow;

use super::{Plist, PlistError, limits};
use crate::store::bytes::{be64, byte, slice};

/// Length of the trailer.
const TRAILER: usize = 32;

/// A binary list; objects are read when asked for.
#[derive(Clone, Copy, Debug)]
pub struct Binary<'a> {
    bytes: &'a [u8],
    offset_size: u8,
    ref_size: u8,
    count: u64,
    top: u64,
    table: usize,
}

/// Text as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text<'a> {
    /// ASCII; some writers put UTF-8 there.
    Ascii(&'a [u8]),
    /// UTF-16, most significant byte first.
    Utf16(&'a [u8]),
}

/// References to objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refs<'a> {
    bytes: &'a [u8],
    size: u8,
}

/// An object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Node<'a> {
    /// Null, or a fill byte.
    Null,
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// A real.
    Real(f64),
    /// Seconds since 2001-01-01 UTC.
    Date(f64),
    /// Bytes.
    Data(&'a [u8]),
    /// Text.
    Text(Text<'a>),
    /// A reference of a keyed archive.
    Uid(u64),
    /// An array or a set.
    Array(Refs<'a>),
    /// Keys and values.
    Dict(Refs<'a>, Refs<'a>),
}

impl<'a> Text<'a> {
    /// The text and whether every byte of it was valid.
    pub fn decode(self) -> (Cow<'a, str>, bool) {
        match self {
            Text::Ascii(bytes) => match String::from_utf8_lossy(bytes) {
                Cow::Borrowed(text) => (Cow::Borrowed(text), true),
                Cow::Owned(text) => (Cow::Owned(text), false),
            },
            Text::Utf16(bytes) => {
                let units = || bytes.as_chunks::<2>().0.iter().map(|u| u16::from_be_bytes(*u));
                let text: String =
                    char::decode_utf16(units()).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
                let valid = char::decode_utf16(units()).all(|c| c.is_ok());
                (Cow::Owned(text), valid)
            }
        }
    }

    /// Whether it is this text; allocates nothing.
    pub fn is(self, text: &str) -> bool {
        match self {
            Text::Ascii(bytes) => bytes == text.as_bytes(),
            Text::Utf16(bytes) => {
                let units = bytes.as_chunks::<2>().0.iter().map(|u| u16::from_be_bytes(*u));
                units.eq(text.encode_utf16())
            }
        }
    }

    /// Its bytes as stored.
    pub fn raw(self) -> &'a [u8] {
        match self {
            Text::Ascii(bytes) | Text::Utf16(bytes) => bytes,
        }
    }
}

impl<'a> Refs<'a> {
    /// How many.
    pub fn len(self) -> usize {
        self.bytes.len().checked_div(usize::from(self.size)).unwrap_or(0)
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.bytes.is_empty()
    }

    /// The object's index at this place.
    pub fn get(self, place: usize) -> Option<u64> {
        let size = usize::from(self.size);
        slice(self.bytes, place.checked_mul(size)?, size).and_then(number)
    }

    /// All of them.
    pub fn iter(self) -> impl Iterator<Item = u64> + use<'a> {
        self.bytes.chunks_exact(usize::from(self.size).max(1)).filter_map(number)
    }
}

/// A number of up to eight bytes, most significant first.
fn number(bytes: &[u8]) -> Option<u64> {
    (bytes.len() <= 8).then(|| bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
}

impl<'a> Binary<'a> {
    /// Reads the trailer and checks that the offset table lies inside.
    ///
    /// # Errors
    /// See [`PlistError`].
    pub fn open(bytes: &'a [u8]) -> Result<Binary<'a>, PlistError> {
        if !bytes.starts_with(b"bplist") {
            return Err(PlistError::Format { found: bytes.get(..8).unwrap_or(bytes).into() });
        }
        if bytes.len() > limits::BINARY_BYTES {
            return Err(PlistError::Limit { offset: limits::BINARY_BYTES, limit: limits::BINARY_BYTES, unit: "bytes" });
        }
        let at = bytes.len().checked_sub(TRAILER).filter(|at| *at >= 8);
        let at = at.ok_or(PlistError::Damaged { offset: bytes.len(), found: "the trailer is missing" })?;
        let damaged = |found| PlistError::Damaged { offset: at, found };
        let read = || Some((byte(bytes, at.checked_add(6)?)?, byte(bytes, at.checked_add(7)?)?));
        let (offset_size, ref_size) = read().ok_or(damaged("the trailer is cut"))?;
        // CoreFoundation writes 1, 2, 4 and 8; other writers use 3 as well.
        if !(1..=8).contains(&offset_size) || !(1..=8).contains(&ref_size) {
            return Err(damaged("offsets or references have no size from 1 to 8"));
        }
        let word = |n: usize| be64(bytes, at.saturating_add(n)).ok_or(damaged("the trailer is cut"));
        let (count, top, table) = (word(8)?, word(16)?, word(24)?);
        let table = usize::try_from(table).ok().filter(|t| *t >= 8 && *t <= at);
        let table = table.ok_or(damaged("the offset table lies outside"))?;
        let room = at.saturating_sub(table) as u64;
        if count.checked_mul(u64::from(offset_size)).is_none_or(|length| length > room) {
            return Err(damaged("the offset table is longer than the list"));
        }
        if top >= count {
            return Err(damaged("the top object does not exist"));
        }
        Ok(Binary { bytes, offset_size, ref_size, count, top, table })
    }

    /// The index of the top object.
    pub fn top(&self) -> u64 {
        self.top
    }

    /// How many objects there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Where an object begins.
    ///
    /// # Errors
    /// There is no such object, or it lies outside.
    pub fn offset(&self, index: u64) -> Result<usize, PlistError> {
        let size = usize::from(self.offset_size);
        let place = usize::try_from(index).ok().filter(|_| index < self.count).and_then(|i| i.checked_mul(size));
        let at = place.and_then(|p| self.table.checked_add(p));
        let at = at
            .ok_or(PlistError::Damaged { offset: self.table, found: "a reference to an object that does not exist" })?;
        let offset = slice(self.bytes, at, size).and_then(number).and_then(|o| usize::try_from(o).ok());
        offset
            .filter(|o| *o >= 8 && *o < self.table)
            .ok_or(PlistError::Damaged { offset: at, found: "an object lies outside" })
    }

    /// The object of this index.
    ///
    /// # Errors
    /// There is no such object, or it is damaged.
    pub fn node(&self, index: u64) -> Result<Node<'a>, PlistError> {
        let at = self.offset(index)?;
        self.read(at).ok_or(PlistError::Damaged { offset: at, found: "an object that cannot be read" })
    }

    fn read(&self, at: usize) -> Option<Node<'a>> {
        let marker = byte(self.bytes, at)?;
        let low = marker & 0x0f;
        let body = at.checked_add(1)?;
        Some(match (marker >> 4, low) {
            (0, 0 | 0x0f) => Node::Null,
            (0, 8) => Node::Bool(false),
            (0, 9) => Node::Bool(true),
            (1, 0..=4) => Node::Int(int(self.part(body, 1usize.checked_shl(low.into())?)?)),
            (2, 2) => Node::Real(f64::from(f32::from_be_bytes(*self.part(body, 4)?.first_chunk()?))),
            (2, 3) => Node::Real(f64::from_be_bytes(*self.part(body, 8)?.first_chunk()?)),
            (3, 3) => Node::Date(f64::from_be_bytes(*self.part(body, 8)?.first_chunk()?)),
            (8, _) => Node::Uid(number(self.part(body, usize::from(low).checked_add(1)?)?)?),
            (kind @ (4..=7 | 0xa..=0xd), _) => {
                let (length, body) = self.length(low, body)?;
                match kind {
                    4 => Node::Data(self.part(body, length)?),
                    // 7 is UTF-8 in lists of newer writers.
                    5 | 7 => Node::Text(Text::Ascii(self.part(body, length)?)),
                    6 => Node::Text(Text::Utf16(self.part(body, length.checked_mul(2)?)?)),
                    0xd => {
                        let keys = self.refs(body, length)?;
                        Node::Dict(keys, self.refs(body.checked_add(keys.bytes.len())?, length)?)
                    }
                    _ => Node::Array(self.refs(body, length)?),
                }
            }
            _ => return None,
        })
    }

    /// The length of an object and where its content begins: in the marker, or in an integer behind it.
    fn length(&self, low: u8, body: usize) -> Option<(usize, usize)> {
        if low != 0x0f {
            return Some((usize::from(low), body));
        }
        let marker = byte(self.bytes, body)?;
        let size = 1usize.checked_shl(u32::from(marker & 0x0f)).filter(|s| marker >> 4 == 1 && *s <= 8)?;
        let start = body.checked_add(1)?;
        let length = usize::try_from(number(self.part(start, size)?)?).ok()?;
        Some((length, start.checked_add(size)?))
    }

    /// Bytes of an object: they end before the offset table.
    fn part(&self, at: usize, length: usize) -> Option<&'a [u8]> {
        slice(self.bytes.get(..self.table)?, at, length)
    }

    fn refs(&self, at: usize, count: usize) -> Option<Refs<'a>> {
        let bytes = self.part(at, count.checked_mul(usize::from(self.ref_size))?)?;
        Some(Refs { bytes, size: self.ref_size })
    }

    /// The value of a key of a dictionary.
    pub fn value(&self, keys: Refs<'a>, values: Refs<'a>, key: &str) -> Option<u64> {
        let is = |index: u64| matches!(self.node(index), Ok(Node::Text(t)) if t.is(key));
        values.get(keys.iter().position(is)?)
    }

    /// The whole tree.
    ///
    /// # Errors
    /// See [`PlistError`]; lists that stand for more than their bytes can honestly hold are refused.
    pub fn tree(&self) -> Result<Plist, PlistError> {
        let output = self.bytes.len().saturating_mul(limits::OUTPUT_FACTOR).saturating_add(limits::OUTPUT_BYTES);
        Budget { list: self, objects: 0, output: 0, most: output }.build(self.top, 0)
    }
}

fn int(bytes: &[u8]) -> i128 {
    let value = bytes.iter().fold(0u128, |n, b| n << 8 | u128::from(*b));
    match bytes.len() {
        // One, two and four bytes are unsigned, eight are signed, sixteen hold the unsigned ones above 2^63.
        8 => i128::from(u64::try_from(value).unwrap_or(0).cast_signed()),
        _ => value.cast_signed(),
    }
}

/// What building a tree has cost so far.
struct Budget<'p, 'a> {
    list: &'p Binary<'a>,
    objects: usize,
    output: usize,
    most: usize,
}

impl Budget<'_, '_> {
    fn spend(&mut self, index: u64, depth: usize, bytes: usize) -> Result<(), PlistError> {
        /// What an object costs beside its content.
        const OBJECT: usize = 8;
        self.objects = self.objects.saturating_add(1);
        self.output = self.output.saturating_add(bytes).saturating_add(OBJECT);
        let offset = self.list.offset(index).unwrap_or(0);
        let limit = |limit, unit| Err(PlistError::Limit { offset, limit, unit });
        if depth > limits::BINARY_DEPTH {
            limit(limits::BINARY_DEPTH, "levels")
        } else if self.objects > limits::OBJECTS {
            limit(limits::OBJECTS, "objects")
        } else if self.output > self.most {
            limit(self.most, "bytes when unfolded")
        } else {
            Ok(())
        }
    }

    /// Recursion ends at the depth limit.
    fn build(&mut self, index: u64, depth: usize) -> Result<Plist, PlistError> {
        let node = self.list.node(index)?;
        let bytes = match node {
            Node::Data(b) => b.len(),
            Node::Text(t) => t.raw().len(),
            _ => 0,
        };
        self.spend(index, depth, bytes)?;
        let below = depth.saturating_add(1);
        Ok(match node {
            Node::Null => Plist::Null,
            Node::Bool(b) => Plist::Bool(b),
            Node::Int(i) => Plist::Int(i),
            Node::Real(f) => Plist::Real(f),
            Node::Date(f) => Plist::Date(f),
            Node::Data(b) => Plist::Data(b.into()),
            Node::Text(t) => text(t),
            Node::Uid(u) => Plist::Uid(u),
            Node::Array(refs) => Plist::Array(refs.iter().map(|r| self.build(r, below)).collect::<Result<_, _>>()?),
            Node::Dict(keys, values) => {
                let mut entries = Vec::new();
                for (key, value) in keys.iter().zip(values.iter()) {
                    entries.push((self.key(key, below)?, self.build(value, below)?));
                }
                Plist::Dict(entries)
            }
        })
    }

    fn key(&mut self, index: u64, depth: usize) -> Result<Box<str>, PlistError> {
        let node = self.list.node(index)?;
        let text: Box<str> = match node {
            Node::Text(t) => t.decode().0.into(),
            Node::Int(i) => i.to_string().into(),
            Node::Uid(u) => u.to_string().into(),
            _ => {
                let offset = self.list.offset(index)?;
                return Err(PlistError::Damaged { offset, found: "a key that is neither text nor number" });
            }
        };
        self.spend(index, depth, text.len())?;
        Ok(text)
    }
}

/// Text by itself; the bytes are kept where they are not valid.
pub(crate) fn text(text: Text<'_>) -> Plist {
    match text.decode() {
        (text, true) => Plist::Text(text.into()),
        (lossy, false) => Plist::Broken(lossy.into(), text.raw().into()),
    }
}
