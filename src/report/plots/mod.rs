//! Plots: rows in, SVG text or PNG bytes out.
//!
//! Every plot is drawn twice over: first as a `scene`, a list of shapes in
//! logical pixels with all text laid out, then by one painter onto either
//! backend. Nothing here reads a file, a clock or an installed font; the same
//! rows give the same bytes. The SVG does not depend on the `png` feature either,
//! because no layout asks a font for its measures.
//!
//! What every plot keeps to: a title, and under it the scenario, the number of
//! seeds and what line and band mean; units on both axes; legends in a strip of
//! their own, never on the data; colours that colour-blind readers can tell
//! apart, and a dash pattern for each, for those who print in grey.
//!
//! A plot that is new takes its parts from here: `frame` maps a pair of axes
//! onto a rectangle, `axis` picks the ticks, `labels` stand along an edge,
//! `legend` fills the strip or a row, `palette`, `marker`, `ramp` and `pattern`
//! have what tells one thing from another.

mod axis;
mod blast_radius;
mod curves;
mod distribution;
mod fleet_state;
#[cfg(feature = "png")]
mod font;
mod forest;
mod frame;
mod heading;
mod heat_map;
mod input;
mod labels;
mod legend;
mod marker;
mod marks;
mod paint;
mod palette;
mod pattern;
mod ramp;
mod running_tasks;
mod scene;
mod series;
mod text;

pub(in crate::report) use axis::counted;
pub use blast_radius::{BlastRadius, blast_radius};
pub use curves::{Curve, CurvePoint, Curves, Joined, Positions, curves};
pub use distribution::{Annotation, Distribution, Quantity, distribution};
pub use fleet_state::{Fleet, fleet_state};
pub use forest::{Forest, ForestMetric, ForestRow, Verdict, forest};
pub use heat_map::{Better, Cell, HeatMap, heat_map};
pub use input::{Band, Heading, Mark, PlotError};
pub use running_tasks::{Tasks, running_tasks};

/// What the bytes of a plot are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An SVG document in UTF-8; its text stays text, in the reader's own sans-serif font.
    Svg,
    /// A PNG at two device pixels per logical pixel; needs the cargo feature `png`.
    Png,
}

impl Format {
    /// The file name extension, without a dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
        }
    }
}
