//! What every rollout rests on: requests, statuses and their times, the way of an instance, health,
//! room, the order of daemons and tasks. Worked out by hand; every delay is fixed.

use std::collections::BTreeMap;

use bakeoff::outcome::{DeploymentStatus, MonitorStatus, StopReason};
use bakeoff::scenario::{Code, NoFiles, Severity, load};
use serde_json::{Value, json};

use super::kit::{
    Run, daemon, defective, fixed, half, provider, quiet, revision, run, run_seed, service, two_daemons,
    update,
};

/// The codes of the errors that a scenario is refused with.
fn refusals(value: &Value) -> Vec<Code> {
    let problems = load("test.yaml", &value.to_string(), &NoFiles, &[]).err().unwrap_or_default();
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    errors.map(|problem| problem.code).collect()
}

/// Watches a scripted alarm that is red from an instant on.
fn watch_red(value: &mut Value, from: &str) {
    value["alarms"] =
        json!([{ "alarmName": "red", "metric": { "scripted": [{ "at": from, "state": "ALARM" }] } }]);
    value["timeline"][0]["updateDaemon"]["deploymentConfiguration"]["alarms"] =
        json!({ "alarmNames": ["red"], "enable": true });
}

// Requests and statuses.

#[test]
fn r100_create_update_and_delete_each_start_a_deployment_and_nothing_else_ends_one() {
    let mut value = fixed(1);
    value["timeline"] = json!([
        { "at": "1m", "deleteDaemon": { "daemonArn": "agent" } },
        { "at": "10m", "createDaemon": { "daemonName": "agent", "daemonTaskDefinitionArn": "agent:1", "capacityProviderArns": ["p"] } },
        update("20m", "agent", "p", 100),
    ]);
    let run = run(&value);
    let created = run.told(&["deployment", "PENDING"]);
    assert_eq!(created.len(), 3, "{}", run.story());
    assert!(run.outcome.deployments.iter().all(|d| d.status == DeploymentStatus::Successful));
    for operation in ["stopDaemonDeployment", "rollbackDaemonDeployment"] {
        value["timeline"][2] = json!({ "at": "20m", operation: { "daemonArn": "agent" } });
        assert!(!refusals(&value).is_empty(), "{operation} is no operation of the API");
    }
}

#[test]
fn r101_daemons_have_no_instance_launched() {
    // A daemon where there is no instance, and one whose task is gone: nothing is asked for.
    let mut value = fixed(0);
    value["timeline"][0]["at"] = json!("1m");
    let empty = run(&value);
    assert_eq!(empty.told(&["REQUESTED"]), [""; 0]);
    assert_eq!(empty.outcome.fleet.peak_instances, 0);
    let mut value = quiet(2, "10m");
    value["daemons"][0]["critical"] = json!(false);
    defective(&mut value, 0, "crashes", &json!({ "after": "100s" }));
    let lost = run(&value);
    assert_eq!(lost.told(&["crashes"]).len(), 2);
    assert_eq!(lost.told(&["REQUESTED"]), [""; 0]);
}

#[test]
fn r102_no_instance_ever_gets_another_revision() {
    let run = run(&fixed(3));
    for host in 0..3 {
        let old = run.told(&["daemon agent", &format!("on p/{host}.0")]);
        assert!(!old.is_empty() && old.iter().all(|line| line.contains("(agent:1)")), "{old:?}");
        let new = run.told(&["daemon agent", &format!("on p/{host}.1")]);
        assert!(!new.is_empty() && new.iter().all(|line| line.contains("(agent:2)")), "{new:?}");
    }
}

