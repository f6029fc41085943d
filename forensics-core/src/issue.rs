//! What could not be read, or looked wrong: never a line on standard error and gone, always a record with a stable code.

use serde::Serialize;

use crate::origin::Origin;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Something is less certain or less complete because of it.
    Degraded,
    /// Records may be missing because of it.
    Lost,
}

impl Severity {
    /// The word used in exports.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Degraded => "degraded",
            Severity::Lost => "lost",
        }
    }
}

/// One problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// Stable code, as listed in `docs/issues.md`.
    pub code: &'static str,
    /// How bad.
    pub severity: Severity,
    /// What was found, where, what to do about it.
    pub detail: String,
    /// Where; `None` where no store could be opened.
    pub origin: Option<Origin>,
}

/// A code with its meaning, for `docs/issues.md` and `docs/rules.md`.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// The code.
    pub code: &'static str,
    /// What it means.
    pub says: &'static str,
}

/// Codes that the core itself raises.
pub const CODES: &[Code] = &[
    Code { code: "store-unreadable", says: "A store was found and could not be opened; the detail says why." },
    Code { code: "store-cut", says: "A database or its log could be read only in part; what could be read was used." },
    Code {
        code: "store-wal-missing",
        says: "A database keeps a write-ahead log and none was found. Usual in iTunes backups, where logs are merged before copying; elsewhere the newest rows may be missing.",
    },
    Code { code: "store-needs-key", says: "A store is encrypted and no given key opens it." },
    Code { code: "store-unknown-schema", says: "A store was opened and lacks the tables that its parser needs." },
    Code {
        code: "store-flaw",
        says: "A part of a database (a page, a frame of the log) is damaged and was passed over.",
    },
    Code {
        code: "row-unreadable",
        says: "A row or page of a table could not be decoded; the rest of the table was read.",
    },
    Code { code: "row-quarantined", says: "A row was read and made no sense; it is kept whole in the quarantine." },
    Code { code: "value-undecoded", says: "A value could not be decoded; its bytes are kept." },
    Code {
        code: "tally-broken",
        says: "Rows seen and rows accounted for differ: a fault of this program. Please report it.",
    },
    Code {
        code: "parser-panicked",
        says: "A parser stopped at a fault of this program; what it had read before is kept.",
    },
    Code { code: "evidence-needs-key", says: "An evidence item is encrypted and no key for it was given." },
    Code { code: "evidence-wrong-key", says: "An evidence item is encrypted and none of the given keys opens it." },
    Code {
        code: "evidence-unrecognised",
        says: "An evidence item is none of the known containers; the detail lists why each refused it.",
    },
    Code {
        code: "evidence-unreadable",
        says: "An evidence item is of a known kind and cannot be opened; the detail says why.",
    },
    Code { code: "evidence-hash-agrees", says: "The hash taken is the one that the acquisition tool stated." },
    Code {
        code: "evidence-hash-differs",
        says: "The hash taken is not the one that the acquisition tool stated: the evidence may have changed since.",
    },
    Code {
        code: "install-without-store",
        says: "Files of an app were found, and none of them is a store that its parser opens.",
    },
    Code { code: "container-flaw", says: "The container is damaged or odd at one place; the rest was read." },
    Code { code: "file-unreadable", says: "A file of the evidence could not be read." },
];

/// Where the rows of one table went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Rows that the reader delivered.
    pub seen: u64,
    /// Rows that became a record of their own.
    pub emitted: u64,
    /// Rows that became part of another record, a mark or a mention.
    pub folded: u64,
    /// Rows that are known to hold no record, or whose table this version does not read.
    pub passed_over: u64,
    /// Rows that made no sense and were kept whole.
    pub quarantined: u64,
}

impl Tally {
    /// Whether every row is accounted for.
    pub fn balances(&self) -> bool {
        self.emitted
            .checked_add(self.folded)
            .and_then(|n| n.checked_add(self.passed_over))
            .and_then(|n| n.checked_add(self.quarantined))
            == Some(self.seen)
    }
}
