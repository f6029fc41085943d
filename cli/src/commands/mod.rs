//! One file a command.

use std::io::{self, BufWriter, Write as _};

use crate::args::{Args, Command};
use crate::catalogue::Catalogue;
use crate::error::{CliError, Done};
use crate::screen::{Screen, may_colour};

mod apps;
mod explain;
mod export;
mod keys;
mod message;
mod recover;
mod report;
mod run;
mod sample;
mod scan;
mod show;

/// What every command is given.
pub(crate) struct Setting {
    /// Whether nothing but results and errors is wanted.
    pub(crate) quiet: bool,
    /// What this program knows.
    pub(crate) catalogue: Catalogue,
}

/// Does what was asked for.
pub(crate) fn dispatch(args: Args) -> Result<Done, CliError> {
    let setting = Setting { quiet: args.quiet, catalogue: Catalogue::own() };
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let done = {
        let mut screen = Screen::new(&mut out, may_colour());
        match args.command {
            Command::Scan(a) => scan::scan(&a, &setting, &mut screen)?,
            Command::Run(a) => run::run(&a, &setting, &mut screen)?,
            Command::Show(a) => show::show(&a, &setting, &mut screen)?,
            Command::Explain(a) => explain::explain(&a, &setting, &mut screen)?,
            Command::Export(a) => export::export(&a, &setting, screen)?,
            Command::Report(a) => report::report(&a, &setting, &mut screen)?,
            Command::Recover(a) => recover::recover(&a, &setting, screen)?,
            Command::Sample(a) => sample::sample(&a, &setting, &mut screen)?,
            Command::Keys => keys::keys(&mut screen)?,
            Command::Apps(a) => apps::apps(&a, &setting, &mut screen)?,
        }
    };
    out.flush()?;
    Ok(done)
}

/// A word of warning on standard error.
fn warn(text: &str) {
    let _ = writeln!(io::stderr(), "warning: {}", crate::terminal_text::clean(text));
}
