//! A sweep as a table for the terminal, and as [`figures`].

mod figures;

pub use figures::figures;

use std::fmt::Write as _;
use std::ops::Range;

use comfy_table::Table;

use super::plots::counted;
use super::table::{BOLD, RESET, human, lines, percent, short, table, wrapped};
use crate::scenario::metric::Metric;
use crate::scenario::sweep::{Point, shown};
use crate::stats::{Estimate, Quantile};
use crate::summary::{ArmSummary, Claims};

/// One arm of a sweep with what its seeds say.
#[derive(Clone, Copy, Debug)]
pub struct SweptArm<'a> {
    /// Where it lies on the axes.
    pub point: &'a Point,
    /// What its seeds say.
    pub summary: &'a ArmSummary,
}

/// What stands above the table.
#[derive(Clone, Copy, Debug)]
pub struct Heading<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// The seeds that every arm ran.
    pub seeds: &'a Range<u64>,
    /// Salt of the seeds.
    pub master_seed: u64,
    /// Combinations that the constraints kept out.
    pub excluded: usize,
    /// Points of a Latin hypercube that came out the same as another.
    pub repeated: usize,
}

/// What is told of every arm.
#[derive(Clone, Copy, Debug)]
struct Measure {
    metric: Metric,
    statistic: Statistic,
    /// Its head in the table.
    head: &'static str,
    /// What it is called in a figure, with its unit.
    label: &'static str,
    /// Its name among the files.
    slug: &'static str,
}

#[derive(Clone, Copy, Debug)]
enum Statistic {
    Mean,
    Quantile(Quantile),
    Share,
}

const P95: Statistic = Statistic::Quantile(Quantile::percent(95));

const fn measure(
    metric: Metric,
    statistic: Statistic,
    head: &'static str,
    label: &'static str,
    slug: &'static str,
) -> Measure {
    Measure { metric, statistic, head, label, slug }
}

/// In the order of the table; those that no arm differs in are left out.
const MEASURES: [Measure; 11] = [
    measure(
        Metric::RolloutDurationMin,
        Statistic::Quantile(Quantile::MEDIAN),
        "rollout p50",
        "median rollout duration, min",
        "rollout-duration-p50",
    ),
    measure(Metric::RolloutDurationMin, P95, "p95 min", "p95 rollout duration, min", "rollout-duration-p95"),
    measure(Metric::PeakExtraInstances, P95, "surge p95", "p95 peak extra instances", "peak-extra-instances"),
    measure(Metric::RolledBack, Statistic::Share, "rolled back", "rolled back, % of seeds", "rolled-back"),
    measure(Metric::MissedDefect, Statistic::Share, "missed", "defect missed, % of seeds", "missed-defect"),
    measure(
        Metric::FalseRollback,
        Statistic::Share,
        "false rollb.",
        "false rollback, % of seeds",
        "false-rollback",
    ),
    measure(
        Metric::BlastRadiusPct,
        Statistic::Mean,
        "blast %",
        "mean blast radius, % of fleet",
        "blast-radius",
    ),
    measure(
        Metric::BadInstanceMin,
        Statistic::Mean,
        "bad inst-min",
        "mean bad daemon, instance-min",
        "bad-instance-min",
    ),
    measure(
        Metric::MinRunningTasksPct,
        Statistic::Quantile(Quantile::percent(5)),
        "tasks p5 %",
        "p5 of fewest running tasks, %",
        "min-running-tasks",
    ),
    measure(
        Metric::AppTasksRestarted,
        Statistic::Mean,
        "restarts",
        "mean app tasks restarted",
        "app-tasks-restarted",
    ),
    measure(
        Metric::FailedRequests,
        Statistic::Mean,
        "failed req.",
        "mean failed requests",
        "failed-requests",
    ),
];

/// Columns that fit beside each other, those of the axes included.
const COLUMNS_MAX: usize = 9;
/// Arms that the terminal shows; all of them are in the files.
const ROWS_MAX: usize = 60;

