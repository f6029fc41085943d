//! `NSKeyedArchiver` property lists, written flat.

use plist::{Dictionary, Uid, Value};

/// An archive whose first object is `root`; more objects are added and named by UID.
#[derive(Debug)]
pub(crate) struct KeyedArchive {
    objects: Vec<Value>,
}

impl KeyedArchive {
    /// `$objects` = [`$null`].
    pub(crate) fn new() -> Self {
        Self { objects: vec![Value::String("$null".to_owned())] }
    }

    /// Adds an object and gives the reference to it.
    pub(crate) fn add(&mut self, object: Value) -> Value {
        self.objects.push(object);
        Value::Uid(Uid::new(self.objects.len() as u64 - 1))
    }

    /// Adds the class description `name` with its ancestors.
    pub(crate) fn class(&mut self, name: &str, ancestors: &[&str]) -> Value {
        let mut names = vec![Value::String(name.to_owned())];
        names.extend(ancestors.iter().map(|a| Value::String((*a).to_owned())));
        self.add(Value::Dictionary(dict([
            ("$classname", Value::String(name.to_owned())),
            ("$classes", Value::Array(names)),
        ])))
    }

    /// Keeps a place, to be filled by [`Self::set`]: the root stands first, its parts behind it.
    pub(crate) fn reserve(&mut self) -> Value {
        self.add(Value::Boolean(false))
    }

    /// Fills a reserved place.
    pub(crate) fn set(&mut self, place: &Value, object: Value) {
        let Value::Uid(uid) = place else { panic!("a place is a UID") };
        let at = usize::try_from(uid.get()).expect("a small archive");
        self.objects[at] = object;
    }

    /// The binary property list.
    pub(crate) fn finish(self, root: Value) -> Vec<u8> {
        binary(&Value::Dictionary(dict([
            ("$version", Value::Integer(100_000.into())),
            ("$archiver", Value::String("NSKeyedArchiver".to_owned())),
            ("$top", Value::Dictionary(dict([("root", root)]))),
            ("$objects", Value::Array(self.objects)),
        ])))
    }
}

/// A dictionary in the order given.
pub(crate) fn dict<const N: usize>(entries: [(&str, Value); N]) -> Dictionary {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A binary property list.
pub(crate) fn binary(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.to_writer_binary(&mut bytes).expect("writing to memory");
    bytes
}

/// An XML property list.
pub(crate) fn xml(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.to_writer_xml(&mut bytes).expect("writing to memory");
    bytes
}
