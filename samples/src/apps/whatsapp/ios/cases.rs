//! The iPhone's story.

use super::super::cast::{BOB, CHANNEL, CHEN, DORA, EMIL, GROUP, LAYLA, LIST, OWNER, STATUS};
use super::blobs::{Reaction, incoming_info};
use super::chat_storage::{COCOA, ChatStorage, Line, bytes};
use crate::sqlite::row;
use crate::story::{Bounds, Truth, absence, fate, note};

/// The finished store.
pub(super) fn store(seed: u64) -> (Vec<u8>, Truth) {
    let mut store = ChatStorage::new(seed);
    acknowledged(&mut store);
    not_acknowledged(&mut store);
    received(&mut store);
    group(&mut store);
    media(&mut store);
    posts(&mut store);
    counters(&mut store);
    missing(&mut store);
    let (book, truth) = store.finish();
    (bytes(book), truth)
}

fn acknowledged(store: &mut ChatStorage) {
    store.say(&Line::to(BOB, "one tick"), fate::ACCEPTED, &[]);
    store.say(&Line::to(BOB, "two ticks").status(6), fate::DELIVERED, &[]);
    store.say(&Line::to(BOB, "two ticks, with the blob").status(6).peer(BOB, Some(2), None), fate::DELIVERED, &[]);
    store.say(&Line::to(BOB, "blue ticks 你好 😀").status(8).peer(BOB, Some(0), Some(25)), fate::READ, &[]);
    // The blob knows more than the state.
    store.say(&Line::to(BOB, "read, says the blob").status(1).peer(BOB, Some(1), Some(7)), fate::READ, &[]);
    store.say(&Line::to(BOB, "delivered, says the blob").status(1).peer(BOB, Some(3), None), fate::DELIVERED, &[]);
    store.say(&Line::to(BOB, "").no_text().kind(14).status(8), fate::READ, &[note::REVOKED]);
}

fn not_acknowledged(store: &mut ChatStorage) {
    store.say(&Line::to(BOB, "unsent").status(9), fate::PENDING, &[]);
    store.say(&Line::to(BOB, "unsent, yet read").status(9).peer(BOB, Some(1), Some(2)), fate::CONTRADICTORY, &[]);
    store.say(&Line::to(BOB, "failed").status(0).error(4), fate::FAILED, &[]);
    store.say(&Line::to(BOB, "failed, yet read").status(8).error(4), fate::CONTRADICTORY, &[]);
    store.say(
        &Line::to(BOB, "failed, yet received").status(0).error(4).peer(BOB, Some(4), None),
        fate::CONTRADICTORY,
        &[],
    );
    // 2, 3 and 5 stand in old converter code only; 0 on unsent rows is inferred: no verdict.
    store.say(&Line::to(BOB, "a state of unsure meaning").status(5), fate::UNKNOWN, &[]);
}

fn received(store: &mut ChatStorage) {
    let hello = store.say(&Line::from(BOB, "Hello Ada"), fate::IMPLIED, &[]);
    let reply = Line::to(BOB, "hello yourself").status(8).quoting(&hello.stanza, Some(BOB), "Hello Ada");
    store.say(&reply, fate::READ, &[]);
    store.say(&Line::from(LAYLA, "مرحبا، كيف حالك؟"), fate::IMPLIED, &[]);
    store.say(&Line::from(BOB, "a stamp with a fraction").fraction(0.375), fate::IMPLIED, &[note::FRACTIONAL_DATE]);
    store.say(&Line::from(BOB, "put in by hand").stanza(""), fate::UNMARKED, &[]);
    store.say(&Line::from(BOB, "").no_text().kind(12), fate::IMPLIED, &[note::NEVER_DECRYPTED]);
    store.say(&Line::from(BOB, "").no_text().kind(14), fate::IMPLIED, &[note::REVOKED]);
    let liked = store.say(&Line::from(BOB, "I passed the exam"), fate::IMPLIED, &[]);
    let key = store.make_stanza();
    let reaction = Reaction { key: &key, jid: BOB, emoji: "🎉", at: liked.at + 9 };
    let blob = incoming_info(liked.at + 1, Some(&reaction));
    store.book.run_with(&format!("UPDATE ZWAMESSAGEINFO SET ZRECEIPTINFO=? WHERE ZMESSAGE={}", liked.pk), blob);
    store.say(&Line::from(BOB, "").no_text().kind(10).event(2), fate::LOCAL, &[]);
    store.say(&Line::to(BOB, "").no_text().kind(28), fate::LOCAL, &[]);
    store.say(&Line::from(BOB, "").no_text().kind(59), fate::IMPLIED, &[]);
}

