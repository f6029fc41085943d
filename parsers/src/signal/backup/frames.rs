//! Frames, decrypted and checked one by one.
//!
//! A frame is `length | ciphertext | check`; each frame and each blob has a counter of its own, which stands in the first
//! four bytes of the counter block. In version 1 the length is encrypted with the same stream, and checked.

use std::io::{self, Read};

use hmac::Mac as _;
use sha2::{Digest as _, Sha256};

use super::key::{CHECK, Header, Keys};

/// The longest frame that is believed; the app itself writes no longer row than an SQLite cursor holds.
const MAX_FRAME: u32 = 110 << 20;
/// Bytes moved at a time.
const PIECE: usize = 64 << 10;

/// Where a frame or blob stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) length: u64,
    /// Frames and blobs are counted together, from 1.
    pub(super) number: u32,
}

/// Why a frame cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The file ends within it.
    Cut,
    /// A length that no frame has.
    Length(u32),
    /// The check does not fit; the next frame may.
    Check,
    /// The file cannot be read on.
    Io(String),
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Broken::Cut => f.write_str("the file ends within it"),
            Broken::Length(n) => write!(f, "its length of {n} bytes is impossible"),
            Broken::Check => f.write_str("its check (HMAC) does not fit"),
            Broken::Io(cause) => write!(f, "the file cannot be read on: {cause}"),
        }
    }
}

impl From<io::Error> for Broken {
    fn from(e: io::Error) -> Self {
        if e.kind() == io::ErrorKind::UnexpectedEof { Broken::Cut } else { Broken::Io(e.to_string()) }
    }
}

/// The frames behind a header.
pub(super) struct Frames<R> {
    reader: R,
    hash: Sha256,
    keys: Keys,
    block: [u8; 16],
    counter: u32,
    hides_lengths: bool,
    at: u64,
    number: u32,
}

impl<R: Read> Frames<R> {
    /// Frames of a file whose header is still to be read.
    pub(super) fn new(mut reader: R, header: &Header, keys: Keys) -> Result<Self, Broken> {
        let mut head = vec![0; usize::try_from(header.length).unwrap_or(0)];
        reader.read_exact(&mut head)?;
        let hash = Sha256::new().chain_update(&head);
        let counter = header.iv.first_chunk().map_or(0, |c| u32::from_be_bytes(*c));
        let block = header.iv;
        Ok(Frames {
            reader,
            hash,
            keys,
            block,
            counter,
            hides_lengths: header.hides_lengths,
            at: header.length,
            number: 0,
        })
    }

    /// The next frame, decrypted into `frame`; `None` at the end of the file. The place is known also of a broken one.
    pub(super) fn next(&mut self, frame: &mut Vec<u8>) -> Option<(Place, Result<(), Broken>)> {
        let offset = self.at;
        let mut length = [0; 4];
        self.number = self.number.saturating_add(1);
        let read = match self.fill(&mut length) {
            Ok(0) => return None,
            Ok(4) => self.frame(length, frame),
            Ok(_) => Err(Broken::Cut),
            Err(e) => Err(e),
        };
        let place = Place { offset, length: self.at.saturating_sub(offset), number: self.number };
        Some((place, read))
    }

    fn frame(&mut self, mut length: [u8; 4], frame: &mut Vec<u8>) -> Result<(), Broken> {
        let (mut stream, mut check) = self.turn()?;
        if self.hides_lengths {
            check.update(&length);
            stream.apply(&mut length);
        }
        let length = u32::from_be_bytes(length);
        let body = usize::try_from(length).ok().and_then(|n| n.checked_sub(CHECK));
        let body = body.filter(|_| length <= MAX_FRAME).ok_or(Broken::Length(length))?;
        frame.clear();
        // Grows with what is there, not with what a length promises.
        let whole = u64::from(length);
        let read = (&mut self.reader).take(whole).read_to_end(frame);
        self.hash.update(&frame[..]);
        self.at = self.at.saturating_add(u64::try_from(frame.len()).unwrap_or(u64::MAX));
        read?;
        let stored = frame.get(body..).filter(|s| s.len() == CHECK).ok_or(Broken::Cut)?;
        let stored: [u8; CHECK] = stored.try_into().map_err(|_| Broken::Cut)?;
        frame.truncate(body);
        check.update(frame);
        check.verify_truncated_left(&stored).map_err(|_| Broken::Check)?;
        stream.apply(frame);
        Ok(())
    }

    /// Passes over the blob behind a frame, and checks it.
    pub(super) fn blob(&mut self, length: u64) -> (Place, Result<(), Broken>) {
        let offset = self.at;
        self.number = self.number.saturating_add(1);
        let read = self.pass(length);
        (Place { offset, length: self.at.saturating_sub(offset), number: self.number }, read)
    }

    fn pass(&mut self, length: u64) -> Result<(), Broken> {
        let block = self.block();
        let (_, mut check) = self.turn()?;
        check.update(&block);
        let mut piece = vec![0; PIECE];
        let mut left = length;
        while left > 0 {
            let size = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
            let part = piece.get_mut(..size).ok_or(Broken::Cut)?;
            if self.fill(part)? < size {
                return Err(Broken::Cut);
            }
            check.update(part);
            left = left.saturating_sub(u64::try_from(size).unwrap_or(u64::MAX));
        }
        let mut stored = [0; CHECK];
        if self.fill(&mut stored)? < CHECK {
            return Err(Broken::Cut);
        }
        check.verify_truncated_left(&stored).map_err(|_| Broken::Check)
    }

    /// The counter block of the next frame or blob.
    fn block(&self) -> [u8; 16] {
        let mut block = self.block;
        if let Some(first) = block.first_chunk_mut() {
            *first = self.counter.to_be_bytes();
        }
        block
    }

    /// Stream and check of the next frame or blob.
    fn turn(&mut self) -> Result<(super::key::Stream, super::key::Check), Broken> {
        let keyed = self.keys.stream(self.block()).zip(self.keys.check());
        self.counter = self.counter.wrapping_add(1);
        keyed.ok_or(Broken::Check)
    }

    /// Reads until `bytes` are full or the file ends.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<usize, Broken> {
        let mut full = 0;
        while let Some(rest) = bytes.get_mut(full..).filter(|rest| !rest.is_empty()) {
            match self.reader.read(rest) {
                Ok(0) => break,
                Ok(n) => full = full.saturating_add(n),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
        self.hash.update(bytes.get(..full).unwrap_or_default());
        self.at = self.at.saturating_add(u64::try_from(full).unwrap_or(u64::MAX));
        Ok(full)
    }

    /// Reads what is left, and gives hash and length of the whole file.
    pub(super) fn finish(mut self) -> (Vec<u8>, u64, Option<Broken>) {
        let mut piece = vec![0; PIECE];
        let trouble = loop {
            match self.fill(&mut piece) {
                Ok(0) => break None,
                Ok(_) => {}
                Err(e) => break Some(e),
            }
        };
        (self.hash.finalize().to_vec(), self.at, trouble)
    }
}