#[test]
fn r107_what_an_update_leaves_out_goes_back_to_its_default() {
    // The daemon is not critical, and its last deployment drained half of the hosts, baked and watched.
    let mut value = fixed(4);
    value["daemons"][0]["critical"] = json!(false);
    watch_red(&mut value, "20m");
    value["timeline"][0]["updateDaemon"]["critical"] = json!(false);
    let configuration = &mut value["timeline"][0]["updateDaemon"]["deploymentConfiguration"];
    configuration["drainPercent"] = json!(50);
    configuration["bakeTimeInMinutes"] = json!(10);
    value["timeline"].as_array_mut().unwrap().push(json!({ "at": "30m", "updateDaemon": {
        "daemonArn": "agent", "daemonTaskDefinitionArn": "agent:1", "capacityProviderArns": ["p"],
    } }));
    let run = run(&value);
    run.tells(
        "0:01:05 deployment 1: batch of 2 on p
         0:01:35 instance p/0.1 ACTIVE
         0:30:05 deployment 2: batch of 1 on p
         0:30:35 instance p/0.2 REGISTERING
         0:30:40 instance p/0.2 ACTIVE",
    );
    assert_eq!(run.times("deployment 2 bakes"), [""; 0]);
    let second = &run.outcome.deployments[1];
    assert_eq!((second.status, second.alarms), (DeploymentStatus::Successful, MonitorStatus::Disabled));
}

#[test]
fn r109_a_deployment_is_pending_until_its_first_drain_and_successful_when_its_bake_is_over() {
    let mut value = fixed(2);
    value["timeline"][0]["updateDaemon"]["deploymentConfiguration"] =
        json!({ "drainPercent": 50, "bakeTimeInMinutes": 2 });
    let run = run(&value);
    let statuses: Vec<String> = run.told(&["deployment 1 of agent"]);
    assert_eq!(
        statuses,
        [
            "0:01:00 deployment 1 of agent PENDING",
            "0:01:05 deployment 1 of agent IN_PROGRESS",
            "0:04:20 deployment 1 of agent SUCCESSFUL",
        ]
    );
    run.tells("0:01:05 instance p/0.0 DRAINING (deployment)");
    run.tells("0:02:20 deployment 1 bakes 2 min");
}

#[test]
fn r110_a_deployment_keeps_its_times_and_its_reason() {
    let mut value = fixed(4);
    value["timeline"] = json!([update("1m", "agent", "p", 25)]);
    defective(&mut value, 1, "failsToStart", &json!({ "probability": 1 }));
    let failed = run(&value).outcome.deployments[0].clone();
    let ms = |time: Option<bakeoff::engine::time::SimTime>| time.map(bakeoff::engine::time::SimTime::as_ms);
    assert_eq!(failed.created_at.as_ms(), 60_000);
    assert_eq!(ms(failed.started_at), Some(65_000));
    assert_eq!((ms(failed.triggered_at), ms(failed.stopped_at)), (Some(170_000), Some(170_000)));
    assert_eq!(ms(failed.rollback_started_at), Some(170_000));
    // The fourth instance of the host, asked for at 2:50, has the old revision at 3:25.
    assert_eq!(
        (failed.status, ms(failed.finished_at)),
        (DeploymentStatus::RollbackSuccessful, Some(205_000))
    );
    assert_eq!(failed.status_reason, "circuit breaker: 3 daemon launch failures");
    let sound = run(&fixed(1)).outcome.deployments[0].clone();
    assert_eq!((ms(sound.started_at), ms(sound.finished_at)), (Some(65_000), Some(100_000)));
    assert_eq!((ms(sound.stopped_at), ms(sound.rollback_started_at)), (None, None));
}

#[test]
fn r131_a_monitor_says_whether_it_watches_has_triggered_or_is_done() {
    use MonitorStatus::{Disabled, Monitoring, MonitoringComplete, Triggered};
    let monitors = |value: &Value| {
        let deployment = run(value).outcome.deployments[0].clone();
        (deployment.breaker, deployment.alarms)
    };
    let mut value = fixed(1);
    assert_eq!(monitors(&value), (MonitoringComplete, Disabled));
    value["simulation"]["horizon"] = json!("90s");
    assert_eq!(monitors(&value), (Monitoring, Disabled));
    watch_red(&mut value, "70s");
    assert_eq!(monitors(&value), (Monitoring, Monitoring));
    value["simulation"]["horizon"] = json!("1h");
    value["timeline"][0]["updateDaemon"]["deploymentConfiguration"]["bakeTimeInMinutes"] = json!(5);
    assert_eq!(monitors(&value), (MonitoringComplete, Triggered));
    value["alarms"][0]["metric"]["scripted"][0]["at"] = json!("50m");
    defective(&mut value, 1, "failsToStart", &json!({ "probability": 1 }));
    assert_eq!(monitors(&value), (Triggered, MonitoringComplete));
}

