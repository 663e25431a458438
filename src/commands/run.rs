//! `run`: all seeds in parallel, then the results as files and as a table.

use std::collections::BTreeSet;
use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;

use super::reading::{self, Warnings, Written};
use super::results;
use super::simulate::{self, Done, Job, LoadedArm, Session};
use super::tables::Tables;
use super::{Failure, import};
use crate::cli::{Record, RunArgs};
use crate::experiment::Arm;
use crate::report::Artifact;
use crate::report::figures::{self, ArmFigures};
use crate::report::table::{self, Facts};
use crate::scenario::model::{Deploy, Operation};
use crate::scenario::{Loaded, Scenario, SweepChange};
use crate::summary::{Case, Reference, Runs, Series, judge};

/// Runs the scenario, writes its results, and prints their summary to `out`.
///
/// # Errors
/// When the scenario or the usage is bad, the results cannot be written, a seed panics,
/// a precision is not reached, or the user interrupts.
pub fn run(args: &RunArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if args.assumptions {
        return super::assumptions::run(args, out);
    }
    let warnings = if args.simulation.quiet { Warnings::Hidden } else { Warnings::Shown };
    let (loaded, file) = load(args, warnings)?;
    let targets = simulate::targets(&args.precision, &loaded.scenario)?;
    let seeds = simulate::seeds(&args.simulation, &targets, &loaded.scenario);
    check_usage(args, &seeds)?;
    let name = loaded.scenario.name.clone();
    let directory = results::directory(&args.results, &name, "");
    let options = simulate::replay_arguments(args.simulation.master_seed, &args.reading.set);
    let arms = [LoadedArm::new(name, loaded, &file, options)];
    let series = if args.results.series { Series::Kept } else { Series::Tallied };
    let job = Job { arms: &arms, seeds, targets, series };
    let destination = results::destination(&directory, args.results.force, &job)?;

    let done = Session::start(&args.simulation)?.simulate(&job)?;
    let arm = &arms[0].arm;
    let tables = Tables::of(&job, &done);
    results::write(destination, &job, &done, &directory, || artifacts(args, arm, &tables, &done))?;
    simulate::tell(out, &args.simulation, &directory, &done, || {
        table::render(&tables.summaries[0], &facts(&arm.scenario, &done.extent.seeds))
    })
}

/// The scenario, from its file or from files to import, and what to call the file.
fn load(args: &RunArgs, warnings: Warnings) -> Result<(Loaded, PathBuf), Failure> {
    let (written, file) = source(args, warnings)?;
    let loaded = written.load(&args.reading, args.simulation.master_seed, SweepChange::default());
    let mut loaded = loaded.map_err(|problems| reading::refusal(&problems))?;
    reading::heed(&mut loaded.warnings, &args.reading, warnings)?;
    Ok((loaded, file))
}

/// What the scenario is read from, unread: its file, or what files to import come to.
pub(super) fn source(args: &RunArgs, warnings: Warnings) -> Result<(Written, PathBuf), Failure> {
    reading::check_denied(&args.reading.deny)?;
    let Some(files) = &args.import else {
        let file = args.file.clone().expect("a file is required where none is imported");
        let written = Written::read(&file)?.map_err(|problem| reading::refusal(&[problem]))?;
        return Ok((written, file));
    };
    let files: Vec<PathBuf> = args.file.iter().chain(files).cloned().collect();
    let first =
        files.first().cloned().ok_or_else(|| Failure::Usage("--import: name a file to import".to_owned()))?;
    Ok((import::for_run(&files, &args.importing, warnings)?, first))
}

fn check_usage(args: &RunArgs, seeds: &Range<u64>) -> Result<(), Failure> {
    results::check_formats(&args.results)?;
    if args.record.contains(&Record::All) {
        results::check_record_all(seeds)?;
    }
    let named = args.record.iter().flat_map(|record| match record {
        Record::Seeds(list) => list.as_slice(),
        Record::Failing | Record::All => &[],
    });
    match named.into_iter().find(|seed| !seeds.contains(seed)) {
        Some(seed) => Err(Failure::Usage(format!(
            "--record {seed}: that seed does not run; the seeds are {}..{}",
            seeds.start, seeds.end
        ))),
        None => Ok(()),
    }
}

fn artifacts<'a>(
    args: &RunArgs,
    arm: &'a Arm,
    tables: &Tables<'a>,
    done: &'a Done,
) -> Result<Vec<Artifact<'a>>, Failure> {
    let (runs, summary) = (&done.runs[0], &tables.summaries[0]);
    let mut artifacts = tables.artifacts();
    let figures = ArmFigures { scenario: &arm.scenario, runs, summary, series: &tables.series[0] };
    let drawn = figures::render(&figures, &results::formats(&args.results));
    artifacts.extend(drawn.map_err(results::undrawn)?);
    artifacts.extend(results::event_logs(arm, recorded(args, arm, runs)));
    Ok(artifacts)
}

/// The seeds whose event logs are kept, of those that ran.
fn recorded(args: &RunArgs, arm: &Arm, runs: &Runs) -> BTreeSet<u64> {
    let ran = runs.seeds();
    let failing = || {
        let reference = Reference::None("a run compares with no baseline; `bakeoff check` does");
        results::breaking(judge(&Case { scenario: &arm.scenario, runs, reference }).iter())
    };
    let asked = args.record.iter().flat_map(|record| match record {
        Record::Seeds(list) => list.clone(),
        Record::All => ran.clone().collect(),
        Record::Failing => failing(),
    });
    asked.filter(|seed| ran.contains(seed)).collect()
}

fn facts(scenario: &Scenario, seeds: &Range<u64>) -> Facts {
    let describe = |deploy: &Deploy| {
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
            .filter_map(|a| Some(format!("{}, at {}", describe(a.request.deploy()?), a.at)))
            .collect(),
        seeds: format!("{}..{}", seeds.start, seeds.end),
        master_seed: scenario.simulation.master_seed,
    }
}
