//! Instances and daemons: launches, quotas, gates, health, repair, defects and what is counted.
//! Worked out by hand from the rules; every delay is fixed.

use bakeoff::outcome::{DeploymentStatus, StopReason};
use bakeoff::scenario::{Code, NoFiles, Severity, load};
use serde_json::{Value, json};

use super::kit::{
    Run, daemon, defective, fixed, provider, quiet, revision, run, run_seed, service, two_daemons, update,
};

// An instance's way.

#[test]
fn r122_an_old_instance_leaves_without_waiting_for_its_own_replacement() {
    let run = run(&fixed(1));
    run.tells(
        "0:01:05 instance p/0.0 DRAINING (deployment)
         0:01:05 instance p/0.1 REQUESTED
         0:01:07 daemon agent (agent:1) on p/0.0 STOPPED
         0:01:07 instance p/0.0 DEREGISTERING (deployment)
         0:01:25 instance p/0.1 LAUNCHED
         0:01:35 instance p/0.1 REGISTERING
         0:01:37 instance p/0.0 GONE (deployment)
         0:01:40 instance p/0.1 ACTIVE
         0:01:40 deployment 1 of agent SUCCESSFUL",
    );
    assert_eq!((run.outcome.fleet.peak_instances, run.outcome.fleet.instances_replaced), (2, 1));
}

#[test]
fn r317_a_daemon_that_does_not_stop_is_killed_at_its_stop_timeout() {
    let mut value = fixed(1);
    value["daemonTaskDefinitions"][0]["shutdown"] = json!("50s");
    value["daemonTaskDefinitions"][0]["stopTimeout"] = json!(10);
    run(&value).tells(
        "0:01:15 instance p/0.0 DEREGISTERING
         0:01:45 deployment 1 of agent SUCCESSFUL",
    );
}

#[test]
fn r001_without_delays_three_batches_fit_into_one_millisecond() {
    let mut value = fixed(3);
    for key in ["launch", "registration", "termination"] {
        value["capacityProviders"][0][key] = json!("0s");
    }
    for revision in 0..2 {
        value["daemonTaskDefinitions"][revision]["startup"] = json!("0s");
        value["daemonTaskDefinitions"][revision]["shutdown"] = json!("0s");
    }
    value["controlPlane"]["batchDecision"] = json!("0s");
    value["services"] = json!([service("web", 3)]);
    for key in ["startup", "healthyAfter", "shutdown"] {
        value["services"][0][key] = json!("0s");
    }
    value["timeline"] = json!([update("1m", "agent", "p", 34)]);
    let run = run(&value);
    run.tells_at("deployment 1: batch of 1 on p", &["0:01:00", "0:01:00", "0:01:00"]);
    run.tells("0:01:00 deployment 1 of agent SUCCESSFUL");
    let fleet = &run.outcome.fleet;
    assert_eq!((fleet.instances_replaced, fleet.app_tasks_restarted), (3, 3));
    assert_eq!(fleet.services[0].min_running_pct, Some(100.0));
    assert_eq!((fleet.services[0].task_min_lost, fleet.extra_instance_hours), (0.0, 0.0));
    assert_eq!(fleet.daemon_gap.as_ms(), 0);
}

#[test]
fn r402_the_slowest_critical_daemon_opens_an_instance_and_the_slowest_to_stop_closes_it() {
    let mut value = fixed(1);
    two_daemons(&mut value, "p", "p");
    value["daemonTaskDefinitions"][2]["startup"] = json!("9s");
    value["daemonTaskDefinitions"][2]["shutdown"] = json!("7s");
    value["timeline"] = json!([update("1m", "x", "p", 100)]);
    run(&value).tells(
        "0:01:07 daemon x (x:1) on p/0.0 STOPPED
         0:01:12 daemon y (y:1) on p/0.0 STOPPED
         0:01:12 instance p/0.0 DEREGISTERING
         0:01:40 daemon x (x:2) on p/0.1 RUNNING
         0:01:44 daemon y (y:1) on p/0.1 RUNNING
         0:01:44 instance p/0.1 ACTIVE",
    );
}

#[test]
fn r403_an_instance_without_daemons_is_active_as_soon_as_it_registers() {
    let mut value = fixed(1);
    value["timeline"] = json!([{ "at": "1m", "deleteDaemon": { "daemonArn": "agent" } }]);
    run(&value).tells(
        "0:01:35 instance p/0.1 ACTIVE
         0:01:37 deployment 1 of agent SUCCESSFUL",
    );
}

#[test]
fn r404_a_non_critical_daemon_does_not_hold_up_its_instance() {
    let mut value = fixed(1);
    value["timeline"][0]["updateDaemon"]["critical"] = json!(false);
    let run = run(&value);
    run.tells(
        "0:01:35 instance p/0.1 ACTIVE
         0:01:37 instance p/0.0 GONE
         0:01:37 deployment 1 of agent SUCCESSFUL
         0:01:40 daemon agent (agent:2) on p/0.1 RUNNING",
    );
    assert_eq!(run.outcome.fleet.daemon_gap.as_secs(), 5.0);
}

fn checked(value: &mut Value, revision: usize) -> &mut Value {
    value["daemonTaskDefinitions"][revision]["healthCheck"] =
        json!({ "interval": 10, "timeout": 5, "retries": 3, "startPeriod": 0 });
    &mut value["daemonTaskDefinitions"][revision]["healthCheck"]
}

#[test]
fn r400_the_gate_is_healthy_where_there_is_a_health_check_and_running_if_assumed_so() {
    let mut value = fixed(1);
    checked(&mut value, 1);
    run(&value).tells(
        "0:01:40 daemon agent (agent:2) on p/0.1 RUNNING
         0:01:50 daemon agent (agent:2) on p/0.1 HEALTHY
         0:01:50 instance p/0.1 ACTIVE
         0:01:50 deployment 1 of agent SUCCESSFUL",
    );
    value["assumptions"] = json!({ "appGate": "running" });
    run(&value).tells("0:01:40 instance p/0.1 ACTIVE");
}

// Launches: failures, quotas, retries.

