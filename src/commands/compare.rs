//! `compare`: several settings under the same seeds and the same luck.

use std::io::Write;

use super::Failure;
use super::arms::Shared;
use super::results;
use super::simulate::{self, Job, LoadedArm, Session};
use super::tables::Tables;
use crate::cli::CompareArgs;
use crate::report::{Artifact, comparison, csv, figures};
use crate::scenario::{Scenario, SweepChange};
use crate::summary::{Comparison, Series, Side, compare};

/// With more arms, the many claims would leave none of them any power.
const ARMS_MAX: usize = 32;

/// Runs every arm, writes the results, and tells the differences to `out`.
///
/// # Errors
/// When a scenario or the usage is bad, the results cannot be written, a seed panics,
/// a precision is not reached, or the user interrupts.
pub fn run(args: &CompareArgs, out: &mut dyn Write) -> Result<(), Failure> {
    results::check_formats(&args.results)?;
    let (scenario, arms) = arms(args)?;
    if arms.len() > ARMS_MAX {
        return Err(Failure::Usage(format!(
            "{} arms; a comparison sets at most {ARMS_MAX} against each other, and `sweep` is for more",
            arms.len()
        )));
    }
    let targets = simulate::targets(&args.precision, &scenario)?;
    let seeds = simulate::seeds(&args.simulation, &targets, &scenario);
    let directory = results::directory(&args.results, &scenario.name, "-compare");
    let series = if args.results.series { Series::Kept } else { Series::Tallied };
    let job = Job { arms: &arms, seeds, targets, series };
    let destination = results::destination(&directory, args.results.force, &job)?;

    let done = Session::start(&args.simulation)?.simulate(&job)?;
    let sides: Vec<Side<'_>> =
        arms.iter().zip(&done.runs).map(|(loaded, runs)| Side { name: &loaded.arm.name, runs }).collect();
    let comparison = compare(&sides);
    results::write(destination, &job, &done, &directory, || {
        artifacts(args, &Tables::of(&job, &done), &comparison)
    })?;
    simulate::tell(out, &args.simulation, &directory, &done, || {
        comparison::render(&comparison, &done.extent.seeds)
    })
}

/// The arms, the base first, and the scenario whose name, seeds and salt hold for all.
fn arms(args: &CompareArgs) -> Result<(Scenario, Vec<LoadedArm>), Failure> {
    let shared = Shared { reading: &args.reading, simulation: &args.simulation };
    if args.vary.is_empty() {
        if args.files.len() < 2 {
            return Err(Failure::Usage(
                "one arm alone cannot be compared; give a second file, or --vary drainPercent=10,25"
                    .to_owned(),
            ));
        }
        return shared.of_files(&args.files);
    }
    let [file] = args.files.as_slice() else {
        return Err(Failure::Usage("--vary varies one file; give only one".to_owned()));
    };
    let mut swept = shared.of_sweep(file, SweepChange::Replaced(&args.vary))?;
    let mut arms = Vec::new();
    if swept.arms.len() == 1 {
        arms.push(shared.as_written(file, &swept)?);
    }
    arms.append(&mut swept.arms);
    Ok((swept.base.scenario, arms))
}

fn artifacts<'a>(
    args: &CompareArgs,
    tables: &Tables<'a>,
    comparison: &Comparison,
) -> Result<Vec<Artifact<'a>>, Failure> {
    let mut artifacts = tables.artifacts();
    artifacts.push(Artifact::new("compare.csv", csv::comparison(comparison)));
    let drawn = figures::comparison(comparison, &results::formats(&args.results));
    artifacts.extend(drawn.map_err(results::undrawn)?);
    Ok(artifacts)
}
