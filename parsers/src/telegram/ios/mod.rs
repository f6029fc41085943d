//! iOS: Postbox, a store of the app's own on top of SQLite: tables `t<N>` of keys and values, keys big-endian, values
//! little-endian or objects of `PostboxCoder`.

use std::cell::Cell;

use forensics_core::app::Install;
use forensics_core::issue::{Issue, Severity};
use forensics_core::keys::KeyKind;
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, NoKey, OpenStore, Unlock};
use forensics_core::origin::Origin;
use forensics_core::record::{Account, Cursor, CursorSays, Key, Record, Space};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::store::sqlite::{Cipher, Profile};
use zeroize::Zeroizing;

use super::mentions::Scope;
use super::{POSTBOX, PREFERENCES, TEMP_KEY};

mod coder;
mod content;
mod history;
mod id;
mod key;
mod marks;
mod media;
mod messages;
mod peer;
mod remnants;

use coder::Object;
use marks::Marks;
use media::Media;
use peer::Peers;

/// The locked key is 64 bytes.
const KEY_LIMIT: u64 = 4096;

/// Everything that reading messages needs to know of the rest of the store.
pub(super) struct Reading<'a> {
    store: &'a OpenStore,
    scope: Scope,
    /// The account's own peer id.
    me: Option<i64>,
    peers: Peers,
    marks: Marks,
    media: Media,
}

/// Reads one installation.
pub(super) fn parse(install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let stores = install.find_spec(&POSTBOX);
    if stores.is_empty()
        && let Some(preferences) = install.find_spec(&PREFERENCES).first()
    {
        let detail = format!("{}: Telegram is installed, and no store of it is in this evidence", preferences.device);
        let code = "telegram-store-not-in-backup";
        return sink.issue(Issue { code, severity: Severity::Info, detail, origin: None });
    }
    let file_key = read_file_key(install, sink)?;
    for (space, entry) in (0u16..).zip(stores) {
        let path = entry.device.to_string();
        let find = |head: &[u8]| find_cipher(install, &path, file_key.as_ref().map(|k| k.as_slice()), head);
        let Some(store) = install.open(sink, POSTBOX.role, entry, &Unlock::With(&find))? else { continue };
        read_store(&store, sink, Space(space), &entry.device.path)?;
    }
    Ok(())
}

/// The key from `.tempkeyEncrypted`, opened with the default password or a passcode of the examiner's.
fn read_file_key(install: &Install<'_>, sink: &mut dyn Sink) -> Result<Option<Zeroizing<Vec<u8>>>, Stopped> {
    let Some(entry) = install.find_spec(&TEMP_KEY).into_iter().next_back() else { return Ok(None) };
    let Some((store, bytes)) = install.open_file(sink, TEMP_KEY.role, entry, KEY_LIMIT)? else { return Ok(None) };
    let path = entry.device.to_string();
    let given = install.keys.of(KeyKind::TELEGRAM_PASSCODE, &path).map(|k| k.secret());
    let opened = std::iter::once(key::DEFAULT_PASSWORD).chain(given).find_map(|password| key::open(&bytes, password));
    if opened.is_none() {
        let detail = format!("{path}: neither the default password nor a given passcode opens it");
        let origin = Some(Origin::store(store));
        sink.issue(Issue { code: "telegram-key-wrong", severity: Severity::Degraded, detail, origin })?;
    }
    Ok(opened)
}

fn find_cipher(install: &Install<'_>, path: &str, from_file: Option<&[u8]>, head: &[u8]) -> Result<Cipher, NoKey> {
    let tried = Cell::new(0usize);
    let given = install.keys.of(KeyKind::SQLCIPHER, path).map(|k| k.secret());
    let profiles = [Profile::SQLCIPHER_4_PLAINTEXT_HEADER];
    let found = given.chain(from_file).find_map(|secret| {
        tried.set(tried.get().saturating_add(1));
        Cipher::identify(head, secret, &profiles)
    });
    found.ok_or(NoKey { kind: KeyKind::TELEGRAM_PASSCODE.word, tried: tried.get() })
}

