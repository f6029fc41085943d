//! What both platforms say of missing records: ranges that the app has not loaded, and marks that name a record.

use std::collections::HashMap;

use forensics_core::marker::Marker;
use forensics_core::origin::Origin;
use forensics_core::record::{AbsenceKind, Key, Mention, Name, Record, Space, Strength};
use forensics_core::rule::Rule;
use forensics_core::value::Value;

/// Whose records are read: one store of one account.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub account: Key,
    pub space: Space,
}

/// A mark that names a record.
pub(super) struct Mark {
    pub thread: Option<Key>,
    pub names: Vec<Name>,
    pub kind: AbsenceKind,
    pub rule: &'static Rule,
    pub text: Value,
    pub markers: Vec<Marker>,
    pub origin: Origin,
}

impl Scope {
    /// The mention that a mark makes.
    pub(super) fn mention(&self, mark: Mark) -> Record {
        Record::Mention(Box::new(Mention {
            space: self.space,
            account: self.account.clone(),
            thread: mark.thread,
            names: mark.names,
            kind: mark.kind,
            strength: Strength::Strong,
            rule: mark.rule.id,
            text: mark.text,
            after: None,
            before: None,
            at_most: None,
            markers: mark.markers,
            origin: mark.origin,
        }))
    }

    /// Ids of the sequence that users and basic groups share, absent between two that are there. No thread is theirs, and
    /// a dialog that was never listed may hold them: a count, never a list.
    pub(super) fn skip(&self, skip: &Skip, rule: &'static Rule, marker: Marker, origin: Origin) -> Record {
        Record::Mention(Box::new(Mention {
            space: self.space,
            account: self.account.clone(),
            thread: None,
            names: Vec::new(),
            kind: AbsenceKind::GapInSequence,
            strength: Strength::Weak,
            rule: rule.id,
            text: Value::Null,
            after: Some(skip.after),
            before: Some(skip.before),
            at_most: Some(skip.missing.unsigned_abs()),
            markers: vec![marker],
            origin,
        }))
    }
}

/// A range of ids that the app has not loaded: what lies strictly between.
#[derive(Clone, Debug)]
pub(super) struct Hole {
    pub after: i64,
    pub before: i64,
    pub marker: Marker,
}

/// Ids absent between two that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Skip {
    pub after: i64,
    pub before: i64,
    /// How many, less those in holes.
    pub missing: i64,
}

/// Every hole, by dialog. Grows with conversations.
#[derive(Debug, Default)]
pub(super) struct Holes {
    /// Whether the store has a table of holes: without it nothing is known of what is not loaded, and no gap is one.
    pub known: bool,
    by_dialog: HashMap<i64, Vec<Hole>>,
}

impl Holes {
    pub(super) fn add(&mut self, dialog: i64, hole: Hole) {
        self.by_dialog.entry(dialog).or_default().push(hole);
    }

    pub(super) fn of(&self, dialog: i64) -> &[Hole] {
        self.by_dialog.get(&dialog).map_or(&[], Vec::as_slice)
    }

    /// Every hole with its dialog, in a fixed order.
    pub(super) fn all(&self) -> impl Iterator<Item = (i64, &Hole)> {
        let mut dialogs: Vec<i64> = self.by_dialog.keys().copied().collect();
        dialogs.sort_unstable();
        dialogs.into_iter().flat_map(|dialog| self.of(dialog).iter().map(move |hole| (dialog, hole)))
    }

    /// The hole that an id lies in.
    pub(super) fn around(&self, dialog: i64, id: i64) -> Option<&Hole> {
        self.of(dialog).iter().find(|h| h.after < id && id < h.before)
    }

    /// The hole that an id lies in or at the edge of: clearing a chat leaves a hole that ends at its newest id.
    pub(super) fn touching(&self, dialog: i64, id: i64) -> Option<&Hole> {
        self.of(dialog).iter().find(|h| h.after <= id && id <= h.before)
    }

    /// What the holes of the dialogs that `wanted` picks cover together.
    pub(super) fn union(&self, wanted: impl Fn(i64) -> bool) -> Union {
        let holes = self.by_dialog.iter().filter(|(dialog, _)| wanted(**dialog)).flat_map(|(_, holes)| holes);
        let mut ranges: Vec<(i64, i64)> = holes
            .map(|h| (h.after.saturating_add(1), h.before.saturating_sub(1)))
            .filter(|(low, high)| low <= high)
            .collect();
        ranges.sort_unstable();
        let mut merged: Vec<(i64, i64)> = Vec::new();
        for (low, high) in ranges {
            match merged.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => merged.push((low, high)),
            }
        }
        Union { merged }
    }
}

/// Ranges that do not touch, ascending, both ends inclusive.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Union {
    merged: Vec<(i64, i64)>,
}

impl Union {
    /// What is absent strictly between two ids and not covered.
    pub(super) fn skip(&self, after: i64, before: i64) -> Option<Skip> {
        let first = self.merged.partition_point(|(_, high)| *high <= after);
        let covered = self
            .merged
            .get(first..)
            .unwrap_or_default()
            .iter()
            .take_while(|(low, _)| *low < before)
            .map(|(low, high)| {
                let low = (*low).max(after.saturating_add(1));
                let high = (*high).min(before.saturating_sub(1));
                high.saturating_sub(low).saturating_add(1).max(0)
            })
            .fold(0i64, i64::saturating_add);
        let missing = before.saturating_sub(after).saturating_sub(1).saturating_sub(covered);
        (missing > 0).then_some(Skip { after, before, missing })
    }
}

#[cfg(test)]
mod tests {
    use forensics_core::marker::MarkerKind;
    use forensics_core::origin::StoreId;

    use super::*;

    fn holes(list: &[(i64, i64, i64)]) -> Holes {
        let mut holes = Holes::default();
        for (dialog, after, before) in list {
            let marker = Marker::new(MarkerKind::Cursor, "hole", *after, Origin::store(StoreId(1)));
            holes.add(*dialog, Hole { after: *after, before: *before, marker });
        }
        holes
    }

    #[test]
    fn holes_of_several_dialogs_cover_a_skip_together() {
        let union = holes(&[(1, 10, 21), (2, 20, 31), (3, 10, 100)]).union(|d| d != 3);
        assert_eq!(union.skip(10, 31), None);
        assert_eq!(union.skip(10, 35), Some(Skip { after: 10, before: 35, missing: 4 }));
        assert_eq!(union.skip(40, 42), Some(Skip { after: 40, before: 42, missing: 1 }));
        assert_eq!(union.skip(40, 41), None);
    }

    #[test]
    fn an_id_at_the_edge_of_a_hole_touches_it_and_does_not_lie_in_it() {
        let holes = holes(&[(1, 0, 50)]);
        assert!(holes.around(1, 50).is_none());
        assert!(holes.touching(1, 50).is_some());
        assert!(holes.around(1, 49).is_some());
    }

    #[test]
    fn absurd_bounds_do_no_harm() {
        let union = holes(&[(1, i64::MIN, i64::MAX), (1, i64::MAX, i64::MIN)]).union(|_| true);
        assert_eq!(union.skip(i64::MIN, i64::MAX), None);
        assert!(Union::default().skip(i64::MIN, i64::MAX).is_some());
    }
}
