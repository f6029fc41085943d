//! What stands beside the chat: reactions, files, edits, calls, the send log, queues, the search index.

use forensics_core::decode::protobuf;
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::record::{AbsenceKind, Attachment, CallFacts, Key, Mention, Message, Name, Reaction};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::{Value, hex};

use super::Work;
use super::codes::{CALL, GROUP_CALL, TABLE};
use super::survey::hash;
use crate::signal::content::{self, Envelope};
use crate::signal::rules::absences;
use crate::signal::tables::{Cells, Column, Index};
use crate::signal::{cells, emit};

/// The newer table that ties files to messages.
const REFERENCES: &str = "MessageAttachmentReference";

/// The rows beside the chat.
pub(super) struct Sides<'s> {
    work: &'s Work<'s>,
    reactions: Index,
    old_files: Index,
    references: Index,
    calls: Index,
    sent: Index,
}

impl<'s> Sides<'s> {
    pub(super) fn of(work: &'s Work<'s>) -> Self {
        Sides {
            work,
            reactions: by_text(work, "model_OWSReaction", "uniqueMessageId"),
            old_files: by_text(work, "model_TSAttachment", "albumMessageId"),
            references: Index::of(work.store, REFERENCES, &["ownerRowId"]),
            calls: Index::of(work.store, "CallRecord", &["interactionRowId"]),
            sent: by_text(work, "MessageSendLog_Message", "uniqueId"),
        }
    }

    /// Adds to a message what stands beside it.
    pub(super) fn attach(&self, rowid: i64, m: &mut Message) {
        self.add_reactions(m);
        self.add_old_files(m);
        self.add_files(rowid, m);
        self.add_call(rowid, m);
        self.add_send_log(m);
    }

    fn column(&self, table: &str, name: &'static str) -> Column {
        self.work.store.column(table, &[name])
    }

    fn add_reactions(&self, m: &mut Message) {
        const REACTION: &str = "model_OWSReaction";
        let c = |name: &'static str| self.column(REACTION, name);
        let (of, emoji, sent) = (c("uniqueMessageId"), c("emoji"), c("sentAtTimestamp"));
        let (uuid, phone) = (c("reactorUUID"), c("reactorE164"));
        for rowid in self.reactions.rowids(hash(&m.id)) {
            let Some(row) = self.work.store.get(REACTION, rowid).filter(|row| is(&**row, of, &m.id)) else { continue };
            m.reactions.push(Reaction {
                sender: row.text(uuid).map(|t| cells::lower(&t)).or_else(|| row.text(phone)),
                text: row.value(emoji),
                sent: cells::millis(&*row, sent),
                origin: row.origin(),
            });
        }
    }

    /// Files until 2024.
    fn add_old_files(&self, m: &mut Message) {
        const FILE: &str = "model_TSAttachment";
        let c = |name: &'static str| self.column(FILE, name);
        let (of, name, mime) = (c("albumMessageId"), c("sourceFilename"), c("contentType"));
        let (size, path) = (c("byteCount"), c("localRelativeFilePath"));
        for rowid in self.old_files.rowids(hash(&m.id)) {
            let Some(row) = self.work.store.get(FILE, rowid).filter(|row| is(&**row, of, &m.id)) else { continue };
            m.attachments.push(Attachment {
                name: row.text(name),
                mime: row.text(mime),
                size: row.int(size),
                path: row.text(path),
                sha256: None,
                origin: row.origin(),
            });
        }
    }

    /// Files since 2024: a reference ties a message to a file.
    fn add_files(&self, rowid: i64, m: &mut Message) {
        let c = |name: &'static str| self.column("Attachment", name);
        let (mime, size, path, hash) =
            (c("mimeType"), c("unencryptedByteCount"), c("localRelativeFilePath"), c("sha256ContentHash"));
        let (file, name) = (self.column(REFERENCES, "attachmentRowId"), self.column(REFERENCES, "sourceFilename"));
        for reference in self.references.rowids(rowid) {
            let Some(reference) = self.work.store.get(REFERENCES, reference) else { continue };
            let row = reference.int(file).and_then(|id| self.work.store.get("Attachment", id));
            let row = row.as_deref();
            m.attachments.push(Attachment {
                name: reference.text(name),
                mime: row.and_then(|r| r.text(mime)),
                size: row.and_then(|r| r.int(size)),
                path: row.and_then(|r| r.text(path)),
                sha256: row.and_then(|r| r.blob(hash)).filter(|h| h.len() == 32).map(|h| hex(&h).into()),
                origin: row.map_or_else(|| reference.origin(), Cells::origin),
            });
        }
    }