#[test]
fn r303_a_failed_launch_shows_when_launch_ends_and_is_tried_again_after_its_wait() {
    let mut value = fixed(1);
    value["simulation"]["horizon"] = json!("5m");
    value["capacityProviders"][0]["launchFailure"] = json!({ "probability": 1, "retryAfter": "30s" });
    let run = run(&value);
    run.tells_at("launch of p/0.1 failed", &["0:01:25", "0:02:15", "0:03:05", "0:03:55", "0:04:45"]);
    assert_eq!(run.outcome.fleet.launch_failures, 5);
    assert_eq!(run.outcome.deployments[0].breaker_failures, 0, "no daemon failed");
    assert_eq!(run.outcome.stop, StopReason::Horizon);
}

#[test]
fn r304_a_failed_launch_holds_no_place_while_it_waits() {
    let mut value = fixed(1);
    value["capacityProviders"] = json!([provider("p", 1), provider("q", 1)]);
    value["capacityProviders"][0]["launchFailure"] = json!({ "probability": 1, "retryAfter": "30s" });
    value["quotas"] = json!({ "vCpu": 6 });
    value["simulation"]["horizon"] = json!("2m");
    two_daemons(&mut value, "p", "q");
    value["services"] = json!([service("web", 1)]);
    value["timeline"] = json!([update("1m", "x", "p", 100), update("85s", "y", "q", 100)]);
    // p/0.1 is requested at 1:05, fails at 1:25 and asks again at 1:55; at 1:30 its place is free.
    let run = run(&value);
    run.tells_at("launch of p/0.1 failed", &["0:01:25"]);
    run.tells_at("instance q/0.1 LAUNCHED", &["0:01:50"]);
    run.tells_at("launch of p/0.1 refused", &["0:01:55"]);
}

#[test]
fn r305_a_refused_launch_is_tried_again_after_the_retry_delay_and_not_sooner() {
    let mut value = fixed(1);
    value["capacityProviders"][0]["maxInstances"] = json!(1);
    let run = run(&value);
    // The place is free from 1:37 on.
    run.tells_at("launch of p/0.1 refused", &["0:01:05", "0:01:35"]);
    run.tells_at("instance p/0.1 LAUNCHED", &["0:02:25"]);
    run.tells("0:02:40 deployment 1 of agent SUCCESSFUL");
    let fleet = &run.outcome.fleet;
    assert_eq!((fleet.peak_instances, fleet.peak_vcpu, fleet.launch_failures), (1, 2, 0));
    assert_eq!(fleet.extra_instance_hours, 0.0);
}

#[test]
fn r305_a_place_that_becomes_free_in_the_millisecond_of_a_retry_is_taken() {
    let mut value = fixed(1);
    value["capacityProviders"][0]["maxInstances"] = json!(1);
    value["capacityProviders"][0]["termination"] = json!("28s");
    let run = run(&value);
    run.tells_at("launch of p/0.1 refused", &["0:01:05"]);
    run.tells_at("instance p/0.1 LAUNCHED", &["0:01:55"]);
}

/// Providers p and q of one host each and a quota of both; y on q is updated at 1:00, x on p later.
fn shared_quota(x_at: &str) -> Run {
    let mut value = fixed(1);
    value["capacityProviders"] = json!([provider("p", 1), provider("q", 1)]);
    value["quotas"] = json!({ "vCpu": 4 });
    two_daemons(&mut value, "p", "q");
    value["timeline"] = json!([update("1m", "y", "q", 100), update(x_at, "x", "p", 100)]);
    run(&value)
}

#[test]
fn r306_of_refused_launches_that_are_due_together_the_oldest_request_goes_first() {
    let run = shared_quota("90s");
    run.tells_at("launch of q/0.1 refused", &["0:01:05", "0:01:35"]);
    run.tells_at("launch of p/0.1 refused", &["0:01:35", "0:02:05"]);
    run.tells_at("instance q/0.1 LAUNCHED", &["0:02:25"]);
    run.tells_at("instance p/0.1 LAUNCHED", &["0:02:55"]);
    assert_eq!(run.outcome.fleet.peak_vcpu, 4);
}

#[test]
fn r306_a_new_request_may_overtake_a_waiting_one() {
    let run = shared_quota("100s");
    run.tells_at("instance p/0.1 LAUNCHED", &["0:02:05"]);
    run.tells_at("launch of q/0.1 refused", &["0:01:05", "0:01:35", "0:02:05"]);
    run.tells_at("instance q/0.1 LAUNCHED", &["0:02:55"]);
}

#[test]
fn r306_a_retry_goes_before_a_request_of_the_same_millisecond() {
    let run = shared_quota("2m");
    run.tells_at("instance q/0.1 LAUNCHED", &["0:02:25"]);
    run.tells_at("launch of p/0.1 refused", &["0:02:05", "0:02:35"]);
    run.tells_at("instance p/0.1 LAUNCHED", &["0:03:25"]);
}

#[test]
fn r306_with_one_free_place_the_host_of_the_lower_index_is_launched_first() {
    let mut value = fixed(2);
    value["capacityProviders"][0]["maxInstances"] = json!(2);
    value["services"] = json!([service("web", 1)]);
    // Host 1 is empty and gone at 1:37; host 0 keeps its task until a replacement has it healthy.
    let run = run(&value);
    run.tells_at("instance p/0.1 LAUNCHED", &["0:02:25"]);
    run.tells(
        "0:03:28 task web/0 STOPPING on p/0.0
         0:04:10 instance p/0.0 GONE
         0:04:55 instance p/1.1 LAUNCHED
         0:05:10 deployment 1 of agent SUCCESSFUL",
    );
    assert_eq!(run.outcome.fleet.peak_instances, 2);
}

#[test]
fn r307_an_instance_whose_critical_daemon_is_not_up_in_time_is_launched_anew_and_counts_once() {
    let mut value = fixed(1);
    value["daemonTaskDefinitions"][1]["startup"] = json!("20m");
    let run = run(&value);
    run.tells(
        "0:01:35 instance p/0.1 REGISTERING
         0:11:35 instance p/0.1 DEREGISTERING
         0:11:35 instance p/0.2 REQUESTED
         0:12:05 instance p/0.2 REGISTERING
         0:22:05 instance p/0.3 REQUESTED
         0:32:35 deployment 1 of agent STOP_REQUESTED",
    );
    assert_eq!(run.outcome.deployments[0].breaker_failures, 3);
}

