//! Marks whose record is not in the store: in the flow of their thread where their place is known, and all of them in a
//! list of their own.

use std::collections::HashMap;
use std::sync::Arc;

use forensics_core::case::{AbsenceRow, MessageRow, Shard};
use forensics_core::marker::MarkerKind;
use forensics_core::origin::StoreId;
use serde_json::Value as Json;

use super::html::{Page, count, html};
use super::message::{marks, rule};
use super::thread::{Threads, shown};
use super::{Layout, end};
use crate::catalogue::Catalogue;
use crate::error::CliError;
use crate::place::sqlite3;
use crate::words;

/// An absence in the list.
pub(super) struct Listed {
    href: String,
    app: String,
    thread: String,
    kind: String,
    strength: String,
    id: Option<String>,
    bounds: String,
    text: Option<String>,
}

impl Listed {
    pub(super) fn new(a: &AbsenceRow, app: &str, thread: &str, href: String) -> Self {
        Listed {
            href,
            app: app.to_owned(),
            thread: thread.to_owned(),
            kind: a.kind.clone(),
            strength: a.strength.clone(),
            id: a.id.clone(),
            bounds: bounds(a),
            text: (!a.text.is_null()).then(|| shown(&a.text)),
        }
    }
}

/// The absences of one thread that were not yet shown, found by the message that they stand beside.
pub(super) struct Waiting {
    rows: Vec<Option<AbsenceRow>>,
    /// By the first number that is there again.
    before: HashMap<(StoreId, i64), Vec<usize>>,
    /// By the last number that is there, where no later one is known.
    after: HashMap<(StoreId, i64), Vec<usize>>,
    /// By the row that bears the mark.
    row: HashMap<(StoreId, Arc<str>, i64), Vec<usize>>,
}

impl Waiting {
    pub(super) fn new(absences: Vec<AbsenceRow>) -> Self {
        let mut waiting =
            Waiting { rows: Vec::new(), before: HashMap::new(), after: HashMap::new(), row: HashMap::new() };
        for (place, a) in absences.into_iter().enumerate() {
            match (a.before, a.after) {
                (Some(before), _) => waiting.before.entry((a.store, before)).or_default().push(place),
                (None, Some(after)) => waiting.after.entry((a.store, after)).or_default().push(place),
                (None, None) => {}
            }
            if let (Some(table), Some(rowid)) = (&a.origin.table, a.origin.rowid) {
                waiting.row.entry((a.origin.store, Arc::clone(table), rowid)).or_default().push(place);
            }
            waiting.rows.push(Some(a));
        }
        waiting
    }

    /// Those that stand right before the message: it is the first one after them.
    pub(super) fn before(&mut self, m: &MessageRow) -> Vec<AbsenceRow> {
        let places = sequence(m).filter_map(|n| self.before.remove(&(m.origin.store, n))).flatten().collect();
        self.take(places)
    }

    /// Those that stand right after the message: it bears the mark, or is the last one before them.
    pub(super) fn after(&mut self, m: &MessageRow) -> Vec<AbsenceRow> {
        let mut places: Vec<usize> =
            sequence(m).filter_map(|n| self.after.remove(&(m.origin.store, n))).flatten().collect();
        if let (Some(table), Some(rowid)) = (&m.origin.table, m.origin.rowid) {
            places.extend(self.row.remove(&(m.origin.store, Arc::clone(table), rowid)).into_iter().flatten());
        }
        self.take(places)
    }

    /// All that are left.
    pub(super) fn rest(&mut self) -> Vec<AbsenceRow> {
        self.take((0..self.rows.len()).collect())
    }

    fn take(&mut self, mut places: Vec<usize>) -> Vec<AbsenceRow> {
        places.sort_unstable();
        places.into_iter().filter_map(|p| self.rows.get_mut(p).and_then(Option::take)).collect()
    }
}

/// A message's own places in sequences, as its marks state them.
fn sequence(m: &MessageRow) -> impl Iterator<Item = i64> {
    m.markers.iter().filter(|mark| mark.kind == MarkerKind::Sequence).filter_map(|mark| mark.raw.as_i64())
}

/// `after 3, before 7, at most 3 records`.
fn bounds(a: &AbsenceRow) -> String {
    let mut parts = Vec::new();
    parts.extend(a.after.map(|n| format!("after {n}")));
    parts.extend(a.before.map(|n| format!("before {n}")));
    parts.extend(a.at_most.map(|n| if n == 1 { "one record".to_owned() } else { format!("at most {n} records") }));
    parts.join(", ")
}

