//! What the tests of the rules share: fleets whose every delay is fixed, and ways to read a story.

use bakeoff::engine::time::SimTime;
use bakeoff::fleet::{Workspace, narrate, simulate_checked};
use bakeoff::outcome::Outcome;
use serde_json::{Value, json};

use super::scenario;

/// Hosts of one provider in one zone, one daemon and its update to the next revision at 1:00, in
/// one batch: 5 s to the drain, 35 s from a request to ACTIVE, 2 s to stop a daemon, 30 s to be gone.
pub(super) fn fixed(instances: u32) -> Value {
    json!({
        "schema": "bakeoff.scenario.v1",
        "name": "rules",
        "simulation": { "seeds": 1, "horizon": "1h", "observeAfter": "1m" },
        "capacityProviders": [provider("p", instances)],
        "controlPlane": { "batchDecision": "5s", "healthPropagation": "20s", "repairDecision": "69s" },
        "services": [],
        "daemonTaskDefinitions": [revision("agent", 1), revision("agent", 2)],
        "daemons": [daemon("agent", "p")],
        "timeline": [update("1m", "agent", "p", 100)],
    })
}

/// The same with nothing to deploy, watched for so long.
pub(super) fn quiet(instances: u32, horizon: &str) -> Value {
    let mut value = fixed(instances);
    value["timeline"] = json!([]);
    value["simulation"]["horizon"] = json!(horizon);
    value
}

/// Hosts with room for one task of [`service`] beside a daemon.
pub(super) fn provider(name: &str, instances: u32) -> Value {
    json!({
        "name": name, "instances": instances, "cpu": 2048, "memory": 4096, "availabilityZones": 1,
        "launch": "20s", "registration": "10s", "termination": "30s",
    })
}

pub(super) fn revision(family: &str, number: u32) -> Value {
    json!({ "family": family, "revision": number, "cpu": 256, "memory": 512, "startup": "5s", "shutdown": "2s" })
}

/// A critical daemon on its revision 1.
pub(super) fn daemon(name: &str, provider: &str) -> Value {
    json!({ "daemonName": name, "daemonTaskDefinitionArn": format!("{name}:1"), "capacityProviderArns": [provider] })
}

/// The daemon's update to its revision 2.
pub(super) fn update(at: &str, name: &str, provider: &str, drain_percent: u32) -> Value {
    json!({ "at": at, "updateDaemon": {
        "daemonArn": name, "daemonTaskDefinitionArn": format!("{name}:2"), "capacityProviderArns": [provider],
        "critical": true, "deploymentConfiguration": { "drainPercent": drain_percent },
    } })
}

/// Two daemons, `x` and `y`, each with two revisions, on the providers named.
pub(super) fn two_daemons(value: &mut Value, x_on: &str, y_on: &str) {
    value["daemonTaskDefinitions"] =
        json!([revision("x", 1), revision("x", 2), revision("y", 1), revision("y", 2)]);
    value["daemons"] = json!([daemon("x", x_on), daemon("y", y_on)]);
}

/// Tasks that fill a host: RUNNING 8 s after they are placed, healthy 40 s later, 10 s to stop.
pub(super) fn service(name: &str, desired: u32) -> Value {
    json!({
        "name": name, "capacityProvider": "p", "desiredCount": desired, "cpu": 1024, "memory": 2048,
        "startup": "8s", "healthyAfter": "40s", "shutdown": "10s",
    })
}

/// The same of half the size: two fill a host.
pub(super) fn half(name: &str, desired: u32) -> Value {
    let mut value = service(name, desired);
    value["cpu"] = json!(256);
    value["memory"] = json!(1792);
    value
}

/// Gives the revision (by its place in the file) a defect that every seed has and that hits every host.
pub(super) fn defective(value: &mut Value, revision: usize, kind: &str, body: &Value) {
    value["daemonTaskDefinitions"][revision]["defects"] =
        json!([{ "name": "d", "probability": 1, "share": 1, kind: body }]);
}

/// One seed with its story.
pub(super) struct Run {
    pub(super) outcome: Outcome,
    lines: Vec<(SimTime, String)>,
}

/// Seed 0, every invariant checked after every event; the story is from a second run, which must be the same.
pub(super) fn run(value: &Value) -> Run {
    run_seed(value, 0)
}

pub(super) fn run_seed(value: &Value, seed: u64) -> Run {
    let scenario = scenario(&value.to_string());
    let outcome = simulate_checked(&scenario, seed, &mut Workspace::new());
    let (narrated, story) = narrate(&scenario, seed, &mut Workspace::new());
    assert_eq!(outcome, narrated, "telling a run does not change it");
    let lines = story.iter().filter(|entry| !entry.change.is_detail());
    let lines = lines.map(|entry| (entry.at, entry.change.to_string())).collect();
    Run { outcome, lines }
}

impl Run {
    /// Every line with its instant.
    pub(super) fn lines(&self) -> impl Iterator<Item = (SimTime, &str)> {
        self.lines.iter().map(|(at, line)| (*at, line.as_str()))
    }

    /// The lines that contain every one of the words, `h:mm:ss what`.
    pub(super) fn told(&self, words: &[&str]) -> Vec<String> {
        let chosen = self.lines.iter().filter(|(_, line)| words.iter().all(|word| line.contains(word)));
        chosen.map(|(at, line)| format!("{at} {line}")).collect()
    }

    /// When the lines that begin so were told.
    pub(super) fn at(&self, beginning: &str) -> Vec<SimTime> {
        let chosen = self.lines.iter().filter(|(_, line)| begins(line, beginning));
        chosen.map(|(at, _)| *at).collect()
    }

    /// The same as text.
    pub(super) fn times(&self, beginning: &str) -> Vec<String> {
        self.at(beginning).iter().map(ToString::to_string).collect()
    }

    /// The whole story, to be shown when a test fails.
    pub(super) fn story(&self) -> String {
        self.told(&[]).join("\n")
    }

    /// Each of the lines, `h:mm:ss what`, is in the story; what begins a line's end is enough.
    #[track_caller]
    pub(super) fn tells(&self, expected: &str) {
        for line in expected.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let found = self.lines.iter().any(|(at, told)| begins(&format!("{at} {told}"), line));
            assert!(found, "not told: {line}\n{}", self.story());
        }
    }

    /// Such lines are told at these times, `h:mm:ss`, and at no other.
    #[track_caller]
    pub(super) fn tells_at(&self, beginning: &str, times: &[&str]) {
        assert_eq!(self.times(beginning), times, "{beginning}\n{}", self.story());
    }
}

/// Whether a line begins with these whole words.
fn begins(line: &str, beginning: &str) -> bool {
    line.strip_prefix(beginning).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ':']))
}
