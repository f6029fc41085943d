//! What every page is for, and whose it was: trees, free pages, overflow pages, pointer maps, and pages that nothing
//! reaches.

use std::collections::{HashMap, HashSet};

use super::cell::Cell;
use super::node::Head;
use super::shape::Shape;
use super::strata::{NOW, Strata};
use crate::store::sqlite::{Database, Tree, be32};

/// What a page is for, as the store stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Nothing reaches it.
    Nothing,
    /// A trunk of the freelist: how many leaves it names.
    Trunk(u16),
    /// A leaf of the freelist: never written when it was freed.
    Free,
    /// A pointer map, or the page that holds the lock bytes.
    Map,
    /// Overflow of a live record.
    Overflow,
    /// A page of the tree of this shape.
    Tree(u16),
}

/// Deepest climb from a page to its root: SQLite's own limit of a b-tree's depth (`BTCURSOR_MAX_DEPTH`).
const DEEPEST: usize = 20;

/// An interior page that names a page as its child.
#[derive(Clone, Copy, Debug)]
struct Parent {
    no: u32,
    age: u32,
}

/// The use of every page.
pub(super) struct Landscape {
    uses: Vec<Use>,
    parents: HashMap<u32, Vec<Parent>>,
    /// Root pages, of dropped tables too: the shapes that had them.
    roots: HashMap<u32, Vec<usize>>,
    /// Leaf pages of live trees and the interior pages of index trees: all pages with live records.
    pub records: Vec<(u32, u16)>,
}

impl Landscape {
    /// Walks the live trees (shape by shape, each with its root) and the freelist.
    pub(super) fn read(db: &Database, strata: &Strata<'_>, roots: &[u32]) -> Landscape {
        let pages = strata.image.limit.min(strata.highest());
        let mut land = Landscape {
            uses: vec![Use::Nothing; (pages as usize).saturating_add(1)],
            parents: HashMap::new(),
            roots: HashMap::new(),
            records: Vec::new(),
        };
        for (index, root) in roots.iter().enumerate() {
            land.roots.entry(*root).or_default().push(index);
            if let Ok(tree) = u16::try_from(index) {
                land.walk(strata, *root, tree);
            }
        }
        land.freelist(db, strata);
        land.maps(db, strata);
        land
    }

    /// What a page is for.
    pub(super) fn of(&self, no: u32) -> Use {
        self.uses.get(no as usize).copied().unwrap_or(Use::Nothing)
    }

    fn set(&mut self, no: u32, to: Use) -> bool {
        match self.uses.get_mut(no as usize) {
            Some(slot) if no > 0 && *slot == Use::Nothing => {
                *slot = to;
                true
            }
            _ => false,
        }
    }

    fn walk(&mut self, strata: &Strata<'_>, root: u32, tree: u16) {
        let mut todo = vec![(root, 0usize)];
        while let Some((no, depth)) = todo.pop() {
            if depth >= DEEPEST || !self.set(no, Use::Tree(tree)) {
                continue;
            }
            let Some(b) = strata.now(no) else { continue };
            let Some(head) = Head::read(&b, no) else { continue };
            if head.leaf || head.tree == Tree::Index {
                self.records.push((no, tree));
            }
            todo.extend(head.children(&b).map(|child| (child, depth.saturating_add(1))));
        }
    }

    /// Marks the overflow pages of a live record.
    pub(super) fn chain(&mut self, strata: &Strata<'_>, first: u32, missing: u32) {
        let room = u32::try_from(strata.image.overflow_room()).unwrap_or(u32::MAX).max(1);
        let mut left = missing.div_ceil(room);
        let mut no = first;
        while left > 0 && self.set(no, Use::Overflow) {
            left = left.saturating_sub(1);
            no = if left > 0 { strata.now(no).and_then(|b| be32(&b, 0)).unwrap_or(0) } else { 0 };
        }
    }

