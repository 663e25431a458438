//! Resamples of seeds, and what quantiles of paired observations differ by over them.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::evidence::Evidence;
use super::interval::{Confidence, Estimate, Interval};
use super::pairs::{Pairs, less_multiple};
use super::quantile::Quantile;

/// The key of every resample: fixed, so that the same data give the same interval everywhere.
const KEY: &[u8; 32] = b"paired percentile bootstrap 0001";

/// Up to this many multiplicities, of one byte each, are kept; more are drawn anew whenever they are asked for.
const KEPT: usize = 64 << 20;

/// Resamples of `n` seeds: how often each seed occurs in each of them.
///
/// A resample draws n seeds with replacement, each equally likely, and takes every metric of a seed
/// together, so it keeps what the arms have in common (Efron and Tibshirani, An Introduction to the
/// Bootstrap, 1993). All metrics of one experiment share the same resamples.
///
/// Resample i is stream i of ChaCha8 under a fixed key: it does not depend on how many there are.
/// Memory stays below 64 MiB and a byte a seed; beyond, resamples are drawn again by each use.
#[derive(Clone, Debug)]
pub struct Resampling {
    n: usize,
    resamples: usize,
    kept: Option<Vec<u8>>,
}

impl Resampling {
    /// The number of resamples when nothing asks for more.
    pub const DEFAULT: usize = 2000;

    /// `resamples` resamples of `n` seeds.
    ///
    /// # Panics
    /// When there is no seed, no resample, or more than 2³² seeds.
    pub fn new(n: usize, resamples: usize) -> Self {
        assert!(n > 0 && resamples > 0, "there is a seed and a resample");
        assert!(u32::try_from(n).is_ok(), "seeds are counted in 32 bits");
        let mut all = Self { n, resamples, kept: None };
        if n.checked_mul(resamples).is_some_and(|size| size <= KEPT) {
            let mut kept = Vec::with_capacity(n * resamples);
            all.for_each(|row| kept.extend_from_slice(row));
            all.kept = Some(kept);
        }
        all
    }

    /// So many resamples that one of `tests` two-sided tests can pass Holm's correction at `confidence`
    /// when no resample speaks against it; never fewer than [`DEFAULT`](Self::DEFAULT).
    ///
    /// The smallest p-value of B resamples is 1 / (B + 1), twice that on two sides.
    pub fn resamples_for(tests: usize, confidence: Confidence) -> usize {
        let alpha = 1.0 - confidence.level();
        Self::DEFAULT.max(libm::ceil(2.0 * tests as f64 / alpha) as usize)
    }

    /// Number of seeds.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Number of resamples.
    pub fn resamples(&self) -> usize {
        self.resamples
    }

    /// Gives every resample, in order, to `visit`: how often each seed occurs in it.
    fn for_each(&self, mut visit: impl FnMut(&[u8])) {
        if let Some(kept) = &self.kept {
            kept.chunks_exact(self.n).for_each(visit);
            return;
        }
        let mut rng = ChaCha8Rng::from_seed(*KEY);
        let mut row = vec![0; self.n];
        for stream in 0..self.resamples as u64 {
            rng.set_stream(stream);
            rng.set_word_pos(0);
            row.fill(0);
            for _ in 0..self.n {
                let count: &mut u8 = &mut row[below(self.n as u32, &mut rng)];
                // With 256 or more seeds, one is drawn 256 times with chance below 1 / 255!.
                *count = count.checked_add(1).expect("no seed is drawn that often");
            }
            visit(&row);
        }
    }
}

/// A number below `n`, each equally likely: the upper half of a product, drawn again where the lower half
/// would favour some numbers (Lemire, ACM Transactions on Modeling and Computer Simulation 29, 2019).
fn below(n: u32, rng: &mut ChaCha8Rng) -> usize {
    let uneven = n.wrapping_neg() % n;
    loop {
        let product = u64::from(rng.next_u32()) * u64::from(n);
        if product as u32 >= uneven {
            return (product >> 32) as usize;
        }
    }
}

