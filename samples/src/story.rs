//! What happened on a phone, and what a reader must say about it.
//!
//! The words are those of the JSONL export and of the README's table of verdicts. A [`Truth`] is written down by the same
//! code that writes the row, so it cannot drift from the store.

use serde::Serialize;

/// The verdicts, spelled as in the export.
pub mod word {
    /// At least one documented mark says that a server, a peer's device or a peer handled it.
    pub const CONFIRMED: &str = "confirmed";
    /// Incoming, from a service whose stores keep no server mark for incoming rows.
    pub const IMPLIED: &str = "implied-by-arrival";
    /// Outgoing, queued or sending.
    pub const PENDING: &str = "pending";
    /// Outgoing, the store says that sending failed.
    pub const FAILED: &str = "failed";
    /// A kind of record that no server handles.
    pub const LOCAL: &str = "local-only";
    /// A kind of record that always carries a mark, and this one does not.
    pub const UNMARKED: &str = "unmarked";
    /// Documented marks disagree.
    pub const CONTRADICTORY: &str = "contradictory";
    /// No rule spoke.
    pub const UNKNOWN: &str = "unknown";

    /// Reach: the server took it.
    pub const ACCEPTED: &str = "accepted";
    /// Reach: a peer's device has it.
    pub const DELIVERED: &str = "delivered";
    /// Reach: a peer read, saw or played it.
    pub const READ: &str = "read";
}

/// The kinds of absence, spelled as in the export.
pub mod absence {
    /// A sequence skips.
    pub const GAP: &str = "gap-in-sequence";
    /// Another record names one that is not there.
    pub const DANGLING: &str = "dangling";
    /// The store says deleted or revoked.
    pub const TOMBSTONED: &str = "tombstoned";
    /// An index entry, thumbnail or cached text is left.
    pub const REMNANT: &str = "remnant-only";
    /// A cursor or counter lies past the newest record.
    pub const BEYOND: &str = "beyond-records";
    /// The store says that the server holds records not fetched, or fetched and not stored.
    pub const UNDELIVERED: &str = "undelivered";
}

/// The note codes that the stories use. A record may carry further notes; these it must carry.
pub mod note {
    /// The record lies past its thread's or room's cursor.
    pub const BEYOND_CURSOR: &str = "beyond-cursor";
    /// Inside a range that the app itself lists as missing.
    pub const INSIDE_KNOWN_GAP: &str = "inside-known-gap";
    /// Revoked (deleted for all, recalled); its row is still there.
    pub const REVOKED: &str = "revoked";
    /// The text was edited.
    pub const EDITED: &str = "edited";
    /// The state speaks of an edit under way, not of the message.
    pub const EDIT_PENDING: &str = "edit-pending";
    /// Only an edited message: the server had it, but nothing documented says so.
    pub const IMPLIED_BY_EDIT: &str = "implied-by-edit";
    /// The app's delete queue hides the row.
    pub const HIDDEN_BY_DELETE_QUEUE: &str = "hidden-by-delete-queue";
    /// Came by history sync.
    pub const HISTORY_SYNC: &str = "history-sync";
    /// A restored or moved chat.
    pub const RESTORED: &str = "restored-backup";
    /// Waiting for so long that nobody will acknowledge it.
    pub const NEVER_ACKNOWLEDGED: &str = "never-acknowledged";
    /// The state says read, all receipt rows are empty.
    pub const RECEIPT_ROWS_EMPTY: &str = "receipt-rows-empty";
    /// Arrived, but could not be decrypted.
    pub const NEVER_DECRYPTED: &str = "content-never-decrypted";
    /// The state lags behind the mark.
    pub const STATE_STALE: &str = "state-stale";
    /// Sent from another device of the account, synced to this one.
    pub const OTHER_DEVICE: &str = "sent-from-other-device";
    /// A fraction of a second where a server's stamp has none.
    pub const FRACTIONAL_DATE: &str = "fractional-date";
    /// The row stands only in the write-ahead log.
    pub const ONLY_IN_WAL: &str = "only-in-wal";
    /// Text is compressed and the dictionary is not at hand.
    pub const NEEDS_DICTIONARY: &str = "needs-dictionary";
}

/// The operating system of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Android.
    Android,
    /// iOS.
    Ios,
}

