//! Java object streams: what `ObjectOutputStream` writes (Java Object Serialization Specification, chapter 6).
//!
//! Boxed numbers, strings, truth values, maps, lists and arrays come out as values; any other object with its fields.
//! Nothing is instantiated, so no class of the stream matters.

use std::rc::Rc;

mod stream;

use stream::{Content, OBJECT, REFERENCE, STRING, Stream};

use super::bytes::{be16, be32, byte, slice};

/// The magic and the version at the start.
const MAGIC: &[u8] = &[0xac, 0xed, 0x00, 0x05];
/// Objects within objects at most.
const MAX_DEPTH: usize = 64;

/// Why a stream cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JavaError {
    /// No Java object stream.
    #[error("no Java object stream: it begins with {}", crate::value::hex(found))]
    Format {
        /// The first bytes.
        found: Box<[u8]>,
    },
    /// The stream ends within an object.
    #[error("the stream ends at byte {offset} within an object")]
    Cut {
        /// Where.
        offset: usize,
    },
    /// Something that a stream does not have there.
    #[error("the stream is damaged at byte {offset}: {found}")]
    Damaged {
        /// Where.
        offset: usize,
        /// What was found.
        found: String,
    },
    /// Objects nested too deeply.
    #[error("objects are nested more than {MAX_DEPTH} deep at byte {offset}")]
    TooDeep {
        /// Where.
        offset: usize,
    },
}

/// A value of the stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Java {
    /// Null.
    Null,
    /// `Byte`, `Short`, `Integer`, `Long`, `Character`, or such a field.
    Int(i64),
    /// `Float`, `Double`.
    Real(f64),
    /// `Boolean`.
    Bool(bool),
    /// `String`, or the name of an enum's constant. Half surrogates are replaced.
    Text(Rc<str>),
    /// `byte[]`.
    Bytes(Box<[u8]>),
    /// An array, or a list.
    List(Vec<Java>),
    /// A map, in the order of the stream.
    Map(Vec<(Java, Java)>),
    /// Any other object.
    Object(Box<Object>),
    /// An object that stood in the stream before; its handle.
    Reference(u32),
}

/// An object of a class that is not known here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    /// Its class.
    pub class: Box<str>,
    /// Its fields, those of the outermost super class first.
    pub fields: Vec<(Box<str>, Java)>,
    /// What its `writeObject` wrote besides.
    pub written: Vec<Java>,
}

impl Java {
    /// The integer.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Java::Int(i) => Some(*i),
            _ => None,
        }
    }

    /// The text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Java::Text(t) => Some(t),
            _ => None,
        }
    }

    /// The bytes of a `byte[]`.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Java::Bytes(b) => Some(b),
            _ => None,
        }
    }

    /// The value of an integer key of a map; of several the last.
    pub fn at(&self, key: i64) -> Option<&Java> {
        match self {
            Java::Map(entries) => entries.iter().rev().find(|(k, _)| k.as_int() == Some(key)).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The value of a text key of a map, or the field of an object.
    pub fn get(&self, key: &str) -> Option<&Java> {
        match self {
            Java::Map(entries) => entries.iter().rev().find(|(k, _)| k.as_text() == Some(key)).map(|(_, v)| v),
            Java::Object(o) => o.fields.iter().find(|(name, _)| **name == *key).map(|(_, v)| v),
            _ => None,
        }
    }
}

/// Reads the first object of a stream.
///
/// # Errors
/// See [`JavaError`]; every one but the first says where.
pub fn read(bytes: &[u8]) -> Result<Java, JavaError> {
    if !bytes.starts_with(MAGIC) {
        return Err(JavaError::Format { found: bytes.get(..8).unwrap_or(bytes).into() });
    }
    let mut stream = Stream::new(bytes, MAGIC.len());
    loop {
        match stream.content(0)? {
            Content::Value(value) => return Ok(value),
            Content::Block(_) => {}
            Content::End => return Err(stream.damaged("the end of an object that did not begin")),
        }
    }
}

/// The text behind an `Integer` of this value, without understanding the stream: for damaged ones.
pub fn scan_text(bytes: &[u8], key: i32) -> Option<(usize, String)> {
    let key = key.to_be_bytes();
    let mut at = 0usize;
    while let Some(rest) = bytes.get(at..).filter(|r| r.len() >= 7) {
        if rest.starts_with(&key) && byte(rest, 4) == Some(STRING) {
            let length = usize::from(be16(rest, 5)?);
            if let Some(text) = slice(rest, 7, length) {
                return Some((at.saturating_add(7), modified_utf8(text)));
            }
        }
        at = at.saturating_add(1);
    }
    None
}

/// The `Integer` behind an `Integer` of this value (whose class is a reference), without understanding the stream.
pub fn scan_int(bytes: &[u8], key: i32) -> Option<(usize, i32)> {
    let key = key.to_be_bytes();
    let mut at = 0usize;
    while let Some(rest) = bytes.get(at..).filter(|r| r.len() >= 14) {
        if rest.starts_with(&key) && slice(rest, 4, 4) == Some(&[OBJECT, REFERENCE, 0x00, 0x7e]) {
            return be32(rest, 10).map(|v| (at.saturating_add(10), v.cast_signed()));
        }
        at = at.saturating_add(1);
    }
    None
}

/// Java's own UTF-8: NUL in two bytes, characters beyond U+FFFF as two surrogates of three bytes each.
fn modified_utf8(bytes: &[u8]) -> String {
    if let Ok(plain) = std::str::from_utf8(bytes) {
        return plain.to_owned();
    }
    let mut units = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    let bits = |b: u8| u16::from(b & 0x3f);
    while !rest.is_empty() {
        let (unit, length) = match rest {
            [a @ ..0x80, ..] => (u16::from(*a), 1),
            [a @ 0xc0..0xe0, b @ 0x80..0xc0, ..] => (u16::from(a & 0x1f) << 6 | bits(*b), 2),
            [a @ 0xe0..0xf0, b @ 0x80..0xc0, c @ 0x80..0xc0, ..] => {
                (u16::from(a & 0x0f) << 12 | bits(*b) << 6 | bits(*c), 3)
            }
            _ => (0xfffd, 1),
        };
        units.push(unit);
        rest = rest.get(length..).unwrap_or_default();
    }
    String::from_utf16_lossy(&units)
}
