//! An absence on its way into the shard.

use rusqlite::{Connection, params};
use serde_json::Value as Json;

use crate::case::CaseError;
use crate::record::{AbsenceKind, Strength};

/// An absence. Places are in the shard's own form (`case::codec`).
#[derive(Clone, Debug)]
pub(super) struct Absence {
    pub(super) store: i64,
    pub(super) space: i64,
    pub(super) account: i64,
    pub(super) thread: Option<i64>,
    pub(super) kind: AbsenceKind,
    pub(super) strength: Strength,
    pub(super) name: Option<String>,
    pub(super) after: Option<i64>,
    pub(super) before: Option<i64>,
    pub(super) at_most: Option<i64>,
    pub(super) text: rusqlite::types::Value,
    pub(super) rules: Vec<String>,
    /// Markers in stored form, each with a complete place.
    pub(super) markers: Vec<Json>,
    /// Place in stored form.
    pub(super) origin: String,
}

impl Absence {
    pub(super) fn insert(&self, connection: &Connection) -> Result<(), CaseError> {
        let sql = "INSERT INTO absence (store, space, account, thread, kind, strength, name, after, before, at_most, text, rules, markers, origin) \
                   VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)";
        connection.prepare_cached(sql)?.execute(params![
            self.store,
            self.space,
            self.account,
            self.thread,
            self.kind.word(),
            self.strength.word(),
            self.name,
            self.after,
            self.before,
            self.at_most,
            self.text,
            Json::from(self.rules.clone()).to_string(),
            Json::Array(self.markers.clone()).to_string(),
            self.origin,
        ])?;
        Ok(())
    }
}

/// Markers of a record with every place made complete, so that they can stand beside markers of other records.
pub(super) fn complete(markers: &str, base: &str) -> Vec<Json> {
    let base = crate::case::parse_place_text(base);
    crate::case::parse_markers(markers, &base)
        .into_iter()
        .map(|m| {
            let kind = crate::marker::MarkerKind::ALL.iter().position(|k| *k == m.kind).unwrap_or(0);
            serde_json::json!([kind, m.name, m.raw, m.value, crate::case::encode_place(&m.origin)])
        })
        .collect()
}
