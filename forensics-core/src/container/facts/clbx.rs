//! Mount points of a CLBX archive. Source: cellebrite-labs/clbx README: `metadata{s}/filesystem.msgpack` holds
//! `{"mount_point": "/private/var"}`; missing means `/`.

use super::Surroundings;
use crate::container::{FlawList, code};

/// Fills [`Layout::mounts`](crate::vfs::Layout).
pub(super) fn mounts(around: &mut Surroundings<'_>, flaws: &mut FlawList) {
    let mut mounts = Vec::new();
    for entry in around.entries.iter() {
        let name = (around.text)(entry);
        let Some(folder) = name.strip_suffix("/filesystem.msgpack") else { continue };
        let folder = folder.rsplit('/').next().unwrap_or(folder);
        let Some(number) = folder.strip_prefix("metadata") else { continue };
        match (around.read)(&entry.raw_name).and_then(|bytes| mount_point(&bytes)) {
            Some(mount) => mounts.push((format!("filesystem{number}").into(), mount.into())),
            None => flaws.note(code::CLBX_MOUNT, || name.clone()),
        }
    }
    around.layout.mounts = mounts;
}

/// The text after the key `mount_point`, wherever in the map it stands and however its length is written. Only strings are decoded: msgpack's fixstr
/// (`a0`–`bf`), str 8 (`d9`), str 16 (`da`).
fn mount_point(bytes: &[u8]) -> Option<String> {
    const KEY: &[u8] = b"mount_point";
    let at = bytes.windows(KEY.len()).position(|w| w == KEY)?;
    let value = bytes.get(at.checked_add(KEY.len())?..)?;
    let (len, text) = match value {
        [n @ 0xa0..=0xbf, rest @ ..] => (usize::from(n & 0x1f), rest),
        [0xd9, n, rest @ ..] => (usize::from(*n), rest),
        [0xda, a, b, rest @ ..] => (usize::from(u16::from_be_bytes([*a, *b])), rest),
        _ => return None,
    };
    String::from_utf8(text.get(..len)?.to_vec()).ok()
}
