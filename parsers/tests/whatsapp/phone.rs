//! A phone in memory, and what is found on it: parsers, shard and second pass together.

use std::io::Read;
use std::path::Path;

use forensics_core::app::{Index, Install};
use forensics_core::case::{
    AbsenceRow, Case, EvidenceInfo, Filter, IssueRow, MessageRow, Order, Shard, ShardWriter, StoreRow,
};
use forensics_core::keys::KeyRing;
use forensics_core::reconcile::reconcile;
use forensics_core::run::Silent;
use forensics_core::vfs::{DevicePath, Entry, EntryId, EntryKind, Realm, Vfs, VfsError};

/// Files in memory.
#[derive(Default)]
pub(crate) struct Phone {
    entries: Vec<Entry>,
    contents: Vec<Vec<u8>>,
}

impl Vfs for Phone {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn open(&self, id: EntryId) -> Result<Box<dyn Read + Send + '_>, VfsError> {
        Ok(Box::new(self.contents[id.0 as usize].as_slice()))
    }
}

impl Phone {
    /// A phone with one file more.
    pub(crate) fn with(mut self, realm: Realm, path: &str, bytes: Vec<u8>) -> Self {
        self.entries.push(Entry {
            id: EntryId(u32::try_from(self.entries.len()).expect("few files")),
            raw_name: path.as_bytes().into(),
            device: DevicePath { realm, path: path.into() },
            kind: EntryKind::File,
            size: Some(bytes.len() as u64),
            alias_of: None,
        });
        self.contents.push(bytes);
        self
    }

    /// The phone of a story.
    pub(crate) fn of(device: &samples::Device) -> Self {
        device.files.iter().fold(Phone::default(), |phone, file| {
            let (realm, path) = place(&file.place);
            phone.with(realm, &path, file.bytes.clone())
        })
    }

    /// The same without some files.
    pub(crate) fn without(self, unwanted: impl Fn(&str) -> bool) -> Self {
        let kept = self.entries.into_iter().zip(self.contents).filter(|(e, _)| !unwanted(&e.device.path));
        kept.fold(Phone::default(), |phone, (e, bytes)| phone.with(e.device.realm, &e.device.path, bytes))
    }
}

fn place(place: &samples::DevicePlace) -> (Realm, String) {
    match place {
        samples::DevicePlace::Android(path) => {
            if let Some((package, rest)) = path.strip_prefix("/data/data/").and_then(|p| p.split_once('/')) {
                (Realm::AndroidApp { user: 0, package: package.into() }, rest.to_owned())
            } else if let Some(rest) = path.strip_prefix("/storage/emulated/0/") {
                (Realm::AndroidShared { user: 0 }, rest.to_owned())
            } else {
                (Realm::System, path.trim_start_matches('/').to_owned())
            }
        }
        samples::DevicePlace::Ios { domain, path } => {
            let realm = match domain.split_once('-') {
                Some(("AppDomainGroup", group)) => Realm::IosGroup { group: group.into() },
                Some(("AppDomain", bundle)) => Realm::IosApp { bundle: bundle.into() },
                _ => Realm::IosHome,
            };
            (realm, path.clone())
        }
    }
}

/// What was found.
pub(crate) struct Found {
    pub(crate) shard: Shard,
    pub(crate) messages: Vec<MessageRow>,
    pub(crate) absences: Vec<AbsenceRow>,
    pub(crate) issues: Vec<IssueRow>,
    _folder: tempfile::TempDir,
}

impl Found {
    pub(crate) fn store_of(&self, origin: &forensics_core::origin::Origin) -> &StoreRow {
        self.shard.store(origin.store).expect("a registered store")
    }

    /// The record of a row.
    pub(crate) fn message(&self, table: &str, rowid: i64) -> &MessageRow {
        let found =
            self.messages.iter().find(|m| m.origin.table.as_deref() == Some(table) && m.origin.rowid == Some(rowid));
        found.unwrap_or_else(|| panic!("no record of {table} {rowid}"))
    }

    /// Verdict and reach of a row.
    pub(crate) fn verdict(&self, table: &str, rowid: i64) -> (&str, Option<&str>) {
        let m = self.message(table, rowid);
        (&m.verdict, m.reach.as_deref())
    }
}

/// Reads a phone.
pub(crate) fn read(phone: &Phone, keys: &KeyRing) -> Found {
    let folder = tempfile::tempdir().expect("a folder");
    let case = Case::create(&folder.path().join("case"), "test", false).expect("a case");
    let app = parsers::APPS.iter().find(|a| a.manifest().id == "whatsapp").expect("the app is registered");
    let index = Index::new(phone);
    let part = case.shard_part(1);
    let writer = ShardWriter::create(&part).expect("a shard");
    for (ordinal, install) in (0..).zip(Install::all(app.manifest(), &index, phone, keys)) {
        let mut sink = writer.sink(app.manifest(), install.platform().word(), install.label(), ordinal, &Silent);
        app.parse(&install, &mut sink).expect("nobody stops it");
        sink.flush().expect("the writer runs");
    }
    let (connection, _) = writer.finish().expect("written");
    reconcile(&connection, &[app.manifest()]).expect("reconciled");
    case.seal(1, connection).expect("sealed");
    let evidence = EvidenceInfo::new(1, "memory".to_owned());
    let shard = case.shard(&evidence).expect("readable");
    let mut messages = Vec::new();
    shard
        .messages(&Filter::default(), Order::Origin, |m| {
            messages.push(m);
            Ok::<_, forensics_core::case::CaseError>(())
        })
        .expect("messages");
    let stores: Vec<_> = shard.stores().iter().map(|s| s.id).collect();
    let absences = stores.iter().flat_map(|s| shard.absences(*s).expect("absences")).collect();
    let mut issues: Vec<_> = stores.iter().flat_map(|s| shard.issues(Some(*s)).expect("issues")).collect();
    issues.extend(shard.issues(None).expect("issues"));
    let found = Found { shard, messages, absences, issues, _folder: folder };
    assert_every_row_is_accounted_for(&found);
    found
}

fn assert_every_row_is_accounted_for(found: &Found) {
    for store in found.shard.stores() {
        for t in found.shard.tallies(store.id).expect("tallies") {
            let sum = t.emitted + t.folded + t.passed_over + t.quarantined;
            assert_eq!(t.seen, sum, "{} {}", store.path, t.table);
        }
    }
    assert!(found.issues.iter().all(|i| i.code != "tally-broken"));
}

/// A file of the real data, or `None` with a loud word.
pub(crate) fn real(path: &str) -> Option<Vec<u8>> {
    let full = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/real")).join(path);
    let full = if full.exists() {
        full
    } else {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/real")).join(path)
    };
    match std::fs::read(&full) {
        Ok(bytes) => Some(bytes),
        Err(_) => {
            #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
            {
                eprintln!("SKIPPED: {} is not there", full.display());
            }
            None
        }
    }
}
