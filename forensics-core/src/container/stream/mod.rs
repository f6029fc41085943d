//! Tars that can only be read from their start: compressed, or inside an Android backup.
//!
//! One pass indexes; [`Vfs::preload`] reads everything that is wanted in one further pass; a file that was not preloaded
//! is read by going through the stream once more.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::{Arc, PoisonError, RwLock};

use super::facts::{self, Surroundings};
use super::medium::{Bytes, Cursor, Memory, spool};
use super::tar::{self, Forward as _, Item, Stream, Whole};
use super::{Container, Device, FlawList, Head, Medium, Mounted, NotMine, limits};
use crate::keys::KeyRing;
use crate::vfs::{Entry, EntryId, EntryKind, Layout, ReadAt, Vfs, VfsError, mark_aliases};

mod unpack;

pub(super) use unpack::{Bounded, Packing};

/// Where the plain tar comes from, again and again.
pub(super) trait Plain: Send + Sync {
    /// The plain tar from its first byte.
    fn reader(&self) -> Result<Box<dyn Read + Send + '_>, VfsError>;
}

/// `.tar.gz` and `.tar.zst`.
pub(crate) struct CompressedTar;

impl Container for CompressedTar {
    fn name(&self) -> &'static str {
        "tar-compressed"
    }

    fn recognise(&self, head: &Head<'_>) -> Result<(), NotMine> {
        let packing = Packing::of(head.first).ok_or_else(|| NotMine("neither gzip nor zstd".into()))?;
        if packing == Packing::Zstd {
            return Ok(()); // a frame gives nothing before its window is full, and that is more than the head
        }
        let mut block = [0; 512];
        let whole = packing.unpack(head.first).is_ok_and(|mut plain| plain.read_exact(&mut block).is_ok());
        match whole && tar::is_header(&block) {
            true => Ok(()),
            false => Err(NotMine(format!("{packing:?}, but not of a tar"))),
        }
    }

    fn mount(&self, medium: &Arc<Medium>, _keys: &KeyRing) -> Result<Mounted, VfsError> {
        let packing = Packing::of(&medium.first(16)?)
            .ok_or_else(|| VfsError::damaged(medium.name(), 0, "neither gzip nor zstd"))?;
        let plain = Compressed { medium: medium.clone(), packing };
        let mut block = [0; 512];
        let whole = plain.reader()?.read_exact(&mut block).is_ok();
        if !whole || !tar::is_header(&block) {
            let why = format!("{packing:?} data that is no tar: unpack it first");
            return Err(VfsError::Unsupported { what: medium.name().into(), why });
        }
        mount(medium.name(), Box::new(plain), Layout::default())
    }
}

struct Compressed {
    medium: Arc<Medium>,
    packing: Packing,
}

impl Plain for Compressed {
    fn reader(&self) -> Result<Box<dyn Read + Send + '_>, VfsError> {
        let packed = self.medium.stream()?;
        let plain = self.packing.unpack(packed).map_err(|e| VfsError::reading(self.medium.name(), e))?;
        Ok(Box::new(Bounded::new(plain, self.medium.name(), self.medium.len())))
    }
}

/// Indexes a stream in one pass.
pub(super) fn mount(name: &str, plain: Box<dyn Plain>, layout: Layout) -> Result<Mounted, VfsError> {
    let mut flaws = FlawList::default();
    let found = tar::index(name, &mut Stream::new(plain.reader()?), &mut flaws);
    let tar::Index { mut entries, items, telling } = found;
    let read = |name: &[u8]| telling.get(name).cloned();
    let mut around = Surroundings { entries: &mut entries, layout, read: &read, text: &facts::utf8 };
    let device: Device = facts::understand(&mut around, &mut flaws);
    let item = |id: EntryId| items.get(id.0 as usize);
    mark_aliases(&mut entries, &|a, b| {
        item(a).zip(item(b)).is_some_and(|(a, b)| a.offset == b.offset || a.crc.is_some() && a.crc == b.crc)
    });
    let vfs = StreamVfs { plain, entries, items, kept: RwLock::default() };
    Ok(Mounted { vfs: Box::new(vfs), device, flaws: flaws.finish(), keys: Vec::new() })
}

