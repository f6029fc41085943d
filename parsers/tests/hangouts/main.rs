//! Hangouts and Google Chat end to end: files of a phone through the whole run, back out of the case.

mod chat;
#[path = "../telephony/harness.rs"]
mod harness;
mod real;
mod stores;
