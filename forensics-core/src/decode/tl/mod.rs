//! TL ("type language"): objects that begin with a 32-bit constructor id, their fields in the order that a table gives.
//!
//! The wire format names nothing: without the table of constructors no byte after the id can be understood. The table is
//! therefore data ([`Schema::parse`]) and the reader is generic. What cannot be read ends the reading at a known place;
//! everything before it is kept, with the offsets of each field.
//!
//! Layout: <https://core.telegram.org/mtproto/serialize> and <https://core.telegram.org/mtproto/TL>.
//!
//! ```
//! # use forensics_core::decode::tl::Schema;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let schema = Schema::parse("9db1bc6d\tPeer\tpeerUser\t62-131\tl\tuser_id:int")?;
//! let decoded = schema.decode(&[0x6d, 0xbc, 0xb1, 0x9d, 7, 0, 0, 0], Some("Peer"));
//! let peer = decoded.object.ok_or("an object")?;
//! assert_eq!((peer.name(), peer.int("user_id")), ("peerUser", Some(7)));
//! # Ok(())
//! # }
//! ```

mod reader;
mod schema;
mod value;

pub use reader::{Decoded, Trouble, TroubleKind, string};
pub use schema::{Constructor, Schema, SchemaError};
pub use value::{Node, Object, Tl};
