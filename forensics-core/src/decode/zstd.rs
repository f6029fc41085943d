//! Zstandard frames, with the dictionaries an examiner can give.
//!
//! Frame format: RFC 8878. Decoding is `ruzstd`'s; limits and dictionaries by id are ours.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, Dictionary, FrameDecoder};

/// The first bytes of a frame.
pub const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Bytes that one value may unfold to.
pub const MAX_BYTES: usize = 256 << 20;
/// How many times larger than its input an output may be …
const MAX_RATIO: usize = 1000;
/// … beyond this many bytes, which any input may give.
const FREE_BYTES: usize = 1 << 20;
/// Bytes decoded between two looks at the limit.
const STEP: usize = 1 << 17;

/// Why bytes cannot be unfolded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ZstdError {
    /// No frame.
    #[error("no zstd frame: it begins with {}", crate::value::hex(found))]
    Format {
        /// The first bytes.
        found: Box<[u8]>,
    },
    /// The frame needs a dictionary that was not given.
    #[error("zstd dictionary {0} is needed")]
    NeedsDictionary(u32),
    /// More output than allowed.
    #[error("the content unfolds to more than {limit} bytes")]
    Limit {
        /// The limit.
        limit: usize,
    },
    /// The frame is damaged.
    #[error("the zstd frame is damaged behind {unfolded} bytes of content: {found}")]
    Damaged {
        /// Bytes unfolded before.
        unfolded: usize,
        /// What was found.
        found: String,
    },
    /// Bytes that are no dictionary.
    #[error("no zstd dictionary: {found}")]
    Dictionary {
        /// What was found.
        found: String,
    },
}

/// Dictionaries by the number that frames name.
#[derive(Default)]
pub struct Dictionaries {
    raw: BTreeMap<u32, Vec<u8>>,
    /// Decoders that know all dictionaries: making one costs more than a short message does.
    idle: Mutex<Vec<FrameDecoder>>,
}

impl Dictionaries {
    /// Adds a dictionary file; returns its number.
    ///
    /// # Errors
    /// The bytes are no dictionary with a number (`zstd --train` makes such).
    pub fn add(&mut self, bytes: Vec<u8>) -> Result<u32, ZstdError> {
        let id = dictionary(&bytes)?.id;
        self.raw.insert(id, bytes);
        self.idle.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(id)
    }

    /// The numbers of the dictionaries.
    pub fn ids(&self) -> impl Iterator<Item = u32> {
        self.raw.keys().copied()
    }

    fn decoder(&self) -> FrameDecoder {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_else(|| {
            let mut decoder = FrameDecoder::new();
            for known in self.raw.values().filter_map(|raw| dictionary(raw).ok()) {
                let _ = decoder.add_dict(known);
            }
            decoder
        })
    }

    fn put_back(&self, decoder: FrameDecoder) {
        /// More would only hold memory.
        const IDLE: usize = 16;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(decoder);
        }
    }
}

impl fmt::Debug for Dictionaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.raw.keys()).finish()
    }
}

fn dictionary(bytes: &[u8]) -> Result<Dictionary, ZstdError> {
    let read = catch_unwind(|| Dictionary::decode_dict(bytes));
    match read {
        Ok(Ok(dictionary)) => Ok(dictionary),
        Ok(Err(e)) => Err(ZstdError::Dictionary { found: e.to_string() }),
        Err(_) => Err(ZstdError::Dictionary { found: "its tables are damaged".into() }),
    }
}

/// Whether the bytes begin with a frame.
pub fn is_frame(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Unfolds the frames in `bytes`. `limit` is the most bytes that may come out ([`MAX_BYTES`] if there is no reason for
/// less); a thousandfold of the input is a limit too.
///
/// # Errors
/// See [`ZstdError`].
pub fn decompress(bytes: &[u8], dictionaries: &Dictionaries, limit: usize) -> Result<Vec<u8>, ZstdError> {
    if !is_frame(bytes) {
        return Err(ZstdError::Format { found: bytes.get(..4).unwrap_or(bytes).into() });
    }
    let limit = limit.min(bytes.len().saturating_mul(MAX_RATIO).max(FREE_BYTES));
    let mut decoder = dictionaries.decoder();
    decoder.set_max_window_size(limit as u64);
    let mut out = Vec::new();
    // ruzstd answers with errors; should a frame make it panic, that must cost one value and not the store.
    let result = catch_unwind(AssertUnwindSafe(|| frames(bytes, &mut decoder, &mut out, limit)));
    match result {
        Ok(result) => {
            dictionaries.put_back(decoder);
            result.map(|()| out)
        }
        Err(_) => Err(ZstdError::Damaged { unfolded: out.len(), found: "the decoder gave up".into() }),
    }
}

fn frames(mut source: &[u8], decoder: &mut FrameDecoder, out: &mut Vec<u8>, limit: usize) -> Result<(), ZstdError> {
    while !source.is_empty() {
        match decoder.reset(&mut source) {
            Ok(()) => frame(&mut source, decoder, out, limit)?,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                source = source.get(length as usize..).unwrap_or_default();
            }
            Err(FrameDecoderError::DictNotProvided { dict_id }) => return Err(ZstdError::NeedsDictionary(dict_id)),
            Err(FrameDecoderError::WindowSizeTooBig { .. }) => return Err(ZstdError::Limit { limit }),
            Err(e) => return Err(ZstdError::Damaged { unfolded: out.len(), found: e.to_string() }),
        }
    }
    Ok(())
}

fn frame(source: &mut &[u8], decoder: &mut FrameDecoder, out: &mut Vec<u8>, limit: usize) -> Result<(), ZstdError> {
    loop {
        let done = decoder.decode_blocks(&mut *source, BlockDecodingStrategy::UptoBytes(STEP));
        let done = done.map_err(|e| ZstdError::Damaged { unfolded: out.len(), found: e.to_string() })?;
        let left = limit.saturating_sub(out.len()) as u64;
        let read = decoder.by_ref().take(left.saturating_add(1)).read_to_end(out);
        read.map_err(|e| ZstdError::Damaged { unfolded: out.len(), found: e.to_string() })?;
        if out.len() > limit {
            return Err(ZstdError::Limit { limit });
        }
        if done && decoder.can_collect() == 0 {
            break;
        }
    }
    match (decoder.get_checksum_from_data(), decoder.get_calculated_checksum()) {
        (Some(stored), Some(found)) if stored != found => {
            Err(ZstdError::Damaged { unfolded: out.len(), found: "the checksum does not fit".into() })
        }
        _ => Ok(()),
    }
}
