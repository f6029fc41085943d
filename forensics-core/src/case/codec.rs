//! How origins, markers and nested lists stand in a shard: JSON, in which a place that repeats its record's place is left out.
//!
//! A marker is `[kind, name, raw, value, place]` with trailing parts omitted; a place is an object of the letters
//! `s` store, `t` table, `r` rowid, `c` column, `f` wal frame, `p` page, `o` offset, `l` length, `k` key. With `s` it is
//! complete; without, it is the record's own place with the given letters replaced.

use std::borrow::Cow;

use serde_json::{Map, Value as Json, json};

use crate::marker::{Marker, MarkerKind};
use crate::origin::{Origin, StoreId};
use crate::record::{Attachment, CallFacts, Edit, Message, Reaction, Receipt};
use crate::rule::Finding;
use crate::stamp::{Epoch, Number, Stamp};
use crate::value::Value;

/// A value as JSON.
pub(crate) fn value(v: &Value) -> Json {
    serde_json::to_value(v).unwrap_or(Json::Null)
}

fn text(v: Option<&str>) -> Json {
    v.map_or(Json::Null, |t| Json::String(t.to_owned()))
}

/// A complete place.
pub(crate) fn place(origin: &Origin) -> Json {
    let mut map = Map::new();
    map.insert("s".into(), origin.store.0.into());
    fill(&mut map, origin, None);
    Json::Object(map)
}

/// A place relative to a record's own.
fn relative(origin: &Origin, base: &Origin) -> Option<Json> {
    if origin == base {
        return None;
    }
    let same_row = origin.store == base.store && origin.table == base.table && origin.rowid == base.rowid;
    if !same_row {
        return Some(place(origin));
    }
    let mut map = Map::new();
    fill(&mut map, origin, Some(base));
    Some(Json::Object(map))
}

fn fill(map: &mut Map<String, Json>, origin: &Origin, base: Option<&Origin>) {
    let mut put = |letter: &str, differs: bool, value: Json| {
        if base.map_or(!value.is_null(), |_| differs) {
            map.insert(letter.to_owned(), value);
        }
    };
    let differs = |f: &dyn Fn(&Origin) -> bool| base.is_some_and(f);
    put("t", differs(&|b| b.table != origin.table), text(origin.table.as_deref()));
    put("r", differs(&|b| b.rowid != origin.rowid), origin.rowid.into());
    put("c", differs(&|b| b.column != origin.column), text(origin.column.as_deref()));
    put("f", differs(&|b| b.wal_frame != origin.wal_frame), origin.wal_frame.into());
    put("p", differs(&|b| b.page != origin.page), origin.page.into());
    put("o", differs(&|b| b.offset != origin.offset), origin.offset.into());
    put("l", differs(&|b| b.length != origin.length), origin.length.into());
    put("k", differs(&|b| b.key != origin.key), text(origin.key.as_deref()));
}

/// Reads a place back.
pub(crate) fn parse_place(json: Option<&Json>, base: &Origin) -> Origin {
    let Some(Json::Object(map)) = json else { return base.clone() };
    let mut origin = match map.get("s").and_then(Json::as_u64) {
        Some(store) => Origin::store(StoreId(u32::try_from(store).unwrap_or(0))),
        None => base.clone(),
    };
    let small = |v: &Json| v.as_u64().and_then(|n| u32::try_from(n).ok());
    for (letter, v) in map {
        match letter.as_str() {
            "t" => origin.table = v.as_str().map(Into::into),
            "r" => origin.rowid = v.as_i64(),
            "c" => origin.column = v.as_str().map(|c| Cow::Owned(c.to_owned())),
            "f" => origin.wal_frame = small(v),
            "p" => origin.page = small(v),
            "o" => origin.offset = v.as_u64(),
            "l" => origin.length = v.as_u64(),
            "k" => origin.key = v.as_str().map(Into::into),
            _ => {}
        }
    }
    origin
}

/// Reads a complete place back from a column.
pub(crate) fn parse_place_text(json: &str) -> Origin {
    let parsed: Option<Json> = serde_json::from_str(json).ok();
    parse_place(parsed.as_ref(), &Origin::store(StoreId(0)))
}

fn marker(m: &Marker, base: &Origin) -> Json {
    let kind = MarkerKind::ALL.iter().position(|k| *k == m.kind).unwrap_or(0);
    let own_cell = Origin { column: Some(m.name.clone()), ..base.clone() };
    let mut parts = vec![json!(kind), json!(m.name), value(&m.raw)];
    let place = relative(&m.origin, &own_cell);
    if !m.value.is_null() || place.is_some() {
        parts.push(value(&m.value));
    }
    parts.extend(place);
    Json::Array(parts)
}

/// Markers of a record at `base`.
pub(crate) fn markers(list: &[Marker], base: &Origin) -> String {
    Json::Array(list.iter().map(|m| marker(m, base)).collect()).to_string()
}

/// A marker as read back: the parts of an exported one.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredMarker {
    /// Its kind.
    pub kind: MarkerKind,
    /// The store's own column or key name.
    pub name: String,
    /// The value as stored.
    pub raw: Json,
    /// The value as understood.
    pub value: Json,
    /// The cell.
    pub origin: Origin,
}

