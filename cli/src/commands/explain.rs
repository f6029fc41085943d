//! `explain`: what a rule says and what it stands on; what a code means.

use forensics_core::app::Manifest;
use forensics_core::rule::{Ground, Rule};

use super::Setting;
use crate::args;
use crate::catalogue::{Catalogue, looks_at};
use crate::error::{CliError, Done};
use crate::screen::{Cell, Ink, PROSE, Screen, Table};
use crate::terminal_text::wrap;

pub(super) fn explain(args: &args::Explain, setting: &Setting, screen: &mut Screen<'_>) -> Result<Done, CliError> {
    let known = &setting.catalogue;
    match (&args.rule, &args.app) {
        (Some(id), _) => one(id, known, screen),
        (None, Some(app)) => match known.app(app) {
            Some(app) => list(known, Some(app), screen),
            None => Err(known.no_app(app)),
        },
        (None, None) => list(known, None, screen),
    }
}

fn list(known: &Catalogue, only: Option<&Manifest>, screen: &mut Screen<'_>) -> Result<Done, CliError> {
    let mut table = Table::new(&["rule", "stands on", "says"]);
    for (app, rule) in known.rules() {
        if only.is_none_or(|o| o.id == app.id) {
            table.row([Cell::new(rule.id).ink(Ink::Cyan), Cell::new(basis(rule.ground)), Cell::new(rule.says)]);
        }
    }
    screen.table(&table)?;
    screen.end()?;
    screen.line("matchmark explain RULE prints one in full, with its citation.")?;
    Ok(Done::Whole)
}

/// A ground in two words, for tables.
fn basis(ground: Ground) -> String {
    match ground {
        Ground::AppSource => "app source".to_owned(),
        Ground::RealStore => "real stores".to_owned(),
        Ground::Parsers(n) => format!("{n} parsers"),
        Ground::Inferred => "inferred".to_owned(),
    }
}

fn one(id: &str, known: &Catalogue, screen: &mut Screen<'_>) -> Result<Done, CliError> {
    if let Some((app, rule)) = known.rule(id) {
        return print_rule(app, rule, screen);
    }
    let notes = known.manifests().iter().flat_map(|m| m.notes.iter().map(move |n| (m.name, n)));
    let notes: Vec<_> = notes.filter(|(_, note)| note.code == id).collect();
    for (app, note) in &notes {
        screen.heading(&format!("{id} (note, {app})"))?;
        screen.lines(&wrap(note.says, PROSE, "  "))?;
    }
    let issue = known.issue(id);
    if let Some(says) = issue {
        screen.heading(&format!("{id} (issue)"))?;
        screen.lines(&wrap(says, PROSE, "  "))?;
    }
    if notes.is_empty() && issue.is_none() { Err(unknown(id, known)) } else { Ok(Done::Whole) }
}

fn unknown(id: &str, known: &Catalogue) -> CliError {
    let error = CliError::usage(format!("no rule, note or issue has the id {id}"));
    let last = id.rsplit('.').next().unwrap_or(id);
    let near: Vec<&str> =
        known.rules().map(|(_, r)| r.id).filter(|r| r.contains(id) || r.ends_with(last)).take(5).collect();
    match near.as_slice() {
        [] => error.hint("matchmark explain lists all rules"),
        near => error.hint(format!("perhaps {}", near.join(", "))),
    }
}

fn print_rule(app: &Manifest, rule: &Rule, screen: &mut Screen<'_>) -> Result<Done, CliError> {
    screen.heading(rule.id)?;
    screen.lines(&wrap(rule.says, PROSE, "  "))?;
    screen.end()?;
    for (name, value) in [
        ("app", app.name.to_owned()),
        ("looks at", looks_at(&rule.judge).to_owned()),
        ("stands on", rule.ground.words().into_owned()),
        ("cites", rule.cites.to_owned()),
    ] {
        screen.put(Ink::Dim, &format!("  {name:<10} "))?;
        screen.line(&value)?;
    }
    if rule.ground == Ground::Inferred {
        screen.end()?;
        let says = "Known by inference only: its claim shows as a note and never decides a verdict.";
        screen.lines(&wrap(says, PROSE, "  "))?;
    }
    Ok(Done::Whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn said(args: &args::Explain) -> Result<String, CliError> {
        let mut out = Vec::new();
        let setting = Setting { quiet: false, catalogue: testing::catalogue() };
        explain(args, &setting, &mut Screen::new(&mut out, false))?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_rule_is_printed_with_its_basis_and_citation() {
        let text = said(&args::Explain { rule: Some("fake.android.sent-with-server-id".into()), app: None }).unwrap();
        assert!(text.contains("was accepted by the server"), "{text}");
        assert!(text.contains("stores of real phones"), "{text}");
        assert!(text.contains("Pigeon source, Loft.java [S]"), "{text}");
    }

    #[test]
    fn a_mistyped_rule_gets_a_hint() {
        let error = said(&args::Explain { rule: Some("fake.ios.queued".into()), app: None }).unwrap_err();
        assert!(error.to_string().contains("perhaps fake.android.queued"), "{error}");
    }

    #[test]
    fn notes_and_issue_codes_are_explained_too() {
        assert!(said(&args::Explain { rule: Some("state-stale".into()), app: None }).unwrap().contains("not updated"));
        assert!(
            said(&args::Explain { rule: Some("store-needs-key".into()), app: None }).unwrap().contains("encrypted")
        );
    }
}
