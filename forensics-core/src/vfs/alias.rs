//! One file seen through several mounts of the phone.
//!
//! Some tools copy Android's private folders three times: `/data/data`, `/data/user/0`, `/data_mirror`. Where the
//! contents agree, one entry is preferred and the others point to it; where they differ (a live phone read at two
//! moments) both stay, as two versions.

use std::collections::HashMap;

use super::{DevicePath, Entry, EntryId, EntryKind, Realm};

/// Files that belong to a database and share its fate.
pub const SIDECARS: &[&str] = &["-wal", "-journal", "-shm"];

/// Marks duplicates. `same` says whether two files of equal length hold the same bytes.
pub fn mark_aliases(entries: &mut [Entry], same: &dyn Fn(EntryId, EntryId) -> bool) {
    let mut places: HashMap<&DevicePath, Vec<usize>> = HashMap::new();
    for (i, entry) in entries.iter().enumerate() {
        if entry.kind == EntryKind::File && entry.device.realm != Realm::Loose {
            places.entry(&entry.device).or_default().push(i);
        }
    }
    let mut aliases: Vec<(usize, EntryId)> = Vec::new();
    for mut group in places.into_values().filter(|g| g.len() > 1) {
        // Later entries of one mount are updates (tar) or what other tools show (zip): newest first within a mount.
        group.sort_by_key(|&i| (entries.get(i).map_or(u8::MAX, |e| mount_rank(&e.raw_name)), std::cmp::Reverse(i)));
        let mut kept: Vec<&Entry> = Vec::new();
        for entry in group.iter().filter_map(|&i| entries.get(i)) {
            match kept.iter().find(|k| k.size.is_some() && k.size == entry.size && same(k.id, entry.id)) {
                Some(twin) => aliases.push((entry.id.0 as usize, twin.id)),
                None => kept.push(entry),
            }
        }
    }
    for &(i, preferred) in &aliases {
        if let Some(entry) = entries.get_mut(i) {
            entry.alias_of = Some(preferred);
        }
    }
    keep_databases_whole(entries, &aliases);
}

/// A database whose `-wal` differs between two mounts is two databases, even where the main files agree.
fn keep_databases_whole(entries: &mut [Entry], aliases: &[(usize, EntryId)]) {
    if aliases.is_empty() {
        return;
    }
    let apart: Vec<Vec<u8>> = entries
        .iter()
        .filter(|e| e.alias_of.is_none() && e.kind == EntryKind::File)
        .filter_map(|e| {
            let suffix = SIDECARS.iter().find(|s| e.raw_name.ends_with(s.as_bytes()) && **s != "-shm")?;
            Some(e.raw_name.get(..e.raw_name.len().checked_sub(suffix.len())?)?.to_vec())
        })
        .collect();
    let apart: std::collections::HashSet<Vec<u8>> = apart.into_iter().collect();
    for &(i, _) in aliases {
        if let Some(entry) = entries.get_mut(i).filter(|e| apart.contains(&*e.raw_name)) {
            entry.alias_of = None;
        }
    }
}

/// `data/data` before `data/user/0` before `data_mirror`.
fn mount_rank(raw: &[u8]) -> u8 {
    let text = String::from_utf8_lossy(raw);
    let of = |needle: &str| text.find(needle).unwrap_or(usize::MAX);
    let mounts = [
        (of("data_mirror/"), 3),
        (of("mnt/"), 3),
        (of("sdcard/"), 2),
        (of("data/user"), 1),
        (of("storage/"), 1),
        (of("data/data/"), 0),
        (of("data/media/"), 0),
    ];
    mounts.iter().min_by_key(|(at, _)| *at).map_or(0, |(_, rank)| *rank)
}
