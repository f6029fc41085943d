//! Google Chat: `dynamite.db`, as far as its columns are known.

use forensics_core::app::Install;
use forensics_core::decode::protobuf;
use forensics_core::issue::{Issue, Severity};
use forensics_core::open_store::{Fate, OpenStore, Unlock};
use forensics_core::origin::Origin;
use forensics_core::record::{
    Account, Attachment, Contact, Direction, Key, Message, MessageKind, Record, Thread, ThreadKind,
};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::stamp::Epoch;
use forensics_core::store::sqlite::{Col, Row};

use super::{Spaces, files, notes};
use crate::telephony::cells;
use crate::telephony::scope::Scope;

/// Emits what every database holds. Gmail has one of its own, usually empty.
pub(super) fn read(install: &Install<'_>, spaces: &mut Spaces, sink: &mut dyn Sink) -> Result<(), Stopped> {
    for entry in files(install, "chat") {
        let Some(store) = install.open(sink, "chat", entry, &Unlock::Plain)? else { continue };
        if store.table("topic_messages").is_none() {
            store.refuse(sink, "table topic_messages is missing")?;
            continue;
        }
        sink.describe(store.id(), StoreStatus::Read, Some("Google Chat"))?;
        let email = account_of(store.path());
        let account: Key = email.as_deref().unwrap_or("google-chat").into();
        let origin = Origin::store(store.id());
        sink.emit(Record::Account(Account { origin, id: account.clone(), name: None, extra: Vec::new() }))?;
        let scope = spaces.next(account);
        let own = users(&store, &scope, email.as_deref(), sink)?;
        groups(&store, &scope, sink)?;
        messages(&store, &scope, own.as_ref(), sink)?;
        drafts(&store, &scope, sink)?;
        store.finish(sink)?;
    }
    Ok(())
}

/// The address in `…/user_accounts/<address>/dynamite.db`.
fn account_of(path: &str) -> Option<String> {
    let (_, rest) = path.split_once("/user_accounts/")?;
    let (address, _) = rest.split_once('/')?;
    (!address.is_empty()).then(|| address.to_owned())
}

/// Emits persons; gives the owner's key, which is that of the account's address.
fn users(store: &OpenStore, scope: &Scope, email: Option<&str>, sink: &mut dyn Sink) -> Result<Option<Key>, Stopped> {
    let Some(table) = store.table("users") else { return Ok(None) };
    let (id, name, address) = (table.column("user_id"), table.column("name"), table.column("email"));
    let mut own = None;
    store.each(sink, "users", |row, sink| {
        let Some(key) = cells::text(row, id).map(Key::from) else { return Ok(Fate::PassedOver) };
        let theirs = row.text(address).unwrap_or_default().into_owned();
        if email.is_some_and(|email| email.eq_ignore_ascii_case(&theirs)) {
            own.get_or_insert(key.clone());
        }
        let (origin, account, name) = (row.origin(), scope.account.clone(), cells::text(row, name));
        let extra = vec![("email", row.value(address))];
        sink.emit(Record::Contact(Contact { origin, account, id: key, name, extra }))?;
        Ok(Fate::Emitted)
    })?;
    Ok(own)
}

fn groups(store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table("Groups") else { return Ok(()) };
    let (id, name) = (table.column("group_id"), table.column("name"));
    let (viewed, created) = (table.column("last_view_time"), table.column("create_time"));
    store.each(sink, "Groups", |row, sink| {
        let Some(key) = cells::text(row, id).map(Key::from) else { return Ok(Fate::PassedOver) };
        let extra = vec![("last_view_time", row.value(viewed)), ("create_time", row.value(created))];
        let thread = Thread {
            origin: row.origin(),
            account: scope.account.clone(),
            id: key,
            name: cells::text(row, name),
            kind: ThreadKind::Unknown,
            participants: Vec::new(),
            extra,
        };
        sink.emit(Record::Thread(thread))?;
        Ok(Fate::Emitted)
    })
}

