//! `init`: a scenario to start from, and a CI workflow that tests it.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use super::Failure;
use crate::cli::InitArgs;

/// The starter scenario.
const SCENARIO: &str = include_str!("rollout.yaml");
/// The workflow; `VERSION` stands for the version of this tool.
const WORKFLOW: &str = include_str!("workflow.yml");

/// Writes the files, or none of them if one is there already.
///
/// # Errors
/// A file that exists (exit 2), or cannot be written (exit 1).
pub fn run(args: &InitArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let workflow = WORKFLOW.replace("VERSION", env!("CARGO_PKG_VERSION"));
    let files = [("rollout.yaml", SCENARIO.to_string()), (".github/workflows/bakeoff.yml", workflow)]
        .map(|(path, text)| (args.directory.join(path), text));
    if let Some((path, _)) = files.iter().find(|(path, _)| path.symlink_metadata().is_ok()) {
        return Err(Failure::Usage(format!(
            "{} is there already, so nothing was written; name another directory",
            path.display()
        )));
    }
    for (path, text) in &files {
        create(path, text)?;
        writeln!(out, "wrote {}", path.display())?;
    }
    let scenario = files[0].0.display();
    writeln!(
        out,
        "\nNext: describe your fleet in {scenario}, then\n  bakeoff validate {scenario}\n  bakeoff run {scenario}\n  \
         bakeoff check {scenario}"
    )?;
    Ok(())
}

/// Writes a file that does not exist yet.
fn create(path: &Path, text: &str) -> Result<(), Failure> {
    let told = |error: std::io::Error| Failure::Runtime(format!("{}: {error}", path.display()));
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(told)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(told)?;
    file.write_all(text.as_bytes()).map_err(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{NoFiles, load};

    #[test]
    fn the_starter_scenario_is_valid_and_gives_no_warning() {
        let loaded = load("rollout.yaml", SCENARIO, &NoFiles, &[]).expect("the starter scenario is valid");
        let told: Vec<_> = loaded.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(told, [""; 0]);
    }

    #[test]
    fn the_workflow_names_the_scenario_and_this_version() {
        assert!(WORKFLOW.contains("bakeoff check rollout.yaml --baseline baselines"));
        assert_eq!(WORKFLOW.matches("VERSION").count(), 1);
    }

    #[test]
    fn the_workflow_may_only_read_and_runs_no_action_that_could_change_under_it() {
        assert!(WORKFLOW.contains("\npermissions:\n  contents: read\n"));
        let actions: Vec<&str> =
            WORKFLOW.lines().filter_map(|line| line.trim().strip_prefix("- uses: ")).collect();
        assert_eq!(actions.len(), 2);
        for action in actions {
            let (_, commit) = action.split_once('@').expect("a version");
            let commit = commit.split(' ').next().unwrap_or_default();
            assert!(commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()), "{action}");
        }
    }

    #[test]
    fn the_check_that_waits_for_a_baseline_is_a_check() {
        let ready = SCENARIO.replace("  # - delta(", "  - delta(");
        assert_ne!(ready, SCENARIO);
        let loaded = load("rollout.yaml", &ready, &NoFiles, &[]).expect("it is valid");
        assert_eq!(loaded.scenario.checks.len(), 4);
    }
}
