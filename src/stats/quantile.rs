//! Quantiles by order statistics, with distribution-free intervals.

use std::fmt;

use super::binomial::Binomial;
use super::interval::Confidence;

/// The order of a quantile in thousandths, 1 to 999: `p95` is 950, `p99.9` is 999.
///
/// Whole thousandths make the rank of a quantile a matter of integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantile {
    thousandths: u16,
}

impl Quantile {
    /// The median.
    pub const MEDIAN: Self = Self { thousandths: 500 };

    /// The quantile of `thousandths` thousandths, unless that is 0 or above 999.
    pub const fn from_thousandths(thousandths: u16) -> Option<Self> {
        if 1 <= thousandths && thousandths <= 999 { Some(Self { thousandths }) } else { None }
    }

    /// The quantile of a whole percentage.
    ///
    /// # Panics
    /// When `percent` is 0 or above 99.
    pub const fn percent(percent: u16) -> Self {
        Self::from_thousandths(percent * 10).expect("a percentile lies between 1 and 99")
    }

    /// The probability as a share.
    pub fn probability(self) -> f64 {
        f64::from(self.thousandths) / 1000.0
    }

    /// The rank, from 1, of the order statistic that estimates this quantile from `n` observations: ⌈n·p⌉.
    ///
    /// This is the inverse of the empirical distribution function (type 1 of Hyndman and
    /// Fan, The American Statistician 50, 1996): the smallest observation that at least
    /// the share p of the sample does not exceed. It is always one of the observations and
    /// never mixes a finite one with a censored one.
    pub fn rank(self, n: usize) -> usize {
        (n * usize::from(self.thousandths)).div_ceil(1000)
    }

    /// The ranks of the order statistics that enclose this quantile, whatever the distribution.
    ///
    /// The number of observations below the quantile is binomial, so each end leaves at
    /// most half of what `confidence` allows to its side (Wilks, Annals of Mathematical
    /// Statistics 12, 1941; David and Nagaraja, Order Statistics). `None` when `n` is too
    /// small for both ends: at 95 %, a median needs 6, a p95 72 and a p99 368.
    pub fn ranks(self, n: usize, confidence: Confidence) -> Option<Ranks> {
        let (lower, upper) = self.ends(n, confidence.tail());
        Some(Ranks { lower: lower?, upper: upper? })
    }

    /// The ranks of the one-sided lower and upper bound at a confidence, each if `n` suffices for it: at 95 %
    /// the upper bound of a p95 needs 59 (Wilks 1941).
    pub fn one_sided_ranks(self, n: usize, confidence: Confidence) -> (Option<usize>, Option<usize>) {
        self.ends(n, 1.0 - confidence.level())
    }

    /// The ranks that leave at most `tail` below and above.
    fn ends(self, n: usize, tail: f64) -> (Option<usize>, Option<usize>) {
        let above = Self { thousandths: 1000 - self.thousandths };
        let lower = Binomial::new(n, self.probability()).tail_rank(tail);
        // Counted from the top, the upper end is the lower end of the mirrored quantile.
        let upper_from_top = Binomial::new(n, above.probability()).tail_rank(tail);
        ((lower >= 1).then_some(lower), (upper_from_top >= 1).then(|| n + 1 - upper_from_top))
    }
}

impl fmt::Display for Quantile {
    /// `p95`, `p99.9`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.thousandths % 10 {
            0 => write!(f, "p{}", self.thousandths / 10),
            tenth => write!(f, "p{}.{tenth}", self.thousandths / 10),
        }
    }
}

/// Ranks, from 1, of the two order statistics that enclose a quantile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranks {
    /// Rank of the lower end.
    pub lower: usize,
    /// Rank of the upper end.
    pub upper: usize,
}

