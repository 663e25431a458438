//! One number over two axes of a sweep.

use super::axis::{self, Axis, counted, number};
use super::frame::{Frame, RIGHT, SMALL, WIDTH};
use super::input::{Heading, PlotError, check_finite, check_most};
use super::legend::{self, Entry, Sample};
use super::palette::{BLACK, Colour};
use super::scene::{Anchor, Fill, Point, Scene, Stroke, TextStyle};
use super::{Format, heading, labels, paint, pattern, ramp, text};

/// One number for every pair of values of two axes.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// What runs across, as in "drainPercent, %".
    pub x_label: String,
    /// Its values, from left to right.
    pub x: Vec<String>,
    /// What runs down, as in "bakeTimeInMinutes, min".
    pub y_label: String,
    /// Its values, from top to bottom.
    pub y: Vec<String>,
    /// What the cells show, with its unit, as in "p95 rollout duration, min".
    pub value_label: String,
    /// Which end of the scale is the good one.
    pub better: Better,
    /// Row by row: all of the first value of `y`, then all of the second.
    pub cells: Vec<Cell>,
}

/// Which values of a number are the good ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The low ones.
    Lower,
    /// The high ones.
    Higher,
    /// There are no good ones, or there is no telling: no cell is called the best.
    Neither,
}

/// What is known of one pair of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell {
    /// The number.
    Value(f64),
    /// It was run, and too many of its seeds were cut short before they had a value.
    NotReached,
    /// It was not run.
    NotRun,
}

/// Rows, and columns, that a canvas holds.
const SIDE_MAX: usize = 100;
const MARGIN: f64 = 16.0;
const NAMES_MAX: f64 = 200.0;
/// Height of the cells together, unless they would become too low or too high.
const HEIGHT: f64 = 380.0;
const CELL_WIDTH_MAX: f64 = 120.0;
const CELL_HEIGHT_MIN: f64 = 12.0;
const CELL_HEIGHT_MAX: f64 = 56.0;
/// Sizes of printed values, the first that has room is taken.
const VALUE_SIZES: [f64; 4] = [13.0, 12.0, 11.0, 10.0];
/// Shade of cells that are all equal.
const EVEN: f64 = 0.25;
const BAR_HEIGHT: f64 = 160.0;
const BAR_WIDTH: f64 = 22.0;
const BAR_STEPS: u32 = 80;

/// Draws a table of coloured cells, with their values where there is room.
///
/// # Errors
/// When there are not as many cells as pairs of values; when a value is not finite; when there are
/// more than 100 rows or columns; when `format` is not built in.
pub fn heat_map(heading: &Heading, data: &HeatMap, format: Format) -> Result<Vec<u8>, PlotError> {
    check_most("columns", data.x.len(), SIDE_MAX)?;
    check_most("rows", data.y.len(), SIDE_MAX)?;
    let (expected, found) = (data.x.len() * data.y.len(), data.cells.len());
    if expected != found {
        return Err(PlotError::Length { column: "cells".to_owned(), expected, found });
    }
    let value = |cell: &Cell| if let Cell::Value(value) = cell { *value } else { 0.0 };
    check_finite("cells", &data.cells.iter().map(value).collect::<Vec<_>>())?;
    paint::render(&drawn(heading, data), format)
}

fn drawn(heading: &Heading, data: &HeatMap) -> Scene {
    let mut scene = Scene::new(WIDTH, 0.0);
    let scale = Scale::of(data);
    let top = heading::draw(&mut scene, heading, reading(data.better)) + 8.0;
    let title = text::fit(&format!("{}, downwards", text::clean(&data.y_label)), SMALL.size, RIGHT - MARGIN);
    scene.text((MARGIN, top + 6.0), &title, SMALL.grey());
    let grid = Grid::new(data, top + 22.0);
    grid.draw_cells(&mut scene, data, &scale);
    grid.draw_values(&mut scene, data, &scale);
    grid.draw_best(&mut scene, data, &scale);
    let (bottom, right) = grid.draw_labels(&mut scene, data);
    // Beside the cells, and clear of titles that are longer than they are wide.
    let titled = MARGIN + text::width(&title, SMALL.size);
    let strip = draw_strip(&mut scene, data, &scale, (right.max(titled).min(RIGHT) + 16.0, top));
    if data.cells.is_empty() {
        grid.frame.draw_notice(&mut scene, "no cells");
    }
    scene.height = libm::ceil(bottom.max(strip) + 10.0);
    describe(&mut scene, data, &scale);
    scene
}

