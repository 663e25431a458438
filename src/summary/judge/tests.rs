//! Verdicts on made-up outcomes, against numbers worked out elsewhere.

use super::super::baseline::BaselineColumn;
use super::super::columns::Column;
use super::super::packed::Values;
use super::super::runs::Series;
use super::super::tests::{deployment, outcome};
use super::*;
use crate::engine::time::SimTime;
use crate::outcome::{DeploymentStatus, Outcome, StopReason};
use crate::scenario::metric::METRICS_EDITION;
use crate::scenario::{NoFiles, load};

/// A scenario with one deployment and these checks.
fn scenario(checks: &[&str]) -> Scenario {
    let text = format!(
        "schema: bakeoff.scenario.v1
name: judged
capacityProviders: [{{ name: general, instances: 3, instanceType: m7i.xlarge }}]
services: [{{ name: web, desiredCount: 3, cpu: 256, memory: 256 }}]
daemonTaskDefinitions:
  - {{ family: agent, revision: 1, cpu: 128, memory: 256, healthCheck: {{}} }}
  - {{ family: agent, revision: 2, cpu: 128, memory: 256, healthCheck: {{}} }}
daemons: [{{ daemonName: agent, daemonTaskDefinitionArn: 'agent:1', capacityProviderArns: [general] }}]
timeline:
  - at: 10m
    updateDaemon:
      {{ daemonArn: agent, daemonTaskDefinitionArn: 'agent:2', capacityProviderArns: [general], critical: true }}
checks:
  - {}
",
        checks.join("\n  - ")
    );
    match load("judged.yaml", &text, &NoFiles, &[]) {
        Ok(loaded) => loaded.scenario,
        Err(problems) => panic!("{problems:?}"),
    }
}

/// Outcomes from `first` on, their extra instance-hours as given.
fn hours(first: u64, values: &[f64]) -> Vec<Outcome> {
    let run = |(index, x): (usize, &f64)| {
        let mut run = outcome(first + index as u64);
        run.fleet.extra_instance_hours = *x;
        run
    };
    values.iter().enumerate().map(run).collect()
}

fn judged(checks: &[&str], outcomes: &[Outcome], reference: Reference<'_>) -> Vec<Judged> {
    let scenario = scenario(checks);
    let runs = Runs::of(&scenario, Series::Dropped, outcomes);
    judge(&Case { scenario: &scenario, runs: &runs, reference })
}

fn alone(check: &str, outcomes: &[Outcome]) -> Judged {
    judged(&[check], outcomes, Reference::None("no baseline here")).remove(0)
}

/// Law, Simulation Modeling and Analysis, example 4.27.
const LAW: [f64; 10] = [1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09];

fn close(a: Option<f64>, b: f64) -> bool {
    a.is_some_and(|a| (a - b).abs() < 1e-5)
}

#[test]
fn a_mean_is_tested_by_students_t_on_either_side() {
    let outcomes = hours(0, &LAW);
    // The lower tail of t with 9 degrees of freedom at -1.98568, by numerical integration.
    let pass = alone("mean(extra_instance_hours) <= 1.6", &outcomes);
    assert!(close(pass.p_pass, 0.039_170), "{:?}", pass.p_pass);
    assert!(close(pass.p_fail, 1.0 - 0.039_170));
    assert_eq!((pass.verdict, pass.n, pass.of), (Verdict::Pass, 10, 10));
    // 1.343 ± t(0.95, 9) · s / √10: the book's two-sided interval at 90 %.
    assert!(close(pass.low, 1.343 - 0.237_25) && close(pass.high, 1.343 + 0.237_25), "{pass:?}");
    assert_eq!(alone("mean(extra_instance_hours) <= 1.1", &outcomes).verdict, Verdict::Fail);
    assert_eq!(alone("mean(extra_instance_hours) <= 1.5", &outcomes).verdict, Verdict::Inconclusive);
    assert_eq!(alone("mean(extra_instance_hours) <= 1.6 @ 99%", &outcomes).verdict, Verdict::Inconclusive);
    assert_eq!(alone("mean(extra_instance_hours) != 2", &outcomes).verdict, Verdict::Pass);
    assert_eq!(alone("mean(extra_instance_hours) = 2", &outcomes).verdict, Verdict::Fail);
    let equal = alone("mean(extra_instance_hours) = 1.343", &outcomes);
    assert_eq!(equal.verdict, Verdict::Inconclusive);
    assert!(equal.reason.contains("never that it is exactly so"), "{}", equal.reason);
}

