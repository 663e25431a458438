//! What `cargo bench --bench coverage` measures, with a tenth of its repeats: every promise must hold.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use bakeoff::stats::{Confidence, Proportion, Sample};

#[path = "../../../benches/coverage/experiments.rs"]
mod experiments;

use self::experiments::{Effort, HEADER, Luck, Promise, Row, covers, rows};

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| rows(Effort { divisor: 10 }));

#[test]
fn every_method_covers_as_often_as_it_promises() {
    let broken: Vec<&Row> = ROWS.iter().filter(|row| row.holds() == Some(false)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    let promised = ROWS.iter().filter(|row| row.holds().is_some()).count();
    assert!(promised >= 60, "only {promised} rows promise anything");
}

/// The bootstrap promises nothing for a given n; what it measured everywhere is more than its nominal level.
#[test]
fn resampled_quantile_differences_are_not_too_narrow() {
    let bootstrap: Vec<&Row> = ROWS.iter().filter(|row| row.method.starts_with("paired bootstrap")).collect();
    assert_eq!(bootstrap.len(), 12);
    for row in bootstrap {
        let (covered, repeats) = row.covered.expect("it is measured");
        let less = Proportion::new(covered, repeats).expect("there are repeats").against(row.nominal).less;
        assert!(less > 0.001, "{row:?}");
    }
}

/// The largest of a few exponentials is skewed, so 20 seeds cover a little less than they say; a simulator
/// whose runs were too long or too short on average would cover far less.
#[test]
fn whole_runs_cover_what_renyi_says_nearly_as_often_as_nominal() {
    let whole: Vec<&Row> = ROWS.iter().filter(|row| row.model.starts_with("whole runs")).collect();
    assert_eq!(whole.len(), 2);
    for row in whole {
        let (covered, repeats) = row.covered.expect("it is measured");
        let less = Proportion::new(covered, repeats).expect("there are repeats").against(0.93).less;
        assert!(less > 0.001, "{row:?}");
    }
}

/// Without Holm's correction the gate of five checks fails too often, so its row means something.
#[test]
fn five_checks_without_a_correction_fail_more_often_than_one() {
    let without: Vec<&Row> = ROWS.iter().filter(|row| row.method.contains("without Holm")).collect();
    assert_eq!(without.len(), 2);
    for row in without {
        let (covered, repeats) = row.covered.expect("it is measured");
        assert!(Proportion::new(covered, repeats).expect("there are repeats").against(0.92).less < 1e-3);
    }
}

/// An interval at 90 % that is sold as one at 95 %.
fn sold_as_95(promise: Promise) -> Row {
    Row::measure(("an interval at 90 %", "normal", 20), promise, 2_000, |luck| {
        let sample = Sample::new(luck.many(20, Luck::normal), 0).expect("finite");
        let confidence = Confidence::new(0.9).expect("a share");
        covers(sample.mean(confidence).expect("nothing is censored").interval, 0.0)
    })
}

#[test]
fn an_interval_that_is_too_narrow_is_found_out() {
    assert_eq!(sold_as_95(Promise::Nominal).holds(), Some(false));
    assert_eq!(sold_as_95(Promise::AtLeastNominal).holds(), Some(false));
    assert_eq!(sold_as_95(Promise::Exactly { coverage: 0.95, safe: false }).holds(), Some(false));
    assert_eq!(sold_as_95(Promise::Exactly { coverage: 0.9, safe: true }).holds(), Some(false));
    assert_eq!(sold_as_95(Promise::Exactly { coverage: 0.9, safe: false }).holds(), Some(true));
    assert_eq!(sold_as_95(Promise::Nothing).holds(), None);
}

#[test]
fn the_same_experiment_comes_out_the_same() {
    let (one, other) = (sold_as_95(Promise::Nothing), sold_as_95(Promise::Nothing));
    assert_eq!(one.covered, other.covered);
}

/// Methods and models of the table in the docs, which `.ci/statistics` puts there.
#[test]
fn the_documented_table_has_the_rows_of_this_version() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/statistics.md");
    let page = fs::read_to_string(page).expect("a tracked file can be read");
    let (_, rest) = page.split_once("<!-- coverage -->\n").expect("the opening mark");
    let (table, _) = rest.split_once("<!-- /coverage -->").expect("the closing mark");
    assert!(table.starts_with(HEADER), "the head of the table is another");
    let names = |line: &str| line.split('|').take(3).map(str::to_owned).collect::<Vec<_>>();
    let documented: Vec<_> = table.lines().skip(HEADER.lines().count()).map(names).collect();
    let measured: Vec<_> = ROWS.iter().map(|row| names(&row.line())).collect();
    assert_eq!(documented, measured, "`.ci/statistics` puts in what this version measures");
    assert!(!table.contains("broken"), "a promise is broken");
}
