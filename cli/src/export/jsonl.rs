//! The JSONL export: everything in the case, one record a line, in a fixed order. The same case gives the same bytes.
//!
//! Messages of a shard are read in one pass that follows the order of its stores, so that nothing but one record is held.
//! Calls stand after a store's messages: they wait in a file without a name when there are many.

use std::io::{Read as _, Seek as _, Write};

use forensics_core::case::{EntityRow, Filter, MessageRow, Order, Shard, StoreRow};
use serde::Serialize;
use tempfile::SpooledTempFile;

use super::lines::{
    AbsenceLine, CursorLine, EntityLine, EvidenceLine, HeaderLine, IssueLine, MessageLine, QuarantineLine, SCHEMA,
    StoreLine, TallyLine,
};
use crate::error::CliError;
use crate::open_case::OpenCase;

/// Bytes of waiting calls that are held in memory.
const HELD: usize = 8 << 20;

/// Writes the case to `out`.
pub(crate) fn write(case: &OpenCase, out: &mut dyn Write) -> Result<(), CliError> {
    line(out, &HeaderLine { schema: SCHEMA, tool: "matchmark", version: env!("CARGO_PKG_VERSION") })?;
    for evidence in &case.evidence {
        line(out, &EvidenceLine::new(evidence))?;
    }
    for shard in case.shards() {
        for store in shard?.stores() {
            line(out, &StoreLine::new(store))?;
        }
    }
    for shard in case.shards() {
        let shard = shard?;
        for issue in shard.issues(None)? {
            line(out, &IssueLine::new(&shard, &issue))?;
        }
    }
    for shard in case.shards() {
        write_shard(&shard?, out)?;
    }
    Ok(())
}

/// Writes a line whole: serialising piece by piece into a file without a buffer would be a call of the system for each.
fn line(out: &mut dyn Write, value: &impl Serialize) -> Result<(), CliError> {
    let mut text = serde_json::to_vec(value)?;
    text.push(b'\n');
    out.write_all(&text)?;
    Ok(())
}

fn write_shard(shard: &Shard, out: &mut dyn Write) -> Result<(), CliError> {
    let mut writing = Writing { shard, out, at: None, calls: calls() };
    shard.messages(&Filter::default(), Order::Origin, |message| writing.message(&message))?;
    writing.advance(None)
}

fn calls() -> SpooledTempFile {
    tempfile::spooled_tempfile(HELD)
}

/// A shard on its way out, store by store.
struct Writing<'s, 'o> {
    shard: &'s Shard,
    out: &'o mut dyn Write,
    /// The place of the store whose head is written; `None` before the first.
    at: Option<usize>,
    calls: SpooledTempFile,
}

impl Writing<'_, '_> {
    fn message(&mut self, message: &MessageRow) -> Result<(), CliError> {
        let shard = self.shard;
        let place = shard.stores().iter().position(|s| s.id == message.origin.store);
        if place != self.at {
            self.advance(place)?;
        }
        let Some(store) = place.and_then(|p| shard.stores().get(p)) else {
            return Err(CliError::failed(format!(
                "the case names a store it does not hold (message {})",
                message.number
            )));
        };
        let record = MessageLine::new(shard, store, message);
        if message.call.is_some() { line(&mut self.calls, &record) } else { line(self.out, &record) }
    }

    /// Ends the store under way and writes every store before `until` whole, then the head of `until`; `None` is the end.
    fn advance(&mut self, until: Option<usize>) -> Result<(), CliError> {
        let shard = self.shard;
        let stores = shard.stores();
        let first = match self.at {
            Some(at) => {
                self.tail(&stores[at])?;
                at + 1
            }
            None => 0,
        };
        let end = until.unwrap_or(stores.len());
        debug_assert!(first <= end, "messages come in the order of the stores");
        for store in stores.get(first..end).unwrap_or_default() {
            self.head(store)?;
            self.tail(store)?;
        }
        if let Some(store) = until.and_then(|p| stores.get(p)) {
            self.head(store)?;
        }
        self.at = until;
        Ok(())
    }

