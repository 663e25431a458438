//! What drains wait for, and desired counts that change: standalone tasks, protection, the
//! deadline of a drain, schedules and `scaleService`.
//!
//! The fleet of [`fixed`]: at 1:05 the batch drains, at 1:40 the replacements are ACTIVE; a
//! task is RUNNING 8 s after it is placed, healthy 40 s later, and takes 10 s to stop.

use bakeoff::outcome::StopReason;
use bakeoff::scenario::{Code, NoFiles, Severity, load};
use serde_json::{Value, json};

use super::kit::{fixed, half, quiet, run, service, update};

/// Standalone tasks of half a host that run for so long.
fn job(count: u32, duration: &str) -> Value {
    json!({
        "name": "job", "capacityProvider": "p", "count": count, "cpu": 256, "memory": 1792,
        "startup": "8s", "shutdown": "10s", "duration": duration,
    })
}

fn with_job(instances: u32, group: &Value) -> Value {
    let mut value = fixed(instances);
    value["tasks"] = json!([group]);
    value
}

#[test]
fn r360_standalone_tasks_of_the_start_run_from_time_zero_and_end_by_themselves() {
    let mut value = quiet(2, "1h");
    value["tasks"] = json!([job(3, "25m")]);
    let run = run(&value);
    // They are laid out like a service's, over the instances in turn.
    run.tells(
        "0:25:00 task job/0 STOPPED on p/0.0
         0:25:00 task job/1 STOPPED on p/1.0
         0:25:00 task job/2 STOPPED on p/0.0",
    );
    // Nobody replaces them, and they are no service's.
    assert!(run.told(&["task", "PROVISIONING"]).is_empty());
    assert!(run.outcome.fleet.services.is_empty());
    assert_eq!(run.outcome.fleet.app_tasks_restarted, 0);
    assert!(run.outcome.series.iter().all(|sample| sample.running_tasks == 0));
}

#[test]
fn r361_groups_come_at_start_at_and_again_every_so_often() {
    let mut value = quiet(2, "31m");
    let mut group = job(2, "2m");
    group["startAt"] = json!("10m");
    group["every"] = json!("10m");
    value["tasks"] = json!([group]);
    let run = run(&value);
    let placed = run.told(&["task", "PENDING on"]);
    assert_eq!(
        placed,
        [
            "0:10:00 task job/0 PENDING on p/0.0",
            "0:10:00 task job/1 PENDING on p/0.0",
            "0:20:00 task job/2 PENDING on p/0.0",
            "0:20:00 task job/3 PENDING on p/0.0",
            "0:30:00 task job/4 PENDING on p/0.0",
            "0:30:00 task job/5 PENDING on p/0.0",
        ]
    );
    // RUNNING after 8 s, and 2 min of work from then on.
    run.tells("0:12:08 task job/1 STOPPED on p/0.0");
}

#[test]
fn r361_a_standalone_task_waits_for_room_and_its_work_begins_when_it_runs() {
    let mut value = quiet(1, "1h");
    let mut group = job(3, "5m");
    group["startAt"] = json!("10m");
    value["tasks"] = json!([group]);
    // No more than one host: the third waits for the first two to end.
    value["capacityProviders"][0]["maxInstances"] = json!(1);
    run(&value).tells(
        "0:10:00 task job/2 PROVISIONING
         0:15:08 task job/2 PENDING on p/0.0
         0:20:16 task job/2 STOPPED on p/0.0",
    );
}

#[test]
fn r362_a_drain_waits_for_a_standalone_task_to_end() {
    let mut value = with_job(1, &job(1, "20m"));
    value["services"] = json!([half("web", 1)]);
    let run = run(&value);
    // The service's task goes as ever; the standalone one stays to its end, 20 min from the start.
    run.tells(
        "0:01:05 instance p/0.0 DRAINING (deployment)
         0:02:28 task web/0 STOPPING on p/0.0
         0:20:00 task job/0 STOPPED on p/0.0
         0:20:02 instance p/0.0 DEREGISTERING (deployment)
         0:20:32 deployment 1 of agent SUCCESSFUL",
    );
    let waited = run.outcome.deployments[0].drain_wait_max.map(bakeoff::engine::time::SimDuration::as_ms);
    assert_eq!(waited, Some((20 * 60 + 2 - 65) * 1_000));
}

