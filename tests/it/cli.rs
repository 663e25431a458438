//! The command line: what goes in, what comes out, and the exit codes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use snapbox::{assert_data_eq, str};
use tempfile::TempDir;

const EXAMPLE: &str = include_str!("../../scenarios/agent-upgrade.yaml");

fn bench() -> TempDir {
    let root = tempfile::tempdir().expect("a directory");
    fs::write(root.path().join("rollout.yaml"), EXAMPLE).expect("a file");
    root
}

fn command(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(cargo_bin("bakeoff"));
    command
        .args(args)
        .current_dir(root)
        .stdin(Stdio::null())
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE");
    command
}

fn run(root: &Path, args: &[&str]) -> Output {
    command(root, args).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn all_well_is_0() {
    let root = bench();
    let output = run(root.path(), &["run", "rollout.yaml", "-n", "2"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
    assert!(root.path().join("outputs/agent-upgrade/manifest.json").exists());
}

#[test]
fn bad_usage_is_2() {
    let root = bench();
    for args in [
        &["run"][..],
        &[],
        &["frobnicate"],
        &["run", "rollout.yaml", "-n", "0"],
        &["run", "rollout.yaml", "-n", "9..3"],
        &["run", "rollout.yaml", "-j", "0"],
        &["run", "rollout.yaml", "--set", "drainPercent"],
        &["run", "rollout.yaml", "--deny=L999"],
        &["run", "rollout.yaml", "-n", "5", "--record", "5"],
        &["replay", "rollout.yaml"],
        &["replay", "rollout.yaml", "--seed", "1", "--format", "morse"],
        &["completions", "csh2"],
        &["about", "nothing-of-that-name"],
    ] {
        let output = run(root.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert_eq!(text(&output.stdout), "", "{args:?}");
        assert_ne!(text(&output.stderr), "", "{args:?}");
    }
    assert!(!root.path().join("outputs").exists());
}

#[test]
fn a_bad_scenario_is_2_and_told_on_standard_error() {
    let root = bench();
    fs::write(root.path().join("bad.yaml"), EXAMPLE.replace("availabilityZones: 3", "availabilityZone: 3"))
        .expect("a file");
    let output = run(root.path(), &["run", "bad.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stderr);
    assert!(told.contains("bad.yaml:") && told.contains("availabilityZones"), "{told}");
    assert!(!told.contains('\u{1b}'), "no colours where no terminal is: {told}");
}

#[test]
fn a_bad_override_is_2_and_points_at_the_override() {
    let root = bench();
    let output = run(root.path(), &["run", "rollout.yaml", "--set", "services.web.desiredCount=-3"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--set"), "{}", text(&output.stderr));
}

#[test]
fn a_file_that_is_not_there_is_1_and_named() {
    let root = bench();
    let output = run(root.path(), &["run", "missing.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    assert_data_eq!(
        text(&output.stderr),
        str![[r"
error: missing.yaml: No such file or directory (os error 2)

"]]
    );
}

#[test]
fn a_directory_that_cannot_be_made_is_1_and_named() {
    let root = bench();
    fs::write(root.path().join("file"), "").expect("a file");
    let output = run(root.path(), &["run", "rollout.yaml", "-n", "2", "-o", "file/out"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("file"), "{}", text(&output.stderr));
}

#[test]
fn quiet_prints_the_directory_and_nothing_else() {
    let root = bench();
    let output = run(root.path(), &["run", "rollout.yaml", "-n", "2", "-o", "there", "--quiet"]);
    assert_data_eq!(text(&output.stdout), "there\n");
    assert_data_eq!(text(&output.stderr), "");
}

#[test]
fn a_scenario_comes_from_standard_input_as_well() {
    let root = bench();
    let mut command = command(root.path(), &["run", "-", "-n", "2", "-q"]);
    command.stdin(fs::File::open(root.path().join("rollout.yaml")).expect("it is there"));
    let output = command.output().expect("the binary runs");
    assert_eq!(text(&output.stdout), "outputs/agent-upgrade\n", "{}", text(&output.stderr));
}

#[test]
fn colours_come_when_forced_and_go_when_refused() {
    let root = bench();
    let args = ["run", "rollout.yaml", "-n", "2"];
    let coloured = |key: &str| {
        let output = command(root.path(), &args).env(key, "1").output().expect("the binary runs");
        text(&output.stdout).contains('\u{1b}')
    };
    assert!(coloured("CLICOLOR_FORCE"));
    assert!(!coloured("NO_COLOR"));
}

#[test]
#[cfg(unix)]
fn a_reader_that_has_read_enough_is_no_error() {
    let root = bench();
    for args in ["replay rollout.yaml --seed 1", "completions bash", "run rollout.yaml -n 2", "--help"] {
        let script = format!(
            "{} {args} | head -n 1 >/dev/null; exit ${{PIPESTATUS[0]}}",
            cargo_bin("bakeoff").display()
        );
        let output = Command::new("bash")
            .args(["-c", &script])
            .current_dir(root.path())
            .output()
            .expect("bash is there");
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()), "{args}");
    }
}

#[test]
fn a_closed_standard_output_is_an_error_that_is_told() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    let root = bench();
    let mut command = command(root.path(), &["replay", "rollout.yaml", "--seed", "1"]);
    command.stdout(fs::OpenOptions::new().write(true).open(full).expect("it is there"));
    let output = command.output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("cannot write results"), "{}", text(&output.stderr));
}

#[test]
fn what_init_writes_is_valid_and_runs() {
    let root = bench();
    for args in [
        &["init", "fresh"][..],
        &["validate", "fresh/rollout.yaml", "--deny"],
        &["run", "fresh/rollout.yaml", "-n", "3"],
    ] {
        let output = run(root.path(), args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
        assert_ne!(text(&output.stdout), "", "{args:?}");
    }
    assert_eq!(run(root.path(), &["init", "fresh"]).status.code(), Some(2), "nothing is overwritten");
}

#[test]
fn what_show_prints_runs_to_the_same_rows() {
    let root = bench();
    let shown = run(root.path(), &["show", "rollout.yaml"]).stdout;
    fs::write(root.path().join("shown.yaml"), shown).expect("a file");
    for file in ["rollout", "shown"] {
        let output = run(root.path(), &["run", &format!("{file}.yaml"), "-n", "3", "-o", file]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    let rows = |out: &str| fs::read(root.path().join(out).join("runs.csv")).expect("results");
    assert_eq!(rows("rollout"), rows("shown"));
}

#[test]
fn help_of_every_verb_fits_a_terminal_and_run_gives_examples() {
    let root = bench();
    for verb in ["init", "validate", "show", "run", "replay", "import", "about", "schema", "completions"] {
        let output = run(root.path(), &[verb, "--help"]);
        assert_eq!(output.status.code(), Some(0), "{verb}");
        for line in text(&output.stdout).lines() {
            assert!(line.chars().count() <= 100, "{verb}: {line}");
        }
    }
    let help = text(&run(root.path(), &["run", "--help"]).stdout);
    assert!(help.contains("Examples:") && help.contains("--record 17,42"), "{help}");
}

#[test]
fn completions_know_the_verbs() {
    let root = bench();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = text(&run(root.path(), &["completions", shell]).stdout);
        assert!(script.contains("replay") && script.contains("master-seed"), "{shell}");
    }
}
