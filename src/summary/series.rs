//! State counts over time, aggregated over seeds.

use crate::engine::time::{SimDuration, SimTime};
use crate::outcome::{Outcome, Sample};
use crate::stats::{Quantile, nine_digits};

/// One of the counts that a sample of the fleet holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is explained at the field of the same name in `outcome::Sample`")]
pub enum State {
    OldRevision,
    NewRevision,
    Draining,
    Starting,
    Deregistering,
    Impaired,
    RunningTasks,
    DesiredTasks,
    FloorTasks,
}

impl State {
    /// Every state, in the order of `series.csv`.
    pub const ALL: [Self; 9] = [
        Self::OldRevision,
        Self::NewRevision,
        Self::Draining,
        Self::Starting,
        Self::Deregistering,
        Self::Impaired,
        Self::RunningTasks,
        Self::DesiredTasks,
        Self::FloorTasks,
    ];

    /// The word used in `series.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Self::OldRevision => "old_revision",
            Self::NewRevision => "new_revision",
            Self::Draining => "draining",
            Self::Starting => "starting",
            Self::Deregistering => "deregistering",
            Self::Impaired => "impaired",
            Self::RunningTasks => "running_tasks",
            Self::DesiredTasks => "desired_tasks",
            Self::FloorTasks => "floor_tasks",
        }
    }

    /// Its count in `sample`.
    pub fn of(self, sample: &Sample) -> u32 {
        match self {
            Self::OldRevision => sample.old_revision,
            Self::NewRevision => sample.new_revision,
            Self::Draining => sample.draining,
            Self::Starting => sample.starting,
            Self::Deregistering => sample.deregistering,
            Self::Impaired => sample.impaired,
            Self::RunningTasks => sample.running_tasks,
            Self::DesiredTasks => sample.desired_tasks,
            Self::FloorTasks => sample.floor_tasks,
        }
    }
}

/// One state over time.
#[derive(Clone, Debug, PartialEq)]
pub struct StateSeries {
    /// Which state.
    pub state: State,
    /// Its points, one per instant of the sampling grid.
    pub points: Vec<SeriesPoint>,
}

/// The spread of a count over seeds at one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeriesPoint {
    /// When.
    pub at: SimTime,
    /// Mean over seeds, rounded to nine significant digits.
    pub mean: f64,
    /// 5 % quantile by order statistic, like the two below.
    pub p5: u32,
    /// Median.
    pub p50: u32,
    /// 95 % quantile.
    pub p95: u32,
}

/// Aggregates the runs' samples, taken every `step`, as long as the longest run; one that has ended keeps its last values.
pub fn aggregate(outcomes: &[Outcome], step: SimDuration) -> Vec<StateSeries> {
    let runs: Vec<&[Sample]> =
        outcomes.iter().map(|o| o.series.as_slice()).filter(|s| !s.is_empty()).collect();
    let length = runs.iter().map(|samples| samples.len()).max().unwrap_or(0);
    let mut counts = Vec::with_capacity(runs.len());
    State::ALL
        .into_iter()
        .map(|state| {
            let points = (0..length)
                .map(|i| {
                    counts.clear();
                    counts.extend(runs.iter().map(|samples| state.of(&samples[i.min(samples.len() - 1)])));
                    spread(SimTime::from_ms(i as u64 * step.as_ms()), &mut counts)
                })
                .collect();
            StateSeries { state, points }
        })
        .collect()
}

/// `counts` is not empty; its order is lost.
fn spread(at: SimTime, counts: &mut [u32]) -> SeriesPoint {
    let n = counts.len();
    // The sum is one of integers, so its order does not matter.
    let sum: u64 = counts.iter().map(|&c| u64::from(c)).sum();
    let mut pick = |percent| {
        let rank = Quantile::percent(percent).rank(n);
        *counts.select_nth_unstable(rank - 1).1
    };
    SeriesPoint { at, mean: nine_digits(sum as f64 / n as f64), p5: pick(5), p50: pick(50), p95: pick(95) }
}

#[cfg(test)]
mod tests {
    use super::super::tests::outcome;
    use super::*;

    fn run(draining: &[u32]) -> Outcome {
        let mut run = outcome(0);
        run.series = draining.iter().map(|&draining| Sample { draining, ..Sample::default() }).collect();
        run
    }

    fn draining(outcomes: &[Outcome]) -> Vec<SeriesPoint> {
        aggregate(outcomes, SimDuration::from_secs(30))
            .into_iter()
            .find(|s| s.state == State::Draining)
            .expect("every state is there")
            .points
    }

    #[test]
    fn an_ended_seed_keeps_its_last_value() {
        let points = draining(&[run(&[0, 4, 1]), run(&[0, 2])]);
        assert_eq!(points.len(), 3);
        assert_eq!(points[2].mean, 1.5);
        assert_eq!((points[2].p5, points[2].p50, points[2].p95), (1, 1, 2));
        assert_eq!(points[2].at, SimTime::from_ms(60_000));
    }

    #[test]
    fn quantiles_over_seeds_are_those_of_the_order_statistics() {
        let runs: Vec<Outcome> = (1..=20).rev().map(|d| run(&[d])).collect();
        let point = draining(&runs)[0];
        assert_eq!((point.p5, point.p50, point.p95), (1, 10, 19));
        assert_eq!(point.mean, 10.5);
    }

    #[test]
    fn no_seed_and_no_sample_make_an_empty_series() {
        assert!(draining(&[]).is_empty());
        assert!(draining(&[run(&[])]).is_empty());
    }
}
