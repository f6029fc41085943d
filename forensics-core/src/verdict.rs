//! Verdicts: arithmetic over a record's findings. Total, independent of order, no I/O.

use serde::Serialize;

use crate::rule::{Finding, Ground};

/// How far a confirmed record is known to have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// The server accepted it.
    Accepted,
    /// A peer's device has it.
    Delivered,
    /// A peer opened it.
    Read,
}

impl Reach {
    /// The word used in exports.
    pub fn word(self) -> &'static str {
        match self {
            Reach::Accepted => "accepted",
            Reach::Delivered => "delivered",
            Reach::Read => "read",
        }
    }
}

/// What is said of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A documented marker says that the server handled it, and nothing contradicts it.
    Confirmed(Reach),
    /// An incoming record of a service whose stores keep no server mark for incoming rows.
    ImpliedByArrival,
    /// Outgoing, queued or sending, no acknowledgement.
    Pending,
    /// Outgoing, and the store says that sending failed.
    Failed,
    /// A kind of record that no server handles.
    LocalOnly,
    /// A kind of record that always carries a mark in this store version, and this one does not.
    Unmarked,
    /// Documented markers disagree.
    Contradictory,
    /// No rule spoke.
    Unknown,
}

impl Verdict {
    /// The word used in exports.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Confirmed(_) => "confirmed",
            Verdict::ImpliedByArrival => "implied-by-arrival",
            Verdict::Pending => "pending",
            Verdict::Failed => "failed",
            Verdict::LocalOnly => "local-only",
            Verdict::Unmarked => "unmarked",
            Verdict::Contradictory => "contradictory",
            Verdict::Unknown => "unknown",
        }
    }

    /// The reach, for a confirmed record.
    pub fn reach(self) -> Option<Reach> {
        match self {
            Verdict::Confirmed(reach) => Some(reach),
            _ => None,
        }
    }

    /// The verdict of a word and a reach as exported; `None` for anything else.
    pub fn parse(word: &str, reach: Option<&str>) -> Option<Self> {
        Some(match (word, reach) {
            ("confirmed", Some("accepted")) => Verdict::Confirmed(Reach::Accepted),
            ("confirmed", Some("delivered")) => Verdict::Confirmed(Reach::Delivered),
            ("confirmed", Some("read")) => Verdict::Confirmed(Reach::Read),
            ("implied-by-arrival", _) => Verdict::ImpliedByArrival,
            ("pending", _) => Verdict::Pending,
            ("failed", _) => Verdict::Failed,
            ("local-only", _) => Verdict::LocalOnly,
            ("unmarked", _) => Verdict::Unmarked,
            ("contradictory", _) => Verdict::Contradictory,
            ("unknown", _) => Verdict::Unknown,
            _ => return None,
        })
    }

    /// Every word, in the order of reports.
    pub const WORDS: [&'static str; 8] =
        ["confirmed", "implied-by-arrival", "pending", "failed", "local-only", "unmarked", "contradictory", "unknown"];
}

/// Weighs findings into a verdict.
///
/// Claims of rules that are known by inference only do not count: they show as notes. Of the rest, any `Contradictory`
/// wins; `Confirmed` beside `Failed`, `Pending` or `LocalOnly` is `Contradictory`; else the first present of `Confirmed`
/// with the farthest reach, `ImpliedByArrival`, `Failed`, `Pending`, `LocalOnly`, `Unmarked`; else `Unknown`.
pub fn weigh(findings: &[Finding]) -> Verdict {
    let mut reach = None;
    let mut seen = [false; Verdict::WORDS.len()];
    for claim in findings.iter().filter(|f| f.ground != Ground::Inferred).filter_map(|f| f.claim) {
        reach = reach.max(claim.reach());
        seen[place(claim)] = true;
    }
    let has = |verdict: Verdict| seen[place(verdict)];
    let denied = has(Verdict::Failed) || has(Verdict::Pending) || has(Verdict::LocalOnly);
    if has(Verdict::Contradictory) || (reach.is_some() && denied) {
        return Verdict::Contradictory;
    }
    if let Some(reach) = reach {
        return Verdict::Confirmed(reach);
    }
    [Verdict::ImpliedByArrival, Verdict::Failed, Verdict::Pending, Verdict::LocalOnly, Verdict::Unmarked]
        .into_iter()
        .find(|v| has(*v))
        .unwrap_or(Verdict::Unknown)
}

