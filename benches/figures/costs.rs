//! The other figures: how cost holds as fleets grow, set-up, memory, threads, and what a user waits for.

use bakeoff::commands::clock::Stopwatch;

use crate::asked::{self, Asked};
use crate::reading::{One, Reading, bakeoff_run, spread};
use crate::speed::{Medians, NAMES};
use crate::support::{WORKLOADS, Workload};
use crate::table::{Spread, Table};
use crate::{Effort, Result, Wish, instructions};

struct Costs<'a> {
    wish: &'a Wish,
    table: Table,
}

pub(crate) fn print(wish: &Wish, medians: &Medians) -> Result<()> {
    let table = Table::new("### Other costs", &["figure", "measured", "asked", "met"]);
    let costs = Costs { wish, table };
    costs.ratios(medians);
    costs.set_up()?;
    costs.memory()?;
    costs.threads()?;
    costs.large_run()?;
    costs.first_result()?;
    costs.instructions();
    Ok(())
}

fn workload(name: &str) -> &'static Workload {
    WORKLOADS.iter().find(|workload| workload.name == name).expect("only workloads are named")
}

/// Runs a workload as a user would.
pub(crate) fn run(name: &str, hosts: u32, seeds: u64, jobs: usize) -> Result<Reading> {
    let args = [format!("--seeds={seeds}"), format!("--jobs={jobs}")];
    bakeoff_run(&format!("benches/{name}.yaml"), &workload(name).sized(hosts), &args)
}

