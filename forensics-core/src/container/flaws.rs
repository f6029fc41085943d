//! What can be wrong with a container and does not stop the rest.

use std::collections::BTreeMap;

use super::{Flaw, limits};

macro_rules! flaws {
    ($($name:ident = $code:literal, $says:literal;)*) => {
        /// The codes, one constant each.
        #[allow(missing_docs, reason = "the text of each is in FLAWS")]
        pub mod code { $(pub const $name: &str = $code;)* }
        /// Every code of [`Flaw`](super::Flaw) with what it means, for `docs/issues.md`.
        pub const FLAWS: &[(&str, &str)] = &[$(($code, $says)),*];
    };
}

flaws! {
    ENTRY_LIMIT = "container-entry-limit", "more entries than the limit; the rest was not listed";
    FOLDER_UNREADABLE = "folder-unreadable", "a folder or file could not be listed";
    NAME_NOT_A_PLACE = "name-not-a-place", "a name climbs out of its root or is absurdly long; kept, but given no place on the phone";
    ALIAS_UNCHECKED = "alias-unchecked", "files seen through several mounts were not compared (too many bytes); all are read";
    ZIP_TRUNCATED = "zip-truncated", "the zip has no usable directory; files were found by scanning for local headers";
    ZIP_DIRECTORY = "zip-directory-damaged", "the zip's directory breaks off; further files were found by scanning for local headers";
    ZIP_COUNT = "zip-count", "the zip's directory holds another number of entries than it states";
    ZIP_OVERLAP = "zip-overlap", "two entries of the zip use the same bytes; the later one is refused";
    ZIP_DUPLICATE = "zip-duplicate-name", "the zip holds several entries of one name; all are kept";
    ZIP_ENCRYPTED = "zip-encrypted", "members of the zip are encrypted and no key of kind zip was given";
    ZIP_METHOD = "zip-method", "members of the zip use a compression that is not supported";
    ZIP_SALVAGE_UNSIZED = "zip-salvage-unsized", "a file found by scanning states no length; it is read up to the next header";
    TAR_GAP = "tar-gap", "bytes between two headers of the tar make no sense; reading went on at the next good header";
    TAR_TRUNCATED = "tar-truncated", "the tar ends inside a file or without its end mark";
    TAR_PAX = "tar-pax", "an extended header of the tar is damaged or too long; the plain header was used";
    TAR_SPARSE = "tar-sparse", "a sparse file of the tar is given as stored, without its holes";
    TAR_LINK = "tar-link", "a hard link of the tar names a file that was not seen before";
    STREAM_BROKEN = "stream-broken", "the compressed or encrypted stream breaks off; what came before is read";
    CLBX_MOUNT = "clbx-mount", "a volume's mount point could not be read; places were inferred from folder names";
    AB_VERSION = "ab-version", "the backup's version is newer than 5; read like version 5";
    ITUNES_INCOMPLETE = "itunes-incomplete", "the backup's Status.plist does not say finished";
    ITUNES_PLIST = "itunes-plist", "a property list of the backup is missing or unreadable";
    ITUNES_ROW = "itunes-row", "a row of the backup's manifest is unusable";
    ITUNES_FLAGS = "itunes-flags", "a row of the backup's manifest has flags that name no kind of file; skipped";
    ITUNES_FILE_ID = "itunes-file-id", "a row's fileID is not the SHA-1 of its domain and path: the row was altered";
    ITUNES_BLOB_MISSING = "itunes-blob-missing", "the manifest names a file whose content is not in the backup";
    ITUNES_BLOB_PLAIN = "itunes-blob-plain", "a file of an encrypted backup is not encrypted; read as it is";
    ITUNES_CLASS_KEY = "itunes-class-key", "a class key could not be unwrapped; files of that class cannot be read";
    ITUNES_FILE_KEY = "itunes-file-key", "a file has no usable key; it cannot be decrypted";
    ITUNES_MANIFEST = "itunes-manifest", "the backup's manifest is damaged; the rows that could be read were used";
    ITUNES_DECRYPTED_COPY = "itunes-decrypted-copy", "the backup was decrypted by another tool; its files are read as they are";
    ITUNES_UNLISTED = "itunes-unlisted", "files of the backup are named by no row of its manifest";
    NESTED_UNREAD = "nested-unread", "a container inside the evidence could not be opened";
}

/// Collects flaws; of each kind the first hundred are told, the rest is counted.
#[derive(Debug, Default)]
pub(crate) struct FlawList {
    told: Vec<Flaw>,
    counts: BTreeMap<&'static str, (usize, bool)>,
}

impl FlawList {
    /// Something that does not lose records by itself.
    pub(crate) fn note(&mut self, code: &'static str, detail: impl FnOnce() -> String) {
        self.add(code, false, detail);
    }

    /// Something because of which records may be missing.
    pub(crate) fn lost(&mut self, code: &'static str, detail: impl FnOnce() -> String) {
        self.add(code, true, detail);
    }

    fn add(&mut self, code: &'static str, lost: bool, detail: impl FnOnce() -> String) {
        let (count, any_lost) = self.counts.entry(code).or_default();
        *count = count.saturating_add(1);
        *any_lost |= lost;
        if *count <= limits::FLAWS_EACH {
            self.told.push(Flaw { code, lost, detail: detail() });
        }
    }

    /// The flaws, with one line for each kind that was cut short.
    pub(crate) fn finish(mut self) -> Vec<Flaw> {
        for (code, (count, lost)) in self.counts {
            let more = count.saturating_sub(limits::FLAWS_EACH);
            if more > 0 {
                self.told.push(Flaw { code, lost, detail: format!("and {more} more of the same kind") });
            }
        }
        self.told
    }
}
