//! Faults of the timeline, agents out of touch, health checks whose dependency is out, the
//! lifetime of instances, and launches that have to wait. R230 and on, R380 and on.

use bakeoff::engine::time::SimTime;
use bakeoff::outcome::{DeploymentStatus, StopReason};
use serde_json::{Value, json};

use super::kit::{Run, defective, fixed, half, provider, quiet, run, run_seed, service, update};

/// Adds entries to the timeline.
fn struck(mut value: Value, entries: &[(&str, Value)]) -> Value {
    for (at, fault) in entries {
        let mut entry = fault.clone();
        entry["at"] = json!(at);
        value["timeline"].as_array_mut().unwrap().push(entry);
    }
    value
}

fn zones(mut value: Value, zones: u32) -> Value {
    value["capacityProviders"][0]["availabilityZones"] = json!(zones);
    value
}

fn serving(mut value: Value, services: Value) -> Value {
    value["services"] = services;
    value
}

/// The daemon's revisions have a health check: a probe every 30 s, three failures.
fn checked(mut value: Value) -> Value {
    for revision in value["daemonTaskDefinitions"].as_array_mut().unwrap() {
        revision["healthCheck"] = json!({ "interval": 30, "timeout": 5, "retries": 3 });
    }
    value
}

fn outage(lasts: &str) -> Value {
    json!({ "dependencyOutage": { "lasts": lasts } })
}

/// The instances of which such a line is told, in order.
fn whose(run: &Run, words: &[&str]) -> Vec<String> {
    let told = run.told(words);
    told.iter()
        .map(|line| line.split("instance ").nth(1).unwrap().split(' ').next().unwrap().to_owned())
        .collect()
}

fn ms(ms: u64) -> SimTime {
    SimTime::from_ms(ms)
}

#[test]
fn r230_an_agent_that_is_back_by_the_threshold_was_never_missed() {
    let away = |lasts: &str| {
        let value = serving(quiet(2, "1h"), json!([service("web", 2)]));
        run(&struck(value, &[("1m", json!({ "agentDisconnection": { "count": 2, "lasts": lasts } }))]))
    };
    let back = away("5m");
    back.tells_at("agent of p/0.0 disconnected", &["0:01:00"]);
    back.tells_at("agent of p/0.0 connected", &["0:06:00"]);
    assert_eq!(back.told(&["IMPAIRED"]), [""; 0]);
    assert_eq!(back.told(&["task"]), [""; 0], "what runs goes on running");
    assert_eq!(back.outcome.stop, StopReason::Complete);
    assert_eq!(away("300001ms").told(&["IMPAIRED"]).len(), 2);
}

#[test]
fn r231_an_agent_away_beyond_the_threshold_has_its_instance_repaired() {
    let away = json!({ "agentDisconnection": { "count": 1, "lasts": "30m" } });
    let told = run(&struck(quiet(1, "1h"), &[("1m", away.clone())]));
    told.tells("0:06:00 instance p/0.0 IMPAIRED\n0:07:09 instance p/0.0 DRAINING (repair)\n0:07:44 instance p/0.1 ACTIVE");
    assert_eq!(told.outcome.fleet.instances_repaired, 1);
    let mut value = struck(quiet(1, "1h"), &[("1m", away)]);
    value["controlPlane"]["disconnectedThreshold"] = json!("90s");
    run(&value).tells_at("instance p/0.0 IMPAIRED", &["0:02:30"]);
}

#[test]
fn r232_an_instance_that_is_back_before_it_drains_is_ok_again() {
    let away = json!({ "agentDisconnection": { "count": 1, "lasts": "6m" } });
    let told = run(&struck(quiet(1, "1h"), &[("1m", away)]));
    told.tells("0:06:00 instance p/0.0 IMPAIRED\n0:07:00 instance p/0.0 OK");
    assert_eq!(told.told(&["DRAINING"]), [""; 0], "{}", told.story());
    // Once it drains, it goes.
    let away = json!({ "agentDisconnection": { "count": 1, "lasts": "369s" } });
    let told = run(&struck(quiet(1, "1h"), &[("1m", away)]));
    told.tells("0:07:09 instance p/0.0 OK");
    let away = json!({ "agentDisconnection": { "count": 1, "lasts": "369001ms" } });
    let told = run(&struck(quiet(1, "1h"), &[("1m", away)]));
    told.tells("0:07:09 instance p/0.0 DRAINING (repair)");
    assert_eq!(told.outcome.fleet.instances_repaired, 1);
}

