//! Patterns of rectangles that have no value to give them a colour.

use super::palette::{BLACK, Colour, WHITE};
use super::scene::{Fill, Point, Scene, Stroke};

const APART: f64 = 6.0;
const FAINT: Colour = Colour(0x8a, 0x8a, 0x8a);

/// Fills a rectangle with slanted lines, which go on in its neighbours.
pub(super) fn hatch(scene: &mut Scene, from: Point, to: Point) {
    scene.rect(from, to, Fill { colour: WHITE, opacity: 1.0 });
    let (first, last) = (libm::ceil((from.0 + from.1) / APART), libm::floor((to.0 + to.1) / APART));
    let mut i = first;
    while i <= last {
        // All points of a line have the same sum of across and down.
        let sum = i * APART;
        let (left, right) = ((sum - to.1).max(from.0), (sum - from.1).min(to.0));
        scene.segment((left, sum - left), (right, sum - right), Stroke::solid(FAINT, 1.0));
        i += 1.0;
    }
}

/// Crosses a rectangle out, thinly.
pub(super) fn cross(scene: &mut Scene, from: Point, to: Point) {
    let stroke = Stroke::solid(FAINT, 0.6);
    scene.segment(from, to, stroke);
    scene.segment((from.0, to.1), (to.0, from.1), stroke);
}

/// Draws a line around a rectangle, inside of its edges.
pub(super) fn outline(scene: &mut Scene, from: Point, to: Point, width: f64) {
    let half = width / 2.0;
    let (left, top, right, bottom) = (from.0 + half, from.1 + half, to.0 - half, to.1 - half);
    let stroke = Stroke::solid(BLACK, width);
    // The two level sides reach into the corners.
    for y in [top, bottom] {
        scene.segment((from.0, y), (to.0, y), stroke);
    }
    for x in [left, right] {
        scene.segment((x, top), (x, bottom), stroke);
    }
}
