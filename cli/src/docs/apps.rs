//! `docs/apps.md`, from the manifests.

use std::fmt::Write as _;

use super::cell;
use crate::catalogue::Catalogue;
use crate::place::{store_paths, unique_platforms};

pub(super) fn page(known: &Catalogue) -> String {
    let mut out = String::from("# Apps\n\n| app | id | platforms | rules | stores |\n|---|---|---|---|---|\n");
    for app in known.manifests() {
        let platforms: Vec<&str> = unique_platforms(app).map(|p| p.word()).collect();
        let _ = writeln!(
            out,
            "| {} | `{}` | {} | {} | {} |",
            app.name,
            app.id,
            platforms.join(", "),
            app.rules.len(),
            app.stores.len()
        );
    }
    for app in known.manifests() {
        let _ = writeln!(out, "\n## {}", app.name);
        for platform in unique_platforms(app) {
            let flavours: Vec<&str> = app.installs.iter().filter(|i| i.platform == platform).map(|i| i.name).collect();
            let _ = writeln!(
                out,
                "\n### {}\n\n{}\n\n| store | what it holds | where |\n|---|---|---|",
                platform.word(),
                flavours.join(", ")
            );
            for store in app.stores.iter().filter(|s| s.platform == platform) {
                let paths: Vec<String> = store_paths(app, store).iter().map(|p| format!("`{}`", cell(p))).collect();
                let _ = writeln!(out, "| `{}` | {} | {} |", store.role, cell(store.says), paths.join("<br>"));
            }
        }
        out.push_str("\nRead up in:\n\n");
        for source in app.sources {
            let _ = writeln!(out, "- {source}");
        }
    }
    out
}
