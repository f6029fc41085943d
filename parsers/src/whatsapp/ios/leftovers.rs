//! Marks that name messages: side rows, quotes, the app's records of outgoing stanzas, payments, Core Data's maxima.

use std::collections::BTreeMap;

use forensics_core::issue::{Issue, Severity};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{AbsenceKind, Key, Mention, Name, Record, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::plist::{self, Plist};
use forensics_core::store::sqlite::{Col, Row, Table};

use super::blobs;
use super::sessions::Sessions;
use crate::whatsapp::rules::absences;
use crate::whatsapp::{Scope, cells, notes};

const MESSAGES: &str = "ZWAMESSAGE";
const PICTURES: &str = "ZWAPROFILEPICTUREITEM";
/// Records of outgoing stanzas that are kept in memory; a real store has one or two.
const MOST_OUTGOING: usize = 100_000;

/// The app's records of outgoing stanzas, `om_<jid>_<stanza id>`. A stanza may be a reaction: in a real store of 2023 the
/// only such row names the owner's reaction, not a message.
pub(super) struct Outgoing {
    /// By stanza id: whether a reaction of that id was met.
    stanzas: BTreeMap<Box<str>, bool>,
}

impl Outgoing {
    pub(super) fn find(store: &OpenStore) -> Self {
        let mut stanzas = BTreeMap::new();
        if let Some(table) = store.table(PICTURES) {
            let jid = table.column("ZJID");
            let rows = store.scan(table).filter_map(Result::ok);
            let keys = rows.filter_map(|row| parse(&row.text(jid)?).map(|(_, stanza)| stanza.into()));
            stanzas.extend(keys.take(MOST_OUTGOING).map(|stanza| (stanza, false)));
        }
        Outgoing { stanzas }
    }

    /// Takes note of a reaction's own stanza id.
    pub(super) fn explained(&mut self, stanza: &str) {
        if let Some(seen) = self.stanzas.get_mut(stanza) {
            *seen = true;
        }
    }

    fn is_explained(&self, stanza: &str) -> bool {
        self.stanzas.get(stanza).copied().unwrap_or(false)
    }
}

/// Chat and stanza of an `om_` key.
fn parse(key: &str) -> Option<(&str, &str)> {
    let (chat, stanza) = key.strip_prefix("om_")?.rsplit_once('_')?;
    (chat.contains('@') && !stanza.is_empty()).then_some((chat, stanza))
}

/// Reads every table that may name a message which is not there.
pub(super) fn read(
    store: &OpenStore,
    scope: &Scope,
    sessions: &Sessions,
    outgoing: &Outgoing,
    highest: Option<i64>,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let side = SideRows { store, scope };
    side.read("ZWAMESSAGEINFO", MarkerKind::Receipt, sink, |_, _| Ok(()))?;
    side.read("ZWAMESSAGEDATAITEM", MarkerKind::Reference, sink, |_, _| Ok(()))?;
    if let Some(table) = store.table("ZWAMEDIAITEM") {
        let quotes = Quotes::new(store, scope, sessions, table);
        side.read("ZWAMEDIAITEM", MarkerKind::Reference, sink, |row, sink| quotes.read(row, sink))?;
    }
    outgoing_records(store, scope, outgoing, sink)?;
    payments(store, scope, sink)?;
    scheduled_for_delete(store, scope, sink)?;
    maxima(store, scope, highest, sink)
}

/// Rows whose `ZMESSAGE` names a message.
struct SideRows<'a> {
    store: &'a OpenStore,
    scope: &'a Scope,
}

impl SideRows<'_> {
    fn read(
        &self,
        table: &str,
        kind: MarkerKind,
        sink: &mut dyn Sink,
        also: impl Fn(&Row<'_>, &mut dyn Sink) -> Result<(), Stopped>,
    ) -> Result<(), Stopped> {
        let Some(pointer) = self.store.table(table).map(|t| t.column("ZMESSAGE")) else { return Ok(()) };
        self.store.each(sink, table, |row, sink| {
            also(row, sink)?;
            let Some(mark) = cells::mark(row, pointer, kind, "ZMESSAGE") else { return Ok(Fate::PassedOver) };
            let Some(wanted) = mark.raw.as_int().filter(|pk| *pk > 0) else { return Ok(Fate::PassedOver) };
            if !self.scope.is_there(self.store, MESSAGES, wanted) {
                let names = vec![Name::Row { table: MESSAGES.into(), rowid: wanted }];
                let rule = absences::IOS_SIDE_ROW.id;
                sink.emit(Record::Mention(Box::new(self.scope.mention(
                    None,
                    names,
                    AbsenceKind::Dangling,
                    rule,
                    mark,
                ))))?;
            }
            Ok(Fate::Folded)
        })
    }
}

