//! `show`: threads and messages of a case in the terminal.

use std::collections::{BTreeMap, BTreeSet};

use clap::ValueEnum as _;
use forensics_core::case::{Filter, MessageRow, Order};
use serde_json::Value as Json;

use super::{Setting, message};
use crate::args;
use crate::error::{CliError, Done};
use crate::names::Names;
use crate::open_case::OpenCase;
use crate::place::short;
use crate::screen::{Cell, Ink, Screen, Table};
use crate::summary::Summary;

pub(super) fn show(args: &args::Show, setting: &Setting, screen: &mut Screen<'_>) -> Result<Done, CliError> {
    let case = OpenCase::open(&args.case)?;
    if let Some(app) = &args.app {
        refuse_unknown(&case, app)?;
    }
    if let Some(wanted) = &args.message {
        return message::show(&case, wanted, &filter(args), setting, screen);
    }
    if args.thread.is_some() || args.verdict.is_some() {
        return messages(&case, &filter(args), setting, screen);
    }
    evidence(&case, screen)?;
    if args.app.is_none() && !setting.quiet {
        Summary::of(&case)?.print(&setting.catalogue, screen)?;
        screen.end()?;
    }
    threads(&case, &filter(args), setting, screen)
}

/// An app that the case does not hold is a slip of the keyboard, not an empty result.
fn refuse_unknown(case: &OpenCase, wanted: &str) -> Result<(), CliError> {
    let mut held = BTreeSet::new();
    for shard in case.shards() {
        held.extend(shard?.stores().iter().map(|s| s.app.clone()));
    }
    if held.contains(wanted) {
        return Ok(());
    }
    let held: Vec<String> = held.into_iter().collect();
    Err(CliError::usage(format!("the case holds no store of the app {wanted}"))
        .hint(format!("it holds: {}", held.join(", "))))
}

fn filter(args: &args::Show) -> Filter {
    let verdict = args.verdict.and_then(|v| Some(v.to_possible_value()?.get_name().to_owned()));
    Filter { app: args.app.clone(), thread: args.thread.clone(), verdict, ..Filter::default() }
}

/// The evidence items, one line each.
pub(super) fn evidence(case: &OpenCase, screen: &mut Screen<'_>) -> Result<(), CliError> {
    let mut table = Table::new(&["evidence", "container", "device", "sha256"]).at_most(48);
    for e in &case.evidence {
        let device = [e.model.as_deref(), e.platform.as_deref(), e.os.as_deref()];
        let hash = match (&e.sha256, &e.tree_sha256) {
            (Some(hash), _) => hash.clone(),
            (None, Some(tree)) => format!("{tree} (of the listing)"),
            (None, None) => "not hashed".to_owned(),
        };
        let state = if e.sealed { String::new() } else { " (not finished)".to_owned() };
        table.row([
            Cell::new(format!("{} {}{state}", e.key(), e.path)),
            Cell::new(&e.container),
            Cell::new(device.into_iter().flatten().collect::<Vec<_>>().join(" ")),
            Cell::new(hash).ink(Ink::Dim),
        ]);
    }
    screen.heading("Evidence")?;
    screen.table(&table)?;
    screen.end()
}

/// What stands in a thread.
#[derive(Default)]
struct Counted {
    messages: u64,
    first: Option<String>,
    last: Option<String>,
    verdicts: BTreeMap<String, u64>,
}

impl Counted {
    fn add(&mut self, m: &MessageRow) {
        self.messages += 1;
        *self.verdicts.entry(m.verdict.clone()).or_default() += 1;
        if let Some(sent) = m.sent.filter(|s| s.unix_nanos().is_some()).map(|s| s.to_string()) {
            self.first.get_or_insert_with(|| sent.clone());
            self.last = Some(sent);
        }
    }
}

