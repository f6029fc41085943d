//! `matchmark`: which message records on a phone carry a server's mark, and which cell says so.

mod catalogue;
mod error;
mod export;
mod open_case;
mod screen;
mod terminal_text;
#[cfg(test)]
mod testing;

fn main() {}