#[test]
fn r362_a_pending_standalone_task_on_a_draining_instance_still_runs() {
    let mut group = job(1, "3m");
    group["startAt"] = json!("62s");
    // PENDING from 1:02 to 1:10; a drain at 1:05 would drop a service's task.
    run(&with_job(1, &group)).tells(
        "0:01:05 instance p/0.0 DRAINING (deployment)
         0:01:10 task job/0 RUNNING on p/0.0
         0:04:10 task job/0 STOPPED on p/0.0
         0:04:12 instance p/0.0 DEREGISTERING (deployment)",
    );
}

#[test]
fn r363_at_the_drain_deadline_what_is_left_is_lost_and_nobody_replaces_it() {
    let mut value = with_job(1, &job(1, "50m"));
    value["controlPlane"]["drainDeadline"] = json!("15m");
    let run = run(&value);
    run.tells(
        "0:16:05 instance p/0.0 drained to its deadline
         0:16:05 task job/0 STOPPED on p/0.0
         0:16:05 instance p/0.0 DEREGISTERING (deployment)
         0:16:35 deployment 1 of agent SUCCESSFUL",
    );
    assert!(run.told(&["task job", "PROVISIONING"]).is_empty());
    assert_eq!(
        run.outcome.deployments[0].drain_wait_max.map(bakeoff::engine::time::SimDuration::as_ms),
        Some(15 * 60_000)
    );
}

#[test]
fn r363_the_deadline_is_seven_days_unless_given() {
    let mut value = with_job(1, &job(1, "30d"));
    value["simulation"]["horizon"] = json!("10d");
    value["simulation"]["sampleEvery"] = json!("1h");
    run(&value).tells("168:01:05 instance p/0.0 DEREGISTERING (deployment)");
}

#[test]
fn r363_a_service_that_can_never_be_drained_is_drained_by_force_at_the_deadline() {
    let mut value = fixed(1);
    value["services"] = json!([service("web", 1)]);
    value["services"][0]["maximumPercent"] = json!(100);
    value["controlPlane"]["drainDeadline"] = json!("30m");
    let run = run(&value);
    // Its task is lost, which makes room under maximumPercent for the successor.
    run.tells(
        "0:31:05 task web/0 STOPPED on p/0.0
         0:31:05 task web/0 PENDING on p/0.1
         0:31:35 deployment 1 of agent SUCCESSFUL",
    );
    assert_eq!(run.outcome.fleet.services[0].min_running_pct, Some(0.0));
}

#[test]
fn r364_stop_timeouts_end_at_the_deadline_too() {
    let mut value = fixed(1);
    value["services"] = json!([service("web", 1)]);
    value["services"][0]["shutdown"] = json!("2h");
    value["services"][0]["stopTimeout"] = json!(7200);
    value["controlPlane"]["drainDeadline"] = json!("20m");
    // Told to stop at 2:28, it would take until 2:02:28.
    run(&value).tells(
        "0:02:28 task web/0 STOPPING on p/0.0
         0:21:05 task web/0 STOPPED on p/0.0
         0:21:05 instance p/0.0 DEREGISTERING (deployment)",
    );
    // A daemon that is long in stopping is killed at the deadline as well.
    let mut value = fixed(1);
    value["daemonTaskDefinitions"][0]["shutdown"] = json!("2h");
    value["daemonTaskDefinitions"][0]["stopTimeout"] = json!(7200);
    value["controlPlane"]["drainDeadline"] = json!("20m");
    run(&value).tells_at("instance p/0.0 DEREGISTERING (deployment)", &["0:21:05"]);
}

#[test]
fn r365_where_drains_ignore_them_standalone_tasks_stop_at_once() {
    let mut value = with_job(1, &job(2, "50m"));
    value["assumptions"] = json!({ "protectedTasks": "ignore" });
    let run = run(&value);
    run.tells(
        "0:01:05 task job/0 STOPPING on p/0.0
         0:01:05 task job/1 STOPPING on p/0.0
         0:01:15 task job/0 STOPPED on p/0.0
         0:01:17 instance p/0.0 DEREGISTERING (deployment)",
    );
    assert!(run.told(&["task job", "PROVISIONING"]).is_empty(), "nobody replaces them");
}

fn protected(instances: u32, minutes: u32) -> Value {
    let mut value = fixed(instances);
    value["services"] = json!([service("web", instances)]);
    value["services"][0]["protection"] = json!({ "share": 1, "expiresInMinutes": minutes });
    value
}

