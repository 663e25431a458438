//! Arms × seeds → outcomes: the only place with threads.
//!
//! Units are handed out in order of their seeds, every arm of a seed before the
//! next seed; each worker keeps one workspace whose buffers go from seed to seed.
//! Outcomes are put back in order of arm and seed, so nothing that follows can
//! tell how many threads there were. No number is ever reduced across threads.
//!
//! An interrupted experiment keeps the seeds that are finished without a gap: what
//! is left is the same as if only those had been asked for.

use std::any::Any;
use std::fmt;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::fleet::{self, LogEntry, Workspace};
use crate::outcome::Outcome;
use crate::scenario::Scenario;
use crate::stats::next_size;

/// Names the way from (master seed, seed, purpose, name, entity, occurrence) to a uniform
/// variate: Philox2x64-10 under keys from `ChaCha8`. Runs made under another scheme had other luck.
pub const RANDOM_SCHEME: &str = "chacha8-philox2x64-10.v1";

/// One policy to be tried: a scenario by a name.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Its name, unique in the experiment.
    pub name: String,
    /// What is run.
    pub scenario: Scenario,
}

/// What shall be run.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// The arms, in the order of the tables.
    pub arms: &'a [Arm],
    /// The seeds, the last one left out; the same for every arm.
    pub seeds: Range<u64>,
    /// Worker threads; no result depends on their number.
    pub threads: NonZeroUsize,
    /// Whether outcomes keep their time series, which are most of their size.
    pub series: Series,
}

/// What becomes of the time series of outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// Every outcome has its own.
    Kept,
    /// Outcomes come without: many arms would fill the memory with them.
    Dropped,
}

impl Plan<'_> {
    /// Threads that are started: none without a run to do, and never so many that they only cost.
    pub fn workers(&self) -> usize {
        let runs = (self.seeds.end.saturating_sub(self.seeds.start) as usize).saturating_mul(self.arms.len());
        self.threads.get().min(runs.max(1)).min(WORKERS_MAX)
    }
}

/// The most worker threads; beyond the cores of any machine each more only takes memory.
const WORKERS_MAX: usize = 1024;

/// How the caller takes part while an experiment runs.
pub struct Hooks<'a> {
    /// Called by a worker when one of its runs is finished.
    pub finished: &'a (dyn Fn() + Sync),
    /// Set by the caller to stop as soon as can be.
    pub interrupted: &'a AtomicBool,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Per arm, its outcomes in order of the seeds.
    pub outcomes: Vec<Vec<Outcome>>,
    /// The seeds that every arm has an outcome for; shorter than planned only when interrupted.
    pub seeds: Range<u64>,
    /// Whether all that was planned is there.
    pub completion: Completion,
}

/// Whether an experiment ran to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// Every seed is there.
    Whole,
    /// It was interrupted; the first seeds are there, without a gap.
    Interrupted,
}

/// Why there are no outcomes.
#[derive(Debug)]
pub enum Failure {
    /// The model panicked: a bug in bakeoff, with all it takes to see it again.
    Panicked(SeedPanic),
    /// The worker threads could not be started.
    Threads(rayon::ThreadPoolBuildError),
}

/// A run that panicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedPanic {
    /// Name of the arm.
    pub arm: String,
    /// Number of the replication.
    pub seed: u64,
    /// What the panic said.
    pub message: String,
    /// Simulated time and the event in hand.
    pub last_event: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(SeedPanic { arm, seed, message, last_event }) => write!(
                f,
                "the model panicked, which is a bug in bakeoff\n  scenario: {arm}\n  seed:     {seed}\n  event:    {last_event}\n  panic:    {message}"
            ),
            Self::Threads(error) => write!(f, "cannot start the worker threads: {error}"),
        }
    }
}

impl std::error::Error for Failure {}

/// Simulates one run after another, keeping its buffers.
trait Simulator {
    /// The outcome, or none when interrupted.
    fn simulate(&mut self, scenario: &Scenario, seed: u64, interrupted: &dyn Fn() -> bool)
    -> Option<Outcome>;
    /// Simulated time and event last handled, for the report of a panic.
    fn last_event(&self) -> String;
}

impl Simulator for Workspace {
    fn simulate(
        &mut self,
        scenario: &Scenario,
        seed: u64,
        interrupted: &dyn Fn() -> bool,
    ) -> Option<Outcome> {
        fleet::simulate(scenario, seed, self, interrupted)
    }

    fn last_event(&self) -> String {
        Workspace::last_event(self)
    }
}

