//! By how much each arm differs from the base arm, metric by metric.

use super::axis::{Axis, Tick};
use super::frame::{Frame, SMALL, WIDTH};
use super::input::{Heading, PlotError, check_finite};
use super::legend::{self, Entry, Sample};
use super::marker::{self, Marker, Towards};
use super::palette::{BLACK, BLUE, Colour, GREY, GRID, PURPLE, STRIPE, VERMILION};
use super::scene::{Anchor, Fill, Scene, Stroke, TextStyle};
use super::{Format, heading, paint, text};

/// Differences of arms to a base arm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forest {
    /// Name of the arm that the others are compared to.
    pub base: String,
    /// One block each, from top to bottom.
    pub metrics: Vec<ForestMetric>,
}

/// The differences in one metric.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForestMetric {
    /// What differs, in words and with its unit, as in "rollout duration, min".
    pub label: String,
    /// One arm each, from top to bottom.
    pub rows: Vec<ForestRow>,
}

/// The difference of one arm to the base arm, in the unit of its metric.
#[derive(Clone, Debug, PartialEq)]
pub struct ForestRow {
    /// Name of the arm.
    pub arm: String,
    /// Arm minus base; none when there is no telling, and then only `text` is shown.
    pub difference: Option<f64>,
    /// Low end of the confidence interval; negative infinity, or none beside a high end, when it is
    /// open. Without either end there is no interval.
    pub low: Option<f64>,
    /// High end of the confidence interval; infinity, or none beside a low end, when it is open.
    pub high: Option<f64>,
    /// The numbers as they are to be read, as in "+29.1 [27.3, 30.9]".
    pub text: String,
    /// What the difference means.
    pub verdict: Verdict,
}

/// What the seeds say of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The arm is better than the base.
    Better,
    /// The arm is worse than the base.
    Worse,
    /// The arm differs from the base, in a metric of which neither more nor less is better.
    Different,
    /// No difference is shown.
    NotShown,
}

const MARGIN: f64 = 16.0;
const GAP: f64 = 16.0;
const INDENT: f64 = 12.0;
const NAMES_MAX: f64 = 290.0;
const NUMBERS_MAX: f64 = 250.0;
/// Room for the sign of a difference that is not shown.
const TILDE: f64 = 13.0;
const ROW: f64 = 20.0;
const LABEL: TextStyle = TextStyle::sized(13.5);

/// Draws differences as estimates with intervals, a strip for every metric, all around one line of zero.
///
/// # Errors
/// When a number is NaN, or infinite where it is not the open end of an interval; when an interval
/// has its low end above its high end; when `format` is not built in.
pub fn forest(heading: &Heading, data: &Forest, format: Format) -> Result<Vec<u8>, PlotError> {
    data.metrics.iter().try_for_each(ForestMetric::check)?;
    paint::render(&drawn(heading, data), format)
}

impl ForestMetric {
    fn check(&self) -> Result<(), PlotError> {
        for (index, row) in self.rows.iter().enumerate() {
            let column = || format!("{}: {}", self.label, row.arm);
            let ends =
                [row.low.filter(|v| *v != f64::NEG_INFINITY), row.high.filter(|v| *v != f64::INFINITY)];
            let numbers: Vec<f64> = row.difference.into_iter().chain(ends.into_iter().flatten()).collect();
            check_finite(&column(), &numbers)?;
            if let [Some(low), Some(high)] = ends
                && low > high
            {
                return Err(PlotError::Crossed { column: self.label.clone(), index });
            }
        }
        Ok(())
    }
}

fn drawn(heading: &Heading, data: &Forest) -> Scene {
    let mut scene = Scene::new(WIDTH, 0.0);
    let layout = Layout::of(data);
    let base = text::clean(&data.base);
    let mut y = heading::draw(&mut scene, heading, &reading(data, &layout, &base));
    y = legend::draw_rows(&mut scene, MARGIN, WIDTH - MARGIN, y + 2.0, &entries(data)) + 10.0;
    if data.metrics.is_empty() {
        let at = (MARGIN, y + 20.0);
        scene.text(at, "nothing to compare", TextStyle::sized(14.0).grey());
        y += 30.0;
    } else {
        draw_directions(&mut scene, layout.zero(), y);
        y += 18.0;
    }
    for metric in &data.metrics {
        y = draw_metric(&mut scene, &layout, metric, y);
    }
    scene.height = libm::ceil(y + 10.0);
    describe(&mut scene, data, &base);
    scene
}

