//! Android shared preferences: `<map>` of named values, with the bytes each one stands in.
//!
//! Written by `XmlUtils.writeMapXml` (AOSP `core/java/com/android/internal/util/XmlUtils.java`).

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::plist::{decoded, reference};
use crate::origin::{Origin, StoreId};
use crate::value::Value;

/// Bytes of a file at most.
const MAX_BYTES: usize = 64 << 20;
/// Elements within elements at most; honest files have three.
const MAX_DEPTH: usize = 128;

/// Why a file, or the rest of it, cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrefsError {
    /// No XML with a `<map>`.
    #[error("no shared preferences: the file begins with {}", crate::value::hex(found))]
    Format {
        /// The first bytes.
        found: Box<[u8]>,
    },
    /// Android's binary XML; apps' preferences are text.
    #[error("binary XML (ABX) is not supported")]
    BinaryXml,
    /// The XML is not well-formed from here on.
    #[error("the preferences are damaged at byte {offset}: {found}")]
    Damaged {
        /// Where.
        offset: u64,
        /// What was found.
        found: String,
    },
    /// A limit against hostile input was reached.
    #[error("the preferences exceed the limit of {limit} {unit} at byte {offset}")]
    Limit {
        /// Where.
        offset: u64,
        /// The limit.
        limit: usize,
        /// What is limited.
        unit: &'static str,
    },
}

/// A preference's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Pref {
    /// `<null>`.
    Null,
    /// `<string>`.
    Text(Box<str>),
    /// `<int>` or `<long>`.
    Int(i64),
    /// `<float>` (or `<double>`).
    Real(f64),
    /// `<boolean>`.
    Bool(bool),
    /// `<set>` of strings, in the order of the file.
    Set(Vec<Box<str>>),
    /// An element that preferences do not have, or a number that is none: as it stands.
    Other(Box<str>),
}

/// A preference with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name.
    pub key: Box<str>,
    /// Its value.
    pub value: Pref,
    /// Where its element begins in the file.
    pub offset: u64,
    /// Bytes of its element.
    pub length: u64,
}

/// The preferences of one file, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prefs {
    /// The entries up to the end, or up to the damage.
    pub entries: Vec<Entry>,
    /// What ended reading early.
    pub broken: Option<PrefsError>,
}

impl Entry {
    /// The text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Pref::Text(t) => Some(t),
            _ => None,
        }
    }

    /// The integer.
    pub fn int(&self) -> Option<i64> {
        match self.value {
            Pref::Int(i) => Some(i),
            _ => None,
        }
    }

    /// The truth value.
    pub fn flag(&self) -> Option<bool> {
        match self.value {
            Pref::Bool(b) => Some(b),
            _ => None,
        }
    }

    /// The value as evidence; a set as its texts, one per line.
    pub fn value(&self) -> Value {
        match &self.value {
            Pref::Null => Value::Null,
            Pref::Text(t) | Pref::Other(t) => Value::Text(t.clone()),
            Pref::Int(i) => Value::Int(*i),
            Pref::Real(f) => Value::Real(*f),
            Pref::Bool(b) => Value::Int(i64::from(*b)),
            Pref::Set(texts) => Value::Text(texts.join("\n").into()),
        }
    }

    /// Its place in the store.
    pub fn origin(&self, store: StoreId) -> Origin {
        Origin { key: Some(self.key.clone()), ..Origin::bytes(store, self.offset, self.length) }
    }
}

impl Prefs {
    /// The entry of this name; of several the last, as Android reads them.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|e| *e.key == *key)
    }

    /// The text of an entry.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// The integer of an entry.
    pub fn int(&self, key: &str) -> Option<i64> {
        self.get(key)?.int()
    }

    /// The truth value of an entry.
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.get(key)?.flag()
    }
}

/// An entry whose element is still open.
struct Open {
    key: Box<str>,
    offset: u64,
    tag: Box<str>,
    text: String,
    set: Vec<Box<str>>,
}

