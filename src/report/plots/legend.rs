//! The legend: samples and words in the strip right of a frame.

use super::frame::{Frame, SMALL, WIDTH};
use super::marker::{self, Marker, Towards};
use super::palette::{BAND_OPACITY, Colour, Dash, Ink};
use super::scene::{Fill, Point, Scene, Stroke};
use super::{pattern, text};

/// What a legend's word refers to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sample {
    /// A line alone.
    Line(Ink),
    /// A line within its band.
    Banded(Ink),
    /// A line within its band, with the marker of its points.
    Joined(Ink, Marker),
    /// A filled area.
    Area(Fill),
    /// A marker alone.
    Marked(Marker, Colour),
    /// A marker on its interval.
    Interval(Marker, Colour),
    /// An interval without an end.
    Open(Colour),
    /// A hatched cell.
    Hatched,
    /// A crossed cell.
    Crossed,
    /// An outlined cell of this colour.
    Outlined(Colour),
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
const SWATCH: f64 = 22.0;
const LINE_HEIGHT: f64 = 15.0;
const BETWEEN: f64 = 6.0;

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
        let lines = entry.lines(left);
        let height = lines.len() as f64 * LINE_HEIGHT;
        if y + height > frame.bottom && i + 1 < entries.len() {
            scene.text((left, y), &format!("and {} more", entries.len() - i), SMALL.grey());
            return;
        }
        draw_sample(scene, entry.sample, left, y);
        for line in lines {
            scene.text((left + entry.indent(), y), &line, SMALL);
            y += LINE_HEIGHT;
        }
        y += BETWEEN;
    }
}

/// Height that a frame needs for all of `entries` to be drawn in the strip right of `right`.
pub(super) fn height(right: f64, entries: &[Entry]) -> f64 {
    let of = |e: &Entry| e.lines(right + GAP).len() as f64 * LINE_HEIGHT + BETWEEN;
    8.0 + entries.iter().map(of).sum::<f64>()
}

/// Draws entries one after another in rows between `left` and `right`, and gives the height at
/// which they end.
pub(super) fn draw_rows(scene: &mut Scene, left: f64, right: f64, top: f64, entries: &[Entry]) -> f64 {
    let (mut x, mut y) = (left, top + 8.0);
    for entry in entries {
        let label = text::fit(&entry.label, SMALL.size, right - left - entry.indent());
        let width = entry.indent() + text::width(&label, SMALL.size);
        if x > left && x + width > right {
            (x, y) = (left, y + LINE_HEIGHT + 4.0);
        }
        draw_sample(scene, entry.sample, x, y);
        scene.text((x + entry.indent(), y), &label, SMALL);
        x += width + GAP;
    }
    if entries.is_empty() { top } else { y + LINE_HEIGHT / 2.0 }
}

impl Entry {
    /// Room for the sample before the label.
    fn indent(&self) -> f64 {
        match self.sample {
            Sample::None => 0.0,
            Sample::Hatched | Sample::Crossed | Sample::Outlined(_) => SWATCH + 8.0,
            _ => SAMPLE + 8.0,
        }
    }

    /// The label in the lines that it has in a strip.
    fn lines(&self, left: f64) -> Vec<String> {
        text::wrap(&self.label, SMALL.size, WIDTH - left - self.indent() - 8.0, 3)
    }
}

fn draw_sample(scene: &mut Scene, sample: Sample, left: f64, y: f64) {
    let middle = (left + SAMPLE / 2.0, y);
    let (from, to): (Point, Point) = ((left, y - 7.0), (left + SWATCH, y + 7.0));
    match sample {
        Sample::Line(ink) => scene.segment((left, y), (left + SAMPLE, y), stroke(ink)),
        Sample::Banded(ink) => {
            let band = Fill { colour: ink.colour, opacity: BAND_OPACITY };
            draw_sample(scene, Sample::Area(band), left, y);
            draw_sample(scene, Sample::Line(ink), left, y);
        }
        Sample::Joined(ink, marker) => {
            draw_sample(scene, Sample::Banded(ink), left, y);
            marker.draw(scene, middle, ink.colour);
        }
        Sample::Area(fill) => scene.rect((left, y - 6.0), (left + SAMPLE, y + 6.0), fill),
        Sample::Marked(marker, colour) => marker.draw(scene, middle, colour),
        Sample::Interval(marker, colour) => {
            let solid = Ink { colour, dash: Dash::Solid };
            draw_sample(scene, Sample::Line(solid), left, y);
            for end in [left, left + SAMPLE] {
                scene.segment((end, y - 4.0), (end, y + 4.0), stroke(solid));
            }
            marker.draw(scene, middle, colour);
        }
        Sample::Open(colour) => {
            scene.segment((left, y), (left + SAMPLE - 4.0, y), Stroke::solid(colour, LINE));
            marker::arrow_head(scene, (left + SAMPLE, y), Towards::Right, colour);
        }
        Sample::Hatched => {
            pattern::hatch(scene, from, to);
            pattern::outline(scene, from, to, 0.5);
        }
        Sample::Crossed => {
            pattern::cross(scene, from, to);
            pattern::outline(scene, from, to, 0.5);
        }
        Sample::Outlined(colour) => {
            scene.rect(from, to, Fill { colour, opacity: 1.0 });
            pattern::outline(scene, from, to, 2.0);
        }
        Sample::None => {}
    }
}

/// The stroke of a series drawn with `ink`.
pub(super) fn stroke(ink: Ink) -> Stroke {
    // A dotted line of the same width is paler than a solid one.
    let width = if ink.dash == Dash::Dot { LINE + 0.3 } else { LINE };
    Stroke { colour: ink.colour, width, dash: ink.dash }
}
