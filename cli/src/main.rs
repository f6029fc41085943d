//! `matchmark`: which message records on a phone carry a server's mark, and which cell says so.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

mod args;
mod bars;
mod catalogue;
mod commands;
#[cfg(test)]
mod docs;
mod error;
mod export;
mod files;
mod finding;
mod keys_file;
mod names;
mod open_case;
mod place;
mod report;
mod screen;
mod secrets;
mod summary;
mod terminal_text;
#[cfg(test)]
mod testing;
mod words;

use args::Args;
use error::Done;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are answers, not errors; everything else is wrong usage.
            let code = if error.use_stderr() { ExitCode::from(3) } else { ExitCode::SUCCESS };
            let _ = error.print();
            return code;
        }
    };
    match commands::dispatch(args) {
        Ok(Done::Whole) => ExitCode::SUCCESS,
        Ok(Done::WithLoss) => ExitCode::from(1),
        Err(error) => {
            if let Some(text) = error.shown() {
                let _ = writeln!(std::io::stderr(), "{text}");
            }
            error.exit_code()
        }
    }
}
