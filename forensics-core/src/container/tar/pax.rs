//! Extended headers: `length key=value\n` records.

/// What an extended header says of the next entry.
#[derive(Debug, Default)]
pub(super) struct Extended {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) sparse: bool,
}

impl Extended {
    /// Adds the records of a pax header. `false` where a record is malformed; those before it count.
    pub(super) fn read_pax(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            let Some((key, value, rest)) = record(bytes) else {
                return bytes.iter().all(|b| *b == 0);
            };
            bytes = rest;
            match key {
                b"path" if self.path.is_none() || !self.sparse => self.path = Some(value.to_vec()),
                b"linkpath" => self.link = Some(value.to_vec()),
                b"size" => self.size = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok()),
                b"GNU.sparse.name" => {
                    self.path = Some(value.to_vec());
                    self.sparse = true;
                }
                _ if key.starts_with(b"GNU.sparse.") => self.sparse = true,
                _ => {}
            }
        }
        true
    }
}

fn record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = bytes.iter().take(20).position(|b| *b == b' ')?;
    let len: usize = std::str::from_utf8(bytes.get(..space)?).ok()?.parse().ok()?;
    let (record, rest) = bytes.split_at_checked(len)?;
    let pair = record.get(space.checked_add(1)?..)?.strip_suffix(b"\n")?;
    let equals = pair.iter().position(|b| *b == b'=')?;
    Some((pair.get(..equals)?, pair.get(equals.checked_add(1)?..)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_up_to_the_first_bad_one() {
        let mut extended = Extended::default();
        assert!(extended.read_pax(b"12 path=abc\n13 size=1234\n"));
        assert_eq!((extended.path.as_deref(), extended.size), (Some(b"abc".as_slice()), Some(1234)));
        let mut broken = Extended::default();
        assert!(!broken.read_pax(b"12 path=abc\n99 size=1\n"));
        assert_eq!(broken.path.as_deref(), Some(b"abc".as_slice()));
        assert!(!Extended::default().read_pax(b"0 =\n"));
    }
}
