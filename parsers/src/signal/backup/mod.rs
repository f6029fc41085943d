//! Local backup files (`signal-….backup`): encrypted frames that hold the statements of a database.
//!
//! The frames are read one after another; only rows of tables that are read stay in memory, as they stood in their frames.
//! No blob (attachment, sticker, avatar) is kept, but each is checked. The second half of a file that is cut short is
//! missed, never the first.

use std::io::Read;

use forensics_core::app::Install;
use forensics_core::decode::protobuf::Message;
use forensics_core::issue::{Issue, Severity};
use forensics_core::keys::KeyKind;
use forensics_core::origin::{Origin, StoreId};
use forensics_core::sink::{Sink, Stopped, StoreInfo, StoreStatus};
use forensics_core::value::{Value, hex};
use forensics_core::vfs::Entry;

use super::notes;

mod frames;
mod key;
mod sheet;
mod statement;

use frames::{Broken, Frames, Place};
use key::{Header, Keys};
pub(super) use sheet::Backup;
use sheet::Sheets;

/// Bytes from the beginning that hold the header and the first frame.
const HEAD: u64 = 64 << 10;
/// Most broken frames that are reported one by one.
const REPORTED: usize = 100;
/// How the file is encrypted, for the list of stores.
const CIPHER: &str = "signal-backup";

/// Opens a backup file and registers it. `None` when it cannot be read: the issue is already handed over.
pub(super) fn open(install: &Install<'_>, entry: &Entry, sink: &mut dyn Sink) -> Result<Option<Backup>, Stopped> {
    let path = entry.device.to_string();
    let mut info = StoreInfo {
        role: "backup",
        path: path.clone(),
        sha256: None,
        size: entry.size,
        generation: None,
        encrypted: Some(CIPHER.to_owned()),
        status: StoreStatus::Unreadable,
        wal_frames: 0,
        wal_sha256: None,
    };
    let refused = match unlock(install, entry, &path) {
        Ok((header, keys)) => match install.reader(entry).map_err(|e| e.to_string()).map(|r| collect(r, &header, keys))
        {
            Ok(Ok(read)) => return register(read, info, sink).map(Some),
            Ok(Err(broken)) => Refused::Unreadable(broken.to_string()),
            Err(error) => Refused::Unreadable(error),
        },
        Err(refused) => refused,
    };
    let (code, why) = match refused {
        Refused::Unreadable(why) => ("store-unreadable", why),
        Refused::Key(why) => {
            info.status = StoreStatus::NeedsKey;
            ("store-needs-key", why)
        }
    };
    (info.sha256, info.size) = digest(install, entry).map_or((None, entry.size), |(h, n)| (Some(h), Some(n)));
    let id = sink.store(info)?;
    let detail = format!("{path}: {why}");
    sink.issue(Issue { code, severity: Severity::Lost, detail, origin: Some(Origin::store(id)) })?;
    Ok(None)
}

/// Why a file is not read.
enum Refused {
    Unreadable(String),
    Key(String),
}

/// Finds the passphrase whose check fits the first frame.
fn unlock(install: &Install<'_>, entry: &Entry, path: &str) -> Result<(Header, Keys), Refused> {
    let head = install.head(entry, HEAD).map_err(|e| Refused::Unreadable(e.to_string()))?;
    let header = Header::read(&head).map_err(|why| Refused::Unreadable(format!("no backup file: {why}")))?;
    let mut tried = 0u32;
    for key in install.keys.of(KeyKind::SIGNAL_BACKUP, path) {
        tried = tried.saturating_add(1);
        let Some(keys) = Keys::derive(key.secret(), &header.salt) else { continue };
        let first = Frames::new(head.as_slice(), &header, keys.clone()).ok().and_then(|mut f| f.next(&mut Vec::new()));
        if matches!(first, Some((_, Ok(())))) {
            return Ok((header, keys));
        }
    }
    let kind = KeyKind::SIGNAL_BACKUP.word;
    let tried = match tried {
        0 => "none was given".to_owned(),
        n => format!("{n} tried: the check of the first frame fits none, or the first frame is damaged"),
    };
    Err(Refused::Key(format!(
        "encrypted; needs a key of kind {kind}, the 30 digits shown when backups were switched on ({tried})"
    )))
}

fn digest(install: &Install<'_>, entry: &Entry) -> Option<(String, u64)> {
    use sha2::Digest as _;
    let mut reader = install.reader(entry).ok()?;
    let (mut hash, mut size, mut piece) = (sha2::Sha256::new(), 0u64, vec![0; 1 << 16]);
    loop {
        match reader.read(&mut piece).ok()? {
            0 => return Some((hex(&hash.finalize()), size)),
            n => {
                hash.update(piece.get(..n)?);
                size = size.saturating_add(u64::try_from(n).ok()?);
            }
        }
    }
}

/// What a file gave.
struct Gathered {
    sheets: Sheets,
    version: Option<i64>,
    /// Key-value frames that speak of the account.
    facts: Vec<(Box<str>, Value, Place)>,
    troubles: Vec<(&'static str, String, Option<Place>)>,
    untold: usize,
    sha256: Vec<u8>,
    size: u64,
}

/// Key-value entries and preferences that say whose account it is.
const FACTS: [&str; 5] =
    ["account.aci", "account.e164", "releasechannel.recipient_id", "pref_local_uuid", "pref_local_number"];

impl Gathered {
    fn trouble(&mut self, code: &'static str, what: String, place: Option<Place>) {
        if self.troubles.len() < REPORTED {
            self.troubles.push((code, what, place));
        } else {
            self.untold = self.untold.saturating_add(1);
        }
    }

