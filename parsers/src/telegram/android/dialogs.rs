//! Dialogs with their cursors, and the ranges that the app has not loaded: `dialogs`, `messages_holes`.

use std::collections::HashMap;

use forensics_core::issue::{Issue, Severity};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::Origin;
use forensics_core::record::{AbsenceKind, Cursor, CursorSays, Key, Record, Thread, ThreadKind};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Col, Row, Table};
use forensics_core::value::Value;

use super::dialog::{Dialog, real_mid};
use super::messages::server_names;
use super::peers::Peers;
use super::survey::Survey;
use crate::telegram::ANDROID_CHANNEL;
use crate::telegram::mentions::{Hole, Holes, Mark, Scope};
use crate::telegram::rules::android as rules;

/// Reads the ranges that were not loaded. A row (1, 1) says that the beginning of the history is here.
pub(super) fn read_holes(store: &OpenStore, sink: &mut dyn Sink) -> Result<Holes, Stopped> {
    let mut holes = Holes::default();
    let Some(table) = store.table("messages_holes") else {
        let detail = format!("{}: no table messages_holes: gaps are not looked for", store.path());
        let origin = Some(Origin::store(store.id()));
        sink.issue(Issue { code: "telegram-unsafe-gaps", severity: Severity::Degraded, detail, origin })?;
        return Ok(holes);
    };
    holes.known = true;
    let [uid, start, end] = ["uid", "start", "end"].map(|n| table.column(n));
    store.each(sink, "messages_holes", |row, _| {
        let (Some(uid), Some(low), Some(high)) = (row.int(uid), row.int(start), row.int(end)) else {
            return Ok(Fate::Quarantined("a hole without dialog, start or end".to_owned()));
        };
        // The first hole of a dialog starts at 0 or 1 and covers that id too; other ends are ids that are or were known.
        let after = if low <= 1 { 0 } else { real_mid(low) };
        let meaning = format!("not loaded: {low} to {high}");
        let marker = Marker::new(MarkerKind::Cursor, "messages_holes", low, row.cell(start)).meaning(meaning);
        holes.add(uid, Hole { after, before: real_mid(high), marker });
        Ok(Fate::Folded)
    })?;
    Ok(holes)
}

/// What a dialog's row says of its messages; as stored.
pub(super) struct DialogRow {
    pub origin: Origin,
    last_mid: Option<i64>,
    last_mid_i: Option<i64>,
    inbox_max: Option<i64>,
    outbox_max: Option<i64>,
}

/// A cursor of a dialog: its column, what is stored, and the message's own id.
#[derive(Clone, Copy)]
pub(super) struct Reached {
    name: &'static str,
    raw: i64,
    pub mid: i64,
}

impl DialogRow {
    fn reached(name: &'static str, raw: Option<i64>) -> Option<Reached> {
        raw.filter(|raw| *raw > 0).map(|raw| Reached { name, raw, mid: real_mid(raw) })
    }

    /// The newest id that the dialog knows of.
    pub(super) fn newest(&self) -> Option<Reached> {
        let both = [Self::reached("last_mid", self.last_mid), Self::reached("last_mid_i", self.last_mid_i)];
        both.into_iter().flatten().max_by_key(|r| (r.mid, r.name == "last_mid"))
    }

    /// The highest incoming id that was read here.
    pub(super) fn inbox(&self) -> Option<Reached> {
        Self::reached("inbox_max", self.inbox_max)
    }

    /// The highest own id that the other side has read.
    pub(super) fn outbox(&self) -> Option<Reached> {
        Self::reached("outbox_max", self.outbox_max)
    }

    /// A cursor with its cell.
    pub(super) fn marker(&self, reached: Reached) -> Marker {
        Marker::new(MarkerKind::Cursor, reached.name, reached.raw, self.origin.cell(reached.name))
    }
}

/// Every dialog by its id. Grows with conversations.
#[derive(Default)]
pub(super) struct Dialogs {
    rows: HashMap<i64, DialogRow>,
}

