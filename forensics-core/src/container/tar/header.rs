//! One header block.

/// Length of a header and unit of contents, bytes.
pub(crate) const BLOCK: u64 = 512;

/// A header's fields that we use.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) name: Vec<u8>,
    pub(super) link: Vec<u8>,
    pub(super) kind: u8,
    /// `None` where the field is no number.
    pub(super) size: Option<u64>,
    /// A GNU sparse header is followed by blocks with more of its map.
    pub(super) more_map: bool,
}

/// Whether a block's checksum holds. Old writers summed signed bytes.
pub(crate) fn is_header(block: &[u8; 512]) -> bool {
    let Some(stated) = block.get(148..156).and_then(number) else { return false };
    let (mut unsigned, mut signed) = (0_i64, 0_i64);
    for (i, byte) in block.iter().enumerate() {
        let byte = if (148..156).contains(&i) { b' ' } else { *byte };
        unsigned = unsigned.saturating_add(byte.into());
        signed = signed.saturating_add(byte.cast_signed().into());
    }
    let fits = i64::try_from(stated).is_ok_and(|stated| stated == unsigned || stated == signed);
    fits && block.first() != Some(&0)
}

/// Whether a block carries the magic of POSIX or GNU. Asked for only where the place of a header is a guess.
pub(super) fn has_magic(block: &[u8; 512]) -> bool {
    block.get(257..262) == Some(b"ustar")
}

impl Header {
    /// Reads a block; `None` where its checksum does not hold.
    pub(super) fn parse(block: &[u8; 512]) -> Option<Self> {
        is_header(block).then_some(())?;
        let mut name = text(block.get(..100)?).to_vec();
        // Only POSIX has a prefix: GNU keeps times and sparse maps there.
        let prefix = text(block.get(345..500)?);
        if block.get(257..263) == Some(b"ustar\0") && !prefix.is_empty() {
            name = [prefix, b"/", &name].concat();
        }
        Some(Header {
            name,
            link: text(block.get(157..257)?).to_vec(),
            kind: *block.get(156)?,
            size: number(block.get(124..136)?),
            more_map: block.get(482).is_some_and(|b| *b != 0),
        })
    }
}

/// Up to the first NUL.
fn text(field: &[u8]) -> &[u8] {
    field.split(|b| *b == 0).next().unwrap_or(field)
}

/// Octal digits between spaces and NULs, or base 256 when the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    match field.split_first()? {
        (first, rest) if first & 0x80 != 0 => {
            (first & 0x40 == 0).then_some(())?; // negative
            let start = u64::from(first & 0x3f);
            rest.iter().try_fold(start, |n, b| n.checked_mul(256)?.checked_add((*b).into()))
        }
        _ => {
            let digits = field.trim_ascii_start().split(|b| matches!(b, 0 | b' ')).next()?;
            digits.iter().try_fold(0_u64, |n, b| {
                matches!(b, b'0'..=b'7').then_some(())?;
                n.checked_mul(8)?.checked_add(u64::from(b.wrapping_sub(b'0')))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octal_or_base_256() {
        assert_eq!(number(b"0000644\0"), Some(0o644));
        assert_eq!(number(b"   644 \0"), Some(0o644));
        assert_eq!(number(b"\0\0\0\0\0\0\0\0"), Some(0));
        assert_eq!(number(&[0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]), Some(0x2_0000_0000));
        assert_eq!(number(&[0xff; 12]), None);
        assert_eq!(number(b"9"), None);
    }
}
