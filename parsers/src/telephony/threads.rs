//! `threads` and `canonical_addresses`: who talks in a conversation, and what the conversation remembers of its messages.

use std::collections::HashMap;

use forensics_core::issue::{Issue, Severity};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{AbsenceKind, Contact, Key, Mention, Record, Thread, ThreadKind};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::Row;
use forensics_core::value::Value;

use super::cells::{self, columns};
use super::notes;
use super::rules::absences;
use super::scope::{Scope, emit};

columns! {
    /// `threads`.
    Columns {
        date = "date", count = "message_count", recipients = "recipient_ids", snippet = "snippet", kind = "type",
        archived = "archived", error = "error", snippet_type = "snippet_type",
    }
}

/// The key of a conversation.
pub(super) fn thread_key(id: Option<i64>) -> Key {
    id.map_or_else(|| "none".into(), |id| id.to_string().into())
}

/// What was met of one conversation's messages.
#[derive(Default)]
struct Met {
    snippet: Option<Box<str>>,
    snippet_met: bool,
    /// Messages by the trigger's own rule: drafts and reports do not count.
    counted: i64,
    newest: Option<i64>,
    /// Messages whose text the snippet may paraphrase: MMS without subject, Samsung's RCS.
    other: bool,
}

/// All conversations. Memory grows with conversations and persons.
pub(super) struct Threads {
    met: HashMap<i64, Met>,
    addresses: HashMap<i64, Box<str>>,
}

impl Threads {
    pub(super) fn open(store: &OpenStore) -> Self {
        let mut threads = Threads { met: HashMap::new(), addresses: HashMap::new() };
        if let Some(table) = store.table("threads") {
            let snippet = table.column("snippet");
            for row in store.scan(table).filter_map(Result::ok) {
                let met = Met { snippet: cells::text(&row, snippet), ..Met::default() };
                threads.met.extend(row.rowid().map(|id| (id, met)));
            }
        }
        if let Some(table) = store.table("canonical_addresses") {
            let address = table.column("address");
            let rows = store.scan(table).filter_map(Result::ok);
            threads.addresses.extend(rows.filter_map(|row| row.rowid().zip(cells::text(&row, address))));
        }
        threads
    }

    pub(super) fn knows(&self, thread: Option<i64>) -> bool {
        thread.is_some_and(|id| self.met.contains_key(&id))
    }

    /// Takes note of a message's text, and of its time where the conversation counts it.
    pub(super) fn meet(&mut self, thread: Option<i64>, text: Option<&str>, counted: Option<i64>) {
        let Some(met) = thread.and_then(|id| self.met.get_mut(&id)) else { return };
        met.snippet_met = met.snippet_met || (text.is_some() && met.snippet.as_deref() == text);
        if counted.is_some() {
            met.counted = met.counted.saturating_add(1);
            met.newest = met.newest.max(counted);
        }
    }

    /// Takes note of a message that the snippet may show in other words.
    pub(super) fn meet_other(&mut self, thread: Option<i64>) {
        if let Some(met) = thread.and_then(|id| self.met.get_mut(&id)) {
            met.other = true;
        }
    }

    /// Emits addresses and conversations; call it after the messages.
    pub(super) fn read(&self, store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
        if let Some(address) = store.table("canonical_addresses").map(|t| t.column("address")) {
            store.each(sink, "canonical_addresses", |row, sink| {
                let Some(address) = cells::text(row, address) else { return Ok(Fate::PassedOver) };
                let (origin, account) = (row.origin(), scope.account.clone());
                let contact = Contact { origin, account, id: Key::from(address), name: None, extra: Vec::new() };
                sink.emit(Record::Contact(contact))?;
                Ok(Fate::Emitted)
            })?;
        }
        let Some(cols) = store.table("threads").map(Columns::of) else { return Ok(()) };
        store.each(sink, "threads", |row, sink| {
            let Some(id) = row.rowid() else { return Ok(Fate::Quarantined("no row number".to_owned())) };
            self.emit(id, row, cols, scope, sink)?;
            if let Some(met) = self.met.get(&id) {
                check_count(met, row, cols, store, scope, sink)?;
                check_snippet(met, row, cols, scope, sink)?;
            }
            Ok(Fate::Emitted)
        })
    }

