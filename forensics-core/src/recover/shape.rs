//! What the rows of a table (or the entries of an index) look like: the definition's rules and what live rows show.

use std::sync::Arc;

use super::constraints;
use crate::store::sqlite::{Affinity, Definition, Index, Storage, Table, Tree, parse_create_table};

/// Live rows from which on what was never seen speaks against a record.
pub(super) const ENOUGH_ROWS: u32 = 20;
/// Types of one byte.
const TYPES: usize = 128;

/// What live rows show of one stored value.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Live values by class: null, integer, real, text, blob.
    pub classes: [u32; 5],
    /// Live values by type, of the types of one byte.
    pub types: Vec<u32>,
    /// Smallest and greatest integer.
    pub range: Option<(i64, i64)>,
    /// Longest text or blob, in bytes.
    pub longest: u32,
    /// Whether a text holds control characters.
    pub controls: bool,
}

impl Seen {
    pub(super) fn add(&mut self, other: &Seen) {
        for (mine, theirs) in self.classes.iter_mut().zip(other.classes) {
            *mine = mine.saturating_add(theirs);
        }
        self.types.resize(self.types.len().max(other.types.len()), 0);
        for (mine, theirs) in self.types.iter_mut().zip(&other.types) {
            *mine = mine.saturating_add(*theirs);
        }
        self.range = match (self.range, other.range) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        self.longest = self.longest.max(other.longest);
        self.controls |= other.controls;
    }

    /// Counts a live value's type.
    pub(super) fn count(&mut self, serial: u32) {
        self.types.resize(self.types.len().max(TYPES), 0);
        if let Some(count) = self.types.get_mut(serial as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// How usual a type is among live values, as bits: 0 for always, -7 for never.
    pub(super) fn usual(&self, serial: u32) -> f32 {
        let (_, all) = self.share(0);
        let mine = self.types.get(serial as usize).copied().unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "a share, not a count")]
        let share = (mine as f32 + 0.3) / (all as f32 + 1.0);
        share.log2().max(-7.0)
    }

    /// Live values of a class, and of all.
    pub(super) fn share(&self, class: usize) -> (u32, u32) {
        let all = self.classes.iter().fold(0u32, |n, c| n.saturating_add(*c));
        (self.classes.get(class).copied().unwrap_or(0), all)
    }
}

/// One value of the record, in stored order.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// The affinity of its column.
    pub affinity: Affinity,
    /// Never null.
    pub not_null: bool,
    /// The rowid's alias: always stored as null.
    pub alias: bool,
    /// The rowid at the end of an index entry.
    pub rowid: bool,
    /// Its column in the definition; `None` for an expression of an index.
    pub column: Option<usize>,
    /// Integers that a simple `CHECK` allows.
    pub allowed: Option<Vec<i64>>,
    /// What live rows show.
    pub seen: Seen,
}

impl Rule {
    /// The classes (null, integer, real, text, blob) that a value can have whose type is lost: by affinity, and where
    /// there are enough live values, by theirs.
    pub(super) fn classes(&self) -> [bool; 5] {
        let allowed = match self.affinity {
            Affinity::Text => [!self.not_null, false, false, true, true],
            _ => [!self.not_null, true, true, true, true],
        };
        let (_, all) = self.seen.share(0);
        if all < ENOUGH_ROWS {
            return allowed;
        }
        let mut classes = allowed;
        for (may, seen) in classes.iter_mut().zip(self.seen.classes) {
            *may &= seen > 0;
        }
        classes
    }
}

/// A table's or an index's records.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// The table.
    pub table: Arc<Table>,
    /// Whether it is an index of the table.
    pub index: Option<Arc<str>>,
    /// The kind of its b-tree.
    pub tree: Tree,
    /// The values in stored order.
    pub rules: Vec<Rule>,
    /// Fewest values a record can have: rows older than `ALTER TABLE ADD COLUMN` have fewer.
    pub fewest: usize,
    /// Fewest values that a live record has.
    pub fewest_seen: usize,
    /// Live rows.
    pub rows: u64,
    /// Smallest and greatest live rowid.
    pub rowids: Option<(i64, i64)>,
    /// Whether live rows keep integers in the shortest form, as SQLite 3.3 and later do.
    pub canonical: bool,
    /// A table of SQLite's own.
    pub internal: bool,
    /// Whether the table is gone.
    pub dropped: bool,
}

