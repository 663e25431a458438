//! Capacity: instance types, launches for waiting tasks, room for daemons, scale-in.
//! Worked out by hand from the rules; every delay is fixed.

use bakeoff::outcome::DeploymentStatus;
use serde_json::{Value, json};

use super::kit::{Run, defective, fixed, half, quiet, run, service, two_daemons, update};

/// An instance type of a provider: one task of [`service`] fits beside the daemon for each unit.
fn size(units: u32, instances: u32, price: f64) -> Value {
    json!({
        "cpu": 2048 * units, "memory": 4096 * units, "instances": instances, "pricePerHour": price,
    })
}

/// Gives the only provider these types instead of its one.
fn types(value: &mut Value, types: &[Value]) {
    let provider = value["capacityProviders"][0].as_object_mut().expect("a provider is a mapping");
    for key in ["instances", "cpu", "memory"] {
        provider.remove(key);
    }
    provider.insert("instanceTypes".into(), json!(types));
}

fn assume(value: &mut Value, key: &str, answer: &str) {
    value["assumptions"][key] = json!(answer);
}

/// The fixed update of so many hosts with a service, replacement by demand.
fn by_demand(instances: u32, services: &[Value]) -> Value {
    let mut value = fixed(instances);
    value["services"] = json!(services);
    assume(&mut value, "replacement", "demandDriven");
    value
}

/// Launches asked for, by instance.
fn requested(run: &Run) -> Vec<String> {
    run.told(&["instance", "REQUESTED"])
}

fn scale(at: &str, count: u32) -> Value {
    json!({ "at": at, "scaleService": { "service": "web", "desiredCount": count } })
}

// Instance types.

#[test]
fn r330_a_one_for_one_replacement_is_of_its_predecessors_type() {
    let mut value = fixed(2);
    types(&mut value, &[size(1, 1, 1.0), size(2, 1, 3.0)]);
    let run = run(&value);
    run.tells_at("instance p/0.1 ACTIVE", &["0:01:40"]);
    let fleet = &run.outcome.fleet;
    assert_eq!((fleet.peak_instances, fleet.peak_vcpu, fleet.instances_replaced), (4, 12, 2));
}

#[test]
fn r330_instances_of_the_start_are_dealt_to_types_in_file_order() {
    // Two tasks of this size fit on the large host alone, and it is the last in the list.
    let mut value = quiet(1, "10m");
    types(&mut value, &[size(1, 2, 1.0), size(4, 1, 1.0)]);
    value["services"] = json!([service("web", 1)]);
    value["services"][0]["memory"] = json!(6000);
    value["timeline"] = json!([scale("1m", 2)]);
    let run = run(&value);
    run.tells("0:01:00 task web/1 PENDING on p/2.0");
    assert_eq!(run.outcome.fleet.peak_vcpu, 12);
}

#[test]
fn r331_each_type_costs_its_own_price_and_a_missing_one_leaves_the_cost_unknown() {
    let mut value = fixed(2);
    types(&mut value, &[size(1, 1, 1.0), size(2, 1, 3.0)]);
    // Both old instances and both new ones are there from 1:05 to 1:37.
    let cost = run(&value).outcome.fleet.extra_cost_usd.expect("every price is known");
    assert!((cost - 32.0 * 4.0 / 3600.0).abs() < 1e-12, "{cost}");
    value["capacityProviders"][0]["instanceTypes"][1]
        .as_object_mut()
        .expect("a mapping")
        .remove("pricePerHour");
    assert_eq!(run(&value).outcome.fleet.extra_cost_usd, None);
}

#[test]
fn r331_a_fleet_that_moves_to_a_dearer_type_costs_more_though_it_has_no_more_instances() {
    let mut value = by_demand(1, &[service("web", 1)]);
    types(&mut value, &[size(1, 1, 1.0), size(2, 0, 3.0)]);
    // The new revision fits on the large type only, beside the task.
    value["daemonTaskDefinitions"][1]["memory"] = json!(3000);
    let run = run(&value);
    // 3:10 the old one is gone, 4:10 the run ends: the new one alone costs 2 more than at the start.
    run.tells("0:03:10 deployment 1 of agent SUCCESSFUL");
    let cost = run.outcome.fleet.extra_cost_usd.expect("every price is known");
    assert!((cost - (125.0 * 3.0 + 60.0 * 2.0) / 3600.0).abs() < 1e-12, "{cost}");
}

// Replacement by demand.

