//! A whole `bakeoff run` and the directory it leaves, through the command line.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use tempfile::TempDir;

const EXAMPLE: &str = include_str!("../../scenarios/agent-upgrade.yaml");

/// A directory with the example scenario in it, where commands run.
struct Bench {
    root: TempDir,
}

/// What a command said.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Bench {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a directory");
        fs::write(root.path().join("rollout.yaml"), EXAMPLE).expect("a file");
        Self { root }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(cargo_bin("bakeoff"));
        command.args(args).current_dir(self.root.path()).stdin(Stdio::null()).env("NO_COLOR", "1");
        command
    }

    fn say(&self, args: &[&str]) -> Said {
        let output = self.command(args).output().expect("the binary runs");
        Said {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Runs a small fleet: twelve hosts with four tasks each.
    fn small(&self, out: &str, args: &[&str]) -> Said {
        let small = [
            "run",
            "rollout.yaml",
            "-o",
            out,
            "--set=capacityProviders.0.instances=12",
            "--set=capacityProviders.0.maxInstances=20",
            "--set=services.0.desiredCount=48",
        ];
        self.say(&[&small, args].concat())
    }

    fn ok(&self, out: &str, args: &[&str]) -> Said {
        let said = self.small(out, args);
        assert_eq!(said.code, Some(0), "{}", said.err);
        said
    }

    /// Every file of a directory by its relative path, without the one that may differ.
    fn files(&self, directory: &str) -> BTreeMap<String, Vec<u8>> {
        let root = self.path(directory);
        let mut found = BTreeMap::new();
        walk(&root, &root, &mut found);
        found.remove("timing.json").expect("there is a timing");
        found
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path(path)).expect("the file is there")).expect("valid JSON")
    }

    fn rows(&self, path: &str) -> Vec<BTreeMap<String, String>> {
        let text = fs::read(self.path(path)).expect("the file is there");
        csv::Reader::from_reader(text.as_slice())
            .deserialize()
            .collect::<Result<_, _>>()
            .expect("well-formed CSV")
    }

    /// Names in the bench's own directory.
    fn entries(&self) -> Vec<String> {
        let names = fs::read_dir(self.root.path()).expect("readable");
        let mut names: Vec<String> =
            names.map(|e| e.expect("readable").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

fn walk(root: &Path, directory: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(directory).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            walk(root, &path, found);
        } else {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
            found.insert(name, fs::read(&path).expect("readable"));
        }
    }
}

fn assert_same_files(a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>) {
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, bytes) in a {
        assert!(*bytes == b[name], "{name} differs");
    }
}

#[test]
fn every_byte_but_the_timing_is_the_same_for_1_2_and_7_threads() {
    let bench = Bench::new();
    for jobs in ["1", "2", "7"] {
        bench.ok(&format!("out{jobs}"), &["-n", "30", "-j", jobs, "--series", "--png", "--record", "3,17"]);
    }
    let one = bench.files("out1");
    for name in [
        "manifest.json",
        "runs.csv",
        "summary.csv",
        "summary.json",
        "series.csv",
        "series-runs.csv",
        "events/seed=3.jsonl",
        "events/seed=17.jsonl",
        "plots/fleet-state.svg",
        "plots/fleet-state.png",
        "plots/running-tasks.svg",
        "plots/rollout-duration.svg",
        "plots/blast-radius.svg",
    ] {
        assert!(one.get(name).is_some_and(|bytes| !bytes.is_empty()), "{name}");
    }
    assert_same_files(&one, &bench.files("out2"));
    assert_same_files(&one, &bench.files("out7"));
}

#[test]
fn a_seed_has_the_same_row_whether_few_or_many_are_asked_for() {
    let bench = Bench::new();
    bench.ok("many", &["-n", "20"]);
    bench.ok("few", &["-n", "15..18"]);
    assert_eq!(bench.rows("many/runs.csv")[15..18], bench.rows("few/runs.csv"));
}

#[test]
fn another_master_seed_gives_other_luck_and_is_on_record() {
    let bench = Bench::new();
    bench.ok("one", &["-n", "5"]);
    bench.ok("two", &["-n", "5", "--master-seed", "2"]);
    assert_ne!(bench.rows("one/runs.csv"), bench.rows("two/runs.csv"));
    assert_eq!(bench.json("two/manifest.json")["arms"][0]["masterSeed"], 2);
}