#[test]
fn r141_at_the_trigger_what_drains_goes_on_and_nothing_new_does() {
    // Two hosts drain from 1:05 on, each with a task that is healthy elsewhere at 2:28; ECS looks at 2:05.
    let mut value = fixed(4);
    value["services"] = json!([service("web", 4)]);
    value["timeline"] = json!([update("1m", "agent", "p", 50)]);
    watch_red(&mut value, "70s");
    let run = run(&value);
    run.tells(
        "0:02:05 deployment 1 of agent STOP_REQUESTED
         0:02:40 instance p/0.0 DEREGISTERING (deployment)
         0:03:10 deployment 1: batch done on p
         0:03:15 deployment 1: batch of 2 on p
         0:03:15 instance p/0.1 DRAINING (deployment)
         0:03:15 instance p/1.1 DRAINING (deployment)",
    );
    assert_eq!(run.told(&["p/2."]).len() + run.told(&["p/3."]).len(), 0, "{}", run.story());
}

#[test]
fn r146_what_registers_before_the_first_drain_gets_the_settled_revision() {
    // The host is lost to repair at 1:09 and its replacement registers at 1:39: the decision that
    // would end the PENDING comes at 1:38, or at 1:40.
    let given = |decision: &str| {
        let mut value = fixed(2);
        value["controlPlane"]["batchDecision"] = json!(decision);
        value["controlPlane"]["repairDecision"] = json!("9s");
        value["daemonTaskDefinitions"] =
            json!([revision("agent", 1), revision("agent", 2), revision("mon", 1)]);
        value["daemons"] = json!([daemon("agent", "p"), daemon("mon", "p")]);
        value["assumptions"] = json!({ "repairLimit": "unlimited" });
        value["timeline"] = json!([update("60s", "agent", "p", 50)]);
        value["daemonTaskDefinitions"][2]["defects"] = json!([
            { "name": "d", "probability": 1, "share": 0.5, "crashes": { "after": "60s" } }]);
        value
    };
    // A seed in which exactly one of the two hosts is hit.
    let one = |value: &Value| {
        let crashes =
            |run: &Run| run.told(&["crashes"]).iter().filter(|line| line.starts_with("0:01:00")).count();
        let mut runs = (0..50).map(|seed| run_seed(value, seed));
        let run = runs.find(|run| crashes(run) == 1).expect("half of the hosts, so half of the seeds");
        let mut given = run.told(&["daemon agent", "PENDING"]);
        given.retain(|line| line.starts_with("0:01:39"));
        given
    };
    let (early, late) = (one(&given("38s")), one(&given("40s")));
    assert!(early.len() == 1 && early[0].contains("(agent:2)"), "{early:?}");
    assert!(late.len() == 1 && late[0].contains("(agent:1)"), "{late:?}");
}

// Health and repair.

#[test]
fn r201_a_stop_is_known_at_once_and_an_unhealthy_task_after_the_health_has_spread() {
    let mut value = quiet(1, "5m");
    value["daemonTaskDefinitions"][0]["healthCheck"] =
        json!({ "interval": 10, "timeout": 5, "retries": 3, "startPeriod": 0 });
    defective(&mut value, 0, "crashes", &json!({ "after": "100s" }));
    run(&value).tells("0:01:40 instance p/0.0 IMPAIRED");
    // Probes at 1:50, 2:05 and 2:20 hang for 5 s each.
    defective(&mut value, 0, "hangs", &json!({ "after": "101s" }));
    run(&value).tells(
        "0:02:25 daemon agent (agent:1) on p/0.0 UNHEALTHY
         0:02:45 instance p/0.0 IMPAIRED",
    );
}

