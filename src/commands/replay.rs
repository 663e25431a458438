//! `replay`: one seed, told as a timeline.

use std::io::Write;

use super::Failure;
use super::reading::{self, Warnings};
use crate::cli::{ReplayArgs, ReplayFormat};
use crate::experiment::{self, Arm};
use crate::outcome::Outcome;
use crate::report::events::{self, Scope};
use crate::scenario::Scenario;
use crate::summary::{Value, columns};

/// Simulates the seed and tells its story to `out`.
///
/// # Errors
/// When the scenario or the usage is bad, the model panics, or `out` cannot be written to.
pub fn run(args: &ReplayArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if args.all && args.format != ReplayFormat::Jsonl {
        return Err(Failure::Usage(
            "--all goes with --format jsonl; text tells everything anyway".to_owned(),
        ));
    }
    let loaded = reading::scenario(&args.file, &args.reading, args.master_seed, Warnings::Hidden)?;
    let arm = Arm { name: loaded.scenario.name.clone(), scenario: loaded.scenario };
    let (outcome, log) =
        experiment::narrate(&arm, args.seed).map_err(|failure| Failure::Runtime(failure.to_string()))?;
    match args.format {
        ReplayFormat::Jsonl => {
            let scope = if args.all { Scope::Everything } else { Scope::Ecs };
            out.write_all(&events::lines(&arm.scenario, args.seed, &log, scope))?;
        }
        ReplayFormat::Text => {
            let master_seed = arm.scenario.simulation.master_seed;
            writeln!(out, "{}, seed {}, master seed {master_seed}\n", arm.name, args.seed)?;
            for entry in log.iter().filter(|entry| !entry.change.is_detail()) {
                writeln!(out, "{entry}")?;
            }
            epilogue(&arm.scenario, &outcome, out)?;
        }
    }
    Ok(())
}

/// The seed's row of `runs.csv`, upright.
fn epilogue(scenario: &Scenario, outcome: &Outcome, out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "\nended at {}, digest {:016x}", outcome.ended_at, outcome.digest)?;
    let columns = columns(scenario);
    let width = columns.iter().map(|c| c.name.chars().count()).max().unwrap_or(0);
    for column in &columns {
        let (name, unit) = (&column.name, column.metric.metric.unit());
        match column.value(outcome) {
            Value::Missing => {}
            Value::Censored => writeln!(out, "  {name:width$}  not reached when the run was cut")?,
            Value::Number(x) => writeln!(out, "{}", format!("  {name:width$}  {x} {unit}").trim_end())?,
            Value::Boolean(b) => writeln!(out, "  {name:width$}  {b}")?,
            Value::Text(word) => writeln!(out, "  {name:width$}  {word}")?,
        }
    }
    Ok(())
}
