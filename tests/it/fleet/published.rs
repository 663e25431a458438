//! The one published rollout, as `scenarios/single-instance.yaml` retells it.

use bakeoff::fleet::{Workspace, narrate};
use bakeoff::outcome::DeploymentStatus;

use super::scenario;

fn shipped(name: &str) -> String {
    let path = format!("{}/scenarios/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Seconds until the first line of a story that contains `what`.
fn first_seen(story: &[(f64, String)], what: &str) -> f64 {
    story.iter().find(|(_, line)| line.contains(what)).unwrap_or_else(|| panic!("never told: {what}")).0
}

#[test]
fn r124_every_state_of_the_published_rollout_is_first_seen_between_the_same_two_samples() {
    let scenario = scenario(&shipped("single-instance"));
    let mut durations = Vec::new();
    for seed in 0..200 {
        let (outcome, story) = narrate(&scenario, seed, &mut Workspace::new());
        let story: Vec<(f64, String)> =
            story.iter().map(|line| (line.at.as_ms() as f64 / 1000.0, line.change.to_string())).collect();
        // Samples were taken at 0:00, 0:40, 1:53, 2:29, 3:42 and 4:54.
        for (what, after, by) in [
            ("one/0.0 DRAINING", 0.0, 40.0),
            ("one/0.1 REGISTERING", 40.0, 113.0),
            ("one/0.1 ACTIVE", 113.0, 149.0),
            ("nginx/0 RUNNING on one/0.1", 113.0, 149.0),
            ("nginx/0 STOPPING on one/0.0", 149.0, 222.0),
            ("one/0.0 DEREGISTERING", 149.0, 222.0),
            ("SUCCESSFUL", 222.0, 294.0),
        ] {
            let seen = first_seen(&story, what);
            assert!(after < seen && seen <= by, "seed {seed}: {what} at {seen} s, not in ({after}, {by}]");
        }
        let deployment = &outcome.deployments[0];
        assert_eq!(deployment.status, DeploymentStatus::Successful);
        durations.push(deployment.finished_at.unwrap().since(deployment.created_at).as_secs());
    }
    durations.sort_by(f64::total_cmp);
    let median = f64::midpoint(durations[99], durations[100]);
    assert!((250.0..=338.0).contains(&median), "median {median} s");
}
