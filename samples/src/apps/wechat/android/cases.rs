//! The story outside rooms: every case that the rules tell apart.

use super::super::cast::{BOB, CHEN, LAYLA, PAPER};
use super::super::content;
use super::micromsg::{Line, MicroMsg};
use crate::crypto::md5_hex;
use crate::sqlite::row;
use crate::story::{Bounds, absence, fate, note};

pub(super) fn tell(store: &mut MicroMsg) {
    texts(store);
    not_sent(store);
    media(store);
    made_here(store);
    contradictions(store);
    recalls(store);
    replies(store);
    side_rows(store);
    other_tables(store);
}

/// Rows written after the last checkpoint.
pub(super) fn tell_newest(store: &mut MicroMsg) {
    store.say(&Line::from(BOB, "only in the log 日志"), fate::ACCEPTED, &[note::ONLY_IN_WAL]);
    store.say(&Line::to(BOB, "waiting, only in the log").no_id().status(1), fate::PENDING, &[note::ONLY_IN_WAL]);
}

fn texts(store: &mut MicroMsg) {
    store.say(&Line::to(BOB, "Hello Bob 你好 😀"), fate::ACCEPTED, &[]);
    store.say(&Line::from(BOB, "Hello Ada"), fate::ACCEPTED, &[]);
    store.say(&Line::from(BOB, "not read yet").status(3), fate::ACCEPTED, &[]);
    store.say(&Line::from(LAYLA, "مرحبا، كيف حالك؟"), fate::ACCEPTED, &[]);
    store.say(&Line::from(CHEN, "一切都好吗？"), fate::ACCEPTED, &[]);
    // An unknown status does not take away what the server id says.
    store.say(&Line::from(BOB, "a status that nobody explains").status(77), fate::ACCEPTED, &[]);
    store.say(&Line::to(BOB, "typed on the PC").status(3), fate::ACCEPTED, &[note::OTHER_DEVICE]);
    store.say(&Line::to(CHEN, "从电脑发的").status(4), fate::ACCEPTED, &[note::OTHER_DEVICE]);
}

fn not_sent(store: &mut MicroMsg) {
    store.say(&Line::to(BOB, "sending").no_id().status(1), fate::PENDING, &[]);
    let old = store.clock - 3 * 86_400_000;
    store.say(&Line::to(BOB, "sending since three days").no_id().status(1).at(old), fate::PENDING, &[]);
    store.say(&Line::to(BOB, "failed").no_id().status(5), fate::FAILED, &[]);
    store.say(&Line::to(BOB, "a state that nobody explains").no_id().status(77), fate::UNKNOWN, &[]);
    store.say(&Line::from(BOB, "put in by hand").no_id(), fate::UNMARKED, &[]);
    store.say(&Line::from(BOB, "<msg></msg>").no_id().kind(3), fate::UNMARKED, &[]);
}

