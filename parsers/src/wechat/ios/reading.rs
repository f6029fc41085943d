//! Reading one account: names first, then the chats, then what is left of messages elsewhere.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use forensics_core::app::Install;
use forensics_core::issue::{Issue, Severity};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{OpenStore, Unlock};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::record::{Account, Cursor, CursorSays, Key, Record, Space};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::vfs::Entry;

use super::chats::{self, Chats};
use super::compressed::Unfolding;
use super::folder::Folder;
use super::identity::{self, Owner};
use super::people::People;
use super::present::Present;
use super::remnants::{self, Held};
use super::revokes::{self, Revokes};
use super::{contacts, places, sessions};
use crate::wechat::codes;
use crate::wechat::sync_key::{self, MESSAGES, SyncKey};
use crate::wechat::talker::Usernames;

/// A position has some hundred bytes.
const LARGEST_POSITION: u64 = 1 << 20;

/// One account at work.
pub(super) struct Reading<'r, 'a> {
    pub(super) install: &'r Install<'a>,
    pub(super) folder: &'r Folder<'a>,
    pub(super) owners: &'r [Owner],
    pub(super) space: Space,
}

impl Reading<'_, '_> {
    pub(super) fn run(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let owner = identity::of_folder(self.install, self.folder, self.owners, sink)?;
        let mut people = People::default();
        let own = owner.as_ref().map(|o| people.add_named(&o.username, o.nickname.clone()));
        let account: Key = own.clone().unwrap_or_else(|| self.folder.name.as_str().into());
        self.position(&account, sink)?;

        for entry in &self.folder.contacts {
            let Some(store) = self.open(places::CONTACTS.role, entry, sink)? else { continue };
            contacts::read_packed(&store, &account, &mut people, sink)?;
            store.finish(sink)?;
        }
        let index = self.indexes(sink)?;
        let index: Vec<_> =
            index.into_iter().map(|store| (remnants::index_usernames(&store, &mut people), store)).collect();
        let mut mm = Vec::new();
        let mut complete = true;
        let mut revokes = Revokes::default();
        for entry in &self.folder.mm {
            let Some(store) = self.open(places::MM.role, entry, sink)? else {
                complete = false;
                continue;
            };
            contacts::read_old(&store, &account, &mut people, sink)?;
            revokes.add(&store);
            mm.push(store);
        }
        let listed = self.sessions(&account, &mut people, sink)?;

        let chats = Chats {
            account: Arc::clone(&account),
            own,
            space: self.space,
            usernames: Usernames::default(),
            unfolding: Unfolding::new(self.install, sink)?,
            revokes: &revokes,
            present: Present::default(),
        };
        let mut work = Work {
            reading: self,
            chats,
            people: &mut people,
            listed,
            unnamed: BTreeSet::new(),
            first_in: HashMap::new(),
            first: None,
        };
        for store in mm {
            work.read(&store, sink)?;
        }
        for entry in &self.folder.messages {
            match self.open(places::MESSAGES.role, entry, sink)? {
                Some(store) => work.read(&store, sink)?,
                None => complete = false,
            }
        }
        work.say_unnamed(sink)?;
        let first = work.first;
        let present = work.chats.present;
        self.account(owner, &account, first, sink)?;
        self.remnants(&account, &present, complete, index, &people, sink)?;
        self.operations(sink)
    }

    fn open(&self, role: &'static str, entry: &Entry, sink: &mut dyn Sink) -> Result<Option<OpenStore>, Stopped> {
        self.install.open(sink, role, entry, &Unlock::Plain)
    }

    fn indexes(&self, sink: &mut dyn Sink) -> Result<Vec<OpenStore>, Stopped> {
        let mut all = Vec::new();
        for entry in &self.folder.index {
            all.extend(self.open(places::INDEX.role, entry, sink)?);
        }
        Ok(all)
    }

    fn sessions(&self, account: &Key, people: &mut People, sink: &mut dyn Sink) -> Result<HashSet<Key>, Stopped> {
        for entry in &self.folder.other_sessions {
            let Some(store) = self.open(places::OTHER_SESSIONS.role, entry, sink)? else { continue };
            sessions::add_usernames(&store, people);
            store.finish(sink)?;
        }
        let mut listed = HashSet::new();
        for entry in &self.folder.sessions {
            let Some(store) = self.open(places::SESSIONS.role, entry, sink)? else { continue };
            listed.extend(sessions::read(&store, account, self.space, people, sink)?);
        }
        Ok(listed)
    }

    /// The account record; its origin is the file that names it.
    fn account(
        &self,
        owner: Option<Owner>,
        account: &Key,
        fallback: Option<StoreId>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        match (owner, fallback) {
            (Some(owner), _) => sink.emit(Record::Account(Account {
                origin: owner.origin,
                id: Arc::clone(account),
                name: owner.nickname.map(Into::into),
                extra: owner.extra,
            })),
            (None, Some(store)) => sink.emit(Record::Account(Account {
                origin: Origin::store(store),
                id: Arc::clone(account),
                name: None,
                extra: Vec::new(),
            })),
            (None, None) => Ok(()),
        }
    }

