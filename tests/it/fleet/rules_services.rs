//! Applications: where tasks are at the start, where they go later, and how a drain moves them.
//! Worked out by hand from the rules; every delay is fixed.

use bakeoff::outcome::{DeploymentStatus, StopReason};
use serde_json::json;

use super::kit::{fixed, half, run, service, two_daemons, update};
use super::scenario;

fn placed(instances: u32, zones: u32, desired: u32) -> Vec<u32> {
    let mut value = fixed(instances);
    value["capacityProviders"][0]["availabilityZones"] = json!(zones);
    value["services"] = json!([half("web", desired)]);
    let scenario = scenario(&value.to_string());
    let mut seats = Vec::new();
    for (instance, tasks) in (0..).zip(scenario.layout().instances(0)) {
        seats.extend(tasks.iter().map(|task| (task.ordinal, instance)));
    }
    seats.sort_unstable();
    seats.into_iter().map(|(_, instance)| instance).collect()
}

#[test]
fn r323_at_the_start_tasks_are_spread_over_zones_and_then_evenly() {
    // Zone 0 has the hosts 0 and 2, zone 1 the hosts 1 and 3.
    assert_eq!(placed(4, 2, 5), [0, 1, 2, 3, 0]);
    // Zone 1 has only host 1, and as many tasks as zone 0.
    assert_eq!(placed(3, 2, 4), [0, 1, 2, 1]);
    assert_eq!(placed(3, 1, 4), [0, 1, 2, 0]);
    assert_eq!(placed(3, 1, 0), [0_u32; 0]);
}

#[test]
fn r321_a_zone_counts_tasks_on_draining_instances_too() {
    let mut value = fixed(4);
    value["capacityProviders"][0]["availabilityZones"] = json!(2);
    value["services"] = json!([half("web", 3)]);
    value["timeline"] = json!([update("1m", "agent", "p", 25)]);
    // Hosts 0 and 2 of zone 0 have a task each, host 1 of zone 1 has one: zone 1 has fewer, host 1 less memory free.
    run(&value).tells(
        "0:01:05 instance p/0.0 DRAINING (deployment)
         0:01:05 task web/0 PENDING on p/1.0",
    );
}

#[test]
fn r321_with_equally_many_tasks_the_lowest_zone_is_taken() {
    let mut value = fixed(4);
    value["capacityProviders"][0]["availabilityZones"] = json!(2);
    value["services"] = json!([half("web", 4)]);
    value["timeline"] = json!([update("1m", "agent", "p", 25)]);
    run(&value).tells("0:01:05 task web/0 PENDING on p/2.0");
}

fn sized(name: &str, cpu: u32, memory: u32) -> serde_json::Value {
    let mut value = service(name, 1);
    value["cpu"] = json!(cpu);
    value["memory"] = json!(memory);
    value
}

#[test]
fn r322_a_task_goes_where_the_least_memory_is_free_then_cpu_and_none_blocks_another() {
    let mut value = fixed(3);
    // Host 0 has a and d, host 1 has b, host 2 has c; both others keep 1784 MiB, host 2 less cpu.
    value["services"] =
        json!([sized("a", 100, 3000), sized("b", 100, 1800), sized("c", 500, 1800), sized("d", 10, 100)]);
    value["timeline"] = json!([update("1m", "agent", "p", 34)]);
    run(&value).tells(
        "0:01:05 task a/0 PROVISIONING
         0:01:05 task d/0 PENDING on p/2.0
         0:01:40 task a/0 PENDING on p/0.1",
    );
    // Now host 2 keeps less memory and host 1 less cpu: memory goes first.
    value["services"] =
        json!([sized("a", 100, 3000), sized("b", 1000, 1800), sized("c", 100, 1900), sized("d", 10, 100)]);
    run(&value).tells("0:01:05 task d/0 PENDING on p/2.0");
}

