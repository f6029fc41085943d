//! Databases that SQLCipher itself encrypted (see `data/sqlcipher/README.md`).

use std::sync::Arc;

use forensics_core::store::sqlite::{Cipher, Database, Files, Profile, SqliteError};
use forensics_core::vfs::ReadAt;

const PASSPHRASE: &[u8] = b"correct horse";
const RAW: &str = "2dd29ca851e7b56e4697b0e1f08507293d761a05ce4d1b628663f411a8086d99";
const SALT: &str = "000102030405060708090a0b0c0d0e0f";

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/sqlcipher/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

fn open(name: &str, key: &[u8], profiles: &[Profile]) -> Database {
    let main = file(name);
    let cipher = Cipher::identify(&main, key, profiles).unwrap_or_else(|| panic!("{name} does not open"));
    Database::open(Files { main, wal: None, journal: None }, Some(&cipher)).unwrap()
}

/// The rows 1 to `last` are what the README says; `edited` has other text.
fn assert_rows(db: &Database, last: i64, edited: Option<i64>) {
    let table = db.table("message").unwrap();
    let (text, server, blob) = (table.column("text_data"), table.column("server_id"), table.column("blob"));
    let mut expected = 1..=last;
    for row in db.scan(table) {
        let row = row.unwrap();
        let i = expected.next().unwrap();
        assert_eq!(row.rowid(), Some(i));
        let says = if edited == Some(i) { "edited".to_owned() } else { format!("message {i} é中") };
        assert_eq!(row.text(text).unwrap(), says);
        assert_eq!(row.int(server), Some(i * 1_000_003));
        assert_eq!(row.bytes(blob).unwrap(), vec![(i % 256) as u8; (i % 40) as usize]);
    }
    assert_eq!(expected.next(), None);
}

#[test]
fn each_version_of_sqlcipher_is_recognised_by_its_passphrase_and_read() {
    let cases = [
        ("v1.db", "sqlcipher-1", 40),
        ("v2.db", "sqlcipher-2", 40),
        ("v3.db", "sqlcipher-3", 40),
        ("v4.db", "sqlcipher-4", 20),
        ("wcdb.db", "sqlcipher-3 with pages of 4096 bytes", 20),
    ];
    for (name, profile, rows) in cases {
        let db = open(name, PASSPHRASE, Profile::ALL);
        assert_eq!(db.cipher(), Some(profile), "{name}");
        assert_eq!(db.flaws(), [], "{name}");
        assert_rows(&db, rows, None);
    }
}

#[test]
fn a_raw_key_opens_as_bytes_and_as_digits() {
    let digits = [RAW.as_bytes().to_vec(), format!("x'{RAW}'").into_bytes(), unhex(RAW)];
    for key in digits {
        let db = open("raw.db", &key, Profile::ALL);
        assert_eq!(db.cipher(), Some("sqlcipher-4"));
        assert_rows(&db, 20, None);
    }
}

#[test]
fn a_plaintext_header_needs_the_salt_beside_the_key() {
    let both = format!("{RAW}{SALT}");
    for key in [format!("x'{both}'").into_bytes(), unhex(&both)] {
        let db = open("plaintext-header.db", &key, Profile::ALL);
        assert_eq!(db.cipher(), Some("sqlcipher-4 with plaintext header"));
        assert_rows(&db, 20, None);
    }
    assert!(Cipher::identify(&file("plaintext-header.db"), &unhex(RAW), Profile::ALL).is_none());
}