/// Reads shared preferences. Damage in the middle costs what follows it: see [`Prefs::broken`].
///
/// # Errors
/// The file is no XML with a `<map>`.
pub fn parse(bytes: &[u8]) -> Result<Prefs, PrefsError> {
    if bytes.starts_with(b"ABX\0") {
        return Err(PrefsError::BinaryXml);
    }
    if bytes.len() > MAX_BYTES {
        return Err(PrefsError::Limit { offset: MAX_BYTES as u64, limit: MAX_BYTES, unit: "bytes" });
    }
    let text = decoded(bytes);
    let mut prefs = Prefs::default();
    let (broken, map) = read(&text, &mut prefs.entries);
    if !map {
        return Err(PrefsError::Format { found: bytes.get(..16).unwrap_or(bytes).into() });
    }
    prefs.broken = broken;
    Ok(prefs)
}

/// Reads entries until the end or the first damage; also whether there was a `<map>`.
fn read(text: &str, entries: &mut Vec<Entry>) -> (Option<PrefsError>, bool) {
    let mut reader = Reader::from_str(text);
    let mut depth = 0usize;
    let mut map = false;
    let mut open: Option<Open> = None;
    loop {
        let offset = reader.buffer_position();
        let damaged = |found: String| Some(PrefsError::Damaged { offset, found });
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(e) => return (damaged(e.to_string()), map),
        };
        let end = reader.buffer_position();
        match event {
            Event::Eof if depth > 0 => return (damaged("the file ends within an element".into()), map),
            Event::Eof => return (None, map),
            Event::DocType(_) => return (damaged("a document type".into()), map),
            Event::Start(e) => {
                map |= depth == 0 && e.name().as_ref() == "map";
                if depth == 1 && map {
                    open = Some(begin(&e, offset));
                }
                depth = depth.saturating_add(1);
                if depth > MAX_DEPTH {
                    return (Some(PrefsError::Limit { offset, limit: MAX_DEPTH, unit: "levels" }), map);
                }
            }
            Event::Empty(e) => match &mut open {
                None if depth == 0 => map |= e.name().as_ref() == "map",
                None if map => entries.extend(finish(begin(&e, offset), &e, end)),
                Some(entry) if depth == 2 && e.name().as_ref() == "string" => entry.set.push("".into()),
                _ => {}
            },
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                match (depth, &mut open) {
                    (1, Some(_)) => entries.extend(open.take().map(|o| close(o, end))),
                    (2, Some(entry)) => entry.set.push(std::mem::take(&mut entry.text).into()),
                    _ => {}
                }
            }
            Event::Text(t) => push(&mut open, &t),
            Event::CData(t) => push(&mut open, &t),
            Event::GeneralRef(r) => match reference(&r) {
                Some(c) => push(&mut open, c.encode_utf8(&mut [0; 4])),
                // Old writers put half surrogates and control characters as references.
                None => push(&mut open, "\u{fffd}"),
            },
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
        }
        if let (2, Some(entry)) = (depth, &mut open)
            && &*entry.tag == "set"
        {
            entry.text.clear(); // White space between the strings of a set.
        }
    }
}

fn push(open: &mut Option<Open>, more: &str) {
    if let Some(entry) = open {
        entry.text.push_str(more);
    }
}

fn begin(element: &BytesStart<'_>, offset: u64) -> Open {
    let key = attribute(element, "name").unwrap_or_default().into();
    Open { key, offset, tag: element.name().as_ref().into(), text: String::new(), set: Vec::new() }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().with_checks(false).filter_map(Result::ok).find(|a| a.key.as_ref() == name)?;
    Some(unescape(&found.value))
}

