//! WeChat end to end: devices with a known truth, through the whole run, back out of the case.

mod android;
mod harness;
mod ios;
mod look;
