//! Zip archives: copies of whole file systems, and backups that somebody packed.
//!
//! The central directory is the index; sizes and checksums come from it, never from local headers, which streamed
//! writers leave at zero. Where it is missing (a cut copy), the local headers are scanned for. Names that occur twice
//! stay twice. Formats: PKWARE APPNOTE 6.3.10.

use std::io::{self, Read};
use std::sync::{Arc, Mutex};

use rawzip::ReaderAt;

use super::facts::{self, Surroundings};
use super::medium::{Bytes, Cursor, Window, read_exact_at, spool};
use super::{Container, Device, FlawList, Head, Medium, Mounted, NotMine, code, limits};
use crate::keys::{KeyKind, KeyRing};
use crate::vfs::{DevicePath, Entry, EntryId, EntryKind, Layout, ReadAt, Realm, Vfs, VfsError, mark_aliases};

mod directory;
mod locked;
mod member;
mod names;
mod salvage;

use directory::{Member, Named};

/// Zip archives.
pub(crate) struct Zip;

impl Container for Zip {
    fn name(&self) -> &'static str {
        "zip"
    }

    fn recognise(&self, head: &Head<'_>) -> Result<(), NotMine> {
        if head.folder {
            return Err(NotMine("a folder, not a file".into()));
        }
        if head.first.starts_with(b"PK\x07\x08PK\x03\x04") {
            return Err(NotMine("one part of a split zip (.z01): join the parts first".into()));
        }
        let starts = head.first.starts_with(b"PK\x03\x04") || head.first.starts_with(b"PK\x05\x06");
        let ends = head.last.windows(4).any(|w| w == b"PK\x05\x06");
        // A local header inside a tar or an Android backup ends nothing: only the end record may stand alone.
        (starts || ends && directory_near_end(head.last))
            .then_some(())
            .ok_or_else(|| NotMine("no zip header at the start and no directory at the end".into()))
    }

    fn mount(&self, medium: &Arc<Medium>, keys: &KeyRing) -> Result<Mounted, VfsError> {
        let mut flaws = FlawList::default();
        let bytes = medium.bytes()?;
        let members = directory::read(medium.name(), &bytes, &mut flaws)?;
        let mut tree = ZipVfs {
            name: medium.name().to_owned(),
            bytes,
            entries: Vec::with_capacity(members.len()),
            members: Vec::with_capacity(members.len()),
            passwords: keys.of(KeyKind::ZIP, medium.name()).map(|k| k.secret().to_vec().into()).collect(),
            locked: Mutex::new(None),
        };
        tree.fill(members, &mut flaws);
        tree.check_locks(&mut flaws)?;
        tree.check_methods(&mut flaws);
        let device = tree.understand(&mut flaws);
        Ok(Mounted { vfs: Box::new(tree), device, flaws: flaws.finish(), keys: Vec::new() })
    }
}

/// Whether the end record fits the end of the file: its comment has to reach exactly there, give or take padding.
fn directory_near_end(last: &[u8]) -> bool {
    let Some(at) = last.windows(4).rposition(|w| w == b"PK\x05\x06") else { return false };
    let Some([low, high]) = last.get(at.saturating_add(20)..at.saturating_add(22)) else { return false };
    let comment = usize::from(u16::from_le_bytes([*low, *high]));
    at.saturating_add(22).saturating_add(comment) <= last.len()
}

/// An opened zip.
struct ZipVfs {
    name: String,
    bytes: Bytes,
    entries: Vec<Entry>,
    /// Beside `entries`, by the same number.
    members: Vec<Member>,
    passwords: Vec<zeroize::Zeroizing<Vec<u8>>>,
    /// The reader for encrypted members, made when first needed.
    locked: Mutex<Option<locked::Archive>>,
}

