//! Java object streams: what `ObjectOutputStream` writes (Java Object Serialization Specification, chapter 6).
//!
//! Boxed numbers, strings, truth values, maps, lists and arrays come out as values; any other object with its fields.
//! Nothing is instantiated, so no class of the stream matters.

use std::rc::Rc;

use super::bytes::{be16, be32, be64, byte, slice};

/// The magic and the version at the start.
const MAGIC: &[u8] = &[0xac, 0xed, 0x00, 0x05];
/// Objects within objects at most.
const MAX_DEPTH: usize = 64;
/// The first handle a stream gives (`baseWireHandle`).
const FIRST_HANDLE: u32 = 0x7e_0000;

const NULL: u8 = 0x70;
const REFERENCE: u8 = 0x71;
const CLASS_DESC: u8 = 0x72;
const OBJECT: u8 = 0x73;
const STRING: u8 = 0x74;
const ARRAY: u8 = 0x75;
const CLASS: u8 = 0x76;
const BLOCK: u8 = 0x77;
const END_BLOCK: u8 = 0x78;
const RESET: u8 = 0x79;
const BLOCK_LONG: u8 = 0x7a;
const STRING_LONG: u8 = 0x7c;
const ENUM: u8 = 0x7e;

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
    let mut stream = Stream { bytes, at: MAGIC.len(), handles: Vec::new() };
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

/// A class's description.
#[derive(Debug)]
struct Class {
    name: Box<str>,
    flags: u8,
    fields: Vec<(u8, Box<str>)>,
    parent: Option<Rc<Class>>,
}

/// What a handle stands for.
#[derive(Clone, Debug)]
enum Handle {
    Class(Rc<Class>),
    Text(Rc<str>),
    Plain(Java),
    /// An object, an array or a map: referred to by number, so that a small stream cannot unfold to a large value.
    Compound,
}

enum Content {
    Value(Java),
    Block(Box<[u8]>),
    End,
}

struct Stream<'a> {
    bytes: &'a [u8],
    at: usize,
    handles: Vec<Handle>,
}

impl<'a> Stream<'a> {
    fn damaged(&self, found: impl Into<String>) -> JavaError {
        JavaError::Damaged { offset: self.at, found: found.into() }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], JavaError> {
        let bytes = slice(self.bytes, self.at, length).ok_or(JavaError::Cut { offset: self.at })?;
        self.at = self.at.saturating_add(length);
        Ok(bytes)
    }

    fn u8(&mut self) -> Result<u8, JavaError> {
        self.take(1).map(|b| byte(b, 0).unwrap_or(0))
    }

    fn u16(&mut self) -> Result<u16, JavaError> {
        self.take(2).map(|b| be16(b, 0).unwrap_or(0))
    }

    fn u32(&mut self) -> Result<u32, JavaError> {
        self.take(4).map(|b| be32(b, 0).unwrap_or(0))
    }

    fn u64(&mut self) -> Result<u64, JavaError> {
        self.take(8).map(|b| be64(b, 0).unwrap_or(0))
    }

    fn name(&mut self) -> Result<String, JavaError> {
        let length = self.u16()?;
        self.take(length.into()).map(modified_utf8)
    }

    fn new_handle(&mut self, handle: Handle) -> usize {
        self.handles.push(handle);
        self.handles.len().saturating_sub(1)
    }

    fn set_handle(&mut self, index: usize, handle: Handle) {
        if let Some(place) = self.handles.get_mut(index) {
            *place = handle;
        }
    }

