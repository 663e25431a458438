//! `import` and `run --import` as commands.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::example;

fn bakeoff(directory: &Path, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bakeoff"))
        .args(args)
        .current_dir(directory)
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command can be started");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

#[test]
fn import_writes_a_scenario_that_validates_and_never_over_a_file() {
    let dir = tempfile::tempdir().expect("a temporary directory can be made");
    fs::write(dir.path().join("update.json"), example("update-daemon.json")).expect("written");
    let first = bakeoff(dir.path(), &["import", "update.json", "-o", "s.yaml", "--instances", "6"], "");
    assert_eq!((first.status.code(), text(&first.stdout)), (Some(0), "wrote s.yaml\n".to_owned()));
    assert!(text(&first.stderr).contains("assumed: instance type of my-capacity-provider"));
    assert_eq!(bakeoff(dir.path(), &["validate", "s.yaml"], "").status.code(), Some(0));
    assert_eq!(bakeoff(dir.path(), &["show", "s.yaml"], "").status.code(), Some(0));
    let again = bakeoff(dir.path(), &["import", "update.json", "-o", "s.yaml"], "");
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("--force"));
    assert_eq!(
        bakeoff(dir.path(), &["import", "update.json", "-o", "s.yaml", "--force"], "").status.code(),
        Some(0)
    );
    let back = bakeoff(dir.path(), &["import", "--as-requests", "s.yaml"], "");
    let back: Value = serde_json::from_slice(&back.stdout).expect("it is JSON");
    assert_eq!(back, serde_json::from_str::<Value>(&example("update-daemon.json")).expect("it is JSON"));
}

#[test]
fn import_reads_standard_input_and_tells_what_ecs_would_refuse() {
    let dir = tempfile::tempdir().expect("a temporary directory can be made");
    let good = bakeoff(dir.path(), &["import", "-"], &example("template.yaml"));
    assert_eq!(good.status.code(), Some(0), "{}", text(&good.stderr));
    assert!(text(&good.stdout).contains("# <stdin>, resource Daemon"));
    let bad = bakeoff(dir.path(), &["import", "-"], &example("update-daemon.json").replace("15", "1441"));
    assert_eq!((bad.status.code(), text(&bad.stdout)), (Some(2), String::new()));
    insta::assert_snapshot!(text(&bad.stderr), @r#"
    error[S043]: InvalidParameterException: deploymentConfiguration.bakeTimeInMinutes is 1441, which is outside of 0 to 1440
     --> <stdin>:9:26
      |
    9 |     "bakeTimeInMinutes": 1441
      |                          ^^^^
    "#);
    let missing = bakeoff(dir.path(), &["import", "nowhere.json"], "");
    assert_eq!(missing.status.code(), Some(1));
}

#[test]
fn run_imports_files_and_changes_settings_of_what_comes_of_them() {
    let dir = tempfile::tempdir().expect("a temporary directory can be made");
    fs::write(dir.path().join("update.json"), example("update-daemon.json")).expect("written");
    let args = [
        "run",
        "--import",
        "update.json",
        "--instances",
        "8",
        "--set",
        "drainPercent=50",
        "-n",
        "3",
        "-o",
        "out",
    ];
    let run = bakeoff(dir.path(), &args, "");
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    assert!(text(&run.stdout).contains("SUCCESSFUL"), "{}", text(&run.stdout));
    let manifest = fs::read_to_string(dir.path().join("out/manifest.json")).expect("it is written");
    assert!(manifest.contains("drainPercent: 50"), "{manifest}");
    let behind = bakeoff(dir.path(), &["run", "update.json", "--import", "-n", "2", "-o", "out2"], "");
    assert_eq!(behind.status.code(), Some(0), "{}", text(&behind.stderr));
    assert_eq!(bakeoff(dir.path(), &["run", "--import"], "").status.code(), Some(2));
}