fn threads(case: &OpenCase, filter: &Filter, setting: &Setting, screen: &mut Screen<'_>) -> Result<Done, CliError> {
    screen.heading("Threads")?;
    let mut table =
        Table::new(&["evidence", "app", "account", "thread", "messages", "first", "last", "verdicts"]).at_most(40);
    for shard in case.shards() {
        let shard = shard?;
        let names = Names::of(&shard)?;
        let mut counted: BTreeMap<(String, String, String), Counted> = BTreeMap::new();
        shard.messages(filter, Order::Thread, |m| {
            let app = shard.store(m.origin.store).map(|s| s.app.clone()).unwrap_or_default();
            counted.entry((app, m.account.clone(), m.thread.clone())).or_default().add(&m);
            Ok::<_, CliError>(())
        })?;
        for ((app, account, thread), c) in counted {
            let verdicts: Vec<String> = c.verdicts.iter().map(|(word, n)| format!("{n} {word}")).collect();
            table.row([
                Cell::new(shard.evidence()),
                Cell::new(setting.catalogue.app_name(&app)),
                Cell::new(&account),
                Cell::new(names.thread(&app, &account, &thread)),
                Cell::number(c.messages),
                Cell::new(c.first.unwrap_or_default()),
                Cell::new(c.last.unwrap_or_default()),
                Cell::new(verdicts.join(", ")),
            ]);
        }
    }
    screen.table(&table)?;
    if !setting.quiet {
        screen.end()?;
        screen.line(
            "--thread TEXT shows a thread's messages, --verdict WORD those with a verdict, --message ID one in full.",
        )?;
    }
    Ok(Done::Whole)
}

fn messages(case: &OpenCase, filter: &Filter, setting: &Setting, screen: &mut Screen<'_>) -> Result<Done, CliError> {
    let mut shown = 0_u64;
    for shard in case.shards() {
        let shard = shard?;
        let names = Names::of(&shard)?;
        let mut under = None;
        shard.messages(filter, Order::Thread, |m| {
            let store = shard.store(m.origin.store);
            let (app, install) = store.map_or(("", ""), |s| (s.app.as_str(), s.install.as_str()));
            let here = (app.to_owned(), install.to_owned(), m.account.clone(), m.thread.clone());
            if under.as_ref() != Some(&here) {
                let thread = names.thread(app, &m.account, &m.thread);
                if under.is_some() {
                    screen.end()?;
                }
                let app = setting.catalogue.app_name(app);
                screen.heading(&format!("{app}: {thread}, account {}, evidence {}", m.account, shard.evidence()))?;
                under = Some(here);
            }
            shown += 1;
            message_line(&m, &names, app, screen)
        })?;
    }
    if shown == 0 && !setting.quiet {
        screen.line("No message passes the filter.")?;
    }
    Ok(Done::Whole)
}

fn message_line(m: &MessageRow, names: &Names, app: &str, screen: &mut Screen<'_>) -> Result<(), CliError> {
    let time = m.sent.map_or_else(|| "no time".to_owned(), |s| s.to_string());
    let way = if m.direction == "unknown" { "?" } else { m.direction.as_str() };
    screen.put(Ink::Dim, &format!("  {time:<24} "))?;
    let verdict = m.reach.as_deref().map_or(m.verdict.clone(), |r| format!("{}/{r}", m.verdict));
    screen.put(Ink::of_verdict(&m.verdict), &format!("{verdict:<20} "))?;
    screen.put(Ink::Dim, &format!("{:<16} ", short(&m.origin)))?;
    let sender = m.sender.as_deref().map(|s| names.person(app, &m.account, s).unwrap_or(s)).unwrap_or("?");
    let state = if m.state == "live" { String::new() } else { format!(" [{}]", m.state) };
    screen.line(&format!("{way:<6} {sender}{state}: {}", content(m)))
}

/// The text, or what stands in its place.
pub(crate) fn content(m: &MessageRow) -> String {
    match &m.text {
        Json::String(text) => text.clone(),
        Json::Null => format!("[{}]", m.kind),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn shown(change: impl FnOnce(&mut args::Show)) -> String {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("case");
        drop(testing::case(&root));
        let mut typed = args::Show { case: root, app: None, thread: None, verdict: None, message: None };
        change(&mut typed);
        let mut out = Vec::new();
        let setting = Setting { quiet: false, catalogue: testing::catalogue() };
        show(&typed, &setting, &mut Screen::new(&mut out, false)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_case_shows_its_evidence_counts_and_threads() {
        insta::assert_snapshot!(shown(|_| {}));
    }

    #[test]
    fn a_thread_shows_its_messages_in_order_of_time_with_nothing_that_acts() {
        let text = shown(|a| a.thread = Some("ann".into()));
        insta::assert_snapshot!(text);
        assert!(!text.contains(['\u{1b}', '\u{202e}']));
    }

    #[test]
    fn a_message_shows_marks_rules_verdict_and_cell() {
        insta::assert_snapshot!(shown(|a| a.message = Some("message:1".into())));
    }

    #[test]
    fn a_message_goes_by_its_own_id_too() {
        assert!(shown(|a| a.message = Some("m2".into())).contains("are you there?"));
    }
}
