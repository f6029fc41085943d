//! The appendix: every rule and every note, as far as this version knows them.

use super::html::{Page, html};
use super::{Layout, end};
use crate::catalogue::{Catalogue, looks_at};
use crate::error::CliError;

/// The rules as a section of the one page.
pub(super) fn write_section(page: &mut Page, known: &Catalogue) {
    html!(page, "<section aria-labelledby=\"rules\"><h2 id=\"rules\">Rules</h2>");
    body(page, known);
    html!(page, "</section>");
}

/// The rules as a page of their own.
pub(super) fn write_page(layout: &Layout, known: &Catalogue) -> Result<(), CliError> {
    let mut page = layout.begin(&layout.folder.join("rules.html"), "Rules")?;
    html!(
        page,
        "<header class=\"top\"><p class=\"brand\"><a href=\"report.html\">matchmark report</a></p><h1>Rules</h1></header><main id=\"main\">"
    );
    body(&mut page, known);
    html!(page, "</main>");
    end(page)
}

fn body(page: &mut Page, known: &Catalogue) {
    html!(
        page,
        "<p>A rule is known by what it stands on. One that is known by inference only supports a verdict and never carries one.</p>"
    );
    for app in known.manifests() {
        html!(page, "<h3>", (app.name), "</h3>");
        for rule in app.rules {
            html!(
                page,
                "<div class=\"rule\" id=\"rule-",
                [rule.id],
                "\"><h3><code>",
                (rule.id),
                "</code></h3><p>",
                (rule.says),
                "</p><dl class=\"small\"><dt>looks at</dt><dd>",
                (looks_at(&rule.judge)),
                "</dd><dt>stands on</dt><dd>",
                (rule.ground.words()),
                "</dd><dt>cites</dt><dd>",
                (rule.cites),
                "</dd></dl></div>"
            );
        }
        if !app.notes.is_empty() {
            html!(page, "<h3>Notes of ", (app.name), "</h3><dl>");
            for note in app.notes {
                html!(page, "<dt><code>", (note.code), "</code></dt><dd>", (note.says), "</dd>");
            }
            html!(page, "</dl>");
        }
    }
}
