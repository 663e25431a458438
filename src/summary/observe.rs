//! What the seeds of an arm have to say about one metric, and estimates of it.

use super::packed::Values;
use super::runs::Runs;
use super::value::Value;
use crate::outcome::{DeploymentStatus, StopReason};
use crate::scenario::checks::{Condition, Estimate as Wanted, Is, Target};
use crate::scenario::metric::{Metric, MetricRef};
use crate::stats::{Confidence, Estimate, Proportion, Quantile, Refused, Sample, nine_digits};

/// Why there is no estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// No seed has a value.
    NoSample,
    /// A mean, and so many of the runs were cut before their value was known.
    Censored(usize),
}

/// The known and the censored values as a sample; none when there are none.
pub fn sample(values: impl Iterator<Item = Value>) -> Option<Sample> {
    let mut censored = 0;
    let mut finite = Vec::new();
    for x in values.filter_map(Value::as_number) {
        if x.is_finite() {
            finite.push(x);
        } else {
            censored += 1;
        }
    }
    Sample::new(finite, censored).ok()
}

/// How often a condition holds, of the values that are known; none when none is.
pub(super) fn proportion(condition: &Condition, values: &Values) -> Option<Proportion> {
    let known = || values.iter().filter_map(|value| holds(condition, value));
    Proportion::new(known().filter(|hit| *hit).count(), known().count())
}

/// Every word that a metric of words can be, whether it occurred or not.
pub(super) fn words_of(metric: Metric) -> Vec<&'static str> {
    match metric {
        Metric::StopReason => StopReason::ALL.map(StopReason::as_str).to_vec(),
        _ => DeploymentStatus::ALL.map(DeploymentStatus::as_str).to_vec(),
    }
}

/// The metric that a condition is about.
pub(super) fn subject(condition: &Condition) -> MetricRef {
    match condition {
        Condition::IsTrue(metric) | Condition::Compares { metric, .. } | Condition::Status { metric, .. } => {
            *metric
        }
    }
}

/// Whether a condition holds for a value; none when there is no value.
///
/// A censored value lies above every number: it is more than any bound and equal to none.
pub(super) fn holds(condition: &Condition, value: Value) -> Option<bool> {
    match (condition, value) {
        (Condition::IsTrue(_), Value::Boolean(is_true)) => Some(is_true),
        (Condition::Compares { comparison, number, .. }, value) => {
            value.as_number().map(|x| comparison.holds(x, *number))
        }
        (Condition::Status { is, status, .. }, Value::Text(word)) => {
            Some((word == *status) == (*is == Is::Equal))
        }
        _ => None,
    }
}

/// The quantile of a percentage, as checks write it.
pub(super) fn quantile_of(percent: f64) -> Quantile {
    Quantile::from_thousandths(libm::round(percent * 10.0) as u16).expect("checks keep to p1 to p99.9")
}

/// An estimate with its two-sided interval; a share with Wilson's.
///
/// # Errors
/// Why there is none.
pub fn estimate(wanted: &Wanted, runs: &Runs, confidence: Confidence) -> Result<Estimate, Lack> {
    let sampled = |metric: &MetricRef| sample(runs.values(*metric).iter()).ok_or(Lack::NoSample);
    let extreme = |point: f64, n: usize| Estimate { point, interval: None, n };
    match wanted {
        Wanted::Mean(metric) => {
            let sample = sampled(metric)?;
            sample.mean(confidence).map_err(|refused| match refused {
                Refused::Censored => Lack::Censored(sample.censored()),
                Refused::TooFew => Lack::NoSample,
            })
        }
        Wanted::Min(metric) => sampled(metric).map(|s| extreme(s.min(), s.n())),
        Wanted::Max(metric) => sampled(metric).map(|s| extreme(s.max(), s.n())),
        Wanted::Quantile { percent, metric } => {
            sampled(metric).map(|s| s.quantile(quantile_of(*percent), confidence))
        }
        Wanted::Probability(condition) => {
            let share = proportion(condition, runs.values(subject(condition))).ok_or(Lack::NoSample)?;
            let interval = Some(share.wilson(confidence));
            Ok(Estimate { point: share.share(), interval, n: share.n() })
        }
        Wanted::Delta(_) => unreachable!("differences have estimates of their own"),
    }
}

