//! What stands beside the messages: attachments, reactions, receipts of group members, mentions, the send log.

use forensics_core::decode::protobuf;
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::record::{
    AbsenceKind, Attachment, Key, Message, MessageKind, Name, Reaction, Receipt, ReceiptKind,
};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::Value;

use super::{Work, calls, codes};
use crate::signal::cells::{self, stamp};
use crate::signal::emit;
use crate::signal::rules::absences;
use crate::signal::tables::{Cells, Column, Index};

/// Names of the column that names a message.
const OF_MESSAGE: [&str; 3] = ["message_id", "mms_id", "mid"];

/// The rows beside one message table.
pub(super) struct Sides<'s> {
    work: &'s Work<'s>,
    /// `attachment`, or `part` until schema 214.
    files: &'static str,
    attachments: Index,
    reactions: Index,
    receipts: Index,
    sent: Index,
    calls: Index,
    call: calls::Columns,
    /// Whether the reactions are told apart by `is_mms`, and what it must be.
    is_mms: Option<(Column, i64)>,
}

impl<'s> Sides<'s> {
    pub(super) fn of(work: &'s Work<'s>, table: &str) -> Self {
        let media = table == work.media_table();
        let files = files(work);
        let index = |side: &str, wanted: bool| match wanted {
            true => Index::of(work.store, side, &OF_MESSAGE),
            false => Index::default(),
        };
        let is_mms = work.store.column("reaction", &["is_mms"]);
        Sides {
            work,
            files,
            attachments: index(files, media),
            reactions: index("reaction", media || is_mms.is_present()),
            receipts: index("group_receipts", media),
            sent: index("msl_message", media),
            calls: index("call", media),
            call: calls::Columns::of(work),
            is_mms: is_mms.is_present().then_some((is_mms, i64::from(media))),
        }
    }

    /// Adds to a message what stands beside it.
    pub(super) fn attach(&self, id: i64, m: &mut Message, peer: &Key) {
        self.add_attachments(id, m);
        self.add_reactions(id, m);
        self.add_receipts(id, m, peer);
        self.add_send_log(id, m);
        for rowid in self.calls.rowids(id) {
            if let Some(row) = self.work.store.get("call", rowid) {
                calls::attach(&self.call, &*row, m);
            }
        }
    }

