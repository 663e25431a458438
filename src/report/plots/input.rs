//! What a plot is given, and the checks that every plot makes of it.

use std::fmt;

/// Magnitudes above this are refused, so that sums and differences of values stay finite.
const MAGNITUDE_MAX: f64 = 1e300;

/// What stands above a plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Heading {
    /// What the plot shows, as in "Fleet state over time".
    pub title: String,
    /// Name of the scenario, and of the arm when there are several.
    pub scenario: String,
    /// How many seeds the plot speaks of.
    pub seeds: usize,
}

/// One quantity over time, summarised over the seeds.
///
/// All columns have one entry per instant of `t_min`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Band {
    /// The legend's word for it.
    pub label: String,
    /// Minutes since the run began; never decreasing.
    pub t_min: Vec<f64>,
    /// Mean over the seeds.
    pub mean: Vec<f64>,
    /// 5th percentile over the seeds.
    pub p5: Vec<f64>,
    /// Median over the seeds.
    pub p50: Vec<f64>,
    /// 95th percentile over the seeds.
    pub p95: Vec<f64>,
}

/// An instant worth a vertical line, such as the creation of a deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Minutes since the run began.
    pub t_min: f64,
    /// What happened.
    pub label: String,
}

/// Why a plot could not be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlotError {
    /// Two columns that belong together differ in length.
    Length {
        /// The column.
        column: String,
        /// Entries it should have.
        expected: usize,
        /// Entries it has.
        found: usize,
    },
    /// A value is NaN, infinite, or beyond ±1e300.
    NotFinite {
        /// The column.
        column: String,
        /// Its first such entry, counted from 0.
        index: usize,
    },
    /// The instants of a column run backwards.
    Backwards {
        /// The column.
        column: String,
        /// The first entry before its predecessor, counted from 0.
        index: usize,
    },
    /// The low end of an interval lies above its high end.
    Crossed {
        /// The column.
        column: String,
        /// Its first such interval, counted from 0.
        index: usize,
    },
    /// A point lies at a position that the axis does not have.
    OffAxis {
        /// The column.
        column: String,
        /// Its first such point, counted from 0.
        index: usize,
        /// How many positions the axis has.
        positions: usize,
    },
    /// More than a reader could tell apart, or a canvas could hold.
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A PNG was asked of a build without the cargo feature `png`.
    NoPng,
    /// The drawing backend failed.
    Backend(String),
}

impl fmt::Display for PlotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { column, expected, found } => {
                write!(f, "column '{column}' has {found} entries where {expected} are due")
            }
            Self::NotFinite { column, index } => {
                write!(f, "entry {index} of column '{column}' is no finite number")
            }
            Self::Backwards { column, index } => {
                write!(f, "entry {index} of column '{column}' is earlier than the one before")
            }
            Self::Crossed { column, index } => {
                write!(f, "interval {index} of column '{column}' has its low end above its high end")
            }
            Self::OffAxis { column, index, positions } => {
                write!(
                    f,
                    "point {index} of column '{column}' lies beyond the {positions} positions of the axis"
                )
            }
            Self::TooMany { what, found, most } => {
                write!(f, "a plot cannot show {found} {what}: {most} at most")
            }
            Self::NoPng => f.write_str("this build draws no PNG: it lacks the cargo feature 'png'"),
            Self::Backend(message) => write!(f, "drawing failed: {message}"),
        }
    }
}

impl std::error::Error for PlotError {}

impl Band {
    /// Whether the columns agree in length, are finite, and time does not run backwards.
    pub(super) fn check(&self) -> Result<(), PlotError> {
        let name = |column: &str| format!("{}: {column}", self.label);
        check_finite(&name("t_min"), &self.t_min)?;
        if let Some(i) = self.t_min.windows(2).position(|w| w[1] < w[0]) {
            return Err(PlotError::Backwards { column: name("t_min"), index: i + 1 });
        }
        for (column, values) in
            [("mean", &self.mean), ("p5", &self.p5), ("p50", &self.p50), ("p95", &self.p95)]
        {
            check_length(&name(column), values, self.t_min.len())?;
            check_finite(&name(column), values)?;
        }
        Ok(())
    }

    /// Every value that will be drawn.
    pub(super) fn values(&self) -> impl Iterator<Item = f64> + '_ {
        [&self.mean, &self.p5, &self.p50, &self.p95].into_iter().flatten().copied()
    }
}

/// Refuses a column that is not `expected` long.
pub(super) fn check_length(column: &str, values: &[f64], expected: usize) -> Result<(), PlotError> {
    if values.len() == expected {
        return Ok(());
    }
    Err(PlotError::Length { column: column.to_owned(), expected, found: values.len() })
}

/// Refuses a column with a value that no axis can hold.
pub(super) fn check_finite(column: &str, values: &[f64]) -> Result<(), PlotError> {
    match values.iter().position(|v| !v.is_finite() || v.abs() > MAGNITUDE_MAX) {
        Some(index) => Err(PlotError::NotFinite { column: column.to_owned(), index }),
        None => Ok(()),
    }
}

/// Refuses more of something than a plot can show.
pub(super) fn check_most(what: &'static str, found: usize, most: usize) -> Result<(), PlotError> {
    if found <= most { Ok(()) } else { Err(PlotError::TooMany { what, found, most }) }
}

/// Refuses marks at impossible instants.
pub(super) fn check_marks(marks: &[Mark]) -> Result<(), PlotError> {
    let at: Vec<f64> = marks.iter().map(|m| m.t_min).collect();
    check_finite("marks", &at)
}
