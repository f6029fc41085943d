//! Backup files: the one made apart from this project, and some made here.

use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
use forensics_core::keys::{KeyKind, KeyRing};
use forensics_core::vfs::Realm;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256, Sha512};

use crate::phone::{Found, Phone, key, read, real};

const DIGITS: &[u8] = b"12345 67890 12345 67890 12345 67890";

fn open(bytes: Vec<u8>, passphrase: &[u8]) -> Found {
    let realm = Realm::AndroidShared { user: 0 };
    let phone = Phone::default().with(realm, "Signal/Backups/signal-2024-01-01-00-00-00.backup", bytes);
    let ring = if passphrase.is_empty() { KeyRing::default() } else { key(KeyKind::SIGNAL_BACKUP, passphrase) };
    read(&phone, &ring)
}

fn number(value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = value;
    while rest > 127 {
        out.push((rest & 127) as u8 | 128);
        rest >>= 7;
    }
    out.push(rest as u8);
    out
}

fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
    [number(field << 3 | 2), number(content.len() as u64), content.to_vec()].concat()
}

fn varint(field: u64, value: u64) -> Vec<u8> {
    [number(field << 3), number(value)].concat()
}

/// A frame that holds a statement with these parameters.
fn statement(sql: &str, parameters: &[Vec<u8>]) -> Vec<u8> {
    let parameters = parameters.iter().flat_map(|p| bytes(2, p));
    bytes(2, &[bytes(1, sql.as_bytes()), parameters.collect()].concat())
}

fn int(value: i64) -> Vec<u8> {
    varint(2, value as u64)
}

fn text(value: &str) -> Vec<u8> {
    bytes(1, value.as_bytes())
}

fn null() -> Vec<u8> {
    varint(5, 1)
}

/// The writer's side of the format, apart from the reader's.
struct Writer {
    out: Vec<u8>,
    cipher: [u8; 32],
    mac: [u8; 32],
    counter: u32,
    hides_lengths: bool,
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    parts.iter().for_each(|p| mac.update(p));
    mac.finalize().into_bytes().into()
}

impl Writer {
    fn new(hides_lengths: bool) -> Self {
        let salt = [7; 32];
        let digits: Vec<u8> = DIGITS.iter().copied().filter(u8::is_ascii_digit).collect();
        let mut hash = Sha512::new().chain_update(salt).chain_update(&digits).chain_update(&digits).finalize();
        for _ in 1..250_000 {
            hash = Sha512::new().chain_update(hash).chain_update(&digits).finalize();
        }
        let secret = hmac(&[0; 32], &[&hash[..32]]);
        let cipher = hmac(&secret, &[b"Backup Export", &[1]]);
        let mac = hmac(&secret, &[&cipher, b"Backup Export", &[2]]);
        let version = if hides_lengths { varint(3, 1) } else { Vec::new() };
        // The counter wraps after the second frame.
        let iv = [&0xffff_fffe_u32.to_be_bytes()[..], &[9; 12]].concat();
        let header = bytes(1, &[bytes(1, &iv), bytes(2, &salt), version].concat());
        let out = [&(header.len() as u32).to_be_bytes()[..], &header].concat();
        Writer { out, cipher, mac, counter: 0xffff_fffe, hides_lengths }
    }

    fn turn(&mut self, data: &[u8]) -> ([u8; 16], Vec<u8>) {
        let mut block = [9; 16];
        block[..4].copy_from_slice(&self.counter.to_be_bytes());
        self.counter = self.counter.wrapping_add(1);
        let aes = aes::Aes256Enc::new_from_slice(&self.cipher).unwrap();
        let start = u128::from_be_bytes(block);
        let pad = (0..data.len() as u128 / 16 + 1).flat_map(|i| {
            let mut pad = start.wrapping_add(i).to_be_bytes().into();
            aes.encrypt_block(&mut pad);
            <[u8; 16]>::from(pad)
        });
        (block, data.iter().zip(pad).map(|(d, p)| d ^ p).collect())
    }

