//! Every rule, in the order of the two questions: what did the relay do, what does iCloud have; then the signs of forgery,
//! then what makes absences.

use forensics_core::record::Message;
use forensics_core::rule::{Ground, Judge, Opinion, Rule};

pub(super) mod absence;
pub(super) mod cloud;
pub(super) mod forgery;
mod relay;
#[cfg(test)]
mod tests;

/// Real iOS 12.4 rows (105, without exception).
const REAL_IOS_12: &str = "sms.db of iOS 12.4 (amandawills/CS426-iphone-sms-forensics, 105 rows without exception)";

const fn record(
    id: &'static str,
    says: &'static str,
    ground: Ground,
    cites: &'static str,
    judge: fn(&Message) -> Option<Opinion>,
) -> Rule {
    Rule { id, says, ground, cites, judge: Judge::Record(judge) }
}

const fn absence(id: &'static str, says: &'static str, ground: Ground, cites: &'static str) -> Rule {
    Rule { id, says, ground, cites, judge: Judge::Absence }
}

/// All rules.
pub(super) const RULES: &[Rule] = &[
    relay::PEER_READ,
    relay::PEER_DELIVERED,
    relay::RELAY_ACCEPTED,
    relay::CARRIER_ACCEPTED,
    relay::FAILED,
    relay::WAITING,
    relay::WAITS_LONG,
    relay::ARRIVED,
    relay::ARRIVED_BY_CARRIER,
    relay::NEVER_SENT,
    relay::OLD_ARRIVED,
    relay::READ_WITHOUT_DELIVERY,
    relay::DELIVERED_BEFORE_SENT,
    relay::INCOMING_AS_SENT,
    cloud::RECORD,
    cloud::UNACKNOWLEDGED,
    cloud::CLEAN_WITHOUT_RECORD,
    cloud::RECORD_ID_LOST,
    cloud::UPLOAD_FAILED,
    cloud::UPLOAD_AGAIN,
    cloud::RECORD_TWICE,
    forgery::INJECTED,
    forgery::GUID_NOT_APPLES,
    forgery::ONE_CHANGE_TAG,
    forgery::CLOUD_SWITCHED_OFF,
    absence::DELETED_WITH_CLOUD_COPY,
    absence::DELETED_WITHOUT_CLOUD_COPY,
    absence::DELETED,
    absence::PURGED,
    absence::RECOVERABLE_GONE,
    absence::SCHEDULED_COPY,
    absence::ATTACHMENT_DELETED,
    absence::CHAT_DELETED,
    absence::JOIN,
    absence::ATTACHMENT,
    absence::ATTACHMENT_FILE,
    absence::REPLY,
    absence::TAPBACK,
    absence::CHAIN,
    absence::WATERMARK,
    absence::LAST_READ,
    absence::LAST_FAILED,
    absence::TASK,
    absence::ROWIDS_DELETED,
    absence::ROWIDS_UNEXPLAINED,
];
