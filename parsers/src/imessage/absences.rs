//! Marks that name messages which may not be there. Whether they are is decided in the second pass; what is plainly there
//! is left out here, so that a million links do not become a million marks.

use forensics_core::issue::Severity;
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::origin::Origin;
use forensics_core::record::{AbsenceKind, Key, Mention, Name, Record, Strength};
use forensics_core::rule::Rule;
use forensics_core::sink::{Sink, Stopped};
use forensics_core::stamp::Stamp;
use forensics_core::store::sqlite::{Row, TextLookup};

use super::chats::Chat;
use super::reading::Reading;
use super::rules::absence;
use super::rules::forgery::is_upper_uuid;
use super::stamps::stamp;
use super::survey::message_of_attachment;

impl Reading<'_> {
    /// The store's own deletion logs.
    pub(super) fn read_tombstones(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        self.read_log("deleted_messages", |_| &absence::DELETED, sink)?;
        self.read_log(
            "sync_deleted_messages",
            |record| if record { &absence::DELETED_WITH_CLOUD_COPY } else { &absence::DELETED_WITHOUT_CLOUD_COPY },
            sink,
        )?;
        self.read_log("scheduled_messages_pending_cloudkit_delete", |_| &absence::SCHEDULED_COPY, sink)?;
        self.read_purged(sink)?;
        self.read_deleted_attachments(sink)?;
        self.read_deleted_chats(sink)
    }

    /// A log of identifiers, some with the record in iCloud.
    fn read_log(&self, table: &str, rule: impl Fn(bool) -> &'static Rule, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let (guid, record) = (self.column(table, "guid"), self.column(table, "recordID"));
        self.store.each(sink, table, |row, sink| {
            let Some(name) = row.text(guid).filter(|g| !g.is_empty()) else {
                return Ok(Fate::Quarantined("a deletion without identifier".to_owned()));
            };
            if self.survey.has_guid(&name) {
                return Ok(Fate::Folded);
            }
            let id = row.text(record).filter(|r| !r.is_empty());
            let mut mention = self.mention(rule(id.is_some()), AbsenceKind::Tombstoned, row.origin());
            mention.names = vec![Name::Id((*name).into())];
            mention.markers = vec![Marker::new(MarkerKind::Tombstone, "guid", &*name, row.cell(guid))];
            if let Some(id) = id {
                mention.markers.push(Marker::new(MarkerKind::CloudRecord, "recordID", &*id, row.cell(record)));
            }
            self.emit(mention, sink)?;
            Ok(Fate::Folded)
        })
    }

    fn read_purged(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        const TABLE: &str = "unsynced_removed_recoverable_messages";
        let (chat, guid) = (self.column(TABLE, "chat_guid"), self.column(TABLE, "message_guid"));
        self.store.each(sink, TABLE, |row, sink| {
            let Some(name) = row.text(guid).filter(|g| !g.is_empty()) else {
                return Ok(Fate::Quarantined("a deletion without identifier".to_owned()));
            };
            if !self.survey.has_guid(&name) {
                let mut mention = self.mention(&absence::PURGED, AbsenceKind::Tombstoned, row.origin());
                self.place(&mut mention, row.text(chat).as_deref());
                mention.names = vec![Name::Id((*name).into())];
                mention.markers = vec![Marker::new(MarkerKind::Tombstone, "message_guid", &*name, row.cell(guid))];
                self.emit(mention, sink)?;
            }
            Ok(Fate::Folded)
        })
    }

    /// Puts a mention into the conversation of that identifier.
    fn place(&self, mention: &mut Mention, guid: Option<&str>) {
        let Some(guid) = guid.filter(|g| !g.is_empty()) else { return };
        let known = self.chats.by_row.values().find(|c| *c.key == *guid);
        mention.thread = Some(known.map_or_else(|| guid.into(), |c| Key::clone(&c.key)));
        if let Some(chat) = known {
            mention.account = Key::clone(&chat.account);
        }
    }

    /// A deleted attachment may name the message it belonged to.
    fn read_deleted_attachments(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        const TABLE: &str = "sync_deleted_attachments";
        let guid = self.column(TABLE, "guid");
        self.store.each(sink, TABLE, |row, sink| {
            let name = row.text(guid);
            let Some(message) = name.as_deref().and_then(message_of_attachment) else { return Ok(Fate::PassedOver) };
            if !self.survey.has_guid(message) {
                let mut mention = self.mention(&absence::ATTACHMENT_DELETED, AbsenceKind::Tombstoned, row.origin());
                mention.names = vec![Name::Id(message.into())];
                let raw = row.value(guid);
                mention.markers = vec![Marker::new(MarkerKind::Tombstone, "guid", raw, row.cell(guid))];
                self.emit(mention, sink)?;
            }
            Ok(Fate::Folded)
        })
    }

    fn read_deleted_chats(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        const TABLE: &str = "sync_deleted_chats";
        let (guid, record) = (self.column(TABLE, "guid"), self.column(TABLE, "recordID"));
        let at = self.column(TABLE, "timestamp");
        self.store.each(sink, TABLE, |row, sink| {
            let Some(name) = row.text(guid).filter(|g| !g.is_empty()) else {
                return Ok(Fate::Quarantined("a deletion without identifier".to_owned()));
            };
            let mut mention = self.mention(&absence::CHAT_DELETED, AbsenceKind::Tombstoned, row.origin());
            self.place(&mut mention, Some(&name));
            mention.markers = vec![Marker::new(MarkerKind::Tombstone, "guid", &*name, row.cell(guid))];
            if let Some(id) = row.text(record).filter(|r| !r.is_empty()) {
                mention.markers.push(Marker::new(MarkerKind::CloudRecord, "recordID", &*id, row.cell(record)));
            }
            let raw = row.value(at);
            if let Some(when) = stamp(&raw) {
                let mark = Marker::new(MarkerKind::Tombstone, "timestamp", raw, row.cell(at));
                mention.markers.push(mark.meaning(when.to_string()));
            }
            self.emit(mention, sink)?;
            Ok(Fate::Folded)
        })
    }

    /// What each conversation remembers of its newest message.
    pub(super) fn name_from_chats(&mut self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        for (rowid, newest) in &self.newest {
            if let Some(chat) = self.chats.by_row.get_mut(rowid) {
                chat.newest_date = Some(*newest);
            }
        }
        let mut named = Vec::new();
        for chat in self.chats.by_row.values() {
            named.extend(self.name_from_chat(chat, sink)?);
        }
        self.links.named.extend(named);
        self.links.named.sort_unstable();
        self.links.named.dedup();
        Ok(())
    }

    fn name_from_chat(&self, chat: &Chat, sink: &mut dyn Sink) -> Result<Option<i64>, Stopped> {
        let place = || (Key::clone(&chat.key), Key::clone(&chat.account));
        let highest = self.store.sequence("message").map(|s| s.value);
        let mut named = None;
        if let Some(mark) = &chat.seen_row
            && let Some(rowid) = mark.raw.as_int()
        {
            sink.emit(Record::Cursor(self.cursor(Some(place()), rowid, mark.clone())))?;
            if highest.is_some_and(|highest| rowid > highest) {
                let detail = format!(
                    "the watermark of {} names row {rowid}; the highest row ever given is {}",
                    chat.key,
                    highest.unwrap_or(0)
                );
                let code = "imessage-watermark-beyond-counter";
                self.issue(code, Severity::Degraded, detail, mark.origin.clone(), sink)?;
            } else if !self.survey.has_row(rowid) {
                let beyond = chat.newest_row.is_none_or(|newest| rowid > newest);
                let mut mention = self.mark_of_chat(chat, mark, &absence::WATERMARK);
                if beyond {
                    (mention.kind, mention.after) = (AbsenceKind::BeyondRecords, chat.newest_row);
                }
                mention.names = vec![self.by_row(rowid)];
                mention.markers.extend(chat.seen_time.clone());
                mention.markers.extend(chat.last_read.clone().filter(|_| beyond));
                self.emit(mention, sink)?;
                named = Some(rowid);
            }
        }
        if let Some(mark) = &chat.seen_guid
            && let Some(guid) = mark.raw.as_text()
            && !self.survey.has_guid(guid)
        {
            let mut mention = self.mark_of_chat(chat, mark, &absence::WATERMARK);
            mention.names = vec![Name::Id(guid.into())];
            self.emit(mention, sink)?;
            return Ok(named);
        }
        if named.is_none() {
            self.read_past_newest(chat, sink)?;
        }
        Ok(named)
    }

    /// Read up to a time after the newest message. Nothing is named: a weak mark.
    fn read_past_newest(&self, chat: &Chat, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(mark) = &chat.last_read else { return Ok(()) };
        let read = stamp(&mark.raw).as_ref().and_then(Stamp::unix_nanos);
        if read.is_some_and(|read| chat.newest_date.is_none_or(|newest| read > newest)) {
            let mut mention = self.mark_of_chat(chat, mark, &absence::LAST_READ);
            (mention.kind, mention.strength) = (AbsenceKind::BeyondRecords, Strength::Weak);
            mention.after = chat.newest_row;
            self.emit(mention, sink)?;
        }
        Ok(())
    }

    fn mark_of_chat(&self, chat: &Chat, mark: &Marker, rule: &'static Rule) -> Mention {
        let mut mention = self.mention(rule, AbsenceKind::Dangling, mark.origin.clone());
        (mention.thread, mention.account) = (Some(Key::clone(&chat.key)), Key::clone(&chat.account));
        mention.markers = vec![mark.clone()];
        mention
    }

    /// Work that the app still had to do. Tasks may also name conversations and attachments.
    pub(super) fn name_from_tasks(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let attachments = self.store.table("attachment").map(|t| TextLookup::build(self.store, t, t.column("guid")));
        let is_other = |guid: &str| {
            attachments.as_ref().is_some_and(|a| a.rowids(guid).next().is_some())
                || self.chats.by_row.values().any(|c| *c.key == *guid)
        };
        for table in ["message_processing_task", "persistent_tasks"] {
            let guid = self.column(table, "guid");
            self.store.each(sink, table, |row, sink| {
                let Some(name) = row.text(guid).filter(|g| is_upper_uuid(g)) else { return Ok(Fate::PassedOver) };
                if !self.survey.has_guid(&name) && !is_other(&name) {
                    let mut mention = self.mention(&absence::TASK, AbsenceKind::Dangling, row.origin());
                    mention.names = vec![Name::Id((*name).into())];
                    mention.markers = vec![Marker::new(MarkerKind::Reference, "guid", &*name, row.cell(guid))];
                    self.emit(mention, sink)?;
                }
                Ok(Fate::Folded)
            })?;
        }
        Ok(())
    }

    /// Row numbers that were given and are not there, against what the deletion log counted.
    pub(super) fn count_rows(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        self.count_side_rows(sink)?;
        let whole = Origin::table(self.store.id(), self.table.name.clone());
        if self.survey.unreadable {
            let detail = "pages of the message table are unreadable: missing row numbers were not counted".to_owned();
            return self.issue("imessage-gaps-not-counted", Severity::Info, detail, whole, sink);
        }
        let highest = self.store.sequence("message");
        let last = self.survey.last.unwrap_or(0);
        let given = highest.as_ref().map_or(last, |h| h.value);
        if given < last {
            let detail = format!("row {last} stands above {given}, the highest number that the store says it gave");
            self.issue("imessage-rows-renumbered", Severity::Degraded, detail, whole.clone(), sink)?;
        }
        let rows = i64::try_from(self.survey.rows).unwrap_or(i64::MAX);
        let missing = given.max(last).saturating_sub(rows);
        let log = ["deleted_messages", "sync_deleted_messages"].map(|t| self.store.sequence(t));
        let counted = log.into_iter().flatten().max_by_key(|s| s.value);
        let deleted = counted.as_ref().map_or(0, |c| c.value);
        if deleted < missing {
            let detail = format!(
                "{missing} message rows are missing below number {given}; the deletion log counted {deleted}: {} are unexplained",
                missing.saturating_sub(deleted)
            );
            self.issue("imessage-rows-vanished", Severity::Degraded, detail, whole, sink)?;
        } else if deleted > missing {
            let detail = format!("the deletion log counted {deleted} messages, and {missing} rows are missing");
            self.issue("imessage-rows-renumbered", Severity::Degraded, detail, whole, sink)?;
        }
        let rule = if deleted < missing { &absence::ROWIDS_UNEXPLAINED } else { &absence::ROWIDS_DELETED };
        let counter = counted.map(|c| Marker::new(MarkerKind::Sequence, "seq of the deletion log", c.value, c.origin));
        for gap in &self.survey.gaps {
            self.missing_rows(rule, gap.after, Some(gap.before), gap.before, counter.iter().cloned().collect(), sink)?;
        }
        let Some(highest) = highest.filter(|h| h.value > last) else { return Ok(()) };
        let end = highest.value.saturating_add(1);
        let mut marks = vec![Marker::new(MarkerKind::Sequence, "seq", highest.value, highest.origin)];
        marks.extend(counter);
        self.missing_rows(rule, self.survey.last, None, end, marks, sink)
    }

    /// One range, less the rows that marks of their own name.
    fn missing_rows(
        &self,
        rule: &'static Rule,
        after: Option<i64>,
        before: Option<i64>,
        end: i64,
        marks: Vec<Marker>,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        let start = after.unwrap_or(0).saturating_add(1);
        let named = &self.links.named;
        let told = named.partition_point(|n| *n < end).saturating_sub(named.partition_point(|n| *n < start));
        let told = i64::try_from(told).unwrap_or(i64::MAX);
        let missing = end.saturating_sub(start).saturating_sub(told);
        if missing <= 0 {
            return Ok(());
        }
        let neighbours: Vec<Row<'_>> = before.into_iter().chain(after).filter_map(|n| self.survey.row(n)).collect();
        let tail = before.is_none();
        let origin = match (neighbours.first(), marks.first()) {
            (Some(row), _) if !tail => row.origin(),
            (_, Some(mark)) => mark.origin.clone(),
            _ => Origin::table(self.store.id(), self.table.name.clone()),
        };
        let kind = if tail { AbsenceKind::BeyondRecords } else { AbsenceKind::GapInSequence };
        let mut mention = self.mention(rule, kind, origin);
        mention.strength = Strength::Weak;
        (mention.after, mention.before) = (after, before);
        mention.at_most = u64::try_from(missing).ok();
        mention.markers = if tail { marks.clone() } else { Vec::new() };
        for row in neighbours {
            let Some(rowid) = row.rowid() else { continue };
            let date = stamp(&self.survey.date_of(rowid)).map(|s| s.to_string());
            let cell = row.cell(self.columns.rowid);
            mention.markers.push(Marker::new(MarkerKind::Sequence, "ROWID", rowid, cell).meaning(date));
        }
        if !tail {
            mention.markers.extend(marks);
        }
        self.emit(mention, sink)
    }

    fn count_side_rows(&self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        for name in ["attachment", "chat", "handle"] {
            let (Some(table), Some(given)) = (self.store.table(name), self.store.sequence(name)) else { continue };
            let rows = self.store.count(table);
            let missing = u64::try_from(given.value).unwrap_or(0).saturating_sub(rows);
            if missing > 0 {
                let detail = format!("table {name}: {} rows were given, {rows} are there", given.value);
                self.issue("imessage-side-rows-missing", Severity::Info, detail, given.origin, sink)?;
            }
        }
        Ok(())
    }
}