    /// The next thing in the stream. Recursion ends at the depth limit.
    fn content(&mut self, depth: usize) -> Result<Content, JavaError> {
        if depth > MAX_DEPTH {
            return Err(JavaError::TooDeep { offset: self.at });
        }
        let below = depth.saturating_add(1);
        let start = self.at;
        let tag = self.u8()?;
        let value = match tag {
            NULL => Java::Null,
            REFERENCE => self.reference()?,
            STRING | STRING_LONG => self.string(tag).map(Java::Text)?,
            OBJECT => self.object(below)?,
            ARRAY => self.array(below)?,
            ENUM => {
                self.class_desc(below)?;
                self.new_handle(Handle::Compound);
                self.value(below)?
            }
            CLASS => {
                let name = self.class_desc(below)?.map(|c| c.name.clone()).unwrap_or_default();
                self.new_handle(Handle::Compound);
                Java::Text(Rc::from(name))
            }
            CLASS_DESC => {
                self.at = start;
                let name = self.class_desc(below)?.map(|c| c.name.clone()).unwrap_or_default();
                Java::Text(Rc::from(name))
            }
            BLOCK => {
                let length = self.u8()?;
                return self.take(length.into()).map(|b| Content::Block(b.into()));
            }
            BLOCK_LONG => {
                let length = self.u32()?;
                return self.take(length as usize).map(|b| Content::Block(b.into()));
            }
            END_BLOCK => return Ok(Content::End),
            RESET => {
                self.handles.clear();
                return Ok(Content::Block(Box::default()));
            }
            other => {
                self.at = start;
                return Err(self.damaged(format!("the tag {other:#04x}")));
            }
        };
        Ok(Content::Value(value))
    }

    /// The next thing, which must be a value.
    fn value(&mut self, depth: usize) -> Result<Java, JavaError> {
        match self.content(depth)? {
            Content::Value(value) => Ok(value),
            Content::Block(_) | Content::End => Err(self.damaged("no value where one should be")),
        }
    }

    fn handle(&mut self) -> Result<(u32, Handle), JavaError> {
        let number = self.u32()?;
        let index = number.checked_sub(FIRST_HANDLE).and_then(|i| self.handles.get(i as usize)).cloned();
        index.map(|h| (number, h)).ok_or_else(|| self.damaged(format!("a reference to {number:#x}, which is nothing")))
    }

    fn reference(&mut self) -> Result<Java, JavaError> {
        Ok(match self.handle()? {
            (_, Handle::Text(text)) => Java::Text(text),
            (_, Handle::Plain(value)) => value,
            (_, Handle::Class(class)) => Java::Text(Rc::from(&*class.name)),
            (number, Handle::Compound) => Java::Reference(number),
        })
    }

    /// The rest of a string whose tag is read.
    fn string(&mut self, tag: u8) -> Result<Rc<str>, JavaError> {
        let length = match tag {
            STRING => u64::from(self.u16()?),
            _ => self.u64()?,
        };
        let length = usize::try_from(length).map_err(|_| JavaError::Cut { offset: self.at })?;
        let text: Rc<str> = modified_utf8(self.take(length)?).into();
        self.new_handle(Handle::Text(text.clone()));
        Ok(text)
    }

    /// A class's description: new, a reference, or null.
    fn class_desc(&mut self, depth: usize) -> Result<Option<Rc<Class>>, JavaError> {
        if depth > MAX_DEPTH {
            return Err(JavaError::TooDeep { offset: self.at });
        }
        match self.u8()? {
            NULL => Ok(None),
            REFERENCE => match self.handle()? {
                (_, Handle::Class(class)) => Ok(Some(class)),
                _ => Err(self.damaged("a reference that is no class")),
            },
            CLASS_DESC => self.new_class(depth.saturating_add(1)).map(Some),
            other => Err(self.damaged(format!("the tag {other:#04x} where a class should be"))),
        }
    }

    fn new_class(&mut self, depth: usize) -> Result<Rc<Class>, JavaError> {
        let name = self.name()?.into_boxed_str();
        self.u64()?; // serialVersionUID
        let handle = self.new_handle(Handle::Compound);
        let flags = self.u8()?;
        let count = self.u16()?;
        let mut fields = Vec::new();
        for _ in 0..count {
            let kind = self.u8()?;
            let field = self.name()?.into_boxed_str();
            if matches!(kind, b'L' | b'[') {
                self.value(depth)?; // the field's type as a string
            }
            fields.push((kind, field));
        }
        self.written(depth)?;
        let parent = self.class_desc(depth)?;
        let class = Rc::new(Class { name, flags, fields, parent });
        self.set_handle(handle, Handle::Class(class.clone()));
        Ok(class)
    }

    /// Everything up to the end of a block.
    fn written(&mut self, depth: usize) -> Result<Vec<Java>, JavaError> {
        let mut values = Vec::new();
        loop {
            match self.content(depth)? {
                Content::Value(value) => values.push(value),
                Content::Block(bytes) => values.push(Java::Bytes(bytes)),
                Content::End => return Ok(values),
            }
        }
    }

