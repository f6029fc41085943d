//! One look over the message table before it is read: which identifiers and rows it has, which row numbers it lacks, and
//! what all its iCloud marks have in common. Sixteen bytes for each message.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use forensics_core::store::sqlite::{Database, Row, Table};
use forensics_core::value::Value;

use super::columns::MessageColumns;
use super::stamps::stamp;

/// Rows by the hash of a text; whoever asks reads the row to be sure.
#[derive(Debug, Default)]
pub(super) struct Hashed(Vec<(u64, i64)>);

impl Hashed {
    pub(super) fn add(&mut self, text: &str, rowid: i64) {
        self.0.push((hash(text), rowid));
    }

    pub(super) fn sort(&mut self) {
        self.0.sort_unstable();
        self.0.shrink_to_fit();
    }

    pub(super) fn rowids(&self, text: &str) -> impl Iterator<Item = i64> + use<'_> {
        let wanted = hash(text);
        let start = self.0.partition_point(|(h, _)| *h < wanted);
        self.0.get(start..).unwrap_or_default().iter().take_while(move |(h, _)| *h == wanted).map(|(_, rowid)| *rowid)
    }
}

/// The same on every run.
fn hash(text: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(text)
}

/// Numbers that no row has, both bounds exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) after: Option<i64>,
    pub(super) before: i64,
}

/// What the iCloud marks of all rows have in common.
#[derive(Debug, Default)]
pub(super) struct CloudFacts {
    /// Rows with a record id.
    pub(super) records: u64,
    /// Rows whose state is not 0.
    pub(super) states: u64,
    /// Rows marked as having nothing to upload.
    pub(super) clean: u64,
    /// Of these, rows with a record id.
    pub(super) clean_with_record: u64,
    /// Rows with a change tag.
    pub(super) tags: u64,
    /// The first change tag.
    tag: Option<Box<str>>,
    tags_differ: bool,
}

/// Rows from which on one common change tag is a sign: two may agree by chance.
const ENOUGH_TAGS: u64 = 3;

impl CloudFacts {
    fn see(&mut self, row: &Row<'_>, columns: &MessageColumns) {
        let has = |col| row.bytes(col).is_some_and(|b| !b.is_empty());
        let (record, state) = (has(columns.record), row.int(columns.state).unwrap_or(0));
        self.records = self.records.saturating_add(u64::from(record));
        self.states = self.states.saturating_add(u64::from(state != 0));
        self.clean = self.clean.saturating_add(u64::from(state == 1));
        self.clean_with_record = self.clean_with_record.saturating_add(u64::from(state == 1 && record));
        let Some(tag) = row.text(columns.tag).filter(|t| !t.is_empty()) else { return };
        self.tags = self.tags.saturating_add(1);
        match &self.tag {
            None => self.tag = Some((*tag).into()),
            Some(first) => self.tags_differ |= **first != *tag,
        }
    }

    /// Whether no row knows anything of iCloud.
    pub(super) fn is_off(&self) -> bool {
        self.records == 0 && self.states == 0
    }

    /// Whether most rows with nothing to upload have a record.
    pub(super) fn most_have_records(&self) -> bool {
        self.clean_with_record.saturating_mul(2) > self.clean
    }

    /// Whether all change tags are one, and enough of them to say so.
    pub(super) fn has_one_tag(&self) -> bool {
        self.tags >= ENOUGH_TAGS && !self.tags_differ
    }
}

/// What one look at the message table gave.
pub(super) struct Survey<'a> {
    db: &'a Database,
    table: &'a Table,
    columns: MessageColumns,
    guids: Hashed,
    /// Tapbacks, stickers and votes by the identifier of what they are put on.
    targets: Hashed,
    pub(super) gaps: Vec<Gap>,
    pub(super) last: Option<i64>,
    pub(super) rows: u64,
    /// Whether pages could not be read, so that rows may be there unseen.
    pub(super) unreadable: bool,
    pub(super) cloud: CloudFacts,
    /// Rows dated well before a row of a lower number.
    pub(super) disordered: u64,
}

impl<'a> Survey<'a> {
    pub(super) fn of(db: &'a Database, table: &'a Table) -> Self {
        let mut survey = Survey {
            db,
            table,
            columns: MessageColumns::of(Some(table)),
            guids: Hashed::default(),
            targets: Hashed::default(),
            gaps: Vec::new(),
            last: None,
            rows: 0,
            unreadable: false,
            cloud: CloudFacts::default(),
            disordered: 0,
        };
        let mut newest = i128::MIN;
        for row in db.scan(table) {
            match row {
                Ok(row) => survey.see(&row, &mut newest),
                // A damaged row is there all the same.
                Err(fault) => match fault.rowid {
                    Some(rowid) => survey.number(rowid),
                    None => survey.unreadable = true,
                },
            }
        }
        survey.guids.sort();
        survey.targets.sort();
        survey
    }

