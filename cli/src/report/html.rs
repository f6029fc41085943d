//! Writing HTML so that nothing of the evidence can act: markup is always a literal of this program, everything else is
//! escaped by the type of the call. Characters that act on their surroundings (bidirectional overrides, control
//! characters) are made visible by their number.

use std::fmt::{self, Display, Write as _};
use std::io::Write;

use crate::error::CliError;
use crate::terminal_text::acts;

/// Bytes gathered before they are written.
const BUFFER: usize = 1 << 16;

/// A page on its way to a file, or a part of one that is held until its place is known.
pub(super) struct Page {
    out: Option<Box<dyn Write>>,
    buffer: String,
    failure: Option<std::io::Error>,
}

impl Page {
    /// A page that is written to `out`.
    pub(super) fn new(out: impl Write + 'static) -> Self {
        Page { out: Some(Box::new(out)), buffer: String::with_capacity(BUFFER * 2), failure: None }
    }

    /// A part, held in memory.
    pub(super) fn part() -> Self {
        Page { out: None, buffer: String::new(), failure: None }
    }

    /// Markup: only ever a literal.
    pub(super) fn markup(&mut self, markup: &'static str) {
        self.buffer.push_str(markup);
        self.spill(BUFFER);
    }

    /// Adds a part.
    pub(super) fn add(&mut self, part: &Page) {
        debug_assert!(part.out.is_none(), "a page in a page");
        self.buffer.push_str(&part.buffer);
        self.spill(BUFFER);
    }

    /// Text between tags.
    pub(super) fn text(&mut self, value: impl Display) {
        let _ = write!(Escaped { out: &mut self.buffer, spans: true }, "{value}");
    }

    /// Text inside a quoted attribute.
    pub(super) fn attribute(&mut self, value: impl Display) {
        let _ = write!(Escaped { out: &mut self.buffer, spans: false }, "{value}");
    }

    fn spill(&mut self, limit: usize) {
        let Some(out) = self.out.as_mut().filter(|_| self.buffer.len() >= limit) else { return };
        if self.failure.is_none() {
            self.failure = out.write_all(self.buffer.as_bytes()).err();
        }
        self.buffer.clear();
    }

    /// Writes what is left and says whether all of it went well.
    pub(super) fn finish(mut self) -> Result<(), CliError> {
        self.spill(0);
        match (self.failure, self.out) {
            (Some(error), _) => Err(error.into()),
            (None, Some(mut out)) => Ok(out.flush()?),
            (None, None) => Ok(()),
        }
    }
}

/// Escapes what is written to it.
struct Escaped<'b> {
    out: &'b mut String,
    /// Whether characters that act may be wrapped in an element.
    spans: bool,
}

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&#39;"),
                '\n' | '\t' => self.out.push(c),
                c if acts(c) && self.spans => {
                    write!(self.out, "<span class=\"acts\" title=\"control character\">U+{:04X}</span>", u32::from(c))?;
                }
                c if acts(c) => write!(self.out, "\\u{{{:x}}}", u32::from(c))?,
                c => self.out.push(c),
            }
        }
        Ok(())
    }
}

/// `html!(page, "<td title=\"", [attribute], "\">", (text), "</td>")`: literals are markup, `(…)` is text, `[…]` is text
/// inside a quoted attribute.
macro_rules! html {
    ($page:expr $(,)?) => { () };
    ($page:expr, $markup:literal $(, $($rest:tt)*)?) => {{
        $page.markup($markup);
        $crate::report::html::html!($page $(, $($rest)*)?)
    }};
    ($page:expr, ($text:expr) $(, $($rest:tt)*)?) => {{
        $page.text($text);
        $crate::report::html::html!($page $(, $($rest)*)?)
    }};
    ($page:expr, [$attribute:expr] $(, $($rest:tt)*)?) => {{
        $page.attribute($attribute);
        $crate::report::html::html!($page $(, $($rest)*)?)
    }};
}
pub(super) use html;

/// A number with its thousands set apart.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Page)) -> String {
        let mut page = Page::part();
        write(&mut page);
        page.buffer
    }

    #[test]
    fn text_of_the_evidence_never_becomes_markup() {
        let evil = "</script><script>alert('1')</script>\" onload=\"x";
        let text = written(|page| {
            html!(page, "<p title=\"", [evil], "\">", (evil), "</p>");
        });
        assert_eq!(text.matches('<').count(), 2, "{text}");
        assert_eq!(text.matches('"').count(), 2, "{text}");
        assert!(!text.contains('\''), "{text}");
    }

    #[test]
    fn characters_that_act_are_made_visible() {
        let text = written(|page| page.text("a\u{202e}b\u{1b}\nc"));
        assert!(text.contains(">U+202E<") && text.contains(">U+001B<") && text.contains('\n'), "{text}");
        assert!(!text.contains(['\u{202e}', '\u{1b}']), "{text}");
        assert_eq!(written(|page| page.attribute("\u{202e}")), "\\u{202e}");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            (count(0), count(999), count(1_000), count(1_234_567)),
            ("0".into(), "999".into(), "1,000".into(), "1,234,567".into())
        );
    }
}
