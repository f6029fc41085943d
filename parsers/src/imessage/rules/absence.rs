//! What names a message that is not in the store.

use forensics_core::rule::{Ground, Rule};

use super::absence;

const TRIGGERS: &str = "Apple's own triggers in sms.db of iOS 12.4 and chat.db of macOS 26.5.2";
const SCHEMA: &str = "schema of sms.db (iOS 12.4) and chat.db (macOS 10.11, 26.5.2)";
const REAL_MAC: &str =
    "chat.db of macOS 10.11 (log2timeline/plaso:test_data/sqlite/imessage_chat.db): 226 orphans, all deleted";

pub(in crate::imessage) const DELETED_WITH_CLOUD_COPY: Rule = absence(
    "imessage.ios.deleted-had-icloud-copy",
    "The store's deletion log for iCloud names this message with its iCloud record: it was deleted here, a copy existed in iCloud, and iCloud had not yet confirmed the deletion.",
    Ground::AppSource,
    "trigger add_to_sync_deleted_messages; IMDPersistence removes the row by its record id after the deletion succeeded (published decompilation)",
);

pub(in crate::imessage) const DELETED_WITHOUT_CLOUD_COPY: Rule = absence(
    "imessage.ios.deleted-no-icloud-copy",
    "The store's deletion log for iCloud names this message without an iCloud record: it existed here, was deleted, and had no copy in iCloud that the store knew of.",
    Ground::RealStore,
    "trigger add_to_sync_deleted_messages; iOS 14 store with six such rows for six missing row numbers (mvt-project/mvt)",
);

pub(in crate::imessage) const DELETED: Rule = absence(
    "imessage.ios.deleted",
    "The store's own deletion log names this message: it existed here and was deleted.",
    Ground::RealStore,
    TRIGGERS,
);

pub(in crate::imessage) const PURGED: Rule = absence(
    "imessage.ios.purged-from-recently-deleted",
    "The store says that this message was removed from Recently Deleted, and that iCloud has not yet been told.",
    Ground::RealStore,
    "table unsynced_removed_recoverable_messages (macOS 26.5.2)",
);

pub(in crate::imessage) const RECOVERABLE_GONE: Rule = absence(
    "imessage.ios.recently-deleted-gone",
    "Recently Deleted lists a message whose row is no longer in the store.",
    Ground::RealStore,
    "tables chat_recoverable_message_join and recoverable_message_part (macOS 26.5.2)",
);

pub(in crate::imessage) const SCHEDULED_COPY: Rule = absence(
    "imessage.ios.scheduled-copy-in-icloud",
    "The store lists a copy of a message scheduled for later that is still to be deleted from iCloud; the message is not in the store.",
    Ground::RealStore,
    "table scheduled_messages_pending_cloudkit_delete (macOS 26.5.2)",
);

pub(in crate::imessage) const ATTACHMENT_DELETED: Rule = absence(
    "imessage.ios.attachment-deleted",
    "The deletion log of attachments names a file of this message, and the message is not in the store.",
    Ground::RealStore,
    "trigger add_to_sync_deleted_attachments; names at_<part>_<message guid>",
);

pub(in crate::imessage) const CHAT_DELETED: Rule = absence(
    "imessage.ios.chat-deleted",
    "The store's deletion log names a whole conversation: it existed here and was deleted. How many messages it had is not known.",
    Ground::RealStore,
    "table sync_deleted_chats and its trigger (iOS 12.4, macOS 26.5.2)",
);

pub(in crate::imessage) const JOIN: Rule = absence(
    "imessage.ios.conversation-names-missing-message",
    "The list of a conversation's messages names a row that is not in the store.",
    Ground::RealStore,
    REAL_MAC,
);

pub(in crate::imessage) const ATTACHMENT: Rule = absence(
    "imessage.ios.attachment-names-missing-message",
    "An attachment belongs to a message that is not in the store.",
    Ground::RealStore,
    SCHEMA,
);

pub(in crate::imessage) const ATTACHMENT_FILE: Rule = absence(
    "imessage.ios.attachment-file-left",
    "A file lies in the attachments folder, and no attachment of the store refers to it: its message may have been deleted.",
    Ground::Inferred,
    "folder Library/SMS/Attachments/<xx>/<yy>/<attachment guid>/",
);

pub(in crate::imessage) const REPLY: Rule = absence(
    "imessage.ios.reply-names-missing-message",
    "A reply names the message that began its thread, and that message is not in the store.",
    Ground::Parsers(1),
    "imessage-database: thread_originator_guid",
);

pub(in crate::imessage) const TAPBACK: Rule = absence(
    "imessage.ios.tapback-names-missing-message",
    "A tapback, sticker or vote names a message that is not in the store.",
    Ground::Parsers(2),
    "imessage-database and abrignoni/iLEAPP: associated_message_guid",
);

pub(in crate::imessage) const CHAIN: Rule = absence(
    "imessage.ios.chain-names-missing-message",
    "A message names the one before it in the conversation, and that one is not in the store: it is gone, or it is on another device only.",
    Ground::Inferred,
    "reply_to_guid chains each message to the one before it (rows of iOS 14)",
);

pub(in crate::imessage) const WATERMARK: Rule = absence(
    "imessage.ios.watermark-names-missing-message",
    "The conversation's watermark names the newest message that was seen in it, and that message is not in the store.",
    Ground::RealStore,
    "chat.properties of iOS 12.4: CKChatWatermarkMessageID equals the conversation's newest row in five of five; lastSeenMessageGuid",
);

pub(in crate::imessage) const LAST_READ: Rule = absence(
    "imessage.ios.read-past-newest-message",
    "The conversation was read up to a time after its newest message: a newer one may be gone.",
    Ground::Inferred,
    "chat.last_read_message_timestamp",
);

pub(in crate::imessage) const LAST_FAILED: Rule = absence(
    "imessage.ios.last-failed-missing",
    "The store remembers which message failed last, and that message is not in the store.",
    Ground::RealStore,
    "trigger update_last_failed_message_date (macOS 26.5.2): kvtable key lastFailedMessageRowID",
);

pub(in crate::imessage) const TASK: Rule = absence(
    "imessage.ios.task-names-missing-message",
    "A task that the app still had to do names a message that is not in the store.",
    Ground::Inferred,
    "tables message_processing_task and persistent_tasks",
);

pub(in crate::imessage) const ROWIDS_DELETED: Rule = absence(
    "imessage.ios.rowids-missing-deleted",
    "Row numbers that were given are not in the store, and the deletion log counted at least as many deletions: ordinary deletion explains them (by the user, another device, expiry, a replaced tapback, removed codes).",
    Ground::RealStore,
    "sqlite_sequence: iOS 12.4, 149 missing rows and 149 counted deletions; macOS 10.11, 226 and 226",
);

pub(in crate::imessage) const ROWIDS_UNEXPLAINED: Rule = absence(
    "imessage.ios.rowids-missing-unexplained",
    "Row numbers that were given are not in the store, and the deletion log does not account for all missing ones: rows may have vanished without the app's own deletion, or the log was made anew.",
    Ground::Inferred,
    "sqlite_sequence of message against that of deleted_messages and sync_deleted_messages",
);
