//! The chat tables: `Chat_<c>` with `ChatExt2_<c>`, and `Hello_<c>` for requests and greetings; `<c>` is the MD5 of the
//! chat's user name.
//!
//! Columns: a real backup's statements, and every column that the parsers named in the manifest use. `CreateTime` counts
//! seconds; `Des` is 0 for sent by the owner, 1 for received.

use std::collections::HashMap;
use std::sync::Arc;

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::Origin;
use forensics_core::record::{
    AbsenceKind, CallFacts, Direction, Key, Mention, Message, MessageKind, Name, Record, Space, Strength,
};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::store::sqlite::{Row, Table};
use forensics_core::value::Value;

use super::compressed::Unfolding;
use super::gaps::LocalIds;
use super::present::Present;
use super::revokes::Revokes;
use crate::wechat::body::{Text, speaks_of_a_recall};
use crate::wechat::columns::columns;
use crate::wechat::content::Body;
use crate::wechat::rules::absences;
use crate::wechat::talker::{Usernames, is_room};
use crate::wechat::{codes, kind};

columns! {
    /// `Chat_<c>`, `Hello_<c>`.
    Columns {
        server_id = "MesSvrID", create_time = "CreateTime", message = "Message", state = "WCDB_CT_Message", status = "Status",
        img_status = "ImgStatus", kind = "Type", des = "Des", username = "UsrName",
    }
}

columns! {
    /// `ChatExt2_<c>`.
    Additions { source = "MsgSource", state = "WCDB_CT_MsgSource", identify = "MsgIdentify", flag = "msgFlag" }
}

/// What every chat of an account shares.
pub(super) struct Chats<'a> {
    pub(super) account: Key,
    pub(super) own: Option<Key>,
    pub(super) space: Space,
    pub(super) usernames: Usernames,
    pub(super) unfolding: Unfolding,
    pub(super) revokes: &'a Revokes,
    pub(super) present: Present,
}

/// One chat at work.
struct Chat<'s> {
    thread: Key,
    table: &'s Table,
    c: Columns,
    additions: Option<(&'s Table, Additions)>,
}

/// The chat tables of a store, by name: `(table, hash)`.
pub(super) fn tables(store: &OpenStore) -> impl Iterator<Item = (&Table, &str)> {
    store.tables().filter_map(|table| {
        let hash = table.name.strip_prefix("Chat_").or_else(|| table.name.strip_prefix("Hello_"))?;
        super::places::is_hash(hash).then_some((table, hash))
    })
}

