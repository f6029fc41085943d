//! Threads as conversations, in order of time: on the one page, or on pages of their own.

use std::collections::{BTreeMap, HashMap, VecDeque};

use forensics_core::case::{AbsenceRow, CursorRow, Filter, MessageRow, Order, Shard};
use serde_json::Value as Json;

use super::absence::{self, Listed, Waiting};
use super::html::{Page, count, html};
use super::{Layout, end, filter_box, message};
use crate::catalogue::Catalogue;
use crate::error::CliError;
use crate::names::Names;
use crate::open_case::OpenCase;
use crate::place::long;

/// Messages on one page of a report that has several.
const PER_PAGE: u64 = 2_000;
/// Messages of a thread that a quotation can still be looked up in.
const REMEMBERED: usize = 5_000;

/// What was written of the threads.
#[derive(Default)]
pub(super) struct Threads {
    /// One entry for each thread.
    pub(super) index: Vec<Entry>,
    /// Every absence.
    pub(super) absences: Vec<Listed>,
    /// Threads that hold neither a message nor an absence.
    pub(super) empty: u64,
    /// The threads themselves, where they stand on the one page.
    pub(super) body: Option<Page>,
    /// Whether they stand on pages of their own.
    pub(super) split: bool,
    /// How many such pages there are.
    pub(super) pages: u64,
}

/// A thread in the list.
pub(super) struct Entry {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) app: String,
    pub(super) account: String,
    pub(super) messages: u64,
    pub(super) absences: u64,
    pub(super) verdicts: BTreeMap<String, u64>,
}

/// What makes a thread: app, platform, installation, key.
pub(super) type ThreadKey = (String, String, String, String);

/// Writes every thread.
pub(super) fn write(case: &OpenCase, known: &Catalogue, layout: &Layout) -> Result<Threads, CliError> {
    let mut shelf = Shelf {
        layout,
        done: Threads { split: layout.split, ..Threads::default() },
        page: None,
        on_page: 0,
        anchors: 0,
    };
    for shard in case.shards() {
        let shard = shard?;
        let names = Names::of(&shard)?;
        let mut room = Room::of(&shard, &names, known, &mut shelf)?;
        shard.messages(&Filter::default(), Order::Thread, |m| room.message(&m))?;
        room.close()?;
    }
    shelf.finish()
}

/// Where threads are put.
pub(super) struct Shelf<'c> {
    layout: &'c Layout,
    pub(super) done: Threads,
    page: Option<Page>,
    on_page: u64,
    anchors: u64,
}

impl Shelf<'_> {
    /// The page to write to; begins one where there is none.
    fn page(&mut self) -> Result<&mut Page, CliError> {
        let page = match self.page.take() {
            Some(page) => page,
            None => self.begin()?,
        };
        Ok(self.page.insert(page))
    }

    fn begin(&mut self) -> Result<Page, CliError> {
        if !self.done.split {
            return Ok(Page::part());
        }
        self.done.pages += 1;
        self.on_page = 0;
        let mut page =
            self.layout.begin(&self.layout.folder.join(self.file()), &format!("Threads, page {}", self.done.pages))?;
        html!(
            page,
            "<header class=\"top\"><p class=\"brand\"><a href=\"report.html\">matchmark report</a></p><h1>Threads, page ",
            (self.done.pages),
            "</h1></header><main id=\"main\">"
        );
        filter_box(&mut page);
        Ok(page)
    }

    /// The file of the page under way; empty on the one page.
    fn file(&self) -> String {
        if self.done.split { format!("threads-{:04}.html", self.done.pages) } else { String::new() }
    }

    /// A new anchor: its name and the link to it.
    fn anchor(&mut self) -> (String, String) {
        self.anchors += 1;
        let name = format!("i{}", self.anchors);
        let href = format!("{}#{name}", self.file());
        (name, href)
    }

    /// Ends a page of its own.
    fn turn(&mut self) -> Result<(), CliError> {
        match self.page.take() {
            Some(mut page) if self.done.split => {
                html!(page, "</main>");
                end(page)
            }
            page => {
                self.page = page;
                Ok(())
            }
        }
    }

    fn finish(mut self) -> Result<Threads, CliError> {
        self.turn()?;
        self.done.body = self.page.take();
        Ok(self.done)
    }
}

/// One shard's threads on their way to the shelf.
struct Room<'r, 'c> {
    shard: &'r Shard,
    names: &'r Names,
    known: &'r Catalogue,
    shelf: &'r mut Shelf<'c>,
    /// Absences that were not yet shown, by thread.
    absent: BTreeMap<ThreadKey, Vec<AbsenceRow>>,
    /// Cursors, by thread.
    cursors: BTreeMap<ThreadKey, Vec<CursorRow>>,
    /// The thread under way.
    open: Option<OpenThread>,
}

