//! What was read and what was not: stores with their status, issues, rows that made no sense, and the tally of every table.

use forensics_core::case::{IssueRow, Shard, StoreRow};

use super::front::number;
use super::html::{Page, count, html};
use crate::catalogue::Catalogue;
use crate::error::CliError;
use crate::open_case::OpenCase;
use crate::place::long;
use crate::words::STATUSES;

/// Details told one by one; the rest is counted, and said to be in the export.
const TOLD: usize = 500;

pub(super) fn write(page: &mut Page, case: &OpenCase, known: &Catalogue) -> Result<(), CliError> {
    html!(
        page,
        "<section aria-labelledby=\"stores\"><h2 id=\"stores\">What was read, and what was not</h2><div class=\"scroll\"><table><caption>Stores of the apps</caption><thead><tr><th scope=\"col\">Status</th><th scope=\"col\">App</th><th scope=\"col\">Store</th><th scope=\"col\">Facts</th></tr></thead><tbody>"
    );
    for shard in case.shards() {
        for store in shard?.stores() {
            store_row(page, known, store);
        }
    }
    html!(page, "</tbody></table></div><dl class=\"small\">");
    for (word, says) in STATUSES {
        html!(page, "<dt><span class=\"mark ", [word], "\">", (word), "</span></dt><dd>", (says), "</dd>");
    }
    html!(page, "</dl>");
    issues(page, case, known)?;
    quarantine(page, case)?;
    tallies(page, case)?;
    html!(page, "</section>");
    Ok(())
}

fn store_row(page: &mut Page, known: &Catalogue, s: &StoreRow) {
    html!(
        page,
        "<tr><td><span class=\"mark ",
        [s.status.as_str()],
        "\">",
        (s.status.as_str()),
        "</span></td><td>",
        (known.app_name(&s.app)),
        "<br><span class=\"soft small\">",
        (s.install.as_str()),
        "</span></td><td><span class=\"path\">",
        (s.path.as_str()),
        "</span><br><span class=\"soft small\">",
        (s.role.as_str()),
        ", evidence ",
        (s.evidence.as_str()),
        "</span></td><td class=\"small\">"
    );
    if let Some(size) = s.size {
        html!(page, (count(size)), " bytes<br>");
    }
    if let Some(hash) = &s.sha256 {
        html!(page, "SHA-256 <span class=\"hash\">", (hash), "</span><br>");
    }
    if let Some(generation) = &s.generation {
        html!(page, "schema ", (generation), "<br>");
    }
    if let Some(cipher) = &s.encrypted {
        html!(page, "encrypted: ", (cipher), "<br>");
    }
    if s.wal_frames > 0 {
        html!(page, "with ", (s.wal_frames), " frames of its -wal");
    }
    if let Some(hash) = &s.wal_sha256 {
        html!(page, " (SHA-256 <span class=\"hash\">", (hash), "</span>)");
    }
    html!(page, "</td></tr>");
}

fn issues(page: &mut Page, case: &OpenCase, known: &Catalogue) -> Result<(), CliError> {
    let mut counts = std::collections::BTreeMap::<(u8, String, String), u64>::new();
    let mut told = Page::part();
    let mut number_told = 0;
    let mut all = 0_usize;
    for shard in case.shards() {
        let shard = shard?;
        let mut list = shard.issues(None)?;
        for store in shard.stores() {
            list.extend(shard.issues(Some(store.id))?);
        }
        for issue in list {
            all += 1;
            *counts.entry((rank(&issue.severity), issue.severity.clone(), issue.code.clone())).or_default() += 1;
            if number_told < TOLD {
                number_told += 1;
                issue_line(&mut told, &shard, &issue);
            }
        }
    }
    html!(page, "<h3 id=\"issues\">Issues</h3>");
    if all == 0 {
        html!(page, "<p>None.</p>");
        return Ok(());
    }
    html!(
        page,
        "<div class=\"scroll\"><table><thead><tr><th scope=\"col\" class=\"n\">How many</th><th scope=\"col\">Severity</th><th scope=\"col\">Code</th><th scope=\"col\">Meaning</th></tr></thead><tbody>"
    );
    for ((_, severity, code), n) in &counts {
        html!(page, "<tr>");
        number(page, *n);
        html!(
            page,
            "<td><span class=\"mark ",
            [severity],
            "\">",
            (severity),
            "</span></td><td><code>",
            (code),
            "</code></td><td>",
            (known.issue(code).unwrap_or("not known to this version")),
            "</td></tr>"
        );
    }
    html!(page, "</tbody></table></div><details class=\"card\"><summary>Each issue</summary>");
    rest(page, all, number_told);
    html!(page, "<ul class=\"small\">");
    page.add(&told);
    html!(page, "</ul></details>");
    Ok(())
}

