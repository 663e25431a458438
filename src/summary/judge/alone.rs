//! Checks of an estimate itself: mean, quantile, extremes, probability.

use super::{
    Context, NO_SAMPLE, Needs, Sides, Tested, agreeing, both_sides, metric_of, one_sided, power_below,
    settled, too_few, with_interval,
};
use crate::scenario::checks::{Check, Comparison, Condition, Estimate as Wanted};
use crate::stats::{Proportion, Sample};
use crate::summary::observe::{proportion, quantile_of, sample, subject};
use crate::summary::verdict::{Judged, Measure};

impl Context<'_> {
    /// A check of an estimate itself.
    pub(super) fn bounded(
        &self,
        check: &Check,
        wanted: &Wanted,
        comparison: Comparison,
        bound: f64,
    ) -> Tested {
        if let Wanted::Probability(condition) = wanted {
            return self.probability(check, condition, comparison, bound);
        }
        let metric = metric_of(wanted);
        let mut judged = self.blank(check, Measure::Unit(metric.metric.unit()), Some(bound));
        let Some(sample) = sample(self.runs.values(metric).iter()) else {
            return settled(judged, false, NO_SAMPLE.to_owned());
        };
        judged.n = sample.n();
        match wanted {
            Wanted::Mean(_) => mean(judged, &sample, comparison, bound),
            Wanted::Quantile { percent, .. } => quantile(judged, &sample, *percent, comparison, bound),
            Wanted::Min(_) => extreme(judged, sample.min(), comparison, bound),
            _ => extreme(judged, sample.max(), comparison, bound),
        }
    }

    fn probability(
        &self,
        check: &Check,
        condition: &Condition,
        comparison: Comparison,
        bound: f64,
    ) -> Tested {
        let mut judged = self.blank(check, Measure::Share, Some(bound));
        let Some(share) = proportion(condition, self.runs.values(subject(condition))) else {
            return settled(judged, false, NO_SAMPLE.to_owned());
        };
        let level = one_sided(judged.level);
        judged.observed = Some(share.share());
        judged.n = share.n();
        (judged.low, judged.high) = (Some(share.lower_bound(level)), Some(share.upper_bound(level)));
        let mut sides = Sides::of_any(&share.against(bound), comparison);
        if let Some(needs) = needed_hits(share, comparison, bound) {
            sides.needs = needs;
        }
        Tested { judged, evidence: Some(sides) }
    }
}

fn mean(mut judged: Judged, sample: &Sample, comparison: Comparison, bound: f64) -> Tested {
    let Ok(estimate) = sample.mean(both_sides(judged.level)) else {
        let reason = format!("no mean: {} runs were cut before their value was known", sample.censored());
        return settled(judged, false, reason);
    };
    judged.observed = Some(estimate.point);
    with_interval(&mut judged, estimate.interval, 1.0);
    match sample.mean_against(bound) {
        Ok(evidence) => {
            let sides = Sides::of_any(&evidence, comparison);
            if sample.min() == sample.max() {
                return agreeing(judged, sides, sample.n());
            }
            Tested { judged, evidence: Some(sides) }
        }
        Err(_) => too_few(judged),
    }
}

fn quantile(mut judged: Judged, sample: &Sample, percent: f64, comparison: Comparison, bound: f64) -> Tested {
    let quantile = quantile_of(percent);
    let point = sample.quantile(quantile, both_sides(judged.level)).point;
    judged.observed = Some(point);
    if point.is_infinite() {
        let reason = format!("{quantile} falls on one of the {} runs that were cut", sample.censored());
        return settled(judged, false, reason);
    }
    (judged.low, judged.high) = sample.quantile_bounds(quantile, one_sided(judged.level));
    let mut sides = Sides::of(&sample.quantile_against(quantile, bound), comparison);
    let all_below = sample.max() <= bound && matches!(comparison, Comparison::AtMost | Comparison::Less);
    let all_above = sample.min() >= bound && matches!(comparison, Comparison::AtLeast | Comparison::Greater);
    if all_below || all_above {
        let p = quantile.probability();
        let share = if all_below { p } else { 1.0 - p };
        sides.needs =
            Needs::AtLeast { seeds: Box::new(move |alpha| power_below(share, alpha)), of: " with a value" };
    }
    Tested { judged, evidence: Some(sides) }
}

/// What a share takes to pass whose seeds all speak for it so far.
fn needed_hits(share: Proportion, comparison: Comparison, bound: f64) -> Option<Needs> {
    let best = match comparison {
        Comparison::AtMost | Comparison::Less if share.hits() == 0 => 1.0 - bound,
        Comparison::AtLeast | Comparison::Greater if share.hits() == share.n() => bound,
        _ => return None,
    };
    Some(Needs::AtLeast {
        seeds: Box::new(move |alpha| power_below(best, alpha)),
        of: " that all speak for it",
    })
}

/// The least or the greatest of the seeds that ran: a fact about them, without a test.
fn extreme(mut judged: Judged, point: f64, comparison: Comparison, bound: f64) -> Tested {
    judged.observed = Some(point);
    if point.is_infinite() {
        return settled(judged, false, "it falls on a run that was cut".to_owned());
    }
    settled(judged, comparison.holds(point, bound), "a fact about the seeds that ran".to_owned())
}