#[test]
fn r233_silences_that_overlap_are_one() {
    let away = |lasts: &str| json!({ "agentDisconnection": { "count": 1, "lasts": lasts } });
    let told = run(&struck(quiet(1, "1h"), &[("1m", away("3m")), ("3m", away("3m"))]));
    told.tells_at("agent of p/0.0 disconnected", &["0:01:00"]);
    told.tells_at("agent of p/0.0 connected", &["0:06:00"]);
    assert_eq!(told.told(&["IMPAIRED"]), [""; 0]);
    run(&struck(quiet(1, "1h"), &[("1m", away("3m")), ("3m", away("4m"))]))
        .tells("0:06:00 instance p/0.0 IMPAIRED\n0:07:00 instance p/0.0 OK");
}

#[test]
fn r234_a_disconnection_hits_so_many_instances_or_each_with_a_chance() {
    let hit = |extent: Value, seed: u64| {
        let mut fault = json!({ "agentDisconnection": { "lasts": "1m" } });
        for (key, value) in extent.as_object().unwrap() {
            fault["agentDisconnection"][key] = value.clone();
        }
        run_seed(&struck(quiet(40, "10m"), &[("1m", fault)]), seed).told(&["disconnected"]).len()
    };
    assert_eq!(
        [hit(json!({ "count": 7 }), 0), hit(json!({ "count": 50 }), 0), hit(json!({ "share": 1 }), 0)],
        [7, 40, 40]
    );
    assert_eq!(hit(json!({ "share": 0 }), 0), 0);
    let hits: Vec<usize> = (0..20).map(|seed| hit(json!({ "share": 0.25 }), seed)).collect();
    // 800 draws at 1/4: 200, with a standard deviation of 12.2.
    assert!((150..=250).contains(&hits.iter().sum::<usize>()), "{hits:?}");
    assert!(hits.iter().any(|count| *count != hits[0]), "each seed draws anew");
}

#[test]
fn r235_probes_that_fail_at_once_give_a_daemon_up_at_the_third() {
    let unhealthy = |from: &str| {
        let told = run(&struck(checked(quiet(1, "1h")), &[(from, outage("3h"))]));
        told.times("daemon agent (agent:1) on p/0.0 UNHEALTHY")
    };
    // Probes at 30, 60, 90 …; one at the very instant of the outage fails.
    assert_eq!(unhealthy("1m"), ["0:02:00"]);
    assert_eq!(unhealthy("60001ms"), ["0:02:30"]);
    assert_eq!(unhealthy("90s"), ["0:02:30"]);
    run(&struck(checked(quiet(1, "1h")), &[("1m", outage("3h"))]))
        .tells("0:02:20 instance p/0.0 IMPAIRED\n0:03:29 instance p/0.0 DRAINING (repair)");
}

#[test]
fn r236_a_daemon_without_a_health_check_notices_nothing() {
    let told = run(&struck(quiet(3, "2h"), &[("1m", outage("1h"))]));
    told.tells("0:01:00 dependencyOutage begins\n1:01:00 dependencyOutage ends");
    assert_eq!((told.told(&["IMPAIRED"]), told.told(&["daemon"])), (vec![], vec![]));
    // Nor does another daemon than the one whose dependency is out.
    let mut value = checked(quiet(1, "1h"));
    super::kit::two_daemons(&mut value, "p", "p");
    let told = run(&struck(
        checked(value),
        &[("1m", json!({ "dependencyOutage": { "daemon": "y", "lasts": "3m" } }))],
    ));
    assert_eq!(told.told(&["x (x:1)", "UNHEALTHY"]), [""; 0]);
    told.tells("0:02:00 daemon y (y:1) on p/0.0 UNHEALTHY");
}

