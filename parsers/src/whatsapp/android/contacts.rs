//! `wa.db`.

use forensics_core::app::Install;
use forensics_core::open_store::{Fate, OpenStore, Unlock};
use forensics_core::record::{Contact, Key, Record};
use forensics_core::sink::{Sink, Stopped, StoreStatus};

use super::Names;
use crate::whatsapp::{cells, files};

const TABLE: &str = "wa_contacts";

/// Emits every contact and gives their names.
pub(super) fn read(install: &Install<'_>, account: &Key, sink: &mut dyn Sink) -> Result<Names, Stopped> {
    let mut names = Names::new();
    for entry in files(install, "contacts") {
        let Some(store) = install.open(sink, "contacts", entry, &Unlock::Plain)? else { continue };
        if let Some(table) = store.lacks(&[TABLE]) {
            store.refuse(sink, &format!("table {table} is missing"))?;
            continue;
        }
        sink.describe(store.id(), StoreStatus::Read, Some("android-wa"))?;
        read_store(&store, account, &mut names, sink)?;
        store.finish(sink)?;
    }
    Ok(names)
}

fn read_store(store: &OpenStore, account: &Key, names: &mut Names, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table(TABLE) else { return Ok(()) };
    let [jid, display, wa_name, given, number, about, about_at] =
        ["jid", "display_name", "wa_name", "given_name", "number", "status", "status_timestamp"]
            .map(|name| table.column(name));
    store.each(sink, TABLE, |row, sink| {
        let Some(id) = cells::text(row, jid) else {
            return Ok(Fate::Quarantined("a contact without address".to_owned()));
        };
        let name = [display, wa_name, given].into_iter().find_map(|col| cells::text(row, col));
        if let Some(name) = &name {
            names.insert(id.clone(), name.clone());
        }
        sink.emit(Record::Contact(Contact {
            origin: row.origin(),
            account: account.clone(),
            id: id.into(),
            name,
            extra: vec![
                ("number", row.value(number)),
                ("push_name", row.value(wa_name)),
                ("about", row.value(about)),
                ("about_at", cells::millis(row, about_at).map(|s| s.to_string()).into()),
            ],
        }))?;
        Ok(Fate::Emitted)
    })
}
