//! What a `CREATE TABLE` statement says about where values are stored.

use super::schema::{Affinity, Column, Storage};
use super::sql::{Token, tokens};
use crate::value::Value;

/// The part of a table's definition that reading needs.
#[derive(Debug)]
pub(crate) struct Definition {
    pub columns: Vec<Column>,
    pub without_rowid: bool,
    pub autoincrement: bool,
    /// The primary key's columns, by index (tables without rowid).
    pub key: Vec<u16>,
}

/// What one column's own words say.
struct Declared {
    column: Column,
    primary: bool,
    descending: bool,
    autoincrement: bool,
}

/// Reads a statement; `None` when it is no `CREATE TABLE` with a list of columns.
pub(crate) fn parse(sql: &str) -> Option<Definition> {
    let words = tokens(sql)?;
    let open = words.iter().position(|t| t.sign('('))?;
    let (head, body) = words.split_at_checked(open)?;
    let mut head = head.iter();
    if !head.next()?.is("create") || !head.next().is_some_and(|t| t.is("table") || t.is("temp") || t.is("temporary")) {
        return None;
    }
    let (items, options) = items(body.get(1..)?)?;
    let mut columns: Vec<Declared> = Vec::new();
    let mut key_names: Option<Vec<String>> = None;
    let mut autoincrement = false;
    for item in items {
        if is_constraint(item) && !columns.is_empty() {
            if let Some(names) = primary_key(item) {
                autoincrement |= item.iter().any(|t| t.is("autoincrement"));
                key_names = Some(names);
            }
        } else {
            columns.push(column(item)?);
        }
    }
    let without_rowid = options.windows(2).any(|w| matches!(w, [a, b] if a.is("without") && b.is("rowid")));
    autoincrement |= columns.iter().any(|c| c.autoincrement);
    finish(columns, key_names, without_rowid, autoincrement)
}

/// Splits at the commas of the outermost level; also what follows the closing parenthesis.
pub(crate) fn items(body: &[Token]) -> Option<(Vec<&[Token]>, &[Token])> {
    let mut depth = 0u32;
    let mut start = 0;
    let mut out = Vec::new();
    for (i, token) in body.iter().enumerate() {
        match token {
            Token::Sign('(') => depth = depth.saturating_add(1),
            Token::Sign(')') if depth == 0 => {
                out.push(body.get(start..i)?);
                return Some((out, body.get(i.saturating_add(1)..)?));
            }
            Token::Sign(')') => depth = depth.saturating_sub(1),
            Token::Sign(',') if depth == 0 => {
                out.push(body.get(start..i)?);
                start = i.saturating_add(1);
            }
            _ => {}
        }
    }
    None
}

pub(crate) fn is_constraint(item: &[Token]) -> bool {
    let words = ["constraint", "primary", "unique", "check", "foreign"];
    item.first().is_some_and(|t| words.iter().any(|w| t.is(w)))
}

/// The names in the `PRIMARY KEY (…)` of a table constraint. SQLite lets constraints follow one another without comma.
fn primary_key(item: &[Token]) -> Option<Vec<String>> {
    let at = item.windows(2).position(|w| matches!(w, [a, b] if a.is("primary") && b.is("key")))?;
    let list = item.get(at.saturating_add(2)..)?;
    if !list.first()?.sign('(') {
        return None;
    }
    let (names, _) = items(list.get(1..)?)?;
    Some(names.iter().filter_map(|n| n.first()?.name().map(str::to_owned)).collect())
}

/// Bare words that end a column's type.
const AFTER_TYPE: [&str; 9] =
    ["constraint", "primary", "not", "null", "unique", "check", "default", "collate", "references"];

fn column(item: &[Token]) -> Option<Declared> {
    let name = item.first()?.name()?;
    let rest = item.get(1..)?;
    let starts_constraint = |i: usize, t: &Token| {
        let always = rest.get(i.saturating_add(1)).is_some_and(|n| n.is("always"));
        AFTER_TYPE.iter().any(|w| t.is(w)) || t.is("as") || (t.is("generated") && always)
    };
    let end = rest.iter().enumerate().position(|(i, t)| starts_constraint(i, t)).unwrap_or(rest.len());
    let (declared, constraints) = rest.split_at_checked(end)?;
    let declared = written(declared);
    let affinity = affinity(&declared);
    let mut out = Declared {
        column: Column {
            name: name.into(),
            declared: declared.into(),
            affinity,
            default: Value::Null,
            storage: Storage::Field(0),
        },
        primary: false,
        descending: false,
        autoincrement: false,
    };
    read_constraints(constraints, &mut out);
    Some(out)
}

