//! A message as a bubble, and what is said of it: mark → rule → finding → verdict, with the cell.

use forensics_core::case::{MessageRow, Shard, StoredMarker};
use serde_json::{Map, Value as Json};

use super::front::mark;
use super::html::{Page, html};
use super::thread::shown;
use crate::catalogue::Catalogue;
use crate::finding::Finding;
use crate::names::Names;
use crate::place::{file, long, sqlite3};

/// One message to write.
pub(super) struct One<'a> {
    pub(super) shard: &'a Shard,
    pub(super) names: &'a Names,
    pub(super) known: &'a Catalogue,
    /// The page of the rules, as a link begins.
    pub(super) rules: &'static str,
    pub(super) m: &'a MessageRow,
    pub(super) app: &'a str,
    /// What it answers, with a link and the words where they stand above.
    pub(super) quoted: Option<(&'a str, Option<(&'a str, &'a str)>)>,
    /// The account, where it is not that of the thread's first message.
    pub(super) other_account: Option<&'a str>,
}

impl One<'_> {
    pub(super) fn write(&self, page: &mut Page, anchor: &str) {
        let m = self.m;
        let way = if m.direction == "unknown" { "unknown-way" } else { m.direction.as_str() };
        html!(page, "<li class=\"msg ", [way], "\" id=\"", [anchor], "\" data-verdict=\"", [m.verdict.as_str()], "\">");
        self.by(page);
        if let Some((id, found)) = self.quoted {
            match found {
                Some((href, said)) => {
                    html!(page, "<blockquote>answers <a href=\"", [href], "\"><bdi>", (said), "</bdi></a></blockquote>")
                }
                None => html!(
                    page,
                    "<blockquote>answers <code>",
                    (id),
                    "</code>, which does not stand above in this thread</blockquote>"
                ),
            }
        }
        self.content(page);
        self.bits(page);
        html!(page, "<div class=\"foot\">");
        mark(page, &m.verdict, m.reach.as_deref());
        if m.state != "live" {
            html!(page, "<span class=\"chip\">", (m.state.as_str()), "</span>");
        }
        for note in &m.notes {
            html!(
                page,
                "<span class=\"chip\" title=\"",
                [self.known.note(self.app, note).unwrap_or_default()],
                "\">",
                (note),
                "</span>"
            );
        }
        html!(page, "</div><details><summary>Why, and where it was read</summary><div class=\"why\">");
        self.why(page);
        html!(page, "</div></details></li>");
    }

    /// What it says, in one line, for quotations.
    pub(super) fn said(&self) -> String {
        match &self.m.text {
            Json::String(text) => text.clone(),
            _ => format!("[{}]", self.m.kind),
        }
    }

    fn person(&self, key: &str) -> String {
        self.names.person(self.app, &self.m.account, key).unwrap_or(key).to_owned()
    }

    fn by(&self, page: &mut Page) {
        let m = self.m;
        html!(page, "<div class=\"by\"><span class=\"who\"><bdi>");
        match (m.sender.as_deref(), m.direction.as_str()) {
            (Some(sender), _) => html!(page, (self.person(sender))),
            (None, "out") => html!(page, "this account"),
            (None, "system") => html!(page, "system"),
            (None, _) => html!(page, "sender not stated"),
        }
        html!(page, "</bdi></span><span class=\"soft\">", (m.direction.as_str()), "</span>");
        match m.sent.filter(|s| s.unix_nanos().is_some()) {
            Some(sent) => {
                let text = sent.to_string();
                let people = text.replace('T', " ").replace('Z', " UTC");
                html!(page, "<time datetime=\"", [text], "\">", (people), "</time>");
            }
            None => html!(page, "<span class=\"notime\">no time</span>"),
        }
        if let Some(account) = self.other_account {
            html!(page, "<span class=\"chip\">account <bdi>", (account), "</bdi></span>");
        }
        html!(page, "</div>");
    }

    fn content(&self, page: &mut Page) {
        let m = self.m;
        match &m.text {
            Json::String(text) if !text.is_empty() => html!(page, "<p class=\"text\" dir=\"auto\">", (text), "</p>"),
            Json::String(_) | Json::Null => {}
            other => html!(page, "<p class=\"text nontext\">not text: <span class=\"cell\">", (other), "</span></p>"),
        }
        if m.kind != "text" || m.text.is_null() {
            html!(page, "<p class=\"text nontext\">", (m.kind.as_str()));
            if let Some(native) = m.native_type {
                html!(page, " (the store's type ", (native), ")");
            }
            html!(page, "</p>");
        }
        if let Some(call) = &m.call {
            html!(page, "<p class=\"text nontext\">");
            let facts =
                [("started", "began"), ("duration_ms", "milliseconds"), ("outcome", "outcome"), ("video", "video")];
            for (name, says) in facts {
                if let Some(value) = call.get(name).filter(|v| !v.is_null()) {
                    html!(page, (says), " ", (shown(value)), " ");
                }
            }
            html!(page, "</p>");
        }
    }

    /// Attachments, reactions, edits and receipts.
    fn bits(&self, page: &mut Page) {
        let m = self.m;
        let lists =
            [("attachment", &m.attachments), ("reaction", &m.reactions), ("edit", &m.edits), ("receipt", &m.receipts)];
        if lists.iter().all(|(_, items)| items.as_array().is_none_or(Vec::is_empty)) {
            return;
        }
        html!(page, "<ul class=\"bits\">");
        for (name, items) in lists {
            for (map, origin) in self.shard.nested(items, &m.origin) {
                html!(
                    page,
                    "<li title=\"",
                    [format!("{}: {}", file(self.shard, &origin), long(&origin))],
                    "\">",
                    (name),
                    ": "
                );
                self.bit(page, name, &map);
                html!(page, "</li>");
            }
        }
        html!(page, "</ul>");
    }

    fn bit(&self, page: &mut Page, name: &str, map: &Map<String, Json>) {
        let word = |key: &str| map.get(key).filter(|v| !v.is_null()).map(shown);
        match name {
            "attachment" => {
                html!(
                    page,
                    "<bdi>",
                    (word("name").or_else(|| word("path")).unwrap_or_else(|| "without a name".to_owned())),
                    "</bdi>"
                );
                for (key, before) in [
                    ("mime", ", "),
                    ("size", ", bytes "),
                    ("path", ", at "),
                    ("sha256", ", SHA-256 as the store states it "),
                ] {
                    if let Some(value) = word(key) {
                        html!(page, (before), "<span class=\"cell\">", (value), "</span>");
                    }
                }
            }
            "reaction" => {
                let text = word("text").filter(|t| !t.is_empty()).unwrap_or_else(|| "taken back".to_owned());
                html!(
                    page,
                    "<bdi>",
                    (text),
                    "</bdi> by <bdi>",
                    (self.who(word("sender"))),
                    "</bdi> ",
                    (word("sent").unwrap_or_default())
                );
            }
            "edit" => {
                html!(page, "<bdi>", (word("text").unwrap_or_default()), "</bdi> ", (word("at").unwrap_or_default()))
            }
            _ => html!(
                page,
                (word("kind").unwrap_or_default()),
                " by <bdi>",
                (self.who(word("recipient"))),
                "</bdi> ",
                (word("at").unwrap_or_default())
            ),
        }
    }

    fn who(&self, key: Option<String>) -> String {
        key.map_or_else(|| "someone".to_owned(), |k| self.person(&k))
    }

    fn why(&self, page: &mut Page) {
        let m = self.m;
        marks(page, self.shard, &m.markers);
        html!(page, "<h4>Rules that spoke</h4>");
        if m.findings.is_empty() {
            html!(page, "<p>None: nothing is inferred from silence.</p>");
        } else {
            html!(page, "<ul>");
            for finding in &m.findings {
                let finding = Finding::of(finding);
                rule(page, self.known, self.rules, finding.rule, Some(&finding));
            }
            html!(page, "</ul>");
        }
        html!(page, "<h4>Verdict</h4><p>");
        mark(page, &m.verdict, m.reach.as_deref());
        html!(page, "</p>");
        if !m.notes.is_empty() {
            html!(page, "<ul>");
            for note in &m.notes {
                html!(
                    page,
                    "<li>note <code>",
                    (note),
                    "</code> ",
                    (self.known.note(self.app, note).unwrap_or_default()),
                    "</li>"
                );
            }
            html!(page, "</ul>");
        }
        self.place(page);
    }

    fn place(&self, page: &mut Page) {
        let m = self.m;
        html!(page, "<h4>Where it was read</h4><dl>");
        let mut fact = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                html!(page, "<dt>", (name), "</dt><dd class=\"cell\">", (value), "</dd>");
            }
        };
        let store = self.shard.store(m.origin.store);
        fact("store", store.map(|s| s.path.clone()));
        fact("SHA-256", store.and_then(|s| s.sha256.clone()));
        fact("row", Some(long(&m.origin)));
        fact("read it again", sqlite3(self.shard, &m.origin));
        fact("message id", Some(m.id.clone()));
        fact("server id", m.server_id.clone());
        fact("thread, sender", Some(format!("{}, {}", m.thread, m.sender.as_deref().unwrap_or("not stated"))));
        fact("sent", m.sent.map(crate::finding::time));
        fact("received", m.received.map(crate::finding::time));
        html!(page, "</dl>");
    }
}

