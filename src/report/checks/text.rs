//! For people at a terminal and for the log of a CI job.

use std::fmt::Write as _;

use super::words::{self, NO_CHECKS, brief_evidence, count, notes, one_line, replay};
use super::{BaselineState, FileOutcome, FileReport, PlacedCheck, Report};
use crate::scenario::problem::Style;
use crate::summary::Verdict;

/// Columns of the terminal that lines keep to where they can.
const WIDTH: usize = 100;
/// Columns of the longest verdict.
const VERDICT: usize = 12;
/// Columns that a check may have before its numbers move to the next line.
const CHECK: usize = 48;
/// What stands before a check, and before what belongs to it.
const INDENT: usize = 2 + VERDICT + 2;

/// Styles the text between them; `anstream` strips them where colours are not wanted.
const BOLD: &str = "\u{1b}[1m";
const GREEN: &str = "\u{1b}[1;32m";
const YELLOW: &str = "\u{1b}[1;33m";
const RED: &str = "\u{1b}[1;31m";
const RESET: &str = "\u{1b}[0m";

/// A block per file, a line per check with its numbers, and a line that counts them.
pub fn text(report: &Report) -> String {
    let mut text = String::new();
    for file in &report.files {
        block(&mut text, file);
        text.push('\n');
    }
    if words::has_bounds(report) {
        let legend = format!("n of N: seeds with a value; [low, high]: {}", words::BOUNDS);
        let _ = writeln!(text, "{}\n", wrapped(0, &legend));
    }
    let colour = match report.exit_code() {
        0 if report.counts().without_checks == 0 => GREEN,
        0 | 4 => YELLOW,
        _ => RED,
    };
    let _ = writeln!(text, "{colour}{}{RESET}", wrapped(0, &words::summary(report)));
    text
}

fn block(text: &mut String, file: &FileReport) {
    let path = one_line(&file.path);
    match &file.outcome {
        FileOutcome::Judged { name, seeds, cut, master_seed, baseline, checks, .. } => {
            let seeds = words::seed_range(seeds, *master_seed);
            let _ = writeln!(text, "{BOLD}{path}{RESET}: {}, {seeds}", one_line(name));
            if let Some(said) = words::cut(*cut) {
                let _ = writeln!(text, "{YELLOW}{}{RESET}", wrapped(2, &said));
            }
            if let Some(said) = words::baseline(baseline) {
                let is_loud = matches!(baseline, BaselineState::Unusable(_));
                let (on, off) = if is_loud { (YELLOW, RESET) } else { ("", "") };
                let _ = writeln!(text, "{on}{}{off}", wrapped(2, &one_line(&said)));
            }
            if checks.is_empty() {
                let _ = writeln!(text, "  {YELLOW}{NO_CHECKS}{RESET}");
            }
            lines(text, file, checks);
        }
        FileOutcome::Invalid(problems) => {
            let number = count(problems.len(), "problem");
            let _ = writeln!(text, "{BOLD}{path}{RESET}: {RED}bad scenario{RESET}, {number}");
            let shown: Vec<String> = problems.iter().map(|problem| problem.render(Style::Coloured)).collect();
            let _ = writeln!(text, "{}", shown.join("\n\n"));
        }
        FileOutcome::Broken(reason) => {
            let _ = writeln!(text, "{BOLD}{path}{RESET}: {RED}broken{RESET}");
            let _ = writeln!(text, "{}", wrapped(2, &one_line(reason)));
        }
    }
}

/// The checks of one file, their numbers below each other where they fit.
fn lines(text: &mut String, file: &FileReport, checks: &[PlacedCheck]) {
    let width = |check: &PlacedCheck| one_line(&check.judged.text).chars().count();
    let longest = checks.iter().map(width).filter(|width| *width <= CHECK).max().unwrap_or(0);
    for check in checks {
        let judged = &check.judged;
        let (colour, word) = match judged.verdict {
            Verdict::Pass => (GREEN, "PASS"),
            Verdict::Fail => (RED, "FAIL"),
            Verdict::Inconclusive => (YELLOW, "INCONCLUSIVE"),
            Verdict::NoBaseline => (RED, "NO BASELINE"),
        };
        let (own, numbers) = (one_line(&judged.text), brief_evidence(judged));
        let _ = write!(text, "  {colour}{word}{RESET}{:1$}{own}", "", VERDICT - word.len() + 2);
        if width(check) <= longest && INDENT + longest + 2 + numbers.chars().count() <= WIDTH {
            let _ = writeln!(text, "{:1$}{numbers}", "", longest - width(check) + 2);
        } else {
            let _ = writeln!(text, "\n{:INDENT$}{numbers}", "");
        }
        for note in notes(judged) {
            let _ = writeln!(text, "{}", wrapped(INDENT, &one_line(&note)));
        }
        if let Some(command) = replay(file, judged) {
            // Never broken: it is there to be pasted.
            let _ = writeln!(text, "{:INDENT$}the worst: {}", "", one_line(&command));
        }
    }
}

/// Words indented and broken before they get too wide.
fn wrapped(indent: usize, words: &str) -> String {
    let mut text = String::new();
    let mut width = 0;
    for word in words.split(' ') {
        let more = word.chars().count() + 1;
        if width == 0 || width + more > WIDTH {
            let _ = write!(text, "{}{:indent$}{word}", if width == 0 { "" } else { "\n" }, "");
            width = indent + more;
        } else {
            let _ = write!(text, " {word}");
            width += more;
        }
    }
    text
}
