//! The graph of a typed stream: groups, objects, classes.

use super::reader::{Reader, TAG_END, TAG_NEW, TAG_NIL};
use super::{MAX_BYTES, MAX_DEPTH, TypedStreamError};

/// A value of a group.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Nil,
    /// An integer or a single byte.
    Int(i64),
    /// A floating-point number.
    Real(f64),
    /// A byte string, an array of bytes, a selector.
    Bytes(&'a [u8]),
    /// An object, class or C string by its index (see [`Archive::object`]).
    Object(usize),
    /// The elements of an array or the fields of a structure.
    List(Vec<Value<'a>>),
}

/// A type encoding with its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Group<'a> {
    /// The encoding, such as `@` or `iI`.
    pub encoding: &'a [u8],
    /// One value for each type.
    pub values: Vec<Value<'a>>,
    /// Where the group begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// What has a number among the objects.
#[derive(Clone, Debug, PartialEq)]
pub enum Object<'a> {
    /// A class.
    Class {
        /// Its name.
        name: &'a [u8],
        /// Its version.
        version: i64,
        /// The class above it.
        superclass: Option<usize>,
    },
    /// An instance of a class.
    Instance {
        /// Its class.
        class: Option<usize>,
        /// What its class wrote.
        groups: Vec<Group<'a>>,
    },
    /// A C string.
    Text(&'a [u8]),
}

/// A typed stream, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Archive<'a> {
    /// The groups of the stream itself.
    pub groups: Vec<Group<'a>>,
    objects: Vec<Object<'a>>,
}

impl<'a> Archive<'a> {
    /// Reads a whole stream.
    ///
    /// # Errors
    /// See [`TypedStreamError`]. A stream is taken whole or not at all.
    pub fn read(bytes: &'a [u8]) -> Result<Archive<'a>, TypedStreamError> {
        if bytes.len() > MAX_BYTES {
            return Err(TypedStreamError::Limit { offset: MAX_BYTES, limit: MAX_BYTES, unit: "bytes" });
        }
        let reader = Reader::open(bytes)?;
        let mut builder = Builder {
            reader,
            strings: Vec::new(),
            objects: Vec::new(),
            // Every value takes a byte of the stream, but for empty structures and arrays: these must not be free.
            values_left: bytes.len(),
            values_most: bytes.len(),
        };
        let mut groups = Vec::new();
        while !builder.reader.is_done() {
            groups.push(builder.group(0)?);
        }
        Ok(Archive { groups, objects: builder.objects })
    }

    /// What has this number.
    pub fn object(&self, index: usize) -> Option<&Object<'a>> {
        self.objects.get(index)
    }

    /// How many objects there are.
    pub fn object_count(&self) -> usize {
        self.objects.len()
    }

    /// The groups of an instance, if the value is one.
    pub fn groups_of(&self, value: &Value<'a>) -> Option<&[Group<'a>]> {
        match value {
            Value::Object(index) => match self.object(*index)? {
                Object::Instance { groups, .. } => Some(groups),
                Object::Class { .. } | Object::Text(_) => None,
            },
            _ => None,
        }
    }

