//! `compare`: which of several settings is better, and how sure that is.

use super::{SMALL, bench, read, said, table, write};

/// The rows of compare.csv of one arm.
fn rows(
    root: &std::path::Path,
    directory: &str,
    arm: &str,
) -> Vec<std::collections::BTreeMap<String, String>> {
    let all = table(&read(root, &format!("{directory}/compare.csv")));
    all.into_iter().filter(|row| row["arm"] == arm).collect()
}

#[test]
fn two_identical_arms_differ_by_exactly_nothing_in_every_metric() {
    let root = bench(&[]);
    write(root.path(), "twin.yaml", &SMALL.replace("name: small", "name: twin"));
    let (out, _) = said(root.path(), 0, &["compare", "small.yaml", "twin.yaml", "-o", "out"]);
    assert!(out.contains("twin comes to exactly the same, in every seed."), "{out}");
    let rows = rows(root.path(), "out", "twin");
    assert!(rows.len() > 50);
    for row in rows {
        let finding = if row["n"] == "0" { "untested" } else { "same" };
        assert_eq!(row["finding"], finding, "{row:?}");
        assert!(["", "0"].contains(&row["difference"].as_str()), "{row:?}");
        assert_eq!(
            (row["low"].as_str(), row["high"].as_str()),
            (row["difference"].as_str(), row["difference"].as_str())
        );
        assert_eq!((row["p"].as_str(), row["p_holm"].as_str()), ("", ""));
    }
}

#[test]
fn the_better_arm_is_told_by_a_sentence_with_its_interval() {
    let root = bench(&[]);
    let (out, err) =
        said(root.path(), 0, &["compare", "small.yaml", "--vary", "drainPercent=10,50", "-o", "out"]);
    assert!(!err.contains("error"), "{err}");
    assert!(out.starts_with("compared with drainPercent=10: 40 seeds (0..40)"), "{out}");
    let sentence = out.lines().skip_while(|line| *line != "drainPercent=50").nth(1).expect("a sentence");
    assert!(sentence.contains("drainPercent=50 takes") && sentence.contains("min less ["), "{sentence}");
    let rows = rows(root.path(), "out", "drainPercent=50");
    let find = |metric: &str, statistic: &str| {
        rows.iter().find(|row| row["metric"] == metric && row["statistic"] == statistic).expect("a row")
    };
    let duration = find("rollout_duration_min", "mean");
    assert_eq!(duration["finding"], "better");
    let number = |cell: &str| cell.parse::<f64>().expect("a number");
    assert!(number(&duration["high"]) < 0.0 && number(&duration["p_holm"]) < 0.01);
    assert!(number(&duration["arm_estimate"]) < number(&duration["base_estimate"]));
    assert_eq!(find("peak_instances", "mean")["finding"], "worse");
    // Whether the revision is broken is the luck of the seed, not the policy's.
    assert_eq!(find("rolled_back", "P(true)")["finding"], "same");
    assert!(number(&find("rollout_duration_min", "mean")["correlation"]).abs() <= 1.0);
    for file in ["runs.csv", "summary.csv", "series.csv", "manifest.json", "plots/differences.svg"] {
        assert!(root.path().join("out").join(file).exists(), "{file}");
    }
    let runs = table(&read(root.path(), "out/runs.csv"));
    assert_eq!(runs.len(), 80);
}

#[test]
fn a_difference_that_seeds_do_not_show_is_a_tilde() {
    let root = bench(&[]);
    // Luck goes by names: under another name the provider draws other delays by the same law.
    write(
        root.path(),
        "twin.yaml",
        &SMALL.replace("name: small", "name: twin").replace("general", "special"),
    );
    let (out, _) = said(root.path(), 0, &["compare", "small.yaml", "twin.yaml"]);
    assert!(out.contains("twin: no difference was shown."), "{out}");
    assert!(root.path().join("outputs/small-compare/compare.csv").exists());
    let all = table(&read(root.path(), "outputs/small-compare/compare.csv"));
    assert!(all.iter().any(|row| row["finding"] == "~"));
    assert!(!all.iter().any(|row| row["finding"] == "better" || row["finding"] == "worse"));
}

