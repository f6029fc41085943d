//! `message_add_on`: reactions, votes, pins and other additions to a message.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{AbsenceKind, Key, Message, Name, Reaction, ReceiptKind};
use forensics_core::sink::{Sink, Stopped};

use super::chats::Chats;
use super::keyed::Keyed;
use super::msgstore::Msgstore;
use super::people::People;
use super::receipts::receipt_mark;
use crate::whatsapp::cells;
use crate::whatsapp::rules::absences;

const TABLE: &str = "message_add_on";
/// Type of a reaction, and of an edit.
const REACTION: i64 = 56;
const EDIT: i64 = 74;
/// A group has some thousand members at most.
const MOST: usize = 10_000;

/// Add-ons by the message that they belong to.
pub(super) struct AddOns<'a> {
    by_parent: Keyed<'a, 4>,
    reactions: Option<Keyed<'a, 2>>,
    devices: Option<Keyed<'a, 1>>,
}

impl<'a> AddOns<'a> {
    pub(super) fn open(store: &'a OpenStore) -> Option<Self> {
        let key = "message_add_on_row_id";
        Some(AddOns {
            by_parent: Keyed::open(
                store,
                TABLE,
                "parent_message_row_id",
                ["message_add_on_type", "from_me", "sender_jid_row_id", "timestamp"],
            )?,
            reactions: Keyed::open(store, "message_add_on_reaction", key, ["reaction", "sender_timestamp"]),
            devices: Keyed::open(store, "message_add_on_receipt_device", key, ["receipt_device_timestamp"]),
        })
    }

    pub(super) fn add(&self, message: i64, people: &People<'_>, account: &Key, m: &mut Message) {
        let [kind, mine, sender, timestamp] = self.by_parent.cols;
        for row in self.by_parent.rows(message).take(MOST) {
            let Some(number) = row.rowid() else { continue };
            let code = row.int_lossy(kind);
            if code != Some(REACTION) {
                let mark = cells::mark(&row, kind, MarkerKind::Reference, "message_add_on_type");
                m.markers.extend(mark.map(|mark| mark.meaning(code.and_then(word))));
            }
            if code == Some(EDIT) {
                self.add_edit_receipts(number, m);
            }
            let Some(reaction) =
                self.reactions.as_ref().and_then(|t| t.first(number)).filter(|_| code == Some(REACTION))
            else {
                continue;
            };
            let Some([emoji, sent]) = self.reactions.as_ref().map(|t| t.cols) else { continue };
            let by =
                if row.int_lossy(mine) == Some(1) { Some(account.clone()) } else { people.jid(row.int_lossy(sender)) };
            m.reactions.push(Reaction {
                sender: by.as_deref().map(Into::into),
                text: reaction.value(emoji),
                sent: cells::millis(&reaction, sent).or_else(|| cells::millis(&row, timestamp)),
                origin: reaction.origin(),
            });
        }
    }

    /// After an edit the app overwrites the times of `receipt_device`; those of before stand here (WAInsight).
    fn add_edit_receipts(&self, add_on: i64, m: &mut Message) {
        let Some(devices) = &self.devices else { return };
        let [time] = devices.cols;
        for row in devices.rows(add_on).take(MOST) {
            let Some(at) = cells::millis(&row, time) else { continue };
            let name = "message_add_on_receipt_device.receipt_device_timestamp";
            m.markers.push(receipt_mark(name, row.value(time), row.cell(time), ReceiptKind::Delivered, at));
        }
    }
}

/// What an add-on is.
fn word(code: i64) -> Option<&'static str> {
    Some(match code {
        56 => "reaction",
        67 => "poll vote",
        68 => "kept in chat",
        74 => "edit",
        79 => "pinned",
        93 => "event response",
        _ => return None,
    })
}

/// Tables beside the add-ons: read with the message that they belong to.
const BESIDE: &[&str] = &[
    "message_add_on_reaction",
    "message_add_on_receipt_device",
    "message_add_on_poll_vote",
    "message_add_on_poll_vote_selected_option",
    "message_add_on_keep_in_chat",
    "message_add_on_pin_in_chat",
];

/// Accounts for the add-ons: those whose message is not there, and those that the app put aside itself.
pub(super) fn read(m: &Msgstore<'_>, chats: &Chats, sink: &mut dyn Sink) -> Result<(), Stopped> {
    if let Some(table) = m.store.table(TABLE) {
        let (parent, chat) = (table.column("parent_message_row_id"), table.column("chat_row_id"));
        m.store.each(sink, TABLE, |row, sink| {
            let Some(wanted) = row.int_lossy(parent).filter(|n| *n > 0) else { return Ok(Fate::PassedOver) };
            if !m.is_there(wanted) {
                let mark =
                    Marker::new(MarkerKind::Reference, "parent_message_row_id", row.value(parent), row.cell(parent));
                let (thread, rule) = (chats.jid(row.int_lossy(chat)), absences::ANDROID_ADD_ON.id);
                m.mention(thread.as_ref(), vec![m.row_name(wanted)], AbsenceKind::Dangling, rule, mark, sink)?;
            }
            Ok(Fate::Folded)
        })?;
    }
    for table in BESIDE {
        m.store.each(sink, table, |_, _| Ok(Fate::Folded))?;
    }
    for table in ["message_orphan", "message_add_on_orphan"] {
        orphans(m, chats, table, sink)?;
    }
    Ok(())
}

/// Additions to a message that the app did not find.
fn orphans(m: &Msgstore<'_>, chats: &Chats, name: &str, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = m.store.table(name) else { return Ok(()) };
    let [parent, chat, own_chat] = ["parent_key_id", "parent_chat_row_id", "chat_row_id"].map(|c| table.column(c));
    m.store.each(sink, name, |row, sink| {
        let Some(key) = cells::text(row, parent) else { return Ok(Fate::PassedOver) };
        let thread = chats.jid(row.int_lossy(chat)).or_else(|| chats.jid(row.int_lossy(own_chat)));
        let mark = Marker::new(MarkerKind::Reference, "parent_key_id", row.value(parent), row.cell(parent));
        let rule = absences::ANDROID_ORPHAN.id;
        m.mention(thread.as_ref(), vec![Name::Id(key)], AbsenceKind::Dangling, rule, mark, sink)?;
        Ok(Fate::Folded)
    })
}
