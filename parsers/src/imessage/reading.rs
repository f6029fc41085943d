//! Reading a store: side tables first, then the messages one by one, then what names messages that are not there.

use std::collections::BTreeMap;

use forensics_core::issue::{Issue, Severity};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::Origin;
use forensics_core::record::{AbsenceKind, Key, Mention, Name, Record, Space, Strength};
use forensics_core::rule::Rule;
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::store::sqlite::Table;
use forensics_core::value::Value;

use super::chats::Chats;
use super::columns::{AttachmentColumns, MessageColumns};
use super::surroundings::Surroundings;
use super::survey::Survey;

/// Pairs of row numbers: sixteen bytes for each.
#[derive(Debug, Default)]
pub(super) struct Pairs(Vec<(i64, i64)>);

impl Pairs {
    pub(super) fn add(&mut self, key: i64, value: i64) {
        self.0.push((key, value));
    }

    pub(super) fn sort(&mut self) {
        self.0.sort_unstable();
        self.0.shrink_to_fit();
    }

    /// All values, each as often as it stands.
    pub(super) fn values(&self) -> impl Iterator<Item = i64> + use<'_> {
        self.0.iter().map(|(_, value)| *value)
    }

    /// What belongs to a key, ascending.
    pub(super) fn of(&self, key: i64) -> impl Iterator<Item = i64> + use<'_> {
        let start = self.0.partition_point(|(k, _)| *k < key);
        self.0.get(start..).unwrap_or_default().iter().take_while(move |(k, _)| *k == key).map(|(_, value)| *value)
    }
}

/// What the side tables say, by message row.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Conversations of a message.
    pub(super) chats: Pairs,
    /// Rows of `chat_recoverable_message_join` of a message.
    pub(super) recoverable: Pairs,
    /// Rows of `recoverable_message_part` of a message.
    pub(super) parts: Pairs,
    /// Attachments of a message.
    pub(super) attachments: Pairs,
    /// Rows that are named by a mark and are not there: they are absences of their own.
    pub(super) named: Vec<i64>,
}

/// A store being read.
pub(super) struct Reading<'a> {
    pub(super) store: &'a OpenStore,
    pub(super) space: Space,
    pub(super) table: &'a Table,
    pub(super) columns: MessageColumns,
    pub(super) attachments: AttachmentColumns,
    pub(super) survey: Survey<'a>,
    pub(super) chats: Chats,
    pub(super) links: Links,
    pub(super) around: &'a mut Surroundings,
    pub(super) has_token: bool,
    /// The newest date of each conversation's messages, in nanoseconds since 1970.
    pub(super) newest: BTreeMap<i64, i128>,
}

/// Reads a store of iOS 6 or newer.
pub(super) fn read(
    store: &OpenStore,
    table: &Table,
    space: Space,
    around: &mut Surroundings,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let client = client_version(store, sink)?;
    let generation = match &client {
        Some(client) => format!("{}, client {client}", generation(table)),
        None => generation(table).to_owned(),
    };
    sink.describe(store.id(), StoreStatus::Read, Some(&generation))?;
    let mut reading = Reading {
        store,
        space,
        table,
        columns: MessageColumns::of(Some(table)),
        attachments: AttachmentColumns::of(store.table("attachment")),
        survey: Survey::of(store, table),
        chats: Chats::read(store, sink)?,
        links: Links::default(),
        has_token: around.has_token_files,
        around,
        newest: BTreeMap::new(),
    };
    reading.read_links(sink)?;
    reading.read_keys(sink)?;
    reading.say_of_the_whole(sink)?;
    store.each(sink, "message", |row, sink| reading.message(row, sink))?;
    reading.read_tombstones(sink)?;
    reading.name_from_chats(sink)?;
    reading.name_from_tasks(sink)?;
    reading.count_rows(sink)?;
    reading.left_over_files(sink)
}