#[test]
fn r322_tasks_without_room_wait_by_age_and_not_by_service() {
    let mut value = fixed(2);
    two_daemons(&mut value, "p", "p");
    // One daemon leaves 3584 MiB, two leave 3072: two tasks of 1536 fill a host.
    let small = |name: &str, desired: u32| {
        let mut value = half(name, desired);
        value["memory"] = json!(1536);
        value
    };
    // Host 0 has a/0 and b/0, host 1 has a/1 and c/0; both are full.
    value["services"] = json!([small("a", 2), small("b", 1), small("c", 1)]);
    value["timeline"] = json!([update("1m", "x", "p", 50), update("70s", "y", "p", 50)]);
    let run = run(&value);
    run.tells(
        "0:01:05 instance p/0.0 DRAINING
         0:01:15 instance p/1.0 DRAINING",
    );
    let placed = run.told(&["task", "PENDING on"]);
    assert_eq!(
        placed,
        [
            "0:01:40 task a/0 PENDING on p/0.1",
            "0:01:40 task b/0 PENDING on p/0.1",
            "0:01:50 task a/1 PENDING on p/1.1",
            "0:01:50 task c/0 PENDING on p/1.1"
        ]
    );
}

#[test]
fn r312_replacements_are_started_as_far_as_the_maximum_percent_allows() {
    let mut value = fixed(4);
    value["services"] = json!([service("web", 4)]);
    // floor(4 × 1.25) = 5: one more than desired.
    value["services"][0]["maximumPercent"] = json!(125);
    let run = run(&value);
    run.tells_at("task web/0 PROVISIONING", &["0:01:05"]);
    let stops = run.told(&["STOPPING on"]).iter().map(|line| line[..7].to_owned()).collect::<Vec<_>>();
    // A new task needs 8 s to run and 40 s to be healthy; a stop makes room for the next start at once.
    assert_eq!(stops, ["0:02:28", "0:03:16", "0:04:04", "0:04:52"], "{}", run.story());
    run.tells("0:02:40 instance p/0.0 DEREGISTERING");
    assert_eq!(run.outcome.fleet.services[0].min_running_pct, Some(100.0));
    assert_eq!(run.outcome.fleet.app_tasks_restarted, 4);
}

#[test]
fn r314_below_a_hundred_percent_tasks_stop_first_and_their_replacements_start_in_the_same_instant() {
    let mut value = fixed(4);
    value["services"] = json!([service("web", 4)]);
    value["services"][0]["minimumHealthyPercent"] = json!(50);
    value["services"][0]["maximumPercent"] = json!(100);
    let run = run(&value);
    run.tells(
        "0:01:05 task web/0 STOPPING on p/0.0
         0:01:05 task web/1 STOPPING on p/1.0
         0:01:05 task web/0 PROVISIONING
         0:01:05 task web/1 PROVISIONING
         0:01:40 task web/0 PENDING on p/0.1
         0:01:40 task web/1 PENDING on p/1.1
         0:02:28 task web/2 STOPPING on p/2.0
         0:02:28 task web/3 STOPPING on p/3.0
         0:02:28 task web/2 PENDING on p/2.1
         0:02:28 task web/3 PENDING on p/3.1
         0:03:10 deployment 1 of agent SUCCESSFUL",
    );
    let service = &run.outcome.fleet.services[0];
    assert_eq!(service.min_running_pct, Some(50.0));
    // Two missing from 1:05 to 1:48 and from 2:28 to 2:36.
    assert_eq!(service.task_min_lost, (2.0 * 43.0 + 2.0 * 8.0) / 60.0);
}

#[test]
fn r312_the_floor_is_rounded_up() {
    let mut value = fixed(3);
    value["services"] = json!([service("web", 3)]);
    // ceil(1.5) = 2 must stay.
    value["services"][0]["minimumHealthyPercent"] = json!(50);
    value["services"][0]["maximumPercent"] = json!(100);
    let run = run(&value);
    assert_eq!(run.told(&["STOPPING"])[0], "0:01:05 task web/0 STOPPING on p/0.0");
    assert!(!run.told(&["STOPPING"])[1].starts_with("0:01:05"), "{}", run.story());
}