/// An attribute's text; a reference that XML does not have stays as it stands.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let named = after.split_once(';').and_then(|(name, tail)| {
            let c = reference(&quick_xml::events::BytesRef::new(name))?;
            Some((c, tail))
        });
        match named {
            Some((c, tail)) => {
                out.push(c);
                rest = tail;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// An element that holds its value as attribute.
fn finish(open: Open, element: &BytesStart<'_>, end: u64) -> Option<Entry> {
    let value = attribute(element, "value");
    let other = || Pref::Other(value.clone().unwrap_or_else(|| open.tag.to_string()).into());
    let text = value.as_deref().unwrap_or_default().trim();
    let value = match &*open.tag {
        "int" | "long" => text.parse().map_or_else(|_| other(), Pref::Int),
        "float" | "double" => text.parse().map_or_else(|_| other(), Pref::Real),
        "boolean" => match text {
            "true" => Pref::Bool(true),
            "false" => Pref::Bool(false),
            _ => other(),
        },
        "null" => Pref::Null,
        "string" => Pref::Text("".into()),
        "set" => Pref::Set(Vec::new()),
        _ => other(),
    };
    Some(entry(open.key, value, open.offset, end))
}

/// An element that holds its value as content.
fn close(open: Open, end: u64) -> Entry {
    let value = match &*open.tag {
        "string" => Pref::Text(open.text.into()),
        "set" => Pref::Set(open.set),
        "int" | "long" => open.text.trim().parse().map_or_else(|_| Pref::Other(open.text.into()), Pref::Int),
        "null" => Pref::Null,
        _ => Pref::Other(open.text.into()),
    };
    entry(open.key, value, open.offset, end)
}

fn entry(key: Box<str>, value: Pref, offset: u64, end: u64) -> Entry {
    Entry { key, value, offset, length: end.saturating_sub(offset) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<map>\n    <string name=\"login &quot;x&quot;\">a &amp; b\nc&#128512;</string>\n    <int name=\"uin\" value=\"-1234567890\" />\n    <long name=\"t\" value=\"1709280000123\" />\n    <float name=\"f\" value=\"1.5\" />\n    <boolean name=\"on\" value=\"true\" />\n    <set name=\"s\">\n        <string>one</string>\n        <string></string>\n        <string>two</string>\n    </set>\n    <string name=\"empty\"></string>\n    <null name=\"n\" />\n    <int name=\"uin\" value=\"7\" />\n</map>\n";

    #[test]
    fn every_kind_of_preference_reads_with_its_bytes() {
        let prefs = parse(FILE.as_bytes()).unwrap();
        assert_eq!(prefs.broken, None);
        assert_eq!(prefs.text("login \"x\""), Some("a & b\nc😀"));
        assert_eq!(prefs.entries[1].int(), Some(-1_234_567_890));
        assert_eq!(prefs.int("uin"), Some(7), "the last of a name counts");
        assert_eq!(prefs.int("t"), Some(1_709_280_000_123));
        assert_eq!(prefs.get("f").unwrap().value, Pref::Real(1.5));
        assert_eq!(prefs.flag("on"), Some(true));
        assert_eq!(prefs.get("s").unwrap().value, Pref::Set(vec!["one".into(), "".into(), "two".into()]));
        assert_eq!(prefs.text("empty"), Some(""));
        assert_eq!(prefs.get("n").unwrap().value(), Value::Null);
        for entry in &prefs.entries {
            let bytes = &FILE[entry.offset as usize..][..entry.length as usize];
            assert!(bytes.starts_with('<') && bytes.ends_with('>'), "{bytes}");
        }
        assert_eq!(prefs.get("t").unwrap().origin(StoreId(3)).key.as_deref(), Some("t"));
    }

    #[test]
    fn damage_costs_what_follows_it() {
        for end in 0..FILE.len() {
            if let Some(part) = FILE.get(..end)
                && let Ok(prefs) = parse(part.as_bytes())
            {
                assert!(prefs.broken.is_some() || end >= FILE.trim_end().len(), "{end}");
            }
        }
        let prefs = parse(FILE.replace("<float", "</set><float").as_bytes()).unwrap();
        assert_eq!(prefs.int("t"), Some(1_709_280_000_123));
        assert!(matches!(prefs.broken, Some(PrefsError::Damaged { .. })));
    }

    #[test]
    fn other_files_are_no_preferences() {
        assert_eq!(parse(b"ABX\0\x10"), Err(PrefsError::BinaryXml));
        assert!(matches!(parse(b"<plist/>"), Err(PrefsError::Format { .. })));
        assert!(matches!(parse(&[0, 1, 2]), Err(PrefsError::Format { .. })));
        let deep = format!("<map>{}", "<a>".repeat(10_000));
        assert!(matches!(parse(deep.as_bytes()).unwrap().broken, Some(PrefsError::Limit { .. })));
    }
}
