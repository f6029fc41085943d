//! The content of encrypted files: AES-256-CBC with a zero vector and PKCS#7 padding.
//!
//! The padding, not the `Size` of the manifest, gives the length: `Size` is wrong for about one file in a hundred, most
//! of them databases (avibrazil/iOSbackup, pull request 26).

use std::io::{self, Read};

use aes::Aes256;
use aes::cipher::{Array, BlockModeDecrypt as _, KeyIvInit as _};
use zeroize::Zeroizing;

use crate::container::medium::{Bytes, read_exact_at};
use crate::vfs::{ReadAt, VfsError};

/// The key of one file.
pub(super) type FileKey = Zeroizing<[u8; 32]>;

const BLOCK: u64 = 16;

/// Decrypts whole blocks in place; `before` is the ciphertext block in front of them.
pub(super) fn decrypt(key: &[u8; 32], before: &[u8; 16], blocks: &mut [u8]) {
    let mut cipher = ::cbc::Decryptor::<Aes256>::new(key.into(), before.into());
    let (blocks, _rest) = Array::slice_as_chunks_mut(blocks);
    cipher.decrypt_blocks(blocks);
}

/// An encrypted file, readable by place: each block needs only the one before it.
pub(super) struct Decrypted {
    what: String,
    bytes: Bytes,
    key: FileKey,
    /// Without padding.
    len: u64,
    /// Why the end cannot be trusted.
    trouble: Option<String>,
}

impl Decrypted {
    pub(super) fn new(what: String, bytes: Bytes, key: FileKey) -> Result<Self, VfsError> {
        let stored = bytes.len();
        let whole = stored.saturating_sub(stored % BLOCK);
        let mut file = Decrypted { what, bytes, key, len: whole, trouble: None };
        if whole != stored {
            file.trouble = Some(format!("{} bytes after the last whole block", stored % BLOCK));
        } else if whole > 0 {
            let mut last = [0; 16];
            let read = file.read_at(whole.saturating_sub(BLOCK), &mut last);
            read.map_err(|e| VfsError::reading(&*file.what, e))?;
            match padding(&last) {
                Some(pad) => file.len = whole.saturating_sub(pad.into()),
                None => file.trouble = Some("no padding at the end: cut, or decrypted with a wrong key".into()),
            }
        }
        Ok(file)
    }

    /// The content from its first byte; the end tells what was wrong with it.
    pub(super) fn into_reader(self) -> impl Read + Send {
        Ending { file: self, at: 0 }
    }
}

/// Length of a PKCS#7 padding; `None` where there is none.
pub(super) fn padding(last: &[u8]) -> Option<u8> {
    let pad = *last.last()?;
    let tail = last.len().checked_sub(pad.into()).and_then(|start| last.get(start..))?;
    ((1..=16).contains(&pad) && tail.iter().all(|b| *b == pad)).then_some(pad)
}

impl ReadAt for Decrypted {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let want = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX).min(buf.len());
        if want == 0 {
            return Ok(0);
        }
        let first = offset.saturating_sub(offset % BLOCK);
        let skip = usize::try_from(offset % BLOCK).unwrap_or(0);
        let span = skip.saturating_add(want).next_multiple_of(16);
        let mut before = [0; 16];
        if first > 0 && !read_exact_at(&*self.bytes, first.saturating_sub(BLOCK), &mut before)? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut blocks = vec![0; span];
        if !read_exact_at(&*self.bytes, first, &mut blocks)? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        decrypt(&self.key, &before, &mut blocks);
        if let (Some(to), Some(from)) = (buf.get_mut(..want), blocks.get(skip..skip.saturating_add(want))) {
            to.copy_from_slice(from);
        }
        Ok(want)
    }

    fn len(&self) -> u64 {
        self.len
    }
}

struct Ending {
    file: Decrypted,
    at: u64,
}

impl Read for Ending {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(self.at, buf)?;
        self.at = self.at.saturating_add(u64::try_from(read).unwrap_or(0));
        match (read, buf.is_empty(), self.file.trouble.take()) {
            (0, false, Some(found)) => Err(VfsError::damaged(&*self.file.what, self.at, found).into()),
            (_, _, trouble) => {
                self.file.trouble = trouble;
                Ok(read)
            }
        }
    }
}
