//! Two arms under the same luck: pairs of observations, one pair a seed.

use super::evidence::Evidence;
use super::interval::{Confidence, Estimate, Interval};
use super::moments;
use super::quantile::Quantile;
use super::sample::{Refused, SampleError, t_evidence, t_interval};
use super::student::student_t_quantile;

/// At least one pair of observations (base, arm), in order of their seeds.
///
/// An observation that is censored on the right is `+∞`. Everything below is computed in
/// that order, in two passes, so it is the same to the last bit on every run.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs {
    base: Vec<f64>,
    arm: Vec<f64>,
}

impl Pairs {
    /// Pairs of (base, arm), each finite or `+∞`.
    ///
    /// # Errors
    /// When there is no pair, or an observation is NaN or `−∞`.
    pub fn new(pairs: Vec<(f64, f64)>) -> Result<Self, SampleError> {
        if pairs.is_empty() {
            return Err(SampleError::Empty);
        }
        if pairs.iter().any(|(base, arm)| [base, arm].iter().any(|x| x.is_nan() || **x == f64::NEG_INFINITY))
        {
            return Err(SampleError::NotFinite);
        }
        let (base, arm) = pairs.into_iter().unzip();
        Ok(Self { base, arm })
    }

    /// Number of pairs, censored ones included; at least 1.
    pub fn n(&self) -> usize {
        self.base.len()
    }

    /// Number of pairs of which one observation or both are censored.
    pub fn censored(&self) -> usize {
        self.both().filter(|(base, arm)| base.is_infinite() || arm.is_infinite()).count()
    }

    /// The quantile of the arm by itself; `+∞` where it falls on a censored observation.
    pub fn arm_quantile(&self, quantile: Quantile) -> f64 {
        let mut sorted = self.arm.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted[quantile.rank(self.n()) - 1]
    }

    /// Whether the two observations of every pair are the same, bit for bit.
    pub fn identical(&self) -> bool {
        self.both().all(|(base, arm)| base.to_bits() == arm.to_bits())
    }

    /// The mean of arm − base with the paired t interval (Law, Simulation Modeling and Analysis,
    /// section 10.2.1); no interval below two pairs.
    ///
    /// Identical pairs differ by exactly 0, in an interval of width 0.
    ///
    /// # Errors
    /// When an observation is censored.
    pub fn mean_difference(&self, confidence: Confidence) -> Result<Estimate, Refused> {
        let differences = self.finite_differences(1.0)?;
        let n = self.n();
        let point = moments::mean(&differences);
        let interval =
            moments::variance(&differences).map(|v| t_interval(point, libm::sqrt(v), n, confidence));
        Ok(Estimate { point, interval, n })
    }

    /// The evidence for claims about the mean of arm − base, by the paired t test.
    ///
    /// # Errors
    /// When an observation is censored, or there are fewer than two pairs.
    pub fn mean_difference_against(&self, bound: f64) -> Result<Evidence, Refused> {
        self.mean_evidence(1.0, bound)
    }

    /// The evidence for claims about the relative change of the mean: that the mean of the arm is at
    /// most (…) 1 + `share` times the mean of the base; 0.05 is five percent more.
    ///
    /// It is the paired t test of arm − (1 + share) · base against 0. Nothing is divided, so a base of
    /// 0 is no special case. With a base below 0 the claim is still about that product.
    ///
    /// # Errors
    /// When an observation is censored, or there are fewer than two pairs.
    pub fn mean_change_against(&self, share: f64) -> Result<Evidence, Refused> {
        self.mean_evidence(1.0 + share, 0.0)
    }

    /// The relative change of the mean, mean(arm) / mean(base) − 1, with Fieller's interval.
    ///
    /// The interval holds every share that the two-sided paired t test of
    /// [`mean_change_against`](Self::mean_change_against) does not reject (Fieller, Journal of the Royal
    /// Statistical Society B 16, 1954). It is missing below two pairs, and where that set has no ends
    /// because the base's mean could be 0. There is no estimate at all when the base's mean is 0.
    ///
    /// # Errors
    /// When an observation is censored.
    pub fn mean_change(&self, confidence: Confidence) -> Result<Option<Estimate>, Refused> {
        let differences = self.finite_differences(1.0)?;
        let base = moments::mean(&self.base);
        if base == 0.0 {
            return Ok(None);
        }
        let n = self.n();
        let point = moments::mean(&differences) / base;
        let interval = self.fieller(base, point, confidence);
        Ok(Some(Estimate { point, interval, n }))
    }

