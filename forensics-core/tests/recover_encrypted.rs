//! Encrypted stores give what their plain twins give: main file, log of several generations, page by page.

mod recover_lab;

use forensics_core::recover::Recovered;
use forensics_core::store::sqlite::{Cipher, Database, Files, Profile};
use recover_lab::{Lab, search};
use samples::sqlite::cipher::PageCipher;

const PASSPHRASE: &str = "correct horse";
const SALT: [u8; 16] = *b"0123456789abcdef";
const PAGE: usize = 1024;

/// An empty database whose pages keep `reserve` bytes free: SQLite takes the reserve over from an existing file.
fn reserved(reserve: u8) -> Vec<u8> {
    let mut page = vec![0u8; PAGE];
    page[..16].copy_from_slice(b"SQLite format 3\0");
    page[16..18].copy_from_slice(&(PAGE as u16).to_be_bytes());
    page[18..24].copy_from_slice(&[1, 1, reserve, 64, 32, 32]);
    for (at, word) in [(24, 1u32), (28, 1), (44, 4), (56, 1), (92, 1), (96, 3_050_000)] {
        page[at..at + 4].copy_from_slice(&word.to_be_bytes());
    }
    page[100] = 0x0d;
    page[105..107].copy_from_slice(&((PAGE - usize::from(reserve)) as u16).to_be_bytes());
    page
}

fn story(reserve: u8) -> Lab {
    let mut lab = Lab::on(reserved(reserve), "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0");
    lab.run("CREATE TABLE message(_id INTEGER PRIMARY KEY, chat INTEGER, text TEXT, at INTEGER)");
    for i in 0..200i64 {
        let words = lab.chance.words(9);
        lab.conn.execute("INSERT INTO message VALUES (?, ?, ?, ?)", (i + 1, i % 7, words, 1_700_000_000 + i)).unwrap();
    }
    lab.log();
    lab.run("DELETE FROM message WHERE _id % 9 = 2");
    for round in 0..4 {
        lab.run("PRAGMA wal_checkpoint(RESTART)");
        lab.run(&format!("UPDATE message SET text = 'edited {round} ' || _id WHERE _id % 40 = {round}"));
        lab.run(&format!("DELETE FROM message WHERE _id % 33 = {round}"));
    }
    lab
}

/// Encrypts each frame's page and sums anew, as SQLCipher's checksums are over what is written.
fn encrypt_log(wal: &[u8], cipher: &PageCipher) -> Vec<u8> {
    let mut out = wal[..32].to_vec();
    let mut state = (word(wal, 24), word(wal, 28));
    let mut salts = wal[16..24].to_vec();
    for frame in wal[32..].chunks_exact(24 + PAGE) {
        let page = cipher.page(word(frame, 0), &frame[24..]);
        let mut head = frame[..24].to_vec();
        if head[8..16] != salts[..] {
            // The first frame of an earlier generation: what its sum went on from is gone.
            state = (word(frame, 16), word(frame, 20));
            salts = head[8..16].to_vec();
        } else {
            let big_endian = word(wal, 0) & 1 == 1;
            state = sum(sum(state, &head[..8], big_endian), &page, big_endian);
        }
        head[16..20].copy_from_slice(&state.0.to_be_bytes());
        head[20..24].copy_from_slice(&state.1.to_be_bytes());
        out.extend(head);
        out.extend(page);
    }
    out
}

fn word(b: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(b[at..at + 4].try_into().unwrap())
}

fn sum((mut a, mut b): (u32, u32), bytes: &[u8], big_endian: bool) -> (u32, u32) {
    for pair in bytes.chunks_exact(8) {
        let read = |at: usize| if big_endian { word(pair, at) } else { word(pair, at).swap_bytes() };
        a = a.wrapping_add(read(0)).wrapping_add(b);
        b = b.wrapping_add(read(4)).wrapping_add(a);
    }
    (a, b)
}

fn told(rows: &[Recovered]) -> Vec<String> {
    let one = |r: &Recovered| format!("{:?} {:?} {:?} {:?} {:?}", r.table, r.rowid, r.values, r.state, r.places);
    rows.iter().map(one).collect()
}

#[test]
fn encrypted_stores_give_what_their_plain_twins_give() {
    let ciphers = [
        (16u8, PageCipher::version_1(PASSPHRASE, SALT), Profile::SQLCIPHER_1),
        (48, PageCipher::version_3(PASSPHRASE, SALT), Profile::SQLCIPHER_3),
    ];
    for (reserve, coat, profile) in ciphers {
        let lab = story(reserve);
        let plain = lab.files();
        let score = lab.score().assert(&format!("twin of {}", profile.name), 0.98, 0.99);
        assert!(score.survey.as_ref().is_some_and(|s| s.generations > 0 && s.frames[0] > 0));
        let main = coat.encrypt(&plain.main);
        let wal = plain.wal.as_ref().map(|wal| encrypt_log(wal, &coat));
        let cipher = Cipher::identify(&main, PASSPHRASE.as_bytes(), &[profile]).unwrap();
        let db = Database::open(Files { main, wal, journal: None }, Some(&cipher)).unwrap();
        let (found, survey) = search(&db);
        assert_eq!(told(&found), told(&score.rows), "{}", profile.name);
        assert_eq!(survey.unreadable_images, 0);
    }
}

#[test]
fn a_frame_that_does_not_decrypt_is_counted_and_not_carved() {
    let coat = PageCipher::version_3(PASSPHRASE, SALT);
    let lab = story(48);
    let plain = lab.files();
    let main = coat.encrypt(&plain.main);
    let mut wal = encrypt_log(plain.wal.as_ref().unwrap(), &coat);
    let wal_length = wal.len();
    let last = wal_length - PAGE + 10;
    wal[last] ^= 1;
    let cipher = Cipher::identify(&main, PASSPHRASE.as_bytes(), &[Profile::SQLCIPHER_3]).unwrap();
    let db = Database::open(Files { main, wal: Some(wal), journal: None }, Some(&cipher)).unwrap();
    let (_, survey) = search(&db);
    let frames = (wal_length - 32) / (24 + PAGE);
    assert_eq!(survey.unreadable.iter().map(|u| u.1).collect::<Vec<_>>(), [Some(frames as u32)]);
}
