//! The documentation under `docs/` is made of what the program itself knows, so that it cannot drift: this test compares,
//! and with `MATCHMARK_BLESS=1` writes.

use std::path::Path;

use crate::catalogue::Catalogue;

mod apps;
mod cli;
mod rules;

/// What stands at the head of every page.
const MADE: &str =
    "<!-- Made by `MATCHMARK_BLESS=1 cargo test -p matchmark docs`. Do not edit: a test compares. -->\n\n";

#[expect(clippy::disallowed_methods, reason = "with MATCHMARK_BLESS the project's own documentation is written")]
fn compare(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    let made = format!("{MADE}{made}");
    if std::env::var_os("MATCHMARK_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &made).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == made,
        "docs/{name} is not what the program knows; run MATCHMARK_BLESS=1 cargo test -p matchmark docs"
    );
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}

#[test]
fn the_command_line_is_documented() {
    compare("cli.md", &cli::page());
}

#[test]
fn the_rules_are_documented() {
    compare("rules.md", &rules::rules(&Catalogue::own()));
}

#[test]
fn the_issues_are_documented() {
    compare("issues.md", &rules::issues(&Catalogue::own()));
}

#[test]
fn the_apps_are_documented() {
    compare("apps.md", &apps::page(&Catalogue::own()));
}

/// The pages are tried with an app that has everything, whatever apps this build knows.
#[test]
fn every_page_can_be_made() {
    let known = crate::testing::catalogue();
    let all = [rules::rules(&known), rules::issues(&known), apps::page(&known)].concat();
    for word in ["fake.android.queued", "state-stale", "fake-odd", "/data/data/org.example.fake/databases/fake.db"] {
        assert!(all.contains(word), "{word}");
    }
}
