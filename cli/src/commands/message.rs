//! `show --message`: one message in full. Mark → rule → finding → verdict, with the cell.

use forensics_core::case::{EvidenceInfo, Filter, MessageRow, Order, Shard, StoredMarker};
use serde_json::Value as Json;

use super::Setting;
use crate::catalogue::Catalogue;
use crate::error::{CliError, Done};
use crate::finding::{Finding, time};
use crate::names::Names;
use crate::open_case::OpenCase;
use crate::place::{file, long, sqlite3};
use crate::screen::{Ink, PROSE, Screen};
use crate::terminal_text::{clean_lines, wrap};

/// Messages shown when several go by one id.
const AT_MOST: u64 = 20;

pub(super) fn show(
    case: &OpenCase,
    wanted: &str,
    filter: &Filter,
    setting: &Setting,
    screen: &mut Screen<'_>,
) -> Result<Done, CliError> {
    let mut shown = 0;
    for shard in case.shards() {
        let shard = shard?;
        let names = Names::of(&shard)?;
        let evidence = case.evidence.iter().find(|e| e.key() == shard.evidence());
        shard.messages(filter, Order::Origin, |m| {
            if !goes_by(&m, wanted) {
                return Ok(());
            }
            shown += 1;
            if shown > AT_MOST {
                return Ok(());
            }
            if shown > 1 {
                screen.end()?;
            }
            One { shard: &shard, names: &names, known: &setting.catalogue, evidence, m: &m }.print(screen)
        })?;
    }
    match shown {
        0 => Err(CliError::failed(format!("no message goes by {wanted}"))
            .hint("give its id, its server id, or the place of its row as TABLE:ROWID; matchmark show CASE --thread TEXT prints the places")),
        n => {
            if n > AT_MOST {
                screen.line(&format!("… and {} more that go by {wanted}; --app and --thread narrow it down.", n - AT_MOST))?;
            }
            Ok(Done::Whole)
        }
    }
}

fn goes_by(m: &MessageRow, wanted: &str) -> bool {
    let at_row = wanted.rsplit_once(':').is_some_and(|(table, rowid)| {
        m.origin.table.as_deref() == Some(table) && m.origin.rowid.is_some_and(|r| rowid.parse() == Ok(r))
    });
    m.id == wanted || m.server_id.as_deref() == Some(wanted) || at_row
}

struct One<'a> {
    shard: &'a Shard,
    names: &'a Names,
    known: &'a Catalogue,
    evidence: Option<&'a EvidenceInfo>,
    m: &'a MessageRow,
}

