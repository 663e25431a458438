//! Daemons that meet on their instances: ports, drains that are called off, deployments that merge.
//!
//! The fleet of [`fixed`]: at 1:05 the batch drains, 30 s later its replacements are
//! REGISTERING, and 5 s after that ACTIVE.

use bakeoff::outcome::DeploymentStatus;
use bakeoff::scenario::{Code, NoFiles, load};
use serde_json::{Value, json};

use super::kit::{daemon, defective, fixed, half, provider, revision, run, service, two_daemons, update};

fn bind(value: &mut Value, revision: usize, ports: &[u16]) {
    value["daemonTaskDefinitions"][revision]["ports"] = json!(ports);
}

/// `x` on one host; `y` joins it by an update of its provider's instances, and both bind a port from revision 2 on.
fn clash(critical: bool) -> Value {
    let mut value = fixed(1);
    two_daemons(&mut value, "p", "p");
    bind(&mut value, 0, &[8125]);
    bind(&mut value, 3, &[9000, 8125]);
    value["timeline"] = json!([update("1m", "y", "p", 100)]);
    value["timeline"][0]["updateDaemon"]["critical"] = json!(critical);
    value
}

#[test]
fn r150_of_two_daemons_that_bind_a_port_the_one_that_starts_later_fails_to_start() {
    let run = run(&clash(true));
    // Both are RUNNING after 5 s; x stands first in the file. Three failures trip the breaker.
    run.tells(
        "0:01:40 daemon x (x:1) on p/0.1 RUNNING
         0:01:40 daemon y (y:2) on p/0.1 STOPPED before RUNNING: its port is taken
         0:01:40 instance p/0.1 DEREGISTERING (start failure)
         0:02:15 daemon y (y:2) on p/0.2 STOPPED before RUNNING: its port is taken
         0:02:50 deployment 1 of y STOP_REQUESTED: circuit breaker: 3 daemon launch failures",
    );
    assert_eq!(run.outcome.deployments[0].status, DeploymentStatus::RollbackSuccessful);
}

#[test]
fn r150_the_daemon_that_is_up_first_keeps_the_port() {
    let mut value = clash(true);
    // Now y is quicker: it is x that fails, and x's failures count for nobody's deployment.
    value["daemonTaskDefinitions"][3]["startup"] = json!("1s");
    value["simulation"]["horizon"] = json!("10m");
    let run = run(&value);
    run.tells(
        "0:01:36 daemon y (y:2) on p/0.1 RUNNING
         0:01:40 daemon x (x:1) on p/0.1 STOPPED before RUNNING: its port is taken
         0:01:40 instance p/0.1 DEREGISTERING (start failure)",
    );
    assert_eq!(run.outcome.deployments[0].breaker_failures, 0);
}

#[test]
fn r151_a_non_critical_daemon_without_its_port_is_counted_and_leaves_the_instance_in_service() {
    let run = run(&clash(false));
    run.tells(
        "0:01:40 daemon y (y:2) on p/0.1 STOPPED before RUNNING: its port is taken
         0:01:40 instance p/0.1 ACTIVE
         0:01:40 deployment 1 of y SUCCESSFUL",
    );
    assert_eq!(run.outcome.deployments[0].breaker_failures, 1);
}

#[test]
fn r150_daemons_with_ports_of_their_own_run_beside_each_other() {
    let mut value = clash(true);
    bind(&mut value, 3, &[9000]);
    assert_eq!(run(&value).outcome.deployments[0].status, DeploymentStatus::Successful);
}

#[test]
fn r152_daemons_that_run_at_the_start_cannot_bind_the_same_port() {
    let codes = |value: &Value| -> Vec<Code> {
        match load("test.yaml", &value.to_string(), &NoFiles, &[]) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().map(|problem| problem.code).collect(),
        }
    };
    let mut value = clash(true);
    bind(&mut value, 2, &[8125]);
    assert_eq!(codes(&value), [Code::PortClash]);
    // On providers of their own they never meet.
    value["capacityProviders"] = json!([provider("p", 1), provider("q", 1)]);
    value["daemons"] = json!([daemon("x", "p"), daemon("y", "q")]);
    assert_eq!(codes(&value), []);
    let mut twice = fixed(1);
    bind(&mut twice, 0, &[80, 80]);
    assert_eq!(codes(&twice), [Code::PortClash]);
    let mut none = fixed(1);
    bind(&mut none, 0, &[0]);
    assert_eq!(codes(&none), [Code::OutOfRange]);
}

