//! Passwords and keys on their way from the examiner to the key ring. Never echoed, logged, or part of an error.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

use forensics_core::container::{OpenError, find};
use forensics_core::keys::{Key, KeyKind, KeyRing};
use forensics_core::vfs::VfsError;

use crate::args;
use crate::error::CliError;
use crate::keys_file;

/// Kinds that a bare password may be: what a person would call the password of a backup or an archive.
const OF_PASSWORDS: [KeyKind; 3] = [KeyKind::ITUNES_BACKUP, KeyKind::ANDROID_BACKUP, KeyKind::ZIP];

/// Everything that was given on the command line.
pub(crate) fn key_ring(given: &args::Secrets) -> Result<KeyRing, CliError> {
    let mut ring = match &given.keys {
        Some(path) => keys_file::read(path)?,
        None => KeyRing::default(),
    };
    if let Some((password, source)) = password(given)? {
        for kind in OF_PASSWORDS {
            ring.add(Key::new(kind, None, password.clone().into_bytes(), source).map_err(no_scope)?);
        }
    }
    Ok(ring)
}

fn no_scope(error: impl std::error::Error + 'static) -> CliError {
    CliError::failed("a key cannot be used").because(error)
}

fn password(given: &args::Secrets) -> Result<Option<(String, &'static str)>, CliError> {
    if let Some(password) = &given.password {
        return Ok(Some((password.clone(), "--password")));
    }
    if given.ask_password {
        return Ok(Some((ask("Password of the evidence: ")?, "prompt")));
    }
    if let Some(path) = &given.password_file {
        let file = std::fs::File::open(path)
            .map_err(|error| CliError::failed(format!("{} cannot be read", path.display())).because(error))?;
        return Ok(Some((first_line(io::BufReader::new(file))?, "--password-file")));
    }
    if given.password_stdin {
        return Ok(Some((first_line(io::stdin().lock())?, "--password-stdin")));
    }
    Ok(None)
}

/// The first line without its end; nothing else is cut off, for a password may begin and end with blanks.
fn first_line(mut from: impl io::BufRead) -> Result<String, CliError> {
    let mut line = String::new();
    from.read_line(&mut line).map_err(|error| CliError::failed("the password cannot be read").because(error))?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(CliError::usage("the password is empty"));
    }
    Ok(line.to_owned())
}

fn ask(prompt: &str) -> Result<String, CliError> {
    rpassword::prompt_password(prompt)
        .map_err(|error| CliError::failed("the password cannot be asked for").because(error))
}

/// Whether a person sits at the terminal and can be asked.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for the password of every item that is locked and for which none was given.
pub(crate) fn ask_for_locked(paths: &[PathBuf], ring: &mut KeyRing) -> Result<(), CliError> {
    for path in paths.iter().filter(|p| !is_stream(p)) {
        let Ok(found) = find(path) else { continue };
        for source in &found.sources {
            let Err(OpenError::Mount { source: VfsError::NeedsKey { kind, .. }, .. }) = source.open(ring) else {
                continue;
            };
            let Some(kind) = KeyKind::ALL.iter().find(|k| k.word == kind) else { continue };
            let name = crate::terminal_text::clean(&source.to_string()).into_owned();
            let answer = ask(&format!("{name} is locked ({}); password, or Enter to go on without: ", kind.says))?;
            if !answer.is_empty() {
                ring.add(Key::new(*kind, None, answer.into_bytes(), "prompt").map_err(no_scope)?);
            }
        }
    }
    Ok(())
}

/// A compressed stream has to be read to its end before it says anything, and is never locked itself: not worth a look.
fn is_stream(path: &Path) -> bool {
    let head = std::fs::File::open(path).ok().and_then(|file| {
        let mut reader = io::BufReader::with_capacity(16, file);
        reader.fill_buf().ok().map(<[u8]>::to_vec)
    });
    head.is_some_and(|h| h.starts_with(&[0x1f, 0x8b]) || h.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_keeps_its_blanks_and_loses_its_line_end() {
        assert_eq!(first_line(&b" pass word \r\nrest"[..]).unwrap(), " pass word ");
        assert_eq!(first_line(&b"last"[..]).unwrap(), "last");
        assert!(first_line(&b"\n"[..]).is_err());
    }
}
