//! Arms × seeds → outcomes: the only place with threads.
//!
//! Units are handed out in order of their seeds, every arm of a seed before the
//! next seed; each worker keeps one workspace whose buffers go from seed to seed.
//! What is wanted of an outcome is taken from it by the worker that has it, and
//! handed on in order of the seeds, so nothing that follows can
//! tell how many threads there were. No number is ever reduced across threads.
//!
//! Nothing is kept here: what is finished and cannot be handed on yet waits, and workers
//! do not run ahead of what waits by more than [`AHEAD_PER_WORKER`] says.
//!
//! An interrupted experiment hands on the seeds that are finished without a gap: what
//! is there is the same as if only those had been asked for.

mod window;

use std::any::Any;
use std::fmt;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use self::window::Window;
pub use self::window::{AHEAD_PER_WORKER, Sink};
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

/// How far an experiment came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The seeds of which every arm's run was handed on; fewer than planned only when interrupted.
    pub seeds: Range<u64>,
    /// Whether that is all that was planned.
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
/// `take` makes of an arm's outcome what is to be kept of it. It is called by the workers, at any time and in any
/// order; `sink` gets what it made, in order of the seeds.
///
/// # Errors
/// When a run panics (the first panic stops the others) or the threads cannot be started. The sink then has some of
/// the seeds.
pub fn run<T: Send, S: Sink<T>>(
    plan: &Plan<'_>,
    hooks: &Hooks<'_>,
    take: &(dyn Fn(usize, Outcome) -> T + Sync),
    sink: &mut S,
) -> Result<Extent, Failure> {
    run_with(plan, hooks, Workspace::new, take, sink)
}

