//! The result files that every experiment writes, whatever it was for.

use super::simulate::{Done, Job};
use crate::experiment::Series;
use crate::report::csv::{self, ArmRuns};
use crate::report::{Artifact, json};
use crate::summary::{ArmSummary, Column, StateSeries, aggregate, columns};

/// What the arms of an experiment come to, in the order of the arms.
pub(super) struct Tables<'a> {
    job: &'a Job<'a>,
    done: &'a Done,
    columns: Vec<Vec<Column>>,
    pub(super) summaries: Vec<ArmSummary>,
    /// The time series of every arm over seeds; none where outcomes came without.
    pub(super) series: Vec<Vec<StateSeries>>,
}

impl<'a> Tables<'a> {
    pub(super) fn of(job: &'a Job<'a>, done: &'a Done) -> Self {
        let arms = job.arms.iter().map(|loaded| &loaded.arm);
        let summaries = arms
            .clone()
            .zip(&done.experiment.outcomes)
            .map(|(arm, outcomes)| ArmSummary::of(&arm.name, &arm.scenario, outcomes));
        let mut tables = Self {
            job,
            done,
            columns: arms.clone().map(|arm| columns(&arm.scenario)).collect(),
            summaries: summaries.collect(),
            series: Vec::new(),
        };
        if job.series == Series::Kept {
            tables.series =
                tables.runs().iter().map(|arm| aggregate(arm.outcomes, arm.sample_every)).collect();
        }
        tables
    }

    /// `runs.csv`, `summary.csv`, `summary.json`, `timing.json`, and `series.csv` where there are series.
    pub(super) fn artifacts(&self) -> Vec<Artifact> {
        let runs = self.runs();
        let mut artifacts = vec![
            Artifact::new("runs.csv", csv::runs(&runs)),
            Artifact::new("summary.csv", csv::summary(&self.summaries)),
            Artifact::new("summary.json", json::summary(&self.summaries)),
            Artifact::new("timing.json", self.done.timing.render()),
        ];
        if !self.series.is_empty() {
            let named: Vec<_> =
                runs.iter().zip(&self.series).map(|(arm, s)| (arm.arm, s.as_slice())).collect();
            artifacts.push(Artifact::new("series.csv", csv::series(&named)));
        }
        artifacts
    }

    /// `series-runs.csv`: the time series of every seed.
    pub(super) fn series_of_seeds(&self) -> Artifact {
        Artifact::new("series-runs.csv", csv::series_runs(&self.runs()))
    }

    fn runs(&self) -> Vec<ArmRuns<'_>> {
        let arms = self.job.arms.iter().zip(&self.columns).zip(&self.done.experiment.outcomes);
        arms.map(|((loaded, columns), outcomes)| ArmRuns {
            arm: &loaded.arm.name,
            columns,
            outcomes,
            sample_every: loaded.arm.scenario.simulation.sample_every,
        })
        .collect()
    }
}
