//! Two arms under the same luck: yes or no in each.

use super::binomial::Binomial;
use super::evidence::Evidence;
use super::interval::{Confidence, Estimate, Interval};
use super::proportion::{normal_at_most, normal_quantile};

/// How often both arms of a pair had a hit, one of them, or neither; at least one pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairedProportions {
    both: usize,
    base_only: usize,
    arm_only: usize,
    neither: usize,
}

impl PairedProportions {
    /// The counts of the four kinds of pair, unless there is no pair.
    pub fn new(both: usize, base_only: usize, arm_only: usize, neither: usize) -> Option<Self> {
        let counts = Self { both, base_only, arm_only, neither };
        (counts.n() > 0).then_some(counts)
    }

    /// Counts pairs of (base, arm), unless there is none.
    pub fn of(pairs: impl IntoIterator<Item = (bool, bool)>) -> Option<Self> {
        let mut counts = Self { both: 0, base_only: 0, arm_only: 0, neither: 0 };
        for pair in pairs {
            match pair {
                (true, true) => counts.both += 1,
                (true, false) => counts.base_only += 1,
                (false, true) => counts.arm_only += 1,
                (false, false) => counts.neither += 1,
            }
        }
        (counts.n() > 0).then_some(counts)
    }

    /// Number of pairs.
    pub fn n(self) -> usize {
        self.both + self.base_only + self.arm_only + self.neither
    }

    /// Pairs with a hit in both arms.
    pub fn both(self) -> usize {
        self.both
    }

    /// Pairs with a hit in the base only.
    pub fn base_only(self) -> usize {
        self.base_only
    }

    /// Pairs with a hit in the arm only.
    pub fn arm_only(self) -> usize {
        self.arm_only
    }

    /// Pairs without a hit.
    pub fn neither(self) -> usize {
        self.neither
    }

    /// The chance of a hit in the arm less that in the base, with Tango's score interval
    /// (Statistics in Medicine 17, 1998).
    ///
    /// It holds every difference that the two-sided score test does not reject, is defined for every
    /// table, lies within [−1, 1], and has a width above 0 even when no pair differs.
    pub fn difference(self, confidence: Confidence) -> Estimate {
        let n = self.n();
        let z = normal_quantile(1.0 - confidence.tail());
        let point = (self.arm_only as f64 - self.base_only as f64) / n as f64;
        let interval = Interval { low: -self.swapped().upper_end(z), high: self.upper_end(z) };
        Estimate { point, interval: Some(interval), n }
    }

    /// The evidence for claims about the chance of a hit in the arm less that in the base.
    ///
    /// Against 0 it is McNemar's exact test on one side: given the pairs that differ, those with a hit in
    /// the arm only are binomial with chance 1/2 when the arms do not differ. Against any other bound,
    /// where no exact test of this simplicity exists, it is Tango's score test.
    ///
    /// The score test is approximate, so near 0 it can disagree with the exact one. A claim that implies
    /// "≤ 0" is therefore never easier to show than "≤ 0" itself, and one implied by "≤ 0" never
    /// harder: the larger, and the smaller, of the two p-values counts. The same on the other side.
    pub fn against(self, bound: f64) -> Evidence {
        if !(-1.0..=1.0).contains(&bound) {
            return Evidence::exact(0.0, bound);
        }
        let p = |shown: bool| if shown { 0.0 } else { 1.0 };
        let n = self.n();
        if bound == 1.0 {
            // Every difference is at most 1, and one below 1 is proved by any pair that shows it.
            return Evidence { less: p(self.arm_only < n), at_most: 0.0, greater: 1.0, at_least: 1.0 };
        }
        if bound == -1.0 {
            return Evidence { less: 1.0, at_most: 1.0, greater: p(self.base_only < n), at_least: 0.0 };
        }
        Evidence::continuous(self.shows_at_most(bound), self.swapped().shows_at_most(-bound))
    }

    /// McNemar's exact test on both sides: the p-value for "the chances differ" (Psychometrika 12, 1947).
    pub fn mcnemar(self) -> f64 {
        self.against(0.0).different()
    }

    /// The p-value for "the difference is at most `bound`".
    fn shows_at_most(self, bound: f64) -> f64 {
        let exact = Binomial::new(self.base_only + self.arm_only, 0.5).at_most(self.arm_only);
        if bound == 0.0 {
            return exact;
        }
        let score = normal_at_most(self.score(bound));
        if bound < 0.0 { score.max(exact) } else { score.min(exact) }
    }

    /// Base and arm in each other's place.
    fn swapped(self) -> Self {
        Self { base_only: self.arm_only, arm_only: self.base_only, ..self }
    }

    /// Tango's statistic against the difference `bound`: about standard normal if that is the true one,
    /// falling as the bound rises.
    fn score(self, bound: f64) -> f64 {
        if bound < 0.0 {
            return -self.swapped().score(-bound);
        }
        let (n, b, c) = (self.n() as f64, self.arm_only as f64, self.base_only as f64);
        let excess = b - c - n * bound;
        if excess == 0.0 {
            return 0.0;
        }
        // The likeliest chance of "base only" under the bound solves 2n q² + linear q + constant = 0.
        let linear = (2.0 * n - b + c) * bound - b - c;
        let constant = -c * bound * (1.0 - bound);
        let root = libm::sqrt(linear * linear - 8.0 * n * constant);
        // Of the two ways to write the larger root, the one in which nothing cancels.
        let q = if linear <= 0.0 { (root - linear) / (4.0 * n) } else { -2.0 * constant / (root + linear) };
        excess / libm::sqrt(n * (2.0 * q + bound * (1.0 - bound)))
    }