fn messages(store: &OpenStore, scope: &Scope, own: Option<&Key>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table("topic_messages") else { return Ok(()) };
    let (time, text, group) = (table.column("create_time"), table.column("text_body"), table.column("group_id"));
    let (creator, annotation) = (table.column("creator_id"), table.column("annotation"));
    store.each(sink, "topic_messages", |row, sink| {
        let thread: Key = cells::text(row, group).map_or_else(|| "none".into(), Key::from);
        let mut m = Message::new(row.origin(), scope.account.clone(), thread, row_id("topic_messages", row));
        m.space = scope.space;
        m.sender = cells::text(row, creator).map(Key::from);
        m.direction = match (own, &m.sender) {
            (Some(own), Some(sender)) if own == sender => Direction::Out,
            (Some(_), Some(_)) => Direction::In,
            _ => Direction::Unknown,
        };
        m.sent = cells::stamp(row, time, Epoch::UnixMicros);
        m.text = row.value(text);
        m.kind = MessageKind::Text;
        if let Some(broken) = annotate(row, annotation, &mut m) {
            let detail = format!("{}: topic_messages.annotation: {broken}", store.path());
            let origin = Some(row.cell(annotation));
            sink.issue(Issue { code: notes::ANNOTATION, severity: Severity::Degraded, detail, origin })?;
        }
        sink.emit(Record::Message(Box::new(m)))?;
        Ok(Fate::Emitted)
    })
}

/// Uploads (field 1.10) and meetings (1.12.1) of a message; field 1 may repeat (ALEAPP, googleChat). Gives what kept the
/// bytes from being read to their end.
fn annotate(row: &Row<'_>, col: Col, m: &mut Message) -> Option<String> {
    let bytes = row.bytes(col).filter(|b| !b.is_empty())?;
    let cell = row.cell(col);
    for (place, field) in protobuf::Message::new(&bytes).fields().enumerate() {
        let field = match field {
            Ok(field) => field,
            Err(error) => return Some(error.to_string()),
        };
        let Some(one) = field.message().filter(|_| field.number == 1) else { continue };
        let text = |path: &[u32]| one.at(path).and_then(|f| f.text()).map(Box::<str>::from);
        let origin = cell.within(format!("1[{place}]"));
        if one.at(&[10]).is_some() {
            let mime = text(&[10, 4]);
            m.kind = match mime.as_deref().and_then(|mime| mime.split('/').next()) {
                Some("image") => MessageKind::Image,
                Some("video") => MessageKind::Video,
                Some("audio") => MessageKind::Voice,
                _ => MessageKind::File,
            };
            let name = text(&[10, 3]);
            m.attachments.push(Attachment { name, mime, size: None, path: None, sha256: None, origin });
        } else if let Some(url) = text(&[12, 1, 2]).or_else(|| text(&[12, 1, 6, 16, 2])) {
            let name = text(&[12, 1, 3]).or_else(|| text(&[12, 1, 6, 16, 1]));
            m.kind = MessageKind::Link;
            m.attachments.push(Attachment { name, mime: None, size: None, path: Some(url), sha256: None, origin });
        }
    }
    None
}

fn drafts(store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table("drafts") else { return Ok(()) };
    let (group, text) = (table.column("group_id"), table.column("text"));
    store.each(sink, "drafts", |row, sink| {
        let thread: Key = cells::text(row, group).map_or_else(|| "none".into(), Key::from);
        let mut m = Message::new(row.origin(), scope.account.clone(), thread, row_id("drafts", row));
        m.space = scope.space;
        m.direction = Direction::Out;
        m.sender = Some(scope.account.clone());
        m.text = row.value(text);
        m.kind = MessageKind::Text;
        sink.emit(Record::Message(Box::new(m)))?;
        Ok(Fate::Emitted)
    })
}

/// The name of the message's own id column is not known: its row stands for it.
fn row_id(table: &str, row: &Row<'_>) -> Key {
    match row.rowid() {
        Some(rowid) => format!("{table}/{rowid}").into(),
        None => format!("{table}/{}", row.origin().key.unwrap_or_default()).into(),
    }
}
