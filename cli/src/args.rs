//! What was typed.

use std::path::PathBuf;

use clap::{ArgGroup, Args as Group, Parser, Subcommand, ValueEnum};

/// Which message records on a phone carry a server's mark, and which cell says so.
///
/// Reads phone backups and extractions, rebuilds the chat stores of messengers, and judges record by record what a server
/// had to do with it. Evidence is only ever read; everything written goes to the folder named with --out.
#[derive(Debug, Parser)]
#[command(name = "matchmark", version, max_term_width = 110, disable_help_subcommand = true)]
#[command(after_help = "Exit codes: 0 done; 1 done, with something lost; 2 nothing could be done; 3 wrong usage.")]
pub(crate) struct Args {
    /// Write nothing but results and errors: no progress, no summary.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say what the evidence is: device, apps, stores, keys that are needed, what cannot be read and why.
    Scan(Scan),
    /// Rebuild, judge and write the case: the main job.
    Run(Run),
    /// Show threads and messages of a case in the terminal.
    Show(Show),
    /// Explain a rule, a note or an issue code; without argument, list the rules.
    Explain(Explain),
    /// Write everything in a case, one record a line, with provenance.
    Export(Export),
    /// Write a case's report: HTML that needs nothing else.
    Report(Report),
    /// Recover deleted and superseded rows of any SQLite file.
    Recover(Recover),
    /// Write demonstration evidence with a known truth.
    Sample(Sample),
    /// List the kinds of keys, with an example of keys.toml.
    Keys,
    /// List apps, platforms and stores.
    Apps(Apps),
}

/// What `scan` takes.
#[derive(Debug, Group)]
pub(crate) struct Scan {
    /// Backups, archives, extracted folders or single stores.
    #[arg(required = true, value_name = "EVIDENCE")]
    pub(crate) sources: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) secrets: Secrets,
}

/// What `run` takes.
#[derive(Debug, Group)]
pub(crate) struct Run {
    /// Backups, archives, extracted folders or single stores.
    #[arg(required = true, value_name = "EVIDENCE")]
    pub(crate) sources: Vec<PathBuf>,
    /// The folder for the case; new or empty.
    #[arg(long, short, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// Replace the case that is there already.
    #[arg(long)]
    pub(crate) force: bool,
    /// Read only these apps (as listed by `matchmark apps`); may be given several times.
    #[arg(long, value_name = "APP")]
    pub(crate) app: Vec<String>,
    /// Installations read at a time; 0 is one for each processor.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) jobs: usize,
    /// Do not write the report.
    #[arg(long)]
    pub(crate) no_report: bool,
    #[command(flatten)]
    pub(crate) secrets: Secrets,
}

/// Passwords and keys.
#[derive(Group)]
#[command(group = ArgGroup::new("the-password").multiple(false).args(["password", "ask_password", "password_file", "password_stdin"]))]
pub(crate) struct Secrets {
    /// Password of encrypted backups and archives. Other users of this machine may see it: better use another way.
    #[arg(long, value_name = "PASSWORD", help_heading = "Keys")]
    pub(crate) password: Option<String>,
    /// Ask for the password on the terminal.
    #[arg(long, help_heading = "Keys")]
    pub(crate) ask_password: bool,
    /// Read the password from the first line of a file.
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub(crate) password_file: Option<PathBuf>,
    /// Read the password from the first line of standard input.
    #[arg(long, help_heading = "Keys")]
    pub(crate) password_stdin: bool,
    /// Keys of several kinds in one file; `matchmark keys` shows how it looks.
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub(crate) keys: Option<PathBuf>,
}

impl Secrets {
    /// Whether any key or password was given, or will be asked for.
    pub(crate) fn any(&self) -> bool {
        self.password.is_some()
            || self.ask_password
            || self.password_file.is_some()
            || self.password_stdin
            || self.keys.is_some()
    }
}

/// Says which ways were used and never what was given.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets")
            .field("password", &self.password.is_some())
            .field("ask_password", &self.ask_password)
            .field("password_file", &self.password_file)
            .field("password_stdin", &self.password_stdin)
            .field("keys", &self.keys)
            .finish()
    }
}

