//! How one number of a run is distributed over the seeds.

use std::iter;

use super::axis::{Axis, TimeUnit, counted, measured, number, round_step};
use super::frame::{BELOW, Frame, SMALL, WIDTH};
use super::input::{Heading, Mark, PlotError, check_finite};
use super::legend::{self, Entry, Sample};
use super::palette::{BLACK, BLUE, Dash, Ink, VERMILION};
use super::scene::{Fill, Scene, Stroke};
use super::{Format, heading, marks, paint, series, text};

/// What the values are measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// A span of time in minutes; the axis turns to hours or days when they are long.
    Minutes,
    /// Any other number; the label names its unit.
    Number,
}

/// A quantile to point out.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    /// Its name, as in "p95".
    pub label: String,
    /// The share of seeds at or below it, 0–1.
    pub share: f64,
    /// Its value; none when it falls on a seed that did not get there.
    pub value: Option<f64>,
    /// The confidence interval of the value, where the seeds suffice for one.
    pub interval: Option<(f64, f64)>,
}

/// One metric of every seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// What the horizontal axis shows, as in "rollout duration".
    pub x_label: String,
    /// What it is measured in.
    pub quantity: Quantity,
    /// The value of each seed that has one, in any order.
    pub values: Vec<f64>,
    /// Seeds cut short before there was a value; they rank above every other.
    pub censored: usize,
    /// Quantiles to point out.
    pub annotations: Vec<Annotation>,
}

const BARS_HEIGHT: f64 = 180.0;
const STEPS_HEIGHT: f64 = 170.0;
const BETWEEN: f64 = 26.0;
const BINS_MAX: f64 = 60.0;
const BAR: Fill = Fill { colour: BLUE, opacity: 0.55 };
const STEPS: Ink = Ink { colour: BLUE, dash: Dash::Solid };
const INTERVAL: Ink = Ink { colour: BLACK, dash: Dash::Solid };
const CENSORED: Fill = Fill { colour: VERMILION, opacity: 0.85 };

/// Draws a histogram over a cumulative distribution.
///
/// Seeds that did not get there have no bar; they are the part that the
/// cumulative curve leaves open below 100 %.
///
/// # Errors
/// When a value is not finite; when `format` is not built in.
pub fn distribution(heading: &Heading, data: &Distribution, format: Format) -> Result<Vec<u8>, PlotError> {
    check_finite(&data.x_label, &data.values)?;
    for a in &data.annotations {
        let (lo, hi) = a.interval.unwrap_or((0.0, 0.0));
        check_finite(&a.label, &[a.share, a.value.unwrap_or(0.0), lo, hi])?;
    }
    paint::render(&drawn(heading, data), format)
}

fn drawn(heading: &Heading, data: &Distribution) -> Scene {
    let mut sorted = data.values.clone();
    sorted.sort_by(f64::total_cmp);
    let unit = time_unit(data);
    let bins = Bins::of(&sorted, unit.map_or(1.0, TimeUnit::minutes));
    let x = horizontal(data, &bins, unit);
    let mut scene = Scene::new(WIDTH, 0.0);
    let marks = marks::layout(&quantile_marks(data, &x), &x);
    let reading = "above: seeds per bin; below: share of the seeds at or under a value";
    let top = heading::draw(&mut scene, heading, reading) + 6.0 + marks.height();
    let most = bins.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let bars = Frame::new(top, top + BARS_HEIGHT, x.clone(), Axis::count(0.0, most * 1.05, 5));
    let top = bars.bottom + BETWEEN;
    let steps = Frame::new(top, top + STEPS_HEIGHT, x, Axis::percent(1.0));
    bars.draw(&mut scene, "seeds");
    bars.draw_x_ticks(&mut scene);
    steps.draw(&mut scene, "share of seeds");
    steps.draw_x(&mut scene, &titled(data, &steps.x));
    draw_bars(&mut scene, &bars, &bins);
    draw_steps(&mut scene, &steps, &sorted, data.censored);
    marks.draw(&mut scene, &[&bars, &steps]);
    draw_quantiles(&mut scene, &steps, data);
    legend::draw(&mut scene, &bars, &bar_entries(data, &bins, &steps.x));
    legend::draw(&mut scene, &steps, &step_entries(data, heading.seeds));
    if sorted.is_empty() {
        bars.draw_notice(&mut scene, &none_reached(data.censored));
    }
    scene.height = steps.bottom + BELOW;
    describe(&mut scene, data, &steps.x);
    scene
}

