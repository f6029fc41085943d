//! The central directory, through `rawzip`, and what to do when it does not hold together.

use rawzip::{ZipArchive, ZipFileHeaderRecord, ZipLocator};

use super::*;

/// How far from the end the end record is searched: a comment has at most 64 KiB, padding may follow.
const SEARCH: u64 = 1 << 20;
/// Fixed part of a directory record and of a local header, bytes.
const DIRECTORY_RECORD: u64 = 46;
pub(super) const LOCAL_HEADER: u64 = 30;

/// Where a member's bytes lie.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Offset of the local header.
    pub(super) header: u64,
    /// Bytes as stored.
    pub(super) packed: u64,
    /// Bytes once inflated.
    pub(super) size: u64,
    /// Whether `size` is stated anywhere (a salvaged streamed member states none).
    pub(super) size_known: bool,
    pub(super) crc: Option<u32>,
    pub(super) method: u16,
    pub(super) encrypted: bool,
    /// Bit 11: the name is UTF-8.
    pub(super) utf8: bool,
    /// Made under DOS: backslashes may separate.
    pub(super) from_dos: bool,
    pub(super) is_link: bool,
    /// Inode and device on the phone, where the tool noted them (GrayKey's `IN`).
    pub(super) inode: Option<(u64, u32)>,
    /// Shares bytes with an earlier member.
    pub(super) refused: bool,
}

/// A raw name and its member.
pub(super) type Named = (Box<[u8]>, Member);

impl Member {
    pub(super) fn is_stored(&self) -> bool {
        self.method == 0 && !self.encrypted && self.packed == self.size
    }

    /// Whether two members of equal length are one file of the phone, or hold the same bytes by their checksum.
    pub(super) fn same_content(&self, other: &Member) -> bool {
        let same_inode = self.inode.is_some() && self.inode == other.inode;
        let checksums = self.crc.is_some() && other.crc.is_some();
        self.size == other.size && if checksums { self.crc == other.crc } else { same_inode }
    }
}

/// Bytes as `rawzip` wants them.
struct At(Bytes);

impl ReaderAt for At {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(offset, buf)
    }
}

/// Every member with its raw name: from the directory, and from local headers where that breaks off.
pub(super) fn read(name: &str, bytes: &Bytes, flaws: &mut FlawList) -> Result<Vec<Named>, VfsError> {
    let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE.max(256 << 10)];
    let located =
        ZipLocator::new().max_search_space(SEARCH).locate_in_reader(At(bytes.clone()), &mut buffer, bytes.len());
    let mut members = match located {
        Ok(archive) => listed(name, &archive, bytes, &mut buffer, flaws)?,
        Err((_, e)) => {
            let members = salvage::scan(name, bytes, 0, bytes.len(), flaws)?;
            if members.is_empty() {
                return Err(VfsError::damaged(
                    name,
                    bytes.len(),
                    format!("no zip directory ({e}) and no local header"),
                ));
            }
            let (len, count) = (bytes.len(), members.len());
            flaws.lost(code::ZIP_TRUNCATED, || {
                format!("{name}: {e} up to byte {len}; {count} entries were found by their local headers")
            });
            members
        }
    };
    refuse_overlaps(&mut members, flaws);
    Ok(members)
}

