//! What a table's statement demands of its values (`NOT NULL`, simple `CHECK`s), and which columns an index has.

use crate::store::sqlite::{Storage, Table, Token, is_constraint, items, tokens};

/// What one column's own words demand.
#[derive(Clone, Debug, Default)]
pub(super) struct Demand {
    /// Never null.
    pub not_null: bool,
    /// `CHECK (column IN (1, 2, 3))`: these integers only.
    pub allowed: Option<Vec<i64>>,
}

/// The demands of a `CREATE TABLE`'s columns in declared order; empty where it is not understood.
pub(super) fn read(sql: &str) -> Vec<Demand> {
    let all = tokens(sql).unwrap_or_default();
    let Some(body) = body(&all) else { return Vec::new() };
    let columns = body.iter().enumerate().filter(|(i, item)| *i == 0 || !is_constraint(item));
    columns.map(|(_, item)| demand(item)).collect()
}

/// The items between the outermost brackets.
fn body(all: &[Token]) -> Option<Vec<&[Token]>> {
    let open = all.iter().position(|t| t.sign('('))?;
    Some(items(all.get(open.saturating_add(1)..)?)?.0)
}

fn demand(item: &[Token]) -> Demand {
    let mut out = Demand::default();
    let mut depth = 0u32;
    for (i, token) in item.iter().enumerate() {
        match token {
            Token::Sign('(') => depth = depth.saturating_add(1),
            Token::Sign(')') => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            t if t.is("not") => out.not_null |= item.get(i.saturating_add(1)).is_some_and(|n| n.is("null")),
            t if t.is("check") => out.allowed = item.get(i.saturating_add(1)..).and_then(one_of),
            _ => {}
        }
    }
    out
}

/// The integers of `(name IN (1, 2, …))`.
fn one_of(words: &[Token]) -> Option<Vec<i64>> {
    let [Token::Sign('('), name, in_, Token::Sign('('), rest @ ..] = words else { return None };
    name.name().filter(|_| in_.is("in"))?;
    let mut out = Vec::new();
    let mut negative = false;
    for token in rest {
        match token {
            Token::Number(n) => {
                let value: i64 = n.parse().ok()?;
                out.push(if negative { value.wrapping_neg() } else { value });
                negative = false;
            }
            Token::Sign('-') => negative = true,
            Token::Sign(',') => {}
            Token::Sign(')') => return Some(out),
            _ => return None,
        }
    }
    None
}

/// The columns of an index in order, `None` for an expression. `sql` is empty for the index of a constraint, which is
/// numbered in the order in which the table's constraints stand (`sqlite_autoindex_TABLE_N`).
pub(super) fn indexed(sql: &str, name: &str, table: &Table) -> Option<Vec<Option<String>>> {
    if sql.is_empty() {
        let number: usize = name.rsplit('_').next()?.parse().ok()?;
        let all = constraint_indexes(table);
        let columns = all.get(number.checked_sub(1)?)?;
        return Some(columns.iter().cloned().map(Some).collect());
    }
    let all = tokens(sql)?;
    let body = body(&all)?;
    Some(body.iter().map(|item| column_name(item, table)).collect())
}

/// A lone column name, perhaps with collation and order behind it.
fn column_name(item: &[Token], table: &Table) -> Option<String> {
    let name = item.first()?.name()?;
    let plain = item.get(1).is_none_or(|t| t.is("collate") || t.is("asc") || t.is("desc"));
    (plain && table.has(name)).then(|| name.to_owned())
}

/// The columns of each index that a constraint makes, in order.
fn constraint_indexes(table: &Table) -> Vec<Vec<String>> {
    let all = tokens(&table.sql).unwrap_or_default();
    let alias = table.columns.iter().any(|c| c.storage == Storage::Rowid);
    let mut out: Vec<Vec<String>> = Vec::new();
    for (i, item) in body(&all).unwrap_or_default().into_iter().enumerate() {
        let in_table = i > 0 && is_constraint(item);
        for (at, word) in item.iter().enumerate() {
            let primary = word.is("primary") && item.get(at.saturating_add(1)).is_some_and(|t| t.is("key"));
            let makes_index = word.is("unique") || (primary && !alias && !table.without_rowid);
            if !makes_index {
                continue;
            }
            let columns = if in_table {
                listed(item, at)
            } else {
                item.first().and_then(|t| t.name()).map(|n| vec![n.to_owned()])
            };
            // Two constraints over the same columns share one index (`sqlite3CreateIndex`).
            if let Some(columns) = columns.filter(|c| !out.contains(c)) {
                out.push(columns);
            }
        }
    }
    out
}

/// The names in the brackets behind a table constraint's word.
fn listed(item: &[Token], at: usize) -> Option<Vec<String>> {
    let rest = item.get(at..)?;
    let open = rest.iter().position(|t| t.sign('('))?;
    let (names, _) = items(rest.get(open.saturating_add(1)..)?)?;
    Some(names.iter().filter_map(|n| n.first()?.name().map(str::to_owned)).collect())
}