/// An absence in the flow of its thread.
pub(super) fn write(
    page: &mut Page,
    shard: &Shard,
    known: &Catalogue,
    a: &AbsenceRow,
    anchor: &str,
    rules: &'static str,
) {
    html!(
        page,
        "<li class=\"gap\" id=\"",
        [anchor],
        "\" data-verdict=\"absence\"><b>Not in the store: ",
        (a.kind.as_str()),
        "</b><span class=\"chip\">",
        (a.strength.as_str()),
        "</span> ",
        (bounds(a))
    );
    if let Some(id) = &a.id {
        html!(page, " · named <code>", (id), "</code>");
    }
    html!(page, "<br>", (words::absence(&a.kind)));
    if !a.text.is_null() {
        html!(page, "<blockquote dir=\"auto\">what is left of it: ", (shown(&a.text)), "</blockquote>");
    }
    html!(page, "<details><summary>Why, and where it was read</summary><div class=\"why\">");
    marks(page, shard, &a.markers);
    html!(page, "<h4>Rules</h4><ul>");
    for id in a.rules.as_array().into_iter().flatten().filter_map(Json::as_str) {
        rule(page, known, rules, id, None);
    }
    html!(page, "</ul>");
    if let (Some(store), Some(again)) = (shard.store(a.origin.store), sqlite3(shard, &a.origin)) {
        html!(
            page,
            "<h4>Where it was read</h4><dl><dt>store</dt><dd class=\"cell\">",
            (store.path.as_str()),
            "</dd><dt>read it again</dt><dd class=\"cell\">",
            (again),
            "</dd></dl>"
        );
    }
    html!(page, "</div></details></li>");
}

/// The list as a section of the one page.
pub(super) fn write_section(page: &mut Page, known: &Catalogue, threads: &Threads) {
    html!(page, "<section aria-labelledby=\"absences\"><h2 id=\"absences\">Absences</h2>");
    body(page, known, threads);
    html!(page, "</section>");
}

/// The list as a page of its own.
pub(super) fn write_page(layout: &Layout, known: &Catalogue, threads: &Threads) -> Result<(), CliError> {
    let mut page = layout.begin(&layout.folder.join("absences.html"), "Absences")?;
    html!(
        page,
        "<header class=\"top\"><p class=\"brand\"><a href=\"report.html\">matchmark report</a></p><h1>Absences</h1></header><main id=\"main\">"
    );
    body(&mut page, known, threads);
    html!(page, "</main>");
    end(page)
}

fn body(page: &mut Page, _known: &Catalogue, threads: &Threads) {
    html!(
        page,
        "<p>Marks whose record is not in the store. “Strong” names a record or an exact place in a documented sequence; “weak” is a count at best. The link leads to the place in the thread, with the marks and their cells.</p><dl class=\"small\">"
    );
    for (kind, says) in words::ABSENCES {
        html!(page, "<dt>", (kind), "</dt><dd>", (says), "</dd>");
    }
    html!(
        page,
        "</dl><div class=\"scroll\"><table><caption>",
        (count(threads.absences.len() as u64)),
        " in all</caption><thead><tr><th scope=\"col\">Kind</th><th scope=\"col\">Strength</th><th scope=\"col\">App</th><th scope=\"col\">Thread</th><th scope=\"col\">Named</th><th scope=\"col\">Bounds</th><th scope=\"col\">What is left</th></tr></thead><tbody>"
    );
    for a in &threads.absences {
        html!(
            page,
            "<tr><th scope=\"row\"><a href=\"",
            [a.href.as_str()],
            "\">",
            (a.kind.as_str()),
            "</a></th><td>",
            (a.strength.as_str()),
            "</td><td>",
            (a.app.as_str()),
            "</td><td><bdi>",
            (a.thread.as_str()),
            "</bdi></td><td class=\"cell\">",
            (a.id.as_deref().unwrap_or_default()),
            "</td><td>",
            (a.bounds.as_str()),
            "</td><td><bdi>",
            (a.text.as_deref().unwrap_or_default()),
            "</bdi></td></tr>"
        );
    }
    if threads.absences.is_empty() {
        html!(page, "<tr><td colspan=\"7\">None.</td></tr>");
    }
    html!(page, "</tbody></table></div>");
}
