//! Every rule of the provider. The server is the carrier's: its message centre (SMSC), its MMS server (MMSC), its switch.
//!
//! Rules know a record by its marks, so that rows and backup entries are judged alike: `type` makes an SMS, `m_type` an
//! MMS.

use forensics_core::record::Message;
use forensics_core::rule::{Ground, Judge, Opinion, Rule, Says as _};
use forensics_core::verdict::Verdict;

use super::cells;

pub(super) mod absences;
mod calls;
mod mms;
mod rcs;
mod sms;
#[cfg(test)]
mod tests;

/// All of them, in the order of reports.
pub(super) static RULES: &[Rule] = &[
    sms::THROUGH_SMSC,
    sms::WITHOUT_NETWORK_TRACE,
    sms::DELIVERED,
    sms::REPORT_PENDING,
    sms::DELIVERY_FAILED,
    sms::SENT_WITHOUT_REPORT,
    sms::FAILED,
    sms::WAITING,
    sms::DRAFT,
    sms::CARRIER_STORE,
    mms::SENT_WITH_ID,
    mms::SENT_WITHOUT_ID,
    mms::DELIVERED,
    mms::READ,
    mms::REFUSED,
    mms::REFUSED_YET_SENT,
    mms::WAITING,
    mms::FAILED,
    mms::RETRIEVED,
    mms::NOT_DOWNLOADED,
    mms::DRAFT,
    mms::MIRROR,
    mms::ID_TWICE,
    rcs::DELIVERED,
    rcs::DISPLAYED,
    calls::CONNECTED,
    calls::ARRIVED,
    absences::MMS_REPORT,
    absences::MMS_PART,
    absences::PENDING,
    absences::COUNTER,
    absences::SNIPPET,
    absences::SMS_ROWS,
    absences::SMS_COUNTER,
    absences::MMS_ROWS,
    absences::MMS_COUNTER,
    absences::CALL_ROWS,
    absences::CALL_COUNTER,
    absences::SIDE_ROWS,
    absences::INDEX,
    absences::INDEX_DIFFERS,
    absences::FRAGMENT,
    absences::FRAGMENT_LEFT,
    absences::SHADOW,
    absences::CHANGE,
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

/// The number in a mark.
fn number(m: &Message, name: &str) -> Option<i64> {
    m.marker(name).and_then(|mark| cells::number(&mark.raw))
}

/// Whether a mark is there.
fn has(m: &Message, name: &str) -> bool {
    m.marker(name).is_some()
}
