//! The CSV files: one header, rows sorted, unknown cells empty.
//!
//! Numbers are written in the shortest form that reads back to the same value.
//! A cell that comes from the user and that a spreadsheet would take for a
//! formula gets an apostrophe before it.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};

use ::csv::{Terminator, WriterBuilder};

use super::assumptions::Answer;
use super::rows::{observations, rows};
use crate::engine::time::SimDuration;
use crate::scenario::sweep::Point;
use crate::stats::nine_digits;
use crate::summary::{ArmSummary, Comparison, Ranked, Runs, State, StateSeries, Statistic, Value};

/// The runs of one arm by its name.
#[derive(Clone, Copy, Debug)]
pub struct ArmRuns<'a> {
    /// Name of the arm.
    pub arm: &'a str,
    /// Its runs.
    pub runs: &'a Runs,
    /// The grid of its series.
    pub sample_every: SimDuration,
}

/// `runs.csv`: `arm,seed`, then every metric; one row per arm and seed.
///
/// Arms of one experiment may differ in their columns, by another service or another deployment: there is
/// every column that some arm has, and a cell stays empty where an arm has none.
///
/// # Errors
/// When `out` takes no more.
pub fn runs(arms: &[ArmRuns<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut table = WideTable::new(out);
    let mut header: Vec<&str> = Vec::new();
    for column in arms.iter().flat_map(|arm| arm.runs.columns()) {
        if !header.contains(&column.name.as_str()) {
            header.push(&column.name);
        }
    }
    table
        .row(["arm", "seed"].into_iter().map(str::to_owned).chain(header.iter().map(|name| guarded(name))))?;
    for arm in arms {
        let name = guarded(arm.arm);
        let values = |name: &&str| arm.runs.table().find(|(column, _)| column.name == **name);
        let mut columns: Vec<_> =
            header.iter().map(|name| values(name).map(|(_, values)| values.iter())).collect();
        for seed in arm.runs.seeds() {
            table.cell(&name)?;
            table.cell(seed)?;
            for column in &mut columns {
                // A column that the arm does not have is without a value as well.
                table.value(column.as_mut().and_then(Iterator::next).unwrap_or(Value::Missing))?;
            }
            table.end()?;
        }
    }
    table.finish()
}

/// `arms.csv`: one row per arm of a sweep, a column per axis.
pub fn arms(points: &[Point]) -> Vec<u8> {
    let mut table = Table::new();
    let Some(first) = points.first() else { return table.finish() };
    let keys = first.settings.iter().map(|(key, _)| guarded(key));
    table.row(["arm".to_owned()].into_iter().chain(keys));
    for point in points {
        let value = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => guarded(text),
            other => other.to_string(),
        };
        let values = point.settings.iter().map(|(_, v)| value(v));
        table.row([guarded(&point.name())].into_iter().chain(values));
    }
    table.finish()
}

/// `compare.csv`: long, one row per arm, metric and statistic, each against the base.
///
/// A `~` in `finding` says that no difference was shown; `variance_reduction` is `inf` where the
/// difference is the same in every seed.
pub fn comparison(comparison: &Comparison) -> Vec<u8> {
    let mut table = Table::new();
    let header = [
        "base",
        "arm",
        "metric",
        "statistic",
        "n",
        "of",
        "base_estimate",
        "arm_estimate",
        "difference",
        "low",
        "high",
        "p",
        "p_holm",
        "finding",
        "correlation",
        "variance_reduction",
        "note",
    ];
    table.row(header.map(str::to_owned));
    let base = guarded(&comparison.base);
    for arm in &comparison.arms {
        let name = guarded(&arm.arm);
        for metric in &arm.metrics {
            for row in &metric.rows {
                let ends = row.difference.and_then(|d| d.interval);
                table.row([
                    base.clone(),
                    name.clone(),
                    guarded(&metric.name),
                    statistic(row.statistic),
                    metric.n.to_string(),
                    metric.of.to_string(),
                    rounded(row.base),
                    rounded(row.arm),
                    rounded(row.difference.map(|d| d.point)),
                    rounded(ends.map(|i| i.low)),
                    rounded(ends.map(|i| i.high)),
                    p_value(row.p),
                    p_value(row.p_holm),
                    row.finding.as_str().to_owned(),
                    rounded(metric.correlation),
                    metric.variance_reduction.map_or_else(String::new, |x| nine_digits(x).to_string()),
                    row.note.to_owned(),
                ]);
            }
        }
    }
    table.finish()
}

/// A row of `assumptions.csv`.
#[derive(Clone, Copy, Debug)]
pub struct AssumptionRow<'a> {
    /// The estimate as it was asked for.
    pub estimate: &'a str,
    /// Its place among all answers, from 1.
    pub rank: usize,
    /// The answer.
    pub answer: &'a Answer,
    /// What it changes.
    pub row: &'a Ranked,
}

