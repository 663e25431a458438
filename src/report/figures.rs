//! From summaries to the figures of `plots/`: what each plot is given.

use super::Artifact;
use super::comparison::{plotted, told_difference};
use super::plots::{
    self, Annotation, Band, BlastRadius, Distribution, Fleet, Forest, ForestMetric, ForestRow, Format,
    Heading, Mark, PlotError, Quantity, Tasks, Verdict,
};
use crate::scenario::Scenario;
use crate::scenario::metric::{Metric, MetricRef};
use crate::scenario::model::{Operation, Request};
use crate::stats::{Interval, Sample};
use crate::summary::{
    ArmSummary, Claims, Compared, ComparedMetric, Comparison, Finding, Runs, SeriesPoint, State, StateSeries,
    sample,
};

/// Everything that the figures of one arm are drawn from.
#[derive(Clone, Copy, Debug)]
pub struct ArmFigures<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its runs.
    pub runs: &'a Runs,
    /// Its claims.
    pub summary: &'a ArmSummary,
    /// Its series over seeds.
    pub series: &'a [StateSeries],
}

/// The figures of one arm, each in every format asked for.
///
/// # Errors
/// When a plot cannot be drawn, or a format is not built in.
pub fn render(arm: &ArmFigures<'_>, formats: &[Format]) -> Result<Vec<Artifact<'static>>, PlotError> {
    let mut artifacts = Vec::new();
    for &format in formats {
        let path = |name: &str| format!("plots/{name}.{}", format.extension());
        let bytes = plots::fleet_state(&arm.heading("Fleet state over time"), &arm.fleet(), format)?;
        artifacts.push(Artifact::new(path("fleet-state"), bytes));
        let bytes = plots::running_tasks(&arm.heading("Running tasks over time"), &arm.tasks(), format)?;
        artifacts.push(Artifact::new(path("running-tasks"), bytes));
        if let Some(durations) = arm.durations() {
            let bytes = plots::distribution(&arm.heading("Rollout duration"), &durations, format)?;
            artifacts.push(Artifact::new(path("rollout-duration"), bytes));
        }
        if let Some(radius) = arm.blast_radius() {
            let bytes = plots::blast_radius(&arm.heading("Blast radius"), &radius, format)?;
            artifacts.push(Artifact::new(path("blast-radius"), bytes));
        }
    }
    Ok(artifacts)
}

/// The forest plot of a comparison, in every format asked for.
///
/// # Errors
/// When a plot cannot be drawn, or a format is not built in.
pub fn comparison(comparison: &Comparison, formats: &[Format]) -> Result<Vec<Artifact<'static>>, PlotError> {
    let metrics = plotted().filter_map(|(metric, label, scale)| {
        let compared: Vec<(&str, &ComparedMetric)> =
            comparison.arms.iter().filter_map(|arm| Some((arm.arm.as_str(), arm.metric(metric)?))).collect();
        let told = compared.iter().any(|(_, metric)| !metric.identical && metric.n > 0);
        let rows =
            || compared.iter().filter_map(|(arm, metric)| Some(forest_row(arm, metric.headline()?, scale)));
        told.then(|| ForestMetric { label, rows: rows().collect() })
    });
    let forest = Forest { base: comparison.base.clone(), metrics: metrics.collect() };
    let heading = Heading {
        title: "Differences, with 95 % intervals".to_owned(),
        scenario: format!("compared with {}", comparison.base),
        seeds: comparison.seeds,
    };
    let draw = |format: &Format| {
        let bytes = plots::forest(&heading, &forest, *format)?;
        Ok(Artifact::new(format!("plots/differences.{}", format.extension()), bytes))
    };
    formats.iter().map(draw).collect()
}

pub(super) fn forest_row(arm: &str, row: &Compared, scale: f64) -> ForestRow {
    let interval = row.difference.and_then(|d| d.interval);
    ForestRow {
        arm: arm.to_owned(),
        difference: row.difference.map(|d| d.point * scale),
        low: interval.map(|i| i.low * scale),
        high: interval.map(|i| i.high * scale),
        text: told_difference(row),
        verdict: match row.finding {
            Finding::Better => Verdict::Better,
            Finding::Worse => Verdict::Worse,
            Finding::Different => Verdict::Different,
            Finding::NotShown | Finding::Same | Finding::Untested => Verdict::NotShown,
        },
    }
}

