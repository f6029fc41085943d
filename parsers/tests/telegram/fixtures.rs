//! Objects of nine layers, encoded by an encoder that knows nothing of ours.

use forensics_core::decode::tl::{Object, Tl};
use parsers::telegram::table::schema;
use serde_json::{Map, Value, json};

/// Beside the project; one folder higher where the project is a work tree of it.
const PLACES: [&str; 2] = [
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/real/telegram-synthetic/tl_fixtures.jsonl"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/real/telegram-synthetic/tl_fixtures.jsonl"),
];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap()).collect()
}

fn value(tl: &Tl<'_, '_>) -> Value {
    match tl {
        Tl::Int(i) => json!(i),
        Tl::Long(i) => json!(i),
        Tl::Double(f) => json!(f),
        Tl::Text(b) => json!(std::str::from_utf8(b).unwrap()),
        Tl::Bytes(b) => json!({ "hex": hex(b) }),
        Tl::Bool(b) => json!(b),
        Tl::True => json!(true),
        Tl::Vector(items) => items.iter().map(value).collect(),
        Tl::Object(object) => self::object(object),
    }
}

fn object(object: &Object<'_, '_>) -> Value {
    let mut map = Map::new();
    map.insert("_".to_owned(), json!(object.name()));
    map.insert("#".to_owned(), json!(format!("{:08x}", object.constructor.id)));
    for field in &object.fields {
        map.insert(field.name.to_owned(), value(&field.value));
    }
    Value::Object(map)
}

/// The fixtures, or none and a loud word.
#[expect(clippy::print_stderr, reason = "a test that skips says so")]
pub(crate) fn fixtures() -> Vec<(Vec<u8>, Value)> {
    let Some(text) = PLACES.iter().find_map(|place| std::fs::read_to_string(place).ok()) else {
        eprintln!("SKIPPED: {} is not there; no TL fixture was decoded", PLACES[0]);
        return Vec::new();
    };
    let line = |line: &str| {
        let mut fixture: Value = serde_json::from_str(line).unwrap();
        (unhex(fixture["hex"].as_str().unwrap()), fixture["value"].take())
    };
    text.lines().map(line).collect()
}

#[test]
fn every_fixture_decodes_to_its_value() {
    let fixtures = fixtures();
    assert!(fixtures.is_empty() || fixtures.len() == 108, "{} fixtures", fixtures.len());
    for (bytes, expected) in fixtures {
        let decoded = schema().decode(&bytes, None);
        assert_eq!((decoded.trouble, decoded.end), (None, bytes.len()), "{expected}");
        assert_eq!(object(&decoded.object.unwrap()), expected);
    }
}

#[test]
fn a_fixture_cut_at_any_byte_keeps_what_stands_before() {
    for (bytes, _) in fixtures() {
        let whole = schema().decode(&bytes, None).object.unwrap();
        for end in 0..bytes.len() {
            let cut = schema().decode(&bytes[..end], None);
            assert!(cut.end <= end);
            let Some(object) = cut.object else { continue };
            // Every field but the last, which may have lost its padding or its end, is the same as in the whole.
            for (cut, whole) in object.fields.iter().rev().skip(1).rev().zip(&whole.fields) {
                assert_eq!(cut, whole, "cut at {end}");
            }
        }
    }
}

#[test]
fn flipped_bytes_never_make_the_decoder_panic() {
    let mut seed = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 16).unwrap()
    };
    for (bytes, _) in fixtures() {
        for _ in 0..300 {
            let mut bytes = bytes.clone();
            for _ in 0..=random() % 4 {
                let at = random() % bytes.len();
                bytes[at] ^= 1 << (random() % 8);
            }
            let decoded = schema().decode(&bytes, None);
            assert!(decoded.end <= bytes.len());
        }
    }
}
