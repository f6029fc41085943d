//! Whose account it is: the app's preferences say so (keys: IPED, ALEAPP, Andriller).

use forensics_core::app::Install;
use forensics_core::issue::{Issue, Severity};
use forensics_core::origin::Origin;
use forensics_core::record::{Account, Extra, Key, Record};
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::store::prefs::{self, Prefs};

use crate::whatsapp::{files, jid};

/// A preferences file has some hundred entries.
const MAX_PREFERENCES: u64 = 16 << 20;
/// Preference files of the package that are read.
const NAMES: &[&str] =
    &["com.whatsapp_preferences", "com.whatsapp.w4b_preferences", "startup_prefs", "RegisterPhone", "registration"];

/// The owner, and where that stands.
pub(super) struct Owner {
    jid: Option<(String, Origin)>,
    name: Option<Box<str>>,
    extra: Extra,
}

/// Reads the preferences.
pub(super) fn read(install: &Install<'_>, sink: &mut dyn Sink) -> Result<Owner, Stopped> {
    let mut owner = Owner { jid: None, name: None, extra: Vec::new() };
    for entry in files(install, "account") {
        if !NAMES.iter().any(|name| entry.device.file_name().contains(name)) {
            continue;
        }
        let Some((store, bytes)) = install.open_file(sink, "account", entry, MAX_PREFERENCES)? else { continue };
        match prefs::parse(&bytes) {
            Ok(prefs) => {
                owner.take(&prefs, |key| prefs.get(key).map_or_else(|| Origin::key(store, key), |e| e.origin(store)))
            }
            Err(error) => {
                sink.describe(store, StoreStatus::Unreadable, None)?;
                let detail = format!("{}: {error}", entry.device);
                let origin = Some(Origin::store(store));
                sink.issue(Issue { code: "store-unreadable", severity: Severity::Degraded, detail, origin })?;
            }
        }
    }
    Ok(owner)
}

impl Owner {
    fn take(&mut self, prefs: &Prefs, origin: impl Fn(&str) -> Origin) {
        const REGISTERED: [(&str, &str); 2] = [
            ("cc", "ph"),
            (
                "com.whatsapp.registration.RegisterPhone.country_code",
                "com.whatsapp.registration.RegisterPhone.phone_number",
            ),
        ];
        let text = |key: &str| prefs.text(key).map(str::trim).filter(|t| !t.is_empty());
        if self.jid.is_none() {
            let registered = text("registration_jid").map(|id| (jid::with_server(id), origin("registration_jid")));
            let dialled = || {
                REGISTERED.iter().find_map(|(country, number)| {
                    Some((jid::with_server(&format!("{}{}", text(country)?, text(number)?)), origin(number)))
                })
            };
            self.jid = registered.or_else(dialled);
        }
        self.name = self.name.take().or_else(|| text("push_name").map(Into::into));
        for (key, name) in [("my_current_status", "about"), ("version", "app_version")] {
            if let Some(value) = text(key).filter(|_| !self.extra.iter().any(|(k, _)| *k == name)) {
                self.extra.push((name, value.into()));
            }
        }
    }
}

/// Emits the account. Gives its key, also where it is not known.
pub(super) fn announce(owner: Owner, sink: &mut dyn Sink) -> Result<Key, Stopped> {
    let Some((id, origin)) = owner.jid else { return Ok(jid::UNKNOWN.into()) };
    let id: Key = id.into();
    sink.emit(Record::Account(Account { origin, id: id.clone(), name: owner.name, extra: owner.extra }))?;
    Ok(id)
}
