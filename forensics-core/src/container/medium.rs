//! Where a container's own bytes lie: on disk, in memory, or inside another container.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::limits;
use crate::vfs::{EntryId, ReadAt, Vfs, VfsError, name_of};

/// Bytes that can be read at any place and shared.
pub(crate) type Bytes = Arc<dyn ReadAt>;

/// What a container is mounted from.
pub struct Medium {
    /// How the medium is named in messages and matched against the scopes of keys.
    name: String,
    place: Place,
    /// The bytes of an inner medium that cannot be read by place in its container, unpacked once.
    spooled: OnceLock<Bytes>,
}

enum Place {
    Disk(PathBuf),
    Inside {
        outer: Arc<dyn Vfs>,
        entry: EntryId,
    },
    /// A folder inside another container; entries begin with the prefix.
    Folder {
        outer: Arc<dyn Vfs>,
        prefix: Vec<u8>,
    },
}

impl Medium {
    /// A file or folder of this computer.
    pub fn disk(path: &Path) -> Self {
        Medium { name: path.display().to_string(), place: Place::Disk(path.to_owned()), spooled: OnceLock::new() }
    }

    /// A file inside an opened container.
    pub(crate) fn inside(outer_name: &str, outer: Arc<dyn Vfs>, entry: EntryId) -> Self {
        let name = format!("{outer_name}!/{}", name_of(&*outer, entry));
        Medium { name, place: Place::Inside { outer, entry }, spooled: OnceLock::new() }
    }

    /// A folder inside an opened container. `prefix` ends in `/`, or is empty.
    pub(crate) fn folder(outer_name: &str, outer: Arc<dyn Vfs>, prefix: &[u8]) -> Self {
        let name = format!("{outer_name}!/{}", String::from_utf8_lossy(prefix));
        Medium { name, place: Place::Folder { outer, prefix: prefix.to_vec() }, spooled: OnceLock::new() }
    }

    /// The name for messages and key scopes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path, where the medium lies on disk.
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::Disk(path) => Some(path),
            _ => None,
        }
    }

    /// The outer tree and the prefix, where the medium is a folder inside a container.
    pub(crate) fn folder_in(&self) -> Option<(&Arc<dyn Vfs>, &[u8])> {
        match &self.place {
            Place::Folder { outer, prefix } => Some((outer, prefix)),
            _ => None,
        }
    }

    /// Length of a file in bytes, where it is known without reading.
    pub(crate) fn len(&self) -> Option<u64> {
        match &self.place {
            Place::Disk(path) => std::fs::metadata(path).ok().map(|m| m.len()),
            Place::Inside { outer, entry } => outer.entries().get(entry.0 as usize)?.size,
            Place::Folder { .. } => None,
        }
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        match &self.place {
            Place::Disk(path) => path.is_dir(),
            Place::Inside { .. } => false,
            Place::Folder { .. } => true,
        }
    }

    fn trouble(&self, source: io::Error) -> VfsError {
        VfsError::reading(&self.name, source)
    }

    /// The bytes by place. A file inside a container without random access is unpacked once to an unnamed file.
    pub(crate) fn bytes(&self) -> Result<Bytes, VfsError> {
        if let Some(bytes) = self.spooled.get() {
            return Ok(bytes.clone());
        }
        let bytes: Bytes = match &self.place {
            Place::Disk(path) => Arc::new(FileBytes::open(path).map_err(|e| self.trouble(e))?),
            Place::Folder { .. } => return Err(self.trouble(io::ErrorKind::IsADirectory.into())),
            Place::Inside { outer, entry } => match outer.open_at(*entry) {
                Some(Ok(view)) => {
                    let len = view.len();
                    drop(view);
                    Arc::new(EntryBytes { outer: outer.clone(), entry: *entry, len })
                }
                Some(Err(e)) => return Err(e),
                None => spool(outer.open(*entry)?).map_err(|e| self.trouble(e))?,
            },
        };
        Ok(self.spooled.get_or_init(|| bytes).clone())
    }

    /// The bytes from the first one.
    pub(crate) fn stream(&self) -> Result<Box<dyn Read + Send + '_>, VfsError> {
        match &self.place {
            Place::Disk(_) => Ok(Box::new(Cursor::new(self.bytes()?))),
            Place::Folder { .. } => Err(self.trouble(io::ErrorKind::IsADirectory.into())),
            Place::Inside { outer, entry } => outer.open(*entry),
        }
    }

    /// The first `len` bytes, or all where there are fewer.
    pub(crate) fn first(&self, len: u64) -> Result<Vec<u8>, VfsError> {
        let mut bytes = Vec::new();
        self.stream()?.take(len).read_to_end(&mut bytes).map_err(|e| self.trouble(e))?;
        Ok(bytes)
    }
}