/// `assumptions.csv`: long, one row per estimate and answer.
pub fn assumptions<'a>(rows: impl Iterator<Item = AssumptionRow<'a>>) -> Vec<u8> {
    let mut table = Table::new();
    let header = [
        "estimate",
        "rank",
        "question",
        "key",
        "instead_of",
        "value",
        "n",
        "of",
        "base_estimate",
        "arm_estimate",
        "difference",
        "low",
        "high",
        "p",
        "p_holm",
        "finding",
        "note",
    ];
    table.row(header.map(str::to_owned));
    for AssumptionRow { estimate, rank, answer, row } in rows {
        let compared = &row.compared;
        let ends = compared.difference.and_then(|d| d.interval);
        table.row([
            guarded(estimate),
            rank.to_string(),
            answer.question.to_owned(),
            answer.key.clone(),
            answer.as_it_is.clone(),
            answer.value.clone(),
            row.n.to_string(),
            row.of.to_string(),
            rounded(compared.base),
            rounded(compared.arm),
            rounded(compared.difference.map(|d| d.point)),
            rounded(ends.map(|i| i.low)),
            rounded(ends.map(|i| i.high)),
            p_value(compared.p),
            p_value(compared.p_holm),
            compared.finding.as_str().to_owned(),
            compared.note.to_owned(),
        ]);
    }
    table.finish()
}

/// A small p-value by its exponent, not by fifty noughts.
fn p_value(p: Option<f64>) -> String {
    match p.map(nine_digits) {
        Some(p) if p > 0.0 && p < 1e-4 => format!("{p:e}"),
        p => optional(p),
    }
}

fn statistic(statistic: Statistic) -> String {
    match statistic {
        Statistic::Mean => "mean".to_owned(),
        Statistic::Quantile(quantile) => quantile.to_string(),
        Statistic::Share(value) => format!("P({value})"),
    }
}

/// What is unknown or infinite is empty; the note says why.
fn rounded(x: Option<f64>) -> String {
    optional(x.filter(|x| x.is_finite()).map(nine_digits))
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
///
/// # Errors
/// When `out` takes no more.
pub fn series_runs(arms: &[ArmRuns<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut table = WideTable::new(out);
    let states = State::ALL.map(|state| state.name().to_owned());
    table.row(["arm", "seed", "t_min"].map(str::to_owned).into_iter().chain(states))?;
    for arm in arms {
        let name = guarded(arm.arm);
        for (seed, trace) in arm.runs.seeds().zip(arm.runs.traces()) {
            for (i, sample) in (0..).zip(trace.samples()) {
                let at = SimDuration::from_ms(i * arm.sample_every.as_ms());
                table.cell(&name)?;
                table.cell(seed)?;
                table.cell(nine_digits(at.as_min()))?;
                for state in State::ALL {
                    table.cell(state.of(&sample))?;
                }
                table.end()?;
            }
        }
    }
    table.finish()
}

/// A table of a row per seed or more, which is written as it is made.
struct WideTable<'a> {
    out: ::csv::Writer<&'a mut dyn Write>,
    cell: String,
}

impl<'a> WideTable<'a> {
    fn new(out: &'a mut dyn Write) -> Self {
        let out = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(out);
        Self { out, cell: String::new() }
    }

    fn row(&mut self, cells: impl IntoIterator<Item = String>) -> io::Result<()> {
        Ok(self.out.write_record(cells)?)
    }

    fn cell(&mut self, cell: impl Display) -> io::Result<()> {
        self.cell.clear();
        write!(self.cell, "{cell}").expect("a string takes every character");
        Ok(self.out.write_field(&self.cell)?)
    }

    fn value(&mut self, value: Value) -> io::Result<()> {
        match value {
            // Of a censored value all that is known is the run's stop reason, which has its own column.
            Value::Missing | Value::Censored => Ok(self.out.write_field("")?),
            Value::Number(x) => self.cell(x),
            Value::Boolean(b) => Ok(self.out.write_field(if b { "true" } else { "false" })?),
            Value::Text(word) => Ok(self.out.write_field(word)?),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        Ok(self.out.write_record(None::<&[u8]>)?)
    }

    fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
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
        let cell = |value| {
            let mut bytes = Vec::new();
            let mut table = WideTable::new(&mut bytes);
            table.value(value).and_then(|()| table.cell("end")).and_then(|()| table.end()).expect("memory");
            table.finish().expect("memory");
            String::from_utf8(bytes).expect("text").trim_end().trim_end_matches(",end").to_owned()
        };
        assert_eq!(cell(Value::Missing), "");
        assert_eq!(cell(Value::Censored), "");
        assert_eq!(cell(Value::Number(120.0)), "120");
        assert_eq!(cell(Value::Number(-0.5)), "-0.5");
        assert_eq!(cell(Value::Boolean(false)), "false");
        assert_eq!(cell(Value::Text("SUCCESSFUL")), "SUCCESSFUL");
        let x = nine_digits(1.0 / 3.0);
        assert_eq!(cell(Value::Number(x)).parse::<f64>(), Ok(x));
    }
}
