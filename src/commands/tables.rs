//! The result files that every experiment writes, whatever it was for.

use super::simulate::{Done, Job};
use crate::report::csv::{self, ArmRuns};
use crate::report::{Artifact, json};
use crate::summary::{ArmSummary, Series, StateSeries};

/// What the arms of an experiment come to, in the order of the arms.
pub(super) struct Tables<'a> {
    job: &'a Job<'a>,
    done: &'a Done,
    pub(super) summaries: Vec<ArmSummary>,
    /// The time series of every arm over seeds; none where they were dropped.
    pub(super) series: Vec<Vec<StateSeries>>,
}

impl<'a> Tables<'a> {
    pub(super) fn of(job: &'a Job<'a>, done: &'a Done) -> Self {
        let mut tables = Self { job, done, summaries: Vec::new(), series: Vec::new() };
        let runs = tables.runs();
        tables.summaries = runs.iter().map(|arm| ArmSummary::of(arm.arm, arm.runs)).collect();
        if job.series != Series::Dropped {
            tables.series = runs.iter().map(|arm| arm.runs.series(arm.sample_every)).collect();
        }
        tables
    }

    /// `runs.csv`, `summary.csv`, `summary.json`, `timing.json`, and `series.csv` and `series-runs.csv` where there
    /// are series.
    pub(super) fn artifacts(&self) -> Vec<Artifact<'a>> {
        let runs = self.runs();
        let mut artifacts = vec![
            Artifact::new("summary.csv", csv::summary(&self.summaries)),
            Artifact::new("summary.json", json::summary(&self.summaries)),
            Artifact::new("timing.json", self.done.timing.render()),
        ];
        if !self.series.is_empty() {
            let named: Vec<_> =
                runs.iter().zip(&self.series).map(|(arm, s)| (arm.arm, s.as_slice())).collect();
            artifacts.push(Artifact::new("series.csv", csv::series(&named)));
        }
        if self.job.series == Series::Kept {
            let runs = runs.clone();
            artifacts.push(Artifact::written("series-runs.csv", move |out| csv::series_runs(&runs, out)));
        }
        artifacts.push(Artifact::written("runs.csv", move |out| csv::runs(&runs, out)));
        artifacts
    }

    fn runs(&self) -> Vec<ArmRuns<'a>> {
        let arms = self.job.arms.iter().zip(&self.done.runs);
        arms.map(|(loaded, runs)| ArmRuns {
            arm: &loaded.arm.name,
            runs,
            sample_every: loaded.arm.scenario.simulation.sample_every,
        })
        .collect()
    }
}
