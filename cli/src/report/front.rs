//! The first page: what this is, what it does not say, what was examined, and what came of it.

use forensics_core::case::EvidenceInfo;
use forensics_core::stamp::rfc3339;

use super::html::{Page, count, html};
use super::thread::{Entry, Threads};
use crate::catalogue::Catalogue;
use crate::open_case::OpenCase;
use crate::summary::Summary;
use crate::words::{ABSENCES, REACHES, VERDICTS, WHAT_IT_DOES_NOT_SAY, WHAT_IT_IS};

pub(super) fn write(page: &mut Page, case: &OpenCase, known: &Catalogue, summary: &Summary, threads: &Threads) {
    html!(
        page,
        "<header class=\"top\"><p class=\"brand\">matchmark report</p><h1>Which records carry a server's mark</h1>"
    );
    let tool = case.case.tool().unwrap_or_default();
    html!(page, "<p class=\"soft\">Case made by ", (tool), " from ", (items(case.evidence.len())), ".</p>");
    contents(page, threads.split);
    html!(page, "</header><main id=\"main\">");
    loud(page, case, summary, threads);
    numbers(page, summary);
    meaning(page);
    html!(page, "<section aria-labelledby=\"evidence\"><h2 id=\"evidence\">Evidence</h2>");
    for item in &case.evidence {
        evidence(page, item, summary.stores_of.get(&item.key()).copied().unwrap_or(0));
    }
    html!(page, "</section>");
    verdicts(page, known, summary);
    absences(page, known, summary);
}

fn items(n: usize) -> String {
    if n == 1 { "one evidence item".to_owned() } else { format!("{n} evidence items") }
}

fn contents(page: &mut Page, split: bool) {
    html!(
        page,
        "<nav class=\"toc\" aria-label=\"Contents\"><a href=\"#meaning\">What a verdict says</a><a href=\"#evidence\">Evidence</a><a href=\"#verdicts\">Verdicts</a><a href=\"#stores\">What was read</a><a href=\"#threads\">Threads</a>"
    );
    if split {
        html!(page, "<a href=\"absences.html\">Absences</a><a href=\"rules.html\">Rules</a></nav>");
    } else {
        html!(page, "<a href=\"#absences\">Absences</a><a href=\"#rules\">Rules</a></nav>");
    }
}

/// What a reader must not miss.
fn loud(page: &mut Page, case: &OpenCase, summary: &Summary, threads: &Threads) {
    for item in case.unfinished() {
        html!(
            page,
            "<p class=\"warning\"><strong>",
            (item.key()),
            " (",
            (item.path.as_str()),
            ") was not finished.</strong> Nothing of it is in this report.</p>"
        );
    }
    let lost = summary.issues_of("lost");
    if lost > 0 {
        html!(
            page,
            "<p class=\"warning\"><strong>Records may be missing from this report: ",
            (count(lost)),
            " issues of severity “lost”.</strong> <a href=\"#issues\">See which</a>.</p>"
        );
    }
    if !summary.balances() {
        html!(
            page,
            "<p class=\"warning\"><strong>",
            (count(summary.unbalanced)),
            " tables do not add up:</strong> rows were seen that are not accounted for. <a href=\"#rows\">See which</a>.</p>"
        );
    }
    if threads.split {
        html!(
            page,
            "<p class=\"warning\"><strong>This report has several pages:</strong> ",
            (count(summary.messages())),
            " messages and calls stand on ",
            (threads.pages),
            " pages named threads-0001.html and so on, beside this one, with absences.html and rules.html. Keep the folder together. Nothing is left out.</p>"
        );
    }
}

