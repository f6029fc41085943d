//! The write-ahead log as a timeline: each commit, the store as of each, and every version of every row that a frame
//! shows. A log has no clock: it gives order, not times.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::carve::{Hit, Subject};
use super::decode::Decoder;
use super::engine::Search;
use super::found::{Era, Found, Where};
use super::frames::{self, Fate};
use super::live;
use super::node::Head;
use super::options::{MOST_IMAGES, Options};
use super::strata::{NOW, PageImage};
use crate::store::sqlite::{Cipher, Database, Files, Place, SqliteError, Tree, page_offset};

/// A commit of the write-ahead log's current generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its number, from 1; 0 is the database file alone.
    pub number: u32,
    /// Its last frame, from 1.
    pub frame: u32,
    /// Pages of the database after it.
    pub pages: u32,
}

/// The commits of the log, in order.
pub fn commits(db: &Database) -> Vec<Commit> {
    let image = db.image();
    let frames = frames::read(&image.wal, image.page_size, db.wal_frames(), MOST_IMAGES);
    let commit = |f: &frames::Frame| match f.fate {
        Fate::Committed(number) if f.commit != 0 => Some(Commit { number, frame: f.number, pages: f.commit }),
        _ => None,
    };
    frames.iter().filter_map(commit).collect()
}

/// The store as of a commit: the database file and the log's frames up to it. Without a commit, the database file alone:
/// what the last checkpoint left, which may already hold what later frames hold too.
///
/// # Errors
/// See [`Database::open`].
pub fn as_of(files: &Files, cipher: Option<&Cipher>, commit: Option<&Commit>) -> Result<Database, SqliteError> {
    let wal = match (commit, &files.wal) {
        (Some(commit), Some(wal)) => {
            let size = wal.get(8..12).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_be_bytes(*b));
            // The frame behind the commit begins with a header of 24 bytes.
            let end = page_offset(commit.frame.saturating_add(1), size).saturating_sub(24);
            wal.get(..usize::try_from(end).unwrap_or(usize::MAX)).or(Some(wal)).map(<[u8]>::to_vec)
        }
        _ => None,
    };
    Database::open(Files { main: files.main.clone(), wal, journal: None }, cipher)
}

/// A version of a row, and from when to when pages show it.
#[derive(Clone, Debug)]
pub struct Version {
    /// The table.
    pub table: Arc<str>,
    /// The rowid; `None` in tables without rowid.
    pub rowid: Option<i64>,
    /// The values, in the order of the table's columns.
    pub values: Vec<Found>,
    /// The oldest image that shows it.
    pub first: Era,
    /// The image that no longer shows it: the next version of its page. `None` while it stands.
    pub ended: Option<Era>,
    /// Where the oldest image shows it.
    pub place: Where,
}

/// A row on one image of a page.
struct Sight {
    shape: usize,
    rowid: Option<i64>,
    key: u64,
    content: u64,
    from: u32,
    until: u32,
    ended: Option<Era>,
    version: Version,
}

/// Every version of every row on pages of which there is more than one image, by table, row and time. The sink may stop
/// with [`ControlFlow::Break`].
pub fn timeline(db: &Database, options: &Options, sink: &mut dyn FnMut(Version) -> ControlFlow<()>) {
    let search = Search::prepare(db, options);
    let mut sights = Vec::new();
    let mut pages: Vec<u32> = search.strata.images.iter().map(|i| i.no).collect();
    pages.sort_unstable();
    pages.dedup();
    for no in pages {
        let mut images: Vec<PageImage> = search.strata.of(no).copied().collect();
        if let Ok(page) = search.strata.image.page(no) {
            images.push(PageImage { no, place: page.place, start: page.start, era: Era::Now, age: NOW });
        }
        for (i, image) in images.iter().enumerate() {
            look(&search, image, images.get(i.saturating_add(1)), options, &mut sights);
        }
    }
    sights.sort_by_key(|s| (s.shape, s.rowid, s.key, s.from));
    for version in merge(sights) {
        if sink(version).is_break() {
            return;
        }
    }
}

/// The rows that one image names.
fn look(search: &Search<'_>, image: &PageImage, next: Option<&PageImage>, options: &Options, into: &mut Vec<Sight>) {
    let bytes = if image.age == NOW { search.strata.now(image.no) } else { search.strata.bytes(image) };
    let Some(b) = bytes.filter(|b| Head::read(b, image.no).is_some()) else { return };
    let owners = search.owners(image, &b, 8);
    let page = Subject { bytes: &b, no: image.no, owners: &owners, raw_from: 8 };
    for hit in search.tools().listed(&page) {
        into.extend(sight(search, image, next, &b, &hit, options));
    }
}

fn sight(
    search: &Search<'_>,
    image: &PageImage,
    next: Option<&PageImage>,
    b: &[u8],
    hit: &Hit,
    options: &Options,
) -> Option<Sight> {
    let shape = search.shapes.get(hit.shape).filter(|s| s.index.is_none() && (options.internal || !s.internal))?;
    let key = if shape.tree == Tree::Index { live::key(hit.shape, shape, &hit.cell, b)? } else { 0 };
    let decoder = Decoder { strata: &search.strata, land: &search.land, encoding: search.encoding };
    let (values, rowid) = decoder.values(hit, shape, b, image.age);
    let place = Where {
        page: image.no,
        offset: image.start.saturating_add(u64::from(hit.cell.start)),
        length: hit.cell.end.saturating_sub(hit.cell.start),
        frame: if let Place::Wal { frame } = image.place { Some(frame) } else { None },
        journal: image.place == Place::Journal,
        era: image.era,
        method: hit.cell.method,
    };
    let version = Version { table: shape.table.name.clone(), rowid, values, first: image.era, ended: None, place };
    Some(Sight {
        shape: hit.shape,
        rowid,
        key,
        content: live::content(hit.shape, shape.tree, &hit.cell, b),
        from: image.age,
        until: next.map_or(NOW, |n| n.age),
        ended: next.map(|n| n.era),
        version,
    })
}

/// Joins sights of one content in sequence; a row that moves to another page is the same version.
fn merge(sights: Vec<Sight>) -> Vec<Version> {
    let mut out: Vec<Version> = Vec::new();
    let mut last: Option<Sight> = None;
    for sight in sights {
        match &mut last {
            Some(l) if (l.shape, l.rowid, l.key, l.content) == (sight.shape, sight.rowid, sight.key, sight.content) => {
                if sight.until >= l.until {
                    l.until = sight.until;
                    l.ended = sight.ended;
                }
            }
            _ => {
                out.extend(last.take().map(closed));
                last = Some(sight);
            }
        }
    }
    out.extend(last.map(closed));
    out
}

fn closed(sight: Sight) -> Version {
    Version { ended: sight.ended, ..sight.version }
}
