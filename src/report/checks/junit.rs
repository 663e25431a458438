//! `JUnit` XML, which CI servers show as tests: a suite per file, a case per check.
//!
//! There is no standard beyond what Ant's task once wrote and what Jenkins, GitLab and
//! their like read of it, so only the common elements are used. An inconclusive check
//! is a skipped case, the nearest the format has to a third verdict. There are no
//! times and no host names: the same results are the same bytes.

use std::fmt::Write as _;

use super::words::{self, NO_CHECKS, evidence, notes, replay};
use super::{FileOutcome, FileReport, PlacedCheck, Report};
use crate::scenario::Problem;
use crate::summary::Verdict;

/// The report as `JUnit` XML.
pub fn junit(report: &Report) -> Vec<u8> {
    let suites: Vec<Suite> = report.files.iter().map(suite).collect();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all: Vec<&Case> = suites.iter().flat_map(|suite| &suite.cases).collect();
    let _ = writeln!(text, "<testsuites name=\"bakeoff check\"{}>", tally(&all));
    for suite in &suites {
        suite.write(&mut text);
    }
    text.push_str("</testsuites>\n");
    text.into_bytes()
}

struct Suite {
    name: String,
    properties: Vec<(&'static str, String)>,
    cases: Vec<Case>,
}

struct Case {
    /// The file, for servers that tell cases of one name apart by it.
    class: String,
    name: String,
    /// Where it is written: file and line.
    place: Option<(String, usize)>,
    result: CaseResult,
    /// What follows as text.
    output: String,
}

/// What `JUnit` can say of a case; what did not pass has a kind and a message.
enum CaseResult {
    Passed,
    Skipped(String),
    Failed(&'static str, String),
    Error(&'static str, String),
}

fn suite(file: &FileReport) -> Suite {
    let (properties, cases) = match &file.outcome {
        FileOutcome::Judged { name, seeds, master_seed, baseline, checks, .. } => {
            let mut properties = vec![
                ("scenario", name.clone()),
                ("seeds", format!("{}..{}", seeds.start, seeds.end)),
                ("masterSeed", master_seed.to_string()),
            ];
            properties.extend(words::baseline(baseline).map(|said| ("baseline", said)));
            let cases = if checks.is_empty() {
                vec![bare(file, "checks", CaseResult::Skipped(NO_CHECKS.to_owned()))]
            } else {
                checks.iter().map(|check| judged(file, check)).collect()
            };
            (properties, cases)
        }
        FileOutcome::Invalid(problems) => {
            (Vec::new(), problems.iter().map(|found| problem(file, found)).collect())
        }
        FileOutcome::Broken(reason) => {
            (Vec::new(), vec![bare(file, "run", CaseResult::Error("broken", reason.clone()))])
        }
    };
    Suite { name: file.path.clone(), properties, cases }
}

fn judged(file: &FileReport, check: &PlacedCheck) -> Case {
    let judged = &check.judged;
    let numbers = evidence(judged);
    let message = match judged.reason.as_str() {
        "" => numbers.clone(),
        reason => format!("{numbers}; {reason}"),
    };
    let result = match judged.verdict {
        Verdict::Pass => CaseResult::Passed,
        Verdict::Inconclusive => CaseResult::Skipped(format!("inconclusive: {message}")),
        Verdict::Fail => CaseResult::Failed("fail", message),
        Verdict::NoBaseline => CaseResult::Error("no-baseline", message),
    };
    let replay = replay(file, judged).map(|command| format!("the worst: {command}"));
    let lines: Vec<String> = [numbers].into_iter().chain(notes(judged)).chain(replay).collect();
    Case {
        class: file.path.clone(),
        name: judged.text.clone(),
        place: check.place.as_ref().map(|place| (place.path.clone(), place.line)),
        result,
        output: lines.join("\n"),
    }
}

fn problem(file: &FileReport, problem: &Problem) -> Case {
    let error = CaseResult::Error("invalid", problem.message.clone());
    let name = format!("{} {}", problem.code.id(), problem.code.name());
    let place = problem.location.as_ref().map(|location| (location.source.name.clone(), location.line()));
    let output = problem.help.as_ref().map_or_else(String::new, |help| format!("help: {help}"));
    Case { place, output, ..bare(file, &name, error) }
}

fn bare(file: &FileReport, name: &str, result: CaseResult) -> Case {
    Case { class: file.path.clone(), name: name.to_owned(), place: None, result, output: String::new() }
}

/// The attributes that count cases.
fn tally(cases: &[&Case]) -> String {
    let count = |is: fn(&CaseResult) -> bool| cases.iter().filter(|case| is(&case.result)).count();
    format!(
        " tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        cases.len(),
        count(|result| matches!(result, CaseResult::Failed(..))),
        count(|result| matches!(result, CaseResult::Error(..))),
        count(|result| matches!(result, CaseResult::Skipped(_))),
    )
}

impl Suite {
    fn write(&self, text: &mut String) {
        let cases: Vec<&Case> = self.cases.iter().collect();
        let _ = writeln!(text, "  <testsuite{}{}>", attribute("name", &self.name), tally(&cases));
        if !self.properties.is_empty() {
            text.push_str("    <properties>\n");
            for (name, value) in &self.properties {
                let _ = writeln!(
                    text,
                    "      <property{}{}/>",
                    attribute("name", name),
                    attribute("value", value)
                );
            }
            text.push_str("    </properties>\n");
        }
        for case in cases {
            case.write(text);
        }
        text.push_str("  </testsuite>\n");
    }
}

impl Case {
    fn write(&self, text: &mut String) {
        let _ = write!(
            text,
            "    <testcase{}{}",
            attribute("classname", &self.class),
            attribute("name", &self.name)
        );
        if let Some((file, line)) = &self.place {
            let _ = write!(text, "{} line=\"{line}\"", attribute("file", file));
        }
        text.push_str(">\n");
        match &self.result {
            CaseResult::Passed => {}
            CaseResult::Skipped(message) => {
                let _ = writeln!(text, "      <skipped{}/>", attribute("message", message));
            }
            CaseResult::Failed(kind, message) => self.unhappy(text, "failure", kind, message),
            CaseResult::Error(kind, message) => self.unhappy(text, "error", kind, message),
        }
        // Servers show the text of a failure and leave that of other cases to `system-out`.
        if matches!(self.result, CaseResult::Passed | CaseResult::Skipped(_)) && !self.output.is_empty() {
            let _ = writeln!(text, "      <system-out>{}</system-out>", content(&self.output));
        }
        text.push_str("    </testcase>\n");
    }

    fn unhappy(&self, text: &mut String, element: &str, kind: &str, message: &str) {
        let attributes = [attribute("type", kind), attribute("message", message)].concat();
        let _ = match self.output.as_str() {
            "" => writeln!(text, "      <{element}{attributes}/>"),
            output => writeln!(text, "      <{element}{attributes}>{}</{element}>", content(output)),
        };
    }
}

/// An attribute with a blank before it. A parser would turn white space in it into blanks, so it is spelt out.
fn attribute(name: &str, value: &str) -> String {
    let mut text = format!(" {name}=\"");
    for c in value.chars().filter(|c| is_legal(*c)) {
        match c {
            '"' => text.push_str("&quot;"),
            '\n' => text.push_str("&#10;"),
            '\t' => text.push_str("&#9;"),
            c => escape(&mut text, c),
        }
    }
    text.push('"');
    text
}

fn content(value: &str) -> String {
    let mut text = String::new();
    value.chars().filter(|c| is_legal(*c)).for_each(|c| escape(&mut text, c));
    text
}

fn escape(text: &mut String, c: char) {
    match c {
        '&' => text.push_str("&amp;"),
        '<' => text.push_str("&lt;"),
        // It would end a CDATA section, and `]]>` is illegal outside of one.
        '>' => text.push_str("&gt;"),
        // A parser would take a bare one for the end of a line.
        '\r' => text.push_str("&#13;"),
        c => text.push(c),
    }
}

/// Whether XML 1.0 can hold the character at all, even by its number (production 2, `Char`).
fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}
