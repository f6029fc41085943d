//! Stores of real phones: every table, every row and every value as the SQLite library reads them.
//!
//! The data is not part of the project (see its README); without it the test says so and passes.
#![expect(clippy::disallowed_methods, clippy::print_stderr, reason = "the SQLite library reads a copy, as the oracle")]

use std::path::{Path, PathBuf};

use forensics_core::store::sqlite::{Cipher, Database, Files, Profile};
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

#[test]
fn the_log_of_a_real_iphone_is_overlaid_as_sqlite_does_it() {
    let Some(folder) = real() else { return };
    let file = std::fs::File::open(folder.join("whatsapp-ios/whatsapp_messages_ios15_ffs.zip")).unwrap();
    let mut zip = zip::ZipArchive::new(file).unwrap();
    let copy = tempfile::tempdir().unwrap();
    let mut read = |suffix: &str| {
        let end = format!("/ChatStorage.sqlite{suffix}");
        let index = (0..zip.len()).find(|i| zip.by_index(*i).unwrap().name().unwrap().ends_with(&end)).unwrap();
        let mut bytes = Vec::new();
        std::io::copy(&mut zip.by_index(index).unwrap(), &mut bytes).unwrap();
        std::fs::write(copy.path().join(format!("x.db{suffix}")), &bytes).unwrap();
        bytes
    };
    let (main, wal) = (read(""), read("-wal"));
    let db = Database::open(Files { main, wal: Some(wal), journal: None }, None).unwrap();
    eprintln!("{} frames, {:?}", db.wal_frames(), db.flaws());
    assert_eq!(db.count(db.table("ZWAMESSAGE").unwrap()), 32);
    assert!(assert_same(&db, &oracle(&copy.path().join("x.db"))) > 100);
}

#[test]
fn an_android_store_given_as_statements_reads_the_same() {
    let Some(folder) = real() else { return };
    for name in ["msgstore.sql", "wa.sql"] {
        let copy = tempfile::tempdir().unwrap();
        let path = copy.path().join("x.db");
        let conn = oracle(&path);
        conn.execute_batch(&std::fs::read_to_string(folder.join("whatsapp-android-2023").join(name)).unwrap()).unwrap();
        assert!(assert_same(&Database::from_bytes(std::fs::read(&path).unwrap()).unwrap(), &conn) > 0);
    }
}

#[test]
fn a_store_whose_passphrase_is_64_digits_opens() {
    let Some(folder) = real() else { return };
    let folder = folder.join("signal-synthetic");
    let main = std::fs::read(folder.join("signal-android.db")).unwrap();
    // The digits are the passphrase, not a key: see `expected.json`.
    let digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let cipher = Cipher::identify(&main, digits.as_bytes(), Profile::ALL);
    let db = Database::open(Files { main, wal: None, journal: None }, Some(&cipher.expect("a key"))).unwrap();
    assert_eq!((db.cipher(), db.flaws().len()), (Some(Profile::SQLCIPHER_3_ONE_ROUND.name), 0));
    assert!(db.tables().all(|t| db.scan(t).all(|r| r.is_ok())));
}