impl ZipVfs {
    fn fill(&mut self, members: Vec<Named>, flaws: &mut FlawList) {
        let mut seen = std::collections::HashSet::with_capacity(members.len());
        for (raw_name, member) in members {
            if names::is_noise(&raw_name) {
                continue;
            }
            if !seen.insert(names::hash(&raw_name)) {
                flaws.note(code::ZIP_DUPLICATE, || String::from_utf8_lossy(&raw_name).into_owned());
            }
            let kind = match member.is_link {
                true => EntryKind::Symlink(self.link_target(&member)),
                false => EntryKind::File,
            };
            let id = EntryId(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
            let device = DevicePath { realm: Realm::Loose, path: "".into() };
            let size = member.size_known.then_some(member.size);
            self.entries.push(Entry { id, raw_name, device, kind, size, alias_of: None });
            self.members.push(member);
        }
    }

    /// A link's content is its target.
    fn link_target(&self, member: &Member) -> Box<[u8]> {
        const LONGEST_TARGET: u64 = 4096;
        let mut target = Vec::new();
        if let Ok(reader) = member::open(&self.name, &self.bytes, member, "link")
            && !member.encrypted
        {
            // A damaged target is shown as far as it goes: links are never followed.
            let _ = reader.take(LONGEST_TARGET).read_to_end(&mut target);
        }
        target.into()
    }

    fn check_locks(&self, flaws: &mut FlawList) -> Result<(), VfsError> {
        let locked = self.members.iter().filter(|m| m.encrypted).count();
        if locked == 0 || !self.passwords.is_empty() {
            return Ok(());
        }
        if locked == self.members.len() {
            return Err(VfsError::NeedsKey { what: self.name.clone(), kind: KeyKind::ZIP.word });
        }
        flaws.lost(code::ZIP_ENCRYPTED, || format!("{}: {locked} of {} members", self.name, self.members.len()));
        Ok(())
    }

    fn check_methods(&self, flaws: &mut FlawList) {
        for (entry, member) in self.entries.iter().zip(&self.members) {
            // Encrypted members keep their method in an extra field; the decrypting reader knows it.
            if !member.encrypted && !matches!(member.method, 0 | 8) {
                flaws.lost(code::ZIP_METHOD, || {
                    format!("{}: method {}", String::from_utf8_lossy(&entry.raw_name), member.method)
                });
            }
        }
    }

    fn understand(&mut self, flaws: &mut FlawList) -> Device {
        let mut entries = std::mem::take(&mut self.entries);
        // Telling files are few; a map of their names spares a search per question.
        let telling: std::collections::HashMap<Box<[u8]>, EntryId> =
            entries.iter().filter(|e| facts::is_telling(&e.raw_name)).map(|e| (e.raw_name.clone(), e.id)).collect();
        let read = |name: &[u8]| {
            let mut bytes = Vec::new();
            let member = self.members.get(telling.get(name)?.0 as usize)?;
            let reader = match member.encrypted {
                true => self.unlock("file", member).ok()?,
                false => member::open(&self.name, &self.bytes, member, "file").ok()?,
            };
            reader.take(limits::SMALL_FILE).read_to_end(&mut bytes).ok()?;
            Some(bytes)
        };
        let members = &self.members;
        let text = |entry: &Entry| names::text(&entry.raw_name, members.get(entry.id.0 as usize)).into_owned();
        let mut around = Surroundings { entries: &mut entries, layout: Layout::default(), read: &read, text: &text };
        let device = facts::understand(&mut around, flaws);
        let member = |id: EntryId| self.members.get(id.0 as usize);
        mark_aliases(&mut entries, &|a, b| member(a).zip(member(b)).is_some_and(|(a, b)| a.same_content(b)));
        self.entries = entries;
        device
    }

    fn member(&self, id: EntryId) -> Result<(&Entry, &Member), VfsError> {
        let number = id.0 as usize;
        let (entry, member) =
            self.entries.get(number).zip(self.members.get(number)).ok_or_else(|| facts::no_such(id))?;
        match entry.kind {
            EntryKind::File => Ok((entry, member)),
            _ => Err(facts::no_content(entry)),
        }
    }
}

impl Vfs for ZipVfs {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn open(&self, id: EntryId) -> Result<Box<dyn Read + Send + '_>, VfsError> {
        let (entry, member) = self.member(id)?;
        let what = String::from_utf8_lossy(&entry.raw_name);
        if member.encrypted {
            return self.unlock(&what, member);
        }
        member::open(&self.name, &self.bytes, member, &what)
    }

    /// Stored members are read in place.
    fn open_at(&self, id: EntryId) -> Option<Result<Box<dyn ReadAt + '_>, VfsError>> {
        let (entry, member) = match self.member(id) {
            Ok(found) => found,
            Err(e) => return Some(Err(e)),
        };
        if !member.is_stored() {
            return None;
        }
        let window = member::stored(&self.bytes, member, &String::from_utf8_lossy(&entry.raw_name));
        Some(window.map(|w| Box::new(w) as Box<dyn ReadAt>))
    }
}
