//! What every record of one store shares, and how it names records that may be missing.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::OpenStore;
use forensics_core::origin::Origin;
use forensics_core::record::{AbsenceKind, Cursor, CursorSays, Key, Mention, Name, Record, Space, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::Row;
use forensics_core::value::Value;

/// What every record of one store shares.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    /// The id space.
    pub(crate) space: Space,
    /// The account.
    pub(crate) account: Key,
}

impl Scope {
    /// A cursor of a thread, or of the account.
    pub(crate) fn cursor(
        &self,
        thread: Option<&Key>,
        sequence: &'static str,
        says: CursorSays,
        marker: Marker,
    ) -> Record {
        let (account, thread) = (self.account.clone(), thread.cloned());
        Record::Cursor(Cursor { space: self.space, account, thread, sequence, says, marker })
    }

    /// A mention that names nothing: a mere count, which is weak.
    pub(crate) fn count(&self, kind: AbsenceKind, rule: &'static str, marker: Marker) -> Mention {
        Mention {
            space: self.space,
            account: self.account.clone(),
            thread: None,
            names: Vec::new(),
            kind,
            strength: Strength::Weak,
            rule,
            text: Value::Null,
            after: None,
            before: None,
            at_most: None,
            origin: marker.origin.clone(),
            markers: vec![marker],
        }
    }

    /// A mention of a record by its names.
    pub(crate) fn mention(&self, names: Vec<Name>, kind: AbsenceKind, rule: &'static str, marker: Marker) -> Mention {
        Mention { names, strength: Strength::Strong, ..self.count(kind, rule, marker) }
    }
}

/// Hands a mention over.
pub(crate) fn emit(sink: &mut dyn Sink, mention: Mention) -> Result<(), Stopped> {
    sink.emit(Record::Mention(Box::new(mention)))
}

/// A row of a table by its number.
pub(crate) fn row_name(table: &str, rowid: i64) -> Name {
    Name::Row { table: table.into(), rowid }
}

/// Whether a table has a row of that number. One that is there and cannot be read is not missing.
pub(crate) fn is_there(store: &OpenStore, table: &str, rowid: i64) -> bool {
    store.table(table).is_some_and(|table| !matches!(store.get(table, rowid), Ok(None)))
}

/// Row numbers of a table of messages, watched as the rows pass by: every range without rows is an absence of its own.
pub(crate) struct Numbering {
    table: &'static str,
    rule: &'static str,
    tail_rule: Option<&'static str>,
    /// Whether the store remembers the highest number ever given, so that the first ones count too.
    from_one: bool,
    /// A table with unreadable rows shows no gap: what is missing may be what could not be read.
    sound: bool,
    last: Option<i64>,
    ranges: usize,
    /// What lies in ranges beyond [`MOST_RANGES`], with the mark of the last of them.
    rest: Option<(u64, Marker)>,
}

/// Ranges of one table that are told one by one. A table with more of them is thinned out as a rule, not by deletions that
/// an examiner would look at singly: what follows is one count.
const MOST_RANGES: usize = 1_000;

impl Numbering {
    /// For a table whose rows are about to be read. `tail_rule` is used where the table has `AUTOINCREMENT`.
    pub(crate) fn of(
        store: &OpenStore,
        table: &'static str,
        rule: &'static str,
        tail_rule: Option<&'static str>,
    ) -> Self {
        let found = store.table(table);
        let autoincrement = found.is_some_and(|t| t.autoincrement);
        let sound = found.is_some_and(|t| !store.scan(t).any(|row| row.is_err()));
        let tail_rule = tail_rule.filter(|_| autoincrement);
        Numbering { table, rule, tail_rule, from_one: autoincrement, sound, last: None, ranges: 0, rest: None }
    }

    /// Does not count numbers below the first row: the app itself drops its oldest rows.
    pub(crate) fn oldest_dropped(self) -> Self {
        Numbering { from_one: false, ..self }
    }

    /// Takes the next row.
    pub(crate) fn pass(&mut self, row: &Row<'_>, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(number) = row.rowid() else { return Ok(()) };
        let after = self.last.replace(number);
        let base = after.or(self.from_one.then_some(0));
        let missing = base.map_or(0, |base| number.saturating_sub(base).saturating_sub(1));
        if !self.sound || missing <= 0 {
            return Ok(());
        }
        let meaning = format!("{missing} row numbers before this one have no row");
        let origin = Origin { column: Some("_id".into()), ..row.origin() };
        let marker = Marker::new(MarkerKind::Sequence, "_id", number, origin).meaning(meaning);
        let missing = u64::try_from(missing).unwrap_or(0);
        self.ranges = self.ranges.saturating_add(1);
        if self.ranges > MOST_RANGES {
            let before = self.rest.take().map_or(0, |(count, _)| count);
            self.rest = Some((before.saturating_add(missing), marker));
            return Ok(());
        }
        let mention = scope.count(AbsenceKind::GapInSequence, self.rule, marker);
        emit(sink, Mention { after, before: Some(number), at_most: Some(missing), ..mention })
    }

    /// After the last row: what `sqlite_sequence` knows beyond it.
    pub(crate) fn end(self, store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
        if let Some((missing, marker)) = self.rest {
            let (ranges, table) = (self.ranges.saturating_sub(MOST_RANGES), self.table);
            let marker =
                marker.meaning(format!("{missing} row numbers of {table} in {ranges} further ranges have no row"));
            let mention = scope.count(AbsenceKind::GapInSequence, self.rule, marker);
            emit(sink, Mention { at_most: Some(missing), ..mention })?;
        }
        let (Some(rule), true) = (self.tail_rule, self.sound) else { return Ok(()) };
        let Some(sequence) = store.sequence(self.table) else { return Ok(()) };
        let missing = sequence.value.saturating_sub(self.last.unwrap_or(0));
        if missing <= 0 {
            return Ok(());
        }
        let meaning = format!("the highest row number that {} ever had", self.table);
        let marker = Marker::new(MarkerKind::Cursor, "seq", sequence.value, sequence.origin).meaning(meaning);
        let mention = scope.count(AbsenceKind::BeyondRecords, rule, marker);
        emit(sink, Mention { after: self.last, at_most: u64::try_from(missing).ok(), ..mention })
    }
}

/// How many numbers of a side table (parts, threads) were given and have no row any more: one count for the table.
pub(crate) fn count_side_rows(
    store: &OpenStore,
    table: &str,
    rule: &'static str,
    scope: &Scope,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let (Some(found), Some(sequence)) = (store.table(table), store.sequence(table)) else { return Ok(()) };
    if !found.autoincrement || store.scan(found).any(|row| row.is_err()) {
        return Ok(());
    }
    let rows = i64::try_from(store.count(found)).unwrap_or(i64::MAX);
    let missing = sequence.value.saturating_sub(rows);
    if missing <= 0 {
        return Ok(());
    }
    let meaning = format!("{missing} of the row numbers that {table} gave have no row");
    let marker = Marker::new(MarkerKind::Sequence, "seq", sequence.value, sequence.origin).meaning(meaning);
    emit(sink, scope.count(AbsenceKind::GapInSequence, rule, marker))
}
