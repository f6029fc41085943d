//! `lid_display_name` and `jid_map`: persons who are known by a hidden address, and the number behind it.

use forensics_core::open_store::Fate;
use forensics_core::record::{Contact, Record};
use forensics_core::sink::{Sink, Stopped};

use super::msgstore::Msgstore;
use crate::whatsapp::cells;

/// Emits them as contacts.
pub(super) fn read(m: &Msgstore<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    if let Some(table) = m.store.table("jid_map") {
        let (lid, jid) = (table.column("lid_row_id"), table.column("jid_row_id"));
        m.store.each(sink, "jid_map", |row, sink| {
            let pair = m.people.jid(row.int_lossy(lid)).zip(m.people.jid(row.int_lossy(jid)));
            let Some((lid, jid)) = pair else { return Ok(Fate::PassedOver) };
            sink.emit(Record::Contact(Contact {
                origin: row.origin(),
                account: m.scope.account.clone(),
                name: m.names.get(&*lid).or_else(|| m.names.get(&*jid)).cloned(),
                id: lid,
                extra: vec![("phone_jid", jid.as_ref().into())],
            }))?;
            Ok(Fate::Emitted)
        })?;
    }
    let Some(table) = m.store.table("lid_display_name") else { return Ok(()) };
    let [lid, name, user] = ["lid_row_id", "display_name", "username"].map(|c| table.column(c));
    m.store.each(sink, "lid_display_name", |row, sink| {
        let Some(id) = m.people.jid(row.int_lossy(lid)) else { return Ok(Fate::PassedOver) };
        sink.emit(Record::Contact(Contact {
            origin: row.origin(),
            account: m.scope.account.clone(),
            id,
            name: cells::text(row, name),
            extra: vec![("username", row.value(user))],
        }))?;
        Ok(Fate::Emitted)
    })
}
