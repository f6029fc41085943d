//! Databases written by the SQLite library with a log of every row version, and what of each is still in the files.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::PathBuf;

use forensics_core::recover::{Found, Kind, Options, Recovered, State, Survey, recover};
use forensics_core::store::sqlite::{Database, Files};
use forensics_core::value::Value;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// A row version: table, rowid (none without rowid), values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Version {
    pub(crate) table: String,
    pub(crate) rowid: Option<i64>,
    pub(crate) values: Vec<Value>,
    /// The column that is another name of the rowid.
    pub(crate) alias: Option<usize>,
}

/// Random numbers that are the same on every run.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }

    pub(crate) fn words(&mut self, most: u64) -> String {
        const WORDS: [&str; 12] =
            ["hello", "see", "you", "tomorrow", "at", "the", "station", "with", "Grüße", "明天", "ok", "later"];
        let n = self.below(most) + 1;
        (0..n).map(|_| WORDS[self.below(12) as usize]).collect::<Vec<_>>().join(" ")
    }
}

/// A database under observation.
pub(crate) struct Lab {
    folder: tempfile::TempDir,
    pub(crate) conn: Connection,
    versions: HashMap<String, Vec<Version>>,
    seen: HashSet<String>,
    pub(crate) chance: Chance,
}

impl Lab {
    /// `pragmas` come before anything is written. SQLite's defaults differ between builds, so they are all set.
    pub(crate) fn new(pragmas: &str) -> Lab {
        Lab::on(Vec::new(), pragmas)
    }

    /// Goes on from the bytes of a database.
    #[expect(clippy::disallowed_methods, reason = "a database in a temporary folder")]
    pub(crate) fn on(bytes: Vec<u8>, pragmas: &str) -> Lab {
        let folder = tempfile::tempdir().unwrap();
        if !bytes.is_empty() {
            std::fs::write(folder.path().join("x.db"), bytes).unwrap();
        }
        let conn = Connection::open(folder.path().join("x.db")).unwrap();
        conn.execute_batch("PRAGMA secure_delete=OFF; PRAGMA synchronous=OFF;").unwrap();
        conn.execute_batch(pragmas).unwrap();
        Lab { folder, conn, versions: HashMap::new(), seen: HashSet::new(), chance: Chance(7) }
    }

    pub(crate) fn path(&self, suffix: &str) -> PathBuf {
        self.folder.path().join(format!("x.db{suffix}"))
    }

    /// Runs SQL and logs every row that stands afterwards.
    pub(crate) fn run(&mut self, sql: &str) {
        self.conn.execute_batch(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
        self.log();
    }

    pub(crate) fn tables(&self) -> Vec<(String, bool)> {
        let sql = "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow') AND name NOT LIKE 'sqlite_%'";
        let mut statement = self.conn.prepare(sql).unwrap();
        statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap().map(Result::unwrap).collect()
    }

    pub(crate) fn rows(&self) -> Vec<Version> {
        let mut all = Vec::new();
        for (table, without_rowid) in self.tables() {
            let key = if without_rowid { "NULL" } else { "_rowid_" };
            let alias = if without_rowid { None } else { self.alias(&table) };
            let mut statement = self.conn.prepare(&format!("SELECT {key}, * FROM \"{table}\"")).unwrap();
            let width = statement.column_count();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let values = (1..width).map(|i| value(row.get_ref(i).unwrap())).collect();
                all.push(Version { table: table.clone(), rowid: row.get(0).unwrap(), values, alias });
            }
        }
        all
    }

