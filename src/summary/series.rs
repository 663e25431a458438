//! State counts over time, aggregated over seeds.

use std::collections::BTreeMap;

use crate::engine::time::{SimDuration, SimTime};
use crate::outcome::Sample;
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

/// The series of one run, without what it repeats: a sample only where it differs from the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Instants of the grid that the run lived to see.
    length: u32,
    /// Samples with their instants, the first one at 0.
    changes: Box<[(u32, Sample)]>,
}

impl Trace {
    /// The samples of a run, in order of the grid.
    ///
    /// # Panics
    /// When there are 2³² or more.
    pub fn of(samples: &[Sample]) -> Self {
        let length = u32::try_from(samples.len()).expect("a grid has fewer than 2^32 instants");
        let is_new = |at: &u32| *at == 0 || samples[*at as usize] != samples[*at as usize - 1];
        // Counted first, so that there is one allocation a run and none of it is spare.
        let mut changes = Vec::with_capacity((0..length).filter(is_new).count());
        changes.extend((0..length).filter(is_new).map(|at| (at, samples[at as usize])));
        let changes = changes.into_boxed_slice();
        Self { length, changes }
    }

    /// Every sample, those that repeat the one before included.
    pub fn samples(&self) -> impl Iterator<Item = Sample> + '_ {
        let ends = self.changes.iter().skip(1).map(|(at, _)| *at).chain([self.length]);
        let stretches = self.changes.iter().zip(ends);
        stretches.flat_map(|((at, sample), end)| (*at..end).map(|_| *sample))
    }

    pub(super) fn allocated(&self) -> usize {
        size_of_val(&*self.changes)
    }
}

/// In how many runs each state had each count at each instant of the grid.
///
/// What is kept are changes: how many runs come to a count at an instant, less how many leave it. So a run costs as
/// much as it changes, and one that has ended keeps its last values, however long another takes. For an instant,
/// no more is kept than four entries of 16 bytes for each pair of a state and a count that some run came to or left
/// there, and 1 KiB: the memory grows with the grid and with how many different counts there are, which
/// is never more than the largest count, and not with the runs.
#[derive(Clone, Debug, Default)]
pub struct SeriesTally {
    runs: u64,
    instants: Vec<Instant>,
}

/// What changes at one instant.
#[derive(Clone, Debug, Default)]
struct Instant {
    changes: Vec<Change>,
    /// So many of them are in order, with no pair of a state and a count twice.
    merged: usize,
}

/// How many more runs have a count.
#[derive(Clone, Copy, Debug)]
struct Change {
    /// Place in [`State::ALL`].
    state: u8,
    count: u32,
    runs: i64,
}

impl Instant {
    /// Below this, merging is not worth its while.
    const FEW: usize = 32;

    fn add(&mut self, change: Change) {
        if self.changes.len() >= (2 * self.merged).max(Self::FEW) {
            self.merge();
        }
        self.changes.push(change);
    }

    fn merge(&mut self) {
        let pair = |change: &Change| (change.state, change.count);
        self.changes.sort_unstable_by_key(pair);
        self.changes.dedup_by(|next, kept| {
            let same = pair(next) == pair(kept);
            if same {
                kept.runs += next.runs;
            }
            same
        });
        self.changes.retain(|change| change.runs != 0);
        self.merged = self.changes.len();
    }
}

impl SeriesTally {
    /// Adds a run; one without samples counts as none.
    pub fn add(&mut self, trace: &Trace) {
        if trace.length == 0 {
            return;
        }
        self.runs += 1;
        if self.instants.len() < trace.length as usize {
            self.instants.resize_with(trace.length as usize, Instant::default);
        }
        let mut before: Option<&Sample> = None;
        for (at, sample) in &trace.changes {
            let instant = &mut self.instants[*at as usize];
            for (state, of) in (0..).zip(State::ALL) {
                let (left, come) = (before.map(|before| of.of(before)), of.of(sample));
                if left == Some(come) {
                    continue;
                }
                if let Some(count) = left {
                    instant.add(Change { state, count, runs: -1 });
                }
                instant.add(Change { state, count: come, runs: 1 });
            }
            before = Some(sample);
        }
    }

    /// The spread over runs of every state at every instant of a grid of `step`, as far as the longest run went.
    pub fn series(&self, step: SimDuration) -> Vec<StateSeries> {
        let mut tallies = State::ALL.map(|_| Tally::default());
        let mut series = State::ALL.map(|state| StateSeries { state, points: Vec::new() });
        for (i, instant) in (0..).zip(&self.instants) {
            for change in &instant.changes {
                tallies[usize::from(change.state)].add(change);
            }
            let at = SimTime::from_ms(i * step.as_ms());
            for (tally, series) in tallies.iter_mut().zip(&mut series) {
                series.points.push(tally.spread(at, self.runs));
            }
        }
        series.into()
    }

    pub(super) fn allocated(&self) -> usize {
        let changes: usize = self.instants.iter().map(|instant| instant.changes.capacity()).sum();
        self.instants.capacity() * size_of::<Instant>() + changes * size_of::<Change>()
    }
}

/// How many runs have each count of one state at an instant.
#[derive(Default)]
struct Tally {
    runs: BTreeMap<u32, i64>,
    /// The last spread, while nothing has changed since.
    known: Option<SeriesPoint>,
}

impl Tally {
    fn add(&mut self, change: &Change) {
        *self.runs.entry(change.count).or_default() += change.runs;
        self.known = None;
    }

