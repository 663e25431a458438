//! Annotations of a GitHub pull request, as workflow commands in the job's log.

use std::fmt::Write as _;

use super::words::{self, NO_CHECKS, evidence, notes, replay};
use super::{FileOutcome, FileReport, Place, PlacedCheck, Report};
use crate::scenario::{Problem, Severity};
use crate::summary::Verdict;

/// Annotations of one kind that GitHub shows of a step; it drops the others without a word.
/// <https://docs.github.com/en/actions/reference/limits>
const SHOWN: usize = 10;

/// A workflow command for each check that did not pass and each problem, the worst first; nothing where all passed.
///
/// No more than GitHub shows: the last of a kind says how many there are beyond it.
pub fn github(report: &Report) -> String {
    let mut found: Vec<Annotation> = report.files.iter().flat_map(annotations).collect();
    // Stable: of one rank, the order of the files and of their checks.
    found.sort_by_key(|annotation| annotation.rank);
    let (errors, warnings): (Vec<_>, Vec<_>) = found.into_iter().partition(|a| a.rank < Rank::Inconclusive);
    let mut text = String::new();
    commands(&mut text, "error", errors);
    commands(&mut text, "warning", warnings);
    text
}

/// From worst to least, in the order of the exit codes; from inconclusive on they are warnings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Broken,
    Invalid,
    NoBaseline,
    Failed,
    Inconclusive,
    Untested,
}

struct Annotation {
    rank: Rank,
    place: Option<Place>,
    path: String,
    title: String,
    message: String,
}

fn annotations(file: &FileReport) -> Vec<Annotation> {
    let of_file = |rank, title: &str, message: String| Annotation {
        rank,
        place: None,
        path: file.path.clone(),
        title: title.to_owned(),
        message,
    };
    match &file.outcome {
        FileOutcome::Broken(reason) => vec![of_file(Rank::Broken, "bakeoff: broken", reason.clone())],
        FileOutcome::Invalid(problems) => problems.iter().map(|found| problem(file, found)).collect(),
        FileOutcome::Judged { checks, .. } if checks.is_empty() => {
            vec![of_file(Rank::Untested, "bakeoff: no checks", NO_CHECKS.to_owned())]
        }
        FileOutcome::Judged { checks, .. } => checks.iter().filter_map(|check| judged(file, check)).collect(),
    }
}

fn judged(file: &FileReport, check: &PlacedCheck) -> Option<Annotation> {
    let judged = &check.judged;
    let rank = match judged.verdict {
        Verdict::Pass => return None,
        Verdict::NoBaseline => Rank::NoBaseline,
        Verdict::Fail => Rank::Failed,
        Verdict::Inconclusive => Rank::Inconclusive,
    };
    let replay = replay(file, judged).map(|command| format!("the worst: {command}"));
    let lines: Vec<String> =
        [judged.text.clone(), evidence(judged)].into_iter().chain(notes(judged)).chain(replay).collect();
    Some(Annotation {
        rank,
        place: check.place.clone(),
        path: file.path.clone(),
        title: format!("bakeoff: {}", words::verdict(judged.verdict)),
        message: lines.join("\n"),
    })
}

fn problem(file: &FileReport, problem: &Problem) -> Annotation {
    let place = problem.location.as_ref().map(|location| Place {
        path: location.source.name.clone(),
        line: location.line(),
        column: location.column(),
    });
    // What was set on the command line is in no file; the annotation then goes to the scenario as a whole.
    let place = place.filter(|place| place.path != "--set");
    let help = problem.help.as_ref().map(|help| format!("help: {help}"));
    let lines: Vec<String> = [problem.message.clone()].into_iter().chain(help).collect();
    Annotation {
        // A warning that was not denied is beside the point of a file that cannot be run.
        rank: match problem.severity {
            Severity::Error => Rank::Invalid,
            Severity::Warning => Rank::Untested,
        },
        place,
        path: file.path.clone(),
        title: format!("bakeoff: {} {}", problem.code.id(), problem.code.name()),
        message: lines.join("\n"),
    }
}

fn commands(text: &mut String, kind: &str, mut found: Vec<Annotation>) {
    let more = found.len().saturating_sub(SHOWN);
    found.truncate(SHOWN);
    if more > 0
        && let Some(last) = found.last_mut()
    {
        let _ = write!(
            last.message,
            "\nand {}, which the log tells",
            words::count(more, &format!("more {kind}"))
        );
    }
    for Annotation { place, path, title, message, .. } in found {
        let path = place.as_ref().map_or(path.as_str(), |place| &place.path);
        // GitHub finds the file by its path from the root of the repository.
        let path = path.strip_prefix("./").unwrap_or(path);
        let _ = write!(text, "::{kind} file={}", property(path));
        if let Some(place) = &place {
            let _ = write!(text, ",line={},col={}", place.line, place.column);
        }
        let _ = writeln!(text, ",title={}::{}", property(&title), data(&message));
    }
}

/// What follows `::`, by the rules of `escapeData` in GitHub's own toolkit.
/// <https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, by the rules of `escapeProperty` there.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
