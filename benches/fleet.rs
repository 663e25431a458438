//! Whole runs of the fleet model, one thread, buffers reused from seed to seed as `bakeoff run` does.
//!
//! `cargo bench --bench fleet`, or one of them: `cargo bench --bench fleet -- rich/10000`. `lean` is the
//! rollout alone, `rich` has everything on. Throughput is events per second of wall time, where an event is
//! a fact or a decision handled; CPU time and host replacements are in `timing.json` of a `bakeoff run`.
//! Seeds go round, so that no run is learnt by heart.

use std::time::Duration;

use bakeoff::fleet::{Workspace, simulate};
use bakeoff::outcome::Outcome;
use bakeoff::scenario::{NoFiles, Scenario, load};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// A workload: its name, its scenario file, and the tasks of each of its services on a host.
const WORKLOADS: [(&str, &str, &[u32]); 2] =
    [("lean", include_str!("lean.yaml"), &[8]), ("rich", include_str!("rich.yaml"), &[6, 2])];

const HOSTS: [u32; 3] = [1_000, 10_000, 100_000];

/// Seeds that go round.
const SEEDS: u64 = 16;

fn sized(name: &str, text: &str, tasks_per_host: &[u32], hosts: u32) -> Scenario {
    let mut set = vec![("capacityProviders.0.instances".to_owned(), hosts.to_string())];
    for (service, tasks) in tasks_per_host.iter().enumerate() {
        set.push((format!("services.{service}.desiredCount"), (tasks * hosts).to_string()));
    }
    load(name, text, &NoFiles, &set).expect("the workload is a valid scenario").scenario
}

fn run(scenario: &Scenario, seed: u64, workspace: &mut Workspace) -> Outcome {
    simulate(scenario, seed, workspace, &|| false).expect("nobody interrupts")
}

/// Events of the mean run, so that a time per run can be read as events per second.
fn mean_events(scenario: &Scenario, workspace: &mut Workspace, seeds: u64) -> u64 {
    (0..seeds).map(|seed| run(scenario, seed, workspace).events).sum::<u64>() / seeds
}

fn fleet(c: &mut Criterion) {
    let mut group = c.benchmark_group("fleet");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(5));
    for (name, text, tasks_per_host) in WORKLOADS {
        for hosts in HOSTS {
            let scenario = sized(name, text, tasks_per_host, hosts);
            // A run of 100,000 hosts is long, and one seed is much like another.
            let seeds = if hosts < 100_000 { SEEDS } else { 2 };
            let mut workspace = Workspace::new();
            group.throughput(Throughput::Elements(mean_events(&scenario, &mut workspace, seeds)));
            let mut seed = 0;
            group.bench_function(BenchmarkId::new(name, hosts), |b| {
                b.iter(|| {
                    seed = (seed + 1) % seeds;
                    run(&scenario, seed, &mut workspace)
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, fleet);
criterion_main!(benches);
