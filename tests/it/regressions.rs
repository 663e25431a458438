//! Fixtures from real bugs of other projects (scenarios/regressions): what broke there holds here.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use bakeoff::fleet::{Workspace, narrate};
use bakeoff::outcome::{DeploymentStatus, Outcome, StopReason};
use bakeoff::scenario::{NoFiles, load};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/regressions")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name).with_extension("yaml")).expect("a fixture")
}

/// Seed 0 of a fixture with its story, `h:mm:ss what`.
fn told(name: &str) -> (Outcome, Vec<String>) {
    let scenario = load(name, &text(name), &NoFiles, &[]).expect("a fixture is valid").scenario;
    let (outcome, story) = narrate(&scenario, 0, &mut Workspace::new());
    (outcome, story.iter().map(|entry| format!("{} {}", entry.at, entry.change)).collect())
}

/// The revisions that the instances were given after the last line that contains `mark`.
fn given_after(story: &[String], mark: &str) -> Vec<String> {
    let from = story.iter().rposition(|line| line.contains(mark)).expect("it is told");
    let given =
        story[from..].iter().filter(|line| line.contains("daemon agent (") && line.ends_with(" PENDING"));
    given.map(|line| line.split(['(', ')']).nth(1).expect("a revision").to_owned()).collect()
}

fn statuses(outcome: &Outcome) -> Vec<DeploymentStatus> {
    outcome.deployments.iter().map(|deployment| deployment.status).collect()
}

/// The exit code of `check` and what it printed.
fn check(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bakeoff"));
    let run = command.arg("check").args(arguments).arg("--no-progress").output().expect("it can be started");
    (run.status.code(), String::from_utf8_lossy(&run.stdout).into_owned())
}

#[test]
fn every_check_of_the_fixtures_passes() {
    let (code, printed) = check(&[folder().to_str().expect("a path in UTF-8")]);
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn every_fixture_names_the_bug_it_comes_from() {
    let mut fixtures = 0;
    for entry in fs::read_dir(folder()).expect("the fixtures") {
        let path = entry.expect("an entry can be read").path();
        let text = fs::read_to_string(&path).expect("a fixture");
        let comment: String = text.lines().map_while(|line| line.strip_prefix('#')).collect();
        let names_one = comment.contains("The bug: ") && comment.contains(" #");
        assert!(names_one && comment.contains("https://github.com/"), "{}", path.display());
        fixtures += 1;
    }
    assert_eq!(fixtures, 9);
}

#[test]
fn a_failed_deployment_poisons_none_of_the_later_ones() {
    use DeploymentStatus::{RollbackSuccessful, Successful};
    let (outcome, story) = told("failed-deployment-poisons-none");
    assert_eq!(statuses(&outcome), [RollbackSuccessful, Successful, RollbackSuccessful]);
    // What succeeded in between is what the third goes back to.
    let last = given_after(&story, "deployment 3 of agent ROLLBACK_IN_PROGRESS");
    assert!(!last.is_empty() && last.iter().all(|revision| revision == "agent:3"), "{last:?}");
}

#[test]
fn a_rollback_never_goes_to_the_revision_that_was_turned_back() {
    let (outcome, story) = told("rollback-avoids-the-bad-revision");
    assert_eq!(statuses(&outcome), [DeploymentStatus::RollbackSuccessful; 2]);
    for deployment in 1..=2 {
        let given = given_after(&story, &format!("deployment {deployment} of agent ROLLBACK_IN_PROGRESS"));
        assert_eq!(given[..4], ["agent:1"; 4], "{given:?}");
    }
}

#[test]
fn an_alarm_that_was_red_before_stops_nothing_and_later_it_does() {
    let (outcome, story) = told("alarm-red-before-the-start");
    assert_eq!(statuses(&outcome), [DeploymentStatus::Successful, DeploymentStatus::RollbackSuccessful]);
    assert!(story.iter().any(|line| line == "0:06:00 alarm errors ALARM"), "it flickers while it is ignored");
}

#[test]
fn a_drain_that_cannot_end_is_forced_at_its_deadline() {
    let (outcome, _) = told("drain-stuck-to-its-deadline");
    let deployment = &outcome.deployments[0];
    assert_eq!(deployment.status, DeploymentStatus::Successful);
    assert_eq!(
        deployment.drain_wait_max.map(bakeoff::engine::time::SimDuration::as_ms),
        Some(7 * 86_400_000)
    );
}

#[test]
fn two_updates_in_the_ready_window_take_out_no_more_than_one_batch() {
    let (outcome, story) = told("two-updates-in-the-ready-window");
    assert_eq!(statuses(&outcome), [DeploymentStatus::Stopped, DeploymentStatus::Successful]);
    assert_eq!((outcome.fleet.peak_instances, outcome.fleet.instances_replaced), (12, 10));
    assert_eq!(outcome.fleet.services[0].min_running_pct, Some(100.0));
    assert!(!story.iter().any(|line| line.contains("(agent:2)")), "nobody gets what was superseded");
}

#[test]
fn an_unhealthy_host_holds_no_slot_of_a_batch() {
    let (outcome, story) = told("unhealthy-host-holds-no-slot");
    assert!(story.iter().any(|line| line.ends_with("IMPAIRED")), "this seed has one");
    assert_eq!(
        (outcome.deployments[0].status, outcome.fleet.instances_replaced),
        (DeploymentStatus::Successful, 10)
    );
}

#[test]
fn a_low_traffic_alarm_turns_sound_rollouts_back_and_more_traffic_mends_it() {
    let path = folder().join("low-traffic-alarm-aborts-a-good-rollout.yaml");
    let path = path.to_str().expect("a path in UTF-8");
    // With 1,000 times the requests one in a hundred never looks like one in ten.
    let busy = "services.web.traffic.requestsPerSecond=66.7";
    let (code, printed) = check(&[path, "--set", busy, "--set", "checks=[P(false_rollback) <= 0.05]"]);
    assert_eq!(code, Some(0), "{printed}");
    let (code, _) = check(&[path, "--set", busy]);
    assert_eq!(code, Some(3), "the fixture asks for the noise");
}

#[test]
fn availability_says_what_a_drain_takes_away() {
    let (outcome, _) = told("a-metric-that-can-move");
    let services = &outcome.fleet.services;
    assert_eq!((services[0].min_running_pct, services[1].min_running_pct), (Some(0.0), Some(100.0)));
    // Four tasks from 10:05 to 10:53.
    assert_eq!((services[0].task_min_lost, services[1].task_min_lost), (3.2, 0.0));
}

#[test]
fn a_run_cut_short_says_so() {
    let (outcome, story) = told("a-run-cut-short-says-so");
    assert_eq!(
        (outcome.stop, outcome.deployments[0].status),
        (StopReason::Horizon, DeploymentStatus::InProgress)
    );
    assert_eq!(story.last().map(String::as_str), Some("6:00:00 run ended: horizon"));
    let path = folder().join("a-run-cut-short-says-so.yaml");
    let path = path.to_str().expect("a path in UTF-8");
    let (code, printed) = check(&[path, "--set", "checks=[all deployments end]"]);
    assert_eq!(code, Some(3), "{printed}");
    let (code, _) = check(&[path, "--set", "checks=[p50(rollout_duration_min) <= 360]"]);
    assert_ne!(code, Some(0), "a censored duration passes no gate");
}
