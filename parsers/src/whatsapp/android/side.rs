//! Tables with one row, or a few, for each message: media, places, cards, links, quotes, edits, deletions, channel numbers.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::OpenStore;
use forensics_core::record::{Attachment, Edit, Message};
use forensics_core::store::sqlite::Row;
use forensics_core::value::Value;

use super::keyed::Keyed;
use crate::whatsapp::{cells, notes};

const KEY: &str = "message_row_id";
/// Cards, options or links of one message that are read.
const MOST_PARTS: usize = 1000;

/// The tables, each only where it has rows.
pub(super) struct Side<'a> {
    media: Option<Keyed<'a, 6>>,
    location: Option<Keyed<'a, 4>>,
    vcard: Option<Keyed<'a, 1>>,
    link: Option<Keyed<'a, 2>>,
    quoted: Option<Keyed<'a, 1>>,
    edit: Option<Keyed<'a, 2>>,
    revoked: Option<Keyed<'a, 2>>,
    channel: Option<Keyed<'a, 1>>,
    forwarded: Option<Keyed<'a, 1>>,
    ephemeral: Option<Keyed<'a, 1>>,
    view_once: Option<Keyed<'a, 1>>,
    reporting: Option<Keyed<'a, 3>>,
    index: Option<Keyed<'a, 1>>,
    system: Option<Keyed<'a, 1>>,
}

impl<'a> Side<'a> {
    pub(super) fn open(store: &'a OpenStore) -> Self {
        Side {
            media: Keyed::open(
                store,
                "message_media",
                KEY,
                ["file_path", "file_size", "mime_type", "media_name", "file_hash", "media_caption"],
            ),
            location: Keyed::open(
                store,
                "message_location",
                KEY,
                ["latitude", "longitude", "place_name", "place_address"],
            ),
            vcard: Keyed::open(store, "message_vcard", KEY, ["vcard"]),
            link: Keyed::open(store, "message_text", KEY, ["url", "page_title"]),
            quoted: Keyed::open(store, "message_quoted", KEY, ["key_id"]),
            edit: Keyed::open(store, "message_edit_info", KEY, ["original_key_id", "edited_timestamp"]),
            revoked: Keyed::open(store, "message_revoked", KEY, ["revoked_key_id", "revoke_timestamp"]),
            channel: Keyed::open(store, "newsletter_message", KEY, ["server_message_id"]),
            forwarded: Keyed::open(store, "message_forwarded", KEY, ["forward_score"]),
            ephemeral: Keyed::open(store, "message_ephemeral", KEY, ["expire_timestamp"]),
            view_once: Keyed::open(store, "message_view_once_media", KEY, ["state"]),
            reporting: Keyed::open(
                store,
                "reporting_info",
                KEY,
                ["send_timestamp", "receive_timestamp", "is_message_add_on"],
            ),
            index: Keyed::open(store, "message_ftsv2_content", "docid", ["c0content"]),
            system: Keyed::open(store, "message_system", KEY, ["action_type"]),
        }
    }

    pub(super) fn add(&self, rowid: i64, m: &mut Message) {
        self.add_content(rowid, m);
        self.add_keys(rowid, m);
        self.add_flags(rowid, m);
    }

    fn add_content(&self, rowid: i64, m: &mut Message) {
        if let Some((row, [path, size, mime, name, hash, caption])) = one(&self.media, rowid) {
            if m.text.is_null() {
                m.text = row.value(caption);
            }
            let path = cells::text(&row, path);
            m.attachments.push(Attachment {
                name: cells::text(&row, name).or_else(|| path.as_deref().and_then(cells::file_name)),
                mime: cells::text(&row, mime),
                size: row.int_lossy(size).filter(|s| *s > 0),
                sha256: cells::text(&row, hash).and_then(|h| cells::sha256(&h)),
                path,
                origin: row.origin(),
            });
        }
        if let Some((row, [latitude, longitude, name, address])) = one(&self.location, rowid)
            && let (Some(latitude), Some(longitude)) = (row.real(latitude), row.real(longitude))
        {
            let name = cells::text(&row, name).or_else(|| cells::text(&row, address));
            m.attachments.push(part(&row, name, None, Some(format!("geo:{latitude},{longitude}").into())));
        }
        if let Some(table) = &self.vcard {
            let [card] = table.cols;
            for row in table.rows(rowid).take(MOST_PARTS) {
                if m.text.is_null() {
                    m.text = row.value(card);
                }
                m.attachments.push(part(&row, None, Some("text/vcard"), None));
            }
        }
        if let Some((row, [url, title])) = one(&self.link, rowid)
            && let Some(link) = cells::text(&row, url)
        {
            m.attachments.push(part(&row, cells::text(&row, title), None, Some(link)));
        }
    }

