//! A metric over the seeds.

use bakeoff::report::plots::{Annotation, Distribution, Format, distribution};

use super::rollout::{durations, quantile, seeds};
use super::{heading, svg, words};

#[test]
fn a_distribution_counts_the_seeds_that_did_not_get_there_and_names_their_quantiles() {
    let data = Distribution {
        annotations: vec![
            Annotation { label: "p50".into(), share: 0.5, value: Some(94.0), interval: Some((91.5, 97.0)) },
            quantile("p95", 0.95, None),
            quantile("p25", 0.25, Some(80.0)),
        ],
        ..durations(&seeds(60), 7)
    };
    let all = data.values.len() + 7;
    let text = words(&svg(distribution(&heading("Rollout", all + 2), &data, Format::Svg).unwrap()))
        .replace('|', " ");
    let not_reached = format!("not reached: 7 of {all} seeds");
    for word in [
        "p50: 94 min",
        "(95% interval 91.5 min to 97 min)",
        "p95: not reached",
        "(too few seeds for an interval)",
        not_reached.as_str(),
        "left out: 2 seeds",
        "rollout duration, minutes",
        "share of seeds",
        "cumulative share",
    ] {
        let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(squeezed.contains(word), "no '{word}' in {squeezed}");
    }
}
