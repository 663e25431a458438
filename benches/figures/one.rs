//! The process that is measured: some seeds of one workload, on one thread and in the same buffers.

use bakeoff::commands::clock::{Stopwatch, peak_rss_bytes};
use bakeoff::engine::agenda::Agenda;
use bakeoff::engine::draw::Seed;
use bakeoff::fleet::{Workspace, simulate};
use bakeoff::outcome::StopReason;
use bakeoff::report::timing::Timing;
use serde_json::Value;

use crate::model::{Delays, Rollout};
use crate::support::{WORKLOADS, Workload};
use crate::{Result, USAGE};

/// What was done, over all seeds.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    events: u64,
    hosts_replaced: u64,
    /// Runs that met the horizon, or `maxEvents`.
    runs_cut: u64,
}

/// Runs `WORKLOAD HOSTS SEEDS [KEY=VALUE …]`; prints its `timing.json`, and how many runs were cut.
pub(crate) fn print(args: &[String]) -> Result<()> {
    let [name, hosts, seeds, set @ ..] = args else { return Err(USAGE.into()) };
    let (hosts, seeds) = (hosts.parse::<u32>()?, seeds.parse::<u64>()?);
    let (timing, runs_cut) = if name == "r1" && set.is_empty() {
        let delays = Delays::r1()?;
        timed(|| r1(hosts, seeds, delays))
    } else {
        let workload = WORKLOADS.iter().find(|workload| workload.name == name).ok_or(USAGE)?;
        fleet(workload, hosts, seeds, set)?
    };
    let mut line: Value = serde_json::from_slice(&timing.render())?;
    line["runs_cut"] = runs_cut.into();
    println!("{line}");
    Ok(())
}

/// What the work cost, and the runs that were cut.
fn timed(work: impl FnOnce() -> Done) -> (Timing, u64) {
    let watch = Stopwatch::start();
    let done = work();
    let elapsed = watch.elapsed();
    let timing = Timing {
        wall_s: elapsed.wall_s,
        cpu_s: elapsed.cpu_s,
        events: done.events,
        host_replacements: done.hosts_replaced,
        threads: 1,
        peak_rss_bytes: peak_rss_bytes(),
    };
    (timing, done.runs_cut)
}

/// A host that crashes is replaced once more, which is not counted: that befalls one in a thousand.
fn r1(hosts: u32, seeds: u64, delays: Delays) -> Done {
    let (mut rollout, mut agenda) = (Rollout::new(hosts, delays), Agenda::new());
    let of_seed = |replication| rollout.roll(Seed { master: 1, replication }, &mut agenda).events;
    Done { events: (0..seeds).map(of_seed).sum(), hosts_replaced: seeds * u64::from(hosts), runs_cut: 0 }
}

fn fleet(workload: &Workload, hosts: u32, seeds: u64, set: &[String]) -> Result<(Timing, u64)> {
    let mut all = workload.sized(hosts);
    for pair in set {
        let (key, value) = pair.split_once('=').ok_or(USAGE)?;
        all.push((key.to_owned(), value.to_owned()));
    }
    let scenario = workload.scenario(&all);
    let mut workspace = Workspace::new();
    Ok(timed(|| {
        let mut done = Done::default();
        for seed in 0..seeds {
            let outcome = simulate(&scenario, seed, &mut workspace, &|| false).expect("nobody interrupts");
            let fleet = &outcome.fleet;
            done.events += outcome.events;
            done.hosts_replaced += u64::from(fleet.instances_replaced) + u64::from(fleet.instances_repaired);
            done.runs_cut += u64::from(outcome.stop != StopReason::Complete);
        }
        done
    }))
}
