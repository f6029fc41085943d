//! `ChatStorage.sqlite` under construction: sessions, message rows, their side rows and fates.

use std::collections::BTreeMap;

use plist::Value as Plist;

use super::super::cast::{LIST, OWNER};
use super::super::{APP, START};
use super::blobs::{PeerReceipt, incoming_info, push_name, quote, receipt_info};
use crate::Seed;
use crate::keyed_archive::{binary, dict};
use crate::sqlite::{Book, row, wal_mode};
use crate::story::{Fate, Platform, Truth, Witness};

const SCHEMA: &str = include_str!("../../../../schemas/whatsapp/chat_storage.sql");

/// Seconds between the Unix epoch and 2001-01-01.
pub(super) const COCOA: i64 = 978_307_200;

/// The entities, numbered as in the real store.
const ENTITIES: [&str; 15] = [
    "WABlackListItem",
    "WAChatProperties",
    "WAChatPushConfig",
    "WAChatSession",
    "WAGroupInfo",
    "WAGroupMember",
    "WAGroupMembersChange",
    "WAMediaItem",
    "WAMessage",
    "WAMessageDataItem",
    "WAMessageInfo",
    "WAProfilePictureItem",
    "WAProfilePushName",
    "WAVCardMention",
    "WAZ1PaymentTransaction",
];

/// A row of `ZWAMESSAGE` before it is written.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    pub(super) chat: &'a str,
    from_me: bool,
    member: Option<&'a str>,
    text: Option<&'a str>,
    kind: i64,
    event: i64,
    status: i64,
    error: i64,
    stanza: Option<&'a str>,
    peers: Vec<PeerReceipt<'a>>,
    quote: Option<(&'a str, Option<&'a str>, &'a str)>,
    /// Fraction of a second added to the message's date.
    fraction: f64,
}

impl<'a> Line<'a> {
    pub(super) fn to(chat: &'a str, text: &'a str) -> Self {
        Self {
            chat,
            from_me: true,
            member: None,
            text: Some(text),
            kind: 0,
            event: 0,
            status: 1,
            error: 0,
            stanza: None,
            peers: Vec::new(),
            quote: None,
            fraction: 0.25,
        }
    }

    /// Received; 8 is the owner's own state, as on all real rows.
    pub(super) fn from(chat: &'a str, text: &'a str) -> Self {
        Self { from_me: false, status: 8, fraction: 0.0, ..Self::to(chat, text) }
    }

    pub(super) fn member(self, jid: &'a str) -> Self {
        Self { member: Some(jid), ..self }
    }

    pub(super) fn status(self, status: i64) -> Self {
        Self { status, ..self }
    }

    pub(super) fn error(self, error: i64) -> Self {
        Self { error, ..self }
    }

    pub(super) fn kind(self, kind: i64) -> Self {
        Self { kind, ..self }
    }

    pub(super) fn event(self, event: i64) -> Self {
        Self { event, ..self }
    }

    pub(super) fn no_text(self) -> Self {
        Self { text: None, ..self }
    }

    pub(super) fn stanza(self, stanza: &'a str) -> Self {
        Self { stanza: Some(stanza), ..self }
    }

    pub(super) fn fraction(self, fraction: f64) -> Self {
        Self { fraction, ..self }
    }

    pub(super) fn peer(mut self, jid: &'a str, delivered: Option<u64>, read: Option<u64>) -> Self {
        self.peers.push(PeerReceipt { jid, delivered, read });
        self
    }

    pub(super) fn quoting(self, stanza: &'a str, sender: Option<&'a str>, text: &'a str) -> Self {
        Self { quote: Some((stanza, sender, text)), ..self }
    }

    fn is_system(&self) -> bool {
        matches!(self.kind, 6 | 10 | 55 | 28)
    }
}

/// A row that was written.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) pk: i64,
    pub(super) stanza: String,
    /// Unix seconds.
    pub(super) at: i64,
}

#[derive(Debug)]
pub(super) struct Session {
    pub(super) pk: i64,
    pub(super) next_sort: i64,
    newest: i64,
    at: f64,
    /// Counter, last message, last date where the story sets them by hand.
    pub(super) counter: Option<i64>,
    pub(super) last_message: Option<i64>,
    pub(super) later_by: f64,
}

/// The store and its truth.
#[derive(Debug)]
pub(super) struct ChatStorage {
    pub(super) book: Book,
    pub(super) witness: Witness,
    pub(super) seed: Seed,
    pub(super) sessions: BTreeMap<String, Session>,
    members: BTreeMap<(String, String), i64>,
    next_pk: i64,
    /// Unix seconds.
    pub(super) clock: i64,
    /// Keys of `Z_METADATA`'s `ScheduledForDelete`.
    pub(super) scheduled: Vec<String>,
    /// Rows that once stood after the newest one.
    pub(super) deleted_at_end: i64,
}

