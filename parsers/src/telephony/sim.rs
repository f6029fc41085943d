//! `siminfo` of `telephony.db`: the numbers of the phone's own SIM cards.

use forensics_core::app::Install;
use forensics_core::open_store::{Fate, Unlock};
use forensics_core::record::{Account, Record};
use forensics_core::sink::{Sink, Stopped, StoreStatus};

use super::cells::{self, columns};
use super::files;

columns! {
    /// `siminfo`.
    Columns { icc = "icc_id", name = "display_name", carrier = "carrier_name", number = "number" }
}

/// Emits every SIM card as an account of the phone's.
pub(super) fn read(install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    for entry in files(install, "sim") {
        let Some(store) = install.open(sink, "sim", entry, &Unlock::Plain)? else { continue };
        let Some(cols) = store.table("siminfo").map(Columns::of) else {
            store.refuse(sink, "table siminfo is missing")?;
            continue;
        };
        sink.describe(store.id(), StoreStatus::Read, None)?;
        store.each(sink, "siminfo", |row, sink| {
            let Some(rowid) = row.rowid() else { return Ok(Fate::Quarantined("no row number".to_owned())) };
            let extra = vec![
                ("number", row.value(cols.number)),
                ("icc_id", row.value(cols.icc)),
                ("carrier", row.value(cols.carrier)),
            ];
            let name = cells::text(row, cols.name);
            sink.emit(Record::Account(Account {
                origin: row.origin(),
                id: format!("sim {rowid}").into(),
                name,
                extra,
            }))?;
            Ok(Fate::Emitted)
        })?;
        store.finish(sink)?;
    }
    Ok(())
}
