//! Running application tasks over time, with what is desired and what must stay.

use super::axis::{Axis, number, round_step};
use super::frame::{BELOW, Frame, WIDTH};
use super::input::{Band, Heading, Mark, PlotError, check_finite, check_length, check_marks};
use super::legend::{self, Entry, Sample};
use super::palette::{BLACK, BLUE, Dash, Ink, VERMILION};
use super::scene::{Fill, Scene, Stroke};
use super::{Format, heading, marks, paint, series};

/// Application tasks over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tasks {
    /// Running tasks over all services.
    pub running: Band,
    /// Desired tasks at each instant of `running`.
    pub desired: Vec<f64>,
    /// The fewest tasks that drains may leave, at each instant of `running`.
    pub floor: Vec<f64>,
    /// Vertical marks.
    pub marks: Vec<Mark>,
}

const HEIGHT: f64 = 270.0;
const RUNNING: Ink = Ink { colour: BLUE, dash: Dash::Solid };
const DESIRED: Ink = Ink { colour: BLACK, dash: Dash::Dot };
const FLOOR: Ink = Ink { colour: VERMILION, dash: Dash::Long };
const FORBIDDEN: Fill = Fill { colour: VERMILION, opacity: 0.10 };

/// Draws running tasks over time against the floor.
///
/// The axis starts near the least value and says where, since a dip of a few
/// tasks in a thousand would not show on one from zero.
///
/// # Errors
/// When a column of the rows is of the wrong length, not finite or not in order
/// of time; when `format` is not built in.
pub fn running_tasks(heading: &Heading, tasks: &Tasks, format: Format) -> Result<Vec<u8>, PlotError> {
    tasks.running.check()?;
    for (column, values) in [("desired", &tasks.desired), ("floor", &tasks.floor)] {
        check_length(column, values, tasks.running.t_min.len())?;
        check_finite(column, values)?;
    }
    check_marks(&tasks.marks)?;
    paint::render(&drawn(heading, tasks), format)
}

fn drawn(heading: &Heading, tasks: &Tasks) -> Scene {
    let x = series::time_axis([&tasks.running].into_iter(), &tasks.marks);
    let mut scene = Scene::new(WIDTH, 0.0);
    let marks = marks::layout(&tasks.marks, &x);
    let begin = heading::draw(&mut scene, heading, heading::band_reading(heading.seeds));
    let top = begin + 6.0 + marks.height();
    let frame = Frame::new(top, top + HEIGHT, x, vertical(tasks));
    let title = if frame.y.lo > 0.0 {
        format!("running tasks (axis starts at {})", number(frame.y.lo, 0))
    } else {
        "running tasks".to_owned()
    };
    let t = &tasks.running.t_min;
    series::draw_below(&mut scene, &frame, (t, &tasks.floor), FORBIDDEN);
    frame.draw(&mut scene, &title);
    frame.draw_x(&mut scene, &series::time_title(&frame.x));
    if heading.seeds > 1 {
        series::draw_band(&mut scene, &frame, &tasks.running, RUNNING);
        series::draw_mean(&mut scene, &frame, &tasks.running, RUNNING);
    }
    // Desired and floor coincide at minimumHealthyPercent 100: the wide dots show between the dashes.
    series::draw_line(&mut scene, &frame, (t, &tasks.floor), legend::stroke(FLOOR));
    series::draw_line(
        &mut scene,
        &frame,
        (t, &tasks.desired),
        Stroke { width: 1.3, ..legend::stroke(DESIRED) },
    );
    series::draw_median(&mut scene, &frame, &tasks.running, RUNNING);
    marks.draw(&mut scene, &[&frame]);
    let entries = [
        Entry::new(Sample::series(RUNNING, heading.seeds), &tasks.running.label),
        Entry::new(Sample::Line(DESIRED), &levels("desired", &tasks.desired)),
        Entry::new(Sample::Line(FLOOR), &levels("floor", &tasks.floor)),
        Entry::new(Sample::Area(FORBIDDEN), "below the floor: no drain may go there"),
    ];
    legend::draw(&mut scene, &frame, &entries);
    if t.is_empty() {
        frame.draw_notice(&mut scene, "no samples");
    }
    scene.height = frame.bottom + BELOW;
    series::describe(&mut scene, [&tasks.running].into_iter(), &tasks.marks);
    scene
}

/// A level with its value while it stays the same.
fn levels(word: &str, values: &[f64]) -> String {
    match values.first() {
        Some(first) if values.iter().all(|v| v == first) => format!("{word}: {}", number(*first, 0)),
        _ => word.to_owned(),
    }
}

/// From zero when that costs little, else from a round number below everything drawn.
fn vertical(tasks: &Tasks) -> Axis {
    let all =
        || tasks.running.values().chain(tasks.desired.iter().copied()).chain(tasks.floor.iter().copied());
    let least = all().fold(f64::MAX, f64::min);
    let most = all().fold(0.0, f64::max);
    if least > most {
        return Axis::count(0.0, 1.0, 6);
    }
    // A spread below an eighth of the level is noise at that level, not a cliff.
    let spread = (most - least).max(most * 0.02).max(1.0);
    let least = least - 0.35 * spread;
    let lo = if least < most * 0.3 {
        0.0
    } else {
        let step = round_step(spread / 4.0).max(1.0);
        libm::floor(least / step) * step
    };
    Axis::count(lo.max(0.0), most + 0.12 * spread, 6)
}
