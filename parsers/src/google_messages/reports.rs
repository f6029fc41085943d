//! What happened to a message after it was written: `message_status`, `read_reports`, the queues of the cloud store.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::OpenStore;
use forensics_core::record::{Direction, Message, Receipt, ReceiptKind};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::store::sqlite::{Col, Lookup, Row, Table, TextLookup};

use super::codes;
use super::notes;
use super::people::People;
use super::rules::shape::BACKWARDS;
use super::rules::state::{CLOUD_DEAD, CLOUD_EVENT, DELIVERED_AT, HISTORY, READ_AT};
use crate::telephony::cells;

/// Entries of a message's history that become marks: a real message has six, a hostile one does not fill the memory.
const MOST_ENTRIES: usize = 200;
/// How far an entry may be older than the one before it: entries are written by several threads at once.
const SLACK_MS: i64 = 1_000;
/// `table_type` of messages in the store's queues.
const MESSAGES: i64 = 1;

/// Tables beside `messages`.
pub(super) struct Reports<'a> {
    store: &'a OpenStore,
    history: Option<History<'a>>,
    reports: Option<(&'a Table, Lookup, [Col; 4])>,
    events: Option<(TextLookup<'a>, Col, Col)>,
    dead: Option<(&'a Table, Lookup, Col, Col)>,
}

struct History<'a> {
    by_message: TextLookup<'a>,
    status: Col,
    time: Col,
    data: Col,
}

impl<'a> Reports<'a> {
    pub(super) fn open(store: &'a OpenStore) -> Self {
        let history = store.table("message_status").map(|t| History {
            by_message: TextLookup::build(store, t, t.column("message_id")),
            status: t.column("status"),
            time: t.column("timestamp"),
            data: t.column("data"),
        });
        let reports = store.table("read_reports").map(|t| {
            let cols =
                [t.column("participant_id"), t.column("receive_time"), t.column("read_time"), t.column("ftd_time")];
            (t, Lookup::build(store, t, t.column("message_id")), cols)
        });
        let events = store
            .table("cms_incremental_events")
            .map(|t| (TextLookup::build(store, t, t.column("bugle_id")), t.column("table_type"), t.column("bugle_id")));
        let dead = store.table("cms_dead_letter_queue").map(|t| {
            (t, Lookup::build(store, t, t.column("bugle_id")), t.column("bugle_table_type"), t.column("bugle_id"))
        });
        Reports { store, history, reports, events, dead }
    }

    /// Puts on a message what these tables say of it.
    pub(super) fn add(&self, rowid: i64, people: &People, m: &mut Message) {
        if self.history.is_none() || self.reports.is_none() {
            m.notes.push(notes::NO_HISTORY);
        }
        if let Some(history) = &self.history {
            history.add(m);
        }
        self.add_reports(rowid, people, m);
        let names = [m.id.clone()];
        if let Some((events, kind, id)) = &self.events {
            let rows = names.iter().flat_map(|name| events.rows(name));
            let of_message = rows.filter(|row| row.int_lossy(*kind) == Some(MESSAGES)).take(1);
            m.markers.extend(of_message.filter_map(|row| cells::mark(&row, *id, MarkerKind::Queued, CLOUD_EVENT)));
        }
        if let Some((table, by_message, kind, id)) = &self.dead {
            let rows = by_message.rowids(rowid).filter_map(|row| self.store.get(table, row).ok().flatten());
            let of_message = rows.filter(|row| row.int_lossy(*kind) == Some(MESSAGES)).take(1);
            m.markers.extend(of_message.filter_map(|row| cells::mark(&row, *id, MarkerKind::Failure, CLOUD_DEAD)));
        }
    }

    /// Reports of recipients; on incoming messages they would be the phone's own.
    fn add_reports(&self, rowid: i64, people: &People, m: &mut Message) {
        let Some((table, by_message, [person, received, read, undecrypted])) = &self.reports else { return };
        if m.direction != Direction::Out {
            return;
        }
        for report in by_message.rowids(rowid) {
            let Ok(Some(row)) = self.store.get(table, report) else { continue };
            let recipient = people.get(row.int_lossy(*person)).map(|p| Box::from(&*p.key));
            for (col, name, kind) in
                [(*received, DELIVERED_AT, ReceiptKind::Delivered), (*read, READ_AT, ReceiptKind::Read)]
            {
                let Some(marker) = cells::time(&row, col, Epoch::UnixMillis, MarkerKind::Receipt, name) else {
                    continue;
                };
                let (at, origin) = (cells::stamp(&row, col, Epoch::UnixMillis), marker.origin.clone());
                m.receipts.push(Receipt { recipient: recipient.clone(), kind, at, origin });
                m.markers.push(marker);
            }
            m.markers.extend(cells::time(&row, *undecrypted, Epoch::UnixMillis, MarkerKind::Failure, "ftd_time"));
        }
    }
}

impl History<'_> {
    /// Entries name the message by its row number or, as far as is known, by its RCS id.
    fn add(&self, m: &mut Message) {
        let names: Vec<_> = std::iter::once(m.id.clone()).chain(m.aliases.iter().cloned()).collect();
        let mut before: Option<i64> = None;
        let mut backwards = None;
        let rows = names.iter().flat_map(|name| self.by_message.rows(name)).take(MOST_ENTRIES);
        for row in rows {
            m.markers.extend(self.entry(&row));
            let at = cells::positive(&row, self.time);
            if let (Some(at), Some(earlier)) = (at, before)
                && at < earlier.saturating_sub(SLACK_MS)
                && backwards.is_none()
            {
                let mark = Marker::new(MarkerKind::State, BACKWARDS, at, row.cell(self.time));
                backwards = Some(mark.meaning("earlier than the entry before it"));
            }
            before = before.max(at);
        }
        m.markers.extend(backwards);
    }

    /// An entry as a mark: the state, its word, its time, and the result where one is kept.
    fn entry(&self, row: &Row<'_>) -> Option<Marker> {
        let code = row.int_lossy(self.status)?;
        let kind = if matches!(code, 2 | 11) { MarkerKind::Receipt } else { MarkerKind::State };
        let mark = cells::mark(row, self.status, kind, HISTORY)?;
        let word = match (code, cells::text(row, self.data)) {
            // An entry of state 0 holds the result of a try.
            (0, Some(result)) => result.into_string(),
            _ => codes::status(code).unwrap_or("not known").to_owned(),
        };
        let at = cells::stamp(row, self.time, Epoch::UnixMillis).as_ref().map(Stamp::to_string).unwrap_or_default();
        Some(mark.meaning(format!("{word} {at}").trim_end()))
    }
}
