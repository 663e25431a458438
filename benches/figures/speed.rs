//! How fast one core is: events and hosts replaced per CPU second.

use std::collections::BTreeMap;

use crate::reading::{One, spread};
use crate::table::{Table, three_digits};
use crate::{Effort, Result, Wish, asked};

/// CPU nanoseconds per event and per host replaced: medians, by workload and hosts.
pub(crate) type Medians = BTreeMap<(&'static str, u32), [f64; 2]>;

pub(crate) const NAMES: [&str; 3] = ["r1", "lean", "rich"];
const HOSTS: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// Seeds that take a core about a second, with enough of them to reuse buffers where that is possible.
pub(crate) fn seeds(hosts: u32, effort: Effort) -> u64 {
    let hosts_in_all = if effort == Effort::Quick { 50_000 } else { 200_000 };
    (hosts_in_all / u64::from(hosts)).clamp(1, 200)
}

pub(crate) fn print(wish: &Wish) -> Result<Medians> {
    const COLUMNS: [&str; 10] = [
        "workload/hosts",
        "seeds",
        "M events per CPU s",
        "asked",
        "met",
        "thousand hosts replaced per CPU s",
        "asked",
        "met",
        "CPU ns per event",
        "CPU µs per host",
    ];
    let table = Table::new("### Speed of one core", &COLUMNS);
    let mut medians = Medians::new();
    for workload in NAMES {
        for hosts in HOSTS {
            let name = format!("{workload}/{hosts}");
            let is_ratio_wanted =
                [HOSTS[0], HOSTS[3]].contains(&hosts) && wish.names(&format!("ratio/{workload}"));
            let is_too_large = wish.effort == Effort::Quick && hosts == HOSTS[3];
            if is_too_large || !(wish.has(&name) || is_ratio_wanted) {
                continue;
            }
            let seeds = seeds(hosts, wish.effort);
            let readings = One::new(workload, hosts, seeds).read_often(wish.runs)?;
            let events = spread(&readings, |r| r.events / r.cpu_s / 1e6);
            let replaced = spread(&readings, |r| r.hosts_replaced / r.cpu_s / 1e3);
            let ns = [1e3 / events.median, 1e6 / replaced.median];
            medians.insert((workload, hosts), ns);
            let is_cut = readings.iter().any(|reading| reading.is_cut);
            table.row(&[
                if is_cut { format!("{name}, cut by the horizon") } else { name },
                seeds.to_string(),
                events.cell(),
                asked::events_per_cpu_s(workload, hosts).cells(events.median),
                replaced.cell(),
                asked::hosts_per_cpu_s(workload).cells(replaced.median),
                three_digits(ns[0]),
                three_digits(ns[1] / 1e3),
            ]);
        }
    }
    Ok(medians)
}
