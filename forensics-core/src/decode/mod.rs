//! Wire formats: pure functions over byte slices. No panic, no recursion without a limit, spans kept for provenance.

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

pub mod protobuf;
pub mod tl;
pub mod typedstream;
pub mod zstd;