#[test]
fn r153_a_daemon_without_room_beside_another_fails_to_launch() {
    let mut value = fixed(1);
    two_daemons(&mut value, "p", "p");
    // Of 4096 MiB x takes 512: 3584 are left for y, and not a MiB more.
    value["daemonTaskDefinitions"][3]["memory"] = json!(3584);
    value["timeline"] = json!([update("1m", "y", "p", 100)]);
    assert_eq!(run(&value).outcome.deployments[0].status, DeploymentStatus::Successful);
    value["daemonTaskDefinitions"][3]["memory"] = json!(3585);
    let run = run(&value);
    assert_eq!(run.outcome.deployments[0].status, DeploymentStatus::RollbackSuccessful);
    assert_eq!(run.outcome.deployments[0].breaker_failures, 3);
}

/// Four hosts full of tasks; the first update drains two of them at 1:05, the second comes at `at`.
fn superseded(at: &str, answer: &str) -> Value {
    let mut value = fixed(4);
    value["services"] = json!([service("web", 4)]);
    value["daemonTaskDefinitions"].as_array_mut().expect("a list").push(revision("agent", 3));
    value["timeline"] = json!([update("1m", "agent", "p", 50), update(at, "agent", "p", 50)]);
    value["timeline"][1]["updateDaemon"]["daemonTaskDefinitionArn"] = json!("agent:3");
    value["assumptions"] = json!({ "superseded": answer });
    value
}

#[test]
fn r154_where_superseding_cancels_draining_instances_are_active_again_and_their_replacements_withdrawn() {
    // At 1:15 both replacements are still being launched; their tasks wait for room.
    let run = run(&superseded("75s", "cancel"));
    run.tells(
        "0:01:05 instance p/0.0 DRAINING (deployment)
         0:01:05 task web/0 PROVISIONING
         0:01:15 deployment 1 of agent STOPPED: superseded by a newer deployment
         0:01:15 instance p/0.1 DEREGISTERING (withdrawn)
         0:01:15 instance p/1.1 DEREGISTERING (withdrawn)
         0:01:15 instance p/0.0 ACTIVE
         0:01:15 instance p/1.0 ACTIVE
         0:01:15 task web/0 STOPPED
         0:01:15 task web/1 STOPPED
         0:01:15 deployment 2 of agent PENDING
         0:01:20 deployment 2: batch of 2 on p",
    );
    // What had been asked for in vain counts neither as replaced nor as restarted.
    assert_eq!(run.outcome.fleet.instances_replaced, 4);
    assert_eq!(run.outcome.fleet.app_tasks_restarted, 4);
    assert_eq!(
        run.outcome.deployments[0].drain_wait_max.map(bakeoff::engine::time::SimDuration::as_ms),
        Some(10_000)
    );
    assert_eq!(run.outcome.deployments[1].status, DeploymentStatus::Successful);
    assert_eq!(run.outcome.fleet.services[0].min_running_pct, Some(100.0));
}

#[test]
fn r154_a_drain_whose_replacement_has_registered_goes_on() {
    // REGISTERING at 1:35, so at 1:37 there is nothing left to take back.
    let run = run(&superseded("97s", "cancel"));
    assert!(run.told(&["withdrawn"]).is_empty());
    assert_eq!(run.told(&["instance p/0.0 ACTIVE"]).len(), 0);
    run.tells("0:01:37 deployment 2 of agent IN_PROGRESS");
    assert_eq!(run.outcome.deployments[1].status, DeploymentStatus::Successful);
}

#[test]
fn r154_a_drain_whose_daemons_have_been_told_to_stop_goes_on() {
    let mut value = superseded("66s", "cancel");
    value["services"] = json!([]);
    let run = run(&value);
    assert!(run.told(&["withdrawn"]).is_empty());
    run.tells(
        "0:01:07 instance p/0.0 DEREGISTERING (deployment)
         0:01:06 deployment 2 of agent IN_PROGRESS",
    );
}

