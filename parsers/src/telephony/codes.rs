//! The provider's codes in words. A code that is not listed keeps its number and gets no word.

/// `sms.type` (android.provider.Telephony.TextBasedSmsColumns).
pub(super) fn sms_type(code: i64) -> Option<&'static str> {
    Some(match code {
        1 => "inbox",
        2 => "sent",
        3 => "draft",
        4 => "outbox",
        5 => "failed",
        6 => "queued",
        _ => return None,
    })
}

/// `sms.status`: the status report's TP-ST (3GPP TS 23.040, 9.2.3.15), -1 for none.
pub(super) fn sms_status(code: i64) -> Option<&'static str> {
    Some(match code {
        -1 => "no report",
        0 => "delivered",
        1..=31 => "transaction completed",
        32..=63 => "pending",
        64..=127 => "failed",
        _ => return None,
    })
}

/// `pdu.msg_box` (android.provider.Telephony.BaseMmsColumns).
pub(super) fn msg_box(code: i64) -> Option<&'static str> {
    Some(match code {
        1 => "inbox",
        2 => "sent",
        3 => "drafts",
        4 => "outbox",
        5 => "failed",
        _ => return None,
    })
}

/// `pdu.m_type` (com.google.android.mms.pdu.PduHeaders, like the codes below).
pub(super) const SEND_REQ: i64 = 128;
/// An MMS that waits on the server.
pub(super) const NOTIFICATION: i64 = 130;
/// An MMS that was fetched.
pub(super) const RETRIEVE_CONF: i64 = 132;
/// A delivery report.
pub(super) const DELIVERY_IND: i64 = 134;
/// A read report that this phone sends.
pub(super) const READ_REC_IND: i64 = 135;
/// A read report that came in.
pub(super) const READ_ORIG_IND: i64 = 136;

/// `pdu.m_type` in words.
pub(super) fn m_type(code: i64) -> Option<&'static str> {
    Some(match code {
        SEND_REQ => "send request",
        NOTIFICATION => "notification",
        RETRIEVE_CONF => "retrieved",
        DELIVERY_IND => "delivery report",
        READ_REC_IND => "own read report",
        READ_ORIG_IND => "read report",
        _ => return None,
    })
}

/// `pdu.resp_st` and `pdu.retr_st`: the answer of the MMSC.
pub(super) const OK: i64 = 128;
/// `pdu.st` of a delivery report: the recipient fetched it.
pub(super) const RETRIEVED: i64 = 129;

/// `pdu.resp_st`, `pdu.retr_st` in words.
pub(super) fn answer(code: i64) -> Option<&'static str> {
    Some(match code {
        OK => "ok",
        129..=191 => "error",
        192..=223 => "transient error",
        224..=255 => "permanent error",
        _ => return None,
    })
}

/// `pdu.st` of a report in words.
pub(super) fn report(code: i64) -> Option<&'static str> {
    Some(match code {
        128 => "expired",
        RETRIEVED => "retrieved",
        130 => "rejected",
        131 => "deferred",
        132 => "unrecognised",
        133 => "indeterminate",
        134 => "forwarded",
        135 => "unreachable",
        _ => return None,
    })
}

/// `pdu.read_status` of a read report in words.
pub(super) fn read_status(code: i64) -> Option<&'static str> {
    Some(match code {
        128 => "read",
        129 => "deleted without being read",
        _ => return None,
    })
}

/// `addr.type`: the sender.
pub(super) const FROM: i64 = 137;
/// Stands for the own number in `addr.address`.
pub(super) const OWN_ADDRESS: &str = "insert-address-token";
/// Stands for a sender that is not known, in `addr.address` and in backups (the letters before and after are U+02BC).
pub(super) const UNKNOWN_SENDER: &str = "\u{2bc}UNKNOWN_SENDER!\u{2bc}";

/// From this value of `pending_msgs.err_type` on, sending is given up.
pub(super) const PERMANENT: i64 = 10;

/// `calls.type` (android.provider.CallLog.Calls).
pub(super) fn call_type(code: i64) -> Option<&'static str> {
    Some(match code {
        1 => "incoming",
        2 => "outgoing",
        3 => "missed",
        4 => "voicemail",
        5 => "rejected",
        6 => "blocked",
        7 => "answered on another device",
        _ => return None,
    })
}
