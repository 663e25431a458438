//! Fleets small enough to be solved by other means: closed forms, a queueing network, and simulations
//! of a few lines written from the rules with luck of their own.

use bakeoff::fleet::Workspace;
use bakeoff::outcome::{DeploymentStatus, Outcome};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::kit::{daemon, defective, fixed, half, revision, service, update};
use super::{quick, scenario};

/// Hosts without tasks where nothing takes time but what a test gives time to.
fn instant(instances: u32, drain_percent: u32) -> Value {
    let mut value = fixed(instances);
    value["simulation"] = json!({ "seeds": 1, "horizon": "100d", "observeAfter": "0s", "sampleEvery": "1d" });
    for key in ["launch", "registration", "termination"] {
        value["capacityProviders"][0][key] = json!("0s");
    }
    for revision in 0..2 {
        value["daemonTaskDefinitions"][revision]["startup"] = json!("0s");
        value["daemonTaskDefinitions"][revision]["shutdown"] = json!("0s");
    }
    value["controlPlane"]["batchDecision"] = json!("0s");
    value["timeline"] = json!([update("0s", "agent", "p", drain_percent)]);
    value
}

fn outcomes(value: &Value, seeds: u64) -> Vec<Outcome> {
    let scenario = scenario(&value.to_string());
    let mut workspace = Workspace::new();
    (0..seeds).map(|seed| quick(&scenario, seed, &mut workspace)).collect()
}

/// Seconds from creation to SUCCESSFUL, a seed each.
fn durations(value: &Value, seeds: u64) -> Vec<f64> {
    let durations = outcomes(value, seeds).into_iter().map(|outcome| {
        let deployment = &outcome.deployments[0];
        assert_eq!(deployment.status, DeploymentStatus::Successful);
        deployment.finished_at.unwrap().since(deployment.created_at).as_secs()
    });
    durations.collect()
}

