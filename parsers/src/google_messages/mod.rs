//! Google Messages, on Android, and the open-source Messaging app that it descends from.
//!
//! A message goes by SMS, MMS or RCS. The RCS server's part shows in states, in recipients' reports and in a history of
//! states that outlives its message; the carrier's part shows in the phone's telephony store, which is asked where it is at
//! hand; Google's cloud store of messages (CMS) leaves ids of its own.
//!
//! | store | versions seen |
//! |---|---|
//! | `bugle_db` | 2 (source), 61791 (schema and counts of a real store) |
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
use forensics_core::record::Space;
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::vfs::Entry;

use crate::telephony::provider::{self, Provider};
use crate::telephony::scope::Scope;

mod beside;
mod codes;
mod leftovers;
mod messages;
mod notes;
mod people;
mod reports;
mod rules;

use leftovers::Leftovers;
use messages::Messages;
use people::{Conversations, People};

/// The app.
pub struct GoogleMessages;

impl App for GoogleMessages {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn parse(&self, install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let mut stores = Vec::new();
        for entry in files(install) {
            let Some(store) = install.open(sink, "messages", entry, &Unlock::Plain)? else { continue };
            match store.lacks(&["messages", "conversations"]) {
                Some(table) => store.refuse(sink, &format!("table {table} is missing"))?,
                None => stores.push(store),
            }
        }
        if stores.is_empty() {
            return Ok(());
        }
        let telephony = provider::open(install, &TELEPHONY, sink)?;
        let provider = telephony.as_ref().map(Provider::of);
        for (place, store) in stores.iter().enumerate() {
            // Several files of one path are several versions: each is a space of its own, the first one is asked for copies.
            let space = Space(u16::try_from(place).unwrap_or(u16::MAX));
            let mirror = telephony.as_ref().zip(provider.as_ref());
            read(store, space, mirror, place == 0, sink)?;
        }
        match &telephony {
            Some(store) => store.finish(sink),
            None => Ok(()),
        }
    }
}

/// The package, as it names itself in the telephony store.
const PACKAGE_NAME: &str = "com.google.android.apps.messaging";
/// The package's folder.
const PACKAGE: usize = 0;
/// The telephony provider's folders.
const TELEPHONY: [Place; 2] =
    [Place { realm: 1, glob: "databases/mmssms.db" }, Place { realm: 2, glob: "databases/mmssms.db" }];

static MANIFEST: Manifest = Manifest {
    id: "google-messages",
    name: "Google Messages",
    installs: &[
        InstallSpec {
            platform: Platform::Android,
            name: "Google Messages",
            realms: &[
                RealmSpec::AndroidApp(PACKAGE_NAME),
                RealmSpec::AndroidApp("com.android.providers.telephony"),
                RealmSpec::AndroidAppDe("com.android.providers.telephony"),
            ],
        },
        InstallSpec {
            platform: Platform::Android,
            name: "Messaging",
            realms: &[
                RealmSpec::AndroidApp("com.android.messaging"),
                RealmSpec::AndroidApp("com.android.providers.telephony"),
                RealmSpec::AndroidAppDe("com.android.providers.telephony"),
            ],
        },
    ],
    stores: STORES,
    rules: rules::RULES,
    notes: notes::NOTES,
    codes: notes::CODES,
    sequences: &[],
    sources: &[
        "LineageOS/android_packages_apps_Messaging: DatabaseHelper, MessageData (schema 2)",
        "schema 61791 and counts of a real store; schema history of the app",
        "mautrix/gmessages: conversations.proto (facts only)",
        "abrignoni/ALEAPP: googleMessages",
    ],
};

static STORES: &[StoreSpec] = &[StoreSpec {
    role: "messages",
    platform: Platform::Android,
    place: Place { realm: PACKAGE, glob: "databases/bugle_db" },
    loose: true,
    says: "messages, conversations, reports",
}];

fn files<'a>(install: &Install<'a>) -> Vec<&'a Entry> {
    STORES.iter().flat_map(|spec| install.find_spec(spec)).collect()
}

fn read(
    store: &OpenStore,
    space: Space,
    mirror: Option<(&OpenStore, &Provider<'_>)>,
    first: bool,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    sink.describe(store.id(), StoreStatus::Read, Some(generation(store)))?;
    let scope = Scope { space, account: people::account(store) };
    let people = People::read(store, &scope, sink)?;
    let conversations = Conversations::open(store);
    let provider = mirror.map(|(_, provider)| provider);
    if let Some(mut messages) = Messages::open(store, &scope, &people, &conversations, provider) {
        messages.read(sink)?;
        let leftovers = Leftovers { store, scope: &scope, messages: &messages };
        leftovers.read(sink)?;
        if let Some((telephony, provider)) = mirror.filter(|_| first) {
            leftovers.mirror(telephony, provider, sink)?;
        }
    }
    conversations.read(&people, &scope, sink)?;
    store.finish(sink)
}

/// The schema's age, by columns that later versions added.
fn generation(store: &OpenStore) -> &'static str {
    let has = |column: &str| store.table("messages").is_some_and(|t| t.has(column));
    if has("message_persistence_id") {
        "60370 or later"
    } else if has("cms_life_cycle") {
        "58210 to 60369"
    } else if has("rcs_message_id_with_text_type") {
        "41040 to 58209"
    } else if has("cms_id") {
        "31010 to 41039"
    } else if has("rcs_message_id") {
        "10000 to 31009"
    } else {
        "before 10000"
    }
}
