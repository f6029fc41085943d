//! Type codes: what a message carries.
//!
//! The low 16 bits of an app message's code are 49; what it is stands in the `<type>` of its `<appmsg>` body. The table
//! of full codes changes with every version and is not used.

use forensics_core::record::MessageKind;

/// Low 16 bits of an app message's code.
const APP_MESSAGE: i64 = 49;

/// Whether the body holds an `<appmsg>`.
pub(super) fn is_app_message(native: i64) -> bool {
    native & 0xffff == APP_MESSAGE
}

/// Plain and XML notices.
pub(super) fn is_notice(native: i64) -> bool {
    matches!(native, 10_000 | 10_002)
}

/// Rows that the Android app writes by itself: notices, calls and their notices.
pub(super) fn is_made_on_android(native: i64) -> bool {
    is_notice(native) || matches!(native, 50 | 52 | 53 | 64 | 1_000_052 | 1_000_053)
}

/// Rows that the iOS app writes by itself.
pub(super) fn is_made_on_ios(native: i64) -> bool {
    is_notice(native) || matches!(native, 50 | 64)
}

/// Whether a row is a call with two ends (the others are notices about one).
pub(super) fn is_call(native: i64) -> bool {
    matches!(native, 50 | 53)
}

/// What a message carries; `inner` is the `<type>` of its `<appmsg>`.
pub(super) fn kind(native: i64, inner: Option<i64>) -> MessageKind {
    match native {
        1 | 11 | 21 | 31 => MessageKind::Text,
        3 | 13 | 39 => MessageKind::Image,
        34 => MessageKind::Voice,
        37 | 40 | 42 | 66 => MessageKind::Contact,
        43 | 44 | 62 => MessageKind::Video,
        47 | 1_048_625 => MessageKind::Sticker,
        48 | -1_879_048_186 => MessageKind::Location,
        50 | 52 | 53 | 64 | 1_000_052 | 1_000_053 => MessageKind::Call,
        10_000 | 10_002 | 570_425_393 | 268_445_456 | 922_746_929 => MessageKind::System,
        _ if is_app_message(native) => app_kind(inner),
        _ => MessageKind::Other,
    }
}

fn app_kind(inner: Option<i64>) -> MessageKind {
    match inner {
        Some(1 | 53 | 57) => MessageKind::Text,
        Some(2) => MessageKind::Image,
        Some(3 | 4 | 5 | 33 | 36 | 51 | 63) => MessageKind::Link,
        Some(6 | 74) => MessageKind::File,
        Some(8) => MessageKind::Sticker,
        Some(17) => MessageKind::Location,
        Some(62) => MessageKind::System,
        Some(2000..=2002) => MessageKind::Payment,
        _ => MessageKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_message_is_known_by_its_low_bits_and_told_by_its_body() {
        for reply in [49, 822_083_633] {
            assert!(is_app_message(reply));
            assert_eq!(kind(reply, Some(57)), MessageKind::Text);
        }
        assert_eq!(kind(419_430_449, Some(2000)), MessageKind::Payment);
        assert_eq!(kind(1_090_519_089, Some(6)), MessageKind::File);
        assert_eq!(kind(-1_879_048_186, None), MessageKind::Location);
    }

    #[test]
    fn an_unknown_code_is_other() {
        assert_eq!(kind(424_242, None), MessageKind::Other);
        assert_eq!(kind(49, Some(424_242)), MessageKind::Other);
    }
}
