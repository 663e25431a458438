//! A comparison as sentences and tables for the terminal.

use std::fmt::Write as _;
use std::ops::Range;

use super::table::{BOLD, RESET, SHARES, SHOWN, human, lines, short, table, wrapped};
use crate::scenario::metric::{Direction, Metric, MetricKind};
use crate::stats::{Interval, nine_digits};
use crate::summary::{ArmComparison, Compared, ComparedMetric, Comparison, Finding, Statistic};

/// Renders what was found about every arm: a sentence first, then the numbers.
pub fn render(comparison: &Comparison, seeds: &Range<u64>) -> String {
    let mut text = String::new();
    let n = comparison.seeds;
    let _ = writeln!(
        text,
        "compared with {BOLD}{}{RESET}: {n} {} ({}..{}), the same luck in every arm",
        short(&comparison.base),
        if n == 1 { "seed" } else { "seeds" },
        seeds.start,
        seeds.end
    );
    for arm in &comparison.arms {
        let _ = writeln!(text, "\n{BOLD}{}{RESET}", short(&arm.arm));
        let cut = (comparison.base_cut, arm.cut);
        if cut != (0, 0) {
            let words = format!(
                "{} of {n} runs were cut before they were over ({} of the base): what they left open is not compared.",
                cut.1, cut.0
            );
            wrapped(&mut text, &words);
        }
        wrapped(&mut text, &sentence(arm));
        let (table, untold) = numbers(arm);
        if !table.is_empty() {
            text.push('\n');
            lines(&mut text, &table);
        }
        if !untold.is_empty() {
            wrapped(&mut text, &format!("the same in every seed: {}", untold.join(", ")));
        }
    }
    if comparison.tests == 0 {
        return text;
    }
    text.push('\n');
    wrapped(
        &mut text,
        &format!(
            "[ ] is the 95 % interval of each difference by itself, paired by seed. ~ says that no difference \
             was shown, which is not to say that there is none: Holm's procedure over all {} tests keeps the \
             chance of any false claim at 5 %. x seeds: how many times more seeds independent luck would take.",
            comparison.tests
        ),
    );
    text
}

/// What a manager wants to know of an arm, in one sentence.
pub fn sentence(arm: &ArmComparison) -> String {
    let phrases: Vec<String> = PHRASES.iter().filter_map(|phrase| phrase.of(arm)).collect();
    let metrics = arm.metrics.iter().filter(|m| m.metric.metric.direction() != Direction::Neither);
    let any = metrics.clone().flat_map(|m| &m.rows).any(|row| row.finding.is_shown());
    if metrics.clone().all(|m| m.identical || m.n == 0) && metrics.clone().any(|m| m.identical) {
        return format!("{} comes to exactly the same, in every seed.", arm.arm);
    }
    match phrases.split_last() {
        None if any => format!("{} differs only in the numbers below.", arm.arm),
        None => format!("{}: no difference was shown.", arm.arm),
        Some((last, [])) => format!("{} {last}.", arm.arm),
        Some((last, others)) => format!("{} {}, and {last}.", arm.arm, others.join(", ")),
    }
}

