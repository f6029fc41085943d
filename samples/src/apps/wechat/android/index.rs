//! The stores beside the main one: full-text index, file index, Moments.

use super::super::cast::{BOB, OWNER};
use super::super::{APP, START};
use super::Folder;
use super::micromsg::Indexed;
use crate::sqlite::cipher::PageCipher;
use crate::sqlite::{Book, row};
use crate::story::{Bounds, Platform, Witness, absence};

/// Local ids that no row of the main store has.
const LOST_TEXT: i64 = 900_001;
const LOST_FILE: i64 = 900_002;

pub(super) fn write(folder: &mut Folder<'_>, texts: &[Indexed]) {
    full_text(folder, texts);
    files(folder);
    folder.add("SnsMicroMsg.db", moments());
}

fn full_text(folder: &mut Folder<'_>, texts: &[Indexed]) {
    let name = "FTS5IndexMicroMsg_encrypt.db";
    let book = Book::reserved(4096, 48, include_str!("../../../../schemas/wechat/fts5_index.sql"));
    let remnant = Indexed {
        message: LOST_TEXT,
        talker: BOB.to_owned(),
        sender: BOB.to_owned(),
        at: START * 1000 + 1000,
        text: "the money is under the bridge 桥下".to_owned(),
    };
    let mut newest = 0;
    for text in texts.iter().chain([&remnant]) {
        let docid = row!(book, "FTS5MetaMessage", type: 65_536, subtype: 41, entity_id: text.message,
            aux_index: &text.talker, timestamp: text.at, status: 0, talker: &text.sender);
        row!(book, "FTS5IndexMessage", rowid: docid, content: &text.text);
        newest = newest.max(text.at);
    }
    row!(book, "FTS5IndexVersion", type: -105, version: 3);
    row!(book, "FTS5IndexVersion", type: -200, version: newest);
    // The app's tokenizer is private: a reader must not need it.
    book.run(
        "PRAGMA writable_schema=ON; \
         UPDATE sqlite_master SET sql=replace(sql,'unicode61','mmSimple') WHERE name='FTS5IndexMessage'; \
         PRAGMA writable_schema=OFF",
    );
    let cipher = PageCipher::version_3(&folder.account.index_key(), folder.seed.array());
    folder.add(name, cipher.encrypt(&book.bytes()));
    let mut witness = Witness::new(APP, Platform::Android, name);
    witness.misses(absence::REMNANT, Some(BOB), Some(LOST_TEXT.to_string()), Some(&remnant.text), Bounds::default());
    folder.truth.absorb(witness.into_truth());
}

fn files(folder: &mut Folder<'_>) {
    let name = "WxFileIndex.db";
    let book = Book::reserved(1024, 16, include_str!("../../../../schemas/wechat/wx_file_index.sql"));
    row!(book, "WxFileIndex3", msgId: LOST_FILE, username: BOB, msgType: 3, msgSubType: 20,
        path: "image2/00/11/th_gone", size: 3021, msgtime: START * 1000, diskSpace: 4096, flags: 0);
    folder.add_main(name, &book.bytes());
    let mut witness = Witness::new(APP, Platform::Android, name);
    witness.misses(absence::REMNANT, Some(BOB), Some(LOST_FILE.to_string()), None, Bounds::default());
    folder.truth.absorb(witness.into_truth());
}

/// Moments: one post that the server numbered, one that waits. Told in the store, not in the truth.
fn moments() -> Vec<u8> {
    let book = Book::new(include_str!("../../../../schemas/wechat/sns_micro_msg.sql"));
    let posted = 13_900_000_000_000_000_001_u64.cast_signed();
    row!(book, "SnsInfo", snsId: posted, userName: OWNER, localFlag: 0, createTime: START, type: 1,
        stringSeq: "0000013900000000000000001", likeFlag: 0);
    row!(book, "SnsInfo", snsId: 0, userName: OWNER, localFlag: 32, createTime: START + 60, type: 1, likeFlag: 0);
    row!(book, "SnsComment", snsID: posted, createTime: START + 90, talker: BOB, type: 2, commentSvrID: 17);
    book.bytes()
}
