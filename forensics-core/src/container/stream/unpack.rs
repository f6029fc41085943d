//! gzip and zstd.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::container::limits;
use crate::vfs::VfsError;

/// A compression by its magic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    Zstd,
}

/// Largest window of a zstd frame, bytes: `--ultra -22` writes 128 MiB, and all of it is held in memory.
const WINDOW: u64 = 128 << 20;

impl Packing {
    pub(crate) fn of(first: &[u8]) -> Option<Self> {
        match first {
            [0x1f, 0x8b, 8, ..] => Some(Packing::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Packing::Zstd),
            _ => None,
        }
    }

    /// The plain data.
    pub(crate) fn unpack<'a>(self, packed: impl Read + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
        const STEP: usize = 64 << 10;
        let packed = BufReader::with_capacity(STEP, packed);
        match self {
            Packing::Gzip => Ok(Box::new(MultiGzDecoder::new(packed))),
            Packing::Zstd => {
                let mut decoder = FrameDecoder::new();
                decoder.set_max_window_size(WINDOW);
                Ok(Box::new(Frames { packed, decoder, active: false }))
            }
        }
    }
}

/// Zstandard frames one after the other, as `pzstd` and `cat` make them.
struct Frames<R> {
    packed: R,
    decoder: FrameDecoder,
    /// A frame has begun and is not read out.
    active: bool,
}

impl<R: BufRead> Frames<R> {
    /// Begins the next frame; `false` at the end.
    fn next(&mut self) -> io::Result<bool> {
        while !self.packed.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.packed) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut (&mut self.packed).take(length.into()), &mut io::sink())?;
                }
                Err(e) => return Err(invalid(&e)),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            if self.active {
                while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                    let one = BlockDecodingStrategy::UptoBlocks(1);
                    self.decoder.decode_blocks(&mut self.packed, one).map_err(|e| invalid(&e))?;
                }
                let read = self.decoder.read(buf)?;
                if read > 0 {
                    return Ok(read);
                }
            }
            self.active = self.next()?;
            if !self.active {
                return Ok(0);
            }
        }
    }
}

fn invalid(e: &FrameDecoderError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, e.to_string())
}

/// Stops a stream that unpacks to more than any real one would.
pub(crate) struct Bounded<R> {
    inner: R,
    what: String,
    packed: u64,
    plain: u64,
}

impl<R: Read> Bounded<R> {
    /// `packed` is the length of the compressed data; unknown lengths are not bounded.
    pub(crate) fn new(inner: R, what: &str, packed: Option<u64>) -> Self {
        Bounded { inner, what: what.to_owned(), packed: packed.unwrap_or(u64::MAX), plain: 0 }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        self.plain = self.plain.saturating_add(u64::try_from(read).unwrap_or(0));
        let most = self.packed.max(1).saturating_mul(limits::LARGE_RATIO);
        if self.plain > limits::LARGE && self.plain > most {
            let unit = "times its packed length, for a very large stream";
            return Err(VfsError::Limit { what: self.what.clone(), limit: limits::LARGE_RATIO, unit }.into());
        }
        Ok(read)
    }
}
