//! Attributed strings: a text, and attributes for each run of it.

use std::collections::{BTreeMap, BTreeSet};

use super::archive::{Archive, Group, Value};

/// A run of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The number of its set of attributes.
    pub set: i64,
    /// Its length in UTF-16 units.
    pub length: u64,
}

/// An `NSAttributedString`.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributedText<'a> {
    /// The text, which should be UTF-8.
    pub text: &'a [u8],
    /// The runs, from the beginning on.
    pub runs: Vec<Run>,
    /// Sets of attributes by number: the index of the dictionary (see [`Archive::object`]).
    pub sets: BTreeMap<i64, usize>,
}

impl<'a> AttributedText<'a> {
    /// The stream's first object, if it is an attributed string (or a plain one).
    pub fn of(archive: &Archive<'a>) -> Option<AttributedText<'a>> {
        let value = archive.groups.first()?.values.first()?;
        if let Some(text) = archive.string(value) {
            return Some(AttributedText { text, runs: Vec::new(), sets: BTreeMap::new() });
        }
        if !archive.is_a(value, "NSAttributedString") {
            return None;
        }
        let (first, rest) = archive.groups_of(value)?.split_first()?;
        let mut whole =
            AttributedText { text: archive.string(first.values.first()?)?, runs: Vec::new(), sets: BTreeMap::new() };
        rest.iter().for_each(|group| whole.add(group));
        Some(whole)
    }

    /// Each run is a pair of numbers: its set of attributes and its length. The set itself follows where its number is new.
    fn add(&mut self, group: &Group<'a>) {
        match group.values.as_slice() {
            [Value::Int(set), Value::Int(length)] => {
                self.runs.push(Run { set: *set, length: u64::try_from(*length).unwrap_or(0) });
            }
            [Value::Object(dictionary)] => {
                if let Some(run) = self.runs.last() {
                    self.sets.entry(run.set).or_insert(*dictionary);
                }
            }
            _ => {}
        }
    }

    /// The sum of the runs' lengths, in UTF-16 units.
    pub fn covered(&self) -> u64 {
        self.runs.iter().fold(0, |sum, run| sum.saturating_add(run.length))
    }

    /// The names and values of one set of attributes.
    pub fn attributes<'s>(
        &self,
        archive: &'s Archive<'a>,
        set: i64,
    ) -> impl Iterator<Item = (&'a [u8], &'s Value<'a>)> + use<'s, 'a> {
        entries(archive, self.sets.get(&set).copied())
    }

    /// The texts that an attribute has anywhere.
    pub fn strings(&self, archive: &Archive<'a>, attribute: &str) -> Vec<&'a [u8]> {
        // Several sets may be one dictionary: it is looked at once.
        let dictionaries: BTreeSet<usize> = self.sets.values().copied().collect();
        let all = dictionaries.into_iter().flat_map(|dictionary| entries(archive, Some(dictionary)));
        all.filter(|(name, _)| *name == attribute.as_bytes()).filter_map(|(_, value)| archive.string(value)).collect()
    }
}

/// Keys and values of an `NSDictionary`: a count, then one group for each.
fn entries<'s, 'a>(
    archive: &'s Archive<'a>,
    dictionary: Option<usize>,
) -> impl Iterator<Item = (&'a [u8], &'s Value<'a>)> + use<'s, 'a> {
    let value = dictionary.map(Value::Object).filter(|v| archive.is_a(v, "NSDictionary"));
    let groups = value.and_then(|v| archive.groups_of(&v)).unwrap_or_default();
    let mut objects = groups.iter().skip(1).filter_map(|group| group.values.first());
    std::iter::from_fn(move || Some((objects.next()?, objects.next()?)))
        .filter_map(|(key, value)| Some((archive.string(key)?, value)))
}

/// The first text in a stream that cannot be read whole: the bytes behind the first encoding of a byte string. Nothing
/// proves that they are the text of the message; whoever uses them must say that they were salvaged.
pub fn find_text(bytes: &[u8]) -> Option<&[u8]> {
    /// A new string of length 1: `+`; then the length of the text.
    const ENCODING: &[u8] = b"\x84\x01+";
    let at = bytes.windows(ENCODING.len()).position(|window| window == ENCODING)?;
    let rest = bytes.get(at.checked_add(ENCODING.len())?..)?;
    let (length, rest) = match *rest.first()? {
        0x81 => (usize::from(u16::from_le_bytes(*rest.get(1..)?.first_chunk()?)), rest.get(3..)?),
        0x82 => (usize::try_from(u32::from_le_bytes(*rest.get(1..)?.first_chunk()?)).ok()?, rest.get(5..)?),
        0x80..=0x91 => return None,
        small => (usize::from(small), rest.get(1..)?),
    };
    // A stream that was cut keeps what is left of the text.
    let text = rest.get(..length.min(rest.len()))?;
    (!text.is_empty()).then_some(text)
}