/// What a quantile of the arm and the same quantile of the base are in the data and in every resample.
///
/// Several questions about one quantile share the work of the resamples by asking this.
/// It is there only when the pairs suffice for both ends of the quantile's own interval at
/// 95 % ([`Quantile::ranks`]): with fewer, the resamples hardly ever reach beyond the largest
/// observation, and their spread means nothing.
///
/// A quantile that falls on a censored observation is `+∞`. The point is then infinite, or NaN when both
/// are. A resample in which both are contradicts every claim and widens the interval on either side, for
/// identical pairs too: that neither arm got there in time does not make them equal.
#[derive(Clone, Debug)]
pub struct QuantilePairs {
    n: usize,
    point: (f64, f64),
    /// (base, arm) of every resample.
    resamples: Vec<(f64, f64)>,
    quantile: Quantile,
}

impl QuantilePairs {
    /// The arm's quantile less the base's, with the percentile interval of the resamples; exactly 0, in
    /// an interval of width 0, for identical pairs without censoring.
    ///
    /// The interval is missing when `confidence` needs more pairs than 95 % does and there are not as many,
    /// or when there are too few resamples for it.
    pub fn difference(&self, confidence: Confidence) -> Estimate {
        let interval = self.interval_of(confidence, |base, arm| arm - base);
        let (base, arm) = self.point;
        Estimate { point: arm - base, interval, n: self.n }
    }

    /// The evidence for claims about the arm's quantile less the base's.
    ///
    /// The p-value of a claim is (1 + the number of resamples that contradict it) / (B + 1), and no less than the
    /// chance that n observations all lie on one side of the quantile: of what no pair has seen, no
    /// number of resamples tells. So it is never 0, and it is dual to the interval: an end lies beyond a bound just when the p-value is at most the tail.
    pub fn difference_against(&self, bound: f64) -> Evidence {
        self.evidence(1.0, bound)
    }

    /// The evidence for claims about the relative change of the quantile: that the arm's is at most (…)
    /// 1 + `share` times the base's.
    pub fn change_against(&self, share: f64) -> Evidence {
        self.evidence(1.0 + share, 0.0)
    }

    /// The relative change of the quantile, arm over base less 1, with its percentile interval; none unless
    /// the base's is above 0 in the data and in every resample.
    pub fn change(&self, confidence: Confidence) -> Option<Estimate> {
        let (base, arm) = self.point;
        if !(base > 0.0 && base.is_finite()) || self.resamples.iter().any(|(base, _)| *base <= 0.0) {
            return None;
        }
        let interval = self.interval_of(confidence, |base, arm| arm / base - 1.0);
        Some(Estimate { point: arm / base - 1.0, interval, n: self.n })
    }

    fn evidence(&self, factor: f64, bound: f64) -> Evidence {
        let [mut less, mut at_most, mut greater, mut at_least] = [1_usize; 4];
        for (base, arm) in &self.resamples {
            let difference = less_multiple(*arm, factor, *base);
            // In these forms a NaN contradicts every claim.
            let contradicts = |claim: bool| usize::from(!claim);
            less += contradicts(difference < bound);
            at_most += contradicts(difference <= bound);
            greater += contradicts(difference > bound);
            at_least += contradicts(difference >= bound);
        }
        // However many resamples there are, so many pairs may all have missed what lies beyond the quantile.
        let share = self.quantile.probability();
        let unseen = libm::pow(share.max(1.0 - share), self.n as f64);
        let p = |against: usize| (against as f64 / (self.resamples.len() + 1) as f64).max(unseen);
        Evidence { less: p(less), at_most: p(at_most), greater: p(greater), at_least: p(at_least) }
    }

