//! Persons, groups and secret chats: `users`, `chats`, `enc_chats`.

use std::collections::HashMap;

use forensics_core::decode::tl::{Object, Tl};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{Account, Contact, Cursor, CursorSays, Extra, Record, ThreadKind};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::Value;

use super::dialog::{Dialog, SERVICE_USER};
use super::undecoded;
use crate::telegram::mentions::Scope;
use crate::telegram::table::schema;

/// A group, supergroup or channel.
struct Chat {
    name: Option<Box<str>>,
    kind: ThreadKind,
    /// Whether it counts its own ids: supergroups and channels do.
    channel: bool,
}

/// A secret chat.
struct EncChat {
    user: Option<i64>,
    name: Option<Box<str>>,
}

/// Names and kinds by id. Grows with persons and conversations.
#[derive(Default)]
pub(super) struct Peers {
    users: HashMap<i64, Box<str>>,
    chats: HashMap<i64, Chat>,
    enc_chats: HashMap<i64, EncChat>,
}

/// The user that is marked as the account's own, for a store without preferences.
pub(super) fn find_self(store: &OpenStore) -> Option<i64> {
    let table = store.table("users")?;
    let (uid, data) = (table.column("uid"), table.column("data"));
    let own = store.scan(table).filter_map(Result::ok).find(|row| {
        row.bytes(data).is_some_and(|bytes| {
            let decoded = schema().decode(&bytes, Some("User"));
            decoded.object.is_some_and(|u| u.flag("self") || u.name().starts_with("userSelf"))
        })
    })?;
    own.int(uid)
}

/// A person's name as it is written by themselves.
pub(super) fn name(user: &Object<'_, '_>) -> Option<Box<str>> {
    let parts = ["first_name", "last_name"].map(|field| user.text(field).unwrap_or_default());
    let name = parts.join(" ");
    Some(name.trim()).filter(|n| !n.is_empty()).map(Into::into)
}

/// What else is said of a person.
pub(super) fn facts(user: &Object<'_, '_>) -> Extra {
    let text = |field: &str| Value::from(user.text(field).map(|t| t.into_owned()));
    let yes = |field: &str| if user.flag(field) { Value::Int(1) } else { Value::Null };
    let usernames: Vec<String> =
        user.objects("usernames").filter_map(|u| u.text("username").map(|t| t.into_owned())).collect();
    vec![
        ("phone", text("phone")),
        ("username", text("username")),
        ("usernames", if usernames.is_empty() { Value::Null } else { usernames.join(", ").into() }),
        ("contact", yes("contact")),
        ("mutual_contact", yes("mutual_contact")),
        ("deleted", yes("deleted")),
        ("bot", yes("bot")),
    ]
}

impl Peers {
    /// Reads the three tables. `own` is the account's user where nothing but its row says who it is.
    pub(super) fn read(
        store: &OpenStore,
        sink: &mut dyn Sink,
        scope: &Scope,
        own: Option<i64>,
    ) -> Result<Peers, Stopped> {
        let mut peers = Peers::default();
        peers.read_users(store, sink, scope, own)?;
        peers.read_chats(store, sink)?;
        peers.read_enc_chats(store, sink, scope)?;
        Ok(peers)
    }

    fn read_users(
        &mut self,
        store: &OpenStore,
        sink: &mut dyn Sink,
        scope: &Scope,
        own: Option<i64>,
    ) -> Result<(), Stopped> {
        let Some(table) = store.table("users") else { return Ok(()) };
        let [uid, name_column, status, data] = ["uid", "name", "status", "data"].map(|n| table.column(n));
        store.each(sink, "users", |row, sink| {
            let Some(id) = row.int(uid) else { return Ok(Fate::Quarantined("a user without uid".to_owned())) };
            let bytes = row.bytes(data).unwrap_or_default();
            let decoded = schema().decode(&bytes, Some("User"));
            if let Some(trouble) = decoded.trouble.filter(|_| !bytes.is_empty()) {
                sink.issue(undecoded(store, row.cell(data), &trouble.to_string()))?;
            }
            let user = decoded.object;
            // The column holds "first last;;;username" for searching, in lower case.
            let listed = row.text(name_column);
            let listed = listed.as_deref().and_then(|n| n.split(";;;").next()).map(str::trim);
            let name = user.as_ref().and_then(name).or_else(|| listed.filter(|n| !n.is_empty()).map(Into::into));
            let mut extra = user.as_ref().map(facts).unwrap_or_default();
            extra.push(("status", row.value(status)));
            if let Some(name) = &name {
                self.users.insert(id, name.clone());
            }
            let key = id.to_string();
            if own == Some(id) {
                let origin = row.origin();
                sink.emit(Record::Account(Account {
                    origin,
                    id: key.as_str().into(),
                    name: name.clone(),
                    extra: extra.clone(),
                }))?;
            }
            let account = scope.account.clone();
            sink.emit(Record::Contact(Contact { origin: row.origin(), account, id: key.into(), name, extra }))?;
            Ok(Fate::Emitted)
        })
    }

