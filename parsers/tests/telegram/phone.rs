//! A phone in a folder, and what the main job finds on it.

use std::path::PathBuf;

use forensics_core::app::App;
use forensics_core::case::{
    AbsenceRow, Case, CaseError, CursorRow, EntityRow, Filter, IssueRow, MessageRow, Order, StoreRow,
};
use forensics_core::keys::KeyRing;
use forensics_core::run::{Plan, Silent, run};
use parsers::telegram::Telegram;
use rusqlite::Connection;

pub(crate) struct Phone {
    folder: tempfile::TempDir,
    pub keys: KeyRing,
}

/// Everything of one run.
#[derive(Default)]
pub(crate) struct Found {
    pub stores: Vec<StoreRow>,
    pub accounts: Vec<EntityRow>,
    pub contacts: Vec<EntityRow>,
    pub threads: Vec<EntityRow>,
    pub messages: Vec<MessageRow>,
    pub absences: Vec<AbsenceRow>,
    pub cursors: Vec<CursorRow>,
    pub issues: Vec<IssueRow>,
}

impl Phone {
    pub(crate) fn new() -> Self {
        Phone { folder: tempfile::tempdir().unwrap(), keys: KeyRing::default() }
    }

    /// A path on the phone, its folders made.
    #[expect(clippy::disallowed_methods, reason = "a phone that a test makes")]
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        let path = self.folder.path().join("phone").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    #[expect(clippy::disallowed_methods, reason = "a phone that a test makes")]
    pub(crate) fn file(&self, path: &str, bytes: &[u8]) {
        std::fs::write(self.path(path), bytes).unwrap();
    }

    #[expect(clippy::disallowed_methods, reason = "a phone that a test makes")]
    pub(crate) fn database(&self, path: &str) -> Connection {
        Connection::open(self.path(path)).unwrap()
    }

    /// Does the main job and reads the case back. Every table must be accounted for.
    pub(crate) fn read(&self) -> Found {
        let plan = Plan {
            sources: vec![self.folder.path().join("phone")],
            out: self.folder.path().join("case"),
            replace: true,
            jobs: 1,
            tool: "test".to_owned(),
        };
        let apps: &[&dyn App] = &[&Telegram];
        run(&plan, apps, &self.keys, &Silent).unwrap();
        let case = Case::open(&plan.out).unwrap();
        let mut found = Found::default();
        for evidence in case.evidence().unwrap() {
            let shard = case.shard(&evidence).unwrap();
            found.issues.extend(shard.issues(None).unwrap());
            for store in shard.stores() {
                found.stores.push(store.clone());
                found.accounts.extend(shard.accounts(store.id).unwrap());
                found.contacts.extend(shard.contacts(store.id).unwrap());
                found.threads.extend(shard.threads(store.id).unwrap());
                found.absences.extend(shard.absences(store.id).unwrap());
                found.cursors.extend(shard.cursors(store.id).unwrap());
                found.issues.extend(shard.issues(Some(store.id)).unwrap());
                for t in shard.tallies(store.id).unwrap() {
                    assert_eq!(t.seen, t.emitted + t.folded + t.passed_over + t.quarantined, "table {}", t.table);
                }
            }
            shard
                .messages::<CaseError>(&Filter::default(), Order::Origin, |m| {
                    found.messages.push(m);
                    Ok(())
                })
                .unwrap();
        }
        assert!(
            !found.issues.iter().any(|i| matches!(&*i.code, "parser-panicked" | "tally-broken")),
            "{:?}",
            found.codes()
        );
        found
    }
}

impl Found {
    pub(crate) fn codes(&self) -> Vec<&str> {
        let mut codes: Vec<&str> = self.issues.iter().map(|i| &*i.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// The message under this key.
    #[track_caller]
    pub(crate) fn message(&self, id: &str) -> &MessageRow {
        let all = || self.messages.iter().map(|m| m.id.as_str()).collect::<Vec<_>>();
        self.messages.iter().find(|m| m.id == id).unwrap_or_else(|| panic!("no message {id} among {:?}", all()))
    }

    /// Verdict, with the reach after a colon.
    #[track_caller]
    pub(crate) fn verdict(&self, id: &str) -> String {
        let m = self.message(id);
        m.reach.as_ref().map_or_else(|| m.verdict.clone(), |reach| format!("{}:{reach}", m.verdict))
    }

    #[track_caller]
    pub(crate) fn has_note(&self, id: &str, note: &str) -> bool {
        self.message(id).notes.iter().any(|n| n == note)
    }

    /// Rules that spoke of a message.
    #[track_caller]
    pub(crate) fn rules(&self, id: &str) -> Vec<&str> {
        self.message(id).rules()
    }

    /// Kind, thread, id, bounds and number of every absence.
    pub(crate) fn summary(&self) -> Vec<String> {
        let show = |n: Option<i64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
        let line = |a: &AbsenceRow| {
            format!(
                "{} {} {} {}..{} {}",
                a.kind,
                a.thread.as_deref().unwrap_or("-"),
                a.id.as_deref().unwrap_or("-"),
                show(a.after),
                show(a.before),
                show(a.at_most)
            )
        };
        let mut lines: Vec<String> = self.absences.iter().map(line).collect();
        lines.sort_unstable();
        lines
    }

    /// The only absence made by a rule.
    #[track_caller]
    pub(crate) fn absence(&self, rule: &str) -> &AbsenceRow {
        let by_rule = |a: &&AbsenceRow| a.rules.as_array().is_some_and(|r| r.iter().any(|r| r == rule));
        let mut found = self.absences.iter().filter(by_rule);
        let first = found.next().unwrap_or_else(|| panic!("no absence by {rule} among {:?}", self.summary()));
        assert!(found.next().is_none(), "several absences by {rule}");
        first
    }
}
