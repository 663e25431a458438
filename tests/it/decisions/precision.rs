//! `--precision`: as many seeds as an estimate takes.

use super::{bench, json, read, said, table};

fn seeds(root: &std::path::Path, directory: &str) -> u64 {
    json(&read(root, &format!("{directory}/manifest.json")))["seeds"]["to"].as_u64().expect("a number")
}

#[test]
fn seeds_are_run_until_the_interval_is_as_narrow_as_asked_for() {
    let root = bench(&[]);
    let target = "mean(rollout_duration_min)=2%";
    let (out, _) = said(root.path(), 0, &["run", "small.yaml", "--precision", target, "-o", "out"]);
    assert!(out.contains(&format!("{target}: reached")), "{out}");
    let n = seeds(root.path(), "out");
    assert!((20..2_000).contains(&n), "{n}");
    let summary = table(&read(root.path(), "out/summary.csv"));
    let mean = summary
        .iter()
        .find(|row| row["metric"] == "rollout_duration_min" && row["statistic"] == "mean")
        .expect("a row");
    let number = |key: &str| mean[key].parse::<f64>().expect("a number");
    // Law's rule: a half-width of g / (1 + g) of the estimate is an error of g of the truth.
    assert!((number("high") - number("low")) / 2.0 <= number("estimate") * 0.02 / 1.02);
    // The same again replaces the same; the same number of seeds without a target gives the same rows.
    said(root.path(), 0, &["run", "small.yaml", "--precision", target, "-o", "out"]);
    said(root.path(), 0, &["run", "small.yaml", "-n", &n.to_string(), "-o", "plain"]);
    assert_eq!(read(root.path(), "out/runs.csv"), read(root.path(), "plain/runs.csv"));
    said(root.path(), 2, &["run", "small.yaml", "--precision", "mean(events)=2%", "-o", "out"]);
}

#[test]
fn a_quantile_waits_until_it_has_an_interval() {
    let root = bench(&[]);
    // Wide enough to be reached at once, were it not for the 72 values that both ends of a p95 need.
    said(root.path(), 0, &["run", "small.yaml", "--precision", "p95(peak_instances)=90%", "-o", "out"]);
    assert!(seeds(root.path(), "out") >= 72);
}

#[test]
fn several_targets_are_all_reached_and_the_absolute_form_serves_what_may_be_nought() {
    let root = bench(&[]);
    let args = [
        "run",
        "small.yaml",
        "--precision",
        "P(missed_defect)=±0.05",
        "--precision",
        "mean(peak_instances)=5%",
        "-o",
        "out",
    ];
    let (out, _) = said(root.path(), 0, &args);
    assert_eq!(out.matches(": reached").count(), 2, "{out}");
    // Nothing is ever missed here, so a relative target could not be reached.
    let (_, err) = said(
        root.path(),
        4,
        &["run", "small.yaml", "--precision", "P(missed_defect)=5%", "-n", "60", "-o", "no"],
    );
    assert!(err.contains("P(missed_defect)=5%: not reached"), "{err}");
    assert_eq!(seeds(root.path(), "no"), 60);
}

#[test]
fn a_target_that_is_not_reached_is_4_and_the_results_are_there() {
    let root = bench(&[]);
    let args =
        ["run", "small.yaml", "--precision", "mean(rollout_duration_min)=0.01%", "-n", "40", "-o", "out"];
    let (out, err) = said(root.path(), 4, &args);
    assert!(err.contains("mean(rollout_duration_min)=0.01%: not reached"), "{err}");
    assert!(out.contains("results: out"), "{out}");
    assert_eq!(seeds(root.path(), "out"), 40);
}

#[test]
fn a_mean_over_cut_runs_stops_at_once_and_says_why() {
    let root = bench(&[]);
    let args = [
        "run",
        "small.yaml",
        "--set",
        "simulation.horizon=12m",
        "--precision",
        "mean(rollout_duration_min)=2%",
        "-o",
        "out",
    ];
    let (_, err) = said(root.path(), 4, &args);
    assert!(err.contains("runs were cut before they were over"), "{err}");
    assert_eq!(seeds(root.path(), "out"), 20);
}

#[test]
fn arms_of_a_comparison_all_reach_the_target() {
    let root = bench(&[]);
    let args = [
        "compare",
        "small.yaml",
        "--vary",
        "drainPercent=10,50",
        "--precision",
        "mean(rollout_duration_min)=3%",
        "-o",
        "out",
    ];
    let (out, _) = said(root.path(), 0, &args);
    assert!(out.contains(": reached"), "{out}");
}

#[test]
fn a_target_that_makes_no_sense_is_bad_usage_with_its_place() {
    let root = bench(&[]);
    for (target, told) in [
        ("p95(rollout_duration)=2%", "did you mean 'rollout_duration_min'?"),
        ("p95(rollout_duration_min)=2", "a percentage, or ±"),
        ("p95(rollout_duration_min)=±2%", "not both"),
        ("max(peak_instances)=2%", "only a mean, a quantile or a probability"),
        ("mean(peak_instances)=0%", "above zero"),
        ("mean(peak_instances)<2%", "expected '='"),
    ] {
        let (_, err) = said(root.path(), 2, &["run", "small.yaml", "--precision", target]);
        assert!(err.contains(told) && err.contains('^'), "{target}: {err}");
    }
}
