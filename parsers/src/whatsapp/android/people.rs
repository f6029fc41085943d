//! `jid`: addresses by row number, read when asked for.

use std::cell::RefCell;
use std::collections::HashMap;

use forensics_core::open_store::OpenStore;
use forensics_core::record::Key;
use forensics_core::store::sqlite::{Col, Row, Table};

use crate::whatsapp::cells;

/// Addresses by row. As many are kept as there are persons and groups, not messages.
pub(super) struct People<'a> {
    store: &'a OpenStore,
    table: Option<&'a Table>,
    raw: Col,
    user: Col,
    server: Col,
    known: RefCell<HashMap<i64, Option<Key>>>,
}

impl<'a> People<'a> {
    pub(super) fn open(store: &'a OpenStore) -> Self {
        let table = store.table("jid");
        let column = |name| table.map_or(Col::ABSENT, |t| t.column(name));
        People {
            store,
            table,
            raw: column("raw_string"),
            user: column("user"),
            server: column("server"),
            known: RefCell::default(),
        }
    }

    /// The address in a row; 0, -1 and NULL stand for none.
    pub(super) fn jid(&self, row: Option<i64>) -> Option<Key> {
        let row = row.filter(|r| *r > 0)?;
        if let Some(known) = self.known.borrow().get(&row) {
            return known.clone();
        }
        let found = self.table.and_then(|t| self.store.get(t, row).ok().flatten()).and_then(|r| self.read(&r));
        self.known.borrow_mut().insert(row, found.clone());
        found
    }

    fn read(&self, row: &Row<'_>) -> Option<Key> {
        let parts = || Some(format!("{}@{}", cells::text(row, self.user)?, cells::text(row, self.server)?).into());
        cells::text(row, self.raw).or_else(parts).map(Key::from)
    }
}
