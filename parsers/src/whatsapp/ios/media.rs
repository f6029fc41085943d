//! `ZWAMEDIAITEM` and `ZWAMESSAGEDATAITEM`: files, places, cards and links of a message.

use forensics_core::open_store::OpenStore;
use forensics_core::record::{Attachment, Message};
use forensics_core::store::sqlite::{Col, Lookup, Row, Table};
use forensics_core::value::Value;

use super::blobs;
use crate::whatsapp::cells;
use crate::whatsapp::codes::ios as codes;

/// Type codes whose media row is no file.
const CONTACT: i64 = 4;
const LOCATION: i64 = 5;

/// Media rows, found from the message or by their own pointer back.
pub(super) struct Media<'a> {
    store: &'a OpenStore,
    table: &'a Table,
    by_message: Lookup,
    path: Col,
    hash_or_place: Col,
    mime_or_card: Col,
    title: Col,
    size: Col,
    url: Col,
    latitude: Col,
    longitude: Col,
    metadata: Col,
}

impl<'a> Media<'a> {
    pub(super) fn open(store: &'a OpenStore) -> Option<Self> {
        let table = store.table("ZWAMEDIAITEM")?;
        let column = |name| table.column(name);
        Some(Media {
            by_message: Lookup::build(store, table, column("ZMESSAGE")),
            path: column("ZMEDIALOCALPATH"),
            hash_or_place: column("ZVCARDNAME"),
            mime_or_card: column("ZVCARDSTRING"),
            title: column("ZTITLE"),
            size: column("ZFILESIZE"),
            url: column("ZMEDIAURL"),
            latitude: column("ZLATITUDE"),
            longitude: column("ZLONGITUDE"),
            metadata: column("ZMETADATA"),
            store,
            table,
        })
    }

    /// Adds what the media row of a message says.
    pub(super) fn add(&self, pk: i64, pointer: Option<i64>, message: &mut Message) {
        let Some(item) = pointer.filter(|p| *p > 0).or_else(|| self.by_message.first(pk)) else { return };
        let Ok(Some(row)) = self.store.get(self.table, item) else { return };
        if let Some(quote) = row.bytes(self.metadata).and_then(|b| blobs::quote(&b).flatten()) {
            message.reply_to = Some(quote.id.into());
        }
        if message.text.is_null() && codes::has_caption(message.native_type) {
            message.text = row.value(self.title);
        }
        match message.native_type {
            Some(LOCATION) => message.attachments.extend(self.place(&row)),
            Some(CONTACT) => {
                if message.text.is_null() {
                    message.text = row.value(self.mime_or_card);
                }
                message.attachments.push(Attachment {
                    name: cells::text(&row, self.hash_or_place),
                    mime: Some("text/vcard".into()),
                    size: None,
                    path: None,
                    sha256: None,
                    origin: row.origin(),
                });
            }
            _ => message.attachments.extend(self.file(&row)),
        }
    }

    /// `ZVCARDSTRING` holds the MIME type, `ZVCARDNAME` the base64 SHA-256 of the file (real rows of 2023).
    fn file(&self, row: &Row<'_>) -> Option<Attachment> {
        let (path, url) = (cells::text(row, self.path), cells::text(row, self.url));
        let mime = cells::text(row, self.mime_or_card).filter(|m| m.contains('/') && m.len() < 256);
        if path.is_none() && url.is_none() && mime.is_none() {
            return None;
        }
        Some(Attachment {
            name: path.as_deref().and_then(cells::file_name),
            mime,
            size: row.int_lossy(self.size).filter(|s| *s > 0),
            sha256: cells::text(row, self.hash_or_place).and_then(|h| cells::sha256(&h)),
            path,
            origin: row.origin(),
        })
    }

    /// A place, as a geo URI (RFC 5870). On pictures the same columns hold width and height.
    fn place(&self, row: &Row<'_>) -> Option<Attachment> {
        let (latitude, longitude) = (row.real(self.latitude)?, row.real(self.longitude)?);
        Some(Attachment {
            name: cells::text(row, self.hash_or_place),
            mime: None,
            size: None,
            path: Some(format!("geo:{latitude},{longitude}").into()),
            sha256: None,
            origin: row.origin(),
        })
    }
}

/// Link previews.
pub(super) struct Links<'a> {
    store: &'a OpenStore,
    table: &'a Table,
    by_message: Lookup,
    url: Col,
    matched: Col,
    title: Col,
}

impl<'a> Links<'a> {
    pub(super) fn open(store: &'a OpenStore) -> Option<Self> {
        let table = store.table("ZWAMESSAGEDATAITEM")?;
        let column = |name| table.column(name);
        Some(Links {
            by_message: Lookup::build(store, table, column("ZMESSAGE")),
            url: column("ZCONTENT1"),
            matched: column("ZMATCHEDTEXT"),
            title: column("ZTITLE"),
            store,
            table,
        })
    }

    pub(super) fn add(&self, pk: i64, message: &mut Message) {
        for item in self.by_message.rowids(pk) {
            let Ok(Some(row)) = self.store.get(self.table, item) else { continue };
            let link = cells::text(&row, self.url).or_else(|| cells::text(&row, self.matched));
            message.attachments.extend(link.map(|link| Attachment {
                name: cells::text(&row, self.title),
                mime: None,
                size: None,
                path: Some(link),
                sha256: None,
                origin: row.origin(),
            }));
        }
    }
}

/// Whether a value holds nothing to read.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(t) => t.is_empty(),
        Value::Blob(b) => b.is_empty(),
        Value::Int(_) | Value::Real(_) => false,
    }
}
