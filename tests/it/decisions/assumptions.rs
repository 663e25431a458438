//! `run --assumptions`: which open question changes the answer.

use std::collections::BTreeMap;

use super::{bench, json, read, said, table};

fn number(row: &BTreeMap<String, String>, key: &str) -> Option<f64> {
    row[key].parse().ok()
}

/// The estimates that are ranked by.
const METRICS: [&str; 6] = [
    "--metric",
    "mean(rollout_duration_min)",
    "--metric",
    "p95(rollout_duration_min)",
    "--metric",
    "mean(blast_radius_pct)",
];

#[test]
fn r510_every_answer_is_tried_alone_and_ranked_by_how_far_it_moves_the_estimate() {
    let root = bench(&[]);
    let (told, _) = said(
        root.path(),
        0,
        &[&["run", "small.yaml", "--assumptions", "-n", "160", "-o", "out"][..], &METRICS].concat(),
    );
    let table = table(&read(root.path(), "out/assumptions.csv"));
    for estimate in [METRICS[1], METRICS[3], METRICS[5]] {
        let ranked: Vec<_> = table.iter().filter(|row| row["estimate"] == estimate).collect();
        // Each question with another modelled answer is there, delays of the control plane too.
        for question in (1..=23).filter(|n| ![10, 18].contains(n)) {
            let id = format!("A{question}");
            assert!(ranked.iter().any(|row| row["question"] == id), "{id}");
        }
        let effects: Vec<f64> = ranked
            .iter()
            .filter(|row| row["finding"] != "same")
            .filter_map(|row| number(row, "difference"))
            .map(f64::abs)
            .collect();
        assert!(effects.is_sorted_by(|a, b| a >= b), "{effects:?}");
        assert_eq!(
            ranked.iter().filter_map(|row| number(row, "rank")).collect::<Vec<_>>(),
            (1..=ranked.len()).map(|n| n as f64).collect::<Vec<_>>()
        );
    }
    let row = |key: &str, value: &str| {
        let found = table
            .iter()
            .find(|row| row["estimate"] == METRICS[1] && row["key"] == key && row["value"] == value);
        found.unwrap_or_else(|| panic!("{key} {value}"))
    };
    // Five minutes after each of four batches instead of once: a quarter of an hour.
    let bake = row("assumptions.bake", "perBatch");
    assert_eq!((bake["finding"].as_str(), bake["instead_of"].as_str()), ("worse", "afterAll"));
    assert!((number(bake, "difference").expect("a number") - 15.0).abs() < 2.0, "{bake:?}");
    assert!(
        number(bake, "low").expect("an interval") > 10.0 && number(bake, "p_holm").expect("tested") < 0.05
    );
    assert_eq!(row("assumptions.drainPercentBelowOne", "minOne")["finding"], "same");
    assert!(told.contains("changes nothing at all, identical in every seed:"), "{told}");
    assert!(told.contains("A22 drainPercentBelowOne: minOne"));
}

#[test]
fn r510_a_ranking_says_of_how_many_seeds_it_is_and_when_they_are_too_few_for_its_tests() {
    let root = bench(&[]);
    let (told, _) = said(root.path(), 0, &["run", "small.yaml", "--assumptions", "-n", "40", "-o", "out"]);
    let table = table(&read(root.path(), "out/assumptions.csv"));
    let partial = table.iter().find(|row| row["finding"] != "same" && row["n"] != "40" && row["n"] != "0");
    let partial = partial.expect("a broken revision rolls back, so that its rollout has no duration");
    assert!(told.contains("n of N") && told.contains(&format!("{} of 40", partial["n"])), "{told}");
    // Forty seeds do not even give a p95 an interval.
    assert!(told.contains("p95(rollout_duration_min): n too small for so many tests"), "{told}");
    assert!(told.contains("--seeds "), "{told}");
}

#[test]
fn r511_the_ranking_starts_from_the_answers_of_the_scenario_and_says_what_did_not_run() {
    let root = bench(&[]);
    let set = "assumptions.bake=perBatch";
    let args = [
        "run",
        "small.yaml",
        "--assumptions",
        "-n",
        "20",
        "-o",
        "out",
        "--set",
        set,
        "--metric",
        "P(rolled_back)",
    ];
    said(root.path(), 0, &args);
    let table = table(&read(root.path(), "out/assumptions.csv"));
    assert!(table.iter().all(|row| row["estimate"] == "P(rolled_back)"));
    let bakes: Vec<&str> = table
        .iter()
        .filter(|row| row["key"] == "assumptions.bake")
        .map(|row| row["value"].as_str())
        .collect();
    assert!(
        bakes.contains(&"afterAll") && bakes.contains(&"betweenBatches") && !bakes.contains(&"perBatch"),
        "{bakes:?}"
    );
    let document = json(&read(root.path(), "out/assumptions.json"));
    assert_eq!(document["schema"], "bakeoff.assumptions.v1");
    let refused = document["refused"].as_array().expect("a list");
    assert!(
        refused.iter().all(|answer| !answer["why"].as_str().unwrap_or_default().is_empty()),
        "{refused:?}"
    );
    let manifest = json(&read(root.path(), "out/manifest.json"));
    let arms = manifest["arms"].as_array().expect("a list").len();
    assert_eq!(arms, table.len() + 1, "the scenario as it is, and an arm for every answer");
}

#[test]
fn r512_the_ranking_does_not_depend_on_the_number_of_threads() {
    let root = bench(&[]);
    for jobs in ["1", "3"] {
        let out = format!("out{jobs}");
        let metric = ["--metric", "mean(rollout_duration_min)"];
        let run = ["run", "small.yaml", "--assumptions", "-n", "20", "-j", jobs, "-o", &out];
        said(root.path(), 0, &[&run[..], &metric].concat());
    }
    for file in ["assumptions.csv", "assumptions.json", "plots/assumptions.svg", "runs.csv", "manifest.json"]
    {
        assert_eq!(
            read(root.path(), &format!("out1/{file}")),
            read(root.path(), &format!("out3/{file}")),
            "{file}"
        );
    }
}

#[test]
fn a_ranking_by_what_is_no_estimate_is_refused_before_anything_runs() {
    let root = bench(&[]);
    for (metric, told) in [("p95(rollout)", "--metric p95(rollout)"), ("delta(mean(events))", "baseline")] {
        let (_, err) = said(root.path(), 2, &["run", "small.yaml", "--assumptions", "--metric", metric]);
        assert!(err.contains(told), "{err}");
    }
    said(root.path(), 2, &["run", "small.yaml", "--metric", "mean(events)"]);
    said(root.path(), 2, &["run", "small.yaml", "--assumptions", "--record", "1"]);
}
