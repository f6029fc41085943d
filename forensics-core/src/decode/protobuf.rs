//! Protocol buffers without a schema: fields as they stand, with their places.
//!
//! Wire format: <https://protobuf.dev/programming-guides/encoding/>. Nothing is interpreted that the caller does not ask
//! for: a length-delimited field is bytes until it is asked for as text or as a message.
//!
//! ```
//! use forensics_core::decode::protobuf::Message;
//!
//! // field 1 = 150, field 2 = { field 3 = "testing" }
//! let bytes = [0x08, 0x96, 0x01, 0x12, 0x09, 0x1a, 0x07, b't', b'e', b's', b't', b'i', b'n', b'g'];
//! let message = Message::new(&bytes);
//! assert_eq!(message.int(1), Some(150));
//! assert_eq!(message.at(&[2, 3]).and_then(|f| f.text()), Some("testing"));
//! assert!(message.fields().all(|f| f.is_ok()));
//! ```

use std::ops::Range;

/// Fields read from one message at most: a megabyte of two-byte fields is no message.
pub const MAX_FIELDS: usize = 100_000;
/// Messages within messages at most.
pub const MAX_DEPTH: usize = 64;

/// Why a message cannot be read on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtobufError {
    /// The bytes end within a field.
    #[error("the message ends within a field at byte {offset}")]
    Cut {
        /// Where the field begins.
        offset: usize,
    },
    /// A varint longer than ten bytes.
    #[error("a varint at byte {offset} is longer than ten bytes")]
    Varint {
        /// Where the field begins.
        offset: usize,
    },
    /// Field number 0, or one above 2^29 - 1.
    #[error("field number {number} at byte {offset} cannot be")]
    Number {
        /// Where the field begins.
        offset: usize,
        /// What stands there.
        number: u64,
    },
    /// Wire type 6 or 7, or the end of a group that did not begin.
    #[error("wire type {wire} at byte {offset} cannot be")]
    Wire {
        /// Where the field begins.
        offset: usize,
        /// What stands there.
        wire: u8,
    },
    /// Too many fields.
    #[error("the message has more than {MAX_FIELDS} fields")]
    TooMany,
    /// Groups nested too deeply.
    #[error("groups at byte {offset} are nested more than {MAX_DEPTH} deep")]
    TooDeep {
        /// Where the field begins.
        offset: usize,
    },
}

/// The content of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Content<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1.
    Fixed64(u64),
    /// Wire type 2: bytes, text, a message, or packed numbers.
    Bytes(&'a [u8]),
    /// Wire type 3: the fields of a group.
    Group(&'a [u8]),
    /// Wire type 5.
    Fixed32(u32),
}

/// A field with its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field<'a> {
    /// Its number.
    pub number: u32,
    /// What it holds.
    pub content: Content<'a>,
    /// Where its tag begins, counted in the outermost message.
    pub start: usize,
    /// Where its content begins (behind tag and length).
    pub body: usize,
    /// Where it ends.
    pub end: usize,
    depth: usize,
}

impl<'a> Field<'a> {
    /// The wire type, 0 to 5.
    pub fn wire(&self) -> u8 {
        match self.content {
            Content::Varint(_) => 0,
            Content::Fixed64(_) => 1,
            Content::Bytes(_) => 2,
            Content::Group(_) => 3,
            Content::Fixed32(_) => 5,
        }
    }

    /// The bytes of the whole field in the outermost message.
    pub fn span(&self) -> Range<usize> {
        self.start..self.end
    }

    /// A varint as unsigned number.
    pub fn uint(&self) -> Option<u64> {
        match self.content {
            Content::Varint(v) => Some(v),
            _ => None,
        }
    }

    /// A varint, or a fixed number, as signed number (`int32`, `int64`, `sfixed`).
    pub fn int(&self) -> Option<i64> {
        match self.content {
            Content::Varint(v) | Content::Fixed64(v) => Some(v.cast_signed()),
            Content::Fixed32(v) => Some(i64::from(v.cast_signed())),
            Content::Bytes(_) | Content::Group(_) => None,
        }
    }

    /// A varint in zigzag form (`sint32`, `sint64`).
    pub fn zigzag(&self) -> Option<i64> {
        self.uint().map(|v| (v >> 1).cast_signed() ^ (v & 1).cast_signed().wrapping_neg())
    }

    /// A varint as truth value.
    pub fn flag(&self) -> Option<bool> {
        self.uint().map(|v| v != 0)
    }

    /// A `double` or `float`.
    pub fn real(&self) -> Option<f64> {
        match self.content {
            Content::Fixed64(v) => Some(f64::from_bits(v)),
            Content::Fixed32(v) => Some(f64::from(f32::from_bits(v))),
            _ => None,
        }
    }

