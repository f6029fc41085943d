//! The reader.

use super::schema::{Constructor, Field, Kind, Schema};
use super::value::{Node, Object, Tl};

/// Objects within objects: real ones stay below twenty, and each level costs stack.
const MAX_DEPTH: usize = 64;
/// Values in one object with all that it holds: the largest real ones (web pages with instant view) have some thousands.
const MAX_NODES: usize = 1 << 18;

const VECTOR: u32 = 0x1cb5_c415;
const TRUE: u32 = 0x9972_75b5;
const FALSE: u32 = 0xbc79_9737;

/// What reading gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded<'s, 'b> {
    /// The object; `None` when not even its constructor is known. Incomplete when there is trouble.
    pub object: Option<Object<'s, 'b>>,
    /// The byte after the last one that was read.
    pub end: usize,
    /// Why and where reading ended early.
    pub trouble: Option<Trouble>,
}

/// Why and where reading ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {at}")]
pub struct Trouble {
    /// The byte, counted from the beginning of the decoded bytes.
    pub at: usize,
    /// Why.
    pub kind: TroubleKind,
}

/// Why reading ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TroubleKind {
    /// The bytes end inside a value.
    #[error("the bytes end inside a value")]
    Short,
    /// No constructor of the table has this id.
    #[error("unknown constructor {0:08x}")]
    UnknownConstructor(u32),
    /// The constructor is known and is no variant of the class that must stand here.
    #[error("constructor {0:08x} is of another class than the one that must stand here")]
    OtherClass(u32),
    /// Neither `boolTrue` nor `boolFalse`.
    #[error("{0:08x} is no Bool")]
    NoBool(u32),
    /// No vector where one must stand.
    #[error("{0:08x} is no vector")]
    NoVector(u32),
    /// A vector with more items than bytes are left.
    #[error("a vector of {0} items, more than bytes are left")]
    Length(u32),
    /// Objects within objects beyond the limit.
    #[error("objects nest too deep")]
    Depth,
    /// More values than the limit allows.
    #[error("too many values")]
    Nodes,
}

impl Schema {
    /// Reads the object at the beginning of `bytes`. `class` is the class that it must be of; `None` for any.
    pub fn decode<'s, 'b>(&'s self, bytes: &'b [u8], class: Option<&str>) -> Decoded<'s, 'b> {
        let mut reader = Reader { schema: self, bytes, at: 0, nodes: 0, trouble: None };
        let object = reader.object(class, 0);
        Decoded { object, end: reader.at, trouble: reader.trouble }
    }
}

/// Reads a `string` or `bytes` at `at`: its content, and the place after its padding.
pub fn string(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = bytes.get(at..)?;
    let (head, length) = match rest.first()? {
        254 => {
            let [_, a, b, c] = *rest.first_chunk::<4>()?;
            (4usize, usize::try_from(u32::from_le_bytes([a, b, c, 0])).ok()?)
        }
        // 255 is not assigned.
        255 => return None,
        short => (1, usize::from(*short)),
    };
    let content = rest.get(head..)?.get(..length)?;
    let padded = head.checked_add(length)?.checked_next_multiple_of(4)?;
    // The last value may have lost its padding; what counts is the content.
    let end = at.checked_add(padded)?.min(bytes.len());
    Some((content, end))
}

/// Each method gives what it could read and leaves the reason in `trouble` when that is not all.
struct Reader<'s, 'b> {
    schema: &'s Schema,
    bytes: &'b [u8],
    at: usize,
    nodes: usize,
    trouble: Option<Trouble>,
}

impl<'s, 'b> Reader<'s, 'b> {
    fn fail<T>(&mut self, at: usize, kind: TroubleKind) -> Option<T> {
        self.trouble = self.trouble.or(Some(Trouble { at, kind }));
        None
    }

    fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        match self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>()) {
            Some(chunk) => {
                self.at = self.at.saturating_add(N);
                Some(*chunk)
            }
            None => self.fail(self.at, TroubleKind::Short),
        }
    }

    fn word(&mut self) -> Option<u32> {
        self.chunk().map(u32::from_le_bytes)
    }

    fn object(&mut self, class: Option<&str>, depth: usize) -> Option<Object<'s, 'b>> {
        let at = self.at;
        if depth >= MAX_DEPTH {
            return self.fail(at, TroubleKind::Depth);
        }
        let id = self.word()?;
        let schema = self.schema;
        let Some(constructor) = schema.get(id) else { return self.fail(at, TroubleKind::UnknownConstructor(id)) };
        if class.is_some_and(|class| class != &*constructor.class) {
            return self.fail(at, TroubleKind::OtherClass(id));
        }
        let fields = self.fields(constructor, depth);
        Some(Object { constructor, at, end: self.at, fields })
    }

    fn fields(&mut self, constructor: &'s Constructor, depth: usize) -> Vec<Node<'s, 'b>> {
        let mut fields = Vec::new();
        // The values of the flags fields, by the field's place.
        let mut flags: Vec<(usize, u32)> = Vec::new();
        for (place, field) in constructor.fields.iter().enumerate() {
            if !is_there(field, &flags) {
                continue;
            }
            let at = self.at;
            let Some(value) = self.value(&field.kind, depth) else { break };
            if let (Kind::Flags, Tl::Int(bits)) = (&field.kind, &value) {
                flags.push((place, bits.cast_unsigned()));
            }
            fields.push(Node { name: &field.name, at, end: self.at, value });
            if self.trouble.is_some() {
                break;
            }
        }
        fields
    }

    /// A value; an object or a vector that breaks off is given as far as it goes.
    fn value(&mut self, kind: &'s Kind, depth: usize) -> Option<Tl<'s, 'b>> {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > MAX_NODES {
            return self.fail(self.at, TroubleKind::Nodes);
        }
        Some(match kind {
            Kind::Flags | Kind::Int => Tl::Int(i32::from_le_bytes(self.chunk()?)),
            Kind::Long => Tl::Long(i64::from_le_bytes(self.chunk()?)),
            Kind::Double => Tl::Double(f64::from_le_bytes(self.chunk()?)),
            Kind::String => Tl::Text(self.string()?),
            Kind::Bytes => Tl::Bytes(self.string()?),
            Kind::Bool => Tl::Bool(self.bool()?),
            Kind::True => Tl::True,
            Kind::Vector(item) => Tl::Vector(self.vector(item, depth)?),
            Kind::Object(class) => Tl::Object(Box::new(self.object(Some(class), depth.saturating_add(1))?)),
        })
    }

    fn string(&mut self) -> Option<&'b [u8]> {
        match string(self.bytes, self.at) {
            Some((content, end)) => {
                self.at = end;
                Some(content)
            }
            None => self.fail(self.at, TroubleKind::Short),
        }
    }

    fn bool(&mut self) -> Option<bool> {
        let at = self.at;
        match self.word()? {
            TRUE => Some(true),
            FALSE => Some(false),
            other => self.fail(at, TroubleKind::NoBool(other)),
        }
    }

    fn vector(&mut self, item: &'s Kind, depth: usize) -> Option<Vec<Tl<'s, 'b>>> {
        let at = self.at;
        let id = self.word()?;
        if id != VECTOR {
            return self.fail(at, TroubleKind::NoVector(id));
        }
        let count = self.word()?;
        // Every item takes four bytes at the least.
        let left = self.bytes.len().saturating_sub(self.at) / 4;
        if usize::try_from(count).is_ok_and(|count| count > left) {
            return self.fail(at, TroubleKind::Length(count));
        }
        let mut items = Vec::new();
        for _ in 0..count {
            let Some(value) = self.value(item, depth) else { break };
            items.push(value);
            if self.trouble.is_some() {
                break;
            }
        }
        Some(items)
    }
}

/// Whether a field is written: its bit is set in its flags.
fn is_there(field: &Field, flags: &[(usize, u32)]) -> bool {
    let Some((place, bit)) = field.condition else { return true };
    let bits = flags.iter().find(|(of, _)| *of == place).map_or(0, |(_, bits)| *bits);
    bits.checked_shr(bit).is_some_and(|rest| rest & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        Schema::parse(
            "00000001\tNest\tnest\t*\tx\tinner:Nest\n\
             00000002\tList\tlist\t*\tx\tflags:# loud:flags.1?true names:Vector<string> last:flags.0?long\n\
             00000003\tAnswer\tanswer\t*\tx\tyes:Bool",
        )
        .unwrap()
    }

    #[test]
    fn every_field_has_its_place() {
        let bytes = [
            &2u32.to_le_bytes()[..],
            &3u32.to_le_bytes(),
            &VECTOR.to_le_bytes(),
            &2u32.to_le_bytes(),
            b"\x02ab\0\x03cde",
            &7u64.to_le_bytes(),
            b"tail",
        ]
        .concat();
        let schema = schema();
        let decoded = schema.decode(&bytes, None);
        assert_eq!((decoded.trouble, decoded.end), (None, bytes.len() - 4));
        let list = decoded.object.unwrap();
        let places: Vec<_> = list.fields.iter().map(|f| (f.name, f.at, f.end)).collect();
        assert_eq!(places, [("flags", 4, 8), ("loud", 8, 8), ("names", 8, 24), ("last", 24, 32)]);
        assert!(list.flag("loud"));
        assert_eq!(list.list("names"), [Tl::Text(b"ab"), Tl::Text(b"cde")]);
    }

    #[test]
    fn nesting_without_end_is_stopped() {
        let bytes = 1u32.to_le_bytes().repeat(10_000);
        let trouble = schema().decode(&bytes, None).trouble.unwrap();
        assert_eq!(trouble.kind, TroubleKind::Depth);
    }

    #[test]
    fn a_vector_longer_than_its_bytes_is_not_begun() {
        let bytes = [2u32, 0, VECTOR, u32::MAX].map(u32::to_le_bytes).concat();
        let schema = schema();
        let decoded = schema.decode(&bytes, None);
        assert_eq!(decoded.trouble, Some(Trouble { at: 8, kind: TroubleKind::Length(u32::MAX) }));
        assert_eq!(decoded.object.unwrap().fields.len(), 1);
    }

    #[test]
    fn an_object_of_another_class_is_refused() {
        let bytes = [1u32, 3, TRUE].map(u32::to_le_bytes).concat();
        let kind = schema().decode(&bytes, None).trouble.map(|t| t.kind);
        assert_eq!(kind, Some(TroubleKind::OtherClass(3)));
    }

    #[test]
    fn an_unknown_constructor_is_named_with_its_place() {
        let bytes = [1u32, 0xdead_beef].map(u32::to_le_bytes).concat();
        let trouble = schema().decode(&bytes, None).trouble.unwrap();
        assert_eq!(trouble.to_string(), "unknown constructor deadbeef at byte 4");
    }
}
