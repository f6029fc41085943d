//! A device as a folder, the main job over it, and what the case says.

use std::collections::BTreeMap;
use std::path::Path;

use forensics_core::app::App;
use forensics_core::case::{
    AbsenceRow, Case, CaseError, Filter, IssueRow, MessageRow, Order, Shard, StoreRow, TallyRow,
};
use forensics_core::keys::KeyRing;
use forensics_core::run::{Plan, Silent, run};
use parsers::wechat::WeChat;
use samples::{Device, TrueAbsence};

/// Everything that a case says of one device.
pub(crate) struct Found {
    pub(crate) messages: Vec<MessageRow>,
    pub(crate) absences: Vec<AbsenceRow>,
    pub(crate) issues: Vec<IssueRow>,
    pub(crate) tallies: Vec<TallyRow>,
    pub(crate) stores: Vec<StoreRow>,
    pub(crate) accounts: Vec<String>,
    pub(crate) contacts: usize,
    pub(crate) threads: BTreeMap<String, (Option<String>, usize)>,
}

/// Reads a device.
pub(crate) fn read(device: &Device, keys: &KeyRing) -> Found {
    let folder = tempfile::tempdir().unwrap();
    let evidence = folder.path().join("evidence");
    samples::containers::write_folder(device, &evidence).unwrap();
    read_folder(&evidence, &folder.path().join("case"), keys)
}

/// Reads a folder.
pub(crate) fn read_folder(evidence: &Path, out: &Path, keys: &KeyRing) -> Found {
    let plan = Plan {
        sources: vec![evidence.to_owned()],
        out: out.to_owned(),
        replace: false,
        jobs: 1,
        tool: "test".to_owned(),
    };
    let apps: &[&dyn App] = &[&WeChat];
    run(&plan, apps, keys, &Silent).unwrap();
    let case = Case::open(out).unwrap();
    let evidence = case.evidence().unwrap();
    gather(&case.shard(&evidence[0]).unwrap())
}

fn gather(shard: &Shard) -> Found {
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
        accounts: Vec::new(),
        contacts: 0,
        threads: BTreeMap::new(),
        stores: stores.clone(),
    };
    for store in &stores {
        found.absences.extend(shard.absences(store.id).unwrap());
        found.issues.extend(shard.issues(Some(store.id)).unwrap());
        found.tallies.extend(shard.tallies(store.id).unwrap());
        found.accounts.extend(shard.accounts(store.id).unwrap().into_iter().map(|a| a.id));
        found.contacts += shard.contacts(store.id).unwrap().len();
        for thread in shard.threads(store.id).unwrap() {
            let participants = thread.participants.as_array().map_or(0, Vec::len);
            found.threads.insert(thread.id, (thread.name, participants));
        }
    }
    found
}

impl Found {
    pub(crate) fn file(&self, store: forensics_core::origin::StoreId) -> &str {
        self.stores.iter().find(|s| s.id == store).unwrap().file()
    }

    pub(crate) fn issue(&self, code: &str) -> Option<&IssueRow> {
        self.issues.iter().find(|i| i.code == code)
    }

    /// Every row that was seen went somewhere.
    pub(crate) fn nothing_is_lost(&self) {
        assert!(!self.tallies.is_empty());
        for t in &self.tallies {
            assert_eq!(t.seen, t.emitted + t.folded + t.passed_over + t.quarantined, "{t:?}");
        }
        let lost: Vec<_> = self.issues.iter().filter(|i| i.severity == "lost").collect();
        assert!(lost.is_empty(), "{lost:#?}");
    }

    /// The verdicts, record by record, are those of the truth; there are no others.
    pub(crate) fn verdicts_are_true(&self, device: &Device) {
        let mut wrong = Vec::new();
        let mut left: BTreeMap<(String, String, i64), &MessageRow> = self
            .messages
            .iter()
            .map(|m| {
                let table = m.origin.table.as_deref().unwrap().to_owned();
                ((self.file(m.origin.store).to_owned(), table, m.origin.rowid.unwrap()), m)
            })
            .collect();
        for t in &device.truth.messages {
            let key = (t.store_file.clone(), t.table.clone(), t.rowid);
            let Some(m) = left.remove(&key) else {
                wrong.push(format!("missing: {t:?}"));
                continue;
            };
            let notes_fit = t.notes.iter().all(|n| *n == "only-in-wal" || m.notes.iter().any(|found| found == n));
            if m.verdict != t.verdict || m.reach.as_deref() != t.reach || m.thread != t.thread || !notes_fit {
                wrong.push(format!(
                    "told {t:?}\n found {} {:?} {} {:?} by {:?}",
                    m.verdict,
                    m.reach,
                    m.thread,
                    m.notes,
                    m.rules()
                ));
            }
        }
        wrong.extend(left.keys().map(|k| format!("never told: {k:?}")));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// The absences are those of the truth. `allowed` says which others may be.
    pub(crate) fn absences_are_true(&self, device: &Device, allowed: impl Fn(&AbsenceRow) -> bool) {
        let mut left: Vec<&AbsenceRow> = self.absences.iter().collect();
        let mut wrong = Vec::new();
        for t in &device.truth.absences {
            match left.iter().position(|a| fits(a, t)) {
                Some(place) => {
                    left.remove(place);
                }
                None => wrong.push(format!("missing: {t:?}")),
            }
        }
        let others = left.into_iter().filter(|a| !allowed(a));
        wrong.extend(others.map(|a| format!("never told: {a:?}")));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

fn fits(a: &AbsenceRow, t: &TrueAbsence) -> bool {
    a.kind == t.kind
        && a.thread == t.thread
        && a.id == t.id
        && a.after == t.after
        && a.before == t.before
        && t.at_most.is_none_or(|n| a.at_most == i64::try_from(n).ok())
        && t.text.as_deref().is_none_or(|text| a.text.as_str() == Some(text))
}
