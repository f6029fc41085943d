//! `recover`: deleted and superseded rows of any SQLite file, no app needed.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use forensics_core::keys::{KeyKind, KeyRing};
use forensics_core::recover::{Found, Options, Recovered, State, recover as search};
use forensics_core::store::sqlite::{Cipher, Database, Files, Profile};
use serde::Serialize;

use super::Setting;
use crate::args;
use crate::error::{CliError, Done};
use crate::screen::{Ink, Screen};
use crate::secrets;

/// One recovered row as a line.
#[derive(Serialize)]
struct Line<'a> {
    table: Option<&'a str>,
    columns: Vec<&'a str>,
    values: &'a [Found],
    rowid: Option<i64>,
    state: State,
    confidence: f32,
    #[serde(rename = "where")]
    places: &'a [forensics_core::recover::Where],
    candidates: Vec<&'a str>,
    kind: forensics_core::recover::Kind,
}

pub(super) fn recover(args: &args::Recover, setting: &Setting, mut screen: Screen<'_>) -> Result<Done, CliError> {
    let db = open(&args.file, &secrets::key_ring(&args.secrets)?)?;
    let options = Options { partial: !args.complete, ..Options::default() };
    if args.jsonl {
        let out = screen.raw();
        let mut failure = None;
        search(&db, &options, &mut |row| match line(out, &row) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        });
        return failure.map_or(Ok(Done::lost(false)), Err);
    }
    let mut failure = None;
    let mut rows = 0_u64;
    let survey = search(&db, &options, &mut |row| {
        rows += 1;
        match show(&mut screen, &row) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    if let Some(error) = failure {
        return Err(error);
    }
    if !setting.quiet {
        screen.end()?;
        screen.line(&format!("{rows} rows recovered from {}", args.file.display()))?;
        for reason in survey.reasons() {
            screen.line(&format!("Note: {reason}."))?;
        }
    }
    Ok(Done::lost(false))
}

/// Reads the file with its log and journal; nothing is opened by SQLite.
fn open(path: &Path, keys: &KeyRing) -> Result<Database, CliError> {
    let cannot = |path: &Path| format!("{} cannot be read", path.display());
    let main = std::fs::read(path).map_err(|error| CliError::failed(cannot(path)).because(error))?;
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        std::fs::read(PathBuf::from(name)).ok()
    };
    let files = Files { main, wal: beside("-wal"), journal: beside("-journal") };
    let name = path.display().to_string();
    let first = files.first_page().unwrap_or_default();
    let cipher = keys.of(KeyKind::SQLCIPHER, &name).find_map(|k| Cipher::identify(first, k.secret(), Profile::ALL));
    Database::open(files, cipher.as_ref()).map_err(|error| {
        CliError::failed(format!("{name} is no database that can be opened"))
            .because(error)
            .hint("an encrypted one needs a key of kind sqlcipher in --keys keys.toml")
    })
}

fn line(out: &mut dyn std::io::Write, row: &Recovered) -> Result<(), CliError> {
    let line = Line {
        table: row.table.as_deref(),
        columns: row.columns().collect(),
        values: &row.values,
        rowid: row.rowid,
        state: row.state,
        confidence: row.confidence,
        places: &row.places,
        candidates: row.candidates.iter().map(|c| &**c).collect(),
        kind: row.kind,
    };
    serde_json::to_writer(&mut *out, &line).map_err(|error| CliError::from(std::io::Error::from(error)))?;
    out.write_all(b"\n").map_err(CliError::from)
}

fn show(screen: &mut Screen<'_>, row: &Recovered) -> Result<(), CliError> {
    let word = |json: Option<serde_json::Value>| json.and_then(|j| j.as_str().map(str::to_owned)).unwrap_or_default();
    let table = row.table.as_deref().unwrap_or("(no table fits alone)");
    let rowid = row.rowid.map_or_else(|| "rowid lost".to_owned(), |r| format!("row {r}"));
    let state = word(serde_json::to_value(row.state).ok());
    screen.put(Ink::Bold, &format!("{table}, {rowid}"))?;
    let place = row.places.first().map_or_else(String::new, |w| match (w.frame, w.journal) {
        (Some(frame), _) => format!(", page {} in log frame {frame} at byte {}", w.page, w.offset),
        (None, true) => format!(", page {} in the journal at byte {}", w.page, w.offset),
        (None, false) => format!(", page {} at byte {}", w.page, w.offset),
    });
    screen.line(&format!("  {state}, {:.0} % sure{place}", row.confidence * 100.0))?;
    for (column, value) in row.columns().zip(&row.values) {
        let text = match value {
            Found::Known(value) if value.is_null() => continue,
            Found::Unknown => continue,
            Found::Known(value) | Found::Cut(value) => serde_json::to_string(value).unwrap_or_default(),
        };
        let cut = if matches!(value, Found::Cut(_)) { " (its end is gone)" } else { "" };
        screen.line(&format!("  {column}  {text}{cut}"))?;
    }
    Ok(())
}