    /// The names of an instance's class and of those above it.
    pub fn class_names(&self, value: &Value<'a>) -> Vec<&'a [u8]> {
        let mut names = Vec::new();
        let Value::Object(index) = value else { return names };
        let Some(Object::Instance { class, .. }) = self.object(*index) else { return names };
        let mut next = *class;
        // A class may name itself as the class above: the limit ends that.
        while let Some(Object::Class { name, superclass, .. }) = next.and_then(|i| self.object(i)) {
            names.push(*name);
            if names.len() >= MAX_DEPTH {
                break;
            }
            next = *superclass;
        }
        names
    }

    /// Whether the value is an instance of this class or of one below it.
    pub fn is_a(&self, value: &Value<'a>, class: &str) -> bool {
        self.class_names(value).contains(&class.as_bytes())
    }

    /// The bytes of a string: an `NSString`, or a C string.
    pub fn string(&self, value: &Value<'a>) -> Option<&'a [u8]> {
        if let Value::Object(index) = value
            && let Object::Text(text) = self.object(*index)?
        {
            return Some(text);
        }
        let groups = self.is_a(value, "NSString").then(|| self.groups_of(value))??;
        match groups.first()?.values.first()? {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The number in an `NSNumber`, or a plain number.
    pub fn number(&self, value: &Value<'a>) -> Option<f64> {
        match value {
            #[expect(clippy::cast_precision_loss, reason = "at most 32 bits wide")]
            Value::Int(i) => Some(*i as f64),
            Value::Real(f) => Some(*f),
            // An NSNumber is its type as a C string, then the value.
            Value::Object(_) if self.is_a(value, "NSNumber") => {
                let values = &self.groups_of(value)?.get(1)?.values;
                match values.first()? {
                    Value::Object(_) => None,
                    plain => self.number(plain),
                }
            }
            _ => None,
        }
    }
}

/// Fills an archive.
struct Builder<'a> {
    reader: Reader<'a>,
    strings: Vec<&'a [u8]>,
    objects: Vec<Object<'a>>,
    values_left: usize,
    values_most: usize,
}

impl<'a> Builder<'a> {
    /// A type encoding and its values.
    fn group(&mut self, depth: usize) -> Result<Group<'a>, TypedStreamError> {
        let start = self.reader.at();
        let found = self.reader.peek()?;
        let encoding = self.shared_string("type encoding")?;
        let encoding = encoding.ok_or(TypedStreamError::Tag { offset: start, found, wanted: "a type encoding" })?;
        let mut values = Vec::new();
        let mut rest = encoding;
        while !rest.is_empty() {
            let (value, after) = self.value(rest, depth)?;
            values.push(value);
            rest = after;
        }
        Ok(Group { encoding, values, start, end: self.reader.at() })
    }

    /// A string that is written once and named by number afterwards.
    fn shared_string(&mut self, wanted: &'static str) -> Result<Option<&'a [u8]>, TypedStreamError> {
        match self.reader.peek()? {
            TAG_NEW => {
                self.reader.byte()?;
                let string = self.reader.sized()?;
                self.strings.push(string);
                Ok(Some(string))
            }
            TAG_NIL => {
                self.reader.byte()?;
                Ok(None)
            }
            _ => {
                let offset = self.reader.at();
                let index = self.reader.reference(wanted)?;
                let number = i64::try_from(index).unwrap_or(i64::MAX);
                let string = self.strings.get(index).copied();
                string.map(Some).ok_or(TypedStreamError::Reference { offset, number, wanted })
            }
        }
    }

    /// The value of the first type in `encoding`, and the types that follow.
    fn value(&mut self, encoding: &'a [u8], depth: usize) -> Result<(Value<'a>, &'a [u8]), TypedStreamError> {
        self.spend(depth)?;
        let offset = self.reader.at();
        let unknown = || TypedStreamError::Encoding { offset, encoding: encoding.into() };
        let (kind, rest) = encoding.split_first().ok_or_else(unknown)?;
        let value = match kind {
            b'@' => self.object(depth)?,
            b'#' => self.class(depth)?.map_or(Value::Nil, Value::Object),
            b'+' => Value::Bytes(self.reader.sized()?),
            b'*' => self.c_string()?,
            b':' | b'%' => self.shared_string("selector")?.map_or(Value::Nil, Value::Bytes),
            b'c' => Value::Int(self.reader.byte()?.cast_signed().into()),
            b'C' | b'B' => Value::Int(self.reader.byte()?.into()),
            b's' | b'i' | b'l' | b'q' => Value::Int(self.reader.signed()?),
            b'S' | b'I' | b'L' | b'Q' => Value::Int(self.reader.unsigned()?.into()),
            b'f' => Value::Real(self.reader.real(false)?),
            b'd' => Value::Real(self.reader.real(true)?),
            b'[' => return self.array(encoding, depth),
            b'{' => return self.structure(encoding, depth),
            _ => return Err(unknown()),
        };
        Ok((value, rest))
    }

    fn spend(&mut self, depth: usize) -> Result<(), TypedStreamError> {
        let offset = self.reader.at();
        if depth > MAX_DEPTH {
            return Err(TypedStreamError::Limit { offset, limit: MAX_DEPTH, unit: "levels" });
        }
        let over = TypedStreamError::Limit { offset, limit: self.values_most, unit: "values" };
        self.values_left = self.values_left.checked_sub(1).ok_or(over)?;
        Ok(())
    }

    /// `[12c]`: so many elements of one type.
    fn array(&mut self, encoding: &'a [u8], depth: usize) -> Result<(Value<'a>, &'a [u8]), TypedStreamError> {
        let offset = self.reader.at();
        let unknown = || TypedStreamError::Encoding { offset, encoding: encoding.into() };
        let inner = encoding.get(1..).unwrap_or_default();
        let digits = inner.iter().take_while(|b| b.is_ascii_digit()).count();
        let (digits, element) = inner.split_at_checked(digits).ok_or_else(unknown)?;
        let count: usize = std::str::from_utf8(digits).ok().and_then(|d| d.parse().ok()).ok_or_else(unknown)?;
        if let [b'c' | b'C', b']', after @ ..] = element {
            return Ok((Value::Bytes(self.reader.take(count)?), after));
        }
        let mut values = Vec::new();
        let mut after = skip_type(element).ok_or_else(unknown)?;
        for _ in 0..count {
            let (value, rest) = self.value(element, depth.saturating_add(1))?;
            values.push(value);
            after = rest;
        }
        let after = after.strip_prefix(b"]").ok_or_else(unknown)?;
        Ok((Value::List(values), after))
    }

    /// `{_NSRange=QQ}`: fields one after the other.
    fn structure(&mut self, encoding: &'a [u8], depth: usize) -> Result<(Value<'a>, &'a [u8]), TypedStreamError> {
        let offset = self.reader.at();
        let unknown = || TypedStreamError::Encoding { offset, encoding: encoding.into() };
        let name = encoding.iter().position(|b| *b == b'=').ok_or_else(unknown)?;
        let mut rest = encoding.get(name.saturating_add(1)..).ok_or_else(unknown)?;
        let mut values = Vec::new();
        loop {
            if let Some(after) = rest.strip_prefix(b"}") {
                return Ok((Value::List(values), after));
            }
            let (value, after) = self.value(rest, depth.saturating_add(1))?;
            values.push(value);
            rest = after;
        }
    }

    /// A C string; it takes a number among the objects too.
    fn c_string(&mut self) -> Result<Value<'a>, TypedStreamError> {
        match self.reader.peek()? {
            TAG_NEW => {
                self.reader.byte()?;
                let index = self.objects.len();
                let Some(text) = self.shared_string("C string")? else { return Ok(Value::Nil) };
                self.objects.push(Object::Text(text));
                Ok(Value::Object(index))
            }
            TAG_NIL => self.reader.byte().map(|_| Value::Nil),
            _ => self.known("C string").map(Value::Object),
        }
    }

    /// An object read before, by number.
    fn known(&mut self, wanted: &'static str) -> Result<usize, TypedStreamError> {
        let offset = self.reader.at();
        let index = self.reader.reference(wanted)?;
        if index < self.objects.len() {
            return Ok(index);
        }
        Err(TypedStreamError::Reference { offset, number: i64::try_from(index).unwrap_or(i64::MAX), wanted })
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, TypedStreamError> {
        match self.reader.peek()? {
            TAG_NEW => {
                self.reader.byte()?;
                // The object has its number before its class has: a part of it may name the whole.
                let index = self.objects.len();
                self.objects.push(Object::Instance { class: None, groups: Vec::new() });
                let class = self.class(depth.saturating_add(1))?;
                let mut groups = Vec::new();
                while self.reader.peek()? != TAG_END {
                    groups.push(self.group(depth.saturating_add(1))?);
                }
                self.reader.byte()?;
                if let Some(slot) = self.objects.get_mut(index) {
                    *slot = Object::Instance { class, groups };
                }
                Ok(Value::Object(index))
            }
            TAG_NIL => self.reader.byte().map(|_| Value::Nil),
            _ => self.known("object").map(Value::Object),
        }
    }

    /// A class and those above it, from the bottom up.
    fn class(&mut self, depth: usize) -> Result<Option<usize>, TypedStreamError> {
        let mut first: Option<usize> = None;
        let mut below: Option<usize> = None;
        for _ in depth..=MAX_DEPTH {
            let above = match self.reader.peek()? {
                TAG_NEW => {
                    self.reader.byte()?;
                    let offset = self.reader.at();
                    let found = self.reader.peek()?;
                    let name = self.shared_string("class name")?;
                    let name = name.ok_or(TypedStreamError::Tag { offset, found, wanted: "a class name" })?;
                    let version = self.reader.signed()?;
                    self.objects.push(Object::Class { name, version, superclass: None });
                    Some((self.objects.len().saturating_sub(1), true))
                }
                TAG_NIL => self.reader.byte().map(|_| None)?,
                _ => Some((self.known("class")?, false)),
            };
            let index = above.map(|(index, _)| index);
            first = first.or(index);
            if let Some(Object::Class { superclass, .. }) = below.and_then(|b| self.objects.get_mut(b)) {
                *superclass = index;
            }
            below = index;
            if !above.is_some_and(|(_, new)| new) {
                return Ok(first);
            }
        }
        Err(TypedStreamError::Limit { offset: self.reader.at(), limit: MAX_DEPTH, unit: "levels" })
    }
}

/// What follows the first type of an encoding.
fn skip_type(encoding: &[u8]) -> Option<&[u8]> {
    let mut open = 0usize;
    for (place, byte) in encoding.iter().enumerate() {
        match byte {
            b'[' | b'{' => open = open.checked_add(1)?,
            b']' | b'}' => open = open.checked_sub(1)?,
            _ => {}
        }
        if open == 0 {
            return encoding.get(place.checked_add(1)?..);
        }
    }
    None
}
