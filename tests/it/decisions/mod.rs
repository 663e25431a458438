//! Decisions as a user makes them: compare, sweep, run until precise, and check, by the command line.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

mod assumptions;
mod check;
mod compare;
mod precision;
mod sweep;

/// A small fleet: twelve hosts, one service, a revision that sometimes cannot start.
const SMALL: &str = "\
schema: bakeoff.scenario.v1
name: small
simulation: { seeds: 40, horizon: 12h, observeAfter: 5m, sampleEvery: 1m }
capacityProviders:
  - { name: general, instances: 12, instanceType: m7i.xlarge, launchFailure: { probability: 0.05 } }
services:
  - { name: web, desiredCount: 24, cpu: 512, memory: 1024 }
daemonTaskDefinitions:
  - { family: agent, revision: 1, cpu: 128, memory: 256, healthCheck: {} }
  - family: agent
    revision: 2
    cpu: 128
    memory: 256
    healthCheck: {}
    defects: [{ name: broken, probability: 0.3, failsToStart: { probability: 1 } }]
daemons:
  - { daemonName: agent, daemonTaskDefinitionArn: \"agent:1\", capacityProviderArns: [general] }
timeline:
  - at: 5m
    updateDaemon:
      daemonArn: agent
      daemonTaskDefinitionArn: agent:2
      capacityProviderArns: [general]
      critical: true
      deploymentConfiguration: { drainPercent: 25, bakeTimeInMinutes: 5 }
";

/// A directory with the small scenario in `small.yaml`, and these checks at its end.
fn bench(checks: &[&str]) -> TempDir {
    let root = tempfile::tempdir().expect("a directory");
    write(root.path(), "small.yaml", &with_checks(SMALL, checks));
    root
}

fn with_checks(scenario: &str, checks: &[&str]) -> String {
    if checks.is_empty() {
        return scenario.to_owned();
    }
    format!("{scenario}checks:\n  - {}\n", checks.join("\n  - "))
}

fn write(root: &Path, path: &str, text: &str) {
    let to = root.join(path);
    fs::create_dir_all(to.parent().expect("below the root")).expect("a directory");
    fs::write(to, text).expect("a file");
}

fn read(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn command(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(cargo_bin("bakeoff"));
    command.args(args).current_dir(root).stdin(Stdio::null()).env("NO_COLOR", "1");
    command.env_remove("GITHUB_STEP_SUMMARY");
    command
}

fn run(root: &Path, args: &[&str]) -> Output {
    command(root, args).output().expect("the binary runs")
}

/// Runs a command that must end with this exit code, and gives what it printed on both streams.
fn said(root: &Path, code: i32, args: &[&str]) -> (String, String) {
    let output = run(root, args);
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("UTF-8"));
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{out}\n{err}");
    (out, err)
}

/// A CSV file as rows of named cells.
fn table(text: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let row =
        |record: csv::StringRecord| header.iter().cloned().zip(record.iter().map(str::to_owned)).collect();
    reader.records().map(|record| row(record.expect("as many cells as the header"))).collect()
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}
