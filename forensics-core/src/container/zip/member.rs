//! Reading one member: inflating, guarding against bombs, checking the sum.

use flate2::read::DeflateDecoder;

use super::directory::{LOCAL_HEADER, Member};
use super::*;

/// The bytes of a member as stored.
pub(super) fn stored(bytes: &Bytes, member: &Member, what: &str) -> Result<Window, VfsError> {
    if member.refused {
        return Err(VfsError::damaged(what, member.header, "bytes that another entry of the zip uses too"));
    }
    let mut fixed = [0_u8; 30];
    let whole = read_exact_at(&**bytes, member.header, &mut fixed).map_err(|e| VfsError::reading(what, e))?;
    let [b'P', b'K', 3, 4, .., n0, n1, x0, x1] = fixed else {
        let found = if whole { "no local header" } else { "the end of the zip" };
        return Err(VfsError::damaged(what, member.header, found));
    };
    let names = u64::from(u16::from_le_bytes([n0, n1])).saturating_add(u16::from_le_bytes([x0, x1]).into());
    let start = member.header.saturating_add(LOCAL_HEADER).saturating_add(names);
    Ok(Window::new(bytes.clone(), start, member.packed))
}

/// The content of a member that is not encrypted.
pub(super) fn open<'a>(
    zip: &str,
    bytes: &Bytes,
    member: &Member,
    what: &str,
) -> Result<Box<dyn Read + Send + 'a>, VfsError> {
    let window = stored(bytes, member, what)?;
    let cut = window.len() < member.packed;
    let inner: Box<dyn Read + Send> = match member.method {
        0 => Box::new(Cursor::new(window)),
        8 => Box::new(DeflateDecoder::new(io::BufReader::with_capacity(64 << 10, Cursor::new(window)))),
        method => {
            let why = format!("compression method {method} of zip {zip}");
            return Err(VfsError::Unsupported { what: what.into(), why });
        }
    };
    Ok(Box::new(Checked {
        inner,
        what: what.to_owned(),
        header: member.header,
        declared: member.size_known.then_some(member.size),
        packed: member.packed,
        crc: member.crc.filter(|_| !cut),
        sum: flate2::Crc::new(),
        out: 0,
        done: false,
    }))
}

/// Stops a member at its stated length or at a bomb's ratio, and checks its sum at the end.
struct Checked {
    inner: Box<dyn Read + Send>,
    what: String,
    header: u64,
    declared: Option<u64>,
    packed: u64,
    crc: Option<u32>,
    sum: flate2::Crc,
    out: u64,
    done: bool,
}

impl Checked {
    fn guard(&self) -> io::Result<()> {
        let limit = |limit, unit| Err(VfsError::Limit { what: self.what.clone(), limit, unit }.into());
        if self.declared.is_some_and(|declared| self.out > declared) {
            return limit(self.declared.unwrap_or(0), "bytes, the length its directory states");
        }
        let times = |ratio| self.packed.max(1).saturating_mul(ratio);
        if self.out > limits::BOMB_FLOOR && self.out > times(limits::BOMB_RATIO) {
            return limit(limits::BOMB_RATIO, "times its packed length");
        }
        if self.out > limits::LARGE && self.out > times(limits::LARGE_RATIO) {
            return limit(limits::LARGE_RATIO, "times its packed length, for a very large file");
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<usize> {
        self.done = true;
        let found = match (self.declared, self.crc) {
            (Some(size), _) if self.out < size => format!("an end after {} of {size} bytes", self.out),
            (_, Some(crc)) if self.sum.sum() != crc => {
                format!("content with CRC-32 {:08x} where {crc:08x} is stated", self.sum.sum())
            }
            _ => return Ok(0),
        };
        Err(VfsError::damaged(self.what.clone(), self.header, found).into())
    }
}

impl Read for Checked {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.done || buf.is_empty() {
            return Ok(0);
        }
        let read = match self.inner.read(buf) {
            Ok(read) => read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => return Err(e),
            Err(e) => {
                self.done = true;
                let found = format!("compressed data that breaks off after {} bytes of content: {e}", self.out);
                return Err(VfsError::damaged(self.what.clone(), self.header, found).into());
            }
        };
        if read == 0 {
            return self.finish();
        }
        self.sum.update(buf.get(..read).unwrap_or_default());
        self.out = self.out.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        self.guard()?;
        Ok(read)
    }
}
