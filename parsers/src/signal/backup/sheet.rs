//! Tables of a backup file: its rows as they stood in their frames, with the bytes they came from.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use forensics_core::decode::protobuf::{Field, Message};
use forensics_core::issue::{Issue, Severity, Tally};
use forensics_core::open_store::Fate;
use forensics_core::origin::{Origin, StoreId};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::Value;

use super::frames::Place;
use super::origin;
use super::statement::{self, Statement};
use crate::signal::android::TABLES;
use crate::signal::tables::{Cells, Column, Tables, Take};

/// One table.
#[derive(Default)]
struct Sheet {
    name: Arc<str>,
    columns: Vec<Box<str>>,
    /// The column that is the rowid.
    key: Option<u16>,
    /// Whether its rows are kept; the others are counted.
    kept: bool,
    rows: Vec<Kept>,
    /// The statements of all rows, one behind the other.
    bytes: Vec<u8>,
    counted: u64,
}

/// A row that is kept.
#[derive(Clone, Copy)]
struct Kept {
    rowid: Option<i64>,
    start: usize,
    length: usize,
    place: Place,
}

/// All tables.
#[derive(Default)]
pub(super) struct Sheets {
    all: BTreeMap<Box<str>, Sheet>,
}

impl Sheets {
    /// Takes the statement of a frame.
    pub(super) fn add(&mut self, bytes: &[u8], place: Place) {
        let message = Message::new(bytes);
        match statement::read(message.text(1).unwrap_or_default()) {
            // The app keeps no rows of SQLite's own tables in a backup.
            Statement::Table(table) if table.name.starts_with("sqlite_") => {}
            Statement::Table(table) => {
                let sheet = self.sheet(&table.name);
                (sheet.columns, sheet.key) = (table.columns, table.key);
            }
            Statement::Insert(name, _) => self.sheet(name).insert(message, place),
            Statement::Other => {}
        }
    }

    fn sheet(&mut self, name: &str) -> &mut Sheet {
        let lower = name.to_ascii_lowercase();
        self.all.entry(lower.clone().into()).or_insert_with(|| Sheet {
            name: name.into(),
            kept: TABLES.contains(&lower.as_str()),
            ..Sheet::default()
        })
    }

    /// Puts the rows into the order of their numbers.
    pub(super) fn sort(&mut self) {
        for sheet in self.all.values_mut() {
            sheet.rows.sort_by_key(|r| (r.rowid.is_none(), r.rowid, r.place.offset));
        }
    }
}

impl Sheet {
    fn insert(&mut self, message: Message<'_>, place: Place) {
        if !self.kept && !self.columns.is_empty() {
            self.counted = self.counted.saturating_add(1);
            return;
        }
        let rowid = message.each(2).nth(self.key.map_or(usize::MAX, usize::from)).map(statement::value);
        let start = self.bytes.len();
        self.bytes.extend_from_slice(message.bytes());
        self.rows.push(Kept { rowid: rowid.and_then(|v| v.as_int()), start, length: message.bytes().len(), place });
    }

    fn row(&self, store: StoreId, kept: Kept) -> FrameRow<'_> {
        let bytes = self.bytes.get(kept.start..).and_then(|b| b.get(..kept.length)).unwrap_or_default();
        let message = Message::new(bytes);
        let parameters = statement::parameters(message);
        let named = match statement::read(message.text(1).unwrap_or_default()) {
            Statement::Insert(_, columns) => columns,
            _ => None,
        };
        let found = parameters.len();
        let expected = named.as_ref().map_or(self.columns.len(), Vec::len);
        let values = match named {
            None => parameters.into_iter().map(Some).collect(),
            Some(named) => {
                let place = |c: &str| named.iter().position(|n| n.eq_ignore_ascii_case(c));
                self.columns.iter().map(|c| parameters.get(place(c)?).copied()).collect()
            }
        };
        FrameRow { sheet: self, store, kept, values, fits: (found, expected) }
    }

    fn rowid(&self, rowid: i64) -> Option<Kept> {
        let place = self.rows.binary_search_by_key(&(false, Some(rowid)), |r| (r.rowid.is_none(), r.rowid)).ok()?;
        self.rows.get(place).copied()
    }
}

/// A row of a backup file.
struct FrameRow<'a> {
    sheet: &'a Sheet,
    store: StoreId,
    kept: Kept,
    values: Vec<Option<Field<'a>>>,
    /// Values found and expected.
    fits: (usize, usize),
}

impl Cells for FrameRow<'_> {
    fn rowid(&self) -> Option<i64> {
        self.kept.rowid
    }

    fn value(&self, column: Column) -> Value {
        let field = column.place.and_then(|place| *self.values.get(usize::from(place))?);
        field.map_or(Value::Null, statement::value)
    }

    fn origin(&self) -> Origin {
        Origin { table: Some(self.sheet.name.clone()), rowid: self.kept.rowid, ..origin(self.store, self.kept.place) }
    }
}

/// A backup file that was read.
pub(in crate::signal) struct Backup {
    id: StoreId,
    path: String,
    version: Option<i64>,
    /// Entries that say whose account it is.
    pub(in crate::signal) facts: Vec<(Box<str>, Value, Origin)>,
    sheets: Sheets,
    done: RefCell<BTreeSet<Arc<str>>>,
}

impl Backup {
    pub(super) fn new(
        id: StoreId,
        path: String,
        version: Option<i64>,
        facts: Vec<(Box<str>, Value, Origin)>,
        sheets: Sheets,
    ) -> Self {
        Backup { id, path, version, facts, sheets, done: RefCell::default() }
    }

    fn sheet(&self, table: &str) -> Option<&Sheet> {
        self.sheets.all.get(table).filter(|s| s.kept && !s.columns.is_empty())
    }

