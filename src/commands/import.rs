//! `import`: from what AWS's tools write to a scenario, and back to requests.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::Failure;
use super::reading::{Warnings, Written, bytes, refusal, render};
use crate::aws::import::{Imported, Options, import};
use crate::cli::{ImportArgs, ImportingArgs};
use crate::scenario::{Problem, decode};

/// What problems call a scenario that is in no file.
const UNNAMED: &str = "<imported>";

/// Writes the scenario, or with `--as-requests` the requests of one.
///
/// # Errors
/// A file that cannot be read or written (exit 1), that ECS would refuse or that cannot be imported, and a
/// scenario that is there already (exit 2).
pub fn run(args: &ImportArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(path) = args.out.as_ref().filter(|path| !args.force && path.symlink_metadata().is_ok()) {
        return Err(there_already(path));
    }
    let text = if args.as_requests {
        requests(&args.files)?
    } else {
        let target = args.out.as_ref().map_or(UNNAMED.to_owned(), |path| path.display().to_string());
        let imported = read(&args.files, &target, &args.import, args.name.clone())?;
        let problems: Vec<_> = imported.warnings.iter().chain(&imported.lints).cloned().collect();
        tell(&problems, &imported);
        imported.text
    };
    match &args.out {
        Some(path) => {
            write(path, args.force, &text)?;
            writeln!(out, "wrote {}", path.display())?;
        }
        None => out.write_all(text.as_bytes())?,
    }
    Ok(())
}

/// Imports files for a run.
pub(super) fn for_run(
    files: &[PathBuf],
    args: &ImportingArgs,
    warnings: Warnings,
) -> Result<Written, Failure> {
    let imported = read(files, UNNAMED, args, None)?;
    if warnings == Warnings::Shown {
        // The lints of the scenario are told when it is loaded for the run.
        tell(&imported.warnings, &imported);
    }
    Ok(Written::of_text(UNNAMED.to_owned(), imported.text))
}

fn read(
    files: &[PathBuf],
    target: &str,
    args: &ImportingArgs,
    name: Option<String>,
) -> Result<Imported, Failure> {
    let mut texts = Vec::new();
    let mut problems = Vec::new();
    for file in files {
        let (name, bytes) = bytes(file)?;
        match decode(&name, &bytes) {
            Ok(text) => texts.push((name, text)),
            Err(problem) => problems.push(problem),
        }
    }
    let options = Options {
        parameters: args.parameter.clone(),
        instances: args.instances,
        instance_type: args.instance_type.clone(),
        name,
    };
    let imported = import(&texts, target, &options);
    match imported {
        Ok(imported) if problems.is_empty() => Ok(imported),
        Ok(_) => Err(refusal(&problems)),
        Err(more) => {
            problems.extend(more);
            Err(refusal(&problems))
        }
    }
}

/// Warnings, and what is assumed and left out, on standard error.
fn tell(warnings: &[Problem], imported: &Imported) {
    let mut text = String::new();
    if !warnings.is_empty() {
        text = format!("{}\n", render(warnings));
    }
    for line in &imported.assumed {
        text.extend(["assumed: ", line, "\n"]);
    }
    for line in &imported.left_out {
        text.extend(["left out: ", line, "\n"]);
    }
    // Not being able to warn is no reason not to go on.
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// The requests of one scenario or several: one as it is, several as a list.
fn requests(files: &[PathBuf]) -> Result<String, Failure> {
    let mut all = Vec::new();
    for file in files {
        let written = Written::read(file)?.map_err(|problem| refusal(&[problem]))?;
        all.extend(written.requests().map_err(|problems| refusal(&problems))?);
    }
    let value = if all.len() == 1 { all.remove(0) } else { all.into() };
    Ok(format!("{value:#}\n"))
}

fn there_already(path: &Path) -> Failure {
    Failure::Usage(format!(
        "{} is there already, so nothing was written; --force replaces it",
        path.display()
    ))
}

fn write(path: &Path, force: bool, text: &str) -> Result<(), Failure> {
    let told = |error: std::io::Error| Failure::Runtime(format!("{}: {error}", path.display()));
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let mut file = match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(there_already(path)),
        opened => opened.map_err(told)?,
    };
    file.write_all(text.as_bytes()).map_err(told)
}