#[test]
fn r307_each_critical_daemon_that_is_late_counts_one_failure_of_its_own_deployment() {
    let mut value = fixed(2);
    two_daemons(&mut value, "p", "p");
    value["simulation"]["horizon"] = json!("15m");
    for revision in [1, 3] {
        value["daemonTaskDefinitions"][revision]["startup"] = json!("20m");
    }
    value["timeline"] = json!([update("1m", "x", "p", 50), update("1m", "y", "p", 50)]);
    let run = run(&value);
    run.tells(
        "0:01:05 instance p/0.0 DRAINING
         0:01:05 instance p/1.0 DRAINING
         0:11:35 instance p/0.1 DEREGISTERING
         0:11:35 instance p/1.1 DEREGISTERING",
    );
    let failures: Vec<u32> = run.outcome.deployments.iter().map(|d| d.breaker_failures).collect();
    assert_eq!(failures, [2, 2], "{}", run.story());
}

// Ages and losses.

#[test]
fn r310_what_cannot_leave_by_itself_is_forced_out_at_its_age_limit() {
    let mut value = quiet(1, "4h");
    value["capacityProviders"][0]["lifetime"] = json!({ "drainAfter": "1h", "forceAfter": "2h" });
    value["services"] = json!([service("web", 1)]);
    value["services"][0]["maximumPercent"] = json!(100);
    let run = run(&value);
    let drained = run.at("instance p/0.0 DRAINING (lifetime)")[0];
    let forced = run.at("instance p/0.0 DEREGISTERING")[0];
    assert_eq!(forced.since(drained).as_secs(), 3600.0);
    // Its replacement is there since the drain, and has the same time from its launch on.
    let launched = run.at("instance p/0.1 LAUNCHED")[0];
    assert_eq!(launched.since(drained).as_secs(), 20.0);
    assert_eq!(run.at("instance p/0.1 DRAINING (lifetime)")[0].since(launched).as_secs(), 3600.0);
    assert_eq!(run.outcome.fleet.app_tasks_restarted, run.at("task web/0 PROVISIONING").len() as u64);
}

#[test]
fn r310_with_room_to_move_a_host_at_its_age_leaves_by_itself() {
    let mut value = quiet(1, "2h");
    value["capacityProviders"][0]["lifetime"] = json!({ "drainAfter": "1h", "forceAfter": "2h" });
    value["services"] = json!([service("web", 1)]);
    let run = run(&value);
    let drained = run.at("instance p/0.0 DRAINING (lifetime)")[0];
    // 35 s to the replacement, 48 s to a healthy task, 10 s and 2 s to stop.
    assert_eq!(run.at("instance p/0.0 DEREGISTERING")[0].since(drained).as_secs(), 95.0);
    assert_eq!(run.outcome.fleet.services[0].min_running_pct, Some(100.0));
    assert_eq!((run.outcome.fleet.instances_replaced, run.outcome.fleet.instances_repaired), (0, 0));
}

#[test]
fn r308_hosts_are_lost_as_often_as_their_hazard_says() {
    let mut value = quiet(200, "30d");
    value["simulation"]["sampleEvery"] = json!("1d");
    value["capacityProviders"][0]["hostFailure"] = json!({ "perInstanceMonth": 1 });
    let lost = |seed| run_seed(&value, seed).told(&["DEREGISTERING (host failure)"]).len() as f64;
    let seeds = 20;
    let mean = (0..seeds).map(lost).sum::<f64>() / seeds as f64;
    // 200 hosts in one month of their hazard: Poisson of mean 200.
    let standard_error = (200.0 / seeds as f64).sqrt();
    assert!((mean - 200.0).abs() < 4.0 * standard_error, "{mean} losses");
}

/// How long the hosts there at the start have until they drain for age, over all hosts, in parts of the limit.
fn time_left(per_month: f64) -> Vec<f64> {
    let mut value = quiet(2000, "15d");
    value["simulation"]["sampleEvery"] = json!("1d");
    value["capacityProviders"][0]["lifetime"] = json!({ "drainAfter": "15d", "forceAfter": "16d" });
    value["capacityProviders"][0]["hostFailure"] = json!({ "perInstanceMonth": per_month });
    let run = run_quickly(&value);
    let limit = 15.0 * 86_400_000.0;
    let drained = run.into_iter().filter(|(_, line)| line.contains(".0 DRAINING (lifetime)"));
    let mut left: Vec<f64> = drained.map(|(at, _)| at as f64 / limit).collect();
    left.sort_by(f64::total_cmp);
    left
}

fn run_quickly(value: &Value) -> Vec<(u64, String)> {
    let scenario = super::scenario(&value.to_string());
    let (_, story) = bakeoff::fleet::narrate(&scenario, 0, &mut bakeoff::fleet::Workspace::new());
    let lines = story.iter().filter(|entry| !entry.change.is_detail());
    lines.map(|entry| (entry.at.as_ms(), entry.change.to_string())).collect()
}

/// The Kolmogorov–Smirnov statistic of sorted values against the uniform law.
fn ks_uniform(sorted: &[f64]) -> f64 {
    let n = sorted.len() as f64;
    let gaps = sorted.iter().enumerate().map(|(i, u)| (u - i as f64 / n).max((i + 1) as f64 / n - u));
    gaps.fold(0.0, f64::max) * n.sqrt()
}

#[test]
fn r311_without_losses_the_ages_at_the_start_are_uniform_up_to_the_limit() {
    let left = time_left(0.0);
    assert_eq!(left.len(), 2000, "every host comes to its age within the limit");
    let statistic = ks_uniform(&left);
    assert!(statistic < 1.949, "{statistic}");
}

#[test]
fn r311_with_losses_the_fleet_starts_younger_as_renewal_theory_says() {
    // λL = 2. A stationary fleet has ages of density λ exp(−λa) / (1 − exp(−λL)) up to L; of its hosts
    // those that live to L from there are λL exp(−λL) / (1 − exp(−λL)) = 0.3130, evenly over time.
    // (Uniform ages would make it 0.4323.)
    let left = time_left(4.0);
    let expected = 2.0 * libm::exp(-2.0) / -libm::expm1(-2.0);
    let share = left.len() as f64 / 2000.0;
    let standard_error = (expected * (1.0 - expected) / 2000.0_f64).sqrt();
    assert!((share - expected).abs() < 4.0 * standard_error, "{share} against {expected}");
    let statistic = ks_uniform(&left);
    assert!(statistic < 1.949, "{statistic}");
}

