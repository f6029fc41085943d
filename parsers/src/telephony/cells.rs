//! Reading cells: marks, times, texts, always with their place.

use std::borrow::Cow;

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::store::sqlite::{Col, Row};
use forensics_core::value::Value;

/// Declares the columns that a reader uses: a struct of [`Col`] with `of(&Table)`. A column that a version lacks reads as
/// nothing.
macro_rules! columns {
    ($(#[$doc:meta])* $name:ident { $($field:ident = $column:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        struct $name {
            $($field: ::forensics_core::store::sqlite::Col,)*
        }

        impl $name {
            fn of(table: &::forensics_core::store::sqlite::Table) -> Self {
                $name { $($field: table.column($column),)* }
            }
        }
    };
}
pub(crate) use columns;

/// The cell as a mark whose raw value says it all; `None` where it holds nothing.
pub(crate) fn mark(row: &Row<'_>, col: Col, kind: MarkerKind, name: &'static str) -> Option<Marker> {
    let raw = row.value(col);
    (!raw.is_null()).then(|| Marker::new(kind, name, raw, row.cell(col)))
}

/// The same, unless it holds an empty text.
pub(crate) fn filled(row: &Row<'_>, col: Col, kind: MarkerKind, name: &'static str) -> Option<Marker> {
    mark(row, col, kind, name).filter(|m| m.raw.as_text() != Some(""))
}

/// The same, unless it holds one of the numbers that stand for "not set".
pub(crate) fn set(row: &Row<'_>, col: Col, kind: MarkerKind, name: &'static str, unset: &[i64]) -> Option<Marker> {
    mark(row, col, kind, name).filter(|m| !m.raw.as_int().is_some_and(|n| unset.contains(&n)))
}

/// A state code with its word, where the code is known.
pub(crate) fn state(
    row: &Row<'_>,
    col: Col,
    name: &'static str,
    word: fn(i64) -> Option<&'static str>,
) -> Option<Marker> {
    let code = row.int_lossy(col);
    mark(row, col, MarkerKind::State, name).map(|m| m.meaning(code.and_then(word)))
}

/// A time above zero as a mark.
pub(crate) fn time(row: &Row<'_>, col: Col, epoch: Epoch, kind: MarkerKind, name: &'static str) -> Option<Marker> {
    let at = stamp(row, col, epoch)?;
    mark(row, col, kind, name).map(|m| m.meaning(at.to_string()))
}

/// A time; zero and below stand for "not set".
pub(crate) fn stamp(row: &Row<'_>, col: Col, epoch: Epoch) -> Option<Stamp> {
    row.int_lossy(col).filter(|n| *n > 0).map(|n| Stamp::int(n, epoch))
}

/// A text that is there and not empty.
pub(crate) fn text(row: &Row<'_>, col: Col) -> Option<Box<str>> {
    row.text(col).filter(|t| !t.is_empty()).map(Cow::into_owned).map(Into::into)
}

/// A number above zero.
pub(crate) fn positive(row: &Row<'_>, col: Col) -> Option<i64> {
    row.int_lossy(col).filter(|n| *n > 0)
}

/// The integer of a mark, also where it is kept as decimal text (backups keep all numbers so).
pub(crate) fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(n) => Some(*n),
        Value::Text(t) => t.trim().parse().ok(),
        Value::Null | Value::Real(_) | Value::Blob(_) => None,
    }
}