    /// Takes a frame; gives the length of the blob behind it, and whether it is the last.
    fn take(&mut self, bytes: &[u8], place: Place) -> (Option<u64>, bool) {
        let frame = Message::new(bytes);
        if let Some(Err(error)) = frame.fields().find(Result::is_err) {
            self.trouble(notes::FRAME_BROKEN, format!("frame {}: {error}", place.number), Some(place));
        }
        if let Some(field) = frame.field(2) {
            self.sheets.add(field.bytes().unwrap_or_default(), place);
        }
        if let Some(preference) = frame.message(3) {
            self.fact(preference.text(2), preference.text(3), place);
        }
        if let Some(version) = frame.message(5) {
            self.version = version.int(1);
        }
        if let Some(entry) = frame.message(9) {
            let number = entry.int(6).or(entry.int(5)).map(|n| n.to_string());
            self.fact(entry.text(1), entry.text(7).or(number.as_deref()), place);
        }
        // Attachment { rowId, attachmentId, length }, Avatar { name, length }, Sticker { rowId, length }.
        let blob =
            [(4, 3), (7, 2), (8, 2)].into_iter().find_map(|(field, length)| Some((frame.message(field)?, length)));
        let blob = blob.map(|(message, length)| message.uint(length).unwrap_or(0));
        (blob, frame.field(6).and_then(|f| f.flag()).unwrap_or(false))
    }

    fn fact(&mut self, key: Option<&str>, value: Option<&str>, place: Place) {
        if let Some((key, value)) = key.zip(value).filter(|(k, v)| FACTS.contains(k) && !v.is_empty()) {
            self.facts.push((key.into(), value.into(), place));
        }
    }
}

/// Reads all frames.
fn collect(reader: impl Read, header: &Header, keys: Keys) -> Result<Gathered, Broken> {
    let mut frames = Frames::new(reader, header, keys)?;
    let mut read = Gathered {
        sheets: Sheets::default(),
        version: None,
        facts: Vec::new(),
        troubles: Vec::new(),
        untold: 0,
        sha256: Vec::new(),
        size: 0,
    };
    let ended = walk(&mut frames, &mut read);
    let (sha256, size, cut) = frames.finish();
    if let Some(cut) = cut {
        read.trouble("store-cut", cut.to_string(), None);
    }
    if !ended {
        let what = format!("there is no frame that ends the backup: it was cut short or never finished ({size} bytes)");
        read.trouble(notes::BACKUP_INCOMPLETE, what, None);
    }
    (read.sha256, read.size) = (sha256, size);
    read.sheets.sort();
    Ok(read)
}

/// Takes frame after frame; says whether the last one came.
fn walk(frames: &mut Frames<impl Read>, read: &mut Gathered) -> bool {
    let mut frame = Vec::new();
    let mut doubtful = false;
    while let Some((place, result)) = frames.next(&mut frame) {
        let blob = match result {
            Ok(()) => {
                doubtful = false;
                match read.take(&frame, place) {
                    (_, true) => return true,
                    (blob, false) => blob,
                }
            }
            Err(broken) => {
                // One bad check costs one frame; a second one in a row says that the place of the frames is lost.
                let over = broken != Broken::Check || doubtful;
                doubtful = true;
                let rest = if over { "; what follows is not read" } else { "" };
                let what = format!("frame {} at byte {}: {broken}{rest}", place.number, place.offset);
                read.trouble(notes::FRAME_BROKEN, what, Some(place));
                if over {
                    return false;
                }
                continue;
            }
        };
        let Some(length) = blob else { continue };
        if let (place, Err(broken)) = frames.blob(length) {
            let what = format!("a file of {length} bytes at byte {}: {broken}", place.offset);
            read.trouble(notes::BLOB_BROKEN, what, Some(place));
            if broken != Broken::Check {
                return false;
            }
        }
    }
    false
}

fn register(read: Gathered, mut info: StoreInfo, sink: &mut dyn Sink) -> Result<Backup, Stopped> {
    info.sha256 = Some(hex(&read.sha256));
    info.size = Some(read.size);
    info.status = StoreStatus::Read;
    info.generation = read.version.map(|v| v.to_string());
    let path = info.path.clone();
    let id = sink.store(info)?;
    for (code, what, place) in &read.troubles {
        let origin = place.map_or_else(|| Origin::store(id), |p| origin(id, p));
        let detail = format!("{path}: {what}");
        sink.issue(Issue { code, severity: Severity::Lost, detail, origin: Some(origin) })?;
    }
    if read.untold > 0 {
        let detail = format!("{path}: {} more frames are broken", read.untold);
        let origin = Some(Origin::store(id));
        sink.issue(Issue { code: notes::FRAME_BROKEN, severity: Severity::Lost, detail, origin })?;
    }
    let facts = read.facts.into_iter().map(|(key, value, place)| (key, value, origin(id, place))).collect();
    Ok(Backup::new(id, path, read.version, facts, read.sheets))
}

/// A frame's place.
fn origin(id: StoreId, place: Place) -> Origin {
    Origin { key: Some(format!("frame {}", place.number).into()), ..Origin::bytes(id, place.offset, place.length) }
}
