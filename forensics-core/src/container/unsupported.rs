//! Formats that are known and cannot be read: said by name, instead of "unrecognised".

use std::sync::Arc;

use super::{Container, Head, Medium, Mounted, NotMine};
use crate::keys::KeyRing;
use crate::vfs::VfsError;

/// Known formats without a reader.
pub(crate) struct Unsupported;

/// Offset, bytes, what it is and what to do.
const MAGICS: &[(usize, &[u8], &str, &str)] = &[
    (0, b"EVF\x09\x0d\x0a\xff\x00", "an E01 disk image", "export its file system as a folder, tar or zip"),
    (0, b"EVF2\x0d\x0a\x81\x00", "an Ex01 disk image", "export its file system as a folder, tar or zip"),
    (0, &[0x3a, 0xff, 0x26, 0xed], "an Android sparse image", "export its file system as a folder, tar or zip"),
    (512, b"EFI PART", "a disk image with a GUID partition table", "export its file system as a folder, tar or zip"),
    (0x438, &[0x53, 0xef], "an ext file system image", "export its files as a folder, tar or zip"),
    (0x400, &[0x10, 0x20, 0xf5, 0xf2], "an f2fs file system image", "export its files as a folder, tar or zip"),
    (32, b"NXSB", "an APFS container", "export its files as a folder, tar or zip"),
    (
        0,
        b"age-encryption.org/v1",
        "an acquisition encrypted with age",
        "decrypt it with the age tool and its identity first",
    ),
    (0, b"\xfd7zXZ\0", "an xz stream", "unpack it first"),
    (0, b"BZh", "a bzip2 stream", "unpack it first"),
    (0, &[0x04, 0x22, 0x4d, 0x18], "an lz4 stream", "unpack it first"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (0, b"Rar!\x1a\x07", "a RAR archive", "unpack it first"),
    (
        0,
        b"ANDROID BACKUP\r\n",
        "an Android backup that a terminal mangled (line ends were changed)",
        "acquire it again; the payload cannot be restored",
    ),
    (0, b"PK\x07\x08PK\x03\x04", "one part of a split zip", "join the parts first"),
];

fn known(head: &Head<'_>) -> Option<(&'static str, &'static str)> {
    let has = |at: usize, magic: &[u8]| head.first.get(at..).is_some_and(|b| b.starts_with(magic));
    let ancient = head.names.iter().any(|n| n.ends_with(".mdinfo"));
    if ancient {
        return Some(("an iPhone OS 1–3 backup (.mdinfo)", "no reader exists"));
    }
    if head.names.iter().any(|n| n == "info.xml")
        && head.names.iter().any(|n| n.ends_with(".enc") || n.ends_with(".tar"))
    {
        return Some(("a Huawei HiSuite backup", "decrypt it with kobackupdec first"));
    }
    if head.first.starts_with(b"[") && head.first.windows(7).any(|w| w == b"[Dumps]") {
        return Some(("a .ufd whose dumps are not beside it", "put the files that it names into its folder"));
    }
    MAGICS.iter().find(|(at, magic, ..)| has(*at, magic)).map(|(_, _, what, why)| (*what, *why))
}

impl Container for Unsupported {
    fn name(&self) -> &'static str {
        "unsupported"
    }

    fn recognise(&self, head: &Head<'_>) -> Result<(), NotMine> {
        known(head).map(|_| ()).ok_or_else(|| NotMine("none of the known formats without a reader".into()))
    }

    fn mount(&self, medium: &Arc<Medium>, _keys: &KeyRing) -> Result<Mounted, VfsError> {
        let look = super::open::Look::at(medium).map_err(|e| VfsError::reading(medium.name(), e))?;
        let (what, why) = known(&look.head(medium)).unwrap_or(("an unknown format", "no reader exists"));
        Err(VfsError::Unsupported { what: format!("{} ({what})", medium.name()), why: why.into() })
    }
}
