//! Rules on RCS messages of Samsung's own messenger (`im`, `ft`). What the columns mean is known by their names only.

use forensics_core::record::Message;
use forensics_core::rule::{Ground, Rule};
use forensics_core::verdict::{Reach, Verdict};

use super::{claim, has, number, record};

const CITES: &str = "columns of im and ft in a Samsung store of Android 10; meaning by their names";

pub(super) const DELIVERED: Rule = record(
    "telephony.android.samsung-rcs-delivered",
    "The row holds the time of a delivery report.",
    Ground::Inferred,
    CITES,
    |m| {
        (rcs(m) && has(m, "delivered_timestamp"))
            .then(|| claim(Verdict::Confirmed(Reach::Delivered), &["delivered_timestamp"]))
            .flatten()
    },
);

pub(super) const DISPLAYED: Rule = record(
    "telephony.android.samsung-rcs-displayed",
    "The row counts recipients that displayed the message.",
    Ground::Inferred,
    CITES,
    |m| {
        let shown = rcs(m) && number(m, "displayed_counter").is_some_and(|n| n > 0);
        shown.then(|| claim(Verdict::Confirmed(Reach::Read), &["displayed_counter"])).flatten()
    },
);

/// An outgoing message of either table.
fn rcs(m: &Message) -> bool {
    matches!(m.origin.table.as_deref(), Some("im" | "ft")) && number(m, "type") == Some(2)
}
