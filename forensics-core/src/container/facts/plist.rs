//! The few fields that containers need from property lists, binary or XML.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::bplist::{Binary, Item};

/// A dictionary of plain values; nested dictionaries one under their key and a dot (`Lockdown.DeviceName`). Arrays are
/// left out.
#[derive(Debug, Default)]
pub(crate) struct Dict(BTreeMap<String, Plain>);

/// A value without structure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Plain {
    Text(String),
    Int(i128),
    Bool(bool),
    Data(Vec<u8>),
    /// Milliseconds since 1970 UTC.
    Date(i64),
}

/// How deep nested dictionaries are looked into; what we ask for lies at depth two.
const DEPTH: usize = 2;
/// Values that are looked at in all.
const VALUES: usize = 100_000;
/// Seconds from 1970 to 2001.
const APPLE_EPOCH: f64 = 978_307_200.0;

impl Dict {
    /// Reads a property list whose top is a dictionary.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        match Binary::parse(bytes) {
            Some(binary) => Some(Self::binary(&binary)),
            None => Self::xml(bytes),
        }
    }

    fn binary(list: &Binary<'_>) -> Self {
        let mut out = BTreeMap::new();
        let mut open = vec![(String::new(), list.top(), 0)];
        while let Some((prefix, dict, depth)) = open.pop() {
            let Some(Item::Dict(keys, values)) = dict else { continue };
            for (key, value) in keys.iter().zip(values.iter()) {
                let (Some(Item::Text(key)), Some(value)) = (list.item(key), list.item(value)) else { continue };
                if out.len() >= VALUES {
                    return Dict(out);
                }
                let key = format!("{prefix}{key}");
                match value {
                    Item::Dict(..) if depth < DEPTH => open.push((format!("{key}."), Some(value), depth + 1)),
                    other => {
                        if let Some(plain) = plain(&other) {
                            out.insert(key, plain);
                        }
                    }
                }
            }
        }
        Dict(out)
    }

    /// XML as Apple writes it. Entities and DTDs are not followed.
    fn xml(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut reader = Reader::from_str(text);
        let (mut out, mut keys, mut key) = (BTreeMap::new(), Vec::<String>::new(), String::new());
        let (mut value, mut arrays, mut seen) = (String::new(), 0_usize, false);
        loop {
            match reader.read_event().ok()? {
                Event::Start(tag) => {
                    match tag.name().as_ref() {
                        "dict" => {
                            seen = true;
                            keys.push(std::mem::take(&mut key));
                        }
                        "array" => arrays = arrays.saturating_add(1),
                        _ => {}
                    }
                    value.clear();
                }
                Event::Text(t) => value.push_str(&t),
                Event::GeneralRef(r) => value.push_str(entity(&r)),
                Event::Empty(tag) => {
                    let truth = tag.name().as_ref() == "true";
                    if arrays == 0 && (truth || tag.name().as_ref() == "false") {
                        out.insert(path(&keys, &key), Plain::Bool(truth));
                    }
                }
                Event::End(tag) => match tag.name().as_ref() {
                    "dict" => key = keys.pop().unwrap_or_default(),
                    "array" => arrays = arrays.saturating_sub(1),
                    "key" => key = std::mem::take(&mut value),
                    kind if arrays == 0 && keys.len() <= DEPTH + 1 && out.len() < VALUES => {
                        if let Some(plain) = plain_xml(kind, &value) {
                            out.insert(path(&keys, &key), plain);
                        }
                    }
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
        seen.then_some(Dict(out))
    }

    pub(crate) fn text(&self, key: &str) -> Option<String> {
        match self.0.get(key)? {
            Plain::Text(t) => Some(t.clone()),
            _ => None,
        }
    }

    pub(crate) fn data(&self, key: &str) -> Option<&[u8]> {
        match self.0.get(key)? {
            Plain::Data(d) => Some(d),
            _ => None,
        }
    }

    pub(crate) fn truth(&self, key: &str) -> Option<bool> {
        match self.0.get(key)? {
            Plain::Bool(b) => Some(*b),
            Plain::Int(i) => Some(*i != 0),
            _ => None,
        }
    }

    /// Milliseconds since 1970 UTC.
    pub(crate) fn date(&self, key: &str) -> Option<i64> {
        match self.0.get(key)? {
            Plain::Date(d) => Some(*d),
            _ => None,
        }
    }
}

/// The key of a value inside dictionaries.
fn path(keys: &[String], key: &str) -> String {
    let mut path: String = keys.iter().filter(|k| !k.is_empty()).flat_map(|k| [k.as_str(), "."]).collect();
    path.push_str(key);
    path
}

fn entity(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "\u{fffd}",
    }
}

fn plain(item: &Item<'_>) -> Option<Plain> {
    Some(match item {
        Item::Text(t) => Plain::Text(t.to_string()),
        Item::Int(i) => Plain::Int(*i),
        Item::Bool(b) => Plain::Bool(*b),
        Item::Data(d) => Plain::Data(d.to_vec()),
        Item::Date(seconds) => Plain::Date(millis(*seconds)?),
        _ => return None,
    })
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be within the years 1 to 9999")]
fn millis(seconds: f64) -> Option<i64> {
    let unix = (seconds + APPLE_EPOCH) * 1000.0;
    (unix.abs() < 2.6e14).then_some(unix.round() as i64)
}

fn plain_xml(kind: &str, value: &str) -> Option<Plain> {
    use base64::Engine as _;
    Some(match kind {
        "string" => Plain::Text(value.to_owned()),
        "integer" => Plain::Int(value.trim().parse().ok()?),
        "data" => {
            let packed: String = value.split_whitespace().collect();
            Plain::Data(base64::engine::general_purpose::STANDARD.decode(packed).ok()?)
        }
        "date" => Plain::Date(value.trim().parse::<jiff::Timestamp>().ok()?.as_millisecond()),
        _ => return None,
    })
}
