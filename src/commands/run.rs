//! `run`: all seeds in parallel, then the results as files and as a table.

use std::io::{IsTerminal, Write};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::{io, thread};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use signal_hook::consts::{SIGINT, SIGTERM};

use super::Failure;
use super::clock::{Stopwatch, peak_rss_bytes};
use super::reading::{self, Warnings};
use crate::cli::RunArgs;
use crate::experiment::{self, Arm, Completion, Experiment, Hooks, Plan, RANDOM_SCHEME};
use crate::outcome::Outcome;
use crate::report::csv::{self, ArmRuns};
use crate::report::figures::{self, ArmFigures};
use crate::report::manifest::{MANIFEST_SCHEMA, ManifestArm, SeedRange, Shard};
use crate::report::plots::Format;
use crate::report::table::{self, Facts};
use crate::report::timing::Timing;
use crate::report::{Artifact, Destination, Manifest, Overwrite, WriteError, json};
use crate::scenario::model::{Operation, Request};
use crate::scenario::{Loaded, Scenario};
use crate::summary::{ArmSummary, aggregate, columns};

/// Runs the scenario, writes its results, and prints their summary to `out`.
///
/// # Errors
/// When the scenario or the usage is bad, the results cannot be written, a seed panics,
/// or the user interrupts.
pub fn run(args: &RunArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let warnings = if args.quiet { Warnings::Hidden } else { Warnings::Shown };
    let loaded = reading::scenario(&args.file, &args.reading, args.master_seed, warnings)?;
    let simulation = loaded.scenario.simulation;
    let seeds = args.seeds.clone().unwrap_or(simulation.seeds_from..simulation.seeds_to);
    check_usage(args, &seeds)?;

    let directory = args.out.clone().unwrap_or_else(|| default_directory(&loaded.scenario.name));
    let overwrite = if args.force { Overwrite::Replace } else { Overwrite::Refuse };
    let planned = manifest(&loaded, seeds.clone(), &[]);
    let destination = Destination::prepare(&directory, &planned, overwrite).map_err(write_failure)?;

    let arm = Arm { name: loaded.scenario.name.clone(), scenario: loaded.scenario.clone() };
    let (experiment, timing) = simulate(args, &arm, seeds.clone())?;
    let interrupted = experiment.completion == Completion::Interrupted;
    let destination = if interrupted { destination.without_replacing() } else { destination };
    if experiment.seeds.is_empty() {
        return Err(Failure::Interrupted("no seed was finished; nothing was written".to_owned()));
    }

    let outcomes = &experiment.outcomes[0];
    let summary = ArmSummary::of(&arm.name, &arm.scenario, outcomes);
    let manifest = manifest(&loaded, experiment.seeds.clone(), outcomes);
    let written = artifacts(args, &arm, outcomes, &summary, &timing)
        .and_then(|artifacts| destination.write(&artifacts, &manifest).map_err(write_failure));
    if interrupted {
        return Err(Failure::Interrupted(partial(&experiment.seeds, &seeds, &directory, written)));
    }
    written?;
    if args.quiet {
        writeln!(out, "{}", directory.display())?;
    } else {
        write!(out, "{}", table::render(&summary, &facts(&arm.scenario, &seeds)))?;
        writeln!(out, "\nresults: {}", directory.display())?;
    }
    Ok(())
}

fn check_usage(args: &RunArgs, seeds: &Range<u64>) -> Result<(), Failure> {
    if args.png && !cfg!(feature = "png") {
        return Err(Failure::Usage(
            "--png: this build draws no PNG, it lacks the cargo feature 'png'".to_owned(),
        ));
    }
    match args.record.iter().find(|seed| !seeds.contains(seed)) {
        Some(seed) => Err(Failure::Usage(format!(
            "--record {seed}: that seed does not run; the seeds are {}..{}",
            seeds.start, seeds.end
        ))),
        None => Ok(()),
    }
}

/// `outputs/<name>`, the name made fit for a directory's.
fn default_directory(name: &str) -> PathBuf {
    let fit = |c: char| if c == '/' || c == '\\' || c.is_control() { '-' } else { c };
    let name: String = name.chars().map(fit).collect();
    let name = if name.starts_with('.') { format!("_{name}") } else { name };
    PathBuf::from("outputs").join(name)
}

fn simulate(args: &RunArgs, arm: &Arm, seeds: Range<u64>) -> Result<(Experiment, Timing), Failure> {
    let threads = args.jobs.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let interrupted = interruption()?;
    let progress = progress(args, seeds.end - seeds.start);
    let finished = || progress.inc(1);
    let plan = Plan { arms: std::slice::from_ref(arm), seeds, threads };
    let watch = Stopwatch::start();
    let result = experiment::run(&plan, &Hooks { finished: &finished, interrupted: &interrupted });
    let elapsed = watch.elapsed();
    progress.finish_and_clear();
    let experiment =
        result.map_err(|failure| Failure::Runtime(format!("{failure}{}", retry(args, &failure))))?;
    let outcomes = experiment.outcomes.iter().flatten();
    let timing = Timing {
        wall_s: elapsed.wall_s,
        cpu_s: elapsed.cpu_s,
        events: outcomes.clone().map(|o| o.events).sum(),
        host_replacements: outcomes
            .map(|o| u64::from(o.fleet.instances_replaced) + u64::from(o.fleet.instances_repaired))
            .sum(),
        threads: plan.workers(),
        peak_rss_bytes: peak_rss_bytes(),
    };
    Ok((experiment, timing))
}