// Health checks and restarts.

/// The new daemon (RUNNING at 1:40) hangs so long after RUNNING; probes every 10 s, 5 s each when it hangs.
fn hanging(after: &str, change: impl FnOnce(&mut Value)) -> Run {
    let mut value = fixed(1);
    value["timeline"][0]["updateDaemon"]["deploymentConfiguration"]["bakeTimeInMinutes"] = json!(5);
    change(checked(&mut value, 1));
    defective(&mut value, 1, "hangs", &json!({ "after": after }));
    run(&value)
}

#[test]
fn r207_a_hang_is_found_by_so_many_failed_probes_each_an_interval_after_the_last_ended() {
    // Good probes at 1:50 and 2:00; failed ones end at 2:15, 2:30 and 2:45.
    hanging("25s", |_| ()).tells(
        "0:01:50 instance p/0.1 ACTIVE
         0:02:45 daemon agent (agent:2) on p/0.1 UNHEALTHY
         0:03:05 instance p/0.1 IMPAIRED
         0:04:14 instance p/0.1 DRAINING (repair)",
    );
    hanging("25s", |check| check["retries"] = json!(1))
        .tells("0:02:15 daemon agent (agent:2) on p/0.1 UNHEALTHY");
}

#[test]
fn r133_unhealthy_before_the_first_healthy_is_a_launch_failure() {
    // Failed probes end at 1:55, 2:10 and 2:25.
    let run = hanging("5s", |_| ());
    run.tells(
        "0:02:25 daemon agent (agent:2) on p/0.1 UNHEALTHY
         0:02:25 instance p/0.1 DEREGISTERING (start failure)
         0:02:25 instance p/0.2 REQUESTED
         0:03:45 instance p/0.2 DEREGISTERING (start failure)
         0:05:05 deployment 1 of agent STOP_REQUESTED",
    );
    assert_eq!(run.told(&["IMPAIRED"]), [""; 0]);
    assert_eq!(run.outcome.deployments[0].breaker_failures, 3);
}

#[test]
fn r208_failures_within_the_start_period_do_not_count_until_the_first_success() {
    // Probes begin at 1:50, 2:05, 2:20, 2:35 and 2:50; the first two within 30 s of RUNNING.
    hanging("5s", |check| check["startPeriod"] = json!(30))
        .tells("0:02:55 daemon agent (agent:2) on p/0.1 UNHEALTHY");
    // A success ends the start period: the same as without one.
    hanging("25s", |check| check["startPeriod"] = json!(60))
        .tells("0:02:45 daemon agent (agent:2) on p/0.1 UNHEALTHY");
}

#[test]
fn r016_clocks_of_the_daemons_there_at_the_start_begin_at_zero_and_they_are_healthy_already() {
    let hangs = |after: &str| {
        let mut value = quiet(1, "5m");
        checked(&mut value, 0);
        defective(&mut value, 0, "hangs", &json!({ "after": after }));
        run(&value)
    };
    hangs("25s").tells(
        "0:01:05 daemon agent (agent:1) on p/0.0 UNHEALTHY
         0:01:25 instance p/0.0 IMPAIRED
         0:02:34 instance p/0.0 DRAINING (repair)",
    );
    hangs("5s").tells(
        "0:00:45 daemon agent (agent:1) on p/0.0 UNHEALTHY
         0:01:05 instance p/0.0 IMPAIRED
         0:02:14 instance p/0.0 DRAINING (repair)",
    );
}

#[test]
fn r206_without_a_health_check_nobody_notices_a_hang() {
    let mut value = quiet(1, "10m");
    defective(&mut value, 0, "hangs", &json!({ "after": "25s" }));
    let run = run(&value);
    assert_eq!(run.told(&["UNHEALTHY"]), [""; 0]);
    assert_eq!(run.told(&["IMPAIRED"]), [""; 0]);
    // It runs all the same.
    assert_eq!(run.outcome.fleet.bad_instance.as_secs(), 600.0);
}

/// A daemon there at the start that crashes after 100 s, restarted in place after so long a run.
fn restarting(period: u32) -> Run {
    let mut value = quiet(1, "6m");
    value["daemonTaskDefinitions"][0]["restartPolicy"] =
        json!({ "enabled": true, "restartAttemptPeriod": period });
    defective(&mut value, 0, "crashes", &json!({ "after": "100s" }));
    run(&value)
}

#[test]
fn r209_a_restart_in_place_does_not_stop_the_task_and_one_that_came_too_soon_is_final() {
    let restarts = restarting(60);
    restarts.tells_at("daemon agent on p/0.0 crashes", &["0:01:40", "0:03:20", "0:05:00"]);
    assert_eq!(restarts.told(&["IMPAIRED"]), [""; 0]);
    assert_eq!(restarts.outcome.fleet.daemon_gap.as_ms(), 0);
    let exactly = restarting(100);
    exactly.tells_at("daemon agent on p/0.0 crashes", &["0:01:40", "0:03:20", "0:05:00"]);
    restarting(101).tells(
        "0:01:40 daemon agent (agent:1) on p/0.0 STOPPED
         0:01:40 instance p/0.0 IMPAIRED
         0:02:49 instance p/0.0 DRAINING (repair)",
    );
}

// Repair.

/// Every host loses its daemon at 1:40; a second daemon takes 10 s to stop, so that drains last.
fn all_crash(instances: u32, limit: &str) -> Value {
    let mut value = quiet(instances, "3m");
    value["daemonTaskDefinitions"] =
        json!([revision("agent", 1), revision("other", 1), revision("other", 2)]);
    value["daemonTaskDefinitions"][1]["shutdown"] = json!("10s");
    value["daemons"] = json!([daemon("agent", "p"), daemon("other", "p")]);
    value["assumptions"] = json!({ "repairLimit": limit });
    defective(&mut value, 0, "crashes", &json!({ "after": "100s" }));
    value
}

