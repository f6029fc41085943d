//! The normalised model: what a parser hands over. Identifiers are the app's own; the case numbers them.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

use crate::marker::Marker;
use crate::origin::Origin;
use crate::stamp::Stamp;
use crate::value::Value;

/// An identifier of the app's own: an account, a thread, a person.
pub type Key = Arc<str>;

/// Records in one space share one id space: a live store and its sidecars. An older copy of the same store that the app
/// left behind (`EnMicroMsg2.db`) is another space, so that a message standing in both is no duplicate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Space(pub u16);

/// What a parser emits.
#[derive(Clone, Debug)]
pub enum Record {
    /// The phone's own account.
    Account(Account),
    /// A person known to the app.
    Contact(Contact),
    /// A conversation.
    Thread(Thread),
    /// A message, or a call (see [`Message::call`]).
    Message(Box<Message>),
    /// How far a thread or the account was synchronised.
    Cursor(Cursor),
    /// A mark that names a record which may not be in the store.
    Mention(Box<Mention>),
}

/// Further named facts for the exports, in a fixed order.
pub type Extra = Vec<(&'static str, Value)>;

/// The phone's own account in an app.
#[derive(Clone, Debug)]
pub struct Account {
    /// Where it was read.
    pub origin: Origin,
    /// The app's own key.
    pub id: Key,
    /// Display name.
    pub name: Option<Box<str>>,
    /// Phone number, alias and so on.
    pub extra: Extra,
}

/// A person known to the app.
#[derive(Clone, Debug)]
pub struct Contact {
    /// Where it was read.
    pub origin: Origin,
    /// The account whose contact it is.
    pub account: Key,
    /// The app's own key.
    pub id: Key,
    /// Display name.
    pub name: Option<Box<str>>,
    /// Phone number, alias and so on.
    pub extra: Extra,
}

/// What sort of conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThreadKind {
    /// Two persons.
    Direct,
    /// Several persons.
    Group,
    /// One to many: channels, newsletters, official accounts.
    Channel,
    /// A broadcast list or status feed.
    Broadcast,
    /// The app's own notices, notes to self.
    Service,
    /// Not known.
    Unknown,
}

impl ThreadKind {
    /// The word used in exports.
    pub fn word(self) -> &'static str {
        match self {
            ThreadKind::Direct => "direct",
            ThreadKind::Group => "group",
            ThreadKind::Channel => "channel",
            ThreadKind::Broadcast => "broadcast",
            ThreadKind::Service => "service",
            ThreadKind::Unknown => "unknown",
        }
    }
}

/// A conversation.
#[derive(Clone, Debug)]
pub struct Thread {
    /// Where it was read.
    pub origin: Origin,
    /// The account.
    pub account: Key,
    /// The app's own key; the same as in [`Message::thread`].
    pub id: Key,
    /// Title.
    pub name: Option<Box<str>>,
    /// What sort.
    pub kind: ThreadKind,
    /// Keys of the persons in it, where the store lists them.
    pub participants: Vec<Box<str>>,
    /// Further facts.
    pub extra: Extra,
}

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// To this account.
    In,
    /// From this account, on this or another of its devices.
    Out,
    /// Made by the app or announced by the service.
    System,
    /// Not known.
    Unknown,
}

impl Direction {
    /// The word used in exports.
    pub fn word(self) -> &'static str {
        match self {
            Direction::In => "in",
            Direction::Out => "out",
            Direction::System => "system",
            Direction::Unknown => "unknown",
        }
    }
}

/// What a message carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    /// Text.
    Text,
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A voice note or other sound.
    Voice,
    /// A file.
    File,
    /// A sticker.
    Sticker,
    /// A place.
    Location,
    /// A contact card.
    Contact,
    /// A link with preview, an app card.
    Link,
    /// A call.
    Call,
    /// A notice.
    System,
    /// Money.
    Payment,
    /// A poll.
    Poll,
    /// Anything else; see the native type.
    Other,
}

impl MessageKind {
    /// The word used in exports.
    pub fn word(self) -> &'static str {
        match self {
            MessageKind::Text => "text",
            MessageKind::Image => "image",
            MessageKind::Video => "video",
            MessageKind::Voice => "voice",
            MessageKind::File => "file",
            MessageKind::Sticker => "sticker",
            MessageKind::Location => "location",
            MessageKind::Contact => "contact",
            MessageKind::Link => "link",
            MessageKind::Call => "call",
            MessageKind::System => "system",
            MessageKind::Payment => "payment",
            MessageKind::Poll => "poll",
            MessageKind::Other => "other",
        }
    }
}

/// How the record stands in the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordState {
    /// An ordinary row.
    #[default]
    Live,
    /// A row that the app itself no longer shows.
    Hidden,
    /// An older version of a row.
    Superseded,
    /// A deleted row, recovered.
    Recovered,
}

