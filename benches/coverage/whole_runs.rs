//! Whole runs of the simulator whose mean duration is known.
//!
//! A batch of k replacements that each take an exponential time of mean θ, and nothing else, takes
//! θ (1 + 1/2 + … + 1/k) on average (Rényi, 1953), and one batch follows the other.

use bakeoff::fleet::{Workspace, simulate};
use bakeoff::scenario::{NoFiles, Scenario, load};
use bakeoff::stats::{Confidence, Pairs, Sample};
use rayon::prelude::*;
use serde_json::json;

use super::{Effort, Promise, Row, covers};

/// Mean of a launch, in seconds.
const THETA: f64 = 60.0;
/// Seeds of one experiment.
const SEEDS: usize = 20;

pub(crate) fn rows(effort: Effort) -> Vec<Row> {
    let experiments = effort.repeats(4_000);
    let (slow, fast) = (durations(25, experiments * SEEDS), durations(50, experiments * SEEDS));
    let (slow_mean, fast_mean) = (4.0 * THETA * harmonic(6), 2.0 * THETA * harmonic(12));

    let mean = |seeds: &[f64]| {
        let sample = Sample::new(seeds.to_vec(), 0).expect("finite");
        covers(sample.mean(Confidence::NINETY_FIVE).expect("nothing is censored").interval, fast_mean)
    };
    let difference = |slow: &[f64], fast: &[f64]| {
        let pairs = slow.iter().copied().zip(fast.iter().copied()).collect();
        let estimate = Pairs::new(pairs).expect("finite").mean_difference(Confidence::NINETY_FIVE);
        covers(estimate.expect("nothing is censored").interval, fast_mean - slow_mean)
    };
    let means = fast.chunks(SEEDS).filter(|seeds| mean(seeds)).count();
    let differences =
        slow.chunks(SEEDS).zip(fast.chunks(SEEDS)).filter(|(slow, fast)| difference(slow, fast)).count();
    vec![
        row("t interval of a mean", "whole runs: 2 batches of 12", (means, experiments)),
        row("paired t", "whole runs: 2 batches of 12, 4 of 6", (differences, experiments)),
    ]
}

fn row(method: &str, model: &str, covered: (usize, usize)) -> Row {
    Row {
        method: method.to_owned(),
        model: model.to_owned(),
        n: SEEDS.to_string(),
        nominal: 0.95,
        covered: Some(covered),
        promise: Promise::Nothing,
    }
}

fn harmonic(k: u32) -> f64 {
    (1..=k).map(|i| 1.0 / f64::from(i)).sum()
}

/// How long the rollout takes in each of so many seeds, in seconds.
fn durations(drain_percent: u32, seeds: usize) -> Vec<f64> {
    let scenario = scenario(drain_percent);
    (0..seeds as u64)
        .into_par_iter()
        .map_init(Workspace::new, |workspace, seed| {
            let outcome = simulate(&scenario, seed, workspace, &|| false).expect("nobody interrupts");
            let deployment = &outcome.deployments[0];
            let end = deployment.finished_at.expect("a hundred days suffice");
            end.since(deployment.created_at).as_secs()
        })
        .collect()
}

/// Twenty-four hosts without tasks, where nothing but a launch takes time.
fn scenario(drain_percent: u32) -> Scenario {
    let revision = |number: u32| {
        json!({
            "family": "agent", "revision": number, "cpu": 256, "memory": 512, "startup": "0s", "shutdown": "0s",
        })
    };
    let value = json!({
        "schema": "bakeoff.scenario.v1",
        "name": "batches",
        "simulation": { "seeds": 1, "horizon": "100d", "observeAfter": "0s", "sampleEvery": "1d" },
        "capacityProviders": [{
            "name": "general", "instances": 24, "cpu": 2048, "memory": 4096, "availabilityZones": 1,
            "launch": { "exponential": { "mean": format!("{THETA}s") } }, "registration": "0s", "termination": "0s",
        }],
        "controlPlane": { "batchDecision": "0s", "healthPropagation": "0s", "repairDecision": "69s" },
        "services": [],
        "daemonTaskDefinitions": [revision(1), revision(2)],
        "daemons": [{
            "daemonName": "agent", "daemonTaskDefinitionArn": "agent:1", "capacityProviderArns": ["general"],
        }],
        "timeline": [{ "at": "0s", "updateDaemon": {
            "daemonArn": "agent", "daemonTaskDefinitionArn": "agent:2", "capacityProviderArns": ["general"],
            "critical": true, "deploymentConfiguration": { "drainPercent": drain_percent },
        } }],
    });
    match load("batches.json", &value.to_string(), &NoFiles, &[]) {
        Ok(loaded) => loaded.scenario,
        Err(problems) => unreachable!("the scenario is sound: {:?}", problems.first().map(|p| &p.message)),
    }
}
