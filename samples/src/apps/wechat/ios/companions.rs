//! What lies beside the chat stores: logins, settings, contacts, chat list, index, media
//!.

use plist::Value as Plist;

use super::super::account::mmkv;
use super::super::cast::{BOB, CHEN, LAYLA, OWNER, PAPER, ROOM, ROOM_HOLE};
use super::super::{APP, SEIZED, START};
use super::DOMAIN;
use crate::crypto::md5_hex;
use crate::keyed_archive::{KeyedArchive, dict};
use crate::sqlite::{Book, row, wal_mode};
use crate::story::{Bounds, Device, DeviceFile, Platform, Witness, absence};
use crate::wire::Message;

/// Everyone with a table of their own.
const FRIENDS: [(&str, &str, &str); 8] = [
    (BOB, "Bob 🚲", "Bob Marsh"),
    (CHEN, "陈伟", ""),
    (LAYLA, "ليلى", "Layla"),
    (PAPER, "港口晚报", ""),
    ("wxid_doranosynth005", "Dora", ""),
    ("wxid_emilsynthet006", "Emil 🎻", ""),
    (ROOM, "Harbour club 港口 ⚓", ""),
    (ROOM_HOLE, "Rowing", ""),
];

pub(super) fn add(phone: &mut Device, folder: &str) {
    let mut add = |path: String, bytes: Vec<u8>| phone.files.push(DeviceFile::ios(DOMAIN, path, bytes, SEIZED));
    add("Documents/LoginInfo2.dat".to_owned(), login_info());
    add(format!("{folder}/mmsetting.archive"), settings());
    let kept = mmkv(&[
        ("86", Some("overwritten")),
        ("86", Some(OWNER)),
        ("87", Some("ada_synthetic")),
        ("88", Some("Ada 阿达")),
        ("headimgurl", Some("https://wx.example.org/0")),
        ("headhdimgurl", None),
    ]);
    // The size stands in the companion file where the file itself says 0.
    let mut check = vec![0; 32];
    check.extend(&kept[..4]);
    check.resize(64, 0);
    let mut sizeless = kept;
    sizeless[..4].fill(0);
    add(format!("Documents/MMappedKV/mmsetting.archive.{OWNER}"), sizeless);
    add(format!("Documents/MMappedKV/mmsetting.archive.{OWNER}.crc"), check);
    add(format!("{folder}/DB/WCDB_Contact.sqlite"), contacts());
    add(format!("{folder}/session/session.db"), sessions());
    let chat = md5_hex(BOB);
    add(format!("{folder}/session/data/{}/{}", &chat[..2], &chat[2..]), session_of_bob());
    add(format!("{folder}/fts/fts_message.db"), full_text());
    // The thumbnail of a row that is gone.
    add(format!("{folder}/Img/{chat}/90001.pic_thum"), vec![0xff, 0xd8, 0xff, 0xd9]);

    let mut witness = Witness::new(APP, Platform::Ios, "fts_message.db");
    witness.misses(absence::REMNANT, Some(BOB), Some("90002".to_owned()), Some(REMNANT), Bounds::default());
    phone.truth.absorb(witness.into_truth());
    let mut witness = Witness::new(APP, Platform::Ios, "90001.pic_thum");
    witness.misses(absence::REMNANT, Some(BOB), Some("90001".to_owned()), None, Bounds::default());
    phone.truth.absorb(witness.into_truth());
}

const REMNANT: &str = "the money is under the bridge 桥下";

fn login_info() -> Vec<u8> {
    let avatar = Message::new().child(1, Message::new().text(2, "https://wx.example.org/0"));
    let account = Message::new().text(1, OWNER).text(2, "ada_synthetic").text(3, "Ada 阿达").child(10, avatar);
    Message::new().child(1, account).finish()
}

