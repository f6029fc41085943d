//! WeChat (Weixin) for Android and iOS.
//!
//! Every message that the server accepted has a server id (`NewMsgId`, 64 bits), which the client stores beside it:
//! `message.msgSvrId` on Android, `Chat_<hash>.MesSvrID` on iOS. A message composed on the phone has none until the answer
//! to the send request; an incoming one comes with it. Rooms have a sequence of their own (`msgSeq`), cursors and known
//! gaps. Deleted rows are zero-filled, so what is left of them stands in other tables that copied the id: quotes, media
//! rows, the full-text index, the list of deleted ids.
//!
//! Android stores are encrypted with keys made of the account number and the device id, which the evidence holds; iOS
//! stores are not encrypted beyond the backup.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::arithmetic_side_effects
    )
)]

mod android;
mod body;
mod codes;
mod columns;
mod content;
mod digest;
#[cfg(test)]
mod hostile;
mod ios;
mod kind;
mod rules;
mod sync_key;
mod talker;

use forensics_core::app::{App, Install, InstallSpec, Manifest, Platform, RealmSpec, SequenceSpec, StoreSpec};
use forensics_core::record::Strength;
use forensics_core::sink::{Sink, Stopped};

use rules::absences;

/// WeChat.
pub struct WeChat;

impl App for WeChat {
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

/// What is known of WeChat.
pub static MANIFEST: Manifest = Manifest {
    id: "wechat",
    name: "WeChat",
    installs: &[
        InstallSpec { platform: Platform::Android, name: "WeChat", realms: &[RealmSpec::AndroidApp("com.tencent.mm")] },
        InstallSpec {
            platform: Platform::Ios,
            name: "WeChat",
            realms: &[RealmSpec::IosApp("com.tencent.xin"), RealmSpec::IosGroup("group.com.tencent.xin")],
        },
    ],
    stores: STORES,
    rules: rules::RULES,
    notes: codes::NOTES,
    codes: codes::ISSUES,
    sequences: &[
        SequenceSpec {
            name: android::SEQUENCE,
            platform: Platform::Android,
            contiguous: true,
            first: None,
            own_unnumbered: true,
            strength: Strength::Strong,
            gap_rule: absences::ROOM_GAP.id,
            tail_rule: absences::ROOM_CURSOR_AHEAD.id,
            undelivered_rule: absences::HELD_BY_THE_SERVER.id,
        },
        SequenceSpec {
            name: ios::SEQUENCE,
            platform: Platform::Ios,
            contiguous: true,
            first: None,
            own_unnumbered: true,
            strength: Strength::Strong,
            gap_rule: absences::IOS_ROOM_GAP.id,
            tail_rule: absences::IOS_ROOM_CURSOR_AHEAD.id,
            undelivered_rule: absences::IOS_HELD_BY_THE_SERVER.id,
        },
    ],
    sources: SOURCES,
};

static STORES: &[StoreSpec] = &[
    android::places::MAIN,
    android::places::OLD_MAIN,
    android::places::SECOND,
    android::places::CORRUPTED,
    android::places::ERRED,
    android::places::BACKED_UP,
    android::places::FINDER,
    android::places::INDEX,
    android::places::PLAIN_INDEX,
    android::places::FILE_INDEX,
    android::places::PRIORITY,
    android::places::FAVORITES,
    android::places::MOMENTS,
    android::places::DELETED_IDS,
    android::places::QUEUE_COUNT,
    android::places::QUEUE,
    android::places::SYSTEM_INFO,
    android::places::COMPATIBLE_INFO,
    android::places::KEY_INFO,
    android::places::SYSTEM_CONFIG,
    android::places::AUTH_INFO,
    android::places::PREFERENCES,
    android::places::NO_ACCOUNT,
    android::places::PUSH_CURSOR,
    android::places::DENGTA,
    android::places::WLOGIN,
    android::places::SYSINFO_MMKV,
    ios::places::MM,
    ios::places::MESSAGES,
    ios::places::BRANDS,
    ios::places::CONTACTS,
    ios::places::SESSIONS,
    ios::places::OTHER_SESSIONS,
    ios::places::SESSION_FILES,
    ios::places::INDEX,
    ios::places::OPERATIONS,
    ios::places::LOGINS,
    ios::places::SETTINGS,
    ios::places::KEPT_SETTINGS,
    ios::places::SYNC,
];

const SOURCES: &[&str] = &[
    "the app's own code: 0jinxing/wechat-apk-source (Android 7.0.4), liuwanfu770/wechat-control (Android 7.0.22), \
     lefex/iWeChat (class dump of iOS 6.6.1)",
    "statements of real stores: YaoZeyuan/wechat-history-2-txt, chainlesschain/chainlesschain (8.0.74)",
    "parsers: ppwwyyxx/wechat-dump, P79N6A/pa_script, WXjzcccc/ForensicsTool, greycodee/wechat-backup, \
     BlueMatthew/WechatExporter, stomakun/WechatExport-iOS, abrignoni/ALEAPP pull request 1267",
    "Tencent/wcdb (ciphers, compression), Tencent/MMKV",
];