/// How many seeds that all agree show, at 95 %, that fewer than one in twenty differs: 0.95⁵⁹ is 0.0485.
pub(super) const AGREEING_SEEDS: usize = 59;

/// Whether an interval of a mean without any width is more than the first few seeds agreeing by luck.
fn is_enough(wanted: &Wanted, estimate: &Estimate) -> bool {
    let no_width = estimate.interval.is_some_and(|i| i.low >= i.high);
    !(matches!(wanted, Wanted::Mean(_)) && no_width && estimate.n < AGREEING_SEEDS)
}

/// How far a target of precision is from being reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// The target as it is written.
    pub target: String,
    /// Whether it is reached.
    pub reached: bool,
    /// Whether no number of seeds can help.
    pub hopeless: bool,
    /// The estimate so far.
    pub estimate: Result<Estimate, Lack>,
    /// Half the width of its interval in percent of the estimate or, for an absolute target, in its unit; none
    /// while there is no interval.
    pub half_width: Option<f64>,
    /// Whether the target is relative.
    pub relative: bool,
}

/// Looks at a target over the seeds of an arm.
pub fn progress(target: &Target, runs: &Runs) -> Progress {
    let estimate = estimate(&target.estimate, runs, Confidence::NINETY_FIVE);
    let relative = matches!(target.precision, crate::stats::Precision::Relative(_));
    let half = estimate.as_ref().ok().and_then(Estimate::half_width);
    let half_width = match (half, &estimate) {
        (Some(half), Ok(e)) if relative && half > 0.0 => {
            (e.point != 0.0).then(|| 100.0 * half / e.point.abs())
        }
        (half, _) => half,
    };
    Progress {
        target: target.text.clone(),
        reached: estimate
            .as_ref()
            .is_ok_and(|e| target.precision.reached(e) && is_enough(&target.estimate, e)),
        hopeless: matches!(estimate, Err(Lack::Censored(_))),
        estimate,
        half_width,
        relative,
    }
}

impl Progress {
    /// Whether it is farther from its target than another look at the same target.
    pub fn is_worse_than(&self, other: &Self) -> bool {
        let width = |p: &Self| p.half_width.unwrap_or(f64::INFINITY);
        (self.hopeless, !self.reached, width(self)) > (other.hopeless, !other.reached, width(other))
    }

    /// The half-width so far, as in `±3.1 %`.
    pub fn width(&self) -> String {
        match (self.half_width, self.relative) {
            (Some(half), true) => format!("±{half:.2} %"),
            (Some(half), false) => format!("±{}", short(half)),
            (None, _) => "without an interval".to_owned(),
        }
    }

    /// What came of it, as a line.
    pub fn sentence(&self) -> String {
        let n = self.estimate.as_ref().map_or(0, |e| e.n);
        match (&self.estimate, self.reached) {
            (Err(Lack::NoSample), _) => format!("{}: not reached, no seed has a value", self.target),
            (Err(Lack::Censored(cut)), _) => {
                format!(
                    "{}: not reached, {cut} runs were cut before they were over, so there is no mean",
                    self.target
                )
            }
            (Ok(e), true) => {
                format!("{}: reached, {} {} with n = {n}", self.target, short(e.point), self.width())
            }
            (Ok(e), false) if e.point.is_infinite() => {
                format!("{}: not reached, the estimate falls on a run that was cut", self.target)
            }
            (Ok(e), false) => {
                format!("{}: not reached, {} {} with n = {n}", self.target, short(e.point), self.width())
            }
        }
    }
}

/// Four digits that matter.
fn short(x: f64) -> String {
    let digits = format!("{x:.3e}").parse::<f64>().unwrap_or(x);
    nine_digits(digits).to_string()
}