    fn add_call(&self, rowid: i64, m: &mut Message) {
        let c = |name: &'static str| self.column("CallRecord", name);
        let (id, status, began, ended) = (c("callId"), c("status"), c("callBeganTimestamp"), c("callEndedTimestamp"));
        let Some(row) = self.calls.rowids(rowid).find_map(|id| self.work.store.get("CallRecord", id)) else {
            if matches!(m.native_type, Some(CALL | GROUP_CALL)) {
                let outcome = m.marker("callType").map_or(Value::Null, |mark| mark.raw.clone());
                m.call = Some(CallFacts { started: m.sent, duration_ms: None, outcome, video: None });
            }
            return;
        };
        m.markers.push(Marker::new(MarkerKind::Reference, "CallRecord.callId", row.value(id), row.cell(id)));
        m.markers.push(Marker::new(MarkerKind::State, "CallRecord.status", row.value(status), row.cell(status)));
        let (start, end) = (row.positive(began), row.positive(ended));
        let duration = start.zip(end).and_then(|(start, end)| end.checked_sub(start)).filter(|d| *d >= 0);
        let started = start.map(cells::stamp).or(m.sent);
        m.call = Some(CallFacts { started, duration_ms: duration, outcome: row.value(status), video: None });
    }

    /// The send log says whether sending was finished.
    fn add_send_log(&self, m: &mut Message) {
        const LOG: &str = "MessageSendLog_Message";
        let (of, payload) = (self.column(LOG, "uniqueId"), self.column(LOG, "payloadId"));
        let complete = self.column("MessageSendLog_Payload", "sendComplete");
        for rowid in self.sent.rowids(hash(&m.id)) {
            let Some(row) = self.work.store.get(LOG, rowid).filter(|row| is(&**row, of, &m.id)) else { continue };
            let sent = row.int(payload).and_then(|id| self.work.store.get("MessageSendLog_Payload", id));
            let Some(sent) = sent else { continue };
            let name = "MessageSendLog_Payload.sendComplete";
            m.markers.push(Marker::new(MarkerKind::State, name, sent.value(complete), sent.cell(complete)));
        }
    }
}

fn is(row: &dyn Cells, column: Column, id: &str) -> bool {
    row.text(column).as_deref() == Some(id)
}

/// Rowids by a hash of a text; the row tells whether it is the text.
fn by_text(work: &Work<'_>, table: &str, name: &'static str) -> Index {
    let column = work.store.column(table, &[name]);
    let mut entries = Vec::new();
    if column.is_present() {
        work.store.look(table, &mut |row| entries.extend(row.text(column).map(|t| hash(&t)).zip(row.rowid())));
    }
    Index::new(entries)
}

/// Accounts for the rows beside the chat, and mentions the messages that are gone.
pub(super) fn read(work: &Work<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    named(work, "model_OWSReaction", "uniqueMessageId", "emoji", absences::IOS_REACTION.id, sink)?;
    named(work, "model_TSAttachment", "albumMessageId", "", absences::IOS_ATTACHMENT.id, sink)?;
    named(work, "pending_read_receipts", "messageUniqueId", "", absences::IOS_PENDING_RECEIPT.id, sink)?;
    by_row(work, REFERENCES, &["ownerRowId"], absences::IOS_ATTACHMENT.id, sink)?;
    work.store.each(sink, "Attachment", &mut |_, _| Ok(Fate::Folded))?;
    by_row(work, "EditRecord", &["latestRevisionId", "pastRevisionId"], absences::IOS_EDIT.id, sink)?;
    by_row(work, "CallRecord", &["interactionRowId"], absences::IOS_CALL.id, sink)?;
    deleted_calls(work, sink)?;
    send_log(work, sink)?;
    for table in ["model_OWSMessageContentJob", "model_IncomingGroupsV2MessageJob", "model_SSKJobRecord"] {
        queue(work, table, sink)?;
    }
    index(work, sink)
}