    fn head(&mut self, store: &StoreRow) -> Result<(), CliError> {
        self.entities("account", store, &self.shard.accounts(store.id)?)?;
        self.entities("contact", store, &self.shard.contacts(store.id)?)?;
        self.entities("thread", store, &self.shard.threads(store.id)?)
    }

    fn entities(&mut self, word: &'static str, store: &StoreRow, rows: &[EntityRow]) -> Result<(), CliError> {
        rows.iter().try_for_each(|row| line(self.out, &EntityLine::new(word, self.shard, store, row)))
    }

    fn tail(&mut self, store: &StoreRow) -> Result<(), CliError> {
        let shard = self.shard;
        self.write_calls()?;
        for cursor in shard.cursors(store.id)? {
            line(self.out, &CursorLine::new(shard, store, &cursor))?;
        }
        for absence in shard.absences(store.id)? {
            line(self.out, &AbsenceLine::new(shard, store, &absence))?;
        }
        for row in shard.quarantine(store.id)? {
            line(self.out, &QuarantineLine::new(shard, store, &row))?;
        }
        for issue in shard.issues(Some(store.id))? {
            line(self.out, &IssueLine::new(shard, &issue))?;
        }
        for tally in shard.tallies(store.id)? {
            line(self.out, &TallyLine::new(store, &tally))?;
        }
        Ok(())
    }

    fn write_calls(&mut self) -> Result<(), CliError> {
        if self.calls.stream_position()? == 0 {
            return Ok(());
        }
        self.calls.rewind()?;
        let mut held = std::mem::replace(&mut self.calls, calls());
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = held.read(&mut buffer)?;
            if read == 0 {
                return Ok(());
            }
            self.out.write_all(&buffer[..read])?;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;
    use crate::testing;

    fn exported() -> String {
        let folder = tempfile::tempdir().unwrap();
        let case = testing::case(folder.path());
        let (mut once, mut twice) = (Vec::new(), Vec::new());
        write(&case, &mut once).unwrap();
        write(&case, &mut twice).unwrap();
        assert_eq!(once, twice, "the same case gives the same bytes");
        String::from_utf8(once).unwrap()
    }

    #[test]
    fn every_line_is_as_documented() {
        insta::assert_snapshot!(exported());
    }

    #[test]
    fn lines_stand_in_the_documented_order() {
        let types: Vec<String> = exported()
            .lines()
            .map(|line| serde_json::from_str::<Json>(line).unwrap()["type"].as_str().unwrap().to_owned())
            .collect();
        let expected = [
            "header",
            "evidence",
            "store",
            "store",
            "issue",
            "account",
            "contact",
            "thread",
            "message",
            "message",
            "message",
            "call",
            "cursor",
            "absence",
            "quarantine",
            "issue",
            "tally",
            "tally",
            "issue",
        ];
        assert_eq!(types, expected);
    }

    /// The fields of the exchange format, in its order, before any other.
    #[test]
    fn the_documented_fields_of_a_message_come_first_and_none_is_omitted() {
        let expected = "type store app platform account thread id sender direction sent sent_raw received kind text server_id \
                        reply_to state attachments reactions edits receipts verdict reach rules notes markers origin";
        for line in
            exported().lines().filter(|l| l.starts_with("{\"type\":\"message\"") || l.starts_with("{\"type\":\"call\""))
        {
            let Json::Object(map) = serde_json::from_str(line).unwrap() else { panic!("{line}") };
            let fields: Vec<&str> = map.keys().map(String::as_str).collect();
            let documented: Vec<&str> = expected.split_whitespace().collect();
            assert_eq!(fields[..documented.len()], documented);
            let place: Vec<&String> = map["origin"].as_object().unwrap().keys().collect();
            assert_eq!(place, ["store", "table", "rowid", "column", "wal_frame", "page", "offset", "length", "key"]);
        }
    }
}
