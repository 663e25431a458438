//! Arms under the same luck, compared seed by seed.
//!
//! Each metric of each arm is set against the base's in the same seeds: the mean of a
//! number by the paired t interval, its quantiles by a bootstrap that keeps the pairs together,
//! yes or no by the exact test of McNemar. All tests of a comparison are one family
//! for Holm's procedure, so that among them all no difference is claimed falsely more often than
//! the level allows. What is the same in every seed needs no test.

use std::collections::BTreeMap;

use super::columns::Column;
use super::observe::{sample, words_of};
use super::packed::Values;
use super::runs::Runs;
use super::value::Value;
use crate::scenario::metric::{Direction, Metric, MetricKind, MetricRef};
use crate::stats::{
    Confidence, Estimate, Evidence, Interval, PairedProportions, Pairs, Proportion, Quantile, Resampling,
    holm, nine_digits,
};

/// The confidence of intervals, and of all claims of a comparison together.
const CONFIDENCE: Confidence = Confidence::NINETY_FIVE;

/// One arm of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its runs, of the same seeds as the others'.
    pub runs: &'a Runs,
}

/// Every arm set against the base.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Name of the base.
    pub base: String,
    /// Runs of the base that were cut before they were over.
    pub base_cut: usize,
    /// Seeds that every arm ran.
    pub seeds: usize,
    /// Number of tests in the family that Holm's procedure ran over.
    pub tests: usize,
    /// The other arms, in their order.
    pub arms: Vec<ArmComparison>,
}

/// One arm set against the base.
#[derive(Clone, Debug, PartialEq)]
pub struct ArmComparison {
    /// Name of the arm.
    pub arm: String,
    /// Its runs that were cut before they were over.
    pub cut: usize,
    /// The columns that both have, in the order of `runs.csv`.
    pub metrics: Vec<ComparedMetric>,
}

/// One metric of an arm set against the base's.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedMetric {
    /// Its column in `runs.csv`.
    pub name: String,
    /// What it is.
    pub metric: MetricRef,
    /// Seeds in which both have a value, censored ones included.
    pub n: usize,
    /// Seeds that ran.
    pub of: usize,
    /// Whether the two have the same value in each of the seeds.
    pub identical: bool,
    /// Correlation of the two over seeds; none where one of them does not vary, or is censored.
    pub correlation: Option<f64>,
    /// How many times more seeds independent luck would take for the same interval of the mean;
    /// infinite when the difference is the same in every seed, none when neither varies.
    pub variance_reduction: Option<f64>,
    /// What is compared of it.
    pub rows: Vec<Compared>,
}

/// What is compared of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// The mean.
    Mean,
    /// A quantile.
    Quantile(Quantile),
    /// The share of seeds with this value.
    Share(&'static str),
}

/// One difference, with what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// Of what.
    pub statistic: Statistic,
    /// The base's estimate over the pairs; `+∞` where it falls on a censored run.
    pub base: Option<f64>,
    /// The arm's.
    pub arm: Option<f64>,
    /// Arm less base, with its 95 % interval, for this difference alone.
    pub difference: Option<Estimate>,
    /// Two-sided p-value; none where nothing was tested.
    pub p: Option<f64>,
    /// The p-value adjusted by Holm over the comparison; none for what describes and is not judged.
    pub p_holm: Option<f64>,
    /// Whether the evidence for more is stronger than that for less.
    pub more: bool,
    /// What may be said.
    pub finding: Finding,
    /// Why something is missing; empty where nothing is.
    pub note: &'static str,
}

/// What may be said of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The arm is better.
    Better,
    /// The arm is worse.
    Worse,
    /// The arm differs, in something of which neither more nor less is better.
    Different,
    /// No difference was shown; that is not to say that there is none.
    NotShown,
    /// The same in every seed.
    Same,
    /// Nobody asked: the metric describes and does not judge, or there is too little to tell from.
    Untested,
}

impl Finding {
    /// The word for it in machine-readable results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Different => "different",
            Self::NotShown => "~",
            Self::Same => "same",
            Self::Untested => "untested",
        }
    }

    /// Whether a difference was shown.
    pub const fn is_shown(self) -> bool {
        matches!(self, Self::Better | Self::Worse | Self::Different)
    }
}

