//! Markers: facts found in a store that speak of a server's part in a record. Parsers make them; nobody else does.

use std::borrow::Cow;

use serde::Serialize;

use crate::origin::Origin;
use crate::value::Value;

/// What a marker is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarkerKind {
    /// An identifier that only the server can assign.
    ServerId,
    /// A clock that only the server sets, also one decoded from an identifier.
    ServerTime,
    /// Order inside a thread, or a store's own counter; a counter never confirms.
    Sequence,
    /// An acknowledgement status.
    State,
    /// A peer's delivery, read or played receipt: it implies that the server relayed the record.
    Receipt,
    /// A cloud-sync record with its state.
    CloudRecord,
    /// How far a thread or the account was synchronised.
    Cursor,
    /// The store says deleted, revoked, unsent.
    Tombstone,
    /// Another record names this one.
    Reference,
    /// What is left of a record elsewhere: an index row, a thumbnail.
    Remnant,
    /// In the outgoing queue.
    Queued,
    /// An error code.
    Failure,
}

impl MarkerKind {
    /// Every kind, in the order of their stored codes.
    pub const ALL: [MarkerKind; 12] = [
        MarkerKind::ServerId,
        MarkerKind::ServerTime,
        MarkerKind::Sequence,
        MarkerKind::State,
        MarkerKind::Receipt,
        MarkerKind::CloudRecord,
        MarkerKind::Cursor,
        MarkerKind::Tombstone,
        MarkerKind::Reference,
        MarkerKind::Remnant,
        MarkerKind::Queued,
        MarkerKind::Failure,
    ];

    /// The word used in exports.
    pub fn word(self) -> &'static str {
        match self {
            MarkerKind::ServerId => "server-id",
            MarkerKind::ServerTime => "server-time",
            MarkerKind::Sequence => "sequence",
            MarkerKind::State => "state",
            MarkerKind::Receipt => "receipt",
            MarkerKind::CloudRecord => "cloud-record",
            MarkerKind::Cursor => "cursor",
            MarkerKind::Tombstone => "tombstone",
            MarkerKind::Reference => "reference",
            MarkerKind::Remnant => "remnant",
            MarkerKind::Queued => "queued",
            MarkerKind::Failure => "failure",
        }
    }
}

/// A fact as found.
#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    /// What it is about.
    pub kind: MarkerKind,
    /// The store's own column or key name.
    pub name: Cow<'static, str>,
    /// The value as stored.
    pub raw: Value,
    /// The value as understood (a time as RFC 3339, a state's word); `Null` where the raw value says it all.
    pub value: Value,
    /// The cell.
    pub origin: Origin,
}

impl Marker {
    /// A marker whose raw value says it all.
    pub fn new(kind: MarkerKind, name: impl Into<Cow<'static, str>>, raw: impl Into<Value>, origin: Origin) -> Self {
        Marker { kind, name: name.into(), raw: raw.into(), value: Value::Null, origin }
    }

    /// The same with its value as understood.
    pub fn meaning(mut self, value: impl Into<Value>) -> Self {
        self.value = value.into();
        self
    }
}