#[test]
fn r366_a_drain_waits_until_the_protection_of_a_task_expires() {
    let run = run(&protected(1, 10));
    // Protected from the start: its successor is healthy at 2:28, and it may go at 10:00.
    run.tells(
        "0:01:05 task web/0 PROVISIONING
         0:02:28 task web/0 HEALTHY on p/0.1
         0:10:00 task web/0 UNPROTECTED on p/0.0
         0:10:00 task web/0 STOPPING on p/0.0
         0:10:12 instance p/0.0 DEREGISTERING (deployment)",
    );
    // The successor protects itself when it is RUNNING, for as long again.
    run.tells("0:01:48 task web/0 PROTECTED on p/0.1");
    assert_eq!(run.outcome.fleet.services[0].min_running_pct, Some(100.0));
}

#[test]
fn r366_the_deadline_of_a_drain_ends_a_protection() {
    let mut value = protected(1, 120);
    value["controlPlane"]["drainDeadline"] = json!("30m");
    run(&value).tells_at("instance p/0.0 DEREGISTERING (deployment)", &["0:31:05"]);
}

#[test]
fn r366_a_share_of_the_tasks_protects_itself_and_each_draw_is_its_own() {
    let mut value = quiet(200, "10m");
    value["services"] = json!([service("web", 200)]);
    value["services"][0]["protection"] = json!({ "share": 0.25, "expiresInMinutes": 5 });
    let run = run(&value);
    let count = run.told(&["PROTECTED on"]).iter().filter(|line| !line.contains("UNPROTECTED")).count();
    // Binomial with mean 50 and a standard deviation of 6.1.
    assert!((26..=74).contains(&count), "{count}");
    assert!(run.told(&["UNPROTECTED"]).iter().all(|line| line.starts_with("0:05:00")));
}

#[test]
fn r367_where_drains_ignore_protection_a_protected_task_stops_like_any_other() {
    let mut value = protected(1, 120);
    value["assumptions"] = json!({ "protectedTasks": "ignore" });
    let run = run(&value);
    // The floor of its service still holds.
    run.tells_at("task web/0 STOPPING on p/0.0", &["0:02:28"]);
    assert_eq!(run.outcome.fleet.services[0].min_running_pct, Some(100.0));
}

fn scaled(instances: u32, desired: &Value) -> Value {
    let mut value = quiet(instances, "1h");
    value["services"] = json!([half("web", 1)]);
    value["services"][0]["desiredCount"] = desired.clone();
    value
}

#[test]
fn r368_a_schedule_moves_the_desired_count_and_a_returning_ordinal_goes_on_where_it_was() {
    let steps = json!([{ "at": "0s", "count": 4 }, { "at": "10m", "count": 2 }, { "at": "20m", "count": 5 }]);
    let run = run(&scaled(4, &steps));
    // Newest first of the fullest zone: with one zone, the highest ordinals.
    run.tells(
        "0:10:00 service web wants 2
         0:10:00 task web/3 STOPPING on p/3.0
         0:10:00 task web/2 STOPPING on p/2.0
         0:20:00 service web wants 5
         0:20:00 task web/2 PROVISIONING
         0:20:00 task web/3 PROVISIONING
         0:20:00 task web/4 PROVISIONING",
    );
    let outcome = &run.outcome.fleet;
    // Shed tasks are not started elsewhere, so nothing was restarted.
    assert_eq!(outcome.app_tasks_restarted, 0);
    // 2 of 5 from 20:00 to 20:08, when the new ones are RUNNING.
    assert_eq!(outcome.services[0].min_running_pct, Some(40.0));
    assert_eq!(outcome.services[0].task_min_lost, 3.0 * 8.0 / 60.0);
    let at = |minute: usize| &run.outcome.series[minute * 2];
    assert_eq!((at(9).desired_tasks, at(11).desired_tasks, at(20).desired_tasks), (4, 2, 5));
    assert_eq!((at(11).floor_tasks, at(20).floor_tasks), (2, 5));
}

#[test]
fn r368_a_schedule_that_repeats_begins_again_after_so_long() {
    let desired =
        json!({ "schedule": [{ "at": "0s", "count": 1 }, { "at": "5m", "count": 2 }], "repeatEvery": "20m" });
    let run = run(&scaled(2, &desired));
    run.tells_at("service web wants 2", &["0:05:00", "0:25:00", "0:45:00"]);
    run.tells_at("service web wants 1", &["0:20:00", "0:40:00", "1:00:00"]);
}

