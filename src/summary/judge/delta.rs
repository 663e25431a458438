//! Checks of a difference from the baseline, paired by seed.

use std::ops::Range;

use super::{
    Context, NO_SAMPLE, Needs, Reference, Sides, Tested, agreeing, both_sides, metric_of, note, one_sided,
    settled, too_few, with_interval,
};
use crate::scenario::checks::{Bound, Check, Comparison, Condition, Estimate as Wanted};
use crate::stats::{Confidence, PairedProportions, Pairs, Resampling, nine_digits};
use crate::summary::baseline::{Baseline, LEAST_SHARED_SEEDS};
use crate::summary::observe::{holds, quantile_of, subject};
use crate::summary::packed::Values;
use crate::summary::runs::Runs;
use crate::summary::value::Value;
use crate::summary::verdict::{Judged, Measure, Verdict};

const NO_PAIR: &str = "no seed has a value in both, so there is nothing to compare";

impl Context<'_> {
    /// A check of a difference from the baseline.
    pub(super) fn delta(
        &self,
        check: &Check,
        inner: &Wanted,
        comparison: Comparison,
        bound: Bound,
    ) -> Tested {
        let (shown, measure) = match (bound, inner) {
            (Bound::Percent(percent), _) => (percent, Measure::Change),
            (Bound::Number(number), Wanted::Probability(_)) => (number, Measure::Share),
            (Bound::Number(number), _) => (number, Measure::Unit(metric_of(inner).metric.unit())),
        };
        let mut judged = self.blank(check, measure, Some(shown));
        let (baseline, shared) = match self.reference {
            Reference::None(why) => return no_baseline(judged, why.to_owned()),
            Reference::Baseline { baseline, shared } => (baseline, shared),
        };
        judged.of = (shared.end - shared.start) as usize;
        let metric = match inner {
            Wanted::Probability(condition) => subject(condition),
            other => metric_of(other),
        };
        let name = self.column(metric);
        let Some(column) = baseline.columns.iter().find(|c| Some(c.name.as_str()) == name) else {
            let name = name.unwrap_or_else(|| metric.metric.name());
            return no_baseline(
                judged,
                format!("the baseline has no metric '{name}'; take a new one with --update-baseline"),
            );
        };
        let now = self.runs.values(metric);
        // Seeds follow each other without a gap, so a seed's place is its distance from the first.
        let at = |values: &Values, first: u64, seed: u64| {
            values.get(usize::try_from(seed.checked_sub(first)?).ok()?)
        };
        let first = self.runs.seeds().start;
        let pairs: Vec<(Value, Value)> = shared
            .clone()
            .filter_map(|seed| Some((at(&column.values, baseline.seeds.start, seed)?, at(now, first, seed)?)))
            .collect();
        // Two runs that were cut before their value was known need not be equal, identical as they are so far.
        let is_cut = pairs.iter().any(|(base, arm)| [*base, *arm].contains(&Value::Censored));
        if self.identical && !is_cut {
            return same(judged, comparison, shown, &pairs);
        }
        match inner {
            Wanted::Probability(condition) => paired_shares(judged, condition, &pairs, comparison, bound),
            _ => self.paired_numbers(judged, inner, &pairs, comparison, bound),
        }
    }

    fn paired_numbers(
        &self,
        mut judged: Judged,
        inner: &Wanted,
        pairs: &[(Value, Value)],
        comparison: Comparison,
        bound: Bound,
    ) -> Tested {
        let numbers: Vec<(f64, f64)> =
            pairs.iter().filter_map(|(base, arm)| Some((base.as_number()?, arm.as_number()?))).collect();
        judged.n = numbers.len();
        let Ok(paired) = Pairs::new(numbers) else {
            return settled(judged, false, NO_PAIR.to_owned());
        };
        if is_few(&mut judged) {
            return Tested { judged, evidence: None };
        }
        match inner {
            Wanted::Mean(_) => paired_mean(judged, &paired, comparison, bound),
            Wanted::Quantile { percent, .. } => {
                let confidence = one_sided(judged.level);
                let resamples = Resampling::resamples_for(self.tests, confidence);
                let resampling = Resampling::new(paired.n(), resamples);
                paired_quantile(judged, &paired, *percent, &resampling, (comparison, bound))
            }
            Wanted::Min(_) => paired_extreme(judged, &paired, f64::min, comparison, bound),
            _ => paired_extreme(judged, &paired, f64::max, comparison, bound),
        }
    }
}