#[test]
fn r203_a_fifth_of_a_provider_drains_for_repair_at_once_and_one_below_nine() {
    for (instances, limit) in [(1, 1), (8, 1), (9, 1), (10, 2), (14, 2), (15, 3)] {
        let run = run(&all_crash(instances, "separate"));
        assert_eq!(run.told(&["IMPAIRED"]).len(), instances as usize);
        let drains = run.told(&["DRAINING (repair)"]);
        let first = drains.iter().filter(|line| line.starts_with("0:02:49")).count();
        let second = drains.iter().filter(|line| line.starts_with("0:02:59")).count();
        assert_eq!(first, limit, "of {instances}");
        // Replacements on their way do not raise the limit.
        assert_eq!(second, limit.min(instances as usize - first), "of {instances}");
        assert_eq!(drains[0], "0:02:49 instance p/0.0 DRAINING (repair)");
        assert_eq!(drains.len(), first + second);
    }
}

#[test]
fn r203_drains_of_deployments_count_against_a_shared_repair_limit_only() {
    let drains = |limit: &str| {
        let mut value = all_crash(10, limit);
        value["simulation"]["horizon"] = json!("200s");
        value["daemonTaskDefinitions"][1]["shutdown"] = json!("100s");
        value["daemonTaskDefinitions"][1]["stopTimeout"] = json!(120);
        // Hosts 0 and 1 drain from 1:35 to 3:15.
        value["timeline"] = json!([update("90s", "other", "p", 20)]);
        let run = run(&value);
        run.tells(
            "0:01:35 instance p/1.0 DRAINING (deployment)
             0:03:15 instance p/1.0 DEREGISTERING (deployment)",
        );
        let times = run.told(&["DRAINING (repair)"]);
        times.iter().map(|line| line.replace(" DRAINING (repair)", "")).collect::<Vec<_>>()
    };
    assert_eq!(drains("separate"), ["0:02:49 instance p/2.0", "0:02:49 instance p/3.0"]);
    assert_eq!(drains("shared"), ["0:03:15 instance p/2.0", "0:03:15 instance p/3.0"]);
    assert_eq!(drains("unlimited").len(), 8);
    assert!(drains("unlimited").iter().all(|line| line.starts_with("0:02:49")));
}

#[test]
fn r204_repairs_above_the_limit_wait_in_order() {
    let mut value = all_crash(8, "separate");
    value["simulation"]["horizon"] = json!("2h");
    value["daemonTaskDefinitions"][1]["shutdown"] = json!("60s");
    value["daemonTaskDefinitions"][1]["stopTimeout"] = json!(120);
    defective(&mut value, 0, "crashes", &json!({ "after": { "exponential": { "mean": "10m" } } }));
    let run = run(&value);
    let order = |word: &str| -> Vec<String> {
        run.told(&["instance", word]).iter().map(|line| line.split(' ').nth(2).unwrap().to_owned()).collect()
    };
    let (impaired, drained) = (order("IMPAIRED"), order("DRAINING (repair)"));
    assert!(drained.len() > 50 && impaired.len() > drained.len(), "{} of {}", drained.len(), impaired.len());
    assert_eq!(impaired[..drained.len()], drained);
}

#[test]
fn r205_with_repair_disabled_impaired_hosts_stay() {
    let mut value = all_crash(3, "separate");
    value["capacityProviders"][0]["autoRepairConfiguration"] = json!({ "actionsStatus": "DISABLED" });
    let run = run(&value);
    run.tells_at("instance p/2.0 IMPAIRED", &["0:01:40"]);
    assert_eq!(run.told(&["DRAINING"]), [""; 0]);
    // Three hosts without their daemon from 1:40 to 3:00.
    assert_eq!(run.outcome.fleet.daemon_gap.as_secs(), 240.0);
}

#[test]
fn r210_a_host_repaired_onto_the_target_revision_counts_as_updated() {
    let mut value = fixed(2);
    defective(&mut value, 0, "crashes", &json!({ "after": "100s" }));
    value["timeline"] = json!([update("1m", "agent", "p", 50)]);
    // Host 0 is replaced by 1:40; in that moment host 1 loses its daemon, and repair takes it at 2:49.
    let run = run(&value);
    run.tells(
        "0:01:40 deployment 1: batch done on p
         0:01:40 instance p/1.0 IMPAIRED
         0:02:49 instance p/1.0 DRAINING (repair)
         0:03:19 instance p/1.0 GONE (repair)
         0:03:19 daemon agent (agent:2) on p/1.1 PENDING
         0:03:19 deployment 1 of agent SUCCESSFUL",
    );
    assert_eq!((run.outcome.fleet.instances_replaced, run.outcome.fleet.instances_repaired), (1, 1));
}

#[test]
fn r212_a_repair_counts_as_a_launch_failure_only_if_assumed_so() {
    let mut value = fixed(4);
    value["timeline"][0]["updateDaemon"]["deploymentConfiguration"]["bakeTimeInMinutes"] = json!(5);
    defective(&mut value, 1, "crashes", &json!({ "after": "100s" }));
    let deployment = &run(&value).outcome.deployments[0];
    assert_eq!((deployment.status, deployment.breaker_failures), (DeploymentStatus::Successful, 0));
    value["assumptions"] = json!({ "repairCountsToBreaker": "yes" });
    // All four crash at 3:20 and are repaired at 4:29; nothing counts before.
    let repaired = run(&value);
    repaired.tells(
        "0:03:20 instance p/0.1 IMPAIRED
         0:04:29 instance p/2.1 DRAINING (repair)
         0:04:29 deployment 1 of agent STOP_REQUESTED",
    );
    assert!(repaired.outcome.deployments[0].breaker_failures >= 3);
    // Where nothing is repaired there is nothing to count.
    value["capacityProviders"][0]["autoRepairConfiguration"] = json!({ "actionsStatus": "DISABLED" });
    assert_eq!(run(&value).outcome.deployments[0].breaker_failures, 0);
}

// Defects.

