//! An estimate over the values of one axis of a sweep.

use super::axis::{self, Axis, Tick};
use super::frame::{BELOW, Frame, LEFT, RIGHT, SMALL, WIDTH};
use super::input::{Heading, PlotError, check_finite, check_most};
use super::legend::{self, Entry, Sample};
use super::marker::{self, Marker, Towards};
use super::palette::{BAND_OPACITY, BLACK, GREY, Ink, SERIES};
use super::scene::{Anchor, Fill, Point, Scene, Stroke};
use super::{Format, heading, labels, paint, text};

/// Estimates with their intervals over the values of an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// What runs across, with its unit.
    pub x_label: String,
    /// The values of the axis.
    pub x: Positions,
    /// What is estimated, with its unit.
    pub y_label: String,
    /// One curve each, eight at most.
    pub series: Vec<Curve>,
    /// Whether the points of a series are neighbours of each other.
    pub joined: Joined,
}

/// The values of a horizontal axis.
#[derive(Clone, Debug, PartialEq)]
pub enum Positions {
    /// Numbers, each at its place on a scale; in any order.
    Numbers(Vec<f64>),
    /// Words, evenly spaced.
    Words(Vec<String>),
}

/// The estimates of one series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// The legend's word for it.
    pub label: String,
    /// Its points, in any order.
    pub points: Vec<CurvePoint>,
}

/// One estimate with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// Index of its value in the positions of the axis.
    pub x: usize,
    /// The estimate; none leaves a gap.
    pub mid: Option<f64>,
    /// Low end of its confidence interval; open when there is none beside a high end.
    pub low: Option<f64>,
    /// High end of its confidence interval; open when there is none beside a low end.
    pub high: Option<f64>,
}

/// Whether something may lie between two neighbouring points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// Yes: lines within bands, as over a grid where all else is held.
    Yes,
    /// No: dots with interval bars, as over a Latin hypercube, where all else moves too.
    No,
}

const HEIGHT: f64 = 320.0;
/// More values than this are not each a tick.
const TICKS_MAX: usize = 16;
/// From one series to the next, at most, where marks of one place stand side by side.
const ASIDE: f64 = 8.0;
/// Markers of series side by side, in their order.
const MARKERS: [Marker; SERIES.len()] = [
    Marker::DOT,
    Marker::SQUARE,
    Marker::DIAMOND,
    Marker::TRIANGLE,
    Marker::RING,
    Marker::BOX,
    Marker::LOZENGE,
    Marker::DELTA,
];

/// Draws estimates with their intervals over the values of an axis.
///
/// # Errors
/// When a number is not finite; when a point lies at no position of the axis; when an interval has
/// its low end above its high end; when there are more than eight series; when `format` is not built in.
pub fn curves(heading: &Heading, data: &Curves, format: Format) -> Result<Vec<u8>, PlotError> {
    check_most("series", data.series.len(), SERIES.len())?;
    if let Positions::Numbers(numbers) = &data.x {
        check_finite(&data.x_label, numbers)?;
    }
    let positions = data.x.len();
    data.series.iter().try_for_each(|series| series.check(positions))?;
    paint::render(&drawn(heading, data), format)
}

impl Positions {
    fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Words(words) => words.len(),
        }
    }
}

impl Curve {
    fn check(&self, positions: usize) -> Result<(), PlotError> {
        let column = |name: &str| format!("{}: {name}", self.label);
        for (index, point) in self.points.iter().enumerate() {
            if point.x >= positions {
                return Err(PlotError::OffAxis { column: column("x"), index, positions });
            }
            if point.low.zip(point.high).is_some_and(|(low, high)| low > high) {
                return Err(PlotError::Crossed { column: self.label.clone(), index });
            }
        }
        let numbers = |of: fn(&CurvePoint) -> Option<f64>| -> Vec<f64> {
            self.points.iter().map(|p| of(p).unwrap_or(0.0)).collect()
        };
        check_finite(&column("mid"), &numbers(|p| p.mid))?;
        check_finite(&column("low"), &numbers(|p| p.low))?;
        check_finite(&column("high"), &numbers(|p| p.high))
    }
}

