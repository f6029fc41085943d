//! One pass over a tar: which file lies where.

use std::collections::HashMap;
use std::io::{self, Read};

use super::header::{BLOCK, Header, has_magic, is_header};
use super::pax::Extended;
use super::unplaced;
use crate::container::{FlawList, code, facts, limits};
use crate::vfs::{Entry, EntryKind};

/// Bytes that are read once, forwards.
pub(crate) trait Forward {
    /// Fills `buf`; fewer bytes only at the end.
    fn fill(&mut self, buf: &mut [u8]) -> io::Result<usize>;
    /// Passes over `len` bytes, keeping them where asked; gives how many there were, and their CRC-32 where they were
    /// read anyway.
    fn pass(&mut self, len: u64, keep: Option<&mut Vec<u8>>) -> io::Result<(u64, Option<u32>)>;
    /// Bytes read or passed so far.
    fn at(&self) -> u64;
    /// Whether contents can be read again at will: then nothing is kept.
    fn by_place(&self) -> bool {
        false
    }
}

/// Where a file's content lies in the plain tar.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Item {
    pub(crate) offset: u64,
    pub(crate) len: u64,
    pub(crate) crc: Option<u32>,
}

/// What the pass found.
#[derive(Default)]
pub(crate) struct Index {
    pub(crate) entries: Vec<Entry>,
    /// Beside `entries`.
    pub(crate) items: Vec<Item>,
    /// Contents of small files that say something about the whole, where they cannot be read again at will.
    pub(crate) telling: HashMap<Box<[u8]>, Vec<u8>>,
}

/// Indexes a tar to its end, to the first unreadable byte, or to the limit of entries.
pub(crate) fn index(name: &str, from: &mut dyn Forward, flaws: &mut FlawList) -> Index {
    let mut walk = Walk {
        name,
        from,
        flaws,
        found: Index::default(),
        links: HashMap::new(),
        names: 0,
        next: Extended::default(),
        ended: None,
    };
    if let Err(e) = walk.all() {
        let at = walk.from.at();
        walk.flaws.lost(code::STREAM_BROKEN, || format!("{name}: at byte {at} of the plain data: {e}"));
    }
    walk.found
}

struct Walk<'a> {
    name: &'a str,
    from: &'a mut dyn Forward,
    flaws: &'a mut FlawList,
    found: Index,
    /// Names seen, for hard links.
    links: HashMap<Vec<u8>, usize>,
    /// Bytes of all names so far.
    names: usize,
    /// From extended headers, for the entry to come.
    next: Extended,
    /// Where the zero blocks began, once there were two: the end mark.
    ended: Option<u64>,
}