    /// The bytes of a length-delimited field.
    pub fn bytes(&self) -> Option<&'a [u8]> {
        match self.content {
            Content::Bytes(b) => Some(b),
            _ => None,
        }
    }

    /// The text of a length-delimited field, if it is valid UTF-8.
    pub fn text(&self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// The message in a length-delimited field or group; `None` for other fields and beyond [`MAX_DEPTH`]. Whether the
    /// bytes really are one shows when its fields are read.
    pub fn message(&self) -> Option<Message<'a>> {
        match self.content {
            Content::Bytes(bytes) | Content::Group(bytes) if self.depth < MAX_DEPTH => {
                Some(Message { bytes, base: self.body, depth: self.depth.saturating_add(1) })
            }
            _ => None,
        }
    }

    /// The numbers of a packed repeated field of varints; a lone varint gives itself. Stops where the bytes end badly.
    pub fn packed(&self) -> impl Iterator<Item = u64> + use<'a> {
        let (single, bytes) = match self.content {
            Content::Varint(v) => (Some(v), &[][..]),
            Content::Bytes(b) => (None, b),
            _ => (None, &[][..]),
        };
        let mut at = 0;
        single.into_iter().chain(std::iter::from_fn(move || {
            let (value, next) = varint(bytes, at).ok()?;
            at = next;
            Some(value)
        }))
    }
}

/// A message: a run of fields.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    bytes: &'a [u8],
    base: usize,
    depth: usize,
}

impl<'a> Message<'a> {
    /// The outermost message.
    pub fn new(bytes: &'a [u8]) -> Message<'a> {
        Message { bytes, base: 0, depth: 0 }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Where it begins in the outermost message.
    pub fn start(&self) -> usize {
        self.base
    }

    /// All fields in the order they stand; ends after the first error.
    pub fn fields(&self) -> Fields<'a> {
        Fields { message: *self, at: 0, count: 0, done: false }
    }

    /// All fields, or the first error: whether the bytes are one well-formed message.
    pub fn all(&self) -> Result<Vec<Field<'a>>, ProtobufError> {
        self.fields().collect()
    }

    /// The field of this number; of several the last, as protocol buffers have it. Fields before an error count.
    pub fn field(&self, number: u32) -> Option<Field<'a>> {
        self.each(number).last()
    }

    /// All fields of this number (repeated fields). Fields before an error count.
    pub fn each(&self, number: u32) -> impl Iterator<Item = Field<'a>> + use<'a> {
        self.fields().map_while(Result::ok).filter(move |f| f.number == number)
    }

    /// The field at a path of numbers, through nested messages.
    pub fn at(&self, path: &[u32]) -> Option<Field<'a>> {
        let (last, way) = path.split_last()?;
        let mut message = *self;
        for number in way {
            message = message.message(*number)?;
        }
        message.field(*last)
    }

    /// The nested message in a field.
    pub fn message(&self, number: u32) -> Option<Message<'a>> {
        self.field(number)?.message()
    }

    /// The nested messages of a repeated field.
    pub fn messages(&self, number: u32) -> impl Iterator<Item = Message<'a>> + use<'a> {
        self.each(number).filter_map(|f| f.message())
    }

    /// The text in a field.
    pub fn text(&self, number: u32) -> Option<&'a str> {
        self.field(number)?.text()
    }

    /// The bytes in a field.
    pub fn content(&self, number: u32) -> Option<&'a [u8]> {
        self.field(number)?.bytes()
    }

    /// The signed number in a field.
    pub fn int(&self, number: u32) -> Option<i64> {
        self.field(number)?.int()
    }

    /// The unsigned varint in a field.
    pub fn uint(&self, number: u32) -> Option<u64> {
        self.field(number)?.uint()
    }
}

/// The fields of a message.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    message: Message<'a>,
    at: usize,
    count: usize,
    done: bool,
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, ProtobufError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done || self.at >= self.message.bytes.len() {
            return None;
        }
        self.count = self.count.saturating_add(1);
        let read = if self.count > MAX_FIELDS { Err(ProtobufError::TooMany) } else { self.message.read(self.at) };
        match read {
            Ok((field, next)) => {
                self.at = next;
                Some(Ok(field))
            }
            Err(e) => {
                self.done = true;
                Some(Err(e))
            }
        }
    }
}