fn group(store: &mut ChatStorage) {
    for jid in [OWNER, BOB, CHEN, LAYLA] {
        store.member(GROUP, jid);
    }
    store.say(&Line::to(GROUP, "Harbour club 港口 ⚓").kind(6).event(12), fate::LOCAL, &[]);
    store.say(&Line::from(GROUP, "15550001003").kind(6).event(2), fate::LOCAL, &[]);
    let question = store.say(&Line::from(GROUP, "谁来？🚢").member(CHEN), fate::IMPLIED, &[]);
    let answer = Line::to(GROUP, "I do")
        .status(6)
        .quoting(&question.stanza, Some(CHEN), "谁来？🚢")
        .peer(BOB, Some(1), Some(30))
        .peer(CHEN, Some(2), None)
        .peer(LAYLA, None, None);
    store.say(&answer, fate::READ, &[]);
    store.say(&Line::from(GROUP, "").no_text().member(BOB).kind(14), fate::IMPLIED, &[note::REVOKED]);
    store.say(&Line::from(GROUP, "Which day?").member(LAYLA).kind(46), fate::IMPLIED, &[]);
}

fn media(store: &mut ChatStorage) {
    let cases = [
        (Line::from(BOB, "").no_text().kind(1), "jpg", "image/jpeg", fate::IMPLIED),
        (Line::to(BOB, "").no_text().kind(3).status(8), "opus", "audio/ogg; codecs=opus", fate::READ),
        (Line::to(BOB, "").no_text().kind(8).status(6), "pdf", "application/pdf", fate::DELIVERED),
    ];
    for (line, extension, mime, fate) in cases {
        let said = store.say(&line, fate, &[]);
        let path = format!("Media/{BOB}/3/a/{}.{extension}", crate::containers::layout::uuid(&said.stanza));
        let key = store.seed.bytes(76);
        let item = row!(store.book, "ZWAMEDIAITEM", Z_ENT: 8, Z_OPT: 1, ZCLOUDSTATUS: 4, ZFILESIZE: 4711,
            ZMEDIAORIGIN: 0, ZMOVIEDURATION: 7, ZMESSAGE: said.pk, ZMEDIALOCALPATH: path, ZVCARDSTRING: mime,
            ZTITLE: "the harbour", ZMEDIAKEY: key, ZMEDIAURL: "https://mmg.example.org/d/synthetic.enc");
        store
            .book
            .run(&format!("UPDATE ZWAMESSAGE SET ZMEDIAITEM={item}, ZMEDIASECTIONID='2024-03' WHERE Z_PK={}", said.pk));
    }
    let place = store.say(&Line::from(BOB, "").no_text().kind(5), fate::IMPLIED, &[]);
    let item = row!(store.book, "ZWAMEDIAITEM", Z_ENT: 8, Z_OPT: 1, ZCLOUDSTATUS: 0, ZFILESIZE: 0, ZMESSAGE: place.pk,
        ZLATITUDE: 53.5436, ZLONGITUDE: 9.9886, ZVCARDNAME: "Harbour");
    store.book.run(&format!("UPDATE ZWAMESSAGE SET ZMEDIAITEM={item} WHERE Z_PK={}", place.pk));
}

fn posts(store: &mut ChatStorage) {
    store.say(&Line::from(STATUS, "sunset 🌅").member(CHEN), fate::IMPLIED, &[]);
    store.say(&Line::to(STATUS, "my status").status(8), fate::READ, &[]);
    store.say(&Line::to(LIST, "to all of you").status(6).peer(BOB, Some(2), None), fate::DELIVERED, &[]);
    store.say(&Line::from(CHANNEL, "issue one 第一期"), fate::IMPLIED, &[]);
    store.say(&Line::from(CHANNEL, "").no_text().kind(55), fate::LOCAL, &[]);
}

