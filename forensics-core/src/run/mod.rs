//! The main job: evidence in, a case of judged records out.
//!
//! Evidence items are worked on one after the other, the apps of one item beside each other; everything of one item goes to
//! one shard through one writer. What is wrong with the evidence becomes an issue and the rest goes on; an item that cannot
//! be opened at all is in the catalogue with its reason.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::app::{App, Index, Install, Manifest};
use crate::case::{Case, CaseError, EvidenceInfo, ShardWriter};
use crate::container::{OpenError, Opened, Source, find};
use crate::evidence::{Digest, Hashing, Sum, stated_sha256};
use crate::issue::{Issue, Severity};
use crate::keys::KeyRing;
use crate::reconcile::reconcile;
use crate::value::hex;
use crate::vfs::{Realm, Vfs, VfsError};

mod scan;
pub use scan::{FoundApp, FoundStore, ScanResult, scan};

/// What to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Files and folders as the examiner gave them.
    pub sources: Vec<PathBuf>,
    /// The case folder.
    pub out: PathBuf,
    /// Whether an earlier case there is replaced.
    pub replace: bool,
    /// How many installations are read at a time; 0 for one per processor.
    pub jobs: usize,
    /// Name and version of the program, for the case.
    pub tool: String,
}

/// What happens during a run; for progress bars and logs.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// An evidence item is opened: its place and how many there are.
    Opening {
        /// From 1.
        item: usize,
        /// How many.
        of: usize,
        /// Its path.
        path: &'a str,
    },
    /// It was opened.
    Opened {
        /// The container's name.
        container: &'static str,
        /// How many files it lists.
        files: usize,
        /// How many installations will be read.
        installs: usize,
    },
    /// An app's installation is read.
    Reading {
        /// The app.
        app: &'static str,
        /// The installation's label.
        install: &'a str,
    },
    /// So many records more were handed over.
    Records(u64),
    /// An app's installation was read.
    Read {
        /// The app.
        app: &'static str,
        /// The installation's label.
        install: &'a str,
    },
    /// Threads are reconciled, absences sought.
    Reconciling,
    /// The item's hash is being finished.
    Hashing,
    /// The item is done.
    Done {
        /// From 1.
        item: usize,
    },
}

/// Receives events; called from several threads.
pub trait Progress: Sync {
    /// Something happened.
    fn event(&self, event: Event<'_>);

    /// Whether the run should end early.
    fn stopped(&self) -> bool {
        false
    }
}

/// Says nothing.
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _event: Event<'_>) {}
}

/// Why a run could not begin or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The case folder lies in the evidence, or the evidence in the case folder.
    #[error("{} lies inside {}: evidence and case must be apart", inner.display(), outer.display())]
    Entangled {
        /// What lies inside.
        inner: PathBuf,
        /// Of what.
        outer: PathBuf,
    },
    /// A source is not there.
    #[error("{} cannot be read", path.display())]
    Source {
        /// The path.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The case cannot be written.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The examiner stopped it.
    #[error("stopped before the end; what was finished is in the case")]
    Stopped,
}

/// What became of a run.
#[derive(Debug)]
pub struct Outcome {
    /// The evidence items with their hashes.
    pub evidence: Vec<EvidenceInfo>,
    /// Files that lay beside the evidence and belong to none of it.
    pub aside: Vec<PathBuf>,
    /// Whether any item could be opened.
    pub anything: bool,
    /// Whether something was lost: an issue of severity `lost`, or an item that could not be opened.
    pub lost: bool,
}

/// Does the main job.
pub fn run(plan: &Plan, apps: &[&dyn App], keys: &KeyRing, progress: &dyn Progress) -> Result<Outcome, RunError> {
    let (sources, aside) = sources(plan)?;
    let case = Case::create(&plan.out, &plan.tool, plan.replace)?;
    let mut outcome = Outcome { evidence: Vec::new(), aside, anything: false, lost: false };
    for (place, source) in sources.iter().enumerate() {
        if progress.stopped() {
            return Err(RunError::Stopped);
        }
        let item = place + 1;
        progress.event(Event::Opening { item, of: sources.len(), path: &source.to_string() });
        let work = Item { plan, apps, keys, progress, case: &case, id: u32::try_from(item).unwrap_or(u32::MAX) };
        let (info, opened, lost) = work.process(source)?;
        outcome.anything |= opened;
        outcome.lost |= lost;
        outcome.evidence.push(info);
        progress.event(Event::Done { item });
    }
    Ok(outcome)
}

