//! Text as WCDB compresses it.

use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// A sentence long enough to be worth compressing.
pub(super) const LONG_TEXT: &str = "The tide tables for the harbour were wrong again, 潮汐表又错了. ";

/// The dictionary that some texts of the iPhone need; its id is 20240301. A phone does not hold it.
///
/// Made once by `fixtures/make.py` with Python's `zstandard` 0.25.
pub const DICTIONARY: &[u8] = include_bytes!("fixtures/wechat.dict");

/// Two texts compressed with [`DICTIONARY`]: see `fixtures/make.py`.
pub(super) const WITH_DICTIONARY: [&[u8]; 2] =
    [include_bytes!("fixtures/received.zst"), include_bytes!("fixtures/sent.zst")];

/// A plain zstd frame.
pub(super) fn pack(text: &str) -> Vec<u8> {
    compress_to_vec(text.as_bytes(), CompressionLevel::Fastest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixtures_open_with_the_dictionary_and_not_without() {
        use ruzstd::decoding::{Dictionary, FrameDecoder};
        let mut out = Vec::with_capacity(1000);
        assert!(FrameDecoder::new().decode_all_to_vec(WITH_DICTIONARY[0], &mut out).is_err());
        let mut decoder = FrameDecoder::new();
        decoder.add_dict(Dictionary::decode_dict(DICTIONARY).unwrap()).unwrap();
        decoder.decode_all_to_vec(WITH_DICTIONARY[0], &mut out).unwrap();
        assert!(String::from_utf8(out).unwrap().starts_with("Shall we meet at the harbour"));
    }
}