    fn frame(mut self, frame: &[u8]) -> Self {
        let length = (frame.len() as u32 + 10).to_be_bytes();
        let mac = self.mac;
        if self.hides_lengths {
            let (_, sealed) = self.turn(&[&length[..], frame].concat());
            self.out.extend(&sealed);
            self.out.extend(&hmac(&mac, &[&sealed])[..10]);
        } else {
            let (_, sealed) = self.turn(frame);
            self.out.extend(length);
            self.out.extend(&sealed);
            self.out.extend(&hmac(&mac, &[&sealed])[..10]);
        }
        self
    }

    fn blob(mut self, content: &[u8]) -> Self {
        let (block, sealed) = self.turn(content);
        let mac = self.mac;
        self.out.extend(&sealed);
        self.out.extend(&hmac(&mac, &[&block, &sealed])[..10]);
        self
    }

    /// A small backup of three messages, with a file and without the last frame.
    fn filled(self) -> Self {
        let message = |id: i64, kind: i64, server: i64, guid: Vec<u8>| {
            let at = 1_700_000_000_000 + id * 1000;
            let values = [int(id), int(at), int(at + 9), int(server), int(1), int(2), int(kind), text("words"), guid];
            statement("INSERT INTO message VALUES (?,?,?,?,?,?,?,?,?)", &values)
        };
        self.frame(&bytes(5, &varint(1, 215)))
            .frame(&statement("CREATE TABLE message (_id INTEGER PRIMARY KEY AUTOINCREMENT, date_sent INTEGER, date_received INTEGER, date_server INTEGER DEFAULT -1, thread_id INTEGER, from_recipient_id INTEGER, type INTEGER, body TEXT, server_guid TEXT)", &[]))
            .frame(&statement("CREATE TABLE recipient (_id INTEGER PRIMARY KEY, aci TEXT)", &[]))
            .frame(&statement("CREATE TABLE drafts (_id INTEGER PRIMARY KEY, value TEXT)", &[]))
            .frame(&statement("CREATE TABLE attachment (_id INTEGER PRIMARY KEY, message_id INTEGER, content_type TEXT)", &[]))
            .frame(&statement("INSERT INTO recipient VALUES (?,?)", &[int(2), text("bbbbbbbb-0000-4000-8000-000000000002")]))
            .frame(&statement("INSERT INTO drafts VALUES (?,?)", &[int(1), text("unsaid")]))
            .frame(&message(1, 10_485_780, 1_700_000_001_005, text("guid-1")))
            .frame(&message(2, 10_485_783, -1, null()))
            .frame(&message(3, 10_485_780, 1_700_000_003_005, text("guid-3")))
            .frame(&statement("INSERT INTO attachment VALUES (?,?,?)", &[int(1), int(1), text("image/png")]))
            .frame(&bytes(4, &[varint(1, 1), varint(3, 20)].concat()))
            .blob(&[5; 20])
    }

    fn ended(self) -> Vec<u8> {
        let aci = bytes(9, &[bytes(1, b"account.aci"), bytes(7, b"aaaaaaaa-0000-4000-8000-000000000001")].concat());
        self.frame(&aci).frame(&varint(6, 1)).out
    }
}

fn codes(found: &Found) -> Vec<&str> {
    found.issues.iter().map(|i| i.code.as_str()).collect()
}

#[test]
fn a_backup_made_apart_from_this_project_is_read_with_its_truth() {
    let Some(bytes) = real("signal-synthetic/signal-v1.backup") else { return };
    let found = open(bytes, DIGITS);
    let store = &found.shard.stores()[0];
    assert_eq!((&*store.status, store.generation.as_deref()), ("read", Some("223 (message)")));
    assert!(found.issues.is_empty(), "{:?}", found.issues);
    // `expected.json` in today's words.
    let expected = [
        ("confirmed", Some("accepted")),
        ("confirmed", Some("delivered")),
        ("confirmed", Some("accepted")),
        ("pending", None),
        ("failed", None),
    ];
    let verdicts: Vec<_> = (1..=5).map(|id| found.verdict("message", id)).collect();
    assert_eq!(verdicts, expected);
    let first = found.message("message", 1);
    assert_eq!(first.account, "00000000-0000-4000-8000-000000000001");
    assert_eq!(first.origin.rowid, Some(1));
    assert!(first.origin.offset.is_some_and(|o| o > 0) && first.origin.length.is_some());
    assert!(found.absences.is_empty(), "{:?}", found.absences);
}

