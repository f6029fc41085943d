//! Sequences: gaps between numbered records, horizons past the newest record, ranges that the app itself knows as missing.

use rusqlite::{Connection, params};
use serde_json::Value as Json;

use super::Reconciling;
use super::absence::{Absence, complete};
use crate::app::SequenceSpec;
use crate::case::CaseError;
use crate::record::{AbsenceKind, Strength};
use crate::rule::Opinion;

/// A numbered record.
#[derive(Clone, Copy, Debug)]
struct Numbered {
    id: i64,
    number: i64,
    sent_ms: Option<i64>,
    local: bool,
}

/// What the cursors of one thread say.
#[derive(Debug, Default)]
struct Horizon {
    /// The highest number known to have been given; not from what was stored here.
    reached: Option<i64>,
    /// The highest number that was stored here.
    stored: Option<i64>,
    /// What is missing up to here is explained.
    cleared: Option<i64>,
    holes: Vec<(i64, i64, usize)>,
    undelivered: Vec<(i64, Option<i64>, usize)>,
    /// Marks behind the above: `(marker, origin, store)`; the horizon's own first.
    marks: Vec<Mark>,
    horizon_marks: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Mark {
    markers: Vec<Json>,
    origin: String,
    store: i64,
}

/// One thread's numbered records and cursors.
struct ThreadView {
    space: i64,
    account: i64,
    thread: i64,
    numbered: Vec<Numbered>,
    /// Times of own records that carry no number and may have taken one.
    unnumbered: Vec<i64>,
    horizon: Horizon,
}

pub(super) fn reconcile(shard: &Reconciling<'_>, spec: &SequenceSpec) -> Result<(), CaseError> {
    // Threads that have cursors of this sequence, or numbered records.
    let sql = "SELECT DISTINCT space, account, thread FROM (\
                 SELECT m.space, m.account, m.thread FROM message m JOIN store s ON s.id = m.store \
                   WHERE s.app = ?1 AND s.platform = ?2 AND m.sequence IS NOT NULL \
                 UNION SELECT c.space, c.account, c.thread FROM cursor c JOIN store s ON s.id = c.store \
                   WHERE s.app = ?1 AND s.platform = ?2 AND c.sequence = ?3 AND c.thread IS NOT NULL) ORDER BY 1, 2, 3";
    let threads: Vec<(i64, i64, i64)> = {
        let mut statement = shard.connection.prepare(sql)?;
        let rows = statement.query_map(params![shard.app.id, spec.platform.word(), spec.name], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })?;
        rows.collect::<Result<_, _>>()?
    };
    if threads.is_empty() {
        return Ok(());
    }
    shard.connection.execute_batch("CREATE INDEX IF NOT EXISTS message_thread ON message (space, thread, sequence)")?;
    for (space, account, thread) in threads {
        let view = ThreadView::read(shard.connection, spec, space, account, thread)?;
        view.note_records(shard, spec)?;
        view.find_absences(shard, spec)?;
    }
    Ok(())
}

impl ThreadView {
    fn read(c: &Connection, spec: &SequenceSpec, space: i64, account: i64, thread: i64) -> Result<Self, CaseError> {
        let mut view = ThreadView {
            space,
            account,
            thread,
            numbered: Vec::new(),
            unnumbered: Vec::new(),
            horizon: Horizon::read(c, spec, space, account, thread)?,
        };
        let sql = "SELECT m.id, m.sequence, m.sent_ms, m.direction, v.verdict FROM message m JOIN verdict v ON v.message = m.id \
                   WHERE m.space = ?1 AND m.thread = ?2 AND m.account = ?3 AND m.state IN ('live', 'hidden') ORDER BY m.sequence, m.sent_ms, m.id";
        let mut statement = c.prepare_cached(sql)?;
        let mut rows = statement.query(params![space, thread, account])?;
        while let Some(row) = rows.next()? {
            let (number, sent_ms): (Option<i64>, Option<i64>) = (row.get(1)?, row.get(2)?);
            let verdict: String = row.get(4)?;
            match number {
                Some(number) => {
                    view.numbered.push(Numbered { id: row.get(0)?, number, sent_ms, local: verdict == "local-only" });
                }
                // A record that never left the phone took no number of the server's.
                None if row.get::<_, String>(3)? == "out"
                    && !matches!(&*verdict, "pending" | "failed" | "local-only") =>
                {
                    view.unnumbered.extend(sent_ms);
                }
                None => {}
            }
        }
        view.unnumbered.sort_unstable();
        Ok(view)
    }

