//! Android: `mid`, `send_state` and what stands beside them.

use forensics_core::record::{Direction, Message};
use forensics_core::rule::{Ground, Judge, Opinion, Rule, Says as _};
use forensics_core::verdict::{Reach, Verdict};

use super::{absence, noted, record};
use crate::telegram::notes;

const STORAGE: &str = "org.telegram.messenger.MessagesStorage, SendMessagesHelper";
const SECRET: &str = "org.telegram.messenger.SecretChatHelper, MessagesStorage";
const HOLES: &str = "org.telegram.messenger.MessagesStorage (messages_holes, createFirstHoles, closeHolesInMedia)";

/// Actions that the app makes for itself (`org.telegram.tgnet.TLRPC`, constructors 55555550 to 55555557 and 555555f5).
const LOCAL_ACTIONS: &[&str] = &[
    "messageActionUserJoined",
    "messageActionUserUpdatedPhoto",
    "messageActionTTLChange",
    "messageActionCreatedBroadcastList",
    "messageActionLoginUnknownLocation",
];

/// The marker that holds the action of a service message.
pub(in crate::telegram) const ACTION: &str = "data.action";

fn secret(m: &Message) -> bool {
    noted(m, notes::SECRET)
}

fn planned(m: &Message) -> bool {
    noted(m, notes::SCHEDULED) || noted(m, notes::QUICK_REPLY)
}

fn android(m: &Message) -> bool {
    m.marker("mid").is_some()
}

/// The id and the state of a message of an ordinary cloud chat.
fn cloud(m: &Message) -> Option<(i64, i64)> {
    if secret(m) || planned(m) { None } else { m.int("mid").zip(m.int("send_state")) }
}

/// The id and the state of a scheduled message or a quick reply.
fn plan(m: &Message) -> Option<(i64, i64)> {
    if planned(m) { m.int("mid").zip(m.int("send_state")) } else { None }
}

fn local_action(m: &Message) -> bool {
    m.marker(ACTION).and_then(|a| a.raw.as_text()).is_some_and(|name| LOCAL_ACTIONS.contains(&name))
}

pub(in crate::telegram) const SERVER_ID: Rule = record(
    "telegram.android.server-id",
    Ground::AppSource,
    STORAGE,
    "The message carries a positive id, which only the server gives, and the state says sent or received: the server handled it.",
    |m| match cloud(m)? {
        (mid, 0) if mid > 0 => Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(&["mid", "send_state"]),
        _ => None,
    },
);

pub(in crate::telegram) const READ_BY_PEER: Rule = record(
    "telegram.android.read-by-peer",
    Ground::AppSource,
    STORAGE,
    "The own message is acknowledged by the server, and the peer has read it: its read bit is set or the dialog's outgoing read mark has reached its id.",
    |m| {
        let (mid, state) = m.int("mid").zip(m.int("send_state"))?;
        let acknowledged = if secret(m) { state == 0 } else { mid > 0 && matches!(state, 0 | 3) && !planned(m) };
        let read = m.int("read_state").is_some_and(|bits| bits & 1 == 1) && !noted(m, notes::BROADCAST);
        let reached = m.marker("outbox_max").is_some();
        // Reading one's own notes is no peer's reading.
        if m.int("out") != Some(1) || !acknowledged || noted(m, notes::SELF) || !(read || reached) {
            return None;
        }
        Opinion::claim(Verdict::Confirmed(Reach::Read)).on(&["mid", "send_state", "read_state", "outbox_max"])
    },
);

pub(in crate::telegram) const EDIT_PENDING: Rule = record(
    "telegram.android.edit-pending",
    Ground::AppSource,
    STORAGE,
    "The message carries an id of the server; an edit of it is not acknowledged yet.",
    |m| match cloud(m).or_else(|| plan(m))? {
        (mid, 3) if mid > 0 => {
            Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(&["mid", "send_state"]).with(notes::EDIT_PENDING)
        }
        _ => None,
    },
);

pub(in crate::telegram) const SERVER_ID_BUT_UNSENT: Rule = record(
    "telegram.android.server-id-but-unsent",
    Ground::AppSource,
    STORAGE,
    "The message carries an id of the server, and the state says that it is still being sent or that sending failed.",
    |m| match cloud(m).or_else(|| plan(m))? {
        (mid, 1 | 2) if mid > 0 => Opinion::claim(Verdict::Contradictory).on(&["mid", "send_state"]),
        _ => None,
    },
);

