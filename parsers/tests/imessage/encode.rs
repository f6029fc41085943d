//! Binary property lists and message bodies, written small and plainly for tests.

/// A value of a property list.
pub(crate) enum List<'a> {
    Int(i64),
    Real(f64),
    Bool(bool),
    Text(&'a str),
    Data(Vec<u8>),
    Array(Vec<List<'a>>),
    Dict(Vec<(&'a str, List<'a>)>),
}

/// A binary property list.
pub(crate) fn bplist(top: &List<'_>) -> Vec<u8> {
    let mut objects = Vec::new();
    let root = add(top, &mut objects);
    let mut out = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    for object in &objects {
        offsets.push(out.len() as u32);
        out.extend(object);
    }
    let table = out.len() as u64;
    offsets.iter().for_each(|o| out.extend(o.to_be_bytes()));
    out.extend([0, 0, 0, 0, 0, 0, 4, 2]);
    out.extend((objects.len() as u64).to_be_bytes());
    out.extend((root as u64).to_be_bytes());
    out.extend(table.to_be_bytes());
    out
}

fn add(value: &List<'_>, objects: &mut Vec<Vec<u8>>) -> u16 {
    let bytes = match value {
        List::Int(i) => [&[0x13][..], &i.to_be_bytes()].concat(),
        List::Real(f) => [&[0x23][..], &f.to_be_bytes()].concat(),
        List::Bool(b) => vec![if *b { 9 } else { 8 }],
        List::Text(t) => [head(0x50, t.len()), t.as_bytes().to_vec()].concat(),
        List::Data(d) => [head(0x40, d.len()), d.clone()].concat(),
        List::Array(all) => {
            let refs: Vec<u8> = all.iter().flat_map(|v| add(v, objects).to_be_bytes()).collect();
            [head(0xa0, all.len()), refs].concat()
        }
        List::Dict(all) => {
            let keys: Vec<u8> = all.iter().flat_map(|(k, _)| add(&List::Text(k), objects).to_be_bytes()).collect();
            let values: Vec<u8> = all.iter().flat_map(|(_, v)| add(v, objects).to_be_bytes()).collect();
            [head(0xd0, all.len()), keys, values].concat()
        }
    };
    objects.push(bytes);
    (objects.len() - 1) as u16
}

fn head(kind: u8, length: usize) -> Vec<u8> {
    match length {
        0..15 => vec![kind | length as u8],
        _ => [&[kind | 0x0f, 0x11][..], &(length as u16).to_be_bytes()].concat(),
    }
}

/// A message body of one run, as iOS writes it.
pub(crate) fn body(text: &str) -> Vec<u8> {
    let mut out =
        b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x12NSAttributedString\x00\x84\x84\x08NSObject\x00\x85"
            .to_vec();
    out.extend(b"\x92\x84\x84\x84\x08NSString\x01\x94\x84\x01+");
    out.push(u8::try_from(text.len()).expect("a short text"));
    out.extend(text.as_bytes());
    out.extend(b"\x86\x84\x02iI\x01");
    out.push(u8::try_from(text.encode_utf16().count()).expect("a short text"));
    out.extend(
        b"\x92\x84\x84\x84\x0cNSDictionary\x00\x94\x84\x01i\x01\x92\x84\x96\x96\x1d__kIMMessagePartAttributeName",
    );
    out.extend(b"\x86\x92\x84\x84\x84\x08NSNumber\x00\x84\x84\x07NSValue\x00\x94\x84\x01*\x84\x99\x99\x00\x86\x86\x86");
    out
}
