//! The fleet model: timelines worked out by hand, closed forms, properties, determinism.

mod closed_forms;
mod draws;
mod events;
mod hand_timelines;
mod kit;
mod properties;
mod published;
mod rules_alarm_metrics;
mod rules_alarms;
mod rules_basics;
mod rules_capacity;
mod rules_deployments;
mod rules_faults;
mod rules_fleet;
mod rules_images;
mod rules_services;
mod rules_several_daemons;
mod rules_spot;
mod rules_tasks;

use bakeoff::fleet::{LogEntry, Workspace, narrate, simulate, simulate_checked};
use bakeoff::outcome::Outcome;
use bakeoff::scenario::{NoFiles, Scenario, load};

/// A scenario from its text.
pub(crate) fn scenario(text: &str) -> Scenario {
    match load("test.yaml", text, &NoFiles, &[]) {
        Ok(loaded) => loaded.scenario,
        Err(problems) => {
            let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
            panic!("the scenario is refused: {}", messages.join("; "))
        }
    }
}

/// One seed, run with every invariant checked.
pub(crate) fn outcome(text: &str, seed: u64) -> Outcome {
    simulate_checked(&scenario(text), seed, &mut Workspace::new())
}

/// One seed, without the checks.
pub(crate) fn quick(scenario: &Scenario, seed: u64, workspace: &mut Workspace) -> Outcome {
    simulate(scenario, seed, workspace, &|| false).expect("nobody interrupts")
}

/// The story of seed 0, a line a change, `time what`.
pub(crate) fn story(text: &str) -> Vec<String> {
    let (_, story) = narrate(&scenario(text), 0, &mut Workspace::new());
    let lines = story.iter().filter(|line| !line.change.is_detail());
    lines.map(|line: &LogEntry| format!("{} {}", line.at, line.change)).collect()
}

/// Compares a story with the one worked out by hand, and shows the first line that differs.
pub(crate) fn assert_story(text: &str, expected: &str) {
    let told = story(text);
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    for (index, line) in expected.iter().enumerate() {
        let told_line = told.get(index).map_or("(the story ended)", String::as_str);
        assert_eq!(told_line, *line, "line {} of the story:\n{}", index + 1, told.join("\n"));
    }
    assert_eq!(told.len(), expected.len(), "the story goes on:\n{}", told.join("\n"));
}
