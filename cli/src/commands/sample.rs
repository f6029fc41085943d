//! `sample`: demonstration evidence with a known truth.

use super::Setting;
use crate::args;
use crate::error::{CliError, Done};
use crate::screen::Screen;

pub(super) fn sample(args: &args::Sample, setting: &Setting, screen: &mut Screen<'_>) -> Result<Done, CliError> {
    let occupied = std::fs::read_dir(&args.out).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        return Err(CliError::failed(format!("{} is not empty", args.out.display())).hint("name a new folder"));
    }
    write_demo(args)?;
    if !setting.quiet {
        screen.line(&format!("Written: {}", args.out.display()))?;
        screen.line(&format!("Next: matchmark scan {0}, then matchmark run {0} --out case", args.out.display()))?;
    }
    Ok(Done::Whole)
}

fn write_demo(_args: &args::Sample) -> Result<(), CliError> {
    Err(CliError::failed("this build holds no demonstration evidence"))
}
