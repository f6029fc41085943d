//! Tables that are gone or had other columns: what is left of old rows of `sqlite_schema` gives their definitions.

use super::carve::{Subject, Tools};
use super::decode::Decoder;
use super::found::Found;
use super::landscape::{Landscape, Use};
use super::node::Head;
use super::shape::{Shape, defined, is_internal};
use super::strata::{NOW, Strata};
use crate::store::sqlite::{Encoding, Tree, slice};
use crate::value::Value;

/// A definition that once stood in `sqlite_schema`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Past {
    pub name: String,
    pub root: u32,
    pub sql: String,
}

/// Old rows of `sqlite_schema` in all images; `schema` is its shape.
pub(super) fn read(
    strata: &Strata<'_>,
    land: &Landscape,
    shapes: &[Shape],
    schema: usize,
    encoding: Encoding,
) -> Vec<Past> {
    let only: Vec<Shape> = shapes.get(schema).cloned().into_iter().collect();
    let tools = Tools { shapes: &only, usable: strata.image.usable, encoding };
    let decoder = Decoder { strata, land, encoding };
    let mut out: Vec<Past> = Vec::new();
    let mut look = |no: u32, age: u32, b: &[u8], live: bool| {
        let page = Subject { bytes: b, no, owners: &[0], raw_from: 8 };
        let mut hits = if live { Vec::new() } else { tools.listed(&page) };
        hits.extend(tools.free(&page).0);
        let Some(shape) = only.first() else { return };
        for hit in hits {
            let (values, _) = decoder.values(&hit, shape, b, age);
            if let Some(past) = past(&values).filter(|p| !out.contains(p)) {
                out.push(past);
            }
        }
    };
    let own = |no| matches!(land.of(no), Use::Tree(tree) if usize::from(tree) == schema);
    for no in 1..=strata.image.limit.min(strata.highest()) {
        let live = own(no);
        if !live && !matches!(land.of(no), Use::Free | Use::Nothing) {
            continue;
        }
        let Some(b) = strata.now(no) else { continue };
        if live || is_schema(&b, no, strata.image.usable) {
            look(no, NOW, &b, live);
        }
    }
    for image in &strata.images {
        let Some(b) = strata.bytes(image) else { continue };
        if own(image.no) || image.no == 1 || is_schema(&b, image.no, strata.image.usable) {
            look(image.no, image.age, &b, false);
        }
    }
    out
}

/// Whether the first record of a page begins like a row of `sqlite_schema`.
fn is_schema(b: &[u8], no: u32, usable: u32) -> bool {
    let Some(head) = Head::read(b, no).filter(|h| h.leaf && h.tree == Tree::Table) else { return false };
    let first = head.starts(b).find_map(|at| head.cell(b, at, usable, true));
    first.is_some_and(|cell| {
        let kind = slice(b, cell.body as usize, 10).unwrap_or_default();
        let text = |s: &[u8]| {
            let wide: Vec<u8> = s.iter().flat_map(|c| [*c, 0]).collect();
            kind.starts_with(s) || kind.starts_with(&wide) || kind.get(1..).is_some_and(|k| k.starts_with(&wide))
        };
        cell.serials.len() == 5 && [&b"table"[..], b"index", b"view", b"trigg"].iter().any(|k| text(k))
    })
}

fn past(values: &[Found]) -> Option<Past> {
    let text = |i: usize| values.get(i).and_then(Found::known).and_then(Value::as_text);
    let root = values.get(3).and_then(Found::known).and_then(Value::as_int)?;
    (text(0)? == "table").then_some(())?;
    let (name, sql) = (text(1)?, text(4)?);
    Some(Past { name: name.to_owned(), root: u32::try_from(root).ok()?, sql: sql.to_owned() })
}

/// Adds the shapes of tables that are gone, or had columns that they have no more; roots of tables made anew too.
pub(super) fn add(past: &[Past], shapes: &mut Vec<Shape>, land: &mut Landscape) {
    for Past { name, root, sql } in past {
        let Some(table) = defined(name, *root, sql).filter(|_| *root > 0 && !is_internal(name)) else { continue };
        let shape = Shape::of_table(&table, true);
        let known = shapes.iter().position(|s| {
            s.index.is_none() && *s.table.name == *table.name && (s.same_as(&shape) || extends(s, &shape))
        });
        let index = known.unwrap_or(shapes.len());
        // Shapes are numbered with 16 bits in the landscape; more definitions than that are not real.
        if known.is_none() && shapes.len() < usize::from(u16::MAX) {
            let live = shapes.iter().any(|s| s.index.is_none() && !s.dropped && s.table.name == table.name);
            shapes.push(Shape { dropped: !live, ..shape });
        }
        land.add_root(*root, index);
    }
}

/// Whether `now` is `then` with columns added at the end.
fn extends(now: &Shape, then: &Shape) -> bool {
    let name = |s: &Shape, i: usize| s.table.columns.get(i).map(|c| c.name.to_ascii_lowercase());
    now.tree == then.tree
        && now.tree == Tree::Table
        && now.rules.len() > then.rules.len()
        && (0..then.table.columns.len()).all(|i| name(now, i) == name(then, i))
}
