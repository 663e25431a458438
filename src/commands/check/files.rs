//! Which scenario files are checked.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::CheckArgs;
use crate::commands::Failure;
use crate::commands::reading::{Warnings, examine, heed};
use crate::scenario::{Loaded, Problem, deny};

/// A file that was looked at.
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) content: Content,
}

pub(super) enum Content {
    Scenario(Box<Loaded>),
    Invalid(Vec<Problem>),
    Unreadable(String),
}

impl Found {
    pub(super) fn at(path: PathBuf, args: &CheckArgs) -> Result<Self, Failure> {
        let content = match examine(&path, &args.reading, args.simulation.master_seed) {
            Ok(Ok(mut loaded)) => {
                if deny(&mut loaded.warnings, &args.reading.deny) {
                    Content::Invalid(loaded.warnings)
                } else {
                    let warnings = if args.simulation.quiet { Warnings::Hidden } else { Warnings::Shown };
                    heed(&mut loaded.warnings, &args.reading, warnings)?;
                    Content::Scenario(Box::new(loaded))
                }
            }
            Ok(Err(problems)) => Content::Invalid(problems),
            Err(Failure::Runtime(why)) => Content::Unreadable(why),
            Err(failure) => return Err(failure),
        };
        Ok(Self { path, content })
    }
}

/// Every scenario file of the paths: a file as it is, of a directory what is in it and below.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            walk(path, &mut files)?;
            if files.len() == before {
                return Err(Failure::Usage(format!(
                    "{} holds no scenario: no .yaml or .yml file, and no .json file that says it is one",
                    path.display()
                )));
            }
        } else {
            files.push(path.clone());
        }
    }
    // The same file may be named in several ways, and by its directory as well.
    let place = |path: &PathBuf| fs::canonicalize(path).unwrap_or_else(|_| path.clone());
    let mut seen: Vec<PathBuf> = Vec::new();
    files.retain(|file| {
        let place = place(file);
        let new = !seen.contains(&place);
        seen.push(place);
        new
    });
    Ok(files)
}

fn walk(directory: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let told = |error: std::io::Error| Failure::Runtime(format!("{}: {error}", directory.display()));
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(directory).map_err(told)? {
        entries.push(entry.map_err(told)?.path());
    }
    entries.sort();
    for path in entries {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        // A link to a directory may lead back to where we are.
        if path.is_dir() && !hidden && !path.is_symlink() {
            walk(&path, files)?;
        } else if !path.is_dir() && !hidden && is_scenario(&path) {
            files.push(path);
        }
    }
    Ok(())
}

/// Every YAML file of a directory is to be a scenario. JSON files beside them may be requests, or baselines.
fn is_scenario(path: &Path) -> bool {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("yaml" | "yml") => true,
        Some("json") => fs::read(path).is_ok_and(|bytes| {
            let schema = serde_json::from_slice::<serde_json::Value>(&bytes)
                .ok()
                .and_then(|json| json.get("schema").and_then(serde_json::Value::as_str).map(str::to_owned));
            schema.is_some_and(|schema| schema.starts_with("bakeoff.scenario."))
        }),
        _ => false,
    }
}

/// Baselines and results go by the name of the scenario, so no two may have the same.
pub(super) fn tell_names_apart(found: &[Found]) -> Result<(), Failure> {
    let named = |found: &Found| match &found.content {
        Content::Scenario(loaded) => Some(loaded.scenario.name.clone()),
        _ => None,
    };
    for (index, one) in found.iter().enumerate() {
        let Some(name) = named(one) else { continue };
        if let Some(other) = found[..index].iter().find(|other| named(other).as_ref() == Some(&name)) {
            return Err(Failure::Usage(format!(
                "{} and {} are both named '{name}'; baselines and results go by the `name:`, so give one another",
                other.path.display(),
                one.path.display()
            )));
        }
    }
    Ok(())
}