/// Runs ever more seeds of every arm until `enough` says that they suffice, or all that are planned are there.
///
/// `enough` looks at what the sink has, at the sizes that
/// [`next_size`] gives. These depend on nothing but the outcomes, so the seeds
/// that come out are the same for any number of threads.
///
/// # Errors
/// As [`run`].
pub fn run_until<T: Send, S: Sink<T>>(
    plan: &Plan<'_>,
    hooks: &Hooks<'_>,
    take: &(dyn Fn(usize, Outcome) -> T + Sync),
    sink: &mut S,
    enough: &mut dyn FnMut(&S) -> bool,
) -> Result<Extent, Failure> {
    let planned = plan.seeds.clone();
    let mut done = 0;
    loop {
        let next = next_size(done).min((planned.end - planned.start) as usize);
        let seeds = planned.start + done as u64..planned.start + next as u64;
        let step = run(&Plan { seeds, ..plan.clone() }, hooks, take, sink)?;
        done = (step.seeds.end - planned.start) as usize;
        let seeds = planned.start..step.seeds.end;
        let is_over = step.completion == Completion::Interrupted || seeds == planned || enough(sink);
        if is_over {
            return Ok(Extent { seeds, completion: step.completion });
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

fn run_with<T: Send, S: Sink<T>, W: Simulator>(
    plan: &Plan<'_>,
    hooks: &Hooks<'_>,
    simulator: impl Fn() -> W + Sync,
    take: &(dyn Fn(usize, Outcome) -> T + Sync),
    sink: &mut S,
) -> Result<Extent, Failure> {
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
    let window = Window::new(plan.arms.len(), plan.workers(), sink);

    pool.broadcast(|_| {
        let _leaving = window.worker();
        let mut worker = simulator();
        while !stop() {
            let unit = next.fetch_add(1, Ordering::Relaxed);
            if unit >= units || !window.admit(unit, &stop) {
                break;
            }
            let (seed, index) = (plan.seeds.start + unit / arms, (unit % arms) as usize);
            let arm = &plan.arms[index];
            let work = |worker: &mut W| {
                worker.simulate(&arm.scenario, seed, &stop).map(|outcome| take(index, outcome))
            };
            match caught(arm, seed, &mut worker, work) {
                Ok(Some(taken)) => {
                    window.put(unit, taken);
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
    });
    if let Some(report) = panic.into_inner().expect("no holder panics") {
        return Err(Failure::Panicked(report));
    }
    let seeds = plan.seeds.start..plan.seeds.start + window.handed_on();
    let completion = if seeds.end < plan.seeds.end { Completion::Interrupted } else { Completion::Whole };
    Ok(Extent { seeds, completion })
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

    /// What came out, per arm in order of the seeds, and how far it went.
    type Whole = (Extent, Vec<Vec<Outcome>>);

    fn fake(arms: &[Arm], n: usize, panics_at: Option<u64>, waits_at: Option<u64>) -> Result<Whole, Failure> {
        let interrupted = AtomicBool::new(false);
        let plan = Plan { arms, seeds: 0..10, threads: threads(n) };
        let hooks = Hooks { finished: &|| {}, interrupted: &interrupted };
        let simulator = || Fake { inner: Workspace::new(), panics_at, waits_at, interrupt: &interrupted };
        let mut outcomes = vec![Vec::new(); arms.len()];
        let extent = run_with(&plan, &hooks, simulator, &|_, outcome| outcome, &mut outcomes)?;
        Ok((extent, outcomes))
    }

    fn whole(arms: &[Arm], seeds: Range<u64>, n: usize) -> Whole {
        let hooks = Hooks { finished: &|| {}, interrupted: &AtomicBool::new(false) };
        let mut outcomes = vec![Vec::new(); arms.len()];
        let plan = Plan { arms, seeds, threads: threads(n) };
        let extent = run(&plan, &hooks, &|_, outcome| outcome, &mut outcomes).expect("no panic");
        (extent, outcomes)
    }

    #[test]
    fn no_more_workers_are_started_than_there_are_runs_to_do() {
        let arms: [Arm; 0] = [];
        let plan = Plan { arms: &arms, seeds: 0..5, threads: threads(100_000) };
        assert_eq!(plan.workers(), 1);
        let arms = [arm("a", 1), arm("b", 1)];
        assert_eq!(Plan { arms: &arms, ..plan.clone() }.workers(), 10);
        assert_eq!(Plan { arms: &arms, seeds: 0..1_000_000, ..plan.clone() }.workers(), 1024);
        assert_eq!(Plan { arms: &arms, threads: threads(3), ..plan }.workers(), 3);
    }

    #[test]
    fn outcomes_come_in_order_of_arm_and_seed_whatever_the_threads() {
        let arms = [arm("few", 6), arm("more", 9)];
        let (extent, alone) = whole(&arms, 3..12, 1);
        assert_eq!(extent, Extent { seeds: 3..12, completion: Completion::Whole });
        for outcomes in &alone {
            assert_eq!(outcomes.iter().map(|o| o.seed).collect::<Vec<_>>(), (3..12).collect::<Vec<_>>());
        }
        assert_ne!(alone[0], alone[1]);
        for n in [2, 7] {
            assert_eq!(whole(&arms, 3..12, n).1, alone, "{n} threads");
        }
    }

    #[test]
    fn a_seed_is_the_same_run_in_whatever_company_it_runs() {
        let arms = [arm("a", 6)];
        let run = |seeds: Range<u64>| whole(&arms, seeds, 1).1;
        let many = run(0..8);
        assert_eq!(run(5..6)[0][0], many[0][5]);
        assert_eq!(narrate(&arms[0], 5).expect("no panic").0, many[0][5]);
    }

    #[test]
    fn seeds_run_until_enough_are_those_of_a_plan_of_that_size() {
        let arms = [arm("a", 4), arm("b", 5)];
        let hooks = Hooks { finished: &|| {}, interrupted: &AtomicBool::new(false) };
        let until = |n, size| {
            let mut looks = Vec::new();
            let mut enough = |outcomes: &Vec<Vec<Outcome>>| {
                looks.push(outcomes[1].len());
                outcomes[0].len() >= size
            };
            let plan = Plan { arms: &arms, seeds: 5..105, threads: threads(n) };
            let mut outcomes = vec![Vec::new(); 2];
            let extent = run_until(&plan, &hooks, &|_, outcome| outcome, &mut outcomes, &mut enough);
            (extent.expect("no panic"), outcomes, looks)
        };
        let (extent, some, looks) = until(1, 25);
        assert_eq!((looks, extent), (vec![20, 30], Extent { seeds: 5..35, completion: Completion::Whole }));
        assert_eq!(some, whole(&arms, 5..35, 1).1);
        assert_eq!(until(3, 25).1, some);
        let (extent, ..) = until(2, 1_000);
        assert_eq!(extent, Extent { seeds: 5..105, completion: Completion::Whole });
    }

    /// Simulates the smallest scenario, but the first seed takes until all that may run before it have been begun.
    struct Slow<'a> {
        inner: Workspace,
        begun: &'a AtomicU64,
        may_begin: u64,
        last_begun_before: &'a AtomicU64,
    }

    impl Simulator for Slow<'_> {
        fn simulate(&mut self, scenario: &Scenario, seed: u64, stop: &dyn Fn() -> bool) -> Option<Outcome> {
            self.begun.fetch_add(1, Ordering::SeqCst);
            if seed == 0 {
                while self.begun.load(Ordering::SeqCst) < self.may_begin {
                    std::thread::yield_now();
                }
                // Time in which those who do not wait would run on.
                std::thread::sleep(std::time::Duration::from_millis(20));
                self.last_begun_before.store(self.begun.load(Ordering::SeqCst), Ordering::SeqCst);
            }
            self.inner.simulate(scenario, seed, stop)
        }

        fn last_event(&self) -> String {
            String::new()
        }
    }

    #[test]
    fn nobody_runs_ahead_of_a_slow_seed_by_more_than_the_window() {
        let arms = [arm("a", 2)];
        let (begun, before) = (AtomicU64::new(0), AtomicU64::new(0));
        // Seed 0 itself is one of them.
        let may_begin = (3 * AHEAD_PER_WORKER + 1) as u64;
        let plan = Plan { arms: &arms, seeds: 0..400, threads: threads(3) };
        let hooks = Hooks { finished: &|| {}, interrupted: &AtomicBool::new(false) };
        let simulator =
            || Slow { inner: Workspace::new(), begun: &begun, may_begin, last_begun_before: &before };
        let mut outcomes = vec![Vec::new()];
        let extent = run_with(&plan, &hooks, simulator, &|_, outcome| outcome.seed, &mut outcomes);
        assert_eq!(before.load(Ordering::SeqCst), may_begin);
        assert_eq!(extent.expect("no panic").seeds, 0..400);
        assert_eq!(outcomes[0], (0..400).collect::<Vec<_>>());
    }

    #[test]
    fn those_who_wait_for_a_seed_that_is_interrupted_or_panics_stop_as_well() {
        struct Stuck<'a>(&'a AtomicU64, &'a AtomicBool, bool);
        impl Simulator for Stuck<'_> {
            fn simulate(&mut self, _: &Scenario, seed: u64, _: &dyn Fn() -> bool) -> Option<Outcome> {
                self.0.fetch_add(1, Ordering::SeqCst);
                if seed > 0 {
                    return Workspace::new().simulate(&arm("a", 2).scenario, seed, &|| false);
                }
                while self.0.load(Ordering::SeqCst) <= (2 * AHEAD_PER_WORKER) as u64 {
                    std::thread::yield_now();
                }
                std::thread::sleep(std::time::Duration::from_millis(20));
                assert!(!self.2, "bad luck");
                self.1.store(true, Ordering::SeqCst);
                None
            }

            fn last_event(&self) -> String {
                String::new()
            }
        }
        let arms = [arm("a", 2)];
        for panics in [false, true] {
            let (begun, interrupted) = (AtomicU64::new(0), AtomicBool::new(false));
            let hooks = Hooks { finished: &|| {}, interrupted: &interrupted };
            let plan = Plan { arms: &arms, seeds: 0..300, threads: threads(2) };
            let mut outcomes = vec![Vec::new()];
            let simulator = || Stuck(&begun, &interrupted, panics);
            match run_with(&plan, &hooks, simulator, &|_, outcome| outcome.seed, &mut outcomes) {
                Ok(extent) => {
                    assert!(!panics);
                    assert_eq!(extent, Extent { seeds: 0..0, completion: Completion::Interrupted });
                }
                Err(_) => assert!(panics),
            }
            assert!(outcomes[0].is_empty());
        }
    }

    #[test]
    fn every_finished_run_is_told_once() {
        let arms = [arm("a", 4), arm("b", 5)];
        let told = AtomicU64::new(0);
        let finished = || {
            told.fetch_add(1, Ordering::Relaxed);
        };
        let interrupted = AtomicBool::new(false);
        let plan = Plan { arms: &arms, seeds: 0..5, threads: threads(3) };
        let hooks = Hooks { finished: &finished, interrupted: &interrupted };
        run(&plan, &hooks, &|_, _| (), &mut vec![Vec::new(); 2]).expect("no panic");
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
        let (_, whole) = fake(&arms, 1, None, None).expect("no panic");
        for n in [1, 2, 4] {
            let (part, outcomes) = fake(&arms, n, None, Some(4)).expect("no panic");
            assert_eq!((part.completion, part.seeds.start), (Completion::Interrupted, 0));
            assert!(part.seeds.end <= 4, "{:?}", part.seeds);
            for (some, all) in outcomes.iter().zip(&whole) {
                assert_eq!(some.as_slice(), &all[..part.seeds.end as usize]);
            }
        }
        let (alone, _) = fake(&arms, 1, None, Some(4)).expect("no panic");
        assert_eq!(alone.seeds, 0..4);
    }

    #[test]
    fn interrupted_from_the_start_there_is_nothing() {
        let arms = [arm("a", 4)];
        let interrupted = AtomicBool::new(true);
        let plan = Plan { arms: &arms, seeds: 0..5, threads: threads(2) };
        let hooks = Hooks { finished: &|| {}, interrupted: &interrupted };
        let mut outcomes = vec![Vec::new()];
        let none = run(&plan, &hooks, &|_, outcome| outcome, &mut outcomes).expect("no panic");
        assert_eq!(none, Extent { seeds: 0..0, completion: Completion::Interrupted });
        assert!(outcomes[0].is_empty());
    }
}
