//! The provider's own backup inside an Android backup: files of at most a thousand messages, each a compressed list.
//!
//! Entries have neither row numbers nor conversations nor ids of the carrier's servers (AOSP: TelephonyBackupAgent).

use std::collections::BTreeSet;
use std::io::Read as _;

use flate2::read::ZlibDecoder;
use forensics_core::app::Install;
use forensics_core::issue::{Issue, Severity, Tally};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::record::{Attachment, Direction, Key, Message, MessageKind, Record, Thread, ThreadKind};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::value::Value;
use forensics_core::vfs::Entry;
use serde_json::Value as Json;

use super::mms::attachment_kind;
use super::scope::Scope;
use super::sms::direction;
use super::{cells, codes, files, notes};

/// A thousand messages of text take some hundred kilobytes.
const MAX_FILE: u64 = 64 << 20;
/// The same, unpacked.
const MAX_LIST: u64 = 512 << 20;

/// Emits every message of every backup file. All files are one backup: one id space.
pub(super) fn read(install: &Install<'_>, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let mut threads = BTreeSet::new();
    for entry in files(install, "backup") {
        let Some((store, bytes)) = install.open_file(sink, "backup", entry, MAX_FILE)? else { continue };
        match unpack(&bytes) {
            Ok(list) => {
                sink.describe(store, StoreStatus::Read, Some("backup"))?;
                Backup { store, entry, scope }.read(&list, &mut threads, sink)?;
            }
            Err(why) => {
                sink.describe(store, StoreStatus::Unreadable, None)?;
                let detail = format!("{}: {why}", entry.device);
                let origin = Some(Origin::store(store));
                sink.issue(Issue { code: notes::BACKUP_UNREADABLE, severity: Severity::Lost, detail, origin })?;
            }
        }
    }
    Ok(())
}

fn unpack(bytes: &[u8]) -> Result<Vec<Json>, String> {
    let mut text = Vec::new();
    let read = ZlibDecoder::new(bytes).take(MAX_LIST).read_to_end(&mut text);
    read.map_err(|error| format!("not compressed as it should be: {error}"))?;
    match serde_json::from_slice(&text) {
        Ok(Json::Array(list)) => Ok(list),
        Ok(_) => Err("not a list of messages".to_owned()),
        Err(error) => Err(format!("not a list of messages: {error}")),
    }
}

/// One backup file.
struct Backup<'b> {
    store: StoreId,
    entry: &'b Entry,
    scope: &'b Scope,
}

/// One message of it.
struct Item<'i> {
    json: &'i Json,
    origin: Origin,
}

impl Item<'_> {
    fn text(&self, key: &str) -> Option<&str> {
        self.json.get(key).and_then(Json::as_str).filter(|t| !t.is_empty())
    }

    /// Numbers are written as decimal text.
    fn number(&self, key: &str) -> Option<i64> {
        let value = self.json.get(key)?;
        value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    fn stamp(&self, key: &str, epoch: Epoch) -> Option<Stamp> {
        self.number(key).filter(|n| *n > 0).map(|n| Stamp::int(n, epoch))
    }

    fn mark(&self, kind: MarkerKind, key: &'static str) -> Option<Marker> {
        let value = self.json.get(key)?;
        let raw = match value {
            Json::String(text) => Value::from(text.as_str()),
            other => other.as_i64().map_or_else(|| Value::from(other.to_string()), Value::from),
        };
        let base = self.origin.key.as_deref().unwrap_or_default();
        Some(Marker::new(kind, key, raw, self.origin.within(format!("{base}.{key}"))))
    }

    fn state(&self, key: &'static str, word: fn(i64) -> Option<&'static str>) -> Option<Marker> {
        let word = self.number(key).and_then(word);
        self.mark(MarkerKind::State, key).map(|m| m.meaning(word))
    }

    fn recipients(&self) -> Vec<Box<str>> {
        let list = self.json.get("recipients").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Json::as_str).map(Into::into).collect()
    }
}