#[test]
fn r154_an_instance_of_which_ec2_has_given_notice_is_not_taken_back() {
    let mut value = superseded("75s", "cancel");
    value["capacityProviders"][0]["capacityOptionType"] = json!("SPOT");
    value["capacityProviders"][0]["spot"] = json!({ "interruptionsPerInstanceMonth": 0 });
    let shock = json!({ "at": "70s", "spotShock": { "share": 1, "lasts": "1s" } });
    value["timeline"].as_array_mut().expect("a list").insert(1, shock);
    let run = run(&value);
    assert!(run.told(&["instance p/0.0 ACTIVE"]).is_empty());
    assert!(run.told(&["instance p/1.0 ACTIVE"]).is_empty());
}

#[test]
fn r144_a_missing_critical_daemon_is_a_matter_for_repair_and_holds_no_success_back() {
    for choice in ["countsAsDone", "blocks"] {
        let mut value = fixed(2);
        defective(&mut value, 1, "crashes", &json!({ "after": "0s" }));
        value["assumptions"] = json!({ "nonCriticalFailure": choice });
        run(&value).tells("0:01:40 deployment 1 of agent SUCCESSFUL");
    }
}

#[test]
fn r154_a_launch_that_is_refused_is_withdrawn_at_once_and_never_tried_again() {
    let mut value = superseded("75s", "cancel");
    value["capacityProviders"][0]["maxInstances"] = json!(5);
    let run = run(&value);
    // Only p/0.1 was being launched; p/1.1 never existed, and a retry at 1:35 is for the next batch.
    assert_eq!(
        run.told(&["withdrawn"])[..2],
        ["0:01:15 instance p/0.1 DEREGISTERING (withdrawn)", "0:01:15 instance p/1.1 GONE (withdrawn)"]
    );
    assert_eq!(run.told(&["p/1.1 REQUESTED"]).len(), 1);
    assert_eq!(run.outcome.deployments[1].status, DeploymentStatus::Successful);
}

#[test]
fn r155_tasks_started_for_those_that_stay_after_all_are_shed() {
    let mut value = fixed(4);
    value["services"] = json!([half("web", 4)]);
    value["timeline"] = json!([update("1m", "agent", "p", 25), update("70s", "agent", "p", 25)]);
    value["assumptions"] = json!({ "superseded": "cancel" });
    let run = run(&value);
    // There is room for the displaced task elsewhere: its successor is PENDING when the drain is called off.
    run.tells(
        "0:01:05 task web/0 PENDING on p/1.0
         0:01:10 instance p/0.0 ACTIVE
         0:01:10 task web/0 STOPPED on p/1.0",
    );
    assert_eq!(run.outcome.deployments[1].status, DeploymentStatus::Successful);
}

/// Two daemons on four hosts, both updated; `x` first.
fn both(answer: &str, gap: &str) -> Value {
    let mut value = fixed(4);
    two_daemons(&mut value, "p", "p");
    value["timeline"] = json!([update("1m", "x", "p", 50), update(gap, "y", "p", 25)]);
    value["assumptions"] = json!({ "concurrentDaemons": answer });
    value
}

#[test]
fn r156_merged_deployments_replace_each_host_once() {
    let run = run(&both("merged", "61s"));
    // y is decided at 1:06, while x's first batch is under way: it is IN_PROGRESS, and takes none of its own.
    // Its last host off target is gone at 2:17, and what takes the place of it ACTIVE at 2:20.
    run.tells(
        "0:01:05 deployment 1: batch of 2 on p
         0:01:06 deployment 2 of y IN_PROGRESS
         0:01:45 deployment 1: batch of 2 on p
         0:02:20 deployment 1 of x SUCCESSFUL
         0:02:20 deployment 2 of y SUCCESSFUL",
    );
    assert!(run.told(&["deployment 2: batch"]).is_empty(), "{}", run.story());
    assert_eq!(run.outcome.fleet.instances_replaced, 4);
    // Independently, each host is replaced for whoever comes first too, but y drains beside x.
    let apart = super::kit::run(&both("independent", "61s"));
    assert!(!apart.told(&["deployment 2: batch"]).is_empty());
}