fn settings() -> Vec<u8> {
    let mut archive = KeyedArchive::new();
    let root = archive.reserve();
    let text = |archive: &mut KeyedArchive, s: &str| archive.add(Plist::String(s.to_owned()));
    let keys = ["headimgurl", "headhdimgurl"].map(|key| text(&mut archive, key));
    let urls = ["https://wx.example.org/0", "https://wx.example.org/132"].map(|url| text(&mut archive, url));
    let map_class = archive.class("NSMutableDictionary", &["NSDictionary", "NSObject"]);
    let map = archive.add(Plist::Dictionary(dict([
        ("NS.keys", Plist::Array(keys.to_vec())),
        ("NS.objects", Plist::Array(urls.to_vec())),
        ("$class", map_class),
    ])));
    let (user, nick, alias) =
        (text(&mut archive, OWNER), text(&mut archive, "Ada 阿达"), text(&mut archive, "ada_synthetic"));
    let class = archive.class("CSetting", &["NSObject"]);
    archive.set(
        &root,
        Plist::Dictionary(dict([
            ("UsrName", user),
            ("NickName", nick),
            ("AliasName", alias),
            ("new_dicsetting", map),
            ("$class", class),
        ])),
    );
    archive.finish(root)
}

fn contacts() -> Vec<u8> {
    let book = Book::new(include_str!("../../../../schemas/wechat/wcdb_contact.sql"));
    for (user, nickname, remark) in FRIENDS {
        let names = Message::new().text(1, nickname).text(2, "").text(3, remark).finish();
        let image = Message::new().number(1, 0).text(2, "https://wx.example.org/0").finish();
        let profile = Message::new().number(1, 1).text(2, "DE").text(3, "Hamburg").text(4, "Hamburg").finish();
        let room = user.ends_with("@chatroom").then(|| {
            let xml = format!(
                "<RoomData><Member UserName=\"{BOB}\"><DisplayName>Bob</DisplayName></Member>\
                 <Member UserName=\"{CHEN}\"><DisplayName>陈伟</DisplayName></Member></RoomData>"
            );
            Message::new().text(1, &[OWNER, BOB, CHEN].join(";")).text(2, OWNER).text(6, &xml).finish()
        });
        row!(book, "Friend", userName: user, type: 3, certificationFlag: if user == PAPER { 8 } else { 0 },
            imgStatus: 1, dbContactRemark: names, dbContactHeadImage: image, dbContactProfile: profile,
            dbContactChatRoom: room);
    }
    wal_mode(book.bytes())
}

fn sessions() -> Vec<u8> {
    let book = Book::new(include_str!("../../../../schemas/wechat/session.sql"));
    for (user, ..) in FRIENDS {
        let chat = md5_hex(user);
        row!(book, "SessionAbstract", UsrName: user, CreateTime: START + 86_400, unreadcount: 0,
            ConStrRes1: format!("/session/data/{}/{}", &chat[..2], &chat[2..]), ConIntRes1: 0);
    }
    wal_mode(book.bytes())
}

/// The chat list's own copy of the name and the last text.
fn session_of_bob() -> Vec<u8> {
    let contact =
        Message::new().text(1, BOB).text(4, "Bob 🚲").text(6, "Bob Marsh").text(14, "https://wx.example.org/0");
    let last =
        Message::new().number(2, 19).number(7, (START + 86_400).unsigned_abs()).text(8, BOB).text(11, "no, never");
    Message::new().child(1, Message::new().child(1, contact)).child(2, last).finish()
}

fn full_text() -> Vec<u8> {
    let book = Book::new(include_str!("../../../../schemas/wechat/fts_message.sql"));
    let bob = row!(book, "fts_username_id", UsrName: BOB);
    for (local, at, text) in [(2, START + 120, "Hello Ada"), (90_002, START + 9000, REMNANT)] {
        row!(book, "fts_message_table_0_content", c0usernameid: bob, c1MesLocalID: local, c2CreateTime: at,
            c3Message: text);
    }
    wal_mode(book.bytes())
}
