//! `ChatStorage.sqlite`: what it is, and the order in which its tables are read.

use forensics_core::open_store::OpenStore;
use forensics_core::sink::{Sink, Stopped, StoreStatus};

use super::leftovers::{self, Outgoing};
use super::messages::Messages;
use super::sessions::Sessions;
use super::{Names, contacts};
use crate::whatsapp::Scope;

/// Reads a store whole.
pub(super) fn read(store: &OpenStore, scope: &Scope, names: &Names, sink: &mut dyn Sink) -> Result<(), Stopped> {
    if let Some(table) = store.lacks(&["ZWAMESSAGE", "ZWACHATSESSION"]) {
        return store.refuse(sink, &format!("table {table} is missing"));
    }
    sink.describe(store.id(), StoreStatus::Read, Some(generation(store)))?;
    contacts::push_names(store, scope, sink)?;
    let mut sessions = Sessions::read(store, scope, names, sink)?;
    let mut outgoing = Outgoing::find(store);
    let Some(mut messages) = Messages::open(store, scope) else { return store.finish(sink) };
    messages.read(&mut sessions, &mut outgoing, sink)?;
    sessions.later_dates(scope, sink)?;
    leftovers::read(store, scope, &sessions, &outgoing, messages.highest(), sink)?;
    store.finish(sink)
}

/// By columns: `user_version` is 0 in every version.
fn generation(store: &OpenStore) -> &'static str {
    let has = |table: &str, column: &str| store.table(table).is_some_and(|t| t.has(column));
    if !has("ZWAMESSAGE", "ZSTANZAID") {
        "ios-without-ids"
    } else if store.table("ZWAMESSAGEINFO").is_none() || !has("ZWAMEDIAITEM", "ZMETADATA") {
        "ios-without-receipt-blobs"
    } else {
        "ios-chat-storage"
    }
}
