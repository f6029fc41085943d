//! Reading one account: its main store first, then what its other files say of it.

use forensics_core::app::Install;
use forensics_core::issue::{Issue, Severity};
use forensics_core::open_store::{OpenStore, Unlock};
use forensics_core::origin::Origin;
use forensics_core::record::{Key, Space};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::vfs::Entry;

use super::checks::{self, Checks};
use super::contacts::Names;
use super::copies::Current;
use super::folder::Folder;
use super::frame::{Frame, Sayings};
use super::full_text::FullText;
use super::identity::Identity;
use super::keys::{Lock, Locksmith, Made, queue_key};
use super::media::Media;
use super::messages::{self, Around};
use super::places;
use super::queued::Answer;
use super::records::{MESSAGE_TABLES, Records};
use super::{account, chats, contacts, deleted, file_index, media};
use crate::wechat::codes;
use crate::wechat::talker::Usernames;

/// `checkmsgid.ini` holds the ids of three days; a queued answer some hundred messages.
const LARGEST_SIDE_FILE: u64 = 64 << 20;

/// One account at work.
pub(super) struct Reading<'r, 'a> {
    pub(super) install: &'r Install<'a>,
    pub(super) identity: &'r Identity,
    pub(super) folder: &'r Folder<'a>,
    pub(super) next_space: &'r mut u16,
}

/// A main store, opened.
struct Main {
    store: OpenStore,
    made: Option<Made>,
}

impl<'r, 'a> Reading<'r, 'a> {
    pub(super) fn run(mut self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let mut locksmith = Locksmith {
            install: self.install,
            identity: self.identity,
            folder: &self.folder.name,
            wxid: None,
            main: None,
        };
        let mut main: Option<Main> = None;
        let mut copies = Vec::new();
        for (role, entry) in &self.folder.main {
            let Some((store, made)) = locksmith.open(sink, role, entry, Lock::Main)? else { continue };
            if !MESSAGE_TABLES.iter().any(|t| store.table(t).is_some()) {
                store.refuse(sink, "none of the message tables is there")?;
                continue;
            }
            locksmith.main = locksmith.main.or_else(|| made.clone());
            match main {
                None => main = Some(Main { store, made }),
                Some(_) => copies.push(store),
            }
        }
        self.repair_files(sink)?;
        let Some(main) = main else { return self.without_main(&locksmith, sink) };
        locksmith.wxid = account::username(&main.store);
        self.read(&main, &locksmith, copies, sink)
    }

    fn space(&mut self) -> Space {
        let space = Space(*self.next_space);
        *self.next_space = self.next_space.wrapping_add(1);
        space
    }

    fn read(
        &mut self,
        main: &Main,
        locksmith: &Locksmith<'_>,
        copies: Vec<OpenStore>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        let store = &main.store;
        sink.describe(store.id(), StoreStatus::Read, Some(generation(store)))?;
        let mut usernames = Usernames::default();
        let own: Option<Key> = locksmith.wxid.as_deref().map(|own| usernames.key(own));
        let account = own.clone().unwrap_or_else(|| usernames.key(&self.folder.name));
        let records = Records::of(store);
        let damaged = records.unreadable() > 0;
        let mut frame = Frame { account, own, space: self.space(), usernames, damaged };
        if damaged {
            let detail = format!(
                "{}: {} rows or pages of message tables cannot be read; what seems missing may be among them",
                store.path(),
                records.unreadable()
            );
            say(sink, codes::DAMAGED_STORE, Severity::Degraded, detail, Some(Origin::store(store.id())))?;
        }
        let index = self.index(locksmith, sink)?;
        let sayings = self.sayings(store, sink)?;

        let position = account::read(store, &mut frame, sink)?;
        if let Some((push, origin)) = &self.identity.push {
            account::cursors(push, origin, &mut frame, sink)?;
        }
        contacts::read(store, &mut frame, sink)?;
        chats::read(store, &mut frame, &Names::of_store(store), sink)?;
        let not_indexed = self.messages(store, &records, index.as_ref(), &sayings, &mut frame, sink)?;
        media::read(store, &records, &mut frame, sink)?;
        deleted::read_commands(store, &records, &mut frame, sink)?;
        deleted::read_rooms(store, &mut frame, sink)?;
        deleted::name_missing(&sayings, &records, &mut frame, sink)?;
        account::operations(store, &mut frame, sink)?;
        let queued = self.queue(locksmith, &records, &mut frame, sink)?;
        if let Some(index) = &index {
            index.read(&records, &mut frame, sink)?;
        }
        self.file_index(locksmith, &records, &mut frame, sink)?;

        let checks = Checks {
            store,
            identity: self.identity,
            folder: &self.folder.name,
            username: locksmith.wxid.as_deref(),
            made: main.made.as_ref(),
            position: position.as_ref(),
            queued,
        };
        checks.run(sink)?;
        checks::message_counts(store, sink)?;
        if not_indexed > 0 {
            let detail = format!(
                "{}: {not_indexed} text messages older than the index's own mark are not in the full-text index",
                store.path()
            );
            say(sink, codes::MESSAGES_NOT_INDEXED, Severity::Info, detail, Some(Origin::store(store.id())))?;
        }
        store.finish(sink)?;
        self.copies(copies, store, &records, &mut frame, sink)?;
        self.finder(locksmith, &sayings, &mut frame, sink)?;
        self.other_stores(locksmith, sink)
    }