/// A type as SQLite keeps it, brackets and all: a column of type `INTEGER(8)` is no alias of the rowid.
fn written(words: &[Token]) -> String {
    let mut out = String::new();
    for word in words {
        let text = match word {
            Token::Word(w) | Token::Name(w) | Token::Text(w) | Token::Number(w) | Token::Blob(w) => w.as_str(),
            Token::Sign(c) => {
                out.push(*c);
                continue;
            }
        };
        if out.ends_with(|c: char| c.is_alphanumeric()) {
            out.push(' ');
        }
        out.push_str(text);
    }
    out
}

/// Walks a column's constraints at the outermost level.
fn read_constraints(words: &[Token], out: &mut Declared) {
    let mut depth = 0u32;
    let mut generated = false;
    for (i, token) in words.iter().enumerate() {
        let next = words.get(i.saturating_add(1));
        match token {
            Token::Sign('(') => depth = depth.saturating_add(1),
            Token::Sign(')') => depth = depth.saturating_sub(1),
            Token::Word(_) if depth == 0 => {
                if token.is("primary") && next.is_some_and(|t| t.is("key")) {
                    out.primary = true;
                    out.descending = words.get(i.saturating_add(2)).is_some_and(|t| t.is("desc"));
                } else if token.is("autoincrement") {
                    out.autoincrement = true;
                } else if token.is("default") {
                    let literal = words.get(i.saturating_add(1)..).and_then(literal);
                    out.column.default = literal.map_or(Value::Null, |v| converted(v, out.column.affinity));
                } else if token.is("as") && next.is_some_and(|t| t.sign('(')) {
                    // Virtual unless the word STORED follows.
                    generated = true;
                    out.column.storage = Storage::Virtual;
                } else if generated && token.is("stored") {
                    out.column.storage = Storage::Field(0);
                }
            }
            _ => {}
        }
    }
}

/// The affinity of a declared type: the rules and their order are SQLite's.
pub(super) fn affinity(declared: &str) -> Affinity {
    let upper = declared.to_ascii_uppercase();
    let has = |s: &str| upper.contains(s);
    if has("INT") {
        Affinity::Integer
    } else if has("CHAR") || has("CLOB") || has("TEXT") {
        Affinity::Text
    } else if has("BLOB") || upper.is_empty() {
        Affinity::Blob
    } else if has("REAL") || has("FLOA") || has("DOUB") {
        Affinity::Real
    } else {
        Affinity::Numeric
    }
}

/// The constant after `DEFAULT`. `ALTER TABLE ADD COLUMN` accepts nothing but a literal, with signs and parentheses.
fn literal(words: &[Token]) -> Option<Value> {
    let mut words = words.iter().skip_while(|t| t.sign('('));
    let mut negative = false;
    let mut token = words.next()?;
    while token.sign('-') || token.sign('+') || token.sign('(') {
        negative ^= token.sign('-');
        token = words.next()?;
    }
    Some(match token {
        Token::Number(n) => number(n, negative)?,
        Token::Text(t) | Token::Name(t) => Value::from(t.as_str()),
        Token::Blob(digits) => Value::Blob(unhex(digits)?.into()),
        Token::Word(w) if w.eq_ignore_ascii_case("null") => Value::Null,
        Token::Word(w) if w.eq_ignore_ascii_case("true") => Value::Int(1),
        Token::Word(w) if w.eq_ignore_ascii_case("false") => Value::Int(0),
        // CURRENT_TIME and its like cannot be the default of an added column.
        Token::Word(w) if w.to_ascii_lowercase().starts_with("current_") => Value::Null,
        Token::Word(w) => Value::from(w.as_str()),
        Token::Sign(_) => return None,
    })
}