#[test]
fn r318_one_instance_empties_after_another() {
    let mut value = fixed(2);
    value["services"] = json!([half("web", 4)]);
    value["services"][0]["maximumPercent"] = json!(150);
    let run = run(&value);
    let stops: Vec<_> = run.told(&["STOPPING"]).iter().map(|line| line.replace("task web/", "")).collect();
    assert_eq!(
        stops.iter().map(|line| (&line[..7], &line[line.len() - 5..])).collect::<Vec<_>>(),
        [("0:02:28", "p/0.0"), ("0:02:28", "p/0.0"), ("0:03:16", "p/1.0"), ("0:03:16", "p/1.0")],
        "{}",
        run.story()
    );
    // Both new tasks were packed onto the first replacement.
    assert_eq!(run.told(&["PENDING on p/0.1"]).len(), 2);
}

#[test]
fn r318_what_is_left_on_an_instance_counts_the_tasks_of_all_services() {
    let mut value = fixed(2);
    // Host 0 has web/0 and slow/0, host 1 has web/1.
    value["services"] = json!([half("web", 2), half("slow", 1)]);
    value["services"][0]["maximumPercent"] = json!(150);
    value["services"][1]["startup"] = json!("5m");
    let run = run(&value);
    // By tasks of web alone they would be equal, and host 0 the lower index.
    let stops = run.told(&["task web/", "STOPPING"]);
    assert!(stops[0].starts_with("0:02:28") && stops[0].ends_with("p/1.0"), "{}", run.story());
}

#[test]
fn r313_a_task_that_is_not_yet_healthy_stops_at_once_when_its_instance_drains() {
    let mut value = fixed(2);
    two_daemons(&mut value, "p", "p");
    value["services"] = json!([half("web", 1)]);
    value["services"][0]["memory"] = json!(1024);
    // Host 0 drains at 1:05, host 1 while its new task runs (from 1:13) and is not healthy (at 1:53).
    value["timeline"] = json!([update("1m", "x", "p", 50), update("70s", "y", "p", 50)]);
    let run_running = run(&value);
    run_running.tells(
        "0:01:05 task web/0 PENDING on p/1.0
         0:01:13 task web/0 RUNNING on p/1.0
         0:01:15 task web/0 STOPPING on p/1.0
         0:01:15 task web/0 PROVISIONING
         0:01:40 task web/0 PENDING on p/0.1
         0:02:28 task web/0 STOPPING on p/0.0",
    );
    assert_eq!(run_running.outcome.fleet.services[0].min_running_pct, Some(100.0));
    // And while it is still PENDING.
    value["timeline"] = json!([update("1m", "x", "p", 50), update("65s", "y", "p", 50)]);
    let pending = run(&value);
    assert!(pending.told(&["task web/0 STOP", "p/1.0"])[0].starts_with("0:01:10"), "{}", pending.story());
    pending.tells("0:01:40 task web/0 PENDING on p/0.1");
}

#[test]
fn r320_displaced_tasks_may_land_on_hosts_that_are_drained_later_unless_only_replacements_may() {
    let mut value = fixed(2);
    value["services"] = json!([half("web", 2)]);
    value["timeline"] = json!([update("1m", "agent", "p", 50)]);
    let anywhere = run(&value);
    anywhere.tells("0:01:05 task web/0 PENDING on p/1.0");
    // web/0 moves to host 1 and moves again with it.
    assert_eq!(anywhere.outcome.fleet.app_tasks_restarted, 3);
    value["assumptions"] = json!({ "displacedTasks": "replacementsOnly" });
    let replacements = run(&value);
    replacements.tells("0:01:40 task web/0 PENDING on p/0.1");
    assert_eq!(replacements.outcome.fleet.app_tasks_restarted, 2);
}

#[test]
fn r315_with_both_percentages_at_a_hundred_a_drain_never_ends() {
    let mut value = fixed(2);
    value["services"] = json!([service("web", 2)]);
    value["services"][0]["maximumPercent"] = json!(100);
    let stuck = run(&value);
    assert_eq!(stuck.told(&["STOPPING"]), [""; 0]);
    assert_eq!(stuck.outcome.stop, StopReason::Horizon);
    assert_eq!(stuck.outcome.deployments[0].status, DeploymentStatus::InProgress);
    assert_eq!(stuck.outcome.fleet.services[0].min_running_pct, Some(100.0));
    // floor(3 × 1.25) is 3 as well.
    let mut value = fixed(3);
    value["services"] = json!([service("web", 3)]);
    value["services"][0]["maximumPercent"] = json!(125);
    let rounded = run(&value);
    assert_eq!(rounded.told(&["STOPPING"]), [""; 0]);
    assert_eq!(rounded.outcome.stop, StopReason::Horizon);
}