impl RecordState {
    /// The word used in exports.
    pub fn word(self) -> &'static str {
        match self {
            RecordState::Live => "live",
            RecordState::Hidden => "hidden",
            RecordState::Superseded => "superseded",
            RecordState::Recovered => "recovered",
        }
    }
}

/// A message or a call.
#[derive(Clone, Debug)]
pub struct Message {
    /// The row.
    pub origin: Origin,
    /// Its id space.
    pub space: Space,
    /// The account.
    pub account: Key,
    /// The conversation.
    pub thread: Key,
    /// The app's own key of the message.
    pub id: Key,
    /// Further keys that it goes by: what an edit or a revocation replaced.
    pub aliases: Vec<Key>,
    /// The sender's key; `None` where the store does not say.
    pub sender: Option<Key>,
    /// Which way it went.
    pub direction: Direction,
    /// When it was sent, by the column that says so.
    pub sent: Option<Stamp>,
    /// When it arrived.
    pub received: Option<Stamp>,
    /// What it carries.
    pub kind: MessageKind,
    /// The store's own type code, so that unknown codes stay visible.
    pub native_type: Option<i64>,
    /// The text; a blob where it is no valid UTF-8.
    pub text: Value,
    /// The server's id for it.
    pub server_id: Option<Box<str>>,
    /// The app's key (or server id) of the message it answers.
    pub reply_to: Option<Box<str>>,
    /// How the record stands in the store.
    pub state: RecordState,
    /// Its place in the thread's sequence (see [`SequenceSpec`](crate::app::SequenceSpec)).
    pub sequence: Option<i64>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Reactions.
    pub reactions: Vec<Reaction>,
    /// Edits.
    pub edits: Vec<Edit>,
    /// Receipts of peers.
    pub receipts: Vec<Receipt>,
    /// The marks.
    pub markers: Vec<Marker>,
    /// Notes that the parser knows of; codes listed in the app's manifest.
    pub notes: Vec<&'static str>,
    /// For a call: what else is known.
    pub call: Option<CallFacts>,
}

impl Message {
    /// A message with nothing but its row and keys; fill in what the store says.
    pub fn new(origin: Origin, account: Key, thread: Key, id: Key) -> Self {
        Message {
            origin,
            space: Space::default(),
            account,
            thread,
            id,
            aliases: Vec::new(),
            sender: None,
            direction: Direction::Unknown,
            sent: None,
            received: None,
            kind: MessageKind::Other,
            native_type: None,
            text: Value::Null,
            server_id: None,
            reply_to: None,
            state: RecordState::Live,
            sequence: None,
            attachments: Vec::new(),
            reactions: Vec::new(),
            edits: Vec::new(),
            receipts: Vec::new(),
            markers: Vec::new(),
            notes: Vec::new(),
            call: None,
        }
    }

    /// The first marker of that name.
    pub fn marker(&self, name: &str) -> Option<&Marker> {
        self.markers.iter().find(|m| m.name == name)
    }

    /// The first marker of that kind.
    pub fn marker_of(&self, kind: crate::marker::MarkerKind) -> Option<&Marker> {
        self.markers.iter().find(|m| m.kind == kind)
    }

    /// The raw integer of the first marker of that name.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.marker(name).and_then(|m| m.raw.as_int())
    }
}

/// What a call record holds besides.
#[derive(Clone, Debug, PartialEq)]
pub struct CallFacts {
    /// When it began.
    pub started: Option<Stamp>,
    /// Length in milliseconds.
    pub duration_ms: Option<i64>,
    /// What became of it (`answered`, `missed`, `rejected` …), or the raw code where it is not known.
    pub outcome: Value,
    /// Whether it carried video.
    pub video: Option<bool>,
}

/// A file of a message.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// File name.
    pub name: Option<Box<str>>,
    /// MIME type.
    pub mime: Option<Box<str>>,
    /// Length in bytes as the store states it.
    pub size: Option<i64>,
    /// Where the store says it lies.
    pub path: Option<Box<str>>,
    /// SHA-256 as the store states it (lower-case hexadecimal).
    pub sha256: Option<Box<str>>,
    /// The row.
    pub origin: Origin,
}

/// A reaction.
#[derive(Clone, Debug)]
pub struct Reaction {
    /// Who.
    pub sender: Option<Box<str>>,
    /// The emoji; empty when it was taken back.
    pub text: Value,
    /// When.
    pub sent: Option<Stamp>,
    /// The row.
    pub origin: Origin,
}

/// An edit.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The text as it was before or after, as the marker's name says.
    pub text: Value,
    /// When.
    pub at: Option<Stamp>,
    /// The row.
    pub origin: Origin,
}