pub(in crate::telegram) const SENDING: Rule = record(
    "telegram.android.sending",
    Ground::AppSource,
    STORAGE,
    "The message carries a local id, and the state says that it is being sent: no server has acknowledged it.",
    |m| match cloud(m)? {
        (mid, 1) if mid < 0 => Opinion::claim(Verdict::Pending).on(&["mid", "send_state"]),
        _ => None,
    },
);

pub(in crate::telegram) const SEND_FAILED: Rule = record(
    "telegram.android.send-failed",
    Ground::AppSource,
    STORAGE,
    "The message carries a local id, and the state says that sending it failed.",
    |m| match cloud(m)? {
        (mid, 2) if mid < 0 => Opinion::claim(Verdict::Failed).on(&["mid", "send_state"]),
        _ => None,
    },
);

pub(in crate::telegram) const LOCAL_ID_MARKED_SENT: Rule = record(
    "telegram.android.local-id-marked-sent",
    Ground::AppSource,
    STORAGE,
    "The message of a cloud chat carries a local id, and the state says sent or received, which goes with an id of the server only.",
    |m| match cloud(m)? {
        (mid, 0) if mid < 0 && !local_action(m) && !noted(m, notes::SERVICE) => {
            Opinion::claim(Verdict::Contradictory).on(&["mid", "send_state"])
        }
        _ => None,
    },
);

pub(in crate::telegram) const LOCAL_ACTION: Rule = record(
    "telegram.android.local-action",
    Ground::AppSource,
    "org.telegram.tgnet.TLRPC (constructors 55555550 to 55555557, 555555f5)",
    "A notice that the app made for itself; no server handles it.",
    |m| match cloud(m)? {
        (mid, 0) if mid < 0 && local_action(m) => Opinion::claim(Verdict::LocalOnly).on(&["mid", "send_state", ACTION]),
        _ => None,
    },
);

pub(in crate::telegram) const SERVICE_NOTICE: Rule = record(
    "telegram.android.service-notice",
    Ground::Inferred,
    "our reading of the exception for user 777000: such notices arrive without an id",
    "A notice in the chat of Telegram's own service, which the app stores under a local id.",
    |m| match cloud(m)? {
        (mid, 0) if mid < 0 && noted(m, notes::SERVICE) && !local_action(m) => {
            Opinion::claim(Verdict::LocalOnly).on(&["mid", "send_state"])
        }
        _ => None,
    },
);

fn secret_out(m: &Message, state: i64) -> bool {
    secret(m) && m.int("out") == Some(1) && m.int("send_state") == Some(state)
}

pub(in crate::telegram) const SECRET_ACKNOWLEDGED: Rule = record(
    "telegram.android.secret-acknowledged",
    Ground::AppSource,
    SECRET,
    "The own message of a secret chat is in the state sent: the server acknowledged that it relays it, and gives such messages no id.",
    |m| {
        if secret_out(m, 0) {
            Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(&["send_state", "out"])
        } else {
            None
        }
    },
);

pub(in crate::telegram) const SECRET_SENDING: Rule = record(
    "telegram.android.secret-sending",
    Ground::AppSource,
    SECRET,
    "The own message of a secret chat is being sent: no server has acknowledged it.",
    |m| if secret_out(m, 1) { Opinion::claim(Verdict::Pending).on(&["send_state", "out"]) } else { None },
);

pub(in crate::telegram) const SECRET_FAILED: Rule = record(
    "telegram.android.secret-failed",
    Ground::AppSource,
    SECRET,
    "Sending the own message of a secret chat failed.",
    |m| if secret_out(m, 2) { Opinion::claim(Verdict::Failed).on(&["send_state", "out"]) } else { None },
);

pub(in crate::telegram) const SECRET_RECEIVED: Rule = record(
    "telegram.android.secret-received",
    Ground::AppSource,
    SECRET,
    "The message of a secret chat came in through the server's relay: it carries the peer's order numbers or random id, and the server leaves no mark of its own.",
    |m| {
        let marked = m.marker("seq_in").is_some() || m.marker("seq_out").is_some() || m.marker("random_id").is_some();
        if secret(m) && m.int("out") == Some(0) && marked {
            Opinion::claim(Verdict::ImpliedByArrival).on(&["out", "seq_in", "seq_out", "random_id"])
        } else {
            None
        }
    },
);

pub(in crate::telegram) const SCHEDULED_ON_SERVER: Rule = record(
    "telegram.android.scheduled-on-server",
    Ground::AppSource,
    STORAGE,
    "The scheduled message or quick reply carries an id of the server: the server keeps it for later.",
    |m| match plan(m)? {
        (mid, 0) if mid > 0 => Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(&["mid", "send_state"]),
        _ => None,
    },
);

