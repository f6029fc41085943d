//! The grammar of the stream.

use std::rc::Rc;

use super::{Java, JavaError, MAX_DEPTH, Object, modified_utf8};
use crate::store::bytes::{be16, be32, be64, byte, slice};

/// The first handle a stream gives (`baseWireHandle`).
const FIRST_HANDLE: u32 = 0x7e_0000;

const NULL: u8 = 0x70;
pub(super) const REFERENCE: u8 = 0x71;
const CLASS_DESC: u8 = 0x72;
pub(super) const OBJECT: u8 = 0x73;
pub(super) const STRING: u8 = 0x74;
const ARRAY: u8 = 0x75;
const CLASS: u8 = 0x76;
const BLOCK: u8 = 0x77;
const END_BLOCK: u8 = 0x78;
const RESET: u8 = 0x79;
const BLOCK_LONG: u8 = 0x7a;
const STRING_LONG: u8 = 0x7c;
const ENUM: u8 = 0x7e;

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

pub(super) enum Content {
    Value(Java),
    Block(Box<[u8]>),
    End,
}

pub(super) struct Stream<'a> {
    bytes: &'a [u8],
    at: usize,
    handles: Vec<Handle>,
}

impl<'a> Stream<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Stream<'a> {
        Stream { bytes, at, handles: Vec::new() }
    }

    pub(super) fn damaged(&self, found: impl Into<String>) -> JavaError {
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
    pub(super) fn content(&mut self, depth: usize) -> Result<Content, JavaError> {
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
