//! The frame: a pair of axes on a rectangle of the canvas.

use super::axis::Axis;
use super::palette::{BLACK, GRID};
use super::scene::{Anchor, Point, Scene, Stroke, TextStyle};

/// Tick labels and legends.
pub(super) const SMALL: TextStyle = TextStyle::sized(12.0);
/// Left of it are the vertical axis' labels and title.
pub(super) const LEFT: f64 = 92.0;
/// Width of every canvas.
pub(super) const WIDTH: f64 = 960.0;
/// Right of it is the legend's strip.
pub(super) const RIGHT: f64 = 756.0;
/// Room under a frame for the horizontal axis' labels and title.
pub(super) const BELOW: f64 = 52.0;

/// A rectangle that values are mapped onto.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) x: Axis,
    pub(super) y: Axis,
}

impl Frame {
    /// Between the usual margins, from `top` to `bottom`.
    pub(super) fn new(top: f64, bottom: f64, x: Axis, y: Axis) -> Self {
        Self { left: LEFT, right: RIGHT, top, bottom, x, y }
    }

    /// Where a horizontal value lies.
    pub(super) fn across(&self, value: f64) -> f64 {
        self.left + (self.right - self.left) * self.x.fraction(value).clamp(0.0, 1.0)
    }

    /// Where a vertical value lies; held to the frame.
    pub(super) fn down(&self, value: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * self.y.fraction(value).clamp(0.0, 1.0)
    }

    /// Where a pair of values lies.
    pub(super) fn point(&self, x: f64, y: f64) -> Point {
        (self.across(x), self.down(y))
    }

    /// Grid, vertical labels and title, and the base line.
    pub(super) fn draw(&self, scene: &mut Scene, y_title: &str) {
        for tick in &self.y.ticks {
            let y = self.down(tick.at);
            scene.segment((self.left, y), (self.right, y), Stroke::solid(GRID, 1.0));
            scene.text((self.left - 8.0, y), &tick.label, SMALL.anchored(Anchor::End));
        }
        scene.segment((self.left, self.bottom), (self.right, self.bottom), Stroke::solid(BLACK, 1.0));
        draw_y_title(scene, self.top, self.bottom, y_title);
    }

    /// Ticks along the base line, without labels.
    pub(super) fn draw_x_ticks(&self, scene: &mut Scene) {
        for tick in &self.x.ticks {
            let x = self.across(tick.at);
            scene.segment((x, self.bottom), (x, self.bottom + 5.0), Stroke::solid(BLACK, 1.0));
        }
    }

    /// Ticks, labels and title of the horizontal axis.
    pub(super) fn draw_x(&self, scene: &mut Scene, title: &str) {
        self.draw_x_ticks(scene);
        self.draw_x_labels(scene);
        let at = (f64::midpoint(self.left, self.right), self.bottom + 36.0);
        scene.text(at, title, SMALL.grey().anchored(Anchor::Middle));
    }

    /// Labels of the horizontal axis alone.
    pub(super) fn draw_x_labels(&self, scene: &mut Scene) {
        for tick in &self.x.ticks {
            let at = (self.across(tick.at), self.bottom + 15.0);
            scene.text(at, &tick.label, SMALL.anchored(Anchor::Middle));
        }
    }

    /// A sentence in the middle, for want of data.
    pub(super) fn draw_notice(&self, scene: &mut Scene, sentence: &str) {
        let at = (f64::midpoint(self.left, self.right), f64::midpoint(self.top, self.bottom));
        scene.text(at, sentence, TextStyle::sized(14.0).grey().anchored(Anchor::Middle));
    }
}

/// A title beside the labels of one frame or of several that share it.
pub(super) fn draw_y_title(scene: &mut Scene, top: f64, bottom: f64, title: &str) {
    let at = (16.0, f64::midpoint(top, bottom));
    scene.text(at, title, SMALL.grey().anchored(Anchor::Middle).upwards());
}

/// Where a value of a horizontal axis lies between the usual margins; held to them.
pub(super) fn across(x: &Axis, value: f64) -> f64 {
    LEFT + (RIGHT - LEFT) * x.fraction(value).clamp(0.0, 1.0)
}
