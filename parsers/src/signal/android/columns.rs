//! The columns of `message`, `mms` and `sms` under the names of every generation (`SignalDatabaseMigrations`).

use crate::signal::tables::{Column, Tables};

/// Columns of a message table.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    pub(super) sent: Column,
    pub(super) received: Column,
    pub(super) server: Column,
    pub(super) thread: Column,
    pub(super) from: Column,
    pub(super) kind: Column,
    pub(super) body: Column,
    pub(super) receipt_time: Column,
    pub(super) delivered: Column,
    pub(super) read: Column,
    pub(super) viewed: Column,
    pub(super) mismatched: Column,
    pub(super) failures: Column,
    pub(super) expires: Column,
    pub(super) quote: Column,
    pub(super) quote_author: Column,
    pub(super) quote_body: Column,
    pub(super) quote_missing: Column,
    pub(super) unidentified: Column,
    pub(super) view_once: Column,
    pub(super) revoked: Column,
    pub(super) revoked_by: Column,
    pub(super) guid: Column,
    pub(super) scheduled: Column,
    pub(super) latest_revision: Column,
    pub(super) contacts: Column,
    pub(super) story: Column,
    pub(super) parent_story: Column,
    /// Whether `from` names the author of outgoing rows too; before schema 185 it names the chat.
    pub(super) from_is_author: bool,
}

impl Columns {
    pub(super) fn of(store: &dyn Tables, table: &str) -> Columns {
        let c = |names: &[&'static str]| store.column(table, names);
        // `sms.date` is the time of receipt, `mms.date` that of sending (until schema 166).
        let (sent, received) = match table {
            "mms" => (c(&["date_sent", "date"]), c(&["date_received"])),
            _ => (c(&["date_sent"]), c(&["date_received", "date"])),
        };
        let from = c(&["from_recipient_id", "recipient_id", "address"]);
        Columns {
            sent,
            received,
            server: c(&["date_server"]),
            thread: c(&["thread_id"]),
            from,
            kind: c(&["type", "msg_box"]),
            body: c(&["body"]),
            receipt_time: c(&["receipt_timestamp"]),
            delivered: c(&["has_delivery_receipt", "delivery_receipt_count"]),
            read: c(&["has_read_receipt", "read_receipt_count"]),
            viewed: c(&["viewed", "viewed_receipt_count"]),
            mismatched: c(&["mismatched_identities"]),
            failures: c(&["network_failures"]),
            expires: c(&["expires_in"]),
            quote: c(&["quote_id"]),
            quote_author: c(&["quote_author"]),
            quote_body: c(&["quote_body"]),
            quote_missing: c(&["quote_missing"]),
            unidentified: c(&["unidentified"]),
            view_once: c(&["view_once", "reveal_duration"]),
            revoked: c(&["remote_deleted"]),
            revoked_by: c(&["deleted_by"]),
            guid: c(&["server_guid"]),
            scheduled: c(&["scheduled_date"]),
            latest_revision: c(&["latest_revision_id"]),
            contacts: c(&["shared_contacts"]),
            story: c(&["story_type"]),
            parent_story: c(&["parent_story_id"]),
            from_is_author: from.name == "from_recipient_id",
        }
    }
}