/// Where a file lies on the device.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DevicePlace {
    /// Absolute canonical path, such as `/data/data/com.whatsapp/databases/msgstore.db`.
    Android(String),
    /// Backup domain and the path inside it.
    Ios {
        /// Such as `AppDomain-com.tencent.xin`.
        domain: String,
        /// Such as `Documents/LoginInfo2.dat`.
        path: String,
    },
}

impl DevicePlace {
    /// A place inside an iOS domain.
    #[must_use]
    pub fn ios(domain: &str, path: impl Into<String>) -> Self {
        Self::Ios { domain: domain.to_owned(), path: path.into() }
    }

    /// The path without the domain.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Android(path) | Self::Ios { path, .. } => path,
        }
    }

    /// The last component.
    #[must_use]
    pub fn base_name(&self) -> &str {
        self.path().rsplit('/').next().unwrap_or_default()
    }

    /// The same folder, another base name.
    #[must_use]
    pub fn sibling(&self, base_name: &str) -> Self {
        let swap = |path: &str| match path.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{base_name}"),
            None => base_name.to_owned(),
        };
        match self {
            Self::Android(path) => Self::Android(swap(path)),
            Self::Ios { domain, path } => Self::ios(domain, swap(path)),
        }
    }
}

/// One file of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceFile {
    /// Where it lies.
    pub place: DevicePlace,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Modification time, Unix seconds.
    pub mtime: i64,
}

impl DeviceFile {
    /// A file of an Android phone.
    #[must_use]
    pub fn android(path: impl Into<String>, bytes: impl Into<Vec<u8>>, mtime: i64) -> Self {
        Self { place: DevicePlace::Android(path.into()), bytes: bytes.into(), mtime }
    }

    /// A file of an iPhone.
    #[must_use]
    pub fn ios(domain: &str, path: impl Into<String>, bytes: impl Into<Vec<u8>>, mtime: i64) -> Self {
        Self { place: DevicePlace::ios(domain, path), bytes: bytes.into(), mtime }
    }
}

/// What a reader must say about one record.
///
/// Every true message stands in the named table under the named rowid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrueMessage {
    /// `whatsapp` or `wechat`.
    pub app: &'static str,
    /// The device's system.
    pub platform: Platform,
    /// Base name of the store, such as `msgstore.db`.
    pub store_file: String,
    /// The table the record stands in.
    pub table: String,
    /// Its rowid there.
    pub rowid: i64,
    /// The thread, by the app's own key.
    pub thread: String,
    /// One of [`word`].
    pub verdict: &'static str,
    /// How far, when confirmed.
    pub reach: Option<&'static str>,
    /// Notes that the record must carry (it may carry more).
    pub notes: Vec<&'static str>,
}

/// A mark whose record is not in the store: one a missing record or contiguous range, however many
/// marks show it.
///
/// A reader may report more: weak absences by local row numbers that several threads share (holes
/// in `message._id`, `msgId`, `Z_PK`) are not told here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrueAbsence {
    /// `whatsapp` or `wechat`.
    pub app: &'static str,
    /// The device's system.
    pub platform: Platform,
    /// Base name of the store that holds the mark.
    pub store_file: String,
    /// One of [`absence`].
    pub kind: &'static str,
    /// The thread, where the mark names one.
    pub thread: Option<String>,
    /// The server or native id that the mark names; where it names only a local row, that number.
    pub id: Option<String>,
    /// Last number present before the gap, exclusive.
    pub after: Option<i64>,
    /// First number present after the gap, exclusive.
    pub before: Option<i64>,
    /// At most so many records.
    pub at_most: Option<u64>,
    /// What is left of the text.
    pub text: Option<String>,
}

/// Everything that is true of a device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// Record by record.
    pub messages: Vec<TrueMessage>,
    /// Absence by absence.
    pub absences: Vec<TrueAbsence>,
}

impl Truth {
    /// Takes over what another store of the same device says.
    pub fn absorb(&mut self, other: Self) {
        self.messages.extend(other.messages);
        self.absences.extend(other.absences);
    }
}