    fn read_chats(&mut self, store: &OpenStore, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(table) = store.table("chats") else { return Ok(()) };
        let [uid, name_column, data] = ["uid", "name", "data"].map(|n| table.column(n));
        store.each(sink, "chats", |row, sink| {
            let Some(id) = row.int(uid) else { return Ok(Fate::Quarantined("a chat without uid".to_owned())) };
            let bytes = row.bytes(data).unwrap_or_default();
            let decoded = schema().decode(&bytes, Some("Chat"));
            if let Some(trouble) = decoded.trouble.filter(|_| !bytes.is_empty()) {
                sink.issue(undecoded(store, row.cell(data), &trouble.to_string()))?;
            }
            let title = decoded.object.as_ref().and_then(|c| c.text("title")).map(|t| t.into_owned());
            let name = title.or_else(|| row.text(name_column).map(|t| t.into_owned()));
            let name = name.filter(|n| !n.is_empty()).map(Into::into);
            let (kind, channel) = decoded.object.as_ref().map_or((ThreadKind::Unknown, false), chat_kind);
            self.chats.insert(id, Chat { name, kind, channel });
            Ok(Fate::Folded)
        })
    }

    fn read_enc_chats(&mut self, store: &OpenStore, sink: &mut dyn Sink, scope: &Scope) -> Result<(), Stopped> {
        let Some(table) = store.table("enc_chats") else { return Ok(()) };
        let [uid, user, name] = ["uid", "user", "name"].map(|n| table.column(n));
        let counters = ["seq_in", "seq_out", "in_seq_no", "mtproto_seq"].map(|n| (n, table.column(n)));
        let old = store.table("messages_v2").is_none();
        store.each(sink, "enc_chats", |row, sink| {
            let Some(id) = row.int(uid) else { return Ok(Fate::Quarantined("a secret chat without uid".to_owned())) };
            let name = row.text(name).filter(|n| !n.is_empty()).map(|n| n.as_ref().into());
            self.enc_chats.insert(id, EncChat { user: row.int(user), name });
            let thread = secret_uid(id, old).to_string();
            for (counter, column) in counters {
                let Some(value) = row.int(column) else { continue };
                sink.emit(Record::Cursor(Cursor {
                    space: scope.space,
                    account: scope.account.clone(),
                    thread: Some(thread.as_str().into()),
                    sequence: "",
                    says: CursorSays::Position(value),
                    marker: Marker::new(MarkerKind::Cursor, counter, value, row.cell(column)),
                }))?;
            }
            Ok(Fate::Folded)
        })
    }

    /// Whether a dialog counts its own ids, as far as `chats` says.
    pub(super) fn is_channel(&self, uid: i64) -> bool {
        matches!(Dialog::of(uid), Dialog::Chat(id) if self.chats.get(&id).is_some_and(|c| c.channel))
    }

    /// The name of a dialog.
    pub(super) fn name(&self, uid: i64) -> Option<Box<str>> {
        match Dialog::of(uid) {
            Dialog::User(id) => self.users.get(&id).cloned(),
            Dialog::Chat(id) => self.chats.get(&id).and_then(|c| c.name.clone()),
            Dialog::Secret(id) => {
                let chat = self.enc_chats.get(&id)?;
                chat.user.and_then(|user| self.users.get(&user).cloned()).or_else(|| chat.name.clone())
            }
            Dialog::Folder => None,
        }
    }

    /// What sort of conversation a dialog is.
    pub(super) fn kind(&self, uid: i64, me: Option<i64>) -> ThreadKind {
        match Dialog::of(uid) {
            Dialog::User(id) if id == SERVICE_USER || Some(id) == me => ThreadKind::Service,
            Dialog::User(_) | Dialog::Secret(_) => ThreadKind::Direct,
            Dialog::Chat(id) => self.chats.get(&id).map_or(ThreadKind::Unknown, |c| c.kind),
            Dialog::Folder => ThreadKind::Unknown,
        }
    }

    /// The other person of a secret chat.
    pub(super) fn secret_user(&self, chat: i64) -> Option<i64> {
        self.enc_chats.get(&chat)?.user
    }
}

/// The dialog id of a secret chat; to schema 83 its number stood in the upper half.
fn secret_uid(chat: i64, old: bool) -> i64 {
    if old { chat.wrapping_shl(32) } else { 0x4000_0000_0000_0000 | (chat & 0xffff_ffff) }
}

fn chat_kind(chat: &Object<'_, '_>) -> (ThreadKind, bool) {
    let name = chat.name();
    if !name.starts_with("channel") {
        return (ThreadKind::Group, false);
    }
    if chat.flag("broadcast") {
        return (ThreadKind::Channel, true);
    }
    // Before supergroups had a flag of their own, what is no broadcast was one.
    let group = chat.flag("megagroup") || matches!(chat.get("flags"), Some(Tl::Int(_)));
    (if group { ThreadKind::Group } else { ThreadKind::Channel }, true)
}