/// Bins of equal width at round numbers.
struct Bins {
    first: f64,
    width: f64,
    counts: Vec<usize>,
}

impl Bins {
    /// Bins of about the width of Freedman and Diaconis (1981), about `BINS_MAX` of them at
    /// most, and with edges at round multiples of `unit`.
    fn of(sorted: &[f64], unit: f64) -> Self {
        let (Some(lo), Some(hi)) = (sorted.first(), sorted.last()) else {
            return Self { first: 0.0, width: 1.0, counts: Vec::new() };
        };
        let whole = sorted.iter().all(|v| *v == libm::floor(*v) && v.abs() < 1e9);
        let least = if whole { 1.0 } else { (lo.abs().max(hi.abs()) * 1e-9).max(1e-9) };
        let n = sorted.len();
        let quartiles = sorted[n * 3 / 4] - sorted[n / 4];
        let wanted = 2.0 * quartiles / libm::cbrt(n as f64);
        let wanted = if wanted > 0.0 { wanted } else { (hi - lo) / 20.0 };
        let width = unit * round_step(wanted.max((hi - lo) / BINS_MAX).max(least) / unit);
        // A bin of one whole number is centred on it.
        let shift = if whole && width == 1.0 { 0.5 } else { 0.0 };
        let first = libm::floor(lo / width) * width - shift;
        let index = |v: f64| libm::floor((v - first) / width).max(0.0) as usize;
        let mut counts = vec![0; (index(*hi) + 1).min(2 * BINS_MAX as usize)];
        let last = counts.len() - 1;
        for v in sorted {
            counts[index(*v).min(last)] += 1;
        }
        Self { first, width, counts }
    }

    fn edge(&self, i: usize) -> f64 {
        self.first + self.width * i as f64
    }
}

/// Every value that must lie on the horizontal axis beside those of the seeds.
fn pointed_out(data: &Distribution) -> impl Iterator<Item = f64> + '_ {
    let both = |a: &Annotation| [a.value, a.interval.map(|i| i.0), a.interval.map(|i| i.1)];
    data.annotations.iter().flat_map(both).flatten()
}

/// What the axis counts, if it is one of time.
fn time_unit(data: &Distribution) -> Option<TimeUnit> {
    let reach = data.values.iter().copied().chain(pointed_out(data)).fold(0.0, f64::max);
    (data.quantity == Quantity::Minutes).then(|| TimeUnit::of(reach))
}

/// Wide enough for bins, quantiles and their intervals; from zero when that costs little.
fn horizontal(data: &Distribution, bins: &Bins, unit: Option<TimeUnit>) -> Axis {
    let edges = [bins.edge(0), bins.edge(bins.counts.len())];
    let all = edges.into_iter().chain(pointed_out(data));
    let (lo, hi) = all.fold((f64::MAX, f64::MIN), |(lo, hi), v| (lo.min(v), hi.max(v)));
    let pad = ((hi - lo) * 0.03).max(bins.width);
    // Values that are never negative get no room to be so, but for half a bin around a zero.
    let padded = if lo < 0.3 * hi { lo.min(0.0) } else { lo - pad };
    let lo = if lo >= 0.0 { padded.max(0.0) } else { padded };
    match unit {
        Some(unit) => Axis::time(lo, hi + pad, 8, unit),
        None => Axis::number(lo, hi + pad, 8),
    }
}

/// The label of the horizontal axis with the unit the axis picked.
fn titled(data: &Distribution, x: &Axis) -> String {
    let label = text::fit(&text::clean(&data.x_label), SMALL.size, 480.0);
    x.unit.map_or(label.clone(), |unit| format!("{label}, {}", unit.name()))
}

/// A value in the unit of the axis.
fn valued(value: f64, x: &Axis) -> String {
    match x.unit {
        Some(unit) => format!("{} {}", measured(value / unit.minutes()), unit.symbol()),
        None => measured(value),
    }
}

fn quantile_marks(data: &Distribution, x: &Axis) -> Vec<Mark> {
    let mark =
        |label: &str, value: f64| Mark { t_min: value, label: format!("{label}: {}", valued(value, x)) };
    data.annotations.iter().filter_map(|a| a.value.map(|v| mark(&a.label, v))).collect()
}

