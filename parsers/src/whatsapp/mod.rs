//! WhatsApp and WhatsApp Business, on Android and on iOS.
//!
//! WhatsApp gives no server-made id to a message between people: the id of a message is made by the client that sends it.
//! What says that a server took part is an acknowledgement state, a receipt of a peer, or, for what came in, the mere fact
//! that it is here. Only posts of channels carry a number of the server's.
//!
//! | platform | store | versions seen |
//! |---|---|---|
//! | Android | `msgstore.db`: `messages` (to 2021), both tables (2021, 2022), `message` (since 2022) | 2022, 2023, schema of 2025/26 |
//! | Android | `msgstore.db.crypt12`, `.crypt14`, `.crypt15`: backups of the above | 2022 |
//! | Android | `wa.db` | 2023 |
//! | iOS | `ChatStorage.sqlite`, `ContactsV2.sqlite`, `CallHistory.sqlite` | 2.23 |
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
use forensics_core::marker::Marker;
use forensics_core::open_store::OpenStore;
use forensics_core::record::{AbsenceKind, Cursor, CursorSays, Key, Mention, Name, Space, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::Value;
use forensics_core::vfs::Entry;

mod android;
mod cells;
mod codes;
mod crypt;
mod ios;
mod jid;
mod notes;
mod rules;

/// The app.
pub struct WhatsApp;

impl App for WhatsApp {
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

/// Android: the package's folder, then shared storage.
const PACKAGE: usize = 0;
const SHARED: usize = 1;
/// iOS: the group's container, then the app's own.
const GROUP: usize = 0;
const BUNDLE: usize = 1;

static MANIFEST: Manifest = Manifest {
    id: "whatsapp",
    name: "WhatsApp",
    installs: &[
        InstallSpec {
            platform: Platform::Android,
            name: "WhatsApp",
            realms: &[RealmSpec::AndroidApp("com.whatsapp"), RealmSpec::AndroidShared],
        },
        InstallSpec {
            platform: Platform::Android,
            name: BUSINESS,
            realms: &[RealmSpec::AndroidApp("com.whatsapp.w4b"), RealmSpec::AndroidShared],
        },
        InstallSpec {
            platform: Platform::Ios,
            name: "WhatsApp",
            realms: &[
                RealmSpec::IosGroup("group.net.whatsapp.WhatsApp.shared"),
                RealmSpec::IosApp("net.whatsapp.WhatsApp"),
            ],
        },
        InstallSpec {
            platform: Platform::Ios,
            name: BUSINESS,
            realms: &[
                RealmSpec::IosGroup("group.net.whatsapp.WhatsAppSMB.shared"),
                RealmSpec::IosApp("net.whatsapp.WhatsAppSMB"),
            ],
        },
    ],
    stores: STORES,
    rules: rules::RULES,
    notes: notes::NOTES,
    codes: notes::CODES,
    sequences: SEQUENCES,
    sources: SOURCES,
};

/// The name of the flavour whose places on shared storage differ.
const BUSINESS: &str = "WhatsApp Business";

const fn store(
    role: &'static str,
    platform: Platform,
    realm: usize,
    glob: &'static str,
    loose: bool,
    says: &'static str,
) -> StoreSpec {
    StoreSpec { role, platform, place: Place { realm, glob }, loose, says }
}

static STORES: &[StoreSpec] = &[
    store("messages", Platform::Android, PACKAGE, "databases/msgstore.db", true, "messages, chats, calls"),
    store("contacts", Platform::Android, PACKAGE, "databases/wa.db", true, "contacts"),
    store("account", Platform::Android, PACKAGE, "shared_prefs/*.xml", false, "the owner's number and name"),
    store("key", Platform::Android, PACKAGE, "files/key", false, "the key of crypt12 and crypt14 backups"),
    store("key", Platform::Android, PACKAGE, "files/encrypted_backup.key", false, "the root key of crypt15 backups"),
    store(
        "backup",
        Platform::Android,
        PACKAGE,
        "databases/msgstore*.db.crypt*",
        true,
        "an encrypted backup of the messages",
    ),
    store(
        "backup",
        Platform::Android,
        SHARED,
        "WhatsApp*/Databases/msgstore*.db.crypt*",
        false,
        "an encrypted backup of the messages",
    ),
    store(
        "backup",
        Platform::Android,
        SHARED,
        "Android/media/com.whatsapp*/WhatsApp*/Databases/msgstore*.db.crypt*",
        false,
        "an encrypted backup of the messages",
    ),
    store("messages", Platform::Ios, GROUP, "ChatStorage.sqlite", true, "messages and chats"),
    store(
        "messages",
        Platform::Ios,
        BUNDLE,
        "Documents/ChatStorage.sqlite",
        false,
        "messages and chats of very old versions",
    ),
    store("contacts", Platform::Ios, GROUP, "ContactsV2.sqlite", true, "contacts"),
    store("calls", Platform::Ios, GROUP, "CallHistory.sqlite", true, "calls"),
    store(
        "account",
        Platform::Ios,
        GROUP,
        "Library/Preferences/group.net.whatsapp.*.shared.plist",
        false,
        "the owner's number and name",
    ),
];

static SEQUENCES: &[SequenceSpec] = &[
    SequenceSpec {
        name: "ZSORT",
        platform: Platform::Ios,
        contiguous: true,
        first: Some(1),
        own_unnumbered: false,
        strength: Strength::Strong,
        gap_rule: "whatsapp.ios.sort-gap",
        tail_rule: "whatsapp.ios.counter-beyond-records",
        undelivered_rule: "whatsapp.ios.counter-beyond-records",
    },
    SequenceSpec {
        name: "sort_id",
        platform: Platform::Android,
        contiguous: false,
        first: None,
        own_unnumbered: false,
        strength: Strength::Weak,
        gap_rule: "whatsapp.android.cursor-beyond-records",
        tail_rule: "whatsapp.android.cursor-beyond-records",
        undelivered_rule: "whatsapp.android.cursor-beyond-records",
    },
];

/// Where the meanings were read. Programs under the GPL were read for facts; no code was taken.
static SOURCES: &[&str] = &[
    "stores of an iPhone with iOS 15, WhatsApp 2.23 (test data of abrignoni/iLEAPP)",
    "anonymised rows of an Android msgstore.db of 2023 (test data of frozenspider/chat-history-manager-rust)",
    "an Android msgstore.db of February 2022 and encrypted backups (test data of ElDavoo/wa-crypt-tools)",
    "sepinf-inc/IPED: ExtractorAndroid, ExtractorAndroidNew, ExtractorIOS",
    "abrignoni/ALEAPP: WhatsApp, whatsAppExtended; abrignoni/iLEAPP: whatsApp, whatsAppExtended",
    "KnugiHK/WhatsApp-Chat-Exporter; andreas-mausch/whatsapp-viewer; B16f00t/whapa; akhil-dara/WAInsight",
];

/// What every record of one store shares.
struct Scope {
    space: Space,
    account: Key,
}

impl Scope {
    fn cursor(&self, thread: Option<&Key>, sequence: &'static str, says: CursorSays, marker: Marker) -> Cursor {
        Cursor { space: self.space, account: self.account.clone(), thread: thread.cloned(), sequence, says, marker }
    }

    /// A mention that names nothing: a mere count, which is weak.
    fn count(&self, thread: Option<&Key>, kind: AbsenceKind, rule: &'static str, marker: Marker) -> Mention {
        Mention {
            space: self.space,
            account: self.account.clone(),
            thread: thread.cloned(),
            names: Vec::new(),
            kind,
            strength: Strength::Weak,
            rule,
            text: Value::Null,
            after: None,
            before: None,
            at_most: None,
            origin: marker.origin.clone(),
            markers: vec![marker],
        }
    }

    /// A mention of a record by its names.
    fn mention(
        &self,
        thread: Option<&Key>,
        names: Vec<Name>,
        kind: AbsenceKind,
        rule: &'static str,
        marker: Marker,
    ) -> Mention {
        Mention { names, strength: Strength::Strong, ..self.count(thread, kind, rule, marker) }
    }

    /// Whether a table has a row of that number. One that is there and cannot be read is not missing.
    fn is_there(&self, store: &OpenStore, table: &str, rowid: i64) -> bool {
        store.table(table).is_some_and(|table| !matches!(store.get(table, rowid), Ok(None)))
    }
}

/// The files of a role, each once, by path.
fn files<'a>(install: &Install<'a>, role: &str) -> Vec<&'a Entry> {
    let mut found: Vec<&Entry> = Vec::new();
    for spec in STORES.iter().filter(|s| s.role == role) {
        for entry in install.find_spec(spec) {
            if !found.iter().any(|f| f.id == entry.id) {
                found.push(entry);
            }
        }
    }
    found
}
