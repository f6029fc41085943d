//! `export`: everything in the case, one record a line.

use std::io::{BufWriter, Write};

use super::{Setting, warn};
use crate::args::{self, Format};
use crate::error::{CliError, Done};
use crate::export::{csv, jsonl};
use crate::files;
use crate::open_case::OpenCase;
use crate::screen::Screen;

pub(super) fn export(args: &args::Export, setting: &Setting, mut screen: Screen<'_>) -> Result<Done, CliError> {
    if args.exact && args.format != Format::Csv {
        return Err(CliError::usage("--exact is for --format csv").hint("JSONL is always exact"));
    }
    let case = OpenCase::open(&args.case)?;
    let unfinished: Vec<String> = case.unfinished().map(|e| format!("{} ({})", e.key(), e.path)).collect();
    match &args.output {
        Some(path) => {
            let mut file = BufWriter::with_capacity(1 << 16, files::create(path, args.force)?);
            write(&case, args, &mut file)?;
            file.flush()?;
            if !setting.quiet {
                screen.line(&format!("Written: {}", path.display()))?;
            }
        }
        None => write(&case, args, screen.raw())?,
    }
    if !unfinished.is_empty() {
        warn(&format!("nothing of {} is in the export: the run did not finish it", unfinished.join(", ")));
    }
    Ok(Done::lost(!unfinished.is_empty()))
}

fn write(case: &OpenCase, args: &args::Export, out: &mut dyn Write) -> Result<(), CliError> {
    let cells = if args.exact { csv::Cells::Exact } else { csv::Cells::Safe };
    match args.format {
        Format::Jsonl => jsonl::write(case, out),
        Format::Csv => csv::write(case, cells, out),
    }
}
