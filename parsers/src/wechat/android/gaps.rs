//! Row numbers that skip: a count, never a list.

use std::sync::Arc;

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::OpenStore;
use forensics_core::origin::Origin;
use forensics_core::record::{AbsenceKind, Mention, Record, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::Table;
use forensics_core::value::Value;

use super::frame::Frame;
use crate::wechat::rules::absences;

/// Hands over how many row numbers of a table are missing below its highest one: deleted rows, or rows that moved.
pub(super) fn count(
    store: &OpenStore,
    table: &Table,
    frame: &Frame,
    gone: u64,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let origin = Origin::table(store.id(), table.name.clone());
    let number = i64::try_from(gone).unwrap_or(i64::MAX);
    let marker = Marker::new(MarkerKind::Sequence, "msgId", Value::Null, origin.cell("msgId"))
        .meaning(format!("{number} row numbers below the highest one have no row"));
    sink.emit(Record::Mention(Box::new(Mention {
        space: frame.space,
        account: Arc::clone(&frame.account),
        thread: None,
        names: Vec::new(),
        kind: AbsenceKind::GapInSequence,
        strength: Strength::Weak,
        rule: absences::LOCAL_IDS_SKIP.id,
        text: Value::Null,
        after: None,
        before: None,
        at_most: Some(gone),
        markers: vec![marker],
        origin,
    })))
}
