//! One row: its values decoded when asked for, its place down to the byte.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt::{self, Write as _};

use super::btree;
use super::database::Database;
use super::fault::{FaultKind, RowFault};
use super::header::Encoding;
use super::image::{Image, Page, Place};
use super::page::Cell;
use super::record::{Field, Raw, Record, header_length, salvage};
use super::schema::{Affinity, Col, Column, Storage, Table};
use crate::origin::Origin;
use crate::store::bytes::{be32, slice};
use crate::value::Value;

/// A row of a table. Nothing is copied until a getter asks for it, unless the row spills to overflow pages.
pub struct Row<'a> {
    db: &'a Database,
    table: &'a Table,
    page: Page<'a>,
    cell: Cell,
    record: Record,
    /// The whole payload of a row with overflow pages, put together when first needed.
    whole: OnceCell<Vec<u8>>,
}

impl<'a> Row<'a> {
    /// Reads a cell's record. `visit` notes an overflow page and says whether it is met for the first time.
    pub(super) fn read(
        db: &'a Database,
        table: &'a Table,
        page: Page<'a>,
        cell: Cell,
        visit: &mut dyn FnMut(u32) -> bool,
    ) -> Result<Row<'a>, RowFault> {
        match Row::assemble(db.image(), &page, &cell, visit) {
            Ok((record, whole)) => Ok(Row { db, table, page, cell, record, whole }),
            Err(kind) => Err(Row::fault(db, table, &page, &cell, kind)),
        }
    }

    fn assemble(
        image: &Image,
        page: &Page<'_>,
        cell: &Cell,
        visit: &mut dyn FnMut(u32) -> bool,
    ) -> Result<(Record, OnceCell<Vec<u8>>), FaultKind> {
        let local = local(page, cell);
        let whole = OnceCell::new();
        if cell.local == cell.total {
            return Ok((Record::read(local, cell.total)?, whole));
        }
        check_chain(image, cell, visit)?;
        // A record's header may itself spill; then, and where pages come from a file that may fail later, the payload is
        // put together at once: a getter cannot report a fault.
        if header_length(local).is_some_and(|h| h <= local.len() as u64) && image.resident() {
            return Ok((Record::read(local, cell.total)?, whole));
        }
        let payload = gather(image, local, cell);
        let record = Record::read(&payload, cell.total)?;
        let _ = whole.set(payload);
        Ok((record, whole))
    }

    fn fault(db: &Database, table: &Table, page: &Page<'_>, cell: &Cell, kind: FaultKind) -> RowFault {
        let values = salvage(local(page, cell)).into_iter().map(|raw| owned(raw, db.header().encoding)).collect();
        let offset = offset_in_file(page, cell.start);
        let wal_frame = wal_frame(page);
        RowFault {
            store: db.store(),
            table: table.name.clone(),
            rowid: cell.rowid,
            page: page.no,
            wal_frame,
            offset,
            kind,
            values,
        }
    }

    /// The rowid; `None` in tables without rowid.
    pub fn rowid(&self) -> Option<i64> {
        self.cell.rowid
    }

    /// The table the row is of.
    pub fn table(&self) -> &'a Table {
        self.table
    }

    /// Values in the record.
    pub(super) fn width(&self) -> u32 {
        self.record.count
    }

    fn payload_with_header(&self) -> &[u8] {
        match self.whole.get() {
            Some(whole) => whole,
            None => local(&self.page, &self.cell),
        }
    }

    fn body(&self, field: Field) -> Option<&[u8]> {
        let (start, length) = field.span();
        if start.saturating_add(length) <= self.cell.local as usize {
            return slice(local(&self.page, &self.cell), start, length);
        }
        let whole = self.whole.get_or_init(|| gather(self.db.image(), local(&self.page, &self.cell), &self.cell));
        slice(whole, start, length)
    }

    #[inline]
    fn raw(&self, column: &'a Column) -> Stored<'_> {
        match column.storage {
            Storage::Rowid => Stored::Raw(self.cell.rowid.map_or(Raw::Null, Raw::Int)),
            Storage::Virtual => Stored::Raw(Raw::Null),
            Storage::Field(index) => {
                self.decode(column, self.record.field(self.payload_with_header(), u32::from(index)))
            }
        }
    }

    #[inline]
    fn decode(&self, column: &'a Column, field: Option<Field>) -> Stored<'_> {
        let Some(field) = field else { return Stored::Default(&column.default) };
        let raw = self.body(field).and_then(|body| field.decode(body)).unwrap_or(Raw::Null);
        match (column.affinity, raw) {
            // SQLite stores whole numbers of REAL columns as integers to save space (file format, section 2.1).
            #[expect(clippy::cast_precision_loss, reason = "the inverse of what SQLite did when it stored the number")]
            (Affinity::Real, Raw::Int(i)) => Stored::Raw(Raw::Real(i as f64)),
            (_, raw) => Stored::Raw(raw),
        }
    }

    #[inline]
    fn stored(&self, col: Col) -> Stored<'_> {
        match self.table.at(col) {
            Some(column) => self.raw(column),
            None => Stored::Raw(Raw::Null),
        }
    }

    /// The value of a column; `Null` for a column the table does not have.
    pub fn value(&self, col: Col) -> Value {
        match self.stored(col) {
            Stored::Raw(raw) => owned(raw, self.db.header().encoding),
            Stored::Default(value) => value.clone(),
        }
    }

    /// The integer in a column; `None` for everything else (see [`Row::int_lossy`]).
    pub fn int(&self, col: Col) -> Option<i64> {
        match self.stored(col) {
            Stored::Raw(Raw::Int(i)) => Some(i),
            Stored::Default(Value::Int(i)) => Some(*i),
            _ => None,
        }
    }

    /// The integer in a column, also where it is stored as a whole real or as decimal text.
    pub fn int_lossy(&self, col: Col) -> Option<i64> {
        let whole = |f: f64| {
            // 2^63 is exactly representable, i64::MAX is not.
            let fits = f.fract() == 0.0 && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&f);
            #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and in range")]
            fits.then_some(f as i64)
        };
        match self.value(col) {
            Value::Int(i) => Some(i),
            Value::Real(f) => whole(f),
            Value::Text(t) => t.trim().parse().ok(),
            Value::Null | Value::Blob(_) => None,
        }
    }

    /// The number in a column: a real, or an integer as real.
    pub fn real(&self, col: Col) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a caller that asks for a real wants the nearest")]
        match self.stored(col) {
            Stored::Raw(Raw::Real(f)) => Some(f),
            Stored::Raw(Raw::Int(i)) => Some(i as f64),
            Stored::Default(Value::Real(f)) => Some(*f),
            Stored::Default(Value::Int(i)) => Some(*i as f64),
            _ => None,
        }
    }

    /// The text in a column, if it is valid in the database's encoding.
    pub fn text(&self, col: Col) -> Option<Cow<'_, str>> {
        match self.stored(col) {
            Stored::Raw(Raw::Text(bytes)) => text(bytes, self.db.header().encoding),
            Stored::Default(Value::Text(t)) => Some(Cow::Borrowed(t)),
            _ => None,
        }
    }

    /// The text in a column, with what is not valid in it replaced: for showing, never for comparing.
    pub fn text_lossy(&self, col: Col) -> Option<Cow<'_, str>> {
        if let Some(text) = self.text(col) {
            return Some(text);
        }
        let Stored::Raw(Raw::Text(bytes)) = self.stored(col) else { return None };
        let wide = |unit: fn([u8; 2]) -> u16| {
            let units = bytes.as_chunks::<2>().0.iter().map(|p| unit(*p));
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>().into()
        };
        Some(match self.db.header().encoding {
            Encoding::Utf8 => String::from_utf8_lossy(bytes),
            Encoding::Utf16Le => wide(u16::from_le_bytes),
            Encoding::Utf16Be => wide(u16::from_be_bytes),
        })
    }

    /// The bytes of a blob or of a text, as stored (a text in the database's encoding).
    pub fn bytes(&self, col: Col) -> Option<Cow<'_, [u8]>> {
        match self.stored(col) {
            Stored::Raw(Raw::Text(bytes) | Raw::Blob(bytes)) => Some(Cow::Borrowed(bytes)),
            Stored::Default(Value::Text(t)) => Some(Cow::Borrowed(t.as_bytes())),
            Stored::Default(Value::Blob(b)) => Some(Cow::Borrowed(b)),
            _ => None,
        }
    }

    /// Whether a column holds nothing, or does not exist.
    pub fn is_null(&self, col: Col) -> bool {
        matches!(self.stored(col), Stored::Raw(Raw::Null) | Stored::Default(Value::Null))
    }

    /// All values, in the order of the table's columns.
    pub fn values(&self) -> Vec<Value> {
        let encoding = self.db.header().encoding;
        let fields = self.record.fields(self.payload_with_header());
        let stored = |column: &'a Column| match column.storage {
            Storage::Field(index) => self.decode(column, fields.get(usize::from(index)).copied()),
            Storage::Rowid | Storage::Virtual => self.raw(column),
        };
        let all = self.table.columns.iter().map(|column| match stored(column) {
            Stored::Raw(raw) => owned(raw, encoding),
            Stored::Default(value) => value.clone(),
        });
        all.collect()
    }

    /// Whether the row stands only in the write-ahead log: the database file by itself has no row of that number.
    pub fn only_in_log(&self) -> bool {
        let Some(rowid) = self.cell.rowid else { return false };
        matches!(self.page.place, Place::Wal { .. }) && !btree::stands_in_file(self.db, self.table, rowid)
    }

    /// The place of the row: table, rowid (or key), page, WAL frame, the cell's bytes.
    ///
    /// `offset` counts in the database file, or in the `-wal` file where `wal_frame` is set. A row on a page that a hot
    /// journal restored stands in no database file: it has no offset, and `key` says where in the `-journal` it is.
    pub fn origin(&self) -> Origin {
        let offset = offset_in_file(&self.page, self.cell.start);
        let mut key = String::new();
        if self.cell.rowid.is_none() {
            self.write_key(&mut key);
        }
        if self.page.place == Place::Journal {
            let at = self.page.start.saturating_add(u64::from(self.cell.start));
            let _ = write!(key, "{}-journal byte {at}", if key.is_empty() { "" } else { ", " });
        }
        Origin {
            rowid: self.cell.rowid,
            wal_frame: wal_frame(&self.page),
            page: Some(self.page.no),
            offset,
            length: Some(u64::from(self.cell.length)),
            key: (!key.is_empty()).then(|| key.into()),
            ..Origin::table(self.db.store(), self.table.name.clone())
        }
    }

    /// The primary key as `column=value`, comma-separated.
    fn write_key(&self, out: &mut String) {
        for (i, column) in self.table.key_columns().enumerate() {
            let value = match self.raw(column) {
                Stored::Raw(raw) => owned(raw, self.db.header().encoding),
                Stored::Default(value) => value.clone(),
            };
            let _ = write!(out, "{}{}=", if i == 0 { "" } else { ", " }, column.name);
            let _ = match value {
                Value::Null => write!(out, "NULL"),
                Value::Int(n) => write!(out, "{n}"),
                Value::Real(f) => write!(out, "{f}"),
                Value::Text(t) => write!(out, "{t:?}"),
                Value::Blob(b) => write!(out, "x'{}'", crate::value::hex(&b)),
            };
        }
    }

    /// The place of one value: [`Row::origin`] with the column's own name.
    pub fn cell(&self, col: Col) -> Origin {
        let name = self.table.at(col).map(|c| Cow::Owned(c.name.to_string()));
        Origin { column: name, ..self.origin() }
    }
}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.table.columns.iter().map(|c| &c.name);
        f.debug_map().entries(names.zip(self.values())).finish()
    }
}