/// How a difference in a metric is put into words.
struct Phrase {
    metric: Metric,
    /// The words before the amount.
    before: &'static str,
    /// The words between the amount and which way it went.
    unit: &'static str,
    /// What it is called to have more, and less.
    more: [&'static str; 2],
    /// The words at the end.
    after: &'static str,
}

const fn phrase(
    metric: Metric,
    before: &'static str,
    unit: &'static str,
    more: [&'static str; 2],
    after: &'static str,
) -> Phrase {
    Phrase { metric, before, unit, more, after }
}

const MORE: [&str; 2] = ["more", "less"];
const MANY: [&str; 2] = ["more", "fewer"];
const OFTEN: [&str; 2] = ["more often", "less often"];

/// What is worth a phrase, the weightiest first.
const PHRASES: [Phrase; 11] = [
    phrase(Metric::RolloutDurationMin, "takes", "min", ["longer", "less"], ""),
    phrase(Metric::PeakInstances, "needs", "instances", MANY, "at its peak"),
    phrase(Metric::RolledBack, "is rolled back", "percentage points", OFTEN, ""),
    phrase(Metric::FalseRollback, "is rolled back without reason", "percentage points", OFTEN, ""),
    phrase(Metric::Caught, "catches a defect", "percentage points", OFTEN, ""),
    phrase(Metric::MissedDefect, "misses a defect", "percentage points", OFTEN, ""),
    phrase(Metric::BlastRadiusPct, "lets a bad revision reach", "% of the fleet", MORE, ""),
    phrase(Metric::MinRunningTasksPct, "keeps", "% of the tasks", MORE, "at the worst moment"),
    phrase(Metric::TaskMinLost, "loses", "task-minutes", MORE, ""),
    phrase(Metric::FailedRequests, "fails", "requests", MANY, ""),
    phrase(Metric::AppTasksRestarted, "restarts", "tasks", MANY, ""),
];

impl Phrase {
    /// None unless a difference was shown.
    fn of(&self, arm: &ArmComparison) -> Option<String> {
        let row = arm.metric(self.metric)?.headline()?;
        let difference = row.difference.filter(|_| row.finding.is_shown())?;
        let scale = scale(row);
        let way = self.more[usize::from(difference.point < 0.0)];
        let amount = human(difference.point.abs() * scale);
        let interval = difference.interval.map_or_else(String::new, |i| {
            // The amount has lost its sign to a word, and its interval with it.
            let (low, high) = if difference.point < 0.0 { (-i.high, -i.low) } else { (i.low, i.high) };
            format!(" [{}, {}]", human(low * scale), human(high * scale))
        });
        let parts = [self.before, &amount, self.unit, way, self.after];
        let words: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Some(words.join(" ") + &interval)
    }
}

/// Shares are told in percent.
fn scale(row: &Compared) -> f64 {
    if matches!(row.statistic, Statistic::Share(_)) { 100.0 } else { 1.0 }
}

/// The metrics worth a line, and the words of those that are the same in every seed.
fn numbers(arm: &ArmComparison) -> (comfy_table::Table, Vec<&'static str>) {
    let mut rows = table(&["", "base", "arm", "difference", "95 % interval", "", "p (Holm)", "x seeds"]);
    let mut same = Vec::new();
    for (metric, words) in told() {
        let Some(compared) = arm.metric(metric) else { continue };
        if compared.n == 0 {
            continue;
        }
        if compared.identical {
            same.push(words.split(',').next().unwrap_or(words));
            continue;
        }
        for (index, row) in compared.rows.iter().enumerate() {
            if index == 0 || row.finding.is_shown() {
                rows.add_row(cells(words, compared, row));
            }
        }
    }
    (rows, same)
}

/// The metrics of the tables, in their order.
fn told() -> impl Iterator<Item = (Metric, &'static str)> {
    SHARES.into_iter().chain(SHOWN)
}

fn cells(words: &str, metric: &ComparedMetric, row: &Compared) -> Vec<String> {
    let scale = scale(row);
    let label = match row.statistic {
        Statistic::Mean => format!("{words}: mean"),
        Statistic::Quantile(quantile) => format!("{}{quantile}", indent(words)),
        Statistic::Share(_) => format!("{words}, %"),
    };
    let number = |x: Option<f64>| x.map_or_else(|| "–".to_owned(), |x| human(x * scale));
    let seeds = match metric.variance_reduction {
        Some(factor) if !matches!(row.statistic, Statistic::Quantile(_)) => times(factor),
        _ => String::new(),
    };
    vec![
        label,
        number(row.base),
        number(row.arm),
        row.difference.map_or_else(|| excuse(row).to_owned(), |d| signed(d.point * scale)),
        row.difference.and_then(|d| d.interval).map_or_else(String::new, |i| bracketed(i, scale)),
        mark(row.finding).to_owned(),
        row.p_holm.map_or_else(String::new, p_value),
        seeds,
    ]
}

/// Why there is no difference, short enough for a cell; `compare.csv` has it in full.
fn excuse(row: &Compared) -> &'static str {
    if row.note.starts_with("refused") { "runs were cut" } else { row.note }
}

/// As far to the right as the words of the metric's first line end.
fn indent(words: &str) -> String {
    " ".repeat(words.chars().count() + 2)
}

pub(super) fn mark(finding: Finding) -> &'static str {
    match finding {
        Finding::Better | Finding::Worse | Finding::Different | Finding::NotShown => finding.as_str(),
        Finding::Same | Finding::Untested => "",
    }
}

fn times(factor: f64) -> String {
    if factor.is_infinite() { "∞".to_owned() } else { human(nine_digits(factor)) }
}

/// A number with its sign.
pub(super) fn signed(x: f64) -> String {
    if x > 0.0 { format!("+{}", human(x)) } else { human(x) }
}

pub(super) fn bracketed(interval: Interval, scale: f64) -> String {
    format!("[{}, {}]", signed(interval.low * scale), signed(interval.high * scale))
}

/// A p-value as people read it.
pub(super) fn p_value(p: f64) -> String {
    if p < 0.001 { "<0.001".to_owned() } else { format!("{p:.3}") }
}

/// What a difference says in the forest plot.
pub(super) fn told_difference(row: &Compared) -> String {
    let scale = scale(row);
    match row.difference {
        _ if row.finding == Finding::Same => "the same".to_owned(),
        None => row.note.to_owned(),
        Some(d) => {
            let interval = d.interval.map_or_else(String::new, |i| format!(" {}", bracketed(i, scale)));
            format!("{}{interval}", signed(d.point * scale))
        }
    }
}

/// The metrics that a forest plot shows, with their words and the factor of their unit.
pub(super) fn plotted() -> impl Iterator<Item = (Metric, String, f64)> {
    told().map(|(metric, words)| match metric.kind() {
        MetricKind::Boolean => (metric, format!("{words}, % of seeds"), 100.0),
        _ => (metric, words.to_owned(), 1.0),
    })
}
