//! The program as an examiner runs it: phones that never existed, in every container, whole and damaged.
#![expect(clippy::disallowed_methods, reason = "these tests write the evidence that they read, and run the program")]

mod bench;
mod containers;
mod damage;
mod recover;
mod truth;
mod untouched;
