//! Marks that name a record: those whose record is in the store fall away, those that name the same missing record become
//! one absence that lists them all.

use std::collections::HashMap;

use rusqlite::{OptionalExtension as _, params};
use serde_json::Value as Json;

use super::Reconciling;
use super::absence::{Absence, complete};
use crate::case::CaseError;
use crate::record::{AbsenceKind, Strength};

/// A mention as read back, with the names it goes by.
struct Unresolved {
    absence: Absence,
    names: Vec<Name>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Name {
    Server(String),
    Id(String),
    Row(String, i64),
}

pub(super) fn reconcile(shard: &Reconciling<'_>) -> Result<(), CaseError> {
    let app = shard.app.id;
    let any: bool = shard.connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM mention m JOIN store s ON s.id = m.store WHERE s.app = ?1)",
        [app],
        |r| r.get(0),
    )?;
    if !any {
        return Ok(());
    }
    shard.connection.execute_batch(
        "CREATE INDEX IF NOT EXISTS message_server_id ON message (space, server_id) WHERE server_id IS NOT NULL; \
         CREATE INDEX IF NOT EXISTS message_key ON message (space, key); \
         CREATE INDEX IF NOT EXISTS message_row ON message (space, row, table_name); \
         CREATE INDEX IF NOT EXISTS alias_key ON alias (space, key);",
    )?;
    let mut unresolved = Vec::new();
    let sql = "SELECT m.store, m.space, m.account, m.thread, m.names, m.kind, m.strength, m.rule, m.text, m.after, m.before, m.at_most, m.markers, m.origin \
               FROM mention m JOIN store s ON s.id = m.store WHERE s.app = ?1 ORDER BY m.space, m.id";
    let mut statement = shard.connection.prepare(sql)?;
    let mut rows = statement.query([app])?;
    while let Some(row) = rows.next()? {
        let names = parse_names(&row.get::<_, String>(4)?);
        let (space, thread): (i64, Option<i64>) = (row.get(1)?, row.get(3)?);
        let mut present = false;
        for name in &names {
            present = present || is_present(shard, space, thread, name)?;
        }
        if present {
            continue;
        }
        let origin: String = row.get(13)?;
        let at_most: Option<i64> = row.get(11)?;
        let absence = Absence {
            store: row.get(0)?,
            space,
            account: row.get(2)?,
            thread,
            kind: kind(&row.get::<_, String>(5)?),
            strength: if row.get::<_, String>(6)? == "strong" { Strength::Strong } else { Strength::Weak },
            name: None,
            after: row.get(9)?,
            before: row.get(10)?,
            at_most: at_most.or_else(|| (!names.is_empty()).then_some(1)),
            text: row.get(8)?,
            rules: vec![row.get(7)?],
            markers: complete(&row.get::<_, String>(12)?, &origin),
            origin,
        };
        unresolved.push(Unresolved { absence, names });
    }
    for absence in merge(unresolved) {
        shard.insert(&absence)?;
    }
    Ok(())
}

fn parse_names(json: &str) -> Vec<Name> {
    let list: Vec<Vec<Json>> = serde_json::from_str(json).unwrap_or_default();
    list.iter()
        .filter_map(|parts| {
            let text = parts.get(1)?.as_str()?.to_owned();
            match parts.first()?.as_str()? {
                "server" => Some(Name::Server(text)),
                "id" => Some(Name::Id(text)),
                _ => Some(Name::Row(text, parts.get(2)?.as_i64()?)),
            }
        })
        .collect()
}

fn kind(word: &str) -> AbsenceKind {
    use AbsenceKind::{BeyondRecords, Dangling, GapInSequence, RemnantOnly, Tombstoned, Undelivered};
    [Tombstoned, Undelivered, Dangling, RemnantOnly, GapInSequence, BeyondRecords]
        .into_iter()
        .find(|k| k.word() == word)
        .unwrap_or(Dangling)
}

