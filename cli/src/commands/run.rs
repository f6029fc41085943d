//! `run`: the main job.

use std::path::PathBuf;

use forensics_core::app::App;
use forensics_core::case::{Case, CaseError};
use forensics_core::run::{Plan, RunError, run as work};

use super::{Setting, warn};
use crate::args;
use crate::bars::Bars;
use crate::catalogue::apps;
use crate::error::{CliError, Done};
use crate::open_case::OpenCase;
use crate::report;
use crate::screen::{Ink, Screen};
use crate::secrets;
use crate::summary::Summary;

pub(super) fn run(args: &args::Run, setting: &Setting, screen: &mut Screen<'_>) -> Result<Done, CliError> {
    let apps = wanted(args, setting)?;
    refuse_early(args)?;
    let mut ring = secrets::key_ring(&args.secrets)?;
    if args.secrets.password.is_some() && !setting.quiet {
        warn(
            "other users of this machine may see a password on the command line; --ask-password and --password-file hide it",
        );
    }
    if !args.secrets.any() && secrets::can_ask() {
        secrets::ask_for_locked(&args.sources, &mut ring)?;
    }
    let plan = Plan {
        sources: args.sources.clone(),
        out: args.out.clone(),
        replace: args.force,
        jobs: args.jobs,
        tool: format!("matchmark {}", env!("CARGO_PKG_VERSION")),
    };
    let bars = Bars::new(setting.quiet);
    let worked = work(&plan, &apps, &ring, &bars);
    bars.finish();
    let outcome = worked.map_err(refusal)?;
    let case = OpenCase::open(&args.out)?;
    let report = if args.no_report { None } else { Some(report::write(&case, &setting.catalogue)?) };
    if !setting.quiet {
        super::show::evidence(&case, screen)?;
        let summary = Summary::of(&case)?;
        summary.print(&setting.catalogue, screen)?;
        screen.end()?;
        left_out(&outcome.aside, screen)?;
        screen.put(Ink::Bold, "Case    ")?;
        screen.line(&args.out.display().to_string())?;
        if let Some(report) = report {
            screen.put(Ink::Bold, "Report  ")?;
            screen.line(&report.display().to_string())?;
        }
    }
    if !outcome.anything {
        return Err(CliError::failed("none of the evidence could be read")
            .hint(format!("the reasons are in the case: matchmark show {}", args.out.display())));
    }
    Ok(Done::lost(outcome.lost))
}

/// Says which files beside the evidence belong to none of it.
fn left_out(aside: &[PathBuf], screen: &mut Screen<'_>) -> Result<(), CliError> {
    if aside.is_empty() {
        return Ok(());
    }
    screen.line("Beside the evidence, and no part of it:")?;
    for path in aside {
        screen.line(&format!("  {}", path.display()))?;
    }
    screen.end()
}

/// The apps asked for, or all.
fn wanted(args: &args::Run, setting: &Setting) -> Result<Vec<&'static dyn App>, CliError> {
    if let Some(unknown) = args.app.iter().find(|id| setting.catalogue.app(id).is_none()) {
        return Err(setting.catalogue.no_app(unknown));
    }
    let all = apps().iter().copied();
    Ok(all.filter(|app| args.app.is_empty() || args.app.iter().any(|id| id == app.manifest().id)).collect())
}

/// Says that a case is there already before anyone is asked for a password.
fn refuse_early(args: &args::Run) -> Result<(), CliError> {
    if !args.force && Case::open(&args.out).is_ok() {
        return Err(CaseError::Exists(args.out.clone()).into());
    }
    Ok(())
}

fn refusal(error: RunError) -> CliError {
    match error {
        RunError::Case(error) => error.into(),
        RunError::Source { path, source } => {
            CliError::failed(format!("{} cannot be read", path.display())).because(source)
        }
        RunError::Entangled { .. } => {
            CliError::usage(error.to_string()).hint("choose another folder with --out: evidence is never written to")
        }
        other => CliError::failed("the run could not be finished").because(other),
    }
}
