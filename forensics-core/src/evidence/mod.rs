//! The hash of what the examiner pointed at, and the hash that the acquisition tool stated for it.
//!
//! ```no_run
//! use forensics_core::evidence::{Hashing, stated_sha256};
//!
//! let hashing = Hashing::start("phone.zip".as_ref()); // reads beside the parsers
//! let sum = hashing.finish()?;
//! println!("{} {}, stated {:?}", sum.digest.name(), sum.digest, stated_sha256("phone.zip".as_ref()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::arithmetic_side_effects
    )
)]

mod hash;
pub use hash::{Digest, HashError, Hashing, Sum};

pub use crate::container::{StatedHash, stated_sha256};
