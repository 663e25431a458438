//! What a gate is started from: the files of `init`, the hooks, the guide.

use bakeoff::cli::Cli;
use bakeoff::fleet::{Workspace, simulate};
use bakeoff::scenario::{NoFiles, load};
use bakeoff::stats::{Confidence, Proportion};
use bakeoff::summary::{Value, columns};
use clap::CommandFactory;

const STARTER: &str = include_str!("../../../src/commands/init/rollout.yaml");
const WORKFLOW: &str = include_str!("../../../src/commands/init/workflow.yml");
const HOOKS: &str = include_str!("../../../.pre-commit-hooks.yaml");
const GUIDE: &str = include_str!("../../../docs/ci.md");

/// In how many of how many seeds `breaks` is true of the starter's metric; seeds without a value do not count.
fn breaking(metric: &str, breaks: fn(Value) -> bool) -> Proportion {
    let scenario = load("rollout.yaml", STARTER, &NoFiles, &[]).expect("the starter is valid").scenario;
    let column = columns(&scenario).into_iter().find(|column| column.name == metric).expect("a metric");
    let mut workspace = Workspace::new();
    let values: Vec<Value> = (scenario.simulation.seeds_from..scenario.simulation.seeds_to)
        .map(|seed| simulate(&scenario, seed, &mut workspace, &|| false).expect("nobody interrupts"))
        .map(|outcome| column.value(&outcome))
        .filter(|value| *value != Value::Missing)
        .collect();
    let hits = values.iter().filter(|value| breaks(**value)).count();
    Proportion::new(hits, values.len()).expect("there are seeds")
}

#[test]
fn the_checks_of_the_starter_pass_with_its_seeds_even_by_bonferroni() {
    let scenario = load("rollout.yaml", STARTER, &NoFiles, &[]).expect("the starter is valid").scenario;
    let written: Vec<&str> = scenario.checks.iter().map(|check| check.text.as_str()).collect();
    assert_eq!(
        written,
        [
            "p95(rollout_duration_min) <= 90",
            "P(missed_defect) <= 0.10",
            "P(min_running_tasks_pct < 100) <= 0.05"
        ]
    );
    // Three claims at 95 % together: each alone at 1 - 0.05 / 3, which asks more than Holm does.
    let each = Confidence::new(1.0 - 0.05 / 3.0).expect("between 0 and 1");
    let is_long = |value| matches!(value, Value::Number(x) if x > 90.0) || value == Value::Censored;
    let is_short_of_tasks = |value| matches!(value, Value::Number(x) if x < 100.0);
    for (broken, bound) in [
        // A 95th percentile is at most 90 when at most 5 % lie above.
        (breaking("rollout_duration_min", is_long), 0.05),
        (breaking("missed_defect", |value| value == Value::Boolean(true)), 0.10),
        (breaking("min_running_tasks_pct", is_short_of_tasks), 0.05),
    ] {
        assert!(broken.upper_bound(each) <= bound, "{broken:?} against {bound}");
    }
}

/// Every `bakeoff …` of a text that stands on a line of its own or between backticks, continuation lines joined.
fn commands(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ");
    let opened = joined.lines().flat_map(|line| {
        let line =
            line.trim().trim_start_matches("- ").trim_start_matches("run: ").trim_start_matches("entry: ");
        let quoted = line.split('`').skip(1).step_by(2).filter(|part| part.starts_with("bakeoff "));
        quoted.chain([line].into_iter().filter(|line| line.starts_with("bakeoff ")))
    });
    opened
        .map(|command| command.split_once(" || ").map_or(command, |(command, _)| command))
        .map(|command| command.split_whitespace().skip(1).map(str::to_owned).collect())
        .collect()
}

#[test]
fn every_command_of_the_guide_the_hooks_and_the_workflow_exists() {
    let cli = Cli::command();
    let all: Vec<Vec<String>> = [GUIDE, HOOKS, WORKFLOW].into_iter().flat_map(commands).collect();
    assert!(all.len() >= 15, "{all:?}");
    for words in all {
        let verb = words.first().expect("a verb");
        let command = cli.find_subcommand(verb).unwrap_or_else(|| panic!("there is no verb '{verb}'"));
        for flag in words.iter().filter_map(|word| word.strip_prefix("--")) {
            let known = command.get_arguments().any(|argument| argument.get_long() == Some(flag));
            assert!(known, "bakeoff {verb} takes no --{flag}");
        }
    }
}

#[test]
fn the_numbers_of_seeds_in_the_guide_are_the_smallest_that_will_do() {
    let enough = |share: f64, seeds: usize, level: f64| {
        let confidence = Confidence::new(level).expect("between 0 and 1");
        Proportion::new(0, seeds).expect("there are seeds").upper_bound(confidence) <= share
    };
    let mut rows = 0;
    for line in GUIDE.lines().filter(|line| line.starts_with("| `P(…) <= ")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let share = cells[1].trim_start_matches("`P(…) <= ").split('`').next().and_then(|s| s.parse().ok());
        for (cell, checks) in cells[2..5].iter().zip([1.0, 3.0, 5.0]) {
            let (share, seeds): (f64, usize) = (share.expect("a share"), cell.parse().expect("a number"));
            let level = 1.0 - 0.05 / checks;
            assert!(enough(share, seeds, level) && !enough(share, seeds - 1, level), "{line}: {cell}");
        }
        rows += 1;
    }
    assert_eq!(rows, 3);
}

#[test]
fn the_hooks_of_the_guide_are_the_ones_there_are() {
    let hooks: Vec<&str> = HOOKS.lines().filter_map(|line| line.strip_prefix("- id: ")).collect();
    assert_eq!(hooks, ["bakeoff-validate", "bakeoff-check"]);
    let named = GUIDE.lines().filter_map(|line| line.trim().strip_prefix("- id: "));
    for hook in named.map(|rest| rest.split(' ').next().unwrap_or_default()) {
        assert!(hooks.contains(&hook), "{hook}");
    }
}
