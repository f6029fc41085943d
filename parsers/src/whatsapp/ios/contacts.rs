//! `ContactsV2.sqlite`.

use forensics_core::app::Install;
use forensics_core::open_store::{Fate, OpenStore, Unlock};
use forensics_core::record::{Contact, Key, Record};
use forensics_core::sink::{Sink, Stopped, StoreStatus};

use super::Names;
use crate::whatsapp::{Scope, cells, files, jid};

const TABLE: &str = "ZWAADDRESSBOOKCONTACT";

/// Emits every contact and gives their names.
pub(super) fn read(install: &Install<'_>, account: &Key, sink: &mut dyn Sink) -> Result<Names, Stopped> {
    let mut names = Names::new();
    for entry in files(install, "contacts") {
        let Some(store) = install.open(sink, "contacts", entry, &Unlock::Plain)? else { continue };
        if let Some(table) = store.lacks(&[TABLE]) {
            store.refuse(sink, &format!("table {table} is missing"))?;
            continue;
        }
        sink.describe(store.id(), StoreStatus::Read, Some("ios-contacts-v2"))?;
        read_store(&store, account, &mut names, sink)?;
        store.finish(sink)?;
    }
    Ok(names)
}

fn read_store(store: &OpenStore, account: &Key, names: &mut Names, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table(TABLE) else { return Ok(()) };
    let [id, full, given, number, about, about_at, lid] =
        ["ZWHATSAPPID", "ZFULLNAME", "ZGIVENNAME", "ZPHONENUMBER", "ZABOUTTEXT", "ZABOUTTIMESTAMP", "ZLID"]
            .map(|name| table.column(name));
    store.each(sink, TABLE, |row, sink| {
        // A person of the address book who has no account is no contact of the app.
        let Some(whatsapp_id) = cells::text(row, id).or_else(|| cells::text(row, lid)) else {
            return Ok(Fate::PassedOver);
        };
        // The address may lack its server.
        let jid = jid::with_server(&whatsapp_id);
        let name = cells::text(row, full).or_else(|| cells::text(row, given));
        if let Some(name) = &name {
            names.insert(jid.as_str().into(), name.clone());
        }
        sink.emit(Record::Contact(Contact {
            origin: row.origin(),
            account: account.clone(),
            id: jid.into(),
            name,
            extra: vec![
                ("number", row.value(number)),
                ("about", row.value(about)),
                ("about_at", cells::apple(row, about_at).map(|s| s.to_string()).into()),
                ("lid", row.value(lid)),
            ],
        }))?;
        Ok(Fate::Emitted)
    })
}

/// Names that persons gave themselves, as `ChatStorage.sqlite` keeps them.
pub(super) fn push_names(store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    const PUSH_NAMES: &str = "ZWAPROFILEPUSHNAME";
    let Some(table) = store.table(PUSH_NAMES) else { return Ok(()) };
    let (id, name) = (table.column("ZJID"), table.column("ZPUSHNAME"));
    store.each(sink, PUSH_NAMES, |row, sink| {
        let Some(jid) = cells::text(row, id) else { return Ok(Fate::PassedOver) };
        sink.emit(Record::Contact(Contact {
            origin: row.origin(),
            account: scope.account.clone(),
            id: jid.into(),
            name: cells::text(row, name),
            extra: vec![("name_by", "push name".into())],
        }))?;
        Ok(Fate::Emitted)
    })
}
