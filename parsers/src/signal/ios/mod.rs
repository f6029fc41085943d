//! iOS: `signal.sqlite`, written through GRDB. Times are milliseconds since 1970.

use forensics_core::app::Install;
use forensics_core::issue::{Issue, Severity};
use forensics_core::open_store::Unlock;
use forensics_core::origin::Origin;
use forensics_core::record::{Account, Key, Record, Space};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::store::sqlite::Profile;

use super::android::leftovers::count;
use super::rules::absences;
use super::tables::{Tables, refuse};
use super::{Scope, files, find_key, notes};

mod archives;
pub(in crate::signal) mod codes;
mod messages;
mod sides;
mod survey;
#[cfg(test)]
mod tests;
mod threads;

use codes::TABLE;
use survey::Survey;
use threads::Threads;

/// Reads one installation.
pub(super) fn parse(install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let mut space = 0u16;
    for entry in files(install, "messages") {
        let path = entry.device.to_string();
        let find = |head: &[u8]| find_key(install, &path, head, Profile::SQLCIPHER_4_PLAINTEXT_HEADER);
        if let Some(store) = install.open(sink, "messages", entry, &Unlock::With(&find))? {
            // `grdb-hotswap` and older folders are copies: each is a space of its own.
            read(&store, Space(space), sink)?;
        }
        space = space.saturating_add(1);
    }
    Ok(())
}

/// What reading a store needs.
struct Work<'w> {
    store: &'w dyn Tables,
    scope: &'w Scope,
    survey: &'w Survey,
    threads: &'w Threads,
}

fn read(store: &dyn Tables, space: Space, sink: &mut dyn Sink) -> Result<(), Stopped> {
    if !store.has(TABLE) {
        return refuse(store, sink, "the table model_TSInteraction is not there");
    }
    let newer = store.column(TABLE, &["editState"]).is_present();
    let generation = if newer { "model_TSInteraction with edits" } else { "model_TSInteraction without edits" };
    sink.describe(store.id(), StoreStatus::Read, Some(generation))?;
    let account = account(store, sink)?;
    let scope = Scope { space, account };
    let survey = Survey::of(store);
    let threads = Threads::read(store, &scope, sink)?;
    let work = Work { store, scope: &scope, survey: &survey, threads: &threads };
    messages::read(&work, sink)?;
    sides::read(&work, sink)?;
    let rules = (absences::IOS_ROW_GAPS.id, absences::IOS_ROW_SEQUENCE.id);
    count(store, &scope, (TABLE, "id"), &survey.numbers, rules, sink)?;
    store.finish(sink)
}

/// Emits the account. Gives its key: the service id, else the phone number.
fn account(store: &dyn Tables, sink: &mut dyn Sink) -> Result<Key, Stopped> {
    let Some(owner) = threads::owner(store) else {
        let detail = format!("{}: no entry of TSStorageUserAccountCollection names the account", store.path());
        let origin = Some(Origin::store(store.id()));
        sink.issue(Issue { code: notes::ACCOUNT_UNKNOWN, severity: Severity::Info, detail, origin })?;
        return Ok("self".into());
    };
    let id: Key = owner.id.into();
    let extra = vec![("phone", owner.number.as_deref().into())];
    sink.emit(Record::Account(Account { origin: owner.origin, id: id.clone(), name: None, extra }))?;
    Ok(id)
}

/// A value of a row that could not be decoded.
fn undecoded(store: &dyn Tables, place: Origin, what: &str) -> Issue {
    let column = place.column.as_deref().unwrap_or_default();
    let detail = format!("{}: {column} of row {}: {what}", store.path(), place.rowid.unwrap_or(0));
    Issue { code: notes::ARCHIVE_UNDECODED, severity: Severity::Degraded, detail, origin: Some(place) }
}