#[test]
fn r237_an_outage_that_ends_before_the_third_probe_passes_unseen() {
    let unhealthy = |lasts: &str| {
        run(&struck(checked(quiet(1, "1h")), &[("61s", outage(lasts))])).told(&["UNHEALTHY"]).len()
    };
    // Probes fail at 90 and 120; the one at 150 is good if the outage has ended by then.
    assert_eq!((unhealthy("89s"), unhealthy("89001ms")), (0, 1));
    // Two outages with no good probe between them are one to the health check.
    let twice = |second: &str| {
        let entries = [("61s", outage("30s")), (second, outage("50s"))];
        run(&struck(checked(quiet(1, "1h")), &entries)).times("daemon agent (agent:1) on p/0.0 UNHEALTHY")
    };
    assert_eq!(twice("110s"), ["0:02:30"]);
    assert_eq!(twice("121s"), [""; 0]);
}

#[test]
fn r238_a_daemon_is_healthy_again_and_its_instance_ok_when_the_outage_ends_before_the_drain() {
    let told = run(&struck(checked(quiet(1, "1h")), &[("1m", outage("100s"))]));
    told.tells(
        "0:02:00 daemon agent (agent:1) on p/0.0 UNHEALTHY
        0:02:20 instance p/0.0 IMPAIRED
        0:03:00 daemon agent (agent:1) on p/0.0 HEALTHY
        0:03:00 instance p/0.0 OK",
    );
    assert_eq!(told.told(&["DRAINING"]), [""; 0]);
    // Good again before ECS has heard of it: the instance is never IMPAIRED.
    let mut value = checked(quiet(1, "1h"));
    value["controlPlane"]["healthPropagation"] = json!("1m");
    let told = run(&struck(value, &[("1m", outage("61s"))]));
    told.tells("0:02:30 daemon agent (agent:1) on p/0.0 HEALTHY");
    assert_eq!(told.told(&["IMPAIRED"]), [""; 0]);
}

#[test]
fn r239_only_the_repair_limit_keeps_an_outage_from_draining_the_fleet() {
    let storm = |limit: &str| {
        let mut value = serving(checked(quiet(10, "1h")), json!([service("web", 10)]));
        value["assumptions"] = json!({ "repairLimit": limit });
        run(&struck(value, &[("1m", outage("40m"))]))
    };
    let limited = storm("separate");
    let drains = |run: &Run| run.told(&["DRAINING (repair)"]).len();
    assert_eq!(limited.told(&["IMPAIRED"]).len(), 10);
    // Two drain, and wait for replacements whose own health checks fail.
    assert_eq!(drains(&limited), 2, "{}", limited.story());
    limited.tells_at("instance p/0.0 DRAINING (repair)", &["0:03:29"]);
    // When the outage ends the other eight are OK again.
    assert_eq!(limited.told(&["0:41:00", "OK"]).len(), 8);
    assert_eq!(drains(&storm("unlimited")), 10);
}

#[test]
fn r240_who_is_hit_belongs_to_the_lineage_and_a_replacement_fares_no_better() {
    let half_hit = json!({ "dependencyOutage": { "share": 0.5, "lasts": "40m" } });
    let told = run(&struck(checked(quiet(40, "1h")), &[("1m", half_hit)]));
    let first: Vec<String> = whose(&told, &["IMPAIRED"]);
    assert!((10..=30).contains(&first.len()), "{first:?}");
    let replaced = told.told(&[".1", "UNHEALTHY"]);
    assert_eq!(replaced.len(), first.len(), "each replacement fails once: {}", told.story());
    for instance in &first {
        let successor = instance.replace(".0", ".1");
        assert!(replaced.iter().any(|line| line.contains(&format!("on {successor} "))), "{successor}");
    }
}