/// Whether the shared seeds came to the same events and the same values as in the baseline.
pub fn is_identical(baseline: &Baseline, shared: &Range<u64>, runs: &Runs) -> bool {
    if baseline.columns.len() != runs.columns().len() {
        return false;
    }
    let then = |name: &str| baseline.columns.iter().find(|c| c.name == name).map(|c| &c.values);
    let both: Option<Vec<(&Values, &Values)>> =
        runs.table().map(|(column, now)| Some((then(&column.name)?, now))).collect();
    let Some(both) = both else { return false };
    let ran = runs.seeds();
    let mut seeds = shared.clone().filter(|seed| ran.contains(seed));
    seeds.all(|seed| {
        let (then, now) = ((seed - baseline.seeds.start) as usize, (seed - ran.start) as usize);
        baseline.digests.get(then) == runs.digests().get(now)
            && both.iter().all(|(old, new)| old.get(then) == new.get(now))
    })
}

fn no_baseline(mut judged: Judged, why: String) -> Tested {
    judged.verdict = Verdict::NoBaseline;
    judged.reason = why;
    Tested { judged, evidence: None }
}

/// Whether too few seeds have a value in both for anything to be told from their pairs.
fn is_few(judged: &mut Judged) -> bool {
    let few = judged.n < LEAST_SHARED_SEEDS as usize;
    if few {
        let n = judged.n;
        note(judged, &format!("only {n} seeds have a value in both, and it takes {LEAST_SHARED_SEEDS}"));
    }
    few
}

/// Nothing has changed, so the difference is 0 and needs no test.
fn same(mut judged: Judged, comparison: Comparison, bound: f64, pairs: &[(Value, Value)]) -> Tested {
    judged.n = pairs.iter().filter(|(base, arm)| *base != Value::Missing && *arm != Value::Missing).count();
    if judged.n == 0 {
        return settled(judged, false, NO_SAMPLE.to_owned());
    }
    (judged.observed, judged.low, judged.high) = (Some(0.0), Some(0.0), Some(0.0));
    settled(judged, comparison.holds(0.0, bound), "the same as the baseline, seed by seed".to_owned())
}

fn paired_mean(mut judged: Judged, pairs: &Pairs, comparison: Comparison, bound: Bound) -> Tested {
    let confidence = both_sides(judged.level);
    let Ok(difference) = pairs.mean_difference(confidence) else {
        let cut = |values: &[f64]| values.iter().any(|x| x.is_infinite());
        return unknown(judged, cut(pairs.arm()), "no mean: some");
    };
    let (factor, evidence) = match bound {
        Bound::Number(number) => {
            judged.observed = Some(difference.point);
            with_interval(&mut judged, difference.interval, 1.0);
            (1.0, pairs.mean_difference_against(number))
        }
        Bound::Percent(percent) => {
            match pairs.mean_change(confidence) {
                Ok(Some(change)) => {
                    judged.observed = Some(100.0 * change.point);
                    with_interval(&mut judged, change.interval, 100.0);
                }
                _ => note(&mut judged, &of_nought(difference.point)),
            }
            (1.0 + percent / 100.0, pairs.mean_change_against(percent / 100.0))
        }
    };
    let Ok(evidence) = evidence else { return too_few(judged) };
    let sides = Sides::of_any(&evidence, comparison);
    if pairs.agree(factor) {
        return agreeing(judged, sides, pairs.n());
    }
    Tested { judged, evidence: Some(sides) }
}

/// A verdict that falls on a run that was cut: today's is a failure, the baseline's is no baseline.
fn unknown(judged: Judged, today: bool, what: &str) -> Tested {
    if today {
        return settled(judged, false, format!("{what} runs were cut before their value was known"));
    }
    let why =
        "runs of the baseline were cut before their value was known; take a new one with --update-baseline";
    no_baseline(judged, why.to_owned())
}