/// Mean and standard error.
fn estimate(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// The mean lies within four standard errors (1 in 16,000 by chance) of what is expected.
#[track_caller]
fn assert_mean(values: &[f64], expected: f64) {
    let (mean, standard_error) = estimate(values);
    assert!((mean - expected).abs() <= 4.0 * standard_error, "{mean} ± {standard_error}, not {expected}");
}

/// Two samples come from one law, by Kolmogorov and Smirnov at 0.001.
#[track_caller]
fn assert_same_law(mut a: Vec<f64>, mut b: Vec<f64>) {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let mut widest: f64 = 0.0;
    for x in &a {
        let below = |sorted: &[f64]| sorted.partition_point(|y| y <= x) as f64 / sorted.len() as f64;
        widest = widest.max((below(&a) - below(&b)).abs());
    }
    let (n, m) = (a.len() as f64, b.len() as f64);
    let statistic = widest * (n * m / (n + m)).sqrt();
    assert!(statistic < 1.949, "{statistic}");
}

const SEEDS: u64 = 4000;
/// Mean of an exponential delay, in seconds.
const THETA: f64 = 60.0;

fn exponential() -> Value {
    json!({ "exponential": { "mean": "60s" } })
}

/// Sum of the first reciprocals: the mean of the greatest of k exponential variates of mean 1 (Rényi).
fn harmonic(k: u32) -> f64 {
    (1..=k).map(|i| 1.0 / f64::from(i)).sum()
}

#[test]
fn r126_batches_of_exponential_launches_take_what_renyi_says_wherever_the_bake_is_spent() {
    // 20 hosts in 4 batches of 5; a bake of 10 minutes.
    let (n, k, bake) = (4.0, 5, 600.0);
    for (assumption, expected) in [
        ("afterAll", n * THETA * harmonic(k) + bake),
        ("betweenBatches", n * THETA * harmonic(k) + (n - 1.0) * bake),
        ("perBatch", n * (THETA * harmonic(k) + bake)),
    ] {
        let mut value = instant(20, 25);
        value["capacityProviders"][0]["launch"] = exponential();
        value["timeline"][0]["updateDaemon"]["deploymentConfiguration"]["bakeTimeInMinutes"] = json!(10);
        value["assumptions"] = json!({ "bake": assumption });
        let values = durations(&value, SEEDS);
        assert_mean(&values, expected);
        // The variance too: n θ² Σ 1/i², to a sixth (its own standard error is about 3 %).
        let squares: f64 = (1..=k).map(|i| 1.0 / f64::from(i * i)).sum();
        let (_, standard_error) = estimate(&values);
        let ratio = standard_error * standard_error * SEEDS as f64 / (n * THETA * THETA * squares);
        assert!((ratio - 1.0).abs() < 1.0 / 6.0, "{assumption}: variance {ratio} of what it should be");
    }
}

#[test]
fn r119_a_hundred_hosts_in_one_batch_take_the_greatest_of_a_hundred_launches() {
    let mut value = instant(100, 100);
    value["capacityProviders"][0]["launch"] = exponential();
    assert_mean(&durations(&value, 2000), THETA * harmonic(100));
    // Of 100 uniform variates the greatest has the mean 100/101.
    value["capacityProviders"][0]["launch"] = json!({ "uniform": { "min": "0s", "max": "101s" } });
    assert_mean(&durations(&value, 2000), 100.0);
}

#[test]
fn r119_a_sliding_window_always_has_as_many_hosts_on_their_way() {
    // Fifteen ends at the rate of five, and then the last five.
    let mut value = instant(20, 25);
    value["capacityProviders"][0]["launch"] = exponential();
    value["assumptions"] = json!({ "batching": "sliding" });
    assert_mean(&durations(&value, SEEDS), THETA * (15.0 / 5.0 + harmonic(5)));
}

#[test]
fn r120_each_batch_waits_for_one_decision() {
    let mut value = instant(20, 25);
    value["controlPlane"]["batchDecision"] = exponential();
    assert_mean(&durations(&value, SEEDS), 4.0 * THETA);
}

#[test]
fn r303_launches_that_fail_are_geometric() {
    // Every failure costs 20 s of launching and 30 s of waiting; a batch waits for the unluckiest of five.
    let mut value = instant(20, 25);
    value["capacityProviders"][0]["launch"] = json!("20s");
    value["capacityProviders"][0]["launchFailure"] = json!({ "probability": 0.25, "retryAfter": "30s" });
    let mut worst = 0.0;
    let mut more = 0.25;
    while more > 1e-12 {
        let none = 1.0 - more;
        worst += 1.0 - none * none * none * none * none;
        more *= 0.25;
    }
    assert_mean(&durations(&value, SEEDS), 4.0 * (20.0 + 50.0 * worst));
    let failures: Vec<f64> =
        outcomes(&value, SEEDS).iter().map(|outcome| f64::from(outcome.fleet.launch_failures)).collect();
    assert_mean(&failures, 20.0 / 3.0);
}

#[test]
fn r133_one_host_whose_daemon_starts_by_the_toss_of_a_coin_rolls_back_once_in_eight() {
    let mut value = instant(1, 100);
    defective(&mut value, 1, "failsToStart", &json!({ "probability": 0.5 }));
    let outcomes = outcomes(&value, SEEDS);
    let rolled_back: Vec<f64> = outcomes
        .iter()
        .map(|outcome| {
            f64::from(u8::from(outcome.deployments[0].status == DeploymentStatus::RollbackSuccessful))
        })
        .collect();
    assert_mean(&rolled_back, 0.125);
    // Failures seen: 1 + 1/2 + 1/4 of a half each.
    let failures: Vec<f64> =
        outcomes.iter().map(|outcome| f64::from(outcome.deployments[0].breaker_failures)).collect();
    assert_mean(&failures, 0.875);
}

#[test]
fn r203_repairs_under_the_limit_are_a_machine_shop_with_one_repairman() {
    // Eight hosts lose their daemon after an exponential time of mean 40 min; one drains for repair
    // at a time, for an exponential time of mean 10 min (the other daemon's stop), and its replacement
    // is there at once. So the number that waits while one drains is a birth and death chain: from
    // nobody draining to one at 8λ, from w waiting to w + 1 at (8 − w)λ, and down at μ.
    let mut value = instant(8, 100);
    value["timeline"] = json!([]);
    value["controlPlane"]["repairDecision"] = json!("0s");
    value["daemonTaskDefinitions"] = json!([revision("agent", 1), revision("other", 1)]);
    value["daemonTaskDefinitions"][0]["startup"] = json!("0s");
    value["daemonTaskDefinitions"][1]["startup"] = json!("0s");
    value["daemonTaskDefinitions"][1]["shutdown"] = json!({ "exponential": { "mean": "10m" } });
    value["daemonTaskDefinitions"][1]["stopTimeout"] = json!(604_800);
    value["daemons"] = json!([daemon("agent", "p"), daemon("other", "p")]);
    defective(&mut value, 0, "crashes", &json!({ "after": { "exponential": { "mean": "40m" } } }));
    let (lambda, mu) = (1.0 / 40.0, 1.0 / 10.0);
    let mut weight = 8.0 * lambda / mu;
    let (mut total, mut waiting) = (1.0, 0.0);
    for w in 0..=8 {
        total += weight;
        waiting += f64::from(w) * weight;
        weight *= f64::from(8 - w) * lambda / mu;
    }
    let minutes = 100.0 * 1440.0;
    let outcomes = outcomes(&value, 12);
    let rates: Vec<f64> =
        outcomes.iter().map(|outcome| f64::from(outcome.fleet.instances_repaired) / minutes).collect();
    assert_mean(&rates, mu * (1.0 - 1.0 / total));
    // Those that wait are ACTIVE without their daemon.
    let gaps: Vec<f64> = outcomes.iter().map(|outcome| outcome.fleet.daemon_gap.as_min() / minutes).collect();
    assert_mean(&gaps, waiting / total);
}

/// Luck that has nothing to do with the model's.
struct Dice(ChaCha8Rng);

impl Dice {
    fn new() -> Self {
        Self(ChaCha8Rng::from_seed([7; 32]))
    }

    fn uniform(&mut self, min: f64, max: f64) -> f64 {
        min + (max - min) * (self.0.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.uniform(0.0, 1.0))
    }

    fn times<const N: usize>(&mut self, draw: impl Fn(&mut Self) -> f64) -> [f64; N] {
        std::array::from_fn(|_| draw(self))
    }
}

fn greatest(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

#[test]
fn r305_a_batch_above_its_quota_takes_as_long_as_a_simulation_of_its_own_says() {
    // Six hosts drain at once, eight may exist; refused launches are tried again every 30 s.
    let mut value = instant(6, 100);
    value["capacityProviders"][0]["maxInstances"] = json!(8);
    value["capacityProviders"][0]["launch"] = json!({ "exponential": { "mean": "40s" } });
    value["capacityProviders"][0]["termination"] = json!({ "uniform": { "min": "20s", "max": "200s" } });
    let mut dice = Dice::new();
    let by_hand = (0..20_000).map(|_| {
        let gone: [f64; 6] = dice.times(|dice| dice.uniform(20.0, 200.0));
        let mut ends = Vec::new();
        let mut now = 0.0;
        while ends.len() < 6 {
            let old = gone.iter().filter(|at| **at > now).count();
            while ends.len() < 6 && old + ends.len() < 8 {
                ends.push(now + dice.exponential(40.0));
            }
            now += 30.0;
        }
        greatest(&ends).max(greatest(&gone))
    });
    let by_hand: Vec<f64> = by_hand.collect();
    let simulated = durations(&value, SEEDS);
    let ((mean, a), (expected, b)) = (estimate(&simulated), estimate(&by_hand));
    assert!((mean - expected).abs() < 4.0 * (a * a + b * b).sqrt(), "{mean} against {expected}");
    assert_same_law(simulated, by_hand);
}

#[test]
fn r318_a_drain_of_one_task_at_a_time_takes_as_long_as_a_simulation_of_its_own_says() {
    // Five full hosts drain at once; floor(5 × 1.2) = 6 tasks may be there, so they move one by one:
    // each starts when the one before is healthy and there is a host, and then an old one stops.
    let mut value = instant(5, 100);
    value["capacityProviders"][0]["launch"] = exponential();
    value["capacityProviders"][0]["termination"] = json!({ "uniform": { "min": "10s", "max": "100s" } });
    value["services"] = json!([service("web", 5)]);
    value["services"][0]["maximumPercent"] = json!(120);
    value["services"][0]["startup"] = json!({ "exponential": { "mean": "20s" } });
    value["services"][0]["shutdown"] = json!({ "uniform": { "min": "1s", "max": "40s" } });
    let mut dice = Dice::new();
    let by_hand = (0..20_000).map(|_| {
        let mut hosts: [f64; 5] = dice.times(|dice| dice.exponential(60.0));
        hosts.sort_by(f64::total_cmp);
        let mut healthy: f64 = 0.0;
        let mut gone: f64 = 0.0;
        for host in hosts {
            healthy = healthy.max(host) + dice.exponential(20.0) + 40.0;
            gone = gone.max(healthy + dice.uniform(1.0, 40.0).min(30.0) + dice.uniform(10.0, 100.0));
        }
        gone
    });
    let by_hand: Vec<f64> = by_hand.collect();
    let simulated = durations(&value, SEEDS);
    let ((mean, a), (expected, b)) = (estimate(&simulated), estimate(&by_hand));
    assert!((mean - expected).abs() < 4.0 * (a * a + b * b).sqrt(), "{mean} against {expected}");
    assert_same_law(simulated, by_hand);
}

#[test]
fn r318_tasks_that_move_together_leave_each_host_with_the_slower_of_its_two() {
    // Two tasks a host and room for all of them anew: every host waits for its own two old tasks, which
    // stop in the order in which new ones are healthy, one host after another.
    let mut value = instant(3, 100);
    value["capacityProviders"][0]["launch"] = exponential();
    value["services"] = json!([half("web", 6)]);
    value["services"][0]["startup"] = json!({ "exponential": { "mean": "20s" } });
    let mut dice = Dice::new();
    let by_hand = (0..20_000).map(|_| {
        // Each new host takes two of the waiting tasks.
        let hosts: [f64; 3] = dice.times(|dice| dice.exponential(60.0));
        let mut healthy: Vec<f64> = Vec::new();
        for host in hosts {
            healthy.extend([0, 1].map(|_| host + dice.exponential(20.0) + 40.0));
        }
        greatest(&healthy) + 10.0
    });
    let by_hand: Vec<f64> = by_hand.collect();
    let simulated = durations(&value, SEEDS);
    let ((mean, a), (expected, b)) = (estimate(&simulated), estimate(&by_hand));
    assert!((mean - expected).abs() < 4.0 * (a * a + b * b).sqrt(), "{mean} against {expected}");
    assert_same_law(simulated, by_hand);
}
