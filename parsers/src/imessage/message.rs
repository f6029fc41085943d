//! One row of `message`.

use forensics_core::issue::Severity;
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::origin::Origin;
use forensics_core::record::{
    AbsenceKind, Direction, Edit, Key, Message, MessageKind, Name, Reaction, Receipt, ReceiptKind, Record, RecordState,
};
use forensics_core::rule::Rule;
use forensics_core::sink::{Sink, Stopped};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::store::sqlite::{Col, Row};
use forensics_core::value::Value;

use super::axes::{self, Service};
use super::body::{self, Summary};
use super::chats::account;
use super::codes;
use super::marks;
use super::reading::Reading;
use super::rules::{absence, cloud, forgery};
use super::stamps::{is_set, stamp};
use super::survey::target;

impl Reading<'_> {
    pub(super) fn message(&mut self, row: &Row<'_>, sink: &mut dyn Sink) -> Result<Fate, Stopped> {
        let Some(rowid) = row.rowid() else { return Ok(Fate::Quarantined("a row without number".to_owned())) };
        let mut m = self.skeleton(row, rowid);
        let more = std::mem::replace(&mut m.markers, marks::of(row, &self.columns));
        m.markers.extend(more);
        self.read_text(row, &mut m, sink)?;
        self.read_parts(rowid, &mut m, sink)?;
        self.read_attachments(rowid, &mut m, sink)?;
        self.read_reactions(&mut m);
        self.receipts(row, &mut m);
        self.add_facts_of_the_whole(row, &mut m);
        m.kind = self.kind(row, &m);
        self.note(row, &mut m);
        self.name_from_message(row, &m, sink)?;
        sink.emit(Record::Message(Box::new(m)))?;
        Ok(Fate::Emitted)
    }

    /// Who, when, where.
    fn skeleton(&mut self, row: &Row<'_>, rowid: i64) -> Message {
        let c = self.columns;
        let guid = row.text(c.guid).filter(|g| !g.is_empty());
        let id = guid.as_ref().map_or_else(|| format!("row:{rowid}").into(), |g| Key::from(&**g));
        let chats: Vec<i64> = self.links.chats.of(rowid).collect();
        let deleted = self.links.recoverable.of(rowid).next().and_then(|join| self.recoverable(join));
        let hidden = chats.is_empty() && deleted.is_some();
        let chat = chats.first().copied().or_else(|| deleted.as_ref().map(|(chat, _)| *chat));
        let (thread, account) = chat.map_or_else(|| ("".into(), self.own_account(row)), |chat| self.thread(chat));
        let mut m = Message::new(row.origin(), account, thread, id);
        m.space = self.space;
        m.sent = stamp(&row.value(c.date));
        m.direction = match row.int(c.from_me) {
            Some(1) => Direction::Out,
            Some(0) => Direction::In,
            _ => Direction::Unknown,
        };
        m.sender = match m.direction {
            Direction::In => row.int(c.handle).and_then(|h| self.chats.person(h)),
            Direction::Out => {
                row.text(c.own).filter(|o| !o.is_empty()).map(|o| Key::from(&*o)).or(Some(self.own_account(row)))
            }
            _ => None,
        };
        // `reply_to_guid` is no reply of a person: it chains every message to the one before it.
        let answered = row.text(c.originator).filter(|g| !g.is_empty()).or_else(|| row.text(c.target));
        m.reply_to = answered.filter(|g| !g.is_empty()).map(|g| target(&g).1.into());
        m.server_id = row.text(c.record).filter(|r| !r.is_empty()).map(|r| (*r).into());
        if hidden {
            m.state = RecordState::Hidden;
            m.notes.push("recently-deleted");
            m.markers.extend(deleted.map(|(_, mark)| mark));
        }
        let noted = [
            (guid.is_none(), "no-guid"),
            (chat.is_none(), "in-no-conversation"),
            (chats.len() > 1, "in-several-conversations"),
        ];
        m.notes.extend(noted.into_iter().filter(|(is, _)| *is).map(|(_, note)| note));
        if let Some(at) = m.sent.and_then(|s| s.unix_nanos()) {
            for chat in chats.into_iter().chain(chat.filter(|_| hidden)) {
                let newest = self.newest.entry(chat).or_insert(at);
                *newest = at.max(*newest);
            }
        }
        m
    }

    fn own_account(&self, row: &Row<'_>) -> Key {
        let named = row.text(self.columns.account).filter(|a| !a.is_empty());
        named.map_or_else(|| Key::clone(&self.chats.account), |a| account(&a))
    }

    /// Text and edits.
    fn read_text(&self, row: &Row<'_>, m: &mut Message, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let c = self.columns;
        let body = body::read(row.value(c.text), row.bytes(c.body).as_deref());
        m.text = body.text;
        m.notes.extend(body.note);
        if let Some(fault) = body.fault {
            self.undecoded(&format!("attributedBody: {fault}"), row.cell(c.body), sink)?;
        }
        let Some(bytes) = row.bytes(c.summary).filter(|b| !b.is_empty()) else { return Ok(()) };
        match body::summary(&bytes) {
            Ok(summary) => self.read_summary(summary, &row.cell(c.summary), m, sink),
            Err(fault) => self.undecoded(&format!("message_summary_info: {fault}"), row.cell(c.summary), sink),
        }
    }

    fn read_summary(
        &self,
        summary: Summary,
        cell: &Origin,
        m: &mut Message,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        if !summary.versions.is_empty() {
            m.notes.push("edited");
        }
        for version in summary.versions {
            let origin = cell.within(version.key);
            if let Some(fault) = version.fault {
                self.undecoded(&format!("an earlier text: {fault}"), origin.clone(), sink)?;
            }
            let at = version.at.map(|at| Stamp::real(at, Epoch::AppleSeconds));
            m.edits.push(Edit { text: version.text, at, origin });
        }
        let empty = m.text.is_null() || m.text.as_text() == Some("");
        if let Some(newest) = summary.newest.filter(|_| empty) {
            m.text = newest.into();
        }
        if !summary.retracted.is_empty() {
            let parts = summary.retracted.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
            m.markers.push(Marker::new(MarkerKind::Tombstone, "rp", parts, cell.within("rp")));
            m.notes.push(if summary.all_retracted { "revoked" } else { "part-revoked" });
        }
        Ok(())
    }

    fn undecoded(&self, what: &str, origin: Origin, sink: &mut dyn Sink) -> Result<(), Stopped> {
        self.issue("value-undecoded", Severity::Degraded, what.to_owned(), origin, sink)
    }

    /// Tapbacks on the message, oldest first. The rows stand as messages of their own too.
    fn read_reactions(&self, m: &mut Message) {
        let c = self.columns;
        for row in self.survey.put_on(&m.id) {
            let Some(text) = codes::tapback(row.int(c.target_type), || row.value(c.target_emoji)) else { continue };
            let sender = match row.int(c.from_me) {
                Some(1) => Some(self.own_account(&row)),
                _ => row.int(c.handle).and_then(|h| self.chats.person(h)),
            };
            let sender = sender.map(|s| (*s).into());
            m.reactions.push(Reaction { sender, text, sent: stamp(&row.value(c.date)), origin: row.origin() });
        }
        m.reactions.sort_by_key(|r| (r.sent.and_then(|s| s.unix_nanos()), r.origin.rowid));
    }

    /// Receipts of peers; dates on incoming rows are this device's own.
    fn receipts(&self, row: &Row<'_>, m: &mut Message) {
        if !axes::has_receipts(m) {
            return;
        }
        let c = self.columns;
        let peer = row
            .rowid()
            .and_then(|r| self.links.chats.of(r).next())
            .and_then(|chat| self.chats.by_row.get(&chat).and_then(|chat| self.chats.peer(chat)));
        let kinds = [
            (c.date_delivered, ReceiptKind::Delivered),
            (c.date_read, ReceiptKind::Read),
            (c.date_played, ReceiptKind::Played),
        ];
        for (col, kind) in kinds {
            let raw = row.value(col);
            if is_set(&raw) {
                let recipient = peer.as_ref().map(|p| (**p).into());
                m.receipts.push(Receipt { recipient, kind, at: stamp(&raw), origin: row.cell(col) });
            }
        }
    }

    /// Facts of the whole store that bear on rows with iCloud marks.
    fn add_facts_of_the_whole(&self, row: &Row<'_>, m: &mut Message) {
        let facts = &self.survey.cloud;
        let whole = Origin::table(self.store.id(), self.table.name.clone());
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        if axes::cloud(m) == axes::Cloud::CleanWithoutRecord && facts.most_have_records() {
            let value = format!("{} of {} rows", facts.clean_with_record, facts.clean);
            let name = cloud::MOST_HAVE_RECORDS;
            let mark = Marker::new(MarkerKind::CloudRecord, name, count(facts.clean_with_record), whole.clone());
            m.markers.push(mark.meaning(value));
        }
        if facts.has_one_tag() && row.text(self.columns.tag).is_some_and(|t| !t.is_empty()) {
            let value = format!("one change tag on {} rows", facts.tags);
            let mark = Marker::new(MarkerKind::CloudRecord, forgery::SAME_TAG, count(facts.tags), whole);
            m.markers.push(mark.meaning(value));
        }
        if axes::has_record(m) && !self.has_token {
            m.markers.extend(self.around.switched_off().cloned());
        }
    }

    fn kind(&self, row: &Row<'_>, m: &Message) -> MessageKind {
        let c = self.columns;
        if row.int(c.item_type).unwrap_or(0) != 0 {
            return MessageKind::System;
        }
        if let Some(kind) = codes::kind_of_target_type(row.int(c.target_type)) {
            return kind;
        }
        if let Some(bundle) = row.text(c.balloon).filter(|b| !b.is_empty()) {
            return codes::kind_of_balloon(&bundle);
        }
        if row.int(c.audio) == Some(1) {
            return MessageKind::Voice;
        }
        match m.attachments.first() {
            Some(first) => codes::kind_of_mime(first.mime.as_deref()),
            None if m.text.is_null() => MessageKind::Other,
            None => MessageKind::Text,
        }
    }

    fn note(&self, row: &Row<'_>, m: &mut Message) {
        let c = self.columns;
        let one = |col: Col| row.int(col) == Some(1);
        let (item, target_type) = (row.int(c.item_type).unwrap_or(0), row.int(c.target_type).unwrap_or(0));
        m.native_type = Some(if target_type >= 1000 { target_type } else { item });
        let ranges = row.value(c.ranges);
        let filled = |col: Col| row.bytes(col).is_some_and(|b| !b.is_empty());
        let noted = [
            (is_set(&row.value(c.date_recovered)), "undeleted"),
            (row.int(c.schedule_type) == Some(2), "scheduled"),
            (one(c.downgraded), "downgraded-to-sms"),
            (!ranges.is_null() && ranges != row.value(c.synced_ranges), "icloud-syndication-pending"),
            (filled(c.sr_record), "icloud-second-record"),
            (axes::service(m) == Service::Other, "unknown-service"),
            (codes::event(item).is_none(), "unknown-item-type"),
            (!codes::is_known_target_type(target_type), "unknown-associated-type"),
        ];
        m.notes.extend(noted.into_iter().filter(|(is, _)| *is).map(|(_, note)| note));
        // An edited message may have lost its history; the date stays.
        let retracted = m.notes.iter().any(|n| matches!(*n, "revoked" | "part-revoked"));
        if is_set(&row.value(c.date_edited)) && !retracted && !m.notes.contains(&"edited") {
            m.notes.push("edited");
        }
        if is_set(&row.value(c.date_retracted)) && !retracted {
            m.notes.push("revoked");
        }
        m.notes.extend(axes::notes(m, self.survey.cloud.is_off()));
    }

    /// What this message says of others: its place in the chain, its thread, what it is put on.
    fn name_from_message(&self, row: &Row<'_>, m: &Message, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let c = self.columns;
        let named: [(Col, &'static str, &'static Rule); 3] = [
            (c.chain, "reply_to_guid", &absence::CHAIN),
            (c.originator, "thread_originator_guid", &absence::REPLY),
            (c.target, "associated_message_guid", &absence::TAPBACK),
        ];
        for (col, name, rule) in named {
            let Some(raw) = row.text(col).filter(|g| !g.is_empty()) else { continue };
            let guid = target(&raw).1;
            if guid.is_empty() || self.survey.has_guid(guid) {
                continue;
            }
            let mut mention = self.mention(rule, AbsenceKind::Dangling, row.origin());
            mention.account = Key::clone(&m.account);
            mention.thread = (!m.thread.is_empty()).then(|| Key::clone(&m.thread));
            mention.names = vec![Name::Id(guid.into())];
            mention.markers = vec![Marker::new(MarkerKind::Reference, name, Value::from(&*raw), row.cell(col))];
            self.emit(mention, sink)?;
        }
        Ok(())
    }
}