#[test]
fn r138_a_non_critical_daemon_that_fails_to_start_is_counted_and_not_tried_again() {
    let mut value = fixed(4);
    value["daemons"][0]["critical"] = json!(false);
    value["timeline"] = json!([update("1m", "agent", "p", 25)]);
    value["timeline"][0]["updateDaemon"]["critical"] = json!(false);
    defective(&mut value, 1, "failsToStart", &json!({ "probability": 1 }));
    let run = run(&value);
    run.tells(
        "0:01:35 instance p/0.1 ACTIVE
         0:01:37 deployment 1: batch done on p
         0:01:40 daemon agent on p/0.1 fails to start
         0:01:42 instance p/1.0 DRAINING
         0:02:17 daemon agent on p/1.1 fails to start
         0:02:19 instance p/2.0 DRAINING
         0:02:54 daemon agent on p/2.1 fails to start
         0:02:54 deployment 1 of agent STOP_REQUESTED
         0:02:59 instance p/0.1 DRAINING
         0:03:34 instance p/1.1 DRAINING
         0:04:09 instance p/2.1 DRAINING
         0:04:39 deployment 1 of agent ROLLBACK_SUCCESSFUL",
    );
    assert_eq!(run.told(&["p/3."]), [""; 0], "host 3 was never touched");
    // 0.1, 1.1 and 2.1 while ACTIVE, and three times 5 s until the old revision runs again.
    assert_eq!(run.outcome.fleet.daemon_gap.as_secs(), 84.0 + 82.0 + 80.0 + 15.0);
    let deployment = &run.outcome.deployments[0];
    assert_eq!((deployment.breaker_failures, deployment.hosts_exposed), (3, 0));
}

#[test]
fn r213_a_non_critical_daemon_that_crashes_leaves_a_gap_and_no_repair() {
    let mut value = quiet(2, "5m");
    value["daemons"][0]["critical"] = json!(false);
    defective(&mut value, 0, "crashes", &json!({ "after": "100s" }));
    let run = run(&value);
    assert_eq!(run.told(&["DRAINING"]), [""; 0]);
    assert_eq!(run.outcome.fleet.daemon_gap.as_secs(), 400.0);
    assert_eq!(run.outcome.fleet.bad_instance.as_secs(), 200.0);
}

#[test]
fn r213_a_non_critical_daemon_that_hangs_is_unhealthy_and_its_host_stays() {
    let mut value = quiet(1, "5m");
    value["daemons"][0]["critical"] = json!(false);
    checked(&mut value, 0);
    defective(&mut value, 0, "hangs", &json!({ "after": "25s" }));
    let run = run(&value);
    run.tells("0:01:05 daemon agent (agent:1) on p/0.0 UNHEALTHY");
    assert_eq!(run.told(&["IMPAIRED"]), [""; 0]);
    assert_eq!(run.told(&["DRAINING"]), [""; 0]);
    assert_eq!(run.outcome.fleet.daemon_gap.as_ms(), 0, "it is there, however it is");
}

#[test]
fn r406_a_daemon_that_needs_more_than_a_host_has_fails_to_start() {
    let mut value = fixed(1);
    defective(&mut value, 1, "needsMore", &json!({ "memory": 4000 }));
    let run = run(&value);
    run.tells(
        "0:01:40 instance p/0.1 DEREGISTERING (start failure)
         0:02:15 instance p/0.2 DEREGISTERING (start failure)
         0:02:50 deployment 1 of agent STOP_REQUESTED",
    );
    assert_eq!(run.outcome.deployments[0].hosts_exposed, 0);
}

#[test]
fn r405_a_daemon_that_needs_more_leaves_less_room_for_tasks() {
    let mut value = fixed(1);
    value["services"] = json!([service("web", 1)]);
    // 512 + 1536 + 2048 = 4096 fits to the byte.
    defective(&mut value, 1, "needsMore", &json!({ "memory": 1536 }));
    assert_eq!(run(&value).outcome.deployments[0].status, DeploymentStatus::Successful);
    defective(&mut value, 1, "needsMore", &json!({ "memory": 1537 }));
    let stuck = run(&value);
    stuck.tells("0:01:40 instance p/0.1 ACTIVE");
    assert_eq!(stuck.told(&["task web/0 PENDING"]), [""; 0]);
    assert_eq!(stuck.outcome.deployments[0].status, DeploymentStatus::InProgress);
    assert_eq!(stuck.outcome.stop, StopReason::Horizon);
}

fn degraded(instances: u32) -> Value {
    let mut value = fixed(instances);
    value["services"] = json!([service("web", instances)]);
    value["services"][0]["traffic"] = json!({ "requestsPerSecond": 10, "errorRate": 0 });
    value["timeline"] = json!([update("1m", "agent", "p", 50)]);
    defective(&mut value, 1, "degrades", &json!({ "service": "web", "errorRate": 0.5, "after": "1m" }));
    value
}

#[test]
fn r014_a_degraded_host_fails_its_part_of_the_requests() {
    let run = run(&degraded(2));
    // Host 0's new task runs from 1:48, the old one until 2:28; its daemon (RUNNING at 1:40) degrades
    // it from 2:40. Three tasks run from 3:58 to 4:38. Host 1's daemon (3:50) follows at 4:50; the run
    // ends one minute after SUCCESSFUL at 5:20.
    run.tells(
        "0:02:40 daemon agent on p/0.1 degrades
         0:03:58 task web/1 RUNNING on p/1.1
         0:04:38 task web/1 STOPPING on p/1.0
         0:04:50 daemon agent on p/1.1 degrades
         0:05:20 deployment 1 of agent SUCCESSFUL",
    );
    let failed = 78.0 * 5.0 / 2.0 + 40.0 * 5.0 / 3.0 + 12.0 * 5.0 / 2.0 + 90.0 * 5.0;
    let told = run.outcome.fleet.services[0].failed_requests.unwrap();
    assert!((told - failed).abs() < 1e-6, "{told} against {failed}");
    let deployment = &run.outcome.deployments[0];
    assert_eq!(deployment.harm_at.unwrap().as_ms(), 160_000);
    assert_eq!((deployment.hosts_exposed, deployment.hosts_in_scope), (2, 2));
    // The bad revision runs from 1:40 and from 3:50 to the end at 6:20.
    assert_eq!(run.outcome.fleet.bad_instance.as_secs(), 280.0 + 150.0);
}

