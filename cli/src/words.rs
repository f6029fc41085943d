//! What verdicts and absences mean, in the words of reports and documentation.

/// What the examiner asks, and what the answer is worth. Printed on the first page of every report.
pub(crate) const WHAT_IT_IS: &[&str] = &[
    "Messengers keep traces in their stores that a server took part in a record: an identifier that only the server can \
     assign, an acknowledgement, a peer's receipt, a clock that only the server sets. This report names those traces record by \
     record, each with the cell it was read from, and says what they amount to.",
    "A verdict is arithmetic over documented rules. It can be checked: every message below opens to the marks as stored, \
     the rules that spoke, what each rule stands on and where that can be read up, and the row in which anyone can read the \
     same values again.",
];

/// What a verdict does not say.
pub(crate) const WHAT_IT_DOES_NOT_SAY: &[&str] = &[
    "A mark shows that a server processed a record at some time: that it accepted, numbered or relayed it. It does not show that \
     the server still keeps the record, and it does not show who typed it.",
    "A missing mark does not show that no server ever saw the record. Where no rule speaks the verdict is “unknown”; \
     nothing is inferred from silence.",
    "A mark whose record is not in the store shows that something was numbered, named or counted. It does not show what it said, \
     nor by whose hand it went.",
];

/// A verdict's sign and meaning. The sign stands beside the word: colour is never the only difference.
pub(crate) const VERDICTS: [(&str, &str, &str); 8] = [
    (
        "confirmed",
        "✓",
        "A documented mark says that the server (then a peer's device, then a peer) handled it, and nothing contradicts it.",
    ),
    (
        "implied-by-arrival",
        "↓",
        "Incoming, from a service whose stores keep no server mark for incoming rows. Never counted as confirmed.",
    ),
    ("pending", "…", "Outgoing, queued or sending; no acknowledgement."),
    ("failed", "✕", "Outgoing, and the store says that sending failed."),
    ("local-only", "▪", "A kind of record that no server handles: a system line, a draft, a note to self."),
    (
        "unmarked",
        "!",
        "A kind of record that always carries a mark in this version of the store, and this one does not: an import, a restore, an insertion by hand. Look at these first.",
    ),
    ("contradictory", "≠", "Documented marks disagree."),
    ("unknown", "?", "No rule spoke; nothing is inferred from silence."),
];

/// How far a confirmed record is known to have come.
pub(crate) const REACHES: [(&str, &str); 3] =
    [("accepted", "The server accepted it."), ("delivered", "A peer's device has it."), ("read", "A peer opened it.")];

/// Sorts of absence and their meaning.
pub(crate) const ABSENCES: [(&str, &str); 6] = [
    ("gap-in-sequence", "Numbers that the server assigns skip, and the store does not explain it."),
    ("dangling", "A reply, receipt, reaction, media row or quote names a record that is not there."),
    ("tombstoned", "The store itself says that the record was deleted or revoked."),
    ("remnant-only", "Only an index row or a thumbnail of the record is left."),
    ("beyond-records", "A cursor or counter lies past the newest record."),
    ("undelivered", "The store says that the server holds records that were not fetched or not stored."),
];

/// Whether a store was read.
pub(crate) const STATUSES: [(&str, &str); 4] = [
    ("read", "Read."),
    ("needs-key", "Encrypted, and no given key opens it: nothing of it is in this case."),
    ("unreadable", "Damaged, or the file could not be had: nothing of it is in this case."),
    ("unknown-schema", "Opened, and it lacks the tables that its name promises: nothing of it is in this case."),
];

/// The sign of a verdict.
pub(crate) fn sign(verdict: &str) -> &'static str {
    VERDICTS.iter().find(|(word, ..)| *word == verdict).map_or("?", |(_, sign, _)| sign)
}

/// What an absence of that sort is.
pub(crate) fn absence(kind: &str) -> &'static str {
    ABSENCES.iter().find(|(word, _)| *word == kind).map_or("", |(_, says)| says)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_has_a_meaning_and_a_sign_of_its_own() {
        assert_eq!(VERDICTS.map(|(word, ..)| word), forensics_core::verdict::Verdict::WORDS);
        let mut signs = VERDICTS.map(|(_, sign, _)| sign);
        signs.sort_unstable();
        assert!(signs.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
