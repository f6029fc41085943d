//! Protocol buffers without schema.

use forensics_core::decode::protobuf::{MAX_DEPTH, Message, ProtobufError};
use proptest::prelude::*;

#[test]
fn every_wire_type_reads_with_its_place() {
    let bytes = [
        0x08, 0x96, 0x01, // 1: varint 150
        0x11, 1, 0, 0, 0, 0, 0, 0, 0x80, // 2: fixed64
        0x1a, 2, b'h', b'i', // 3: bytes
        0x23, 0x08, 0x05, 0x24, // 4: group { 1: 5 }
        0x2d, 0, 0, 0x80, 0x3f, // 5: fixed32 1.0
        0x30, 0x03, // 6: zigzag -2
    ];
    let message = Message::new(&bytes);
    let fields = message.all().unwrap();
    assert_eq!(
        fields.iter().map(|f| (f.number, f.wire())).collect::<Vec<_>>(),
        [(1, 0), (2, 1), (3, 2), (4, 3), (5, 5), (6, 0)]
    );
    assert_eq!(fields[0].span(), 0..3);
    assert_eq!(fields[2].span(), 12..16);
    assert_eq!(fields[2].body, 14);
    assert_eq!(message.int(2), Some(i64::MIN + 1));
    assert_eq!(message.text(3), Some("hi"));
    assert_eq!(message.at(&[4, 1]).unwrap().int(), Some(5));
    assert_eq!(message.at(&[4, 1]).unwrap().span(), 17..19);
    assert_eq!(message.field(5).unwrap().real(), Some(1.0));
    assert_eq!(message.field(6).unwrap().zigzag(), Some(-2));
    assert_eq!(fields.last().unwrap().end, bytes.len());
}

#[test]
fn of_a_repeated_single_field_the_last_counts() {
    let message = Message::new(&[0x08, 1, 0x08, 2]);
    assert_eq!(message.int(1), Some(2));
    assert_eq!(message.each(1).filter_map(|f| f.int()).collect::<Vec<_>>(), [1, 2]);
    let packed = Message::new(&[0x0a, 3, 1, 0x96, 1]);
    assert_eq!(packed.field(1).unwrap().packed().collect::<Vec<_>>(), [1, 150]);
}

#[test]
fn errors_name_the_byte_in_the_outermost_message() {
    // 2: { 1: bytes that go beyond }
    let bytes = [0x08, 1, 0x12, 3, 0x0a, 9, b'x'];
    let inner = Message::new(&bytes).message(2).unwrap();
    assert_eq!(inner.all(), Err(ProtobufError::Cut { offset: 4 }));
    assert_eq!(Message::new(&[0x07, 0]).all(), Err(ProtobufError::Number { offset: 0, number: 0 }));
    assert_eq!(Message::new(&[0x0e, 0]).all(), Err(ProtobufError::Wire { offset: 0, wire: 6 }));
    assert_eq!(Message::new(&[0xff; 12]).all(), Err(ProtobufError::Varint { offset: 0 }));
    assert_eq!(Message::new(&[0x0b; 100]).all(), Err(ProtobufError::TooDeep { offset: 0 }));
    assert_eq!(Message::new(&[8; 400_000]).all(), Err(ProtobufError::TooMany));
}

#[test]
fn a_message_nested_too_deeply_is_not_followed() {
    let mut bytes = vec![];
    for _ in 0..100 {
        let mut outer = vec![0x0a];
        let mut n = bytes.len();
        while n >= 0x80 {
            outer.push((n & 0x7f) as u8 | 0x80);
            n >>= 7;
        }
        outer.push(n as u8);
        outer.extend(&bytes);
        bytes = outer;
    }
    let mut message = Message::new(&bytes);
    let mut depth = 0;
    while let Some(inner) = message.message(1) {
        message = inner;
        depth += 1;
    }
    assert_eq!(depth, MAX_DEPTH);
}

proptest! {
    #[test]
    fn any_bytes_end_without_panic_and_in_bounds(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut last = 0;
        for field in Message::new(&bytes).fields().flatten() {
            prop_assert!(field.start >= last && field.body <= field.end && field.end <= bytes.len());
            last = field.end;
            if let Some(inner) = field.message() {
                for inner in inner.fields().flatten() {
                    prop_assert!(inner.start >= field.body && inner.end <= field.end);
                }
            }
            let _ = field.packed().count();
        }
    }
}
