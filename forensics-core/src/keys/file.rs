//! `keys.toml`: the examiner's passwords and keys.
//!
//! ```toml
//! [[key]]
//! kind = "itunes-backup"       # a word of `matchmark keys`
//! scope = "**/phone-7/**"      # where it may be tried; without it, everywhere
//! value = "0000"
//!
//! [[key]]
//! kind = "whatsapp-crypt"
//! file = "keys/key"            # relative to keys.toml
//!
//! [[key]]
//! kind = "whatsapp-crypt"
//! hex = "00112233…"            # the same bytes, written out
//! ```
//!
//! Messages name the entry by its number and the line, never the value: the parser's own messages quote the text, so
//! they are not shown.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{Key, KeyKind, KeyRing};

/// Largest key file, bytes: zstd dictionaries have some hundred kilobytes.
const KEY_FILE: u64 = 16 << 20;

/// Why `keys.toml` was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// The text is no TOML.
    #[error("keys.toml, line {line}: this is no valid TOML")]
    Syntax {
        /// 1-based line.
        line: usize,
    },
    /// An entry is not as it should be.
    #[error("keys.toml, entry {entry}: {problem}")]
    Entry {
        /// 1-based number of the `[[key]]`.
        entry: usize,
        /// What is wrong, without any value.
        problem: String,
    },
    /// A key file cannot be read.
    #[error("keys.toml, entry {entry}: {} cannot be read", path.display())]
    File {
        /// 1-based number of the `[[key]]`.
        entry: usize,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Something else than `[[key]]` stands at the top.
    #[error("keys.toml: only [[key]] entries belong there, and `{name}` is none")]
    Unknown {
        /// The name.
        name: String,
    },
}

impl KeyRing {
    /// Reads the text of a `keys.toml`; `base` is the folder it lies in.
    ///
    /// # Errors
    /// The first problem, see [`KeysError`]. No key is kept then.
    pub fn from_toml(text: &str, base: &Path) -> Result<KeyRing, KeysError> {
        let table: Table = text.parse().map_err(|e: toml::de::Error| {
            let at = e.span().map_or(0, |span| span.start);
            let before = text.get(..at).unwrap_or_default();
            KeysError::Syntax { line: before.matches('\n').count().saturating_add(1) }
        })?;
        let mut ring = KeyRing::default();
        for (name, value) in table {
            let entries = match value {
                Value::Array(entries) if name == "key" => entries,
                _ => return Err(KeysError::Unknown { name }),
            };
            for (entry, number) in entries.into_iter().zip(1_usize..) {
                ring.add(key(entry, number, base)?);
            }
        }
        Ok(ring)
    }
}

fn key(entry: Value, number: usize, base: &Path) -> Result<Key, KeysError> {
    let wrong = |problem: String| KeysError::Entry { entry: number, problem };
    let Value::Table(mut fields) = entry else { return Err(wrong("it has no fields".into())) };
    let mut text = |name: &str| match fields.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(format!("{name} has to be text in quotes"))),
    };
    let (kind, scope) = (text("kind")?, text("scope")?);
    let (value, digits, file) = (text("value")?, text("hex")?, text("file")?);
    if let Some(name) = fields.keys().next() {
        return Err(wrong(format!("the field {name} is unknown; there are kind, scope, value, hex and file")));
    }
    let word = kind.ok_or_else(|| wrong("kind is missing".into()))?;
    let kind = KeyKind::of_word(&word).ok_or_else(|| {
        let known: Vec<&str> = KeyKind::ALL.iter().map(|k| k.word).collect();
        wrong(format!("the kind is unknown; there are {}", known.join(", ")))
    })?;
    let secret = match (value, digits, file) {
        (Some(value), None, None) => value.into_bytes(),
        (None, Some(digits), None) => {
            bytes(&digits).ok_or_else(|| wrong("hex is not an even number of hexadecimal digits".into()))?
        }
        (None, None, Some(file)) => {
            let path = base.join(file);
            let secret = read(&path).map_err(|source| KeysError::File { entry: number, path, source })?;
            if kind.is_binary() { secret } else { without_line_end(secret) }
        }
        _ => return Err(wrong("exactly one of value, hex and file is needed".into())),
    };
    if secret.is_empty() {
        return Err(wrong("the key is empty".into()));
    }
    Key::new(kind, scope.as_deref(), secret, format!("keys.toml #{number}"))
        .map_err(|_| wrong("scope is no valid glob".into()))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(KEY_FILE.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len > KEY_FILE) {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "no key is that long"));
    }
    Ok(bytes)
}

