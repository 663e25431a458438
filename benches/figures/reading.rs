//! What a process of its own read off its clocks: this program once more with `--one`, or `bakeoff`.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Result;
use crate::table::Spread;

/// What one run cost, as `timing.json` tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub(crate) wall_s: f64,
    pub(crate) cpu_s: f64,
    pub(crate) events: f64,
    pub(crate) hosts_replaced: f64,
    pub(crate) peak_bytes: f64,
    /// Whether a run met the horizon; `timing.json` does not say.
    pub(crate) is_cut: bool,
}

impl Reading {
    pub(crate) fn parse(json: &[u8]) -> Result<Self> {
        let timing: Value = serde_json::from_slice(json)?;
        let number =
            |key: &str| timing[key].as_f64().ok_or_else(|| format!("this system does not tell {key}"));
        Ok(Self {
            wall_s: number("wall_s")?,
            cpu_s: number("cpu_s")?,
            events: number("events")?,
            hosts_replaced: number("host_replacements")?,
            peak_bytes: number("peak_rss_bytes")?,
            is_cut: timing["runs_cut"].as_u64().is_some_and(|runs| runs > 0),
        })
    }
}

/// A run of seeds 0 to `seeds` on one thread.
#[derive(Clone, Debug)]
pub(crate) struct One<'a> {
    pub(crate) workload: &'a str,
    pub(crate) hosts: u32,
    pub(crate) seeds: u64,
    /// `KEY=VALUE`, as `--set` takes them.
    pub(crate) set: Vec<String>,
}

impl<'a> One<'a> {
    pub(crate) fn new(workload: &'a str, hosts: u32, seeds: u64) -> Self {
        Self { workload, hosts, seeds, set: Vec::new() }
    }

    pub(crate) fn args(&self) -> Vec<String> {
        let head = ["--one".to_owned(), self.workload.to_owned()];
        let sizes = [self.hosts.to_string(), self.seeds.to_string()];
        head.into_iter().chain(sizes).chain(self.set.iter().cloned()).collect()
    }

    pub(crate) fn read(&self) -> Result<Reading> {
        Reading::parse(&output(Command::new(std::env::current_exe()?).args(self.args()))?)
    }

    pub(crate) fn read_often(&self, runs: usize) -> Result<Vec<Reading>> {
        (0..runs).map(|_| self.read()).collect()
    }
}

/// The spread of what `f` makes of each reading.
pub(crate) fn spread(readings: &[Reading], f: impl Fn(&Reading) -> f64) -> Spread {
    Spread::of(readings.iter().map(f))
}

/// Runs `bakeoff run` into a folder that is gone afterwards, and reads its `timing.json`.
pub(crate) fn bakeoff_run(scenario: &str, set: &[(String, String)], args: &[String]) -> Result<Reading> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scratch = tempfile::tempdir()?;
    let out = scratch.path().join("out");
    let mut command = Command::new(env!("CARGO_BIN_EXE_bakeoff"));
    command.arg("run").arg(root.join(scenario)).arg("--out").arg(&out).args(["--quiet", "--no-progress"]);
    command.args(set.iter().map(|(key, value)| format!("--set={key}={value}"))).args(args);
    output(&mut command)?;
    Reading::parse(&std::fs::read(out.join("timing.json"))?)
}

/// What the command prints; its complaint, if it fails.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}\n{}", output.status, complaint.trim_end()).into())
}