    /// The percentile interval of what becomes of a pair of quantiles.
    fn interval_of(&self, confidence: Confidence, of: fn(f64, f64) -> f64) -> Option<Interval> {
        self.quantile.ranks(self.n, confidence)?;
        let count = self.resamples.len();
        // The guard takes a product that rounding left just below a whole number.
        let rank = libm::floor((count + 1) as f64 * confidence.tail() + 1e-9) as usize;
        if rank == 0 {
            return None;
        }
        let mut differences: Vec<f64> = self.resamples.iter().map(|(base, arm)| of(*base, *arm)).collect();
        let unknown = differences.iter().filter(|d| d.is_nan()).count();
        // A positive NaN sorts above +∞. On the lower side it has to count as −∞.
        for difference in &mut differences {
            if difference.is_nan() {
                *difference = f64::INFINITY;
            }
        }
        differences.sort_unstable_by(f64::total_cmp);
        let low = if rank <= unknown { f64::NEG_INFINITY } else { differences[rank - unknown - 1] };
        Some(Interval { low, high: differences[count - rank] })
    }
}

impl Pairs {
    /// The quantile of both arms in the data and in every resample; none when there are too few pairs for
    /// both ends of the quantile's own interval at 95 %.
    ///
    /// # Panics
    /// When `resampling` is of another number of seeds.
    pub fn quantile_pairs(&self, quantile: Quantile, resampling: &Resampling) -> Option<QuantilePairs> {
        let n = self.n();
        assert_eq!(n, resampling.n, "resamples are of as many seeds as there are pairs");
        quantile.ranks(n, Confidence::NINETY_FIVE)?;
        let rank = quantile.rank(n);
        let (base, arm) = (Ranked::new(self.base(), rank), Ranked::new(self.arm(), rank));
        let mut resamples = Vec::with_capacity(resampling.resamples);
        resampling.for_each(|times| resamples.push((base.quantile(times), arm.quantile(times))));
        Some(QuantilePairs { n, point: (base.point(), arm.point()), resamples, quantile })
    }

    /// The arm's quantile less the base's: [`QuantilePairs::difference`].
    ///
    /// # Panics
    /// When `resampling` is of another number of seeds.
    pub fn quantile_difference(
        &self,
        quantile: Quantile,
        confidence: Confidence,
        resampling: &Resampling,
    ) -> Option<Estimate> {
        self.quantile_pairs(quantile, resampling).map(|pairs| pairs.difference(confidence))
    }
}

/// The observations of one arm by rank, and the rank to be found, from whichever end is nearer.
struct Ranked<'a> {
    values: &'a [f64],
    /// Seeds from the nearer end on.
    order: Vec<u32>,
    /// The rank from that end, from 1.
    rank: usize,
}

impl<'a> Ranked<'a> {
    fn new(values: &'a [f64], rank: usize) -> Self {
        let n = values.len();
        let mut order: Vec<u32> = (0..n as u32).collect();
        order.sort_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]));
        let from_top = n + 1 - rank;
        if from_top < rank {
            order.reverse();
        }
        Self { values, order, rank: rank.min(from_top) }
    }

    fn point(&self) -> f64 {
        self.values[self.order[self.rank - 1] as usize]
    }

    /// The quantile of the resample in which seed i occurs `times[i]` times.
    fn quantile(&self, times: &[u8]) -> f64 {
        let mut left = self.rank;
        for seed in &self.order {
            let here = usize::from(times[*seed as usize]);
            if here >= left {
                return self.values[*seed as usize];
            }
            left -= here;
        }
        unreachable!("a resample holds as many seeds as there are ranks")
    }
}

#[cfg(test)]
mod tests {
    use super::super::moments;
    use super::*;

    const LEVEL: Confidence = Confidence::NINETY_FIVE;
    const P90: Quantile = Quantile::percent(90);

    fn rows(resampling: &Resampling) -> Vec<Vec<u8>> {
        let mut rows = Vec::new();
        resampling.for_each(|row| rows.push(row.to_vec()));
        rows
    }

    /// Two arms whose order of seeds differs, with ties.
    fn pairs(n: usize) -> Pairs {
        let value = |i: usize, step: usize| (i * step % n / 2) as f64;
        Pairs::new((0..n).map(|i| (value(i, 7), value(i, 11) + 1.0)).collect()).expect("finite")
    }

