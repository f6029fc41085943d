//! Telegram, on Android (`cache4.db`, one for each account) and on iOS (Postbox).
//!
//! In cloud chats the server numbers every message that it takes: a positive `mid` on Android, the namespace Cloud on iOS,
//! is the server's own mark. What this phone made and the server has not taken carries a local number. Secret chats have no
//! number of the server's at all: there an acknowledgement state speaks for what was sent, and the mere arrival for what
//! came in. Users and basic groups of an account share one sequence of numbers; every channel and supergroup has its own.
//!
//! | platform | store | generations read |
//! |---|---|---|
//! | Android | `files/cache4.db`, `files/account<N>/cache4.db` | `messages` (to schema 83), `messages_v2` (84 to 168); TL layers 16 to 228 |
//! | iOS | `telegram-data/account-<id>/postbox/db/db_sqlite` | Postbox, `user_version` 4, plain or SQLCipher 4 |
//!
//! Telegram X for Android keeps another store (tdlib), which is not read.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_possible_wrap,
        clippy::arithmetic_side_effects
    )
)]

use forensics_core::app::{App, Install, InstallSpec, Manifest, Place, Platform, RealmSpec, SequenceSpec, StoreSpec};
use forensics_core::record::Strength;
use forensics_core::sink::{Sink, Stopped};

mod android;
mod ios;
mod mentions;
mod notes;
mod rules;
pub mod table;

/// The app.
pub struct Telegram;

impl App for Telegram {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn parse(&self, install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        match install.platform() {
            Platform::Android => android::parse(install, sink),
            Platform::Ios => ios::parse(install, sink),
        }
    }
}

const fn android_install(name: &'static str, realms: &'static [RealmSpec]) -> InstallSpec {
    InstallSpec { platform: Platform::Android, name, realms }
}

const fn android(role: &'static str, glob: &'static str, loose: bool, says: &'static str) -> StoreSpec {
    StoreSpec { role, platform: Platform::Android, place: Place { realm: 0, glob }, loose, says }
}

const fn ios(role: &'static str, realm: usize, glob: &'static str, loose: bool, says: &'static str) -> StoreSpec {
    StoreSpec { role, platform: Platform::Ios, place: Place { realm, glob }, loose, says }
}

/// One for each account. `recover_database_<account>/cache4.db` is a copy that the app made to repair one.
pub(crate) const CACHE4: StoreSpec = android(
    "messages",
    "files/**/cache4.db",
    true,
    "messages, dialogs, users and the marks of synchronisation of an account",
);
/// The misspelling is the app's own.
pub(crate) const FIRST_USER: StoreSpec =
    android("account", "shared_prefs/userconfing.xml", false, "the owner of the first account");
pub(crate) const FURTHER_USERS: StoreSpec =
    android("account", "shared_prefs/userconfig*.xml", false, "the owners of the further accounts");
pub(crate) const POSTBOX: StoreSpec =
    ios("messages", 0, "telegram-data/account-*/postbox/db/db_sqlite", true, "everything of an account");
pub(crate) const TEMP_KEY: StoreSpec =
    ios("key", 0, "telegram-data/.tempkeyEncrypted", false, "the locked key of encrypted Postbox databases");
pub(crate) const PREFERENCES: StoreSpec = ios(
    "preferences",
    1,
    "Library/Preferences/ph.telegra.Telegraph.plist",
    false,
    "shows that the app is installed; not read",
);

/// Ids of one channel.
pub(crate) const ANDROID_CHANNEL: &str = "channel-mid";
pub(crate) const IOS_CHANNEL: &str = "channel-id";

pub(crate) static MANIFEST: Manifest = Manifest {
    id: "telegram",
    name: "Telegram",
    installs: &[
        android_install("Telegram", &[RealmSpec::AndroidApp("org.telegram.messenger")]),
        android_install("Telegram (web build)", &[RealmSpec::AndroidApp("org.telegram.messenger.web")]),
        android_install("Telegram beta", &[RealmSpec::AndroidApp("org.telegram.messenger.beta")]),
        android_install("Plus Messenger", &[RealmSpec::AndroidApp("org.telegram.plus")]),
        android_install("NekoX", &[RealmSpec::AndroidApp("nekox.messenger")]),
        android_install("Nekogram", &[RealmSpec::AndroidApp("tw.nekomimi.nekogram")]),
        android_install("Forkgram", &[RealmSpec::AndroidApp("org.forkgram.messenger")]),
        InstallSpec {
            platform: Platform::Ios,
            name: "Telegram",
            realms: &[RealmSpec::IosGroup("group.ph.telegra.Telegraph"), RealmSpec::IosApp("ph.telegra.Telegraph")],
        },
    ],
    stores: &[CACHE4, FIRST_USER, FURTHER_USERS, POSTBOX, TEMP_KEY, PREFERENCES],
    rules: rules::RULES,
    notes: notes::NOTES,
    codes: notes::CODES,
    sequences: &[
        SequenceSpec {
            name: ANDROID_CHANNEL,
            platform: Platform::Android,
            contiguous: true,
            first: Some(1),
            own_unnumbered: false,
            strength: Strength::Strong,
            gap_rule: rules::android::CHANNEL_IDS_SKIP.id,
            tail_rule: rules::android::LAST_MID_MISSING.id,
            undelivered_rule: rules::android::PUSHED_NOT_STORED.id,
        },
        SequenceSpec {
            name: IOS_CHANNEL,
            platform: Platform::Ios,
            contiguous: true,
            first: Some(1),
            own_unnumbered: false,
            strength: Strength::Strong,
            gap_rule: rules::ios::CHANNEL_IDS_SKIP.id,
            tail_rule: rules::ios::MAX_KNOWN_MISSING.id,
            undelivered_rule: rules::ios::MAX_KNOWN_MISSING.id,
        },
    ],
    sources: &[
        "Telegram for Android: org.telegram.messenger.{MessagesStorage, DatabaseMigrationHelper, SendMessagesHelper, SecretChatHelper, UserConfig}, org.telegram.tgnet.TLRPC; via Telegram-FOSS (layer 183), Nekogram and OctoGram (layers 214 to 216)",
        "danog/schemas: published TL layers 46 to 225; tdlib/td: telegram_api.tl",
        "Telegram for iOS: Postbox and TelegramCore (peter-iakovlev/Postbox, peter-iakovlev/TelegramCore, TelegramMessenger/Telegram-iOS)",
        "RealityNet/teleparser; abrignoni/ALEAPP; abrignoni/iLEAPP telegramMesssages.py (after Stek29); openclaw/telecrawl",
    ],
};
