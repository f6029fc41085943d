//! Asking the containers in order, and looking inside what was opened for further containers.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::layered::{self, Inner, Layers};
use super::medium::{Bytes, read_exact_at};
use super::{
    Container, FlawList, Head, Medium, Mounted, NotMine, Source, android_backup, code, find, folder, itunes, limits,
    single, stream, tar, unsupported, zip,
};
use crate::keys::KeyRing;
use crate::vfs::{Realm, Vfs, VfsError};

/// Every container, in the order in which they are asked. Each decides by content, never by the file's name.
pub const REGISTRY: &[&dyn Container] = &[
    &itunes::ItunesBackup,
    &android_backup::AndroidBackup,
    &zip::Zip,
    &stream::CompressedTar,
    &tar::Tar,
    &unsupported::Unsupported,
    &single::SingleFile,
    &folder::Folder,
];

/// Bytes of a file that recognition sees at its start and at its end.
const FIRST: u64 = 4 << 10;
const LAST: u64 = 66 << 10;
/// Names of each level of a folder that recognition sees; a backup's first level has 260.
const NAMES: usize = 20_000;

/// An opened source.
pub struct Opened {
    /// The outermost container.
    pub container: &'static str,
    /// Containers found inside it and opened with it: `itunes-backup in …`.
    pub within: Vec<String>,
    /// Its files, the phone's facts, and what was wrong.
    pub mounted: Mounted,
    /// Why the containers asked before refused.
    pub refusals: Vec<(&'static str, NotMine)>,
}

/// Why nothing could be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No container knows the format.
    #[error("{path} is none of the known containers: {}", list(refusals))]
    Unrecognised {
        /// The path.
        path: String,
        /// What each container said.
        refusals: Vec<(&'static str, NotMine)>,
    },
    /// Several phones or backups: each has to be opened by itself.
    #[error("{path} holds {} sources: {}", sources.len(), names(sources))]
    Several {
        /// The path.
        path: String,
        /// What it holds, for [`Source::open`].
        sources: Vec<Source>,
    },
    /// The format is known, and the source cannot be read.
    #[error("{path} is a {container} that cannot be opened")]
    Mount {
        /// The path.
        path: String,
        /// The container that recognised it.
        container: &'static str,
        /// Why.
        #[source]
        source: VfsError,
    },
    /// The path cannot be read at all.
    #[error("{path} cannot be read")]
    Io {
        /// The path.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

fn list(refusals: &[(&'static str, NotMine)]) -> String {
    refusals.iter().map(|(name, why)| format!("{name}: {why}")).collect::<Vec<_>>().join("; ")
}

fn names(sources: &[Source]) -> String {
    sources.iter().map(Source::to_string).collect::<Vec<_>>().join(", ")
}

/// Opens what `path` holds. A folder around a single backup or archive opens that one.
///
/// # Errors
/// [`OpenError::Several`] where it holds more than one source; ask [`find`] first.
pub fn open(path: &Path, keys: &KeyRing) -> Result<Opened, OpenError> {
    let found = find(path)?;
    match <[Source; 1]>::try_from(found.sources) {
        Ok([source]) => source.open(keys),
        Err(sources) => Err(OpenError::Several { path: path.display().to_string(), sources }),
    }
}

/// Opens one source, with everything nested in it. `inside` chooses one of several backups in a container.
pub(super) fn open_source(path: &Path, inside: Option<&[u8]>, keys: &KeyRing) -> Result<Opened, OpenError> {
    let medium = Arc::new(Medium::disk(path));
    let with_ufd = find::password_beside(path).map(|key| {
        let mut ring = keys.clone();
        ring.add(key);
        ring
    });
    let keys = with_ufd.as_ref().unwrap_or(keys);
    let mut opened = mount(&medium, keys)?;
    if !matches!(opened.container, "itunes-backup" | "file") {
        nest(&medium, &mut opened, inside, keys, 1)?;
    }
    opened.mounted.device = std::mem::take(&mut opened.mounted.device).or(find::device_beside(path));
    Ok(opened)
}

/// Asks every container.
fn mount(medium: &Arc<Medium>, keys: &KeyRing) -> Result<Opened, OpenError> {
    let look = Look::at(medium).map_err(|source| OpenError::Io { path: medium.name().into(), source })?;
    let mut refusals = Vec::new();
    for container in REGISTRY {
        match container.recognise(&look.head(medium)) {
            Err(why) => refusals.push((container.name(), why)),
            Ok(()) => match container.mount(medium, keys) {
                Ok(mounted) => {
                    return Ok(Opened { container: container.name(), within: Vec::new(), mounted, refusals });
                }
                Err(source) => {
                    return Err(OpenError::Mount { path: medium.name().into(), container: container.name(), source });
                }
            },
        }
    }
    Err(OpenError::Unrecognised { path: medium.name().into(), refusals })
}

/// Opens containers inside an opened one and lays their files beside the outer ones.
fn nest(
    medium: &Medium,
    opened: &mut Opened,
    inside: Option<&[u8]>,
    keys: &KeyRing,
    depth: usize,
) -> Result<(), OpenError> {
    let mut inner = layered::inner(&*opened.mounted.vfs, inside);
    if opened.container == "folder" {
        inner.retain(|i| !found_beside(i)); // sources of their own
    }
    if inner.is_empty() {
        return Ok(());
    }
    let backups: Vec<&Inner> = inner.iter().filter(|i| matches!(i, Inner::Backup(_))).collect();
    if backups.len() > 1 {
        let path = medium.path().map(Path::to_owned).unwrap_or_else(|| PathBuf::from(medium.name()));
        let sources = backups.iter().map(|i| Source { path: path.clone(), inside: Some(i.name().into()) }).collect();
        return Err(OpenError::Several { path: medium.name().into(), sources });
    }
    let outer: Arc<dyn Vfs> = Arc::from(std::mem::replace(&mut opened.mounted.vfs, Box::new(Layers::default())));
    let alone = outer.entries().iter().all(|e| e.device.realm == Realm::Loose);
    let mut layers = Layers::over(outer.clone(), &inner);
    let mut flaws = FlawList::default();
    for one in &inner {
        let medium = Arc::new(one.medium(medium.name(), &outer));
        if depth >= limits::NESTING {
            flaws.lost(code::NESTED_UNREAD, || format!("{}: nested deeper than {}", medium.name(), limits::NESTING));
            continue;
        }
        match open_inner(&medium, keys, depth) {
            Ok(Some(found)) => {
                let Opened { container, within, mounted, .. } = found;
                opened.within.push(format!("{container} in {}", medium.name()));
                opened.within.extend(within);
                opened.mounted.flaws.extend(mounted.flaws);
                opened.mounted.keys.extend(mounted.keys);
                opened.mounted.device = mounted.device.or(std::mem::take(&mut opened.mounted.device));
                layers.add(Arc::from(mounted.vfs), one.name());
            }
            Ok(None) => {}
            // The whole point of the outer container is locked, or is two phones: that is no side note.
            Err(e) if alone && inner.len() == 1 && says_more_than_damage(&e) => return Err(e),
            Err(e) => flaws.lost(code::NESTED_UNREAD, || format!("{}: {}", medium.name(), chain(&e))),
        }
    }
    opened.mounted.flaws.extend(flaws.finish());
    opened.mounted.vfs = Box::new(layers);
    Ok(())
}

/// Whether [`find`] lists a backup in a folder on disk as a source of its own.
fn found_beside(inner: &Inner) -> bool {
    let prefix = String::from_utf8_lossy(inner.name());
    let folder = prefix.trim_end_matches('/').trim_end_matches("/Snapshot");
    matches!(inner, Inner::Backup(_)) && folder.split('/').count() <= find::DEPTH
}

fn says_more_than_damage(e: &OpenError) -> bool {
    use VfsError::{Limit, NeedsKey, WrongKey};
    matches!(
        e,
        OpenError::Several { .. } | OpenError::Mount { source: NeedsKey { .. } | WrongKey { .. } | Limit { .. }, .. }
    )
}

/// An error with its causes.
fn chain(e: &dyn std::error::Error) -> String {
    let mut text = e.to_string();
    let mut cause = e.source();
    while let Some(e) = cause {
        text.push_str(": ");
        text.push_str(&e.to_string());
        cause = e.source();
    }
    text
}

/// `None` where a file inside is a zip and holds nothing of a phone's file system (a bug report, a log bundle).
fn open_inner(medium: &Arc<Medium>, keys: &KeyRing, depth: usize) -> Result<Option<Opened>, OpenError> {
    let mut opened = mount(medium, keys)?;
    let container = opened.container;
    if matches!(container, "file" | "folder") {
        return Ok(None);
    }
    if container != "itunes-backup" {
        nest(medium, &mut opened, None, keys, depth.saturating_add(1))?;
    }
    let of_a_phone = opened.mounted.vfs.entries().iter().any(|e| e.device.realm != Realm::Loose);
    Ok((of_a_phone || container != "zip").then_some(opened))
}

/// What recognition sees of a medium.
pub(super) struct Look {
    first: Vec<u8>,
    last: Vec<u8>,
    names: Vec<String>,
    folder: bool,
}

impl Look {
    pub(super) fn at(medium: &Medium) -> io::Result<Self> {
        if medium.is_folder() {
            let names = match (medium.path(), medium.folder_in()) {
                (Some(path), _) => names_of(path)?,
                (None, Some((outer, prefix))) => layered::names_below(&**outer, prefix, NAMES),
                (None, None) => Vec::new(),
            };
            return Ok(Look { first: Vec::new(), last: Vec::new(), names, folder: true });
        }
        let first = medium.first(FIRST)?;
        // Only what lies on disk is read at its end: an entry that has to be inflated is recognised by its start.
        let last = match medium.path() {
            Some(_) => tail(&medium.bytes()?)?,
            None => Vec::new(),
        };
        Ok(Look { first, last, names: Vec::new(), folder: false })
    }

    pub(super) fn head<'a>(&'a self, medium: &'a Medium) -> Head<'a> {
        let path = medium.path().unwrap_or_else(|| Path::new(medium.name()));
        Head { path, first: &self.first, last: &self.last, names: &self.names, folder: self.folder }
    }
}

fn tail(bytes: &Bytes) -> io::Result<Vec<u8>> {
    let start = bytes.len().saturating_sub(LAST);
    let mut last = vec![0; usize::try_from(bytes.len().saturating_sub(start)).unwrap_or(0)];
    read_exact_at(&**bytes, start, &mut last)?;
    Ok(last)
}

/// Names of the first two levels. The first level comes first and whole: a backup has its manifest behind 256 folders of
/// files.
fn names_of(path: &Path) -> io::Result<Vec<String>> {
    std::fs::read_dir(path)?; // tells an unreadable folder from an empty one
    let mut names = Vec::new();
    for depth in 1..=2 {
        let walk = walkdir::WalkDir::new(path).min_depth(depth).max_depth(depth).sort_by_file_name();
        for item in walk.into_iter().flatten().take(NAMES) {
            let Ok(relative) = item.path().strip_prefix(path) else { continue };
            let end = if item.file_type().is_dir() { "/" } else { "" };
            names.push(format!("{}{end}", String::from_utf8_lossy(&folder::raw(relative))));
        }
    }
    Ok(names)
}
