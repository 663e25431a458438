//! The verdicts of checks.
//!
//! Each check is put to two one-sided tests: one that tries to show what it claims, one
//! that tries to show the opposite. Holm's procedure runs over the first and over the
//! second of all checks of a scenario, so that among all of them no claim is made
//! falsely more often than the level allows. A check of which neither is shown is
//! inconclusive, and that is not a pass.

mod alone;
mod breaking;
mod delta;

pub use delta::is_identical;

use std::ops::Range;

use super::baseline::Baseline;
use super::observe::subject;
use super::runs::Runs;
use super::value::Value;
use super::verdict::{Judged, Measure, Verdict};
use crate::outcome::StopReason;
use crate::scenario::Scenario;
use crate::scenario::checks::{Assertion, Bound, Check, Comparison, Estimate as Wanted};
use crate::scenario::metric::{Metric, MetricKind, MetricRef};
use crate::stats::{Confidence, Evidence, Interval, holm};

/// What is judged, and beside what.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The scenario, whose checks are judged.
    pub scenario: &'a Scenario,
    /// Its runs.
    pub runs: &'a Runs,
    /// What `delta(…)` compares with.
    pub reference: Reference<'a>,
}

/// What `delta(…)` compares with.
#[derive(Clone, Copy, Debug)]
pub enum Reference<'a> {
    /// Nothing; the text says why.
    None(&'a str),
    /// A comparable baseline, on the seeds that both have.
    Baseline {
        /// The baseline.
        baseline: &'a Baseline,
        /// The seeds that both have.
        shared: &'a Range<u64>,
    },
}

/// Judges every check of the scenario, in file order.
///
/// # Panics
/// Never on a scenario that is valid: its checks keep to quantiles and levels that there are.
pub fn judge(case: &Case<'_>) -> Vec<Judged> {
    let checks = &case.scenario.checks;
    let context = Context::of(case);
    let mut results: Vec<Tested> = checks.iter().map(|check| context.test(check)).collect();
    let tested: Vec<usize> = (0..results.len()).filter(|i| results[*i].evidence.is_some()).collect();
    let adjusted = |side: fn(&Sides) -> f64| {
        let raw: Vec<f64> =
            tested.iter().map(|i| side(results[*i].evidence.as_ref().expect("it was tested"))).collect();
        holm(&raw)
    };
    let (passes, fails) = (adjusted(|s| s.pass), adjusted(|s| s.fail));
    for ((index, pass), fail) in tested.iter().zip(passes).zip(fails) {
        let Tested { judged, evidence, .. } = &mut results[*index];
        let sides = evidence.as_ref().expect("it was tested");
        (judged.p_pass, judged.p_fail) = (Some(pass), Some(fail));
        let alpha = 1.0 - judged.level;
        judged.verdict = match (fail <= alpha, pass <= alpha) {
            (true, _) => Verdict::Fail,
            (false, true) => Verdict::Pass,
            (false, false) => Verdict::Inconclusive,
        };
        if judged.verdict == Verdict::Inconclusive {
            note(judged, &undecided(sides, alpha, tested.len()));
        }
    }
    for (result, check) in results.iter_mut().zip(checks) {
        context.doubt(check, &mut result.judged);
        if result.judged.verdict == Verdict::Fail {
            result.judged.breaking = context.breaking(check, result.judged.bound);
        }
    }
    results.into_iter().map(|result| result.judged).collect()
}

/// Why neither side was shown, and what could help.
fn undecided(sides: &Sides, alpha: f64, tests: usize) -> String {
    let single = if tests == 1 { String::new() } else { format!(" beside {} other checks", tests - 1) };
    if sides.fail <= alpha || sides.pass <= alpha {
        let what = if sides.fail <= alpha { "a failure" } else { "a pass" };
        return format!("{what} is shown alone but not{single} (Holm); more seeds would decide");
    }
    match &sides.needs {
        Needs::More => "neither it nor its opposite is shown; more seeds would decide".to_owned(),
        Needs::Never => {
            "seeds can show that it is not so, but never that it is exactly so; use <= or >=".to_owned()
        }
        Needs::Room => {
            "the two differ in no seed, but that none ever does cannot be shown; leave some room, as in <= 0.02".to_owned()
        }
        Needs::AtLeast { seeds, of } => match seeds(alpha / tests as f64) {
            Some(n) if tests == 1 => format!("to pass takes {n} seeds{of}"),
            Some(n) => format!("to pass{single} takes up to {n} seeds{of}"),
            None => "seeds can show that it is not so, but never that it is; leave it some room".to_owned(),
        },
    }
}

