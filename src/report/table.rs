//! The summary as a table to be read at a glance: at most a hundred columns wide.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::scenario::metric::{Direction, Metric};
use crate::stats::{Estimate, Interval, Quantile, nine_digits};
use crate::summary::{ArmSummary, Claims, ColumnSummary, NumberClaims};

/// Columns of the terminal that lines keep to.
const WIDTH: usize = 100;

/// Styles the text between them; `anstream` strips them where colours are not wanted.
pub(super) const BOLD: &str = "\u{1b}[1m";
const LOUD: &str = "\u{1b}[1;33m";
pub(super) const RESET: &str = "\u{1b}[0m";

/// The metrics of the table, in its order, with the words for them.
pub(super) const SHOWN: [(Metric, &str); 15] = [
    (Metric::RolloutDurationMin, "rollout duration, min"),
    (Metric::RollbackDurationMin, "rollback duration, min"),
    (Metric::DetectionMin, "detection, min"),
    (Metric::BlastRadiusPct, "blast radius, % of fleet"),
    (Metric::BadInstanceMin, "bad daemon, instance-min"),
    (Metric::MinRunningTasksPct, "fewest running tasks, %"),
    (Metric::TaskMinLost, "tasks missing, task-min"),
    (Metric::FailedRequests, "failed requests"),
    (Metric::PeakExtraInstances, "peak extra instances"),
    (Metric::ExtraInstanceHours, "extra instance-hours"),
    (Metric::ExtraCostUsd, "extra cost, USD"),
    (Metric::AppTasksRestarted, "app tasks restarted"),
    (Metric::DaemonGapMin, "without daemon, instance-min"),
    (Metric::LaunchFailures, "launch failures"),
    (Metric::DrainWaitMaxMin, "longest drain, min"),
];

/// Booleans that are worth a line, with the words for them.
pub(super) const SHARES: [(Metric, &str); 4] = [
    (Metric::RolledBack, "rolled back"),
    (Metric::Caught, "defect caught"),
    (Metric::MissedDefect, "defect missed"),
    (Metric::FalseRollback, "false rollback"),
];

/// What the table says besides the claims.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// What each deployment of the timeline does, in its order.
    pub deployments: Vec<String>,
    /// The seeds, as in `0..200`.
    pub seeds: String,
    /// Salt of the seeds.
    pub master_seed: u64,
}

/// Renders the claims of one arm.
pub fn render(summary: &ArmSummary, facts: &Facts) -> String {
    let mut text = String::new();
    let seeds = if summary.seeds == 1 { "seed" } else { "seeds" };
    let _ = writeln!(
        text,
        "{BOLD}{}{RESET}: {} {seeds} ({}), master seed {}",
        short(&summary.arm),
        summary.seeds,
        facts.seeds,
        facts.master_seed
    );
    truncation(&mut text, summary);
    for (index, what) in facts.deployments.iter().enumerate() {
        let _ = writeln!(text, "\n{BOLD}{}{RESET}", short(what));
        let index = (facts.deployments.len() > 1).then_some(index);
        lines(&mut text, &outcomes(summary, index));
    }
    let _ = writeln!(text);
    let (table, always_zero) = numbers(summary);
    lines(&mut text, &table);
    let _ = writeln!(text, "  * p5 and the least: here more is better");
    if !always_zero.is_empty() {
        wrapped(&mut text, &format!("0 in every seed: {}", always_zero.join(", ")));
    }
    text
}

