//! Apple Messages: iMessage, SMS, MMS and RCS in `sms.db` of iOS and `chat.db` of macOS.
//!
//! Two servers may have handled a message, and the store keeps marks of both. Apple's relay leaves flags and the times of
//! receipts; Messages in iCloud leaves a record id, the server's change tag and a state. They are asked apart (`axes`):
//! that one of them has not does not deny that the other has.
//!
//! | file | what it is |
//! |---|---|
//! | `Library/SMS/sms.db` | the store of iOS (`HomeDomain` in backups) |
//! | `Library/Messages/chat.db` | the store of macOS, same tables |
//! | `Library/Preferences/com.apple.madrid.plist` | the switch of Messages in iCloud |
//! | `Library/SMS/Attachments/<xx>/<yy>/<guid>/` | files (`MediaDomain` in backups) |
//!
//! Row numbers are given once and never again (`AUTOINCREMENT`), and Apple's own triggers log what is deleted: so the store
//! can be asked how many rows it lost and whether its own deletion explains them (`absences`).

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

mod absences;
mod attachments;
mod axes;
mod body;
mod chats;
mod codes;
mod columns;
mod legacy;
mod links;
mod marks;
mod message;
mod notes;
mod reading;
mod rules;
mod stamps;
mod surroundings;
mod survey;

use forensics_core::app::{App, Install, InstallSpec, Manifest, Place, Platform, RealmSpec, StoreSpec};
use forensics_core::open_store::{OpenStore, Unlock};
use forensics_core::record::Space;
use forensics_core::sink::{Sink, Stopped};

use surroundings::Surroundings;

/// Apple Messages.
#[derive(Clone, Copy, Debug)]
pub struct IMessage;

const fn store(role: &'static str, glob: &'static str, loose: bool, says: &'static str) -> StoreSpec {
    StoreSpec { role, platform: Platform::Ios, place: Place { realm: 0, glob }, loose, says }
}

const MESSAGES: StoreSpec =
    store("messages", "Library/SMS/sms.db", true, "Messages, conversations and their deletion logs.");
const MAC_MESSAGES: StoreSpec = store("messages-mac", "Library/Messages/chat.db", true, "The same on macOS.");
const PREFERENCES: StoreSpec = store(
    "preferences",
    "Library/Preferences/com.apple.madrid.plist",
    false,
    "Whether Messages in iCloud is switched on.",
);

static MANIFEST: Manifest = Manifest {
    id: "imessage",
    name: "Apple Messages",
    installs: &[InstallSpec { platform: Platform::Ios, name: "Messages", realms: &[RealmSpec::IosHome] }],
    stores: &[MESSAGES, MAC_MESSAGES, PREFERENCES],
    rules: rules::RULES,
    notes: notes::NOTES,
    codes: notes::CODES,
    // Row numbers count the whole store, not a conversation: see `absences`.
    sequences: &[],
    sources: &[
        "sms.db of iOS 12.4: amandawills/CS426-iphone-sms-forensics",
        "chat.db of macOS 10.11: log2timeline/plaso:test_data/sqlite/imessage_chat.db",
        "schema of macOS 26.5.2: gaelic-ghost/spelunking:research/Messages/storage",
        "sms.db of iOS 14: mvt-project/mvt:tests/artifacts/ios_backup",
        "values of iOS 26.2: discordwell/green2blue:ARCHITECTURE.md",
        "meanings of values: imessage-database 5.0.1 (facts only), abrignoni/iLEAPP, mac4n6/APOLLO",
        "cloud records: OpenBubbles/rustpush:src/imessage/cloud_messages.rs; published decompilations of IMDPersistence and IMDaemonCore",
    ],
};

impl App for IMessage {
    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    fn parse(&self, install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let mut around = Surroundings::read(install, sink)?;
        let stores = [&MESSAGES, &MAC_MESSAGES]
            .into_iter()
            .flat_map(|spec| install.find_spec(spec).into_iter().map(move |entry| (spec.role, entry)));
        // Several files of one path are several versions: a message that stands in both is no duplicate.
        for (number, (role, entry)) in (0..u16::MAX).zip(stores.collect::<Vec<_>>()) {
            if let Some(store) = install.open(sink, role, entry, &Unlock::Plain)? {
                read(&store, Space(number), &mut around, sink)?;
            }
        }
        Ok(())
    }
}

fn read(store: &OpenStore, space: Space, around: &mut Surroundings, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table("message") else { return store.refuse(sink, "there is no table message") };
    if legacy::is_legacy(table) {
        legacy::read(store, table, space, sink)?;
    } else if table.has("guid") && table.has("date") {
        reading::read(store, table, space, around, sink)?;
    } else {
        return store.refuse(sink, "table message is none of Apple Messages: it has neither guid nor address");
    }
    store.finish(sink)
}