    /// Fieller's interval around `point`, written in the distance δ from it.
    ///
    /// With e = arm − (1 + point) · base, whose mean is 0, and k = t² / n, the test of the share point + δ
    /// does not reject when δ² base² ≤ k (var e − 2 δ cov(e, base) + δ² var base).
    fn fieller(&self, base: f64, point: f64, confidence: Confidence) -> Option<Interval> {
        let residuals = self.differences(1.0 + point);
        let n = self.n();
        let t = student_t_quantile(1.0 - confidence.tail(), n.checked_sub(1).filter(|degrees| *degrees > 0)?);
        let k = t * t / n as f64;
        let square = base * base - k * moments::variance(&self.base)?;
        if square <= 0.0 {
            return None;
        }
        // square δ² + 2 half δ + constant ≤ 0, with nothing negative under the root. Its root of larger size
        // comes first and the other from the product of the two, so that nothing cancels.
        let half = k * moments::covariance(&residuals, &self.base)?;
        let constant = -k * moments::variance(&residuals)?;
        let sum = -(half + libm::sqrt(half * half - square * constant).copysign(half));
        let (one, other) = if sum == 0.0 { (0.0, 0.0) } else { (sum / square, constant / sum) };
        Some(Interval { low: point + one.min(other), high: point + one.max(other) })
    }

    /// Pearson's correlation of the two arms over seeds; none below two pairs, when an observation is
    /// censored, or when either arm does not vary.
    pub fn correlation(&self) -> Option<f64> {
        if self.censored() > 0 {
            return None;
        }
        let (base, arm) = (moments::variance(&self.base)?, moments::variance(&self.arm)?);
        let shared = moments::covariance(&self.base, &self.arm)?;
        let scale = libm::sqrt(base) * libm::sqrt(arm);
        (scale > 0.0).then(|| (shared / scale).clamp(-1.0, 1.0))
    }

    /// Whether arm − factor · base is the same in every pair, as far as values of nine digits tell.
    pub fn agree(&self, factor: f64) -> bool {
        let largest = self.base.iter().chain(&self.arm).fold(0.0_f64, |most, x| most.max(x.abs()));
        let differences = self.differences(factor);
        let (least, most) = differences.iter().fold((f64::MAX, f64::MIN), |(a, b), x| (a.min(*x), b.max(*x)));
        most - least <= 1e-8 * largest
    }

    /// How many times more seeds independent arms would need for the same interval of the mean difference:
    /// (var base + var arm) / var(arm − base) (Law, section 11.2).
    ///
    /// `+∞` when the difference is the same in every pair although the arms vary. None below two
    /// pairs, when an observation is censored, or when neither arm varies. Below 1, the
    /// common luck hurts.
    pub fn variance_reduction(&self) -> Option<f64> {
        let differences = self.finite_differences(1.0).ok()?;
        let apart = moments::variance(&self.base)? + moments::variance(&self.arm)?;
        let largest = self.base.iter().chain(&self.arm).fold(0.0_f64, |most, x| most.max(x.abs()));
        // Observations are known to nine digits, so a constant difference comes out of the subtraction with an
        // error in the ninth digit of the arms.
        let rounding = 1e-8 * largest;
        let together = moments::variance(&differences)?;
        if apart <= rounding * rounding {
            None
        } else if together <= rounding * rounding {
            Some(f64::INFINITY)
        } else {
            Some(apart / together)
        }
    }

    fn mean_evidence(&self, factor: f64, bound: f64) -> Result<Evidence, Refused> {
        let differences = self.finite_differences(factor)?;
        let variance = moments::variance(&differences).ok_or(Refused::TooFew)?;
        Ok(t_evidence(moments::mean(&differences), libm::sqrt(variance), self.n(), bound))
    }

    /// arm − factor · base of every pair.
    fn finite_differences(&self, factor: f64) -> Result<Vec<f64>, Refused> {
        if self.censored() > 0 { Err(Refused::Censored) } else { Ok(self.differences(factor)) }
    }

