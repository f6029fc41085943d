//! The flat store of iOS 5 and older: one message table, with columns that begin with `madrid_` for iMessages.
//!
//! What its flags say of sending is not documented well enough to judge an outgoing row; the marks are shown as they stand.

use std::collections::BTreeMap;

use forensics_core::issue::Severity;
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{Direction, Extra, Key, Message, MessageKind, Record, Space, Thread, ThreadKind};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::store::sqlite::{Col, Row, Table};

use super::body;
use super::stamps::is_set;

/// Whether the message table is the old one.
pub(super) fn is_legacy(message: &Table) -> bool {
    message.has("address") && message.has("flags") && !message.has("guid")
}

#[derive(Clone, Copy)]
struct Columns {
    address: Col,
    date: Col,
    text: Col,
    flags: Col,
    group: Col,
    madrid: Col,
    guid: Col,
    handle: Col,
    room: Col,
    body: Col,
    madrid_flags: Col,
    error: Col,
    delivered: Col,
    read: Col,
    account: Col,
}

impl Columns {
    fn of(table: &Table) -> Self {
        Columns {
            address: table.column("address"),
            date: table.column("date"),
            text: table.column("text"),
            flags: table.column("flags"),
            group: table.column("group_id"),
            madrid: table.column("is_madrid"),
            guid: table.column("madrid_guid"),
            handle: table.column("madrid_handle"),
            room: table.column("madrid_roomname"),
            body: table.column("madrid_attributedBody"),
            madrid_flags: table.column("madrid_flags"),
            error: table.column("madrid_error"),
            delivered: table.column("madrid_date_delivered"),
            read: table.column("madrid_date_read"),
            account: table.column("madrid_account"),
        }
    }
}

pub(super) fn read(store: &OpenStore, table: &Table, space: Space, sink: &mut dyn Sink) -> Result<(), Stopped> {
    sink.describe(store.id(), StoreStatus::Read, Some("iOS 5 or older"))?;
    threads(store, sink)?;
    let columns = Columns::of(table);
    store.each(sink, "message", |row, sink| {
        let Some(rowid) = row.rowid() else { return Ok(Fate::Quarantined("a row without number".to_owned())) };
        let mut m = message(row, rowid, &columns);
        m.space = space;
        let body = body::read(row.value(columns.text), row.bytes(columns.body).as_deref());
        m.text = body.text;
        m.notes.extend(body.note);
        if let Some(fault) = body.fault {
            let detail = format!("{}: madrid_attributedBody: {fault}", store.path());
            let origin = Some(row.cell(columns.body));
            let code = "value-undecoded";
            sink.issue(forensics_core::issue::Issue { code, severity: Severity::Degraded, detail, origin })?;
        }
        m.kind = if m.text.is_null() { MessageKind::Other } else { MessageKind::Text };
        sink.emit(Record::Message(Box::new(m)))?;
        Ok(Fate::Emitted)
    })
}

fn threads(store: &OpenStore, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let column = |table: &str, name: &str| store.table(table).map(|t| t.column(name)).unwrap_or_default();
    let (group, address) = (column("group_member", "group_id"), column("group_member", "address"));
    let mut people: BTreeMap<i64, Vec<Box<str>>> = BTreeMap::new();
    store.each(sink, "group_member", |row, _| {
        if let (Some(group), Some(address)) = (row.int(group), row.text(address)) {
            people.entry(group).or_default().push((*address).into());
        }
        Ok(Fate::Folded)
    })?;
    let thread = |row: &Row<'_>, id: Key, participants: Vec<Box<str>>| {
        let kind = if participants.len() > 1 { ThreadKind::Group } else { ThreadKind::Unknown };
        let extra = Extra::new();
        Record::Thread(Thread {
            origin: row.origin(),
            account: "unknown".into(),
            id,
            name: None,
            kind,
            participants,
            extra,
        })
    };
    store.each(sink, "msg_group", |row, sink| {
        let Some(rowid) = row.rowid() else { return Ok(Fate::PassedOver) };
        let participants = people.get(&rowid).cloned().unwrap_or_default();
        sink.emit(thread(row, format!("group:{rowid}").into(), participants))?;
        Ok(Fate::Emitted)
    })?;
    let identifier = column("madrid_chat", "chat_identifier");
    store.each(sink, "madrid_chat", |row, sink| {
        let Some(id) = row.text(identifier).filter(|i| !i.is_empty()) else { return Ok(Fate::PassedOver) };
        sink.emit(thread(row, Key::from(&*id), Vec::new()))?;
        Ok(Fate::Emitted)
    })
}

fn message(row: &Row<'_>, rowid: i64, c: &Columns) -> Message {
    let text = |col| row.text(col).filter(|t| !t.is_empty()).map(|t| Key::from(&*t));
    let madrid = row.int(c.madrid) == Some(1);
    let thread = if madrid {
        text(c.room).or_else(|| text(c.handle))
    } else {
        row.int(c.group).map(|group| format!("group:{group}").into())
    };
    let id = text(c.guid).unwrap_or_else(|| format!("row:{rowid}").into());
    let account = text(c.account).unwrap_or_else(|| "unknown".into());
    let mut m = Message::new(row.origin(), account, thread.unwrap_or_else(|| "".into()), id);
    m.direction = direction(row, c, madrid);
    if m.direction == Direction::In {
        m.sender = if madrid { text(c.handle) } else { text(c.address) };
    }
    m.native_type = row.int(if madrid { c.madrid_flags } else { c.flags });
    let epoch = if madrid { Epoch::AppleSeconds } else { Epoch::UnixSeconds };
    m.sent = row.int(c.date).filter(|d| *d != 0).map(|d| Stamp::int(d, epoch));
    m.notes.push("old-schema");
    let marks = [
        (c.flags, "flags", MarkerKind::State),
        (c.madrid, "is_madrid", MarkerKind::State),
        (c.madrid_flags, "madrid_flags", MarkerKind::State),
        (c.error, "madrid_error", MarkerKind::Failure),
        (c.delivered, "madrid_date_delivered", MarkerKind::State),
        (c.read, "madrid_date_read", MarkerKind::State),
    ];
    for (col, name, kind) in marks {
        let raw = row.value(col);
        if !raw.is_null() && raw.as_int() != Some(0) {
            let dated = name.contains("date") && is_set(&raw);
            let at = raw.as_int().filter(|_| dated).map(|d| Stamp::int(d, Epoch::AppleSeconds).to_string());
            m.markers.push(Marker::new(kind, name, raw, row.cell(col)).meaning(at));
        }
    }
    m
}

/// SMS: flags 2 received, 3 sent. iMessage: bit 2 of the flags is IMCore's "from me" (`kIMMessageFromMe`).
fn direction(row: &Row<'_>, c: &Columns, madrid: bool) -> Direction {
    /// 1 << 2.
    const FROM_ME: i64 = 4;
    match (madrid, row.int(c.flags), row.int(c.madrid_flags)) {
        (true, _, Some(flags)) if flags & FROM_ME != 0 => Direction::Out,
        (true, _, Some(flags)) if flags > 0 => Direction::In,
        (false, Some(2), _) => Direction::In,
        (false, Some(3), _) => Direction::Out,
        _ => Direction::Unknown,
    }
}
