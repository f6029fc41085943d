//! Property lists and keyed archives. The bytes were written by Python's `plistlib`, not by anything of ours.

use forensics_core::store::keyed_archive::{Archive, ArchiveError};
use forensics_core::store::plist::{self, Binary, Plist, PlistError};
use proptest::prelude::*;

const BINARY: &str = "\
    62706c6973743030de0102030405060708090a0b0c0d0e0f101112131415161718191a1f205474657874547769646553796573526e6f\
    53696e74536e65675362696753693136547265616c5464617465546461746155617272617955656d707479546c6f6e6755706c61696e\
    6400e94e2dd83dde000908102a13fffffffffffffff91400000000000000008000000000000005119c40233ff80000000000003341c5\
    00b2a8800000430001ffa31b1c1d10015374776fa11e1003d05f11012c78787878787878787878787878787878787878787878787878\
    787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878\
    787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878\
    787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878\
    787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878\
    787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878\
    787878787800080025002a002f00330036003a003e00420046004b00500055005b00610066006c007500760077007900820093009600\
    9f00a800ac00b000b200b600b800ba00bb00000000000002010000000000000021000000000000000000000000000001eb\
";

const ARCHIVE: &str = "\
    62706c6973743030d4010203040506070a582476657273696f6e592461726368697665725424746f7058246f626a6563747312000186\
    a05f100f4e534b657965644172636869766572d1080954726f6f748001af100f0b0c25262a3034353d3e4448494b4d55246e756c6cdc\
    0d0e0f101112131415161718191a1b1c1d1e1f20212223245624636c6173735c52656c6174697665506174685453697a65544d6f6465\
    5c4c6173744d6f64696669656455466c6167735f100f50726f74656374696f6e436c6173735d456e6372797074696f6e4b6579564469\
    67657374544e657374545768656e5453656c66800480021118001181a4125f5e100010001003800380008007800a80015f10124c6962\
    726172792f534d532f736d732e6462d2270d2829574e532e6461746180068005d22b2c2d2e5a24636c6173736e616d655824636c6173\
    736573564d4246696c65a22d2f584e534f626a656374d22b2c31325d4e534d757461626c6544617461a331332f564e53446174614f10\
    2c000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2bd336370d383a3c574e\
    532e6b6579735a4e532e6f626a65637473a1398008a13b8009800c546c697374d2370d3f43a340414280028000800b800dd2450d4647\
    574e532e74696d652341c500b500a00000800e1007d12b4a5c4e5344696374696f6e617279d12b4c574e534172726179d12b4e564e53\
    4461746500080011001a00240029003200370049004c005100530065006b0084008b0098009d00a200af00b500c700d500dc00e100e6\
    00eb00ed00ef00f200f500fa00fc00fe01000102010401060108011d0122012a012c012e0133013e0147014e0151015a015f016d0171\
    017801a701ae01b601c101c301c501c701c901cb01d001d501d901db01dd01df01e101e601ee01f701f901fb01fe020b020e02160219\
    0000000000000201000000000000004f00000000000000000000000000000220\
";

const BOMB: &str = "\
    62706c6973743030a80101010101010101a80202020202020202a80303030303030303a80404040404040404a80505050505050505a8\
    0606060606060606a80707070707070707a80808080808080808a80909090909090909a80a0a0a0a0a0a0a0aa80b0b0b0b0b0b0b0ba8\
    0c0c0c0c0c0c0c0ca80d0d0d0d0d0d0d0da80e0e0e0e0e0e0e0e517808111a232c353e475059626b747d860000000000000101000000\
    000000000f00000000000000000000000000000088\
";

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>text</key> <string>plain</string>
	<key>wide</key> <string>é中&#x1F600;</string>
	<key>yes</key> <true/>
	<key>no</key> <false/>
	<key>int</key> <integer>42</integer>
	<key>neg</key> <integer>-7</integer>
	<key>big</key> <integer>9223372036854775813</integer>
	<key>i16</key> <integer>0x9C40</integer>
	<key>real</key> <real>1.5</real>
	<key>date</key> <date>2023-05-02T15:35:45Z</date>
	<key>data</key> <data>
	AAH/
	</data>
	<key>array</key> <array><integer>1</integer><string>two</string><array><integer>3</integer></array></array>
	<key>empty</key> <dict/>
	<key>long</key> <string>LONG</string>
	<key>a &amp; b &lt;</key> <string><![CDATA[<raw>]]></string>
	<key>none</key> <string/>
