//! Verdicts made by hand.

use bakeoff::report::checks::{BaselineState, FileOutcome, FileReport, Place, PlacedCheck, Report};
use bakeoff::scenario::{NoFiles, Problem, load};
use bakeoff::summary::{Judged, Measure, Verdict};

/// A check that passed: a 95th percentile in minutes.
pub(super) fn passed() -> Judged {
    Judged {
        text: "p95(rollout_duration_min) <= 150".to_owned(),
        verdict: Verdict::Pass,
        observed: Some(51.908_766_7),
        low: Some(50.973_2),
        high: Some(53.415_966_7),
        bound: Some(150.0),
        measure: Measure::Unit("min"),
        level: 0.95,
        n: 173,
        of: 200,
        p_pass: Some(1.234_567_891e-7),
        p_fail: Some(1.0),
        reason: String::new(),
        breaking: Vec::new(),
    }
}

/// One that failed: a share, with many seeds that break it.
pub(super) fn failed() -> Judged {
    Judged {
        text: "P(rolled_back) <= 0.2 @ 99%".to_owned(),
        verdict: Verdict::Fail,
        observed: Some(0.31),
        low: Some(0.236_543_21),
        high: Some(0.390_123_4),
        bound: Some(0.2),
        measure: Measure::Share,
        level: 0.99,
        n: 200,
        of: 200,
        p_pass: Some(1.0),
        p_fail: Some(0.000_123),
        reason: String::new(),
        breaking: (0..24).map(|n| 7 + 3 * n).collect(),
    }
}

/// One that nothing was shown of: a change in percent.
pub(super) fn inconclusive() -> Judged {
    Judged {
        text: "delta(p95(rollout_duration_min)) <= +5%".to_owned(),
        verdict: Verdict::Inconclusive,
        observed: Some(4.2),
        low: Some(-1.05),
        high: Some(f64::INFINITY),
        bound: Some(5.0),
        measure: Measure::Change,
        level: 0.95,
        n: 180,
        of: 200,
        p_pass: Some(0.31),
        p_fail: Some(0.84),
        reason: "neither shown: 4.2 % lies within the noise, and more seeds may tell".to_owned(),
        breaking: Vec::new(),
    }
}

/// One without a baseline.
pub(super) fn no_baseline() -> Judged {
    Judged {
        text: "delta(mean(extra_instance_hours)) <= 0".to_owned(),
        verdict: Verdict::NoBaseline,
        observed: None,
        low: None,
        high: None,
        bound: Some(0.0),
        measure: Measure::Unit("h"),
        level: 0.95,
        n: 0,
        of: 200,
        p_pass: None,
        p_fail: None,
        reason: "there is no baseline".to_owned(),
        breaking: Vec::new(),
    }
}

/// Checks on the lines from 90 on.
pub(super) fn placed(path: &str, checks: Vec<Judged>) -> Vec<PlacedCheck> {
    let place = |line| Some(Place { path: path.to_owned(), line, column: 5 });
    checks.into_iter().zip(90..).map(|(judged, line)| PlacedCheck { judged, place: place(line) }).collect()
}

/// A file that ran.
pub(super) fn judged(path: &str, baseline: BaselineState, checks: Vec<Judged>) -> FileReport {
    let checks = placed(path, checks);
    let outcome = FileOutcome::Judged {
        name: "agent-upgrade".to_owned(),
        seeds: 0..200,
        cut: 0,
        master_seed: 1,
        replay_arguments: Vec::new(),
        baseline,
        checks,
    };
    FileReport { path: path.to_owned(), outcome }
}

/// A file that could not be read.
pub(super) fn broken(path: &str) -> FileReport {
    FileReport {
        path: path.to_owned(),
        outcome: FileOutcome::Broken("No such file or directory (os error 2)".to_owned()),
    }
}

/// The problems of a small scenario that has two.
pub(super) fn problems(path: &str) -> Vec<Problem> {
    let text = "schema: bakeoff.scenario.v1\nname: bad\nchecks:\n  - p95(rollout_min) <= 90\nhorizont: 5\n";
    load(path, text, &NoFiles, &[]).expect_err("it is bad")
}

/// A bad scenario.
pub(super) fn invalid(path: &str) -> FileReport {
    FileReport { path: path.to_owned(), outcome: FileOutcome::Invalid(problems(path)) }
}

/// Every verdict, every kind of file.
pub(super) fn everything() -> Report {
    let compared = BaselineState::Compared {
        seeds: 180,
        version: "0.1.0".to_owned(),
        digest: "0123456789abcdef".to_owned(),
    };
    let missing = BaselineState::Unusable("baselines/other.json is not there".to_owned());
    Report {
        files: vec![
            judged("scenarios/agent-upgrade.yaml", compared, vec![passed(), failed(), inconclusive()]),
            judged("scenarios/other.yaml", missing, vec![no_baseline(), passed()]),
            judged("scenarios/empty.yaml", BaselineState::NotAsked, Vec::new()),
            invalid("scenarios/bad.yaml"),
            broken("scenarios/gone.yaml"),
        ],
    }
}

/// Names and texts that try to be taken for something else.
pub(super) const HOSTILE: [&str; 8] = [
    "]]></failure><testcase name=\"ok\"/>",
    "a%0Ab,line=1::error::c\n::error::d\re",
    "a|b `c` **d** <img src=x> [e](https://example.com) @team _f_ \\| g_h",
    "🎉 größer \u{202e}esrever",
    "\u{0}\u{1b}[31mred\u{7}\u{c}\u{fffe}\u{ffff}",
    "\"quotes\" & 'apostrophes' &amp; $(reboot)",
    "",
    " \t ",
];

/// A report with `text` in every place that a user's words reach.
pub(super) fn hostile(text: &str) -> Report {
    let with = |judged: Judged| Judged {
        text: text.to_owned(),
        reason: text.to_owned(),
        breaking: vec![17],
        ..judged
    };
    let checks = [passed(), failed(), inconclusive(), no_baseline()].map(with).to_vec();
    let mut files = vec![
        judged(text, BaselineState::Unusable(text.to_owned()), checks),
        FileReport { path: text.to_owned(), outcome: FileOutcome::Broken(text.to_owned()) },
    ];
    if let FileOutcome::Judged { name, replay_arguments, .. } = &mut files[0].outcome {
        text.clone_into(name);
        *replay_arguments = vec!["--set".to_owned(), text.to_owned()];
    }
    let mut found = problems(text);
    for problem in &mut found {
        text.clone_into(&mut problem.message);
        problem.help(text);
    }
    files.push(FileReport { path: text.to_owned(), outcome: FileOutcome::Invalid(found) });
    Report { files }
}
