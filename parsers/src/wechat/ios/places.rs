//! Where WeChat for iOS keeps its files: below the app's container, one folder for each account (the MD5 of its user name).

use forensics_core::app::{Place, Platform, StoreSpec};

const fn at(glob: &'static str) -> Place {
    Place { realm: 0, glob }
}

const fn store(role: &'static str, glob: &'static str, loose: bool, says: &'static str) -> StoreSpec {
    StoreSpec { role, platform: Platform::Ios, place: at(glob), loose, says }
}

pub(in crate::wechat) const MM: StoreSpec =
    store("messages", "Documents/*/DB/MM.sqlite", true, "Older chats, recalls, contacts of old versions.");
pub(in crate::wechat) const MESSAGES: StoreSpec =
    store("messages", "Documents/*/DB/message_*.sqlite", true, "Chats: one table for each.");
pub(in crate::wechat) const BRANDS: StoreSpec =
    store("messages", "Documents/*/Brand/BrandMsg.db", true, "Chats with official accounts.");
pub(in crate::wechat) const CONTACTS: StoreSpec =
    store("contacts", "Documents/*/DB/WCDB_Contact.sqlite", true, "Contacts and the members of rooms.");
pub(in crate::wechat) const SESSIONS: StoreSpec =
    store("sessions", "Documents/*/session/session.db", false, "The chat list, deleted rooms.");
pub(in crate::wechat) const OTHER_SESSIONS: StoreSpec =
    store("sessions", "Documents/*/UniversalSession/*/session.db", false, "Chat lists of other parts of the app.");
pub(in crate::wechat) const SESSION_FILES: StoreSpec =
    store("session-file", "Documents/*/session/data/*/*", false, "A chat's entry in the list: user name, last text.");
pub(in crate::wechat) const INDEX: StoreSpec = store(
    "full-text-index",
    "Documents/*/fts/fts_message.db",
    true,
    "The full-text index: texts, also of deleted messages.",
);
pub(in crate::wechat) const OPERATIONS: StoreSpec = store(
    "operations",
    "Documents/*/DB/WCDB_OpLog.sqlite",
    true,
    "Local changes that the server has not accepted yet.",
);
pub(in crate::wechat) const LOGINS: StoreSpec =
    store("identity", "Documents/LoginInfo2.dat", true, "The accounts that logged in.");
pub(in crate::wechat) const SETTINGS: StoreSpec =
    store("identity", "Documents/*/mmsetting.archive", false, "The account's names.");
pub(in crate::wechat) const KEPT_SETTINGS: StoreSpec =
    store("identity", "Documents/MMappedKV/mmsetting.archive.*", false, "The account's names, in newer versions.");
pub(in crate::wechat) const SYNC: StoreSpec =
    store("sync-position", "Documents/*/mmsync.archive", false, "The account's position in the server's stream.");

/// Media files by chat and row number; only those whose message is gone are opened.
pub(super) const MEDIA: &[Place] = &[
    at("Documents/*/Img/*/*"),
    at("Documents/*/Audio/*/*"),
    at("Documents/*/Video/*/*"),
    at("Documents/*/OpenData/*/*"),
];

/// The role of a media file that is opened.
pub(super) const MEDIA_ROLE: &str = "media-left";

/// The folder of an account that is none: the app's default.
pub(super) const DEFAULT_ACCOUNT: &str = "00000000000000000000000000000000";

/// The component below `Documents`, which names the account; empty for a file outside the app's layout.
pub(super) fn account_folder(path: &str) -> &str {
    path.strip_prefix("Documents/").and_then(|rest| rest.split_once('/')).map_or("", |(folder, _)| folder)
}

/// A media file's chat (hash) and row number: `…/Img/<c>/<n>.pic_thum`.
pub(super) fn media_of(path: &str) -> Option<(&str, i64)> {
    let mut parts = path.rsplit('/');
    let name = parts.next()?;
    let chat = parts.next()?;
    let (stem, _) = name.split_once('.')?;
    let number = stem.parse().ok().filter(|n| *n > 0)?;
    (is_hash(chat)).then_some((chat, number))
}

/// Whether a word is an MD5 in lower-case hexadecimal.
pub(super) fn is_hash(word: &str) -> bool {
    word.len() == 32 && word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_file_names_chat_and_row() {
        let chat = "fdf058fb758b9f9705c8d894d486e352";
        let path = format!("Documents/{chat}/Img/{chat}/90001.pic_thum");
        assert_eq!(media_of(&path), Some((chat, 90_001)));
        assert_eq!(account_folder(&path), chat);
        assert_eq!(media_of(&format!("Documents/{chat}/Img/{chat}/cover.jpg")), None);
        assert_eq!(media_of("Documents/x/Img/y/1.pic"), None);
    }
}
