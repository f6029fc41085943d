//! `messages.message_status` and `messages.message_protocol` in words. A code that is not listed gets no word.

/// Protocols that go through the carrier: SMS, MMS, notification of an MMS.
pub(super) const CARRIER: [i64; 3] = [0, 1, 2];
/// Rich Communication Services.
pub(super) const RCS: i64 = 3;

/// `message_protocol` in words.
pub(super) fn protocol(code: i64) -> Option<&'static str> {
    Some(match code {
        0 => "SMS",
        1 => "MMS",
        2 => "MMS notification",
        RCS => "RCS",
        _ => return None,
    })
}

/// System lines.
pub(super) fn is_system(status: i64) -> bool {
    (200..=275).contains(&status)
}

/// `message_status` in words: 0 to 9 and 100 to 107 by the app's open-source ancestor, the rest by the protocol of its web
/// client (mautrix/gmessages).
pub(super) fn status(code: i64) -> Option<&'static str> {
    Some(match code {
        0 => "unknown",
        1 => "accepted",
        2 => "delivered",
        3 => "draft",
        4 => "yet to send",
        5 => "sending",
        6 => "resending",
        7 => "awaiting retry",
        8 => "failed",
        9 => "failed, emergency number",
        10 => "to be sent after processing",
        11 => "displayed by the recipient",
        12 => "cancelled",
        13 => "failed, too large",
        14 => "not delivered yet",
        15 => "revocation pending",
        16 => "scheduled",
        17 => "failed, recipient lost RCS",
        18 => "failed, no retry",
        19 => "failed, recipient did not decrypt",
        20 => "validating",
        21 => "failed, recipient lost encryption",
        22 => "failed, did not decrypt, no more retries",
        100 => "received",
        101 => "waits for download by hand",
        102 => "retrying download by hand",
        103 => "downloading by hand",
        104 => "retrying download",
        105 => "downloading",
        106 => "download failed",
        107 => "expired or not available",
        108 => "received, delivery report sent",
        109 => "received, display report sent",
        110 => "download cancelled",
        111 => "failed, too large",
        112 => "failed, no content",
        113 => "failed to decrypt",
        114 => "decryption aborted",
        300 => "deleted",
        code if is_system(code) => "system line",
        _ => return None,
    })
}
