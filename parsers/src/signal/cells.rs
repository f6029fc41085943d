//! Reading cells: times, marks, texts, always with their place.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::record::MessageKind;
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::value::{Value, hex};

use super::tables::{Cells, Column};

/// A time in milliseconds since 1970.
pub(super) fn stamp(ms: i64) -> Stamp {
    Stamp::int(ms, Epoch::UnixMillis)
}

/// A time in milliseconds since 1970, where it is set.
pub(super) fn millis(row: &dyn Cells, column: Column) -> Option<Stamp> {
    row.positive(column).map(stamp)
}

/// The cell as a mark whose raw value says it all; `None` where it holds nothing, an empty text, or a number below one.
pub(super) fn mark(row: &dyn Cells, column: Column, kind: MarkerKind) -> Option<Marker> {
    let raw = row.value(column);
    let nothing = match &raw {
        Value::Null => true,
        Value::Int(i) => *i < 1,
        Value::Text(t) => t.is_empty(),
        Value::Real(_) | Value::Blob(_) => false,
    };
    (!nothing).then(|| Marker::new(kind, column.name, raw, row.cell(column)))
}

/// The cell as a mark that holds a time; `None` where it is not set.
pub(super) fn time_mark(row: &dyn Cells, column: Column, kind: MarkerKind) -> Option<Marker> {
    let at = millis(row, column)?;
    Some(mark(row, column, kind)?.meaning(at.to_string()))
}

/// A SHA-256 that is stored as base64, in hexadecimal.
pub(super) fn sha256(base64: &str) -> Option<Box<str>> {
    let bytes = STANDARD.decode(base64.trim()).ok().filter(|b| b.len() == 32)?;
    Some(hex(&bytes).into())
}

/// A service id as it is written everywhere: lower case.
pub(super) fn lower(id: &str) -> Box<str> {
    id.to_ascii_lowercase().into()
}

/// What a file is by its MIME type.
pub(super) fn kind_of(mime: &str) -> MessageKind {
    match mime.split('/').next() {
        Some("image") => MessageKind::Image,
        Some("video") => MessageKind::Video,
        Some("audio") => MessageKind::Voice,
        _ => MessageKind::File,
    }
}

/// 16 bytes as a UUID.
pub(super) fn uuid(bytes: &[u8]) -> Option<Box<str>> {
    let digits = hex(<&[u8; 16]>::try_from(bytes).ok()?);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    Some([part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bytes_are_a_uuid() {
        let bytes: Vec<u8> = (0..16).collect();
        assert_eq!(uuid(&bytes).as_deref(), Some("00010203-0405-0607-0809-0a0b0c0d0e0f"));
        assert_eq!(uuid(&bytes[1..]), None);
    }

    #[test]
    fn a_hash_in_base64_becomes_hexadecimal() {
        assert_eq!(sha256("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").as_deref(), Some(&*"00".repeat(32)));
        assert_eq!(sha256("AAAA"), None);
    }
}