/// Runs every seed of every arm.
///
/// # Errors
/// When a run panics (the first panic stops the others) or the threads cannot be started.
pub fn run(plan: &Plan<'_>, hooks: &Hooks<'_>) -> Result<Experiment, Failure> {
    run_with(plan, hooks, Workspace::new)
}

/// Runs ever more seeds of every arm until `enough` says that they suffice, or all that are planned are there.
///
/// `enough` looks at the outcomes so far, per arm in order of the seeds, at the sizes that
/// [`next_size`] gives. These depend on nothing but the outcomes, so the seeds
/// that come out are the same for any number of threads.
///
/// # Errors
/// As [`run`].
pub fn run_until(
    plan: &Plan<'_>,
    hooks: &Hooks<'_>,
    enough: &mut dyn FnMut(&[Vec<Outcome>]) -> bool,
) -> Result<Experiment, Failure> {
    let planned = plan.seeds.clone();
    let mut outcomes: Vec<Vec<Outcome>> = vec![Vec::new(); plan.arms.len()];
    let mut done = 0;
    loop {
        let next = next_size(done).min((planned.end - planned.start) as usize);
        let seeds = planned.start + done as u64..planned.start + next as u64;
        let step = run(&Plan { seeds, ..plan.clone() }, hooks)?;
        done = (step.seeds.end - planned.start) as usize;
        for (all, more) in outcomes.iter_mut().zip(step.outcomes) {
            all.extend(more);
        }
        let seeds = planned.start..step.seeds.end;
        let is_over = step.completion == Completion::Interrupted || seeds == planned || enough(&outcomes);
        if is_over {
            return Ok(Experiment { outcomes, seeds, completion: step.completion });
        }
    }
}

/// Simulates one seed on the caller's thread and keeps its story; a panic comes back as a report.
///
/// # Errors
/// When the run panics.
pub fn narrate(arm: &Arm, seed: u64) -> Result<(Outcome, Vec<LogEntry>), Failure> {
    let mut worker = Workspace::new();
    caught(arm, seed, &mut worker, |worker| fleet::narrate(&arm.scenario, seed, worker))
        .map_err(Failure::Panicked)
}

fn run_with<S: Simulator>(
    plan: &Plan<'_>,
    hooks: &Hooks<'_>,
    simulator: impl Fn() -> S + Sync,
) -> Result<Experiment, Failure> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(plan.workers())
        .thread_name(|i| format!("bakeoff-{i}"))
        .build()
        .map_err(Failure::Threads)?;
    let next = AtomicU64::new(0);
    let failed = AtomicBool::new(false);
    let panic: Mutex<Option<SeedPanic>> = Mutex::new(None);
    let stop = || hooks.interrupted.load(Ordering::Relaxed) || failed.load(Ordering::Relaxed);
    let arms = plan.arms.len() as u64;
    let units = plan.seeds.end.saturating_sub(plan.seeds.start) * arms;

    let finished: Vec<Vec<(u64, Outcome)>> = pool.broadcast(|_| {
        let mut worker = simulator();
        let mut finished = Vec::new();
        while !stop() {
            let unit = next.fetch_add(1, Ordering::Relaxed);
            if unit >= units {
                break;
            }
            let (seed, arm) = (plan.seeds.start + unit / arms, &plan.arms[(unit % arms) as usize]);
            match caught(arm, seed, &mut worker, |worker| worker.simulate(&arm.scenario, seed, &stop)) {
                Ok(Some(mut outcome)) => {
                    if plan.series == Series::Dropped {
                        outcome.series = Vec::new();
                    }
                    finished.push((unit, outcome));
                    (hooks.finished)();
                }
                Ok(None) => break,
                Err(report) => {
                    failed.store(true, Ordering::Relaxed);
                    // Which run panics first may depend on the threads; the earliest seen is the one told.
                    panic.lock().expect("no holder panics").get_or_insert(report);
                    break;
                }
            }
        }
        finished
    });
    if let Some(report) = panic.into_inner().expect("no holder panics") {
        return Err(Failure::Panicked(report));
    }
    Ok(assemble(plan, finished))
}

/// Puts outcomes back in order, up to the first seed that an arm lacks.
fn assemble(plan: &Plan<'_>, finished: Vec<Vec<(u64, Outcome)>>) -> Experiment {
    let mut units: Vec<(u64, Outcome)> = finished.into_iter().flatten().collect();
    units.sort_unstable_by_key(|(unit, _)| *unit);
    let arms = plan.arms.len();
    let without_gap = units.iter().zip(0u64..).take_while(|((unit, _), expected)| unit == expected).count();
    let seeds = (without_gap / arms.max(1)) as u64;
    let mut outcomes: Vec<Vec<Outcome>> = (0..arms).map(|_| Vec::with_capacity(seeds as usize)).collect();
    for (unit, outcome) in units.into_iter().take(seeds as usize * arms) {
        outcomes[unit as usize % arms].push(outcome);
    }
    let seeds = plan.seeds.start..plan.seeds.start + seeds;
    let completion = if seeds.end < plan.seeds.end { Completion::Interrupted } else { Completion::Whole };
    Experiment { outcomes, seeds, completion }
}