impl Reading<'_> {
    /// A mark that names a record, to be filled in.
    pub(super) fn mention(&self, rule: &'static Rule, kind: AbsenceKind, origin: Origin) -> Mention {
        Mention {
            space: self.space,
            account: Key::clone(&self.chats.account),
            thread: None,
            names: Vec::new(),
            kind,
            strength: Strength::Strong,
            rule: rule.id,
            text: Value::Null,
            after: None,
            before: None,
            at_most: None,
            markers: Vec::new(),
            origin,
        }
    }

    /// The name of a message by its row.
    pub(super) fn by_row(&self, rowid: i64) -> Name {
        Name::Row { table: self.table.name.clone(), rowid }
    }

    /// The key and account of a conversation, by its row.
    pub(super) fn thread(&self, chat: i64) -> (Key, Key) {
        match self.chats.by_row.get(&chat) {
            Some(chat) => (Key::clone(&chat.key), Key::clone(&chat.account)),
            None => (format!("chat:{chat}").into(), Key::clone(&self.chats.account)),
        }
    }

    pub(super) fn issue(
        &self,
        code: &'static str,
        severity: Severity,
        detail: String,
        origin: Origin,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        let detail = format!("{}: {detail}", self.store.path());
        sink.issue(Issue { code, severity, detail, origin: Some(origin) })
    }

    /// What is said once of the whole store.
    fn say_of_the_whole(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let origin = || Origin::table(self.store.id(), self.table.name.clone());
        if self.columns.state.is_present() && self.survey.cloud.is_off() && self.survey.rows > 0 {
            let detail = "no message has an iCloud record or a synchronisation state: Messages in iCloud was never on, or was reset".to_owned();
            self.issue("imessage-icloud-off", Severity::Info, detail, origin(), sink)?;
        }
        // In bulk: a few rows out of order are ordinary.
        if self.survey.disordered.saturating_mul(4) > self.survey.rows {
            let detail = format!(
                "{} of {} messages are dated more than a day before a message of a lower row number",
                self.survey.disordered, self.survey.rows
            );
            self.issue("imessage-rows-disordered", Severity::Info, detail, origin(), sink)?;
        }
        Ok(())
    }

    pub(super) fn emit(&self, mention: Mention, sink: &mut dyn Sink) -> Result<(), Stopped> {
        sink.emit(Record::Mention(Box::new(mention)))
    }
}

/// `_ClientVersion`: 9005 is iOS 9 and macOS 10.11, 12005 iOS 12.4, 14006 iOS 14.
fn client_version(store: &OpenStore, sink: &mut dyn Sink) -> Result<Option<String>, Stopped> {
    const NAME: &str = "_SqliteDatabaseProperties";
    let mut client = None;
    let table = store.table(NAME);
    let column = |name| table.map(|t| t.column(name)).unwrap_or_default();
    let (key, value) = (column("key"), column("value"));
    store.each(sink, NAME, |row, _| {
        if row.text(key).is_some_and(|k| k == "_ClientVersion") {
            client = row.text(value).map(|v| (*v).to_owned()).or_else(|| row.int(value).map(|v| v.to_string()));
        }
        Ok(Fate::Folded)
    })?;
    Ok(client)
}

/// By the newest column that the table has: a database that was upgraded keeps its old ones.
fn generation(message: &Table) -> &'static str {
    let newest = [
        ("index_state", "columns of iOS 18 to 26"),
        ("schedule_type", "columns of iOS 17 to 18"),
        ("date_edited", "columns of iOS 16"),
        ("was_delivered_quietly", "columns of iOS 15"),
        ("thread_originator_guid", "columns of iOS 14"),
        ("reply_to_guid", "columns of iOS 13"),
        ("ck_sync_state", "columns of iOS 11 to 12"),
        ("associated_message_guid", "columns of iOS 10"),
    ];
    newest.iter().find(|(column, _)| message.has(column)).map_or("columns of iOS 6 to 9", |(_, name)| name)
}
