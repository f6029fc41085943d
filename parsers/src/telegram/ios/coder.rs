//! `PostboxCoder`: what every value of Postbox that is an object is written with. Keys and types stand beside each value;
//! nothing is decoded before it is asked for, so that nesting needs no recursion.

/// The seed of every hash of Postbox.
pub(super) const SEED: u32 = 0xf7ca_7fd2;

/// An object: the hash of its class's name, and its fields as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Object<'b> {
    pub class: i32,
    data: &'b [u8],
}

/// A value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Item<'b> {
    Int(i64),
    Real(f64),
    Text(&'b [u8]),
    Object(Object<'b>),
    Objects(Objects<'b>),
    Bytes(&'b [u8]),
    /// A list or dictionary that nobody here asks for; passed over.
    Other,
    Nil,
}

/// A list of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Objects<'b> {
    left: u32,
    data: &'b [u8],
}

/// Reads forward; `None` once the bytes end.
pub(super) struct Cursor<'b> {
    data: &'b [u8],
    at: usize,
}

impl<'b> Cursor<'b> {
    pub(super) fn new(data: &'b [u8]) -> Self {
        Cursor { data, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let taken = self.data.get(self.at..)?.get(..length)?;
        self.at = self.at.saturating_add(length);
        Some(taken)
    }

    fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.first_chunk().copied()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.chunk::<1>().map(|[b]| b)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.chunk().map(u32::from_le_bytes)
    }

    pub(super) fn i32(&mut self) -> Option<i32> {
        self.chunk().map(i32::from_le_bytes)
    }

    pub(super) fn i64(&mut self) -> Option<i64> {
        self.chunk().map(i64::from_le_bytes)
    }

    /// Bytes after their length.
    pub(super) fn counted(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.i32()?).ok()?;
        self.take(length)
    }

    fn object(&mut self) -> Option<Object<'b>> {
        let class = self.i32()?;
        Some(Object { class, data: self.counted()? })
    }

    fn list(&mut self, bytes_each: usize) -> Option<Item<'b>> {
        let count = usize::try_from(self.i32()?).ok()?;
        self.take(count.checked_mul(bytes_each)?)?;
        Some(Item::Other)
    }

    fn counted_list(&mut self) -> Option<Item<'b>> {
        for _ in 0..u32::try_from(self.i32()?).ok()? {
            self.counted()?;
        }
        Some(Item::Other)
    }

    fn objects(&mut self, each: u32) -> Option<Item<'b>> {
        let count = u32::try_from(self.i32()?).ok()?.checked_mul(each)?;
        let start = self.at;
        for _ in 0..count {
            self.object()?;
        }
        Some(Item::Objects(Objects { left: count, data: self.data.get(start..self.at)? }))
    }

    /// A key with its value.
    fn field(&mut self) -> Option<(&'b [u8], Item<'b>)> {
        let length = usize::from(self.u8()?);
        let key = self.take(length)?;
        let item = match self.u8()? {
            0 => Item::Int(i64::from(self.i32()?)),
            1 => Item::Int(self.i64()?),
            2 => Item::Int(i64::from(self.u8()?)),
            3 => Item::Real(f64::from_le_bytes(self.chunk()?)),
            4 => Item::Text(self.counted()?),
            5 => Item::Object(self.object()?),
            6 => self.list(4)?,
            7 => self.list(8)?,
            8 => self.objects(1)?,
            9 => match self.objects(2)? {
                Item::Objects(_) => Item::Other,
                other => other,
            },
            10 => Item::Bytes(self.counted()?),
            11 => Item::Nil,
            12 | 13 => self.counted_list()?,
            _ => return None,
        };
        Some((key, item))
    }
}

impl<'b> Object<'b> {
    /// The root object of a value; it stands under the key `_`.
    pub(super) fn root(bytes: &'b [u8]) -> Option<Object<'b>> {
        match Cursor::new(bytes).field()? {
            (b"_", Item::Object(object)) => Some(object),
            _ => None,
        }
    }

    /// The value of a key; the first one where a key stands twice.
    pub(super) fn get(&self, key: &str) -> Option<Item<'b>> {
        let mut cursor = Cursor::new(self.data);
        while cursor.at < self.data.len() {
            let (found, item) = cursor.field()?;
            if found == key.as_bytes() {
                return Some(item);
            }
        }
        None
    }