fn media(store: &mut MicroMsg) {
    // A received thumbnail's name follows from the server id.
    let id = store.make_server_id();
    let thumb = format!("THUMBNAIL_DIRPATH://th_{}", md5_hex(&format!("SERVERID://{id}")));
    let picture = store.say(&Line::from(BOB, content::image()).kind(3).id(id).image(&thumb), fate::ACCEPTED, &[]);
    row!(store.book, "ImgInfo2", msgSvrId: id, offset: 90_210, totalLen: 90_210,
        bigImgPath: format!("SERVERID://{id}"), thumbImgPath: &thumb, createtime: picture.at / 1000,
        msglocalid: 0, status: 0, nettimes: 0, reserved1: 0, reserved2: 0, iscomplete: 1, msgTalker: BOB);

    let name = "4311220301247a1b2c3d4e5";
    let voice = store.say(&Line::from(BOB, content::voice(3240)).kind(34).image(name), fate::ACCEPTED, &[]);
    row!(store.book, "voiceinfo", FileName: name, User: BOB, MsgId: voice.server_id, TotalLen: 4711, Status: 99,
        CreateTime: voice.at / 1000, LastModifyTime: voice.at / 1000, VoiceLength: 3240,
        MsgLocalId: voice.id, Human: BOB, MsgTalker: BOB);

    let name = "120301081500a1b2c3";
    let video = store.say(&Line::from(BOB, content::video(12)).kind(43).image(name), fate::ACCEPTED, &[]);
    row!(store.book, "videoinfo2", filename: name, msgsvrid: video.server_id, totallen: 190_210, status: 199,
        createtime: video.at / 1000, videolength: 12, msglocalid: video.id, user: BOB);

    let file = store.say(&Line::from(BOB, content::file("plan 计划.pdf", 90_210)).kind(49), fate::ACCEPTED, &[]);
    row!(store.book, "appattach", mediaSvrId: "@cdn_synthetic", type: 6, totalLen: 90_210, offset: 90_210,
        status: 199, isUpload: 0, createTime: file.at, fileFullPath: "attachment/plan.pdf", msgInfoId: file.id,
        msgInfoTalker: BOB);
    row!(store.book, "AppMessage", msgId: file.id, xml: "", title: "plan 计划.pdf", type: 6,
        msgSvrId: file.server_id, msgTalker: BOB);

    store.say(
        &Line::from(BOB, content::sticker()).kind(47).image("0123456789abcdef0123456789abcdef"),
        fate::ACCEPTED,
        &[],
    );
    store.say(&Line::from(BOB, content::place()).kind(48), fate::ACCEPTED, &[]);
    store.say(&Line::from(PAPER, content::app_message("Tide tables 潮汐表", 5, "")).kind(49), fate::ACCEPTED, &[]);
    // Uploaded, yet never acknowledged as a message.
    store.say(&Line::to(BOB, content::file("half.pdf", 10)).kind(49).no_id().status(5), fate::FAILED, &[]);
}

/// Lines that the phone wrote itself.
fn made_here(store: &mut MicroMsg) {
    store.say(&Line::from(BOB, "You have added Bob as a friend").kind(10_000).no_id(), fate::LOCAL, &[]);
    store.say(&Line::from(BOB, "<sysmsg type=\"tips\"/>").kind(10_002).no_id(), fate::LOCAL, &[]);
    store.say(&Line::to(BOB, "group call").kind(64).sent_as(2).status(6).no_id(), fate::LOCAL, &[]);
    store.say(&Line::to(BOB, "voip_content_voice").kind(50).status(6).no_id(), fate::LOCAL, &[]);
    store.say(&Line::from("weixin", "Welcome back to WeChat!").no_id(), fate::LOCAL, &[]);
    store.say(&Line::to("medianote", "a note to myself").no_id(), fate::LOCAL, &[]);
}

fn contradictions(store: &mut MicroMsg) {
    store.say(&Line::to(BOB, "a crash between two writes").status(1), fate::CONTRADICTORY, &[note::STATE_STALE]);
    store.say(&Line::to(BOB, "failed, yet numbered").status(5), fate::CONTRADICTORY, &[note::STATE_STALE]);
    store.say(&Line::to(BOB, "sent, yet not numbered").no_id(), fate::CONTRADICTORY, &[]);
    let twice = store.make_server_id();
    store.say(&Line::from(BOB, "one number").id(twice), fate::CONTRADICTORY, &[]);
    store.say(&Line::from(CHEN, "for two people").id(twice), fate::CONTRADICTORY, &[]);
    let twice = store.make_server_id();
    store.say(&Line::from(CHEN, "one number").id(twice), fate::CONTRADICTORY, &[]);
    store.say(&Line::from(CHEN, "twice for one").id(twice), fate::CONTRADICTORY, &[]);
    let listed = store.say(&Line::from(BOB, "deleted, says the list"), fate::CONTRADICTORY, &[]);
    store.listed_as_deleted = listed.server_id;
}

