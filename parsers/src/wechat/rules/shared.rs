//! Rules that hold on both systems.

use forensics_core::rule::{Ground, Judge, Opinion, Rule, Says as _, Shared};
use forensics_core::verdict::Verdict;

use super::super::codes;

/// A1, I1.
pub(super) const SERVER_ID_TWICE: Rule = Rule {
    id: "wechat.any.server-id-twice",
    says: "The server gives each message an id of its own; two records of this account carry the same one.",
    ground: Ground::Parsers(2),
    cites: "Android 7.0.4, storage and modelmulti: a second row with the id replaces the first; iOS by the same column \
            (BlueMatthew/WechatExporter, P79N6A/pa_script)",
    judge: Judge::SharedServerId(twice),
};

fn twice(_: &Shared) -> Option<Opinion> {
    Opinion::claim(Verdict::Contradictory).on(&["msgSvrId", "MesSvrID"])
}

/// The addition to A9.
pub(super) const SENDING_FOR_A_DAY: Rule = Rule {
    id: "wechat.any.sending-for-a-day",
    says: "The record waits since more than 24 hours before the newest record of its store; at its next start the Android \
           app would have marked it as failed.",
    ground: Ground::AppSource,
    cites: "Android 7.0.4, storage: rows older than 24 hours with status 1 are set to 5 when the app starts",
    judge: Judge::Waiting { hours: 24, note: codes::PENDING_STALE },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a1_i1_the_same_server_id_on_two_records_is_contradictory() {
        for one_thread in [true, false] {
            let opinion = twice(&Shared { one_thread, records: 2 }).unwrap();
            assert_eq!(opinion.claim, Some(Verdict::Contradictory));
        }
    }
}
