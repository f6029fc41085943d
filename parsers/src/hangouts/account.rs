//! Whose account a database is: what its outgoing messages say, else the preferences, else its file name.

use forensics_core::app::Install;
use forensics_core::issue::{Issue, Severity};
use forensics_core::open_store::OpenStore;
use forensics_core::origin::Origin;
use forensics_core::record::{Account, Key, Record};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::prefs;

use super::files;
use crate::telephony::cells;

/// Preferences have some hundred entries.
const MAX_PREFERENCES: u64 = 16 << 20;

/// Account names of `accounts.xml`, by the number of the database.
#[derive(Default)]
pub(super) struct Names {
    /// Number, name, place.
    list: Vec<(String, Box<str>, Origin)>,
}

impl Names {
    pub(super) fn read(install: &Install<'_>, sink: &mut dyn Sink) -> Result<Self, Stopped> {
        let mut names = Names::default();
        for entry in files(install, "account") {
            let Some((store, bytes)) = install.open_file(sink, "account", entry, MAX_PREFERENCES)? else { continue };
            match prefs::parse(&bytes) {
                Ok(prefs) => {
                    for entry in &prefs.entries {
                        let number = entry.key.strip_suffix(".account_name").map(str::to_owned);
                        let (Some(number), Some(name)) = (number, entry.text()) else { continue };
                        names.list.push((number, name.into(), entry.origin(store)));
                    }
                }
                Err(error) => {
                    let detail = format!("{}: {error}", entry.device);
                    let origin = Some(Origin::store(store));
                    sink.issue(Issue { code: "store-unreadable", severity: Severity::Degraded, detail, origin })?;
                }
            }
        }
        Ok(names)
    }

    /// The account of a database, announced.
    pub(super) fn announce(&self, store: &OpenStore, sink: &mut dyn Sink) -> Result<Key, Stopped> {
        let stem = store.path().rsplit('/').next().unwrap_or_default().trim_end_matches(".db");
        let number = match stem.trim_start_matches("babel") {
            "" => "0",
            number => number,
        };
        let named = self.list.iter().find(|(n, _, _)| n == number);
        let own = own_id(store);
        let name = named.map(|(_, name, _)| name.clone());
        let id: Key = own
            .as_ref()
            .map(|(id, _)| Key::from(&**id))
            .or_else(|| name.as_deref().map(Key::from))
            .unwrap_or_else(|| stem.into());
        let origin = own
            .map(|(_, origin)| origin)
            .or_else(|| named.map(|(_, _, origin)| origin.clone()))
            .unwrap_or_else(|| Origin::store(store.id()));
        sink.emit(Record::Account(Account { origin, id: id.clone(), name, extra: Vec::new() }))?;
        Ok(id)
    }
}

/// The author of the first outgoing message.
fn own_id(store: &OpenStore) -> Option<(Box<str>, Origin)> {
    let table = store.table("messages")?;
    let (kind, gaia, chat) = (table.column("type"), table.column("author_gaia_id"), table.column("author_chat_id"));
    let mut rows = store.scan(table).filter_map(Result::ok).filter(|row| row.int_lossy(kind) == Some(1));
    rows.find_map(|row| [gaia, chat].into_iter().find_map(|col| Some((cells::text(&row, col)?, row.cell(col)))))
}