impl ArmComparison {
    /// The metric of that plain name, if both arms have it.
    pub fn metric(&self, metric: Metric) -> Option<&ComparedMetric> {
        self.metrics.iter().find(|m| {
            m.metric.metric == metric && m.metric.deployment.is_none() && m.metric.service.is_none()
        })
    }
}

impl ComparedMetric {
    /// The row of a statistic.
    pub fn row(&self, statistic: Statistic) -> Option<&Compared> {
        self.rows.iter().find(|row| row.statistic == statistic)
    }

    /// The mean of a number, the share of a yes: what a reader looks at first.
    pub fn headline(&self) -> Option<&Compared> {
        self.row(Statistic::Mean).or_else(|| self.row(Statistic::Share("true")))
    }
}

/// Sets every arm but the first against the first.
///
/// # Panics
/// When there is no arm, or the arms did not run the same seeds.
pub fn compare(sides: &[Side<'_>]) -> Comparison {
    let (base, others) = sides.split_first().expect("a comparison has a base");
    assert!(others.iter().all(|other| other.runs.seeds() == base.runs.seeds()), "arms share their seeds");
    let matched: Vec<Vec<Matched<'_>>> = others.iter().map(|other| matched(base, other)).collect();
    let tests: usize = matched.iter().flatten().map(Matched::tests).sum();
    let mut resamplings = Resamplings::for_tests(tests);
    let mut arms: Vec<ArmComparison> = others
        .iter()
        .zip(matched)
        .map(|(other, matched)| ArmComparison {
            arm: other.name.to_owned(),
            cut: other.runs.stops().truncated(),
            metrics: matched.into_iter().map(|m| m.compared(&mut resamplings)).collect(),
        })
        .collect();
    let tests = judge(&mut arms);
    Comparison {
        base: base.name.to_owned(),
        base_cut: base.runs.stops().truncated(),
        seeds: base.runs.len(),
        tests,
        arms,
    }
}

/// Adjusts the p-values of the family and says what each difference may be called; gives the family's size.
fn judge(arms: &mut [ArmComparison]) -> usize {
    let mut family: Vec<(&mut Compared, Direction)> = arms
        .iter_mut()
        .flat_map(|arm| &mut arm.metrics)
        .flat_map(|metric| {
            let direction = metric.metric.metric.direction();
            metric.rows.iter_mut().map(move |row| (row, direction))
        })
        .filter(|(row, direction)| row.p.is_some() && *direction != Direction::Neither)
        .collect();
    let raw: Vec<f64> = family.iter().filter_map(|(row, _)| row.p).collect();
    for ((row, direction), adjusted) in family.iter_mut().zip(holm(&raw)) {
        row.p_holm = Some(adjusted);
        row.finding = match direction {
            _ if adjusted > 1.0 - CONFIDENCE.level() => Finding::NotShown,
            Direction::HigherIsBetter if row.more => Finding::Better,
            Direction::LowerIsBetter if !row.more => Finding::Better,
            _ => Finding::Worse,
        };
    }
    raw.len()
}

/// Resamples by their number of pairs: metrics with a value in as many seeds share them.
pub(super) struct Resamplings {
    resamples: usize,
    made: BTreeMap<usize, Resampling>,
}

impl Resamplings {
    /// Resamples may be large, so only a few are kept.
    const KEPT: usize = 4;

    /// Enough resamples for a family of so many tests.
    pub(super) fn for_tests(tests: usize) -> Self {
        Self { resamples: Resampling::resamples_for(tests.max(1), CONFIDENCE), made: BTreeMap::new() }
    }

    pub(super) fn of(&mut self, n: usize) -> &Resampling {
        if self.made.len() >= Self::KEPT && !self.made.contains_key(&n) {
            self.made.clear();
        }
        let resamples = self.resamples;
        self.made.entry(n).or_insert_with(|| Resampling::new(n, resamples))
    }
}

/// A metric's values in both arms, seed by seed.
struct Matched<'a> {
    column: &'a Column,
    base: &'a Values,
    arm: &'a Values,
    identical: bool,
}

