//! iOS containers: from the UUID of a full file system to the identifier that apps are known by.

use std::collections::HashMap;

use super::{Entry, EntryId, EntryKind, Realm};

/// The file in each container that names it; its `MCMMetadataIdentifier` is the bundle or group identifier.
/// Source: abrignoni/iLEAPP, several modules.
pub const METADATA_PLIST: &str = ".com.apple.mobile_container_manager.metadata.plist";

/// Containers that are no app's and no group's, by their folders; these stay in [`Realm::System`].
const OTHER_CONTAINERS: &[&str] = &[
    "private/var/mobile/Containers/Data/PluginKitPlugin/",
    "private/var/containers/Data/System/",
    "private/var/containers/Shared/SystemGroup/",
];

/// Whether a container's name is a UUID, so that nothing in the evidence has named it.
pub fn is_uuid(name: &str) -> bool {
    name.len() == 36
        && name.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// The kind of container an entry lies in, and its UUID.
fn container_of(entry: &Entry) -> Option<(usize, &str)> {
    let (kind, id) = match &entry.device.realm {
        Realm::IosApp { bundle } => (0, &**bundle),
        Realm::IosGroup { group } => (1, &**group),
        Realm::System => OTHER_CONTAINERS
            .iter()
            .zip(2..)
            .find_map(|(folder, kind)| Some((kind, entry.device.path.strip_prefix(folder)?.split('/').next()?)))?,
        _ => return None,
    };
    is_uuid(id).then_some((kind, id))
}

/// The files that name containers.
pub fn metadata_files(entries: &[Entry]) -> impl Iterator<Item = EntryId> + '_ {
    entries
        .iter()
        .filter(|e| e.kind == EntryKind::File && e.device.file_name() == METADATA_PLIST && container_of(e).is_some())
        .map(|e| e.id)
}

/// Puts identifiers in place of UUIDs. Several UUIDs can carry one identifier (reinstalled apps): all keep their entries.
pub fn name_containers(entries: &mut [Entry], identifiers: &HashMap<EntryId, String>) {
    let named: HashMap<(usize, Box<str>), &str> = entries
        .iter()
        .filter_map(|e| {
            let identifier = identifiers.get(&e.id)?;
            let (kind, uuid) = container_of(e)?;
            Some(((kind, uuid.into()), identifier.as_str()))
        })
        .collect();
    if named.is_empty() {
        return;
    }
    for entry in entries {
        let Some((kind, uuid)) = container_of(entry) else { continue };
        let uuid: Box<str> = uuid.into();
        let Some(identifier) = named.get(&(kind, uuid.clone())) else { continue };
        match &mut entry.device.realm {
            Realm::IosApp { bundle } => *bundle = (*identifier).into(),
            Realm::IosGroup { group } => *group = (*identifier).into(),
            _ => entry.device.path = entry.device.path.replacen(&*uuid, identifier, 1).into(),
        }
    }
}
