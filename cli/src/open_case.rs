//! A finished case, opened for reading.

use std::path::Path;

use forensics_core::case::{Case, CaseError, EvidenceInfo, Shard};

use crate::error::CliError;

/// A case with its evidence items.
pub(crate) struct OpenCase {
    pub(crate) case: Case,
    pub(crate) evidence: Vec<EvidenceInfo>,
}

impl OpenCase {
    /// Opens the case in `root`.
    pub(crate) fn open(root: &Path) -> Result<Self, CliError> {
        let case = match Case::open(root) {
            Err(CaseError::NotACase(_)) => {
                let what = if root.exists() { "holds no case: there is no case.db in it" } else { "is not there" };
                return Err(CliError::failed(format!("{} {what}", root.display()))
                    .hint("a case is the folder that matchmark run writes with --out"));
            }
            opened => opened?,
        };
        let evidence = case.evidence()?;
        Ok(OpenCase { case, evidence })
    }

    /// The finished shards, in the order in which the evidence was given. Only one is open at a time.
    pub(crate) fn shards(&self) -> impl Iterator<Item = Result<Shard, CliError>> {
        self.evidence.iter().filter(|e| e.sealed).map(|e| Ok(self.case.shard(e)?))
    }

    /// The evidence items whose shard was never finished: nothing of them can be shown.
    pub(crate) fn unfinished(&self) -> impl Iterator<Item = &EvidenceInfo> {
        self.evidence.iter().filter(|e| !e.sealed)
    }
}
