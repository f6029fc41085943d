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
    samples::write_demo(&args.out)
        .map_err(|error| CliError::failed(format!("{} cannot be written: {error:#}", args.out.display())))?;
    if !setting.quiet {
        screen.line(&format!("Written: {}", args.out.display()))?;
        let (evidence, keys) = (args.out.join("evidence"), args.out.join("keys.toml"));
        screen.line(&format!("Next: matchmark run {} --keys {} --out case", evidence.display(), keys.display()))?;
    }
    Ok(Done::Whole)
}