fn numbers(page: &mut Page, summary: &Summary) {
    html!(page, "<div class=\"numbers\">");
    for (n, says) in [
        (summary.messages(), "messages and calls"),
        (summary.with_verdict("confirmed"), "confirmed by a server's mark"),
        (summary.with_verdict("unmarked") + summary.with_verdict("contradictory"), "unmarked or contradictory"),
        (summary.absent(), "marks without their record"),
        (summary.issues_of("lost"), "issues of severity lost"),
    ] {
        html!(page, "<div><b>", (count(n)), "</b><span>", (says), "</span></div>");
    }
    html!(page, "</div>");
}

fn meaning(page: &mut Page) {
    html!(
        page,
        "<section aria-labelledby=\"meaning\"><h2 id=\"meaning\">What a verdict says, and what it does not</h2><div class=\"two\"><div class=\"card\"><h3>What this is</h3>"
    );
    for paragraph in WHAT_IT_IS {
        html!(page, "<p>", (paragraph), "</p>");
    }
    html!(page, "</div><div class=\"card\"><h3>What it does not show</h3>");
    for paragraph in WHAT_IT_DOES_NOT_SAY {
        html!(page, "<p>", (paragraph), "</p>");
    }
    html!(page, "</div></div><details class=\"card\"><summary>The words used</summary><table><tbody>");
    for (word, _, says) in VERDICTS {
        html!(page, "<tr><td>");
        mark(page, word, None);
        html!(page, "</td><td>", (says));
        if word == "confirmed" {
            for (reach, says) in REACHES {
                html!(page, " <b>", (reach), "</b>: ", (says));
            }
        }
        html!(page, "</td></tr>");
    }
    html!(page, "</tbody></table></details></section>");
}

/// A verdict as a chip: sign and word.
pub(super) fn mark(page: &mut Page, verdict: &str, reach: Option<&str>) {
    html!(
        page,
        "<span class=\"mark ",
        [verdict],
        "\"><span aria-hidden=\"true\">",
        (crate::words::sign(verdict)),
        "</span> ",
        (verdict)
    );
    if let Some(reach) = reach {
        html!(page, ", ", (reach));
    }
    html!(page, "</span>");
}

fn evidence(page: &mut Page, e: &EvidenceInfo, stores: u64) {
    html!(
        page,
        "<div class=\"card\"><h3>",
        (e.key()),
        " · <span class=\"path\">",
        (e.path.as_str()),
        "</span></h3><dl>"
    );
    let mut fact = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            html!(page, "<dt>", (name), "</dt><dd>", (value), "</dd>");
        }
    };
    fact("container", Some(&e.container));
    fact("size", e.size.map(|s| format!("{} bytes", count(s))).as_deref());
    fact("SHA-256 of the file", e.sha256.as_deref());
    fact("SHA-256 of the listing", e.tree_sha256.as_deref());
    if e.sha256.is_none() && e.tree_sha256.is_none() {
        fact("SHA-256", Some("not hashed"));
    }
    fact("platform", e.platform.as_deref());
    fact("model", e.model.as_deref());
    fact("system", e.os.as_deref());
    for (name, value) in &e.ids {
        fact(name, Some(value));
    }
    fact("acquired", e.acquired.map(|ms| rfc3339(i128::from(ms) * 1_000_000, 3)).as_deref());
    fact("stores of apps", (stores > 0).then(|| count(stores)).as_deref());
    html!(page, "</dl>");
    if stores == 0 {
        html!(page, "<p class=\"warning\">No store of an app that this version reads was found in it.</p>");
    }
    html!(page, "</div>");
}