#[test]
fn r332_by_demand_a_drained_host_without_tasks_is_not_replaced() {
    let run = run(&by_demand(2, &[]));
    assert_eq!(requested(&run), [""; 0]);
    run.tells("0:01:37 deployment 1 of agent SUCCESSFUL");
    assert_eq!((run.outcome.fleet.peak_instances, run.outcome.fleet.instances_replaced), (2, 2));
}

#[test]
fn r333_room_on_instances_in_service_is_used_before_anything_is_launched() {
    let mut value = by_demand(4, &[half("web", 4)]);
    value["timeline"][0]["updateDaemon"]["deploymentConfiguration"]["drainPercent"] = json!(50);
    let run = run(&value);
    // The first two drain onto the others; then 50 % of two hosts is one at a time, twice.
    run.tells_at("instance p/4.0 REQUESTED", &["0:02:40"]);
    assert_eq!(requested(&run).len(), 2);
    let fleet = &run.outcome.fleet;
    assert_eq!((fleet.peak_instances, fleet.instances_replaced), (4, 4));
    assert_eq!(run.outcome.deployments[0].status, DeploymentStatus::Successful);
}

#[test]
fn r334_a_batch_by_demand_waits_for_what_was_launched_since_it_began() {
    let mut value = by_demand(1, &[service("web", 1)]);
    value["services"][0]["minimumHealthyPercent"] = json!(0);
    value["services"][0]["maximumPercent"] = json!(100);
    value["capacityProviders"][0]["launch"] = json!("60s");
    run(&value).tells(
        "0:01:05 instance p/0.0 DRAINING (deployment)
         0:01:05 instance p/1.0 REQUESTED
         0:01:47 instance p/0.0 GONE (deployment)
         0:02:20 instance p/1.0 ACTIVE
         0:02:20 task web/0 PENDING on p/1.0
         0:02:20 deployment 1: batch done on p
         0:02:20 deployment 1 of agent SUCCESSFUL",
    );
}

#[test]
fn r335_waiting_tasks_are_spread_over_zones_before_they_are_packed() {
    let mut value = by_demand(3, &[half("web", 3)]);
    assert_eq!(requested(&run(&value)).len(), 2, "two to a host in one zone");
    value["capacityProviders"][0]["availabilityZones"] = json!(3);
    assert_eq!(requested(&run(&value)).len(), 3, "one in each zone");
}

#[test]
fn r336_waiting_tasks_are_packed_largest_first_into_the_first_instance_with_room() {
    // 3840 MiB beside the daemon: 2400 + 1400 on one host, 2400 + 1000 on the other. In the order of
    // the file it would take three.
    let sized = |name: &str, memory: u32, desired: u32| {
        let mut value = half(name, desired);
        value["memory"] = json!(memory);
        value
    };
    let mut value = by_demand(3, &[sized("small", 1000, 1), sized("mid", 1400, 1), sized("large", 2400, 2)]);
    value["daemonTaskDefinitions"][0]["memory"] = json!(256);
    value["daemonTaskDefinitions"][1]["memory"] = json!(256);
    let run = run(&value);
    let at_once = requested(&run).into_iter().filter(|line| line.starts_with("0:01:05"));
    assert_eq!(at_once.count(), 2, "{}", run.story());
    assert_eq!(run.outcome.deployments[0].status, DeploymentStatus::Successful);
}

#[test]
fn r337_the_type_that_costs_least_for_each_task_is_launched() {
    let mut value = by_demand(2, &[service("web", 2)]);
    types(&mut value, &[size(1, 2, 1.0), size(2, 0, 1.5)]);
    // Two tasks: three would fit on the large one, two do, for 0.75 each.
    let both = run(&value);
    assert_eq!((requested(&both).len(), both.outcome.fleet.peak_vcpu), (1, 8));
    // One at a time: 1.00 on a small one, 1.50 on a large one.
    value["timeline"][0]["updateDaemon"]["deploymentConfiguration"]["drainPercent"] = json!(50);
    let single = run(&value);
    assert_eq!((requested(&single).len(), single.outcome.fleet.peak_vcpu), (2, 6));
}

#[test]
fn r337_without_every_price_vcpus_stand_for_them_and_the_cheaper_of_equals_is_launched() {
    let mut value = by_demand(2, &[service("web", 2)]);
    types(&mut value, &[size(2, 0, 0.1), size(1, 2, 1.0)]);
    value["capacityProviders"][0]["instanceTypes"][1]
        .as_object_mut()
        .expect("a mapping")
        .remove("pricePerHour");
    // 2 vCPUs for one task, 4 for two: the small one, twice.
    let run = run(&value);
    assert_eq!((requested(&run).len(), run.outcome.fleet.peak_vcpu), (2, 8));
}