</dict>
</plist>
"#;

fn xml() -> Vec<u8> {
    XML.replace("LONG", &"x".repeat(300)).into_bytes()
}

fn assert_list(list: &Plist) {
    assert_eq!(list.get("text").unwrap().as_text(), Some("plain"));
    assert_eq!(list.get("wide").unwrap().as_text(), Some("é中😀"));
    assert_eq!(list.get("yes").unwrap().as_bool(), Some(true));
    assert_eq!(list.get("no").unwrap().as_bool(), Some(false));
    assert_eq!(list.get("int").unwrap().as_int(), Some(42));
    assert_eq!(list.get("neg").unwrap().as_int(), Some(-7));
    assert_eq!(*list.get("big").unwrap(), Plist::Int((1 << 63) + 5));
    assert_eq!(list.get("big").unwrap().as_int(), None);
    assert_eq!(list.get("i16").unwrap().as_int(), Some(40000));
    assert_eq!(list.get("real").unwrap().as_real(), Some(1.5));
    assert_eq!(list.get("date").unwrap().as_date(), Some(704_734_545.0));
    assert_eq!(list.get("data").unwrap().as_data(), Some(&[0, 1, 255][..]));
    assert_eq!(list.get("array").unwrap().as_array().unwrap()[2], Plist::Array(vec![Plist::Int(3)]));
    assert_eq!(list.get("empty").unwrap().as_dict(), Some(&[][..]));
    assert_eq!(list.get("long").unwrap().as_text().unwrap().len(), 300);
    assert_eq!(list.as_dict().unwrap()[2].0.as_ref(), "yes");
    assert_eq!(list.get("missing"), None);
}

#[test]
fn binary_and_xml_lists_read_the_same() {
    assert_list(&plist::parse(&unhex(BINARY)).unwrap());
    let list = plist::parse(&xml()).unwrap();
    assert_list(&list);
    assert_eq!(list.get("a & b <").unwrap().as_text(), Some("<raw>"));
    assert_eq!(list.get("none").unwrap().as_text(), Some(""));
    let wide: Vec<u8> = std::iter::once(0xfeff)
        .chain(String::from_utf8(xml()).unwrap().encode_utf16().collect::<Vec<_>>())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_list(&plist::parse(&wide).unwrap());
}

#[test]
fn a_list_of_two_hundred_bytes_that_stands_for_millions_is_refused_with_its_place() {
    let bomb = unhex(BOMB);
    assert!(bomb.len() < 250);
    let error = plist::parse(&bomb).unwrap_err();
    assert!(matches!(error, PlistError::Limit { offset: 8.., .. }), "{error}");
}

#[test]
fn a_list_that_holds_itself_is_refused() {
    // One array whose only element is the array.
    let mut bytes = b"bplist00\xa1\x00\x08".to_vec();
    bytes.extend([0; 6]);
    bytes.extend([1, 1]);
    bytes.extend([1u64, 0, 10].iter().flat_map(|n| n.to_be_bytes()));
    assert!(matches!(plist::parse(&bytes), Err(PlistError::Limit { unit: "levels", .. })));
}

