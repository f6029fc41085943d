//! `keys.toml`: keys of several kinds in one file. Errors name the place and never quote the line, which may be the secret.

use std::path::Path;

use forensics_core::keys::KeyRing;

use crate::error::CliError;

/// An example that can be copied.
pub(crate) const EXAMPLE: &str = r#"# keys.toml: give it with --keys keys.toml. A key has a kind and one of value, hex, file.
[[key]]
kind = "itunes-backup"
value = "correct horse battery staple"

[[key]]
kind = "whatsapp-crypt"
file = "evidence/files/key"          # the bytes of a file; its path is relative to this file
scope = "**/com.whatsapp/**"         # tried only where the path of the evidence or store matches

[[key]]
kind = "whatsapp-crypt"
hex = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
"#;

/// Reads a file of keys.
pub(crate) fn read(path: &Path) -> Result<KeyRing, CliError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| CliError::failed(format!("{} cannot be read", path.display())).because(error))?;
    KeyRing::from_toml(&text, path.parent().unwrap_or(Path::new(""))).map_err(|what| {
        CliError::failed(format!("{}: {what}", path.display())).hint("matchmark keys shows the kinds and an example")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_file_of_keys() {
        let folder = tempfile::tempdir().unwrap();
        let value_only = EXAMPLE.replace("file = \"evidence/files/key\"", "value = \"x\"");
        assert!(KeyRing::from_toml(&value_only, folder.path()).is_ok());
    }
}
