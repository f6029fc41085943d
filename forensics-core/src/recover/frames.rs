//! All frames of a write-ahead log, whatever became of them (file format, section 4; `wal.c`, `walRestartHdr`).
//!
//! When a log starts over, its header gets new salts and frames are written from the front; what lies behind them is an
//! earlier generation, and says so by its salts. Salt 1 counts up by one each time, so generations have an order.

use std::collections::HashMap;

use crate::store::sqlite::{Sum, be32, is_magic, page_offset, slice};

/// Length of a frame's header.
const FRAME_HEADER: u64 = 24;

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Committed: by which commit, from 1.
    Committed(u32),
    /// Checksums hold, no commit follows.
    Uncommitted,
    /// Of this generation, and the chain of checksums is broken before it.
    Tail,
    /// Of an earlier generation (0 the oldest), and whether its checksum holds on from the frame before.
    Stale { generation: u32, verified: bool },
}

/// A frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// Its number, from 1.
    pub number: u32,
    /// The page it holds.
    pub page: u32,
    /// Where the page begins in the log.
    pub start: u64,
    /// Pages of the database after this commit; 0 where it does not commit.
    pub commit: u32,
    /// What became of it.
    pub fate: Fate,
    salts: (u32, u32),
}

/// All frames in file order. `overlaid` are the frames known to be committed: checked when the store was opened (their
/// pages may have been decrypted since, so they are not summed again).
pub(super) fn read(wal: &[u8], page_size: u32, overlaid: u32, most: usize) -> Vec<Frame> {
    let Some(magic) = be32(wal, 0).filter(|m| is_magic(*m)) else { return Vec::new() };
    let (Some(salt1), Some(salt2)) = (be32(wal, 16), be32(wal, 20)) else { return Vec::new() };
    let big_endian = magic & 1 == 1;
    let mut frames: Vec<Frame> = Vec::new();
    let mut commit = 1u32;
    // The state that the next checksum goes on from: the header's, then each frame's own.
    let mut state = be32(wal, 24).zip(be32(wal, 28));
    let mut before = (salt1, salt2);
    let mut unbroken = true;
    let mut number = 1u32;
    while frames.len() < most {
        let start = page_offset(number, page_size);
        let Some(head) = at(wal, start.saturating_sub(FRAME_HEADER), FRAME_HEADER) else { break };
        let Some(body) = at(wal, start, u64::from(page_size)) else { break };
        let word = |i| be32(head, i).unwrap_or(0);
        let salts = (word(8), word(12));
        let current = salts == (salt1, salt2);
        let verified = number <= overlaid
            || (salts == before
                && state.is_some_and(|state| {
                    let mut sum = Sum { big_endian, state };
                    sum.add(head.get(..8).unwrap_or_default());
                    sum.add(body);
                    sum.is(head, 16)
                }));
        unbroken &= current && verified;
        let fate = match (current, unbroken) {
            (true, true) if number <= overlaid => Fate::Committed(commit),
            (true, true) => Fate::Uncommitted,
            (true, false) => Fate::Tail,
            (false, _) => Fate::Stale { generation: 0, verified },
        };
        if word(0) != 0 {
            frames.push(Frame { number, page: word(0), start, commit: word(4), fate, salts });
        }
        if number <= overlaid && word(4) != 0 {
            commit = commit.saturating_add(1);
        }
        state = Some((word(16), word(20)));
        before = salts;
        let Some(next) = number.checked_add(1) else { break };
        number = next;
    }
    number_generations(&mut frames, salt1);
    frames
}

fn at(wal: &[u8], start: u64, length: u64) -> Option<&[u8]> {
    slice(wal, usize::try_from(start).ok()?, usize::try_from(length).ok()?)
}

/// Numbers the earlier generations by age: salt 1 grows by one with each restart.
fn number_generations(frames: &mut [Frame], salt1: u32) {
    let stale = |f: &&Frame| matches!(f.fate, Fate::Stale { .. });
    let mut salts: Vec<(u32, u32)> = frames.iter().filter(stale).map(|f| f.salts).collect();
    salts.sort_unstable_by_key(|s| (std::cmp::Reverse(salt1.wrapping_sub(s.0)), s.1));
    salts.dedup();
    let order: HashMap<(u32, u32), u32> = salts.into_iter().zip(0u32..).collect();
    for frame in frames {
        if let Fate::Stale { generation, .. } = &mut frame.fate {
            *generation = order.get(&frame.salts).copied().unwrap_or(0);
        }
    }
}

/// The number of earlier generations that left frames.
pub(super) fn generations(frames: &[Frame]) -> u32 {
    let number = |f: &Frame| match f.fate {
        Fate::Stale { generation, .. } => Some(generation.saturating_add(1)),
        _ => None,
    };
    frames.iter().filter_map(number).max().unwrap_or(0)
}
