//! The record format: a header of serial types, then the values back to back.

use super::fault::FaultKind;
use crate::store::bytes::{be16, be32, be64, byte, slice};

/// Columns whose places are kept with the row. Later ones are found by walking on from there: tables of messengers have
/// 20 to 60 columns, and the busy ones stand in front.
const KEPT: usize = 32;

/// SQLite's variable-length integer at `at`: the value and the offset behind it.
#[inline]
pub(crate) fn varint(b: &[u8], at: usize) -> Option<(u64, usize)> {
    let first = byte(b, at)?;
    if first < 0x80 {
        return Some((u64::from(first), at.saturating_add(1)));
    }
    long_varint(b, at)
}

fn long_varint(b: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for i in 0..8usize {
        let next = byte(b, at.saturating_add(i))?;
        value = (value << 7) | u64::from(next & 0x7f);
        if next < 0x80 {
            return Some((value, at.saturating_add(i).saturating_add(1)));
        }
    }
    let last = byte(b, at.saturating_add(8))?;
    Some(((value << 8) | u64::from(last), at.saturating_add(9)))
}

/// A value's type and place in the payload.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Field {
    /// The serial type.
    pub serial: u32,
    /// Where the value begins in the payload.
    pub start: u32,
}

impl Field {
    /// Bytes of the body of a serial type.
    pub(crate) fn length(serial: u32) -> u32 {
        match serial {
            0 | 8..=11 => 0,
            1..=4 => serial,
            5 => 6,
            6 | 7 => 8,
            n => n.saturating_sub(12) / 2,
        }
    }

    /// Where the value lies in the payload, and how long it is.
    pub(crate) fn span(self) -> (usize, usize) {
        (self.start as usize, Field::length(self.serial) as usize)
    }

    /// The value; `body` are exactly the bytes of [`Field::span`].
    #[inline]
    pub(crate) fn decode(self, body: &[u8]) -> Option<Raw<'_>> {
        Some(match self.serial {
            0 => Raw::Null,
            1 => Raw::Int(i64::from(byte(body, 0)?.cast_signed())),
            2 => Raw::Int(i64::from(be16(body, 0)?.cast_signed())),
            3 => Raw::Int(i64::from(
                (u32::from(be16(body, 0)?) << 16 | u32::from(byte(body, 2)?) << 8).cast_signed() >> 8,
            )),
            4 => Raw::Int(i64::from(be32(body, 0)?.cast_signed())),
            5 => {
                let bits = u64::from(be32(body, 0)?) << 32 | u64::from(be16(body, 4)?) << 16;
                Raw::Int(bits.cast_signed() >> 16)
            }
            6 => Raw::Int(be64(body, 0)?.cast_signed()),
            // SQLite reads a stored NaN as NULL (sqlite3VdbeSerialGet).
            7 => match f64::from_bits(be64(body, 0)?) {
                f if f.is_nan() => Raw::Null,
                f => Raw::Real(f),
            },
            8 => Raw::Int(0),
            9 => Raw::Int(1),
            10 | 11 => return None,
            n if n % 2 == 0 => Raw::Blob(body),
            _ => Raw::Text(body),
        })
    }
}

/// A value before its text is decoded.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Raw<'r> {
    Null,
    Int(i64),
    Real(f64),
    /// Text in the database's encoding.
    Text(&'r [u8]),
    Blob(&'r [u8]),
}

/// A record's header, checked: every value lies inside the payload and together they fill it.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    kept: [Field; KEPT],
    /// Values in the record.
    pub count: u32,
    /// Header offset and body offset of the first value that is not kept.
    rest: (u32, u32),
    header: u32,
}

/// How many bytes the header of a record takes; `None` when not even that can be read.
pub(crate) fn header_length(payload: &[u8]) -> Option<u64> {
    varint(payload, 0).map(|(h, _)| h)
}

