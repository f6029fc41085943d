//! Every rule of the app. Three servers may have had a part: that of RCS, the carrier's, and Google's cloud store of
//! messages (CMS).

use forensics_core::record::Message;
use forensics_core::rule::{Ground, Judge, Opinion, Rule, Says as _};
use forensics_core::verdict::Verdict;

pub(super) mod absences;
pub(super) mod shape;
pub(super) mod state;
#[cfg(test)]
mod tests;

/// All of them, in the order of reports.
pub(super) static RULES: &[Rule] = &[
    state::CLOUD_COPY,
    state::RCS_READ,
    state::RCS_DELIVERED,
    state::RCS_ACCEPTED,
    state::RCS_RECEIVED,
    state::CARRIER_DELIVERED,
    state::CARRIER_ACCEPTED,
    state::CARRIER_RECEIVED,
    state::TELEPHONY_ROW,
    state::DOWNLOAD_WAITS,
    state::DOWNLOAD_FAILED,
    state::DRAFT,
    state::PENDING,
    state::FAILED,
    state::SYSTEM_LINE,
    state::CLOUD_PENDING,
    state::CLOUD_GIVEN_UP,
    shape::READ_WITHOUT_REPORT,
    shape::HISTORY_BACKWARDS,
    shape::FOREIGN_SENDER,
    shape::RCS_WITHOUT_ID,
    shape::RCS_INCOMING_WITHOUT_ID,
    shape::RCS_ID_TWICE,
    shape::URI_TWICE,
    shape::CLOUD_ID_TWICE,
    absences::HISTORY,
    absences::REPORT,
    absences::SIDE_ROW,
    absences::REPLY,
    absences::DELETED,
    absences::DELETE_QUEUED,
    absences::UNPROCESSED,
    absences::RCS_ID,
    absences::LEDGER,
    absences::CLOUD_NOTICE,
    absences::LATEST,
    absences::MIRROR,
    absences::DELETED_CONVERSATION,
    absences::ROWS,
    absences::COUNTER,
    absences::SIDE_ROWS,
];

/// A rule on single records.
const fn record(
    id: &'static str,
    says: &'static str,
    ground: Ground,
    cites: &'static str,
    judge: fn(&Message) -> Option<Opinion>,
) -> Rule {
    Rule { id, says, ground, cites, judge: Judge::Record(judge) }
}

/// Claims a word on the strength of the named marks.
fn claim(verdict: Verdict, on: &[&'static str]) -> Option<Opinion> {
    Opinion::claim(verdict).on(on)
}

/// Whether a mark is there.
fn has(m: &Message, name: &str) -> bool {
    m.marker(name).is_some()
}