#[test]
fn r369_the_ceiling_and_the_floor_follow_the_desired_count() {
    let steps = json!([{ "at": "0s", "count": 2 }, { "at": "10m", "count": 6 }]);
    let mut value = scaled(4, &steps);
    // At 100 % nothing may be above the desired count; it rises with it.
    value["services"][0]["maximumPercent"] = json!(100);
    let run = run(&value);
    assert_eq!(run.told(&["PROVISIONING"]).len(), 4);
    // A drain with the floor of the new count: one host of two tasks, none may go before another is healthy.
    let mut value = fixed(2);
    value["services"] = json!([half("web", 4)]);
    value["services"][0]["desiredCount"] = json!([{ "at": "0s", "count": 4 }, { "at": "30s", "count": 2 }]);
    value["timeline"] = json!([update("1m", "agent", "p", 50)]);
    let run = super::kit::run(&value);
    assert_eq!(run.outcome.fleet.services[0].min_running_pct, Some(100.0), "{}", run.story());
}

#[test]
fn r370_scale_service_sets_the_desired_count_from_the_timeline() {
    let mut value = scaled(3, &json!(1));
    value["timeline"] = json!([
        { "at": "10m", "scaleService": { "service": "web", "desiredCount": 3 } },
        { "at": "20m", "scaleService": { "desiredCount": 0 } },
    ]);
    let run = run(&value);
    run.tells(
        "0:10:00 task web/1 PROVISIONING
         0:20:00 task web/2 STOPPING on p/1.0
         0:20:00 task web/1 STOPPING on p/0.0
         0:20:00 task web/0 STOPPING on p/0.0",
    );
    // Without a deployment the run goes on to its horizon, and is complete there.
    assert_eq!(run.outcome.stop, StopReason::Complete);
    // At zero there is no percentage, and nothing is missing.
    assert_eq!(run.outcome.fleet.services[0].min_running_pct, Some(100.0 / 3.0));
}

#[test]
fn r370_a_run_waits_for_a_scale_service_that_is_still_to_come() {
    let mut value = fixed(1);
    value["services"] = json!([half("web", 1)]);
    let scale = json!({ "at": "30m", "scaleService": { "service": "web", "desiredCount": 2 } });
    value["timeline"].as_array_mut().expect("a list").push(scale);
    let run = run(&value);
    run.tells("0:30:00 task web/1 PROVISIONING");
    assert_eq!((run.outcome.stop, run.outcome.ended_at.as_ms()), (StopReason::Complete, 31 * 60_000));
}

#[test]
fn r371_what_is_too_much_goes_in_order_waiting_pending_unhealthy_and_then_the_newest_of_the_fullest_zone() {
    let mut value = scaled(3, &json!(2));
    value["capacityProviders"][0]["availabilityZones"] = json!(2);
    value["capacityProviders"][0]["maxInstances"] = json!(3);
    value["services"][0]["maximumPercent"] = json!(400);
    // Six fit. At 10:00 five more are asked for: four are placed, one waits.
    value["timeline"] = json!([
        { "at": "10m", "scaleService": { "service": "web", "desiredCount": 7 } },
        { "at": "10m 2s", "scaleService": { "service": "web", "desiredCount": 6 } },
        { "at": "10m 4s", "scaleService": { "service": "web", "desiredCount": 5 } },
        { "at": "10m 20s", "scaleService": { "service": "web", "desiredCount": 4 } },
        { "at": "20m", "scaleService": { "service": "web", "desiredCount": 3 } },
    ]);
    let run = run(&value);
    let gone = run.told(&["task web"]);
    let gone: Vec<&String> = gone
        .iter()
        .filter(|line| line.contains("STOPPING") || line.contains(" STOPPED") && line.starts_with("0:10:0"))
        .collect();
    // Zone 0 has hosts 0 and 2. At 20:00 each zone has two tasks: the lower one loses its newest, not the newest of all.
    assert_eq!(
        gone,
        [
            "0:10:02 task web/6 STOPPED",
            "0:10:04 task web/5 STOPPED on p/2.0",
            "0:10:20 task web/4 STOPPING on p/2.0",
            "0:20:00 task web/2 STOPPING on p/0.0",
        ],
        "{}",
        run.story()
    );
}

#[test]
fn r371_scale_in_never_takes_a_protected_task() {
    let mut value = scaled(2, &json!([{ "at": "0s", "count": 2 }, { "at": "10m", "count": 0 }]));
    value["services"][0]["protection"] = json!({ "share": 1, "expiresInMinutes": 30 });
    let run = run(&value);
    assert_eq!(
        run.told(&["STOPPING"]),
        ["0:30:00 task web/1 STOPPING on p/1.0", "0:30:00 task web/0 STOPPING on p/0.0"],
        "{}",
        run.story()
    );
}

