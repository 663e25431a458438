//! From outcomes to the tables that people and scripts read, on outcomes made by hand.

use bakeoff::engine::time::{SimDuration, SimTime};
use bakeoff::outcome::{
    DeploymentOutcome, DeploymentStatus, FleetOutcome, MonitorStatus, Outcome, Sample, ServiceOutcome,
    StopReason,
};
use bakeoff::report::table::{self, Facts};
use bakeoff::report::{csv, json};
use bakeoff::scenario::metric::{Metric, MetricRef};
use bakeoff::scenario::{NoFiles, Scenario, load};
use bakeoff::stats::Quantile;
use bakeoff::summary::{ArmSummary, Claims, Runs, Series, sample};
use insta::assert_snapshot;
use serde_json::Value;

const EXAMPLE: &str = include_str!("../../scenarios/agent-upgrade.yaml");

fn scenario() -> Scenario {
    load("agent-upgrade.yaml", EXAMPLE, &NoFiles, &[]).expect("the example is valid").scenario
}

/// Every tenth seed has a defect and rolls back, every twenty-fifth is cut by the horizon.
fn outcome(seed: u64) -> Outcome {
    let minutes = |min: f64| SimTime::from_ms((min * 60_000.0) as u64);
    let defective = seed % 10 == 3;
    let cut = seed % 25 == 4;
    let spread = ((seed * 37) % 100) as f64;
    let created_at = minutes(10.0);
    let triggered_at = defective.then(|| minutes(40.0 + spread / 10.0));
    let (status, finished_at) = match (cut, defective) {
        (true, _) => (DeploymentStatus::InProgress, None),
        (_, true) => (DeploymentStatus::RollbackSuccessful, Some(minutes(90.0))),
        (_, false) => (DeploymentStatus::Successful, Some(minutes(100.0 + spread / 3.0))),
    };
    Outcome {
        seed,
        stop: if cut { StopReason::Horizon } else { StopReason::Complete },
        ended_at: minutes(180.0),
        events: 5_000 + seed,
        digest: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        deployments: vec![DeploymentOutcome {
            daemon: 0,
            status,
            status_reason: String::new(),
            created_at,
            started_at: Some(created_at),
            stopped_at: triggered_at,
            finished_at,
            rollback_started_at: triggered_at,
            harm_at: defective.then(|| minutes(30.0)),
            triggered_at,
            defective,
            hosts_in_scope: 120,
            hosts_exposed: if defective { 12 + seed as u32 % 24 } else { 0 },
            breaker_failures: u32::from(defective) * 3,
            breaker_threshold: 3,
            breaker: MonitorStatus::MonitoringComplete,
            alarms: MonitorStatus::Disabled,
            alarms_triggered: Vec::new(),
            drain_wait_max: Some(SimDuration::from_secs(60 + seed % 40)),
        }],
        fleet: FleetOutcome {
            services: vec![ServiceOutcome {
                min_running_pct: Some(100.0 - spread / 40.0),
                task_min_lost: spread / 7.0,
                failed_requests: Some(spread * 12_345.0),
            }],
            bad_instance: SimDuration::ZERO,
            instances_at_start: 120,
            peak_instances: 132 + seed as u32 % 3,
            peak_vcpu: 1_056,
            extra_instance_hours: 3.0 + spread / 100.0,
            extra_cost_usd: None,
            instances_replaced: 120,
            instances_repaired: 0,
            app_tasks_restarted: 480,
            daemon_gap: SimDuration::ZERO,
            launch_failures: seed as u32 % 2,
        },
        series: vec![Sample { old_revision: 120, ..Sample::default() }; 1 + seed as usize % 3],
    }
}

fn outcomes(n: u64) -> Vec<Outcome> {
    (0..n).map(outcome).collect()
}

fn of(outcomes: &[Outcome]) -> Runs {
    Runs::of(&scenario(), Series::Kept, outcomes)
}

