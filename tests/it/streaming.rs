//! Outcomes go as they come: what is kept of an experiment, in what order, and how much of it.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bakeoff::experiment::{self, Arm, Completion, Extent, Hooks, Plan, Sink};
use bakeoff::report::csv::{self, ArmRuns};
use bakeoff::scenario::metric::Metric;
use bakeoff::scenario::{NoFiles, load};
use bakeoff::summary::{Intake, Runs, Series, Taken};

struct Gathered(Vec<Runs>);

impl Sink<Taken> for Gathered {
    fn put(&mut self, arm: usize, run: Taken) {
        self.0[arm].push(run);
    }
}

fn arm(name: &str, set: &[(&str, &str)]) -> Arm {
    let text = include_str!("../../scenarios/single-instance.yaml");
    let set: Vec<(String, String)> = set.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let loaded = load("single-instance.yaml", text, &NoFiles, &set).expect("the example is valid");
    Arm { name: name.to_owned(), scenario: loaded.scenario }
}

/// Runs seeds of arms; interrupted when so many runs are finished.
fn gathered(arms: &[Arm], seeds: Range<u64>, threads: usize, stop_at: usize) -> (Extent, Vec<Runs>) {
    let (count, interrupted) = (AtomicUsize::new(0), AtomicBool::new(false));
    let finished = || {
        if count.fetch_add(1, Ordering::SeqCst) + 1 == stop_at {
            interrupted.store(true, Ordering::SeqCst);
        }
    };
    let hooks = Hooks { finished: &finished, interrupted: &interrupted };
    let plan = Plan { arms, seeds, threads: NonZeroUsize::new(threads).expect("at least one") };
    let intakes: Vec<Intake> = arms.iter().map(|arm| Intake::of(&arm.scenario, Series::Kept)).collect();
    let mut sink = Gathered(intakes.iter().cloned().map(Runs::new).collect());
    let extent = experiment::run(&plan, &hooks, &|arm, outcome| intakes[arm].take(&outcome), &mut sink);
    (extent.expect("nothing panics"), sink.0)
}

/// Every file that is made of runs alone.
fn files(arms: &[Arm], runs: &[Runs]) -> Vec<u8> {
    let named: Vec<ArmRuns<'_>> = arms
        .iter()
        .zip(runs)
        .map(|(arm, runs)| ArmRuns {
            arm: &arm.name,
            runs,
            sample_every: arm.scenario.simulation.sample_every,
        })
        .collect();
    let mut bytes = Vec::new();
    csv::runs(&named, &mut bytes).expect("memory takes every byte");
    csv::series_runs(&named, &mut bytes).expect("memory takes every byte");
    for arm in &named {
        bytes.extend(csv::series(&[(arm.arm, &arm.runs.series(arm.sample_every))]));
        bytes.extend(arm.runs.digests().iter().flat_map(u64::to_le_bytes));
    }
    bytes
}

#[test]
fn what_is_gathered_is_the_same_on_any_number_of_threads() {
    let arms = [arm("a", &[]), arm("b", &[("capacityProviders.0.instances", "2")])];
    let (extent, alone) = gathered(&arms, 3..303, 1, usize::MAX);
    assert_eq!(extent, Extent { seeds: 3..303, completion: Completion::Whole });
    let alone = files(&arms, &alone);
    for threads in [2, 7] {
        assert!(files(&arms, &gathered(&arms, 3..303, threads, usize::MAX).1) == alone, "{threads} threads");
    }
}

#[test]
fn an_interrupted_experiment_is_to_the_byte_the_one_of_the_seeds_that_it_says() {
    let arms = [arm("a", &[]), arm("b", &[("capacityProviders.0.instances", "2")])];
    for (threads, stop_at) in [(1, 1), (1, 2), (1, 11), (2, 100), (3, 333)] {
        let (extent, part) = gathered(&arms, 10..400, threads, stop_at);
        assert_eq!((extent.completion, extent.seeds.start), (Completion::Interrupted, 10));
        let seeds = extent.seeds.end - 10;
        assert!(seeds as usize * arms.len() <= stop_at + threads, "{seeds} seeds of {stop_at} runs");
        if threads == 1 {
            assert_eq!(seeds as usize, stop_at / arms.len());
        }
        assert!(part.iter().all(|runs| runs.len() as u64 == seeds));
        let (_, whole) = gathered(&arms, extent.seeds, 1, usize::MAX);
        assert!(files(&arms, &part) == files(&arms, &whole), "{stop_at} runs on {threads} threads");
    }
}

#[test]
fn twenty_thousand_seeds_take_no_more_memory_than_is_promised() {
    let arms = [arm("a", &[])];
    let intake = Intake::of(&arms[0].scenario, Series::Tallied);
    let mut sink = Gathered(vec![Runs::new(intake.clone())]);
    let hooks = Hooks { finished: &|| {}, interrupted: &AtomicBool::new(false) };
    let mut bytes = Vec::new();
    for seeds in [0..10_240, 10_240..20_480] {
        let plan = Plan { arms: &arms, seeds, threads: NonZeroUsize::MIN };
        let take = |_: usize, outcome| intake.take(&outcome);
        experiment::run(&plan, &hooks, &take, &mut sink).expect("nothing panics");
        bytes.push(sink.0[0].allocated());
    }
    let a_run = (bytes[1] - bytes[0]) as f64 / 10_240.0;
    assert!(a_run <= (8 * (Metric::ALL.len() + 1)) as f64, "{a_run} bytes a run");
    // Of a single host's rollout, five numbers hardly ever repeat.
    assert!(a_run <= 60.0, "{a_run} bytes a run");
}
