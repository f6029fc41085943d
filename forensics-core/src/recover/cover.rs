//! Which of the records that may stand in a stretch of free bytes do stand there: cells lie back to back, so the set that
//! weighs most without overlap is taken (weighted intervals, by dynamic programming).

use std::ops::Range;

/// Bits of evidence for each neighbour that a record touches without a gap.
const TOUCH: f32 = 4.0;

/// A candidate's stretch and weight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub start: u32,
    pub end: u32,
    pub bits: f32,
}

#[derive(Clone, Copy)]
struct Best {
    bits: f32,
    /// The candidate that ends here, if one does in the best choice.
    chosen: Option<usize>,
    from: usize,
}

/// Chooses the candidates that weigh most together; gives their indexes in order, each with the bits its neighbours add.
/// `anchors` are offsets where something else begins or ends (the stretch's own ends are among them).
pub(super) fn choose(range: &Range<usize>, spans: &[Span], anchors: &[usize]) -> Vec<(usize, f32)> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by_key(|i| spans.get(*i).map_or(0, |s| s.end));
    // Offsets at which something can change: ends of spans, in order; plus the beginning.
    let mut stops: Vec<usize> = vec![range.start];
    stops.extend(order.iter().filter_map(|i| spans.get(*i)).map(|s| s.end as usize));
    stops.dedup();
    let mut best: Vec<Best> = vec![Best { bits: 0.0, chosen: None, from: 0 }; stops.len()];
    let mut next = order.into_iter().peekable();
    for at in 1..stops.len() {
        let before = best.get(at.saturating_sub(1)).map_or(0.0, |b| b.bits);
        let mut top = Best { bits: before, chosen: None, from: at.saturating_sub(1) };
        let Some(end) = stops.get(at).copied() else { break };
        while let Some(index) = next.next_if(|i| spans.get(*i).is_some_and(|s| s.end as usize == end)) {
            let Some(span) = spans.get(index) else { continue };
            let start = span.start as usize;
            let from = stops.partition_point(|s| *s <= start).saturating_sub(1);
            let Some(left) = best.get(from) else { continue };
            let touches = stops.get(from) == Some(&start) && (left.chosen.is_some() || from == 0);
            let touch = if touches { TOUCH } else { 0.0 };
            let bits = left.bits + span.bits + touch;
            if bits > top.bits {
                top = Best { bits, chosen: Some(index), from };
            }
        }
        if let Some(slot) = best.get_mut(at) {
            *slot = top;
        }
    }
    let chosen = trace(&best);
    let near = |at: usize| anchors.contains(&at);
    let touching = |i: usize| {
        let Some(span) = chosen.get(i).and_then(|c| spans.get(*c)) else { return 0.0 };
        let left = i.checked_sub(1).and_then(|l| chosen.get(l)).and_then(|l| spans.get(*l));
        let right = chosen.get(i.saturating_add(1)).and_then(|r| spans.get(*r));
        let (start, end) = (span.start as usize, span.end as usize);
        let left = left.is_some_and(|l| l.end == span.start) || near(start);
        let right = right.is_some_and(|r| r.start == span.end) || near(end);
        f32::from(u8::from(left)) * TOUCH + f32::from(u8::from(right)) * TOUCH
    };
    (0..chosen.len()).filter_map(|i| Some((*chosen.get(i)?, touching(i)))).collect()
}

fn trace(best: &[Best]) -> Vec<usize> {
    let mut out = Vec::new();
    let mut at = best.len().saturating_sub(1);
    while let Some(b) = best.get(at).filter(|_| at > 0) {
        out.extend(b.chosen);
        at = b.from.min(at.saturating_sub(1));
    }
    out.reverse();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_back_to_back_outweigh_one_that_overlaps_them() {
        let spans = [
            Span { start: 10, end: 30, bits: 10.0 },
            Span { start: 30, end: 50, bits: 10.0 },
            Span { start: 20, end: 45, bits: 15.0 },
        ];
        let chosen: Vec<usize> = choose(&(10..50), &spans, &[10, 50]).into_iter().map(|(i, _)| i).collect();
        assert_eq!(chosen, [0, 1]);
    }
}