/// Hexadecimal digits; spaces between them do not matter.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let digits: String = digits.split_whitespace().collect();
    let pairs = digits.as_bytes().chunks_exact(2);
    let whole = pairs.remainder().is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
    whole.then_some(())?;
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn without_line_end(mut secret: Vec<u8>) -> Vec<u8> {
    if secret.ends_with(b"\n") {
        secret.pop();
        if secret.ends_with(b"\r") {
            secret.pop();
        }
    }
    secret
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        KeyRing::from_toml(text, Path::new("/nowhere")).unwrap_err().to_string()
    }

    #[test]
    fn keys_are_read_by_kind_and_scope() {
        let text = "[[key]]\nkind = \"itunes-backup\"\nvalue = \"0000\"\n\n[[key]]\nkind = \"zip\"\nscope = \"**/seven/*.zip\"\nvalue = \"a\\u00e9\"\n";
        let ring = KeyRing::from_toml(text, Path::new(".")).unwrap();
        let secrets = |kind, path| ring.of(kind, path).map(|k| k.secret().to_vec()).collect::<Vec<_>>();
        assert_eq!(secrets(KeyKind::ITUNES_BACKUP, "any"), [b"0000"]);
        assert_eq!(secrets(KeyKind::ZIP, "/cases/seven/a.zip"), ["aé".as_bytes()]);
        assert!(secrets(KeyKind::ZIP, "/cases/eight/a.zip").is_empty());
        assert_eq!(ring.iter().map(|k| k.source.as_str()).collect::<Vec<_>>(), ["keys.toml #1", "keys.toml #2"]);
    }

    #[test]
    fn messages_name_the_entry_and_never_the_value() {
        let secret = "hunter2-hunter2";
        for (entry, problem) in [
            (format!("kind = \"zip\"\nvalue = 1{secret}"), "line 5"),
            (format!("kind = \"{secret}\"\nvalue = \"x\""), "entry 2"),
            (format!("kind = \"zip\"\nvalue = [\"{secret}\"]"), "entry 2"),
            (format!("value = \"{secret}\""), "entry 2"),
            (format!("kind = \"zip\"\nhex = \"{secret}\""), "entry 2"),
            (format!("kind = \"zip\"\nvalue = \"{secret}\"\nfile = \"x\""), "entry 2"),
            (format!("kind = \"zip\"\nvalue = \"{secret}\"\nscope = \"[\""), "entry 2"),
            (format!("kind = \"zip\"\nvalue = \"{secret}"), "line 5"),
            ("kind = \"zip\"".into(), "entry 2"),
            ("kind = \"zip\"\nvalue = \"\"".into(), "entry 2"),
            (format!("kind = \"zip\"\npassword = \"{secret}\""), "password"),
            ("kind = \"zip\"\nfile = \"absent\"".into(), "entry 2"),
        ] {
            let text = format!("[[key]]\nkind = \"zip\"\nvalue = \"ok\"\n[[key]]\n{entry}\n").replacen(
                "\n[[key]]\nkind",
                "\n[[key]]\nkind",
                1,
            );
            let message = refused(&text);
            assert!(!message.contains("hunter2"), "{message}");
            assert!(message.contains(problem) || message.contains("line 6"), "{entry}: {message}");
        }
        assert!(refused("[settings]\na = 1").contains("settings"));
    }

    #[test]
    fn a_password_file_loses_its_line_end_and_a_key_file_nothing() {
        assert_eq!(without_line_end(b"a b\r\n".to_vec()), b"a b");
        assert_eq!(without_line_end(b"a\n\n".to_vec()), b"a\n");
        assert_eq!(bytes("00 fF"), Some(vec![0, 255]));
        assert_eq!(bytes("0"), None);
        assert!(KeyKind::WHATSAPP_CRYPT.is_binary() && !KeyKind::ITUNES_BACKUP.is_binary());
    }
}