fn drawn(heading: &Heading, data: &Curves) -> Scene {
    let mut scene = Scene::new(WIDTH, 0.0);
    let reading = match data.joined {
        Joined::Yes => "line: estimate; shaded: its interval",
        Joined::No => "mark: estimate; bar: its interval; not joined: other things vary too",
    };
    let top = heading::draw(&mut scene, heading, reading) + 14.0;
    let entries = entries(data);
    let y = vertical(data);
    let mut frame = Frame::new(top, top + HEIGHT.max(legend::height(RIGHT, &entries)), data.x.axis(), y);
    let labels: Vec<String> = frame.y.ticks.iter().map(|t| t.label.clone()).collect();
    frame.left = frame.left.max(46.0 + labels::room(&labels, 150.0));
    if let Positions::Numbers(numbers) = &data.x {
        frame.x.ticks = number_ticks(&frame, numbers);
    }
    let title = text::fit(&y_title(data, &frame), SMALL.size, frame.bottom - frame.top + 40.0);
    frame.draw(&mut scene, &title);
    if frame.y.lo < 0.0 && frame.y.hi > 0.0 {
        let zero = frame.down(0.0);
        scene.segment((frame.left, zero), (frame.right, zero), Stroke::solid(GREY, 1.0));
    }
    scene.height = draw_x(&mut scene, &frame, data);
    let drawn = data.series.iter().zip(SERIES.iter().zip(MARKERS)).enumerate();
    let drawn: Vec<Drawn> = drawn
        .map(|(i, (series, (ink, marker)))| Drawn::new(data, &frame, series, (*ink, marker), i))
        .collect();
    for series in &drawn {
        series.draw_intervals(&mut scene, &frame, data.joined);
    }
    for series in &drawn {
        series.draw_estimates(&mut scene, data.joined);
    }
    legend::draw(&mut scene, &frame, &entries);
    if drawn.iter().all(|d| d.points.iter().all(|p| p.mid.is_none())) {
        frame.draw_notice(&mut scene, "no estimates");
    }
    describe(&mut scene, data);
    scene
}

impl Positions {
    /// The axis, without ticks if it is one of words.
    fn axis(&self) -> Axis {
        match self {
            Self::Words(words) => {
                let hi = words.len().max(1) as f64 - 0.5;
                Axis::bare(-0.5, hi)
            }
            Self::Numbers(numbers) => {
                let (lo, hi) = axis::range(numbers.iter().copied()).unwrap_or((0.0, 1.0));
                let pad = if hi > lo { (hi - lo) * 0.04 } else { lo.abs().max(1.0) * 0.5 };
                Axis::fitted(lo - pad, hi + pad, 10, RIGHT - LEFT, SMALL.size)
            }
        }
    }

    /// Where a position lies on the axis.
    fn at(&self, index: usize) -> f64 {
        match self {
            Self::Numbers(numbers) => numbers[index],
            Self::Words(_) => index as f64,
        }
    }

    fn name(&self, index: usize) -> String {
        match self {
            Self::Numbers(numbers) => axis::plain(numbers[index]),
            Self::Words(words) => text::clean(&words[index]),
        }
    }
}

/// Ticks at the values themselves while they are few and have room, else those of the axis.
fn number_ticks(frame: &Frame, numbers: &[f64]) -> Vec<Tick> {
    let mut values = numbers.to_vec();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let ticks: Vec<Tick> = values.iter().map(|v| Tick { at: *v, label: axis::plain(*v) }).collect();
    let half = |t: &Tick| text::width(&t.label, SMALL.size) / 2.0 + 4.0;
    let fits = |w: &[Tick]| frame.across(w[0].at) + half(&w[0]) <= frame.across(w[1].at) - half(&w[1]);
    if ticks.is_empty() || ticks.len() > TICKS_MAX || !ticks.windows(2).all(fits) {
        return frame.x.ticks.clone();
    }
    ticks
}

