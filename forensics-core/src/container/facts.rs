//! What every container with a file system does once its names are known: mount points, container identifiers, facts
//! about the phone.

use std::cell::Cell;
use std::collections::HashMap;

use super::medium::read_exact_at;
use super::{Device, FlawList, code, limits};
use crate::vfs::{Entry, EntryId, EntryKind, Layout, ReadAt, Realm, VfsError, metadata_files, name_containers};

mod clbx;
mod phone;
mod plist;

pub(crate) use plist::Dict;

/// A container's entries and how to read them.
pub(crate) struct Surroundings<'a> {
    /// Entries without a place yet.
    pub(crate) entries: &'a mut Vec<Entry>,
    /// How names begin.
    pub(crate) layout: Layout,
    /// Reads a small file by its raw name.
    pub(crate) read: &'a dyn Fn(&[u8]) -> Option<Vec<u8>>,
    /// Raw name to text.
    pub(crate) text: &'a dyn Fn(&Entry) -> String,
}

/// Names that are UTF-8, or were meant to be.
pub(crate) fn utf8(entry: &Entry) -> String {
    String::from_utf8_lossy(&entry.raw_name).into_owned()
}

/// Gives every entry its place on the phone, and says what is known about the phone.
pub(crate) fn understand(around: &mut Surroundings<'_>, flaws: &mut FlawList) -> Device {
    clbx::mounts(around, flaws);
    for entry in around.entries.iter_mut() {
        entry.device = around.layout.place(&(around.text)(entry));
        if entry.device.realm == Realm::Loose && entry.device.path.split('/').any(|c| c == "..") {
            flaws.note(code::NAME_NOT_A_PLACE, || entry.device.path.chars().take(200).collect());
        }
    }
    let identifiers: HashMap<EntryId, String> = metadata_files(around.entries)
        .filter_map(|id| {
            let bytes = (around.read)(&around.entries.get(id.0 as usize)?.raw_name)?;
            Some((id, plist::Dict::parse(&bytes)?.text("MCMMetadataIdentifier")?))
        })
        .collect();
    name_containers(around.entries, &identifiers);
    phone::facts(around)
}

/// Whether a raw name is read by [`understand`]; a stream-only container keeps these while it indexes.
pub(crate) fn is_telling(name: &[u8]) -> bool {
    let leaf = name.rsplit(|b| *b == b'/').next().unwrap_or(name);
    matches!(leaf, b"_manifest" | b"SystemVersion.plist" | b"build.prop" | b"getprop.txt" | b"filesystem.msgpack")
        || leaf == crate::vfs::METADATA_PLIST.as_bytes()
}

/// An entry number that the tree does not have.
pub(crate) fn no_such(id: EntryId) -> VfsError {
    VfsError::Unsupported { what: id.to_string(), why: "there is no such entry".into() }
}

/// A link or device node.
pub(crate) fn no_content(entry: &Entry) -> VfsError {
    let why = match entry.kind {
        EntryKind::Symlink(_) => "links of the evidence are not followed",
        _ => "it is no regular file",
    };
    VfsError::Unsupported { what: String::from_utf8_lossy(&entry.raw_name).into_owned(), why: why.into() }
}

/// Compares contents until the budget is used up; what was not compared counts as different.
#[derive(Default)]
pub(crate) struct CompareBudget {
    used: Cell<u64>,
    unchecked: Cell<u64>,
}

impl CompareBudget {
    /// Whether both hold the same bytes.
    pub(crate) fn same(&self, a: &dyn ReadAt, b: &dyn ReadAt) -> bool {
        let cost = a.len().saturating_mul(2);
        let used = self.used.get().saturating_add(cost);
        if a.len() != b.len() || used > limits::COMPARE {
            self.unchecked.set(self.unchecked.get().saturating_add(u64::from(a.len() == b.len())));
            return false;
        }
        self.used.set(used);
        same_bytes(a, b)
    }

    /// Tells what was not compared.
    pub(crate) fn tell(&self, flaws: &mut FlawList) {
        let count = self.unchecked.get();
        if count > 0 {
            flaws.note(code::ALIAS_UNCHECKED, || format!("{count} files; limit {} bytes", limits::COMPARE));
        }
    }
}

fn same_bytes(a: &dyn ReadAt, b: &dyn ReadAt) -> bool {
    const STEP: usize = 64 << 10;
    let (mut left, mut right) = (vec![0; STEP], vec![0; STEP]);
    let mut at = 0_u64;
    while at < a.len() {
        let step = usize::try_from(a.len().saturating_sub(at)).unwrap_or(STEP).min(STEP);
        let (Some(l), Some(r)) = (left.get_mut(..step), right.get_mut(..step)) else { return false };
        let whole = matches!((read_exact_at(a, at, l), read_exact_at(b, at, r)), (Ok(true), Ok(true)));
        if !whole || l != r {
            return false;
        }
        at = at.saturating_add(u64::try_from(step).unwrap_or(u64::MAX));
    }
    true
}