#[test]
fn one_value_is_compared_with_the_file_as_it_is_written() {
    let root = bench(&[]);
    let (out, _) =
        said(root.path(), 0, &["compare", "small.yaml", "--vary", "bakeTimeInMinutes=7", "-n", "20"]);
    assert!(out.starts_with("compared with as written: 20 seeds"), "{out}");
    let all = table(&read(root.path(), "outputs/small-compare/compare.csv"));
    let row = all
        .iter()
        .find(|row| row["metric"] == "rollout_duration_min" && row["statistic"] == "mean")
        .expect("a row");
    assert_eq!((row["difference"].as_str(), row["low"].as_str(), row["high"].as_str()), ("2", "2", "2"));
    assert_eq!(row["variance_reduction"], "inf");
}

#[test]
fn arms_of_files_share_the_luck_of_the_first() {
    let root = bench(&[]);
    let other = SMALL.replace("name: small", "name: other").replace("seeds: 40", "seeds: 40, masterSeed: 9");
    write(root.path(), "other.yaml", &other);
    let (out, _) = said(root.path(), 0, &["compare", "small.yaml", "other.yaml", "-o", "out"]);
    assert!(out.contains("exactly the same"), "{out}");
}

#[test]
fn copies_of_a_scenario_go_by_their_files() {
    let root = bench(&[]);
    write(root.path(), "faster.yaml", &SMALL.replace("drainPercent: 25", "drainPercent: 50"));
    let (out, _) = said(root.path(), 0, &["compare", "small.yaml", "faster.yaml", "-o", "out"]);
    assert!(out.starts_with("compared with small.yaml:") && out.contains("faster.yaml takes"), "{out}");
    assert!(!rows(root.path(), "out", "faster.yaml").is_empty());
}

#[test]
fn arms_with_other_metrics_are_compared_in_those_that_both_have() {
    let root = bench(&[]);
    let two = SMALL.replace("name: small", "name: two").replace(
        "  - { name: web,",
        "  - { name: api, desiredCount: 2, cpu: 128, memory: 128 }\n  - { name: web,",
    );
    write(root.path(), "two.yaml", &two);
    said(root.path(), 0, &["compare", "small.yaml", "two.yaml", "-o", "out"]);
    let runs = table(&read(root.path(), "out/runs.csv"));
    let of = |arm: &str| {
        runs.iter().find(|row| row["arm"] == arm).expect("a row")["min_running_tasks_pct_api"].clone()
    };
    assert_eq!(of("small"), "");
    assert_ne!(of("two"), "");
    assert!(rows(root.path(), "out", "two").iter().all(|row| row["metric"] != "min_running_tasks_pct_api"));
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let root = bench(&[]);
    for jobs in ["1", "2", "7"] {
        let out = format!("out-{jobs}");
        said(
            root.path(),
            0,
            &["compare", "small.yaml", "--vary", "drainPercent=10,50", "-j", jobs, "-o", &out],
        );
    }
    for file in ["compare.csv", "runs.csv", "manifest.json", "plots/differences.svg"] {
        let of = |jobs: &str| read(root.path(), &format!("out-{jobs}/{file}"));
        assert_eq!(of("1"), of("2"), "{file}");
        assert_eq!(of("1"), of("7"), "{file}");
    }
}

#[test]
fn what_cannot_be_compared_is_bad_usage_before_anything_runs() {
    let root = bench(&[]);
    write(root.path(), "again.yaml", SMALL);
    for (args, told) in [
        (&["compare", "small.yaml"][..], "one arm alone"),
        (&["compare", "small.yaml", "small.yaml"], "small.yaml is named twice"),
        (&["compare", "small.yaml", "again.yaml", "--vary", "drainPercent=5,10"], "only one"),
        (&["compare", "small.yaml", "--vary", "drainPercent=0,10"], "drainPercent 0 is below 1"),
        (&["compare", "small.yaml", "--vary", "drainPercnt=5,10"], "did you mean 'drainPercent'?"),
        (&["compare", "small.yaml", "--vary", "drainPercent=5,5"], "this value is there already"),
    ] {
        let (_, err) = said(root.path(), 2, args);
        assert!(err.contains(told), "{args:?}: {err}");
    }
    assert!(!root.path().join("outputs").exists());
}
