//! Write-ahead logs and rollback journals, made from states of a database.
//!
//! SQLite draws the salts of a log and the nonce of a journal at random, so both are written here
//! by hand from the pages that differ between two states. Layouts:
//! <https://sqlite.org/fileformat2.html> §3 (journal) and §4 (log).

use super::page_size;

/// Something done to a page image before it stands in a log: nothing, or a page cipher.
/// Gets the page number (from 1) and the plain page.
pub type PageCoat<'a> = &'a dyn Fn(u32, &[u8]) -> Vec<u8>;

/// A log that leads from `states[0]` through each later state, one commit a state.
///
/// Frames hold the pages that changed; checksums are over what is written, as SQLCipher does it.
#[must_use]
pub fn wal(states: &[Vec<u8>], salt: (u32, u32), coat: PageCoat<'_>) -> Vec<u8> {
    let size = page_size(&states[0]);
    let mut log = Vec::new();
    // 0x377f0682: checksums over little-endian words.
    let head = [0x377f_0682, 3_007_000, u32::try_from(size).expect("a page size"), 0, salt.0, salt.1];
    for word in head {
        log.extend(word.to_be_bytes());
    }
    let mut sum = checksum((0, 0), &log);
    push_sum(&mut log, sum);
    for pair in states.windows(2) {
        let pages = changed(&pair[0], &pair[1], size);
        let total = u32::try_from(pair[1].len() / size).expect("a small database");
        for (at, &number) in pages.iter().enumerate() {
            let commit = if at + 1 == pages.len() { total } else { 0 };
            let image = coat(number, page(&pair[1], number, size));
            let mut header = Vec::with_capacity(24);
            header.extend(number.to_be_bytes());
            header.extend(commit.to_be_bytes());
            sum = checksum(sum, &header);
            sum = checksum(sum, &image);
            header.extend(salt.0.to_be_bytes());
            header.extend(salt.1.to_be_bytes());
            push_sum(&mut header, sum);
            log.extend(header);
            log.extend(image);
        }
    }
    log
}

/// A hot rollback journal: SQLite finds `after` in the file and rolls it back to `before`.
#[must_use]
pub fn journal(before: &[u8], after: &[u8], nonce: u32, coat: PageCoat<'_>) -> Vec<u8> {
    const SECTOR: usize = 512;
    let size = page_size(before);
    let old_total = u32::try_from(before.len() / size).expect("a small database");
    let pages: Vec<u32> = changed(after, before, size).into_iter().filter(|&n| n <= old_total).collect();
    let mut journal = vec![0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    let records = u32::try_from(pages.len()).expect("a small database");
    for word in [records, nonce, old_total, SECTOR as u32, u32::try_from(size).expect("a page size")] {
        journal.extend(word.to_be_bytes());
    }
    journal.resize(SECTOR, 0);
    for number in pages {
        let image = coat(number, page(before, number, size));
        // Every 200th byte, counted from the end of the page and never reaching its first byte.
        let mut sum = nonce;
        let mut at = size.checked_sub(200);
        while let Some(i) = at.filter(|&i| i > 0) {
            sum = sum.wrapping_add(u32::from(image[i]));
            at = i.checked_sub(200);
        }
        journal.extend(number.to_be_bytes());
        journal.extend(image);
        journal.extend(sum.to_be_bytes());
    }
    journal
}

/// Page images go into the log as they are.
#[must_use]
pub fn plain(_number: u32, page: &[u8]) -> Vec<u8> {
    page.to_vec()
}

fn page(bytes: &[u8], number: u32, size: usize) -> &[u8] {
    let start = (number as usize - 1) * size;
    &bytes[start..start + size]
}

/// Numbers of the pages of `new` that `old` lacks or has otherwise; at least page 1.
fn changed(old: &[u8], new: &[u8], size: usize) -> Vec<u32> {
    let total = u32::try_from(new.len() / size).expect("a small database");
    let differs = |number: u32| {
        let end = number as usize * size;
        end > old.len() || page(old, number, size) != page(new, number, size)
    };
    let pages: Vec<u32> = (1..=total).filter(|&n| differs(n)).collect();
    if pages.is_empty() { vec![1] } else { pages }
}

fn checksum((mut a, mut b): (u32, u32), bytes: &[u8]) -> (u32, u32) {
    for pair in bytes.chunks_exact(8) {
        let word = |at: usize| u32::from_le_bytes([pair[at], pair[at + 1], pair[at + 2], pair[at + 3]]);
        a = a.wrapping_add(word(0)).wrapping_add(b);
        b = b.wrapping_add(word(4)).wrapping_add(a);
    }
    (a, b)
}

fn push_sum(bytes: &mut Vec<u8>, sum: (u32, u32)) {
    bytes.extend(sum.0.to_be_bytes());
    bytes.extend(sum.1.to_be_bytes());
}
