//! `keys`: the kinds of keys, and an example of keys.toml.

use forensics_core::keys::KeyKind;

use crate::error::{CliError, Done};
use crate::keys_file::EXAMPLE;
use crate::screen::{Cell, Ink, Screen, Table};

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
