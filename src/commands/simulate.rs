//! What the verbs that simulate have in common: arms, seeds, progress, and until when.

use std::io::{IsTerminal, Write};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::{io, thread};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use signal_hook::consts::{SIGINT, SIGTERM};

use super::Failure;
use super::clock::{Stopwatch, peak_rss_bytes};
use crate::cli::{PrecisionArgs, SimulationArgs};
use crate::experiment::{self, Arm, Extent, Hooks, Plan, Sink};
use crate::report::shell;
use crate::report::timing::Timing;
use crate::scenario::checks::{Target, parse_target};
use crate::scenario::{Loaded, Scenario};
use crate::summary::{Intake, Progress, Runs, Series, Taken, progress};

/// The most seeds that are run for a precision, unless --seeds says otherwise.
const PRECISION_SEEDS_MAX: u64 = 10_000;

/// A scenario by the name of its arm, with all that its manifest needs.
pub(super) struct LoadedArm {
    pub(super) arm: Arm,
    pub(super) effective: String,
    pub(super) digest: String,
    /// Where it came from, and the options that make it of the file: what a replay takes.
    pub(super) file: PathBuf,
    options: Vec<String>,
}

impl LoadedArm {
    pub(super) fn new(name: String, loaded: Loaded, file: &Path, options: Vec<String>) -> Self {
        Self {
            arm: Arm { name, scenario: loaded.scenario },
            effective: loaded.effective,
            digest: loaded.digest,
            file: file.to_owned(),
            options,
        }
    }
}

/// An experiment that is about to be run.
pub(super) struct Job<'a> {
    pub(super) arms: &'a [LoadedArm],
    pub(super) seeds: Range<u64>,
    pub(super) targets: Vec<Target>,
    pub(super) series: Series,
}

/// What came out, and what it took.
pub(super) struct Done {
    /// How far it came.
    pub(super) extent: Extent,
    /// What every arm came to, in order of the arms.
    pub(super) runs: Vec<Runs>,
    pub(super) timing: Timing,
    /// How far each target was missed or met, in the order asked for; of the worst arm.
    pub(super) progress: Vec<Progress>,
}

/// What the arms have come to so far.
struct Gathered(Vec<Runs>);

impl Sink<Taken> for Gathered {
    fn put(&mut self, arm: usize, run: Taken) {
        self.0[arm].push(run);
    }
}

/// What one call of the program shares between its experiments: the flag of Ctrl-C.
pub(super) struct Session {
    interrupted: Arc<AtomicBool>,
    threads: NonZeroUsize,
    bar: bool,
}

impl Session {
    /// Listens for Ctrl-C and a polite kill; the second one ends the process at once.
    pub(super) fn start(args: &SimulationArgs) -> Result<Self, Failure> {
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&interrupted))
                .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&interrupted)))
                .map_err(|error| Failure::Runtime(format!("cannot listen for Ctrl-C: {error}")))?;
        }
        let threads = args.jobs.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
        let bar = !args.quiet && !args.no_progress && io::stderr().is_terminal();
        Ok(Self { interrupted, threads, bar })
    }

    /// Runs the seeds of every arm, all of them or until every target is reached.
    pub(super) fn simulate(&self, job: &Job<'_>) -> Result<Done, Failure> {
        let arms: Vec<Arm> = job.arms.iter().map(|loaded| loaded.arm.clone()).collect();
        let plan = Plan { arms: &arms, seeds: job.seeds.clone(), threads: self.threads };
        let bar = self.bar(&plan, &job.targets);
        let finished = || bar.inc(1);
        let hooks = Hooks { finished: &finished, interrupted: &self.interrupted };
        let watch = Stopwatch::start();
        let targets = of_each_arm(&job.targets, &arms)?;
        let intakes: Vec<Intake> = arms.iter().map(|arm| Intake::of(&arm.scenario, job.series)).collect();
        let take = |arm: usize, outcome| intakes[arm].take(&outcome);
        let mut gathered = Gathered(intakes.iter().cloned().map(Runs::new).collect());
        let result = if job.targets.is_empty() {
            experiment::run(&plan, &hooks, &take, &mut gathered)
        } else {
            experiment::run_until(&plan, &hooks, &take, &mut gathered, &mut |gathered| {
                let progress = worst(&targets, &gathered.0);
                bar.set_message(progress.iter().map(shrinking).collect::<Vec<_>>().join(", "));
                progress.iter().all(|p| p.reached) || progress.iter().any(|p| p.hopeless)
            })
        };
        let elapsed = watch.elapsed();
        bar.finish_and_clear();
        let extent =
            result.map_err(|failure| Failure::Runtime(format!("{failure}{}", retry(job.arms, &failure))))?;
        let runs = gathered.0;
        let timing = Timing {
            wall_s: elapsed.wall_s,
            cpu_s: elapsed.cpu_s,
            events: runs.iter().map(Runs::events).sum(),
            host_replacements: runs.iter().map(Runs::host_replacements).sum(),
            threads: plan.workers(),
            peak_rss_bytes: peak_rss_bytes(),
        };
        let progress = worst(&targets, &runs);
        Ok(Done { extent, runs, timing, progress })
    }

    /// A bar on standard error, if that is a terminal and somebody wants one.
    fn bar(&self, plan: &Plan<'_>, targets: &[Target]) -> ProgressBar {
        if !self.bar {
            return ProgressBar::hidden();
        }
        let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            // A bar that cannot be drawn stops no run.
            let _ = write!(out, "{:.0}", state.per_sec());
        };
        // What is still to be seen of a precision gets a line of its own, as wide as the terminal.
        let template = if targets.is_empty() {
            "{bar:40} {human_pos}/{human_len} runs, {rate}/s, {eta} left"
        } else {
            "{bar:40} {human_pos} of at most {human_len} runs, {rate}/s\n{wide_msg}"
        };
        let style = ProgressStyle::with_template(template)
            .expect("the template is well-formed")
            .with_key("rate", rate);
        let runs = (plan.seeds.end - plan.seeds.start) * plan.arms.len() as u64;
        ProgressBar::with_draw_target(Some(runs), ProgressDrawTarget::stderr()).with_style(style)
    }
}

