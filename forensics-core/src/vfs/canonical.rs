//! From the name an acquisition tool wrote to the place on the phone.
//!
//! Every tool puts its own folders in front (`Dump/`, `filesystem2/`, an evidence number) and sees Android's files
//! through other mounts. Anchors such as `data/data` or `private/var` are looked for at the **earliest** position,
//! because apps' own folders hold path-shaped names too (`cache/data/user/0/…`).

use super::{DevicePath, Realm};

/// Longest name that is looked at, in bytes; the zip and tar formats end there too.
const NAME_BYTES: usize = 65_535;
/// Deepest name that is looked at, in components.
const NAME_DEPTH: usize = 255;

/// Folders directly below `/private/var` of an iPhone.
const VAR_FOLDERS: &[&str] = &[
    "mobile",
    "root",
    "db",
    "preferences",
    "Keychains",
    "containers",
    "wireless",
    "protected",
    "Managed Preferences",
    "MobileDevice",
    "installd",
    "networkd",
];

/// What a container as a whole says about its names.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Names follow the grammar of adb backups (`apps/<package>/<token>/…`), nothing else.
    pub android_backup: bool,
    /// Where `filesystem1/`, `filesystem2/` … were mounted, as `metadataN/filesystem.msgpack` of a CLBX says.
    pub mounts: Vec<(Box<str>, Box<str>)>,
}

impl Layout {
    /// The place of `name`, its components separated by `/`. iOS containers still carry their UUID.
    pub fn place(&self, name: &str) -> DevicePath {
        let parts: Vec<&str> = name.split('/').filter(|c| !c.is_empty() && *c != ".").collect();
        if name.len() > NAME_BYTES || parts.len() > NAME_DEPTH || parts.contains(&"..") {
            return DevicePath { realm: Realm::Loose, path: name.into() }; // a climbing name is no place on a phone
        }
        if self.android_backup {
            return backup(&parts).unwrap_or_else(|| at(Realm::Loose, &parts));
        }
        self.anchored(&parts).or_else(|| package_folder(&parts)).unwrap_or_else(|| match unwrapped(name, &parts) {
            Some(rest) => at(Realm::System, rest),
            None => at(Realm::Loose, &parts),
        })
    }

    fn anchored(&self, parts: &[&str]) -> Option<DevicePath> {
        if parts.first() == Some(&"extra") {
            return Some(at(Realm::Loose, parts)); // keychain and keystore dumps beside the file system
        }
        (0..parts.len()).find_map(|i| {
            let rest = parts.get(i..)?;
            self.mounted(rest).or_else(|| anchor(rest)).or_else(|| domain_folder(rest)).or_else(|| backup(rest))
        })
    }

    /// `filesystem2/…`: where the CLBX says, else by the first folder (`/private/var` was the second volume of an iPhone).
    fn mounted(&self, parts: &[&str]) -> Option<DevicePath> {
        let (volume, rest) = parts.split_first()?;
        let number = volume.strip_prefix("filesystem")?;
        if !number.bytes().all(|b| b.is_ascii_digit()) || rest.is_empty() {
            return None;
        }
        let mount = self.mounts.iter().find(|(name, _)| &**name == *volume).map(|(_, mount)| &**mount);
        let base: Vec<&str> = match mount {
            Some(mount) => mount.split('/').filter(|c| !c.is_empty()).collect(),
            None if VAR_FOLDERS.contains(rest.first()?) => vec!["private", "var"],
            None => Vec::new(),
        };
        let whole: Vec<&str> = base.iter().chain(rest).copied().collect();
        // Below a volume's root every name is absolute: anchors inside are folders of apps.
        Some(anchor(&whole).unwrap_or_else(|| at(Realm::System, &whole)))
    }
}

/// A realm and the rest of the path.
fn at(realm: Realm, rest: &[&str]) -> DevicePath {
    DevicePath { realm, path: rest.join("/").into() }
}

/// The place, where `parts` begin with a folder that only a phone's root has.
fn anchor(parts: &[&str]) -> Option<DevicePath> {
    match parts {
        ["private", "var", rest @ ..] if !rest.is_empty() => Some(ios(rest)),
        ["var", rest @ ..] if rest.len() > 1 && VAR_FOLDERS.contains(rest.first()?) => Some(ios(rest)),
        ["mobile", "Containers" | "Library" | "Media" | "Applications", _, ..] => Some(ios(parts)),
        ["Containers", "Data" | "Shared", "Application" | "AppGroup" | "PluginKitPlugin", _, ..] => Some(mobile(parts)),
        ["containers", "Data" | "Shared", "System" | "SystemGroup", _, ..] => Some(ios(parts)),
        ["data", rest @ ..] => android_data(rest),
        ["data_mirror", "data_ce", _, user, rest @ ..] => private(user, rest),
        ["data_mirror", "data_de", _, user, rest @ ..] => protected(user, rest),
        ["sdcard", rest @ ..] if !rest.is_empty() => shared("0", rest),
        ["storage", rest @ ..] => storage(rest),
        ["mnt", rest @ ..] => mnt(rest),
        ["Android", "data" | "media" | "obb", package, _, ..] if package.contains('.') => shared("0", parts),
        _ => None,
    }
}

