//! Instructions per event and per host replaced, counted by callgrind: the same on every run, unlike time.
//!
//! The difference between a few seeds and one, so that start-up, the loading of the scenario and buffers
//! that grow for the first time cancel out.

use std::process::Command;

use crate::Result;
use crate::reading::{One, Reading, output};

/// The fixed inputs: workload, hosts, and seeds after the first.
const INPUTS: [(&str, u32, u64); 6] = [
    ("r1", 1_000, 4),
    ("r1", 10_000, 1),
    ("lean", 1_000, 4),
    ("lean", 10_000, 1),
    ("rich", 1_000, 4),
    ("rich", 10_000, 1),
];

/// What one workload comes to.
pub(crate) struct Count {
    pub(crate) name: String,
    pub(crate) per_event: f64,
    pub(crate) per_host: f64,
}

/// Counts every input.
///
/// # Errors
/// When there is no valgrind.
pub(crate) fn counts() -> Result<Vec<Count>> {
    INPUTS.iter().map(|&(workload, hosts, seeds)| count(workload, hosts, seeds)).collect()
}

fn count(workload: &str, hosts: u32, seeds: u64) -> Result<Count> {
    let (from, first) = counted(&One::new(workload, hosts, 1))?;
    let (to, all) = counted(&One::new(workload, hosts, 1 + seeds))?;
    let instructions = (to - from) as f64;
    Ok(Count {
        name: format!("{workload}/{hosts}"),
        per_event: instructions / (all.events - first.events),
        per_host: instructions / (all.hosts_replaced - first.hosts_replaced),
    })
}

/// Instructions of a whole process, and what it says it did.
fn counted(one: &One<'_>) -> Result<(u64, Reading)> {
    let scratch = tempfile::tempdir()?;
    let log = scratch.path().join("log");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(format!("--log-file={}", log.display())).arg(std::env::current_exe()?).args(one.args());
    let reading = Reading::parse(&output(&mut valgrind)?)?;
    let log = std::fs::read_to_string(log)?;
    let collected = log.lines().find_map(|line| line.split_once("Collected :"));
    let instructions = collected.and_then(|(_, n)| n.trim().parse().ok());
    Ok((instructions.ok_or("callgrind does not say how many instructions it counted")?, reading))
}

/// One line per input: name, instructions per event, instructions per host replaced.
pub(crate) fn print() -> Result<()> {
    for &(workload, hosts, seeds) in &INPUTS {
        let Count { name, per_event, per_host } = count(workload, hosts, seeds)?;
        println!("{name:<12} {per_event:>8.1} {per_host:>8.0}");
    }
    Ok(())
}