/// For every target the arm that is farthest from it.
fn worst(targets: &[Vec<Target>], arms: &[Runs]) -> Vec<Progress> {
    let of_arms = |target: &Vec<Target>| {
        target
            .iter()
            .zip(arms)
            .map(|(target, runs)| progress(target, runs))
            .reduce(|worst, next| if next.is_worse_than(&worst) { next } else { worst })
    };
    targets.iter().filter_map(of_arms).collect()
}

/// Every target as each arm understands it: a service may stand in another place there.
fn of_each_arm(targets: &[Target], arms: &[Arm]) -> Result<Vec<Vec<Target>>, Failure> {
    let understood = |text: &str| arms.iter().map(|arm| target(text, &arm.scenario)).collect();
    targets.iter().map(|target| understood(&target.text)).collect()
}

/// A target and how wide its interval still is.
fn shrinking(progress: &Progress) -> String {
    format!("{} now {}", progress.target, progress.width())
}

/// Tells what was found and where the results are, or, when quiet, only that; then fails with the targets that
/// were missed: that nobody reads on does not make one reached.
pub(super) fn tell(
    out: &mut dyn Write,
    args: &SimulationArgs,
    directory: &Path,
    done: &Done,
    found: impl FnOnce() -> String,
) -> Result<(), Failure> {
    let reached: String = done.progress.iter().filter(|p| p.reached).map(|p| p.sentence() + "\n").collect();
    let told = if args.quiet {
        writeln!(out, "{}", directory.display())
    } else {
        let gap = if reached.is_empty() { "" } else { "\n" };
        write!(out, "{}{gap}{reached}\nresults: {}\n", found(), directory.display())
    };
    let missed: Vec<String> = done.progress.iter().filter(|p| !p.reached).map(Progress::sentence).collect();
    if missed.is_empty() { Ok(told?) } else { Err(Failure::Inconclusive(missed.join("\n"))) }
}

/// The targets of `--precision` for a scenario.
pub(super) fn targets(args: &PrecisionArgs, scenario: &Scenario) -> Result<Vec<Target>, Failure> {
    args.precision.iter().map(|text| target(text, scenario)).collect()
}

/// A target of `--precision` for a scenario.
fn target(text: &str, scenario: &Scenario) -> Result<Target, Failure> {
    let services: Vec<&str> = scenario.services_proper().iter().map(|s| s.name.as_str()).collect();
    parse_target(text, scenario.deployments(), &services).map_err(|error| {
        let (before, marked) = (&text[..error.span.start], &text[error.span.clone()]);
        let caret = " ".repeat(before.chars().count()) + &"^".repeat(marked.chars().count().max(1));
        Failure::Usage(format!(
            "--precision: {} ({})\n  {text}\n  {caret}\nhelp: {}",
            error.message,
            error.code.id(),
            error.help
        ))
    })
}

/// The seeds to run: those asked for, or those of the scenario; for a precision as many as it may take.
pub(super) fn seeds(args: &SimulationArgs, targets: &[Target], scenario: &Scenario) -> Range<u64> {
    let simulation = scenario.simulation;
    args.seeds.clone().unwrap_or(if targets.is_empty() {
        simulation.seeds_from..simulation.seeds_to
    } else {
        simulation.seeds_from..simulation.seeds_from + PRECISION_SEEDS_MAX
    })
}

/// How to see a panic again, as a command.
fn retry(arms: &[LoadedArm], failure: &experiment::Failure) -> String {
    let experiment::Failure::Panicked(panic) = failure else { return String::new() };
    let Some(arm) = arms.iter().find(|loaded| loaded.arm.name == panic.arm) else { return String::new() };
    let file = arm.file.display().to_string();
    let seed = ["--seed".to_owned(), panic.seed.to_string()];
    let words = [file].into_iter().chain(seed).chain(arm.options.iter().cloned());
    let command: Vec<String> = words.map(|word| shell::quoted(&word)).collect();
    format!("\n  replay:   bakeoff replay {}", command.join(" "))
}

/// What `replay` has to be told beside the file and the seed to see the same run: the salt, and settings.
pub(super) fn replay_arguments(master_seed: Option<u64>, set: &[(String, String)]) -> Vec<String> {
    let salt = master_seed.map(|seed| ["--master-seed".to_owned(), seed.to_string()]);
    let set = set.iter().map(|(key, value)| ["--set".to_owned(), format!("{key}={value}")]);
    salt.into_iter().chain(set).flatten().collect()
}
