//! Notes on records, and codes of problems. What a code means stands here once; it never changes.

use forensics_core::issue::Code;

pub(super) const REVOKED: &str = "revoked";
pub(super) const EDITED: &str = "edited";
pub(super) const EDIT_PENDING: &str = "edit-pending";
pub(super) const IMPLIED_BY_EDIT: &str = "implied-by-edit";
pub(super) const NEVER_ACKNOWLEDGED: &str = "never-acknowledged";
pub(super) const RECEIPT_ROWS_EMPTY: &str = "receipt-rows-empty";
pub(super) const NEVER_DECRYPTED: &str = "content-never-decrypted";
pub(super) const HISTORY_SYNC: &str = "history-sync";
pub(super) const FRACTIONAL_DATE: &str = "fractional-date";
pub(super) const BEYOND_CURSOR: &str = "beyond-cursor";
pub(super) const HIDDEN_BY_DELETE_QUEUE: &str = "hidden-by-delete-queue";
pub(super) const UNSENT: &str = "unsent";
pub(super) const FORWARDED: &str = "forwarded";
pub(super) const EPHEMERAL: &str = "ephemeral";
pub(super) const VIEW_ONCE: &str = "view-once";
pub(super) const CHAT_REMOVED: &str = "chat-removed";
pub(super) const NO_ID_COLUMN: &str = "store-keeps-no-ids";
pub(super) const NO_CHAT: &str = "chat-row-missing";
pub(super) const OTHER_TABLE_DIFFERS: &str = "other-table-differs";
pub(super) const ONLY_IN_WAL: &str = "only-in-wal";
pub(super) const BACKUP_COPY: &str = "backup-copy";

const fn code(code: &'static str, says: &'static str) -> Code {
    Code { code, says }
}

pub(super) static NOTES: &[Code] = &[
    code(REVOKED, "The message was deleted for all; the row stands for the deletion, its content is gone."),
    code(EDITED, "The message was edited; the text is the newest one the store holds."),
    code(EDIT_PENDING, "The state speaks of an edit under way, not of the message, which the server has."),
    code(IMPLIED_BY_EDIT, "Only a message that the server already had can be edited; no other mark says so."),
    code(NEVER_ACKNOWLEDGED, "Waiting since more than 30 days before the newest record of the store."),
    code(RECEIPT_ROWS_EMPTY, "The state says read, while every receipt row of the message is empty."),
    code(NEVER_DECRYPTED, "The message arrived and its content could not be decrypted."),
    code(HISTORY_SYNC, "The chat came by history sync, and this row was stored more than 24 hours after it was sent."),
    code(
        FRACTIONAL_DATE,
        "The date of an incoming message has a fraction of a second; the server's stamps are whole seconds.",
    ),
    code(BEYOND_CURSOR, "The row stands beyond the counter or cursor of its chat: the chat does not know of it."),
    code(
        HIDDEN_BY_DELETE_QUEUE,
        "The owner deleted the message; the row waits in the app's delete queue and is no longer shown.",
    ),
    code(UNSENT, "The state says that the message was not sent."),
    code(FORWARDED, "The store marks the message as forwarded."),
    code(EPHEMERAL, "A disappearing message."),
    code(VIEW_ONCE, "A message to be viewed once."),
    code(CHAT_REMOVED, "The chat is marked as removed; the row is still there."),
    code(NO_ID_COLUMN, "This version of the store keeps no message ids."),
    code(NO_CHAT, "The row names a chat that is not in the store."),
    code(OTHER_TABLE_DIFFERS, "A store under migration holds the message in two tables, and they do not agree."),
    code(
        ONLY_IN_WAL,
        "The row stands only in the write-ahead log: the database file by itself has no row of that number.",
    ),
    code(BACKUP_COPY, "Read from a backup file of the app: an older copy of the store."),
    code("inferred-confirmed", "A mark whose meaning is only inferred says that the server took it."),
    code("inferred-pending", "A mark whose meaning is only inferred says that it waits."),
];

pub(super) const BACKUP_UNREADABLE: &str = "whatsapp-backup-unreadable";
pub(super) const BACKUP_MD5: &str = "whatsapp-backup-md5";
pub(super) const KEY_UNREADABLE: &str = "whatsapp-key-unreadable";
pub(super) const BLOB_UNDECODED: &str = "whatsapp-blob-undecoded";
pub(super) const ACCOUNT_UNKNOWN: &str = "whatsapp-account-unknown";

pub(super) static CODES: &[Code] = &[
    code(
        BACKUP_UNREADABLE,
        "A backup file of the app could not be decrypted or unpacked; the detail says where it failed.",
    ),
    code(
        BACKUP_MD5,
        "The checksum at the end of a backup file is wrong, while its content is authentic: the file was cut or joined at its end.",
    ),
    code(KEY_UNREADABLE, "A key file of the app is not laid out as known."),
    code(BLOB_UNDECODED, "A binary value could not be decoded; its bytes are kept where they stand."),
    code(ACCOUNT_UNKNOWN, "Nothing in the evidence says whose account the store is."),
];
