//! Estimates over the seeds of one arm.

use super::columns::Column;
use super::observe::{sample, words_of};
use super::packed::Values;
use super::runs::Runs;
use super::value::Value;
use crate::outcome::StopReason;
use crate::scenario::metric::{Metric, MetricKind};
use crate::stats::{Confidence, Estimate, Interval, Proportion, Quantile, Refused, Sample};

/// The quantiles that every numeric metric is summarised by.
pub const QUANTILES: [Quantile; 6] = [
    Quantile::percent(5),
    Quantile::percent(25),
    Quantile::MEDIAN,
    Quantile::percent(75),
    Quantile::percent(95),
    Quantile::percent(99),
];

/// What the seeds of one arm say.
#[derive(Clone, Debug)]
pub struct ArmSummary {
    /// Name of the arm.
    pub arm: String,
    /// Number of runs.
    pub seeds: usize,
    /// Why the runs ended.
    pub stops: StopCounts,
    /// One entry per column of `runs.csv`, in its order.
    pub columns: Vec<ColumnSummary>,
}

/// How many runs ended for which reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StopCounts {
    /// Runs that were over.
    pub complete: usize,
    /// Runs cut by the horizon.
    pub horizon: usize,
    /// Runs cut by `maxEvents`.
    pub events: usize,
}

impl StopCounts {
    pub(super) fn add(&mut self, reason: StopReason) {
        match reason {
            StopReason::Complete => self.complete += 1,
            StopReason::Horizon => self.horizon += 1,
            StopReason::Events => self.events += 1,
        }
    }

    /// Runs that were cut before they were over.
    pub fn truncated(self) -> usize {
        self.horizon + self.events
    }

    /// Each reason by its word in `runs.csv`, with its count.
    pub fn by_name(self) -> [(&'static str, usize); 3] {
        [
            (StopReason::Complete.as_str(), self.complete),
            (StopReason::Horizon.as_str(), self.horizon),
            (StopReason::Events.as_str(), self.events),
        ]
    }
}

/// What the seeds say about one metric.
#[derive(Clone, Debug)]
pub struct ColumnSummary {
    /// The metric's column.
    pub column: Column,
    /// Number of runs, those without a value included: the N of "n of N".
    pub of: usize,
    /// The claims.
    pub claims: Claims,
}

/// Claims about a metric, by its kind.
#[derive(Clone, Debug)]
pub enum Claims {
    /// About a number; none when no run has a value.
    Number(Option<NumberClaims>),
    /// About a boolean (one entry, `true`) or a status (an entry a word).
    Shares(Vec<Share>),
}

/// Claims about a number.
#[derive(Clone, Debug)]
pub struct NumberClaims {
    /// Number of observations, censored ones included.
    pub n: usize,
    /// How many of them are censored.
    pub censored: usize,
    /// The least; `+∞` when all are censored.
    pub min: f64,
    /// The largest; `+∞` when one is censored.
    pub max: f64,
    /// Mean with its t interval.
    pub mean: Result<Estimate, Refused>,
    /// Standard deviation; without an interval, which would have to assume a normal distribution.
    pub sd: Result<f64, Refused>,
    /// One entry per quantile of [`QUANTILES`].
    pub quantiles: Vec<(Quantile, Estimate)>,
}

impl NumberClaims {
    fn of(sample: &Sample) -> Self {
        let confidence = Confidence::NINETY_FIVE;
        Self {
            n: sample.n(),
            censored: sample.censored(),
            min: sample.min(),
            max: sample.max(),
            mean: sample.mean(confidence),
            sd: sample.sd(),
            quantiles: QUANTILES.map(|q| (q, sample.quantile(q, confidence))).to_vec(),
        }
    }
}

/// How often a metric had one particular value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The value, as `runs.csv` writes it.
    pub value: &'static str,
    /// Its count, of the runs that have a value; none when no run has one.
    pub proportion: Option<Proportion>,
}

impl Share {
    /// Wilson's interval at 95 %.
    pub fn interval(&self) -> Option<Interval> {
        self.proportion.map(|p| p.wilson(Confidence::NINETY_FIVE))
    }
}

impl ArmSummary {
    /// Summarises the runs of one arm.
    pub fn of(arm: &str, runs: &Runs) -> Self {
        let columns = runs.table().map(|(column, values)| summarise(column, values)).collect();
        Self { arm: arm.to_owned(), seeds: runs.len(), stops: runs.stops(), columns }
    }

    /// The summary of the metric's plain column.
    ///
    /// # Panics
    /// When the summary was made over other columns than those of a scenario.
    pub fn metric(&self, metric: Metric) -> &ColumnSummary {
        self.columns
            .iter()
            .find(|c| {
                c.column.metric.metric == metric
                    && c.column.metric.deployment.is_none()
                    && c.column.metric.service.is_none()
            })
            .expect("every metric has a plain column")
    }
}

