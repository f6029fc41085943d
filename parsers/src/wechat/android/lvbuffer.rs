//! `lvbuffer`: the packed extras of a row (Android 7.0.22, `sdk/platformtools/af`; order of items: `g/c/ek`, `g/c/ax`).
//!
//! `{`, items, `}`. A text or byte string is its length (two bytes, most significant first) and its bytes; an integer has
//! four bytes, a long eight. The app's reader stops when at most one byte is left: buffers of older versions are shorter.

/// The longest text that the app's writer packs.
const LONGEST: usize = 0xc00;

/// Reads a buffer item by item.
#[derive(Clone, Copy, Debug)]
pub(super) struct LvBuffer<'a> {
    bytes: &'a [u8],
    at: usize,
    broken: bool,
}

impl<'a> LvBuffer<'a> {
    /// A buffer; `None` when it does not begin with `{`.
    pub(super) fn open(bytes: &'a [u8]) -> Option<Self> {
        (bytes.first() == Some(&b'{')).then_some(LvBuffer { bytes, at: 1, broken: false })
    }

    fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        if self.left() <= 1 || self.broken {
            return None;
        }
        let taken = self.bytes.get(self.at..).and_then(|rest| rest.get(..length));
        match taken {
            Some(_) => self.at = self.at.saturating_add(length),
            None => self.broken = true,
        }
        taken
    }

    /// An integer.
    pub(super) fn int(&mut self) -> Option<i32> {
        self.take(4)?.first_chunk().map(|c| i32::from_be_bytes(*c))
    }

    /// A long.
    pub(super) fn long(&mut self) -> Option<i64> {
        self.take(8)?.first_chunk().map(|c| i64::from_be_bytes(*c))
    }

    /// A byte string.
    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(u16::from_be_bytes(*self.take(2)?.first_chunk()?));
        if length > LONGEST {
            self.broken = true;
            return None;
        }
        if length == 0 { Some(&[]) } else { self.take(length) }
    }

    /// A text; `None` also where it is no valid UTF-8.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// Whether an item did not fit.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }
}

/// What `message.lvbuffer` says that is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct MessageExtras<'a> {
    /// Bit 0x4: a recall of this row was handled.
    pub(super) msg_flag: i32,
    /// The server's wrapper, XML.
    pub(super) msg_source: Option<&'a str>,
    /// Whether the buffer could not be read as far as this.
    pub(super) broken: bool,
}

impl<'a> MessageExtras<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Self {
        if bytes.is_empty() {
            return MessageExtras::default();
        }
        let Some(mut buffer) = LvBuffer::open(bytes) else {
            return MessageExtras { broken: true, ..MessageExtras::default() };
        };
        let _comment_url = buffer.bytes();
        let msg_flag = buffer.int().unwrap_or(0);
        let msg_source = buffer.text().filter(|s| !s.is_empty());
        MessageExtras { msg_flag, msg_source, broken: buffer.is_broken() }
    }
}

/// What `rcontact.lvbuff` says that is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ContactExtras<'a> {
    /// 1 male, 2 female.
    pub(super) sex: Option<i32>,
    /// The contact's account number.
    pub(super) uin: Option<i32>,
    /// What the contact says of itself.
    pub(super) signature: Option<&'a str>,
    /// Country or province.
    pub(super) province: Option<&'a str>,
    /// City.
    pub(super) city: Option<&'a str>,
    /// How the contact came.
    pub(super) from_type: Option<i32>,
}

impl<'a> ContactExtras<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut b = LvBuffer::open(bytes)?;
        let _ = b.int();
        let sex = b.int();
        let (_, _) = (b.bytes(), b.long());
        let uin = b.int();
        let _ = (b.bytes(), b.bytes(), b.int(), b.int(), b.bytes(), b.bytes(), b.int(), b.int());
        let (signature, province, city) = (b.text(), b.text(), b.text());
        let _ = b.bytes();
        let from_type = b.int();
        let said = |t: Option<&'a str>| t.filter(|t| !t.is_empty());
        let known = |n: Option<i32>| n.filter(|n| *n != 0);
        Some(ContactExtras {
            sex: known(sex),
            uin: known(uin),
            signature: said(signature),
            province: said(province),
            city: said(city),
            from_type: known(from_type),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(source: &str) -> Vec<u8> {
        let mut out = vec![b'{', 0, 0, 0, 0, 0, 4];
        out.extend(u16::try_from(source.len()).unwrap().to_be_bytes());
        out.extend(source.as_bytes());
        out
    }

    #[test]
    fn the_source_and_the_recall_flag_are_read() {
        let mut whole = packed("<msgsource/>");
        whole.extend([0; 20]);
        whole.push(b'}');
        let extras = MessageExtras::read(&whole);
        assert_eq!((extras.msg_flag, extras.msg_source, extras.broken), (4, Some("<msgsource/>"), false));
    }

    #[test]
    fn a_short_buffer_is_legal_and_a_cut_one_is_broken() {
        let short = [b'{', 0, 0, 0, 0, 0, 4, b'}'];
        assert_eq!(MessageExtras::read(&short), MessageExtras { msg_flag: 4, ..MessageExtras::default() });
        let mut cut = packed("<msgsource/>");
        cut.truncate(12);
        assert!(MessageExtras::read(&cut).broken);
        assert!(MessageExtras::read(b"nonsense").broken);
        assert_eq!(MessageExtras::read(b""), MessageExtras::default());
    }

    #[test]
    fn a_length_beyond_the_limit_is_broken() {
        let long = [b'{', 0xff, 0xff, 0, 0, 0, 0, 0];
        assert!(MessageExtras::read(&long).broken);
    }
}
