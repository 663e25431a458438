//! What is kept of the runs of an arm.
//!
//! An outcome is gone as soon as its values are taken from it, so an experiment takes as much memory for its
//! millionth seed as these values do.

use std::ops::Range;

use super::arm::StopCounts;
use super::columns::{Column, columns};
use super::packed::{Digests, Packed, Values};
use super::series::{SeriesTally, StateSeries, Trace};
use super::value::Value;
use crate::engine::digest::Digest;
use crate::engine::time::{SimDuration, SimTime};
use crate::outcome::{Outcome, StopReason};
use crate::scenario::Scenario;
use crate::scenario::metric::{Metric, MetricRef};

/// What is kept of the time series of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// Nothing.
    Dropped,
    /// In how many runs each count occurred at each instant; it does not grow with the seeds.
    Tallied,
    /// That, and what each run had: up to 40 bytes for each instant of the grid at which a run changes.
    Kept,
}

/// What is taken of every run of an arm. The same for all of them, so those who run them may share it.
#[derive(Clone, Debug)]
pub struct Intake {
    /// Those of `runs.csv`, then those that nobody tabulates but a check may ask for.
    columns: Vec<Column>,
    tabulated: usize,
    series: Series,
}

/// What is taken of one run.
#[derive(Clone, Debug)]
pub struct Taken {
    seed: u64,
    digest: u64,
    facts: u64,
    values: Box<[Packed]>,
    stop: StopReason,
    ended: bool,
    defective: bool,
    events: u64,
    host_replacements: u64,
    trace: Option<Trace>,
}

impl Intake {
    /// Of the runs of a scenario.
    pub fn of(scenario: &Scenario, series: Series) -> Self {
        let mut intake = Self::with(columns(scenario), series);
        let deployments = scenario.deployments();
        for (index, service) in scenario.services.iter().enumerate() {
            let metric = Metric::MinRunningTasksPct;
            let of = MetricRef { metric, deployment: None, service: Some(index) };
            if !intake.columns.iter().any(|column| column.metric == of) {
                let name = format!("{}_{}", metric.name(), service.name);
                intake.columns.push(Column { name, metric: of, deployments });
            }
        }
        intake
    }

    /// Of runs that are tabulated in these columns and asked for nothing else.
    pub(super) fn with(columns: Vec<Column>, series: Series) -> Self {
        Self { tabulated: columns.len(), columns, series }
    }

    /// What is kept of a run that has ended in `outcome`.
    pub fn take(&self, outcome: &Outcome) -> Taken {
        let asked_for = self.columns.first().map_or(0, |column| column.deployments);
        let deployments = &outcome.deployments;
        let replaced = u64::from(outcome.fleet.instances_replaced);
        Taken {
            seed: outcome.seed,
            digest: outcome.digest,
            facts: outcome.fingerprint(),
            values: self.columns.iter().map(|column| Packed::from(column.value(outcome))).collect(),
            stop: outcome.stop,
            ended: deployments.len() >= asked_for && deployments.iter().all(|d| d.status.is_final()),
            defective: deployments.last().is_some_and(|d| d.defective),
            events: outcome.events,
            host_replacements: replaced + u64::from(outcome.fleet.instances_repaired),
            trace: (self.series != Series::Dropped).then(|| Trace::of(&outcome.series)),
        }
    }

    /// The column of a metric, under whichever of its names it was asked for.
    fn index(&self, of: MetricRef) -> usize {
        let is = |column: &Column| {
            // A metric of a deployment by its plain name is that of the last.
            let last = |deployment: Option<usize>| deployment.or(column.deployments.checked_sub(1));
            let MetricRef { metric, deployment, service } = column.metric;
            metric == of.metric && service == of.service && last(deployment) == last(of.deployment)
        };
        self.columns.iter().position(is).expect("a metric of the scenario has its column")
    }
}

