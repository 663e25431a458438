//! Event logs: what a tool that reads the events of ECS may rely on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use bakeoff::fleet::{Workspace, narrate};
use bakeoff::outcome::{DeploymentStatus, Outcome};
use bakeoff::report::events::{Scope, events, lines};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::properties::scenarios;
use super::{kit, scenario};

fn log(text: &str, seed: u64) -> (Outcome, Vec<Value>) {
    let scenario = scenario(text);
    let (outcome, story) = narrate(&scenario, seed, &mut Workspace::new());
    let log = events(&scenario, seed, &story, Scope::Ecs);
    (outcome, log.iter().map(|event| serde_json::to_value(event).expect("plain data")).collect())
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} is a text in {value}"))
}

fn of<'a>(log: &'a [Value], detail_type: &str) -> Vec<&'a Value> {
    log.iter().filter(|event| event["detail-type"] == detail_type).map(|event| &event["detail"]).collect()
}

const TASK: &str = "ECS Task State Change";
const INSTANCE: &str = "ECS Container Instance State Change";
const HEALTH: &str = "ECS Container Instance Health Change";
const ACTION: &str = "ECS Daemon Service Action";
const DEPLOYMENT: &str = "ECS Daemon Deployment State Change";

/// Member names and words of the API, from botocore's model.
struct Api(Value);

impl Api {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ecs-shapes.json");
        Self(serde_json::from_str(&fs::read_to_string(path).expect("a fixture")).expect("JSON"))
    }

    /// The members of an object that its shape does not have.
    fn strangers(&self, shape: &str, object: &Value, besides: &[&str]) -> Vec<String> {
        let known: BTreeSet<&str> =
            self.0["shapes"][shape].as_array().expect("a shape").iter().filter_map(Value::as_str).collect();
        let members = object.as_object().expect("an object").keys();
        members
            .filter(|key| !known.contains(key.as_str()) && !besides.contains(&key.as_str()))
            .cloned()
            .collect()
    }

    fn has_word(&self, name: &str, word: &Value) -> bool {
        self.0["enums"][name].as_array().expect("an enum").contains(word)
    }

    fn check(&self, event: &Value) {
        let keys: Vec<&String> = event.as_object().expect("an object").keys().collect();
        let envelope =
            ["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"];
        assert_eq!(keys, envelope);
        assert_eq!((&event["version"], &event["source"]), (&json!("0"), &json!("aws.ecs")));
        let detail = &event["detail"];
        let strangers = match text(event, "detail-type") {
            TASK => self.strangers_of_task(detail),
            INSTANCE => {
                // The enum is that of a filter; one that is gone is INACTIVE, says the text of the member.
                let status = &detail["status"];
                assert!(status == "INACTIVE" || self.has_word("ContainerInstanceStatus", status), "{detail}");
                let resources = [&detail["registeredResources"], &detail["remainingResources"]];
                let resources = resources.into_iter().flat_map(|list| list.as_array().expect("a list"));
                let mut strangers: Vec<_> =
                    resources.flat_map(|resource| self.strangers("Resource", resource, &[])).collect();
                strangers.extend(self.strangers("ContainerInstance", detail, &["clusterArn", "updatedAt"]));
                strangers
            }
            HEALTH => {
                assert!(self.has_word("InstanceHealthCheckState", &detail["overallStatus"]), "{detail}");
                let checks = detail["healthChecks"].as_array().expect("a list");
                checks
                    .iter()
                    .flat_map(|check| self.strangers("InstanceHealthCheckResult", check, &[]))
                    .collect()
            }
            DEPLOYMENT => {
                let word = text(detail, "eventName").strip_prefix("DAEMON_DEPLOYMENT_").expect("its prefix");
                assert!(self.has_word("DaemonDeploymentStatus", &json!(word)), "{word}");
                Vec::new()
            }
            ACTION => Vec::new(),
            other => panic!("ECS sends no {other}"),
        };
        assert!(strangers.is_empty(), "{strangers:?} in {event}");
    }

    fn strangers_of_task(&self, detail: &Value) -> Vec<String> {
        assert!(self.has_word("LaunchType", &detail["launchType"]), "{detail}");
        let code = &detail["stopCode"];
        assert!(code.is_null() || self.has_word("TaskStopCode", code), "{detail}");
        let containers = detail["containers"].as_array().expect("a list");
        let mut strangers: Vec<_> =
            containers.iter().flat_map(|container| self.strangers("Container", container, &[])).collect();
        strangers.extend(self.strangers("Task", detail, &["updatedAt"]));
        strangers
    }
}