fn read_store(store: &OpenStore, sink: &mut dyn Sink, space: Space, path: &str) -> Result<(), Stopped> {
    if let Some(table) = store.lacks(&["t2", "t7"]) {
        return store.refuse(sink, &format!("{table} is not in it: no Postbox"));
    }
    sink.describe(store.id(), StoreStatus::Read, Some(&store.header().user_version.to_string()))?;
    let state = read_state(store, sink)?;
    let me = state.as_ref().and_then(|s| s.peer);
    let account: Key = me.map_or_else(|| folder(path), |id| id.to_string()).into();
    let scope = Scope { account, space };
    say_account(store, sink, &scope, state)?;
    let peers = Peers::read(store, sink, &scope)?;
    let media = Media::read(store, sink)?;
    let marks = Marks::read(store, sink, &scope, &peers, me)?;
    let reading = Reading { store, scope, me, peers, marks, media };
    reading.marks.say_horizons(&reading, sink)?;
    messages::read(&reading, sink)?;
    remnants::read(&reading, sink)?;
    store.finish(sink)
}

/// The name of the account's folder, where its state does not say who it is.
fn folder(path: &str) -> String {
    path.split('/').find(|part| part.starts_with("account-")).unwrap_or("account").to_owned()
}

/// What `AuthorizedAccountState` says.
struct State {
    peer: Option<i64>,
    /// Positions in the server's stream of updates.
    positions: Vec<(&'static str, i64)>,
    origin: Origin,
}

/// Table t0, key 2: whose account it is and how far it was synchronised.
fn read_state(store: &OpenStore, sink: &mut dyn Sink) -> Result<Option<State>, Stopped> {
    let Some(table) = store.table("t0") else { return Ok(None) };
    let (key, value) = (table.column("key"), table.column("value"));
    let mut found = None;
    store.each(sink, "t0", |row, sink| {
        if row.int(key) != Some(2) {
            return Ok(Fate::PassedOver);
        }
        let bytes = row.bytes(value).unwrap_or_default();
        let Some(object) = Object::root(&bytes) else {
            sink.issue(undecoded(store, row.cell(value), "no Postbox object"))?;
            return Ok(Fate::Quarantined("an account state that is no Postbox object".to_owned()));
        };
        let inner = object.object("state");
        let number = |name| inner.and_then(|s| s.int(name)).map(|v| (name, v));
        let positions = ["pts", "qts", "date", "seq"].into_iter().filter_map(number).collect();
        found = Some(State { peer: object.int("peerId"), positions, origin: row.cell(value) });
        Ok(Fate::Folded)
    })?;
    Ok(found)
}

fn say_account(store: &OpenStore, sink: &mut dyn Sink, scope: &Scope, state: Option<State>) -> Result<(), Stopped> {
    let Some(State { peer: Some(peer), positions, origin }) = state else {
        let detail = format!("{}: no state says whose account it is; it is called {}", store.path(), scope.account);
        let origin = Some(Origin::store(store.id()));
        return sink.issue(Issue { code: "telegram-account-unknown", severity: Severity::Info, detail, origin });
    };
    sink.emit(Record::Account(Account {
        origin: origin.within("peerId"),
        id: scope.account.clone(),
        name: None,
        extra: vec![("user", peer::number(peer).into())],
    }))?;
    for (name, value) in positions {
        sink.emit(Record::Cursor(Cursor {
            space: scope.space,
            account: scope.account.clone(),
            thread: None,
            sequence: "",
            says: CursorSays::Position(value),
            marker: Marker::new(MarkerKind::Cursor, name, value, origin.within(format!("state.{name}"))),
        }))?;
    }
    Ok(())
}

/// A value that could not be decoded; its bytes are kept by whoever calls.
fn undecoded(store: &OpenStore, cell: Origin, why: &str) -> Issue {
    let table = cell.table.as_deref().unwrap_or_default();
    let row = cell.rowid.map(|r| format!(" row {r}")).or_else(|| cell.key.as_deref().map(|k| format!(" {k}")));
    let detail = format!("{}: table {table}{}: {why}", store.path(), row.unwrap_or_default());
    Issue { code: "value-undecoded", severity: Severity::Degraded, detail, origin: Some(cell) }
}