/// The marks with their cells.
pub(super) fn marks(page: &mut Page, shard: &Shard, list: &[StoredMarker]) {
    html!(page, "<h4>Marks</h4>");
    if list.is_empty() {
        html!(page, "<p>None.</p>");
        return;
    }
    html!(page, "<ol>");
    for m in list {
        html!(page, "<li>", (m.kind.word()), ": <code>", (m.name.as_str()), " = ", (shown(&m.raw)), "</code>");
        if !m.value.is_null() {
            html!(page, " (", (shown(&m.value)), ")");
        }
        html!(page, " <span class=\"cell\">", (file(shard, &m.origin)), ": ", (long(&m.origin)), "</span></li>");
    }
    html!(page, "</ol>");
}

/// A rule that spoke: what it says and stands on, and what it found.
pub(super) fn rule(page: &mut Page, known: &Catalogue, rules: &'static str, id: &str, finding: Option<&Finding<'_>>) {
    html!(page, "<li><a href=\"", [rules], "#rule-", [id], "\"><code>", (id), "</code></a>");
    if let Some(finding) = finding {
        html!(page, " finds <b>", (finding.says()), "</b>");
    }
    match known.rule(id) {
        Some((_, rule)) => html!(
            page,
            "<br>",
            (rule.says),
            " <span class=\"soft\">Stands on ",
            (rule.ground.words()),
            "; ",
            (rule.cites),
            ".</span></li>"
        ),
        None => html!(
            page,
            "<br><span class=\"bad\">This version does not know the rule: the case was made by another one.</span></li>"
        ),
    }
}
