//! Text of the evidence on its way to a person. A phone is hostile: a message can hold escape sequences that repaint the
//! terminal, and bidirectional controls that make a line read other than it is. Nothing is dropped: it is shown by its
//! number, as `\u{202e}`.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar as _;

/// Whether a character acts on its surroundings instead of standing for itself.
pub(crate) fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// One line: line ends are shown as `\n`.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    escaped(text, false)
}

/// Several lines: line feeds stay.
pub(crate) fn clean_lines(text: &str) -> Cow<'_, str> {
    escaped(text, true)
}

fn escaped(text: &str, lines: bool) -> Cow<'_, str> {
    let stays = |c: char| !acts(c) || (lines && c == '\n');
    if text.chars().all(stays) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if stays(c) => out.push(c),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
        }
    }
    Cow::Owned(out)
}

/// Columns that a clean text takes.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The text cut to `columns`, with `…` where something was cut.
pub(crate) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut used = 0;
    let mut out = String::new();
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used >= columns {
            break;
        }
        out.push(c);
    }
    out.push('…');
    Cow::Owned(out)
}

/// Breaks prose at spaces, so that no line exceeds `columns` where words allow it; each line gets the indent.
pub(crate) fn wrap(text: &str, columns: usize, indent: &str) -> String {
    let mut out = String::new();
    for (number, paragraph) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        out.push_str(indent);
        let mut used = width(indent);
        let mut first = true;
        for word in paragraph.split(' ') {
            let wide = width(word);
            if !first && used + 1 + wide > columns {
                out.push('\n');
                out.push_str(indent);
                used = width(indent);
            } else if !first {
                out.push(' ');
                used += 1;
            }
            out.push_str(word);
            used += wide;
            first = false;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_sequence_does_not_reach_the_terminal() {
        assert_eq!(clean("\u{1b}[2Jgone"), "\\u{1b}[2Jgone");
        assert_eq!(clean("\u{9b}31m"), "\\u{9b}31m");
        assert_eq!(clean("a\rb\tc\0"), "a\\rb\\tc\\u{0}");
    }

    #[test]
    fn bidirectional_controls_are_shown_by_number() {
        assert_eq!(clean("exe.\u{202e}gpj"), "exe.\\u{202e}gpj");
        assert_eq!(clean("\u{2066}x\u{2069}\u{200f}\u{61c}"), "\\u{2066}x\\u{2069}\\u{200f}\\u{61c}");
    }

    #[test]
    fn people_and_families_stay_whole() {
        let family = "👩\u{200d}👩\u{200d}👧 می\u{200c}خواهم ümlaut 你好";
        assert!(matches!(clean(family), Cow::Borrowed(t) if t == family));
    }

    #[test]
    fn lines_stay_only_where_lines_are_wanted() {
        assert_eq!(clean("a\nb"), "a\\nb");
        assert_eq!(clean_lines("a\nb\u{7}"), "a\nb\\u{7}");
    }

    #[test]
    fn a_wide_character_takes_two_columns() {
        assert_eq!(width("你好"), 4);
        assert_eq!(cut("你好吗", 5), "你好…");
        assert_eq!(cut("abc", 3), "abc");
    }

    #[test]
    fn prose_breaks_at_spaces() {
        assert_eq!(wrap("one two three", 9, "  "), "  one two\n  three");
        assert_eq!(wrap("a\nb", 9, ""), "a\nb");
    }
}