fn facts(n: u64) -> Facts {
    Facts {
        deployments: vec!["update cloudwatch-agent to cloudwatch-agent:8, at 0:10:00".to_owned()],
        seeds: format!("0..{n}"),
        master_seed: 1,
    }
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn the_printed_summary_can_be_read_at_a_glance() {
    let summary = ArmSummary::of("agent-upgrade", &of(&outcomes(200)));
    let text = table::render(&summary, &facts(200));
    assert!(text.contains('\u{1b}'), "the warning is coloured until somebody strips it");
    assert_snapshot!(plain(&text), @r#"
agent-upgrade: 200 seeds (0..200), master seed 1

8 of 200 runs were cut before they were over (8 by the horizon).
What they left unfinished ranks above all else: a quantile may be 'not reached'.

update cloudwatch-agent to cloudwatch-agent:8, at 0:10:00
  outcome                   seeds   share  95 % interval
  IN_PROGRESS            8 of 200   4.0 %    2.0 – 7.7 %
  SUCCESSFUL           172 of 200  86.0 %  80.5 – 90.1 %
  ROLLBACK_SUCCESSFUL   20 of 200  10.0 %   6.6 – 14.9 %
  rolled back           20 of 192  10.4 %   6.8 – 15.5 %
  defect caught         20 of 200  10.0 %   6.6 – 14.9 %
  defect missed          0 of 200   0.0 %    0.0 – 1.9 %
  false rollback         0 of 192   0.0 %    0.0 – 2.0 %

                                    n of N  median  95 % interval    p95  95 % interval        worst
  rollout duration, min         180 of 200   107.3  104.7 – 109.7    123      121.7 – ∞  not reached
  rollback duration, min         20 of 200    44.9    42.9 – 47.9   49.9    n too small         49.9
  detection, min                 20 of 200    14.1    12.1 – 17.1   19.1    n too small         19.1
  blast radius, % of fleet      200 of 200       0          0 – 0   19.2    12.5 – 25.8         29.2
  bad daemon, instance-min      200 of 200       0          0 – 0      0          0 – ∞  not reached
  fewest running tasks, %       200 of 200    98.8    98.6 – 99.0  97.6*    97.5 – 97.7         97.5
  tasks missing, task-min       200 of 200    7.29    6.14 – 8.43   13.9       13.4 – ∞  not reached
  failed requests               200 of 200    630k    531k – 728k  1.20M      1.16M – ∞  not reached
  peak extra instances          200 of 200      13        13 – 13     14         14 – ∞  not reached
  extra instance-hours          200 of 200    3.51    3.43 – 3.59   3.97       3.94 – ∞  not reached
  app tasks restarted           200 of 200     480      480 – 480    480        480 – ∞  not reached
  without daemon, instance-min  200 of 200       0          0 – 0      0          0 – ∞  not reached
  launch failures               200 of 200       1          0 – 1      1          1 – ∞  not reached
  longest drain, min            200 of 200    1.33    1.28 – 1.38   1.65       1.63 – ∞  not reached
  * p5 and the least: here more is better
"#);
}

#[test]
fn a_few_seeds_say_that_they_are_too_few() {
    let summary = ArmSummary::of("agent-upgrade", &of(&outcomes(3)));
    assert_snapshot!(plain(&table::render(&summary, &facts(3))), @r#"
agent-upgrade: 3 seeds (0..3), master seed 1

update cloudwatch-agent to cloudwatch-agent:8, at 0:10:00
  outcome          seeds    share   95 % interval
  SUCCESSFUL      3 of 3  100.0 %  43.9 – 100.0 %
  rolled back     0 of 3    0.0 %    0.0 – 56.1 %
  defect caught   0 of 3    0.0 %    0.0 – 56.1 %
  defect missed   0 of 3    0.0 %    0.0 – 56.1 %
  false rollback  0 of 3    0.0 %    0.0 – 56.1 %

                           n of N  median  95 % interval    p95  95 % interval  worst
  rollout duration, min    3 of 3   102.3    n too small  114.7    n too small  114.7
  fewest running tasks, %  3 of 3    99.1    n too small  98.2*    n too small   98.2
  tasks missing, task-min  3 of 3    5.29    n too small   10.6    n too small   10.6
  failed requests          3 of 3    457k    n too small   914k    n too small   914k
  peak extra instances     3 of 3      13    n too small     14    n too small     14
  extra instance-hours     3 of 3    3.37    n too small   3.74    n too small   3.74
  app tasks restarted      3 of 3     480    n too small    480    n too small    480
  launch failures          3 of 3       0    n too small      1    n too small      1
  longest drain, min       3 of 3    1.02    n too small   1.03    n too small   1.03
  * p5 and the least: here more is better
  0 in every seed: blast radius, bad daemon, without daemon
"#);
}

#[test]
fn no_printed_line_is_wider_than_a_hundred_columns() {
    let name = "n".repeat(255);
    for n in [1, 3, 200] {
        let summary = ArmSummary::of(&name, &of(&outcomes(n)));
        let facts = Facts { deployments: vec![name.clone()], ..facts(n) };
        for line in plain(&table::render(&summary, &facts)).lines() {
            assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
            assert_eq!(line.trim_end(), line);
        }
    }
}

/// The rows of a CSV text as maps from header to cell.
fn rows(bytes: &[u8]) -> Vec<std::collections::BTreeMap<String, String>> {
    ::csv::Reader::from_reader(bytes).deserialize().collect::<Result<_, _>>().expect("well-formed CSV")
}

fn runs(outcomes: &[Outcome]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let arm = csv::ArmRuns {
        arm: "agent-upgrade",
        runs: &of(outcomes),
        sample_every: scenario().simulation.sample_every,
    };
    csv::runs(&[arm], &mut bytes).expect("memory takes every byte");
    bytes
}

#[test]
fn a_censored_quantile_is_not_reached_and_a_censored_mean_refused() {
    let summary = ArmSummary::of("agent-upgrade", &of(&outcomes(200)));
    let csv = rows(&csv::summary(&[summary]));
    let duration = |statistic: &str| {
        csv.iter()
            .find(|r| r["metric"] == "rollout_duration_min" && r["statistic"] == statistic)
            .expect("every statistic has a row")
    };
    let (mean, p50, p99) = (duration("mean"), duration("p50"), duration("p99"));
    assert_eq!((mean["n"].as_str(), mean["of"].as_str(), mean["censored"].as_str()), ("180", "200", "8"));
    assert_eq!((mean["estimate"].as_str(), mean["note"].as_str()), ("", "refused: some runs did not finish"));
    assert!(!p50["estimate"].is_empty() && !p50["low"].is_empty() && p50["note"].is_empty(), "{p50:?}");
    assert_eq!((p99["estimate"].as_str(), p99["note"].as_str()), ("", "not reached"));
}

#[test]
fn the_json_and_the_csv_summary_say_the_same() {
    let summaries = [ArmSummary::of("agent-upgrade", &of(&outcomes(200)))];
    let json: Value = serde_json::from_slice(&json::summary(&summaries)).expect("valid JSON");
    let metrics = &json["arms"][0]["metrics"];
    for row in rows(&csv::summary(&summaries)) {
        let statistic = &metrics[&row["metric"]][&row["statistic"]];
        for key in ["estimate", "low", "high"] {
            assert_eq!(statistic[key].as_f64(), row[key].parse().ok(), "{row:?}");
        }
        assert_eq!(statistic["note"].as_str().unwrap_or(""), row["note"], "{row:?}");
        assert_eq!(metrics[&row["metric"]]["of"].as_u64(), row["of"].parse().ok());
    }
    assert_eq!(json["arms"][0]["stopReasons"]["horizon"], 8);
}

#[test]
fn what_the_summary_claims_can_be_computed_again_from_the_table_of_runs() {
    let outcomes = outcomes(80);
    let summary = ArmSummary::of("agent-upgrade", &of(&outcomes));
    let table = rows(&runs(&outcomes));
    let known: Vec<f64> = table.iter().filter_map(|r| r["extra_instance_hours"].parse().ok()).collect();
    let Claims::Number(Some(claims)) = &summary.metric(Metric::ExtraInstanceHours).claims else {
        panic!("every run has extra hours");
    };
    let mut sorted = known.clone();
    sorted.sort_by(f64::total_cmp);
    assert_eq!((claims.n, claims.censored), (80, 80 - sorted.len()));
    let column = MetricRef { metric: Metric::ExtraInstanceHours, deployment: None, service: None };
    let sample = sample(of(&outcomes).values(column).iter()).expect("every run has a value");
    assert_eq!(sample.finite(), sorted);
    // The median is there, and the tail falls on runs that were cut.
    let rank = |quantile: &Quantile| sorted.get(quantile.rank(80) - 1).copied().unwrap_or(f64::INFINITY);
    for (quantile, estimate) in &claims.quantiles {
        assert_eq!(estimate.point, rank(quantile), "{quantile}");
    }
    let rolled_back = table.iter().filter(|r| r["rolled_back"] == "true").count();
    // A deployment that the cut left unfinished might have been rolled back yet.
    let known = table.iter().filter(|r| !r["rolled_back"].is_empty()).count();
    assert!(known < 80);
    let Claims::Shares(shares) = &summary.metric(Metric::RolledBack).claims else { panic!("a proportion") };
    assert_eq!(shares[0].proportion.map(|p| (p.hits(), p.n())), Some((rolled_back, known)));
}

#[test]
fn unknown_cells_of_the_table_of_runs_are_empty_and_never_nought() {
    let table = rows(&runs(&outcomes(30)));
    let cut = &table[4];
    assert_eq!((cut["stop_reason"].as_str(), cut["deployment_status"].as_str()), ("horizon", "IN_PROGRESS"));
    for unknown in ["rollout_duration_min", "deployment_duration_min", "detection_min", "extra_cost_usd"] {
        assert_eq!(cut[unknown], "", "{unknown}");
    }
    assert_eq!(table[0]["bad_instance_min"], "0");
    assert_eq!(table[3]["detection_min"], "11.1");
}

#[test]
fn the_series_goes_on_with_the_last_values_of_runs_that_have_ended() {
    let series = of(&outcomes(5)).series(SimDuration::from_secs(30));
    let table = rows(&csv::series(&[("agent-upgrade", &series)]));
    assert_eq!(table.len(), 3 * 9);
    assert!(table.iter().filter(|r| r["state"] == "old_revision").all(|r| r["mean"] == "120"));
    assert_eq!(table.last().map(|r| r["t_min"].as_str()), Some("1"));
}

#[test]
fn a_name_that_looks_like_a_formula_reaches_no_table_as_one() {
    let summaries = [ArmSummary::of("=1+1", &of(&outcomes(2)))];
    assert!(rows(&csv::summary(&summaries)).iter().all(|r| r["arm"] == "'=1+1"));
}