#[test]
fn holm_runs_over_passes_and_over_fails_each_by_themselves() {
    let outcomes = hours(0, &LAW);
    let checks =
        ["mean(extra_instance_hours) <= 1.6", "mean(extra_instance_hours) <= 1.7", "mean(events) <= 5"];
    let all = judged(&checks, &outcomes, Reference::None(""));
    // The three raw p-values of a pass are 0.0391, 0.0111 and 1; those of a fail 0.9608, 0.9889 and 0.
    let p = |check: &str| alone(check, &outcomes).p_pass.expect("it was tested");
    let (first, second) = (p(checks[0]), p(checks[1]));
    assert!(close(all[1].p_pass, 3.0 * second) && close(all[0].p_pass, 2.0 * first), "{all:?}");
    assert_eq!(all[1].verdict, Verdict::Pass);
    assert_eq!(all[0].verdict, Verdict::Inconclusive);
    assert!(
        all[0].reason.contains("a pass is shown alone but not beside 2 other checks"),
        "{}",
        all[0].reason
    );
    assert_eq!((all[2].verdict, all[2].p_fail), (Verdict::Fail, Some(0.0)));
}

#[test]
fn a_quantile_is_tested_by_counting() {
    let values: Vec<f64> = (1..=59).map(f64::from).collect();
    let outcomes = hours(0, &values);
    // Wilks: with 59 below the bound, 0.95 to the 59th is 0.0485.
    let p95 = alone("p95(extra_instance_hours) <= 59", &outcomes);
    assert_eq!(p95.verdict, Verdict::Pass);
    assert!(close(p95.p_pass, 0.048_492), "{:?}", p95.p_pass);
    assert_eq!((p95.observed, p95.high), (Some(57.0), Some(59.0)));
    let fewer = alone("p95(extra_instance_hours) <= 59", &outcomes[..58]);
    assert_eq!((fewer.verdict, fewer.high), (Verdict::Inconclusive, None));
    assert!(fewer.reason.contains("takes 59 seeds"), "{}", fewer.reason);
    assert_eq!(alone("p50(extra_instance_hours) <= 20", &outcomes).verdict, Verdict::Fail);
}

/// Runs whose deployment lasted so many minutes; 0 stands for one that the horizon cut.
fn rollouts(minutes: &[u64]) -> Vec<Outcome> {
    let run = |(seed, min): (usize, &u64)| {
        let mut run = outcome(seed as u64);
        let mut d =
            deployment(if *min == 0 { DeploymentStatus::InProgress } else { DeploymentStatus::Successful });
        d.finished_at = (*min > 0).then(|| SimTime::from_ms(600_000 + min * 60_000));
        run.deployments = vec![d];
        run.stop = if *min == 0 { StopReason::Horizon } else { StopReason::Complete };
        run
    };
    minutes.iter().enumerate().map(run).collect()
}

#[test]
fn a_cut_run_is_longer_than_any_bound_and_has_no_mean() {
    let mut minutes = vec![30; 95];
    minutes.extend([0; 5]);
    let outcomes = rollouts(&minutes);
    assert_eq!(alone("p95(rollout_duration_min) <= 100", &outcomes).observed, Some(30.0));
    let p96 = alone("p96(rollout_duration_min) <= 100", &outcomes);
    assert_eq!((p96.verdict, p96.observed), (Verdict::Fail, Some(f64::INFINITY)));
    assert_eq!(p96.breaking, [95, 96, 97, 98, 99]);
    let mean = alone("mean(rollout_duration_min) <= 100", &outcomes);
    assert_eq!(mean.verdict, Verdict::Fail);
    assert!(mean.reason.contains("5 runs were cut"), "{}", mean.reason);
    let long = alone("P(rollout_duration_min > 100) >= 0.5", &outcomes);
    assert_eq!((long.observed, long.n), (Some(0.05), 100));
    assert_eq!(alone("P(rollout_duration_min < 100) >= 0.5", &outcomes).observed, Some(0.95));
    let open = alone("all deployments end", &outcomes);
    assert_eq!((open.verdict, open.breaking.len()), (Verdict::Fail, 5));
}

#[test]
fn seeds_that_break_a_check_come_worst_first() {
    let outcomes = hours(7, &[1.0, 9.0, 2.0, 30.0, 1.0]);
    assert_eq!(alone("max(extra_instance_hours) <= 2", &outcomes).breaking, [10, 8]);
    assert_eq!(alone("min(extra_instance_hours) >= 2", &outcomes).breaking, [7, 11]);
    assert!(alone("max(extra_instance_hours) <= 30", &outcomes).breaking.is_empty());
}

