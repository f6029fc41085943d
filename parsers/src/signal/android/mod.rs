//! Android: `signal.db`, and backup files that hold the same tables.

use forensics_core::app::Install;
use forensics_core::issue::{Issue, Severity};
use forensics_core::open_store::Unlock;
use forensics_core::origin::Origin;
use forensics_core::record::{Key, Space};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::store::sqlite::Profile;

use super::tables::{Tables, refuse};
use super::{Scope, backup, files, find_key, notes};

mod calls;
pub(in crate::signal) mod codes;
mod columns;
pub(in crate::signal) mod leftovers;
mod messages;
mod owner;
mod people;
mod sides;
mod survey;

use owner::Owner;
use people::People;
use survey::Survey;

/// The tables that are read.
pub(in crate::signal) const TABLES: [&str; 15] = [
    "message",
    "mms",
    "sms",
    "recipient",
    "thread",
    "groups",
    "group_membership",
    "reaction",
    "attachment",
    "part",
    "group_receipts",
    "mention",
    "call",
    "msl_payload",
    "msl_message",
];

/// Tables that hold messages: the newest generation first.
pub(in crate::signal) const MESSAGES: [&str; 3] = ["message", "mms", "sms"];

/// Reads one installation.
pub(super) fn parse(install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let owner = owner::read(install, sink)?;
    let mut space = 0u16;
    for entry in files(install, "messages") {
        let path = entry.device.to_string();
        let find = |head: &[u8]| find_key(install, &path, head, Profile::SQLCIPHER_3_ONE_ROUND);
        if let Some(store) = install.open(sink, "messages", entry, &Unlock::With(&find))? {
            // Several files of one path are several versions: each is a space of its own.
            read(&store, &owner, Space(space), false, sink)?;
        }
        space = space.saturating_add(1);
    }
    for entry in files(install, "backup") {
        if let Some(file) = backup::open(install, entry, sink)? {
            // An older copy may be of another account than the one that is signed in now.
            let mut owner = Owner::default();
            file.facts.iter().for_each(|(key, value, origin)| owner.learn(key, value, origin.clone()));
            read(&file, &owner, Space(space), true, sink)?;
        }
        space = space.saturating_add(1);
    }
    Ok(())
}

/// Reads one store.
fn read(store: &dyn Tables, owner: &Owner, space: Space, is_backup: bool, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let tables: Vec<&'static str> = MESSAGES.into_iter().filter(|t| store.has(t)).collect();
    if tables.is_empty() {
        return refuse(store, sink, "none of the tables message, mms, sms is there");
    }
    let generation = generation(store, &tables);
    sink.describe(store.id(), StoreStatus::Read, Some(&generation))?;
    let survey = Survey::of(store, &tables);
    let mut people = People::read(store, owner, survey.own);
    let account = account(people.announce(owner, store, sink)?, store, sink)?;
    let scope = Scope { space, account };
    people.emit(store, &scope, sink)?;
    let work = Work { store, scope: &scope, people: &people, survey: &survey, owner, tables: &tables, is_backup };
    for table in &tables {
        messages::read(&work, table, sink)?;
    }
    sides::read(&work, sink)?;
    calls::read(&work, sink)?;
    leftovers::read(&work, sink)?;
    store.finish(sink)
}

/// What reading one store needs.
struct Work<'w> {
    store: &'w dyn Tables,
    scope: &'w Scope,
    people: &'w People,
    survey: &'w Survey,
    owner: &'w Owner,
    tables: &'w [&'static str],
    is_backup: bool,
}

impl Work<'_> {
    /// The table whose rows have attachments, receipts and mentions.
    fn media_table(&self) -> &'static str {
        self.tables.first().copied().filter(|t| *t != "sms").unwrap_or("mms")
    }
}

fn generation(store: &dyn Tables, tables: &[&str]) -> String {
    let tables = tables.join(" and ");
    store.version().map_or_else(|| tables.clone(), |version| format!("{version} ({tables})"))
}

/// The account's key, or a word for one that is not known.
fn account(known: Option<Key>, store: &dyn Tables, sink: &mut dyn Sink) -> Result<Key, Stopped> {
    if let Some(key) = known {
        return Ok(key);
    }
    let detail = format!("{}: neither key-value entries nor messages name the owner's account", store.path());
    let origin = Some(Origin::store(store.id()));
    sink.issue(Issue { code: notes::ACCOUNT_UNKNOWN, severity: Severity::Info, detail, origin })?;
    Ok("self".into())
}