#[test]
fn r241_unhealthy_before_the_first_healthy_is_a_launch_failure() {
    let told = run(&struck(checked(fixed(1)), &[("30s", outage("3h"))]));
    // RUNNING at 1:40; probes at 2:10, 2:40, 3:10.
    told.tells("0:03:10 daemon agent (agent:2) on p/0.1 UNHEALTHY\n0:03:10 instance p/0.1 DEREGISTERING (start failure)");
    assert_eq!(told.outcome.deployments[0].status, DeploymentStatus::RollbackFailed);
    assert_eq!(told.outcome.deployments[0].breaker_failures, 6);
    // In the start period failures do not count: the first that does is at 2:40.
    let mut patient = checked(fixed(1));
    patient["daemonTaskDefinitions"][1]["healthCheck"]["startPeriod"] = json!(60);
    let told = run(&struck(patient.clone(), &[("30s", outage("3h"))]));
    told.tells("0:03:40 daemon agent (agent:2) on p/0.1 UNHEALTHY");
    // A good probe in time, and nothing has happened.
    let told = run(&struck(patient, &[("30s", outage("189999ms"))]));
    told.tells("0:03:40 daemon agent (agent:2) on p/0.1 HEALTHY\n0:03:40 instance p/0.1 ACTIVE");
}

#[test]
fn r242_a_decision_to_repair_is_about_one_impairment() {
    let entries = [("1m", outage("100s")), ("181s", outage("30m"))];
    let told = run(&struck(checked(quiet(1, "1h")), &entries));
    told.tells_at("instance p/0.0 IMPAIRED", &["0:02:20", "0:04:50"]);
    // What was decided on the first, for 3:29, is void.
    told.tells_at("instance p/0.0 DRAINING (repair)", &["0:05:59"]);
}

#[test]
fn r243_a_daemon_that_hung_in_the_outage_stays_unhealthy_after_it() {
    let mut value = checked(quiet(1, "1h"));
    value["capacityProviders"][0]["autoRepairConfiguration"] = json!({ "actionsStatus": "DISABLED" });
    defective(&mut value, 0, "hangs", &json!({ "after": "70s" }));
    let told = run(&struck(value, &[("1m", outage("100s"))]));
    told.tells_at("daemon agent (agent:1) on p/0.0 UNHEALTHY", &["0:02:00"]);
    assert_eq!(told.told(&["HEALTHY"]).len(), 1, "{}", told.story());
    assert_eq!(told.told(&["OK"]), [""; 0]);
}

#[test]
fn r380_an_az_outage_loses_every_instance_of_the_zone_with_all_that_runs_there() {
    let value = serving(zones(quiet(4, "1h"), 2), json!([service("web", 4)]));
    let told = run(&struck(value, &[("1m", json!({ "azOutage": { "zone": 0, "lasts": "1s" } }))]));
    told.tells(
        "0:01:00 azOutage begins: zone 0
        0:01:00 instance p/0.0 DEREGISTERING (zone outage)
        0:01:00 instance p/2.0 DEREGISTERING (zone outage)
        0:01:35 instance p/0.1 ACTIVE
        0:01:35 instance p/2.1 ACTIVE",
    );
    assert_eq!(told.told(&["0:01:00", "task", "STOPPED"]).len(), 2);
    assert_eq!(told.told(&["instance p/1"]).len() + told.told(&["instance p/3"]).len(), 0);
    assert_eq!(told.outcome.fleet.app_tasks_restarted, 2);
    assert_eq!(told.outcome.fleet.instances_repaired, 0, "a loss is no repair");
}

#[test]
fn r381_launches_into_the_zone_fail_while_it_is_out_and_the_lineage_waits_for_it() {
    let value = zones(quiet(4, "1h"), 2);
    let told = run(&struck(value.clone(), &[("1m", json!({ "azOutage": { "zone": 0, "lasts": "10m" } }))]));
    // Asked for at 1:00, failed at 1:20, again at 1:50 …: the twelfth fails at 10:30, the next comes up.
    assert_eq!(told.at("launch of p/0.1 failed").len(), 12);
    told.tells(
        "0:01:20 launch of p/0.1 failed\n0:10:30 launch of p/0.1 failed\n0:11:35 instance p/0.1 ACTIVE",
    );
    assert_eq!(told.outcome.fleet.launch_failures, 24);
    // A launch that ends when the outage has ended succeeds.
    let told = run(&struck(value, &[("1m", json!({ "azOutage": { "zone": 0, "lasts": "20s" } }))]));
    told.tells("0:01:20 instance p/0.1 LAUNCHED");
}