    /// Whether every field can be read to the end.
    pub(super) fn is_sound(&self) -> bool {
        let mut cursor = Cursor::new(self.data);
        while cursor.at < self.data.len() {
            if cursor.field().is_none() {
                return false;
            }
        }
        true
    }

    /// Whether the object is of this class.
    pub(super) fn is(&self, class: &str) -> bool {
        self.class == class_hash(class)
    }

    pub(super) fn int(&self, key: &str) -> Option<i64> {
        match self.get(key)? {
            Item::Int(i) => Some(i),
            _ => None,
        }
    }

    pub(super) fn real(&self, key: &str) -> Option<f64> {
        match self.get(key)? {
            Item::Real(f) => Some(f),
            _ => None,
        }
    }

    pub(super) fn bytes(&self, key: &str) -> Option<&'b [u8]> {
        match self.get(key)? {
            Item::Text(b) | Item::Bytes(b) => Some(b),
            _ => None,
        }
    }

    /// A text that is not empty; bytes that are no UTF-8 are replaced, for names and the like.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        let text = String::from_utf8_lossy(self.bytes(key)?).into_owned();
        Some(text).filter(|t| !t.is_empty())
    }

    pub(super) fn object(&self, key: &str) -> Option<Object<'b>> {
        match self.get(key)? {
            Item::Object(object) => Some(object),
            _ => None,
        }
    }

    pub(super) fn objects(&self, key: &str) -> Objects<'b> {
        match self.get(key) {
            Some(Item::Objects(objects)) => objects,
            _ => Objects { left: 0, data: &[] },
        }
    }
}

impl<'b> Iterator for Objects<'b> {
    type Item = Object<'b>;

    fn next(&mut self) -> Option<Object<'b>> {
        self.left = self.left.checked_sub(1)?;
        let mut cursor = Cursor::new(self.data);
        let object = cursor.object()?;
        self.data = self.data.get(cursor.at..).unwrap_or_default();
        Some(object)
    }
}

/// How a class is named in the store.
pub(super) fn class_hash(class: &str) -> i32 {
    murmur3_32(class.as_bytes(), SEED).cast_signed()
}

/// MurmurHash3, 32 bits (Austin Appleby, public domain description).
pub(super) fn murmur3_32(bytes: &[u8], seed: u32) -> u32 {
    const C1: u32 = 0xcc9e_2d51;
    const C2: u32 = 0x1b87_3593;
    let mix = |k: u32| k.wrapping_mul(C1).rotate_left(15).wrapping_mul(C2);
    let (blocks, tail) = bytes.as_chunks::<4>();
    let mut hash = seed;
    for block in blocks {
        hash = (hash ^ mix(u32::from_le_bytes(*block))).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    if !tail.is_empty() {
        let word = tail.iter().rev().fold(0u32, |word, b| word << 8 | u32::from(*b));
        hash ^= mix(word);
    }
    // The length is mixed in modulo 2^32, as in the original.
    let length = u32::try_from(bytes.len() & 0xffff_ffff).unwrap_or(u32::MAX);
    hash ^= length;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_agrees_with_published_vectors() {
        assert_eq!(murmur3_32(b"", 0), 0);
        assert_eq!(murmur3_32(b"", 1), 0x514e_28b7);
        assert_eq!(murmur3_32(b"test", 0x9747_b28c), 0x704b_81dc);
        assert_eq!(murmur3_32(b"Hello, world!", 0x9747_b28c), 0x2488_4cba);
        assert_eq!(murmur3_32(b"aaa", 0x9747_b28c), 0x283e_0130);
    }

    #[test]
    fn fields_are_found_by_their_key() {
        let mut data = Vec::new();
        data.extend(b"\x01a\x00\x05\0\0\0");
        data.extend(b"\x02li\x08\x02\0\0\0\x01\0\0\0\x00\0\0\0\x02\0\0\0\x07\0\0\0\x01x\x00\x09\0\0\0");
        data.extend(b"\x01t\x04\x02\0\0\0hi");
        let object = Object { class: 0, data: &data };
        assert!(object.is_sound());
        assert_eq!((object.int("a"), object.text("t")), (Some(5), Some("hi".to_owned())));
        let list: Vec<_> = object.objects("li").map(|o| (o.class, o.int("x"))).collect();
        assert_eq!(list, [(1, None), (2, Some(9))]);
        assert!(!Object { class: 0, data: &data[..data.len() - 1] }.is_sound());
    }
}
