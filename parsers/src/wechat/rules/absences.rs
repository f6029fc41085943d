//! Rules that judge no record: each says what a mark without a record means.

use forensics_core::rule::{Ground, Judge, Rule};

const fn absence(id: &'static str, ground: Ground, says: &'static str, cites: &'static str) -> Rule {
    Rule { id, says, ground, cites, judge: Judge::Absence }
}

/// `checkmsgid.ini`.
pub(in crate::wechat) const ON_THE_DELETED_LIST: Rule = absence(
    "wechat.android.deleted-list",
    Ground::AppSource,
    "The app's list of messages deleted within three days names a server id that no record carries: the server had given \
     the message its id, and it was deleted on this phone.",
    "Android 7.0.4, checkmsgid.ini: ids of deleted messages, so that copies delivered again are ignored",
);

/// `DeletedConversationInfo`.
pub(in crate::wechat) const ROOM_DELETED: Rule = absence(
    "wechat.android.room-deleted",
    Ground::AppSource,
    "The app noted that the user deleted this room with all its records.",
    "Android 7.0.4, storage and DeletedConversationInfo",
);

/// `GetSysCmdMsgInfo`.
pub(in crate::wechat) const RECALLED_BEFORE_SHOWN: Rule = absence(
    "wechat.android.recalled-before-shown",
    Ground::AppSource,
    "The app keeps a command of the server's (a recall) for a message that was not in the store when the command came.",
    "Android 7.0.4, GetSysCmdMsgInfo: commands for messages that are not there yet",
);

/// A `DelChatMsg` of a queued answer.
pub(in crate::wechat) const DELETED_ELSEWHERE: Rule = absence(
    "wechat.android.deleted-elsewhere",
    Ground::AppSource,
    "An answer of the server's that waits in the queue says that another device of the account deleted the chat up to this \
     message.",
    "Android 7.0.4, booter/g: DelChatMsg of a sync answer",
);

/// `pushSyncResp`.
pub(in crate::wechat) const QUEUED_ANSWER: Rule = absence(
    "wechat.android.queued-answer",
    Ground::AppSource,
    "The push process fetched this message from the server and queued it; the main store does not hold it yet.",
    "Android 7.0.4, booter/g and modelmulti/b: pushSyncResp/syncResp.bin is removed once its messages are stored",
);

/// `UnDeliverCount`.
pub(in crate::wechat) const HELD_BY_THE_SERVER: Rule = absence(
    "wechat.android.held-by-the-server",
    Ground::AppSource,
    "The app noted that the server holds messages of this room that were not delivered to this phone.",
    "Android 7.0.4, storage/al: rconversation.UnDeliverCount, firstUnDeliverSeq",
);

/// `refermsg`, `MsgQuote`.
pub(in crate::wechat) const QUOTED: Rule = absence(
    "wechat.android.quoted",
    Ground::Parsers(1),
    "A reply quotes a message by its server id, and no record carries that id.",
    "ppwwyyxx/wechat-dump (refermsg); table MsgQuote of two 8.0 stores",
);

/// Media rows.
pub(in crate::wechat) const NAMED_BY_MEDIA: Rule = absence(
    "wechat.android.named-by-media",
    Ground::AppSource,
    "A row for a picture, sound, film, file or card names a message that is not in the store.",
    "Android 7.0.4: ImgInfo2, voiceinfo, videoinfo2, appattach, AppMessage; tables FileMsgInfo, BizTimeLineInfo of 8.0 stores",
);

/// The full-text index.
pub(in crate::wechat) const LEFT_IN_THE_INDEX: Rule = absence(
    "wechat.android.left-in-the-index",
    Ground::AppSource,
    "The full-text index holds the text of a message whose row is not in the store; whether a server had it cannot be told.",
    "Android 7.0.4, plugin/fts: FTS5MetaMessage.entity_id is the row of the message; entries are removed later than rows",
);

/// The index of files.
pub(in crate::wechat) const LEFT_IN_THE_FILE_INDEX: Rule = absence(
    "wechat.android.left-in-the-file-index",
    Ground::Parsers(1),
    "The index of files names a message whose row is not in the store; whether a server had it cannot be told.",
    "greycodee/wechat-backup; table WxFileIndex3 of an 8.0 store",
);

/// `msgSeq`.
pub(in crate::wechat) const ROOM_GAP: Rule = absence(
    "wechat.android.room-gap",
    Ground::AppSource,
    "The server numbers what it sends to a room one after the other, and numbers are missing between the records of this \
     room, or the app itself lists them as missing; commands that leave no record, such as recalls, may have taken some.",
    "Android 7.0.4, aq/c and storage/{w,x}: msgSeq, ChatroomMsgSeq.seqBlockInfo",
);