    #[test]
    fn every_resample_has_as_many_seeds_as_there_are() {
        let rows = rows(&Resampling::new(37, 500));
        assert_eq!(rows.len(), 500);
        assert!(rows.iter().all(|row| row.iter().map(|times| usize::from(*times)).sum::<usize>() == 37));
    }

    #[test]
    fn every_seed_is_drawn_about_once_a_resample() {
        let resamples = 4_000;
        for seed in 0..30 {
            let times: Vec<f64> =
                rows(&Resampling::new(30, resamples)).iter().map(|row| f64::from(row[seed])).collect();
            // Binomial with 30 trials of chance 1/30: mean 1, variance 29/30; four standard errors.
            assert!((moments::mean(&times) - 1.0).abs() < 4.0 / libm::sqrt(resamples as f64));
            assert!((moments::variance(&times).expect("many") - 29.0 / 30.0).abs() < 0.13);
        }
    }

    #[test]
    fn more_resamples_leave_the_first_as_they_were() {
        let (few, many) = (rows(&Resampling::new(20, 10)), rows(&Resampling::new(20, 30)));
        assert_eq!(few[..], many[..10]);
    }

    #[test]
    fn resamples_that_are_not_kept_are_drawn_the_same_again() {
        let kept = Resampling::new(400, 50);
        assert!(kept.kept.is_some());
        let drawn = Resampling { kept: None, ..kept.clone() };
        assert_eq!(rows(&kept), rows(&drawn));
        assert_eq!(rows(&drawn), rows(&drawn));
        assert!(Resampling::new(70_000, 1_000).kept.is_none(), "70 MB are not kept");
    }

    #[test]
    fn the_key_is_fixed_forever() {
        let times: String = rows(&Resampling::new(12, 3)).concat().iter().map(u8::to_string).collect();
        assert_eq!(times, "301100212110001000220232100002310122");
    }

    #[test]
    fn a_quantile_of_a_resample_is_that_of_its_sorted_values() {
        let pairs = pairs(50);
        let resampling = Resampling::new(50, 40);
        for quantile in [Quantile::percent(10), Quantile::MEDIAN, P90] {
            let found = pairs.quantile_pairs(quantile, &resampling).expect("50 suffice").resamples;
            let sorted = |values: &[f64], row: &[u8]| {
                let repeated = values.iter().zip(row).flat_map(|(x, times)| vec![*x; usize::from(*times)]);
                let mut all: Vec<f64> = repeated.collect();
                all.sort_by(f64::total_cmp);
                all[quantile.rank(50) - 1]
            };
            let naive: Vec<(f64, f64)> = rows(&resampling)
                .iter()
                .map(|row| (sorted(pairs.base(), row), sorted(pairs.arm(), row)))
                .collect();
            assert_eq!(found, naive, "{quantile}");
        }
    }

    #[test]
    fn identical_arms_differ_by_exactly_nought() {
        let same =
            Pairs::new((0..80).map(|i| (f64::from(i) / 3.0, f64::from(i) / 3.0)).collect()).expect("finite");
        let resampling = Resampling::new(80, 2_000);
        let p95 = same.quantile_pairs(Quantile::percent(95), &resampling).expect("80 suffice");
        let zero = Interval { low: 0.0, high: 0.0 };
        assert_eq!(p95.difference(LEVEL), Estimate { point: 0.0, interval: Some(zero), n: 80 });
        let evidence = p95.difference_against(0.0);
        // Eighty pairs may all have missed the upper twentieth, whatever the resamples say.
        assert_eq!((evidence.equal(), evidence.different()), (libm::pow(0.95, 80.0), 1.0));
        let median = same.quantile_pairs(Quantile::MEDIAN, &resampling).expect("80 suffice");
        assert_eq!(median.difference_against(0.0).equal(), 1.0 / 2_001.0);
        assert_eq!(p95.change_against(0.0), evidence);
    }

    #[test]
    fn a_p95_is_compared_from_72_pairs_on() {
        let p95 = |n| pairs(n).quantile_pairs(Quantile::percent(95), &Resampling::new(n, 100));
        assert!(p95(71).is_none());
        assert!(p95(72).is_some());
    }

