//! Bytes, integers and references of a typed stream.

use super::TypedStreamError;

/// An integer of two bytes follows.
pub(super) const TAG_INT_2: u8 = 0x81;
/// An integer of four bytes follows.
pub(super) const TAG_INT_4: u8 = 0x82;
/// A floating-point number follows.
pub(super) const TAG_REAL: u8 = 0x83;
/// Something new follows: a string, a class, an object.
pub(super) const TAG_NEW: u8 = 0x84;
/// Nothing.
pub(super) const TAG_NIL: u8 = 0x85;
/// The end of an object.
pub(super) const TAG_END: u8 = 0x86;
/// Bytes from here to [`LAST_TAG`] are tags, never numbers.
const FIRST_TAG: u8 = 0x80;
/// The last byte kept for tags.
const LAST_TAG: u8 = 0x91;
/// References count up from the first byte that is no tag: 0x92 is -110 as a signed byte.
const REFERENCE_BASE: i64 = 110;

/// Bytes, read forwards.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    big_endian: bool,
}

impl<'a> Reader<'a> {
    /// Reads the header and stands behind it.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, TypedStreamError> {
        let format = || TypedStreamError::Format { found: bytes.get(..16).unwrap_or(bytes).into() };
        // Versions 3 and 4 exist; only 4 was seen in message stores.
        let version = *bytes.first().ok_or_else(format)?;
        let signature = bytes.get(1..13).ok_or_else(format)?;
        let big_endian = match signature {
            b"\x0bstreamtyped" => false,
            b"\x0btypedstream" => true,
            _ => return Err(format()),
        };
        if version != 4 {
            return Err(TypedStreamError::Version { found: version });
        }
        let mut reader = Reader { bytes, at: 13, big_endian };
        let _system_version = reader.unsigned()?;
        Ok(reader)
    }

    /// Where it stands.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Whether all is read.
    pub(super) fn is_done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The next byte, left where it is.
    pub(super) fn peek(&self) -> Result<u8, TypedStreamError> {
        self.bytes.get(self.at).copied().ok_or(TypedStreamError::Cut { offset: self.at })
    }

    /// One byte.
    pub(super) fn byte(&mut self) -> Result<u8, TypedStreamError> {
        let byte = self.peek()?;
        self.at = self.at.saturating_add(1);
        Ok(byte)
    }

    /// So many bytes.
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], TypedStreamError> {
        let cut = TypedStreamError::Cut { offset: self.at };
        let end = self.at.checked_add(length).ok_or(cut.clone())?;
        let taken = self.bytes.get(self.at..end).ok_or(cut)?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], TypedStreamError> {
        let offset = self.at;
        let mut bytes: [u8; N] = self.take(N)?.try_into().map_err(|_| TypedStreamError::Cut { offset })?;
        if self.big_endian {
            bytes.reverse();
        }
        Ok(bytes)
    }

    /// A signed integer.
    pub(super) fn signed(&mut self) -> Result<i64, TypedStreamError> {
        let offset = self.at;
        match self.byte()? {
            TAG_INT_2 => Ok(i16::from_le_bytes(self.array()?).into()),
            TAG_INT_4 => Ok(i32::from_le_bytes(self.array()?).into()),
            found @ FIRST_TAG..=LAST_TAG => Err(TypedStreamError::Tag { offset, found, wanted: "an integer" }),
            small => Ok(small.cast_signed().into()),
        }
    }

    /// An unsigned integer.
    pub(super) fn unsigned(&mut self) -> Result<u32, TypedStreamError> {
        let offset = self.at;
        match self.byte()? {
            TAG_INT_2 => Ok(u16::from_le_bytes(self.array()?).into()),
            TAG_INT_4 => Ok(u32::from_le_bytes(self.array()?)),
            found @ FIRST_TAG..=LAST_TAG => Err(TypedStreamError::Tag { offset, found, wanted: "an integer" }),
            small => Ok(small.into()),
        }
    }

    /// A floating-point number of four or eight bytes; whole numbers stand as integers.
    pub(super) fn real(&mut self, double: bool) -> Result<f64, TypedStreamError> {
        if self.peek()? != TAG_REAL {
            #[expect(clippy::cast_precision_loss, reason = "at most 32 bits wide")]
            return self.signed().map(|whole| whole as f64);
        }
        self.byte()?;
        if double { Ok(f64::from_le_bytes(self.array()?)) } else { Ok(f32::from_le_bytes(self.array()?).into()) }
    }

    /// The number by which something read before is named.
    pub(super) fn reference(&mut self, wanted: &'static str) -> Result<usize, TypedStreamError> {
        let offset = self.at;
        let number = self.signed()?.saturating_add(REFERENCE_BASE);
        usize::try_from(number).map_err(|_| TypedStreamError::Reference { offset, number, wanted })
    }

    /// Bytes behind their length.
    pub(super) fn sized(&mut self) -> Result<&'a [u8], TypedStreamError> {
        let offset = self.at;
        let length = self.unsigned()?;
        self.take(usize::try_from(length).map_err(|_| TypedStreamError::Cut { offset })?)
    }
}
