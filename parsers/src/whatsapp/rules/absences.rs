//! Rules behind absences: marks whose record is not in the store.

use forensics_core::rule::{Ground, Judge, Rule};

const fn absence(id: &'static str, says: &'static str, ground: Ground, cites: &'static str) -> Rule {
    Rule { id, says, ground, cites, judge: Judge::Absence }
}

const TABLES: &str = "tables keyed by message_row_id in stores of 2022 and 2023 and a schema of 2025/26";
const APP_2026: &str = "schema of 2025/26; meaning by the names of the table and its columns";

pub(in crate::whatsapp) const ANDROID_RECEIPT: Rule = absence(
    "whatsapp.android.receipt-without-message",
    "A recipient's receipt names a message row that is not in the store: the message was sent and its row is gone.",
    Ground::RealStore,
    "ALEAPP, whatsAppExtended: on one test image 112 of 206 rows of receipt_user have no message row",
);
pub(in crate::whatsapp) const ANDROID_SIDE_ROW: Rule = absence(
    "whatsapp.android.side-row-without-message",
    "A row that belongs to a message (media, place, secret, call) names a message row that is not in the store.",
    Ground::RealStore,
    TABLES,
);
pub(in crate::whatsapp) const ANDROID_ADD_ON: Rule = absence(
    "whatsapp.android.add-on-without-message",
    "A reaction, vote, pin or edit names a message row that is not in the store.",
    Ground::Parsers(2),
    "ALEAPP, WAInsight: message_add_on.parent_message_row_id",
);
pub(in crate::whatsapp) const ANDROID_QUOTE: Rule = absence(
    "whatsapp.android.quote-without-message",
    "A reply quotes a message that is not in the store; the quoted text stands in the reply.",
    Ground::RealStore,
    "IPED; message_quoted in a store of 2023, messages_quotes before",
);
pub(in crate::whatsapp) const ANDROID_REVOKED: Rule = absence(
    "whatsapp.android.revoked-without-message",
    "The store keeps a deletion for all of a message whose row is not in the store.",
    Ground::RealStore,
    "message_revoked in a store of 2023",
);
pub(in crate::whatsapp) const ANDROID_EDIT: Rule = absence(
    "whatsapp.android.edit-without-message",
    "The store keeps an edit of a message whose row is not in the store.",
    Ground::RealStore,
    "message_edit_info in a store of 2023",
);
pub(in crate::whatsapp) const ANDROID_INDEX: Rule = absence(
    "whatsapp.android.index-remnant",
    "The full-text index holds the text of a message whose row is not in the store.",
    Ground::RealStore,
    "message_ftsv2_content, messages_fts_content: docid is the message's row (store of 2022)",
);
pub(in crate::whatsapp) const ANDROID_THUMBNAIL: Rule = absence(
    "whatsapp.android.thumbnail-remnant",
    "A preview picture of a message is left whose row is not in the store.",
    Ground::Parsers(2),
    "IPED, ALEAPP: message_thumbnail, message_thumbnails",
);
pub(in crate::whatsapp) const ANDROID_ORPHANED_RECEIPT: Rule = absence(
    "whatsapp.android.orphaned-receipt",
    "The app put aside a receipt for a message that it did not find.",
    Ground::Parsers(1),
    "receipt_orphaned (WAInsight)",
);
pub(in crate::whatsapp) const ANDROID_ORPHAN: Rule = absence(
    "whatsapp.android.orphan",
    "The app put aside a reaction, vote or other addition to a message that it did not find.",
    Ground::Parsers(1),
    "message_orphan, message_add_on_orphan, message_orphaned_edit (WAInsight)",
);
pub(in crate::whatsapp) const ANDROID_ORPHANED_REVOKE: Rule = absence(
    "whatsapp.android.orphaned-revoke",
    "The app put aside the deletion for all of a message that it did not find.",
    Ground::Parsers(1),
    "message_orphaned_edit.revoked_key_id (WAInsight)",
);
pub(in crate::whatsapp) const ANDROID_QUARANTINED: Rule = absence(
    "whatsapp.android.quarantined",
    "A message was received and set aside by the app; its raw form is kept, a message row is not.",
    Ground::Inferred,
    APP_2026,
);
pub(in crate::whatsapp) const ANDROID_DELETED_CHAT: Rule = absence(
    "whatsapp.android.deleted-chat-count",
    "The app counted the messages, by day of receipt, of a chat that was deleted.",
    Ground::Inferred,
    APP_2026,
);
pub(in crate::whatsapp) const ANDROID_CHAT_POINTER: Rule = absence(
    "whatsapp.android.chat-pointer",
    "The chat points to a message row that is not in the store.",
    Ground::RealStore,
    "pointers of chat in stores of 2022 and 2023",
);
pub(in crate::whatsapp) const ANDROID_CURSOR: Rule = absence(
    "whatsapp.android.cursor-beyond-records",
    "The chat's cursor lies past its newest row: what stood there is gone.",
    Ground::RealStore,
    "chat.last_message_sort_id, last_read_receipt_sent_message_sort_id in a store of 2023",
);
pub(in crate::whatsapp) const ANDROID_ROW_SEQUENCE: Rule = absence(
    "whatsapp.android.row-sequence-beyond-records",
    "The database remembers a higher row number than any message has: the newest rows were deleted. A count at most.",
    Ground::RealStore,
    "sqlite_sequence of a table with AUTOINCREMENT (sqlite.org/autoinc.html)",
);
pub(in crate::whatsapp) const ANDROID_CHANNEL_GAP: Rule = absence(
    "whatsapp.android.channel-number-gap",
    "The server's numbers of a channel's posts skip: posts between are not in the store.",
    Ground::Inferred,
    "newsletter_message.server_message_id; that the server skips no number is inferred",
);
pub(in crate::whatsapp) const ANDROID_CHANNEL_POST: Rule = absence(
    "whatsapp.android.channel-post-missing",
    "The store names a channel's post by the server's number, and its row is not in the store.",
    Ground::Parsers(1),
    "newsletter_message, newsletter_my_reaction_orphan_message (WAInsight)",
);

