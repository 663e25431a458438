//! For scripts: everything that is known, with the same words and digits in every place.

use serde_json::{Map, Value as Json, json};

use super::{BaselineState, FileOutcome, FileReport, Place, PlacedCheck, Report};
use crate::report::json::{number, pretty};
use crate::report::manifest::SeedRange;
use crate::report::rows::{NOT_REACHED, UPPER_NOT_REACHED};
use crate::scenario::{Problem, Severity};
use crate::stats::nine_digits;
use crate::summary::{Judged, Measure};

/// Names the format of `checks.json`.
pub const CHECKS_SCHEMA: &str = "bakeoff.checks.v1";

/// Said of an estimate and a bound that both fall on runs that were cut.
const LOWER_NOT_REACHED: &str = "not even its lower bound was reached";

/// `checks.json`: `ok` is true exactly when the exit code is 0.
pub fn json(report: &Report) -> Vec<u8> {
    let counts = report.counts();
    let exit_code = report.exit_code();
    pretty(&json!({
        "schema": CHECKS_SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "ok": exit_code == 0,
        "exitCode": exit_code,
        "counts": {
            "files": counts.files,
            "broken": counts.broken,
            "invalid": counts.invalid,
            "withoutChecks": counts.without_checks,
            "checks": counts.checks,
            "pass": counts.passed,
            "fail": counts.failed,
            "inconclusive": counts.inconclusive,
            "noBaseline": counts.no_baseline,
        },
        "files": report.files.iter().map(file).collect::<Vec<Json>>(),
    }))
}

fn file(file: &FileReport) -> Json {
    match &file.outcome {
        FileOutcome::Judged { name, seeds, cut, master_seed, replay_arguments, baseline, checks } => json!({
            "path": file.path,
            "outcome": "judged",
            "name": name,
            "seeds": SeedRange::from(seeds.clone()),
            "cutRuns": cut,
            "masterSeed": master_seed,
            "replayArguments": replay_arguments,
            "baseline": state(baseline),
            "checks": checks.iter().map(check).collect::<Vec<Json>>(),
        }),
        FileOutcome::Invalid(problems) => json!({
            "path": file.path,
            "outcome": "invalid",
            "problems": problems.iter().map(problem).collect::<Vec<Json>>(),
        }),
        FileOutcome::Broken(reason) => json!({
            "path": file.path,
            "outcome": "broken",
            "reason": reason,
        }),
    }
}

fn state(baseline: &BaselineState) -> Json {
    match baseline {
        BaselineState::NotAsked => json!({ "state": "not-asked" }),
        BaselineState::Identical { seeds } => json!({ "state": "identical", "seeds": seeds }),
        BaselineState::Compared { seeds, version, digest } => {
            json!({ "state": "compared", "seeds": seeds, "version": version, "scenarioDigest": digest })
        }
        BaselineState::Unusable(why) => json!({ "state": "unusable", "reason": why }),
        BaselineState::Updated(path) => json!({ "state": "updated", "path": path }),
    }
}

fn check(check: &PlacedCheck) -> Json {
    let judged = &check.judged;
    let unit = match judged.measure {
        Measure::Unit(unit) => unit,
        Measure::Share => "share of seeds",
        Measure::Change => "% of the baseline",
    };
    let mut entry = Map::new();
    let mut put = |key: &str, value: Json| entry.insert(key.to_owned(), value);
    put("check", json!(judged.text));
    put("verdict", json!(judged.verdict.as_str()));
    put("observed", finite(judged.observed));
    put("low", finite(judged.low));
    put("high", finite(judged.high));
    put("bound", finite(judged.bound));
    put("unit", json!(unit));
    put("level", finite(Some(judged.level)));
    put("n", json!(judged.n));
    put("of", json!(judged.of));
    put("pPass", finite(judged.p_pass));
    put("pFail", finite(judged.p_fail));
    if let Some(note) = note(judged) {
        put("note", json!(note));
    }
    put("reason", json!(judged.reason));
    put("breaking", json!(judged.breaking));
    put("place", check.place.as_ref().map_or(Json::Null, place));
    Json::Object(entry)
}

/// Why an end or an estimate is null although it is known to lie above everything.
fn note(judged: &Judged) -> Option<&'static str> {
    let is_beyond = |x: Option<f64>| x == Some(f64::INFINITY);
    if is_beyond(judged.low) {
        Some(LOWER_NOT_REACHED)
    } else if is_beyond(judged.observed) {
        Some(NOT_REACHED)
    } else if is_beyond(judged.high) {
        Some(UPPER_NOT_REACHED)
    } else {
        None
    }
}

fn finite(x: Option<f64>) -> Json {
    number(x.filter(|x| x.is_finite()).map(nine_digits))
}

fn place(place: &Place) -> Json {
    json!({ "path": place.path, "line": place.line, "column": place.column })
}

fn problem(problem: &Problem) -> Json {
    let severity = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let location = problem.location.as_ref().map_or(Json::Null, |location| {
        json!({ "path": location.source.name, "line": location.line(), "column": location.column() })
    });
    json!({
        "code": problem.code.id(),
        "severity": severity,
        "message": problem.message,
        "help": problem.help,
        "place": location,
    })
}
