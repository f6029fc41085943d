//! Where a device's files lie in a full file system.
//!
//! Backups name iOS files by domain; a file system has UUID folders with a property list that
//! says whose they are.

use std::collections::BTreeMap;

use plist::Value;

use crate::Seed;
use crate::keyed_archive::{binary, dict};
use crate::story::{Device, DevicePlace};

/// The name of the file that says which app a container folder belongs to.
pub const CONTAINER_PLIST: &str = ".com.apple.mobile_container_manager.metadata.plist";

/// A file by its absolute path on the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedFile {
    /// `/` separated; absolute on a device, relative inside a container.
    pub path: String,
    /// Content.
    pub bytes: Vec<u8>,
    /// Unix seconds.
    pub mtime: i64,
}

/// Every file of a device under its absolute path, the container property lists of iOS included.
#[must_use]
pub fn absolute(device: &Device) -> Vec<PlacedFile> {
    let mut containers: BTreeMap<String, String> = BTreeMap::new();
    let mut files: Vec<PlacedFile> = device
        .files
        .iter()
        .map(|file| {
            let path = match &file.place {
                DevicePlace::Android(path) => path.clone(),
                DevicePlace::Ios { domain, path } => {
                    let (root, owner) = ios_root(domain);
                    if let Some(owner) = owner {
                        containers.insert(root.clone(), owner);
                    }
                    format!("{root}/{path}")
                }
            };
            PlacedFile { path, bytes: file.bytes.clone(), mtime: file.mtime }
        })
        .collect();
    for (root, owner) in containers {
        let bytes = binary(&Value::Dictionary(dict([
            ("MCMMetadataIdentifier", Value::String(owner)),
            ("MCMMetadataUUID", Value::String(root.rsplit('/').next().unwrap_or_default().to_owned())),
        ])));
        files.push(PlacedFile { path: format!("{root}/{CONTAINER_PLIST}"), bytes, mtime: 0 });
    }
    files
}

/// The folder of a backup domain in a full file system, and the container's owner where it has one.
#[must_use]
pub fn ios_root(domain: &str) -> (String, Option<String>) {
    let (class, owner) = domain.split_once('-').unwrap_or((domain, ""));
    let container = |folder: &str| (format!("/private/var/{folder}/{}", uuid(domain)), Some(owner.to_owned()));
    match class {
        "AppDomain" => container("mobile/Containers/Data/Application"),
        "AppDomainGroup" => container("mobile/Containers/Shared/AppGroup"),
        "AppDomainPlugin" => container("mobile/Containers/Data/PluginKitPlugin"),
        "SysContainerDomain" => container("containers/Data/System"),
        "SysSharedContainerDomain" => container("containers/Shared/SystemGroup"),
        "HealthDomain" => ("/private/var/mobile/Library".to_owned(), None),
        "KeychainDomain" => ("/private/var/Keychains".to_owned(), None),
        "WirelessDomain" => ("/private/var/wireless".to_owned(), None),
        "SystemPreferencesDomain" => ("/private/var/preferences".to_owned(), None),
        _ => ("/private/var/mobile".to_owned(), None),
    }
}

/// The UUID folder of a domain: always the same one for the same domain.
#[must_use]
pub fn uuid(domain: &str) -> String {
    let hex = Seed::new(0, domain).hex(32);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
