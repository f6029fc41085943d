//! Files of messages: what the store says of them, what Apple's servers gave them, whether they are there.

use forensics_core::issue::Severity;
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::origin::Origin;
use forensics_core::record::{AbsenceKind, Attachment, Message, Name, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::plist::{self, Plist};
use forensics_core::store::sqlite::Row;
use forensics_core::value::Value;

use super::reading::Reading;
use super::rules::absence;
use super::surroundings::{Found, guid_of_folder, left_file};
use super::survey::message_of_attachment;

/// What MMCS, Apple's servers for files of iMessages, gives a file.
const SERVER_KEYS: [&str; 3] = ["mmcs-url", "mmcs-owner", "mmcs-signature-hex"];

impl Reading<'_> {
    /// The rows of `attachment` that no message has, and the files that all of them refer to.
    pub(super) fn read_attachment_rows(&mut self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let mut joined: Vec<i64> = self.links.attachments.values().collect();
        joined.sort_unstable();
        let (store, c) = (self.store, self.attachments);
        store.each(sink, "attachment", |row, sink| {
            if let Some(filename) = row.text(c.filename) {
                self.around.files.refer(&filename);
            }
            if row.rowid().is_some_and(|rowid| joined.binary_search(&rowid).is_ok()) {
                return Ok(Fate::Folded);
            }
            let guid = row.text(c.guid);
            let Some(message) = guid.as_deref().and_then(message_of_attachment) else { return Ok(Fate::PassedOver) };
            if !self.survey.has_guid(message) {
                let mut mention = self.mention(&absence::ATTACHMENT, AbsenceKind::Dangling, row.origin());
                mention.names = vec![Name::Id(message.into())];
                mention.text = row.value(c.name);
                let raw = row.value(c.guid);
                mention.markers = vec![Marker::new(MarkerKind::Reference, "guid", raw, row.cell(c.guid))];
                self.emit(mention, sink)?;
            }
            Ok(Fate::Folded)
        })
    }

    /// The attachments of a message.
    pub(super) fn read_attachments(&self, rowid: i64, m: &mut Message, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(table) = self.store.table("attachment") else { return Ok(()) };
        let mut sidecars = Vec::new();
        for id in self.links.attachments.of(rowid) {
            // One that cannot be read has its issue from the table's own reading.
            let Ok(Some(row)) = self.store.get(table, id) else { continue };
            // A link's preview is no file that somebody sent: it stands behind those.
            if row.int(self.attachments.hidden) == Some(1) {
                sidecars.push(row)
            } else {
                self.read_attachment(&row, m, sink)?
            }
        }
        sidecars.iter().try_for_each(|row| self.read_attachment(row, m, sink))
    }

    fn read_attachment(&self, row: &Row<'_>, m: &mut Message, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let c = self.attachments;
        let text = |col| row.text(col).filter(|t| !t.is_empty()).map(|t| (*t).into());
        let path: Option<Box<str>> = text(c.filename);
        let size = row.int(c.bytes);
        let mut notes = Vec::new();
        let (state, synced) = (row.int(c.transfer_state), row.int(c.state));
        if state == Some(0) && synced == Some(1) {
            notes.push("attachment-purged");
        }
        // 5: the app has the whole file.
        match path.as_deref().map_or(Found::NotAsked, |p| self.around.files.find(p)) {
            Found::Missing if state == Some(5) => notes.push("attachment-file-missing"),
            Found::There(Some(length)) if size.is_some_and(|s| s > 0 && u64::try_from(s) != Ok(length)) => {
                notes.push("attachment-size-differs");
            }
            _ => {}
        }
        let record = row.value(c.record);
        if !record.is_null() && record.as_text() != Some("") {
            m.markers.push(Marker::new(MarkerKind::CloudRecord, "attachment.ck_record_id", record, row.cell(c.record)));
        }
        if self.read_transport(row, m, sink)? {
            notes.push("attachment-on-apple-servers");
        }
        m.notes.extend(notes.into_iter().filter(|n| !m.notes.contains(n)).collect::<Vec<_>>());
        m.attachments.push(Attachment {
            name: text(c.name)
                .or_else(|| text(c.filename).map(|p: Box<str>| p.rsplit('/').next().unwrap_or_default().into())),
            mime: text(c.mime),
            size,
            path,
            sha256: None,
            origin: row.origin(),
        });
        Ok(())
    }

    /// Whether `user_info` holds what Apple's servers gave the file. It speaks of the file, not of the message.
    fn read_transport(&self, row: &Row<'_>, m: &mut Message, sink: &mut dyn Sink) -> Result<bool, Stopped> {
        let c = self.attachments;
        let Some(bytes) = row.bytes(c.user_info).filter(|b| !b.is_empty()) else { return Ok(false) };
        let cell = row.cell(c.user_info);
        let list = match plist::parse(&bytes) {
            Ok(list) => list,
            Err(error) => {
                let detail = format!("attachment.user_info: {error}");
                self.issue("value-undecoded", Severity::Degraded, detail, cell, sink)?;
                return Ok(false);
            }
        };
        let mut found = false;
        for key in SERVER_KEYS {
            if let Some(text) = list.get(key).and_then(Plist::as_text).filter(|t| !t.is_empty()) {
                found |= key == "mmcs-url";
                m.markers.push(Marker::new(MarkerKind::ServerId, key, Value::from(text), cell.within(key)));
            }
        }
        Ok(found)
    }

    /// Folders of files that no attachment refers to. Only the phone's own store has them.
    pub(super) fn left_over_files(&mut self, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let store = self.store.id();
        for (folder, file) in self.around.files.left_over() {
            let message = guid_of_folder(folder).and_then(message_of_attachment);
            if message.is_some_and(|guid| self.survey.has_guid(guid)) {
                continue;
            }
            let mut mention =
                self.mention(&absence::ATTACHMENT_FILE, AbsenceKind::RemnantOnly, Origin::key(store, &*file));
            mention.names = message.map(|guid| Name::Id(guid.into())).into_iter().collect();
            if mention.names.is_empty() {
                (mention.strength, mention.at_most) = (Strength::Weak, Some(1));
            }
            mention.markers = vec![left_file(&file, store)];
            self.emit(mention, sink)?;
        }
        // A second store of the phone does not answer for the same files.
        self.around.files = Default::default();
        Ok(())
    }
}