/// Quotes in the media rows of replies.
struct Quotes<'a> {
    store: &'a OpenStore,
    scope: &'a Scope,
    sessions: &'a Sessions,
    messages: Option<(&'a Table, Col)>,
    reply: Col,
    metadata: Col,
}

impl<'a> Quotes<'a> {
    fn new(store: &'a OpenStore, scope: &'a Scope, sessions: &'a Sessions, media: &Table) -> Self {
        let messages = store.table(MESSAGES).map(|t| (t, t.column("ZCHATSESSION")));
        Quotes {
            store,
            scope,
            sessions,
            messages,
            reply: media.column("ZMESSAGE"),
            metadata: media.column("ZMETADATA"),
        }
    }

    fn read(&self, row: &Row<'_>, sink: &mut dyn Sink) -> Result<(), Stopped> {
        let Some(quote) = row.bytes(self.metadata).and_then(|b| blobs::quote(&b).flatten()) else { return Ok(()) };
        let thread: Option<Key> = quote.chat.as_deref().map(Key::from).or_else(|| self.chat_of_reply(row));
        let origin = row.cell(self.metadata).within("5");
        let mark = Marker::new(MarkerKind::Reference, "ZMETADATA/5", quote.id.as_str(), origin);
        let names = vec![Name::Id(quote.id.into())];
        let mention = self.scope.mention(thread.as_ref(), names, AbsenceKind::Dangling, absences::IOS_QUOTE.id, mark);
        sink.emit(Record::Mention(Box::new(Mention { text: quote.text, ..mention })))
    }

    fn chat_of_reply(&self, row: &Row<'_>) -> Option<Key> {
        let (table, chat) = self.messages?;
        let reply = self.store.get(table, row.int_lossy(self.reply)?).ok().flatten()?;
        self.sessions.get(reply.int_lossy(chat)).map(|s| s.jid.clone())
    }
}

fn outgoing_records(store: &OpenStore, scope: &Scope, outgoing: &Outgoing, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(jid) = store.table(PICTURES).map(|t| t.column("ZJID")) else { return Ok(()) };
    store.each(sink, PICTURES, |row, sink| {
        let Some(key) = row.text(jid) else { return Ok(Fate::PassedOver) };
        let Some((chat, stanza)) = parse(&key) else { return Ok(Fate::PassedOver) };
        if !outgoing.is_explained(stanza) {
            let mark = Marker::new(MarkerKind::Reference, "ZJID", row.value(jid), row.cell(jid));
            let (chat, names) = (Key::from(chat), vec![Name::Id(stanza.into())]);
            let rule = absences::IOS_OUTGOING_RECORD.id;
            let mention = scope.mention(Some(&chat), names, AbsenceKind::Dangling, rule, mark);
            // It names a stanza that may have been a vote or an edit as well.
            sink.emit(Record::Mention(Box::new(Mention { strength: Strength::Weak, ..mention })))?;
        }
        Ok(Fate::Folded)
    })
}

fn payments(store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    const TABLE: &str = "ZWAZ1PAYMENTTRANSACTION";
    let Some(stanza) = store.table(TABLE).map(|t| t.column("ZMESSAGESTANZAID")) else { return Ok(()) };
    store.each(sink, TABLE, |row, sink| {
        let Some(id) = cells::text(row, stanza) else { return Ok(Fate::PassedOver) };
        let mark = Marker::new(MarkerKind::Reference, "ZMESSAGESTANZAID", row.value(stanza), row.cell(stanza));
        let rule = absences::IOS_PAYMENT.id;
        let mention = scope.mention(None, vec![Name::Id(id)], AbsenceKind::Dangling, rule, mark);
        sink.emit(Record::Mention(Box::new(mention)))?;
        Ok(Fate::Folded)
    })
}

