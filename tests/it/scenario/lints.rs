//! Lints: every one of them has a scenario that raises it and one that does not.

use bakeoff::scenario::examples::{BASE, EXAMPLES};
use bakeoff::scenario::problem::Severity;
use bakeoff::scenario::{Code, NoFiles, load};

/// The codes of the warnings that the base raises with these settings.
fn raised(settings: &[&str]) -> Vec<&'static str> {
    let set: Vec<(String, String)> = settings
        .iter()
        .map(|setting| setting.split_once('=').unwrap_or_else(|| panic!("{setting} is key=value")))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let loaded = load("example.yaml", BASE, &NoFiles, &set).unwrap_or_else(|problems| {
        let told: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        panic!("{settings:?}: {told:?}")
    });
    let mut codes: Vec<&str> = loaded.warnings.iter().map(|warning| warning.code.id()).collect();
    codes.dedup();
    codes
}

#[test]
fn r520_every_lint_has_an_example_that_raises_it_and_one_that_does_not() {
    let lints = Code::ALL.iter().filter(|code| code.severity() == Severity::Warning);
    let ids: Vec<&str> = lints.map(|code| code.id()).collect();
    assert_eq!(EXAMPLES.iter().map(|example| example.code).collect::<Vec<_>>(), ids);
    assert!(EXAMPLES.iter().all(|example| !example.fails.is_empty() && !example.passes.is_empty()));
    assert_eq!(raised(&[]), [""; 0], "the base is sound");
}

#[test]
fn r521_a_failing_example_raises_its_lint_and_no_other() {
    for example in EXAMPLES {
        assert_eq!(raised(example.fails), [example.code], "{}", example.code);
    }
}

#[test]
fn r522_a_passing_example_raises_nothing() {
    for example in EXAMPLES {
        assert_eq!(raised(example.passes), [""; 0], "{}", example.code);
    }
}

#[test]
fn the_long_text_of_a_lint_shows_its_examples() {
    for example in EXAMPLES {
        let text = bakeoff::scenario::about::about(example.code).expect("a text");
        let keys = example.fails.iter().chain(example.passes).filter_map(|setting| setting.split_once('='));
        assert!(text.contains("\nRaises it:\n") && text.contains("\nDoes not:\n"), "{text}");
        assert!(text.contains("`bakeoff about example`"), "{text}");
        for (key, value) in keys {
            assert!(text.contains(&format!("  {key}: {value}\n")), "{key} in {text}");
        }
    }
    assert_eq!(bakeoff::scenario::about::about("example").as_deref(), Ok(BASE));
}

#[test]
fn what_event_logs_name_obeys_the_bounds_of_aws() {
    for (key, bad, code) in [
        ("epoch", "2026-02-30T00:00:00Z", "S005"),
        ("epoch", "yesterday", "S005"),
        ("region", "Europe", "S015"),
        ("region", "eu-west", "S015"),
        ("accountId", "'12345'", "S015"),
        ("clusterName", "a/b", "S015"),
        ("clusterName", "''", "S015"),
    ] {
        let set = [(format!("simulation.{key}"), bad.to_owned())];
        let problems = load("example.yaml", BASE, &NoFiles, &set).expect_err("it is refused");
        let told: Vec<&str> = problems.iter().map(|problem| problem.code.id()).collect();
        assert_eq!(told, [code], "{key}: {bad}");
        assert!(problems.iter().all(|problem| problem.help.is_some()), "{key}: {bad}");
    }
}