pub(in crate::whatsapp) const IOS_SORT_GAP: Rule = absence(
    "whatsapp.ios.sort-gap",
    "The numbers that the chat gives to its rows skip: a row that stood there was deleted.",
    Ground::RealStore,
    "ZSORT in an iOS store of 2023: one deleted message, one number missing, no other",
);
pub(in crate::whatsapp) const IOS_COUNTER: Rule = absence(
    "whatsapp.ios.counter-beyond-records",
    "The chat has given more numbers than its newest row shows: rows at its end were deleted.",
    Ground::RealStore,
    "ZWACHATSESSION.ZMESSAGECOUNTER is the highest ZSORT + 1 in five of five chats of an iOS store of 2023",
);
pub(in crate::whatsapp) const IOS_LAST_DATE: Rule = absence(
    "whatsapp.ios.last-date-later",
    "The chat keeps a date of its last message that is later than that of its newest row.",
    Ground::RealStore,
    "ZWACHATSESSION.ZLASTMESSAGEDATE equals the newest ZMESSAGEDATE in an iOS store of 2023",
);
pub(in crate::whatsapp) const IOS_SIDE_ROW: Rule = absence(
    "whatsapp.ios.side-row-without-message",
    "A row that belongs to a message (media, receipts, link) names a message row that is not in the store.",
    Ground::RealStore,
    "ZMESSAGE of ZWAMESSAGEINFO, ZWAMEDIAITEM, ZWAMESSAGEDATAITEM in an iOS store of 2023",
);
pub(in crate::whatsapp) const IOS_QUOTE: Rule = absence(
    "whatsapp.ios.quote-without-message",
    "A reply quotes a message that is not in the store; the quoted text stands in the reply.",
    Ground::RealStore,
    "ZWAMEDIAITEM.ZMETADATA, fields 5 and 19, in an iOS store of 2023; IPED",
);
pub(in crate::whatsapp) const IOS_OUTGOING_RECORD: Rule = absence(
    "whatsapp.ios.outgoing-record",
    "The app's record of an outgoing message is left, and neither a message nor a reaction of that id is in the store.",
    Ground::Inferred,
    "om_ rows of ZWAPROFILEPICTUREITEM; in an iOS store of 2023 the only one names the owner's reaction",
);
pub(in crate::whatsapp) const IOS_PAYMENT: Rule = absence(
    "whatsapp.ios.payment-without-message",
    "A payment names a message that is not in the store.",
    Ground::Inferred,
    "ZWAZ1PAYMENTTRANSACTION.ZMESSAGESTANZAID; meaning by its name",
);
pub(in crate::whatsapp) const IOS_SCHEDULED_FOR_DELETE: Rule = absence(
    "whatsapp.ios.scheduled-for-delete",
    "The store lists a message as due for deletion, and its row is not in the store any more.",
    Ground::RealStore,
    "Z_METADATA, ScheduledForDelete, in an iOS store of 2023 from which one message was deleted",
);
pub(in crate::whatsapp) const IOS_LAST_MESSAGE: Rule = absence(
    "whatsapp.ios.last-message",
    "The chat points to a last message that is not in the store.",
    Ground::RealStore,
    "ZWACHATSESSION.ZLASTMESSAGE in an iOS store of 2023",
);
pub(in crate::whatsapp) const IOS_ROW_MAXIMUM: Rule = absence(
    "whatsapp.ios.row-maximum-beyond-records",
    "Core Data remembers a higher row number than any message has: the newest rows were deleted. A count at most.",
    Ground::RealStore,
    "Z_PRIMARYKEY.Z_MAX in an iOS store of 2023",
);
