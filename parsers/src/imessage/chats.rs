//! Conversations with the persons in them; what each of them remembers of its newest message.

use std::collections::{BTreeMap, BTreeSet};

use forensics_core::issue::{Issue, Severity};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::Origin;
use forensics_core::record::{Account, Contact, Extra, Key, Record, Thread, ThreadKind};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::plist::{self, Plist};
use forensics_core::store::sqlite::Row;
use forensics_core::value::Value;

use super::columns::{ChatColumns, HandleColumns};

/// A conversation.
#[derive(Debug)]
pub(super) struct Chat {
    pub(super) key: Key,
    pub(super) account: Key,
    origin: Origin,
    name: Option<Box<str>>,
    pub(super) kind: ThreadKind,
    extra: Extra,
    people: Vec<i64>,
    login: Option<Marker>,
    /// The row number of the newest message that was seen in it.
    pub(super) seen_row: Option<Marker>,
    /// When that was.
    pub(super) seen_time: Option<Marker>,
    /// The identifier of the last message that was seen in it.
    pub(super) seen_guid: Option<Marker>,
    /// Up to when it was read.
    pub(super) last_read: Option<Marker>,
    /// The highest row number among its messages.
    pub(super) newest_row: Option<i64>,
    /// The newest date among its messages, in nanoseconds since 1970.
    pub(super) newest_date: Option<i128>,
}

/// A person, by one service.
#[derive(Debug)]
struct Handle {
    id: Key,
    origin: Origin,
    extra: Extra,
}

/// All conversations and persons of a store.
#[derive(Debug)]
pub(super) struct Chats {
    pub(super) by_row: BTreeMap<i64, Chat>,
    handles: BTreeMap<i64, Handle>,
    /// The account of what belongs to no conversation.
    pub(super) account: Key,
}

impl Chats {
    /// Reads `chat`, `handle` and `chat_handle_join`, and hands over what they hold.
    pub(super) fn read(store: &OpenStore, sink: &mut dyn Sink) -> Result<Self, Stopped> {
        let mut chats = Chats { by_row: BTreeMap::new(), handles: BTreeMap::new(), account: "unknown".into() };
        let columns = ChatColumns::of(store.table("chat"));
        store.each(sink, "chat", |row, sink| {
            let Some(rowid) = row.rowid() else { return Ok(Fate::Quarantined("a row without number".to_owned())) };
            let mut chat = chat(row, rowid, &columns);
            chat.remember(row, &columns, sink)?;
            chats.by_row.insert(rowid, chat);
            Ok(Fate::Emitted)
        })?;
        chats.choose_account();
        let columns = HandleColumns::of(store.table("handle"));
        store.each(sink, "handle", |row, _| {
            let (Some(rowid), Some(id)) = (row.rowid(), row.text(columns.id)) else {
                return Ok(Fate::Quarantined("a person without identifier".to_owned()));
            };
            let extra = vec![
                ("service", row.value(columns.service)),
                ("country", row.value(columns.country)),
                ("uncanonicalized_id", row.value(columns.uncanonicalized)),
                ("person_centric_id", row.value(columns.person)),
            ];
            chats.handles.insert(rowid, Handle { id: Key::from(&*id), origin: row.origin(), extra });
            Ok(Fate::Emitted)
        })?;
        let joins = store.table("chat_handle_join");
        let column = |name| joins.map(|t| t.column(name)).unwrap_or_default();
        let (of, who) = (column("chat_id"), column("handle_id"));
        store.each(sink, "chat_handle_join", |row, _| {
            if let (Some(of), Some(who)) = (row.int(of), row.int(who))
                && let Some(chat) = chats.by_row.get_mut(&of)
            {
                chat.people.push(who);
            }
            Ok(Fate::Folded)
        })?;
        chats.emit(sink)?;
        Ok(chats)
    }

    /// One account for what has none of its own: the first conversation's.
    fn choose_account(&mut self) {
        let first = self.by_row.values().find(|c| c.login.is_some()).map(|c| Key::clone(&c.account));
        self.account = first.unwrap_or_else(|| Key::clone(&self.account));
        for chat in self.by_row.values_mut().filter(|c| c.login.is_none()) {
            chat.account = Key::clone(&self.account);
        }
    }

    fn emit(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let mut accounts = BTreeSet::new();
        for chat in self.by_row.values() {
            let Some(login) = chat.login.as_ref().filter(|_| accounts.insert(Key::clone(&chat.account))) else {
                continue;
            };
            let extra = vec![("account_login", login.raw.clone()), ("account_id", login.value.clone())];
            let origin = login.origin.clone();
            sink.emit(Record::Account(Account { origin, id: Key::clone(&chat.account), name: None, extra }))?;
        }
        for handle in self.handles.values() {
            sink.emit(Record::Contact(Contact {
                origin: handle.origin.clone(),
                account: Key::clone(&self.account),
                id: Key::clone(&handle.id),
                name: None,
                extra: handle.extra.clone(),
            }))?;
        }
        for chat in self.by_row.values() {
            sink.emit(Record::Thread(Thread {
                origin: chat.origin.clone(),
                account: Key::clone(&chat.account),
                id: Key::clone(&chat.key),
                name: chat.name.clone(),
                kind: chat.kind,
                participants: chat.people.iter().filter_map(|p| self.person(*p)).map(|p| (*p).into()).collect(),
                extra: chat.extra.clone(),
            }))?;
        }
        Ok(())
    }

