//! Tables beside the message table: their rows found by the number of the message.

use forensics_core::open_store::OpenStore;
use forensics_core::store::sqlite::{Col, Lookup, Row, Table};

/// A table keyed by the message's row number, with the columns that are asked for.
pub(super) struct Keyed<'a, const N: usize> {
    store: &'a OpenStore,
    table: &'a Table,
    /// `None` where the key is the row number itself.
    lookup: Option<Lookup>,
    /// The columns, in the order in which they were asked for.
    pub(super) cols: [Col; N],
}

impl<'a, const N: usize> Keyed<'a, N> {
    /// `None` where the table, its key column or every row is missing: nothing need be asked then.
    pub(super) fn open(store: &'a OpenStore, table: &str, key: &str, columns: [&str; N]) -> Option<Self> {
        let table = store.table(table)?;
        let key = table.column(key);
        let _any = store.scan(table).next()?;
        let is_rowid = table.at(key)?.is_rowid();
        let lookup = (!is_rowid).then(|| Lookup::build(store, table, key));
        Some(Keyed { store, table, lookup, cols: columns.map(|name| table.column(name)) })
    }

    /// The first row of a message.
    pub(super) fn first(&self, message: i64) -> Option<Row<'a>> {
        self.rows(message).next()
    }

    /// The rows of a message, by row number.
    pub(super) fn rows(&self, message: i64) -> impl Iterator<Item = Row<'a>> {
        let (own, found) = match &self.lookup {
            None => (Some(message), None),
            Some(lookup) => (None, Some(lookup.rowids(message))),
        };
        let rowids = own.into_iter().chain(found.into_iter().flatten());
        rowids.filter_map(|rowid| self.store.get(self.table, rowid).ok().flatten())
    }
}