#[test]
fn frames_of_an_encrypted_log_are_checked_encrypted_and_read_decrypted() {
    for (name, profile) in [("v4-wal.db", Profile::SQLCIPHER_4), ("v1-wal.db", Profile::SQLCIPHER_1)] {
        let (main, wal) = (file(name), file(&format!("{name}-wal")));
        let cipher = Cipher::identify(&main, PASSPHRASE, &[profile]).unwrap();
        let plain = Database::open(Files { main: main.clone(), wal: None, journal: None }, Some(&cipher)).unwrap();
        assert_rows(&plain, 20, None);
        let db = Database::open(Files { main, wal: Some(wal), journal: None }, Some(&cipher)).unwrap();
        assert_eq!(db.flaws(), []);
        assert!(db.wal_frames() > 0);
        assert_rows(&db, 40, Some(2));
        let row = db.get(db.table("message").unwrap(), 2).unwrap().unwrap();
        assert!(row.origin().wal_frame.is_some());
    }
}

#[test]
fn a_database_whose_pages_all_are_in_the_log_opens() {
    // As left by a crash before the first checkpoint: nothing was written to the database file yet.
    let cipher = Cipher::identify(&file("v4-wal.db"), PASSPHRASE, &[Profile::SQLCIPHER_4]).unwrap();
    let files = Files { main: Vec::new(), wal: Some(file("v4-wal.db-wal")), journal: None };
    // This log does not hold page 1, so there is nothing to know the database by.
    assert!(files.first_page().is_none());
    assert!(Database::open(files, Some(&cipher)).is_err());
}

#[test]
fn a_wrong_passphrase_is_refused_and_not_guessed_around() {
    for name in ["v1.db", "v2.db", "v3.db", "plaintext-header.db"] {
        let cheap = [Profile::SQLCIPHER_1, Profile::SQLCIPHER_2, Profile::SQLCIPHER_3];
        assert!(Cipher::identify(&file(name), b"wrong", &cheap).is_none(), "{name}");
    }
    let other = Cipher::identify(&file("v2.db"), PASSPHRASE, &[Profile::SQLCIPHER_2]).unwrap();
    let error = Database::open(Files { main: file("v3.db"), wal: None, journal: None }, Some(&other)).err().unwrap();
    assert!(matches!(error, SqliteError::WrongKey { profile: "sqlcipher-2", .. }), "{error}");
}

#[test]
fn one_changed_byte_costs_one_page_and_is_named() {
    let mut main = file("v3.db");
    let pages = main.len() / 1024;
    let cipher = Cipher::identify(&main, PASSPHRASE, &[Profile::SQLCIPHER_3]).unwrap();
    main[(pages - 1) * 1024 + 300] ^= 1;
    let db = Database::open(Files { main, wal: None, journal: None }, Some(&cipher)).unwrap();
    assert_eq!(db.flaws().len(), 1);
    assert_eq!((db.flaws()[0].code, db.flaws()[0].page), ("page-hmac", Some(pages as u32)));
    let table = db.table("message").unwrap();
    let (good, bad): (Vec<_>, Vec<_>) = db.scan(table).partition(Result::is_ok);
    assert!(!good.is_empty() && good.len() < 40, "{}", good.len());
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0].as_ref().err().unwrap().code(), "page-unreadable");
}

#[test]
fn an_encrypted_database_without_key_is_no_database() {
    assert!(matches!(Database::from_bytes(file("v4.db")), Err(SqliteError::NotADatabase { .. })));
}

struct Bytes(Vec<u8>);

impl ReadAt for Bytes {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        let rest = self.0.get(offset as usize..).unwrap_or_default();
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

#[test]
fn pages_read_from_a_file_are_decrypted_when_read() {
    let main = file("v4-wal.db");
    let cipher = Cipher::identify(&main, PASSPHRASE, &[Profile::SQLCIPHER_4]).unwrap();
    let wal = Some(file("v4-wal.db-wal"));
    let db = Database::open_at(Arc::new(Bytes(main)), wal, None, Some(&cipher), 0).unwrap();
    assert_rows(&db, 40, Some(2));
    let other = Arc::new(Bytes(file("v4.db")));
    let error = Database::open_at(other, None, None, Some(&cipher), 0).err().unwrap();
    assert!(matches!(error, SqliteError::WrongKey { profile: "sqlcipher-4", .. }), "{error}");
}
