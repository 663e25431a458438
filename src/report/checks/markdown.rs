//! For the summary page of a CI job (`$GITHUB_STEP_SUMMARY`) and for comments: a table per file.

use std::fmt::Write as _;

use super::words::{self, NO_CHECKS, Numbers, notes, numbers, one_line, replay};
use super::{FileOutcome, FileReport, PlacedCheck, Report};
use crate::scenario::Problem;
use crate::summary::Verdict;

/// A heading with the outcome, and a section per file.
pub fn markdown(report: &Report) -> String {
    let counts = report.counts();
    let (sign, outcome) = match report.exit_code() {
        2 if counts.checks == 0 && counts.invalid == 0 => ("⚠️", "nothing was tested"),
        0 if counts.without_checks > 0 => ("⚠️", "passed, but not every file has checks"),
        0 => ("✅", "passed"),
        3 => ("❌", "failed"),
        4 => ("❔", "inconclusive"),
        5 => ("❌", "no baseline"),
        2 => ("❌", "bad scenario"),
        _ => ("❌", "broken"),
    };
    let mut text = format!("## {sign} bakeoff check: {outcome}\n\n{}\n", words::summary(report));
    for file in &report.files {
        section(&mut text, file);
    }
    if words::has_bounds(report) {
        let _ = writeln!(text, "\n<sub>Seeds: those with a value, of all. Bounds: {}.</sub>", words::BOUNDS);
    }
    text
}

fn section(text: &mut String, file: &FileReport) {
    let _ = writeln!(text, "\n### {}\n", code(&file.path));
    match &file.outcome {
        FileOutcome::Judged { name, seeds, cut, master_seed, baseline, checks, .. } => {
            let _ = writeln!(text, "{}, {}", plain(name), words::seed_range(seeds, *master_seed));
            if let Some(said) = words::cut(*cut) {
                let _ = writeln!(text, "<br>⚠️ {}", plain(&said));
            }
            if let Some(said) = words::baseline(baseline) {
                let _ = writeln!(text, "<br>{}", plain(&said));
            }
            if checks.is_empty() {
                let _ = writeln!(text, "\n⚠️ {NO_CHECKS}");
            } else {
                table(text, checks);
                for check in checks {
                    details(text, file, check);
                }
            }
        }
        FileOutcome::Invalid(problems) => problems.iter().for_each(|found| problem(text, found)),
        FileOutcome::Broken(reason) => {
            let _ = writeln!(text, "❌ broken: {}", plain(reason));
        }
    }
}

fn table(text: &mut String, checks: &[PlacedCheck]) {
    text.push_str("\n| verdict | check | observed | bounds | against | seeds |\n|---|---|--:|--:|--:|--:|\n");
    for PlacedCheck { judged, .. } in checks {
        let sign = match judged.verdict {
            Verdict::Pass => "✅",
            Verdict::Fail | Verdict::NoBaseline => "❌",
            Verdict::Inconclusive => "❔",
        };
        let Numbers { observed, bounds, bound, count } = numbers(judged);
        // Numbers and units only: nothing to escape.
        let cells = [observed, bounds, bound, count];
        let _ = writeln!(
            text,
            "| {sign} {} | {} | {} |",
            words::verdict(judged.verdict),
            code(&judged.text),
            cells.join(" | ")
        );
    }
}

fn details(text: &mut String, file: &FileReport, check: &PlacedCheck) {
    let judged = &check.judged;
    let mut notes: Vec<String> = notes(judged).iter().map(|note| plain(note)).collect();
    notes.extend(replay(file, judged).map(|command| format!("the worst: {}", code(&command))));
    if !notes.is_empty() {
        let _ = writeln!(text, "\n{}: {}", code(&judged.text), notes.join("; "));
    }
}

fn problem(text: &mut String, problem: &Problem) {
    let place =
        problem.location.as_ref().map_or_else(String::new, |place| format!("{}: ", code(&place.to_string())));
    let help = problem.help.as_ref().map_or_else(String::new, |help| format!(" Help: {}", plain(help)));
    let _ = writeln!(text, "- ❌ {place}{}: {}.{help}", problem.code.id(), plain(&problem.message));
}

/// Text of the user's in the type of code. Not between backticks: a backtick in it would end them, and a table
/// would still split at a bar.
fn code(text: &str) -> String {
    format!("<code>{}</code>", plain(text))
}

/// Text of the user's as itself: what Markdown or HTML would take for a sign of theirs is given by its number,
/// which neither takes for one (`CommonMark` 0.31, section 2.5).
fn plain(text: &str) -> String {
    let text = one_line(text);
    let chars: Vec<char> = text.chars().collect();
    let mut escaped = String::new();
    for (at, c) in chars.iter().enumerate() {
        let is_inside_word =
            |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| c.is_alphanumeric());
        let is_special = match c {
            '&' | '<' | '>' | '`' | '*' | '[' | ']' | '|' | '\\' | '~' | '#' | '!' | '$' => true,
            // Names of metrics stay legible: between letters it is no emphasis.
            '_' => !(is_inside_word(at.checked_sub(1)) && is_inside_word(Some(at + 1))),
            // A mention would notify somebody.
            '@' => is_inside_word(Some(at + 1)),
            // A bare address would become a link.
            ':' => chars.get(at + 1) == Some(&'/'),
            _ => false,
        };
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c if is_special => {
                let _ = write!(escaped, "&#{};", u32::from(*c));
            }
            c => escaped.push(*c),
        }
    }
    escaped
}
