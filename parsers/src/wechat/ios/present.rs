//! Which rows the chats hold, as runs of numbers: a chat without deletions is one run.

use std::collections::HashMap;

/// The rows of every chat table, by the table's name.
#[derive(Debug, Default)]
pub(super) struct Present {
    runs: HashMap<String, Vec<(i64, i64)>>,
}

impl Present {
    /// Whether a table was met before.
    pub(super) fn has_table(&self, table: &str) -> bool {
        self.runs.contains_key(table)
    }

    /// Takes a table, which may have no rows.
    pub(super) fn add_table(&mut self, table: &str) {
        self.runs.entry(table.to_owned()).or_default();
    }

    /// Takes a row; the rows of a table come in ascending order.
    pub(super) fn add(&mut self, table: &str, row: i64) {
        let Some(runs) = self.runs.get_mut(table) else { return };
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(row) => *last = row,
            _ => runs.push((row, row)),
        }
    }

    /// Makes a table that stands in two files searchable again.
    pub(super) fn sort(&mut self, table: &str) {
        if let Some(runs) = self.runs.get_mut(table) {
            runs.sort_unstable();
        }
    }

    /// Whether the row is there.
    pub(super) fn has(&self, table: &str, row: i64) -> bool {
        let Some(runs) = self.runs.get(table) else { return false };
        let after = runs.partition_point(|(first, _)| *first <= row);
        // Runs of two files may overlap: the few before are asked too.
        runs.iter().take(after).rev().take(8).any(|(first, last)| (*first..=*last).contains(&row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_and_holes_are_not() {
        let mut present = Present::default();
        present.add_table("Chat_00");
        for row in [1, 2, 3, 7, 8] {
            present.add("Chat_00", row);
        }
        for (row, there) in [(0, false), (1, true), (3, true), (4, false), (7, true), (9, false)] {
            assert_eq!(present.has("Chat_00", row), there, "{row}");
        }
        assert!(!present.has("Chat_11", 1));
    }
}