struct StreamVfs {
    plain: Box<dyn Plain>,
    entries: Vec<Entry>,
    items: Vec<Item>,
    /// Contents by their offset, so that hard links share them.
    kept: RwLock<HashMap<u64, Bytes>>,
}

impl StreamVfs {
    fn item(&self, id: EntryId) -> Result<(&Entry, &Item), VfsError> {
        let number = id.0 as usize;
        let (entry, item) = self.entries.get(number).zip(self.items.get(number)).ok_or_else(|| facts::no_such(id))?;
        match entry.kind {
            EntryKind::File => Ok((entry, item)),
            _ => Err(facts::no_content(entry)),
        }
    }

    fn kept(&self, offset: u64) -> Option<Bytes> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).get(&offset).cloned()
    }

    fn keep(&self, offset: u64, bytes: Bytes) {
        self.kept.write().unwrap_or_else(PoisonError::into_inner).insert(offset, bytes);
    }

    /// One pass over the wanted contents, in their order. Stops where the stream breaks off: opening what was not
    /// reached tells why.
    fn pass(&self, wanted: &[Item]) -> io::Result<()> {
        let mut stream = Stream::new(self.plain.reader()?);
        let mut in_memory = 0_u64;
        for item in wanted {
            stream.pass(item.offset.saturating_sub(stream.at()), None)?;
            let small = in_memory.saturating_add(item.len) <= limits::PRELOAD_MEMORY;
            let mut reader = StreamPart { stream: &mut stream, left: item.len };
            let bytes: Bytes = if small {
                let mut bytes = Vec::new();
                reader.read_to_end(&mut bytes)?;
                in_memory = in_memory.saturating_add(item.len);
                Arc::new(Memory(bytes.into()))
            } else {
                spool(reader)?
            };
            if bytes.len() < item.len {
                return Ok(());
            }
            self.keep(item.offset, bytes);
        }
        Ok(())
    }
}

/// The next bytes of a stream.
struct StreamPart<'a, R> {
    stream: &'a mut Stream<R>,
    left: u64,
}

impl<R: Read> Read for StreamPart<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let want = usize::try_from(self.left).unwrap_or(usize::MAX).min(buf.len());
        let read = self.stream.fill(buf.get_mut(..want).unwrap_or_default())?;
        self.left = self.left.saturating_sub(u64::try_from(read).unwrap_or(0));
        Ok(read)
    }
}

impl Vfs for StreamVfs {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn open(&self, id: EntryId) -> Result<Box<dyn Read + Send + '_>, VfsError> {
        let (entry, item) = self.item(id)?;
        if let Some(bytes) = self.kept(item.offset) {
            return Ok(Box::new(Cursor::new(bytes)));
        }
        let what = String::from_utf8_lossy(&entry.raw_name).into_owned();
        let mut reader = self.plain.reader()?;
        let skipped = io::copy(&mut (&mut reader).take(item.offset), &mut io::sink());
        match skipped.map_err(|e| VfsError::reading(&*what, e))? {
            skipped if skipped < item.offset => Err(VfsError::damaged(what, skipped, "the end of the stream")),
            _ => Ok(Box::new(Whole::new(what, item, reader))),
        }
    }

    /// What was preloaded.
    fn open_at(&self, id: EntryId) -> Option<Result<Box<dyn ReadAt + '_>, VfsError>> {
        match self.item(id) {
            Ok((_, item)) => self.kept(item.offset).map(|bytes| Ok(Box::new(bytes) as Box<dyn ReadAt>)),
            Err(e) => Some(Err(e)),
        }
    }

    fn preload(&self, wanted: &[EntryId]) -> Result<(), VfsError> {
        let mut items: Vec<Item> = wanted.iter().filter_map(|id| self.item(*id).ok()).map(|(_, item)| *item).collect();
        items.retain(|item| self.kept(item.offset).is_none());
        items.sort_by_key(|item| item.offset);
        items.dedup_by_key(|item| item.offset);
        if items.is_empty() {
            return Ok(());
        }
        match self.pass(&items) {
            // A broken stream is a flaw that indexing told; each file that it costs says so when it is opened.
            Err(e) if e.get_ref().is_some_and(|inner| inner.is::<VfsError>()) => {
                Err(VfsError::reading("preloading", e))
            }
            _ => Ok(()),
        }
    }
}
