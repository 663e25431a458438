//! `run`: all seeds in parallel, then the results as files and as a table.

use std::io::Write;
use std::ops::Range;

use super::Failure;
use super::reading::{self, Warnings};
use super::results;
use super::simulate::{self, Done, Job, LoadedArm, Session};
use super::tables::Tables;
use crate::cli::RunArgs;
use crate::experiment::{Arm, Series};
use crate::report::Artifact;
use crate::report::figures::{self, ArmFigures};
use crate::report::table::{self, Facts};
use crate::scenario::Scenario;
use crate::scenario::model::{Deploy, Operation};

/// Runs the scenario, writes its results, and prints their summary to `out`.
///
/// # Errors
/// When the scenario or the usage is bad, the results cannot be written, a seed panics,
/// a precision is not reached, or the user interrupts.
pub fn run(args: &RunArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let warnings = if args.simulation.quiet { Warnings::Hidden } else { Warnings::Shown };
    let loaded = reading::scenario(&args.file, &args.reading, args.simulation.master_seed, warnings)?;
    let targets = simulate::targets(&args.precision, &loaded.scenario)?;
    let seeds = simulate::seeds(&args.simulation, &targets, &loaded.scenario);
    check_usage(args, &seeds)?;
    let name = loaded.scenario.name.clone();
    let directory = results::directory(&args.results, &name, "");
    let options = simulate::replay_arguments(args.simulation.master_seed, &args.reading.set);
    let arms = [LoadedArm::new(name, loaded, &args.file, options)];
    let job = Job { arms: &arms, seeds, targets, series: Series::Kept };
    let destination = results::destination(&directory, args.results.force, &job)?;

    let done = Session::start(&args.simulation)?.simulate(&job)?;
    let arm = &arms[0].arm;
    let tables = Tables::of(&job, &done);
    results::write(destination, &job, &done, &directory, || artifacts(args, arm, &tables, &done))?;
    simulate::tell(out, &args.simulation, &directory, &done, || {
        table::render(&tables.summaries[0], &facts(&arm.scenario, &done.experiment.seeds))
    })
}

fn check_usage(args: &RunArgs, seeds: &Range<u64>) -> Result<(), Failure> {
    results::check_formats(&args.results)?;
    match args.record.iter().find(|seed| !seeds.contains(seed)) {
        Some(seed) => Err(Failure::Usage(format!(
            "--record {seed}: that seed does not run; the seeds are {}..{}",
            seeds.start, seeds.end
        ))),
        None => Ok(()),
    }
}

fn artifacts(args: &RunArgs, arm: &Arm, tables: &Tables<'_>, done: &Done) -> Result<Vec<Artifact>, Failure> {
    let (outcomes, summary) = (&done.experiment.outcomes[0], &tables.summaries[0]);
    let mut artifacts = tables.artifacts();
    if args.results.series {
        artifacts.push(tables.series_of_seeds());
    }
    let figures = ArmFigures { scenario: &arm.scenario, outcomes, summary, series: &tables.series[0] };
    let drawn = figures::render(&figures, &results::formats(&args.results));
    artifacts.extend(drawn.map_err(results::undrawn)?);
    let ran = |seed: &&u64| outcomes.iter().any(|o| o.seed == **seed);
    artifacts.extend(results::event_logs(arm, args.record.iter().filter(ran))?);
    Ok(artifacts)
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
