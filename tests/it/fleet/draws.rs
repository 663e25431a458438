//! A draw is named by what it is for and whom it befalls: what a change does not concern keeps its luck.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bakeoff::experiment::{self, Arm, Completion, Hooks, Plan};
use bakeoff::fleet::{Workspace, narrate, simulate_checked};
use bakeoff::outcome::Outcome;
use serde_json::{Value, json};

use super::kit::{Run, run_seed};
use super::scenario;

/// A fleet where everything that can be random is, and everything that can go wrong does.
fn random() -> Value {
    json!({
        "schema": "bakeoff.scenario.v1",
        "name": "draws",
        "simulation": { "seeds": 3, "horizon": "8h", "observeAfter": "1h", "sampleEvery": "5m" },
        "capacityProviders": [{
            "name": "p", "instances": 24, "cpu": 8192, "memory": 32768,
            "launchFailure": { "probability": 0.2 },
            "hostFailure": { "perInstanceMonth": 5 },
        }],
        "controlPlane": { "repairDecision": { "uniform": { "min": "30s", "max": "90s" } } },
        "services": [{
            "name": "web", "desiredCount": 48, "cpu": 512, "memory": 1024, "minimumHealthyPercent": 50,
            "traffic": { "requestsPerSecond": 40, "errorRate": 0.01 },
        }],
        "daemonTaskDefinitions": [
            { "family": "agent", "revision": 1, "cpu": 256, "memory": 512 },
            { "family": "agent", "revision": 2, "cpu": 256, "memory": 512, "healthCheck": {}, "defects": [
                { "name": "leak", "probability": 1, "share": 0.5, "crashes": { "after": { "exponential": { "mean": "30m" } } } },
                { "name": "lazy", "probability": 1, "share": 0.3, "failsToStart": { "probability": 0.2 } },
            ] },
        ],
        "daemons": [{ "daemonName": "agent", "daemonTaskDefinitionArn": "agent:1", "capacityProviderArns": ["p"] }],
        "timeline": [{ "at": "10m", "updateDaemon": {
            "daemonArn": "agent", "daemonTaskDefinitionArn": "agent:2", "capacityProviderArns": ["p"], "critical": true,
            "deploymentConfiguration": { "drainPercent": 25 },
        } }],
    })
}

/// Every delay that can be read off a story, by its address: what for, whom it befell, the how manieth.
type Draws = BTreeMap<Address, u64>;
type Address = (String, String, u32);

/// Reads a story and notes how long everything took.
#[derive(Default)]
struct Reader {
    drawn: Draws,
    /// What has begun and not ended, by what and whom it befalls, with its address.
    open: BTreeMap<(String, String), (u64, Address)>,
    /// How many have begun, by what and address.
    begun: BTreeMap<(String, String), u32>,
    /// The generation of each task on its instance.
    tasks: BTreeMap<(String, String), u32>,
}

impl Reader {
    /// Something begins that is counted by its address.
    fn begin(&mut self, at: u64, what: &str, whom: &str, address: &str) {
        let count = self.begun.entry((what.into(), address.into())).or_default();
        let nth = std::mem::replace(count, *count + 1);
        self.open.insert((what.into(), whom.into()), (at, (what.into(), address.into(), nth)));
    }

    /// Something begins for a task, whose generation is known from where it is.
    fn begin_task(&mut self, at: u64, what: &str, task: &str, place: &str) {
        let generation = self.tasks.get(&(task.into(), place.into())).copied().unwrap_or_default();
        let address = (what.to_owned(), task.to_owned(), generation);
        self.open.insert((what.into(), format!("{task} {place}")), (at, address));
    }

    fn end(&mut self, at: u64, what: &str, whom: &str) {
        if let Some((began, address)) = self.open.remove(&(what.to_owned(), whom.to_owned())) {
            self.drawn.insert(address, at - began);
        }
    }

