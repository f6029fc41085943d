//! Words of SQL: just enough to read `CREATE TABLE`.

/// A word of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A bare word: keyword or name.
    Word(String),
    /// A quoted name: `"x"`, `[x]` or `` `x` ``.
    Name(String),
    /// A text literal: `'x'`.
    Text(String),
    /// A blob literal, its hexadecimal digits: `x'00ff'`.
    Blob(String),
    /// A number as written.
    Number(String),
    /// Anything else, one character.
    Sign(char),
}

impl Token {
    /// Whether it is this bare word.
    pub(crate) fn is(&self, word: &str) -> bool {
        matches!(self, Token::Word(w) if w.eq_ignore_ascii_case(word))
    }

    /// Whether it is this sign.
    pub(crate) fn sign(&self, c: char) -> bool {
        *self == Token::Sign(c)
    }

    /// The name it may stand for.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Token::Word(s) | Token::Name(s) | Token::Text(s) => Some(s),
            Token::Blob(_) | Token::Number(_) | Token::Sign(_) => None,
        }
    }
}

/// Splits a statement into words; comments and white space vanish. `None` where a quote or comment does not end.
pub(crate) fn tokens(sql: &str) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        if c.is_whitespace() {
            rest = rest.trim_start();
            continue;
        }
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
            continue;
        }
        if let Some(comment) = rest.strip_prefix("/*") {
            // SQLite lets a comment run to the end of the statement.
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
            continue;
        }
        let (token, after) = token(c, rest)?;
        out.push(token);
        rest = after;
    }
    Some(out)
}

fn token(c: char, rest: &str) -> Option<(Token, &str)> {
    match c {
        '"' | '`' => quoted(rest, c).map(|(s, after)| (Token::Name(s), after)),
        '\'' => quoted(rest, c).map(|(s, after)| (Token::Text(s), after)),
        '[' => {
            let (name, after) = rest.get(1..)?.split_once(']')?;
            Some((Token::Name(name.into()), after))
        }
        'x' | 'X' if rest.get(1..2) == Some("'") => {
            quoted(rest.get(1..)?, '\'').map(|(s, after)| (Token::Blob(s), after))
        }
        '0'..='9' | '.' => Some(number(rest)),
        _ if is_word(c) => {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at_checked(end)?;
            Some((Token::Word(word.into()), after))
        }
        _ => Some((Token::Sign(c), rest.get(c.len_utf8()..)?)),
    }
}

/// SQLite takes every character beyond ASCII as part of a word.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// A quoted stretch; a doubled quote stands for one.
fn quoted(rest: &str, quote: char) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut rest = rest.get(1..)?;
    loop {
        let (before, after) = rest.split_once(quote)?;
        text.push_str(before);
        match after.strip_prefix(quote) {
            Some(more) => {
                text.push(quote);
                rest = more;
            }
            None => return Some((text, after)),
        }
    }
}

/// A number with its exponent; a lone point is a sign.
fn number(rest: &str) -> (Token, &str) {
    let mut end = 0;
    let mut before = ' ';
    for (at, c) in rest.char_indices() {
        let exponent_sign = matches!(c, '+' | '-') && matches!(before, 'e' | 'E') && !rest.starts_with("0x");
        if !(is_word(c) || c == '.' || exponent_sign) {
            break;
        }
        end = at.saturating_add(c.len_utf8());
        before = c;
    }
    let (number, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
    if number == "." { (Token::Sign('.'), after) } else { (Token::Number(number.into()), after) }
}