/// A verdict's place in [`Verdict::WORDS`].
fn place(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Confirmed(_) => 0,
        Verdict::ImpliedByArrival => 1,
        Verdict::Pending => 2,
        Verdict::Failed => 3,
        Verdict::LocalOnly => 4,
        Verdict::Unmarked => 5,
        Verdict::Contradictory => 6,
        Verdict::Unknown => 7,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finding(claim: Verdict, ground: Ground) -> Finding {
        Finding { rule: "test", ground, claim: Some(claim), notes: Vec::new(), used: Vec::new() }
    }

    fn claims() -> impl Strategy<Value = Vec<Finding>> {
        let claim = prop_oneof![
            Just(Verdict::Confirmed(Reach::Accepted)),
            Just(Verdict::Confirmed(Reach::Delivered)),
            Just(Verdict::Confirmed(Reach::Read)),
            Just(Verdict::ImpliedByArrival),
            Just(Verdict::Pending),
            Just(Verdict::Failed),
            Just(Verdict::LocalOnly),
            Just(Verdict::Unmarked),
            Just(Verdict::Contradictory),
            Just(Verdict::Unknown),
        ];
        let ground = prop_oneof![Just(Ground::AppSource), Just(Ground::Parsers(2)), Just(Ground::Inferred)];
        proptest::collection::vec((claim, ground).prop_map(|(c, g)| finding(c, g)), 0..6)
    }

    proptest! {
        #[test]
        fn weighing_does_not_depend_on_the_order(findings in claims()) {
            let mut reversed = findings.clone();
            reversed.reverse();
            prop_assert_eq!(weigh(&findings), weigh(&reversed));
        }

        #[test]
        fn an_inferred_rule_never_decides(findings in claims()) {
            let documented: Vec<_> = findings.iter().filter(|f| f.ground != Ground::Inferred).cloned().collect();
            prop_assert_eq!(weigh(&findings), weigh(&documented));
        }

        #[test]
        fn confirmed_needs_a_documented_confirmation_and_no_denial(findings in claims()) {
            if let Verdict::Confirmed(reach) = weigh(&findings) {
                let claimed = |v| findings.iter().any(|f| f.ground != Ground::Inferred && f.claim == Some(v));
                prop_assert!(claimed(Verdict::Confirmed(reach)));
                prop_assert!(!claimed(Verdict::Contradictory) && !claimed(Verdict::Failed));
                prop_assert!(!claimed(Verdict::Pending) && !claimed(Verdict::LocalOnly));
            }
        }
    }

    #[test]
    fn nothing_is_inferred_from_silence() {
        assert_eq!(weigh(&[]), Verdict::Unknown);
    }

    #[test]
    fn the_farthest_reach_wins() {
        let findings = [
            finding(Verdict::Confirmed(Reach::Accepted), Ground::Parsers(2)),
            finding(Verdict::Confirmed(Reach::Read), Ground::RealStore),
            finding(Verdict::ImpliedByArrival, Ground::Parsers(2)),
        ];
        assert_eq!(weigh(&findings), Verdict::Confirmed(Reach::Read));
    }

    #[test]
    fn a_confirmation_beside_a_failure_is_contradictory() {
        let findings =
            [finding(Verdict::Confirmed(Reach::Read), Ground::RealStore), finding(Verdict::Failed, Ground::Parsers(2))];
        assert_eq!(weigh(&findings), Verdict::Contradictory);
    }
}