#[test]
fn r382_a_zone_is_that_of_one_provider_or_of_all() {
    let outage = |fault: Value| {
        let mut value = zones(quiet(2, "10m"), 2);
        let mut other = provider("q", 2);
        other["availabilityZones"] = json!(2);
        value["capacityProviders"].as_array_mut().unwrap().push(other);
        whose(&run(&struck(value, &[("1m", json!({ "azOutage": fault }))])), &["zone outage"])
    };
    assert_eq!(outage(json!({ "zone": 1, "lasts": "1m" })), ["p/1.0", "q/1.0"]);
    assert_eq!(outage(json!({ "zone": 1, "capacityProvider": "q", "lasts": "1m" })), ["q/1.0"]);
}

#[test]
fn r383_without_capacity_a_launch_is_refused_and_asked_for_again_after_capacity_retry() {
    let short = json!({ "capacityShortage": { "lasts": "2m" } });
    let told = run(&struck(fixed(1), &[("1m", short)]));
    told.tells_at("launch of p/0.1 refused", &["0:01:05", "0:01:35", "0:02:05", "0:02:35"]);
    told.tells("0:01:05 launch of p/0.1 refused: insufficient capacity\n0:03:05 instance p/0.1 REQUESTED");
    assert_eq!(told.outcome.fleet.launch_failures, 0, "a refusal is no launch failure");
    assert_eq!(told.outcome.deployments[0].status, DeploymentStatus::Successful);
}

#[test]
fn r384_a_shortage_may_be_of_one_zone() {
    let mut value = zones(fixed(2), 2);
    value["timeline"] = json!([update("1m", "agent", "p", 100)]);
    let short = json!({ "capacityShortage": { "capacityProvider": "p", "zone": 1, "lasts": "2m" } });
    let told = run(&struck(value, &[("1m", short)]));
    told.tells(
        "0:01:05 instance p/0.1 REQUESTED\n0:01:05 launch of p/1.1 refused\n0:03:05 instance p/1.1 REQUESTED",
    );
}

#[test]
fn r385_a_daemon_whose_image_cannot_be_pulled_is_a_launch_failure_after_12_7_s() {
    let told = run(&struck(fixed(1), &[("1m", json!({ "registryOutage": { "lasts": "5m" } }))]));
    let failed = told.at("daemon agent (agent:2) on p/0.1 STOPPED before RUNNING");
    assert_eq!(failed, [ms(107_700)], "{}", told.story());
    // Three in a row trip the breaker of one host; those of the rollback make it fail too.
    assert_eq!(told.at("deployment 1 of agent STOP_REQUESTED"), [ms(107_700 + 2 * 42_700)]);
    assert_eq!(told.outcome.deployments[0].status, DeploymentStatus::RollbackFailed);
    assert_eq!(told.outcome.deployments[0].breaker_failures, 6);
    // One that began before the outage goes on.
    let told = run(&struck(fixed(1), &[("95001ms", json!({ "registryOutage": { "lasts": "5m" } }))]));
    told.tells("0:01:40 instance p/0.1 ACTIVE");
}

#[test]
fn r386_a_service_tries_again_and_an_instance_that_has_the_image_needs_no_registry() {
    let value = serving(zones(quiet(3, "10m"), 3), json!([service("a", 1), service("b", 1)]));
    let entries = [
        ("50s", json!({ "registryOutage": { "lasts": "2m" } })),
        ("1m", json!({ "azOutage": { "zone": 0, "lasts": "1s" } })),
    ];
    let told = run(&struck(value, &entries));
    // Host 2 has never run it: every 12.7 s from 1:00 on, until the pull begins after 2:50.
    assert_eq!(told.told(&["task a/0 STOPPED on p/2.0"]).len(), 9, "{}", told.story());
    assert_eq!(told.at("task a/0 RUNNING on p/2.0"), [ms(60_000 + 9 * 12_700 + 8_000)]);
    // With room on a host that runs such a task, the image is there.
    let value = serving(zones(quiet(2, "10m"), 2), json!([half("web", 2)]));
    let told = run(&struck(value, &entries));
    told.tells_at("task web/0 RUNNING on p/1.0", &["0:01:08"]);
}