/// Whether the store holds the record now. A key counts within the thread that the mark names, if it names one.
fn is_present(shard: &Reconciling<'_>, space: i64, thread: Option<i64>, name: &Name) -> Result<bool, CaseError> {
    let c = shard.connection;
    let found = match name {
        Name::Server(id) => c
            .prepare_cached("SELECT 1 FROM message WHERE space = ?1 AND server_id = ?2 AND state IN ('live','hidden')")?
            .query_row(params![space, id], |_| Ok(()))
            .optional()?,
        Name::Id(key) => c
            .prepare_cached(
                "SELECT 1 FROM message WHERE space = ?1 AND key = ?2 AND (?3 IS NULL OR thread = ?3) AND state IN ('live','hidden') \
                 UNION ALL SELECT 1 FROM alias a JOIN message m ON m.id = a.message \
                 WHERE a.space = ?1 AND a.key = ?2 AND (?3 IS NULL OR m.thread = ?3) AND m.state IN ('live','hidden')",
            )?
            .query_row(params![space, key, thread], |_| Ok(()))
            .optional()?,
        Name::Row(table, row) => c
            .prepare_cached(
                "SELECT 1 FROM message m JOIN term t ON t.id = m.table_name \
                 WHERE m.space = ?1 AND m.row = ?2 AND t.text = ?3 AND m.state IN ('live','hidden')",
            )?
            .query_row(params![space, row, table], |_| Ok(()))
            .optional()?,
    };
    Ok(found.is_some())
}

/// A thread, where the mark says which, and the mark's place in the list.
type InThread = (Option<i64>, usize);

/// Joins what shares a name, directly or through a third mark.
fn merge(list: Vec<Unresolved>) -> Vec<Absence> {
    let mut group_of: Vec<usize> = (0..list.len()).collect();
    // A name counts within its thread, where the mark says which: channels number their posts each by itself.
    let mut with: HashMap<(i64, Name), Vec<InThread>> = HashMap::new();
    for (place, item) in list.iter().enumerate() {
        for name in &item.names {
            let thread = item.absence.thread.filter(|_| !matches!(name, Name::Row(..)));
            let known = with.entry((item.absence.space, name.clone())).or_default();
            let same = known.iter().find(|(t, _)| t.is_none() || thread.is_none() || *t == thread).map(|(_, p)| *p);
            let Some(first) = same else {
                known.push((thread, place));
                continue;
            };
            if !known.iter().any(|(t, _)| *t == thread) {
                known.push((thread, place));
            }
            let (a, b) = (root(&group_of, first), root(&group_of, place));
            if let Some(slot) = group_of.get_mut(a.max(b)) {
                *slot = a.min(b);
            }
        }
    }
    let mut groups: Vec<(usize, Vec<Unresolved>)> = Vec::new();
    let mut place_of: HashMap<usize, usize> = HashMap::new();
    for (place, item) in list.into_iter().enumerate() {
        let root = root(&group_of, place);
        let group = *place_of.entry(root).or_insert_with(|| {
            groups.push((root, Vec::new()));
            groups.len() - 1
        });
        if let Some((_, members)) = groups.get_mut(group) {
            members.push(item);
        }
    }
    groups.into_iter().filter_map(|(_, members)| join(members)).collect()
}

fn root(group_of: &[usize], mut place: usize) -> usize {
    while let Some(next) = group_of.get(place).copied().filter(|next| *next != place) {
        place = next;
    }
    place
}

/// One absence of several marks: the kind that says most, the first text, all rules and marks.
fn join(mut members: Vec<Unresolved>) -> Option<Absence> {
    members.sort_by_key(|m| m.absence.kind);
    let names: Vec<Name> = members.iter().flat_map(|m| m.names.clone()).collect();
    let mut all = members.into_iter().map(|m| m.absence);
    let mut joined = all.next()?;
    for other in all {
        joined.strength = joined.strength.min(other.strength);
        joined.thread = joined.thread.or(other.thread);
        joined.after = joined.after.or(other.after);
        joined.before = joined.before.or(other.before);
        if joined.text == rusqlite::types::Value::Null {
            joined.text = other.text;
        }
        for rule in other.rules {
            if !joined.rules.contains(&rule) {
                joined.rules.push(rule);
            }
        }
        for marker in other.markers {
            if !joined.markers.contains(&marker) {
                joined.markers.push(marker);
            }
        }
    }
    // The server's id says most, then the app's key, then the row.
    let server = names.iter().find_map(|n| if let Name::Server(id) = n { Some(id.clone()) } else { None });
    let id = || names.iter().find_map(|n| if let Name::Id(id) = n { Some(id.clone()) } else { None });
    let row = || names.iter().find_map(|n| if let Name::Row(_, row) = n { Some(row.to_string()) } else { None });
    joined.name = server.or_else(id).or_else(row);
    Some(joined)
}
