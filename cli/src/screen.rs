//! Where words for people go: standard output with colour on a terminal, plain elsewhere; tables with aligned columns.

use std::io::{self, IsTerminal as _, Write};

use crate::error::CliError;
use crate::terminal_text::{clean, cut, width};

/// Columns that prose is broken at.
pub(crate) const PROSE: usize = 100;

/// A colour or weight. Few on purpose: words carry the meaning, colours only help the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// As it comes.
    Plain,
    /// Headings.
    Bold,
    /// What matters less.
    Dim,
    /// Good.
    Green,
    /// Look here.
    Yellow,
    /// Bad.
    Red,
    /// Names of things.
    Cyan,
}

impl Ink {
    fn code(self) -> &'static str {
        match self {
            Ink::Plain => "",
            Ink::Bold => "\u{1b}[1m",
            Ink::Dim => "\u{1b}[2m",
            Ink::Green => "\u{1b}[32m",
            Ink::Yellow => "\u{1b}[33m",
            Ink::Red => "\u{1b}[31m",
            Ink::Cyan => "\u{1b}[36m",
        }
    }

    /// The ink of a verdict.
    pub(crate) fn of_verdict(word: &str) -> Self {
        match word {
            "confirmed" => Ink::Green,
            "contradictory" | "failed" => Ink::Red,
            "unmarked" | "pending" => Ink::Yellow,
            "implied-by-arrival" => Ink::Cyan,
            _ => Ink::Dim,
        }
    }

    /// The ink of a severity.
    pub(crate) fn of_severity(word: &str) -> Self {
        match word {
            "lost" => Ink::Red,
            "degraded" => Ink::Yellow,
            _ => Ink::Plain,
        }
    }
}

/// A place to write to.
pub(crate) struct Screen<'w> {
    out: &'w mut dyn Write,
    colour: bool,
}

/// Whether standard output may be coloured: a terminal, and nobody objects (<https://no-color.org>).
pub(crate) fn may_colour() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

impl<'w> Screen<'w> {
    /// Writes to `out`.
    pub(crate) fn new(out: &'w mut dyn Write, colour: bool) -> Self {
        Screen { out, colour }
    }

    /// The place itself, for exports.
    pub(crate) fn raw(self) -> &'w mut dyn Write {
        self.out
    }

    /// Text of our own and of the evidence alike: cleaned, on one line, in ink.
    pub(crate) fn put(&mut self, ink: Ink, text: &str) -> Result<(), CliError> {
        let text = clean(text);
        if self.colour && ink != Ink::Plain {
            write!(self.out, "{}{text}\u{1b}[0m", ink.code())?;
        } else {
            write!(self.out, "{text}")?;
        }
        Ok(())
    }

    /// A line.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), CliError> {
        self.put(Ink::Plain, text)?;
        self.end()
    }

    /// Several lines of clean text.
    pub(crate) fn lines(&mut self, text: &str) -> Result<(), CliError> {
        text.split('\n').try_for_each(|line| self.line(line))
    }

    /// A heading.
    pub(crate) fn heading(&mut self, text: &str) -> Result<(), CliError> {
        self.put(Ink::Bold, text)?;
        self.end()
    }

    /// The end of a line.
    pub(crate) fn end(&mut self) -> Result<(), CliError> {
        writeln!(self.out)?;
        Ok(())
    }

    /// A table, indented by two.
    pub(crate) fn table(&mut self, table: &Table) -> Result<(), CliError> {
        let widths = table.widths();
        for row in &table.rows {
            write!(self.out, "  ")?;
            let last = row.len().saturating_sub(1);
            for (column, (cell, wide)) in row.iter().zip(&widths).enumerate() {
                let text = cut(&cell.text, *wide);
                let pad = " ".repeat(wide.saturating_sub(width(&text)));
                if cell.right {
                    write!(self.out, "{pad}")?;
                }
                self.put(cell.ink, &text)?;
                if column < last {
                    if !cell.right {
                        write!(self.out, "{pad}")?;
                    }
                    write!(self.out, "  ")?;
                }
            }
            self.end()?;
        }
        Ok(())
    }
}

/// A cell of a table: clean text.
pub(crate) struct Cell {
    text: String,
    ink: Ink,
    right: bool,
}

impl Cell {
    /// Text to the left.
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        Cell { text: clean(text.as_ref()).into_owned(), ink: Ink::Plain, right: false }
    }

    /// A number, to the right.
    pub(crate) fn number(n: u64) -> Self {
        Cell { right: true, ..Cell::new(n.to_string()) }
    }

    /// In ink.
    pub(crate) fn ink(mut self, ink: Ink) -> Self {
        self.ink = ink;
        self
    }
}

/// Rows of cells.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Vec<Cell>>,
    /// Columns wider than this are cut, except the last.
    limit: Option<usize>,
}

impl Table {
    /// A table with dim headings; none are written when the list is empty.
    pub(crate) fn new(headings: &[&str]) -> Self {
        let mut table = Table::default();
        if !headings.is_empty() {
            table.rows.push(headings.iter().map(|h| Cell::new(h).ink(Ink::Dim)).collect());
        }
        table
    }

    /// Cuts every column but the last to so many columns.
    pub(crate) fn at_most(mut self, columns: usize) -> Self {
        self.limit = Some(columns);
        self
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        (0..columns)
            .map(|column| {
                let widest = self.rows.iter().filter_map(|r| r.get(column)).map(|c| width(&c.text)).max().unwrap_or(0);
                match self.limit {
                    Some(limit) if column + 1 < columns => widest.min(limit),
                    _ => widest,
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_aligned_and_its_cells_are_clean() {
        let mut out = Vec::new();
        let mut table = Table::new(&["what", "how many", "note"]);
        table.row([Cell::new("你好"), Cell::number(7), Cell::new("x")]);
        table.row([Cell::new("\u{1b}[31m"), Cell::number(1234), Cell::new("")]);
        Screen::new(&mut out, false).table(&table).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "  what        how many  note\n  你好               7  x\n  \\u{1b}[31m      1234  \n");
    }
}
