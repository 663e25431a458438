//! Tasks over time.

use bakeoff::report::plots::{Format, Tasks, running_tasks};

use super::rollout::{SAMPLES, grid, level, seeds, tasks};
use super::{heading, svg, words};

#[test]
fn an_axis_of_tasks_that_does_not_start_at_zero_says_where_it_does() {
    let text =
        words(&svg(running_tasks(&heading("Capacity", 200), &tasks(&seeds(40)), Format::Svg).unwrap()));
    for word in
        ["running tasks (axis starts at 470)", "running", "desired: 480", "floor: 480", "below the floor"]
    {
        assert!(text.contains(word), "no '{word}' in {text}");
    }
}

#[test]
fn an_axis_of_tasks_that_starts_at_zero_makes_no_fuss_of_it() {
    let outage = Tasks {
        running: level("running", &grid(1.0), 4.0),
        desired: vec![400.0; SAMPLES],
        floor: vec![0.0; SAMPLES],
        marks: vec![],
    };
    let text = words(&svg(running_tasks(&heading("Capacity", 2), &outage, Format::Svg).unwrap()));
    assert!(!text.contains("axis starts"), "{text}");
}
