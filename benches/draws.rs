//! Draws alone: an addressed uniform, and a delay of each distribution from it.
//!
//! `cargo bench --bench draws`. `delay` is what runs pay: where inversion is costly, a tabled inverse that
//! gives its very milliseconds; `quantile` is exact inversion, before rounding. Both contain the address. Each
//! draw has an address of its own, so figures are throughput: the processor overlaps neighbouring draws as it
//! does in a run.

use std::hint::black_box;
use std::time::Duration;

use bakeoff::engine::draw::{Delay, Distribution, DistributionError, Seed};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn distributions() -> Result<Vec<(&'static str, Distribution)>, DistributionError> {
    let measured = (1..=200).map(|i| f64::from(i) * 300.0).collect();
    let slow_start = Distribution::log_normal_median_p99(60e3, 180e3)?;
    Ok(vec![
        ("uniform", Distribution::uniform(28e3, 72e3)?),
        ("triangular", Distribution::triangular(10e3, 20e3, 60e3)?),
        ("pert", Distribution::pert(10e3, 20e3, 60e3)?),
        ("exponential", Distribution::exponential(30e3)?),
        ("log-normal", Distribution::log_normal_median_p99(20e3, 60e3)?),
        ("weibull", Distribution::weibull(1.5, 45.0 * 60e3)?),
        ("gamma", Distribution::gamma(2.5, 30e3)?),
        ("truncated", Distribution::log_normal_median_p99(20e3, 60e3)?.truncated(None, Some(90e3))?),
        (
            "mixture",
            Distribution::mixture(vec![(0.9, Distribution::uniform(5e3, 20e3)?), (0.1, slow_start)])?,
        ),
        ("empirical", Distribution::empirical(measured)?),
    ])
}

fn draws(c: &mut Criterion) {
    let key = Seed { master: 1, replication: 0 }.key(1, 0);
    let mut group = c.benchmark_group("draw");
    group.sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(2));
    group.throughput(Throughput::Elements(1));
    let mut entity = 0_u32;
    group.bench_function("address", |b| {
        b.iter(|| {
            entity = entity.wrapping_add(1);
            key.uniform(black_box(entity), 0)
        });
    });
    for (name, distribution) in distributions().expect("the parameters are sound") {
        let delay = Delay::from_distribution(distribution.clone());
        group.bench_function(BenchmarkId::new("delay", name), |b| {
            b.iter(|| {
                entity = entity.wrapping_add(1);
                delay.sample_at(key, black_box(entity), 0)
            });
        });
        group.bench_function(BenchmarkId::new("quantile", name), |b| {
            b.iter(|| {
                entity = entity.wrapping_add(1);
                distribution.quantile(key.uniform(black_box(entity), 0))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, draws);
criterion_main!(benches);
