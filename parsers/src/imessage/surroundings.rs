//! What lies around the store: the switch of Messages in iCloud, the attachments folder, the folder of old tokens.

use forensics_core::app::{Install, Place};
use forensics_core::issue::{Issue, Severity};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::Origin;
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::plist;
use forensics_core::value::Value;

use super::rules::forgery::SWITCH;

const ATTACHMENTS: &str = "Library/SMS/Attachments/";

/// What is known beside the store.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// The switch, where the preferences have it.
    pub(super) switch: Option<Marker>,
    /// Whether the folder of old tokens holds files.
    pub(super) has_token_files: bool,
    pub(super) files: Files,
}

impl Surroundings {
    pub(super) fn read(install: &Install<'_>, sink: &mut dyn Sink) -> Result<Self, Stopped> {
        let tokens = Place { realm: 0, glob: "Library/SMS/CloudKitMetaData/**" };
        let tokens: Vec<_> = install
            .find(tokens)
            .into_iter()
            .map(|e| e.device.to_string())
            .filter(|path| path.contains("CloudKitMetaData"))
            .collect();
        if !tokens.is_empty() {
            let detail = format!("old iCloud synchronisation tokens are kept in: {}", tokens.join(", "));
            sink.issue(Issue { code: "imessage-cloud-folder", severity: Severity::Info, detail, origin: None })?;
        }
        Ok(Surroundings {
            switch: switch(install, sink)?,
            has_token_files: !tokens.is_empty(),
            files: Files::of(install),
        })
    }

    /// The switch, where it says off.
    pub(super) fn switched_off(&self) -> Option<&Marker> {
        self.switch.as_ref().filter(|s| s.raw.as_int() == Some(0))
    }
}

/// `com.apple.madrid.plist`: madrid is the messages service's first name.
fn switch(install: &Install<'_>, sink: &mut dyn Sink) -> Result<Option<Marker>, Stopped> {
    /// A preferences file of more than this is none.
    const LIMIT: u64 = 16 << 20;
    let Some(entry) = install.find_spec(&super::PREFERENCES).into_iter().next() else { return Ok(None) };
    let Some((id, bytes)) = install.open_file(sink, super::PREFERENCES.role, entry, LIMIT)? else { return Ok(None) };
    match plist::parse(&bytes) {
        Ok(list) => {
            let value = list.get(SWITCH).and_then(|v| v.as_bool().map(i64::from).or_else(|| v.as_int()));
            let origin = Origin::key(id, SWITCH);
            Ok(value.map(|on| Marker::new(MarkerKind::State, SWITCH, on, origin)))
        }
        Err(error) => {
            let detail = format!("{}: {error}", entry.device);
            let origin = Some(Origin::store(id));
            sink.issue(Issue { code: "value-undecoded", severity: Severity::Degraded, detail, origin })?;
            Ok(None)
        }
    }
}

/// A file of the attachments folder.
#[derive(Debug)]
struct File {
    /// Below the attachments folder.
    path: Box<str>,
    size: Option<u64>,
    referenced: bool,
}

/// The attachments folder, where it is in the evidence.
#[derive(Debug, Default)]
pub(super) struct Files(Vec<File>);

/// What became of an attachment's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// There, with its length.
    There(Option<u64>),
    /// The folder is in the evidence and the file is not in it.
    Missing,
    /// The evidence does not hold the folder, or the path leads elsewhere.
    NotAsked,
}

impl Files {
    fn of(install: &Install<'_>) -> Self {
        let all = install.find(Place { realm: 0, glob: "Library/SMS/Attachments/**" });
        let below = all.into_iter().filter_map(|entry| {
            let path = entry.device.path.strip_prefix(ATTACHMENTS)?.into();
            Some(File { path, size: entry.size, referenced: false })
        });
        let mut files: Vec<File> = below.collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Files(files)
    }

    /// Looks for the file that `attachment.filename` names (`~/Library/SMS/Attachments/…`).
    pub(super) fn find(&self, filename: &str) -> Found {
        match below(filename) {
            Some(path) if !self.0.is_empty() => match self.0.binary_search_by(|f| (*f.path).cmp(path)) {
                Ok(place) => Found::There(self.0.get(place).and_then(|f| f.size)),
                Err(_) => Found::Missing,
            },
            _ => Found::NotAsked,
        }
    }

    /// Marks everything in the file's folder as belonging to an attachment: a live photo's film lies beside the picture.
    pub(super) fn refer(&mut self, filename: &str) {
        let Some(folder) = below(filename).and_then(folder) else { return };
        let start = self.0.partition_point(|f| *f.path < *folder);
        let rest = self.0.get_mut(start..).unwrap_or_default();
        rest.iter_mut().take_while(|f| f.path.starts_with(folder)).for_each(|f| f.referenced = true);
    }

    /// The folders that no attachment refers to, each with its first file.
    pub(super) fn left_over(&self) -> Vec<(&str, String)> {
        let mut left: Vec<(&str, String)> = Vec::new();
        for file in self.0.iter().filter(|f| !f.referenced) {
            let Some(folder) = folder(&file.path) else { continue };
            if left.last().is_none_or(|(last, _)| *last != folder) {
                left.push((folder, format!("{ATTACHMENTS}{}", file.path)));
            }
        }
        left
    }
}

fn below(filename: &str) -> Option<&str> {
    let path = filename.strip_prefix("~/").or_else(|| filename.strip_prefix("/var/mobile/"));
    path.or_else(|| filename.strip_prefix("/private/var/mobile/"))?.strip_prefix(ATTACHMENTS)
}

/// `9e/14/<guid>/`: a file's folder, with its slash; only at that depth.
fn folder(path: &str) -> Option<&str> {
    let (at, _) = path.match_indices('/').nth(2)?;
    path.get(..at.saturating_add(1))
}

/// The attachment's identifier in such a folder.
pub(super) fn guid_of_folder(folder: &str) -> Option<&str> {
    folder.trim_end_matches('/').rsplit('/').next().filter(|guid| !guid.is_empty())
}

/// A marker for a file that nothing refers to.
pub(super) fn left_file(path: &str, store: forensics_core::origin::StoreId) -> Marker {
    Marker::new(MarkerKind::Remnant, "file", Value::from(path), Origin::key(store, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> Files {
        Files(paths.iter().map(|p| File { path: (*p).into(), size: Some(1), referenced: false }).collect())
    }

    #[test]
    fn a_file_is_missing_only_where_the_folder_was_seen() {
        let path = "~/Library/SMS/Attachments/9e/14/GUID/a.jpg";
        assert_eq!(files(&[]).find(path), Found::NotAsked);
        assert_eq!(files(&["9e/14/GUID/a.jpg"]).find(path), Found::There(Some(1)));
        assert_eq!(files(&["9e/14/OTHER/a.jpg"]).find(path), Found::Missing);
        assert_eq!(files(&["9e/14/OTHER/a.jpg"]).find("~/Library/SMS/StickerCache/x"), Found::NotAsked);
    }

    #[test]
    fn a_file_beside_a_referenced_one_is_not_left_over() {
        let mut files = files(&["9e/14/GUID/a.heic", "9e/14/GUID/a.mov", "9e/14/LEFT/b.jpg", "9e/14/LEFT/c.jpg"]);
        files.refer("~/Library/SMS/Attachments/9e/14/GUID/a.heic");
        assert_eq!(files.left_over(), [("9e/14/LEFT/", "Library/SMS/Attachments/9e/14/LEFT/b.jpg".to_owned())]);
    }
}