/// The sources of all given paths, in their order, and the files beside them that are no evidence; refuses a case folder that is entangled with them.
fn sources(plan: &Plan) -> Result<(Vec<Source>, Vec<PathBuf>), RunError> {
    let out = canonical(&plan.out);
    let (mut all, mut aside) = (Vec::new(), Vec::new());
    for path in &plan.sources {
        let real = std::fs::canonicalize(path).map_err(|source| RunError::Source { path: path.clone(), source })?;
        if out.starts_with(&real) {
            return Err(RunError::Entangled { inner: plan.out.clone(), outer: path.clone() });
        }
        if real.starts_with(&out) {
            return Err(RunError::Entangled { inner: path.clone(), outer: plan.out.clone() });
        }
        match find(path) {
            Ok(found) => {
                all.extend(found.sources);
                aside.extend(found.aside);
            }
            Err(_) => all.push(Source::at(path)),
        }
    }
    Ok((all, aside))
}

/// A path that may not exist yet, with the links of its existing part resolved.
fn canonical(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for ancestor in absolute.ancestors() {
        if let (Ok(real), Ok(rest)) = (std::fs::canonicalize(ancestor), absolute.strip_prefix(ancestor)) {
            return real.join(rest);
        }
    }
    absolute
}

/// One evidence item at work.
struct Item<'a> {
    plan: &'a Plan,
    apps: &'a [&'a dyn App],
    keys: &'a KeyRing,
    progress: &'a dyn Progress,
    case: &'a Case,
    id: u32,
}

impl Item<'_> {
    /// Gives the item's facts, whether it could be opened, and whether something was lost.
    fn process(&self, source: &Source) -> Result<(EvidenceInfo, bool, bool), RunError> {
        let mut info = EvidenceInfo::new(self.id, source.to_string());
        let writer = ShardWriter::create(&self.case.shard_part(self.id))?;
        let hashing = Hashing::start(&source.path);
        let worked = self.open_and_read(source, &writer, &mut info);
        if self.progress.stopped() {
            hashing.cancel();
        }
        let (opened, mut lost) = worked?;
        self.progress.event(Event::Hashing);
        match hashing.finish() {
            Ok(sum) => {
                self.check_stated(source, &sum, &writer)?;
                match sum.digest {
                    Digest::Sha256(_) => info.sha256 = Some(sum.digest.to_string()),
                    Digest::TreeSha256(_) => info.tree_sha256 = Some(sum.digest.to_string()),
                }
                info.size = Some(sum.size);
                for detail in sum.unreadable {
                    lost = true;
                    tell(&writer, "file-unreadable", Severity::Lost, format!("not hashed: {detail}"))?;
                }
            }
            Err(error) => {
                lost = true;
                tell(&writer, "file-unreadable", Severity::Lost, with_causes(&error))?;
            }
        }
        self.progress.event(Event::Reconciling);
        let (connection, _) = writer.finish()?;
        let manifests: Vec<&'static Manifest> = self.apps.iter().map(|a| a.manifest()).collect();
        reconcile(&connection, &manifests)?;
        lost |= connection
            .query_row("SELECT EXISTS (SELECT 1 FROM issue WHERE severity = 'lost')", [], |r| r.get::<_, bool>(0))
            .map_err(CaseError::from)?;
        self.case.seal(self.id, connection)?;
        info.sealed = true;
        self.case.record(&info)?;
        Ok((info, opened, lost))
    }

    /// Compares the hash with the one that the acquisition tool wrote beside the evidence.
    fn check_stated(&self, source: &Source, sum: &Sum, writer: &ShardWriter) -> Result<(), RunError> {
        let (Some(stated), Digest::Sha256(taken)) = (stated_sha256(&source.path), &sum.digest) else { return Ok(()) };
        let (code, severity) = match stated.value == *taken {
            true => ("evidence-hash-agrees", Severity::Info),
            false => ("evidence-hash-differs", Severity::Degraded),
        };
        let detail = format!("{source}: stated {}, taken {}", hex(&stated.value), sum.digest);
        tell(writer, code, severity, detail)
    }

    fn open_and_read(
        &self,
        source: &Source,
        writer: &ShardWriter,
        info: &mut EvidenceInfo,
    ) -> Result<(bool, bool), RunError> {
        match source.open(self.keys) {
            Ok(opened) => {
                info.container = std::iter::once(opened.container.to_owned())
                    .chain(opened.within.clone())
                    .collect::<Vec<_>>()
                    .join(", ");
                info.describe(&opened.mounted.device);
                for flaw in &opened.mounted.flaws {
                    let severity = if flaw.lost { Severity::Lost } else { Severity::Info };
                    tell(writer, flaw.code, severity, flaw.detail.clone())?;
                }
                self.read(&opened, writer)?;
                Ok((true, false))
            }
            Err(error) => {
                if let OpenError::Mount { container, .. } = &error {
                    info.container = (*container).to_owned();
                }
                tell(writer, open_code(&error), Severity::Lost, with_causes(&error))?;
                Ok((false, true))
            }
        }
    }

    /// Reads every app of an opened item.
    fn read(&self, opened: &Opened, writer: &ShardWriter) -> Result<(), RunError> {
        let vfs = &*opened.mounted.vfs;
        let index = Index::new(vfs);
        let work = installs(self.apps, &index, vfs, self.keys);
        let files = vfs.entries().len();
        self.progress.event(Event::Opened { container: opened.container, files, installs: work.len() });
        let wanted: Vec<_> = work.iter().flat_map(|(app, install)| install.wanted(app.manifest())).collect();
        if let Err(error) = vfs.preload(&wanted) {
            tell(writer, "container-flaw", Severity::Lost, crate::open_store::explain(&error))?;
        }
        let threads = if self.plan.jobs == 0 {
            std::thread::available_parallelism().map_or(1, usize::from)
        } else {
            self.plan.jobs
        };
        let next = AtomicU64::new(0);
        let failure: Mutex<Option<RunError>> = Mutex::new(None);
        let progress = self.progress;
        std::thread::scope(|scope| {
            for _ in 0..threads.min(work.len()) {
                scope.spawn(|| {
                    while let Some((place, (app, install))) = take(&work, &next) {
                        if progress.stopped() {
                            return;
                        }
                        if let Err(error) = read_install(*app, install, place, writer, progress) {
                            failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(error);
                            return;
                        }
                    }
                });
            }
        });
        match failure.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            Some(error) => Err(error),
            None if self.progress.stopped() => Err(RunError::Stopped),
            None => Ok(()),
        }
    }
}