#[test]
fn r389_instances_fail_as_many_as_said_at_once_or_spread_over_a_time() {
    let lost = |members: Value| {
        let mut fault = json!({ "instanceFailure": { "count": 3 } });
        for (key, value) in members.as_object().unwrap() {
            fault["instanceFailure"][key] = value.clone();
        }
        let told = run(&struck(quiet(8, "1h"), &[("1m", fault)]));
        let mut hit: Vec<(String, SimTime)> = Vec::new();
        for instance in whose(&told, &["host failure"]) {
            let at = told.at(&format!("instance {instance} DEREGISTERING"))[0];
            hit.push((instance, at));
        }
        hit.sort();
        hit
    };
    let (at_once, spread) = (lost(json!({})), lost(json!({ "lasts": "10m" })));
    assert_eq!(at_once.len(), 3);
    assert!(at_once.iter().all(|(_, at)| *at == ms(60_000)), "{at_once:?}");
    let names = |hit: &[(String, SimTime)]| hit.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&at_once), names(&spread), "who is hit does not hang on when");
    assert!(spread.iter().all(|(_, at)| (ms(60_000)..ms(660_000)).contains(at)), "{spread:?}");
    assert!(spread[0].1 != spread[1].1 && spread[1].1 != spread[2].1);
    assert_eq!(lost(json!({ "count": 100 })).len(), 8, "no more than there are");
}

#[test]
fn r395_an_instance_drains_at_its_age_limit_and_its_tasks_start_elsewhere_before_they_stop() {
    let mut value = serving(quiet(1, "3h"), json!([service("web", 1)]));
    value["capacityProviders"][0]["lifetime"] = json!({ "drainAfter": "2h", "forceAfter": "3h" });
    let told = run(&value);
    let drained = told.at("instance p/0.0 DRAINING")[0];
    let after = |what: &str| told.at(what)[0].since(drained).as_secs();
    // Replacement asked for at once: ACTIVE +35 s, task RUNNING +43 s, healthy +83 s, the old one told to stop.
    assert_eq!(after("instance p/0.1 ACTIVE"), 35.0);
    assert_eq!(after("task web/0 STOPPING on p/0.0"), 83.0);
    assert_eq!(after("instance p/0.0 DEREGISTERING"), 95.0);
    told.told(&["p/0.0 DRAINING (lifetime)"]).first().expect("the reason is told");
    assert_eq!(told.outcome.fleet.services[0].min_running_pct, Some(100.0));
}

#[test]
fn r396_what_still_runs_at_the_second_age_limit_is_lost() {
    let mut stuck = service("web", 1);
    stuck["maximumPercent"] = json!(100);
    let mut value = serving(quiet(1, "4h"), json!([stuck]));
    value["capacityProviders"][0]["lifetime"] = json!({ "drainAfter": "1h", "forceAfter": "2h" });
    let told = run(&value);
    let drained = told.at("instance p/0.0 DRAINING")[0];
    let forced = told.at("instance p/0.0 DEREGISTERING")[0];
    assert_eq!(forced.since(drained).as_hours(), 1.0);
    assert_eq!(told.at("task web/0 STOPPED on p/0.0"), [forced]);
    assert_eq!(told.outcome.fleet.services[0].min_running_pct, Some(0.0));
}

#[test]
fn r397_a_fleet_of_long_standing_loses_a_fourteenth_a_day_to_its_age_limit() {
    let mut value = quiet(280, "14d");
    value["capacityProviders"][0]["lifetime"] = json!({});
    value["simulation"]["sampleEvery"] = json!("1h");
    let told = run(&value);
    let drains: Vec<f64> = told
        .lines()
        .filter(|(_, line)| line.ends_with("DRAINING (lifetime)"))
        .map(|(at, _)| at.since(SimTime::ZERO).as_hours() / 24.0)
        .collect();
    // Ages are uniform up to 14 days, so each instance drains once: 20 a day, 7.1 %.
    assert_eq!(drains.len(), 280);
    for day in 0..14 {
        let count = drains.iter().filter(|at| **at as i32 == day).count();
        // Binomial with n = 280, p = 1/14: standard deviation 4.3.
        assert!((3..=37).contains(&count), "{count} on day {day}");
    }
}