#[test]
fn r014_a_task_that_starts_in_the_very_instant_of_the_degradation_counts_once() {
    let mut value = degraded(2);
    // Tasks are placed when their daemon runs, and start 8 s later.
    defective(&mut value, 1, "degrades", &json!({ "service": "web", "errorRate": 0.5, "after": "8s" }));
    let run = run(&value);
    run.tells("0:01:48 daemon agent on p/0.1 degrades\n0:01:48 task web/0 RUNNING on p/0.1");
    let failed = 40.0 * 5.0 / 3.0 + 90.0 * 5.0 / 2.0 + 40.0 * 2.0 * 5.0 / 3.0 + 102.0 * 5.0;
    let told = run.outcome.fleet.services[0].failed_requests.unwrap();
    assert!((told - failed).abs() < 1e-6, "{told} against {failed}");
}

#[test]
fn r014_a_task_that_is_lost_in_the_very_instant_of_its_start_is_never_degraded() {
    let mut value = degraded(2);
    defective(&mut value, 1, "degrades", &json!({ "service": "web", "errorRate": 0.5, "after": "4s" }));
    value["timeline"].as_array_mut().unwrap().push(json!({
        "at": "108s", "azOutage": { "zone": 0, "lasts": "10m" }
    }));
    let run = run(&value);
    run.tells("0:01:44 daemon agent on p/0.1 degrades");
    assert_eq!(run.told(&["task web/0 RUNNING on p/0.1"]), [""; 0]);
    // Until then nothing fails; from then on nothing runs, and all ten a second do.
    let failed = 10.0 * (run.outcome.ended_at.as_ms() as f64 / 1e3 - 108.0);
    let told = run.outcome.fleet.services[0].failed_requests.unwrap();
    assert!((told - failed).abs() < 1e-6, "{told} against {failed}");
}

#[test]
fn r014_a_degradation_replaces_the_services_own_error_rate() {
    let mut value = quiet(2, "10m");
    value["services"] = json!([service("web", 2)]);
    value["services"][0]["traffic"] = json!({ "requestsPerSecond": 10, "errorRate": 0.1 });
    defective(&mut value, 0, "degrades", &json!({ "service": "web", "errorRate": 0.5, "after": "2m" }));
    let told = run(&value).outcome.fleet.services[0].failed_requests.unwrap();
    // 2 minutes at a tenth, 8 at a half.
    assert!((told - (120.0 + 2400.0)).abs() < 1e-6, "{told}");
}

#[test]
fn r015_a_restart_in_place_ends_a_degradation_until_it_acts_anew() {
    let mut value = quiet(1, "400s");
    value["services"] = json!([service("web", 1)]);
    value["services"][0]["traffic"] = json!({ "requestsPerSecond": 10, "errorRate": 0 });
    value["daemonTaskDefinitions"][0]["restartPolicy"] =
        json!({ "enabled": true, "restartAttemptPeriod": 60 });
    value["daemonTaskDefinitions"][0]["defects"] = json!([
        { "name": "a", "probability": 1, "crashes": { "after": "100s" } },
        { "name": "b", "probability": 1, "degrades": { "service": "web", "errorRate": 0.5, "after": "60s" } },
    ]);
    let told = run(&value).outcome.fleet.services[0].failed_requests.unwrap();
    // 40 s of every 100 s.
    assert!((told - 4.0 * 40.0 * 5.0).abs() < 1e-6, "{told}");
}

#[test]
fn r022_a_daemon_that_stops_before_its_neighbour_is_no_longer_bad() {
    let mut value = fixed(1);
    two_daemons(&mut value, "p", "p");
    value["daemonTaskDefinitions"][2]["shutdown"] = json!("20s");
    defective(&mut value, 0, "crashes", &json!({ "after": "10h" }));
    value["timeline"] = json!([update("1m", "x", "p", 100)]);
    // x:1 ran from the start until 1:07, y:1 stops at 1:25.
    let run = run(&value);
    run.tells("0:01:25 instance p/0.0 DEREGISTERING");
    assert_eq!(run.outcome.fleet.bad_instance.as_secs(), 67.0);
}

#[test]
fn r017_a_seed_without_the_defect_has_no_harm_no_blast_radius_and_no_bad_time() {
    let mut value = degraded(2);
    value["daemonTaskDefinitions"][1]["defects"][0]["probability"] = json!(0);
    let outcome = run(&value).outcome;
    let deployment = &outcome.deployments[0];
    assert!(!deployment.defective);
    assert_eq!((deployment.hosts_exposed, deployment.harm_at), (0, None));
    assert_eq!(
        (outcome.fleet.bad_instance.as_ms(), outcome.fleet.services[0].failed_requests),
        (0, Some(0.0))
    );
}

#[test]
fn r017_a_defect_that_hits_no_host_leaves_the_revision_defective_and_does_no_harm() {
    let mut value = degraded(2);
    value["daemonTaskDefinitions"][1]["defects"][0]["share"] = json!(0);
    let outcome = run(&value).outcome;
    let deployment = &outcome.deployments[0];
    assert!(deployment.defective);
    assert_eq!((deployment.hosts_exposed, deployment.harm_at), (2, None));
    assert_eq!(outcome.fleet.services[0].failed_requests, Some(0.0));
}

#[test]
fn r020_the_blast_radius_is_counted_up_to_the_trigger() {
    let mut value = fixed(4);
    defective(&mut value, 1, "crashes", &json!({ "after": "10h" }));
    value["alarms"] = json!([{ "alarmName": "red", "metric": { "scripted": [
        { "at": "0s", "state": "OK" }, { "at": "2m", "state": "ALARM" } ] } }]);
    value["timeline"] = json!([update("1m", "agent", "p", 25)]);
    value["timeline"][0]["updateDaemon"]["deploymentConfiguration"]["alarms"] =
        json!({ "alarmNames": ["red"], "enable": true });
    let run = run(&value);
    // ECS looks at 2:05: one host runs the new revision; the next registers at 2:15, with the old one.
    run.tells(
        "0:01:40 daemon agent (agent:2) on p/0.1 RUNNING
         0:02:05 deployment 1 of agent STOP_REQUESTED
         0:02:15 daemon agent (agent:1) on p/1.1 PENDING
         0:02:25 instance p/0.1 DRAINING
         0:02:27 daemon agent (agent:2) on p/0.1 STOPPED",
    );
    let deployment = &run.outcome.deployments[0];
    assert_eq!((deployment.hosts_exposed, deployment.hosts_in_scope), (1, 4));
    assert_eq!((deployment.harm_at, deployment.defective), (None, true));
    // It ran from 1:40 until it had stopped.
    assert_eq!(run.outcome.fleet.bad_instance.as_secs(), 47.0);
}

