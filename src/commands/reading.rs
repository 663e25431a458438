//! From a path on the command line to a valid scenario.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::Failure;
use crate::cli::ReadingArgs;
use crate::scenario::stand_in::{Code, FileSource, Loaded, Problem, Severity, Style, load};

/// Whether warnings are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Warnings {
    /// On standard error.
    Shown,
    /// Not at all; denied ones are errors and are shown all the same.
    Hidden,
}

/// Files below the directory of the scenario.
struct Beside(PathBuf);

impl FileSource for Beside {
    fn read(&self, path: &str) -> Result<String, String> {
        fs::read_to_string(self.0.join(path)).map_err(|error| error.to_string())
    }
}

/// Reads and validates a scenario; `-` is standard input.
pub(super) fn scenario(
    path: &Path,
    args: &ReadingArgs,
    master_seed: Option<u64>,
    warnings: Warnings,
) -> Result<Loaded, Failure> {
    let (name, text) = text(path)?;
    let mut overrides = args.set.clone();
    overrides.extend(master_seed.map(|seed| ("simulation.masterSeed".to_owned(), seed.to_string())));
    let denied = denied(&args.deny)?;
    let files = Beside(path.parent().unwrap_or(Path::new("")).to_owned());
    let mut loaded = load(&name, &text, &files, &overrides).map_err(|problems| refusal(&problems))?;
    for warning in &mut loaded.warnings {
        if denied.covers(warning) {
            warning.severity = Severity::Error;
        }
    }
    if loaded.warnings.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(refusal(&loaded.warnings));
    }
    if warnings == Warnings::Shown && !loaded.warnings.is_empty() {
        // Not being able to warn is no reason not to run.
        let _ = writeln!(anstream::stderr(), "{}", render(&loaded.warnings));
    }
    Ok(loaded)
}

/// The name to show and the text of a scenario file.
fn text(path: &Path) -> Result<(String, String), Failure> {
    let (name, bytes) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes);
        ("<stdin>".to_owned(), read)
    } else {
        (path.display().to_string(), fs::read(path))
    };
    let bytes = bytes.map_err(|error| Failure::Runtime(format!("{name}: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::Scenario(format!("error: {name}: not UTF-8 from byte {at} on"))
    })?;
    Ok((name, text))
}

/// Which warnings are errors.
enum Denied {
    All,
    Ids(Vec<&'static str>),
}

impl Denied {
    fn covers(&self, problem: &Problem) -> bool {
        match self {
            Self::All => true,
            Self::Ids(ids) => ids.contains(&problem.code.id()),
        }
    }
}

fn denied(names: &[String]) -> Result<Denied, Failure> {
    if names.iter().any(|name| name == "all") {
        return Ok(Denied::All);
    }
    let id = |name: &String| match Code::from_name(name) {
        Some(code) => Ok(code.id()),
        None => Err(Failure::Usage(format!("--deny: there is no warning '{name}'"))),
    };
    Ok(Denied::Ids(names.iter().map(id).collect::<Result<_, _>>()?))
}

fn refusal(problems: &[Problem]) -> Failure {
    Failure::Scenario(render(problems))
}

fn render(problems: &[Problem]) -> String {
    problems.iter().map(|p| p.render(Style::Coloured)).collect::<Vec<_>>().join("\n\n")
}
