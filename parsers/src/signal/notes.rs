//! Notes on records, and codes of problems. What a code means stands here once; it never changes.

use forensics_core::issue::Code;

pub(super) const BACKUP_COPY: &str = "backup-copy";
pub(super) const BEFORE_GUIDS: &str = "before-server-guids";
pub(super) const CARRIER_SMS: &str = "carrier-sms";
pub(super) const CHALLENGED: &str = "server-asks-for-proof";
pub(super) const CLOCK_ANOMALY: &str = "clock-anomaly";
pub(super) const EDITED: &str = "edited";
pub(super) const EPHEMERAL: &str = "ephemeral";
pub(super) const FAILED_FOR_SOME: &str = "failed-for-some";
pub(super) const IDENTITY_EVENT: &str = "identity-event";
pub(super) const LINKED_DEVICE: &str = "linked-device";
pub(super) const LONG_PENDING: &str = "long-pending";
pub(super) const NO_GUID_COLUMN: &str = "store-keeps-no-guids";
pub(super) const NO_MEMBER_RECEIPT: &str = "no-member-receipt";
pub(super) const NO_SENDER_ADDRESS: &str = "sender-without-address";
pub(super) const NO_THREAD: &str = "thread-row-missing";
pub(super) const NOTE_TO_SELF: &str = "note-to-self";
pub(super) const PARTLY_DELIVERED: &str = "partly-delivered";
pub(super) const QUOTED_MISSING: &str = "quoted-message-was-missing";
pub(super) const RELEASE_CHANNEL: &str = "release-channel";
pub(super) const REVOKED: &str = "revoked";
pub(super) const SCHEDULED: &str = "scheduled";
pub(super) const SERVER_TIME_AHEAD: &str = "server-time-ahead";
pub(super) const SMS_RESTORED: &str = "sms-restored";
pub(super) const STORY: &str = "story";
pub(super) const VIEW_ONCE: &str = "view-once";

const fn code(code: &'static str, says: &'static str) -> Code {
    Code { code, says }
}

pub(super) static NOTES: &[Code] = &[
    code(BACKUP_COPY, "Read from a backup file of the app: an older copy of the store."),
    code(
        BEFORE_GUIDS,
        "Received before the first message of this store that carries an id of the server's: the app may not have kept them yet.",
    ),
    code(
        CARRIER_SMS,
        "The row lacks the flag of Signal messages: an SMS or MMS of the phone's carrier, which no server of Signal handles.",
    ),
    code(CHALLENGED, "The server answered and asks the user to prove to be human before it takes the message."),
    code(
        CLOCK_ANOMALY,
        "The server received the message more than 30 days after, or more than a day before, the time the sender states; a sender's clock proves nothing.",
    ),
    code(EDITED, "The message was edited; the text is the newest one the store holds."),
    code(EPHEMERAL, "A disappearing message."),
    code(FAILED_FOR_SOME, "Sending failed or waits for some of several recipients; the service took it for others."),
    code(IDENTITY_EVENT, "A change or check of a safety number, which the app notes in the chat by itself."),
    code(LINKED_DEVICE, "Made on another device of the owner's and brought here."),
    code(LONG_PENDING, "Waiting since more than 30 days before the newest record of the store."),
    code(NO_GUID_COLUMN, "This version of the store keeps no ids of the server's."),
    code(
        NO_MEMBER_RECEIPT,
        "Sent to a group more than 30 days before the newest record, and no member's receipt came.",
    ),
    code(
        NO_SENDER_ADDRESS,
        "The sender is no address of the service: such a row was made by the app, and so were its id and times.",
    ),
    code(NO_THREAD, "The row names a thread that is not in the store."),
    code(
        NOTE_TO_SELF,
        "A note to self: the app itself sets its state and receipts, whether or not a server took part.",
    ),
    code(PARTLY_DELIVERED, "Sending to the group failed for somebody, and other members sent receipts."),
    code(QUOTED_MISSING, "When this answer came in, the app did not find the message it quotes."),
    code(RELEASE_CHANNEL, "A note of the app's own release channel: the app itself makes its id and times."),
    code(REVOKED, "The message was deleted for all; the row stands for the deletion, its content is gone."),
    code(SCHEDULED, "To be sent later."),
    code(SERVER_TIME_AHEAD, "A time of the server's lies more than a day after the newest record of the store."),
    code(SMS_RESTORED, "An SMS that came here out of a backup."),
    code(STORY, "A story, or an answer to one."),
    code(VIEW_ONCE, "A message to be viewed once."),
    code("inferred-local-only", "By a reading that is only inferred, the app made this row by itself."),
    code("inferred-confirmed", "A mark whose meaning is only inferred says that the service took it."),
    code("inferred-contradictory", "By a reading that is only inferred, the marks disagree."),
];

pub(super) const ACCOUNT_UNKNOWN: &str = "signal-account-unknown";
pub(super) const ARCHIVE_UNDECODED: &str = "signal-archive-undecoded";
pub(super) const BACKUP_INCOMPLETE: &str = "signal-backup-incomplete";
pub(super) const BLOB_BROKEN: &str = "signal-backup-file-broken";
pub(super) const FRAME_BROKEN: &str = "signal-backup-frame-broken";

pub(super) static CODES: &[Code] = &[
    code(ACCOUNT_UNKNOWN, "Nothing in the evidence says whose account the store is."),
    code(ARCHIVE_UNDECODED, "A keyed archive in a row could not be decoded; its bytes stand where the detail says."),
    code(BACKUP_INCOMPLETE, "A backup file lacks its last frame: records may be missing at its end."),
    code(BLOB_BROKEN, "An attachment, sticker or avatar in a backup file is cut short or does not pass its check."),
    code(
        FRAME_BROKEN,
        "A frame of a backup file is cut short, damaged or does not pass its check; a row may be missing.",
    ),
];