#[test]
fn xml_bombs_and_foreign_things_are_refused_with_their_place() {
    let deep = format!("<plist>{}", "<array>".repeat(300_000));
    assert!(matches!(plist::parse(deep.as_bytes()), Err(PlistError::Limit { limit: 256, .. })));
    let entity = "<!DOCTYPE p [<!ENTITY a \"aaaa\">]><plist><string>&a;</string></plist>";
    assert!(matches!(plist::parse(entity.as_bytes()), Err(PlistError::Xml { .. })));
    for bad in [
        "<plist><string>&a;</string></plist>",
        "<plist><dict><string>x</string></dict></plist>",
        "<plist><dict><key>x</key></dict></plist>",
        "<plist><array>",
        "<plist/>",
        "<plist><integer>x</integer></plist>",
        "<plist><what/></plist>",
    ] {
        assert!(matches!(plist::parse(bad.as_bytes()), Err(PlistError::Xml { .. })), "{bad}");
    }
    assert!(matches!(plist::parse(b"SQLite format 3\0"), Err(PlistError::Format { .. })));
    assert!(matches!(plist::parse(b""), Err(PlistError::Format { .. })));
}

#[test]
fn text_that_is_not_valid_is_kept_with_its_bytes() {
    let mut bytes = unhex(BINARY);
    let at = bytes.windows(5).position(|w| w == b"plain").unwrap();
    bytes[at] = 0xff;
    let list = plist::parse(&bytes).unwrap();
    assert_eq!(*list.get("text").unwrap(), Plist::Broken("\u{fffd}lain".into(), b"\xfflain".as_slice().into()));
}

#[test]
fn an_archived_file_record_reads_through_its_references() {
    let bytes = unhex(ARCHIVE);
    let archive = Archive::open(&bytes).unwrap();
    let file = archive.root().unwrap();
    assert_eq!(file.class().as_deref(), Some("MBFile"));
    assert_eq!(file.text("RelativePath").as_deref(), Some("Library/SMS/sms.db"));
    assert_eq!(file.int("Size"), Some(6144));
    assert_eq!(file.int("Mode"), Some(0o100_644));
    assert_eq!(file.data("EncryptionKey").unwrap(), (0..44).collect::<Vec<u8>>());
    assert!(file.field("Digest").is_none(), "$null is no object");
    assert_eq!(file.date("When"), Some(704_735_745.25));
    let items: Vec<_> = file.field("Nest").unwrap().entry("list").unwrap().items().collect();
    assert_eq!(items.len(), 3);
    assert!(items[1].is_none());
    assert_eq!(items[2].unwrap().as_int(), Some(7));
    let nest = file.field("Nest").unwrap().tree().unwrap();
    assert_eq!(nest.get("list").unwrap().as_array().unwrap()[0].as_text(), Some("Library/SMS/sms.db"));
    // The record names itself: as a tree it has no end.
    assert!(matches!(file.tree(), Err(ArchiveError::Plist(PlistError::Limit { .. }))));
    assert!(matches!(Archive::open(&unhex(BINARY)), Err(ArchiveError::NotAnArchive { missing: "$objects" })));
}

#[test]
fn lists_cut_anywhere_never_panic() {
    for whole in [unhex(BINARY), unhex(ARCHIVE), xml()] {
        for end in 0..whole.len() {
            let _ = plist::parse(&whole[..end]).map(drop);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lists_with_flipped_bytes_never_panic(flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        for text in [BINARY, ARCHIVE] {
            let mut bytes = unhex(text);
            for (at, byte) in &flips {
                let i = at.index(bytes.len());
                bytes[i] = *byte;
            }
            let _ = plist::parse(&bytes).map(drop);
            if let Ok(list) = Binary::open(&bytes) {
                for i in 0..list.count().min(100) {
                    let _ = list.node(i);
                }
            }
            if let Ok(root) = Archive::open(&bytes).and_then(|a| a.root()) {
                let _ = (root.class(), root.text("RelativePath"), root.data("EncryptionKey"), root.tree().map(drop));
            }
        }
        let mut bytes = xml();
        for (at, byte) in &flips {
            let i = at.index(bytes.len());
            bytes[i] = *byte;
        }
        let _ = plist::parse(&bytes).map(drop);
    }
}