/// One host, full with two tasks, and what the service is to have later.
fn growing(changes: &[Value]) -> Value {
    let mut value = quiet(1, "10m");
    value["services"] = json!([half("web", 2)]);
    value["timeline"] = json!(changes);
    value
}

#[test]
fn r338_where_the_need_can_grow_tasks_without_room_have_instances_launched() {
    let run = run(&growing(&[scale("1m", 3)]));
    run.tells(
        "0:01:00 instance p/1.0 REQUESTED
         0:01:35 instance p/1.0 ACTIVE
         0:01:35 task web/2 PENDING on p/1.0",
    );
    assert_eq!(requested(&run).len(), 1);
}

#[test]
fn r339_what_is_on_its_way_is_counted_on_before_more_is_launched() {
    let run = run(&growing(&[scale("1m", 3), scale("70s", 4), scale("80s", 5)]));
    run.tells_at("instance p/1.0 REQUESTED", &["0:01:00"]);
    run.tells_at("instance p/2.0 REQUESTED", &["0:01:20"]);
    assert_eq!(requested(&run).len(), 2);
}

#[test]
fn r340_a_refused_launch_that_no_task_waits_for_any_more_is_withdrawn() {
    let mut value = growing(&[scale("1m", 3), scale("70s", 2)]);
    value["capacityProviders"][0]["maxInstances"] = json!(1);
    run(&value).tells(
        "0:01:00 launch of p/1.0 refused: maxInstances
         0:01:30 instance p/1.0 GONE (withdrawn)",
    );
    // As long as one waits it is tried again.
    value["timeline"] = json!([scale("1m", 3), scale("95s", 2)]);
    let run = run(&value);
    run.tells_at("launch of p/1.0 refused", &["0:01:00", "0:01:30"]);
    run.tells_at("instance p/1.0 GONE", &["0:02:00"]);
}

#[test]
fn r341_by_demand_what_fails_to_start_is_not_launched_again_but_its_tasks_are_demand_again() {
    let mut value = by_demand(1, &[service("web", 1)]);
    defective(&mut value, 1, "failsToStart", &json!({ "probability": 1 }));
    let run = run(&value);
    run.tells(
        "0:01:05 instance p/1.0 REQUESTED
         0:01:40 instance p/1.0 DEREGISTERING (start failure)
         0:01:40 instance p/2.0 REQUESTED
         0:02:15 instance p/3.0 REQUESTED
         0:02:50 deployment 1 of agent STOP_REQUESTED",
    );
    // The fourth gets the revision of before, and the drain that is under way can end.
    assert_eq!(requested(&run).len(), 4);
    assert_eq!(run.outcome.deployments[0].status, DeploymentStatus::RollbackSuccessful);
}

#[test]
fn r341_by_demand_a_lost_host_has_its_tasks_wait_and_nothing_else() {
    let mut value = quiet(3, "30h");
    value["services"] = json!([half("web", 3)]);
    assume(&mut value, "replacement", "demandDriven");
    value["capacityProviders"][0]["hostFailure"] = json!({ "perInstanceMonth": 40 });
    let run = run(&value);
    let lost = run.at("instance p/0.0 DEREGISTERING").len()
        + run.at("instance p/1.0 DEREGISTERING").len()
        + run.at("instance p/2.0 DEREGISTERING").len();
    assert!(lost > 0, "somebody is lost in this seed\n{}", run.story());
    // Three tasks need two hosts: the first loss has nothing launched, its task fits beside another.
    assert!(requested(&run).len() < run.told(&["DEREGISTERING (host failure)"]).len());
}

// Room for the daemons.

/// One host with one task, and a type that holds the task alone but not beside the daemon.
fn tight(answer: &str) -> Value {
    let mut value = by_demand(1, &[service("web", 1)]);
    let tight = json!({ "cpu": 1024, "memory": 2048, "pricePerHour": 0.1 });
    types(&mut value, &[size(1, 1, 1.0), tight]);
    assume(&mut value, "reserveForDaemons", answer);
    value
}

