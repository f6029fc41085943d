//! One record for each content: equal ones are folded, with all their places; rows that are live are none.

use std::collections::HashMap;

use super::found::{Era, Found, Recovered, State, Where};
use super::options::MOST_PLACES;
use crate::store::sqlite::Database;
use crate::value::Value;

/// The records found so far.
#[derive(Default)]
pub(super) struct Folded {
    all: Vec<Recovered>,
    /// Records by the number of their content.
    by_content: HashMap<u64, Vec<usize>>,
    /// Bytes that the records take, about.
    pub bytes: usize,
    /// Numbers of records that were handed over.
    gone: std::collections::HashSet<u64>,
}

impl Folded {
    /// Adds a record found at one place; `content` is its number.
    pub(super) fn add(&mut self, content: u64, found: Recovered) {
        if self.gone.contains(&content) {
            return;
        }
        let same = self.by_content.entry(content).or_default();
        let fits = |i: &&usize| {
            let other = self.all.get(**i).map(|r| r.rowid);
            other.is_some_and(|rowid| rowid == found.rowid || rowid.is_none() || found.rowid.is_none())
        };
        let place = same.iter().find(fits).copied();
        if let Some(other) = place.and_then(|i| self.all.get_mut(i)) {
            merge(other, found);
            return;
        }
        same.push(self.all.len());
        self.bytes = self.bytes.saturating_add(weight(&found));
        self.all.push(found);
    }

    /// Hands all records over and keeps only their numbers.
    pub(super) fn take(&mut self) -> Vec<Recovered> {
        self.gone.extend(self.by_content.drain().map(|(content, _)| content));
        self.bytes = 0;
        std::mem::take(&mut self.all)
    }
}

fn weight(of: &Recovered) -> usize {
    let value = |v: &Found| match v {
        Found::Known(Value::Text(t)) | Found::Cut(Value::Text(t)) => t.len(),
        Found::Known(Value::Blob(b)) | Found::Cut(Value::Blob(b)) => b.len(),
        _ => 0,
    };
    let own = std::mem::size_of::<Recovered>();
    let each = std::mem::size_of::<Found>();
    of.values.iter().fold(own, |n, v| n.saturating_add(value(v)).saturating_add(each))
}

fn merge(into: &mut Recovered, from: Recovered) {
    into.images = into.images.saturating_add(from.images);
    if into.rowid.is_none() && from.rowid.is_some() {
        into.rowid = from.rowid;
        into.values = from.values;
        into.state = from.state;
    } else if !into.is_complete() && from.is_complete() {
        into.values = from.values;
    }
    into.confidence = into.confidence.max(from.confidence);
    into.state = stronger(into.state, from.state);
    for place in from.places {
        let at = into.places.partition_point(|p| rank(p) <= rank(&place));
        if into.places.len() < MOST_PLACES && !into.places.contains(&place) {
            into.places.insert(at, place);
        }
    }
}

/// The surest first: by method, then the page as it stands before older ones.
fn rank(place: &Where) -> (super::found::Method, bool) {
    (place.method, place.era != Era::Now)
}

/// A record that was committed anywhere was committed.
fn stronger(a: State, b: State) -> State {
    let weak = |s| matches!(s, State::Uncommitted | State::Unreachable);
    match (weak(a), weak(b)) {
        (true, false) => b,
        (false, false) if a == State::Former => b,
        _ => a,
    }
}

/// Compares a record with the live row of its rowid.
pub(super) enum Compared {
    /// No such row.
    Absent,
    /// The row has what is known of the record.
    Same,
    /// The row has other values.
    Other,
}

/// Looks up the live row of the record's rowid.
pub(super) fn compare(db: &Database, found: &Recovered) -> Compared {
    let (Some(table), Some(rowid)) = (db.table(&found.definition.name), found.rowid) else { return Compared::Absent };
    let Ok(Some(row)) = db.get(table, rowid) else { return Compared::Absent };
    if table.columns.len() != found.definition.columns.len() {
        return Compared::Other;
    }
    let live = row.values();
    let same = found.values.iter().zip(&live).all(|(found, live)| match found {
        Found::Known(value) => value == live || overwritten(live, value),
        Found::Cut(value) => begins(live, value),
        Found::Unknown => true,
    });
    if same { Compared::Same } else { Compared::Other }
}

/// A copy of a live blob whose last bytes a later cell or freeblock overwrote: as long, and the same but for a cell's
/// head. (In a text such bytes show as control characters, and the record is refused before.)
fn overwritten(live: &Value, copy: &Value) -> bool {
    /// The payload's length, the rowid, the header's length and a type or two.
    const HEAD: usize = 8;
    let (Value::Blob(live), Value::Blob(copy)) = (live, copy) else { return false };
    let same = live.len().saturating_sub(HEAD);
    live.len() == copy.len() && same > 0 && live.get(..same) == copy.get(..same)
}

fn begins(whole: &Value, start: &Value) -> bool {
    match (whole, start) {
        (Value::Text(whole), Value::Text(start)) => whole.starts_with(&**start),
        (Value::Blob(whole), Value::Blob(start)) => whole.starts_with(start),
        _ => false,
    }
}