fn summarise(column: &Column, values: &Values) -> ColumnSummary {
    let claims = match column.metric.metric.kind() {
        MetricKind::Number => Claims::Number(sample(values.iter()).as_ref().map(NumberClaims::of)),
        MetricKind::Boolean => {
            let known = values.iter().filter(|v| matches!(v, Value::Boolean(_))).count();
            let hits = values.iter().filter(|v| *v == Value::Boolean(true)).count();
            Claims::Shares(vec![Share { value: "true", proportion: Proportion::new(hits, known) }])
        }
        MetricKind::Status => Claims::Shares(words(column.metric.metric, values)),
    };
    ColumnSummary { column: column.clone(), of: values.len(), claims }
}

/// Every word that the metric can be, whether it occurred or not, so that tables of different runs line up.
fn words(metric: Metric, values: &Values) -> Vec<Share> {
    let known = values.iter().filter(|v| matches!(v, Value::Text(_))).count();
    let share = |word| {
        let hits = values.iter().filter(|v| *v == Value::Text(word)).count();
        Share { value: word, proportion: Proportion::new(hits, known) }
    };
    words_of(metric).into_iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{deployment, outcome, tabulated};
    use super::*;
    use crate::engine::time::SimTime;
    use crate::outcome::{DeploymentStatus, Outcome};
    use crate::scenario::metric::MetricRef;

    fn column(metric: Metric) -> Column {
        let reference = MetricRef { metric, deployment: None, service: None };
        Column { name: metric.name().to_owned(), metric: reference, deployments: 1 }
    }

    fn run(seed: u64, status: DeploymentStatus, min: Option<u64>) -> Outcome {
        let mut d = deployment(status);
        d.finished_at = min.map(|min| SimTime::from_ms(600_000 + min * 60_000));
        let mut run = outcome(seed);
        run.deployments = vec![d];
        run.stop = if min.is_some() { StopReason::Complete } else { StopReason::Horizon };
        run
    }

    fn durations(outcomes: &[Outcome]) -> (usize, NumberClaims) {
        let summary = ArmSummary::of("a", &tabulated(vec![column(Metric::RolloutDurationMin)], outcomes));
        let of = summary.columns[0].of;
        match summary.columns[0].claims.clone() {
            Claims::Number(Some(claims)) => (of, claims),
            other => panic!("numbers were given: {other:?}"),
        }
    }

    #[test]
    fn a_duration_counts_successes_and_the_unfinished_of_all_seeds() {
        let (of, claims) = durations(&[
            run(0, DeploymentStatus::Successful, Some(60)),
            run(1, DeploymentStatus::RollbackSuccessful, Some(30)),
            run(2, DeploymentStatus::InProgress, None),
            run(3, DeploymentStatus::Successful, Some(40)),
        ]);
        assert_eq!((of, claims.n, claims.censored), (4, 3, 1));
        assert_eq!(claims.mean, Err(Refused::Censored));
        assert_eq!(claims.quantiles[2].1.point, 60.0);
        assert_eq!(claims.quantiles[4].1.point, f64::INFINITY);
    }

    #[test]
    fn stops_are_counted_by_reason() {
        let outcomes = [
            run(0, DeploymentStatus::Successful, Some(60)),
            run(1, DeploymentStatus::InProgress, None),
            run(2, DeploymentStatus::InProgress, None),
        ];
        let stops = tabulated(Vec::new(), &outcomes).stops();
        assert_eq!(stops, StopCounts { complete: 1, horizon: 2, events: 0 });
        assert_eq!(stops.truncated(), 2);
    }

    #[test]
    fn statuses_become_shares_of_all_words_and_booleans_of_one() {
        let outcomes = [
            run(0, DeploymentStatus::Successful, Some(60)),
            run(1, DeploymentStatus::RollbackSuccessful, Some(30)),
        ];
        let columns = vec![column(Metric::DeploymentStatus), column(Metric::RolledBack)];
        let summary = ArmSummary::of("a", &tabulated(columns, &outcomes));
        let Claims::Shares(words) = &summary.metric(Metric::DeploymentStatus).claims else {
            panic!("shares")
        };
        assert_eq!(words.len(), 8);
        let successful = words.iter().find(|s| s.value == "SUCCESSFUL").expect("a status");
        assert_eq!(successful.proportion, Proportion::new(1, 2));
        let Claims::Shares(flag) = &summary.metric(Metric::RolledBack).claims else { panic!("shares") };
        assert_eq!(flag.len(), 1);
        assert_eq!(flag[0].proportion, Proportion::new(0, 2));
    }

    #[test]
    fn no_value_in_any_seed_makes_no_claim() {
        let mut without = outcome(0);
        without.deployments.clear();
        let mut columns = vec![column(Metric::RolloutDurationMin), column(Metric::RolledBack)];
        for column in &mut columns {
            column.deployments = 0;
        }
        let summary = ArmSummary::of("a", &tabulated(columns, &[without]));
        assert!(matches!(summary.columns[0].claims, Claims::Number(None)));
        let Claims::Shares(flag) = &summary.columns[1].claims else { panic!("shares") };
        assert_eq!((flag[0].proportion, flag[0].interval()), (None, None));
    }
}
