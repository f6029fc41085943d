//! `report`: the case's report anew.

use super::Setting;
use crate::args;
use crate::error::{CliError, Done};
use crate::open_case::OpenCase;
use crate::report;
use crate::screen::Screen;

pub(super) fn report(args: &args::Report, setting: &Setting, screen: &mut Screen<'_>) -> Result<Done, CliError> {
    let case = OpenCase::open(&args.case)?;
    let path = report::write(&case, &setting.catalogue)?;
    if !setting.quiet {
        screen.line(&format!("Written: {}", path.display()))?;
    }
    Ok(Done::lost(case.unfinished().next().is_some()))
}
