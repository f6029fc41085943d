//! Media that stand apart from messages (`t6`): what a file is called and how large it is.

use std::collections::HashMap;

use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::Origin;
use forensics_core::record::{Attachment, MessageKind};
use forensics_core::sink::{Sink, Stopped};

use super::coder::{Cursor, Object};
use super::id::KeyReader;

/// Files whose names are held in memory; of further ones only the kind is known.
const MAX_FILES: usize = 1 << 18;

/// What is known of a file.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub name: Option<Box<str>>,
    pub mime: Option<Box<str>>,
    pub size: Option<i64>,
}

/// Files by namespace and id.
#[derive(Default)]
pub(super) struct Media {
    files: HashMap<(i32, i64), (File, Origin)>,
}

impl Media {
    pub(super) fn read(store: &OpenStore, sink: &mut dyn Sink) -> Result<Media, Stopped> {
        let mut media = Media::default();
        let Some(table) = store.table("t6") else { return Ok(media) };
        let (key, value) = (table.column("key"), table.column("value"));
        store.each(sink, "t6", |row, _| {
            let key = row.bytes(key).unwrap_or_default();
            let id = KeyReader::new(&key, 12).and_then(|mut k| k.i32().zip(k.i64()));
            let Some(id) = id else { return Ok(Fate::Quarantined("media under a key of another shape".to_owned())) };
            let bytes = row.bytes(value).unwrap_or_default();
            let mut cursor = Cursor::new(&bytes);
            // Kind 0 holds the object, kind 1 names the message that holds it.
            let object = Some(()).filter(|()| cursor.u8() == Some(0)).and_then(|()| cursor.counted());
            if let Some(object) = object.and_then(Object::root).filter(|_| media.files.len() < MAX_FILES)
                && object.is("TelegramMediaFile")
            {
                media.files.insert(id, (File::of(&object), row.cell(value)));
            }
            Ok(Fate::Folded)
        })?;
        Ok(media)
    }

    /// The attachment that a reference stands for.
    pub(super) fn attachment(&self, reference: (i32, i64), message: &Origin) -> Attachment {
        match self.files.get(&reference) {
            Some((file, origin)) => file.attachment(origin.clone()),
            None => {
                let name = Some(format!("media {}/{}", reference.0, reference.1).into());
                File { name, mime: None, size: None }.attachment(message.clone())
            }
        }
    }

    /// The kind of what a reference stands for: by the file where it is known, else by the namespace of media.
    pub(super) fn kind(&self, reference: (i32, i64)) -> MessageKind {
        if let Some((file, _)) = self.files.get(&reference) {
            return file.kind();
        }
        match reference.0 {
            0 | 7 | 9 => MessageKind::Image,
            2 => MessageKind::Voice,
            3 => MessageKind::Contact,
            4 => MessageKind::Location,
            5 | 8 | 10 => MessageKind::File,
            6 | 13 => MessageKind::Link,
            12 => MessageKind::Payment,
            14 | 15 => MessageKind::Poll,
            _ => MessageKind::Other,
        }
    }
}

impl File {
    pub(super) fn of(object: &Object<'_>) -> File {
        let name = object.objects("at").find_map(|attribute| attribute.text("fn"));
        File { name: name.map(Into::into), mime: object.text("mt").map(Into::into), size: object.int("s") }
    }

    /// The kind that the MIME type says.
    pub(super) fn kind(&self) -> MessageKind {
        let mime = self.mime.as_deref().unwrap_or_default();
        match mime.split('/').next() {
            _ if matches!(mime, "image/webp" | "application/x-tgsticker") => MessageKind::Sticker,
            Some("image") => MessageKind::Image,
            Some("video") => MessageKind::Video,
            Some("audio") => MessageKind::Voice,
            _ => MessageKind::File,
        }
    }

    pub(super) fn attachment(&self, origin: Origin) -> Attachment {
        let File { name, mime, size } = self.clone();
        Attachment { name, mime, size, path: None, sha256: None, origin }
    }
}
