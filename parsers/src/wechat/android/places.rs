//! Where WeChat for Android keeps its files: below the app's private folder.

use forensics_core::app::{Place, Platform, StoreSpec};

const fn at(glob: &'static str) -> Place {
    Place { realm: 0, glob }
}

/// A store of one account, by its place.
const fn store(role: &'static str, glob: &'static str, loose: bool, says: &'static str) -> StoreSpec {
    StoreSpec { role, platform: Platform::Android, place: at(glob), loose, says }
}

pub(in crate::wechat) const MAIN: StoreSpec = store(
    "messages",
    "MicroMsg/*/EnMicroMsg.db",
    true,
    "The main store: messages, chats, contacts, cursors (encrypted).",
);
pub(in crate::wechat) const OLD_MAIN: StoreSpec =
    store("messages-old", "MicroMsg/*/MicroMsg.db", true, "The main store of very old versions (not encrypted).");
pub(in crate::wechat) const SECOND: StoreSpec =
    store("messages-copy", "MicroMsg/*/EnMicroMsg2.db", true, "An older copy of the main store, left by a recovery.");
pub(in crate::wechat) const CORRUPTED: StoreSpec = store(
    "messages-copy",
    "MicroMsg/*/corrupted/EnMicroMsg.db",
    false,
    "The main store as it was when the app found it damaged.",
);
pub(in crate::wechat) const ERRED: StoreSpec = store(
    "messages-copy",
    "MicroMsg/*/EnMicroMsg.dberr*",
    false,
    "The main store as it was when the app found it damaged.",
);
pub(in crate::wechat) const BACKED_UP: StoreSpec = store(
    "messages-copy",
    "MicroMsg/*/dbback/EnMicroMsg.db",
    false,
    "An older copy of the main store, made for repair.",
);
pub(in crate::wechat) const FINDER: StoreSpec =
    store("messages-finder", "MicroMsg/*/FinderMessage006.db", true, "Messages of channels.");
pub(in crate::wechat) const INDEX: StoreSpec = store(
    "full-text-index",
    "MicroMsg/*/FTS5IndexMicroMsg_encrypt.db",
    true,
    "The full-text index: texts of messages, also of deleted ones (encrypted).",
);
pub(in crate::wechat) const PLAIN_INDEX: StoreSpec = store(
    "full-text-index",
    "MicroMsg/*/FTS5IndexMicroMsg.db",
    true,
    "The full-text index of older versions (not encrypted).",
);
pub(in crate::wechat) const FILE_INDEX: StoreSpec = store(
    "file-index",
    "MicroMsg/*/WxFileIndex.db",
    true,
    "The index of media files, also of deleted messages (encrypted).",
);
pub(in crate::wechat) const PRIORITY: StoreSpec = store(
    "ranking",
    "MicroMsg/*/MicroMsgPriority.db",
    true,
    "A ranking of contacts (encrypted); opened, holds no messages.",
);
pub(in crate::wechat) const FAVORITES: StoreSpec =
    store("favorites", "MicroMsg/*/enFavorite.db", true, "Favourites (encrypted); opened, not read.");
pub(in crate::wechat) const MOMENTS: StoreSpec =
    store("moments", "MicroMsg/*/SnsMicroMsg.db", true, "Moments (not encrypted); opened, not read.");
pub(in crate::wechat) const DELETED_IDS: StoreSpec = store(
    "deleted-ids",
    "MicroMsg/*/checkmsgid.ini",
    true,
    "Server ids of the messages that were deleted on this phone within three days.",
);
pub(in crate::wechat) const QUEUE_COUNT: StoreSpec = store(
    "queued-answers",
    "MicroMsg/*/pushSyncResp/syncResp.ini",
    false,
    "How many answers of the server are queued.",
);
pub(in crate::wechat) const QUEUE: StoreSpec = store(
    "queued-answers",
    "MicroMsg/*/pushSyncResp/syncResp.bin*",
    false,
    "Answers of the server that the push process fetched and the main store does not hold yet (encrypted).",
);

const fn identity(glob: &'static str, says: &'static str) -> StoreSpec {
    store("identity", glob, true, says)
}

pub(in crate::wechat) const SYSTEM_INFO: StoreSpec =
    identity("MicroMsg/systemInfo.cfg", "The account number (key 1) and client version.");
pub(in crate::wechat) const COMPATIBLE_INFO: StoreSpec =
    identity("MicroMsg/CompatibleInfo.cfg", "The device id from which keys are made (key 258).");
pub(in crate::wechat) const KEY_INFO: StoreSpec = identity("files/KeyInfo.bin", "Past device ids.");
pub(in crate::wechat) const SYSTEM_CONFIG: StoreSpec =
    identity("shared_prefs/system_config_prefs.xml", "The account number (default_uin).");
pub(in crate::wechat) const AUTH_INFO: StoreSpec =
    identity("shared_prefs/auth_info_key_prefs.xml", "The account number (_auth_uin).");
pub(in crate::wechat) const PREFERENCES: StoreSpec =
    identity("shared_prefs/com.tencent.mm_preferences.xml", "The last login: account number, user name, phone number.");
pub(in crate::wechat) const NO_ACCOUNT: StoreSpec =
    identity("shared_prefs/notify_key_pref_no_account.xml", "The user name of the last login.");
pub(in crate::wechat) const PUSH_CURSOR: StoreSpec =
    identity("shared_prefs/notify_sync_pref.xml", "The push process' position in the server's stream.");
pub(in crate::wechat) const DENGTA: StoreSpec = identity("shared_prefs/DENGTA_META.xml", "A device id (IMEI_DENGTA).");
pub(in crate::wechat) const WLOGIN: StoreSpec = identity("shared_prefs/WLOGIN_DEVICE_INFO.xml", "A device id (imei).");
pub(in crate::wechat) const SYSINFO_MMKV: StoreSpec =
    identity("files/mmkv/sysinfo_258", "A device id of newer versions (k_i_m_e_i).");

/// The component below `MicroMsg`, which names the account; empty for a file outside the app's layout.
pub(super) fn account_folder(path: &str) -> &str {
    path.strip_prefix("MicroMsg/").and_then(|rest| rest.split_once('/')).map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_folder_is_the_component_below_micromsg() {
        assert_eq!(account_folder("MicroMsg/fdf0/EnMicroMsg.db"), "fdf0");
        assert_eq!(account_folder("MicroMsg/fdf0/corrupted/EnMicroMsg.db"), "fdf0");
        assert_eq!(account_folder("MicroMsg/systemInfo.cfg"), "");
        assert_eq!(account_folder("EnMicroMsg.db"), "");
    }
}
