//! Every image of every page that the files hold: the pages as they stand, those under the write-ahead log, each frame of
//! each of its generations, and what rollback journals kept.

use std::collections::HashMap;

use super::found::Era;
use super::frames::{self, Fate, Frame};
use super::journal;
use super::options::MOST_IMAGES;
use crate::store::sqlite::{Database, Image, Main, PageBytes, Place, slice};

/// A page image other than the page as it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageImage {
    /// The 1-based page.
    pub no: u32,
    /// The file it stands in.
    pub place: Place,
    /// Where it begins there.
    pub start: u64,
    /// Which version it is.
    pub era: Era,
    /// Its place in time: images of a smaller age are older.
    pub age: u32,
}

/// The age of the pages as they stand.
pub(super) const NOW: u32 = u32::MAX;

/// All images but those that stand.
pub(super) struct Strata<'a> {
    pub image: &'a Image,
    /// Images in order of age.
    pub images: Vec<PageImage>,
    /// Images by page, oldest first.
    by_page: HashMap<u32, Vec<u32>>,
    /// All frames of the log, in file order.
    pub frames: Vec<Frame>,
    /// Pages in the database file.
    pub file_pages: u32,
}

impl<'a> Strata<'a> {
    pub(super) fn read(db: &'a Database) -> Strata<'a> {
        let image = db.image();
        let size = u64::from(image.page_size).max(1);
        let file_pages = u32::try_from(image.main.len().div_ceil(size)).unwrap_or(u32::MAX);
        let frames = frames::read(&image.wal, image.page_size, db.wal_frames(), MOST_IMAGES);
        let mut all = Vec::new();
        let first = kept_in_journal(image, file_pages, &mut all);
        let base = stale(&frames, first, &mut all);
        beneath(image, file_pages, base, &mut all);
        logged(image, &frames, base, &mut all);
        all.sort_by_key(|i: &PageImage| i.age);
        let mut by_page: HashMap<u32, Vec<u32>> = HashMap::new();
        for (index, image) in (0u32..).zip(&all) {
            by_page.entry(image.no).or_default().push(index);
        }
        Strata { image, images: all, by_page, frames, file_pages }
    }

    /// The bytes of an image; `None` where it cannot be read or decrypted.
    pub(super) fn bytes(&self, of: &PageImage) -> Option<PageBytes<'a>> {
        read(self.image, of)
    }

    /// The bytes of the page as it stands.
    pub(super) fn now(&self, no: u32) -> Option<PageBytes<'a>> {
        self.image.page(no).ok().map(|page| page.bytes)
    }

    /// Images of a page, oldest first.
    pub(super) fn of(&self, no: u32) -> impl DoubleEndedIterator<Item = &PageImage> {
        let indexes = self.by_page.get(&no).map(Vec::as_slice).unwrap_or_default();
        indexes.iter().filter_map(|i| self.images.get(*i as usize))
    }

    /// Whether the page has other images than the one that stands.
    pub(super) fn has_images(&self, no: u32) -> bool {
        self.by_page.contains_key(&no)
    }

    /// The page as of an age: the youngest image that is not younger, else the oldest there is.
    pub(super) fn as_of(&self, no: u32, age: u32) -> Option<PageBytes<'a>> {
        if age == NOW || !self.has_images(no) {
            return self.now(no);
        }
        let older = self.of(no).rfind(|i| i.age <= age);
        match older.or_else(|| self.of(no).next()) {
            Some(found) => self.bytes(found),
            None => self.now(no),
        }
    }

    /// The highest page number any image has.
    pub(super) fn highest(&self) -> u32 {
        let held = self.images.iter().map(|i| i.no).max().unwrap_or(0);
        held.max(self.file_pages)
    }
}

