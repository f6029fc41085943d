//! Rules on calls. The call log keeps no mark of the carrier's switch.

use forensics_core::record::Message;
use forensics_core::rule::{Ground, Rule};
use forensics_core::verdict::{Reach, Verdict};

use super::{claim, number, record};

const TYPE: &str = "type";
const DURATION: &str = "duration";
const AOSP: &str = "AOSP: android.provider.CallLog.Calls";

pub(super) const CONNECTED: Rule = record(
    "telephony.android.call-connected",
    "The outgoing call has a length, which the phone counts from the moment the network connected it.",
    Ground::Inferred,
    "CallLog.Calls.DURATION; any app that may write the call log can set it",
    |m| {
        let talked = call(m) == Some(2) && number(m, DURATION).is_some_and(|s| s > 0);
        talked.then(|| claim(Verdict::Confirmed(Reach::Accepted), &[TYPE, DURATION])).flatten()
    },
);

pub(super) const ARRIVED: Rule = record(
    "telephony.android.call-arrived",
    "The call came in, which happens only through the network; the call log keeps no mark of the network itself.",
    Ground::AppSource,
    AOSP,
    |m| matches!(call(m), Some(1 | 3 | 4 | 5 | 6 | 7)).then(|| claim(Verdict::ImpliedByArrival, &[TYPE])).flatten(),
);

fn call(m: &Message) -> Option<i64> {
    m.call.as_ref().and_then(|_| number(m, TYPE))
}