impl Chats<'_> {
    /// Reads every chat of a store. `name_of` gives a chat's key by its hash.
    pub(super) fn read(
        &mut self,
        store: &OpenStore,
        name_of: &HashMap<String, Key>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        let counters = LocalIds::of(store, sink)?;
        for (table, hash) in tables(store) {
            let again = self.present.has_table(&table.name);
            self.present.add_table(&table.name);
            let thread = name_of.get(hash).cloned().unwrap_or_else(|| self.usernames.key(hash));
            let additions = store.table(&format!("ChatExt2_{hash}")).filter(|_| table.name.starts_with("Chat_"));
            let chat =
                Chat { thread, table, c: Columns::of(table), additions: additions.map(|t| (t, Additions::of(t))) };
            self.chat(store, &chat, &counters, sink)?;
            if again {
                self.present.sort(&table.name);
            }
        }
        self.unfolding.report(store, sink)
    }

    fn chat(
        &mut self,
        store: &OpenStore,
        chat: &Chat<'_>,
        counters: &LocalIds,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        let name = Arc::clone(&chat.table.name);
        let mut gaps = counters.of_chat(chat.table, &chat.thread, &self.account, self.space);
        store.each(sink, &name, |row, sink| {
            let rowid = row.rowid().unwrap_or(0);
            self.present.add(&name, rowid);
            gaps.row(row, sink)?;
            let (message, body) = self.message(store, chat, row);
            self.quoted(&message, &body, sink)?;
            sink.emit(Record::Message(Box::new(message)))?;
            Ok(Fate::Emitted)
        })?;
        gaps.end(sink)?;
        let Some((additions, _)) = chat.additions else { return Ok(()) };
        store.each(sink, &additions.name, |row, sink| {
            let Some(rowid) = row.rowid().filter(|id| !self.present.has(&name, *id)) else { return Ok(Fate::Folded) };
            self.addition_left(chat, row, rowid, sink)?;
            Ok(Fate::Folded)
        })
    }

    fn message(&mut self, store: &OpenStore, chat: &Chat<'_>, row: &Row<'_>) -> (Message, Body) {
        let c = &chat.c;
        let id = row.rowid().unwrap_or(0).to_string();
        let mut m = Message::new(row.origin(), Arc::clone(&self.account), Arc::clone(&chat.thread), id.into());
        let (des, native) = (row.int_lossy(c.des), row.int_lossy(c.kind));
        m.space = self.space;
        m.native_type = native;
        m.sent = row.int_lossy(c.create_time).map(|t| Stamp::int(t, Epoch::UnixSeconds));
        m.direction = match des {
            _ if native.is_some_and(kind::is_notice) => Direction::System,
            Some(0) => Direction::Out,
            Some(1) => Direction::In,
            _ => Direction::Unknown,
        };
        let unfolded = self.unfolding.cell(row, c.message, c.state);
        m.notes.extend(unfolded.note);
        let text = Text::of(unfolded.value, is_room(&chat.thread) && des == Some(1));
        let body = text.body(native.unwrap_or(0));
        m.kind = native.map_or(MessageKind::Other, |native| kind::kind(native, body.app_type));
        m.sender = self.sender(chat, row, &m, text.sender.as_deref());
        m.text = text.shown(m.kind, &body);
        m.reply_to = body.quoted.as_ref().and_then(|q| q.svrid).map(|id| id.to_string().into());
        if native.is_some_and(kind::is_call) {
            m.call = Some(CallFacts { started: m.sent, duration_ms: None, outcome: m.text.clone(), video: None });
        }
        self.marks(&mut m, c, row, &body);
        self.additions(&mut m, store, chat, row);
        self.recall(&mut m, &body);
        (m, body)
    }

    fn sender(&mut self, chat: &Chat<'_>, row: &Row<'_>, m: &Message, prefix: Option<&str>) -> Option<Key> {
        if let Some(sender) = prefix {
            return Some(self.usernames.key(sender));
        }
        match m.direction {
            Direction::Out => self.own.clone(),
            Direction::In => match row.text(chat.c.username).filter(|u| !u.is_empty()) {
                Some(username) => Some(self.usernames.key(&username)),
                None => (!is_room(&chat.thread)).then(|| Arc::clone(&chat.thread)),
            },
            _ => None,
        }
    }

    /// The marks in the row's own cells.
    fn marks(&self, m: &mut Message, c: &Columns, row: &Row<'_>, body: &Body) {
        match row.int_lossy(c.server_id) {
            Some(id) if id > 0 => {
                m.server_id = Some(id.to_string().into());
                m.markers.push(Marker::new(MarkerKind::ServerId, "MesSvrID", id, row.cell(c.server_id)));
            }
            Some(id) if id < 0 => {
                m.notes.push(codes::NEGATIVE_SERVER_ID);
                m.markers.push(Marker::new(MarkerKind::State, "MesSvrID", id, row.cell(c.server_id)));
            }
            _ => {}
        }
        for (name, col) in [("Des", c.des), ("Status", c.status), ("ImgStatus", c.img_status)] {
            let Some(value) = row.int_lossy(col) else { continue };
            let marker = Marker::new(MarkerKind::State, name, value, row.cell(col));
            m.markers.push(match (name, value) {
                ("Status", 1) => marker.meaning("sending"),
                ("Status", 2) => marker.meaning("sent"),
                ("Status", 4) => marker.meaning("received, or made on the phone"),
                ("Status", 3) => marker.meaning("by analogy with Android: received, not handled"),
                ("Status", 5) => marker.meaning("by analogy with Android: failed"),
                ("Des", 0) => marker.meaning("sent by the owner"),
                ("Des", 1) => marker.meaning("received"),
                _ => marker,
            });
        }
        let addresses = [
            ("cdnmidimgurl", body.cdnmidimgurl.as_deref()),
            ("cdnvideourl", body.cdnvideourl.as_deref()),
            ("attachid", body.attachid.as_deref()),
        ];
        for (name, address) in addresses {
            let Some(address) = address else { continue };
            let origin = row.cell(c.message).within(name);
            m.markers.push(Marker::new(MarkerKind::CloudRecord, name, address, origin));
        }
    }

    /// `ChatExt2_<c>`: the server's wrapper with the room's sequence.
    fn additions(&mut self, m: &mut Message, store: &OpenStore, chat: &Chat<'_>, row: &Row<'_>) {
        let Some((table, c)) = &chat.additions else { return };
        let Some(Ok(Some(added))) = row.rowid().map(|id| store.get(table, id)) else { return };
        let source = self.unfolding.cell(&added, c.source, c.state);
        if let Some(note) = source.note
            && !m.notes.contains(&note)
        {
            m.notes.push(note);
        }
        if let Some(text) = source.value.as_text().filter(|t| !t.is_empty()) {
            let said = Body::read(text).unwrap_or_default();
            let cell = added.cell(c.source);
            if let Some(sequence) = said.sequence_id.filter(|n| *n > 0) {
                let origin = cell.within("msgsource/sequence_id");
                m.markers.push(Marker::new(MarkerKind::Sequence, "sequence_id", sequence, origin));
                m.sequence = is_room(&chat.thread).then_some(sequence);
            }
            let marker = Marker::new(MarkerKind::Reference, "MsgSource", text, cell);
            m.markers.push(if said.signature.is_some() { marker.meaning("signed") } else { marker });
        }
        if let Some(identify) = added.text(c.identify).filter(|t| !t.is_empty()) {
            m.markers.push(Marker::new(MarkerKind::Reference, "MsgIdentify", &*identify, added.cell(c.identify)));
        }
        if let Some(flag) = added.int_lossy(c.flag).filter(|f| *f != 0) {
            m.markers.push(Marker::new(MarkerKind::State, "msgFlag", flag, added.cell(c.flag)));
        }
    }

    fn recall(&self, m: &mut Message, body: &Body) {
        let Some(id) = m.int("MesSvrID").filter(|id| *id > 0) else { return };
        let listed = self.revokes.get(id);
        m.markers.extend(listed.cloned());
        if listed.is_some() {
            m.notes.push(codes::REVOKED);
        } else if m.native_type.is_some_and(kind::is_notice) {
            let recalled = body.newmsgid.is_some()
                || body.sysmsg.as_deref() == Some("revokemsg")
                || m.text.as_text().is_some_and(speaks_of_a_recall);
            m.notes.push(if recalled { codes::REVOKED } else { codes::NOTICE_OR_RECALL });
        }
    }

    /// A reply names what it quotes by its server id; where that is in the account, nothing comes of it.
    fn quoted(&self, m: &Message, body: &Body, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(quoted) = &body.quoted else { return Ok(()) };
        let Some(svrid) = quoted.svrid else { return Ok(()) };
        let origin = m.origin.cell("Message").within("appmsg/refermsg/svrid");
        let marker = Marker::new(MarkerKind::Reference, "refermsg svrid", svrid, origin);
        let text = quoted.content.as_deref().map_or(Value::Null, Value::from);
        let mention = self.mention(m.origin.clone(), &m.thread, vec![Name::Server(svrid.to_string().into())], marker);
        sink.emit(Record::Mention(Box::new(Mention { rule: absences::IOS_QUOTED.id, text, ..mention })))
    }

    /// A row of additions whose message is gone.
    fn addition_left(&self, chat: &Chat<'_>, row: &Row<'_>, rowid: i64, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let origin: Origin = row.origin();
        let names = vec![Name::Row { table: Arc::clone(&chat.table.name), rowid }];
        let marker = Marker::new(MarkerKind::Reference, "MesLocalID", rowid, origin.cell("MesLocalID"));
        let mention = self.mention(origin, &chat.thread, names, marker);
        sink.emit(Record::Mention(Box::new(Mention { rule: absences::IOS_EXTENSION_LEFT.id, ..mention })))
    }

    fn mention(&self, origin: Origin, thread: &Key, names: Vec<Name>, marker: Marker) -> Mention {
        Mention {
            space: self.space,
            account: Arc::clone(&self.account),
            thread: Some(Arc::clone(thread)),
            names,
            kind: AbsenceKind::Dangling,
            strength: Strength::Strong,
            rule: absences::IOS_QUOTED.id,
            text: Value::Null,
            after: None,
            before: None,
            at_most: None,
            markers: vec![marker],
            origin,
        }
    }
}
