//! What a case holds, counted: printed at the end of a run, at the head of `show`, and on the report's first page.

use std::collections::BTreeMap;

use forensics_core::case::IssueRow;
use forensics_core::verdict::Verdict;

use crate::catalogue::Catalogue;
use crate::error::CliError;
use crate::open_case::OpenCase;
use crate::screen::{Cell, Ink, Screen, Table};

/// Issues of severity `lost` that are told one by one.
const LOST: usize = 8;

/// Counts of a case.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// Messages by app and platform, then verdict.
    pub(crate) verdicts: BTreeMap<(String, String), BTreeMap<String, u64>>,
    /// Absences by app and platform, then kind.
    pub(crate) absences: BTreeMap<(String, String), BTreeMap<String, u64>>,
    /// Issues by severity and code.
    pub(crate) issues: BTreeMap<(String, String), u64>,
    /// What the first issues of severity `lost` say.
    pub(crate) lost: Vec<String>,
    /// Stores by status.
    pub(crate) stores: BTreeMap<String, u64>,
    /// Stores by evidence item.
    pub(crate) stores_of: BTreeMap<String, u64>,
    /// Rows seen, emitted, folded, passed over, quarantined.
    pub(crate) rows: [u64; 5],
    /// Tables whose rows do not add up.
    pub(crate) unbalanced: u64,
}

impl Summary {
    /// Counts what a case holds.
    pub(crate) fn of(case: &OpenCase) -> Result<Self, CliError> {
        let mut all = Summary::default();
        for shard in case.shards() {
            let shard = shard?;
            for (app, platform, verdict, count) in shard.verdict_counts()? {
                *all.verdicts.entry((app, platform)).or_default().entry(verdict).or_default() += count;
            }
            for (app, platform, kind, count) in shard.absence_counts()? {
                *all.absences.entry((app, platform)).or_default().entry(kind).or_default() += count;
            }
            for (severity, code, _, count) in shard.issue_counts()? {
                *all.issues.entry((severity, code)).or_default() += count;
            }
            let mut issues = shard.issues(None)?;
            for store in shard.stores() {
                issues.extend(shard.issues(Some(store.id))?);
                *all.stores.entry(store.status.clone()).or_default() += 1;
                *all.stores_of.entry(store.evidence.clone()).or_default() += 1;
                for t in shard.tallies(store.id)? {
                    let row = [t.seen, t.emitted, t.folded, t.passed_over, t.quarantined];
                    all.rows.iter_mut().zip(row).for_each(|(sum, n)| *sum += n);
                    all.unbalanced += u64::from(t.emitted + t.folded + t.passed_over + t.quarantined != t.seen);
                }
            }
            all.remember(issues);
        }
        Ok(all)
    }

    /// Remembers what the first few say that was lost.
    fn remember(&mut self, issues: Vec<IssueRow>) {
        let room = LOST.saturating_sub(self.lost.len());
        self.lost.extend(issues.into_iter().filter(|i| i.severity == "lost").map(|i| i.detail).take(room));
    }

    /// All messages and calls.
    pub(crate) fn messages(&self) -> u64 {
        self.verdicts.values().flat_map(BTreeMap::values).sum()
    }

    /// How many have that verdict.
    pub(crate) fn with_verdict(&self, word: &str) -> u64 {
        self.verdicts.values().filter_map(|v| v.get(word)).sum()
    }

    /// All absences.
    pub(crate) fn absent(&self) -> u64 {
        self.absences.values().flat_map(BTreeMap::values).sum()
    }

    /// Issues of that severity.
    pub(crate) fn issues_of(&self, severity: &str) -> u64 {
        self.issues.iter().filter(|((s, _), _)| s == severity).map(|(_, n)| n).sum()
    }

    /// Whether every row is accounted for.
    pub(crate) fn balances(&self) -> bool {
        self.unbalanced == 0
    }

    /// Prints it.
    pub(crate) fn print(&self, known: &Catalogue, screen: &mut Screen<'_>) -> Result<(), CliError> {
        self.print_verdicts(known, screen)?;
        self.print_absences(known, screen)?;
        self.print_issues(known, screen)?;
        let [seen, emitted, folded, passed, quarantined] = self.rows;
        screen.put(if self.balances() { Ink::Green } else { Ink::Red }, "Rows")?;
        let sums = if self.balances() { "every row is accounted for" } else { "rows are NOT all accounted for" };
        screen.line(&format!(
            "  seen {seen} = records {emitted} + folded {folded} + passed over {passed} + quarantined {quarantined}: {sums}"
        ))
    }

    fn print_verdicts(&self, known: &Catalogue, screen: &mut Screen<'_>) -> Result<(), CliError> {
        let words: Vec<&str> = Verdict::WORDS.into_iter().filter(|w| self.with_verdict(w) > 0).collect();
        screen.heading(&format!("Messages and calls: {}", self.messages()))?;
        if words.is_empty() {
            return screen.end();
        }
        let mut headings = vec!["app", "platform"];
        headings.extend(&words);
        let mut table = Table::new(&headings);
        for ((app, platform), counts) in &self.verdicts {
            let mut row = vec![Cell::new(known.app_name(app)), Cell::new(platform)];
            row.extend(words.iter().map(|w| {
                let n = counts.get(*w).copied().unwrap_or(0);
                Cell::number(n).ink(if n == 0 { Ink::Dim } else { Ink::of_verdict(w) })
            }));
            table.row(row);
        }
        screen.table(&table)?;
        screen.end()
    }

    fn print_absences(&self, known: &Catalogue, screen: &mut Screen<'_>) -> Result<(), CliError> {
        screen.heading(&format!("Marks whose record is not in the store: {}", self.absent()))?;
        let mut table = Table::default();
        for ((app, platform), counts) in &self.absences {
            for (kind, n) in counts {
                table.row([Cell::new(known.app_name(app)), Cell::new(platform), Cell::number(*n), Cell::new(kind)]);
            }
        }
        screen.table(&table)?;
        screen.end()
    }

    fn print_issues(&self, known: &Catalogue, screen: &mut Screen<'_>) -> Result<(), CliError> {
        if self.issues.is_empty() {
            return Ok(());
        }
        screen.heading("Issues")?;
        let mut table = Table::default();
        for severity in ["lost", "degraded", "info"] {
            for ((_, code), n) in self.issues.iter().filter(|((s, _), _)| s == severity) {
                table.row([
                    Cell::number(*n),
                    Cell::new(severity).ink(Ink::of_severity(severity)),
                    Cell::new(code),
                    Cell::new(known.issue(code).unwrap_or_default()).ink(Ink::Dim),
                ]);
            }
        }
        screen.table(&table)?;
        for detail in &self.lost {
            screen.put(Ink::Red, "  lost")?;
            screen.line(&format!("  {detail}"))?;
        }
        let more = self.issues_of("lost").saturating_sub(self.lost.len() as u64);
        if more > 0 {
            screen.line(&format!("  … and {more} more: matchmark report and matchmark export list them all"))?;
        }
        if self.issues.keys().any(|(_, code)| code.ends_with("needs-key") || code.ends_with("wrong-key")) {
            screen.line("  Keys: --ask-password for a backup's password, --keys keys.toml for all kinds (matchmark keys lists them)")?;
        }
        screen.end()
    }
}