    /// Notes on records beyond the cursor and inside a hole that the app knows of.
    fn note_records(&self, shard: &Reconciling<'_>, spec: &SequenceSpec) -> Result<(), CaseError> {
        let (beyond, inside) = shard.note_rules(spec);
        for record in &self.numbered {
            if let (Some((rule, note)), Some(reached)) = (beyond, self.horizon.reached)
                && record.number > reached
                && !record.local
            {
                shard.add(record.id, rule, Opinion { notes: vec![note], ..Opinion::default() })?;
            }
            let in_hole =
                self.horizon.holes.iter().any(|(after, before, _)| (after + 1..*before).contains(&record.number));
            if let (Some((rule, note)), true) = (inside, in_hole) {
                shard.add(record.id, rule, Opinion { notes: vec![note], ..Opinion::default() })?;
            }
        }
        Ok(())
    }

    fn find_absences(&self, shard: &Reconciling<'_>, spec: &SequenceSpec) -> Result<(), CaseError> {
        // Numbers that the server never announced say nothing of what lies between: a record there gets its note above.
        let limit = self.horizon.reached.unwrap_or(i64::MAX);
        let known: Vec<&Numbered> = self.numbered.iter().filter(|n| n.number <= limit).collect();
        self.holes(shard, spec)?;
        self.undelivered(shard, spec)?;
        if spec.contiguous {
            self.gaps(shard, spec, &known)?;
        }
        self.tail(shard, spec, known.last().copied())
    }

    /// Ranges that the app itself knows as missing.
    fn holes(&self, shard: &Reconciling<'_>, spec: &SequenceSpec) -> Result<(), CaseError> {
        if shard.holes_explain(spec) {
            return Ok(());
        }
        for (after, before, mark) in &self.horizon.holes {
            let inside = self.numbered.iter().filter(|n| (after + 1..*before).contains(&n.number)).count();
            let missing = (before - after - 1).saturating_sub(i64::try_from(inside).unwrap_or(i64::MAX));
            let Some(mark) = self.horizon.marks.get(*mark).filter(|_| missing > 0) else { continue };
            let kind = (AbsenceKind::GapInSequence, Strength::Strong, spec.gap_rule);
            self.insert(shard, kind, (Some(*after), Some(*before), Some(missing)), std::slice::from_ref(mark))?;
        }
        Ok(())
    }

    /// Records that the server still holds.
    fn undelivered(&self, shard: &Reconciling<'_>, spec: &SequenceSpec) -> Result<(), CaseError> {
        for (count, first, mark) in &self.horizon.undelivered {
            let Some(mark) = self.horizon.marks.get(*mark).filter(|_| *count > 0) else { continue };
            let kind = (AbsenceKind::Undelivered, Strength::Strong, spec.undelivered_rule);
            self.insert(shard, kind, (first.map(|f| f - 1), None, Some(*count)), std::slice::from_ref(mark))?;
        }
        Ok(())
    }

    /// Skips between numbered records, less what cursors explain.
    fn gaps(&self, shard: &Reconciling<'_>, spec: &SequenceSpec, known: &[&Numbered]) -> Result<(), CaseError> {
        let cleared = self.horizon.cleared.unwrap_or(i64::MIN);
        let mut previous: Option<&Numbered> = None;
        for record in known {
            let from = match previous {
                Some(previous) => Some(previous.number.max(cleared)),
                // Before the first record: only where every thread begins at the same number.
                None => spec.first.map(|first| (first - 1).max(cleared)),
            };
            if let Some(from) = from {
                self.gap(shard, spec, from, previous, record)?;
            }
            previous = Some(record);
        }
        Ok(())
    }