    fn read(&mut self, at: u64, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["instance", whom, "REQUESTED", ..] => self.begin(at, "launch", whom, lineage(whom)),
            ["launch", "of", whom, "failed"] => self.end(at, "launch", whom),
            ["instance", whom, "LAUNCHED", ..] => {
                self.end(at, "launch", whom);
                self.begin(at, "registration", whom, whom);
            }
            ["instance", whom, "REGISTERING", ..] => self.end(at, "registration", whom),
            ["instance", whom, "DEREGISTERING", ..] => self.begin(at, "termination", whom, whom),
            ["instance", whom, "GONE", ..] => self.end(at, "termination", whom),
            ["daemon", "agent", _, "on", whom, "PENDING"] => self.begin(at, "start", whom, lineage(whom)),
            ["daemon", "agent", _, "on", whom, "RUNNING"] => {
                self.end(at, "start", whom);
                self.begin(at, "leak", whom, lineage(whom));
            }
            ["daemon", "agent", "on", whom, "crashes"] => self.end(at, "leak", whom),
            ["task", task, "PROVISIONING"] => self.count_task(task),
            ["task", task, "PENDING", "on", place] => {
                let generation = self.begun[&("task".to_owned(), task.to_owned())];
                self.tasks.insert((task.into(), place.into()), generation);
                self.begin_task(at, "task start", task, place);
            }
            ["task", task, "RUNNING", "on", place] => self.end(at, "task start", &format!("{task} {place}")),
            ["task", task, "STOPPING", "on", place] => self.begin_task(at, "task stop", task, place),
            ["task", task, "STOPPED", "on", place] => self.end(at, "task stop", &format!("{task} {place}")),
            _ => {}
        }
    }

    fn count_task(&mut self, task: &str) {
        *self.begun.entry(("task".into(), task.into())).or_default() += 1;
    }
}

fn draws(run: &Run) -> Draws {
    let mut reader = Reader::default();
    for (at, line) in run.lines() {
        reader.read(at.as_ms(), line);
    }
    reader.drawn
}

/// `p/3.1` is the second instance of the lineage `p/3`.
fn lineage(instance: &str) -> &str {
    instance.split_once('.').expect("provider/lineage.generation").0
}

fn of<'a>(draws: &'a Draws, purpose: &'a str) -> impl Iterator<Item = (&'a Address, u64)> {
    draws.iter().filter(move |((what, _, _), _)| what == purpose).map(|(key, value)| (key, *value))
}

/// Every draw that both runs made is the same in both; at least so many of each purpose are compared.
#[track_caller]
fn assert_common(a: &Draws, b: &Draws) {
    for (purpose, least) in PURPOSES {
        let common: Vec<_> = of(a, purpose).filter_map(|(key, a)| Some((key, a, *b.get(key)?))).collect();
        assert!(common.len() >= *least, "{purpose}: only {} in both", common.len());
        for (key, a, b) in common {
            assert_eq!(a, b, "{key:?}");
        }
    }
}

/// What is drawn at least so often in all arms: 24 hosts and 48 tasks move once, and half of the hosts leak.
const PURPOSES: &[(&str, usize)] = &[
    ("launch", 24),
    ("registration", 24),
    ("termination", 24),
    ("start", 24),
    ("leak", 3),
    ("task start", 40),
    ("task stop", 40),
];

fn changed(change: impl FnOnce(&mut Value)) -> Value {
    let mut value = random();
    change(&mut value);
    value
}

