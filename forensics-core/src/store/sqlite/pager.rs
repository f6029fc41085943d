//! Pages read from a file when needed, for stores that are larger than memory allows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::cipher::Cipher;
use crate::vfs::ReadAt;

/// A file with a cache of pages, decrypted when read.
pub(crate) struct Pager {
    file: Arc<dyn ReadAt>,
    page_size: u32,
    cipher: Option<Cipher>,
    cache: Mutex<Cache>,
}

/// Two generations: a page met again moves to the young one; when that is full, the old one is forgotten.
struct Cache {
    young: HashMap<u32, Arc<[u8]>>,
    old: HashMap<u32, Arc<[u8]>>,
    /// Pages per generation.
    room: usize,
}

impl Cache {
    fn get(&mut self, no: u32) -> Option<Arc<[u8]>> {
        if let Some(page) = self.young.get(&no) {
            return Some(page.clone());
        }
        let page = self.old.remove(&no)?;
        self.put(no, page.clone());
        Some(page)
    }

    fn put(&mut self, no: u32, page: Arc<[u8]>) {
        if self.young.len() >= self.room {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(no, page);
    }
}

/// Fewer pages than this and a deep tree's own path would not stay in the cache.
const LEAST_PAGES: usize = 64;

impl Pager {
    /// A cache of about `cache` bytes.
    pub(super) fn new(file: Arc<dyn ReadAt>, page_size: u32, cipher: Option<Cipher>, cache: usize) -> Pager {
        let pages = cache.checked_div(page_size as usize).unwrap_or(0);
        let room = (pages / 2).max(LEAST_PAGES);
        let cache = Mutex::new(Cache { young: HashMap::new(), old: HashMap::new(), room });
        Pager { file, page_size, cipher, cache }
    }

    /// Bytes of the file.
    pub(crate) fn len(&self) -> u64 {
        self.file.len()
    }

    /// The page that begins at `start`, shorter where the file ends; `None` when it cannot be read or decrypted.
    pub(crate) fn page(&self, no: u32, start: u64) -> Option<Arc<[u8]>> {
        let cached = self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(no);
        if cached.is_some() {
            return cached;
        }
        let mut bytes = read(&*self.file, start, self.page_size as usize).ok()?;
        if let Some(cipher) = &self.cipher {
            cipher.decrypt(no, &mut bytes).ok()?;
        }
        let page: Arc<[u8]> = bytes.into();
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).put(no, page.clone());
        Some(page)
    }
}

/// Up to `length` bytes at `start`.
pub(super) fn read(file: &dyn ReadAt, start: u64, length: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut have = 0usize;
    while let Some(rest) = bytes.get_mut(have..).filter(|r| !r.is_empty()) {
        match file.read_at(start.saturating_add(have as u64), rest)? {
            0 => break,
            n => have = have.saturating_add(n),
        }
    }
    bytes.truncate(have);
    Ok(bytes)
}