impl One<'_> {
    fn print(&self, screen: &mut Screen<'_>) -> Result<(), CliError> {
        screen.heading(&format!("{} {}", if self.m.call.is_some() { "Call" } else { "Message" }, self.m.id))?;
        self.facts(screen)?;
        self.nested(screen)?;
        self.marks(screen)?;
        self.findings(screen)?;
        self.verdict(screen)?;
        self.cell(screen)
    }

    fn facts(&self, screen: &mut Screen<'_>) -> Result<(), CliError> {
        let m = self.m;
        let (app, install) =
            self.shard.store(m.origin.store).map_or(("", ""), |s| (s.app.as_str(), s.install.as_str()));
        let person =
            |key: &str| self.names.person(app, &m.account, key).map_or(key.to_owned(), |n| format!("{n} ({key})"));
        fact(screen, "app", Some(format!("{} ({install})", self.known.app_name(app))))?;
        fact(screen, "account", Some(person(&m.account)))?;
        fact(screen, "thread", Some(self.names.thread(app, &m.account, &m.thread)))?;
        fact(screen, "sender", m.sender.as_deref().map(person))?;
        fact(screen, "direction", Some(m.direction.clone()))?;
        fact(screen, "sent", m.sent.map(time))?;
        fact(screen, "received", m.received.map(time))?;
        let native = m.native_type.map(|n| format!(" (the store's type {n})")).unwrap_or_default();
        fact(screen, "kind", Some(format!("{}{native}", m.kind)))?;
        fact(screen, "server id", m.server_id.clone())?;
        fact(screen, "answers", m.reply_to.clone())?;
        fact(screen, "state", Some(m.state.clone()))?;
        fact(screen, "call", m.call.as_ref().map(Json::to_string))?;
        match &m.text {
            Json::String(text) => {
                screen.put(Ink::Dim, "  text")?;
                screen.end()?;
                screen.lines(&wrap(&clean_lines(text), PROSE, "    "))
            }
            Json::Null => Ok(()),
            other => fact(screen, "text", Some(other.to_string())),
        }
    }

    fn nested(&self, screen: &mut Screen<'_>) -> Result<(), CliError> {
        let m = self.m;
        for (name, items) in
            [("attachment", &m.attachments), ("reaction", &m.reactions), ("edit", &m.edits), ("receipt", &m.receipts)]
        {
            for (map, origin) in self.shard.nested(items, &m.origin) {
                let facts: Vec<String> =
                    map.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| format!("{k} {}", value(v))).collect();
                fact(screen, name, Some(format!("{}  ({})", facts.join(", "), long(&origin))))?;
            }
        }
        Ok(())
    }

    fn marks(&self, screen: &mut Screen<'_>) -> Result<(), CliError> {
        screen.end()?;
        screen.heading("Marks")?;
        if self.m.markers.is_empty() {
            screen.line("  none")?;
        }
        for (number, mark) in self.m.markers.iter().enumerate() {
            screen.put(Ink::Cyan, &format!("  [{}] {}", number + 1, mark.kind.word()))?;
            screen.line(&format!("  {} = {}{}", mark.name, value(&mark.raw), understood(mark)))?;
            screen.put(Ink::Dim, &format!("      {}: {}", file(self.shard, &mark.origin), long(&mark.origin)))?;
            screen.end()?;
        }
        Ok(())
    }

    fn findings(&self, screen: &mut Screen<'_>) -> Result<(), CliError> {
        screen.end()?;
        screen.heading("Rules that spoke")?;
        if self.m.findings.is_empty() {
            screen.line("  none: nothing is inferred from silence")?;
        }
        for finding in &self.m.findings {
            let finding = Finding::of(finding);
            screen.put(Ink::Cyan, &format!("  {}", finding.rule))?;
            screen.line(&format!(" → {}", finding.says()))?;
            match self.known.rule(finding.rule) {
                Some((_, rule)) => {
                    screen.lines(&wrap(rule.says, PROSE, "      "))?;
                    screen.put(Ink::Dim, &format!("      stands on {}; {}", rule.ground.words(), rule.cites))?;
                    screen.end()?;
                }
                None => screen.line("      This version does not know the rule: the case was made by another one.")?,
            }
        }
        Ok(())
    }

    fn verdict(&self, screen: &mut Screen<'_>) -> Result<(), CliError> {
        let m = self.m;
        screen.end()?;
        screen.put(Ink::Bold, "Verdict  ")?;
        screen.put(Ink::of_verdict(&m.verdict), &m.verdict)?;
        screen.line(&m.reach.as_deref().map(|r| format!(", {r}")).unwrap_or_default())?;
        let app = self.shard.store(m.origin.store).map_or("", |s| s.app.as_str());
        for note in &m.notes {
            let says = self.known.note(app, note).unwrap_or_default();
            screen.lines(&wrap(&format!("note {note}: {says}"), PROSE, "  "))?;
        }
        Ok(())
    }

    fn cell(&self, screen: &mut Screen<'_>) -> Result<(), CliError> {
        let origin = &self.m.origin;
        screen.end()?;
        screen.heading("Where it was read")?;
        if let Some(e) = self.evidence {
            let hash = e.sha256.as_deref().or(e.tree_sha256.as_deref()).unwrap_or("not hashed");
            fact(screen, "evidence", Some(format!("{} {} (SHA-256 {hash})", e.key(), e.path)))?;
        }
        if let Some(store) = self.shard.store(origin.store) {
            fact(
                screen,
                "store",
                Some(format!("{} (SHA-256 {})", store.path, store.sha256.as_deref().unwrap_or("not known"))),
            )?;
            fact(
                screen,
                "its log",
                store.wal_sha256.as_ref().map(|h| format!("-wal (SHA-256 {h}), {} frames", store.wal_frames)),
            )?;
        }
        fact(screen, "row", Some(long(origin)))?;
        fact(screen, "read again", sqlite3(self.shard, origin))
    }
}

fn fact(screen: &mut Screen<'_>, name: &str, value: Option<String>) -> Result<(), CliError> {
    let Some(value) = value else { return Ok(()) };
    screen.put(Ink::Dim, &format!("  {name:<11}"))?;
    screen.line(&value)
}

/// Text bare, anything else as JSON.
fn value(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn understood(mark: &StoredMarker) -> String {
    if mark.value.is_null() { String::new() } else { format!("  ({})", value(&mark.value)) }
}