/// The columns that both have.
fn matched<'a>(base: &Side<'a>, arm: &Side<'a>) -> Vec<Matched<'a>> {
    let theirs = arm.runs.table();
    let both = base.runs.table().filter_map(|(column, base)| {
        let (_, arm) = theirs.clone().find(|(other, _)| other.name == column.name)?;
        // Two runs that were cut before their value was known need not be equal.
        let known = |value: Value| !matches!(value, Value::Missing | Value::Censored);
        let identical = base.iter().any(known)
            && base.iter().zip(arm.iter()).all(|(base, arm)| base == arm && base != Value::Censored);
        Some(Matched { column, base, arm, identical })
    });
    both.collect()
}

impl Matched<'_> {
    fn pairs(&self) -> impl Iterator<Item = (Value, Value)> + '_ {
        self.base.iter().zip(self.arm.iter())
    }

    fn direction(&self) -> Direction {
        self.column.metric.metric.direction()
    }

    /// How many tests it may take part in, at most.
    fn tests(&self) -> usize {
        if self.identical || self.direction() == Direction::Neither {
            return 0;
        }
        match self.column.metric.metric.kind() {
            MetricKind::Number => 3,
            MetricKind::Boolean => 1,
            MetricKind::Status => 0,
        }
    }

    fn compared(self, resamplings: &mut Resamplings) -> ComparedMetric {
        let identical = self.identical;
        let numbers = self.numbers();
        let rows = match self.column.metric.metric.kind() {
            MetricKind::Number => self.number_rows(numbers.as_ref(), resamplings),
            MetricKind::Boolean => self.share_rows(&["true"], true),
            MetricKind::Status => self.share_rows(&words_of(self.column.metric.metric), false),
        };
        let known = |value: Value| value != Value::Missing;
        ComparedMetric {
            n: self.pairs().filter(|(base, arm)| known(*base) && known(*arm)).count(),
            of: self.base.len(),
            identical,
            correlation: numbers.as_ref().and_then(Pairs::correlation).map(nine_digits),
            variance_reduction: numbers.as_ref().and_then(Pairs::variance_reduction),
            rows: if identical { rows.into_iter().map(Compared::same).collect() } else { rows },
            name: self.column.name.clone(),
            metric: self.column.metric,
        }
    }

    /// The pairs as numbers, yes as 1; none when there is no pair of any.
    fn numbers(&self) -> Option<Pairs> {
        let number = |value: Value| match value {
            Value::Boolean(yes) => Some(f64::from(u8::from(yes))),
            other => other.as_number(),
        };
        let pairs = self.pairs().filter_map(|(base, arm)| Some((number(base)?, number(arm)?)));
        Pairs::new(pairs.collect()).ok()
    }

    fn number_rows(&self, pairs: Option<&Pairs>, resamplings: &mut Resamplings) -> Vec<Compared> {
        let tail = match self.direction() {
            Direction::HigherIsBetter => Quantile::percent(5),
            _ => Quantile::percent(95),
        };
        let mut rows = vec![mean_row(pairs)];
        // The work of the resamples is for what may be claimed.
        let resampling = pairs
            .filter(|_| !self.identical && self.direction() != Direction::Neither)
            .map(|pairs| resamplings.of(pairs.n()));
        for quantile in [Quantile::MEDIAN, tail] {
            rows.push(quantile_row(quantile, pairs, resampling));
        }
        rows
    }

    fn share_rows(&self, words: &[&'static str], judged: bool) -> Vec<Compared> {
        words.iter().map(|word| self.share_row(word, judged)).collect()
    }

    fn share_row(&self, word: &'static str, judged: bool) -> Compared {
        let is = |value: Value| match value {
            Value::Boolean(yes) => Some(yes),
            Value::Text(text) => Some(text == word),
            _ => None,
        };
        let known = self.pairs().filter_map(|(base, arm)| Some((is(base)?, is(arm)?)));
        let row = share_row(word, known);
        if judged { row } else { Compared { p: None, ..row } }
    }
}

