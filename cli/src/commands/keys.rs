//! `keys`: the kinds of keys, and an example of keys.toml.

use forensics_core::keys::KeyKind;

use crate::error::{CliError, Done};
use crate::screen::{Cell, Ink, Screen, Table};

/// An example that can be copied.
const EXAMPLE: &str = r#"# keys.toml: give it with --keys keys.toml. Every [[key]] is tried where its kind fits.
[[key]]
kind = "itunes-backup"
value = "correct horse battery staple"

[[key]]
kind = "whatsapp-crypt"
file = "evidence/files/key"          # bytes of a file, its path relative to this file
scope = "**/com.whatsapp/**"         # only where the path matches (evidence and store paths)

[[key]]
kind = "sqlcipher"
hex = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
"#;

pub(super) fn keys(screen: &mut Screen<'_>) -> Result<Done, CliError> {
    let mut table = Table::new(&["kind", "what it is"]);
    for kind in KeyKind::ALL {
        table.row([Cell::new(kind.word).ink(Ink::Cyan), Cell::new(kind.says)]);
    }
    screen.heading("Kinds of keys")?;
    screen.table(&table)?;
    screen.end()?;
    screen.heading("Example")?;
    screen.lines(EXAMPLE.trim_end())?;
    Ok(Done::Whole)
}
