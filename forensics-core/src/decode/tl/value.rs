//! Decoded objects.

use std::borrow::Cow;

use super::schema::Constructor;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Tl<'s, 'b> {
    /// 32 bits; also a field of flags.
    Int(i32),
    /// 64 bits.
    Long(i64),
    /// A double.
    Double(f64),
    /// A `string`: meant to be UTF-8, kept as the bytes that were written.
    Text(&'b [u8]),
    /// `bytes`.
    Bytes(&'b [u8]),
    /// `boolTrue` or `boolFalse`.
    Bool(bool),
    /// A flag that is set; takes no bytes of its own.
    True,
    /// A vector.
    Vector(Vec<Tl<'s, 'b>>),
    /// An object.
    Object(Box<Object<'s, 'b>>),
}

impl<'s, 'b> Tl<'s, 'b> {
    /// The number, of 32 or 64 bits.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Tl::Int(i) => Some(i64::from(*i)),
            Tl::Long(i) => Some(*i),
            _ => None,
        }
    }

    /// The bytes of a text or of `bytes`.
    pub fn as_bytes(&self) -> Option<&'b [u8]> {
        match self {
            Tl::Text(b) | Tl::Bytes(b) => Some(b),
            _ => None,
        }
    }

    /// The object.
    pub fn as_object(&self) -> Option<&Object<'s, 'b>> {
        match self {
            Tl::Object(object) => Some(object),
            _ => None,
        }
    }
}

/// A field of an object with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'s, 'b> {
    /// The field's name.
    pub name: &'s str,
    /// First byte, counted from the beginning of the decoded bytes.
    pub at: usize,
    /// The byte after the last one.
    pub end: usize,
    /// The value.
    pub value: Tl<'s, 'b>,
}

/// An object; of a broken one, the fields before the break.
#[derive(Clone, Debug, PartialEq)]
pub struct Object<'s, 'b> {
    /// How it is written.
    pub constructor: &'s Constructor,
    /// Its first byte (that of the constructor id).
    pub at: usize,
    /// The byte after the last one that was read.
    pub end: usize,
    /// The fields that are there, in the order of the wire.
    pub fields: Vec<Node<'s, 'b>>,
}

impl<'s, 'b> Object<'s, 'b> {
    /// The constructor's name.
    pub fn name(&self) -> &'s str {
        &self.constructor.name
    }

    /// The class that it is a variant of.
    pub fn class(&self) -> &'s str {
        &self.constructor.class
    }

    /// The field of this name with its place, if it is there.
    pub fn node(&self, name: &str) -> Option<&Node<'s, 'b>> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The value of a field, if it is there.
    pub fn get(&self, name: &str) -> Option<&Tl<'s, 'b>> {
        self.node(name).map(|f| &f.value)
    }

    /// The number in a field.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_int()
    }

    /// Whether a flag (`?true`) is set, or a `Bool` is true.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Tl::True | Tl::Bool(true)))
    }

    /// The bytes of a text or of `bytes`.
    pub fn bytes(&self, name: &str) -> Option<&'b [u8]> {
        self.get(name)?.as_bytes()
    }

    /// The text in a field; bytes that are no UTF-8 are replaced, for names and the like.
    pub fn text(&self, name: &str) -> Option<Cow<'b, str>> {
        self.bytes(name).map(String::from_utf8_lossy)
    }

    /// The object in a field.
    pub fn object(&self, name: &str) -> Option<&Object<'s, 'b>> {
        self.get(name)?.as_object()
    }

    /// The items of a vector; none when the field is not there.
    pub fn list(&self, name: &str) -> &[Tl<'s, 'b>] {
        match self.get(name) {
            Some(Tl::Vector(items)) => items,
            _ => &[],
        }
    }

    /// The objects among the items of a vector.
    pub fn objects(&self, name: &str) -> impl Iterator<Item = &Object<'s, 'b>> {
        self.list(name).iter().filter_map(Tl::as_object)
    }
}
