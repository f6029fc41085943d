//! Account, contacts and threads.

use std::collections::HashMap;

use forensics_core::open_store::Fate;
use forensics_core::origin::Origin;
use forensics_core::record::{Contact, Key, Record, Thread, ThreadKind};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::Value;

use super::archives;
use super::codes::{CONTACT_THREAD, GROUP_THREAD, RELEASE_NOTES, STORY_THREAD};
use crate::signal::Scope;
use crate::signal::cells;
use crate::signal::tables::Tables;

/// The owner, and where that stands.
pub(super) struct Owner {
    pub(super) id: Box<str>,
    pub(super) number: Option<Box<str>>,
    pub(super) origin: Origin,
}

/// Looks into `keyvalue` (`TSAccountManager`).
pub(super) fn owner(store: &dyn Tables) -> Option<Owner> {
    let c = |name: &'static str| store.column("keyvalue", &[name]);
    let (key, collection, value) = (c("KEY"), c("collection"), c("VALUE"));
    let (mut aci, mut number) = (None, None);
    store.look("keyvalue", &mut |row| {
        if row.text(collection).as_deref() != Some("TSStorageUserAccountCollection") {
            return;
        }
        let slot = match row.text(key).as_deref() {
            Some("TSStorageRegisteredUUIDKey") => &mut aci,
            Some("TSStorageRegisteredNumberKey") => &mut number,
            _ => return,
        };
        let text = match row.value(value) {
            Value::Text(t) => Some(t),
            Value::Blob(b) => archives::text(&b),
            _ => None,
        };
        if let Some(text) = text {
            *slot = Some((cells::lower(&text), row.cell(value)));
        }
    });
    let phone = number.as_ref().map(|(n, _)| n.clone());
    let (id, origin) = aci.or(number)?;
    Some(Owner { id, number: phone, origin })
}

/// A thread, and what is special about it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct About {
    pub(super) kind: ThreadKind,
    /// Notes to self.
    pub(super) own: bool,
    /// The app's own release notes.
    pub(super) release_notes: bool,
}

/// Threads by their ids; grows with conversations.
pub(super) struct Threads {
    all: HashMap<Box<str>, About>,
    by_row: HashMap<i64, Key>,
}

impl Threads {
    /// Emits contacts and threads.
    pub(super) fn read(store: &dyn Tables, scope: &Scope, sink: &mut dyn Sink) -> Result<Threads, Stopped> {
        let names = names(store);
        emit_contacts(store, scope, &names, sink)?;
        let members = members(store);
        store.each(sink, "model_TSGroupMember", &mut |_, _| Ok(Fate::Folded))?;
        let c = |name: &'static str| store.column("model_TSThread", &[name]);
        let (kind, id, group) = (c("recordType"), c("uniqueId"), c("groupModel"));
        let (uuid, phone, draft) = (c("contactUUID"), c("contactPhoneNumber"), c("messageDraft"));
        let mut threads = Threads { all: HashMap::new(), by_row: HashMap::new() };
        store.each(sink, "model_TSThread", &mut |row, sink| {
            let Some(id) = row.text(id) else { return Ok(Fate::Quarantined("a thread without id".into())) };
            let peer = row.text(uuid).map(|t| cells::lower(&t)).or_else(|| row.text(phone));
            let own = peer.as_deref() == Some(&*scope.account);
            let kind = match row.int(kind) {
                Some(CONTACT_THREAD) if own => ThreadKind::Service,
                Some(CONTACT_THREAD) => ThreadKind::Direct,
                Some(GROUP_THREAD) => ThreadKind::Group,
                Some(STORY_THREAD) => ThreadKind::Broadcast,
                Some(RELEASE_NOTES) => ThreadKind::Service,
                _ => ThreadKind::Unknown,
            };
            let about = About { kind, own, release_notes: kind == ThreadKind::Service && !own };
            threads.all.insert(id.clone(), about);
            let key: Key = id.into();
            threads.by_row.extend(row.rowid().map(|rowid| (rowid, key.clone())));
            let title = row.blob(group).and_then(|b| archives::group_name(&b));
            let of_peer = || names.get(peer.as_deref()?).cloned();
            let participants = match kind {
                ThreadKind::Group => members.get(&*key).cloned().unwrap_or_default(),
                _ => peer.iter().cloned().collect(),
            };
            sink.emit(Record::Thread(Thread {
                origin: row.origin(),
                account: scope.account.clone(),
                name: title.or_else(of_peer),
                id: key,
                kind,
                participants,
                extra: vec![("contact", peer.as_deref().into()), ("draft", row.value(draft))],
            }))?;
            Ok(Fate::Emitted)
        })?;
        Ok(threads)
    }

    /// What is known of a thread.
    pub(super) fn about(&self, id: &str) -> Option<About> {
        self.all.get(id).copied()
    }

    /// The thread of a row.
    pub(super) fn of_row(&self, row: i64) -> Option<&Key> {
        self.by_row.get(&row)
    }
}

/// Profile names by service id and number.
fn names(store: &dyn Tables) -> HashMap<Box<str>, Box<str>> {
    let c = |name: &'static str| store.column("model_OWSUserProfile", &[name]);
    let (given, family) = (c("profileName"), c("familyName"));
    let (uuid, phone) = (c("recipientUUID"), c("recipientPhoneNumber"));
    let mut names = HashMap::new();
    store.look("model_OWSUserProfile", &mut |row| {
        let parts: Vec<Box<str>> = [given, family].into_iter().filter_map(|column| row.text(column)).collect();
        if !parts.is_empty() {
            let keys = row.text(uuid).map(|t| cells::lower(&t)).into_iter().chain(row.text(phone));
            names.extend(keys.map(|key| (key, Box::from(parts.join(" ")))));
        }
    });
    names
}

fn emit_contacts(
    store: &dyn Tables,
    scope: &Scope,
    names: &HashMap<Box<str>, Box<str>>,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    store.each(sink, "model_OWSUserProfile", &mut |_, _| Ok(Fate::Folded))?;
    let c = |name: &'static str| store.column("model_SignalRecipient", &[name]);
    let (uuid, phone, pni) = (c("recipientUUID"), c("recipientPhoneNumber"), c("pni"));
    store.each(sink, "model_SignalRecipient", &mut |row, sink| {
        let id = row.text(uuid).map(|t| cells::lower(&t)).or_else(|| row.text(pni)).or_else(|| row.text(phone));
        let Some(id) = id else { return Ok(Fate::Quarantined("a recipient without any address".into())) };
        let name = names.get(&id).cloned();
        let extra = vec![("phone", row.value(phone)), ("pni", row.value(pni))];
        let (origin, account) = (row.origin(), scope.account.clone());
        sink.emit(Record::Contact(Contact { origin, account, id: id.into(), name, extra }))?;
        Ok(Fate::Emitted)
    })
}

/// Members of groups by the thread's id.
fn members(store: &dyn Tables) -> HashMap<Box<str>, Vec<Box<str>>> {
    let c = |name: &'static str| store.column("model_TSGroupMember", &[name]);
    let (thread, uuid, phone) = (c("groupThreadId"), c("uuidString"), c("phoneNumber"));
    let mut members: HashMap<Box<str>, Vec<Box<str>>> = HashMap::new();
    store.look("model_TSGroupMember", &mut |row| {
        let who = row.text(uuid).map(|t| cells::lower(&t)).or_else(|| row.text(phone));
        if let Some((thread, who)) = row.text(thread).zip(who) {
            members.entry(thread).or_default().push(who);
        }
    });
    members
}
