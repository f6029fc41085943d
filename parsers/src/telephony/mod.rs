//! Android's telephony provider: SMS and MMS (`mmssms.db`), its own backup files, SIM cards, and the call log.
//!
//! The server is the carrier's. It leaves its number and its clock on a received SMS, its answer and its id on an MMS, a
//! status report on what was sent. The same store holds copies of RCS messages that Google Messages writes.
//!
//! | store | versions seen |
//! |---|---|
//! | `mmssms.db`, AOSP | 57 (real), 69 (source) |
//! | `mmssms.db`, Samsung | 358 (schema and counts of a real store) |
//! | `contacts2.db`, `calllog.db` | Android 4.4 (real) |
//! | `*_sms_backup`, `*_mms_backup` | Android backups of three versions |
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

use std::sync::Arc;

use forensics_core::app::{App, Install, InstallSpec, Manifest, Place, Platform, RealmSpec, StoreSpec};
use forensics_core::open_store::{OpenStore, Unlock};
use forensics_core::origin::Origin;
use forensics_core::record::{Account, Record, Space};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::vfs::Entry;

mod backup;
mod calls;
pub(crate) mod cells;
mod codes;
mod leftovers;
mod mms;
mod notes;
pub(crate) mod provider;
mod rules;
mod samsung;
pub(crate) mod scope;
mod sim;
mod sms;
mod threads;

use mms::Mms;
use scope::Scope;
use sms::Sms;
use threads::Threads;

/// The app.
pub struct Telephony;

impl App for Telephony {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn parse(&self, install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let mut spaces = Spaces::default();
        messages(install, &mut spaces, sink)?;
        backup::read(install, &spaces.next(), sink)?;
        sim::read(install, sink)?;
        calls::read(install, &mut spaces, sink)
    }
}

/// The key of the phone's one account: the store does not say whose it is.
const ACCOUNT: &str = "phone";

/// The provider's package.
const PACKAGE: &str = "com.android.providers.telephony";
/// Its folder, readable after the first unlock.
const CREDENTIAL: usize = 0;
/// Its folder, readable before.
const DEVICE: usize = 1;
/// The package of address book and call log.
const CONTACTS: usize = 2;
/// Its device-encrypted folder: calls that came before the first unlock.
const CONTACTS_DEVICE: usize = 3;
/// The same on Samsung's phones.
const SAMSUNG_CONTACTS: usize = 4;

static MANIFEST: Manifest = Manifest {
    id: "telephony",
    name: "Android SMS, MMS and calls",
    installs: &[InstallSpec {
        platform: Platform::Android,
        name: "Android SMS, MMS and calls",
        realms: &[
            RealmSpec::AndroidApp(PACKAGE),
            RealmSpec::AndroidAppDe(PACKAGE),
            RealmSpec::AndroidApp("com.android.providers.contacts"),
            RealmSpec::AndroidAppDe("com.android.providers.contacts"),
            RealmSpec::AndroidApp("com.samsung.android.providers.contacts"),
        ],
    }],
    stores: STORES,
    rules: rules::RULES,
    notes: notes::NOTES,
    codes: notes::CODES,
    sequences: &[],
    sources: SOURCES,
};

const fn store(role: &'static str, realm: usize, glob: &'static str, loose: bool, says: &'static str) -> StoreSpec {
    StoreSpec { role, platform: Platform::Android, place: Place { realm, glob }, loose, says }
}

static STORES: &[StoreSpec] = &[
    store("messages", CREDENTIAL, "databases/mmssms.db", true, "SMS and MMS"),
    store("messages", DEVICE, "databases/mmssms.db", false, "SMS and MMS (since Android 7 on some builds)"),
    store("backup", DEVICE, "files/*_sms_backup", true, "the provider's backup of SMS"),
    store("backup", DEVICE, "files/*_mms_backup", true, "the provider's backup of MMS"),
    store("backup", CREDENTIAL, "files/*_sms_backup", false, "the provider's backup of SMS"),
    store("backup", CREDENTIAL, "files/*_mms_backup", false, "the provider's backup of MMS"),
    store("sim", CREDENTIAL, "databases/telephony.db", false, "SIM cards"),
    store("sim", DEVICE, "databases/telephony.db", false, "SIM cards"),
    store("calls", CONTACTS, "databases/contacts2.db", true, "address book, and calls before Android 7"),
    store("calls", CONTACTS, "databases/calllog.db", true, "calls"),
    store("calls", CONTACTS_DEVICE, "databases/calllog_shadow.db", false, "calls before the first unlock"),
    store("calls", SAMSUNG_CONTACTS, "databases/contacts2.db", false, "address book of Samsung's phones"),
    store("calls", SAMSUNG_CONTACTS, "databases/calllog.db", false, "calls of Samsung's phones"),
];