    #[test]
    fn an_interval_needs_enough_pairs_and_enough_resamples_for_its_level() {
        let difference = |resamples, level| {
            let p95 = pairs(80).quantile_pairs(Quantile::percent(95), &Resampling::new(80, resamples));
            p95.expect("80 suffice").difference(Confidence::new(level).expect("a share")).interval
        };
        assert!(difference(100, 0.95).is_some());
        assert!(difference(38, 0.95).is_none() && difference(39, 0.95).is_some());
        assert!(difference(2_000, 0.99).is_none(), "a p95 at 99 % needs more than 80 pairs");
    }

    /// An arm that is censored in `cut` of 100 seeds.
    fn cut_arm(cut: usize) -> Vec<f64> {
        (0..100).map(|i| if i < cut { f64::INFINITY } else { i as f64 }).collect()
    }

    #[test]
    fn a_quantile_on_a_censored_value_makes_an_infinite_difference() {
        let zip =
            |base: Vec<f64>, arm: Vec<f64>| Pairs::new(base.into_iter().zip(arm).collect()).expect("pairs");
        let resampling = Resampling::new(100, 2_000);
        let compare =
            |pairs: &Pairs| pairs.quantile_pairs(Quantile::MEDIAN, &resampling).expect("a hundred suffice");

        let arm_cut = compare(&zip(cut_arm(0), cut_arm(90)));
        assert_eq!(arm_cut.difference(LEVEL).point, f64::INFINITY);
        assert!(arm_cut.difference_against(1e9).greater < 0.001);
        let base_cut = compare(&zip(cut_arm(90), cut_arm(0)));
        assert_eq!(base_cut.difference(LEVEL).point, f64::NEG_INFINITY);
        assert!(base_cut.change_against(0.0).less < 0.001);

        let both_cut = compare(&zip(cut_arm(90), cut_arm(90)));
        let difference = both_cut.difference(LEVEL);
        assert!(difference.point.is_nan());
        let everything = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };
        assert_eq!(difference.interval, Some(everything));
        assert_eq!(both_cut.difference_against(0.0), Evidence::NONE);
        assert_eq!(both_cut.change_against(0.1), Evidence::NONE);
    }

    #[test]
    fn a_few_censored_resamples_widen_the_interval_on_both_sides() {
        // A p90 of 100 with 6 censored: the point is finite, some resamples have eleven or more of the six.
        let both = Pairs::new(cut_arm(6).into_iter().zip(cut_arm(6)).collect()).expect("pairs");
        let p90 = both.quantile_pairs(P90, &Resampling::new(100, 2_000)).expect("a hundred suffice");
        let unknown = p90.resamples.iter().filter(|(base, arm)| (arm - base).is_nan()).count();
        assert!((50..150).contains(&unknown), "{unknown} of 2000");
        let difference = p90.difference(LEVEL);
        assert_eq!(difference.point, 0.0);
        let evidence = p90.difference_against(0.0);
        assert_eq!(evidence.at_most, (unknown + 1) as f64 / 2_001.0);
        assert_eq!(evidence.at_most, evidence.at_least);
        let everything = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };
        assert_eq!(difference.interval, Some(everything));
    }

    #[test]
    fn enough_resamples_let_one_of_many_tests_pass_holm() {
        assert_eq!(Resampling::resamples_for(1, LEVEL), 2_000);
        for tests in [0, 1, 40, 51, 500, 12_345] {
            let resamples = Resampling::resamples_for(tests, LEVEL);
            let smallest = 2.0 / (resamples + 1) as f64;
            assert!(resamples >= 2_000 && smallest * tests as f64 <= 0.05, "{tests}: {resamples}");
        }
    }

    #[test]
    #[should_panic(expected = "as many seeds as there are pairs")]
    fn resamples_of_another_number_of_seeds_are_refused() {
        pairs(50).quantile_pairs(P90, &Resampling::new(51, 10));
    }
}
