//! Verdicts beside a baseline, and new baselines.

use std::fs;
use std::path::{Path, PathBuf};

use super::shown;
use crate::cli::CheckArgs;
use crate::experiment::RANDOM_SCHEME;
use crate::report::baseline;
use crate::report::checks::BaselineState;
use crate::scenario::Scenario;
use crate::scenario::metric::METRICS_EDITION;
use crate::summary::{
    Baseline, BaselineColumn, Case, Conditions, Judged, Reference, Runs, is_identical, judge,
};

/// A baseline that is to be written.
pub(super) struct NewBaseline {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
}

/// Verdicts, and what they were found beside.
pub(super) struct Verdicts {
    pub(super) checks: Vec<Judged>,
    pub(super) state: BaselineState,
    pub(super) new: Option<NewBaseline>,
}

/// The verdicts, beside the baseline if there is one, or beside what is to be the next.
pub(super) fn verdicts(args: &CheckArgs, scenario: &Scenario, digest: &str, runs: &Runs) -> Verdicts {
    let judge = |reference| judge(&Case { scenario, runs, reference });
    let Some(directory) = &args.baseline else {
        let why = "there is nothing to compare with; name a directory of baselines with --baseline DIR, and make \
                   them with --update-baseline";
        return Verdicts { checks: judge(Reference::None(why)), state: BaselineState::NotAsked, new: None };
    };
    let path = directory.join(baseline::file_name(&scenario.name));
    let seeds = runs.seeds();
    if args.update_baseline {
        let taken = take(scenario, digest, runs);
        let reference = Reference::Baseline { baseline: &taken, shared: &seeds };
        return Verdicts {
            checks: judge(reference),
            state: BaselineState::Updated(shown(&path)),
            new: Some(NewBaseline { bytes: baseline::render(&taken), path }),
        };
    }
    let conditions = Conditions {
        name: &scenario.name,
        master_seed: scenario.simulation.master_seed,
        random_scheme: RANDOM_SCHEME,
        metrics_edition: METRICS_EDITION,
        seeds,
    };
    let usable = read(&path).and_then(|taken| {
        let shared = taken.comparable(&conditions)?;
        Ok((taken, shared))
    });
    let (checks, state) = match usable {
        Err(why) => (judge(Reference::None(&why)), BaselineState::Unusable(why)),
        Ok((taken, shared)) => {
            let seeds = (shared.end - shared.start) as usize;
            let state = if is_identical(&taken, &shared, runs) {
                BaselineState::Identical { seeds }
            } else {
                let (version, digest) = (taken.version.clone(), taken.scenario_digest.clone());
                BaselineState::Compared { seeds, version, digest }
            };
            (judge(Reference::Baseline { baseline: &taken, shared: &shared }), state)
        }
    };
    Verdicts { checks, state, new: None }
}

fn read(path: &Path) -> Result<Baseline, String> {
    let bytes = fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            format!("there is no baseline {}; make one with --update-baseline and commit it", shown(path))
        }
        _ => format!("the baseline {} cannot be read: {error}", shown(path)),
    })?;
    baseline::parse(&bytes).map_err(|why| format!("the baseline {} cannot be used: {why}", shown(path)))
}

/// What the seeds have come to, as a baseline.
fn take(scenario: &Scenario, digest: &str, runs: &Runs) -> Baseline {
    let columns = runs
        .table()
        .map(|(column, values)| BaselineColumn { name: column.name.clone(), values: values.clone() });
    Baseline {
        name: scenario.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        random_scheme: RANDOM_SCHEME.to_owned(),
        metrics_edition: METRICS_EDITION,
        master_seed: scenario.simulation.master_seed,
        scenario_digest: digest.to_owned(),
        seeds: runs.seeds(),
        digests: runs.digests().clone(),
        columns: columns.collect(),
    }
}