/// How often something holds in each arm, seed by seed.
pub(super) fn share_row(word: &'static str, pairs: impl Iterator<Item = (bool, bool)>) -> Compared {
    let mut row = Compared::blank(Statistic::Share(word));
    let Some(shares) = PairedProportions::of(pairs) else { return row.noted(NO_PAIR) };
    let share = |hits| Proportion::new(hits, shares.n()).map(Proportion::share);
    row.base = share(shares.both() + shares.base_only());
    row.arm = share(shares.both() + shares.arm_only());
    row.difference = Some(shares.difference(CONFIDENCE));
    row.more = shares.arm_only() > shares.base_only();
    row.p = Some(shares.mcnemar());
    row
}

pub(super) fn mean_row(pairs: Option<&Pairs>) -> Compared {
    let mut row = Compared::blank(Statistic::Mean);
    let Some(pairs) = pairs else { return row.noted(NO_PAIR) };
    let Ok(difference) = pairs.mean_difference(CONFIDENCE) else { return row.noted(CENSORED) };
    let mean = |values: &[f64]| {
        let sample = sample_of(values);
        sample.mean(CONFIDENCE).ok().map(|e| e.point)
    };
    (row.base, row.arm) = (mean(pairs.base()), mean(pairs.arm()));
    row.difference = Some(difference);
    match pairs.mean_difference_against(0.0) {
        Ok(evidence) => {
            row.tested(&evidence);
            if pairs.agree(1.0) {
                // Where nothing varies, a t test takes two seeds for certain; that n of them lean the same way has
                // the chance of the sign test.
                let by_sign = libm::pow(0.5, pairs.n() as f64 - 1.0);
                row.p = row.p.map(|p| p.max(by_sign));
            }
        }
        Err(_) => row.note = TOO_FEW,
    }
    row
}

pub(super) fn quantile_row(
    quantile: Quantile,
    pairs: Option<&Pairs>,
    resampling: Option<&Resampling>,
) -> Compared {
    let mut row = Compared::blank(Statistic::Quantile(quantile));
    let Some(pairs) = pairs else { return row.noted(NO_PAIR) };
    let point = |values: &[f64]| Some(sample_of(values).quantile(quantile, CONFIDENCE).point);
    (row.base, row.arm) = (point(pairs.base()), point(pairs.arm()));
    let Some(resampling) = resampling else { return row };
    let Some(found) = pairs.quantile_pairs(quantile, resampling) else { return row.noted(TOO_FEW) };
    let difference = found.difference(CONFIDENCE);
    if !difference.point.is_finite() {
        return row.noted(NOT_REACHED);
    }
    row.difference = Some(difference);
    row.tested(&found.difference_against(0.0));
    row
}

const NO_PAIR: &str = "no seed has a value in both";
const CENSORED: &str = "refused: some runs did not finish";
const TOO_FEW: &str = "n too small";
const NOT_REACHED: &str = "not reached";

impl Compared {
    fn blank(statistic: Statistic) -> Self {
        Self {
            statistic,
            base: None,
            arm: None,
            difference: None,
            p: None,
            p_holm: None,
            more: false,
            finding: Finding::Untested,
            note: "",
        }
    }

    fn tested(&mut self, evidence: &Evidence) {
        self.p = Some(evidence.different());
        self.more = evidence.greater < evidence.less;
    }

    fn noted(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    /// The same in every seed: a difference of exactly 0, and no test.
    pub(super) fn same(self) -> Self {
        let n = self.difference.map_or(0, |d| d.n);
        let known = self.base.is_some_and(f64::is_finite);
        let exactly = Estimate { point: 0.0, interval: Some(Interval { low: 0.0, high: 0.0 }), n };
        Self { difference: known.then_some(exactly), p: None, finding: Finding::Same, ..self }
    }
}

fn sample_of(values: &[f64]) -> crate::stats::Sample {
    let value = |x: &f64| if x.is_finite() { Value::Number(*x) } else { Value::Censored };
    sample(values.iter().map(value)).expect("there is a pair")
}