#[test]
fn r010_what_an_arm_does_otherwise_leaves_the_luck_of_hosts_daemons_and_tasks() {
    let arms = [
        changed(|value| {
            value["timeline"][0]["updateDaemon"]["deploymentConfiguration"]["drainPercent"] = json!(50);
        }),
        changed(|value| {
            value["timeline"][0]["updateDaemon"]["deploymentConfiguration"]["bakeTimeInMinutes"] = json!(30);
        }),
        changed(|value| {
            value["assumptions"] = json!({ "batching": "sliding", "displacedTasks": "replacementsOnly" });
        }),
        changed(|value| value["assumptions"] = json!({ "batchOrder": "random" })),
        changed(|value| value["timeline"][0]["at"] = json!("20m")),
        changed(|value| value["services"][0]["maximumPercent"] = json!(150)),
        changed(|value| value["controlPlane"]["batchDecision"] = json!({ "exponential": { "mean": "2m" } })),
    ];
    for seed in 0..3 {
        let base = draws(&run_seed(&random(), seed));
        for arm in &arms {
            assert_common(&base, &draws(&run_seed(arm, seed)));
        }
    }
}

#[test]
fn r010_what_is_added_leaves_the_luck_of_what_was_there() {
    let arms = [
        changed(|value| {
            let mut more = value["services"][0].clone();
            more["name"] = json!("more");
            more["desiredCount"] = json!(30);
            value["services"] = json!([more, value["services"][0]]);
        }),
        changed(|value| value["capacityProviders"][0]["instances"] = json!(30)),
        changed(|value| {
            let mut more = value["capacityProviders"][0].clone();
            more["name"] = json!("q");
            value["capacityProviders"] = json!([more, value["capacityProviders"][0]]);
            value["services"][0]["capacityProvider"] = json!("p");
            value["daemonTaskDefinitions"]
                .as_array_mut()
                .unwrap()
                .insert(0, json!({ "family": "other", "revision": 1, "cpu": 64, "memory": 64 }));
            value["daemons"] = json!([
                { "daemonName": "other", "daemonTaskDefinitionArn": "other:1", "capacityProviderArns": ["p", "q"] },
                value["daemons"][0],
            ]);
        }),
        changed(|value| {
            let defects = value["daemonTaskDefinitions"][1]["defects"].as_array_mut().unwrap();
            defects.insert(0, json!({ "name": "noise", "probability": 1, "share": 0.7,
                "degrades": { "service": "web", "errorRate": 0.2, "after": { "exponential": { "mean": "5m" } } } }));
        }),
    ];
    for seed in 0..3 {
        let base = draws(&run_seed(&random(), seed));
        for arm in &arms {
            assert_common(&base, &draws(&run_seed(arm, seed)));
        }
    }
}

#[test]
fn a_defect_of_the_old_revision_that_hits_no_host_changes_nothing() {
    let idle = changed(|value| {
        value["daemonTaskDefinitions"][0]["defects"] =
            json!([{ "name": "idle", "probability": 1, "share": 0, "crashes": { "after": "1m" } }]);
    });
    for seed in 0..3 {
        assert_eq!(run_seed(&idle, seed).told(&[]), run_seed(&random(), seed).told(&[]));
    }
}

/// The story without what alarms say.
fn told_but_alarms(value: &Value) -> Vec<String> {
    let mut lines = run_seed(value, 0).told(&[]);
    lines.retain(|line| !line.contains(" alarm "));
    lines
}

#[test]
fn a_defect_that_no_seed_has_and_an_alarm_that_stays_quiet_change_nothing() {
    let base = told_but_alarms(&random());
    let defects = changed(|value| {
        for revision in 0..2 {
            let mut defects =
                value["daemonTaskDefinitions"][revision]["defects"].as_array().cloned().unwrap_or_default();
            for (name, kind, body) in [
                ("a", "crashes", json!({ "after": "1m" })),
                ("b", "failsToStart", json!({ "probability": 1 })),
                ("c", "needsMore", json!({ "memory": 30_000 })),
                ("d", "degrades", json!({ "service": "web", "errorRate": 1, "after": "1m" })),
            ] {
                defects.insert(0, json!({ "name": name, "probability": 0, "share": 1, kind: body }));
            }
            value["daemonTaskDefinitions"][revision]["defects"] = json!(defects);
        }
    });
    assert_eq!(told_but_alarms(&defects), base);
    let alarms = changed(|value| {
        value["alarms"] = json!([
            { "alarmName": "errors", "metric": { "errorRate": {} }, "threshold": 0.9 },
            { "alarmName": "script", "metric": { "scripted": [{ "at": "0s", "state": "OK" }] } },
        ]);
        value["timeline"][0]["updateDaemon"]["deploymentConfiguration"]["alarms"] =
            json!({ "alarmNames": ["errors", "script"], "enable": true });
    });
    assert_eq!(told_but_alarms(&alarms), base);
}