#[test]
fn r202_an_impaired_instance_drains_69_seconds_later_unless_another_delay_is_given() {
    let mut value = quiet(1, "10m");
    defective(&mut value, 0, "crashes", &json!({ "after": "100s" }));
    value["controlPlane"].as_object_mut().unwrap().remove("repairDecision");
    run(&value).tells("0:02:49 instance p/0.0 DRAINING (repair)");
    value["controlPlane"]["repairDecision"] = json!("10s");
    run(&value).tells("0:01:50 instance p/0.0 DRAINING (repair)");
}

// Failures, and what is counted of them.

#[test]
fn r137_an_instance_whose_daemon_fails_to_start_is_given_up_and_another_launched() {
    let mut value = fixed(1);
    defective(&mut value, 1, "failsToStart", &json!({ "probability": 1 }));
    let run = run(&value);
    run.tells(
        "0:01:40 daemon agent on p/0.1 fails to start
         0:01:40 instance p/0.1 DEREGISTERING (start failure)
         0:01:40 instance p/0.2 REQUESTED
         0:02:10 instance p/0.1 GONE (start failure)
         0:02:15 daemon agent on p/0.2 fails to start
         0:02:50 deployment 1 of agent STOP_REQUESTED",
    );
    assert_eq!(run.told(&["p/0.1 fails to start"]).len(), 1, "it is not tried again in place");
    assert_eq!(run.outcome.deployments[0].breaker_failures, 3);
}

#[test]
fn r020_a_daemon_that_starts_after_the_trigger_widens_no_blast_radius() {
    // Both hosts have the target from 1:35 on and run it from 1:40 on; the look is at 1:37.
    let mut value = fixed(2);
    watch_red(&mut value, "70s");
    value["controlPlane"]["alarmPoll"] = json!("32s");
    defective(&mut value, 1, "crashes", &json!({ "after": "10h" }));
    let run = run(&value);
    run.tells(
        "0:01:37 deployment 1 of agent STOP_REQUESTED
         0:01:40 daemon agent (agent:2) on p/0.1 RUNNING",
    );
    assert_eq!(run.outcome.deployments[0].hosts_exposed, 0);
    // It is bad time all the same: until 1:47, and two hosts.
    assert_eq!(run.outcome.fleet.bad_instance.as_secs(), 14.0);
}

#[test]
fn r026_a_drain_still_under_way_at_the_end_counts_as_long_as_it_has_lasted() {
    let mut value = fixed(2);
    value["services"] = json!([service("web", 2)]);
    value["services"][0]["maximumPercent"] = json!(100);
    value["simulation"]["horizon"] = json!("665s");
    let outcome = run(&value).outcome;
    assert_eq!(outcome.stop, StopReason::Horizon);
    assert_eq!(outcome.deployments[0].drain_wait_max.unwrap().as_secs(), 600.0);
}

// Instances, tasks and their room.

#[test]
fn r300_an_instance_is_requested_launched_registers_serves_drains_and_goes() {
    let mut value = fixed(1);
    value["services"] = json!([service("web", 1)]);
    value["timeline"].as_array_mut().unwrap().push(update("20m", "agent", "p", 100));
    let run = run(&value);
    let way: Vec<String> = run.told(&["instance p/0.1 "]);
    assert_eq!(
        way,
        [
            "0:01:05 instance p/0.1 REQUESTED",
            "0:01:25 instance p/0.1 LAUNCHED",
            "0:01:35 instance p/0.1 REGISTERING",
            "0:01:40 instance p/0.1 ACTIVE",
            "0:20:05 instance p/0.1 DRAINING (deployment)",
            "0:21:40 instance p/0.1 DEREGISTERING (deployment)",
            "0:22:10 instance p/0.1 GONE (deployment)",
        ]
    );
    // It counts from the request to the end.
    assert_eq!(run.outcome.fleet.peak_instances, 2);
    assert_eq!(run.outcome.fleet.extra_instance_hours, 2.0 * 125.0 / 3600.0);
}

