//! Stores of real phones: every table, every row and every value as the SQLite library reads them.
//!
//! The data is not part of the project (see its README); without it the test says so and passes.
#![expect(clippy::disallowed_methods, clippy::print_stderr, reason = "the SQLite library reads a copy, as the oracle")]

use std::path::{Path, PathBuf};

use forensics_core::store::sqlite::{Database, Files};
use forensics_core::value::Value;

mod store_oracle;
use store_oracle::{assert_same, oracle};

fn real() -> Option<PathBuf> {
    let places = ["/../../shared/real", "/../../../shared/real"].map(|p| format!("{}{p}", env!("CARGO_MANIFEST_DIR")));
    let found = places.iter().map(PathBuf::from).find(|p| p.is_dir());
    if found.is_none() {
        eprintln!("SKIPPED: the folder of real stores is not there");
    }
    found
}

fn stores(folder: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    let is_store = |p: &Path| std::fs::read(p).is_ok_and(|b| b.starts_with(b"SQLite format 3\0"));
    files.map(|e| e.into_path()).filter(|p| is_store(p)).collect()
}

#[test]
fn every_value_of_a_real_store_is_what_sqlite_says() {
    let Some(folder) = real() else { return };
    let stores = stores(&folder);
    assert!(stores.len() >= 7, "{stores:?}");
    for path in stores {
        let main = std::fs::read(&path).unwrap();
        let db = Database::open(Files { main: main.clone(), wal: None, journal: None }, None).unwrap();
        let copy = tempfile::tempdir().unwrap();
        let file = copy.path().join("copy.db");
        std::fs::write(&file, &main).unwrap();
        let rows = assert_same(&db, &oracle(&file));
        eprintln!("{}: {} tables, {rows} rows, {:?}", path.display(), db.tables().count(), db.flaws());
    }
}

#[test]
fn a_column_that_does_not_exist_reads_as_nothing() {
    let Some(folder) = real() else { return };
    let db = Database::from_bytes(std::fs::read(folder.join("imessage-macos/chat.db")).unwrap()).unwrap();
    let message = db.table("MESSAGE").unwrap();
    let (none, guid) = (message.column("no_such_column"), message.column("GUID"));
    assert!(!none.is_present() && !message.has("no_such_column"));
    let row = db.scan(message).next().unwrap().unwrap();
    assert_eq!(row.value(none), Value::Null);
    assert_eq!(row.int(none), None);
    assert!(row.text(guid).is_some());
    let origin = row.cell(guid);
    assert_eq!(origin.column.as_deref(), Some("guid"));
    assert_eq!(origin.table.as_deref(), Some("message"));
    assert_eq!(db.sequence("message").unwrap().value, 236);
}
