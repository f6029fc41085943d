use proptest::prelude::*;

use super::*;

/// A message body as iOS writes it for one run of plain text.
fn body(text: &str) -> Vec<u8> {
    let mut out = b"\x04\x0bstreamtyped\x81\xe8\x03".to_vec();
    out.extend(b"\x84\x01@\x84\x84\x84\x19NSMutableAttributedString\x00\x84\x84\x12NSAttributedString\x00");
    out.extend(
        b"\x84\x84\x08NSObject\x00\x85\x92\x84\x84\x84\x0fNSMutableString\x01\x84\x84\x08NSString\x01\x95\x84\x01+",
    );
    number(&mut out, text.len());
    out.extend(text.as_bytes());
    out.extend(b"\x86\x84\x02iI\x01");
    number(&mut out, text.encode_utf16().count());
    out.extend(
        b"\x92\x84\x84\x84\x0cNSDictionary\x00\x95\x84\x01i\x01\x92\x84\x98\x98\x1d__kIMMessagePartAttributeName",
    );
    out.extend(b"\x86\x92\x84\x84\x84\x08NSNumber\x00\x84\x84\x07NSValue\x00\x95\x84\x01*\x84\x9b\x9b\x00\x86\x86\x86");
    out
}

fn number(out: &mut Vec<u8>, n: usize) {
    match n {
        0..0x80 => out.push(n as u8),
        0x80..0x8000 => {
            out.push(0x81);
            out.extend((n as u16).to_le_bytes());
        }
        _ => {
            out.push(0x82);
            out.extend((n as u32).to_le_bytes());
        }
    }
}

fn read(bytes: &[u8]) -> (String, Vec<Run>) {
    let archive = Archive::read(bytes).expect("a typed stream");
    let text = AttributedText::of(&archive).expect("an attributed string");
    (String::from_utf8(text.text.to_vec()).expect("UTF-8"), text.runs)
}

/// A stream of one group.
fn stream(group: &[u8]) -> Vec<u8> {
    [b"\x04\x0bstreamtyped\x81\xe8\x03", group].concat()
}

#[test]
fn a_plain_body_is_its_text_in_one_run() {
    let (text, runs) = read(&body("Noter test"));
    assert_eq!(text, "Noter test");
    assert_eq!(runs, [Run { set: 1, length: 10 }]);
}

#[test]
fn an_attribute_has_its_name_and_number() {
    let bytes = body("x");
    let archive = Archive::read(&bytes).expect("a typed stream");
    let text = AttributedText::of(&archive).expect("an attributed string");
    let attributes: Vec<_> = text.attributes(&archive, 1).map(|(name, v)| (name, archive.number(v))).collect();
    assert_eq!(attributes, [(&b"__kIMMessagePartAttributeName"[..], Some(0.0))]);
}

#[test]
fn a_set_of_attributes_is_written_once_and_used_again() {
    let mut bytes = body("abcd");
    // After the one run of four, two more of the same set. `iI` is the eighth string, number 7: byte 0x92 + 7.
    let end = bytes.len() - 1;
    bytes.splice(end..end, *b"\x99\x01\x02");
    let (_, runs) = read(&bytes);
    assert_eq!(runs, [Run { set: 1, length: 4 }, Run { set: 1, length: 2 }]);
}

#[test]
fn long_lengths_take_two_and_four_bytes() {
    for length in [0, 1, 127, 128, 300, 32767, 32768, 70_000] {
        let text = "a".repeat(length);
        assert_eq!(read(&body(&text)), (text, vec![Run { set: 1, length: length as u64 }]));
    }
}

#[test]
fn big_endian_streams_are_read_too() {
    let bytes = b"\x04\x0btypedstream\x81\x03\xe8\x84\x01i\x81\x01\x02";
    let archive = Archive::read(bytes).expect("a typed stream");
    assert_eq!(archive.groups[0].values, [Value::Int(0x0102)]);
}

#[test]
fn numbers_are_signed_by_their_type() {
    let archive_of = |group: &[u8]| {
        let bytes = stream(group);
        Archive::read(&bytes).map(|a| format!("{:?}", a.groups[0].values))
    };
    assert_eq!(archive_of(b"\x84\x02iI\xff\xff"), Ok("[Int(-1), Int(255)]".to_owned()));
    assert_eq!(archive_of(b"\x84\x01i\x81\xff\xff"), Ok("[Int(-1)]".to_owned()));
    assert_eq!(archive_of(b"\x84\x01I\x81\xff\xff"), Ok("[Int(65535)]".to_owned()));
    assert_eq!(archive_of(b"\x84\x01d\x83\x00\x00\x00\x00\x00\x00\xf8\x3f"), Ok("[Real(1.5)]".to_owned()));
    assert_eq!(archive_of(b"\x84\x01f\x83\x00\x00\xc0\x3f"), Ok("[Real(1.5)]".to_owned()));
    assert_eq!(archive_of(b"\x84\x01d\x07"), Ok("[Real(7.0)]".to_owned()));
    assert_eq!(archive_of(b"\x84\x02cC\xfe\xfe"), Ok("[Int(-2), Int(254)]".to_owned()));
}