/// Rows that name a message by its id.
fn named(
    work: &Work<'_>,
    table: &'static str,
    column: &'static str,
    also: &'static str,
    rule: &'static str,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let (of, also) = (work.store.column(table, &[column]), work.store.column(table, &[also]));
    work.store.each(sink, table, &mut |row, sink| {
        // Avatars and files that wait for a message belong to none.
        let Some(id) = row.text(of) else { return Ok(Fate::PassedOver) };
        if work.survey.row_of(work.store, &id).is_none() {
            let mut markers = vec![Marker::new(MarkerKind::Reference, of.name, &*id, row.cell(of))];
            markers.extend(cells::mark(row, also, MarkerKind::Reference).filter(|_| also.is_present()));
            emit(work.scope.mention(None, vec![Name::Id(id)], AbsenceKind::Dangling, rule, markers), sink)?;
        }
        Ok(Fate::Folded)
    })
}

/// Rows that name messages by their row numbers.
fn by_row(
    work: &Work<'_>,
    table: &'static str,
    columns: &[&'static str],
    rule: &'static str,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let columns: Vec<Column> = columns.iter().map(|name| work.store.column(table, &[*name])).collect();
    work.store.each(sink, table, &mut |row, sink| {
        for column in &columns {
            let Some(id) = row.positive(*column).filter(|id| !work.store.holds(TABLE, *id)) else { continue };
            let marker = Marker::new(MarkerKind::Reference, column.name, id, row.cell(*column));
            let names = vec![Name::Row { table: TABLE.into(), rowid: id }];
            emit(work.scope.mention(None, names, AbsenceKind::Dangling, rule, vec![marker]), sink)?;
        }
        Ok(Fate::Folded)
    })
}

fn deleted_calls(work: &Work<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let c = |name: &'static str| work.store.column("DeletedCallRecord", &[name]);
    let (id, thread, at) = (c("callId"), c("threadRowId"), c("deletedAtTimestamp"));
    work.store.each(sink, "DeletedCallRecord", &mut |row, sink| {
        let name = match row.value(id) {
            Value::Text(t) => t,
            Value::Int(i) => i.to_string().into(),
            _ => return Ok(Fate::Quarantined("a deleted call without number".into())),
        };
        let mut markers = vec![Marker::new(MarkerKind::Tombstone, id.name, row.value(id), row.cell(id))];
        // Seconds or milliseconds: the value stands as it is.
        markers.extend(cells::mark(row, at, MarkerKind::Tombstone));
        let thread = row.int(thread).and_then(|id| work.threads.of_row(id));
        let names = vec![Name::Id(format!("call:{name}").into())];
        let rule = absences::IOS_DELETED_CALL.id;
        emit(work.scope.mention(thread, names, AbsenceKind::Tombstoned, rule, markers), sink)?;
        Ok(Fate::Folded)
    })
}

/// `MessageSendLog`: what was sent to whom, kept for some days.
fn send_log(work: &Work<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    const PAYLOAD: &str = "MessageSendLog_Payload";
    let c = |name: &'static str| work.store.column(PAYLOAD, &[name]);
    let (plaintext, sent, thread, complete) =
        (c("plaintextContent"), c("sentTimestamp"), c("uniqueThreadId"), c("sendComplete"));
    let of_payload = Index::of(work.store, "MessageSendLog_Message", &["payloadId"]);
    let id = work.store.column("MessageSendLog_Message", &["uniqueId"]);
    work.store.each(sink, PAYLOAD, &mut |row, sink| {
        let rows = of_payload.rowids(row.rowid().unwrap_or(0));
        let ids: Vec<Box<str>> =
            rows.filter_map(|rowid| work.store.get("MessageSendLog_Message", rowid)?.text(id)).collect();
        let blob = row.blob(plaintext).unwrap_or_default();
        let content = protobuf::Message::new(&blob);
        // Receipts, reactions and typing are logged too, and never stood in a chat.
        let gone = !ids.is_empty() && ids.iter().all(|id| work.survey.row_of(work.store, id).is_none());
        if gone && content::is_shown(content) {
            let time = cells::time_mark(row, sent, MarkerKind::Reference);
            let done = cells::mark(row, complete, MarkerKind::State);
            let names = ids.into_iter().map(Name::Id).collect();
            let thread = row.text(thread).map(Key::from);
            let markers = time.into_iter().chain(done).collect();
            let rule = absences::IOS_SEND_LOG.id;
            let mention = work.scope.mention(thread.as_ref(), names, AbsenceKind::Dangling, rule, markers);
            let text = content::body(content).map_or(Value::Null, Value::Text);
            emit(mention.map(|m| Mention { text, ..m }), sink)?;
        }
        Ok(Fate::Folded)
    })?;
    work.store.each(sink, "MessageSendLog_Message", &mut |_, _| Ok(Fate::Folded))?;
    work.store.each(sink, "MessageSendLog_Recipient", &mut |_, _| Ok(Fate::PassedOver))
}

/// Jobs that hold an envelope of the server's which is not yet written to the chat.
fn queue(work: &Work<'_>, table: &'static str, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let c = |name: &'static str| work.store.column(table, &[name]);
    let (envelope, plaintext, delivery) = (c("envelopeData"), c("plaintextData"), c("serverDeliveryTimestamp"));
    work.store.each(sink, table, &mut |row, sink| {
        let Some(bytes) = row.blob(envelope) else { return Ok(Fate::PassedOver) };
        let read = Envelope::read(&bytes);
        let cell = row.cell(envelope);
        let guid = read.as_ref().and_then(|e| e.guid.clone());
        let name =
            guid.clone().map_or_else(|| Name::Id(format!("{table}:{}", row.rowid().unwrap_or(0)).into()), Name::Server);
        let mut markers = vec![match guid {
            Some(guid) => Marker::new(MarkerKind::ServerId, "envelopeData.serverGuid", &*guid, cell.within("9")),
            None => Marker::new(MarkerKind::Queued, envelope.name, &*bytes, cell.clone()),
        }];
        if let Some(time) = read.and_then(|e| e.server_time) {
            let mark = Marker::new(MarkerKind::ServerTime, "envelopeData.serverTimestamp", time, cell.within("10"));
            markers.push(mark.meaning(cells::stamp(time).to_string()));
        }
        markers.extend(cells::time_mark(row, delivery, MarkerKind::ServerTime));
        let text = row.blob(plaintext).and_then(|b| content::body(protobuf::Message::new(&b)));
        let rule = absences::IOS_QUEUED_ENVELOPE.id;
        let mention = work.scope.mention(None, vec![name], AbsenceKind::Undelivered, rule, markers);
        emit(mention.map(|m| Mention { text: text.map_or(Value::Null, Value::Text), ..m }), sink)?;
        Ok(Fate::Folded)
    })
}

/// The texts of the search index outlive a message that something else removed.
fn index(work: &Work<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let c = |name: &'static str| work.store.column("indexable_text", &[name]);
    let (collection, id, text) = (c("collection"), c("uniqueId"), c("ftsIndexableContent"));
    work.store.each(sink, "indexable_text", &mut |row, sink| {
        // Contacts and threads are indexed too.
        let of_chat = row.text(collection).is_some_and(|name| name.contains("TSInteraction"));
        let Some(name) = row.text(id).filter(|_| of_chat) else { return Ok(Fate::PassedOver) };
        if work.survey.row_of(work.store, &name).is_none() {
            let marker = Marker::new(MarkerKind::Remnant, text.name, row.value(text), row.cell(text));
            let rule = absences::IOS_INDEX.id;
            let mention = work.scope.mention(None, vec![Name::Id(name)], AbsenceKind::RemnantOnly, rule, vec![marker]);
            emit(mention.map(|m| Mention { text: row.value(text), ..m }), sink)?;
        }
        Ok(Fate::Folded)
    })
}
