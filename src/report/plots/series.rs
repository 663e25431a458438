//! Series: columns over time as lines and bands, thinned to what can be seen.

use super::axis::{self, Axis, TimeUnit};
use super::frame::Frame;
use super::input::{Band, Mark};
use super::palette::{BAND_OPACITY, Dash, Ink};
use super::scene::{Fill, Point, Scene, Stroke};
use super::{legend, text};

/// The time axis that holds all bands and marks.
pub(super) fn time_axis<'a>(bands: impl Iterator<Item = &'a Band>, marks: &[Mark]) -> Axis {
    let instants = bands.flat_map(|b| b.t_min.iter().copied()).chain(marks.iter().map(|m| m.t_min));
    let (lo, hi) = instants.fold((0.0, f64::MIN), |(lo, hi): (f64, f64), t| (lo.min(t), hi.max(t)));
    let hi = if hi > lo { hi } else { lo + 1.0 };
    Axis::time(lo, hi, 10, TimeUnit::of(hi))
}

/// What a time axis shows, with its unit.
pub(super) fn time_title(x: &Axis) -> String {
    format!("time since the run began, {}", x.unit.unwrap_or(TimeUnit::Minutes).name())
}

/// Adds what is drawn to the words that stand for the picture.
pub(super) fn describe<'a>(scene: &mut Scene, bands: impl Iterator<Item = &'a Band>, marks: &[Mark]) {
    let drawn: Vec<String> = bands.map(|b| text::clean(&b.label)).collect();
    scene.description = format!("{}. Over time: {}.", scene.description, drawn.join(", "));
    for mark in marks {
        let at = format!(" {} at {} min.", text::clean(&mark.label), axis::measured(mark.t_min));
        scene.description.push_str(&at);
    }
}

/// Fills what lies under a column.
pub(super) fn draw_below(scene: &mut Scene, frame: &Frame, column: (&[f64], &[f64]), fill: Fill) {
    let upper = thinned(points(frame, column.0, column.1));
    if let (Some(first), Some(last)) = (upper.first(), upper.last()) {
        let lower = vec![(first.0, frame.bottom), (last.0, frame.bottom)];
        scene.area(upper, lower, fill);
    }
}

/// Draws the band of a series, to be done for all of a frame before their lines.
pub(super) fn draw_band(scene: &mut Scene, frame: &Frame, band: &Band, ink: Ink) {
    let upper = thinned(points(frame, &band.t_min, &band.p95));
    let lower = thinned(points(frame, &band.t_min, &band.p5));
    if let ([only_upper], [only_lower]) = (upper.as_slice(), lower.as_slice()) {
        let whisker = Stroke::solid(ink.colour, 1.0);
        scene.segment(*only_lower, *only_upper, whisker);
        return;
    }
    scene.area(upper, lower, Fill { colour: ink.colour, opacity: BAND_OPACITY });
}

/// Draws one column of a series; a single entry is a dot.
pub(super) fn draw_line(scene: &mut Scene, frame: &Frame, column: (&[f64], &[f64]), stroke: Stroke) {
    let line = thinned(points(frame, column.0, column.1));
    match line.as_slice() {
        [only] => scene.dot(*only, 3.0, stroke.colour),
        _ => scene.line(line, stroke),
    }
}

/// Draws the median of a series.
pub(super) fn draw_median(scene: &mut Scene, frame: &Frame, band: &Band, ink: Ink) {
    draw_line(scene, frame, (&band.t_min, &band.p50), legend::stroke(ink));
}

/// Draws the mean of a series, thin and dotted.
pub(super) fn draw_mean(scene: &mut Scene, frame: &Frame, band: &Band, ink: Ink) {
    let stroke = Stroke { colour: ink.colour, width: 1.2, dash: Dash::Dot };
    draw_line(scene, frame, (&band.t_min, &band.mean), stroke);
}

fn points(frame: &Frame, t_min: &[f64], values: &[f64]) -> impl Iterator<Item = Point> {
    t_min.iter().zip(values).map(|(t, v)| frame.point(*t, *v))
}

/// Drops what the eye cannot see: of each pixel column the first, lowest, highest
/// and last point stay, and of a level stretch its ends.
///
/// After Jugel et al., "M4: a visualization-oriented time series data
/// aggregation", VLDB 2014: the drawn line keeps its pixels.
pub(super) fn thinned(points: impl IntoIterator<Item = Point>) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    let mut column: Option<PixelColumn> = None;
    for (i, point) in points.into_iter().enumerate() {
        match &mut column {
            Some(column) if libm::floor(column.first.1.0) == libm::floor(point.0) => column.add((i, point)),
            _ => {
                if let Some(whole) = column.replace(PixelColumn::of((i, point))) {
                    whole.keep(&mut kept);
                }
            }
        }
    }
    if let Some(last) = column {
        last.keep(&mut kept);
    }
    kept
}

/// What stays of the points of one pixel column, each with its place in the line.
struct PixelColumn {
    first: (usize, Point),
    least: (usize, Point),
    greatest: (usize, Point),
    last: (usize, Point),
}

impl PixelColumn {
    fn of(point: (usize, Point)) -> Self {
        Self { first: point, least: point, greatest: point, last: point }
    }

    fn add(&mut self, point: (usize, Point)) {
        let height = |(_, point): (usize, Point)| point.1;
        if height(point) < height(self.least) {
            self.least = point;
        }
        if height(point) > height(self.greatest) {
            self.greatest = point;
        }
        self.last = point;
    }

    /// Adds the points in order, each once.
    fn keep(&self, kept: &mut Vec<Point>) {
        let mut corners = [self.first, self.least, self.greatest, self.last];
        corners.sort_unstable_by_key(|corner| corner.0);
        for (at, corner) in corners.iter().enumerate() {
            if at == 0 || corners[at - 1].0 != corner.0 {
                push_unless_level(kept, corner.1);
            }
        }
    }
}

fn push_unless_level(kept: &mut Vec<Point>, next: Point) {
    if let [.., before, last] = kept.as_mut_slice()
        && before.1 == last.1
        && last.1 == next.1
    {
        *last = next;
    } else {
        kept.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_level_stretch_keeps_its_two_ends() {
        let level: Vec<Point> = (0..500).map(|i| (f64::from(i), 7.0)).collect();
        assert_eq!(thinned(level), [(0.0, 7.0), (499.0, 7.0)]);
    }

    #[test]
    fn a_hundred_thousand_points_leave_four_a_pixel_column_at_most() {
        let noisy: Vec<Point> =
            (0..100_000).map(|i| (f64::from(i) / 1_000.0, f64::from(i * 7_919 % 997))).collect();
        assert!(thinned(noisy).len() <= 400);
    }

    proptest! {
        #[test]
        fn thinning_keeps_the_ends_and_the_extremes(ys in prop::collection::vec(-50.0..50.0_f64, 1..300)) {
            let line: Vec<Point> = ys.iter().enumerate().map(|(i, y)| (i as f64 * 0.13, *y)).collect();
            let thin = thinned(line.clone());
            let extreme = |points: &[Point]| {
                points.iter().fold((f64::MAX, f64::MIN), |(lo, hi), p| (p.1.min(lo), p.1.max(hi)))
            };
            prop_assert_eq!(thin.first(), line.first());
            prop_assert_eq!(thin.last(), line.last());
            prop_assert_eq!(extreme(&thin), extreme(&line));
            prop_assert!(thin.windows(2).all(|w| w[0].0 <= w[1].0));
        }
    }
}
