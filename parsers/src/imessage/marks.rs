//! The marks of a message row: every column that speaks of a server's part in it, as it stands.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::store::sqlite::{Col, Row};
use forensics_core::value::Value;

use super::codes;
use super::columns::MessageColumns;
use super::stamps::{is_set, stamp};

/// Which values of a column are marks.
#[derive(Clone, Copy)]
enum When {
    /// Any but nothing.
    Present,
    /// Any but nothing and 0.
    NotZero,
    /// Any but nothing and the empty text.
    Filled,
    /// A time.
    Dated,
}

/// All marks of a row, in a fixed order.
pub(super) fn of(row: &Row<'_>, c: &MessageColumns) -> Vec<Marker> {
    use MarkerKind::{CloudRecord, Failure, Queued, Receipt, Reference, State, Tombstone};
    use When::{Dated, Filled, NotZero, Present};
    // On an incoming row the dates are this device's own, no receipts.
    let receipt = if row.int(c.from_me) == Some(1) { Receipt } else { State };
    let all: [(Col, &'static str, MarkerKind, When); 39] = [
        (c.service, "service", State, Filled),
        (c.sent, "is_sent", State, Present),
        (c.delivered, "is_delivered", State, Present),
        (c.finished, "is_finished", State, Present),
        (c.read, "is_read", State, NotZero),
        (c.error, "error", Failure, NotZero),
        (c.date_delivered, "date_delivered", receipt, Dated),
        (c.date_read, "date_read", receipt, Dated),
        (c.date_played, "date_played", receipt, Dated),
        (c.verified, "is_kt_verified", State, NotZero),
        (c.notified, "did_notify_recipient", State, NotZero),
        (c.quietly, "was_delivered_quietly", State, NotZero),
        (c.downgraded, "was_downgraded", State, NotZero),
        (c.schedule_type, "schedule_type", Queued, NotZero),
        (c.schedule_state, "schedule_state", Queued, NotZero),
        (c.satellite, "is_pending_satellite_send", Queued, NotZero),
        (c.state, "ck_sync_state", CloudRecord, Present),
        (c.record, "ck_record_id", CloudRecord, Filled),
        (c.tag, "ck_record_change_tag", CloudRecord, Filled),
        (c.sr_state, "sr_ck_sync_state", CloudRecord, NotZero),
        (c.sr_record, "sr_ck_record_id", CloudRecord, Filled),
        (c.sr_tag, "sr_ck_record_change_tag", CloudRecord, Filled),
        (c.ranges, "syndication_ranges", CloudRecord, Filled),
        (c.synced_ranges, "synced_syndication_ranges", CloudRecord, Filled),
        (c.chain, "reply_to_guid", Reference, Filled),
        (c.originator, "thread_originator_guid", Reference, Filled),
        (c.target, "associated_message_guid", Reference, Filled),
        (c.target_type, "associated_message_type", Reference, NotZero),
        (c.target_emoji, "associated_message_emoji", Reference, Filled),
        (c.date_edited, "date_edited", State, Dated),
        (c.date_retracted, "date_retracted", Tombstone, Dated),
        (c.date_recovered, "date_recovered", State, Dated),
        (c.item_type, "item_type", State, NotZero),
        (c.group_action, "group_action_type", State, NotZero),
        (c.group_title, "group_title", State, Filled),
        (c.other_handle, "other_handle", Reference, NotZero),
        (c.balloon, "balloon_bundle_id", State, Filled),
        (c.effect, "expressive_send_style_id", State, Filled),
        (c.subject, "subject", State, Filled),
    ];
    all.into_iter().filter_map(|(col, name, kind, when)| mark(row, c, col, name, kind, when)).collect()
}

fn mark(
    row: &Row<'_>,
    c: &MessageColumns,
    col: Col,
    name: &'static str,
    kind: MarkerKind,
    when: When,
) -> Option<Marker> {
    let raw = if col.is_present() { row.value(col) } else { Value::Null };
    let is_mark = match when {
        When::Present => !raw.is_null(),
        When::NotZero => !matches!(raw, Value::Null | Value::Int(0)),
        When::Filled => !raw.is_null() && raw.as_text() != Some(""),
        When::Dated => is_set(&raw),
    };
    if !is_mark {
        return None;
    }
    let meaning: Value = match (name, when) {
        (_, When::Dated) => stamp(&raw).map(|s| s.to_string()).into(),
        ("ck_sync_state", _) => raw.as_int().and_then(codes::sync_state).into(),
        ("item_type", _) => raw.as_int().and_then(codes::event).into(),
        ("group_action_type", _) => codes::action(row.int(c.item_type).unwrap_or(0), raw.as_int().unwrap_or(-1)).into(),
        ("expressive_send_style_id", _) => raw.as_text().and_then(codes::effect).into(),
        ("associated_message_type", _) => codes::tapback(raw.as_int(), || Value::Null).unwrap_or_default(),
        _ => Value::Null,
    };
    Some(Marker::new(kind, name, raw, row.cell(col)).meaning(meaning))
}
