//! A plot as a list of shapes in logical pixels, before any backend sees it.

use super::palette::{BLACK, Colour, Dash, GREY};

/// Across, then down, in logical pixels.
pub(super) type Point = (f64, f64);

/// Everything on one canvas, in the order of painting.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scene {
    pub(super) width: f64,
    pub(super) height: f64,
    /// Read out in place of the picture.
    pub(super) title: String,
    /// What the picture shows, in words, uncut labels included.
    pub(super) description: String,
    pub(super) shapes: Vec<Shape>,
}

/// One thing to paint.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// A line through all points.
    Line { points: Vec<Point>, stroke: Stroke },
    /// What lies between two edges that run over the same stretch from left to right.
    Area { upper: Vec<Point>, lower: Vec<Point>, fill: Fill },
    /// An upright rectangle between two corners.
    Rect { from: Point, to: Point, fill: Fill },
    /// A filled circle.
    Dot { at: Point, radius: f64, colour: Colour },
    /// One line of text, its middle at the height of `at`.
    Text { at: Point, text: String, style: TextStyle },
}

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stroke {
    pub(super) colour: Colour,
    pub(super) width: f64,
    pub(super) dash: Dash,
}

/// How an area looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fill {
    pub(super) colour: Colour,
    pub(super) opacity: f64,
}

/// How a text looks and where its anchor is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TextStyle {
    pub(super) size: f64,
    pub(super) colour: Colour,
    pub(super) anchor: Anchor,
    pub(super) turn: Turn,
}

/// Which part of a text lies at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Which way a text runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Level,
    /// From bottom to top, as the title of a vertical axis.
    Upwards,
}

impl Shape {
    /// Heights between which all of it lies, generously.
    pub(super) fn reach(&self) -> (f64, f64) {
        let around = |points: &mut dyn Iterator<Item = &Point>, margin: f64| {
            let (top, bottom) =
                points.fold((f64::MAX, f64::MIN), |(lo, hi): (f64, f64), p| (lo.min(p.1), hi.max(p.1)));
            (top - margin, bottom + margin)
        };
        match self {
            Self::Line { points, stroke } => around(&mut points.iter(), stroke.width + 1.0),
            Self::Area { upper, lower, .. } => around(&mut upper.iter().chain(lower), 1.0),
            Self::Rect { from, to, .. } => around(&mut [from, to].into_iter(), 1.0),
            Self::Dot { at, radius, .. } => around(&mut std::iter::once(at), radius + 1.0),
            Self::Text { at, style, .. } if style.turn == Turn::Level => {
                around(&mut std::iter::once(at), 2.0 * style.size)
            }
            // How far a text runs upwards is up to its font.
            Self::Text { .. } => (f64::MIN, f64::MAX),
        }
    }
}

impl TextStyle {
    /// Ordinary text of the given size, starting at its point.
    pub(super) const fn sized(size: f64) -> Self {
        Self { size, colour: BLACK, anchor: Anchor::Start, turn: Turn::Level }
    }

    pub(super) const fn grey(self) -> Self {
        Self { colour: GREY, ..self }
    }

    pub(super) const fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    pub(super) const fn upwards(self) -> Self {
        Self { turn: Turn::Upwards, ..self }
    }
}

impl Stroke {
    pub(super) const fn solid(colour: Colour, width: f64) -> Self {
        Self { colour, width, dash: Dash::Solid }
    }
}

impl Scene {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self { width, height, title: String::new(), description: String::new(), shapes: Vec::new() }
    }

    pub(super) fn line(&mut self, points: Vec<Point>, stroke: Stroke) {
        if points.len() > 1 {
            self.shapes.push(Shape::Line { points, stroke });
        }
    }

    pub(super) fn segment(&mut self, from: Point, to: Point, stroke: Stroke) {
        self.line(vec![from, to], stroke);
    }

    pub(super) fn area(&mut self, upper: Vec<Point>, lower: Vec<Point>, fill: Fill) {
        if upper.len() > 1 && lower.len() > 1 {
            self.shapes.push(Shape::Area { upper, lower, fill });
        }
    }

    pub(super) fn rect(&mut self, from: Point, to: Point, fill: Fill) {
        self.shapes.push(Shape::Rect { from, to, fill });
    }

    pub(super) fn dot(&mut self, at: Point, radius: f64, colour: Colour) {
        self.shapes.push(Shape::Dot { at, radius, colour });
    }

    pub(super) fn text(&mut self, at: Point, text: &str, style: TextStyle) {
        if !text.is_empty() {
            self.shapes.push(Shape::Text { at, text: text.to_owned(), style });
        }
    }
}