#[test]
fn r342_the_choice_of_a_type_keeps_room_for_the_daemons() {
    let run = run(&tight("yes"));
    assert_eq!((requested(&run).len(), run.outcome.fleet.peak_vcpu), (1, 4));
    assert_eq!(run.outcome.deployments[0].status, DeploymentStatus::Successful);
}

#[test]
fn r343_without_reserved_room_a_critical_daemon_finds_none_until_the_breaker_trips() {
    let run = run(&tight("no"));
    run.tells(
        "0:01:05 instance p/1.0 REQUESTED
         0:01:40 daemon agent (agent:2) on p/1.0 STOPPED before RUNNING
         0:01:40 instance p/1.0 DEREGISTERING (start failure)
         0:02:50 deployment 1 of agent ROLLBACK_IN_PROGRESS",
    );
    // The revision of before is no smaller.
    assert_eq!(run.outcome.deployments[0].status, DeploymentStatus::RollbackFailed);
}

#[test]
fn r343_without_reserved_room_a_non_critical_daemon_is_missing_where_its_host_is_full() {
    let mut value = tight("no");
    value["daemons"][0]["critical"] = json!(false);
    value["timeline"][0]["updateDaemon"]["critical"] = json!(false);
    let run = run(&value);
    run.tells(
        "0:01:35 task web/0 PENDING on p/1.0
         0:01:40 daemon agent (agent:2) on p/1.0 STOPPED before RUNNING",
    );
    assert_eq!(run.outcome.deployments[0].status, DeploymentStatus::Successful);
    assert!(run.outcome.fleet.daemon_gap.as_ms() > 0);
}

/// A target that is too large for the smaller of two types.
fn too_large() -> Value {
    let mut value = fixed(3);
    value["services"] = json!([service("web", 3)]);
    types(&mut value, &[size(1, 3, 1.0), size(4, 0, 9.0)]);
    value["daemonTaskDefinitions"][1]["memory"] = json!(5000);
    value
}

#[test]
fn r344_a_daemon_too_large_for_its_instances_type_is_a_launch_failure_there() {
    let run = run(&too_large());
    run.tells(
        "0:01:40 daemon agent (agent:2) on p/0.1 STOPPED before RUNNING
         0:01:40 deployment 1 of agent STOP_REQUESTED: circuit breaker: 3 daemon launch failures",
    );
    assert_eq!(run.outcome.deployments[0].status, DeploymentStatus::RollbackSuccessful);
}

#[test]
fn r345_by_demand_a_larger_type_is_launched_for_tasks_beside_a_larger_daemon() {
    let mut value = too_large();
    assume(&mut value, "replacement", "demandDriven");
    let run = run(&value);
    assert_eq!((requested(&run).len(), run.outcome.fleet.peak_vcpu), (1, 14));
    assert_eq!(run.outcome.deployments[0].status, DeploymentStatus::Successful);
}

#[test]
fn r346_where_no_type_holds_a_task_beside_the_daemons_the_dead_end_shows() {
    let mut value = too_large();
    assume(&mut value, "replacement", "demandDriven");
    value["daemonTaskDefinitions"][1]["memory"] = json!(20_000);
    let failing = run(&value);
    // Two small ones hold the three tasks alone, and fail twice.
    failing.tells("0:02:15 deployment 1 of agent STOP_REQUESTED: circuit breaker: 4 daemon launch failures");
    assert_eq!(failing.outcome.deployments[0].status, DeploymentStatus::RollbackSuccessful);
    // The daemon alone fits: its host stays empty, another would too, and no more are launched.
    types(&mut value, &[size(4, 3, 9.0)]);
    value["daemonTaskDefinitions"][1]["memory"] = json!(16_000);
    let stuck = run(&value);
    assert_eq!(requested(&stuck).len(), 1);
    stuck.tells("0:01:40 instance p/3.0 ACTIVE");
    assert_eq!(stuck.outcome.deployments[0].status, DeploymentStatus::InProgress);
}

#[test]
fn r347_by_demand_what_a_batch_launches_has_the_target_whatever_other_instances_get() {
    let mut value = by_demand(2, &[service("web", 2)]);
    value["assumptions"]["newInstances"] = json!("lastSuccessful");
    let run = run(&value);
    run.tells("0:01:40 daemon agent (agent:2) on p/2.0 RUNNING");
    assert_eq!((requested(&run).len(), run.outcome.fleet.instances_replaced), (2, 2));
}

