//! Zip files, written byte for byte (APPNOTE 6.3.9): duplicate names, vendors' extra fields and
//! zip64 are wanted here, and zip libraries refuse the first two.

use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::layout::PlacedFile;

/// One member.
#[derive(Debug, Clone)]
pub struct Member {
    /// The name, exactly as it will be stored.
    pub name: Vec<u8>,
    /// Content.
    pub bytes: Vec<u8>,
    /// Deflated, else stored.
    pub deflated: bool,
    /// Unix seconds; the DOS time is made from it.
    pub mtime: i64,
    /// `st_mode`; 0 = not recorded.
    pub mode: u32,
    /// Extra fields, put into both headers.
    pub extra: Vec<u8>,
}

impl Member {
    /// A plain file.
    #[must_use]
    pub fn file(name: impl Into<Vec<u8>>, bytes: impl Into<Vec<u8>>, mtime: i64) -> Self {
        Self { name: name.into(), bytes: bytes.into(), deflated: false, mtime, mode: 0o100_644, extra: Vec::new() }
    }

    /// A symbolic link; its content is the target.
    #[must_use]
    pub fn symlink(name: &str, target: &str) -> Self {
        Self { mode: 0o120_777, ..Self::file(name, target, 0) }
    }

    /// The same, deflated.
    #[must_use]
    pub fn deflated(self) -> Self {
        Self { deflated: true, ..self }
    }
}

/// A zip under construction.
#[derive(Debug, Default)]
pub struct Zip {
    out: Vec<u8>,
    central: Vec<u8>,
    count: u64,
    zip64: bool,
}

impl Zip {
    /// An empty zip.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty zip that writes zip64 fields although nothing needs them, as FFS tools do.
    #[must_use]
    pub fn new_zip64() -> Self {
        Self { zip64: true, ..Self::default() }
    }

    /// Appends a member; a name may come twice.
    pub fn add(&mut self, member: &Member) {
        let offset = self.out.len() as u64;
        let packed = pack(member);
        let head = self.head(member, &packed);
        self.out.extend(b"PK\x03\x04");
        self.out.extend(&head);
        self.out.extend(&member.name);
        let local_extra = self.extra(member, packed.len(), None);
        patch_extra_len(&mut self.out, head.len() + member.name.len(), local_extra.len());
        self.out.extend(local_extra);
        self.out.extend(&packed);
        self.list(member, packed.len(), &head, offset);
    }

    /// Lists a member in the directory only, at an offset that may be another's: for damage.
    pub fn list_at(&mut self, member: &Member, offset: u64) {
        let packed = pack(member);
        let head = self.head(member, &packed);
        self.list(member, packed.len(), &head, offset);
    }

    fn list(&mut self, member: &Member, packed: usize, head: &[u8], offset: u64) {
        let extra = self.extra(member, packed, Some(offset));
        self.central.extend(b"PK\x01\x02");
        self.central.extend(0x031e_u16.to_le_bytes()); // made by: Unix, 3.0
        self.central.extend(&head[..head.len() - 2]);
        self.central.extend(u16::try_from(extra.len()).expect("small").to_le_bytes());
        self.central.extend([0; 6]); // comment, disk, internal attributes
        self.central.extend((member.mode << 16).to_le_bytes());
        let shown = if self.zip64 { u32::MAX } else { u32::try_from(offset).expect("a small zip") };
        self.central.extend(shown.to_le_bytes());
        self.central.extend(&member.name);
        self.central.extend(extra);
        self.count += 1;
    }

    /// The fields that local and central headers share, from "version needed" to "extra length".
    fn head(&self, member: &Member, packed: &[u8]) -> Vec<u8> {
        let utf8 = !member.name.is_ascii() && std::str::from_utf8(&member.name).is_ok();
        let (date, time) = dos_time(member.mtime);
        let mut crc = Crc::new();
        crc.update(&member.bytes);
        let size = |n: usize| {
            if self.zip64 { u32::MAX } else { u32::try_from(n).expect("a small file") }
        };
        let mut head = Vec::new();
        head.extend(if self.zip64 { 45_u16 } else { 20 }.to_le_bytes());
        head.extend((u16::from(utf8) << 11).to_le_bytes());
        head.extend(if member.deflated { 8_u16 } else { 0 }.to_le_bytes());
        head.extend(time.to_le_bytes());
        head.extend(date.to_le_bytes());
        head.extend(crc.sum().to_le_bytes());
        head.extend(size(packed.len()).to_le_bytes());
        head.extend(size(member.bytes.len()).to_le_bytes());
        head.extend(u16::try_from(member.name.len()).expect("a short name").to_le_bytes());
        head.extend([0; 2]);
        head
    }