#[test]
fn the_manifest_holds_all_it_takes_to_make_the_same_bytes_again() {
    let bench = Bench::new();
    bench.ok("first", &["-n", "10"]);
    let manifest = bench.json("first/manifest.json");
    assert_eq!(manifest["schema"], "bakeoff.manifest.v1");
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(manifest["seeds"], serde_json::json!({ "from": 0, "to": 10 }));
    let arm = &manifest["arms"][0];
    assert_eq!(arm["assumptions"]["bake"], "afterAll");
    assert_eq!(arm["stopReasons"]["complete"], 10);
    let digests = arm["digests"].as_array().expect("a list");
    assert_eq!(digests.len(), 10);
    assert!(digests.iter().all(|d| d.as_str().is_some_and(|d| d.len() == 16)), "{digests:?}");

    fs::write(bench.path("again.yaml"), arm["scenario"].as_str().expect("text")).expect("a file");
    let said = bench.say(&["run", "again.yaml", "-n", "10", "-o", "second"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_same_files(&bench.files("first"), &bench.files("second"));
}

#[test]
fn the_same_run_may_come_again_and_a_different_one_is_refused_without_force() {
    let bench = Bench::new();
    bench.ok("out", &["-n", "4"]);
    bench.ok("out", &["-n", "4", "--series"]);
    let before = bench.files("out");
    assert!(before.contains_key("series-runs.csv"));

    for different in
        [&["-n", "5"][..], &["-n", "4", "--set=drainPercent=25"], &["-n", "4", "--master-seed=9"]]
    {
        let refused = bench.small("out", different);
        assert_eq!(refused.code, Some(2), "{different:?}");
        assert!(refused.err.contains("--force"), "{}", refused.err);
        assert_eq!(refused.out, "");
        assert_same_files(&before, &bench.files("out"));
    }
    bench.ok("out", &["-n", "5", "--force"]);
    assert_eq!(bench.rows("out/runs.csv").len(), 5);
    assert!(!bench.path("out/series-runs.csv").exists(), "what belonged to the other run is gone");
}

#[test]
fn a_directory_with_files_of_somebody_else_is_left_alone() {
    let bench = Bench::new();
    fs::create_dir(bench.path("out")).expect("a directory");
    fs::write(bench.path("out/thesis.tex"), "years of work").expect("a file");
    let refused = bench.small("out", &["-n", "2"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("thesis.tex"), "{}", refused.err);
    bench.ok("out", &["-n", "2", "--force"]);
    assert_eq!(fs::read_to_string(bench.path("out/thesis.tex")).expect("still there"), "years of work");
}

#[test]
fn runs_cut_by_the_horizon_are_said_loudly_and_censored() {
    let bench = Bench::new();
    let said = bench.ok("out", &["-n", "8", "--set=simulation.horizon=20m"]);
    assert!(
        said.out.contains("8 of 8 runs were cut before they were over (8 by the horizon)"),
        "{}",
        said.out
    );
    assert!(bench.rows("out/runs.csv").iter().all(|r| r["rollout_duration_min"].is_empty()));
    let summary = bench.json("out/summary.json");
    let duration = &summary["arms"][0]["metrics"]["rollout_duration_min"];
    assert_eq!((duration["n"].as_u64(), duration["censored"].as_u64()), (Some(8), Some(8)));
    assert_eq!(duration["p50"]["note"], "not reached");
    assert_eq!(duration["mean"]["estimate"], Value::Null);
}

#[test]
fn a_recorded_story_is_the_one_that_replay_tells() {
    let bench = Bench::new();
    let said = bench.say(&["run", "rollout.yaml", "-n", "4", "-o", "out", "--record", "3"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let told = bench.say(&["replay", "rollout.yaml", "--seed", "3", "--format", "jsonl"]);
    assert_eq!(told.code, Some(0), "{}", told.err);
    let recorded = fs::read_to_string(bench.path("out/events/seed=3.jsonl")).expect("recorded");
    assert_eq!(told.out, recorded);
    assert!(recorded.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    let text = bench.say(&["replay", "rollout.yaml", "--seed", "3"]).out;
    let digest = &bench.json("out/manifest.json")["arms"][0]["digests"][3];
    assert!(text.contains(digest.as_str().expect("text")), "{text}");
}

#[test]
fn the_series_over_seeds_can_be_computed_again_from_those_of_the_seeds() {
    let bench = Bench::new();
    bench.ok("out", &["-n", "21", "--series"]);
    let mut seeds: BTreeMap<String, Vec<BTreeMap<String, String>>> = BTreeMap::new();
    for row in bench.rows("out/series-runs.csv") {
        seeds.entry(row["seed"].clone()).or_default().push(row);
    }
    assert_eq!(seeds.len(), 21);
    for (i, claimed) in bench.rows("out/series.csv").iter().enumerate() {
        let step = i / 9;
        let mut counts: Vec<u32> = seeds
            .values()
            .map(|rows| rows[step.min(rows.len() - 1)][&claimed["state"]].parse().expect("a count"))
            .collect();
        counts.sort_unstable();
        let mean = f64::from(counts.iter().sum::<u32>()) / 21.0;
        assert!((claimed["mean"].parse::<f64>().expect("a number") - mean).abs() < 1e-6, "{claimed:?}");
        // The ranks of p5, p50 and p95 of 21 are 2, 11 and 20.
        let at = |rank: usize| counts[rank - 1].to_string();
        assert_eq!([&claimed["p5"], &claimed["p50"], &claimed["p95"]], [&at(2), &at(11), &at(20)]);
    }
}

#[test]
fn what_the_run_cost_is_on_record() {
    let bench = Bench::new();
    bench.ok("out", &["-n", "20", "-j", "2"]);
    let timing = bench.json("out/timing.json");
    let events: u64 =
        bench.rows("out/runs.csv").iter().map(|r| r["events"].parse::<u64>().expect("a count")).sum();
    assert_eq!(timing["events"].as_u64(), Some(events));
    assert_eq!(timing["threads"], 2);
    assert!(timing["wall_s"].as_f64().expect("a number") > 0.0);
    if cfg!(target_os = "linux") {
        assert!(timing["events_per_cpu_s"].as_f64().expect("Linux tells CPU time") > 1_000.0);
        assert!(timing["host_replacements_per_cpu_s"].as_f64().expect("Linux tells CPU time") > 0.0);
        assert!(timing["peak_rss_bytes"].as_u64().expect("Linux tells memory") > 1_000_000);
    }
}

#[test]
fn the_longest_line_of_the_table_fits_a_terminal() {
    let bench = Bench::new();
    for line in bench.ok("out", &["-n", "100"]).out.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

/// Sends a signal through the shell's own tool, since a test may not hold unsafe code.
#[cfg(unix)]
fn signal(name: &str, process: u32) {
    let status = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status();
    assert!(status.expect("kill is there").success());
}

#[cfg(unix)]
fn wait(child: &mut std::process::Child) -> std::process::ExitStatus {
    for _ in 0..6_000 {
        if let Some(status) = child.try_wait().expect("it is ours") {
            return status;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    panic!("it did not end within a minute");
}

/// Starts a run that would take minutes, and gives it some time.
#[cfg(unix)]
fn long_run(bench: &Bench, args: &[&str], time: Duration) -> std::process::Child {
    let all = [&["run", "rollout.yaml", "-n", "1000000", "-o", "out"], args].concat();
    let child = bench.command(&all).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    std::thread::sleep(time);
    child.expect("the binary runs")
}

#[test]
#[cfg(unix)]
fn an_interrupted_run_keeps_its_first_seeds_as_if_only_they_had_been_asked_for() {
    let bench = Bench::new();
    // On a busy machine a moment may not suffice for the first seed; then there is nothing to keep.
    for ms in [300, 2_000, 10_000] {
        let mut child = long_run(&bench, &[], Duration::from_millis(ms));
        signal("INT", child.id());
        assert_eq!(wait(&mut child).code(), Some(130));
        if bench.path("out").exists() {
            break;
        }
    }
    let to = bench.json("out/manifest.json")["seeds"]["to"].as_u64().expect("a number");
    assert!(to > 0 && to < 1_000_000, "{to}");
    let said = bench.say(&["run", "rollout.yaml", "-n", &to.to_string(), "-o", "asked"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_same_files(&bench.files("out"), &bench.files("asked"));
    assert_eq!(bench.entries(), ["asked", "out", "rollout.yaml"]);
}

#[test]
#[cfg(unix)]
fn an_interrupted_run_takes_the_place_of_nothing() {
    let bench = Bench::new();
    bench.ok("out", &["-n", "3"]);
    let before = bench.files("out");
    let mut child = long_run(&bench, &["--force"], Duration::from_millis(400));
    signal("TERM", child.id());
    assert_eq!(wait(&mut child).code(), Some(130));
    assert_same_files(&before, &bench.files("out"));
}

#[test]
#[cfg(unix)]
fn a_run_killed_on_the_spot_leaves_nothing_half_written() {
    let bench = Bench::new();
    let mut child = long_run(&bench, &[], Duration::from_millis(400));
    signal("KILL", child.id());
    assert_eq!(wait(&mut child).code(), None);
    assert_eq!(bench.entries(), ["rollout.yaml"]);
}