/// A thread that is being written.
struct OpenThread {
    key: ThreadKey,
    account: String,
    entry: usize,
    day: String,
    absent: Waiting,
    seen: Seen,
}

/// What the latest messages of a thread said, for quotations.
#[derive(Default)]
struct Seen {
    by_id: HashMap<String, (String, String)>,
    order: VecDeque<String>,
}

impl Seen {
    fn add(&mut self, id: &str, href: &str, said: &str) {
        if self.by_id.insert(id.to_owned(), (href.to_owned(), said.to_owned())).is_none() {
            self.order.push_back(id.to_owned());
        }
        while self.order.len() > REMEMBERED {
            if let Some(oldest) = self.order.pop_front() {
                self.by_id.remove(&oldest);
            }
        }
    }
}

impl<'r, 'c> Room<'r, 'c> {
    fn of(
        shard: &'r Shard,
        names: &'r Names,
        known: &'r Catalogue,
        shelf: &'r mut Shelf<'c>,
    ) -> Result<Self, CliError> {
        let mut room =
            Room { shard, names, known, shelf, absent: BTreeMap::new(), cursors: BTreeMap::new(), open: None };
        for store in shard.stores() {
            let key =
                |thread: &str| (store.app.clone(), store.platform.clone(), store.install.clone(), thread.to_owned());
            for absence in shard.absences(store.id)? {
                room.absent.entry(key(absence.thread.as_deref().unwrap_or_default())).or_default().push(absence);
            }
            for cursor in shard.cursors(store.id)? {
                if let Some(thread) = &cursor.thread {
                    room.cursors.entry(key(thread)).or_default().push(cursor);
                }
            }
        }
        Ok(room)
    }

    fn message(&mut self, m: &MessageRow) -> Result<(), CliError> {
        let Some(store) = self.shard.store(m.origin.store) else { return Ok(()) };
        let key = (store.app.clone(), store.platform.clone(), store.install.clone(), m.thread.clone());
        if self.open.as_ref().is_none_or(|open| open.key != key) {
            self.end_thread()?;
            self.begin_thread(key, &m.account, false)?;
        } else if self.shelf.done.split && self.shelf.on_page >= PER_PAGE {
            self.continue_on_next_page()?;
        }
        let before = self.open.as_mut().map(|o| o.absent.before(m)).unwrap_or_default();
        self.gaps(&before)?;
        self.day(m)?;
        self.write(m)?;
        let after = self.open.as_mut().map(|o| o.absent.after(m)).unwrap_or_default();
        self.gaps(&after)
    }

    fn begin_thread(&mut self, key: ThreadKey, account: &str, continued: bool) -> Result<(), CliError> {
        if self.shelf.done.split && self.shelf.on_page >= PER_PAGE {
            self.shelf.turn()?;
        }
        self.shelf.page()?;
        let (anchor, href) = self.shelf.anchor();
        let (app, _, _, thread) = &key;
        let name = if thread.is_empty() { "(no thread)".to_owned() } else { self.names.thread(app, account, thread) };
        let app_name = self.known.app_name(app).to_owned();
        let cursors = if continued { None } else { self.cursors.remove(&key) };
        let page = self.shelf.page()?;
        html!(
            page,
            "<section class=\"thread\" id=\"",
            [anchor],
            "\" aria-label=\"Thread ",
            [&name],
            "\"><header><h3><bdi>",
            (&name),
            "</bdi></h3><p class=\"soft small\">",
            (&app_name),
            ", ",
            (key.2.as_str()),
            " · account <bdi>",
            (account),
            "</bdi> · evidence ",
            (self.shard.evidence())
        );
        if continued {
            html!(page, " · continued from the page before");
        }
        html!(page, "</p>");
        if let Some(cursors) = cursors {
            write_cursors(page, self.shard, &cursors);
        }
        html!(page, "</header><ol class=\"flow\">");
        if !continued {
            let entry = Entry {
                href,
                name,
                app: app_name,
                account: account.to_owned(),
                messages: 0,
                absences: 0,
                verdicts: BTreeMap::new(),
            };
            self.shelf.done.index.push(entry);
            let absent = Waiting::new(self.absent.remove(&key).unwrap_or_default());
            let entry = self.shelf.done.index.len() - 1;
            let (account, seen) = (account.to_owned(), Seen::default());
            self.open = Some(OpenThread { key, account, entry, day: String::new(), absent, seen });
        }
        Ok(())
    }

    fn continue_on_next_page(&mut self) -> Result<(), CliError> {
        let Some((key, account)) = self.open.as_ref().map(|o| (o.key.clone(), o.account.clone())) else {
            return Ok(());
        };
        html!(self.shelf.page()?, "</ol><p class=\"soft\">This thread goes on on the next page.</p></section>");
        self.shelf.turn()?;
        self.begin_thread(key, &account, true)
    }

