//! The `matchmark` command.
fn main() {}