    fn see(&mut self, row: &Row<'_>, newest: &mut i128) {
        /// A day: clocks of senders differ by less.
        const SLACK: i128 = 86_400_000_000_000;
        let Some(rowid) = row.rowid() else { return };
        self.number(rowid);
        if let Some(guid) = row.text(self.columns.guid) {
            self.guids.add(&guid, rowid);
        }
        if let Some(of) = row.text(self.columns.target).filter(|t| !t.is_empty()) {
            self.targets.add(target(&of).1, rowid);
        }
        self.cloud.see(row, &self.columns);
        if let Some(at) = stamp(&row.value(self.columns.date)).and_then(|s| s.unix_nanos()) {
            self.disordered = self.disordered.saturating_add(u64::from(at.saturating_add(SLACK) < *newest));
            *newest = at.max(*newest);
        }
    }

    fn number(&mut self, rowid: i64) {
        // SQLite gives numbers from 1 on; one below was written by hand.
        let after = self.last.filter(|last| *last > 0);
        if rowid > after.unwrap_or(0).saturating_add(1) {
            self.gaps.push(Gap { after, before: rowid });
        }
        self.last = Some(rowid.max(self.last.unwrap_or(i64::MIN)));
        self.rows = self.rows.saturating_add(1);
    }

    /// A row of the message table, if it is there and can be read.
    pub(super) fn row(&self, rowid: i64) -> Option<Row<'a>> {
        self.db.get(self.table, rowid).ok().flatten()
    }

    /// Whether a row of this number is there, readable or not.
    pub(super) fn has_row(&self, rowid: i64) -> bool {
        match self.db.get(self.table, rowid) {
            Ok(row) => row.is_some(),
            Err(fault) => fault.rowid == Some(rowid),
        }
    }

    /// Whether a message has this identifier.
    pub(super) fn has_guid(&self, guid: &str) -> bool {
        let is = |rowid| self.row(rowid).is_some_and(|row| row.text(self.columns.guid).is_some_and(|g| g == guid));
        self.guids.rowids(guid).any(is)
    }

    /// Tapbacks, stickers and votes on a message, by row.
    pub(super) fn put_on(&self, guid: &str) -> impl Iterator<Item = Row<'a>> {
        let column = self.columns.target;
        let rows = self.targets.rowids(guid).filter_map(|rowid| self.row(rowid));
        rows.filter(move |row| row.text(column).is_some_and(|t| target(&t).1 == guid))
    }

    /// The date of a row, as it stands.
    pub(super) fn date_of(&self, rowid: i64) -> Value {
        self.row(rowid).map(|row| row.value(self.columns.date)).unwrap_or_default()
    }
}

/// Part and identifier in `p:<part>/<guid>`, `bp:<guid>`, or a bare identifier.
pub(super) fn target(of: &str) -> (Option<i64>, &str) {
    if let Some(guid) = of.strip_prefix("bp:") {
        return (None, guid);
    }
    match of.strip_prefix("p:").and_then(|rest| rest.split_once('/')) {
        Some((part, guid)) => (part.parse().ok(), guid),
        None => (None, of),
    }
}

/// The message's identifier in an attachment's: `at_<part>_<guid>`.
pub(super) fn message_of_attachment(guid: &str) -> Option<&str> {
    let (part, message) = guid.strip_prefix("at_")?.split_once('_')?;
    (!message.is_empty() && part.bytes().all(|b| b.is_ascii_digit())).then_some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tapback_names_its_target_in_three_ways() {
        assert_eq!(target("p:2/ABC"), (Some(2), "ABC"));
        assert_eq!(target("bp:ABC"), (None, "ABC"));
        assert_eq!(target("ABC"), (None, "ABC"));
        assert_eq!(target("p:ABC"), (None, "p:ABC"));
    }

    #[test]
    fn an_attachment_may_name_its_message() {
        assert_eq!(message_of_attachment("at_0_ABC"), Some("ABC"));
        assert_eq!(message_of_attachment("at_x_ABC"), None);
        assert_eq!(message_of_attachment("04804C3D"), None);
    }
}