/// What a peer's receipt says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptKind {
    /// It reached the peer's device.
    Delivered,
    /// The peer read it.
    Read,
    /// The peer played it.
    Played,
}

impl ReceiptKind {
    /// The word used in exports.
    pub fn word(self) -> &'static str {
        match self {
            ReceiptKind::Delivered => "delivered",
            ReceiptKind::Read => "read",
            ReceiptKind::Played => "played",
        }
    }
}

/// A peer's receipt.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Who.
    pub recipient: Option<Box<str>>,
    /// What.
    pub kind: ReceiptKind,
    /// When.
    pub at: Option<Stamp>,
    /// The cell.
    pub origin: Origin,
}

/// How far a thread or the account was synchronised.
#[derive(Clone, Debug)]
pub struct Cursor {
    /// Its id space.
    pub space: Space,
    /// The account.
    pub account: Key,
    /// The thread; `None` for the whole account.
    pub thread: Option<Key>,
    /// The name of the sequence it counts in (see [`SequenceSpec`](crate::app::SequenceSpec)); empty for none.
    pub sequence: &'static str,
    /// What it says.
    pub says: CursorSays,
    /// The mark, with its cell.
    pub marker: Marker,
}

/// What a cursor says about its sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CursorSays {
    /// The number that the next record will get: the highest ever given is one less.
    Next(i64),
    /// The highest number that the server or the thread is known to have reached. Records beyond it get a note; a horizon
    /// beyond the newest record is an absence.
    Reached(i64),
    /// The highest number that was stored on this device.
    Stored(i64),
    /// The app knows that what lies strictly between is not in the store.
    Hole {
        /// Last number before the hole.
        after: i64,
        /// First number after the hole.
        before: i64,
    },
    /// The server holds that many records that were not fetched, the first of them with this number.
    Undelivered {
        /// How many.
        count: i64,
        /// The first one's number, if known.
        first: Option<i64>,
    },
    /// History begins after this number, or was cleared up to it: what is missing before is explained.
    Cleared(i64),
    /// A position that cannot be mapped to records; kept for the reader.
    Position(i64),
}

/// What sort of absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AbsenceKind {
    /// The store itself says deleted or revoked.
    Tombstoned,
    /// The store says that the server holds records not fetched, or an answer was fetched and not stored.
    Undelivered,
    /// Another record names one that is not there.
    Dangling,
    /// An index row or thumbnail is left.
    RemnantOnly,
    /// Numbers of a sequence skip.
    GapInSequence,
    /// A cursor, counter or `sqlite_sequence` lies past the newest record.
    BeyondRecords,
}

impl AbsenceKind {
    /// The word used in exports.
    pub fn word(self) -> &'static str {
        match self {
            AbsenceKind::Tombstoned => "tombstoned",
            AbsenceKind::Undelivered => "undelivered",
            AbsenceKind::Dangling => "dangling",
            AbsenceKind::RemnantOnly => "remnant-only",
            AbsenceKind::GapInSequence => "gap-in-sequence",
            AbsenceKind::BeyondRecords => "beyond-records",
        }
    }
}

/// How much an absence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// Names a record or an exact place in a documented sequence.
    Strong,
    /// A count of row numbers at best.
    Weak,
}

impl Strength {
    /// The word used in exports.
    pub fn word(self) -> &'static str {
        match self {
            Strength::Strong => "strong",
            Strength::Weak => "weak",
        }
    }
}

/// A name under which a mark knows a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Name {
    /// The server's id.
    Server(Box<str>),
    /// The app's own key, as in [`Message::id`].
    Id(Box<str>),
    /// The row that it should be.
    Row {
        /// The message table.
        table: Arc<str>,
        /// Its rowid.
        rowid: i64,
    },
}

/// A mark that names a record. When the record is in the store nothing comes of it; when it is not, the marks that name
/// the same record become one absence.
#[derive(Clone, Debug)]
pub struct Mention {
    /// Its id space.
    pub space: Space,
    /// The account.
    pub account: Key,
    /// The thread, if the mark says so.
    pub thread: Option<Key>,
    /// The names; empty for a mere count, which is always an absence.
    pub names: Vec<Name>,
    /// What sort of absence it would be.
    pub kind: AbsenceKind,
    /// How much it says.
    pub strength: Strength,
    /// The rule that makes it one.
    pub rule: &'static str,
    /// What is left of the record's text.
    pub text: Value,
    /// For counts and ranges: the last number present before.
    pub after: Option<i64>,
    /// The first number present after.
    pub before: Option<i64>,
    /// How many records at the most.
    pub at_most: Option<u64>,
    /// The marks.
    pub markers: Vec<Marker>,
    /// The row or file that mentions it.
    pub origin: Origin,
}

/// A column name or a code that is fixed at compile time or read from the evidence.
pub type Word = Cow<'static, str>;
