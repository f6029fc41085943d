//! A recovered record with the getters of a live row, so that what reads live rows can read it too.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::found::{Found, Recovered};
use crate::origin::{Origin, StoreId};
use crate::store::sqlite::{Col, Table};
use crate::value::Value;

/// A recovered record, read by the columns of a live table. What is not known reads as `Null`.
pub struct RecoveredRow<'a> {
    record: &'a Recovered,
    table: &'a Table,
    store: StoreId,
    /// For each column of the table, its place in the record.
    places: Vec<Option<usize>>,
}

impl<'a> RecoveredRow<'a> {
    /// Views a record by the columns of `table`: the live table of its name, or the record's own definition. Columns are
    /// matched by name, for the record may be older than the table's last change.
    pub fn new(record: &'a Recovered, table: &'a Table, store: StoreId) -> RecoveredRow<'a> {
        let own = &record.definition.columns;
        let place = |name: &str| own.iter().position(|c| c.name.eq_ignore_ascii_case(name));
        let places = table.columns.iter().map(|c| place(&c.name)).collect();
        RecoveredRow { record, table, store, places }
    }

    /// The record.
    pub fn record(&self) -> &'a Recovered {
        self.record
    }

    /// The table by whose columns it is read.
    pub fn table(&self) -> &'a Table {
        self.table
    }

    /// The rowid, where it still stands.
    pub fn rowid(&self) -> Option<i64> {
        self.record.rowid
    }

    /// What was found of a column.
    pub fn found(&self, col: Col) -> &'a Found {
        let index = col.0.and_then(|c| *self.places.get(usize::from(c))?);
        index.and_then(|i| self.record.values.get(i)).unwrap_or(&Found::Unknown)
    }

    /// Whether the column's value is known, NULL included.
    pub fn is_known(&self, col: Col) -> bool {
        matches!(self.found(col), Found::Known(_))
    }

    fn known(&self, col: Col) -> Option<&'a Value> {
        self.found(col).known()
    }

    /// The value of a column; `Null` where it is not known.
    pub fn value(&self, col: Col) -> Value {
        self.known(col).cloned().unwrap_or_default()
    }

    /// The integer in a column.
    pub fn int(&self, col: Col) -> Option<i64> {
        self.known(col)?.as_int()
    }

    /// The integer in a column, also where it is stored as a whole real or as decimal text.
    pub fn int_lossy(&self, col: Col) -> Option<i64> {
        match self.known(col)? {
            Value::Int(i) => Some(*i),
            Value::Real(f) => {
                // 2^63 is exactly representable, i64::MAX is not.
                let whole = f.fract() == 0.0 && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(f);
                #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and in range")]
                whole.then_some(*f as i64)
            }
            Value::Text(t) => t.trim().parse().ok(),
            Value::Null | Value::Blob(_) => None,
        }
    }

    /// The number in a column: a real, or an integer as real.
    pub fn real(&self, col: Col) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a caller that asks for a real wants the nearest")]
        match self.known(col)? {
            Value::Real(f) => Some(*f),
            Value::Int(i) => Some(*i as f64),
            _ => None,
        }
    }

    /// The text in a column; also the beginning of one whose end is gone (see [`RecoveredRow::is_known`]).
    pub fn text(&self, col: Col) -> Option<Cow<'a, str>> {
        match self.found(col) {
            Found::Known(Value::Text(t)) | Found::Cut(Value::Text(t)) => Some(Cow::Borrowed(t)),
            _ => None,
        }
    }

    /// The same as [`RecoveredRow::text`]: text that is not valid is never recovered as text.
    pub fn text_lossy(&self, col: Col) -> Option<Cow<'a, str>> {
        self.text(col)
    }

    /// The bytes of a blob or of a text (in UTF-8, whatever the store's encoding).
    pub fn bytes(&self, col: Col) -> Option<Cow<'a, [u8]>> {
        match self.known(col)? {
            Value::Text(t) => Some(Cow::Borrowed(t.as_bytes())),
            Value::Blob(b) => Some(Cow::Borrowed(b)),
            _ => None,
        }
    }

    /// Whether a column holds nothing, or nothing is known of it.
    pub fn is_null(&self, col: Col) -> bool {
        self.known(col).is_none_or(Value::is_null)
    }

    /// All values, in the order of the table's columns; `Null` where not known.
    pub fn values(&self) -> Vec<Value> {
        let value = |place: &Option<usize>| {
            place.and_then(|i| self.record.values.get(i)).and_then(Found::known).cloned().unwrap_or_default()
        };
        self.places.iter().map(value).collect()
    }

    /// The surest place of the record; `key` says how it was found, and in the journal where.
    pub fn origin(&self) -> Origin {
        let origin = Origin::table(self.store, self.table.name.clone());
        let Some(place) = self.record.places.first() else { return origin };
        let mut key = format!("recovered ({:?})", place.method).to_ascii_lowercase();
        if place.journal {
            let _ = write!(key, ", -journal byte {}", place.offset);
        }
        Origin {
            rowid: self.record.rowid,
            wal_frame: place.frame,
            page: Some(place.page),
            offset: (!place.journal).then_some(place.offset),
            length: Some(u64::from(place.length)),
            key: Some(key.into()),
            ..origin
        }
    }

    /// The place of one value: [`RecoveredRow::origin`] with the column's own name.
    pub fn cell(&self, col: Col) -> Origin {
        let name = self.table.at(col).map(|c| Cow::Owned(c.name.to_string()));
        Origin { column: name, ..self.origin() }
    }
}
