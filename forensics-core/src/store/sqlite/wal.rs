//! The write-ahead log: which frames are committed, by salts and checksums (file format, section 4).

use std::collections::HashMap;

use super::fault::Flaw;
use crate::store::bytes::{be32, slice};

/// Length of the log's header.
const HEADER: usize = 32;
/// Length of a frame's header.
const FRAME_HEADER: usize = 24;

/// The committed part of a log.
#[derive(Debug)]
pub(super) struct Wal {
    /// Bytes per page.
    pub page_size: u32,
    /// Frames up to the last commit.
    pub frames: u32,
    /// Pages of the database after it.
    pub page_count: u32,
    /// The last committed frame of each page.
    pub pages: HashMap<u32, u32>,
}

/// Where the page of the 1-based `frame` begins in the log.
pub(crate) fn page_offset(frame: u32, page_size: u32) -> u64 {
    let frame_size = u64::from(page_size).saturating_add(FRAME_HEADER as u64);
    let before = u64::from(frame.saturating_sub(1)).saturating_mul(frame_size);
    before.saturating_add((HEADER + FRAME_HEADER) as u64)
}

/// The page size the log's header states.
pub(crate) fn page_size(wal: &[u8]) -> Option<u32> {
    let size = be32(wal, 8)?;
    (is_magic(be32(wal, 0)?) && size.is_power_of_two() && (512..=65536).contains(&size)).then_some(size)
}

pub(crate) fn is_magic(word: u32) -> bool {
    // The lowest bit says how checksums read their words: 0 little-endian, 1 big-endian.
    word & !1 == 0x377f_0682
}

/// The image of page 1 in the first frame that holds it, committed or not; for finding the cipher of an empty database.
pub(super) fn first_page(wal: &[u8]) -> Option<&[u8]> {
    let size = page_size(wal)?;
    let mut frame = 1u32;
    loop {
        let start = usize::try_from(page_offset(frame, size)).ok()?;
        let number = be32(wal, start.checked_sub(FRAME_HEADER)?)?;
        if number == 1 {
            return slice(wal, start, size as usize);
        }
        frame = frame.checked_add(1)?;
    }
}

/// The running checksum.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sum {
    pub big_endian: bool,
    pub state: (u32, u32),
}

impl Sum {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        let word: fn([u8; 4]) -> u32 = if self.big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
        let (mut s0, mut s1) = self.state;
        for [a, b, c, d, e, f, g, h] in bytes.as_chunks::<8>().0 {
            s0 = s0.wrapping_add(word([*a, *b, *c, *d])).wrapping_add(s1);
            s1 = s1.wrapping_add(word([*e, *f, *g, *h])).wrapping_add(s0);
        }
        self.state = (s0, s1);
    }

    pub(crate) fn is(&self, bytes: &[u8], at: usize) -> bool {
        be32(bytes, at) == Some(self.state.0) && be32(bytes, at.saturating_add(4)) == Some(self.state.1)
    }
}

/// A frame's header.
struct Frame<'a> {
    page: u32,
    /// Pages of the database after this commit; 0 in frames that do not commit.
    commit: u32,
    salts: &'a [u8],
    head: &'a [u8],
    body: &'a [u8],
}

impl<'a> Frame<'a> {
    fn read(wal: &'a [u8], frame: u32, page_size: u32) -> Option<Frame<'a>> {
        let body = usize::try_from(page_offset(frame, page_size)).ok()?;
        let head = slice(wal, body.checked_sub(FRAME_HEADER)?, FRAME_HEADER)?;
        Some(Frame {
            page: be32(head, 0)?,
            commit: be32(head, 4)?,
            salts: slice(head, 8, 8)?,
            head,
            body: slice(wal, body, page_size as usize)?,
        })
    }
}

/// Reads the log up to its last commit. Frames of an earlier generation (other salts) are no flaw and no part of it.
pub(super) fn read(wal: &[u8], flaws: &mut Vec<Flaw>) -> Option<Wal> {
    if wal.iter().take(HEADER).all(|b| *b == 0) {
        return None; // Empty, or reset.
    }
    let header = wal.get(..HEADER);
    let mut sum = Sum { big_endian: be32(wal, 0).is_some_and(|m| m & 1 == 1), state: (0, 0) };
    sum.add(wal.get(..24).unwrap_or_default());
    let (Some(_), Some(page_size), true) = (header, page_size(wal), sum.is(wal, 24)) else {
        let detail = "the header of the write-ahead log is damaged; the log is left out";
        flaws.push(Flaw::new("wal-header", true, detail));
        return None;
    };
    let salts = slice(wal, 16, 8)?;
    let mut found = Wal { page_size, frames: 0, page_count: 0, pages: HashMap::new() };
    let mut pending: Vec<(u32, u32)> = Vec::new();
    let mut number = 1u32;
    while let Some(frame) = Frame::read(wal, number, page_size) {
        if frame.salts != salts || frame.page == 0 {
            break;
        }
        sum.add(frame.head.get(..8)?);
        sum.add(frame.body);
        if !sum.is(frame.head, 16) {
            break;
        }
        pending.push((frame.page, number));
        if frame.commit != 0 {
            found.pages.extend(pending.drain(..));
            found.frames = number;
            found.page_count = frame.commit;
        }
        number = number.checked_add(1)?;
    }
    report_tail(wal, salts, page_size, number, pending.len(), flaws);
    (found.frames > 0).then_some(found)
}

/// Says what lies behind the last commit of this generation.
fn report_tail(wal: &[u8], salts: &[u8], page_size: u32, from: u32, uncommitted: usize, flaws: &mut Vec<Flaw>) {
    if uncommitted > 0 {
        let detail = format!("{uncommitted} frames of the write-ahead log were never committed and are left out");
        let first = from.saturating_sub(u32::try_from(uncommitted).unwrap_or(u32::MAX));
        flaws.push(Flaw::new("wal-uncommitted", false, detail).at_frame(first));
    }
    let mut same = 0u32;
    let mut commits = 0u32;
    let mut number = from;
    while let Some(frame) = Frame::read(wal, number, page_size) {
        if frame.salts == salts {
            same = same.saturating_add(1);
            commits = commits.saturating_add(u32::from(frame.commit != 0));
        }
        number = number.saturating_add(1);
    }
    if same > 0 {
        // A transaction rolled back after it spilled leaves such frames too, but none that commits.
        let detail =
            format!("from here on the checksums of the write-ahead log do not hold: {same} frames are left out");
        flaws.push(Flaw::new("wal-frame-checksum", commits > 0, detail).at_frame(from));
    }
    let end = usize::try_from(page_offset(number, page_size)).unwrap_or(usize::MAX).saturating_sub(FRAME_HEADER);
    let rest = wal.get(end..).unwrap_or_default();
    if slice(rest, 8, 8) == Some(salts) {
        flaws.push(Flaw::new("wal-cut", true, "the write-ahead log ends within a frame").at_frame(number));
    }
}
