//! Older copies of the main store that the app left behind: read for their messages, in an id space of their own.

use forensics_core::open_store::OpenStore;

use super::records::Records;

/// The current store, asked whether it still holds a record of an older copy.
pub(super) struct Current<'a> {
    pub(super) store: &'a OpenStore,
    pub(super) records: &'a Records<'a>,
}

impl Current<'_> {
    /// By server id; a record without one by its row and time.
    pub(super) fn holds(&self, table: &str, server_id: i64, rowid: Option<i64>, create_time: Option<i64>) -> bool {
        if server_id > 0 {
            return self.records.has_server_id(server_id);
        }
        let Some((table, rowid)) = self.store.table(table).zip(rowid) else { return false };
        let Ok(Some(row)) = self.store.get(table, rowid) else { return false };
        row.int_lossy(table.column("createTime")) == create_time
    }
}
