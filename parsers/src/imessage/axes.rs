//! The two servers that may have handled a record, asked apart: Apple's relay (or the carrier), and iCloud.
//!
//! The rules and the notes are made of the same two answers, so that they cannot disagree.

use forensics_core::record::{Direction, Message};
use forensics_core::value::Value;

use super::stamps::is_set;

/// Who carries a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// Apple's own relay.
    Apple,
    /// RCS: the carrier, with receipts.
    Rcs,
    /// SMS and MMS, also by satellite.
    Carrier,
    /// Not known.
    Other,
}

/// What the relay did with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relay {
    /// A peer's read receipt came back.
    Read,
    /// A peer's delivery receipt came back.
    Delivered,
    /// Accepted.
    Sent,
    /// The store says that sending failed.
    Failed,
    /// Not sent yet.
    Pending,
    /// Finished, not sent, no error.
    NeverSent,
    /// It came in.
    Received,
    /// Nothing is said.
    Silent,
}

/// What iCloud has of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cloud {
    /// A record that the server gave a change tag, and nothing to upload. `true`: an update of it waits.
    Confirmed { update_waits: bool },
    /// A record id without the server's change tag.
    Unacknowledged,
    /// Marked as having nothing to upload, without a record.
    CleanWithoutRecord,
    /// The last upload failed.
    Failed,
    /// A record with tag, to be uploaded again.
    Again,
    /// No record.
    None,
    /// A state that is not known.
    Unknown,
    /// The store has no such columns.
    NotApplicable,
}

pub(super) fn service(m: &Message) -> Service {
    match m.marker("service").and_then(|s| s.raw.as_text()) {
        Some("iMessage" | "iMessageLite") => Service::Apple,
        Some("RCS") => Service::Rcs,
        Some("SMS" | "SatelliteSMS") => Service::Carrier,
        _ => Service::Other,
    }
}

/// Whether the flag of that name is 1.
pub(super) fn flag(m: &Message, name: &str) -> bool {
    m.int(name) == Some(1)
}

/// Whether the date of that name is set.
pub(super) fn dated(m: &Message, name: &str) -> bool {
    m.marker(name).is_some_and(|mark| is_set(&mark.raw))
}

/// The error code, 0 for none.
pub(super) fn error(m: &Message) -> i64 {
    m.int("error").unwrap_or(0)
}

/// Whether a peer's receipt can come back through the relay: iMessage and RCS have receipts.
pub(super) fn has_receipts(m: &Message) -> bool {
    m.direction == Direction::Out && matches!(service(m), Service::Apple | Service::Rcs)
}

pub(super) fn relay(m: &Message) -> Relay {
    match m.direction {
        Direction::In if service(m) != Service::Other => return Relay::Received,
        Direction::Out => {}
        _ => return Relay::Silent,
    }
    if has_receipts(m) && dated(m, "date_read") {
        return Relay::Read;
    }
    if has_receipts(m) && flag(m, "is_delivered") && dated(m, "date_delivered") {
        return Relay::Delivered;
    }
    if error(m) != 0 {
        return Relay::Failed;
    }
    if flag(m, "is_sent") {
        return Relay::Sent;
    }
    let unsent = m.int("is_sent") == Some(0);
    let waits = m.int("schedule_type") == Some(2) || flag(m, "is_pending_satellite_send");
    match m.int("is_finished") {
        _ if waits => Relay::Pending,
        Some(0) if unsent => Relay::Pending,
        Some(1) if unsent => Relay::NeverSent,
        _ => Relay::Silent,
    }
}

fn filled(m: &Message, name: &str) -> bool {
    match m.marker(name).map(|mark| &mark.raw) {
        Some(Value::Text(t)) => !t.is_empty(),
        Some(Value::Blob(b)) => !b.is_empty(),
        Some(Value::Int(_) | Value::Real(_)) => true,
        Some(Value::Null) | None => false,
    }
}

/// Whether a record id stands in the row.
pub(super) fn has_record(m: &Message) -> bool {
    filled(m, "ck_record_id")
}

pub(super) fn cloud(m: &Message) -> Cloud {
    let Some(state) = m.marker("ck_sync_state") else { return Cloud::NotApplicable };
    let (record, tag) = (has_record(m), filled(m, "ck_record_change_tag"));
    match (state.raw.as_int(), record) {
        (Some(1 | 8 | 9), true) if tag => Cloud::Confirmed { update_waits: state.raw.as_int() != Some(1) },
        (Some(0 | 1 | 8 | 9), true) if !tag => Cloud::Unacknowledged,
        (Some(1 | 8 | 9), false) => Cloud::CleanWithoutRecord,
        (Some(2), _) => Cloud::Failed,
        (Some(0), true) => Cloud::Again,
        (Some(0) | None, false) => Cloud::None,
        _ => Cloud::Unknown,
    }
}

/// The two answers as notes.
pub(super) fn notes(m: &Message, cloud_is_off: bool) -> Vec<&'static str> {
    let relay = match relay(m) {
        Relay::Read | Relay::Delivered => Some("relay-delivered"),
        Relay::Sent => Some("relay-sent"),
        Relay::Failed => Some("relay-failed"),
        Relay::Pending => Some("relay-pending"),
        Relay::Received => Some("relay-received"),
        Relay::NeverSent | Relay::Silent => None,
    };
    let cloud = match cloud(m) {
        Cloud::Confirmed { .. } => Some("icloud-confirmed"),
        Cloud::Unacknowledged | Cloud::Again => Some("icloud-pending"),
        Cloud::Failed => Some("icloud-failed"),
        Cloud::None | Cloud::CleanWithoutRecord if cloud_is_off => Some("icloud-off"),
        Cloud::None | Cloud::CleanWithoutRecord => Some("icloud-none"),
        Cloud::Unknown => Some("icloud-unknown-state"),
        Cloud::NotApplicable => None,
    };
    relay.into_iter().chain(cloud).collect()
}
