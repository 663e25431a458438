//! The `sweep:` of a scenario: its axes, and the combinations of their values that are run.

use serde_json::Value;

use super::constraint::{self, Constraint};
use crate::engine::time::SimDuration;
use crate::stats::latin_hypercube;

pub mod read;

pub use read::RawSweep;
pub(super) use read::{CONSTRAINTS, LATIN_HYPERCUBE, PlacedAxis, PlacedSweep, sweep};

/// What a sweep varies, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sweep {
    /// The settings that are varied, in file order.
    pub axes: Vec<Axis>,
    /// What every combination has to meet.
    pub constraints: Vec<Constraint>,
    /// How many points a Latin hypercube takes from the axes; none means every combination.
    pub latin_hypercube: Option<usize>,
}

/// One axis of the parameter sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Dotted path of the setting, as for `--set`.
    pub key: String,
    /// Its values.
    pub values: Values,
}

/// The values of an axis.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// These, in order; at least one, none twice.
    Listed(Vec<Value>),
    /// Any number of a range; for a Latin hypercube only.
    Between {
        /// The least.
        from: f64,
        /// The greatest.
        to: f64,
        /// What they count.
        unit: Unit,
    },
}

/// What the numbers of a range count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Whatever the setting counts.
    Number,
    /// Milliseconds of a duration.
    Milliseconds,
}

impl Unit {
    /// The number as the setting takes it: a whole one without a decimal point, since fields for whole numbers only
    /// take it so; a duration with its units.
    fn value(self, x: f64) -> Value {
        match self {
            Self::Number if x.fract() == 0.0 && x.abs() < 1e15 => Value::from(x as i64),
            Self::Number => Value::from(x),
            Self::Milliseconds => Value::from(SimDuration::from_ms(x.max(0.0) as u64).to_string()),
        }
    }
}

/// One combination of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Each axis with its value, in the order of the axes.
    pub settings: Vec<(String, Value)>,
}

/// The combinations of a sweep, and how many fell away.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    /// Those to be run.
    pub points: Vec<Point>,
    /// How many a constraint keeps out.
    pub excluded: usize,
    /// How many points of a Latin hypercube came out the same as another.
    pub repeated: usize,
}

impl Point {
    /// Its name, which carries the values: `drainPercent=10,bakeTimeInMinutes=15`.
    pub fn name(&self) -> String {
        let parts: Vec<String> =
            self.settings.iter().map(|(key, value)| format!("{key}={}", shown(value))).collect();
        parts.join(",")
    }
}

/// A value as a name shows it: texts without their quotes.
pub fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Sweep {
    /// The combinations that meet the constraints, the last axis varying fastest; of a Latin hypercube the
    /// points in the order drawn. `seed` decides where a hypercube's points lie.
    pub fn points(&self, seed: u64) -> Points {
        let all: Vec<Point> = match self.latin_hypercube {
            Some(points) => latin_hypercube(points, self.axes.len(), seed)
                .into_iter()
                .map(|at| self.point(|index, axis| axis.at(at[index], points)))
                .collect(),
            None => self.grid(),
        };
        let total = all.len();
        let mut points: Vec<Point> = all.into_iter().filter(|point| self.admits(point)).collect();
        let excluded = total - points.len();
        if self.latin_hypercube.is_some() {
            let mut distinct: Vec<Point> = Vec::new();
            for point in points {
                if !distinct.contains(&point) {
                    distinct.push(point);
                }
            }
            points = distinct;
        }
        let repeated = total - excluded - points.len();
        Points { points, excluded, repeated }
    }

    /// Every combination, the last axis varying fastest.
    fn grid(&self) -> Vec<Point> {
        let values: Vec<Vec<Value>> = self.axes.iter().map(Axis::tried).collect();
        let sizes: Vec<usize> = values.iter().map(Vec::len).collect();
        let combination = |mut number: usize| {
            let mut digits = vec![0; sizes.len()];
            for (digit, size) in digits.iter_mut().zip(&sizes).rev() {
                *digit = number % size;
                number /= size;
            }
            self.point(|index, _| values[index][digits[index]].clone())
        };
        let count = if sizes.is_empty() { 0 } else { sizes.iter().product() };
        (0..count).map(combination).collect()
    }

    fn point(&self, value: impl Fn(usize, &Axis) -> Value) -> Point {
        let settings = self.axes.iter().enumerate();
        Point { settings: settings.map(|(i, axis)| (axis.key.clone(), value(i, axis))).collect() }
    }

    fn admits(&self, point: &Point) -> bool {
        // An axis whose value is no number is in no constraint.
        let number = |(_, value): &(String, Value)| constraint::number(value).unwrap_or(f64::NAN);
        let values: Vec<f64> = point.settings.iter().map(number).collect();
        self.constraints.iter().all(|constraint| constraint.holds(&values))
    }
}

