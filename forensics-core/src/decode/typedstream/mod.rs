//! `NSArchiver`'s typed streams: what `attributedBody` of Apple Messages holds, and the texts of its edits.
//!
//! A stream is a sequence of groups; a group is a type encoding and one value for each type in it. Strings (encodings, class
//! names, selectors) and objects (classes, instances, C strings) are numbered apart, in the order in which they first appear,
//! and named by number afterwards. [`Archive`] keeps that graph as it stands: objects are named by index and never unfolded,
//! so that a short stream cannot grow and a stream that names itself in a circle cannot loop.
//!
//! Written from the format's descriptions (`gnustep/libs-base`'s and `dgelessus/python-typedstream`'s documentation of the tags;
//! measurements on real message stores), not from another program.
//!
//! ```
//! use forensics_core::decode::typedstream::{Archive, AttributedText};
//!
//! let stream = [
//!     &b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x12NSAttributedString\x00\x84\x84\x08NSObject\x00\x85"[..],
//!     b"\x92\x84\x84\x84\x08NSString\x01\x94\x84\x01+\x05Hello\x86\x84\x02iI\x01\x05\x92\x84\x84\x84\x0cNSDictionary\x00",
//!     b"\x94\x84\x01i\x00\x86\x86",
//! ]
//! .concat();
//! let archive = Archive::read(&stream)?;
//! let text = AttributedText::of(&archive).expect("an attributed string");
//! assert_eq!(text.text, b"Hello");
//! assert_eq!(text.runs.len(), 1);
//! # Ok::<(), forensics_core::decode::typedstream::TypedStreamError>(())
//! ```

mod archive;
mod attributed;
mod reader;

pub use archive::{Archive, Group, Object, Value};
pub use attributed::{AttributedText, Run, find_text};

/// Bytes of a stream at most: the longest message text is a few hundred kilobytes.
pub const MAX_BYTES: usize = 64 << 20;
/// Objects within objects, classes above classes and types within types at most; message bodies use six.
pub const MAX_DEPTH: usize = 64;

/// Why a stream cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TypedStreamError {
    /// It does not begin as a typed stream does.
    #[error("not a typed stream: it begins with {}", crate::value::hex(found))]
    Format {
        /// The first bytes.
        found: Box<[u8]>,
    },
    /// A version of the format that is not known.
    #[error("typed stream version {found} is not known")]
    Version {
        /// What stands there.
        found: u8,
    },
    /// The bytes end within a value.
    #[error("the typed stream ends within a value at byte {offset}")]
    Cut {
        /// Where the value begins.
        offset: usize,
    },
    /// A byte that cannot stand here.
    #[error("byte {found:#04x} at {offset} cannot begin {wanted}")]
    Tag {
        /// Where.
        offset: usize,
        /// What stands there.
        found: u8,
        /// What was expected.
        wanted: &'static str,
    },
    /// A number that names nothing read so far.
    #[error("number {number} at byte {offset} names no {wanted} read before")]
    Reference {
        /// Where.
        offset: usize,
        /// The number.
        number: i64,
        /// What was expected.
        wanted: &'static str,
    },
    /// A type encoding that is not known.
    #[error("type encoding {} at byte {offset} is not known", crate::value::hex(encoding))]
    Encoding {
        /// Where.
        offset: usize,
        /// The encoding.
        encoding: Box<[u8]>,
    },
    /// Beyond a limit.
    #[error("the typed stream has more than {limit} {unit} at byte {offset}")]
    Limit {
        /// Where.
        offset: usize,
        /// The limit.
        limit: usize,
        /// What is counted.
        unit: &'static str,
    },
}

#[cfg(test)]
mod tests;
