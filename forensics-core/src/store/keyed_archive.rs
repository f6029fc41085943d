//! Keyed archives: the objects that `NSKeyedArchiver` puts into a binary property list, followed through their references.
//!
//! Nothing is built until asked for, so that the million small archives of a backup's manifest cost little.
//!
//! ```no_run
//! # use forensics_core::store::keyed_archive::Archive;
//! # let blob: &[u8] = &[];
//! let archive = Archive::open(blob)?;
//! let file = archive.root()?;
//! let (size, path) = (file.int("Size"), file.text("RelativePath"));
//! let key = file.data("EncryptionKey"); // follows NSMutableData
//! # Ok::<(), forensics_core::store::keyed_archive::ArchiveError>(())
//! ```

use std::borrow::Cow;

use super::plist::{Binary, Node, Plist, PlistError, Refs, limits};

/// References that lead to references: no writer makes even one.
const MAX_HOPS: usize = 8;

/// Why an archive cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The property list itself.
    #[error(transparent)]
    Plist(#[from] PlistError),
    /// A property list that is no archive.
    #[error("the property list is no keyed archive: {missing} is missing")]
    NotAnArchive {
        /// What an archive has and this has not.
        missing: &'static str,
    },
}

/// An archive.
#[derive(Clone, Copy, Debug)]
pub struct Archive<'a> {
    list: Binary<'a>,
    objects: Refs<'a>,
    top: (Refs<'a>, Refs<'a>),
}

/// An object of an archive.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    archive: Archive<'a>,
    /// The object's index in the property list.
    index: u64,
    node: Node<'a>,
}

impl<'a> Archive<'a> {
    /// Finds `$top` and `$objects`.
    ///
    /// # Errors
    /// The bytes are no binary property list, or no archive.
    pub fn open(bytes: &'a [u8]) -> Result<Archive<'a>, ArchiveError> {
        let list = Binary::open(bytes)?;
        let missing = |missing| ArchiveError::NotAnArchive { missing };
        let Node::Dict(keys, values) = list.node(list.top())? else { return Err(missing("the dictionary")) };
        let objects = list.value(keys, values, "$objects").ok_or(missing("$objects"))?;
        let Node::Array(objects) = list.node(objects)? else { return Err(missing("the array $objects")) };
        let top = list.value(keys, values, "$top").ok_or(missing("$top"))?;
        let Node::Dict(keys, values) = list.node(top)? else { return Err(missing("the dictionary $top")) };
        Ok(Archive { list, objects, top: (keys, values) })
    }

    /// The object `$top.root`; where there is none of that name, the first of `$top`.
    ///
    /// # Errors
    /// `$top` names none, or it is damaged.
    pub fn root(&self) -> Result<Object<'a>, ArchiveError> {
        let (keys, values) = self.top;
        let index = self.list.value(keys, values, "root").or_else(|| values.get(0));
        let index = index.ok_or(ArchiveError::NotAnArchive { missing: "$top.root" })?;
        Ok(self.follow(index)?.unwrap_or(Object { archive: *self, index, node: Node::Null }))
    }

    /// An object that `$top` names.
    pub fn top(&self, key: &str) -> Option<Object<'a>> {
        self.follow(self.list.value(self.top.0, self.top.1, key)?).ok()?
    }

    /// The object of this number in `$objects`.
    pub fn object(&self, number: u64) -> Option<Object<'a>> {
        self.follow(self.objects.get(usize::try_from(number).ok()?)?).ok()?
    }

    /// The object of this index, through references. Number 0 is `$null`: no object.
    fn follow(&self, mut index: u64) -> Result<Option<Object<'a>>, PlistError> {
        for _ in 0..MAX_HOPS {
            match self.list.node(index)? {
                Node::Uid(0) => return Ok(None),
                Node::Uid(number) => {
                    let place = usize::try_from(number).ok().and_then(|n| self.objects.get(n));
                    let offset = self.list.offset(index)?;
                    index = place.ok_or(PlistError::Damaged { offset, found: "a reference beyond $objects" })?;
                }
                node => return Ok(Some(Object { archive: *self, index, node })),
            }
        }
        let offset = self.list.offset(index)?;
        Err(PlistError::Damaged { offset, found: "a reference that leads to a reference" })
    }
}