impl Axis {
    /// The values to be tried before anything runs: all of a list, the ends of a range.
    pub fn tried(&self) -> Vec<Value> {
        match &self.values {
            Values::Listed(values) => values.clone(),
            Values::Between { from, to, unit } => vec![unit.value(*from), unit.value(*to)],
        }
    }

    /// The value at a share of the axis, which lies between 0 and 1, for one of so many points.
    fn at(&self, share: f64, points: usize) -> Value {
        match &self.values {
            Values::Listed(values) => {
                let index = (share * values.len() as f64) as usize;
                values[index.min(values.len() - 1)].clone()
            }
            Values::Between { from, to, unit: Unit::Milliseconds } => {
                Unit::Milliseconds.value(libm::round(from + share * (to - from)))
            }
            Values::Between { from, to, unit } => {
                // A thousandth of the range is finer than any answer, and more digits would only make names long;
                // but a point has to stay in its stratum.
                let stratum = |x: f64| ((x - from) / (to - from) * points as f64) as usize;
                let first = (-libm::floor(libm::log10((to - from) / 1000.0))).clamp(0.0, 12.0) as usize;
                let x = from + share * (to - from);
                let near = (first..=15).map(|decimals| rounded(x, decimals));
                let fits = |near: &f64| stratum(*near) == (share * points as f64) as usize;
                unit.value(near.into_iter().find(fits).unwrap_or(x))
            }
        }
    }
}

/// Printed digits, not binary ones: 0.1 + 2 × 0.1 is 0.3 to whoever wrote it.
fn rounded(x: f64, decimals: usize) -> f64 {
    format!("{x:.decimals$}").parse().unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(key: &str, values: &[i64]) -> Axis {
        Axis { key: key.to_owned(), values: Values::Listed(values.iter().map(|v| Value::from(*v)).collect()) }
    }

    fn names(points: &Points) -> Vec<String> {
        points.points.iter().map(Point::name).collect()
    }

    #[test]
    fn the_last_axis_varies_fastest_and_names_carry_the_values() {
        let sweep = Sweep { axes: vec![listed("a", &[1, 2]), listed("b", &[3, 4, 5])], ..Sweep::default() };
        assert_eq!(
            names(&sweep.points(1)),
            ["a=1,b=3", "a=1,b=4", "a=1,b=5", "a=2,b=3", "a=2,b=4", "a=2,b=5"]
        );
        assert!(Sweep::default().points(1).points.is_empty());
    }

    #[test]
    fn a_constraint_keeps_combinations_out_and_counts_them() {
        let constraints = vec![constraint::parse("a * b <= 5", &["a", "b"]).expect("valid")];
        let sweep = Sweep {
            axes: vec![listed("a", &[1, 2]), listed("b", &[2, 3])],
            constraints,
            latin_hypercube: None,
        };
        let points = sweep.points(1);
        assert_eq!(
            (names(&points), points.excluded),
            (vec!["a=1,b=2".into(), "a=1,b=3".into(), "a=2,b=2".into()], 1)
        );
    }

    #[test]
    fn a_latin_hypercube_takes_each_value_of_an_axis_equally_often() {
        let wide =
            Axis { key: "w".into(), values: Values::Between { from: 0.0, to: 50.0, unit: Unit::Number } };
        let sweep = Sweep {
            axes: vec![listed("a", &[1, 2, 3, 4]), wide],
            constraints: vec![],
            latin_hypercube: Some(12),
        };
        let points = sweep.points(7);
        assert_eq!(points.points.len(), 12);
        for value in 1..=4 {
            let hits = points.points.iter().filter(|p| p.settings[0].1 == value).count();
            assert_eq!(hits, 3, "{value}");
        }
        let mut strata: Vec<usize> = points
            .points
            .iter()
            .map(|p| (p.settings[1].1.as_f64().expect("a number") / 50.0 * 12.0) as usize)
            .collect();
        strata.sort_unstable();
        assert_eq!(strata, (0..12).collect::<Vec<_>>());
        assert_eq!(sweep.points(7), points);
        assert_ne!(sweep.points(8), points);
    }

    #[test]
    fn every_stratum_of_a_narrow_range_has_its_point() {
        let narrow = Values::Between { from: 1.0, to: 2.0, unit: Unit::Number };
        let axes = vec![Axis { key: "n".into(), values: narrow }];
        let points = Sweep { axes, constraints: vec![], latin_hypercube: Some(400) }.points(3);
        let mut strata: Vec<usize> = points
            .points
            .iter()
            .map(|p| ((p.settings[0].1.as_f64().expect("a number") - 1.0) * 400.0) as usize)
            .collect();
        strata.sort_unstable();
        assert_eq!(strata, (0..400).collect::<Vec<_>>());
    }

    #[test]
    fn points_of_a_hypercube_that_coincide_are_run_once() {
        let sweep =
            Sweep { axes: vec![listed("a", &[1, 2])], constraints: vec![], latin_hypercube: Some(10) };
        let points = sweep.points(1);
        assert_eq!((points.points.len(), points.repeated), (2, 8));
    }
}
