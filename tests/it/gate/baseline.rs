//! Baseline files: they read back as what was written, and a damaged one says so.

use std::iter;

use bakeoff::experiment::RANDOM_SCHEME;
use bakeoff::fleet::{Workspace, simulate};
use bakeoff::outcome::{DeploymentStatus, StopReason};
use bakeoff::report::baseline::{BASELINE_SCHEMA, file_name, parse, render};
use bakeoff::scenario::metric::{METRICS_EDITION, Metric, MetricKind};
use bakeoff::scenario::{NoFiles, load};
use bakeoff::stats::nine_digits;
use bakeoff::summary::{Baseline, BaselineColumn, Value, columns};
use insta::assert_snapshot;
use proptest::prelude::*;

const EXAMPLE: &str = include_str!("../../../scenarios/agent-upgrade.yaml");

fn utf8(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}

fn column(name: &str, values: Vec<Value>) -> BaselineColumn {
    BaselineColumn { name: name.to_owned(), values: values.into_iter().collect() }
}

/// Six seeds with every form and every kind of value.
fn small() -> Baseline {
    let numbers = |list: [f64; 6]| list.map(Value::Number).to_vec();
    let mut status = vec![Value::Text("SUCCESSFUL"); 6];
    status[3] = Value::Text("ROLLBACK_SUCCESSFUL");
    let mut rollout = numbers([45.790_966_7, 46.0, 1.0 / 3.0, 0.0, 1e-7, 1e300]);
    rollout[2] = Value::Number(nine_digits(1.0 / 3.0));
    rollout[3] = Value::Missing;
    let mut finished = vec![Value::Number(51.516_666_7); 6];
    finished[5] = Value::Censored;
    Baseline {
        name: "small".to_owned(),
        version: "0.1.0".to_owned(),
        random_scheme: "dice.v1".to_owned(),
        metrics_edition: 1,
        master_seed: u64::MAX,
        scenario_digest: "0123456789abcdef".to_owned(),
        seeds: 10..16,
        digests: [0, 1, u64::MAX, 0x0123_4567_89ab_cdef, 4, 5].into_iter().collect(),
        columns: vec![
            column("deployment_status", status),
            column("rollout_duration_min", rollout),
            column("deployment_duration_min", finished),
            column("rolled_back", [false, false, false, true, false, false].map(Value::Boolean).to_vec()),
            column("caught", [false, true, false, true, false, true].map(Value::Boolean).to_vec()),
            column("extra_cost_usd", vec![Value::Missing; 6]),
            column("min_running_tasks_pct_web", vec![Value::Number(100.0); 6]),
            column("d1_rolled_back", vec![Value::Boolean(false); 6]),
            column("stop_reason", vec![Value::Text("complete"); 6]),
        ],
    }
}

/// What the shipped example comes to.
fn example() -> Baseline {
    let loaded = load("agent-upgrade.yaml", EXAMPLE, &NoFiles, &[]).expect("the example is valid");
    let scenario = &loaded.scenario;
    let seeds = scenario.simulation.seeds_from..scenario.simulation.seeds_to;
    let mut workspace = Workspace::new();
    let outcomes: Vec<_> = seeds
        .clone()
        .map(|seed| simulate(scenario, seed, &mut workspace, &|| false).expect("nobody interrupts"))
        .collect();
    let columns = columns(scenario);
    let columns = columns.iter().map(|of| column(&of.name, outcomes.iter().map(|o| of.value(o)).collect()));
    Baseline {
        name: scenario.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        random_scheme: RANDOM_SCHEME.to_owned(),
        metrics_edition: METRICS_EDITION,
        master_seed: scenario.simulation.master_seed,
        scenario_digest: loaded.digest.clone(),
        seeds,
        digests: outcomes.iter().map(|o| o.digest).collect(),
        columns: columns.collect(),
    }
}

// ------------------------------------------------------------------ what is written

