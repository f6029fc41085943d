//! The rules. Each is one sentence for the report, what it stands on, and a small pure function over the record's marks.
//!
//! The order of the app's own cases matters only between conditions that overlap: a judge leaves out what an earlier rule
//! claims, so that weighing needs no order.

use forensics_core::rule::Rule;

pub(super) mod absences;
mod android;
mod ios;
mod shared;

/// Every rule, in the order in which reports list findings.
pub(super) static RULES: &[Rule] = &[
    shared::SERVER_ID_TWICE,
    android::NUMBERED_BUT_NOT_SENT,
    android::SENT_WITHOUT_NUMBER,
    android::ON_THE_DELETED_LIST,
    android::IN_A_DELETED_ROOM,
    android::NOTICE_WITH_SERVER_ID,
    android::SENT_WITH_SERVER_ID,
    android::SENT_FROM_ANOTHER_DEVICE,
    android::RECEIVED_WITH_SERVER_ID,
    android::SENDING,
    android::SENDING_FAILED,
    android::MADE_ON_THE_PHONE,
    android::RECEIVED_WITHOUT_SERVER_ID,
    android::SEQUENCE_WITHOUT_SERVER_ID,
    android::UNKNOWN_STATUS,
    android::MEDIA_ON_THE_SERVER,
    android::BEYOND_THE_ROOM_CURSOR,
    android::INSIDE_A_KNOWN_GAP,
    ios::NUMBERED_BUT_NOT_SENT,
    ios::NUMBERED_BUT_FAILED,
    ios::NOTICE_WITH_SERVER_ID,
    ios::SENT_WITH_SERVER_ID,
    ios::RECEIVED_WITH_SERVER_ID,
    ios::SENDING,
    ios::SENDING_FAILED,
    ios::SENT_WITHOUT_NUMBER,
    ios::MADE_ON_THE_PHONE,
    ios::RECEIVED_WITHOUT_SERVER_ID,
    ios::UNKNOWN_STATUS,
    ios::BEYOND_THE_ROOM_CURSOR,
    shared::SENDING_FOR_A_DAY,
    absences::ON_THE_DELETED_LIST,
    absences::ROOM_DELETED,
    absences::RECALLED_BEFORE_SHOWN,
    absences::DELETED_ELSEWHERE,
    absences::QUEUED_ANSWER,
    absences::HELD_BY_THE_SERVER,
    absences::QUOTED,
    absences::NAMED_BY_MEDIA,
    absences::LEFT_IN_THE_INDEX,
    absences::LEFT_IN_THE_FILE_INDEX,
    absences::ROOM_GAP,
    absences::ROOM_CURSOR_AHEAD,
    absences::LOCAL_IDS_SKIP,
    absences::IOS_RECALLED,
    absences::IOS_QUOTED,
    absences::IOS_EXTENSION_LEFT,
    absences::IOS_LEFT_IN_THE_INDEX,
    absences::IOS_MEDIA_LEFT,
    absences::IOS_ROOM_DELETED,
    absences::IOS_LOCAL_IDS_SKIP,
    absences::IOS_LOCAL_IDS_BEYOND,
    absences::IOS_ROOM_GAP,
    absences::IOS_ROOM_CURSOR_AHEAD,
    absences::IOS_HELD_BY_THE_SERVER,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::RULES;

    #[test]
    fn every_rule_has_its_own_id_a_sentence_and_a_source() {
        let ids: BTreeSet<&str> = RULES.iter().map(|r| r.id).collect();
        assert_eq!(ids.len(), RULES.len());
        for rule in RULES {
            assert!(rule.id.starts_with("wechat."), "{}", rule.id);
            assert!(rule.says.ends_with('.') && rule.says.starts_with(char::is_uppercase), "{}", rule.id);
            assert!(!rule.cites.is_empty(), "{}", rule.id);
        }
    }
}
