//! The report: HTML that needs nothing else. One file for a small case; for a large one a first page with further pages
//! beside it. No part of a case is ever left out without a word.

use std::io::BufWriter;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use sha2::{Digest as _, Sha256};

use crate::catalogue::Catalogue;
use crate::error::CliError;
use crate::files;
use crate::open_case::OpenCase;
use crate::summary::Summary;

mod absence;
mod appendix;
mod front;
mod html;
mod message;
mod stores;
mod thread;

use html::{Page, html};

/// Messages up to which everything stands in one file.
const ONE_FILE: u64 = 5_000;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Writes the case's report and gives the path of its first page.
pub(crate) fn write(case: &OpenCase, known: &Catalogue) -> Result<PathBuf, CliError> {
    write_split(case, known, ONE_FILE)
}

/// With another limit for one file.
fn write_split(case: &OpenCase, known: &Catalogue, one_file: u64) -> Result<PathBuf, CliError> {
    let folder = case.case.root().join("report");
    files::renew_folder(&folder)?;
    let summary = Summary::of(case)?;
    let split = summary.messages() > one_file;
    let layout = Layout { folder: folder.clone(), split };
    let threads = thread::write(case, known, &layout)?;
    let first = folder.join("report.html");
    let mut page = layout.begin(&first, "Report")?;
    front::write(&mut page, case, known, &summary, &threads);
    stores::write(&mut page, case, known)?;
    front::write_threads(&mut page, &threads, split);
    if split {
        absence::write_page(&layout, known, &threads)?;
        appendix::write_page(&layout, known)?;
    } else {
        if let Some(body) = &threads.body {
            page.add(body);
        }
        absence::write_section(&mut page, known, &threads);
        appendix::write_section(&mut page, known);
    }
    html!(page, "</main>");
    end(page)?;
    Ok(first)
}

/// Where the parts of the report stand.
struct Layout {
    folder: PathBuf,
    /// Whether threads, absences and rules stand on pages of their own.
    split: bool,
}

impl Layout {
    /// The page of the rules, as a link begins.
    fn rules(&self) -> &'static str {
        if self.split { "rules.html" } else { "" }
    }

    /// Begins a page.
    fn begin(&self, path: &Path, title: &str) -> Result<Page, CliError> {
        let mut page = Page::new(BufWriter::new(files::create(path, true)?));
        html!(
            page,
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-",
            [hash(STYLE)],
            "'; script-src 'sha256-",
            [hash(SCRIPT)],
            "'; img-src data:; base-uri 'none'; form-action 'none'\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"referrer\" content=\"no-referrer\"><title>",
            (title),
            " · matchmark</title><style>"
        );
        page.markup(STYLE);
        html!(page, "</style></head><body><a class=\"skip\" href=\"#main\">Skip to content</a>");
        Ok(page)
    }
}

/// Ends a page.
fn end(mut page: Page) -> Result<(), CliError> {
    html!(
        page,
        "<footer><p>Written by matchmark ",
        (env!("CARGO_PKG_VERSION")),
        ". All times are UTC, as precise as the store keeps them. Nothing on this page loads anything from anywhere.</p></footer><script>"
    );
    page.markup(SCRIPT);
    html!(page, "</script></body></html>\n");
    page.finish()
}

/// What a content security policy names an inline style or script by.
fn hash(content: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(content))
}

/// The filter box; it shows only where scripts run.
fn filter_box(page: &mut Page) {
    html!(
        page,
        "<form id=\"filter\" role=\"search\" hidden><input type=\"search\" placeholder=\"Filter messages on this page\" aria-label=\"Filter messages on this page\"><select aria-label=\"Verdict\"><option value=\"\">every verdict</option>"
    );
    for (word, ..) in crate::words::VERDICTS {
        html!(page, "<option>", (word), "</option>");
    }
    html!(page, "<option>absence</option></select><output class=\"soft small\" aria-live=\"polite\"></output></form>");
}

#[cfg(test)]
mod tests;
