//! Columns by name, looked up once for each table; one that a version lacks reads as nothing.

/// Declares the columns that a reader uses: a struct of [`Col`](forensics_core::store::sqlite::Col) with `of(&Table)`.
macro_rules! columns {
    ($(#[$doc:meta])* $name:ident { $($field:ident = $column:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        struct $name {
            $($field: ::forensics_core::store::sqlite::Col,)*
        }

        impl $name {
            fn of(table: &::forensics_core::store::sqlite::Table) -> Self {
                $name { $($field: table.column($column),)* }
            }
        }
    };
}

pub(super) use columns;
