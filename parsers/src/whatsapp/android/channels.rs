//! `newsletter_message`: the only place where a number of the server's is kept.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::Fate;
use forensics_core::record::{AbsenceKind, Mention, Name};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Col, Table};

use super::chats::Chats;
use super::msgstore::Msgstore;
use crate::whatsapp::rules::absences;

const TABLE: &str = "newsletter_message";
const REACTIONS: &str = "newsletter_my_reaction_orphan_message";
const NUMBER: &str = "server_message_id";

/// Reads the numbers: posts without row, skipped numbers, reactions to posts that are not there.
pub(super) fn read(m: &Msgstore<'_>, chats: &Chats, sink: &mut dyn Sink) -> Result<(), Stopped> {
    if let Some(table) = m.store.table(TABLE) {
        let numbers = posts(m, chats, table, sink)?;
        gaps(m, chats, table, numbers, sink)?;
    }
    let Some(table) = m.store.table(REACTIONS) else { return Ok(()) };
    let (chat, number) = (table.column("chat_row_id"), table.column(NUMBER));
    m.store.each(sink, REACTIONS, |row, sink| {
        let Some(wanted) = row.int_lossy(number).filter(|n| *n > 0) else { return Ok(Fate::PassedOver) };
        let mark = Marker::new(MarkerKind::ServerId, NUMBER, row.value(number), row.cell(number));
        let (thread, rule) = (chats.jid(row.int_lossy(chat)), absences::ANDROID_CHANNEL_POST.id);
        let names = vec![Name::Id(wanted.to_string().into())];
        m.mention(thread.as_ref(), names, AbsenceKind::Dangling, rule, mark, sink)?;
        Ok(Fate::Folded)
    })
}

/// A numbered post: chat row, the server's number, row of the table. 24 bytes for each post of a channel.
type Numbered = (i64, i64, i64);

fn posts(m: &Msgstore<'_>, chats: &Chats, table: &Table, sink: &mut dyn Sink) -> Result<Vec<Numbered>, Stopped> {
    let [message, chat, number] = ["message_row_id", "chat_row_id", NUMBER].map(|c| table.column(c));
    let mut numbers = Vec::new();
    m.store.each(sink, TABLE, |row, sink| {
        let Some(wanted) = row.int_lossy(message) else { return Ok(Fate::PassedOver) };
        let id = row.int(number).filter(|n| *n > 0);
        if let (Some(chat), Some(id), Some(rowid)) = (row.int_lossy(chat), id, row.rowid()) {
            numbers.push((chat, id, rowid));
        }
        if !m.is_there(wanted) {
            let mark = match id {
                Some(id) => Marker::new(MarkerKind::ServerId, NUMBER, id, row.cell(number)),
                None => Marker::new(MarkerKind::Reference, "message_row_id", wanted, row.cell(message)),
            };
            let mut names: Vec<Name> = id.map(|id| Name::Id(id.to_string().into())).into_iter().collect();
            names.push(m.row_name(wanted));
            let (thread, rule) = (chats.jid(row.int_lossy(chat)), absences::ANDROID_CHANNEL_POST.id);
            m.mention(thread.as_ref(), names, AbsenceKind::Dangling, rule, mark, sink)?;
        }
        Ok(Fate::Folded)
    })?;
    Ok(numbers)
}

/// Numbers that skip within one channel.
fn gaps(
    m: &Msgstore<'_>,
    chats: &Chats,
    table: &Table,
    mut numbers: Vec<Numbered>,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    numbers.sort_unstable();
    let number = table.column(NUMBER);
    for pair in numbers.windows(2) {
        let [(chat, low, before), (next_chat, high, after)] = pair else { continue };
        let missing = high.saturating_sub(*low).saturating_sub(1);
        let Ok(missing @ 1..) = u64::try_from(missing) else { continue };
        if chat != next_chat {
            continue;
        }
        // What lies after the gap shows it.
        let Some(mark) = mark(m, table, number, *after) else { continue };
        let thread = chats.jid(Some(*chat));
        let mut mention =
            m.scope.count(thread.as_ref(), AbsenceKind::GapInSequence, absences::ANDROID_CHANNEL_GAP.id, mark);
        mention.markers.extend(self::mark(m, table, number, *before));
        m.emit(Mention { after: Some(*low), before: Some(*high), at_most: Some(missing), ..mention }, sink)?;
    }
    Ok(())
}

fn mark(m: &Msgstore<'_>, table: &Table, number: Col, rowid: i64) -> Option<Marker> {
    let row = m.store.get(table, rowid).ok().flatten()?;
    Some(Marker::new(MarkerKind::ServerId, NUMBER, row.value(number), row.cell(number)))
}
