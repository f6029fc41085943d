//! Signs that a row was put in by a tool and dressed as synchronised.

use forensics_core::record::Message;
use forensics_core::rule::{Ground, Opinion, Rule, Says as _};
use forensics_core::verdict::Verdict;

use super::record;
use crate::imessage::axes;

const TOOL: &str = "discordwell/green2blue:src/green2blue/ios/sms_db.py, a public tool that writes such rows";

pub(in crate::imessage) const INJECTED: Rule = record(
    "imessage.ios.injected-guid",
    "The identifier of this message begins with the name of a tool that puts messages into iPhone backups.",
    Ground::Parsers(1),
    TOOL,
    |m| if m.id.starts_with("green2blue") { Opinion::claim(Verdict::Contradictory) } else { None },
);

pub(in crate::imessage) const GUID_NOT_APPLES: Rule = record(
    "imessage.ios.guid-not-apples",
    "The identifier of this message is not written as Apple's Messages writes it (an upper-case UUID).",
    Ground::Parsers(1),
    TOOL,
    |m| {
        if is_upper_uuid(&m.id) {
            None
        } else if axes::has_record(m) {
            Opinion::claim(Verdict::Contradictory).with("guid-not-apples").on(&["ck_record_id"])
        } else {
            // The sender's device makes the identifier: another client's may look otherwise.
            Opinion::note("guid-not-apples")
        }
    },
);

/// The marker that the parser adds where all rows with a change tag have the same one.
pub(in crate::imessage) const SAME_TAG: &str = "ck_record_change_tag of all rows";

pub(in crate::imessage) const ONE_CHANGE_TAG: Rule = record(
    "imessage.ios.one-change-tag",
    "Every message of this store that carries an iCloud change tag carries the same one; the server gives each record its own.",
    Ground::Parsers(1),
    TOOL,
    |m| claim_where(m, SAME_TAG, &["ck_record_change_tag", SAME_TAG]),
);

/// The switch of Messages in iCloud, as the preferences call it.
pub(in crate::imessage) const SWITCH: &str = "CloudKitSyncingEnabled";

pub(in crate::imessage) const CLOUD_SWITCHED_OFF: Rule = record(
    "imessage.ios.icloud-record-while-off",
    "This message carries an iCloud record, while Messages in iCloud is switched off on the device and the store keeps no synchronisation token.",
    Ground::Parsers(1),
    TOOL,
    |m| claim_where(m, SWITCH, &["ck_record_id", SWITCH]),
);

fn claim_where(m: &Message, marker: &str, on: &[&'static str]) -> Option<Opinion> {
    m.marker(marker)?;
    Opinion::claim(Verdict::Contradictory).on(on)
}

/// `XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX`.
pub(in crate::imessage) fn is_upper_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            part.len() == length && part.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b))
        })
}
