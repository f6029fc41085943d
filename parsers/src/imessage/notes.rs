//! Notes and issue codes.

use forensics_core::issue::Code;

macro_rules! codes {
    ($($code:literal: $says:literal),* $(,)?) => { &[$(Code { code: $code, says: $says }),*] };
}

pub(super) const NOTES: &[Code] = codes! {
    "relay-delivered": "Apple's relay, or RCS: a recipient's receipt came back.",
    "relay-sent": "Apple's relay or the carrier: marked as sent.",
    "relay-failed": "Apple's relay or the carrier: sending failed.",
    "relay-pending": "Apple's relay or the carrier: not sent yet.",
    "relay-received": "Apple's relay or the carrier: received.",
    "icloud-confirmed": "Messages in iCloud: a record with the server's change tag, nothing to upload.",
    "icloud-pending": "Messages in iCloud: to be uploaded, or an upload that nothing confirms.",
    "icloud-failed": "Messages in iCloud: the last upload failed.",
    "icloud-none": "Messages in iCloud: no record of this message.",
    "icloud-off": "Messages in iCloud: no message of this store has a record.",
    "icloud-unknown-state": "Messages in iCloud: a synchronisation state that is not known.",
    "icloud-update-pending": "The copy in iCloud is to be updated.",
    "icloud-upload-unconfirmed": "An iCloud record id without the server's change tag.",
    "icloud-clean-without-record": "Marked as having nothing to upload, without an iCloud record.",
    "icloud-upload-failed": "The last upload to iCloud failed.",
    "icloud-upload-again": "Has an iCloud record and is to be uploaded again.",
    "icloud-syndication-pending": "Its shared-with-you ranges are not yet synchronised.",
    "icloud-second-record": "The second set of iCloud columns (sr_ck_…) holds a record; its purpose is not established.",
    "never-acknowledged": "Was still waiting more than a day after it was written.",
    "incoming-unfinished": "Received, and not yet complete.",
    "incoming-with-error": "Received, with an error code.",
    "delivered-before-sent": "A received message that arrived before its sender dated it: two clocks.",
    "guid-not-apples": "Its identifier is no upper-case UUID.",
    "edited": "The text was edited; earlier versions are kept.",
    "revoked": "Unsent by its sender; the row is still there, the text is not.",
    "part-revoked": "A part of it was unsent by its sender.",
    "part-deleted": "A part of it was deleted; the store still holds that part.",
    "recently-deleted": "Lies in Recently Deleted; the app no longer shows it in its conversation.",
    "undeleted": "Was deleted and recovered by the user.",
    "scheduled": "Was scheduled for later (Send Later).",
    "downgraded-to-sms": "Began as an iMessage and went out as SMS.",
    "in-no-conversation": "No conversation lists this message.",
    "in-several-conversations": "More than one conversation lists this message.",
    "no-guid": "The row has no identifier.",
    "unknown-service": "A service that is not known; no rule of the relay speaks.",
    "unknown-item-type": "An item_type that is not known.",
    "unknown-associated-type": "An associated_message_type that is not known.",
    "text-salvaged": "The archived text could not be decoded; what is shown was found in its bytes.",
    "text-and-body-differ": "The text column and the archived text beside it differ.",
    "attachment-purged": "A file of it is not on the device; a copy is marked as being in iCloud.",
    "attachment-file-missing": "A file of it is marked as present and is not in the evidence.",
    "attachment-size-differs": "A file of it is not as long as the store says.",
    "attachment-on-apple-servers": "A file of it has the location and key that Apple's attachment servers gave it.",
    "old-schema": "A row of iOS 5 or older; what its flags say of sending is not documented well enough to judge.",
};

pub(super) const CODES: &[Code] = codes! {
    "imessage-icloud-off": "No message of the store has an iCloud record: Messages in iCloud was never on, or was reset.",
    "imessage-rows-vanished": "More message rows are missing than the store's deletion log counted.",
    "imessage-rows-renumbered": "The store's counters deny each other: more deletions counted than rows missing, or rows numbered above the counter.",
    "imessage-gaps-not-counted": "Pages of the message table are unreadable; missing row numbers say nothing.",
    "imessage-rows-disordered": "Row numbers contradict dates in bulk: a restore, a download from iCloud, or insertion.",
    "imessage-side-rows-missing": "Rows of a side table (attachment, chat, handle) are missing below its counter.",
    "imessage-watermark-beyond-counter": "A conversation's watermark names a row number that the store never gave.",
    "imessage-cloud-folder": "Files in the folder of old iCloud synchronisation tokens.",
};
