//! What a manifest says about one file, whether it came from `Manifest.db` or `Manifest.mbdb`.

use sha1::{Digest as _, Sha1};

use super::folder::BlobId;
use crate::container::{FlawList, code};
use crate::store::plist::{Binary, Node, Refs};
use crate::vfs::EntryKind;

/// One row.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// As stored; empty for `Manifest.mbdb`, which has none.
    pub(super) file_id: String,
    pub(super) domain: String,
    pub(super) path: String,
    /// 1 file, 2 folder, 4 link.
    pub(super) flags: i64,
    pub(super) target: Option<Box<[u8]>>,
    /// Class (u32, little-endian) and wrapped key.
    pub(super) key: Option<Box<[u8]>>,
}

impl Row {
    /// File or link; `None` for folders, for the root of a domain, and for rows that are nothing (told).
    pub(super) fn kind(&self, flaws: &mut FlawList) -> Option<EntryKind> {
        match self.flags {
            2 => None,
            // A test backup of pyiosbackup has 0 for files.
            0 | 1 if !self.path.is_empty() => Some(EntryKind::File),
            4 => Some(EntryKind::Symlink(self.target.clone().unwrap_or_default())),
            // 16 occurs in iOS 10 backups, without domain and path (dinosec/iphone-dataprotection, issue 12).
            flags => {
                flaws.note(code::ITUNES_FLAGS, || {
                    format!("flags {flags}: {}-{} ({})", self.domain, self.path, self.file_id)
                });
                None
            }
        }
    }

    /// Where the content is stored: SHA-1 of domain, dash and path. A `fileID` that differs is told; the blob is then
    /// looked for under the name that the row states, because that is what the backup's own reader would do.
    pub(super) fn blob_id(&self, flaws: &mut FlawList) -> Option<BlobId> {
        let computed: BlobId = Sha1::digest(format!("{}-{}", self.domain, self.path)).into();
        if self.file_id.is_empty() {
            return Some(computed);
        }
        // Only forty lower-case hexadecimal digits ever become a file name: `../../etc/passwd` does not.
        let Some(stated) = parse_hex(&self.file_id) else {
            flaws.lost(code::ITUNES_ROW, || {
                let shown: String = self.file_id.chars().take(100).collect();
                format!("fileID {shown:?} of {}-{} is not 40 hexadecimal digits", self.domain, self.path)
            });
            return None;
        };
        if stated != computed {
            let computed = crate::value::hex(&computed);
            flaws.note(code::ITUNES_FILE_ID, || {
                format!("{}-{}: fileID {}, SHA-1 {computed}", self.domain, self.path, self.file_id)
            });
        }
        Some(stated)
    }
}

/// Twenty bytes from forty lower-case hexadecimal digits.
pub(super) fn parse_hex(text: &str) -> Option<BlobId> {
    let digit = |b: &u8| match b {
        b'0'..=b'9' => Some(b.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(b.wrapping_sub(b'a').wrapping_add(10)),
        _ => None,
    };
    let mut id = BlobId::default();
    (text.len() == 40).then_some(())?;
    for (byte, pair) in id.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(id)
}

/// Key and link target of a file.
#[derive(Debug, Default)]
pub(super) struct MbFile {
    pub(super) key: Option<Box<[u8]>>,
    pub(super) target: Option<Box<[u8]>>,
}

impl MbFile {
    /// Reads an `MBFile`, a keyed archive; `None` where it is no such archive. Only these two fields are decoded: a backup
    /// has up to a million of them.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let archive = Archive::open(bytes)?;
        let root = archive.root()?;
        let key = match archive.field(root, "EncryptionKey") {
            Some(Node::Data(key)) => Some(key.into()),
            Some(wrapper) => match archive.field(wrapper, "NS.data") {
                Some(Node::Data(key)) => Some(key.into()),
                _ => None,
            },
            None => None,
        };
        let target = match archive.field(root, "Target") {
            Some(Node::Text(target)) => Some(target.decode().0.as_bytes().into()),
            _ => None,
        };
        Some(MbFile { key, target })
    }
}

/// A keyed archive, one field at a time.
struct Archive<'a> {
    list: Binary<'a>,
    objects: Refs<'a>,
}

impl<'a> Archive<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let list = Binary::open(bytes).ok()?;
        match value(&list, list.node(list.top()).ok()?, "$objects")? {
            Node::Array(objects) => Some(Archive { list, objects }),
            _ => None,
        }
    }

    fn root(&self) -> Option<Node<'a>> {
        let top = value(&self.list, self.list.node(self.list.top()).ok()?, "$top")?;
        self.field(top, "root")
    }

    /// A field: the value itself, or what it refers to in `$objects`, where 0 is `$null`.
    fn field(&self, dict: Node<'a>, key: &str) -> Option<Node<'a>> {
        match value(&self.list, dict, key)? {
            Node::Uid(0) => None,
            Node::Uid(number) => self.list.node(self.objects.get(usize::try_from(number).ok()?)?).ok(),
            value => Some(value),
        }
    }
}

fn value<'a>(list: &Binary<'a>, dict: Node<'a>, key: &str) -> Option<Node<'a>> {
    match dict {
        Node::Dict(keys, values) => list.node(list.value(keys, values, key)?).ok(),
        _ => None,
    }
}