/// Reads markers back.
pub(crate) fn parse_markers(json: &str, base: &Origin) -> Vec<StoredMarker> {
    let Ok(Json::Array(list)) = serde_json::from_str(json) else { return Vec::new() };
    list.into_iter()
        .filter_map(|item| {
            let Json::Array(parts) = item else { return None };
            let kind = usize::try_from(parts.first()?.as_u64()?).ok()?;
            let name = parts.get(1)?.as_str()?.to_owned();
            let own_cell = Origin { column: Some(Cow::Owned(name.clone())), ..base.clone() };
            Some(StoredMarker {
                kind: *MarkerKind::ALL.get(kind)?,
                raw: parts.get(2)?.clone(),
                value: parts.get(3).cloned().unwrap_or(Json::Null),
                origin: parse_place(parts.get(4), &own_cell),
                name,
            })
        })
        .collect()
}

fn list<T>(items: &[T], f: impl Fn(&T) -> Json) -> Option<String> {
    (!items.is_empty()).then(|| Json::Array(items.iter().map(f).collect()).to_string())
}

fn placed(mut json: Json, origin: &Origin, base: &Origin) -> Json {
    if let (Json::Object(map), Some(place)) = (&mut json, relative(origin, base)) {
        map.insert("origin".to_owned(), place);
    }
    json
}

fn time(stamp: Option<Stamp>) -> Json {
    stamp.filter(|s| s.unix_nanos().is_some()).map_or(Json::Null, |s| Json::String(s.to_string()))
}

/// Attachments of a record at `base`.
pub(crate) fn attachments(items: &[Attachment], base: &Origin) -> Option<String> {
    list(items, |a| {
        let json = json!({"name": a.name, "mime": a.mime, "size": a.size, "path": a.path, "sha256": a.sha256});
        placed(json, &a.origin, base)
    })
}

/// Reactions of a record at `base`.
pub(crate) fn reactions(items: &[Reaction], base: &Origin) -> Option<String> {
    list(items, |r| placed(json!({"sender": r.sender, "text": value(&r.text), "sent": time(r.sent)}), &r.origin, base))
}

/// Edits of a record at `base`.
pub(crate) fn edits(items: &[Edit], base: &Origin) -> Option<String> {
    list(items, |e| placed(json!({"text": value(&e.text), "at": time(e.at)}), &e.origin, base))
}

/// Receipts of a record at `base`.
pub(crate) fn receipts(items: &[Receipt], base: &Origin) -> Option<String> {
    list(items, |r| placed(json!({"recipient": r.recipient, "kind": r.kind.word(), "at": time(r.at)}), &r.origin, base))
}

/// What else is known of a call.
pub(crate) fn call(facts: &CallFacts) -> String {
    json!({"started": time(facts.started), "duration_ms": facts.duration_ms, "outcome": value(&facts.outcome), "video": facts.video})
        .to_string()
}

/// Findings, with markers by index.
pub(crate) fn findings(items: &[Finding]) -> Option<String> {
    list(items, |f| {
        json!({
            "rule": f.rule,
            "claim": f.claim.map(|c| c.word()),
            "reach": f.claim.and_then(|c| c.reach()).map(|r| r.word()),
            "notes": f.notes,
            "markers": f.used,
        })
    })
}

/// An epoch's stored word.
pub(crate) fn epoch(epoch: Epoch) -> &'static str {
    match epoch {
        Epoch::UnixSeconds => "unix-s",
        Epoch::UnixMillis => "unix-ms",
        Epoch::UnixMicros => "unix-us",
        Epoch::UnixNanos => "unix-ns",
        Epoch::AppleSeconds => "apple-s",
        Epoch::AppleNanos => "apple-ns",
    }
}

/// Reads a stored time back.
pub(crate) fn parse_stamp(raw: &rusqlite::types::Value, word: Option<&str>) -> Option<Stamp> {
    let epoch = match word? {
        "unix-s" => Epoch::UnixSeconds,
        "unix-ms" => Epoch::UnixMillis,
        "unix-us" => Epoch::UnixMicros,
        "unix-ns" => Epoch::UnixNanos,
        "apple-s" => Epoch::AppleSeconds,
        "apple-ns" => Epoch::AppleNanos,
        _ => return None,
    };
    match raw {
        rusqlite::types::Value::Integer(i) => Some(Stamp::int(*i, epoch)),
        rusqlite::types::Value::Real(f) => Some(Stamp::real(*f, epoch)),
        _ => None,
    }
}

/// A raw time for a column.
pub(crate) fn raw_time(stamp: Option<Stamp>) -> rusqlite::types::Value {
    match stamp.map(|s| s.raw) {
        Some(Number::Int(i)) => rusqlite::types::Value::Integer(i),
        Some(Number::Real(f)) => rusqlite::types::Value::Real(f),
        None => rusqlite::types::Value::Null,
    }
}

/// A value for a column.
pub(crate) fn column(v: &Value) -> rusqlite::types::Value {
    match v {
        Value::Null => rusqlite::types::Value::Null,
        Value::Int(i) => rusqlite::types::Value::Integer(*i),
        Value::Real(f) => rusqlite::types::Value::Real(*f),
        Value::Text(t) => rusqlite::types::Value::Text(t.to_string()),
        Value::Blob(b) => rusqlite::types::Value::Blob(b.to_vec()),
    }
}

/// Notes of a message, as a JSON list.
pub(crate) fn notes(message: &Message) -> Option<String> {
    (!message.notes.is_empty()).then(|| json!(message.notes).to_string())
}
