//! The CSV export: messages, calls and absences, one record a line, in one file with one set of columns.

use std::io::Write;

use forensics_core::case::{AbsenceRow, Filter, MessageRow, Order, Shard, StoreRow, StoredMarker};
use forensics_core::origin::Origin;
use forensics_core::stamp::{Number, Stamp};
use serde_json::Value as Json;

use super::lines::time;
use crate::error::CliError;
use crate::open_case::OpenCase;

/// The columns, in order.
pub(crate) const COLUMNS: [&str; 43] = [
    "type",
    "evidence",
    "app",
    "platform",
    "account",
    "thread",
    "id",
    "sender",
    "direction",
    "sent",
    "sent_raw",
    "received",
    "received_raw",
    "kind",
    "native_type",
    "text",
    "server_id",
    "reply_to",
    "state",
    "attachments",
    "verdict",
    "reach",
    "rules",
    "notes",
    "markers",
    "started",
    "duration_ms",
    "outcome",
    "absence_strength",
    "absence_after",
    "absence_before",
    "absence_at_most",
    "store",
    "store_path",
    "store_sha256",
    "table",
    "rowid",
    "column",
    "key",
    "wal_frame",
    "page",
    "offset",
    "length",
];

/// Whether cells are written as they are, or made safe for spreadsheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cells {
    /// A cell that a spreadsheet would take for a formula gets a `'` before it.
    Safe,
    /// As they are.
    Exact,
}

/// Writes the messages, calls and absences of the case to `out`.
pub(crate) fn write(case: &OpenCase, cells: Cells, out: &mut dyn Write) -> Result<(), CliError> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    writer.write_record(COLUMNS)?;
    for shard in case.shards() {
        let shard = shard?;
        shard.messages(&Filter::default(), Order::Origin, |message| {
            let Some(store) = shard.store(message.origin.store) else { return Ok(()) };
            Ok::<_, CliError>(writer.write_record(message_cells(&shard, store, &message).written(cells))?)
        })?;
        for store in shard.stores() {
            for absence in shard.absences(store.id)? {
                writer.write_record(absence_cells(store, &absence).written(cells))?;
            }
        }
    }
    writer.flush()?;
    Ok(())
}

/// A line: texts of the evidence, and numbers and words of our own, which are never touched.
struct Line([Option<Cell>; COLUMNS.len()]);

enum Cell {
    Text(String),
    Own(String),
}

impl Line {
    fn new() -> Self {
        Line([const { None }; COLUMNS.len()])
    }

    fn set(&mut self, column: &str, cell: Option<Cell>) {
        let place = COLUMNS.iter().position(|c| *c == column);
        debug_assert!(place.is_some(), "no column {column}");
        if let Some(slot) = place.and_then(|p| self.0.get_mut(p)) {
            *slot = cell;
        }
    }

    fn text(&mut self, column: &str, text: Option<&str>) {
        self.set(column, text.map(|t| Cell::Text(t.to_owned())));
    }

    fn own(&mut self, column: &str, value: Option<impl ToString>) {
        self.set(column, value.map(|v| Cell::Own(v.to_string())));
    }

    fn written(self, cells: Cells) -> impl Iterator<Item = String> {
        self.0.into_iter().map(move |cell| match cell {
            None => String::new(),
            Some(Cell::Own(own)) => own,
            Some(Cell::Text(text)) if cells == Cells::Safe => safe(text),
            Some(Cell::Text(text)) => text,
        })
    }

    fn place(&mut self, store: &StoreRow, origin: &Origin) {
        self.text("evidence", Some(&store.evidence));
        self.text("app", Some(&store.app));
        self.text("platform", Some(&store.platform));
        self.text("store", Some(&store.key));
        self.text("store_path", Some(&store.path));
        self.own("store_sha256", store.sha256.as_deref());
        self.text("table", origin.table.as_deref());
        self.own("rowid", origin.rowid);
        self.text("column", origin.column.as_deref());
        self.text("key", origin.key.as_deref());
        self.own("wal_frame", origin.wal_frame);
        self.own("page", origin.page);
        self.own("offset", origin.offset);
        self.own("length", origin.length);
    }
}

