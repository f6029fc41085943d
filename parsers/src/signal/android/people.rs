//! Recipients, groups and threads. What is kept grows with persons and conversations, not with messages.

use std::collections::HashMap;

use forensics_core::open_store::Fate;
use forensics_core::origin::Origin;
use forensics_core::record::{Account, Contact, Key, Record, Thread, ThreadKind};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::Value;

use super::owner::Owner;
use crate::signal::Scope;
use crate::signal::cells;
use crate::signal::tables::{Cells, Column, Tables};

/// Whom a row of `recipient` stands for.
pub(super) struct Person {
    pub(super) key: Key,
    name: Option<Box<str>>,
    kind: ThreadKind,
    /// Whether the service can reach it: the release channel has no address.
    pub(super) addressed: bool,
}

/// A thread by its number.
pub(super) struct ThreadOf {
    pub(super) key: Key,
    /// Whether it is the owner's own: notes to self.
    pub(super) own: bool,
}

/// Everybody.
#[derive(Default)]
pub(super) struct People {
    by_id: HashMap<i64, Person>,
    /// The owner's own row.
    pub(super) own: Option<i64>,
    titles: HashMap<i64, Box<str>>,
    members: HashMap<Box<str>, Vec<i64>>,
    threads: HashMap<i64, ThreadOf>,
}

struct Columns {
    aci: Column,
    pni: Column,
    number: Column,
    email: Column,
    group: Column,
    list: Column,
    call_link: Column,
    names: [Column; 4],
}

impl Columns {
    fn of(store: &dyn Tables) -> Columns {
        let c = |names: &[&'static str]| store.column("recipient", names);
        Columns {
            aci: c(&["aci", "uuid"]),
            pni: c(&["pni"]),
            number: c(&["e164", "phone"]),
            email: c(&["email"]),
            group: c(&["group_id"]),
            list: c(&["distribution_list_id"]),
            call_link: c(&["call_link_room_id"]),
            names: [
                c(&["nickname_joined_name"]),
                c(&["system_joined_name", "system_display_name"]),
                c(&["profile_joined_name"]),
                c(&["profile_given_name", "signal_profile_name"]),
            ],
        }
    }

    fn person(&self, row: &dyn Cells, id: i64) -> Person {
        let text = |c: Column| row.text(c);
        let list = row.positive(self.list);
        let address = text(self.aci).map(|t| cells::lower(&t)).or_else(|| text(self.pni)).or_else(|| text(self.number));
        let address = address.or_else(|| text(self.email));
        let group = text(self.group);
        let link = text(self.call_link);
        let kind = match (&group, list, &link) {
            (Some(_), _, _) => ThreadKind::Group,
            (_, Some(_), _) => ThreadKind::Broadcast,
            (_, _, Some(_)) => ThreadKind::Unknown,
            _ => ThreadKind::Direct,
        };
        let addressed = address.is_some() || group.is_some();
        let key = group
            .or(address)
            .or_else(|| Some(format!("distribution-list:{}", list?).into()))
            .or_else(|| Some(format!("call-link:{}", link?).into()))
            .unwrap_or_else(|| format!("recipient:{id}").into());
        Person { key: key.into(), name: self.names.iter().find_map(|c| text(*c)), kind, addressed }
    }
}

impl People {
    /// Reads recipients and groups; `hint` is the recipient that outgoing rows name as their author.
    pub(super) fn read(store: &dyn Tables, owner: &Owner, hint: Option<i64>) -> People {
        let mut people = People::default();
        let columns = Columns::of(store);
        let mut own = None;
        store.look("recipient", &mut |row| {
            let Some(id) = row.rowid() else { return };
            let is = |column: Column, known: &Option<Box<str>>| {
                known.is_some() && row.text(column).map(|t| cells::lower(&t)) == *known
            };
            if is(columns.aci, &owner.aci) || (owner.aci.is_none() && is(columns.number, &owner.number)) {
                own = Some(id);
            }
            people.by_id.insert(id, columns.person(row, id));
        });
        people.own = own.or(hint);
        people.read_groups(store);
        people
    }