/// Below `/private/var`.
fn ios(parts: &[&str]) -> DevicePath {
    match parts {
        ["mobile", rest @ ..] => mobile(rest),
        _ => at(Realm::System, &[&["private", "var"], parts].concat()),
    }
}

/// Below `/private/var/mobile`.
fn mobile(parts: &[&str]) -> DevicePath {
    match parts {
        ["Containers", "Data", "Application", bundle, rest @ ..] if !rest.is_empty() => {
            at(Realm::IosApp { bundle: (*bundle).into() }, rest)
        }
        ["Containers", "Shared", "AppGroup", group, rest @ ..] if !rest.is_empty() => {
            at(Realm::IosGroup { group: (*group).into() }, rest)
        }
        ["Containers", ..] => at(Realm::System, &[&["private", "var", "mobile"], parts].concat()),
        _ => at(Realm::IosHome, parts),
    }
}

/// Below `/data`.
fn android_data(parts: &[&str]) -> Option<DevicePath> {
    let (folder, rest) = parts.split_first()?;
    if rest.is_empty() {
        return None;
    }
    match *folder {
        "data" => private("0", rest),
        "user" => private(rest.first()?, rest.get(1..)?),
        "user_de" => protected(rest.first()?, rest.get(1..)?),
        "media" => shared(rest.first()?, rest.get(1..)?),
        "app" => Some(at(Realm::System, &[&["data"], parts].concat())),
        other if other.starts_with("system") || other.starts_with("misc") => {
            Some(at(Realm::System, &[&["data"], parts].concat()))
        }
        _ => None,
    }
}

fn private(user: &str, parts: &[&str]) -> Option<DevicePath> {
    let (package, rest) = parts.split_first().filter(|(_, rest)| !rest.is_empty())?;
    Some(at(Realm::AndroidApp { user: user.parse().ok()?, package: (*package).into() }, rest))
}

fn protected(user: &str, parts: &[&str]) -> Option<DevicePath> {
    let (package, rest) = parts.split_first().filter(|(_, rest)| !rest.is_empty())?;
    Some(at(Realm::AndroidAppDe { user: user.parse().ok()?, package: (*package).into() }, rest))
}

fn shared(user: &str, parts: &[&str]) -> Option<DevicePath> {
    (!parts.is_empty()).then_some(())?;
    Some(at(Realm::AndroidShared { user: user.parse().ok()? }, parts))
}

/// Below `/storage`.
fn storage(parts: &[&str]) -> Option<DevicePath> {
    match parts {
        ["emulated", user, rest @ ..] => shared(user, rest),
        ["self", "primary", rest @ ..] => shared("0", rest),
        [card, _, ..] if is_card(card) => Some(at(Realm::System, &[&["storage"], parts].concat())),
        _ => None,
    }
}

/// Below `/mnt`.
fn mnt(parts: &[&str]) -> Option<DevicePath> {
    match parts {
        ["sdcard", rest @ ..] => shared("0", rest),
        ["user", user, "primary", rest @ ..] => shared(user, rest),
        ["runtime", "default" | "read" | "write" | "full", "emulated", user, rest @ ..] => shared(user, rest),
        ["pass_through", _, "emulated", user, rest @ ..] => shared(user, rest),
        ["shell", "emulated", user, rest @ ..] => shared(user, rest),
        ["media_rw", card, rest @ ..] if is_card(card) && !rest.is_empty() => {
            Some(at(Realm::System, &[&["storage", card], rest].concat()))
        }
        _ => None,
    }
}

/// `1A2B-3C4D`: the volume id of an external card.
fn is_card(name: &str) -> bool {
    name.len() == 9 && name.bytes().enumerate().all(|(i, b)| if i == 4 { b == b'-' } else { b.is_ascii_hexdigit() })
}

/// The grammar of adb backups. Source: AOSP core/java/android/app/backup/FullBackup.java.
fn backup(parts: &[&str]) -> Option<DevicePath> {
    let (package, token, rest) = match parts {
        ["shared", "0", rest @ ..] => return shared("0", rest),
        ["shared", volume, rest @ ..] if !rest.is_empty() && volume.parse::<u32>().is_ok() => {
            return Some(at(Realm::System, &[&["storage", volume], rest].concat()));
        }
        ["apps", package, token, rest @ ..] if package.contains('.') || *package == "android" => {
            (package, *token, rest)
        }
        _ => return None,
    };
    if rest.is_empty() {
        return matches!(token, "_manifest" | "_meta").then(|| at(Realm::Loose, parts));
    }
    let app =
        |folder: &[&str]| Some(at(Realm::AndroidApp { user: 0, package: (*package).into() }, &[folder, rest].concat()));
    match token {
        "r" => app(&[]),
        "f" | "nb" | "db" | "sp" | "c" => app(&[token_folder(token)?]),
        "d_r" => protected("0", &[&[*package], rest].concat()),
        _ if token.starts_with("d_") => {
            protected("0", &[&[*package, token_folder(token.strip_prefix("d_")?)?], rest].concat())
        }
        "ef" => shared("0", &[&["Android", "data", *package, "files"], rest].concat()),
        "obb" => shared("0", &[&["Android", "obb", *package], rest].concat()),
        "a" => Some(at(Realm::System, &[&["data", "app", *package], rest].concat())),
        "k" => Some(at(Realm::Loose, parts)),
        _ => None,
    }
}