/// Lets the worker do a seed's work; a panic comes back as a report.
fn caught<S: Simulator, T>(
    arm: &Arm,
    seed: u64,
    worker: &mut S,
    work: impl FnOnce(&mut S) -> T,
) -> Result<T, SeedPanic> {
    // After a panic the worker is asked for its last event and never works again.
    catch_unwind(AssertUnwindSafe(|| work(worker))).map_err(|payload| SeedPanic {
        arm: arm.name.clone(),
        seed,
        message: said(payload.as_ref()),
        last_event: worker.last_event(),
    })
}

/// The words of a panic.
fn said(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| payload.downcast_ref::<&str>().map(|s| (*s).to_owned()))
        .unwrap_or_else(|| "it said nothing".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{NoFiles, load};

    fn arm(name: &str, instances: u32) -> Arm {
        let text = include_str!("../../scenarios/agent-upgrade.yaml");
        let set = [
            ("capacityProviders.0.instances".to_owned(), instances.to_string()),
            ("services.0.desiredCount".to_owned(), (instances * 4).to_string()),
        ];
        let loaded = load("agent-upgrade.yaml", text, &NoFiles, &set).expect("the example is valid");
        Arm { name: name.to_owned(), scenario: loaded.scenario }
    }

    fn threads(n: usize) -> NonZeroUsize {
        NonZeroUsize::new(n).expect("at least one")
    }

    /// Simulates the smallest scenario, but panics at one seed and lingers at another.
    struct Fake<'a> {
        inner: Workspace,
        panics_at: Option<u64>,
        waits_at: Option<u64>,
        interrupt: &'a AtomicBool,
    }

    impl Simulator for Fake<'_> {
        fn simulate(&mut self, scenario: &Scenario, seed: u64, stop: &dyn Fn() -> bool) -> Option<Outcome> {
            assert!(Some(seed) != self.panics_at, "seed {seed} is bad luck");
            if Some(seed) == self.waits_at {
                self.interrupt.store(true, Ordering::Relaxed);
                return None;
            }
            self.inner.simulate(scenario, seed, &|| false).filter(|_| !stop() || self.waits_at.is_some())
        }

        fn last_event(&self) -> String {
            "DaemonStarted at 0:12:03".to_owned()
        }
    }

    fn fake(
        arms: &[Arm],
        n: usize,
        panics_at: Option<u64>,
        waits_at: Option<u64>,
    ) -> Result<Experiment, Failure> {
        let interrupted = AtomicBool::new(false);
        let plan = Plan { arms, seeds: 0..10, threads: threads(n), series: Series::Kept };
        let hooks = Hooks { finished: &|| {}, interrupted: &interrupted };
        run_with(&plan, &hooks, || Fake {
            inner: Workspace::new(),
            panics_at,
            waits_at,
            interrupt: &interrupted,
        })
    }

    #[test]
    fn no_more_workers_are_started_than_there_are_runs_to_do() {
        let arms: [Arm; 0] = [];
        let plan = Plan { arms: &arms, seeds: 0..5, threads: threads(100_000), series: Series::Kept };
        assert_eq!(plan.workers(), 1);
        let arms = [arm("a", 1), arm("b", 1)];
        assert_eq!(Plan { arms: &arms, ..plan.clone() }.workers(), 10);
        assert_eq!(Plan { arms: &arms, seeds: 0..1_000_000, ..plan.clone() }.workers(), 1024);
        assert_eq!(Plan { arms: &arms, threads: threads(3), ..plan }.workers(), 3);
    }

    #[test]
    fn outcomes_come_in_order_of_arm_and_seed_whatever_the_threads() {
        let arms = [arm("few", 6), arm("more", 9)];
        let run = |n| {
            let interrupted = AtomicBool::new(false);
            let plan = Plan { arms: &arms, seeds: 3..12, threads: threads(n), series: Series::Kept };
            run(&plan, &Hooks { finished: &|| {}, interrupted: &interrupted }).expect("no panic")
        };
        let alone = run(1);
        assert_eq!(alone.completion, Completion::Whole);
        for outcomes in &alone.outcomes {
            assert_eq!(outcomes.iter().map(|o| o.seed).collect::<Vec<_>>(), (3..12).collect::<Vec<_>>());
        }
        assert_ne!(alone.outcomes[0], alone.outcomes[1]);
        for n in [2, 7] {
            assert_eq!(run(n).outcomes, alone.outcomes, "{n} threads");
        }
    }

    #[test]
    fn a_seed_is_the_same_run_in_whatever_company_it_runs() {
        let arms = [arm("a", 6)];
        let run = |seeds: Range<u64>| {
            let interrupted = AtomicBool::new(false);
            let plan = Plan { arms: &arms, seeds, threads: threads(1), series: Series::Kept };
            run(&plan, &Hooks { finished: &|| {}, interrupted: &interrupted }).expect("no panic").outcomes
        };
        let many = run(0..8);
        assert_eq!(run(5..6)[0][0], many[0][5]);
        assert_eq!(narrate(&arms[0], 5).expect("no panic").0, many[0][5]);
    }

    #[test]
    fn seeds_run_until_enough_are_those_of_a_plan_of_that_size() {
        let arms = [arm("a", 4), arm("b", 5)];
        let interrupted = AtomicBool::new(false);
        let hooks = Hooks { finished: &|| {}, interrupted: &interrupted };
        let plan = |n| Plan { arms: &arms, seeds: 5..105, threads: threads(n), series: Series::Dropped };
        let until = |n, size| {
            let mut looks = Vec::new();
            let mut enough = |outcomes: &[Vec<Outcome>]| {
                looks.push(outcomes[1].len());
                outcomes[0].len() >= size
            };
            let experiment = run_until(&plan(n), &hooks, &mut enough).expect("no panic");
            (experiment, looks)
        };
        let (some, looks) = until(1, 25);
        assert_eq!((looks, some.seeds.clone(), some.completion), (vec![20, 30], 5..35, Completion::Whole));
        let whole = run(&Plan { seeds: 5..35, ..plan(1) }, &hooks).expect("no panic");
        assert_eq!(some.outcomes, whole.outcomes);
        assert!(some.outcomes[0].iter().all(|o| o.series.is_empty()));
        assert_eq!(until(3, 25).0.outcomes, whole.outcomes);
        let (all, _) = until(2, 1_000);
        assert_eq!((all.seeds, all.completion), (5..105, Completion::Whole));
    }

    #[test]
    fn every_finished_run_is_told_once() {
        let arms = [arm("a", 4), arm("b", 5)];
        let told = AtomicU64::new(0);
        let finished = || {
            told.fetch_add(1, Ordering::Relaxed);
        };
        let interrupted = AtomicBool::new(false);
        let plan = Plan { arms: &arms, seeds: 0..5, threads: threads(3), series: Series::Kept };
        run(&plan, &Hooks { finished: &finished, interrupted: &interrupted }).expect("no panic");
        assert_eq!(told.into_inner(), 10);
    }

    #[test]
    fn a_panic_names_arm_seed_event_and_words() {
        for n in [1, 3] {
            let Err(Failure::Panicked(report)) = fake(&[arm("a", 4)], n, Some(6), None) else {
                panic!("seed 6 panics");
            };
            assert_eq!((report.arm.as_str(), report.seed), ("a", 6));
            assert_eq!(report.last_event, "DaemonStarted at 0:12:03");
            assert!(report.message.contains("seed 6 is bad luck"), "{}", report.message);
        }
    }

    #[test]
    fn an_interrupted_experiment_keeps_the_seeds_without_a_gap() {
        let arms = [arm("a", 4), arm("b", 4)];
        let whole = fake(&arms, 1, None, None).expect("no panic");
        for n in [1, 2, 4] {
            let part = fake(&arms, n, None, Some(4)).expect("no panic");
            assert_eq!((part.completion, part.seeds.start), (Completion::Interrupted, 0));
            assert!(part.seeds.end <= 4, "{:?}", part.seeds);
            for (some, all) in part.outcomes.iter().zip(&whole.outcomes) {
                assert_eq!(some.as_slice(), &all[..part.seeds.end as usize]);
            }
        }
        let alone = fake(&arms, 1, None, Some(4)).expect("no panic");
        assert_eq!(alone.seeds, 0..4);
    }

    #[test]
    fn interrupted_from_the_start_there_is_nothing() {
        let arms = [arm("a", 4)];
        let interrupted = AtomicBool::new(true);
        let plan = Plan { arms: &arms, seeds: 0..5, threads: threads(2), series: Series::Kept };
        let none = run(&plan, &Hooks { finished: &|| {}, interrupted: &interrupted }).expect("no panic");
        assert_eq!((none.seeds, none.completion), (0..0, Completion::Interrupted));
        assert!(none.outcomes[0].is_empty());
    }
}
