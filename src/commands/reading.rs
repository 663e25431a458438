//! From a path on the command line to a valid scenario.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::Failure;
use crate::cli::ReadingArgs;
use crate::scenario::problem::Style;
use crate::scenario::{
    Changes, Code, FileSource, Loaded, Problem, SweepChange, decode, deny, load_changed, requests,
};

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
    let mut loaded = examine(path, args, master_seed)?.map_err(|problems| refusal(&problems))?;
    heed(&mut loaded.warnings, args, warnings)?;
    Ok(loaded)
}

/// Shows warnings, and refuses those that are denied.
pub(super) fn heed(problems: &mut [Problem], args: &ReadingArgs, warnings: Warnings) -> Result<(), Failure> {
    if deny(problems, &args.deny) {
        return Err(refusal(problems));
    }
    if warnings == Warnings::Shown && !problems.is_empty() {
        // Not being able to warn is no reason not to run.
        let _ = writeln!(anstream::stderr(), "{}", render(problems));
    }
    Ok(())
}

/// Reads a scenario and gives it or its problems; a failure is only what keeps the file from being read.
pub(super) fn examine(
    path: &Path,
    args: &ReadingArgs,
    master_seed: Option<u64>,
) -> Result<Result<Loaded, Vec<Problem>>, Failure> {
    check_denied(&args.deny)?;
    let written = match Written::read(path)? {
        Ok(written) => written,
        Err(problem) => return Ok(Err(vec![problem])),
    };
    Ok(written.load(args, master_seed, SweepChange::default()))
}

/// A scenario file that has been read and may be loaded several times, with different changes.
pub(super) struct Written {
    name: String,
    text: String,
    files: Beside,
}

impl Written {
    /// Reads the file, or standard input for `-`; gives the problem that it is not UTF-8.
    pub(super) fn read(path: &Path) -> Result<Result<Self, Problem>, Failure> {
        let (name, bytes) = bytes(path)?;
        let files = Beside(path.parent().unwrap_or(Path::new("")).to_owned());
        Ok(decode(&name, &bytes).map(|text| Self { name, text, files }))
    }

    /// A text that comes from no file.
    pub(super) fn of_text(name: String, text: String) -> Self {
        Self { name, text, files: Beside(PathBuf::new()) }
    }

    /// The requests of its timeline and its task definitions, as the API takes them.
    pub(super) fn requests(&self) -> Result<Vec<serde_json::Value>, Vec<Problem>> {
        requests(&self.name, &self.text, &self.files)
    }

    /// Loads it with the changes that the command line asks for, and another sweep.
    pub(super) fn load(
        &self,
        args: &ReadingArgs,
        master_seed: Option<u64>,
        sweep: SweepChange<'_>,
    ) -> Result<Loaded, Vec<Problem>> {
        let mut set = args.set.clone();
        set.extend(master_seed.map(|seed| ("simulation.masterSeed".to_owned(), seed.to_string())));
        load_changed(&self.name, &self.text, &self.files, Changes { set: &set, sweep })
    }
}

/// The name to show and the content of a file; `-` is standard input.
pub(super) fn bytes(path: &Path) -> Result<(String, Vec<u8>), Failure> {
    let (name, bytes) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes);
        ("<stdin>".to_owned(), read)
    } else {
        (path.display().to_string(), fs::read(path))
    };
    let bytes = bytes.map_err(|error| Failure::Runtime(format!("{name}: {error}")))?;
    Ok((name, bytes))
}

/// A misspelt code would deny nothing, and nobody would notice.
pub(super) fn check_denied(names: &[String]) -> Result<(), Failure> {
    let known = |name: &str| matches!(name, "all" | "warnings") || Code::from_name(name).is_some();
    match names.iter().find(|name| !known(name)) {
        Some(name) => Err(Failure::Usage(format!("--deny: there is no warning '{name}'"))),
        None => Ok(()),
    }
}

pub(super) fn refusal(problems: &[Problem]) -> Failure {
    Failure::Scenario(render(problems))
}

pub(super) fn render(problems: &[Problem]) -> String {
    problems.iter().map(|p| p.render(Style::Coloured)).collect::<Vec<_>>().join("\n\n")
}