/// `ScheduledForDelete` of the store's metadata: `<chat jid>_<stanza id>_<0|1>_<n>`.
fn scheduled_for_delete(store: &OpenStore, scope: &Scope, sink: &mut dyn Sink) -> Result<(), Stopped> {
    const TABLE: &str = "Z_METADATA";
    let Some(blob) = store.table(TABLE).map(|t| t.column("Z_PLIST")) else { return Ok(()) };
    store.each(sink, TABLE, |row, sink| {
        let Some(bytes) = row.bytes(blob) else { return Ok(Fate::PassedOver) };
        let cell = row.cell(blob);
        let metadata = match plist::parse(&bytes) {
            Ok(metadata) => metadata,
            Err(error) => {
                let detail = format!("{}: Z_METADATA.Z_PLIST: {error}", store.path());
                let issue =
                    Issue { code: notes::BLOB_UNDECODED, severity: Severity::Degraded, detail, origin: Some(cell) };
                sink.issue(issue)?;
                return Ok(Fate::PassedOver);
            }
        };
        let keys = metadata.get("ScheduledForDelete").and_then(Plist::as_array).unwrap_or_default();
        for (place, key) in keys.iter().enumerate() {
            let Some((chat, stanza)) = key.as_text().and_then(parse_scheduled) else { continue };
            let origin = cell.within(format!("ScheduledForDelete[{place}]"));
            let mark = Marker::new(MarkerKind::Tombstone, "ScheduledForDelete", key.as_text(), origin);
            let (chat, names) = (Key::from(chat), vec![Name::Id(stanza.into())]);
            let rule = absences::IOS_SCHEDULED_FOR_DELETE.id;
            let mention = scope.mention(Some(&chat), names, AbsenceKind::Tombstoned, rule, mark);
            sink.emit(Record::Mention(Box::new(mention)))?;
        }
        Ok(Fate::Folded)
    })
}

/// Chat and stanza of a key of `ScheduledForDelete`.
fn parse_scheduled(key: &str) -> Option<(&str, &str)> {
    let mut parts = key.rsplitn(4, '_').skip(2);
    let (stanza, chat) = (parts.next()?, parts.next()?);
    (chat.contains('@') && !stanza.is_empty()).then_some((chat, stanza))
}

/// `Z_PRIMARYKEY.Z_MAX`: the highest row number ever given.
fn maxima(store: &OpenStore, scope: &Scope, highest: Option<i64>, sink: &mut dyn Sink) -> Result<(), Stopped> {
    const TABLE: &str = "Z_PRIMARYKEY";
    let Some(table) = store.table(TABLE) else { return Ok(()) };
    let (name, max) = (table.column("Z_NAME"), table.column("Z_MAX"));
    store.each(sink, TABLE, |row, sink| {
        if row.text(name).as_deref() != Some("WAMessage") {
            return Ok(Fate::PassedOver);
        }
        let ever = row.int_lossy(max).unwrap_or(0);
        let missing = ever.saturating_sub(highest.unwrap_or(0));
        if let Ok(missing @ 1..) = u64::try_from(missing) {
            let mark = Marker::new(MarkerKind::Cursor, "Z_MAX", row.value(max), row.cell(max));
            let mention = scope.count(None, AbsenceKind::BeyondRecords, absences::IOS_ROW_MAXIMUM.id, mark);
            sink.emit(Record::Mention(Box::new(Mention { after: highest, at_most: Some(missing), ..mention })))?;
        }
        Ok(Fate::Folded)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_real_rows_name_chat_and_stanza() {
        let om = "om_19198887386@s.whatsapp.net_3A911D50B989B686BDF3";
        assert_eq!(parse(om), Some(("19198887386@s.whatsapp.net", "3A911D50B989B686BDF3")));
        assert_eq!(parse("a_12133149804@s.whatsapp.net"), None);
        let scheduled = "19198887386@s.whatsapp.net_3A47DA9E4A5A226F6D42_0_0";
        assert_eq!(parse_scheduled(scheduled), Some(("19198887386@s.whatsapp.net", "3A47DA9E4A5A226F6D42")));
        assert_eq!(parse_scheduled("x_0_0"), None);
    }
}