    /// `n` is the number of all runs, at least 1.
    fn spread(&mut self, at: SimTime, n: u64) -> SeriesPoint {
        if let Some(known) = self.known {
            return SeriesPoint { at, ..known };
        }
        self.runs.retain(|_, runs| *runs != 0);
        // The sum is one of integers, so its order does not matter.
        let sum: u64 = self.runs.iter().map(|(count, runs)| u64::from(*count) * *runs as u64).sum();
        let pick = |percent| {
            let rank = Quantile::percent(percent).rank(n as usize) as u64;
            let mut through = 0;
            let reaches = |(_, runs): &(&u32, &i64)| {
                through += **runs as u64;
                through >= rank
            };
            *self.runs.iter().find(reaches).expect("a rank is at most the number of runs").0
        };
        let mean = nine_digits(sum as f64 / n as f64);
        let point = SeriesPoint { at, mean, p5: pick(5), p50: pick(50), p95: pick(95) };
        self.known = Some(point);
        point
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STEP: SimDuration = SimDuration::from_secs(30);

    fn tally<'a>(runs: impl IntoIterator<Item = &'a Vec<Sample>>) -> SeriesTally {
        let mut tally = SeriesTally::default();
        runs.into_iter().for_each(|samples| tally.add(&Trace::of(samples)));
        tally
    }

    fn run(draining: &[u32]) -> Vec<Sample> {
        draining.iter().map(|&draining| Sample { draining, ..Sample::default() }).collect()
    }

    fn draining(runs: &[Vec<Sample>]) -> Vec<SeriesPoint> {
        let series = tally(runs).series(STEP);
        series.into_iter().find(|s| s.state == State::Draining).expect("every state is there").points
    }

    #[test]
    fn an_ended_seed_keeps_its_last_value() {
        for runs in [[run(&[0, 4, 1]), run(&[0, 2])], [run(&[0, 2]), run(&[0, 4, 1])]] {
            let points = draining(&runs);
            assert_eq!(points.len(), 3);
            assert_eq!(points[2].mean, 1.5);
            assert_eq!((points[2].p5, points[2].p50, points[2].p95), (1, 1, 2));
            assert_eq!(points[2].at, SimTime::from_ms(60_000));
        }
    }

    #[test]
    fn quantiles_over_seeds_are_those_of_the_order_statistics() {
        let runs: Vec<Vec<Sample>> = (1..=20).rev().map(|d| run(&[d])).collect();
        let point = draining(&runs)[0];
        assert_eq!((point.p5, point.p50, point.p95), (1, 10, 19));
        assert_eq!(point.mean, 10.5);
    }

    #[test]
    fn no_seed_and_no_sample_make_an_empty_series() {
        assert!(draining(&[]).is_empty());
        assert!(draining(&[run(&[])]).is_empty());
    }

    /// The spread at one instant by sorting what every run has there.
    fn sorted(at: SimTime, mut counts: Vec<u32>) -> SeriesPoint {
        counts.sort_unstable();
        let n = counts.len();
        let sum: u64 = counts.iter().map(|&c| u64::from(c)).sum();
        let pick = |percent| counts[Quantile::percent(percent).rank(n) - 1];
        SeriesPoint {
            at,
            mean: nine_digits(sum as f64 / n as f64),
            p5: pick(5),
            p50: pick(50),
            p95: pick(95),
        }
    }

    /// Runs that mostly stay as they are, of a few hosts or of many.
    fn runs() -> impl Strategy<Value = Vec<Vec<Sample>>> {
        let count = prop_oneof![4 => 0_u32..4, 1 => 0_u32..100_000, 1 => Just(u32::MAX)];
        let sample = (count.clone(), count).prop_map(|(old_revision, floor_tasks)| Sample {
            old_revision,
            floor_tasks,
            running_tasks: old_revision / 2,
            ..Sample::default()
        });
        let stretch = (1_usize..4, sample).prop_map(|(times, sample)| vec![sample; times]);
        let run = prop::collection::vec(stretch, 0..12).prop_map(|stretches| stretches.concat());
        prop::collection::vec(run, 0..60)
    }

    proptest! {
        #[test]
        fn tallies_say_what_sorting_every_run_at_every_instant_says(runs in runs()) {
            let series = tally(&runs).series(STEP);
            let present: Vec<&Vec<Sample>> = runs.iter().filter(|samples| !samples.is_empty()).collect();
            let length = present.iter().map(|samples| samples.len()).max().unwrap_or(0);
            for StateSeries { state, points } in series {
                prop_assert_eq!(points.len(), length);
                for (i, point) in points.into_iter().enumerate() {
                    let counts = present.iter().map(|run| state.of(&run[i.min(run.len() - 1)])).collect();
                    prop_assert_eq!(point, sorted(SimTime::from_ms(i as u64 * 30_000), counts));
                }
            }
        }

        #[test]
        fn a_trace_holds_every_sample(runs in runs()) {
            for samples in runs {
                prop_assert_eq!(Trace::of(&samples).samples().collect::<Vec<_>>(), samples);
            }
        }
    }

    #[test]
    fn a_tally_does_not_grow_with_the_runs() {
        let runs: Vec<Vec<Sample>> = (0..2_000_u32)
            .map(|seed| (0..50).map(|i| (seed * 7 + i * seed) % 12).collect::<Vec<_>>())
            .map(|draining| run(&draining))
            .collect();
        let (some, all) = (tally(&runs[..1_000]).allocated(), tally(&runs).allocated());
        assert_eq!(some, all);
        // Nine states that are there at the first instant, and one that has twelve counts, at each of 50.
        assert!(all <= 50 * (size_of::<Instant>() + 4 * (12 + 8) * 16), "{all} bytes");
    }
}
