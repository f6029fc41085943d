//! A phone as a folder, the main job over it, and what the case says.
#![expect(clippy::disallowed_methods, reason = "tests write to a folder of their own, never to evidence")]
#![allow(dead_code, reason = "three test programs share it, each uses a part")]

use std::path::Path;

use forensics_core::app::App;
use forensics_core::case::{
    AbsenceRow, Case, CaseError, EntityRow, Filter, IssueRow, MessageRow, Order, StoreRow, TallyRow,
};
use forensics_core::keys::KeyRing;
use forensics_core::run::{Plan, Silent, run};
use rusqlite::Connection;

/// The folder of real test phones beside the project, and beside a work tree of it.
const REAL: [&str; 2] = [
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/real"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/real"),
];

/// Everything that a case says of one phone.
pub(crate) struct Found {
    pub(crate) messages: Vec<MessageRow>,
    pub(crate) absences: Vec<AbsenceRow>,
    pub(crate) issues: Vec<IssueRow>,
    pub(crate) tallies: Vec<TallyRow>,
    pub(crate) stores: Vec<StoreRow>,
    pub(crate) contacts: Vec<EntityRow>,
    pub(crate) threads: Vec<EntityRow>,
    pub(crate) accounts: Vec<String>,
}

/// A file of the real data, or `None` with a loud word.
pub(crate) fn real(path: &str) -> Option<Vec<u8>> {
    let found = REAL.iter().find_map(|folder| std::fs::read(Path::new(folder).join(path)).ok());
    if found.is_none() {
        #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!("SKIPPED: {path} is not in {}", REAL.join(" or "));
        }
    }
    found
}

/// The bytes of a database made by these statements.
pub(crate) fn database(statements: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(statements).unwrap();
    drop(connection);
    std::fs::read(path).unwrap()
}

/// Reads a phone of these files, and checks that every row went somewhere.
pub(crate) fn read(app: &'static dyn App, files: &[(&str, Vec<u8>)]) -> Found {
    let folder = tempfile::tempdir().unwrap();
    let evidence = folder.path().join("evidence");
    for (path, bytes) in files {
        let full = evidence.join(path.trim_start_matches('/'));
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, bytes).unwrap();
    }
    let out = folder.path().join("out");
    let (sources, tool) = (vec![evidence], "test".to_owned());
    let plan = Plan { sources, out: out.clone(), replace: false, jobs: 1, tool };
    run(&plan, &[app], &KeyRing::default(), &Silent).unwrap();
    let case = Case::open(&out).unwrap();
    let shard = case.shard(&case.evidence().unwrap()[0]).unwrap();
    let mut messages = Vec::new();
    shard
        .messages(&Filter::default(), Order::Origin, |m| {
            messages.push(m);
            Ok::<_, CaseError>(())
        })
        .unwrap();
    let stores = shard.stores().to_vec();
    let mut found = Found {
        messages,
        absences: Vec::new(),
        issues: shard.issues(None).unwrap(),
        tallies: Vec::new(),
        contacts: Vec::new(),
        threads: Vec::new(),
        accounts: Vec::new(),
        stores,
    };
    for store in &found.stores {
        found.absences.extend(shard.absences(store.id).unwrap());
        found.issues.extend(shard.issues(Some(store.id)).unwrap());
        found.tallies.extend(shard.tallies(store.id).unwrap());
        found.contacts.extend(shard.contacts(store.id).unwrap());
        found.threads.extend(shard.threads(store.id).unwrap());
        found.accounts.extend(shard.accounts(store.id).unwrap().into_iter().map(|a| a.id));
    }
    for t in &found.tallies {
        assert_eq!(t.seen, t.emitted + t.folded + t.passed_over + t.quarantined, "{t:?}");
    }
    found
}

impl Found {
    /// The record of a row.
    pub(crate) fn message(&self, table: &str, rowid: i64) -> &MessageRow {
        let same = |m: &&MessageRow| m.origin.table.as_deref() == Some(table) && m.origin.rowid == Some(rowid);
        self.messages.iter().find(same).unwrap_or_else(|| panic!("no record of {table} {rowid}"))
    }

    /// Verdict and reach of a row.
    pub(crate) fn verdict(&self, table: &str, rowid: i64) -> (&str, Option<&str>) {
        let m = self.message(table, rowid);
        (&m.verdict, m.reach.as_deref())
    }

    /// Whether a row has a note.
    pub(crate) fn noted(&self, table: &str, rowid: i64, note: &str) -> bool {
        self.message(table, rowid).notes.iter().any(|n| n == note)
    }

    /// The absences of a rule.
    pub(crate) fn absent(&self, rule: &str) -> Vec<&AbsenceRow> {
        let by = |a: &&AbsenceRow| a.rules.as_array().is_some_and(|rules| rules.iter().any(|r| r == rule));
        self.absences.iter().filter(by).collect()
    }

    /// The tally of a table.
    pub(crate) fn tally(&self, table: &str) -> &TallyRow {
        self.tallies.iter().find(|t| t.table == table).unwrap_or_else(|| panic!("no tally of {table}"))
    }

    /// Nothing was lost.
    pub(crate) fn nothing_is_lost(&self) {
        let lost: Vec<_> = self.issues.iter().filter(|i| i.severity == "lost").collect();
        assert!(lost.is_empty(), "{lost:#?}");
    }
}