fn listed(
    name: &str,
    archive: &ZipArchive<At>,
    bytes: &Bytes,
    buffer: &mut [u8],
    flaws: &mut FlawList,
) -> Result<Vec<Named>, VfsError> {
    let stated = archive.entries_hint();
    let start = archive.directory_offset();
    let directory = bytes.len().saturating_sub(start);
    if directory > limits::CENTRAL_DIRECTORY {
        return Err(VfsError::Limit {
            what: format!("{name}: zip directory"),
            limit: limits::CENTRAL_DIRECTORY,
            unit: "bytes",
        });
    }
    // The stated count is not believed before allocating: each record takes 46 bytes.
    let fits = usize::try_from(stated.min(directory / DIRECTORY_RECORD)).unwrap_or(0).min(limits::ENTRIES);
    let mut members = Vec::with_capacity(fits);
    let (mut records, mut broken) = (0_u64, None);
    let mut entries = archive.entries(buffer);
    loop {
        match entries.next_entry() {
            Ok(Some(record)) => {
                records = records.saturating_add(1);
                if members.len() >= limits::ENTRIES {
                    flaws.lost(code::ENTRY_LIMIT, || format!("{name}: limit {}", limits::ENTRIES));
                    break;
                }
                if !record.is_dir() {
                    members.push((record.file_path().as_bytes().into(), member(&record)));
                }
            }
            Ok(None) => break,
            Err(e) => {
                broken = Some(e.to_string());
                break;
            }
        }
    }
    // Without ZIP64 a count is stored modulo 65,536; some writers of old overflow it.
    let short = broken.is_some() || records != stated && records % 65_536 != stated;
    if let Some(e) = broken {
        salvage_rest(name, bytes, start, &e, &mut members, flaws)?;
    } else if short {
        flaws.note(code::ZIP_COUNT, || format!("{name}: states {stated} entries, holds {records}"));
    }
    Ok(members)
}

/// The directory broke off: members that it did not name are found by their local headers.
fn salvage_rest(
    name: &str,
    bytes: &Bytes,
    directory: u64,
    why: &str,
    members: &mut Vec<Named>,
    flaws: &mut FlawList,
) -> Result<(), VfsError> {
    let known: std::collections::HashSet<u64> = members.iter().map(|(_, m)| m.header).collect();
    let before = members.len();
    let end = if directory == 0 || directory > bytes.len() { bytes.len() } else { directory };
    let found = salvage::scan(name, bytes, 0, end, flaws)?;
    members.extend(found.into_iter().filter(|(_, m)| !known.contains(&m.header)));
    let more = members.len().saturating_sub(before);
    flaws.lost(code::ZIP_DIRECTORY, || {
        format!("{name}: directory at byte {directory} breaks off after {before} entries ({why}); {more} more by local headers")
    });
    Ok(())
}

fn member(record: &ZipFileHeaderRecord<'_>) -> Member {
    let raw_host = record.version_made_by().creator_system();
    let mode = record.external_attributes() >> 16;
    let unix = raw_host == rawzip::CreatorSystem::UNIX || raw_host == rawzip::CreatorSystem::MACOS;
    Member {
        header: record.local_header_offset(),
        packed: record.compressed_size_hint(),
        size: record.uncompressed_size_hint(),
        size_known: true,
        crc: Some(record.crc32()),
        method: record.compression_method().as_u16(),
        encrypted: record.flags().is_encrypted(),
        utf8: record.flags().is_utf8(),
        from_dos: raw_host == rawzip::CreatorSystem::FAT,
        is_link: unix && mode & 0o170_000 == 0o120_000,
        inode: inode(record),
        refused: false,
    }
}

/// GrayKey's extra field `IN` (0x4E49): u64 inode, u32 device, little-endian.
fn inode(record: &ZipFileHeaderRecord<'_>) -> Option<(u64, u32)> {
    let field = record.extra_fields().find(|(id, _)| id.as_u16() == 0x4e49)?.1;
    let (inode, rest) = field.split_first_chunk::<8>()?;
    let device = rest.first_chunk::<4>()?;
    Some((u64::from_le_bytes(*inode), u32::from_le_bytes(*device)))
}

/// Non-recursive bombs let many entries share one body: of two entries that overlap the later one is refused.
fn refuse_overlaps(members: &mut [Named], flaws: &mut FlawList) {
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|&i| (members.get(i).map_or(0, |(_, m)| m.header), i));
    let mut end = 0_u64;
    for i in order {
        let Some((name, member)) = members.get_mut(i) else { continue };
        let name_len = u64::try_from(name.len()).unwrap_or(0);
        if member.header < end {
            member.refused = true;
            flaws.lost(code::ZIP_OVERLAP, || {
                format!("{}: begins at byte {} inside another entry", String::from_utf8_lossy(name), member.header)
            });
            continue;
        }
        // The local header repeats the name; its extra field may be shorter than the directory's, so it is left out.
        end = member.header.saturating_add(LOCAL_HEADER).saturating_add(name_len).saturating_add(member.packed);
    }
}