fn token_folder(token: &str) -> Option<&'static str> {
    match token {
        "f" => Some("files"),
        "nb" => Some("no_backup"),
        "db" => Some("databases"),
        "sp" => Some("shared_prefs"),
        "c" => Some("cache"),
        _ => None,
    }
}

/// `AppDomainGroup-group.x/…`: backups that a tool laid out by domain.
fn domain_folder(parts: &[&str]) -> Option<DevicePath> {
    let (name, rest) = parts.split_first().filter(|(_, rest)| !rest.is_empty())?;
    (name.starts_with("AppDomain") && name.contains('-') || name.ends_with("Domain")).then_some(())?;
    known_domain(name, &rest.join("/"))
}

/// The place of a file of an iTunes backup: `domain` and `path` as its manifest names them. An unknown domain keeps its
/// name, as `/__domain__/<domain>/…`. Sources: dissect.target, UFADE, iLEAPP (their domain tables, compared).
pub fn domain(domain: &str, path: &str) -> DevicePath {
    known_domain(domain, path).unwrap_or_else(|| at(Realm::System, &["__domain__", domain, path]))
}

fn known_domain(domain: &str, path: &str) -> Option<DevicePath> {
    // Identifiers hold dashes too (`com.apple.PrintKit.Print-Center`): the first one separates.
    let (class, id) = domain.split_once('-').map_or((domain, None), |(class, id)| (class, Some(id)));
    let below = |folder: &str| Some(at(Realm::System, &[folder, path]));
    let home = |folder: &str| Some(DevicePath { realm: Realm::IosHome, path: format!("{folder}{path}").into() });
    match (class, id) {
        ("AppDomain", Some(id)) => Some(DevicePath { realm: Realm::IosApp { bundle: id.into() }, path: path.into() }),
        ("AppDomainGroup", Some(id)) => {
            Some(DevicePath { realm: Realm::IosGroup { group: id.into() }, path: path.into() })
        }
        ("AppDomainPlugin", Some(id)) => below(&format!("private/var/mobile/Containers/Data/PluginKitPlugin/{id}")),
        ("SysContainerDomain", Some(id)) => below(&format!("private/var/containers/Data/System/{id}")),
        ("SysSharedContainerDomain", Some(id)) => below(&format!("private/var/containers/Shared/SystemGroup/{id}")),
        ("HomeDomain" | "CameraRollDomain" | "MediaDomain" | "TonesDomain" | "KeyboardDomain" | "HomeKitDomain", _) => {
            home("")
        }
        ("HealthDomain", _) => home("Library/"),
        ("BooksDomain", _) => home("Media/Books/"),
        ("KeychainDomain", _) => below("private/var/Keychains"),
        ("DatabaseDomain", _) => below("private/var/db"),
        ("RootDomain", _) => below("private/var/root"),
        ("WirelessDomain", _) => below("private/var/wireless"),
        ("SystemPreferencesDomain", _) => below("private/var/preferences"),
        ("ManagedPreferencesDomain", _) => below("private/var/Managed Preferences"),
        ("MobileDeviceDomain", _) => below("private/var/MobileDevice"),
        ("InstallDomain", _) => below("private/var/installd"),
        ("NetworkDomain", _) => below("private/var/networkd"),
        ("ProtectedDomain", _) => below("private/var/protected"),
        _ => None,
    }
}

/// A copy that begins at an app's own folder: `com.example.chat/databases/…`, `group.com.example/…`.
fn package_folder(parts: &[&str]) -> Option<DevicePath> {
    (0..parts.len()).find_map(|i| match parts.get(i..)? {
        [group, rest @ ..] if group.starts_with("group.") && !rest.is_empty() => {
            Some(at(Realm::IosGroup { group: (*group).into() }, rest))
        }
        [package, rest @ ..] if package.contains('.') && rest.len() > 1 && is_private_folder(rest.first()?) => {
            let user = match parts.get(i.saturating_sub(2)..i) {
                Some(["user", n]) => Some(*n),
                _ => None,
            };
            private(user.unwrap_or("0"), &[&[*package], rest].concat())
        }
        _ => None,
    })
}

fn is_private_folder(name: &str) -> bool {
    matches!(name, "databases" | "shared_prefs" | "files" | "no_backup" | "cache" | "code_cache")
        || name.starts_with("app_")
}

/// What follows a wrapper of a whole file system, for files outside every known folder (`Dump/system/build.prop`).
fn unwrapped<'a>(name: &str, parts: &'a [&'a str]) -> Option<&'a [&'a str]> {
    match parts {
        ["Dump" | "root", rest @ ..] if !rest.is_empty() => Some(rest),
        _ if name.starts_with('/') => Some(parts),
        _ => None,
    }
}