struct Columns {
    did: Col,
    ids: [(&'static str, Col); 4],
    pts: Col,
    facts: [(&'static str, Col); 6],
}

impl Columns {
    fn of(table: &Table) -> Columns {
        let named = |name: &'static str| (name, table.column(name));
        Columns {
            did: table.column("did"),
            ids: ["last_mid", "last_mid_i", "inbox_max", "outbox_max"].map(named),
            pts: table.column("pts"),
            facts: ["date", "unread_count", "pinned", "folder_id", "ttl_period", "flags"].map(named),
        }
    }
}

/// What reading a dialog needs besides.
struct Around<'a> {
    store: &'a OpenStore,
    scope: &'a Scope,
    peers: &'a Peers,
    survey: &'a Survey,
    holes: &'a Holes,
    me: Option<i64>,
}

impl Dialogs {
    pub(super) fn read(
        store: &OpenStore,
        sink: &mut dyn Sink,
        scope: &Scope,
        peers: &Peers,
        survey: &Survey,
        holes: &Holes,
        me: Option<i64>,
    ) -> Result<Dialogs, Stopped> {
        let mut dialogs = Dialogs::default();
        let around = Around { store, scope, peers, survey, holes, me };
        if let Some(table) = store.table("dialogs") {
            let columns = Columns::of(table);
            store.each(sink, "dialogs", |row, sink| {
                let Some(uid) = row.int(columns.did) else {
                    return Ok(Fate::Quarantined("a dialog without did".to_owned()));
                };
                if Dialog::of(uid) == Dialog::Folder {
                    return Ok(Fate::PassedOver);
                }
                around.thread(sink, uid, row.origin(), around.facts(row, &columns))?;
                let dialog = around.row(row, &columns);
                around.positions(sink, uid, row, &columns)?;
                around.newest(sink, uid, &dialog)?;
                dialogs.rows.insert(uid, dialog);
                Ok(Fate::Emitted)
            })?;
        }
        around.beginnings(sink, &dialogs)?;
        Ok(dialogs)
    }

    pub(super) fn get(&self, uid: i64) -> Option<&DialogRow> {
        self.rows.get(&uid)
    }
}

impl Around<'_> {
    fn is_channel(&self, uid: i64) -> bool {
        self.survey.is_channel(uid) || self.peers.is_channel(uid)
    }

    fn facts(&self, row: &Row<'_>, columns: &Columns) -> Vec<(&'static str, Value)> {
        columns.facts.iter().map(|(name, column)| (*name, row.value(*column))).collect()
    }

    fn thread(
        &self,
        sink: &mut dyn Sink,
        uid: i64,
        origin: Origin,
        extra: Vec<(&'static str, Value)>,
    ) -> Result<(), Stopped> {
        let kind = match self.peers.kind(uid, self.me) {
            ThreadKind::Unknown if self.is_channel(uid) => ThreadKind::Channel,
            kind => kind,
        };
        let participants = match Dialog::of(uid) {
            Dialog::User(id) => vec![id.to_string().into()],
            Dialog::Secret(chat) => self.peers.secret_user(chat).map(|id| id.to_string().into()).into_iter().collect(),
            Dialog::Chat(_) | Dialog::Folder => Vec::new(),
        };
        sink.emit(Record::Thread(Thread {
            origin,
            account: self.scope.account.clone(),
            id: uid.to_string().into(),
            name: self.peers.name(uid),
            kind,
            participants,
            extra,
        }))
    }

    fn row(&self, row: &Row<'_>, columns: &Columns) -> DialogRow {
        let [last_mid, last_mid_i, inbox_max, outbox_max] = columns.ids.map(|(_, column)| row.int(column));
        DialogRow { origin: row.origin(), last_mid, last_mid_i, inbox_max, outbox_max }
    }

    fn cursor(&self, uid: i64, sequence: &'static str, says: CursorSays, marker: Marker) -> Record {
        Record::Cursor(Cursor {
            space: self.scope.space,
            account: self.scope.account.clone(),
            thread: Some(uid.to_string().into()),
            sequence,
            says,
            marker,
        })
    }

    /// Read marks and the position in the channel's stream of updates.
    fn positions(&self, sink: &mut dyn Sink, uid: i64, row: &Row<'_>, columns: &Columns) -> Result<(), Stopped> {
        let marks = columns.ids.iter().skip(2).copied().chain([("pts", columns.pts)]);
        for (name, column) in marks {
            let Some(value) = row.int(column).filter(|v| *v > 0) else { continue };
            let marker = Marker::new(MarkerKind::Cursor, name, value, row.cell(column));
            sink.emit(self.cursor(uid, "", CursorSays::Position(real_mid(value)), marker))?;
        }
        Ok(())
    }

    /// The newest message that the dialog knows of: where it is missing, and not for a hole, it is an absence.
    fn newest(&self, sink: &mut dyn Sink, uid: i64, dialog: &DialogRow) -> Result<(), Stopped> {
        let Some(newest) = dialog.newest() else { return Ok(()) };
        let marker = dialog.marker(newest);
        let explained = !self.holes.known || self.holes.touching(uid, newest.mid).is_some();
        if self.is_channel(uid) {
            let says = if explained { CursorSays::Position(newest.mid) } else { CursorSays::Reached(newest.mid) };
            sink.emit(self.cursor(uid, ANDROID_CHANNEL, says, marker.clone()))?;
            // Nothing of the channel is loaded: the one post that is named is all that is known to have been here.
            let only = CursorSays::Cleared(newest.mid.saturating_sub(1));
            let bare = !self.survey.lowest.contains_key(&uid) && !self.begins(uid);
            return if bare { sink.emit(self.cursor(uid, ANDROID_CHANNEL, only, marker)) } else { Ok(()) };
        }
        sink.emit(self.cursor(uid, "", CursorSays::Position(newest.mid), marker.clone()))?;
        if explained || matches!(Dialog::of(uid), Dialog::Secret(_)) || self.survey.has(self.store, newest.mid, uid) {
            return Ok(());
        }
        let origin = marker.origin.clone();
        sink.emit(self.scope.mention(Mark {
            thread: Some(thread_key(uid)),
            names: server_names(uid, newest.mid, false),
            kind: AbsenceKind::BeyondRecords,
            rule: &rules::LAST_MID_MISSING,
            text: Value::Null,
            markers: vec![marker],
            origin,
        }))
    }

    /// Whether it is known what lies before a dialog's oldest message.
    fn begins(&self, uid: i64) -> bool {
        self.holes.of(uid).iter().any(|hole| hole.after <= 0)
    }

    /// What explains ids that a channel lacks: holes, and a history whose beginning was never asked for. Dialogs that
    /// stand in messages only become threads here.
    fn beginnings(&self, sink: &mut dyn Sink, dialogs: &Dialogs) -> Result<(), Stopped> {
        let mut met: Vec<_> = self.survey.lowest.iter().collect();
        met.sort_unstable_by_key(|(uid, _)| **uid);
        for (uid, lowest) in met {
            if dialogs.get(*uid).is_none() {
                self.thread(sink, *uid, Origin { column: None, ..lowest.origin.clone() }, Vec::new())?;
            }
            if self.is_channel(*uid) && !self.begins(*uid) {
                let marker = Marker::new(MarkerKind::Cursor, "mid", lowest.mid, lowest.origin.clone())
                    .meaning("the oldest message that was loaded");
                let says = CursorSays::Cleared(lowest.mid.saturating_sub(1));
                sink.emit(self.cursor(*uid, ANDROID_CHANNEL, says, marker))?;
            }
        }
        for (uid, hole) in self.holes.all().filter(|(uid, _)| self.is_channel(*uid)) {
            if hole.before > hole.after.saturating_add(1) {
                let says = CursorSays::Hole { after: hole.after, before: hole.before };
                sink.emit(self.cursor(uid, ANDROID_CHANNEL, says, hole.marker.clone()))?;
            }
        }
        Ok(())
    }
}

/// The key of a dialog.
pub(super) fn thread_key(uid: i64) -> Key {
    uid.to_string().into()
}
