//! `keys.toml`: keys of several kinds in one file. Errors name the place and never quote the line, which may be the secret.

use std::path::Path;

use forensics_core::keys::{Key, KeyKind, KeyRing};
use serde::Deserialize;

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    key: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kind: String,
    value: Option<String>,
    hex: Option<String>,
    file: Option<String>,
    scope: Option<String>,
}

/// Reads a file of keys.
pub(crate) fn read(path: &Path) -> Result<KeyRing, CliError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| CliError::failed(format!("{} cannot be read", path.display())).because(error))?;
    parse(&text, path.parent().unwrap_or(Path::new(""))).map_err(|what| {
        CliError::failed(format!("{}: {what}", path.display())).hint("matchmark keys shows the kinds and an example")
    })
}

/// The keys of the text; paths in it are relative to `base`. The error says what is wrong and where.
fn parse(text: &str, base: &Path) -> Result<KeyRing, String> {
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(0, |s| text.get(..s.start).unwrap_or_default().matches('\n').count() + 1);
        // What the parser says may quote what it found.
        format!("line {line} is not as expected: keys are tables [[key]] with kind, one of value, hex, file, and scope, all texts")
    })?;
    let mut ring = KeyRing::default();
    for (place, entry) in file.key.iter().enumerate() {
        let number = place + 1;
        let kind = KeyKind::ALL
            .iter()
            .find(|k| k.word == entry.kind)
            .ok_or_else(|| format!("key {number}: the kind is not known"))?;
        let secret = secret(entry, base).map_err(|what| format!("key {number}: {what}"))?;
        let key = Key::new(*kind, entry.scope.as_deref(), secret, format!("keys.toml #{number}"));
        ring.add(key.map_err(|_| format!("key {number}: the scope is no pattern"))?);
    }
    Ok(ring)
}

fn secret(entry: &Entry, base: &Path) -> Result<Vec<u8>, String> {
    match (&entry.value, &entry.hex, &entry.file) {
        (Some(value), None, None) => Ok(value.clone().into_bytes()),
        (None, Some(hex), None) => {
            bytes(hex).ok_or_else(|| "hex is not an even number of hexadecimal digits".to_owned())
        }
        (None, None, Some(file)) => {
            let path = base.join(file);
            std::fs::read(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
        }
        _ => Err("needs exactly one of value, hex, file".to_owned()),
    }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = hex.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() || digits.is_empty() {
        return None;
    }
    pairs.map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_read() {
        let text = EXAMPLE.replace("file = \"evidence/files/key\"", "value = \"x\"");
        let ring = parse(&text, Path::new("")).unwrap();
        assert_eq!(ring.of(KeyKind::ITUNES_BACKUP, "phone").next().unwrap().secret(), b"correct horse battery staple");
        assert_eq!(ring.of(KeyKind::WHATSAPP_CRYPT, "/data/data/com.whatsapp/files/x").count(), 2);
        assert_eq!(ring.of(KeyKind::WHATSAPP_CRYPT, "/elsewhere").next().unwrap().secret()[..2], [0, 0x11]);
    }

    #[test]
    fn no_error_quotes_a_secret() {
        for text in [
            "[[key]]\nkind = \"zip\"\nvalue = hunter2\n",
            "[[key]]\nkind = \"zip\"\nhex = \"hunter2\"\n",
            "[[key]]\nkind = \"zip\"\nhunter2 = \"x\"\n",
            "[[key]]\nkind = \"hunter2\"\nvalue = \"x\"\n",
            "[[key]]\nkind = \"zip\"\nscope = \"[hunter2\"\nvalue = \"x\"\n",
        ] {
            let error = parse(text, Path::new("")).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_file_of_keys_may_hold_none() {
        assert_eq!(parse("", Path::new("")).unwrap().of(KeyKind::ZIP, "").count(), 0);
    }
}