    fn differences(&self, factor: f64) -> Vec<f64> {
        self.both().map(|(base, arm)| less_multiple(arm, factor, base)).collect()
    }

    /// The base's observations, in order of the seeds.
    pub fn base(&self) -> &[f64] {
        &self.base
    }

    /// The arm's observations, in order of the seeds.
    pub fn arm(&self) -> &[f64] {
        &self.arm
    }

    fn both(&self) -> impl Iterator<Item = (f64, f64)> {
        self.base.iter().copied().zip(self.arm.iter().copied())
    }
}

/// `arm − factor · base`, exactly 0 where only the rounding of the factor and the product tells them apart.
///
/// 110 is ten percent more than 100, yet 1.1 · 100 is 110.00000000000001: what rounding added
/// must not decide a claim.
pub(super) fn less_multiple(arm: f64, factor: f64, base: f64) -> f64 {
    if factor == 1.0 {
        return arm - base;
    }
    let difference = arm - factor * base;
    if difference.abs() <= 4.0 * f64::EPSILON * arm.abs() && arm.is_finite() { 0.0 } else { difference }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVEL: Confidence = Confidence::NINETY_FIVE;

    fn pairs(base: &[f64], arm: &[f64]) -> Pairs {
        Pairs::new(base.iter().copied().zip(arm.iter().copied()).collect()).expect("finite pairs")
    }

    fn zero(n: usize) -> Estimate {
        Estimate { point: 0.0, interval: Some(Interval { low: 0.0, high: 0.0 }), n }
    }

    #[test]
    fn laws_paired_inventory_policies_come_out_as_printed() {
        let policies =
            pairs(&[118.21, 120.22, 122.45, 122.68, 119.40], &[126.97, 124.31, 126.68, 122.66, 127.23]);
        let estimate = policies.mean_difference(Confidence::new(0.9).expect("a share")).expect("finite");
        let interval = estimate.interval.expect("five pairs");
        assert!((estimate.point - 4.978).abs() < 1e-9);
        assert!((interval.low - 1.649).abs() < 5e-4 && (interval.high - 8.307).abs() < 5e-4, "{interval:?}");
    }

    #[test]
    fn identical_pairs_differ_by_exactly_nought() {
        let base = [6.1, 20.0 / 3.0, 7.0];
        let same = pairs(&base, &base);
        assert!(same.identical());
        assert_eq!(same.mean_difference(LEVEL), Ok(zero(3)));
        assert_eq!(same.mean_change(LEVEL), Ok(Some(zero(3))));
        let evidence = same.mean_difference_against(0.0).expect("three");
        assert_eq!((evidence.equal(), evidence.different()), (0.0, 1.0));
        assert_eq!(same.mean_change_against(0.0), Ok(evidence));
        assert_eq!(same.variance_reduction(), Some(f64::INFINITY));
        assert!((same.correlation().expect("it varies") - 1.0).abs() < 1e-15);
        assert!(!pairs(&base, &[6.1, 20.0 / 3.0, 7.000_000_000_000_001]).identical());
    }

    #[test]
    fn a_censored_pair_refuses_means_and_is_counted() {
        let cut = pairs(&[1.0, f64::INFINITY, 3.0], &[2.0, 3.0, f64::INFINITY]);
        assert_eq!((cut.n(), cut.censored(), cut.identical()), (3, 2, false));
        assert_eq!(cut.mean_difference(LEVEL), Err(Refused::Censored));
        assert_eq!(cut.mean_difference_against(0.0), Err(Refused::Censored));
        assert_eq!(cut.mean_change(LEVEL), Err(Refused::Censored));
        assert_eq!(cut.mean_change_against(0.0), Err(Refused::Censored));
        assert_eq!((cut.correlation(), cut.variance_reduction()), (None, None));
    }

    #[test]
    fn no_pair_a_nan_and_minus_infinity_make_no_pairs() {
        assert_eq!(Pairs::new(vec![]), Err(SampleError::Empty));
        assert_eq!(Pairs::new(vec![(1.0, f64::NAN)]), Err(SampleError::NotFinite));
        assert_eq!(Pairs::new(vec![(f64::NEG_INFINITY, 1.0)]), Err(SampleError::NotFinite));
    }

    #[test]
    fn one_pair_has_a_difference_and_a_change_without_interval_and_no_evidence() {
        let one = pairs(&[4.0], &[5.0]);
        assert_eq!(one.mean_difference(LEVEL), Ok(Estimate { point: 1.0, interval: None, n: 1 }));
        assert_eq!(one.mean_change(LEVEL), Ok(Some(Estimate { point: 0.25, interval: None, n: 1 })));
        assert_eq!(one.mean_difference_against(0.0), Err(Refused::TooFew));
        assert_eq!((one.correlation(), one.variance_reduction()), (None, None));
    }

    #[test]
    fn a_base_of_nought_has_no_relative_change_but_claims_about_one_can_be_tested() {
        let from_nothing = pairs(&[0.0, 0.0, 0.0], &[1.0, 2.0, 1.5]);
        assert_eq!(from_nothing.mean_change(LEVEL), Ok(None));
        let evidence = from_nothing.mean_change_against(0.1).expect("three");
        assert!(evidence.greater < 0.05 && evidence.at_most > 0.95, "{evidence:?}");
        let still_nothing = pairs(&[0.0; 3], &[0.0; 3]);
        assert_eq!(still_nothing.mean_change_against(0.1), Ok(Evidence::exact(0.0, 0.0)));
    }

    #[test]
    fn a_base_whose_mean_may_be_nought_leaves_the_change_without_ends() {
        let near_nothing = pairs(&[1.0, -1.0, 0.5, -0.4], &[2.0, 1.0, 1.5, 0.6]);
        let change = near_nothing.mean_change(LEVEL).expect("finite").expect("the mean is not exactly 0");
        assert_eq!(change.interval, None);
        assert!((change.point - (5.1 / 0.1 - 1.0)).abs() < 1e-9);
    }

    #[test]
    fn ten_percent_more_than_a_hundred_is_a_hundred_and_ten_whatever_rounding_says() {
        let constant = pairs(&[100.0; 5], &[110.0; 5]);
        assert_ne!(1.1 * 100.0, 110.0, "this machine rounds as IEEE 754 does");
        let evidence = constant.mean_change_against(0.1).expect("five");
        assert_eq!(evidence, Evidence::exact(0.0, 0.0));
        assert_eq!(less_multiple(110.000_001, 1.1, 100.0).signum(), 1.0);
    }

    #[test]
    fn the_variance_reduction_is_what_was_saved() {
        // Independent: 2 · 1; together (arm − base) varies by a hundredth of that.
        let luck = [1.0, 2.0, 3.0, 4.0];
        let noise = [0.1, -0.1, -0.1, 0.1];
        let arm: Vec<f64> = luck.iter().zip(noise).map(|(x, e)| x + e).collect();
        let reduction = pairs(&luck, &arm).variance_reduction().expect("it varies");
        let (luck_squares, noise_squares): (f64, f64) = (5.0, 0.04);
        assert!(
            (reduction - (2.0 * luck_squares + noise_squares) / noise_squares).abs() < 1e-6,
            "{reduction}"
        );
    }

    #[test]
    fn a_constant_shift_saves_without_end_and_a_constant_pair_saves_nothing() {
        let luck = [0.3, 1.7, 2.9];
        let shifted: Vec<f64> = luck.iter().map(|x| x + 0.1).collect();
        assert_eq!(pairs(&luck, &shifted).variance_reduction(), Some(f64::INFINITY));
        let constant = pairs(&[1.0; 3], &[2.0; 3]);
        assert_eq!((constant.variance_reduction(), constant.correlation()), (None, None));
        assert_eq!(pairs(&luck, &[2.0; 3]).variance_reduction(), Some(1.0));
    }

    #[test]
    fn nist_num_acc_4_against_its_own_past_is_correlated_as_certified() {
        // The certified lag-1 autocorrelation divides by the variance of the whole series, so allow for the end.
        let mut series = vec![10_000_000.2];
        for _ in 0..500 {
            series.extend([10_000_000.1, 10_000_000.3]);
        }
        let lagged = pairs(&series[..1000], &series[1..]).correlation().expect("it varies");
        assert!((lagged + 0.999).abs() < 2e-3, "{lagged}");
    }
}
