//! The legend: samples and words in the strip right of a frame.

use super::frame::{Frame, SMALL, WIDTH};
use super::palette::{BAND_OPACITY, Dash, Ink};
use super::scene::{Fill, Scene, Stroke};
use super::text;

/// What a legend's word refers to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sample {
    /// A line alone.
    Line(Ink),
    /// A line within its band.
    Banded(Ink),
    /// A filled area.
    Area(Fill),
    /// Nothing: a remark.
    None,
}

/// One word of a legend.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) sample: Sample,
    pub(super) label: String,
}

/// Width of a line in a frame.
pub(super) const LINE: f64 = 1.8;
const GAP: f64 = 16.0;
const SAMPLE: f64 = 30.0;
const LINE_HEIGHT: f64 = 15.0;

impl Sample {
    /// A series over the given number of seeds: one alone has no band.
    pub(super) fn series(ink: Ink, seeds: usize) -> Self {
        if seeds > 1 { Self::Banded(ink) } else { Self::Line(ink) }
    }
}

impl Entry {
    pub(super) fn new(sample: Sample, label: &str) -> Self {
        Self { sample, label: text::clean(label) }
    }
}

/// Draws entries from the top of the strip beside `frame`, as many as its height holds.
pub(super) fn draw(scene: &mut Scene, frame: &Frame, entries: &[Entry]) {
    let left = frame.right + GAP;
    let mut y = frame.top + 8.0;
    for (i, entry) in entries.iter().enumerate() {
        let indent = if entry.sample == Sample::None { 0.0 } else { SAMPLE + 8.0 };
        let lines = text::wrap(&entry.label, SMALL.size, WIDTH - left - indent - 8.0, 3);
        let height = lines.len() as f64 * LINE_HEIGHT;
        if y + height > frame.bottom && i + 1 < entries.len() {
            scene.text((left, y), &format!("and {} more", entries.len() - i), SMALL.grey());
            return;
        }
        draw_sample(scene, entry.sample, left, y);
        for line in lines {
            scene.text((left + indent, y), &line, SMALL);
            y += LINE_HEIGHT;
        }
        y += 6.0;
    }
}

fn draw_sample(scene: &mut Scene, sample: Sample, left: f64, y: f64) {
    let (ink, band) = match sample {
        Sample::Line(ink) => (Some(ink), None),
        Sample::Banded(ink) => (Some(ink), Some(Fill { colour: ink.colour, opacity: BAND_OPACITY })),
        Sample::Area(fill) => (None, Some(fill)),
        Sample::None => (None, None),
    };
    if let Some(fill) = band {
        scene.rect((left, y - 6.0), (left + SAMPLE, y + 6.0), fill);
    }
    if let Some(ink) = ink {
        scene.segment((left, y), (left + SAMPLE, y), stroke(ink));
    }
}

/// The stroke of a series drawn with `ink`.
pub(super) fn stroke(ink: Ink) -> Stroke {
    // A dotted line of the same width is paler than a solid one.
    let width = if ink.dash == Dash::Dot { LINE + 0.3 } else { LINE };
    Stroke { colour: ink.colour, width, dash: ink.dash }
}
