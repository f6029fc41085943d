//! Writes every phone of this crate as a folder, for looking at them with other tools:
//! `cargo run -p samples --example phones -- OUT`.

use std::path::PathBuf;

use samples::containers::write_folder;

fn main() -> anyhow::Result<()> {
    let out = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "phones".to_owned()));
    for phone in samples::all(1) {
        write_folder(&phone, &out.join(&phone.name))?;
    }
    Ok(())
}
