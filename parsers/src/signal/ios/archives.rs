//! Keyed archives in rows: states of recipients, quotes, names of groups.

use forensics_core::record::ReceiptKind;
use forensics_core::stamp::Stamp;
use forensics_core::store::keyed_archive::{Archive, ArchiveError, Object};

use crate::signal::cells::{self, stamp};

/// The state of one recipient (`TSOutgoingMessageRecipientState`).
#[derive(Debug, PartialEq)]
pub(super) struct Recipient {
    pub(super) who: Option<Box<str>>,
    /// The code as stored, raised to what a legacy object's times say.
    pub(super) state: i64,
    pub(super) at: Option<Stamp>,
    /// Where the object stands in the archive.
    pub(super) offset: Option<usize>,
}

impl Recipient {
    /// The receipt that the state stands for.
    pub(super) fn receipt(&self) -> Option<ReceiptKind> {
        match self.state {
            5 => Some(ReceiptKind::Delivered),
            6 => Some(ReceiptKind::Read),
            7 => Some(ReceiptKind::Played),
            _ => None,
        }
    }
}

/// The states of `recipientAddressStates`, in the archive's order.
pub(super) fn recipients(blob: &[u8]) -> Result<Vec<Recipient>, ArchiveError> {
    let root = Archive::open(blob)?.root()?;
    Ok(root.entries().filter_map(|(who, state)| Some(recipient(who, state?))).collect())
}

fn recipient(who: Object<'_>, state: Object<'_>) -> Recipient {
    let time = |key: &str| state.int(key).filter(|t| *t > 0);
    let code = state.int("state").unwrap_or(-1);
    // Older objects keep "sent" and the times of the receipts beside it.
    let legacy = [(7, "viewedTimestamp"), (6, "readTimestamp"), (5, "deliveryTimestamp")];
    let legacy = legacy.into_iter().find_map(|(code, key)| Some((code, time(key)?))).filter(|_| code == 3);
    let (code, at) = legacy.map_or((code, time("statusTimestamp")), |(code, at)| (code, Some(at)));
    Recipient { who: address(who), state: code, at: at.map(stamp), offset: state.offset() }
}

/// The service id, else the phone number, of a `SignalServiceAddress`.
fn address(object: Object<'_>) -> Option<Box<str>> {
    if let Some(text) = object.as_text() {
        return Some(cells::lower(&text));
    }
    let backing = object.field("backingUuid");
    let uuid = backing.and_then(|b| match b.as_data() {
        // A service id of the second kind (PNI) has one byte of kind in front.
        Some([_, rest @ ..]) if rest.len() == 16 => cells::uuid(rest),
        Some(bytes) => cells::uuid(bytes),
        None => b.as_text().map(|t| cells::lower(&t)),
    });
    uuid.or_else(|| object.text("backingPhoneNumber").map(|t| Box::from(&*t)))
}

/// A quote (`TSQuotedMessage`).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Quote {
    pub(super) author: Option<Box<str>>,
    pub(super) timestamp: i64,
    pub(super) text: Option<Box<str>>,
}

/// The quote of `quotedMessage`; `None` where it names no time.
pub(super) fn quote(blob: &[u8]) -> Result<Option<Quote>, ArchiveError> {
    let root = Archive::open(blob)?.root()?;
    let named = ["authorAddress", "authorId"].into_iter().find_map(|key| address(root.field(key)?));
    let timestamp = root.int("timestamp").filter(|t| *t > 0);
    let text = root.text("body").filter(|t| !t.is_empty()).map(|t| Box::from(&*t));
    Ok(timestamp.map(|timestamp| Quote { author: named, timestamp, text }))
}

/// The title in `groupModel` (`TSGroupModel`).
pub(super) fn group_name(blob: &[u8]) -> Option<Box<str>> {
    let root = Archive::open(blob).ok()?.root().ok()?;
    root.text("groupName").filter(|t| !t.is_empty()).map(|t| Box::from(&*t))
}

/// A text in `keyvalue`: an archived string.
pub(super) fn text(blob: &[u8]) -> Option<Box<str>> {
    let root = Archive::open(blob).ok()?.root().ok()?;
    root.as_text().filter(|t| !t.is_empty()).map(|t| Box::from(&*t))
}
