//! Stable codes: notes on records, issues of stores, and names of marks that two places share.

use forensics_core::issue::Code;

/// The mark of `checkmsgid.ini` on a record that is still there.
pub(super) const CHECKMSGID: &str = "checkmsgid.ini";
/// The mark of `DeletedConversationInfo` on a record that is still there.
pub(super) const DELETED_ROOM: &str = "DeletedConversationInfo.lastSeq";

macro_rules! codes {
    ($list:ident: $($name:ident = $code:literal, $says:literal;)*) => {
        $(pub(super) const $name: &str = $code;)*
        /// Every one of them with its meaning.
        pub(super) const $list: &[Code] = &[$(Code { code: $code, says: $says }),*];
    };
}

codes! { NOTES:
    STATE_STALE = "state-stale", "The state lags behind the server id: the write of one of them was lost.";
    OTHER_DEVICE = "sent-from-other-device", "Sent from another device of the account and synchronised to this one.";
    SEEN_AFTER_IMPORTS = "seen-after-imports", "Rows like this are seen in chats that were moved from another phone or restored.";
    UNKNOWN_STATUS = "unknown-status", "The state is a code whose meaning is not documented; the raw value stands in its marker.";
    MEDIA_ON_THE_SERVER = "media-on-the-server", "The record names a file on the service's storage although it was not acknowledged itself.";
    PENDING_STALE = "pending-stale", "Waiting since more than 24 hours before the newest record of the store.";
    BEYOND_CURSOR = "beyond-cursor", "The record's number lies beyond what its room's cursors say was announced.";
    INSIDE_KNOWN_GAP = "inside-known-gap", "The record's number lies inside a range that the app lists as missing.";
    REVOKED = "revoked", "The message was recalled; its row is still there with other text.";
    NOTICE_OR_RECALL = "notice-or-recall", "A notice with a server id: a recalled message, or a notice of the server's own; nothing left tells which.";
    OLD_TEXT_LEFT = "old-text-in-the-index", "The full-text index keeps an earlier text of this record; it stands among the edits.";
    HISTORY_FETCH = "history-fetch", "The row came with the fetched history of a room, not as it was sent.";
    RESTORED = "restored-backup", "The chat is listed among those moved from another phone or restored: its server ids prove passage for the account, not arrival on this phone.";
    OLDER_COPY = "older-copy", "The row stands in an older copy of the store that the app left behind.";
    ONLY_IN_OLDER_COPY = "only-in-older-copy", "The row stands in an older copy and no row of the current store matches it.";
    NEGATIVE_SERVER_ID = "negative-server-id", "The server id is below zero, which none is; it counts as missing.";
    NEEDS_DICTIONARY = "needs-dictionary", "The text is compressed and no given dictionary opens it; all marks were read.";
    UNDECOMPRESSED = "undecompressed", "The text is marked as compressed and is no valid frame; its bytes are kept.";
    REFUSED_EXTRAS = "extras-undecoded", "The packed extras of the row (lvbuffer) could not be read to their end.";
}

codes! { ISSUES:
    KEY_SOURCE = "wechat-key-source", "Which values of the evidence, or which key of the examiner's, opened a store.";
    NO_ACCOUNT_NUMBER = "wechat-no-account-number", "No file of the evidence names the account number (uin) of this folder, so no key could be derived; give the passphrase.";
    FOLDER_MISMATCH = "wechat-folder-mismatch", "The folder's name is not the MD5 of \"mm\" and any account number found.";
    DEVICE_MISMATCH = "wechat-device-mismatch", "The hash of the device id kept in the store is not that of the device id that opened it: the store was carried over from another phone.";
    ACCOUNT_MISMATCH = "wechat-account-mismatch", "The account named by the store is not the one that the preferences name.";
    NO_SYNC_KEY = "wechat-no-sync-key", "The account's position in the server's stream (userinfo 8195) is missing or cannot be read.";
    PUSH_AHEAD = "wechat-push-ahead", "The push process stands further in the server's stream than the main store, and nothing is queued: messages were fetched that are not in the store.";
    SYNC_UNFINISHED = "wechat-sync-unfinished", "The last answer of the server said that more was to come.";
    PENDING_OPERATIONS = "wechat-pending-operations", "Local changes that the server has not accepted yet.";
    IMPORTED_CHATS = "wechat-imported-chats", "Chats that were moved from another phone or restored.";
    NOT_PRESENT = "wechat-not-present", "A file that earlier versions keep is not present. Its absence says nothing about deletions.";
    OLDER_COPY_READ = "wechat-older-copy", "An older copy of the store was read for its messages only; its cursors and marks say nothing about today.";
    REPAIR_FILE = "wechat-repair-file", "A repair file of the database library was found; its content is not read.";
    SIDE_FILE = "wechat-side-file", "A side file could not be decoded.";
    MESSAGES_NOT_INDEXED = "wechat-index-incomplete", "Text messages older than the index's own mark are missing from the full-text index.";
    DICTIONARY_NEEDED = "wechat-dictionary-needed", "Texts are compressed with a dictionary that is part of the app and not of the evidence.";
    UNNAMED_CHATS = "wechat-unnamed-chats", "Chats whose user name appears nowhere; they go by the hash in their table's name.";
    MESSAGE_COUNT = "wechat-message-count", "The chat list counts more messages of a chat than the store holds: a hint of missing rows, no proof.";
    DAMAGED_STORE = "wechat-damaged-store", "A part of a message table cannot be read: absences of this store are weak, for the record may stand there.";
    OTHER_COPY_OF_CHAT = "wechat-chat-in-two-files", "The same chat stands in two database files.";
}