fn reading(better: Better) -> &'static str {
    match better {
        Better::Lower => "darker: more, which is worse",
        Better::Higher => "darker: less, which is worse",
        Better::Neither => "darker: more",
    }
}

/// What the colours mean.
struct Scale {
    better: Better,
    /// The least and the greatest value; none where no cell has one.
    range: Option<(f64, f64)>,
    /// Decimals of every printed value.
    decimals: usize,
}

impl Scale {
    fn of(data: &HeatMap) -> Self {
        let values = || data.cells.iter().filter_map(Cell::value);
        let range = axis::range(values());
        let spread = range.map_or(0.0, |(lo, hi)| hi - lo);
        let whole = values().all(|v| v == libm::floor(v));
        // A fiftieth of the spread is about what neighbouring colours can tell.
        let step = axis::round_step((spread / 50.0).max(1e-300));
        let decimals = if whole { 0 } else { axis::decimals_of(step) };
        Self { better: data.better, range, decimals }
    }

    /// From 0, the pale end, to 1, the dark one.
    fn shade(&self, value: f64) -> f64 {
        match self.range {
            Some((lo, hi)) if hi > lo => {
                let share = (value - lo) / (hi - lo);
                if self.better == Better::Higher { 1.0 - share } else { share }
            }
            _ => EVEN,
        }
    }

    fn colour(&self, value: f64) -> Colour {
        ramp::at(self.shade(value))
    }

    /// The best value; where all are equal none stands out.
    fn best(&self) -> Option<f64> {
        let (lo, hi) = self.range.filter(|(lo, hi)| lo < hi)?;
        match self.better {
            Better::Lower => Some(lo),
            Better::Higher => Some(hi),
            Better::Neither => None,
        }
    }

    fn words(&self, value: f64) -> String {
        match self.range {
            Some((lo, hi)) if lo == hi => axis::plain(value),
            _ => number(value, self.decimals),
        }
    }
}

impl Cell {
    fn value(&self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(*value),
            Self::NotReached | Self::NotRun => None,
        }
    }
}

/// Where the cells are.
struct Grid {
    frame: Frame,
    columns: usize,
    /// Width and height of a cell.
    pitch: (f64, f64),
}

impl Grid {
    fn new(data: &HeatMap, top: f64) -> Self {
        let (columns, rows) = (data.x.len(), data.y.len());
        let left = MARGIN + labels::room(&data.y, NAMES_MAX).max(30.0) + 8.0;
        let share = |room: f64, n: usize| room / n.max(1) as f64;
        // Whole pixels, so that all cells of a picture are alike.
        let wide = libm::floor(share(RIGHT - left, columns)).clamp(1.0, CELL_WIDTH_MAX);
        let high = libm::floor(share(HEIGHT, rows)).clamp(CELL_HEIGHT_MIN, CELL_HEIGHT_MAX);
        let (right, bottom) = match data.cells.len() {
            0 => (RIGHT, top + CELL_HEIGHT_MAX),
            _ => (left + wide * columns as f64, top + high * rows as f64),
        };
        let (x, y) = (Axis::bare(0.0, 1.0), Axis::bare(0.0, 1.0));
        let left = libm::round(left);
        let frame = Frame { left, right: libm::round(right), ..Frame::new(top, bottom, x, y) };
        Self { frame, columns, pitch: (wide, high) }
    }

    /// Two corners of a cell.
    fn corners(&self, index: usize) -> (Point, Point) {
        let (column, row) = (index % self.columns, index / self.columns);
        let from =
            (self.frame.left + column as f64 * self.pitch.0, self.frame.top + row as f64 * self.pitch.1);
        (from, (from.0 + self.pitch.0, from.1 + self.pitch.1))
    }