    /// The member's own extra fields, with zip64's in front where wanted.
    fn extra(&self, member: &Member, packed: usize, offset: Option<u64>) -> Vec<u8> {
        let mut extra = Vec::new();
        if self.zip64 {
            let mut field = (member.bytes.len() as u64).to_le_bytes().to_vec();
            field.extend((packed as u64).to_le_bytes());
            field.extend(offset.map(u64::to_le_bytes).into_iter().flatten());
            extra.extend(extra_field(*b"\x01\x00", &field));
        }
        extra.extend(&member.extra);
        extra
    }

    /// Writes the directory and the end records.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        let start = self.out.len() as u64;
        let size = self.central.len() as u64;
        self.out.append(&mut self.central);
        let wide = self.zip64 || self.count > 0xffff;
        if wide {
            let end = self.out.len() as u64;
            self.out.extend(b"PK\x06\x06");
            self.out.extend(44_u64.to_le_bytes());
            self.out.extend([0x2d, 0, 0x2d, 0]);
            self.out.extend([0; 8]);
            for number in [self.count, self.count, size, start] {
                self.out.extend(number.to_le_bytes());
            }
            self.out.extend(b"PK\x06\x07\0\0\0\0");
            self.out.extend(end.to_le_bytes());
            self.out.extend(1_u32.to_le_bytes());
        }
        let short = |n: u64| if wide { u16::MAX } else { n as u16 };
        let long = |n: u64| if wide { u32::MAX } else { n as u32 };
        self.out.extend(b"PK\x05\x06\0\0\0\0");
        self.out.extend(short(self.count).to_le_bytes());
        self.out.extend(short(self.count).to_le_bytes());
        self.out.extend(long(size).to_le_bytes());
        self.out.extend(long(start).to_le_bytes());
        self.out.extend([0; 2]);
        self.out
    }
}

/// A container of several files (an iTunes backup, say) inside a zip, under `prefix`.
#[must_use]
pub fn of_tree(files: &[PlacedFile], prefix: &str) -> Vec<u8> {
    let mut zip = Zip::new();
    for file in files {
        let name = format!("{prefix}{}", file.path);
        zip.add(&Member::file(name, file.bytes.clone(), file.mtime).deflated());
    }
    zip.finish()
}

/// An extra field: id, length, content.
#[must_use]
pub fn extra_field(id: [u8; 2], content: &[u8]) -> Vec<u8> {
    let mut field = id.to_vec();
    field.extend(u16::try_from(content.len()).expect("small").to_le_bytes());
    field.extend(content);
    field
}

fn pack(member: &Member) -> Vec<u8> {
    if !member.deflated {
        return member.bytes.clone();
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&member.bytes).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

/// The extra length of a local header is known only after the name is written.
fn patch_extra_len(out: &mut [u8], back: usize, len: usize) {
    let at = out.len() - back + 24;
    out[at..at + 2].copy_from_slice(&u16::try_from(len).expect("small").to_le_bytes());
}

/// MS-DOS date and time; before 1980 is 1980-01-01.
fn dos_time(unix: i64) -> (u16, u16) {
    let days = unix.div_euclid(86_400);
    let second = unix.rem_euclid(86_400);
    let (year, month, day) = civil(days);
    if year < 1980 {
        return (0x21, 0);
    }
    let date = (year - 1980) << 9 | month << 5 | day;
    let time = (second / 3600) << 11 | (second / 60 % 60) << 5 | (second % 60 / 2);
    (date as u16, time as u16)
}

/// Days since 1970 to year, month, day (H. Hinnant, "chrono-compatible low-level date algorithms").
pub(crate) fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}
