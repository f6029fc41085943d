//! A value of the history (`t7`): `IntermediateMessage`.

use super::coder::{Cursor, Object};

/// A message as stored; of a broken value, what stands before the break.
#[derive(Debug, Default)]
pub(super) struct Intermediate<'b> {
    /// Anything but 0 is no message (to 2019, holes stood among them).
    pub kind: u8,
    pub globally_unique_id: Option<Placed<i64>>,
    pub grouping_key: Option<i64>,
    pub thread_id: Option<i64>,
    pub flags: Option<Placed<u32>>,
    pub tags: u32,
    pub forward: Option<Forward>,
    pub author: Option<i64>,
    pub text: Option<Placed<&'b [u8]>>,
    pub attributes: Vec<(usize, Object<'b>)>,
    pub media: Vec<(usize, Object<'b>)>,
    /// Media that stand in `t6`, by namespace and id.
    pub references: Vec<(i32, i64)>,
    /// Where reading ended early.
    pub broken_at: Option<usize>,
}

/// A value with the place of its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed<T> {
    pub at: usize,
    pub value: T,
}

/// Where a forwarded message came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Forward {
    pub author: i64,
    pub date: i32,
}

/// More attributes, media or references than any message has; each takes four bytes at the least.
const MAX_ITEMS: u32 = 100_000;

impl<'b> Intermediate<'b> {
    pub(super) fn read(bytes: &'b [u8]) -> Intermediate<'b> {
        let mut message = Intermediate::default();
        let mut cursor = Cursor::new(bytes);
        if message.fill(&mut cursor).is_none() {
            message.broken_at = Some(cursor.at());
        }
        message
    }

    /// Reads in the order of the wire; `None` where the bytes end or make no sense.
    fn fill(&mut self, cursor: &mut Cursor<'b>) -> Option<()> {
        self.kind = cursor.u8()?;
        if self.kind != 0 {
            return Some(());
        }
        cursor.u32()?; // stable id
        cursor.u32()?; // its version
        self.fill_optional(cursor)?;
        let at = cursor.at();
        self.flags = Some(Placed { at, value: cursor.u32()? });
        self.tags = cursor.u32()?;
        self.fill_forward(cursor)?;
        if cursor.u8()? != 0 {
            self.author = Some(cursor.i64()?);
        }
        let at = cursor.at();
        self.text = Some(Placed { at, value: cursor.counted()? });
        objects(cursor, &mut self.attributes)?;
        objects(cursor, &mut self.media)?;
        for _ in 0..count(cursor)? {
            self.references.push((cursor.i32()?, cursor.i64()?));
        }
        // Newer versions add custom tags, which say nothing here.
        Some(())
    }

    fn fill_optional(&mut self, cursor: &mut Cursor<'b>) -> Option<()> {
        let there = cursor.u8()?;
        if there & 1 != 0 {
            let at = cursor.at();
            self.globally_unique_id = Some(Placed { at, value: cursor.i64()? });
        }
        if there & 2 != 0 {
            cursor.u32()?; // global tags
        }
        if there & 4 != 0 {
            self.grouping_key = Some(cursor.i64()?);
        }
        if there & 8 != 0 {
            cursor.u32()?; // stable id of the group
        }
        if there & 16 != 0 {
            cursor.u32()?; // local tags
        }
        if there & 32 != 0 {
            self.thread_id = Some(cursor.i64()?);
        }
        Some(())
    }

    fn fill_forward(&mut self, cursor: &mut Cursor<'b>) -> Option<()> {
        let there = cursor.u8()?;
        if there == 0 {
            return Some(());
        }
        self.forward = Some(Forward { author: cursor.i64()?, date: cursor.i32()? });
        if there & 2 != 0 {
            cursor.i64()?; // the channel
        }
        if there & 4 != 0 {
            cursor.take(16)?; // the message: peer, namespace, id
        }
        if there & 8 != 0 {
            cursor.counted()?; // signature
        }
        if there & 16 != 0 {
            cursor.counted()?; // kind of a public service announcement
        }
        if there & 32 != 0 {
            cursor.i32()?; // flags
        }
        Some(())
    }

    /// The attribute of a class.
    pub(super) fn attribute(&self, class: &str) -> Option<&(usize, Object<'b>)> {
        self.attributes.iter().find(|(_, object)| object.is(class))
    }

    /// The embedded medium of a class.
    pub(super) fn medium(&self, class: &str) -> Option<&(usize, Object<'b>)> {
        self.media.iter().find(|(_, object)| object.is(class))
    }
}

fn count(cursor: &mut Cursor<'_>) -> Option<u32> {
    u32::try_from(cursor.i32()?).ok().filter(|n| *n <= MAX_ITEMS)
}

fn objects<'b>(cursor: &mut Cursor<'b>, into: &mut Vec<(usize, Object<'b>)>) -> Option<()> {
    for _ in 0..count(cursor)? {
        let at = cursor.at();
        // An object that cannot be read takes its own length only.
        if let Some(object) = Object::root(cursor.counted()?) {
            into.push((at, object));
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hand-made after the layout: incoming, author 4242, text, one reference to media of namespace 7.
    fn value() -> Vec<u8> {
        let mut v = vec![0];
        v.extend([11u32, 22].map(u32::to_le_bytes).concat());
        v.push(0);
        v.extend([4u32, 1].map(u32::to_le_bytes).concat());
        v.push(0);
        v.push(1);
        v.extend(4242i64.to_le_bytes());
        v.extend(5i32.to_le_bytes());
        v.extend(b"hello");
        v.extend([0i32, 0, 1, 7].map(i32::to_le_bytes).concat());
        v.extend(123_456_789i64.to_le_bytes());
        v
    }

    #[test]
    fn a_message_is_read_to_its_end() {
        let value = value();
        let message = Intermediate::read(&value);
        assert_eq!(message.broken_at, None);
        assert_eq!(message.flags, Some(Placed { at: 10, value: 4 }));
        assert_eq!((message.author, message.text.map(|t| t.value)), (Some(4242), Some(&b"hello"[..])));
        assert_eq!(message.references, [(7, 123_456_789)]);
    }

    #[test]
    fn a_message_cut_at_any_byte_keeps_what_stands_before() {
        let value = value();
        for end in 0..value.len() {
            let message = Intermediate::read(&value[..end]);
            assert!(message.broken_at.is_some_and(|at| at <= end), "cut at {end}");
        }
    }
}