    fn add_attachments(&self, id: i64, m: &mut Message) {
        let c = |names: &[&'static str]| self.work.store.column(self.files, names);
        let quote = c(&["quote"]);
        let (name, mime, size) = (c(&["file_name"]), c(&["content_type", "ct"]), c(&["data_size"]));
        let (path, hash) = (c(&["data_file", "_data"]), c(&["data_hash_end", "data_hash"]));
        for rowid in self.attachments.rowids(id) {
            let Some(row) = self.work.store.get(self.files, rowid) else { continue };
            // The thumbnail of what is quoted is no file of this message.
            if row.positive(quote).is_some() {
                continue;
            }
            m.attachments.push(Attachment {
                name: row.text(name),
                mime: row.text(mime),
                size: row.int(size),
                path: row.text(path),
                sha256: row.text(hash).and_then(|h| cells::sha256(&h)),
                origin: row.origin(),
            });
        }
    }

    /// What a file makes of its message.
    pub(super) fn kind(&self, file: &Attachment) -> MessageKind {
        let sticker = self.work.store.column(self.files, &["sticker_pack_id"]);
        let row = file.origin.rowid.and_then(|id| self.work.store.get(self.files, id));
        if row.is_some_and(|row| row.text(sticker).is_some()) {
            return MessageKind::Sticker;
        }
        file.mime.as_deref().map_or(MessageKind::File, cells::kind_of)
    }

    fn add_reactions(&self, id: i64, m: &mut Message) {
        let c = |name: &'static str| self.work.store.column("reaction", &[name]);
        let (author, emoji, sent) = (c("author_id"), c("emoji"), c("date_sent"));
        for rowid in self.reactions.rowids(id) {
            let Some(row) = self.work.store.get("reaction", rowid) else { continue };
            if self.is_mms.is_some_and(|(column, wanted)| row.int(column) != Some(wanted)) {
                continue;
            }
            m.reactions.push(Reaction {
                sender: self.work.people.key(&row.value(author)).map(|k| Box::from(&*k)),
                text: row.value(emoji),
                sent: cells::millis(&*row, sent),
                origin: row.origin(),
            });
        }
    }

    /// Receipts: one row for each member of a group, else columns of the message itself.
    fn add_receipts(&self, id: i64, m: &mut Message, peer: &Key) {
        let c = |name: &'static str| self.work.store.column("group_receipts", &[name]);
        let (whom, status, at) = (c("address"), c("status"), c("timestamp"));
        let mut best: Option<Marker> = None;
        let (mut members, mut delivered, mut read) = (0u64, 0u64, 0u64);
        for rowid in self.receipts.rowids(id) {
            let Some(row) = self.work.store.get("group_receipts", rowid) else { continue };
            let Some(code) = row.int(status) else { continue };
            members = members.saturating_add(1);
            if best.as_ref().is_none_or(|b| rank(b.raw.as_int()) < rank(Some(code))) {
                let name = "group_receipts.status";
                best = Some(Marker::new(MarkerKind::Receipt, name, code, row.cell(status)));
            }
            let Some(kind) = kind_of(code) else { continue };
            delivered = delivered.saturating_add(1);
            read = read.saturating_add(u64::from(kind != ReceiptKind::Delivered));
            let recipient = self.work.people.key(&row.value(whom)).map(|k| Box::from(&*k));
            m.receipts.push(Receipt { recipient, kind, at: cells::millis(&*row, at), origin: row.cell(status) });
        }
        if let Some(best) = best {
            let word = best.raw.as_int().and_then(codes::receipt).unwrap_or("unknown status");
            let counts = format!("{word}; {members} members, {delivered} delivered, {read} of them read");
            m.markers.push(best.meaning(counts));
            return;
        }
        let columns = [
            (ReceiptKind::Delivered, &["receipt_timestamp", "has_delivery_receipt", "delivery_receipt_count"][..]),
            (ReceiptKind::Read, &["has_read_receipt", "read_receipt_count"]),
            (ReceiptKind::Played, &["viewed", "viewed_receipt_count"]),
        ];
        if m.direction != forensics_core::record::Direction::Out {
            return;
        }
        for (kind, names) in columns {
            let Some(mark) = names.iter().find_map(|name| m.marker(name)) else { continue };
            let at = mark.raw.as_int().filter(|_| mark.name == "receipt_timestamp").map(stamp);
            let receipt = Receipt { recipient: Some(Box::from(&**peer)), kind, at, origin: mark.origin.clone() };
            m.receipts.push(receipt);
        }
    }

    /// `msl_payload` keeps what was sent while a device's receipt is outstanding.
    fn add_send_log(&self, id: i64, m: &mut Message) {
        let payload = self.work.store.column("msl_message", &["payload_id"]);
        for rowid in self.sent.rowids(id) {
            let Some(row) = self.work.store.get("msl_message", rowid) else { continue };
            let at = row.cell(payload);
            m.markers.push(Marker::new(MarkerKind::Queued, "msl_message.payload_id", row.value(payload), at));
        }
    }
}

/// A status code's place in the order of what it proves.
fn rank(code: Option<i64>) -> i64 {
    match code {
        Some(code @ 1..=3) => code,
        Some(0) => 0,
        _ => -1,
    }
}

fn kind_of(code: i64) -> Option<ReceiptKind> {
    match code {
        1 => Some(ReceiptKind::Delivered),
        2 => Some(ReceiptKind::Read),
        3 => Some(ReceiptKind::Played),
        _ => None,
    }
}

fn files(work: &Work<'_>) -> &'static str {
    if work.store.has("attachment") { "attachment" } else { "part" }
}

/// Accounts for the rows beside the messages, and mentions the messages that are gone.
pub(super) fn read(work: &Work<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let side = |table, rule, text: Column| Side { work, table, rule, text };
    let none = Column::default();
    let emoji = work.store.column("reaction", &["emoji"]);
    side("reaction", absences::ANDROID_REACTION.id, emoji).read(sink)?;
    side("attachment", absences::ANDROID_ATTACHMENT.id, none).read(sink)?;
    side("part", absences::ANDROID_ATTACHMENT.id, none).read(sink)?;
    side("group_receipts", absences::ANDROID_GROUP_RECEIPT.id, none).read(sink)?;
    side("mention", absences::ANDROID_MENTION.id, none).read(sink)?;
    side("msl_message", absences::ANDROID_SEND_LOG.id, none).read(sink)?;
    work.store.each(sink, "msl_payload", &mut |_, _| Ok(Fate::Folded))
}

/// A table whose rows belong to messages.
struct Side<'s> {
    work: &'s Work<'s>,
    table: &'static str,
    rule: &'static str,
    text: Column,
}

impl Side<'_> {
    fn read(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let c = |names: &[&'static str]| self.work.store.column(self.table, names);
        let (message, is_mms) = (c(&OF_MESSAGE), c(&["is_mms"]));
        let (emoji, thread) = (self.text, c(&["thread_id"]));
        self.work.store.each(sink, self.table, &mut |row, sink| {
            // Wallpapers and files that are still being written have no message.
            let Some(id) = row.positive(message) else { return Ok(Fate::PassedOver) };
            let table = match row.int(is_mms) {
                Some(0) => "sms",
                Some(_) => "mms",
                None => self.work.media_table(),
            };
            if self.work.store.holds(table, id) {
                return Ok(Fate::Folded);
            }
            let mut markers = vec![Marker::new(MarkerKind::Reference, message.name, id, row.cell(message))];
            markers.extend(cells::mark(row, emoji, MarkerKind::Reference).filter(|_| emoji.is_present()));
            let thread = row.int(thread).and_then(|id| self.work.people.thread(id)).map(|t| &t.key);
            let names = vec![Name::Row { table: table.into(), rowid: id }];
            let mention = self.work.scope.mention(thread, names, AbsenceKind::Dangling, self.rule, markers);
            emit(mention.map(|m| forensics_core::record::Mention { text: self.left(row), ..m }), sink)?;
            Ok(Fate::Folded)
        })
    }

    /// What is left of the message's text: the send log holds all of it.
    fn left(&self, row: &dyn Cells) -> Value {
        if self.table != "msl_message" {
            return Value::Null;
        }
        let payload = row.int(self.work.store.column("msl_message", &["payload_id"]));
        let content = self.work.store.column("msl_payload", &["content"]);
        let kept = payload.and_then(|id| self.work.store.get("msl_payload", id)).and_then(|row| row.blob(content));
        kept.and_then(|bytes| crate::signal::content::body(protobuf::Message::new(&bytes)))
            .map_or(Value::Null, Value::Text)
    }
}