    fn primitive(&mut self, kind: u8, depth: usize) -> Result<Java, JavaError> {
        Ok(match kind {
            b'B' => Java::Int(self.u8()?.cast_signed().into()),
            b'C' => Java::Int(self.u16()?.into()),
            b'S' => Java::Int(self.u16()?.cast_signed().into()),
            b'I' => Java::Int(self.u32()?.cast_signed().into()),
            b'J' => Java::Int(self.u64()?.cast_signed()),
            b'F' => Java::Real(f32::from_bits(self.u32()?).into()),
            b'D' => Java::Real(f64::from_bits(self.u64()?)),
            b'Z' => Java::Bool(self.u8()? != 0),
            b'L' | b'[' => self.value(depth)?,
            other => return Err(self.damaged(format!("a field of type {other:#04x}"))),
        })
    }

    fn array(&mut self, depth: usize) -> Result<Java, JavaError> {
        let class = self.class_desc(depth)?;
        self.new_handle(Handle::Compound);
        let length = self.u32()?;
        let kind = class.and_then(|c| c.name.as_bytes().get(1).copied()).unwrap_or(b'L');
        if kind == b'B' {
            return self.take(length as usize).map(|b| Java::Bytes(b.into()));
        }
        let mut values = Vec::new();
        for _ in 0..length {
            values.push(self.primitive(kind, depth)?);
        }
        Ok(Java::List(values))
    }

    fn object(&mut self, depth: usize) -> Result<Java, JavaError> {
        /// Flags of a class (`ObjectStreamConstants`).
        const HAS_WRITE_METHOD: u8 = 1;
        const EXTERNALIZABLE: u8 = 4;
        const BLOCK_DATA: u8 = 8;
        let Some(class) = self.class_desc(depth)? else { return Err(self.damaged("an object without class")) };
        let handle = self.new_handle(Handle::Compound);
        let mut line = vec![class.clone()];
        while let Some(parent) = line.last().and_then(|c| c.parent.clone()) {
            line.push(parent);
        }
        let mut object = Object { class: class.name.clone(), ..Object::default() };
        for class in line.iter().rev() {
            if class.flags & EXTERNALIZABLE != 0 {
                if class.flags & BLOCK_DATA == 0 {
                    return Err(self.damaged(format!("the class {} wrote what only it can read", class.name)));
                }
                object.written.extend(self.written(depth)?);
                continue;
            }
            for (kind, name) in &class.fields {
                let value = self.primitive(*kind, depth)?;
                object.fields.push((name.clone(), value));
            }
            if class.flags & HAS_WRITE_METHOD != 0 {
                object.written.extend(self.written(depth)?);
            }
        }
        let value = known(object);
        if matches!(value, Java::Int(_) | Java::Real(_) | Java::Bool(_)) {
            self.set_handle(handle, Handle::Plain(value.clone()));
        }
        Ok(value)
    }
}

/// Boxed numbers, maps and lists as what they are.
fn known(mut object: Object) -> Java {
    const BOXES: [&str; 8] = ["Integer", "Long", "Short", "Byte", "Character", "Boolean", "Float", "Double"];
    if let Some(name) = object.class.strip_prefix("java.lang.")
        && BOXES.contains(&name)
        && let [(_, value)] = object.fields.as_slice()
    {
        return value.clone();
    }
    let is = |names: &[&str]| object.class.strip_prefix("java.util.").is_some_and(|n| names.contains(&n));
    let in_block = matches!(object.written.first(), Some(Java::Bytes(_)));
    if is(&["HashMap", "LinkedHashMap", "Hashtable", "TreeMap"]) && in_block {
        let mut values = object.written.drain(..).skip(1);
        let mut entries = Vec::new();
        while let (Some(key), Some(value)) = (values.next(), values.next()) {
            entries.push((key, value));
        }
        return Java::Map(entries);
    }
    if is(&["ArrayList", "LinkedList", "HashSet", "LinkedHashSet"]) && in_block {
        return Java::List(object.written.drain(..).skip(1).collect());
    }
    Java::Object(Box::new(object))
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