/// Reads one installation. A panic is a fault of ours: it costs this installation and says so.
fn read_install(
    app: &dyn App,
    install: &Install<'_>,
    place: usize,
    writer: &ShardWriter,
    progress: &dyn Progress,
) -> Result<(), RunError> {
    let manifest = app.manifest();
    let label = install.label();
    progress.event(Event::Reading { app: manifest.name, install: &label });
    let ordinal = u32::try_from(place).unwrap_or(u32::MAX);
    let mut sink = writer.sink(manifest, install.platform().word(), label.clone(), ordinal, progress);
    let parsed = catch_unwind(AssertUnwindSafe(|| app.parse(install, &mut sink)));
    let (flushed, stores) = (sink.flush(), sink.stores());
    match parsed {
        Ok(Ok(())) if flushed.is_ok() => {
            if stores == 0 {
                let detail = format!("{} ({label}): files were found and none is a store", manifest.name);
                tell(writer, "install-without-store", Severity::Info, detail)?;
            }
        }
        Ok(_) => return Err(RunError::Stopped),
        Err(panic) => {
            let detail = format!("{} ({label}): {}", manifest.name, panic_text(&*panic));
            tell(writer, "parser-panicked", Severity::Lost, detail)?;
        }
    }
    progress.event(Event::Read { app: manifest.name, install: &label });
    Ok(())
}

fn tell(writer: &ShardWriter, code: &'static str, severity: Severity, detail: String) -> Result<(), RunError> {
    writer.issue(Issue { code, severity, detail, origin: None }).map_err(|_| RunError::Stopped)
}

/// Every installation of every app, in a fixed order.
fn installs<'a>(
    apps: &'a [&'a dyn App],
    index: &'a Index<'a>,
    vfs: &'a dyn Vfs,
    keys: &'a KeyRing,
) -> Vec<(&'a dyn App, Install<'a>)> {
    apps.iter()
        .flat_map(|app| Install::all(app.manifest(), index, vfs, keys).into_iter().map(|install| (*app, install)))
        .collect()
}

fn take<'w, T>(work: &'w [T], next: &AtomicU64) -> Option<(usize, &'w T)> {
    let place = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).ok()?;
    work.get(place).map(|item| (place, item))
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic")
}

/// The issue code of an item that could not be opened.
fn open_code(error: &OpenError) -> &'static str {
    match error {
        OpenError::Mount { source: VfsError::NeedsKey { .. }, .. } => "evidence-needs-key",
        OpenError::Mount { source: VfsError::WrongKey { .. }, .. } => "evidence-wrong-key",
        OpenError::Unrecognised { .. } => "evidence-unrecognised",
        _ => "evidence-unreadable",
    }
}

/// An error with all its causes.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text.push_str(": ");
        text.push_str(&source.to_string());
        cause = source.source();
    }
    text
}

/// Whether a realm belongs to a phone's layout.
fn of_a_phone(realm: &Realm) -> bool {
    *realm != Realm::Loose
}
