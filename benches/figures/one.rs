//! The process that is measured: some seeds of one workload, on one thread and in the same buffers.

use std::io::Write;

use bakeoff::commands::clock::{Stopwatch, peak_rss_bytes};
use bakeoff::engine::agenda::Agenda;
use bakeoff::engine::draw::Seed;
use bakeoff::fleet::{Workspace, simulate};
use bakeoff::report::timing::Timing;

use crate::model::{Delays, Rollout};
use crate::support::{WORKLOADS, Workload};
use crate::{Result, USAGE};

/// Events and hosts replaced, over all seeds.
type Done = (u64, u64);

/// Runs `WORKLOAD HOSTS SEEDS [KEY=VALUE …]` and prints its `timing.json`.
pub(crate) fn print(args: &[String]) -> Result<()> {
    let [name, hosts, seeds, set @ ..] = args else { return Err(USAGE.into()) };
    let (hosts, seeds) = (hosts.parse::<u32>()?, seeds.parse::<u64>()?);
    let timing = if name == "r1" && set.is_empty() {
        let delays = Delays::r1()?;
        timed(|| r1(hosts, seeds, delays))
    } else {
        let workload = WORKLOADS.iter().find(|workload| workload.name == name).ok_or(USAGE)?;
        fleet(workload, hosts, seeds, set)?
    };
    std::io::stdout().write_all(&timing.render())?;
    Ok(())
}

fn timed(work: impl FnOnce() -> Done) -> Timing {
    let watch = Stopwatch::start();
    let (events, host_replacements) = work();
    let elapsed = watch.elapsed();
    Timing {
        wall_s: elapsed.wall_s,
        cpu_s: elapsed.cpu_s,
        events,
        host_replacements,
        threads: 1,
        peak_rss_bytes: peak_rss_bytes(),
    }
}

/// A host that crashes is replaced once more, which is not counted: that befalls one in five hundred.
fn r1(hosts: u32, seeds: u64, delays: Delays) -> Done {
    let (mut rollout, mut agenda) = (Rollout::new(hosts, delays), Agenda::new());
    let of_seed = |replication| rollout.roll(Seed { master: 1, replication }, &mut agenda).events;
    let events = (0..seeds).map(of_seed).sum();
    (events, seeds * u64::from(hosts))
}

fn fleet(workload: &Workload, hosts: u32, seeds: u64, set: &[String]) -> Result<Timing> {
    let mut all = workload.sized(hosts);
    for pair in set {
        let (key, value) = pair.split_once('=').ok_or(USAGE)?;
        all.push((key.to_owned(), value.to_owned()));
    }
    let scenario = workload.scenario(&all);
    let mut workspace = Workspace::new();
    Ok(timed(|| {
        let of_seed = |seed| {
            let outcome = simulate(&scenario, seed, &mut workspace, &|| false).expect("nobody interrupts");
            let replaced = u64::from(outcome.fleet.instances_replaced);
            (outcome.events, replaced + u64::from(outcome.fleet.instances_repaired))
        };
        let add = |sum: Done, seed: Done| (sum.0 + seed.0, sum.1 + seed.1);
        (0..seeds).map(of_seed).fold((0, 0), add)
    }))
}