#[test]
fn r013_a_defect_is_there_in_its_share_of_seeds_and_hits_its_share_of_hosts_for_good() {
    let mut value = quiet(40, "20m");
    value["controlPlane"]["repairDecision"] = json!("0s");
    value["assumptions"] = json!({ "repairLimit": "unlimited" });
    value["daemonTaskDefinitions"][0]["defects"] = json!([{ "name": "d", "probability": 0.3, "share": 0.5,
        "crashes": { "after": { "exponential": { "mean": "1m" } } } }]);
    let scenario = super::scenario(&value.to_string());
    let mut workspace = bakeoff::fleet::Workspace::new();
    let (mut seeds_hit, mut hosts_hit, mut later) = (0, 0, 0);
    for seed in 0..200 {
        let (_, story) = bakeoff::fleet::narrate(&scenario, seed, &mut workspace);
        let mut crashes: Vec<Vec<u64>> = vec![Vec::new(); 40];
        for entry in &story {
            let line = entry.change.to_string();
            if let Some(instance) =
                line.strip_prefix("daemon agent on p/").and_then(|l| l.strip_suffix(" crashes"))
            {
                let (lineage, _) = instance.split_once('.').unwrap();
                crashes[lineage.parse::<usize>().unwrap()].push(entry.at.as_ms());
            }
        }
        let hit = crashes.iter().filter(|times| !times.is_empty()).count();
        seeds_hit += usize::from(hit > 0);
        hosts_hit += hit;
        // In twenty minutes of a mean of one minute each host that is hit crashes again and again.
        later += crashes.iter().filter(|times| times.len() >= 2).count();
        // The delay is drawn anew each time: no two lives are equally long.
        let lives = |times: &Vec<u64>| times.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>();
        let repeats = crashes.iter().flat_map(|times| {
            let lives = lives(times);
            (1..lives.len()).filter(|i| lives[*i] == lives[i - 1]).collect::<Vec<_>>()
        });
        assert!(repeats.count() <= 1);
    }
    // Binomial with n = 200, p = 0.3: standard deviation 6.5.
    assert!((34..=86).contains(&seeds_hit), "{seeds_hit} of 200 seeds");
    let hosts = seeds_hit as f64 * 40.0;
    let deviation = (hosts * 0.25).sqrt();
    assert!((hosts_hit as f64 - hosts / 2.0).abs() < 4.0 * deviation, "{hosts_hit} of {hosts} hosts");
    assert!(later as f64 > 0.999 * hosts_hit as f64, "a host that is hit is hit again");
}

// Counting.

#[test]
fn r025_extra_instances_cost_what_their_provider_costs_and_without_a_price_nothing_is_known() {
    let mut value = fixed(1);
    value["capacityProviders"][0]["pricePerHour"] = json!(0.36);
    // One instance more from 1:05 to 1:37.
    let fleet = run(&value).outcome.fleet;
    assert_eq!(fleet.extra_instance_hours, 32.0 / 3600.0);
    assert!((fleet.extra_cost_usd.unwrap() - 0.36 * 32.0 / 3600.0).abs() < 1e-12);
    value["capacityProviders"] = json!([value["capacityProviders"][0], provider("q", 1)]);
    assert_eq!(run(&value).outcome.fleet.extra_cost_usd, None);
}

#[test]
fn r023_an_instance_is_replaced_when_it_is_gone_and_an_instant_at_the_horizon_still_happens() {
    let mut value = fixed(1);
    value["simulation"]["horizon"] = json!("96.999s");
    assert_eq!(run(&value).outcome.fleet.instances_replaced, 0);
    value["simulation"]["horizon"] = json!("97s");
    assert_eq!(run(&value).outcome.fleet.instances_replaced, 1);
}

#[test]
fn r026_the_longest_drain_is_told_and_so_is_the_most_that_existed_at_once() {
    let mut value = fixed(2);
    value["services"] = json!([service("web", 1)]);
    value["capacityProviders"][0]["cpu"] = json!(3000);
    // Host 1 drains from 1:05 to 1:07, host 0 until its task has moved: 35 + 8 + 40 + 10 + 2 s.
    let run = run(&value);
    assert_eq!(run.outcome.deployments[0].drain_wait_max.unwrap().as_secs(), 95.0);
    // 3000 CPU units are three vCPUs.
    assert_eq!((run.outcome.fleet.peak_instances, run.outcome.fleet.peak_vcpu), (4, 12));
    assert_eq!(run.outcome.fleet.instances_at_start, 2);
}

#[test]
fn r008_a_run_that_is_cut_by_its_event_limit_says_so() {
    let mut value = fixed(3);
    value["simulation"]["maxEvents"] = json!(5);
    let outcome = run(&value).outcome;
    assert_eq!((outcome.stop, outcome.events), (StopReason::Events, 5));
    assert_eq!(run(&quiet(1, "10m")).outcome.stop, StopReason::Complete);
}

// What is not modelled is refused, not ignored.

#[track_caller]
fn refused(change: impl FnOnce(&mut Value), code: Code) {
    let mut value = fixed(1);
    change(&mut value);
    let problems = load("test.yaml", &value.to_string(), &NoFiles, &[]).expect_err("it is refused");
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    assert_eq!(errors.map(|problem| problem.code).collect::<Vec<_>>(), [code]);
}

#[test]
fn what_is_not_modelled_is_refused() {
    refused(|value| value["faults"] = json!([]), Code::NotModelled);
}

#[test]
fn the_answers_that_are_modelled_may_be_given_and_change_nothing() {
    let mut value = fixed(2);
    let silent = run(&value).outcome;
    value["assumptions"] = json!({
        "replacement": "oneForOne", "concurrentDaemons": "independent", "protectedTasks": "wait",
        "reserveForDaemons": "yes", "displacedTasks": "anywhere", "repairLimit": "separate",
        "appGate": "healthyIfChecked", "repairCountsToBreaker": "no",
    });
    value["capacityProviders"][0]["scaleInAfter"] = json!(-1);
    assert_eq!(run(&value).outcome, silent);
}