/// The runs of an arm, of seeds that follow each other.
///
/// A run takes a value of at most eight bytes in each column, tabulated or not, and eight for its digest: 248 bytes for
/// the 29 columns of a scenario with one service and one deployment. As a rule it takes a fifth of that, because
/// columns of few different values take a byte or two for each, and columns of one value none. Nothing else here grows
/// with the runs unless [`Series::Kept`] asks for it.
#[derive(Clone, Debug)]
pub struct Runs {
    intake: Intake,
    first: u64,
    values: Vec<Values>,
    digests: Digests,
    facts: Digest,
    /// Whether every deployment of the run has ended.
    ended: Values,
    stops: StopCounts,
    defective: usize,
    events: u64,
    host_replacements: u64,
    tally: SeriesTally,
    traces: Vec<Trace>,
}

impl Runs {
    /// No run yet.
    pub fn new(intake: Intake) -> Self {
        Self {
            first: 0,
            values: vec![Values::default(); intake.columns.len()],
            digests: Digests::default(),
            facts: Digest::new(),
            ended: Values::default(),
            stops: StopCounts::default(),
            defective: 0,
            events: 0,
            host_replacements: 0,
            tally: SeriesTally::default(),
            traces: Vec::new(),
            intake,
        }
    }

    /// Runs that have been run already, in order of their seeds.
    pub fn of(scenario: &Scenario, series: Series, outcomes: &[Outcome]) -> Self {
        let mut runs = Self::new(Intake::of(scenario, series));
        runs.extend(outcomes);
        runs
    }

