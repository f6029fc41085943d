//! Android: `cache4.db`, one for each account, and the preferences that say whose it is.

use forensics_core::app::Install;
use forensics_core::issue::{Issue, Severity};
use forensics_core::open_store::{OpenStore, Unlock};
use forensics_core::origin::Origin;
use forensics_core::record::{Cursor, CursorSays, Key, Record, Space};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::vfs::Entry;

use super::mentions::{Holes, Scope};
use super::{CACHE4, notes};

mod account;
mod body;
mod content;
mod dialog;
mod dialogs;
mod marks;
mod messages;
mod peers;
mod side;
mod survey;

use dialogs::Dialogs;
use peers::Peers;
use side::Sides;
use survey::Survey;

/// Everything that reading messages needs to know of the rest of the store.
pub(super) struct Reading<'a> {
    store: &'a OpenStore,
    scope: Scope,
    /// The account's own user id.
    me: Option<i64>,
    /// Whether the store is a copy that the app made to repair the real one.
    repair: bool,
    peers: Peers,
    holes: Holes,
    survey: Survey,
    dialogs: Dialogs,
    sides: Sides<'a>,
}

/// Reads one installation.
pub(super) fn parse(install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let identities = account::read(install, sink)?;
    for (space, entry) in (0u16..).zip(install.find_spec(&CACHE4)) {
        let slot = Slot::of(&entry.device.path);
        let identity = slot.account.and_then(|n| identities.get(&n).copied());
        if let Some(store) = install.open(sink, CACHE4.role, entry, &Unlock::Plain)? {
            read_store(&store, sink, Space(space), &slot, identity)?;
        }
    }
    note_network_keys(install, sink)
}

/// Which account a store is of, by its folder.
struct Slot {
    /// 0 for `files/`, N for `files/account<N>/`.
    account: Option<u32>,
    repair: bool,
}

impl Slot {
    fn of(path: &str) -> Slot {
        let folder = path.rsplit('/').nth(1).unwrap_or_default();
        if let Some(number) = folder.strip_prefix("recover_database_") {
            return Slot { account: number.parse().ok(), repair: true };
        }
        let account = folder.strip_prefix("account").map_or(Some(0), |number| number.parse().ok());
        Slot { account, repair: false }
    }

    fn name(&self) -> String {
        self.account.map_or_else(|| "account".to_owned(), |n| format!("account{n}"))
    }
}

fn read_store(
    store: &OpenStore,
    sink: &mut dyn Sink,
    space: Space,
    slot: &Slot,
    identity: Option<i64>,
) -> Result<(), Stopped> {
    let generation = store.header().user_version.to_string();
    if store.lacks(&["messages_v2"]).is_some() && store.lacks(&["messages"]).is_some() {
        return store.refuse(sink, "neither messages_v2 nor messages is in it");
    }
    sink.describe(store.id(), StoreStatus::Read, Some(&generation))?;
    let me = identity.or_else(|| peers::find_self(store));
    let account: Key = me.map_or_else(|| slot.name(), |id| id.to_string()).into();
    let scope = Scope { account, space };
    if me.is_none() {
        say_account_unknown(store, sink, &scope)?;
    }
    let peers = Peers::read(store, sink, &scope, me.filter(|_| identity.is_none()))?;
    let holes = dialogs::read_holes(store, sink)?;
    let survey = Survey::take(store, &peers, &holes);
    survey.say_skips(store, sink, &scope, &holes)?;
    let dialogs = Dialogs::read(store, sink, &scope, &peers, &survey, &holes, me)?;
    let sides = Sides::read(store, sink)?;
    let mut reading = Reading { store, scope, me, repair: slot.repair, peers, holes, survey, dialogs, sides };
    marks::read(&mut reading, sink)?;
    messages::read(&reading, sink)?;
    read_params(&reading, sink)?;
    store.finish(sink)
}

fn say_account_unknown(store: &OpenStore, sink: &mut dyn Sink, scope: &Scope) -> Result<(), Stopped> {
    let detail = format!(
        "{}: no preferences and no user marked as self say whose store this is; it is called {}",
        store.path(),
        scope.account
    );
    let origin = Some(Origin::store(store.id()));
    sink.issue(Issue { code: "telegram-account-unknown", severity: Severity::Info, detail, origin })
}

/// Positions in the server's stream of updates, and the queue of work for the server.
fn read_params(reading: &Reading<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    use forensics_core::marker::{Marker, MarkerKind};
    use forensics_core::open_store::Fate;
    use forensics_core::stamp::{Epoch, Stamp};

    let store = reading.store;
    if let Some(table) = store.table("params") {
        let columns = ["pts", "qts", "seq", "date"].map(|name| (name, table.column(name)));
        store.each(sink, "params", |row, sink| {
            for (name, column) in columns {
                let Some(value) = row.int(column).filter(|v| *v != 0) else { continue };
                let mut marker = Marker::new(MarkerKind::Cursor, name, value, row.cell(column));
                if name == "date" {
                    marker = marker.meaning(Stamp::int(value, Epoch::UnixSeconds).to_string());
                }
                sink.emit(Record::Cursor(Cursor {
                    space: reading.scope.space,
                    account: reading.scope.account.clone(),
                    thread: None,
                    sequence: "",
                    says: CursorSays::Position(value),
                    marker,
                }))?;
            }
            Ok(Fate::Folded)
        })?;
    }
    let Some(tasks) = store.table("pending_tasks") else { return Ok(()) };
    let count = store.count(tasks);
    if count == 0 {
        return Ok(());
    }
    let detail = format!("{}: pending_tasks holds {count} entries, passed over", store.path());
    let origin = Some(Origin::table(store.id(), "pending_tasks"));
    sink.issue(Issue { code: "telegram-pending-tasks", severity: Severity::Info, detail, origin })
}

/// `tgnet.dat` holds the keys of the connection to the server: that it is there is worth knowing, it is never read.
fn note_network_keys(install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    use forensics_core::app::Place;
    let found: Vec<&Entry> = install.find(Place { realm: 0, glob: "files/**/tgnet.dat" });
    for entry in found {
        let detail = format!("{}: the network keys of an account are there and were not read", entry.device);
        sink.issue(Issue { code: "telegram-network-keys", severity: Severity::Info, detail, origin: None })?;
    }
    Ok(())
}

/// A value that could not be decoded; its bytes are kept by whoever calls.
fn undecoded(store: &OpenStore, cell: Origin, why: &str) -> Issue {
    let row = cell.rowid.map(|r| format!(" row {r}")).unwrap_or_default();
    let table = cell.table.as_deref().unwrap_or_default();
    let column = cell.column.as_deref().unwrap_or_default();
    let detail = format!("{}: table {table}{row} column {column}: {why}", store.path());
    Issue { code: "value-undecoded", severity: Severity::Degraded, detail, origin: Some(cell) }
}

/// The notes that every record of a repair copy carries.
fn repair_note(reading: &Reading<'_>) -> Option<&'static str> {
    reading.repair.then_some(notes::REPAIR_COPY)
}

#[cfg(test)]
mod tests {
    use super::Slot;

    #[test]
    fn the_folder_says_which_account_it_is() {
        let slot = |path| {
            let slot = Slot::of(path);
            (slot.account, slot.repair)
        };
        assert_eq!(slot("files/cache4.db"), (Some(0), false));
        assert_eq!(slot("files/account3/cache4.db"), (Some(3), false));
        assert_eq!(slot("files/recover_database_1/cache4.db"), (Some(1), true));
        assert_eq!(slot("cache4.db"), (Some(0), false));
    }
}
