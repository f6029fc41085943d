//! The whole search: every image of every page through one carver, then folding.

use std::collections::HashSet;
use std::ops::ControlFlow;

use rayon::prelude::*;

use super::carve::{Hit, Subject, Tools};
use super::cell::Cell;
use super::covered::Covered;
use super::decode::Decoder;
use super::fold::{Compared, Folded, compare};
use super::found::{Era, Kind, Method, Recovered, State, Where};
use super::history;
use super::landscape::{Landscape, Use};
use super::live::{self, Live};
use super::node::Head;
use super::options::{BATCH, Options};
use super::shape::Shape;
use super::strata::{NOW, PageImage, Strata};
use super::survey::{Blank, Survey};
use crate::store::sqlite::{Database, Encoding, PageBytes, Place, Tree, schema_table};

/// Most columns of a table whose definition is lost.
const MOST_UNNAMED: u16 = 64;

/// Searches a store for records that it no longer shows, and hands each to `sink`, once.
///
/// Rows come in no particular order but always in the same. Memory: [`Options::memory`] for records, eight bytes for each
/// live row, and a few bytes for each page. The sink may stop the search with [`ControlFlow::Break`].
pub fn recover(db: &Database, options: &Options, sink: &mut dyn FnMut(Recovered) -> ControlFlow<()>) -> Survey {
    let search = Search::prepare(db, options);
    let mut run = Run {
        folded: Folded::default(),
        covered: Covered::by(&search.shapes),
        blank: Blank::default(),
        met: HashSet::new(),
    };
    let subjects = search.subjects();
    // Rows first: an entry of an index tells something only where its row was not found.
    let passes = if options.index_entries { &[Kind::Row, Kind::IndexEntry][..] } else { &[Kind::Row] };
    for pass in passes {
        for batch in subjects.chunks(BATCH) {
            let parts: Vec<Carved> = batch.par_iter().map(|s| search.carve(s, *pass)).collect();
            for part in parts {
                run.add(part);
            }
            if run.folded.bytes >= options.memory && run.hand_over(options, sink).is_break() {
                return search.survey(&run.blank);
            }
        }
        if run.hand_over(options, sink).is_break() {
            break;
        }
    }
    search.survey(&run.blank)
}

/// A search under way.
struct Run {
    folded: Folded,
    covered: Covered,
    blank: Blank,
    met: HashSet<(u32, u64, Kind)>,
}

impl Run {
    fn add(&mut self, part: Carved) {
        self.blank.add(&part.blank);
        if let Some((no, bytes)) = part.mark
            && !self.met.insert((no, bytes, part.pass))
        {
            return;
        }
        for (content, found) in part.found {
            match found.kind {
                Kind::Row => self.covered.add(&found),
                // Of rows found on pages that come later nothing is known yet: such entries wait for their pass.
                _ if part.pass == Kind::Row || self.covered.has(&found) => continue,
                _ => {}
            }
            self.folded.add(content, found);
        }
    }

    fn hand_over(&mut self, options: &Options, sink: &mut dyn FnMut(Recovered) -> ControlFlow<()>) -> ControlFlow<()> {
        for found in self.folded.take() {
            if found.confidence >= options.least_confidence {
                sink(found)?;
            }
        }
        ControlFlow::Continue(())
    }
}

/// A page image to be carved.
enum Task {
    /// The page as it stands.
    Now(u32),
    /// Another image of it.
    Then(PageImage),
}

/// What one image gave.
struct Carved {
    /// Which kind of record was looked for.
    pass: Kind,
    found: Vec<(u64, Recovered)>,
    blank: Blank,
    /// The page and a number for its bytes, for images: equal ones are carved once.
    mark: Option<(u32, u64)>,
}

/// Everything known before carving.
pub(super) struct Search<'a> {
    db: &'a Database,
    options: &'a Options,
    pub strata: Strata<'a>,
    pub land: Landscape,
    pub shapes: Vec<Shape>,
    pub live: Live,
    pub encoding: Encoding,
    /// The first shape made up for a table without definition, and how many there are.
    unnamed: usize,
    /// Whether there are tables without rowid: their pages look like those of indexes.
    keyed: bool,
}

