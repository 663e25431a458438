//! Scenario files through the library: what loads, what is shown, what is refused and how that is told.

use bakeoff::scenario::problem::Style;
use bakeoff::scenario::{FileSource, Loaded, NoFiles, Problem, load};

const EXAMPLE: &str = include_str!("../../scenarios/agent-upgrade.yaml");

/// The plain rendering of every problem.
fn rendered(problems: &[Problem]) -> String {
    problems.iter().map(|problem| problem.render(Style::Plain)).collect::<Vec<_>>().join("\n\n")
}

fn loaded(text: &str) -> Loaded {
    load("test.yaml", text, &NoFiles, &[]).unwrap_or_else(|problems| panic!("{}", rendered(&problems)))
}

#[test]
fn the_example_loads_without_a_warning() {
    let example = loaded(EXAMPLE);
    assert_eq!(rendered(&example.warnings), "");
    assert_eq!(example.scenario.providers[0].instances, 120);
    println!("{}", example.effective);
}