impl Walk<'_> {
    fn all(&mut self) -> io::Result<()> {
        let (mut zeros, mut gap) = (0_usize, None);
        loop {
            let at = self.from.at();
            let mut block = [0_u8; 512];
            if self.from.fill(&mut block)? < block.len() {
                self.end(at, gap);
                return Ok(());
            }
            if block == [0; 512] {
                zeros = zeros.saturating_add(1);
                if zeros == 2 && self.ended.is_none() {
                    self.ended = at.checked_sub(BLOCK);
                }
                continue;
            }
            // Behind a gap or behind the end mark the place of a header is a guess: it has to carry the magic.
            let guess = gap.is_some() || self.ended.is_some();
            let header = Header::parse(&block).filter(|_| !guess || has_magic(&block));
            let Some(header) = header else {
                gap = gap.or(Some(at));
                zeros = 0;
                continue;
            };
            if let Some(from) = gap.take().or(self.ended) {
                let name = self.name;
                self.flaws.lost(code::TAR_GAP, || format!("{name}: no headers from byte {from} to byte {at}"));
                self.next = Extended::default();
            }
            (zeros, self.ended) = (0, None);
            if self.found.entries.len() >= limits::ENTRIES || self.names > limits::NAMES {
                let name = self.name;
                self.flaws.lost(code::ENTRY_LIMIT, || format!("{name}: limit {}", limits::ENTRIES));
                return Ok(());
            }
            self.entry(at, header)?;
        }
    }

    /// No block is left.
    fn end(&mut self, at: u64, gap: Option<u64>) {
        let name = self.name;
        if self.ended.is_some() {
            return; // what follows the end mark and is no header is padding
        }
        match gap {
            Some(from) => self.flaws.lost(code::TAR_GAP, || format!("{name}: no headers from byte {from} to the end")),
            None => self.flaws.lost(code::TAR_TRUNCATED, || format!("{name}: ends at byte {at} without its end mark")),
        }
    }

    fn entry(&mut self, at: u64, header: Header) -> io::Result<()> {
        match header.kind {
            b'x' | b'L' | b'K' => return self.extended(at, &header),
            b'g' | b'V' | b'M' | b'N' => return self.pass(at, &header.name, header.size.unwrap_or(0)).map(|_| ()),
            _ => {}
        }
        let next = std::mem::take(&mut self.next);
        let mut name = next.path.unwrap_or(header.name);
        if name.len() > limits::NAME {
            name.truncate(limits::NAME);
            self.flaws
                .note(code::NAME_NOT_A_PLACE, || format!("a name longer than {} bytes at byte {at}", limits::NAME));
        }
        let size = next.size.or(header.size).unwrap_or(0);
        let link = next.link.unwrap_or(header.link);
        let is_folder = header.kind == b'5' || matches!(header.kind, b'0' | 0) && name.ends_with(b"/");
        match header.kind {
            _ if is_folder => self.pass(at, &name, size).map(|_| ()),
            b'1' => {
                self.hard_link(name, &link);
                Ok(())
            }
            b'2' => {
                self.add(name, EntryKind::Symlink(link.into()), None, Item::default());
                Ok(())
            }
            b'3' | b'4' | b'6' => {
                self.add(name, EntryKind::Other, None, Item::default());
                Ok(())
            }
            b'S' => self.sparse(at, name, size, header.more_map),
            _ => {
                if next.sparse {
                    self.flaws.note(code::TAR_SPARSE, || shown(&name));
                }
                self.file(at, name, size)
            }
        }
    }

    fn file(&mut self, at: u64, name: Vec<u8>, size: u64) -> io::Result<()> {
        let offset = self.from.at();
        let tells = !self.from.by_place() && size <= limits::SMALL_FILE && facts::is_telling(&name);
        let mut kept = tells.then(Vec::new);
        // The entry is noted before its content is passed: what breaks off inside it is still the beginning of it.
        let number = self.add(name.clone(), EntryKind::File, Some(size), Item { offset, len: size, crc: None });
        let (passed, crc) = self.from.pass(size, kept.as_mut())?;
        if let Some(item) = self.found.items.get_mut(number) {
            item.crc = crc;
        }
        if let Some(kept) = kept {
            self.found.telling.insert(name.clone().into(), kept);
        }
        self.rest(at, &name, size, passed)
    }

    /// Passes content that nobody wants.
    fn pass(&mut self, at: u64, name: &[u8], size: u64) -> io::Result<u64> {
        let (passed, _) = self.from.pass(size, None)?;
        self.rest(at, name, size, passed)?;
        Ok(passed)
    }

    /// The padding to the next block; tells where the archive ended inside the content.
    fn rest(&mut self, at: u64, name: &[u8], size: u64, passed: u64) -> io::Result<()> {
        if passed < size {
            let archive = self.name;
            self.flaws.lost(code::TAR_TRUNCATED, || {
                format!("{archive}: {} (header at byte {at}) has {passed} of {size} bytes", shown(name))
            });
            self.ended = Some(at); // told once
            return Ok(());
        }
        let padding = size.next_multiple_of(BLOCK).saturating_sub(size);
        self.from.pass(padding, None).map(|_| ())
    }

    /// A name or attributes for the next entry.
    fn extended(&mut self, at: u64, header: &Header) -> io::Result<()> {
        let size = header.size.unwrap_or(0);
        let archive = self.name;
        if size > limits::PAX {
            self.flaws.note(code::TAR_PAX, || format!("{archive}: {size} bytes at byte {at}; limit {}", limits::PAX));
            return self.pass(at, &header.name, size).map(|_| ());
        }
        let mut content = vec![0; usize::try_from(size).unwrap_or(0)];
        let read = self.from.fill(&mut content)?;
        content.truncate(read);
        self.rest(at, &header.name, size, u64::try_from(read).unwrap_or(0))?;
        let text = || content.split(|b| *b == 0).next().unwrap_or_default().to_vec();
        match header.kind {
            b'L' => self.next.path = Some(text()),
            b'K' => self.next.link = Some(text()),
            _ => {
                if !self.next.read_pax(&content) {
                    self.flaws.note(code::TAR_PAX, || format!("{archive}: malformed at byte {at}"));
                }
            }
        }
        Ok(())
    }

    /// An old GNU sparse file: its map may go on in further blocks. The content is given without its holes.
    fn sparse(&mut self, at: u64, name: Vec<u8>, size: u64, mut more: bool) -> io::Result<()> {
        self.flaws.note(code::TAR_SPARSE, || shown(&name));
        while more {
            let mut block = [0_u8; 512];
            if self.from.fill(&mut block)? < block.len() || is_header(&block) {
                break;
            }
            more = block.get(504).is_some_and(|b| *b != 0);
        }
        self.file(at, name, size)
    }

    fn hard_link(&mut self, name: Vec<u8>, target: &[u8]) {
        let item = self.links.get(target).and_then(|i| Some((*self.found.items.get(*i)?, *i)));
        match item {
            Some((item, _)) => {
                self.add(name, EntryKind::File, Some(item.len), item);
            }
            None => {
                self.flaws.lost(code::TAR_LINK, || format!("{} → {}", shown(&name), shown(target)));
                self.add(name, EntryKind::Other, None, Item::default());
            }
        }
    }

    fn add(&mut self, name: Vec<u8>, kind: EntryKind, size: Option<u64>, item: Item) -> usize {
        let number = self.found.entries.len();
        self.names = self.names.saturating_add(name.len());
        self.links.insert(name.clone(), number);
        self.found.entries.push(unplaced(number, name, kind, size));
        self.found.items.push(item);
        number
    }
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// A reader that cannot step over: everything passes through it.
pub(crate) struct Stream<R> {
    reader: R,
    at: u64,
    buf: Vec<u8>,
}