    /// A line where a new day begins.
    fn day(&mut self, m: &MessageRow) -> Result<(), CliError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let time = m.sent.filter(|s| s.unix_nanos().is_some()).map(|s| s.to_string());
        let day = time.as_deref().and_then(|t| t.split('T').next()).unwrap_or("no time");
        if day != open.day {
            day.clone_into(&mut open.day);
            html!(self.shelf.page()?, "<li class=\"day\">", (day), "</li>");
        }
        Ok(())
    }

    fn write(&mut self, m: &MessageRow) -> Result<(), CliError> {
        let (anchor, href) = self.shelf.anchor();
        let rules = self.shelf.layout.rules();
        let Some(open) = &mut self.open else { return Ok(()) };
        let quoted =
            m.reply_to.as_deref().map(|id| (id, open.seen.by_id.get(id).map(|(h, s)| (h.as_str(), s.as_str()))));
        let other_account = (m.account != open.account).then_some(m.account.as_str());
        let one = message::One {
            shard: self.shard,
            names: self.names,
            known: self.known,
            rules,
            m,
            app: &open.key.0,
            quoted,
            other_account,
        };
        let mut part = Page::part();
        one.write(&mut part, &anchor);
        let said: String = one.said().chars().take(160).collect();
        for id in std::iter::once(m.id.as_str()).chain(m.server_id.as_deref()).filter(|id| !id.is_empty()) {
            open.seen.add(id, &href, &said);
        }
        if let Some(entry) = self.shelf.done.index.get_mut(open.entry) {
            entry.messages += 1;
            *entry.verdicts.entry(m.verdict.clone()).or_default() += 1;
        }
        self.shelf.on_page += 1;
        self.shelf.page()?.add(&part);
        Ok(())
    }

    /// Writes absences of the open thread.
    fn gaps(&mut self, absences: &[AbsenceRow]) -> Result<(), CliError> {
        let Some((entry, app)) = self.open.as_ref().map(|o| (o.entry, o.key.0.clone())) else { return Ok(()) };
        for absence in absences {
            let (anchor, href) = self.shelf.anchor();
            let rules = self.shelf.layout.rules();
            absence::write(self.shelf.page()?, self.shard, self.known, absence, &anchor, rules);
            let place = &mut self.shelf.done;
            if let Some(entry) = place.index.get_mut(entry) {
                entry.absences += 1;
                let listed = Listed::new(absence, self.known.app_name(&app), &entry.name, href);
                place.absences.push(listed);
            }
            self.shelf.on_page += 1;
        }
        Ok(())
    }

    fn end_thread(&mut self) -> Result<(), CliError> {
        let rest = self.open.as_mut().map(|o| o.absent.rest()).unwrap_or_default();
        self.gaps(&rest)?;
        if self.open.take().is_some() {
            html!(self.shelf.page()?, "</ol></section>");
        }
        Ok(())
    }

    /// Ends the last thread, then writes those of which only absences are left.
    fn close(mut self) -> Result<(), CliError> {
        self.end_thread()?;
        while let Some((key, account)) = self
            .absent
            .iter()
            .next()
            .map(|(k, a)| (k.clone(), a.first().map(|a| a.account.clone()).unwrap_or_default()))
        {
            self.begin_thread(key, &account, false)?;
            self.end_thread()?;
        }
        let mut listed = 0_u64;
        for store in self.shard.stores() {
            listed += self.shard.threads(store.id)?.len() as u64;
        }
        let written = self.shelf.done.index.iter().filter(|e| e.messages > 0).count() as u64;
        self.shelf.done.empty = listed.saturating_sub(written);
        Ok(())
    }
}

/// How far the thread was synchronised, as the store says.
fn write_cursors(page: &mut Page, shard: &Shard, cursors: &[CursorRow]) {
    html!(
        page,
        "<details><summary>How far it was synchronised (",
        (count(cursors.len() as u64)),
        ")</summary><ul class=\"bits\">"
    );
    for cursor in cursors {
        html!(page, "<li>", (cursor.says.as_str()));
        for n in [cursor.a, cursor.b].into_iter().flatten() {
            html!(page, " ", (n));
        }
        for mark in &cursor.markers {
            html!(page, " · ", (mark.name.as_str()), " = ", (shown(&mark.raw)));
        }
        html!(
            page,
            " <span class=\"cell\">",
            (crate::place::file(shard, &cursor.origin)),
            ": ",
            (long(&cursor.origin)),
            "</span></li>"
        );
    }
    html!(page, "</ul></details>");
}

/// Text bare, anything else as JSON.
pub(super) fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
