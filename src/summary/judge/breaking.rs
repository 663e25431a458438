//! The seeds that break a check.

use super::{Context, Reference, metric_of};
use crate::scenario::checks::{Assertion, Bound, Check, Comparison, Estimate as Wanted};
use crate::scenario::metric::MetricRef;
use crate::summary::baseline::Baseline;
use crate::summary::observe::{holds, subject};
use crate::summary::value::Value;

impl Context<'_> {
    /// The seeds that break a failed check, the worst first.
    pub(super) fn breaking(&self, check: &Check, bound: Option<f64>) -> Vec<u64> {
        let Assertion::Bounded { estimate, comparison, .. } = &check.assertion else {
            let ended = self.runs.seeds().zip(self.runs.ended());
            return ended.filter(|(_, ended)| !ended).map(|(seed, _)| seed).collect();
        };
        let wanted = match estimate {
            Wanted::Delta(inner) => inner,
            other => other,
        };
        let upper = matches!(comparison, Comparison::Less | Comparison::AtMost | Comparison::Equal);
        if let Wanted::Probability(condition) = wanted {
            let values = self.runs.values(subject(condition));
            let is_bad = |value: Value| holds(condition, value) == Some(upper);
            let was_bad = |seed: u64| match (estimate, self.reference) {
                (Wanted::Delta(_), Reference::Baseline { baseline, .. }) => {
                    self.value_before(baseline, subject(condition), seed).is_some_and(is_bad)
                }
                _ => false,
            };
            let bad = self.runs.seeds().zip(values.iter()).filter(|(_, v)| is_bad(*v)).map(|(seed, _)| seed);
            // Of a difference, the seeds that have come to be bad come first.
            let (before, new): (Vec<u64>, Vec<u64>) = bad.partition(|seed| was_bad(*seed));
            return if new.is_empty() { before } else { new };
        }
        let values = self.runs.values(metric_of(wanted));
        let then = |seed: u64| match (estimate, self.reference) {
            (Wanted::Delta(_), Reference::Baseline { baseline, .. }) => {
                self.before(baseline, metric_of(wanted), seed)
            }
            (Wanted::Delta(_), Reference::None(_)) => None,
            _ => Some(0.0),
        };
        // A seed breaks a difference when its own is beyond the bound; in percent of its own baseline.
        let beyond = |seed: u64, x: f64| -> Option<(f64, u64)> {
            let (base, bound) = (then(seed)?, bound?);
            let bound = match &check.assertion {
                Assertion::Bounded { bound: Bound::Percent(percent), .. } => percent / 100.0 * base.abs(),
                _ => bound,
            };
            // Two runs that were cut differ by nothing that is known.
            let difference = if x == base { 0.0 } else { x - base };
            let excess = difference - bound;
            (!comparison.holds(difference, bound)).then_some((if upper { excess } else { -excess }, seed))
        };
        let seeds = self.runs.seeds().zip(values.iter());
        let mut bad: Vec<(f64, u64)> =
            seeds.filter_map(|(seed, value)| beyond(seed, value.as_number()?)).collect();
        bad.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        bad.into_iter().map(|(_, seed)| seed).collect()
    }

    fn before(&self, baseline: &Baseline, metric: MetricRef, seed: u64) -> Option<f64> {
        self.value_before(baseline, metric, seed)?.as_number()
    }

    fn value_before(&self, baseline: &Baseline, metric: MetricRef, seed: u64) -> Option<Value> {
        let name = self.column(metric)?;
        let column = baseline.columns.iter().find(|c| c.name == name)?;
        column.values.get(usize::try_from(seed.checked_sub(baseline.seeds.start)?).ok()?)
    }
}
