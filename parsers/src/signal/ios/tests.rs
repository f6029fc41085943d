//! Keyed archives written by hand.

use super::archives::{group_name, quote, recipients, text};

/// An object of an archive.
enum Thing<'a> {
    Text(&'a str),
    Int(u64),
    Data(Vec<u8>),
    Uid(u8),
    List(Vec<Thing<'a>>),
    Map(Vec<(&'a str, Thing<'a>)>),
}

/// Writes a binary property list with one-byte references.
#[derive(Default)]
struct List {
    objects: Vec<Vec<u8>>,
}

impl List {
    fn add(&mut self, thing: &Thing<'_>) -> u8 {
        let place = self.objects.len();
        self.objects.push(Vec::new());
        let sized = |kind: u8, length: usize| match u8::try_from(length).unwrap() {
            n @ 0..15 => vec![kind | n],
            n => vec![kind | 15, 0x10, n],
        };
        let bytes = match thing {
            Thing::Text(t) => [sized(0x50, t.len()), t.as_bytes().to_vec()].concat(),
            Thing::Int(i) => [&[0x13][..], &i.to_be_bytes()].concat(),
            Thing::Data(d) => [sized(0x40, d.len()), d.clone()].concat(),
            Thing::Uid(n) => vec![0x80, *n],
            Thing::List(things) => {
                let refs: Vec<u8> = things.iter().map(|t| self.add(t)).collect();
                [sized(0xa0, refs.len()), refs].concat()
            }
            Thing::Map(entries) => {
                let keys: Vec<u8> = entries.iter().map(|(k, _)| self.add(&Thing::Text(k))).collect();
                let values: Vec<u8> = entries.iter().map(|(_, v)| self.add(v)).collect();
                [sized(0xd0, keys.len()), keys, values].concat()
            }
        };
        self.objects[place] = bytes;
        u8::try_from(place).unwrap()
    }

    fn finish(self) -> Vec<u8> {
        let mut out = b"bplist00".to_vec();
        let mut offsets = Vec::new();
        for object in &self.objects {
            offsets.extend(u16::try_from(out.len()).unwrap().to_be_bytes());
            out.extend(object);
        }
        let table = out.len() as u64;
        out.extend(offsets);
        out.extend([0, 0, 0, 0, 0, 0, 2, 1]);
        out.extend((self.objects.len() as u64).to_be_bytes());
        out.extend(0u64.to_be_bytes());
        out.extend(table.to_be_bytes());
        out
    }
}

/// An archive of these objects; number 1 is the root.
fn archive(objects: Vec<Thing<'_>>) -> Vec<u8> {
    let mut all = vec![Thing::Text("$null")];
    all.extend(objects);
    let mut list = List::default();
    list.add(&Thing::Map(vec![
        ("$archiver", Thing::Text("NSKeyedArchiver")),
        ("$top", Thing::Map(vec![("root", Thing::Uid(1))])),
        ("$objects", Thing::List(all)),
    ]));
    list.finish()
}

fn address(of: u8) -> Thing<'static> {
    Thing::Map(vec![("backingUuid", Thing::Uid(of))])
}

#[test]
fn states_of_recipients_are_read_with_their_addresses() {
    let uuid: Vec<u8> = (0..16).collect();
    let blob = archive(vec![
        Thing::Map(vec![
            ("NS.keys", Thing::List(vec![Thing::Uid(2), Thing::Uid(4)])),
            ("NS.objects", Thing::List(vec![Thing::Uid(5), Thing::Uid(6)])),
        ]),
        address(3),
        Thing::Map(vec![("NS.uuidbytes", Thing::Data(uuid))]),
        Thing::Map(vec![("backingPhoneNumber", Thing::Text("+15550000002"))]),
        Thing::Map(vec![("state", Thing::Int(6)), ("statusTimestamp", Thing::Int(1_710_000_000_000))]),
        // A legacy object: sent, with the time of a delivery beside it.
        Thing::Map(vec![("state", Thing::Int(3)), ("deliveryTimestamp", Thing::Int(1_710_000_000_001))]),
    ]);
    let found = recipients(&blob).unwrap();
    let summary: Vec<_> =
        found.iter().map(|r| (r.who.as_deref(), r.state, r.at.and_then(|t| t.unix_millis()))).collect();
    let expected = [
        (Some("00010203-0405-0607-0809-0a0b0c0d0e0f"), 6, Some(1_710_000_000_000)),
        (Some("+15550000002"), 5, Some(1_710_000_000_001)),
    ];
    assert_eq!(summary, expected);
    assert!(found.iter().all(|r| r.offset.is_some() && r.receipt().is_some()));
}

#[test]
fn a_quote_names_author_time_and_text() {
    let blob = archive(vec![
        Thing::Map(vec![
            ("authorAddress", Thing::Uid(2)),
            ("timestamp", Thing::Int(1_710_000_000_000)),
            ("body", Thing::Text("what it said")),
        ]),
        Thing::Map(vec![("backingPhoneNumber", Thing::Text("+15550000002"))]),
    ]);
    let found = quote(&blob).unwrap().unwrap();
    assert_eq!((found.author.as_deref(), found.timestamp), (Some("+15550000002"), 1_710_000_000_000));
    assert_eq!(found.text.as_deref(), Some("what it said"));
    assert!(quote(b"none").is_err());
}

#[test]
fn names_are_found_and_their_absence_is_no_error() {
    let group = archive(vec![Thing::Map(vec![("groupName", Thing::Text("Hikers"))])]);
    assert_eq!(group_name(&group).as_deref(), Some("Hikers"));
    assert_eq!(text(&archive(vec![Thing::Text("+15550000001")])).as_deref(), Some("+15550000001"));
    assert_eq!((group_name(b""), text(b"")), (None, None));
}
