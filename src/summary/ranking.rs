//! Which of many changes, each made alone, moves an estimate the most.
//!
//! Every arm differs from the base in one thing and ran the same seeds under the same luck, so that
//! the difference within a seed is that thing's. The tests of all arms and all estimates are one family
//! for Holm's procedure. An arm in which no seed has another value needs no test: it changes nothing.

use super::compare::{Compared, Finding, Resamplings, Side, Statistic, mean_row, quantile_row, share_row};
use super::observe::{holds, quantile_of, sample, subject};
use super::value::Value;
use crate::scenario::checks::Estimate as Wanted;
use crate::scenario::metric::{Direction, MetricRef};
use crate::stats::{Confidence, Estimate, Pairs, holm, nine_digits};

/// The confidence of all claims of a ranking together.
const CONFIDENCE: Confidence = Confidence::NINETY_FIVE;

/// More seeds than this are asked of nobody.
const SEEDS_MAX: usize = 100_000;

/// The arms by their effect on one estimate, the largest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// The estimate as it was asked for.
    pub text: String,
    /// What the base comes to; none where it has no value, infinite where it falls on a run that was cut.
    pub base: Option<f64>,
    /// Whether the estimate is a share.
    pub is_share: bool,
    /// Every arm.
    pub rows: Vec<Ranked>,
}

/// One arm's effect on an estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Which arm, by its place in the list.
    pub arm: usize,
    /// Seeds in which both have a value.
    pub n: usize,
    /// Seeds that ran.
    pub of: usize,
    /// Seeds in which one of the two has a value and the other has none: what came of the run is another thing.
    pub one_sided: usize,
    /// Whether the value is the same in every seed.
    pub identical: bool,
    /// The difference, with what it rests on.
    pub compared: Compared,
}

impl Ranked {
    /// Whether there is anything to compare: no, where no seed has a value with the answer or without.
    pub const fn is_void(&self) -> bool {
        self.n == 0 && self.one_sided == 0
    }

    /// Whether the answer changes the estimate, or which seeds have a value at all.
    pub const fn moves(&self) -> bool {
        !self.identical && !self.is_void()
    }
}

/// A quantile of which so few seeds can show no change whatever, among so many tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFew {
    /// The tests of the family.
    pub tests: usize,
    /// Seeds that would let a change be shown.
    pub needed: usize,
}

impl Ranking {
    /// Whether the seeds are too few for any change of a quantile to pass Holm's procedure over all `rankings`.
    ///
    /// A p-value about a quantile q is at least 2 max(q, 1 − q)^n, whatever the n seeds hold, and its interval
    /// takes seeds too. Tests with smaller p-values come before it and leave it fewer to be adjusted for.
    pub fn too_few(&self, rankings: &[Self]) -> Option<TooFew> {
        let moved: Vec<&Ranked> = self.rows.iter().filter(|row| row.moves()).collect();
        let most = moved.iter().max_by_key(|row| row.n).filter(|row| row.n > 0)?;
        let Statistic::Quantile(quantile) = most.compared.statistic else { return None };
        let alpha = 1.0 - CONFIDENCE.level();
        let share = quantile.probability();
        let least = |n: usize| 2.0 * libm::pow(share.max(1.0 - share), n as f64);
        let all = || rankings.iter().flat_map(|ranking| &ranking.rows).filter(|row| row.moves());
        let before = all().filter(|row| row.compared.p.is_some_and(|p| p < least(most.n))).count();
        let tests = all().filter(|row| row.n > 0).count();
        let has_ends = |n| quantile.ranks(n, CONFIDENCE).is_some();
        if has_ends(most.n) && least(most.n) * (tests - before) as f64 <= alpha {
            return None;
        }
        let pairs = (most.n..=SEEDS_MAX).find(|n| has_ends(*n) && least(*n) * tests as f64 <= alpha)?;
        Some(TooFew { tests, needed: (pairs * most.of).div_ceil(most.n) })
    }
}

/// Ranks every arm by how far it moves each of the estimates, which are as the base understands them.
pub fn rank(base: &Side<'_>, arms: &[Side<'_>], wanted: &[(String, Wanted)]) -> Vec<Ranking> {
    let mut resamplings = Resamplings::for_tests(arms.len() * wanted.len());
    let mut rankings: Vec<Ranking> = wanted
        .iter()
        .map(|(text, wanted)| {
            let rows =
                arms.iter().enumerate().map(|(arm, side)| row(base, side, arm, wanted, &mut resamplings));
            let rows: Vec<Ranked> = rows.collect();
            Ranking {
                text: text.clone(),
                base: of_base(base, wanted),
                is_share: matches!(wanted, Wanted::Probability(_)),
                rows,
            }
        })
        .collect();
    judge(&mut rankings, wanted);
    for ranking in &mut rankings {
        // Stable, so that equals stay in the order of the questions.
        ranking.rows.sort_by(|a, b| effect(b).total_cmp(&effect(a)).then(b.one_sided.cmp(&a.one_sided)));
    }
    rankings
}

/// How far an arm moves the estimate: what has no difference though it is not the same stands before everything,
/// what changes only which seeds have a value before what changes nothing.
fn effect(row: &Ranked) -> f64 {
    match row.compared.difference {
        _ if row.identical => -1.0,
        _ if row.is_void() => -0.5,
        Some(_) if row.n == 0 => f64::INFINITY,
        Some(difference) if row.one_sided > 0 => difference.point.abs().max(f64::MIN_POSITIVE),
        Some(difference) => difference.point.abs(),
        None => f64::INFINITY,
    }
}

