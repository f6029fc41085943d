//! `ZWAMESSAGE`, one row at a time, with what its side rows say.

use forensics_core::issue::{Issue, Severity};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{Direction, Key, Message, Reaction, Receipt, ReceiptKind, Record};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::store::sqlite::{Col, Lookup, Row, Table};
use forensics_core::value::Value;

use super::blobs::{PushName, ReceiptInfo};
use super::leftovers::Outgoing;
use super::media::{Links, Media, is_empty};
use super::sessions::Sessions;
use crate::whatsapp::codes::ios as codes;
use crate::whatsapp::rules::ios::{BLOB_DELIVERED, BLOB_READ, PUSH_NAME};
use crate::whatsapp::{Scope, cells, jid, notes};

/// Both bits of `ZFLAGS` mark a forwarded message (IPED).
const FORWARDED: i64 = 0x180;

/// The message table with the tables beside it.
pub(super) struct Messages<'a> {
    store: &'a OpenStore,
    scope: &'a Scope,
    cols: Columns,
    infos: Option<Infos<'a>>,
    members: Option<(&'a Table, Col)>,
    media: Option<Media<'a>>,
    links: Option<Links<'a>>,
    highest: Option<i64>,
}

struct Columns {
    chat: Col,
    mine: Col,
    kind: Col,
    status: Col,
    error: Col,
    sort: Col,
    flags: Col,
    date: Col,
    sent_date: Col,
    stanza: Col,
    text: Col,
    from: Col,
    to: Col,
    member: Col,
    push_name: Col,
    media: Col,
    info: Col,
}

/// `ZWAMESSAGEINFO`.
struct Infos<'a> {
    table: &'a Table,
    by_message: Lookup,
    blob: Col,
}

impl<'a> Messages<'a> {
    pub(super) fn open(store: &'a OpenStore, scope: &'a Scope) -> Option<Self> {
        let table = store.table("ZWAMESSAGE")?;
        let column = |name| table.column(name);
        let cols = Columns {
            chat: column("ZCHATSESSION"),
            mine: column("ZISFROMME"),
            kind: column("ZMESSAGETYPE"),
            status: column("ZMESSAGESTATUS"),
            error: column("ZMESSAGEERRORSTATUS"),
            sort: column("ZSORT"),
            flags: column("ZFLAGS"),
            date: column("ZMESSAGEDATE"),
            sent_date: column("ZSENTDATE"),
            stanza: column("ZSTANZAID"),
            text: column("ZTEXT"),
            from: column("ZFROMJID"),
            to: column("ZTOJID"),
            member: column("ZGROUPMEMBER"),
            push_name: column("ZPUSHNAME"),
            media: column("ZMEDIAITEM"),
            info: column("ZMESSAGEINFO"),
        };
        let infos = store.table("ZWAMESSAGEINFO").map(|table| Infos {
            by_message: Lookup::build(store, table, table.column("ZMESSAGE")),
            blob: table.column("ZRECEIPTINFO"),
            table,
        });
        let members = store.table("ZWAGROUPMEMBER").map(|table| (table, table.column("ZMEMBERJID")));
        let (media, links) = (Media::open(store), Links::open(store));
        Some(Messages { store, scope, cols, infos, members, media, links, highest: None })
    }

    /// The highest row number that was met.
    pub(super) fn highest(&self) -> Option<i64> {
        self.highest
    }

    /// Emits every message.
    pub(super) fn read(
        &mut self,
        sessions: &mut Sessions,
        outgoing: &mut Outgoing,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        let store = self.store;
        store.each(sink, "ZWAMESSAGE", |row, sink| {
            let Some(pk) = row.rowid() else { return Ok(Fate::Quarantined("no row number".to_owned())) };
            self.highest = self.highest.max(Some(pk));
            let chat = row.int_lossy(self.cols.chat);
            let mut message = self.message(row, sessions);
            self.add_receipts(row, pk, &mut message, outgoing, sink)?;
            if let Some(media) = &self.media {
                media.add(pk, row.int_lossy(self.cols.media), &mut message);
            }
            if let Some(links) = &self.links {
                links.add(pk, &mut message);
            }
            if let Some(session) = sessions.get_mut(chat) {
                session.saw(message.sequence, message.sent);
            }
            sink.emit(Record::Message(Box::new(message)))?;
            Ok(Fate::Emitted)
        })
    }

    /// What the row itself says.
    fn message(&self, row: &Row<'a>, sessions: &Sessions) -> Message {
        let cols = &self.cols;
        let session = sessions.get(row.int_lossy(cols.chat));
        let peer = || cells::text(row, cols.from).or_else(|| cells::text(row, cols.to));
        let thread: Key = match session {
            Some(session) => session.jid.clone(),
            None => peer().map_or_else(|| jid::UNKNOWN.into(), Key::from),
        };
        let id: Key = row.text(cols.stanza).unwrap_or_default().as_ref().into();
        let mut m = Message::new(row.origin(), self.scope.account.clone(), thread, id);
        m.space = self.scope.space;
        m.native_type = row.int_lossy(cols.kind);
        m.kind = codes::kind(m.native_type);
        m.direction = match row.int_lossy(cols.mine) {
            _ if codes::is_system(m.native_type) => Direction::System,
            Some(1) => Direction::Out,
            Some(0) => Direction::In,
            _ => Direction::Unknown,
        };
        m.sender = self.sender(row, &m);
        m.sent = cells::apple(row, cols.date);
        m.received = cells::apple(row, cols.sent_date).filter(|_| m.direction == Direction::In);
        m.text = row.value(cols.text);
        m.sequence = row.int_lossy(cols.sort);
        self.add_marks(row, &mut m);
        if session.is_none() {
            m.notes.push(notes::NO_CHAT);
        } else if session.is_some_and(|s| s.removed) {
            m.notes.push(notes::CHAT_REMOVED);
        }
        if !cols.stanza.is_present() {
            m.notes.push(notes::NO_ID_COLUMN);
        }
        if m.native_type == Some(codes::REVOKED) {
            m.notes.push(notes::REVOKED);
        }
        if row.int_lossy(cols.flags).is_some_and(|f| f & FORWARDED == FORWARDED) && m.direction != Direction::System {
            m.notes.push(notes::FORWARDED);
        }
        if row.only_in_log() {
            m.notes.push(notes::ONLY_IN_WAL);
        }
        m
    }

