//! Vertical marks with their labels in rows of their own above the frame.

use super::axis::Axis;
use super::frame::{Frame, RIGHT, SMALL, WIDTH, across};
use super::input::Mark;
use super::palette::{Dash, GREY};
use super::scene::{Anchor, Scene, Stroke};
use super::text;

const ROW: f64 = 16.0;
/// Rows beyond this many would push the plot off its canvas; the labels that have none are counted instead.
const ROWS_MAX: usize = 5;
const LABEL_MAX: f64 = 300.0;

/// Labels laid out over an axis.
pub(super) struct Layout {
    placed: Vec<Placed>,
    rows: usize,
    left_over: usize,
}

struct Placed {
    x: f64,
    label: String,
    /// None: no room for the label.
    row: Option<usize>,
    anchor: Anchor,
}

/// Gives each mark the lowest row where its label meets no other.
pub(super) fn layout(marks: &[Mark], x: &Axis) -> Layout {
    let mut order: Vec<&Mark> = marks.iter().collect();
    order.sort_by(|a, b| a.t_min.total_cmp(&b.t_min));
    let mut ends: Vec<f64> = Vec::new();
    let mut placed = Vec::new();
    for mark in order {
        let at = across(x, mark.t_min);
        let label = text::fit(&text::clean(&mark.label), SMALL.size, LABEL_MAX);
        let width = text::width(&label, SMALL.size) + 8.0;
        let fits_right = at + width < WIDTH - 8.0;
        let (from, to) = if fits_right { (at, at + width) } else { (at - width, at) };
        let free = ends.iter().position(|end| *end <= from);
        let row = free.or((ends.len() < ROWS_MAX).then_some(ends.len()));
        match row {
            Some(r) if r < ends.len() => ends[r] = to,
            Some(_) => ends.push(to),
            None => {}
        }
        let anchor = if fits_right { Anchor::Start } else { Anchor::End };
        placed.push(Placed { x: at, label, row, anchor });
    }
    let left_over = placed.iter().filter(|p| p.row.is_none()).count();
    Layout { placed, rows: ends.len(), left_over }
}

impl Layout {
    /// Height the labels need.
    pub(super) fn height(&self) -> f64 {
        self.rows as f64 * ROW + if self.rows > 0 { 4.0 } else { 0.0 }
    }

    /// Draws the lines from the labels above `frames` through all of them.
    pub(super) fn draw(&self, scene: &mut Scene, frames: &[&Frame]) {
        let (Some(first), Some(last)) = (frames.first(), frames.last()) else { return };
        for p in &self.placed {
            // The first row is the one next to the frame, so that later labels start further up.
            let top = p.row.map_or(first.top, |r| first.top - 10.0 - r as f64 * ROW);
            let stroke = Stroke { colour: GREY, width: 1.0, dash: Dash::Short };
            scene.segment((p.x, last.bottom), (p.x, top - if p.row.is_some() { 6.0 } else { 0.0 }), stroke);
            if p.row.is_some() {
                let shift = if p.anchor == Anchor::Start { 4.0 } else { -4.0 };
                scene.text((p.x + shift, top), &p.label, SMALL.anchored(p.anchor));
            }
        }
        if self.left_over > 0 {
            let note = format!("and {} more marks", self.left_over);
            scene.text((RIGHT + 16.0, last.bottom + 15.0), &note, SMALL.grey());
        }
    }
}
