//! Putting the image together: database file, hot journal, write-ahead log, cipher.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::cipher::{Cipher, Refusal};
use super::fault::{FaultKind, Flaw, SqliteError};
use super::header::{self, Header};
use super::image::{Image, Main, Patch, Place};
use super::journal;
use super::pager::{self, Pager};
use super::wal;
use crate::store::bytes::be16;
use crate::vfs::ReadAt;

/// What opening gives.
pub(super) struct Opened {
    pub image: Image,
    pub header: Header,
    pub flaws: Vec<Flaw>,
    pub wal_frames: u32,
}

/// The database file, before its page size is known.
pub(super) enum Source {
    Memory(Vec<u8>),
    File { file: Arc<dyn ReadAt>, cache: usize },
}

impl Source {
    fn len(&self) -> u64 {
        match self {
            Source::Memory(bytes) => bytes.len() as u64,
            Source::File { file, .. } => file.len(),
        }
    }

    fn head(&self) -> Result<Vec<u8>, SqliteError> {
        match self {
            Source::Memory(bytes) => Ok(bytes.get(..header::LENGTH).unwrap_or(bytes).to_vec()),
            Source::File { file, .. } => {
                pager::read(&**file, 0, header::LENGTH).map_err(|e| SqliteError::Io { offset: 0, cause: e.to_string() })
            }
        }
    }
}

/// Opens the files as of the last commit.
pub(super) fn open(
    source: Source,
    wal: Option<Vec<u8>>,
    journal: Option<Vec<u8>>,
    cipher: Option<&Cipher>,
) -> Result<Opened, SqliteError> {
    let mut flaws = Vec::new();
    let (wal, journal) = (wal.unwrap_or_default(), journal.unwrap_or_default());
    let hot = journal::read(&journal, &mut flaws);
    let log = wal::read(&wal, &mut flaws);
    let head = source.head()?;
    if head.is_empty() && log.is_none() && hot.is_none() {
        return Err(SqliteError::Empty);
    }
    let page_size = match (cipher, &hot, &log) {
        (Some(cipher), _, _) => cipher.profile().page_size,
        (None, Some(hot), _) => hot.page_size,
        (None, None, log) => stated_page_size(&head, log.as_ref().map(|l| l.page_size))?,
    };
    let log = log.filter(|log| same_page_size(log.page_size, page_size, "wal-page-size", &mut flaws));
    let hot = hot.filter(|hot| same_page_size(hot.page_size, page_size, "journal-page-size", &mut flaws));

    let mut patches = HashMap::new();
    let mut stated = None;
    if let Some(hot) = &hot {
        patches.extend(hot.pages.iter().map(|(no, start)| (*no, Patch { place: Place::Journal, start: *start })));
        stated = Some(hot.page_count);
    }
    if let Some(log) = &log {
        let patch = |frame| Patch { place: Place::Wal { frame }, start: wal::page_offset(frame, page_size) };
        patches.extend(log.pages.iter().map(|(no, frame)| (*no, patch(*frame))));
        stated = Some(log.page_count);
    }
    let file_pages = pages(source.len(), page_size);
    let main = match source {
        Source::Memory(bytes) => Main::Memory(bytes),
        Source::File { file, cache } => Main::File(Box::new(Pager::new(file, page_size, cipher.cloned(), cache))),
    };
    let limit = stated.unwrap_or(file_pages);
    let unreadable = HashSet::new();
    let mut image =
        Image { page_size, usable: page_size, limit, main, wal, journal, patches, unreadable, cipher: cipher.cloned() };
    if let Some(cipher) = cipher {
        decrypt(&mut image, cipher, &mut flaws)?;
    }
    let header =
        read_header(&mut image, cipher.map(|c| c.profile().name), stated.is_none().then_some(file_pages), &mut flaws)?;
    Ok(Opened { image, header, flaws, wal_frames: log.map_or(0, |l| l.frames) })
}

fn pages(length: u64, page_size: u32) -> u32 {
    let pages = length.checked_div(u64::from(page_size)).unwrap_or(0);
    let more = u64::from(length.checked_rem(u64::from(page_size)).unwrap_or(0) > 0);
    u32::try_from(pages.saturating_add(more)).unwrap_or(u32::MAX)
}

/// The page size of a plain database: by its header; by the log's where the file is empty.
fn stated_page_size(head: &[u8], of_log: Option<u32>) -> Result<u32, SqliteError> {
    if let (true, Some(size)) = (head.is_empty(), of_log) {
        return Ok(size);
    }
    if !head.starts_with(header::MAGIC) {
        // A log that holds page 1 makes up for a damaged one; whether it does is seen when the header is read.
        return of_log.ok_or_else(|| SqliteError::NotADatabase { found: head.get(..16).unwrap_or(head).into() });
    }
    let found = be16(head, 16).map_or(0, u32::from);
    header::page_size(head).or(of_log).ok_or(SqliteError::PageSize { found })
}

