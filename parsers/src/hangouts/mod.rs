//! Google Hangouts (until 2022) and Google Chat, on Android.
//!
//! Hangouts' server gave every event an id and a time in microseconds; what the phone sent kept an id of its own beside it.
//! Of Google Chat's store only some columns are known, none of which says what the server has.
//!
//! | store | versions seen |
//! |---|---|
//! | `babel*.db` | 1370 (real, 2017) |
//! | `dynamite.db` | known columns only |
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
use forensics_core::open_store::{OpenStore, Unlock};
use forensics_core::record::{Key, Space};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::vfs::Entry;

use crate::telephony::provider::{self, Provider};
use crate::telephony::scope::Scope;

mod account;
mod chat;
mod conversations;
mod messages;
mod notes;
mod rules;

use account::Names;
use conversations::Conversations;
use messages::Messages;

/// The app.
pub struct Hangouts;

impl App for Hangouts {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn parse(&self, install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let mut spaces = Spaces::default();
        hangouts(install, &mut spaces, sink)?;
        chat::read(install, &mut spaces, sink)
    }
}

/// The package's folder.
const PACKAGE: usize = 0;
/// The telephony provider's folders: what Hangouts sent as SMS has its row there.
const TELEPHONY: [Place; 2] =
    [Place { realm: 1, glob: "databases/mmssms.db" }, Place { realm: 2, glob: "databases/mmssms.db" }];

const fn install(name: &'static str, realms: &'static [RealmSpec]) -> InstallSpec {
    InstallSpec { platform: Platform::Android, name, realms }
}

static MANIFEST: Manifest = Manifest {
    id: "hangouts",
    name: "Google Hangouts and Google Chat",
    installs: &[
        install(
            "Google Hangouts",
            &[
                RealmSpec::AndroidApp("com.google.android.talk"),
                RealmSpec::AndroidApp("com.android.providers.telephony"),
                RealmSpec::AndroidAppDe("com.android.providers.telephony"),
            ],
        ),
        install("Google Chat", &[RealmSpec::AndroidApp("com.google.android.apps.dynamite")]),
        install("Google Chat in Gmail", &[RealmSpec::AndroidApp("com.google.android.gm")]),
    ],
    stores: STORES,
    rules: rules::RULES,
    notes: notes::NOTES,
    codes: notes::CODES,
    sequences: &[],
    sources: &[
        "log2timeline/plaso: babel.db of its test data, sqlite_plugins/android_hangouts",
        "abrignoni/ALEAPP: googleChat",
    ],
};

const fn store(role: &'static str, glob: &'static str, loose: bool, says: &'static str) -> StoreSpec {
    StoreSpec { role, platform: Platform::Android, place: Place { realm: PACKAGE, glob }, loose, says }
}

static STORES: &[StoreSpec] = &[
    store("messages", "databases/babel*.db", true, "messages of one Hangouts account"),
    store("account", "shared_prefs/accounts.xml", false, "names of the accounts"),
    store("chat", "databases/dynamite.db", true, "messages of Google Chat"),
    store("chat", "databases/user_accounts/*/dynamite.db", false, "messages of one Google Chat account"),
];

/// Numbers the id spaces: every store is one of its own.
#[derive(Default)]
struct Spaces {
    next: u16,
}

impl Spaces {
    fn next(&mut self, account: Key) -> Scope {
        let space = Space(self.next);
        self.next = self.next.saturating_add(1);
        Scope { space, account }
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

fn hangouts(install: &Install<'_>, spaces: &mut Spaces, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let names = Names::read(install, sink)?;
    let mut stores = Vec::new();
    for entry in files(install, "messages") {
        let Some(store) = install.open(sink, "messages", entry, &Unlock::Plain)? else { continue };
        match store.lacks(&["messages", "conversations"]) {
            Some(table) => store.refuse(sink, &format!("table {table} is missing"))?,
            None => stores.push(store),
        }
    }
    let telephony = match stores.iter().any(went_as_sms) {
        true => provider::open(install, &TELEPHONY, sink)?,
        false => None,
    };
    let provider = telephony.as_ref().map(Provider::of);
    for store in &stores {
        sink.describe(store.id(), StoreStatus::Read, Some("Hangouts"))?;
        let scope = spaces.next(names.announce(store, sink)?);
        let mut conversations = Conversations::open(store);
        if let Some(messages) = Messages::open(store, &scope, provider.as_ref()) {
            messages.read(&mut conversations, sink)?;
        }
        conversations.read(&scope, sink)?;
        store.finish(sink)?;
    }
    match &telephony {
        Some(store) => store.finish(sink),
        None => Ok(()),
    }
}

/// Whether a store has messages of another transport than its own network.
fn went_as_sms(store: &OpenStore) -> bool {
    let Some(table) = store.table("messages") else { return false };
    let transport = table.column("transport_type");
    store.scan(table).filter_map(Result::ok).any(|row| row.int_lossy(transport).is_some_and(|t| t != 1))
}