#[test]
fn both_framings_give_the_same_records() {
    for hides_lengths in [false, true] {
        let found = open(Writer::new(hides_lengths).filled().ended(), DIGITS);
        assert!(found.issues.is_empty(), "{:?}", found.issues);
        assert_eq!(found.verdict("message", 1), ("confirmed", Some("accepted")));
        assert_eq!(found.verdict("message", 2), ("confirmed", Some("accepted")));
        assert_eq!(&*found.message("message", 1).kind, "image");
        let store = &found.shard.stores()[0];
        let tallies = found.shard.tallies(store.id).expect("tallies");
        let of = |table: &str| {
            tallies.iter().find(|t| t.table == table).map(|t| (t.seen, t.emitted, t.folded, t.passed_over))
        };
        assert_eq!(of("message"), Some((3, 3, 0, 0)));
        assert_eq!(of("attachment"), Some((1, 0, 1, 0)));
        assert_eq!(of("drafts"), Some((1, 0, 0, 1)));
    }
}

#[test]
fn a_wrong_passphrase_leaves_a_store_that_needs_one() {
    let bytes = Writer::new(true).filled().ended();
    for passphrase in [&b""[..], b"00000 00000 00000 00000 00000 00000"] {
        let found = open(bytes.clone(), passphrase);
        assert_eq!(found.shard.stores()[0].status, "needs-key");
        assert_eq!(codes(&found), ["store-needs-key"]);
        assert!(found.shard.stores()[0].sha256.is_some());
    }
}

#[test]
fn a_backup_cut_short_gives_what_stands_before_the_cut() {
    let whole = Writer::new(true).filled();
    let cut = whole.out.len() - 5;
    let found = open(whole.out[..cut].to_vec(), DIGITS);
    assert_eq!(found.messages.len(), 3);
    assert_eq!(codes(&found), ["signal-backup-file-broken", "signal-backup-incomplete"]);
    assert!(found.issues[0].origin.as_ref().is_some_and(|o| o.offset.is_some()));
    assert!(found.issues.iter().all(|i| i.severity == "lost"));
}

#[test]
fn every_cut_gives_records_or_a_reason_and_never_a_panic() {
    let whole = Writer::new(false).filled().ended();
    for cut in [0, 3, 30, 59, 60, 90, whole.len() / 2, whole.len() - 1] {
        let found = open(whole[..cut].to_vec(), DIGITS);
        assert!(!found.issues.is_empty(), "cut at {cut}");
    }
}

#[test]
fn a_damaged_frame_costs_that_frame_only() {
    let before = Writer::new(true).filled().ended();
    let clean = open(before.clone(), DIGITS);
    let at = clean.message("message", 2).origin.offset.expect("a place") as usize;
    let mut damaged = before;
    damaged[at + 30] ^= 1;
    let found = open(damaged, DIGITS);
    assert_eq!(codes(&found), ["signal-backup-frame-broken"]);
    assert_eq!(found.issues[0].origin.as_ref().and_then(|o| o.offset), Some(at as u64));
    assert_eq!(found.messages.iter().filter_map(|m| m.origin.rowid).collect::<Vec<_>>(), [1, 3]);
    let kinds: Vec<_> = found.absences.iter().map(|a| (&*a.kind, a.at_most)).collect();
    assert_eq!(kinds, [("gap-in-sequence", Some(1))]);
}

#[test]
fn rows_of_a_table_that_nothing_defines_are_kept_in_quarantine() {
    let stray = Writer::new(false).filled().frame(&statement("INSERT INTO mention VALUES (?,?)", &[int(1), int(2)]));
    let found = open(stray.ended(), DIGITS);
    assert_eq!(codes(&found), ["row-quarantined"]);
    let short = Writer::new(false).filled().frame(&statement("INSERT INTO message VALUES (?)", &[int(9)]));
    let found = open(short.ended(), DIGITS);
    assert_eq!(codes(&found), ["row-quarantined"]);
    assert_eq!(found.messages.len(), 3);
}
