//! Notes on records, and codes of problems. What a code means stands here once; it never changes.

use forensics_core::issue::Code;

pub(super) const DOWNLOAD_WAITS: &str = "download-waits";
pub(super) const DOWNLOAD_FAILED: &str = "download-failed";
pub(super) const NOT_SENT: &str = "not-sent";
pub(super) const NOT_DECRYPTED: &str = "recipient-did-not-decrypt";
pub(super) const REVOCATION: &str = "revocation-pending";
pub(super) const CLOUD_PENDING: &str = "cloud-upload-pending";
pub(super) const CLOUD_GIVEN_UP: &str = "cloud-upload-given-up";
pub(super) const NO_HISTORY: &str = "store-keeps-no-reports";
pub(super) const NO_RCS_COLUMN: &str = "store-keeps-no-rcs-ids";
pub(super) const TRASHED: &str = "conversation-in-trash";
pub(super) const NO_CONVERSATION: &str = "conversation-row-missing";
pub(super) const ENCRYPTED: &str = "end-to-end-encrypted";
pub(super) const WEB: &str = "composed-on-web";
pub(super) const RESTORED: &str = "awaits-telephony";
pub(super) const SCHEDULED: &str = "scheduled";
pub(super) const OLD_VERSION: &str = "older-version-of-edited";
pub(super) const EDITED: &str = "edited";
pub(super) const TELEPHONY_MISSING: &str = "telephony-row-missing";
pub(super) const TELEPHONY_DIFFERS: &str = "telephony-row-differs";
pub(super) const PART_MISSING: &str = "part-missing-in-telephony";
pub(super) const DIRECTION_BY_SENDER: &str = "direction-by-sender";

const fn code(code: &'static str, says: &'static str) -> Code {
    Code { code, says }
}

pub(super) static NOTES: &[Code] = &[
    code(DOWNLOAD_WAITS, "The message waits on the carrier's server; it was not fetched yet."),
    code(DOWNLOAD_FAILED, "The message came to the phone's notice and could not be fetched or decrypted."),
    code(NOT_SENT, "A copy is in Google's cloud store; sending itself did not succeed, or not yet."),
    code(NOT_DECRYPTED, "The message reached a recipient's device, which could not decrypt it."),
    code(REVOCATION, "The message was under way or delivered when the app began to take it back."),
    code(CLOUD_PENDING, "By what the store keeps, the upload to Google's cloud store is still due."),
    code(CLOUD_GIVEN_UP, "By what the store keeps, the upload to Google's cloud store was given up."),
    code(NO_HISTORY, "This version of the store keeps neither reports nor a history of states."),
    code(NO_RCS_COLUMN, "This version of the store has no column for ids of RCS messages."),
    code(TRASHED, "The conversation lies in the trash; the app no longer shows it."),
    code(NO_CONVERSATION, "The row names a conversation that is not in the store."),
    code(ENCRYPTED, "Sent end-to-end encrypted."),
    code(WEB, "Composed in a paired web client: the request came through Google's relay."),
    code(RESTORED, "Restored or downloaded, and not yet written to the phone's telephony store."),
    code(SCHEDULED, "Scheduled to be sent later."),
    code(OLD_VERSION, "An older version of a message that was edited."),
    code(EDITED, "The message was edited; the text is the newest one the store holds."),
    code(
        TELEPHONY_MISSING,
        "The row that the message names is not in the phone's telephony store: deleted there, or of another time.",
    ),
    code(TELEPHONY_DIFFERS, "The row that the message names in the phone's telephony store is of another time."),
    code(PART_MISSING, "The app itself noticed that the telephony store's copy of a part is gone."),
    code(DIRECTION_BY_SENDER, "The state says no direction; it is read from who sent it."),
    code("inferred-confirmed", "A mark whose meaning is only inferred says that the network took it."),
    code("inferred-implied-by-arrival", "The message came in by SMS or MMS, as its state is understood."),
];

pub(super) const DELETED_CONVERSATION: &str = "google-messages-deleted-conversation";

pub(super) static CODES: &[Code] = &[code(
    DELETED_CONVERSATION,
    "A log of members names a conversation that is not in the store any more; its messages went with it.",
)];