/// Says what is not told one by one.
fn rest(page: &mut Page, all: usize, told: usize) {
    if all > told {
        html!(
            page,
            "<p class=\"warning\">The first ",
            (count(told as u64)),
            " of ",
            (count(all as u64)),
            " are listed here; all of them are in the export (matchmark export CASE).</p>"
        );
    }
}

fn rank(severity: &str) -> u8 {
    match severity {
        "lost" => 0,
        "degraded" => 1,
        _ => 2,
    }
}

fn issue_line(page: &mut Page, shard: &Shard, issue: &IssueRow) {
    html!(
        page,
        "<li><span class=\"mark ",
        [issue.severity.as_str()],
        "\">",
        (issue.severity.as_str()),
        "</span> <code>",
        (issue.code.as_str()),
        "</code> ",
        (issue.detail.as_str())
    );
    if let Some(origin) = &issue.origin {
        html!(
            page,
            " <span class=\"cell soft\">",
            (shard.store(origin.store).map_or("", |s| s.path.as_str())),
            ": ",
            (long(origin)),
            "</span>"
        );
    }
    html!(page, "</li>");
}

fn quarantine(page: &mut Page, case: &OpenCase) -> Result<(), CliError> {
    let mut told = Page::part();
    let (mut all, mut number_told) = (0, 0);
    for shard in case.shards() {
        let shard = shard?;
        for store in shard.stores() {
            for row in shard.quarantine(store.id)? {
                all += 1;
                if number_told < TOLD {
                    number_told += 1;
                    html!(
                        told,
                        "<li><code>",
                        (row.code),
                        "</code> ",
                        (row.detail),
                        " <span class=\"cell soft\">",
                        (store.path.as_str()),
                        ": ",
                        (long(&row.origin)),
                        "</span><br><span class=\"cell\">",
                        (row.values),
                        "</span></li>"
                    );
                }
            }
        }
    }
    if all > 0 {
        html!(
            page,
            "<h3>Rows that made no sense</h3><details class=\"card\"><summary>",
            (count(all as u64)),
            " rows, kept whole</summary>"
        );
        rest(page, all, number_told);
        html!(page, "<ul class=\"small\">");
        page.add(&told);
        html!(page, "</ul></details>");
    }
    Ok(())
}

fn tallies(page: &mut Page, case: &OpenCase) -> Result<(), CliError> {
    html!(
        page,
        "<h3 id=\"rows\">Where every row went</h3><p>For every table that was read: rows seen = records of their own + rows folded into another record + rows passed over (known to hold no record, or not read by this version) + rows that made no sense and were kept.</p>"
    );
    for shard in case.shards() {
        let shard = shard?;
        for store in shard.stores() {
            let rows = shard.tallies(store.id)?;
            if rows.is_empty() {
                continue;
            }
            html!(
                page,
                "<details class=\"card\"><summary><span class=\"path\">",
                (store.path.as_str()),
                "</span>: ",
                (count(rows.iter().map(|t| t.seen).sum())),
                " rows in ",
                (rows.len()),
                " tables</summary><div class=\"scroll\"><table><thead><tr><th scope=\"col\">Table</th><th scope=\"col\" class=\"n\">seen</th><th scope=\"col\" class=\"n\">records</th><th scope=\"col\" class=\"n\">folded</th><th scope=\"col\" class=\"n\">passed over</th><th scope=\"col\" class=\"n\">quarantined</th><th scope=\"col\">adds up</th></tr></thead><tbody>"
            );
            for t in rows {
                html!(page, "<tr><th scope=\"row\"><code>", (t.table), "</code></th>");
                for n in [t.seen, t.emitted, t.folded, t.passed_over, t.quarantined] {
                    number(page, n);
                }
                if t.emitted + t.folded + t.passed_over + t.quarantined == t.seen {
                    html!(page, "<td class=\"ok\">yes</td></tr>");
                } else {
                    html!(page, "<td class=\"bad\">NO</td></tr>");
                }
            }
            html!(page, "</tbody></table></div></details>");
        }
    }
    Ok(())
}