impl<'a> Search<'a> {
    pub(super) fn prepare(db: &'a Database, options: &'a Options) -> Search<'a> {
        let strata = Strata::read(db);
        let encoding = db.header().encoding;
        let (mut shapes, roots, schema) = shapes(db);
        let mut land = Landscape::read(db, &strata, &roots);
        let live = live::read(&strata, &mut land, &mut shapes, encoding);
        land.learn_parents(&strata);
        let past = history::read(&strata, &land, &shapes, schema, encoding);
        history::add(&past, &mut shapes, &mut land);
        let unnamed = shapes.len();
        shapes.extend((1..=MOST_UNNAMED).map(|n| Shape::unnamed(n, Tree::Table)));
        let keyed = shapes.iter().any(|s| s.index.is_none() && s.tree == Tree::Index);
        Search { db, options, strata, land, shapes, live, encoding, unnamed, keyed }
    }

    fn subjects(&self) -> Vec<Task> {
        let standing = 1..=self.strata.image.limit.min(self.strata.highest());
        standing.map(Task::Now).chain(self.strata.images.iter().map(|i| Task::Then(*i))).collect()
    }

    fn survey(&self, blank: &Blank) -> Survey {
        Survey::of(self.db, &self.strata, &self.land, &self.live, blank)
    }

    pub(super) fn tools(&self) -> Tools<'_> {
        Tools {
            shapes: self.shapes.get(..self.unnamed).unwrap_or_default(),
            usable: self.strata.image.usable,
            encoding: self.encoding,
        }
    }

    fn carve(&self, task: &Task, pass: Kind) -> Carved {
        let mut carved = Carved { pass, found: Vec::new(), blank: Blank::default(), mark: None };
        match task {
            Task::Now(no) => self.carve_now(*no, &mut carved),
            Task::Then(image) => self.carve_then(image, &mut carved),
        }
        if pass != Kind::Row {
            // What the pages are like was noted when rows were looked for.
            carved.blank = Blank::default();
        }
        carved
    }

    /// Whether a page can have its turn in a pass, by its header alone.
    fn may_turn(&self, b: &[u8], no: u32, pass: Kind) -> bool {
        let tree = Head::read(b, no).map(|h| h.tree);
        match pass {
            Kind::IndexEntry => tree == Some(Tree::Index),
            _ => tree != Some(Tree::Index) || self.keyed,
        }
    }

    /// Whether a page of these owners is looked at in a pass: pages of indexes in their own.
    fn turn(&self, owners: &[usize], pass: Kind) -> bool {
        let index = owners.iter().any(|i| self.shapes.get(*i).is_some_and(|s| s.index.is_some()));
        index == (pass == Kind::IndexEntry)
    }

    fn carve_now(&self, no: u32, carved: &mut Carved) {
        let of = self.land.of(no);
        if matches!(of, Use::Overflow | Use::Map) {
            return;
        }
        let Ok(page) = self.strata.image.page(no) else {
            carved.blank.unreadable.push((no, None));
            return;
        };
        let era = Era::Now;
        let image = PageImage { no, place: page.place, start: page.start, era, age: NOW };
        let b = page.bytes;
        let raw_from =
            if let Use::Trunk(leaves) = of { usize::from(leaves).saturating_mul(4).saturating_add(8) } else { 8 };
        if matches!(of, Use::Tree(_)) {
            let owners = self.land.owners(no, NOW);
            carved.blank.page(&b, no, self.strata.image.usable);
            if self.turn(&owners, carved.pass) {
                self.collect(&image, &b, &owners, raw_from, false, carved);
            }
            return;
        }
        carved.blank.freed(&b, of);
        if super::judge::is_blank(&b) || !self.may_turn(&b, no, carved.pass) {
            return;
        }
        let owners = self.owners(&image, &b, raw_from);
        if self.turn(&owners, carved.pass) {
            self.collect(&image, &b, &owners, raw_from, true, carved);
        }
        if of == Use::Nothing {
            carved.found.iter_mut().for_each(|(_, f)| f.state = State::Unreachable);
        }
    }

    fn carve_then(&self, image: &PageImage, carved: &mut Carved) {
        let Some(b) = self.strata.bytes(image) else {
            let frame = if let Place::Wal { frame } = image.place { Some(frame) } else { None };
            carved.blank.unreadable.push((image.no, frame));
            return;
        };
        if !self.may_turn(&b, image.no, carved.pass) {
            return;
        }
        let now = self.strata.now(image.no);
        if now.is_some_and(|now| *now == *b) || super::judge::is_blank(&b) {
            return;
        }
        carved.mark = Some((image.no, fingerprint(&b)));
        let owners = self.owners(image, &b, 8);
        if self.turn(&owners, carved.pass) {
            self.collect(image, &b, &owners, 8, true, carved);
        }
        if image.era == Era::Uncommitted {
            carved.found.iter_mut().for_each(|(_, f)| f.state = State::Uncommitted);
        }
    }

    /// The shapes that a page's records can have: by its place in a tree, else by what it holds.
    pub(super) fn owners(&self, image: &PageImage, b: &PageBytes<'_>, raw_from: usize) -> Vec<usize> {
        let head = Head::read(b, image.no);
        let known = self.land.owners(image.no, image.age);
        let kind = |i: &usize| head.is_none_or(|h| self.shapes.get(*i).is_some_and(|s| s.tree == h.tree));
        let known: Vec<usize> = known.into_iter().filter(kind).collect();
        let Some(head) = head else {
            return if known.is_empty() { self.by_trial(image.no, b, raw_from) } else { known };
        };
        let cells: Vec<Cell> =
            head.starts(b).filter_map(|at| head.cell(b, at, self.strata.image.usable, true)).collect();
        if !known.is_empty() && (cells.is_empty() || self.share(&known, &cells, b) > 0.5) {
            return known;
        }
        if cells.is_empty() {
            return self.by_trial(image.no, b, raw_from);
        }
        self.by_records(&head, &cells, b)
    }

    /// The share of records that fit one of the shapes.
    fn share(&self, shapes: &[usize], cells: &[Cell], b: &[u8]) -> f32 {
        let fits = |c: &&Cell| shapes.iter().any(|i| self.fit(*i, c, b).is_some());
        #[expect(clippy::cast_precision_loss, reason = "a page holds at most 16,384 cells")]
        let share = cells.iter().filter(fits).count() as f32 / cells.len().max(1) as f32;
        share
    }

    fn fit(&self, shape: usize, cell: &Cell, b: &[u8]) -> Option<f32> {
        super::judge::fits(self.shapes.get(shape)?, cell, b, self.encoding)
    }

    /// The shapes that fit the records which a page names; all that look alike; one without names if none fits.
    fn by_records(&self, head: &Head, cells: &[Cell], b: &[u8]) -> Vec<usize> {
        let mut best: Vec<(usize, f32)> = Vec::new();
        for (index, shape) in self.shapes.iter().enumerate().take(self.unnamed) {
            if shape.tree != head.tree {
                continue;
            }
            let fits: Vec<f32> = cells.iter().filter_map(|c| self.fit(index, c, b)).collect();
            if fits.len().saturating_mul(10) < cells.len().saturating_mul(8) {
                continue;
            }
            // Half a bit for a table that is gone: whose pages else would be free?
            let gone = if shape.dropped { 0.5 } else { 0.0 };
            best.push((index, fits.iter().sum::<f32>() + gone));
        }
        best.sort_by(|a, b| b.1.total_cmp(&a.1));
        let Some((first, _)) = best.first().copied() else { return self.without_name(head, cells) };
        let alike = |i: &usize| match (self.shapes.get(first), self.shapes.get(*i)) {
            (Some(a), Some(b)) => a.same_as(b),
            _ => false,
        };
        best.iter().map(|(i, _)| *i).filter(alike).collect()
    }

    fn without_name(&self, head: &Head, cells: &[Cell]) -> Vec<usize> {
        let count = cells.first().map_or(0, |c| c.serials.len());
        let same = cells.iter().all(|c| c.serials.len() == count);
        if head.tree != Tree::Table || !same || cells.len() < 2 || count > usize::from(MOST_UNNAMED) {
            return Vec::new();
        }
        count.checked_sub(1).map(|c| self.unnamed.saturating_add(c)).into_iter().collect()
    }

    /// The table whose records weigh most in the free bytes of a page that names none.
    fn by_trial(&self, no: u32, b: &[u8], raw_from: usize) -> Vec<usize> {
        let tools = self.tools();
        let weigh = |index: usize| {
            let page = Subject { bytes: b, no, owners: &[index], raw_from };
            let hits = tools.free(&page).0;
            hits.iter().filter(|h| h.shape == index).map(|h| h.bits).sum::<f32>()
        };
        let tables = self.shapes.iter().enumerate().take(self.unnamed).filter(|(_, s)| s.index.is_none());
        let all: Vec<(usize, f32)> = tables.map(|(i, _)| (i, weigh(i))).filter(|(_, bits)| *bits > 0.0).collect();
        all.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| i).into_iter().collect()
    }

    fn collect(&self, image: &PageImage, b: &[u8], owners: &[usize], raw_from: usize, named: bool, into: &mut Carved) {
        let page = Subject { bytes: b, no: image.no, owners, raw_from };
        let whole = Tools { shapes: &self.shapes, ..self.tools() };
        let mut hits = if named { whole.listed(&page) } else { Vec::new() };
        hits.extend(self.tools().free(&page).0);
        for hit in hits {
            into.found.extend(self.record(image, b, owners, hit));
        }
    }

    /// A record with its number; `None` when it is a live row or not asked for.
    fn record(&self, image: &PageImage, b: &[u8], owners: &[usize], hit: Hit) -> Option<(u64, Recovered)> {
        let shape = self.shapes.get(hit.shape)?;
        if shape.internal && !self.options.internal {
            return None;
        }
        let alike: Vec<usize> =
            owners.iter().copied().filter(|i| self.shapes.get(*i).is_some_and(|s| s.same_as(shape))).collect();
        let content = |i: usize| live::content(i, shape.tree, &hit.cell, b);
        if self.live.has(content(hit.shape)) || alike.iter().any(|i| self.live.has(content(*i))) {
            return None;
        }
        let decoder = Decoder { strata: &self.strata, land: &self.land, encoding: self.encoding };
        let (values, rowid) = decoder.values(&hit, shape, b, image.age);
        let place = Where {
            page: image.no,
            offset: image.start.saturating_add(u64::from(hit.cell.start)),
            length: hit.cell.end.saturating_sub(hit.cell.start),
            frame: if let Place::Wal { frame } = image.place { Some(frame) } else { None },
            journal: image.place == Place::Journal,
            era: image.era,
            method: hit.cell.method,
        };
        let names: Vec<_> = alike.iter().filter_map(|i| self.shapes.get(*i)).map(|s| s.table.name.clone()).collect();
        let named = !shape.table.name.is_empty();
        let mut found = Recovered {
            kind: if shape.index.is_some() { Kind::IndexEntry } else { Kind::Row },
            table: (named && names.len() < 2).then(|| shape.table.name.clone()),
            candidates: if names.len() < 2 { Vec::new() } else { names },
            definition: shape.table.clone(),
            values,
            rowid,
            state: State::Former,
            confidence: confidence(&hit),
            places: vec![place],
            images: 1,
        };
        found.state = self.state(hit.shape, shape, &hit, b, &found)?;
        if !found.is_complete() && found.kind == Kind::Row {
            if !self.options.partial {
                return None;
            }
            found.confidence *= 0.9;
        }
        Some((content(hit.shape), found))
    }

    /// What the record is to the store; `None` when the live row is the same.
    fn state(&self, index: usize, shape: &Shape, hit: &Hit, b: &[u8], found: &Recovered) -> Option<State> {
        if shape.dropped {
            return Some(State::Deleted);
        }
        if shape.index.is_some() {
            let lives = || {
                let table = self.db.table(&found.definition.name);
                table.zip(found.rowid).is_some_and(|(t, id)| matches!(self.db.get(t, id), Ok(Some(_))))
            };
            // Of a table without rowid the row cannot be looked up by an entry.
            return (found.rowid.is_some() && !lives()).then_some(State::Deleted);
        }
        if shape.tree == Tree::Index {
            let Some(key) = live::key(index, shape, &hit.cell, b) else { return Some(State::Former) };
            return Some(if self.live.has_key(key) { State::Superseded } else { State::Deleted });
        }
        if found.rowid.is_none() {
            return Some(State::Former);
        }
        match compare(self.db, found) {
            Compared::Absent => Some(State::Deleted),
            Compared::Other => Some(State::Superseded),
            Compared::Same => None,
        }
    }
}

