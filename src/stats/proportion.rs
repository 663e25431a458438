//! Proportions: yes or no, so many of so many.

use statrs::distribution::{Beta, ContinuousCDF, Normal};

use super::binomial::Binomial;
use super::evidence::Evidence;
use super::interval::{Confidence, Interval};

/// `hits` of `n` trials; `n` is at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proportion {
    hits: usize,
    n: usize,
}

impl Proportion {
    /// `hits` of `n`, unless there was no trial or there are more hits than trials.
    pub fn new(hits: usize, n: usize) -> Option<Self> {
        (n > 0 && hits <= n).then_some(Self { hits, n })
    }

    /// Number of hits.
    pub fn hits(self) -> usize {
        self.hits
    }

    /// Number of trials.
    pub fn n(self) -> usize {
        self.n
    }

    /// The share of hits.
    pub fn share(self) -> f64 {
        self.hits as f64 / self.n as f64
    }

    /// Wilson's score interval, for display: its average coverage is near the level, even at the edges
    /// (Wilson 1927; Brown et al., Statistical Science 16, 2001).
    pub fn wilson(self, confidence: Confidence) -> Interval {
        let z = normal_quantile(1.0 - confidence.tail());
        let (n, p) = (self.n as f64, self.share());
        let scale = 1.0 + z * z / n;
        let middle = (p + z * z / (2.0 * n)) / scale;
        let half = z / scale * libm::sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n));
        // At no hits and at all hits the end is exactly 0 or 1; rounding would miss it by a bit.
        Interval {
            low: if self.hits == 0 { 0.0 } else { middle - half },
            high: if self.hits == self.n { 1.0 } else { middle + half },
        }
    }

    /// The exact two-sided interval of Clopper and Pearson (Biometrika 26, 1934).
    pub fn clopper_pearson(self, confidence: Confidence) -> Interval {
        let tail = confidence.tail();
        Interval { low: self.lower_end(tail), high: self.upper_end(tail) }
    }

    /// The exact one-sided upper bound: with no hit in n trials at 95 %, about 3 / n.
    pub fn upper_bound(self, confidence: Confidence) -> f64 {
        self.upper_end(1.0 - confidence.level())
    }

    /// The exact one-sided lower bound.
    pub fn lower_bound(self, confidence: Confidence) -> f64 {
        self.lower_end(1.0 - confidence.level())
    }

    /// The evidence for claims about the chance of a hit, by the exact binomial tails that the interval of
    /// Clopper and Pearson inverts.
    ///
    /// A chance is never below 0 or above 1. So `≤ 1` and `≥ 0` are shown without any data (0), `< 0`,
    /// `> 1` and whatever lies beyond never (1); that the chance *is* 0 or 1 no data show either.
    pub fn against(self, bound: f64) -> Evidence {
        if !(0.0..=1.0).contains(&bound) {
            return Evidence::exact(0.5, bound);
        }
        let binomial = Binomial::new(self.n, bound);
        let (below, above) = (binomial.at_most(self.hits), binomial.at_least(self.hits));
        Evidence {
            less: if bound == 0.0 { 1.0 } else { below },
            at_most: if bound == 1.0 { 0.0 } else { below },
            greater: if bound == 1.0 { 1.0 } else { above },
            at_least: if bound == 0.0 { 0.0 } else { above },
        }
    }

    fn lower_end(self, tail: f64) -> f64 {
        if self.hits == 0 { 0.0 } else { beta_quantile(tail, self.hits, self.n - self.hits + 1) }
    }

    fn upper_end(self, tail: f64) -> f64 {
        if self.hits == self.n { 1.0 } else { beta_quantile(1.0 - tail, self.hits + 1, self.n - self.hits) }
    }
}