#[test]
fn sampling_and_telling_are_free() {
    let fine = changed(|value| value["simulation"]["sampleEvery"] = json!("1s"));
    for seed in 0..3 {
        // Telling is compared within.
        let (coarse, fine) = (run_seed(&random(), seed), run_seed(&fine, seed));
        assert_eq!(coarse.told(&[]), fine.told(&[]));
        assert_eq!(coarse.outcome.digest, fine.outcome.digest);
        assert_eq!(coarse.outcome.events, fine.outcome.events);
        assert!(fine.outcome.series.len() > 250 * coarse.outcome.series.len());
        let without = |outcome: &Outcome| Outcome { series: Vec::new(), ..outcome.clone() };
        assert_eq!(without(&coarse.outcome), without(&fine.outcome));
    }
}

#[test]
fn r011_other_seeds_and_other_master_seeds_have_other_luck() {
    let base = draws(&run_seed(&random(), 0));
    let base: Draws = of(&base, "registration").map(|(key, value)| (key.clone(), value)).collect();
    let salted = changed(|value| value["simulation"]["masterSeed"] = json!(2));
    for other in [run_seed(&random(), 1), run_seed(&salted, 0)] {
        let other = draws(&other);
        let same = base.iter().filter(|(key, value)| other.get(*key) == Some(*value)).count();
        assert!(same <= 1, "{same} of {} registrations take equally long", base.len());
    }
}

#[test]
fn r011_a_seed_is_the_same_run_however_many_are_asked_for() {
    let more = changed(|value| value["simulation"]["seeds"] = json!("2..500"));
    assert_eq!(run_seed(&random(), 2).outcome, run_seed(&more, 2).outcome);
}

#[test]
fn one_two_and_seven_threads_have_the_same_outcomes() {
    let fast = changed(|value| {
        value["timeline"][0]["updateDaemon"]["deploymentConfiguration"]["drainPercent"] = json!(50);
    });
    let arms = [("a", &random()), ("b", &fast)].map(|(name, value)| {
        let scenario = scenario(&value.to_string());
        Arm { name: name.to_owned(), scenario }
    });
    let by_threads = [1, 2, 7].map(|threads| {
        let count = AtomicUsize::new(0);
        let finished = || _ = count.fetch_add(1, Ordering::Relaxed);
        let hooks = Hooks { finished: &finished, interrupted: &AtomicBool::new(false) };
        let plan = Plan { arms: &arms, seeds: 5..25, threads: NonZeroUsize::new(threads).unwrap() };
        let mut outcomes = vec![Vec::new(); 2];
        let done = experiment::run(&plan, &hooks, &|_, outcome| outcome, &mut outcomes);
        let done = done.expect("nothing panics");
        assert_eq!((done.completion, done.seeds), (Completion::Whole, 5..25));
        assert_eq!(count.load(Ordering::Relaxed), 40);
        outcomes
    });
    assert_eq!(by_threads[0], by_threads[1]);
    assert_eq!(by_threads[0], by_threads[2]);
    // And they are what a run alone gives.
    let alone = simulate_checked(&arms[1].scenario, 17, &mut Workspace::new());
    assert_eq!(by_threads[2][1][12], alone);
    let (told, _) = narrate(&arms[1].scenario, 17, &mut Workspace::new());
    assert_eq!(told, alone);
}
