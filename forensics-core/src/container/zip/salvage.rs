//! Finding members of a zip whose directory is gone, by their local headers.

use super::directory::{LOCAL_HEADER, Member};
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
) -> Result<Vec<(Box<[u8]>, Member)>, VfsError> {
    let mut members: Vec<(Box<[u8]>, Member)> = Vec::new();
    let mut at = start;
    while let Some(header) = next_signature(bytes, at, end).map_err(|e| VfsError::reading(name, e))? {
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
fn close_unsized(members: &mut [(Box<[u8]>, Member)], next: u64) {
    if let Some((name, member)) = members.last_mut().filter(|(_, m)| !m.size_known) {
        member.packed = next.saturating_sub(body(member.header, name));
        member.size = if member.method == 0 { member.packed } else { u64::MAX };
    }
}

fn next_signature(bytes: &Bytes, mut at: u64, end: u64) -> io::Result<Option<u64>> {
    let mut buf = vec![0; STEP];
    while at < end {
        let want = usize::try_from(end.saturating_sub(at)).unwrap_or(STEP).min(STEP);
        let read = bytes.read_at(at, buf.get_mut(..want).unwrap_or_default())?;
        let seen = buf.get(..read).unwrap_or_default();
        if let Some(found) = seen.windows(SIGNATURE.len()).position(|w| w == SIGNATURE) {
            return Ok(Some(at.saturating_add(u64::try_from(found).unwrap_or(0))));
        }
        if read <= SIGNATURE.len() {
            return Ok(None);
        }
        // Three bytes stay: a signature may lie across two steps.
        at = at.saturating_add(u64::try_from(read).unwrap_or(0)).saturating_sub(3);
    }
    Ok(None)
}

/// A local header, if the bytes can be one.
fn local(bytes: &Bytes, header: u64, end: u64) -> io::Result<Option<(Box<[u8]>, Member)>> {
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
