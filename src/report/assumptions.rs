//! Which open question changes the answer: the ranking of assumptions as text, files and a plot.

use std::fmt::Write as _;
use std::ops::Range;

use serde_json::{Value as Json, json};

use super::comparison::{bracketed, mark, p_value, signed};
use super::csv::{self, AssumptionRow};
use super::figures::forest_row;
use super::plots::{self, Forest, ForestMetric, Format, Heading, PlotError};
use super::table::{BOLD, RESET, human, lines, table, wrapped};
use super::{Artifact, json};
use crate::summary::{Finding, Ranked, Ranking};

/// Names the format of `assumptions.json`.
pub const ASSUMPTIONS_SCHEMA: &str = "bakeoff.assumptions.v1";

/// An answer to an open question, other than the one that the scenario gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Number of the question, `A1` to `A23`.
    pub question: &'static str,
    /// Its key in the scenario.
    pub key: String,
    /// The answer of the scenario.
    pub as_it_is: String,
    /// The answer that was tried.
    pub value: String,
}

impl Answer {
    /// As in `A3 bake: perBatch`.
    pub fn name(&self) -> String {
        let short = self.key.rsplit('.').next().unwrap_or(&self.key);
        format!("{} {short}: {}", self.question, self.value)
    }
}

/// What came of varying every assumption alone.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// The seeds that ran.
    pub seeds: &'a Range<u64>,
    /// Every answer that ran, in the order of the arms.
    pub answers: &'a [Answer],
    /// Answers that make no run differ in anything, by their place in `answers`.
    pub inert: &'a [usize],
    /// Answers with which the scenario is refused, and why.
    pub refused: &'a [(Answer, String)],
    /// A ranking for each estimate.
    pub rankings: &'a [Ranking],
}

/// The rows of a table; those beyond it are in `assumptions.csv`.
const ROWS_MAX: usize = 12;

/// Renders the rankings for the terminal.
pub fn render(found: &Found<'_>) -> String {
    let mut text = String::new();
    let n = found.seeds.end - found.seeds.start;
    let _ = writeln!(
        text,
        "{BOLD}{}{RESET}: every assumption varied alone, {} answers, {n} {} ({}..{}), the same luck in every one",
        found.scenario,
        found.answers.len(),
        if n == 1 { "seed" } else { "seeds" },
        found.seeds.start,
        found.seeds.end
    );
    for ranking in found.rankings {
        ranked(&mut text, found, ranking);
    }
    text.push('\n');
    if !found.inert.is_empty() {
        let names: Vec<String> = found.inert.iter().map(|index| found.answers[*index].name()).collect();
        let words = format!("changes nothing at all, identical in every seed: {}", names.join(", "));
        wrapped(&mut text, &words);
    }
    for (answer, why) in found.refused {
        wrapped(&mut text, &format!("not run: {}: {why}", answer.name()));
    }
    for ranking in found.rankings {
        if let Some(few) = ranking.too_few(found.rankings) {
            let words = format!(
                "{}: n too small for so many tests: with {} of them no difference, however large, can be shown; --seeds {} can show one.",
                ranking.text, few.tests, few.needed
            );
            wrapped(&mut text, &words);
        }
    }
    if found.rankings.iter().flat_map(|ranking| &ranking.rows).any(|row| row.one_sided > 0) {
        let words = "n of N are the seeds that have a value with the answer and without, which alone are compared; in \
                     others the answer may change what comes of the rollout.";
        wrapped(&mut text, words);
    }
    wrapped(
        &mut text,
        "[ ] is the 95 % interval of each difference by itself, paired by seed. ~ says that no difference was shown; \
         Holm's procedure over all of them keeps the chance of any false claim at 5 %. `bakeoff about A3` tells what \
         is known of a question, and how surely.",
    );
    text
}

fn ranked(text: &mut String, found: &Found<'_>, ranking: &Ranking) {
    let scale = if ranking.is_share { 100.0 } else { 1.0 };
    let base = ranking.base.map_or_else(|| "without a value".to_owned(), |x| human(x * scale));
    let unit = if ranking.is_share { ", %" } else { "" };
    let _ = writeln!(text, "\n{BOLD}{}{unit}{RESET}, {base} as it is", ranking.text);
    let moved: Vec<&Ranked> = ranking.rows.iter().filter(|row| row.moves()).collect();
    if moved.is_empty() {
        let same = ranking.rows.iter().all(|row| row.identical);
        let words = if same {
            "no assumption moves it: the same in every seed under every answer."
        } else {
            "no seed has a value of it, as it is or under any answer."
        };
        wrapped(text, words);
        return;
    }
    // Where every seed has a value in both, a column that says so at every answer would say nothing.
    let partial = moved.iter().any(|row| row.n < row.of);
    let mut header = vec!["assumption", "instead of"];
    header.extend(partial.then_some("n of N"));
    header.extend(["comes to", "difference", "95 % interval", "", "p (Holm)"]);
    let mut rows = table(&header);
    for row in moved.iter().take(ROWS_MAX) {
        let answer = &found.answers[row.arm];
        let compared = &row.compared;
        let interval = compared.difference.and_then(|d| d.interval);
        // Why there is no difference stands in its own place.
        let no_interval = if compared.difference.is_some() { compared.note } else { "" };
        let mut cells = vec![answer.name(), answer.as_it_is.clone()];
        cells.extend(partial.then(|| format!("{} of {}", row.n, row.of)));
        cells.extend([
            compared.arm.map_or_else(|| "–".to_owned(), |x| human(x * scale)),
            compared.difference.map_or_else(|| compared.note.to_owned(), |d| signed(d.point * scale)),
            interval.map_or_else(|| no_interval.to_owned(), |i| bracketed(i, scale)),
            mark(compared.finding).to_owned(),
            compared.p_holm.map_or_else(String::new, p_value),
        ]);
        rows.add_row(cells);
    }
    lines(text, &rows);
    if moved.len() > ROWS_MAX {
        wrapped(
            text,
            &format!("{} more with smaller effects are in assumptions.csv.", moved.len() - ROWS_MAX),
        );
    }
    let same = ranking.rows.iter().filter(|row| row.identical).count();
    if same > 0 {
        wrapped(text, &format!("{same} other answers leave it the same in every seed."));
    }
}