    /// The sync buffer file; that this is its name is our reading, that its content is a position shows by itself.
    fn position(&self, account: &Key, sink: &mut dyn Sink) -> Result<(), Stopped> {
        for entry in &self.folder.sync {
            let role = places::SYNC.role;
            let Some((id, bytes)) = self.install.open_file(sink, role, entry, LARGEST_POSITION)? else { continue };
            let Some(list) = SyncKey::read(&bytes).filter(|list| list.get(MESSAGES).is_some()) else { continue };
            for (key, counter) in &list.counters {
                let Ok(counter) = i64::try_from(*counter) else { continue };
                let origin = Origin::key(id, format!("key {key}"));
                let marker =
                    Marker::new(MarkerKind::Cursor, "SyncKey", counter, origin).meaning(sync_key::meaning(*key));
                sink.emit(Record::Cursor(Cursor {
                    space: self.space,
                    account: Arc::clone(account),
                    thread: None,
                    sequence: "SyncKey",
                    says: CursorSays::Position(counter),
                    marker,
                }))?;
            }
        }
        Ok(())
    }

    /// Where a chat store could not be read, nothing can be said to be missing from it.
    fn remnants(
        &self,
        account: &Key,
        present: &Present,
        complete: bool,
        index: Vec<(HashMap<i64, Key>, OpenStore)>,
        people: &People,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        let held = Held { account, space: self.space, present };
        for (names, store) in index {
            if complete {
                remnants::read_index(&store, &names, &held, sink)?;
            } else {
                store.finish(sink)?;
            }
        }
        if complete {
            remnants::read_media(self.install, &self.folder.media, people, &held, sink)?;
        }
        Ok(())
    }

    /// `WCDB_OpLog.sqlite`: the tables' columns are not known; rows of tables with a blob are operations.
    fn operations(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        for entry in &self.folder.operations {
            let Some(store) = self.open(places::OPERATIONS.role, entry, sink)? else { continue };
            let has_blob = |t: &&forensics_core::store::sqlite::Table| {
                t.columns.iter().any(|c| c.declared.eq_ignore_ascii_case("blob"))
            };
            let rows = store.tables().filter(has_blob).map(|t| store.count(t)).fold(0, u64::saturating_add);
            if rows > 0 {
                let detail = format!("{}: {rows} operations are not accepted yet", store.path());
                let origin = Some(Origin::store(store.id()));
                sink.issue(Issue { code: codes::PENDING_OPERATIONS, severity: Severity::Info, detail, origin })?;
            }
            store.finish(sink)?;
        }
        Ok(())
    }
}

/// The chats of one account while their stores are read.
struct Work<'w, 'r, 'a> {
    reading: &'w Reading<'r, 'a>,
    chats: Chats<'w>,
    people: &'w mut People,
    /// Chats that the list holds.
    listed: HashSet<Key>,
    /// Hashes that nothing names.
    unnamed: BTreeSet<String>,
    /// The store in which a chat was met first.
    first_in: HashMap<String, String>,
    /// The first store with chats.
    first: Option<StoreId>,
}

impl Work<'_, '_, '_> {
    fn read(&mut self, store: &OpenStore, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let r = self.reading;
        let hashes: BTreeSet<String> = chats::tables(store).map(|(_, hash)| hash.to_owned()).collect();
        let is_chat_store = !hashes.is_empty() || store.table("RevokeMsgTable").is_some();
        let generation = if store.tables().any(|t| t.has("WCDB_CT_Message")) { "compressing" } else { "plain text" };
        if is_chat_store {
            self.first = self.first.or(Some(store.id()));
            sink.describe(store.id(), StoreStatus::Read, Some(generation))?;
        }
        sessions::add_greeted(store, self.people);
        let names = sessions::names(r.install, r.folder, hashes.iter().cloned(), self.people, sink)?;
        self.chats.read(store, &names, sink)?;
        revokes::read(store, &self.chats.account, r.space, sink)?;
        for (table, hash) in chats::tables(store) {
            let Some(chat) = names.get(hash) else {
                self.unnamed.insert(hash.to_owned());
                continue;
            };
            if self.listed.insert(Arc::clone(chat)) {
                let origin = Origin::table(store.id(), Arc::clone(&table.name));
                sink.emit(Record::Thread(sessions::thread(origin, &self.chats.account, chat, self.people)))?;
            }
        }
        self.say_doubles(store, &hashes, sink)?;
        store.finish(sink)
    }

    /// A chat lives in one file; two are worth knowing.
    fn say_doubles(
        &mut self,
        store: &OpenStore,
        hashes: &BTreeSet<String>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        for hash in hashes {
            let path = store.path().to_owned();
            let first = self.first_in.entry(hash.clone()).or_insert_with(|| path.clone());
            if *first == path {
                continue;
            }
            let detail = format!("the chat {hash} stands in {first} and in {path}");
            let origin = Some(Origin::store(store.id()));
            sink.issue(Issue { code: codes::OTHER_COPY_OF_CHAT, severity: Severity::Info, detail, origin })?;
        }
        Ok(())
    }

    fn say_unnamed(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        if self.unnamed.is_empty() {
            return Ok(());
        }
        let detail = format!(
            "account {}: {} chats go by the hash of their user name, which nothing in the evidence names",
            self.chats.account,
            self.unnamed.len()
        );
        sink.issue(Issue { code: codes::UNNAMED_CHATS, severity: Severity::Info, detail, origin: None })
    }
}
