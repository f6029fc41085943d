//! XML property lists. No document type with a subset, no entities but XML's own five.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::{Plist, PlistError, limits};

/// Lists end their base64 with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Seconds from 1970-01-01 to 2001-01-01.
const APPLE_EPOCH: f64 = 978_307_200.0;

/// An element that is open.
enum Open {
    Array(Vec<Plist>),
    /// Entries, and the key that waits for its value.
    Dict(Vec<(Box<str>, Plist)>, Option<Box<str>>),
    /// An element that holds text: its name and the text so far.
    Text(Box<str>, String),
    /// `plist` itself.
    Document,
}

struct Builder {
    stack: Vec<Open>,
    result: Option<Plist>,
}

/// Reads an XML list.
pub(super) fn parse(bytes: &[u8]) -> Result<Plist, PlistError> {
    if bytes.len() > limits::XML_BYTES {
        return Err(PlistError::Limit { offset: limits::XML_BYTES, limit: limits::XML_BYTES, unit: "bytes" });
    }
    let text = decoded(bytes);
    let mut reader = Reader::from_str(&text);
    let mut builder = Builder { stack: Vec::new(), result: None };
    loop {
        let offset = reader.buffer_position();
        let at = |found: String| PlistError::Xml { offset, found };
        let event = reader
            .read_event()
            .map_err(|e| PlistError::Xml { offset: reader.error_position(), found: e.to_string() })?;
        match event {
            Event::Eof => break,
            Event::Start(e) => {
                if builder.stack.len() >= limits::XML_DEPTH {
                    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
                    return Err(PlistError::Limit { offset, limit: limits::XML_DEPTH, unit: "levels" });
                }
                builder.open(e.name().as_ref());
            }
            Event::Empty(e) => {
                builder.open(e.name().as_ref());
                builder.close().map_err(|e| at(e.into()))?;
            }
            Event::End(_) => builder.close().map_err(|e| at(e.into()))?,
            Event::Text(t) => builder.text(&t),
            Event::CData(t) => builder.text(&t),
            Event::GeneralRef(r) => builder
                .text(reference(&r).ok_or(at("an entity that XML does not have".into()))?.encode_utf8(&mut [0; 4])),
            // The usual one names Apple's DTD; one with a subset could define entities.
            Event::DocType(t) if t.contains('[') => return Err(at("a document type with a subset".into())),
            Event::DocType(_) | Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
        }
    }
    let end = reader.buffer_position();
    match builder.result {
        Some(result) if builder.stack.is_empty() => Ok(result),
        Some(_) => Err(PlistError::Xml { offset: end, found: "the list ends within an element".into() }),
        None => Err(PlistError::Xml { offset: end, found: "the list holds no value".into() }),
    }
}

/// XML as text: UTF-8, or UTF-16 by its byte order mark. Bytes that are not valid are replaced.
pub(crate) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let wide = |unit: fn([u8; 2]) -> u16| {
        let units = bytes.as_chunks::<2>().0.iter().skip(1).map(|u| unit(*u));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>().into()
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        _ => String::from_utf8_lossy(bytes),
    }
}

/// One of the five names, or a character by number.
pub(crate) fn reference(r: &BytesRef<'_>) -> Option<char> {
    if let Ok(Some(c)) = r.resolve_char_ref() {
        return Some(c);
    }
    Some(match &**r {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        _ => return None,
    })
}

impl Builder {
    fn open(&mut self, name: &str) {
        self.stack.push(match name {
            "plist" => Open::Document,
            "dict" => Open::Dict(Vec::new(), None),
            "array" => Open::Array(Vec::new()),
            name => Open::Text(name.into(), String::new()),
        });
    }

    fn text(&mut self, more: &str) {
        if let Some(Open::Text(_, text)) = self.stack.last_mut() {
            text.push_str(more);
        }
    }

    fn close(&mut self) -> Result<(), &'static str> {
        let value = match self.stack.pop().ok_or("an element ends that did not begin")? {
            Open::Document => return Ok(()),
            Open::Array(values) => Plist::Array(values),
            Open::Dict(entries, None) => uid(entries),
            Open::Dict(_, Some(_)) => return Err("a key without value"),
            Open::Text(name, text) if &*name == "key" => {
                let Some(Open::Dict(_, key)) = self.stack.last_mut() else { return Err("a key outside a dictionary") };
                if key.replace(text.into()).is_some() {
                    return Err("a key without value");
                }
                return Ok(());
            }
            Open::Text(name, text) => leaf(&name, text)?,
        };
        match self.stack.last_mut() {
            Some(Open::Array(values)) => values.push(value),
            Some(Open::Dict(entries, key)) => entries.push((key.take().ok_or("a value without key")?, value)),
            Some(Open::Text(..)) => return Err("an element within text"),
            Some(Open::Document) | None if self.result.is_none() => self.result = Some(value),
            Some(Open::Document) | None => return Err("a second value"),
        }
        Ok(())
    }
}

/// `plutil` writes the references of a keyed archive as a dictionary of one key.
fn uid(entries: Vec<(Box<str>, Plist)>) -> Plist {
    match entries.as_slice() {
        [(key, Plist::Int(i))] if &**key == "CF$UID" => u64::try_from(*i).map_or(Plist::Null, Plist::Uid),
        _ => Plist::Dict(entries),
    }
}

fn leaf(name: &str, text: String) -> Result<Plist, &'static str> {
    Ok(match name {
        "string" => Plist::Text(text.into()),
        "true" => Plist::Bool(true),
        "false" => Plist::Bool(false),
        "integer" => Plist::Int(integer(text.trim()).ok_or("an integer that is none")?),
        "real" => Plist::Real(text.trim().parse().map_err(|_| "a real that is none")?),
        "date" => {
            let time: jiff::Timestamp = text.trim().parse().map_err(|_| "a date that is none")?;
            Plist::Date(time.as_duration().as_secs_f64() - APPLE_EPOCH)
        }
        "data" => {
            let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
            Plist::Data(BASE64.decode(digits).map_err(|_| "data that is not base64")?.into())
        }
        _ => return Err("an element that property lists do not have"),
    })
}

fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => i128::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    if negative { value.checked_neg() } else { Some(value) }
}