    fn gap(
        &self,
        shard: &Reconciling<'_>,
        spec: &SequenceSpec,
        from: i64,
        previous: Option<&Numbered>,
        next: &Numbered,
    ) -> Result<(), CaseError> {
        let size = next.number.saturating_sub(from).saturating_sub(1);
        if size <= 0 {
            return Ok(());
        }
        let missing = size - self.explained(from, next.number) - self.own_between(spec, previous, Some(next));
        if missing <= 0 {
            return Ok(());
        }
        let mut marks = Vec::new();
        for neighbour in previous.into_iter().chain([next]) {
            marks.extend(sequence_mark(shard.connection, neighbour.id)?);
        }
        // What lies after the gap shows it: its place is the absence's place.
        marks.reverse();
        let after = previous.map(|p| p.number);
        self.insert(
            shard,
            (AbsenceKind::GapInSequence, spec.strength, spec.gap_rule),
            (after, Some(next.number), Some(missing)),
            &marks,
        )
    }

    /// How many numbers strictly between are told of by a hole or by an undelivered range.
    fn explained(&self, after: i64, before: i64) -> i64 {
        let overlap = |low: i64, high: i64| (high.min(before) - low.max(after) - 1).max(0);
        let holes: i64 = self.horizon.holes.iter().map(|(low, high, _)| overlap(*low, *high)).sum();
        let held: i64 = self
            .horizon
            .undelivered
            .iter()
            .filter_map(|(count, first, _)| first.map(|first| overlap(first - 1, first.saturating_add(*count))))
            .sum();
        holes.max(held)
    }

    /// How many own records without a number lie between two numbered ones, by time.
    fn own_between(&self, spec: &SequenceSpec, previous: Option<&Numbered>, next: Option<&Numbered>) -> i64 {
        if !spec.own_unnumbered {
            return 0;
        }
        let low = previous.and_then(|p| p.sent_ms).unwrap_or(i64::MIN);
        let high = next.and_then(|n| n.sent_ms).unwrap_or(i64::MAX);
        let between = self.unnumbered.iter().filter(|t| (low..=high).contains(*t)).count();
        i64::try_from(between).unwrap_or(i64::MAX)
    }

    /// A horizon past the newest record.
    fn tail(&self, shard: &Reconciling<'_>, spec: &SequenceSpec, last: Option<&Numbered>) -> Result<(), CaseError> {
        let Some(horizon) = self.horizon.reached.max(self.horizon.stored).filter(|h| *h > 0) else { return Ok(()) };
        let base = last.map(|l| l.number).or(spec.first.map(|first| first - 1));
        let floor = base.max(self.horizon.cleared);
        if floor.is_some_and(|floor| horizon <= floor) {
            return Ok(());
        }
        let at_most = match floor.filter(|_| spec.contiguous) {
            Some(floor) => {
                let told = self.explained(floor, horizon.saturating_add(1));
                let missing = horizon - floor - told - self.own_between(spec, last, None);
                if missing <= 0 {
                    return Ok(());
                }
                Some(missing)
            }
            // Where numbers may skip, the difference still bounds how many there can be.
            None => floor.map(|floor| horizon.saturating_sub(floor)),
        };
        let marks: Vec<Mark> =
            self.horizon.horizon_marks.iter().filter_map(|m| self.horizon.marks.get(*m).cloned()).collect();
        let kind = (AbsenceKind::BeyondRecords, spec.strength, spec.tail_rule);
        self.insert(shard, kind, (last.map(|l| l.number), None, at_most), &marks)
    }