    /// Reads the message tables of the current store.
    fn messages(
        &self,
        store: &OpenStore,
        records: &Records<'_>,
        index: Option<&FullText>,
        sayings: &Sayings,
        frame: &mut Frame,
        sink: &mut dyn Sink,
    ) -> Result<u64, Stopped> {
        let media = Some(Media::of(store));
        let mut around = Around { records: Some(records), media, index, sayings, current: None, not_indexed: 0 };
        messages::read(store, frame, &mut around, sink)?;
        Ok(around.not_indexed)
    }

    /// Older copies: their messages only, each in an id space of its own.
    fn copies(
        &mut self,
        copies: Vec<OpenStore>,
        current: &OpenStore,
        records: &Records<'_>,
        frame: &mut Frame,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        for copy in copies {
            sink.describe(copy.id(), StoreStatus::Read, Some(generation(&copy)))?;
            frame.space = self.space();
            let current = Some(Current { store: current, records });
            let sayings = Sayings::default();
            let mut around =
                Around { records: None, media: None, index: None, sayings: &sayings, current, not_indexed: 0 };
            messages::read(&copy, frame, &mut around, sink)?;
            let detail = format!("{}: an older copy of the store, read for its messages only", copy.path());
            say(sink, codes::OLDER_COPY_READ, Severity::Info, detail, Some(Origin::store(copy.id())))?;
            copy.finish(sink)?;
        }
        Ok(())
    }

    fn index(&self, locksmith: &Locksmith<'_>, sink: &mut dyn Sink) -> Result<Option<FullText>, Stopped> {
        let mut index = None;
        for entry in &self.folder.index {
            let Some((store, _)) = locksmith.open(sink, places::INDEX.role, entry, Lock::Index)? else { continue };
            match index {
                None => index = Some(FullText::of(store)),
                // An older index beside the current one.
                Some(_) => store.finish(sink)?,
            }
        }
        Ok(index)
    }

    /// What the account's other files say of rows that may still be there.
    fn sayings(&self, store: &OpenStore, sink: &mut dyn Sink) -> Result<Sayings, Stopped> {
        let mut sayings = Sayings {
            deleted_rooms: deleted::rooms(store),
            restored: checks::imports(store, sink)?,
            ..Sayings::default()
        };
        for entry in &self.folder.deleted_ids {
            let role = places::DELETED_IDS.role;
            let Some((id, bytes)) = self.install.open_file(sink, role, entry, LARGEST_SIDE_FILE)? else { continue };
            let (ids, whole) = deleted::list(&bytes, id);
            sayings.deleted.extend(ids);
            if !whole {
                let detail =
                    format!("{}: the list of deleted ids is damaged; what stands before was read", entry.device);
                say(sink, codes::SIDE_FILE, Severity::Lost, detail, Some(Origin::store(id)))?;
            }
        }
        if self.folder.deleted_ids.is_empty() {
            let detail = format!("{}: checkmsgid.ini is not present; that says nothing about deletions", store.path());
            say(sink, codes::NOT_PRESENT, Severity::Info, detail, Some(Origin::store(store.id())))?;
        }
        Ok(sayings)
    }

    /// Reads the queued answers; whether there are any.
    fn queue(
        &self,
        locksmith: &Locksmith<'_>,
        records: &Records<'_>,
        frame: &mut Frame,
        sink: &mut dyn Sink,
    ) -> Result<bool, Stopped> {
        let mut keys = Vec::new();
        for (device, _) in locksmith.devices() {
            for (uin, _) in locksmith.uins() {
                keys.extend([queue_key(&device, &uin.signed()), queue_key(&device, &uin.unsigned())]);
            }
        }
        keys.dedup();
        for entry in &self.folder.queue_count {
            self.install.open_file(sink, places::QUEUE_COUNT.role, entry, LARGEST_SIDE_FILE)?;
        }
        for entry in &self.folder.queue {
            let role = places::QUEUE.role;
            let Some((id, bytes)) = self.install.open_file(sink, role, entry, LARGEST_SIDE_FILE)? else { continue };
            match Answer::open(&bytes, &keys) {
                Some(answer) => {
                    answer.read(id, records, frame, sink)?;
                }
                None => {
                    sink.describe(id, StoreStatus::NeedsKey, None)?;
                    let detail =
                        format!("{}: none of {} derived keys opens the queued answer", entry.device, keys.len());
                    say(sink, codes::SIDE_FILE, Severity::Lost, detail, Some(Origin::store(id)))?;
                }
            }
        }
        Ok(!self.folder.queue.is_empty())
    }

