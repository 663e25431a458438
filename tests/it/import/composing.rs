//! The scenario that comes of requests: revisions, what runs before, times, sizes.

use bakeoff::aws::import::Options;
use bakeoff::engine::time::SimDuration;
use bakeoff::scenario::model::{Operation, Request};
use bakeoff::scenario::{NoFiles, load};
use serde_json::json;

use super::{imported, refused, scenario, with};

const UPDATE: &str =
    r#"{ "daemonArn": "agent", "daemonTaskDefinitionArn": "agent:8", "capacityProviderArns": ["cp"] }"#;

#[test]
fn r700_a_file_is_known_by_its_content_and_not_by_its_name() {
    let request =
        r#"{ "daemonName": "a", "daemonTaskDefinitionArn": "a:1", "capacityProviderArns": ["cp"] }"#;
    for name in ["x.yaml", "template", "plan.json"] {
        assert_eq!(scenario(&[(name, request)]).scenario.timeline.len(), 1);
    }
    let yaml = "daemonName: a\ndaemonTaskDefinitionArn: a:1\ncapacityProviderArns: [cp]\n";
    assert_eq!(scenario(&[("x", yaml)]).scenario.timeline.len(), 1);
    let wrapped = format!("{{ \"CreateDaemon\": {request} }}");
    assert_eq!(scenario(&[("x", &wrapped)]).scenario.timeline.len(), 1);
    for (text, said) in [
        ("{}", "S041"),
        ("[]", "S045"),
        ("7", "S041"),
        ("{ \"schema\": \"bakeoff.scenario.v1\" }", "this is a scenario already"),
        ("{ \"demonName\": \"a\" }", "it begins with 'demonName'"),
        ("{ \"Resources\": {} }", "S045"),
        ("{ \"resource_changes\": [] }", "S045"),
        ("{ \"daemonName\": \"a\"", "not readable as JSON"),
        ("a: [", "not readable as YAML"),
    ] {
        let told = refused(&[("x", text)]);
        assert!(told.len() == 1 && told[0].contains(said), "{text}: {told:?}");
    }
}

#[test]
fn r714_before_an_update_the_revision_before_runs() {
    let loaded = scenario(&[("update.json", UPDATE)]);
    let initial = loaded.scenario.daemons[0].initial.as_ref().expect("it runs");
    assert_eq!(loaded.scenario.revisions[initial.revision].label(), "agent:7");
    // Of the latest nobody knows the number; it has one before it all the same.
    let latest = UPDATE.replace("agent:8", "agent");
    let loaded = scenario(&[("update.json", &latest)]);
    let labels: Vec<_> =
        loaded.scenario.revisions.iter().map(bakeoff::scenario::model::Revision::label).collect();
    assert_eq!(labels, ["agent:1", "agent:2"]);
    let Request::Deploy(deploy) = &loaded.scenario.timeline[0].request else { panic!("a deployment") };
    assert_eq!(deploy.target.as_ref().map(|target| target.revision), Some(1));
    // There is none before the first.
    let first = UPDATE.replace("agent:8", "agent:1");
    assert_eq!(scenario(&[("update.json", &first)]).scenario.revisions.len(), 1);
}

#[test]
fn r715_what_is_registered_is_the_latest_revision_that_a_request_names() {
    let register = |memory: u32| {
        json!({ "family": "agent", "cpu": "100", "containerDefinitions": [{ "image": "a", "memory": memory }] }).to_string()
    };
    let (old, new) = (register(300), register(400));
    let loaded = scenario(&[("update.json", UPDATE), ("old.json", &old), ("new.json", &new)]);
    let revisions: Vec<_> = loaded.scenario.revisions.iter().map(|r| (r.label(), r.memory)).collect();
    assert_eq!(revisions, [("agent:7".to_owned(), 300), ("agent:8".to_owned(), 400)]);
    let loaded = scenario(&[("update.json", UPDATE), ("new.json", &new)]);
    assert_eq!(loaded.scenario.revisions[0].memory, 400, "what nobody describes is as its neighbour");
    assert!(
        imported(&[("update.json", UPDATE), ("new.json", &new)])
            .text
            .contains("assumed: no file describes revision 7")
    );
}