/// What `show` takes.
#[derive(Debug, Group)]
pub(crate) struct Show {
    /// The case.
    #[arg(value_name = "CASE")]
    pub(crate) case: PathBuf,
    /// Only this app.
    #[arg(long, value_name = "APP")]
    pub(crate) app: Option<String>,
    /// Messages of the threads whose key or name contains this.
    #[arg(long, value_name = "TEXT")]
    pub(crate) thread: Option<String>,
    /// Messages with this verdict.
    #[arg(long, value_name = "VERDICT")]
    pub(crate) verdict: Option<VerdictWord>,
    /// One message in full, by its id or as TABLE:ROWID: marks, rules, findings, verdict, and the cell.
    #[arg(long, value_name = "ID", conflicts_with_all = ["verdict"])]
    pub(crate) message: Option<String>,
}

/// A verdict as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerdictWord {
    /// A mark says that the server handled it.
    Confirmed,
    /// Incoming, from a service that leaves no mark on such rows.
    ImpliedByArrival,
    /// Waiting or sending.
    Pending,
    /// Sending failed.
    Failed,
    /// No server handles records of this kind.
    LocalOnly,
    /// The mark that such records always carry is missing.
    Unmarked,
    /// Marks disagree.
    Contradictory,
    /// No rule spoke.
    Unknown,
}

/// What `explain` takes.
#[derive(Debug, Group)]
pub(crate) struct Explain {
    /// A rule, a note or an issue code.
    #[arg(value_name = "RULE")]
    pub(crate) rule: Option<String>,
    /// List only rules of this app.
    #[arg(long, value_name = "APP", conflicts_with = "rule")]
    pub(crate) app: Option<String>,
}

/// What `export` takes.
#[derive(Debug, Group)]
pub(crate) struct Export {
    /// The case.
    #[arg(value_name = "CASE")]
    pub(crate) case: PathBuf,
    /// The format.
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    pub(crate) format: Format,
    /// A new file to write to, instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace the file that is there already.
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    /// CSV cells as they are: a spreadsheet may run what a message holds. Without it such cells get a ' before them.
    #[arg(long)]
    pub(crate) exact: bool,
}

/// Export formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Everything: one JSON object a line.
    Jsonl,
    /// Messages, calls and absences as one table.
    Csv,
}

/// What `report` takes.
#[derive(Debug, Group)]
pub(crate) struct Report {
    /// The case.
    #[arg(value_name = "CASE")]
    pub(crate) case: PathBuf,
}

/// What `recover` takes.
#[derive(Debug, Group)]
pub(crate) struct Recover {
    /// A SQLite database; its -wal and -journal are read where they lie beside it.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// One JSON object a line: table, columns, values, rowid, state, confidence, where.
    #[arg(long)]
    pub(crate) jsonl: bool,
    /// Leave out rows that are partly overwritten.
    #[arg(long)]
    pub(crate) complete: bool,
    #[command(flatten)]
    pub(crate) secrets: Secrets,
}

/// What `sample` takes.
#[derive(Debug, Group)]
pub(crate) struct Sample {
    /// A new or empty folder.
    #[arg(value_name = "FOLDER")]
    pub(crate) out: PathBuf,
}

/// What `apps` takes.
#[derive(Debug, Group)]
pub(crate) struct Apps {
    /// Only this app.
    #[arg(value_name = "APP")]
    pub(crate) app: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_verdict_can_be_typed() {
        let typed: Vec<String> = VerdictWord::value_variants()
            .iter()
            .filter_map(|v| Some(v.to_possible_value()?.get_name().to_owned()))
            .collect();
        assert_eq!(typed, forensics_core::verdict::Verdict::WORDS);
    }

    #[test]
    fn a_password_does_not_show_in_what_is_logged() {
        let args = Args::try_parse_from(["matchmark", "scan", "x", "--password", "hunter2"]).unwrap();
        assert!(!format!("{args:?}").contains("hunter2"));
    }
}