/// The evidence on both sides of a check.
struct Sides {
    pass: f64,
    fail: f64,
    needs: Needs,
}

/// What it takes to pass.
enum Needs {
    /// More seeds.
    More,
    /// What no number of seeds can show.
    Never,
    /// A bound that leaves some room: in no seed do the two differ so far.
    Room,
    /// So many seeds even if all of them speak for the check, which they do so far; given the error allowed.
    AtLeast { seeds: Box<dyn Fn(f64) -> Option<u64>>, of: &'static str },
}

impl Sides {
    fn of(evidence: &Evidence, comparison: Comparison) -> Self {
        let (pass, fail) = match comparison {
            Comparison::Less => (evidence.less, evidence.at_least),
            Comparison::AtMost => (evidence.at_most, evidence.greater),
            Comparison::Greater => (evidence.greater, evidence.at_most),
            Comparison::AtLeast => (evidence.at_least, evidence.less),
            Comparison::Equal => (evidence.equal(), evidence.different()),
            Comparison::Different => (evidence.different(), evidence.equal()),
        };
        Self { pass, fail, needs: Needs::More }
    }

    /// The same of a parameter that may be any number: that it is one exactly cannot be shown.
    fn of_any(evidence: &Evidence, comparison: Comparison) -> Self {
        let needs = if comparison == Comparison::Equal { Needs::Never } else { Needs::More };
        Self { needs, ..Self::of(evidence, comparison) }
    }
}

/// A check on its way to a verdict.
struct Tested {
    judged: Judged,
    /// None when the verdict needs no test.
    evidence: Option<Sides>,
}

struct Context<'a> {
    runs: &'a Runs,
    reference: Reference<'a>,
    deployments: usize,
    /// Whether every shared seed came to the same as in the baseline.
    identical: bool,
    tests: usize,
}

impl<'a> Context<'a> {
    fn of(case: &Case<'a>) -> Self {
        let identical = match case.reference {
            Reference::Baseline { baseline, shared } => is_identical(baseline, shared, case.runs),
            Reference::None(_) => false,
        };
        Self {
            runs: case.runs,
            reference: case.reference,
            deployments: case.scenario.deployments(),
            identical,
            tests: case.scenario.checks.len(),
        }
    }

    /// The column of `runs.csv` that holds a metric.
    fn column(&self, metric: MetricRef) -> Option<&str> {
        self.runs.columns().iter().find(|column| column.metric == metric).map(|column| column.name.as_str())
    }

    fn test(&self, check: &Check) -> Tested {
        match &check.assertion {
            Assertion::AllDeploymentsEnd => self.all_end(check),
            Assertion::Bounded { estimate: Wanted::Delta(inner), comparison, bound } => {
                self.delta(check, inner, *comparison, *bound)
            }
            Assertion::Bounded {
                estimate,
                comparison,
                bound: Bound::Number(bound) | Bound::Percent(bound),
            } => self.bounded(check, estimate, *comparison, *bound),
        }
    }

    fn blank(&self, check: &Check, measure: Measure, bound: Option<f64>) -> Judged {
        Judged {
            text: check.text.clone(),
            verdict: Verdict::Inconclusive,
            observed: None,
            low: None,
            high: None,
            bound,
            measure,
            level: check.level,
            n: 0,
            of: self.runs.len(),
            p_pass: None,
            p_fail: None,
            reason: String::new(),
            breaking: Vec::new(),
        }
    }

    fn all_end(&self, check: &Check) -> Tested {
        let mut judged = self.blank(check, Measure::Unit(""), None);
        judged.n = self.runs.len();
        let open = self.runs.ended().filter(|ended| !ended).count();
        let reason = match open {
            _ if self.deployments == 0 => "there is no deployment that could end".to_owned(),
            0 => "every deployment ended in every seed".to_owned(),
            _ => {
                format!("{open} of {} seeds were cut before every deployment had ended", self.runs.len())
            }
        };
        settled(judged, self.deployments > 0 && open == 0 && !self.runs.is_empty(), reason)
    }