/// From zero when that costs little, else a little below the least of what is drawn.
fn vertical(data: &Curves) -> Axis {
    let all = data.series.iter().flat_map(|s| &s.points).flat_map(|p| [p.mid, p.low, p.high]).flatten();
    let (lo, hi) = axis::range(all).unwrap_or((0.0, 1.0));
    let pad = if hi > lo { (hi - lo) * 0.06 } else { lo.abs().max(1.0) * 0.1 };
    let from = if lo >= 0.0 && (lo < 0.3 * hi || lo < pad) { 0.0 } else { lo - pad };
    let to = if lo < 0.0 && hi <= 0.0 && hi > -pad { 0.0 } else { hi + pad };
    Axis::number(from, to, 8)
}

fn y_title(data: &Curves, frame: &Frame) -> String {
    let cut = if frame.y.lo > 0.0 { " (axis not from zero)" } else { "" };
    format!("{}{cut}", text::clean(&data.y_label))
}

/// Draws the horizontal axis and gives the height at which the picture ends.
fn draw_x(scene: &mut Scene, frame: &Frame, data: &Curves) -> f64 {
    let title = text::fit(&text::clean(&data.x_label), SMALL.size, frame.right - frame.left);
    let Positions::Words(words) = &data.x else {
        frame.draw_x(scene, &title);
        return frame.bottom + BELOW;
    };
    let places: Vec<f64> = (0..words.len()).map(|i| frame.across(i as f64)).collect();
    for x in &places {
        scene.segment((*x, frame.bottom), (*x, frame.bottom + 5.0), Stroke::solid(BLACK, 1.0));
    }
    let pitch = (frame.right - frame.left) / words.len().max(1) as f64;
    let bottom = labels::draw_below(scene, &places, words, pitch, frame.bottom + 5.0);
    let at = (f64::midpoint(frame.left, frame.right), bottom + 16.0);
    scene.text(at, &title, SMALL.grey().anchored(Anchor::Middle));
    libm::ceil(bottom + 32.0)
}

/// From one series to the next: marks that are not joined stand side by side, so far as they keep
/// clear of those of other places.
fn aside(data: &Curves, frame: &Frame) -> f64 {
    if data.joined == Joined::Yes || data.series.len() < 2 {
        return 0.0;
    }
    let mut places: Vec<f64> = (0..data.x.len()).map(|i| frame.across(data.x.at(i))).collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    let apart = places.windows(2).map(|w| w[1] - w[0]);
    let edges = places.first().map(|x| 2.0 * (x - frame.left)).into_iter();
    let least = apart.chain(edges).fold(f64::MAX, f64::min);
    (0.6 * least / (data.series.len() - 1) as f64).min(ASIDE)
}

/// A series in pixels, from left to right.
struct Drawn {
    ink: Ink,
    marker: Marker,
    points: Vec<Placed>,
}

/// A point in pixels.
struct Placed {
    x: f64,
    mid: Option<f64>,
    /// Both ends of the interval, low one first; an open end lies on the edge of the frame.
    ends: Option<(End, End)>,
}

/// An end of an interval, in pixels down.
#[derive(Clone, Copy)]
struct End {
    y: f64,
    open: bool,
}

impl Drawn {
    fn new(data: &Curves, frame: &Frame, series: &Curve, look: (Ink, Marker), index: usize) -> Self {
        let shift = (index as f64 - (data.series.len() as f64 - 1.0) / 2.0) * aside(data, frame);
        let mut order: Vec<&CurvePoint> = series.points.iter().collect();
        order.sort_by(|a, b| data.x.at(a.x).total_cmp(&data.x.at(b.x)));
        let end = |value: Option<f64>, edge: f64| End {
            y: value.map_or(edge, |v| frame.down(v)),
            open: value.is_none(),
        };
        let placed = |p: &&CurvePoint| Placed {
            x: frame.across(data.x.at(p.x)) + shift,
            mid: p.mid.map(|m| frame.down(m)),
            ends: (p.mid.is_some() && p.has_interval())
                .then(|| (end(p.low, frame.bottom), end(p.high, frame.top))),
        };
        Self { ink: look.0, marker: look.1, points: order.iter().map(placed).collect() }
    }