/// The value and where it ends.
fn varint(bytes: &[u8], at: usize) -> Result<(u64, usize), ProtobufError> {
    let mut value = 0u64;
    for (i, shift) in (0..10usize).zip((0u32..).step_by(7)) {
        let place = at.saturating_add(i);
        let byte = *bytes.get(place).ok_or(ProtobufError::Cut { offset: at })?;
        // The tenth byte holds one bit; more is cut off, as protocol buffers do.
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte < 0x80 {
            return Ok((value, place.saturating_add(1)));
        }
    }
    Err(ProtobufError::Varint { offset: at })
}

/// A field's number, wire type, and where its content begins.
fn tag(bytes: &[u8], at: usize) -> Result<(u32, u8, usize), ProtobufError> {
    /// Field numbers have 29 bits.
    const HIGHEST: u64 = (1 << 29) - 1;
    let (tag, body) = varint(bytes, at)?;
    let number = tag >> 3;
    let wire = u8::try_from(tag & 7).unwrap_or(7);
    match u32::try_from(number) {
        Ok(n) if n > 0 && number <= HIGHEST => Ok((n, wire, body)),
        _ => Err(ProtobufError::Number { offset: at, number }),
    }
}

/// The bytes of a plain field's content and where it ends; groups are not plain.
fn plain(bytes: &[u8], wire: u8, start: usize, at: usize) -> Result<(Content<'_>, usize, usize), ProtobufError> {
    let cut = ProtobufError::Cut { offset: start };
    let rest = bytes.get(at..).unwrap_or_default();
    match wire {
        0 => varint(bytes, at).map(|(value, end)| (Content::Varint(value), at, end)),
        1 => {
            let number = rest.first_chunk().map(|c| u64::from_le_bytes(*c)).ok_or(cut)?;
            Ok((Content::Fixed64(number), at, at.saturating_add(8)))
        }
        2 => {
            let (length, body) = varint(bytes, at)?;
            let length = usize::try_from(length).map_err(|_| cut.clone())?;
            let content = bytes.get(body..).and_then(|rest| rest.get(..length)).ok_or(cut)?;
            Ok((Content::Bytes(content), body, body.saturating_add(length)))
        }
        5 => {
            let number = rest.first_chunk().map(|c| u32::from_le_bytes(*c)).ok_or(cut)?;
            Ok((Content::Fixed32(number), at, at.saturating_add(4)))
        }
        wire => Err(ProtobufError::Wire { offset: start, wire }),
    }
}

impl<'a> Message<'a> {
    /// The field at `at` and where the next begins.
    fn read(&self, at: usize) -> Result<(Field<'a>, usize), ProtobufError> {
        let located = |e| self.locate(e);
        let (number, wire, body) = tag(self.bytes, at).map_err(located)?;
        let (content, body, end) =
            if wire == 3 { self.group(number, at, body) } else { plain(self.bytes, wire, at, body) }
                .map_err(located)?;
        let place = |n: usize| self.base.saturating_add(n);
        let field = Field { number, content, start: place(at), body: place(body), end: place(end), depth: self.depth };
        Ok((field, end))
    }

    /// The content of a group, up to the tag that ends it. Walks without recursion.
    fn group(&self, number: u32, start: usize, body: usize) -> Result<(Content<'a>, usize, usize), ProtobufError> {
        let mut open = vec![number];
        let mut at = body;
        for _ in 0..MAX_FIELDS {
            let (inner, wire, next) = tag(self.bytes, at)?;
            match wire {
                3 if open.len() >= MAX_DEPTH => return Err(ProtobufError::TooDeep { offset: start }),
                3 => open.push(inner),
                4 if open.last() == Some(&inner) => {
                    open.pop();
                    if open.is_empty() {
                        let content = self.bytes.get(body..at).unwrap_or_default();
                        return Ok((Content::Group(content), body, next));
                    }
                }
                4 => return Err(ProtobufError::Wire { offset: at, wire }),
                _ => {
                    at = plain(self.bytes, wire, at, next)?.2;
                    continue;
                }
            }
            at = next;
        }
        Err(ProtobufError::TooMany)
    }

    /// Offsets count in the outermost message.
    fn locate(&self, error: ProtobufError) -> ProtobufError {
        let place = |n: usize| self.base.saturating_add(n);
        match error {
            ProtobufError::Cut { offset } => ProtobufError::Cut { offset: place(offset) },
            ProtobufError::Varint { offset } => ProtobufError::Varint { offset: place(offset) },
            ProtobufError::Number { offset, number } => ProtobufError::Number { offset: place(offset), number },
            ProtobufError::Wire { offset, wire } => ProtobufError::Wire { offset: place(offset), wire },
            ProtobufError::TooDeep { offset } => ProtobufError::TooDeep { offset: place(offset) },
            ProtobufError::TooMany => ProtobufError::TooMany,
        }
    }
}