/// Says loudly that runs were cut.
fn truncation(text: &mut String, summary: &ArmSummary) {
    let stops = summary.stops;
    if stops.truncated() == 0 {
        return;
    }
    let reasons: Vec<String> = [(stops.horizon, "the horizon"), (stops.events, "maxEvents")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{n} by {what}"))
        .collect();
    let _ = writeln!(
        text,
        "\n{LOUD}{} of {} runs were cut before they were over ({}).{RESET}\n\
         What they left unfinished ranks above all else: a quantile may be 'not reached'.",
        stops.truncated(),
        summary.seeds,
        reasons.join(", ")
    );
}

/// Statuses that occurred, then the yes-or-no metrics, each with its share; of one deployment or of the last.
fn outcomes(summary: &ArmSummary, deployment: Option<usize>) -> Table {
    let mut table = table(&["outcome", "seeds", "share", "95 % interval"]);
    let find = |metric| find(summary, metric, deployment);
    if let Some(Claims::Shares(shares)) = find(Metric::DeploymentStatus).map(|c| &c.claims) {
        for share in shares {
            let Some(proportion) = share.proportion.filter(|p| p.hits() > 0) else { continue };
            let n = format!("{} of {}", proportion.hits(), proportion.n());
            table.add_row([
                share.value.to_owned(),
                n,
                percent(proportion.share()),
                percents(share.interval()),
            ]);
        }
    }
    for (metric, words) in SHARES {
        let Some(Claims::Shares(shares)) = find(metric).map(|c| &c.claims) else { continue };
        for share in shares {
            let Some(proportion) = share.proportion else { continue };
            let n = format!("{} of {}", proportion.hits(), proportion.n());
            table.add_row([words.to_owned(), n, percent(proportion.share()), percents(share.interval())]);
        }
    }
    if deployment.is_some()
        && let Some(Claims::Number(Some(claims))) = find(Metric::RolloutDurationMin).map(|c| &c.claims)
    {
        let p50 = claims.quantiles[2].1;
        table.add_row([
            "rollout duration, median min".to_owned(),
            format!("{} of {}", claims.n, summary.seeds),
            human(p50.point),
            p50.interval.map_or_else(|| "n too small".to_owned(), ends),
        ]);
    }
    table
}

fn find(summary: &ArmSummary, metric: Metric, deployment: Option<usize>) -> Option<&ColumnSummary> {
    summary.columns.iter().find(|c| {
        let of = c.column.metric;
        of.metric == metric && of.deployment == deployment && of.service.is_none()
    })
}

/// The numbers of the run and of its last deployment, and the words of those that are 0 in every seed.
fn numbers(summary: &ArmSummary) -> (Table, Vec<&'static str>) {
    let mut table = table(&["", "n of N", "median", "95 % interval", "p95", "95 % interval", "worst"]);
    let mut always_zero = Vec::new();
    for (metric, words) in SHOWN {
        let column = summary.metric(metric);
        let Claims::Number(Some(claims)) = &column.claims else { continue };
        if claims.min == 0.0 && claims.max == 0.0 {
            // The unit behind the comma says nothing about a nought.
            always_zero.push(words.split(',').next().unwrap_or(words));
        } else {
            let higher = metric.direction() == Direction::HigherIsBetter;
            table.add_row(number_row(words, column.of, claims, higher));
        }
    }
    (table, always_zero)
}

fn number_row(words: &str, of: usize, claims: &NumberClaims, higher_is_better: bool) -> Vec<String> {
    let quantile = |q: Quantile| -> Estimate {
        claims.quantiles.iter().find(|(known, _)| *known == q).map(|(_, e)| *e).expect("one of the six")
    };
    let median = quantile(Quantile::MEDIAN);
    let (tail, mark, worst) = if higher_is_better {
        (quantile(Quantile::percent(5)), "*", claims.min)
    } else {
        (quantile(Quantile::percent(95)), "", claims.max)
    };
    vec![
        words.to_owned(),
        format!("{} of {of}", claims.n),
        human(median.point),
        interval(&median),
        format!("{}{mark}", human(tail.point)),
        interval(&tail),
        human(worst),
    ]
}

fn interval(estimate: &Estimate) -> String {
    estimate.interval.map_or_else(|| "n too small".to_owned(), ends)
}

fn ends(interval: Interval) -> String {
    let high = if interval.high.is_finite() { human(interval.high) } else { "∞".to_owned() };
    let low = if interval.low.is_finite() { human(interval.low) } else { "∞".to_owned() };
    format!("{low} – {high}")
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn percents(interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |i| format!("{:.1} – {:.1} %", i.low * 100.0, i.high * 100.0))
}

/// A number as people read it: three or four digits that matter.
pub(super) fn human(x: f64) -> String {
    if x.is_infinite() {
        return "not reached".to_owned();
    }
    let x = nine_digits(x);
    match x.abs() {
        size if size >= 9_999_500.0 => format!("{x:.3e}"),
        size if size >= 999_950.0 => format!("{:.2}M", x / 1e6),
        size if size >= 99_999.5 => format!("{:.0}k", x / 1e3),
        size if x.fract() == 0.0 || size >= 999.5 => thousands(x),
        size if size >= 9.995 => format!("{x:.1}"),
        size if size >= 0.9995 => format!("{x:.2}"),
        _ => format!("{x:.3}"),
    }
}

/// A whole number with a comma between its thousands.
fn thousands(x: f64) -> String {
    let digits = format!("{:.0}", x.abs());
    let mut text = if x < 0.0 { "-".to_owned() } else { String::new() };
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A table without lines, its first column to the left and the others to the right.
pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().copied());
    for (i, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if i + 1 == header.len() { 0 } else { 2 }));
        if i > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Appends words, indented and broken before they get too wide.
pub(super) fn wrapped(text: &mut String, words: &str) {
    let mut width = 0;
    for word in words.split(' ') {
        let more = word.chars().count() + 1;
        if width == 0 || width + more > WIDTH {
            text.push_str(if width == 0 { " " } else { "\n " });
            width = 1;
        }
        text.push(' ');
        text.push_str(word);
        width += more;
    }
    text.push('\n');
}

/// A name of the user's, cut where it would break the lines.
pub(super) fn short(name: &str) -> String {
    const MOST: usize = 60;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    name.chars().take(MOST - 1).chain(['…']).collect()
}

/// Appends a table's lines, indented and without trailing blanks.
pub(super) fn lines(text: &mut String, table: &Table) {
    for line in table.to_string().lines() {
        let _ = writeln!(text, "  {}", line.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_the_digits_that_matter() {
        for (x, text) in [
            (0.0, "0"),
            (120.0, "120"),
            (1_234_567.0, "1.23M"),
            (123_456_789.0, "1.235e8"),
            (488_543.2, "489k"),
            (99_999.0, "99,999"),
            (12_345.678, "12,346"),
            (999.9, "1,000"),
            (88.44, "88.4"),
            (1.266, "1.27"),
            (0.0344, "0.034"),
            (-1_500.0, "-1,500"),
            (f64::INFINITY, "not reached"),
        ] {
            assert_eq!(human(x), text);
        }
    }
}
