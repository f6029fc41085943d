//! Wire formats: pure functions over byte slices. No panic, no recursion without a limit, spans kept for provenance.

pub mod protobuf;
pub mod zstd;
