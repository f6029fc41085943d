//! Whose account it is: `KeyValueStore` says so (keys of `AccountValues`), older stores keep it in the preferences.

use forensics_core::app::Install;
use forensics_core::issue::{Issue, Severity};
use forensics_core::open_store::{Fate, Unlock};
use forensics_core::origin::Origin;
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::store::prefs;
use forensics_core::store::sqlite::Profile;
use forensics_core::value::Value;

use crate::signal::tables::Tables as _;
use crate::signal::{cells, files, find_key};

/// A preferences file has some hundred entries.
const MAX_PREFERENCES: u64 = 16 << 20;

/// The owner, and where that stands.
#[derive(Clone, Default)]
pub(super) struct Owner {
    pub(super) aci: Option<Box<str>>,
    pub(super) number: Option<Box<str>>,
    /// The recipient that stands for the app's release channel.
    pub(super) release_channel: Option<i64>,
    pub(super) origin: Option<Origin>,
}

impl Owner {
    /// Takes an entry that says something of the account.
    pub(super) fn learn(&mut self, key: &str, value: &Value, origin: Origin) {
        let text = value.as_text().map(str::trim).filter(|t| !t.is_empty());
        let slot = match key {
            "account.aci" | "pref_local_uuid" => &mut self.aci,
            "account.e164" | "pref_local_number" => &mut self.number,
            "releasechannel.recipient_id" => {
                self.release_channel = value.as_int().or_else(|| text?.parse().ok());
                return;
            }
            _ => return,
        };
        if let (None, Some(text)) = (&slot, text) {
            *slot = Some(cells::lower(text));
            self.origin.get_or_insert(origin);
        }
    }
}

/// Reads what stands beside the message store.
pub(super) fn read(install: &Install<'_>, sink: &mut dyn Sink) -> Result<Owner, Stopped> {
    let mut owner = Owner::default();
    for entry in files(install, "account") {
        if !entry.device.file_name().ends_with(".xml") {
            let path = entry.device.to_string();
            let find = |head: &[u8]| find_key(install, &path, head, Profile::SQLCIPHER_3_ONE_ROUND);
            if let Some(store) = install.open(sink, "account", entry, &Unlock::With(&find))? {
                let (key, value) = (store.column("key_value", &["key"]), store.column("key_value", &["value"]));
                let tables: &dyn crate::signal::tables::Tables = &store;
                tables.each(sink, "key_value", &mut |row, _| {
                    let Some(name) = row.text(key) else { return Ok(Fate::PassedOver) };
                    owner.learn(&name, &row.value(value), row.cell(value));
                    Ok(Fate::PassedOver)
                })?;
                tables.finish(sink)?;
            }
            continue;
        }
        let Some((store, bytes)) = install.open_file(sink, "account", entry, MAX_PREFERENCES)? else { continue };
        match prefs::parse(&bytes) {
            Ok(prefs) => prefs.entries.iter().for_each(|e| owner.learn(&e.key, &e.value(), e.origin(store))),
            Err(error) => {
                sink.describe(store, StoreStatus::Unreadable, None)?;
                let detail = format!("{}: {error}", entry.device);
                let origin = Some(Origin::store(store));
                sink.issue(Issue { code: "store-unreadable", severity: Severity::Degraded, detail, origin })?;
            }
        }
    }
    Ok(owner)
}
