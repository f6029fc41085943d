//! Marks that name messages which may be gone.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::Origin;
use forensics_core::record::{AbsenceKind, Key, Mention, Name, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::stamp::Epoch;
use forensics_core::store::sqlite::{Col, Row};
use forensics_core::value::Value;

use super::beside::named;
use super::codes;
use super::messages::Messages;
use super::rules::absences;
use super::rules::state::HISTORY;
use crate::telephony::cells;
use crate::telephony::provider::Provider;
use crate::telephony::scope::{Scope, count_side_rows, emit, is_there};

/// Tables whose rows belong to a message, with the column that names it.
const SIDE_TABLES: &[(&str, &str)] = &[
    ("parts", "message_id"),
    ("scheduled_send", "message_id"),
    ("message_reactions", "reacted_message_id"),
    ("message_edits", "message_id"),
    ("message_star", "message_id"),
    ("link_preview", "message_id"),
    ("file_transfer", "message_id"),
    ("flagged_messages", "flagged_message_id"),
    ("messages_annotations", "message_id"),
    ("user_references", "message_id"),
    ("message_send_receive_attempt", "message_id"),
];
/// Tables whose rows go by an RCS id.
const RCS_TABLES: &[&str] = &["received_message_phone_numbers", "etouffee_rcs_metadata", "mls_messages"];
/// `item_table_type` of messages.
const MESSAGES: i64 = 1;

/// What the marks are compared with.
pub(super) struct Leftovers<'l, 'a> {
    pub(super) store: &'a OpenStore,
    pub(super) scope: &'l Scope,
    pub(super) messages: &'l Messages<'a>,
}

impl Leftovers<'_, '_> {
    /// Reads every table that may name a message which is not there.
    pub(super) fn read(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        self.history(sink)?;
        let receipts = self.reports(sink)?;
        for (table, column) in SIDE_TABLES {
            self.side(table, column, sink)?;
        }
        self.replies(sink)?;
        self.deletions(sink)?;
        self.queue(sink)?;
        self.unprocessed(sink)?;
        for table in RCS_TABLES {
            self.rcs_ids(table, sink)?;
        }
        self.scytale(receipts, sink)?;
        self.cloud(sink)?;
        for table in ["parts", "conversations", "participants"] {
            count_side_rows(self.store, table, absences::SIDE_ROWS.id, self.scope, sink)?;
        }
        Ok(())
    }

    /// Whether a message goes by this row number or RCS id.
    fn is_known(&self, id: &str) -> bool {
        let by_row = id.parse().is_ok_and(|id| is_there(self.store, "messages", id));
        by_row || self.messages.has_rcs_id(id)
    }

    /// `message_status`: all entries of one missing message become one absence.
    fn history(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(table) = self.store.table("message_status") else { return Ok(()) };
        let (id, status, at) = (table.column("message_id"), table.column("status"), table.column("timestamp"));
        self.store.each(sink, "message_status", |row, sink| {
            let Some(wanted) = id_text(row, id) else { return Ok(Fate::PassedOver) };
            if !self.is_known(&wanted) {
                let word = row.int_lossy(status).and_then(codes::status).unwrap_or("not known");
                let time = cells::stamp(row, at, Epoch::UnixMillis).map(|t| t.to_string()).unwrap_or_default();
                let marker =
                    named(row, status, MarkerKind::State, HISTORY).meaning(format!("{word} {time}").trim_end());
                let names = vec![Name::Id(wanted)];
                let mut mention = self.scope.mention(names, AbsenceKind::Dangling, absences::HISTORY.id, marker);
                mention.markers.push(named(row, id, MarkerKind::Reference, "message_id"));
                emit(sink, mention)?;
            }
            Ok(Fate::Folded)
        })
    }

    /// `read_reports`; gives how many receipts there are.
    fn reports(&self, sink: &mut dyn Sink) -> Result<u64, Stopped> {
        let Some(table) = self.store.table("read_reports") else { return Ok(0) };
        let (id, times) = (table.column("message_id"), [table.column("receive_time"), table.column("read_time")]);
        let mut receipts: u64 = 0;
        self.store.each(sink, "read_reports", |row, sink| {
            for col in times {
                receipts = receipts.saturating_add(u64::from(cells::positive(row, col).is_some()));
            }
            let Some(wanted) = cells::positive(row, id) else { return Ok(Fate::PassedOver) };
            if !is_there(self.store, "messages", wanted) {
                let marker = named(row, id, MarkerKind::Receipt, "message_id");
                let names = vec![Name::Id(wanted.to_string().into())];
                let mut mention = self.scope.mention(names, AbsenceKind::Dangling, absences::REPORT.id, marker);
                for (col, name) in times.into_iter().zip(["receive_time", "read_time"]) {
                    mention.markers.extend(cells::time(row, col, Epoch::UnixMillis, MarkerKind::Receipt, name));
                }
                emit(sink, mention)?;
            }
            Ok(Fate::Folded)
        })?;
        Ok(receipts)
    }

    fn side(&self, table: &str, column: &'static str, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(found) = self.store.table(table) else { return Ok(()) };
        let (id, text) = (found.column(column), found.column("text"));
        self.store.each(sink, table, |row, sink| {
            let Some(wanted) = cells::positive(row, id) else { return Ok(Fate::PassedOver) };
            if !is_there(self.store, "messages", wanted) {
                let marker = named(row, id, MarkerKind::Reference, column);
                let names = vec![Name::Id(wanted.to_string().into())];
                let mention = self.scope.mention(names, AbsenceKind::Dangling, absences::SIDE_ROW.id, marker);
                emit(sink, Mention { text: row.value(text), ..mention })?;
            }
            Ok(Fate::Folded)
        })
    }

    /// `message_replies`: the row number of what was answered is emptied when it is deleted, its RCS id stays.
    fn replies(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(table) = self.store.table("message_replies") else { return Ok(()) };
        let (row_id, rcs_id) = (table.column("replied_to_message_id"), table.column("replied_to_rcs_message_id"));
        self.store.each(sink, "message_replies", |row, sink| {
            let by_row = cells::positive(row, row_id);
            let by_rcs = cells::text(row, rcs_id);
            let mut names: Vec<Name> = by_row.map(|id| Name::Id(id.to_string().into())).into_iter().collect();
            names.extend(by_rcs.clone().map(Name::Id));
            if names.is_empty() {
                return Ok(Fate::PassedOver);
            }
            let (col, name) = match by_rcs {
                Some(_) => (rcs_id, "replied_to_rcs_message_id"),
                None => (row_id, "replied_to_message_id"),
            };
            let marker = named(row, col, MarkerKind::Reference, name);
            emit(sink, self.scope.mention(names, AbsenceKind::Dangling, absences::REPLY.id, marker))?;
            Ok(Fate::Folded)
        })
    }

    /// `cms_deleted_messages_buffer`: deletions that the cloud store is still to learn of.
    fn deletions(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        const TABLE: &str = "cms_deleted_messages_buffer";
        let Some(table) = self.store.table(TABLE) else { return Ok(()) };
        let (id, conversation) = (table.column("message_id"), table.column("conversation_id"));
        let (reason, at) = (table.column("message_deletion_reason"), table.column("deletion_timestamp"));
        self.store.each(sink, TABLE, |row, sink| {
            let Some(wanted) = cells::positive(row, id) else { return Ok(Fate::PassedOver) };
            let marker = named(row, id, MarkerKind::Tombstone, "message_id");
            let names = vec![Name::Id(wanted.to_string().into())];
            let mut mention = self.scope.mention(names, AbsenceKind::Tombstoned, absences::DELETED.id, marker);
            let time = cells::time(row, at, Epoch::UnixMillis, MarkerKind::Tombstone, "deletion_timestamp");
            mention.markers.extend(time);
            mention.markers.extend(cells::mark(row, reason, MarkerKind::State, "message_deletion_reason"));
            mention.thread = row.int_lossy(conversation).map(|id| Key::from(id.to_string()));
            emit(sink, mention)?;
            Ok(Fate::Folded)
        })
    }

    /// `generic_worker_queue`, filled by triggers on messages.
    fn queue(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(table) = self.store.table("generic_worker_queue") else { return Ok(()) };
        let (kind, id, trigger) =
            (table.column("item_table_type"), table.column("item_id"), table.column("trigger_name"));
        self.store.each(sink, "generic_worker_queue", |row, sink| {
            let of_message = row.int_lossy(kind) == Some(MESSAGES);
            let Some(wanted) = cells::positive(row, id).filter(|_| of_message) else { return Ok(Fate::PassedOver) };
            let deleted = row.text(trigger).as_deref() == Some("on_messages_delete");
            let (absence, mark) = if deleted {
                (AbsenceKind::Tombstoned, MarkerKind::Tombstone)
            } else {
                (AbsenceKind::Dangling, MarkerKind::Queued)
            };
            let marker = named(row, id, mark, "item_id");
            let names = vec![Name::Id(wanted.to_string().into())];
            let mut mention = self.scope.mention(names, absence, absences::DELETE_QUEUED.id, marker);
            mention.markers.extend(cells::mark(row, trigger, mark, "trigger_name"));
            emit(sink, mention)?;
            Ok(Fate::Folded)
        })
    }

    /// `pending_incoming_message_rcs_table`: received, and not yet among messages.
    fn unprocessed(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        const TABLE: &str = "pending_incoming_message_rcs_table";
        let Some(table) = self.store.table(TABLE) else { return Ok(()) };
        let (id, text) = (table.column("rcs_message_id"), table.column("raw_text"));
        let (sent, received) = (table.column("sent_timestamp"), table.column("received_timestamp"));
        let (conversation, from) = (table.column("conversation_id"), table.column("remote_user_id"));
        self.store.each(sink, TABLE, |row, sink| {
            let Some(wanted) = id_text(row, id) else { return Ok(Fate::PassedOver) };
            let marker = named(row, id, MarkerKind::ServerId, "rcs_message_id");
            let rule = absences::UNPROCESSED.id;
            let mut mention = self.scope.mention(vec![Name::Id(wanted)], AbsenceKind::Undelivered, rule, marker);
            for (col, name) in [(sent, "sent_timestamp"), (received, "received_timestamp")] {
                mention.markers.extend(cells::time(row, col, Epoch::UnixMillis, MarkerKind::State, name));
            }
            mention.markers.extend(cells::filled(row, from, MarkerKind::Reference, "remote_user_id"));
            mention.thread = cells::text(row, conversation).map(Key::from);
            mention.text = row.value(text);
            emit(sink, mention)?;
            Ok(Fate::Folded)
        })
    }

    fn rcs_ids(&self, table: &str, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(id) = self.store.table(table).map(|t| t.column("rcs_message_id")) else { return Ok(()) };
        self.store.each(sink, table, |row, sink| {
            let Some(wanted) = id_text(row, id) else { return Ok(Fate::PassedOver) };
            if !self.messages.has_rcs_id(&wanted) {
                self.weakly(row, id, "rcs_message_id", wanted, sink)?;
            }
            Ok(Fate::Folded)
        })
    }

    fn weakly(
        &self,
        row: &Row<'_>,
        col: Col,
        name: &'static str,
        id: Box<str>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        let marker = named(row, col, MarkerKind::Reference, name);
        let mention = self.scope.mention(vec![Name::Id(id)], AbsenceKind::Dangling, absences::RCS_ID.id, marker);
        emit(sink, Mention { strength: Strength::Weak, ..mention })
    }

    /// The `scytale_<hash>_…` tables of end-to-end encryption: the ledger of received envelopes, and digests of sent ones.
    fn scytale(&self, receipts: u64, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let of = |end: &str| {
            let tables = self.store.tables().filter(|t| t.name.starts_with("scytale_") && t.name.ends_with(end));
            tables.map(|t| t.name.clone()).collect::<Vec<_>>()
        };
        let mut entries: u64 = 0;
        let mut place: Option<Origin> = None;
        for table in of("_received_message_state") {
            place.get_or_insert_with(|| Origin::table(self.store.id(), table.clone()).cell("message_id"));
            self.store.each(sink, &table, |_, _| {
                entries = entries.saturating_add(1);
                Ok(Fate::Folded)
            })?;
        }
        let known = receipts.saturating_add(self.messages.incoming_rcs());
        let surplus = entries.saturating_sub(known);
        if let Some(place) = place.filter(|_| surplus > 0) {
            let marker = Marker::new(MarkerKind::Sequence, "message_id", Value::Null, place)
                .meaning(format!("{entries} envelopes, {known} received messages and receipts"));
            let mention = self.scope.count(AbsenceKind::Dangling, absences::LEDGER.id, marker);
            emit(sink, Mention { at_most: Some(surplus), ..mention })?;
        }
        for table in of("_sent_message_digests") {
            let Some(id) = self.store.table(&table).map(|t| t.column("message_id")) else { continue };
            self.store.each(sink, &table, |row, sink| {
                let Some(wanted) = id_text(row, id) else { return Ok(Fate::PassedOver) };
                if !self.messages.has_rcs_id(&wanted) {
                    self.weakly(row, id, "message_id", wanted, sink)?;
                }
                Ok(Fate::Folded)
            })?;
        }
        Ok(())
    }

    /// Notices of the cloud store; its queues were read with the messages that they name.
    fn cloud(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        for table in ["cms_incremental_events", "cms_dead_letter_queue"] {
            self.store.each(sink, table, |_, _| Ok(Fate::Folded))?;
        }
        let Some(table) = self.store.table("cms_notifications") else { return Ok(()) };
        let (id, sequence) = (table.column("cms_id"), table.column("cms_last_mod_seq"));
        let at = table.column("message_received_timestamp");
        self.store.each(sink, "cms_notifications", |row, sink| {
            let Some(wanted) = id_text(row, id) else { return Ok(Fate::PassedOver) };
            let marker = named(row, id, MarkerKind::CloudRecord, "cms_id");
            let rule = absences::CLOUD_NOTICE.id;
            let mut mention = self.scope.mention(vec![Name::Server(wanted)], AbsenceKind::Undelivered, rule, marker);
            mention.strength = Strength::Weak;
            mention.markers.extend(cells::mark(row, sequence, MarkerKind::CloudRecord, "cms_last_mod_seq"));
            let time = cells::time(row, at, Epoch::UnixMillis, MarkerKind::State, "message_received_timestamp");
            mention.markers.extend(time);
            emit(sink, mention)?;
            Ok(Fate::Folded)
        })
    }

    /// Rows of the telephony store that this app wrote and that no message names.
    pub(super) fn mirror(
        &self,
        telephony: &OpenStore,
        provider: &Provider<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        telephony.each(sink, "pdu", |row, sink| {
            let Some(copy) = provider.written_by(row, super::PACKAGE_NAME) else { return Ok(Fate::PassedOver) };
            if !self.messages.has_uri(&copy.id) {
                let marker =
                    Marker::new(MarkerKind::Remnant, "creator", super::PACKAGE_NAME, row.origin().cell("creator"));
                let names = vec![Name::Id((*copy.id).into())];
                let mention = self.scope.mention(names, AbsenceKind::RemnantOnly, absences::MIRROR.id, marker);
                emit(sink, Mention { text: copy.text, ..mention })?;
            }
            Ok(Fate::Folded)
        })
    }
}

/// An id that may be kept as text or as a number.
fn id_text(row: &Row<'_>, col: Col) -> Option<Box<str>> {
    match row.value(col) {
        Value::Text(t) if !t.is_empty() => Some(t),
        Value::Int(n) => Some(n.to_string().into()),
        _ => None,
    }
}
