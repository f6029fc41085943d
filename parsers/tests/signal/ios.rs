//! `signal.sqlite`, plain and encrypted behind a clear header.

use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
use forensics_core::keys::{KeyKind, KeyRing};
use forensics_core::vfs::Realm;
use hmac::{Hmac, Mac as _};
use sha2::Sha512;

use crate::phone::{Found, Phone, database, key, read};

fn group() -> Realm {
    Realm::IosGroup { group: "group.org.whispersystems.signal.group".into() }
}

fn of(sql: &str) -> Found {
    let bytes = database(&format!("{SCHEMA}{sql}"));
    read(&Phone::default().with(group(), "grdb/signal.sqlite", bytes), &KeyRing::default())
}

const SCHEMA: &str = r#"
CREATE TABLE "model_TSThread"("id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,"recordType" INTEGER NOT NULL,"uniqueId" TEXT NOT NULL,"contactPhoneNumber" TEXT,"contactUUID" TEXT,"groupModel" BLOB);
INSERT INTO model_TSThread VALUES (1,27,'T1','+15550000002','BBBBBBBB-0000-4000-8000-000000000002',NULL),(2,80,'T2',NULL,NULL,NULL);
CREATE TABLE "model_TSInteraction"("id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,"recordType" INTEGER NOT NULL,"uniqueId" TEXT NOT NULL,"receivedAtTimestamp" INTEGER NOT NULL,"timestamp" INTEGER NOT NULL,"uniqueThreadId" TEXT NOT NULL,"authorUUID" TEXT,"body" TEXT,"quotedMessage" BLOB,"recipientAddressStates" BLOB,"serverTimestamp" INTEGER,"storedMessageState" INTEGER,"serverDeliveryTimestamp" INTEGER,"wasRemotelyDeleted" BOOLEAN,"isFromLinkedDevice" INTEGER,"serverGuid" TEXT);
CREATE TABLE "EditRecord"("id" INTEGER PRIMARY KEY AUTOINCREMENT,"latestRevisionId" INTEGER NOT NULL,"pastRevisionId" INTEGER NOT NULL);
CREATE TABLE "model_OWSReaction"("id" INTEGER PRIMARY KEY,"uniqueId" TEXT,"emoji" TEXT,"reactorUUID" TEXT,"sentAtTimestamp" INTEGER,"uniqueMessageId" TEXT);
CREATE TABLE "MessageSendLog_Payload"("payloadId" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,"plaintextContent" BLOB NOT NULL,"sentTimestamp" INTEGER NOT NULL,"uniqueThreadId" TEXT NOT NULL,"sendComplete" BOOLEAN NOT NULL DEFAULT 0);
CREATE TABLE "MessageSendLog_Message"("payloadId" INTEGER NOT NULL,"uniqueId" TEXT NOT NULL,PRIMARY KEY("payloadId","uniqueId"));
CREATE TABLE "model_OWSMessageContentJob"("id" INTEGER PRIMARY KEY,"envelopeData" BLOB,"plaintextData" BLOB,"serverDeliveryTimestamp" INTEGER);
CREATE TABLE indexable_text(id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, collection TEXT NOT NULL, uniqueId TEXT NOT NULL, ftsIndexableContent TEXT NOT NULL);
CREATE TABLE "DeletedCallRecord"("id" INTEGER PRIMARY KEY NOT NULL,"callId" TEXT NOT NULL,"threadRowId" INTEGER,"deletedAtTimestamp" INTEGER NOT NULL);
"#;

const T: i64 = 1_710_000_000_000;

fn incoming(id: i64, guid: &str, server: i64, delivery: i64) -> String {
    let at = T + id * 1000;
    let guid = if guid.is_empty() { "NULL".to_owned() } else { format!("'{guid}'") };
    format!(
        "INSERT INTO model_TSInteraction(id,recordType,uniqueId,receivedAtTimestamp,timestamp,uniqueThreadId,authorUUID,body,serverTimestamp,serverDeliveryTimestamp,serverGuid) \
         VALUES ({id},19,'M{id}',{},{at},'T1','bbbbbbbb-0000-4000-8000-000000000002','in {id}',{server},{delivery},{guid});",
        at + 900
    )
}

fn outgoing(id: i64, state: i64) -> String {
    let at = T + id * 1000;
    format!(
        "INSERT INTO model_TSInteraction(id,recordType,uniqueId,receivedAtTimestamp,timestamp,uniqueThreadId,body,storedMessageState) \
         VALUES ({id},21,'M{id}',{at},{at},'T1','out {id}',{state});"
    )
}

#[test]
fn incoming_messages_are_confirmed_by_what_the_server_made() {
    let found = of(&[
        incoming(1, "", 0, 0),
        incoming(2, "g2", T + 2500, T + 2600),
        incoming(3, "", T + 3500, 0),
        incoming(4, "", 0, 0),
        incoming(5, "g5", T + 5500, T + 5400),
        incoming(6, "g6", T + 9_999_999_999, T + 9_999_999_999),
    ]
    .concat());
    let verdicts: Vec<_> = (1..=6).map(|id| found.verdict("model_TSInteraction", id).0).collect();
    assert_eq!(verdicts, ["unknown", "confirmed", "confirmed", "unmarked", "contradictory", "contradictory"]);
}

#[test]
fn outgoing_messages_go_by_their_state() {
    let found =
        of(&[outgoing(1, 0), outgoing(2, 1), outgoing(3, 4), outgoing(4, 5), outgoing(5, 2), outgoing(6, 99)].concat());
    let verdicts: Vec<_> = (1..=6).map(|id| found.verdict("model_TSInteraction", id).0).collect();
    assert_eq!(verdicts, ["pending", "failed", "confirmed", "pending", "unknown", "unknown"]);
    assert!(found.message("model_TSInteraction", 4).notes.iter().any(|n| n == "server-asks-for-proof"));
    assert!(found.message("model_TSInteraction", 5).notes.iter().any(|n| n == "inferred-confirmed"));
}

#[test]
fn notices_and_calls_are_made_on_the_phone() {
    let found =
        of("INSERT INTO model_TSInteraction(id,recordType,uniqueId,receivedAtTimestamp,timestamp,uniqueThreadId) \
                    VALUES (1,20,'A',5,5,'T1'),(2,10,'B',5,5,'T1'),(3,9,'C',5,5,'T1'),(4,999,'D',5,5,'T1');");
    let verdicts: Vec<_> = (1..=4).map(|id| found.verdict("model_TSInteraction", id).0).collect();
    assert_eq!(verdicts, ["local-only", "local-only", "unknown", "unknown"]);
}

#[test]
fn a_note_of_the_release_channel_proves_no_server() {
    let found = of(&incoming(1, "made-here", 5, 6).replace("'T1'", "'T2'"));
    assert_eq!(found.verdict("model_TSInteraction", 1).0, "unknown");
}

#[test]
fn what_names_a_missing_message_makes_absences() {
    let found = of(&(incoming(1, "g1", T + 1500, T + 1600)
        + &outgoing(2, 4)
        + "INSERT INTO model_OWSReaction VALUES (1,'R1','👍','bbbbbbbb-0000-4000-8000-000000000002',5,'M1'),(2,'R2','👎',NULL,5,'GONE');
           INSERT INTO indexable_text VALUES (1,'TSInteraction','GONE','what it said'),(2,'TSInteraction','M1','in 1'),(3,'SignalRecipient','X','Bea');
           INSERT INTO MessageSendLog_Payload VALUES (1,x'0a040a026869',5,'T1',1),(2,x'0a0482010100',5,'T1',1);
           INSERT INTO MessageSendLog_Message VALUES (1,'SENT-AND-GONE'),(2,'REACTION');
           INSERT INTO model_OWSMessageContentJob VALUES (1,x'28054a0167500a',NULL,9),(2,x'28054a0267315009',NULL,9);
           INSERT INTO EditRecord VALUES (1,1,40);
           INSERT INTO DeletedCallRecord VALUES (1,'77',1,1710000000);"));
    let mut summary: Vec<_> = found.absences.iter().map(|a| (&*a.kind, a.id.as_deref().unwrap_or_default())).collect();
    summary.sort_unstable();
    let expected = [
        ("dangling", "40"),
        ("dangling", "GONE"),
        ("dangling", "SENT-AND-GONE"),
        ("tombstoned", "call:77"),
        // The envelope whose id stands on message 1 is written already.
        ("undelivered", "g"),
    ];
    assert_eq!(summary, expected);
    let text = |id: &str| found.absences.iter().find(|a| a.id.as_deref() == Some(id)).map(|a| a.text.clone());
    assert_eq!(text("GONE"), Some(serde_json::json!("what it said")));
    assert_eq!(text("SENT-AND-GONE"), Some(serde_json::json!("hi")));
}

#[test]
fn older_versions_are_tied_by_edit_records() {
    let found = of(&(incoming(1, "g1", T + 1500, 0)
        + &incoming(2, "g2", T + 2500, 0)
        + "INSERT INTO EditRecord VALUES (1,2,1);"));
    assert_eq!(found.message("model_TSInteraction", 1).state, "superseded");
    assert!(found.message("model_TSInteraction", 2).notes.iter().any(|n| n == "edited"));
}

#[test]
fn a_broken_archive_is_an_issue_and_the_record_stays() {
    let found =
        of(&(outgoing(1, 4) + "UPDATE model_TSInteraction SET recipientAddressStates=x'0102', quotedMessage=x'ff';"));
    assert_eq!(found.verdict("model_TSInteraction", 1).0, "confirmed");
    assert_eq!(found.issues.iter().filter(|i| i.code == "signal-archive-undecoded").count(), 2);
}

/// SQLCipher 4 with 32 bytes in clear, written from its description: CBC, HMAC-SHA512 over ciphertext, IV and page number.
fn encrypt(plain: &[u8], key: &[u8; 32], salt: &[u8; 16]) -> Vec<u8> {
    let mac = |key: &[u8], parts: &[&[u8]]| {
        let mut mac = Hmac::<Sha512>::new_from_slice(key).unwrap();
        parts.iter().for_each(|p| mac.update(p));
        mac.finalize().into_bytes()
    };
    let masked = salt.map(|b| b ^ 0x3a);
    let first = mac(key, &[&masked, &1u32.to_be_bytes()]);
    let second = mac(key, &[&first]);
    let mac_key: Vec<u8> = first.iter().zip(&second).map(|(a, b)| a ^ b).take(32).collect();
    let aes = aes::Aes256Enc::new_from_slice(key).unwrap();
    let mut out = Vec::new();
    for (number, page) in (1u32..).zip(plain.chunks(4096)) {
        let start = if number == 1 { 32 } else { 0 };
        let iv = [number as u8; 16];
        let mut chain = iv;
        let mut body = Vec::new();
        for block in page[start..4096 - 80].chunks(16) {
            let mixed: Vec<u8> = block.iter().zip(chain).map(|(a, b)| a ^ b).collect();
            let mut block = <[u8; 16]>::try_from(mixed).unwrap().into();
            aes.encrypt_block(&mut block);
            chain = block.into();
            body.extend(chain);
        }
        body.extend(iv);
        let tag = mac(&mac_key, &[&body, &number.to_le_bytes()]);
        out.extend(&page[..start]);
        out.extend(body);
        out.extend(tag);
    }
    out
}

/// A database whose pages keep 80 bytes free: SQLite takes that over from a page written by hand.
fn reserved(sql: &str) -> Vec<u8> {
    let mut page = vec![0; 4096];
    page[..16].copy_from_slice(b"SQLite format 3\0");
    page[16..24].copy_from_slice(&[0x10, 0, 1, 1, 80, 64, 32, 32]);
    page[27] = 1;
    page[31] = 1;
    (page[47], page[59], page[95]) = (4, 1, 1);
    page[100] = 0x0d;
    page[105..107].copy_from_slice(&4016u16.to_be_bytes());
    let mut connection = rusqlite::Connection::open_in_memory().expect("memory");
    connection.deserialize_read_exact("main", page.as_slice(), page.len(), false).expect("a page");
    connection.execute_batch(sql).expect("good SQL");
    connection.serialize("main").expect("bytes").to_vec()
}

#[test]
fn a_store_encrypted_behind_a_clear_header_opens_with_key_and_salt() {
    let plain = reserved(&format!("{SCHEMA}{}", incoming(1, "g1", T + 1500, T + 1600)));
    let (secret, salt) = ([0x40; 32], [0x60; 16]);
    let sealed = encrypt(&plain, &secret, &salt);
    assert!(sealed.starts_with(b"SQLite format 3\0"));
    let phone = || Phone::default().with(group(), "grdb/signal.sqlite", sealed.clone());
    let digits = format!("x'{}{}'", "40".repeat(32), "60".repeat(16));
    for given in [[&secret[..], &salt[..]].concat(), digits.into_bytes()] {
        let found = read(&phone(), &key(KeyKind::SQLCIPHER, &given));
        assert_eq!(
            found.shard.stores()[0].encrypted.as_deref(),
            Some("sqlcipher-4 with plaintext header"),
            "{:?}",
            found.issues
        );
        assert_eq!(found.verdict("model_TSInteraction", 1), ("confirmed", Some("accepted")));
    }
    for ring in [KeyRing::default(), key(KeyKind::SQLCIPHER, &[1; 48])] {
        let found = read(&phone(), &ring);
        assert_eq!(found.shard.stores()[0].status, "needs-key");
        assert_eq!(found.issues[0].code, "store-needs-key");
    }
}