    fn draw_cells(&self, scene: &mut Scene, data: &HeatMap, scale: &Scale) {
        // A seam of paper between cells that can spare it.
        let seam = if self.pitch.0.min(self.pitch.1) >= 16.0 { 1.0 } else { 0.0 };
        for (i, cell) in data.cells.iter().enumerate() {
            let (from, to) = self.corners(i);
            let to = (to.0 - seam, to.1 - seam);
            match cell {
                Cell::Value(value) => {
                    scene.rect(from, to, Fill { colour: scale.colour(*value), opacity: 1.0 });
                }
                Cell::NotReached => pattern::hatch(scene, from, to),
                Cell::NotRun => pattern::cross(scene, from, to),
            }
        }
    }

    /// Prints the values if all of them have room.
    fn draw_values(&self, scene: &mut Scene, data: &HeatMap, scale: &Scale) {
        let values = || data.cells.iter().enumerate().filter_map(|(i, c)| c.value().map(|v| (i, v)));
        let widest = values().map(|(_, v)| text::width(&scale.words(v), 1.0)).fold(0.0, f64::max);
        let fits = |size: &f64| widest * size <= self.pitch.0 - 5.0 && size + 3.0 <= self.pitch.1;
        let Some(size) = VALUE_SIZES.into_iter().find(fits) else { return };
        for (i, value) in values() {
            let (from, to) = self.corners(i);
            let middle = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1));
            let colour = ramp::text_on(scale.colour(value));
            let style = TextStyle { colour, ..TextStyle::sized(size).anchored(Anchor::Middle) };
            scene.text(middle, &scale.words(value), style);
        }
    }

    fn draw_best(&self, scene: &mut Scene, data: &HeatMap, scale: &Scale) {
        let Some(best) = scale.best() else { return };
        let width = if self.pitch.0.min(self.pitch.1) >= 16.0 { 2.5 } else { 1.5 };
        for (i, cell) in data.cells.iter().enumerate() {
            if cell.value() == Some(best) {
                let (from, to) = self.corners(i);
                pattern::outline(scene, from, to, width);
            }
        }
    }

    /// Draws the labels of both axes and gives the height at which they end, and how far they or
    /// the cells go to the right.
    fn draw_labels(&self, scene: &mut Scene, data: &HeatMap) -> (f64, f64) {
        let (wide, high) = self.pitch;
        let heights: Vec<f64> = (0..data.y.len()).map(|i| self.frame.top + (i as f64 + 0.5) * high).collect();
        let right = self.frame.left - 8.0;
        labels::draw_beside(scene, &heights, &data.y, high, right, right - MARGIN);
        let places: Vec<f64> = (0..data.x.len()).map(|i| self.frame.left + (i as f64 + 0.5) * wide).collect();
        let bottom = labels::draw_below(scene, &places, &data.x, wide, self.frame.bottom + 2.0);
        let label = text::fit(&text::clean(&data.x_label), SMALL.size, RIGHT - self.frame.left);
        // Centred under the cells unless they are narrower than it.
        let half = text::width(&label, SMALL.size) / 2.0;
        let middle = f64::midpoint(self.frame.left, self.frame.right).max(self.frame.left + half);
        scene.text((middle, bottom + 16.0), &label, SMALL.grey().anchored(Anchor::Middle));
        (bottom + 24.0, self.frame.right.max(middle + half))
    }
}