impl ChatStorage {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            book: Book::core_data(SCHEMA),
            witness: Witness::new(APP, Platform::Ios, "ChatStorage.sqlite"),
            seed: Seed::new(seed, "whatsapp chat storage"),
            sessions: BTreeMap::new(),
            members: BTreeMap::new(),
            next_pk: 1,
            clock: START,
            scheduled: Vec::new(),
            deleted_at_end: 0,
        }
    }

    /// The chat's session, made when first named.
    pub(super) fn session(&mut self, jid: &str) -> &mut Session {
        if !self.sessions.contains_key(jid) {
            let kind = match jid.rsplit('@').next() {
                Some("g.us") => 1,
                Some("broadcast") if jid == LIST => 2,
                Some("broadcast") => 3,
                Some("newsletter") => 5,
                _ => 0,
            };
            let pk = row!(self.book, "ZWACHATSESSION", Z_ENT: 4, Z_OPT: 3, ZARCHIVED: 0, ZFLAGS: 0,
                ZHIDDEN: 0, ZREMOVED: 0, ZSESSIONTYPE: kind, ZSPOTLIGHTSTATUS: -32768, ZUNREADCOUNT: 0,
                ZCONTACTJID: jid, ZPARTNERNAME: jid.split('@').next());
            if kind == 1 {
                let group = row!(self.book, "ZWAGROUPINFO", Z_ENT: 5, Z_OPT: 1, ZSTATE: 0, ZCHATSESSION: pk,
                    ZCREATIONDATE: self.clock - COCOA, ZCREATORJID: OWNER, ZOWNERJID: OWNER);
                self.book.run(&format!(
                    "UPDATE ZWACHATSESSION SET ZGROUPINFO={group}, ZPARTNERNAME='Harbour club 港口 ⚓' WHERE Z_PK={pk}"
                ));
            }
            let session =
                Session { pk, next_sort: 1, newest: 0, at: 0.0, counter: None, last_message: None, later_by: 0.0 };
            self.sessions.insert(jid.to_owned(), session);
        }
        self.sessions.get_mut(jid).expect("just made")
    }

    pub(super) fn make_stanza(&mut self) -> String {
        format!("3A{}", self.seed.hex(18))
    }

    /// Row number of a member of a group.
    pub(super) fn member(&mut self, group: &str, jid: &str) -> i64 {
        let key = (group.to_owned(), jid.to_owned());
        if let Some(&pk) = self.members.get(&key) {
            return pk;
        }
        let session = self.session(group).pk;
        let pk = row!(self.book, "ZWAGROUPMEMBER", Z_ENT: 6, Z_OPT: 1, ZISACTIVE: 1, ZISADMIN: jid == OWNER,
            ZSENDERKEYSENT: 0, ZCHATSESSION: session, ZMEMBERJID: jid);
        self.members.insert(key, pk);
        pk
    }

    /// A row and its place in the chat's order that are gone.
    pub(super) fn lose(&mut self, chat: &str) {
        self.session(chat).next_sort += 1;
        self.next_pk += 1;
    }

    /// A row number whose row is gone, outside any chat's order.
    pub(super) fn lost_row(&mut self) -> i64 {
        self.next_pk += 1;
        self.next_pk - 1
    }

    /// Writes a row, its side rows and its fate.
    pub(super) fn say(&mut self, line: &Line<'_>, fate: Fate, notes: &[&'static str]) -> Said {
        self.clock += 60;
        let at = self.clock;
        let made = self.make_stanza();
        let stanza = line.stanza.map_or(made, str::to_owned);
        let member = line.member.map(|jid| self.member(line.chat, jid));
        let session = self.session(line.chat);
        let (session_pk, sort) = (session.pk, session.next_sort);
        session.next_sort += 1;
        let pk = self.next_pk;
        self.next_pk += 1;
        let date = (at - COCOA) as f64 + line.fraction;
        // Outgoing: sent +0.03..0.52 s; incoming: arrival; system rows have none.
        let sent = (!line.is_system() && line.status != 9 && line.error == 0)
            .then_some(date + if line.from_me { 0.125 } else { 1.5 });
        let system = line.is_system();
        let status = if system { 0 } else { line.status };
        let date_item = line.quote.map(|(stanza, sender, text)| {
            row!(self.book, "ZWAMEDIAITEM", Z_ENT: 8, Z_OPT: 1, ZCLOUDSTATUS: 0, ZFILESIZE: 0,
                ZMEDIAORIGIN: 0, ZMOVIEDURATION: 0, ZMESSAGE: pk, ZMETADATA: quote(stanza, sender, text))
        });
        let info = (!system).then(|| {
            let blob = if line.from_me { receipt_info(at + 1, &line.peers, None) } else { incoming_info(at + 1, None) };
            row!(self.book, "ZWAMESSAGEINFO", Z_ENT: 11, Z_OPT: 1, ZMESSAGE: pk, ZRECEIPTINFO: blob)
        });
        row!(self.book, "ZWAMESSAGE", Z_PK: pk, Z_ENT: 9, Z_OPT: 2, ZCHILDMESSAGESDELIVEREDCOUNT: 0,
            ZCHILDMESSAGESPLAYEDCOUNT: 0, ZCHILDMESSAGESREADCOUNT: 0, ZDATAITEMVERSION: 3, ZDOCID: pk,
            ZENCRETRYCOUNT: 0, ZFILTEREDRECIPIENTCOUNT: 0,
            ZFLAGS: if line.from_me { 0x100_0040 } else { 0x100_0000 },
            ZGROUPEVENTTYPE: if system || line.from_me { line.event } else { 2 },
            ZISFROMME: line.from_me, ZMESSAGEERRORSTATUS: line.error, ZMESSAGESTATUS: status,
            ZMESSAGETYPE: line.kind, ZSORT: sort, ZSPOTLIGHTSTATUS: -32768, ZSTARRED: 0,
            ZCHATSESSION: session_pk, ZGROUPMEMBER: member, ZMEDIAITEM: date_item, ZMESSAGEINFO: info,
            ZMESSAGEDATE: date, ZSENTDATE: sent,
            ZFROMJID: (!line.from_me).then_some(line.chat), ZTOJID: line.from_me.then_some(line.chat),
            ZPUSHNAME: push_name(at, line.from_me, !system),
            ZSTANZAID: (!stanza.is_empty()).then_some(stanza.as_str()), ZTEXT: line.text);
        let session = self.sessions.get_mut(line.chat).expect("made above");
        (session.newest, session.at) = (pk, date);
        self.witness.says("ZWAMESSAGE", pk, line.chat, fate, notes);
        Said { pk, stanza, at }
    }

    /// Writes counters, `Z_PRIMARYKEY` and `Z_METADATA`, and hands the store over.
    pub(super) fn finish(self) -> (Book, Truth) {
        for session in self.sessions.values() {
            let counter = session.counter.unwrap_or(session.next_sort);
            let last = session.last_message.unwrap_or(session.newest);
            let (pk, newest, date) = (session.pk, session.newest, session.at + session.later_by);
            self.book.run(&format!(
                "UPDATE ZWACHATSESSION SET ZMESSAGECOUNTER={counter}, ZLASTMESSAGE={last}, \
                 ZLASTMESSAGEDATE={date} WHERE Z_PK={pk};
                 UPDATE ZWAMESSAGE SET ZLASTSESSION={pk} WHERE Z_PK={newest}"
            ));
        }
        for (at, name) in ENTITIES.iter().enumerate() {
            let table = format!("Z{}", name.to_uppercase());
            self.book.run(&format!(
                "INSERT INTO Z_PRIMARYKEY VALUES({},'{name}',0,(SELECT ifnull(max(Z_PK),0) FROM {table}))",
                at + 1
            ));
        }
        if self.deleted_at_end > 0 {
            self.book.run(&format!("UPDATE Z_PRIMARYKEY SET Z_MAX=Z_MAX+{} WHERE Z_ENT=9", self.deleted_at_end));
        }
        let scheduled = self.scheduled.into_iter().map(Plist::String).collect();
        let metadata = binary(&Plist::Dictionary(dict([
            ("NSStoreModelVersionIdentifiers", Plist::Array(vec![Plist::String("2.12.14".to_owned())])),
            ("NSStoreModelVersionHashesVersion", Plist::Integer(3.into())),
            ("NSPersistenceFrameworkVersion", Plist::Integer(1145.into())),
            ("NSStoreType", Plist::String("SQLite".to_owned())),
            ("_NSAutoVacuumLevel", Plist::String("2".to_owned())),
            ("wa.futureproofVersion", Plist::Integer(22_300_878.into())),
            ("ScheduledForDelete", Plist::Array(scheduled)),
        ])));
        row!(self.book, "Z_METADATA", Z_VERSION: 1, Z_UUID: "8B2F6A10-0000-4000-8000-00000000C0DE", Z_PLIST: metadata);
        (self.book, self.witness.into_truth())
    }
}

/// The finished bytes; Core Data stores are in WAL mode.
pub(super) fn bytes(book: Book) -> Vec<u8> {
    wal_mode(book.bytes())
}
