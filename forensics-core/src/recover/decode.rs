//! The values of a record, with its overflow pages where they are still there.

use std::borrow::Cow;
use std::collections::HashSet;

use super::carve::Hit;
use super::cell::Serial;
use super::found::Found;
use super::landscape::{Landscape, Use};
use super::options::MOST_PAYLOAD;
use super::shape::{Rule, Shape};
use super::strata::{NOW, Strata};
use crate::store::sqlite::{Affinity, Encoding, Field, Raw, be32, owned, slice};
use crate::value::Value;

/// What decoding needs to know.
pub(super) struct Decoder<'a> {
    pub strata: &'a Strata<'a>,
    pub land: &'a Landscape,
    pub encoding: Encoding,
}

impl Decoder<'_> {
    /// The values in the order of the definition's columns; for an index entry only those that it holds. The rowid of an
    /// index entry comes with it.
    pub(super) fn values(&self, hit: &Hit, shape: &Shape, page: &[u8], age: u32) -> (Vec<Found>, Option<i64>) {
        let cell = &hit.cell;
        let local = slice(page, cell.body as usize, cell.local as usize).unwrap_or_default();
        let bodies = match cell.overflow {
            0 => Cow::Borrowed(local),
            first => self.bodies(local, first, cell.length, age),
        };
        let mut values = vec![Found::Unknown; shape.table.columns.len()];
        let mut rowid = cell.rowid;
        let mut at = 0usize;
        for (i, rule) in shape.rules.iter().enumerate() {
            let found = match cell.serials.get(i) {
                None => Found::Known(default(shape, rule)),
                Some(serial) => {
                    let length = serial.map_or(0, |s| Field::length(s) as usize);
                    let found = self.value(rule, *serial, &bodies, at, length);
                    at = at.saturating_add(length);
                    found
                }
            };
            if rule.rowid {
                rowid = found.known().and_then(Value::as_int);
            }
            let found = match (rule.alias, rowid) {
                (true, Some(rowid)) => Found::Known(Value::Int(rowid)),
                (true, None) => Found::Unknown,
                _ => found,
            };
            if let Some(slot) = rule.column.and_then(|c| values.get_mut(c)) {
                *slot = found;
            }
        }
        if shape.index.is_some() {
            // The rowid's alias is in the entry as its rowid.
            for (slot, column) in values.iter_mut().zip(&shape.table.columns) {
                if let (true, Some(rowid)) = (column.is_rowid(), rowid) {
                    *slot = Found::Known(Value::Int(rowid));
                }
            }
        }
        (values, rowid)
    }

    fn value(&self, rule: &Rule, serial: Serial, bodies: &[u8], at: usize, length: usize) -> Found {
        let Some(serial) = serial else { return nothing(rule) };
        let field = Field { serial, start: 0 };
        let Some(body) = slice(bodies, at, length) else {
            let rest = bodies.get(at..).filter(|r| !r.is_empty() && serial >= 12);
            return rest.map_or(Found::Unknown, |rest| Found::Cut(self.cut(serial, rest)));
        };
        let Some(raw) = field.decode(body) else { return Found::Unknown };
        Found::Known(match (rule.affinity, raw) {
            #[expect(clippy::cast_precision_loss, reason = "the inverse of what SQLite did when it stored the number")]
            (Affinity::Real, Raw::Int(i)) => Value::Real(i as f64),
            (_, raw) => owned(raw, self.encoding),
        })
    }

    /// The beginning of a text (whole characters of it) or blob.
    fn cut(&self, serial: u32, bytes: &[u8]) -> Value {
        if serial.is_multiple_of(2) {
            return Value::from(bytes);
        }
        if self.encoding == Encoding::Utf8 {
            let valid = match std::str::from_utf8(bytes) {
                Ok(text) => text,
                Err(e) => bytes.get(..e.valid_up_to()).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default(),
            };
            return Value::from(valid);
        }
        let even = bytes.get(..bytes.len() & !1).unwrap_or_default();
        owned(Raw::Text(even), self.encoding)
    }

    /// Local bytes and the overflow pages behind them; the local ones alone where the chain is broken.
    fn bodies<'p>(&self, local: &'p [u8], first: u32, length: u32, age: u32) -> Cow<'p, [u8]> {
        match self.chain(local, first, length, age) {
            Some(whole) => Cow::Owned(whole),
            None => Cow::Borrowed(local),
        }
    }

    /// A chain is trusted only when none of its pages is used by something else now (or all are of the image's age), none
    /// comes twice, and it ends where the payload does.
    fn chain(&self, local: &[u8], first: u32, length: u32, age: u32) -> Option<Vec<u8>> {
        if length > MOST_PAYLOAD {
            return None;
        }
        let mut out = local.to_vec();
        let mut met = HashSet::new();
        let mut no = first;
        while out.len() < length as usize {
            if no < 2 || !met.insert(no) || !self.free(no, age) {
                return None;
            }
            let b = self.strata.as_of(no, age)?;
            let here = (length as usize).saturating_sub(out.len()).min(self.strata.image.overflow_room());
            out.extend_from_slice(slice(&b, 4, here).filter(|b| !b.is_empty())?);
            no = be32(&b, 0)?;
        }
        (no == 0).then_some(out)
    }

    fn free(&self, no: u32, age: u32) -> bool {
        let replaced = age != NOW && self.strata.has_images(no);
        replaced || matches!(self.land.of(no), Use::Free | Use::Nothing | Use::Trunk(_))
    }
}

/// A value without a byte whose type is lost: known only where the column's rules leave one.
fn nothing(rule: &Rule) -> Found {
    match (rule.affinity, rule.not_null) {
        (Affinity::Text, true) => Found::Known(Value::from("")),
        _ => Found::Unknown,
    }
}

/// What a row older than the column reads as.
fn default(shape: &Shape, rule: &Rule) -> Value {
    let column = rule.column.and_then(|c| shape.table.columns.get(c));
    column.map_or(Value::Null, |c| c.default.clone())
}