#[test]
fn r350_a_deployment_that_waits_for_another_closes_no_instance() {
    let mut value = fixed(2);
    two_daemons(&mut value, "p", "p");
    value["services"] = json!([service("web", 2)]);
    value["services"][0]["cpu"] = json!(512);
    value["services"][0]["memory"] = json!(1024);
    value["timeline"] = json!([update("1m", "x", "p", 50), update("70s", "y", "p", 50)]);
    assume(&mut value, "displacedTasks", "replacementsOnly");
    assume(&mut value, "concurrentDaemons", "serialised");
    let run = run(&value);
    // The replacement has x's target and not yet y's: x's displaced task may land there.
    run.tells("0:01:40 task web/0 PENDING on p/0.1");
    assert!(
        run.outcome.deployments.iter().all(|d| d.status == DeploymentStatus::Successful),
        "{}",
        run.story()
    );
}

#[test]
fn r351_room_that_opens_when_a_rollout_turns_back_is_taken_at_once() {
    // Two hosts with room for two tasks each and one on each; the target never starts. Until the
    // trigger the displaced task may only land on a replacement, afterwards on the other host.
    let mut value = fixed(2);
    value["services"] = json!([half("web", 2)]);
    value["timeline"] = json!([update("1m", "agent", "p", 50)]);
    assume(&mut value, "displacedTasks", "replacementsOnly");
    defective(&mut value, 1, "failsToStart", &json!({ "probability": 1 }));
    run(&value).tells(
        "0:01:05 task web/0 PROVISIONING
         0:02:50 deployment 1 of agent ROLLBACK_IN_PROGRESS
         0:02:50 task web/0 PENDING on p/1.0",
    );
}

// Scale-in.

/// Hosts that nothing is deployed to, with scale-in after a minute.
fn shrinking(instances: u32, services: &[Value]) -> Value {
    let mut value = quiet(instances, "20m");
    value["services"] = json!(services);
    value["capacityProviders"][0]["scaleInAfter"] = json!(60);
    value
}

#[test]
fn r440_an_idle_instance_goes_after_scale_in_after() {
    let run = run(&shrinking(2, &[]));
    run.tells(
        "0:01:00 instance p/0.0 DRAINING (idle)
         0:01:02 daemon agent (agent:1) on p/0.0 STOPPED
         0:01:02 instance p/0.0 DEREGISTERING (idle)
         0:01:32 instance p/0.0 GONE (idle)
         0:01:00 instance p/1.0 DRAINING (idle)",
    );
    assert_eq!(requested(&run), [""; 0]);
    assert_eq!((run.outcome.fleet.instances_replaced, run.outcome.fleet.instances_repaired), (0, 0));
}

#[test]
fn r440_idle_begins_when_the_last_task_has_stopped() {
    let mut value = shrinking(2, &[service("web", 2)]);
    value["timeline"] = json!([scale("2m", 1)]);
    // Told to stop at 2:00, stopped at 2:10.
    run(&value).tells_at("instance p/1.0 DRAINING (idle)", &["0:03:10"]);
}

#[test]
fn r441_a_task_that_is_placed_on_an_idle_instance_calls_its_end_off() {
    let mut value = shrinking(2, &[service("web", 1)]);
    value["timeline"] = json!([scale("50s", 2)]);
    let run = run(&value);
    run.tells("0:00:50 task web/1 PENDING on p/1.0");
    assert_eq!(run.told(&["DRAINING"]), [""; 0]);
}

#[test]
fn r442_underused_instances_are_drained_one_after_another_the_emptiest_first() {
    let run = run(&shrinking(4, &[half("web", 4)]));
    run.tells(
        "0:01:00 instance p/0.0 DRAINING (consolidation)
         0:01:00 task web/0 PENDING on p/1.0
         0:01:58 task web/0 STOPPED on p/0.0
         0:02:00 instance p/0.0 DEREGISTERING (consolidation)
         0:02:00 instance p/2.0 DRAINING (consolidation)",
    );
    assert_eq!(run.told(&["DRAINING"]).len(), 2, "what is left is full");
    assert_eq!(requested(&run), [""; 0]);
    let fleet = &run.outcome.fleet;
    assert_eq!((fleet.instances_replaced, fleet.services[0].min_running_pct), (0, Some(100.0)));
}

#[test]
fn r442_an_instance_with_fewer_tasks_goes_before_one_with_a_lower_index() {
    // p/0 has two tasks, p/1 one, p/2 one, each of them for a third of a host.
    let mut third = half("web", 4);
    third["memory"] = json!(1194);
    run(&shrinking(3, &[third])).tells_at("instance p/1.0 DRAINING (consolidation)", &["0:01:00"]);
}

