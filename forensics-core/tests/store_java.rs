//! Java object streams, as OpenJDK's own `ObjectOutputStream` wrote them.

use forensics_core::store::java_object::{Java, JavaError, read, scan_int, scan_text};
use proptest::prelude::*;

/// A `HashMap` of `Integer` to `Integer`, `String`, `Long`, `Boolean` and null.
const MAP: &str = "\
    aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468\
    726573686f6c6478703f4000000000000c7708000000100000000a737200116a6176612e6c616e672e496e746567657212e2a0a4f781\
    873802000149000576616c7565787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b0200007870000000017371007e\
    0002b669fd2e7371007e00020000000274001273686f727420c3a920c08020eda0bdedb8807371007e00020000010274001031323334\
    3536373839304142434445467371007e00020000001271007e00097371007e00020000010374000473616d657371007e000200000104\
    71007e000c7371007e0002000000257371007e0002260607367371007e0002000000267372000e6a6176612e6c616e672e4c6f6e673b\
    8be490cc8f23df0200014a000576616c75657871007e000300000000000000057371007e00020000002e737200116a6176612e6c616e\
    672e426f6f6c65616ecd207280d59cfaee0200015a000576616c75657870017371007e00020000002f7078\
";

/// An `ArrayList` with an object of eleven kinds of field that refers to itself.
const LIST: &str = "\
    aced0005737200136a6176612e7574696c2e41727261794c6973747881d21d99c7619d03000149000473697a65787000000005770400\
    000005737200044d245074b97c71af221471b302000c5a00016242000262794300016344000164460001664a00016c53000173490001\
    785b00036172727400025b494c0001657400054c4d24453b4c00046e616d657400124c6a6176612f6c616e672f537472696e673b4c00\
    046e6578747400064c4d2450743b787001ff00413ff80000000000003f000000fffffffffffffffefffd00000005757200025b494dba\
    602676eab2a502000078700000000200000001000000027e7200034d244500000000000000001200007872000e6a6176612e6c616e67\
    2e456e756d00000000000000001200007870740003524544740002707471007e000774000178737200116a6176612e6c616e672e496e\
    746567657212e2a0a4f781873802000149000576616c7565787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b0200\
    00787000000007737200106a6176612e6c616e672e446f75626c6580b3c24a296bfb0402000144000576616c75657871007e00114004\
    00000000000071007e000778\
";

/// `byte[]`, as WhatsApp keeps its keys.
const BYTES: &str = "\
    aced0005757200025b42acf317f8060854e0020000787000000004010203ff\
";

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

#[test]
fn a_map_of_boxed_values_reads() {
    let map = read(&unhex(MAP)).unwrap();
    assert_eq!(map.at(1).unwrap().as_int(), Some(-1_234_567_890));
    assert_eq!(map.at(2).unwrap().as_text(), Some("short é \0 😀"));
    assert_eq!(map.at(258).unwrap().as_text(), Some("1234567890ABCDEF"));
    assert_eq!(map.at(18), map.at(258));
    assert_eq!(map.at(260).unwrap().as_text(), Some("same"), "a reference to a string");
    assert_eq!(map.at(37).unwrap().as_int(), Some(0x2606_0736));
    assert_eq!(map.at(38).unwrap().as_int(), Some(5));
    assert_eq!(*map.at(46).unwrap(), Java::Bool(true));
    assert_eq!(*map.at(47).unwrap(), Java::Null);
    assert_eq!(map.at(99), None);
}

#[test]
fn an_array_of_bytes_reads() {
    let bytes = unhex(BYTES);
    assert!(bytes.starts_with(&unhex("aced0005757200025b42acf317f8060854e0020000787000000004")));
    assert_eq!(read(&bytes).unwrap().as_bytes(), Some(&[1, 2, 3, 255][..]));
}

#[test]
fn an_unknown_object_reads_with_its_fields_and_may_refer_to_itself() {
    let Java::List(items) = read(&unhex(LIST)).unwrap() else { panic!("a list") };
    let Java::Object(object) = &items[0] else { panic!("an object") };
    assert_eq!(&*object.class, "M$Pt");
    let field = |name| items[0].get(name).unwrap().clone();
    assert_eq!(
        (field("x"), field("l"), field("s"), field("by"), field("c")),
        (Java::Int(5), Java::Int(-2), Java::Int(-3), Java::Int(-1), Java::Int(65))
    );
    assert_eq!((field("d"), field("f"), field("b")), (Java::Real(1.5), Java::Real(0.5), Java::Bool(true)));
    assert_eq!(field("arr"), Java::List(vec![Java::Int(1), Java::Int(2)]));
    assert_eq!((field("name").as_text(), field("e").as_text()), (Some("pt"), Some("RED")));
    assert!(matches!(field("next"), Java::Reference(_)));
    assert_eq!(items[1..4], [Java::Text("x".into()), Java::Int(7), Java::Real(2.5)]);
    assert!(matches!(items[4], Java::Reference(_)));
}

#[test]
fn a_damaged_map_is_scanned_for_the_values_that_matter() {
    let mut bytes = unhex(MAP);
    bytes[10] = 0xff;
    bytes.truncate(bytes.len() - 20);
    assert!(read(&bytes).is_err());
    assert_eq!(scan_int(&bytes, 1).unwrap().1, -1_234_567_890);
    let (at, text) = scan_text(&bytes, 258).unwrap();
    assert_eq!(text, "1234567890ABCDEF");
    assert_eq!(&bytes[at..at + 16], b"1234567890ABCDEF");
    assert_eq!(scan_text(&bytes, 999), None);
    assert!(matches!(read(b"nothing"), Err(JavaError::Format { .. })));
}

#[test]
fn streams_cut_anywhere_and_streams_nested_deeply_never_panic() {
    for whole in [MAP, LIST, BYTES].map(unhex) {
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_err());
        }
    }
    let mut deep = unhex("aced0005");
    for _ in 0..100_000 {
        deep.extend(b"\x75\x70\0\0\0\x01");
    }
    assert!(matches!(read(&deep), Err(JavaError::TooDeep { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn streams_with_flipped_bytes_never_panic(flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        for whole in [MAP, LIST] {
            let mut bytes = unhex(whole);
            for (at, byte) in &flips {
                let i = at.index(bytes.len());
                bytes[i] = *byte;
            }
            let _ = (read(&bytes), scan_int(&bytes, 1), scan_text(&bytes, 258));
        }
    }
}
