//! Zstandard frames made by the `zstd` tool 1.5, with and without a dictionary trained by it.

use forensics_core::decode::zstd::{Dictionaries, MAX_BYTES, ZstdError, decompress, is_frame};
use proptest::prelude::*;

const DICTIONARY: &str = "\
    37a430ec671200001710e8a9d00100000000007bcbbde05a4a29a54c7280b502c307000000829eb05e00000004a0c000000000810100\
    02000000000000000001802bb6da36060000000000000000000d0018000000244769a505302024265000000070c0b001000000000000\
    00010000000400000008000000756e743e3c7369676e61747572653e3362613333646237336637626138653c2f7369676e6174757265\
    3e3c2f6d7367736f757263653e3c6d7367736f7572636e63655f69643e3431393237333134343c2f73657175656e63655f69643e3c73\
    696c656e63653e303c2f73696c656e63653e3c6d656d626572636f756e743e3230303c2f6d656d626572636f756e743e3c7369676e61\
    747572653e346538393661363566373732663865613c2f7369676e61747572653e3c2f6d7367736f757263653e3c6d7367736f757263\
    653e3c73657175656e63655f69643e3738353335383333393c2f73657175656e63655f69643e3c73696c656e63653e313c2f73696c65\
    6e63653e3c6d656d626572636f756e743e3235353c2f6d656d626572636f756e743e3c7369676e61747572653e336430363166373933\
    396339376162313c2f7369676e61747572653e3c2f6d7367736f757263653e3c6d7367736f757263653e3c73657175656e63655f6964\
    3e32323330383430303c2f73657175656e63655f69643e3c73696c656e63653e303c2f73696c656e63653e3c6d656d626572636f756e\
    743e3335323c2f6d656d626572636f756e743e3c7369676e61747572653e623861363137313536383331313561383c2f7369676e6174\
    7572653e3c2f\
";
const WITH: &str = "\
    28b52ffd2667126ccd000073000155b7220d06fc8c12fb61bc60a51d4a117f3186752e0e983b540e\
";
const WITHOUT: &str = "\
    28b52ffd246c6d0200a4033c6d7367736f757263653e3c73657175656e63655f69643e37303132333c2f3c73696c3e313c2f3c6d656d\
    626572636f756e743e31323c2f3c2f060064d8f0997cb910312a203a596b8131983b540e\
";

const PLAIN: &str =
    "<msgsource><sequence_id>700000123</sequence_id><silence>1</silence><membercount>12</membercount></msgsource>";

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

#[test]
fn a_frame_unfolds_with_the_dictionary_it_names() {
    let mut dictionaries = Dictionaries::default();
    assert_eq!(decompress(&unhex(WITHOUT), &dictionaries, MAX_BYTES).unwrap(), PLAIN.as_bytes());
    assert_eq!(decompress(&unhex(WITH), &dictionaries, MAX_BYTES), Err(ZstdError::NeedsDictionary(4711)));
    assert_eq!(dictionaries.add(unhex(DICTIONARY)), Ok(4711));
    for _ in 0..3 {
        assert_eq!(decompress(&unhex(WITH), &dictionaries, MAX_BYTES).unwrap(), PLAIN.as_bytes());
        assert_eq!(decompress(&unhex(WITHOUT), &dictionaries, MAX_BYTES).unwrap(), PLAIN.as_bytes());
    }
    assert!(is_frame(&unhex(WITH)) && !is_frame(PLAIN.as_bytes()));
    assert!(matches!(dictionaries.add(b"no dictionary".to_vec()), Err(ZstdError::Dictionary { .. })));
    assert!(matches!(decompress(PLAIN.as_bytes(), &dictionaries, MAX_BYTES), Err(ZstdError::Format { .. })));
}

#[test]
fn several_frames_and_frames_to_skip_unfold_one_after_the_other() {
    let mut bytes = unhex(WITHOUT);
    bytes.extend([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    bytes.extend(unhex(WITHOUT));
    assert_eq!(decompress(&bytes, &Dictionaries::default(), MAX_BYTES).unwrap(), PLAIN.repeat(2).as_bytes());
}

#[test]
fn a_bomb_is_stopped_at_the_limit() {
    let none = Dictionaries::default();
    // One window of 8 MiB, then 4000 blocks that say "128 KiB of zeros" in four bytes each: 500 MiB.
    let mut bomb = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 13 << 3];
    for _ in 0..4000 {
        bomb.extend([0x02, 0x00, 0x10, 0x00]);
    }
    let expected = bomb.len() * 1000;
    assert_eq!(decompress(&bomb, &none, MAX_BYTES), Err(ZstdError::Limit { limit: expected }));
    assert_eq!(decompress(&unhex(WITHOUT), &none, 50), Err(ZstdError::Limit { limit: 50 }));
    // A frame that asks for a window of gigabytes.
    let window = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00];
    assert!(matches!(decompress(&window, &none, MAX_BYTES), Err(ZstdError::Limit { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_frames_give_errors_and_not_panics(flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in any::<prop::sample::Index>()) {
        let mut dictionaries = Dictionaries::default();
        dictionaries.add(unhex(DICTIONARY)).unwrap();
        for whole in [WITH, WITHOUT] {
            let mut bytes = unhex(whole);
            let end = cut.index(bytes.len() + 1);
            prop_assert!(end == bytes.len() || decompress(&bytes[..end], &dictionaries, 10_000).is_err());
            for (at, byte) in &flips {
                let i = at.index(bytes.len());
                bytes[i] = *byte;
            }
            let _ = decompress(&bytes, &dictionaries, 10_000);
        }
        let mut bytes = unhex(DICTIONARY);
        for (at, byte) in &flips {
            let i = at.index(bytes.len());
            bytes[i] = *byte;
        }
        let mut damaged = Dictionaries::default();
        if damaged.add(bytes).is_ok() {
            let _ = decompress(&unhex(WITH), &damaged, 10_000);
        }
    }
}
