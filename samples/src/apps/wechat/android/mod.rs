//! WeChat on Android: a whole `MicroMsg` folder, encrypted as on the phone.

mod cases;
mod identity;
mod index;
mod micromsg;
mod old;
mod rooms;
mod sync;

use super::{Account, SEIZED};
use crate::Seed;
use crate::sqlite::cipher::PageCipher;
use crate::sqlite::{log, wal_mode};
use crate::story::{Device, DeviceFile, Truth};

/// One way in which the same story stands on a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// 8.0.74, the literal device id, a positive uin.
    Modern,
    /// The same with a negative uin; the device id stands in `KeyInfo.bin` only.
    NegativeUin,
    /// The newest rows stand only in `EnMicroMsg.db-wal`.
    NewestInWal,
    /// The form of 7.0.4: fewer columns, a short story.
    Version704,
    /// A cloned app under `/data/user/999/`.
    Clone,
}

impl Variant {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Modern, Self::NegativeUin, Self::NewestInWal, Self::Version704, Self::Clone];

    fn name(self) -> &'static str {
        match self {
            Self::Modern => "wechat-android",
            Self::NegativeUin => "wechat-android-negative-uin",
            Self::NewestInWal => "wechat-android-newest-in-wal",
            Self::Version704 => "wechat-android-704",
            Self::Clone => "wechat-android-clone",
        }
    }

    /// The account this variant belongs to.
    #[must_use]
    pub fn account(self) -> Account {
        match self {
            Self::NegativeUin => Account::new(-1_234_567_890, "358240051111110"),
            Self::Clone => Account::new(77_700_123, "1234567890ABCDEF"),
            _ => Account::new(1_234_567_890, "1234567890ABCDEF"),
        }
    }

    fn home(self) -> &'static str {
        match self {
            Self::Clone => "/data/user/999/com.tencent.mm",
            _ => "/data/data/com.tencent.mm",
        }
    }
}

/// A phone with WeChat.
#[must_use]
pub fn android(variant: Variant, seed: u64) -> Device {
    let account = variant.account();
    let mut phone = Device::android(variant.name());
    let home = variant.home();
    phone.files.extend(identity::files(home, &account, variant == Variant::NegativeUin));
    let mut folder = Folder {
        path: format!("{home}/MicroMsg/{}", account.folder()),
        seed: Seed::new(seed, "wechat ciphers"),
        account: &account,
        files: Vec::new(),
        truth: Truth::default(),
    };
    match variant {
        Variant::Version704 => old::write(&mut folder, seed),
        _ => write_current(&mut folder, seed, variant == Variant::NewestInWal),
    }
    phone.files.extend(folder.files);
    phone.truth = folder.truth;
    phone
}

/// An account's folder while it is filled.
struct Folder<'a> {
    path: String,
    seed: Seed,
    account: &'a Account,
    files: Vec<DeviceFile>,
    truth: Truth,
}

impl Folder<'_> {
    fn add(&mut self, name: &str, bytes: Vec<u8>) {
        self.files.push(DeviceFile::android(format!("{}/{name}", self.path), bytes, SEIZED));
    }

    /// Adds a store under the main key.
    fn add_main(&mut self, name: &str, plain: &[u8]) -> PageCipher {
        let cipher = PageCipher::version_1(&self.account.main_key(), self.seed.array());
        self.add(name, cipher.encrypt(plain));
        cipher
    }
}

fn write_current(folder: &mut Folder<'_>, seed: u64, newest_in_wal: bool) {
    let mut store = micromsg::MicroMsg::new(seed, folder.account);
    cases::tell(&mut store);
    rooms::tell(&mut store);
    let queue = sync::tell(&mut store, folder.account);
    store.list_chats();
    let before = wal_mode(store.book.snapshot());
    if newest_in_wal {
        cases::tell_newest(&mut store);
        store.list_chats();
    }
    let texts = std::mem::take(&mut store.texts);
    let (book, truth) = store.finish();
    let after = wal_mode(book.bytes());
    folder.truth.absorb(truth);
    let cipher = folder.add_main("EnMicroMsg.db", &before);
    if newest_in_wal {
        let salt = (folder.seed.draw() as u32, folder.seed.draw() as u32);
        let frames = log::wal(&[before, after], salt, &|number, page| cipher.page(number, page));
        folder.add("EnMicroMsg.db-wal", frames);
    }
    for (name, bytes) in queue {
        folder.add(&name, bytes);
    }
    index::write(folder, &texts);
}
