//! Tar archives, plain: every file is read in place.
//!
//! The index is our own, bounded and able to go on after damage; the `tar` crate stops at the first bad header. Formats:
//! POSIX pax, GNU tar manual ("Basic Tar Format"), AOSP libs/androidfw/BackupHelpers.cpp.

use std::io::{self, Read};
use std::sync::Arc;

use super::facts::{self, CompareBudget, Surroundings};
use super::medium::{Bytes, Cursor, Window};
use super::{Container, Device, FlawList, Head, Medium, Mounted, NotMine};
use crate::keys::KeyRing;
use crate::vfs::{DevicePath, Entry, EntryId, EntryKind, Layout, ReadAt, Realm, Vfs, VfsError, mark_aliases};

mod header;
mod index;
mod pax;

pub(super) use header::is_header;
pub(super) use index::{Forward, Index, Item, Stream, index};

/// Tar archives that are not compressed.
pub(crate) struct Tar;

impl Container for Tar {
    fn name(&self) -> &'static str {
        "tar"
    }

    fn recognise(&self, head: &Head<'_>) -> Result<(), NotMine> {
        if head.folder {
            return Err(NotMine("a folder, not a file".into()));
        }
        // The first header may be the damaged one: any of the first eight blocks will do, if it carries the magic.
        let whole = head.first.first_chunk::<512>().is_some_and(is_header);
        let magic =
            head.first.chunks_exact(512).take(8).any(|b| b.get(257..262) == Some(b"ustar") && is_header_slice(b));
        (whole || magic).then_some(()).ok_or_else(|| NotMine("no tar header in the first 4 KiB".into()))
    }

    fn mount(&self, medium: &Arc<Medium>, _keys: &KeyRing) -> Result<Mounted, VfsError> {
        mount_bytes(medium.name(), medium.bytes()?, Layout::default())
    }
}

fn is_header_slice(block: &[u8]) -> bool {
    block.first_chunk::<512>().is_some_and(is_header)
}

/// Indexes a tar that can be read by place.
pub(super) fn mount_bytes(name: &str, bytes: Bytes, layout: Layout) -> Result<Mounted, VfsError> {
    let mut flaws = FlawList::default();
    let mut forward = ByPlaceForward { bytes: bytes.clone(), at: 0 };
    let found = index(name, &mut forward, &mut flaws);
    let mut tree = TarVfs { bytes, items: found.items, entries: found.entries };
    let device = tree.understand(layout, &mut flaws);
    Ok(Mounted { vfs: Box::new(tree), device, flaws: flaws.finish(), keys: Vec::new() })
}

/// Steps over contents without reading them.
struct ByPlaceForward {
    bytes: Bytes,
    at: u64,
}

impl Forward for ByPlaceForward {
    fn fill(&mut self, mut buf: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0_usize;
        while !buf.is_empty() {
            let read = self.bytes.read_at(self.at, buf)?;
            if read == 0 {
                break;
            }
            self.at = self.at.saturating_add(u64::try_from(read).unwrap_or(0));
            filled = filled.saturating_add(read);
            buf = buf.get_mut(read..).unwrap_or_default();
        }
        Ok(filled)
    }

    fn pass(&mut self, len: u64, _keep: Option<&mut Vec<u8>>) -> io::Result<(u64, Option<u32>)> {
        let rest = self.bytes.len().saturating_sub(self.at);
        let passed = len.min(rest);
        self.at = self.at.saturating_add(passed);
        Ok((passed, None))
    }

    fn at(&self) -> u64 {
        self.at
    }

    fn by_place(&self) -> bool {
        true
    }
}

struct TarVfs {
    bytes: Bytes,
    entries: Vec<Entry>,
    items: Vec<Item>,
}

impl TarVfs {
    fn window(&self, id: EntryId) -> Option<Window> {
        let item = self.items.get(id.0 as usize)?;
        Some(Window::new(self.bytes.clone(), item.offset, item.len))
    }

    fn understand(&mut self, layout: Layout, flaws: &mut FlawList) -> Device {
        let mut entries = std::mem::take(&mut self.entries);
        let telling: std::collections::HashMap<Box<[u8]>, EntryId> =
            entries.iter().filter(|e| facts::is_telling(&e.raw_name)).map(|e| (e.raw_name.clone(), e.id)).collect();
        let read = |name: &[u8]| {
            let mut bytes = Vec::new();
            let window = self.window(*telling.get(name)?)?;
            Cursor::new(window).take(super::limits::SMALL_FILE).read_to_end(&mut bytes).ok()?;
            Some(bytes)
        };
        let mut around = Surroundings { entries: &mut entries, layout, read: &read, text: &facts::utf8 };
        let device = facts::understand(&mut around, flaws);
        let budget = CompareBudget::default();
        let item = |id: EntryId| self.items.get(id.0 as usize);
        mark_aliases(&mut entries, &|a, b| {
            let linked = item(a).zip(item(b)).is_some_and(|(a, b)| a.offset == b.offset);
            linked || self.window(a).zip(self.window(b)).is_some_and(|(a, b)| budget.same(&a, &b))
        });
        budget.tell(flaws);
        self.entries = entries;
        device
    }

    fn checked(&self, id: EntryId) -> Result<(String, &Item), VfsError> {
        let number = id.0 as usize;
        let (entry, item) = self.entries.get(number).zip(self.items.get(number)).ok_or_else(|| facts::no_such(id))?;
        match entry.kind {
            EntryKind::File => Ok((String::from_utf8_lossy(&entry.raw_name).into_owned(), item)),
            _ => Err(facts::no_content(entry)),
        }
    }
}

impl Vfs for TarVfs {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn open(&self, id: EntryId) -> Result<Box<dyn Read + Send + '_>, VfsError> {
        let (what, item) = self.checked(id)?;
        let window = Window::new(self.bytes.clone(), item.offset, item.len);
        Ok(Box::new(Whole::new(what, item, Cursor::new(window))))
    }

    fn open_at(&self, id: EntryId) -> Option<Result<Box<dyn ReadAt + '_>, VfsError>> {
        let window = |item: &Item| Window::new(self.bytes.clone(), item.offset, item.len);
        Some(self.checked(id).map(|(_, item)| Box::new(window(item)) as Box<dyn ReadAt>))
    }
}

/// Entries as the index found them, without a place yet.
pub(super) fn unplaced(id: usize, raw_name: Vec<u8>, kind: EntryKind, size: Option<u64>) -> Entry {
    let device = DevicePath { realm: Realm::Loose, path: "".into() };
    let id = EntryId(u32::try_from(id).unwrap_or(u32::MAX));
    Entry { id, raw_name: raw_name.into(), device, kind, size, alias_of: None }
}

/// Tells at the end when fewer bytes came than the header states.
pub(super) struct Whole<R> {
    what: String,
    offset: u64,
    left: u64,
    inner: R,
}

impl<R: Read> Whole<R> {
    pub(super) fn new(what: String, item: &Item, inner: R) -> Self {
        Whole { what, offset: item.offset, left: item.len, inner }
    }
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let want = usize::try_from(self.left).unwrap_or(usize::MAX).min(buf.len());
        let Some(buf) = buf.get_mut(..want).filter(|b| !b.is_empty()) else { return Ok(0) };
        let read = self.inner.read(buf)?;
        if read == 0 {
            let found = format!("the end of the archive, {} bytes early", self.left);
            self.left = 0;
            return Err(VfsError::damaged(&*self.what, self.offset, found).into());
        }
        self.left = self.left.saturating_sub(u64::try_from(read).unwrap_or(0));
        Ok(read)
    }
}
