//! Protobuf, the little of it that a writer needs: varints, lengths and nothing else.

/// A message under construction; fields are appended in the order of the calls.
#[derive(Debug, Clone, Default)]
pub(crate) struct Message(Vec<u8>);

impl Message {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Wire type 0.
    pub(crate) fn number(mut self, field: u32, value: u64) -> Self {
        self.0.extend(varint(u64::from(field) << 3));
        self.0.extend(varint(value));
        self
    }

    /// Wire type 2.
    pub(crate) fn bytes(mut self, field: u32, value: &[u8]) -> Self {
        self.0.extend(varint(u64::from(field) << 3 | 2));
        self.0.extend(varint(value.len() as u64));
        self.0.extend(value);
        self
    }

    /// Wire type 2 holding UTF-8.
    pub(crate) fn text(self, field: u32, value: &str) -> Self {
        self.bytes(field, value.as_bytes())
    }

    /// Wire type 2 holding a message.
    pub(crate) fn child(self, field: u32, value: Self) -> Self {
        self.bytes(field, &value.0)
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Seven bits a byte, least significant first.
pub(crate) fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