/// Where the meanings were read.
static SOURCES: &[&str] = &[
    "LineageOS/android_packages_providers_TelephonyProvider: MmsSmsDatabaseHelper, TelephonyBackupAgent",
    "AOSP: android.provider.Telephony, android.provider.CallLog, com.google.android.mms.pdu",
    "log2timeline/plaso: mmssms.db and contacts2.db of its test data",
    "dfrc-korea/DFRWS_Challenge_2021: a Samsung store of Android 10",
    "mvt-project/mvt: test backups; abrignoni/ALEAPP: smsmms, smsmmsBackup",
];

/// Numbers the id spaces: every store is one of its own.
#[derive(Default)]
struct Spaces {
    next: u16,
}

impl Spaces {
    fn next(&mut self) -> Scope {
        let space = Space(self.next);
        self.next = self.next.saturating_add(1);
        Scope { space, account: Arc::from(ACCOUNT) }
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

/// Reads every copy of the store: the one whose newest message is newest is the phone's current one.
fn messages(install: &Install<'_>, spaces: &mut Spaces, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let mut stores = Vec::new();
    for entry in files(install, "messages") {
        let Some(store) = install.open(sink, "messages", entry, &Unlock::Plain)? else { continue };
        if store.table("sms").is_none() && store.table("pdu").is_none() {
            store.refuse(sink, "tables sms and pdu are missing")?;
            continue;
        }
        stores.push((newest(&store), store));
    }
    stores.sort_by_key(|(newest, _)| std::cmp::Reverse(*newest));
    for (place, (_, store)) in stores.iter().enumerate() {
        let copy = (place > 0).then_some(notes::OLDER_COPY);
        sink.describe(store.id(), StoreStatus::Read, Some(generation(store)))?;
        if place == 0 {
            let origin = Origin::store(store.id());
            sink.emit(Record::Account(Account { origin, id: ACCOUNT.into(), name: None, extra: Vec::new() }))?;
        }
        read(store, &spaces.next(), copy, sink)?;
    }
    Ok(())
}

fn read(store: &OpenStore, scope: &Scope, copy: Option<&'static str>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let mut threads = Threads::open(store);
    if let Some(sms) = Sms::open(store) {
        sms.read(scope, &mut threads, copy, sink)?;
    }
    if let Some(mms) = Mms::open(store) {
        mms.read(scope, &mut threads, copy, sink)?;
    }
    samsung::read(store, scope, &mut threads, copy, sink)?;
    threads.read(store, scope, sink)?;
    leftovers::read(store, scope, sink)?;
    store.finish(sink)
}

/// The time of the newest SMS, in milliseconds.
fn newest(store: &OpenStore) -> Option<i64> {
    let table = store.table("sms")?;
    let date = table.column("date");
    store.scan(table).filter_map(Result::ok).filter_map(|row| row.int_lossy(date)).max()
}

/// The schema's age, by columns that later versions added.
fn generation(store: &OpenStore) -> &'static str {
    let has = |table: &str, column: &str| store.table(table).is_some_and(|t| t.has(column));
    if has("messages", "transport_type") || has("sms", "sim_slot") {
        "Samsung"
    } else if has("threads", "sub_id") {
        "AOSP 68 or later"
    } else if has("sms", "creator") {
        "AOSP 59 to 67"
    } else if has("pdu", "text_only") {
        "AOSP 56 to 58"
    } else {
        "AOSP 55 or earlier"
    }
}
