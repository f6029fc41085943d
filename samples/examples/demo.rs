//! Writes the demonstration, as `samples/data` holds it:
//! `cargo run -p samples --example demo -- samples/data`.

use std::path::PathBuf;

fn main() -> anyhow::Result<()> {
    let out = std::env::args().nth(1).unwrap_or_else(|| "demo".to_owned());
    samples::write_demo(&PathBuf::from(out))
}