fn paired_quantile(
    mut judged: Judged,
    pairs: &Pairs,
    percent: f64,
    resampling: &Resampling,
    (comparison, bound): (Comparison, Bound),
) -> Tested {
    let quantile = quantile_of(percent);
    let confidence = both_sides(judged.level);
    let Some(quantiles) = pairs.quantile_pairs(quantile, resampling) else {
        let enough = (pairs.n()..10_000).find(|n| quantile.ranks(*n, Confidence::NINETY_FIVE).is_some());
        let enough = enough.map_or_else(String::new, |n| format!(", which takes {n}"));
        let few = format!("{} pairs are too few for the interval of a {quantile}{enough}", pairs.n());
        note(&mut judged, &few);
        return Tested { judged, evidence: None };
    };
    let difference = quantiles.difference(confidence);
    if !difference.point.is_finite() {
        return unknown(
            judged,
            pairs.arm_quantile(quantile).is_infinite(),
            &format!("{quantile} is not reached:"),
        );
    }
    let evidence = match bound {
        Bound::Number(number) => {
            judged.observed = Some(difference.point);
            with_interval(&mut judged, difference.interval, 1.0);
            quantiles.difference_against(number)
        }
        Bound::Percent(percent) => {
            match quantiles.change(confidence) {
                Some(change) => {
                    judged.observed = Some(100.0 * change.point);
                    with_interval(&mut judged, change.interval, 100.0);
                }
                None => note(&mut judged, &of_nought(difference.point)),
            }
            quantiles.change_against(percent / 100.0)
        }
    };
    Tested { judged, evidence: Some(Sides::of(&evidence, comparison)) }
}

/// What stands in the place of a percentage of 0; what is tested needs none.
fn of_nought(difference: f64) -> String {
    format!("the baseline is 0 or may be; the difference is {}", nine_digits(difference))
}

fn paired_extreme(
    mut judged: Judged,
    pairs: &Pairs,
    of: fn(f64, f64) -> f64,
    comparison: Comparison,
    bound: Bound,
) -> Tested {
    let fold = |values: &[f64]| values.iter().copied().reduce(of).expect("there is a pair");
    let (base, arm) = (fold(pairs.base()), fold(pairs.arm()));
    if base.is_infinite() || arm.is_infinite() {
        return unknown(judged, arm.is_infinite(), "it is not reached:");
    }
    let difference = arm - base;
    let limit = match bound {
        Bound::Number(number) => number,
        Bound::Percent(percent) => percent / 100.0 * base.abs(),
    };
    judged.observed = match bound {
        Bound::Percent(_) if base != 0.0 => Some(100.0 * difference / base.abs()),
        Bound::Percent(_) => None,
        Bound::Number(_) => Some(difference),
    };
    settled(judged, comparison.holds(difference, limit), "a fact about the seeds that ran".to_owned())
}

fn paired_shares(
    mut judged: Judged,
    condition: &Condition,
    pairs: &[(Value, Value)],
    comparison: Comparison,
    bound: Bound,
) -> Tested {
    let known: Vec<(bool, bool)> = pairs
        .iter()
        .filter_map(|(base, arm)| Some((holds(condition, *base)?, holds(condition, *arm)?)))
        .collect();
    judged.n = known.len();
    if judged.n > 0 && is_few(&mut judged) {
        return Tested { judged, evidence: None };
    }
    let Bound::Number(limit) = bound else {
        // A change relative to a share that is an estimate itself: the mean of noughts and ones knows of both.
        let number = |yes: bool| f64::from(u8::from(yes));
        let numbers = known.iter().map(|(base, arm)| (number(*base), number(*arm)));
        return match Pairs::new(numbers.collect()) {
            Ok(numbers) => paired_mean(judged, &numbers, comparison, bound),
            Err(_) => settled(judged, false, NO_PAIR.to_owned()),
        };
    };
    let Some(shares) = PairedProportions::of(known) else {
        return settled(judged, false, NO_PAIR.to_owned());
    };
    let difference = shares.difference(both_sides(judged.level));
    judged.observed = Some(difference.point);
    with_interval(&mut judged, difference.interval, 1.0);
    let mut sides = Sides::of_any(&shares.against(limit), comparison);
    if shares.base_only() + shares.arm_only() == 0 && limit == 0.0 {
        sides.needs = Needs::Room;
    }
    Tested { judged, evidence: Some(sides) }
}