#[test]
fn a_baseline_has_a_line_per_metric_and_names_the_seeds_that_part_from_the_others() {
    assert_snapshot!(utf8(render(&small())), @r#"
{
  "schema": "bakeoff.baseline.v1",
  "name": "small",
  "version": "0.1.0",
  "randomScheme": "dice.v1",
  "metricsEdition": 1,
  "masterSeed": 18446744073709551615,
  "scenarioDigest": "0123456789abcdef",
  "seeds": { "from": 10, "to": 16 },
  "digests": [
    "0000000000000000 0000000000000001 ffffffffffffffff 0123456789abcdef 0000000000000004",
    "0000000000000005"
  ],
  "metrics": {
    "deployment_status": { "mostly": "SUCCESSFUL", "except": {"13":"ROLLBACK_SUCCESSFUL"} },
    "rollout_duration_min": [45.7909667,46,0.333333333,null,1e-7,1e+300],
    "deployment_duration_min": { "mostly": 51.5166667, "except": {"15":"censored"} },
    "rolled_back": [false,false,false,true,false,false],
    "caught": [false,true,false,true,false,true],
    "extra_cost_usd": null,
    "min_running_tasks_pct_web": 100,
    "d1_rolled_back": false,
    "stop_reason": "complete"
  }
}
"#);
}

#[test]
fn the_baseline_of_the_example_with_200_seeds_is_small_enough_to_commit_and_reads_back() {
    let baseline = example();
    assert_eq!((baseline.digests.len(), baseline.columns.len()), (200, Metric::ALL.len()));
    let written = render(&baseline);
    assert!(written.len() <= 25_000, "{} bytes", written.len());
    assert_eq!(parse(&written), Ok(baseline));
    let text = utf8(written);
    for metric in Metric::ALL {
        let opening = format!("\n    \"{}\": ", metric.name());
        assert_eq!(text.matches(&opening).count(), 1, "{}", metric.name());
    }
}

#[test]
fn a_change_of_one_metric_in_one_seed_is_a_diff_of_one_line() {
    let mut changed = small();
    let values = changed.columns[3].values.iter().skip(1);
    changed.columns[3].values = iter::once(Value::Boolean(true)).chain(values).collect();
    let (before, after) = (utf8(render(&small())), utf8(render(&changed)));
    let differing = before.lines().zip(after.lines()).filter(|(before, after)| before != after).count();
    assert_eq!((differing, before.lines().count()), (1, after.lines().count()));
}

// ------------------------------------------------------------------ round trip

fn value(kind: MetricKind) -> BoxedStrategy<Value> {
    match kind {
        MetricKind::Number => prop_oneof![
            4 => any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(nine_digits).prop_map(Value::Number),
            4 => (0.0..1e4_f64).prop_map(nine_digits).prop_map(Value::Number),
            4 => (0_u32..9).prop_map(|n| Value::Number(f64::from(n))),
            1 => Just(Value::Missing),
            1 => Just(Value::Censored),
        ]
        .boxed(),
        MetricKind::Boolean => {
            prop_oneof![any::<bool>().prop_map(Value::Boolean), Just(Value::Missing)].boxed()
        }
        MetricKind::Status => {
            let words: Vec<&'static str> = DeploymentStatus::ALL.map(DeploymentStatus::as_str).to_vec();
            let stops = StopReason::ALL.map(StopReason::as_str);
            let words = prop::sample::select([words, stops.to_vec()].concat());
            prop_oneof![words.prop_map(Value::Text), Just(Value::Missing)].boxed()
        }
    }
}

fn any_baseline() -> impl Strategy<Value = Baseline> {
    let head =
        (any::<String>(), any::<String>(), any::<String>(), any::<u32>(), any::<u64>(), any::<String>());
    let body = (0..u64::MAX - 50, 1_usize..40).prop_flat_map(|(first, count)| {
        let columns: Vec<_> = Metric::ALL
            .into_iter()
            .map(|metric| prop::collection::vec(value(metric.kind()), count))
            .collect();
        (Just(first..first + count as u64), prop::collection::vec(any::<u64>(), count), columns)
    });
    (head, body).prop_map(|((name, version, random_scheme, metrics_edition, master_seed, digest), body)| {
        let (seeds, digests, values) = body;
        let named = Metric::ALL.iter().zip(values);
        Baseline {
            name,
            version,
            random_scheme,
            metrics_edition,
            master_seed,
            scenario_digest: digest,
            seeds,
            digests: digests.into_iter().collect(),
            columns: named.map(|(metric, values)| column(metric.name(), values)).collect(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back_to_the_last_bit(baseline in any_baseline()) {
        let written = render(&baseline);
        prop_assert_eq!(parse(&written), Ok(baseline.clone()));
        prop_assert_eq!(render(&parse(&written).expect("just read")), written);
    }

    #[test]
    fn a_file_that_was_cut_short_is_refused(part in 0.0..1.0_f64) {
        let written = render(&small());
        let end = (written.len() as f64 * part) as usize;
        // The line feed at the end may go.
        prop_assume!(end < written.len() - 1);
        prop_assert!(parse(&written[..end]).is_err());
    }

    #[test]
    fn a_flipped_bit_is_never_a_panic(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let mut written = render(&small());
        let at = at.index(written.len());
        written[at] ^= 1 << bit;
        if let Ok(read) = parse(&written) {
            prop_assert_eq!(read.digests.len(), 6);
            prop_assert!(read.columns.iter().all(|column| column.values.len() == 6));
        }
    }
}

// ------------------------------------------------------------------ what is refused

/// What is said of the small baseline after `from` in its text became `to`.
fn refusal(from: &str, to: &str) -> String {
    let text = utf8(render(&small()));
    assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
    parse(text.replace(from, to).as_bytes()).expect_err(to)
}

#[test]
fn another_format_is_refused_by_its_name_before_anything_else_is_read() {
    let told = parse(br#"{ "schema": "bakeoff.baseline.v2", "everything": "else" }"#).expect_err("v2");
    assert_eq!(told, "its format is 'bakeoff.baseline.v2', and this version reads 'bakeoff.baseline.v1'");
    let told = parse(b"{}").expect_err("no schema");
    assert_eq!(told, format!("it has no 'schema', where a baseline has '{BASELINE_SCHEMA}'"));
    assert!(parse(b"").expect_err("empty").starts_with("it is no baseline: "));
    assert!(parse(b"[]").expect_err("a list").starts_with("it is no baseline: "));
}

#[test]
fn a_damaged_field_is_named() {
    let cases = [
        (
            "\"masterSeed\": 18446744073709551615",
            "\"masterSeed\": -1",
            "it is damaged: invalid value: integer `-1`",
        ),
        ("\"masterSeed\": 18446744073709551615,", "", "it is damaged: missing field `masterSeed`"),
        ("\"from\": 10, \"to\": 16", "\"from\": 16, \"to\": 10", "seeds: there is none in 16..10"),
        ("\"from\": 10, \"to\": 16", "\"from\": 10, \"to\": 17", "digests: 6 of them for 7 seeds"),
        ("\"to\": 16", "\"to\": 18446744073709551615", "digests: 6 of them for 18446744073709551605 seeds"),
        ("0000000000000001", "000000000000001", "digests: '000000000000001' is not 16 hexadecimal digits"),
        ("0000000000000001", "+000000000000001", "digests: '+000000000000001' is not 16 hexadecimal digits"),
        ("45.7909667,", "", "metrics.rollout_duration_min: 5 values for 6 seeds"),
        ("45.7909667,", "45.7909667,1,", "metrics.rollout_duration_min: 7 values for 6 seeds"),
        ("45.7909667", "true", "metrics.rollout_duration_min, seed 10: true is no value of it"),
        ("45.7909667", "[1]", "metrics.rollout_duration_min, seed 10: [1] is no value of it"),
        ("45.7909667", "\"long\"", "metrics.rollout_duration_min, seed 10: \"long\" is no value of it"),
        ("\"complete\"", "\"completed\"", "metrics.stop_reason: \"completed\" is no value of it"),
        ("\"complete\"", "\"censored\"", "metrics.stop_reason: \"censored\" is no value of it"),
        ("\"d1_rolled_back\": false", "\"d1_rolled_back\": 0", "metrics.d1_rolled_back: 0 is no value of it"),
        (
            "\"min_running_tasks_pct_web\": 100",
            "\"min_running_tasks_pct_web\": true",
            "metrics.min_running_tasks_pct_web: true is no value of it",
        ),
        (
            "\"15\":\"censored\"",
            "\"16\":1",
            "metrics.deployment_duration_min: '16' is no seed of this baseline",
        ),
        (
            "\"15\":\"censored\"",
            "\"9\":1",
            "metrics.deployment_duration_min: '9' is no seed of this baseline",
        ),
        (
            "\"15\":\"censored\"",
            "\"+15\":1",
            "metrics.deployment_duration_min: '+15' is no seed of this baseline",
        ),
        (
            "\"15\":\"censored\"",
            "\"15\":\"x\"",
            "metrics.deployment_duration_min, seed 15: \"x\" is no value of it",
        ),
        (
            "\"mostly\": 51.5166667",
            "\"most\": 51.5166667",
            "metrics.deployment_duration_min: an object here has 'mostly' and 'except'",
        ),
        ("\"extra_cost_usd\"", "\"stop_reason\"", "it is damaged: 'stop_reason' is there twice"),
    ];
    for (from, to, wanted) in cases {
        let told = refusal(from, to);
        assert!(told.starts_with(wanted), "{told}\nnot: {wanted}");
    }
}

#[test]
fn the_marks_of_a_merge_are_refused_with_their_line() {
    let told = refusal("  \"digests\": [\n", "<<<<<<< ours\n  \"digests\": [\n");
    assert!(told.contains("line 10"), "{told}");
}

#[test]
fn a_metric_of_a_later_version_is_kept() {
    let text = utf8(render(&small())).replace("\"extra_cost_usd\": null", "\"carbon_kg\": 4.5");
    let read = parse(text.as_bytes()).expect("of the same format");
    let column = read.columns.iter().find(|column| column.name == "carbon_kg").expect("it is there");
    assert!(column.values.iter().eq([Value::Number(4.5); 6]));
}

// ------------------------------------------------------------------ names

#[test]
fn a_file_is_named_after_its_scenario_and_stays_in_its_directory() {
    for (name, file) in [
        ("agent-upgrade", "agent-upgrade.json"),
        ("v1.2_rc", "v1.2_rc.json"),
        ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd.json"),
        (".hidden", "%2Ehidden.json"),
        ("a b%c", "a%20b%25c.json"),
        ("C:\\x", "C%3A%5Cx.json"),
        ("größer", "gr%C3%B6%C3%9Fer.json"),
        ("con", "%63on.json"),
        ("COM1.x", "%43OM1.x.json"),
        ("common", "common.json"),
    ] {
        assert_eq!(file_name(name), file);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn different_scenarios_have_different_files(one in "[a-c%./ A]{1,4}", other in "[a-c%./ A]{1,4}") {
        prop_assert_eq!(one == other, file_name(&one) == file_name(&other));
        prop_assert!(!file_name(&one).contains(['/', '\\', ' ']) && !file_name(&one).starts_with('.'));
    }
}
