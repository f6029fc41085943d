//! Numbers at a place in a byte slice; `None` where the slice ends first.

/// The byte at `at`.
pub(crate) fn byte(b: &[u8], at: usize) -> Option<u8> {
    b.get(at).copied()
}

/// Two bytes, most significant first.
pub(crate) fn be16(b: &[u8], at: usize) -> Option<u16> {
    b.get(at..)?.first_chunk().map(|c| u16::from_be_bytes(*c))
}

/// Four bytes, most significant first.
pub(crate) fn be32(b: &[u8], at: usize) -> Option<u32> {
    b.get(at..)?.first_chunk().map(|c| u32::from_be_bytes(*c))
}

/// Eight bytes, most significant first.
pub(crate) fn be64(b: &[u8], at: usize) -> Option<u64> {
    b.get(at..)?.first_chunk().map(|c| u64::from_be_bytes(*c))
}

/// Four bytes, least significant first.
pub(crate) fn le32(b: &[u8], at: usize) -> Option<u32> {
    b.get(at..)?.first_chunk().map(|c| u32::from_le_bytes(*c))
}

/// `length` bytes at `at`.
pub(crate) fn slice(b: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    b.get(at..)?.get(..length)
}
