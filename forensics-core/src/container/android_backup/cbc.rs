//! The encrypted payload, forwards.

use std::io::{self, Read};

use aes::Aes256;
use aes::cipher::{Array, BlockModeDecrypt as _, KeyIvInit as _};

use super::master_key::Unlocked;
use crate::vfs::VfsError;

/// Bytes decrypted in one step; long runs are twenty times faster than single blocks.
const STEP: usize = 256 << 10;

/// Decrypts forwards and takes the padding off the last block.
pub(super) struct Decrypting<R> {
    what: String,
    inner: R,
    cipher: cbc::Decryptor<Aes256>,
    /// Decrypted; `at..ready` is to be handed out. The last block stays back until the next one is seen.
    plain: Vec<u8>,
    at: usize,
    ready: usize,
    passed: u64,
    trouble: Option<String>,
    ended: bool,
}

impl<R: Read> Decrypting<R> {
    pub(super) fn new(what: &str, inner: R, unlocked: &Unlocked) -> Self {
        let cipher = cbc::Decryptor::new((&*unlocked.key).into(), (&unlocked.iv).into());
        let what = what.to_owned();
        Decrypting { what, inner, cipher, plain: Vec::new(), at: 0, ready: 0, passed: 0, trouble: None, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.plain.drain(..self.ready.min(self.plain.len()));
        (self.at, self.ready) = (0, 0);
        let kept = self.plain.len();
        let want = u64::try_from(STEP).unwrap_or(0);
        let read = (&mut self.inner).take(want).read_to_end(&mut self.plain)?;
        let fresh = self.plain.get_mut(kept..).unwrap_or_default();
        let (blocks, rest) = Array::slice_as_chunks_mut(fresh);
        self.cipher.decrypt_blocks(blocks);
        let odd = rest.len();
        if read < STEP {
            self.ended = true;
            self.plain.truncate(self.plain.len().saturating_sub(odd));
            self.ready = self.plain.len().saturating_sub(self.padding(odd));
        } else {
            self.ready = self.plain.len().saturating_sub(16);
        }
        Ok(())
    }

    /// Length of the padding; what is wrong with it is told once everything else was handed out.
    fn padding(&mut self, odd: usize) -> usize {
        let pad = self.plain.last().copied().unwrap_or(0);
        let tail = self.plain.len().checked_sub(pad.into()).and_then(|start| self.plain.get(start..));
        let sane = odd == 0 && (1..=16).contains(&pad) && tail.is_some_and(|t| t.iter().all(|b| *b == pad));
        if sane {
            return pad.into();
        }
        self.trouble = Some("no padding at the end of the encrypted data: it was cut or damaged".into());
        0
    }
}

impl<R: Read> Read for Decrypting<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.ready && !self.ended {
            self.refill()?;
        }
        let part = self.plain.get(self.at..self.ready).unwrap_or_default();
        let len = part.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..len), part.get(..len)) {
            to.copy_from_slice(from);
        }
        self.at = self.at.saturating_add(len);
        self.passed = self.passed.saturating_add(u64::try_from(len).unwrap_or(0));
        match self.trouble.take() {
            Some(found) if len == 0 && !buf.is_empty() => {
                Err(VfsError::damaged(&*self.what, self.passed, found).into())
            }
            trouble => {
                self.trouble = trouble;
                Ok(len)
            }
        }
    }
}
