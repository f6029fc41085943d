//! A first look over the messages: what one row alone does not tell.

use forensics_core::record::Direction;

use super::codes;
use super::columns::Columns;
use crate::signal::tables::{Index, Numbers, Tables};

/// What the messages of a store have in common.
#[derive(Default)]
pub(super) struct Survey {
    /// When the first message with an id of the server's was received: before, the app may not have kept them.
    pub(super) first_guid: Option<i64>,
    /// The newest time of the phone's own clock.
    pub(super) newest: i64,
    /// The recipient that outgoing rows name as their author.
    pub(super) own: Option<i64>,
    /// Rows by `date_sent`, by table: a quote names a message so.
    pub(super) by_date: Vec<(&'static str, Index)>,
    /// Older revisions by the newest one's row.
    pub(super) revisions: Index,
    /// The row numbers of each table.
    pub(super) numbers: Vec<(&'static str, Numbers)>,
}

impl Survey {
    pub(super) fn of(store: &dyn Tables, tables: &[&'static str]) -> Survey {
        let mut survey = Survey::default();
        for table in tables {
            let columns = Columns::of(store, table);
            let mut dates = Vec::new();
            let mut revisions = Vec::new();
            let mut numbers = Numbers::default();
            store.look(table, &mut |row| {
                let Some(id) = row.rowid() else { return };
                numbers.count(id);
                dates.extend(row.int(columns.sent).map(|date| (date, id)));
                revisions.extend(row.int(columns.latest_revision).map(|latest| (latest, id)));
                let base = codes::base(row.int(columns.kind).unwrap_or(0));
                let received = row.positive(columns.received);
                survey.newest = survey.newest.max(received.unwrap_or(0));
                let marked = base == codes::INBOX && row.text(columns.guid).is_some();
                if let (true, Some(at)) = (marked, received) {
                    survey.first_guid = Some(survey.first_guid.map_or(at, |first| first.min(at)));
                }
                if columns.from_is_author && survey.own.is_none() && codes::direction(base) == Direction::Out {
                    survey.own = row.int(columns.from);
                }
            });
            survey.by_date.push((table, Index::new(dates)));
            survey.numbers.push((table, numbers));
            if !revisions.is_empty() {
                survey.revisions = Index::new(revisions);
            }
        }
        survey
    }
}
