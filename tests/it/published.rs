//! docs/validation.md is what the model says of published rollouts at this version.

#[path = "../../examples/validation/entries.rs"]
mod entries;
#[path = "../../examples/validation/table.rs"]
mod table;

use std::fs;
use std::path::Path;

use self::table::{Observed, Simulated};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_page_of_published_rollouts_is_of_this_version() {
    let page = fs::read_to_string(root().join("docs/validation.md")).expect("the page");
    let (_, rest) = page.split_once("<!-- tables -->").expect("the opening mark");
    let (shown, _) = rest.split_once("<!-- /tables -->").expect("the closing mark");
    let made = table::tables(root());
    assert!(shown.trim() == made.trim(), "`.ci/validation` puts in what this version makes:\n{made}");
}

#[test]
fn every_published_scenario_stands_behind_an_entry() {
    let code = fs::read_to_string(root().join("examples/validation/entries.rs")).expect("the entries");
    for entry in fs::read_dir(root().join("scenarios/published")).expect("the scenarios") {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_stem().expect("a file").to_string_lossy().into_owned();
        assert!(code.contains(&format!("scenario(root, \"{name}\"")), "nothing is made of {name}");
    }
}

#[test]
fn an_interval_is_of_ranks_and_agrees_with_what_lies_in_it() {
    let hundred: Vec<f64> = (1..=100).rev().map(f64::from).collect();
    let interval = Simulated::new(&hundred).expect("there are values");
    assert_eq!((interval.low, interval.median, interval.high, interval.seeds), (5.0, 50.0, 95.0, 100));
    assert_eq!(Simulated::new(&[]), None);
    for (observed, agrees) in [
        (Observed::Value(5.0), true),
        (Observed::Value(95.0), true),
        (Observed::Value(4.9), false),
        (Observed::Value(95.1), false),
        // After the first look and no later than the second.
        (Observed::Between(0.0, 5.0), true),
        (Observed::Between(0.0, 4.9), false),
        (Observed::Between(94.9, 200.0), true),
        (Observed::Between(95.0, 200.0), false),
        (Observed::Both(10.0, 90.0), true),
        (Observed::Both(1.0, 50.0), false),
    ] {
        assert_eq!(interval.agrees(observed), agrees, "{observed:?}");
    }
}