/// `ZSORT` against `ZMESSAGECOUNTER`.
fn counters(store: &mut ChatStorage) {
    // Two deleted in the middle.
    store.say(&Line::from(DORA, "before the hole"), fate::IMPLIED, &[]);
    store.lose(DORA);
    store.lose(DORA);
    store.say(&Line::from(DORA, "after the hole"), fate::IMPLIED, &[]);
    let bounds = Bounds { after: Some(1), before: Some(4), at_most: Some(2) };
    store.witness.misses(absence::GAP, Some(DORA), None, None, bounds);
    // Three deleted at the end; the session still shows the date of the last one.
    store.say(&Line::from(EMIL, "the last that is left"), fate::IMPLIED, &[]);
    for _ in 0..3 {
        store.lose(EMIL);
    }
    store.session(EMIL).later_by = 180.0;
    let bounds = Bounds { after: Some(1), before: None, at_most: Some(3) };
    store.witness.misses(absence::BEYOND, Some(EMIL), None, None, bounds);
    // A row that the counter has not counted.
    store.say(&Line::from(CHEN, "最后一条"), fate::IMPLIED, &[]);
    store.say(&Line::from(CHEN, "插入的一条"), fate::IMPLIED, &[note::BEYOND_CURSOR]);
    store.session(CHEN).counter = Some(2);
}

fn missing(store: &mut ChatStorage) {
    // A quote of a message that is gone; its text survives in the reply.
    let gone = store.make_stanza();
    let reply = Line::to(BOB, "no, never").status(8).quoting(&gone, Some(BOB), "did you burn the letters?");
    store.say(&reply, fate::READ, &[]);
    store.witness.misses(
        absence::DANGLING,
        Some(BOB),
        Some(gone),
        Some("did you burn the letters?"),
        Bounds::default(),
    );

    let lost = store.lost_row();
    let blob = incoming_info(store.clock, None);
    row!(store.book, "ZWAMESSAGEINFO", Z_ENT: 11, Z_OPT: 1, ZMESSAGE: lost, ZRECEIPTINFO: blob);
    row!(store.book, "ZWAMEDIAITEM", Z_ENT: 8, Z_OPT: 1, ZCLOUDSTATUS: 4, ZMESSAGE: lost,
        ZMEDIALOCALPATH: "Media/15550001002@s.whatsapp.net/0/0/gone.jpg", ZVCARDSTRING: "image/jpeg");
    store.witness.misses(absence::DANGLING, None, Some(lost.to_string()), None, Bounds::default());

    let outgoing = store.make_stanza();
    row!(store.book, "ZWAPROFILEPICTUREITEM", Z_ENT: 12, Z_OPT: 1, ZREQUESTDATE: store.clock - COCOA,
        ZJID: format!("om_{BOB}_{outgoing}"));
    store.witness.misses(absence::DANGLING, Some(BOB), Some(outgoing), None, Bounds::default());

    let paid = store.make_stanza();
    row!(store.book, "ZWAZ1PAYMENTTRANSACTION", Z_ENT: 15, Z_OPT: 1, ZAMOUNT_1000: 25_000, ZSTATUS: 1, ZTYPE: 1,
        ZTIMESTAMP: store.clock - COCOA, ZCURRENCY: "EUR", ZMESSAGESTANZAID: &paid, ZRECEIVERJID: BOB,
        ZSENDERJID: OWNER);
    store.witness.misses(absence::DANGLING, None, Some(paid), None, Bounds::default());

    let condemned = store.make_stanza();
    store.scheduled.push(format!("{LAYLA}_{condemned}_0_1"));
    store.witness.misses(absence::TOMBSTONED, Some(LAYLA), Some(condemned), None, Bounds::default());

    // A session whose last message names no row.
    let last = store.lost_row();
    store.session(LAYLA).last_message = Some(last);
    store.witness.misses(absence::DANGLING, Some(LAYLA), Some(last.to_string()), None, Bounds::default());

    // The newest four rows of the store are gone; `Z_MAX` remembers them.
    let newest = store.say(&Line::from(BOB, "the newest that is left"), fate::IMPLIED, &[]);
    store.deleted_at_end = 4;
    let bounds = Bounds { after: Some(newest.pk), before: None, at_most: Some(4) };
    store.witness.misses(absence::BEYOND, None, None, None, bounds);
}