#[test]
fn what_every_seed_agrees_on_is_said_to_have_no_width() {
    let constant = alone("mean(extra_instance_hours) <= 2", &hours(0, &[2.0; 59]));
    assert_eq!(constant.verdict, Verdict::Pass);
    assert!(close(constant.p_pass, 0.048_492), "{:?}", constant.p_pass);
    assert!(constant.reason.contains("no width"), "{}", constant.reason);
    let few = alone("mean(extra_instance_hours) <= 2", &hours(0, &[2.0; 58]));
    assert_eq!(few.verdict, Verdict::Inconclusive);
    assert!(few.reason.contains("59 seeds that all agree"), "{}", few.reason);
    assert_eq!(alone("mean(extra_instance_hours) < 2", &hours(0, &[2.0; 5])).verdict, Verdict::Fail);
}

/// What these outcomes came to, as a baseline.
fn taken(outcomes: &[Outcome]) -> Baseline {
    let runs = Runs::of(&scenario(&["all deployments end"]), Series::Dropped, outcomes);
    let column = |(column, values): (&Column, &Values)| BaselineColumn {
        name: column.name.clone(),
        values: values.clone(),
    };
    Baseline {
        name: "judged".to_owned(),
        version: "0.0.1".to_owned(),
        random_scheme: "dice".to_owned(),
        metrics_edition: METRICS_EDITION,
        master_seed: 1,
        scenario_digest: "d".to_owned(),
        seeds: runs.seeds(),
        digests: runs.digests().clone(),
        columns: runs.table().map(column).collect(),
    }
}

fn beside(check: &str, now: &[Outcome], then: &[Outcome]) -> Judged {
    let baseline = taken(then);
    let ends = |seeds: &[Outcome]| (seeds[0].seed, seeds[0].seed + seeds.len() as u64);
    let ((a, b), (c, d)) = (ends(now), ends(then));
    let shared = a.max(c)..b.min(d);
    judged(&[check], now, Reference::Baseline { baseline: &baseline, shared: &shared }).remove(0)
}

#[test]
fn seeds_pair_by_their_number_whatever_the_ranges() {
    let then: Vec<f64> = (5..105).map(|seed| f64::from(seed * seed)).collect();
    let now: Vec<f64> = (0..100).map(|seed| f64::from(seed * seed) + 1.0).collect();
    let one = beside("delta(mean(extra_instance_hours)) <= 1", &hours(0, &now), &hours(5, &then));
    assert_eq!(
        (one.verdict, one.observed, one.low, one.high),
        (Verdict::Pass, Some(1.0), Some(1.0), Some(1.0))
    );
    assert_eq!((one.n, one.of), (95, 95));
    let less = beside("delta(mean(extra_instance_hours)) < 1", &hours(0, &now), &hours(5, &then));
    assert_eq!(less.verdict, Verdict::Fail);
    assert_eq!(less.breaking.len(), 95, "only seeds that both have can break it");
}

#[test]
fn laws_inventory_policies_are_told_apart_by_their_pairs() {
    let a = [126.97, 124.31, 126.68, 122.66, 127.23];
    let b = [118.21, 120.22, 122.45, 122.68, 119.40];
    let (a, b) = (a.repeat(4), b.repeat(4));
    let delta = beside("delta(mean(extra_instance_hours)) >= 1", &hours(0, &a), &hours(0, &b));
    // The book's five differences four times over: 4.978 ± t(0.95, 19) · 0.71647.
    assert!(
        (delta.low.expect("a bound") - 3.739_1).abs() < 5e-4
            && (delta.high.expect("a bound") - 6.216_9).abs() < 5e-4
    );
    assert_eq!(delta.verdict, Verdict::Pass);
    let relative = beside("delta(mean(extra_instance_hours)) <= +10%", &hours(0, &a), &hours(0, &b));
    assert_eq!(relative.verdict, Verdict::Pass);
    assert!(relative.observed.is_some_and(|x| (x - 100.0 * 4.978 / 120.592).abs() < 1e-9), "{relative:?}");
}

#[test]
fn a_baseline_of_nought_allows_no_percentage_of_itself() {
    let then = hours(0, &[0.0; 60]);
    let mut now = hours(0, &[0.0; 60]);
    now[0].digest = 99;
    let same = beside("delta(mean(extra_instance_hours)) <= +50%", &now, &then);
    assert_eq!((same.verdict, same.observed), (Verdict::Pass, None));
    let more = beside("delta(mean(extra_instance_hours)) <= +50%", &hours(0, &[0.5; 60]), &then);
    assert_eq!(more.verdict, Verdict::Fail);
    assert!(more.reason.contains("the difference is 0.5"), "{}", more.reason);
}

