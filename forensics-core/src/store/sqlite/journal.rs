//! The rollback journal: pages as they were before a transaction that did not end (`pager.c`, `pager_playback`).

use std::collections::HashMap;

use super::fault::Flaw;
use crate::store::bytes::{be32, byte, slice};

/// The first bytes of every header in a journal.
pub(crate) const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
/// The record count that says: to the end of the file.
const TO_THE_END: u32 = u32::MAX;

/// A hot journal.
#[derive(Debug)]
pub(super) struct Journal {
    /// Bytes per page.
    pub page_size: u32,
    /// Pages of the database before the transaction.
    pub page_count: u32,
    /// Where each page's former content begins in the journal.
    pub pages: HashMap<u32, u64>,
}

/// One header: what follows it.
struct Segment {
    records: u32,
    nonce: u32,
    page_count: u32,
    sector: u32,
    page_size: u32,
}

impl Segment {
    fn read(journal: &[u8], at: usize) -> Option<Segment> {
        let head = journal.get(at..)?;
        if !head.starts_with(&MAGIC) {
            return None;
        }
        Some(Segment {
            records: be32(head, 8)?,
            nonce: be32(head, 12)?,
            page_count: be32(head, 16)?,
            sector: be32(head, 20)?,
            page_size: be32(head, 24)?,
        })
    }
}

/// The sum SQLite keeps behind each page: the nonce and every 200th byte from the end (`pager_cksum`).
pub(crate) fn checksum(nonce: u32, page: &[u8]) -> u32 {
    let mut sum = nonce;
    let mut at = page.len().saturating_sub(200);
    while at > 0 {
        sum = sum.wrapping_add(byte(page, at).map_or(0, u32::from));
        at = at.saturating_sub(200);
    }
    sum
}

/// Reads a journal; `None` when it is not hot (empty, or its header zeroed when the transaction ended).
pub(super) fn read(journal: &[u8], flaws: &mut Vec<Flaw>) -> Option<Journal> {
    let first = Segment::read(journal, 0)?;
    let fits = |n: u32, low, high| n.is_power_of_two() && (low..=high).contains(&n);
    if !fits(first.page_size, 512, 65536) || !fits(first.sector, 32, 65536) {
        let detail = "the header of the rollback journal is damaged; no page was rolled back";
        flaws.push(Flaw::new("journal-header", true, detail));
        return None;
    }
    let mut found = Journal { page_size: first.page_size, page_count: first.page_count, pages: HashMap::new() };
    let sector = first.sector as usize;
    let mut start = 0usize;
    while let Some(segment) = Segment::read(journal, start) {
        let records = start.saturating_add(sector);
        let Some(end) = read_records(journal, records, &segment, &mut found, flaws) else { break };
        start = end.checked_next_multiple_of(sector)?;
    }
    if let Some(name) = super_journal(journal) {
        // Whether that file existed decides, in SQLite, whether the journal is hot; it is not among our files.
        let detail = format!("the rollback journal belongs to a transaction over several databases ({name})");
        flaws.push(Flaw::new("journal-super", false, detail));
    }
    let detail = format!("a transaction was not completed: {} pages are rolled back in memory", found.pages.len());
    flaws.push(Flaw::new("journal-hot", false, detail));
    Some(found)
}

/// The records of one segment; returns where it ends, `None` where reading has to stop.
fn read_records(
    journal: &[u8],
    start: usize,
    segment: &Segment,
    found: &mut Journal,
    flaws: &mut Vec<Flaw>,
) -> Option<usize> {
    let size = found.page_size as usize;
    let length = size.saturating_add(8);
    let mut at = start;
    let mut left = segment.records;
    while left > 0 {
        let (Some(page), Some(no)) = (slice(journal, at.saturating_add(4), size), be32(journal, at)) else {
            if segment.records != TO_THE_END {
                let detail = format!("the rollback journal ends {left} records early");
                flaws.push(Flaw::new("journal-cut", true, detail));
            }
            return None;
        };
        let stored = be32(journal, at.saturating_add(4).saturating_add(size));
        if no == 0 || stored != Some(checksum(segment.nonce, page)) {
            if segment.records != TO_THE_END {
                let detail =
                    format!("a record of the rollback journal at byte {at} has a wrong checksum; {left} are left out");
                flaws.push(Flaw::new("journal-checksum", true, detail).at_page(no));
            }
            return None;
        }
        if no <= found.page_count {
            found.pages.entry(no).or_insert(at.saturating_add(4) as u64);
        }
        at = at.saturating_add(length);
        if segment.records != TO_THE_END {
            left = left.saturating_sub(1);
        }
    }
    Some(at)
}

/// The name at the end: name, length, sum of its bytes, magic (`readSuperJournal`).
fn super_journal(journal: &[u8]) -> Option<String> {
    let end = journal.len().checked_sub(16)?;
    if !journal.ends_with(&MAGIC) {
        return None;
    }
    let length = be32(journal, end)? as usize;
    let name = slice(journal, end.checked_sub(length)?, length).filter(|n| !n.is_empty())?;
    let sum = name.iter().fold(0u32, |sum, b| sum.wrapping_add(i32::from(b.cast_signed()).cast_unsigned()));
    (be32(journal, end.saturating_add(4)) == Some(sum)).then(|| String::from_utf8_lossy(name).into_owned())
}
