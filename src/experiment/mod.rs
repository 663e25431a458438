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
        .num_threads(plan.threads.get())
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
                Ok(Some(outcome)) => {
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
