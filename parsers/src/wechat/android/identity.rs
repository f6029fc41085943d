//! Whose phone it is: account numbers, device ids and user names, each with the file that names it.

use forensics_core::app::{Install, StoreSpec};
use forensics_core::issue::{Issue, Severity};
use forensics_core::keys::KeyKind;
use forensics_core::origin::{Origin, StoreId};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::store::prefs::{self, Prefs};
use forensics_core::vfs::Entry;

use super::keys::Uin;
use super::places;
use super::small_files;
use crate::wechat::codes;
use crate::wechat::sync_key::SyncKey;

/// These files have kilobytes.
const LARGEST: u64 = 16 << 20;
/// The device id that the app uses where the system gives none: the usual case since Android 10.
const LITERAL: &str = "1234567890ABCDEF";

/// Everything that names the account or the device.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// Account numbers with their sources.
    pub(super) uins: Vec<(Uin, String)>,
    /// Device ids with their sources, in the app's own order.
    pub(super) devices: Vec<(String, String)>,
    /// User names with their sources.
    pub(super) wxids: Vec<(String, String)>,
    /// The push process' position in the server's stream, with its place.
    pub(super) push: Option<(SyncKey, Origin)>,
}

impl Identity {
    /// Reads every file that may tell.
    pub(super) fn gather(install: &Install<'_>, sink: &mut dyn Sink) -> Result<Identity, Stopped> {
        let mut found = Identity::default();
        found.compatible_info(install, sink)?;
        found.system_info(install, sink)?;
        found.preferences(install, sink)?;
        found.key_info(install, sink)?;
        found.kept_values(install, sink)?;
        for key in install.keys.of(KeyKind::WECHAT_IMEI, &install.label()) {
            if let Ok(device) = std::str::from_utf8(key.secret()) {
                found.device(device, &format!("the examiner's key ({})", key.source));
            }
        }
        found.device(LITERAL, "the app's substitute for phones that name none");
        // Seen in one reported store: the app was not allowed to ask and had no substitute yet.
        found.devices.push((String::new(), "empty".to_owned()));
        Ok(found)
    }

    fn uin(&mut self, number: i64, source: &str) {
        if let Some(uin) = Uin::from_number(number)
            && !self.uins.iter().any(|(known, _)| *known == uin)
        {
            self.uins.push((uin, source.to_owned()));
        }
    }

    fn device(&mut self, device: &str, source: &str) {
        let device = device.trim();
        if !device.is_empty() && !self.devices.iter().any(|(known, _)| known == device) {
            self.devices.push((device.to_owned(), source.to_owned()));
        }
    }

    fn wxid(&mut self, wxid: &str, source: &str) {
        if !wxid.is_empty() && !self.wxids.iter().any(|(known, _)| known == wxid) {
            self.wxids.push((wxid.to_owned(), source.to_owned()));
        }
    }

    fn compatible_info(&mut self, install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        for (_, id, bytes) in files(install, sink, &places::COMPATIBLE_INFO)? {
            match small_files::text_of(&bytes, 258) {
                Some(device) => self.device(&device, "CompatibleInfo.cfg, key 258"),
                None => undecoded(sink, id, "CompatibleInfo.cfg holds no device id (key 258)")?,
            }
        }
        Ok(())
    }

    fn system_info(&mut self, install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        for (_, id, bytes) in files(install, sink, &places::SYSTEM_INFO)? {
            match small_files::int_of(&bytes, 1) {
                Some(uin) => self.uin(uin, "systemInfo.cfg, key 1"),
                None => undecoded(sink, id, "systemInfo.cfg holds no account number (key 1)")?,
            }
            if let Some(device) = small_files::text_of(&bytes, 258) {
                self.device(&device, "systemInfo.cfg, key 258");
            }
            if let Some(version) = small_files::int_of(&bytes, 37) {
                sink.describe(id, StoreStatus::Read, Some(&small_files::client_version(version)))?;
            }
        }
        Ok(())
    }

    fn preferences(&mut self, install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let specs = [
            &places::SYSTEM_CONFIG,
            &places::AUTH_INFO,
            &places::PREFERENCES,
            &places::NO_ACCOUNT,
            &places::PUSH_CURSOR,
            &places::DENGTA,
            &places::WLOGIN,
        ];
        for spec in specs {
            for (entry, id, bytes) in files(install, sink, spec)? {
                let prefs = match prefs::parse(&bytes) {
                    Ok(prefs) => prefs,
                    Err(error) => {
                        undecoded(sink, id, &error.to_string())?;
                        continue;
                    }
                };
                let file = entry.device.file_name();
                for key in ["default_uin", "_auth_uin", "last_login_uin"] {
                    if let Some(uin) = number(&prefs, key) {
                        self.uin(uin, &format!("{file}, {key}"));
                    }
                }
                for key in ["IMEI_DENGTA", "imei"] {
                    if let Some(device) = prefs.text(key) {
                        self.device(device, &format!("{file}, {key}"));
                    }
                }
                if let Some(wxid) = prefs.text("login_weixin_username") {
                    self.wxid(wxid, &format!("{file}, login_weixin_username"));
                }
                let key = "notify_sync_key_keybuf";
                if let Some(list) = prefs.text(key).and_then(SyncKey::read_hex) {
                    self.push = Some((list, Origin::key(id, key)));
                }
            }
        }
        Ok(())
    }

    fn key_info(&mut self, install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        for (_, id, bytes) in files(install, sink, &places::KEY_INFO)? {
            let devices = small_files::key_info(&bytes);
            if devices.is_empty() && !bytes.is_empty() {
                undecoded(sink, id, "KeyInfo.bin holds no lines of text")?;
            }
            for (line, device) in devices.iter().enumerate() {
                self.device(device, &format!("KeyInfo.bin, line {}", line.saturating_add(1)));
            }
        }
        Ok(())
    }

    fn kept_values(&mut self, install: &Install<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        for (_, _, bytes) in files(install, sink, &places::SYSINFO_MMKV)? {
            if let Some(device) = small_files::kept_text(&bytes, "k_i_m_e_i") {
                self.device(&device, "mmkv sysinfo_258, k_i_m_e_i");
            }
        }
        Ok(())
    }
}

/// A file, its number in the case, its bytes.
type Registered<'a> = (&'a Entry, StoreId, Vec<u8>);

/// The files of a place, read and registered.
fn files<'a>(install: &Install<'a>, sink: &mut dyn Sink, spec: &StoreSpec) -> Result<Vec<Registered<'a>>, Stopped> {
    let mut all = Vec::new();
    for entry in install.find_spec(spec) {
        if let Some((id, bytes)) = install.open_file(sink, spec.role, entry, LARGEST)? {
            all.push((entry, id, bytes));
        }
    }
    Ok(all)
}

/// A number that stands as `int`, `long` or text.
fn number(prefs: &Prefs, key: &str) -> Option<i64> {
    prefs.int(key).or_else(|| prefs.text(key)?.trim().parse().ok())
}

fn undecoded(sink: &mut dyn Sink, store: StoreId, detail: &str) -> Result<(), Stopped> {
    sink.issue(Issue {
        code: codes::SIDE_FILE,
        severity: Severity::Degraded,
        detail: detail.to_owned(),
        origin: Some(Origin::store(store)),
    })
}