    /// The identifier of a person.
    pub(super) fn person(&self, handle: i64) -> Option<Key> {
        self.handles.get(&handle).map(|h| Key::clone(&h.id))
    }

    /// The only other person of a conversation between two.
    pub(super) fn peer(&self, chat: &Chat) -> Option<Key> {
        match (chat.kind, chat.people.as_slice()) {
            (ThreadKind::Direct, [one]) => self.person(*one),
            _ => None,
        }
    }
}

fn chat(row: &Row<'_>, rowid: i64, columns: &ChatColumns) -> Chat {
    let filled = |col| row.text(col).filter(|t| !t.is_empty());
    let login = filled(columns.login).map(|login| {
        Marker::new(MarkerKind::State, "account_login", &*login, row.cell(columns.login))
            .meaning(row.value(columns.account_id))
    });
    Chat {
        key: row.text(columns.guid).map_or_else(|| format!("chat:{rowid}").into(), |guid| Key::from(&*guid)),
        // The first letters are capitals here and small in the messages: `E:`, `P:`.
        account: filled(columns.login).map_or_else(|| "".into(), |login| account(&login)),
        origin: row.origin(),
        name: filled(columns.name).map(|n| (*n).into()),
        kind: match row.int(columns.style) {
            Some(45) => ThreadKind::Direct,
            Some(43) => ThreadKind::Group,
            _ => ThreadKind::Unknown,
        },
        extra: vec![
            ("service_name", row.value(columns.service)),
            ("style", row.value(columns.style)),
            ("state", row.value(columns.state)),
            ("chat_identifier", row.value(columns.identifier)),
            ("room_name", row.value(columns.room)),
            ("group_id", row.value(columns.group)),
            ("is_archived", row.value(columns.archived)),
            ("is_filtered", row.value(columns.filtered)),
            ("is_recovered", row.value(columns.recovered)),
            ("successful_query", row.value(columns.lookup)),
            ("ck_sync_state", row.value(columns.sync_state)),
            ("cloudkit_record_id", row.value(columns.record)),
            ("server_change_token", row.value(columns.token)),
        ],
        people: Vec::new(),
        login,
        seen_row: None,
        seen_time: None,
        seen_guid: None,
        last_read: None,
        newest_row: None,
        newest_date: None,
    }
}

/// The account as the messages write it: a small first letter.
pub(super) fn account(login: &str) -> Key {
    match login.split_once(':') {
        Some((kind @ ("E" | "P"), rest)) => format!("{}:{rest}", kind.to_ascii_lowercase()).into(),
        _ => login.into(),
    }
}

impl Chat {
    /// Reads what the conversation knows of its newest message.
    fn remember(&mut self, row: &Row<'_>, columns: &ChatColumns, sink: &mut dyn Sink) -> Result<(), Stopped> {
        if row.int(columns.last_read).is_some_and(|at| at > 0) {
            let (raw, cell) = (row.value(columns.last_read), row.cell(columns.last_read));
            let at = super::stamps::stamp(&raw).map(|s| s.to_string());
            self.last_read =
                Some(Marker::new(MarkerKind::Cursor, "last_read_message_timestamp", raw, cell).meaning(at));
        }
        let Some(properties) = row.bytes(columns.properties).filter(|b| !b.is_empty()) else { return Ok(()) };
        let cell = row.cell(columns.properties);
        let list = match plist::parse(&properties) {
            Ok(list) => list,
            Err(error) => {
                let detail = format!("chat.properties of {}: {error}", self.key);
                let origin = Some(cell);
                return sink.issue(Issue { code: "value-undecoded", severity: Severity::Degraded, detail, origin });
            }
        };
        let mark = |key: &'static str, value: fn(&Plist) -> Option<Value>| {
            list.get(key).and_then(value).map(|raw| Marker::new(MarkerKind::Cursor, key, raw, cell.within(key)))
        };
        self.seen_row = mark("CKChatWatermarkMessageID", |v| v.as_int().filter(|i| *i > 0).map(Value::Int));
        self.seen_time = mark("CKChatWatermarkTime", |v| v.as_real().filter(|t| *t > 0.0).map(Value::Real)).map(|m| {
            let at = unix(&m.raw);
            m.meaning(at)
        });
        self.seen_guid = mark("lastSeenMessageGuid", |v| v.as_text().filter(|t| !t.is_empty()).map(Value::from));
        Ok(())
    }
}

/// The watermark's time counts from 1970, unlike everything else here.
fn unix(raw: &Value) -> Option<String> {
    use forensics_core::stamp::{Epoch, Stamp};
    match raw {
        Value::Real(at) => Some(Stamp::real(*at, Epoch::UnixSeconds).to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_written_as_in_its_messages() {
        assert_eq!(&*account("E:ken@example.org"), "e:ken@example.org");
        assert_eq!(&*account("P:+15550100"), "p:+15550100");
        assert_eq!(&*account("ken@example.org"), "ken@example.org");
    }
}
