//! Whose account it is: preferences say so, else the receipts that the owner's own devices left on outgoing messages.

use forensics_core::app::Install;
use forensics_core::issue::{Issue, Severity};
use forensics_core::open_store::OpenStore;
use forensics_core::origin::Origin;
use forensics_core::record::{Account, Extra, Key, Record};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::store::plist::{self, Plist};

use super::blobs::PushName;
use crate::whatsapp::{files, jid, notes};

/// A preferences file has some hundred entries.
const MAX_PREFERENCES: u64 = 16 << 20;

/// Outgoing rows that are asked for the owner's jid: each of them names it in stores since 2023, none before.
const ASK: usize = 2000;

/// The owner, and where that stands.
pub(super) struct Owner {
    pub(super) jid: String,
    pub(super) name: Option<Box<str>>,
    pub(super) extra: Extra,
    pub(super) origin: Origin,
}

/// Reads the group's preferences (keys: IPED).
pub(super) fn from_preferences(install: &Install<'_>, sink: &mut dyn Sink) -> Result<Option<Owner>, Stopped> {
    let mut owner = None;
    for entry in files(install, "account") {
        let Some((store, bytes)) = install.open_file(sink, "account", entry, MAX_PREFERENCES)? else { continue };
        let preferences = match plist::parse(&bytes) {
            Ok(preferences) => preferences,
            Err(error) => {
                sink.describe(store, StoreStatus::Unreadable, None)?;
                let detail = format!("{}: {error}", entry.device);
                let origin = Some(Origin::store(store));
                sink.issue(Issue { code: "store-unreadable", severity: Severity::Degraded, detail, origin })?;
                continue;
            }
        };
        let text = |key: &str| preferences.get(key).and_then(Plist::as_text).filter(|t| !t.is_empty());
        let key = ["OwnJabberID", "LastOwnJabberID"].into_iter().find(|key| text(key).is_some());
        if let (None, Some(key)) = (&owner, key) {
            owner = Some(Owner {
                jid: jid::with_server(text(key).unwrap_or_default()),
                name: text("FullUserName").map(Into::into),
                extra: vec![("about", text("CurrentStatusText").into())],
                origin: Origin::key(store, key),
            });
        }
    }
    Ok(owner)
}

/// Looks for the owner's jid in `ZPUSHNAME` of outgoing messages.
pub(super) fn from_messages(store: &OpenStore) -> Option<Owner> {
    let table = store.table("ZWAMESSAGE")?;
    let (mine, push_name) = (table.column("ZISFROMME"), table.column("ZPUSHNAME"));
    let rows = store.scan(table).filter_map(Result::ok).filter(|row| row.int_lossy(mine) == Some(1)).take(ASK);
    rows.filter_map(|row| {
        let jid = PushName::decode(&row.text(push_name)?)?.owner?;
        Some(Owner { jid, name: None, extra: Vec::new(), origin: row.cell(push_name).within("3") })
    })
    .next()
}

/// Emits the account, or says that it is not known. Gives its key.
pub(super) fn announce(owner: Option<Owner>, stores: &[OpenStore], sink: &mut dyn Sink) -> Result<Key, Stopped> {
    let Some(owner) = owner else {
        if let Some(store) = stores.first() {
            let detail = format!("{}: neither preferences nor messages name the owner's account", store.path());
            let origin = Some(Origin::store(store.id()));
            sink.issue(Issue { code: notes::ACCOUNT_UNKNOWN, severity: Severity::Info, detail, origin })?;
        }
        return Ok(jid::UNKNOWN.into());
    };
    let id: Key = owner.jid.as_str().into();
    sink.emit(Record::Account(Account { origin: owner.origin, id: id.clone(), name: owner.name, extra: owner.extra }))?;
    Ok(id)
}
