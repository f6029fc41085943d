//! The form of 7.0.4: fewer columns, no index, a short story.

use super::super::cast::{BOB, ROOM};
use super::super::{APP, START};
use super::Folder;
use crate::Seed;
use crate::crypto::md5_hex;
use crate::sqlite::{Book, row};
use crate::story::{Platform, Witness, fate, note};

pub(super) fn write(folder: &mut Folder<'_>, seed: u64) {
    let mut ids = Seed::new(seed, "wechat 704");
    let book = Book::reserved(1024, 16, include_str!("../../../../schemas/wechat/en_micro_msg_704.sql"));
    let mut witness = Witness::new(APP, Platform::Android, "EnMicroMsg.db");
    row!(book, "userinfo", id: 2, type: 3, value: &folder.account.wxid);
    row!(book, "EmojiInfo", md5: md5_hex(&folder.account.device_id), catalog: 153, type: 0);
    // Talker, isSend, status, type, numbered, text.
    let rows = [
        (BOB, 1, 2, 1, true, "sent", fate::ACCEPTED, None),
        (BOB, 0, 4, 1, true, "received 收到", fate::ACCEPTED, None),
        (BOB, 1, 3, 1, true, "from the PC", fate::ACCEPTED, Some(note::OTHER_DEVICE)),
        (BOB, 1, 1, 1, false, "sending", fate::PENDING, None),
        (BOB, 1, 5, 1, false, "failed", fate::FAILED, None),
        (BOB, 0, 4, 10_000, false, "a local notice", fate::LOCAL, None),
        (BOB, 0, 4, 10_000, true, "\"Bob\" recalled a message", fate::ACCEPTED, Some(note::REVOKED)),
        (BOB, 0, 3, 1, false, "put in by hand", fate::UNMARKED, None),
        (ROOM, 0, 4, 1, true, "wxid_bobsynthetic02:\nin a room", fate::ACCEPTED, None),
    ];
    for (at, (talker, is_send, status, kind, numbered, text, fate, note)) in (1_i64..).zip(rows) {
        let id = ids.between(100_000_000_000_000_000, 9_200_000_000_000_000_000);
        let rowid = row!(book, "message", msgId: at, msgSvrId: numbered.then_some(id), type: kind, status: status,
            isSend: is_send, createTime: (START + at * 60) * 1000 + is_send, talker: talker, content: text,
            talkerId: 1, msgSeq: if talker == ROOM { 700_000_000 } else { 0 }, flag: 0);
        witness.says("message", rowid, talker, fate, note.as_slice());
    }
    folder.add_main("EnMicroMsg.db", &book.bytes());
    folder.truth.absorb(witness.into_truth());
}