/// Draws the colour bar and the legend right of the cells and gives the height at which they end.
fn draw_strip(scene: &mut Scene, data: &HeatMap, scale: &Scale, (left, top): Point) -> f64 {
    let mut y = top + 6.0;
    for line in text::wrap(&text::clean(&data.value_label), SMALL.size, WIDTH - left - 8.0, 3) {
        scene.text((left, y), &line, SMALL);
        y += 15.0;
    }
    if let Some((lo, hi)) = scale.range.filter(|(lo, hi)| hi > lo) {
        draw_bar(scene, scale, (lo, hi), (left, y + 4.0));
        y += BAR_HEIGHT + 20.0;
    }
    let entries = entries(data, scale);
    let right = left - 16.0;
    let bottom = y + legend::height(right, &entries);
    let strip = Frame { right, ..Frame::new(y, bottom, Axis::bare(0.0, 1.0), Axis::bare(0.0, 1.0)) };
    legend::draw(scene, &strip, &entries);
    strip.bottom
}

/// Draws what colour each value has, the greatest at the top.
fn draw_bar(scene: &mut Scene, scale: &Scale, (lo, hi): (f64, f64), (left, top): Point) {
    let bottom = top + BAR_HEIGHT;
    let step = BAR_HEIGHT / f64::from(BAR_STEPS);
    for i in 0..BAR_STEPS {
        let share = (f64::from(i) + 0.5) / f64::from(BAR_STEPS);
        let y = bottom - f64::from(i) * step;
        let fill = Fill { colour: scale.colour(lo + (hi - lo) * share), opacity: 1.0 };
        scene.rect((left, y - step), (left + BAR_WIDTH, y), fill);
    }
    let bar = Frame {
        left,
        right: left + BAR_WIDTH,
        ..Frame::new(top, bottom, Axis::bare(0.0, 1.0), Axis::number(lo, hi, 5))
    };
    for tick in &bar.y.ticks {
        let y = bar.down(tick.at);
        scene.segment((bar.right, y), (bar.right + 5.0, y), Stroke::solid(BLACK, 1.0));
        let label = text::fit(&tick.label, SMALL.size, WIDTH - bar.right - 16.0);
        scene.text((bar.right + 9.0, y), &label, SMALL);
    }
}

fn entries(data: &HeatMap, scale: &Scale) -> Vec<Entry> {
    let of = |cell: Cell| data.cells.iter().filter(|c| **c == cell).count();
    let mut entries = Vec::new();
    if let Some((lo, hi)) = scale.range
        && lo == hi
    {
        let even = Fill { colour: ramp::at(EVEN), opacity: 1.0 };
        entries.push(Entry::new(Sample::Area(even), &format!("all values: {}", scale.words(lo))));
    }
    if let Some(best) = scale.best() {
        let ties = match of(Cell::Value(best)) {
            1 => String::new(),
            n => format!(", in {}", counted(n, "cell")),
        };
        let label = format!("best: {}{ties}", scale.words(best));
        entries.push(Entry::new(Sample::Outlined(scale.colour(best)), &label));
    }
    for (cell, sample, words) in [
        (Cell::NotReached, Sample::Hatched, "not reached: cut short in too many seeds"),
        (Cell::NotRun, Sample::Crossed, "not run"),
    ] {
        if of(cell) > 0 {
            entries.push(Entry::new(sample, words));
        }
    }
    entries
}

fn describe(scene: &mut Scene, data: &HeatMap, scale: &Scale) {
    let clean = |words: &String| text::clean(words);
    let axes = format!(
        "{} over {} ({}) and {} ({})",
        clean(&data.value_label),
        clean(&data.x_label),
        data.x.iter().map(clean).collect::<Vec<_>>().join(", "),
        clean(&data.y_label),
        data.y.iter().map(clean).collect::<Vec<_>>().join(", "),
    );
    let mut words = vec![scene.description.clone(), axes];
    if let Some((lo, hi)) = scale.range {
        words.push(format!("From {} to {}", scale.words(lo), scale.words(hi)));
    }
    if let Some(best) = scale.best() {
        let at =
            |i: usize| format!("{}, {}", clean(&data.x[i % data.x.len()]), clean(&data.y[i / data.x.len()]));
        let cells = data.cells.iter().enumerate().filter(|(_, c)| c.value() == Some(best));
        let places: Vec<String> = cells.map(|(i, _)| at(i)).collect();
        words.push(format!("Best at {}", places.join("; ")));
    }
    scene.description = words.join(". ") + ".";
}