pub(in crate::telegram) const SCHEDULED_WAITING: Rule = record(
    "telegram.android.scheduled-waiting",
    Ground::AppSource,
    STORAGE,
    "The scheduled message or quick reply carries a local id: the server has not accepted it.",
    |m| match plan(m)? {
        (mid, 0 | 1 | 3) if mid < 0 => Opinion::claim(Verdict::Pending).on(&["mid", "send_state"]),
        _ => None,
    },
);

pub(in crate::telegram) const SCHEDULED_FAILED: Rule = record(
    "telegram.android.scheduled-failed",
    Ground::AppSource,
    STORAGE,
    "The scheduled message or quick reply carries a local id, and the state says that handing it to the server failed.",
    |m| match plan(m)? {
        (mid, 2) if mid < 0 => Opinion::claim(Verdict::Failed).on(&["mid", "send_state"]),
        _ => None,
    },
);

pub(in crate::telegram) const OBJECT_ID_DIFFERS: Rule = record(
    "telegram.android.object-id-differs",
    Ground::AppSource,
    STORAGE,
    "The row and the object stored in it carry two different ids of the server.",
    |m| {
        let real = m.marker("mid")?.value.as_int().or_else(|| m.int("mid"))?;
        match m.int("data.id")? {
            inner if inner > 0 && real > 0 && inner != real => {
                Opinion::claim(Verdict::Contradictory).on(&["mid", "data.id"])
            }
            _ => None,
        }
    },
);

pub(in crate::telegram) const OBJECT_KEEPS_LOCAL_ID: Rule = record(
    "telegram.android.object-keeps-local-id",
    Ground::AppSource,
    STORAGE,
    "The row carries the server's id, the object stored in it still the local one: the message was sent from this installation and acknowledged in the short form.",
    |m| {
        if m.int("mid")? > 0 && m.int("data.id")? < 0 {
            Opinion::note(notes::KEEPS_LOCAL_ID).on(&["mid", "data.id"])
        } else {
            None
        }
    },
);

pub(in crate::telegram) const SERVER_ID_TWICE: Rule = Rule {
    id: "telegram.android.server-id-twice",
    says: "Two messages of one sequence carry the same id of the server; users and basic groups of an account share one sequence.",
    ground: Ground::AppSource,
    cites: STORAGE,
    judge: Judge::SharedServerId(|_| Opinion::claim(Verdict::Contradictory).on(&["mid"])),
};

pub(in crate::telegram) const RANDOM_ID: Rule = record(
    "telegram.android.random-id",
    Ground::AppSource,
    STORAGE,
    "The random number that this installation gave the message when sending it is kept beside the message's id.",
    |m| {
        if m.direction != Direction::In && m.int("out") == Some(1) && m.marker("random_id").is_some() {
            Opinion::note(notes::SENT_HERE).on(&["random_id"])
        } else {
            None
        }
    },
);

pub(in crate::telegram) const BEYOND_LAST_MID: Rule = record(
    "telegram.android.beyond-last-mid",
    Ground::AppSource,
    STORAGE,
    "The message carries an id beyond the newest one that its dialog knows of.",
    |m| {
        m.marker("last_mid").or_else(|| m.marker("last_mid_i"))?;
        Opinion::note(notes::BEYOND_CURSOR).on(&["mid", "last_mid", "last_mid_i"])
    },
);

pub(in crate::telegram) const CHANNEL_BEYOND_LAST_MID: Rule = Rule {
    id: "telegram.android.channel-beyond-last-mid",
    says: "The post carries an id beyond the newest one that its channel's dialog knows of.",
    ground: Ground::AppSource,
    cites: STORAGE,
    judge: Judge::BeyondCursor(notes::BEYOND_CURSOR),
};

pub(in crate::telegram) const INSIDE_HOLE: Rule = record(
    "telegram.android.inside-hole",
    Ground::AppSource,
    HOLES,
    "The message lies inside a range of ids that the app itself lists as not loaded.",
    |m| {
        m.marker("messages_holes")?;
        Opinion::note(notes::INSIDE_KNOWN_GAP).on(&["mid", "messages_holes"])
    },
);

pub(in crate::telegram) const CHANNEL_INSIDE_HOLE: Rule = Rule {
    id: "telegram.android.channel-inside-hole",
    says: "The post lies inside a range of ids that the app itself lists as not loaded.",
    ground: Ground::AppSource,
    cites: HOLES,
    judge: Judge::InsideHole(notes::INSIDE_KNOWN_GAP),
};

