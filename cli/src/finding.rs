//! Findings and times as the case keeps them, in words.

use forensics_core::stamp::{Number, Stamp};
use serde_json::Value as Json;

/// A finding as stored.
pub(crate) struct Finding<'a> {
    /// The rule's id.
    pub(crate) rule: &'a str,
    /// The word it claims.
    pub(crate) claim: Option<&'a str>,
    reach: Option<&'a str>,
    notes: Vec<&'a str>,
    /// Places of the marks it rests on.
    pub(crate) marks: Vec<u64>,
}

impl<'a> Finding<'a> {
    pub(crate) fn of(json: &'a Json) -> Self {
        let word = |name: &str| json.get(name).and_then(Json::as_str);
        let list = |name: &str| json.get(name).and_then(Json::as_array).into_iter().flatten();
        Finding {
            rule: word("rule").unwrap_or_default(),
            claim: word("claim"),
            reach: word("reach"),
            notes: list("notes").filter_map(Json::as_str).collect(),
            marks: list("markers").filter_map(Json::as_u64).collect(),
        }
    }

    /// What it claims and notes, and on which marks.
    pub(crate) fn says(&self) -> String {
        let mut text = match (self.claim, self.reach) {
            (Some(claim), Some(reach)) => format!("{claim}, {reach}"),
            (Some(claim), None) => claim.to_owned(),
            (None, _) => "no claim".to_owned(),
        };
        if !self.notes.is_empty() {
            text.push_str(&format!("; notes {}", self.notes.join(", ")));
        }
        if !self.marks.is_empty() {
            let marks: Vec<String> = self.marks.iter().map(|m| format!("[{}]", m + 1)).collect();
            text.push_str(&format!(", on {}", marks.join(" ")));
        }
        text
    }
}

/// The time and the number as stored.
pub(crate) fn time(stamp: Stamp) -> String {
    match stamp.raw {
        Number::Int(raw) => format!("{stamp} (stored {raw})"),
        Number::Real(raw) => format!("{stamp} (stored {raw})"),
    }
}