fn of_base(base: &Side<'_>, wanted: &Wanted) -> Option<f64> {
    super::observe::estimate(wanted, base.runs, CONFIDENCE).ok().map(|estimate| estimate.point)
}

fn row(base: &Side<'_>, arm: &Side<'_>, index: usize, wanted: &Wanted, made: &mut Resamplings) -> Ranked {
    let of = metric(wanted);
    let pairs: Vec<(Value, Value)> = base.runs.values(of).iter().zip(arm.runs.values(of).iter()).collect();
    // Two runs that were cut before their value was known need not be equal.
    let identical = pairs.iter().any(|(base, _)| !matches!(base, Value::Missing | Value::Censored))
        && pairs.iter().all(|(base, arm)| base == arm && *base != Value::Censored);
    let numbers = || {
        let known = pairs.iter().filter_map(|(base, arm)| Some((base.as_number()?, arm.as_number()?)));
        Pairs::new(known.collect()).ok()
    };
    let compared = match wanted {
        Wanted::Mean(_) => mean_row(numbers().as_ref()),
        Wanted::Quantile { percent, .. } => {
            let numbers = numbers();
            let resampling = numbers.as_ref().filter(|_| !identical).map(|pairs| made.of(pairs.n()));
            quantile_row(quantile_of(*percent), numbers.as_ref(), resampling)
        }
        Wanted::Probability(condition) => {
            let known = pairs
                .iter()
                .filter_map(|(base, arm)| Some((holds(condition, *base)?, holds(condition, *arm)?)));
            share_row("true", known)
        }
        Wanted::Min(_) => extreme_row(&pairs, crate::stats::Sample::min),
        Wanted::Max(_) | Wanted::Delta(_) => extreme_row(&pairs, crate::stats::Sample::max),
    };
    let compared = with_a_point(compared);
    let known = |value: Value| value != Value::Missing;
    Ranked {
        arm: index,
        n: pairs.iter().filter(|(base, arm)| known(*base) && known(*arm)).count(),
        of: pairs.len(),
        one_sided: pairs.iter().filter(|(base, arm)| known(*base) != known(*arm)).count(),
        identical,
        compared: if identical { compared.same() } else { compared },
    }
}

/// Where the seeds are too few for an interval, the two estimates still have a difference to rank by.
fn with_a_point(mut row: Compared) -> Compared {
    let ends = row.base.zip(row.arm).filter(|(base, arm)| base.is_finite() && arm.is_finite());
    if let (None, Some((base, arm))) = (row.difference, ends) {
        row.difference = Some(Estimate { point: nine_digits(arm - base), interval: None, n: 0 });
    }
    row
}

/// The metric that an estimate is about.
fn metric(wanted: &Wanted) -> MetricRef {
    match wanted {
        Wanted::Mean(metric)
        | Wanted::Min(metric)
        | Wanted::Max(metric)
        | Wanted::Quantile { metric, .. } => *metric,
        Wanted::Probability(condition) => subject(condition),
        Wanted::Delta(inner) => metric(inner),
    }
}

/// An extreme describes the seeds that ran; it has no interval and no test.
fn extreme_row(pairs: &[(Value, Value)], of: impl Fn(&crate::stats::Sample) -> f64) -> Compared {
    let side = |pick: fn(&(Value, Value)) -> Value| sample(pairs.iter().map(pick)).map(|s| of(&s));
    let (base, arm) = (side(|pair| pair.0), side(|pair| pair.1));
    let difference = base.zip(arm).filter(|(base, arm)| base.is_finite() && arm.is_finite());
    let mut row = mean_row(None);
    (row.base, row.arm) = (base, arm);
    row.statistic = Statistic::Mean;
    if difference.is_some() {
        row.note = "an extreme has no interval";
    } else if base.is_some() && arm.is_some() {
        row.note = "not reached";
    }
    row.difference =
        difference.map(|(base, arm)| Estimate { point: arm - base, interval: None, n: pairs.len() });
    row
}

/// Adjusts the p-values of the family and says which differences are shown.
fn judge(rankings: &mut [Ranking], wanted: &[(String, Wanted)]) {
    let mut family: Vec<(&mut Compared, Direction)> = rankings
        .iter_mut()
        .zip(wanted)
        .flat_map(|(ranking, (_, wanted))| {
            // Whether more of a share is better depends on its condition.
            let direction = match wanted {
                Wanted::Probability(_) => Direction::Neither,
                other => metric(other).metric.direction(),
            };
            ranking.rows.iter_mut().map(move |row| (&mut row.compared, direction))
        })
        .filter(|(row, _)| row.p.is_some())
        .collect();
    let raw: Vec<f64> = family.iter().filter_map(|(row, _)| row.p).collect();
    for ((row, direction), adjusted) in family.iter_mut().zip(holm(&raw)) {
        row.p_holm = Some(adjusted);
        let shown = adjusted <= 1.0 - CONFIDENCE.level();
        row.finding = match direction {
            _ if !shown => Finding::NotShown,
            Direction::HigherIsBetter if row.more => Finding::Better,
            Direction::LowerIsBetter if !row.more => Finding::Better,
            Direction::Neither => Finding::Different,
            _ => Finding::Worse,
        };
    }
}
