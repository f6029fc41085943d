//! The telephony provider end to end: files of a phone through the whole run, back out of the case.

mod absences;
mod harness;
mod real;
mod stores;
