//! Apple Messages, from the store to the case.

#[path = "imessage/absences.rs"]
mod absences;
#[path = "imessage/encode.rs"]
mod encode;
#[path = "imessage/hostile.rs"]
mod hostile;
#[path = "imessage/phone.rs"]
mod phone;
#[path = "imessage/real.rs"]
mod real;
#[path = "imessage/records.rs"]
mod records;
#[path = "imessage/streaming.rs"]
mod streaming;
