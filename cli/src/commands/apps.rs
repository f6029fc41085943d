//! `apps`: apps, platforms and stores.

use forensics_core::app::{Manifest, Platform};

use super::Setting;
use crate::args;
use crate::error::{CliError, Done};
use crate::place::{store_paths, unique_platforms};
use crate::screen::{Cell, Ink, Screen, Table};

pub(super) fn apps(args: &args::Apps, setting: &Setting, screen: &mut Screen<'_>) -> Result<Done, CliError> {
    let manifests = setting.catalogue.manifests();
    if let Some(id) = &args.app {
        let Some(app) = setting.catalogue.app(id) else { return Err(setting.catalogue.no_app(id)) };
        return detail(app, screen);
    }
    let mut table = Table::new(&["app", "name", "platforms", "rules", "stores"]);
    for app in manifests {
        let platforms: Vec<&str> = unique_platforms(app).map(Platform::word).collect();
        table.row([
            Cell::new(app.id).ink(Ink::Cyan),
            Cell::new(app.name),
            Cell::new(platforms.join(", ")),
            Cell::number(app.rules.len() as u64),
            Cell::number(app.stores.len() as u64),
        ]);
    }
    screen.heading("Apps")?;
    screen.table(&table)?;
    screen.end()?;
    screen.line("matchmark apps APP lists its stores; matchmark explain --app APP its rules.")?;
    Ok(Done::Whole)
}

fn detail(app: &Manifest, screen: &mut Screen<'_>) -> Result<Done, CliError> {
    screen.heading(&format!("{} ({})", app.name, app.id))?;
    for platform in unique_platforms(app) {
        screen.end()?;
        let flavours: Vec<&str> = app.installs.iter().filter(|i| i.platform == platform).map(|i| i.name).collect();
        screen.line(&format!("{}: {}", platform.word(), flavours.join(", ")))?;
        for store in app.stores.iter().filter(|s| s.platform == platform) {
            screen.put(Ink::Cyan, &format!("  {}", store.role))?;
            screen.line(&format!("  {}", store.says))?;
            for path in store_paths(app, store) {
                screen.line(&format!("      {path}"))?;
            }
        }
    }
    screen.end()?;
    screen.line("Read up in:")?;
    for source in app.sources {
        screen.line(&format!("  {source}"))?;
    }
    Ok(Done::Whole)
}
