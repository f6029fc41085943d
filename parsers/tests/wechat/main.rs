//! WeChat end to end: devices with a known truth, through the whole run, back out of the case.

mod android;
mod by_hand;
mod containers;
mod harness;
mod ios;