/// A fleet that knows nothing but events.
#[derive(Default)]
struct Rebuilt {
    instances: BTreeMap<String, Value>,
    tasks: BTreeMap<String, Value>,
    impaired: BTreeSet<String>,
}

impl Rebuilt {
    fn take(&mut self, event: &Value) {
        let detail = &event["detail"];
        let newer = |before: Option<&Value>| {
            let version = |value: &Value| value["version"].as_u64().expect("a version");
            before.map_or(version(detail) == 1, |before| version(detail) == version(before) + 1)
        };
        match text(event, "detail-type") {
            TASK => {
                let arn = text(detail, "taskArn").to_owned();
                let before = self.tasks.insert(arn, detail.clone());
                assert!(newer(before.as_ref()), "{before:?} then {detail}");
                assert!(follows(
                    before.as_ref().map(|task| text(task, "lastStatus")),
                    text(detail, "lastStatus")
                ));
            }
            INSTANCE => {
                let arn = text(detail, "containerInstanceArn").to_owned();
                if detail["status"] == "INACTIVE" {
                    self.impaired.remove(&arn);
                }
                let before = self.instances.insert(arn, detail.clone());
                assert!(newer(before.as_ref()), "{before:?} then {detail}");
            }
            HEALTH if detail["overallStatus"] == "IMPAIRED" => {
                self.impaired.insert(text(detail, "containerInstanceArn").to_owned());
            }
            _ => {}
        }
    }

    fn instances_in(&self, status: &str) -> u32 {
        self.instances.values().filter(|instance| instance["status"] == status).count() as u32
    }

    fn running_tasks(&self) -> u32 {
        let running = |task: &&Value| {
            task["lastStatus"] == "RUNNING"
                && task["desiredStatus"] == "RUNNING"
                && text(task, "group").starts_with("service:")
        };
        self.tasks.values().filter(running).count() as u32
    }

    /// What an instance says of itself is what its tasks add up to.
    fn check_room(&self) {
        for (arn, instance) in &self.instances {
            let on_it = self.tasks.values().filter(|task| {
                task["containerInstanceArn"] == arn.as_str() && task["lastStatus"] != "STOPPED"
            });
            let taken: u64 = on_it.map(|task| text(task, "memory").parse::<u64>().expect("MiB")).sum();
            let memory = |key: &str| instance[key][1]["integerValue"].as_u64().expect("MiB");
            assert_eq!(memory("registeredResources"), memory("remainingResources") + taken, "{instance}");
        }
    }
}

/// Whether a task's last status may follow another.
fn follows(before: Option<&str>, status: &str) -> bool {
    match before {
        // A task of the start runs already, and a daemon's is made for its instance.
        None => matches!(status, "PROVISIONING" | "PENDING" | "RUNNING"),
        Some("PROVISIONING") => matches!(status, "PENDING" | "STOPPED"),
        Some("PENDING") => matches!(status, "RUNNING" | "STOPPED" | "STOPPING"),
        Some("RUNNING") => matches!(status, "STOPPING" | "STOPPED"),
        Some("STOPPING") => status == "STOPPED",
        Some(_) => false,
    }
}

/// Replays a log and compares what it shows with the counts of the model at every sample.
fn rebuild(outcome: &Outcome, log: &[Value], sample_ms: u64) -> Rebuilt {
    let epoch = "2026-01-01T00:00:00.000Z";
    let mut fleet = Rebuilt::default();
    let mut next = 0;
    for (index, sample) in outcome.series.iter().enumerate() {
        let until = plus(epoch, index as u64 * sample_ms);
        while next < log.len() && moment(&log[next]) <= until.as_str() {
            fleet.take(&log[next]);
            next += 1;
        }
        let found = [
            fleet.instances_in("ACTIVE"),
            fleet.instances_in("DRAINING"),
            fleet.instances_in("DEREGISTERING"),
            fleet.running_tasks(),
        ];
        let told = [
            sample.old_revision + sample.new_revision,
            sample.draining,
            sample.deregistering,
            sample.running_tasks,
        ];
        // An instance that never registered is terminated out of the sight of ECS.
        assert!(found[2] <= told[2], "at {until}");
        assert_eq!((found[0], found[1], found[3]), (told[0], told[1], told[3]), "at {until}");
        assert_eq!(fleet.impaired.len(), sample.impaired as usize, "at {until}");
        fleet.check_room();
    }
    fleet
}

