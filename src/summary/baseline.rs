//! Results of an earlier run, kept to compare with.

use std::ops::Range;

use super::packed::{Digests, Values};

/// What one scenario's seeds came to when the baseline was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    /// Name of the scenario.
    pub name: String,
    /// Version of bakeoff that made it.
    pub version: String,
    /// How addresses became random numbers.
    pub random_scheme: String,
    /// Edition of the metrics' definitions ([`METRICS_EDITION`](crate::scenario::metric::METRICS_EDITION)).
    pub metrics_edition: u32,
    /// Salt of the seeds.
    pub master_seed: u64,
    /// Digest of the effective scenario: provenance, not a condition.
    pub scenario_digest: String,
    /// The seeds, the last one left out.
    pub seeds: Range<u64>,
    /// Digest of every seed's events, in order of the seeds.
    pub digests: Digests,
    /// Every column of `runs.csv` with its value in every seed.
    pub columns: Vec<BaselineColumn>,
}

/// What has to agree before results may be compared with a baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditions<'a> {
    /// Name of the scenario.
    pub name: &'a str,
    /// Salt of the seeds.
    pub master_seed: u64,
    /// How addresses become random numbers.
    pub random_scheme: &'a str,
    /// Edition of the metrics' definitions.
    pub metrics_edition: u32,
    /// The seeds that ran, the last one left out.
    pub seeds: Range<u64>,
}

/// With fewer shared seeds than these, paired differences are not worth testing: intervals from so few are wide,
/// and their coverage is poor where the metric is skewed.
pub const LEAST_SHARED_SEEDS: u64 = 20;

/// How to make a baseline that fits.
const MEND: &str = "make a new one by `bakeoff check FILE --baseline DIR --update-baseline`";

impl Baseline {
    /// The seeds that results under `conditions` share with the baseline, if the two may be compared.
    ///
    /// Pairing by seed means something only where a seed stands for the same luck on both sides and a
    /// metric of one name for the same quantity. The scenario itself may differ: the difference it makes
    /// is what a comparison is for.
    ///
    /// # Errors
    /// Which condition differs, and how to mend it, as a sentence without a full stop.
    pub fn comparable(&self, conditions: &Conditions<'_>) -> Result<Range<u64>, String> {
        if self.name != conditions.name {
            return Err(format!(
                "the baseline is of the scenario '{}', and this one is '{}'; {MEND}",
                self.name, conditions.name
            ));
        }
        if self.random_scheme != conditions.random_scheme {
            return Err(format!(
                "version {} of bakeoff made the baseline, with random numbers by the scheme '{}'; this version \
                 draws them by '{}', so a seed is no longer the same luck; {MEND}",
                self.version, self.random_scheme, conditions.random_scheme
            ));
        }
        if self.metrics_edition != conditions.metrics_edition {
            return Err(format!(
                "version {} of bakeoff made the baseline, with edition {} of the metrics' definitions; this \
                 version has edition {}; {MEND}",
                self.version, self.metrics_edition, conditions.metrics_edition
            ));
        }
        if self.master_seed != conditions.master_seed {
            return Err(format!(
                "the baseline has the master seed {}, and this run {}; give --master-seed {}, or {MEND}",
                self.master_seed, conditions.master_seed, self.master_seed
            ));
        }
        self.shared(&conditions.seeds)
    }

    fn shared(&self, seeds: &Range<u64>) -> Result<Range<u64>, String> {
        let shared = self.seeds.start.max(seeds.start)..self.seeds.end.min(seeds.end);
        let count = shared.end.saturating_sub(shared.start);
        if count >= LEAST_SHARED_SEEDS {
            return Ok(shared);
        }
        let Range { start, end } = &self.seeds;
        let mend = if end.saturating_sub(*start) < LEAST_SHARED_SEEDS {
            MEND.to_owned()
        } else {
            format!("give --seeds {start}..{end}, or {MEND}")
        };
        Err(format!(
            "the baseline has the seeds {start}..{end}, and this run {}..{}: {count} in common, where a comparison \
             takes {LEAST_SHARED_SEEDS}; {mend}",
            seeds.start, seeds.end
        ))
    }
}

/// One metric of a baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselineColumn {
    /// Its column in `runs.csv`.
    pub name: String,
    /// Its value in every seed, in their order.
    pub values: Values,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline() -> Baseline {
        Baseline {
            name: "rollout".to_owned(),
            version: "0.1.0".to_owned(),
            random_scheme: "dice.v1".to_owned(),
            metrics_edition: 3,
            master_seed: 7,
            scenario_digest: "0123".to_owned(),
            seeds: 100..300,
            digests: [0; 200].into_iter().collect(),
            columns: Vec::new(),
        }
    }

    fn conditions() -> Conditions<'static> {
        Conditions {
            name: "rollout",
            master_seed: 7,
            random_scheme: "dice.v1",
            metrics_edition: 3,
            seeds: 0..200,
        }
    }

    fn refusal(conditions: &Conditions<'_>) -> String {
        baseline().comparable(conditions).expect_err("a condition differs")
    }

    #[test]
    fn what_is_compared_are_the_seeds_that_both_have() {
        assert_eq!(baseline().comparable(&conditions()), Ok(100..200));
        let within = Conditions { seeds: 150..170, ..conditions() };
        assert_eq!(baseline().comparable(&within), Ok(150..170));
    }

    #[test]
    fn another_scenario_of_the_same_name_is_what_a_baseline_is_for() {
        let other = Baseline { scenario_digest: "4567".to_owned(), ..baseline() };
        assert_eq!(other.comparable(&conditions()), Ok(100..200));
    }

    #[test]
    fn nineteen_shared_seeds_are_too_few_and_twenty_are_enough() {
        let few = Conditions { seeds: 0..119, ..conditions() };
        let told = refusal(&few);
        assert!(told.contains("100..300, and this run 0..119: 19 in common"), "{told}");
        assert!(told.contains("give --seeds 100..300, or make a new one by"), "{told}");
        assert_eq!(baseline().comparable(&Conditions { seeds: 0..120, ..conditions() }), Ok(100..120));
        let apart = refusal(&Conditions { seeds: 0..50, ..conditions() });
        assert!(apart.contains(": 0 in common"), "{apart}");
    }

    #[test]
    fn a_baseline_of_few_seeds_can_only_be_made_again() {
        let small = Baseline { seeds: 0..5, ..baseline() };
        let told = small.comparable(&conditions()).expect_err("five seeds");
        assert!(told.contains("5 in common") && !told.contains("--seeds 0..5"), "{told}");
    }

    #[test]
    fn every_condition_that_differs_is_named_with_both_of_its_values_and_the_mend() {
        let cases = [
            (Conditions { name: "other", ..conditions() }, ["'rollout'", "'other'"]),
            (Conditions { master_seed: 8, ..conditions() }, ["seed 7", "--master-seed 7"]),
            (Conditions { random_scheme: "coins.v2", ..conditions() }, ["'dice.v1'", "'coins.v2'"]),
            (Conditions { metrics_edition: 4, ..conditions() }, ["edition 3", "edition 4"]),
        ];
        for (case, words) in cases {
            let told = refusal(&case);
            assert!(words.iter().all(|word| told.contains(word)), "{told}");
            assert!(told.contains("`bakeoff check FILE --baseline DIR --update-baseline`"), "{told}");
        }
    }
}
