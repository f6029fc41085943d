//! The table of TL constructors that Telegram's stores are written with.

use std::sync::LazyLock;

use forensics_core::decode::tl::{Schema, SchemaError};

/// Every generation of every class that `cache4.db` holds; its first lines say where it comes from.
const TABLE: &str = include_str!("table/constructors.tsv");

static SCHEMA: LazyLock<Result<Schema, SchemaError>> = LazyLock::new(|| Schema::parse(TABLE));
static EMPTY: LazyLock<Schema> = LazyLock::new(Schema::default);

/// The table, read once. It is part of the program and a test reads it: it cannot fail.
pub fn schema() -> &'static Schema {
    SCHEMA.as_ref().unwrap_or(&EMPTY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read() {
        assert_eq!(SCHEMA.as_ref().map(|s| s.constructors().len()), Ok(1254));
    }
}