fn draw_bars(scene: &mut Scene, frame: &Frame, bins: &Bins) {
    for (i, count) in bins.counts.iter().enumerate().filter(|(_, c)| **c > 0) {
        let (left, right) = (frame.across(bins.edge(i)), frame.across(bins.edge(i + 1)));
        let gap = if right - left > 3.0 { 0.5 } else { 0.0 };
        scene.rect((left + gap, frame.down(*count as f64)), (right - gap, frame.bottom), BAR);
    }
}

/// The cumulative curve, and what it leaves open.
fn draw_steps(scene: &mut Scene, frame: &Frame, sorted: &[f64], censored: usize) {
    let all = (sorted.len() + censored) as f64;
    if all == 0.0 {
        return;
    }
    let steps = sorted.iter().enumerate().flat_map(|(i, value)| {
        [frame.point(*value, i as f64 / all), frame.point(*value, (i + 1) as f64 / all)]
    });
    let plateau = frame.down(sorted.len() as f64 / all);
    let (foot, end) = ((frame.left, frame.bottom), (frame.right, plateau));
    scene.line(series::thinned(iter::once(foot).chain(steps).chain([end])), legend::stroke(STEPS));
    if censored > 0 {
        scene.rect((frame.right - 6.0, frame.top), (frame.right, plateau), CENSORED);
    }
}

fn draw_quantiles(scene: &mut Scene, frame: &Frame, data: &Distribution) {
    let stroke = Stroke::solid(BLACK, 1.4);
    for a in &data.annotations {
        let y = frame.down(a.share);
        if let Some((lo, hi)) = a.interval {
            let (lo, hi) = (frame.across(lo), frame.across(hi));
            scene.segment((lo, y), (hi, y), stroke);
            for end in [lo, hi] {
                scene.segment((end, y - 4.0), (end, y + 4.0), stroke);
            }
        }
        if let Some(value) = a.value {
            scene.dot((frame.across(value), y), 3.5, BLACK);
        }
    }
}

fn bar_entries(data: &Distribution, bins: &Bins, x: &Axis) -> Vec<Entry> {
    let width = valued(bins.width, x);
    let mut entries = vec![Entry::new(Sample::Area(BAR), &format!("seeds per bin of {width}"))];
    for a in &data.annotations {
        let line = match (a.value, a.interval) {
            (None, _) => format!("{}: not reached", a.label),
            (Some(v), None) => format!("{}: {} (too few seeds for an interval)", a.label, valued(v, x)),
            (Some(v), Some((lo, hi))) => {
                format!("{}: {} (95% interval {} to {})", a.label, valued(v, x), valued(lo, x), valued(hi, x))
            }
        };
        entries.push(Entry::new(Sample::None, &line));
    }
    entries
}

fn step_entries(data: &Distribution, seeds: usize) -> Vec<Entry> {
    let all = data.values.len() + data.censored;
    let mut entries = vec![Entry::new(Sample::Line(STEPS), "cumulative share")];
    if data.annotations.iter().any(|a| a.interval.is_some()) {
        entries.push(Entry::new(Sample::Line(INTERVAL), "95% interval of a quantile"));
    }
    if data.censored > 0 {
        let label = format!("not reached: {} of {}", number(data.censored as f64, 0), counted(all, "seed"));
        entries.push(Entry::new(Sample::Area(CENSORED), &label));
    }
    if seeds > all {
        let label = format!("left out: {} to which it does not apply", counted(seeds - all, "seed"));
        entries.push(Entry::new(Sample::None, &label));
    }
    entries
}

fn none_reached(censored: usize) -> String {
    match censored {
        0 => "no seed has a value".to_owned(),
        1 => "the one seed was cut short before it had a value".to_owned(),
        n => format!("all {} were cut short before they had a value", counted(n, "seed")),
    }
}

fn describe(scene: &mut Scene, data: &Distribution, x: &Axis) {
    let counts = (data.values.len(), data.censored);
    let mut words = vec![format!("{}. {}: {} with a value", scene.description, titled(data, x), counts.0)];
    words.push(format!("{} not reached", counts.1));
    for a in &data.annotations {
        let value = a.value.map_or("not reached".to_owned(), |v| valued(v, x));
        words.push(format!("{} {value}", text::clean(&a.label)));
    }
    scene.description = words.join(", ") + ".";
}
