//! A sweep as figures: heat maps over two axes, curves over one, dots over each axis of a Latin hypercube.

use serde_json::Value;

use super::{MEASURES, Measure, SweptArm, axis_heads};
use crate::report::Artifact;
use crate::report::plots::{
    self, Better, Cell, Curve, CurvePoint, Curves, Format, HeatMap, Joined, PlotError, Positions,
};
use crate::scenario::Scenario;
use crate::scenario::metric::Direction;
use crate::scenario::sweep::{Axis, Point, Values, shown};
use crate::stats::Estimate;

/// Slices of a sweep of many axes that are drawn; of more, the files would be too many to look at.
const SLICES_MAX: usize = 12;
/// Series that one plot of curves can tell apart.
const SERIES_MAX: usize = 8;
/// The side of a heat map that still has room.
const SIDE_MAX: usize = 60;

/// The figures of a sweep, each in every format asked for: of every measure that the arms differ in, a heat map
/// over the first two axes and curves over the first; with more axes, for each combination of the others.
/// A Latin hypercube is drawn as dots over each axis.
///
/// # Errors
/// When a plot cannot be drawn, or a format is not built in.
pub fn figures(
    scenario: &Scenario,
    arms: &[SweptArm<'_>],
    formats: &[Format],
) -> Result<Vec<Artifact<'static>>, PlotError> {
    let figures = Figures { scenario, arms, axes: &scenario.sweep.axes };
    let mut artifacts = Vec::new();
    for measure in MEASURES.iter().filter(|m| m.varies(arms)) {
        for format in formats {
            if scenario.sweep.latin_hypercube.is_some() {
                figures.dots(measure, *format, &mut artifacts)?;
            } else {
                figures.slices(measure, *format, &mut artifacts)?;
            }
        }
    }
    Ok(artifacts)
}

struct Figures<'a> {
    scenario: &'a Scenario,
    arms: &'a [SweptArm<'a>],
    axes: &'a [Axis],
}