    fn file_index(
        &self,
        locksmith: &Locksmith<'_>,
        records: &Records<'_>,
        frame: &mut Frame,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        for entry in &self.folder.file_index {
            if let Some((store, _)) = locksmith.open(sink, places::FILE_INDEX.role, entry, Lock::Main)? {
                file_index::read(&store, records, frame, sink)?;
            }
        }
        Ok(())
    }

    /// A file of its own for messages of channels, in some versions. Whether the main store holds the same rows is not
    /// known, so it has an id space of its own.
    fn finder(
        &mut self,
        locksmith: &Locksmith<'_>,
        sayings: &Sayings,
        frame: &mut Frame,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        for entry in &self.folder.finder {
            let Some((store, _)) = locksmith.open(sink, places::FINDER.role, entry, Lock::Main)? else { continue };
            frame.space = self.space();
            let records = Records::of(&store);
            frame.damaged = records.unreadable() > 0;
            let records = Some(&records);
            let mut around = Around { records, media: None, index: None, sayings, current: None, not_indexed: 0 };
            messages::read(&store, frame, &mut around, sink)?;
            store.finish(sink)?;
        }
        Ok(())
    }

    /// Stores that hold no chats: opened, so that the report can say whether they could be read.
    fn other_stores(&self, locksmith: &Locksmith<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let locked: [(&str, &[&Entry], Lock); 2] = [
            (places::PRIORITY.role, &self.folder.ranking, Lock::Ranking),
            (places::FAVORITES.role, &self.folder.favorites, Lock::Main),
        ];
        for (role, entries, lock) in locked {
            for entry in entries {
                if let Some((store, _)) = locksmith.open(sink, role, entry, lock)? {
                    store.finish(sink)?;
                }
            }
        }
        for entry in &self.folder.moments {
            if let Some(store) = self.install.open(sink, places::MOMENTS.role, entry, &Unlock::Plain)? {
                store.finish(sink)?;
            }
        }
        Ok(())
    }

    /// Without the main store nothing can be said to be missing: the other files are only opened.
    fn without_main(&self, locksmith: &Locksmith<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        if !self.folder.main.is_empty() && self.identity.uins.is_empty() {
            let detail = format!("account folder {}: no file names its account number", self.folder.name);
            say(sink, codes::NO_ACCOUNT_NUMBER, Severity::Info, detail, None)?;
        }
        for entry in &self.folder.index {
            if let Some((store, _)) = locksmith.open(sink, places::INDEX.role, entry, Lock::Index)? {
                store.finish(sink)?;
            }
        }
        for entry in self.folder.file_index.iter().chain(&self.folder.finder) {
            if let Some((store, _)) = locksmith.open(sink, places::FILE_INDEX.role, entry, Lock::Main)? {
                store.finish(sink)?;
            }
        }
        self.other_stores(locksmith, sink)
    }

    fn repair_files(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        for entry in &self.folder.repair {
            let detail = format!("{}: a repair file of the database library; its content is not read", entry.device);
            say(sink, codes::REPAIR_FILE, Severity::Info, detail, None)?;
        }
        Ok(())
    }
}

fn say(
    sink: &mut dyn Sink,
    code: &'static str,
    severity: Severity,
    detail: String,
    origin: Option<Origin>,
) -> Result<(), Stopped> {
    sink.issue(Issue { code, severity, detail, origin })
}

/// The schema's age, by columns that later versions added.
fn generation(store: &OpenStore) -> &'static str {
    let Some(table) = store.table("message") else { return "unknown" };
    let has = |column: &str| table.has(column);
    let has_column = |table: &str, column: &str| store.table(table).is_some_and(|t| t.has(column));
    if has_column("chatroom", "qrCodeAccessType") || has_column("EmojiInfo", "isOcrProcessed") {
        "8.0.74 or later"
    } else if has("historyId") {
        "7.0.22 or later"
    } else if has("msgSeq") {
        "7.0.4 or later"
    } else if has("lvbuffer") {
        "6 or later"
    } else {
        "5 or earlier"
    }
}