    /// The largest difference whose score is at least `−z`, by bisection down to neighbouring numbers.
    fn upper_end(self, z: f64) -> f64 {
        let point = (self.arm_only as f64 - self.base_only as f64) / self.n() as f64;
        if point == 1.0 {
            return 1.0;
        }
        let (mut inside, mut outside) = (point, 1.0);
        loop {
            let middle = inside + (outside - inside) / 2.0;
            if middle <= inside || middle >= outside {
                return inside;
            }
            if self.score(middle) >= -z { inside = middle } else { outside = middle }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVEL: Confidence = Confidence::NINETY_FIVE;

    fn table(base_only: usize, arm_only: usize, same: usize) -> PairedProportions {
        PairedProportions::new(same / 2, base_only, arm_only, same - same / 2).expect("there are pairs")
    }

    fn interval(table: PairedProportions) -> Interval {
        table.difference(LEVEL).interval.expect("every table has one")
    }

    #[test]
    fn ten_against_two_is_mcnemars_textbook_example() {
        let p = table(2, 10, 0).mcnemar();
        assert!((p - 0.038_574_218_75).abs() < 1e-15, "{p}");
    }

    #[test]
    fn pairs_are_counted_by_kind() {
        let counted = PairedProportions::of([
            (true, true),
            (true, false),
            (true, false),
            (false, true),
            (false, false),
            (false, false),
            (false, false),
        ]);
        assert_eq!(counted, PairedProportions::new(1, 2, 1, 3));
        let counted = counted.expect("seven");
        assert_eq!(
            (counted.both(), counted.base_only(), counted.arm_only(), counted.neither()),
            (1, 2, 1, 3)
        );
        assert_eq!(PairedProportions::of([]), None);
        assert_eq!(PairedProportions::new(0, 0, 0, 0), None);
    }

    #[test]
    fn arms_that_never_part_leave_room_for_a_difference_not_yet_seen() {
        // With no pair apart the score test turns at z² / (n + z²).
        let z = normal_quantile(0.975);
        for n in [1, 20, 1_000] {
            let interval = interval(table(0, 0, n));
            let end = z * z / (n as f64 + z * z);
            assert!(
                (interval.high - end).abs() < 1e-12 && (interval.low + end).abs() < 1e-12,
                "{interval:?}"
            );
            assert_eq!(table(0, 0, n).mcnemar(), 1.0);
            let evidence = table(0, 0, n).against(0.0);
            assert_eq!(evidence, Evidence::NONE);
        }
    }

    #[test]
    fn arms_that_always_part_end_at_one() {
        let all = interval(table(0, 20, 0));
        assert!(all.high == 1.0 && all.low > 0.5, "{all:?}");
        let none = interval(table(20, 0, 0));
        assert_eq!((none.low, none.high), (-1.0, -all.low));
    }

    #[test]
    fn a_laxer_bound_is_never_harder_to_show_around_nought() {
        for (base_only, arm_only, same) in
            [(4, 0, 46), (0, 4, 46), (9, 1, 10), (0, 0, 30), (3, 3, 0), (60, 30, 900)]
        {
            let table = table(base_only, arm_only, same);
            let bounds = [-1.0, -0.5, -0.1, -0.01, -1e-12, 0.0, 1e-12, 0.01, 0.1, 0.5, 1.0];
            for pair in bounds.windows(2) {
                let (strict, lax) = (table.against(pair[0]), table.against(pair[1]));
                assert!(lax.at_most <= strict.at_most && lax.less <= strict.less, "{table:?} {pair:?}");
                assert!(
                    lax.at_least >= strict.at_least && lax.greater >= strict.greater,
                    "{table:?} {pair:?}"
                );
            }
        }
    }

    #[test]
    fn a_difference_is_within_one_without_data_and_never_beyond() {
        let evidence = table(3, 5, 10).against(1.0);
        assert_eq!(
            (evidence.less, evidence.at_most, evidence.greater, evidence.at_least),
            (0.0, 0.0, 1.0, 1.0)
        );
        let evidence = table(0, 5, 0).against(1.0);
        assert_eq!(
            (evidence.less, evidence.at_most, evidence.greater, evidence.at_least),
            (1.0, 0.0, 1.0, 1.0)
        );
        let evidence = table(5, 0, 0).against(-1.0);
        assert_eq!(
            (evidence.less, evidence.at_most, evidence.greater, evidence.at_least),
            (1.0, 1.0, 1.0, 0.0)
        );
        let evidence = table(3, 5, 10).against(-1.5);
        assert_eq!(
            (evidence.less, evidence.at_most, evidence.greater, evidence.at_least),
            (1.0, 1.0, 0.0, 0.0)
        );
        assert_eq!(table(3, 5, 10).against(f64::NAN), Evidence::NONE);
    }

    #[test]
    fn the_score_falls_without_a_jump() {
        for (base_only, arm_only, same) in [(0, 0, 20), (2, 10, 88), (0, 7, 3), (5, 0, 1)] {
            let table = table(base_only, arm_only, same);
            let scores: Vec<f64> = (-99..=99).map(|i| table.score(f64::from(i) / 100.0)).collect();
            assert!(scores.windows(2).all(|two| two[0] >= two[1]), "{table:?}: {scores:?}");
        }
    }
}