fn same_page_size(found: u32, expected: u32, code: &'static str, flaws: &mut Vec<Flaw>) -> bool {
    if found != expected {
        let detail =
            format!("pages of {found} bytes beside a database of pages of {expected} bytes: the file is left out");
        flaws.push(Flaw::new(code, true, detail));
    }
    found == expected
}

/// Most pages that are reported one by one.
const REPORTED: usize = 100;

/// Decrypts all pages in place (those of a file are decrypted when read).
fn decrypt(image: &mut Image, cipher: &Cipher, flaws: &mut Vec<Flaw>) -> Result<(), SqliteError> {
    let size = image.page_size as usize;
    let mut refused: Vec<(u32, Place, Refusal)> = Vec::new();
    if let Main::Memory(bytes) = &mut image.main {
        let patches = &image.patches;
        let all: Vec<_> = bytes
            .par_chunks_mut(size.max(1))
            .enumerate()
            .filter_map(|(i, page)| {
                let no = u32::try_from(i).ok()?.checked_add(1)?;
                let refusal = cipher.decrypt(no, page).err()?;
                (!patches.contains_key(&no)).then_some((no, Place::Main, refusal))
            })
            .collect();
        refused.extend(all);
    }
    for (no, patch) in &image.patches {
        let file = match patch.place {
            Place::Main => continue,
            Place::Wal { .. } => &mut image.wal,
            Place::Journal => &mut image.journal,
        };
        let start = usize::try_from(patch.start).unwrap_or(usize::MAX);
        let page = file.get_mut(start..).and_then(|rest| rest.get_mut(..size));
        let result = page.map_or(Err(Refusal::Short), |page| cipher.decrypt(*no, page));
        refused.extend(result.err().map(|refusal| (*no, patch.place, refusal)));
    }
    refused.sort_by_key(|(no, _, _)| *no);
    if let Some((1, _, refusal)) = refused.first() {
        return Err(SqliteError::WrongKey { profile: cipher.profile().name, found: refusal.says() });
    }
    image.unreadable.extend(refused.iter().map(|(no, _, _)| *no));
    flaws.extend(refused.iter().take(REPORTED).map(|(no, place, refusal)| {
        let flaw = Flaw::new("page-hmac", true, format!("a page does not decrypt: {}", refusal.says())).at_page(*no);
        if let Place::Wal { frame } = place { flaw.at_frame(*frame) } else { flaw }
    }));
    if refused.len() > REPORTED {
        flaws.push(Flaw::new("page-hmac", true, format!("{} pages in all do not decrypt", refused.len())));
    }
    Ok(())
}

/// Reads the header from the image's page 1 and settles usable size and page count. `file_pages` where the file alone
/// says how many pages there are.
fn read_header(
    image: &mut Image,
    profile: Option<&'static str>,
    file_pages: Option<u32>,
    flaws: &mut Vec<Flaw>,
) -> Result<Header, SqliteError> {
    let page_size = image.page_size;
    let (mut header, odd) = match image.page(1) {
        Ok(page) => Header::read(&page.bytes, page_size)?,
        // A page in memory was decrypted before; one read from a file is decrypted only now.
        Err(FaultKind::PageUnreadable) => {
            return Err(match profile {
                Some(profile) => SqliteError::WrongKey { profile, found: Refusal::Mac.says() },
                None => SqliteError::Io { offset: 0, cause: "the first page cannot be read".into() },
            });
        }
        Err(_) => return Err(SqliteError::Short { length: 0, needed: header::LENGTH as u64 }),
    };
    let usable = page_size.saturating_sub(u32::from(header.reserved));
    if usable < 480 {
        return Err(SqliteError::Reserved { reserved: header.reserved, page_size });
    }
    image.usable = usable;
    if let Some(code) = odd {
        let detail = format!("the header states text encoding {code}; text is read as UTF-8");
        flaws.push(Flaw::new("header-encoding", false, detail));
    }
    header.page_count = image.limit;
    if let Some(file_pages) = file_pages {
        check_length(image, &mut header, file_pages, flaws);
    }
    Ok(header)
}

/// Compares the page count of the header with the length of the file.
fn check_length(image: &Image, header: &mut Header, file_pages: u32, flaws: &mut Vec<Flaw>) {
    let length = image.main.len();
    if length.checked_rem(u64::from(image.page_size)).unwrap_or(0) != 0 {
        let detail = format!("the file ends within a page, at byte {length}");
        flaws.push(Flaw::new("file-cut", true, detail).at_page(file_pages));
    }
    match header.valid_page_count() {
        Some(stated) if stated > file_pages => {
            let detail = format!("the header states {stated} pages and the file has {file_pages}");
            flaws.push(Flaw::new("file-short", true, detail));
        }
        Some(stated) if stated < file_pages => {
            // A lying header must not hide pages: those behind its count can still be read.
            let detail = format!("the header states {stated} pages and the file has {file_pages}");
            flaws.push(Flaw::new("file-long", false, detail));
        }
        _ => {}
    }
    header.page_count = file_pages;
}