/// How to see a panic again, as a command.
fn retry(args: &RunArgs, failure: &experiment::Failure) -> String {
    let experiment::Failure::Panicked(panic) = failure else { return String::new() };
    let salt = args.master_seed.map(|seed| format!("--master-seed {seed}"));
    let set = args.reading.set.iter().map(|(key, value)| format!("--set '{key}={value}'"));
    let options: Vec<String> = salt.into_iter().chain(set).collect();
    let (file, seed) = (args.file.display(), panic.seed);
    format!("\n  replay:   bakeoff replay {file} --seed {seed} {}", options.join(" ")).trim_end().to_owned()
}

/// A flag that Ctrl-C and a polite kill set; the second one ends the process at once.
fn interruption() -> Result<Arc<AtomicBool>, Failure> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&flag)))
            .map_err(|error| Failure::Runtime(format!("cannot listen for Ctrl-C: {error}")))?;
    }
    Ok(flag)
}

/// A bar on standard error, if that is a terminal and somebody wants one.
fn progress(args: &RunArgs, seeds: u64) -> ProgressBar {
    if args.quiet || args.no_progress || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        // A bar that cannot be drawn stops no run.
        let _ = write!(out, "{:.0}", state.per_sec());
    };
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} seeds, {rate}/s, {eta} left")
        .expect("the template is well-formed")
        .with_key("rate", rate);
    ProgressBar::with_draw_target(Some(seeds), ProgressDrawTarget::stderr()).with_style(style)
}

fn manifest(loaded: &Loaded, seeds: Range<u64>, outcomes: &[Outcome]) -> Manifest {
    let (stop_reasons, digests) = ManifestArm::fingerprints(outcomes);
    Manifest {
        schema: MANIFEST_SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        random_scheme: RANDOM_SCHEME.to_owned(),
        seeds: SeedRange::from(seeds),
        shard: Shard::WHOLE,
        arms: vec![ManifestArm {
            arm: loaded.scenario.name.clone(),
            scenario_digest: loaded.digest.clone(),
            scenario: loaded.effective.clone(),
            master_seed: loaded.scenario.simulation.master_seed,
            assumptions: loaded.scenario.assumptions,
            stop_reasons,
            digests,
        }],
    }
}

fn artifacts(
    args: &RunArgs,
    arm: &Arm,
    outcomes: &[Outcome],
    summary: &ArmSummary,
    timing: &Timing,
) -> Result<Vec<Artifact>, Failure> {
    let sample_every = arm.scenario.simulation.sample_every;
    let columns = columns(&arm.scenario);
    let runs = [ArmRuns { arm: &arm.name, columns: &columns, outcomes, sample_every }];
    let series = aggregate(outcomes, sample_every);
    let mut artifacts = vec![
        Artifact::new("runs.csv", csv::runs(&runs)),
        Artifact::new("summary.csv", csv::summary(std::slice::from_ref(summary))),
        Artifact::new("summary.json", json::summary(std::slice::from_ref(summary))),
        Artifact::new("series.csv", csv::series(&[(&arm.name, &series)])),
        Artifact::new("timing.json", timing.render()),
    ];
    if args.series {
        artifacts.push(Artifact::new("series-runs.csv", csv::series_runs(&runs)));
    }
    let formats = if args.png { vec![Format::Svg, Format::Png] } else { vec![Format::Svg] };
    let figures = ArmFigures { scenario: &arm.scenario, outcomes, summary, series: &series };
    let drawn = figures::render(&figures, &formats);
    artifacts.extend(drawn.map_err(|error| Failure::Runtime(format!("cannot draw the plots: {error}")))?);
    let recorded = args.record.iter().filter(|seed| outcomes.iter().any(|o| o.seed == **seed));
    for &seed in recorded {
        let (_, log) = experiment::narrate(arm, seed).map_err(|f| Failure::Runtime(f.to_string()))?;
        artifacts.push(Artifact::new(format!("events/seed={seed}.jsonl"), json::lines(&log)));
    }
    Ok(artifacts)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err takes")]
fn write_failure(error: WriteError) -> Failure {
    match error {
        // The remedy is another command line, so it is bad usage.
        WriteError::Occupied { .. } => Failure::Usage(error.to_string()),
        WriteError::Io { .. } => Failure::Runtime(error.to_string()),
    }
}

/// What has become of an interrupted run.
fn partial(
    done: &Range<u64>,
    planned: &Range<u64>,
    directory: &std::path::Path,
    written: Result<(), Failure>,
) -> String {
    let (n, of) = (done.end - done.start, planned.end - planned.start);
    match written {
        Ok(()) => format!(
            "the first {n} of {of} seeds are in {}, the same as --seeds {}..{} gives",
            directory.display(),
            done.start,
            done.end
        ),
        Err(failure) => format!("{n} of {of} seeds were finished and are lost: {failure}"),
    }
}

fn facts(scenario: &Scenario, seeds: &Range<u64>) -> Facts {
    let describe = |request: &Request| {
        let Request::Deploy(deploy) = request;
        let daemon = &scenario.daemons[deploy.daemon].name;
        let target = deploy.target.as_ref().map(|target| scenario.revisions[target.revision].label());
        match (deploy.operation, target) {
            (Operation::Create, Some(to)) => format!("create {daemon} at {to}"),
            (Operation::Update, Some(to)) => format!("update {daemon} to {to}"),
            (Operation::Delete, _) | (_, None) => format!("delete {daemon}"),
        }
    };
    Facts {
        deployments: scenario
            .timeline
            .iter()
            .map(|a| format!("{}, at {}", describe(&a.request), a.at))
            .collect(),
        seeds: format!("{}..{}", seeds.start, seeds.end),
        master_seed: scenario.simulation.master_seed,
    }
}