#[test]
fn r372_a_lower_desired_count_lets_a_drain_go_on() {
    let mut value = fixed(2);
    value["services"] = json!([service("web", 2)]);
    value["services"][0]["maximumPercent"] = json!(100);
    value["timeline"] = json!([
        update("1m", "agent", "p", 50),
        { "at": "10m", "scaleService": { "service": "web", "desiredCount": 1 } },
    ]);
    let run = run(&value);
    // Nothing may stop and nothing may start until one fewer is wanted; then the displaced one goes first.
    assert_eq!(run.told(&["STOPPING"])[0], "0:10:00 task web/0 STOPPING on p/0.0", "{}", run.story());
}

#[test]
fn r373_the_running_tasks_of_an_alarm_are_measured_against_what_is_wanted_then() {
    let mut value = scaled(2, &json!([{ "at": "0s", "count": 2 }, { "at": "10m", "count": 4 }]));
    value["services"][0]["startup"] = json!("2m");
    value["alarms"] = json!([{
        "alarmName": "few", "metric": { "runningTasksPercent": { "service": "web" } }, "period": 60,
        "threshold": 80, "comparisonOperator": "LessThanThreshold",
    }]);
    value["timeline"] = json!([{ "at": "59m", "updateDaemon": {
        "daemonArn": "agent", "daemonTaskDefinitionArn": "agent:2", "capacityProviderArns": ["p"],
        "deploymentConfiguration": { "alarms": { "alarmNames": ["few"], "enable": true } },
    } }]);
    let run = run(&value);
    // The period to 11:00 is visible at 11:30: two of four run.
    run.tells(
        "0:11:30 alarm few datapoint 50
         0:11:30 alarm few ALARM
         0:13:30 alarm few datapoint 100",
    );
}

#[track_caller]
fn refused(change: impl FnOnce(&mut Value), code: Code) {
    let mut value = fixed(1);
    value["services"] = json!([half("web", 1)]);
    change(&mut value);
    let problems = load("test.yaml", &value.to_string(), &NoFiles, &[]).expect_err("it is refused");
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    assert_eq!(errors.map(|problem| problem.code).collect::<Vec<_>>(), [code]);
}

#[test]
fn r374_protection_lasts_one_minute_to_two_days_and_a_schedule_is_in_order() {
    let protection = |minutes: u32| json!({ "expiresInMinutes": minutes });
    for minutes in [0, 2881] {
        refused(|value| value["services"][0]["protection"] = protection(minutes), Code::OutOfRange);
    }
    for minutes in [1, 2880] {
        let mut value = fixed(1);
        value["services"] = json!([half("web", 1)]);
        value["services"][0]["protection"] = protection(minutes);
        super::scenario(&value.to_string());
    }
    let steps = |steps: Value| move |value: &mut Value| value["services"][0]["desiredCount"] = steps;
    refused(steps(json!([])), Code::Empty);
    refused(steps(json!([{ "at": "1m", "count": 1 }])), Code::Order);
    refused(steps(json!([{ "at": "0s", "count": 1 }, { "at": "0s", "count": 2 }])), Code::Order);
    let repeated =
        json!({ "schedule": [{ "at": "0s", "count": 1 }, { "at": "5m", "count": 2 }], "repeatEvery": "5m" });
    refused(steps(repeated), Code::Order);
    refused(|value| value["controlPlane"]["drainDeadline"] = json!("0s"), Code::Zero);
    let group = |key: &str, given: Value| {
        let mut group = job(1, "1m");
        group[key] = given;
        group
    };
    refused(|value| value["tasks"] = json!([group("every", json!("0s"))]), Code::Zero);
    refused(|value| value["tasks"] = json!([group("name", json!("web"))]), Code::DuplicateName);
    refused(|value| value["tasks"] = json!([group("memory", json!(99_999))]), Code::TaskTooLarge);
    let mut flood = group("every", json!("1ms"));
    (flood["count"], flood["startAt"]) = (json!(10), json!("1m"));
    refused(|value| value["tasks"] = json!([flood]), Code::OutOfRange);
    refused(|value| value["tasks"] = json!([group("count", json!(50))]), Code::LayoutImpossible);
}