/// A recalled row keeps its id and gets another type; the index keeps the old text.
fn recalls(store: &mut MicroMsg) {
    for (talker, line, old, text) in [
        (BOB, Line::from(BOB, "the code is 4711"), "the code is 4711", "\"Bob\" recalled a message"),
        (CHEN, Line::to(CHEN, "写错了"), "写错了", "你撤回了一条消息"),
    ] {
        let said = store.say(&line, fate::ACCEPTED, &[note::REVOKED]);
        store
            .book
            .run_with(&format!("UPDATE message SET type=10000, status=4, content=? WHERE msgId={}", said.id), text);
        debug_assert!(store.texts.iter().any(|t| t.text == old && t.talker == talker));
    }
    let id = store.make_server_id();
    let revoke = format!(
        "<sysmsg type=\"revokemsg\"><revokemsg><session>{BOB}</session><msgid>1700002</msgid>\
         <newmsgid>{id}</newmsgid><replacemsg>recalled</replacemsg></revokemsg></sysmsg>"
    );
    let command = store.make_server_id();
    row!(store.book, "GetSysCmdMsgInfo", originSvrId: id, newMsgId: command, fromUserName: BOB,
        toUserName: super::super::cast::OWNER, createTime: store.clock / 1000, content: revoke, msgSeq: 0);
    store.witness.misses(absence::TOMBSTONED, Some(BOB), Some(id.to_string()), None, Bounds::default());
}

fn replies(store: &mut MicroMsg) {
    let asked = store.say(&Line::to(BOB, "shall we sail?"), fate::ACCEPTED, &[]);
    let body =
        content::reply("yes!", asked.server_id, super::super::cast::OWNER, BOB, "shall we sail?", asked.at / 1000);
    let answer = store.say(&Line::from(BOB, body).kind(822_083_633), fate::ACCEPTED, &[]);
    row!(store.book, "MsgQuote", msgId: answer.id, msgSvrId: answer.server_id, quotedMsgId: asked.id,
        quotedMsgSvrId: asked.server_id, status: 0, quotedMsgTalker: BOB);
    // The quoted one is gone: two marks, one absence.
    let (gone, row) = (store.make_server_id(), store.lost_row());
    let body = content::reply("no, never", gone, BOB, BOB, "did you burn the letters?", store.clock / 1000);
    let answer = store.say(&Line::to(BOB, body).kind(822_083_633), fate::ACCEPTED, &[]);
    row!(store.book, "MsgQuote", msgId: answer.id, msgSvrId: answer.server_id, quotedMsgId: row,
        quotedMsgSvrId: gone, status: 0, quotedMsgTalker: BOB);
    store.witness.misses(
        absence::DANGLING,
        Some(BOB),
        Some(gone.to_string()),
        Some("did you burn the letters?"),
        Bounds::default(),
    );
}

/// Side rows that outlived their message.
fn side_rows(store: &mut MicroMsg) {
    let picture = store.make_server_id();
    row!(store.book, "ImgInfo2", msgSvrId: picture, offset: 0, totalLen: 0, bigImgPath: format!("SERVERID://{picture}"),
        thumbImgPath: "", createtime: store.clock / 1000, msglocalid: 0, status: 0, msgTalker: CHEN);
    let voice = store.make_server_id();
    row!(store.book, "voiceinfo", FileName: "gone", User: CHEN, MsgId: voice, Status: 99, VoiceLength: 900,
        CreateTime: store.clock / 1000, MsgLocalId: 0, MsgTalker: CHEN);
    let video = store.make_server_id();
    row!(store.book, "videoinfo2", filename: "gone", msgsvrid: video, status: 199, user: CHEN,
        createtime: store.clock / 1000);
    for id in [picture, voice, video] {
        store.witness.misses(absence::DANGLING, Some(CHEN), Some(id.to_string()), None, Bounds::default());
    }
}

fn other_tables(store: &mut MicroMsg) {
    store.say(&Line::from("12345678@qqim", "from QQ").table("qmessage"), fate::ACCEPTED, &[]);
    store.say(&Line::from("v2_finder@finder", "from a channel").table("findermessage006"), fate::ACCEPTED, &[]);
    store.say(
        &Line::to("v2_finder@finder", "to a channel").table("findermessage006").no_id().status(1),
        fate::PENDING,
        &[],
    );
}
