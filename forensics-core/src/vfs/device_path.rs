//! Where on the phone a file lay, whatever it was acquired with.

use std::fmt;

/// A part of the phone's file system that belongs to one owner.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Realm {
    /// An Android app's private folder of one user: `/data/data/<package>` for user 0, `/data/user/<user>/<package>` else.
    AndroidApp {
        /// Android user; 0 is the owner, others are work profiles and cloned apps.
        user: u32,
        /// Package name.
        package: Box<str>,
    },
    /// An Android app's device-encrypted folder, readable before the first unlock: `/data/user_de/<user>/<package>`
    /// (the telephony provider keeps its messages there).
    AndroidAppDe {
        /// Android user.
        user: u32,
        /// Package name.
        package: Box<str>,
    },
    /// Android shared storage of one user: `/storage/emulated/<user>`.
    AndroidShared {
        /// Android user.
        user: u32,
    },
    /// An iOS app's data container.
    IosApp {
        /// Bundle identifier, or the container's UUID where nothing in the evidence names it.
        bundle: Box<str>,
    },
    /// An iOS app group's shared container.
    IosGroup {
        /// Group identifier, or the container's UUID where nothing in the evidence names it.
        group: Box<str>,
    },
    /// `/private/var/mobile`, outside the containers.
    IosHome,
    /// Any other absolute path of a phone.
    System,
    /// A file outside any known layout, such as a single database that the examiner points at.
    Loose,
}

/// A file's place on the phone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DevicePath {
    /// The owner.
    pub realm: Realm,
    /// The path below the realm's root, components joined by `/`, never beginning with one.
    pub path: Box<str>,
}

impl DevicePath {
    /// The last component.
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// The canonical absolute path; iOS containers carry their identifier in place of the UUID, so that a backup and a full
/// file system give the same text.
impl fmt::Display for DevicePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.realm {
            Realm::AndroidApp { user: 0, package } => write!(f, "/data/data/{package}/")?,
            Realm::AndroidApp { user, package } => write!(f, "/data/user/{user}/{package}/")?,
            Realm::AndroidAppDe { user, package } => write!(f, "/data/user_de/{user}/{package}/")?,
            Realm::AndroidShared { user } => write!(f, "/storage/emulated/{user}/")?,
            Realm::IosApp { bundle } => write!(f, "/private/var/mobile/Containers/Data/Application/{bundle}/")?,
            Realm::IosGroup { group } => write!(f, "/private/var/mobile/Containers/Shared/AppGroup/{group}/")?,
            Realm::IosHome => f.write_str("/private/var/mobile/")?,
            Realm::System => f.write_str("/")?,
            Realm::Loose => {}
        }
        f.write_str(&self.path)
    }
}
