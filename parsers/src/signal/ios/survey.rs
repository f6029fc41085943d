//! A first look over the messages: what one row alone does not tell.

use forensics_core::value::Value;

use super::codes::{INCOMING, TABLE};
use crate::signal::tables::{Index, Numbers, Tables};

/// What the messages of a store have in common.
#[derive(Default)]
pub(super) struct Survey {
    /// When the first message with an id or time of the server's was received.
    pub(super) first_marked: Option<i64>,
    /// The newest time of the phone's own clock, or of a sender's.
    pub(super) newest: i64,
    /// Rows by `timestamp`: a quote names a message so.
    pub(super) by_date: Index,
    /// Rows by a hash of `uniqueId`: everything else names a message so.
    by_id: Index,
    /// Older revisions by the newest one's row, and whether a row is one.
    pub(super) revisions: Index,
    pub(super) newest_of: Index,
    pub(super) numbers: Numbers,
}

impl Survey {
    pub(super) fn of(store: &dyn Tables) -> Survey {
        let c = |name: &'static str| store.column(TABLE, &[name]);
        let (kind, guid, server) = (c("recordType"), c("serverGuid"), c("serverTimestamp"));
        let (received, sent, id) = (c("receivedAtTimestamp"), c("timestamp"), c("uniqueId"));
        let mut survey = Survey::default();
        let (mut dates, mut ids) = (Vec::new(), Vec::new());
        store.look(TABLE, &mut |row| {
            let Some(rowid) = row.rowid() else { return };
            survey.numbers.count(rowid);
            dates.extend(row.int(sent).map(|date| (date, rowid)));
            ids.extend(row.text(id).map(|id| (hash(&id), rowid)));
            let at = row.positive(received);
            survey.newest = survey.newest.max(at.unwrap_or(0)).max(row.positive(sent).unwrap_or(0));
            let marked = row.text(guid).is_some() || row.positive(server).is_some();
            if let (true, Some(INCOMING), Some(at)) = (marked, row.int(kind), at) {
                survey.first_marked = Some(survey.first_marked.map_or(at, |first| first.min(at)));
            }
        });
        survey.by_date = Index::new(dates);
        survey.by_id = Index::new(ids);
        let (latest, past) =
            (store.column("EditRecord", &["latestRevisionId"]), store.column("EditRecord", &["pastRevisionId"]));
        let (mut older, mut newer) = (Vec::new(), Vec::new());
        store.look("EditRecord", &mut |row| {
            if let Some((latest, past)) = row.int(latest).zip(row.int(past)) {
                older.push((latest, past));
                newer.push((past, latest));
            }
        });
        survey.revisions = Index::new(older);
        survey.newest_of = Index::new(newer);
        survey
    }

    /// The row of a message.
    pub(super) fn row_of(&self, store: &dyn Tables, id: &str) -> Option<i64> {
        let column = store.column(TABLE, &["uniqueId"]);
        self.by_id.rowids(hash(id)).find(|rowid| {
            let row = store.get(TABLE, *rowid);
            // A row that is there and cannot be read is not missing.
            row.is_none_or(|row| matches!(row.value(column), Value::Text(t) if *t == *id))
        })
    }
}

/// The same on every run.
pub(super) fn hash(text: &str) -> i64 {
    use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
    i64::from_ne_bytes(BuildHasherDefault::<DefaultHasher>::default().hash_one(text).to_ne_bytes())
}
