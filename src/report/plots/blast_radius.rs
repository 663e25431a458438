//! How far a bad revision gets before it is caught.

use std::iter;

use super::axis::{Axis, counted, measured, number};
use super::frame::{BELOW, Frame, WIDTH};
use super::input::{Heading, PlotError, check_finite};
use super::legend::{self, Entry, Sample};
use super::palette::{Dash, Ink, VERMILION};
use super::scene::{Fill, Scene};
use super::{Format, heading, paint, series};

/// The blast radius of every seed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BlastRadius {
    /// Largest share of the fleet on a defective revision in each seed, 0–100.
    pub pct: Vec<f64>,
    /// How many of the seeds drew a defect.
    pub defective: usize,
}

const HEIGHT: f64 = 270.0;
const CURVE: Ink = Ink { colour: VERMILION, dash: Dash::Solid };
const UNDER: Fill = Fill { colour: VERMILION, opacity: 0.12 };

/// Draws, for every share of the fleet, in how many of the seeds with a defect at least that much ran it.
///
/// The share is of the seeds with a defect: how many have one is the scenario's
/// own guess, what becomes of them is the rollout's doing.
///
/// # Errors
/// When a value is not finite; when `format` is not built in.
pub fn blast_radius(heading: &Heading, data: &BlastRadius, format: Format) -> Result<Vec<u8>, PlotError> {
    check_finite("pct", &data.pct)?;
    paint::render(&drawn(heading, data), format)
}

fn drawn(heading: &Heading, data: &BlastRadius) -> Scene {
    let mut scene = Scene::new(WIDTH, 0.0);
    let top = heading::draw(&mut scene, heading, &drew_a_defect(data)) + 14.0;
    let frame = Frame::new(top, top + HEIGHT, shares(), Axis::percent(1.0));
    frame.draw(&mut scene, "seeds with a defect");
    frame.draw_x(&mut scene, "at least this share of the fleet ran the defective revision");
    let exposed = exposed(data);
    if exposed.is_empty() {
        frame.draw_notice(&mut scene, "no seed drew a defect: nothing could spread");
    } else {
        draw_curve(&mut scene, &frame, &exposed);
        legend::draw(&mut scene, &frame, &entries(&exposed));
    }
    scene.height = frame.bottom + BELOW;
    let words: Vec<String> = entries(&exposed).into_iter().map(|e| e.label).collect();
    scene.description = format!("{}. {}.", scene.description, words.join("; "));
    scene
}

fn drew_a_defect(data: &BlastRadius) -> String {
    let exposed = exposed(data).len();
    format!(
        "{} of them drew a defect",
        if exposed == 0 { "none".to_owned() } else { number(exposed as f64, 0) }
    )
}

/// The whole fleet in tenths.
fn shares() -> Axis {
    let mut x = Axis::number(0.0, 100.0, 10);
    x.ticks.iter_mut().for_each(|t| t.label.push('%'));
    x
}

/// The blast radius of every seed with a defect, in rising order: those above zero, and zeros for the rest.
fn exposed(data: &BlastRadius) -> Vec<f64> {
    let mut above: Vec<f64> = data.pct.iter().copied().filter(|p| *p > 0.0).map(|p| p.min(100.0)).collect();
    above.sort_by(f64::total_cmp);
    let spared = data.defective.min(data.pct.len()).saturating_sub(above.len());
    let mut all = vec![0.0; spared];
    all.append(&mut above);
    all
}

fn draw_curve(scene: &mut Scene, frame: &Frame, exposed: &[f64]) {
    let all = exposed.len() as f64;
    let steps = exposed.iter().enumerate().flat_map(|(i, pct)| {
        let above = all - i as f64;
        [frame.point(*pct, above / all), frame.point(*pct, (above - 1.0) / all)]
    });
    let ends = [frame.point(0.0, 1.0), frame.point(100.0, 0.0)];
    let curve = series::thinned(iter::once(ends[0]).chain(steps).chain([ends[1]]));
    let base = vec![frame.point(0.0, 0.0), frame.point(100.0, 0.0)];
    scene.area(curve.clone(), base, UNDER);
    scene.line(curve, legend::stroke(CURVE));
}

fn entries(exposed: &[f64]) -> Vec<Entry> {
    let n = exposed.len();
    if n == 0 {
        return Vec::new();
    }
    let of = |share: &dyn Fn(f64) -> bool, what: &str| {
        let count = exposed.iter().filter(|p| share(**p)).count();
        Entry::new(Sample::None, &format!("{what}: {} of {}", number(count as f64, 0), counted(n, "seed")))
    };
    let worst = exposed.last().copied().unwrap_or(0.0);
    vec![
        Entry::new(Sample::Line(CURVE), "share of the seeds with a defect"),
        of(&|p| p == 0.0, "spared altogether"),
        of(&|p| p >= 50.0, "half the fleet or more"),
        of(&|p| p >= 100.0, "the whole fleet"),
        Entry::new(Sample::None, &format!("worst seed: {}% of the fleet", measured(worst))),
    ]
}