/// The value that a standard normal variable stays below with probability `p`.
pub(super) fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// The probability that a standard normal variable is at most `z`.
pub(super) fn normal_at_most(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

fn beta_quantile(p: f64, a: usize, b: usize) -> f64 {
    Beta::new(a as f64, b as f64).expect("shapes are positive").inverse_cdf(p)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proportion(hits: usize, n: usize) -> Proportion {
        Proportion::new(hits, n).expect("no more hits than trials")
    }

    fn rounded(interval: Interval) -> (i64, i64) {
        ((interval.low * 1e4).round() as i64, (interval.high * 1e4).round() as i64)
    }

    #[test]
    fn intervals_agree_with_newcombes_table() {
        for (hits, n, wilson, exact) in [
            (81, 263, (2553, 3662), (2527, 3676)),
            (15, 148, (624, 1605), (578, 1617)),
            (0, 20, (0, 1611), (0, 1684)),
            (1, 29, (61, 1718), (9, 1776)),
        ] {
            let p = proportion(hits, n);
            assert_eq!(rounded(p.wilson(Confidence::NINETY_FIVE)), wilson, "Wilson of {hits}/{n}");
            assert_eq!(rounded(p.clopper_pearson(Confidence::NINETY_FIVE)), exact, "exact of {hits}/{n}");
        }
    }

    #[test]
    fn no_hit_in_three_hundred_bounds_the_share_at_one_percent() {
        let bound = proportion(0, 300).upper_bound(Confidence::NINETY_FIVE);
        assert!((bound - 0.009_936_09).abs() < 1e-8, "{bound}");
        let mirrored = proportion(300, 300).lower_bound(Confidence::NINETY_FIVE);
        assert!((bound + mirrored - 1.0).abs() < 1e-9, "{mirrored}");
    }

    #[test]
    fn ends_at_nought_and_one_are_exact() {
        let none = proportion(0, 7).wilson(Confidence::NINETY_FIVE);
        let all = proportion(7, 7).wilson(Confidence::NINETY_FIVE);
        assert_eq!((none.low, all.high), (0.0, 1.0));
        assert!((none.high + all.low - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_normal_quantile_is_good_to_eleven_digits() {
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054_2).abs() < 1e-11);
    }

    #[test]
    fn no_trial_makes_no_proportion() {
        assert_eq!(Proportion::new(0, 0), None);
        assert_eq!(Proportion::new(3, 2), None);
    }

    #[test]
    fn exact_ends_leave_exactly_the_tail_they_should_up_to_a_hundred_thousand_trials() {
        for (hits, n) in [(1, 10), (19, 20), (7, 200), (150, 1_000), (5_000, 100_000), (99_990, 100_000)] {
            let exact = proportion(hits, n).clopper_pearson(Confidence::NINETY_FIVE);
            let below = Binomial::new(n, exact.high).at_most(hits);
            let above = Binomial::new(n, exact.low).at_least(hits);
            assert!((below - 0.025).abs() < 1e-7, "{hits} of {n}: {below}");
            assert!((above - 0.025).abs() < 1e-7, "{hits} of {n}: {above}");
        }
    }

    #[test]
    fn no_hit_in_three_hundred_shows_at_most_one_percent() {
        let none = proportion(0, 300);
        assert!(none.against(0.01).at_most <= 0.05);
        let bound = none.upper_bound(Confidence::NINETY_FIVE);
        assert!((none.against(bound).less - 0.05).abs() < 1e-9);
        assert_eq!(none.against(bound).greater, 1.0);
    }

    #[test]
    fn a_chance_lies_between_nought_and_one_without_data() {
        let four = |e: Evidence| (e.less, e.at_most, e.greater, e.at_least);
        for p in [proportion(0, 9), proportion(4, 9), proportion(9, 9)] {
            assert_eq!(four(p.against(-0.1)), (1.0, 1.0, 0.0, 0.0));
            assert_eq!(four(p.against(1.1)), (0.0, 0.0, 1.0, 1.0));
            assert_eq!(p.against(f64::NAN), Evidence::NONE);
        }
        // One hit proves a chance above 0, and one miss a chance below 1; that it is 0 or 1 nothing proves.
        assert_eq!(four(proportion(0, 9).against(0.0)), (1.0, 1.0, 1.0, 0.0));
        assert_eq!(four(proportion(4, 9).against(0.0)), (1.0, 1.0, 0.0, 0.0));
        assert_eq!(four(proportion(4, 9).against(1.0)), (0.0, 0.0, 1.0, 1.0));
        assert_eq!(four(proportion(9, 9).against(1.0)), (1.0, 0.0, 1.0, 1.0));
    }

    #[test]
    fn normal_tails_keep_their_digits() {
        // Φ(−1.96…) and Φ at Wichura's check value for 1e-20.
        assert!((normal_at_most(-1.959_963_984_540_054_2) / 0.025 - 1.0).abs() < 1e-13);
        assert!((normal_at_most(-9.262_340_089_798_408) / 1e-20 - 1.0).abs() < 1e-12);
        assert_eq!((normal_at_most(f64::NEG_INFINITY), normal_at_most(f64::INFINITY)), (0.0, 1.0));
    }
}
