//! The one error of the program: what was found, where, and what to do about it.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

use forensics_core::case::CaseError;

use crate::terminal_text::clean;

/// How the work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// All of it.
    Whole,
    /// With something lost: issues of severity `lost`.
    WithLoss,
}

impl Done {
    /// `WithLoss` when `lost`.
    pub(crate) fn lost(lost: bool) -> Self {
        if lost { Done::WithLoss } else { Done::Whole }
    }
}

/// What sort of failure; decides the exit code.
#[derive(Debug)]
pub(crate) enum Kind {
    /// The command line asks for something that cannot be meant.
    Usage,
    /// Nothing could be done.
    Failed,
    /// The reader of standard output went away; it has seen enough.
    BrokenPipe,
}

/// A failure with its cause and with hints.
#[derive(Debug)]
pub(crate) struct CliError {
    pub(crate) kind: Kind,
    message: String,
    cause: Option<Box<dyn Error>>,
    hints: Vec<String>,
}

impl CliError {
    /// Nothing could be done.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        CliError { kind: Kind::Failed, message: message.into(), cause: None, hints: Vec::new() }
    }

    /// The command line asks for something that cannot be meant.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        CliError { kind: Kind::Usage, ..CliError::failed(message) }
    }

    /// Adds the cause.
    pub(crate) fn because(mut self, cause: impl Error + 'static) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }

    /// Adds what to do.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// 2 nothing could be done; 3 wrong usage. A reader that went away is no failure.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self.kind {
            Kind::Usage => ExitCode::from(3),
            Kind::Failed => ExitCode::from(2),
            Kind::BrokenPipe => ExitCode::SUCCESS,
        }
    }

    /// What goes to standard error; nothing where nobody needs to be told.
    pub(crate) fn shown(&self) -> Option<String> {
        (!matches!(self.kind, Kind::BrokenPipe)).then(|| format!("{self}"))
    }
}

/// The message, its causes and the hints, one a line. Paths and causes may hold text of the evidence.
impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", clean(&self.message))?;
        let mut cause = self.cause.as_deref();
        while let Some(error) = cause {
            write!(f, "\n  because: {}", clean(&error.to_string()))?;
            cause = error.source();
        }
        for hint in &self.hints {
            write!(f, "\n  hint: {}", clean(hint))?;
        }
        Ok(())
    }
}

impl Error for CliError {}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return CliError { kind: Kind::BrokenPipe, ..CliError::failed("") };
        }
        CliError::failed("the output cannot be written").because(error)
    }
}

impl From<serde_json::Error> for CliError {
    fn from(error: serde_json::Error) -> Self {
        io::Error::from(error).into()
    }
}

impl From<csv::Error> for CliError {
    fn from(error: csv::Error) -> Self {
        io::Error::from(error).into()
    }
}

impl From<CaseError> for CliError {
    fn from(error: CaseError) -> Self {
        match &error {
            CaseError::NotACase(path) => CliError::failed(format!("{} holds other files and no case", path.display()))
                .hint("name a folder that is new or empty"),
            CaseError::Exists(path) => CliError::failed(format!("{} holds a case already", path.display()))
                .hint("--force replaces it; without it nothing is overwritten"),
            CaseError::Version { path, found } => CliError::failed(format!(
                "{} is a case of version {found}, which this program does not read",
                path.display()
            ))
            .hint("make it again from the evidence with this version: matchmark run"),
            _ => CliError::failed("the case cannot be used").because(error),
        }
    }
}
