//! What this program knows: apps with their stores and rules, codes with their meanings.

use forensics_core::app::{App, Manifest};
use forensics_core::container::FLAWS;
use forensics_core::issue;
use forensics_core::rule::{Judge, Rule};

use crate::error::CliError;

/// The apps that this program reads.
pub(crate) fn apps() -> &'static [&'static dyn App] {
    parsers::APPS
}

/// What is known of the apps.
pub(crate) struct Catalogue {
    manifests: Vec<&'static Manifest>,
}

impl Catalogue {
    /// What this program knows.
    pub(crate) fn own() -> Self {
        Catalogue::of(apps().iter().map(|app| app.manifest()))
    }

    /// A catalogue of the given apps.
    pub(crate) fn of(manifests: impl IntoIterator<Item = &'static Manifest>) -> Self {
        Catalogue { manifests: manifests.into_iter().collect() }
    }

    /// The apps.
    pub(crate) fn manifests(&self) -> &[&'static Manifest] {
        &self.manifests
    }

    /// The app of that id.
    pub(crate) fn app(&self, id: &str) -> Option<&'static Manifest> {
        self.manifests.iter().copied().find(|m| m.id == id)
    }

    /// Says which apps there are, where one was named that is not.
    pub(crate) fn no_app(&self, id: &str) -> CliError {
        let known: Vec<&str> = self.manifests.iter().map(|m| m.id).collect();
        CliError::usage(format!("no app has the id {id}")).hint(format!("known are: {}", known.join(", ")))
    }

    /// An app's name for people; its id where this version does not know it.
    pub(crate) fn app_name<'a>(&self, id: &'a str) -> &'a str {
        self.app(id).map_or(id, |m| m.name)
    }

    /// A rule with its app.
    pub(crate) fn rule(&self, id: &str) -> Option<(&'static Manifest, &'static Rule)> {
        self.manifests.iter().find_map(|m| m.rule(id).map(|r| (*m, r)))
    }

    /// All rules with their apps.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (&'static Manifest, &'static Rule)> {
        self.manifests.iter().flat_map(|m| m.rules.iter().map(|r| (*m, r)))
    }

    /// What a note of an app means.
    pub(crate) fn note(&self, app: &str, code: &str) -> Option<String> {
        let listed = self.app(app).and_then(|m| m.notes.iter().find(|c| c.code == code));
        listed.map(|c| c.says.to_owned()).or_else(|| inferred(code))
    }

    /// What an issue code means, whoever raises it.
    pub(crate) fn issue(&self, code: &str) -> Option<&'static str> {
        let own = issue::CODES.iter().chain(self.manifests.iter().flat_map(|m| m.codes)).map(|c| (c.code, c.says));
        own.chain(FLAWS.iter().copied()).find(|(known, _)| *known == code).map(|(_, says)| says)
    }
}

/// The note that an inferred rule leaves in place of its claim.
fn inferred(code: &str) -> Option<String> {
    let word = code.strip_prefix("inferred-")?;
    Some(format!("A rule that is known by inference only would say `{word}`; it does not count towards the verdict."))
}

/// What a rule looks at, in words.
pub(crate) fn looks_at(judge: &Judge) -> &'static str {
    match judge {
        Judge::Record(_) => "one record and its marks",
        Judge::SharedServerId(_) => "records that carry the same server id",
        Judge::SharedServerIdInThread(_) => "records of one thread that carry the same server id",
        Judge::SharedId(_) => "records of one thread, direction and sender that carry the same key",
        Judge::BeyondCursor(_) => "a record numbered beyond its thread's cursor; adds a note",
        Judge::InsideHole(_) => "a record numbered inside a range that the app knows as missing; adds a note",
        Judge::HolesExplain => "ranges that the app has not loaded; explains skips",
        Judge::Waiting { .. } => "a record that has been waiting for long; adds a note",
        Judge::Absence => "marks whose record is not in the store; makes absences",
    }
}