impl Record {
    /// Reads and checks a record's header. `payload` must hold the whole header; `total` is the payload's full length.
    #[inline]
    pub(crate) fn read(payload: &[u8], total: u32) -> Result<Record, FaultKind> {
        let bad = |found| FaultKind::Record { found };
        let (header, mut at) = varint(payload, 0).ok_or(bad("it has no header"))?;
        let header = u32::try_from(header).ok().filter(|h| *h <= total && *h as usize <= payload.len());
        let header = header.ok_or(bad("its header is longer than the payload"))?;
        let head = payload.get(..header as usize).ok_or(bad("its header is longer than the payload"))?;
        let mut record = Record { kept: [Field::default(); KEPT], count: 0, rest: (0, 0), header };
        let mut start = header;
        while at < head.len() {
            let (serial, after) = varint(head, at).ok_or(bad("its header ends within a serial type"))?;
            let serial = u32::try_from(serial).map_err(|_| bad("a value is longer than the payload"))?;
            if matches!(serial, 10 | 11) {
                return Err(bad("a serial type is 10 or 11, which are reserved"));
            }
            match record.kept.get_mut(record.count as usize) {
                Some(field) => *field = Field { serial, start },
                None if record.count as usize == KEPT => record.rest = (u32::try_from(at).unwrap_or(u32::MAX), start),
                None => {}
            }
            start = start.saturating_add(Field::length(serial));
            record.count = record.count.saturating_add(1);
            at = after;
        }
        if start > total {
            return Err(bad("its values are longer than the payload"));
        }
        if start < total {
            return Err(bad("its values are shorter than the payload"));
        }
        Ok(record)
    }

    /// The value `index`; `None` when the record is shorter. `payload` is what [`Record::read`] was given.
    #[inline]
    pub(crate) fn field(&self, payload: &[u8], index: u32) -> Option<Field> {
        if index >= self.count {
            return None;
        }
        if let Some(field) = self.kept.get(index as usize) {
            return Some(*field);
        }
        let head = payload.get(..self.header as usize)?;
        let (mut at, mut start) = (self.rest.0 as usize, self.rest.1);
        for _ in KEPT..index as usize {
            let (serial, after) = varint(head, at)?;
            start = start.saturating_add(Field::length(u32::try_from(serial).ok()?));
            at = after;
        }
        let serial = u32::try_from(varint(head, at)?.0).ok()?;
        Some(Field { serial, start })
    }
}

impl Record {
    /// All values in order, each step cheap, where [`Record::field`] would walk anew for each.
    pub(crate) fn fields(&self, payload: &[u8]) -> Vec<Field> {
        let mut out: Vec<Field> = self.kept.iter().take(self.count as usize).copied().collect();
        let head = payload.get(..self.header as usize).unwrap_or_default();
        let (mut at, mut start) = (self.rest.0 as usize, self.rest.1);
        while out.len() < self.count as usize {
            let Some((serial, after)) = varint(head, at) else { break };
            let Ok(serial) = u32::try_from(serial) else { break };
            out.push(Field { serial, start });
            start = start.saturating_add(Field::length(serial));
            at = after;
        }
        out
    }
}

/// The values of a damaged record that still lie wholly in `payload`, in order, up to the first that does not.
pub(crate) fn salvage(payload: &[u8]) -> Vec<Raw<'_>> {
    let mut out = Vec::new();
    let Some((header, mut at)) = varint(payload, 0) else { return out };
    let Ok(header) = usize::try_from(header) else { return out };
    let Some(head) = payload.get(..header) else { return out };
    let mut start = header;
    while let Some((serial, after)) = varint(head, at) {
        let Ok(serial) = u32::try_from(serial) else { break };
        let length = Field::length(serial) as usize;
        let field = Field { serial, start: 0 };
        let Some(raw) = slice(payload, start, length).and_then(|body| field.decode(body)) else { break };
        out.push(raw);
        start = start.saturating_add(length);
        at = after;
    }
    out
}