    pub(super) fn extend(&mut self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            self.push(self.intake.take(outcome));
        }
    }

    /// Adds the run of the next seed.
    ///
    /// # Panics
    /// When it is the run of another seed.
    pub fn push(&mut self, run: Taken) {
        if self.is_empty() {
            self.first = run.seed;
        }
        assert_eq!(run.seed, self.seeds().end, "seeds follow each other");
        for (values, value) in self.values.iter_mut().zip(&run.values) {
            values.push(*value);
        }
        self.digests.push(run.digest);
        self.facts.absorb(SimTime::ZERO, run.facts);
        self.ended.push(Value::Boolean(run.ended).into());
        self.stops.add(run.stop);
        self.defective += usize::from(run.defective);
        self.events += run.events;
        self.host_replacements += run.host_replacements;
        if let Some(trace) = run.trace {
            self.tally.add(&trace);
            if self.intake.series == Series::Kept {
                self.traces.push(trace);
            }
        }
    }

    /// Number of runs.
    pub fn len(&self) -> usize {
        self.digests.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The seeds of the runs, the last one left out; 0..0 without a run.
    pub fn seeds(&self) -> Range<u64> {
        self.first..self.first + self.len() as u64
    }

    /// The columns of `runs.csv`, in their order.
    pub fn columns(&self) -> &[Column] {
        &self.intake.columns[..self.intake.tabulated]
    }

    /// The columns of `runs.csv` with their values.
    pub fn table(&self) -> impl Iterator<Item = (&Column, &Values)> + Clone {
        self.columns().iter().zip(&self.values)
    }

    /// The values of a metric.
    ///
    /// # Panics
    /// When it is none of the scenario's.
    pub fn values(&self, of: MetricRef) -> &Values {
        &self.values[self.intake.index(of)]
    }

    /// The fingerprints of the runs.
    pub fn digests(&self) -> &Digests {
        &self.digests
    }

    /// Whether other runs have come to the same in everything that an outcome tells, the series left out.
    pub fn same_as(&self, other: &Self) -> bool {
        (self.seeds(), self.facts) == (other.seeds(), other.facts)
    }

    /// Whether every deployment had ended, run by run.
    pub fn ended(&self) -> impl Iterator<Item = bool> + '_ {
        self.ended.iter().map(|ended| ended == Value::Boolean(true))
    }

    /// How many runs ended for which reason.
    pub fn stops(&self) -> StopCounts {
        self.stops
    }

    /// Runs in which the last deployment's target had a defect.
    pub fn defective(&self) -> usize {
        self.defective
    }

    /// Events handled, summed over the runs.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Hosts replaced, repaired ones included, summed over the runs.
    pub fn host_replacements(&self) -> u64 {
        self.host_replacements
    }

    /// State counts over time, on a grid of `step`; empty where they were dropped.
    pub fn series(&self, step: SimDuration) -> Vec<StateSeries> {
        self.tally.series(step)
    }

    /// The time series of every run; empty where they were not kept.
    pub fn traces(&self) -> &[Trace] {
        &self.traces
    }

    /// Bytes on the heap that grow with the runs.
    pub fn allocated(&self) -> usize {
        let values: usize = self.values.iter().map(Values::allocated).sum();
        let traces: usize = self.traces.iter().map(Trace::allocated).sum();
        let traces = traces + self.traces.capacity() * size_of::<Trace>();
        values + self.ended.allocated() + self.digests.allocated() + self.tally.allocated() + traces
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{deployment, outcome};
    use super::*;
    use crate::outcome::{DeploymentStatus, Sample, ServiceOutcome};
    use crate::scenario::{NoFiles, load};

    const COLUMNS: usize = Metric::ALL.len();

    fn scenario() -> Scenario {
        let text = include_str!("../../scenarios/single-instance.yaml");
        load("single-instance.yaml", text, &NoFiles, &[]).expect("the example is valid").scenario
    }

    /// A run that has as few values in common with the others as a run can have.
    fn restless(seed: u64) -> Outcome {
        let mut run = outcome(seed);
        let x = seed as f64 / 7.0;
        run.events = seed * 3;
        run.digest = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        run.fleet.services =
            vec![ServiceOutcome { min_running_pct: Some(x), task_min_lost: x, failed_requests: Some(x) }];
        (run.fleet.extra_instance_hours, run.fleet.extra_cost_usd) = (x, Some(x));
        (run.fleet.peak_instances, run.fleet.peak_vcpu) = (seed as u32, seed);
        run.fleet.app_tasks_restarted = seed;
        run.series =
            (0..20).map(|i| Sample { draining: (seed as u32 + i) % 5, ..Sample::default() }).collect();
        run
    }

    fn runs(series: Series, seeds: Range<u64>) -> Runs {
        let outcomes: Vec<Outcome> = seeds.map(restless).collect();
        Runs::of(&scenario(), series, &outcomes)
    }

    #[test]
    fn a_run_takes_eight_bytes_a_column_and_eight_for_its_digest_at_most() {
        assert_eq!(size_of::<Packed>(), 8);
        let bytes = |n: u64| runs(Series::Tallied, 0..n).allocated();
        // What does not grow with the runs is in both.
        let grown = bytes(40_960) - bytes(20_480);
        // One column more than is tabulated is kept of a single service, and whether the run had ended.
        assert!(grown < 20_480 * 8 * (COLUMNS + 3), "{} bytes a run", grown as f64 / 20_480.0);
        // Half of the columns are the same in every run.
        assert!(grown < 20_480 * 120, "{} bytes a run", grown as f64 / 20_480.0);
        assert!(grown > 20_480 * 8, "a digest alone takes eight");
    }

    #[test]
    fn series_of_runs_are_kept_only_when_they_are_asked_for() {
        let bytes = |series| runs(series, 0..4_096).allocated();
        let (dropped, tallied, kept) = (bytes(Series::Dropped), bytes(Series::Tallied), bytes(Series::Kept));
        // Twenty instants, of up to ten counts that come and go and eight that are there from the start.
        assert!(tallied - dropped <= 20 * (40 + 4 * 18 * 16) + 40 * 20, "{}", tallied - dropped);
        assert!(kept - tallied >= 4_096 * 20 * 40, "every sample of these differs from the one before");
        assert!(runs(Series::Tallied, 0..9).traces().is_empty());
        assert!(runs(Series::Dropped, 0..9).series(SimDuration::from_secs(30))[0].points.is_empty());
        let traces = runs(Series::Kept, 5..9);
        let series: Vec<Vec<Sample>> =
            traces.traces().iter().map(|trace| trace.samples().collect()).collect();
        assert_eq!(series, (5..9).map(|seed| restless(seed).series).collect::<Vec<_>>());
    }

    #[test]
    fn every_value_is_that_of_the_outcome() {
        let scenario = scenario();
        let outcomes: Vec<Outcome> = (7..5_000).map(restless).collect();
        let runs = Runs::of(&scenario, Series::Dropped, &outcomes);
        assert_eq!((runs.len(), runs.seeds()), (4_993, 7..5_000));
        assert_eq!(runs.columns(), columns(&scenario));
        for (column, values) in runs.table() {
            assert!(
                values.iter().eq(outcomes.iter().map(|outcome| column.value(outcome))),
                "{}",
                column.name
            );
        }
        assert!(runs.digests().iter().eq(outcomes.iter().map(|outcome| outcome.digest)));
        assert_eq!(runs.events(), outcomes.iter().map(|outcome| outcome.events).sum::<u64>());
        assert_eq!(runs.host_replacements(), 4_993 * 120);
    }

    #[test]
    fn a_metric_has_one_column_under_all_of_its_names() {
        let runs = runs(Series::Dropped, 0..3);
        let of = |metric, deployment, service| runs.values(MetricRef { metric, deployment, service });
        // There is one deployment, so the first is the last; and a column for the one service that nobody tabulates.
        let plain = of(Metric::BlastRadiusPct, None, None);
        assert!(std::ptr::eq(plain, of(Metric::BlastRadiusPct, Some(0), None)));
        let of_service = of(Metric::MinRunningTasksPct, None, Some(0));
        assert!(!std::ptr::eq(of_service, of(Metric::MinRunningTasksPct, None, None)));
        assert_eq!(of_service.get(2), Some(Value::Number(0.285_714_286)));
    }

    #[test]
    fn runs_are_the_same_until_one_fact_of_them_differs() {
        let scenario = scenario();
        let of = |outcomes: &[Outcome]| Runs::of(&scenario, Series::Dropped, outcomes);
        let all: Vec<Outcome> = (0..4).map(restless).collect();
        assert!(of(&all).same_as(&of(&all)));
        assert!(!of(&all).same_as(&of(&all[..3])));
        // A fact of which no metric tells.
        let mut other = all.clone();
        other[2].deployments[0].breaker_threshold += 1;
        assert!(!of(&all).same_as(&of(&other)));
        let mut other = all.clone();
        other[3].deployments[0].status_reason = "because".to_owned();
        assert!(!of(&all).same_as(&of(&other)));
        // The series follow from the rest, at a grid of somebody's choice.
        let mut other = all.clone();
        other[0].series.clear();
        assert!(of(&all).same_as(&of(&other)));
    }

    #[test]
    fn a_run_has_ended_when_every_deployment_that_was_asked_for_has() {
        let of = |statuses: &[DeploymentStatus]| {
            let mut run = outcome(0);
            run.deployments = statuses.iter().map(|status| deployment(*status)).collect();
            Runs::of(&scenario(), Series::Dropped, &[run]).ended().collect::<Vec<_>>()
        };
        assert_eq!(of(&[DeploymentStatus::Successful]), [true]);
        assert_eq!(of(&[DeploymentStatus::Successful, DeploymentStatus::InProgress]), [false]);
        assert_eq!(of(&[]), [false]);
    }

    #[test]
    #[should_panic(expected = "seeds follow each other")]
    fn a_seed_that_is_left_out_is_noticed() {
        Runs::of(&scenario(), Series::Dropped, &[outcome(4), outcome(6)]);
    }
}
