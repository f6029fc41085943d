//! Google Messages end to end: files of a phone through the whole run, back out of the case.

mod absences;
#[path = "../telephony/harness.rs"]
mod harness;
mod mirror;
mod stores;
