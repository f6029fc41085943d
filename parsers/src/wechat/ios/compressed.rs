//! Text that WCDB compressed (Tencent/wcdb, `src/common/core/compression`).
//!
//! Beside a column stands `WCDB_CT_<column>`: `(type << 1) | (1 if it was a blob)`; empty or 0, 1 plain, 2, 3 zstd with a
//! dictionary, 4, 5 zstd without. The dictionaries are part of the app and not of a backup: the examiner gives them. A
//! blob that begins like a frame is one even without the column.

use std::collections::BTreeMap;

use forensics_core::app::Install;
use forensics_core::decode::zstd::{self, Dictionaries, MAX_BYTES, ZstdError};
use forensics_core::issue::{Issue, Severity};
use forensics_core::keys::KeyKind;
use forensics_core::open_store::OpenStore;
use forensics_core::origin::Origin;
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Col, Row};
use forensics_core::value::Value;

use crate::wechat::codes;

/// Unfolds texts with the examiner's dictionaries.
#[derive(Default)]
pub(super) struct Unfolding {
    dictionaries: Dictionaries,
    /// Texts that need a dictionary, by its number, since the last report.
    needed: BTreeMap<u32, u64>,
}

/// A cell, unfolded where it can be.
pub(super) struct Unfolded {
    pub(super) value: Value,
    /// Why it could not be.
    pub(super) note: Option<&'static str>,
}

impl Unfolding {
    /// Takes the examiner's dictionaries.
    pub(super) fn new(install: &Install<'_>, sink: &mut dyn Sink) -> Result<Unfolding, Stopped> {
        let mut unfolding = Unfolding::default();
        for key in install.keys.of(KeyKind::ZSTD_DICTIONARY, &install.label()) {
            if let Err(error) = unfolding.dictionaries.add(key.secret().to_vec()) {
                let detail = format!("the dictionary given as {}: {error}", key.source);
                sink.issue(Issue {
                    code: codes::DICTIONARY_NEEDED,
                    severity: Severity::Degraded,
                    detail,
                    origin: None,
                })?;
            }
        }
        Ok(unfolding)
    }

    /// A cell with the column that says how it is compressed.
    pub(super) fn cell(&mut self, row: &Row<'_>, column: Col, state: Col) -> Unfolded {
        let value = row.value(column);
        let stated = matches!(row.int_lossy(state), Some(2..=5));
        let bytes = match &value {
            Value::Blob(bytes) => &**bytes,
            _ => return Unfolded { value, note: None },
        };
        if !stated && !zstd::is_frame(bytes) {
            return Unfolded { value, note: None };
        }
        match zstd::decompress(bytes, &self.dictionaries, MAX_BYTES) {
            Ok(plain) => match String::from_utf8(plain) {
                Ok(text) => Unfolded { value: text.into(), note: None },
                Err(error) => Unfolded { value: error.as_bytes().into(), note: None },
            },
            Err(ZstdError::NeedsDictionary(id)) => {
                let slot = self.needed.entry(id).or_default();
                *slot = slot.saturating_add(1);
                Unfolded { value, note: Some(codes::NEEDS_DICTIONARY) }
            }
            Err(_) => Unfolded { value, note: Some(codes::UNDECOMPRESSED) },
        }
    }

    /// Says which dictionaries a store needed, and forgets.
    pub(super) fn report(&mut self, store: &OpenStore, sink: &mut dyn Sink) -> Result<(), Stopped> {
        for (id, texts) in std::mem::take(&mut self.needed) {
            let detail = format!(
                "{}: {texts} texts are compressed, dictionary {id} needed; their marks were read. Take it from the app's \
                 bundle and give it as a key of kind {}",
                store.path(),
                KeyKind::ZSTD_DICTIONARY.word
            );
            let origin = Some(Origin::store(store.id()));
            sink.issue(Issue { code: codes::DICTIONARY_NEEDED, severity: Severity::Degraded, detail, origin })?;
        }
        Ok(())
    }
}
