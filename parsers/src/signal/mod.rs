//! Signal, on Android and on iOS, and forks that keep its schema.
//!
//! Signal's server keeps no history, yet the client stores what the server made for each message that came in: an id, the
//! time of receipt, on iOS also the time of delivery. A message that was sent carries no id of the server's; what speaks for
//! it is the state that the client sets once the service took it, and the receipts of peers. There is no cursor of the
//! server's in any store: what is missing shows only in row numbers and in marks that name a row.
//!
//! | platform | store | versions |
//! |---|---|---|
//! | Android | `signal.db`: `sms` and `mms` (to schema 167), `mms` (to 173), `message` (since 174) | 99 to 266 |
//! | Android | `signal-….backup`, versions 0 and 1: the same tables as statements | the same |
//! | iOS | `signal.sqlite` | `model_TSInteraction` of 2021 to 2025 |
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

use forensics_core::app::{App, Install, InstallSpec, Manifest, Place, Platform, RealmSpec, StoreSpec};
use forensics_core::keys::KeyKind;
use forensics_core::marker::Marker;
use forensics_core::open_store::NoKey;
use forensics_core::record::{AbsenceKind, Key, Mention, Name, Record, Space, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Cipher, Profile};
use forensics_core::value::{Value, hex};
use forensics_core::vfs::Entry;

mod android;
mod backup;
mod cells;
mod content;
mod ios;
mod notes;
mod rules;
mod tables;

/// The app.
pub struct Signal;

impl App for Signal {
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

/// Android: the package's folder, then shared storage. iOS: the group's container.
const PACKAGE: usize = 0;
const SHARED: usize = 1;
const GROUP: usize = 0;

static MANIFEST: Manifest = Manifest {
    id: "signal",
    name: "Signal",
    installs: &[
        InstallSpec {
            platform: Platform::Android,
            name: "Signal",
            realms: &[RealmSpec::AndroidApp("org.thoughtcrime.securesms"), RealmSpec::AndroidShared],
        },
        // A backup file on shared storage belongs to the first flavour: nothing in it names the package.
        InstallSpec { platform: Platform::Android, name: "Molly", realms: &[RealmSpec::AndroidApp("im.molly.app")] },
        InstallSpec {
            platform: Platform::Ios,
            name: "Signal",
            realms: &[RealmSpec::IosGroup("group.org.whispersystems.signal.group")],
        },
    ],
    stores: STORES,
    rules: rules::RULES,
    notes: notes::NOTES,
    codes: notes::CODES,
    // Row numbers count for the whole store, not thread by thread, and the server numbers nothing.
    sequences: &[],
    sources: SOURCES,
};

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
    store("messages", Platform::Android, PACKAGE, "databases/signal.db", true, "messages, chats, calls"),
    store("account", Platform::Android, PACKAGE, "databases/signal-key-value.db", false, "the owner's account"),
    store("account", Platform::Android, PACKAGE, "shared_prefs/*_preferences.xml", false, "the owner's account"),
    store("backup", Platform::Android, SHARED, "Signal/Backups/signal-*.backup", true, "an encrypted local backup"),
    store("backup", Platform::Android, SHARED, "**/signal-*.backup", false, "an encrypted local backup"),
    store("messages", Platform::Ios, GROUP, "grdb*/signal.sqlite", true, "messages, chats, calls"),
];

/// Where the meanings were read. Programs under the GPL and AGPL were read for facts; no code was taken.
static SOURCES: &[&str] = &[
    "signalapp/Signal-Android: MessageTable, MessageTypes, CallTable, FullBackupExporter, IncomingMessage, IndividualSendJob, ReleaseChannel",
    "signalapp/Signal-iOS: schema.sql, SDSRecordType, TSOutgoingMessage, TSOutgoingMessageRecipientState, SignalServiceAddress",
    "bepaald/signalbackup-tools; pajowu/signal-backup-decode; mossblaser/signal_for_android_decryption",
    "abrignoni/ALEAPP: signalAndroid (four images); abrignoni/iLEAPP: signalIOS (four images)",
];

/// What every record of one store shares.
struct Scope {
    space: Space,
    account: Key,
}

impl Scope {
    /// A mention that names nothing: a mere count, which is weak.
    fn count(&self, kind: AbsenceKind, rule: &'static str, marker: Marker, at_most: u64) -> Mention {
        Mention {
            space: self.space,
            account: self.account.clone(),
            thread: None,
            names: Vec::new(),
            kind,
            strength: Strength::Weak,
            rule,
            text: Value::Null,
            after: None,
            before: None,
            at_most: Some(at_most),
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
        markers: Vec<Marker>,
    ) -> Option<Mention> {
        let origin = markers.first()?.origin.clone();
        Some(Mention {
            space: self.space,
            account: self.account.clone(),
            thread: thread.cloned(),
            names,
            kind,
            strength: Strength::Strong,
            rule,
            text: Value::Null,
            after: None,
            before: None,
            at_most: None,
            markers,
            origin,
        })
    }
}

/// Hands over a mention.
fn emit(mention: impl Into<Option<Mention>>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    match mention.into() {
        Some(mention) => sink.emit(Record::Mention(Box::new(mention))),
        None => Ok(()),
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

/// Finds the key that opens a database by its first page.
fn find_key(install: &Install<'_>, path: &str, head: &[u8], profile: Profile) -> Result<Cipher, NoKey> {
    let kind = KeyKind::SQLCIPHER;
    let mut tried = 0usize;
    for key in install.keys.of(kind, path) {
        tried = tried.saturating_add(1);
        let found = spellings(key.secret()).iter().find_map(|s| Cipher::identify(head, s, &[profile]));
        if let Some(cipher) = found {
            return Ok(cipher);
        }
    }
    Err(NoKey { kind: kind.word, tried })
}

/// The ways in which a key may be meant: the app on Android takes the hexadecimal digits themselves, in lower case, as the
/// passphrase (`DatabaseSecret.asString`), while examiners' tools hand them over raw, in capitals, or as `x'…'`.
fn spellings(secret: &[u8]) -> Vec<zeroize::Zeroizing<Vec<u8>>> {
    let trimmed = secret.trim_ascii();
    let quoted = trimmed.strip_prefix(b"x'").or_else(|| trimmed.strip_prefix(b"X'")).and_then(|k| k.strip_suffix(b"'"));
    let digits = quoted.unwrap_or(trimmed).to_ascii_lowercase();
    let mut all = vec![secret.to_vec(), digits];
    if secret.len() == 32 {
        all.push(hex(secret).into_bytes());
    }
    all.into_iter().map(zeroize::Zeroizing::new).collect()
}