impl<R: Read> Stream<R> {
    pub(crate) fn new(reader: R) -> Self {
        const STEP: usize = 64 << 10;
        Stream { reader, at: 0, buf: vec![0; STEP] }
    }

    fn some(&mut self, len: usize) -> io::Result<usize> {
        loop {
            match self.reader.read(self.buf.get_mut(..len).unwrap_or_default()) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
                Ok(read) => {
                    self.at = self.at.saturating_add(u64::try_from(read).unwrap_or(0));
                    return Ok(read);
                }
            }
        }
    }
}

impl<R: Read> Forward for Stream<R> {
    fn fill(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0_usize;
        while let Some(rest) = buf.get_mut(filled..).filter(|r| !r.is_empty()) {
            let len = rest.len().min(self.buf.len());
            let read = self.some(len)?;
            let (Some(to), Some(from)) = (rest.get_mut(..read), self.buf.get(..read)) else { break };
            if read == 0 {
                break;
            }
            to.copy_from_slice(from);
            filled = filled.saturating_add(read);
        }
        Ok(filled)
    }

    fn pass(&mut self, len: u64, mut keep: Option<&mut Vec<u8>>) -> io::Result<(u64, Option<u32>)> {
        let (mut passed, mut sum) = (0_u64, flate2::Crc::new());
        while passed < len {
            let want = usize::try_from(len.saturating_sub(passed)).unwrap_or(usize::MAX).min(self.buf.len());
            let read = self.some(want)?;
            if read == 0 {
                return Ok((passed, None));
            }
            let bytes = self.buf.get(..read).unwrap_or_default();
            sum.update(bytes);
            if let Some(keep) = keep.as_deref_mut() {
                keep.extend_from_slice(bytes);
            }
            passed = passed.saturating_add(u64::try_from(read).unwrap_or(0));
        }
        Ok((passed, Some(sum.sum())))
    }

    fn at(&self) -> u64 {
        self.at
    }
}