#[test]
fn r394_an_instance_renewed_by_its_age_during_a_rollout_has_the_new_revision_and_stays() {
    let mut value = zones(fixed(2), 2);
    value["simulation"]["horizon"] = json!("4h");
    value["capacityProviders"][0]["lifetime"] = json!({ "drainAfter": "2h", "forceAfter": "3h" });
    value["timeline"] = json!([update("1m", "agent", "p", 50)]);
    // The first batch cannot come back for two hours; in that time host 1 reaches its limit.
    let short = json!({ "capacityShortage": { "zone": 0, "lasts": "2h" } });
    let told = run(&struck(value, &[("1m", short)]));
    let renewed = told.told(&["p/1.0 DRAINING (lifetime)"]);
    assert_eq!(renewed.len(), 1, "{}", told.story());
    assert_eq!(told.told(&["agent (agent:2) on p/1.1 RUNNING"]).len(), 1);
    assert_eq!(told.told(&["p/1.", "DRAINING (deployment)"]), [""; 0]);
    assert_eq!(told.outcome.deployments[0].status, DeploymentStatus::Successful);
}

#[test]
fn r398_at_its_quota_a_replacement_comes_up_when_another_instance_is_gone() {
    // Two boxes of four vCPUs and a quota of eight, as in the published case; 408 s to be gone.
    let mut value = fixed(2);
    value["capacityProviders"][0]["cpu"] = json!(4096);
    value["capacityProviders"][0]["termination"] = json!("408s");
    value["quotas"] = json!({ "vCpu": 8 });
    value["timeline"] = json!([update("1m", "agent", "p", 50)]);
    let told = run(&value);
    told.tells("0:01:05 launch of p/0.1 refused: vCPU quota\n0:07:55 instance p/0.0 GONE\n0:08:05 instance p/0.1 REQUESTED");
    // Every half minute from 1:05 to 7:35 for the first host.
    assert_eq!(told.at("launch of p/0.1 refused").len(), 14);
    assert_eq!(told.outcome.fleet.peak_vcpu, 8);
    assert_eq!(told.outcome.deployments[0].status, DeploymentStatus::Successful);
}

#[test]
fn r399_no_entry_of_the_timeline_moves_the_draws_of_another() {
    let failure = json!({ "instanceFailure": { "count": 3 } });
    let hit = |entries: &[(&str, Value)]| whose(&run(&struck(quiet(20, "10m"), entries)), &["host failure"]);
    let alone = hit(&[("2m", failure.clone())]);
    let away = json!({ "agentDisconnection": { "share": 0.5, "lasts": "1m" } });
    let quiet_failure = json!({ "instanceFailure": { "count": 1, "lasts": "1s" } });
    assert_eq!(hit(&[("1m", away), ("2m", failure.clone())]), alone);
    let mut both = hit(&[("1m", quiet_failure), ("2m", failure)]);
    both.retain(|instance| alone.contains(instance));
    assert!(both.len() >= 2, "{both:?} of {alone:?}: at most one of them had gone before");
}

#[test]
fn a_run_of_faults_without_a_deployment_lasts_until_the_horizon() {
    let told = run(&struck(quiet(2, "30m"), &[("1m", json!({ "registryOutage": { "lasts": "1h" } }))]));
    assert_eq!((told.outcome.stop, told.outcome.ended_at), (StopReason::Complete, ms(1_800_000)));
    // With one, it goes on until the last entry has been issued.
    let told = run(&struck(fixed(1), &[("30m", json!({ "instanceFailure": { "count": 1 } }))]));
    assert_eq!((told.outcome.stop, told.outcome.ended_at), (StopReason::Complete, ms(1_860_000)));
}