    fn emit(&self, id: i64, row: &Row<'_>, cols: Columns, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let recipients = row.text(cols.recipients).unwrap_or_default().into_owned();
        let participants: Vec<Box<str>> = recipients
            .split_ascii_whitespace()
            .filter_map(|id| self.addresses.get(&id.parse().ok()?))
            .cloned()
            .collect();
        let kind = match (participants.len(), row.int_lossy(cols.kind)) {
            (_, Some(1)) => ThreadKind::Broadcast,
            (0, _) => ThreadKind::Unknown,
            (1, _) => ThreadKind::Direct,
            _ => ThreadKind::Group,
        };
        let newest = self.met.get(&id).and_then(|met| met.newest);
        let extra = vec![
            ("date", row.value(cols.date)),
            ("date_hint", touched(row.int_lossy(cols.date), newest).into()),
            ("message_count", row.value(cols.count)),
            ("snippet", row.value(cols.snippet)),
            ("archived", row.value(cols.archived)),
            ("error", row.value(cols.error)),
        ];
        let name = (!participants.is_empty()).then(|| participants.join(", ").into());
        let (origin, account) = (row.origin(), scope.account.clone());
        sink.emit(Record::Thread(Thread { origin, account, id: thread_key(Some(id)), name, kind, participants, extra }))
    }
}

/// What the conversation's date hints at. The triggers write whole seconds of the wall clock, the provider's own clean-up
/// after the deletion of an SMS writes the newest message's exact time (AOSP: MmsSmsDatabaseHelper; vendors differ).
fn touched(date: Option<i64>, newest: Option<i64>) -> Option<&'static str> {
    let (date, newest) = (date?, newest?);
    if date == newest && date % 1000 != 0 {
        Some("equals the newest message: last touched by the deletion of an SMS, or restored (a hint)")
    } else if date > newest && date % 1000 == 0 {
        Some("time of the last insertion or edit, or of the deletion of an MMS (a hint)")
    } else {
        None
    }
}

fn check_count(
    met: &Met,
    row: &Row<'_>,
    cols: Columns,
    store: &OpenStore,
    scope: &Scope,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let Some(stated) = row.int_lossy(cols.count) else { return Ok(()) };
    // Samsung's triggers count its RCS tables by a rule that is not known.
    if met.other && cols.snippet_type.is_present() {
        return Ok(());
    }
    let missing = stated.saturating_sub(met.counted);
    if missing < 0 {
        let thread = row.rowid().unwrap_or_default();
        let detail =
            format!("{}: conversation {thread} counts {stated} messages and has {}", store.path(), met.counted);
        let origin = Some(row.cell(cols.count));
        return sink.issue(Issue { code: notes::COUNT_DIFFERS, severity: Severity::Info, detail, origin });
    }
    if missing == 0 {
        return Ok(());
    }
    let marker = Marker::new(MarkerKind::Sequence, "message_count", stated, row.cell(cols.count))
        .meaning(format!("{} messages are there", met.counted));
    let mention = scope.count(AbsenceKind::BeyondRecords, absences::COUNTER.id, marker);
    let thread = Some(thread_key(row.rowid()));
    emit(sink, Mention { thread, at_most: u64::try_from(missing).ok(), ..mention })
}

fn check_snippet(met: &Met, row: &Row<'_>, cols: Columns, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    // Samsung shows some messages in words of its own.
    let paraphrased = met.other && cols.snippet_type.is_present();
    let Some(snippet) = met.snippet.as_deref().filter(|_| !met.snippet_met && !paraphrased) else { return Ok(()) };
    let Some(marker) = cells::mark(row, cols.snippet, MarkerKind::Remnant, "snippet") else { return Ok(()) };
    let mention = scope.count(AbsenceKind::RemnantOnly, absences::SNIPPET.id, marker);
    let thread = Some(thread_key(row.rowid()));
    emit(sink, Mention { thread, text: Value::from(snippet), at_most: Some(1), ..mention })
}