    fn read_groups(&mut self, store: &dyn Tables) {
        let c = |names: &[&'static str]| store.column("groups", names);
        let (id, recipient, title, members) = (c(&["group_id"]), c(&["recipient_id"]), c(&["title"]), c(&["members"]));
        store.look("groups", &mut |row| {
            if let Some((recipient, title)) = row.int(recipient).zip(row.text(title)) {
                self.titles.insert(recipient, title);
            }
            // Before schema 180 the members stand in one text.
            if let Some((group, list)) = row.text(id).zip(row.text(members)) {
                let list = list.split(',').filter_map(|m| m.trim().parse().ok()).collect();
                self.members.insert(group, list);
            }
        });
        let (group, member) =
            (store.column("group_membership", &["group_id"]), store.column("group_membership", &["recipient_id"]));
        store.look("group_membership", &mut |row| {
            if let Some((group, member)) = row.text(group).zip(row.int(member)) {
                self.members.entry(group).or_default().push(member);
            }
        });
    }

    /// Whom a cell names: a row of `recipient`; in old stores a phone number or a group's id.
    pub(super) fn key(&self, value: &Value) -> Option<Key> {
        match value {
            Value::Int(id) if *id > 0 => Some(self.of(*id)),
            Value::Text(t) if t.is_empty() => None,
            Value::Text(t) => match t.parse::<i64>() {
                Ok(id) if t.bytes().all(|b| b.is_ascii_digit()) && self.by_id.contains_key(&id) => Some(self.of(id)),
                _ => Some(cells::lower(t).into()),
            },
            _ => None,
        }
    }

    /// The key of a recipient; one that is not in the store keeps its number.
    pub(super) fn of(&self, id: i64) -> Key {
        self.by_id.get(&id).map_or_else(|| format!("recipient:{id}").into(), |p| p.key.clone())
    }

    /// A recipient.
    pub(super) fn person(&self, id: i64) -> Option<&Person> {
        self.by_id.get(&id)
    }

    /// The thread of that number, if the store knows it.
    pub(super) fn thread(&self, id: i64) -> Option<&ThreadOf> {
        self.threads.get(&id)
    }

    /// Emits the account.
    pub(super) fn announce(
        &self,
        owner: &Owner,
        store: &dyn Tables,
        sink: &mut dyn Sink,
    ) -> Result<Option<Key>, Stopped> {
        let own = self.own.and_then(|id| self.by_id.get(&id));
        let known = || owner.aci.clone().or_else(|| owner.number.clone()).map(Key::from);
        let Some(id) = own.map(|p| p.key.clone()).or_else(known) else { return Ok(None) };
        let at_own = || Origin { rowid: self.own, ..Origin::table(store.id(), "recipient") };
        let account = Account {
            origin: owner.origin.clone().unwrap_or_else(at_own),
            id: id.clone(),
            name: own.and_then(|p| p.name.clone()),
            extra: vec![("phone", owner.number.as_deref().into())],
        };
        sink.emit(Record::Account(account))?;
        Ok(Some(id))
    }

    /// Emits contacts and threads.
    pub(super) fn emit(&mut self, store: &dyn Tables, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let columns = Columns::of(store);
        store.each(sink, "recipient", &mut |row, sink| {
            let Some(id) = row.rowid() else { return Ok(Fate::Quarantined("a recipient without number".into())) };
            let person = columns.person(row, id);
            if person.kind != ThreadKind::Direct {
                return Ok(Fate::Folded);
            }
            let extra = vec![("phone", row.value(columns.number)), ("pni", row.value(columns.pni))];
            let (account, id) = (scope.account.clone(), person.key);
            sink.emit(Record::Contact(Contact { origin: row.origin(), account, id, name: person.name, extra }))?;
            Ok(Fate::Emitted)
        })?;
        store.each(sink, "groups", &mut |_, _| Ok(Fate::Folded))?;
        store.each(sink, "group_membership", &mut |_, _| Ok(Fate::Folded))?;
        self.emit_threads(store, scope, sink)
    }

    fn emit_threads(&mut self, store: &dyn Tables, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let recipient = store.column("thread", &["recipient_id", "thread_recipient_id", "recipient_ids"]);
        let date = store.column("thread", &["date"]);
        let mut threads = HashMap::new();
        store.each(sink, "thread", &mut |row, sink| {
            let whom = row.value(recipient);
            let Some((id, key)) = row.rowid().zip(self.key(&whom)) else {
                return Ok(Fate::Quarantined("a thread without number or recipient".into()));
            };
            let number = whom.as_int().or_else(|| whom.as_text()?.parse().ok());
            let person = number.and_then(|n| self.by_id.get(&n));
            let kind = match person.map(|p| p.kind) {
                _ if number.is_some() && number == self.own => ThreadKind::Service,
                Some(ThreadKind::Direct) if !person.is_some_and(|p| p.addressed) => ThreadKind::Service,
                Some(kind) => kind,
                None if key.starts_with("__") => ThreadKind::Group,
                None => ThreadKind::Unknown,
            };
            let title = number.and_then(|n| self.titles.get(&n)).or_else(|| person.and_then(|p| p.name.as_ref()));
            let thread = Thread {
                origin: row.origin(),
                account: scope.account.clone(),
                id: key.clone(),
                name: title.cloned(),
                kind,
                participants: self.participants(kind, &key),
                extra: vec![("date", row.value(date))],
            };
            threads.insert(id, ThreadOf { key, own: number.is_some() && number == self.own });
            sink.emit(Record::Thread(thread))?;
            Ok(Fate::Emitted)
        })?;
        self.threads = threads;
        Ok(())
    }

    fn participants(&self, kind: ThreadKind, key: &Key) -> Vec<Box<str>> {
        match kind {
            ThreadKind::Group => {
                let members = self.members.get(&**key).map_or(&[][..], Vec::as_slice);
                members.iter().map(|m| Box::from(&*self.of(*m))).collect()
            }
            ThreadKind::Direct => vec![Box::from(&**key)],
            _ => Vec::new(),
        }
    }
}
