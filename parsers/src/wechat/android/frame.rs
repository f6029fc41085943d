//! What every reader of one account's stores knows.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::Origin;
use forensics_core::record::{AbsenceKind, Cursor, CursorSays, Key, Mention, Name, Record, Space, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Col, Row};
use forensics_core::value::Value;

use crate::wechat::talker::Usernames;

/// The account at work.
pub(super) struct Frame {
    /// Its key: the user name, else the folder's name.
    pub(super) account: Key,
    /// The owner's user name, where it is known.
    pub(super) own: Option<Key>,
    /// The id space of the store at work.
    pub(super) space: Space,
    /// User names, each held once.
    pub(super) usernames: Usernames,
    /// Whether a part of the store could not be read, so that what seems missing may be there.
    pub(super) damaged: bool,
}

/// What the account's other files say of rows that may still be there.
#[derive(Default)]
pub(super) struct Sayings {
    /// Ids on the list of deleted messages.
    pub(super) deleted: HashMap<i64, Marker>,
    /// Rooms that were deleted, and up to which number.
    pub(super) deleted_rooms: HashMap<String, (i64, Marker)>,
    /// Chats that were moved from another phone or restored.
    pub(super) restored: HashSet<String>,
}

/// A mark without its record.
pub(super) struct Naming<'a> {
    pub(super) rule: &'static str,
    pub(super) kind: AbsenceKind,
    pub(super) strength: Strength,
    pub(super) names: Vec<Name>,
    pub(super) thread: Option<&'a str>,
    pub(super) text: Value,
    pub(super) markers: Vec<Marker>,
    pub(super) origin: Origin,
}

impl Frame {
    /// Whether a user name is the owner's.
    pub(super) fn is_own(&self, username: &str) -> bool {
        self.own.as_deref() == Some(username)
    }

    /// Hands over a mark whose record is not there.
    pub(super) fn name(&mut self, sink: &mut dyn Sink, naming: Naming<'_>) -> Result<(), Stopped> {
        let thread = naming.thread.filter(|t| !t.is_empty()).map(|t| self.usernames.key(t));
        sink.emit(Record::Mention(Box::new(Mention {
            space: self.space,
            account: Arc::clone(&self.account),
            thread,
            names: naming.names,
            kind: naming.kind,
            strength: if self.damaged { Strength::Weak } else { naming.strength },
            rule: naming.rule,
            text: naming.text,
            after: None,
            before: None,
            at_most: None,
            markers: naming.markers,
            origin: naming.origin,
        })))
    }

    /// Hands over a cursor of a room's sequence or, without a thread, of the account.
    pub(super) fn cursor(
        &mut self,
        sink: &mut dyn Sink,
        thread: Option<&str>,
        sequence: &'static str,
        says: CursorSays,
        marker: Marker,
    ) -> Result<(), Stopped> {
        let thread = thread.map(|t| self.usernames.key(t));
        sink.emit(Record::Cursor(Cursor {
            space: self.space,
            account: Arc::clone(&self.account),
            thread,
            sequence,
            says,
            marker,
        }))
    }
}

/// A cell as a marker, by its column's own name; `None` where nothing stands in it.
pub(super) fn mark(row: &Row<'_>, kind: MarkerKind, name: &'static str, col: Col) -> Option<Marker> {
    let value = row.value(col);
    (!value.is_null()).then(|| Marker::new(kind, name, value, row.cell(col)))
}

/// A number above zero.
pub(super) fn positive(row: &Row<'_>, col: Col) -> Option<i64> {
    row.int_lossy(col).filter(|n| *n > 0)
}

/// A text that is not empty.
pub(super) fn words(row: &Row<'_>, col: Col) -> Option<String> {
    row.text(col).filter(|t| !t.is_empty()).map(std::borrow::Cow::into_owned)
}
