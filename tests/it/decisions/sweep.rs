//! `sweep`: many settings side by side.

use super::{SMALL, bench, read, said, table, write};

#[test]
fn every_combination_is_an_arm_named_by_its_values() {
    let root = bench(&[]);
    let vary = ["--vary", "drainPercent=25,50", "--vary", "bakeTimeInMinutes={from: 0, to: 10, step: 5}"];
    let (out, _) = said(root.path(), 0, &[&["sweep", "small.yaml", "-n", "10"][..], &vary].concat());
    assert!(out.starts_with("small: 6 arms, 10 seeds each"), "{out}");
    let arms = table(&read(root.path(), "outputs/small-sweep/arms.csv"));
    let names: Vec<&str> = arms.iter().map(|arm| arm["arm"].as_str()).collect();
    assert_eq!(names[0], "drainPercent=25,bakeTimeInMinutes=0");
    assert_eq!(names[5], "drainPercent=50,bakeTimeInMinutes=10");
    assert_eq!((arms[4]["drainPercent"].as_str(), arms[4]["bakeTimeInMinutes"].as_str()), ("50", "5"));
    let runs = table(&read(root.path(), "outputs/small-sweep/runs.csv"));
    assert_eq!(runs.len(), 60);
    for plot in ["rollout-duration-p50.svg", "rollout-duration-p50-heat-map.svg"] {
        assert!(root.path().join("outputs/small-sweep/plots").join(plot).exists(), "{plot}");
    }
}

#[test]
fn an_arm_of_a_sweep_is_the_run_with_the_same_settings() {
    let root = bench(&[]);
    said(root.path(), 0, &["sweep", "small.yaml", "-n", "8", "--vary", "drainPercent=25,50", "-o", "sweep"]);
    said(root.path(), 0, &["run", "small.yaml", "-n", "8", "--set", "drainPercent=50", "-o", "run"]);
    let rows = |text: &str, arm: &str| -> Vec<String> {
        let arm = format!("{arm},");
        text.lines().filter_map(|line| line.strip_prefix(&arm)).map(str::to_owned).collect()
    };
    let swept = rows(&read(root.path(), "sweep/runs.csv"), "drainPercent=50");
    assert_eq!(swept.len(), 8);
    assert_eq!(swept, rows(&read(root.path(), "run/runs.csv"), "small"));
}

#[test]
fn the_axes_of_the_file_hold_unless_the_command_line_has_others() {
    let root = bench(&[]);
    let swept = format!(
        "{SMALL}sweep: {{ drainPercent: [25, 50], bakeTimeInMinutes: [0, 5], constraints: [drainPercent + bakeTimeInMinutes < 55] }}\n"
    );
    write(root.path(), "swept.yaml", &swept);
    let (out, _) = said(root.path(), 0, &["sweep", "swept.yaml", "-n", "4", "-o", "a"]);
    assert!(out.starts_with("small: 3 arms") && out.contains("1 point kept out by the constraints"), "{out}");
    let more = ["--vary", "drainPercent=10", "--constraint", "bakeTimeInMinutes > 1"];
    let (out, _) =
        said(root.path(), 0, &[&["sweep", "swept.yaml", "-n", "4", "-o", "b"][..], &more].concat());
    assert!(out.starts_with("small: 1 arm,"), "{out}");
    assert!(read(root.path(), "b/arms.csv").contains("drainPercent=10,bakeTimeInMinutes=5"));
}

#[test]
fn a_latin_hypercube_takes_as_many_points_as_asked_for() {
    let root = bench(&[]);
    let args = [
        "sweep",
        "small.yaml",
        "-n",
        "4",
        "--latin-hypercube",
        "9",
        "--vary",
        "drainPercent={from: 5, to: 95}",
        "--vary",
        "bakeTimeInMinutes={from: 0, to: 8, step: 1}",
        "--vary",
        "controlPlane.repairDecision=30s,60s,90s",
    ];
    let (out, _) = said(root.path(), 0, &args);
    assert!(out.starts_with("small: 9 arms"), "{out}");
    let arms = table(&read(root.path(), "outputs/small-sweep/arms.csv"));
    for value in ["30s", "60s", "90s"] {
        assert_eq!(arms.iter().filter(|arm| arm["controlPlane.repairDecision"] == value).count(), 3);
    }
    let mut bakes: Vec<&str> = arms.iter().map(|arm| arm["bakeTimeInMinutes"].as_str()).collect();
    bakes.sort_unstable();
    assert_eq!(bakes, ["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
    let mut strata: Vec<usize> = arms
        .iter()
        .map(|arm| ((arm["drainPercent"].parse::<f64>().expect("a number") - 5.0) / 10.0) as usize)
        .collect();
    strata.sort_unstable();
    assert_eq!(strata, (0..9).collect::<Vec<_>>());
    assert!(root.path().join("outputs/small-sweep/plots/rollout-duration-p50-by-drainPercent.svg").exists());
}

#[test]
fn an_arm_that_is_no_scenario_is_named_before_anything_runs() {
    let root = bench(&[]);
    // Each value is fine alone; together the fleet is too small for its tasks.
    let vary =
        ["--vary", "capacityProviders.general.instances=2,12", "--vary", "services.web.desiredCount=4,24"];
    let (_, err) = said(root.path(), 2, &[&["sweep", "small.yaml"][..], &vary].concat());
    assert!(err.contains("desiredCount") || err.contains("fit"), "{err}");
    assert!(!root.path().join("outputs").exists());
    let alone =
        ["--vary", "capacityProviders.general.instances=4,12", "--vary", "services.web.desiredCount=24,60"];
    let (_, err) = said(root.path(), 2, &[&["sweep", "small.yaml"][..], &alone].concat());
    assert!(
        err.contains(
            "the arm capacityProviders.general.instances=4,services.web.desiredCount=60 is no valid scenario"
        ),
        "{err}"
    );
    assert!(!root.path().join("outputs").exists());
}

#[test]
fn mistakes_of_a_sweep_are_told_with_their_place() {
    let root = bench(&[]);
    for (args, told) in [
        (&["--vary", "bakeTimeInMinutes={from: 0, to: 10}"][..], "a range needs a step"),
        (&["--vary", "drainPercent=5,10", "--constraint", "drainPercnt < 9"], "did you mean 'drainPercent'?"),
        (
            &["--vary", "drainPercent=5,10", "--constraint", "drainPercent > 90"],
            "no combination meets the constraints",
        ),
        (&["--vary", "simulation.masterSeed=1,2"], "all arms share it"),
        (
            &["--vary", "assumptions.bake=afterAll,perBatch", "--constraint", "assumptions.bake = 1"],
            "not all numbers",
        ),
        (&["--latin-hypercube", "4"], "a sweep without an axis"),
        (&[], "there is nothing to vary"),
    ] {
        let (_, err) = said(root.path(), 2, &[&["sweep", "small.yaml"][..], args].concat());
        assert!(err.contains(told), "{args:?}: {err}");
    }
}