    /// Nothing passes on what runs that were cut might have come to yet: the worst moment for the tasks, or a yes
    /// where there is none so far. (Seeds that were undecided are not left out: they are often the bad ones.)
    fn doubt(&self, check: &Check, judged: &mut Judged) {
        let Assertion::Bounded { estimate, .. } = &check.assertion else { return };
        let of = metric_of(estimate);
        let is_open = |value: Value| match of.metric.kind() {
            MetricKind::Boolean => value == Value::Missing,
            _ => of.metric == Metric::MinRunningTasksPct,
        };
        let stops = MetricRef { metric: Metric::StopReason, deployment: None, service: None };
        let runs = self.runs.values(of).iter().zip(self.runs.values(stops).iter());
        let cut = runs.filter(|(_, stop)| *stop != Value::Text(StopReason::Complete.as_str()));
        let open = cut.filter(|(value, _)| is_open(*value)).count();
        if open > 0 && judged.verdict == Verdict::Pass {
            judged.verdict = Verdict::Inconclusive;
            note(judged, &format!("{open} runs were cut before it was decided; give them a longer horizon"));
        }
    }
}

const NO_SAMPLE: &str = "no seed has a value, so there is nothing to pass on";

/// The metric that a number's estimate is about.
fn metric_of(wanted: &Wanted) -> MetricRef {
    match wanted {
        Wanted::Mean(metric)
        | Wanted::Min(metric)
        | Wanted::Max(metric)
        | Wanted::Quantile { metric, .. } => *metric,
        Wanted::Probability(condition) => subject(condition),
        Wanted::Delta(inner) => metric_of(inner),
    }
}

/// A verdict that needs no test.
fn settled(mut judged: Judged, passes: bool, reason: String) -> Tested {
    judged.verdict = if passes { Verdict::Pass } else { Verdict::Fail };
    judged.reason = reason;
    Tested { judged, evidence: None }
}

/// Confidence of a one-sided bound at the level of a check.
fn one_sided(level: f64) -> Confidence {
    Confidence::new(level).expect("the grammar keeps a level between 50 % and 100 %")
}

/// Two-sided confidence whose ends are one-sided bounds at the level of a check.
fn both_sides(level: f64) -> Confidence {
    one_sided(level).both_sides().expect("the grammar keeps a level between 50 % and 100 %")
}

fn with_interval(judged: &mut Judged, interval: Option<Interval>, scale: f64) {
    (judged.low, judged.high) = (interval.map(|i| i.low * scale), interval.map(|i| i.high * scale));
}

/// Adds to the reasons of a verdict.
fn note(judged: &mut Judged, reason: &str) {
    if !judged.reason.is_empty() {
        judged.reason.push_str("; ");
    }
    judged.reason.push_str(reason);
}

/// A claim that rests on seeds which all agree: it passes only once there are enough of them to show, at its
/// level, that fewer than one in twenty differs. Where nothing varies, the spread that a t test goes by is 0,
/// and it would take the first few seeds for certain.
fn agreeing(mut judged: Judged, mut sides: Sides, n: usize) -> Tested {
    sides.pass = sides.pass.max(libm::pow(AGREED, n as f64));
    sides.needs =
        Needs::AtLeast { seeds: Box::new(|alpha| power_below(AGREED, alpha)), of: " that all agree" };
    note(&mut judged, "every seed says the same, so the interval has no width");
    Tested { judged, evidence: Some(sides) }
}

/// The share of seeds that agree.
const AGREED: f64 = 0.95;

/// The least n for which `share`ⁿ does not exceed `alpha`.
fn power_below(share: f64, alpha: f64) -> Option<u64> {
    let n = libm::ceil(libm::log(alpha) / libm::log(share));
    (n.is_finite() && n >= 1.0).then_some(n as u64)
}

fn too_few(mut judged: Judged) -> Tested {
    note(&mut judged, "a single seed shows nothing");
    Tested { judged, evidence: None }
}

#[cfg(test)]
mod tests;
