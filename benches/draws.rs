//! Draws alone: an addressed uniform, and a delay of each distribution.
//!
//! `cargo bench --bench draws`. Each draw has an address of its own, so figures are
//! throughput: the processor overlaps neighbouring draws as it does in a run.

use std::hint::black_box;

use bakeoff::engine::draw::{Delay, Distribution, DistributionError, Seed};
use criterion::{Criterion, criterion_group, criterion_main};

fn distributions() -> Result<Vec<(&'static str, Distribution)>, DistributionError> {
    Ok(vec![
        ("uniform", Distribution::uniform(28e3, 72e3)?),
        ("triangular", Distribution::triangular(10e3, 20e3, 60e3)?),
        ("pert", Distribution::pert(10e3, 20e3, 60e3)?),
        ("exponential", Distribution::exponential(30e3)?),
        ("log-normal", Distribution::log_normal_median_p99(20e3, 60e3)?),
        ("weibull", Distribution::weibull(1.5, 45.0 * 60e3)?),
        ("gamma", Distribution::gamma(2.5, 30e3)?),
        ("truncated", Distribution::log_normal_median_p99(20e3, 60e3)?.truncated(None, Some(90e3))?),
    ])
}

fn draws(c: &mut Criterion) {
    let key = Seed { master: 1, replication: 0 }.key(1, 0);
    let mut group = c.benchmark_group("draw");
    group.sample_size(20).measurement_time(std::time::Duration::from_secs(2));
    let mut entity = 0_u32;
    group.bench_function("address", |b| {
        b.iter(|| {
            entity = entity.wrapping_add(1);
            key.uniform(black_box(entity), 0)
        });
    });
    for (name, distribution) in distributions().expect("the parameters are sound") {
        let delay = Delay::from_distribution(distribution);
        group.bench_function(name, |b| {
            b.iter(|| {
                entity = entity.wrapping_add(1);
                delay.sample_at(key, black_box(entity), 0)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, draws);
criterion_main!(benches);