impl Shape {
    /// The shape of a table.
    pub(super) fn of_table(table: &Table, dropped: bool) -> Shape {
        let declared = constraints::read(&table.sql);
        let mut rules: Vec<(usize, Rule)> = Vec::new();
        let mut position = 0usize;
        for (i, column) in table.columns.iter().enumerate() {
            let words = declared.get(i);
            let key = table.key.iter().any(|k| usize::from(*k) == i);
            let rule = Rule {
                affinity: column.affinity,
                not_null: key || words.is_some_and(|w| w.not_null),
                alias: column.storage == Storage::Rowid,
                rowid: false,
                column: Some(i),
                allowed: words.and_then(|w| w.allowed.clone()),
                seen: Seen::default(),
            };
            match column.storage {
                Storage::Virtual => continue,
                Storage::Rowid => rules.push((position, rule)),
                Storage::Field(at) => rules.push((usize::from(at), rule)),
            }
            position = position.saturating_add(1);
        }
        rules.sort_by_key(|(at, _)| *at);
        let rules: Vec<Rule> = rules.into_iter().map(|(_, rule)| rule).collect();
        // A column added later is never NOT NULL without a default (`sqlite3AlterFinishAddColumn`) and no key.
        let last = rules.iter().rposition(|r| {
            let default = r.column.and_then(|c| table.columns.get(c)).map(|c| &c.default);
            r.alias || r.not_null && default.is_none_or(crate::value::Value::is_null)
        });
        let fewest = last.map_or(1, |l| l.saturating_add(1)).max(table.key.len());
        Shape {
            table: Arc::new(table.clone()),
            index: None,
            tree: table.tree(),
            fewest: fewest.min(rules.len()).max(1),
            fewest_seen: rules.len(),
            rules,
            rows: 0,
            rowids: None,
            canonical: true,
            internal: is_internal(&table.name),
            dropped,
        }
    }

    /// The shape of an index of a table; `None` where its columns are not understood.
    pub(super) fn of_index(index: &Index, table: &Shape) -> Option<Shape> {
        let names = constraints::indexed(&index.sql, &index.name, &table.table)?;
        let definition = &table.table;
        let position = |name: &str| definition.columns.iter().position(|c| c.name.eq_ignore_ascii_case(name));
        let mut columns: Vec<Option<usize>> = names.iter().map(|n| n.as_deref().and_then(position)).collect();
        if definition.without_rowid {
            for key in &definition.key {
                let key = Some(usize::from(*key));
                if !columns.contains(&key) {
                    columns.push(key);
                }
            }
        }
        let rule = |column: &Option<usize>| {
            let of = table.rules.iter().find(|r| r.column.is_some() && r.column == *column);
            Rule {
                affinity: of.map_or(Affinity::Blob, |r| r.affinity),
                not_null: of.is_some_and(|r| r.not_null || r.alias),
                alias: false,
                rowid: false,
                column: *column,
                allowed: None,
                seen: Seen::default(),
            }
        };
        let mut rules: Vec<Rule> = columns.iter().map(rule).collect();
        if !definition.without_rowid {
            rules.push(Rule {
                affinity: Affinity::Integer,
                not_null: true,
                alias: false,
                rowid: true,
                column: None,
                allowed: None,
                seen: Seen::default(),
            });
        }
        Some(Shape {
            table: table.table.clone(),
            index: Some(index.name.clone()),
            tree: Tree::Index,
            fewest: rules.len(),
            fewest_seen: rules.len(),
            rules,
            rows: 0,
            rowids: None,
            canonical: true,
            internal: table.internal,
            dropped: table.dropped,
        })
    }

    /// A shape made up for records that no table fits: a table of unnamed columns.
    pub(super) fn unnamed(count: u16, tree: Tree) -> Shape {
        let column = |i: u16| crate::store::sqlite::Column {
            name: format!("c{i}").into(),
            declared: "".into(),
            affinity: Affinity::Blob,
            default: crate::value::Value::Null,
            storage: Storage::Field(i),
        };
        let table = Table::new("", 0, "", (0..count).map(column).collect());
        Shape { tree, ..Shape::of_table(&Table { without_rowid: tree == Tree::Index, ..table }, true) }
    }

    /// Whether rows of both look the same: only their names differ.
    pub(super) fn same_as(&self, other: &Shape) -> bool {
        self.tree == other.tree
            && self.index.is_some() == other.index.is_some()
            && self.rules.len() == other.rules.len()
            && self.rules.iter().zip(&other.rules).all(|(a, b)| {
                a.affinity == b.affinity && a.alias == b.alias && a.not_null == b.not_null && a.allowed == b.allowed
            })
    }
}

/// Whether a table is SQLite's own (`sqlite_` is reserved for such names).
pub(super) fn is_internal(name: &str) -> bool {
    name.get(..7).is_some_and(|p| p.eq_ignore_ascii_case("sqlite_"))
}

/// A table from the statement that made it.
pub(super) fn defined(name: &str, root: u32, sql: &str) -> Option<Table> {
    let Definition { columns, without_rowid, autoincrement, key } = parse_create_table(sql)?;
    Some(Table { without_rowid, autoincrement, key, ..Table::new(name, root, sql, columns) })
}
