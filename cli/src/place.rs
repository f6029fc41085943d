//! Places in words: where an app keeps its stores, and where a value was read.

use forensics_core::app::{Manifest, Platform, RealmSpec, StoreSpec};
use forensics_core::case::Shard;
use forensics_core::origin::Origin;

/// The platforms of an app, each once.
pub(crate) fn unique_platforms(app: &Manifest) -> impl Iterator<Item = Platform> {
    [Platform::Android, Platform::Ios].into_iter().filter(|p| app.installs.iter().any(|i| i.platform == *p))
}

/// Where a store lies, once for each flavour of the app.
pub(crate) fn store_paths(app: &Manifest, store: &StoreSpec) -> Vec<String> {
    let flavours = app.installs.iter().filter(|i| i.platform == store.platform);
    let mut paths: Vec<String> = flavours
        .filter_map(|i| i.realms.get(store.place.realm))
        .map(|realm| format!("{}{}", root(*realm), store.place.glob))
        .collect();
    paths.dedup();
    paths
}

/// A realm's root as an examiner knows it.
fn root(realm: RealmSpec) -> String {
    match realm {
        RealmSpec::AndroidApp(package) => format!("/data/data/{package}/"),
        RealmSpec::AndroidAppDe(package) => format!("/data/user_de/0/{package}/"),
        RealmSpec::AndroidShared => "/storage/emulated/0/".to_owned(),
        RealmSpec::IosApp(bundle) => format!("/private/var/mobile/Containers/Data/Application/{bundle}/"),
        RealmSpec::IosGroup(group) => format!("/private/var/mobile/Containers/Shared/AppGroup/{group}/"),
        RealmSpec::IosHome => "/private/var/mobile/".to_owned(),
    }
}

/// A place inside its store, short: `message:17 server_id`.
pub(crate) fn short(o: &Origin) -> String {
    let mut text = match (&o.table, o.rowid, &o.key) {
        (Some(table), Some(rowid), _) => format!("{table}:{rowid}"),
        (Some(table), None, Some(key)) => format!("{table}[{key}]"),
        (Some(table), None, None) => table.to_string(),
        (None, _, Some(key)) => key.to_string(),
        (None, _, None) => String::new(),
    };
    if let Some(column) = &o.column {
        text.push(' ');
        text.push_str(column);
    }
    text.trim_start().to_owned()
}

/// A place inside its store, in full.
pub(crate) fn long(o: &Origin) -> String {
    let mut parts = Vec::new();
    let mut part = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            parts.push(format!("{name} {value}"));
        }
    };
    part("table", o.table.as_ref().map(ToString::to_string));
    part("rowid", o.rowid.map(|n| n.to_string()));
    part("column", o.column.as_ref().map(ToString::to_string));
    part("key", o.key.as_ref().map(ToString::to_string));
    part("WAL frame", o.wal_frame.map(|n| n.to_string()));
    part("page", o.page.map(|n| n.to_string()));
    part("at byte", o.offset.map(|n| n.to_string()));
    part("length", o.length.map(|n| n.to_string()));
    if parts.is_empty() { "the store as a whole".to_owned() } else { parts.join(", ") }
}

/// The base name of the store, or nothing where the case does not hold it.
pub(crate) fn file<'s>(shard: &'s Shard, o: &Origin) -> &'s str {
    shard.store(o.store).map_or("", |s| s.file())
}

/// A command with which anyone reads the row again; for rows of tables alone.
pub(crate) fn sqlite3(shard: &Shard, o: &Origin) -> Option<String> {
    let (table, rowid, store) = (o.table.as_deref()?, o.rowid?, shard.store(o.store)?);
    let sql = format!("SELECT * FROM \"{}\" WHERE rowid = {rowid}", table.replace('"', "\"\""));
    Some(format!("sqlite3 {} {}", quoted(store.file()), quoted(&sql)))
}

/// A word for the shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use forensics_core::origin::StoreId;

    use super::*;

    #[test]
    fn a_place_reads_from_the_table_to_the_byte() {
        let row = Origin {
            rowid: Some(7),
            page: Some(3),
            offset: Some(9),
            length: Some(2),
            ..Origin::table(StoreId(1), "message")
        };
        assert_eq!(short(&row.cell("status")), "message:7 status");
        assert_eq!(long(&row), "table message, rowid 7, page 3, at byte 9, length 2");
        assert_eq!(short(&Origin::key(StoreId(1), "a/b")), "a/b");
        assert_eq!(quoted("it's"), "'it'\\''s'");
    }
}
