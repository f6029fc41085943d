//! Exports of a case: everything, one record a line, with provenance.

pub(crate) mod csv;
pub(crate) mod jsonl;
mod lines;
