//! The fleet model on one thread, buffers reused from seed to seed as `bakeoff run` does.
//!
//! `cargo bench --bench fleet`, or some of it: `cargo bench --bench fleet -- rich/10000`. `lean` is the rollout
//! alone, `rich` has everything on.
//!
//! - `fleet`: whole runs; an element is a host replaced. Seeds go round, so that no run is learnt by heart.
//! - `set-up`: runs that are cut at their first event; an element is a host.
//! - `load`: from the text of the scenario to one that is valid, which all seeds share; an element is a host.
//!
//! Wall time, to compare two versions on a quiet machine; `cargo bench --bench figures` has CPU time.

mod support;

use std::time::Duration;

use bakeoff::fleet::{Workspace, simulate};
use bakeoff::outcome::Outcome;
use bakeoff::scenario::Scenario;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use support::WORKLOADS;

const HOSTS: [u32; 3] = [1_000, 10_000, 100_000];

/// Seeds that go round; a run of many hosts is long, and one seed is much like another.
fn seeds(hosts: u32) -> u64 {
    if hosts < 100_000 { 16 } else { 2 }
}

fn run(scenario: &Scenario, seed: u64, workspace: &mut Workspace) -> Outcome {
    simulate(scenario, seed, workspace, &|| false).expect("nobody interrupts")
}

/// Hosts replaced in the mean run.
fn mean_replaced(scenario: &Scenario, seeds: u64, workspace: &mut Workspace) -> u64 {
    let replaced = |outcome: Outcome| outcome.fleet.instances_replaced + outcome.fleet.instances_repaired;
    (0..seeds).map(|seed| u64::from(replaced(run(scenario, seed, workspace)))).sum::<u64>() / seeds
}

fn fleet(c: &mut Criterion) {
    let mut group = c.benchmark_group("fleet");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(5));
    for workload in WORKLOADS {
        for hosts in HOSTS {
            let scenario = workload.scenario(&workload.sized(hosts));
            let mut workspace = Workspace::new();
            group.throughput(Throughput::Elements(mean_replaced(&scenario, seeds(hosts), &mut workspace)));
            let mut seed = 0;
            group.bench_function(BenchmarkId::new(workload.name, hosts), |b| {
                b.iter(|| {
                    seed = (seed + 1) % seeds(hosts);
                    run(&scenario, seed, &mut workspace)
                });
            });
        }
    }
    group.finish();
}

fn set_up(c: &mut Criterion) {
    let mut group = c.benchmark_group("set-up");
    group.sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(2));
    for workload in WORKLOADS {
        for hosts in HOSTS {
            let mut set = workload.sized(hosts);
            set.push(("simulation.maxEvents".to_owned(), "1".to_owned()));
            let (scenario, mut workspace) = (workload.scenario(&set), Workspace::new());
            group.throughput(Throughput::Elements(u64::from(hosts)));
            let mut seed = 0;
            group.bench_function(BenchmarkId::new(workload.name, hosts), |b| {
                b.iter(|| {
                    seed += 1;
                    run(&scenario, seed, &mut workspace)
                });
            });
        }
    }
    group.finish();
}

fn load(c: &mut Criterion) {
    let mut group = c.benchmark_group("load");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(2));
    for workload in WORKLOADS {
        for hosts in HOSTS {
            let set = workload.sized(hosts);
            group.throughput(Throughput::Elements(u64::from(hosts)));
            group.bench_function(BenchmarkId::new(workload.name, hosts), |b| {
                b.iter(|| workload.scenario(&set));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, fleet, set_up, load);
criterion_main!(benches);