#[test]
fn r318_full_hosts_at_their_quota_go_one_after_another_and_do_not_deadlock() {
    let mut value = fixed(2);
    value["capacityProviders"][0]["maxInstances"] = json!(3);
    value["services"] = json!([half("web", 4)]);
    let run = run(&value);
    run.tells(
        "0:01:05 instance p/0.0 DRAINING
         0:01:05 instance p/1.0 DRAINING
         0:02:40 instance p/0.0 DEREGISTERING
         0:03:10 instance p/0.0 GONE
         0:03:55 instance p/1.1 LAUNCHED
         0:04:10 instance p/1.1 ACTIVE
         0:05:10 instance p/1.0 DEREGISTERING
         0:05:40 deployment 1 of agent SUCCESSFUL",
    );
    assert_eq!(run.outcome.fleet.peak_instances, 3);
    assert_eq!(run.outcome.fleet.services[0].min_running_pct, Some(100.0));
}

#[test]
fn r317_a_task_that_does_not_stop_is_killed_at_its_stop_timeout() {
    let mut value = fixed(1);
    value["services"] = json!([service("web", 1)]);
    value["services"][0]["shutdown"] = json!("50s");
    value["services"][0]["stopTimeout"] = json!(20);
    run(&value).tells(
        "0:02:28 task web/0 STOPPING on p/0.0
         0:02:48 task web/0 STOPPED on p/0.0
         0:02:50 instance p/0.0 DEREGISTERING",
    );
}

#[test]
fn a_hundred_zones_are_no_more_than_three() {
    let mut value = fixed(100);
    value["capacityProviders"][0]["availabilityZones"] = json!(100);
    value["services"] = json!([service("web", 100)]);
    value["timeline"] = json!([update("1m", "agent", "p", 1)]);
    value["simulation"]["horizon"] = json!("3m");
    // Nothing has room until the replacement is there.
    run(&value).tells("0:01:40 task web/0 PENDING on p/0.1");
}

#[test]
fn r319_several_services_each_keep_their_own_floor() {
    let mut value = fixed(2);
    value["services"] = json!([half("a", 2), half("b", 2)]);
    value["services"][1]["minimumHealthyPercent"] = json!(0);
    value["services"][1]["maximumPercent"] = json!(100);
    let run = run(&value);
    run.tells(
        "0:01:05 task b/0 STOPPING on p/0.0
         0:01:05 task b/1 STOPPING on p/1.0
         0:02:28 task a/0 STOPPING on p/0.0
         0:02:28 task a/1 STOPPING on p/1.0",
    );
    let services = &run.outcome.fleet.services;
    assert_eq!((services[0].min_running_pct, services[1].min_running_pct), (Some(100.0), Some(0.0)));
    // b runs nothing from 1:05 to 1:48.
    assert_eq!((services[0].task_min_lost, services[1].task_min_lost), (0.0, 2.0 * 43.0 / 60.0));
}

#[test]
fn r309_a_hosts_loss_takes_its_tasks_and_they_start_anew_at_once() {
    let mut value = super::kit::quiet(4, "6h");
    value["capacityProviders"][0]["hostFailure"] = json!({ "perInstanceMonth": 300 });
    value["services"] = json!([service("web", 4)]);
    let run = run(&value);
    let lost = run.told(&["(host failure)"]);
    assert!(!lost.is_empty(), "hosts fail ten times a day: {}", run.story());
    let at = lost[0].split(' ').next().unwrap();
    let moved = run.told(&["task web/"]);
    let moved: Vec<_> = moved.iter().filter(|line| line.starts_with(&format!("{at} "))).collect();
    assert!(moved.iter().any(|line| line.contains("STOPPED on")), "{}", run.story());
    assert!(moved.iter().any(|line| line.contains("PROVISIONING")), "{}", run.story());
    // One task is missing until there is a host again, 35 s, and runs on it, 8 s.
    assert_eq!(run.outcome.fleet.services[0].min_running_pct.map(|pct| pct <= 75.0), Some(true));
}
