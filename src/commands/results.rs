//! From what came out of an experiment to a directory with its results.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::Failure;
use super::simulate::{Done, Job, LoadedArm};
use crate::cli::ResultArgs;
use crate::experiment::{self, Arm, Completion, RANDOM_SCHEME};
use crate::report::events::{self, Scope};
use crate::report::manifest::{MANIFEST_SCHEMA, ManifestArm, ManifestPrecision, SeedRange, Shard};
use crate::report::plots::{Format, PlotError};
use crate::report::{Artifact, Destination, Manifest, Overwrite, WriteError};
use crate::summary::{Judged, Runs, Verdict};

/// The directory asked for, or `outputs/<name><suffix>`, the name made fit for a directory's.
pub(super) fn directory(args: &ResultArgs, name: &str, suffix: &str) -> PathBuf {
    args.out.clone().unwrap_or_else(|| default_directory(&format!("{name}{suffix}")))
}

/// `outputs/<name>`, the name made fit for a directory's.
pub(super) fn default_directory(name: &str) -> PathBuf {
    let fit = |c: char| if c == '/' || c == '\\' || c.is_control() { '-' } else { c };
    let name: String = name.chars().map(fit).collect();
    let name = if name.starts_with('.') { format!("_{name}") } else { name };
    PathBuf::from("outputs").join(name)
}

/// Refuses what this build cannot do, before any work is done.
pub(super) fn check_formats(args: &ResultArgs) -> Result<(), Failure> {
    if args.png && !cfg!(feature = "png") {
        return Err(Failure::Usage(
            "--png: this build draws no PNG, it lacks the cargo feature 'png'".to_owned(),
        ));
    }
    Ok(())
}

/// The formats of the plots.
pub(super) fn formats(args: &ResultArgs) -> Vec<Format> {
    if args.png { vec![Format::Svg, Format::Png] } else { vec![Format::Svg] }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err takes")]
pub(super) fn undrawn(error: PlotError) -> Failure {
    Failure::Runtime(format!("cannot draw the plots: {error}"))
}

/// A directory that may take the results of a job, found out before the work is done.
pub(super) fn destination(directory: &Path, force: bool, job: &Job<'_>) -> Result<Destination, Failure> {
    let overwrite = if force { Overwrite::Replace } else { Overwrite::Refuse };
    Destination::prepare(directory, &manifest(job, job.seeds.clone(), &[]), overwrite).map_err(write_failure)
}

/// The manifest of the seeds that are there; without runs the one that is planned.
pub(super) fn manifest(job: &Job<'_>, seeds: Range<u64>, runs: &[Runs]) -> Manifest {
    let arm = |(index, loaded): (usize, &LoadedArm)| {
        let (stop_reasons, digests) = runs.get(index).map(ManifestArm::fingerprints).unwrap_or_default();
        ManifestArm {
            arm: loaded.arm.name.clone(),
            scenario_digest: loaded.digest.clone(),
            scenario: loaded.effective.clone(),
            master_seed: loaded.arm.scenario.simulation.master_seed,
            assumptions: loaded.arm.scenario.assumptions,
            stop_reasons,
            digests,
        }
    };
    let precision = (!job.targets.is_empty()).then(|| ManifestPrecision {
        targets: job.targets.iter().map(|target| target.text.clone()).collect(),
        most: SeedRange::from(job.seeds.clone()),
    });
    Manifest {
        schema: MANIFEST_SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        random_scheme: RANDOM_SCHEME.to_owned(),
        seeds: SeedRange::from(seeds),
        precision,
        shard: Shard::WHOLE,
        arms: job.arms.iter().enumerate().map(arm).collect(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err takes")]
pub(super) fn write_failure(error: WriteError) -> Failure {
    match error {
        // The remedy is another command line, so it is bad usage.
        WriteError::Occupied { .. } => Failure::Usage(error.to_string()),
        WriteError::Io { .. } => Failure::Runtime(error.to_string()),
    }
}

/// Writes the results; of an interrupted experiment the seeds that every arm has, and never over others.
pub(super) fn write<'a>(
    destination: Destination,
    job: &Job<'_>,
    done: &Done,
    directory: &Path,
    artifacts: impl FnOnce() -> Result<Vec<Artifact<'a>>, Failure>,
) -> Result<(), Failure> {
    let extent = &done.extent;
    let interrupted = extent.completion == Completion::Interrupted;
    if extent.seeds.is_empty() {
        return Err(Failure::Interrupted("no seed was finished; nothing was written".to_owned()));
    }
    let destination = if interrupted { destination.without_replacing() } else { destination };
    let manifest = manifest(job, extent.seeds.clone(), &done.runs);
    let written = artifacts().and_then(|artifacts| {
        destination.write(&artifacts, &manifest).map_err(|error| match error {
            WriteError::Occupied { holds, .. } if interrupted => {
                Failure::Usage(format!("the directory holds {holds}, which only a whole run may replace"))
            }
            error => write_failure(error),
        })
    });
    if interrupted {
        return Err(Failure::Interrupted(partial(&extent.seeds, &job.seeds, directory, written)));
    }
    written
}

/// What has become of an interrupted run.
fn partial(
    done: &Range<u64>,
    planned: &Range<u64>,
    directory: &Path,
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

/// The seeds that break a check which failed, the worst few of each check.
pub(super) fn breaking<'a>(checks: impl Iterator<Item = &'a Judged>) -> Vec<u64> {
    /// More logs than these of one check would tell the same again.
    const LOGS_MAX: usize = 10;
    let failed = checks.filter(|judged| judged.verdict == Verdict::Fail);
    failed.flat_map(|judged| judged.breaking.iter().copied().take(LOGS_MAX)).collect()
}

/// Refuses to make more event logs than anybody reads: a large fleet's has ten megabytes.
pub(super) fn check_record_all(seeds: &Range<u64>) -> Result<(), Failure> {
    const LOGS_MAX: u64 = 100;
    if seeds.end - seeds.start <= LOGS_MAX {
        return Ok(());
    }
    let example = seeds.start + LOGS_MAX;
    Err(Failure::Usage(format!(
        "--record all: at most {LOGS_MAX} event logs are kept at once; give --seeds {}..{example}",
        seeds.start
    )))
}

/// The event logs of some seeds, `events/seed=<n>.jsonl`; each is made while it is written.
pub(super) fn event_logs(
    arm: &Arm,
    seeds: impl IntoIterator<Item = u64>,
) -> impl Iterator<Item = Artifact<'_>> {
    seeds.into_iter().map(move |seed| {
        Artifact::written(format!("events/seed={seed}.jsonl"), move |out| {
            let (_, log) = experiment::narrate(arm, seed).map_err(io::Error::other)?;
            out.write_all(&events::lines(&arm.scenario, seed, &log, Scope::Ecs))
        })
    })
}
