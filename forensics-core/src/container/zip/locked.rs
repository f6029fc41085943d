//! Encrypted members (ZipCrypto, WinZip AES), through the `zip` crate.

use super::directory::Member;
use super::*;

/// The `zip` crate's view of the archive, and its number of each local header offset: that crate keeps only the last of
/// several members with one name.
#[derive(Clone)]
pub(super) struct Archive {
    archive: ::zip::ZipArchive<Cursor<Bytes>>,
    numbers: Arc<std::collections::HashMap<u64, usize>>,
}

impl Archive {
    fn open(bytes: &Bytes) -> Result<Self, String> {
        let mut archive = ::zip::ZipArchive::new(Cursor::new(bytes.clone())).map_err(|e| e.to_string())?;
        let numbers =
            (0..archive.len()).filter_map(|i| Some((archive.by_index_raw(i).ok()?.header_start(), i))).collect();
        Ok(Archive { archive, numbers: Arc::new(numbers) })
    }
}

impl ZipVfs {
    /// Decrypts a member with the first password that opens it. ZipCrypto checks one byte only, so the member is read to
    /// its end, where the checksum decides, before its first byte is handed out.
    pub(super) fn unlock(&self, what: &str, member: &Member) -> Result<Box<dyn Read + Send + 'static>, VfsError> {
        if member.refused {
            return Err(VfsError::damaged(what, member.header, "bytes that another entry of the zip uses too"));
        }
        if self.passwords.is_empty() {
            return Err(VfsError::NeedsKey { what: what.into(), kind: KeyKind::ZIP.word });
        }
        let mut view = self.view(what)?;
        let number = *view.numbers.get(&member.header).ok_or_else(|| VfsError::Unsupported {
            what: what.into(),
            why: "an encrypted member whose name occurs twice, or that no directory names".into(),
        })?;
        for password in &self.passwords {
            let Ok(file) = view.archive.by_index_decrypt(number, password) else { continue };
            // One byte more than stated: a longer member is caught.
            let limited = file.take(member.size.saturating_add(1));
            if let Ok(plain) = spool(limited) {
                return Ok(Box::new(Cursor::new(plain)));
            }
        }
        Err(VfsError::WrongKey { what: what.into(), kind: KeyKind::ZIP.word, tried: self.passwords.len() })
    }

    fn view(&self, what: &str) -> Result<Archive, VfsError> {
        let mut locked = self.locked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(view) = &*locked {
            return Ok(view.clone());
        }
        let view = Archive::open(&self.bytes)
            .map_err(|e| VfsError::damaged(what, 0, format!("a directory that the decrypting reader refuses: {e}")))?;
        *locked = Some(view.clone());
        Ok(view)
    }
}