    fn sender(&self, row: &Row<'a>, m: &Message) -> Option<Key> {
        if m.direction == Direction::Out {
            return Some(self.scope.account.clone());
        }
        let member = self.members.zip(row.int_lossy(self.cols.member)).and_then(|((table, col), member)| {
            let row = self.store.get(table, member).ok().flatten()?;
            cells::text(&row, col)
        });
        // In groups ZFROMJID is the group itself.
        let from = || cells::text(row, self.cols.from).filter(|from| !from.ends_with("@g.us"));
        member.or_else(from).map(Key::from)
    }

    fn add_marks(&self, row: &Row<'a>, m: &mut Message) {
        let cols = &self.cols;
        let out = m.direction == Direction::Out;
        m.markers.extend(cells::mark(row, cols.status, MarkerKind::State, "ZMESSAGESTATUS").map(|mark| {
            let word = mark.raw.as_int().filter(|_| out).and_then(codes::status);
            mark.meaning(word)
        }));
        let error = cells::mark(row, cols.error, MarkerKind::Failure, "ZMESSAGEERRORSTATUS");
        m.markers.extend(error.filter(|mark| mark.raw != Value::Int(0)));
        m.markers.extend(cells::mark(row, cols.sort, MarkerKind::Sequence, "ZSORT"));
        if !out {
            return;
        }
        if let Some(date) = cells::apple(row, cols.sent_date) {
            let mark = Marker::new(MarkerKind::State, "ZSENTDATE", row.value(cols.sent_date), row.cell(cols.sent_date));
            m.markers.push(mark.meaning(date.to_string()));
        }
        if let Some(name) = row.text(cols.push_name).and_then(|text| PushName::decode(&text)) {
            let origin = row.cell(cols.push_name).within("1");
            let time = Stamp::int(name.seconds, Epoch::UnixSeconds).to_string();
            m.markers.push(Marker::new(MarkerKind::ServerTime, PUSH_NAME, name.seconds, origin).meaning(time));
        }
    }

    /// What the receipt blob says: peers' times on outgoing rows, reactions on all.
    fn add_receipts(
        &self,
        row: &Row<'a>,
        pk: i64,
        m: &mut Message,
        outgoing: &mut Outgoing,
        sink: &mut dyn Sink,
    ) -> Result<(), Stopped> {
        let Some(infos) = &self.infos else { return Ok(()) };
        let pointer = row.int_lossy(self.cols.info).filter(|p| *p > 0).or_else(|| infos.by_message.first(pk));
        let Some(Ok(Some(info))) = pointer.map(|p| self.store.get(infos.table, p)) else { return Ok(()) };
        let Some(bytes) = info.bytes(infos.blob).filter(|b| !b.is_empty()) else { return Ok(()) };
        let cell = info.cell(infos.blob);
        let Some(blob) = ReceiptInfo::decode(&bytes) else {
            let detail = format!(
                "{}: ZWAMESSAGEINFO.ZRECEIPTINFO of message row {pk} is no protobuf message",
                self.store.path()
            );
            return sink.issue(Issue {
                code: notes::BLOB_UNDECODED,
                severity: Severity::Degraded,
                detail,
                origin: Some(cell),
            });
        };
        if m.direction == Direction::Out {
            let own = jid::number(&self.scope.account);
            for peer in blob.peers.iter().filter(|p| own.is_none() || p.jid.as_deref().and_then(jid::number) != own) {
                for (field, name, kind, after) in [
                    (4, BLOB_DELIVERED, ReceiptKind::Delivered, peer.delivered),
                    (5, BLOB_READ, ReceiptKind::Read, peer.read),
                ] {
                    let Some(after) = after else { continue };
                    let at = blob.base.map(|base| Stamp::int(base.saturating_add(after), Epoch::UnixSeconds));
                    let origin = cell.within(format!("2[{}]/{field}", peer.place));
                    let meaning = format!(
                        "{} {}",
                        kind.word(),
                        at.map_or_else(|| "at an unknown time".to_owned(), |a| a.to_string())
                    );
                    m.markers.push(Marker::new(MarkerKind::Receipt, name, after, origin.clone()).meaning(meaning));
                    m.receipts.push(Receipt { recipient: peer.jid.as_deref().map(Into::into), kind, at, origin });
                }
            }
        }
        for reaction in blob.reactions {
            if let Some(key) = &reaction.key {
                outgoing.explained(key);
            }
            m.reactions.push(Reaction {
                sender: Some(reaction.sender.as_deref().unwrap_or(&self.scope.account).into()),
                text: reaction.emoji,
                sent: reaction.at.map(|ms| Stamp::int(ms, Epoch::UnixMillis)),
                origin: cell.within(reaction.path),
            });
        }
        if let Some(question) = blob.question.filter(|_| is_empty(&m.text)) {
            m.text = question.into();
        }
        Ok(())
    }
}
