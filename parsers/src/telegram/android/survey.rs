//! One look over the messages before they are read: which dialogs count their own ids, where each begins, which ids the
//! shared sequence lacks, which messages stand in another order by id than by date.

use std::collections::{HashMap, HashSet};

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::OpenStore;
use forensics_core::origin::Origin;
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Col, Lookup, Table};

use super::dialog::{Dialog, channel_in_mid, real_mid};
use super::peers::Peers;
use crate::telegram::mentions::{Holes, Scope};
use crate::telegram::rules::android as rules;

/// Outside channels a draft that is sent after a time offline gets the server's time, while its neighbours have theirs:
/// smaller inversions say nothing. In seconds.
const TOLERANCE: i64 = 3600;

/// The oldest message of a dialog.
pub(super) struct Lowest {
    pub mid: i64,
    pub origin: Origin,
}

/// What the look gave. Beside the lookup it grows with conversations, and with what is out of order.
#[derive(Default)]
pub(super) struct Survey {
    /// Rowids of messages by `mid`.
    by_mid: Lookup,
    channels: HashSet<i64>,
    pub lowest: HashMap<i64, Lowest>,
    out_of_order: HashSet<i64>,
    /// Below this id the shared sequence says nothing: some dialog's history is not known to begin before it.
    floor: i64,
}

/// The last message of a dialog seen so far.
struct Latest {
    date: i64,
    rowid: i64,
}

/// The table of messages of either generation.
pub(super) fn messages_table(store: &OpenStore) -> Option<&Table> {
    store.table("messages_v2").or_else(|| store.table("messages"))
}

struct Columns {
    mid: Col,
    uid: Col,
    date: Col,
    is_channel: Col,
}

impl Columns {
    fn of(table: &Table) -> Columns {
        let [mid, uid, date, is_channel] = ["mid", "uid", "date", "is_channel"].map(|n| table.column(n));
        Columns { mid, uid, date, is_channel }
    }
}

impl Survey {
    pub(super) fn take(store: &OpenStore, peers: &Peers, holes: &Holes) -> Survey {
        let Some(table) = messages_table(store) else { return Survey::default() };
        let columns = Columns::of(table);
        let mut survey = Survey { by_mid: Lookup::build(store, table, columns.mid), ..Survey::default() };
        let mut latest: HashMap<i64, Latest> = HashMap::new();
        for (mid, rowid) in survey.by_mid.entries() {
            let Some(row) = Some(*rowid).filter(|_| *mid > 0).and_then(|r| store.get(table, r).ok().flatten()) else {
                continue;
            };
            let Some(uid) = row.int(columns.uid).filter(|uid| !matches!(Dialog::of(*uid), Dialog::Secret(_))) else {
                continue;
            };
            let marked = row.int(columns.is_channel).is_some_and(|c| c > 0) || channel_in_mid(*mid).is_some();
            if marked || peers.is_channel(uid) {
                survey.channels.insert(uid);
            }
            survey.lowest.entry(uid).or_insert_with(|| Lowest { mid: real_mid(*mid), origin: row.cell(columns.mid) });
            let Some(date) = row.int(columns.date) else { continue };
            let tolerance = if survey.channels.contains(&uid) { 0 } else { TOLERANCE };
            if let Some(before) = latest.insert(uid, Latest { date, rowid: *rowid })
                && before.date.saturating_sub(tolerance) > date
            {
                // Which of the two is wrong cannot be told.
                survey.out_of_order.extend([before.rowid, *rowid]);
            }
        }
        survey.floor = survey.find_floor(holes);
        survey
    }

    /// Above the oldest message of every dialog whose beginning is not known to be here or in a hole.
    fn find_floor(&self, holes: &Holes) -> i64 {
        let shared = self.lowest.iter().filter(|(uid, _)| !self.channels.contains(uid));
        let open = shared.clone().filter(|(uid, _)| !begins(holes, **uid)).map(|(_, l)| l.mid).max();
        open.or_else(|| shared.map(|(_, l)| l.mid).min()).unwrap_or(i64::MAX)
    }

    /// Hands over what the shared sequence lacks above the floor and outside every hole.
    pub(super) fn say_skips(
        &self,
        store: &OpenStore,
        sink: &mut dyn Sink,
        scope: &Scope,
        holes: &Holes,
    ) -> Result<(), Stopped> {
        let Some(table) = messages_table(store).filter(|_| holes.known) else { return Ok(()) };
        let columns = Columns::of(table);
        let covered = holes.union(|dialog| !self.is_channel(dialog));
        let mut previous: Option<i64> = None;
        let start = self.by_mid.entries().partition_point(|(mid, _)| *mid < self.floor);
        for (mid, rowid) in self.by_mid.entries().get(start..).unwrap_or_default() {
            let Some(row) = store.get(table, *rowid).ok().flatten() else { continue };
            let Some(uid) = row.int(columns.uid) else { continue };
            if self.is_channel(uid) || matches!(Dialog::of(uid), Dialog::Secret(_)) {
                continue;
            }
            if let Some(skip) = previous.and_then(|previous| covered.skip(previous, *mid)) {
                let origin = row.cell(columns.mid);
                let marker = Marker::new(MarkerKind::Sequence, "mid", *mid, origin.clone());
                sink.emit(scope.skip(&skip, &rules::SHARED_IDS_SKIP, marker, origin))?;
            }
            previous = Some(*mid);
        }
        Ok(())
    }

    /// Whether a dialog counts its own ids, as far as its messages say.
    pub(super) fn is_channel(&self, uid: i64) -> bool {
        self.channels.contains(&uid)
    }

    pub(super) fn is_out_of_order(&self, rowid: Option<i64>) -> bool {
        rowid.is_some_and(|rowid| self.out_of_order.contains(&rowid))
    }

    /// Whether the table of messages holds the message; in users' and groups' dialogs and in channels alike.
    pub(super) fn has(&self, store: &OpenStore, mid: i64, uid: i64) -> bool {
        let Some(table) = messages_table(store) else { return false };
        let column = table.column("uid");
        let old = match Dialog::of(uid) {
            Dialog::Chat(id) if mid > 0 && self.is_channel(uid) => Some(mid | id.wrapping_shl(32)),
            _ => None,
        };
        [Some(mid), old].into_iter().flatten().any(|key| {
            self.by_mid
                .rowids(key)
                .any(|rowid| store.get(table, rowid).ok().flatten().is_some_and(|row| row.int(column) == Some(uid)))
        })
    }
}

/// Whether it is known what lies before a dialog's oldest message: nothing, or a hole.
fn begins(holes: &Holes, uid: i64) -> bool {
    holes.of(uid).iter().any(|hole| hole.after <= 0)
}
