//! Rows of the message tables.
//!
//! Columns and their meaning: Android 7.0.4 `storage/bj`, 7.0.22 `g/c/ek`, and three dumps of 8.0 stores. The app reads by
//! name; so does this: a version that lacks a column reads as nothing.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{AbsenceKind, CallFacts, Direction, Message, MessageKind, Record, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::store::sqlite::{Row, Table};
use forensics_core::value::Value;

use super::copies::Current;
use super::frame::{Frame, Naming, Sayings, mark, positive, words};
use super::full_text::FullText;
use super::gaps;
use super::lvbuffer::MessageExtras;
use super::media::Media;
use super::records::{MESSAGE_TABLES, Records, skipped, table_of};
use crate::wechat::body::Text;
use crate::wechat::columns::columns;
use crate::wechat::content::Body;
use crate::wechat::digest::md5_hex;
use crate::wechat::rules::absences;
use crate::wechat::{codes, kind, talker};

/// `flag`: the row came with a fetched history (GetChatroomMsg).
const FROM_HISTORY: i64 = 2;
/// `lvbuffer.msgFlag`: a recall of this row was handled.
const RECALL_HANDLED: i32 = 4;

columns! {
    /// A message table.
    Columns {
        msg_svr_id = "msgSvrId", kind = "type", status = "status", is_send = "isSend", create_time = "createTime",
        talker = "talker", talker_id = "talkerId", content = "content", img_path = "imgPath", lvbuffer = "lvbuffer",
        msg_seq = "msgSeq", flag = "flag", biz_chat_user_id = "bizChatUserId", biz_client_msg_id = "bizClientMsgId",
        from_username = "fromUsername", history_id = "historyId",
    }
}

/// What else is known while a store's messages are read.
pub(super) struct Around<'a> {
    /// The store's records; `None` in an older copy, whose marks make no absences.
    pub(super) records: Option<&'a Records<'a>>,
    pub(super) media: Option<Media<'a>>,
    pub(super) index: Option<&'a FullText>,
    pub(super) sayings: &'a Sayings,
    /// The current store, while an older copy is read.
    pub(super) current: Option<Current<'a>>,
    /// Text rows that the index should hold and does not.
    pub(super) not_indexed: u64,
}

/// Reads every message table of a store.
pub(super) fn read(
    store: &OpenStore,
    frame: &mut Frame,
    around: &mut Around<'_>,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    for name in MESSAGE_TABLES {
        let Some(table) = store.table(name) else { continue };
        let c = Columns::of(table);
        let mut last: Option<i64> = None;
        let mut gone: u64 = 0;
        store.each(sink, name, |row, sink| {
            if let (Some(after), Some(before)) = (last, row.rowid()) {
                gone = gone.saturating_add(skipped(name, after, before));
            }
            last = row.rowid();
            let (message, body) = Line { store, table, row, c: &c, frame, around }.read();
            if let Some(records) = around.records {
                quoted(frame, records, &message, &body, sink)?;
            }
            sink.emit(Record::Message(Box::new(message)))?;
            Ok(Fate::Emitted)
        })?;
        if around.records.is_some() && gone > 0 {
            gaps::count(store, table, frame, gone, sink)?;
        }
    }
    Ok(())
}

/// A reply names what it quotes by its server id.
fn quoted(
    frame: &mut Frame,
    records: &Records<'_>,
    message: &Message,
    body: &Body,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let Some((svrid, left)) = body.quoted.as_ref().and_then(|q| Some((q.svrid?, q.content.as_deref()))) else {
        return Ok(());
    };
    let names = records.missing(svrid, 0);
    if names.is_empty() {
        return Ok(());
    }
    let origin = message.origin.cell("content").within("appmsg/refermsg/svrid");
    frame.name(
        sink,
        Naming {
            rule: absences::QUOTED.id,
            kind: AbsenceKind::Dangling,
            strength: Strength::Strong,
            names,
            thread: Some(&message.thread),
            text: left.map_or(Value::Null, Value::from),
            markers: vec![Marker::new(MarkerKind::Reference, "refermsg svrid", svrid, origin)],
            origin: message.origin.clone(),
        },
    )
}

/// A row at work.
struct Line<'l, 'r, 'a> {
    store: &'l OpenStore,
    table: &'l Table,
    row: &'l Row<'r>,
    c: &'l Columns,
    frame: &'l mut Frame,
    around: &'l mut Around<'a>,
}

