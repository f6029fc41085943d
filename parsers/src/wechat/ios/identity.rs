//! Whose phone it is: `LoginInfo2.dat`, `mmsetting.archive` and its MMKV form (BlueMatthew/WechatExporter).

use forensics_core::app::Install;
use forensics_core::decode::protobuf::Message as Wire;
use forensics_core::issue::{Issue, Severity};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::record::Extra;
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::keyed_archive::Archive;
use forensics_core::store::mmkv::Mmkv;
use forensics_core::value::Value;

use super::folder::Folder;
use super::places;
use crate::wechat::codes;
use crate::wechat::digest::md5_hex;

/// These files have kilobytes.
const LARGEST: u64 = 16 << 20;

/// What one file says of an account.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    pub(super) username: String,
    pub(super) nickname: Option<String>,
    pub(super) extra: Extra,
    pub(super) origin: Origin,
}

/// The accounts that files outside the account folders name.
pub(super) fn gather(install: &Install<'_>, sink: &mut dyn Sink) -> Result<Vec<Owner>, Stopped> {
    let mut owners = Vec::new();
    for entry in install.find_spec(&places::KEPT_SETTINGS) {
        if entry.device.path.ends_with(".crc") {
            continue;
        }
        let Some((id, bytes)) = install.open_file(sink, places::KEPT_SETTINGS.role, entry, LARGEST)? else { continue };
        let crc = install.sibling(entry, ".crc").and_then(|crc| install.read(crc, LARGEST).ok());
        match Mmkv::read(&bytes, crc.as_deref()) {
            Ok(kept) => owners.extend(kept_owner(&kept, id)),
            Err(error) => undecoded(sink, id, &error.to_string())?,
        }
    }
    for entry in install.find_spec(&places::LOGINS) {
        let Some((id, bytes)) = install.open_file(sink, places::LOGINS.role, entry, LARGEST)? else { continue };
        let message = Wire::new(&bytes);
        if let Err(error) = message.all() {
            undecoded(sink, id, &error.to_string())?;
        }
        owners.extend(message.messages(1).filter_map(|login| login_owner(login, id)));
    }
    Ok(owners)
}

/// The owner of an account folder: its own settings first, then the files outside.
pub(super) fn of_folder(
    install: &Install<'_>,
    folder: &Folder<'_>,
    others: &[Owner],
    sink: &mut dyn Sink,
) -> Result<Option<Owner>, Stopped> {
    let mut owner = None;
    for entry in &folder.settings {
        let Some((id, bytes)) = install.open_file(sink, places::SETTINGS.role, entry, LARGEST)? else { continue };
        match archived_owner(&bytes, id) {
            Some(found) => owner = owner.or(Some(found)),
            None => undecoded(sink, id, "the archive names no user")?,
        }
    }
    if let Some(owner) = &owner
        && !folder.name.is_empty()
        && md5_hex(&owner.username) != folder.name
    {
        sink.issue(Issue {
            code: codes::FOLDER_MISMATCH,
            severity: Severity::Info,
            detail: format!("the folder {} is not the MD5 of the user name in its settings", folder.name),
            origin: Some(owner.origin.clone()),
        })?;
    }
    let named = || others.iter().find(|o| md5_hex(&o.username) == folder.name).cloned();
    Ok(owner.or_else(named))
}

/// `{ 1 usrName; 2 alias; 3 nickname }`.
fn login_owner(login: Wire<'_>, store: StoreId) -> Option<Owner> {
    let username = login.text(1).filter(|u| !u.is_empty())?.to_owned();
    let origin = Origin::bytes(store, login.start() as u64, login.bytes().len() as u64);
    let nickname = login.text(3).filter(|n| !n.is_empty()).map(str::to_owned);
    Some(Owner { username, nickname, extra: alias(login.text(2)), origin })
}

/// Keys 86 user name, 87 alias, 88 nickname.
fn kept_owner(kept: &Mmkv<'_>, store: StoreId) -> Option<Owner> {
    let entry = kept.get("86")?;
    let username = entry.text().filter(|u| !u.is_empty())?.to_owned();
    let nickname = kept.text("88").filter(|n| !n.is_empty()).map(str::to_owned);
    Some(Owner { username, nickname, extra: alias(kept.text("87")), origin: entry.origin(store) })
}

/// `$objects[1]`: `UsrName`, `NickName`, `AliasName`.
fn archived_owner(bytes: &[u8], store: StoreId) -> Option<Owner> {
    let archive = Archive::open(bytes).ok()?;
    let named =
        |o: &forensics_core::store::keyed_archive::Object<'_>| o.text("UsrName").filter(|u| !u.is_empty()).is_some();
    let root = archive.root().ok().filter(|o| named(o)).or_else(|| archive.object(1).filter(|o| named(o)))?;
    Some(Owner {
        username: root.text("UsrName")?.into_owned(),
        nickname: root.text("NickName").filter(|n| !n.is_empty()).map(|n| n.into_owned()),
        extra: alias(root.text("AliasName").as_deref()),
        origin: Origin::key(store, "UsrName"),
    })
}

fn alias(alias: Option<&str>) -> Extra {
    alias.filter(|a| !a.is_empty()).map(|a| ("alias", Value::from(a))).into_iter().collect()
}

fn undecoded(sink: &mut dyn Sink, store: StoreId, detail: &str) -> Result<(), Stopped> {
    sink.issue(Issue {
        code: codes::SIDE_FILE,
        severity: Severity::Degraded,
        detail: detail.to_owned(),
        origin: Some(Origin::store(store)),
    })
}
