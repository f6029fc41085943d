//! Which index entries say nothing new: their row was recovered.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use super::found::Recovered;
use super::shape::Shape;
use crate::value::Value;

/// Recovered rows by rowid and by the values of indexed columns: eight bytes for each row and index.
#[derive(Default)]
pub(super) struct Covered {
    /// The columns of each index, by table, in the table's order; the rowid's alias is not among them.
    indexes: HashMap<Arc<str>, Vec<Vec<usize>>>,
    numbers: HashSet<u64>,
}

impl Covered {
    pub(super) fn by(shapes: &[Shape]) -> Covered {
        let mut covered = Covered::default();
        for shape in shapes.iter().filter(|s| s.index.is_some()) {
            let mut columns: Vec<usize> = shape.rules.iter().filter_map(|r| r.column).collect();
            columns.retain(|c| shape.table.columns.get(*c).is_some_and(|c| !c.is_rowid()));
            columns.sort_unstable();
            columns.dedup();
            let all = covered.indexes.entry(shape.table.name.clone()).or_default();
            if !all.contains(&columns) {
                all.push(columns);
            }
        }
        covered
    }

    /// Notes a recovered row.
    pub(super) fn add(&mut self, row: &Recovered) {
        let Some(indexes) = self.indexes.get(&row.definition.name) else { return };
        self.numbers.extend(indexes.iter().filter_map(|columns| number(row, columns)));
        self.numbers.extend(rowid(row));
    }

    /// Whether a recovered row has the rowid or the values of an entry.
    pub(super) fn has(&self, entry: &Recovered) -> bool {
        let known = entry.values.iter().zip(&entry.definition.columns).enumerate();
        let columns: Vec<usize> =
            known.filter(|(_, (v, c))| !c.is_rowid() && v.known().is_some()).map(|(i, _)| i).collect();
        [rowid(entry), number(entry, &columns)].iter().flatten().any(|n| self.numbers.contains(n))
    }
}

fn rowid(of: &Recovered) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    of.definition.name.hash(&mut hasher);
    of.rowid?.hash(&mut hasher);
    Some(hasher.finish())
}

/// A number for the values of some columns; `None` where one is not known.
fn number(of: &Recovered, columns: &[usize]) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    of.definition.name.hash(&mut hasher);
    columns.hash(&mut hasher);
    for column in columns {
        match of.values.get(*column)?.known()? {
            Value::Null => 0u8.hash(&mut hasher),
            Value::Int(i) => i.hash(&mut hasher),
            Value::Real(f) => f.to_bits().hash(&mut hasher),
            Value::Text(t) => t.hash(&mut hasher),
            Value::Blob(b) => b.hash(&mut hasher),
        }
    }
    Some(hasher.finish())
}