impl ArmFigures<'_> {
    fn heading(&self, title: &str) -> Heading {
        Heading { title: title.to_owned(), scenario: self.summary.arm.clone(), seeds: self.summary.seeds }
    }

    fn points(&self, state: State) -> &[SeriesPoint] {
        self.series.iter().find(|s| s.state == state).map_or(&[], |s| &s.points)
    }

    fn band(&self, state: State, label: &str) -> Band {
        let points = self.points(state);
        let column = |of: fn(&SeriesPoint) -> f64| points.iter().map(of).collect();
        Band {
            label: label.to_owned(),
            t_min: column(|p| p.at.as_min()),
            mean: column(|p| p.mean),
            p5: column(|p| f64::from(p.p5)),
            p50: column(|p| f64::from(p.p50)),
            p95: column(|p| f64::from(p.p95)),
        }
    }

    fn fleet(&self) -> Fleet {
        let happens = |state| self.points(state).iter().any(|p| p.mean > 0.0);
        let moving = [
            (State::Draining, "draining"),
            (State::Starting, "starting"),
            (State::Deregistering, "deregistering"),
            (State::Impaired, "impaired"),
        ];
        Fleet {
            active: vec![
                self.band(State::OldRevision, "old revision"),
                self.band(State::NewRevision, "new revision"),
            ],
            moving: moving
                .into_iter()
                .filter(|(state, _)| happens(*state))
                .map(|(state, label)| self.band(state, label))
                .collect(),
            marks: self.marks(),
        }
    }

    fn tasks(&self) -> Tasks {
        let means = |state| self.points(state).iter().map(|p| p.mean).collect();
        Tasks {
            running: self.band(State::RunningTasks, "running tasks"),
            desired: means(State::DesiredTasks),
            floor: means(State::FloorTasks),
            marks: self.marks(),
        }
    }

    fn marks(&self) -> Vec<Mark> {
        self.scenario
            .timeline
            .iter()
            .map(|action| {
                let label = match &action.request {
                    Request::Fault(fault) => fault.kind.as_str().to_owned(),
                    Request::Scale(scale) => {
                        let service = &self.scenario.services[scale.service].name;
                        format!("scale {service} to {}", scale.desired)
                    }
                    Request::Deploy(deploy) => {
                        let verb = match deploy.operation {
                            Operation::Create => "create",
                            Operation::Update => "update",
                            Operation::Delete => "delete",
                        };
                        format!("{verb} {}", self.scenario.daemons[deploy.daemon].name)
                    }
                };
                Mark { t_min: action.at.as_min(), label }
            })
            .collect()
    }

    fn sample(&self, metric: Metric) -> Option<Sample> {
        sample(self.runs.values(MetricRef { metric, deployment: None, service: None }).iter())
    }

    /// None when no deployment is asked for.
    fn durations(&self) -> Option<Distribution> {
        let Claims::Number(Some(claims)) = &self.summary.metric(Metric::RolloutDurationMin).claims else {
            return None;
        };
        let pointed_out =
            claims.quantiles.iter().filter(|(q, _)| ["p50", "p95"].contains(&q.to_string().as_str()));
        let reached = |i: Interval| (i.low.is_finite() && i.high.is_finite()).then_some((i.low, i.high));
        Some(Distribution {
            x_label: "rollout duration".to_owned(),
            quantity: Quantity::Minutes,
            values: self.sample(Metric::RolloutDurationMin)?.finite().to_vec(),
            censored: claims.censored,
            annotations: pointed_out
                .map(|(quantile, estimate)| Annotation {
                    label: quantile.to_string(),
                    share: quantile.probability(),
                    value: estimate.point.is_finite().then_some(estimate.point),
                    interval: estimate.interval.and_then(reached),
                })
                .collect(),
        })
    }

    /// None when no deployment is asked for.
    fn blast_radius(&self) -> Option<BlastRadius> {
        let sample = self.sample(Metric::BlastRadiusPct)?;
        Some(BlastRadius { pct: sample.finite().to_vec(), defective: self.runs.defective() })
    }
}