    fn freelist(&mut self, db: &Database, strata: &Strata<'_>) {
        let mut trunk = db.header().freelist_trunk;
        while self.of(trunk) == Use::Nothing && trunk != 0 {
            let Some(b) = strata.now(trunk) else { break };
            let most = u32::try_from(b.len() / 4).unwrap_or(0).saturating_sub(2);
            let leaves = be32(&b, 4).unwrap_or(0).min(most);
            if !self.set(trunk, Use::Trunk(u16::try_from(leaves).unwrap_or(u16::MAX))) {
                break;
            }
            for i in 0..leaves {
                let at = (i as usize).saturating_mul(4).saturating_add(8);
                if let Some(leaf) = be32(&b, at) {
                    self.set(leaf, Use::Free);
                }
            }
            trunk = be32(&b, 0).unwrap_or(0);
        }
    }

    /// Pointer maps: page 2 and every page that follows as many pages as a map has entries of five bytes
    /// (`ptrmapPageno`). The page that holds byte 2^30 is never used.
    fn maps(&mut self, db: &Database, strata: &Strata<'_>) {
        let lock = (1u32 << 30).checked_div(strata.image.page_size).unwrap_or(0).saturating_add(1);
        self.set(lock, Use::Map);
        if !db.header().auto_vacuum {
            return;
        }
        let entries = strata.image.usable / 5;
        let mut no = 2u32;
        while (no as usize) < self.uses.len() {
            let here = if no == lock { no.saturating_add(1) } else { no };
            self.set(here, Use::Map);
            no = no.saturating_add(entries).saturating_add(1);
        }
    }

    /// Notes the root of a table that is gone.
    pub(super) fn add_root(&mut self, root: u32, shape: usize) {
        let shapes = self.roots.entry(root).or_default();
        if !shapes.contains(&shape) {
            shapes.push(shape);
        }
    }

    /// Learns from interior pages that are not live which pages they had as children.
    pub(super) fn learn_parents(&mut self, strata: &Strata<'_>) {
        for image in &strata.images {
            if let Some(b) = strata.bytes(image) {
                self.learn(&b, image.no, image.age);
            }
        }
        for no in 1..u32::try_from(self.uses.len()).unwrap_or(u32::MAX) {
            if matches!(self.of(no), Use::Free | Use::Nothing)
                && let Some(b) = strata.now(no)
            {
                self.learn(&b, no, NOW);
            }
        }
    }

    fn learn(&mut self, b: &[u8], no: u32, age: u32) {
        let Some(head) = Head::read(b, no).filter(|h| !h.leaf && h.cells > 0) else { return };
        for child in head.children(b) {
            let all = self.parents.entry(child).or_default();
            // A page in hundreds of frames has hundreds of parents' images: one for each parent and age is enough.
            if all.last().is_none_or(|p| p.no != no || p.age != age) {
                all.push(Parent { no, age });
            }
        }
    }

    /// The shapes whose tree the page was part of at an age, as far as roots and interior pages of that age tell.
    pub(super) fn owners(&self, no: u32, age: u32) -> Vec<usize> {
        let mut met = HashSet::new();
        let mut at = no;
        for _ in 0..DEEPEST {
            if !met.insert(at) {
                break;
            }
            if let Use::Tree(tree) = self.of(at) {
                return vec![usize::from(tree)];
            }
            if let Some(shapes) = self.roots.get(&at) {
                return shapes.clone();
            }
            let parents = self.parents.get(&at).map(Vec::as_slice).unwrap_or_default();
            let older = parents.iter().filter(|p| p.age <= age).max_by_key(|p| p.age);
            let Some(parent) = older.or_else(|| parents.iter().min_by_key(|p| p.age)) else { break };
            at = parent.no;
        }
        Vec::new()
    }

    /// Pages that nothing reaches, among the pages there are.
    pub(super) fn unreached(&self) -> impl Iterator<Item = u32> {
        (0u32..).zip(&self.uses).skip(1).filter(|(_, u)| **u == Use::Nothing).map(|(no, _)| no)
    }
}

/// The live records of a page, read leniently.
pub(super) fn live_cells(b: &[u8], no: u32, shape: &Shape, usable: u32) -> Vec<Cell> {
    let Some(head) = Head::read(b, no).filter(|h| h.tree == shape.tree) else { return Vec::new() };
    head.starts(b).filter_map(|at| head.cell(b, at, usable, false)).collect()
}
