//! Notes and issue codes.

use forensics_core::issue::Code;

pub(super) const EDIT_PENDING: &str = "edit-pending";
pub(super) const EDITED: &str = "edited";
pub(super) const FORWARDED: &str = "forwarded";
pub(super) const SCHEDULED: &str = "scheduled";
pub(super) const QUICK_REPLY: &str = "quick-reply";
pub(super) const SECRET: &str = "secret-chat";
pub(super) const SELF: &str = "saved-messages";
pub(super) const BROADCAST: &str = "broadcast-post";
pub(super) const SERVICE: &str = "service-notice";
pub(super) const SENT_HERE: &str = "sent-from-this-device";
pub(super) const KEEPS_LOCAL_ID: &str = "blob-keeps-local-id";
pub(super) const BEYOND_CURSOR: &str = "beyond-cursor";
pub(super) const INSIDE_KNOWN_GAP: &str = "inside-known-gap";
pub(super) const READ_BUT_UNREAD: &str = "server-says-read-row-says-unread";
pub(super) const OUT_OF_ORDER: &str = "ids-against-dates";
pub(super) const PUSHED: &str = "known-from-push";
pub(super) const NO_DIALOG: &str = "no-dialog-row";
pub(super) const UNKNOWN_STATE: &str = "unknown-send-state";
pub(super) const TOPIC_COPY: &str = "topic-copy-only";
pub(super) const REPAIR_COPY: &str = "repair-copy";
pub(super) const UNDECODED: &str = "content-undecoded";
pub(super) const DELETION_PENDING: &str = "deletion-not-confirmed";
pub(super) const ACK_PENDING: &str = "marked-acknowledged";
pub(super) const UNKNOWN_NAMESPACE: &str = "unknown-namespace";

const fn code(code: &'static str, says: &'static str) -> Code {
    Code { code, says }
}

pub(super) const NOTES: &[Code] = &[
    code(EDIT_PENDING, "The state speaks of an edit that the server has not acknowledged, not of the message."),
    code(EDITED, "The text was edited; the store keeps the newest version only."),
    code(FORWARDED, "Forwarded from another message."),
    code(SCHEDULED, "A message that is to be sent at a later time."),
    code(QUICK_REPLY, "A prepared answer of a business account."),
    code(SECRET, "Of a secret chat, where the server gives messages no number."),
    code(SELF, "In the chat of the account with itself."),
    code(BROADCAST, "A post of a broadcast channel, which no single peer reads."),
    code(SERVICE, "In the chat of Telegram's own notices (user 777000)."),
    code(SENT_HERE, "The random number that this installation gave the message when sending it is still kept."),
    code(KEEPS_LOCAL_ID, "The stored object still holds the local number that the message had before the server's."),
    code(BEYOND_CURSOR, "Numbered beyond the newest id that its dialog knows of."),
    code(INSIDE_KNOWN_GAP, "Inside a range of ids that the app itself lists as not loaded."),
    code(READ_BUT_UNREAD, "The server's read mark covers the message, the row says unread."),
    code(OUT_OF_ORDER, "Its id and its date stand in another order than those of a neighbour in the same dialog."),
    code(PUSHED, "A push notification named this message."),
    code(NO_DIALOG, "Its dialog has no row: how far the dialog was synchronised is unknown."),
    code(UNKNOWN_STATE, "The send state is a code that no known version writes."),
    code(TOPIC_COPY, "Stands in the table of topics only, not in the table of messages."),
    code(REPAIR_COPY, "In a copy of the store that the app made to repair it."),
    code(UNDECODED, "The stored object could not be decoded to its end; the bytes are kept."),
    code(DELETION_PENDING, "Deleted by the user; the server has not confirmed the deletion."),
    code(ACK_PENDING, "Its attributes still say sent from this device and acknowledged."),
    code(UNKNOWN_NAMESPACE, "The message namespace is one that no known version writes."),
];

pub(super) const CODES: &[Code] = &[
    code(
        "telegram-bytes-left",
        "A stored object was decoded and bytes are left over: its layer may be newer than the table.",
    ),
    code(
        "telegram-pending-tasks",
        "The app's queue of work for the server holds entries whose content is not documented.",
    ),
    code("telegram-unsafe-gaps", "A table that explains gaps is not in the store: gaps are not looked for."),
    code(
        "telegram-store-not-in-backup",
        "Telegram for iOS is installed and its store is not there: the app excludes it from backups; only a full file system holds it.",
    ),
    code("telegram-account-unknown", "Nothing in the evidence says whose account a store is."),
    code("telegram-network-keys", "The keys of the connection to the server are on the phone; they were not read."),
    code("telegram-key-wrong", "The locked Postbox key does not open with the default password or a given passcode."),
];