    fn draw_intervals(&self, scene: &mut Scene, frame: &Frame, joined: Joined) {
        if joined == Joined::No {
            self.points.iter().for_each(|p| self.draw_bar(scene, frame, p));
            return;
        }
        for stretch in self.points.split(|p| p.ends.is_none()) {
            if let [alone] = stretch {
                self.draw_bar(scene, frame, alone);
                continue;
            }
            let edge = |of: fn(&(End, End)) -> End| -> Vec<Point> {
                stretch.iter().filter_map(|p| p.ends.as_ref().map(|e| (p.x, of(e).y))).collect()
            };
            let fill = Fill { colour: self.ink.colour, opacity: BAND_OPACITY };
            scene.area(edge(|e| e.1), edge(|e| e.0), fill);
        }
    }

    fn draw_bar(&self, scene: &mut Scene, frame: &Frame, point: &Placed) {
        let Some((low, high)) = point.ends else { return };
        let stroke = Stroke::solid(self.ink.colour, 1.4);
        scene.segment((point.x, low.y), (point.x, high.y), stroke);
        for (end, tip) in [(low, (frame.bottom, Towards::Down)), (high, (frame.top, Towards::Up))] {
            if end.open {
                marker::arrow_head(scene, (point.x, tip.0), tip.1, self.ink.colour);
            } else {
                scene.segment((point.x - 5.0, end.y), (point.x + 5.0, end.y), stroke);
            }
        }
    }

    fn draw_estimates(&self, scene: &mut Scene, joined: Joined) {
        if joined == Joined::Yes {
            for stretch in self.points.split(|p| p.mid.is_none()) {
                let line = stretch.iter().filter_map(|p| p.mid.map(|m| (p.x, m))).collect();
                scene.line(line, legend::stroke(self.ink));
            }
        }
        for point in &self.points {
            if let Some(mid) = point.mid {
                self.marker.draw(scene, (point.x, mid), self.ink.colour);
            }
        }
    }
}

impl CurvePoint {
    fn has_interval(&self) -> bool {
        self.low.is_some() || self.high.is_some()
    }

    fn is_open(&self) -> bool {
        self.has_interval() && (self.low.is_none() || self.high.is_none())
    }
}

fn entries(data: &Curves) -> Vec<Entry> {
    let points = || data.series.iter().flat_map(|s| &s.points);
    let mut entries: Vec<Entry> = data
        .series
        .iter()
        .zip(SERIES.iter().zip(MARKERS))
        .map(|(series, (ink, marker))| {
            let sample = match data.joined {
                Joined::Yes => Sample::Joined(*ink, marker),
                Joined::No => Sample::Marked(marker, ink.colour),
            };
            Entry::new(sample, &series.label)
        })
        .collect();
    let mut remark = |words: &str| entries.push(Entry::new(Sample::None, words));
    if points().any(|p| p.mid.is_none()) {
        remark("gap: no estimate");
    }
    let drawn = || points().filter(|p| p.mid.is_some());
    if drawn().any(CurvePoint::is_open) {
        remark("interval up to the edge: it has no end");
    }
    if drawn().any(|p| !p.has_interval()) {
        remark("mark alone: no interval");
    }
    entries
}

fn describe(scene: &mut Scene, data: &Curves) {
    let told = |p: &CurvePoint| {
        let number = |v: Option<f64>| v.map_or("open".to_owned(), axis::plain);
        let mid = p.mid.map_or("no estimate".to_owned(), axis::plain);
        let interval = match (p.mid, p.has_interval()) {
            (Some(_), true) => format!(" [{}, {}]", number(p.low), number(p.high)),
            _ => String::new(),
        };
        format!("{}: {mid}{interval}", data.x.name(p.x))
    };
    let axes = (text::clean(&data.y_label), text::clean(&data.x_label));
    let mut words = vec![format!("{}. {} over {}", scene.description, axes.0, axes.1)];
    for series in &data.series {
        let points: Vec<String> = series.points.iter().map(told).collect();
        words.push(format!("{}: {}", text::clean(&series.label), points.join("; ")));
    }
    scene.description = words.join(". ") + ".";
}