fn verdicts(page: &mut Page, known: &Catalogue, summary: &Summary) {
    html!(
        page,
        "<section aria-labelledby=\"verdicts\"><h2 id=\"verdicts\">Verdicts</h2><div class=\"scroll\"><table class=\"tight\"><caption>Messages and calls by app and verdict</caption><thead><tr><th scope=\"col\">App</th><th scope=\"col\">Platform</th>"
    );
    for (word, ..) in VERDICTS {
        html!(page, "<th scope=\"col\" class=\"n\">");
        mark(page, word, None);
        html!(page, "</th>");
    }
    html!(page, "<th scope=\"col\" class=\"n\">all</th></tr></thead><tbody>");
    for ((app, platform), counts) in &summary.verdicts {
        html!(page, "<tr><th scope=\"row\">", (known.app_name(app)), "</th><td>", (platform), "</td>");
        for (word, ..) in VERDICTS {
            number(page, counts.get(word).copied().unwrap_or(0));
        }
        number(page, counts.values().sum());
        html!(page, "</tr>");
    }
    if summary.verdicts.is_empty() {
        html!(page, "<tr><td colspan=\"11\">No message was found.</td></tr>");
    }
    html!(page, "</tbody></table></div></section>");
}

fn absences(page: &mut Page, known: &Catalogue, summary: &Summary) {
    html!(
        page,
        "<section aria-labelledby=\"absence-counts\"><h2 id=\"absence-counts\">Marks whose record is not in the store</h2><div class=\"scroll\"><table><thead><tr><th scope=\"col\">App</th><th scope=\"col\">Platform</th>"
    );
    for (kind, _) in ABSENCES {
        html!(page, "<th scope=\"col\" class=\"n\">", (kind), "</th>");
    }
    html!(page, "</tr></thead><tbody>");
    for ((app, platform), counts) in &summary.absences {
        html!(page, "<tr><th scope=\"row\">", (known.app_name(app)), "</th><td>", (platform), "</td>");
        for (kind, _) in ABSENCES {
            number(page, counts.get(kind).copied().unwrap_or(0));
        }
        html!(page, "</tr>");
    }
    if summary.absences.is_empty() {
        html!(page, "<tr><td colspan=\"8\">None.</td></tr>");
    }
    html!(page, "</tbody></table></div></section>");
}

/// A cell with a number; zero recedes.
pub(super) fn number(page: &mut Page, n: u64) {
    if n == 0 {
        html!(page, "<td class=\"n zero\">0</td>");
    } else {
        html!(page, "<td class=\"n\">", (count(n)), "</td>");
    }
}

/// The list of threads; in one file the threads follow.
pub(super) fn write_threads(page: &mut Page, threads: &Threads, split: bool) {
    html!(
        page,
        "<section aria-labelledby=\"threads\"><h2 id=\"threads\">Threads</h2><div class=\"scroll\"><table><thead><tr><th scope=\"col\">Thread</th><th scope=\"col\">App</th><th scope=\"col\">Account</th><th scope=\"col\" class=\"n\">Messages</th><th scope=\"col\" class=\"n\">Absences</th><th scope=\"col\">Verdicts</th></tr></thead><tbody>"
    );
    for entry in &threads.index {
        row(page, entry);
    }
    if threads.index.is_empty() {
        html!(page, "<tr><td colspan=\"6\">No thread holds a message.</td></tr>");
    }
    html!(page, "</tbody></table></div>");
    if threads.empty > 0 {
        html!(
            page,
            "<p class=\"soft small\">",
            (count(threads.empty)),
            " further threads are known to the stores and hold no message; they are in the export.</p>"
        );
    }
    if !split {
        super::filter_box(page);
    }
    html!(page, "</section>");
}

fn row(page: &mut Page, entry: &Entry) {
    html!(
        page,
        "<tr><th scope=\"row\"><a href=\"",
        [entry.href.as_str()],
        "\"><bdi>",
        (entry.name.as_str()),
        "</bdi></a></th><td>",
        (entry.app.as_str()),
        "</td><td><bdi>",
        (entry.account.as_str()),
        "</bdi></td>"
    );
    number(page, entry.messages);
    number(page, entry.absences);
    html!(page, "<td>");
    for (place, (word, n)) in entry.verdicts.iter().enumerate() {
        if place > 0 {
            html!(page, ", ");
        }
        html!(page, (count(*n)), " ", (word));
    }
    html!(page, "</td></tr>");
}