/// Opens a file of the evidence. The only place where one is opened.
pub(crate) fn open_evidence(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// A file on disk.
pub(crate) struct FileBytes {
    file: File,
    len: u64,
}

impl FileBytes {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = open_evidence(path)?;
        Self::new(file)
    }

    pub(crate) fn new(mut file: File) -> io::Result<Self> {
        // Seeking, not metadata: a block device has no length there.
        let len = file.seek(SeekFrom::End(0))?;
        Ok(FileBytes { file, len })
    }
}

impl ReadAt for FileBytes {
    #[cfg(unix)]
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buf, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.file, buf, offset)
    }

    fn len(&self) -> u64 {
        self.len
    }
}

/// An entry of another container that can be read by place.
struct EntryBytes {
    outer: Arc<dyn Vfs>,
    entry: EntryId,
    len: u64,
}

impl ReadAt for EntryBytes {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        match self.outer.open_at(self.entry) {
            Some(view) => view?.read_at(offset, buf),
            None => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    fn len(&self) -> u64 {
        self.len
    }
}

/// Bytes in memory.
pub(crate) struct Memory(pub(crate) Box<[u8]>);

impl ReadAt for Memory {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|at| self.0.get(at..)).unwrap_or(&[]);
        let len = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..len), rest.get(..len)) {
            to.copy_from_slice(from);
        }
        Ok(len)
    }

    fn len(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap_or(u64::MAX)
    }
}

/// A part of other bytes.
#[derive(Clone)]
pub(crate) struct Window {
    bytes: Bytes,
    start: u64,
    len: u64,
}

impl Window {
    /// `len` bytes from `start`, or fewer where the bytes end before.
    pub(crate) fn new(bytes: Bytes, start: u64, len: u64) -> Self {
        let len = len.min(bytes.len().saturating_sub(start));
        Window { bytes, start, len }
    }
}

impl ReadAt for Window {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = rest.min(buf.len());
        match buf.get_mut(..len) {
            Some(buf) if len > 0 => self.bytes.read_at(self.start.saturating_add(offset), buf),
            _ => Ok(0),
        }
    }

    fn len(&self) -> u64 {
        self.len
    }
}

/// Reads bytes from a place to their end.
#[derive(Clone)]
pub(crate) struct Cursor<B> {
    bytes: B,
    at: u64,
}

impl<B> Cursor<B> {
    pub(crate) fn new(bytes: B) -> Self {
        Cursor { bytes, at: 0 }
    }
}

/// What a [`Cursor`] reads from.
pub(crate) trait ByPlace {
    fn read_place(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;
    fn length(&self) -> u64;
}

impl ByPlace for Bytes {
    fn read_place(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.read_at(offset, buf)
    }
    fn length(&self) -> u64 {
        self.len()
    }
}

impl ByPlace for Window {
    fn read_place(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.read_at(offset, buf)
    }
    fn length(&self) -> u64 {
        self.len
    }
}

impl<B: ByPlace> Read for Cursor<B> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read_place(self.at, buf)?;
        self.at = self.at.saturating_add(u64::try_from(read).unwrap_or(0));
        Ok(read)
    }
}

impl<B: ByPlace> io::Seek for Cursor<B> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.bytes.length().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// Fills `buf` from `offset`; `false` where the bytes end before.
pub(crate) fn read_exact_at(bytes: &dyn ReadAt, mut offset: u64, mut buf: &mut [u8]) -> io::Result<bool> {
    while !buf.is_empty() {
        let read = bytes.read_at(offset, buf)?;
        if read == 0 {
            return Ok(false);
        }
        offset = offset.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        buf = buf.get_mut(read..).unwrap_or_default();
    }
    Ok(true)
}

/// Keeps what `reader` gives: in memory while it is small, else in an unnamed temporary file that the system removes
/// with the last handle.
pub(crate) fn spool(mut reader: impl Read) -> io::Result<Bytes> {
    let mut head = Vec::new();
    (&mut reader).take(limits::PRELOAD_MEMORY).read_to_end(&mut head)?;
    let mut probe = [0_u8; 1];
    let more = loop {
        match reader.read(&mut probe) {
            Ok(n) => break n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    };
    if more == 0 {
        return Ok(Arc::new(Memory(head.into())));
    }
    let mut file = tempfile::tempfile()?;
    file.write_all(&head)?;
    drop(head);
    file.write_all(&probe)?;
    let written = io::copy(&mut reader.take(limits::SPOOL), &mut file)?;
    if written >= limits::SPOOL {
        let what = "unpacked data".to_owned();
        return Err(VfsError::Limit { what, limit: limits::SPOOL, unit: "bytes" }.into());
    }
    Ok(Arc::new(FileBytes::new(file)?))
}