/// Reads an image, decrypting what is not part of the store as it stands.
fn read<'a>(image: &'a Image, of: &PageImage) -> Option<PageBytes<'a>> {
    let size = image.page_size as usize;
    let at = usize::try_from(of.start).ok()?;
    let file = match (of.place, &image.main) {
        (Place::Main, Main::Memory(bytes)) => {
            let rest = bytes.get(at..).filter(|r| !r.is_empty())?;
            return Some(PageBytes::Slice(rest.get(..size).unwrap_or(rest)));
        }
        (Place::Main, Main::File(pager)) => return pager.page(of.no, of.start).map(PageBytes::Shared),
        (Place::Wal { .. }, _) => &image.wal,
        (Place::Journal, _) => &image.journal,
    };
    let bytes = slice(file, at, size)?;
    let Some(cipher) = &image.cipher else { return Some(PageBytes::Slice(bytes)) };
    let overlaid = image.patches.get(&of.no).is_some_and(|p| p.place == of.place && p.start == of.start);
    if overlaid {
        return Some(PageBytes::Slice(bytes));
    }
    let mut plain = bytes.to_vec();
    cipher.decrypt(of.no, &mut plain).ok()?;
    Some(PageBytes::Shared(plain.into()))
}

/// Pages that the journal kept, but for those that a hot journal puts back; returns the next age.
fn kept_in_journal(image: &Image, file_pages: u32, all: &mut Vec<PageImage>) -> u32 {
    let limit = file_pages.max(image.limit).saturating_mul(2);
    let kept = journal::read(&image.journal, image.page_size, limit, MOST_IMAGES);
    // The newest transaction's records stand in front: each change of the nonce leads to an older one.
    let mut runs = 0u32;
    let mut nonce = None;
    for kept in &kept {
        if nonce.is_some_and(|n| n != kept.nonce) {
            runs = runs.saturating_add(1);
        }
        nonce = Some(kept.nonce);
        let stands = image.patches.get(&kept.page).is_some_and(|p| p.place == Place::Journal && p.start == kept.start);
        if !stands {
            let age = runs;
            all.push(PageImage { no: kept.page, place: Place::Journal, start: kept.start, era: Era::Journal, age });
        }
    }
    for image in all.iter_mut() {
        image.age = runs.saturating_sub(image.age);
    }
    runs.saturating_add(1)
}

/// Frames of earlier generations; returns the next age.
fn stale(frames: &[Frame], first: u32, all: &mut Vec<PageImage>) -> u32 {
    let mut age = first;
    for wanted in 0..frames::generations(frames) {
        for frame in frames {
            let Fate::Stale { generation, .. } = frame.fate else { continue };
            if generation != wanted {
                continue;
            }
            let place = Place::Wal { frame: frame.number };
            all.push(PageImage { no: frame.page, place, start: frame.start, era: Era::Generation(generation), age });
            if frame.commit != 0 {
                age = age.saturating_add(1);
            }
        }
        age = age.saturating_add(1);
    }
    age
}

/// Pages of the database file that something replaces, or that lie behind the last page.
fn beneath(image: &Image, file_pages: u32, age: u32, all: &mut Vec<PageImage>) {
    let hot = image.patches.values().any(|p| p.place == Place::Journal);
    let era = if hot { Era::Uncommitted } else { Era::Base };
    let mut hidden: Vec<u32> = image.patches.keys().copied().filter(|no| *no <= file_pages).collect();
    hidden.extend(image.limit.saturating_add(1)..=file_pages);
    hidden.sort_unstable();
    hidden.dedup();
    let one = |no| PageImage { no, place: Place::Main, start: image.main_offset(no), era, age };
    all.extend(hidden.into_iter().map(one));
}

/// Frames of the current generation that are not part of the store as it stands.
fn logged(image: &Image, frames: &[Frame], base: u32, all: &mut Vec<PageImage>) {
    let mut last = 0u32;
    for frame in frames {
        let (era, age) = match frame.fate {
            Fate::Committed(commit) => {
                last = commit;
                (Era::Commit(commit), base.saturating_add(commit))
            }
            Fate::Uncommitted | Fate::Tail => (Era::Uncommitted, base.saturating_add(last).saturating_add(1)),
            Fate::Stale { .. } => continue,
        };
        let place = Place::Wal { frame: frame.number };
        let stands = image.patches.get(&frame.page).is_some_and(|p| p.place == place);
        if !stands {
            all.push(PageImage { no: frame.page, place, start: frame.start, era, age });
        }
    }
}
