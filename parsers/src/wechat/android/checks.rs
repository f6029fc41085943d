//! Whether the account's files agree with each other.

use std::collections::HashSet;

use forensics_core::issue::{Issue, Severity};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::Origin;
use forensics_core::sink::{Sink, Stopped};

use super::account;
use super::frame::words;
use super::identity::Identity;
use super::keys::Made;
use crate::wechat::codes;
use crate::wechat::digest::md5_hex;
use crate::wechat::sync_key::{MESSAGES, SyncKey};

/// `EmojiInfo.catalog` of the row whose `md5` is that of the device id (ppwwyyxx/wechat-dump).
const DEVICE_ID: i64 = 153;
/// Continue flag of the last answer in `userinfo`.
const CONTINUE: i64 = 8196;

/// What is compared.
pub(super) struct Checks<'a> {
    pub(super) store: &'a OpenStore,
    pub(super) identity: &'a Identity,
    /// The account's folder.
    pub(super) folder: &'a str,
    pub(super) username: Option<&'a str>,
    pub(super) made: Option<&'a Made>,
    pub(super) position: Option<&'a SyncKey>,
    pub(super) queued: bool,
}

impl Checks<'_> {
    /// Says what does not fit.
    pub(super) fn run(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        self.folder(sink)?;
        self.device(sink)?;
        self.username(sink)?;
        self.position(sink)
    }

    fn say(&self, sink: &mut dyn Sink, code: &'static str, severity: Severity, detail: String) -> Result<(), Stopped> {
        let detail = format!("{}: {detail}", self.store.path());
        sink.issue(Issue { code, severity, detail, origin: Some(Origin::store(self.store.id())) })
    }

    fn folder(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let hashed = self.folder.len() == 32 && self.folder.bytes().all(|b| b.is_ascii_hexdigit());
        let uins = &self.identity.uins;
        if !hashed || uins.is_empty() || uins.iter().any(|(uin, _)| uin.folder() == self.folder) {
            return Ok(());
        }
        let detail = format!(
            "the folder {} is not made of any of the {} account numbers found: another account of this phone, or a copied \
             folder",
            self.folder,
            uins.len()
        );
        self.say(sink, codes::FOLDER_MISMATCH, Severity::Info, detail)
    }

    fn device(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(table) = self.store.table("EmojiInfo") else { return Ok(()) };
        let (catalog, md5) = (table.column("catalog"), table.column("md5"));
        let rows = self.store.scan(table).filter_map(Result::ok);
        let mut kept = rows.filter(|row| row.int_lossy(catalog) == Some(DEVICE_ID)).filter_map(|row| words(&row, md5));
        let Some(kept) = kept.next() else { return Ok(()) };
        let known: Vec<&str> = match self.made.and_then(|m| m.device.as_deref()) {
            Some(device) => vec![device],
            None => self.identity.devices.iter().map(|(device, _)| device.as_str()).collect(),
        };
        if known.iter().any(|device| md5_hex(device).eq_ignore_ascii_case(&kept)) {
            return Ok(());
        }
        let detail = "the device id whose hash the store keeps (EmojiInfo, catalog 153) is not the one found on this phone: \
                      the store was carried over";
        self.say(sink, codes::DEVICE_MISMATCH, Severity::Info, detail.to_owned())
    }

    fn username(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let named = &self.identity.wxids;
        match self.username {
            Some(own) if !named.is_empty() && !named.iter().any(|(wxid, _)| wxid == own) => {
                let names: Vec<&str> = named.iter().map(|(wxid, _)| wxid.as_str()).collect();
                let detail = format!("the store is of {own}, the preferences name {}", names.join(", "));
                self.say(sink, codes::ACCOUNT_MISMATCH, Severity::Info, detail)
            }
            _ => Ok(()),
        }
    }

    fn position(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        if self.store.table("userinfo").is_none() {
            return Ok(());
        }
        let main = self.position.and_then(|p| p.get(MESSAGES)).filter(|n| *n > 0);
        if main.is_none() {
            let detail =
                "the position in the server's stream (userinfo 8195) is missing or counts no messages".to_owned();
            self.say(sink, codes::NO_SYNC_KEY, Severity::Info, detail)?;
        }
        let push = self.identity.push.as_ref().and_then(|(p, _)| p.get(MESSAGES));
        if let (Some(main), Some(push)) = (main, push)
            && push > main
            && !self.queued
        {
            let detail = format!(
                "the push process stands at {push}, the main store at {main}, and no answer is queued: messages were fetched \
                 that are not in the store"
            );
            self.say(sink, codes::PUSH_AHEAD, Severity::Degraded, detail)?;
        }
        if account::value(self.store, CONTINUE).is_some_and(|flag| flag.trim() != "0") {
            let detail = "the last answer of the server said that more was to come (userinfo 8196)".to_owned();
            self.say(sink, codes::SYNC_UNFINISHED, Severity::Info, detail)?;
        }
        Ok(())
    }
}

/// Chats that were moved from another phone or restored, by the tables that note it; the rows are accounted for.
pub(super) fn imports(store: &OpenStore, sink: &mut dyn Sink) -> Result<HashSet<String>, Stopped> {
    let mut chats = HashSet::new();
    for name in ["BackupMoveTime", "BackupRecoverMsgListDataId"] {
        let Some(table) = store.table(name) else { continue };
        let session = table.column("sessionName");
        store.each(sink, name, |row, _| {
            Ok(match words(row, session) {
                Some(chat) => {
                    chats.insert(chat);
                    Fate::Folded
                }
                None => Fate::PassedOver,
            })
        })?;
    }
    if !chats.is_empty() {
        let detail = format!(
            "{}: {} chats were moved from another phone or restored: server ids in them prove passage for the account, not \
             arrival on this phone",
            store.path(),
            chats.len()
        );
        let origin = Some(Origin::store(store.id()));
        sink.issue(Issue { code: codes::IMPORTED_CHATS, severity: Severity::Info, detail, origin })?;
    }
    Ok(chats)
}

/// Whether the chat list counts more messages of chats than the store holds.
pub(super) fn message_counts(store: &OpenStore, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let (Some(list), Some(messages)) = (store.table("rconversation"), store.table("message")) else { return Ok(()) };
    let (username, count, talker) = (list.column("username"), list.column("msgCount"), messages.column("talker"));
    let mut rows: std::collections::HashMap<String, i64> = std::collections::HashMap::new();
    for row in store.scan(messages).filter_map(Result::ok) {
        let Some(talker) = row.text(talker) else { continue };
        match rows.get_mut(&*talker) {
            Some(n) => *n = n.saturating_add(1),
            None => {
                rows.insert(talker.into_owned(), 1);
            }
        }
    }
    let (mut chats, mut missing) = (0_u64, 0_i64);
    for row in store.scan(list).filter_map(Result::ok) {
        let (Some(chat), Some(count)) = (words(&row, username), row.int_lossy(count)) else { continue };
        let over = count.saturating_sub(rows.get(&chat).copied().unwrap_or(0));
        if over > 0 {
            chats = chats.saturating_add(1);
            missing = missing.saturating_add(over);
        }
    }
    if chats == 0 {
        return Ok(());
    }
    let detail = format!(
        "{}: the chat list counts {missing} messages more than there are, in {chats} chats: a hint of deleted rows, no proof",
        store.path()
    );
    let origin = Some(Origin::table(store.id(), "rconversation"));
    sink.issue(Issue { code: codes::MESSAGE_COUNT, severity: Severity::Info, detail, origin })
}
