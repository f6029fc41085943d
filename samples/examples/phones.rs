//! Writes every phone of this crate as a folder, for looking at them with other tools:
//! `cargo run -p samples --example phones -- OUT`.
#![allow(clippy::disallowed_methods, reason = "samples write to the folder they are given, never to evidence")]

use std::path::PathBuf;

use samples::containers::write_folder;

fn main() -> anyhow::Result<()> {
    let out = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "phones".to_owned()));
    for phone in samples::all(1) {
        write_folder(&phone, &out.join(&phone.name))?;
        let truth = serde_json::to_string_pretty(&phone.truth)?;
        std::fs::write(out.join(format!("{}.truth.json", phone.name)), truth)?;
    }
    Ok(())
}