impl Figures<'_> {
    fn heading(&self, measure: &Measure, slice: &str) -> plots::Heading {
        let name = &self.scenario.name;
        let scenario = if slice.is_empty() { name.clone() } else { format!("{name}, {slice}") };
        let title = measure.label.to_owned();
        plots::Heading { title: capitalised(&title), scenario, seeds: self.arms[0].summary.seeds }
    }

    /// Every combination of the axes from the third on, with its arms.
    fn slices(
        &self,
        measure: &Measure,
        format: Format,
        to: &mut Vec<Artifact<'static>>,
    ) -> Result<(), PlotError> {
        let mut slices: Vec<(String, Vec<&SweptArm<'_>>)> = Vec::new();
        for arm in self.arms {
            let rest = Point { settings: arm.point.settings.iter().skip(2).cloned().collect() };
            let name = rest.name();
            match slices.iter_mut().find(|(known, _)| *known == name) {
                Some((_, arms)) => arms.push(arm),
                None => slices.push((name, vec![arm])),
            }
        }
        for (name, arms) in slices.iter().take(SLICES_MAX) {
            let heading = self.heading(measure, name);
            let suffix = if name.is_empty() { String::new() } else { format!("-{}", fit_for_a_file(name)) };
            let path = |kind: &str| format!("plots/{}{suffix}{kind}.{}", measure.slug, format.extension());
            let curves = plots::curves(&heading, &self.curves(measure, arms), format)?;
            to.push(Artifact::new(path(""), curves));
            if let [first, second, ..] = self.axes
                && first.tried().len() <= SIDE_MAX
                && second.tried().len() <= SIDE_MAX
            {
                let map = heat_map(measure, (first, second), arms);
                to.push(Artifact::new(path("-heat-map"), plots::heat_map(&heading, &map, format)?));
            }
        }
        Ok(())
    }

    /// Over the first axis, a curve for each value of the second.
    fn curves(&self, measure: &Measure, arms: &[&SweptArm<'_>]) -> Curves {
        let x = self.axes[0].tried();
        let seconds = self.axes.get(1).map_or_else(Vec::new, Axis::tried);
        let of = |second: Option<&Value>| -> Vec<CurvePoint> {
            let here = arms.iter().filter(|arm| second.is_none_or(|value| arm.point.settings[1].1 == *value));
            here.filter_map(|arm| {
                let index = x.iter().position(|value| *value == arm.point.settings[0].1)?;
                Some(curve_point(index, measure.of(arm.summary)))
            })
            .collect()
        };
        let series = if seconds.is_empty() {
            vec![Curve { label: String::new(), points: of(None) }]
        } else {
            let key = axis_heads(&[&self.axes[1].key]).remove(0);
            let chosen = spread(&seconds, SERIES_MAX);
            let curve =
                |value: &Value| Curve { label: format!("{key} {}", shown(value)), points: of(Some(value)) };
            chosen.into_iter().map(curve).collect()
        };
        Curves {
            x_label: self.axes[0].key.clone(),
            x: positions(&x),
            y_label: measure.label.to_owned(),
            series,
            joined: Joined::Yes,
        }
    }

    /// Over each axis, a dot for every arm.
    fn dots(
        &self,
        measure: &Measure,
        format: Format,
        to: &mut Vec<Artifact<'static>>,
    ) -> Result<(), PlotError> {
        for (index, axis) in self.axes.iter().enumerate() {
            let mut x: Vec<Value> = match &axis.values {
                Values::Listed(values) => values.clone(),
                Values::Between { .. } => Vec::new(),
            };
            let mut points = Vec::new();
            for arm in self.arms {
                let value = &arm.point.settings[index].1;
                let at = x.iter().position(|known| known == value).unwrap_or_else(|| {
                    x.push(value.clone());
                    x.len() - 1
                });
                points.push(curve_point(at, measure.of(arm.summary)));
            }
            let curves = Curves {
                x_label: axis.key.clone(),
                x: positions(&x),
                y_label: measure.label.to_owned(),
                series: vec![Curve { label: String::new(), points }],
                joined: Joined::No,
            };
            let (slug, axis) = (measure.slug, fit_for_a_file(&axis.key));
            let path = format!("plots/{slug}-by-{axis}.{}", format.extension());
            to.push(Artifact::new(path, plots::curves(&self.heading(measure, ""), &curves, format)?));
        }
        Ok(())
    }
}

fn heat_map(measure: &Measure, (x, y): (&Axis, &Axis), arms: &[&SweptArm<'_>]) -> HeatMap {
    let (across, down) = (x.tried(), y.tried());
    let cell = |x: &Value, y: &Value| {
        let arm = arms.iter().find(|arm| arm.point.settings[0].1 == *x && arm.point.settings[1].1 == *y);
        match arm.map(|arm| measure.of(arm.summary)) {
            None => Cell::NotRun,
            Some(Some(e)) if e.point.is_finite() => Cell::Value(e.point),
            Some(_) => Cell::NotReached,
        }
    };
    HeatMap {
        x_label: x.key.clone(),
        x: across.iter().map(shown).collect(),
        y_label: y.key.clone(),
        y: down.iter().map(shown).collect(),
        value_label: measure.label.to_owned(),
        better: match measure.metric.direction() {
            Direction::LowerIsBetter => Better::Lower,
            Direction::HigherIsBetter => Better::Higher,
            Direction::Neither => Better::Neither,
        },
        cells: down.iter().flat_map(|y| across.iter().map(|x| cell(x, y)).collect::<Vec<_>>()).collect(),
    }
}

fn curve_point(x: usize, estimate: Option<Estimate>) -> CurvePoint {
    let finite = |x: f64| x.is_finite().then_some(x);
    let interval = estimate.and_then(|e| e.interval);
    CurvePoint {
        x,
        mid: estimate.and_then(|e| finite(e.point)),
        low: interval.and_then(|i| finite(i.low)),
        high: interval.and_then(|i| finite(i.high)),
    }
}

fn positions(values: &[Value]) -> Positions {
    let numbers: Option<Vec<f64>> = values.iter().map(Value::as_f64).collect();
    numbers.map_or_else(|| Positions::Words(values.iter().map(shown).collect()), Positions::Numbers)
}

/// At most so many of the values, spread evenly, the first and the last among them.
fn spread(values: &[Value], most: usize) -> Vec<&Value> {
    let n = values.len();
    if n <= most {
        return values.iter().collect();
    }
    (0..most).map(|i| &values[i * (n - 1) / (most - 1)]).collect()
}

/// What a file's name may hold on every system.
fn fit_for_a_file(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || "=.,-_".contains(c) { c } else { '_' }).collect()
}

/// With a capital letter, unless it begins with the name of a quantile.
fn capitalised(text: &str) -> String {
    if text.starts_with('p') && text[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
