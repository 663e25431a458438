//! Alarms on what daemons use, and on instances that are IMPAIRED.

use bakeoff::outcome::DeploymentStatus;
use serde_json::{Value, json};

use super::kit::{defective, fixed, run};

/// The update watches an alarm on the metric through a bake of ten minutes, one host at a time.
fn watched(mut value: Value, metric: &Value, threshold: f64) -> Value {
    value["alarms"] = json!([{ "alarmName": "a", "metric": metric, "threshold": threshold }]);
    value["timeline"][0]["updateDaemon"]["deploymentConfiguration"] = json!({
        "drainPercent": 25, "bakeTimeInMinutes": 10, "alarms": { "alarmNames": ["a"], "enable": true },
    });
    value
}

fn uses(mut value: Value, loads: [Value; 2]) -> Value {
    for (revision, load) in loads.into_iter().enumerate() {
        value["daemonTaskDefinitions"][revision]["utilization"] = load;
    }
    value
}

fn cpu() -> Value {
    json!({ "daemonCpuUtilization": {} })
}

#[test]
fn r620_utilisation_is_the_mean_over_every_daemon_task_old_and_new() {
    let value = uses(fixed(4), [json!({ "cpu": 20 }), json!({ "cpu": 60 })]);
    let told = run(&watched(value, &cpu(), 61.0));
    // Hosts drain at 1:05, 1:45, 2:25, 3:05; each old task stops 2 s later, each new one runs 35 s later.
    // Second period: 7 + 47 + 60 + 60 s at 20 %, 20 s at 60 %: 4680 / 194.
    told.tells(
        "0:01:30 alarm a datapoint 20
        0:02:30 alarm a datapoint 24.123711
        0:05:30 alarm a datapoint 60",
    );
    assert_eq!(told.outcome.deployments[0].status, DeploymentStatus::Successful);
    // A batch that does harm is diluted by the hosts that have yet to get it.
    let value = uses(fixed(4), [json!({ "cpu": 20 }), json!({ "cpu": 60 })]);
    let told = run(&watched(value, &cpu(), 59.0));
    assert_eq!(told.outcome.deployments[0].status, DeploymentStatus::RollbackSuccessful);
    told.tells_at("alarm a ALARM", &["0:05:30"]);
}

#[test]
fn r621_without_a_running_task_there_is_no_datapoint() {
    let mut value = uses(fixed(1), [json!({ "cpu": 20 }), json!({ "cpu": 60 })]);
    value["daemons"] = json!([]);
    value["timeline"] = json!([{ "at": "150s", "createDaemon": {
        "daemonName": "agent", "daemonTaskDefinitionArn": "agent:1", "capacityProviderArns": ["p"],
        "deploymentConfiguration": { "bakeTimeInMinutes": 10, "alarms": { "alarmNames": ["a"], "enable": true } },
    } }]);
    value["alarms"] = json!([{ "alarmName": "a", "metric": cpu(), "threshold": 61 }]);
    let told = run(&value);
    // Drained at 2:35, RUNNING at 3:10.
    told.tells(
        "0:01:30 alarm a datapoint missing
        0:03:30 alarm a datapoint missing
        0:04:30 alarm a datapoint 20",
    );
}

#[test]
fn r622_a_defect_changes_what_a_task_uses_from_an_instant_on() {
    let mut value = uses(fixed(4), [json!({ "cpu": 20, "memory": 40 }), json!({ "cpu": 20, "memory": 40 })]);
    defective(&mut value, 1, "uses", &json!({ "memory": 120, "after": "5m" }));
    let told =
        run(&watched(value.clone(), &json!({ "daemonMemoryUtilization": { "daemon": "agent" } }), 100.0));
    told.tells("0:06:30 alarm a datapoint 40");
    // New tasks run from 1:40, 2:20, 3:00 and 3:40, and leak five minutes later.
    assert_eq!(told.times("daemon agent on p/0.1 uses another share of what it reserves"), ["0:06:40"]);
    // [6:00, 7:00): one of four leaks for 20 s: 40 + 80 × 20 / 240.
    told.tells("0:07:30 alarm a datapoint 46.666667\n0:09:30 alarm a datapoint 106.666667");
    told.tells_at("alarm a ALARM", &["0:09:30"]);
    assert_eq!(told.outcome.deployments[0].status, DeploymentStatus::RollbackSuccessful);
    assert_eq!(told.outcome.deployments[0].harm_at, Some(bakeoff::engine::time::SimTime::from_ms(400_000)));
    // CPU is as it was.
    run(&watched(value, &cpu(), 100.0)).tells("0:09:30 alarm a datapoint 20\n0:10:30 alarm a datapoint 20");
}

#[test]
fn r623_a_container_that_is_started_anew_uses_what_a_sound_one_does() {
    let mut value = uses(fixed(1), [json!({ "cpu": 20 }), json!({ "cpu": 20 })]);
    value["daemonTaskDefinitions"][1]["restartPolicy"] =
        json!({ "enabled": true, "restartAttemptPeriod": 60 });
    value["daemonTaskDefinitions"][1]["defects"] = json!([
        { "name": "spins", "probability": 1, "uses": { "cpu": 80, "after": "2m" } },
        { "name": "dies", "probability": 1, "crashes": { "after": "5m" } },
    ]);
    let told = run(&watched(value, &cpu(), 90.0));
    // RUNNING at 1:40, spinning from 3:40, restarted at 6:40, spinning again from 8:40.
    told.tells(
        "0:04:30 alarm a datapoint 40
        0:06:30 alarm a datapoint 80
        0:07:30 alarm a datapoint 60
        0:08:30 alarm a datapoint 20
        0:10:30 alarm a datapoint 80",
    );
}

#[test]
fn r624_impaired_instances_are_counted_on_average_over_the_period() {
    let mut value = fixed(4);
    value["capacityProviders"][0]["autoRepairConfiguration"] = json!({ "actionsStatus": "DISABLED" });
    value["controlPlane"]["disconnectedThreshold"] = json!("30s");
    let metric = |of: Value| json!({ "impairedInstances": of });
    let case = |of: Value, threshold: f64| {
        let mut value = watched(value.clone(), &metric(of), threshold);
        let away = json!({ "at": "5m", "agentDisconnection": { "count": 2, "lasts": "2m" } });
        value["timeline"].as_array_mut().unwrap().push(away);
        run(&value)
    };
    // IMPAIRED from 5:30 to 7:00.
    let told = case(json!({}), 2.0);
    told.tells("0:05:30 alarm a datapoint 0\n0:06:30 alarm a datapoint 1\n0:07:30 alarm a datapoint 2\n0:08:30 alarm a datapoint 0");
    assert_eq!(told.outcome.deployments[0].status, DeploymentStatus::Successful);
    let told = case(json!({ "capacityProvider": "p" }), 1.5);
    assert_eq!(told.outcome.deployments[0].status, DeploymentStatus::RollbackSuccessful);
    told.tells_at("alarm a ALARM", &["0:07:30"]);
}
