//! `sweep`: every combination of the scenario's axes, under the same seeds and the same luck.

use std::io::Write;

use super::Failure;
use super::arms::{Shared, Swept};
use super::results;
use super::simulate::{self, Job, Session};
use super::tables::Tables;
use crate::cli::SweepArgs;
use crate::report::sweep::{self, SweptArm};
use crate::report::{Artifact, csv};
use crate::scenario::SweepChange;
use crate::summary::Series;

/// Runs every arm, writes the results, and prints what each arm comes to.
///
/// # Errors
/// When the scenario, an arm or the usage is bad, the results cannot be written, a seed panics,
/// a precision is not reached, or the user interrupts.
pub fn run(args: &SweepArgs, out: &mut dyn Write) -> Result<(), Failure> {
    results::check_formats(&args.results)?;
    let shared = Shared { reading: &args.reading, simulation: &args.simulation };
    let swept = shared.of_sweep(&args.file, SweepChange::Extended(&axes(args)))?;
    if swept.sweep().axes.is_empty() {
        return Err(Failure::Usage(
            "there is nothing to vary; give --vary drainPercent=5,10,25, or a `sweep:` in the file"
                .to_owned(),
        ));
    }
    if swept.arms.is_empty() {
        return Err(Failure::Usage("no point of the Latin hypercube meets the constraints".to_owned()));
    }
    let scenario = &swept.base.scenario;
    let targets = simulate::targets(&args.precision, scenario)?;
    let seeds = simulate::seeds(&args.simulation, &targets, scenario);
    let directory = results::directory(&args.results, &scenario.name, "-sweep");
    // Of many arms nobody looks at the time series, unless they are asked for.
    let series = if args.results.series { Series::Kept } else { Series::Dropped };
    let job = Job { arms: &swept.arms, seeds, targets, series };
    let destination = results::destination(&directory, args.results.force, &job)?;

    let done = Session::start(&args.simulation)?.simulate(&job)?;
    let tables = Tables::of(&job, &done);
    let points = swept.points.points.iter().zip(&tables.summaries);
    let arms: Vec<SweptArm<'_>> = points.map(|(point, summary)| SweptArm { point, summary }).collect();
    results::write(destination, &job, &done, &directory, || artifacts(args, &swept, &tables, &arms))?;
    let heading = sweep::Heading {
        scenario: &scenario.name,
        seeds: &done.extent.seeds,
        master_seed: scenario.simulation.master_seed,
        excluded: swept.points.excluded,
        repeated: swept.points.repeated,
    };
    simulate::tell(out, &args.simulation, &directory, &done, || sweep::render(&heading, &arms))
}

/// What the command line has to say about the sweep, as axes of it are given.
fn axes(args: &SweepArgs) -> Vec<(String, String)> {
    let mut axes = args.vary.clone();
    if !args.constraint.is_empty() {
        let list = serde_json::Value::from(args.constraint.clone());
        axes.push(("constraints".to_owned(), list.to_string()));
    }
    axes.extend(args.latin_hypercube.map(|n| ("latinHypercube".to_owned(), n.to_string())));
    axes
}

fn artifacts<'a>(
    args: &SweepArgs,
    swept: &Swept,
    tables: &Tables<'a>,
    arms: &[SweptArm<'_>],
) -> Result<Vec<Artifact<'a>>, Failure> {
    let mut artifacts = tables.artifacts();
    artifacts.push(Artifact::new("arms.csv", csv::arms(&swept.points.points)));
    let drawn = sweep::figures(&swept.base.scenario, arms, &results::formats(&args.results));
    artifacts.extend(drawn.map_err(results::undrawn)?);
    Ok(artifacts)
}