/// Where the columns are: names, strips, numbers.
struct Layout {
    left: f64,
    right: f64,
    /// Where zero lies between the two, 0–1; the same in every strip.
    zero: f64,
    naming: Naming,
}

/// What stands left of the strips.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// A metric to a row, since all are of one arm.
    Metrics,
    /// An arm to a row, under the name of the metric.
    Arms,
}

impl Layout {
    fn of(data: &Forest) -> Self {
        let rows = || data.metrics.iter().flat_map(|m| &m.rows);
        let arm = rows().next().map(|r| r.arm.as_str());
        let alone =
            data.metrics.iter().all(|m| m.rows.len() <= 1) && rows().all(|r| Some(r.arm.as_str()) == arm);
        let widest = |texts: &mut dyn Iterator<Item = &String>| {
            texts.map(|t| text::width(&text::clean(t), SMALL.size)).fold(0.0, f64::max)
        };
        let (naming, names) = if alone {
            (Naming::Metrics, 1.0 + widest(&mut data.metrics.iter().map(|m| &m.label)))
        } else {
            (Naming::Arms, INDENT + 1.0 + widest(&mut rows().map(|r| &r.arm)))
        };
        let numbers = TILDE + 1.0 + widest(&mut rows().map(|r| &r.text));
        Self {
            left: MARGIN + names.clamp(90.0, NAMES_MAX) + GAP,
            right: WIDTH - MARGIN - numbers.clamp(60.0, NUMBERS_MAX) - GAP,
            zero: zero(&data.metrics),
            naming,
        }
    }

    /// Where the line of zero runs.
    fn zero(&self) -> f64 {
        self.left + (self.right - self.left) * self.zero
    }

    /// The strip of a metric between two heights.
    fn strip(&self, metric: &ForestMetric, top: f64, bottom: f64) -> Frame {
        let (below, above) = metric.reach();
        let span = 1.08 * (below / self.zero).max(above / (1.0 - self.zero));
        let around = |span: f64| (-span * self.zero, span * (1.0 - self.zero));
        let x = if span > 0.0 {
            let (lo, hi) = around(span);
            Axis::fitted(lo, hi, 8, self.right - self.left, SMALL.size + 1.0).signed()
        } else {
            // Nothing differs: zero is all there is to the scale.
            let (lo, hi) = around(1.0);
            Axis { ticks: vec![Tick { at: 0.0, label: "0".to_owned() }], ..Axis::bare(lo, hi) }
        };
        Frame { left: self.left, right: self.right, ..Frame::new(top, bottom, x, Axis::bare(0.0, 1.0)) }
    }
}

/// The share of a strip left of zero: as much as the metric that lies furthest to the left asks for
/// against the one that lies furthest to the right.
fn zero(metrics: &[ForestMetric]) -> f64 {
    let reaches = || metrics.iter().map(ForestMetric::reach).filter(|(below, above)| below + above > 0.0);
    let left = reaches().map(|(below, above)| below / (below + above)).fold(0.0, f64::max);
    let right = reaches().map(|(below, above)| above / (below + above)).fold(0.0, f64::max);
    if left + right > 0.0 { (left / (left + right)).clamp(0.15, 0.85) } else { 0.5 }
}

impl ForestMetric {
    /// How far its numbers go below and above zero.
    fn reach(&self) -> (f64, f64) {
        let drawn = self.rows.iter().filter(|r| r.difference.is_some());
        let numbers = drawn.flat_map(|r| [r.difference, r.low, r.high]).flatten().filter(|v| v.is_finite());
        numbers.fold((0.0, 0.0), |(below, above): (f64, f64), v| (below.max(-v), above.max(v)))
    }
}