/// The instant of an event, to the millisecond.
fn moment(event: &Value) -> &str {
    let detail = &event["detail"];
    let at = ["updatedAt", "createdAt"].iter().find_map(|key| detail[*key].as_str());
    at.or_else(|| detail["healthChecks"][0]["lastUpdated"].as_str()).expect("every event has an instant")
}

fn plus(epoch: &str, ms: u64) -> String {
    bakeoff::scenario::epoch::Instant::parse(epoch).expect("an instant").plus_ms(ms).to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r500_a_fleet_can_be_rebuilt_from_its_events_alone(text in scenarios(), seed in 0u64..1000) {
        let (outcome, log) = log(&text, seed);
        let api = Api::read();
        for event in &log {
            api.check(event);
        }
        let moments: Vec<&str> = log.iter().map(moment).collect();
        prop_assert!(moments.is_sorted());
        rebuild(&outcome, &log, 600_000);
    }
}

#[test]
fn r501_shipped_scenarios_give_events_of_the_api_s_members_that_rebuild_the_fleet() {
    for name in ["single-instance", "bad-revision-breaker", "supersede"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{name}.yaml"));
        let text = fs::read_to_string(path).expect("shipped");
        let every = scenario(&text).simulation.sample_every.as_ms();
        let (outcome, log) = log(&text, 3);
        let api = Api::read();
        for event in &log {
            api.check(event);
        }
        let fleet = rebuild(&outcome, &log, every);
        // Nothing of what has stopped or gone is left without its end.
        let open = fleet.tasks.values().filter(|task| {
            let host = task["containerInstanceArn"].as_str().and_then(|arn| fleet.instances.get(arn));
            task["lastStatus"] != "STOPPED" && host.is_some_and(|host| host["status"] == "INACTIVE")
        });
        assert_eq!(open.count(), 0, "{name}");
    }
}

#[test]
fn r502_the_same_seed_gives_the_same_bytes_and_every_event_an_id_of_its_own() {
    let value = kit::fixed(4);
    let scenario = scenario(&value.to_string());
    let bytes = |seed: u64| {
        let (_, story) = narrate(&scenario, seed, &mut Workspace::new());
        lines(&scenario, seed, &story, Scope::Ecs)
    };
    assert_eq!(bytes(1), bytes(1));
    let text = String::from_utf8(bytes(1)).expect("UTF-8");
    let ids = |text: &str| {
        let ids =
            text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["id"].to_string());
        ids.collect::<BTreeSet<_>>()
    };
    assert_eq!(ids(&text).len(), text.lines().count());
    let other = String::from_utf8(bytes(2)).expect("UTF-8");
    assert!(ids(&text).is_disjoint(&ids(&other)), "another seed is another world");
    // A digest that must never change: tools keep ARNs.
    let first: Value = serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
    assert_eq!(first["id"].as_str().map(str::len), Some(36));
}

#[test]
fn r503_a_rollback_is_told_in_the_api_s_event_names_and_only_its_failure_is_an_error() {
    for status in DeploymentStatus::ALL {
        assert!(Api::read().has_word("DaemonDeploymentStatus", &json!(status.as_str())));
    }
    let mut value = kit::fixed(4);
    kit::defective(&mut value, 1, "failsToStart", &json!({ "probability": 1 }));
    let (_, log) = log(&value.to_string(), 0);
    let told: Vec<(&str, &str)> =
        of(&log, DEPLOYMENT).into_iter().map(|d| (text(d, "eventName"), text(d, "eventType"))).collect();
    assert_eq!(
        told,
        [
            ("DAEMON_DEPLOYMENT_PENDING", "INFO"),
            ("DAEMON_DEPLOYMENT_IN_PROGRESS", "INFO"),
            ("DAEMON_DEPLOYMENT_STOP_REQUESTED", "INFO"),
            ("DAEMON_DEPLOYMENT_ROLLBACK_IN_PROGRESS", "INFO"),
            ("DAEMON_DEPLOYMENT_ROLLBACK_SUCCESSFUL", "INFO"),
        ]
    );
    let detail = of(&log, DEPLOYMENT)[0];
    let event = log.iter().find(|event| event["detail-type"] == DEPLOYMENT).expect("told");
    assert_eq!(event["resources"], json!([detail["daemonArn"]]));
    for (key, part) in [
        ("clusterArn", ":cluster/default"),
        ("daemonArn", ":daemon/default/agent"),
        ("daemonDeploymentArn", ":daemon-deployment/default/agent/"),
        ("targetDaemonRevisionArn", ":daemon-revision/default/agent/"),
    ] {
        assert!(text(detail, key).contains(part), "{key} {detail}");
    }
}

