//! `receipt_user` and `receipt_device`: what recipients and their devices reported.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::OpenStore;
use forensics_core::record::{Direction, Message, Receipt, ReceiptKind};
use forensics_core::stamp::Stamp;

use super::keyed::Keyed;
use super::people::People;
use crate::whatsapp::{cells, notes};

/// The state "read".
const READ: i64 = 13;

/// Times of `receipt_user`, with what each says.
const TIMES: [(&str, ReceiptKind); 3] = [
    ("receipt_timestamp", ReceiptKind::Delivered),
    ("read_timestamp", ReceiptKind::Read),
    ("played_timestamp", ReceiptKind::Played),
];

/// Both receipt tables.
pub(super) struct Receipts<'a> {
    users: Option<Keyed<'a, 4>>,
    devices: Option<Keyed<'a, 2>>,
}

impl<'a> Receipts<'a> {
    pub(super) fn open(store: &'a OpenStore) -> Self {
        let [(delivered, _), (read, _), (played, _)] = TIMES;
        Receipts {
            users: Keyed::open(
                store,
                "receipt_user",
                "message_row_id",
                ["receipt_user_jid_row_id", delivered, read, played],
            ),
            devices: Keyed::open(
                store,
                "receipt_device",
                "message_row_id",
                ["receipt_device_jid_row_id", "receipt_device_timestamp"],
            ),
        }
    }

    pub(super) fn add(&self, rowid: i64, people: &People<'_>, m: &mut Message) {
        let mut rows = 0_usize;
        if let Some(users) = &self.users {
            let [user, times @ ..] = users.cols;
            for row in users.rows(rowid) {
                rows = rows.saturating_add(1);
                let recipient = people.jid(row.int_lossy(user));
                for (col, (name, kind)) in times.into_iter().zip(TIMES) {
                    let Some(at) = cells::millis(&row, col) else { continue };
                    m.markers.push(receipt_mark(name, row.value(col), row.cell(col), kind, at));
                    m.receipts.push(Receipt {
                        recipient: recipient.as_deref().map(Into::into),
                        kind,
                        at: Some(at),
                        origin: row.cell(col),
                    });
                }
            }
        }
        if rows > 0 && m.receipts.is_empty() && m.direction == Direction::Out && m.int("status") == Some(READ) {
            m.notes.push(notes::RECEIPT_ROWS_EMPTY);
        }
        if let Some(devices) = &self.devices {
            let [_, time] = devices.cols;
            for row in devices.rows(rowid) {
                let Some(at) = cells::millis(&row, time) else { continue };
                let (raw, cell) = (row.value(time), row.cell(time));
                m.markers.push(receipt_mark("receipt_device_timestamp", raw, cell, ReceiptKind::Delivered, at));
            }
        }
    }
}

/// A receipt as a mark.
pub(super) fn receipt_mark(
    name: &'static str,
    raw: forensics_core::value::Value,
    cell: forensics_core::origin::Origin,
    kind: ReceiptKind,
    at: Stamp,
) -> Marker {
    Marker::new(MarkerKind::Receipt, name, raw, cell).meaning(format!("{} {at}", kind.word()))
}