/// Draws the block of a metric from `top` and gives the height at which it ends.
fn draw_metric(scene: &mut Scene, layout: &Layout, metric: &ForestMetric, top: f64) -> f64 {
    let mut top = top;
    if layout.naming == Naming::Arms {
        let label = text::fit(&text::clean(&metric.label), LABEL.size, WIDTH - 2.0 * MARGIN);
        scene.text((MARGIN, top + 10.0), &label, LABEL);
        top += 21.0;
    }
    let rows = metric.rows.len().max(1) as f64;
    let frame = layout.strip(metric, top, top + rows * ROW + 4.0);
    draw_ground(scene, layout, metric, &frame);
    for (i, row) in metric.rows.iter().enumerate() {
        let y = top + 2.0 + (i as f64 + 0.5) * ROW;
        let name = if layout.naming == Naming::Arms { &row.arm } else { &metric.label };
        draw_name(scene, layout, name, y);
        draw_row(scene, &frame, row, y);
    }
    if metric.rows.is_empty() {
        draw_name(scene, layout, "no arms", top + 2.0 + 0.5 * ROW);
    }
    frame.bottom + 28.0
}

/// Stripes, grid, the line of zero, and the scale.
fn draw_ground(scene: &mut Scene, layout: &Layout, metric: &ForestMetric, frame: &Frame) {
    for i in (0..metric.rows.len()).skip(1).step_by(2) {
        let y = frame.top + 2.0 + i as f64 * ROW;
        scene.rect((MARGIN, y), (WIDTH - MARGIN, y + ROW), Fill { colour: STRIPE, opacity: 1.0 });
    }
    for tick in &frame.x.ticks {
        let x = frame.across(tick.at);
        scene.segment((x, frame.top), (x, frame.bottom), Stroke::solid(GRID, 1.0));
    }
    frame.draw(scene, "");
    frame.draw_x_ticks(scene);
    frame.draw_x_labels(scene);
    scene.segment((layout.zero(), frame.top), (layout.zero(), frame.bottom), Stroke::solid(BLACK, 1.2));
}

fn draw_name(scene: &mut Scene, layout: &Layout, name: &str, y: f64) {
    let indent = if layout.naming == Naming::Arms { INDENT } else { 0.0 };
    let room = layout.left - GAP - MARGIN - indent;
    scene.text((MARGIN + indent, y), &text::fit_ends(&text::clean(name), SMALL.size, room), SMALL);
}

/// The interval, the estimate on it, and the numbers.
fn draw_row(scene: &mut Scene, frame: &Frame, row: &ForestRow, y: f64) {
    let (marker, colour) = row.verdict.look();
    if let Some(difference) = row.difference {
        draw_interval(scene, frame, row, y);
        marker.draw(scene, (frame.across(difference), y), colour);
    }
    let left = frame.right + GAP;
    let style = if row.verdict == Verdict::NotShown { SMALL.grey() } else { SMALL };
    if row.verdict == Verdict::NotShown {
        scene.text((left, y), "~", style);
    }
    let numbers = text::fit(&text::clean(&row.text), SMALL.size, WIDTH - MARGIN - left - TILDE);
    scene.text((left + TILDE, y), &numbers, style);
}

fn draw_interval(scene: &mut Scene, frame: &Frame, row: &ForestRow, y: f64) {
    let Some((low, high)) = row.interval() else { return };
    let (_, colour) = row.verdict.look();
    let stroke = Stroke::solid(colour, legend::LINE);
    let end = |value: f64| value.is_finite().then(|| frame.across(value));
    let (left, right) = (end(low), end(high));
    // The line ends inside of the head of its arrow, not at the tip.
    let from = left.unwrap_or(frame.left + 4.0);
    scene.segment((from, y), (right.unwrap_or(frame.right - 4.0), y), stroke);
    for x in [left, right].into_iter().flatten() {
        scene.segment((x, y - 6.0), (x, y + 6.0), stroke);
    }
    if left.is_none() {
        marker::arrow_head(scene, (frame.left, y), Towards::Left, colour);
    }
    if right.is_none() {
        marker::arrow_head(scene, (frame.right, y), Towards::Right, colour);
    }
}