#[test]
fn r302_the_old_instance_serves_until_its_tasks_are_healthy_on_the_new_one() {
    // The replacement is asked for while the old one drains, and the task moves when it is there.
    let mut value = fixed(1);
    value["services"] = json!([service("web", 1)]);
    let run = run(&value);
    run.tells(
        "0:01:05 instance p/0.0 DRAINING (deployment)
         0:01:05 instance p/0.1 REQUESTED
         0:01:48 task web/0 RUNNING on p/0.1
         0:02:28 task web/0 STOPPING on p/0.0",
    );
    assert_eq!(run.outcome.fleet.services[0].min_running_pct, Some(100.0));
}

#[test]
fn r312_the_ceiling_is_rounded_down() {
    // floor(3 × 1.6) = 4: one more than desired, though 4.8 is nearly two.
    let mut value = fixed(3);
    value["services"] = json!([service("web", 3)]);
    value["services"][0]["maximumPercent"] = json!(160);
    let run = run(&value);
    let started = run.told(&["PROVISIONING"]);
    assert_eq!(started.iter().filter(|line| line.starts_with("0:01:05")).count(), 1, "{}", run.story());
}

#[test]
fn r316_a_task_without_load_balancer_counts_as_healthy_40_seconds_after_running() {
    let mut value = fixed(1);
    value["services"] = json!([service("web", 1)]);
    value["services"][0].as_object_mut().unwrap().remove("healthyAfter");
    run(&value).tells(
        "0:01:48 task web/0 RUNNING on p/0.1
         0:02:28 task web/0 HEALTHY on p/0.1
         0:02:28 task web/0 STOPPING on p/0.0",
    );
    value["services"][0]["healthyAfter"] = json!("3m");
    run(&value).tells("0:04:48 task web/0 STOPPING on p/0.0");
}

#[test]
fn r317_a_stop_may_take_30_seconds_unless_another_limit_is_given() {
    let mut value = fixed(1);
    value["services"] = json!([service("web", 1)]);
    value["services"][0]["shutdown"] = json!("50s");
    value["daemonTaskDefinitions"][0]["shutdown"] = json!("50s");
    run(&value).tells(
        "0:02:28 task web/0 STOPPING on p/0.0
         0:02:58 task web/0 STOPPED on p/0.0
         0:03:28 daemon agent (agent:1) on p/0.0 STOPPED",
    );
    value["services"][0]["stopTimeout"] = json!("2m");
    run(&value).tells("0:03:18 task web/0 STOPPED on p/0.0");
}

#[test]
fn r325_a_task_that_stops_counts_neither_as_running_nor_against_the_maximum() {
    let mut value = fixed(2);
    value["services"] = json!([half("web", 1)]);
    value["services"][0]["minimumHealthyPercent"] = json!(0);
    value["services"][0]["maximumPercent"] = json!(100);
    value["timeline"] = json!([update("1m", "agent", "p", 50)]);
    // Told to stop at 1:05, stopped at 1:15; its successor is placed on host 1 at once.
    let run = run(&value);
    run.tells(
        "0:01:05 task web/0 STOPPING on p/0.0
         0:01:05 task web/0 PENDING on p/1.0
         0:01:13 task web/0 RUNNING on p/1.0
         0:01:15 task web/0 STOPPED on p/0.0",
    );
    assert_eq!(run.outcome.fleet.services[0].min_running_pct, Some(0.0));
}

