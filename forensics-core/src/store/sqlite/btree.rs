//! Walking a b-tree: all rows in key order, or one by rowid. A bad page costs that page, a bad cell that cell.

use std::collections::HashSet;

use super::database::Database;
use super::fault::{FaultKind, RowFault};
use super::image::{Page, Seen};
use super::page::{Node, Tree};
use super::row::{Row, offset_in_file, wal_frame};
use super::schema::Table;

/// Deepest b-tree: SQLite's own limit (`BTCURSOR_MAX_DEPTH`). A tree of 2^31 pages of 512 bytes needs fewer levels.
const MAX_DEPTH: usize = 20;

struct Step<'a> {
    page: Page<'a>,
    node: Node,
    next: u32,
}

/// The rows of a table, by rowid (or in key order without rowid). Goes on after a bad page or cell.
pub struct Scan<'a> {
    db: &'a Database,
    table: &'a Table,
    stack: Vec<Step<'a>>,
    seen: Seen,
    /// A fault met before the first row.
    first: Option<RowFault>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(db: &'a Database, table: &'a Table) -> Scan<'a> {
        let mut scan = Scan::empty(db, table);
        scan.first = scan.descend(table.root).err();
        scan
    }

    /// From the first row whose rowid is at least `rowid`.
    pub(super) fn from(db: &'a Database, table: &'a Table, rowid: i64) -> Scan<'a> {
        let mut scan = Scan::empty(db, table);
        let mut no = table.root;
        loop {
            if let Err(fault) = scan.descend(no) {
                scan.first = Some(fault);
                return scan;
            }
            let Some(step) = scan.stack.last_mut() else { return scan };
            step.next = if table.without_rowid { 0 } else { first_at_least(&step.node, &step.page, rowid) };
            if step.node.leaf || table.without_rowid {
                return scan;
            }
            match step.node.child(&step.page, step.next) {
                Ok(child) => no = child,
                // The scan itself meets the bad cell again and reports it.
                Err(_) => return scan,
            }
            step.next = step.next.saturating_add(1);
        }
    }

    fn empty(db: &'a Database, table: &'a Table) -> Scan<'a> {
        Scan { db, table, stack: Vec::new(), seen: Seen::default(), first: None }
    }

    fn fault(&self, no: u32, page: Option<&Page<'_>>, kind: FaultKind) -> RowFault {
        page_fault(self.db, self.table, no, page, kind)
    }

    fn descend(&mut self, no: u32) -> Result<(), RowFault> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(self.fault(no, None, FaultKind::TooDeep { limit: MAX_DEPTH }));
        }
        let page = self.db.image().page(no).map_err(|kind| self.fault(no, None, kind))?;
        if !self.seen.insert(no) {
            return Err(self.fault(no, Some(&page), FaultKind::PageRepeated));
        }
        let node = Node::read(&page, self.db.image().page_size, self.table.tree())
            .map_err(|kind| self.fault(no, Some(&page), kind))?;
        self.stack.push(Step { page, node, next: 0 });
        Ok(())
    }

    /// Reads cell `index` of the page on top.
    fn cell(&mut self, index: u32) -> Option<Result<Row<'a>, RowFault>> {
        let Scan { db, table, stack, seen, .. } = self;
        let step = stack.last()?;
        Some(match step.node.cell(db.image(), &step.page, index) {
            Ok(cell) => Row::read(db, table, step.page.clone(), cell, &mut |no| seen.insert(no)),
            Err(kind) => Err(page_fault(db, table, step.page.no, Some(&step.page), kind)),
        })
    }
}

/// The first cell whose key is at least `rowid`; the number of cells when there is none. Unreadable cells count as less.
fn first_at_least(node: &Node, page: &Page<'_>, rowid: i64) -> u32 {
    let (mut low, mut high) = (0, node.cells);
    while low < high {
        let middle = low.midpoint(high);
        match node.rowid(page, middle) {
            Ok(key) if key >= rowid => high = middle,
            _ => low = middle.saturating_add(1),
        }
    }
    low
}

