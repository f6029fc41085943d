//! The statements of a backup file: `CREATE TABLE …` names the columns, `INSERT INTO … VALUES (?,?,…)` brings a row.

use forensics_core::decode::protobuf::{Field, Message};
use forensics_core::value::Value;

/// What a statement does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Statement<'a> {
    /// Makes a table.
    Table(Definition),
    /// Adds a row; with the columns where it names them.
    Insert(&'a str, Option<Vec<Box<str>>>),
    /// Indexes, triggers, virtual tables: nothing that holds a row of its own.
    Other,
}

/// A table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Definition {
    pub(super) name: Box<str>,
    pub(super) columns: Vec<Box<str>>,
    /// The column that is the rowid.
    pub(super) key: Option<u16>,
}

/// Reads a statement as far as it matters.
pub(super) fn read(sql: &str) -> Statement<'_> {
    let sql = sql.trim();
    if let Some(rest) = after(sql, &["create", "table"]) {
        return definition(rest).map_or(Statement::Other, Statement::Table);
    }
    let Some(rest) = after(sql, &["insert", "into"]) else { return Statement::Other };
    let end = rest.find(|c: char| c.is_whitespace() || c == '(').unwrap_or(rest.len());
    let (name, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let columns = rest.trim_start().strip_prefix('(').and_then(|list| list.split_once(')'));
    let columns = columns.map(|(list, _)| list.split(',').map(|c| unquoted(c.trim()).into()).collect());
    Statement::Insert(unquoted(name), columns)
}

/// What follows these words.
fn after<'a>(sql: &'a str, words: &[&str]) -> Option<&'a str> {
    let mut rest = sql;
    for word in words {
        let (head, tail) = rest.split_at_checked(word.len())?;
        if !head.eq_ignore_ascii_case(word) || !tail.starts_with(char::is_whitespace) {
            return None;
        }
        rest = tail.trim_start();
    }
    Some(rest)
}

fn definition(rest: &str) -> Option<Definition> {
    let rest = after(rest, &["if", "not", "exists"]).unwrap_or(rest);
    let (name, body) = rest.split_once('(')?;
    let body = &clean(body);
    let mut columns = Vec::new();
    let mut key = None;
    for item in items(body) {
        let item = item.trim();
        let word = item.split(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
        let constraint = ["constraint", "primary", "unique", "check", "foreign"];
        if word.is_empty() || (!columns.is_empty() && constraint.iter().any(|c| word.eq_ignore_ascii_case(c))) {
            continue;
        }
        let lower = item.to_ascii_lowercase();
        if lower.split_whitespace().collect::<Vec<_>>().join(" ").contains(" integer primary key") {
            key = u16::try_from(columns.len()).ok();
        }
        columns.push(unquoted(word).into());
    }
    Some(Definition { name: unquoted(name.trim()).into(), columns, key })
}

/// The definition's body without comments.
fn clean(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, comment)) = rest.split_once("/*") {
        out.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

/// The parts of a list up to its closing parenthesis, split at its commas.
fn items(body: &str) -> Vec<&str> {
    let (mut depth, mut start, mut quote) = (0u32, 0, None);
    let mut out = Vec::new();
    for (at, c) in body.char_indices() {
        match (c, quote) {
            (_, Some(q)) if c == q => quote = None,
            (_, Some(_)) => {}
            ('\'' | '"' | '`', None) => quote = Some(c),
            ('(', None) => depth = depth.saturating_add(1),
            (')', None) if depth == 0 => {
                out.extend(body.get(start..at));
                return out;
            }
            (')', None) => depth = depth.saturating_sub(1),
            (',', None) if depth == 0 => {
                out.extend(body.get(start..at));
                start = at.saturating_add(1);
            }
            _ => {}
        }
    }
    out
}

fn unquoted(name: &str) -> &str {
    name.trim_matches(['"', '`', '\'', '[', ']'])
}

/// The value of a parameter (`SqlParameter`).
pub(super) fn value(parameter: Field<'_>) -> Value {
    let Some(field) = parameter.message().and_then(|m| m.fields().find_map(Result::ok)) else { return Value::Null };
    match field.number {
        1 => match (field.text(), field.bytes()) {
            (Some(text), _) => text.into(),
            (None, Some(bytes)) => bytes.into(),
            _ => Value::Null,
        },
        2 => field.int().into(),
        3 => field.real().into(),
        4 => field.bytes().map_or(Value::Null, Into::into),
        _ => Value::Null,
    }
}

/// The parameters of a statement, in their order.
pub(super) fn parameters(statement: Message<'_>) -> Vec<Field<'_>> {
    statement.each(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_gives_the_columns_and_the_rowid() {
        let sql = "CREATE TABLE reaction(_id INTEGER PRIMARY KEY, message_id INTEGER NOT NULL REFERENCES message (_id) ON DELETE CASCADE, \
                   emoji TEXT DEFAULT 'a,b)', check_me INTEGER /* new, since 1 */, UNIQUE(message_id, emoji) ON CONFLICT REPLACE)";
        let Statement::Table(table) = read(sql) else { panic!("no table") };
        assert_eq!(&*table.name, "reaction");
        assert_eq!(table.columns, ["_id", "message_id", "emoji", "check_me"].map(Into::into));
        assert_eq!(table.key, Some(0));
    }

    #[test]
    fn a_row_names_its_table_and_perhaps_its_columns() {
        assert_eq!(read("INSERT INTO message VALUES (?,?)"), Statement::Insert("message", None));
        let columns = Some(vec!["a".into(), "b".into()]);
        assert_eq!(read("insert into \"message\" (a, `b`) values (?,?)"), Statement::Insert("message", columns));
    }

    #[test]
    fn what_holds_no_row_is_passed_over() {
        for sql in
            ["CREATE INDEX i ON message (date)", "CREATE VIRTUAL TABLE f USING fts5(body)", "CREATE TABLE broken", ""]
        {
            assert_eq!(read(sql), Statement::Other, "{sql}");
        }
    }
}
