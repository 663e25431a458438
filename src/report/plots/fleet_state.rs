//! What the instances of the fleet are doing, over time.

use super::axis::Axis;
use super::frame::{BELOW, Frame, WIDTH};
use super::input::{Band, Heading, Mark, PlotError, check_marks};
use super::legend::{self, Entry, Sample};
use super::palette::{ACTIVE, Ink, MOVING};
use super::scene::Scene;
use super::{Format, frame, heading, marks, paint, series};

/// The fleet over time: what serves above, what is on the move below.
///
/// The states of transition have a panel each, on one scale of their own: a
/// batch is a small part of the fleet, and bands of several that come and go
/// together would hide each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fleet {
    /// ACTIVE instances, as a rule by revision: the old one first, then the new one.
    pub active: Vec<Band>,
    /// Instances in transition: draining, starting, deregistering, impaired.
    pub moving: Vec<Band>,
    /// Vertical marks through all panels.
    pub marks: Vec<Mark>,
}

const ACTIVE_HEIGHT: f64 = 240.0;
const MOVING_HEIGHT: f64 = 62.0;
const BETWEEN: f64 = 20.0;

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
    let top = begin + 6.0 + marks.height();
    let active = Frame::new(top, top + ACTIVE_HEIGHT, x, counts(&fleet.active, 6));
    active.draw(&mut scene, "ACTIVE instances");
    draw_bands(&mut scene, &active, heading.seeds, &fleet.active, &ACTIVE);
    let mut frames = vec![active];
    frames.extend(draw_moving(&mut scene, &frames[0], heading.seeds, &fleet.moving));
    let (last, above) = frames.split_last().expect("the first panel is always drawn");
    for frame in above {
        frame.draw_x_ticks(&mut scene);
    }
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

/// One panel under another, all on one scale.
fn draw_moving(scene: &mut Scene, active: &Frame, seeds: usize, bands: &[Band]) -> Vec<Frame> {
    let y = counts(bands, 3);
    let mut frames: Vec<Frame> = Vec::new();
    for (band, ink) in bands.iter().zip(MOVING.iter().cycle()) {
        let top = frames.last().unwrap_or(active).bottom + BETWEEN;
        let frame = Frame::new(top, top + MOVING_HEIGHT, active.x.clone(), y.clone());
        frame.draw(scene, "");
        draw_bands(scene, &frame, seeds, std::slice::from_ref(band), &[*ink]);
        frames.push(frame);
    }
    if let (Some(first), Some(last)) = (frames.first(), frames.last()) {
        let title = if frames.len() > 1 { "instances in transition" } else { "in transition" };
        frame::draw_y_title(scene, first.top, last.bottom, title);
    }
    frames
}

/// From zero to a little above the highest band.
fn counts(bands: &[Band], ticks: usize) -> Axis {
    let most = bands.iter().flat_map(Band::values).fold(0.0, f64::max);
    Axis::count(0.0, if most > 0.0 { most * 1.05 } else { 1.0 }, ticks)
}

fn draw_bands(scene: &mut Scene, frame: &Frame, seeds: usize, bands: &[Band], inks: &[Ink]) {
    let inked = || bands.iter().zip(inks.iter().cycle());
    if seeds > 1 {
        inked().for_each(|(band, ink)| series::draw_band(scene, frame, band, *ink));
        inked().for_each(|(band, ink)| series::draw_mean(scene, frame, band, *ink));
    }
    inked().for_each(|(band, ink)| series::draw_median(scene, frame, band, *ink));
    let entries: Vec<Entry> =
        inked().map(|(band, ink)| Entry::new(Sample::series(*ink, seeds), &band.label)).collect();
    legend::draw(scene, frame, &entries);
}