impl Line<'_, '_, '_> {
    fn read(mut self) -> (Message, Body) {
        let (row, c) = (self.row, self.c);
        let is_send = row.int_lossy(c.is_send);
        let native = row.int_lossy(c.kind);
        let talker = self.talker();
        let is_room = talker::is_room(&talker);
        let thread = self.frame.usernames.key(&talker);
        let id = row.rowid().unwrap_or(0);
        let mut m = Message::new(row.origin(), self.frame.account.clone(), thread, id.to_string().into());
        m.space = self.frame.space;
        m.native_type = native;
        m.direction = direction(is_send, native);
        m.sent = row.int_lossy(c.create_time).map(|t| Stamp::int(t, Epoch::UnixMillis));

        let content = Text::of(row.value(c.content), is_room && is_send == Some(0));
        let body = content.body(native.unwrap_or(0));
        m.kind = native.map_or(MessageKind::Other, |native| kind::kind(native, body.app_type));
        m.sender = self.sender(&m, is_send, content.sender.as_deref(), &talker, is_room);
        m.text = content.shown(m.kind, &body);
        m.reply_to = body.quoted.as_ref().and_then(|q| q.svrid).map(|id| id.to_string().into());
        if native.is_some_and(kind::is_call) {
            m.call = Some(call(&m, &content));
        }
        self.marks(&mut m, &body);
        self.extras(&mut m);
        self.notes(&mut m, &body);
        self.surroundings(&mut m);
        (m, body)
    }

    /// `talker`; where it is empty, the contact that `talkerId` is the row of.
    fn talker(&self) -> String {
        words(self.row, self.c.talker)
            .or_else(|| {
                let contacts = self.store.table("rcontact")?;
                let row = self.store.get(contacts, positive(self.row, self.c.talker_id)?).ok()??;
                words(&row, contacts.column("username"))
            })
            .unwrap_or_default()
    }

    fn sender(
        &mut self,
        m: &Message,
        is_send: Option<i64>,
        prefix: Option<&str>,
        talker: &str,
        is_room: bool,
    ) -> Option<forensics_core::record::Key> {
        if let Some(sender) = prefix {
            return Some(self.frame.usernames.key(sender));
        }
        match is_send? {
            1 => self.frame.own.clone(),
            0 if m.direction == Direction::In => {
                let named = words(self.row, self.c.from_username).or_else(|| words(self.row, self.c.biz_chat_user_id));
                match named {
                    Some(named) => Some(self.frame.usernames.key(&named)),
                    None => (!is_room && !talker.is_empty()).then(|| m.thread.clone()),
                }
            }
            _ => None,
        }
    }

    /// The marks in the row's own cells.
    fn marks(&self, m: &mut Message, body: &Body) {
        let (row, c) = (self.row, self.c);
        match row.int_lossy(c.msg_svr_id) {
            Some(id) if id > 0 => {
                m.server_id = Some(id.to_string().into());
                m.markers.push(Marker::new(MarkerKind::ServerId, "msgSvrId", id, row.cell(c.msg_svr_id)));
            }
            Some(id) if id < 0 => {
                m.notes.push(codes::NEGATIVE_SERVER_ID);
                m.markers.push(Marker::new(MarkerKind::State, "msgSvrId", id, row.cell(c.msg_svr_id)));
            }
            _ => {}
        }
        if let Some(sequence) = positive(row, c.msg_seq) {
            m.markers.push(Marker::new(MarkerKind::Sequence, "msgSeq", sequence, row.cell(c.msg_seq)));
            // Outside rooms the number is only known to grow; an older copy is not searched for gaps.
            if talker::is_room(&m.thread) && self.around.current.is_none() {
                m.sequence = Some(sequence);
            }
        }
        m.markers.extend(mark(row, MarkerKind::State, "isSend", c.is_send));
        m.markers.extend(mark(row, MarkerKind::State, "status", c.status).map(|m| meaning(m, row.int_lossy(c.status))));
        let content = || row.cell(c.content);
        let addresses = [
            ("cdnmidimgurl", body.cdnmidimgurl.as_deref()),
            ("cdnvideourl", body.cdnvideourl.as_deref()),
            ("attachid", body.attachid.as_deref()),
        ];
        for (name, address) in addresses {
            let Some(address) = address else { continue };
            m.markers.push(Marker::new(MarkerKind::CloudRecord, name, address, content().within(name)));
        }
        if let (Some(id), Some(path)) = (m.server_id.as_deref(), words(row, c.img_path)) {
            // The name of a received thumbnail is made from the server id (7.0.4, modelmulti and ImgInfo2).
            if path.ends_with(&format!("th_{}", md5_hex(&format!("SERVERID://{id}")))) {
                let marker = Marker::new(MarkerKind::Reference, "imgPath", path, row.cell(c.img_path));
                m.markers.push(marker.meaning("named after the MD5 of the server id"));
            }
        }
        let client_id = mark(row, MarkerKind::Reference, "bizClientMsgId", c.biz_client_msg_id);
        m.markers.extend(client_id.filter(|m| m.raw.as_text().is_some_and(|t| !t.is_empty())));
        let history = mark(row, MarkerKind::Reference, "historyId", c.history_id);
        m.markers.extend(history.filter(|m| m.raw.as_text().is_some_and(|t| !t.is_empty())));
    }

    /// `lvbuffer`: the server's wrapper, and whether a recall was handled.
    fn extras(&self, m: &mut Message) {
        let (row, c) = (self.row, self.c);
        let Some(bytes) = row.bytes(c.lvbuffer) else { return };
        let extras = MessageExtras::read(&bytes);
        if extras.broken {
            m.notes.push(codes::REFUSED_EXTRAS);
        }
        if let Some(source) = extras.msg_source {
            let origin = row.cell(c.lvbuffer).within("msgSource");
            let signed = Body::read(source).is_some_and(|b| b.signature.is_some());
            let marker = Marker::new(MarkerKind::Reference, "msgSource", source, origin);
            m.markers.push(if signed { marker.meaning("signed") } else { marker });
        }
        if extras.msg_flag & RECALL_HANDLED != 0 {
            let origin = row.cell(c.lvbuffer).within("msgFlag");
            let marker = Marker::new(MarkerKind::Tombstone, "msgFlag", i64::from(extras.msg_flag), origin);
            m.markers.push(marker.meaning("a recall was handled"));
            m.notes.push(codes::REVOKED);
        }
    }

    fn notes(&self, m: &mut Message, body: &Body) {
        let flag = self.row.int_lossy(self.c.flag).unwrap_or(0);
        if flag & FROM_HISTORY != 0 {
            m.notes.push(codes::HISTORY_FETCH);
        }
        if let Some(index) = self.around.index
            && self.is_indexed_table(m)
        {
            index.add_old_text(self.row.rowid(), m);
        }
        if m.server_id.is_some() && m.native_type.is_some_and(kind::is_notice) && !m.notes.contains(&codes::REVOKED) {
            let recalled = m.notes.contains(&codes::OLD_TEXT_LEFT)
                || body.newmsgid.is_some()
                || body.sysmsg.as_deref() == Some("revokemsg")
                || m.text.as_text().is_some_and(crate::wechat::body::speaks_of_a_recall);
            m.notes.push(if recalled { codes::REVOKED } else { codes::NOTICE_OR_RECALL });
        }
    }

    /// Whether the index, and the tables of media, mean this table by a row number.
    fn is_indexed_table(&self, m: &Message) -> bool {
        let table = m.origin.table.as_deref();
        self.row.rowid().and_then(table_of).is_some_and(|named| Some(named) == table)
            && table == Some(&*self.table.name)
    }

    /// What other tables and files say of this row.
    fn surroundings(&mut self, m: &mut Message) {
        let server_id = m.int("msgSvrId").filter(|id| *id > 0).unwrap_or(0);
        let sayings = self.around.sayings;
        if let Some(current) = &self.around.current {
            m.notes.push(codes::OLDER_COPY);
            let time = self.row.int_lossy(self.c.create_time);
            if !current.holds(&self.table.name, server_id, self.row.rowid(), time) {
                m.notes.push(codes::ONLY_IN_OLDER_COPY);
            }
            return;
        }
        m.markers.extend(sayings.deleted.get(&server_id).cloned());
        if let (Some((last, marker)), Some(sequence)) = (sayings.deleted_rooms.get(&*m.thread), m.sequence)
            && sequence <= *last
        {
            m.markers.push(marker.clone());
        }
        if sayings.restored.contains(&*m.thread) {
            m.notes.push(codes::RESTORED);
        }
        if let Some(media) = &self.around.media {
            let local = if self.is_indexed_table(m) { self.row.rowid().unwrap_or(0) } else { 0 };
            let (markers, files) = media.of_message(server_id, local);
            m.markers.extend(markers);
            m.attachments.extend(files);
        }
        if let Some(index) = self.around.index
            && &*self.table.name == "message"
            && m.native_type == Some(1)
            && index.should_hold(self.row.rowid(), self.row.int_lossy(self.c.create_time))
        {
            self.around.not_indexed = self.around.not_indexed.saturating_add(1);
        }
    }
}

fn direction(is_send: Option<i64>, native: Option<i64>) -> Direction {
    match is_send {
        _ if native.is_some_and(kind::is_notice) => Direction::System,
        Some(0) => Direction::In,
        Some(1) => Direction::Out,
        Some(2) => Direction::System,
        _ => Direction::Unknown,
    }
}

/// `status` in words (7.0.4, `storage/bj`).
fn meaning(marker: Marker, status: Option<i64>) -> Marker {
    let word = match status {
        Some(1) => "sending",
        Some(2) => "sent",
        Some(3) => "received, not handled",
        Some(4) => "received",
        Some(5) => "failed",
        Some(6) => "handled on the phone",
        _ => return marker,
    };
    marker.meaning(word)
}

fn call(m: &Message, content: &Text) -> CallFacts {
    let outcome = content.text.clone();
    let video = outcome.as_text().and_then(|t| match t {
        "voip_content_video" => Some(true),
        "voip_content_voice" => Some(false),
        _ => None,
    });
    CallFacts { started: m.sent, duration_ms: None, outcome, video }
}
