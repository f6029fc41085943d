//! Passwords and keys, as the examiner gave them: by kind and scope, wiped after use, never printed.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::arithmetic_side_effects
    )
)]

use std::fmt;

mod file;
pub use file::KeysError;

use globset::{Glob, GlobMatcher};
use zeroize::Zeroizing;

/// What a key opens. The words are those of `keys.toml`; [`KeyKind::ALL`] is what `matchmark keys` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyKind {
    /// The word in `keys.toml`.
    pub word: &'static str,
    /// What the value looks like and what it opens.
    pub says: &'static str,
}

macro_rules! key_kinds {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal, $says:literal;)*) => {
        impl KeyKind {
            $($(#[doc = $doc])* pub const $name: KeyKind = KeyKind { word: $word, says: $says };)*
            /// Every kind.
            pub const ALL: &'static [KeyKind] = &[$(KeyKind::$name),*];
        }
    };
}

impl KeyKind {
    /// The kind of a word in `keys.toml`.
    pub fn of_word(word: &str) -> Option<KeyKind> {
        KeyKind::ALL.iter().find(|kind| kind.word == word).copied()
    }

    /// Whether the secret is bytes as they lie in a file. All others are text, whose last line end is no part of it.
    pub fn is_binary(self) -> bool {
        self == KeyKind::WHATSAPP_CRYPT || self == KeyKind::ZSTD_DICTIONARY
    }
}

key_kinds! {
    /// Password of an iTunes/Finder backup.
    ITUNES_BACKUP = "itunes-backup", "password of an encrypted iTunes or Finder backup";
    /// Password of an Android backup.
    ANDROID_BACKUP = "android-backup", "password of an encrypted adb or MIUI backup";
    /// Password of a zip.
    ZIP = "zip", "password of encrypted zip members";
    /// A SQLCipher passphrase or raw key.
    SQLCIPHER = "sqlcipher", "passphrase of a SQLCipher database, or x'…' with 64 (key) or 96 (key and salt) hexadecimal digits";
    /// WhatsApp crypt key.
    WHATSAPP_CRYPT = "whatsapp-crypt", "the phone's files/key or files/encrypted_backup.key, or the 64-digit end-to-end backup key";
    /// WeChat device id.
    WECHAT_IMEI = "wechat-imei", "device id (IMEI, MEID or literal) from which WeChat's database keys are derived";
    /// WeChat database passphrase.
    WECHAT_PASSPHRASE = "wechat-passphrase", "the seven-character passphrase of EnMicroMsg.db itself";
    /// A zstd dictionary.
    ZSTD_DICTIONARY = "zstd-dictionary", "a zstd dictionary file of the app (WeChat for iOS)";
    /// Telegram's local passcode.
    TELEGRAM_PASSCODE = "telegram-passcode", "the local passcode of Telegram for iOS, which locks telegram-data/.tempkeyEncrypted";
    /// Passphrase of a Signal backup.
    SIGNAL_BACKUP = "signal-backup", "the 30-digit passphrase of a Signal backup";
}

/// One secret.
#[derive(Clone)]
pub struct Key {
    /// What it opens.
    pub kind: KeyKind,
    /// Where it may be tried; `None` is everywhere.
    scope: Option<GlobMatcher>,
    secret: Zeroizing<Vec<u8>>,
    /// Where it came from, for the custody log: `keys.toml #2`, `prompt`, `derived`.
    pub source: String,
}

impl Key {
    /// A key; `scope` is a glob over evidence and store paths.
    pub fn new(
        kind: KeyKind,
        scope: Option<&str>,
        secret: Vec<u8>,
        source: impl Into<String>,
    ) -> Result<Self, globset::Error> {
        let scope = scope.map(|s| Glob::new(s).map(|g| g.compile_matcher())).transpose()?;
        Ok(Key { kind, scope, secret: Zeroizing::new(secret), source: source.into() })
    }

    /// The bytes of the secret.
    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// Whether the key may be tried on `path`.
    pub fn fits(&self, path: &str) -> bool {
        self.scope.as_ref().is_none_or(|g| g.is_match(path))
    }
}

/// Says which key it is and never what it holds.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, {})", self.kind.word, self.source)
    }
}

/// All keys of a run.
#[derive(Clone, Debug, Default)]
pub struct KeyRing {
    keys: Vec<Key>,
}

impl KeyRing {
    /// Adds a key.
    pub fn add(&mut self, key: Key) {
        self.keys.push(key);
    }

    /// Adds all keys of another ring, after those already here.
    pub fn append(&mut self, other: KeyRing) {
        self.keys.extend(other.keys);
    }

    /// Every key, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }

    /// The keys of one kind that may be tried on `path`, in the order given.
    pub fn of<'a>(&'a self, kind: KeyKind, path: &'a str) -> impl Iterator<Item = &'a Key> {
        self.keys.iter().filter(move |k| k.kind.word == kind.word && k.fits(path))
    }
}