/// Spreadsheets run a cell that begins with one of these.
fn safe(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

fn message_cells(shard: &Shard, store: &StoreRow, m: &MessageRow) -> Line {
    let mut line = Line::new();
    line.own("type", Some(if m.call.is_some() { "call" } else { "message" }));
    line.place(store, &m.origin);
    line.text("account", Some(&m.account));
    line.text("thread", Some(&m.thread));
    line.text("id", Some(&m.id));
    line.text("sender", m.sender.as_deref());
    line.text("direction", Some(&m.direction));
    line.own("sent", time(m.sent));
    line.own("sent_raw", m.sent.map(raw));
    line.own("received", time(m.received));
    line.own("received_raw", m.received.map(raw));
    line.text("kind", Some(&m.kind));
    line.own("native_type", m.native_type);
    line.text("text", shown(&m.text).as_deref());
    line.text("server_id", m.server_id.as_deref());
    line.text("reply_to", m.reply_to.as_deref());
    line.text("state", Some(&m.state));
    line.text("attachments", attachments(shard, m).as_deref());
    line.text("verdict", Some(&m.verdict));
    line.text("reach", m.reach.as_deref());
    line.text("rules", Some(&m.rules().join(" ")));
    line.text("notes", Some(&m.notes.join(" ")));
    line.text("markers", Some(&markers(&m.markers)));
    if let Some(call) = &m.call {
        line.text("started", call.get("started").and_then(Json::as_str));
        line.own("duration_ms", call.get("duration_ms").and_then(Json::as_i64));
        line.text("outcome", call.get("outcome").and_then(shown).as_deref());
    }
    line
}

fn absence_cells(store: &StoreRow, a: &AbsenceRow) -> Line {
    let mut line = Line::new();
    line.own("type", Some("absence"));
    line.place(store, &a.origin);
    line.text("account", Some(&a.account));
    line.text("thread", a.thread.as_deref());
    line.text("id", a.id.as_deref());
    line.text("kind", Some(&a.kind));
    line.text("text", shown(&a.text).as_deref());
    let rules: Vec<&str> = a.rules.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    line.text("rules", Some(&rules.join(" ")));
    line.text("markers", Some(&markers(&a.markers)));
    line.text("absence_strength", Some(&a.strength));
    line.own("absence_after", a.after);
    line.own("absence_before", a.before);
    line.own("absence_at_most", a.at_most);
    line
}

fn raw(stamp: Stamp) -> String {
    match stamp.raw {
        Number::Int(i) => i.to_string(),
        Number::Real(f) => f.to_string(),
    }
}

/// Text as it is, anything else as JSON; nothing for null.
fn shown(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// `name=raw` of each mark, in order.
fn markers(list: &[StoredMarker]) -> String {
    let one = |m: &StoredMarker| format!("{}={}", m.name, shown(&m.raw).unwrap_or_default());
    list.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Names or paths of the attachments.
fn attachments(shard: &Shard, m: &MessageRow) -> Option<String> {
    let items = shard.nested(&m.attachments, &m.origin);
    let word = |name: &str, map: &serde_json::Map<String, Json>| map.get(name).and_then(shown);
    let one = |(map, _): &(serde_json::Map<String, Json>, Origin)| {
        word("path", map).or_else(|| word("name", map)).unwrap_or_default()
    };
    (!items.is_empty()).then(|| items.iter().map(one).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn rows(cells: Cells) -> Vec<csv::StringRecord> {
        let folder = tempfile::tempdir().unwrap();
        let case = testing::case(folder.path());
        let mut out = Vec::new();
        write(&case, cells, &mut out).unwrap();
        let mut reader = csv::Reader::from_reader(out.as_slice());
        assert_eq!(reader.headers().unwrap(), &csv::StringRecord::from(COLUMNS.to_vec()));
        reader.records().collect::<Result<_, _>>().unwrap()
    }

    fn column<'r>(row: &'r csv::StringRecord, name: &str) -> &'r str {
        row.get(COLUMNS.iter().position(|c| *c == name).unwrap()).unwrap()
    }

    #[test]
    fn a_spreadsheet_does_not_run_what_a_message_holds() {
        let text =
            |cells| rows(cells).iter().map(|r| column(r, "text").to_owned()).find(|t| t.contains("1+1")).unwrap();
        assert_eq!(text(Cells::Safe), format!("'{}", testing::HOSTILE));
        assert_eq!(text(Cells::Exact), testing::HOSTILE);
        assert_eq!(safe("@x".into()), "'@x");
        assert_eq!(safe("x=1".into()), "x=1");
    }

    #[test]
    fn messages_calls_and_absences_stand_with_their_place() {
        let rows = rows(Cells::Safe);
        let types: Vec<&str> = rows.iter().map(|r| column(r, "type")).collect();
        assert_eq!(types, ["call", "message", "message", "message", "absence"]);
        for row in &rows {
            assert_eq!(
                (column(row, "table"), column(row, "store_path")),
                ("message", "/data/data/org.example.fake/databases/fake.db")
            );
            assert!(column(row, "rowid").parse::<i64>().is_ok());
        }
        assert_eq!(column(&rows[1], "markers"), "server_id=S1; status=5");
        assert_eq!(column(&rows[4], "id"), "S404");
    }
}