/// `lastSeq`, `lastPushSeq`, `lastLocalSeq`.
pub(in crate::wechat) const ROOM_CURSOR_AHEAD: Rule = absence(
    "wechat.android.room-cursor-ahead",
    Ground::AppSource,
    "The app noted a higher number for this room than its newest record carries.",
    "Android 7.0.4, aq/c and storage/{w,x,al}: rconversation.lastSeq, ChatroomMsgSeq.lastPushSeq, lastLocalSeq",
);

/// `msgId`.
pub(in crate::wechat) const LOCAL_IDS_SKIP: Rule = absence(
    "wechat.android.local-ids-skip",
    Ground::AppSource,
    "The phone numbers the rows of a message table one after the other, and numbers are missing: at most so many rows were \
     deleted or moved. Nothing is said of the server.",
    "Android 7.0.4, storage/bj: the next msgId is the highest one plus 1",
);

/// I11, `RevokeMsgTable`.
pub(in crate::wechat) const IOS_RECALLED: Rule = absence(
    "wechat.ios.recalled",
    Ground::AppSource,
    "The app noted that this message was recalled, and no record carries its server id.",
    "class dump of iOS 6.6.1: RevokeMessage { m_n64SvrId, m_nsContent }; table RevokeMsgTable of a real backup",
);

/// I11, `refermsg`.
pub(in crate::wechat) const IOS_QUOTED: Rule = absence(
    "wechat.ios.quoted",
    Ground::Parsers(1),
    "A reply quotes a message by its server id, and no record carries that id.",
    "ppwwyyxx/wechat-dump (refermsg), as on Android",
);

/// `ChatExt2_…`.
pub(in crate::wechat) const IOS_EXTENSION_LEFT: Rule = absence(
    "wechat.ios.extension-left",
    Ground::Parsers(1),
    "The table of additions to a chat holds a row for a message that is not in the chat; whether a server had it cannot be \
     told.",
    "table ChatExt2 of a real backup: same MesLocalID as the message",
);

/// I12, the index.
pub(in crate::wechat) const IOS_LEFT_IN_THE_INDEX: Rule = absence(
    "wechat.ios.left-in-the-index",
    Ground::Parsers(1),
    "The full-text index holds the text of a message whose row is not in the chat; whether a server had it cannot be told.",
    "P79N6A/pa_script: fts_message_table columns usernameid, MesLocalID, Message",
);

/// I12, files.
pub(in crate::wechat) const IOS_MEDIA_LEFT: Rule = absence(
    "wechat.ios.media-left",
    Ground::Parsers(2),
    "A media file is named after a message that is not in the chat; whether a server had it cannot be told.",
    "BlueMatthew/WechatExporter, stomakun/WechatExport-iOS: Img, Audio, Video, OpenData by chat and MesLocalID",
);

/// `SessionDeleteInfo`.
pub(in crate::wechat) const IOS_ROOM_DELETED: Rule = absence(
    "wechat.ios.room-deleted",
    Ground::AppSource,
    "The app noted that the user deleted this room with all its records.",
    "class dump of iOS 6.6.1: SessionDeleteInfo { m_userName, m_lastMsgSequence, m_deleteTime }",
);

/// I13, inside a chat.
pub(in crate::wechat) const IOS_LOCAL_IDS_SKIP: Rule = absence(
    "wechat.ios.local-ids-skip",
    Ground::RealStore,
    "The phone numbers the rows of a chat one after the other and never twice, and numbers are missing: at most so many rows \
     were deleted. Nothing is said of the server.",
    "AUTOINCREMENT of the chat tables, by the rules of SQLite",
);

/// I13, past the last row.
pub(in crate::wechat) const IOS_LOCAL_IDS_BEYOND: Rule = absence(
    "wechat.ios.local-ids-beyond",
    Ground::RealStore,
    "The counter of the chat's rows stands higher than its last row: at most so many rows were deleted at its end. Nothing is \
     said of the server.",
    "sqlite_sequence, by the rules of SQLite",
);

/// `sequence_id`.
pub(in crate::wechat) const IOS_ROOM_GAP: Rule = absence(
    "wechat.ios.room-gap",
    Ground::Parsers(2),
    "The server numbers what it sends to a room one after the other, and numbers are missing between the records of this \
     room; commands that leave no record, such as recalls, may have taken some.",
    "class dump of iOS 6.6.1: m_sequenceId; sequence_id in the message source, as msgSeq on Android",
);

/// I14's counterpart.
pub(in crate::wechat) const IOS_ROOM_CURSOR_AHEAD: Rule = absence(
    "wechat.ios.room-cursor-ahead",
    Ground::AppSource,
    "The app noted a higher number for this room than its newest record carries.",
    "class dump of iOS 6.6.1: MMSessionInfoExt",
);

/// `m_uUndeliverCount`.
pub(in crate::wechat) const IOS_HELD_BY_THE_SERVER: Rule = absence(
    "wechat.ios.held-by-the-server",
    Ground::AppSource,
    "The app noted that the server holds messages of this room that were not delivered to this phone.",
    "class dump of iOS 6.6.1: MMSessionInfoExt.m_uUndeliverCount",
);