#[test]
fn r443_a_start_or_a_stop_begins_the_time_anew() {
    let mut value = shrinking(3, &[half("web", 3)]);
    // The fourth goes to p/0 and is RUNNING at 0:58; p/1 is as quiet as ever.
    value["timeline"] = json!([scale("50s", 4)]);
    run(&value).tells_at("instance p/1.0 DRAINING (consolidation)", &["0:01:00"]);
    let mut value = shrinking(2, &[half("web", 2)]);
    run(&value).tells_at("instance p/0.0 DRAINING (consolidation)", &["0:01:00"]);
    // p/0's second task comes at 0:30 and has stopped at 0:55, so p/1 goes.
    value["timeline"] = json!([scale("30s", 3), scale("45s", 2)]);
    run(&value).tells_at("instance p/1.0 DRAINING (consolidation)", &["0:01:00"]);
}

#[test]
fn r444_nothing_is_consolidated_while_a_deployment_rolls_the_provider() {
    let mut value = shrinking(4, &[half("web", 4)]);
    value["timeline"] = json!([update("30s", "agent", "p", 25)]);
    let run = run(&value);
    let ended = run.at("deployment 1 of agent SUCCESSFUL")[0];
    let began: Vec<_> =
        run.lines().filter(|(_, line)| line.contains("DRAINING (consolidation)")).map(|(at, _)| at).collect();
    assert!(!began.is_empty() && began.iter().all(|at| *at >= ended), "{}", run.story());
}

#[test]
fn r445_protected_tasks_and_services_that_cannot_move_keep_their_instances() {
    let mut protected = half("web", 4);
    protected["protection"] = json!({ "share": 1, "expiresInMinutes": 60 });
    assert_eq!(run(&shrinking(4, &[protected])).told(&["DRAINING"]), [""; 0]);
    let mut stuck = half("web", 4);
    stuck["maximumPercent"] = json!(100);
    assert_eq!(run(&shrinking(4, &[stuck.clone()])).told(&["DRAINING"]), [""; 0]);
    stuck["minimumHealthyPercent"] = json!(50);
    assert_eq!(run(&shrinking(4, &[stuck])).told(&["DRAINING"]).len(), 2);
}

#[test]
fn r445_standalone_tasks_keep_their_instances() {
    let mut value = shrinking(3, &[]);
    value["tasks"] = json!([{
        "name": "job", "capacityProvider": "p", "count": 3, "cpu": 256, "memory": 256, "duration": "10m",
    }]);
    assert_eq!(run(&value).told(&["DRAINING (consolidation)"]), [""; 0]);
}

#[test]
fn r446_without_scale_in_after_idle_instances_stay() {
    for answer in [json!(-1), Value::Null] {
        let mut value = shrinking(2, &[]);
        value["capacityProviders"][0]["scaleInAfter"] = answer;
        assert_eq!(run(&value).told(&["DRAINING"]), [""; 0]);
    }
}

#[test]
fn r447_a_fleet_that_has_shrunk_grows_again_on_demand() {
    let mut value = shrinking(2, &[service("web", 1)]);
    value["timeline"] = json!([scale("5m", 3)]);
    let run = run(&value);
    run.tells(
        "0:01:00 instance p/1.0 DRAINING (idle)
         0:05:00 instance p/2.0 REQUESTED
         0:05:00 instance p/3.0 REQUESTED",
    );
    assert_eq!(requested(&run).len(), 2);
}

#[test]
fn r448_hosts_that_scale_in_takes_count_no_longer_for_a_deployment() {
    let mut value = shrinking(4, &[service("web", 1)]);
    value["timeline"] = json!([update("5m", "agent", "p", 100)]);
    let run = run(&value);
    assert_eq!(run.outcome.deployments[0].hosts_in_scope, 1);
    run.tells_at("deployment 1: batch of 1 on p", &["0:05:05"]);
}

#[test]
fn r449_consolidation_only_goes_as_far_as_tasks_find_room_elsewhere() {
    // 4 × 1000 MiB and 3 × 2800 MiB: no host can take another's large task.
    let sized = |name: &str, memory: u32, desired: u32| {
        let mut value = half(name, desired);
        value["memory"] = json!(memory);
        value
    };
    let run = run(&shrinking(3, &[sized("web", 2800, 3), sized("side", 500, 1)]));
    assert_eq!(run.told(&["DRAINING"]), [""; 0]);
}