fn page_fault(db: &Database, table: &Table, no: u32, page: Option<&Page<'_>>, kind: FaultKind) -> RowFault {
    RowFault {
        store: db.store(),
        table: table.name.clone(),
        rowid: None,
        page: no,
        wal_frame: page.and_then(wal_frame),
        offset: page.and_then(|p| offset_in_file(p, 0)),
        kind,
        values: Vec::new(),
    }
}

impl<'a> Iterator for Scan<'a> {
    type Item = Result<Row<'a>, RowFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(fault) = self.first.take() {
            return Some(Err(fault));
        }
        loop {
            let step = self.stack.last_mut()?;
            let turn = step.next;
            step.next = turn.saturating_add(1);
            let Node { leaf, cells, tree, .. } = step.node;
            if leaf {
                if turn < cells {
                    return self.cell(turn);
                }
                self.stack.pop();
                continue;
            }
            // The interior of an index tree holds entries between its children: child, entry, child, …, child.
            let (child, entry, end) = match tree {
                Tree::Table => (turn, false, turn > cells),
                Tree::Index => (turn / 2, turn % 2 == 1, turn > cells.saturating_mul(2)),
            };
            if end {
                self.stack.pop();
                continue;
            }
            if entry {
                return self.cell(child);
            }
            let no = match step.node.child(&step.page, child) {
                Ok(no) => no,
                Err(kind) => {
                    let fault = page_fault(self.db, self.table, step.page.no, Some(&step.page), kind);
                    return Some(Err(fault));
                }
            };
            if let Err(fault) = self.descend(no) {
                return Some(Err(fault));
            }
        }
    }
}

/// The row with this rowid.
pub(super) fn get<'a>(db: &'a Database, table: &'a Table, rowid: i64) -> Result<Option<Row<'a>>, RowFault> {
    let image = db.image();
    if table.without_rowid {
        return Ok(None);
    }
    let mut no = table.root;
    for _ in 0..MAX_DEPTH {
        let page = image.page(no).map_err(|kind| page_fault(db, table, no, None, kind))?;
        let fault = |kind| page_fault(db, table, no, Some(&page), kind);
        let node = Node::read(&page, image.page_size, Tree::Table).map_err(fault)?;
        let index = first_at_least(&node, &page, rowid);
        if !node.leaf {
            no = node.child(&page, index).map_err(fault)?;
            continue;
        }
        if index >= node.cells || node.rowid(&page, index) != Ok(rowid) {
            return Ok(None);
        }
        let cell = node.cell(image, &page, index).map_err(fault)?;
        let mut met = HashSet::new();
        return Row::read(db, table, page, cell, &mut |no| met.insert(no)).map(Some);
    }
    Err(page_fault(db, table, no, None, FaultKind::TooDeep { limit: MAX_DEPTH }))
}

/// Whether the table has a row of that number in the database file by itself, without the write-ahead log.
pub(super) fn stands_in_file(db: &Database, table: &Table, rowid: i64) -> bool {
    let image = db.image();
    let mut no = table.root;
    for _ in 0..MAX_DEPTH {
        let Some(page) = image.page_in_file(no) else { return false };
        let Ok(node) = Node::read(&page, image.page_size, Tree::Table) else { return false };
        let index = first_at_least(&node, &page, rowid);
        if node.leaf {
            return index < node.cells && node.rowid(&page, index) == Ok(rowid);
        }
        match node.child(&page, index) {
            Ok(child) => no = child,
            Err(_) => return false,
        }
    }
    false
}

/// Cells of a table's b-tree, without decoding one. Pages that cannot be read count nothing.
pub(super) fn count(db: &Database, table: &Table) -> u64 {
    let image = db.image();
    let mut seen = Seen::default();
    let mut rows = 0u64;
    let mut todo = vec![(table.root, 0usize)];
    while let Some((no, depth)) = todo.pop() {
        let Ok(page) = image.page(no) else { continue };
        if depth >= MAX_DEPTH || !seen.insert(no) {
            continue;
        }
        let Ok(node) = Node::read(&page, image.page_size, table.tree()) else { continue };
        if node.leaf || node.tree == Tree::Index {
            rows = rows.saturating_add(u64::from(node.cells));
        }
        if !node.leaf {
            let children = (0..=node.cells).filter_map(|i| node.child(&page, i).ok());
            todo.extend(children.map(|child| (child, depth.saturating_add(1))));
        }
    }
    rows
}