#[test]
fn r325_the_room_of_a_task_is_free_when_it_has_stopped_and_not_while_it_stops() {
    let mut value = quiet(1, "10m");
    value["services"] = json!([service("a", 1), service("b", 0)]);
    value["timeline"] = json!([
        { "at": "5m", "scaleService": { "service": "a", "desiredCount": 0 } },
        { "at": "5m", "scaleService": { "service": "b", "desiredCount": 1 } },
    ]);
    let run = run(&value);
    run.tells(
        "0:05:00 task a/0 STOPPING on p/0.0
         0:05:00 task b/0 PROVISIONING
         0:05:10 task a/0 STOPPED on p/0.0
         0:05:10 task b/0 PENDING on p/0.0",
    );
}

#[test]
fn r326_healthy_tasks_on_draining_instances_count_for_the_floor() {
    // ceil(0.5 × 4) = 2: of four on draining hosts two stop at once, the rest when others are healthy.
    let mut value = fixed(4);
    value["services"] = json!([service("web", 4)]);
    value["services"][0]["minimumHealthyPercent"] = json!(50);
    let run = run(&value);
    let at_once = |word: &str| run.told(&[word]).iter().filter(|line| line.starts_with("0:01:05")).count();
    assert_eq!(at_once("STOPPING"), 2, "{}", run.story());
    // All four successors start at once as well: 200 % allow it.
    assert_eq!(at_once("PROVISIONING"), 4);
}

// Order of daemons and tasks.

#[test]
fn r401_daemons_stop_after_the_last_application_task() {
    let mut value = fixed(1);
    value["services"] = json!([half("web", 2)]);
    value["services"][0]["maximumPercent"] = json!(150);
    // One moves at a time: stopped at 2:38 and 3:26; the daemon runs until then and 2 s more.
    run(&value).tells(
        "0:02:38 task web/1 STOPPED on p/0.0
         0:03:26 task web/0 STOPPED on p/0.0
         0:03:28 daemon agent (agent:1) on p/0.0 STOPPED
         0:03:28 instance p/0.0 DEREGISTERING (deployment)",
    );
}

#[test]
fn r407_every_instance_runs_each_daemon_of_its_provider_once() {
    let mut value = fixed(3);
    value["capacityProviders"] = json!([provider("p", 3), provider("q", 2)]);
    two_daemons(&mut value, "p", "p");
    value["daemons"][1]["capacityProviderArns"] = json!(["p", "q"]);
    value["timeline"] = json!([update("1m", "x", "p", 100), update("20m", "y", "p", 100)]);
    value["timeline"][1]["updateDaemon"]["capacityProviderArns"] = json!(["p", "q"]);
    let run = run(&value);
    let mut started: BTreeMap<(String, String), u32> = BTreeMap::new();
    for (_, line) in run.lines() {
        if let ["daemon", name, _, "on", instance, "RUNNING"] = line.split(' ').collect::<Vec<_>>()[..] {
            *started.entry((instance.to_owned(), name.to_owned())).or_default() += 1;
        }
    }
    // Generations 1 and 2 of p have both, generation 1 of q has y.
    assert_eq!(started.len(), 2 * (3 + 3) + 2, "{}", run.story());
    assert!(started.values().all(|count| *count == 1));
    assert!(started.keys().all(|(instance, name)| name == "y" || instance.starts_with("p/")));
}

#[test]
fn r408_a_daemon_takes_its_cpu_and_memory_from_the_instance() {
    // 4096 MiB less 512 of the daemon: a task of 3584 fits to the byte, until another daemon comes.
    let mut value = fixed(1);
    value["services"] = json!([service("web", 1)]);
    value["services"][0]["memory"] = json!(3584);
    assert_eq!(run(&value).outcome.deployments[0].status, DeploymentStatus::Successful);
    value["services"][0]["memory"] = json!(3585);
    assert!(!refusals(&value).is_empty(), "it cannot be there at the start");
    value["services"][0]["memory"] = json!(3584);
    value["daemonTaskDefinitions"].as_array_mut().unwrap().push(revision("mon", 1));
    value["timeline"] = json!([{ "at": "1m", "createDaemon": {
        "daemonName": "mon", "daemonTaskDefinitionArn": "mon:1", "capacityProviderArns": ["p"] } }]);
    let stuck = run(&value);
    stuck.tells("0:01:40 instance p/0.1 ACTIVE");
    assert_eq!(stuck.told(&["task web/0 PENDING"]), [""; 0]);
    assert_eq!(stuck.outcome.stop, StopReason::Horizon);
    value["daemonTaskDefinitions"][2]["memory"] = json!(0);
    value["daemonTaskDefinitions"][2]["cpu"] = json!(768);
    assert_eq!(run(&value).outcome.deployments[0].status, DeploymentStatus::Successful);
    value["daemonTaskDefinitions"][2]["cpu"] = json!(769);
    assert_eq!(run(&value).outcome.stop, StopReason::Horizon);
}

