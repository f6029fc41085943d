//! Pages kept by rollback journals, also by journals whose header was zeroed when the transaction ended (`pager.c`,
//! `zeroJournalHdr`) and by older, longer transactions whose records lie behind the newest one's.
//!
//! A record is `page number, page, checksum`. The checksum is a nonce plus a sum over the page; all records of one
//! transaction share the nonce, so it can be solved from each record and compared.

use crate::store::sqlite::{JOURNAL_MAGIC, be32, journal_checksum, slice};

/// Sectors that journals are laid out by: the header's own where it stands, else these (`pager->sectorSize` is at least
/// 512, and 4096 on media with such sectors).
const SECTORS: [usize; 2] = [512, 4096];

/// A page in the journal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    /// The page.
    pub page: u32,
    /// Where it begins in the journal.
    pub start: u64,
    /// The nonce that its checksum gives: the same for all pages of one transaction.
    pub nonce: u32,
}

/// All records, in file order; `limit` is the highest page number that can be.
pub(super) fn read(journal: &[u8], page_size: u32, limit: u32, most: usize) -> Vec<Kept> {
    let stated = journal.starts_with(&JOURNAL_MAGIC).then(|| be32(journal, 20)).flatten();
    let stated =
        stated.and_then(|s| usize::try_from(s).ok()).filter(|s| s.is_power_of_two() && (32..=65536).contains(s));
    let walks = match stated {
        Some(sector) => vec![walk(journal, sector, page_size, limit, most)],
        None => SECTORS.iter().map(|sector| walk(journal, *sector, page_size, limit, most)).collect(),
    };
    walks.into_iter().max_by_key(Vec::len).unwrap_or_default()
}

fn walk(journal: &[u8], sector: usize, page_size: u32, limit: u32, most: usize) -> Vec<Kept> {
    let size = page_size as usize;
    let mut all = Vec::new();
    let mut at = sector;
    while at < journal.len() && all.len() < most {
        if journal.get(at..).is_some_and(|rest| rest.starts_with(&JOURNAL_MAGIC)) {
            at = at.saturating_add(sector);
            continue;
        }
        match record(journal, at, size, limit) {
            Some(kept) => {
                all.push(kept);
                at = at.saturating_add(size).saturating_add(8);
            }
            None => {
                // The next segment, or an older transaction's, begins at a sector.
                let next = at.checked_next_multiple_of(sector).unwrap_or(usize::MAX);
                at = if next == at { at.saturating_add(sector) } else { next };
            }
        }
    }
    confirmed(journal, size, all)
}

fn record(journal: &[u8], at: usize, size: usize, limit: u32) -> Option<Kept> {
    let no = be32(journal, at).filter(|no| (1..=limit).contains(no))?;
    let start = at.checked_add(4)?;
    let page = slice(journal, start, size)?;
    let stored = be32(journal, start.checked_add(size)?)?;
    Some(Kept { page: no, start: start as u64, nonce: stored.wrapping_sub(journal_checksum(0, page)) })
}

/// Records whose nonce another one shares; a lone one only where its page begins like a page of a b-tree, or the header
/// that stands names the nonce.
fn confirmed(journal: &[u8], size: usize, all: Vec<Kept>) -> Vec<Kept> {
    let mut counts = std::collections::HashMap::new();
    for kept in &all {
        let count: &mut u32 = counts.entry(kept.nonce).or_default();
        *count = count.saturating_add(1);
    }
    let stated = journal.starts_with(&JOURNAL_MAGIC).then(|| be32(journal, 12)).flatten();
    let plausible = |kept: &Kept| {
        let page = usize::try_from(kept.start).ok().and_then(|at| slice(journal, at, size));
        let head = if kept.page == 1 { 100 } else { 0 };
        page.and_then(|p| p.get(head)).is_some_and(|b| matches!(b, 0x02 | 0x05 | 0x0a | 0x0d))
    };
    let sure =
        |kept: &Kept| counts.get(&kept.nonce).is_some_and(|n| *n > 1) || stated == Some(kept.nonce) || plausible(kept);
    all.into_iter().filter(sure).collect()
}