/// The share of records so found that are right, measured on stores of known history (`tests/recover.rs`).
fn confidence(hit: &Hit) -> f32 {
    let strong = hit.bits >= 25.0;
    match (hit.cell.method, strong) {
        (Method::Listed, _) => 0.995,
        (Method::Whole, true) => 0.98,
        (Method::Headless, true) => 0.97,
        (Method::Solved, true) => 0.95,
        (Method::Whole, false) => 0.92,
        (Method::Headless, false) => 0.9,
        _ => 0.8,
    }
}

/// The live shapes with their roots, and which one is `sqlite_schema`.
fn shapes(db: &Database) -> (Vec<Shape>, Vec<u32>, usize) {
    let schema = schema_table();
    let mut shapes = vec![Shape::of_table(&schema, false)];
    let mut roots = vec![1u32];
    for table in db.tables().take(usize::from(u16::MAX / 2)) {
        shapes.push(Shape::of_table(table, false));
        roots.push(table.root);
    }
    let tables = shapes.len();
    for index in db.indexes().take(usize::from(u16::MAX / 4)) {
        let of = shapes.iter().take(tables).find(|s| s.table.name.eq_ignore_ascii_case(&index.table));
        if let Some(shape) = of.and_then(|t| Shape::of_index(index, t)) {
            shapes.push(shape);
            roots.push(index.root);
        }
    }
    (shapes, roots, 0)
}

fn fingerprint(b: &[u8]) -> u64 {
    let (words, rest) = b.as_chunks::<8>();
    let step = |n: u64, w: u64| (n.rotate_left(5) ^ w).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = words.iter().fold(b.len() as u64, |n, w| step(n, u64::from_le_bytes(*w)));
    rest.iter().fold(n, |n, b| step(n, u64::from(*b)))
}
