//! Agreement with SciPy and statsmodels, whose answers tests/fixtures/statistics.py has written down.

use bakeoff::stats::{
    Confidence, Evidence, Interval, PairedProportions, Pairs, Proportion, Quantile, Resampling, Sample, holm,
};
use serde_json::Value;

/// Relative: what intervals and p-values may differ by, far tails included.
const DIGITS: f64 = 1e-9;

fn rows(part: &str) -> Vec<Value> {
    let text = include_str!("../../fixtures/statistics.json");
    let mut all: Value = serde_json::from_str(text).expect("the fixture is JSON");
    let rows = serde_json::from_value::<Vec<Value>>(all[part].take()).expect("a part is a list");
    assert!(!rows.is_empty(), "{part} has no rows");
    rows
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn count(value: &Value) -> usize {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no count")) as usize
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list")).iter().map(number).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

fn level(value: &Value) -> Confidence {
    Confidence::new(number(value)).expect("a share")
}

fn quantile(row: &Value) -> Quantile {
    Quantile::from_thousandths(count(&row["thousandths"]) as u16).expect("below a thousand")
}

fn agrees(ours: f64, theirs: f64, tolerance: f64) -> bool {
    (ours - theirs).abs() <= tolerance * theirs.abs()
}

#[track_caller]
fn same(ours: f64, theirs: f64, what: &str) {
    assert!(agrees(ours, theirs, DIGITS), "{what}: {ours} here, {theirs} there");
}

#[track_caller]
fn same_interval(ours: Option<Interval>, low: &Value, high: &Value, what: &str) {
    let ours = ours.unwrap_or_else(|| panic!("{what}: no interval"));
    same(ours.low, number(low), what);
    same(ours.high, number(high), what);
}

/// Rows of (bound, p of "less", p of "greater").
#[track_caller]
fn same_evidence(tests: &Value, evidence: impl Fn(f64) -> Evidence) {
    for test in list(tests) {
        let [bound, less, greater] = numbers(test)[..] else { panic!("{test} is no test") };
        let ours = evidence(bound);
        assert_eq!((ours.at_most, ours.at_least), (ours.less, ours.greater));
        same(ours.less, less, &format!("less than {bound}"));
        same(ours.greater, greater, &format!("greater than {bound}"));
    }
}

fn pairs(row: &Value) -> Pairs {
    let pairs = numbers(&row["base"]).into_iter().zip(numbers(&row["arm"])).collect();
    Pairs::new(pairs).expect("finite pairs")
}

#[test]
fn the_tolerance_refuses_on_both_sides() {
    assert!(agrees(1.0 + 9e-10, 1.0, DIGITS) && agrees(1e-30, 1e-30, DIGITS));
    assert!(!agrees(1.0 + 2e-9, 1.0, DIGITS) && !agrees(1.0 - 2e-9, 1.0, DIGITS));
    assert!(!agrees(1e-30, 2e-30, DIGITS) && !agrees(f64::NAN, 1.0, DIGITS));
}

#[test]
fn means_their_intervals_and_t_tests_agree_with_scipy() {
    for row in rows("means") {
        let sample = Sample::new(numbers(&row["values"]), 0).expect("finite");
        for interval in list(&row["intervals"]) {
            let mean = sample.mean(level(&interval[0])).expect("nothing is censored");
            same_interval(mean.interval, &interval[1], &interval[2], "t interval");
        }
        same_evidence(&row["tests"], |bound| sample.mean_against(bound).expect("two or more"));
    }
}

/// Two observations at a distance of 2 from each other have a standard error of 1: the mean is their t.
/// More degrees need more observations, which a sample of as many pairs gives.
#[test]
fn t_tails_agree_with_scipy_from_one_degree_of_freedom_to_a_hundred_thousand() {
    for row in rows("t_tails") {
        let (degrees, t) = (count(&row["degrees"]), number(&row["t"]));
        let n = degrees + 1;
        // Values ±1 about 0, and a 0 when n is odd: variance (n or n − 1) / (n − 1), mean 0.
        let mut values: Vec<f64> = (0..n / 2).flat_map(|_| [-1.0, 1.0]).collect();
        values.extend((n % 2 == 1).then_some(0.0));
        let error = ((n - n % 2) as f64 / degrees as f64 / n as f64).sqrt();
        let evidence = Sample::new(values, 0).expect("finite").mean_against(-t * error).expect("two or more");
        same(evidence.less, number(&row["p"]), &format!("{degrees} degrees of freedom at {t}"));
    }
}

#[test]
fn intervals_of_proportions_agree_with_statsmodels() {
    for row in rows("proportions") {
        let p = Proportion::new(count(&row["hits"]), count(&row["n"])).expect("a table");
        let confidence = level(&row["level"]);
        for (name, ours) in [("wilson", p.wilson(confidence)), ("exact", p.clopper_pearson(confidence))] {
            let [low, high] = numbers(&row[name])[..] else { panic!("{row} has no {name}") };
            let what = format!("{name} of {} in {}", row["hits"], row["n"]);
            // There, Wilson's end at no hits misses 0 by a rounding error.
            assert!(agrees(ours.low, low, DIGITS) || low.abs() < 1e-15 && ours.low == 0.0, "{what}");
            same(ours.high, high, &what);
        }
    }
}

#[test]
fn tests_of_proportions_agree_with_scipy() {
    for row in rows("proportion_tests") {
        let p = Proportion::new(count(&row["hits"]), count(&row["n"])).expect("a table");
        let evidence = p.against(number(&row["bound"]));
        same(evidence.less, number(&row["less"]), &row.to_string());
        same(evidence.greater, number(&row["greater"]), &row.to_string());
    }
}

#[test]
fn ranks_of_quantiles_agree_with_scipy() {
    for row in rows("quantile_ranks") {
        let ranks = quantile(&row).ranks(count(&row["n"]), level(&row["level"]));
        let theirs = row["ranks"].as_array().map(|ends| (count(&ends[0]), count(&ends[1])));
        assert_eq!(ranks.map(|r| (r.lower, r.upper)), theirs, "{row}");
    }
}

#[test]
fn tests_of_quantiles_agree_with_scipy_on_data_with_ties_and_censoring() {
    for row in rows("quantile_tests") {
        let sample = Sample::new(numbers(&row["values"]), count(&row["censored"])).expect("not empty");
        for test in list(&row["tests"]) {
            let evidence = sample.quantile_against(quantile(test), number(&test["bound"]));
            same(evidence.less, number(&test["less"]), &test.to_string());
            same(evidence.at_most, number(&test["at_most"]), &test.to_string());
            same(evidence.greater, number(&test["greater"]), &test.to_string());
            same(evidence.at_least, number(&test["at_least"]), &test.to_string());
        }
    }
}

#[test]
fn paired_comparisons_agree_with_scipy() {
    for row in rows("paired") {
        let pairs = pairs(&row);
        let difference = pairs.mean_difference(Confidence::NINETY_FIVE).expect("nothing is censored");
        same_interval(difference.interval, &row["low"], &row["high"], "paired t");
        same(pairs.correlation().expect("both vary"), number(&row["correlation"]), "correlation");
        same(pairs.variance_reduction().expect("both vary"), number(&row["reduction"]), "reduction");
        same_evidence(&row["tests"], |bound| pairs.mean_difference_against(bound).expect("two or more"));
        same_evidence(&row["changes"], |share| pairs.mean_change_against(share).expect("two or more"));
    }
}

#[test]
fn fiellers_interval_is_where_scipys_paired_test_turns() {
    for row in rows("fieller") {
        let change = pairs(&row).mean_change(level(&row["level"])).expect("nothing is censored");
        let change = change.expect("the base's mean is not 0");
        same(change.point, number(&row["point"]), "relative change");
        same_interval(change.interval, &row["low"], &row["high"], "Fieller");
    }
}

#[test]
fn tangos_interval_and_test_agree_with_a_likelihood_maximised_by_search() {
    for row in rows("tango") {
        let [both, base_only, arm_only, neither] = numbers(&row["counts"])[..] else { panic!("{row}") };
        let [both, base_only, arm_only, neither] = [both, base_only, arm_only, neither].map(|c| c as usize);
        let table = PairedProportions::new(both, base_only, arm_only, neither).expect("pairs");
        let difference = table.difference(level(&row["level"]));
        same(difference.point, number(&row["point"]), "difference");
        same_interval(difference.interval, &row["low"], &row["high"], &row.to_string());
        let exact = table.against(0.0);
        for score in list(&row["scores"]) {
            let [bound, less] = numbers(score)[..] else { panic!("{score}") };
            // Near 0 the exact test has a say as well.
            let expected = if bound < 0.0 { less.max(exact.less) } else { less.min(exact.less) };
            same(table.against(bound).less, expected, &format!("{row} at {bound}"));
        }
    }
}

#[test]
fn mcnemars_exact_test_agrees_with_statsmodels() {
    for row in rows("mcnemar_exact") {
        let (arm_only, base_only) = (count(&row["arm_only"]), count(&row["base_only"]));
        let table = PairedProportions::new(7, base_only, arm_only, 5).expect("pairs");
        same(table.mcnemar(), number(&row["two_sided"]), &row.to_string());
        same(table.against(0.0).at_most, number(&row["at_most"]), &row.to_string());
    }
}

#[test]
fn holms_adjustment_agrees_with_statsmodels() {
    for row in rows("holm") {
        let adjusted = holm(&numbers(&row["raw"]));
        let theirs = numbers(&row["adjusted"]);
        assert_eq!(adjusted.len(), theirs.len());
        for (ours, theirs) in adjusted.into_iter().zip(theirs) {
            same(ours, theirs, &row["raw"].to_string());
        }
    }
}

/// Two bootstraps with luck of their own agree within a few of their own standard errors: an end at 2.5 %
/// of 20,000 resamples is known to about 2 % of the bootstrap's standard error where the observations are
/// dense; a quantile of a resample jumps between observations, so a quarter is allowed.
#[test]
fn bootstrap_intervals_agree_with_scipys_within_their_noise() {
    for row in rows("bootstrap") {
        let pairs = pairs(&row);
        let resampling = Resampling::new(pairs.n(), 20_000);
        let difference = pairs
            .quantile_difference(quantile(&row), Confidence::NINETY_FIVE, &resampling)
            .expect("there are enough pairs");
        let interval = difference.interval.expect("there are enough resamples");
        let noise = number(&row["error"]) / 4.0;
        assert!(
            (interval.low - number(&row["low"])).abs() < noise,
            "{interval:?} {} {}",
            row["low"],
            row["high"]
        );
        assert!(
            (interval.high - number(&row["high"])).abs() < noise,
            "{interval:?} {} {}",
            row["low"],
            row["high"]
        );
    }
}