pub(in crate::telegram) const HOLES_EXPLAIN: Rule = Rule {
    id: "telegram.android.holes-explain",
    says: "Ranges that the app lists as not loaded explain why their ids are not in the store; they show nothing missing.",
    ground: Ground::AppSource,
    cites: HOLES,
    judge: Judge::HolesExplain,
};

pub(in crate::telegram) const READ_MARK_OVER_UNREAD: Rule = record(
    "telegram.android.read-mark-over-unread",
    Ground::AppSource,
    STORAGE,
    "The server's read mark of the dialog covers the incoming message, the row says unread.",
    |m| {
        m.marker("inbox_max")?;
        Opinion::note(notes::READ_BUT_UNREAD).on(&["mid", "read_state", "inbox_max"])
    },
);

pub(in crate::telegram) const DATE_AGAINST_ID: Rule = record(
    "telegram.android.date-against-id",
    Ground::AppSource,
    STORAGE,
    "The server gives ids in the order of its clock; this message and a neighbour in the same dialog stand in another order by id than by date.",
    |m| {
        if noted(m, notes::OUT_OF_ORDER) { Opinion::note(notes::OUT_OF_ORDER).on(&["mid", "date"]) } else { None }
    },
);

pub(in crate::telegram) const PUSHED: Rule = record(
    "telegram.android.pushed",
    Ground::Inferred,
    "org.telegram.messenger.MessagesStorage.putPushMessage; that it corroborates the message is our reading",
    "A push notification, which comes by another way than the message itself, named this message.",
    |m| {
        m.marker("unread_push_messages")?;
        Opinion::note(notes::PUSHED).on(&["unread_push_messages"])
    },
);

pub(in crate::telegram) const UNKNOWN_STATE: Rule = record(
    "telegram.android.unknown-state",
    Ground::AppSource,
    STORAGE,
    "The send state is a code that no known version writes; nothing is concluded from it.",
    |m| {
        if android(m) && !matches!(m.int("send_state"), Some(0..=3)) {
            Opinion::note(notes::UNKNOWN_STATE).on(&["send_state"])
        } else {
            None
        }
    },
);

pub(in crate::telegram) const CHANNEL_IDS_SKIP: Rule = absence(
    "telegram.android.channel-ids-skip",
    Ground::AppSource,
    HOLES,
    "Ids of a channel's own sequence are absent outside every range that the app lists as not loaded; deleted, or never delivered to this client.",
);

pub(in crate::telegram) const SHARED_IDS_SKIP: Rule = absence(
    "telegram.android.shared-ids-skip",
    Ground::AppSource,
    HOLES,
    "Ids of the sequence that all users and basic groups of the account share are absent outside every range that the app lists as not loaded; deleted, or never delivered to this client.",
);

pub(in crate::telegram) const LAST_MID_MISSING: Rule = absence(
    "telegram.android.last-mid-without-row",
    Ground::AppSource,
    STORAGE,
    "The dialog names a newest message that is not in the store and lies in no range that the app lists as not loaded.",
);

pub(in crate::telegram) const REPLY_TARGET_MISSING: Rule = absence(
    "telegram.android.reply-target-missing",
    Ground::AppSource,
    STORAGE,
    "A message answers another one that is not in the store.",
);

pub(in crate::telegram) const REPLY_TARGET_NOT_LOADED: Rule = absence(
    "telegram.android.reply-target-not-loaded",
    Ground::AppSource,
    HOLES,
    "A message answers another one that is not in the store and lies in a range that the app lists as not loaded.",
);

pub(in crate::telegram) const PINNED_MISSING: Rule = absence(
    "telegram.android.pinned-missing",
    Ground::AppSource,
    "org.telegram.messenger.MessagesStorage (chat_pinned_v2)",
    "A pinned message is not in the store; the copy kept for the pin is.",
);

pub(in crate::telegram) const KEYBOARD_MISSING: Rule = absence(
    "telegram.android.keyboard-message-missing",
    Ground::AppSource,
    "org.telegram.messenger.MessagesStorage (bot_keyboard)",
    "The message that brought a bot's keyboard is not in the store; the copy kept for the keyboard is.",
);

pub(in crate::telegram) const MEDIA_ROW_ALONE: Rule = absence(
    "telegram.android.media-row-alone",
    Ground::AppSource,
    "org.telegram.messenger.MessagesStorage (media_v4 and its forerunners)",
    "The list of shared media names a message that is not in the table of messages; its copy is kept.",
);

pub(in crate::telegram) const PUSHED_NOT_STORED: Rule = absence(
    "telegram.android.pushed-not-stored",
    Ground::AppSource,
    "org.telegram.messenger.MessagesStorage.putPushMessage",
    "A push notification announced a message that the store does not hold.",
);