impl Measure {
    /// Its estimate, shares in percent; none when there is none.
    fn of(&self, summary: &ArmSummary) -> Option<Estimate> {
        match (&summary.metric(self.metric).claims, self.statistic) {
            (Claims::Number(Some(claims)), Statistic::Mean) => claims.mean.ok(),
            (Claims::Number(Some(claims)), Statistic::Quantile(wanted)) => {
                claims.quantiles.iter().find(|(quantile, _)| *quantile == wanted).map(|(_, e)| *e)
            }
            (Claims::Shares(shares), Statistic::Share) => {
                let share = shares.first()?;
                let proportion = share.proportion?;
                let interval = share
                    .interval()
                    .map(|i| crate::stats::Interval { low: 100.0 * i.low, high: 100.0 * i.high });
                Some(Estimate { point: 100.0 * proportion.share(), interval, n: proportion.n() })
            }
            _ => None,
        }
    }

    fn cell(&self, summary: &ArmSummary) -> String {
        match (self.of(summary), self.statistic) {
            (None, _) => "–".to_owned(),
            (Some(e), Statistic::Share) => percent(e.point / 100.0),
            (Some(e), _) => human(e.point),
        }
    }

    /// Whether the arms differ in it.
    fn varies(&self, arms: &[SweptArm<'_>]) -> bool {
        let point = |arm: &SweptArm<'_>| self.of(arm.summary).map(|e| e.point);
        arms.iter().any(|arm| point(arm) != point(&arms[0]))
    }
}

/// Renders what every arm comes to.
pub fn render(heading: &Heading<'_>, arms: &[SweptArm<'_>]) -> String {
    let mut text = String::new();
    let seeds = heading.seeds;
    let _ = writeln!(
        text,
        "{BOLD}{}{RESET}: {}, {} each ({}..{}), master seed {}, the same luck in every arm",
        short(heading.scenario),
        counted(arms.len(), "arm"),
        counted((seeds.end - seeds.start) as usize, "seed"),
        seeds.start,
        seeds.end,
        heading.master_seed
    );
    let away = [(heading.excluded, "kept out by the constraints"), (heading.repeated, "the same as another")];
    for (n, why) in away.into_iter().filter(|(n, _)| *n > 0) {
        let _ = writeln!(text, "{n} {} {why}", if n == 1 { "point" } else { "points" });
    }
    let cut: usize = arms.iter().map(|arm| arm.summary.stops.truncated()).sum();
    if cut > 0 {
        let _ = writeln!(text, "{cut} runs were cut before they were over; see stop_reason in runs.csv");
    }
    let (varying, same): (Vec<&Measure>, Vec<&Measure>) = MEASURES.iter().partition(|m| m.varies(arms));
    let (told, untold) = {
        let room = COLUMNS_MAX.saturating_sub(arms[0].point.settings.len()).max(3);
        varying.split_at(varying.len().min(room))
    };
    text.push('\n');
    lines(&mut text, &rows(arms, told));
    if arms.len() > ROWS_MAX {
        let _ = writeln!(text, "  … and {} more in summary.csv", arms.len() - ROWS_MAX);
    }
    if !same.is_empty() {
        let words: Vec<String> =
            same.iter().map(|m| format!("{} {}", m.label, m.cell(arms[0].summary))).collect();
        wrapped(&mut text, &format!("the same in every arm: {}", words.join(" · ")));
    }
    if !untold.is_empty() {
        let words: Vec<&str> = untold.iter().map(|m| m.label).collect();
        wrapped(&mut text, &format!("in summary.csv as well: {}", words.join(" · ")));
    }
    wrapped(
        &mut text,
        "Intervals are in summary.csv; `bakeoff compare --vary` tells which differences are shown.",
    );
    text
}

fn rows(arms: &[SweptArm<'_>], measures: &[&Measure]) -> Table {
    let keys: Vec<&str> = arms[0].point.settings.iter().map(|(key, _)| key.as_str()).collect();
    let heads = axis_heads(&keys);
    let header: Vec<&str> = heads.iter().map(String::as_str).chain(measures.iter().map(|m| m.head)).collect();
    let mut table = table(&header);
    for arm in arms.iter().take(ROWS_MAX) {
        let values = arm.point.settings.iter().map(|(_, value)| shown(value));
        table.add_row(values.chain(measures.iter().map(|m| m.cell(arm.summary))));
    }
    table
}

/// The last part of each key, or the whole where that would name two alike.
fn axis_heads(keys: &[&str]) -> Vec<String> {
    let last = |key: &str| key.rsplit('.').next().unwrap_or(key).to_owned();
    keys.iter()
        .map(|key| {
            let alike = keys.iter().filter(|other| last(other) == last(key)).count();
            if alike > 1 { (*key).to_owned() } else { last(key) }
        })
        .collect()
}