impl Ranks {
    /// The probability that these ranks of `n` enclose the quantile; at least the confidence asked for.
    pub fn coverage(self, quantile: Quantile, n: usize) -> f64 {
        let binomial = Binomial::new(n, quantile.probability());
        binomial.at_most(self.upper - 1) - binomial.at_most(self.lower - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P95: Quantile = Quantile::percent(95);
    const P99: Quantile = Quantile::percent(99);

    fn first_n_with_both_sides(quantile: Quantile) -> usize {
        (1..2_000).find(|&n| quantile.ranks(n, Confidence::NINETY_FIVE).is_some()).expect("a few hundred do")
    }

    #[test]
    fn a_median_needs_6_seeds_for_both_sides() {
        assert_eq!(first_n_with_both_sides(Quantile::MEDIAN), 6);
    }

    #[test]
    fn a_p95_needs_72_seeds_for_both_sides() {
        assert_eq!(first_n_with_both_sides(P95), 72);
        assert_eq!(first_n_with_both_sides(Quantile::percent(5)), 72);
    }

    #[test]
    fn an_upper_bound_alone_needs_as_many_as_wilks_says() {
        let first = |percent| {
            let upper = |n: &usize| Quantile::percent(percent).one_sided_ranks(*n, Confidence::NINETY_FIVE).1;
            (1..1_000).find(|n| upper(n).is_some()).expect("a few hundred do")
        };
        assert_eq!((first(95), first(99)), (59, 299));
    }

    #[test]
    fn a_p99_needs_368_seeds_for_both_sides() {
        assert_eq!(first_n_with_both_sides(P99), 368);
    }

    #[test]
    fn median_ranks_and_their_coverage_agree_with_the_tables() {
        for (n, lower, upper, coverage) in
            [(10, 2, 9, 0.978_516), (20, 6, 15, 0.958_611), (25, 8, 18, 0.956_715)]
        {
            let ranks = Quantile::MEDIAN.ranks(n, Confidence::NINETY_FIVE).expect("n is large enough");
            assert_eq!(ranks, Ranks { lower, upper });
            let computed = ranks.coverage(Quantile::MEDIAN, n);
            assert!((computed - coverage).abs() < 5e-7, "n = {n}: {computed}");
        }
    }

    /// Wilks: the m-th largest of n is an upper bound of the quantile with this confidence.
    fn bounded_from_above_by_the_mth_largest(quantile: Quantile, confidence: f64, m: usize) -> usize {
        let fits = |n: usize| Binomial::new(n, quantile.probability()).at_most(n - m) >= confidence;
        (m..2_000).find(|&n| fits(n)).expect("below two thousand")
    }

    #[test]
    fn one_sided_bounds_need_as_many_as_wilks_found() {
        for (quantile, confidence, needed) in [
            (P95, 0.95, [59, 93, 124]),
            (P99, 0.95, [299, 473, 628]),
            (Quantile::percent(90), 0.90, [22, 38, 52]),
            (P99, 0.99, [459, 662, 838]),
        ] {
            let found = [1, 2, 3].map(|m| bounded_from_above_by_the_mth_largest(quantile, confidence, m));
            assert_eq!(found, needed, "{quantile} at {confidence}");
        }
    }

    #[test]
    fn coverage_is_never_below_what_was_asked_for_and_ranks_are_as_tight_as_that_allows() {
        for n in [6, 72, 100, 200, 368, 1_000, 20_000] {
            for percent in [5, 25, 50, 75, 95, 99] {
                let quantile = Quantile::percent(percent);
                let Some(ranks) = quantile.ranks(n, Confidence::NINETY_FIVE) else { continue };
                assert!(ranks.coverage(quantile, n) >= 0.95 - 1e-12, "{quantile} of {n}");
                let binomial = Binomial::new(n, quantile.probability());
                assert!(binomial.at_most(ranks.lower) > 0.025, "{quantile} of {n}");
                assert!(binomial.at_least(ranks.upper - 1) > 0.025, "{quantile} of {n}");
            }
        }
    }

    #[test]
    fn the_rank_is_n_times_p_rounded_up_in_whole_numbers() {
        assert_eq!(P95.rank(20), 19);
        assert_eq!(P95.rank(21), 20);
        assert_eq!(Quantile::MEDIAN.rank(1), 1);
        assert_eq!(Quantile::percent(5).rank(3), 1);
        assert_eq!(P99.rank(200), 198);
    }

    #[test]
    fn a_quantile_prints_as_people_write_it() {
        assert_eq!(P95.to_string(), "p95");
        assert_eq!(Quantile::from_thousandths(999).expect("below a thousand").to_string(), "p99.9");
        assert_eq!(Quantile::from_thousandths(0), None);
        assert_eq!(Quantile::from_thousandths(1000), None);
    }
}
