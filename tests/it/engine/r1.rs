//! The reference rollout on the public API: known means, and the same events on either queue.

#[path = "../../../examples/r1/model.rs"]
mod model;

use bakeoff::engine::agenda::Agenda;
use bakeoff::engine::draw::Seed;
use bakeoff::engine::drive::{Ended, Stop};
use rayon::prelude::*;

use self::model::{Delays, Event, Rollout};

fn fleet(hosts: u32) -> Rollout {
    Rollout::new(hosts, Delays::r1().expect("R1's figures are sound"))
}

fn seed(replication: u64) -> Seed {
    Seed { master: 1, replication }
}

/// Durations in seconds, in order of seeds.
fn durations(hosts: u32, seeds: u64) -> Vec<f64> {
    let worker = || (fleet(hosts), Agenda::<Event>::new());
    (0..seeds)
        .into_par_iter()
        .map_init(worker, |(rollout, agenda), replication| {
            rollout.roll(seed(replication), agenda).at.as_ms() as f64 / 1e3
        })
        .collect()
}

/// Mean and its standard error.
fn mean(sample: &[f64]) -> (f64, f64) {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let squares: f64 = sample.iter().map(|x| (x - mean) * (x - mean)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

fn assert_mean(hosts: u32, seeds: u64, expected_s: f64, deviation_s: f64) {
    let (found, error) = mean(&durations(hosts, seeds));
    assert!((found - expected_s).abs() < 3.0 * error, "{found} ± {error}, expected {expected_s}");
    let deviation = error * (seeds as f64).sqrt();
    assert!((deviation / deviation_s - 1.0).abs() < 4.0 / (2.0 * seeds as f64).sqrt(), "{deviation}");
}

#[test]
fn a_thousand_hosts_take_4972_seconds() {
    assert_mean(1_000, 10_000, 4_972.2, 56.3);
}

#[test]
fn ten_thousand_hosts_take_5291_seconds() {
    assert_mean(10_000, 200, 5_290.9, 56.4);
}

#[test]
fn both_queues_run_the_same_rollout() {
    let (mut calendar, mut heap) = (Agenda::new(), Agenda::heap_oracle());
    let mut rollout = fleet(2_000);
    for replication in 0..5 {
        let ended = rollout.roll(seed(replication), &mut calendar);
        assert_eq!(ended, rollout.roll(seed(replication), &mut heap));
        assert_eq!(ended.stop, Stop::Finished);
        assert!(ended.events > 20 * 2_000, "twenty events a host, ticks and bakes");
    }
}

#[test]
fn buffers_used_again_change_nothing() {
    let mut used = (fleet(500), Agenda::new());
    let again: Vec<Ended> = (0..20).map(|replication| used.0.roll(seed(replication), &mut used.1)).collect();
    let fresh: Vec<Ended> =
        (0..20).map(|replication| fleet(500).roll(seed(replication), &mut Agenda::new())).collect();
    assert_eq!(again, fresh);
}

#[test]
fn one_seed_of_r1_is_pinned() {
    let ended = fleet(1_000).roll(seed(17), &mut Agenda::new());
    insta::assert_snapshot!(
        format!("{} ms, {} events, digest {:016x}", ended.at.as_ms(), ended.events, ended.digest),
        @"4930335 ms, 20155 events, digest b7bc19e1248033ad"
    );
}

#[test]
fn ticks_see_a_tenth_of_the_fleet_being_replaced() {
    let mut rollout = fleet(1_000);
    rollout.roll(seed(0), &mut Agenda::new());
    assert!((90..=110).contains(&rollout.replacing_max), "{}", rollout.replacing_max);
}