    fn alias(&self, table: &str) -> Option<usize> {
        let sql = "SELECT cid, type, pk FROM pragma_table_info(?)";
        let mut statement = self.conn.prepare(sql).unwrap();
        let all: Vec<(usize, String, i64)> = statement
            .query_map([table], |r| Ok((r.get::<_, i64>(0)? as usize, r.get(1)?, r.get(2)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let keys: Vec<_> = all.iter().filter(|c| c.2 > 0).collect();
        (keys.len() == 1 && keys[0].1.eq_ignore_ascii_case("integer")).then(|| keys[0].0)
    }

    pub(crate) fn log(&mut self) {
        for version in self.rows() {
            if self.seen.insert(format!("{version:?}")) {
                self.versions.entry(version.table.clone()).or_default().push(version);
            }
        }
    }

    /// Forgets the versions so far: after a change of columns they have another form.
    pub(crate) fn forget(&mut self) {
        self.versions.clear();
        self.seen.clear();
        self.log();
    }

    pub(crate) fn files(&self) -> Files {
        let read = |suffix| std::fs::read(self.path(suffix)).ok();
        Files { main: read("").unwrap(), wal: read("-wal"), journal: read("-journal") }
    }

    /// Recovers and compares with the log.
    pub(crate) fn score(&self) -> Score {
        self.score_of(self.files())
    }

    pub(crate) fn score_of(&self, files: Files) -> Score {
        let bytes: Vec<Vec<u8>> =
            [Some(files.main.clone()), files.wal.clone(), files.journal.clone()].into_iter().flatten().collect();
        let db = Database::open(files, None).unwrap();
        self.compare(&db, &bytes)
    }

    pub(crate) fn compare(&self, db: &Database, bytes: &[Vec<u8>]) -> Score {
        let (found, survey) = search(db);
        let live: HashSet<String> = self.rows().iter().map(content).collect();
        let mut versions: HashMap<String, bool> = HashMap::new();
        let utf16 = db.header().encoding != forensics_core::store::sqlite::Encoding::Utf8;
        let images = Images::new(bytes);
        let mut score = Score { survey: Some(survey), ..Score::default() };
        for version in self.versions.values().flatten() {
            let key = content(version);
            if live.contains(&key) || versions.contains_key(&key) {
                continue;
            }
            let left = images.hold(version, db, utf16);
            versions.insert(key, left);
            score.recoverable += usize::from(left);
            score.gone += usize::from(!left);
        }
        let mut met = HashSet::new();
        for row in &found {
            if row.kind != Kind::Row {
                score.entries += 1;
                continue;
            }
            if !row.is_complete() {
                score.partial += 1;
                continue;
            }
            match matching(row, &versions, &live) {
                Match::Version(key) => {
                    if met.insert(key.clone()) {
                        score.found += 1;
                        score.right_of_recoverable += usize::from(versions[&key]);
                    }
                }
                Match::Live => {
                    score.live += 1;
                    score.wrong.push(format!("LIVE {row:?}"));
                }
                Match::None => {
                    score.phantoms += 1;
                    score.wrong.push(format!("PHANTOM {row:?}"));
                }
            }
        }
        for (key, left) in &versions {
            if *left && !met.contains(key) {
                score.missed.push(key.clone());
            }
        }
        score.rows = found;
        score
    }
}

pub(crate) fn search(db: &Database) -> (Vec<Recovered>, Survey) {
    let mut all = Vec::new();
    let survey = recover(db, &Options::default(), &mut |row| {
        all.push(row);
        ControlFlow::Continue(())
    });
    (all, survey)
}

enum Match {
    Version(String),
    Live,
    None,
}

/// A row without its rowid and the rowid's alias: values by their text, `*` where the value is the rowid.
fn content(version: &Version) -> String {
    let values: Vec<String> = version
        .values
        .iter()
        .enumerate()
        .map(|(i, v)| if Some(i) == version.alias { "*".into() } else { format!("{v:?}") })
        .collect();
    format!("{}|{}", version.table.to_ascii_lowercase(), values.join("|"))
}

fn matching(row: &Recovered, versions: &HashMap<String, bool>, live: &HashSet<String>) -> Match {
    let values: Vec<String> = row
        .definition
        .columns
        .iter()
        .zip(&row.values)
        .map(|(c, v)| match v {
            Found::Known(v) if !c.is_rowid() => format!("{v:?}"),
            _ => "*".into(),
        })
        .collect();
    let names = row.candidates.iter().chain(row.table.as_ref());
    let mut hit = Match::None;
    for name in names {
        let key = format!("{}|{}", name.to_ascii_lowercase(), values.join("|"));
        if versions.contains_key(&key) {
            return Match::Version(key);
        }
        if live.contains(&key) {
            hit = Match::Live;
        }
    }
    if row.table.is_none() && row.candidates.is_empty() {
        // A table without definition: its values are all there is.
        let tail = format!("|{}", values.join("|"));
        if let Some(key) = versions.keys().find(|k| k.ends_with(&tail)) {
            return Match::Version(key.clone());
        }
        let loose = |k: &&String| {
            let theirs: Vec<&str> = k.split('|').skip(1).collect();
            theirs.len() == values.len() && theirs.iter().zip(&values).all(|(a, b)| a == b || *a == "*")
        };
        if let Some(key) = versions.keys().find(loose) {
            return Match::Version(key.clone());
        }
    }
    hit
}

/// What recovery gave, measured.
#[derive(Default)]
pub(crate) struct Score {
    pub(crate) recoverable: usize,
    pub(crate) gone: usize,
    pub(crate) found: usize,
    pub(crate) right_of_recoverable: usize,
    pub(crate) phantoms: usize,
    pub(crate) live: usize,
    pub(crate) partial: usize,
    pub(crate) entries: usize,
    pub(crate) wrong: Vec<String>,
    pub(crate) missed: Vec<String>,
    pub(crate) rows: Vec<Recovered>,
    pub(crate) survey: Option<Survey>,
}

impl Score {
    /// Adds another's figures.
    pub(crate) fn add(&mut self, other: Score) {
        self.recoverable += other.recoverable;
        self.gone += other.gone;
        self.found += other.found;
        self.right_of_recoverable += other.right_of_recoverable;
        self.phantoms += other.phantoms;
        self.live += other.live;
        self.partial += other.partial;
        self.entries += other.entries;
        self.wrong.extend(other.wrong);
        self.missed.extend(other.missed);
    }

    pub(crate) fn recall(&self) -> f64 {
        if self.recoverable == 0 { 1.0 } else { self.right_of_recoverable as f64 / self.recoverable as f64 }
    }

    pub(crate) fn precision(&self) -> f64 {
        let all = self.found + self.phantoms + self.live;
        if all == 0 { 1.0 } else { self.found as f64 / all as f64 }
    }

    #[expect(clippy::print_stdout, reason = "the table of figures, shown with --nocapture")]
    pub(crate) fn print(&self, name: &str) {
        println!(
            "| {name:<34} | {:>5} | {:>5} | {:.3} | {:.3} | {:>3}+{:<3} | {:>4} | {:>4} |",
            self.recoverable,
            self.found,
            self.recall(),
            self.precision(),
            self.phantoms,
            self.live,
            self.partial,
            self.entries
        );
        if std::env::var_os("RECOVER_SHOW").is_some() {
            self.wrong.iter().take(6).for_each(|w| println!("    {w}"));
            self.missed.iter().take(6).for_each(|m| println!("    MISSED {m}"));
        }
    }

    pub(crate) fn assert(self, name: &str, recall: f64, precision: f64) -> Score {
        self.print(name);
        assert!(
            self.recall() >= recall,
            "{name}: recall {}; missed {:#?}",
            self.recall(),
            &self.missed[..self.missed.len().min(5)]
        );
        assert!(
            self.precision() >= precision,
            "{name}: precision {}; {:#?}",
            self.precision(),
            &self.wrong[..self.wrong.len().min(5)]
        );
        self
    }

    pub(crate) fn states(&self, state: State) -> usize {
        self.rows.iter().filter(|r| r.state == state).count()
    }
}

fn value(v: ValueRef<'_>) -> Value {
    match v {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(i) => Value::Int(i),
        ValueRef::Real(f) => Value::Real(f),
        ValueRef::Text(t) => std::str::from_utf8(t).map_or_else(|_| Value::from(t), Value::from),
        ValueRef::Blob(b) => Value::from(b),
    }
}

/// Finds byte strings in files.
struct Images<'a> {
    files: &'a [Vec<u8>],
    starts: HashMap<[u8; 6], Vec<(usize, usize)>>,
}

impl<'a> Images<'a> {
    fn new(files: &'a [Vec<u8>]) -> Images<'a> {
        let mut starts: HashMap<[u8; 6], Vec<(usize, usize)>> = HashMap::new();
        for (f, file) in files.iter().enumerate() {
            for (at, window) in file.windows(6).enumerate() {
                if window.iter().any(|b| *b != 0) {
                    starts.entry(window.try_into().unwrap()).or_default().push((f, at));
                }
            }
        }
        Images { files, starts }
    }

    fn find(&self, needle: &[u8]) -> bool {
        let Some(head) = needle.first_chunk::<6>() else { return false };
        let places = self.starts.get(head).map(Vec::as_slice).unwrap_or_default();
        places.iter().any(|(f, at)| self.files[*f][*at..].starts_with(needle))
    }

    /// Whether all of a row but the first four bytes of its cell is left: its types (but for the first) and values.
    fn hold(&self, version: &Version, db: &Database, utf16: bool) -> bool {
        let table = db.table(&version.table);
        let page = db.header().page_size as usize;
        let without_rowid = table.is_some_and(|t| t.without_rowid);
        let (mut types, mut body) = (Vec::new(), Vec::new());
        let real = |i: usize| {
            table.is_some_and(|t| {
                t.columns.get(i).is_some_and(|c| c.affinity == forensics_core::store::sqlite::Affinity::Real)
            })
        };
        let alias = |i: usize| version.alias == Some(i);
        for (i, value) in version.values.iter().enumerate() {
            let (serial, bytes) = if alias(i) { (0, Vec::new()) } else { encode(value, utf16, real(i)) };
            types.push(serial);
            body.extend(bytes);
        }
        if body.len() + 60 > page - 35 {
            // A long row: its values are looked for in stretches, for overflow pages cut them.
            return body.chunks(200).all(|c| c.len() < 6 || self.find(c)) && body.len() < page;
        }
        let skip = if without_rowid { 2 } else { 1 };
        let mut needle = Vec::new();
        for serial in types.iter().skip(skip) {
            put_varint(*serial, &mut needle);
        }
        needle.extend(body);
        self.find(&needle)
    }
}

fn encode(value: &Value, utf16: bool, real: bool) -> (u64, Vec<u8>) {
    match value {
        Value::Null => (0, Vec::new()),
        Value::Int(0) => (8, Vec::new()),
        Value::Int(1) => (9, Vec::new()),
        Value::Int(i) => {
            let m = if *i < 0 { !*i } else { *i };
            let (serial, length) = match m {
                0..=0x7f => (1, 1),
                0x80..=0x7fff => (2, 2),
                0x8000..=0x7f_ffff => (3, 3),
                0x80_0000..=0x7fff_ffff => (4, 4),
                0x8000_0000..=0x7fff_ffff_ffff => (5, 6),
                _ => (6, 8),
            };
            (serial, i.to_be_bytes()[8 - length..].to_vec())
        }
        Value::Real(f) if real && f.fract() == 0.0 && f.abs() < 1e14 => encode(&Value::Int(*f as i64), utf16, false),
        Value::Real(f) => (7, f.to_be_bytes().to_vec()),
        Value::Text(t) => {
            let bytes: Vec<u8> =
                if utf16 { t.encode_utf16().flat_map(u16::to_le_bytes).collect() } else { t.as_bytes().to_vec() };
            (13 + 2 * bytes.len() as u64, bytes)
        }
        Value::Blob(b) => (12 + 2 * b.len() as u64, b.to_vec()),
    }
}

fn put_varint(mut n: u64, out: &mut Vec<u8>) {
    let mut bytes = vec![(n & 0x7f) as u8];
    n >>= 7;
    while n > 0 {
        bytes.push((n & 0x7f) as u8 | 0x80);
        n >>= 7;
    }
    out.extend(bytes.iter().rev());
}
