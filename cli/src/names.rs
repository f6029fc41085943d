//! Names of threads and persons, as the stores give them.

use std::collections::BTreeMap;

use forensics_core::case::Shard;

use crate::error::CliError;

/// Names of threads and persons, by app, account and key.
pub(crate) struct Names {
    threads: BTreeMap<(String, String, String), String>,
    persons: BTreeMap<(String, String, String), String>,
}

impl Names {
    /// The names that a shard's stores give.
    pub(crate) fn of(shard: &Shard) -> Result<Self, CliError> {
        let mut names = Names { threads: BTreeMap::new(), persons: BTreeMap::new() };
        for store in shard.stores() {
            for row in shard.threads(store.id)? {
                if let Some(name) = row.name.filter(|n| !n.is_empty()) {
                    names.threads.entry((store.app.clone(), row.account, row.id)).or_insert(name);
                }
            }
            for row in shard.contacts(store.id)?.into_iter().chain(shard.accounts(store.id)?) {
                if let Some(name) = row.name.filter(|n| !n.is_empty()) {
                    names.persons.entry((store.app.clone(), row.account, row.id)).or_insert(name);
                }
            }
        }
        Ok(names)
    }

    /// `Name (key)`, or the key alone.
    pub(crate) fn thread(&self, app: &str, account: &str, thread: &str) -> String {
        let key = (app.to_owned(), account.to_owned(), thread.to_owned());
        match self.threads.get(&key).or_else(|| self.persons.get(&key)) {
            Some(name) if name != thread => format!("{name} ({thread})"),
            _ => thread.to_owned(),
        }
    }

    /// The person's name, where one is known.
    pub(crate) fn person(&self, app: &str, account: &str, person: &str) -> Option<&str> {
        self.persons.get(&(app.to_owned(), account.to_owned(), person.to_owned())).map(String::as_str)
    }
}
