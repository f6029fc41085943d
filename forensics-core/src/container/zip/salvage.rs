//! Finding members of a zip whose directory is gone, by their local headers.

use super::directory::{LOCAL_HEADER, Member, Named};
use super::*;

const SIGNATURE: &[u8] = b"PK\x03\x04";
/// Bytes looked at in one step.
const STEP: usize = 1 << 20;

/// Every plausible local header from `start` to `end`. A member that states its length is stepped over; one that does
/// not (bit 3 of the flags) ends at the next header.
pub(super) fn scan(
    name: &str,
    bytes: &Bytes,
    start: u64,
    end: u64,
    flaws: &mut FlawList,
) -> Result<Vec<Named>, VfsError> {
    let mut members: Vec<Named> = Vec::new();
    let mut at = start;
    let mut scanner = Scanner::new(bytes, end);
    while let Some(header) = scanner.next(at).map_err(|e| VfsError::reading(name, e))? {
        at = header.saturating_add(4);
        let Some((raw_name, member)) = local(bytes, header, end).map_err(|e| VfsError::reading(name, e))? else {
            continue;
        };
        close_unsized(&mut members, header);
        if members.len() >= limits::ENTRIES {
            flaws.lost(code::ENTRY_LIMIT, || format!("{name}: limit {}", limits::ENTRIES));
            break;
        }
        if member.size_known {
            at = body(header, &raw_name).saturating_add(member.packed).min(end).max(at);
        } else {
            flaws
                .note(code::ZIP_SALVAGE_UNSIZED, || format!("{} at byte {header}", String::from_utf8_lossy(&raw_name)));
        }
        members.push((raw_name, member));
    }
    close_unsized(&mut members, end);
    members.retain(|(name, _)| !name.ends_with(b"/"));
    Ok(members)
}

fn body(header: u64, name: &[u8]) -> u64 {
    header.saturating_add(LOCAL_HEADER).saturating_add(u64::try_from(name.len()).unwrap_or(0))
}

/// The last member stated no length: it reaches to `next`. Deflate finds its own end before that.
fn close_unsized(members: &mut [Named], next: u64) {
    if let Some((name, member)) = members.last_mut().filter(|(_, m)| !m.size_known) {
        member.packed = next.saturating_sub(body(member.header, name));
        member.size = if member.method == 0 { member.packed } else { u64::MAX };
    }
}

/// Looks for signatures, reading each part of the file once: many small members lie in one step.
struct Scanner<'a> {
    bytes: &'a Bytes,
    end: u64,
    buf: Vec<u8>,
    /// Offset and length of what is in `buf`.
    start: u64,
    len: usize,
}

impl<'a> Scanner<'a> {
    fn new(bytes: &'a Bytes, end: u64) -> Self {
        Scanner { bytes, end, buf: vec![0; STEP], start: 0, len: 0 }
    }

    /// The first signature at or after `at`.
    fn next(&mut self, mut at: u64) -> io::Result<Option<u64>> {
        while at < self.end {
            let skip = at.checked_sub(self.start).and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
            let seen = self.buf.get(skip..self.len).unwrap_or_default();
            if let Some(found) = seen.windows(SIGNATURE.len()).position(|w| w == SIGNATURE) {
                return Ok(Some(at.saturating_add(u64::try_from(found).unwrap_or(0))));
            }
            // Three bytes stay: a signature may lie across two steps.
            at = at.saturating_add(u64::try_from(seen.len().saturating_sub(3)).unwrap_or(0));
            let left = usize::try_from(self.end.saturating_sub(at)).unwrap_or(STEP).min(STEP);
            self.start = at;
            self.len = self.bytes.read_at(at, self.buf.get_mut(..left).unwrap_or_default())?;
            if self.len < SIGNATURE.len() {
                return Ok(None);
            }
        }
        Ok(None)
    }
}

/// A local header, if the bytes can be one.
fn local(bytes: &Bytes, header: u64, end: u64) -> io::Result<Option<Named>> {
    let mut fixed = [0_u8; 30];
    if !read_exact_at(&**bytes, header, &mut fixed)? {
        return Ok(None);
    }
    let u16_at = |i: usize| {
        fixed.get(i..i.saturating_add(2)).map_or(0, |b| b.iter().rev().fold(0, |n, b| n << 8 | u16::from(*b)))
    };
    let u32_at = |i: usize| {
        fixed.get(i..i.saturating_add(4)).map_or(0, |b| b.iter().rev().fold(0, |n, b| n << 8 | u32::from(*b)))
    };
    let (version, flags, method) = (u16_at(4) & 0xff, u16_at(6), u16_at(8));
    let mut raw_name = vec![0; usize::from(u16_at(26))];
    let mut extra = vec![0; usize::from(u16_at(28))];
    // Version 1.0 to 6.3, a known method, a name: bytes that merely look like a signature rarely pass.
    let plausible = (10..=63).contains(&version) && matches!(method, 0 | 8 | 9 | 12 | 14 | 93 | 95 | 98 | 99);
    let whole = read_exact_at(&**bytes, header.saturating_add(LOCAL_HEADER), &mut raw_name)?
        && read_exact_at(&**bytes, body(header, &raw_name), &mut extra)?;
    if !plausible || !whole || raw_name.is_empty() || raw_name.contains(&0) || header >= end {
        return Ok(None);
    }
    let (packed, size) = zip64(u32_at(18).into(), u32_at(22).into(), &extra);
    let streamed = flags & 8 != 0;
    let member = Member {
        header,
        packed,
        size,
        size_known: !(streamed && packed == 0),
        crc: (!streamed).then_some(u32_at(14)),
        method,
        encrypted: flags & 1 != 0,
        utf8: flags & 0x800 != 0,
        from_dos: false,
        is_link: false,
        inode: None,
        refused: false,
    };
    Ok(Some((raw_name.into(), member)))
}

/// Lengths of 0xFFFFFFFF stand in the extra field 1: size, then packed size.
fn zip64(packed: u64, size: u64, extra: &[u8]) -> (u64, u64) {
    let full = u64::from(u32::MAX);
    if packed != full && size != full {
        return (packed, size);
    }
    let mut fields = rawzip::extra_fields::ExtraFields::new(extra);
    let Some((_, mut data)) = fields.find(|(id, _)| id.as_u16() == 1) else { return (packed, size) };
    let mut next = |old: u64| {
        if old != full {
            return old;
        }
        match data.split_first_chunk::<8>() {
            Some((n, rest)) => {
                data = rest;
                u64::from_le_bytes(*n)
            }
            None => old,
        }
    };
    let size = next(size);
    (next(packed), size)
}