/// A value in the record, or the column's default for a row older than the column.
enum Stored<'r> {
    Raw(Raw<'r>),
    Default(&'r Value),
}

fn local<'p>(page: &'p Page<'_>, cell: &Cell) -> &'p [u8] {
    slice(&page.bytes, cell.payload as usize, cell.local as usize).unwrap_or_default()
}

/// Walks the chain without copying: every page there, none twice, enough of them.
fn check_chain(image: &Image, cell: &Cell, visit: &mut dyn FnMut(u32) -> bool) -> Result<(), FaultKind> {
    let mut missing = (cell.total as usize).saturating_sub(cell.local as usize);
    let mut no = cell.overflow;
    while missing > 0 {
        let broken = FaultKind::Overflow { page: no, missing: missing as u64 };
        let Ok(page) = image.page(no) else { return Err(broken) };
        let here = missing.min(image.overflow_room());
        if !visit(no) || here == 0 || page.bytes.len() < here.saturating_add(4) {
            return Err(broken);
        }
        no = be32(&page.bytes, 0).unwrap_or(0);
        missing = missing.saturating_sub(here);
    }
    Ok(())
}

/// Puts a payload together; the chain was checked, so its length is that of pages that exist.
fn gather(image: &Image, local: &[u8], cell: &Cell) -> Vec<u8> {
    let total = cell.total as usize;
    let mut out = Vec::with_capacity(total);
    out.extend_from_slice(local);
    let mut no = cell.overflow;
    while out.len() < total {
        let Ok(page) = image.page(no) else { break };
        let here = total.saturating_sub(out.len()).min(image.overflow_room());
        let Some(bytes) = slice(&page.bytes, 4, here).filter(|b| !b.is_empty()) else { break };
        out.extend_from_slice(bytes);
        no = be32(&page.bytes, 0).unwrap_or(0);
    }
    out
}

pub(super) fn wal_frame(page: &Page<'_>) -> Option<u32> {
    match page.place {
        Place::Wal { frame } => Some(frame),
        Place::Main | Place::Journal => None,
    }
}

/// Where `at` of a page lies in the database or `-wal` file.
pub(super) fn offset_in_file(page: &Page<'_>, at: u32) -> Option<u64> {
    (page.place != Place::Journal).then(|| page.start.saturating_add(u64::from(at)))
}

/// Text in the database's encoding; `None` when it is not valid.
pub(crate) fn text(bytes: &[u8], encoding: Encoding) -> Option<Cow<'_, str>> {
    let unit: fn([u8; 2]) -> u16 = match encoding {
        Encoding::Utf8 => return std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Encoding::Utf16Le => u16::from_le_bytes,
        Encoding::Utf16Be => u16::from_be_bytes,
    };
    let (pairs, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return None;
    }
    char::decode_utf16(pairs.iter().map(|p| unit(*p))).collect::<Result<String, _>>().ok().map(Cow::Owned)
}

/// The value by itself.
pub(crate) fn owned(raw: Raw<'_>, encoding: Encoding) -> Value {
    match raw {
        Raw::Null => Value::Null,
        Raw::Int(i) => Value::Int(i),
        Raw::Real(f) => Value::Real(f),
        Raw::Blob(b) => Value::Blob(b.into()),
        Raw::Text(b) => match text(b, encoding) {
            Some(Cow::Borrowed(t)) => Value::Text(t.into()),
            Some(Cow::Owned(t)) => Value::Text(t.into()),
            None => Value::Blob(b.into()),
        },
    }
}