#[test]
fn r409_application_tasks_are_placed_when_their_instance_is_active() {
    let mut value = fixed(1);
    value["services"] = json!([service("web", 1)]);
    value["daemonTaskDefinitions"][1]["startup"] = json!("3m");
    // REGISTERING at 1:35, the daemon RUNNING and the instance ACTIVE at 4:35; the task has waited.
    let run = run(&value);
    run.tells(
        "0:01:05 task web/0 PROVISIONING
         0:04:35 daemon agent (agent:2) on p/0.1 RUNNING
         0:04:35 instance p/0.1 ACTIVE
         0:04:35 task web/0 PENDING on p/0.1",
    );
    assert_eq!(run.told(&["task web/0 PENDING"]).len(), 1);
}

// Alarms.

#[test]
fn r609_alarms_are_ok_when_a_run_begins_and_no_datapoint_comes_before_its_period_has_ended() {
    let mut value = fixed(1);
    value["services"] = json!([service("web", 1)]);
    value["services"][0]["traffic"] = json!({ "requestsPerSecond": 1000, "errorRate": 0.5 });
    value["alarms"] = json!([{ "alarmName": "e", "metric": { "errorRate": { "service": "web" } }, "period": 60,
        "threshold": 0.1 }]);
    value["timeline"][0]["updateDaemon"]["deploymentConfiguration"]["alarms"] =
        json!({ "alarmNames": ["e"], "enable": true });
    value["timeline"][0]["at"] = json!("10s");
    // The first period ends at 1:00 and is visible at 1:30; IN_PROGRESS at 0:15, so it was not red then.
    let run = run(&value);
    run.tells_at("alarm e ALARM", &["0:01:30"]);
    run.tells_at("deployment 1 of agent STOP_REQUESTED", &["0:02:15"]);
}

#[test]
fn r604_real_datapoints_are_looked_for_two_periods_further_back() {
    // One request in every second minute, and each fails: breaching, missing, breaching … from the second
    // minute on. Three real ones are in five periods, never in three; missing ones do not breach.
    let mut value = quiet(1, "20m");
    value["services"] = json!([service("web", 1)]);
    value["services"][0]["traffic"] = json!({ "requestsPerSecond": 0.008_333_333_4, "errorRate": 1 });
    value["alarms"] = json!([{ "alarmName": "e", "metric": { "errorRate": { "service": "web" } }, "period": 60,
        "evaluationPeriods": 3, "threshold": 0.5, "treatMissingData": "notBreaching" }]);
    value["timeline"] = json!([update("1m", "agent", "p", 100)]);
    value["timeline"][0]["updateDaemon"]["deploymentConfiguration"] =
        json!({ "bakeTimeInMinutes": 15, "alarms": { "alarmNames": ["e"], "enable": true } });
    let run = run(&value);
    let points: Vec<String> = run.told(&["datapoint"]);
    assert!(
        points[0].ends_with("missing") && points[1].ends_with(" 1") && points[2].ends_with("missing"),
        "{points:?}"
    );
    assert_eq!(run.times("alarm e ALARM").first().map(String::as_str), Some("0:06:30"), "{}", run.story());
}