#[test]
fn arrays_and_structures_are_lists() {
    let bytes = stream(b"\x84\x10[3c][2i]{r=ii}[0i]abc\x01\x02\x03\x04");
    assert_eq!(bytes[17], 0x10);
    let bytes = [&bytes[..17], b"\x12[3c][2i]{r=ii}[0i]", b"abc\x01\x02\x03\x04"].concat();
    let archive = Archive::read(&bytes).expect("a typed stream");
    let list = |numbers: [i64; 2]| Value::List(numbers.map(Value::Int).to_vec());
    let expected = [Value::Bytes(b"abc"), list([1, 2]), list([3, 4]), Value::List(Vec::new())];
    assert_eq!(archive.groups[0].values, expected);
}

#[test]
fn an_object_may_name_itself() {
    // An instance of class A whose only value is itself.
    let bytes = stream(b"\x84\x01@\x84\x84\x84\x01A\x00\x85\x92\x92\x86");
    let archive = Archive::read(&bytes).expect("a typed stream");
    assert_eq!(archive.groups[0].values, [Value::Object(0)]);
    assert_eq!(archive.groups_of(&Value::Object(0)).expect("an instance")[0].values, [Value::Object(0)]);
    assert_eq!(AttributedText::of(&archive), None);
}

#[test]
fn a_class_that_stands_above_itself_ends() {
    // Class A (object 1) whose superclass is object 1.
    let bytes = stream(b"\x84\x01@\x84\x84\x84\x01A\x00\x93\x86");
    let archive = Archive::read(&bytes).expect("a typed stream");
    assert_eq!(archive.class_names(&Value::Object(0)).len(), MAX_DEPTH);
}

#[test]
fn objects_nested_too_deeply_are_refused() {
    let mut group = b"\x84\x01@\x84\x84\x84\x01A\x00\x85".to_vec();
    for _ in 0..10_000 {
        group.extend(b"\x92\x84\x93");
    }
    let refused = Archive::read(&stream(&group)).map(|_| ());
    assert!(matches!(refused, Err(TypedStreamError::Limit { limit: MAX_DEPTH, .. })), "{refused:?}");
}

#[test]
fn arrays_of_nothing_are_not_free() {
    let refused = Archive::read(&stream(b"\x84\x10[4000000000{=}]\x00")).map(|_| ());
    assert!(matches!(refused, Err(TypedStreamError::Limit { unit: "values", .. })), "{refused:?}");
}

#[test]
fn deeply_nested_types_are_refused() {
    let encoding = [vec![b'{'; 100], vec![b'='; 1]].concat();
    let group = [&b"\x84"[..], &[encoding.len() as u8], &encoding].concat();
    assert!(Archive::read(&stream(&group)).is_err());
    let encoding = "[1".repeat(120).into_bytes();
    let group = [&b"\x84\x81"[..], &(encoding.len() as u16).to_le_bytes(), &encoding].concat();
    assert!(Archive::read(&stream(&group)).is_err());
}

#[test]
fn what_is_no_typed_stream_says_what_it_is() {
    assert!(matches!(Archive::read(b"bplist00"), Err(TypedStreamError::Format { .. })));
    assert!(matches!(Archive::read(b""), Err(TypedStreamError::Format { .. })));
    assert_eq!(Archive::read(b"\x05\x0bstreamtyped\x81\xe8\x03"), Err(TypedStreamError::Version { found: 5 }));
}

#[test]
fn a_stream_cut_at_any_byte_is_an_error_and_never_a_shorter_text() {
    let whole = body("Grüße 👋 und mehr");
    for length in 0..whole.len() {
        let read = Archive::read(&whole[..length]);
        let text = read.as_ref().ok().and_then(AttributedText::of);
        assert_eq!(text, None, "cut to {length} bytes");
    }
}

#[test]
fn a_text_is_salvaged_from_a_stream_that_cannot_be_read() {
    let mut bytes = body("still here");
    let at = bytes.windows(4).position(|w| w == b"\x02iI\x01").expect("the run");
    bytes.truncate(at);
    assert!(Archive::read(&bytes).is_err());
    assert_eq!(find_text(&bytes), Some(&b"still here"[..]));
    assert_eq!(find_text(b"\x04\x0bstreamtyped"), None);
}

proptest! {
    #[test]
    fn any_text_comes_back(text in any::<String>()) {
        let units = text.encode_utf16().count() as u64;
        prop_assert_eq!(read(&body(&text)), (text, vec![Run { set: 1, length: units }]));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(archive) = Archive::read(&stream(&bytes)) {
            let _ = AttributedText::of(&archive).map(|t| t.covered());
        }
        let _ = Archive::read(&bytes);
        let _ = find_text(&bytes);
    }

    #[test]
    fn any_change_is_read_or_refused(text in ".{0,20}", at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut bytes = body(&text);
        let at = at.index(bytes.len());
        bytes[at] = to;
        if let Ok(archive) = Archive::read(&bytes) {
            if let Some(text) = AttributedText::of(&archive) {
                let _ = text.strings(&archive, "__kIMMessagePartAttributeName");
            }
            prop_assert!(archive.object_count() <= bytes.len());
        }
    }
}
