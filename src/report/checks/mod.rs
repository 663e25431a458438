//! What `check` prints and keeps: verdicts in, bytes out.
//!
//! A gate must never be green by accident, so every form says what was *not* tested as
//! plainly as what failed: files without checks, files that could not be read, checks
//! without a baseline. The forms differ in what their readers can show; what they say
//! is the same.

mod github;
mod json;
mod junit;
mod markdown;
mod text;
mod words;

use std::ops::Range;

pub use github::github;
pub use json::{CHECKS_SCHEMA, json};
pub use junit::junit;
pub use markdown::markdown;
pub use text::text;

use crate::scenario::Problem;
use crate::summary::{Judged, Verdict};

/// Everything that one call of `check` found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// One entry per scenario file, in the order they were looked at.
    pub files: Vec<FileReport>,
}

/// What became of one scenario file.
#[derive(Clone, Debug, PartialEq)]
pub struct FileReport {
    /// The file as the user named it, with `/` between its parts.
    pub path: String,
    /// How it went.
    pub outcome: FileOutcome,
}

/// How the checks of one file went, or why they were not tested.
#[derive(Clone, Debug, PartialEq)]
pub enum FileOutcome {
    /// The seeds ran, and every check has a verdict.
    Judged {
        /// Name of the scenario.
        name: String,
        /// The seeds that ran, the last one left out.
        seeds: Range<u64>,
        /// Runs that were cut before they were over.
        cut: usize,
        /// Salt of the seeds.
        master_seed: u64,
        /// What else `replay` has to be told to see the same runs, one argument each, as in
        /// `["--set", "drainPercent=25"]`; empty where the file says it all.
        replay_arguments: Vec<String>,
        /// What these results were compared with.
        baseline: BaselineState,
        /// The checks in the order of the file.
        checks: Vec<PlacedCheck>,
    },
    /// The scenario is bad; warnings that were denied are among its problems.
    Invalid(Vec<Problem>),
    /// It could not be read, or a seed panicked; the reason as a sentence without a full stop.
    Broken(String),
}

/// A check with its verdict and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedCheck {
    /// The check and what became of it.
    pub judged: Judged,
    /// Where it is written; none when it was not read from a file.
    pub place: Option<Place>,
}

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as the user named it, with `/` between its parts.
    pub path: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
}

/// What the results of a file were compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaselineState {
    /// No baseline was asked for.
    NotAsked,
    /// Every shared seed went event for event as in the baseline, so there is no difference to test.
    Identical {
        /// Seeds that both have.
        seeds: usize,
    },
    /// The two differ, and were compared seed by seed.
    Compared {
        /// Seeds that both have.
        seeds: usize,
        /// Version of bakeoff that made the baseline.
        version: String,
        /// Digest of the scenario that the baseline was made of.
        digest: String,
    },
    /// There is none, it cannot be read, or it may not be compared with; why, as a sentence without a full stop.
    Unusable(String),
    /// These results are the baseline from now on; the file they were written to.
    Updated(String),
}

/// How many of what a report holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Scenario files.
    pub files: usize,
    /// Files with a bad scenario.
    pub invalid: usize,
    /// Files that could not be read, or with a seed that panicked.
    pub broken: usize,
    /// Files that ran but have no checks.
    pub without_checks: usize,
    /// Checks with a verdict.
    pub checks: usize,
    /// Checks that passed.
    pub passed: usize,
    /// Checks that failed.
    pub failed: usize,
    /// Checks that were neither shown to hold nor shown not to.
    pub inconclusive: usize,
    /// Checks that had no baseline to compare with.
    pub no_baseline: usize,
}

impl Report {
    /// Number of checks that have a verdict. Where it is 0 nothing was tested, whatever the exit code.
    pub fn checks(&self) -> usize {
        self.judged().count()
    }

    /// How many of what.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { files: self.files.len(), ..Counts::default() };
        for file in &self.files {
            match &file.outcome {
                FileOutcome::Judged { checks, .. } => counts.without_checks += usize::from(checks.is_empty()),
                FileOutcome::Invalid(_) => counts.invalid += 1,
                FileOutcome::Broken(_) => counts.broken += 1,
            }
        }
        for judged in self.judged() {
            counts.checks += 1;
            match judged.verdict {
                Verdict::Pass => counts.passed += 1,
                Verdict::Fail => counts.failed += 1,
                Verdict::Inconclusive => counts.inconclusive += 1,
                Verdict::NoBaseline => counts.no_baseline += 1,
            }
        }
        counts
    }

    /// The process's exit code: the first that applies of 1 (something broke), 2 (a bad scenario),
    /// 5 (no baseline), 3 (a check failed), 4 (a check was inconclusive), else 0; but 2 where there is no check at all,
    /// because then nothing was tested.
    pub fn exit_code(&self) -> u8 {
        let counts = self.counts();
        let ranked = [
            (counts.broken, 1),
            (counts.invalid, 2),
            (counts.no_baseline, 5),
            (counts.failed, 3),
            (counts.inconclusive, 4),
        ];
        let untested = if counts.checks == 0 { 2 } else { 0 };
        ranked.into_iter().find(|(n, _)| *n > 0).map_or(untested, |(_, code)| code)
    }

    fn judged(&self) -> impl Iterator<Item = &Judged> {
        self.files
            .iter()
            .filter_map(|file| match &file.outcome {
                FileOutcome::Judged { checks, .. } => Some(checks),
                FileOutcome::Invalid(_) | FileOutcome::Broken(_) => None,
            })
            .flatten()
            .map(|check| &check.judged)
    }
}
