//! How cost grows with hosts, tasks, seeds and threads.

use std::num::NonZeroUsize;

use crate::costs::run;
use crate::reading::{One, Reading, spread};
use crate::speed::seeds;
use crate::table::{Spread, Table, three_digits};
use crate::{Effort, Result, Wish};

pub(crate) fn print(wish: &Wish) -> Result<()> {
    // Long, and of use to those who work on the model: by name only.
    if wish.names("growth/hosts") {
        hosts(wish)?;
    }
    if wish.names("growth/tasks") {
        tasks(wish)?;
    }
    if wish.names("growth/seeds") {
        of_seeds(wish)?;
    }
    if wish.names("growth/threads") {
        threads(wish)?;
    }
    Ok(())
}

/// CPU microseconds per host replaced, CPU nanoseconds per event, events per host replaced.
fn cost_cells(readings: &[Reading]) -> [String; 3] {
    [
        spread(readings, |r| r.cpu_s / r.hosts_replaced * 1e6).cell(),
        three_digits(spread(readings, |r| r.cpu_s / r.events * 1e9).median),
        three_digits(spread(readings, |r| r.events / r.hosts_replaced).median),
    ]
}

const COST: [&str; 3] = ["CPU µs per host", "CPU ns per event", "events per host"];

fn hosts(wish: &Wish) -> Result<()> {
    const COLUMNS: [&str; 4] = ["workload/hosts", COST[0], COST[1], COST[2]];
    let table = Table::new("### Growth with hosts, 8 tasks on each", &COLUMNS);
    for workload in ["lean", "rich"] {
        for hosts in [100, 300, 1_000, 3_000, 10_000, 30_000, 100_000] {
            let readings = One::new(workload, hosts, seeds(hosts, wish.effort)).read_often(wish.runs)?;
            let [a, b, c] = cost_cells(&readings);
            table.row(&[format!("{workload}/{hosts}"), a, b, c]);
        }
    }
    Ok(())
}

/// On hosts of the same size, so that tasks get smaller as they get more.
fn tasks(wish: &Wish) -> Result<()> {
    const HOSTS: u32 = 3_000;
    const COLUMNS: [&str; 5] = ["tasks a host", COST[0], COST[1], COST[2], "CPU ns per task replaced"];
    let table = Table::new("### Growth with tasks, lean, 3,000 hosts", &COLUMNS);
    for tasks in [1, 2, 4, 8, 16, 32_u32] {
        let mut one = One::new("lean", HOSTS, seeds(HOSTS, wish.effort));
        one.set = vec![
            format!("services.0.desiredCount={}", tasks * HOSTS),
            format!("services.0.cpu={}", 8192 / tasks),
            format!("services.0.memory={}", 16384 / tasks),
        ];
        let readings = one.read_often(wish.runs)?;
        let [a, b, c] = cost_cells(&readings);
        let per_task = spread(&readings, |r| r.cpu_s / r.hosts_replaced * 1e9 / f64::from(tasks));
        table.row(&[tasks.to_string(), a, b, c, three_digits(per_task.median)]);
    }
    Ok(())
}

fn of_seeds(wish: &Wish) -> Result<()> {
    const COLUMNS: [&str; 4] = ["workload/hosts × seeds", "CPU ms per seed", "MiB at most", "wall s"];
    let table = Table::new("### Growth with seeds, `bakeoff run` on one thread", &COLUMNS);
    let most = if wish.effort == Effort::Quick { 1_000 } else { 10_000 };
    for (workload, hosts) in [("lean", 100), ("rich", 100)] {
        for seeds in [1, 10, 100, 1_000, 10_000].into_iter().filter(|seeds| *seeds <= most) {
            let readings: Vec<Reading> =
                (0..wish.runs).map(|_| run(workload, hosts, seeds, 1)).collect::<Result<_>>()?;
            table.row(&[
                format!("{workload}/{hosts} × {seeds}"),
                spread(&readings, |r| r.cpu_s / seeds as f64 * 1e3).cell(),
                three_digits(spread(&readings, |r| r.peak_bytes / 1024.0 / 1024.0).median),
                three_digits(spread(&readings, |r| r.wall_s).median),
            ]);
        }
    }
    Ok(())
}

/// Up to twice the cores: more threads than cores must not cost either.
fn threads(wish: &Wish) -> Result<()> {
    const COLUMNS: [&str; 4] = ["threads", "times as fast as one", "times the CPU time", "MiB at most"];
    let table = Table::new("### Growth with threads, rich, 10,000 hosts, `bakeoff run`", &COLUMNS);
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let seeds = if wish.effort == Effort::Quick { 16 } else { 64 };
    let counts: Vec<usize> =
        std::iter::successors(Some(1), |n| Some(n * 2)).take_while(|n| *n <= 2 * cores).collect();
    // Turn about, so that whatever else the machine does befalls all.
    let round = |_| counts.iter().map(|jobs| run("rich", 10_000, seeds, *jobs)).collect();
    let rounds: Vec<Vec<Reading>> = (0..wish.runs).map(round).collect::<Result<_>>()?;
    for (at, count) in counts.iter().enumerate() {
        let of_rounds =
            |f: fn(&Reading, &Reading) -> f64| Spread::of(rounds.iter().map(|r| f(&r[0], &r[at])));
        table.row(&[
            count.to_string(),
            of_rounds(|one, many| one.wall_s / many.wall_s).cell(),
            of_rounds(|one, many| many.cpu_s / one.cpu_s).cell(),
            three_digits(of_rounds(|_, many| many.peak_bytes / 1024.0 / 1024.0).median),
        ]);
    }
    Ok(())
}
