//! Android backups (`adb backup`), and Xiaomi's local backups, which are the same behind a few more lines.
//!
//! Header, then tar → zlib → AES-256-CBC. Sources: AOSP services/backup/…/PerformAdbBackupTask.java and
//! PerformAdbRestoreTask.java; nelenkov/android-backup-extractor; mvt.

use std::io::{self, BufReader, Read};
use std::sync::Arc;

use flate2::bufread::ZlibDecoder;

use super::medium::{Bytes, Cursor, Window};
use super::stream::{self, Bounded, Plain};
use super::{Container, Flaw, Head, Medium, Mounted, NotMine, code, limits, tar};
use crate::keys::KeyRing;
use crate::vfs::{Layout, VfsError};

mod cbc;
mod header;
mod master_key;

use header::{Encryption, Header};
use master_key::Unlocked;

/// `.ab` and MIUI `.bak`.
pub(crate) struct AndroidBackup;

const MAGIC: &[u8] = b"ANDROID BACKUP\n";
const MIUI: &[u8] = b"MIUI BACKUP\n";

impl Container for AndroidBackup {
    fn name(&self) -> &'static str {
        "android-backup"
    }

    fn recognise(&self, head: &Head<'_>) -> Result<(), NotMine> {
        let inner = || head.first.windows(MAGIC.len()).take(4096).any(|w| w == MAGIC);
        match head.first {
            [] => Err(NotMine("no file with a first line".into())),
            first if first.starts_with(MAGIC) => Ok(()),
            first if first.starts_with(MIUI) && inner() => Ok(()),
            first if first.starts_with(MIUI) => {
                Err(NotMine("MIUI BACKUP without ANDROID BACKUP in the first 4 KiB".into()))
            }
            _ => Err(NotMine("the first line is neither ANDROID BACKUP nor MIUI BACKUP".into())),
        }
    }

    fn mount(&self, medium: &Arc<Medium>, keys: &KeyRing) -> Result<Mounted, VfsError> {
        let first = medium.first(limits::AB_HEADER.try_into().unwrap_or(u64::MAX))?;
        let header = Header::parse(medium.name(), &first)?;
        let unlocked = match &header.encryption {
            Encryption::None => None,
            Encryption::Aes256(locked) => Some(master_key::unlock(medium.name(), header.version, locked, keys)?),
        };
        let source = unlocked.as_ref().map(|u| u.source.clone());
        let layout = Layout { android_backup: true, ..Layout::default() };
        let mut mounted = match (&unlocked, header.compressed) {
            // Nothing in between: the tar is read in place.
            (None, false) if medium.path().is_some() => {
                let bytes = medium.bytes()?;
                let payload = Window::new(bytes, header.payload, u64::MAX);
                let payload: Bytes = Arc::new(payload);
                tar::mount_bytes(medium.name(), payload, layout)?
            }
            _ => {
                let plain = Payload { medium: medium.clone(), header: header.clone(), unlocked };
                stream::mount(medium.name(), Box::new(plain), layout)?
            }
        };
        mounted.keys.extend(source);
        if header.version > 5 {
            let detail = format!("{}: version {}", medium.name(), header.version);
            mounted.flaws.push(Flaw { code: code::AB_VERSION, lost: false, detail });
        }
        Ok(mounted)
    }
}

/// The payload as a plain tar.
struct Payload {
    medium: Arc<Medium>,
    header: Header,
    unlocked: Option<Unlocked>,
}

impl Plain for Payload {
    fn reader(&self) -> Result<Box<dyn Read + Send + '_>, VfsError> {
        const STEP: usize = 256 << 10;
        let what = self.medium.name();
        let mut stored: Box<dyn Read + Send + '_> = match self.medium.path() {
            Some(_) => Box::new(Cursor::new(Window::new(self.medium.bytes()?, self.header.payload, u64::MAX))),
            None => {
                let mut reader = self.medium.stream()?;
                io::copy(&mut (&mut reader).take(self.header.payload), &mut io::sink())
                    .map_err(|e| VfsError::reading(what, e))?;
                reader
            }
        };
        if let Some(unlocked) = &self.unlocked {
            stored = Box::new(cbc::Decrypting::new(what, stored, unlocked));
        }
        if !self.header.compressed {
            return Ok(stored);
        }
        let plain = ZlibDecoder::new(BufReader::with_capacity(STEP, stored));
        Ok(Box::new(Bounded::new(plain, what, self.medium.len())))
    }
}
