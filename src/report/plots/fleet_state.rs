//! What the instances of the fleet are doing, over time.

use super::axis::Axis;
use super::frame::{BELOW, Frame, WIDTH};
use super::input::{Band, Heading, Mark, PlotError, check_marks};
use super::legend::{self, Entry, Sample};
use super::palette::{ACTIVE, Ink, MOVING};
use super::scene::Scene;
use super::{Format, heading, marks, paint, series};

/// The fleet over time: what serves above, what is on the move below.
///
/// Two panels with a scale each, because a batch is a small part of the fleet
/// and its counts would lie flat under those of the fleet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fleet {
    /// ACTIVE instances, as a rule by revision: the old one first, then the new one.
    pub active: Vec<Band>,
    /// Instances in transition: draining, starting, deregistering, impaired.
    pub moving: Vec<Band>,
    /// Vertical marks through both panels.
    pub marks: Vec<Mark>,
}

const ACTIVE_HEIGHT: f64 = 250.0;
const MOVING_HEIGHT: f64 = 150.0;
const BETWEEN: f64 = 26.0;

/// Draws instance counts over time.
///
/// # Errors
/// When a column of the rows is of the wrong length, not finite or not in order
/// of time; when `format` is not built in.
pub fn fleet_state(heading: &Heading, fleet: &Fleet, format: Format) -> Result<Vec<u8>, PlotError> {
    for band in fleet.active.iter().chain(&fleet.moving) {
        band.check()?;
    }
    check_marks(&fleet.marks)?;
    paint::render(&drawn(heading, fleet), format)
}

fn drawn(heading: &Heading, fleet: &Fleet) -> Scene {
    let bands = || fleet.active.iter().chain(&fleet.moving);
    let x = series::time_axis(bands(), &fleet.marks);
    let mut scene = Scene::new(WIDTH, 0.0);
    let marks = marks::layout(&fleet.marks, &x);
    let begin = heading::draw(&mut scene, heading, heading::band_reading(heading.seeds));
    let mut top = begin + 6.0 + marks.height();
    let mut frames = Vec::new();
    for (bands, inks, title, height) in [
        (&fleet.active, ACTIVE, "ACTIVE instances", ACTIVE_HEIGHT),
        (&fleet.moving, MOVING, "instances in transition", MOVING_HEIGHT),
    ] {
        if bands.is_empty() && !frames.is_empty() {
            continue;
        }
        let frame = Frame::new(top, top + height, x.clone(), counts(bands, height));
        frame.draw(&mut scene, title);
        draw_bands(&mut scene, &frame, heading.seeds, bands, &inks);
        top = frame.bottom + BETWEEN;
        frames.push(frame);
    }
    let (last, above) = frames.split_last().expect("the first panel is always drawn");
    above.iter().for_each(|f| f.draw_x_ticks(&mut scene));
    last.draw_x(&mut scene, &series::time_title(&last.x));
    scene.height = last.bottom + BELOW;
    let frames: Vec<&Frame> = frames.iter().collect();
    marks.draw(&mut scene, &frames);
    if bands().all(|b| b.t_min.is_empty()) {
        frames[0].draw_notice(&mut scene, "no samples");
    }
    series::describe(&mut scene, bands(), &fleet.marks);
    scene
}

/// From zero to a little above the highest band.
fn counts(bands: &[Band], height: f64) -> Axis {
    let most = bands.iter().flat_map(Band::values).fold(0.0, f64::max);
    Axis::count(0.0, if most > 0.0 { most * 1.05 } else { 1.0 }, (height / 42.0) as usize)
}

fn draw_bands(scene: &mut Scene, frame: &Frame, seeds: usize, bands: &[Band], inks: &[Ink]) {
    let inked = || bands.iter().zip(inks.iter().cycle());
    if seeds > 1 {
        inked().for_each(|(band, ink)| series::draw_band(scene, frame, band, *ink));
    }
    inked().for_each(|(band, ink)| series::draw_median(scene, frame, band, *ink));
    let entries: Vec<Entry> = inked()
        .map(|(band, ink)| {
            Entry::new(if seeds > 1 { Sample::Banded(*ink) } else { Sample::Line(*ink) }, &band.label)
        })
        .collect();
    legend::draw(scene, frame, &entries);
}
