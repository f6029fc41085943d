//! Reading cells: times, marks, texts, always with their place.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::store::sqlite::{Col, Row};
use forensics_core::value::{Value, hex};

/// A time in milliseconds since 1970; the app writes 0, -1 or NULL for "not set" (all three occur in stores of 2022 and 2023).
pub(super) fn millis(row: &Row<'_>, col: Col) -> Option<Stamp> {
    row.int_lossy(col).filter(|ms| *ms > 0).map(|ms| Stamp::int(ms, Epoch::UnixMillis))
}

/// A Core Data date: seconds since 2001, whole ones stored as integers.
pub(super) fn apple(row: &Row<'_>, col: Col) -> Option<Stamp> {
    match row.value(col) {
        Value::Int(seconds) => Some(Stamp::int(seconds, Epoch::AppleSeconds)),
        Value::Real(seconds) if seconds.is_finite() => Some(Stamp::real(seconds, Epoch::AppleSeconds)),
        _ => None,
    }
}

/// A text that is there and not empty.
pub(super) fn text(row: &Row<'_>, col: Col) -> Option<Box<str>> {
    row.text(col).filter(|t| !t.is_empty()).map(Cow::into_owned).map(Into::into)
}

/// The cell as a mark whose raw value says it all; `None` where it holds nothing.
pub(super) fn mark(row: &Row<'_>, col: Col, kind: MarkerKind, name: &'static str) -> Option<Marker> {
    let raw = row.value(col);
    (!raw.is_null()).then(|| Marker::new(kind, name, raw, row.cell(col)))
}

/// The cell as a mark that holds a time in milliseconds; `None` where it is not set.
pub(super) fn time_mark(row: &Row<'_>, col: Col, kind: MarkerKind, name: &'static str) -> Option<Marker> {
    let stamp = millis(row, col)?;
    Some(Marker::new(kind, name, row.value(col), row.cell(col)).meaning(stamp.to_string()))
}

/// A SHA-256 that is stored as base64, in hexadecimal.
pub(super) fn sha256(base64: &str) -> Option<Box<str>> {
    let bytes = STANDARD.decode(base64.trim()).ok().filter(|b| b.len() == 32)?;
    Some(hex(&bytes).into())
}

/// The last component of a path.
pub(super) fn file_name(path: &str) -> Option<Box<str>> {
    path.rsplit('/').next().filter(|n| !n.is_empty()).map(Into::into)
}

/// Seconds as stored by Core Data in whole milliseconds; `None` beyond what a length can be.
pub(super) fn to_millis(seconds: f64) -> Option<i64> {
    /// A thousand years: no call lasts longer.
    const MOST: f64 = 3.2e10;
    let ms = (seconds * 1000.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and in range")]
    (seconds.is_finite() && (0.0..MOST).contains(&seconds)).then_some(ms as i64)
}