    fn quarantine(&self, sink: &mut dyn Sink, row: &FrameRow<'_>, why: &str) -> Result<(), Stopped> {
        let detail = format!("{}: table {}: {why}", self.path, row.sheet.name);
        let issue = Issue { code: "row-quarantined", severity: Severity::Lost, detail, origin: Some(row.origin()) };
        let values = row.values.iter().map(|f| f.map_or(Value::Null, statement::value)).collect();
        sink.quarantine(row.origin(), values, issue)
    }

    fn account(&self, sink: &mut dyn Sink, sheet: &Sheet, tally: Tally) -> Result<(), Stopped> {
        if self.done.borrow_mut().insert(sheet.name.clone()) {
            sink.tally(self.id, &sheet.name, tally)?;
        }
        Ok(())
    }
}

impl Tables for Backup {
    fn id(&self) -> StoreId {
        self.id
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn version(&self) -> Option<i64> {
        self.version
    }

    fn has(&self, table: &str) -> bool {
        self.sheet(table).is_some()
    }

    fn column(&self, table: &str, names: &[&'static str]) -> Column {
        let none = Column { name: names.first().copied().unwrap_or_default(), ..Column::default() };
        let Some(sheet) = self.sheet(table) else { return none };
        let place = |name: &str| sheet.columns.iter().position(|c| c.eq_ignore_ascii_case(name));
        let found = names.iter().find_map(|name| Some((*name, u16::try_from(place(name)?).ok()?)));
        found.map_or(none, |(name, place)| Column { name, place: Some(place), ..Column::default() })
    }

    fn each(&self, sink: &mut dyn Sink, table: &str, take: &mut Take<'_>) -> Result<(), Stopped> {
        let Some(sheet) = self.sheet(table) else { return Ok(()) };
        let mut tally = Tally::default();
        for kept in &sheet.rows {
            let row = sheet.row(self.id, *kept);
            tally.seen = tally.seen.saturating_add(1);
            let fate = match row.fits {
                (found, expected) if found == expected => take(&row, sink)?,
                (found, expected) => Fate::Quarantined(format!("{found} values for {expected} columns")),
            };
            let counter = match fate {
                Fate::Emitted => &mut tally.emitted,
                Fate::Folded => &mut tally.folded,
                Fate::PassedOver => &mut tally.passed_over,
                Fate::Quarantined(why) => {
                    self.quarantine(sink, &row, &why)?;
                    &mut tally.quarantined
                }
            };
            *counter = counter.saturating_add(1);
        }
        self.account(sink, sheet, tally)
    }

    fn look(&self, table: &str, look: &mut dyn FnMut(&dyn Cells)) {
        let Some(sheet) = self.sheet(table) else { return };
        let rows = sheet.rows.iter().map(|kept| sheet.row(self.id, *kept));
        rows.filter(|r| r.fits.0 == r.fits.1).for_each(|row| look(&row));
    }

    fn get(&self, table: &str, rowid: i64) -> Option<Box<dyn Cells + '_>> {
        let sheet = self.sheet(table)?;
        let row = sheet.row(self.id, sheet.rowid(rowid)?);
        (row.fits.0 == row.fits.1).then(|| Box::new(row) as Box<dyn Cells>)
    }

    fn holds(&self, table: &str, rowid: i64) -> bool {
        self.sheet(table).is_some_and(|sheet| sheet.rowid(rowid).is_some())
    }

    fn sequence(&self, _table: &str) -> Option<(i64, Origin)> {
        // The app does not export `sqlite_sequence`.
        None
    }

    fn finish(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        for sheet in self.sheets.all.values() {
            if self.done.borrow().contains(&sheet.name) {
                continue;
            }
            let mut tally = Tally { seen: sheet.counted, passed_over: sheet.counted, ..Tally::default() };
            for kept in &sheet.rows {
                tally.seen = tally.seen.saturating_add(1);
                if sheet.columns.is_empty() {
                    tally.quarantined = tally.quarantined.saturating_add(1);
                    let row = sheet.row(self.id, *kept);
                    self.quarantine(sink, &row, "no statement says which columns the table has")?;
                } else {
                    tally.passed_over = tally.passed_over.saturating_add(1);
                }
            }
            self.account(sink, sheet, tally)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[test]
fn rows_are_found_by_number_and_keep_their_frame() {
    let parameter = |n: u8| vec![0x12, 2, 0x10, n];
    let statement = |sql: &str, values: &[u8]| {
        let mut bytes = vec![0x0a, u8::try_from(sql.len()).unwrap()];
        bytes.extend(sql.as_bytes());
        values.iter().for_each(|v| bytes.extend(parameter(*v)));
        bytes
    };
    let at = |offset| Place { offset, length: 9, number: 7 };
    let mut sheets = Sheets::default();
    sheets.add(&statement("CREATE TABLE reaction (_id INTEGER PRIMARY KEY, message_id INTEGER)", &[]), at(1));
    sheets.add(&statement("INSERT INTO reaction VALUES (?,?)", &[5, 50]), at(2));
    sheets.add(&statement("INSERT INTO reaction (message_id, _id) VALUES (?,?)", &[40, 4]), at(3));
    sheets.sort();
    let backup = Backup::new(StoreId(1), String::new(), None, Vec::new(), sheets);
    let column = backup.column("reaction", &["mms_id", "message_id"]);
    assert_eq!(column.name, "message_id");
    assert_eq!(backup.get("reaction", 5).map(|r| r.int(column)), Some(Some(50)));
    let row = backup.get("reaction", 5).map(|r| r.cell(column)).expect("the row");
    assert_eq!((row.offset, row.column), (Some(2), Some("message_id".into())));
    assert!(!backup.holds("reaction", 6));
}
