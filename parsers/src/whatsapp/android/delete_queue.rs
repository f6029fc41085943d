//! `deleted_chat_job`: rows that the app hides already and has not removed yet. The conditions are those of its own views
//! `available_message_view` and `deleted_messages_view` (schemas of 2022 and of 2025/26).

use std::collections::HashMap;

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::origin::Origin;
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::Value;

use crate::whatsapp::cells;

/// A chat has one job, or a few; more are not read.
const MOST_JOBS: usize = 10_000;

/// The jobs of every chat.
#[derive(Default)]
pub(super) struct DeleteQueue {
    jobs: HashMap<i64, Vec<Job>>,
}

struct Job {
    all: Option<i64>,
    starred: Option<i64>,
    categories: Option<Box<str>>,
    category: Option<i64>,
    category_starred: Option<i64>,
    single: Option<Box<str>>,
    origin: Origin,
}

/// What the conditions look at.
pub(super) struct Candidate {
    pub(super) chat: i64,
    pub(super) rowid: i64,
    pub(super) sort: i64,
    pub(super) kind: Option<i64>,
    pub(super) starred: bool,
}

impl DeleteQueue {
    pub(super) fn read(store: &OpenStore, sink: &mut dyn Sink) -> Result<Self, Stopped> {
        const TABLE: &str = "deleted_chat_job";
        let mut queue = DeleteQueue::default();
        let Some(table) = store.table(TABLE) else { return Ok(queue) };
        let [chat, all, starred, categories, category, category_starred, single] = [
            "chat_row_id",
            "deleted_message_row_id",
            "deleted_starred_message_row_id",
            "deleted_message_categories",
            "deleted_categories_message_row_id",
            "deleted_categories_starred_message_row_id",
            "singular_message_delete_rows_id",
        ]
        .map(|name| table.column(name));
        let mut count = 0_usize;
        store.each(sink, TABLE, |row, _| {
            let Some(chat) = row.int_lossy(chat).filter(|_| count < MOST_JOBS) else { return Ok(Fate::PassedOver) };
            count = count.saturating_add(1);
            queue.jobs.entry(chat).or_default().push(Job {
                all: row.int_lossy(all),
                starred: row.int_lossy(starred),
                categories: cells::text(row, categories),
                category: row.int_lossy(category),
                category_starred: row.int_lossy(category_starred),
                single: cells::text(row, single),
                origin: row.origin(),
            });
            Ok(Fate::Folded)
        })?;
        Ok(queue)
    }

    /// The mark of the job that hides a row.
    pub(super) fn hides(&self, row: &Candidate) -> Option<Marker> {
        self.jobs.get(&row.chat)?.iter().find_map(|job| job.hides(row))
    }
}

impl Job {
    fn hides(&self, row: &Candidate) -> Option<Marker> {
        let up_to = |limit: Option<i64>| limit.is_some_and(|limit| row.sort <= limit);
        let names = |list: &Option<Box<str>>, number: i64| {
            list.as_deref().is_some_and(|l| l.contains(&format!("\"{number}\"")))
        };
        let (column, raw): (&'static str, Value) = if !row.starred && up_to(self.all) {
            ("deleted_message_row_id", self.all.into())
        } else if row.starred && up_to(self.starred) {
            ("deleted_starred_message_row_id", self.starred.into())
        } else if row.kind.is_some_and(|kind| names(&self.categories, kind))
            && up_to(if row.starred { self.category_starred } else { self.category })
        {
            ("deleted_message_categories", self.categories.as_deref().into())
        } else if names(&self.single, row.rowid) {
            ("singular_message_delete_rows_id", self.single.as_deref().into())
        } else {
            return None;
        };
        Some(Marker::new(MarkerKind::Tombstone, column, raw, self.origin.cell(column)))
    }
}

#[cfg(test)]
mod tests {
    use forensics_core::origin::StoreId;

    use super::*;

    fn job() -> Job {
        Job {
            all: Some(10),
            starred: Some(5),
            categories: Some("[\"1\"]".into()),
            category: Some(20),
            category_starred: Some(15),
            single: Some("[\"33\"]".into()),
            origin: Origin::store(StoreId(1)),
        }
    }

    fn hides(rowid: i64, kind: i64, starred: bool) -> bool {
        job().hides(&Candidate { chat: 1, rowid, sort: rowid, kind: Some(kind), starred }).is_some()
    }

    #[test]
    fn a_job_hides_what_the_apps_own_view_leaves_out() {
        assert!(hides(10, 0, false) && !hides(11, 0, false));
        assert!(hides(5, 0, true) && !hides(6, 0, true));
        assert!(hides(20, 1, false) && !hides(21, 1, false) && !hides(20, 3, false));
        assert!(hides(15, 1, true) && !hides(16, 1, true));
        assert!(hides(33, 0, false) && hides(33, 0, true) && !hides(34, 0, false));
    }
}