#[test]
fn r156_a_revision_that_cannot_start_is_turned_back_though_the_other_daemon_leads() {
    let mut value = both("merged", "61s");
    value["timeline"][0]["updateDaemon"]["deploymentConfiguration"]["drainPercent"] = json!(100);
    defective(&mut value, 3, "failsToStart", &json!({ "probability": 1 }));
    let run = run(&value);
    assert_eq!(run.outcome.deployments[1].status, DeploymentStatus::RollbackSuccessful, "{}", run.story());
    assert_eq!(run.outcome.deployments[0].status, DeploymentStatus::Successful);
}

#[test]
fn r156_what_the_leader_replaced_before_the_other_began_is_left_to_the_other() {
    // y comes when x's first two hosts are ACTIVE again, without y's target.
    let run = run(&both("merged", "100s"));
    run.tells(
        "0:01:45 deployment 1: batch of 2 on p
         0:01:45 deployment 2 of y IN_PROGRESS
         0:02:20 deployment 1 of x SUCCESSFUL
         0:02:20 deployment 2: batch of 1 on p",
    );
    assert_eq!(run.told(&["deployment 2: batch of"]).len(), 2);
    assert_eq!(run.outcome.fleet.instances_replaced, 6);
    assert_eq!(run.outcome.deployments[1].status, DeploymentStatus::Successful);
}

#[test]
fn r156_merged_deployments_on_different_providers_do_not_wait_for_each_other() {
    let mut value = both("merged", "61s");
    value["capacityProviders"] = json!([provider("p", 4), provider("q", 2)]);
    two_daemons(&mut value, "p", "q");
    value["timeline"] = json!([update("1m", "x", "p", 25), update("61s", "y", "q", 100)]);
    run(&value).tells("0:01:06 deployment 2: batch of 2 on q");
}

#[test]
fn r156_even_where_others_get_the_last_revision_a_merged_replacement_gets_both_targets() {
    let mut value = both("merged", "61s");
    value["assumptions"]["newInstances"] = json!("lastSuccessful");
    let run = run(&value);
    assert_eq!(run.outcome.fleet.instances_replaced, 4, "{}", run.story());
}

#[test]
fn r146_a_host_that_comes_up_on_the_old_revision_while_another_provider_is_rolled_is_drained_too() {
    // q's one host is lost at 0:59; its successor, ACTIVE at 1:34, is given the source's revision (A14).
    let mut value = fixed(4);
    value["capacityProviders"] = json!([provider("p", 4), provider("q", 1)]);
    value["capacityProviders"][1]["termination"] = json!("1ms");
    value["daemons"][0]["capacityProviderArns"] = json!(["p", "q"]);
    let mut update = update("1m", "agent", "p", 25);
    update["updateDaemon"]["capacityProviderArns"] = json!(["p", "q"]);
    let loss = json!({ "at": "59s", "instanceFailure": { "count": 1, "capacityProvider": "q" } });
    value["timeline"] = json!([loss, update]);
    value["assumptions"] = json!({ "newInstances": "source" });
    run(&value).tells(
        "0:01:34 instance q/0.1 ACTIVE
         0:01:39 deployment 1: batch of 1 on q
         0:02:14 daemon agent (agent:2) on q/0.2 RUNNING",
    );
}

#[test]
fn r157_a_provider_added_by_an_update_is_rolled_with_those_that_have_the_daemon_already() {
    let mut value = fixed(2);
    value["capacityProviders"] = json!([provider("p", 2), provider("q", 3)]);
    value["timeline"] = json!([update("1m", "agent", "p", 100)]);
    value["timeline"][0]["updateDaemon"]["capacityProviderArns"] = json!(["p", "q"]);
    value["timeline"][0]["updateDaemon"]["daemonTaskDefinitionArn"] = json!("agent:1");
    let run = run(&value);
    // The same revision again: a request is a full roll of every provider that it names.
    run.tells(
        "0:01:05 deployment 1: batch of 2 on p
         0:01:05 deployment 1: batch of 3 on q
         0:01:40 daemon agent (agent:1) on q/2.1 RUNNING
         0:01:40 deployment 1 of agent SUCCESSFUL",
    );
    assert_eq!(run.outcome.deployments[0].hosts_in_scope, 5);
}
