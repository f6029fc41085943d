//! `scan`: what the evidence is, which apps it holds, what is needed to read them.

use forensics_core::run::{ScanResult, scan as look};

use super::Setting;
use crate::args;
use crate::catalogue::apps;
use crate::error::{CliError, Done};
use crate::screen::{Cell, Ink, PROSE, Screen, Table};
use crate::secrets;
use crate::terminal_text::wrap;

pub(super) fn scan(args: &args::Scan, setting: &Setting, screen: &mut Screen<'_>) -> Result<Done, CliError> {
    let mut ring = secrets::key_ring(&args.secrets)?;
    if !args.secrets.any() && secrets::can_ask() {
        secrets::ask_for_locked(&args.sources, &mut ring)?;
    }
    let results = look(&args.sources, apps(), &ring);
    for (number, result) in results.iter().enumerate() {
        if number > 0 {
            screen.end()?;
        }
        print(result, setting, screen)?;
    }
    if results.iter().all(|r| r.refused.is_some()) {
        return Err(CliError::failed("none of the evidence can be read").hint("see above for each item"));
    }
    Ok(Done::lost(results.iter().any(|r| r.refused.is_some() || r.flaws.iter().any(|f| f.lost))))
}

fn print(result: &ScanResult, setting: &Setting, screen: &mut Screen<'_>) -> Result<(), CliError> {
    screen.heading(&result.path)?;
    if let Some((why, kind)) = &result.refused {
        screen.put(Ink::Red, "  cannot be read")?;
        screen.end()?;
        screen.lines(&wrap(&crate::terminal_text::clean(why), PROSE, "  "))?;
        if let Some(kind) = kind {
            screen.line(&format!(
                "  needs a key of kind {kind}: --ask-password, or --keys keys.toml (see matchmark keys)"
            ))?;
        }
        return Ok(());
    }
    facts(result, screen)?;
    found(result, setting, screen)?;
    for flaw in &result.flaws {
        let ink = if flaw.lost { Ink::Red } else { Ink::Yellow };
        screen.put(ink, &format!("  {}", flaw.code))?;
        screen.line(&format!("  {}", flaw.detail))?;
    }
    Ok(())
}

fn facts(result: &ScanResult, screen: &mut Screen<'_>) -> Result<(), CliError> {
    let device = &result.device;
    let mut table = Table::default();
    let mut fact = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            table.row([Cell::new(name).ink(Ink::Dim), Cell::new(value)]);
        }
    };
    fact("container", result.container.as_deref());
    let files = format!("{}, of which {} lie in the layout of a phone", result.files, result.placed);
    fact("files", Some(&files));
    fact("platform", device.platform);
    fact("model", device.model.as_deref());
    fact("system", device.os.as_deref());
    for (name, value) in &device.ids {
        fact(name, Some(value));
    }
    let acquired = device.acquired.map(|ms| forensics_core::stamp::rfc3339(i128::from(ms) * 1_000_000, 0));
    fact("acquired", acquired.as_deref());
    screen.table(&table)
}

fn found(result: &ScanResult, setting: &Setting, screen: &mut Screen<'_>) -> Result<(), CliError> {
    if result.apps.is_empty() {
        screen.end()?;
        screen.line("  No store of an app that this version reads (matchmark apps lists them).")?;
    }
    for app in &result.apps {
        screen.end()?;
        screen.put(Ink::Cyan, &format!("  {}", setting.catalogue.app_name(app.app)))?;
        screen.line(&format!("  {}, {}", app.install, app.platform))?;
        let mut table = Table::default();
        for store in &app.stores {
            let size = store.size.map_or_else(|| "?".to_owned(), |s| s.to_string());
            table.row([
                Cell::new(store.role),
                Cell::new(&store.state).ink(state_ink(&store.state)),
                Cell::new(format!("{size} bytes")),
                Cell::new(&store.path),
            ]);
        }
        screen.table(&table)?;
    }
    Ok(())
}

/// What can be read is green; what needs a key or is damaged stands out.
fn state_ink(state: &str) -> Ink {
    match state {
        "sqlite" | "xml" | "binary property list" => Ink::Green,
        "empty" => Ink::Dim,
        _ => Ink::Yellow,
    }
}