    /// What it answers, and the keys that an edit or a deletion replaced.
    fn add_keys(&self, rowid: i64, m: &mut Message) {
        if let Some((row, [key])) = one(&self.quoted, rowid) {
            m.reply_to = cells::text(&row, key);
        }
        if let Some((row, [original, edited])) = one(&self.edit, rowid) {
            m.notes.push(notes::EDITED);
            m.aliases.extend(cells::text(&row, original).map(Into::into));
            m.markers.extend(cells::mark(&row, original, MarkerKind::Reference, "original_key_id"));
            // The index keeps the text from before the edit (WAInsight).
            let before = one(&self.index, rowid).map_or(Value::Null, |(row, [text])| row.value(text));
            let before = if before == m.text { Value::Null } else { before };
            m.edits.push(Edit { text: before, at: cells::millis(&row, edited), origin: row.origin() });
        }
        if let Some((row, [key, at])) = one(&self.revoked, rowid) {
            m.aliases.extend(cells::text(&row, key).map(Into::into));
            let at = cells::millis(&row, at).map(|at| format!("revoked {at}"));
            m.markers
                .extend(cells::mark(&row, key, MarkerKind::Tombstone, "revoked_key_id").map(|mark| mark.meaning(at)));
        }
        if let Some((row, [number])) = one(&self.channel, rowid)
            && let Some(id) = row.int(number).filter(|n| *n > 0)
        {
            m.server_id = Some(id.to_string().into());
            // Other marks name a post by its number.
            m.aliases.push(id.to_string().into());
            m.markers.push(Marker::new(MarkerKind::ServerId, "server_message_id", id, row.cell(number)));
        }
    }

    fn add_flags(&self, rowid: i64, m: &mut Message) {
        if one(&self.forwarded, rowid).is_some() {
            m.notes.push(notes::FORWARDED);
        }
        if one(&self.ephemeral, rowid).is_some() {
            m.notes.push(notes::EPHEMERAL);
        }
        if one(&self.view_once, rowid).is_some() {
            m.notes.push(notes::VIEW_ONCE);
        }
        if let Some((row, [sent, received, add_on])) = one(&self.reporting, rowid)
            && row.int_lossy(add_on).unwrap_or(0) == 0
        {
            m.markers.extend(cells::time_mark(&row, sent, MarkerKind::ServerTime, "send_timestamp"));
            m.markers.extend(cells::time_mark(&row, received, MarkerKind::ServerTime, "receive_timestamp"));
        }
        if let Some((row, [action])) = one(&self.system, rowid) {
            m.markers.extend(cells::mark(&row, action, MarkerKind::State, "action_type"));
        }
    }
}

/// The first row of a message with the table's columns.
fn one<'a, const N: usize>(
    table: &Option<Keyed<'a, N>>,
    rowid: i64,
) -> Option<(Row<'a>, [forensics_core::store::sqlite::Col; N])> {
    let table = table.as_ref()?;
    Some((table.first(rowid)?, table.cols))
}

fn part(row: &Row<'_>, name: Option<Box<str>>, mime: Option<&str>, path: Option<Box<str>>) -> Attachment {
    Attachment { name, mime: mime.map(Into::into), size: None, path, sha256: None, origin: row.origin() }
}