impl<'a> Object<'a> {
    /// What the object is in the property list.
    pub fn node(&self) -> Node<'a> {
        self.node
    }

    /// Where it begins in the property list's bytes.
    pub fn offset(&self) -> Option<usize> {
        self.archive.list.offset(self.index).ok()
    }

    /// The name of its class.
    pub fn class(&self) -> Option<Cow<'a, str>> {
        self.field("$class")?.text_at("$classname")
    }

    /// A field's object; `None` where there is no such field, or where it is `$null`.
    pub fn field(&self, key: &str) -> Option<Object<'a>> {
        let Node::Dict(keys, values) = self.node else { return None };
        self.archive.follow(self.archive.list.value(keys, values, key)?).ok()?
    }

    fn text_at(&self, key: &str) -> Option<Cow<'a, str>> {
        match self.field(key)?.node {
            Node::Text(text) => Some(text.decode().0),
            _ => None,
        }
    }

    /// The object as integer: an integer, a truth value, or an `NSNumber`.
    pub fn as_int(&self) -> Option<i64> {
        match self.node {
            Node::Int(i) => i64::try_from(i).ok(),
            Node::Bool(b) => Some(i64::from(b)),
            Node::Dict(..) => ["NS.intval", "NS.boolval"].iter().find_map(|key| match self.field(key)?.node {
                Node::Int(i) => i64::try_from(i).ok(),
                Node::Bool(b) => Some(i64::from(b)),
                _ => None,
            }),
            _ => None,
        }
    }

    /// The object as real: a real, an integer, or an `NSNumber`.
    pub fn as_real(&self) -> Option<f64> {
        match self.node {
            Node::Real(f) => Some(f),
            Node::Dict(..) if self.field("NS.dblval").is_some() => match self.field("NS.dblval")?.node {
                Node::Real(f) => Some(f),
                _ => None,
            },
            #[expect(clippy::cast_precision_loss, reason = "a caller that asks for a real wants the nearest")]
            _ => self.as_int().map(|i| i as f64),
        }
    }

    /// The object as text: text, or an `NSString`, `NSMutableString`, `NSURL`, `NSAttributedString`.
    pub fn as_text(&self) -> Option<Cow<'a, str>> {
        match self.node {
            Node::Text(text) => Some(text.decode().0),
            Node::Dict(..) => {
                ["NS.string", "NS.relative", "NSString", "NS.uuidbytes"].iter().find_map(|k| self.text_at(k))
            }
            _ => None,
        }
    }

    /// The object as bytes: data, or an `NSData`, `NSMutableData` (whose bytes may be a reference again), `NSUUID`.
    pub fn as_data(&self) -> Option<&'a [u8]> {
        match self.node {
            Node::Data(bytes) => Some(bytes),
            Node::Dict(..) => ["NS.data", "NS.bytes", "NS.uuidbytes"].iter().find_map(|k| match self.field(k)?.node {
                Node::Data(bytes) => Some(bytes),
                _ => None,
            }),
            _ => None,
        }
    }

    /// The object as seconds since 2001-01-01 UTC: a date, or an `NSDate`.
    pub fn as_date(&self) -> Option<f64> {
        match self.node {
            Node::Date(f) => Some(f),
            Node::Dict(..) => self.field("NS.time")?.as_real(),
            _ => None,
        }
    }

    /// A field as integer (see [`Object::as_int`]).
    pub fn int(&self, key: &str) -> Option<i64> {
        self.field(key)?.as_int()
    }

    /// A field as real.
    pub fn real(&self, key: &str) -> Option<f64> {
        self.field(key)?.as_real()
    }

    /// A field as text.
    pub fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        self.field(key)?.as_text()
    }

    /// A field as bytes.
    pub fn data(&self, key: &str) -> Option<&'a [u8]> {
        self.field(key)?.as_data()
    }

    /// A field as date.
    pub fn date(&self, key: &str) -> Option<f64> {
        self.field(key)?.as_date()
    }

    /// The objects of an `NSArray`, `NSSet` and the like; `None` stands for `$null` and for what cannot be read.
    pub fn items(&self) -> impl Iterator<Item = Option<Object<'a>>> + use<'a> {
        let refs = match (self.node, self.field("NS.objects").map(|o| o.node)) {
            (Node::Array(refs), _) | (_, Some(Node::Array(refs))) => Some(refs),
            _ => None,
        };
        let archive = self.archive;
        refs.into_iter().flat_map(Refs::iter).map(move |index| archive.follow(index).ok().flatten())
    }

    /// The keys and objects of an `NSDictionary`.
    pub fn entries(&self) -> impl Iterator<Item = (Object<'a>, Option<Object<'a>>)> + use<'a> {
        let refs = |key| match self.field(key).map(|o| o.node) {
            Some(Node::Array(refs)) => Some(refs),
            _ => None,
        };
        let archive = self.archive;
        let pairs = refs("NS.keys").zip(refs("NS.objects"));
        let pairs = pairs.into_iter().flat_map(|(keys, values)| keys.iter().zip(values.iter()));
        let resolve = move |index| archive.follow(index).ok().flatten();
        pairs.filter_map(move |(key, value)| Some((resolve(key)?, resolve(value))))
    }

    /// The object of an `NSDictionary`'s text key.
    pub fn entry(&self, key: &str) -> Option<Object<'a>> {
        self.entries().find(|(k, _)| matches!(k.node, Node::Text(t) if t.is(key)))?.1
    }

    /// The object with everything below it, references resolved: arrays and sets become arrays, dictionaries
    /// dictionaries, strings text, data bytes, dates dates; any other class a dictionary of its fields with `$class`.
    ///
    /// # Errors
    /// The limits of [`limits`]: an archive may refer to itself.
    pub fn tree(&self) -> Result<Plist, ArchiveError> {
        let mut budget = limits::OBJECTS;
        Ok(self.build(0, &mut budget)?)
    }

    /// Recursion ends at the depth limit.
    fn build(&self, depth: usize, budget: &mut usize) -> Result<Plist, PlistError> {
        let limit = |limit, unit| PlistError::Limit { offset: self.offset().unwrap_or(0), limit, unit };
        if depth > limits::BINARY_DEPTH {
            return Err(limit(limits::BINARY_DEPTH, "levels"));
        }
        // Text and data count by their bytes: one long text may be named a million times.
        let cost = match self.node {
            Node::Data(b) => b.len(),
            Node::Text(t) => t.raw().len(),
            _ => 0,
        };
        let spent = (cost / 64).saturating_add(1);
        *budget = budget.checked_sub(spent).ok_or_else(|| limit(limits::OBJECTS, "objects"))?;
        let below = depth.saturating_add(1);
        let mut inner = |o: Option<Object<'a>>| o.map_or(Ok(Plist::Null), |o| o.build(below, budget));
        Ok(match self.node {
            Node::Null | Node::Uid(_) => Plist::Null,
            Node::Text(t) => super::plist::text(t),
            Node::Bool(b) => Plist::Bool(b),
            Node::Int(i) => Plist::Int(i),
            Node::Real(f) => Plist::Real(f),
            Node::Date(f) => Plist::Date(f),
            Node::Data(b) => Plist::Data(b.into()),
            Node::Array(_) => Plist::Array(self.items().map(inner).collect::<Result<_, _>>()?),
            Node::Dict(keys, values) => {
                if self.field("NS.keys").is_some() {
                    let entry = |(k, v): (Object<'a>, _)| Ok((k.key(), inner(v)?));
                    return Ok(Plist::Dict(self.entries().map(entry).collect::<Result<_, PlistError>>()?));
                }
                if self.field("NS.objects").is_some() {
                    return Ok(Plist::Array(self.items().map(inner).collect::<Result<_, _>>()?));
                }
                if let Some(simple) = self.simple() {
                    return Ok(simple);
                }
                let mut fields = Vec::new();
                for (key, value) in keys.iter().zip(values.iter()) {
                    let Node::Text(name) = self.archive.list.node(key)? else { continue };
                    if name.is("$class") {
                        continue;
                    }
                    fields.push((name.decode().0.into(), inner(self.archive.follow(value)?)?));
                }
                if let Some(class) = self.class() {
                    fields.push(("$class".into(), Plist::Text(class.into())));
                }
                Plist::Dict(fields)
            }
        })
    }

    /// The plain value of a string, data, date or number object.
    fn simple(&self) -> Option<Plist> {
        let has = |key| self.field(key).is_some();
        if has("NS.string") || has("NS.relative") {
            return self.as_text().map(|t| Plist::Text(t.into()));
        }
        if has("NS.data") || has("NS.bytes") || has("NS.uuidbytes") {
            return self.as_data().map(|b| Plist::Data(b.into()));
        }
        if has("NS.time") {
            return self.as_date().map(Plist::Date);
        }
        if has("NS.dblval") {
            return self.as_real().map(Plist::Real);
        }
        if has("NS.intval") || has("NS.boolval") {
            return self.as_int().map(|i| Plist::Int(i.into()));
        }
        None
    }

    /// The object as a dictionary's key.
    fn key(&self) -> Box<str> {
        match self.node {
            Node::Int(i) => i.to_string().into(),
            _ => self.as_text().unwrap_or_default().into(),
        }
    }
}