impl Backup<'_> {
    fn read(&self, list: &[Json], threads: &mut BTreeSet<Key>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let mut tally = Tally::default();
        for (place, json) in list.iter().enumerate() {
            tally.seen = tally.seen.saturating_add(1);
            let item = Item { json, origin: Origin::key(self.store, format!("[{place}]")) };
            if !json.is_object() {
                tally.quarantined = tally.quarantined.saturating_add(1);
                let detail = format!("{}: entry {place} is no message", self.entry.device);
                let origin = Some(item.origin.clone());
                let issue = Issue { code: "row-quarantined", severity: Severity::Lost, detail, origin };
                sink.quarantine(item.origin, vec![json.to_string().into()], issue)?;
                continue;
            }
            let mut message = self.message(&item, place, threads, sink)?;
            message.notes.push(notes::BACKUP_COPY);
            sink.emit(Record::Message(Box::new(message)))?;
            tally.emitted = tally.emitted.saturating_add(1);
        }
        sink.tally(self.store, "list", tally)
    }

    fn message(
        &self,
        item: &Item<'_>,
        place: usize,
        threads: &mut BTreeSet<Key>,
        sink: &mut dyn Sink,
    ) -> Result<Message, Stopped> {
        let participants = self.participants(item);
        let thread: Key = if participants.is_empty() { "none".into() } else { participants.join(", ").into() };
        if threads.insert(thread.clone()) {
            let kind = if participants.len() > 1 { ThreadKind::Group } else { ThreadKind::Direct };
            let name = (!participants.is_empty()).then(|| (*thread).into());
            let archived = item.json.get("archived").and_then(Json::as_bool).map(i64::from);
            let extra = vec![("archived", archived.into())];
            let (origin, account, id) = (item.origin.clone(), self.scope.account.clone(), thread.clone());
            sink.emit(Record::Thread(Thread { origin, account, id, name, kind, participants, extra }))?;
        }
        let id: Key = format!("{}[{place}]", self.entry.device.file_name()).into();
        let mut m = Message::new(item.origin.clone(), self.scope.account.clone(), thread, id);
        m.space = self.scope.space;
        if item.json.get("m_type").is_some() || item.json.get("msg_box").is_some() {
            self.mms(item, &mut m);
        } else {
            self.sms(item, &mut m);
        }
        Ok(m)
    }

    fn participants(&self, item: &Item<'_>) -> Vec<Box<str>> {
        let mut participants = item.recipients();
        if participants.is_empty() {
            participants.extend(item.text("address").map(Into::into));
        }
        participants.retain(|p| &**p != codes::UNKNOWN_SENDER);
        participants
    }

    fn sms(&self, item: &Item<'_>, m: &mut Message) {
        m.native_type = item.number("type");
        m.kind = MessageKind::Text;
        m.direction = direction(m.native_type);
        m.text = item.text("body").into();
        self.times(item, m, Epoch::UnixMillis);
        if m.direction == Direction::In {
            m.sender = item.text("address").filter(|a| *a != codes::UNKNOWN_SENDER).map(Key::from);
        }
        m.markers.extend(item.state("type", codes::sms_type));
        m.markers.extend(
            item.state("status", codes::sms_status)
                .filter(|s| m.direction != Direction::In || cells::number(&s.raw) != Some(-1)),
        );
        if let Some(at) = item.stamp("date_sent", Epoch::UnixMillis) {
            let kind = if m.direction == Direction::In { MarkerKind::ServerTime } else { MarkerKind::State };
            m.markers.extend(item.mark(kind, "date_sent").map(|mark| mark.meaning(at.to_string())));
        }
    }

    fn mms(&self, item: &Item<'_>, m: &mut Message) {
        m.native_type = item.number("m_type");
        m.direction = match m.native_type {
            Some(codes::SEND_REQ) => Direction::Out,
            Some(codes::NOTIFICATION | codes::RETRIEVE_CONF) => Direction::In,
            _ => direction(item.number("msg_box")),
        };
        self.times(item, m, Epoch::UnixSeconds);
        m.kind = MessageKind::Text;
        m.text = item.text("mms_body").or_else(|| item.text("sub")).into();
        let addresses = item.json.get("mms_addresses").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        if m.direction == Direction::In {
            m.sender = addresses
                .iter()
                .map(|json| Item { json, origin: item.origin.clone() })
                .find(|a| a.number("type") == Some(codes::FROM))
                .and_then(|a| a.text("address").map(str::to_owned))
                .filter(|a| a != codes::UNKNOWN_SENDER)
                .map(Key::from);
        }
        let files = item.json.get("attachments").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        for (place, json) in files.iter().enumerate() {
            let base = item.origin.key.as_deref().unwrap_or_default();
            let origin = item.origin.within(format!("{base}.attachments[{place}]"));
            let file = Item { json, origin: origin.clone() };
            let (name, mime) = (file.text("filename").map(Into::into), file.text("mime_type").map(Into::into));
            if m.attachments.is_empty() {
                m.kind = attachment_kind(file.text("mime_type"));
            }
            m.attachments.push(Attachment { name, mime, size: None, path: None, sha256: None, origin });
        }
        m.markers.extend(item.state("m_type", codes::m_type));
        m.markers.extend(item.state("msg_box", codes::msg_box));
        let kind = if m.direction == Direction::In { MarkerKind::ServerId } else { MarkerKind::Reference };
        m.markers.extend(item.mark(kind, "tr_id"));
        m.markers.extend(item.mark(MarkerKind::ServerId, "ct_l"));
    }

    fn times(&self, item: &Item<'_>, m: &mut Message, epoch: Epoch) {
        let date = item.stamp("date", epoch);
        if m.direction == Direction::In {
            m.received = date;
            m.sent = item.stamp("date_sent", epoch);
        } else {
            m.sent = date;
            m.sender = (m.direction == Direction::Out).then(|| self.scope.account.clone());
        }
    }
}