#[test]
fn r716_requests_are_sent_two_hours_after_the_bake_of_the_one_before() {
    let update = |bake: u32| {
        json!({ "daemonArn": "agent", "daemonTaskDefinitionArn": "agent:2", "capacityProviderArns": ["cp"],
            "deploymentConfiguration": { "bakeTimeInMinutes": bake } })
        .to_string()
    };
    let (first, second) = (update(30), update(1440));
    let delete = r#"{ "daemonArn": "agent" }"#;
    let loaded = scenario(&[("a", &first), ("b", &second), ("c", delete)]);
    let at: Vec<u64> = loaded.scenario.timeline.iter().map(|action| action.at.as_ms() / 60_000).collect();
    assert_eq!(at, [10, 10 + 30 + 120, 10 + 30 + 120 + 1440 + 120]);
    let horizon = loaded.scenario.simulation.horizon;
    assert!(horizon.as_ms() / 60_000 >= at[2] + 12 * 60, "{horizon}");
    let Request::Deploy(deploy) = &loaded.scenario.timeline[2].request else { panic!("a deployment") };
    assert_eq!(deploy.operation, Operation::Delete);
}

#[test]
fn r717_a_task_takes_what_it_says_or_what_its_containers_add_up_to() {
    let register = json!({ "family": "agent", "containerDefinitions": [
        { "image": "a", "cpu": 100, "memory": 512, "memoryReservation": 128, "stopTimeout": 20, "essential": false,
          "healthCheck": { "command": ["CMD", "side"], "interval": 300 } },
        { "image": "b", "cpu": 50, "memory": 64, "stopTimeout": 90,
          "healthCheck": { "command": ["CMD", "main"], "interval": 7 },
          "restartPolicy": { "enabled": true, "restartAttemptPeriod": 60, "ignoredExitCodes": [0] } },
    ] });
    let loaded = scenario(&[("r.json", &register.to_string())]);
    let revision = &loaded.scenario.revisions[0];
    assert_eq!((revision.cpu, revision.memory), (150, 192));
    assert_eq!(revision.stop_timeout, SimDuration::from_secs(90));
    assert_eq!(revision.health_check.as_ref().map(|check| check.interval), Some(SimDuration::from_secs(7)));
    assert_eq!(revision.restart_after, Some(SimDuration::from_secs(60)));
    let mut own = register.clone();
    own["cpu"] = json!("256");
    own["memory"] = json!("1 GB");
    own["containerDefinitions"][1]["stopTimeout"] = json!(2_000_000_000);
    let loaded = scenario(&[("r.json", &own.to_string())]);
    let revision = &loaded.scenario.revisions[0];
    assert_eq!((revision.cpu, revision.memory), (256, 1024));
    assert_eq!(
        revision.stop_timeout,
        SimDuration::from_secs(604_800),
        "no drain waits longer than seven days"
    );
    let silent = json!({ "family": "agent", "containerDefinitions": [{ "image": "a" }] }).to_string();
    let told = imported(&[("r.json", &silent)]);
    assert!(told.assumed.iter().any(|line| line == "memory of agent:1"), "{:?}", told.assumed);
}

#[test]
fn r718_what_nobody_says_is_assumed_and_said_so() {
    let told = imported(&[("update.json", UPDATE)]);
    for line in [
        "size and health check of agent:8",
        "instance type of cp: m7i.xlarge",
        "agent runs agent:7 at the start",
        "20 instances of cp",
    ] {
        assert!(told.assumed.iter().any(|said| said == line), "{line}: {:?}", told.assumed);
    }
    assert!(told.text.matches("# assumed").count() >= 5, "{}", told.text);
    let options = Options {
        instances: Some(7),
        instance_type: Some("c7i.large".into()),
        name: Some("mine".into()),
        ..Options::default()
    };
    let said = with(&[("update.json", UPDATE)], &options).expect("it is imported");
    let loaded = load("t", &said.text, &NoFiles, &[]).expect("it is a scenario").scenario;
    assert_eq!(
        (loaded.providers[0].instances, loaded.providers[0].types[0].cpu, loaded.name.as_str()),
        (7, 2048, "mine")
    );
    assert!(!said.assumed.iter().any(|line| line.contains("instance")), "{:?}", said.assumed);
}

#[test]
fn r719_requests_must_agree_with_each_other() {
    let create = r#"{ "daemonName": "agent", "daemonTaskDefinitionArn": "agent:1", "capacityProviderArns": ["cp"], "clusterArn": "one" }"#;
    let other = create.replace("one", "two").replace("\"agent\"", "\"other\"");
    assert!(refused(&[("a", create), ("b", &other)])[0].contains("S047"));
    assert!(refused(&[("a", create), ("b", create)])[0].contains("is created, and is there already"));
    assert!(refused(&[("a", UPDATE), ("b", create)])[0].contains("is created, and is there already"));
    let delete = r#"{ "daemonArn": "agent" }"#;
    assert!(refused(&[("a", delete), ("b", UPDATE)])[0].contains("has been deleted before"));
    assert_eq!(scenario(&[("a", create), ("b", delete), ("c", create)]).scenario.timeline.len(), 3);
}