fn number(written: &str, negative: bool) -> Option<Value> {
    let sign = if negative { "-" } else { "" };
    if let Some(digits) = written.strip_prefix("0x").or_else(|| written.strip_prefix("0X")) {
        let value = u64::from_str_radix(digits, 16).ok()?.cast_signed();
        return Some(Value::Int(if negative { value.wrapping_neg() } else { value }));
    }
    let plain = format!("{sign}{}", written.replace('_', ""));
    if let Ok(i) = plain.parse::<i64>() {
        return Some(Value::Int(i));
    }
    plain.parse::<f64>().ok().map(Value::Real)
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let nibble = |b: &u8| char::from(*b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let (pairs, odd) = digits.as_bytes().as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| Some(nibble(high)? << 4 | nibble(low)?);
    if odd.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

/// The default as SQLite would have stored it.
fn converted(value: Value, affinity: Affinity) -> Value {
    match (affinity, value) {
        (Affinity::Text, Value::Int(i)) => Value::Text(i.to_string().into()),
        (Affinity::Text, Value::Real(f)) => Value::Text(real_text(f).into()),
        #[expect(clippy::cast_precision_loss, reason = "REAL affinity makes the same nearest double")]
        (Affinity::Real, Value::Int(i)) => Value::Real(i as f64),
        (Affinity::Integer | Affinity::Numeric | Affinity::Real, Value::Text(t)) => match t.trim().parse::<i64>() {
            Ok(i) => converted(Value::Int(i), affinity),
            Err(_) if t.trim().starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => {
                t.trim().parse::<f64>().map_or(Value::Text(t), |f| converted(Value::Real(f), affinity))
            }
            Err(_) => Value::Text(t),
        },
        (Affinity::Integer | Affinity::Numeric, Value::Real(f)) if f.fract() == 0.0 && f.abs() < 9e15 =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            Value::Int(f as i64)
        }
        (_, value) => value,
    }
}

/// A real as SQLite writes it: always with a point.
fn real_text(f: f64) -> String {
    if f.fract() == 0.0 && f.abs() < 1e15 { format!("{f:.1}") } else { format!("{f}") }
}

/// Settles where each column's value lies in the record.
fn finish(
    mut declared: Vec<Declared>,
    key_names: Option<Vec<String>>,
    without_rowid: bool,
    autoincrement: bool,
) -> Option<Definition> {
    let index = |name: &str| declared.iter().position(|d| d.column.name.eq_ignore_ascii_case(name));
    let mut key: Vec<usize> = Vec::new();
    match &key_names {
        Some(names) => names.iter().filter_map(|n| index(n)).for_each(|i| {
            if !key.contains(&i) {
                key.push(i);
            }
        }),
        None => key.extend(declared.iter().position(|d| d.primary)),
    }
    if without_rowid {
        number_by_key(&mut declared, &key)?;
    } else {
        if let ([only], in_table) = (key.as_slice(), key_names.is_some())
            && let Some(d) = declared.get_mut(*only)
            && d.column.declared.eq_ignore_ascii_case("integer")
            && (in_table || !d.descending)
        {
            d.column.storage = Storage::Rowid;
        }
        number_in_order(&mut declared)?;
    }
    let key = if without_rowid { key.into_iter().filter_map(|i| u16::try_from(i).ok()).collect() } else { Vec::new() };
    let columns = declared.into_iter().map(|d| d.column).collect();
    Some(Definition { columns, without_rowid, autoincrement, key })
}

/// Rowid tables: stored columns in declared order. The rowid's alias takes a place too (always NULL there).
fn number_in_order(declared: &mut [Declared]) -> Option<()> {
    let mut next = 0u16;
    for d in declared {
        if d.column.storage == Storage::Virtual {
            continue;
        }
        if d.column.storage != Storage::Rowid {
            d.column.storage = Storage::Field(next);
        }
        next = next.checked_add(1)?;
    }
    Some(())
}

/// Tables without rowid: the key's columns first, then the others.
fn number_by_key(declared: &mut [Declared], key: &[usize]) -> Option<()> {
    let mut next = 0u16;
    for i in key {
        declared.get_mut(*i)?.column.storage = Storage::Field(next);
        next = next.checked_add(1)?;
    }
    for (i, d) in declared.iter_mut().enumerate() {
        if d.column.storage == Storage::Virtual || key.contains(&i) {
            continue;
        }
        d.column.storage = Storage::Field(next);
        next = next.checked_add(1)?;
    }
    Some(())
}