#[test]
fn r504_a_daemon_that_cannot_start_is_a_warning_that_names_its_task_unless_there_was_none() {
    for (kind, body, failure, has_task) in [
        ("failsToStart", json!({ "probability": 1 }), "TASK_FAILED_TO_RUN", true),
        ("needsMore", json!({ "cpu": 0, "memory": 50_000_000 }), "TASK_CREATION_FAILED", false),
    ] {
        let mut value = kit::fixed(4);
        kit::defective(&mut value, 1, kind, &body);
        let (_, log) = log(&value.to_string(), 0);
        let action = log.iter().find(|event| event["detail-type"] == ACTION).expect("it cannot start");
        let detail = &action["detail"];
        assert_eq!(detail["eventName"], "DAEMON_TASK_START_IMPAIRED");
        assert_eq!((text(detail, "eventType"), text(detail, "failureType")), ("WARNING", failure));
        assert_eq!(detail.get("taskArn").is_some(), has_task, "{detail}");
        assert_eq!(action["resources"].as_array().map(Vec::len), Some(usize::from(has_task)));
        if let Some(task) = detail.get("taskArn") {
            let stopped =
                of(&log, TASK).into_iter().find(|t| &t["taskArn"] == task && t["lastStatus"] == "STOPPED");
            assert_eq!(stopped.expect("it was created")["stopCode"], "TaskFailedToStart");
        } else {
            assert!(text(detail, "reason").starts_with("RESOURCE:MEMORY"), "{detail}");
            let definition = text(detail, "daemonTaskDefinitionArn");
            assert!(
                of(&log, TASK).iter().all(|task| task["taskDefinitionArn"] != definition),
                "no task was made"
            );
        }
    }
}

#[test]
fn r505_an_unhealthy_daemon_is_named_in_the_health_of_its_instance_and_the_worst_check_rules() {
    let mut value = kit::quiet(4, "30m");
    value["daemonTaskDefinitions"][0]["healthCheck"] = json!({ "interval": 10, "timeout": 5, "retries": 2 });
    kit::defective(&mut value, 0, "hangs", &json!({ "after": "1m" }));
    let (_, log) = log(&value.to_string(), 0);
    let health = of(&log, HEALTH);
    let impaired = health.iter().find(|h| h["overallStatus"] == "IMPAIRED").expect("it hangs");
    let checks = impaired["healthChecks"].as_array().expect("a list");
    let states: Vec<(&str, &str)> = checks.iter().map(|c| (text(c, "type"), text(c, "status"))).collect();
    assert_eq!(states, [("AGENT_CONNECTIVITY", "OK"), ("DAEMON", "IMPAIRED")]);
    let task = of(&log, TASK).into_iter().find(|task| {
        task["containerInstanceArn"] == impaired["containerInstanceArn"]
            && text(task, "group") == "daemon:agent"
    });
    let id = text(task.expect("the daemon"), "taskArn").rsplit('/').next().expect("an id").to_owned();
    assert_eq!(checks[1]["statusReason"], json!(format!("Daemon task: {id} is unhealthy")));
    assert!(checks[0]["statusReason"].is_null());
    // Its replacement comes up healthy, which is a change from INITIALIZING.
    assert!(health.iter().any(|h| h["overallStatus"] == "OK"));
    let drained =
        of(&log, INSTANCE).into_iter().find(|i| i["status"] == "DRAINING").expect("repair drains it");
    assert_eq!(drained["statusReason"], "INSTANCE_HEALTH");
}

#[test]
fn r505_the_daemon_check_of_an_instance_that_is_active_at_once_waits_for_its_daemons() {
    for checked in [false, true] {
        let mut value = kit::fixed(2);
        value["daemons"][0]["critical"] = json!(false);
        value["timeline"][0]["updateDaemon"]["critical"] = json!(false);
        if checked {
            value["daemonTaskDefinitions"][1]["healthCheck"] =
                json!({ "interval": 10, "timeout": 5, "retries": 2 });
        }
        let (_, log) = log(&value.to_string(), 0);
        let new =
            of(&log, INSTANCE).into_iter().find(|i| i["status"] == "REGISTERING").expect("a replacement");
        let first = |kind: &str, of_it: &dyn Fn(&Value) -> bool| {
            let place = log.iter().position(|event| {
                let detail = &event["detail"];
                event["detail-type"] == kind
                    && detail["containerInstanceArn"] == new["containerInstanceArn"]
                    && of_it(detail)
            });
            place.unwrap_or_else(|| panic!("no {kind}"))
        };
        let active = first(INSTANCE, &|instance| instance["status"] == "ACTIVE");
        let running = first(TASK, &|task| task["lastStatus"] == "RUNNING");
        let told = first(HEALTH, &|_| true);
        assert!(active < running && running < told, "{active} {running} {told}");
        let health = &log[told]["detail"];
        assert_eq!(
            (text(health, "overallStatus"), &health["healthChecks"][1]["status"]),
            ("OK", &json!("OK"))
        );
        // Without a health check it is up when it runs, with one at the first good probe.
        assert_eq!(log[told]["time"] == log[running]["time"], !checked);
        assert_eq!(health["healthChecks"][1]["lastStatusChange"], health["healthChecks"][1]["lastUpdated"]);
    }
}

