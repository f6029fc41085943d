//! Property lists: binary and XML, bounded.
//!
//! [`parse`] gives the whole tree. [`Binary`] gives single objects of a binary list without building anything, for the
//! million small lists of a backup's manifest.
//!
//! ```
//! use forensics_core::store::plist;
//!
//! let xml = b"<?xml version=\"1.0\"?><plist><dict><key>Device Name</key><string>Phone</string></dict></plist>";
//! let list = plist::parse(xml)?;
//! assert_eq!(list.get("Device Name").and_then(|v| v.as_text()), Some("Phone"));
//! # Ok::<(), plist::PlistError>(())
//! ```

mod binary;
mod xml;

pub(crate) use binary::text;
pub use binary::{Binary, Node, Refs, Text};
pub(crate) use xml::{decoded, reference};

/// Limits against hostile lists.
pub mod limits {
    /// Bytes of a binary list.
    pub const BINARY_BYTES: usize = 256 << 20;
    /// Depth of a binary list's tree.
    pub const BINARY_DEPTH: usize = 64;
    /// Objects visited while a tree is built: 193 bytes can stand for millions.
    pub const OBJECTS: usize = 1_000_000;
    /// Bytes of a tree: this many times the list's bytes …
    pub const OUTPUT_FACTOR: usize = 16;
    /// … and this many more.
    pub const OUTPUT_BYTES: usize = 1 << 20;
    /// Bytes of an XML list.
    pub const XML_BYTES: usize = 64 << 20;
    /// Depth of an XML list.
    pub const XML_DEPTH: usize = 256;
}

/// Why a list cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlistError {
    /// Neither `bplist0` nor XML.
    #[error("not a property list: it begins with {}", crate::value::hex(found))]
    Format {
        /// The first bytes.
        found: Box<[u8]>,
    },
    /// Something is not where it should be.
    #[error("the property list is damaged at byte {offset}: {found}")]
    Damaged {
        /// Where.
        offset: usize,
        /// What was found.
        found: &'static str,
    },
    /// The XML is not well-formed.
    #[error("the XML property list is damaged at byte {offset}: {found}")]
    Xml {
        /// Where.
        offset: u64,
        /// What the XML reader says.
        found: String,
    },
    /// A limit against hostile input was reached.
    #[error("the property list exceeds the limit of {limit} {unit} at byte {offset}")]
    Limit {
        /// Where.
        offset: usize,
        /// The limit.
        limit: usize,
        /// What is limited.
        unit: &'static str,
    },
}

/// A value of a property list.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Plist {
    /// Null (binary lists only).
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// An integer; binary lists hold up to 128 bits.
    Int(i128),
    /// A real.
    Real(f64),
    /// Seconds since 2001-01-01 UTC.
    Date(f64),
    /// Bytes.
    Data(Box<[u8]>),
    /// Text.
    Text(Box<str>),
    /// Text that is not valid in its encoding: what could be read of it, and its bytes.
    Broken(Box<str>, Box<[u8]>),
    /// A reference of a keyed archive.
    Uid(u64),
    /// Values in order.
    Array(Vec<Plist>),
    /// Keys with values, in order. A key that is not text is written as one.
    Dict(Vec<(Box<str>, Plist)>),
}

impl Plist {
    /// The value of a key of a dictionary; of several the first.
    pub fn get(&self, key: &str) -> Option<&Plist> {
        self.as_dict()?.iter().find(|(k, _)| **k == *key).map(|(_, v)| v)
    }

    /// The value at a path of keys through dictionaries.
    pub fn at(&self, path: &[&str]) -> Option<&Plist> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The text, broken or not.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Plist::Text(t) | Plist::Broken(t, _) => Some(t),
            _ => None,
        }
    }

    /// The integer, if it has 64 bits.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Plist::Int(i) => i64::try_from(*i).ok(),
            _ => None,
        }
    }

    /// The number: a real, or an integer as real.
    pub fn as_real(&self) -> Option<f64> {
        match self {
            Plist::Real(f) => Some(*f),
            #[expect(clippy::cast_precision_loss, reason = "a caller that asks for a real wants the nearest")]
            Plist::Int(i) => Some(*i as f64),
            _ => None,
        }
    }

    /// The truth value.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Plist::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The date in seconds since 2001-01-01 UTC.
    pub fn as_date(&self) -> Option<f64> {
        match self {
            Plist::Date(f) => Some(*f),
            _ => None,
        }
    }

    /// The bytes.
    pub fn as_data(&self) -> Option<&[u8]> {
        match self {
            Plist::Data(b) => Some(b),
            _ => None,
        }
    }

    /// The reference of a keyed archive.
    pub fn as_uid(&self) -> Option<u64> {
        match self {
            Plist::Uid(u) => Some(*u),
            _ => None,
        }
    }

    /// The values of an array.
    pub fn as_array(&self) -> Option<&[Plist]> {
        match self {
            Plist::Array(a) => Some(a),
            _ => None,
        }
    }

    /// The entries of a dictionary.
    pub fn as_dict(&self) -> Option<&[(Box<str>, Plist)]> {
        match self {
            Plist::Dict(d) => Some(d),
            _ => None,
        }
    }
}

/// Reads a property list of either kind.
///
/// # Errors
/// See [`PlistError`]; every one says where.
pub fn parse(bytes: &[u8]) -> Result<Plist, PlistError> {
    if bytes.starts_with(b"bplist") {
        return Binary::open(bytes)?.tree();
    }
    let wide = bytes.starts_with(b"\xff\xfe<\0") || bytes.starts_with(b"\xfe\xff\0<");
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if wide || text.trim_ascii_start().starts_with(b"<") {
        return xml::parse(bytes);
    }
    Err(PlistError::Format { found: bytes.get(..8).unwrap_or(bytes).into() })
}