/// A phone (or one app's share of it).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// A name for file names and messages, such as `whatsapp-android-modern`.
    pub name: String,
    /// Its system.
    pub platform: Platform,
    /// The maker's model code.
    pub model: String,
    /// The system's version.
    pub os: String,
    /// Its files, in a fixed order.
    pub files: Vec<DeviceFile>,
    /// What is true of it.
    pub truth: Truth,
}

impl Device {
    /// An Android phone without files.
    #[must_use]
    pub fn android(name: &str) -> Self {
        Self::empty(name, Platform::Android, "SM-X0000", "14")
    }

    /// An iPhone without files.
    #[must_use]
    pub fn ios(name: &str) -> Self {
        Self::empty(name, Platform::Ios, "iPhone12,1", "17.2")
    }

    fn empty(name: &str, platform: Platform, model: &str, os: &str) -> Self {
        Self {
            name: name.to_owned(),
            platform,
            model: model.to_owned(),
            os: os.to_owned(),
            files: Vec::new(),
            truth: Truth::default(),
        }
    }

    /// The first file with this base name.
    #[must_use]
    pub fn file(&self, base_name: &str) -> Option<&DeviceFile> {
        self.files.iter().find(|file| file.place.base_name() == base_name)
    }

    /// One phone with the files and the truth of several.
    #[must_use]
    pub fn joined(name: &str, parts: Vec<Self>) -> Self {
        let mut parts = parts.into_iter();
        let mut whole = parts.next().expect("a phone has at least one part");
        name.clone_into(&mut whole.name);
        for part in parts {
            whole.files.extend(part.files);
            whole.truth.absorb(part.truth);
        }
        whole
    }
}

/// Writes down truths about one store.
#[derive(Debug)]
pub(crate) struct Witness {
    app: &'static str,
    platform: Platform,
    store_file: String,
    truth: Truth,
}

/// The bounds of a gap, both exclusive, and how many records it can hold.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bounds {
    pub(crate) after: Option<i64>,
    pub(crate) before: Option<i64>,
    pub(crate) at_most: Option<u64>,
}

impl Witness {
    pub(crate) fn new(app: &'static str, platform: Platform, store_file: &str) -> Self {
        Self { app, platform, store_file: store_file.to_owned(), truth: Truth::default() }
    }

    pub(crate) fn says(&mut self, table: &str, rowid: i64, thread: &str, fate: Fate, notes: &[&'static str]) {
        self.truth.messages.push(TrueMessage {
            app: self.app,
            platform: self.platform,
            store_file: self.store_file.clone(),
            table: table.to_owned(),
            rowid,
            thread: thread.to_owned(),
            verdict: fate.0,
            reach: fate.1,
            notes: notes.to_vec(),
        });
    }

    pub(crate) fn misses(
        &mut self,
        kind: &'static str,
        thread: Option<&str>,
        id: Option<String>,
        text: Option<&str>,
        bounds: Bounds,
    ) {
        self.truth.absences.push(TrueAbsence {
            app: self.app,
            platform: self.platform,
            store_file: self.store_file.clone(),
            kind,
            thread: thread.map(str::to_owned),
            id,
            after: bounds.after,
            before: bounds.before,
            at_most: bounds.at_most,
            text: text.map(str::to_owned),
        });
    }

    pub(crate) fn into_truth(self) -> Truth {
        self.truth
    }
}

/// A verdict with its reach.
pub(crate) type Fate = (&'static str, Option<&'static str>);

/// The fates, short to write.
pub(crate) mod fate {
    use super::{Fate, word};

    pub(crate) const ACCEPTED: Fate = (word::CONFIRMED, Some(word::ACCEPTED));
    pub(crate) const DELIVERED: Fate = (word::CONFIRMED, Some(word::DELIVERED));
    pub(crate) const READ: Fate = (word::CONFIRMED, Some(word::READ));
    pub(crate) const IMPLIED: Fate = (word::IMPLIED, None);
    pub(crate) const PENDING: Fate = (word::PENDING, None);
    pub(crate) const FAILED: Fate = (word::FAILED, None);
    pub(crate) const LOCAL: Fate = (word::LOCAL, None);
    pub(crate) const UNMARKED: Fate = (word::UNMARKED, None);
    pub(crate) const CONTRADICTORY: Fate = (word::CONTRADICTORY, None);
    pub(crate) const UNKNOWN: Fate = (word::UNKNOWN, None);
}
