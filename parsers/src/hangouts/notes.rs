//! Notes on records, and codes of problems. What a code means stands here once; it never changes.

use forensics_core::issue::Code;

pub(super) const BEYOND_CURSOR: &str = "beyond-cursor";
pub(super) const PENDING_OR_LOCAL: &str = "pending-or-local-only";
pub(super) const CONVERSATION_LOCAL: &str = "conversation-local-only";
pub(super) const SERVER_COPY_EXPIRED: &str = "server-copy-expired";
pub(super) const SERVER_ORIGIN: &str = "server-origin";
pub(super) const NO_CONVERSATION: &str = "conversation-row-missing";
pub(super) const TELEPHONY_MISSING: &str = "telephony-row-missing";
pub(super) const TELEPHONY_DIFFERS: &str = "telephony-row-differs";
pub(super) const TELEPHONY_NOT_HERE: &str = "telephony-store-missing";
pub(super) const TYPE_INFERRED: &str = "type-inferred";

const fn code(code: &'static str, says: &'static str) -> Code {
    Code { code, says }
}

pub(super) static NOTES: &[Code] = &[
    code(BEYOND_CURSOR, "The message is later than the newest one that its conversation knows of."),
    code(
        PENDING_OR_LOCAL,
        "The message still goes by the id that the app made: waiting, or never given to the server.",
    ),
    code(
        CONVERSATION_LOCAL,
        "The conversation is marked as temporary, which is taken to mean: not yet made on the server.",
    ),
    code(
        SERVER_COPY_EXPIRED,
        "Sent off the record; the time at which the server forgets it lies before the newest message.",
    ),
    code(SERVER_ORIGIN, "The app keeps a cache of what the server has; no column says so of this record."),
    code(NO_CONVERSATION, "The row names a conversation that is not in the store."),
    code(
        TELEPHONY_MISSING,
        "Sent or received as SMS or MMS; the row that it names is not in the phone's telephony store.",
    ),
    code(TELEPHONY_DIFFERS, "Sent or received as SMS or MMS; the row that it names there is of another time."),
    code(TELEPHONY_NOT_HERE, "Sent or received as SMS or MMS; the phone's telephony store is not in the evidence."),
    code(TYPE_INFERRED, "What the row is is read from a type code whose meaning is inferred."),
];

pub(super) const ANNOTATION: &str = "hangouts-annotation-undecoded";

pub(super) static CODES: &[Code] =
    &[code(ANNOTATION, "The annotation of a message of Google Chat could not be decoded; its bytes are kept.")];
