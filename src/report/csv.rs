//! The CSV files: one header, rows sorted, unknown cells empty.
//!
//! Numbers are written in the shortest form that reads back to the same value.
//! A cell that comes from the user and that a spreadsheet would take for a
//! formula gets an apostrophe before it.

use ::csv::{Terminator, WriterBuilder};

use super::rows::{observations, rows};
use crate::engine::time::SimDuration;
use crate::outcome::Outcome;
use crate::stats::nine_digits;
use crate::summary::{ArmSummary, Column, State, StateSeries, Value};

/// The outcomes of one arm, with what it takes to tabulate them.
#[derive(Clone, Copy, Debug)]
pub struct ArmRuns<'a> {
    /// Name of the arm.
    pub arm: &'a str,
    /// The columns of its table.
    pub columns: &'a [Column],
    /// Its outcomes, in order of the seeds.
    pub outcomes: &'a [Outcome],
    /// The grid of its series.
    pub sample_every: SimDuration,
}

/// `runs.csv`: `arm,seed`, then every metric; one row per arm and seed.
///
/// Every arm has the columns of the first.
pub fn runs(arms: &[ArmRuns<'_>]) -> Vec<u8> {
    let mut table = Table::new();
    let Some(first) = arms.first() else { return table.finish() };
    table.row(
        ["arm", "seed"].into_iter().map(str::to_owned).chain(first.columns.iter().map(|c| guarded(&c.name))),
    );
    for arm in arms {
        let name = guarded(arm.arm);
        for outcome in arm.outcomes {
            let cells = first.columns.iter().map(|column| cell(column.value(outcome)));
            table.row([name.clone(), outcome.seed.to_string()].into_iter().chain(cells));
        }
    }
    table.finish()
}

/// `summary.csv`: long, one row per arm, metric and statistic.
pub fn summary(arms: &[ArmSummary]) -> Vec<u8> {
    let mut table = Table::new();
    let header = ["arm", "metric", "statistic", "n", "of", "censored", "estimate", "low", "high", "note"];
    table.row(header.map(str::to_owned));
    for arm in arms {
        let name = guarded(&arm.arm);
        for column in &arm.columns {
            let metric = guarded(&column.column.name);
            let (n, censored) = observations(column);
            for row in rows(column) {
                table.row([
                    name.clone(),
                    metric.clone(),
                    row.statistic,
                    n.to_string(),
                    column.of.to_string(),
                    censored.to_string(),
                    optional(row.estimate),
                    optional(row.low),
                    optional(row.high),
                    row.note.to_owned(),
                ]);
            }
        }
    }
    table.finish()
}

/// `series.csv`: long, one row per arm, instant and state, over seeds.
pub fn series(arms: &[(&str, &[StateSeries])]) -> Vec<u8> {
    let mut table = Table::new();
    table.row(["arm", "t_min", "state", "mean", "p5", "p50", "p95"].map(str::to_owned));
    for (arm, states) in arms {
        let name = guarded(arm);
        let instants = states.first().map_or(0, |s| s.points.len());
        for i in 0..instants {
            for series in *states {
                let point = series.points[i];
                table.row([
                    name.clone(),
                    nine_digits(point.at.as_min()).to_string(),
                    series.state.name().to_owned(),
                    point.mean.to_string(),
                    point.p5.to_string(),
                    point.p50.to_string(),
                    point.p95.to_string(),
                ]);
            }
        }
    }
    table.finish()
}

/// `series-runs.csv`: one row per arm, seed and instant, a column per state, each seed as long as it ran.
pub fn series_runs(arms: &[ArmRuns<'_>]) -> Vec<u8> {
    let mut table = Table::new();
    let states = State::ALL.map(|state| state.name().to_owned());
    table.row(["arm", "seed", "t_min"].map(str::to_owned).into_iter().chain(states));
    for arm in arms {
        let name = guarded(arm.arm);
        for outcome in arm.outcomes {
            let seed = outcome.seed.to_string();
            for (i, sample) in outcome.series.iter().enumerate() {
                let at = SimDuration::from_ms(i as u64 * arm.sample_every.as_ms());
                let counts = State::ALL.map(|state| state.of(sample).to_string());
                let place = [name.clone(), seed.clone(), nine_digits(at.as_min()).to_string()];
                table.row(place.into_iter().chain(counts));
            }
        }
    }
    table.finish()
}

/// A table in memory: writing to it cannot fail.
struct Table(::csv::Writer<Vec<u8>>);

impl Table {
    fn new() -> Self {
        Self(WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(Vec::new()))
    }

    fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.write_record(cells).expect("memory takes every row, and rows of a table are of one length");
    }

    fn finish(self) -> Vec<u8> {
        self.0.into_inner().expect("memory takes every byte")
    }
}

fn cell(value: Value) -> String {
    match value {
        // Of a censored value all that is known is the run's stop reason, which has its own column.
        Value::Missing | Value::Censored => String::new(),
        Value::Number(x) => x.to_string(),
        Value::Boolean(b) => b.to_string(),
        Value::Text(word) => word.to_owned(),
    }
}

fn optional(x: Option<f64>) -> String {
    x.map_or_else(String::new, |x| x.to_string())
}

/// A user's string that no spreadsheet takes for a formula.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_like_a_formula_is_defused_and_others_are_left_alone() {
        assert_eq!(guarded("=cmd()"), "'=cmd()");
        assert_eq!(guarded("-1"), "'-1");
        assert_eq!(guarded("agent-upgrade"), "agent-upgrade");
    }

    #[test]
    fn unknown_cells_are_empty_and_numbers_read_back_to_the_same_value() {
        assert_eq!(cell(Value::Missing), "");
        assert_eq!(cell(Value::Censored), "");
        assert_eq!(cell(Value::Number(120.0)), "120");
        assert_eq!(cell(Value::Number(-0.5)), "-0.5");
        assert_eq!(cell(Value::Boolean(false)), "false");
        let x = nine_digits(1.0 / 3.0);
        assert_eq!(cell(Value::Number(x)).parse::<f64>(), Ok(x));
    }
}