/// `assumptions.csv`: long, a row per estimate and answer, in the order of the ranking.
pub fn table_file(found: &Found<'_>) -> Vec<u8> {
    let ranked = found.rankings.iter().flat_map(|ranking| {
        ranking.rows.iter().enumerate().map(move |(place, row)| AssumptionRow {
            estimate: &ranking.text,
            rank: place + 1,
            answer: &found.answers[row.arm],
            row,
        })
    });
    csv::assumptions(ranked)
}

/// `assumptions.json`: the same, with the answers that did not run.
pub fn document(found: &Found<'_>) -> Vec<u8> {
    let rankings: Vec<Json> = found
        .rankings
        .iter()
        .map(|ranking| {
            let rows: Vec<Json> = ranking.rows.iter().map(|row| entry(&found.answers[row.arm], row)).collect();
            json!({ "estimate": ranking.text, "base": json::number(ranking.base.filter(|x| x.is_finite())), "answers": rows })
        })
        .collect();
    let refused: Vec<Json> = found
        .refused
        .iter()
        .map(|(answer, why)| json!({ "question": answer.question, "key": answer.key, "value": answer.value, "why": why }))
        .collect();
    let inert: Vec<String> = found.inert.iter().map(|index| found.answers[*index].name()).collect();
    json::pretty(&json!({
        "schema": ASSUMPTIONS_SCHEMA,
        "scenario": found.scenario,
        "seeds": { "from": found.seeds.start, "to": found.seeds.end },
        "rankings": rankings,
        "identicalInEverySeed": inert,
        "refused": refused,
    }))
}

fn entry(answer: &Answer, row: &Ranked) -> Json {
    let compared = &row.compared;
    let finite = |x: Option<f64>| json::number(x.filter(|x| x.is_finite()));
    let interval = compared.difference.and_then(|d| d.interval);
    json!({
        "question": answer.question,
        "key": answer.key,
        "insteadOf": answer.as_it_is,
        "value": answer.value,
        "n": row.n,
        "of": row.of,
        "identical": row.identical,
        "estimate": finite(compared.arm),
        "difference": finite(compared.difference.map(|d| d.point)),
        "low": finite(interval.map(|i| i.low)),
        "high": finite(interval.map(|i| i.high)),
        "p": compared.p,
        "pHolm": compared.p_holm,
        "finding": compared.finding.as_str(),
        "note": compared.note,
    })
}

/// The forest plot of the largest effects, in every format asked for; none where nothing moves anything.
///
/// # Errors
/// When a plot cannot be drawn, or a format is not built in.
pub fn figures(found: &Found<'_>, formats: &[Format]) -> Result<Vec<Artifact<'static>>, PlotError> {
    let metrics: Vec<ForestMetric> = found
        .rankings
        .iter()
        .map(|ranking| {
            let scale = if ranking.is_share { 100.0 } else { 1.0 };
            let moved = ranking.rows.iter().filter(|row| {
                !row.identical
                    && row.compared.finding != Finding::Untested
                    && row.compared.difference.is_some()
            });
            let rows = moved.take(ROWS_MAX);
            ForestMetric {
                label: if ranking.is_share { format!("{}, %", ranking.text) } else { ranking.text.clone() },
                rows: rows
                    .map(|row| forest_row(&found.answers[row.arm].name(), &row.compared, scale))
                    .collect(),
            }
        })
        .filter(|metric| !metric.rows.is_empty())
        .collect();
    if metrics.is_empty() {
        return Ok(Vec::new());
    }
    let heading = Heading {
        title: "What each assumption changes, with 95 % intervals".to_owned(),
        scenario: found.scenario.to_owned(),
        seeds: (found.seeds.end - found.seeds.start) as usize,
    };
    let forest = Forest { base: "as it is".to_owned(), metrics };
    let draw = |format: &Format| {
        let bytes = plots::forest(&heading, &forest, *format)?;
        Ok(Artifact::new(format!("plots/assumptions.{}", format.extension()), bytes))
    };
    formats.iter().map(draw).collect()
}