    fn insert(
        &self,
        shard: &Reconciling<'_>,
        (kind, strength, rule): (AbsenceKind, Strength, &str),
        (after, before, at_most): (Option<i64>, Option<i64>, Option<i64>),
        marks: &[Mark],
    ) -> Result<(), CaseError> {
        let Some(first) = marks.first() else { return Ok(()) };
        shard.insert(&Absence {
            store: first.store,
            space: self.space,
            account: self.account,
            thread: Some(self.thread),
            kind,
            strength,
            name: None,
            after,
            before,
            at_most,
            text: rusqlite::types::Value::Null,
            rules: vec![rule.to_owned()],
            markers: marks.iter().flat_map(|m| m.markers.clone()).collect(),
            origin: first.origin.clone(),
        })
    }
}

impl Horizon {
    fn read(c: &Connection, spec: &SequenceSpec, space: i64, account: i64, thread: i64) -> Result<Self, CaseError> {
        let mut horizon = Horizon::default();
        let sql = "SELECT says, a, b, marker, origin, store FROM cursor \
                   WHERE space = ?1 AND account = ?2 AND thread = ?3 AND sequence = ?4 ORDER BY id";
        let mut statement = c.prepare_cached(sql)?;
        let mut rows = statement.query(params![space, account, thread, spec.name])?;
        while let Some(row) = rows.next()? {
            let (says, a, b): (String, Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let origin: String = row.get(4)?;
            let mark = Mark { markers: complete(&row.get::<_, String>(3)?, &origin), store: row.get(5)?, origin };
            let place = horizon.marks.len();
            horizon.marks.push(mark);
            let Some(a) = a else { continue };
            match says.as_str() {
                "next" => {
                    horizon.reached = horizon.reached.max(Some(a.saturating_sub(1)));
                    horizon.horizon_marks.push(place);
                }
                // Zero is "never set".
                "reached" if a > 0 => {
                    horizon.reached = horizon.reached.max(Some(a));
                    horizon.horizon_marks.push(place);
                }
                "stored" if a > 0 => {
                    horizon.stored = horizon.stored.max(Some(a));
                    horizon.horizon_marks.push(place);
                }
                "hole" => horizon.holes.extend(b.map(|b| (a, b, place))),
                "undelivered" => horizon.undelivered.push((a, b, place)),
                "cleared" => horizon.cleared = horizon.cleared.max(Some(a)),
                _ => {}
            }
        }
        Ok(horizon)
    }
}

/// The sequence marker of a record, with its place.
fn sequence_mark(c: &Connection, message: i64) -> Result<Option<Mark>, CaseError> {
    let sql = "SELECT m.store, t.text, m.row, m.page, m.offset, m.length, m.wal_frame, m.row_key, m.markers \
               FROM message m LEFT JOIN term t ON t.id = m.table_name WHERE m.id = ?1";
    let mark = c.prepare_cached(sql)?.query_row([message], |r| {
        let store: i64 = r.get(0)?;
        let unsigned = |i: usize| r.get::<_, Option<i64>>(i).map(|v| v.map(i64::cast_unsigned));
        let mut place = serde_json::Map::new();
        place.insert("s".to_owned(), store.into());
        let mut put = |letter: &str, value: Json| {
            if !value.is_null() {
                place.insert(letter.to_owned(), value);
            }
        };
        put("t", r.get::<_, Option<String>>(1)?.into());
        put("r", r.get::<_, Option<i64>>(2)?.into());
        put("p", unsigned(3)?.into());
        put("o", unsigned(4)?.into());
        put("l", unsigned(5)?.into());
        put("f", unsigned(6)?.into());
        put("k", r.get::<_, Option<String>>(7)?.into());
        let origin = Json::Object(place).to_string();
        let markers: Option<String> = r.get(8)?;
        let sequence = crate::marker::MarkerKind::ALL.iter().position(|k| *k == crate::marker::MarkerKind::Sequence);
        let markers = complete(markers.as_deref().unwrap_or("[]"), &origin)
            .into_iter()
            .filter(|m| m.get(0).and_then(Json::as_u64) == sequence.map(|s| s as u64))
            .collect();
        Ok(Mark { markers, origin, store })
    })?;
    Ok(Some(mark))
}