impl Costs<'_> {
    fn row(&self, name: &str, what: &str, measured: Spread, asked: Asked) {
        self.table.row(&[format!("`{name}` {what}"), measured.cell(), asked.cells(measured.median)]);
    }

    fn ratios(&self, medians: &Medians) {
        for workload in NAMES {
            let name = format!("ratio/{workload}");
            let at = |hosts| medians.get(&(workload, hosts)).copied();
            let (Some(small), Some(large), true) = (at(1_000), at(1_000_000), self.wish.has(&name)) else {
                continue;
            };
            let [events, hosts] = [0, 1].map(|what| Spread::of([large[what] / small[what]]));
            self.row(&name, "CPU time per event, 1,000,000 hosts over 1,000", events, asked::RATIO);
            self.row(&name, "CPU time per host replaced, the same", hosts, Asked::Nothing);
        }
    }

    /// A run that is cut at its first event is nothing but set-up, and the outcome of it.
    fn set_up(&self) -> Result<()> {
        for name in ["lean", "rich"] {
            for (hosts, asked) in [(1_000, asked::SET_UP_US), (100_000, Asked::Nothing)] {
                let full = format!("set-up/{name}/{hosts}");
                if self.wish.has(&full) {
                    let seeds = 2_000_000 / u64::from(hosts);
                    let mut one = One::new(name, hosts, seeds);
                    one.set.push("simulation.maxEvents=1".to_owned());
                    let us = spread(&one.read_often(self.wish.runs)?, |r| r.cpu_s / seeds as f64 * 1e6);
                    self.row(&full, "CPU µs to set up a seed", us, asked);
                }
            }
        }
        Ok(())
    }

    fn memory(&self) -> Result<()> {
        for name in NAMES {
            for hosts in [100_000, 1_000_000] {
                let full = format!("memory/{name}/{hosts}");
                let is_too_large = self.wish.effort == Effort::Quick && hosts == 1_000_000;
                if is_too_large || !self.wish.has(&full) {
                    continue;
                }
                let readings: Result<Vec<f64>> =
                    (0..self.wish.runs).map(|_| in_flight(name, hosts)).collect();
                let bytes = Spread::of(readings?.iter().map(|bytes| bytes / f64::from(hosts)));
                // The allowance is the same for any fleet, so it tells in bytes a host, too.
                let allowed = asked::BYTES_ALLOWED / f64::from(hosts);
                let asked = match asked::BYTES_A_HOST {
                    Asked::AtMost(bytes) => Asked::AtMost((bytes + allowed).round()),
                    other => other,
                };
                self.row(&full, "bytes a host per seed in flight", bytes, asked);
            }
        }
        Ok(())
    }

    fn threads(&self) -> Result<()> {
        let quick = self.wish.effort == Effort::Quick;
        for (name, hosts, seeds) in [("lean", 1_000, 1_000), ("rich", 10_000, 100)] {
            let full = format!("threads/{name}/{hosts}");
            if self.wish.has(&full) {
                let seeds = if quick { seeds / 5 } else { seeds };
                // Turn about, so that whatever else the machine does befalls both.
                let pair = |_| Ok([run(name, hosts, seeds, 1)?, run(name, hosts, seeds, 2)?]);
                let pairs: Vec<[Reading; 2]> = (0..self.wish.runs).map(pair).collect::<Result<_>>()?;
                let ratio = |f: fn(&[Reading; 2]) -> f64| Spread::of(pairs.iter().map(f));
                let faster = ratio(|[one, two]| one.wall_s / two.wall_s);
                self.row(&full, "times as fast on two threads as on one", faster, asked::TWO_THREADS);
                let dearer = ratio(|[one, two]| two.cpu_s / one.cpu_s);
                self.row(&full, "times the CPU time on two threads", dearer, Asked::Nothing);
            }
        }
        Ok(())
    }

    /// Once only: it takes long enough to be its own mean.
    fn large_run(&self) -> Result<()> {
        if self.wish.has("large-run") {
            let seeds = if self.wish.effort == Effort::Quick { 100 } else { 1_000 };
            let watch = Stopwatch::start();
            let reading = run("rich", 10_000, seeds, 2)?;
            // The whole process, with its files and plots.
            let wall_s = Spread::of([watch.elapsed().wall_s * 1e3 / seeds as f64]);
            let cpu_s = Spread::of([reading.cpu_s * 1e3 / seeds as f64]);
            let what = "s of wall time for 1,000 seeds × 10,000 hosts of rich on two threads";
            self.row("large-run", what, wall_s, asked::LARGE_RUN_S);
            self.row("large-run", "s of CPU time for the same", cpu_s, Asked::Nothing);
            let peak = Spread::of([reading.peak_bytes / 1024.0 / 1024.0]);
            self.row("large-run", &format!("MiB at most, with {seeds} seeds"), peak, Asked::Nothing);
        }
        Ok(())
    }

    fn first_result(&self) -> Result<()> {
        const RUNS: usize = 5;
        if self.wish.has("first-result") {
            let hundred = [("capacityProviders.0.instances".to_owned(), "100".to_owned())];
            let cpu = children_cpu_s();
            let wall_s = |_| {
                let watch = Stopwatch::start();
                bakeoff_run("scenarios/agent-upgrade.yaml", &hundred, &["--seeds=200".to_owned()])?;
                Ok(watch.elapsed().wall_s)
            };
            let wall_s: Vec<f64> = (0..RUNS).map(wall_s).collect::<Result<_>>()?;
            let what =
                "s of wall time: `bakeoff run`, agent-upgrade at 100 hosts, 200 seeds, all files and plots";
            self.row("first-result", what, Spread::of(wall_s), asked::FIRST_RESULT_S);
            if let Some((from, to)) = cpu.zip(children_cpu_s()) {
                let mean = (to - from) / RUNS as f64;
                self.row(
                    "first-result",
                    "s of CPU time for the same, mean",
                    Spread::of([mean]),
                    Asked::Nothing,
                );
            }
        }
        Ok(())
    }

    fn instructions(&self) {
        if !self.wish.has("instructions") {
            return;
        }
        match instructions::counts() {
            Ok(counts) => {
                for count in counts {
                    let name = format!("instructions/{}", count.name);
                    self.row(&name, "instructions per event", Spread::of([count.per_event]), Asked::Nothing);
                    self.row(&name, "instructions per host", Spread::of([count.per_host]), Asked::Nothing);
                }
            }
            Err(error) => eprintln!("instructions are not counted: {error}"),
        }
    }
}

/// Bytes that one more seed in flight takes.
///
/// For a fleet, the peak of `bakeoff run` with two threads less that with one, both over the same two seeds: the
/// program, the scenario and the outcomes are in either. R1 has none of these; its peak is compared with
/// that of a fleet of one host.
fn in_flight(name: &str, hosts: u32) -> Result<f64> {
    let (more, less) = if name == "r1" {
        (One::new("r1", hosts, 1).read()?, One::new("r1", 1, 1).read()?)
    } else {
        (run(name, hosts, 2, 2)?, run(name, hosts, 2, 1)?)
    };
    Ok(more.peak_bytes - less.peak_bytes)
}

/// CPU seconds of the children that have ended, `cutime` and `cstime` of proc(5); none where the system does not tell.
///
/// A tick is 10 ms, so it takes several children to see one.
fn children_cpu_s() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name, second, is in parentheses and may hold anything; `state`, third, follows it.
    let (_, rest) = stat.rsplit_once(')')?;
    let ticks = rest.split_whitespace().skip(13).take(2);
    let ticks: u64 = ticks.map(|field| field.parse::<u64>().ok()).sum::<Option<u64>>()?;
    Some(ticks as f64 / 100.0)
}
