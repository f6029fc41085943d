//! `Info.plist`, `Manifest.plist` and `Status.plist`.

use super::folder::Place;
use super::{Device, Dict, FlawList, code};

/// The property lists beside the manifest. Every key is optional.
pub(super) struct Plists {
    info: Dict,
    manifest: Dict,
}

impl Plists {
    pub(super) fn read(place: &Place, flaws: &mut FlawList) -> Self {
        let mut list = |name: &str| {
            let parsed = place.file(name).ok().flatten().and_then(|bytes| Dict::parse(&bytes));
            if parsed.is_none() {
                flaws.note(code::ITUNES_PLIST, || format!("{name} is missing or no property list"));
            }
            parsed.unwrap_or_default()
        };
        let (info, manifest, status) = (list("Info.plist"), list("Manifest.plist"), list("Status.plist"));
        // idevicebackup2 accepts a backup only when it says `finished`.
        if let Some(state) = status.text("SnapshotState").filter(|s| s != "finished") {
            flaws.lost(code::ITUNES_INCOMPLETE, || format!("Status.plist: SnapshotState is {state:?}"));
        }
        Plists { info, manifest }
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.manifest.truth("IsEncrypted").unwrap_or(false)
    }

    pub(super) fn keybag(&self) -> &[u8] {
        self.manifest.data("BackupKeyBag").unwrap_or_default()
    }

    pub(super) fn manifest_key(&self) -> Option<&[u8]> {
        self.manifest.data("ManifestKey")
    }

    pub(super) fn device(&self) -> Device {
        let stated = |info: &str, lockdown: &str| {
            self.info
                .text(info)
                .or_else(|| self.manifest.text(&format!("Lockdown.{lockdown}")))
                .filter(|v| !v.is_empty())
        };
        let ids = [
            ("name", "Device Name", "DeviceName"),
            ("serial", "Serial Number", "SerialNumber"),
            ("udid", "Unique Identifier", "UniqueDeviceID"),
            ("imei", "IMEI", "IMEI"),
            ("imei2", "IMEI 2", "IMEI2"),
            ("meid", "MEID", "MEID"),
            ("iccid", "ICCID", "ICCID"),
            ("phone", "Phone Number", "PhoneNumber"),
        ];
        let os =
            stated("Product Version", "ProductVersion").map(|version| match stated("Build Version", "BuildVersion") {
                Some(build) => format!("iOS {version} ({build})"),
                None => format!("iOS {version}"),
            });
        Device {
            platform: Some("ios"),
            model: stated("Product Type", "ProductType"),
            os,
            ids: ids.into_iter().filter_map(|(id, info, lockdown)| Some((id, stated(info, lockdown)?))).collect(),
            acquired: self.info.date("Last Backup Date").or_else(|| self.manifest.date("Date")),
        }
    }
}
