//! Row numbers: `AUTOINCREMENT` never gives one twice, so that what is missing was there, or was begun.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::Origin;
use forensics_core::record::AbsenceKind;
use forensics_core::sink::{Sink, Stopped};

use super::Work;
use crate::signal::Scope;
use crate::signal::emit;
use crate::signal::rules::absences;
use crate::signal::tables::{Numbers, Tables};

/// Counts what is missing in the message tables.
pub(super) fn read(work: &Work<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    for (table, numbers) in &work.survey.numbers {
        let rules = (absences::ANDROID_ROW_GAPS.id, absences::ANDROID_ROW_SEQUENCE.id);
        count(work.store, work.scope, (table, "_id"), numbers, rules, sink)?;
    }
    Ok(())
}

/// Mentions rows missing below the highest number, and numbers given beyond it. `column` is what rows are numbered by.
pub(in crate::signal) fn count(
    store: &dyn Tables,
    scope: &Scope,
    (table, column): (&str, &'static str),
    numbers: &Numbers,
    (gaps, beyond): (&'static str, &'static str),
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let last = numbers.last();
    if let (Some(last), missing @ 1..) = (last, numbers.missing()) {
        let place = store.get(table, last).map_or_else(|| Origin::table(store.id(), table), |row| row.origin());
        let marker = Marker::new(MarkerKind::Sequence, column, last, place.cell(column));
        let mut mention = scope.count(AbsenceKind::GapInSequence, gaps, marker, missing);
        mention.before = Some(last);
        emit(mention, sink)?;
    }
    let Some((given, place)) = store.sequence(table) else { return Ok(()) };
    let past = u64::try_from(given.saturating_sub(last.unwrap_or(0))).unwrap_or(0);
    if past > 0 {
        let marker = Marker::new(MarkerKind::Sequence, "sqlite_sequence.seq", given, place);
        let mut mention = scope.count(AbsenceKind::BeyondRecords, beyond, marker, past);
        mention.after = last;
        emit(mention, sink)?;
    }
    Ok(())
}