#[test]
fn what_is_identical_needs_no_test_and_what_differs_in_a_digest_is_not_identical() {
    let then = hours(0, &LAW.repeat(6));
    let same = beside("delta(mean(extra_instance_hours)) <= 0", &then, &then);
    assert_eq!((same.verdict, same.p_pass, same.observed), (Verdict::Pass, None, Some(0.0)));
    let mut other = then.clone();
    other[3].digest = 1_000;
    let tested = beside("delta(mean(extra_instance_hours)) <= 0", &other, &then);
    assert_eq!(tested.verdict, Verdict::Pass);
    assert!(tested.p_pass.is_some_and(|p| p > 0.0 && p < 0.05), "{:?}", tested.p_pass);
}

#[test]
fn a_run_cut_today_fails_and_one_cut_in_the_baseline_is_no_baseline() {
    let whole = rollouts(&[30; 80]);
    let mut minutes = vec![30; 75];
    minutes.extend([0; 5]);
    let cut = rollouts(&minutes);
    for check in ["delta(mean(rollout_duration_min)) <= 5", "delta(max(rollout_duration_min)) <= 5"] {
        assert_eq!(beside(check, &cut, &whole).verdict, Verdict::Fail, "{check}");
        assert_eq!(beside(check, &whole, &cut).verdict, Verdict::NoBaseline, "{check}");
        assert_eq!(beside(check, &cut, &cut).verdict, Verdict::Fail, "{check}, and identical");
    }
    let tail = "delta(p99(rollout_duration_min)) <= 5";
    assert_eq!(beside(tail, &cut, &cut).verdict, Verdict::Inconclusive, "80 pairs are too few for a p99");
}

#[test]
fn a_few_pairs_that_agree_are_no_evidence() {
    let mut now = rollouts(&[30; 40]);
    for run in &mut now[2..] {
        run.deployments[0].status = DeploymentStatus::RollbackSuccessful;
        run.digest += 100;
    }
    let few = beside("delta(mean(rollout_duration_min)) <= +5%", &now, &rollouts(&[30; 40]));
    assert_eq!((few.verdict, few.n), (Verdict::Inconclusive, 2));
    assert!(few.reason.contains("it takes 20"), "{}", few.reason);
}

#[test]
fn a_metric_that_the_baseline_lacks_is_no_verdict() {
    let then = hours(0, &[1.0; 30]);
    let mut baseline = taken(&then);
    baseline.columns.retain(|c| c.name != "extra_instance_hours");
    let reference = Reference::Baseline { baseline: &baseline, shared: &(0..30) };
    let all = judged(&["delta(mean(extra_instance_hours)) <= 1"], &then, reference);
    assert_eq!(all[0].verdict, Verdict::NoBaseline);
    assert!(all[0].reason.contains("'extra_instance_hours'"), "{}", all[0].reason);
}

#[test]
fn rolled_back_more_often_is_shown_by_the_seeds_that_part() {
    let runs = |rolled: &[bool]| -> Vec<Outcome> {
        let run = |(seed, rolled): (usize, &bool)| {
            let mut run = outcome(seed as u64);
            let mut d = deployment(DeploymentStatus::Successful);
            d.rollback_started_at = rolled.then(|| SimTime::from_ms(700_000));
            run.deployments = vec![d];
            run.digest = 5_000 + seed as u64 + u64::from(*rolled);
            run
        };
        rolled.iter().enumerate().map(run).collect()
    };
    let then = runs(&[false; 40]);
    let six: Vec<bool> = (0..40).map(|seed| seed < 6).collect();
    let worse = beside("delta(P(rolled_back)) <= 0", &runs(&six), &then);
    // Six seeds part, all one way: one half to the sixth.
    assert!(worse.verdict == Verdict::Fail && close(worse.p_fail, 1.0 / 64.0));
    assert_eq!(worse.breaking, [0, 1, 2, 3, 4, 5]);
    let none = runs(&[false; 40]).into_iter().map(|mut run| {
        run.digest += 100;
        run
    });
    let none: Vec<Outcome> = none.collect();
    let nought = beside("delta(P(rolled_back)) <= 0", &none, &then);
    assert_eq!(nought.verdict, Verdict::Inconclusive);
    assert!(nought.reason.contains("leave some room"), "{}", nought.reason);
    assert_eq!(beside("delta(P(rolled_back)) <= 0.1", &none, &then).verdict, Verdict::Pass);
}