#[test]
fn r506_a_stopped_task_says_why() {
    let codes = |value: &Value, group: &str| {
        let (_, log) = log(&value.to_string(), 0);
        let stopped =
            of(&log, TASK).into_iter().filter(|t| t["lastStatus"] == "STOPPED" && text(t, "group") == group);
        stopped.map(|task| text(task, "stopCode").to_owned()).collect::<BTreeSet<_>>()
    };
    let only = |code: &str| BTreeSet::from([code.to_owned()]);
    // A rollout drains: the scheduler stops the service's tasks, and the daemon goes with its instance.
    let mut rollout = kit::fixed(3);
    rollout["services"] = json!([kit::service("web", 3)]);
    assert_eq!(codes(&rollout, "service:web"), only("ServiceSchedulerInitiated"));
    assert_eq!(codes(&rollout, "daemon:agent"), only("ServiceSchedulerInitiated"));
    // A crash stops the daemon by itself, and the repair of its instance the tasks beside it.
    let mut crash = kit::quiet(3, "40m");
    crash["services"] = json!([kit::service("web", 3)]);
    kit::defective(&mut crash, 0, "crashes", &json!({ "after": "10m" }));
    assert_eq!(codes(&crash, "daemon:agent"), only("EssentialContainerExited"));
    assert_eq!(codes(&crash, "service:web"), only("InfrastructureHealth"));
    // A lost host takes all with it.
    let mut lost = kit::quiet(3, "24h");
    lost["services"] = json!([kit::service("web", 3)]);
    lost["capacityProviders"][0]["hostFailure"] = json!({ "perInstanceMonth": 100 });
    assert_eq!(codes(&lost, "daemon:agent"), only("TerminationNotice"));
    assert_eq!(codes(&lost, "service:web"), only("TerminationNotice"));
}

#[test]
fn r507_the_calendar_the_region_the_account_and_the_cluster_are_the_scenario_s_to_say() {
    let mut value = kit::fixed(2);
    value["simulation"]["epoch"] = json!("2026-11-22T10:00:00+01:00");
    value["simulation"]["region"] = json!("cn-north-1");
    value["simulation"]["accountId"] = json!("123456789012");
    value["simulation"]["clusterName"] = json!("prod");
    let (_, log) = log(&value.to_string(), 0);
    let first = &log[0];
    assert_eq!((text(first, "time"), text(first, "region")), ("2026-11-22T09:00:00Z", "cn-north-1"));
    assert_eq!(
        (text(first, "account"), text(&first["detail"], "updatedAt")),
        ("123456789012", "2026-11-22T09:00:00.000Z")
    );
    assert_eq!(text(&first["detail"], "clusterArn"), "arn:aws-cn:ecs:cn-north-1:123456789012:cluster/prod");
    let pending = of(&log, DEPLOYMENT)[0];
    assert_eq!(text(pending, "updatedAt"), "2026-11-22T09:01:00.000Z");
}

#[test]
fn r508_what_ecs_sends_no_event_of_comes_from_a_source_of_its_own_and_moves_no_other_line() {
    let scenario = scenario(&kit::fixed(2).to_string());
    let (_, story) = narrate(&scenario, 0, &mut Workspace::new());
    let ecs = events(&scenario, 0, &story, Scope::Ecs);
    let all = events(&scenario, 0, &story, Scope::Everything);
    let own = all.iter().filter(|event| event.source == "bakeoff");
    assert!(own.clone().all(|event| event.detail_type == "Simulation Step" && event.resources.is_empty()));
    assert!(own.clone().any(|event| event.detail["event"] == "batch"), "a batch is no event of ECS");
    assert_eq!(own.count(), story.len());
    let rest: Vec<_> = all.into_iter().filter(|event| event.source == "aws.ecs").collect();
    assert_eq!(rest, ecs);
}