impl ForestRow {
    /// Both ends of the interval, an open one infinite; none when there is no interval at all.
    fn interval(&self) -> Option<(f64, f64)> {
        match (self.low, self.high) {
            (None, None) => None,
            (low, high) => Some((low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY))),
        }
    }

    /// Whether an end of the interval is open.
    fn is_open(&self) -> bool {
        self.interval().is_some_and(|(low, high)| !low.is_finite() || !high.is_finite())
    }
}

impl Verdict {
    const ALL: [Self; 4] = [Self::Better, Self::Worse, Self::Different, Self::NotShown];

    fn look(self) -> (Marker, Colour) {
        match self {
            Self::Better => (Marker::DOT, BLUE),
            Self::Worse => (Marker::SQUARE, VERMILION),
            Self::Different => (Marker::DIAMOND, PURPLE),
            Self::NotShown => (Marker::RING, GREY),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Different => "different, neither way better",
            Self::NotShown => "~ no difference shown",
        }
    }
}

/// What the two sides of zero mean, with arrows drawn, since not every font has them.
fn draw_directions(scene: &mut Scene, zero: f64, y: f64) {
    const LONG: f64 = 20.0;
    let style = SMALL.grey();
    let y = y + 6.0;
    for (side, word, anchor, towards) in
        [(-1.0, "less", Anchor::End, Towards::Left), (1.0, "more", Anchor::Start, Towards::Right)]
    {
        let near = 10.0 + text::width(word, style.size) + 4.0;
        scene.text((zero + side * 10.0, y), word, style.anchored(anchor));
        let (from, tip) = (zero + side * near, zero + side * (near + LONG));
        scene.segment((from, y), (tip - side * 4.0, y), Stroke::solid(GREY, 1.0));
        marker::arrow_head(scene, (tip, y), towards, GREY);
    }
}

fn reading(data: &Forest, layout: &Layout, base: &str) -> String {
    let arm = data.metrics.iter().find_map(|m| m.rows.first()).filter(|_| layout.naming == Naming::Metrics);
    if data.metrics.is_empty() {
        return String::new();
    }
    let short = |name: &str| text::fit_ends(name, SMALL.size, NAMES_MAX);
    let base = short(base);
    let difference = match arm {
        Some(row) => format!("{} minus {base}", short(&text::clean(&row.arm))),
        None => format!("each arm minus {base}"),
    };
    let scales = if data.metrics.len() > 1 { "; every metric has a scale of its own" } else { "" };
    format!("{difference}; mark: estimate, line: its interval{scales}")
}

/// The verdicts that occur, and what else needs a word.
fn entries(data: &Forest) -> Vec<Entry> {
    let drawn = || data.metrics.iter().flat_map(|m| &m.rows).filter(|r| r.difference.is_some());
    let mut entries: Vec<Entry> = Verdict::ALL
        .into_iter()
        .filter(|verdict| drawn().any(|r| r.verdict == *verdict))
        .map(|verdict| {
            let (marker, colour) = verdict.look();
            Entry::new(Sample::Interval(marker, colour), verdict.words())
        })
        .collect();
    if drawn().any(ForestRow::is_open) {
        entries.push(Entry::new(Sample::Open(GREY), "the interval has no end"));
    }
    if let Some(row) = drawn().find(|r| r.interval().is_none()) {
        let (marker, colour) = row.verdict.look();
        entries.push(Entry::new(Sample::Marked(marker, colour), "mark alone: no interval"));
    }
    entries
}

fn describe(scene: &mut Scene, data: &Forest, base: &str) {
    let told = |row: &ForestRow| {
        let verdict = row.verdict.words().trim_start_matches("~ ");
        format!("{} {} ({verdict})", text::clean(&row.arm), text::clean(&row.text))
    };
    let mut words = vec![format!("{}. Differences to {base}", scene.description)];
    for metric in &data.metrics {
        let rows: Vec<String> = metric.rows.iter().map(told).collect();
        words.push(format!("{}: {}", text::clean(&metric.label), rows.join(", ")));
    }
    scene.description = words.join(". ") + ".";
}
